//! What the other sessions of a capture say about one: the same client trying again, a hundred others doing the same.

use std::net::IpAddr;

use super::beside::Beside;
use super::ending::Ending;
use super::fates::Fates;
use super::map::{Map, Set};
use super::shape::{Nla, Shape};
use super::side_channel::SideChannel;
use crate::frame::{FrameNumber, Timestamp};
use crate::session::aside::{Aside, Lookup};
use crate::session::{Direction, Endpoint, Session, Transport};
use crate::wire::text::Text;

/// How long after one connection the next one still belongs to the same try; seconds.
const SAME_TRY: f64 = 120.0;
/// How long after a refused logon the Windows client tries other security by itself; seconds.
const FALLBACK: f64 = 3.0;
/// Sessions of one kind from this many addresses, or this many from one address, make a scan of each of them.
const MANY: usize = 20;
/// Refused logons in a row that make a guessing machine.
const GUESSES: usize = 5;
/// Side channels of one session that are looked at.
const CHANNELS: usize = 1000;

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

/// One SYN, and nobody said anything else.
pub(super) fn is_lone_syn(session: &Session) -> bool {
    let client = session.client_side();
    session.transport == Transport::Tcp && client.syns == 1 && client.packets == 1 && session.server_side().packets == 0
}

/// One SYN and its answer, and the client never came back to it.
pub(super) fn is_half_open(session: &Session) -> bool {
    let [client, server] = &session.sides;
    session.transport == Transport::Tcp
        && client.packets == 1
        && client.syns == 1
        && server.syns >= 1
        && server.bytes == 0
}

/// What the crowd knows of one session.
#[derive(Clone, Debug)]
struct Member {
    start: Timestamp,
    end: Timestamp,
    progress: Progress,
    refused: Option<u32>,
    server_ttl: Option<u8>,
    client: Endpoint,
    server: Endpoint,
}

/// What one client does.
#[derive(Clone, Debug, Default)]
struct Habits {
    /// Visits without a word, and when the last of them began.
    silent: usize,
    last_silent: Option<Timestamp>,
    /// Shortest and longest pause between two of them; seconds.
    pauses: Option<(f64, f64)>,
}

/// Connections that ended right after the negotiation in the same way.
#[derive(Debug, Default)]
struct Leavers {
    addresses: Map<IpAddr, usize>,
    hints: Set<Option<Text>>,
}

/// What one client does with one server.
#[derive(Clone, Debug, Default)]
struct Visits {
    /// Security offers made, each once.
    offers: Vec<u32>,
    /// Connections, how many of them were let in, and how many came to a session.
    count: usize,
    logons: usize,
    sessions: usize,
    /// Logons that were not accepted.
    refusals: usize,
    first: Option<Timestamp>,
    last: Timestamp,
}

/// Logons of one client on one server.
pub(super) struct Guesses {
    pub(super) refused: usize,
    pub(super) accepted: usize,
    pub(super) seconds: f64,
}

impl Visits {
    fn note(&mut self, session: &Session, shape: &Shape, progress: Progress) {
        self.count += 1;
        self.logons += usize::from(progress >= Progress::LoggedOn);
        self.sessions += usize::from(progress == Progress::Running);
        self.refusals += usize::from(matches!(shape.nla, Nla::Refused | Nla::Begun(2..)));
        self.first.get_or_insert(session.first.time);
        self.last = session.first.time;
        if let Some((_, request)) = session.request()
            && !self.offers.contains(&request.protocols.0)
            && self.offers.len() < 8
        {
            self.offers.push(request.protocols.0);
        }
    }

    /// Seconds between one connection and the next, on average.
    fn pace(&self) -> f64 {
        let span = self.first.map_or(0.0, |first| self.last.since(first));
        span / self.count.saturating_sub(1).max(1) as f64
    }
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

/// Connections of one client to one server.
#[derive(Debug, Default)]
struct Pair {
    /// How far each came, when it began, and which it is. Sorted, because a client may have a hundred thousand of them,
    /// and each asks for the others.
    tries: Vec<(Progress, Timestamp, usize)>,
    /// First frames of refused tries with TLS alone, by the time they began.
    probes: Vec<(Timestamp, FrameNumber)>,
    /// First frames of connections whose logon was refused, by the time they ended.
    refusals: Vec<(Timestamp, FrameNumber)>,
    visits: Visits,
}

/// All sessions of a capture, by who talks to whom.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    /// Packets that the capturing program lost.
    pub(super) dropped: u64,
    /// Names were looked up beside the sessions.
    has_names: bool,
    /// The last moment of the capture.
    end: Timestamp,
    /// What was said beside the sessions.
    pub(super) beside: Beside,
    /// Side channels over UDP, by the time of their first packets.
    side_channels: Map<(IpAddr, IpAddr), Vec<SideChannel>>,
    /// Connections that are one SYN and nothing else.
    lone_syns: usize,
    /// Connections that are one SYN, one answer, and nothing else.
    half_open: usize,
    /// Clients whose UDP side channel to a server was not answered, with the first frame of the attempt.
    knocked: Map<(IpAddr, IpAddr), FrameNumber>,
    members: Vec<Member>,
    /// Connections of a client to a server.
    pairs: Map<(IpAddr, Endpoint), Pair>,
    /// TTLs of a server's packets, and in how many connections that it accepted.
    ttls: Map<IpAddr, Vec<(u8, usize)>>,
    /// Connections that a client was answered by an address, by the time they began; where names were looked up.
    reached: Map<(IpAddr, IpAddr), Vec<(Timestamp, usize)>>,
    clients: Map<IpAddr, Habits>,
    /// Those who left right after the negotiation, by how far they came and why they were refused.
    leavers: Map<(Progress, Option<u32>), Leavers>,
    /// How each of them fared.
    pub(super) fates: Fates,
}

impl Crowd {
    /// Nobody yet; `dropped` packets were lost by the capturing program.
    pub(super) fn new(asides: &[Aside], dropped: u64, sessions: usize) -> Self {
        let has_names = asides.iter().any(|aside| aside.lookup().is_some());
        let mut crowd = Self { dropped, has_names, ..Self::default() };
        crowd.members.reserve_exact(sessions);
        crowd.fates.reserve(sessions);
        crowd
    }

    /// Takes note of the session with the next index.
    pub(super) fn note(&mut self, session: &Session, shape: &Shape) {
        let index = self.members.len();
        self.end = self.end.max(session.capture_end);
        if session.transport == Transport::Udp {
            self.note_side_channel(session);
        }
        self.lone_syns += usize::from(is_lone_syn(session));
        self.half_open += usize::from(is_half_open(session));
        let progress = Progress::of(session, shape);
        let ending = Ending::of(session);
        self.fates.note(session, shape, progress, &ending);
        let refused = session.negotiation_failure().map(|(_, code)| code.0);
        let server = session.server_side();
        let member = Member {
            start: session.first.time,
            end: session.last.time,
            progress,
            refused,
            server_ttl: (server.syn().is_some() && server.packets > 0).then_some(server.ttl),
            client: session.client,
            server: session.server,
        };
        let pair = self.pairs.entry((session.client.ip, session.server)).or_default();
        pair.visits.note(session, shape, progress);
        pair.tries.push((progress, member.start, index));
        if refused == Some(5) && session.request().is_some_and(|(_, request)| request.protocols.0 == 1) {
            pair.probes.push((member.start, session.first.frame));
        }
        if shape.nla == Nla::Refused {
            pair.refusals.push((member.end, session.first.frame));
        }
        if let Some(ttl) = member.server_ttl {
            let ttls = self.ttls.entry(session.server.ip).or_default();
            match ttls.iter_mut().find(|(other, _)| *other == ttl) {
                Some((_, count)) => *count += 1,
                None => ttls.push((ttl, 1)),
            }
        }
        if self.has_names && progress > Progress::Nothing {
            let addresses = (session.client.ip, session.server.ip);
            self.reached.entry(addresses).or_default().push((member.start, index));
        }
        if matches!(progress, Progress::Requested | Progress::Confirmed) && session.duration() < 5.0 {
            let leavers = self.leavers.entry((progress, refused)).or_default();
            *leavers.addresses.entry(session.client.ip).or_default() += 1;
            leavers.hints.insert(session.request().and_then(|(_, request)| request.cookie.clone()));
        }
        if ending.was_by(Direction::ClientToServer) && progress == Progress::Accepted {
            self.clients.entry(session.client.ip).or_default().note_silent(member.start);
        }
        self.members.push(member);
    }

    fn note_side_channel(&mut self, session: &Session) {
        if session.server_side().packets == 0 {
            self.knocked.entry((session.client.ip, session.server.ip)).or_insert(session.first.frame);
        }
        if let Some(channel) = SideChannel::of(session) {
            self.side_channels.entry((channel.client, channel.server)).or_default().push(channel);
        }
    }

    /// All are known, and so is what was said beside them; they are put in order.
    pub(super) fn settle(&mut self, asides: &[Aside]) {
        self.beside = Beside::of(asides, self.end);
        for pair in self.pairs.values_mut() {
            pair.tries.sort_unstable();
            pair.probes.sort_unstable();
            pair.refusals.sort_unstable();
        }
        self.reached.values_mut().for_each(|list| list.sort_unstable());
        self.side_channels.values_mut().for_each(|list| list.sort_by_key(|channel| channel.first.time));
        self.fates.settle();
    }

    /// How far the session came.
    pub(super) fn progress(&self, index: usize) -> Progress {
        self.members.get(index).map_or(Progress::Nothing, |member| member.progress)
    }

    /// A later connection of the same client to the same server, soon after, that went further.
    pub(super) fn went_further(&self, index: usize) -> Option<usize> {
        let own = self.members.get(index)?;
        let mut further = self.pairs.get(&(own.client.ip, own.server))?.tries.as_slice();
        let mut found: Option<(Timestamp, usize)> = None;
        let mut progress = own.progress;
        // Of each degree of progress beyond its own, the first that began later.
        loop {
            further = &further[further.partition_point(|(other, ..)| *other <= progress)..];
            let Some((next, ..)) = further.first() else { break };
            progress = *next;
            let later = further.partition_point(|(other, start, _)| (*other, *start) <= (progress, own.start));
            let first = further.get(later).filter(|(other, ..)| *other == progress);
            found = found.into_iter().chain(first.map(|(_, start, index)| (*start, *index))).min();
        }
        found.filter(|(start, _)| start.since(own.end) <= SAME_TRY).map(|(_, index)| index)
    }

    /// The first frame of the try with TLS alone that the Windows client makes when its logon failed for a reason that
    /// is not the account's, and that a server with NLA refuses with failure 5.
    pub(super) fn fallback_probe(&self, index: usize) -> Option<FrameNumber> {
        let own = self.members.get(index)?;
        let probes = &self.pairs.get(&(own.client.ip, own.server))?.probes;
        let (start, first) = probes.get(probes.partition_point(|(start, _)| *start < own.end))?;
        (start.since(own.end) <= FALLBACK).then_some(*first)
    }

    /// The first frame of the connection whose refused logon made this one a fallback probe.
    pub(super) fn refused_before(&self, index: usize) -> Option<FrameNumber> {
        let own = self.members.get(index)?;
        let refusals = &self.pairs.get(&(own.client.ip, own.server))?.refusals;
        let before = refusals.partition_point(|(end, _)| *end <= own.start);
        let (end, first) = refusals.get(before.checked_sub(1)?)?;
        (own.start.since(*end) <= FALLBACK).then_some(*first)
    }

    /// Whether so many sessions left in the same way at the same point that no person is behind this one.
    pub(super) fn is_one_of_many_leavers(&self, index: usize) -> bool {
        let Some(own) = self.members.get(index) else { return false };
        let Some(kind) = self.leavers.get(&(own.progress, own.refused)) else { return false };
        // People have names of their own; a scanner has a short list of them, or none.
        let nameless = kind.hints.len() * 5 <= kind.addresses.len();
        (kind.addresses.len() >= MANY && nameless)
            || kind.addresses.get(&own.client.ip).is_some_and(|count| *count >= MANY)
    }

    /// The next server of the same name that this client tried and reached.
    pub(super) fn reached_instead(&self, index: usize, lookup: &Lookup) -> Option<Endpoint> {
        let own = self.members.get(index)?;
        let addresses = lookup.addresses.iter().filter(|address| **address != own.server.ip);
        addresses.into_iter().find_map(|address| {
            let reached = self.reached.get(&(own.client.ip, *address))?;
            let (start, other) = reached.get(reached.partition_point(|(start, _)| *start < own.start))?;
            (start.since(own.start) <= SAME_TRY).then(|| self.members[*other].server)
        })
    }

    /// The side channels between the two that were opened while `session` ran.
    pub(super) fn side_channels(&self, session: &Session) -> impl Iterator<Item = &SideChannel> {
        let (client, server) = (session.client.ip, session.server.ip);
        let (first, last) = (session.first.time, session.last.time);
        let channels = self.side_channels.get(&(client, server)).map_or(&[][..], Vec::as_slice);
        let begin = channels.partition_point(|channel| channel.first.time < first);
        channels[begin..].iter().take_while(move |channel| channel.first.time <= last).take(CHANNELS)
    }

    /// The TTL of the server's packets in the other connections that it accepted, where it is the same in all.
    pub(super) fn server_ttl_elsewhere(&self, index: usize) -> Option<u8> {
        let own = self.members.get(index)?;
        let mut ttls: Vec<u8> = Vec::new();
        for (ttl, count) in self.ttls.get(&own.server.ip)? {
            if *count > usize::from(own.server_ttl == Some(*ttl)) {
                ttls.push(*ttl);
            }
        }
        (ttls.len() == 1).then(|| ttls[0])
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

    /// Whether connections of one SYN are common in this capture.
    pub(super) const fn has_many_lone_syns(&self) -> bool {
        self.lone_syns >= MANY
    }

    /// Whether connections that stop after the answer to their SYN are common in this capture.
    pub(super) const fn has_many_half_open(&self) -> bool {
        self.half_open >= MANY
    }

    /// Whether this client tries one security offer after the other on this server, quickly, and never wants a
    /// session: more than the three that a client falls back through.
    pub(super) fn is_prober(&self, session: &Session) -> bool {
        self.pairs.get(&(session.client.ip, session.server)).is_some_and(|Pair { visits, .. }| {
            let many = visits.offers.len() >= 4 || (visits.count >= 6 && visits.offers.len() >= 3);
            visits.sessions == 0 && many && visits.pace() < 2.0
        })
    }

    /// The logons that this client failed on this server, if it goes faster than a person types, or fails more often than
    /// a person tries.
    pub(super) fn guesses(&self, session: &Session) -> Option<Guesses> {
        let visits = &self.pairs.get(&(session.client.ip, session.server))?.visits;
        let hasty = visits.logons == 0 && visits.refusals >= GUESSES && visits.pace() < 15.0;
        let tireless = visits.refusals >= MANY && visits.logons * 10 < visits.refusals;
        let guessing = hasty || tireless;
        guessing.then(|| Guesses {
            refused: visits.refusals,
            accepted: visits.logons,
            seconds: visits.first.map_or(0.0, |first| visits.last.since(first)),
        })
    }
}
