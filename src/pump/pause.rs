//! What can be said when a source pauses: which sessions are over, and which handshakes stand still for good.

use std::collections::{HashMap, HashSet};

use super::company::Company;
use super::follow::{PARTED, SETTLE, STUCK};
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::dissect::phase_now;
use crate::engine::Engine;
use crate::frame::Timestamp;
use crate::session::{Phase, Session, SessionId};

/// What was said in earlier pauses.
pub(super) struct Pauses {
    company: Company,
    /// Those that were told.
    said: HashSet<SessionId>,
    /// Those that were judged because they stood still, each since when.
    still: HashMap<SessionId, Timestamp>,
}

impl Pauses {
    /// Nothing was said yet; `memory` is for everything; bytes.
    pub(super) fn new(memory: usize) -> Self {
        Self { company: Company::new(memory), said: HashSet::new(), still: HashMap::new() }
    }

    /// Sessions of which nothing was said before, judged. `dropped` packets were lost by the capturing program.
    pub(super) fn over(&mut self, engine: &mut Engine, dropped: u64) -> Vec<Case> {
        let now = engine.now();
        let mut sessions = engine.ripe(SETTLE);
        let silent = |session: &Session| now.0.saturating_sub(session.last.time.0);
        let left = engine.half_closed().filter(|session| silent(session) >= PARTED).map(|session| session.id);
        let left: Vec<SessionId> = left.filter(|id| self.said.insert(*id)).collect();
        let is_handshake = |session: &&Session| phase_now(session) != Phase::Rdp && !session.is_midstream();
        let still = engine.running().filter(is_handshake).filter(|session| silent(session) >= STUCK);
        let still = still.map(|session| (session.id, session.last.time)).filter(|(id, _)| !self.said.contains(id));
        let still = still.filter(|(id, since)| self.still.insert(*id, *since) != Some(*since));
        let still: Vec<SessionId> = still.map(|(id, _)| id).collect();
        sessions.extend(engine.as_they_stand(&left));
        sessions.extend(engine.as_they_stand(&still));
        if sessions.is_empty() {
            return Vec::new();
        }
        let mut cases = self.company.judge(sessions, engine.asides(), dropped);
        // What only stands still may go on, unless that by itself says that it died.
        let goes_on = |case: &Case| !matches!(case.verdict.outcome, Outcome::Died | Outcome::Scan);
        cases.retain(|case| !(still.contains(&case.session.id) && goes_on(case)));
        self.said.extend(cases.iter().map(|case| case.session.id));
        cases
    }
}
