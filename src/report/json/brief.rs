//! `--brief --json`: a short record a session, for scripts over many. Its fields are named and made as in the long one.

use super::SCHEMA;
use super::record::{Record, key};
use super::session::{ends, place};
use crate::diagnose::Case;
use crate::frame::Input;
use crate::knowledge::tls::alert_name;
use crate::session::Session;
use crate::wire::certificate::Validity;

/// Level of an alert that ends the connection (RFC 8446 6).
const FATAL: &str = "fatal";

/// Writes the short record of `case`.
pub(super) fn session(case: &Case, inputs: &[Input], record: &mut Record) {
    let (session, verdict) = (&case.session, &case.verdict);
    record.word(key!("type"), "brief");
    record.word(key!("schema"), SCHEMA);
    record.number(key!("session"), session.id.0);
    record.number(key!("attempt"), case.attempt);
    record.word(key!("outcome"), verdict.outcome.word());
    if let Some(cause) = verdict.cause {
        record.word(key!("cause"), cause);
    }
    record.word(key!("sure"), verdict.sure.word());
    record.object(key!("client"), |record| place(session.client, record));
    record.object(key!("server"), |record| place(session.server, record));
    if let Some(cookie) = session.user_hint() {
        record.text(key!("user_hint"), cookie.raw());
    }
    record.time(key!("start"), session.first.time);
    ends(verdict, inputs, record);
    alert(session, record);
    certificate(session, record);
}

/// The first fatal alert in clear.
fn alert(session: &Session, record: &mut Record) {
    let Some((event, alert)) = session.alerts().find(|(_, alert)| alert.level_name() == FATAL) else { return };
    record.object(key!("alert"), |record| {
        record.number(key!("frame"), event.frame.number());
        record.word(key!("by"), event.direction.speaker());
        record.number(key!("code"), alert.description);
        record.text(key!("name"), &alert_name(alert.description));
    });
}

/// Of the certificate that was shown, at the time of the packet that shows it.
fn certificate(session: &Session, record: &mut Record) {
    let Some((event, certificate)) = session.certificate() else { return };
    let state = match session.day_of(event).map(|day| certificate.validity_at(day)) {
        None => "unknown",
        Some(Validity::Expired) => "expired",
        Some(Validity::Early) => "not_yet_valid",
        Some(Validity::InDate) => "valid",
    };
    record.word(key!("certificate_state"), state);
}
