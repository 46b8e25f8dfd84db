//! How a host writes its packets: TTL, IP identification, timestamps. What is written otherwise came from elsewhere.

use super::segment::{Options, Segment};
use super::stream::Mark;

/// Different TTLs remembered; a path with more of them tells nothing.
const KINDS: usize = 4;
/// One identification follows another of the same counter within this; other connections use the counter too.
const STEP: u16 = 256;
/// The same where the packet may be one that waited for a while.
const REACH: u16 = 2048;
/// Packets that a habit needs before a breach of it says something.
const FORMED: u32 = 4;

/// The habits of one side; resets are held against them, and do not form them.
#[derive(Clone, Debug, Default)]
pub struct Habit {
    ttls: [u8; KINDS],
    kinds: u32,
    /// TTL of the latest packets.
    pub ttl: u8,
    /// The first of the latest packets with that TTL, where it is not the first of all.
    since: Option<Box<Mark>>,
    /// How many the latest packets with that TTL are.
    pub ttl_run: u32,
    /// Packets seen.
    pub packets: u32,
    last_id: Option<u16>,
    steps: u32,
    leaps: u32,
    stamped: u32,
    /// A packet had more payload than the peers agreed on.
    pub is_oversized: bool,
}

impl Habit {
    /// Different TTLs seen; beyond what is remembered, one more.
    #[must_use]
    pub const fn ttl_kinds(&self) -> usize {
        self.kinds as usize
    }

    /// The first of the latest packets with the TTL of the last, where it is not the `first` of all.
    pub(super) fn ttl_since(&self, first: Mark) -> Mark {
        self.since.as_deref().copied().unwrap_or(first)
    }

    /// Has every mark changed.
    pub(super) fn each_mark(&mut self, change: &mut dyn FnMut(&mut Mark)) {
        if let Some(since) = &mut self.since {
            change(since);
        }
    }

    /// Takes note of a packet that is no reset, with the timestamp that it bears; `first` is the first of all of its side,
    /// resets included.
    #[inline]
    pub(super) fn note(&mut self, segment: &Segment<'_>, stamp: Option<u32>, mark: Mark, first: Option<&Mark>) {
        self.packets += 1;
        let ttl = segment.net.ttl;
        if self.packets == 1 || ttl != self.ttl {
            self.turn(ttl, mark, first);
        }
        self.ttl_run += 1;
        if let Some(id) = segment.net.id
            && let Some(last) = self.last_id.replace(id)
        {
            let follows = (1..=STEP).contains(&id.wrapping_sub(last));
            *(if follows { &mut self.steps } else { &mut self.leaps }) += 1;
        }
        self.stamped += u32::from(stamp.is_some());
    }

    /// From `mark` on packets have another TTL.
    fn turn(&mut self, ttl: u8, mark: Mark, first: Option<&Mark>) {
        (self.ttl, self.ttl_run) = (ttl, 0);
        self.since = first.is_some_and(|first| mark != *first).then(|| Box::new(mark));
        let known = self.ttl_kinds().min(KINDS);
        if !self.ttls[..known].contains(&ttl) {
            if let Some(slot) = self.ttls.get_mut(self.kinds as usize) {
                *slot = ttl;
            }
            self.kinds += 1;
        }
    }

    /// Bytes of memory outside of it.
    pub(super) const fn memory(&self) -> usize {
        if self.since.is_some() { size_of::<Mark>() } else { 0 }
    }

    /// Whether it ever sent a packet with this TTL, or uses so many that one more is nothing.
    #[must_use]
    pub fn has_ttl(&self, ttl: u8) -> bool {
        self.ttl_kinds() > KINDS || self.ttls[..self.ttl_kinds()].contains(&ttl)
    }

    /// Whether all its packets came with one TTL.
    #[must_use]
    pub const fn is_steady(&self) -> bool {
        self.kinds == 1
    }

    /// The last identification of a counter that `id` does not continue. Systems that count seldom skip much; 0 is
    /// what Linux writes where it has no connection any more, and no sign.
    #[must_use]
    pub fn breaks_series(&self, id: Option<u16>) -> Option<u16> {
        let (id, last) = (id.filter(|id| *id != 0)?, self.last_id?);
        let counts = self.steps >= FORMED && self.leaps * 8 <= self.steps;
        let near = id.wrapping_sub(last) <= REACH || last.wrapping_sub(id) <= REACH;
        (counts && !near).then_some(last)
    }

    /// Whether all its packets bear a timestamp (RFC 7323: once negotiated, all but resets must).
    #[must_use]
    pub const fn is_stamped(&self) -> bool {
        self.stamped >= FORMED && self.stamped == self.packets
    }
}

/// The value of a timestamp option that stands where all systems put it: behind two fillers, or first.
#[inline]
#[must_use]
pub fn timestamp(options: &[u8]) -> Option<u32> {
    match *options {
        [1, 1, 8, 10, a, b, c, d, ..] | [8, 10, a, b, c, d, ..] => Some(u32::from_be_bytes([a, b, c, d])),
        _ if options.len() > 10 => Options::read(options).timestamp,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::segment::{Flags, Net};
    use super::*;

    fn packet(ttl: u8, id: u16, options: &[u8]) -> Segment<'_> {
        let net = Net {
            source: [10, 0, 0, 1].into(),
            destination: [10, 0, 0, 2].into(),
            ttl,
            id: Some(id),
            dont_fragment: true,
            length: 40,
        };
        Segment {
            net,
            source_port: 1,
            destination_port: 2,
            sequence: 0,
            acknowledgment: 0,
            flags: Flags(Flags::ACK),
            window: 0,
            options,
            payload: &[],
            length: 0,
        }
    }

    fn formed(ids: impl IntoIterator<Item = u16>) -> Habit {
        let mut habit = Habit::default();
        for id in ids {
            let options = [1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0];
            habit.note(&packet(63, id, &options), timestamp(&options), Mark::default(), None);
        }
        habit
    }

    #[test]
    fn a_counter_is_broken_by_a_leap_and_by_nothing_else() {
        let habit = formed(65_530..=65_535);
        assert_eq!(habit.breaks_series(Some(0x1337)), Some(65_535));
        assert_eq!(habit.breaks_series(Some(3)), None, "counts on across the wrap");
        assert_eq!(habit.breaks_series(Some(0)), None, "a kernel without such a connection");
        let random = formed([9, 40_000, 12, 30_000, 777, 50_000]);
        assert_eq!(random.breaks_series(Some(0x1337)), None, "no counter, no leap");
    }

    #[test]
    fn ttl_and_timestamps() {
        let habit = formed(1..6);
        assert!(habit.is_steady() && habit.is_stamped() && habit.has_ttl(63) && !habit.has_ttl(64));
        assert_eq!(timestamp(&[1, 1, 8, 10, 0, 0, 1, 0, 0, 0, 0, 0]), Some(256));
        assert_eq!(timestamp(&[1, 1, 5, 10, 0, 0, 0, 0, 0, 0, 0, 0]), None);
    }
}
