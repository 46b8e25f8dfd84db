//! What only a side in trouble has: bytes sent again, times without room. Most sides have none of it.

use std::ops::Range;

use super::side::Side;
use super::stream::Mark;

/// What is captured so long after its own acknowledgment was captured elsewhere, or by another clock; what is later still
/// was sent again. Less than that are the queues of one machine. Seconds.
const OUT_OF_STEP: Range<f64> = 0.000_2..0.1;

/// The same bytes sent again and again without being acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// Stream offset of the repeated bytes.
    pub offset: u64,
    /// Payload length; bytes.
    pub length: u32,
    /// Length of the IP packet; bytes.
    pub ip_length: u32,
    /// Don't Fragment was set.
    pub dont_fragment: bool,
    /// The first sending, where it was seen.
    pub original: Mark,
    /// The third repetition, with which they are no accident.
    pub third: Option<Mark>,
    /// The last repetition.
    pub last: Mark,
    /// Repetitions so far.
    pub count: u32,
}

/// The same bytes sent again and again although they were acknowledged: their sender hears nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deaf {
    /// Stream offset of the repeated bytes.
    pub offset: u64,
    /// The acknowledgment that it does not heed.
    pub receipt: Mark,
    /// The last repetition.
    pub last: Mark,
    /// Repetitions so far.
    pub count: u32,
}

/// Bytes that were captured after the acknowledgment that they had arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overtaken {
    /// How often that happened.
    pub count: u32,
    /// The acknowledgment that was furthest ahead.
    pub by: Mark,
    /// The bytes that it acknowledges.
    pub bytes: Mark,
}

impl Overtaken {
    /// How far the two were apart; seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.bytes.time.since(self.by.time)
    }
}

/// The first and the last packet of something.
pub type Span = (Mark, Mark);

/// Packets that are named of many alike.
const NAMED: usize = 6;

/// Packets that asked again: how many, and the first of them. A session that lives long has more than a timeline keeps.
#[derive(Clone, Debug, Default)]
pub struct Tries {
    count: usize,
    first: Vec<Mark>,
}

impl Tries {
    /// How many.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The first of them, in order.
    #[must_use]
    pub fn first(&self) -> &[Mark] {
        &self.first
    }

    fn note(&mut self, mark: Mark) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(mark);
        }
    }

    fn clear(&mut self) {
        self.count = 0;
        self.first.clear();
    }
}

/// Kept apart from the counters, because it is long.
#[derive(Clone, Debug, Default)]
pub(super) struct Trouble {
    pub(super) refilled_by: Option<Span>,
    pub(super) resent_by: Option<Span>,
    pub(super) stalled: Option<Span>,
    pub(super) longest_stall: Option<Span>,
    /// What it sent again since the other side was last heard, keep-alives too.
    in_vain: Tries,
    /// What the other side asked while there was no room for data, as far as that lasts.
    probes: Tries,
    /// How often bytes came twice, as the other side says.
    doubled: u32,
    pub(super) repeat: Option<Repeat>,
    pub(super) deaf: Option<Deaf>,
    pub(super) overtaken: Option<Overtaken>,
    /// The longest IP packet that arrived behind the oldest missing byte, in bytes, and the frame that says so.
    pub(super) sacked: Option<(u32, Mark)>,
}

impl Trouble {
    /// A window of 0 at `mark`.
    pub(super) fn note_full(&mut self, mark: Mark) {
        if self.stalled.is_none() {
            self.probes.clear();
        }
        let (since, _) = self.stalled.unwrap_or((mark, mark));
        self.stalled = Some((since, mark));
        let lasts = |(from, to): Span| to.time.0.saturating_sub(from.time.0);
        if self.longest_stall.is_none_or(|longest| lasts((since, mark)) >= lasts(longest)) {
            self.longest_stall = self.stalled;
        }
    }

    /// Bytes of memory, with what it holds outside of itself.
    pub(super) fn memory(&self) -> usize {
        size_of::<Self>() + (self.in_vain.first.capacity() + self.probes.first.capacity()) * size_of::<Mark>()
    }

    /// Bytes from stream offset `offset` on come again with `mark`, though `receipt` has acknowledged them.
    pub(super) fn note_deaf(&mut self, offset: u64, receipt: Mark, mark: Mark) {
        match &mut self.deaf {
            Some(deaf) if deaf.offset == offset => {
                deaf.count += 1;
                deaf.last = mark;
            }
            other => *other = Some(Deaf { offset, receipt, last: mark, count: 1 }),
        }
    }

    /// Has every mark changed.
    pub(super) fn each_mark(&mut self, change: &mut dyn FnMut(&mut Mark)) {
        let pairs = [&mut self.refilled_by, &mut self.resent_by, &mut self.stalled, &mut self.longest_stall];
        for (first, last) in pairs.into_iter().flatten() {
            change(first);
            change(last);
        }
        self.in_vain.first.iter_mut().chain(&mut self.probes.first).for_each(&mut *change);
        if let Some(repeat) = &mut self.repeat {
            change(&mut repeat.original);
            repeat.third.iter_mut().for_each(&mut *change);
            change(&mut repeat.last);
        }
        if let Some(deaf) = &mut self.deaf {
            change(&mut deaf.receipt);
            change(&mut deaf.last);
        }
        if let Some(overtaken) = &mut self.overtaken {
            change(&mut overtaken.by);
            change(&mut overtaken.bytes);
        }
        if let Some((_, mark)) = &mut self.sacked {
            change(mark);
        }
    }
}

/// The span from the first time to `mark`.
pub(super) fn prolonged(span: Option<Span>, mark: Mark) -> Option<Span> {
    Some((span.map_or(mark, |(first, _)| first), mark))
}

/// What is asked of it.
impl Side {
    /// Retransmissions of what passed here and did not arrive, as far as can be told.
    #[must_use]
    pub fn lost_behind(&self) -> u32 {
        self.retransmissions.saturating_sub(self.refilled + self.needless.max(self.spurious()))
    }

    /// Frames seen, without copies that only the capture made.
    #[must_use]
    pub fn originals(&self) -> u64 {
        self.packets.saturating_sub(self.twins.into())
    }

    /// The first and the last retransmission of what was not captured the first time.
    #[must_use]
    pub fn refilled_by(&self) -> Option<Span> {
        self.trouble.as_ref()?.refilled_by
    }

    /// The first and the last of what was captured before: lost behind the capture point, or sent needlessly.
    #[must_use]
    pub fn resent_by(&self) -> Option<Span> {
        self.trouble.as_ref()?.resent_by
    }

    /// The first and the last packet of the time without room for data that lasts now.
    #[inline]
    #[must_use]
    pub fn stalled(&self) -> Option<Span> {
        self.trouble.as_ref()?.stalled
    }

    /// The longest such time.
    #[must_use]
    pub fn longest_stall(&self) -> Option<Span> {
        self.trouble.as_ref()?.longest_stall
    }

    /// What it sent again since the other side was last heard: bytes, and keep-alives.
    #[must_use]
    pub fn in_vain(&self) -> Option<&Tries> {
        self.trouble.as_ref().map(|trouble| &trouble.in_vain).filter(|tries| tries.count > 0)
    }

    /// Something is sent again at `mark`.
    pub fn note_try(&mut self, mark: Mark) {
        self.trouble().in_vain.note(mark);
    }

    /// The other side is heard.
    pub fn be_answered(&mut self) {
        if let Some(trouble) = &mut self.trouble {
            trouble.in_vain.clear();
        }
    }

    /// What the other side asked while there is no room for data.
    #[must_use]
    pub fn probes(&self) -> Option<&Tries> {
        self.trouble.as_ref().filter(|trouble| trouble.stalled.is_some()).map(|trouble| &trouble.probes)
    }

    /// The other side asks again at `mark`, perhaps whether there is room now.
    pub fn note_probe(&mut self, mark: Mark) {
        if let Some(trouble) = self.trouble.as_mut().filter(|trouble| trouble.stalled.is_some()) {
            trouble.probes.note(mark);
        }
    }

    /// Retransmissions of what had arrived already, as the other side says (RFC 2883): nothing was lost, it took long.
    #[must_use]
    pub fn spurious(&self) -> u32 {
        let doubled = self.trouble.as_ref().map_or(0, |trouble| trouble.doubled);
        doubled.min(self.retransmissions.saturating_sub(self.refilled))
    }

    /// The other side says that bytes came twice.
    pub fn note_doubled(&mut self) {
        self.trouble().doubled += 1;
    }

    /// Bytes that were captured after their own acknowledgment.
    #[must_use]
    pub fn overtaken(&self) -> Option<Overtaken> {
        self.trouble.as_ref()?.overtaken
    }

    /// New bytes at `offset` come with `mark`: where they were acknowledged before, the two directions are out of step.
    pub(super) fn note_order(&mut self, offset: i64, mark: Mark) {
        let Some(by) = self.acknowledged_by.filter(|_| offset < self.acknowledged.cast_signed()) else { return };
        let late = mark.time.since(by.time);
        if !OUT_OF_STEP.contains(&late) {
            return;
        }
        let overtaken = &mut self.trouble().overtaken;
        let new = Overtaken { count: 0, by, bytes: mark };
        let mut most = overtaken.filter(|before| before.seconds() >= late).unwrap_or(new);
        most.count = overtaken.map_or(0, |before| before.count) + 1;
        *overtaken = Some(most);
    }

    /// Unacknowledged bytes sent again.
    #[inline]
    #[must_use]
    pub fn repeat(&self) -> Option<Repeat> {
        self.trouble.as_ref()?.repeat
    }

    /// Acknowledged bytes sent again and again, if nothing new was sent since: who hears the other side goes on.
    #[must_use]
    pub fn deaf(&self) -> Option<Deaf> {
        let deaf = self.trouble.as_ref()?.deaf?;
        self.last_data.is_none_or(|last| !deaf.receipt.is_before(last)).then_some(deaf)
    }

    /// The longest IP packet that the other side has behind the oldest byte that it lacks: its length in bytes, and the frame
    /// that says so (RFC 2018).
    #[must_use]
    pub fn sacked(&self) -> Option<(u32, Mark)> {
        self.trouble.as_ref()?.sacked
    }

    /// Bytes were sent again and are not acknowledged.
    pub fn set_repeat(&mut self, repeat: Repeat) {
        self.trouble().repeat = Some(repeat);
    }
}
