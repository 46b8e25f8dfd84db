//! What was said beside a session, joined to it by addresses and time: the name its client looked up, the tickets it
//! asked for, the neighbours nobody answered for.

use std::net::IpAddr;

use super::map::Map;
use super::user;
use crate::frame::{FrameNumber, Timestamp};
use crate::session::Session;
use crate::session::aside::{About, Aside, Dispute, Ticket};

/// A name looked up this long before still led to the connection; seconds. Resolvers remember answers for a while.
const NAME: f64 = 300.0;
/// A ticket asked for this long before the connection belongs to it; seconds.
const TICKET: f64 = 10.0;
/// The same for neighbours; seconds.
const NEIGHBOUR: f64 = 5.0;
/// Who finds its neighbour in another place sends there until it asks anew; seconds.
const DISPUTED: f64 = 60.0;
/// A question that is asked again comes so much later; seconds. A port that mirrors two others shows one twice, at once.
const AGAIN: f64 = 0.5;
/// A question that a SYN prompts is seen at most so much before it; seconds.
const PROMPTED: f64 = 1.0;
/// Questions of one asker around one session that are looked at.
const ENOUGH: usize = 1000;
/// What a client asked last before a session, as far as its server's name is looked for in it.
const NAMES: usize = 64;
/// A question waits this long before nobody answers it; seconds.
const PATIENCE: f64 = 1.0;

/// Whose logon a ticket was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// This one's: its user, or its server.
    Ours,
    /// Neither is known to be another.
    Perhaps,
    /// Another user's, another server's, the computer's own.
    Others,
}

/// All matters of a capture, by who asked.
#[derive(Debug, Default)]
pub(super) struct Beside {
    asides: Vec<Aside>,
    askers: Map<IpAddr, Vec<usize>>,
    targets: Map<IpAddr, Vec<usize>>,
    disputed: Map<IpAddr, Vec<usize>>,
    end: Timestamp,
}

impl Beside {
    /// `asides` in the order of their first questions; `end` is the last moment of the capture.
    pub(super) fn of(asides: &[Aside], end: Timestamp) -> Self {
        let end = asides.iter().map(|aside| aside.last.time).fold(end, Timestamp::max);
        let mut beside = Self { asides: asides.to_vec(), end, ..Self::default() };
        for (index, aside) in asides.iter().enumerate() {
            match &aside.about {
                About::Neighbour(target) => beside.targets.entry(*target).or_default().push(index),
                About::Dispute(_) => beside.disputed.entry(aside.asker).or_default().push(index),
                About::Name(_) | About::Ticket(_) => beside.askers.entry(aside.asker).or_default().push(index),
            }
        }
        let by_address = [&mut beside.askers, &mut beside.targets, &mut beside.disputed];
        let lists = by_address.into_iter().flat_map(|lists| lists.values_mut());
        lists.for_each(|list| list.sort_by_key(|index| asides[*index].first.time));
        beside
    }

    /// What `asker` asked from so many seconds before `first` until `last`.
    fn of_asker(
        &self,
        asker: IpAddr,
        seconds: f64,
        first: Timestamp,
        last: Timestamp,
    ) -> impl DoubleEndedIterator<Item = &Aside> {
        let list = self.askers.get(&asker).map_or(&[][..], Vec::as_slice);
        let begin = list.partition_point(|index| first.since(self.asides[*index].first.time) > seconds);
        let end = list.partition_point(|index| self.asides[*index].first.time <= last);
        let found = list.get(begin..end).unwrap_or_default();
        found[found.len().saturating_sub(ENOUGH)..].iter().map(|index| &self.asides[*index])
    }

    /// The last lookup of the client that led to this server's address.
    pub(super) fn name(&self, session: &Session) -> Option<&Aside> {
        let began = session.first.time;
        self.of_asker(session.client.ip, NAME, began, began)
            .rev()
            .find(|aside| aside.lookup().is_some_and(|lookup| lookup.addresses.contains(&session.server.ip)))
    }

    /// What the client asked key distribution centres for around its logon, in order, and for whom.
    pub(super) fn all_tickets<'a>(
        &'a self,
        session: &'a Session,
    ) -> impl Iterator<Item = (&'a Aside, &'a Ticket, Whose)> {
        let (first, last) = (session.first.time, session.last.time);
        self.of_asker(session.client.ip, TICKET, first, last).filter_map(move |aside| {
            let ticket = aside.ticket()?;
            Some((aside, ticket, self.whose(ticket, session)))
        })
    }

    /// Those of them that may be for this logon.
    pub(super) fn tickets<'a>(&'a self, session: &'a Session) -> impl Iterator<Item = (&'a Aside, &'a Ticket)> {
        let may_be_ours = self.all_tickets(session).filter(|(.., whose)| *whose != Whose::Others);
        may_be_ours.map(|(aside, ticket, _)| (aside, ticket))
    }

    /// What persons other than its user asked for on the client meanwhile, before any service.
    pub(super) fn of_other_users<'a>(&'a self, session: &'a Session) -> impl Iterator<Item = &'a Ticket> {
        self.all_tickets(session).map(|(_, ticket, _)| ticket).filter(|ticket| {
            let is_person = ticket.client.as_ref().is_some_and(|client| !user::is_machine(client.raw()));
            is_person && is_of_user(ticket, session) == Some(false) && service(ticket).is_none_or(is_first)
        })
    }

    /// A ticket for another service has nothing to do with RDP; one to ask for tickets with may.
    fn whose(&self, ticket: &Ticket, session: &Session) -> Whose {
        let user = is_of_user(ticket, session);
        let is_ours = match service(ticket) {
            Some((kind, host)) if kind.eq_ignore_ascii_case("TERMSRV") => self.leads_here(host, session),
            Some(service) if !is_first(service) => Some(false),
            _ => user,
        };
        match is_ours {
            _ if user == Some(false) => Whose::Others,
            Some(true) => Whose::Ours,
            Some(false) => Whose::Others,
            None => Whose::Perhaps,
        }
    }

    /// Whether `host` is the name of this server: the one that the client asks for in TLS, or looked up before.
    fn leads_here(&self, host: &str, session: &Session) -> Option<bool> {
        if let Some(typed) = session.client_hello().and_then(|(_, hello)| hello.server_name()) {
            return Some(typed.raw().eq_ignore_ascii_case(host));
        }
        if let Ok(address) = host.parse::<IpAddr>() {
            return Some(address == session.server.ip);
        }
        let began = session.first.time;
        let is_it = |name: &str| {
            let beginning = name.get(..host.len()).filter(|beginning| beginning.eq_ignore_ascii_case(host));
            beginning.is_some_and(|_| name.len() == host.len() || name[host.len()..].starts_with('.'))
        };
        let lookups = self.of_asker(session.client.ip, NAME, began, began).rev().take(NAMES).filter_map(Aside::lookup);
        let answered = lookups.filter(|lookup| !lookup.addresses.is_empty() && is_it(lookup.name.raw()));
        answered.map(|lookup| lookup.addresses.contains(&session.server.ip)).reduce(|one, other| one || other)
    }

    /// What the server asked a key distribution centre for in vain while the session lasted: a ticket to ask for tickets
    /// with. Who is answered anything reaches one.
    pub(super) fn asked_by_server(&self, session: &Session) -> Option<(&Aside, &Ticket)> {
        let (first, last) = (session.first.time, session.last.time);
        let asked = || {
            let asides = self.of_asker(session.server.ip, TICKET, first, last);
            asides.filter_map(|aside| Some((aside, aside.ticket()?)))
        };
        if asked().any(|(aside, ticket)| aside.answer.is_some() && !ticket.is_refused) {
            return None;
        }
        let mut lost = asked().filter(|(aside, _)| aside.first.time >= first);
        lost.find(|(aside, ticket)| {
            service(ticket).is_none_or(is_first) && (ticket.is_refused || self.is_unanswered(aside))
        })
    }

    /// Lookups of where the domain controllers are that were refused or not answered.
    pub(super) fn lost_controllers<'a>(&'a self, session: &'a Session) -> impl Iterator<Item = &'a Aside> {
        let (first, last) = (session.first.time, session.last.time);
        self.of_asker(session.client.ip, TICKET, first, last).filter(move |aside| {
            aside.lookup().is_some_and(|lookup| {
                lookup.name.raw().starts_with("_kerberos") && (lookup.failure.is_some() || self.is_unanswered(aside))
            })
        })
    }

    /// Whether nobody answered, though there was time to.
    pub(super) fn is_unanswered(&self, aside: &Aside) -> bool {
        let since = if aside.asked > 1 { aside.first.time } else { aside.last.time };
        aside.answer.is_none() && self.end.since(since) >= PATIENCE
    }

    /// What was asked on the link for this address around that time.
    fn neighbours(&self, target: IpAddr, from: Timestamp, until: Timestamp) -> impl Iterator<Item = &Aside> {
        let list = self.targets.get(&target).map_or(&[][..], Vec::as_slice);
        let end = list.partition_point(|index| self.asides[*index].first.time.since(until) <= NEIGHBOUR);
        let near = list[end.saturating_sub(ENOUGH)..end].iter().map(|index| &self.asides[*index]);
        near.filter(move |aside| from.since(aside.last.time) <= NEIGHBOUR)
    }

    /// The client, or who forwards its packets, asked for the server again and again, and nobody answered. Answers go to
    /// the asker alone: of the questions of others a switch shows no more than those. Who forwards asks because of the SYN.
    pub(super) fn absent(&self, session: &Session) -> Option<&Aside> {
        let (target, first, last) = (session.server.ip, session.first.time, session.last.time);
        if self.present(target, first, last).is_some() {
            return None;
        }
        self.neighbours(target, first, last).find(|aside| {
            let is_insistent = aside.asked >= 2 && aside.last.time.since(aside.first.time) >= AGAIN;
            let is_for_it = aside.asker == session.client.ip || first.since(aside.first.time) <= PROMPTED;
            is_insistent && is_for_it && self.is_unanswered(aside)
        })
    }

    /// `asker` asked for `target` again and again since then, and nobody answered.
    pub(super) fn sought(&self, asker: IpAddr, target: IpAddr, since: Timestamp) -> Option<&Aside> {
        let list = self.targets.get(&target).map_or(&[][..], Vec::as_slice);
        let begin = list.partition_point(|index| self.asides[*index].first.time < since);
        let later = list[begin..].iter().take(ENOUGH).map(|index| &self.asides[*index]);
        later.into_iter().find(|aside| aside.asker == asker && aside.asked >= 2 && self.is_unanswered(aside))
    }

    /// Somebody asked, and was answered.
    pub(super) fn present(&self, target: IpAddr, from: Timestamp, until: Timestamp) -> Option<&Aside> {
        self.neighbours(target, from, until).find(|aside| aside.answer.is_some())
    }

    /// The last time that two machines claimed this `address`, at most a minute before `from` and no later than right after
    /// `until`.
    pub(super) fn dispute(&self, address: IpAddr, from: Timestamp, until: Timestamp) -> Option<(&Aside, Dispute)> {
        let list = self.disputed.get(&address)?;
        let end = list.partition_point(|index| self.asides[*index].first.time.since(until) <= NEIGHBOUR);
        let aside = &self.asides[*list[..end].last()?];
        match aside.about {
            About::Dispute(dispute) if from.since(aside.last.time) <= DISPUTED => Some((aside, dispute)),
            _ => None,
        }
    }

    /// Everything, in order.
    pub(super) fn all(&self) -> &[Aside] {
        &self.asides
    }
}

/// Who says that the address of the asker of `aside` is theirs, and the frames in which they do.
pub(super) fn claims(aside: &Aside, dispute: Dispute) -> ([FrameNumber; 2], String) {
    let [(one, first), (other, second)] = dispute.claims;
    let times = if is_contested(aside) { ", in turns" } else { "" };
    ([first, second], format!("{one} and {other} both say that {} is theirs{times}", aside.asker))
}

/// Whether an address was claimed in turns. One that changes hands once may have been handed over: by a cluster, or to another
/// adapter of the same machine.
pub(super) fn is_contested(dispute: &Aside) -> bool {
    dispute.asked >= 2
}

/// Kind and host of the service that a ticket is for.
fn service(ticket: &Ticket) -> Option<(&str, &str)> {
    ticket.service.as_ref()?.raw().split_once('/')
}

/// Whether this is a ticket to ask for tickets with.
fn is_first((kind, _): (&str, &str)) -> bool {
    kind.eq_ignore_ascii_case("KRBTGT")
}

/// Whether the user of `session` asked for it, as far as both are named.
fn is_of_user(ticket: &Ticket, session: &Session) -> Option<bool> {
    let client = ticket.client.as_ref()?.raw();
    if user::is_machine(client) {
        return Some(false);
    }
    user::is_same(session.user_hint()?.raw(), client)
}
