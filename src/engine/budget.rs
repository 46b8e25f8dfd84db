//! The memory budget: who has to go when more is remembered than may be.

use super::Engine;
use super::conversation::Conversation;
use crate::dissect::CertificateStore;
use crate::frame::Timestamp;
use crate::session::Session;

impl Engine {
    /// What is remembered; bytes.
    #[must_use]
    pub fn held(&self) -> usize {
        let beside = self.sideband.memory() + self.asides.memory() + self.flows.memory();
        self.memory + beside + self.remembered
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
    /// bytes; if everything together is not even within `all`, then side channels, then running sessions, which are torn in
    /// two by it. Those that were silent longest go first.
    pub fn give_up(&mut self, closed: usize, all: usize) -> Vec<Box<Session>> {
        if self.asides.memory() > all / 4 {
            self.asides.forget();
        }
        if self.remembered > all / 4 {
            self.certificates = CertificateStore::default();
            self.remembered = 0;
        }
        let over = self.conversations.iter().flatten().filter(|held| held.is_closed()).map(|held| held.counted());
        let over = over.sum::<usize>() + self.done.iter().map(|session| session.memory()).sum::<usize>();
        let closed = closed.saturating_add(self.held().saturating_sub(over)).min(all);
        let mut given_up = Vec::new();
        self.hand_over(closed, &mut given_up);
        if self.held() > closed {
            let slots = self.silent(|held| held.is_closed());
            self.end_each(slots, closed, &mut given_up, Self::give_up_closed);
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
            self.memory += side_channels.iter().map(|session| session.memory()).sum::<usize>();
            self.done.extend(side_channels);
            self.hand_over(goal, given_up);
            if self.held() <= goal {
                return;
            }
        }
        let slots = self.silent(|_| true);
        self.end_each(slots, goal, given_up, |engine, slot| {
            if let Some(conversation) = &mut engine.conversations[slot as usize] {
                conversation.session.evicted = true;
            }
            engine.forget(slot);
        });
    }

    /// Ends the conversations in `slots`, one after the other, until everything together is within `goal` bytes.
    fn end_each(
        &mut self,
        slots: Vec<u32>,
        goal: usize,
        given_up: &mut Vec<Box<Session>>,
        end: impl Fn(&mut Self, u32),
    ) {
        for slot in slots {
            if self.held() <= goal {
                return;
            }
            end(self, slot);
            self.hand_over(goal, given_up);
        }
    }

    /// Hands finished sessions over, the earliest first, until everything together is within `goal` bytes.
    fn hand_over(&mut self, goal: usize, given_up: &mut Vec<Box<Session>>) {
        while self.held() > goal
            && let Some(mut session) = self.done.pop_front()
        {
            self.memory = self.memory.saturating_sub(session.memory());
            session.capture_end = self.now;
            given_up.push(session);
        }
    }

    /// Slots of conversations of that kind, by the time of their last packet.
    fn silent(&self, is_meant: impl Fn(&Conversation) -> bool) -> Vec<u32> {
        let held = (0u32..).zip(&self.conversations).filter_map(|(slot, held)| Some((slot, held.as_ref()?)));
        let mut slots: Vec<(Timestamp, u32)> =
            held.filter(|(_, held)| is_meant(held)).map(|(slot, held)| (held.session.last.time, slot)).collect();
        slots.sort_unstable();
        slots.into_iter().map(|(_, slot)| slot).collect()
    }
}
