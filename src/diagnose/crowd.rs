//! What the other sessions of a capture say about one: the same client trying again, a hundred others doing the same.

mod progress;
mod visits;

use std::net::IpAddr;

use super::beside::Beside;
use super::ending::Ending;
use super::fates::Fates;
use super::map::{Map, Set, clear_beyond};
use super::rolling::Rolling;
use super::shape::{Nla, Shape};
use super::side_channel::SideChannel;
use super::user;
use crate::frame::{FrameNumber, Timestamp};
use crate::session::aside::{Aside, Lookup};
use crate::session::{Direction, Endpoint, Session, Transport};
use crate::wire::text::Text;
pub(super) use progress::{Progress, is_half_open, is_lone_syn};
pub(super) use visits::{Guesses, Probes};
use visits::{Habits, Leavers, MANY, Pair};

/// How long after one connection the next one still belongs to the same try; seconds.
const SAME_TRY: f64 = 120.0;
/// How long after a refused logon the Windows client tries other security by itself; seconds.
const FALLBACK: f64 = 3.0;
/// Connections of others behind the same address that are looked at for the next one of a user.
const USERS: usize = 32;
/// Side channels of one session that are looked at.
const CHANNELS: usize = 1000;
/// What is known by address is forgotten as a whole when there are so many for each session that is remembered.
const CROWDED: usize = 2;

/// So many sessions that lack packets, and one in twenty, are no accident.
const LOSSY: usize = 3;

/// What the crowd knows of one session.
#[derive(Clone, Debug)]
struct Member {
    start: Timestamp,
    end: Timestamp,
    progress: Progress,
    refused: Option<u32>,
    server_ttl: Option<u8>,
    /// The user hint of its request.
    user: Option<Text>,
    client: Endpoint,
    server: Endpoint,
}

impl Member {
    fn of(session: &Session, progress: Progress) -> Self {
        let server = session.server_side();
        Self {
            start: session.first.time,
            end: session.last.time,
            progress,
            refused: session.negotiation_failure().map(|(_, code)| code.0),
            server_ttl: (server.syn().is_some() && server.packets > 0).then_some(server.ttl),
            user: session.user_hint().cloned(),
            client: session.client,
            server: session.server,
        }
    }
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
    /// Sessions of which packets are missing that were received.
    lacking: usize,
    /// Those that were not answered: when each was first tried, and with which frame.
    knocked: Map<(IpAddr, IpAddr), Vec<(Timestamp, FrameNumber)>>,
    members: Rolling<Member>,
    /// Connections of a client to a server.
    pairs: Map<(IpAddr, Endpoint), Pair>,
    /// Those of them that have to be put in order.
    mixed_up: Vec<(IpAddr, Endpoint)>,
    /// TTLs of a server's packets, and in how many connections that it accepted.
    ttls: Map<IpAddr, Vec<(u8, usize)>>,
    /// Servers whose packets were captured twice.
    doubled: Set<IpAddr>,
    /// Connections that a client was answered by an address, by the time they began; where names were looked up.
    reached: Map<(IpAddr, IpAddr), Vec<(Timestamp, usize)>>,
    clients: Map<IpAddr, Habits>,
    /// Those who ask a server for no user, look at its confirm or at its TLS, and go.
    watchers: Map<(IpAddr, Endpoint), Habits>,
    /// Those who left right after the negotiation, by how far they came and why they were refused.
    leavers: Map<(Progress, Option<u32>), Leavers>,
    /// How each of them fared.
    pub(super) fates: Fates,
}

impl Crowd {
    /// Nobody yet; `dropped` packets were lost by the capturing program.
    pub(super) fn new(asides: &[Aside], dropped: u64, sessions: usize) -> Self {
        let mut crowd = Self::default();
        crowd.hear(asides, dropped);
        crowd.members.reserve(sessions);
        crowd.fates.reserve(sessions);
        crowd
    }

    /// Before sessions are noted: what was said beside them so far, and how many packets were lost.
    pub(super) fn hear(&mut self, asides: &[Aside], dropped: u64) {
        self.dropped = dropped;
        self.has_names |= asides.iter().any(|aside| aside.lookup().is_some());
    }

    /// Takes note of a `session` that goes on, as far as it went until now; answers its index. It is company for those that
    /// end meanwhile, and counts nowhere.
    pub(super) fn note_running(&mut self, session: &Session, shape: &Shape) -> usize {
        let progress = Progress::of(session, shape);
        self.fates.note_running(session, shape, progress);
        self.enlist(Member::of(session, progress), |_| ())
    }

    /// What was said of the running `session` with this `index` is taken back: there is more to say now.
    pub(super) fn take_back(&mut self, index: usize, session: &Session) {
        self.fates.take_back(index, session);
        if let Some(pair) = self.pairs.get_mut(&(session.client.ip, session.server)) {
            pair.tries.retain(|(.., other)| *other != index);
        }
        if let Some(list) = self.reached.get_mut(&(session.client.ip, session.server.ip)) {
            list.retain(|(_, other)| *other != index);
        }
    }

    /// A member more, found by who talks to whom, and `more` to say of the two; answers its index.
    fn enlist(&mut self, member: Member, more: impl FnOnce(&mut Pair)) -> usize {
        let index = self.members.next();
        let pair = self.pairs.entry((member.client.ip, member.server)).or_default();
        let was_mixed_up = pair.is_mixed_up;
        more(pair);
        pair.note_try(member.progress, member.start, index);
        if pair.is_mixed_up && !was_mixed_up {
            self.mixed_up.push((member.client.ip, member.server));
        }
        if self.has_names && member.progress > Progress::Nothing {
            let addresses = (member.client.ip, member.server.ip);
            self.reached.entry(addresses).or_default().push((member.start, index));
        }
        self.members.push(member);
        index
    }

    /// Takes note of `session`; answers its index.
    pub(super) fn note(&mut self, session: &Session, shape: &Shape) -> usize {
        self.end = self.end.max(session.capture_end);
        if session.transport == Transport::Udp {
            self.note_side_channel(session);
        }
        self.lone_syns += usize::from(is_lone_syn(session));
        self.half_open += usize::from(is_half_open(session));
        self.lacking += usize::from(session.lacks_packets());
        let progress = Progress::of(session, shape);
        let ending = Ending::of(session);
        self.fates.note(session, shape, progress, &ending);
        let member = Member::of(session, progress);
        let Member { start, end, refused, server_ttl, .. } = member;
        let index = self.enlist(member, |pair| {
            pair.visits.note(session, shape, progress);
            if refused == Some(5) && session.request().is_some_and(|(_, request)| request.protocols.0 == 1) {
                pair.note_probe(start, session.first.frame);
            }
            if shape.nla == Nla::Refused {
                pair.note_refusal(end, session.first.frame);
            }
        });
        if let Some(ttl) = server_ttl {
            let ttls = self.ttls.entry(session.server.ip).or_default();
            match ttls.iter_mut().find(|(other, _)| *other == ttl) {
                Some((_, count)) => *count += 1,
                None => ttls.push((ttl, 1)),
            }
            if session.is_captured_twice() {
                self.doubled.insert(session.server.ip);
            }
        }
        if matches!(progress, Progress::Requested | Progress::Confirmed) && session.duration() < 5.0 {
            let leavers = self.leavers.entry((progress, refused)).or_default();
            leavers.note(session.client.ip, session.server.ip, session.user_hint());
        }
        if ending.was_by(Direction::ClientToServer) && progress == Progress::Accepted {
            self.clients.entry(session.client.ip).or_default().note(start);
        }
        let is_look = ending.was_by(Direction::ClientToServer) && is_nameless_look(session, progress);
        if is_look || is_bare_look(session, progress) {
            self.watchers.entry((session.client.ip, session.server)).or_default().note(start);
        }
        index
    }

    fn note_side_channel(&mut self, session: &Session) {
        if session.server_side().packets == 0 {
            let knocks = self.knocked.entry((session.client.ip, session.server.ip)).or_default();
            knocks.push((session.first.time, session.first.frame));
        }
        if let Some(channel) = SideChannel::of(session) {
            self.side_channels.entry((channel.client, channel.server)).or_default().push(channel);
        }
    }

    /// All are known, and so is what was said beside them; they are put in order.
    pub(super) fn settle(&mut self, asides: &[Aside]) {
        self.beside = Beside::of(asides, self.end);
        for ends in self.mixed_up.drain(..) {
            if let Some(pair) = self.pairs.get_mut(&ends) {
                pair.sort();
            }
        }
        self.reached.values_mut().for_each(|list| list.sort());
        self.side_channels.values_mut().for_each(|list| list.sort_by_key(|channel| channel.first.time));
        self.knocked.values_mut().for_each(|list| list.sort_unstable());
        self.fates.settle();
    }

    /// Has every frame changed.
    pub(super) fn each_frame(&mut self, change: &mut dyn FnMut(&mut FrameNumber)) {
        self.side_channels.values_mut().flatten().for_each(|channel| channel.each_frame(change));
        self.knocked.values_mut().flatten().for_each(|(_, frame)| change(frame));
        self.pairs.values_mut().for_each(|pair| pair.each_frame(change));
        self.fates.each_frame(change);
    }

    /// The index of the first that is remembered.
    pub(super) const fn first(&self) -> usize {
        self.members.first()
    }

    /// The index that the next one gets.
    pub(super) fn next(&self) -> usize {
        self.members.next()
    }

    /// Forgets the sessions before the one with index `first`. What they add up to stays, unless there is too much of it.
    pub(super) fn forget(&mut self, first: usize) {
        let Some(since) =
            self.members.get(first).map(|member| Timestamp(member.start.0.saturating_sub((FALLBACK * 1e9) as i64)))
        else {
            return;
        };
        self.members.forget(first);
        let limit = CROWDED * self.members.len();
        self.fates.forget(first, limit);
        let is_crowded = self.pairs.len() > limit;
        self.pairs.retain(|_, pair| {
            pair.forget(first, since);
            !is_crowded || !pair.tries.is_empty()
        });
        self.reached.retain(|_, list| {
            list.retain(|(_, index)| *index >= first);
            !list.is_empty()
        });
        if self.side_channels.values().map(Vec::len).sum::<usize>() > limit {
            self.side_channels.retain(|_, list| {
                list.retain(|channel| channel.first.time >= since);
                !list.is_empty()
            });
        }
        clear_beyond(&mut self.knocked, limit, Vec::len);
        clear_beyond(&mut self.ttls, limit, |_| 1);
        if self.doubled.len() > limit {
            self.doubled.clear();
        }
        clear_beyond(&mut self.leavers, limit, Leavers::len);
        if self.clients.len() > limit {
            self.clients.retain(|_, habits| habits.are_even());
        }
        if self.watchers.len() > limit {
            self.watchers.retain(|_, habits| habits.are_clockwork());
        }
    }

    /// How far the session came.
    pub(super) fn progress(&self, index: usize) -> Progress {
        self.members.get(index).map_or(Progress::Nothing, |member| member.progress)
    }

    /// A later connection of the same client to the same server, soon after, that went further; not of another user, where
    /// several share an address.
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
            let alike = further[later..].iter().take(USERS).take_while(|(other, ..)| *other == progress);
            let mut of_user = alike.filter(|(.., index)| self.may_be_one_user(own, *index));
            let first = of_user.next();
            found = found.into_iter().chain(first.map(|(_, start, index)| (*start, *index))).min();
        }
        found.filter(|(start, _)| start.since(own.end) <= SAME_TRY).map(|(_, index)| index)
    }

    fn may_be_one_user(&self, own: &Member, other: usize) -> bool {
        user::may_be_one(own.user.as_ref(), self.members.get(other).and_then(|member| member.user.as_ref()))
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
        self.leavers
            .get(&(own.progress, own.refused))
            .is_some_and(|kind| kind.are_many(own.client.ip, own.user.as_ref()))
    }

    /// The next server of the same name that this client tried and reached.
    pub(super) fn reached_instead(&self, index: usize, lookup: &Lookup) -> Option<Endpoint> {
        let own = self.members.get(index)?;
        let addresses = lookup.addresses.iter().filter(|address| **address != own.server.ip);
        addresses.into_iter().find_map(|address| {
            let reached = self.reached.get(&(own.client.ip, *address))?;
            let (start, other) = reached.get(reached.partition_point(|(start, _)| *start < own.start))?;
            let is_soon = start.since(own.start) <= SAME_TRY;
            self.members.get(*other).filter(|_| is_soon).map(|member| member.server)
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

    /// Whether packets of accepted connections to this server come by twice: into the device that captures, and out of it.
    pub(super) fn passes_twice(&self, server: IpAddr) -> bool {
        self.doubled.contains(&server)
    }

    /// The first frame of a UDP side channel between the two that was tried while `session` ran and not answered, if no other
    /// one was.
    pub(super) fn udp_unanswered(&self, session: &Session) -> Option<FrameNumber> {
        let knocks = self.knocked.get(&(session.client.ip, session.server.ip))?;
        let begin = knocks.partition_point(|(time, _)| *time < session.first.time);
        let (_, frame) = knocks.get(begin).filter(|(time, _)| *time <= session.last.time)?;
        self.side_channels(session).next().is_none().then_some(*frame)
    }

    /// Whether this client knocks in even intervals, as a load balancer or monitor does.
    pub(super) fn is_health_check(&self, client: IpAddr) -> bool {
        self.clients.get(&client).is_some_and(Habits::are_even)
    }

    /// Whether this client looks at this server's TLS, or for its confirm, in even intervals, as a monitor does.
    pub(super) fn is_watcher(&self, session: &Session) -> bool {
        self.watchers.get(&(session.client.ip, session.server)).is_some_and(Habits::are_clockwork)
    }

    /// Whether connections of one SYN are common in this capture.
    pub(super) const fn has_many_lone_syns(&self) -> bool {
        self.lone_syns >= MANY
    }

    /// Whether connections that stop after the answer to their SYN are common in this capture.
    pub(super) const fn has_many_half_open(&self) -> bool {
        self.half_open >= MANY
    }

    /// How many sessions lack packets, if those are enough to doubt what others seem to lack.
    pub(super) fn lacking(&self) -> Option<usize> {
        let is_lossy = self.lacking >= LOSSY && self.lacking * 20 >= self.next();
        is_lossy.then_some(self.lacking)
    }

    /// What this client tries out, if it only wants to know what this server offers.
    pub(super) fn probes(&self, session: &Session) -> Option<Probes> {
        self.pairs.get(&(session.client.ip, session.server))?.visits.probes()
    }

    /// The logons that this client failed on this server, if no person is behind them.
    pub(super) fn guesses(&self, session: &Session) -> Option<Guesses> {
        self.pairs.get(&(session.client.ip, session.server))?.visits.guesses()
    }
}

/// Whether it came as far as TLS without naming a user. Who logs on names one, or sends logon data.
pub(super) fn is_nameless_look(session: &Session, progress: Progress) -> bool {
    matches!(progress, Progress::Hello | Progress::Established)
        && session.request().is_some_and(|(_, request)| request.cookie.is_none())
}

/// Whether it asked for nothing and nobody (the request of eleven bytes that monitors send, such as check_x224), was
/// answered, and left it at that.
pub(super) fn is_bare_look(session: &Session, progress: Progress) -> bool {
    let Some((asked, request)) = session.request() else { return false };
    let is_bare = request.cookie.is_none() && request.routing_token.is_none() && request.flags.is_none();
    is_bare && progress == Progress::Confirmed && !session.said_more_than(asked)
}
