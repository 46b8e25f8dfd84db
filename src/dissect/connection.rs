//! What is spoken in TPKTs and fast-path PDUs: standard RDP security in clear, and the odd TPKT in the middle of TLS.
//! The connection sequence is read; the session behind it is only measured.

use super::certificates::CertificateStore;
use super::stage::{Emitter, Start, Step};
use crate::session::{EventKind, Phase};
use crate::tcp::stream::{Mark, Origin};
use crate::wire::catalogue::Fact;
use crate::wire::framing::{self, Framing};
use crate::wire::x224::{self, Tpdu};

/// TPKTs read per direction before the rest is taken for the running session.
const READ: u32 = 64;
/// TPKTs no longer than this are read even then: the farewell is among them.
const FAREWELL: usize = 16;
/// The largest TPKT that is put together to be read.
const WHOLE: usize = 16 * 1024;

/// One direction's place in the TPKT stream.
#[derive(Debug, Default)]
pub(super) struct ConnectionDirection {
    pass: Option<Pass>,
    seen: u32,
}

/// A PDU whose body is passed over.
#[derive(Debug)]
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
        match &self.pass {
            Some(pass) if missing <= pass.remaining as u64 => {
                self.advance(missing as usize, current, emitter);
                true
            }
            _ => {
                self.pass = None;
                false
            }
        }
    }

    /// Reads one TPKT or fast-path PDU, or the next part of a long one.
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        origin: &Origin<'_>,
        standard_security: bool,
        _certificates: &mut CertificateStore,
        emitter: &mut Emitter<'_>,
    ) -> Step {
        if self.pass.is_some() {
            return Step::Used(self.advance(bytes.len(), origin.current, emitter));
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
        let is_read = is_tpkt && (length <= FAREWELL || (self.seen < READ && length <= WHOLE));
        if !is_read {
            self.pass = Some(Pass { start: Start::of(origin), length, remaining: length });
            return Step::Used(self.advance(bytes.len(), origin.current, emitter));
        }
        let Some(packet) = bytes.get(..length) else { return Step::More };
        self.seen += 1;
        let (phase, kind) = event(packet);
        emitter.emit(phase, kind, Start::of(origin), length as u32, origin.current);
        Step::Used(length)
    }

    fn advance(&mut self, available: usize, current: Mark, emitter: &mut Emitter<'_>) -> usize {
        let Some(pass) = &mut self.pass else { return 0 };
        let count = available.min(pass.remaining);
        pass.remaining -= count;
        if pass.remaining == 0
            && let Some(Pass { start, length, .. }) = self.pass.take()
        {
            let length = length as u32;
            emitter.emit(Phase::Rdp, EventKind::Bulk { length }, start, length, current);
        }
        count
    }
}

/// What a whole TPKT is.
fn event(packet: &[u8]) -> (Phase, EventKind) {
    match x224::tpdu(packet) {
        Ok(Tpdu::Data(_payload)) => (Phase::Rdp, EventKind::Bulk { length: packet.len() as u32 }),
        Ok(Tpdu::ConnectionRequest(view)) => {
            (Phase::X224, EventKind::Message(Fact::ConnectionRequest(Box::new(view.into()))))
        }
        Ok(Tpdu::ConnectionConfirm(confirm)) => (Phase::X224, EventKind::Message(Fact::ConnectionConfirm(confirm))),
        Ok(Tpdu::DisconnectRequest(reason)) => (Phase::X224, EventKind::Message(Fact::DisconnectRequest(reason))),
        Ok(Tpdu::Error(cause)) => (Phase::X224, EventKind::Message(Fact::ErrorTpdu(cause))),
        Err(fault) => (Phase::Rdp, EventKind::Malformed(fault)),
    }
}
