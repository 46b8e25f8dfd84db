//! From options to verdicts: opens, filters, has it judged, selects, reports.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::complaint::Complaint;
use super::config;
use super::early::Early;
use super::exit::{self, Account};
use super::flowing::{Flowing, PATIENCE, flows};
use super::follow::Follow;
use super::look::{Appearance, color_on_stderr};
use super::moments::{self, Window};
use super::output::{self, Stderr, Written};
use super::piped::{FAREWELL, Piped};
use super::plug::{self, Judged};
use super::signals::heed;
use super::status::Status;
use super::watched::{Pulse, Watched};
use crate::capture::{self, CaptureError, Filter, Filtered, Merged, Next, Progress, Source};
use crate::cli::{FailOn, Form, Options};
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::frame::{Frame, Input, Timestamp};
use crate::report::Format;
use crate::report::text::write_warnings;
use crate::report::time::counted;

/// What was asked for, checked: from here on only inputs can be wrong.
pub(super) struct Job<'o> {
    pub(super) options: &'o Options,
    /// Another form than the one that was asked for.
    pub(super) form: Option<&'o dyn Format>,
    pub(super) appearance: Appearance,
    filter: Option<crate::report::Filter>,
    fail_on: Option<crate::report::Filter>,
    /// The report's file holds one of this run.
    has_filed: AtomicBool,
    stderr: Stderr,
}

/// Judges what `options` name; answers what to exit with.
pub(super) fn judge(options: &Options) -> u8 {
    judge_as(options, None)
}

/// The same, reported in `form` instead of the one that `options` ask for.
pub(super) fn judge_as(options: &Options, form: Option<&dyn Format>) -> u8 {
    let mut stderr = Stderr { width: 80, color: color_on_stderr(options.look.color) };
    let job = match Job::new(options, form, stderr) {
        Ok(job) => job,
        Err(complaint) => {
            stderr.error(&complaint);
            return exit::USAGE;
        }
    };
    stderr.width = job.appearance.width;
    if let Some((path, _)) = &options.view.file
        && let Err(complaint) = output::check_place(path)
    {
        stderr.error(&complaint);
        return exit::UNREADABLE;
    }
    let groups = match groups(options) {
        Ok(groups) => groups,
        Err(error) => {
            stderr.error(&error.into());
            return exit::UNREADABLE;
        }
    };
    let mut account = Account::default();
    for (index, group) in groups.iter().enumerate() {
        account = account.and(job.capture(group, index, index + 1 == groups.len()));
    }
    account.code()
}

/// What is read together: everything, or with `--separate` each file alone.
fn groups(options: &Options) -> Result<Vec<Vec<PathBuf>>, CaptureError> {
    if !options.separate {
        return Ok(vec![options.inputs.clone()]);
    }
    Ok(capture::expand(&options.inputs)?.into_iter().map(|path| vec![path]).collect())
}

impl<'o> Job<'o> {
    /// Fails on whatever can be known to be wrong before a file is opened.
    pub(super) fn new(options: &'o Options, form: Option<&'o dyn Format>, stderr: Stderr) -> Result<Self, Complaint> {
        let appearance = Appearance::of(&options.look)?;
        let filter = match &options.selection.filter {
            Some(expression) => Some(plug::filter("-Y", expression, &appearance.zone)?),
            None => None,
        };
        let fail_on = match &options.fail_on {
            FailOn::Matching(expression) => Some(plug::filter("--fail-on", expression, &appearance.zone)?),
            FailOn::Died | FailOn::Never => None,
        };
        if let Some(expression) = &options.packets {
            Filter::new(expression)?;
        }
        // It is about the screen, but who names one is not to find out only there that it cannot be used.
        if options.look.config.is_some() {
            config::read(&options.look)?;
        }
        let pipes = options.inputs.iter().filter(|input| input.as_os_str() == "-").count();
        if pipes > 1 {
            return Err(Complaint::new("standard input can be read only once"));
        }
        if pipes == 1 && output::stdin_is_terminal() {
            return Err(Complaint::new("standard input is a terminal, and captures are not typed")
                .note("help", "pipe one in: tcpdump -U -w - | rdpwhy -"));
        }
        if let Some((path, _)) = &options.view.file {
            let inputs = capture::expand(&options.inputs).unwrap_or_else(|_| options.inputs.clone());
            output::check_target(path, &inputs)?;
        }
        let stderr = Stderr { width: appearance.width, ..stderr };
        Ok(Self { options, form, appearance, filter, fail_on, has_filed: AtomicBool::new(false), stderr })
    }

    /// Reads, judges and reports one capture.
    fn capture(&self, paths: &[PathBuf], index: usize, is_last: bool) -> Account {
        let status = Status::new(self.options.view.silent, self.appearance.width);
        let read = if flows(paths) {
            self.read_flowing(paths, &status)
        } else {
            self.read(paths).map(|judged| (judged, None))
        };
        status.clear();
        let (mut judged, told) = match read {
            Ok(read) => read,
            Err(error) => {
                let inputs = paths.iter().map(|path| unread(path, &error.what)).collect();
                self.stderr.error(&error.into());
                let account = Account { unreadable: true, ..Account::default() };
                self.report_nothing(&Judged { inputs, ..Judged::default() }, account, index > 0);
                return account;
            }
        };
        let mut account = Account { unreadable: !judged.errors.is_empty(), ..Account::default() };
        self.complain(&mut judged);
        let nothing_read = judged.inputs.iter().all(|input| input.packets == input.unknown_link);
        if account.unreadable && nothing_read {
            self.report_nothing(&judged, account, index > 0);
            return account;
        }
        account.judged =
            judged.account.judged || judged.cases.iter().any(|case| case.verdict.outcome != Outcome::Unsure);
        self.select(&mut judged);
        account.matched = judged.account.matched || judged.cases.iter().any(|case| self.matches(case));
        let reported = match told {
            Some(follow) => self.report_rest(&judged, follow, account.code()),
            None => self.report(&judged, account.code(), index > 0),
        };
        if is_last {
            // What ends with the program need not be taken apart piece by piece.
            std::mem::forget(judged);
        }
        match reported {
            Ok(()) => account,
            Err(complaint) => {
                self.stderr.error(&complaint);
                Account { unreadable: true, ..account }
            }
        }
    }

    /// Says what is wrong with what was read; what could not be read at all stands in the report as well.
    fn complain(&self, judged: &mut Judged) {
        let errors = std::mem::take(&mut judged.errors);
        let reasons: Vec<_> = errors.iter().map(|error| (error.path.clone(), error.what.clone())).collect();
        for error in errors {
            self.stderr.error(&error.into());
        }
        if !self.options.view.silent {
            self.warn(judged);
        }
        // To people it has been said.
        for (path, why) in reasons {
            if let Some(input) = judged.inputs.iter_mut().find(|input| input.path == path) {
                input.warnings.push(not_read(&why));
            }
        }
    }

    fn warn(&self, judged: &Judged) {
        let style = plug::style(self, &judged.inputs, self.stderr.color);
        self.stderr.write(|out| write_warnings(&judged.inputs, &style, out));
        let torn = judged.early.torn + judged.cases.iter().filter(|case| case.session.evicted).count() as u64;
        if torn > 0 {
            self.stderr.prose(&format!(
                "warning: memory ran out: {} given up while running, and what came of them later counts anew; give more \
                 --memory\n",
                if torn == 1 { "1 session was".to_owned() } else { format!("{} were", counted(torn, "session")) }
            ));
        }
        let is_backwards =
            |(start, end)| moments::is_backwards(&self.options.selection, start, end, &self.appearance.zone);
        if extent(&judged.inputs).is_some_and(is_backwards) {
            self.stderr.prose("warning: --to is before --from, so it is of the next day; the capture ends before\n");
        }
    }

    fn read(&self, paths: &[PathBuf]) -> Result<Judged, CaptureError> {
        let source = open(self, paths)?;
        let pulse = Pulse::default();
        let mut watched = Watched::new(source, self.options.stop, &pulse, !self.options.view.silent);
        let judged = plug::judge(&mut watched, self, &pulse)?;
        let mut source = watched.into_inner();
        Ok(with_inputs(judged, source.inputs().to_vec(), source.take_errors()))
    }

    /// The same of a pipe, into which somebody may still write; also who told sessions on the way, if any was told.
    fn read_flowing<'a>(
        &'a self,
        paths: &[PathBuf],
        status: &'a Status,
    ) -> Result<(Judged, Option<Follow<'a>>), CaptureError> {
        let pulse = Pulse::default();
        let source = open(self, paths)?;
        let early = Early::new(self, &pulse, source.inputs());
        let enough = Arc::new(AtomicBool::new(false));
        // Without it, Ctrl-C ends the program like any other.
        let _ = heed(&enough);
        let piped = Piped::new(source, PATIENCE, enough).with_farewell(FAREWELL);
        let mut watched = Watched::new(piped, self.options.stop, &pulse, false);
        let mut flowing = Flowing::new(self, early, status);
        let judged = plug::judge_watched(&mut watched, plug::for_reports(self), &mut flowing)?;
        let (early, told) = flowing.into_parts();
        let mut piped = watched.into_inner();
        let judged = with_inputs(plug::with_early(judged, early), piped.inputs().to_vec(), piped.take_errors());
        Ok((judged, told))
    }

    /// Leaves only the sessions that were asked for, and counts the others.
    pub(super) fn select(&self, judged: &mut Judged) {
        let all = judged.cases.len() + judged.early_all;
        let extent = extent(&judged.inputs);
        judged.cases.retain(|case| extent.is_none_or(|(start, end)| self.is_chosen(case, start, end)));
        judged.left_out = all.saturating_sub(judged.cases.len() + judged.early.sessions as usize);
    }

    /// Whether `case` of a capture from `start` to `end` was asked for.
    pub(super) fn is_chosen(&self, case: &Case, start: Timestamp, end: Timestamp) -> bool {
        let selection = &self.options.selection;
        let number = case.session.id.0;
        let by_number = selection.numbers.is_empty()
            || selection.numbers.iter().any(|(first, last)| (*first..=*last).contains(&number));
        let window = Window::of(selection, start, end, &self.appearance.zone);
        by_number
            && window.touches(case.session.first.time, case.session.last.time)
            && self.filter.as_ref().is_none_or(|filter| filter.matches(case))
    }

    /// Whether `case` makes the exit code 1.
    pub(super) fn matches(&self, case: &Case) -> bool {
        match (&self.options.fail_on, &self.fail_on) {
            (FailOn::Never, _) => false,
            (_, Some(filter)) => filter.matches(case),
            (_, None) => case.verdict.outcome == Outcome::Died,
        }
    }

    /// The last word on sessions that were told on the way, and what a report has beside them.
    fn report_rest(&self, judged: &Judged, mut follow: Follow<'_>, code: u8) -> Result<(), Complaint> {
        let view = &self.options.view;
        judged.cases.iter().for_each(|case| follow.settle(case, &judged.inputs));
        self.stderr.untold(follow.close());
        let filed = self.file(judged, code);
        output::to_stdout(|out| match (&view.file, &filed) {
            // What came through a pipe does not come again for another try.
            (Some((_, form)), Err(_)) => plug::write(*form, self, judged, code, self.appearance.color, out),
            _ => plug::rest(self, judged, code, out),
        })?;
        filed
    }

    /// Writes the report into the file that it was asked for in, if it was; with `--separate` one behind the other.
    fn file(&self, judged: &Judged, code: u8) -> Result<(), Complaint> {
        let Some((path, form)) = &self.options.view.file else { return Ok(()) };
        let is_later = self.has_filed.swap(true, Ordering::Relaxed);
        output::to_file(path, is_later, |out| {
            if is_later && *form == Form::Text {
                writeln!(out)?;
            }
            plug::write(*form, self, judged, code, false, out)
        })
    }

    /// Nothing could be read. Programs get the records that they count on all the same.
    fn report_nothing(&self, judged: &Judged, account: Account, is_later: bool) {
        let view = &self.options.view;
        let is_records = |form: Form| matches!(form, Form::Json | Form::BriefJson);
        if !is_records(view.file.as_ref().map_or(view.form, |(_, form)| *form)) {
            return;
        }
        if let Err(complaint) = self.report(judged, account.code(), is_later) {
            self.stderr.error(&complaint);
        }
    }

    fn report(&self, judged: &Judged, code: u8, is_later: bool) -> Result<(), Complaint> {
        let view = &self.options.view;
        let filed = self.file(judged, code);
        if view.silent {
            return filed;
        }
        // What came through a pipe does not come again for another try, and a large file takes its time.
        let form = match (&view.file, &filed) {
            (Some((_, form)), Err(_)) => *form,
            _ => view.form,
        };
        let written = output::to_stdout(|out| {
            if is_later && form == Form::Text {
                writeln!(out)?;
            }
            plug::write(form, self, judged, code, self.appearance.color, out)
        })?;
        // A list without a line looks like one that was never made; the form of the others has words or records for it.
        if form == Form::Brief && judged.left_out > 0 && judged.cases.is_empty() && judged.early.sessions == 0 {
            self.stderr.text(&plug::nothing_chosen(self, judged));
        }
        if written == Written::Unwanted && view.file.is_none() {
            // Nobody reads any more; what further captures would say is unwanted too.
            std::process::exit(i32::from(code));
        }
        filed
    }
}

/// From when to when the packets are.
pub(super) fn extent(inputs: &[Input]) -> Option<(Timestamp, Timestamp)> {
    let start = inputs.iter().filter_map(|input| input.first).min();
    start.zip(inputs.iter().filter_map(|input| input.last).max())
}

/// An input of which nothing was read.
fn unread(path: &Path, why: &str) -> Input {
    Input { path: path.to_owned(), warnings: vec![not_read(why)], ..Input::default() }
}

fn not_read(why: &str) -> String {
    format!("not read: {why}")
}

/// `judged` with what it came from, and what of that could not be read.
fn with_inputs(judged: Judged, inputs: Vec<Input>, mut errors: Vec<CaptureError>) -> Judged {
    errors.extend(inputs.iter().filter_map(capture::unreadable_link));
    Judged { inputs, errors, ..judged }
}

/// Opens `paths`, with the capture filter that was asked for.
pub(super) fn open(job: &Job<'_>, paths: &[PathBuf]) -> Result<Opened, CaptureError> {
    let merged = capture::open(paths, &capture::Options::default())?;
    Ok(match &job.options.packets {
        Some(expression) => Opened::Filtered(Box::new(Filtered::new(merged, Filter::new(expression)?))),
        None => Opened::Whole(Box::new(merged)),
    })
}

/// What is being read, with or without a capture filter.
pub(super) enum Opened {
    Whole(Box<Merged>),
    Filtered(Box<Filtered>),
}

impl Opened {
    /// Inputs that could not be read at all.
    pub(super) fn take_errors(&mut self) -> Vec<CaptureError> {
        let errors = match self {
            Self::Whole(source) => source.errors(),
            Self::Filtered(source) => source.errors(),
        };
        errors.iter().map(copy).collect()
    }
}

fn copy(error: &CaptureError) -> CaptureError {
    let CaptureError { what, path, at, notes } = error;
    CaptureError { what: what.clone(), path: path.clone(), at: at.clone(), notes: notes.clone() }
}

impl Source for Opened {
    #[inline]
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        match self {
            Self::Whole(source) => source.next(),
            Self::Filtered(source) => source.next(),
        }
    }

    fn hand(&mut self, take: &mut dyn FnMut(&Frame<'_>) -> bool) -> u64 {
        match self {
            Self::Whole(source) => source.hand(take),
            Self::Filtered(source) => source.hand(take),
        }
    }

    fn inputs(&self) -> &[Input] {
        match self {
            Self::Whole(source) => source.inputs(),
            Self::Filtered(source) => source.inputs(),
        }
    }

    fn progress(&self) -> Progress {
        match self {
            Self::Whole(source) => source.progress(),
            Self::Filtered(source) => source.progress(),
        }
    }
}
