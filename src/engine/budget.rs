//! The memory budget: who has to go when more is remembered than may be.

use super::Engine;
use crate::frame::Timestamp;
use crate::session::Session;

impl Engine {
    /// What is remembered; bytes.
    #[must_use]
    pub fn held(&self) -> usize {
        self.memory + self.sideband.memory() + self.asides.memory() + self.flows.memory()
    }

    /// Whether more is remembered than may be.
    #[must_use]
    pub fn is_over_budget(&self) -> bool {
        self.held() > self.options.memory
    }

    /// Gives up the sessions that were silent longest until an eighth of the budget is free again: finished ones
    /// first, then side channels, then closed ones that stragglers may still belong to, then running ones, which are
    /// torn in two by it.
    pub fn evict(&mut self) -> Vec<Box<Session>> {
        let goal = self.options.memory - self.options.memory / 8;
        if self.asides.memory() > goal / 4 {
            self.asides.forget();
        }
        let mut slots: Vec<(bool, Timestamp, u32)> = (0u32..)
            .zip(&self.conversations)
            .filter_map(|(slot, held)| Some((slot, held.as_ref()?)))
            .map(|(slot, held)| (!held.is_closed(), held.session.last.time, slot))
            .collect();
        slots.sort_unstable();
        let mut evicted = Vec::new();
        let mut silent = slots.into_iter();
        loop {
            while self.held() > goal
                && let Some(mut session) = self.done.pop()
            {
                self.memory = self.memory.saturating_sub(session.memory());
                session.capture_end = self.now;
                session.evicted = true;
                evicted.push(session);
            }
            if self.held() <= goal {
                return evicted;
            }
            let side_channels = self.sideband.give_up();
            if !side_channels.is_empty() {
                self.memory += side_channels.iter().map(|session| session.memory()).sum::<usize>();
                self.done.extend(side_channels);
                continue;
            }
            let Some((.., slot)) = silent.next() else { return evicted };
            self.forget(slot);
        }
    }
}
