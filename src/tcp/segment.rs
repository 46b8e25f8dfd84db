//! The contract of this room: what a frame turns out to carry, borrowed from the frame.

use std::net::IpAddr;

/// The IP header's part in the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Net {
    /// Who sent it.
    pub source: IpAddr,
    /// To whom.
    pub destination: IpAddr,
    /// Time to live, or hop limit.
    pub ttl: u8,
    /// Identification; IPv4 only.
    pub id: Option<u16>,
    /// Don't Fragment; always so in IPv6.
    pub dont_fragment: bool,
    /// Length of the IP packet on the wire, header included; bytes.
    pub length: u32,
}

/// TCP flags (RFC 9293 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Flags(pub u8);

#[allow(missing_docs)] // the specification's names
impl Flags {
    pub const FIN: u8 = 0x01;
    pub const SYN: u8 = 0x02;
    pub const RST: u8 = 0x04;
    pub const ACK: u8 = 0x10;

    #[must_use]
    pub const fn fin(self) -> bool {
        self.0 & Self::FIN != 0
    }
    #[must_use]
    pub const fn syn(self) -> bool {
        self.0 & Self::SYN != 0
    }
    #[must_use]
    pub const fn rst(self) -> bool {
        self.0 & Self::RST != 0
    }
    #[must_use]
    pub const fn ack(self) -> bool {
        self.0 & Self::ACK != 0
    }
}

/// A TCP segment.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// Its IP header.
    pub net: Net,
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Sequence number.
    pub sequence: u32,
    /// Acknowledgment number; meaningless without the ACK flag.
    pub acknowledgment: u32,
    /// Flags.
    pub flags: Flags,
    /// Window as sent, not scaled.
    pub window: u16,
    /// Raw options.
    pub options: &'a [u8],
    /// Payload as captured.
    pub payload: &'a [u8],
    /// Payload length on the wire; bytes. More than `payload.len()` when the snap length cut it.
    pub length: u32,
}

impl Segment<'_> {
    /// Whether it carries nothing but an acknowledgment.
    #[inline]
    #[must_use]
    pub const fn is_bare(&self) -> bool {
        self.length == 0 && self.flags.0 & (Flags::FIN | Flags::SYN | Flags::RST) == 0
    }

    /// Sequence numbers it takes up: payload and one each for SYN and FIN.
    #[must_use]
    pub const fn span(&self) -> u32 {
        self.length + self.flags.syn() as u32 + self.flags.fin() as u32
    }

    /// Whether its options say nothing that a packet needs to be looked at for: none, or a timestamp as all systems pad it.
    #[inline]
    #[must_use]
    pub const fn has_usual_options(&self) -> bool {
        matches!(*self.options, [] | [1, 1, 8, 10, _, _, _, _, _, _, _, _])
    }

    /// Whether it says what was received out of order (RFC 2018), where all systems put that: first of its options, or behind
    /// a timestamp.
    #[inline]
    #[must_use]
    pub const fn has_sack(&self) -> bool {
        matches!(*self.options, [1, 1, 5, ..] | [1, 1, 8, 10, _, _, _, _, _, _, _, _, 1, 1, 5, ..])
    }
}

/// Options that a SYN negotiates (RFC 9293 3.2, RFC 7323, RFC 2018).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Options {
    /// Maximum segment size; bytes.
    pub mss: Option<u16>,
    /// Window scale shift.
    pub window_scale: Option<u8>,
    /// SACK permitted.
    pub sack_permitted: bool,
    /// Timestamp value, when the option is there.
    pub timestamp: Option<u32>,
}

/// What a segment answers in its options (RFC 7323, RFC 2018).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Answers {
    /// The other side's timestamp that it answers (RFC 7323 3.2, TSecr).
    pub echo: Option<u32>,
    /// The first SACK block.
    pub sack: Option<(u32, u32)>,
}

impl Options {
    /// Reads raw options; what is cut or lies about its length ends the walk.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        walk(bytes).0
    }
}

impl Answers {
    /// The same.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        walk(bytes).1
    }
}

fn walk(mut bytes: &[u8]) -> (Options, Answers) {
    let word = |bytes: &[u8]| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let (mut options, mut answers) = (Options::default(), Answers::default());
    while let [kind, rest @ ..] = bytes {
        match (kind, rest) {
            (0, _) => break,
            (1, _) => bytes = rest,
            (_, [length, ..]) if *length >= 2 && usize::from(*length) <= bytes.len() => {
                let (option, tail) = bytes.split_at(usize::from(*length));
                match (kind, &option[2..]) {
                    (2, [high, low]) => options.mss = Some(u16::from_be_bytes([*high, *low])),
                    (3, [shift]) => options.window_scale = Some((*shift).min(14)),
                    (4, []) => options.sack_permitted = true,
                    (5, blocks @ [_, _, _, _, _, _, _, _, ..]) => {
                        answers.sack = Some((word(blocks), word(&blocks[4..])));
                    }
                    (8, stamps @ [_, _, _, _, _, _, _, _]) => {
                        options.timestamp = Some(word(stamps));
                        answers.echo = Some(word(&stamps[4..]));
                    }
                    _ => {}
                }
                bytes = tail;
            }
            _ => break,
        }
    }
    (options, answers)
}

/// A UDP datagram.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// Its IP header.
    pub net: Net,
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Payload as captured.
    pub payload: &'a [u8],
}

/// An Ethernet address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hardware(pub [u8; 6]);

impl Hardware {
    /// Whether it may name one machine: neither nobody nor a group, nor the gateway that two routers are together (VRRP,
    /// RFC 9568 7.3; HSRP and GLBP).
    #[must_use]
    pub const fn is_of_a_machine(self) -> bool {
        let [first, second, third, fourth, fifth, _] = self.0;
        let is_nobody = matches!(self.0, [0, 0, 0, 0, 0, 0]);
        let is_shared = matches!(
            [first, second, third, fourth, fifth],
            [0, 0, 0x5e, 0, 1 | 2] | [0, 0, 0x0c, 7, 0xac] | [0, 0, 0x0c, 0x9f, _] | [0, 7, 0xb4, _, _]
        );
        !is_nobody && !is_shared && first & 1 == 0
    }
}

impl std::fmt::Display for Hardware {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// Somebody asks who has an address on this link, or answers, or tells unasked where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Who wants to know.
    pub asker: IpAddr,
    /// Whose hardware address is wanted.
    pub target: IpAddr,
    /// It is the answer.
    pub is_answer: bool,
    /// The hardware address that is claimed for whoever speaks: the asker, or the target that answers.
    pub claim: Option<Hardware>,
}

impl Neighbour {
    /// Whose hardware address is told.
    #[must_use]
    pub const fn speaker(&self) -> IpAddr {
        if self.is_answer { self.target } else { self.asker }
    }

    /// Nobody is asked for: a host only tells where it is.
    #[must_use]
    pub fn is_announcement(&self) -> bool {
        self.asker == self.target
    }
}

/// An ICMP or ICMPv6 error that quotes a TCP segment or a UDP datagram (RFC 792, RFC 4443).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IcmpError {
    /// The error's own IP header: its source names the device that complains.
    pub net: Net,
    /// Type.
    pub kind: u8,
    /// Code.
    pub code: u8,
    /// Next-hop MTU of "fragmentation needed" and "packet too big"; bytes.
    pub mtu: Option<u32>,
    /// The quoted packet is a UDP datagram.
    pub is_udp: bool,
    /// Source of the quoted segment.
    pub quoted_source: (IpAddr, u16),
    /// Destination of the quoted segment.
    pub quoted_destination: (IpAddr, u16),
    /// Sequence number of the quoted segment; meaningless for a datagram.
    pub quoted_sequence: u32,
    /// TTL left when the complaining device met it.
    pub quoted_ttl: u8,
    /// Length of the quoted IP packet; bytes.
    pub quoted_length: u32,
}

impl IcmpError {
    /// Whether it is ICMPv6.
    #[must_use]
    pub const fn is_v6(&self) -> bool {
        self.net.source.is_ipv6()
    }

    /// Whether the capture has the quoted packet only up to its ports.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.quoted_source.1 == 0 && self.quoted_destination.1 == 0
    }

    /// Whether it says that the packet does not fit the next link (RFC 1191, RFC 8201).
    #[must_use]
    pub const fn is_too_big(&self) -> bool {
        matches!((self.is_v6(), self.kind, self.code), (false, 3, 4) | (true, 2, _))
    }
}

/// What a frame carries.
#[derive(Clone, Copy, Debug)]
pub enum Packet<'a> {
    /// A TCP segment.
    Tcp(Segment<'a>),
    /// A UDP datagram.
    Udp(Datagram<'a>),
    /// An ICMP error about a TCP segment or a UDP datagram.
    Icmp(IcmpError),
    /// A question for an address on the link, or its answer.
    Neighbour(Neighbour),
    /// Something else, or too short to tell.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_a_syn() {
        let bytes = [2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 7];
        let options = Options::read(&bytes);
        assert_eq!(options.mss, Some(1460));
        assert_eq!(options.window_scale, Some(7));
        assert_eq!(options.timestamp, Some(9));
        assert!(options.sack_permitted);
    }

    #[test]
    fn options_that_lie() {
        assert_eq!(Options::read(&[2, 40, 1]), Options::default());
        assert_eq!(Options::read(&[2, 0, 1, 1]), Options::default());
        assert_eq!(Options::read(&[5]), Options::default());
    }
}
