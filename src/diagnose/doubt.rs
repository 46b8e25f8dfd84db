//! How much of what a rule found stands, where the capture lacks something or its clock is not to be trusted. What a peer
//! declared stands always.

use super::rule::{Found, Observation, Rule, Scene};
use super::unseen;
use super::verdict::{By, Outcome, Sure};
use crate::session::Session;

/// A peer that lives has answered by then; seconds.
const ANSWERS: f64 = 0.5;

/// Makes what `rule` has `found` less sure, or a death undecided, by what was `noticed` of the capture.
pub(super) fn weigh(scene: &Scene<'_>, rule: Option<&Rule>, noticed: &[Observation], found: &mut Found) {
    let session = scene.session;
    if is_doubtful(session, rule, noticed, found.outcome) && found.sure < Sure::Proven {
        found.sure = found.sure.lowered();
    }
    let is_cut_short = is_cut_short(scene, found);
    if is_cut_short {
        found.sure = Sure::Unsure;
    }
    // Nobody knows what was the answer to what, where each direction has a clock of its own.
    if found.outcome == Outcome::Died && found.sure < Sure::Proven && is_shuffled(session) {
        found.sure = Sure::Unsure;
        found.leave_undecided("the order of what was said: the two directions were captured by two clocks");
    }
    // Nor whether what is missing was never there.
    if (scene.lacks_words() || is_cut_short) && found.rests_on_absence && found.sure == Sure::Unsure {
        found.leave_undecided(match (session.is_cut(), session.lacks_agreement()) {
            (true, _) => "what the snap length cut, and perhaps the very words that would tell why it ended",
            (_, true) => "its beginning, and with it what was agreed on: whether there is a logon inside TLS",
            _ => "packets of this session, and perhaps the very ones that would tell why it ended",
        });
    }
}

/// Whether what the capture lacks, or its clock, could tell another story.
fn is_doubtful(session: &Session, rule: Option<&Rule>, noticed: &[Observation], outcome: Outcome) -> bool {
    let is_out_of_step = || session.out_of_step().is_some();
    match outcome {
        Outcome::Died => {
            let is_lack = |id| matches!(id, "cap.snaplen-cut" | "cap.incomplete" | "cap.drops");
            // The rule that a session was running before the capture has thought of that itself.
            let lacks_agreement =
                || rule.is_some_and(|rule| rule.id != "cap.starts-mid-session") && session.lacks_agreement();
            // A clock that jumps, or two that differ, make times of silence and orders of events worthless.
            noticed.iter().any(|observation| is_lack(observation.finding.id))
                || session.clock_jump().is_some()
                || session.is_timeless()
                || is_out_of_step()
                || lacks_agreement()
        }
        // Nor is it sure then who said goodbye first.
        Outcome::Ok => is_out_of_step(),
        _ => false,
    }
}

/// Whether the clocks of the two directions differ by more than it takes to answer.
fn is_shuffled(session: &Session) -> bool {
    session.two_clocks().is_some_and(|clocks| clocks.seconds() > ANSWERS)
}

/// Whether a death is read from last words that were not the last: others were said behind them and not captured. A device did
/// what it did all the same.
fn is_cut_short(scene: &Scene<'_>, found: &Found) -> bool {
    let is_device = found.death.is_some_and(|death| matches!(death.by, By::Middlebox | By::Network));
    found.outcome == Outcome::Died && found.sure < Sure::Proven && !is_device && unseen::last_words(scene).is_some()
}
