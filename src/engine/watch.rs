//! An eye on the clock: quiet that lasts, and time that cannot have gone by as the capture says.

use crate::session::{ClockJump, Direction, Quiet, Session};
use crate::tcp::habit::timestamp;
use crate::tcp::latest::Latest;
use crate::tcp::segment::Segment;
use crate::tcp::side::Noted;
use crate::tcp::stream::Mark;

/// Devices forget connections that say nothing; none known does so sooner. Nanoseconds.
const LONG: i64 = 60_000_000_000;
/// Several interfaces in one file are written one after the other; further back than this is the clock. Nanoseconds.
const BACK: i64 = 2_000_000_000;

/// What the last packets leave open.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    previous: Option<Mark>,
    /// Who spoke or asked last, and has no answer yet; whether with new payload.
    asked: Option<(Direction, bool)>,
}

impl Watch {
    /// A packet comes in; what it does to the connection is not known yet. `offset` is its place in its stream.
    #[inline]
    pub(super) fn note(
        &mut self,
        session: &mut Session,
        latest: &Latest,
        segment: &Segment<'_>,
        offset: i64,
        direction: Direction,
        mark: Mark,
    ) {
        let Some(before) = self.previous.replace(mark) else { return };
        let gap = mark.time.0.saturating_sub(before.time.0);
        if -BACK < gap && gap < LONG {
            return;
        }
        self.wonder(session, latest, segment, offset, direction, (before, mark));
    }

    /// Time made a leap between two packets.
    #[cold]
    fn wonder(
        &self,
        session: &mut Session,
        latest: &Latest,
        segment: &Segment<'_>,
        offset: i64,
        direction: Direction,
        (before, mark): (Mark, Mark),
    ) {
        let gap = mark.time.0.saturating_sub(before.time.0);
        let in_file_order = mark.frame.file() == before.frame.file() && mark.frame > before.frame;
        if gap <= -BACK && in_file_order {
            session.note_clock_jump(ClockJump { before, after: mark, ticks: None });
        } else if gap >= LONG {
            match self.leap(session, latest, segment, direction, mark) {
                Some(ticks) => {
                    session.note_clock_jump(ClockJump { before, after: mark, ticks });
                }
                // A packet that does not continue where its side was says that more was said than captured.
                None if self.is_settled(session, segment, direction) && is_next(session, offset, direction) => {
                    let length = |last: Quiet| last.after.time.0.saturating_sub(last.before.time.0);
                    let outlived = session.quiet().map_or(0, |last| last.outlived.max(length(last)));
                    session.set_quiet(Quiet { before, after: mark, by: direction, outlived });
                }
                None => {}
            }
        }
    }

    /// Whether nobody waits for an answer. What was said once and not said again for so long was acknowledged, though the
    /// capture lacks it: who then goes on with the next bytes shows it, and so does a reset, which answers nothing.
    fn is_settled(&self, session: &Session, segment: &Segment<'_>, direction: Direction) -> bool {
        self.asked
            .is_none_or(|(asker, is_new)| is_new && (asker == direction || segment.flags.rst() || session.lacks_bare()))
    }

    /// Whether the time since the last packet is the capture's invention: the sender's own clock says so, or bytes
    /// that wait for nothing but an acknowledgment are acknowledged after it without having been sent again.
    fn leap(
        &self,
        session: &Session,
        latest: &Latest,
        segment: &Segment<'_>,
        direction: Direction,
        mark: Mark,
    ) -> Option<Option<u32>> {
        if segment.flags.rst() {
            return None;
        }
        if let (Some(now), Some((then, at))) = (timestamp(segment.options), latest.stamp()) {
            let ticks = now.wrapping_sub(then);
            let elapsed = mark.time.0.saturating_sub(at.0) / 1_000_000_000;
            // RFC 7323 5.4: a tick is a second at most.
            return (elapsed >= 60 && i64::from(ticks) < elapsed).then_some(Some(ticks));
        }
        let other = session.side(direction.reverse());
        let answers = self.asked == Some((direction.reverse(), true)) && segment.flags.ack();
        (answers && !other.all_acknowledged() && other.repeat().is_none() && segment.length == 0).then_some(None)
    }

    /// Whether time goes by as usual up to a packet at `mark`.
    #[inline]
    pub(super) fn is_usual(&self, mark: Mark) -> bool {
        self.previous.is_some_and(|before| {
            let gap = mark.time.0.saturating_sub(before.time.0);
            -BACK < gap && gap < LONG
        })
    }

    /// What `note` and `settle` do for such a packet.
    #[inline]
    pub(super) fn go_on(&mut self, direction: Direction, length: u32, mark: Mark) {
        self.previous = Some(mark);
        self.settle(direction, length, Noted::Plain);
    }

    /// What the packet turned out to be.
    #[inline]
    pub(super) fn settle(&mut self, direction: Direction, length: u32, noted: Noted) {
        let asks = length > 0 || noted == Noted::KeepAlive;
        if asks {
            self.asked = Some((direction, noted == Noted::Plain));
        } else if self.asked.is_some_and(|(who, _)| who != direction) {
            self.asked = None;
        }
    }
}

/// Whether a packet stands where its side stopped; a keep-alive is one byte behind, a packet after a FIN one ahead.
fn is_next(session: &Session, offset: i64, direction: Direction) -> bool {
    let sent = session.side(direction).sent;
    sent == 0 || offset.abs_diff(sent.cast_signed()) <= 1
}
