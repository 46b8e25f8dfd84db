//! The memory budget: who has to go when more is remembered than may be.

use super::Engine;
use crate::dissect::CertificateStore;
use crate::frame::Timestamp;
use crate::session::Session;

/// What conversations and sessions hold; bytes.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) all: usize,
    /// What among it is over: closed conversations, and sessions that wait to be handed over.
    pub(super) over: usize,
}

impl Held {
    /// `session` is over.
    pub(super) fn add(&mut self, session: &Session) {
        let bytes = session.memory();
        self.all += bytes;
        self.over += bytes;
    }

    /// It is handed over.
    fn remove(&mut self, session: &Session) {
        let bytes = session.memory();
        self.all = self.all.saturating_sub(bytes);
        self.over = self.over.saturating_sub(bytes);
    }
}

impl Engine {
    /// What is remembered; bytes.
    #[must_use]
    pub fn held(&self) -> usize {
        let beside = self.sideband.memory() + self.asides.memory() + self.flows.memory() + self.overs.memory();
        self.held.all + beside + self.remembered
    }

    /// Whether more is remembered than may be.
    #[must_use]
    pub fn is_over_budget(&self) -> bool {
        self.held() > self.options.memory
    }

    /// Gives up the sessions that were silent longest until an eighth of the budget is free again.
    pub fn evict(&mut self) -> Vec<Box<Session>> {
        let goal = self.options.memory - self.options.memory / 8;
        self.give_up(goal, goal)
    }

    /// Gives up finished sessions, then closed ones that stragglers may still belong to, until they are within `closed`
    /// bytes, those that were closed first; if everything together is not even within `all`, then side channels, then running
    /// sessions, which are torn in two by it, those that were silent longest first.
    pub fn give_up(&mut self, closed: usize, all: usize) -> Vec<Box<Session>> {
        if self.asides.memory() > all / 4 {
            self.asides.forget();
        }
        if self.remembered > all / 4 {
            self.certificates = CertificateStore::default();
            self.remembered = 0;
        }
        let closed = closed.saturating_add(self.held().saturating_sub(self.held.over)).min(all);
        let mut given_up = Vec::new();
        self.hand_over(closed, &mut given_up);
        while self.held() > closed
            && let Some(slot) = self.first_closed()
        {
            self.give_up_closed(slot);
            self.hand_over(closed, &mut given_up);
        }
        if self.held() > all {
            self.tear(all, &mut given_up);
        }
        given_up
    }

    /// Gives up side channels and running sessions until everything together is within `goal` bytes.
    fn tear(&mut self, goal: usize, given_up: &mut Vec<Box<Session>>) {
        loop {
            let mut side_channels = self.sideband.give_up();
            if side_channels.is_empty() {
                break;
            }
            side_channels.iter_mut().for_each(|session| session.evicted = true);
            side_channels.iter().for_each(|session| self.held.add(session));
            self.done.extend(side_channels);
            self.hand_over(goal, given_up);
            if self.held() <= goal {
                return;
            }
        }
        for slot in self.silent() {
            if self.held() <= goal {
                return;
            }
            if let Some(conversation) = &mut self.conversations[slot as usize] {
                conversation.session.evicted = true;
            }
            self.forget(slot);
            self.hand_over(goal, given_up);
        }
    }

    /// Hands finished sessions over, the earliest first, until everything together is within `goal` bytes.
    fn hand_over(&mut self, goal: usize, given_up: &mut Vec<Box<Session>>) {
        while self.held() > goal
            && let Some(mut session) = self.done.pop_front()
        {
            self.held.remove(&session);
            session.capture_end = self.now;
            given_up.push(session);
        }
    }

    /// Slots of all conversations, by the time of their last packet.
    fn silent(&self) -> Vec<u32> {
        let held = (0u32..).zip(&self.conversations).filter_map(|(slot, held)| Some((slot, held.as_ref()?)));
        let mut slots: Vec<(Timestamp, u32)> = held.map(|(slot, held)| (held.session.last.time, slot)).collect();
        slots.sort_unstable();
        slots.into_iter().map(|(_, slot)| slot).collect()
    }
}
