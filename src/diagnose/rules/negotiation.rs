//! Causes of the security negotiation: what the server refuses by name, and choices that the client will not have.

use super::super::rule::{Found, Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::{Outcome, Sure};
use super::super::wording::{Say, say};
use crate::knowledge::negotiation::Protocols;
use crate::session::{Direction, Session};
use crate::wire::catalogue::Fact;
use crate::wire::x224::Answer;

/// The server's refusal with `code`, told once for all codes.
fn refusal(scene: &Scene<'_>, code: u32, headline: impl Say, means: &'static str) -> Option<Found> {
    let session = scene.session;
    let (event, failure) = session.negotiation_failure()?;
    if failure.0 != code {
        return None;
    }
    // A visit without its request may be anybody's, also a scanner's.
    let sure = if session.request().is_some() { Sure::Proven } else { Sure::Strong };
    let mut found = scene.died(sure, headline).at(event, Direction::ServerToClient).means(means).because(
        &[event.frame],
        say!("frame {} is the server's own refusal, failure code {:#010x}", number(event), failure.0),
    );
    found = match session.request() {
        Some((request, asked)) => found
            .because(
                &[request.frame],
                say!("frame {}: the client {}", number(request), offered(asked.protocols, asked.flags.is_some())),
            )
            .witness(request, ""),
        None => found.missing("what the client offered: its request cannot be read here"),
    };
    if scene.crowd.went_further(scene.index).is_some() {
        // The client tries again with what the server takes: it works, with weaker security.
        found.outcome = Outcome::Warn;
        found.death = None;
        found.marks.retain(|mark| !mark.is_death);
        found = found.note("the client tried again at once with other security, and that went through");
    }
    Some(found)
}

fn offered(protocols: Protocols, negotiates: bool) -> String {
    if negotiates {
        format!("offered {protocols} ({:#04x})", protocols.0)
    } else {
        "did not negotiate: standard RDP security only".into()
    }
}

const NOT_REACHED: (&str, &str) = ("nla", "the certificate, the password: neither was reached");

/// Failure 1.
pub(super) static SSL_REQUIRED: Rule = Rule {
    id: "neg.ssl-required",
    needs: Signs::FAILURE,
    find: |scene| {
        let asked = scene.session.request().map(|(_, request)| request.protocols);
        let (headline, means) = match asked {
            Some(asked) if asked.any(Protocols::SSL.0) => (
                "server insists on TLS, and refuses though the client offered it",
                "no standard server does that: something between the two may change the client's request",
            ),
            Some(asked) if asked != Protocols::RDP => (
                "server wants TLS without NLA; the client does not offer that",
                "the server has no NLA, and this client accepts nothing less, as for Restricted Admin or Remote Credential Guard",
            ),
            _ => (
                "server insists on TLS; the client did not offer it",
                "the server takes only connections protected by TLS; this client offers only the old standard RDP security",
            ),
        };
        let found = refusal(scene, 1, headline, means)?;
        Some(found.not_it(NOT_REACHED.0, NOT_REACHED.1))
    },
};

/// Failure 2.
pub(super) static SSL_NOT_ALLOWED: Rule = Rule {
    id: "neg.ssl-not-allowed",
    needs: Signs::FAILURE,
    find: |scene| {
        let means = "the server is set to standard RDP security (SecurityLayer 0); the client wants TLS or NLA";
        let found = refusal(scene, 2, "server does only standard RDP security; the client wants TLS", means)?;
        Some(found.not_it(NOT_REACHED.0, NOT_REACHED.1))
    },
};

/// Failure 3.
pub(super) static SSL_CERT_NOT_ON_SERVER: Rule = Rule {
    id: "neg.ssl-cert-not-on-server",
    needs: Signs::FAILURE,
    find: |scene| {
        let means = "the server wants TLS but has no usable certificate, or cannot read the certificate's private key";
        let found = refusal(scene, 3, "server has no certificate it can use, and says so", means)?;
        Some(found.not_it("path", "the network; the client: the server names its own fault"))
    },
};

/// Failure 4.
pub(super) static INCONSISTENT_FLAGS: Rule = Rule {
    id: "neg.inconsistent-flags",
    needs: Signs::FAILURE,
    find: |scene| {
        let means = "this happens where TLS or NLA is already running when the request is made (Hyper-V console, some gateways)";
        refusal(scene, 4, "server finds the client's security flags inconsistent", means)
    },
};

/// Failure 5.
pub(super) static HYBRID_REQUIRED: Rule = Rule {
    id: "neg.hybrid-required",
    needs: Signs::FAILURE,
    find: |scene| {
        let headline = match scene.session.request().map(|(_, request)| request.protocols) {
            None => "server insists on NLA",
            Some(Protocols::RDP) => "server insists on NLA; the client offered no TLS at all",
            Some(asked) if asked.any(Protocols::HYBRID.0 | Protocols::HYBRID_EX.0) => {
                "server insists on NLA, and refuses though the client offered it"
            }
            Some(Protocols::SSL) => "server insists on NLA; the client offered only TLS",
            Some(_) => "server insists on NLA; the client offered other ways to log on",
        };
        let means =
            "the server accepts only clients that do Network Level Authentication (CredSSP) before it shows a desktop";
        let mut found = refusal(scene, 5, headline, means)?;
        if let Some(first) = scene.crowd.refused_before(scene.index) {
            let text = say!(
                "this is the client's own second try, without NLA: the cause is in the connection that begins with frame {}, whose logon was refused",
                first.number()
            );
            found = found.means(text);
        }
        Some(found.not_it(NOT_REACHED.0, NOT_REACHED.1).note(
            "turning NLA off on the server also \"works\"; it opens the logon screen to anyone who can reach the port",
        ))
    },
};

/// Failure 6.
pub(super) static SSL_WITH_USER_AUTH_REQUIRED: Rule = Rule {
    id: "neg.ssl-with-user-auth-required",
    needs: Signs::FAILURE,
    find: |scene| {
        let means =
            "only very old servers (RDP 6.0) ask for this: the user must have a certificate, as on a smart card";
        refusal(scene, 6, "server wants TLS with a client certificate", means)
    },
};

/// A code that the specification does not know.
pub(super) static UNKNOWN_FAILURE: Rule = Rule {
    id: "neg.unknown-failure",
    needs: Signs::FAILURE,
    find: |scene| {
        let (_, failure) = scene.session.negotiation_failure()?;
        refusal(
            scene,
            failure.0,
            say!("server refuses the negotiation: {failure}"),
            "no standard server sends this code",
        )
    },
};

/// Whether the server chose something weaker than the best the client offered.
pub(super) fn is_weaker_than_wanted(session: &Session) -> bool {
    let (Some((_, asked)), Some(selected)) = (session.request(), session.selected()) else { return false };
    let rank = |protocols: Protocols| {
        if protocols.any(0x1a) { 2 } else { u8::from(protocols.any(0x05)) }
    };
    rank(selected) < rank(asked.protocols)
}

fn client_left_after_confirm(scene: &Scene<'_>) -> bool {
    let session = scene.session;
    session.confirm().is_some_and(|(confirm, _)| scene.may_be_heard(confirm))
        && is_at_confirm(session)
        && scene.ended_by(Direction::ClientToServer)
}

/// Whether the client said nothing behind its request, captured or not: what was cut or missed may be a ClientHello.
pub(super) fn is_at_confirm(session: &Session) -> bool {
    session.request().is_some_and(|(request, _)| !session.said_more_than(request))
        && session.client_hello().is_none()
        && session.server_hello().is_none()
}

/// The server chose something that was not offered.
pub(super) static FOREIGN_SELECTION: Rule = Rule {
    id: "neg.foreign-selection",
    needs: Signs::REQUEST.and(Signs::CONFIRM).and(Signs::UNESTABLISHED),
    find: |scene| {
        let session = scene.session;
        let (confirm, _) = session.confirm()?;
        let (request, asked) = session.request()?;
        let selected = session.selected_unasked()?;
        // A client that goes on has nothing against it: TLS is a part of NLA (2.2.1.1.1).
        if !is_at_confirm(session) {
            return None;
        }
        Some(
            scene
                .died(Sure::Proven, say!("server selects {}, which the client did not offer", selected.with_meaning()))
                .at(confirm, Direction::ServerToClient)
                .because(
                    &[confirm.frame, request.frame],
                    say!(
                        "frame {} selects {:#x}; frame {} offers {:#x}",
                        number(confirm),
                        selected.0,
                        number(request),
                        asked.protocols.0
                    ),
                )
                .could_be("tampering", "a proxy or inspection device that rewrites the negotiation"),
        )
    },
};

/// An old-style answer, and a client that wants more.
pub(super) static NO_ANSWER_BLOCK: Rule = Rule {
    id: "neg.no-answer-block",
    needs: Signs::REQUEST.and(Signs::CONFIRM).and(Signs::CLIENT_CLOSES).and(Signs::NO_CLIENT_HELLO),
    find: |scene| {
        let session = scene.session;
        let (confirm, facts) = session.confirm()?;
        let (request, asked) = session.request()?;
        if facts.answer != Answer::Absent || asked.protocols.0 == 0 || !client_left_after_confirm(scene) {
            return None;
        }
        let leaves = scene.ending.act?;
        Some(
            scene
                .died(Sure::Strong, "server offers only standard RDP security, and the client leaves")
                .at(confirm, Direction::ServerToClient)
                .because(
                    &[confirm.frame],
                    say!("frame {} confirms without a negotiation block, as servers before Vista do", number(confirm)),
                )
                .because(&[request.frame], say!("the client wanted {}", asked.protocols))
                .because(&[leaves.frame], "the client closes without going on"),
        )
    },
};

/// A server that wants TLS and cannot say so to a client that offers none: it confirms without a word about security,
/// and hangs up on the first message of standard RDP security or without waiting for it.
pub(super) static WANTS_TLS_SILENTLY: Rule = Rule {
    id: "neg.ssl-required",
    needs: Signs::REQUEST.and(Signs::CONFIRM).and(Signs::DOMAIN),
    find: |scene| {
        let session = scene.session;
        let (confirm, facts) = session.confirm()?;
        let (request, asked) = session.request()?;
        let (ultimatum, _) = session
            .timeline
            .facts()
            .find(|(event, fact)| event.direction == Direction::ServerToClient && fact.is_ultimatum())?;
        let answered = session.timeline.facts().any(|(_, fact)| matches!(fact, Fact::ConnectResponse(_)));
        if facts.answer != Answer::Absent || asked.protocols.0 != 0 || answered || ultimatum.time < confirm.time {
            return None;
        }
        // Some do not even wait for it.
        let initial = session.timeline.facts().find(|(_, fact)| matches!(fact, Fact::ConnectInitial(_)));
        let is_answer = initial.is_some_and(|(initial, _)| initial.time <= ultimatum.time);
        let what = match is_answer {
            true => "an ultimatum answers the client's Connect Initial",
            false => "an ultimatum follows the confirm, before the client said anything",
        };
        let found = scene
            .died(Sure::Likely, "server hangs up on standard RDP security; it seems to want TLS")
            .by_absence()
            .at(ultimatum, Direction::ServerToClient)
            .because(
                &[request.frame, confirm.frame],
                say!("frame {}: the client offers nothing but standard RDP security", number(request)),
            )
            .because(&[ultimatum.frame], say!("frame {}: {what}", number(ultimatum)))
            .not_it("tls", "certificate, password: neither was reached");
        Some(if is_answer {
            found.could_be("mcs.refused", "the server did not like the client's settings (GCC data)")
        } else {
            found
        })
    },
};

/// Something allowed but weaker than the client wants.
pub(super) static CLIENT_REFUSES_SELECTION: Rule = Rule {
    id: "neg.client-refuses-selection",
    needs: Signs::REQUEST.and(Signs::CONFIRM).and(Signs::CLIENT_CLOSES).and(Signs::NO_CLIENT_HELLO),
    find: |scene| {
        let session = scene.session;
        if !is_weaker_than_wanted(session)
            || !client_left_after_confirm(scene)
            || scene.crowd.is_one_of_many_leavers(scene.index)
        {
            return None;
        }
        let (confirm, _) = session.confirm()?;
        let (request, asked) = session.request()?;
        let selected = session.selected()?;
        let act = scene.ending.act?;
        Some(
            scene
                .died(Sure::Likely, say!("client leaves because the server selects only {}", selected.with_meaning()))
                .at(act, Direction::ClientToServer)
                .because(
                    &[confirm.frame, request.frame],
                    say!("the client offered {}; the server selected {}", asked.protocols, selected.with_meaning()),
                )
                .because(&[act.frame], say!("the client closes in frame {} without starting TLS", number(act)))
                .witness(confirm, "")
                .could_be("cancelled", "the user cancelled at that moment")
                .not_it("tls", "the certificate, the password: neither was reached"),
        )
    },
};
