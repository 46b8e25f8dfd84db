//! The hinge: what happened in each session, owned, bounded, never changed afterwards.
//! Knows nothing of parsing, judging or showing.

pub mod aside;
mod event;
mod seen;
mod session_facts;
mod timeline;
mod vitals;

use crate::frame::Timestamp;
use crate::tcp::side::Side;
use crate::tcp::stream::{Hole, Mark};

pub use event::{Control, Direction, Endpoint, Event, EventKind, Phase, RstFacts, SynFacts};
pub use seen::Seen;
pub use session_facts::is_word;
pub use timeline::{Elided, Events, Timeline};
pub use vitals::{ClockJump, Quiet, Unfinished, Vantage};

/// A session's number within a run, from 1, by the time of its first packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u32);

/// What carries a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A TCP connection.
    Tcp,
    /// An RDP-UDP side channel (MS-RDPEUDP).
    Udp,
}

/// How it is known who the client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Roles {
    /// Only by the port.
    ByPort,
    /// By who asked.
    ByRequest,
    /// By the SYN.
    BySyn,
}

/// One connection that is, or tried to be, Remote Desktop.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its number.
    pub id: SessionId,
    /// TCP or UDP.
    pub transport: Transport,
    /// Who connected.
    pub client: Endpoint,
    /// To whom.
    pub server: Endpoint,
    /// How that is known.
    pub roles: Roles,
    /// What happened.
    pub timeline: Timeline,
    /// Client's side, server's side.
    pub sides: [Side; 2],
    /// First frame.
    pub first: Mark,
    /// Last frame.
    pub last: Mark,
    /// From the SYN (or its last repetition) to the SYN,ACK: capture point to server and back; seconds.
    pub rtt_server: Option<f64>,
    /// From the SYN,ACK to its acknowledgment: capture point to client and back; seconds.
    pub rtt_client: Option<f64>,
    /// When the three-way handshake was complete: the client's ACK, or the first later one that the capture has.
    pub accepted: Option<Mark>,
    /// The last frame of the whole capture, known once it ended.
    pub capture_end: Timestamp,
    /// Bytes of gaps met while reading.
    pub gaps: u64,
    /// It was given up early because memory was short.
    pub evicted: bool,
    rare: Option<Box<Rare>>,
}

/// What few sessions have.
#[derive(Clone, Debug, Default)]
struct Rare {
    /// The first hole of the client's that was never filled; then the server's.
    holes: [Option<Hole>; 2],
    /// Whether the signature of the server's key exchange fits its certificate, and the frame that carried it. Looked at
    /// only where the client did not accept it.
    key_check: Option<(Mark, bool)>,
    /// The client's message, then the server's, of which only the beginning came.
    unfinished: [Option<Unfinished>; 2],
    /// The last long quiet.
    quiet: Option<Quiet>,
    /// The first jump of the capture's clock.
    clock_jump: Option<ClockJump>,
    /// Whose FIN was captured first though it acknowledges that of the other.
    answers: Option<Direction>,
    /// How far the client had received the server's bytes when it closed, where that was not all; then the server the client's.
    unaware: [Option<u64>; 2],
    /// The client's last frame before the server had ended it, where another one came long after; then the server's.
    before_end: [Option<Mark>; 2],
}

impl Session {
    /// A session of which only the first frame is known.
    #[must_use]
    pub fn new(
        id: SessionId,
        transport: Transport,
        client: Endpoint,
        server: Endpoint,
        roles: Roles,
        first: Mark,
    ) -> Self {
        Self {
            id,
            transport,
            client,
            server,
            roles,
            timeline: Timeline::default(),
            sides: [Side::default(), Side::default()],
            first,
            last: first,
            rtt_server: None,
            rtt_client: None,
            accepted: None,
            capture_end: first.time,
            gaps: 0,
            evicted: false,
            rare: None,
        }
    }

    /// Has every mark changed: frames get other numbers when packets are kept in another file.
    pub fn each_mark(&mut self, change: &mut dyn FnMut(&mut Mark)) {
        change(&mut self.first);
        change(&mut self.last);
        if let Some(mark) = &mut self.accepted {
            change(mark);
        }
        if let Some(rare) = &mut self.rare {
            rare.each_mark(change);
        }
        self.timeline.each_mark(change);
        self.sides.iter_mut().for_each(|side| side.each_mark(change));
    }

    /// The first hole of this side that was never filled.
    #[must_use]
    pub fn hole(&self, direction: Direction) -> Option<Hole> {
        self.rare.as_ref()?.holes[direction.index()]
    }

    /// Whether the signature of the server's key exchange fits its certificate, and the frame that carried it. Looked at
    /// only where the client did not accept it.
    #[must_use]
    pub fn key_check(&self) -> Option<(Mark, bool)> {
        self.rare.as_ref()?.key_check
    }

    /// The message of this side of which only the beginning came.
    #[must_use]
    pub fn unfinished(&self, direction: Direction) -> Option<Unfinished> {
        self.rare.as_ref()?.unfinished[direction.index()]
    }

    /// The last long quiet.
    #[must_use]
    pub fn quiet(&self) -> Option<Quiet> {
        self.rare.as_ref()?.quiet
    }

    /// The first jump of the capture's clock.
    #[must_use]
    pub fn clock_jump(&self) -> Option<ClockJump> {
        self.rare.as_ref()?.clock_jump
    }

    /// So many bytes of this side were received and not captured.
    pub fn note_uncaptured(&mut self, direction: Direction, bytes: u64) {
        self.gaps += bytes;
        self.sides[direction.index()].uncaptured += bytes;
    }

    /// Whether the capture lacks packets of it that were received, and not by cutting them.
    #[must_use]
    pub fn lacks_packets(&self) -> bool {
        self.lacks_answer() || self.lacks_bare() || (self.gaps > 0 && !self.is_cut())
    }

    /// Whether packets without payload were filtered away: of a connection in which both sides speak not one bare
    /// acknowledgment is here, not even the one that completes the three-way handshake.
    #[must_use]
    pub fn lacks_bare(&self) -> bool {
        self.transport == Transport::Tcp && self.sides.iter().all(|side| side.bytes > 0 && !side.has_bare)
    }

    /// Whether nothing but packets with payload is here: no SYN either, though the first words are, and no end.
    #[must_use]
    pub fn is_payload_alone(&self) -> bool {
        self.lacks_bare()
            && self.is_midstream()
            && self.request().is_some()
            && self.timeline.since_end().next().is_none()
    }

    /// Whether the capture began behind the words by which both sides agree on how they go on: what then is inside TLS may be a
    /// logon or not.
    #[must_use]
    pub fn lacks_agreement(&self) -> bool {
        self.transport == Transport::Tcp && self.is_midstream() && self.confirm().is_none()
    }

    /// Whether the snap length cut payload.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.sides.iter().any(|side| side.cut > 0)
    }

    /// Whether the answer to the SYN is among them: the client acknowledges it.
    #[must_use]
    pub fn lacks_answer(&self) -> bool {
        let [client, server] = &self.sides;
        client.syns > 0 && server.syns == 0 && server.packets > 0 && self.accepted.is_some()
    }

    /// Whether this side sent no payload, as far as both sides' packets tell: none was captured, and none is missing.
    #[must_use]
    pub fn is_mute(&self, direction: Direction) -> bool {
        let side = self.side(direction);
        let stands_further =
            |(event, facts): (&Event, &RstFacts)| event.direction == direction && facts.ahead && !facts.in_window;
        let is_whole = side.uncaptured == 0 && self.hole(direction).is_none();
        side.bytes == 0 && is_whole && !self.resets().any(stands_further)
    }

    /// Whether its packets come by twice, as where a router that captures passes them on: then both ends are next to it. One
    /// copy or two may be anything, and some may be missing.
    #[must_use]
    pub fn is_captured_twice(&self) -> bool {
        let copies: u64 = self.sides.iter().map(|side| u64::from(side.twins)).sum();
        copies * 3 >= self.packets().max(1)
    }

    /// Whose FIN was captured first though it acknowledges that of the other: mirror ports mix up what they send.
    #[must_use]
    pub fn answers(&self) -> Option<Direction> {
        self.rare.as_ref()?.answers
    }

    /// The FIN of this side acknowledges one of the other that was not seen yet.
    pub fn note_answer(&mut self, direction: Direction) {
        self.rare().answers = Some(direction);
    }

    /// How far this side had received the other's bytes when it said FIN, where more were under way; stream offset.
    #[must_use]
    pub fn unaware(&self, direction: Direction) -> Option<u64> {
        self.rare.as_ref()?.unaware[direction.index()]
    }

    /// The FIN of this side acknowledges the other's bytes up to this stream offset, and more were under way.
    pub fn note_unaware(&mut self, direction: Direction, heard: u64) {
        self.rare().unaware[direction.index()] = Some(heard);
    }

    /// The last frame of this side that was no reset, before the other side had ended the connection: what wakes up long after
    /// is told that it is over, and was not there when it mattered.
    #[must_use]
    pub fn last_alive(&self, direction: Direction) -> Option<Mark> {
        let before = self.rare.as_ref().and_then(|rare| rare.before_end[direction.index()]);
        before.or_else(|| self.side(direction).last_alive())
    }

    /// Whether this side spoke again long after the other one had ended the connection.
    #[must_use]
    pub fn woke_late(&self, direction: Direction) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.before_end[direction.index()].is_some())
    }

    /// This side speaks again, long after the other one had ended the connection.
    pub fn note_late(&mut self, direction: Direction) {
        if let Some(alive) = self.last_alive(direction) {
            self.rare().before_end[direction.index()] = Some(alive);
        }
    }

    /// A hole of this side was never filled.
    pub fn set_hole(&mut self, direction: Direction, hole: Hole) {
        self.rare().holes[direction.index()] = Some(hole);
    }

    /// The server's proof of its key was looked at; `None` when nothing can be said.
    pub fn set_key_check(&mut self, check: Option<(Mark, bool)>) {
        if check.is_some() || self.rare.is_some() {
            self.rare().key_check = check;
        }
    }

    /// A message of this side was begun and not finished.
    pub fn set_unfinished(&mut self, direction: Direction, unfinished: Unfinished) {
        self.rare().unfinished[direction.index()] = Some(unfinished);
    }

    /// Nothing was said for long.
    pub fn set_quiet(&mut self, quiet: Quiet) {
        self.rare().quiet = Some(quiet);
    }

    /// The clock leapt; only the first leap counts.
    pub fn note_clock_jump(&mut self, jump: ClockJump) {
        self.rare().clock_jump.get_or_insert(jump);
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// A frame of it came: the last, unless the clock went back.
    #[inline]
    pub const fn note_frame(&mut self, mark: Mark) {
        if mark.time.0 >= self.last.time.0 {
            self.last = mark;
        }
    }

    /// One side's counters.
    #[must_use]
    pub const fn side(&self, direction: Direction) -> &Side {
        &self.sides[direction as usize]
    }

    /// The client's counters.
    #[must_use]
    pub const fn client_side(&self) -> &Side {
        &self.sides[0]
    }

    /// The server's counters.
    #[must_use]
    pub const fn server_side(&self) -> &Side {
        &self.sides[1]
    }

    /// Whether its beginning was not captured.
    #[must_use]
    pub const fn is_midstream(&self) -> bool {
        self.sides[0].syns == 0 && self.sides[1].syns == 0
    }

    /// Packets in both directions.
    #[must_use]
    pub const fn packets(&self) -> u64 {
        self.sides[0].packets + self.sides[1].packets
    }

    /// Whether the capture's clock stands still, though packets went to and fro: nobody knows then who waited for whom.
    #[must_use]
    pub fn is_timeless(&self) -> bool {
        /// A three-way handshake and a word may lie within one tick.
        const FEW: u64 = 4;
        self.packets() > FEW && self.first.time == self.last.time
    }

    /// Seconds from the first to the last frame.
    #[must_use]
    pub fn duration(&self) -> f64 {
        self.last.time.since(self.first.time)
    }

    /// Bytes of memory, roughly, with the verdict that will be added to it.
    #[inline]
    #[must_use]
    pub fn memory(&self) -> usize {
        /// A verdict's sentences and lists, and what its neighbours are told of it; measured over the floods of the tests.
        const VERDICT: usize = 3072;
        let [client, server] = &self.sides;
        let rare = if self.rare.is_some() { size_of::<Rare>() } else { 0 };
        size_of::<Self>() + rare + client.memory() + server.memory() + self.timeline.memory() + VERDICT
    }
}

impl Rare {
    fn each_mark(&mut self, change: &mut dyn FnMut(&mut Mark)) {
        self.holes.iter_mut().flatten().for_each(|hole| change(&mut hole.behind));
        if let Some((mark, _)) = &mut self.key_check {
            change(mark);
        }
        self.unfinished.iter_mut().flatten().for_each(|unfinished| change(&mut unfinished.begun));
        self.before_end.iter_mut().flatten().for_each(&mut *change);
        let quiet = self.quiet.as_mut().map(|quiet| (&mut quiet.before, &mut quiet.after));
        let jump = self.clock_jump.as_mut().map(|jump| (&mut jump.before, &mut jump.after));
        for (before, after) in [quiet, jump].into_iter().flatten() {
            change(before);
            change(after);
        }
    }
}
