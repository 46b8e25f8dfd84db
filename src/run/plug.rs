//! Where the rooms are plugged together: source to engine to judge, judged cases to a report.

use std::io::{self, Write};

use jiff::tz::TimeZone;

use super::complaint::Complaint;
use super::judge::Job;
use super::watched::Pulse;
use crate::capture::{CaptureError, Next, Source};
use crate::cli::{Form, Options};
use crate::diagnose::{Case, judge_all};
use crate::engine::{self, Engine};
use crate::frame::Input;
use crate::report::brief::Brief;
use crate::report::format::shell_word;
use crate::report::json::Json;
use crate::report::text::TextReport;
use crate::report::totals::Totals;
use crate::report::{Filter, Format, NotRdp, Run, Style, Tally};

/// Ports named in "no RDP in it".
const PORTS: usize = 3;

/// What came of a capture.
#[derive(Default)]
pub(super) struct Judged {
    /// Sessions and verdicts, by number.
    pub(super) cases: Vec<Case>,
    /// What the capture holds besides.
    pub(super) elsewhere: NotRdp,
    /// What was read; filled in by the caller.
    pub(super) inputs: Vec<Input>,
    /// Inputs that could not be read; filled in by the caller.
    pub(super) errors: Vec<CaptureError>,
}

/// Reads `source` to its end and judges every session in it.
pub(super) fn judge(source: &mut dyn Source, options: &Options, pulse: &Pulse) -> Result<Judged, CaptureError> {
    let mut limits = engine::Options::default();
    limits.ports.extend(&options.ports);
    if let Some(memory) = options.memory {
        limits.memory = usize::try_from(memory).unwrap_or(usize::MAX);
    }
    let mut engine = Engine::new(limits);
    let mut evicted = Vec::new();
    let mut packets = 0;
    loop {
        match source.next()? {
            Next::Frame(frame) => {
                packets += 1;
                engine.push(&frame);
                if engine.is_over_budget() {
                    evicted.extend(engine.evict());
                }
                pulse.sessions.set(u64::from(engine.sessions()));
            }
            Next::Idle(now) => engine.tick(now),
            Next::Secrets(_) => {}
            Next::End => break,
        }
    }
    let mut sessions = engine.finish();
    sessions.append(&mut evicted);
    sessions.sort_by_key(|session| (session.first.time, session.id));
    let dropped = source.inputs().iter().map(|input| input.dropped).sum();
    let traffic = engine.traffic();
    let elsewhere = NotRdp {
        packets,
        tcp_connections: traffic.connections,
        rdp_port_midstream: 0,
        ports_seen_most: traffic.busiest(PORTS).into_iter().map(|(port, count)| (port, u64::from(count))).collect(),
    };
    Ok(Judged { cases: judge_all(sessions, dropped), elsewhere, ..Judged::default() })
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
    let view = &job.options.view;
    let words: Vec<_> = inputs.iter().map(|input| input.path.to_string_lossy()).collect();
    let source = (!words.iter().any(|word| word == "-"))
        .then(|| words.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" "));
    Style {
        width: job.appearance.width,
        color,
        ascii: job.appearance.ascii,
        verbose: view.verbose,
        quiet: 0,
        each: view.each,
        zone: job.appearance.zone.clone(),
        source,
    }
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
    let mut tally = Tally::default();
    judged.cases.iter().for_each(|case| tally.add(case));
    let run = Run {
        cases: &judged.cases,
        inputs: &judged.inputs,
        tally: &tally,
        exit_code: code,
        elsewhere: &judged.elsewhere,
    };
    let format: &dyn Format = match form {
        Form::Text => &TextReport { with_warnings: false },
        Form::Brief => &Brief,
        Form::Totals => &Totals,
        Form::Json => &Json,
    };
    format.write(&run, &style(job, &judged.inputs, color), out)
}
