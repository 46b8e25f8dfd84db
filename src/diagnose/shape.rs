//! What protected records tell by size, direction and order alone.

use crate::frame::FrameNumber;
use crate::session::{Phase, Session};

/// A record whose meaning was inferred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inferred {
    /// The frame that completed it.
    pub frame: FrameNumber,
    /// Stream offset of the record, to tell several in a frame apart.
    pub stream_offset: u64,
    /// The phase it belongs to.
    pub phase: Phase,
    /// What it is, in the specification's words.
    pub name: &'static str,
    /// Whether the size allows nothing else there.
    pub exact: bool,
}

/// The inferred story.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Records with a meaning, in order.
    pub records: Vec<Inferred>,
}

impl Shape {
    /// Reads the records of `session`.
    #[must_use]
    pub fn of(_session: &Session) -> Self {
        Self::default()
    }

    /// The meaning of the record at this place, if it has one.
    #[must_use]
    pub fn at(&self, frame: FrameNumber, stream_offset: u64) -> Option<&Inferred> {
        self.records.iter().find(|record| record.frame == frame && record.stream_offset == stream_offset)
    }
}
