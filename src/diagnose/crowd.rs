//! What the other sessions of a capture say about one: the same client trying again, a hundred others doing the same.

use std::collections::HashMap;
use std::net::IpAddr;

use super::shape::{Nla, Shape};
use crate::frame::{FrameNumber, Timestamp};
use crate::session::{Direction, Endpoint, Session, Transport};

/// How long after one connection the next one still belongs to the same try; seconds.
const SAME_TRY: f64 = 120.0;
/// Sessions of one kind from this many addresses, or this many from one address, make a scan of each of them.
const MANY: usize = 20;

/// How far a session came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Progress {
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
    pub(super) fn of(session: &Session, shape: &Shape) -> Self {
        if shape.info || session.timeline.iter().any(|event| event.phase == crate::session::Phase::Rdp) {
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

/// What the crowd knows of one session.
#[derive(Clone, Debug)]
struct Member {
    start: Timestamp,
    end: Timestamp,
    progress: Progress,
    refused: Option<u32>,
    closed_by_client: bool,
    server_ttl: Option<u8>,
    client: Endpoint,
    server: Endpoint,
}

/// What one client does.
#[derive(Clone, Debug, Default)]
struct Habits {
    /// Visits without a word, and when the last of them began.
    silent: usize,
    /// Security offers made, each once.
    offers: Vec<u32>,
    /// Connections, and how many of them came to a session.
    visits: usize,
    sessions: usize,
    /// Logons that were not accepted.
    refusals: usize,
    last_silent: Option<Timestamp>,
    /// Shortest and longest pause between two of them; seconds.
    pauses: Option<(f64, f64)>,
}

impl Habits {
    fn note_silent(&mut self, start: Timestamp) {
        self.silent += 1;
        if let Some(last) = self.last_silent.replace(start) {
            let pause = start.since(last);
            let (least, most) = self.pauses.unwrap_or((pause, pause));
            self.pauses = Some((least.min(pause), most.max(pause)));
        }
    }
}

/// All sessions of a capture, by who talks to whom.
#[derive(Debug, Default)]
pub struct Crowd {
    /// Packets that the capturing program lost.
    pub(super) dropped: u64,
    /// Clients whose UDP side channel to a server was not answered, with the first frame of the attempt.
    knocked: HashMap<(IpAddr, IpAddr), FrameNumber>,
    members: Vec<Member>,
    pairs: HashMap<(IpAddr, Endpoint), Vec<usize>>,
    servers: HashMap<IpAddr, Vec<usize>>,
    clients: HashMap<IpAddr, Habits>,
    /// Addresses that left right after the negotiation, by how far they came and why they were refused.
    leavers: HashMap<(Progress, Option<u32>), HashMap<IpAddr, usize>>,
}

impl Crowd {
    /// Looks at all sessions once. `dropped` packets were lost by the capturing program.
    #[must_use]
    pub fn of(sessions: &[(Session, Shape)], dropped: u64) -> Self {
        let mut crowd = Self { dropped, ..Self::default() };
        for (index, (session, shape)) in sessions.iter().enumerate() {
            if session.transport == Transport::Udp {
                if session.server_side().packets == 0 {
                    crowd.knocked.entry((session.client.ip, session.server.ip)).or_insert(session.first.frame);
                }
            }
            let progress = Progress::of(session, shape);
            let refused = session.negotiation_failure().map(|(_, code)| code.0);
            let server = session.side(Direction::ServerToClient);
            let first_act = super::ending::Ending::of(session).by;
            let member = Member {
                start: session.first.time,
                end: session.last.time,
                progress,
                refused,
                closed_by_client: first_act == Some(Direction::ClientToServer),
                server_ttl: (server.syn.is_some() && server.packets > 0).then_some(server.ttl),
                client: session.client,
                server: session.server,
            };
            crowd.pairs.entry((session.client.ip, session.server)).or_default().push(index);
            crowd.servers.entry(session.server.ip).or_default().push(index);
            if matches!(progress, Progress::Requested | Progress::Confirmed) && session.duration() < 5.0 {
                *crowd.leavers.entry((progress, refused)).or_default().entry(session.client.ip).or_default() += 1;
            }
            let habits = crowd.clients.entry(session.client.ip).or_default();
            habits.visits += 1;
            habits.sessions += usize::from(progress == Progress::Running);
            if let Some((_, request)) = session.request()
                && !habits.offers.contains(&request.protocols.0)
                && habits.offers.len() < 8
            {
                habits.offers.push(request.protocols.0);
            }
            habits.refusals += usize::from(matches!(shape.nla, Nla::Refused | Nla::Begun(2..)));
            if member.closed_by_client && progress == Progress::Accepted {
                habits.note_silent(member.start);
            }
            crowd.members.push(member);
        }
        crowd
    }

    /// A later connection of the same client to the same server, soon after, that went further.
    pub(super) fn went_further(&self, index: usize) -> Option<usize> {
        let own = self.members.get(index)?;
        self.pairs.get(&(own.client.ip, own.server))?.iter().copied().find(|other| {
            let other = &self.members[*other];
            other.start > own.start && other.start.since(own.end) <= SAME_TRY && other.progress > own.progress
        })
    }

    /// Whether so many sessions left in the same way at the same point that no person is behind this one.
    pub(super) fn is_one_of_many_leavers(&self, index: usize) -> bool {
        let Some(own) = self.members.get(index) else { return false };
        let Some(kind) = self.leavers.get(&(own.progress, own.refused)) else { return false };
        kind.len() >= MANY || kind.get(&own.client.ip).is_some_and(|count| *count >= MANY)
    }

    /// The TTL of the server's packets in another connection that it accepted.
    pub(super) fn server_ttl_elsewhere(&self, index: usize) -> Option<u8> {
        let own = self.members.get(index)?;
        self.servers.get(&own.server.ip)?.iter().filter(|other| **other != index).find_map(|other| self.members[*other].server_ttl)
    }

    /// The first frame of a UDP side channel between the two that was never answered.
    pub(super) fn udp_unanswered(&self, session: &Session) -> Option<FrameNumber> {
        self.knocked.get(&(session.client.ip, session.server.ip)).copied()
    }

    /// Whether this client knocks in even intervals, as a load balancer or monitor does.
    pub(super) fn is_health_check(&self, client: IpAddr) -> bool {
        self.clients.get(&client).is_some_and(|habits| {
            habits.silent >= 3 && habits.pauses.is_some_and(|(least, most)| least >= 0.5 && most <= least * 1.5)
        })
    }

    /// Whether this client tries one security offer after the other and never wants a session: more than the three
    /// that a client falls back through.
    pub(super) fn is_prober(&self, client: IpAddr) -> bool {
        self.clients.get(&client).is_some_and(|habits| {
            habits.sessions == 0 && (habits.offers.len() >= 4 || (habits.visits >= 6 && habits.offers.len() >= 3))
        })
    }

    /// Logons of this client that were refused.
    pub(super) fn refusals(&self, client: IpAddr) -> usize {
        self.clients.get(&client).map_or(0, |habits| habits.refusals)
    }
}
