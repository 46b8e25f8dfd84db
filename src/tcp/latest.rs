//! What the next packet of a side is held against: of no use once there is none, so it is no part of the side's counters.

use super::segment::Segment;
use super::stream::Mark;
use crate::frame::Timestamp;

/// The same packet twice within this time is the capture's doing (mirror ports, `any`); seconds.
pub const TWIN: f64 = 0.05;
/// The same without a running IP identification; seconds.
pub const TWIN_WITHOUT_ID: f64 = 0.002;
/// The same where a copy comes with another TTL, from another place on the way: captures of two places were merged, and the
/// way from one to the other takes its time; seconds.
const TWIN_ELSEWHERE: f64 = 0.5;
/// The same without a running IP identification: sooner than any retransmission timer runs out; seconds.
const TWIN_ELSEWHERE_WITHOUT_ID: f64 = 0.15;
/// Packets on their way that are remembered.
const FLIGHTS: usize = 8;
/// Packets of which a copy would be known.
pub const RECENT: usize = 4;
/// The same once there was a copy: then all are copied, and whole bursts come before their copies.
pub const MIRRORED: usize = 64;

/// The latest of one side.
#[derive(Clone, Debug, Default)]
pub struct Latest {
    acknowledgment: Option<u32>,
    /// The oldest packet that is not acknowledged yet: end offset, IP length, mark.
    pub(super) unacknowledged: Option<(u64, u32, Mark)>,
    /// The last time that something was sent again.
    pub(super) repeat: Option<Timestamp>,
    stamp: Option<(u32, Timestamp)>,
    track: Option<Box<Track>>,
}

/// The last few packets themselves.
#[derive(Clone, Debug, Default)]
struct Track {
    flights: [Flight; FLIGHTS],
    recent: [Recent; RECENT],
    flight: u8,
    turn: u8,
    /// In place of `recent`, once there was a copy.
    mirrored: Option<Box<Mirrored>>,
}

/// The last packets of a side that are captured more than once.
#[derive(Clone, Debug)]
struct Mirrored {
    recent: [Recent; MIRRORED],
    turn: usize,
}

/// A packet on its way.
#[derive(Clone, Copy, Debug, Default)]
struct Flight {
    /// Stream offset of its first byte.
    start: u64,
    /// Payload on the wire; bytes.
    length: u32,
    ip_length: u32,
}

/// A packet, as far as a copy is told by it.
#[derive(Clone, Copy, Debug, Default)]
struct Recent {
    sequence: u32,
    acknowledgment: u32,
    length: u32,
    /// 0 where there is none.
    id: u16,
    flags: u8,
    ttl: u8,
    time: Timestamp,
}

impl Latest {
    /// Whether this very packet was captured a moment ago already (mirror ports, `any`).
    #[inline]
    pub fn is_twin(&mut self, segment: &Segment<'_>, time: Timestamp) -> bool {
        let id = segment.net.id.unwrap_or(0);
        let (sequence, acknowledgment) = (segment.sequence, segment.acknowledgment);
        let (length, flags, ttl) = (segment.length, segment.flags.0, segment.net.ttl);
        let now = Recent { sequence, acknowledgment, length, id, flags, ttl, time };
        // Nearly all differ in these two, so they are looked at first.
        let may_be = |old: &Recent| (old.sequence, old.acknowledgment) == (sequence, acknowledgment);
        let track = self.track();
        if let Some(mirrored) = &mut track.mirrored {
            return mirrored.is_copy(now, segment);
        }
        if track.recent.iter().any(|old| may_be(old) && old.is_copied_by(&now, segment)) {
            track.mirrored = Some(Box::new(Mirrored::from(&track.recent, track.turn.into())));
            return true;
        }
        track.recent[usize::from(track.turn) % RECENT] = now;
        track.turn = (track.turn + 1) % RECENT as u8;
        false
    }

    #[inline]
    fn track(&mut self) -> &mut Track {
        match &mut self.track {
            Some(track) => track,
            none => none.insert(Box::default()),
        }
    }

    /// Packets come seldom now, if ever: the last ones are forgotten, what they were about is not.
    pub fn rest(&mut self) {
        self.track = None;
    }

    /// Bytes of memory outside of it.
    #[inline]
    #[must_use]
    pub const fn memory(&self) -> usize {
        match &self.track {
            Some(track) => size_of::<Track>() + if track.mirrored.is_some() { size_of::<Mirrored>() } else { 0 },
            None => 0,
        }
    }

    /// Takes note of an acknowledgment; answers whether it is another one than before.
    #[inline]
    pub(super) fn moves_on(&mut self, acknowledgment: u32) -> bool {
        self.acknowledgment.replace(acknowledgment).is_some_and(|before| before != acknowledgment)
    }

    #[inline]
    pub(super) const fn note_stamp(&mut self, stamp: Option<u32>, mark: Mark) {
        if let Some(stamp) = stamp {
            self.stamp = Some((stamp, mark.time));
        }
    }

    /// Its last timestamp (RFC 7323), and when it was sent.
    #[must_use]
    pub const fn stamp(&self) -> Option<(u32, Timestamp)> {
        self.stamp
    }

    /// New payload from stream offset `start` to `end` is on its way.
    #[inline]
    pub(super) fn note_flight(&mut self, start: u64, end: u64, ip_length: u32, mark: Mark) {
        // A segment's payload fits 32 bits.
        let length = end.saturating_sub(start) as u32;
        let track = self.track();
        track.flights[usize::from(track.flight) % FLIGHTS] = Flight { start, length, ip_length };
        track.flight = (track.flight + 1) % FLIGHTS as u8;
        self.unacknowledged.get_or_insert((end, ip_length, mark));
    }

    /// Bytes of IP and TCP headers of the latest packet on its way.
    pub(super) fn header(&self) -> u32 {
        let latest = self.track.as_ref().map(|track| {
            let turn = usize::from(track.flight) + FLIGHTS - 1;
            track.flights[turn % FLIGHTS]
        });
        latest.map_or(0, |flight| flight.ip_length.saturating_sub(flight.length))
    }

    /// Payload and IP lengths of the packets on their way that lie within these stream offsets.
    pub(super) fn within(&self, start: i64, end: i64) -> impl Iterator<Item = (u32, u32)> {
        let inside = move |flight: &&Flight| {
            let from = flight.start.cast_signed();
            flight.length > 0 && from >= start && from + i64::from(flight.length) <= end
        };
        let flights = self.track.as_ref().map(|track| track.flights.iter()).into_iter().flatten();
        flights.filter(inside).map(|flight| (flight.length, flight.ip_length))
    }
}

impl Mirrored {
    /// Goes on from `recent`, of which the oldest is at `turn`.
    fn from(recent: &[Recent; RECENT], turn: usize) -> Self {
        let mut all = [Recent::default(); MIRRORED];
        let ordered = recent.iter().cycle().skip(turn);
        all.iter_mut().zip(ordered.take(RECENT)).for_each(|(place, old)| *place = *old);
        Self { recent: all, turn: RECENT }
    }

    /// Whether `now` is the copy of one of them; else it is the last of them.
    fn is_copy(&mut self, now: Recent, segment: &Segment<'_>) -> bool {
        let (newer, older) = self.recent.split_at(self.turn);
        let mut latest = newer.iter().rev().chain(older.iter().rev());
        let is_late = |old: &Recent| now.time.since(old.time) > TWIN_ELSEWHERE;
        if latest.by_ref().take_while(|old| !is_late(old)).any(|old| old.is_copied_by(&now, segment)) {
            return true;
        }
        self.recent[self.turn] = now;
        self.turn = (self.turn + 1) % MIRRORED;
        false
    }
}

impl Recent {
    #[inline(never)]
    fn is_copied_by(&self, now: &Self, segment: &Segment<'_>) -> bool {
        // A running identification tells a copy from a second sending. Without one, nobody repeats anything but a
        // bare ACK this fast.
        let has_id = now.id != 0;
        let takes_room = segment.span() > 0 || segment.flags.rst();
        let within = match (has_id, now.ttl != self.ttl) {
            (true, false) => TWIN,
            (false, false) => TWIN_WITHOUT_ID,
            (true, true) => TWIN_ELSEWHERE,
            (false, true) => TWIN_ELSEWHERE_WITHOUT_ID,
        };
        (self.sequence, self.acknowledgment) == (now.sequence, now.acknowledgment)
            && (self.length, self.flags) == (now.length, now.flags)
            && self.id == now.id
            && now.time.since(self.time).abs() <= within
            && (has_id || takes_room)
    }
}
