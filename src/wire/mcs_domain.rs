//! MCS domain PDUs: joining the channels, carrying the data, ending the domain.
//!
//! T.125 7 in PER; MS-RDPBCGR [2.2.1.5] to 2.2.1.9 and 2.2.2.3. The first byte is the number of the choice, shifted by
//! two. The parser takes the payload after TPKT and X.224 data header; offsets count from the TPKT, seven bytes earlier.
//!
//! [2.2.1.5]: https://learn.microsoft.com/openspecs/windows_protocols/ms-rdpbcgr/

use std::borrow::Cow;

use super::describe::{Describe, Field, Malformed};
use crate::knowledge::mcs::{McsResult, UltimatumReason};

/// 4 /* TPKT */ + 3 /* X.224 data */
const PAYLOAD_AT: usize = 7;
/// T.125: the lowest user id.
const FIRST_USER: u16 = 1001;

/// A domain PDU, borrowed. User ids are given as channels: 1001 is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DomainPdu<'a> {
    /// `04`.
    ErectDomain,
    /// `28`.
    AttachUserRequest,
    /// `2e`, or `2c` without a user.
    AttachUserConfirm {
        /// result.
        result: McsResult,
        /// initiator: absent when refused.
        user: Option<u16>,
    },
    /// `38`.
    ChannelJoinRequest {
        /// initiator.
        user: u16,
        /// channelId.
        channel: u16,
    },
    /// `3e`, or `3c` without a channel.
    ChannelJoinConfirm {
        /// result.
        result: McsResult,
        /// channelId, or the requested one when the server gave none.
        channel: u16,
    },
    /// `20` to `22`: the end.
    DisconnectProviderUltimatum {
        /// reason.
        reason: UltimatumReason,
    },
    /// `64`: from the client.
    SendDataRequest(SendData<'a>),
    /// `68`: from the server.
    SendDataIndication(SendData<'a>),
    /// Another choice of T.125, which RDP does not use.
    Other(u8),
}

/// What a Send Data PDU carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendData<'a> {
    /// initiator.
    pub user: u16,
    /// channelId.
    pub channel: u16,
    /// userData.
    pub data: &'a [u8],
    /// Where the data begins; bytes from the TPKT.
    pub at: u32,
}

/// Reads a domain PDU.
///
/// # Errors
/// [`Malformed`] when it is cut, or its data is longer than the packet.
pub fn domain_pdu(payload: &[u8]) -> Result<DomainPdu<'_>, Malformed> {
    let cut = |field| Malformed::at(field, PAYLOAD_AT + payload.len());
    let first = *payload.first().ok_or(cut("MCS choice"))?;
    let number = |offset, field| u16_at(payload, offset).ok_or(cut(field));
    match first >> 2 {
        1 => Ok(DomainPdu::ErectDomain),
        8 => {
            let second = *payload.get(1).ok_or(cut("reason"))?;
            let reason = (first & 3) << 1 | second >> 7;
            Ok(DomainPdu::DisconnectProviderUltimatum { reason: UltimatumReason(reason.into()) })
        }
        10 => Ok(DomainPdu::AttachUserRequest),
        11 => Ok(DomainPdu::AttachUserConfirm {
            result: result(first, *payload.get(1).ok_or(cut("result"))?),
            user: if first & 2 != 0 { Some(user(number(2, "initiator")?)) } else { None },
        }),
        14 => {
            Ok(DomainPdu::ChannelJoinRequest { user: user(number(1, "initiator")?), channel: number(3, "channelId")? })
        }
        15 => {
            let requested = number(4, "requested")?;
            let channel = if first & 2 != 0 { number(6, "channelId")? } else { requested };
            Ok(DomainPdu::ChannelJoinConfirm { result: result(first, *payload.get(1).ok_or(cut("result"))?), channel })
        }
        25 => send_data(payload).map(DomainPdu::SendDataRequest),
        26 => send_data(payload).map(DomainPdu::SendDataIndication),
        other => Ok(DomainPdu::Other(other)),
    }
}

/// Four bits over two bytes.
fn result(first: u8, second: u8) -> McsResult {
    McsResult(u32::from((first & 1) << 3 | second >> 5))
}

const fn user(encoded: u16) -> u16 {
    encoded.saturating_add(FIRST_USER)
}

/// initiator, channelId, priority and segmentation, a PER length of one or two bytes, data.
fn send_data(payload: &[u8]) -> Result<SendData<'_>, Malformed> {
    let short = Malformed::at("MCS Send Data", PAYLOAD_AT + payload.len());
    let (initiator, channel) = u16_at(payload, 1).zip(u16_at(payload, 3)).ok_or(short)?;
    let (start, length) = match *payload.get(6..).ok_or(short)? {
        [first, ..] if first & 0x80 == 0 => (7, usize::from(first)),
        [first, second, ..] if first & 0x40 == 0 => (8, usize::from(u16::from_be_bytes([first & 0x3f, second]))),
        _ => return Err(Malformed::at("MCS userData length", PAYLOAD_AT + 6)),
    };
    let data = payload.get(start..start + length).ok_or(Malformed::at("MCS userData length", PAYLOAD_AT + 6))?;
    Ok(SendData { user: user(initiator), channel, data, at: (PAYLOAD_AT + start) as u32 })
}

/// Big-endian, if the bytes are there.
fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    bytes.get(offset..)?.first_chunk().copied().map(u16::from_be_bytes)
}

/// A domain PDU without its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DomainMessage {
    /// Client MCS Erect Domain Request (2.2.1.5).
    ErectDomain,
    /// Client MCS Attach User Request (2.2.1.6).
    AttachUserRequest,
    /// Server MCS Attach User Confirm (2.2.1.7).
    AttachUserConfirm {
        /// result.
        result: McsResult,
        /// The client's user channel.
        user: Option<u16>,
    },
    /// Client MCS Channel Join Request (2.2.1.8).
    ChannelJoinRequest {
        /// The client's user channel.
        user: u16,
        /// channelId.
        channel: u16,
    },
    /// Server MCS Channel Join Confirm (2.2.1.9).
    ChannelJoinConfirm {
        /// result.
        result: McsResult,
        /// channelId.
        channel: u16,
    },
    /// MCS Disconnect Provider Ultimatum (2.2.2.3). Windows writes rn-user-requested at every orderly end: who ended
    /// the session, Set Error Info says.
    DisconnectProviderUltimatum {
        /// reason.
        reason: UltimatumReason,
    },
    /// Send Data Request or Indication.
    SendData {
        /// Whether it is a request, so from the client.
        request: bool,
        /// channelId.
        channel: u16,
        /// Bytes of data.
        length: u32,
    },
    /// Another choice of T.125.
    Other(u8),
}

impl From<DomainPdu<'_>> for DomainMessage {
    fn from(pdu: DomainPdu<'_>) -> Self {
        let data = |request, body: SendData<'_>| Self::SendData {
            request,
            channel: body.channel,
            length: body.data.len() as u32,
        };
        match pdu {
            DomainPdu::ErectDomain => Self::ErectDomain,
            DomainPdu::AttachUserRequest => Self::AttachUserRequest,
            DomainPdu::AttachUserConfirm { result, user } => Self::AttachUserConfirm { result, user },
            DomainPdu::ChannelJoinRequest { user, channel } => Self::ChannelJoinRequest { user, channel },
            DomainPdu::ChannelJoinConfirm { result, channel } => Self::ChannelJoinConfirm { result, channel },
            DomainPdu::DisconnectProviderUltimatum { reason } => Self::DisconnectProviderUltimatum { reason },
            DomainPdu::SendDataRequest(body) => data(true, body),
            DomainPdu::SendDataIndication(body) => data(false, body),
            DomainPdu::Other(choice) => Self::Other(choice),
        }
    }
}

impl Describe for DomainMessage {
    fn name(&self) -> Cow<'static, str> {
        match self {
            Self::ErectDomain => "Erect Domain",
            Self::AttachUserRequest => "Attach User Request",
            Self::AttachUserConfirm { .. } => "Attach User Confirm",
            Self::ChannelJoinRequest { .. } => "Channel Join Request",
            Self::ChannelJoinConfirm { .. } => "Channel Join Confirm",
            Self::DisconnectProviderUltimatum { .. } => "Disconnect Provider Ultimatum",
            Self::SendData { request: true, .. } => "Send Data Request",
            Self::SendData { .. } => "Send Data Indication",
            Self::Other(_) => "MCS domain PDU",
        }
        .into()
    }

    fn summary(&self) -> String {
        match *self {
            Self::ErectDomain | Self::AttachUserRequest => String::new(),
            Self::AttachUserConfirm { result, user: Some(user) } => format!("{result}, user channel {user}"),
            Self::AttachUserConfirm { result, user: None } => result.to_string(),
            Self::ChannelJoinRequest { channel, .. } => format!("channel {channel}"),
            Self::ChannelJoinConfirm { result, channel } => format!("{result}, channel {channel}"),
            Self::DisconnectProviderUltimatum { reason } => reason.to_string(),
            Self::SendData { channel, length, .. } => format!("{length} bytes on channel {channel}"),
            Self::Other(choice) => format!("choice {choice}, not used by RDP"),
        }
    }

    fn fields(&self) -> Vec<Field> {
        let channel = |channel: u16, range| Field::new("channelId", channel.to_string(), range);
        match *self {
            Self::ErectDomain | Self::AttachUserRequest | Self::Other(_) => Vec::new(),
            Self::AttachUserConfirm { result, user } => {
                let mut fields = vec![Field::new("result", result.to_string(), 7..9)];
                fields.extend(user.map(|user| Field::new("initiator", user.to_string(), 9..11)));
                fields
            }
            Self::ChannelJoinRequest { user, channel: id } => {
                vec![Field::new("initiator", user.to_string(), 8..10), channel(id, 10..12)]
            }
            Self::ChannelJoinConfirm { result, channel: id } => {
                vec![Field::new("result", result.to_string(), 7..9), channel(id, 11..13)]
            }
            Self::DisconnectProviderUltimatum { reason } => vec![Field::new("reason", reason.to_string(), 7..9)],
            Self::SendData { channel: id, .. } => vec![channel(id, 10..12)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joining() {
        let said = |payload: &[u8]| domain_pdu(payload).map(|pdu| DomainMessage::from(pdu).summary());
        assert_eq!(domain_pdu(&[4, 1, 0, 1, 0]), Ok(DomainPdu::ErectDomain));
        assert_eq!(domain_pdu(&[0x28]), Ok(DomainPdu::AttachUserRequest));
        assert_eq!(said(&[0x2e, 0, 0, 8]), Ok("rt-successful, user channel 1009".into()));
        assert_eq!(said(&[0x2d, 0xc0]), Ok("rt-unspecified-failure".into()));
        assert_eq!(domain_pdu(&[0x38, 0, 8, 3, 0xf1]), Ok(DomainPdu::ChannelJoinRequest { user: 1009, channel: 1009 }));
        assert_eq!(said(&[0x3e, 0, 0, 8, 3, 0xeb, 3, 0xeb]), Ok("rt-successful, channel 1003".into()));
        assert_eq!(said(&[0x3d, 0xc0, 0, 8, 3, 0xec]), Ok("rt-unspecified-failure, channel 1004".into()));
    }

    #[test]
    fn ultimatum() {
        let reason = |bytes: &[u8]| domain_pdu(bytes).map(|pdu| DomainMessage::from(pdu).summary());
        assert_eq!(reason(&[0x21, 0x80]), Ok("rn-user-requested".into()));
        assert_eq!(reason(&[0x20, 0x80]), Ok("rn-provider-initiated".into()));
        assert_eq!(reason(&[0x22, 0]), Ok("rn-channel-purged".into()));
    }

    #[test]
    fn data_with_both_lengths() {
        let long = [0x68, 0, 1, 3, 0xeb, 0x70, 0x80, 2, 0xaa, 0xbb];
        let expected = SendData { user: 1002, channel: 1003, data: &[0xaa, 0xbb], at: 15 };
        assert_eq!(domain_pdu(&long), Ok(DomainPdu::SendDataIndication(expected)));
        let short = [0x64, 0, 1, 3, 0xeb, 0x70, 2, 0xaa, 0xbb];
        let expected = SendData { at: 14, ..expected };
        assert_eq!(domain_pdu(&short), Ok(DomainPdu::SendDataRequest(expected)));
    }

    #[test]
    fn any_prefix_is_refused_or_read_without_panic() {
        for first in 0..=255 {
            let payload = [first, 0, 1, 3, 0xeb, 0x70, 0x80, 2, 0xaa, 0xbb];
            for end in 0..payload.len() {
                let _ = domain_pdu(&payload[..end]).map(|pdu| DomainMessage::from(pdu).fields());
            }
        }
    }
}
