//! The first words of a connection: a preconnection PDU, the X.224 request and its answer, or something that is no RDP.

use super::known::Known;
use super::stage::{Emitter, Start, Step};
use crate::session::{Direction, EventKind, Phase};
use crate::tcp::stream::Origin;
use crate::wire::catalogue::Fact;
use crate::wire::describe::Malformed;
use crate::wire::foreign;
use crate::wire::framing::{self, Framing};
use crate::wire::preconnection;
use crate::wire::x224::{self, Tpdu};

/// Reads one TPKT with an X.224 TPDU.
pub(super) fn read(bytes: &[u8], origin: &Origin<'_>, known: &mut Known, emitter: &mut Emitter<'_>) -> Step {
    let length = match framing::tpkt(bytes) {
        Framing::NotYet => return Step::More,
        Framing::Length(length) => length,
        Framing::No => return other(bytes, origin, emitter),
    };
    let Some(packet) = bytes.get(..length) else {
        // The largest request is a TPKT of some hundred bytes; what claims more is no connection sequence. Whether it is
        // something later is told by its TPDU code.
        return if length > 4096 && bytes.len() > framing::TPDU_CODE { Step::Lost } else { Step::More };
    };
    let kind = match x224::tpdu(packet) {
        Ok(Tpdu::ConnectionRequest(view)) => {
            EventKind::Message(Fact::ConnectionRequest(known.request(packet, || view.into())))
        }
        Ok(tpdu) => match Fact::of_tpdu(tpdu) {
            Some(fact) => EventKind::Message(fact),
            None => return Step::Lost, // data: the caller reads on in another stage
        },
        Err(fault) => EventKind::Malformed(Box::new(fault)),
    };
    emitter.emit(Phase::X224, kind, Start::of(origin), length as u32, origin.current);
    Step::Used(length)
}

/// What is no TPKT: a preconnection PDU or a balancer's header before the request, or another protocol altogether.
fn other(bytes: &[u8], origin: &Origin<'_>, emitter: &mut Emitter<'_>) -> Step {
    let from_client = emitter.direction == Direction::ClientToServer;
    if from_client && origin.offset == 0 {
        if preconnection::looks_like_preconnection(bytes) {
            return preconnect(bytes, origin, emitter);
        }
        if preconnection::may_become_preconnection(bytes) {
            return Step::More;
        }
        match foreign::proxy_header(bytes) {
            Framing::Length(length) if bytes.len() >= length => {
                let kind = EventKind::Message(Fact::Foreign(Box::new(foreign::proxy(&bytes[..length]))));
                emitter.emit(Phase::X224, kind, Start::of(origin), length as u32, origin.current);
                return Step::Used(length);
            }
            Framing::Length(_) | Framing::NotYet => return Step::More,
            Framing::No => {}
        }
    }
    if !emitter.session.is_midstream() && foreign::may_become(bytes, from_client) {
        return Step::More;
    }
    if framing::tls_record(bytes) != Framing::No && bytes.len() < framing::TLS_RECORD_HEADER {
        return Step::More;
    }
    Step::Lost
}

fn preconnect(bytes: &[u8], origin: &Origin<'_>, emitter: &mut Emitter<'_>) -> Step {
    match preconnection::preconnection(bytes) {
        Ok(pdu) => {
            let length = pdu.size;
            let kind = EventKind::Message(Fact::Preconnection(Box::new(pdu)));
            emitter.emit(Phase::X224, kind, Start::of(origin), length, origin.current);
            Step::Used(length as usize)
        }
        Err(_) if bytes.len() < 4096 => Step::More,
        Err(_) => Step::Lost,
    }
}

/// Says what the first bytes are when they are no RDP. They are not read on.
pub(super) fn name_foreign(bytes: &[u8], origin: &Origin<'_>, emitter: &mut Emitter<'_>) {
    let found = match emitter.direction {
        Direction::ClientToServer => foreign::from_client(bytes),
        Direction::ServerToClient => foreign::from_server(bytes),
    };
    let kind = match found {
        Some(found) => EventKind::Message(Fact::Foreign(Box::new(found))),
        None => EventKind::Malformed(Box::new(Malformed::at("TPKT", 0))),
    };
    emitter.emit(Phase::X224, kind, Start::of(origin), bytes.len() as u32, origin.current);
}
