//! Sessions that memory had no room for: told or counted when they are given up, not at the end.

use std::collections::HashMap;
use std::path::PathBuf;

use super::judge::Job;
use super::output;
use super::plug;
use super::watched::Pulse;
use crate::capture::Progress;
use crate::cli::Form;
use crate::diagnose::verdict::Outcome;
use crate::diagnose::{Case, Wording};
use crate::frame::{Input, Timestamp};
use crate::pump::Watcher;
use crate::report::{CaseWriter, Streaming, Tally};

/// Dead sessions kept of each cause, as examples for the report.
const EXAMPLES: u32 = 8;

/// Sessions that are counted, written and let go together.
const STRETCH: usize = 128;

/// Takes in what the pump gives up early.
pub(super) struct Early<'a> {
    job: &'a Job<'a>,
    pulse: &'a Pulse,
    /// What it consists of, as far as that is known before it is read.
    pub(super) inputs: Vec<Input>,
    writer: Option<Box<dyn CaseWriter>>,
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
            writer: plug::listing(job.options.view.form).map(Streaming::writer),
            examples: HashMap::new(),
            first: None,
            tally: Tally::default(),
            kept: Vec::new(),
            all: 0,
            matched: false,
            judged: false,
        }
    }

    /// Machine forms lose nothing: the lines go out at once, and each session is let go while it is still at hand.
    fn list(&mut self, cases: Vec<Case>, writer: &mut dyn CaseWriter) {
        let style = plug::style(self.job, &self.inputs, self.job.appearance.color);
        let mut stretch = Vec::with_capacity(STRETCH);
        let mut rest = cases.into_iter();
        loop {
            stretch.extend(rest.by_ref().take(STRETCH));
            if stretch.is_empty() {
                return;
            }
            stretch.retain(|case| self.is_counted(case));
            stretch.iter().for_each(|case| self.count(case));
            if !self.job.options.view.silent && !stretch.is_empty() {
                // A reader that went away is noticed once more at the end, where the exit code is known.
                let _ = output::to_stdout(|out| writer.write(&stretch, &self.inputs, &style, out));
            }
            stretch.clear();
        }
    }
}

impl Watcher for Early<'_> {
    fn progress(&mut self, _frames: u64, sessions: u32, _read: &Progress) {
        self.pulse.sessions.set(u64::from(sessions));
    }

    /// Lists and totals show what was concluded, and no sentence of it; reports of every other kind may.
    fn wording(&self) -> Wording {
        let view = &self.job.options.view;
        let is_mute = view.silent || matches!(view.form, Form::Brief | Form::BriefJson | Form::Totals);
        if is_mute && view.file.is_none() && self.job.form.is_none() { Wording::Bare } else { Wording::Whole }
    }

    fn early(&mut self, mut cases: Vec<Case>) {
        if let Some(mut writer) = self.writer.take() {
            self.list(cases, &mut *writer);
            self.writer = Some(writer);
            return;
        }
        cases.retain(|case| self.is_counted(case));
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
