//! One side of a connection as the network sees it: what it sent, how often, how far it was heard.

use super::habit::Habit;
use super::segment::{Options, Segment};
use super::stream::{Arrival, Mark};
use super::trouble::{Trouble, prolonged};
use crate::frame::Timestamp;

pub use super::trouble::{Repeat, Span};

/// A hole filled later than this was filled by a retransmission, not by a late packet; seconds.
const LATE: f64 = 0.003;
/// The same packet twice within this time is the capture's doing (mirror ports, `any`); seconds.
const TWIN: f64 = 0.05;
/// The same without a running IP identification; seconds.
const TWIN_WITHOUT_ID: f64 = 0.002;
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
    /// First and last frame.
    pub first: Option<Mark>,
    /// Last frame.
    pub last: Option<Mark>,
    /// Last frame that was no reset.
    pub last_alive: Option<Mark>,
    /// First frame with payload.
    pub first_data: Option<Mark>,
    /// Last frame with new payload.
    pub last_data: Option<Mark>,
    /// The first SYN (or SYN,ACK).
    pub syn: Option<Mark>,
    /// The last repetition of it.
    pub last_syn: Option<Mark>,
    /// SYNs seen.
    pub syns: u32,
    /// Sequence number of the SYN.
    pub initial: Option<u32>,
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
    trouble: Option<Box<Trouble>>,
    latest: Option<Box<Latest>>,
}

/// What the next packet is held against: of no use once there is none.
#[derive(Clone, Debug, Default)]
struct Latest {
    acknowledgment: Option<u32>,
    /// Packets on their way: start and end offset, IP length.
    flights: [(u64, u64, u32); 8],
    flight: usize,
    /// The oldest packet that is not acknowledged yet: end offset, IP length, mark.
    unacknowledged: Option<(u64, u32, Mark)>,
    recent: [Recent; 4],
    turn: usize,
    repeat: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Recent {
    sequence: u32,
    acknowledgment: u32,
    length: u32,
    id: Option<u16>,
    flags: u8,
    time: Timestamp,
}

impl Side {
    #[inline]
    fn latest(&mut self) -> &mut Latest {
        match &mut self.latest {
            Some(latest) => latest,
            none => none.insert(Box::default()),
        }
    }

    fn trouble(&mut self) -> &mut Trouble {
        self.trouble.get_or_insert_default()
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

    /// No packet comes any more.
    pub fn settle(&mut self) {
        self.latest = None;
    }

    /// Bytes of memory outside of it.
    #[must_use]
    pub const fn memory(&self) -> usize {
        let latest = if self.latest.is_some() { size_of::<Latest>() } else { 0 };
        latest + if self.trouble.is_some() { size_of::<Trouble>() } else { 0 }
    }

    /// Counts a segment of this side. `offset` is its stream offset, `round_trip` the connection's in seconds.
    #[inline]
    pub fn note(
        &mut self,
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
        self.habit.note(segment, mark);
        if segment.flags.ack() {
            let before = self.latest().acknowledgment.replace(segment.acknowledgment);
            self.acknowledgments_grow |= before.is_some_and(|before| before != segment.acknowledgment);
        }
        let previous = self.last.replace(mark);
        self.last_alive = Some(mark);
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
            Arrival::Old => self.note_repeat(segment, offset, mark),
            Arrival::InOrder | Arrival::Early => {
                self.first_data.get_or_insert(mark);
                let fills_hole = end <= self.sent.cast_signed();
                self.note_new(segment, offset, mark);
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
    /// the TTL of the last, room for data, no options but a timestamp, behind everything sent before.
    #[inline]
    #[must_use]
    pub fn is_usual(&self, segment: &Segment<'_>, offset: u64) -> bool {
        let has_usual_options = matches!(*segment.options, [] | [1, 1, 8, 10, _, _, _, _, _, _, _, _]);
        self.sent == offset
            && self.first.is_some()
            && self.latest.is_some()
            && self.stalled().is_none()
            && segment.window > 0
            && segment.net.ttl == self.habit.ttl
            && has_usual_options
    }

    /// What `note` does for such a segment.
    #[inline]
    pub fn note_usual(&mut self, segment: &Segment<'_>, offset: i64, mark: Mark) {
        self.packets += 1;
        self.habit.note(segment, mark);
        let before = self.latest().acknowledgment.replace(segment.acknowledgment);
        self.acknowledgments_grow |= before.is_some_and(|before| before != segment.acknowledgment);
        self.last = Some(mark);
        self.last_alive = Some(mark);
        if segment.length > 0 {
            self.first_data.get_or_insert(mark);
            self.note_new(segment, offset, mark);
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

    /// Whether this very packet was captured a moment ago already (mirror ports, `any`); then it is only counted.
    #[inline]
    pub fn is_twin(&mut self, segment: &Segment<'_>, time: Timestamp) -> bool {
        let now = Recent {
            sequence: segment.sequence,
            acknowledgment: segment.acknowledgment,
            length: segment.length,
            id: segment.net.id,
            flags: segment.flags.0,
            time,
        };
        // A running identification tells a copy from a second sending. Without one, nobody repeats anything but a
        // bare ACK this fast.
        let has_id = now.id.is_some_and(|id| id != 0);
        let takes_room = segment.span() > 0 || segment.flags.rst();
        let within = if has_id { TWIN } else { TWIN_WITHOUT_ID };
        let same = |old: &Recent| {
            // Nearly all differ in these two, so they are looked at first.
            (old.sequence, old.acknowledgment) == (now.sequence, now.acknowledgment)
                && Recent { time, ..*old } == now
                && time.since(old.time).abs() <= within
                && (has_id || takes_room)
        };
        let latest = self.latest();
        let twin = latest.recent.iter().any(same);
        if twin {
            self.twins += 1;
            self.packets += 1;
        } else {
            latest.recent[latest.turn % 4] = now;
            latest.turn = (latest.turn + 1) % 4;
        }
        twin
    }

    #[inline]
    fn note_new(&mut self, segment: &Segment<'_>, offset: i64, mark: Mark) {
        let end = (offset + i64::from(segment.length)).max(0) as u64;
        self.bytes += u64::from(segment.length).min(end.saturating_sub(self.sent));
        self.last_data = Some(mark);
        if end > self.sent {
            self.sent = end;
        }
        let latest = self.latest();
        latest.flights[latest.flight] = (offset.max(0) as u64, end, segment.net.length);
        latest.flight = (latest.flight + 1) % latest.flights.len();
        latest.unacknowledged.get_or_insert((end, segment.net.length, mark));
    }

    fn note_repeat(&mut self, segment: &Segment<'_>, offset: i64, mark: Mark) -> Noted {
        self.retransmissions += 1;
        let trouble = self.trouble();
        trouble.resent_by = prolonged(trouble.resent_by, mark);
        let before = self.latest().repeat.replace(mark.time);
        let since = before.or(self.last_data.map(|last| last.time));
        if since.is_some_and(|since| mark.time.since(since) >= TIMEOUT) {
            self.timeouts += 1;
        }
        let offset = offset.max(0) as u64;
        if offset < self.acknowledged {
            return Noted::Retransmission;
        }
        let unacknowledged = self.latest().unacknowledged;
        match &mut self.trouble().repeat {
            Some(repeat) if repeat.offset == offset => {
                repeat.count += 1;
                repeat.last = mark;
            }
            other => {
                let original = unacknowledged.map_or(mark, |(_, _, original)| original);
                *other = Some(Repeat {
                    offset,
                    length: segment.length,
                    ip_length: segment.net.length,
                    dont_fragment: segment.net.dont_fragment,
                    original,
                    last: mark,
                    count: 1,
                });
            }
        }
        Noted::Retransmission
    }

    /// Counts the SYN or SYN,ACK of this side.
    pub fn note_syn(&mut self, segment: &Segment<'_>, mark: Mark) {
        self.syns += 1;
        self.last_syn = Some(mark);
        if self.syn.is_none() {
            self.syn = Some(mark);
            self.initial = Some(segment.sequence);
            self.options = Options::read(segment.options);
        }
    }

    /// The other side has acknowledged everything before stream offset `offset`.
    #[inline]
    pub fn note_acknowledgment(&mut self, offset: i64, mark: Mark) {
        let Ok(offset) = u64::try_from(offset) else { return };
        if offset <= self.acknowledged {
            return;
        }
        self.acknowledged = offset;
        self.acknowledged_by = Some(mark);
        if let Some(trouble) = &mut self.trouble
            && trouble.repeat.is_some_and(|repeat| repeat.offset < offset)
        {
            trouble.repeat = None;
        }
        if let Some((_, ip_length, _)) = self.latest().unacknowledged.take_if(|(end, ..)| *end <= offset) {
            self.note_heard(ip_length, mark);
        }
    }

    /// The other side has received these bytes, though not all before them (RFC 2018).
    pub fn note_sack(&mut self, start: i64, end: i64, mark: Mark) {
        for (from, to, ip_length) in self.latest().flights {
            if to > from && from.cast_signed() >= start && to.cast_signed() <= end {
                self.note_heard(ip_length, mark);
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
            &mut self.last_alive,
            &mut self.first_data,
            &mut self.last_data,
            &mut self.syn,
            &mut self.last_syn,
            &mut self.acknowledged_by,
            &mut self.longest_acknowledged_by,
        ];
        single.into_iter().flatten().for_each(&mut *change);
        if let Some(trouble) = &mut self.trouble {
            trouble.each_mark(change);
        }
        self.habit.each_mark(change);
        if let Some((_, _, mark)) = self.latest.as_mut().and_then(|latest| latest.unacknowledged.as_mut()) {
            change(mark);
        }
    }

    /// Whether everything it sent was acknowledged.
    #[must_use]
    pub const fn all_acknowledged(&self) -> bool {
        self.acknowledged >= self.sent
    }
}
