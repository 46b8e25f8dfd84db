//! Causes in the TLS handshake that are the client's doing: it saw the certificate and would not have it.

use super::super::certificate::{Fault, rough_span};
use super::super::crowd::Progress;
use super::super::rule::{Found, Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::{Sentence, Sure};
use super::super::wording::{Say, say};
use super::tls_choice::with_objection;
use super::tls_complaint::{CLIENT_REFUSES, Complaint, DECRYPT_ERROR, Sight, complaint, may_be_about_server};
use super::tls_leaves::flight_is_heard;
use crate::frame::FrameNumber;
use crate::knowledge::cause::Moot;
use crate::knowledge::tls::Version;
use crate::session::{Direction, Event, Session};
use crate::wire::describe::Describe;
use crate::wire::tls_record::Alert;

/// Faults of the certificate shown, with its event.
pub(super) fn visible<'a, 's>(scene: &'s Scene<'a>) -> Option<(&'a Event, &'s [Fault<'a>])> {
    let (event, _) = scene.session.certificate()?;
    Some((event, scene.faults()))
}

fn client_alert<'a>(scene: &Scene<'a>) -> Option<(&'a Event, Alert)> {
    scene.fatal.filter(|(event, _)| event.direction == Direction::ClientToServer)
}

/// Whether TLS had begun before the client's alert `event`: a hello was read, or the capture lacks bytes of the client in its
/// place.
pub(super) fn has_begun(session: &Session, event: &Event) -> bool {
    let is_cut = |(request, _): (&Event, _)| event.stream_offset > request.stream_offset + u64::from(request.length);
    session.client_hello().is_some() || session.server_hello().is_some() || session.request().is_some_and(is_cut)
}

/// The client's alert, told once for all causes: only when it states or points to the cause `wanted`.
fn refused(scene: &Scene<'_>, wanted: &str) -> Option<Found> {
    let (event, alert) = client_alert(scene)?;
    if !has_begun(scene.session, event) {
        return None;
    }
    let seen = visible(scene);
    let faults = seen.map_or(&[][..], |(_, faults)| faults);
    let resumed = scene.session.resumes();
    let complaint = complaint(alert, faults, sight(scene));
    if complaint.id != wanted {
        return None;
    }
    let mut headline = Sentence::from(complaint.headline);
    if wanted == CLIENT_REFUSES && alert.description != 44 {
        headline = format!("{headline}: {}", alert.summary()).into();
    }
    if let Some((shown, certificate)) = scene.session.certificate()
        && wanted == "tls.cert-expired"
        && let Some(day) = scene.session.day_of(shown).filter(|day| certificate.is_expired_at(*day))
    {
        let age = rough_span(day - certificate.not_after);
        headline = format!("client refused the server certificate, {age} too old").into();
    }
    // Before TLS 1.3 one may go on behind a warning, and this client did not.
    let is_said = alert.is_fatal() || scene.session.tls_version() >= Some(Version::TLS13);
    let sure = if is_said { complaint.sure } else { complaint.sure.min(Sure::Strong) };
    let mut found = scene
        .died(sure, headline)
        .at(event, Direction::ClientToServer)
        .because(&[event.frame], say!("frame {} is the client's own alert: {}", number(event), alert.summary()));
    if let Some((shown, faults)) = &seen {
        found = found.witness(shown, "");
        // What the alert means comes first; the rest is among the findings.
        let telling = faults.iter().filter(|fault| wanted == CLIENT_REFUSES && fault.warns || fault.id == wanted);
        for fault in telling {
            let text = say!("frame {}: the certificate {}", number(shown), fault);
            found = found.because(&[shown.frame], text);
        }
    } else if let Some(turn) = resumed {
        found = on_resumption(found, turn);
    } else if scene.session.server_hello().is_some() && may_be_about_server(alert) {
        found = found.missing(say!("the certificate itself: {}", not_shown(scene)));
    }
    if resumed.is_some() && alert.description == DECRYPT_ERROR {
        found = found
            .means("the two have other secrets of that earlier session, or something in between changed the handshake")
            .could_be("tls.interception", "a device in the path that takes part in the handshake");
    }
    if wanted == "tls.cert-expired" && !scene.session.is_clock_set() {
        found = found.missing("the day: the capture's clock was not set").could_be(
            "tls.cert-not-yet-valid",
            "a certificate that begins later: some clients say it by the same alert",
        );
    }
    if wanted == "tls.cert-expired" && sight(scene) == Sight::Visible && !is_leaf_over(scene) {
        found.add_moot(Moot::IN_DATE);
    }
    found = with_return(doubted(found, scene, &complaint), scene, alert);
    if wanted == CLIENT_REFUSES && !may_be_about_server(alert) && resumed.is_none() {
        found = with_objection(found, scene);
    }
    Some(with_network(found, scene))
}

/// A client that refuses a certificate and then takes it: some refuse first and ask their user between the two. What it said
/// of this connection stands all the same.
fn with_return(found: Found, scene: &Scene<'_>, alert: Alert) -> Found {
    let goes_on = |later: &usize| scene.crowd.progress(*later) > Progress::Established;
    let later = scene.crowd.went_further(scene.index).filter(goes_on);
    let Some(own) = later.and_then(|later| scene.crowd.fates.of(later)) else { return found };
    let is_same = match scene.session.certificate() {
        Some((_, certificate)) => scene.crowd.fates.has_taken(&certificate.sha256, scene.session.client.ip),
        None => true,
    };
    if !is_same || !may_be_about_server(alert) {
        return found;
    }
    let text = say!("the client refused to ask its user: from frame {} on it goes further", own.first.frame.number());
    found.could_be("ok.prompt-reconnect", text)
}

/// Whether the server's own certificate is out of date.
pub(super) fn is_leaf_over(scene: &Scene<'_>) -> bool {
    scene.faults().iter().any(|fault| fault.id == "tls.cert-expired" && fault.warns)
}

/// What else an alert may mean that does not say it in so many words.
fn doubted(found: Found, scene: &Scene<'_>, complaint: &Complaint) -> Found {
    if complaint.sure >= Sure::Strong {
        return found;
    }
    let has = |id: &str| scene.faults().iter().any(|fault| fault.id == id);
    match complaint.id {
        "tls.cert-expired" if !has("tls.cert-expired") => {
            let text = match has("tls.cert-untrusted") {
                true => "the client's clock is ahead",
                false => "the client's clock is ahead, or a certificate further up the chain ended",
            };
            found.could_be("cap.clock-wrong", text)
        }
        "tls.cert-expired" | "tls.cert-not-yet-valid" | "tls.cert-name-mismatch" => {
            let issuer =
                if has("tls.cert-untrusted") { "it is self-signed" } else { "its issuer may be unknown there" };
            found.could_be("tls.cert-untrusted", say!("the client does not trust the certificate: {issuer}"))
        }
        _ => found,
    }
}

fn sight(scene: &Scene<'_>) -> Sight {
    let session = scene.session;
    match session.certificate() {
        Some(_) if session.is_clock_set() => Sight::Visible,
        Some(_) => Sight::Timeless,
        None if session.resumes().is_some() => Sight::Resumed,
        None => Sight::Hidden,
    }
}

/// Why there is no certificate to be seen.
fn not_shown(scene: &Scene<'_>) -> &'static str {
    if scene.session.tls_version() >= Some(Version::TLS13) { "TLS 1.3 hides it" } else { "the capture lacks it" }
}

/// No certificate was shown where the server, at `turn`, takes up an earlier session.
pub(super) fn on_resumption(mut found: Found, turn: &Event) -> Found {
    found.add_moot(Moot::RESUMED);
    let text = say!("frame {}: the server resumes an earlier TLS session, so it shows no certificate", number(turn));
    found.because(&[turn.frame], text).missing("what the client has against it: its own event log knows")
}

/// The client says that the certificate is out of date.
pub(super) static CERT_EXPIRED: Rule =
    Rule { id: "tls.cert-expired", needs: Signs::CLIENT_FATAL, find: |scene| refused(scene, "tls.cert-expired") };

/// The client says that the certificate is not valid yet.
pub(super) static CERT_NOT_YET_VALID: Rule = Rule {
    id: "tls.cert-not-yet-valid",
    needs: Signs::CLIENT_FATAL,
    find: |scene| refused(scene, "tls.cert-not-yet-valid"),
};

/// The client does not know the issuer.
pub(super) static CERT_UNTRUSTED: Rule =
    Rule { id: "tls.cert-untrusted", needs: Signs::CLIENT_FATAL, find: |scene| refused(scene, "tls.cert-untrusted") };

/// The certificate is for another name.
pub(super) static CERT_NAME_MISMATCH: Rule = Rule {
    id: "tls.cert-name-mismatch",
    needs: Signs::CLIENT_FATAL,
    find: |scene| refused(scene, "tls.cert-name-mismatch"),
};

/// The certificate is too weak.
pub(super) static CERT_WEAK: Rule =
    Rule { id: "tls.cert-weak", needs: Signs::CLIENT_FATAL, find: |scene| refused(scene, "tls.cert-weak") };

/// The certificate was made for something else.
pub(super) static CERT_WRONG_USAGE: Rule = Rule {
    id: "tls.cert-wrong-usage",
    needs: Signs::CLIENT_FATAL,
    find: |scene| refused(scene, "tls.cert-wrong-usage"),
};

/// Key and certificate do not fit.
pub(super) static CERT_KEY_MISMATCH: Rule = Rule {
    id: "tls.cert-key-mismatch",
    needs: Signs::NONE,
    find: |scene| {
        let Some((mark, fits)) = scene.session.key_check() else {
            return refused(scene, "tls.cert-key-mismatch").or_else(|| misfit_elsewhere(scene));
        };
        let frame = mark.frame.number();
        if fits {
            let found = refused(scene, "tls.cert-key-mismatch")?;
            let text = say!("frame {frame}: the signature does fit the certificate; the client read something else");
            return Some(found.against(&[mark.frame], text));
        }
        // The signature speaks for itself; how the client took it only says at which packet it ended.
        let text = say!("frame {frame}: the signature was not made with the key of the certificate shown before it");
        let says_so = client_alert(scene).is_some_and(|(_, alert)| alert.description == DECRYPT_ERROR);
        let death = client_alert(scene).map(|(event, _)| event).or(scene.ending.act)?;
        // What one computes is strong; what the client says as well is proven.
        Some(without_key(scene, if says_so { Sure::Proven } else { Sure::Strong }, death, &[mark.frame], text))
    },
};

/// The server's key is another one, as `text` says of `frames`; it ended with `death`.
fn without_key(scene: &Scene<'_>, sure: Sure, death: &Event, frames: &[FrameNumber], text: impl Say) -> Found {
    let ends = say!("frame {}: the {} ends it there", number(death), death.direction.speaker());
    scene
        .died(sure, "the server does not hold the key of the certificate it shows")
        .at(death, death.direction)
        .because(frames, text)
        .because(&[death.frame], ends)
        .could_be("tls.interception", "a device in the path that swapped the certificate or the key exchange")
}

/// Of many signatures of one certificate only some are looked at. Where none of those fits that its server made, and the
/// client leaves where a signature is looked at, this one is like them.
fn misfit_elsewhere(scene: &Scene<'_>) -> Option<Found> {
    let act = scene.ending.act.filter(|act| act.direction == Direction::ClientToServer)?;
    if scene.shape.established || scene.fatal.is_some() {
        return None;
    }
    let (shown, certificate) = scene.session.certificate()?;
    let other = scene.crowd.fates.misfit(scene.session.server, &certificate.sha256)?;
    if !flight_is_heard(scene) {
        return None;
    }
    let text =
        say!("frame {}: in another session this server did not sign with the key of this certificate", other.number());
    let found = without_key(scene, Sure::Likely, act, &[other, shown.frame], text);
    Some(found.missing("this session's own signature: of many that are alike only some are looked at"))
}

/// Any other alert of the client.
pub(super) static CLIENT_ALERT: Rule =
    Rule { id: CLIENT_REFUSES, needs: Signs::CLIENT_FATAL, find: |scene| refused(scene, CLIENT_REFUSES) };

/// The client ends TLS before it has offered anything: its own settings leave it nothing to offer.
pub(super) static ALERT_FIRST: Rule = Rule {
    id: CLIENT_REFUSES,
    needs: Signs::CONFIRM.and(Signs::NO_CLIENT_HELLO).and(Signs::CLIENT_FATAL),
    find: |scene| {
        let session = scene.session;
        let (confirm, _) = session.confirm()?;
        let (event, alert) = client_alert(scene)?;
        session.request()?;
        // What the capture lacks before it may well have been a ClientHello.
        if has_begun(session, event) || !confirm.precedes(event) {
            return None;
        }
        let headline = say!("the client gives TLS up before its first word: {}", alert.summary());
        let mut found = scene
            .died(Sure::Proven, headline)
            .at(event, Direction::ClientToServer)
            .because(&[event.frame], say!("frame {} is the client's own alert: {}", number(event), alert.summary()))
            .because(
                &[confirm.frame, event.frame],
                say!("it comes where the ClientHello belongs, behind the confirm of frame {}", number(confirm)),
            )
            .means("mostly the client's settings leave it no TLS version or cipher suite to offer (FIPS, a policy)")
            .missing("what it lacks: its own log knows");
        found.add_moot(Moot::NO_CERTIFICATE.and(Moot::NO_OFFER));
        Some(with_network(found, scene).not_it("tls.alert-server", "the server: it was not asked anything in TLS yet"))
    },
};

/// The network is not to blame, where it was clean.
pub(super) fn with_network(found: Found, scene: &Scene<'_>) -> Found {
    let [client, server] = &scene.session.sides;
    let lost = client.retransmissions + server.retransmissions;
    if lost == 0 && scene.session.gaps == 0 {
        let packets = scene.session.packets();
        found.not_it("path", say!("the network; {packets} packets, none lost, none sent twice"))
    } else {
        found
    }
}
