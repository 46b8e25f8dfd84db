//! What a client can have against what the server chose: things that its hello shows, beside any certificate.

use super::super::rule::{Found, Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::Sure;
use super::super::wording::say;
use super::tls_offer::Offer;
use crate::knowledge::cause::Moot;
use crate::knowledge::tls::Version;
use crate::session::{Direction, Event, Session};
use crate::wire::catalogue::Fact;
use crate::wire::describe::Describe;
use crate::wire::tls_handshake::HandshakeType;
use crate::wire::tls_hello::{ServerHello, suite_name};

/// renegotiation_info (RFC 5746 3.2).
const RENEGOTIATION: u16 = 0xff01;
/// TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 3.3), which says the same as the extension.
const RENEGOTIATION_SUITE: u16 = 0x00ff;
/// Least size of a Diffie-Hellman group that current clients take (RFC 9325 4.4); bytes.
const GROUP: u32 = 256;

/// A reason to refuse what the server chose.
struct Objection<'a> {
    /// The hello that chooses it.
    event: &'a Event,
    /// What the server does: `picks TLS 1.0, which the client did not offer`.
    text: String,
}

/// The version that the server picks, where the client has listed those it takes, and this is none of them. Without a
/// list it only names the best.
fn unlisted_version(session: &Session) -> Option<(&Event, Version)> {
    let (event, chosen) = session.server_hello()?;
    let (_, hello) = session.client_hello()?;
    let view = hello.view();
    (view.lists_versions() && !view.versions().contains(&chosen.version)).then_some((event, chosen.version))
}

/// The most telling objection that a client can have.
fn objection(session: &Session) -> Option<Objection<'_>> {
    let (event, chosen) = session.server_hello()?;
    let (_, hello) = session.client_hello()?;
    let view = hello.view();
    let best = view.versions().first().copied().unwrap_or_default();
    let text = if let Some((_, version)) = unlisted_version(session) {
        format!("picks {version}, which the client did not offer")
    } else if !view.ciphers().any(|suite| suite == chosen.cipher) {
        format!("picks {}, which the client did not offer", suite_name(chosen.cipher))
    } else if chosen.downgrade_mark && chosen.version < best {
        format!("picks {} and marks that it knows better: the offer of {best} was lost on the way", chosen.version)
    } else if chosen.version < Version::TLS12 && best >= Version::TLS12 && !view.lists_versions() {
        format!("picks {}, which current clients refuse", chosen.version)
    } else if has_small_group(session, chosen) {
        "picks a Diffie-Hellman group of less than 2048 bits, which current clients refuse".into()
    } else if chosen.version < Version::TLS13
        && !chosen.extensions.contains(&RENEGOTIATION)
        && (view.ciphers().any(|suite| suite == RENEGOTIATION_SUITE)
            || view.extensions().any(|(kind, _)| kind == RENEGOTIATION))
    {
        "does not know secure renegotiation (RFC 5746), without which current clients go no further".into()
    } else {
        return None;
    };
    Some(Objection { event, text })
}

/// Whether the group of a DHE suite is too small, by the length of the message that holds it: prime, generator and public
/// value, each with two bytes of length, then the signature with two, and since TLS 1.2 two more for its algorithm.
fn has_small_group(session: &Session, chosen: &ServerHello) -> bool {
    if !suite_name(chosen.cipher).starts_with("TLS_DHE_RSA_") {
        return false;
    }
    let exchange = session.timeline.facts().find_map(|(_, fact)| match fact {
        Fact::Handshake(message) if message.kind == HandshakeType::SERVER_KEY_EXCHANGE => Some(message.length),
        _ => None,
    });
    let signature = session.certificate().map(|(_, certificate)| &certificate.key);
    let signature = signature.filter(|key| key.algorithm.raw() == "RSA").map(|key| key.bits.div_ceil(8));
    let lengths = if chosen.version >= Version::TLS12 { 10 } else { 8 };
    exchange.zip(signature).is_some_and(|(length, signature)| length.saturating_sub(signature + lengths) < 2 * GROUP)
}

/// Whether a client can have something against what the server chose, beside any certificate.
pub(super) fn has_objection(session: &Session) -> bool {
    objection(session).is_some()
}

impl Objection<'_> {
    fn says(&self) -> String {
        format!("frame {}: the server {}", number(self.event), self.text)
    }
}

/// The server picks a version that is not on the client's list, and the client ends it there, whatever it says.
pub(super) static UNLISTED_VERSION: Rule = Rule {
    id: "tls.version-mismatch",
    needs: Signs::SERVER_HELLO.and(Signs::CLIENT_HELLO),
    find: |scene| {
        let session = scene.session;
        let (picked, version) = unlisted_version(session)?;
        let (hello, _) = session.client_hello()?;
        let own = |event: &&Event| event.direction == Direction::ClientToServer;
        let alert = scene.fatal.filter(|(event, _)| own(event));
        let left = || scene.ending.act.filter(own).filter(|_| scene.fatal.is_none() && !scene.shape.established);
        let death = alert.map(|(event, _)| event).or_else(left)?;
        let mut found = scene
            .died(Sure::Strong, say!("the server picks {version}, which the client does not take"))
            .at(death, Direction::ClientToServer)
            .because(
                &[hello.frame, picked.frame],
                say!(
                    "frame {}: the client offers {}; frame {}: the server picks {version}",
                    number(hello),
                    Offer::of(session).map(|offer| offer.text).unwrap_or_default(),
                    number(picked)
                ),
            )
            .witness(picked, "");
        found = match alert {
            Some((event, alert)) => found.because(
                &[event.frame],
                say!("frame {} is the client's own alert: {}", number(event), alert.summary()),
            ),
            None => found.because(&[death.frame], say!("frame {}: the client leaves at that", number(death))),
        };
        found.add_moot(Moot::CLIENT);
        Some(found.not_it("tls.client-refuses", "the server's certificate: what comes before it is refused already"))
    },
};

/// What the client can have against the server's choice, to a death by an alert of its own that is not about a certificate.
pub(super) fn with_objection(mut found: Found, scene: &Scene<'_>) -> Found {
    found.add_moot(Moot::NO_CERTIFICATE);
    match objection(scene.session) {
        Some(objection) => found.because(&[objection.event.frame], objection.says()),
        None => found,
    }
}

/// The same, to a death by a client that leaves without an alert.
pub(super) fn or_objection(found: Found, scene: &Scene<'_>) -> Found {
    match objection(scene.session) {
        Some(objection) => found.could_be("choice", objection.says()),
        None => found,
    }
}
