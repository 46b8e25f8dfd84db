//! Asks the rules in their order, and puts the first answer and everything else that was noticed into a verdict.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread;

use super::attempt::{self, Tie};
use super::case::Case;
use super::company::with_company;
use super::crowd::Crowd;
use super::docket::Docket;
use super::doubt;
use super::enrich;
use super::observe::observe;
use super::reached::phases;
use super::refute::refuted;
use super::rule::{Found, Observation, Rule, Scene};
use super::shape::Shape;
use super::verdict::{Death, EndHow, Evidence, Finding, LadderMark, Outcome, Points, Sentence, Sure, Verdict};
use super::wording::Wording;
use crate::frame::FrameNumber;
use crate::knowledge::causes;
use crate::session::aside::Aside;
use crate::session::{Phase, Session, Transport};

/// Sessions that are not worth a thread of their own.
const ALONE: usize = 1024;
/// Threads at most; memory is shared by all of them.
const THREADS: usize = 8;

/// Judges all sessions of a capture, each in the light of the others and of what was said beside them. `dropped` packets were lost by the capturing
/// program, as far as it says.
#[must_use]
pub fn judge_all(sessions: Vec<Box<Session>>, asides: &[Aside], dropped: u64) -> Vec<Case> {
    judge_worded(sessions, asides, dropped, Wording::Whole)
}

/// The same, with verdicts that say no more than what somebody will read.
#[must_use]
pub fn judge_worded(sessions: Vec<Box<Session>>, asides: &[Aside], dropped: u64, wording: Wording) -> Vec<Case> {
    let mut crowd = Crowd::new(asides, dropped, sessions.len());
    // Each is looked at for all purposes at once: there are more of them than a processor keeps at hand.
    let summoned = sessions.into_iter().map(|session| Summoned::new(session, &mut crowd)).collect();
    crowd.settle(asides);
    attempt::join(judge_each(summoned, &crowd, wording, usize::MAX))
}

/// A session to be judged, and its place in the crowd.
pub(super) struct Summoned {
    pub(super) session: Box<Session>,
    shape: Shape,
    pub(super) index: usize,
}

impl Summoned {
    /// Takes note of `session` in the `crowd`.
    pub(super) fn new(session: Box<Session>, crowd: &mut Crowd) -> Self {
        let shape = Shape::of(&session);
        let index = crowd.note(&session, &shape);
        Self { session, shape, index }
    }

    /// The crowd knows `session` by this `index` already.
    pub(super) fn again(session: Box<Session>, index: usize) -> Self {
        let shape = Shape::of(&session);
        Self { session, shape, index }
    }
}

/// Judges each in the light of the `crowd`; many of them by several threads, but no more than `most`. Rules are pure, so that
/// nobody can tell.
pub(super) fn judge_each(
    mut summoned: Vec<Summoned>,
    crowd: &Crowd,
    wording: Wording,
    most: usize,
) -> Vec<(Case, Tie)> {
    let judge_part = |part: Vec<Summoned>| -> Vec<(Case, Tie)> {
        let mut docket = Docket::default();
        part.into_iter().map(|summoned| judge(summoned, crowd, wording, &mut docket)).collect()
    };
    let threads = match most.min(THREADS).min(summoned.len() / ALONE) {
        // Asking costs system calls.
        few @ 0..=1 => few,
        many => many.min(thread::available_parallelism().map_or(1, NonZero::get)),
    };
    let size = summoned.len().div_ceil(threads.max(1));
    thread::scope(|scope| {
        let mut others = Vec::new();
        while summoned.len() > size {
            let first = (summoned.len() - 1) / size * size;
            let part = summoned.split_off(first);
            others.push(scope.spawn(move || judge_part(part)));
        }
        let mut judged = judge_part(summoned);
        for other in others.into_iter().rev() {
            judged.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        judged
    })
}

/// Judges one session, in the light of the crowd and of its place in it.
fn judge(summoned: Summoned, crowd: &Crowd, wording: Wording, docket: &mut Docket) -> (Case, Tie) {
    let Summoned { session, shape, index } = summoned;
    let scene = Scene::of(&session, &shape, crowd, index, wording);
    let (rule, found) = match docket.first(&scene) {
        Some((rule, found)) => (Some(rule), found),
        None => (None, scene.ok(Sure::Likely, "nothing went wrong as far as can be seen")),
    };
    let found = match (rule, found.outcome) {
        (Some(rule), Outcome::Died) if wording == Wording::Whole => with_company(found, rule.id, &scene),
        _ => found,
    };
    let verdict = verdict(&scene, rule, found);
    let attempt = session.id.0;
    let role = match (session.transport, verdict.cause) {
        (Transport::Udp, _) => "udp",
        (_, Some("ok.prompt-reconnect")) => "prompt",
        _ => "main",
    };
    let tie = Tie::of(&scene, verdict.outcome, verdict.cause);
    (Case { session, shape, verdict, attempt, role }, tie)
}

fn verdict(scene: &Scene<'_>, rule: Option<&Rule>, mut found: Found) -> Verdict {
    let session = scene.session;
    let mut end = scene.ending.end;
    if found.outcome == Outcome::Died && matches!(end.how, EndHow::CaptureEnd) {
        end.how = EndHow::Silence;
    }
    let cause = rule.map(|rule| found.id.unwrap_or(rule.id));
    if scene.wording == Wording::Whole {
        enrich::logon(scene, cause, &mut found);
    }
    let noticed = observe(scene);
    doubt::weigh(scene, rule, &noticed, &mut found);
    let (cause, headline) = with_warning(&mut found, cause, &noticed);
    let known = cause.and_then(causes::find);
    debug_assert!(cause.is_none() || known.is_some(), "{cause:?} is not in the catalogue");
    let (reached, reached_inferred) = phases(session, scene.shape);
    let death = found.death.filter(|_| found.outcome == Outcome::Died);
    let death = death.map(|death| Death { phase: inferred_phase(scene.shape, death), ..death });
    if let (Some(death), Some(cause)) = (death, cause)
        && scene.wording == Wording::Whole
    {
        let cleared = refuted(scene, &found, cause, death.phase);
        found.not_it.extend(cleared);
    }
    let findings: Vec<Finding> = noticed
        .into_iter()
        .map(|observation| observation.finding)
        .filter(|finding| Some(finding.id) != cause)
        .collect();
    Verdict {
        outcome: found.outcome,
        cause,
        sure: found.sure,
        headline,
        death,
        end,
        reached,
        reached_inferred,
        evidence: found.evidence,
        means: found.means,
        not_it: found.not_it,
        could_be: found.could_be,
        fixes: known.map_or(&[], |cause| cause.fixes),
        next: known.map_or(&[], |cause| cause.next),
        moot: found.moot,
        notes: found.notes,
        findings,
        marks: found.marks,
    }
}

/// Where behind TLS a session died, by the shape of what was said last before.
fn inferred_phase(shape: &Shape, death: Death) -> Phase {
    let before = shape.records.iter().rfind(|record| record.frame <= death.frame && record.phase > Phase::Tls);
    match (death.phase, before) {
        (Phase::Tls, Some(record)) => record.phase,
        (phase, _) => phase,
    }
}

/// A session that went well, with something that will bite: that is then its cause, and its packets the evidence.
fn with_warning(
    found: &mut Found,
    cause: Option<&'static str>,
    noticed: &[Observation],
) -> (Option<&'static str>, Sentence) {
    let first = noticed.iter().find(|observation| observation.warns);
    match (found.outcome, first) {
        // What a peer declared of the end stays the headline; the warning stands among the findings.
        (Outcome::Ok, Some(_)) if found.sure == Sure::Proven => {
            found.outcome = Outcome::Warn;
            (cause, std::mem::take(&mut found.headline))
        }
        (Outcome::Ok, Some(Observation { finding, .. })) if cause != Some("ok.prompt-reconnect") => {
            found.outcome = Outcome::Warn;
            found.sure = finding.sure;
            found.could_be.clear();
            found.evidence =
                vec![Evidence { frames: finding.frames.clone(), points: Points::For, text: finding.text.clone() }];
            let mark = |frame: &FrameNumber| LadderMark { frame: *frame, is_death: false, note: Sentence::default() };
            found.marks = finding.frames.first().map(mark).into_iter().collect();
            (Some(finding.id), finding.text.clone())
        }
        _ => (cause, std::mem::take(&mut found.headline)),
    }
}
