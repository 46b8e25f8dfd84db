//! Ordered bytes to events: one stage per file, and here the story of what may follow what.
//!
//! ```text
//! Initiation ── request / confirm ──▶ Open: TLS records, TPKTs, fast-path PDUs, told apart by their first byte
//!     │                                 │
//!     └─ no RDP ──▶ Foreign             └─ a hole, or nonsense ──▶ Lost ── next plausible message ──▶ Open
//! ```
//!
//! The two directions are read apart; what one says about the other (protocol chosen, version) is shared.

mod certificates;
mod connection;
mod initiation;
mod key_check;
mod known;
mod stage;
mod tls;

use crate::knowledge::negotiation::Protocols;
use crate::session::{Direction, Event, EventKind, Session};
use crate::tcp::stream::{Origin, Reader};
use crate::wire::catalogue::Fact;
use crate::wire::describe::Malformed;
use crate::wire::framing::{self, Framing};
use crate::wire::x224::Answer;

pub use certificates::CertificateStore;
pub use stage::phase_now;
use stage::{Emitter, Start, Step};

/// What a direction's next bytes should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Nothing was read yet.
    #[default]
    Initiation,
    /// Past the X.224 exchange, or in the middle of a connection.
    Open,
    /// Another protocol; not read on.
    Foreign,
    /// Out of step: waiting for the start of a message.
    Lost,
}

#[derive(Clone, Debug, Default)]
struct DirectionState {
    stage: Stage,
    /// Where RDP begins, behind what a broker or balancer is told; stream offset.
    begins: u64,
    tls: tls::TlsDirection,
    connection: connection::ConnectionDirection,
}

/// Reads both directions of one connection.
#[derive(Clone, Debug, Default)]
pub struct Dissector {
    directions: [DirectionState; 2],
    shared: tls::Shared,
    connection: connection::Shared,
    /// The security protocol the server chose.
    selected: Option<Protocols>,
}

impl Dissector {
    /// Bytes of memory held outside of itself.
    #[inline]
    #[must_use]
    pub fn memory(&self) -> usize {
        let [client, server] = &self.directions;
        client.tls.memory() + server.tls.memory() + self.shared.key_check.memory()
    }

    /// A reader for one direction, for [`crate::tcp::stream::Stream::feed`].
    pub fn reader<'a>(
        &'a mut self,
        direction: Direction,
        session: &'a mut Session,
        certificates: &'a mut CertificateStore,
    ) -> DirectionReader<'a> {
        DirectionReader { dissector: self, direction, session, certificates }
    }

    /// Whether the next `length` bytes of `direction` are only a further part of a protected record.
    #[inline]
    #[must_use]
    pub fn passes(&self, direction: Direction, length: u32) -> bool {
        self.rest(direction) > length as usize
    }

    /// Bytes of `direction` that are still to come of a protected record.
    #[inline]
    fn rest(&self, direction: Direction) -> usize {
        let state = &self.directions[direction.index()];
        let standard_security = self.selected == Some(Protocols::RDP) && self.shared.version.is_none();
        let is_inside = state.stage == Stage::Open && !standard_security && !state.connection.is_inside();
        if is_inside { state.tls.rest() } else { 0 }
    }

    /// Passes over them.
    #[inline]
    pub fn pass(&mut self, direction: Direction, length: u32) {
        self.directions[direction as usize].tls.pass_over(length as usize);
    }

    /// The connection is over.
    pub fn finish(&mut self, session: &mut Session, certificates: &mut CertificateStore) {
        self.shared.key_check.decide(certificates, session);
    }

    /// Whether the first bytes of a direction showed that this is no RDP.
    #[inline]
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        let [client, server] = &self.directions;
        client.stage == Stage::Foreign || server.stage == Stage::Foreign
    }
}

/// Reads one direction.
#[derive(Debug)]
pub struct DirectionReader<'a> {
    dissector: &'a mut Dissector,
    direction: Direction,
    session: &'a mut Session,
    certificates: &'a mut CertificateStore,
}

impl Reader for DirectionReader<'_> {
    fn read(&mut self, bytes: &[u8], origin: &Origin<'_>) -> usize {
        match self.step(bytes, origin) {
            Step::Used(count) => count,
            Step::More => 0,
            Step::Lost => self.lose_step(bytes, origin),
        }
    }

    fn rest(&self) -> usize {
        self.dissector.rest(self.direction)
    }

    fn gap(&mut self, left: &[u8], missing: u64, origin: &Origin<'_>) {
        self.session.note_uncaptured(self.direction, missing);
        let state = &mut self.dissector.directions[self.direction.index()];
        let mut emitter = Emitter { session: self.session, direction: self.direction };
        let phase = phase_now(emitter.session);
        let start = Start { offset: origin.offset + left.len() as u64, mark: origin.current };
        emitter.emit(phase, EventKind::Gap { bytes: missing }, start, 0, origin.current);
        let in_step = match state.stage {
            Stage::Foreign => true,
            Stage::Open if state.connection.is_inside() => state.connection.gap(missing, origin.current, &mut emitter),
            Stage::Open => state.tls.gap(left, missing, origin, &mut emitter),
            Stage::Initiation | Stage::Lost => false,
        };
        if !in_step {
            state.tls.reset();
            state.connection.reset();
            state.stage = Stage::Lost;
        }
    }
}

impl DirectionReader<'_> {
    fn step(&mut self, bytes: &[u8], origin: &Origin<'_>) -> Step {
        let stage = self.dissector.directions[self.direction.index()].stage;
        match stage {
            Stage::Foreign => Step::Used(bytes.len()),
            Stage::Initiation => self.initiation(bytes, origin),
            Stage::Open => self.open(bytes, origin),
            Stage::Lost if is_message_start(bytes) => {
                self.enter(Stage::Open);
                self.open(bytes, origin)
            }
            Stage::Lost => Step::Used(bytes.len()),
        }
    }

    fn enter(&mut self, stage: Stage) {
        self.dissector.directions[self.direction.index()].stage = stage;
    }

    fn initiation(&mut self, bytes: &[u8], origin: &Origin<'_>) -> Step {
        let before = self.session.timeline.len();
        let mut emitter = Emitter { session: self.session, direction: self.direction };
        let step = initiation::read(bytes, origin, &mut self.certificates.messages, &mut emitter);
        if step == Step::Lost && is_message_start(bytes) && !self.is_behind_header() {
            // TLS without a request before it, or a connection that was joined in the middle.
            self.enter(Stage::Open);
            return self.open(bytes, origin);
        }
        if self.session.timeline.len() > before {
            self.note_initiation();
        }
        step
    }

    /// Whether a balancer's header came first: TLS behind one is a web server's, as a rule, and no RDP without a request.
    fn is_behind_header(&self) -> bool {
        let own = |(event, fact): (&Event, &Fact)| event.direction == self.direction && fact.foreign().is_some();
        self.session.timeline.facts().any(own)
    }

    /// A request or its answer was read: what follows is told by its first byte.
    fn note_initiation(&mut self) {
        let event = self.session.timeline.last();
        let last_end = event.map_or(0, |event| event.stream_offset + u64::from(event.length));
        match event.and_then(|event| event.fact()) {
            // The request comes behind it.
            Some(Fact::Preconnection(_) | Fact::Foreign(_)) => {
                let state = &mut self.dissector.directions[self.direction.index()];
                state.begins = last_end;
                return;
            }
            Some(Fact::ConnectionConfirm(confirm)) => {
                self.dissector.selected = match confirm.answer {
                    Answer::Response { selected, .. } => Some(selected),
                    Answer::Absent => Some(Protocols::RDP),
                    Answer::Failure(_) => None,
                };
            }
            _ => {}
        }
        self.enter(Stage::Open);
    }

    fn open(&mut self, bytes: &[u8], origin: &Origin<'_>) -> Step {
        let dissector = &mut *self.dissector;
        let standard_security = dissector.selected == Some(Protocols::RDP) && dissector.shared.version.is_none();
        let state = &mut dissector.directions[self.direction.index()];
        let mut emitter = Emitter { session: self.session, direction: self.direction };
        let is_tls = state.tls.is_inside_record() || framing::tls_record(bytes) != Framing::No;
        if is_tls && !standard_security && !state.connection.is_inside() {
            return state.tls.read(bytes, origin, &mut dissector.shared, self.certificates, &mut emitter);
        }
        state.connection.read(
            bytes,
            origin,
            standard_security,
            &mut dissector.connection,
            self.certificates,
            &mut emitter,
        )
    }

    /// The bytes are not what belongs here. At the very beginning they say what else this is; later they are skipped.
    fn lose_step(&mut self, bytes: &[u8], origin: &Origin<'_>) -> usize {
        let state = &mut self.dissector.directions[self.direction.index()];
        let at_beginning =
            state.stage == Stage::Initiation && origin.offset <= state.begins && !self.session.is_midstream();
        let mut emitter = Emitter { session: self.session, direction: self.direction };
        if at_beginning {
            initiation::name_foreign(bytes, origin, &mut emitter);
            state.stage = Stage::Foreign;
        } else {
            // Before the first message of a connection that was joined late there is no step to lose.
            if state.stage == Stage::Open || (state.stage == Stage::Initiation && !emitter.session.is_midstream()) {
                let phase = phase_now(emitter.session);
                let kind = EventKind::Malformed(Box::new(Malformed::at("start of a message", 0)));
                emitter.emit(phase, kind, Start::of(origin), bytes.len() as u32, origin.current);
            }
            state.tls.reset();
            state.connection.reset();
            state.stage = Stage::Lost;
        }
        bytes.len()
    }
}

/// Whether a message plausibly begins here: used to find the way again after a hole.
fn is_message_start(bytes: &[u8]) -> bool {
    let tls = bytes.len() >= framing::TLS_RECORD_HEADER && matches!(framing::tls_record(bytes), Framing::Length(_));
    // TPKT and the X.224 code of a request, confirm or data TPDU behind it.
    let tpkt = matches!(framing::tpkt(bytes), Framing::Length(_))
        && matches!(bytes.get(framing::TPDU_CODE), Some(0xe0 | 0xd0 | 0xf0));
    tls || tpkt
}
