//! Sessions that memory had no room for: told or counted when they are given up, not at the end.

use std::collections::HashMap;
use std::path::PathBuf;

use super::judge::Job;
use super::output;
use super::plug;
use super::watched::Pulse;
use crate::capture::Progress;
use crate::cli::Form;
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::frame::{Input, Timestamp};
use crate::pump::Watcher;
use crate::report::Streaming;
use crate::report::Tally;
use crate::report::brief::Brief;
use crate::report::json::{BriefJson, Json};

/// Dead sessions kept of each cause, as examples for the report.
const EXAMPLES: u32 = 8;

/// Takes in what the pump gives up early.
pub(super) struct Early<'a> {
    job: &'a Job<'a>,
    pulse: &'a Pulse,
    /// What it consists of, as far as that is known before it is read.
    pub(super) inputs: Vec<Input>,
    examples: HashMap<&'static str, u32>,
    first: Option<Timestamp>,
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
    /// For a capture that consists of `paths`.
    pub(super) fn new(job: &'a Job<'a>, pulse: &'a Pulse, paths: &[PathBuf]) -> Self {
        let inputs = paths.iter().map(|path| Input { path: path.clone(), ..Input::default() }).collect();
        Self {
            job,
            pulse,
            inputs,
            examples: HashMap::new(),
            first: None,
            tally: Tally::default(),
            kept: Vec::new(),
            all: 0,
            matched: false,
            judged: false,
        }
    }

    /// Machine forms lose nothing: the lines go out at once.
    fn tell(&self, cases: &[Case]) {
        let view = &self.job.options.view;
        let format: &dyn Streaming = match view.form {
            Form::Json => &Json,
            Form::BriefJson => &BriefJson,
            Form::Brief => &Brief,
            Form::Text | Form::Totals => return,
        };
        if view.silent || cases.is_empty() {
            return;
        }
        let style = plug::style(self.job, &self.inputs, self.job.appearance.color);
        // A reader that went away is noticed once more at the end, where the exit code is known.
        let _ = output::to_stdout(|out| format.write_cases(cases, &self.inputs, &style, out));
    }
}

impl Watcher for Early<'_> {
    fn progress(&mut self, _frames: u64, sessions: u32, _read: &Progress) {
        self.pulse.sessions.set(u64::from(sessions));
    }

    fn early(&mut self, mut cases: Vec<Case>) {
        cases.retain(|case| self.is_counted(case));
        if matches!(self.job.options.view.form, Form::Json | Form::BriefJson | Form::Brief) {
            cases.iter().for_each(|case| self.count(case));
            self.tell(&cases);
            return;
        }
        for case in cases {
            let count = self.examples.entry(case.verdict.cause.unwrap_or("")).or_default();
            *count += 1;
            if matches!(case.verdict.outcome, Outcome::Died | Outcome::Warn) && *count <= EXAMPLES {
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
