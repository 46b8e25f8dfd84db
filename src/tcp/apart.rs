//! What is known of few sides: SYNs that were not the first frame, resets behind the last sign of life, copies.

use super::segment::{Options, Segment};
use super::side::Side;
use super::stream::Mark;

/// Marks that nearly always are those of other frames: then they are not kept twice.
#[derive(Clone, Debug, Default)]
pub(super) struct Apart {
    /// The last frame that was no reset, where the last one was.
    pub(super) alive: Option<Mark>,
    /// The first SYN, where it was not the first frame.
    pub(super) syn: Option<Mark>,
    /// The last SYN, where it was not the first.
    pub(super) last_syn: Option<Mark>,
    /// What was the last frame when a copy came.
    pub(super) copied: Option<Mark>,
}

impl Apart {
    /// Has every mark changed.
    pub(super) fn each_mark(&mut self, change: &mut dyn FnMut(&mut Mark)) {
        let marks = [&mut self.alive, &mut self.syn, &mut self.last_syn, &mut self.copied];
        marks.into_iter().flatten().for_each(&mut *change);
    }
}

impl Side {
    /// Last frame that was no reset.
    #[must_use]
    pub fn last_alive(&self) -> Option<Mark> {
        if self.is_alive { self.last } else { self.apart.as_ref()?.alive }
    }

    /// The first SYN (or SYN,ACK).
    #[inline]
    #[must_use]
    pub fn syn(&self) -> Option<Mark> {
        if self.syns == 0 {
            return None;
        }
        self.apart.as_ref().and_then(|apart| apart.syn).or(self.first)
    }

    /// The last repetition of it.
    #[must_use]
    pub fn last_syn(&self) -> Option<Mark> {
        self.apart.as_ref().and_then(|apart| apart.last_syn).or_else(|| self.syn())
    }

    pub(super) fn apart(&mut self) -> &mut Apart {
        self.apart.get_or_insert_default()
    }

    /// The same packet once more (mirror ports, `any`).
    pub fn note_twin(&mut self) {
        self.twins += 1;
        self.packets += 1;
        let last = self.last;
        self.apart().copied = last;
    }

    /// Whether no copy of the last frame came.
    #[must_use]
    pub fn ends_single(&self) -> bool {
        self.apart.as_ref().is_none_or(|apart| apart.copied != self.last)
    }

    /// Counts the SYN or SYN,ACK of this side.
    pub fn note_syn(&mut self, segment: &Segment<'_>, mark: Mark) {
        self.syns += 1;
        if self.syns > 1 {
            self.apart().last_syn = Some(mark);
            return;
        }
        self.initial = segment.sequence;
        self.options = Options::read(segment.options);
        if self.first.is_some() {
            self.apart().syn = Some(mark);
        } else {
            self.first = Some(mark);
            self.ttl = segment.net.ttl;
        }
    }
}
