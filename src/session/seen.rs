//! Kinds of events that a session had, noted as they came: whether it is worth while to look for one.

use super::event::{Control, Event, EventKind, Phase};
use crate::wire::catalogue::Fact;

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen(u32);

impl Seen {
    /// A reset.
    pub const RESET: Self = Self(1 << 12);
    /// An ICMP error.
    pub const COMPLAINT: Self = Self(1 << 13);
    /// A retransmission, or a keep-alive probe.
    pub const REPEAT: Self = Self(1 << 14);
    /// A handshake message of TLS that has no name of its own here.
    pub const HANDSHAKE: Self = Self(1 << 16);
    /// A disconnect request or an error of X.224.
    pub const TPDU_REFUSAL: Self = Self(1 << 17);
    /// Connect Initial or its answer in clear.
    pub const CONNECT: Self = Self(1 << 18);
    /// A domain message in clear.
    pub const DOMAIN: Self = Self(1 << 19);
    /// The one that ends the connection.
    pub const ULTIMATUM: Self = Self(1 << 20);
    /// A PDU of the session in clear.
    pub const SECURITY: Self = Self(1 << 21);
    /// Something else than RDP, or bytes that nobody can read.
    pub const STRANGE: Self = Self(1 << 22);

    /// Anything in this phase.
    #[must_use]
    pub const fn in_phase(phase: Phase) -> Self {
        Self(1 << phase as u32)
    }

    /// Bytes in this phase, not only acts of TCP.
    #[must_use]
    pub const fn said_in(phase: Phase) -> Self {
        Self(1 << (phase as usize + Phase::ALL.len()))
    }

    /// What `event` is.
    pub(super) const fn of(event: &Event) -> Self {
        let said = if event.length > 0 { Self::said_in(event.phase).0 } else { 0 };
        Self(Self::in_phase(event.phase).0 | said | Self::of_kind(&event.kind).0)
    }

    const fn of_kind(kind: &EventKind) -> Self {
        match kind {
            EventKind::Message(fact) => Self::of_fact(fact),
            EventKind::Malformed(_) => Self::STRANGE,
            EventKind::Tcp(Control::Rst(_)) => Self::RESET,
            EventKind::Tcp(Control::Icmp(_)) => Self::COMPLAINT,
            EventKind::Tcp(Control::Retransmission(_) | Control::KeepAlive) => Self::REPEAT,
            _ => Self(0),
        }
    }

    const fn of_fact(fact: &Fact) -> Self {
        match fact {
            Fact::Handshake(_) => Self::HANDSHAKE,
            Fact::Foreign(_) => Self::STRANGE,
            Fact::DisconnectRequest(_) | Fact::ErrorTpdu(_) => Self::TPDU_REFUSAL,
            Fact::ConnectInitial(_) | Fact::ConnectResponse(_) => Self::CONNECT,
            Fact::Domain(_) if fact.is_ultimatum() => Self::DOMAIN.and(Self::ULTIMATUM),
            Fact::Domain(_) => Self::DOMAIN,
            Fact::Security(_) => Self::SECURITY,
            _ => Self(0),
        }
    }

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether one of `kinds` is among them.
    #[must_use]
    pub const fn has(self, kinds: Self) -> bool {
        self.0 & kinds.0 != 0
    }
}
