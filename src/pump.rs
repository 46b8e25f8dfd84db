//! Source to engine to judge: the only loop, and its like for a capture that still runs. Sessions that memory has no room
//! for are judged on the way.

mod company;
mod court;
mod early;
mod follow;
mod glimpse;
mod kept;
mod news;
mod outcome;
mod overflow;
mod pause;

use std::thread;

use crate::capture::{CaptureError, Next, Progress, Source};
use crate::diagnose::{Case, Wording, hints, judge_worded};
use crate::engine::{Engine, Options};
use crate::frame::Frame;
use crate::knowledge::cause::Moot;
use crate::session::SessionId;
pub use early::Scribe;
pub use follow::{Follower, Standing, Stuck, follow};
use glimpse::{TOUCHED, glimpse};
pub use kept::Wanted;
pub use outcome::Pumped;
use outcome::dropped;
use overflow::Overflow;
use pause::Pauses;

/// Who is told what happens while a capture is read.
pub trait Watcher {
    /// So many frames and sessions so far; called now and then.
    fn progress(&mut self, frames: u64, sessions: u32, read: &Progress);
    /// Sessions that had to be given up early, judged. They are not among the cases in the end.
    fn early(&mut self, cases: Vec<Case>);
    /// Who writes down those that are given up early, where they are judged: beside reading, if there is a processor for that.
    /// `early` is told of the same ones afterwards. Asked for once, before anything is read.
    fn scribe(&mut self) -> Option<Scribe> {
        None
    }
    /// Whether it wants no session in the end: all may be given up on the way as soon as some have to be.
    fn streams(&self) -> bool {
        false
    }
    /// What verdicts are to say to it.
    fn wording(&self) -> Wording {
        Wording::Whole
    }
    /// How many sessions it wants to see now, while reading goes on; asked at every beat.
    fn wanted(&mut self) -> usize {
        0
    }
    /// Sessions that were touched since the last time, judged alone: neither their numbers nor their verdicts are final.
    fn glimpsed(&mut self, _cases: Vec<Case>) {}
    /// Whether it wants to know what is over when the source pauses.
    fn listens(&self) -> bool {
        false
    }
    /// Sessions that are over although the source goes on, judged. They are also among the cases in the end, by the same
    /// numbers.
    fn ended(&mut self, _cases: Vec<Case>) {}
    /// Nobody wants to know the rest.
    fn is_gone(&self) -> bool {
        false
    }
}

/// Key log lines kept; bytes. A line has some 200.
const SECRETS: usize = 4 << 20;

/// How often the watcher is told of progress; frames.
const BEAT: u64 = 4096;

/// Frames between two beats at the beginning: who looks at a screen wants its first rows at once.
const FIRST_BEAT: u64 = 64;

const fn is_beat(frames: u64) -> bool {
    frames.is_multiple_of(BEAT) || frames == FIRST_BEAT
}

/// How often it is looked whether memory has to be made; frames.
const STRIDE: u64 = 16;

/// Reads `source` to its end and judges every session in it.
///
/// # Errors
/// When the source as a whole cannot go on.
pub fn run<S: Source + ?Sized>(
    source: &mut S,
    options: Options,
    watcher: &mut dyn Watcher,
) -> Result<Pumped, CaptureError> {
    let scribe = watcher.scribe();
    thread::scope(|scope| {
        let overflow = Overflow::new(scope, &options, scribe);
        let mut pump = Pump::new(options, overflow);
        while let Some(is_quiet) = pump.read_on(source)? {
            if !pump.look_round(source, watcher, is_quiet) {
                break;
            }
        }
        Ok(pump.conclude(source, watcher))
    })
}

/// A capture that is being read.
struct Pump<'scope, 'env> {
    engine: Engine,
    overflow: Overflow<'scope, 'env>,
    pauses: Pauses,
    frames: u64,
    /// Key log lines.
    secrets: Vec<u8>,
    /// Since somebody last wanted to see them.
    touched: Vec<SessionId>,
    /// Every session is known until the end, and nobody was told its number.
    is_whole: bool,
}

impl<'scope, 'env> Pump<'scope, 'env> {
    fn new(options: Options, overflow: Overflow<'scope, 'env>) -> Self {
        let pauses = Pauses::new(options.memory);
        let engine = Engine::new(options);
        Self { engine, overflow, pauses, frames: 0, secrets: Vec::new(), touched: Vec::new(), is_whole: true }
    }

    /// Reads until there is something to look after; answers whether the source pauses, or nothing at its end.
    fn read_on<S: Source + ?Sized>(&mut self, source: &mut S) -> Result<Option<bool>, CaptureError> {
        let Self { engine, overflow, frames, touched, .. } = self;
        let mut take = |frame: &Frame<'_>| {
            *frames += 1;
            if let Some(id) = engine.push(frame)
                && touched.last() != Some(&id)
                && touched.len() < TOUCHED
            {
                touched.push(id);
            }
            !(is_beat(*frames) || frames.is_multiple_of(STRIDE) && overflow.is_due(engine))
        };
        if source.hand(&mut take) > 0 {
            return Ok(Some(false));
        }
        match source.next()? {
            Next::Frame(frame) => {
                take(&frame);
            }
            Next::Idle(now) => {
                self.engine.tick(now);
                return Ok(Some(true));
            }
            Next::Secrets(lines) if self.secrets.len() + lines.len() <= SECRETS => {
                self.secrets.extend_from_slice(lines)
            }
            Next::Secrets(_) => {}
            Next::End => return Ok(None),
        }
        Ok(Some(false))
    }

    /// Makes memory where that is due, and tells the watcher what there is to tell; answers whether to go on.
    fn look_round<S: Source + ?Sized>(&mut self, source: &S, watcher: &mut dyn Watcher, is_quiet: bool) -> bool {
        let Self { engine, overflow, frames, .. } = self;
        if frames.is_multiple_of(STRIDE) && overflow.is_due(engine) {
            watcher.early(overflow.relieve(engine, dropped(source), watcher.wording()));
        }
        if is_quiet && watcher.listens() {
            let over = self.pauses.over(engine, dropped(source));
            // Who was told numbers finds them again in the end.
            self.is_whole &= over.is_empty();
            watcher.ended(over);
        }
        if !is_quiet && !is_beat(*frames) {
            return true;
        }
        watcher.early(overflow.ready());
        watcher.progress(*frames, engine.sessions(), &source.progress());
        let wanted = watcher.wanted();
        // Who wants none now will want them later, when perhaps nothing more comes.
        if wanted > 0 {
            let glimpsed = glimpse(engine, &mut self.touched, wanted);
            watcher.glimpsed(glimpsed.into_iter().map(|(case, _)| case).collect());
        }
        !watcher.is_gone()
    }

    /// Everything was read: what was not judged on the way is judged.
    fn conclude<S: Source + ?Sized>(mut self, source: &S, watcher: &mut dyn Watcher) -> Pumped {
        let (dropped, wording) = (dropped(source), watcher.wording());
        self.is_whole &= !self.overflow.has_begun();
        let Self { engine, overflow, is_whole, .. } = &mut self;
        let mut cases = if !overflow.has_begun() {
            let mut sessions = engine.finish();
            if *is_whole {
                // Numbers by the time of the first packet; on odd ports a session is known only by its first word.
                for (number, session) in (1..).zip(&mut sessions) {
                    session.id.0 = number;
                }
            }
            judge_worded(sessions, engine.asides(), dropped, wording)
        } else if watcher.streams() {
            overflow.tell_rest(engine, dropped, wording, &mut |cases| watcher.early(cases));
            Vec::new()
        } else {
            watcher.early(overflow.late());
            overflow.rest(engine, dropped, wording)
        };
        let hints = if cases.is_empty() && *is_whole { hints(engine.asides(), engine.now()) } else { Vec::new() };
        let Self { engine, frames, secrets, .. } = self;
        if !secrets.is_empty() {
            // Nobody needs to be told how to come by keys.
            cases.iter_mut().for_each(|case| case.verdict.moot = case.verdict.moot.and(Moot::HAS_KEYS));
        }
        Pumped { cases, hints, frames, traffic: engine.into_traffic(), secrets }
    }
}
