//! How far a session came, as its neighbours count it.

use crate::diagnose::shape::{Nla, Shape};
use crate::session::{Phase, Seen, Session, Transport};

/// How far a session came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::diagnose) enum Progress {
    Nothing,
    Accepted,
    Requested,
    Confirmed,
    Hello,
    Established,
    Nla,
    LoggedOn,
    Running,
}

impl Progress {
    pub(in crate::diagnose) fn of(session: &Session, shape: &Shape) -> Self {
        if shape.info || session.timeline.seen().has(Seen::in_phase(Phase::Rdp)) {
            Self::Running
        } else if shape.mcs || matches!(shape.nla, Nla::Accepted | Nla::Done) {
            Self::LoggedOn
        } else if shape.nla != Nla::None {
            Self::Nla
        } else if shape.established {
            Self::Established
        } else if session.client_hello().is_some() {
            Self::Hello
        } else if session.confirm().is_some() {
            Self::Confirmed
        } else if session.request().is_some() {
            Self::Requested
        } else if session.accepted.is_some() {
            Self::Accepted
        } else {
            Self::Nothing
        }
    }
}

/// One SYN, and nobody said anything else.
pub(in crate::diagnose) fn is_lone_syn(session: &Session) -> bool {
    let client = session.client_side();
    session.transport == Transport::Tcp && client.syns == 1 && client.packets == 1 && session.server_side().packets == 0
}

/// One SYN and its answer, and the client never came back to it.
pub(in crate::diagnose) fn is_half_open(session: &Session) -> bool {
    let [client, server] = &session.sides;
    session.transport == Transport::Tcp
        && client.packets == 1
        && client.syns == 1
        && server.syns >= 1
        && server.bytes == 0
}
