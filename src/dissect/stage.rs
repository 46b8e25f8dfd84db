//! The contract of this room: a stage reads one kind of message from the front of a direction's bytes.

use crate::session::{Direction, Event, EventKind, Phase, Session};
use crate::tcp::stream::{Mark, Origin};

/// What a stage did with the bytes it was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// So many bytes are dealt with.
    Used(usize),
    /// The message is not complete yet.
    More,
    /// These bytes are not what belongs here.
    Lost,
}

/// Stamps what a stage found with frames, time, direction, and adds it to the timeline.
pub(super) struct Emitter<'a> {
    pub(super) session: &'a mut Session,
    pub(super) direction: Direction,
}

/// Where a message begins: its first byte's frame and stream offset.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Start {
    pub(super) mark: Mark,
    pub(super) offset: u64,
}

impl Start {
    pub(super) fn of(origin: &Origin<'_>) -> Self {
        Self { mark: origin.first(), offset: origin.offset }
    }
}

impl Emitter<'_> {
    /// Something of `length` bytes that began at `start` is complete now.
    pub(super) fn emit(&mut self, phase: Phase, kind: EventKind, start: Start, length: u32, current: Mark) {
        self.session.timeline.push(Event {
            frame: current.frame,
            first_frame: start.mark.frame,
            time: current.time,
            place: current.place,
            stream_offset: start.offset,
            length,
            direction: self.direction,
            phase,
            kind,
        });
    }
}

/// The phase of the last event: where an act of TCP belongs.
#[must_use]
pub fn phase_now(session: &Session) -> Phase {
    session.timeline.last().map_or(Phase::Tcp, |event| event.phase)
}
