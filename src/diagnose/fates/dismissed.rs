//! Sessions that their server ended in good order, and whether it kept any.

use super::{Fate, Fates, shifted};
use crate::diagnose::shape::{Shape, name};
use crate::frame::{FrameNumber, Timestamp};
use crate::session::{Direction, Endpoint, Seen, Session};

/// Whether the server said an ultimatum, and the client no goodbye.
pub(super) fn is_dismissed(session: &Session, shape: &Shape) -> bool {
    use Direction::{ClientToServer, ServerToClient};
    let in_clear = |by| session.timeline.facts().any(|(event, fact)| event.direction == by && fact.is_ultimatum());
    let inside = shape.farewell(ServerToClient).is_some_and(|record| record.name == name::ULTIMATUM);
    match session.timeline.seen().has(Seen::ULTIMATUM) {
        true => in_clear(ServerToClient) && !in_clear(ClientToServer),
        false => inside && shape.farewell(ClientToServer).is_none(),
    }
}

/// A server that ended its sessions may be away for so long; seconds.
const AWAY: f64 = 600.0;

impl Fates {
    /// The frame in which this server had ended the last session before `from`, if it served nobody from then on until `to`.
    pub(in crate::diagnose) fn had_gone(
        &self,
        server: Endpoint,
        from: Timestamp,
        to: Timestamp,
    ) -> Option<FrameNumber> {
        let served = self.servers.get(&server.ip)?;
        let ended = self.between(Some(&served.ends), shifted(from, -AWAY), from).map(|(_, fate)| fate);
        let last = ended.filter(|other| other.server == server && other.running.is_some()).last()?;
        let is_served = |other: &Fate| {
            let is_running = other.server == server && other.running.is_some_and(|since| since.time <= to);
            is_running && other.act.is_none_or(|(end, _)| end.time > from)
        };
        let has_gone = (last.dismissed || last.cut_by_server) && !self.latest(server.ip, to).any(is_served);
        last.act.filter(|_| has_gone).map(|(end, _)| end.frame)
    }

    /// The other sessions of its server that were ended with `own`, within `seconds` of `at`; none where the server kept one.
    pub(in crate::diagnose) fn dismissed_with(&self, own: &Fate, at: Timestamp, seconds: f64) -> Vec<&Fate> {
        let Some(served) = self.servers.get(&own.server.ip) else { return Vec::new() };
        let is_other = |other: &Fate| other.server == own.server && other.id != own.id && !own.is_one_with(other);
        let (from, to) = (shifted(at, -seconds), shifted(at, seconds));
        let ended = self.between(Some(&served.ends), from, to).map(|(_, fate)| fate);
        // One after the other is no crowd.
        let is_beside =
            |other: &Fate| other.first.time <= at && other.act.is_some_and(|(end, _)| end.time >= own.first.time);
        let gone = |other: &&Fate| other.dismissed && is_other(other) && is_beside(other);
        let dismissed: Vec<&Fate> = ended.filter(gone).collect();
        // The latest that began before: who was there for longer is seldom the only one that stays.
        let is_kept = |other: &Fate| {
            let has_begun = other.running.is_some_and(|since| since.time <= at);
            has_begun && is_other(other) && other.act.is_none_or(|(end, _)| end.time > to)
        };
        if dismissed.is_empty() || self.latest(own.server.ip, at).any(is_kept) { Vec::new() } else { dismissed }
    }
}
