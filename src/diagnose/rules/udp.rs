//! The RDP-UDP side channel: a matter of comfort, never of life.

use super::super::rule::{Found, Rule, Scene, number};
use super::super::side_channel::{SideChannel, goes_on, syns};
use super::super::signs::Signs;
use super::super::verdict::{By, Outcome, Sure};
use super::super::wording::say;
use crate::frame::FrameNumber;
use crate::session::{Direction, Session};
use crate::wire::describe::Describe;

/// RDP-UDP gives a silent peer up after 65 s (MS-RDPEUDP 3.1.1.9), RDP-UDP2 after 16 s (MS-RDPEUDP2 3.1.1.3).
const GIVEN_UP: [(bool, f64); 2] = [(false, 65.0), (true, 16.0)];
/// A channel in which both sides were heard so lately lives; seconds.
const ALIVE: f64 = 10.0;
/// Frames that are named of many alike.
const SHOWN: usize = 8;
/// Who asks so often, and is answered so often, is not heard for a reason.
const AGAIN: usize = 3;
/// Timers are not exact; seconds.
const ABOUT: f64 = 3.0;

/// The side channel fell silent on one side, and took the session with it.
pub(super) static DEAD_65S: Rule = Rule {
    id: "udp.dead-65s",
    needs: Signs::CLOSED,
    find: |scene| {
        let act = scene.ending.act?;
        let by = scene.ending.by?;
        // A client that opened another one has left the first.
        let is_alive = |channel: &SideChannel| act.time.since(channel.silent.time) < ALIVE;
        if scene.crowd.side_channels(scene.session).any(is_alive) {
            return None;
        }
        let (channel, silence) = scene.crowd.side_channels(scene.session).find_map(|channel| {
            let silence = act.time.since(channel.silent.time);
            let went_on = channel.last.time.since(channel.silent.time) >= ABOUT;
            let timer = GIVEN_UP
                .iter()
                .any(|(second, timer)| (!second || channel.is_second) && (silence - timer).abs() <= ABOUT);
            (went_on && timer).then_some((channel, silence))
        })?;
        let who = channel.silent_side.speaker();
        Some(
            scene.died(Sure::Likely, "the UDP side channel died and took the session with it")
                .at(act, By::Network)
                .because(
                    &[channel.first.frame, channel.silent.frame],
                    say!(
                        "the UDP side channel opens in frame {}; frame {} is the {who}'s last packet in it",
                        channel.first.frame.number(),
                        channel.silent.frame.number()
                    ),
                )
                .because(
                    &[channel.last.frame, act.frame],
                    say!(
                        "the other side goes on until frame {}; {silence:.0} s after the silence began the {} ends the session (frame {})",
                        channel.last.frame.number(),
                        by.speaker(),
                        number(act)
                    ),
                )
                .could_be("ok.user-disconnect", "somebody left just then")
                .not_it("tls", "certificate, TLS, logon: the session was running"),
        )
    },
};

/// A router says that the packets are too large for its next link.
pub(super) static MTU: Rule = Rule {
    id: "udp.mtu",
    needs: Signs::ICMP,
    find: |scene| {
        let (event, error) = scene.session.too_big()?;
        let limit = error.mtu.map(|mtu| format!(" of at most {mtu} bytes")).unwrap_or_default();
        Some(
            scene
                .found(Outcome::Warn, Sure::Strong, "the UDP side channel's packets are too large for the path")
                .because(
                    &[event.frame],
                    format!("frame {}: {} asks for packets{limit}, by ICMP", number(event), error.net.source),
                ),
        )
    },
};

/// TLS inside the side channel ends with a fatal alert; the session stays on TCP.
pub(super) static TLS_FAILED: Rule = Rule {
    id: "udp.tls-failed",
    needs: Signs::NONE,
    find: |scene| {
        let (event, alert) = scene.session.alerts().find(|(_, alert)| alert.is_fatal())?;
        let who = event.direction.speaker();
        Some(
            scene
                .found(Outcome::Warn, Sure::Strong, "TLS failed in the UDP side channel; a session goes on over TCP")
                .because(
                    &[event.frame],
                    say!("frame {} ends like an alert of the {who}: {}", number(event), alert.summary()),
                )
                .could_be("tls.interception", "something in the path that handles TCP and UDP differently"),
        )
    },
};

/// Whether the client goes on behind its SYN, as only who was answered does.
fn is_answered(session: &Session) -> bool {
    goes_on(session, Direction::ClientToServer)
}

/// The server answers every SYN, and the client asks again: the answers do not reach it.
fn unheard(scene: &Scene<'_>) -> Option<Found> {
    let session = scene.session;
    let [asked, answers] = [Direction::ClientToServer, Direction::ServerToClient]
        .map(|direction| syns(session, direction).collect::<Vec<FrameNumber>>());
    if is_answered(session) || asked.len() < AGAIN || answers.len() < AGAIN {
        return None;
    }
    let headline = "the UDP side channel never opens: the server's answers do not reach the client";
    let (times, answered) = (asked.len(), answers.len());
    let text = say!("{times} RDP-UDP SYNs, answered {answered} times, and the client asks again and says nothing else");
    let frames: Vec<_> = asked.into_iter().take(SHOWN / 2).chain(answers.into_iter().take(SHOWN / 2)).collect();
    Some(
        scene
            .found(Outcome::Warn, Sure::Likely, headline)
            .because(&frames, text)
            .not_it("path", "a death of the session: UDP only makes it smoother"),
    )
}

/// Nobody answers the SYN.
pub(super) static BLOCKED: Rule = Rule {
    id: "udp.blocked",
    needs: Signs::NONE,
    find: |scene| {
        let session = scene.session;
        if session.server_side().packets > 0 {
            return unheard(scene);
        }
        // Then the capture just lacks the server's packets.
        if is_answered(session) {
            return None;
        }
        let refused = session.complaints().next();
        let syns: Vec<FrameNumber> = syns(session, Direction::ClientToServer).collect();
        let (count, plural) = (syns.len(), if syns.len() == 1 { "" } else { "s" });
        let first = session.first.frame.number();
        let text = say!("{count} RDP-UDP SYN{plural} from frame {first} on, and no answer");
        let headline = "the UDP side channel is blocked; the session goes on over TCP";
        let mut found = scene
            .found(Outcome::Warn, Sure::Strong, headline)
            .because(&syns[..syns.len().min(SHOWN)], text)
            .not_it("path", "a death of the session: UDP only makes it smoother");
        if let Some((event, error)) = refused {
            let text = say!("frame {}: {} refuses them by ICMP", number(event), error.net.source);
            found = found.because(&[event.frame], text);
        }
        // The UDP port of an RD Gateway (MS-TSGU).
        Some(if session.server.port == 3391 { found.named("gw.udp-3391") } else { found })
    },
};

/// The side channel was opened.
pub(super) static OPENED: Rule = Rule {
    id: "ok.udp",
    needs: Signs::NONE,
    find: |scene| {
        if scene.session.server_side().packets == 0 {
            let first = scene.session.first.frame;
            return Some(
                scene
                    .ok(Sure::Likely, "the UDP side channel is open, as far as one direction shows")
                    .because(
                        &[first],
                        say!("frame {}: the client goes on behind its SYN: it was answered", first.number()),
                    )
                    .missing("the server's packets: the capture holds the client's alone"),
            );
        }
        let frames: Vec<_> = scene.session.timeline.iter().map(|event| event.frame).take(4).collect();
        Some(scene.ok(Sure::Strong, "the UDP side channel is open").because(&frames, "SYN and SYN+ACK were exchanged"))
    },
};
