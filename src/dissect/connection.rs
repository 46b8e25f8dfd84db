//! What is spoken in TPKTs and fast-path PDUs: standard RDP security in clear, and the odd TPKT in the middle of TLS.
//! The connection sequence is read; the session behind it is only measured.

use std::sync::Arc;

use super::certificates::CertificateStore;
use super::stage::{Emitter, Start, Step, phase_now};
use crate::session::{EventKind, Phase};
use crate::tcp::stream::{Mark, Origin};
use crate::wire::catalogue::Fact;
use crate::wire::certificate::CertificateChain;
use crate::wire::framing::{self, Framing};
use crate::wire::gcc::Certificate;
use crate::wire::mcs::{self, Connect, ConnectResponse};
use crate::wire::mcs_domain::{DomainMessage, DomainPdu, SendData, domain_pdu};
use crate::wire::share::{
    DataBody, SHUTDOWN_DENIED, SHUTDOWN_REQUEST, SecurityKind, SecurityPdu, ShareKind, security_pdu,
};
use crate::wire::x224::{self, Tpdu};

/// TPKTs read per direction before the rest is taken for the running session.
const READ: u32 = 64;
/// TPKTs no longer than this are read even then: the farewell is among them.
const FAREWELL: usize = 16;
/// These are looked at, too: a farewell may be announced in them (Set Error Info with all its headers has 41 bytes).
const ANNOUNCEMENT: usize = 48;
/// The largest TPKT that is put together to be read.
const WHOLE: usize = 16 * 1024;

/// What both directions know of the connection sequence.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared {
    /// Standard RDP security protects what follows; `None` until the server said so.
    encrypts: Option<bool>,
    /// The channels that carry RDP itself: I/O and message channel.
    channels: [Option<u16>; 2],
}

/// One direction's place in the TPKT stream.
#[derive(Clone, Debug, Default)]
pub(super) struct ConnectionDirection {
    /// A PDU that goes on in the next segment; apart, because few do.
    pass: Option<Box<Pass>>,
    seen: u32,
}

/// A PDU whose body is passed over.
#[derive(Clone, Debug)]
struct Pass {
    start: Start,
    length: usize,
    remaining: usize,
}

impl ConnectionDirection {
    /// Whether a PDU's body is still being passed over.
    pub(super) const fn is_inside(&self) -> bool {
        self.pass.is_some()
    }

    /// Forgets a half-read PDU.
    pub(super) fn reset(&mut self) {
        self.pass = None;
    }

    /// Bytes were lost inside a PDU; answers whether its end is still known.
    pub(super) fn gap(&mut self, missing: u64, current: Mark, emitter: &mut Emitter<'_>) -> bool {
        let Some(mut pass) = self.pass.take() else { return false };
        if missing > pass.remaining as u64 {
            return false;
        }
        pass.advance(missing as usize, current, emitter);
        self.pass = Some(pass).filter(|pass| pass.remaining > 0);
        true
    }

    /// Reads one TPKT or fast-path PDU, or the next part of a long one.
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        origin: &Origin<'_>,
        standard_security: bool,
        shared: &mut Shared,
        certificates: &mut CertificateStore,
        emitter: &mut Emitter<'_>,
    ) -> Step {
        if let Some(pass) = &mut self.pass {
            let used = pass.advance(bytes.len(), origin.current, emitter);
            if pass.remaining == 0 {
                self.pass = None;
            }
            return Step::Used(used);
        }
        let (length, is_tpkt) = match (framing::tpkt(bytes), standard_security) {
            (Framing::Length(length), _) => (length, true),
            (Framing::NotYet, _) => return Step::More,
            (Framing::No, true) => match framing::fast_path(bytes) {
                Framing::Length(length) => (length, false),
                Framing::NotYet => return Step::More,
                Framing::No => return Step::Lost,
            },
            (Framing::No, false) => return Step::Lost,
        };
        let is_read = is_tpkt && (length <= ANNOUNCEMENT || (self.seen < READ && length <= WHOLE));
        if !is_read {
            let mut pass = Pass { start: Start::of(origin), length, remaining: length };
            let used = pass.advance(bytes.len(), origin.current, emitter);
            self.pass = (pass.remaining > 0).then(|| Box::new(pass));
            return Step::Used(used);
        }
        let Some(packet) = bytes.get(..length) else { return Step::More };
        let is_late = self.seen >= READ;
        self.seen = self.seen.saturating_add(1);
        let start = Start::of(origin);
        let (phase, mut kind) = event(packet, shared);
        if is_late && length > FAREWELL && !announces_end(&kind) {
            kind = EventKind::Bulk { length: length as u32 };
        }
        // A farewell says nothing of how far the connection came.
        let is_farewell = matches!(&kind, EventKind::Message(fact) if fact.is_ultimatum());
        let phase = if is_farewell { phase_now(emitter.session) } else { phase };
        let chain = match &mut kind {
            EventKind::Message(Fact::ConnectResponse(response)) => server_certificate(response, certificates),
            _ => None,
        };
        emitter.emit(phase, kind, start, length as u32, origin.current);
        if let Some(chain) = chain {
            let kind = EventKind::Message(Fact::CertificateChain(Arc::new(chain)));
            emitter.emit(Phase::Mcs, kind, start, length as u32, origin.current);
        }
        Step::Used(length)
    }
}

/// Whether a message of a running session has to do with its end.
fn announces_end(kind: &EventKind) -> bool {
    let EventKind::Message(Fact::Security(pdu)) = kind else { return false };
    let SecurityKind::Share(share) = &pdu.kind else { return false };
    matches!(
        share.kind,
        ShareKind::DeactivateAll
            | ShareKind::Data(_, DataBody::ErrorInfo(_))
            | ShareKind::Data(SHUTDOWN_REQUEST | SHUTDOWN_DENIED, _)
    )
}

impl Pass {
    /// Passes over up to `available` bytes; when those were the last, the PDU is told of.
    fn advance(&mut self, available: usize, current: Mark, emitter: &mut Emitter<'_>) -> usize {
        let count = available.min(self.remaining);
        self.remaining -= count;
        if self.remaining == 0 {
            let length = self.length as u32;
            emitter.emit(Phase::Rdp, EventKind::Bulk { length }, self.start, length, current);
        }
        count
    }
}

/// What a whole TPKT is.
fn event(packet: &[u8], shared: &mut Shared) -> (Phase, EventKind) {
    match x224::tpdu(packet) {
        Ok(Tpdu::Data(payload)) => data(payload, packet.len(), shared),
        Ok(tpdu) => match Fact::of_tpdu(tpdu) {
            Some(fact) => (Phase::X224, EventKind::Message(fact)),
            None => (Phase::Rdp, EventKind::Bulk { length: packet.len() as u32 }),
        },
        Err(fault) => (Phase::Rdp, EventKind::Malformed(Box::new(fault))),
    }
}

/// An MCS PDU (MS-RDPBCGR 1.3.1.1): the connection, then domain PDUs, then what they carry.
fn data(payload: &[u8], length: usize, shared: &mut Shared) -> (Phase, EventKind) {
    if mcs::looks_like_connect(payload) {
        let kind = match mcs::connect(payload) {
            Ok(Connect::Initial(view)) => EventKind::Message(Fact::ConnectInitial(Box::new(view.into()))),
            Ok(Connect::Response(view)) => {
                let response = ConnectResponse::from(view);
                shared.encrypts = Some(response.server.method.0 != 0);
                shared.channels = [response.server.io_channel, response.server.message_channel];
                EventKind::Message(Fact::ConnectResponse(Box::new(response)))
            }
            Err(fault) => EventKind::Malformed(Box::new(fault)),
        };
        return (Phase::Mcs, kind);
    }
    match domain_pdu(payload) {
        Ok(DomainPdu::SendDataRequest(sent) | DomainPdu::SendDataIndication(sent)) => carried(&sent, length, shared),
        Ok(pdu @ DomainPdu::DisconnectProviderUltimatum { .. }) => {
            (Phase::Rdp, EventKind::Message(Fact::Domain(DomainMessage::from(pdu))))
        }
        Ok(pdu) => (Phase::Mcs, EventKind::Message(Fact::Domain(DomainMessage::from(pdu)))),
        Err(fault) => (Phase::Mcs, EventKind::Malformed(Box::new(fault))),
    }
}

/// The data of a Send Data PDU: read where it is in clear, measured where it is not.
fn carried(sent: &SendData<'_>, length: usize, shared: &Shared) -> (Phase, EventKind) {
    let bulk = (Phase::Rdp, EventKind::Bulk { length: length as u32 });
    if shared.channels[0].is_some() && !shared.channels.contains(&Some(sent.channel)) {
        return bulk;
    }
    match security_pdu(sent.data, sent.at, shared.encrypts.unwrap_or(true)) {
        Ok(SecurityPdu { kind: SecurityKind::Encrypted, .. }) | Err(_) => bulk,
        Ok(pdu) => (Phase::Rdp, EventKind::Message(Fact::Security(Box::new(pdu)))),
    }
}

/// The X.509 certificate of standard RDP security (MS-RDPBCGR 2.2.1.4.3.1), read like one of TLS. Its bytes are needed no
/// more then.
fn server_certificate(response: &mut ConnectResponse, certificates: &mut CertificateStore) -> Option<CertificateChain> {
    match response.server.certificate.as_mut()? {
        Certificate::Chain(count, der) => {
            let leaf = certificates.read(&std::mem::take(der));
            Some(CertificateChain { leaf, first_to_end: None, count: *count as u32 })
        }
        _ => None,
    }
}
