//! Closed connections whose sessions were handed over: what straggles in belongs to none that is to come.

use std::collections::VecDeque;
use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::flows::FlowKey;
use super::limits;
use crate::tcp::segment::Segment;

/// What one of them takes, with its places in table and queue; bytes.
const SPACE: usize = 96;

/// What comes so many sequence numbers from where a side stopped may still be of the same connection; what belongs to
/// another one begins so near by chance once in thousands of times.
const NEAR: u32 = 1 << 18;

/// More that comes so late than this is no straggler: the connection lives, and whatever seemed to end it did not.
const STRAYS: u8 = 32;

/// A connection that is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Over {
    /// Until so long after it, all but another SYN straggles in; nanoseconds.
    since: i64,
    /// Sequence number of the client's SYN, if one was seen.
    initial: Option<u32>,
    /// Sequence numbers of the next bytes of both sides, as far as they are known.
    next: [Option<u32>; 2],
    /// So many have come late.
    strays: u8,
}

impl Over {
    /// One that ended at `since`; none has come late yet.
    pub(super) const fn new(since: i64, initial: Option<u32>, next: [Option<u32>; 2]) -> Self {
        Self { since, initial, next, strays: 0 }
    }

    /// Whether `segment`, which comes at `time` (nanoseconds), straggles in: only another SYN begins anew. Much later the ports
    /// may be those of a connection whose SYN was not captured; who slept meanwhile goes on where it was.
    fn is_straggler(&mut self, segment: &Segment<'_>, time: i64) -> bool {
        if time.saturating_sub(self.since) <= limits::LINGER {
            return !segment.flags.syn() || segment.flags.ack() || self.initial == Some(segment.sequence);
        }
        let is_near = |next: u32| {
            let ahead = segment.sequence.wrapping_sub(next);
            ahead.min(ahead.wrapping_neg()) <= NEAR
        };
        self.strays += 1;
        self.strays <= STRAYS && !segment.flags.syn() && self.next.into_iter().flatten().any(is_near)
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
    /// The connection with this key is `over`; so many `room` bytes are for all.
    pub(super) fn add(&mut self, key: &FlowKey, over: Over, room: usize) {
        let hash = self.seed.hash_one(key);
        self.table.insert(hash, over);
        self.queue.push_back((hash, over.since));
        while self.queue.len() > room / SPACE {
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
        let Some(over) = self.table.get_mut(&hash) else { return false };
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
