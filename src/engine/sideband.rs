//! RDP-UDP side channels: who knocked, and whether anybody answered. What flows inside is only counted.

use std::collections::HashSet;

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use super::flows::FlowKey;
use super::limits;
use crate::frame::Timestamp;
use crate::session::{Control, Direction, Endpoint, Event, EventKind, Phase, Roles, Session, SessionId, Transport};
use crate::tcp::segment::{Datagram, IcmpError};
use crate::tcp::stream::Mark;
use crate::wire::catalogue::Fact;
use crate::wire::rdpudp;

/// SYNs and answers noted per side channel.
const NOTED: usize = 16;

/// All side channels of a capture.
#[derive(Debug, Default)]
pub(super) struct Sideband {
    table: HashMap<FlowKey, Box<Session>, foldhash::fast::RandomState>,
    memory: usize,
}

impl Sideband {
    /// Takes in a datagram to or from an RDP port. `next` is the number of a session that begins here; answers the
    /// session touched, and whether it is new.
    pub(super) fn push(&mut self, datagram: &Datagram<'_>, mark: Mark, next: SessionId) -> Option<(SessionId, bool)> {
        let source = Endpoint { ip: datagram.net.source, port: datagram.source_port };
        let destination = Endpoint { ip: datagram.net.destination, port: datagram.destination_port };
        let (session, is_new) = match self.table.entry(FlowKey::new(source, destination)) {
            Entry::Occupied(entry) => (entry.into_mut(), false),
            Entry::Vacant(_) if !rdpudp::looks_like_syn(datagram.payload) => return None,
            Entry::Vacant(entry) => (
                entry.insert(Box::new(Session::new(next, Transport::Udp, source, destination, Roles::BySyn, mark))),
                true,
            ),
        };
        let before = if is_new { 0 } else { session.memory() };
        let is_client = session.client == source;
        let direction = if is_client { Direction::ClientToServer } else { Direction::ServerToClient };
        let side = &mut session.sides[direction.index()];
        side.note_frame(datagram.net.ttl, mark);
        side.bytes += datagram.payload.len() as u64;
        side.ttl = datagram.net.ttl;
        session.note_frame(mark);
        let syn = || rdpudp::syn(datagram.payload).ok().map(|syn| (Phase::Tcp, Fact::UdpSyn(Box::new(syn))));
        let alert = || rdpudp::fatal_alert(datagram.payload).map(|alert| (Phase::Tls, Fact::Alert(alert)));
        if session.timeline.len() < NOTED
            && let Some((phase, fact)) = syn().or_else(alert)
        {
            let length = datagram.payload.len() as u32;
            session.timeline.push(noted(mark, direction, phase, length, EventKind::Message(fact)));
        }
        self.memory = (self.memory + session.memory()).saturating_sub(before);
        Some((session.id, is_new))
    }

    /// An ICMP error that quotes a datagram of one of them.
    pub(super) fn icmp(&mut self, error: &IcmpError, key: &FlowKey, mark: Mark) -> Option<SessionId> {
        let session = self.table.get_mut(key)?;
        if session.timeline.len() < NOTED {
            let before = session.memory();
            let kind = EventKind::Tcp(Control::Icmp(Box::new(*error)));
            let (ip, port) = error.quoted_source;
            let is_clients = session.client == Endpoint { ip, port };
            let direction = if is_clients { Direction::ServerToClient } else { Direction::ClientToServer };
            session.timeline.push(noted(mark, direction, Phase::Tcp, 0, kind));
            self.memory = (self.memory + session.memory()).saturating_sub(before);
        }
        Some(session.id)
    }

    /// All of them, in no order.
    pub(super) fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.table.values().map(|session| &**session)
    }

    /// Bytes of memory, roughly.
    pub(super) const fn memory(&self) -> usize {
        self.memory
    }

    /// Gives up the half of them that was silent longest.
    pub(super) fn give_up(&mut self) -> Vec<Box<Session>> {
        let mut silent: Vec<_> =
            self.table.iter().map(|(key, session)| (session.last.time, session.id, *key)).collect();
        silent.sort_unstable_by_key(|(time, id, _)| (*time, *id));
        silent.truncate(silent.len().div_ceil(2));
        let gone: Vec<_> = silent.into_iter().filter_map(|(_, _, key)| self.table.remove(&key)).collect();
        self.memory = self.memory.saturating_sub(gone.iter().map(|session| session.memory()).sum());
        gone
    }

    /// Hands out those that are dead by `now` and ran between the same hosts as one of `sessions`, which are over: they are
    /// judged with them.
    pub(super) fn part(&mut self, sessions: &[Box<Session>], now: Timestamp) -> Vec<Box<Session>> {
        if self.table.is_empty() {
            return Vec::new();
        }
        let hosts: HashSet<_> = sessions.iter().map(|session| (session.client.ip, session.server.ip)).collect();
        let is_dead = |session: &Session| now.0.saturating_sub(session.last.time.0) >= limits::DEAD_CHANNEL;
        let is_theirs = |session: &Session| hosts.contains(&(session.client.ip, session.server.ip));
        let gone = self.table.extract_if(|_, session| is_dead(session) && is_theirs(session));
        let mut gone: Vec<_> = gone.map(|(_, session)| session).collect();
        gone.sort_unstable_by_key(|session| (session.last.time, session.id));
        self.memory = self.memory.saturating_sub(gone.iter().map(|session| session.memory()).sum());
        gone
    }

    /// Hands all of them out.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Box<Session>> + '_ {
        self.memory = 0;
        self.table.drain().map(|(_, session)| session)
    }
}

/// What a datagram of a side channel was.
const fn noted(mark: Mark, direction: Direction, phase: Phase, length: u32, kind: EventKind) -> Event {
    Event {
        frame: mark.frame,
        first_frame: mark.frame,
        time: mark.time,
        place: mark.place,
        stream_offset: 0,
        length,
        direction,
        phase,
        kind,
    }
}
