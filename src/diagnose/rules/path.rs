//! Causes on the way: forged resets, packets too large for the path, a side that is not heard any more.

use super::super::rule::{Found, Rule, Scene, number};
use super::super::verdict::{By, Sure};
use crate::frame::FrameNumber;
use crate::session::{Control, Direction, Event, RstFacts};
use crate::tcp::side::Side;

/// A mark that a reset was not made by the host whose address it bears.
struct ForgeryMark {
    weight: u32,
    frames: Vec<FrameNumber>,
    text: String,
}

/// Whether a reset came with another TTL than every other packet of the side it claims to be from.
const fn is_from_elsewhere(own: &Side, facts: &RstFacts) -> bool {
    own.ttl_same >= 1 && own.ttl_other == 0 && facts.ttl != own.ttl
}

/// Weaver, Sommer and Paxson, "Detecting Forged TCP Reset Packets" (NDSS 2009): what a host would not do itself.
fn forgery_marks(scene: &Scene<'_>, event: &Event, facts: &RstFacts) -> Vec<ForgeryMark> {
    let session = scene.session;
    let own = session.side(event.direction);
    let who = event.direction.speaker();
    let mut marks = Vec::new();
    let mut add = |weight, frames: &[FrameNumber], text: String| {
        marks.push(ForgeryMark { weight, frames: frames.to_vec(), text })
    };
    if is_from_elsewhere(own, facts) {
        let weight = if facts.ttl.abs_diff(own.ttl) >= 2 { 2 } else { 1 };
        add(
            weight,
            &[event.frame],
            format!(
                "frame {} came with TTL {}, every other packet of the {who} ({} seen) with {}: it was sent from elsewhere",
                number(event),
                facts.ttl,
                own.ttl_same,
                own.ttl
            ),
        );
    }
    if let Some(alive) = own.last_alive
        && alive.time.since(event.time) > 0.0005
        && alive.frame != event.frame
    {
        add(
            2,
            &[alive.frame],
            format!("frame {}: the {who} goes on talking after \"its\" reset", alive.frame.number()),
        );
    }
    let second = session.resets().find(|(other, other_facts)| {
        other.direction == event.direction
            && other.frame != event.frame
            && other_facts.distance != facts.distance
            && other_facts.ttl == facts.ttl
            && other.time.since(event.time) < 0.01
    });
    if let Some((second, _)) = second {
        add(
            1,
            &[second.frame],
            format!("frame {}: another reset with another sequence number at once, as injectors send", number(second)),
        );
    }
    let to_sender = match event.direction {
        Direction::ServerToClient => session.rtt_server,
        Direction::ClientToServer => session.rtt_client,
    };
    let trigger = session
        .timeline
        .iter()
        .rfind(|other| other.direction != event.direction && other.time <= event.time && other.length > 0);
    if let (Some(round_trip), Some(trigger)) = (to_sender, trigger) {
        let reaction = event.time.since(trigger.time);
        if round_trip > 0.004 && reaction < round_trip * 0.4 {
            add(
                1,
                &[event.frame, trigger.frame],
                format!(
                    "it comes {:.1} ms after frame {}; the {who} needs {:.1} ms",
                    reaction * 1e3,
                    number(trigger),
                    round_trip * 1e3
                ),
            );
        }
    }
    let twin = session
        .resets()
        .find(|(other, _)| other.direction != event.direction && other.time.since(event.time).abs() < 0.005);
    if let (Some((other, other_facts)), false) = (twin, marks.is_empty())
        && other_facts.ttl.abs_diff(facts.ttl) <= 1
    {
        marks.push(ForgeryMark {
            weight: 1,
            frames: vec![other.frame],
            text: format!("frame {}: the other side is reset at the same moment", number(other)),
        });
    }
    marks
}

/// A reset that neither end sent.
pub(super) static RST_INJECTED: Rule = Rule {
    id: "tcp.rst-injected",
    find: |scene| {
        let session = scene.session;
        // A reset that follows a FIN is an after-effect; only the first act of ending can be forged to any effect.
        let act = scene.ending.act.filter(|_| scene.ending.is_reset)?;
        // The forged one may have hit only the far end: here it looks wrong, and the host's own reset follows.
        let forged_before = session.resets().find(|(event, facts)| {
            event.direction == act.direction
                && event.time < act.time
                && act.time.since(event.time) < 1.0
                && facts.ttl.abs_diff(session.side(event.direction).ttl) >= 2
        });
        let (event, facts) = forged_before.or_else(|| session.resets().find(|(event, _)| event.frame == act.frame))?;
        let own = session.side(event.direction);
        if own.syn.is_none() && own.packets <= 1 {
            return None; // a refusal: judged elsewhere
        }
        let marks = forgery_marks(scene, event, facts);
        let weight: u32 = marks.iter().map(|mark| mark.weight).sum();
        let sure = match weight {
            0 => return None,
            1 if is_from_elsewhere(own, facts) => Sure::Likely,
            1 => return None,
            _ => Sure::Strong,
        };
        let name = format!("a device in the path sent a reset in the {}'s name", event.direction.speaker());
        let quiet = event.time.since(
            session.timeline.iter().rfind(|other| other.time < event.time).map_or(event.time, |other| other.time),
        );
        let mut found = Found::died(sure, name).at_noted(event, By::Middlebox, "");
        for mark in marks {
            found = found.because(&mark.frames, mark.text);
        }
        if event.frame != act.frame {
            found = found.because(
                &[act.frame],
                format!(
                    "frame {}: the {} itself resets what comes next: it was told that the connection is over",
                    number(act),
                    act.direction.speaker()
                ),
            );
        }
        if facts.distance == 0 {
            found = found.against(
                &[event.frame],
                format!(
                    "frame {} has the right sequence number; a device that reads the traffic can manage that",
                    number(event)
                ),
            );
        }
        if quiet >= 30.0 {
            found = found.because(
                &[event.frame],
                format!("the connection was silent for {quiet:.0} s before: a device may have forgotten it"),
            );
            found = found.could_be("path.idle-expiry", "an idle timeout of a firewall or load balancer");
        }
        Some(found.not_it("end.server-reset", "the host itself: its packets look different"))
    },
};

/// Large packets vanish, small ones pass.
pub(super) static MTU_BLACK_HOLE: Rule =
    Rule { id: "path.mtu-black-hole", find: |scene| sent_into_hole(scene).or_else(|| hole_received(scene)) };

/// Seen near the sender: the same large packet again and again, the smaller ones acknowledged.
fn sent_into_hole(scene: &Scene<'_>) -> Option<Found> {
    let session = scene.session;
    for direction in [Direction::ServerToClient, Direction::ClientToServer] {
        let side = session.side(direction);
        let Some(repeat) = side.repeat else { continue };
        let passed = side.longest_acknowledged;
        if repeat.count < 3 || repeat.ip_length < 1000 || repeat.ip_length <= passed || icmp_too_big(scene) {
            continue;
        }
        let who = direction.speaker();
        let event = session.timeline.iter().find(|event| event.frame == repeat.original.frame)?;
        return Some(
            Found::died(Sure::Strong, format!("full-size packets from the {who} vanish on the way"))
                .at_mark(repeat.original, event.phase, By::Network, "it never gets through")
                .because(
                    &[repeat.original.frame, repeat.last.frame],
                    format!(
                        "a packet of {} bytes sent {} times, never acknowledged",
                        repeat.ip_length,
                        repeat.count + 1
                    ),
                )
                .because(
                    &[side.longest_acknowledged_by.map_or(session.first.frame, |mark| mark.frame)],
                    format!("packets up to {passed} bytes were acknowledged"),
                )
                .because(
                    &[repeat.original.frame],
                    if repeat.dont_fragment {
                        "it carries DF (do not fragment), so a router with a smaller MTU must drop it"
                    } else {
                        "no ICMP \"fragmentation needed\" came back"
                    },
                )
                .missing(format!(
                    "where it happens; the limit lies between {} and {} bytes",
                    passed.max(576),
                    repeat.ip_length
                ))
                .not_it("tls", "the certificate, the password: the packets that carry them do not arrive"),
        );
    }
    None
}

/// Seen near the receiver: a hole that stays, and smaller packets behind it.
fn hole_received(scene: &Scene<'_>) -> Option<Found> {
    let session = scene.session;
    for direction in [Direction::ServerToClient, Direction::ClientToServer] {
        let Some((offset, behind)) = session.holes[direction.index()] else { continue };
        let side = session.side(direction);
        let waited = session.last.time.since(behind.time);
        let other = session.side(direction.reverse());
        let mss = u64::from(other.options.mss.or(side.options.mss).unwrap_or(1460));
        let tail = side.sent.saturating_sub(offset);
        if waited < 3.0 || side.acknowledged >= offset || tail >= mss || icmp_too_big(scene) {
            continue;
        }
        let who = direction.speaker();
        return Some(
            Found::died(Sure::Likely, format!("full-size packets from the {who} vanish on the way"))
                .at_mark(
                    behind,
                    super::super::reached::phase_of_mark(session, behind),
                    By::Network,
                    "the packet before it never arrived",
                )
                .because(
                    &[behind.frame],
                    format!(
                        "frame {}: a packet of {tail} bytes arrived, but what the {who} sent before it never did",
                        behind.frame.number()
                    ),
                )
                .because(
                    &[behind.frame, session.last.frame],
                    format!("the hole was not filled in {waited:.1} s, though smaller packets pass"),
                )
                .could_be("path.loss", "the same packet lost several times in a row")
                .not_it("tls", "the certificate, the password: the packets that carry them do not arrive"),
        );
    }
    None
}

fn icmp_too_big(scene: &Scene<'_>) -> bool {
    scene
        .session
        .timeline
        .iter()
        .any(|event| matches!(event.control(), Some(Control::Icmp(error)) if error.mtu.is_some()))
}

/// One side is not heard any more, and the other gives up.
pub(super) static RETRANSMIT_GIVEUP: Rule = Rule {
    id: "tcp.retransmit-giveup",
    find: |scene| {
        let session = scene.session;
        session.accepted.or(session.server_side().last)?;
        for direction in [Direction::ClientToServer, Direction::ServerToClient] {
            let (speaker, silent) = (session.side(direction), session.side(direction.reverse()));
            let (Some(last_heard), Some(last_try)) = (silent.last_alive, speaker.last) else { continue };
            let tries: Vec<&Event> = session
                .timeline
                .iter()
                .filter(|event| {
                    event.direction == direction
                        && event.time > last_heard.time
                        && matches!(event.control(), Some(Control::Retransmission(_) | Control::KeepAlive))
                })
                .collect();
            let waited = last_try.time.since(last_heard.time);
            let resent = speaker.repeat.map_or(0, |repeat| repeat.count);
            // The one that gives up says so with a reset or a FIN of its own.
            let gave_up = scene.ended_by(direction) && scene.ending.act.is_some_and(|act| act.time > last_heard.time);
            let enough = if gave_up { 2 } else { 3 };
            if tries.len() < enough || waited < 2.0 || (resent < 2 && waited < 5.0) {
                continue;
            }
            let first = tries[0];
            let silent_name = direction.reverse().speaker();
            let frames: Vec<FrameNumber> = tries.iter().take(6).map(|event| event.frame).collect();
            let death = speaker.repeat.map_or(first.mark(), |repeat| repeat.original);
            return Some(
                Found::died(
                    Sure::Strong,
                    format!("the {silent_name} is not heard any more: the path or the host is gone"),
                )
                .at_mark(death, super::super::reached::phase_of_mark(session, death), By::Network, "never answered")
                .because(
                    &frames,
                    format!("{} packets of the {} in {waited:.1} s, none answered", tries.len(), direction.speaker()),
                )
                .because(
                    &[last_heard.frame],
                    format!("frame {} is the last that was heard of the {silent_name}", last_heard.frame.number()),
                )
                .could_be("path", "a VPN or Wi-Fi that broke, a firewall that forgot the connection")
                .could_be("host", format!("the {silent_name}'s machine went to sleep, froze or lost power"))
                .not_it("tls", "certificate and TLS: the connection just went silent"),
            );
        }
        None
    },
};
