//! `--brief`: one line a session, eight fields, `-` when absent. Blanks separate fields and never occur in one.

use std::io::{self, Write};

use super::format::{Format, Run, Streaming, Style, file_name, needed_file_name};
use super::pen::{clean, columns};
use super::tally::user_hint;
use super::time::clock;
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::frame::Input;

/// One line a session.
#[derive(Clone, Copy, Debug, Default)]
pub struct Brief;

/// outcome, session, frame, cause, time, client, server, user hint
type Fields = [String; 8];

/// Widths that most sessions keep to, for lines that are written before the others are known.
const USUAL: [usize; 4] = [6, 4, 5, 22];

impl Format for Brief {
    fn write(&self, run: &Run<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        // Two passes, not one list: a hundred thousand lines need not be kept.
        let mut widths = [0; 4];
        for case in run.cases {
            let fields = fields(case, run.inputs, style);
            for (width, field) in widths.iter_mut().zip(&fields) {
                *width = (*width).max(columns(field));
            }
        }
        run.cases.iter().try_for_each(|case| line(&fields(case, run.inputs, style), widths, style, out))
    }
}

impl Streaming for Brief {
    fn write_cases(&self, cases: &[Case], inputs: &[Input], style: &Style, out: &mut dyn Write) -> io::Result<()> {
        cases.iter().try_for_each(|case| line(&fields(case, inputs, style), USUAL, style, out))
    }

    fn finish(&self, _: &Run<'_>, _: &Style, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

fn fields(case: &Case, inputs: &[Input], style: &Style) -> Fields {
    let (session, verdict) = (&case.session, &case.verdict);
    let file = |frame| if style.is_one_of_many { file_name(inputs, frame) } else { needed_file_name(inputs, frame) };
    let frame = verdict.death.map(|death| death.frame).map(|frame| match file(frame) {
        Some(file) => format!("{}:{}", one_word(&file, style.ascii), frame.number()),
        None => frame.number().to_string(),
    });
    // Of several captures with numbers of their own, a line without a death has to say, too, which one it is about.
    let frame = frame.or_else(|| {
        let file = style.is_one_of_many.then(|| file_name(inputs, session.first.frame)).flatten()?;
        Some(format!("{}:-", one_word(&file, style.ascii)))
    });
    let absent = || "-".to_owned();
    [
        verdict.outcome.word().into(),
        format!("#{}", session.id.0),
        frame.unwrap_or_else(absent),
        verdict.cause.map_or_else(absent, str::to_owned),
        clock(session.first.time, &style.zone),
        session.client.to_string(),
        session.server.to_string(),
        user_hint(case).map_or_else(absent, |user| one_word(&user, style.ascii)),
    ]
}

/// Blanks would make two fields of one.
fn one_word(text: &str, ascii: bool) -> String {
    clean(text, ascii).replace(' ', "\\x20")
}

fn line(fields: &Fields, widths: [usize; 4], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let [outcome, session, frame, cause, rest @ ..] = fields;
    let [a, b, c, d] = widths;
    let (on, off) = match outcome.as_str() {
        _ if !style.color => ("", ""),
        word if word == Outcome::Died.word() => ("\x1b[1;31m", "\x1b[0m"),
        word if word == Outcome::Warn.word() || word == Outcome::Unsure.word() => ("\x1b[1;33m", "\x1b[0m"),
        _ => ("", ""),
    };
    // A file's name may be of wide characters, so the blanks before it are not left to the formatter.
    let pad = c.saturating_sub(columns(frame));
    writeln!(out, "{on}{outcome:<a$}{off} {session:>b$} {:pad$}{frame} {cause:<d$} {}", "", rest.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn eight_fields() {
        let mut spaced = sample::expired();
        sample::rename_user(&mut spaced, b"J DOE\x1b[2J");
        let mut cases = sample::all();
        cases.push(spaced);
        let scene = sample::Scene::new(cases);
        let mut out = Vec::new();
        Brief.write(&scene.run(), &Style::default(), &mut out).expect("written");
        let text = String::from_utf8(out).expect("UTF-8");
        assert!(text.lines().all(|line| line.split_whitespace().count() == 8), "{text}");
        insta::assert_snapshot!(text);
    }
}
