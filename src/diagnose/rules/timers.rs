//! The server's 60 seconds for an unfinished connection sequence (MS-RDPBCGR 3.3.6.1).

use super::super::rule::{Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::Sure;
use super::super::wording::say;
use super::unanswered::goes_on_itself;
use crate::session::{Direction, Event, is_word};

/// The server's timer for the connection sequence, give or take; seconds.
const TIMER: (f64, f64) = (57.0, 63.0);
/// A client that was silent for so long waited for a person; seconds.
const WAITED: f64 = 50.0;
/// The same, where the client had already begun; seconds.
const SILENT: f64 = 10.0;

/// The server's first FIN or reset, when it comes as its timer runs out; with the seconds since its first word.
fn timer_ran_out<'a>(scene: &Scene<'a>) -> Option<(&'a Event, &'a Event, f64)> {
    let (request, _) = scene.session.request()?;
    let act = scene.ending.act.filter(|_| scene.ended_by(Direction::ServerToClient))?;
    let since = act.time.since(request.time);
    (TIMER.0..=TIMER.1).contains(&since).then_some((request, act, since))
}

fn timer_said(request: &Event, act: &Event, since: f64) -> String {
    format!(
        "frame {}: the server closes {since:.1} s after the client's first word (frame {}); it waits 60 s",
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
        // Whoever went on to TLS or MCS did not wait for a person.
        let goes_on = |event: &Event| event.direction == Direction::ClientToServer && event.time >= confirm.time;
        if session.timeline.iter().any(|event| goes_on(event) && is_word(event)) {
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
        let (request, act, since) = timer_ran_out(scene)?;
        let last = scene.ending.last_word?;
        let is_waiting = scene.owes_next(last) == Direction::ClientToServer && scene.ending.pause >= SILENT;
        let ran = scene.shape.activated || scene.shape.active;
        if !is_waiting || ran || goes_on_itself(scene) {
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
