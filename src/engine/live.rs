//! What can be said of sessions while the capture goes on.

use std::collections::HashSet;

use super::Engine;
use super::conversation::Conversation;
use crate::session::{Session, SessionId};

impl Engine {
    /// Sessions that were closed at least `settle` nanoseconds ago and were not handed out before, as they would be if nothing
    /// came any more. They stay: a packet may still come.
    pub fn ripe(&mut self, settle: i64) -> Vec<Box<Session>> {
        let mut ripe = Vec::new();
        while let Some((slot, id, time)) = self.closed.get(self.shown).copied() {
            if self.now.0.saturating_sub(time) < settle {
                break;
            }
            self.shown += 1;
            let held = self.conversations[slot as usize].as_mut().filter(|held| held.session.id == id);
            // The port may have been used again in the meantime.
            let session = match held {
                Some(held) if !held.is_closed() => None,
                Some(held) => {
                    // What only a check of the server's key decides is settled once, not again for the last word.
                    held.dissector.finish(&mut held.session, &mut self.certificates);
                    Some(held.as_it_stands(self.now, &mut self.certificates))
                }
                None => self.done.iter().rev().find(|session| session.id == id).map(|session| self.copy(session)),
            };
            ripe.extend(session);
        }
        ripe
    }

    /// Sessions that are not over.
    pub fn running(&self) -> impl Iterator<Item = &Session> {
        self.conversations.iter().flatten().filter(|held| !held.is_closed()).map(|held| &*held.session)
    }

    /// Sessions that have lasted for so long (nanoseconds), nobody has left and nobody was told of before, as they would be
    /// if nothing came any more: company for those that end.
    pub fn lasting(&mut self, since: i64) -> Vec<Box<Session>> {
        let Self { conversations, certificates, now, .. } = self;
        let lasts = |held: &&mut Box<Conversation>| {
            let is_old = now.0.saturating_sub(held.session.first.time.0) >= since;
            is_old && !held.is_told && !held.is_foreign() && !held.is_closed() && !held.is_half_closed()
        };
        let untold = conversations.iter_mut().flatten().filter(lasts);
        let tell = |held: &mut Box<Conversation>| {
            held.is_told = true;
            held.as_it_stands(*now, certificates)
        };
        untold.map(tell).collect()
    }

    /// Sessions that one side has left, while the other has not said goodbye yet.
    pub fn half_closed(&self) -> impl Iterator<Item = &Session> {
        self.conversations.iter().flatten().filter(|held| held.is_half_closed()).map(|held| &*held.session)
    }

    /// RDP-UDP side channels. Nobody says goodbye there, so none is ever over.
    pub fn side_channels(&self) -> impl Iterator<Item = &Session> {
        self.sideband.sessions()
    }

    /// Those among `ids` that are not over, as they would be if nothing came any more.
    #[must_use]
    pub fn as_they_stand(&mut self, ids: &[SessionId]) -> Vec<Box<Session>> {
        let wanted: HashSet<SessionId> = ids.iter().copied().collect();
        let held = self.conversations.iter().flatten().filter(|held| !held.is_closed());
        let running = held.filter(|held| wanted.contains(&held.session.id));
        let mut sessions: Vec<_> = running.map(|held| held.as_it_stands(self.now, &mut self.certificates)).collect();
        let channels = self.side_channels().filter(|session| wanted.contains(&session.id));
        sessions.extend(channels.map(|session| self.copy(session)));
        sessions
    }

    /// Those among `ids` that are still at hand, as they stand now, each with whether it is over.
    #[must_use]
    pub fn glimpse(&self, ids: &[SessionId]) -> Vec<(Box<Session>, bool)> {
        let wanted = |session: &Session| ids.contains(&session.id);
        let held = self.conversations.iter().flatten().filter(|held| wanted(&held.session));
        let held = held.map(|held| (self.copy(&held.session), held.is_closed()));
        held.chain(self.done.iter().filter(|session| wanted(session)).map(|session| (self.copy(session), true)))
            .collect()
    }

    /// A session as it stands now.
    fn copy(&self, session: &Session) -> Box<Session> {
        let mut copy = Box::new(session.clone());
        copy.capture_end = self.now;
        copy
    }
}
