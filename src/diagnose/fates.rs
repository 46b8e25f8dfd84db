//! How each session of a capture fared, for its neighbours: who died when, who was let in, whose certificate was taken.

mod company;
mod dismissed;
mod misfits;
mod translated;

use std::net::IpAddr;

use super::certificate::inspector;
use super::crowd::Progress;
use super::ending::Ending;
use super::map::{List, Map, clear_beyond};
use super::rolling::Rolling;
use super::shape::Shape;
use super::user;
use crate::frame::{FrameNumber, Timestamp};
use crate::session::{Control, Direction, Endpoint, Event, Phase, Seen, Session, SessionId, Transport};
use crate::tcp::side::Side;
use crate::tcp::stream::Mark;
use crate::wire::text::Text;
use company::{ADDRESSES, Company};
use dismissed::is_dismissed;
use misfits::Misfits;

/// Neighbours looked at for one question; a crowd is a crowd.
const ENOUGH: usize = 1000;
/// An entry this far from the end of a list is put in its place at once.
const NEAR: usize = 64;

/// What one session is to the others.
#[derive(Clone, Debug)]
pub(super) struct Fate {
    pub(super) id: SessionId,
    pub(super) client: Endpoint,
    pub(super) server: Endpoint,
    pub(super) first: Mark,
    /// What client and server began to count from.
    numbers: [Option<u32>; 2],
    /// The first act of ending, and whose it was.
    pub(super) act: Option<(Mark, Direction)>,
    /// It ran, and the server closed it without a farewell.
    pub(super) cut_by_server: bool,
    /// It ran, and the server ended it with an ultimatum.
    pub(super) dismissed: bool,
    /// Both sides were reset at that moment.
    pub(super) both_reset: bool,
    /// The server's reset answered the SYN.
    pub(super) refused: bool,
    /// The last that was heard of the client, when the server waits for it in vain.
    pub(super) client_lost: Option<Mark>,
    /// The last that was heard of the server, when the client waits for it in vain.
    pub(super) server_lost: Option<Mark>,
    /// When the user's session began.
    pub(super) running: Option<Mark>,
    /// The user's hint.
    pub(super) hint: Option<Text>,
    /// From the SYN to its answer; seconds.
    pub(super) round_trip: Option<f64>,
    /// Length of the ClientHello, if TLS came about with it; bytes.
    pub(super) hello: Option<u32>,
}

impl Fate {
    fn of(session: &Session, shape: &Shape, progress: Progress, ending: &Ending<'_>) -> Self {
        let server = session.server_side();
        let act = ending.act.map(|act| (act.mark(), act.direction));
        let goodbye =
            shape.farewell(Direction::ServerToClient).is_some() || session.timeline.seen().has(Seen::ULTIMATUM);
        let waits = |side: &Side| side.repeat().is_some_and(|repeat| repeat.count >= 3);
        let resets = |direction| session.resets().any(|(event, _)| event.direction == direction);
        Self {
            id: session.id,
            client: session.client,
            server: session.server,
            first: session.first,
            numbers: [session.client_side().initial(), server.initial()],
            act,
            cut_by_server: progress == Progress::Running && ending.was_by(Direction::ServerToClient) && !goodbye,
            dismissed: progress == Progress::Running && is_dismissed(session, shape),
            both_reset: resets(Direction::ClientToServer) && resets(Direction::ServerToClient),
            refused: server.syn().is_none() && session.accepted.is_none() && ending.was_by(Direction::ServerToClient),
            client_lost: session.last_alive(Direction::ClientToServer).filter(|_| waits(server)),
            server_lost: session.last_alive(Direction::ServerToClient).filter(|_| waits(session.client_side())),
            running: running_since(session, shape),
            hint: session.user_hint().cloned(),
            round_trip: session.rtt_server,
            hello: session.client_hello().filter(|_| shape.established).map(|(event, _)| event.length),
        }
    }

    fn each_frame(&mut self, change: &mut dyn FnMut(&mut FrameNumber)) {
        let act = self.act.as_mut().map(|(mark, _)| mark);
        let marks = [act, self.client_lost.as_mut(), self.server_lost.as_mut(), self.running.as_mut()];
        marks.into_iter().flatten().chain([&mut self.first]).for_each(|mark| change(&mut mark.frame));
    }
}

/// The frame with which a session began to be one: Client Info, or the first word in clear behind the connection.
fn running_since(session: &Session, shape: &Shape) -> Option<Mark> {
    let hidden = shape.records.iter().find(|record| record.phase == Phase::Rdp).map(|record| record.frame);
    let mut events = session.timeline.iter();
    events.find(|event| Some(event.frame) == hidden || event.phase == Phase::Rdp).map(Event::mark)
}

/// Sessions of one server.
#[derive(Debug, Default)]
struct Served {
    /// By the time of their first packet.
    starts: List<(Timestamp, usize)>,
    /// By the time of their end.
    ends: List<(Timestamp, usize)>,
}

/// Puts `entry` into a sorted list. Where it would stand far from the end it comes last: the list `is_mixed_up`.
pub(super) fn put<T: PartialOrd>(list: &mut List<T>, entry: T, is_mixed_up: &mut bool) {
    let later = list.iter().rev().take_while(|other| **other > entry).take(NEAR + 1).count();
    if later > NEAR {
        *is_mixed_up = true;
        list.push(entry);
    } else {
        list.insert(list.len() - later, entry);
    }
}

/// All fates, by what is asked of them.
#[derive(Debug, Default)]
pub(super) struct Fates {
    all: Rolling<Fate>,
    /// Sessions of a server.
    servers: Map<IpAddr, Served>,
    /// Sessions of a host by the time it was lost.
    lost: Map<IpAddr, List<(Timestamp, usize)>>,
    /// Some of these lists have to be put in order.
    is_mixed_up: bool,
    /// Quiet times behind which a connection was dead; seconds.
    quiet: Vec<(f64, usize)>,
    /// Clients that completed TLS with a server.
    served: Map<Endpoint, Company>,
    /// Servers with which a client completed TLS (by their address).
    reached: Map<IpAddr, Company>,
    /// Clients that took a certificate and went on.
    takers: Map<[u8; 32], Company>,
    /// The inspection product that issued a certificate, or none; worked out once for each.
    inspectors: Map<[u8; 32], Option<&'static str>>,
    /// Servers whose certificate begins after it was shown, with the frame that showed it.
    early: Map<Endpoint, FrameNumber>,
    /// These frames, in order.
    early_frames: Vec<FrameNumber>,
    /// Certificates of a server, each with the frame that showed it first.
    certificates: Map<Endpoint, Vec<([u8; 32], FrameNumber)>>,
    /// Servers whose key is another one than that of their certificate.
    misfits: Misfits,
    /// Clients with a smaller ClientHello that TLS came about with.
    hellos: Map<IpAddr, (u32, usize)>,
}

impl Fates {
    /// Makes room for so many.
    pub(super) fn reserve(&mut self, sessions: usize) {
        self.all.reserve(sessions);
    }

    /// Takes note of the session with the next index, as far as it went until now: it goes on.
    pub(super) fn note_running(&mut self, session: &Session, shape: &Shape, progress: Progress) {
        let fate = Fate::of(session, shape, progress, &Ending::of(session));
        self.note_with_hosts(session, shape, &fate);
        self.all.push(fate);
    }

    /// What was said of the running session with this `index` is taken back: there is more to say now.
    pub(super) fn take_back(&mut self, index: usize, session: &Session) {
        if let Some(served) = self.servers.get_mut(&session.server.ip) {
            served.starts.retain(|(_, other)| *other != index);
        }
    }

    /// Takes note of the session with the next index.
    pub(super) fn note(&mut self, session: &Session, shape: &Shape, progress: Progress, ending: &Ending<'_>) {
        let index = self.all.next();
        let fate = Fate::of(session, shape, progress, ending);
        let (client, server) = (fate.client.ip, fate.server);
        if let Some((_, certificate)) = session.certificate() {
            self.inspectors.entry(certificate.sha256).or_insert_with(|| inspector(certificate));
        }
        if session.transport == Transport::Tcp {
            self.note_with_hosts(session, shape, &fate);
            for (host, lost) in [(client, fate.client_lost), (server.ip, fate.server_lost)] {
                if let Some(lost) = lost {
                    put(self.lost.entry(host).or_default(), (lost.time, index), &mut self.is_mixed_up);
                }
            }
            if let Some(quiet) = session.quiet().filter(|quiet| is_dead_behind(session, quiet.after.time)) {
                self.quiet.push((quiet.seconds(), index));
            }
        }
        self.all.push(fate);
    }

    /// What the session with the next index is to the others of its server and its client, whether it is over or not.
    fn note_with_hosts(&mut self, session: &Session, shape: &Shape, fate: &Fate) {
        let index = self.all.next();
        let served = self.servers.entry(fate.server.ip).or_default();
        put(&mut served.starts, (fate.first.time, index), &mut self.is_mixed_up);
        if let Some((act, _)) = fate.act {
            put(&mut served.ends, (act.time, index), &mut self.is_mixed_up);
        }
        self.note_tls(session, shape, fate.client.ip);
        if let Some(length) = fate.hello {
            let least = self.hellos.entry(fate.client.ip).or_insert((length, index));
            *least = (*least).min((length, index));
        }
    }

    fn note_tls(&mut self, session: &Session, shape: &Shape, client: IpAddr) {
        if shape.established
            && let Some((hello, _)) = session.server_hello()
        {
            Company::add(&mut self.served, session.server, client, hello.frame);
            Company::add(&mut self.reached, client, session.server.ip, hello.frame);
        }
        let Some((event, certificate)) = session.certificate() else { return };
        let shown = self.certificates.entry(session.server).or_default();
        if shown.len() < ADDRESSES && !shown.iter().any(|(sha256, _)| *sha256 == certificate.sha256) {
            shown.push((certificate.sha256, event.frame));
        }
        self.misfits.note(session);
        if session.day_of(event).is_some_and(|day| certificate.is_early_at(day)) {
            self.early.entry(session.server).or_insert(event.frame);
        }
        // Whoever logs on has taken the certificate.
        let spoke = shape.records.iter().any(|record| {
            record.direction == Direction::ClientToServer
                && matches!(record.phase, Phase::Nla | Phase::Mcs | Phase::Rdp)
                && record.name != super::shape::name::CLOSE_NOTIFY
        });
        if spoke {
            Company::add(&mut self.takers, certificate.sha256, client, event.frame);
        }
    }

    /// Has every frame changed.
    pub(super) fn each_frame(&mut self, change: &mut dyn FnMut(&mut FrameNumber)) {
        self.misfits.each_frame(change);
        self.all.iter_mut().for_each(|fate| fate.each_frame(change));
        let companies = self.served.values_mut().chain(self.reached.values_mut()).chain(self.takers.values_mut());
        companies.flat_map(|company| &mut company.shown).for_each(|(_, frame)| change(frame));
        self.certificates.values_mut().flatten().for_each(|(_, frame)| change(frame));
        self.early.values_mut().for_each(change);
    }

    /// They are put in order.
    pub(super) fn settle(&mut self) {
        if std::mem::take(&mut self.is_mixed_up) {
            let served = self.servers.values_mut().flat_map(|served| [&mut served.starts, &mut served.ends]);
            served.chain(self.lost.values_mut()).for_each(|list| list.sort_unstable());
        }
        self.quiet.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        self.early_frames = self.early.values().copied().collect();
        self.early_frames.sort_unstable();
    }

    /// Forgets those before `first`. What they add up to stays, unless there is more of a kind than `limit`.
    pub(super) fn forget(&mut self, first: usize, limit: usize) {
        self.all.forget(first);
        let is_known = |index: usize| index >= first;
        self.servers.retain(|_, served| {
            served.starts.retain(|(_, index)| is_known(*index));
            served.ends.retain(|(_, index)| is_known(*index));
            !served.starts.is_empty()
        });
        self.lost.retain(|_, list| {
            list.retain(|(_, index)| is_known(*index));
            !list.is_empty()
        });
        self.quiet.retain(|(_, index)| is_known(*index));
        self.hellos.retain(|_, (_, index)| is_known(*index));
        clear_beyond(&mut self.reached, limit, Company::len);
        clear_beyond(&mut self.served, limit, Company::len);
        clear_beyond(&mut self.takers, limit, Company::len);
        clear_beyond(&mut self.certificates, limit, Vec::len);
        clear_beyond(&mut self.early, limit, |_| 1);
        clear_beyond(&mut self.inspectors, limit, |_| 1);
        self.misfits.forget(limit);
    }

    /// The frame that shows, in another session, that this server signs with another key than that of this certificate.
    pub(super) fn misfit(&self, server: Endpoint, sha256: &[u8; 32]) -> Option<FrameNumber> {
        self.misfits.of(server, sha256)
    }

    pub(super) fn of(&self, index: usize) -> Option<&Fate> {
        self.all.get(index)
    }

    /// Entries of a sorted list from `from` to `to`, both included.
    fn between<'a>(
        &'a self,
        list: Option<&'a List<(Timestamp, usize)>>,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = (usize, &'a Fate)> {
        let list = list.map_or(&[][..], List::as_slice);
        let begin = list.partition_point(|(time, _)| *time < from);
        let found = list[begin..].iter().take_while(move |(time, _)| *time <= to).take(ENOUGH);
        found.filter_map(|(_, index)| Some((*index, self.all.get(*index)?)))
    }

    /// Sessions of the same server that ended within a second of `at`, the one with `index` apart.
    pub(super) fn ended_with(&self, index: usize, server: IpAddr, at: Timestamp) -> impl Iterator<Item = &Fate> {
        self.between(self.servers.get(&server).map(|served| &served.ends), shifted(at, -1.0), shifted(at, 1.0))
            .filter(move |other| self.is_another(index, *other))
            .map(|(_, fate)| fate)
    }

    /// Sessions of the same server that began within `seconds` after `at`.
    pub(super) fn began_after(&self, server: IpAddr, at: Timestamp, seconds: f64) -> impl Iterator<Item = &Fate> {
        let from = Timestamp(at.0.saturating_add(1));
        self.between(self.servers.get(&server).map(|served| &served.starts), from, shifted(at, seconds))
            .map(|(_, fate)| fate)
    }

    /// Whether a session of this client with this server lasted at that moment.
    pub(super) fn is_there(&self, server: IpAddr, client: IpAddr, at: Timestamp) -> bool {
        let lasts = |fate: &Fate| fate.client.ip == client && fate.act.is_none_or(|(end, _)| end.time > at);
        self.latest(server, at).any(lasts)
    }

    /// Sessions of this server that had begun at that moment, the latest first.
    fn latest(&self, server: IpAddr, at: Timestamp) -> impl Iterator<Item = &Fate> {
        let starts = self.servers.get(&server).map_or(&[][..], |served| &served.starts);
        let begun = &starts[..starts.partition_point(|(time, _)| *time <= at)];
        begun.iter().rev().take(ENOUGH).filter_map(|(_, index)| self.of(*index))
    }

    /// Other sessions that lost the same host within a second of `at`.
    pub(super) fn lost_with(&self, index: usize, host: IpAddr, at: Timestamp) -> impl Iterator<Item = &Fate> {
        self.between(self.lost.get(&host), shifted(at, -1.0), shifted(at, 1.0))
            .filter(move |other| self.is_another(index, *other))
            .map(|(_, fate)| fate)
    }

    /// Other sessions that were dead behind a quiet of the same length.
    pub(super) fn quiet_as_long(&self, index: usize, seconds: f64) -> impl Iterator<Item = &Fate> {
        let width = (seconds * 0.01).max(1.0);
        let begin = self.quiet.partition_point(|(other, _)| *other < seconds - width);
        let near = self.quiet[begin..].iter().take_while(|(other, _)| *other <= seconds + width);
        let mut near: Vec<usize> = near.map(|(_, at)| *at).take(ENOUGH).collect();
        near.sort_unstable();
        let near = near.into_iter().filter_map(|at| Some((at, self.all.get(at)?)));
        near.filter(move |other| self.is_another(index, *other)).map(|(_, fate)| fate)
    }

    /// Who completed TLS with this server.
    pub(super) fn served(&self, server: Endpoint) -> Option<&Company> {
        self.served.get(&server)
    }

    /// The servers with which this client completed TLS.
    pub(super) fn reached(&self, client: IpAddr) -> Option<&Company> {
        self.reached.get(&client)
    }

    /// The inspection product that issued the certificate with this fingerprint.
    pub(super) fn inspector(&self, sha256: &[u8; 32]) -> Option<&'static str> {
        self.inspectors.get(sha256).copied().flatten()
    }

    /// Who took this certificate and went on.
    pub(super) fn takers(&self, sha256: &[u8; 32]) -> Option<&Company> {
        self.takers.get(sha256)
    }

    /// Whether this client took this certificate and went on.
    pub(super) fn has_taken(&self, sha256: &[u8; 32], client: IpAddr) -> bool {
        self.takers.get(sha256).is_some_and(|company| company.members.contains(&client))
    }

    /// Another certificate of the same server: the frame that showed it first.
    pub(super) fn other_certificate(&self, server: Endpoint, sha256: &[u8; 32]) -> Option<FrameNumber> {
        self.certificates.get(&server)?.iter().find(|(other, _)| other != sha256).map(|(_, frame)| *frame)
    }

    /// Frames that show certificates of several servers before they begin; `None` when fewer than two do.
    pub(super) fn early_certificates(&self) -> Option<&[FrameNumber]> {
        Some(self.early_frames.as_slice()).filter(|frames| frames.len() >= 2)
    }

    /// The shortest round trip between the addresses of two hosts, with the frame of its SYN; seconds.
    pub(super) fn round_trip(&self, client: IpAddr, server: IpAddr) -> Option<(f64, FrameNumber)> {
        let all = self.servers.get(&server)?.starts.iter().take(ENOUGH).filter_map(|(_, index)| self.all.get(*index));
        let of_client = all.filter(|fate| fate.client.ip == client);
        of_client.filter_map(|fate| Some((fate.round_trip?, fate.first.frame))).min_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// Another session that took the server's user over: it began to run within `seconds` before `at`, from elsewhere, or for
    /// the same user, who may have two windows at one desk.
    pub(super) fn took_over(&self, own: &Fate, at: Timestamp, seconds: f64) -> Option<&Fate> {
        // A logon takes a while; the connection began before it.
        let begun =
            self.between(self.servers.get(&own.server.ip).map(|served| &served.starts), shifted(at, -120.0), at);
        begun.map(|(_, fate)| fate).find(|other| {
            let late = other.running.is_some_and(|since| (0.0..=seconds).contains(&at.since(since.time)));
            let outlives = other.act.is_none_or(|(end, _)| end.time > at);
            let may_take = || other.client.ip != own.client.ip || user::are_one(own.hint.as_ref(), other.hint.as_ref());
            late && outlives
                && other.server == own.server
                && other.id != own.id
                && !own.is_one_with(other)
                && may_take()
        })
    }

    /// The shortest ClientHello of this client that TLS came about with, and its session.
    pub(super) fn smaller_hello(&self, client: IpAddr, length: u64) -> Option<(u32, &Fate)> {
        let (least, index) = *self.hellos.get(&client)?;
        Some((least, self.all.get(index)?)).filter(|_| u64::from(least) < length)
    }
}

fn shifted(time: Timestamp, seconds: f64) -> Timestamp {
    Timestamp(time.0.saturating_add((seconds * 1e9) as i64))
}

/// Whether nothing but an end came of the packets at `time` and behind it.
fn is_dead_behind(session: &Session, time: Timestamp) -> bool {
    let lived = session.sides.iter().all(|side| side.last_alive().is_some_and(|alive| alive.time >= time));
    let ended = session.timeline.iter().any(|event| {
        event.time >= time
            && matches!(event.control(), Some(Control::Rst(_) | Control::Retransmission(_) | Control::KeepAlive))
    });
    !lived && ended
}
