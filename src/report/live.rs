//! The lines of a running capture: one when a session ends, one more under a death, totals at the end.

use std::io::{self, Write};

use super::format::{Format, Run, Streaming, Style, needed_file_name};
use super::pen::{Ink, Line, clean, columns, cut, hanging};
use super::tally::user_hint;
use super::time;
use super::totals::sentence;
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::frame::Input;

/// Columns that a user hint has at least.
const HINT: usize = 7;

/// Sessions as they end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Live;

impl Format for Live {
    fn write(&self, run: &Run<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        self.write_cases(run.cases, run.inputs, style, out)?;
        self.finish(run, style, out)
    }
}

impl Streaming for Live {
    fn write_cases(&self, cases: &[Case], inputs: &[Input], style: &Style, out: &mut dyn Write) -> io::Result<()> {
        for case in cases {
            lines(case, inputs, style).iter().try_for_each(|line| line.write(style, out))?;
            out.flush()?;
        }
        Ok(())
    }

    fn finish(&self, run: &Run<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let dropped: u64 = run.inputs.iter().map(|input| input.dropped).sum();
        let dropped = if dropped == 0 { "none".into() } else { time::count(dropped) };
        let packets = time::counted(run.packets(), "packet");
        let right = format!("{packets}, {}, {dropped} dropped", time::span(run.extent().1));
        let left = Line::new(style).with(Ink::Bold, &sentence(run.tally));
        let column = (left.width() + 2).max(style.width.saturating_sub(right.len()));
        left.to(column).with(Ink::Plain, &right).write(style, out)
    }
}

fn lines(case: &Case, inputs: &[Input], style: &Style) -> Vec<Line> {
    let (session, verdict) = (&case.session, &case.verdict);
    let (symbol, plain) = verdict.outcome.symbol();
    let ends = format!("{} → {}", session.client, session.server);
    let user = user_hint(case).unwrap_or_else(|| "-".into());
    let what = match verdict.cause {
        Some(cause) => cause.into(),
        None => format!("ran {}", time::span(session.duration())),
    };
    let clock = time::clock_millis(session.last.time, &style.zone);
    let line = Line::new(style)
        .with(Ink::Dim, &format!("{clock} "))
        .with(Ink::of(verdict.outcome), if style.ascii { plain } else { symbol })
        .with(Ink::Plain, &format!(" {:<3} {ends}   ", format!("#{}", session.id.0)));
    // The cause is what one looks for; of a hint, the beginning will do.
    let room = style.width.saturating_sub(line.width() + 1 + columns(&what)).max(HINT);
    let user = cut(&clean(&user, style.ascii), room, style.ascii);
    let line = line.with(Ink::Plain, &format!("{user:<HINT$} ")).with(Ink::of(verdict.outcome), &what);
    let mut lines = vec![line];
    if let (Outcome::Died, Some(death)) = (verdict.outcome, verdict.death) {
        let head = Line::new(style).to(13).with(Ink::Dim, "│ ");
        let of = needed_file_name(inputs, death.frame).map(|file| format!(" of {file}")).unwrap_or_default();
        lines.extend(hanging(style, &head, &format!("frame {}{of}: {}", death.frame.number(), verdict.headline)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn sessions_as_they_end() {
        let scene = sample::Scene::new(vec![sample::healthy(1), sample::expired(), sample::hybrid()]);
        let mut out = Vec::new();
        Live.write(&scene.run(), &scene.style(), &mut out).expect("written");
        insta::assert_snapshot!(String::from_utf8_lossy(&out));
    }

    #[test]
    fn a_long_hint_leaves_the_cause_its_place() {
        let mut case = sample::expired();
        sample::rename_user(&mut case, b"administrator.of.everything@corp.example");
        let scene = sample::Scene::new(vec![case]);
        let mut out = Vec::new();
        Live.write(&scene.run(), &scene.style(), &mut out).expect("written");
        let text = String::from_utf8_lossy(&out).into_owned();
        let first = text.lines().next().expect("a line");
        assert!(columns(first) <= 80 && first.ends_with("… tls.cert-expired"), "{first}");
    }

    #[test]
    fn ascii() {
        let scene = sample::Scene::new(sample::all());
        let mut out = Vec::new();
        Live.write(&scene.run(), &Style { ascii: true, ..scene.style() }, &mut out).expect("written");
        assert!(out.is_ascii());
    }
}
