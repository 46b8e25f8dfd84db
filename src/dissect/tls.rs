//! TLS records of one direction: plain handshake messages and alerts are read, protected records are measured.

use super::certificates::CertificateStore;
use super::key_check::KeyCheck;
use super::stage::{Emitter, Start, Step};
use crate::knowledge::tls::Version;
use crate::session::{Direction, EventKind, Phase};
use crate::tcp::stream::{Mark, Origin};
use crate::wire::catalogue::Fact;
use crate::wire::certificate::CertificateChain;
use crate::wire::describe::Malformed;
use crate::wire::framing::{self, Framing, TLS_RECORD_HEADER};
use crate::wire::tls_handshake::{self, HANDSHAKE_HEADER, HandshakeMessage, HandshakeType};
use crate::wire::tls_hello::{ClientHello, ServerHello};
use crate::wire::tls_record::{Alert, ContentType, RecordHeader};

/// The largest handshake message that is put together; a certificate chain of forty certificates fits.
const MESSAGE_LIMIT: usize = 64 * 1024;

/// What both directions know of the handshake.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Agreed version.
    pub(super) version: Option<Version>,
    /// A HelloRetryRequest was seen and its second hellos are still to come.
    pub(super) retried: bool,
    /// The server's proof of its key, while nobody has judged it.
    pub(super) key_check: KeyCheck,
}

/// One direction's record layer.
#[derive(Debug, Default)]
pub(super) struct TlsDirection {
    skim: Option<Skim>,
    /// Bytes of a handshake message that goes on in the next record.
    handshake: Vec<u8>,
    handshake_start: Start,
    /// ChangeCipherSpec was sent: handshake records are protected from here on (up to TLS 1.2).
    changed: bool,
}

/// A record whose body is passed over.
#[derive(Debug)]
struct Skim {
    header: RecordHeader,
    start: Start,
    remaining: usize,
}

impl TlsDirection {
    /// Bytes held for a message that goes on.
    pub(super) const fn memory(&self) -> usize {
        self.handshake.capacity()
    }

    /// Whether a record's body is still being passed over.
    pub(super) const fn is_inside_record(&self) -> bool {
        self.skim.is_some()
    }

    /// Bytes of the record that is being passed over still to come.
    #[inline]
    pub(super) const fn rest(&self) -> usize {
        match &self.skim {
            Some(skim) => skim.remaining,
            None => 0,
        }
    }

    /// Passes over `count` bytes, fewer than [`Self::rest`].
    #[inline]
    pub(super) const fn pass_over(&mut self, count: usize) {
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
        if self.skim.is_some() {
            return Step::Used(self.pass(bytes.len(), origin.current, emitter));
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
            self.skim = Some(Skim { header, start: Start::of(origin), remaining: total });
            return Step::Used(self.pass(bytes.len(), origin.current, emitter));
        }
        let Some(body) = bytes.get(TLS_RECORD_HEADER..total) else { return Step::More };
        let start = Start::of(origin);
        match header.content_type {
            ContentType::HANDSHAKE => self.handshake(body, start, origin.current, shared, certificates, emitter),
            ContentType::ALERT => {
                if emitter.direction == Direction::ClientToServer {
                    shared.key_check.hear(Alert::from_body(body), certificates, emitter.session);
                }
                self.alert(header, body, start, origin.current, emitter);
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
        self.handshake.clear();
        if self.skim.is_none() {
            let Some((head, _)) = left.split_first_chunk::<TLS_RECORD_HEADER>() else { return false };
            let Framing::Length(total) = framing::tls_record(left) else { return false };
            let header = RecordHeader::from_bytes(*head);
            let remaining = total.saturating_sub(left.len());
            self.skim = Some(Skim { header, start: Start::of(origin), remaining });
        }
        let Some(skim) = &mut self.skim else { return false };
        if missing > skim.remaining as u64 {
            self.skim = None;
            return false;
        }
        self.pass(missing as usize, origin.current, emitter);
        true
    }

    /// Forgets a half-read record: the next bytes begin anew.
    pub(super) fn reset(&mut self) {
        self.skim = None;
        self.handshake.clear();
    }

    const fn is_protected(&self, header: RecordHeader, first: Option<u8>, shared: &Shared) -> bool {
        match header.content_type {
            ContentType::APPLICATION_DATA | ContentType::HEARTBEAT => true,
            // A plain alert has two bytes; no protected one is that short.
            ContentType::ALERT => header.length != 2,
            // After a HelloRetryRequest both sides may send ChangeCipherSpec before another plain hello (RFC 8446 D.4).
            ContentType::HANDSHAKE => self.changed && !(shared.retried && matches!(first, Some(1 | 2))),
            _ => false,
        }
    }

    /// Passes over up to `available` bytes of the record in hand.
    fn pass(&mut self, available: usize, current: Mark, emitter: &mut Emitter<'_>) -> usize {
        let Some(skim) = &mut self.skim else { return 0 };
        let count = available.min(skim.remaining);
        skim.remaining -= count;
        if skim.remaining == 0
            && let Some(Skim { header, start, .. }) = self.skim.take()
        {
            let kind = EventKind::Encrypted { content_type: header.content_type, length: header.length };
            emitter.emit(Phase::Tls, kind, start, u32::from(header.length) + 5, current);
        }
        count
    }

    fn alert(&mut self, header: RecordHeader, body: &[u8], start: Start, current: Mark, emitter: &mut Emitter<'_>) {
        let kind = match Alert::from_body(body) {
            Some(alert) => EventKind::Message(Fact::Alert(alert)),
            None => EventKind::Encrypted { content_type: header.content_type, length: header.length },
        };
        emitter.emit(Phase::Tls, kind, start, body.len() as u32 + 5, current);
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
        let mut joined = std::mem::take(&mut self.handshake);
        let (mut rest, mut place) = if joined.is_empty() {
            (body, Start { offset: start.offset + TLS_RECORD_HEADER as u64, ..start })
        } else {
            joined.extend_from_slice(body);
            (joined.as_slice(), self.handshake_start)
        };
        while let Some((kind, length)) = tls_handshake::header(rest) {
            if kind.name().is_none() || length > MESSAGE_LIMIT {
                // Not the plain handshake it should be: a capture that began behind ChangeCipherSpec.
                let kind = EventKind::Encrypted { content_type: ContentType::HANDSHAKE, length: body.len() as u16 };
                emitter.emit(Phase::Tls, kind, place, rest.len() as u32, current);
                return;
            }
            let Some((message, tail)) = rest.split_at_checked(HANDSHAKE_HEADER + length) else { break };
            let event = message_event(kind, &message[HANDSHAKE_HEADER..], current, shared, certificates);
            emitter.emit(Phase::Tls, event, place, message.len() as u32, current);
            place = Start { offset: place.offset + message.len() as u64, ..place };
            rest = tail;
        }
        if !rest.is_empty() {
            self.handshake = if rest.len() == joined.len() { joined } else { rest.to_vec() };
            self.handshake_start = place;
        }
    }
}

/// A whole plain handshake message.
fn message_event(
    kind: HandshakeType,
    body: &[u8],
    current: Mark,
    shared: &mut Shared,
    certificates: &mut CertificateStore,
) -> EventKind {
    shared.key_check.note(kind, body, current);
    let fact = match kind {
        HandshakeType::CLIENT_HELLO => ClientHello::from_body(body).map(|hello| Fact::ClientHello(Box::new(hello))),
        HandshakeType::SERVER_HELLO => ServerHello::from_body(body).map(|hello| {
            shared.retried = hello.is_retry;
            shared.version = Some(hello.version);
            Fact::ServerHello(Box::new(hello))
        }),
        HandshakeType::CERTIFICATE => chain(body, certificates).map(|chain| {
            shared.key_check.show(chain.leaf.as_ref());
            Fact::CertificateChain(Box::new(chain))
        }),
        _ => Ok(Fact::Handshake(HandshakeMessage { kind, length: body.len() as u32 })),
    };
    match fact {
        Ok(fact) => EventKind::Message(fact),
        Err(fault) => EventKind::Malformed(Box::new(fault)),
    }
}

fn chain(body: &[u8], certificates: &mut CertificateStore) -> Result<CertificateChain, Malformed> {
    let list = tls_handshake::certificates(body)?;
    let leaf = list.first().and_then(|der| certificates.read(der));
    Ok(CertificateChain { leaf, count: list.len() as u32 })
}
