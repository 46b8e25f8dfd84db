//! The same loop on a running capture: sessions are judged as they end, and those that stand still are named.

use std::collections::VecDeque;
use std::thread;
use std::time::{Duration, Instant};

use super::company::Company;
use super::court::{Answer, Court, Matter, Request};
use super::glimpse::{TOUCHED, glimpse};
use super::kept::{Wanted, judge_and_keep, keep, renumber};
use super::news::{News, may_go_on};
use super::outcome::{Pumped, dropped};
use crate::capture::{CaptureError, Holding, Next};
use crate::diagnose::{Case, hints};
use crate::dissect::phase_now;
use crate::engine::{Engine, Options};
use crate::frame::{Frame, Input, Timestamp};
use crate::session::{Endpoint, Phase, Session, SessionId};

/// A closed session may get packets for so long before it is judged: the true answer behind a forged reset, the second
/// FIN's acknowledgment. Nanoseconds.
pub(super) const SETTLE: i64 = 150_000_000;
/// From here on a handshake is named as standing still. Nanoseconds.
const SLOW: i64 = 3_000_000_000;
/// Frames between two looks at the clock.
const STRIDE: u64 = 256;
/// Between two looks for sessions that are over.
const BEAT: Duration = Duration::from_millis(25);
/// Between two looks at all that run.
const ROUND: Duration = Duration::from_millis(500);
/// Who looks at very many does so less often: the pause is at least so many times what a round takes.
const SPARING: u32 = 300;
/// Standing sessions named at once.
const NAMED: usize = 3;

/// How things stand.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Frames so far.
    pub frames: u64,
    /// Their captured bytes.
    pub bytes: u64,
    /// Sessions so far.
    pub sessions: u32,
    /// Sessions whose handshake stands still: longest first.
    pub stuck: Vec<Stuck>,
    /// The capture's clock.
    pub now: Timestamp,
    /// What is remembered of sessions; bytes.
    pub memory: usize,
}

/// A handshake that stands still.
#[derive(Clone, Copy, Debug)]
pub struct Stuck {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub client: Endpoint,
    /// In what.
    pub phase: Phase,
    /// For how long; seconds.
    pub seconds: f64,
}

/// Who is told what a running capture brings.
pub trait Follower {
    /// A session is over, or stands still for good. `inputs` are those that frames are of.
    fn ended(&mut self, case: Case, inputs: &[Input]);
    /// A session that memory has no room for, judged. It is not among the cases in the end; it may have ended before.
    fn early(&mut self, case: Case, inputs: &[Input]);
    /// How things stand; answers whether to go on.
    fn beat(&mut self, standing: &Standing) -> bool;
    /// How many running sessions it wants to see now; asked at every beat.
    fn wanted(&mut self) -> usize {
        0
    }
    /// Running sessions that were touched since the last time, without a verdict.
    fn glimpsed(&mut self, _cases: Vec<Case>) {}
    /// Nobody waits for the last word on all sessions.
    fn is_gone(&self) -> bool {
        false
    }
}

/// Follows `source` until it ends or `follower` has enough, then judges every session once more in the light of all.
/// Where the source lets packets wait, those of sessions that are `wanted` are kept.
///
/// # Errors
/// When the source cannot go on.
pub fn follow(
    source: &mut dyn Holding,
    options: Options,
    wanted: Wanted,
    follower: &mut dyn Follower,
) -> Result<Pumped, CaptureError> {
    thread::scope(|scope| {
        let company = Company::new(options.memory);
        let memory = options.memory - company.room().min(options.memory / 2);
        let engine = Engine::new(Options { memory, ..options });
        let mut following = Following::new(engine, wanted, Court::open(scope, company));
        following.run(source, follower)?;
        if follower.is_gone() {
            return Ok(Pumped::default());
        }
        // Nothing more will come, so nothing needs to settle.
        following.tell(0, source);
        while let Some(answer) = following.court.wait() {
            following.take(answer, source, follower);
        }
        let Following { mut engine, frames, .. } = following;
        let sessions = engine.finish();
        let cases = judge_and_keep(sessions, engine.asides(), dropped(&*source), source, wanted);
        let hints = if cases.is_empty() { hints(engine.asides(), engine.now()) } else { Vec::new() };
        Ok(Pumped { cases, hints, frames, traffic: engine.into_traffic(), secrets: Vec::new() })
    })
}

struct Following {
    engine: Engine,
    wanted: Wanted,
    court: Court,
    frames: u64,
    looked: Instant,
    round: Instant,
    /// Until the next one.
    pause: Duration,
    news: News,
    /// Packets lost by when: what was lost before a session began is not its loss.
    losses: VecDeque<(Timestamp, u64)>,
    /// Since somebody last wanted to see them.
    touched: Vec<SessionId>,
    standing: Standing,
}

impl Following {
    fn new(engine: Engine, wanted: Wanted, court: Court) -> Self {
        let now = Instant::now();
        Self {
            engine,
            wanted,
            court,
            frames: 0,
            looked: now,
            round: now,
            pause: ROUND,
            news: News::new(),
            losses: VecDeque::new(),
            touched: Vec::new(),
            standing: Standing::default(),
        }
    }

    /// Until the source ends or `follower` has enough.
    fn run(&mut self, source: &mut dyn Holding, follower: &mut dyn Follower) -> Result<(), CaptureError> {
        let is_choosy = source.is_choosy();
        loop {
            let is_quiet = match source.next()? {
                Next::Frame(frame) => {
                    self.frames += 1;
                    let touched = self.push(&frame);
                    if let (true, Some(id)) = (is_choosy, touched) {
                        source.belongs(id.0);
                    }
                    false
                }
                Next::Idle(now) => {
                    self.engine.tick(now);
                    true
                }
                Next::Secrets(_) => false,
                Next::End => return Ok(()),
            };
            if self.engine.is_over_budget() {
                let evicted = self.engine.evict();
                self.ask(evicted, Matter::Early, source);
            }
            if (is_quiet || self.frames.is_multiple_of(STRIDE)) && !self.beat(source, follower) {
                return Ok(());
            }
        }
    }

    fn push(&mut self, frame: &Frame<'_>) -> Option<SessionId> {
        self.standing.bytes += frame.bytes.len() as u64;
        let touched = self.engine.push(frame);
        if touched.is_some() && self.touched.last() != touched.as_ref() && self.touched.len() < TOUCHED {
            self.touched.extend(touched);
        }
        touched
    }

    fn beat(&mut self, source: &mut dyn Holding, follower: &mut dyn Follower) -> bool {
        if self.looked.elapsed() < BEAT {
            return true;
        }
        self.looked = Instant::now();
        while let Some(answer) = self.court.answer() {
            self.take(answer, source, follower);
        }
        // While the judge is busy, sessions wait where they are.
        if !self.court.is_busy() {
            self.tell(SETTLE, source);
        }
        if self.round.elapsed() >= self.pause && !self.court.is_busy() {
            let begun = Instant::now();
            self.go_round(source);
            self.round = Instant::now();
            self.pause = ROUND.max(begun.elapsed() * SPARING);
        }
        let wanted = follower.wanted();
        let running: Vec<Case> = if wanted > 0 {
            // What is over is told by its verdict.
            let glimpsed = glimpse(&self.engine, &mut self.touched, wanted);
            glimpsed.into_iter().filter(|(_, is_over)| !is_over).map(|(case, _)| case).collect()
        } else {
            Vec::new()
        };
        if !running.is_empty() {
            follower.glimpsed(running);
        }
        self.standing.now = self.engine.now();
        self.standing.memory = self.engine.held();
        self.standing.frames = self.frames;
        self.standing.sessions = self.engine.sessions();
        follower.beat(&self.standing)
    }

    /// Has judged what is over.
    fn tell(&mut self, settle: i64, source: &mut dyn Holding) {
        let ripe = self.engine.ripe(settle);
        self.ask(ripe, Matter::Over, source);
    }

    /// Looks at all that run: who was left, who stands still, and for how long.
    fn go_round(&mut self, source: &mut dyn Holding) {
        let parted = self.news.parted(&mut self.engine);
        self.ask(parted, Matter::Over, source);
        let now = self.engine.now();
        let still = self.news.waiting(&self.engine, SLOW).map(|session| Stuck {
            id: session.id,
            client: session.client,
            phase: phase_now(session),
            seconds: now.since(session.last.time),
        });
        let mut still: Vec<Stuck> = still.collect();
        still.sort_unstable_by(|one, other| other.seconds.total_cmp(&one.seconds).then(one.id.cmp(&other.id)));
        still.truncate(NAMED);
        self.standing.stuck = still;
        let stuck = self.news.stuck(&mut self.engine);
        self.ask(stuck, Matter::Still, source);
    }

    fn ask(&mut self, mut sessions: Vec<Box<Session>>, matter: Matter, source: &mut dyn Holding) {
        if sessions.is_empty() {
            return;
        }
        let begun = sessions.iter().map(|session| session.first.time).min().unwrap_or_default();
        let dropped = self.lost_since(begun, dropped(&*source));
        if source.is_choosy() {
            sessions.iter_mut().for_each(|session| renumber(session, source.moved(session.id.0)));
        }
        let asides = self.engine.asides().to_vec();
        self.court.ask(Request { matter, sessions, asides, dropped, moved: Vec::new() });
    }

    /// Tells what was judged. What is to be kept, and was not before, is judged once more with its new numbers.
    fn take(&mut self, answer: Answer, source: &mut dyn Holding, follower: &mut dyn Follower) {
        let Answer { matter, cases, asides, dropped } = answer;
        let mut again = Vec::new();
        let mut moved = Vec::new();
        for mut case in cases {
            let id = case.session.id.0;
            if keep(&mut case, source, self.wanted) {
                again.push(case.session);
                moved.extend_from_slice(source.moved(id));
                continue;
            }
            match matter {
                Matter::Early => {
                    follower.early(case, source.inputs());
                    source.forget(id);
                    continue;
                }
                Matter::Over if !(self.wanted)(case.verdict.outcome) => source.spare(id),
                Matter::Over | Matter::Still => {}
            }
            if matter == Matter::Over || !may_go_on(&case) {
                self.news.tell(case.session.id);
                follower.ended(case, source.inputs());
            }
        }
        if !again.is_empty() {
            moved.sort_unstable_by_key(|moved| moved.from);
            self.court.ask(Request { matter, sessions: again, asides, dropped, moved });
        }
    }

    /// Packets lost since `time`, when `dropped` were lost in all.
    fn lost_since(&mut self, time: Timestamp, dropped: u64) -> u64 {
        if self.losses.back().map_or(0, |(_, total)| *total) != dropped {
            self.losses.push_back((self.engine.now(), dropped));
            if self.losses.len() > 4096 {
                self.losses.pop_front();
            }
        }
        let before = self.losses.iter().take_while(|(when, _)| *when < time).last();
        dropped - before.map_or(0, |(_, total)| *total)
    }
}
