//! Half a handshake: SYNs that nobody answers, answers that nobody takes.

use super::super::rule::{Found, Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::{By, Sure};
use super::super::wording::say;
use super::tcp_connect::refusal;
use crate::session::{Control, Direction, Event, Vantage};

/// Less than a SYN,ACK waits for before it is sent again (RFC 6298 2.1); seconds.
const SOON: f64 = 1.0;

/// SYNs and nothing else.
pub(super) static SYN_NO_ANSWER: Rule = Rule {
    id: "tcp.syn-no-answer",
    needs: Signs::UNACCEPTED,
    find: |scene| {
        let session = scene.session;
        let client = session.client_side();
        if session.is_midstream() || session.accepted.is_some() {
            return None;
        }
        if session.server_side().packets > 0 {
            return strange_answers(scene);
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

/// The server says something to each SYN, and none of it answers one.
fn strange_answers(scene: &Scene<'_>) -> Option<Found> {
    let session = scene.session;
    let [client, server] = &session.sides;
    let is_answered = server.syn().is_some() || server.bytes > 0 || refusal(scene).is_some();
    if is_answered || client.syns < 3 || server.packets < 2 {
        return None;
    }
    let first = session.timeline.iter().find(|event| matches!(event.control(), Some(Control::Syn(_))))?;
    let said = server.first?;
    Some(
        scene
            .died(Sure::Likely, "the server answers the SYNs with packets of another connection")
            .at_noted(first, By::Network, "it is never answered")
            .because(
                &[first.frame, client.last_syn().unwrap_or(said).frame],
                say!("{} sent, and no SYN,ACK or fitting reset came back", times(client.syns, "SYN")),
            )
            .because(
                &[said.frame, server.last.unwrap_or(said).frame],
                say!("what the server says ({}) fits none of them", times(server.packets as u32, "packet")),
            )
            .could_be(
                "half-open",
                "the server still holds an old connection on these ports, and the client's resets do not reach it",
            )
            .could_be("rewriter", "a device that changes sequence numbers in one direction only")
            .not_it("tls", "the certificate, TLS, the password: no connection was made"),
    )
}

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
        // A server repeats what is not acknowledged; where it does not, the capture just lacks the client's packets.
        if server.syns < 2 && !client_again {
            return None;
        }
        // Two answers are soon sent, and the capture has to go on for as long as the third one takes.
        if server.syns <= 2 && scene.ending.act.is_none() && scene.watched_after() < SOON {
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
        // What is captured next to the client came as far as that.
        let is_near = session.vantage() == Some(Vantage::Client);
        let headline = match is_near {
            true => "the server's SYN,ACK comes to the client's network, and the client does not take it",
            false => "the server's SYN,ACK never reaches the client",
        };
        let found = scene.died(sure, headline);
        let found = match is_near {
            true => found.could_be("filter", "software on the client drops it (firewall, VPN client)"),
            false => found,
        };
        Some(
            found
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
