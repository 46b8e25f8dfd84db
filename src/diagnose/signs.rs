//! What a session has at all, noted once before the rules are asked: most of them need something that most sessions lack.

use super::ending::Ending;
use super::shape::{Nla, Shape};
use crate::session::{Direction, Phase, Seen, Session};

/// Things that a rule cannot do without, or that a session has. Each says only that a look is worth while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Signs(u64);

impl Signs {
    /// Whatever there is.
    pub(super) const NONE: Self = Self(0);

    /// The connection was not accepted.
    pub(super) const UNACCEPTED: Self = Self(1);
    /// A reset, of whomever.
    pub(super) const RESET: Self = Self(1 << 1);
    /// An ICMP error.
    pub(super) const ICMP: Self = Self(1 << 2);
    /// Something was sent again, or a peer probed.
    pub(super) const REPEAT: Self = Self(1 << 3);
    /// A long quiet.
    pub(super) const QUIET: Self = Self(1 << 4);

    /// The first act of ending was a reset.
    pub(super) const RESET_ENDS: Self = Self(1 << 5);
    /// Somebody closed.
    pub(super) const CLOSED: Self = Self(1 << 6);
    /// The client did so first.
    pub(super) const CLIENT_CLOSES: Self = Self(1 << 7);
    /// The server did so first.
    pub(super) const SERVER_CLOSES: Self = Self(1 << 8);

    /// The client's connection request, and its absence.
    pub(super) const REQUEST: Self = Self(1 << 9);
    pub(super) const NO_REQUEST: Self = Self(1 << 10);
    /// The server's connection confirm.
    pub(super) const CONFIRM: Self = Self(1 << 11);
    /// One that refuses.
    pub(super) const FAILURE: Self = Self(1 << 12);
    /// The server sent no byte.
    pub(super) const MUTE_SERVER: Self = Self(1 << 13);
    /// Something else than RDP, bytes that nobody can read, or no confirm.
    pub(super) const STRANGE: Self = Self(1 << 14);
    /// A disconnect request or an error of X.224.
    pub(super) const TPDU_REFUSAL: Self = Self(1 << 15);

    /// The client's hello, and its absence; the same of the server.
    pub(super) const CLIENT_HELLO: Self = Self(1 << 16);
    pub(super) const NO_CLIENT_HELLO: Self = Self(1 << 17);
    pub(super) const SERVER_HELLO: Self = Self(1 << 18);
    pub(super) const NO_SERVER_HELLO: Self = Self(1 << 19);
    /// A certificate in clear.
    pub(super) const CERTIFICATE: Self = Self(1 << 20);
    /// The server's signature was looked at.
    pub(super) const KEY_CHECKED: Self = Self(1 << 21);
    /// A fatal alert in clear before anybody closed; the client's, the server's.
    pub(super) const FATAL: Self = Self(1 << 22);
    pub(super) const CLIENT_FATAL: Self = Self(1 << 23);
    pub(super) const SERVER_FATAL: Self = Self(1 << 24);
    /// Another message of the handshake.
    pub(super) const HANDSHAKE: Self = Self(1 << 25);
    /// TLS was not completed.
    pub(super) const UNESTABLISHED: Self = Self(1 << 26);

    /// Logon tokens, by their shape.
    pub(super) const LOGON: Self = Self(1 << 27);
    /// Protected records behind the handshake.
    pub(super) const HIDDEN: Self = Self(1 << 28);
    /// Connect Initial or its answer in clear.
    pub(super) const CONNECT: Self = Self(1 << 29);
    /// A domain message in clear.
    pub(super) const DOMAIN: Self = Self(1 << 30);
    /// MCS, in clear or by shape.
    pub(super) const MCS: Self = Self(1 << 31);
    /// A PDU of the session in clear.
    pub(super) const SECURITY: Self = Self(1 << 32);

    /// Both.
    #[must_use]
    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `needed` is there.
    #[must_use]
    pub(super) const fn have(self, needed: Self) -> bool {
        self.0 & needed.0 == needed.0
    }

    fn note(&mut self, sign: Self, is_there: bool) {
        self.0 |= if is_there { sign.0 } else { 0 };
    }

    /// What `session` has; `fatal` says who sent its first fatal alert.
    pub(super) fn of(session: &Session, shape: &Shape, ending: &Ending<'_>, fatal: Option<Direction>) -> Self {
        let mut signs = Self::NONE;
        let seen = session.timeline.seen();
        for (kinds, sign) in SEEN {
            signs.note(sign, seen.has(kinds));
        }
        for record in &shape.records {
            signs.note(Self::HIDDEN, record.phase > Phase::Tls);
            signs.note(Self::MCS, record.phase == Phase::Mcs);
        }
        signs.note(Self::UNACCEPTED, session.accepted.is_none());
        signs.note(Self::QUIET, session.quiet().is_some());
        signs.note(Self::RESET_ENDS, ending.is_reset);
        signs.note(Self::CLOSED, ending.act.is_some());
        signs.note(Self::CLIENT_CLOSES, ending.was_by(Direction::ClientToServer));
        signs.note(Self::SERVER_CLOSES, ending.was_by(Direction::ServerToClient));
        let (request, confirm) = (session.request().is_some(), session.confirm().is_some());
        signs.note(if request { Self::REQUEST } else { Self::NO_REQUEST }, true);
        signs.note(Self::CONFIRM, confirm);
        signs.note(Self::FAILURE, confirm && session.negotiation_failure().is_some());
        signs.note(Self::MUTE_SERVER, session.is_mute(Direction::ServerToClient));
        let (client, server) = (session.client_hello().is_some(), session.server_hello().is_some());
        signs.note(if client { Self::CLIENT_HELLO } else { Self::NO_CLIENT_HELLO }, true);
        signs.note(if server { Self::SERVER_HELLO } else { Self::NO_SERVER_HELLO }, true);
        signs.note(Self::STRANGE, !confirm);
        signs.note(Self::CERTIFICATE, session.certificate().is_some());
        signs.note(Self::KEY_CHECKED, session.key_check().is_some());
        signs.note(Self::FATAL, fatal.is_some());
        signs.note(Self::CLIENT_FATAL, fatal == Some(Direction::ClientToServer));
        signs.note(Self::SERVER_FATAL, fatal == Some(Direction::ServerToClient));
        signs.note(Self::UNESTABLISHED, !shape.established);
        signs.note(Self::LOGON, shape.nla != Nla::None);
        signs
    }
}

/// What is there because such events are.
const SEEN: [(Seen, Signs); 11] = [
    (Seen::RESET, Signs::RESET),
    (Seen::COMPLAINT, Signs::ICMP),
    (Seen::REPEAT, Signs::REPEAT),
    (Seen::STRANGE, Signs::STRANGE),
    (Seen::TPDU_REFUSAL, Signs::TPDU_REFUSAL),
    (Seen::CONNECT, Signs::CONNECT),
    (Seen::DOMAIN, Signs::DOMAIN),
    (Seen::DOMAIN, Signs::MCS),
    (Seen::in_phase(Phase::Mcs), Signs::MCS),
    (Seen::SECURITY, Signs::SECURITY),
    (Seen::HANDSHAKE, Signs::HANDSHAKE),
];
