//! Where the rooms are plugged together: source to engine to judge, judged cases to a report.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::complaint::Complaint;
use super::early::Early;
use super::exit::Account;
use super::judge::Job;
use super::watched::Pulse;
use crate::capture::{CaptureError, Source};
use crate::cli::{Form, Kept};
use crate::diagnose::Case;
use crate::engine;
use crate::frame::Input;
use crate::pump::{self, Pumped, Watcher};
use crate::report::brief::Brief;
use crate::report::format::shell_word;
use crate::report::json::{BriefJson, Json};
use crate::report::text::TextReport;
use crate::report::time::{absolute, counted};
use crate::report::totals::Totals;
use crate::report::{Filter, Format, NotRdp, Run, Streaming, Style, Tally};

/// Ports named in "no RDP in it".
const PORTS: usize = 3;

/// What came of a capture.
#[derive(Default)]
pub(super) struct Judged {
    /// Sessions and verdicts, by number.
    pub(super) cases: Vec<Case>,
    /// Totals of sessions that were given up early and are not among the cases.
    pub(super) early: Tally,
    /// Sessions given up early, selected or not.
    pub(super) early_all: usize,
    /// Sessions that were not asked for; counted when the others are selected.
    pub(super) left_out: usize,
    /// What those given up early make of the exit code.
    pub(super) account: Account,
    /// What the capture holds besides.
    pub(super) elsewhere: NotRdp,
    /// What was read; filled in by the caller.
    pub(super) inputs: Vec<Input>,
    /// Inputs that could not be read; filled in by the caller.
    pub(super) errors: Vec<CaptureError>,
}

/// Reads `source` to its end and judges every session in it.
pub(super) fn judge(source: &mut impl Source, job: &Job<'_>, pulse: &Pulse) -> Result<Judged, CaptureError> {
    let mut early = Early::new(job, pulse, source.inputs());
    let judged = judge_watched(source, for_reports(job), &mut early)?;
    Ok(with_early(judged, early))
}

/// `judged` with those that memory had no room for.
pub(super) fn with_early(mut judged: Judged, mut early: Early<'_>) -> Judged {
    judged.cases.append(&mut early.kept);
    Judged {
        account: Account { matched: early.matched, judged: early.judged, unreadable: false },
        early: early.tally,
        early_all: early.all,
        ..judged
    }
}

/// The same, with `watcher` told of everything on the way.
pub(super) fn judge_watched(
    source: &mut impl Source,
    limits: engine::Options,
    watcher: &mut dyn Watcher,
) -> Result<Judged, CaptureError> {
    Ok(judged(pump::run(source, limits, watcher)?))
}

/// Memory for everything; bytes.
pub(super) fn memory(job: &Job<'_>) -> usize {
    let default = engine::Options::default().memory;
    job.options.memory.map_or(default, |memory| usize::try_from(memory).unwrap_or(usize::MAX))
}

/// What the engine is told.
pub(super) fn limits(job: &Job<'_>) -> engine::Options {
    let mut limits = engine::Options::default();
    limits.ports.extend(&job.options.ports);
    limits.memory = memory(job);
    // Packets that wait for a verdict have a quarter of all.
    if job.options.live.kept != Kept::All {
        limits.memory -= limits.memory / 4;
    }
    // The rest is for judging and reporting what was remembered.
    limits.memory = limits.memory / 16 * 9;
    limits
}

/// The same for who reports on files: a list, a total or a report with examples needs few sessions at once, and is quicker
/// with memory that is still at hand. A report of each session needs all of them.
pub(super) fn for_reports(job: &Job<'_>) -> engine::Options {
    let comfort = if job.options.view.each { usize::MAX } else { memory(job) / 32 };
    engine::Options { comfort, ..limits(job) }
}

/// What the pump brought, for a report.
pub(super) fn judged(pumped: Pumped) -> Judged {
    let traffic = &pumped.traffic;
    let midstream = pumped.cases.iter().filter(|case| case.verdict.cause == Some("cap.starts-mid-session")).count();
    let elsewhere = NotRdp {
        packets: pumped.frames,
        tcp_connections: traffic.connections,
        rdp_port_midstream: midstream as u64,
        ports_seen_most: traffic.busiest(PORTS).into_iter().map(|(port, count)| (port, u64::from(count))).collect(),
        hints: pumped.hints.clone(),
    };
    Judged { cases: pumped.cases, elsewhere, ..Judged::default() }
}

/// The session filter `expression`, given with `option`.
pub(super) fn filter(option: &str, expression: &str, zone: &TimeZone) -> Result<Filter, Complaint> {
    Filter::parse(expression, zone).map_err(|error| {
        Complaint::new(error.what)
            .at(format!("{option}, column {}", error.column))
            .marked(expression, error.column, error.length, error.help.as_deref())
            .note("help", "rdpwhy explain filter lists all keys")
    })
}

/// The style of everything that is printed about `inputs`.
pub(super) fn style(job: &Job<'_>, inputs: &[Input], color: bool) -> Style {
    // Packets of an interface are gone unless they are kept, and of a ring the oldest files go.
    let is_live = !job.options.live.interfaces.is_empty();
    let is_there = |input: &&Input| !is_live || (input.format != "live" && input.path.exists());
    let paths: Vec<&Path> = inputs.iter().filter(is_there).map(|input| input.path.as_path()).collect();
    let is_gone = paths.is_empty() || paths.iter().any(|path| path.as_os_str() == "-");
    // A directory is named as it was given, not by all that is in it.
    let given: Vec<&Path> = job.options.inputs.iter().map(PathBuf::as_path).collect();
    let is_shorter = !is_live && !job.options.separate && given.len() < paths.len();
    let source = (!is_gone).then(|| named(if is_shorter { &given } else { &paths }));
    Style { source, ..style_of_lines(job, color) }
}

/// Captures as they stand in a command that is offered; of very many only that they are the same ones.
fn named(paths: &[&Path]) -> String {
    /// Characters that a few lines of a terminal hold.
    const ROOM: usize = 200;
    let words: Vec<_> = paths.iter().map(shell_word).collect();
    let line = words.join(" ");
    if words.len() > 3 && line.chars().count() > ROOM { "FILE...".into() } else { line }
}

/// The same where no command is printed.
pub(super) fn style_of_lines(job: &Job<'_>, color: bool) -> Style {
    let view = &job.options.view;
    Style {
        width: job.appearance.width,
        color,
        ascii: job.appearance.ascii,
        verbose: view.verbose,
        quiet: 0,
        each: view.each,
        zone: job.appearance.zone.clone(),
        source: None,
        is_one_of_many: job.options.separate,
        has_screen: true,
    }
}

/// Writes what a report has beside sessions that were told one by one: to people everything in the light of all.
pub(super) fn rest(job: &Job<'_>, judged: &Judged, code: u8, out: &mut dyn Write) -> io::Result<()> {
    let form = job.options.view.form;
    match listing(form) {
        Some(format) => finish(format, job, judged, code, out),
        None => write(form, job, judged, code, job.appearance.color, out),
    }
}

/// The form that lists every session, if `form` does.
pub(super) fn listing(form: Form) -> Option<&'static dyn Streaming> {
    match form {
        Form::Json => Some(&Json),
        Form::BriefJson => Some(&BriefJson),
        Form::Brief => Some(&Brief),
        Form::Text | Form::Totals => None,
    }
}

/// Writes what belongs behind sessions that were written one by one.
fn finish(format: &dyn Streaming, job: &Job<'_>, judged: &Judged, code: u8, out: &mut dyn Write) -> io::Result<()> {
    let tally = tally(judged);
    let run = run(judged, &tally, code);
    format.finish(&run, &style(job, &judged.inputs, job.appearance.color), out)
}

fn tally(judged: &Judged) -> Tally {
    let mut tally = judged.early.clone();
    judged.cases.iter().for_each(|case| tally.add(case));
    tally
}

fn run<'a>(judged: &'a Judged, tally: &'a Tally, exit_code: u8) -> Run<'a> {
    Run { cases: &judged.cases, inputs: &judged.inputs, tally, exit_code, elsewhere: &judged.elsewhere }
}

/// Of all sessions none was asked for: what there is to ask for.
pub(super) fn nothing_chosen(job: &Job<'_>, judged: &Judged) -> String {
    let selection = &job.options.selection;
    let mut text = format!("none of {} is what you asked for\n", counted(judged.left_out as u64, "session"));
    if !selection.numbers.is_empty() {
        text.push_str(&format!("  = known: sessions are numbered from 1 to {}\n", judged.left_out));
    }
    let times = super::judge::extent(&judged.inputs).filter(|_| selection.from.is_some() || selection.to.is_some());
    if let Some((start, end)) = times {
        let zone = &job.appearance.zone;
        text.push_str(&format!("  = known: it runs from {} to {}\n", absolute(start, zone), absolute(end, zone)));
    }
    text
}

/// Writes the report in `form`.
pub(super) fn write(
    form: Form,
    job: &Job<'_>,
    judged: &Judged,
    code: u8,
    color: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let tally = tally(judged);
    // "no RDP in it" would be wrong of a capture whose sessions were only not asked for.
    if form == Form::Text && tally.sessions == 0 && judged.left_out > 0 {
        return out.write_all(nothing_chosen(job, judged).as_bytes());
    }
    let run = run(judged, &tally, code);
    let format: &dyn Format = match form {
        Form::Text => &TextReport { with_warnings: false },
        Form::Brief => &Brief,
        Form::Totals => &Totals,
        Form::Json => &Json,
        Form::BriefJson => &BriefJson,
    };
    job.form.unwrap_or(format).write(&run, &style(job, &judged.inputs, color), out)
}
