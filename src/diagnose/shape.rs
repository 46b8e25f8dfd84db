//! What protected records tell by size, direction and order alone: the story behind TLS, without keys.
//!
//! With AEAD suites a record's length is its message's length; Windows puts one message in one record (MS-CSSP note 8),
//! and so do the other stacks. With CBC only a range is known. What is read here is never more than an inference.

use crate::frame::FrameNumber;
use crate::knowledge::negotiation::Protocols;
use crate::knowledge::tls::{Protection, Version, plaintext_length};
use crate::session::{Direction, Event, EventKind, Phase, Session};
use crate::wire::catalogue::Fact;
use crate::wire::tls_record::ContentType;

/// A record whose meaning was inferred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inferred {
    /// The frame that completed it.
    pub frame: FrameNumber,
    /// Stream offset of the record, to tell several in a frame apart.
    pub stream_offset: u64,
    /// Who sent it.
    pub direction: Direction,
    /// The phase it belongs to.
    pub phase: Phase,
    /// What it is, in the specification's words.
    pub name: &'static str,
    /// Whether the size allows nothing else there.
    pub exact: bool,
    /// Plaintext bytes, where the length tells them.
    pub plaintext: Option<u16>,
}

/// How far Network Level Authentication came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nla {
    /// Not chosen, or not reached.
    #[default]
    None,
    /// The client spoke so many times and was not refused.
    Begun(u8),
    /// The server answered with an error message.
    Refused,
    /// The server proved its key: the user is accepted.
    Accepted,
    /// Credentials were handed over.
    Done,
}

/// The inferred story.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Protected records in order, with their meaning.
    pub records: Vec<Inferred>,
    /// The TLS handshake was completed by both sides.
    pub established: bool,
    /// Network Level Authentication.
    pub nla: Nla,
    /// MCS Connect Initial was sent inside TLS.
    pub mcs: bool,
    /// Client Info was sent inside TLS.
    pub info: bool,
    /// The server answered with enough for a running session.
    pub active: bool,
}

/// Server records after Client Info that make a session running: licence, capabilities, finalization, first picture.
const ACTIVE_RECORDS: usize = 8;

/// Plaintext sizes a record may have: exact with AEAD, a block's width with CBC.
#[derive(Clone, Copy, Debug)]
struct Size {
    least: u16,
    most: u16,
}

impl Size {
    fn of(protection: Protection, version: Version, record: u16) -> Self {
        if let Some(exact) = plaintext_length(protection, record) {
            return Self { least: exact, most: exact };
        }
        // HMAC-SHA1 (20) and one byte of padding at least, an explicit IV (16) since TLS 1.1, blocks of 16.
        let overhead = 21 + if version >= Version::TLS11 { 16 } else { 0 };
        let most = record.saturating_sub(overhead);
        Self { least: most.saturating_sub(28), most }
    }

    const fn is_exact(self) -> bool {
        self.least == self.most
    }

    /// Whether a message of `from` to `to` bytes fits.
    const fn fits(self, from: u16, to: u16) -> bool {
        self.least <= to && from <= self.most
    }

    /// Whether it can only be a message of `from` to `to` bytes.
    const fn is(self, from: u16, to: u16) -> bool {
        self.is_exact() && self.fits(from, to)
    }
}

impl Shape {
    /// Reads the records of `session`.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        let Some((version, protection)) = agreed(session) else { return Self::default() };
        let selected = session.selected().unwrap_or(Protocols::SSL);
        let mut reader = ShapeReader {
            shape: Self::default(),
            protection,
            version,
            has_nla: selected.has_nla(),
            finished: [false; 2],
            tickets: 0,
            step: Step::Start,
            server_records: 0,
        };
        if session.is_midstream() && session.request().is_none() && session.client_hello().is_none() {
            // Nobody knows how far it was when the capture began; that it runs is all that can be said.
            reader.step = Step::Rdp;
            reader.shape.established = true;
        }
        let events: Vec<&Event> = session.timeline.iter().collect();
        for (index, event) in events.iter().enumerate() {
            if let EventKind::Encrypted { content_type, length } = event.kind {
                reader.record(event, content_type, length, &events[index + 1..]);
            }
        }
        reader.shape
    }

    /// The meaning of the record at this place, if it has one.
    #[must_use]
    pub fn at(&self, frame: FrameNumber, stream_offset: u64) -> Option<&Inferred> {
        self.records.iter().find(|record| record.frame == frame && record.stream_offset == stream_offset)
    }

    /// The last record of a direction.
    #[must_use]
    pub fn last(&self, direction: Direction) -> Option<&Inferred> {
        self.records.iter().rev().find(|record| record.direction == direction)
    }

    /// The farewell of `direction` among its last records: MCS Disconnect Provider Ultimatum, or close_notify.
    #[must_use]
    pub fn farewell(&self, direction: Direction) -> Option<&Inferred> {
        let own = || self.records.iter().rev().filter(|record| record.direction == direction).take(3);
        own()
            .find(|record| record.name == name::ULTIMATUM)
            .or_else(|| own().find(|record| record.name == name::CLOSE_NOTIFY))
    }

    /// Whether application data flowed at all.
    #[must_use]
    pub fn has_application_data(&self) -> bool {
        self.records.iter().any(|record| record.phase > Phase::Tls)
    }
}

/// Version and record protection: from the ServerHello, or by the shape of the handshake where that was not captured.
fn agreed(session: &Session) -> Option<(Version, Protection)> {
    if let Some((_, hello)) = session.server_hello() {
        return Some((hello.version, hello.protection()));
    }
    let types = || {
        session.timeline.iter().filter_map(|event| match event.kind {
            EventKind::Encrypted { content_type, .. } => Some((event.direction, content_type)),
            _ => None,
        })
    };
    let both = [Direction::ClientToServer, Direction::ServerToClient]
        .into_iter()
        .all(|direction| types().any(|(from, kind)| from == direction && kind == ContentType::APPLICATION_DATA));
    // Up to TLS 1.2 Finished is a visible handshake record behind ChangeCipherSpec.
    let changed = session.timeline.facts().any(|(_, fact)| matches!(fact, Fact::ChangeCipherSpec));
    let visible_finished = types().any(|(_, kind)| kind == ContentType::HANDSHAKE);
    match (both, changed && !visible_finished) {
        (false, _) => None,
        (true, true) => Some((Version::TLS13, Protection::Aead(17))),
        (true, false) => Some((Version::TLS12, Protection::Unknown)),
    }
}

/// Names of what records are taken for; an arrow of the ladder has room for fifteen characters.
pub(crate) mod name {
    pub(crate) const HANDSHAKE: &str = "TLS handshake";
    pub(crate) const FINISHED: &str = "Finished";
    pub(crate) const ALERT: &str = "alert";
    pub(crate) const CLOSE_NOTIFY: &str = "close_notify";
    pub(crate) const SPLIT: &str = "first byte";
    pub(crate) const TICKET: &str = "NewSessionTicket";
    pub(crate) const NEGOTIATE: &str = "NLA first token";
    pub(crate) const NTLM_NEGOTIATE: &str = "NTLM NEGOTIATE";
    pub(crate) const KERBEROS: &str = "Kerberos token";
    pub(crate) const CHALLENGE: &str = "NLA challenge";
    pub(crate) const AUTHENTICATE: &str = "NLA next token";
    pub(crate) const ERROR: &str = "NLA error code";
    pub(crate) const PUB_KEY: &str = "NLA pubKeyAuth";
    pub(crate) const AUTH_INFO: &str = "NLA authInfo";
    pub(crate) const EARLY: &str = "Early User Auth";
    pub(crate) const CONNECT_INITIAL: &str = "Connect Initial";
    pub(crate) const CONNECT_RESPONSE: &str = "Connect Response";
    pub(crate) const DOMAIN: &str = "MCS attach/join";
    pub(crate) const CLIENT_INFO: &str = "Client Info";
    pub(crate) const ULTIMATUM: &str = "MCS ultimatum";
    pub(crate) const ERROR_INFO: &str = "Set Error Info";
    pub(crate) const SESSION: &str = "session data";
}

/// Where in the dialogue behind TLS.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    Start,
    /// Client tokens so far.
    Nla(u8),
    NlaAccepted,
    NlaDone,
    NlaRefused,
    Mcs,
    Joining,
    Rdp,
}

struct ShapeReader {
    shape: Shape,
    protection: Protection,
    version: Version,
    has_nla: bool,
    finished: [bool; 2],
    tickets: u8,
    step: Step,
    server_records: usize,
}

impl ShapeReader {
    fn record(&mut self, event: &Event, content_type: ContentType, length: u16, later: &[&Event]) {
        let size = Size::of(self.protection, self.version, length);
        let (phase, name, exact) = match content_type {
            ContentType::HANDSHAKE => {
                // Up to TLS 1.2 the first protected handshake message is Finished.
                self.finished[event.direction.index()] = true;
                self.shape.established = self.finished == [true; 2];
                (Phase::Tls, name::FINISHED, true)
            }
            // Servers without error codes refuse a logon with an alert (49, access_denied).
            ContentType::ALERT if event.direction == Direction::ServerToClient && matches!(self.step, Step::Nla(_)) => {
                self.step = Step::NlaRefused;
                self.shape.nla = Nla::Refused;
                (Phase::Nla, name::ALERT, false)
            }
            ContentType::ALERT if self.shape.established => (self.phase(), name::CLOSE_NOTIFY, false),
            ContentType::ALERT => (Phase::Tls, name::ALERT, true),
            _ if self.version >= Version::TLS13 && !self.shape.established => self.hidden_handshake(event, size),
            _ if self.is_hidden_alert(size) => (self.phase(), name::CLOSE_NOTIFY, true),
            _ if self.is_split(event, size, later) => (self.phase(), name::SPLIT, false),
            _ if self.is_ticket(event, size, later) => (Phase::Tls, name::TICKET, false),
            _ => self.dialogue(event, size, later),
        };
        self.shape.records.push(Inferred {
            frame: event.frame,
            stream_offset: event.stream_offset,
            direction: event.direction,
            phase,
            name,
            exact: exact && size.is_exact(),
            plaintext: size.is_exact().then_some(size.most),
        });
    }

    const fn phase(&self) -> Phase {
        match self.step {
            Step::Start => Phase::Tls,
            Step::Nla(_) | Step::NlaAccepted | Step::NlaRefused | Step::NlaDone => Phase::Nla,
            Step::Mcs | Step::Joining => Phase::Mcs,
            Step::Rdp => Phase::Rdp,
        }
    }

    /// TLS 1.3 hides everything behind the ServerHello; the client's first record is its Finished or an alert.
    fn hidden_handshake(&mut self, event: &Event, size: Size) -> (Phase, &'static str, bool) {
        match event.direction {
            Direction::ServerToClient => (Phase::Tls, name::HANDSHAKE, false),
            Direction::ClientToServer if size.is(2, 2) => (Phase::Tls, name::ALERT, true),
            Direction::ClientToServer => {
                self.shape.established = true;
                // 4 header + 32 or 48 of verify_data
                (Phase::Tls, name::FINISHED, size.is(36, 36) || size.is(52, 52))
            }
        }
    }

    /// A message of two bytes can only be an alert; a fatal one would not be followed by an orderly close.
    fn is_hidden_alert(&self, size: Size) -> bool {
        self.version >= Version::TLS13 && size.is(2, 2)
    }

    /// TLS 1.0 stacks put the first byte of a message into a record of its own (against BEAST).
    fn is_split(&self, event: &Event, size: Size, later: &[&Event]) -> bool {
        let next = later.first().filter(|next| next.direction == event.direction && next.encrypted().is_some());
        self.version <= Version::TLS10
            && self.protection == Protection::Cbc
            && size.most <= 11
            && next.is_some_and(|next| next.first_frame == event.frame || next.frame == event.frame)
    }

    /// Servers send one or more tickets right after the handshake, before or behind the client's first words.
    fn is_ticket(&mut self, event: &Event, size: Size, later: &[&Event]) -> bool {
        if self.version < Version::TLS13 || event.direction == Direction::ClientToServer || self.server_records > 0 {
            return false;
        }
        let twin_follows = || {
            let next = later.iter().find_map(|next| Some((next.direction, next.encrypted()?)));
            next.is_some_and(|(direction, length)| {
                let other = Size::of(self.protection, self.version, length);
                direction == Direction::ServerToClient && other.most.abs_diff(size.most) <= 40
            })
        };
        let before_dialogue = self.step == Step::Start;
        let is_ticket = before_dialogue || (size.fits(60, 2000) && (self.tickets == 1 || twin_follows()));
        if is_ticket && self.tickets < 4 {
            self.tickets += 1;
            return before_dialogue || self.tickets <= 2;
        }
        false
    }

    fn dialogue(&mut self, event: &Event, size: Size, later: &[&Event]) -> (Phase, &'static str, bool) {
        if event.direction == Direction::ServerToClient {
            self.server_records += 1;
        }
        match (self.step, event.direction) {
            (Step::Start, Direction::ClientToServer) if self.has_nla => self.first_token(size),
            (Step::Start, Direction::ClientToServer) => self.connect_initial(),
            (Step::Nla(tokens), direction) => self.nla(tokens, direction, size),
            (Step::NlaAccepted, Direction::ClientToServer) => {
                self.step = Step::NlaDone;
                self.shape.nla = Nla::Done;
                (Phase::Nla, name::AUTH_INFO, false)
            }
            (Step::NlaDone, Direction::ServerToClient) => (Phase::Nla, name::EARLY, size.is(4, 4)),
            (Step::NlaDone, Direction::ClientToServer) => self.connect_initial(),
            (Step::Mcs | Step::Joining, direction) => self.joining(direction, size),
            (Step::Rdp, direction) => self.running(direction, size, later),
            (step, _) => (if step == Step::Start { Phase::Tls } else { Phase::Nla }, name::SESSION, false),
        }
    }

    fn first_token(&mut self, size: Size) -> (Phase, &'static str, bool) {
        self.step = Step::Nla(1);
        self.shape.nla = Nla::Begun(1);
        if size.is(57, 57) || size.is(93, 93) {
            return (Phase::Nla, name::NTLM_NEGOTIATE, true);
        }
        (Phase::Nla, if size.is(150, 260) { name::KERBEROS } else { name::NEGOTIATE }, false)
    }

    /// NTLM: negotiate, challenge, authenticate, pubKeyAuth. Kerberos has a round trip more.
    fn nla(&mut self, tokens: u8, direction: Direction, size: Size) -> (Phase, &'static str, bool) {
        if direction == Direction::ClientToServer {
            self.step = Step::Nla(tokens.saturating_add(1));
            self.shape.nla = Nla::Begun(tokens.saturating_add(1));
            return (Phase::Nla, name::AUTHENTICATE, false);
        }
        if size.is(13, 17) {
            self.step = Step::NlaRefused;
            self.shape.nla = Nla::Refused;
            return (Phase::Nla, name::ERROR, true);
        }
        let accepted = match tokens {
            0 | 1 => false,
            2 => size.fits(40, 140) || size.fits(270, 340) || size.fits(520, 620),
            _ => true,
        };
        if accepted && !(tokens == 2 && size.is(200, 269)) {
            self.step = Step::NlaAccepted;
            self.shape.nla = Nla::Accepted;
            return (Phase::Nla, name::PUB_KEY, size.is(59, 59) || size.is(103, 103));
        }
        (Phase::Nla, name::CHALLENGE, false)
    }

    fn connect_initial(&mut self) -> (Phase, &'static str, bool) {
        self.step = Step::Mcs;
        self.shape.mcs = true;
        (Phase::Mcs, name::CONNECT_INITIAL, false)
    }

    /// Connect Response, then small messages until Client Info, which has some hundred bytes.
    fn joining(&mut self, direction: Direction, size: Size) -> (Phase, &'static str, bool) {
        match direction {
            Direction::ServerToClient if self.step == Step::Mcs => {
                self.step = Step::Joining;
                if size.is(9, 9) {
                    return (Phase::Mcs, name::ULTIMATUM, true);
                }
                (Phase::Mcs, name::CONNECT_RESPONSE, false)
            }
            Direction::ClientToServer if size.most > 120 && self.step == Step::Joining => {
                self.step = Step::Rdp;
                self.shape.info = true;
                self.server_records = 1;
                (Phase::Rdp, name::CLIENT_INFO, false)
            }
            _ => (Phase::Mcs, name::DOMAIN, size.is(8, 15)),
        }
    }

    fn running(&mut self, direction: Direction, size: Size, later: &[&Event]) -> (Phase, &'static str, bool) {
        self.shape.active |= self.server_records > ACTIVE_RECORDS;
        let records_left = later.iter().filter(|event| event.direction == direction && event.encrypted().is_some());
        let left = records_left.take(6).count();
        if size.is(9, 9) && left <= 1 {
            return (Phase::Rdp, name::ULTIMATUM, true);
        }
        if direction == Direction::ServerToClient && size.is(36, 37) && (1..6).contains(&left) {
            return (Phase::Rdp, name::ERROR_INFO, false);
        }
        (Phase::Rdp, name::SESSION, false)
    }
}
