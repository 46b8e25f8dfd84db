//! What a key distribution centre said, as causes and in sentences.

use crate::frame::FrameNumber;
use crate::knowledge::kerberos::KerberosError;
use crate::session::aside::Ticket;
use crate::wire::kerberos::Refusal;

/// The cause that a KRB-ERROR states (RFC 4120 7.5.9, RFC 4556 3.1.3), where it is one of a failed logon.
pub(super) const fn cause(code: KerberosError) -> Option<&'static str> {
    match code.0 {
        6 | 18 | 23 | 24 => Some("nla.krb-client"),
        7 => Some("nla.krb-spn-unknown"),
        12 => Some("nla.krb-policy"),
        14 => Some("nla.krb-etype"),
        33 | 37 => Some("nla.krb-skew"),
        41 => Some("nla.krb-modified"),
        62..=66 | 70..=73 | 75..=77 => Some("nla.krb-pkinit"),
        _ => None,
    }
}

/// The words of a sentence about a refusal.
pub(super) const REFUSES: &str = " refuses a ticket";

/// What the centre said, in a sentence.
pub(super) fn said(ticket: &Ticket, refusal: Refusal, frame: FrameNumber) -> String {
    let service = ticket.service.as_ref().map(|service| format!(" for {service}")).unwrap_or_default();
    let status = refusal.status.map(|status| format!(", {status}")).unwrap_or_default();
    format!("frame {}: {}{REFUSES}{service}: {}{status}", frame.number(), ticket.centre, refusal.code)
}
