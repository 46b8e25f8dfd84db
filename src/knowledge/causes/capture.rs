//! Causes: capture.

use super::super::cause::{Cause, Chapter, Remedy};
use super::remedies::*;

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "cap.one-way",
        title: "the capture shows only one direction",
        chapter: Chapter::Capture,
        fixes: &[Remedy::new("capture", "mirror both directions (SPAN: both), or capture on one of the hosts")],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "cap.starts-mid-session",
        title: "the session was running when the capture began",
        chapter: Chapter::Capture,
        fixes: WHOLE,
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "cap.ends-mid-session",
        title: "the capture stops before anything goes wrong",
        chapter: Chapter::Capture,
        fixes: WHOLE,
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "cap.snaplen-cut",
        title: "the capture holds only the beginning of packets",
        chapter: Chapter::Capture,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "cap.drops",
        title: "the capturing program lost packets",
        chapter: Chapter::Capture,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "cap.incomplete",
        title: "the capture lacks packets that the peers exchanged",
        chapter: Chapter::Capture,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
];
