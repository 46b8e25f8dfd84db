//! Where sessions wait for their verdict while more is learned of those they are judged with: a capture of which memory
//! cannot hold every session is judged from its beginning on, each session in the light of all that ended before and of
//! those that still wait.

use std::collections::VecDeque;

use super::attempt::{self, Tie};
use super::case::Case;
use super::crowd::Crowd;
use super::judge::{Summoned, judge_each};
use super::map::Map;
use super::shape::Shape;
use super::unsettled::Unsettled;
use super::wording::Wording;
use crate::frame::FrameNumber;
use crate::session::aside::Aside;
use crate::session::{Session, SessionId};

/// What the crowd keeps of a session that was judged, roughly; bytes.
const REMEMBERED: usize = 2048;
/// There may be so many times as many before those who are too many are forgotten.
const OFTEN: usize = 4;
/// So many are remembered however little memory there is: fewer are no crowd.
const LEAST: usize = 1024;

/// Sessions that wait, and the crowd they and all before them are.
pub struct Tribunal {
    crowd: Crowd,
    /// As they came, each with the bytes it holds.
    waiting: VecDeque<(usize, Summoned)>,
    /// What they hold together; bytes.
    memory: usize,
    /// Judged sessions of which the crowd knows more than what they add up to.
    remembered: usize,
    /// The places in the crowd of those that were judged while they may go on.
    places: Map<SessionId, usize>,
    /// The places of those that were heard of and run.
    running: Map<SessionId, usize>,
    /// Who may be on with the same try in one of those.
    unsettled: Unsettled,
}

impl Tribunal {
    /// Nobody waits; so many `bytes` are for what is remembered of those who were judged.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self {
            crowd: Crowd::default(),
            waiting: VecDeque::new(),
            memory: 0,
            remembered: (bytes / REMEMBERED).max(LEAST),
            places: Map::default(),
            running: Map::default(),
            unsettled: Unsettled::default(),
        }
    }

    /// What is remembered of those who were judged takes so much at most, roughly; bytes.
    #[must_use]
    pub const fn room(&self) -> usize {
        OFTEN * self.remembered * REMEMBERED
    }

    /// Hears of sessions that run, so that those who end meanwhile are not judged as if they had been alone.
    pub fn hear_of(&mut self, mut running: Vec<Box<Session>>) {
        running.sort_by_key(|session| (session.first.time, session.id));
        for session in running {
            let index = self.crowd.note_running(&session, &Shape::of(&session));
            self.unsettled.hear_of(&session);
            self.running.insert(session.id, index);
        }
    }

    /// More sessions wait. `asides` were said beside them, `dropped` packets were lost by the capturing program.
    pub fn hear(&mut self, mut sessions: Vec<Box<Session>>, asides: &[Aside], dropped: u64) {
        self.crowd.hear(asides, dropped);
        sessions.sort_by_key(|session| (session.first.time, session.id));
        let Self { crowd, waiting, memory, running, .. } = self;
        waiting.extend(sessions.into_iter().map(|session| {
            let bytes = session.memory();
            *memory += bytes;
            if let Some(index) = running.remove(&session.id) {
                crowd.take_back(index, &session);
            }
            (bytes, Summoned::new(session, crowd))
        }));
    }

    /// Judges those that wait longest, until the others hold no more than `keep` bytes; by up to so many `threads`. They
    /// come in the order of their first packets. Where none may wait on, everything is over, and nobody waits for those who run.
    pub fn judge(&mut self, keep: usize, asides: &[Aside], wording: Wording, threads: usize) -> Vec<Case> {
        let mut due = Vec::new();
        while self.memory > keep
            && let Some((bytes, summoned)) = self.waiting.pop_front()
        {
            self.memory -= bytes;
            due.push(summoned);
        }
        if due.is_empty() && keep > 0 {
            return Vec::new();
        }
        due.sort_by_key(|summoned| (summoned.session.first.time, summoned.session.id));
        let judged = self.conclude(due, asides, wording, threads);
        let told = if keep > 0 { self.unsettled.exchange(judged) } else { self.unsettled.all(judged) };
        attempt::join(told)
    }

    /// Judges `sessions` at once, each in the light of all that came before and of these. Who comes again, because it went on
    /// or was given other frame numbers, is no other one of the crowd. They come in the order of their first packets.
    pub fn judge_now(&mut self, mut sessions: Vec<Box<Session>>, asides: &[Aside], dropped: u64) -> Vec<Case> {
        debug_assert!(self.waiting.is_empty(), "who waits would be forgotten");
        self.crowd.hear(asides, dropped);
        sessions.sort_by_key(|session| (session.first.time, session.id));
        let due = sessions.into_iter().map(|session| self.summon(session)).collect();
        attempt::join(self.conclude(due, asides, Wording::Whole, usize::MAX))
    }

    /// Judges those who are due, in the order of their first packets.
    fn conclude(&mut self, due: Vec<Summoned>, asides: &[Aside], wording: Wording, threads: usize) -> Vec<(Case, Tie)> {
        self.crowd.settle(asides);
        let judged = judge_each(due, &self.crowd, wording, threads);
        self.forget();
        judged
    }

    fn summon(&mut self, session: Box<Session>) -> Summoned {
        let id = session.id;
        match self.places.get(&id).filter(|index| **index >= self.crowd.first()) {
            Some(index) => Summoned::again(session, *index),
            None => {
                let summoned = Summoned::new(session, &mut self.crowd);
                self.places.insert(id, summoned.index);
                summoned
            }
        }
    }

    /// Frames have other numbers now: has every one that is remembered changed.
    pub fn each_frame(&mut self, change: &mut dyn FnMut(&mut FrameNumber)) {
        self.crowd.each_frame(change);
    }

    /// Keeps the crowd in bounds.
    fn forget(&mut self) {
        let undecided = self.waiting.front().map_or(self.crowd.next(), |(_, summoned)| summoned.index);
        // Now and then, because everything is looked through.
        if undecided - self.crowd.first() > OFTEN * self.remembered {
            self.crowd.forget(undecided - self.remembered);
            let first = self.crowd.first();
            self.places.retain(|_, index| *index >= first);
            self.running.retain(|_, index| *index >= first);
        }
    }
}
