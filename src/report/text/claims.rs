//! What a capture says to the common explanations: for each cause of death its place, and under it what is confirmed,
//! open, refuted or was not even reached.

use std::io::{self, Write};

use super::block::{Same, example, head, numbers, place};
use super::{groups, in_short, summary};
use crate::diagnose::Case;
use crate::diagnose::claims::{CLAIMS, Claim, Ruling, Standing};
use crate::diagnose::verdict::Outcome;
use crate::report::format::{Format, Run, Style};
use crate::report::pen::{Ink, Line, hanging, unbroken};

/// Causes told with a sentence for every claim; of the others only what became of the claims, unless more is asked for.
const FULL: usize = 1;
/// Where the claims begin: behind the longest word for their standing.
const COLUMN: usize = 15;

/// The report of `explain` on a capture.
#[derive(Clone, Copy, Debug)]
pub struct ClaimReport {
    /// Something to add to a session: what its client would have shown.
    pub note: fn(&Case) -> Option<&'static str>,
}

impl Format for ClaimReport {
    fn write(&self, run: &Run<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        self.lines(run, style).iter().try_for_each(|line| line.write(style, out))
    }
}

impl ClaimReport {
    fn lines(&self, run: &Run<'_>, style: &Style) -> Vec<Line> {
        if run.tally.sessions == 0 {
            return super::nothing::no_rdp(run, style);
        }
        let groups = groups(run.cases);
        let (told, rest): (Vec<_>, Vec<_>) =
            groups.iter().partition(|cases| matches!(cases[0].verdict.outcome, Outcome::Died | Outcome::Unsure));
        let mut lines = Vec::new();
        for (index, cases) in told.iter().enumerate() {
            let is_full = index < FULL || style.verbose > 0;
            lines.extend(self.group(Same::of(cases, run.tally), is_full, run, style));
            lines.push(Line::new(style));
        }
        if told.is_empty() {
            let text = "no session died in this capture; the claims are about those that do";
            lines.extend(hanging(style, &Line::new(style), text));
            lines.push(Line::new(style));
        }
        for cases in rest {
            lines.extend(in_short(Same::of(cases, run.tally), style));
        }
        lines.extend(summary::totals(run, style));
        lines.extend(summary::commands(run, &groups, style));
        lines
    }

    fn group(&self, same: Same<'_>, is_full: bool, run: &Run<'_>, style: &Style) -> Vec<Line> {
        let case = example(same.cases);
        let mut lines = hanging(style, &head(case, style), &case.verdict.headline);
        lines.extend(place(case, run.inputs, style));
        if same.total > 1 {
            let ids: Vec<u32> = same.cases.iter().map(|case| case.session.id.0).collect();
            let text = format!("the same of {}", unbroken(&numbers(&ids, same.total, style.width / 2)));
            lines.extend(hanging(style, &Line::new(style).to(6), &text));
        }
        let rulings: Vec<(&Claim, Ruling)> = CLAIMS.iter().map(|claim| (claim, claim.judge(case))).collect();
        for standing in Standing::ALL {
            let of = rulings.iter().filter(|(_, ruling)| ruling.standing == standing);
            if is_full {
                of.for_each(|(claim, ruling)| lines.extend(sentence(claim, ruling, style)));
            } else {
                let titles: Vec<String> =
                    of.map(|(claim, ruling)| format!("{}, frame {}", claim.title, ruling.frame.number())).collect();
                if !titles.is_empty() {
                    lines.extend(hanging(style, &label(standing, style), &titles.join("; ")));
                }
            }
        }
        if let Some(note) = (self.note)(case) {
            let head = Line::new(style).to(2).with(Ink::Dim, "= ").with(Ink::Bold, "note").with(Ink::Plain, ": ");
            lines.extend(hanging(style, &head, note));
        }
        lines
    }
}

fn sentence(claim: &Claim, ruling: &Ruling, style: &Style) -> Vec<Line> {
    let text = format!("{}; frame {}: {}", claim.title, ruling.frame.number(), ruling.text);
    hanging(style, &label(ruling.standing, style), &text)
}

fn label(standing: Standing, style: &Style) -> Line {
    let ink = match standing {
        Standing::Confirmed => Ink::Red,
        Standing::Open => Ink::Yellow,
        Standing::Refuted => Ink::Green,
        Standing::NotReached => Ink::Dim,
    };
    Line::new(style).to(2).with(ink, standing.word()).to(COLUMN)
}
