//! Conversations end, and the capture with them: sessions are handed over.

use super::Engine;
use super::flows::FlowKey;
use super::limits;
use super::over::Over;
use crate::frame::Timestamp;
use crate::session::{Session, SessionId};

impl Engine {
    /// Hands closed conversations over that nobody has spoken in for a while.
    #[inline]
    pub(super) fn retire(&mut self, now: Timestamp) {
        if now.0 >= self.due {
            self.retire_due(now);
            self.set_due();
        }
    }

    /// Works out when the next closed conversation is at rest or handed over.
    pub(super) fn set_due(&mut self) {
        let after = |entry: Option<&(u32, SessionId, i64)>, pause: i64| {
            entry.map_or(i64::MAX, |(.., time)| time.saturating_add(pause))
        };
        let rest = after(self.closed.get(self.resting), limits::REST);
        self.due = rest.min(after(self.closed.front(), limits::LINGER));
    }

    #[cold]
    fn retire_due(&mut self, now: Timestamp) {
        while let Some((slot, id, time)) = self.closed.get(self.resting).copied() {
            if now.0.saturating_sub(time) < limits::REST {
                break;
            }
            self.resting += 1;
            self.rest(slot, id);
        }
        while let Some((slot, id, time)) = self.closed.front().copied() {
            if now.0.saturating_sub(time) < limits::LINGER {
                return;
            }
            self.pass_closed();
            if self.is_still(slot, id) {
                self.hand_over_closed(slot, time);
            }
        }
    }

    /// Takes the slot of the conversation that was closed first; `None` when there is none.
    pub(super) fn first_closed(&mut self) -> Option<u32> {
        let mut first = None;
        while let Some((slot, id, _)) = self.closed.front().copied()
            && first.is_none()
        {
            self.pass_closed();
            first = self.is_still(slot, id).then_some(slot);
        }
        self.set_due();
        first
    }

    fn pass_closed(&mut self) {
        self.closed.pop_front();
        self.shown = self.shown.saturating_sub(1);
        self.resting = self.resting.saturating_sub(1);
    }

    /// Whether the conversation in `slot` is that of the session with this number, and closed: another may have taken its
    /// place, and who was refused may have been let in.
    fn is_still(&self, slot: u32, id: SessionId) -> bool {
        self.conversations[slot as usize].as_ref().is_some_and(|held| held.session.id == id && held.is_closed())
    }

    /// Hands a closed conversation over before its time: stragglers find that it is over.
    pub(super) fn give_up_closed(&mut self, slot: u32) {
        self.hand_over_closed(slot, self.now.0);
    }

    /// Hands over a conversation that is closed, and was so `since` (nanoseconds) for all who use its ports.
    fn hand_over_closed(&mut self, slot: u32, since: i64) {
        if let Some(conversation) = &self.conversations[slot as usize] {
            let session = &conversation.session;
            let key = FlowKey::new(session.client, session.server);
            let (initial, next) = (session.client_side().initial(), conversation.next_sequences());
            self.flows.remove(&key);
            self.overs.add(&key, Over::new(since, initial, next), self.options.memory / 64);
        }
        self.close(slot);
    }

    fn rest(&mut self, slot: u32, id: SessionId) {
        if let Some(conversation) = &mut self.conversations[slot as usize]
            && conversation.session.id == id
        {
            conversation.rest();
            conversation.count_in(&mut self.held);
        }
    }

    pub(super) fn forget(&mut self, slot: u32) {
        if let Some(key) = self.key_of(slot) {
            self.flows.remove(&key);
        }
        self.close(slot);
    }

    fn key_of(&self, slot: u32) -> Option<FlowKey> {
        let session = &self.conversations[slot as usize].as_ref()?.session;
        Some(FlowKey::new(session.client, session.server))
    }

    pub(super) fn close(&mut self, slot: u32) {
        if let Some(conversation) = self.conversations[slot as usize].take() {
            conversation.count_out(&mut self.held);
            let session = conversation.finish(self.now, &mut self.certificates);
            self.held.add(&session);
            self.remembered = self.certificates.memory();
            self.done.push_back(session);
            self.free.push(slot);
        }
    }

    /// The capture is over: all sessions that were not evicted, by the time of their first packet.
    pub fn finish(&mut self) -> Vec<Box<Session>> {
        for slot in 0..self.conversations.len() as u32 {
            self.close(slot);
        }
        let mut sessions = Vec::from(std::mem::take(&mut self.done));
        sessions.extend(self.sideband.drain());
        for session in &mut sessions {
            session.capture_end = self.now;
        }
        sessions.sort_by_key(|session| (session.first.time, session.id));
        sessions
    }
}
