//! The memory budget: who has to go when more is remembered than may be.

use super::Engine;
use super::conversation::Conversation;
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

impl Conversation {
    /// Counts its memory anew where that may have changed: in `held`, what it is now stands for what it was counted with
    /// before. Most packets add nothing; what is rare and small is counted with the next that do, or when it is closed.
    #[inline]
    pub(super) fn count_in(&mut self, held: &mut Held) {
        let [client, server] = &self.streams;
        let changing = self.session.timeline.memory() + client.memory() + server.memory() + self.dissector.memory();
        if std::mem::replace(&mut self.changing, changing) != changing || self.is_closed() {
            self.count_all(held);
        }
    }

    fn count_all(&mut self, held: &mut Held) {
        let now = self.memory();
        let before = std::mem::replace(&mut self.counted, now);
        held.all = (held.all + now).saturating_sub(before);
        let is_over = self.is_closed();
        let was_over = std::mem::replace(&mut self.is_counted_over, is_over);
        let of = |bytes: usize, is_over: bool| if is_over { bytes } else { 0 };
        held.over = (held.over + of(now, is_over)).saturating_sub(of(before, was_over));
    }

    /// It goes: `held` is as if it had never been counted.
    pub(super) fn count_out(&self, held: &mut Held) {
        held.all = held.all.saturating_sub(self.counted);
        held.over = held.over.saturating_sub(if self.is_counted_over { self.counted } else { 0 });
    }

    /// Bytes of memory, roughly.
    #[inline]
    fn memory(&self) -> usize {
        size_of::<Self>()
            + self.session.memory()
            + self.streams[0].memory()
            + self.streams[1].memory()
            + self.dissector.memory()
            + self.latest[0].memory()
            + self.latest[1].memory()
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
        self.remembered = self.certificates.memory();
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
        let mut dead = self.sideband.part(&given_up, self.now);
        dead.iter_mut().for_each(|session| session.capture_end = self.now);
        given_up.append(&mut dead);
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
