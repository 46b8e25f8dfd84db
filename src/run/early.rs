//! Sessions that memory had no room for: told or counted when they are given up, not at the end.

use std::collections::HashMap;
use std::path::PathBuf;

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
use crate::report::{CaseWriter, Streaming, Style, Tally};

/// Dead sessions kept of each cause, as examples for the report; and of all that somebody asked for.
const EXAMPLES: u32 = 8;
const ASKED_FOR: usize = 1024;

/// Sessions that are counted, written and let go together.
const STRETCH: usize = 128;

/// Writes the lines of sessions.
type Lister = Box<dyn CaseWriter + Send>;

/// Takes in what the pump gives up early.
pub(super) struct Early<'a> {
    job: &'a Job<'a>,
    pulse: &'a Pulse,
    /// What it consists of, as far as that is known before it is read.
    pub(super) inputs: Vec<Input>,
    style: Style,
    writer: Option<Lister>,
    /// Somebody else writes the list.
    has_scribe: bool,
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
    /// For a capture that consists of `paths`.
    pub(super) fn new(job: &'a Job<'a>, pulse: &'a Pulse, paths: &[PathBuf]) -> Self {
        let inputs: Vec<_> = paths.iter().map(|path| Input { path: path.clone(), ..Input::default() }).collect();
        let Selection { filter, numbers, from, to } = &job.options.selection;
        let is_selection = filter.is_some() || !numbers.is_empty() || from.is_some() || to.is_some();
        Self {
            job,
            pulse,
            style: plug::style(job, &inputs, job.appearance.color),
            inputs,
            writer: plug::listing(job.options.view.form).map(Streaming::writer),
            has_scribe: false,
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
    pub(super) fn told_before(&mut self, mut cases: Vec<Case>) {
        if self.writer.is_none() {
            return self.early(cases);
        }
        cases.retain(|case| self.is_counted(case));
        cases.iter().for_each(|case| self.count(case));
    }

    /// Machine forms lose nothing: the lines go out at once, and each session is let go while it is still at hand.
    fn list(&mut self, mut cases: Vec<Case>, mut writer: Option<&mut Lister>) {
        cases.retain(|case| self.is_counted(case));
        writer = writer.filter(|_| !self.job.options.view.silent && !cases.is_empty());
        if let Some(writer) = &mut writer {
            begin(writer, &cases);
        }
        let mut rest = cases.into_iter();
        while !rest.as_slice().is_empty() {
            let stretch = &rest.as_slice()[..rest.len().min(STRETCH)];
            stretch.iter().for_each(|case| self.count(case));
            if let Some(writer) = &mut writer {
                write(writer, stretch, &self.inputs, &self.style);
            }
            rest.by_ref().take(STRETCH).for_each(drop);
        }
    }
}

/// A reader that went away is noticed once more at the end, where the exit code is known.
fn begin(writer: &mut Lister, cases: &[Case]) {
    let _ = output::to_stdout(|out| writer.begin(cases, out));
}

fn write(writer: &mut Lister, cases: &[Case], inputs: &[Input], style: &Style) {
    let _ = output::to_stdout(|out| writer.write(cases, inputs, style, out));
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
        (self.writer.is_some() || self.has_scribe || self.is_counting()) && self.is_all()
    }

    /// A list of all sessions.
    fn scribe(&mut self) -> Option<Scribe> {
        if !self.streams() || self.is_asked_for || self.job.options.view.silent {
            return None;
        }
        let mut writer = self.writer.take()?;
        self.has_scribe = true;
        let (inputs, style) = (self.inputs.clone(), self.style.clone());
        Some(Box::new(move |cases| {
            begin(&mut writer, cases);
            cases.chunks(STRETCH).for_each(|stretch| write(&mut writer, stretch, &inputs, &style));
        }))
    }

    fn early(&mut self, mut cases: Vec<Case>) {
        if self.has_scribe {
            return self.list(cases, None);
        }
        if let Some(mut writer) = self.writer.take() {
            self.list(cases, Some(&mut writer));
            self.writer = Some(writer);
            return;
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
