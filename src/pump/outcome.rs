//! What comes of reading.

use crate::capture::Source;
use crate::diagnose::{Case, Hint};
use crate::engine::Traffic;

/// What came of a capture.
#[derive(Debug, Default)]
pub struct Pumped {
    /// Sessions and verdicts, by the time of their first packet.
    pub cases: Vec<Case>,
    /// What may have kept sessions from beginning; only of a capture that has none.
    pub hints: Vec<Hint>,
    /// Frames read.
    pub frames: u64,
    /// What was looked at, RDP or not.
    pub traffic: Traffic,
    /// Key log lines that the capture carries, kept for whoever can use them.
    pub secrets: Vec<u8>,
}

/// Packets that the capturing program says it lost.
pub(super) fn dropped(source: &(impl Source + ?Sized)) -> u64 {
    source.inputs().iter().map(|input| input.dropped).sum()
}
