//! The report for people: a block for every cause of death, the totals, and the commands to go on with.
//! Never phrases a verdict; sets in lines what the verdict says.

pub(crate) mod block;
pub(crate) mod choice;
mod claims;
pub(crate) mod frames;
pub(crate) mod ladder;
mod nothing;
pub(crate) mod rows;
mod summary;
mod warnings;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};

use block::Same;

use super::format::{Format, Run, Style};
use super::pen::{Line, hanging, unbroken};
use super::totals::Totals;
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;

pub use claims::ClaimReport;
pub use warnings::write_warnings;

/// Lines of a report at most, unless it has more causes than that or the reader wants them all.
const HEIGHT: usize = 140;
/// Lines of a cause told in short, as a rule.
const SHORT: usize = 2;

/// The default report.
#[derive(Clone, Copy, Debug, Default)]
pub struct TextReport {
    /// Warnings about the inputs stand on top of the report; without, [`write_warnings`] puts them elsewhere.
    pub with_warnings: bool,
}

impl Format for TextReport {
    fn write(&self, run: &Run<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        if style.quiet > 0 {
            return Totals.write(run, style, out);
        }
        if self.with_warnings {
            write_warnings(run.inputs, style, out)?;
        }
        if run.tally.sessions == 0 {
            return write_lines(&nothing::no_rdp(run, style), style, out);
        }
        let groups = groups(run.cases);
        let under = tail(run, &groups, style);
        if style.each {
            // As they happened, not by cause; one after the other, because there may be many.
            for case in run.cases.iter().filter(|case| is_worth_a_block(case)) {
                write_block(case, run.inputs, style, out)?;
            }
        } else {
            write_lines(&causes(run, &groups, under.len(), style), style, out)?;
        }
        if !groups.is_empty() {
            Line::new(style).write(style, out)?;
        }
        write_lines(&under, style, out)
    }
}

fn write_lines(lines: &[Line], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    lines.iter().try_for_each(|line| line.write(style, out))
}

/// Writes the block of one session, for verdicts that appear while reading.
///
/// # Errors
/// Whatever `out` answers.
pub fn write_block(case: &Case, inputs: &[crate::frame::Input], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    write_lines(&block::block(case, Same::default(), inputs, style), style, out)
}

/// Writes what stands under the blocks.
///
/// # Errors
/// Whatever `out` answers.
pub fn write_tail(run: &Run<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    write_lines(&tail(run, &groups(run.cases), style), style, out)
}

/// A block for each cause; so many lines stand `under` them. Of many causes the first ones are told in full and the rest in
/// short, lest the totals be far from the first block.
fn causes(run: &Run<'_>, groups: &[Vec<&Case>], under: usize, style: &Style) -> Vec<Line> {
    let mut lines = Vec::new();
    let alone = groups.len() == 1;
    let room = HEIGHT.saturating_sub(under + groups.len() * SHORT);
    for cases in groups {
        let same = Same::of(cases, run.tally);
        let wants = alone || cases[0].verdict.outcome == Outcome::Died;
        let full = if wants { block::block(block::example(cases), same, run.inputs, style) } else { Vec::new() };
        let fits = alone || style.verbose > 0 || lines.is_empty() || lines.len() + full.len() <= room;
        lines.extend(if wants && fits { full } else { in_short(same, style) });
    }
    lines
}

fn tail(run: &Run<'_>, groups: &[Vec<&Case>], style: &Style) -> Vec<Line> {
    let mut lines = summary::totals(run, style);
    lines.extend(summary::not_checked(run, style));
    lines.extend(summary::causes(run, groups, style));
    lines.extend(summary::scans(run, style));
    if groups.is_empty() && run.tally.of(Outcome::Died) == 0 {
        lines.extend(summary::healthy(run, style));
    }
    let commands = summary::commands(run, groups, style);
    if !commands.is_empty() && lines.len() > 2 {
        lines.push(Line::new(style));
    }
    lines.extend(commands);
    lines
}

const fn is_worth_a_block(case: &Case) -> bool {
    matches!(case.verdict.outcome, Outcome::Died | Outcome::Warn | Outcome::Unsure)
}

/// Sessions that died, warn or are unsure, by cause: the worst outcomes first, within them what befell most sessions.
fn groups(cases: &[Case]) -> Vec<Vec<&Case>> {
    let mut groups: Vec<Vec<&Case>> = Vec::new();
    let mut index: HashMap<(Outcome, Option<&str>), usize> = HashMap::new();
    for case in cases {
        let verdict = &case.verdict;
        if !is_worth_a_block(case) {
            continue;
        }
        let place = *index.entry((verdict.outcome, verdict.cause)).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[place].push(case);
    }
    // What a client tries after its death has no cause of its own; the deciding connection names it.
    let is_decided = |case: &&Case| case.role == "main" && case.verdict.outcome == Outcome::Died;
    let decided: HashSet<u32> = cases.iter().filter(is_decided).map(|case| case.attempt).collect();
    let is_own = |case: &&Case| matches!(case.role, "main" | "udp") || !decided.contains(&case.attempt);
    groups.retain(|cases| cases.iter().any(is_own));
    groups.sort_by_key(|cases| (cases[0].verdict.outcome, std::cmp::Reverse(cases.len())));
    groups
}

/// `warn[path.loss]: #17: 2.1 % sent twice; also #19`: what did not die is worth a line beside what did. A headline may
/// have numbers in it, which are those of its session alone.
fn in_short(same: Same<'_>, style: &Style) -> Vec<Line> {
    let case = block::example(same.cases);
    let (headline, id) = (&case.verdict.headline, case.session.id);
    let numbers = |ids: &[u32], total| unbroken(&block::numbers(ids, total, style.width / 2));
    let mut ids: Vec<u32> = same.cases.iter().map(|case| case.session.id.0).collect();
    let is_one = same.total == same.cases.len() as u64;
    let text = if is_one && same.cases.iter().all(|other| other.verdict.headline == *headline) {
        format!("{}: {headline}", numbers(&ids, same.total))
    } else {
        ids.retain(|other| *other != id.0);
        format!("#{}: {headline}; also {}", id.0, numbers(&ids, same.total - 1))
    };
    hanging(style, &block::head(case, style), &text)
}
