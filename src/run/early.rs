//! Sessions that memory had no room for: told or counted when they are given up, not at the end.

use std::collections::HashMap;

use super::judge::Job;
use super::output;
use super::plug;
use super::watched::Pulse;
use crate::capture::Progress;
use crate::cli::{Form, Selection};
use crate::diagnose::verdict::Outcome;
use crate::diagnose::{Case, Wording};
use crate::frame::{Input, Timestamp};
use crate::pump::{Scribe, Watcher};
use crate::report::Tally;

/// Dead sessions kept of each cause, as examples for the report; and of all that somebody asked for.
const EXAMPLES: u32 = 8;
const ASKED_FOR: usize = 1024;

/// Sessions that are written together.
const STRETCH: usize = 128;

/// Takes in what the pump gives up early.
pub(super) struct Early<'a> {
    job: &'a Job<'a>,
    pulse: &'a Pulse,
    /// What it consists of, as far as that is known before it is read.
    pub(super) inputs: Vec<Input>,
    /// Writes the list, until the pump takes it over.
    scribe: Option<Scribe>,
    examples: HashMap<&'static str, u32>,
    first: Option<Timestamp>,
    /// Only some sessions are asked for, or each of them.
    is_asked_for: bool,
    /// Totals of the selected ones.
    pub(super) tally: Tally,
    /// Examples that the report may show.
    pub(super) kept: Vec<Case>,
    /// Sessions given up, selected or not.
    pub(super) all: usize,
    /// One of the selected ones makes the exit code 1.
    pub(super) matched: bool,
    /// One of them could be judged.
    pub(super) judged: bool,
}

impl<'a> Early<'a> {
    /// For a capture that consists of `inputs`, of which only the names are known yet.
    pub(super) fn new(job: &'a Job<'a>, pulse: &'a Pulse, inputs: &[Input]) -> Self {
        let inputs: Vec<_> =
            inputs.iter().map(|input| Input { path: input.path.clone(), ..Input::default() }).collect();
        let Selection { filter, numbers, from, to } = &job.options.selection;
        let is_selection = filter.is_some() || !numbers.is_empty() || from.is_some() || to.is_some();
        Self {
            job,
            pulse,
            scribe: scribe(job, &inputs),
            inputs,
            examples: HashMap::new(),
            first: None,
            is_asked_for: is_selection || job.options.view.each,
            tally: Tally::default(),
            kept: Vec::new(),
            all: 0,
            matched: false,
            judged: false,
        }
    }

    /// Lists have these `cases` already; they are counted like the others.
    pub(super) fn told_before(&mut self, cases: Vec<Case>) {
        if self.is_list() { self.list(cases, false) } else { self.early(cases) }
    }

    /// Machine forms lose nothing: the lines go out at once, unless they are there already, and each session is let go.
    fn list(&mut self, mut cases: Vec<Case>, is_new: bool) {
        cases.retain(|case| self.is_counted(case));
        if let Some(scribe) = self.scribe.as_mut().filter(|_| is_new && !cases.is_empty()) {
            scribe(&cases);
        }
        cases.into_iter().for_each(|case| self.count(&case));
    }
}

/// Who writes the lines of sessions, if all of them are listed.
fn scribe(job: &Job<'_>, inputs: &[Input]) -> Option<Scribe> {
    let mut writer = plug::listing(job.options.view.form).filter(|_| !job.options.view.silent)?.writer();
    let (inputs, style) = (inputs.to_vec(), plug::style(job, inputs, job.appearance.color));
    Some(Box::new(move |cases| {
        // A reader that went away is noticed once more at the end, where the exit code is known.
        let _ = output::to_stdout(|out| writer.begin(cases, out));
        for stretch in cases.chunks(STRETCH) {
            let _ = output::to_stdout(|out| writer.write(stretch, &inputs, &style, out));
        }
    }))
}

impl Watcher for Early<'_> {
    fn progress(&mut self, _frames: u64, sessions: u32, _read: &Progress) {
        self.pulse.sessions.set(u64::from(sessions));
    }

    /// Lists and totals show what was concluded, and no sentence of it; reports of every other kind may.
    fn wording(&self) -> Wording {
        let is_mute = self.is_counting() || matches!(self.job.options.view.form, Form::Brief | Form::BriefJson);
        if is_mute && self.is_all() { Wording::Bare } else { Wording::Whole }
    }

    fn streams(&self) -> bool {
        (self.is_list() || self.is_counting()) && self.is_all()
    }

    /// Of a list of all sessions; some of them are chosen here first.
    fn scribe(&mut self) -> Option<Scribe> {
        if self.streams() && !self.is_asked_for { self.scribe.take() } else { None }
    }

    fn early(&mut self, mut cases: Vec<Case>) {
        if self.is_list() {
            return self.list(cases, true);
        }
        cases.retain(|case| self.is_counted(case));
        let is_counting = self.is_counting() && self.is_all();
        for case in cases {
            let count = self.examples.entry(case.verdict.cause.unwrap_or("")).or_default();
            *count += 1;
            let is_example = matches!(case.verdict.outcome, Outcome::Died | Outcome::Warn) && *count <= EXAMPLES;
            let is_asked_for = self.is_asked_for && self.kept.len() < ASKED_FOR;
            if !is_counting && (is_example || is_asked_for) {
                // It is counted with the cases in the end.
                self.all -= 1;
                self.kept.push(case);
            } else {
                self.count(&case);
            }
        }
    }
}

impl Early<'_> {
    /// Whether each session has a line.
    fn is_list(&self) -> bool {
        plug::listing(self.job.options.view.form).is_some()
    }

    /// Whether only numbers are told of sessions.
    fn is_counting(&self) -> bool {
        self.job.options.view.silent || self.job.options.view.form == Form::Totals
    }

    /// Whether nothing else is to be made of them.
    fn is_all(&self) -> bool {
        self.job.options.view.file.is_none() && self.job.form.is_none()
    }

    /// Takes note of `case`; answers whether it was asked for.
    fn is_counted(&mut self, case: &Case) -> bool {
        self.all += 1;
        let start = *self.first.get_or_insert(case.session.first.time);
        self.judged |= case.verdict.outcome != Outcome::Unsure;
        self.job.is_chosen(case, start, case.session.capture_end)
    }

    fn count(&mut self, case: &Case) {
        self.tally.add(case);
        self.matched |= self.job.matches(case);
        self.pulse.died.set(self.tally.of(Outcome::Died));
    }
}
