//! Something that happened in a session, and where in the capture.

use std::net::IpAddr;

use crate::frame::{FrameNumber, Timestamp};
use crate::tcp::segment::{IcmpError, Options};
use crate::tcp::stream::Mark;
use crate::wire::catalogue::Fact;
use crate::wire::describe::Malformed;
use crate::wire::tls_record::ContentType;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The side that connected.
    ClientToServer,
    /// The side that was connected to.
    ServerToClient,
}

impl Direction {
    /// 0 for the client's side, 1 for the server's.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The other one.
    #[must_use]
    pub const fn reverse(self) -> Self {
        match self {
            Self::ClientToServer => Self::ServerToClient,
            Self::ServerToClient => Self::ClientToServer,
        }
    }

    /// `client` or `server`: whose words travel this way.
    #[must_use]
    pub const fn speaker(self) -> &'static str {
        match self {
            Self::ClientToServer => "client",
            Self::ServerToClient => "server",
        }
    }
}

/// Where a session is in the connection sequence (MS-RDPBCGR 1.3.1.1), as far as a network sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// TCP connection.
    Tcp,
    /// X.224 negotiation.
    X224,
    /// TLS handshake.
    Tls,
    /// Network Level Authentication.
    Nla,
    /// MCS and GCC.
    Mcs,
    /// The session itself.
    Rdp,
}

impl Phase {
    /// All, in order.
    pub const ALL: [Self; 6] = [Self::Tcp, Self::X224, Self::Tls, Self::Nla, Self::Mcs, Self::Rdp];

    /// The letter of the phase strip.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Tcp => 'T',
            Self::X224 => 'X',
            Self::Tls => 'L',
            Self::Nla => 'N',
            Self::Mcs => 'M',
            Self::Rdp => 'R',
        }
    }

    /// The word of JSON and the filter.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::X224 => "x224",
            Self::Tls => "tls",
            Self::Nla => "nla",
            Self::Mcs => "mcs",
            Self::Rdp => "rdp",
        }
    }

    /// The label of a ladder row.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::X224 => "X.224",
            Self::Tls => "TLS",
            Self::Nla => "NLA",
            Self::Mcs => "MCS",
            Self::Rdp => "RDP",
        }
    }
}

/// An act of TCP itself, or of a device that speaks about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// SYN, or SYN,ACK from the server.
    Syn(Box<SynFacts>),
    /// A SYN or SYN,ACK again.
    SynAgain,
    /// The acknowledgment that completes the three-way handshake.
    Accepted,
    /// FIN.
    Fin,
    /// RST.
    Rst(Box<RstFacts>),
    /// Payload that was sent before and not acknowledged; its length in bytes.
    Retransmission(u32),
    /// A keep-alive probe.
    KeepAlive,
    /// An ICMP error that quotes this connection.
    Icmp(Box<IcmpError>),
}

/// What a SYN says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SynFacts {
    /// Negotiated options.
    pub options: Options,
    /// TTL.
    pub ttl: u8,
}

/// What a RST says, and how it fits the rest of its sender's packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RstFacts {
    /// TTL.
    pub ttl: u8,
    /// IP identification, IPv4 only.
    pub id: Option<u16>,
    /// Window.
    pub window: u16,
    /// With the ACK flag.
    pub has_ack: bool,
    /// With a timestamp option.
    pub has_timestamp: bool,
    /// Its sequence number is one that the receiver has to believe (RFC 5961 3.2).
    pub in_window: bool,
    /// It lies further ahead within the window: old stacks believe that, current ones ask back and go on.
    pub ahead: bool,
    /// Distance of its sequence number from the next one expected of its sender; bytes.
    pub distance: i64,
    /// Stream offset of its sequence number.
    pub place: i64,
    /// Its sequence number is the one that the other side acknowledged last: so a kernel answers that has no such
    /// connection (RFC 9293 3.10.7.1).
    pub echoes: bool,
    /// Stream offset up to which it acknowledges the other side, with the ACK flag.
    pub acknowledges: Option<i64>,
    /// The sender's identifications count up, and this one is far from the last, which stands here.
    pub stray_id: Option<u16>,
    /// All other packets of the sender bear a timestamp; this one does not.
    pub lacks_timestamp: bool,
}

impl RstFacts {
    /// Whether it is what a kernel answers that has no such connection (RFC 9293 3.10.7.1).
    #[must_use]
    pub const fn is_stateless(&self) -> bool {
        !self.has_ack && self.echoes
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A message that could be read.
    Message(Fact),
    /// An act of TCP.
    Tcp(Control),
    /// A protected TLS record: its visible type and the length of its body in bytes.
    Encrypted {
        /// The type on the outside.
        content_type: ContentType,
        /// Bytes.
        length: u16,
    },
    /// Bytes in clear that are counted, not read: the session itself under standard RDP security.
    Bulk {
        /// Bytes.
        length: u32,
    },
    /// Bytes that were never captured.
    Gap {
        /// Bytes.
        bytes: u64,
    },
    /// Bytes that break their specification.
    Malformed(Box<Malformed>),
}

/// An event, with everything needed to find it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The frame that completed it: the one to open in Wireshark.
    pub frame: FrameNumber,
    /// The frame that began it.
    pub first_frame: FrameNumber,
    /// Capture time of `frame`.
    pub time: Timestamp,
    /// Offset of `frame`'s bytes in its source.
    pub place: u64,
    /// Offset of its first byte in its direction's stream; bytes.
    pub stream_offset: u64,
    /// Its length in the stream; bytes. 0 for acts of TCP.
    pub length: u32,
    /// Who did it.
    pub direction: Direction,
    /// Where the session was.
    pub phase: Phase,
    /// What it is.
    pub kind: EventKind,
}

impl Event {
    /// Whether it was captured before `other`.
    #[must_use]
    pub fn precedes(&self, other: &Self) -> bool {
        self.mark().is_before(other.mark())
    }

    /// Where in the capture it was completed.
    #[must_use]
    pub const fn mark(&self) -> Mark {
        Mark { frame: self.frame, time: self.time, place: self.place }
    }

    /// Bytes it holds outside of itself, roughly.
    #[must_use]
    pub fn heap(&self) -> u32 {
        match &self.kind {
            EventKind::Message(fact) => u32::try_from(fact.heap()).unwrap_or(u32::MAX),
            EventKind::Tcp(Control::Syn(_)) => size_of::<SynFacts>() as u32,
            EventKind::Tcp(Control::Rst(_)) => size_of::<RstFacts>() as u32,
            EventKind::Tcp(Control::Icmp(_)) => size_of::<IcmpError>() as u32,
            EventKind::Malformed(_) => size_of::<Malformed>() as u32,
            _ => 0,
        }
    }

    /// The same without what other sessions have in common with it.
    #[must_use]
    pub fn heap_alone(&self) -> u32 {
        match &self.kind {
            EventKind::Message(fact) => u32::try_from(fact.heap_alone()).unwrap_or(u32::MAX),
            _ => self.heap(),
        }
    }

    /// The message, if it is one.
    #[must_use]
    pub const fn fact(&self) -> Option<&Fact> {
        match &self.kind {
            EventKind::Message(fact) => Some(fact),
            _ => None,
        }
    }

    /// The act of TCP, if it is one.
    #[must_use]
    pub const fn control(&self) -> Option<&Control> {
        match &self.kind {
            EventKind::Tcp(control) => Some(control),
            _ => None,
        }
    }

    /// Length of a protected record's body, if it is one; bytes.
    #[must_use]
    pub const fn encrypted(&self) -> Option<u16> {
        match self.kind {
            EventKind::Encrypted { length, .. } => Some(length),
            _ => None,
        }
    }
}

/// An address and a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Endpoint {
    /// Address.
    pub ip: IpAddr,
    /// Port.
    pub port: u16,
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::net::SocketAddr::new(self.ip, self.port).fmt(f)
    }
}
