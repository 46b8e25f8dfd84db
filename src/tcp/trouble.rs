//! What only a side in trouble has: bytes sent again, times without room. Most sides have none of it.

use super::side::Side;
use super::stream::Mark;

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
    /// The last repetition.
    pub last: Mark,
    /// Repetitions so far.
    pub count: u32,
}

/// The first and the last packet of something.
pub type Span = (Mark, Mark);

/// Kept apart from the counters, because it is long.
#[derive(Clone, Debug, Default)]
pub(super) struct Trouble {
    pub(super) refilled_by: Option<Span>,
    pub(super) resent_by: Option<Span>,
    pub(super) stalled: Option<Span>,
    pub(super) longest_stall: Option<Span>,
    pub(super) repeat: Option<Repeat>,
}

impl Trouble {
    /// A window of 0 at `mark`.
    pub(super) fn note_full(&mut self, mark: Mark) {
        let (since, _) = self.stalled.unwrap_or((mark, mark));
        self.stalled = Some((since, mark));
        let lasts = |(from, to): Span| to.time.0.saturating_sub(from.time.0);
        if self.longest_stall.is_none_or(|longest| lasts((since, mark)) >= lasts(longest)) {
            self.longest_stall = self.stalled;
        }
    }

    /// Has every mark changed.
    pub(super) fn each_mark(&mut self, change: &mut dyn FnMut(&mut Mark)) {
        let pairs = [&mut self.refilled_by, &mut self.resent_by, &mut self.stalled, &mut self.longest_stall];
        for (first, last) in pairs.into_iter().flatten() {
            change(first);
            change(last);
        }
        if let Some(repeat) = &mut self.repeat {
            change(&mut repeat.original);
            change(&mut repeat.last);
        }
    }
}

/// The span from the first time to `mark`.
pub(super) fn prolonged(span: Option<Span>, mark: Mark) -> Option<Span> {
    Some((span.map_or(mark, |(first, _)| first), mark))
}

/// What is asked of it.
impl Side {
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

    /// Unacknowledged bytes sent again.
    #[inline]
    #[must_use]
    pub fn repeat(&self) -> Option<Repeat> {
        self.trouble.as_ref()?.repeat
    }

    /// Bytes were sent again and are not acknowledged.
    pub fn set_repeat(&mut self, repeat: Repeat) {
        self.trouble().repeat = Some(repeat);
    }
}
