//! What the capture itself lacks: then the honest answer is that it cannot tell.

use super::super::rule::{Found, Rule, Scene};
use super::super::signs::Signs;
use super::super::unseen;
use super::super::verdict::{Outcome, Sure};
use super::super::wording::{Say, say};
use super::{declared, silence, stall};
use crate::session::{Direction, Event};
use crate::wire::catalogue::Fact;

fn unsure(scene: &Scene<'_>, headline: impl Say) -> Found {
    scene.found(Outcome::Unsure, Sure::Unsure, headline)
}

/// So many repetitions that nobody acknowledges are no accident.
const AGAIN: u32 = 3;

/// What one of the two said last, before `act` closes, is missing: nobody knows whether it was a farewell.
pub(super) fn last_words_missing(scene: &Scene<'_>, act: &Event) -> Option<Found> {
    let (speaker, frame) = unseen::last_words(scene)?;
    let speaker = speaker.speaker();
    Some(
        unsure(scene, say!("a running session was closed; what the {speaker} said last was not captured"))
            .named("end.unexplained")
            .because(
                &[frame, act.frame],
                say!("frame {}: bytes of the {speaker} were sent before it that did not come by here", frame.number()),
            )
            .missing("whether they were a farewell"),
    )
}

/// One of the two sends the same again and again, and the capture ends before it is answered or gives up.
pub(super) fn still_trying(scene: &Scene<'_>) -> Option<Found> {
    let session = scene.session;
    let both = [Direction::ClientToServer, Direction::ServerToClient];
    let repeated = both.into_iter().find_map(|speaker| {
        let repeat = session.side(speaker).repeat().filter(|repeat| repeat.count >= AGAIN)?;
        Some((speaker, repeat))
    });
    let Some((speaker, repeat)) = repeated else { return still_asking(scene) };
    let who = speaker.speaker();
    Some(
        scene
            .found(Outcome::Unsure, Sure::Unsure, say!("the capture ends while the {who}'s packets are not answered"))
            .named("cap.ends-mid-session")
            .because(
                &[repeat.original.frame, repeat.last.frame],
                say!(
                    "frame {}: {} bytes of the {who} are sent {} times, and nothing acknowledges them",
                    repeat.original.frame.number(),
                    repeat.length,
                    repeat.count + 1
                ),
            )
            .missing("whether they were answered in the end: the capture goes on for too short a time"),
    )
}

/// One of the two asks by keep-alives whether the other is still there, and the capture ends before an answer.
fn still_asking(scene: &Scene<'_>) -> Option<Found> {
    let (speaker, tries) = [Direction::ClientToServer, Direction::ServerToClient].into_iter().find_map(|speaker| {
        let tries = scene.session.side(speaker).in_vain().filter(|tries| tries.count() >= AGAIN as usize)?;
        Some((speaker, tries))
    })?;
    let (who, other) = (speaker.speaker(), speaker.reverse().speaker());
    let frames: Vec<_> = tries.first().iter().map(|mark| mark.frame).collect();
    Some(
        scene
            .found(
                Outcome::Unsure,
                Sure::Unsure,
                say!("the capture ends while the {who} asks whether the {other} is there"),
            )
            .named("cap.ends-mid-session")
            .because(&frames, say!("{} keep-alives or repetitions of the {who}, none answered", tries.count()))
            .missing("whether they were answered in the end: the capture goes on for too short a time"),
    )
}

/// Only one direction was captured.
pub(super) static ONE_WAY: Rule = Rule {
    id: "cap.one-way",
    needs: Signs::NONE,
    find: |scene| {
        // Who says himself why it ends needs no witness.
        if scene.session.negotiation_failure().is_some() {
            return None;
        }
        let [client, server] = &scene.session.sides;
        let heard = |own: &crate::tcp::side::Side, other: &crate::tcp::side::Side| {
            own.packets == 0 && (other.bytes > 0 || other.acknowledgments_grow)
        };
        // Nobody answers, and then closes, what was never asked for.
        let is_answered = client.packets == 0 && server.syn().is_some() && scene.ended_by(Direction::ServerToClient);
        let missing = if heard(server, client) {
            "server"
        } else if heard(client, server) || is_answered {
            "client"
        } else {
            return None;
        };
        if let Some(found) = told(scene) {
            return Some(found.missing(say!("all that the {missing} said")));
        }
        Some(unsure(scene, say!("the capture has no packet of the {missing}")).because(
            &[scene.session.first.frame, scene.session.last.frame],
            say!("the other side goes on as if it were answered, but nothing of the {missing} was captured"),
        ))
    },
};

/// What TCP shows of a session whatever was agreed on before: a side that does not read, one that is not heard any more.
fn broke(scene: &Scene<'_>) -> Option<Found> {
    let rules = [&stall::ZERO_WINDOW, &silence::RETRANSMIT_GIVEUP];
    let (rule, mut found) = rules.into_iter().find_map(|rule| Some((rule, (rule.find)(scene)?)))?;
    found.sure = found.sure.lowered();
    found.id = found.id.or(Some(rule.id));
    Some(found)
}

/// What the server says in clear of its reasons, right before it says goodbye, whatever else is missing.
fn told(scene: &Scene<'_>) -> Option<Found> {
    let mut found = (declared::ERROR_INFO.find)(scene)?;
    let says_goodbye =
        |(event, fact): (&Event, &Fact)| event.direction == Direction::ServerToClient && fact.is_ultimatum();
    // Which channel is RDP's own, the beginning would have told.
    found.sure = found.sure.min(Sure::Strong);
    scene.session.timeline.facts().any(says_goodbye).then_some(found)
}

/// The connection was there before the capture.
pub(super) static STARTS_MID_SESSION: Rule = Rule {
    id: "cap.starts-mid-session",
    needs: Signs::NONE,
    find: |scene| {
        let session = scene.session;
        let shows_beginning = session.request().is_some() || session.negotiation_failure().is_some();
        if !session.is_midstream() || shows_beginning || session.client_hello().is_some() {
            return None;
        }
        if let Some(found) = told(scene).or_else(|| broke(scene)) {
            return Some(found.missing("its beginning, and with it what was agreed on"));
        }
        Some(
            unsure(scene, "the session was running when the capture began")
                .because(
                    &[session.first.frame],
                    say!(
                        "frame {} is its first packet here: no SYN, no connection request",
                        session.first.frame.number()
                    ),
                )
                .missing("its beginning, and with it what was agreed on"),
        )
    },
};

/// How much longer the capture goes on, where that is worth a word.
fn ends_after(seconds: f64) -> String {
    if seconds < 0.1 { "; the capture ends there".into() } else { format!("; the capture ends {seconds:.1} s later") }
}

/// Packets without payload were filtered away, and with them the end of every connection.
pub(super) static PAYLOAD_ALONE: Rule = Rule {
    id: "cap.incomplete",
    needs: Signs::REQUEST,
    find: |scene| {
        if scene.ending.act.is_some() || !scene.session.is_payload_alone() {
            return None;
        }
        let (first, last) = (scene.session.first.frame, scene.session.last.frame);
        Some(
            unsure(scene, "the capture holds only packets with payload: how it ended cannot be seen")
                .because(
                    &[first, last],
                    say!(
                        "frames {} to {}: both sides speak, and there is no SYN, no FIN, no reset and not one bare acknowledgment",
                        first.number(),
                        last.number()
                    ),
                )
                .missing("whether anybody closed: capture without a filter on lengths"),
        )
    },
};

/// The capture stops before anything goes wrong.
pub(super) static ENDS_MID_SESSION: Rule = Rule {
    id: "cap.ends-mid-session",
    needs: Signs::NONE,
    find: |scene| {
        if scene.ending.act.is_some() {
            return None;
        }
        let last = scene.session.timeline.iter().next_back()?;
        if scene.session.evicted {
            return Some(
                unsure(scene, "given up early: the memory for sessions was used up")
                    .because(&[scene.session.last.frame], "it was the one that had been silent longest")
                    .missing("what came next: read the capture again with a filter (-f) or more --memory"),
            );
        }
        Some(
            unsure(scene, "the capture stops before anything goes wrong")
                .witness(last, "the last message")
                .because(
                    &[scene.session.last.frame],
                    say!(
                        "frame {} is its last packet here, and nobody has closed{}",
                        scene.session.last.frame.number(),
                        ends_after(scene.watched_after())
                    ),
                )
                .missing("what came next"),
        )
    },
};
