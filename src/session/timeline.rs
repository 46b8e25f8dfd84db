//! The events of a session in the order in which they were completed, bounded: its beginning and its end are kept.

use std::collections::VecDeque;

use super::event::{Event, EventKind};
use crate::tcp::stream::Mark;
use crate::wire::catalogue::Fact;

/// Events kept from the beginning of a session.
const HEAD: usize = 384;
/// Protected records and bulk kept from the beginning: enough for every handshake and logon.
const HEAD_RECORDS: usize = 96;
/// Events kept from its end.
const TAIL: usize = 128;
/// Protected records and bulk kept from the end; more of them only say that it ran.
const TAIL_RECORDS: usize = 32;

/// What was left out between the beginning and the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Elided {
    /// Events.
    pub events: u64,
    /// Protected or bulk records among them.
    pub records: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Records among them that are as long as a logon notification (MS-RDPBCGR 2.2.10.1), so that nobody takes one
    /// for missing.
    pub like_logon: u64,
}

/// Save Session Info has 613 to 657 bytes, and what protects a record adds at most 64.
const LOGON: std::ops::RangeInclusive<u32> = 613..=721;

/// Events in order.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    head: Vec<Event>,
    head_records: usize,
    tail: VecDeque<Event>,
    tail_records: usize,
    /// Bytes that messages hold outside of their events.
    heap: usize,
    elided: Elided,
}

impl Timeline {
    /// Adds what just happened.
    pub fn push(&mut self, event: Event) {
        let is_record = is_record(&event);
        self.heap += event.heap();
        let head_open = self.tail.is_empty()
            && self.elided.events == 0
            && self.head.len() < HEAD
            && (!is_record || self.head_records < HEAD_RECORDS);
        if head_open {
            self.head_records += usize::from(is_record);
            self.head.push(event);
            return;
        }
        self.tail_records += usize::from(is_record);
        self.tail.push_back(event);
        while self.tail.len() > TAIL || self.tail_records > TAIL_RECORDS {
            let Some(gone) = self.tail.pop_front() else { break };
            self.leave_out(&gone);
        }
    }

    fn leave_out(&mut self, event: &Event) {
        self.elided.events += 1;
        self.heap = self.heap.saturating_sub(event.heap());
        if is_record(event) {
            self.tail_records -= 1;
            self.elided.records += 1;
            self.elided.bytes += u64::from(event.length);
            self.elided.like_logon += u64::from(LOGON.contains(&event.length));
        }
    }

    /// Has every mark changed.
    pub(super) fn each_mark(&mut self, change: &mut dyn FnMut(&mut Mark)) {
        for event in self.head.iter_mut().chain(&mut self.tail) {
            let mut mark = event.mark();
            let mut first = Mark { frame: event.first_frame, ..mark };
            change(&mut mark);
            change(&mut first);
            (event.frame, event.time, event.place, event.first_frame) =
                (mark.frame, mark.time, mark.place, first.frame);
        }
    }

    /// All events kept, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Event> + Clone {
        self.head.iter().chain(self.tail.iter())
    }

    /// All messages kept, in order, with their events.
    pub fn facts(&self) -> impl DoubleEndedIterator<Item = (&Event, &Fact)> + Clone {
        self.iter().filter_map(|event| Some((event, event.fact()?)))
    }

    /// What was left out, and before which event of [`Self::iter`] it belongs.
    #[must_use]
    pub fn elided(&self) -> (Elided, usize) {
        (self.elided, self.head.len())
    }

    /// Events kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.head.len() + self.tail.len()
    }

    /// Whether nothing happened yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    /// Bytes of memory, roughly.
    #[inline]
    #[must_use]
    pub fn memory(&self) -> usize {
        (self.head.capacity() + self.tail.capacity()) * size_of::<Event>() + self.heap
    }

    /// Gives back what will not be needed any more.
    pub fn shrink(&mut self) {
        self.head.shrink_to_fit();
        self.tail.shrink_to_fit();
    }
}

const fn is_record(event: &Event) -> bool {
    matches!(event.kind, EventKind::Encrypted { .. } | EventKind::Bulk { .. })
}
