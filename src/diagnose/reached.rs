//! Which phases a session reached: seen in clear, or known by shape.

use super::shape::Shape;
use super::verdict::Phases;
use crate::session::{Direction, Phase, Seen, Session};
use crate::tcp::stream::Mark;

/// Phases seen, and phases only inferred.
pub(super) fn phases(session: &Session, shape: &Shape) -> (Phases, Phases) {
    let said = session.timeline.seen();
    let later = [Phase::X224, Phase::Tls, Phase::Mcs, Phase::Rdp];
    let mut seen: Phases = later.into_iter().filter(|phase| said.has(Seen::said_in(*phase))).collect();
    if session.server_side().packets > 0
        && (session.accepted.is_some() || session.server_side().syn().is_some() || session.is_midstream())
    {
        seen.insert(Phase::Tcp);
    }
    let behind = shape.records.iter().map(|record| record.phase).filter(|phase| *phase > Phase::Tls);
    let inferred = behind.filter(|phase| !seen.contains(*phase)).collect();
    (seen, inferred)
}

/// Where the session was at `mark`.
pub(super) fn phase_of_mark(session: &Session, mark: Mark) -> Phase {
    let before = session.timeline.iter().rfind(|event| event.time <= mark.time);
    before.map_or(Phase::Tcp, |event| event.phase)
}

/// The side that spoke last.
pub(super) fn last_speaker(session: &Session) -> Direction {
    let time = |direction: Direction| session.side(direction).last.map(|mark| (mark.time, mark.frame));
    if time(Direction::ServerToClient) > time(Direction::ClientToServer) {
        Direction::ServerToClient
    } else {
        Direction::ClientToServer
    }
}
