//! What one client does, and what it does with one server.

use std::net::IpAddr;
use std::num::NonZeroU32;

use super::progress::Progress;
use crate::diagnose::fates::put;
use crate::diagnose::map::{List, Map};
use crate::diagnose::shape::{Nla, Shape};
use crate::frame::{FrameNumber, Timestamp};
use crate::session::Session;
use crate::wire::text::Text;
use crate::wire::tls_fingerprint::{fnv, offer_mark};

/// Refused logons in a row that make a guessing machine.
const GUESSES: usize = 5;
/// Sessions of one kind from this many addresses, or this many from one address that do not all ask one server for one
/// user, make a scan of each of them.
pub(super) const MANY: usize = 20;
/// So many security offers make a probe of what a server takes.
const OFFERS: usize = 4;
/// So many offers of TLS do: one more than a client makes that falls back from TLS 1.3 to SSL 3.0.
const HELLOS: usize = 6;
/// Who tries one TLS offer after the other needs no longer for one; seconds.
const TLS_PACE: f64 = 10.0;
/// Even pauses differ by no more than this factor.
const UNEVEN: f64 = 1.5;
/// Probes and refusals that are remembered beyond the sessions themselves.
const KEPT: usize = 1024;
/// Addresses and names of one kind of leavers that are told apart.
const LEAVERS: usize = 4096;
/// A name that so many addresses ask for is nobody's own.
const SHARED: usize = 3;

/// What one client does.
#[derive(Clone, Debug, Default)]
pub(super) struct Habits {
    /// Visits of one kind, such as those without a word, and when the last of them began.
    count: usize,
    last: Option<Timestamp>,
    /// Shortest and longest pause between two of them, the odd ones apart; seconds.
    pauses: Option<(f64, f64)>,
    /// Pauses that do not fit the others.
    odd: usize,
}

/// Connections that ended right after the negotiation in the same way.
#[derive(Debug, Default)]
pub(super) struct Leavers {
    addresses: Map<IpAddr, Leaver>,
    /// How many of them asked for each name.
    hints: Map<Option<Text>, usize>,
    /// Those who asked for a name in a domain.
    people: usize,
}

/// One client among them.
#[derive(Debug)]
struct Leaver {
    count: usize,
    /// The server and the user hint of its first connection.
    first: (IpAddr, Option<Text>),
    /// Others had another server, or another hint.
    varies: bool,
}

impl Leaver {
    /// A program that tries again and again asks one server for one user.
    const fn is_scanner(&self) -> bool {
        self.count >= MANY && (self.varies || self.first.1.is_none())
    }
}

impl Leavers {
    pub(super) fn note(&mut self, client: IpAddr, server: IpAddr, hint: Option<&Text>) {
        let mut is_new = false;
        if let Some(leaver) = self.addresses.get_mut(&client) {
            leaver.count += 1;
            is_new = leaver.first.1.as_ref() != hint;
            leaver.varies |= is_new || leaver.first.0 != server;
        } else if self.addresses.len() < LEAVERS {
            let leaver = Leaver { count: 1, first: (server, hint.cloned()), varies: false };
            self.addresses.insert(client, leaver);
            is_new = true;
        }
        if is_new && is_in_domain(hint) {
            self.people += 1;
        } else if is_new && self.hints.len() < LEAVERS {
            *self.hints.entry(hint.cloned()).or_default() += 1;
        }
    }

    /// Whether so many left that no person is behind `client`, who asked for this name.
    pub(super) fn are_many(&self, client: IpAddr, hint: Option<&Text>) -> bool {
        // People have names of their own; a scanner has a short list of them, or none.
        let nameless = (self.hints.len() + self.people) * 5 <= self.addresses.len();
        let is_shared = || hint.is_none() || self.hints.get(&hint.cloned()).is_some_and(|count| *count >= SHARED);
        let is_stranger = !is_of_the_house(client) && !is_in_domain(hint);
        (self.addresses.len() >= MANY && nameless && is_stranger && is_shared())
            || self.addresses.get(&client).is_some_and(Leaver::is_scanner)
    }

    /// Addresses and names that are remembered.
    pub(super) fn len(&self) -> usize {
        self.addresses.len() + self.hints.len()
    }
}

/// Private addresses (RFC 1918, RFC 4193): where many of them ask for one name it is rather that of a kiosk, and they are
/// refused together. A scanner inside has one address.
const fn is_of_the_house(client: IpAddr) -> bool {
    match client {
        IpAddr::V4(client) => client.is_private() || client.is_link_local(),
        IpAddr::V6(client) => client.is_unique_local() || client.is_unicast_link_local(),
    }
}

/// Of a name in a domain the Windows client sends nine characters, and all of `CORP\...` seem to be of one name.
fn is_in_domain(hint: Option<&Text>) -> bool {
    hint.is_some_and(|hint| hint.raw().contains('\\'))
}

/// What one client does with one server.
#[derive(Clone, Debug, Default)]
pub(super) struct Visits {
    /// Security offers made, each once, the first of them.
    offers: [Option<u32>; OFFERS],
    /// Marks of its ClientHellos, the same, as long as it was not let in.
    hellos: [Option<NonZeroU32>; HELLOS],
    /// For more than one user, or for one and for none.
    users: Users,
    /// Connections, how many of them were let in, and how many came to a session.
    count: usize,
    logons: usize,
    sessions: usize,
    /// Logons that were not accepted.
    refusals: usize,
    first: Option<Timestamp>,
    last: Timestamp,
}

/// For whom a client asks.
#[derive(Clone, Debug, Default)]
enum Users {
    #[default]
    Unknown,
    /// A mark of the hint, where there is one.
    One(Option<u32>),
    Several,
}

impl Users {
    fn note(&mut self, hint: Option<&Text>) {
        let hint = hint.map(|hint| fnv(hint.raw().bytes().map(u32::from)));
        match self {
            Self::Unknown => *self = Self::One(hint),
            Self::One(one) if *one != hint => *self = Self::Several,
            Self::One(_) | Self::Several => {}
        }
    }
}

/// What a client tries out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnose) enum Probes {
    /// Security protocols of RDP.
    Security,
    /// Versions and ciphers of TLS.
    Tls,
}

/// Logons of one client on one server.
pub(in crate::diagnose) struct Guesses {
    pub(in crate::diagnose) refused: usize,
    pub(in crate::diagnose) accepted: usize,
    pub(in crate::diagnose) seconds: f64,
}

impl Visits {
    pub(super) fn note(&mut self, session: &Session, shape: &Shape, progress: Progress) {
        self.count += 1;
        self.logons += usize::from(progress >= Progress::LoggedOn);
        self.sessions += usize::from(progress == Progress::Running);
        self.refusals += usize::from(matches!(shape.nla, Nla::Refused | Nla::Begun(2..)));
        let start = session.first.time;
        self.first = Some(self.first.map_or(start, |first| first.min(start)));
        self.last = self.last.max(start);
        if let Some((_, request)) = session.request() {
            note_once(&mut self.offers, request.protocols.0);
            self.users.note(request.cookie.as_ref());
        }
        if self.may_try_offers()
            && let Some((_, hello)) = session.client_hello()
        {
            note_once(&mut self.hellos, offer_mark(hello));
        }
    }

    /// Whether all it does may be to try what the server takes: it was never let in, and asks for nobody else.
    const fn may_try_offers(&self) -> bool {
        self.logons == 0 && !matches!(self.users, Users::Several)
    }

    /// Seconds between one connection and the next, on average.
    fn pace(&self) -> f64 {
        let span = self.first.map_or(0.0, |first| self.last.since(first));
        span / self.count.saturating_sub(1).max(1) as f64
    }

    /// What it tries, one offer after the other, quickly, if it never wants a session: more than the three that a client
    /// falls back through.
    pub(super) fn probes(&self) -> Option<Probes> {
        let offers = self.offers.iter().flatten().count();
        let many = offers >= OFFERS || (self.count >= 6 && offers >= 3);
        if self.sessions == 0 && many && self.pace() < 2.0 {
            return Some(Probes::Security);
        }
        // Programs of several users behind one address have offers of their own, too.
        let hellos = self.hellos.iter().flatten().count();
        (self.may_try_offers() && hellos >= HELLOS && self.pace() < TLS_PACE).then_some(Probes::Tls)
    }

    /// The logons that failed, if they come faster than a person types, or fail more often than a person tries.
    pub(super) fn guesses(&self) -> Option<Guesses> {
        let hasty = self.logons == 0 && self.refusals >= GUESSES && self.pace() < 15.0;
        let tireless = self.refusals >= MANY && self.logons * 10 < self.refusals;
        (hasty || tireless).then(|| Guesses {
            refused: self.refusals,
            accepted: self.logons,
            seconds: self.first.map_or(0.0, |first| self.last.since(first)),
        })
    }
}

/// In the place of the same one, or in the first that is free.
fn note_once<T: Copy + PartialEq>(known: &mut [Option<T>], new: T) {
    if let Some(place) = known.iter_mut().find(|known| known.is_none_or(|known| known == new)) {
        *place = Some(new);
    }
}

impl Habits {
    pub(super) fn note(&mut self, start: Timestamp) {
        // One that is heard of late says nothing of the pauses between the others.
        if self.last.is_some_and(|last| start < last) {
            return;
        }
        self.count += 1;
        if let Some(last) = self.last.replace(start) {
            let pause = start.since(last);
            let (least, most) = self.pauses.unwrap_or((pause, pause));
            let (least, most) = (least.min(pause), most.max(pause));
            if most <= least * UNEVEN {
                self.pauses = Some((least, most));
            } else {
                self.odd += 1;
            }
        }
    }

    /// Whether visits that came as far as TLS are as even as only a clock makes them.
    pub(super) fn are_clockwork(&self) -> bool {
        const UNEVEN: f64 = 1.1;
        self.count >= 5
            && self.odd * 10 <= self.count
            && self.pauses.is_some_and(|(least, most)| least >= 5.0 && most <= least * UNEVEN)
    }

    /// Whether it knocks in even intervals, as a load balancer or monitor does. Of ten pauses one may be odd: a monitor
    /// is started anew, or a packet of its visit is lost.
    pub(super) fn are_even(&self) -> bool {
        self.count >= 3 && self.odd * 10 <= self.count && self.pauses.is_some_and(|(least, _)| least >= 0.5)
    }
}

/// Connections of one client to one server.
#[derive(Debug, Default)]
pub(super) struct Pair {
    /// How far each came, when it began, and which it is. Sorted, because a client may have a hundred thousand of them,
    /// and each asks for the others.
    pub(super) tries: List<(Progress, Timestamp, usize)>,
    /// First frames of refused tries with TLS alone, by the time they began.
    pub(super) probes: List<(Timestamp, FrameNumber)>,
    /// First frames of connections whose logon was refused, by the time they ended.
    pub(super) refusals: List<(Timestamp, FrameNumber)>,
    pub(super) visits: Visits,
    /// Something came late, and the lists have to be put in order.
    pub(super) is_mixed_up: bool,
}

impl Pair {
    pub(super) fn note_try(&mut self, progress: Progress, start: Timestamp, index: usize) {
        put(&mut self.tries, (progress, start, index), &mut self.is_mixed_up);
    }

    pub(super) fn note_probe(&mut self, start: Timestamp, first: FrameNumber) {
        put(&mut self.probes, (start, first), &mut self.is_mixed_up);
    }

    pub(super) fn note_refusal(&mut self, end: Timestamp, first: FrameNumber) {
        put(&mut self.refusals, (end, first), &mut self.is_mixed_up);
    }

    /// Has every frame changed.
    pub(super) fn each_frame(&mut self, change: &mut dyn FnMut(&mut FrameNumber)) {
        self.probes.iter_mut().chain(&mut self.refusals).for_each(|(_, frame)| change(frame));
    }

    pub(super) fn sort(&mut self) {
        self.tries.sort();
        self.probes.sort();
        self.refusals.sort();
        self.is_mixed_up = false;
    }

    /// Forgets tries before the one with index `first`, and what began before `since`.
    pub(super) fn forget(&mut self, first: usize, since: Timestamp) {
        self.tries.retain(|(.., index)| *index >= first);
        for list in [&mut self.probes, &mut self.refusals] {
            list.retain(|(time, _)| *time >= since);
            // Where time stands still, the latest.
            list.drain(..list.len().saturating_sub(KEPT));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(nth: usize) -> IpAddr {
        Ipv4Addr::from(0xc633_6400 + nth as u32).into()
    }

    /// A hundred addresses left, each of which asked for the name that is given for its number.
    fn leavers(name: impl Fn(usize) -> Option<String>) -> Leavers {
        let mut leavers = Leavers::default();
        (0..100)
            .for_each(|nth| leavers.note(address(nth), address(1000), name(nth).as_deref().map(Text::from).as_ref()));
        leavers
    }

    #[test]
    fn kiosks_of_one_house_share_their_name() {
        let kiosk = |nth: u8| IpAddr::from([10, 20, 4, nth]);
        let name = Text::from("kiosk");
        let mut leavers = Leavers::default();
        (0..100).for_each(|nth| leavers.note(kiosk(nth), address(1000), Some(&name)));
        assert!(!leavers.are_many(kiosk(7), Some(&name)));
        // One that tries server after server is a scanner wherever it is.
        (0..100).for_each(|nth| leavers.note(kiosk(7), address(nth), None));
        assert!(leavers.are_many(kiosk(7), None) && !leavers.are_many(kiosk(8), Some(&name)));
    }

    #[test]
    fn addresses_that_share_a_few_names_are_nobody() {
        let leavers = leavers(|nth| (nth % 3 > 0).then(|| format!("a{}", nth % 3)));
        assert!(leavers.are_many(address(0), None) && leavers.are_many(address(1), Some(&Text::from("a1"))));
    }

    #[test]
    fn who_asks_for_nobody_among_them_is_nobody() {
        let leavers = leavers(|nth| (nth != 7).then(|| "hello".into()));
        assert!(leavers.are_many(address(7), None));
    }

    #[test]
    fn a_name_of_its_own_among_them_is_somebody() {
        let leavers = leavers(|nth| Some(if nth == 7 { "jdoe".into() } else { "hello".into() }));
        assert!(!leavers.are_many(address(7), Some(&Text::from("jdoe"))));
        assert!(leavers.are_many(address(8), Some(&Text::from("hello"))));
    }

    #[test]
    fn a_hundred_people_of_one_domain_are_people() {
        let leavers = leavers(|nth| Some(format!("AzureAD\\{}", ["a", "b", "c"][nth % 3])));
        assert!(!leavers.are_many(address(0), Some(&Text::from("AzureAD\\a"))));
    }
}
