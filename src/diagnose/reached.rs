//! Which phases a session reached: seen in clear, or known by shape.

use super::shape::Shape;
use crate::session::{Direction, Phase, Session};
use crate::tcp::stream::Mark;

/// Phases seen, and phases only inferred.
pub(super) fn phases(session: &Session, shape: &Shape) -> (Vec<Phase>, Vec<Phase>) {
    let mut seen = Vec::new();
    if session.server_side().packets > 0
        && (session.accepted.is_some() || session.server_side().syn().is_some() || session.is_midstream())
    {
        seen.push(Phase::Tcp);
    }
    for phase in [Phase::X224, Phase::Tls, Phase::Mcs, Phase::Rdp] {
        let words = session.timeline.iter().filter(|event| event.length > 0);
        if words.clone().any(|event| event.phase == phase) {
            seen.push(phase);
        }
    }
    let mut inferred: Vec<Phase> =
        shape.records.iter().map(|record| record.phase).filter(|phase| *phase > Phase::Tls).collect();
    inferred.sort_unstable();
    inferred.dedup();
    inferred.retain(|phase| !seen.contains(phase));
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
