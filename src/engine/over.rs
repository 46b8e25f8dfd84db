//! Closed connections whose sessions were given up early: what straggles in for a while belongs to none that is to come.

use std::collections::VecDeque;
use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::flows::FlowKey;
use super::limits;
use crate::tcp::segment::Segment;

/// What one of them takes, with its places in table and queue; bytes.
const SPACE: usize = 64;

/// A connection that is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Over {
    /// When its session was given up; nanoseconds.
    since: i64,
    /// Sequence number of the client's SYN, if one was seen.
    initial: Option<u32>,
}

impl Over {
    /// Whether `segment`, which comes at `time` (nanoseconds), straggles in: only another SYN begins anew.
    fn is_straggler(self, segment: &Segment<'_>, time: i64) -> bool {
        let is_another = segment.flags.syn() && !segment.flags.ack() && self.initial != Some(segment.sequence);
        !is_another && time.saturating_sub(self.since) <= limits::LINGER
    }
}

/// All of them, by a hash of their ends, because there may be many. It is seeded anew in each process, so that nobody makes
/// two connections share one.
#[derive(Debug, Default)]
pub(super) struct Overs {
    seed: RandomState,
    table: HashMap<u64, Over, RandomState>,
    /// As they were given up.
    queue: VecDeque<(u64, i64)>,
}

impl Overs {
    /// The connection with this key is given up `now` (nanoseconds), whose client began with `initial`; so many `room`
    /// bytes are for all.
    pub(super) fn add(&mut self, key: &FlowKey, initial: Option<u32>, now: i64, room: usize) {
        let hash = self.seed.hash_one(key);
        self.table.insert(hash, Over { since: now, initial });
        self.queue.push_back((hash, now));
        let is_past = |(_, time): &(u64, i64)| now.saturating_sub(*time) > limits::LINGER;
        while self.queue.len() > room / SPACE || self.queue.front().is_some_and(is_past) {
            let Some((first, time)) = self.queue.pop_front() else { return };
            // The ports may have been used again since, and given up again.
            if self.table.get(&first).is_some_and(|over| over.since == time) {
                self.table.remove(&first);
            }
        }
    }

    /// Whether `segment` of the connection with this key straggles in; if it does not, the connection begins anew.
    pub(super) fn is_straggler(&mut self, key: &FlowKey, segment: &Segment<'_>, time: i64) -> bool {
        if self.table.is_empty() {
            return false;
        }
        let hash = self.seed.hash_one(key);
        let Some(over) = self.table.get(&hash) else { return false };
        let is_straggler = over.is_straggler(segment, time);
        if !is_straggler {
            self.table.remove(&hash);
        }
        is_straggler
    }

    /// Bytes of memory.
    pub(super) fn memory(&self) -> usize {
        self.queue.len() * SPACE
    }
}
