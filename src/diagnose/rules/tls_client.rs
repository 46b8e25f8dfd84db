//! Causes in the TLS handshake that are the client's doing: it saw the certificate and would not have it.

use super::super::certificate::{Fault, rough_span};
use super::super::rule::{Found, Rule, Scene, number};
use super::super::shape::{Inferred, name};
use super::super::signs::Signs;
use super::super::verdict::{Sentence, Sure};
use super::super::wording::{Say, say};
use super::tls_complaint::{CLIENT_REFUSES, DECRYPT_ERROR, Sight, complaint};
use crate::frame::FrameNumber;
use crate::knowledge::cause::Moot;
use crate::knowledge::tls::Version;
use crate::session::{Direction, Event, Phase};
use crate::wire::describe::Describe;
use crate::wire::tls_hello::ServerHello;
use crate::wire::tls_record::Alert;

/// Faults of the certificate shown, with its event.
fn visible<'a, 's>(scene: &'s Scene<'a>) -> Option<(&'a Event, &'s [Fault<'a>])> {
    let (event, _) = scene.session.certificate()?;
    Some((event, scene.faults()))
}

fn client_alert<'a>(scene: &Scene<'a>) -> Option<(&'a Event, Alert)> {
    scene.fatal.filter(|(event, _)| event.direction == Direction::ClientToServer)
}

/// The client's alert, told once for all causes: only when it states or points to the cause `wanted`.
fn refused(scene: &Scene<'_>, wanted: &str) -> Option<Found> {
    scene.session.client_hello()?;
    let (event, alert) = client_alert(scene)?;
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
        && certificate.is_expired_at(shown.time.seconds())
    {
        let age = rough_span(shown.time.seconds() - certificate.not_after);
        headline = format!("client refused the server certificate, {age} too old").into();
    }
    let mut found = scene
        .died(complaint.sure, headline)
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
    } else if scene.session.server_hello().is_some() {
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
    if wanted == "tls.cert-expired" && complaint.sure < Sure::Strong {
        found = found
            .could_be("cap.clock-wrong", "the client's clock is ahead, or a certificate further up the chain ended");
    }
    Some(with_network(found, scene))
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
fn on_resumption(mut found: Found, turn: &Event) -> Found {
    found.add_moot(Moot::RESUMED);
    let text = say!("frame {}: the server resumes an earlier TLS session, so it shows no certificate", number(turn));
    found.because(&[turn.frame], text).missing("what the client has against it: its own event log knows")
}

/// The client says that the certificate is out of date.
pub(super) static CERT_EXPIRED: Rule = Rule {
    id: "tls.cert-expired",
    needs: Signs::CLIENT_HELLO.and(Signs::CLIENT_FATAL),
    find: |scene| refused(scene, "tls.cert-expired"),
};

/// The client says that the certificate is not valid yet.
pub(super) static CERT_NOT_YET_VALID: Rule = Rule {
    id: "tls.cert-not-yet-valid",
    needs: Signs::CLIENT_HELLO.and(Signs::CLIENT_FATAL),
    find: |scene| refused(scene, "tls.cert-not-yet-valid"),
};

/// The client does not know the issuer.
pub(super) static CERT_UNTRUSTED: Rule = Rule {
    id: "tls.cert-untrusted",
    needs: Signs::CLIENT_HELLO.and(Signs::CLIENT_FATAL),
    find: |scene| refused(scene, "tls.cert-untrusted"),
};

/// The certificate is for another name.
pub(super) static CERT_NAME_MISMATCH: Rule = Rule {
    id: "tls.cert-name-mismatch",
    needs: Signs::CLIENT_HELLO.and(Signs::CLIENT_FATAL),
    find: |scene| refused(scene, "tls.cert-name-mismatch"),
};

/// The certificate is too weak.
pub(super) static CERT_WEAK: Rule = Rule {
    id: "tls.cert-weak",
    needs: Signs::CLIENT_HELLO.and(Signs::CLIENT_FATAL),
    find: |scene| refused(scene, "tls.cert-weak"),
};

/// The certificate was made for something else.
pub(super) static CERT_WRONG_USAGE: Rule = Rule {
    id: "tls.cert-wrong-usage",
    needs: Signs::CLIENT_HELLO.and(Signs::CLIENT_FATAL),
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
pub(super) static CLIENT_ALERT: Rule = Rule {
    id: CLIENT_REFUSES,
    needs: Signs::CLIENT_HELLO.and(Signs::CLIENT_FATAL),
    find: |scene| refused(scene, CLIENT_REFUSES),
};

/// The network is not to blame, where it was clean.
fn with_network(found: Found, scene: &Scene<'_>) -> Found {
    let [client, server] = &scene.session.sides;
    let lost = client.retransmissions + server.retransmissions;
    if lost == 0 && scene.session.gaps == 0 {
        let packets = scene.session.packets();
        found.not_it("path", say!("the network; {packets} packets, none lost, none sent twice"))
    } else {
        found
    }
}

/// Whether the server's part of the handshake arrived as a whole, so that the client had something to refuse.
pub(super) fn flight_is_whole(scene: &Scene<'_>) -> bool {
    use crate::wire::catalogue::Fact;
    use crate::wire::tls_handshake::HandshakeType;
    let session = scene.session;
    let Some((_, hello)) = session.server_hello() else { return false };
    if scene.shape.established {
        return true;
    }
    if hello.version >= Version::TLS13 {
        let hidden = scene.shape.records.iter().filter(|record| record.direction == Direction::ServerToClient).count();
        return hidden >= 1 && session.hole(Direction::ServerToClient).is_none();
    }
    session
        .timeline
        .facts()
        .any(|(_, fact)| matches!(fact, Fact::Handshake(message) if message.kind == HandshakeType::SERVER_HELLO_DONE))
}

/// Whether it also got to the client, as far as it must to be refused.
fn flight_is_heard(scene: &Scene<'_>) -> bool {
    let from_server = |record: &&Inferred| record.direction == Direction::ServerToClient;
    let hidden = || scene.shape.records.iter().find(from_server).and_then(|record| scene.event_of(record));
    let shown = scene.session.certificate().map(|(event, _)| event).or_else(hidden);
    flight_is_whole(scene)
        && (scene.shape.established || shown.is_none_or(|event| scene.may_be_heard(event)))
        && shown.is_none_or(|event| came_in_time(scene, event))
}

/// Whether the client had `shown` when it closed.
fn came_in_time(scene: &Scene<'_>, shown: &Event) -> bool {
    scene.ending.act.is_none_or(|act| act.time >= shown.time) && !scene.crossed(shown)
}

/// No person reads a warning in less; seconds.
const READS_WITHIN: f64 = 1.5;

/// The client says no behind encryption, or just leaves.
pub(super) static CLIENT_LEAVES: Rule = Rule {
    id: "tls.client-refuses",
    needs: Signs::SERVER_HELLO.and(Signs::CLOSED),
    find: |scene| {
        let session = scene.session;
        let (hello, &ServerHello { version, .. }) = session.server_hello()?;
        let act = scene.ending.act?;
        let hidden = scene
            .shape
            .records
            .iter()
            .find(|record| record.direction == Direction::ClientToServer && record.name == name::ALERT);
        // Anything it said inside TLS, a goodbye apart, means that it took the certificate.
        let spoke = scene.shape.records.iter().any(|record| {
            record.direction == Direction::ClientToServer
                && record.phase > Phase::Tls
                && record.name != name::CLOSE_NOTIFY
        });
        if !flight_is_heard(scene) {
            return None;
        }
        if spoke || !scene.left_first(Direction::ClientToServer) || scene.crowd.went_further(scene.index).is_some() {
            return None;
        }
        // A close_notify is the client's own word; the FIN behind it only follows.
        let goodbye = || {
            scene
                .shape
                .records
                .iter()
                .find(|record| record.direction == Direction::ClientToServer && record.name == name::CLOSE_NOTIFY)
        };
        let mut alerts = session.alerts().filter(|(event, _)| event.direction == Direction::ClientToServer);
        let in_clear = alerts.find(|(event, alert)| alert.is_goodbye() && event.time <= act.time);
        let death = match (hidden.or_else(goodbye), in_clear) {
            (_, Some((event, _))) => event,
            (Some(record), None) => scene.event_of(record)?,
            (None, None) => act,
        };
        let seen = visible(scene);
        let expired = seen.as_ref().and_then(|(_, faults)| faults.iter().find(|fault| fault.id == "tls.cert-expired"));
        let waited = act.time.since(hello.time);
        let at_once = waited < READS_WITHIN;
        let cancels = in_clear.is_some_and(|(_, alert)| !alert.is_close_notify());
        let resumed = session.resumes();
        let headline = match (&hidden, &seen, expired) {
            _ if cancels => "the client's user, or its program, cancelled the TLS handshake",
            (_, _, Some(_)) if at_once => "client left right after seeing an expired certificate",
            (_, _, Some(_)) => "client left after seeing an expired certificate",
            (Some(_), None, _) if resumed.is_some() => {
                "client hung up on a handshake that resumes an earlier TLS session"
            }
            (None, None, _) if resumed.is_some() => "client left after resuming an earlier TLS session",
            (Some(_), None, _) => "client hung up on a certificate hidden by TLS 1.3",
            (None, None, _) if version < Version::TLS13 => {
                "client left after the TLS handshake; the capture lacks the certificate"
            }
            (None, None, _) => "client left after the TLS handshake; TLS 1.3 hides the certificate",
            (_, Some(_), _) if at_once => "client left right after seeing the server's certificate",
            (_, Some(_), _) => "client left after seeing the server's certificate",
        };
        let mut found = scene.died(Sure::Likely, headline).at(death, Direction::ClientToServer);
        if let Some(record) = hidden {
            let size = death.encrypted().unwrap_or_default();
            found = found.because(
                &[record.frame],
                say!(
                    "frame {}: a record of {size} bytes where the client's Finished belongs: an alert by its size",
                    number(death)
                ),
            );
        } else {
            // Where the server's FIN was quicker, the client's goodbye speaks for itself.
            let own = if act.direction == Direction::ClientToServer { act } else { death };
            let text = if own.frame == death.frame {
                format!("the client closes by itself in frame {}, before any logon data", number(own))
            } else {
                let goodbye = number(death);
                format!("frame {goodbye}: the client says goodbye before any logon data, and closes in {}", number(own))
            };
            found = found.because(&[death.frame, own.frame], text);
        }
        if let Some((event, alert)) = in_clear {
            let text = say!("frame {} is the client's own alert: {}", number(event), alert.summary());
            found = found.because(&[event.frame], text);
        }
        if let Some((shown, faults)) = &seen {
            let serious = faults.iter().any(|fault| fault.warns);
            for fault in faults.iter().filter(|fault| fault.warns || !serious) {
                found = found.because(&[shown.frame], say!("frame {}: the certificate {}", number(shown), fault));
            }
            found = found.witness(shown, "");
        } else if let Some(turn) = resumed {
            found = on_resumption(found, turn);
        } else {
            found = found.missing("which complaint: expired, unknown issuer, wrong name, revoked ...");
        }
        if !at_once && resumed.is_none() {
            found = found.because(
                &[act.frame],
                say!("{waited:.1} s between certificate and close: as long as a person reads a warning"),
            );
        }
        Some(
            with_network(found, scene)
                .could_be("cancelled", "the user cancelled for another reason, or this was a connection test")
                .not_it("nla", "the password: no logon data was sent"),
        )
    },
};
