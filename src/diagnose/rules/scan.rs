//! Visits that are not people: they fill captures of public addresses and must not count as deaths.

use super::super::crowd::{Probes, Progress, is_bare_look, is_half_open, is_nameless_look};
use super::super::rule::{Found, Rule, Scene, number};
use super::super::signs::Signs;
use super::super::unseen;
use super::super::verdict::{Outcome, Sure};
use super::super::wording::{Say, say};
use super::tls_offer::Offer;
use crate::knowledge::negotiation::Protocols;
use crate::session::{Control, Direction, Event, RstFacts};
use crate::tcp::segment::Options;

/// A client that has nobody in front of it leaves within this time; seconds.
const QUICK: f64 = 1.5;
/// An operating system repeats its SYN within this time; seconds.
const REPEATS_WITHIN: f64 = 3.5;
/// A client that wants a session asks for it within this time; seconds.
const ASKS_WITHIN: f64 = 10.0;

/// Programs that connect wait at least so long for the answer to a SYN, as a rule; seconds.
const GIVEN_UP: f64 = 2.0;

fn scan(scene: &Scene<'_>, sure: Sure, headline: impl Say) -> Found {
    scene.found(Outcome::Scan, sure, headline)
}

/// A SYN that no operating system sends: without the options that all of them have.
fn is_bare(options: Options) -> bool {
    !options.sack_permitted && options.timestamp.is_none() && options.window_scale.is_none()
}

/// Half-open scan, or a lone SYN.
pub(super) static SYN: Rule = Rule {
    id: "scan.syn",
    needs: Signs::UNACCEPTED,
    find: |scene| {
        let session = scene.session;
        let client = session.client_side();
        if session.accepted.is_some() || session.is_midstream() || client.syns == 0 || client.bytes > 0 {
            return None;
        }
        let syn = client.syn()?;
        if is_half_open(session) && scene.crowd.has_many_half_open() {
            let text = "the server answers, and the client never comes back; many connections here are like that";
            return Some(
                scan(scene, Sure::Likely, "SYN, answered, then nothing: spoofed or half-open scan")
                    .because(&[syn.frame], text)
                    .could_be("cap.incomplete", "a capture filter that takes SYNs and little else"),
            );
        }
        if let Some(answer) = session.server_side().syn() {
            // A system that asked several times and was not answered for long may just have given up.
            if client.syns > 1 && answer.time.since(syn.time) >= GIVEN_UP {
                return None;
            }
            // One that counts more than the SYN ends a connection of which a filter took the beginning and the end alone.
            let is_answer =
                |(event, facts): &(&Event, &RstFacts)| event.direction == Direction::ClientToServer && facts.place <= 0;
            let (reset, _) = session.resets().find(is_answer)?;
            let is_bare = is_bare(client.options);
            let sure = if is_bare { Sure::Strong } else { Sure::Likely };
            let found = scan(scene, sure, "SYN only, reset after SYN,ACK: half-open port scan").because(
                &[syn.frame, reset.frame],
                say!("the client resets in frame {} as soon as the port proves open", number(reset)),
            );
            // An operating system sent it, and takes it back when its program closes meanwhile.
            let text =
                "a client that was cancelled while it waited, or that tried several addresses at once (RFC 8305)";
            return Some(if is_bare { found } else { found.could_be("cancelled", text) });
        }
        let lone = client.syns == 1 && session.server_side().packets == 0;
        if is_bare(client.options) && (lone || session.resets().next().is_some()) {
            return Some(scan(scene, Sure::Strong, "a bare SYN: as port scanners send it").because(
                &[syn.frame],
                "the SYN carries none of the options that operating systems send (SACK, window scale, timestamps)",
            ));
        }
        let watched = scene.watched_after();
        (lone && (watched >= REPEATS_WITHIN || scene.crowd.has_many_lone_syns())).then(|| {
            let text = if watched >= REPEATS_WITHIN {
                "the SYN is not repeated, as a real client would do within 3 s"
            } else {
                "many connections in this capture are one SYN and nothing else"
            };
            scan(scene, Sure::Likely, "one SYN, then nothing: spoofed or filtered scan").because(&[syn.frame], text)
        })
    },
};

/// Accepted, and closed by the client before anybody said a word: the packet that closes.
fn left_without_a_word<'a>(scene: &Scene<'a>) -> Option<&'a Event> {
    let session = scene.session;
    let silent = session.is_mute(Direction::ClientToServer) && session.is_mute(Direction::ServerToClient);
    if session.accepted.is_none() || !silent || !scene.ended_by(Direction::ClientToServer) {
        return None;
    }
    scene.ending.act
}

/// Connects and leaves in even intervals.
pub(super) static HEALTH_CHECK: Rule = Rule {
    id: "scan.health-check",
    needs: Signs::CLOSED,
    find: |scene| {
        let act = left_without_a_word(scene)?;
        scene.crowd.is_health_check(scene.session.client.ip).then(|| {
            scan(scene, Sure::Strong, "connects and leaves in even intervals: load balancer or monitor").because(
                &[act.frame],
                say!("the client closes in frame {} without a word, as it does again and again", number(act)),
            )
        })
    },
};

/// Looks at the server's TLS in even intervals, for no user.
pub(super) static WATCHER: Rule = Rule {
    id: "scan.health-check",
    needs: Signs::CLIENT_CLOSES.and(Signs::CLIENT_HELLO),
    find: |scene| {
        let session = scene.session;
        let act = scene.ending.act?;
        let is_look = is_nameless_look(session, Progress::of(session, scene.shape));
        if !is_look || scene.fatal.is_some() || !scene.crowd.is_watcher(session) {
            return None;
        }
        let (hello, _) = session.client_hello()?;
        Some(
            scan(scene, Sure::Likely, "looks at the server's TLS in even intervals: a monitor").because(
                &[hello.frame, act.frame],
                say!(
                    "the client names no user, begins TLS in frame {} and closes in frame {} without logon data, as it does again and again",
                    number(hello),
                    number(act)
                ),
            ),
        )
    },
};

/// Asks whether RDP answers, in even intervals, for no user.
pub(super) static ASKER: Rule = Rule {
    id: "scan.health-check",
    needs: Signs::REQUEST.and(Signs::CONFIRM).and(Signs::NO_CLIENT_HELLO).and(Signs::CLOSED),
    find: |scene| {
        let session = scene.session;
        let (request, _) = session.request()?;
        let (confirm, _) = session.confirm()?;
        scene.ending.act?;
        let is_look = is_bare_look(session, Progress::of(session, scene.shape));
        if !is_look || session.client_hello().is_some() || !scene.crowd.is_watcher(session) {
            return None;
        }
        Some(
            scan(scene, Sure::Likely, "asks whether RDP answers, in even intervals: a monitor").because(
                &[request.frame, confirm.frame],
                say!(
                    "the request in frame {} names no user and wants no security; the client takes the answer in frame {} and leaves, as it does again and again",
                    number(request),
                    number(confirm)
                ),
            ),
        )
    },
};

/// Connects and leaves.
pub(super) static CONNECT: Rule = Rule {
    id: "scan.connect",
    needs: Signs::CLOSED,
    find: |scene| {
        let act = left_without_a_word(scene)?;
        Some(
            scan(scene, Sure::Strong, "connects and leaves without a word: banner grab or health check")
                .because(&[act.frame], say!("the client closes in frame {} without having said anything", number(act))),
        )
    },
};

/// Connects and says nothing, until the server has waited long enough.
pub(super) static MUTE: Rule = Rule {
    id: "scan.connect",
    needs: Signs::SERVER_CLOSES.and(Signs::MUTE_SERVER),
    find: |scene| {
        let session = scene.session;
        let act = scene.ending.act?;
        let accepted = session.accepted?;
        let is_mute = session.is_mute(Direction::ClientToServer) && session.is_mute(Direction::ServerToClient);
        let waited = act.time.since(accepted.time);
        if !is_mute || !scene.ended_by(Direction::ServerToClient) || waited < ASKS_WITHIN {
            return None;
        }
        Some(
            scan(scene, Sure::Likely, "connects and says nothing, until the server closes: no Remote Desktop client")
                .because(
                    &[accepted.frame, act.frame],
                    say!(
                        "{waited:.1} s without a word behind frame {}; a Remote Desktop client asks at once",
                        accepted.frame.number()
                    ),
                )
                .could_be("x224.no-confirm", "its request got lost before it came here, and so did what it sent again"),
        )
    },
};

/// One of many connections of a client that tries everything and wants nothing.
pub(super) static PROBER: Rule = Rule {
    id: "scan.negotiation",
    needs: Signs::REQUEST,
    find: |scene| {
        let session = scene.session;
        let (request, asked) = session.request()?;
        Some(match scene.crowd.probes(session)? {
            Probes::Security => {
                scan(scene, Sure::Strong, "tries one security offer after the other: a scanner enumerates what the server takes")
                    .because(&[request.frame], say!("this connection offers {}; others of the same client offer something else each, and none becomes a session", asked.protocols))
            }
            Probes::Tls => {
                let frame = session.client_hello().map_or(request, |(hello, _)| hello).frame;
                let offer = Offer::of(session).map_or_else(|| "no TLS yet".into(), |offer| offer.text);
                scan(scene, Sure::Likely, "tries one TLS offer after the other: a scanner enumerates versions and ciphers")
                    .because(&[frame], say!("this connection offers {offer}; others of the same client offer something else each, and none becomes a session"))
            }
        })
    },
};

/// Asks which security the server wants, and leaves.
pub(super) static NEGOTIATION: Rule = Rule {
    id: "scan.negotiation",
    needs: Signs::REQUEST.and(Signs::NO_CLIENT_HELLO),
    find: |scene| {
        let session = scene.session;
        let (request, asked) = session.request()?;
        let left = scene.ended_by(Direction::ClientToServer);
        // A server that waits for a ClientHello may complain when it is left; whoever has left does not hear it.
        let is_late = |event: &Event| left && scene.ending.act.is_some_and(|act| act.precedes(event));
        if session.client_hello().is_some()
            || scene.shape.has_application_data()
            || !session.timeline.iter().all(|event| is_before_tls(event) || is_late(event))
        {
            return None;
        }
        let refused = session.negotiation_failure().is_some();
        let many = scene.crowd.is_one_of_many_leavers(scene.index);
        let pause = scene.ending.pause;
        let progress = Progress::of(session, scene.shape);
        let further = scene.crowd.went_further(scene.index).is_some();
        // A person's client that was given what it asked for goes on; one that leaves at once only wanted to know.
        let is_asked = |selected: Protocols| match asked.protocols {
            Protocols::RDP => selected == Protocols::RDP,
            wanted => selected.any(wanted.0),
        };
        let given = session.selected().is_some_and(is_asked);
        let weaker = super::negotiation::is_weaker_than_wanted(session);
        // What was cut or missed behind the answer may be a good beginning.
        let is_silent = || super::negotiation::is_at_confirm(session) && unseen::last_words(scene).is_none();
        let curious = given && left && pause < QUICK && !weaker && is_silent();
        let is_scan = !further && progress <= Progress::Confirmed && (curious || (many && (left || refused)));
        is_scan.then(|| {
            let answer = session.confirm().map_or(request, |(event, _)| event);
            let headline = if refused {
                "connection request, refused: asks which security the server wants, and leaves"
            } else {
                "connection request, then gone: asks which security the server wants"
            };
            let found = scan(scene, if many { Sure::Strong } else { Sure::Likely }, headline)
                .because(&[request.frame, answer.frame], "the client got its answer and left without TLS or any logon");
            if many {
                found.because(&[request.frame], "many connections in this capture do exactly the same")
            } else {
                found
            }
        })
    },
};

fn is_before_tls(event: &Event) -> bool {
    event.phase <= crate::session::Phase::X224
        || matches!(event.control(), Some(Control::Fin | Control::Rst(_) | Control::Retransmission(_)))
}

/// Takes the server's NTLM challenge, which names host and domain, and leaves.
pub(super) static NTLM_INFO: Rule = Rule {
    id: "scan.ntlm-info",
    needs: Signs::LOGON,
    find: |scene| {
        use super::super::shape::{Nla, name};
        let session = scene.session;
        if scene.shape.nla != Nla::Begun(1) || !scene.left_first(Direction::ClientToServer) || scene.thought() > QUICK {
            return None;
        }
        let last = scene.shape.last(Direction::ServerToClient)?;
        // What Kerberos, RDSTLS or Entra ID answer has no names of NTLM in it.
        let has_no_names = [name::KRB_TGT_REP, name::KRB_AP_REP, name::RDSTLS_CAPABILITIES, name::ENTRA_NONCE];
        let is_other = scene.shape.records.iter().any(|record| has_no_names.contains(&record.name));
        let is_token = last.phase == crate::session::Phase::Nla;
        if !is_token || is_other || scene.crowd.went_further(scene.index).is_some() {
            return None;
        }
        Some(scan(scene, Sure::Likely, "takes the server's NTLM challenge and leaves: host and domain names").because(
            &[last.frame, session.last.frame],
            "one NLA token each way, then the client closes at once without credentials",
        ))
    },
};
