//! What is wrong with a certificate, judged against the time of the packet that showed it.

use std::borrow::Cow;
use std::fmt;

use crate::session::{Event, Session};
use crate::wire::catalogue::Fact;
use crate::wire::certificate::{Certificate, Key, Validity};
use crate::wire::text::{Text, escape};

/// A certificate that ends within this time is worth a warning; seconds.
const SOON: i64 = 30 * 86_400;

/// A certificate's fault. It displays as what the certificate does: `ended 2 days before it was shown`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault<'a> {
    /// Cause id.
    pub(super) id: &'static str,
    /// Serious enough to warn of even when the client accepted it.
    pub(super) warns: bool,
    what: What<'a>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What<'a> {
    /// Seconds from its end to this packet, from this packet to its beginning, and to its end.
    Ended(i64),
    Begins(i64),
    Ends(i64),
    /// Whose the certificate is that came along, and the seconds from its end to this packet.
    SignerEnded(&'a Text, i64),
    WeakKey(&'a Key),
    WeakSignature(&'a Text),
    /// The name that the client asked for.
    NotFor(Cow<'a, str>),
    Other(&'static str),
}

impl fmt::Display for Fault<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Ended(ago) => write!(f, "ended {} before it was shown", span(*ago)),
            What::Begins(wait) => write!(f, "begins {} after it was shown: a clock is wrong", span(*wait)),
            What::Ends(left) => write!(f, "ends {} after it was shown", span(*left)),
            What::SignerEnded(signer, ago) => {
                write!(f, "comes with that of {signer}, which ended {} before", span(*ago))
            }
            What::WeakKey(key) => write!(f, "has a weak key: {} {} bits", key.algorithm, key.bits),
            What::WeakSignature(name) => write!(f, "has a weak signature: {name}"),
            What::NotFor(name) => write!(f, "is not for {}, which the client asked for", escape(name)),
            What::Other(text) => f.write_str(text),
        }
    }
}

/// All faults that can be seen, most serious first.
pub(super) fn faults<'a>(certificate: &'a Certificate, event: &'a Event, session: &'a Session) -> Vec<Fault<'a>> {
    let mut faults = Vec::new();
    let mut add = |id, warns, what| faults.push(Fault { id, warns, what });
    let day = session.day_of(event);
    if let Some((id, what)) = day.and_then(|day| out_of_date(certificate, day)) {
        add(id, true, what);
    }
    if certificate.malformed {
        add("tls.cert-malformed", true, What::Other("breaks the X.509 rules; strict clients refuse it"));
    }
    if certificate.key.is_weak() {
        add("tls.cert-weak", true, What::WeakKey(&certificate.key));
    } else if certificate.has_weak_signature() {
        add("tls.cert-weak", true, What::WeakSignature(&certificate.signature));
    }
    if !certificate.allows_server {
        let text = "allows neither Server Authentication nor Remote Desktop in its extended key usage";
        add("tls.cert-wrong-usage", true, What::Other(text));
    } else if let Some(text) = unusable(certificate, session) {
        // Windows makes its own RDP certificates like that, and its clients take them.
        add("tls.cert-wrong-usage", false, What::Other(text));
    }
    if let Some(Fact::CertificateChain(chain)) = event.fact()
        && let Some((day, other)) =
            day.zip(chain.first_to_end.as_deref()).filter(|(day, other)| other.is_expired_at(*day))
    {
        // Clients that know another way to a root do not mind.
        add("tls.cert-expired", false, What::SignerEnded(&other.subject, day.saturating_sub(other.not_after)));
    }
    if let Some(name) = typed_name(session)
        && certificate.is_for(&name) == Some(false)
    {
        add("tls.cert-name-mismatch", false, What::NotFor(name));
    }
    if certificate.self_signed {
        add("tls.cert-untrusted", false, What::Other("is self-signed: no client trusts it unless told so"));
    }
    faults
}

/// What the day says, in seconds since 1970.
const fn out_of_date<'a>(certificate: &Certificate, now: i64) -> Option<(&'static str, What<'a>)> {
    let left = certificate.not_after.saturating_sub(now);
    match certificate.validity_at(now) {
        Validity::Expired => Some(("tls.cert-expired", What::Ended(left.saturating_neg()))),
        Validity::Early => Some(("tls.cert-not-yet-valid", What::Begins(certificate.not_before.saturating_sub(now)))),
        Validity::InDate if left <= SOON => Some(("tls.cert-expires-soon", What::Ends(left))),
        Validity::InDate => None,
    }
}

/// Whether it looks like the certificate that the RDP service makes and renews for itself: self-signed, for half a year.
pub(super) fn is_made_by_windows(certificate: &Certificate) -> bool {
    let days = (certificate.not_after - certificate.not_before) / 86_400;
    certificate.self_signed && (170..=190).contains(&days)
}

/// `2 days`, `5 h`, `3 min`: the largest unit of a span in seconds.
pub(super) fn rough_span(seconds: i64) -> String {
    let plural = |count: i64, unit: &str| if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") };
    match seconds {
        86_400.. => plural(seconds / 86_400, "day"),
        3600.. => format!("{} h", seconds / 3600),
        60.. => format!("{} min", seconds / 60),
        _ => format!("{} s", seconds.max(0)),
    }
}

/// The name the client asked for, as the user typed it.
fn typed_name(session: &Session) -> Option<Cow<'_, str>> {
    let (_, hello) = session.client_hello()?;
    hello.view().server_name().map(String::from_utf8_lossy)
}

/// Ephemeral key exchange needs digitalSignature in the key usage, RSA key transport keyEncipherment (RFC 5246 7.4.2).
fn unusable(certificate: &Certificate, session: &Session) -> Option<&'static str> {
    if certificate.digital_signature != Some(false) && certificate.key_encipherment != Some(false) {
        return None;
    }
    let (_, hello) = session.server_hello()?;
    let name = crate::wire::tls_hello::suite_name(hello.cipher);
    let signs = name.contains("DHE_") || name.starts_with("TLS_AES") || name.starts_with("TLS_CHACHA20");
    if signs && certificate.digital_signature == Some(false) {
        return Some("lacks digitalSignature in its key usage, which the chosen cipher suite needs");
    }
    (!signs && certificate.key_encipherment == Some(false) && name.starts_with("TLS_RSA_"))
        .then_some("lacks keyEncipherment in its key usage, which the chosen cipher suite needs")
}

/// `2 d 4 h 33 min`, the two or three largest units of a span in seconds.
pub(super) fn span(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (1..=13, _, _) => format!("{days} d {hours} h {minutes} min"),
        _ => format!("{days} days"),
    }
}

/// Issuers that inspect TLS: products whose certificate authorities sit between client and server.
const INSPECTORS: &[&str] = &[
    "bitdefender",
    "eset ssl filter",
    "kaspersky",
    "avast",
    "avg web",
    "zscaler",
    "netskope",
    "goskope",
    "fortinet",
    "fortigate",
    "palo alto",
    "sophos",
    "blue coat",
    "bluecoat",
    "symantec web",
    "cisco umbrella",
    "check point",
    "checkpoint",
    "mcafee web",
    "squid",
    "mitmproxy",
    "tls inspection",
    "ssl inspection",
    "https inspection",
    "deep inspection",
    "ssl decryption",
    "tls decryption",
    "web gateway",
    "ssl proxy",
    "tls proxy",
    "forward trust",
    "forcepoint",
    "barracuda",
    "sonicwall",
    "watchguard",
    "untangle",
    "charles proxy",
    "fiddler",
    "portswigger",
];

/// The inspection product that issued the certificate, by its name.
pub(super) fn inspector(certificate: &Certificate) -> Option<&'static str> {
    if certificate.self_signed {
        return None;
    }
    let issuer = without_places(certificate.issuer.raw()).to_lowercase();
    INSPECTORS.iter().copied().find(|name| issuer.contains(name))
}

/// A distinguished name without its places: many a company sits in Palo Alto.
fn without_places(name: &str) -> String {
    let mut is_place = false;
    let parts = name.split(", ").filter(|part| {
        // What has no type belongs to the value before it.
        if let Some((kind, _)) = part.split_once('=') {
            is_place = matches!(kind, "L" | "ST" | "S" | "STREET" | "street" | "postalCode");
        }
        !is_place
    });
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_no_product() {
        let name = "C=US, ST=California, L=Palo Alto, O=Seeds, Inc, CN=Issuing CA";
        assert_eq!(without_places(name), "C=US, O=Seeds, Inc, CN=Issuing CA");
        assert_eq!(without_places("L=Palo Alto, California"), "");
    }

    #[test]
    fn spans_read_well() {
        assert_eq!(span(2 * 86_400 + 4 * 3600 + 33 * 60), "2 d 4 h 33 min");
        assert_eq!(span(82 * 86_400), "82 days");
        assert_eq!(span(59), "59 s");
        assert_eq!(span(-1), "0 s");
        assert_eq!(rough_span(2 * 86_400 + 5), "2 days");
        assert_eq!(rough_span(90_000), "1 day");
        assert_eq!(rough_span(7300), "2 h");
    }
}
