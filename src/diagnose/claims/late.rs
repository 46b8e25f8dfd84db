//! Claims about what comes behind the connection: key and certificate of the server, logon, licences, the client.

use super::Ruling;
use super::view::View;
use crate::diagnose::certificate::span;
use crate::diagnose::shape::{Nla, name};
use crate::diagnose::verdict::By;
use crate::frame::FrameNumber;
use crate::knowledge::licensing::LicenseError;
use crate::knowledge::tls::Version;
use crate::session::{Direction, Event, Phase, is_word};
use crate::wire::catalogue::Fact;
use crate::wire::certificate::Validity;
use crate::wire::describe::Describe as _;
use crate::wire::licensing::LicenseBody;
use crate::wire::share::SecurityKind;
use crate::wire::tls_handshake::HandshakeType;

/// Extension pre_shared_key (RFC 8446 4.2.11): a resumed session, for which no private key is used.
const PRE_SHARED_KEY: u16 = 41;

/// The record with which the server completes a handshake that took its private key.
fn key_was_used(view: &View<'_>) -> Option<FrameNumber> {
    let (_, hello) = view.session.server_hello()?;
    let is_fresh = if hello.version >= Version::TLS13 {
        !hello.extensions.contains(&PRE_SHARED_KEY)
    } else {
        view.session.certificate().is_some()
    };
    let records = || view.shape.records.iter().filter(|record| record.direction == Direction::ServerToClient);
    let finished = records().find(|record| record.name == name::FINISHED || record.phase > Phase::Tls);
    let last = finished.or_else(|| records().find(|record| record.phase == Phase::Tls))?;
    (is_fresh && view.shape.established).then_some(last.frame)
}

/// The key exchange that the server signed, in clear up to TLS 1.2 (RFC 8422 5.4).
fn key_has_signed(view: &View<'_>) -> Option<FrameNumber> {
    let mut facts = view.session.timeline.facts();
    facts.find_map(|(event, fact)| match fact {
        Fact::Handshake(message) if message.kind == HandshakeType::SERVER_KEY_EXCHANGE => Some(event.frame),
        _ => None,
    })
}

/// Client and server found nothing in common, before the server had to show or use anything.
fn is_disagreement(view: &View<'_>) -> bool {
    matches!(view.cause, "tls.version-mismatch" | "tls.cipher-mismatch") && view.session.certificate().is_none()
}

pub(super) fn private_key(view: &View<'_>) -> Ruling {
    match view.cause {
        _ if is_disagreement(view) => return view.not_reached("it ended before the server needed a key"),
        "tls.cert-key-mismatch" => return view.by_verdict(),
        "tls.server-silent-close" => {
            return view.open(view.end, "it fits: the server closes on a good ClientHello; event 36870 would prove it");
        }
        "tls.alert-server" => {
            return view.open(view.end, "it may be: the server's alert does not say; event 36870 would");
        }
        "neg.ssl-cert-not-on-server" => {
            return view.open(view.end, "it may be: the server says that it has no certificate it can use");
        }
        _ => {}
    }
    if let Some(frame) = key_was_used(view) {
        return view.refuted(frame, "the server completes TLS, so it could use its key");
    }
    if let Some(frame) = key_has_signed(view) {
        return view.refuted(frame, "the server signs its key exchange, so it could use its key");
    }
    if let Some(frame) = view.without_tls() {
        return view.refuted(frame, "the server chose standard RDP security, which needs no such key");
    }
    match view.session.client_hello() {
        Some((event, _)) => view.open(event.frame, "TLS was not completed"),
        None if view.shape.established => view.open(view.end, "TLS began before the capture did"),
        None => view.not_reached("it ended before the server needed a key"),
    }
}

pub(super) fn certificate(view: &View<'_>) -> Ruling {
    if view.cause == "tls.cert-expired" && view.died() {
        return view.by_verdict();
    }
    if is_disagreement(view) {
        return view.not_reached("it ended before a certificate was shown");
    }
    let took = view.took_certificate();
    if let Some((event, certificate)) = view.session.certificate() {
        if !view.session.is_clock_set() {
            return view.open(event.frame, "the capture's clock was not set: nobody can tell");
        }
        let now = event.time.seconds();
        return match (certificate.validity_at(now), took) {
            (Validity::Early, _) => {
                view.refuted(event.frame, "it has not expired; it is not valid yet: a clock is wrong")
            }
            (Validity::InDate, _) => view.refuted(
                event.frame,
                format!("the certificate is in date for another {}", span(certificate.not_after - now)),
            ),
            (Validity::Expired, Some(went_on)) => view.refuted(
                event.frame,
                format!("it is out of date, but the client went on with it in frame {}", went_on.number()),
            ),
            (Validity::Expired, None) if view.ended_by() == Some(By::Server) => {
                view.refuted(event.frame, "it is out of date, but it was the server that ended the connection")
            }
            (Validity::Expired, None) => {
                view.open(event.frame, "it is out of date; nobody says that this was the reason")
            }
        };
    }
    if let Some(frame) = view.without_tls() {
        return view.refuted(frame, "the server chose standard RDP security; no TLS certificate is shown");
    }
    match (view.session.client_hello(), took) {
        (_, Some(frame)) => view.refuted(frame, "the client went on, so it took the certificate"),
        (Some(_), None) if view.cause == "tls.server-silent-close" => {
            let text =
                "the server closes before it shows one, so no client refused it; events 1057, 1058 tell of its renewal";
            view.open(view.end, text)
        }
        (Some(_), None) => match view.session.server_hello() {
            Some((event, hello)) if hello.version >= Version::TLS13 => {
                view.open(event.frame, "TLS 1.3 hides the certificate; look at it on the server")
            }
            _ => view.open(view.end, "no certificate was shown"),
        },
        (None, None) if view.cause == "neg.ssl-cert-not-on-server" => {
            view.open(view.end, "the server has no certificate it can use; it does not say why")
        }
        (None, None) => view.not_reached("it ended before a certificate was shown"),
    }
}

pub(super) fn logon(view: &View<'_>) -> Ruling {
    let is_refusal = view.cause.starts_with("nla.") && view.cause != "nla.client-stops";
    if is_refusal {
        return view.by_verdict();
    }
    let accepted = view
        .shape
        .records
        .iter()
        .find(|record| record.direction == Direction::ServerToClient && record.name == name::PUB_KEY)
        .filter(|_| matches!(view.shape.nla, Nla::Accepted | Nla::Done));
    if let Some(record) = accepted {
        return view.refuted(record.frame, "the server accepts the user (by the size of its answer)");
    }
    if view.has_nla() {
        return match (view.took_certificate(), view.shape.nla) {
            (Some(frame), _) => view.refuted(frame, "the client went on behind NLA, so the user was accepted"),
            (None, Nla::None) => view.not_reached("it ended before any logon data was sent"),
            (None, _) => view.open(view.end, "NLA had begun; how it went is encrypted"),
        };
    }
    match view.first_from(Phase::Rdp, Direction::ClientToServer).filter(|_| !view.session.is_midstream()) {
        Some(frame) => view.open(frame, "no NLA: the logon is inside the session, and no packet says how it went"),
        None => view.not_reached("it ended before any logon data was sent"),
    }
}

pub(super) fn licence(view: &View<'_>) -> Ruling {
    match view.cause {
        "lic.client-store" => return view.by_verdict(),
        "lic.no-server" if view.is_proven() => {
            return view.refuted(view.end, format!("{}; that is the server's side", view.headline()));
        }
        cause if cause.starts_with("lic.") => return view.open(view.end, view.headline()),
        _ => {}
    }
    if let Some(frame) = licensing_done(view) {
        return view.refuted(frame, "licensing was over: the server goes on behind it");
    }
    if view.shape.active
        && let Some(record) = view.shape.records.last()
    {
        return view.refuted(record.frame, "the session was running; licensing was over");
    }
    match view.first_from(Phase::Rdp, Direction::ClientToServer).filter(|_| !view.session.is_midstream()) {
        Some(frame) => view.open(frame, "Client Info was sent; licensing comes next"),
        None => view.not_reached("it ended before licensing began"),
    }
}

/// The packet in clear that shows that licensing went well: STATUS_VALID_CLIENT, or a share PDU of the server.
fn licensing_done(view: &View<'_>) -> Option<FrameNumber> {
    let mut facts = view.session.timeline.facts();
    facts.find_map(|(event, fact)| {
        let Fact::Security(pdu) = fact else { return None };
        let is_done = match &pdu.kind {
            SecurityKind::License(license) => {
                matches!(license.body, LicenseBody::Error { code: LicenseError::VALID_CLIENT, .. })
            }
            SecurityKind::Share(_) => event.direction == Direction::ServerToClient,
            _ => false,
        };
        is_done.then_some(event.frame)
    })
}

pub(super) fn client(view: &View<'_>) -> Ruling {
    let session = view.session;
    let own_facts = || session.timeline.facts().filter(|(event, _)| event.direction == Direction::ClientToServer);
    if view.cause == "x224.malformed" || own_facts().any(|(_, fact)| fact.foreign().is_some()) {
        return view.open(view.end, view.headline());
    }
    if !view.died() {
        return view.open(view.end, "the capture does not show how it ended");
    }
    if view.ended_by() == Some(By::Client) {
        return if view.has_said_why(Direction::ClientToServer) {
            view.refuted(view.end, "the client works: it says itself why it ends the connection")
        } else {
            view.open(view.end, "the client ended it and does not say why")
        };
    }
    let own = |event: &&Event| event.direction == Direction::ClientToServer && is_word(event);
    let last = session.timeline.iter().filter(own).take_while(|event| event.frame <= view.end).last();
    match (last, session.client_side().syn()) {
        (Some(event), _) => view
            .refuted(event.frame, format!("the client works as far as its {}, and does not end it", what(view, event))),
        (None, Some(syn)) => view.refuted(syn.frame, "the client works as far as it gets: it tries to connect"),
        (None, None) => view.open(view.end, "the capture shows nothing that the client said"),
    }
}

/// What an event is, in clear or by its shape.
fn what(view: &View<'_>, event: &Event) -> String {
    match (event.fact(), view.shape.at(event.frame, event.stream_offset)) {
        (Some(fact), _) => fact.name().into_owned(),
        (None, Some(record)) => record.name.to_owned(),
        (None, None) => "data".to_owned(),
    }
}
