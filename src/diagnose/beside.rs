//! What was said beside a session, joined to it by addresses and time: the name its client looked up, the tickets it
//! asked for, the neighbours nobody answered for.

use std::net::IpAddr;

use super::map::Map;
use crate::frame::Timestamp;
use crate::session::Session;
use crate::session::aside::{About, Aside, Ticket};

/// A name looked up this long before still led to the connection; seconds. Resolvers remember answers for a while.
const NAME: f64 = 300.0;
/// A ticket asked for this long before the connection belongs to it; seconds.
const TICKET: f64 = 10.0;
/// The same for neighbours; seconds.
const NEIGHBOUR: f64 = 5.0;
/// Questions of one asker around one session that are looked at.
const ENOUGH: usize = 1000;
/// A question waits this long before nobody answers it; seconds.
const PATIENCE: f64 = 1.0;

/// All matters of a capture, by who asked.
#[derive(Debug, Default)]
pub(super) struct Beside {
    asides: Vec<Aside>,
    askers: Map<IpAddr, Vec<usize>>,
    targets: Map<IpAddr, Vec<usize>>,
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
                About::Name(_) | About::Ticket(_) => beside.askers.entry(aside.asker).or_default().push(index),
            }
        }
        let lists = beside.askers.values_mut().chain(beside.targets.values_mut());
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

    /// What the client asked key distribution centres for around its logon, in order.
    pub(super) fn tickets<'a>(&'a self, session: &'a Session) -> impl Iterator<Item = (&'a Aside, &'a Ticket)> {
        let (first, last) = (session.first.time, session.last.time);
        self.of_asker(session.client.ip, TICKET, first, last)
            .filter_map(move |aside| Some((aside, aside.ticket().filter(|ticket| concerns(ticket, session))?)))
    }

    /// What the server asked a key distribution centre for in vain while the session lasted.
    pub(super) fn asked_by_server(&self, session: &Session) -> Option<(&Aside, &Ticket)> {
        self.of_asker(session.server.ip, 0.0, session.first.time, session.last.time).find_map(|aside| {
            let ticket = aside.ticket()?;
            (ticket.is_refused || self.is_unanswered(aside)).then_some((aside, ticket))
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

    /// Somebody asked, at least twice, and nobody answered.
    pub(super) fn absent(&self, target: IpAddr, from: Timestamp, until: Timestamp) -> Option<&Aside> {
        self.neighbours(target, from, until).find(|aside| aside.asked >= 2 && self.is_unanswered(aside))
    }

    /// Somebody asked, and was answered.
    pub(super) fn present(&self, target: IpAddr, from: Timestamp, until: Timestamp) -> Option<&Aside> {
        self.neighbours(target, from, until).find(|aside| aside.answer.is_some())
    }

    /// Everything, in order.
    pub(super) fn all(&self) -> &[Aside] {
        &self.asides
    }
}

/// A ticket for another service has nothing to do with RDP; one to ask for tickets with may.
fn concerns(ticket: &Ticket, session: &Session) -> bool {
    let Some(service) = &ticket.service else { return true };
    let Some((kind, host)) = service.raw().split_once('/') else { return true };
    let typed = session.client_hello().and_then(|(_, hello)| hello.server_name());
    match kind.to_ascii_uppercase().as_str() {
        "KRBTGT" => true,
        "TERMSRV" => typed.as_ref().is_none_or(|typed| typed.raw().eq_ignore_ascii_case(host)),
        _ => false,
    }
}
