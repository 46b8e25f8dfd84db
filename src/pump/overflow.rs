//! What happens when memory cannot hold every session of a capture: those that are over wait for their verdict outside of
//! the engine, and those that wait longest are judged while reading goes on. What is judged when depends on the packets
//! alone, never on how fast a thread is.

use std::thread::Scope;

use super::early::{Batch, Judge, Scribe};
use crate::diagnose::{Case, Wording};
use crate::engine::{Engine, Options};
use crate::session::Session;

/// What has lasted for so long is more than a handshake: those who end meanwhile are told of it. Nanoseconds.
const LASTING: i64 = 10_000_000_000;

/// Sessions outside of the engine.
pub(super) struct Overflow<'scope, 'env> {
    judge: Judge<'scope, 'env>,
    /// For everything; bytes.
    memory: usize,
    /// What is over is given up from here on; bytes.
    comfort: usize,
    /// The same, with what runs; bytes.
    limit: usize,
    /// What those that wait hold; bytes.
    waiting: usize,
    has_begun: bool,
}

impl<'scope, 'env> Overflow<'scope, 'env> {
    /// Nobody waits yet. What is judged is written down by the `scribe`.
    pub(super) fn new(scope: &'scope Scope<'scope, 'env>, options: &Options, scribe: Option<Scribe>) -> Self {
        let memory = options.memory;
        let comfort = options.comfort.min(memory);
        Self {
            judge: Judge::new(scope, comfort / 16, scribe),
            memory,
            comfort,
            limit: comfort,
            waiting: 0,
            has_begun: false,
        }
    }

    /// Whether memory has to be made.
    pub(super) fn is_due(&self, engine: &Engine) -> bool {
        engine.held() + self.waiting > self.limit
    }

    /// Whether memory had to be made at all.
    pub(super) const fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Makes memory: of what is over, an eighth of what is comfortable stays with the engine, and as much gets free. What
    /// runs is left alone until all memory is gone. Answers what was judged meanwhile.
    pub(super) fn relieve(&mut self, engine: &mut Engine, dropped: u64, wording: Wording) -> Vec<Case> {
        let share = self.comfort / 8;
        let is_used_up = engine.held() + self.waiting > self.memory;
        let sessions = engine.give_up(share, if is_used_up { self.memory / 8 * 5 } else { self.memory });
        // However much runs, some company waits.
        let keep = (self.comfort - share).saturating_sub(engine.held()).max(2 * share);
        self.limit = (engine.held() + keep + share).max(self.comfort).min(self.memory);
        self.has_begun |= !sessions.is_empty();
        // It may be no sessions that memory is full of.
        if !self.has_begun {
            return Vec::new();
        }
        self.take(sessions, keep, engine, (dropped, wording, 1))
    }

    /// What has been judged since the last time, without waiting.
    pub(super) fn ready(&mut self) -> Vec<Case> {
        self.judge.ready()
    }

    /// Everything was read: what is still being judged, and all the rest, told bit by bit.
    pub(super) fn tell_rest(
        &mut self,
        engine: &mut Engine,
        dropped: u64,
        wording: Wording,
        tell: &mut dyn FnMut(Vec<Case>),
    ) {
        let sessions = engine.finish();
        tell(self.take(sessions, usize::MAX, engine, (dropped, wording, 1)));
        // Until nobody may wait any more.
        loop {
            let keep = self.waiting.saturating_sub((self.comfort / 16).max(1));
            tell(self.take(Vec::new(), keep, engine, (dropped, wording, 1)));
            if keep == 0 {
                break;
            }
        }
        tell(self.judge.rest());
    }

    /// What is still being judged, waited for.
    pub(super) fn late(&mut self) -> Vec<Case> {
        self.judge.rest()
    }

    /// Everything was read, and nothing is being judged: all the rest at once.
    pub(super) fn rest(&mut self, engine: &mut Engine, dropped: u64, wording: Wording) -> Vec<Case> {
        let sessions = engine.finish();
        // Here without a helper, there with one.
        let mut cases = self.take(sessions, 0, engine, (dropped, wording, usize::MAX));
        cases.append(&mut self.judge.rest());
        cases
    }

    fn take(
        &mut self,
        sessions: Vec<Box<Session>>,
        keep: usize,
        engine: &mut Engine,
        (dropped, wording, threads): (u64, Wording, usize),
    ) -> Vec<Case> {
        self.waiting += sessions.iter().map(|session| session.memory()).sum::<usize>();
        self.waiting = self.waiting.min(keep);
        let running = engine.lasting(LASTING);
        self.judge.take(Batch { sessions, running, keep, asides: engine.asides().to_vec(), dropped, wording, threads })
    }
}
