//! What is news of sessions that are not over: whom one side has left, whom a router has turned away, who stands still.

use std::collections::{HashMap, HashSet};

use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::dissect::phase_now;
use crate::engine::Engine;
use crate::frame::Timestamp;
use crate::session::{Phase, Session, SessionId};

/// A handshake that stands still for so long is judged without waiting for its end. Longer than the pauses between a
/// system's attempts to connect, and than clients wait. Nanoseconds.
const STUCK: i64 = 35_000_000_000;
/// So long after the goodbye of one side nobody waits for that of the other any more: RDP does nothing with half a
/// connection, and some servers leave theirs open for a long time. Nanoseconds.
const PARTED: i64 = 1_000_000_000;
/// So long after a router's "unreachable" to its SYN nobody waits for a client to try again. Longer than the first pause
/// between a system's attempts. Nanoseconds.
const TURNED_AWAY: i64 = 2_000_000_000;
/// Sessions of which something was said, before those that are gone since are looked for.
const TIDY: usize = 4096;

/// What was said so far.
pub(super) struct News {
    /// Told although they may go on: they stand still for good, or one side has left.
    told: HashSet<SessionId>,
    /// Judged because they stood still, each since when.
    still: HashMap<SessionId, Timestamp>,
    /// So many of both are looked through.
    tidy_at: usize,
}

impl News {
    /// Nothing was said yet.
    pub(super) fn new() -> Self {
        Self { told: HashSet::new(), still: HashMap::new(), tidy_at: TIDY }
    }

    /// Whether nothing was said of `session` since its last packet.
    fn is_news(&self, session: &Session) -> bool {
        !self.told.contains(&session.id) && self.still.get(&session.id) != Some(&session.last.time)
    }

    /// Handshakes that stand still for `least` nanoseconds, and of which nothing was said since.
    pub(super) fn waiting<'a>(&self, engine: &'a Engine, least: i64) -> impl Iterator<Item = &'a Session> {
        let silent = engine.running().filter(move |session| silence(engine, session) >= least);
        silent.filter(|session| self.is_news(session) && !session.is_midstream() && phase_now(session) != Phase::Rdp)
    }

    /// Those that stand still for good, side channels too, as they stand. They count as judged.
    pub(super) fn stuck(&mut self, engine: &mut Engine) -> Vec<Box<Session>> {
        let channels = engine.side_channels().filter(|channel| silence(engine, channel) >= STUCK);
        let silent = self.waiting(engine, STUCK).chain(channels.filter(|channel| self.is_news(channel)));
        let silent: Vec<_> = silent.map(|session| (session.id, session.last.time)).collect();
        let ids: Vec<SessionId> = silent.iter().map(|(id, _)| *id).collect();
        self.still.extend(silent);
        self.tidy(engine);
        engine.as_they_stand(&ids)
    }

    /// What one side has left, and what a router has turned away, as it stands. They count as told.
    pub(super) fn parted(&mut self, engine: &mut Engine) -> Vec<Box<Session>> {
        let is_turned_away = |session: &&Session| {
            session.accepted.is_none()
                && silence(engine, session) >= TURNED_AWAY
                && session.complaints().next().is_some()
        };
        let left = engine.half_closed().filter(|session| silence(engine, session) >= PARTED);
        let over = left.chain(engine.running().filter(is_turned_away)).map(|session| session.id);
        let over: Vec<SessionId> = over.filter(|id| self.told.insert(*id)).collect();
        engine.as_they_stand(&over)
    }

    /// `session` is told.
    pub(super) fn tell(&mut self, session: SessionId) {
        self.told.insert(session);
    }

    /// What stood still and was forgotten since needs no memory.
    fn tidy(&mut self, engine: &Engine) {
        if self.still.len() + self.told.len() <= self.tidy_at {
            return;
        }
        let running = engine.running().chain(engine.side_channels());
        let running: HashSet<SessionId> = running.map(|session| session.id).collect();
        self.still.retain(|id, _| running.contains(id));
        self.told.retain(|id| running.contains(id));
        self.tidy_at = TIDY.max((self.still.len() + self.told.len()) * 2);
    }
}

/// Whether what only stands still may go on: not when that by itself says that it died.
pub(super) fn may_go_on(case: &Case) -> bool {
    !matches!(case.verdict.outcome, Outcome::Died | Outcome::Scan)
}

/// How long `session` has been silent; nanoseconds.
fn silence(engine: &Engine, session: &Session) -> i64 {
    engine.now().0.saturating_sub(session.last.time.0)
}
