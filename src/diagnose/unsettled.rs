//! Cases that are judged but not told: their clients may be on with the same try, in a session that runs. One try is told
//! as a whole.

use std::net::IpAddr;

use super::attempt::Tie;
use super::case::Case;
use super::map::{List, Map};
use crate::frame::Timestamp;
use crate::session::{Endpoint, Session, SessionId};

/// So many wait at most; what is more is told as it stands.
const MOST: usize = 4096;

/// A session that a case may lead to.
#[derive(Clone, Copy, Debug)]
struct Successor {
    start: Timestamp,
    server: Endpoint,
    id: SessionId,
}

impl Successor {
    /// `session`, or the one with this `id` that it waits for itself.
    fn of(session: &Session, id: SessionId) -> Self {
        Self { start: session.first.time, server: session.server, id }
    }
}

/// Cases that wait, by the session that they wait for.
#[derive(Default)]
pub(super) struct Unsettled {
    /// Sessions that run, or ran and are not judged yet, by client.
    running: Map<IpAddr, List<Successor>>,
    waiting: Map<SessionId, Vec<(Case, Tie)>>,
    count: usize,
}

impl Unsettled {
    /// `session` runs.
    pub(super) fn hear_of(&mut self, session: &Session) {
        self.running.entry(session.client.ip).or_default().push(Successor::of(session, session.id));
    }

    /// Of those that were `judged`, in the order of their first packets, takes aside who may lead to a session that runs,
    /// and adds those who waited for one of these.
    pub(super) fn exchange(&mut self, judged: Vec<(Case, Tie)>) -> Vec<(Case, Tie)> {
        if self.running.is_empty() {
            return judged;
        }
        let mut returned = Vec::new();
        for (case, _) in &judged {
            if let Some(list) = self.running.get_mut(&case.session.client.ip) {
                list.retain(|successor| successor.id != case.session.id);
                returned.extend(self.waiting.remove(&case.session.id).into_iter().flatten());
            }
        }
        self.running.retain(|_, list| !list.is_empty());
        self.count -= returned.len();
        self.take_aside(in_order(judged, returned))
    }

    /// Everybody who waits, too.
    pub(super) fn all(&mut self, judged: Vec<(Case, Tie)>) -> Vec<(Case, Tie)> {
        let Self { waiting, .. } = std::mem::take(self);
        in_order(judged, waiting.into_values().flatten())
    }

    fn take_aside(&mut self, judged: Vec<(Case, Tie)>) -> Vec<(Case, Tie)> {
        let mut told = Vec::with_capacity(judged.len());
        // Who leads to one that waits, waits with it: the latest are looked at first.
        let mut aside: Map<IpAddr, List<Successor>> = Map::default();
        for (case, tie) in judged.into_iter().rev() {
            let client = case.session.client.ip;
            let next = successor(&tie, [self.running.get(&client), aside.get(&client)]);
            match next.filter(|_| self.count < MOST) {
                Some(id) => {
                    aside.entry(client).or_default().push(Successor::of(&case.session, id));
                    self.waiting.entry(id).or_default().push((case, tie));
                    self.count += 1;
                }
                None => told.push((case, tie)),
            }
        }
        told.reverse();
        told
    }
}

/// All of them, by their first packets.
fn in_order(mut judged: Vec<(Case, Tie)>, more: impl IntoIterator<Item = (Case, Tie)>) -> Vec<(Case, Tie)> {
    judged.extend(more);
    judged.sort_by_key(|(case, _)| (case.session.first.time, case.session.id));
    judged
}

/// The first of the same client's sessions that is, or may be on with, the try of the one with this `tie`.
fn successor(tie: &Tie, lists: [Option<&List<Successor>>; 2]) -> Option<SessionId> {
    let mut all = lists.into_iter().flatten().flatten();
    all.find(|next| tie.may_lead_to(next.start, next.server)).map(|next| next.id)
}
