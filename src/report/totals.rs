//! `-q`: one line of totals, nothing else.

use std::io::{self, Write};

use super::format::{Format, Run, Style};
use super::tally::Tally;
use super::time::{count, counted};
use crate::diagnose::verdict::Outcome;

/// Totals only; with two `-q`, nothing at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals;

impl Format for Totals {
    fn write(&self, run: &Run<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        if style.quiet > 1 { Ok(()) } else { writeln!(out, "{}", sentence(run.tally)) }
    }
}

/// `37 sessions: 4 died, 2 warn, 1 unsure, 30 ok`.
#[must_use]
pub fn sentence(tally: &Tally) -> String {
    let parts: Vec<String> = tally.outcomes().map(|(outcome, sessions)| part(outcome, sessions)).collect();
    let total = counted(tally.sessions, "session");
    if parts.is_empty() { total } else { format!("{total}: {}", parts.join(", ")) }
}

fn part(outcome: Outcome, sessions: u64) -> String {
    match outcome {
        Outcome::Scan => counted(sessions, "scan"),
        _ => format!("{} {}", count(sessions), outcome.word()),
    }
}
