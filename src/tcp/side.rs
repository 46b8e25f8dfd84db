//! One side of a connection as the network sees it: what it sent, how often, how far it was heard.

use super::apart::Apart;
use super::habit::{Habit, timestamp};
use super::latest::Latest;
use super::segment::{Options, Segment};
use super::stream::{Arrival, Mark};
use super::trouble::{Trouble, prolonged};

pub use super::trouble::{Deaf, Overtaken, Repeat, Span};

/// A hole filled later than this was filled by a retransmission, not by a late packet; seconds.
const LATE: f64 = 0.003;
/// A repetition this long after the last is one of the retransmission timer, not a probe; seconds.
const TIMEOUT: f64 = 0.18;

/// What happened when a segment was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// Nothing of note.
    Plain,
    /// Bytes sent before.
    Retransmission,
    /// A packet that came behind a later one.
    Reordered,
    /// One old byte or none, to see whether the other side lives.
    KeepAlive,
}

/// Counters of one side.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// Frames seen.
    pub packets: u64,
    /// Payload bytes, each counted once.
    pub bytes: u64,
    /// First frame.
    pub first: Option<Mark>,
    /// Last frame.
    pub last: Option<Mark>,
    /// First frame with payload.
    pub first_data: Option<Mark>,
    /// Last frame with new payload.
    pub last_data: Option<Mark>,
    /// SYNs seen.
    pub syns: u32,
    /// Sequence number of the first SYN, if there is one.
    pub(super) initial: u32,
    /// What the SYN negotiates.
    pub options: Options,
    /// TTL of the first packet.
    pub ttl: u8,
    /// How it writes its packets, resets apart.
    pub habit: Habit,
    /// Retransmissions of payload.
    pub retransmissions: u32,
    /// Those among them that waited for a timer.
    pub timeouts: u32,
    /// Those among them that were not captured the first time: lost before the capture point.
    pub refilled: u32,
    /// Those among them that had been acknowledged here before: the acknowledgment got lost, or came too late.
    pub needless: u32,
    /// Packets that came behind a later one.
    pub out_of_order: u32,
    /// Packets that the capture has twice.
    pub twins: u32,
    /// Keep-alive probes.
    pub keepalives: u32,
    /// Windows of 0.
    pub zero_windows: u32,
    /// Payload bytes that the other side acknowledged but the capture lacks.
    pub uncaptured: u64,
    /// Frames whose payload the snap length cut.
    pub cut: u32,
    /// How far the other side has acknowledged; stream offset.
    pub acknowledged: u64,
    /// The frame of that acknowledgment.
    pub acknowledged_by: Option<Mark>,
    /// Highest stream offset sent.
    pub sent: u64,
    /// The longest IP packet with payload that was acknowledged; bytes.
    pub longest_acknowledged: u32,
    /// The frame that acknowledged it.
    pub longest_acknowledged_by: Option<Mark>,
    /// Its acknowledgments moved on: it heard the other side, whether or not the capture did.
    pub acknowledgments_grow: bool,
    /// A packet of it carried nothing but an acknowledgment.
    pub has_bare: bool,
    /// The other side has ended the connection.
    pub is_over: bool,
    /// The last frame was no reset.
    pub(super) is_alive: bool,
    pub(super) apart: Option<Box<Apart>>,
    pub(super) trouble: Option<Box<Trouble>>,
}

impl Side {
    /// Sequence number of the first SYN.
    #[inline]
    #[must_use]
    pub const fn initial(&self) -> Option<u32> {
        if self.syns > 0 { Some(self.initial) } else { None }
    }

    /// The first of the latest packets with the TTL of the last.
    #[must_use]
    pub fn ttl_since(&self) -> Mark {
        self.habit.ttl_since(self.first.unwrap_or_default())
    }

    pub(super) fn trouble(&mut self) -> &mut Trouble {
        self.trouble.get_or_insert_default()
    }

    /// Bytes of memory outside of it.
    #[must_use]
    pub fn memory(&self) -> usize {
        let trouble = match &self.trouble {
            Some(trouble) => trouble.memory(),
            None => 0,
        };
        let apart = if self.apart.is_some() { size_of::<Apart>() } else { 0 };
        trouble + apart + self.habit.memory()
    }

    /// A frame that says nothing of the side's life: a reset, or a datagram.
    pub fn note_frame(&mut self, ttl: u8, mark: Mark) {
        self.packets += 1;
        if self.first.is_none() {
            self.first = Some(mark);
            self.ttl = ttl;
        }
        if self.is_alive {
            self.apart().alive = self.last;
            self.is_alive = false;
        }
        self.last = Some(mark);
    }

    /// Counts a segment of this side. `offset` is its stream offset, `round_trip` the connection's in seconds.
    #[inline]
    pub fn note(
        &mut self,
        latest: &mut Latest,
        segment: &Segment<'_>,
        offset: i64,
        arrival: Arrival,
        mark: Mark,
        round_trip: Option<f64>,
    ) -> Noted {
        self.packets += 1;
        if self.first.is_none() {
            self.first = Some(mark);
            self.ttl = segment.net.ttl;
        }
        // Of the first SYN all options were read just now.
        let is_read = segment.flags.syn() && self.syns == 1;
        let stamp = if is_read { self.options.timestamp } else { timestamp(segment.options) };
        self.habit.note(segment, stamp, mark, self.first.as_ref());
        latest.note_stamp(stamp, mark);
        if segment.flags.ack() {
            self.acknowledgments_grow |= latest.moves_on(segment.acknowledgment);
        }
        self.has_bare |= segment.is_bare();
        let previous = self.last.replace(mark);
        self.is_alive = true;
        if !segment.flags.syn() {
            self.note_window(segment.window, mark);
        }
        if segment.payload.len() < segment.length as usize {
            self.cut += 1;
        }
        let end = offset + i64::from(segment.length);
        match arrival {
            Arrival::Empty if self.is_keepalive(segment, offset) => {
                self.keepalives += 1;
                Noted::KeepAlive
            }
            Arrival::Empty => Noted::Plain,
            Arrival::Old if segment.length <= 1 && self.is_keepalive(segment, offset) => {
                self.keepalives += 1;
                Noted::KeepAlive
            }
            Arrival::Old => self.note_repeat(latest, segment, offset, mark),
            Arrival::InOrder | Arrival::Early => {
                self.first_data.get_or_insert(mark);
                let fills_hole = end <= self.sent.cast_signed();
                self.note_order(offset, mark);
                self.note_new(latest, segment, offset, mark);
                match previous {
                    Some(previous) if fills_hole => {
                        if mark.time.since(previous.time) <= LATE.max(round_trip.unwrap_or(0.0) * 0.5) {
                            self.out_of_order += 1;
                            Noted::Reordered
                        } else {
                            self.retransmissions += 1;
                            self.timeouts += 1;
                            self.refilled += 1;
                            let trouble = self.trouble();
                            trouble.refilled_by = prolonged(trouble.refilled_by, mark);
                            Noted::Retransmission
                        }
                    }
                    _ => Noted::Plain,
                }
            }
        }
    }

    /// Whether `segment` of this side, in order at stream offset `offset`, has nothing in its header that calls for a look:
    /// the TTL of the last, room for data, no options but a timestamp and a SACK, behind everything sent before.
    #[inline]
    #[must_use]
    pub fn is_usual(&self, segment: &Segment<'_>, offset: u64) -> bool {
        self.sent == offset
            && self.acknowledged <= offset
            && self.is_alive
            && !self.is_over
            && self.stalled().is_none()
            && segment.window > 0
            && segment.net.ttl == self.habit.ttl
            && (segment.has_usual_options() || segment.has_sack())
    }

    /// What `note` does for such a segment.
    #[inline]
    pub fn note_usual(&mut self, latest: &mut Latest, segment: &Segment<'_>, offset: i64, mark: Mark) {
        self.packets += 1;
        let stamp = timestamp(segment.options);
        self.habit.note(segment, stamp, mark, self.first.as_ref());
        latest.note_stamp(stamp, mark);
        self.acknowledgments_grow |= latest.moves_on(segment.acknowledgment);
        self.last = Some(mark);
        self.has_bare |= segment.length == 0;
        if segment.length > 0 {
            self.first_data.get_or_insert(mark);
            self.note_new(latest, segment, offset, mark);
        }
    }

    fn note_window(&mut self, window: u16, mark: Mark) {
        if window == 0 {
            self.zero_windows += 1;
            self.trouble().note_full(mark);
        } else if let Some(trouble) = &mut self.trouble {
            trouble.stalled = None;
        }
    }

    #[inline]
    fn is_keepalive(&self, segment: &Segment<'_>, offset: i64) -> bool {
        self.sent > 0 && offset == self.sent.cast_signed() - 1 && segment.flags.0 & 7 == 0
    }

    #[inline]
    fn note_new(&mut self, latest: &mut Latest, segment: &Segment<'_>, offset: i64, mark: Mark) {
        let end = (offset + i64::from(segment.length)).max(0) as u64;
        self.bytes += u64::from(segment.length).min(end.saturating_sub(self.sent));
        self.last_data = Some(mark);
        if end > self.sent {
            self.sent = end;
        }
        latest.note_flight(offset.max(0) as u64, end, segment.net.length, mark);
    }

    fn note_repeat(&mut self, latest: &mut Latest, segment: &Segment<'_>, offset: i64, mark: Mark) -> Noted {
        self.retransmissions += 1;
        let trouble = self.trouble();
        trouble.resent_by = prolonged(trouble.resent_by, mark);
        let before = latest.repeat.replace(mark.time);
        let since = before.or(self.last_data.map(|last| last.time));
        if since.is_some_and(|since| mark.time.since(since) >= TIMEOUT) {
            self.timeouts += 1;
        }
        let offset = offset.max(0) as u64;
        if offset < self.acknowledged {
            if offset + u64::from(segment.length) <= self.acknowledged {
                self.needless += 1;
                let receipt = self.acknowledged_by.unwrap_or(mark);
                self.trouble().note_deaf(offset, receipt, mark);
            }
            return Noted::Retransmission;
        }
        match &mut self.trouble().repeat {
            Some(repeat) if repeat.offset == offset => {
                repeat.count += 1;
                if repeat.count == 3 {
                    repeat.third = Some(mark);
                }
                repeat.last = mark;
            }
            // What is behind the first missing byte is sent again for its sake.
            Some(repeat) if repeat.offset < offset => {}
            other => {
                // Where acknowledgments are not captured, the oldest without one is another packet.
                let known = latest.unacknowledged.filter(|(end, ..)| offset < *end);
                let original = known.map_or(mark, |(_, _, original)| original);
                *other = Some(Repeat {
                    offset,
                    length: segment.length,
                    ip_length: segment.net.length,
                    dont_fragment: segment.net.dont_fragment,
                    original,
                    third: None,
                    last: mark,
                    count: 1,
                });
            }
        }
        Noted::Retransmission
    }

    /// The other side has acknowledged everything before stream offset `offset`.
    #[inline]
    pub fn note_acknowledgment(&mut self, latest: &mut Latest, offset: i64, mark: Mark) {
        let Ok(offset) = u64::try_from(offset) else { return };
        if offset <= self.acknowledged {
            return;
        }
        self.acknowledged = offset;
        self.acknowledged_by = Some(mark);
        if let Some(trouble) = &mut self.trouble {
            trouble.repeat = trouble.repeat.filter(|repeat| repeat.offset >= offset);
            trouble.sacked = None;
        }
        if let Some((_, ip_length, _)) = latest.unacknowledged.take_if(|(end, ..)| *end <= offset) {
            self.note_heard(ip_length, mark);
        }
    }

    /// The other side has received these bytes, though not all before them (RFC 2018).
    pub fn note_sack(&mut self, latest: &Latest, start: i64, end: i64, mark: Mark) {
        let is_behind = start > self.acknowledged.cast_signed();
        let mut behind = None;
        let mut unknown = end.saturating_sub(start);
        for (length, ip_length) in latest.within(start, end) {
            self.note_heard(ip_length, mark);
            behind = behind.max(Some(ip_length));
            unknown -= i64::from(length);
        }
        // A block with packets that are not remembered may have longer ones, but none longer than itself.
        if unknown > 0 {
            let whole = u32::try_from(end.saturating_sub(start)).unwrap_or(u32::MAX);
            behind = behind.max(Some(whole.saturating_add(latest.header())));
        }
        // One below the acknowledgment tells of what came twice (RFC 2883).
        if let Some(ip_length) = behind.filter(|_| is_behind) {
            let sacked = &mut self.trouble().sacked;
            if sacked.is_none_or(|(longest, _)| longest < ip_length) {
                *sacked = Some((ip_length, mark));
            }
        }
    }

    fn note_heard(&mut self, ip_length: u32, mark: Mark) {
        if ip_length > self.longest_acknowledged {
            self.longest_acknowledged = ip_length;
            self.longest_acknowledged_by = Some(mark);
        }
    }

    /// Has every mark changed: frames get other numbers when packets are kept in another file.
    pub fn each_mark(&mut self, change: &mut dyn FnMut(&mut Mark)) {
        let single = [
            &mut self.first,
            &mut self.last,
            &mut self.first_data,
            &mut self.last_data,
            &mut self.acknowledged_by,
            &mut self.longest_acknowledged_by,
        ];
        single.into_iter().flatten().for_each(&mut *change);
        if let Some(trouble) = &mut self.trouble {
            trouble.each_mark(change);
        }
        if let Some(apart) = &mut self.apart {
            apart.each_mark(change);
        }
        self.habit.each_mark(change);
    }

    /// Whether everything it sent was acknowledged.
    #[must_use]
    pub const fn all_acknowledged(&self) -> bool {
        self.acknowledged >= self.sent
    }
}
