//! Causes before the first word: a refusal, a door that closes at once, a client that leaves.

use super::super::rule::{Found, Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::{By, Sure};
use super::super::wording::say;
use super::unreachable::icmp;
use crate::frame::FrameNumber;
use crate::knowledge::negotiation::Protocols;
use crate::session::{Control, Direction, Event, Phase, RstFacts, Session};
use crate::tcp::segment::IcmpError;
use crate::tcp::stream::Mark;

/// Resets of the server that answer the SYN.
pub(super) fn refusal<'a>(scene: &Scene<'a>) -> Option<(&'a Event, &'a RstFacts)> {
    let session = scene.session;
    let server = session.server_side();
    // Without the SYN,ACK in the capture, what was said afterwards shows that there was one.
    if server.syn().is_some() || server.bytes > 0 || session.accepted.is_some() || session.is_midstream() {
        return None;
    }
    session.resets().find(|(event, facts)| event.direction == Direction::ServerToClient && facts.in_window)
}

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
        .because(&[event.frame, syn.frame], text);
    let found = match icmp(scene).filter(|(error, _)| error.time <= asked_before(scene.session, event).time) {
        Some((other, error)) => found.because(
            &[other.frame],
            say!(
                "frame {}: before, {} could not deliver it (ICMP); asked again, the host is there",
                number(other),
                error.net.source
            ),
        ),
        None => found,
    };
    let found = found.not_it("tls", "the certificate, TLS, the password: no connection was made");
    Some((found, event, facts))
}

/// The client's last SYN before `event`: later ones are no question that it answers.
pub(super) fn asked_before(session: &Session, event: &Event) -> Mark {
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
    if !session.is_captured_twice() && scene.crowd.passes_twice(session.server.ip) {
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
    } else if elsewhere != Some(facts.ttl) && passed_no_router(scene, facts) {
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
    let asked = asked_before(session, event);
    let refuses_too =
        |(other, error): &(&Event, &IcmpError)| error.net.source != session.server.ip && other.time >= asked.time;
    if let Some((other, error)) = icmp(scene).filter(refuses_too) {
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
            1 if passed_no_router(scene, facts) && may_be_neighbours(scene) => Sure::Unsure,
            1 => Sure::Likely,
            _ => Sure::Strong,
        };
        let headline = |port| format!("a device on the way refuses port {port} in the server's name");
        let (mut found, ..) = refused(scene, sure, headline, By::Middlebox)?;
        for (frames, text) in signs {
            found = found.because(&frames, text);
        }
        if passed_no_router(scene, facts) && may_be_neighbours(scene) {
            found = found.missing("whether a router lies between the two: their addresses may be of one large network");
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

/// TTLs that hosts start with: the packet has passed no router yet.
const fn is_initial(ttl: u8) -> bool {
    matches!(ttl, 64 | 128 | 255)
}

/// Whether the reset comes from the client's own network, and the server does not, as far as is known. Where packets pass
/// here twice, the capture is the router's own, and both ends are next to it.
fn passed_no_router(scene: &Scene<'_>, facts: &RstFacts) -> bool {
    let session = scene.session;
    let neighbour = scene.crowd.beside.present(session.server.ip, session.first.time, session.last.time);
    let is_next_door = neighbour.is_some() || shares(scene, 3, 8);
    is_initial(facts.ttl) && is_initial(session.client_side().ttl) && !is_next_door && !session.is_captured_twice()
}

/// Whether the two may be on one network for all that their addresses say: up to 65,536 in one are common. A server whose
/// own packets have passed a router is not.
fn may_be_neighbours(scene: &Scene<'_>) -> bool {
    let is_behind_router = scene.crowd.server_ttl_elsewhere(scene.index).is_some_and(|ttl| !is_initial(ttl));
    shares(scene, 2, 6) && !is_behind_router
}

/// Whether client and server have so many bytes of their addresses in common.
fn shares(scene: &Scene<'_>, v4: usize, v6: usize) -> bool {
    use std::net::IpAddr;
    match (scene.session.client.ip, scene.session.server.ip) {
        (IpAddr::V4(a), IpAddr::V4(b)) => a.octets()[..v4] == b.octets()[..v4],
        (IpAddr::V6(a), IpAddr::V6(b)) => a.octets()[..v6] == b.octets()[..v6],
        _ => false,
    }
}

/// Closing within this time is a matter of course; seconds.
const AT_ONCE: f64 = 1.0;
/// Within this time a client has asked for a session, the way of a slow link included; seconds.
const ASKS_AT_ONCE: f64 = 2.0;

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
        // Where the directions are out of step, what the server acknowledged was said before, though captured later.
        let is_heard = client.overtaken().is_some();
        let nothing_said = session.is_mute(Direction::ServerToClient)
            && client.uncaptured == 0
            && !is_heard
            && (crossed.is_some() || client.first_data.is_none_or(|first| !first.is_before(act.mark())));
        if session.accepted.is_none() || !nothing_said || !scene.ended_by(Direction::ServerToClient) {
            return None;
        }
        let how = scene.ending.how();
        let waited = act.time.since(session.accepted.unwrap_or(session.first).time);
        let when = if waited >= AT_ONCE { format!("{waited:.1} s later") } else { "at once".to_owned() };
        // A Remote Desktop client speaks at once; where it does not, the silence is as odd as the end of it.
        let is_late = crossed.is_none() && waited >= ASKS_AT_ONCE;
        let sure = if is_late { Sure::Likely } else { Sure::Strong };
        let found = scene.died(sure, say!("the server accepts the connection and closes it {when}"));
        let found = match is_late {
            true => found.could_be("scan.connect", "no Remote Desktop client: one that asks for nothing"),
            false => found,
        };
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
                .by_absence()
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
