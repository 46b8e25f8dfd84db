//! A client that leaves in the TLS handshake without a word in clear: it saw the certificate and would not have it, or its
//! user would not.

use super::super::rule::{Rule, Scene, number};
use super::super::shape::{Inferred, name};
use super::super::signs::Signs;
use super::super::verdict::Sure;
use super::super::wording::say;
use super::tls_choice::or_objection;
use super::tls_client::{is_leaf_over, on_resumption, visible, with_network};
use crate::knowledge::tls::Version;
use crate::session::{Direction, Event, Phase};
use crate::wire::describe::Describe;
use crate::wire::tls_hello::ServerHello;

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
        let own = |record: &&Inferred| record.direction == Direction::ServerToClient && record.name != name::ALERT;
        let hidden = scene.shape.records.iter().filter(own).count();
        return hidden >= 1 && session.hole(Direction::ServerToClient).is_none();
    }
    session
        .timeline
        .facts()
        .any(|(_, fact)| matches!(fact, Fact::Handshake(message) if message.kind == HandshakeType::SERVER_HELLO_DONE))
}

/// Whether it also got to the client, as far as it must to be refused.
pub(super) fn flight_is_heard(scene: &Scene<'_>) -> bool {
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
        let expired = seen.is_some() && is_leaf_over(scene);
        let waited = act.time.since(hello.time);
        let at_once = waited < READS_WITHIN;
        let cancels = in_clear.is_some_and(|(_, alert)| !alert.is_close_notify());
        let resumed = session.resumes();
        let headline = match (&hidden, &seen, expired) {
            _ if cancels => "the client's user, or its program, cancelled the TLS handshake",
            (_, _, true) if at_once => "client left right after seeing an expired certificate",
            (_, _, true) => "client left after seeing an expired certificate",
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
        if at_once && hidden.is_none() && in_clear.is_none() {
            found = or_objection(found, scene);
        }
        Some(
            with_network(found, scene)
                .could_be("cancelled", "the user cancelled for another reason, or this was a connection test")
                .not_it("nla", "the password: no logon data was sent"),
        )
    },
};
