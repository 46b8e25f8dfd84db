//! The events of a session in the order in which they were completed, bounded: its beginning and its end are kept.

use std::collections::VecDeque;
use std::iter::Chain;
use std::slice;

use super::event::{Control, Event, EventKind};
use super::seen::Seen;
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

/// Events that there is room for at first: those of a handshake that fails, which allocators serve quickest up to a kilobyte.
const FIRST: usize = 14;

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

/// Events that everybody asks for: the first of each is found without a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Landmark {
    Request,
    Confirm,
    ClientHello,
    /// No HelloRetryRequest.
    ServerHello,
    Certificate,
    Alert,
    /// An ICMP error.
    Complaint,
    /// A FIN or a reset.
    End,
}

impl Landmark {
    const COUNT: usize = 8;

    const fn bit(self) -> u8 {
        1 << self as u8
    }

    fn of(kind: &EventKind) -> Option<Self> {
        match kind {
            EventKind::Message(fact) => Self::of_fact(fact),
            EventKind::Tcp(Control::Fin | Control::Rst(_)) => Some(Self::End),
            EventKind::Tcp(Control::Icmp(_)) => Some(Self::Complaint),
            _ => None,
        }
    }

    fn of_fact(fact: &Fact) -> Option<Self> {
        match fact {
            Fact::ConnectionRequest(_) => Some(Self::Request),
            Fact::ConnectionConfirm(_) => Some(Self::Confirm),
            Fact::ClientHello(_) => Some(Self::ClientHello),
            Fact::ServerHello(hello) if !hello.is_retry => Some(Self::ServerHello),
            Fact::CertificateChain(chain) if chain.leaf.is_some() => Some(Self::Certificate),
            Fact::Alert(_) => Some(Self::Alert),
            _ => None,
        }
    }
}

/// Events kept, lent in order.
pub type Events<'a> = Chain<Chain<slice::Iter<'a, Event>, slice::Iter<'a, Event>>, slice::Iter<'a, Event>>;

/// Events in order.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    head: Vec<Event>,
    /// Few sessions have so much to say.
    tail: Option<Box<Tail>>,
    /// Bytes that messages hold outside of their events.
    heap: u32,
    head_records: u16,
    /// Places of the landmarks in the head, from 1.
    landmarks: [u16; Landmark::COUNT],
    /// Those that came, a bit each, also behind the head.
    met: u8,
    seen: Seen,
}

/// The end of a long session.
#[derive(Clone, Debug, Default)]
struct Tail {
    events: VecDeque<Event>,
    records: usize,
    elided: Elided,
}

impl Timeline {
    /// Adds what just happened.
    pub fn push(&mut self, event: Event) {
        let is_record = is_record(&event);
        let has_room = self.head.len() < HEAD && (!is_record || usize::from(self.head_records) < HEAD_RECORDS);
        self.seen = self.seen.and(Seen::of(&event));
        let landmark = Landmark::of(&event.kind);
        self.met |= landmark.map_or(0, Landmark::bit);
        if has_room && self.tail.is_none() {
            self.head_records += u16::from(is_record);
            self.heap = self.heap.saturating_add(event.heap_alone());
            if self.head.capacity() == 0 {
                self.head.reserve(FIRST);
            }
            if self.head.last().is_some_and(|last| is_before(&event, last)) {
                self.put_back(event);
            } else {
                self.head.push(event);
                self.note_landmark(landmark, self.head.len());
            }
            return;
        }
        // What may be left out later is counted the same then.
        self.heap = self.heap.saturating_add(event.heap());
        let tail = self.tail.get_or_insert_default();
        tail.records += usize::from(is_record);
        tail.events.push_back(event);
        while tail.events.len() > TAIL || tail.records > TAIL_RECORDS {
            let Some(gone) = tail.events.pop_front() else { break };
            self.heap = self.heap.saturating_sub(gone.heap());
            tail.leave_out(&gone);
        }
    }

    /// Puts `event` in its place: it came with an earlier frame than the last, and was read late because the capture lacks
    /// what was before it.
    #[cold]
    fn put_back(&mut self, event: Event) {
        let place = self.head.iter().rposition(|other| !is_before(&event, other)).map_or(0, |place| place + 1);
        self.head.insert(place, event);
        self.landmarks = Default::default();
        for place in 1..=self.head.len() {
            self.note_landmark(Landmark::of(&self.head[place - 1].kind), place);
        }
    }

    /// Takes note of what stands at `place`, from 1.
    fn note_landmark(&mut self, landmark: Option<Landmark>, place: usize) {
        if let Some(landmark) = landmark
            && self.landmarks[landmark as usize] == 0
        {
            // The head is shorter than u16 counts.
            self.landmarks[landmark as usize] = place as u16;
        }
    }

    /// The first of these messages, with its event.
    pub(super) fn first(&self, landmark: Landmark) -> Option<(&Event, &Fact)> {
        let event = match usize::from(self.landmarks[landmark as usize]) {
            0 if self.met & landmark.bit() == 0 => return None,
            0 => self.tail.as_ref()?.events.iter().find(|event| Landmark::of(&event.kind) == Some(landmark))?,
            place => self.head.get(place - 1)?,
        };
        Some((event, event.fact()?))
    }

    /// All events from the first alert in clear on.
    pub(super) fn since_alert(&self) -> Events<'_> {
        self.since(Landmark::Alert)
    }

    /// All events from the first ICMP error on.
    pub(super) fn since_complaint(&self) -> Events<'_> {
        self.since(Landmark::Complaint)
    }

    /// All events from the first FIN or reset on.
    pub fn since_end(&self) -> Events<'_> {
        self.since(Landmark::End)
    }

    /// All events from the first of these on, perhaps with some before it.
    fn since(&self, landmark: Landmark) -> Events<'_> {
        let head = match usize::from(self.landmarks[landmark as usize]) {
            0 if self.met & landmark.bit() == 0 => return Self::iter_over(&[], None),
            0 => &[],
            place => &self.head[place - 1..],
        };
        Self::iter_over(head, self.tail.as_deref())
    }

    /// Kinds of events that came, also of those that are not kept.
    #[must_use]
    pub const fn seen(&self) -> Seen {
        self.seen
    }

    /// Has every mark changed.
    pub(super) fn each_mark(&mut self, change: &mut dyn FnMut(&mut Mark)) {
        let tail = self.tail.as_mut().map(|tail| tail.events.iter_mut()).into_iter().flatten();
        for event in self.head.iter_mut().chain(tail) {
            let mut mark = event.mark();
            let mut first = Mark { frame: event.first_frame, ..mark };
            change(&mut mark);
            change(&mut first);
            (event.frame, event.time, event.place, event.first_frame) =
                (mark.frame, mark.time, mark.place, first.frame);
        }
    }

    /// All events kept, in order.
    pub fn iter(&self) -> Events<'_> {
        Self::iter_over(&self.head, self.tail.as_deref())
    }

    fn iter_over<'a>(head: &'a [Event], tail: Option<&'a Tail>) -> Events<'a> {
        let (first, second) = tail.map_or((&[][..], &[][..]), |tail| tail.events.as_slices());
        head.iter().chain(first).chain(second)
    }

    /// The last event.
    #[inline]
    #[must_use]
    pub fn last(&self) -> Option<&Event> {
        match &self.tail {
            None => self.head.last(),
            Some(tail) => tail.events.back().or_else(|| self.head.last()),
        }
    }

    /// All messages kept, in order, with their events.
    pub fn facts(&self) -> impl DoubleEndedIterator<Item = (&Event, &Fact)> + Clone {
        self.iter().filter_map(|event| Some((event, event.fact()?)))
    }

    /// What was left out, and before which event of [`Self::iter`] it belongs.
    #[must_use]
    pub fn elided(&self) -> (Elided, usize) {
        (self.tail.as_ref().map(|tail| tail.elided).unwrap_or_default(), self.head.len())
    }

    /// Events kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.head.len() + self.tail.as_ref().map_or(0, |tail| tail.events.len())
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
        let tail = self.tail.as_ref().map_or(0, |tail| size_of::<Tail>() + tail.events.capacity() * size_of::<Event>());
        self.head.capacity() * size_of::<Event>() + tail + self.heap as usize
    }

    /// Gives back what will not be needed any more.
    pub fn shrink(&mut self) {
        // Moving the events costs more than some empty places.
        if self.head.len() <= self.head.capacity() / 2 {
            self.head.shrink_to(FIRST / 2);
        }
        if let Some(tail) = &mut self.tail {
            tail.events.shrink_to_fit();
        }
    }
}

impl Tail {
    fn leave_out(&mut self, event: &Event) {
        self.elided.events += 1;
        if is_record(event) {
            self.records -= 1;
            self.elided.records += 1;
            self.elided.bytes += u64::from(event.length);
            self.elided.like_logon += u64::from(LOGON.contains(&event.length));
        }
    }
}

/// Whether `event` was completed by an earlier frame than `other`, as far as the two can be compared.
fn is_before(event: &Event, other: &Event) -> bool {
    event.frame < other.frame && event.frame.file() == other.frame.file()
}

const fn is_record(event: &Event) -> bool {
    matches!(event.kind, EventKind::Encrypted { .. } | EventKind::Bulk { .. })
}

#[cfg(test)]
mod tests {
    use super::super::event::{Direction, Phase};
    use super::*;
    use crate::frame::{FrameNumber, Timestamp};
    use crate::wire::x224::{self, Tpdu};

    fn event(file: u16, number: u64, kind: EventKind) -> Event {
        let frame = FrameNumber::new(file, number);
        Event {
            frame,
            first_frame: frame,
            time: Timestamp(number as i64),
            place: 0,
            stream_offset: 0,
            length: 0,
            direction: Direction::ClientToServer,
            phase: Phase::X224,
            kind,
        }
    }

    #[test]
    fn what_is_read_late_stands_where_it_came() {
        let request = match x224::tpdu(&[3, 0, 0, 11, 6, 0xe0, 0, 0, 0, 0, 0]) {
            Ok(tpdu @ Tpdu::ConnectionRequest(_)) => Fact::of_tpdu(tpdu).expect("a fact"),
            other => panic!("{other:?}"),
        };
        let mut timeline = Timeline::default();
        let fin = || EventKind::Tcp(Control::Fin);
        timeline.push(event(0, 1, fin()));
        timeline.push(event(0, 9, fin()));
        timeline.push(event(0, 10, fin()));
        timeline.push(event(0, 8, EventKind::Message(request)));
        timeline.push(event(1, 2, fin()));
        let frames: Vec<_> = timeline.iter().map(|event| (event.frame.file(), event.frame.number())).collect();
        assert_eq!(frames, [(0, 1), (0, 8), (0, 9), (0, 10), (1, 2)]);
        let first = timeline.first(Landmark::Request).map(|(event, _)| event.frame.number());
        assert_eq!(first, Some(8));
    }
}
