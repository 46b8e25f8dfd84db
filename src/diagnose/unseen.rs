//! Last words that were said and not captured: whatever is read from the last ones that were may be wrong then.

use super::rule::Scene;
use crate::frame::FrameNumber;
use crate::session::{Control, Direction};

/// No more than this is on its way at once; bytes.
const MOST: i64 = 65_535;

/// Whose last words before the first act of closing are missing, and the frame that shows it.
pub(super) fn last_words(scene: &Scene<'_>) -> Option<(Direction, FrameNumber)> {
    let session = scene.session;
    let act = scene.ending.act?;
    let (by, other) = (act.direction, act.direction.reverse());
    let hole = |side: Direction| session.hole(side).filter(|_| session.side(side).uncaptured > 0);
    let is_behind_hole = hole(by).is_some_and(|hole| hole.behind.frame == act.frame);
    // A reset that counts more than came by: that much was said before it.
    let is_ahead = matches!(act.control(), Some(Control::Rst(facts)) if (1..=MOST).contains(&facts.distance));
    if is_behind_hole || is_ahead {
        return Some((by, act.frame));
    }
    if scene.received(other) > session.side(other).sent && session.side(other).uncaptured > 0 {
        // What closes, or what came just before, acknowledges more than the other side said here.
        return Some((other, act.frame));
    }
    // What the other side said and nothing came behind is acknowledged.
    let acknowledged = hole(other).filter(|hole| hole.length == 0)?;
    Some((other, acknowledged.behind.frame))
}
