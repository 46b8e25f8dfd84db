//! Connections that end because somebody waited too long: the server's 60 seconds for an unfinished connection
//! sequence (MS-RDPBCGR 3.3.6.1), and servers that take a message and never answer.

use super::super::rule::{Rule, Scene, number};
use super::super::shape::name;
use super::super::signs::Signs;
use super::super::verdict::Sure;
use super::super::wording::say;
use crate::session::{Direction, Event, Phase, is_word};

/// The server's timer for the connection sequence, give or take; seconds.
const TIMER: (f64, f64) = (57.0, 63.0);
/// A client that was silent for so long waited for a person; seconds.
const WAITED: f64 = 50.0;
/// The same, where the client had already begun; seconds.
const SILENT: f64 = 10.0;
/// Clients that wait in vain give up after so long, and not sooner; seconds.
const GAVE_UP: f64 = 5.0;

/// The server's first FIN or reset, when it comes as its timer runs out; with the seconds since its first word.
fn timer_ran_out<'a>(scene: &Scene<'a>) -> Option<(&'a Event, &'a Event, f64)> {
    let (request, _) = scene.session.request()?;
    let act = scene.ending.act.filter(|_| scene.ended_by(Direction::ServerToClient))?;
    let since = act.time.since(request.time);
    (TIMER.0..=TIMER.1).contains(&since).then_some((request, act, since))
}

fn timer_said(request: &Event, act: &Event, since: f64) -> String {
    format!(
        "frame {}: the server closes {since:.1} s after its first word from the client (frame {}); it waits 60 s",
        number(act),
        number(request)
    )
}

/// Nobody answered the password prompt in time.
pub(super) static PROMPT_TIMEOUT: Rule = Rule {
    id: "rdp.prompt-timeout",
    needs: Signs::REQUEST.and(Signs::CONFIRM).and(Signs::SERVER_CLOSES).and(Signs::NO_CLIENT_HELLO),
    find: |scene| {
        let session = scene.session;
        let (request, act, since) = timer_ran_out(scene)?;
        let (confirm, _) = session.confirm()?;
        let waited = act.time.since(confirm.time);
        if session.client_hello().is_some() || session.negotiation_failure().is_some() || waited < WAITED {
            return None;
        }
        // Whoever speaks MCS did not wait for a person.
        if scene.ending.last_word.is_some_and(|word| word.direction == Direction::ClientToServer) {
            return None;
        }
        Some(
            scene
                .died(Sure::Likely, "nobody answered the client's prompt in time")
                .at(act, Direction::ServerToClient)
                .because(
                    &[confirm.frame, act.frame],
                    say!("{waited:.1} s of silence from the client after frame {}", number(confirm)),
                )
                .because(&[request.frame, act.frame], timer_said(request, act, since))
                .means("Windows clients hold the connection open while they ask for the password")
                .could_be("rdp.connect-timer", "the client itself hung")
                .not_it("path", "the network: both sides were reachable to the end"),
        )
    },
};

/// The client stopped in the middle, and the server's patience ended.
pub(super) static CONNECT_TIMER: Rule = Rule {
    id: "rdp.connect-timer",
    needs: Signs::REQUEST.and(Signs::SERVER_CLOSES),
    find: |scene| {
        let session = scene.session;
        let (request, act, since) = timer_ran_out(scene)?;
        let last = scene.ending.last_word?;
        let is_waiting = last.direction == Direction::ServerToClient && scene.ending.pause >= SILENT;
        let ran = scene.shape.activated || scene.shape.active || session.first_of(Phase::Rdp).is_some();
        if !is_waiting || ran {
            return None;
        }
        Some(
            scene
                .died(Sure::Likely, "the client stopped in the middle, and the server's 60 seconds ran out")
                .at(act, Direction::ServerToClient)
                .because(
                    &[last.frame, act.frame],
                    say!("{:.1} s of silence from the client after frame {}", scene.ending.pause, number(last)),
                )
                .because(&[request.frame, act.frame], timer_said(request, act, since))
                .could_be("rdp.prompt-timeout", "a question on the client's screen that nobody answered")
                .not_it("path", "the network: both sides were reachable to the end"),
        )
    },
};

/// The client's last word but a goodbye, if the server said nothing to it, and for how long; seconds. Tickets are part of
/// TLS, and come when they come.
fn open_question<'a>(scene: &Scene<'a>) -> Option<(&'a Event, f64)> {
    let last = scene.ending.last_word?;
    let named = |event: &Event| scene.shape.at(event.frame, event.stream_offset).map(|record| record.name);
    let is_farewell = |event: &Event| matches!(named(event), Some(name::CLOSE_NOTIFY | name::ULTIMATUM));
    let behind = if is_farewell(last) { 0.0 } else { scene.ending.pause };
    let mut before = scene.session.timeline.iter().rev().skip_while(|event| event.time > last.time);
    let word = before.find(|event| is_word(event) && !is_farewell(event) && named(event) != Some(name::TICKET));
    let asked = word.filter(|word| word.direction == Direction::ClientToServer)?;
    Some((asked, last.time.since(asked.time) + behind))
}

/// The server takes an MCS message and never answers it.
pub(super) static MCS_STALL: Rule = Rule {
    id: "mcs.stall",
    needs: Signs::MCS,
    find: |scene| {
        let session = scene.session;
        let (last, waited) = open_question(scene)?;
        let record = scene.shape.at(last.frame, last.stream_offset);
        let phase = record.map_or(last.phase, |record| record.phase);
        let patience = if scene.left_first(Direction::ClientToServer) { GAVE_UP } else { SILENT };
        // An Erect Domain alone is not answered, but no client stops behind it.
        if phase != Phase::Mcs || waited < patience || !session.client_side().all_acknowledged() {
            return None;
        }
        let what = match (record, last.fact()) {
            (Some(record), _) => record.name.to_owned(),
            (None, Some(fact)) => crate::wire::describe::Describe::name(fact).into_owned(),
            (None, None) => "its last word".to_owned(),
        };
        let mut found = scene
            .died(Sure::Likely, "the server takes the client's MCS message and never answers")
            .at_noted(last, Direction::ServerToClient, "it is never answered")
            .because(
                &[last.frame],
                say!("frame {}: {what} from the client, then {waited:.1} s without a word", number(last)),
            );
        if let Some(mark) = session.client_side().acknowledged_by {
            let text =
                say!("frame {} acknowledges it: it arrived, but the service does not answer", mark.frame.number());
            found = found.because(&[mark.frame], text);
        }
        Some(
            found
                .not_it("path", "the network: the server acknowledged everything")
                .not_it("tls", "TLS, the certificate, the logon: all of that was passed"),
        )
    },
};
