//! The same loop on a running capture: sessions are judged as they end, and those that stand still are named.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use super::kept::{Wanted, judge_and_keep};
use super::outcome::{Pumped, dropped};
use crate::capture::{CaptureError, Holding, Next};
use crate::diagnose::verdict::Outcome;
use crate::diagnose::{Case, hints};
use crate::dissect::phase_now;
use crate::engine::{Engine, Options};
use crate::frame::{Input, Timestamp};
use crate::session::{Endpoint, Phase, Session, SessionId};

/// A closed session may get packets for so long before it is judged: the true answer behind a forged reset, the second
/// FIN's acknowledgment. Nanoseconds.
const SETTLE: i64 = 150_000_000;
/// A handshake that stands still for so long is judged without waiting for its end. Longer than the pauses between a
/// system's attempts to connect, and than clients wait. Nanoseconds.
const STUCK: i64 = 35_000_000_000;
/// So long after the goodbye of one side nobody waits for that of the other any more: RDP does nothing with half a
/// connection, and some servers leave theirs open for a long time. Nanoseconds.
const PARTED: i64 = 1_000_000_000;
/// So long after a router's "unreachable" to its SYN nobody waits for a client to try again. Longer than the first pause
/// between a system's attempts. Nanoseconds.
const TURNED_AWAY: i64 = 2_000_000_000;
/// From here on it is named as standing still. Nanoseconds.
const SLOW: i64 = 3_000_000_000;
/// Frames between two looks at the clock.
const STRIDE: u64 = 256;
/// Between two looks for sessions that are over.
const BEAT: Duration = Duration::from_millis(25);
/// Between two looks at all that run.
const ROUND: Duration = Duration::from_millis(500);
/// Earlier sessions in whose light the next one is judged.
const COMPANY: usize = 24;
/// Standing sessions named at once.
const NAMED: usize = 3;

/// How things stand.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Frames so far.
    pub frames: u64,
    /// Sessions so far.
    pub sessions: u32,
    /// Sessions whose handshake stands still: longest first.
    pub stuck: Vec<Stuck>,
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
    let mut following = Following::new(Engine::new(options), wanted);
    let is_choosy = source.is_choosy();
    loop {
        let is_quiet = match source.next()? {
            Next::Frame(frame) => {
                following.frames += 1;
                let touched = following.engine.push(&frame);
                if let (true, Some(id)) = (is_choosy, touched) {
                    source.belongs(id.0);
                }
                false
            }
            Next::Idle(now) => {
                following.engine.tick(now);
                true
            }
            Next::Secrets(_) => false,
            Next::End => break,
        };
        if following.engine.is_over_budget() {
            following.give_up(source, follower);
        }
        if (is_quiet || following.frames.is_multiple_of(STRIDE)) && !following.beat(source, follower) {
            break;
        }
    }
    // Nothing more will come, so nothing needs to settle.
    following.tell(0, source, follower);
    let Following { mut engine, frames, .. } = following;
    let sessions = engine.finish();
    let cases = judge_and_keep(sessions, engine.asides(), dropped(&*source), source, wanted);
    let hints = if cases.is_empty() { hints(engine.asides(), engine.now()) } else { Vec::new() };
    Ok(Pumped { cases, hints, frames, traffic: engine.into_traffic(), secrets: Vec::new() })
}

struct Following {
    engine: Engine,
    wanted: Wanted,
    frames: u64,
    looked: Instant,
    round: Instant,
    /// Judged because they stood still, or because one side had left.
    stuck: HashSet<SessionId>,
    company: VecDeque<Box<Session>>,
    /// Packets lost by when: what was lost before a session began is not its loss.
    losses: VecDeque<(Timestamp, u64)>,
    standing: Standing,
}

impl Following {
    fn new(engine: Engine, wanted: Wanted) -> Self {
        let now = Instant::now();
        Self {
            engine,
            wanted,
            frames: 0,
            looked: now,
            round: now,
            stuck: HashSet::new(),
            company: VecDeque::new(),
            losses: VecDeque::new(),
            standing: Standing::default(),
        }
    }

    fn beat(&mut self, source: &mut dyn Holding, follower: &mut dyn Follower) -> bool {
        if self.looked.elapsed() < BEAT {
            return true;
        }
        self.looked = Instant::now();
        self.tell(SETTLE, source, follower);
        if self.round.elapsed() >= ROUND {
            self.round = Instant::now();
            self.go_round(source, follower);
        }
        self.standing.frames = self.frames;
        self.standing.sessions = self.engine.sessions();
        follower.beat(&self.standing)
    }

    /// Judges what memory has no room for.
    fn give_up(&mut self, source: &mut dyn Holding, follower: &mut dyn Follower) {
        let evicted = self.engine.evict();
        let lost = dropped(&*source);
        for case in judge_and_keep(evicted, self.engine.asides(), lost, source, self.wanted) {
            let id = case.session.id.0;
            follower.early(case, source.inputs());
            source.forget(id);
        }
    }

    /// Judges what is over.
    fn tell(&mut self, settle: i64, source: &mut dyn Holding, follower: &mut dyn Follower) {
        let ripe = self.engine.ripe(settle);
        if !ripe.is_empty() {
            self.judge(ripe, true, source, follower);
        }
    }

    /// Looks at all that run: who stands still, and for how long.
    fn go_round(&mut self, source: &mut dyn Holding, follower: &mut dyn Follower) {
        let now = self.engine.now();
        self.part(now, source, follower);
        let mut still: Vec<(i64, Stuck)> = Vec::new();
        let mut over = Vec::new();
        for session in self.engine.running() {
            let phase = phase_now(session);
            let silent = now.0.saturating_sub(session.last.time.0);
            if phase == Phase::Rdp || session.is_midstream() || silent < SLOW || self.stuck.contains(&session.id) {
                continue;
            }
            if silent >= STUCK {
                over.push(session.id);
            }
            let seconds = now.since(session.last.time);
            still.push((silent, Stuck { id: session.id, client: session.client, phase, seconds }));
        }
        still.sort_unstable_by_key(|(silent, stuck)| (std::cmp::Reverse(*silent), stuck.id));
        self.standing.stuck = still.into_iter().map(|(_, stuck)| stuck).take(NAMED).collect();
        // What stood still and was forgotten since needs no memory.
        if self.stuck.len() > 4096 {
            let running: HashSet<SessionId> = self.engine.running().map(|session| session.id).collect();
            self.stuck.retain(|id| running.contains(id));
        }
        let silent: Vec<Box<Session>> = self.engine.as_they_stand(&over);
        self.stuck.extend(over);
        if !silent.is_empty() {
            self.judge(silent, false, source, follower);
        }
    }

    /// Judges what one side has left, and what a router has turned away.
    fn part(&mut self, now: Timestamp, source: &mut dyn Holding, follower: &mut dyn Follower) {
        let silent = |session: &Session| now.0.saturating_sub(session.last.time.0);
        let is_turned_away = |session: &&Session| {
            session.accepted.is_none() && silent(session) >= TURNED_AWAY && session.complaints().next().is_some()
        };
        let left = self.engine.half_closed().filter(|session| silent(session) >= PARTED);
        let over = left.chain(self.engine.running().filter(is_turned_away)).map(|session| session.id);
        let over: Vec<SessionId> = over.filter(|id| !self.stuck.contains(id)).collect();
        self.stuck.extend(&over);
        let over = self.engine.as_they_stand(&over);
        if !over.is_empty() {
            self.judge(over, true, source, follower);
        }
    }

    fn judge(
        &mut self,
        sessions: Vec<Box<Session>>,
        are_over: bool,
        source: &mut dyn Holding,
        follower: &mut dyn Follower,
    ) {
        let begun = sessions.iter().map(|session| session.first.time).min().unwrap_or_default();
        let lost = self.lost_since(begun, dropped(&*source));
        let wanted: HashSet<SessionId> = sessions.iter().map(|session| session.id).collect();
        let mut all: Vec<Box<Session>> =
            self.company.iter().filter(|known| !wanted.contains(&known.id)).cloned().collect();
        all.extend(sessions);
        for case in judge_and_keep(all, self.engine.asides(), lost, source, self.wanted) {
            if !wanted.contains(&case.session.id) {
                continue;
            }
            if are_over && !(self.wanted)(case.verdict.outcome) {
                source.spare(case.session.id.0);
            }
            // What only stands still may go on, unless that by itself says that it died.
            if are_over || matches!(case.verdict.outcome, Outcome::Died | Outcome::Scan) {
                self.company.push_back(case.session.clone());
                follower.ended(case, source.inputs());
            }
        }
        while self.company.len() > COMPANY {
            self.company.pop_front();
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
