//! Side channels over UDP, as the sessions beside them look at them.

use std::net::IpAddr;

use crate::frame::FrameNumber;
use crate::session::{Direction, Session};
use crate::tcp::stream::Mark;
use crate::wire::catalogue::Fact;

/// A UDP side channel that was opened, and when each side was last heard.
#[derive(Clone, Copy, Debug)]
pub(super) struct SideChannel {
    pub(super) client: IpAddr,
    pub(super) server: IpAddr,
    pub(super) first: Mark,
    /// The last packet of the side that fell silent first, and whose it was.
    pub(super) silent: Mark,
    pub(super) silent_side: Direction,
    /// The last packet of the other.
    pub(super) last: Mark,
    /// It speaks RDP-UDP2 (version 0x0101).
    pub(super) is_second: bool,
}

/// The SYNs of `direction`: of the client its requests, of the server its answers.
pub(super) fn syns(session: &Session, direction: Direction) -> impl Iterator<Item = FrameNumber> {
    let facts = session.timeline.facts();
    let own = facts.filter(move |(event, fact)| event.direction == direction && matches!(fact, Fact::UdpSyn(_)));
    own.map(|(event, _)| event.frame)
}

/// Whether `direction` goes on behind its SYN.
pub(super) fn goes_on(session: &Session, direction: Direction) -> bool {
    session.side(direction).packets > syns(session, direction).count() as u64
}

impl SideChannel {
    /// Of `session`, which is over UDP; `None` while one side said nothing, or nothing but its part of the handshake: what was
    /// never open cannot die.
    pub(super) fn of(session: &Session) -> Option<Self> {
        if !goes_on(session, Direction::ClientToServer) || !goes_on(session, Direction::ServerToClient) {
            return None;
        }
        let (client, server) = (session.client_side().last?, session.server_side().last?);
        let silent_side = if client.time < server.time { Direction::ClientToServer } else { Direction::ServerToClient };
        let mut versions = session.timeline.facts().filter_map(|(_, fact)| match fact {
            Fact::UdpSyn(syn) => syn.version,
            _ => None,
        });
        Some(Self {
            client: session.client.ip,
            server: session.server.ip,
            first: session.first,
            silent: if client.time < server.time { client } else { server },
            silent_side,
            last: if client.time < server.time { server } else { client },
            is_second: versions.next_back() == Some(0x0101),
        })
    }

    /// Has every frame changed.
    pub(super) fn each_frame(&mut self, change: &mut dyn FnMut(&mut FrameNumber)) {
        [&mut self.first, &mut self.silent, &mut self.last].into_iter().for_each(|mark| change(&mut mark.frame));
    }
}
