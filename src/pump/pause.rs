//! What can be said when a source pauses: which sessions are over, and which handshakes stand still for good.

use std::collections::HashSet;

use super::company::Company;
use super::follow::SETTLE;
use super::news::{News, may_go_on};
use crate::diagnose::Case;
use crate::engine::Engine;
use crate::session::SessionId;

/// What was said in earlier pauses.
pub(super) struct Pauses {
    company: Company,
    news: News,
}

impl Pauses {
    /// Nothing was said yet; `memory` is for everything; bytes.
    pub(super) fn new(memory: usize) -> Self {
        Self { company: Company::new(memory), news: News::new() }
    }

    /// Sessions of which nothing was said before, judged. `dropped` packets were lost by the capturing program.
    pub(super) fn over(&mut self, engine: &mut Engine, dropped: u64) -> Vec<Case> {
        let mut sessions = engine.ripe(SETTLE);
        sessions.extend(self.news.parted(engine));
        let stuck = self.news.stuck(engine);
        let still: HashSet<SessionId> = stuck.iter().map(|session| session.id).collect();
        sessions.extend(stuck);
        if sessions.is_empty() {
            return Vec::new();
        }
        let mut cases = self.company.judge(sessions, engine.asides(), dropped);
        cases.retain(|case| !(still.contains(&case.session.id) && may_go_on(case)));
        cases.iter().for_each(|case| self.news.tell(case.session.id));
        cases
    }
}
