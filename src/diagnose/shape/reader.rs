//! Reads protected records in order: first what belongs to TLS itself, the rest is the dialogue behind it.

use super::size::{Size, agreed};
use super::{Inferred, Nla, Shape, name};
use crate::knowledge::negotiation::Protocols;
use crate::knowledge::tls::{Protection, Version};
use crate::session::{Direction, Event, EventKind, Phase, Session};
use crate::wire::catalogue::Fact;
use crate::wire::tls_record::ContentType;

/// An X.224 request with a long name in its cookie, a correlation, and what TPKT adds; any Connect Initial is longer.
const LONGEST_REQUEST: u16 = 200;

/// Phase, name, and whether the size allows nothing else there.
pub(super) type Meaning = (Phase, &'static str, bool);

/// Where in the dialogue behind TLS.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    Start,
    /// Client tokens so far.
    Nla(u8),
    NlaAccepted,
    NlaDone,
    NlaRefused,
    Rdstls,
    Mcs,
    Joining,
    /// From Client Info to Demand Active: licensing, and measurements of the path.
    Licensing,
    Activating,
    Running,
}

pub(super) struct Reader {
    pub(super) shape: Shape,
    pub(super) protection: Protection,
    pub(super) version: Version,
    selected: Protocols,
    /// The request comes inside TLS and behind NLA.
    is_direct: bool,
    finished: [bool; 2],
    /// Whether each side puts the beginning of a message into a record of its own, once that is known.
    splits: [Option<bool>; 2],
    tickets: u8,
    pub(super) step: Step,
    /// The dialogue's records of the server; from Client Info on, those since then.
    pub(super) server_records: usize,
    /// MCS requests of the client since Connect Initial.
    pub(super) asked: u8,
    /// Control and Font PDUs of each side since the last Demand Active.
    pub(super) finals: [u8; 2],
    /// The last Demand Active was not confirmed yet.
    pub(super) owes_confirm: bool,
    /// The client's next long record, by how many events are left from it on, and whether it confirms capabilities.
    pub(super) answer: Option<(usize, bool)>,
    /// From one side to the other and back, as far as it is known; seconds.
    pub(super) way: f64,
}

/// The records of `session`, read.
pub(super) fn read(session: &Session) -> Shape {
    let Some((version, protection)) = agreed(session) else { return Shape::default() };
    let is_direct = is_direct(session);
    let mut reader = Reader {
        shape: Shape::default(),
        protection,
        version,
        selected: session.selected().unwrap_or(if is_direct { Protocols::HYBRID } else { Protocols::SSL }),
        is_direct,
        finished: [false; 2],
        splits: [None; 2],
        tickets: 0,
        step: Step::Start,
        server_records: 0,
        asked: 0,
        finals: [0; 2],
        owes_confirm: false,
        answer: None,
        way: session.rtt_client.unwrap_or_default() + session.rtt_server.unwrap_or_default(),
    };
    if session.is_midstream() && session.request().is_none() && session.client_hello().is_none() {
        // Nobody knows how far it was when the capture began; that it runs is all that can be said.
        reader.step = Step::Running;
        reader.shape.established = true;
    }
    // Nothing before the first of them says what it is.
    let events: Vec<&Event> = session.timeline.iter().skip_while(|event| event.encrypted().is_none()).collect();
    for (index, event) in events.iter().enumerate() {
        if let EventKind::Encrypted { content_type, length } = event.kind {
            reader.record(event, content_type, length, &events[index + 1..]);
        }
    }
    reader.shape
}

/// Whether TLS came right behind a preconnection PDU, as the console of a virtual machine speaks: NLA is then agreed without
/// a word, and the request follows inside (MS-RDPBCGR 5.4.2.2, direct approach).
fn is_direct(session: &Session) -> bool {
    let is_named = session.timeline.facts().any(|(_, fact)| matches!(fact, Fact::Preconnection(_)));
    is_named && session.request().is_none() && session.client_hello().is_some()
}

impl Reader {
    fn record(&mut self, event: &Event, content_type: ContentType, length: u16, later: &[&Event]) {
        let size = self.size(length);
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
            _ if self.version >= Version::TLS13 && !self.shape.established => self.hidden_handshake(event, size, later),
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

    pub(super) fn size(&self, length: u16) -> Size {
        Size::of(self.protection, self.version, length)
    }

    /// Sizes of the records that `direction` will send.
    pub(super) fn sizes_of<'a>(&self, later: &'a [&Event], direction: Direction) -> impl Iterator<Item = Size> + 'a {
        let (protection, version) = (self.protection, self.version);
        later
            .iter()
            .filter(move |event| event.direction == direction)
            .filter_map(move |event| Some(Size::of(protection, version, event.encrypted()?)))
    }

    const fn phase(&self) -> Phase {
        match self.step {
            Step::Start => Phase::Tls,
            Step::Nla(_) | Step::NlaAccepted | Step::NlaRefused | Step::NlaDone | Step::Rdstls => Phase::Nla,
            Step::Mcs | Step::Joining => Phase::Mcs,
            Step::Licensing | Step::Activating | Step::Running => Phase::Rdp,
        }
    }

    /// TLS 1.3 hides everything behind the ServerHello; the client's first record is its Finished or an alert, or its
    /// Certificate, if the server asked for one (RFC 8446 4.4.2).
    fn hidden_handshake(&mut self, event: &Event, size: Size, later: &[&Event]) -> Meaning {
        // 4 header + 32 or 48 of verify_data
        let is_finished = |size: Size| size.is(36, 36) || size.is(52, 52);
        match event.direction {
            // No message of the handshake is that short, from either side (RFC 8446 4).
            _ if size.is(2, 2) => (Phase::Tls, name::ALERT, true),
            Direction::ServerToClient => (Phase::Tls, name::HANDSHAKE, false),
            Direction::ClientToServer if !is_finished(size) && self.own_words(later).any(is_finished) => {
                (Phase::Tls, name::CERTIFICATE, false)
            }
            Direction::ClientToServer => {
                self.shape.established = true;
                (Phase::Tls, name::FINISHED, is_finished(size))
            }
        }
    }

    /// Sizes of the records that the client sends before the server says anything.
    fn own_words<'a>(&self, later: &'a [&Event]) -> impl Iterator<Item = Size> + 'a {
        let records = later.iter().position(|event| event.direction == Direction::ServerToClient && event.length > 0);
        self.sizes_of(&later[..records.unwrap_or(later.len())], Direction::ClientToServer)
    }

    /// A message of two bytes can only be an alert; a fatal one would not be followed by an orderly close.
    pub(super) fn is_hidden_alert(&self, size: Size) -> bool {
        self.version >= Version::TLS13 && size.is(2, 2)
    }

    /// TLS 1.0 stacks put the first byte of a message, or none, into a record of its own (against BEAST). Where the MAC
    /// stands behind the padding (RFC 7366), an Erect Domain is as long; who does it begins with it.
    fn is_split(&mut self, event: &Event, size: Size, later: &[&Event]) -> bool {
        if self.version > Version::TLS10 || !matches!(self.protection, Protection::Cbc { .. }) {
            return false;
        }
        let next = later.first().filter(|next| next.direction == event.direction && next.encrypted().is_some());
        let looks_so = size.most <= 15
            && size.fits(0, 1)
            && next.is_some_and(|next| next.first_frame == event.frame || next.frame == event.frame);
        let splits = *self.splits[event.direction.index()].get_or_insert(looks_so);
        looks_so && (splits || size.most <= 11)
    }

    /// Servers send one or more tickets right after the handshake, before or behind the client's first words.
    fn is_ticket(&mut self, event: &Event, size: Size, later: &[&Event]) -> bool {
        if self.version < Version::TLS13 || event.direction == Direction::ClientToServer || self.server_records > 0 {
            return false;
        }
        let twin_follows = || {
            let next = later.iter().find_map(|next| Some((next.direction, next.encrypted()?)));
            next.is_some_and(|(direction, length)| {
                let other = self.size(length);
                direction == Direction::ServerToClient && other.most.abs_diff(size.most) <= 40
            })
        };
        // No ticket is as short as the message with which RDSTLS begins.
        let before_dialogue = self.step == Step::Start && !size.is(8, 8);
        let is_ticket = before_dialogue || (size.fits(60, 2000) && (self.tickets == 1 || twin_follows()));
        if is_ticket && self.tickets < 4 {
            self.tickets += 1;
            return before_dialogue || self.tickets <= 2;
        }
        false
    }

    fn dialogue(&mut self, event: &Event, size: Size, later: &[&Event]) -> Meaning {
        use Direction::{ClientToServer, ServerToClient};
        if event.direction == ServerToClient {
            self.server_records += 1;
        }
        match (self.step, event.direction) {
            (Step::Start | Step::Rdstls, direction) if self.selected == Protocols::RDSTLS => {
                self.rdstls(direction, size)
            }
            (Step::Start | Step::Rdstls, direction) if self.selected == Protocols::RDSAAD => {
                self.entra(direction, size)
            }
            (Step::Start, ClientToServer) if self.selected.has_nla() => self.first_token(size),
            (Step::Start, ClientToServer) => self.connect_initial(),
            (Step::Nla(tokens), ClientToServer) => self.client_token(tokens, size),
            (Step::Nla(tokens), ServerToClient) => self.server_token(tokens, size),
            (Step::NlaAccepted, ClientToServer) => self.auth_info(size),
            (Step::NlaDone, ServerToClient) if self.is_error(size) => self.refused_late(),
            (Step::NlaDone, _) if self.is_direct && size.most <= LONGEST_REQUEST => (Phase::Nla, name::INNER, false),
            (Step::NlaDone, ServerToClient) => {
                // Where the server promised its result, it is the first and only word here (MS-RDPBCGR 5.4.2.2).
                let is_promised = self.selected == Protocols::HYBRID_EX && self.protection != Protection::Unknown;
                self.shape.early |= size.is(4, 4) || (is_promised && size.fits(4, 4));
                (Phase::Nla, name::EARLY, size.is(4, 4))
            }
            (Step::NlaDone, ClientToServer) => self.connect_initial(),
            (Step::Mcs | Step::Joining, ServerToClient) => self.mcs_answer(size),
            (Step::Mcs | Step::Joining, ClientToServer) => self.mcs_request(size),
            (Step::Licensing | Step::Activating | Step::Running, _) => self.session(event, size, later),
            (step, _) => (if step == Step::Start { Phase::Tls } else { Phase::Nla }, name::SESSION, false),
        }
    }

    /// Behind RDSTLS and behind NLA alike the client begins with MCS.
    pub(super) fn connect_initial(&mut self) -> Meaning {
        self.step = Step::Mcs;
        self.shape.mcs = true;
        (Phase::Mcs, name::CONNECT_INITIAL, false)
    }
}
