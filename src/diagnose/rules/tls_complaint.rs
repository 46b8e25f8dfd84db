//! What a client's alert says about the server's certificate.

use super::super::certificate::Fault;
use super::super::verdict::Sure;
use crate::wire::tls_record::Alert;

/// decrypt_error (RFC 5246 7.2.2, RFC 8446 6.2): a signature did not verify, or a Finished.
pub(super) const DECRYPT_ERROR: u8 = 51;
/// The cause where the alert states no other.
pub(super) const CLIENT_REFUSES: &str = "tls.client-refuses";

/// Whether a client's alert complains of the server's certificate or of its issuer, or says nothing of what it is about
/// (RFC 8446 6.2).
pub(super) const fn may_be_about_server(alert: Alert) -> bool {
    matches!(alert.description, 41..=46 | 48 | 49 | DECRYPT_ERROR | 80 | 90 | 111 | 113 | 114 | 116)
}

/// What an alert says about a certificate: the cause that it states, or leaves open.
pub(super) struct Complaint {
    pub(super) id: &'static str,
    pub(super) sure: Sure,
    pub(super) headline: &'static str,
}

/// What the capture shows of the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// All of it.
    Visible,
    /// All of it, but nobody knows on which day: the clock was not set.
    Timeless,
    /// Nothing: TLS 1.3 hides it, or the capture lacks it.
    Hidden,
    /// Nothing: an earlier session is taken up, and there is none.
    Resumed,
}

/// Which cause an alert of the client states (RFC 8446 6.2), given what is visibly wrong with the certificate.
pub(super) fn complaint(alert: Alert, faults: &[Fault<'_>], sight: Sight) -> Complaint {
    let has = |id: &str| faults.iter().find(|fault| fault.id == id);
    let say = |id, sure, headline| Complaint { id, sure, headline };
    match alert.description {
        45 if sight == Sight::Timeless => {
            say("tls.cert-expired", Sure::Likely, "client says the server certificate is out of date")
        }
        45 if has("tls.cert-not-yet-valid").is_some() => {
            say("tls.cert-not-yet-valid", Sure::Proven, "client refused the server certificate: it is not valid yet")
        }
        45 => match has("tls.cert-expired") {
            Some(own) if own.warns => {
                say("tls.cert-expired", Sure::Proven, "client refused the server certificate: out of date")
            }
            Some(_) => say(
                "tls.cert-expired",
                Sure::Strong,
                "client says the certificate is out of date: one that came with it and signs it is",
            ),
            None if sight != Sight::Visible => {
                say("tls.cert-expired", Sure::Proven, "client says the server certificate is out of date")
            }
            // A certificate further up the chain, or the client's clock.
            None => say(
                "tls.cert-expired",
                Sure::Likely,
                "client says the certificate is out of date; by the capture's clock it is not",
            ),
        },
        48 => say("tls.cert-untrusted", Sure::Proven, "client does not trust the issuer of the server certificate"),
        43 => say("tls.cert-wrong-usage", Sure::Proven, "client refuses the kind or usage of the server certificate"),
        // A bad Finished has the same alert as a bad signature, and here nothing was signed.
        DECRYPT_ERROR if sight == Sight::Resumed => {
            say(CLIENT_REFUSES, Sure::Proven, "client cannot verify the handshake that resumes an earlier TLS session")
        }
        DECRYPT_ERROR => say(
            "tls.cert-key-mismatch",
            Sure::Strong,
            "the server's signature does not fit its certificate, says the client",
        ),
        44 => say(CLIENT_REFUSES, Sure::Proven, "client says that the server certificate was revoked"),
        42 if has("tls.cert-not-yet-valid").is_some() => {
            say("tls.cert-not-yet-valid", Sure::Strong, "client refused a server certificate that is not valid yet")
        }
        // 46 is also what many say of an issuer that they do not know.
        46 if has("tls.cert-not-yet-valid").is_some() => {
            say("tls.cert-not-yet-valid", Sure::Likely, "client refused a server certificate that is not valid yet")
        }
        42 | 46 if has("tls.cert-expired").is_some() => {
            // A self-signed one would be refused on any day, where the client is strict.
            let is_own = has("tls.cert-expired").is_some_and(|expired| expired.warns);
            let is_telling = is_own && has("tls.cert-untrusted").is_none();
            let sure = if is_telling { Sure::Strong } else { Sure::Likely };
            say("tls.cert-expired", sure, "client refused an out-of-date server certificate")
        }
        // 46 is also what many say of an issuer that they do not know.
        42 if has("tls.cert-name-mismatch").is_some() && faults.len() == 1 => {
            say("tls.cert-name-mismatch", Sure::Strong, "client refused the certificate: it is for another name")
        }
        40 | 42 | 46 | 71 if has("tls.cert-weak").is_some() => {
            say("tls.cert-weak", Sure::Likely, "client refused a weak server certificate")
        }
        40 | 42 | 46 | 47 if has("tls.cert-wrong-usage").is_some() => {
            say("tls.cert-wrong-usage", Sure::Likely, "client refused a certificate made for another purpose")
        }
        // A name or issuer that does not fit is no proof: nearly every RDP certificate is like that.
        42 | 46 if has("tls.cert-name-mismatch").is_some() => {
            say("tls.cert-name-mismatch", Sure::Likely, "client refused a certificate that is for another name")
        }
        _ => say(CLIENT_REFUSES, Sure::Proven, "client ends TLS with an alert"),
    }
}
