//! What a logon behind TLS died of, where sizes, order and the neighbouring connections tell more than that it did.

use super::super::rule::{Found, Rule, Scene, number};
use super::super::shape::{Mechanism, Nla, name};
use super::super::signs::Signs;
use super::super::verdict::Sure;
use super::super::wording::{say, span};
use crate::session::{Direction, Event, Phase};

/// A client that waits this long before TLS has a person in front of it; seconds.
const PERSON: f64 = 1.5;
/// What follows within this time is an answer; seconds.
const PROMPT: f64 = 5.0;
/// A first token of this many bytes holds an unusually large ticket.
const LARGE_TOKEN: u16 = 12_000;

/// NTLM is refused because it is NTLM.
pub(super) static NTLM_BLOCKED: Rule = Rule {
    id: "nla.ntlm-blocked",
    needs: Signs::LOGON.and(Signs::CLIENT_HELLO),
    find: |scene| {
        let refusal = scene.refusal()?;
        let (hello, address) = scene.session.typed_address()?;
        let first = scene.shape.first(name::NTLM_NEGOTIATE)?;
        let probe = scene.crowd.fallback_probe(scene.index)?;
        if scene.shape.nla != Nla::Refused || refusal.sure() < Sure::Strong {
            return None;
        }
        Some(
            scene.died(Sure::Likely, "the server refused the logon; NTLM seems to be blocked")
                .at(refusal.event, Direction::ServerToClient)
                .because(&[refusal.event.frame], refusal.says())
                .because(
                    &[hello.frame, first.frame],
                    say!(
                        "the user typed the address {address} (frame {}), so there can be no Kerberos: the logon begins with NTLM in frame {}",
                        number(hello),
                        first.frame.number()
                    ),
                )
                .because(
                    &[probe],
                    say!(
                        "from frame {} on the same client asks at once for TLS without NLA; Windows does that when the error is not about the account",
                        probe.number()
                    ),
                )
                .means("an address instead of a name makes Kerberos impossible, and this server seems not to take NTLM")
                .missing("the code: it is encrypted")
                .could_be("nla.bad-credentials", "a wrong password")
                .witness(hello, "")
                .not_it("tls", "the network, TLS, the certificate: all of that was passed"),
        )
    },
};

/// The ticket may be too large for the server.
pub(super) static TOKEN_TOO_BIG: Rule = Rule {
    id: "nla.token-too-big",
    needs: Signs::LOGON.and(Signs::CLOSED),
    find: |scene| {
        let shape = scene.shape;
        if !matches!(shape.nla, Nla::Begun(_)) || !scene.left_first(Direction::ServerToClient) {
            return None;
        }
        let large = shape.records.iter().find(|record| {
            record.direction == Direction::ClientToServer
                && record.phase == Phase::Nla
                && record.plaintext.is_some_and(|length| length >= LARGE_TOKEN)
        })?;
        let answered = shape.records.iter().any(|record| {
            record.direction == Direction::ServerToClient && record.phase == Phase::Nla && record.frame > large.frame
        });
        let act = scene.ending.act?;
        if answered {
            return None;
        }
        let size = large.plaintext.unwrap_or_default();
        Some(
            scene.died(Sure::Unsure, "the server closes on an unusually large logon token")
                .at(act, Direction::ServerToClient)
                .because(
                    &[large.frame, act.frame],
                    say!(
                        "frame {}: a logon token of {size} bytes or more; the server closes in frame {} without an answer",
                        large.frame.number(),
                        number(act)
                    ),
                )
                .means("a ticket grows with every group of the user; servers have a limit (MaxTokenSize)")
                .could_be("nla.refused-no-code", "an ordinary refusal by a server that gives no reasons")
                .not_it("tls", "the network, TLS, the certificate: all of that was passed"),
        )
    },
};

/// Accepted as a user, turned away as a visitor (MS-RDPBCGR 2.2.10.2).
pub(super) static AUTHZ_DENIED: Rule = Rule {
    id: "nla.authz-denied",
    needs: Signs::HIDDEN.and(Signs::CLOSED),
    find: |scene| {
        let shape = scene.shape;
        let act = scene.ending.act?;
        if !shape.early || shape.mcs || scene.ending.pause > PROMPT {
            return None;
        }
        let record = shape.latest(name::EARLY)?;
        let event = scene.event_of(record).filter(|event| !scene.crossed(event))?;
        Some(
            scene
                .died(Sure::Likely, "the password was right, but the user may not log on remotely")
                .at(event, Direction::ServerToClient)
                .because(
                    &[event.frame],
                    say!(
                        "frame {}: {} answer the credentials: an Early User Authorization Result",
                        number(event),
                        match scene.plaintext(record) {
                            Some((least, most)) if least < most => format!("{most} bytes at most"),
                            _ => "four bytes".to_owned(),
                        }
                    ),
                )
                .because(
                    &[act.frame],
                    say!(
                        "frame {}: the {} closes {} later, before MCS; after \"granted\" MCS would follow",
                        number(act),
                        act.direction.speaker(),
                        span(act.time.since(event.time))
                    ),
                )
                .missing("the result itself: it is encrypted")
                .not_it("nla.bad-credentials", "the password: the server accepted the user")
                .not_it("tls", "the network, TLS, the certificate: all of that was passed"),
        )
    },
};

/// The client sees the server's first token and leaves.
pub(super) static CLIENT_QUITS_EARLY: Rule = Rule {
    id: "nla.client-quits-early",
    needs: Signs::LOGON.and(Signs::CLIENT_CLOSES),
    find: |scene| {
        let session = scene.session;
        let shape = scene.shape;
        if let Some(found) = leaves_at_answer(scene) {
            return Some(found);
        }
        if shape.nla != Nla::Begun(1) || !scene.ended_by(Direction::ClientToServer) {
            return None;
        }
        let (confirm, _) = session.confirm()?;
        // A hello may be there and cut too short to be read.
        let is_next = |event: &&Event| {
            event.direction == Direction::ClientToServer && event.control().is_none() && confirm.precedes(event)
        };
        let hello = session.timeline.iter().find(is_next)?;
        // A scanner takes the same token and leaves as quickly, but it never waits for a person before, and has no ticket.
        let is_kerberos = shape.mechanism == Some(Mechanism::Kerberos);
        let has_person = is_kerberos || hello.time.since(confirm.time) >= PERSON || scene.thought() > PERSON;
        let last = shape.last(Direction::ServerToClient).filter(|last| last.phase == Phase::Nla)?;
        if !has_person || scene.crowd.went_further(scene.index).is_some() {
            return None;
        }
        // A close_notify is the client's own word; the FIN behind it only follows.
        let act = scene.goodbye()?;
        let means = match is_kerberos {
            true => "the client needs one more ticket of its domain controller to answer, or did not like the server's",
            false => "the client found no way to log on that it may use, for instance because it must not use NTLM",
        };
        let found = scene
            .died(Sure::Unsure, "the client leaves when it has seen the server's first logon token")
            .at(act, Direction::ClientToServer)
            .because(
                &[last.frame, act.frame],
                say!(
                    "frame {} is the server's first logon token; the client closes in frame {} instead of answering",
                    last.frame.number(),
                    number(act)
                ),
            )
            .means(means);
        let found = match is_kerberos {
            true => found.could_be("nla.kdc-unreachable", "no domain controller answered the client"),
            false => found
                .could_be("nla.credssp-version", "the server's CredSSP is too old for this client")
                .not_it("nla.bad-credentials", "the password: the client did not send anything made from it"),
        };
        Some(found.could_be("cancelled", "the user cancelled at that moment"))
    },
};

/// The server answers the client's ticket, and the client leaves at that: an answer may also be an error of Kerberos, by
/// which the server says that it cannot open the ticket.
fn leaves_at_answer(scene: &Scene<'_>) -> Option<Found> {
    let answer = scene.shape.last(Direction::ServerToClient).filter(|last| last.name == name::KRB_AP_REP)?;
    let is_last = scene.shape.last(Direction::ClientToServer).is_some_and(|own| own.frame < answer.frame);
    let leaves = scene.ended_by(Direction::ClientToServer) && scene.left_first(Direction::ClientToServer);
    if !is_last || !leaves || scene.crowd.went_further(scene.index).is_some() {
        return None;
    }
    let act = scene.goodbye()?;
    Some(
        scene
            .died(Sure::Unsure, "the client leaves when it has seen the server's answer to its ticket")
            .named("nla.krb-modified")
            .at(act, Direction::ClientToServer)
            .because(
                &[answer.frame, act.frame],
                say!(
                    "frame {} answers the client's ticket; the client closes in frame {} instead of going on",
                    answer.frame.number(),
                    number(act)
                ),
            )
            .means("it may be an error of Kerberos: the server cannot open a ticket that was made for another account's key")
            .missing("what the answer says: it is encrypted; the client's System log has errors of Kerberos")
            .could_be("nla.krb-skew", "the clocks of client and server differ too much")
            .could_be("cancelled", "the user cancelled at that moment")
            .not_it("nla.bad-credentials", "the password: a domain controller gave the client a ticket")
            .not_it("tls", "the network, TLS, the certificate: all of that was passed"),
    )
}

/// What sits between client and server has another key.
pub(super) static PUBKEY_MISMATCH: Rule = Rule {
    id: "nla.pubkey-mismatch",
    needs: Signs::LOGON.and(Signs::CERTIFICATE),
    find: |scene| {
        let (shown, certificate) = scene.session.certificate()?;
        scene.crowd.fates.inspector(&certificate.sha256)?;
        let stops = scene.shape.nla == Nla::Accepted && scene.ended_by(Direction::ClientToServer);
        let (event, by, other) = match scene.refusal() {
            Some(refusal) => (refusal.event, Direction::ServerToClient, "an ordinary refusal of the logon"),
            None if stops => {
                (scene.ending.act?, Direction::ClientToServer, "the user declined the certificate warning")
            }
            None => return None,
        };
        Some(
            scene
                .died(Sure::Likely, "TLS inspection breaks the logon")
                .at(event, by)
                .because(
                    &[shown.frame],
                    say!(
                        "frame {}: the certificate was issued by {}: TLS inspection",
                        number(shown),
                        certificate.issuer
                    ),
                )
                .because(
                    &[event.frame],
                    say!("frame {}: the logon ends where both sides compare the key behind TLS", number(event)),
                )
                .means(
                    "CredSSP binds the logon to the server's own key; a box that puts its own in between breaks that",
                )
                .could_be(if by == Direction::ServerToClient { "nla.refused" } else { "cancelled" }, other)
                .witness(shown, ""),
        )
    },
};

/// What the mechanism and the typed name add to a refusal that names no reason.
pub(super) fn with_mechanism(found: Found, scene: &Scene<'_>) -> Found {
    let shape = scene.shape;
    let found = match (shape.mechanism, shape.first(name::NTLM_NEGOTIATE)) {
        (Some(Mechanism::Ntlm), Some(first)) => found.because(
            &[first.frame],
            say!("frame {}: the logon is NTLM, by the size of its first token", first.frame.number()),
        ),
        _ => found,
    };
    match scene.session.typed_address() {
        Some((hello, address)) if shape.mechanism == Some(Mechanism::Ntlm) => {
            let text = say!(
                "NTLM is not wanted here: the user typed {address} (frame {}), which makes Kerberos impossible",
                number(hello)
            );
            found.could_be("nla.ntlm-blocked", text)
        }
        _ => found,
    }
}
