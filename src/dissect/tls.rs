//! TLS records of one direction: plain handshake messages and alerts are read, protected records are measured.

use super::certificates::CertificateStore;
use super::key_check::KeyCheck;
use super::stage::{Emitter, Start, Step};
use crate::knowledge::tls::Version;
use crate::session::{Direction, EventKind, Phase, Roles};
use crate::tcp::stream::{Mark, Origin};
use crate::wire::catalogue::Fact;
use crate::wire::framing::{self, Framing, TLS_RECORD_HEADER};
use crate::wire::tls_handshake::{self, HANDSHAKE_HEADER, HandshakeMessage, HandshakeType};
use crate::wire::tls_record::{Alert, ContentType, RecordHeader};

/// The largest handshake message that is put together; a certificate chain of forty certificates fits.
const MESSAGE_LIMIT: usize = 64 * 1024;

/// An alert of two bytes with the shortest of all MACs, that of MD5; bytes.
const PROTECTED_ALERT: u16 = 18;

/// What both directions know of the handshake.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared {
    /// Agreed version.
    pub(super) version: Option<Version>,
    /// A HelloRetryRequest was seen and its second hellos are still to come.
    pub(super) retried: bool,
    /// The server's proof of its key, while nobody has judged it.
    pub(super) key_check: KeyCheck,
}

/// One direction's record layer.
#[derive(Clone, Debug, Default)]
pub(super) struct TlsDirection {
    /// A record that goes on in the next segment; apart, because few do.
    skim: Option<Box<Skim>>,
    /// A handshake message that goes on in the next record.
    joined: Option<Box<Joined>>,
    /// The first byte of an alert that goes on in the next record.
    half: Option<Box<(u8, Start)>>,
    /// ChangeCipherSpec was sent: handshake records are protected from here on (up to TLS 1.2).
    changed: bool,
}

/// The beginning of a handshake message.
#[derive(Clone, Debug)]
struct Joined {
    bytes: Vec<u8>,
    start: Start,
}

/// A record whose body is passed over.
#[derive(Clone, Debug)]
struct Skim {
    header: RecordHeader,
    start: Start,
    remaining: usize,
}

impl TlsDirection {
    /// Bytes held for a message that goes on. A record that does comes and goes too often to be looked for: room for one is
    /// counted.
    pub(super) fn memory(&self) -> usize {
        let joined = self.joined.as_ref().map_or(0, |joined| size_of::<Joined>() + joined.bytes.capacity());
        let half = if self.half.is_some() { size_of::<(u8, Start)>() } else { 0 };
        joined + half + size_of::<Skim>()
    }

    /// Whether a record's body is still being passed over.
    pub(super) const fn is_inside_record(&self) -> bool {
        self.skim.is_some()
    }

    /// Bytes of the record that is being passed over still to come.
    #[inline]
    pub(super) fn rest(&self) -> usize {
        match &self.skim {
            Some(skim) => skim.remaining,
            None => 0,
        }
    }

    /// Passes over `count` bytes, fewer than [`Self::rest`].
    #[inline]
    pub(super) fn pass_over(&mut self, count: usize) {
        if let Some(skim) = &mut self.skim {
            skim.remaining -= count;
        }
    }

    /// Reads one record, or the next part of a protected one.
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        origin: &Origin<'_>,
        shared: &mut Shared,
        certificates: &mut CertificateStore,
        emitter: &mut Emitter<'_>,
    ) -> Step {
        if let Some(skim) = &mut self.skim {
            let used = skim.pass(bytes.len(), origin.current, emitter);
            if skim.remaining == 0 {
                self.skim = None;
            }
            return Step::Used(used);
        }
        let total = match framing::tls_record(bytes) {
            Framing::NotYet => return Step::More,
            Framing::No => return Step::Lost,
            Framing::Length(total) => total,
        };
        let Some((head, rest)) = bytes.split_first_chunk::<TLS_RECORD_HEADER>() else { return Step::More };
        let header = RecordHeader::from_bytes(*head);
        let peek = rest.first().copied();
        if header.length > 0 && peek.is_none() {
            return Step::More;
        }
        if self.is_protected(header, peek, shared) {
            let mut skim = Skim { header, start: Start::of(origin), remaining: total };
            let used = skim.pass(bytes.len(), origin.current, emitter);
            self.skim = (skim.remaining > 0).then(|| Box::new(skim));
            return Step::Used(used);
        }
        let Some(body) = bytes.get(TLS_RECORD_HEADER..total) else { return Step::More };
        let start = Start::of(origin);
        match header.content_type {
            ContentType::HANDSHAKE => self.handshake(body, start, origin.current, shared, certificates, emitter),
            ContentType::ALERT => {
                let first = self.alerts(header, body, start, origin.current, emitter);
                // Of one that goes on nothing is known yet.
                if emitter.direction == Direction::ClientToServer && (first.is_some() || self.half.is_none()) {
                    shared.key_check.hear(first, certificates, emitter.session);
                }
            }
            ContentType::CHANGE_CIPHER_SPEC => {
                self.changed = true;
                if emitter.direction == Direction::ClientToServer {
                    shared.key_check.accept();
                }
                let kind = EventKind::Message(Fact::ChangeCipherSpec);
                emitter.emit(Phase::Tls, kind, start, total as u32, origin.current);
            }
            _ => {}
        }
        Step::Used(total)
    }

    /// Bytes were lost. Answers whether the record layer is still in step: the hole lay inside a known record.
    pub(super) fn gap(&mut self, left: &[u8], missing: u64, origin: &Origin<'_>, emitter: &mut Emitter<'_>) -> bool {
        (self.joined, self.half) = (None, None);
        if self.skim.is_none() {
            let Some((head, _)) = left.split_first_chunk::<TLS_RECORD_HEADER>() else { return false };
            let Framing::Length(total) = framing::tls_record(left) else { return false };
            let header = RecordHeader::from_bytes(*head);
            let remaining = total.saturating_sub(left.len());
            self.skim = Some(Box::new(Skim { header, start: Start::of(origin), remaining }));
        }
        let Some(mut skim) = self.skim.take() else { return false };
        if missing > skim.remaining as u64 {
            return false;
        }
        skim.pass(missing as usize, origin.current, emitter);
        self.skim = Some(skim).filter(|skim| skim.remaining > 0);
        true
    }

    /// Forgets a half-read record: the next bytes begin anew.
    pub(super) fn reset(&mut self) {
        (self.skim, self.joined, self.half) = (None, None, None);
    }

    const fn is_protected(&self, header: RecordHeader, first: Option<u8>, shared: &Shared) -> bool {
        match header.content_type {
            ContentType::APPLICATION_DATA | ContentType::HEARTBEAT => true,
            // A plain alert has two bytes, and several may share a record; no protected one is so short.
            ContentType::ALERT => header.length >= PROTECTED_ALERT,
            // After a HelloRetryRequest both sides may send ChangeCipherSpec before another plain hello (RFC 8446 D.4).
            ContentType::HANDSHAKE => self.changed && !(shared.retried && matches!(first, Some(1 | 2))),
            _ => false,
        }
    }

    /// Plain alerts: one in a record as a rule, but several may share one, and one may be cut in two (RFC 5246 6.2.1).
    /// Answers the first of them; none where they cannot be read.
    fn alerts(
        &mut self,
        header: RecordHeader,
        body: &[u8],
        start: Start,
        current: Mark,
        emitter: &mut Emitter<'_>,
    ) -> Option<Alert> {
        let half = self.half.take();
        let begun = half.as_ref().map(|half| half.0);
        let bytes = || begun.into_iter().chain(body.iter().copied());
        let count = body.len() + usize::from(begun.is_some());
        let alert = |nth: usize| {
            let mut rest = bytes().skip(2 * nth);
            Alert::from_body(&[rest.next()?, rest.next()?])
        };
        if (0..count / 2).any(|nth| alert(nth).is_none()) {
            let kind = EventKind::Encrypted { content_type: header.content_type, length: header.length };
            emitter.emit(Phase::Tls, kind, start, body.len() as u32 + 5, current);
            return None;
        }
        let mut place = half.map_or(start, |half| half.1);
        let end = start.offset + TLS_RECORD_HEADER as u64 + body.len() as u64;
        for (nth, alert) in (0..count / 2).map_while(alert).enumerate() {
            let behind = (count - 2 * (nth + 1)) as u64;
            let length = (end - behind).saturating_sub(place.offset) as u32;
            emitter.emit(Phase::Tls, EventKind::Message(Fact::Alert(alert)), place, length, current);
            place = Start { mark: start.mark, offset: end - behind };
        }
        self.half = bytes().next_back().filter(|_| count % 2 == 1).map(|byte| Box::new((byte, place)));
        alert(0)
    }

    /// Handshake messages: several in a record, or one over several records (RFC 8446 5.1).
    fn handshake(
        &mut self,
        body: &[u8],
        start: Start,
        current: Mark,
        shared: &mut Shared,
        certificates: &mut CertificateStore,
        emitter: &mut Emitter<'_>,
    ) {
        // A message may come in records of a byte each: it is looked at when it is whole, not copied with every record.
        let mut joined = self.joined.take();
        let (mut rest, mut place, whole) = match &mut joined {
            None => (body, Start { offset: start.offset + TLS_RECORD_HEADER as u64, ..start }, usize::MAX),
            Some(joined) => {
                joined.bytes.extend_from_slice(body);
                (joined.bytes.as_slice(), joined.start, joined.bytes.len())
            }
        };
        while let Some((kind, length)) = tls_handshake::header(rest) {
            if kind.name().is_none() || length > MESSAGE_LIMIT {
                // Not the plain handshake it should be: a capture that began behind ChangeCipherSpec.
                let kind = EventKind::Encrypted { content_type: ContentType::HANDSHAKE, length: body.len() as u16 };
                emitter.emit(Phase::Tls, kind, place, rest.len() as u32, current);
                return;
            }
            let Some((message, tail)) = rest.split_at_checked(HANDSHAKE_HEADER + length) else { break };
            let event = message_event(kind, &message[HANDSHAKE_HEADER..], current, shared, certificates, emitter);
            emitter.emit(Phase::Tls, event, place, message.len() as u32, current);
            place = Start { offset: place.offset + message.len() as u64, ..place };
            rest = tail;
        }
        if rest.is_empty() {
            return;
        }
        let fresh =
            if rest.len() == whole { None } else { Some(Box::new(Joined { bytes: rest.to_vec(), start: place })) };
        self.joined = fresh.or(joined);
    }
}

impl Skim {
    /// Passes over up to `available` bytes; when those were the last, the record is told of.
    fn pass(&mut self, available: usize, current: Mark, emitter: &mut Emitter<'_>) -> usize {
        let count = available.min(self.remaining);
        self.remaining -= count;
        if self.remaining == 0 {
            let Self { header, start, .. } = *self;
            let kind = EventKind::Encrypted { content_type: header.content_type, length: header.length };
            emitter.emit(Phase::Tls, kind, start, u32::from(header.length) + 5, current);
        }
        count
    }
}

/// A whole plain handshake message.
fn message_event(
    kind: HandshakeType,
    body: &[u8],
    current: Mark,
    shared: &mut Shared,
    certificates: &mut CertificateStore,
    emitter: &Emitter<'_>,
) -> EventKind {
    shared.key_check.note(kind, body, current, certificates);
    // What looks like it in the client's words agrees to nothing.
    let is_server = emitter.direction == Direction::ServerToClient || emitter.session.roles == Roles::ByPort;
    let fact = match kind {
        HandshakeType::CLIENT_HELLO => certificates.messages.client_hello(body).map(Fact::ClientHello),
        HandshakeType::SERVER_HELLO => certificates.messages.server_hello(body).map(|hello| {
            if is_server {
                shared.retried = hello.is_retry;
                shared.version = Some(hello.version);
            }
            Fact::ServerHello(hello)
        }),
        HandshakeType::CERTIFICATE => certificates.chain(body).map(|chain| {
            shared.key_check.show(chain.leaf.as_ref());
            Fact::CertificateChain(chain)
        }),
        _ => Ok(Fact::Handshake(HandshakeMessage { kind, length: body.len() as u32 })),
    };
    match fact {
        Ok(fact) => EventKind::Message(fact),
        Err(fault) => EventKind::Malformed(Box::new(fault)),
    }
}
