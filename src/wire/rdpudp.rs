//! RDP-UDP handshake: SYN and SYN+ACK of versions 1, 2 and 3.
//!
//! MS-RDPEUDP [2.2.2], 3.1.5.1; big-endian, in one UDP payload each. Ranges count from the payload's first byte.
//!
//! [2.2.2]: https://learn.microsoft.com/openspecs/windows_protocols/ms-rdpeudp/

use std::borrow::Cow;

use nom::Parser;
use nom::bytes::complete::take;
use nom::number::complete::{be_u16, be_u32};

use super::describe::{Describe, Field, Malformed};
use super::tls_record::Alert;

/// uFlags of RDPUDP_FEC_HEADER (2.2.2.1).
mod flag {
    pub(super) const SYN: u16 = 0x0001;
    pub(super) const ACK: u16 = 0x0004;
    pub(super) const LOSSY: u16 = 0x0200;
    pub(super) const CORRELATION_ID: u16 = 0x0800;
    pub(super) const SYNEX: u16 = 0x1000;
    /// Flags of packets that are no part of a handshake: FIN, DATA, FEC, CN, CWR, ACK_OF_ACKS.
    pub(super) const OTHERS: u16 = 0x0002 | 0x0008 | 0x0010 | 0x0020 | 0x0040 | 0x0100;
}

/// A SYN or SYN+ACK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Syn {
    /// snSourceAck: all ones in a SYN, the client's initial sequence number in a SYN+ACK.
    pub acknowledged: u32,
    /// uReceiveWindowSize.
    pub window: u16,
    /// uFlags.
    pub flags: u16,
    /// snInitialSequenceNumber.
    pub sequence: u32,
    /// uUpStreamMtu, 1132 to 1232.
    pub upstream_mtu: u16,
    /// uDownStreamMtu, 1132 to 1232.
    pub downstream_mtu: u16,
    /// uCorrelationId: the same as in the TCP connection's request.
    pub correlation: Option<[u8; 16]>,
    /// uUdpVer of RDPUDP_SYNDATAEX_PAYLOAD: 1, 2, or 0x0101 for RDP-UDP2; unknown numbers are kept.
    pub version: Option<u16>,
    synex_at: u32,
}

/// Whether a UDP payload can only be a client's SYN: safe on any port.
#[must_use]
pub fn looks_like_syn(payload: &[u8]) -> bool {
    const NOTHING_YET: u32 = u32::MAX;
    syn(payload).is_ok_and(|syn| !syn.is_answer() && syn.acknowledged == NOTHING_YET)
}

/// Whether a UDP payload has the shape of a server's SYN+ACK; believe it only after a SYN.
#[must_use]
pub fn looks_like_syn_ack(payload: &[u8]) -> bool {
    syn(payload).is_ok_and(|syn| syn.is_answer())
}

/// Reads a SYN or SYN+ACK. No ACK vector follows, although SYN+ACK has the flag; the padding is not looked at.
///
/// # Errors
/// [`Malformed`] when the payload is none of them.
pub fn syn(payload: &[u8]) -> Result<Syn, Malformed> {
    let cut = |_: nom::Err<nom::error::Error<&[u8]>>| Malformed::at("RDP-UDP SYN", payload.len());
    let (rest, (acknowledged, window, flags, sequence, upstream_mtu, downstream_mtu)) =
        (be_u32, be_u16, be_u16, be_u32, be_u16, be_u16).parse(payload).map_err(cut)?;
    if flags & flag::SYN == 0 || flags & flag::OTHERS != 0 {
        return Err(Malformed::at("uFlags", 6));
    }
    // The specification's bounds; with them nothing else is taken for a SYN.
    for (mtu, at) in [(upstream_mtu, 12), (downstream_mtu, 14)] {
        if !(1132..=1232).contains(&mtu) {
            return Err(Malformed::at("MTU", at));
        }
    }
    let (rest, correlation) = if flags & flag::CORRELATION_ID != 0 {
        let (rest, (id, _reserved)) = (take(16usize), take(16usize)).parse(rest).map_err(cut)?;
        (rest, <[u8; 16]>::try_from(id).ok())
    } else {
        (rest, None)
    };
    let synex_at = (payload.len() - rest.len()) as u32;
    let version = if flags & flag::SYNEX != 0 {
        let (_, (valid, version)) = (be_u16, be_u16).parse(rest).map_err(cut)?;
        (valid & 1 != 0).then_some(version)
    } else {
        None
    };
    Ok(Syn { acknowledged, window, flags, sequence, upstream_mtu, downstream_mtu, correlation, version, synex_at })
}

/// A fatal alert in clear at the end of a datagram: how TLS inside the side channel says that it failed (MS-RDPEUDP
/// carries its records at the end of a DATA packet; RFC 8446 6).
#[must_use]
pub fn fatal_alert(payload: &[u8]) -> Option<Alert> {
    /// RDPUDP_FEC_HEADER (2.2.2.1) goes before everything else.
    const HEADER: usize = 8;
    match *payload.get(HEADER..)? {
        [.., 21, 3, 1..=3, 0, 2, 2, description] => Alert::from_body(&[2, description]),
        _ => None,
    }
}

impl Syn {
    /// Whether it is the server's SYN+ACK.
    #[must_use]
    pub const fn is_answer(&self) -> bool {
        self.flags & flag::ACK != 0
    }

    /// Whether the connection shall be lossy (DTLS inside) and not reliable (TLS inside).
    #[must_use]
    pub const fn is_lossy(&self) -> bool {
        self.flags & flag::LOSSY != 0
    }

    fn version_words(&self) -> String {
        match self.version {
            None | Some(1) => "version 1".into(),
            Some(2) => "version 2".into(),
            Some(0x0101) => "version 3 (RDP-UDP2)".into(),
            Some(other) => format!("version {other:#06x}"),
        }
    }
}

impl Describe for Syn {
    fn name(&self) -> Cow<'static, str> {
        if self.is_answer() { "RDP-UDP SYN+ACK".into() } else { "RDP-UDP SYN".into() }
    }

    fn summary(&self) -> String {
        let kind = if self.is_lossy() { "lossy" } else { "reliable" };
        format!("{}, {kind}, MTU {}/{}", self.version_words(), self.upstream_mtu, self.downstream_mtu)
    }

    fn fields(&self) -> Vec<Field> {
        let mut fields = vec![
            Field::new("snSourceAck", format!("{:#010x}", self.acknowledged), 0..4),
            Field::new("uReceiveWindowSize", self.window.to_string(), 4..6),
            Field::new("uFlags", format!("{:#06x}", self.flags), 6..8),
            Field::new("snInitialSequenceNumber", format!("{:#010x}", self.sequence), 8..12),
            Field::new("uUpStreamMtu", self.upstream_mtu.to_string(), 12..14),
            Field::new("uDownStreamMtu", self.downstream_mtu.to_string(), 14..16),
        ];
        let id = self.correlation.map(|id| format!("{:032x}", u128::from_be_bytes(id)));
        fields.extend(id.map(|id| Field::new("uCorrelationId", id, 16..32)));
        let at = self.synex_at;
        let version = self.version.map(|version| format!("{version:#06x} {}", self.version_words()));
        fields.extend(version.map(|version| Field::new("uUdpVer", version, at + 2..at + 4)));
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> Vec<u8> {
        let mut bytes = vec![0xff, 0xff, 0xff, 0xff, 0, 0x40, 0x18, 1, 1, 2, 3, 4, 4, 0xd0, 4, 0xd0];
        bytes.extend_from_slice(&[0xab; 16]); // correlation
        bytes.extend_from_slice(&[0; 16]);
        bytes.extend_from_slice(&[0, 1, 1, 1]); // SYNEX: version valid, 0x0101
        bytes
    }

    #[test]
    fn syn_of_version_three() {
        let bytes = client();
        assert!(looks_like_syn(&bytes) && !looks_like_syn_ack(&bytes));
        let fact = syn(&bytes);
        assert_eq!(fact.map(|syn| syn.correlation), Ok(Some([0xab; 16])));
        assert_eq!(fact.map(|syn| syn.summary()), Ok("version 3 (RDP-UDP2), reliable, MTU 1232/1232".into()));
    }

    #[test]
    fn answer_without_synex_is_version_one() {
        let bytes = [1, 2, 3, 4, 0, 0x40, 0, 5, 9, 9, 9, 9, 4, 0xd0, 4, 0xd0];
        assert!(looks_like_syn_ack(&bytes) && !looks_like_syn(&bytes));
        assert_eq!(syn(&bytes).map(|syn| (syn.summary(), syn.acknowledged)), {
            Ok(("version 1, reliable, MTU 1232/1232".into(), 0x0102_0304))
        });
    }

    #[test]
    fn an_alert_ends_a_datagram() {
        let mut bytes = vec![0, 0, 0, 1, 0, 0x40, 0, 8, 0, 0, 0, 2, 0, 0, 0, 1];
        assert_eq!(fatal_alert(&bytes), None);
        bytes.extend([21, 3, 3, 0, 2, 2, 48]);
        assert_eq!(fatal_alert(&bytes).map(|alert| alert.description), Some(48));
        assert_eq!(fatal_alert(&bytes[12..]), None);
    }

    #[test]
    fn any_prefix_is_refused_without_panic() {
        let bytes = client();
        for end in 0..bytes.len() {
            assert!(syn(&bytes[..end]).is_err());
        }
    }
}
