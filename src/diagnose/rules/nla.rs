//! Causes around logon, as far as sizes and order tell without keys.

use super::super::refusal::Refusal;
use super::super::rule::{Found, PATIENCE, Rule, Scene, number};
use super::super::shape::{Inferred, License, Mechanism, Nla, name};
use super::super::signs::Signs;
use super::super::verdict::{Outcome, Sure};
use super::super::wording::{say, span};
use super::farewell::{Goodbye, farewell, server_parts};
use super::logon::with_mechanism;
use super::negotiation::is_at_confirm;
use super::session_end::{hides_reasons, with_name};
use super::setup::{ends_licensing_in_clear, is_early_in_clear, is_set_up, ran};
use crate::knowledge::cause::Moot;
use crate::session::{Direction, Event, Phase, Seen};

/// One refusal after the other, faster than a person types.
pub(super) static BRUTE_FORCE: Rule = Rule {
    id: "scan.brute-force",
    needs: Signs::LOGON,
    find: |scene| {
        let refusal = scene.refusal()?;
        let guesses = scene.crowd.guesses(scene.session)?;
        let headline = "one logon refused after the other: somebody guesses passwords";
        let rate = say!(
            "{} logons of this client were refused in {:.0} s, {} accepted",
            guesses.refused,
            guesses.seconds,
            if guesses.accepted == 0 { "none".into() } else { guesses.accepted.to_string() }
        );
        Some(
            scene
                .found(Outcome::Scan, Sure::Likely, headline)
                .because(&[refusal.event.frame], refusal.says())
                .because(&[scene.session.first.frame], rate)
                .could_be("nla.bad-credentials", "a program that keeps using an old password"),
        )
    },
};

/// The server refuses the user.
pub(super) static REFUSED: Rule = Rule {
    id: "nla.refused",
    needs: Signs::LOGON,
    find: |scene| {
        let session = scene.session;
        let refusal = scene.refusal()?;
        if refusal.is_behind_acceptance() {
            return Some(closed_on_credentials(scene, refusal));
        }
        let found = scene.died(refusal.sure(), "the server refused the logon (NLA)");
        // The client's FIN, which the server's acknowledges, was not captured: it left first.
        let mut found = if session.answers() == Some(Direction::ServerToClient) { found.by_absence() } else { found }
            .at(refusal.event, Direction::ServerToClient)
            .because(&[refusal.event.frame], refusal.says())
            .not_it("tls", "the network, TLS, the certificate: all of that was passed");
        let tokens = || scene.shape.records.iter().rev().filter(|record| record.phase == Phase::Nla);
        let unanswered = tokens().find(|record| !matches!(record.name, name::ALERT | name::CLOSE_NOTIFY));
        if unanswered.is_some_and(|record| record.direction == Direction::ClientToServer) {
            // Servers before CredSSP 3 have no message for it: they close, or send an alert.
            found.id = Some("nla.refused-no-code");
        }
        // A ticket is proof; the first message of NTLM is none (MS-NLMP 1.3.1.1).
        let found = if refusal.is_before_proof() && scene.shape.mechanism == Some(Mechanism::Ntlm) {
            found.add_moot(Moot::PASSWORD);
            found
                .missing("the reason (no NTLM here, a locked account, a policy ...): it is encrypted")
                .not_it("nla.bad-credentials", "the password: nothing made from it was sent yet")
        } else {
            found.missing("the reason (wrong password, locked account, policy ...): it is encrypted")
        };
        Some(with_mechanism(found, scene))
    },
};

/// The server proved its key, which it does for a user whose password was right, and closes when it has the credentials, or
/// answers them with an error.
fn closed_on_credentials(scene: &Scene<'_>, refusal: Refusal<'_>) -> Found {
    let proof = scene.shape.latest(name::PUB_KEY).map_or(refusal.event.frame, |record| record.frame);
    let (headline, silent) = match refusal.is_said() {
        _ if refusal.is_before_credentials() => {
            ("the server accepted the user, and closed before it had the credentials", "the server says nothing")
        }
        true => ("the server accepted the user, and refused the credentials", "it is encrypted"),
        false => ("the server accepted the user, and closed when it had the credentials", "the server says nothing"),
    };
    let found = scene
        .died(Sure::Unsure, headline)
        .named("nla.authz-denied")
        .at(refusal.event, Direction::ServerToClient)
        .because(&[proof], say!("frame {}: the server's proof of its key: it accepted the user", proof.number()))
        .because(&[refusal.event.frame], refusal.says())
        .missing(say!("the reason (a right to log on, a limit, a fault of the service): {silent}"));
    let useless = "what was handed over is of no use to the server, such as empty credentials";
    let found = match refusal.is_before_credentials() {
        true => found,
        false => found.could_be("nla.delegation-policy", useless),
    };
    let found = found
        .could_be("service", "the RDP service failed at that moment")
        .not_it("nla.bad-credentials", "the password: the server accepted the user")
        .not_it("tls", "the network, TLS, the certificate: all of that was passed");
    with_mechanism(with_name(found, scene), scene)
}

/// The first of two connections: the client asks its user, hangs up, and comes back.
pub(super) static PROMPT_RECONNECT: Rule = Rule {
    id: "ok.prompt-reconnect",
    needs: Signs::CONFIRM.and(Signs::CLIENT_CLOSES),
    find: |scene| {
        let session = scene.session;
        let act = scene.ending.act?;
        // Who had left before the server answered asked nobody.
        let is_answered = session.confirm().is_some_and(|(confirm, _)| confirm.precedes(act));
        if !scene.ended_by(Direction::ClientToServer) || !is_answered || session.negotiation_failure().is_some() {
            return None;
        }
        let further = scene.crowd.went_further(scene.index).is_some();
        let before_tls = is_at_confirm(session);
        let after_proof = scene.shape.nla == Nla::Accepted;
        let is_said = |record: &Inferred| {
            record.direction == Direction::ClientToServer
                && record.phase > Phase::Tls
                && record.name != name::CLOSE_NOTIFY
        };
        let at_certificate = scene.shape.established && !scene.shape.records.iter().any(is_said);
        let asked_password =
            before_tls && scene.ending.pause >= 1.5 && session.selected().is_some_and(|selected| selected.has_nla());
        match (further, before_tls || after_proof || at_certificate, asked_password) {
            (true, true, _) => {
                let lacks = session.lacks_packets();
                let sure = if lacks { Sure::Likely } else { Sure::Strong };
                let found = scene.ok(sure, "the client hung up to ask its user, and came back").because(
                    &[act.frame],
                    say!(
                        "the client closes in frame {} without having logged on; its next connection goes further",
                        number(act)
                    ),
                );
                Some(if lacks {
                    found.missing("packets that may have come further: not all were captured")
                } else {
                    found
                })
            }
            (false, _, true) => Some(cancelled(scene, act)),
            _ => None,
        }
    },
};

/// The client asks its user for the password, and leaves for good. Whom the domain controller refuses it sends away in the
/// same place, without a word to the server: only where the capture holds what it asked there, nobody was.
fn cancelled(scene: &Scene<'_>, act: &Event) -> Found {
    let is_told = scene.crowd.beside.all_tickets(scene.session).next().is_some();
    let found = match is_told {
        true => scene.ok(Sure::Likely, "the client asked for the password and was cancelled"),
        false => scene
            .found(
                Outcome::Unsure,
                Sure::Unsure,
                "the client leaves where it asks for the password: cancelled, or refused elsewhere",
            )
            .missing("what the client asked its domain controller: port 88 is not in the capture")
            .could_be("nla.krb-client", "Kerberos refused the user, or the domain controller was not reached"),
    };
    found.because(
        &[act.frame],
        say!("{:.1} s of silence where the Windows client asks for the password, then it closes", scene.ending.pause),
    )
}

/// The client stops where the server has proved its key.
pub(super) static CLIENT_STOPS: Rule = Rule {
    id: "nla.client-stops",
    needs: Signs::LOGON.and(Signs::CLIENT_CLOSES),
    find: |scene| {
        if scene.shape.nla != Nla::Accepted || !scene.ended_by(Direction::ClientToServer) {
            return None;
        }
        let act = scene.ending.act?;
        // Who had left when the proof came has not refused it.
        let proof = scene.shape.latest(name::PUB_KEY).and_then(|record| scene.event_of(record))?;
        if scene.crossed(proof) {
            return None;
        }
        Some(
            scene
                .died(Sure::Likely, "the client stops although the server accepted the user")
                .by_absence()
                .at(act, Direction::ClientToServer)
                .because(
                    &[act.frame],
                    say!("the client closes in frame {} instead of handing over the credentials", number(act)),
                )
                .could_be(
                    "tls.client-refuses",
                    "the user declined the certificate warning, which Windows shows exactly here",
                )
                .could_be("nla.delegation-policy", "a policy forbids handing the credentials to this server")
                .could_be("nla.pubkey-mismatch", "the key behind TLS is not the server's: something sits in between"),
        )
    },
};

/// TLS is up, and the server closes before any RDP.
pub(super) static CLOSED_AFTER_TLS: Rule = Rule {
    id: "rdp.closed-after-tls",
    needs: Signs::NONE,
    find: |scene| {
        let act = first_close(scene)?;
        // What the client says to a server that has gone already changes nothing.
        let has_begun = said_in_mcs(scene).any(|record| record.frame < act.frame);
        if !scene.shape.established
            || has_begun
            || scene.shape.nla != Nla::None
            || !scene.left_first(Direction::ServerToClient)
        {
            return None;
        }
        let found = match scene.waited_for(Direction::ClientToServer) {
            Some((last, waited)) => scene
                .died(Sure::Likely, "the client says nothing after the TLS handshake, and the server closes")
                .because(
                    &[last.frame, act.frame],
                    say!("{waited:.1} s of silence from the client after frame {}", number(last)),
                )
                .could_be("waiting", "the client waits for its user: a certificate warning, a prompt for the password"),
            None if scene.waited_for(Direction::ServerToClient).is_some() => scene
                .died(Sure::Likely, "the server says nothing after the TLS handshake, and closes in the end")
                .because(
                    &[act.frame],
                    say!("frame {}: the server closes {} after the last word", number(act), span(scene.thought())),
                ),
            None => {
                scene.died(Sure::Strong, "the server closes right after the TLS handshake, before any RDP").because(
                    &[act.frame],
                    say!("frame {}: the server closes although TLS is up and nothing was refused", number(act)),
                )
            }
        };
        Some(
            found
                .at(act, Direction::ServerToClient)
                .not_it("tls", "the certificate and TLS: the handshake was completed")
                .missing("the reason: look in the server's log"),
        )
    },
};

/// What was said in MCS, but for what a close crossed on its way.
fn said_in_mcs<'s>(scene: &'s Scene<'_>) -> impl Iterator<Item = &'s Inferred> {
    let has_crossed = |record: &Inferred| scene.event_of(record).is_some_and(|event| scene.crossed(event));
    scene.shape.records.iter().filter(move |record| record.phase == Phase::Mcs && !has_crossed(record))
}

/// Whether MCS was begun without TLS, and the server had its chance to answer.
fn began_in_clear(scene: &Scene<'_>) -> bool {
    let in_clear = scene.session.timeline.seen().has(Seen::in_phase(Phase::Mcs));
    in_clear && scene.ending.last_word.is_some_and(|word| word.phase == Phase::Mcs && !scene.crossed(word))
}

/// The server's own farewell before its FIN, where it is visible as a record.
fn first_close<'a>(scene: &Scene<'a>) -> Option<&'a Event> {
    let mut records = scene.shape.records.iter().rev();
    let farewell =
        records.find(|record| record.direction == Direction::ServerToClient && record.name == name::CLOSE_NOTIFY);
    farewell.and_then(|record| scene.event_of(record)).or(scene.ending.act)
}

/// The connection sequence breaks off behind TLS; what both sides' doing have in common.
fn broken_off<'a>(scene: &Scene<'a>, by: Direction, headline: &'static str, act: &'a Event) -> Option<Found> {
    let in_clear = began_in_clear(scene);
    if !scene.shape.mcs && !in_clear || ran(scene) || !scene.left_first(by) {
        return None;
    }
    let text = say!("frame {}: the {} closes between MCS Connect Initial and Client Info", number(act), by.speaker());
    let found = scene.died(Sure::Likely, headline).at(act, by).because(&[act.frame], text).by_absence();
    Some(if in_clear {
        found
            .missing("what was disliked: nothing in clear says it")
            .not_it("path", "the network, the security negotiation: all of that was passed")
    } else {
        found
            .missing("the MCS result or GCC data that was disliked: it is encrypted")
            .not_it("tls", "the network, TLS, the certificate: all of that was passed")
    })
}

/// The server ends it.
pub(super) static MCS_REFUSED: Rule = Rule {
    id: "mcs.refused",
    needs: Signs::NONE,
    find: |scene| {
        let headline = "the server ends the connection during MCS, before the session begins";
        let has_begun = said_in_mcs(scene).next().is_some() || began_in_clear(scene);
        // Who waited for the client for long has refused nothing.
        if !has_begun || scene.waited_for(Direction::ClientToServer).is_some() {
            return None;
        }
        broken_off(scene, Direction::ServerToClient, headline, first_close(scene)?)
    },
};

/// The client leaves.
pub(super) static MCS_CLIENT_REFUSES: Rule = Rule {
    id: "mcs.client-refuses",
    needs: Signs::NONE,
    find: |scene| {
        let act = scene.ending.act.filter(|_| scene.ending.pause < PATIENCE)?;
        // Who was not answered yet had nothing to refuse.
        said_in_mcs(scene).find(|record| record.direction == Direction::ServerToClient)?;
        // Where the server's FIN was quicker, the client's goodbye speaks for itself.
        let goodbye = || farewell(scene, Direction::ClientToServer).map(|(event, _)| event);
        let act = if act.direction == Direction::ClientToServer { act } else { goodbye()? };
        let headline = "the client leaves during MCS, before the session begins";
        broken_off(scene, Direction::ClientToServer, headline, act)
    },
};

/// The ultimatum with which the server dismisses a client that it has shown nothing yet.
fn dismissal<'a>(scene: &Scene<'a>) -> Option<&'a Event> {
    let (event, goodbye) = server_parts(scene)?;
    let act = scene.ending.act?;
    let is_first = goodbye != Goodbye::CloseNotify && !act.precedes(event);
    let has_shown_nothing = match scene.shape.established {
        true => scene.shape.info && scene.shape.demands <= 1 && !scene.shape.activated,
        false => ran(scene) && is_early_in_clear(scene, event),
    };
    (is_first && has_shown_nothing).then_some(event)
}

/// Licences are longer, errors and "all is well" are not.
const LICENCE: u16 = 60;

/// The server closes after Client Info, before a session.
pub(super) static CLOSED_AFTER_INFO: Rule = Rule {
    id: "rdp.closed-after-info",
    needs: Signs::NONE,
    find: |scene| {
        let shape = scene.shape;
        let dismissal = dismissal(scene);
        let in_clear = scene.session.timeline.seen().has(Seen::in_phase(Phase::Rdp))
            && (dismissal.is_some() || farewell(scene, Direction::ServerToClient).is_none());
        let leaves = dismissal.is_some() || scene.left_first(Direction::ServerToClient);
        if !(shape.info || in_clear) || is_set_up(scene) || !leaves {
            return None;
        }
        let act = dismissal.or_else(|| first_close(scene))?;
        let how = if dismissal.is_some() { "ends it with an MCS ultimatum" } else { "closes" };
        let when = match shape.license {
            License::Passed => "during activation, behind its Demand Active",
            License::Asked => "during licensing",
            License::Answered | License::None => "during licensing or activation",
            License::Granted => "behind the licence that it gave",
        };
        let found = scene
            .died(Sure::Likely, "the server closes after Client Info, before a session begins")
            .by_absence()
            .at(act, Direction::ServerToClient)
            .because(&[act.frame], say!("frame {}: the server {how} {when}", number(act)))
            .missing(if hides_reasons(scene) { "the reason: it is encrypted" } else { "the reason: nothing says it" });
        let found = match shape.latest(name::ERROR_INFO) {
            Some(record) => found.because(
                &[record.frame],
                say!("frame {}: a record as long as Set Error Info just before", record.frame.number()),
            ),
            None => found,
        };
        let is_short = |record: &&Inferred| {
            let is_licence = matches!(record.name, name::LICENSE_NEXT | name::LICENSE_VALID);
            is_licence && record.plaintext.is_none_or(|length| length < LICENCE)
        };
        let last = shape.records.iter().rev().find(is_short);
        let found = match (shape.license, last) {
            (License::Passed, _) => match shape.confirmed {
                true => found.could_be("rdp.caps-refused", "the server disliked the client's capabilities"),
                false => found.could_be("redirect", "the server sent the client on: a redirection comes in this place"),
            }
            .not_it("lic", "the licence: the server went on to the capabilities"),
            // "Valid client" and a licensing error are equally long, and the one is never the last word.
            (License::Answered, Some(record)) => found
                .because(
                    &[record.frame],
                    say!(
                        "frame {}: the server's last message is as long as \"licence valid\" and as a licensing error",
                        record.frame.number()
                    ),
                )
                .could_be("lic.no-server", "licensing failed (only on a session host with RDS CALs)"),
            (License::Granted, _) => found,
            (License::None, _) if ends_licensing_in_clear(scene) => {
                found.not_it("lic", "the licence: the server says itself that this is done")
            }
            _ => found.could_be("lic.no-server", "licensing failed (only on a session host with RDS CALs)"),
        };
        Some(
            found
                .could_be("end.denied", "a connection limit, drain mode or deny policy")
                .could_be("rdp.session-creation", "the session could not be created (profile, limits)"),
        )
    },
};
