//! Causes before the first word: no answer, a refusal, half a handshake, a door that closes at once.

use super::super::rule::{Found, Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::{By, Sure};
use super::super::wording::say;
use crate::frame::FrameNumber;
use crate::knowledge::negotiation::Protocols;
use crate::session::{Control, Direction, Event, Phase, RstFacts, Session};
use crate::tcp::segment::IcmpError;
use crate::tcp::stream::Mark;

/// Resets of the server that answer the SYN.
fn refusal<'a>(scene: &Scene<'a>) -> Option<(&'a Event, &'a RstFacts)> {
    let session = scene.session;
    let server = session.server_side();
    // Without the SYN,ACK in the capture, what was said afterwards shows that there was one.
    if server.syn().is_some() || server.bytes > 0 || session.accepted.is_some() || session.is_midstream() {
        return None;
    }
    session.resets().find(|(event, facts)| event.direction == Direction::ServerToClient && facts.in_window)
}

fn icmp<'a>(scene: &Scene<'a>) -> Option<(&'a Event, &'a IcmpError)> {
    // Who asks for smaller packets refuses nothing.
    scene.session.complaints().find(|(_, error)| !error.is_too_big())
}

/// What an ICMP error says, in words (RFC 792, RFC 1812, RFC 4443).
fn complaint(error: &IcmpError) -> &'static str {
    match (error.is_v6(), error.kind, error.code) {
        (false, 3, 0 | 6 | 11) | (true, 1, 0) => "no route to the network",
        (false, 3, 1 | 7 | 12) | (true, 1, 3) => "host unreachable",
        (false, 3, 3) | (true, 1, 4) => "port unreachable",
        (false, 3, 9 | 10 | 13) | (true, 1, 1 | 5 | 6) => "administratively prohibited",
        (false, 11, _) | (true, 3, _) => "time to live exceeded: a routing loop",
        _ => "destination unreachable",
    }
}

/// Whether the error is about the way to a host, and not about what listens there: no host says that of itself.
const fn is_of_the_way(error: &IcmpError) -> bool {
    match (error.is_v6(), error.kind, error.code) {
        (false, 3, code) => matches!(code, 0 | 1 | 6 | 7 | 11 | 12),
        (true, 1, code) => matches!(code, 0 | 3),
        (false, 11, _) | (true, 3, _) => true,
        _ => false,
    }
}

/// An ICMP error instead of an answer.
pub(super) static ICMP_UNREACHABLE: Rule = Rule {
    id: "tcp.icmp-unreachable",
    needs: Signs::ICMP,
    find: |scene| {
        let session = scene.session;
        if session.server_side().syn().is_some() || session.accepted.is_some() || session.is_midstream() {
            return None;
        }
        let (event, error) = icmp(scene)?;
        let what = complaint(error);
        let from = error.net.source;
        let by = if from == session.server.ip { By::Server } else { By::Middlebox };
        let syn = session.client_side().syn()?;
        // Only who saw the SYN knows its number.
        let saw_it = session.client_side().initial() == Some(error.quoted_sequence);
        let sure = if saw_it { Sure::Proven } else { Sure::Strong };
        let here = session.client_side().ttl;
        let is_beyond = by == By::Server && is_of_the_way(error);
        let headline = match by {
            By::Server if is_beyond => {
                format!("{from} passes connections on, and cannot reach what is behind it: {what}")
            }
            By::Server => format!("the server itself ({from}) refuses the connection: {what}"),
            _ => format!("a device on the way ({from}) refuses the connection: {what}"),
        };
        let mut found = scene
            .died(sure, headline)
            .at_mark(event.mark(), Phase::Tcp, by, "")
            .because(
                &[event.frame, syn.frame],
                say!(
                    "frame {} is an ICMP error (type {}, code {}: {what}) from {from} that quotes the SYN in frame {}",
                    number(event),
                    error.kind,
                    error.code,
                    syn.frame.number()
                ),
            )
            .not_it("tls", "the certificate, TLS, the password: no connection was made");
        if is_beyond {
            let text = "who answers can be reached: the complaint is about a host behind it (port forwarding, NAT, a balancer)";
            found = found.because(&[event.frame], text);
        }
        if by == By::Middlebox
            && let Some(hops @ 1..=32) = here.checked_sub(error.quoted_ttl)
        {
            let text = say!(
                "the SYN passes here with TTL {here} and is quoted with {}: the device is {hops} router{} further on",
                error.quoted_ttl,
                if hops == 1 { "" } else { "s" }
            );
            found = found.because(&[event.frame, syn.frame], text);
        }
        Some(found)
    },
};

/// What both kinds of refusal have in common.
fn refused<'a>(
    scene: &Scene<'a>,
    sure: Sure,
    headline: impl FnOnce(u16) -> String,
    by: By,
) -> Option<(Found, &'a Event, &'a RstFacts)> {
    let (event, facts) = refusal(scene)?;
    let syn = scene.session.client_side().syn()?;
    let text = say!("frame {} is a RST that answers the SYN in frame {}", number(event), syn.frame.number());
    let found = scene
        .died(sure, headline(scene.session.server.port))
        .at_mark(event.mark(), Phase::Tcp, by, "")
        .because(&[event.frame, syn.frame], text)
        .not_it("tls", "the certificate, TLS, the password: no connection was made");
    Some((found, event, facts))
}

/// The client's last SYN before `event`: later ones are no question that it answers.
fn asked_before(session: &Session, event: &Event) -> Mark {
    let is_syn = |other: &&Event| {
        other.direction == Direction::ClientToServer
            && other.precedes(event)
            && matches!(other.control(), Some(Control::Syn(_) | Control::SynAgain))
    };
    session.timeline.iter().rfind(is_syn).map_or(session.first, Event::mark)
}

/// What speaks against the server itself: its distance, its haste, its manners.
fn middlebox_signs(scene: &Scene<'_>, event: &Event, facts: &RstFacts) -> Vec<(Vec<FrameNumber>, String)> {
    let session = scene.session;
    let mut signs = Vec::new();
    let elsewhere = scene.crowd.server_ttl_elsewhere(scene.index);
    let comes_twice = session.is_captured_twice();
    if !comes_twice && scene.crowd.passes_twice(session.server.ip) {
        let syn = session.client_side().syn().map(|syn| syn.frame);
        let frames = syn.into_iter().chain([event.frame]).collect();
        let text = "SYN and reset were captured once, the packets of other connections to this server twice, coming in and \
                    going out: here the SYN was not passed on";
        signs.push((frames, text.to_owned()));
    }
    // Routes differ by a hop now and then; two are another sender.
    if let Some(ttl) = elsewhere.filter(|ttl| ttl.abs_diff(facts.ttl) >= 2) {
        let text = format!(
            "frame {} came with TTL {}, but the server's own packets arrive with {ttl} in another connection",
            number(event),
            facts.ttl
        );
        signs.push((vec![event.frame], text));
    } else if elsewhere != Some(facts.ttl) && !comes_twice && is_nearer_than_a_router(scene, facts) {
        let text = format!(
            "frame {} came with TTL {}, so it passed no router, though the server's address is in another network",
            number(event),
            facts.ttl
        );
        signs.push((vec![event.frame], text));
    }
    let answered = event.time.since(asked_before(session, event).time);
    if let Some((usual, frame)) = scene.crowd.fates.round_trip(session.client.ip, session.server.ip)
        && usual > 0.008
        && answered < usual * 0.4
    {
        let text = format!(
            "it comes {:.1} ms after the SYN; the server needs {:.1} ms at least (frame {})",
            answered * 1e3,
            usual * 1e3,
            frame.number()
        );
        signs.push((vec![event.frame, frame], text));
    }
    if !facts.has_ack {
        // RFC 9293 3.10.7.1: a closed port answers a SYN with RST,ACK; a client ignores anything else.
        let text = format!("frame {} has no ACK flag, which every host sets when it refuses a SYN", number(event));
        signs.push((vec![event.frame], text));
    }
    if let Some((other, error)) = icmp(scene).filter(|(_, error)| error.net.source != session.server.ip) {
        let text = format!("frame {}: {} refuses it as well, by ICMP", number(other), error.net.source);
        signs.push((vec![other.frame], text));
    }
    signs
}

/// A reset for the SYN that the host cannot have sent.
pub(super) static REFUSED_BY_MIDDLEBOX: Rule = Rule {
    id: "tcp.refused-by-middlebox",
    needs: Signs::UNACCEPTED.and(Signs::RESET),
    find: |scene| {
        let (event, facts) = refusal(scene)?;
        let signs = middlebox_signs(scene, event, facts);
        let sure = match signs.len() {
            0 => return None,
            1 => Sure::Likely,
            _ => Sure::Strong,
        };
        let headline = |port| format!("a device on the way refuses port {port} in the server's name");
        let (mut found, ..) = refused(scene, sure, headline, By::Middlebox)?;
        for (frames, text) in signs {
            found = found.because(&frames, text);
        }
        Some(found.could_be("tcp.refused", "nothing listens on the port, and the way to the server just changed"))
    },
};

/// A reset for the SYN.
pub(super) static REFUSED: Rule = Rule {
    id: "tcp.refused",
    needs: Signs::UNACCEPTED.and(Signs::RESET),
    find: |scene| {
        let headline = |port| format!("the host answers, but nothing listens on port {port}");
        let (found, ..) = refused(scene, Sure::Strong, headline, By::Server)?;
        Some(found.could_be(
            "tcp.refused-by-middlebox",
            "a firewall that rejects in the server's name looks the same from here",
        ))
    },
};

/// Whether the reset comes from the client's own network.
fn is_nearer_than_a_router(scene: &Scene<'_>, facts: &RstFacts) -> bool {
    is_initial(facts.ttl) && is_initial(scene.session.client_side().ttl) && !same_network(scene)
}

/// TTLs that hosts start with: the packet has passed no router yet.
const fn is_initial(ttl: u8) -> bool {
    matches!(ttl, 64 | 128 | 255)
}

fn same_network(scene: &Scene<'_>) -> bool {
    use std::net::IpAddr;
    match (scene.session.client.ip, scene.session.server.ip) {
        (IpAddr::V4(a), IpAddr::V4(b)) => a.octets()[..3] == b.octets()[..3],
        (IpAddr::V6(a), IpAddr::V6(b)) => a.octets()[..8] == b.octets()[..8],
        _ => false,
    }
}

/// SYNs and nothing else.
pub(super) static SYN_NO_ANSWER: Rule = Rule {
    id: "tcp.syn-no-answer",
    needs: Signs::UNACCEPTED,
    find: |scene| {
        let session = scene.session;
        let client = session.client_side();
        if session.server_side().packets > 0 || session.is_midstream() || session.accepted.is_some() {
            return None;
        }
        let first = session.timeline.iter().find(|event| matches!(event.control(), Some(Control::Syn(_))))?;
        let frames: Vec<_> = session
            .timeline
            .iter()
            .filter(|event| event.control().is_some())
            .map(|event| event.frame)
            .take(8)
            .collect();
        // A server may take a second, and one SYN may get lost; a capture that ends sooner shows nothing.
        let waited = session.capture_end.since(client.last_syn().unwrap_or(session.first).time);
        if client.syns <= 2 && waited < 1.0 {
            return None;
        }
        let sure = if client.syns > 1 { Sure::Strong } else { Sure::Likely };
        let tried = client.last_syn().map_or(0.0, |last| last.time.since(session.first.time));
        let headline = if client.syns > 1 {
            format!("no answer to {} in {tried:.1} s", times(client.syns, "SYN"))
        } else {
            "no answer to a SYN".to_owned()
        };
        let found = scene.died(sure, headline).at_noted(first, By::Network, "it is never answered");
        let sent = times(client.syns, "SYN");
        let found = match session.too_big() {
            Some((event, error)) => found
                .because(&frames, say!("{sent} sent, and neither SYN,ACK nor reset came back"))
                .because(
                    &[event.frame],
                    say!(
                        "frame {}: {} asks for smaller packets (ICMP), which is no refusal, and a SYN has no smaller form",
                        number(event),
                        error.net.source
                    ),
                )
                .could_be("path.mtu-icmp-seen", "that router, or a tunnel behind it, is set wrong"),
            None => found.because(&frames, say!("{sent} sent, and no SYN,ACK, reset or ICMP error came back")),
        };
        let found = found.not_it("tls", "the certificate, TLS, the password: no connection was made");
        let beside = &scene.crowd.beside;
        let neighbour = beside.present(session.server.ip, session.first.time, session.last.time);
        let found = match neighbour.and_then(|aside| aside.answer) {
            Some(answer) => found
                .because(&[answer.frame], say!("frame {}: the host itself answers on the link", answer.frame.number()))
                .could_be("firewall", "the host's own firewall drops the packets without a word"),
            None => found
                .could_be("host-down", "the host is off or the address wrong")
                .could_be("firewall", "a firewall drops the packets without a word"),
        };
        Some(if client.syns == 1 {
            found.missing("a repetition of the SYN: the capture ends too early, or the sender is no ordinary client")
        } else {
            found
        })
    },
};

fn times(count: u32, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// SYN,ACK again and again.
pub(super) static SYNACK_UNACKED: Rule = Rule {
    id: "tcp.synack-unacked",
    needs: Signs::UNACCEPTED,
    find: |scene| {
        let session = scene.session;
        let server = session.server_side();
        let answer = server.syn()?;
        if session.accepted.is_some() || scene.ended_by(Direction::ClientToServer) {
            return None;
        }
        let client_again = session.client_side().syns > 1;
        if server.syns < 2 && !client_again && scene.watched_after() < 3.0 {
            return None;
        }
        let event = session.timeline.iter().find(|event| event.frame == answer.frame)?;
        let is_again = |event: &&Event| {
            event.direction == Direction::ClientToServer && matches!(event.control(), Some(Control::SynAgain))
        };
        let mut again: Vec<_> = session.timeline.iter().filter(is_again).map(|event| event.frame).take(4).collect();
        if again.is_empty() {
            again.push(session.first.frame);
        }
        let sure = if server.syns > 2 { Sure::Strong } else { Sure::Likely };
        Some(
            scene
                .died(sure, "the server's SYN,ACK never reaches the client")
                .at_noted(event, By::Network, "never acknowledged")
                .because(
                    &[answer.frame, server.last_syn().unwrap_or(answer).frame],
                    say!("the server sent its SYN,ACK {} times; the client never acknowledged it", server.syns),
                )
                .because(
                    &again,
                    if client_again {
                        "the client repeats its SYN as if it had heard nothing"
                    } else {
                        "the client stays silent"
                    },
                )
                .could_be("scan.syn", "a forged sender address: then nobody waits for the answer"),
        )
    },
};

/// Accepted, then closed by the server before a word.
pub(super) static CLOSED_ON_ACCEPT: Rule = Rule {
    id: "tcp.closed-on-accept",
    needs: Signs::SERVER_CLOSES.and(Signs::MUTE_SERVER),
    find: |scene| {
        let session = scene.session;
        let act = scene.ending.act?;
        // What the client says into the closed door came too late to matter.
        let client = session.client_side();
        let crossed = session.request().filter(|(request, _)| scene.crossed(request));
        let nothing_said = session.is_mute(Direction::ServerToClient)
            && client.uncaptured == 0
            && (crossed.is_some() || client.first_data.is_none_or(|first| !first.is_before(act.mark())));
        if session.accepted.is_none() || !nothing_said || !scene.ended_by(Direction::ServerToClient) {
            return None;
        }
        let how = scene.ending.how();
        let found = scene.died(Sure::Strong, "the server accepts the connection and closes it at once");
        let found = match crossed {
            Some((request, _)) => found.because(
                &[act.frame, request.frame],
                say!(
                    "frame {} is {how} from the server, which had not received the request in frame {} yet",
                    number(act),
                    number(request)
                ),
            ),
            None => found.because(
                &[act.frame],
                say!("frame {} is {how} from the server, before either side said a word", number(act)),
            ),
        };
        Some(
            found
                .at(act, Direction::ServerToClient)
                .not_it("tls", "the certificate, TLS, the password: nothing was said yet")
                .could_be("forwarder", "a port forwarder or load balancer whose own target is dead")
                .could_be("limit", "an access list or a connection limit of the service"),
        )
    },
};

/// The client resets before anything was said, and it is no scan.
pub(super) static CLIENT_RESET: Rule = Rule {
    id: "tcp.client-reset",
    needs: Signs::RESET_ENDS.and(Signs::CLIENT_CLOSES).and(Signs::REQUEST),
    find: |scene| {
        let session = scene.session;
        let act = scene.ending.act?;
        let fresh = scene.ending.is_reset && scene.ended_by(Direction::ClientToServer);
        if !fresh || session.request().is_none() || scene.shape.established {
            return None;
        }
        // Right after the server's word it is the client's answer to it, and other rules say to what.
        let last = scene.ending.last_word?;
        if last.direction == Direction::ServerToClient && scene.ending.pause < 0.05 {
            return None;
        }
        let headline = match session.selected() {
            Some(Protocols::RDP) => "the client itself resets the connection before a session begins",
            _ => "the client itself resets the connection before TLS is up",
        };
        Some(
            scene
                .died(Sure::Likely, headline)
                .at(act, Direction::ClientToServer)
                .because(
                    &[act.frame],
                    say!(
                        "frame {} is a reset from the client, {:.1} s after the last word",
                        number(act),
                        scene.ending.pause
                    ),
                )
                .could_be("cancelled", "the user cancelled")
                .could_be("antivirus", "security software or a VPN client on the client machine cut the connection"),
        )
    },
};
