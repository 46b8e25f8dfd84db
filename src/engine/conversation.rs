//! One TCP connection that is, or may be, Remote Desktop: its two streams, its reader, its session.

mod reset;

use super::limits;
use super::plain::TELLING;
use super::watch::Watch;
use crate::dissect::{CertificateStore, Dissector, phase_now};
use crate::frame::Timestamp;
use crate::session::{
    Control, Direction, Endpoint, Event, EventKind, Phase, Roles, Session, SessionId, SynFacts, Transport, Unfinished,
};
use crate::tcp::latest::Latest;
use crate::tcp::segment::{Answers, IcmpError, Segment};
use crate::tcp::side::{Noted, Side};
use crate::tcp::stream::{Arrival, Hole, Mark, Stream};
use crate::wire::framing::{self, Framing};

/// A window that is not known is taken for this; bytes.
const WINDOW: u32 = 65_535;

/// Acts of TCP noted so far, by kind: a hundred retransmissions must not hide the reset that ends it all.
#[derive(Clone, Debug, Default)]
struct Acts {
    syns: u8,
    resets: u8,
    repeats: u8,
    errors: u8,
}

/// Whether one more of a kind is noted, of which there are `count` so far.
fn is_noted(count: &mut u8) -> bool {
    let is_noted = *count < limits::ACTS;
    *count += u8::from(is_noted);
    is_noted
}

/// A place in a stream, and the segment that speaks of it.
type Ahead = (u64, Mark);

/// A connection under observation.
#[derive(Clone, Debug)]
pub(super) struct Conversation {
    /// Boxed: it outlives the conversation, and is handed on more than once.
    pub(super) session: Box<Session>,
    pub(super) streams: [Stream; 2],
    pub(super) dissector: Dissector,
    pub(super) latest: [Latest; 2],
    /// FIN seen, per side.
    fins: [bool; 2],
    /// A reset that its receiver had to believe.
    reset: bool,
    acts: Acts,
    /// Where a segment without payload says that its sender stands, further than what was seen of it; and that segment.
    ahead: Option<Box<[Option<Ahead>; 2]>>,
    /// Last window of each side, scaled; less than 2^30.
    pub(super) windows: [u32; 2],
    /// Sequence number of a SYN with another one on a live connection: forged, or the port is used again.
    pub(super) rival: Option<u32>,
    pub(super) watch: Watch,
    /// What it was counted with last; bytes.
    pub(super) counted: usize,
    /// Those bytes among them that packets change most.
    pub(super) changing: usize,
    /// It was counted among what is over.
    pub(super) is_counted_over: bool,
    /// It was told of among those that last.
    pub(super) is_told: bool,
}

impl Conversation {
    pub(super) fn new(id: SessionId, client: Endpoint, server: Endpoint, roles: Roles, first: Mark) -> Self {
        let session = Box::new(Session::new(id, Transport::Tcp, client, server, roles, first));
        Self {
            session,
            streams: [Stream::default(), Stream::default()],
            dissector: Dissector::default(),
            latest: [Latest::default(), Latest::default()],
            fins: [false; 2],
            reset: false,
            acts: Acts::default(),
            ahead: None,
            windows: [WINDOW; 2],
            rival: None,
            watch: Watch::default(),
            counted: 0,
            changing: usize::MAX,
            is_counted_over: false,
            is_told: false,
        }
    }

    /// What was said so far was for a proxy: RDP begins with this segment of the client.
    pub(super) fn begin_behind_proxy(&mut self, segment: &Segment<'_>) {
        self.streams[0].restart(segment.sequence);
        self.streams[1].restart(segment.acknowledgment);
    }

    /// It is closed: what it waits with for stragglers is made small, since there are many like it.
    pub(super) fn shrink(&mut self) {
        self.streams.iter_mut().for_each(Stream::shrink);
        self.session.timeline.shrink();
    }

    /// Sequence numbers of the next bytes of both sides.
    pub(super) fn next_sequences(&self) -> [Option<u32>; 2] {
        [0, 1].map(|index: usize| self.streams[index].next_sequence())
    }

    /// Whether both sides have said goodbye, or one was reset.
    pub(super) const fn is_closed(&self) -> bool {
        self.reset || (self.fins[0] && self.fins[1])
    }

    /// Whether one side has said goodbye and the other has not.
    pub(super) const fn is_half_closed(&self) -> bool {
        !self.reset && self.fins[0] != self.fins[1]
    }

    /// Whether data was heard from both sides.
    pub(super) const fn is_established(&self) -> bool {
        self.session.accepted.is_some()
    }

    /// Whether the first bytes showed another protocol.
    #[inline]
    pub(super) fn is_foreign(&self) -> bool {
        self.dissector.is_foreign()
    }

    /// A packet of a side whose peer has ended it.
    #[cold]
    fn note_late(&mut self, direction: Direction, mark: Mark) {
        let last = self.session.side(direction).last;
        if last.is_some_and(|last| mark.time.0.saturating_sub(last.time.0) >= limits::LATE) {
            self.session.note_late(direction);
        }
    }

    /// It has been closed for a while: of the last packets only what still waits for an answer is remembered.
    pub(super) fn rest(&mut self) {
        if self.reset || self.session.sides.iter().all(Side::all_acknowledged) {
            self.latest.iter_mut().for_each(Latest::rest);
        }
    }

    /// Takes in a segment of `direction`; answers whether it did more than move counters on: whether it may be closed now, or
    /// weigh more.
    pub(super) fn push(
        &mut self,
        segment: &Segment<'_>,
        direction: Direction,
        mark: Mark,
        certificates: &mut CertificateStore,
    ) -> bool {
        self.session.note_frame(mark);
        if self.latest[direction.index()].is_twin(segment, mark.time) {
            self.session.sides[direction.index()].note_twin();
            return false;
        }
        if self.is_plain(segment, direction, mark) {
            return self.go_on(segment, direction, mark, certificates);
        }
        if segment.flags.syn() && self.rival == Some(segment.sequence) {
            self.note_rival(segment, direction, mark);
            return true;
        }
        if self.session.side(direction).is_over {
            self.note_late(direction, mark);
        }
        // Who wakes up long after the end was not there when it was asked.
        if !segment.flags.rst() && !self.session.woke_late(direction) {
            self.session.sides[direction.reverse().index()].be_answered();
        }
        // Of a bare acknowledgment memory grows by a few bytes at most, unless it gives up a hole.
        let may_weigh =
            segment.length > 0 || segment.flags.0 & TELLING > 0 || !self.streams.iter().all(Stream::is_idle);
        let place = self.streams[direction.index()].offset_of(segment.sequence);
        self.watch.note(&mut self.session, &self.latest[direction.index()], segment, place, direction, mark);
        if segment.flags.rst() {
            self.reset(segment, direction, mark);
            return true;
        }
        if segment.flags.syn() {
            self.syn(segment, direction, mark);
        }
        let index = direction.index();
        if segment.flags.ack() {
            self.acknowledge(segment, direction, mark, certificates);
        }
        let scale = if segment.flags.syn() { 0 } else { self.session.sides[index].options.window_scale.unwrap_or(0) };
        self.windows[index] = u32::from(segment.window) << scale;
        let offset = self.streams[index].offset_of(segment.sequence.wrapping_add(u32::from(segment.flags.syn())));
        let mut reader = self.dissector.reader(direction, &mut self.session, certificates);
        let arrival = self.streams[index].feed(segment, mark, &mut reader);
        let round_trip = self.session.rtt_client.zip(self.session.rtt_server).map(|(client, server)| client + server);
        let noted = self.session.sides[index].note(&mut self.latest[index], segment, offset, arrival, mark, round_trip);
        let mss = self.session.sides[direction.reverse().index()].options.mss;
        if mss.is_some_and(|mss| segment.length > u32::from(mss)) {
            self.session.sides[index].habit.is_oversized = true;
        }
        if arrival == Arrival::Empty {
            self.note_ahead(offset, index, mark);
        }
        self.watch.settle(direction, segment.length, noted);
        self.note_act(noted, segment, offset, direction, mark);
        if segment.flags.fin() {
            self.fin(segment, direction, mark);
        }
        may_weigh
    }

    fn syn(&mut self, segment: &Segment<'_>, direction: Direction, mark: Mark) {
        let index = direction.index();
        let side = &mut self.session.sides[index];
        let again = side.syns > 0;
        side.note_syn(segment, mark);
        if again {
            if is_noted(&mut self.acts.syns) {
                self.act(Phase::Tcp, Control::SynAgain, direction, mark);
            }
            return;
        }
        let facts = SynFacts { options: side.options, ttl: segment.net.ttl };
        self.streams[index].anchor(segment.sequence.wrapping_add(1));
        if segment.flags.ack() {
            // Whoever refused the SYN before, now it is let in.
            self.reset = false;
            self.session.sides[direction.reverse().index()].is_over = false;
            self.streams[direction.reverse().index()].anchor(segment.acknowledgment);
            let asked = asked(&self.session.sides[direction.reverse().index()], Answers::read(segment.options));
            self.session.rtt_server = asked.map(|asked| mark.time.since(asked.time));
        }
        self.act(Phase::Tcp, Control::Syn(Box::new(facts)), direction, mark);
    }

    #[inline]
    fn acknowledge(
        &mut self,
        segment: &Segment<'_>,
        direction: Direction,
        mark: Mark,
        certificates: &mut CertificateStore,
    ) {
        let other = direction.reverse();
        let index = other.index();
        if self.streams[index].is_anchored() {
            let offset = self.streams[index].offset_of(segment.acknowledgment);
            if direction == Direction::ServerToClient && offset > 0 {
                self.measure(mark);
            }
            self.session.sides[index].note_acknowledgment(&mut self.latest[index], offset, mark);
            if !segment.has_usual_options() && !segment.flags.syn() {
                self.note_sack(segment, index, mark);
            }
            let mut reader = self.dissector.reader(other, &mut self.session, certificates);
            self.streams[index].acknowledge(segment.acknowledgment, mark, &mut reader);
        }
        if self.session.accepted.is_none() && direction == Direction::ClientToServer {
            self.accept(segment, mark);
        }
    }

    /// What the segment's sender says it has received of the side with this `index`, beyond what it acknowledges.
    pub(super) fn note_sack(&mut self, segment: &Segment<'_>, index: usize, mark: Mark) {
        if let Some((start, end)) = Answers::read(segment.options).sack {
            let stream = &self.streams[index];
            let (start, end) = (stream.offset_of(start), stream.offset_of(end));
            // Below its own acknowledgment: bytes that it had, and got once more. One byte is how some ask for a sign of life.
            if start + 1 < end && end <= stream.offset_of(segment.acknowledgment) {
                self.session.sides[index].note_doubled();
                return;
            }
            self.session.sides[index].note_sack(&self.latest[index], start, end, mark);
        }
    }

    /// The server acknowledges data. Where the SYN was repeated, something on the way may have held it back, such as a
    /// router that looks for its neighbour: then the first data is the better measure.
    fn measure(&mut self, mark: Mark) {
        let client = &self.session.sides[0];
        if client.syns > 1
            && client.acknowledged == 0
            && client.retransmissions == 0
            && let (Some(asked), Some(known)) = (client.first_data, self.session.rtt_server)
        {
            self.session.rtt_server = Some(known.min(mark.time.since(asked.time)));
        }
    }

    /// The client's first ACK of the server's SYN. Where the capture lacks one of the two, any later ACK says the same: a
    /// client that was not answered acknowledges nothing (RFC 9293 3.10.7.3).
    fn accept(&mut self, segment: &Segment<'_>, mark: Mark) {
        if segment.flags.syn() || self.session.is_midstream() {
            return;
        }
        let server = &self.session.sides[1];
        let Some((initial, syn)) = server.initial().zip(server.last_syn()) else {
            self.session.accepted = Some(mark);
            self.streams[1].anchor(segment.acknowledgment);
            return;
        };
        let beyond = segment.acknowledgment.wrapping_sub(initial.wrapping_add(1)).cast_signed();
        if beyond < 0 {
            return;
        }
        self.session.accepted = Some(mark);
        if beyond == 0 {
            self.session.rtt_client = Some(mark.time.since(syn.time));
            self.act(Phase::Tcp, Control::Accepted, Direction::ClientToServer, mark);
        }
    }

    /// A segment without payload that stands further than what was seen: bytes before it are missing here. A FIN takes a
    /// number of its own.
    fn note_ahead(&mut self, offset: i64, index: usize, mark: Mark) {
        let delivered = self.streams[index].delivered();
        let Ok(offset) = u64::try_from(offset) else { return };
        if offset <= delivered + 1 || !self.streams[index].is_anchored() {
            return;
        }
        let ahead = &mut self.ahead.get_or_insert_default()[index];
        if ahead.is_none_or(|(known, _)| known <= delivered) {
            *ahead = Some((offset, mark));
        }
    }

    fn fin(&mut self, segment: &Segment<'_>, direction: Direction, mark: Mark) {
        let (index, other) = (direction.index(), direction.reverse().index());
        if !self.fins[index] {
            self.fins[index] = true;
            self.session.sides[other].is_over = true;
            let is_answer = segment.flags.ack() && self.streams[other].distance_to(segment.acknowledgment) == 1;
            if is_answer && !self.fins[other] {
                self.session.note_answer(direction);
            }
            let heard = self.streams[other].offset_of(segment.acknowledgment);
            if segment.flags.ack() && (0..self.streams[other].delivered().cast_signed()).contains(&heard) {
                self.session.note_unaware(direction, heard.cast_unsigned());
            }
            let phase = phase_now(&self.session);
            self.act(phase, Control::Fin, direction, mark);
        }
    }

    #[inline]
    fn note_act(&mut self, noted: Noted, segment: &Segment<'_>, offset: i64, direction: Direction, mark: Mark) {
        let control = match noted {
            Noted::Retransmission => Control::Retransmission(segment.length),
            Noted::KeepAlive => Control::KeepAlive,
            Noted::Plain | Noted::Reordered => return,
        };
        // These are counted for as long as the session lasts; the timeline keeps the first few.
        self.session.sides[direction.index()].note_try(mark);
        self.session.sides[direction.reverse().index()].note_probe(mark);
        if is_noted(&mut self.acts.repeats) {
            let phase = phase_now(&self.session);
            self.act_at(offset.max(0) as u64, phase, control, direction, mark);
        }
    }

    /// An ICMP error that quotes a segment of `direction`.
    pub(super) fn icmp(&mut self, error: &IcmpError, direction: Direction, mark: Mark) {
        if is_noted(&mut self.acts.errors) {
            let phase = phase_now(&self.session);
            self.act(phase, Control::Icmp(Box::new(*error)), direction.reverse(), mark);
        }
    }

    fn act(&mut self, phase: Phase, control: Control, direction: Direction, mark: Mark) {
        self.act_at(0, phase, control, direction, mark);
    }

    /// An act that speaks of the bytes at `stream_offset`.
    fn act_at(&mut self, stream_offset: u64, phase: Phase, control: Control, direction: Direction, mark: Mark) {
        self.session.timeline.push(Event {
            frame: mark.frame,
            first_frame: mark.frame,
            time: mark.time,
            place: mark.place,
            stream_offset,
            length: 0,
            direction,
            phase,
            kind: EventKind::Tcp(control),
        });
    }

    /// Its session as it would be if nothing came any more.
    pub(super) fn as_it_stands(&self, now: Timestamp, certificates: &mut CertificateStore) -> Box<Session> {
        self.clone().finish(now, certificates)
    }

    /// The connection will not be read on: what waits is read as far as it goes, and the session is handed out.
    pub(super) fn finish(mut self, capture_end: Timestamp, certificates: &mut CertificateStore) -> Box<Session> {
        for direction in [Direction::ClientToServer, Direction::ServerToClient] {
            let index = direction.index();
            let mut reader = self.dissector.reader(direction, &mut self.session, certificates);
            self.streams[index].finish(&mut reader);
            let delivered = self.streams[index].delivered();
            let ahead = self.ahead.as_ref().and_then(|ahead| ahead[index]).filter(|(offset, _)| *offset > delivered);
            let ahead = ahead.map(|(offset, behind)| Hole { offset, behind, length: 0, longest: 0 });
            if let Some(hole) = self.streams[index].hole().or(ahead) {
                self.session.set_hole(direction, hole);
            }
            // Of a side without a packet everything is missing, which needs no count.
            if self.session.sides[index].packets > 0 {
                let uncaptured = self.streams[index].uncaptured().saturating_sub(u64::from(self.fins[index]));
                self.session.note_uncaptured(direction, uncaptured);
            }
            if let Some(unfinished) = unfinished(&self.streams[index]) {
                self.session.set_unfinished(direction, unfinished);
            }
        }
        self.dissector.finish(&mut self.session, certificates);
        self.session.capture_end = capture_end;
        self.session.timeline.shrink();
        self.session
    }
}

/// The SYN that a SYN,ACK answers. Where several were sent, it says which by the timestamp that it repeats; without one it
/// is taken for an answer to the last (RFC 7323 4.1: else a repeated segment is no measure of the round trip).
fn asked(client: &Side, answer: Answers) -> Option<Mark> {
    let is_first = answer.echo.is_some() && answer.echo == client.options.timestamp;
    if is_first { client.syn() } else { client.last_syn() }
}

/// The TLS record or TPKT whose beginning waits in `stream` for the rest.
fn unfinished(stream: &Stream) -> Option<Unfinished> {
    let (bytes, offset, begun) = stream.begun()?;
    let framing = match framing::tls_record(bytes) {
        Framing::No => framing::tpkt(bytes),
        found => found,
    };
    let Framing::Length(need) = framing else { return None };
    // Record type handshake (22), handshake type client_hello (1).
    let is_client_hello = matches!(bytes, [22, _, _, _, _, 1, ..]);
    Some(Unfinished { have: bytes.len() as u64, need: need as u64, offset, begun, is_client_hello })
}
