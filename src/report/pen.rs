//! Lines made of coloured pieces whose width is known, and the wrapping of prose. Whatever is put into a line can
//! neither move a cursor nor, when ASCII is wanted, be anything else.

use std::io::{self, Write};

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};
use unicode_width::UnicodeWidthStr;

use super::format::Style;
use crate::diagnose::verdict::Outcome;
use crate::wire::text::escape;

/// What a piece is, for those who see colours; its text says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Bold,
    Dim,
    Red,
    Yellow,
    Green,
    Cyan,
}

impl Ink {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "\x1b[1m",
            Self::Dim => "\x1b[2m",
            Self::Red => "\x1b[1;31m",
            Self::Yellow => "\x1b[1;33m",
            Self::Green => "\x1b[32m",
            Self::Cyan => "\x1b[36m",
        }
    }

    pub(super) const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Died => Self::Red,
            Outcome::Warn | Outcome::Unsure => Self::Yellow,
            Outcome::Ok => Self::Green,
            Outcome::Open | Outcome::Scan => Self::Dim,
        }
    }
}

/// One line of the report.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    ascii: bool,
    pieces: Vec<(Ink, String)>,
    width: usize,
}

impl Line {
    pub(super) fn new(style: &Style) -> Self {
        Self { ascii: style.ascii, ..Self::default() }
    }

    pub(super) fn with(mut self, ink: Ink, text: &str) -> Self {
        let text = clean(text, self.ascii);
        self.width += text.width();
        self.pieces.push((ink, text));
        self
    }

    /// Blanks up to `column`, at least none.
    pub(super) fn to(self, column: usize) -> Self {
        let blanks = " ".repeat(column.saturating_sub(self.width));
        self.with(Ink::Plain, &blanks)
    }

    pub(super) const fn width(&self) -> usize {
        self.width
    }

    pub(super) fn write(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let last = self.pieces.iter().rposition(|(_, text)| !text.trim_end().is_empty());
        for (index, (ink, text)) in self.pieces.iter().enumerate().take(last.map_or(0, |last| last + 1)) {
            let text = if Some(index) == last { text.trim_end() } else { text };
            match (style.color, *ink) {
                (true, ink) if ink != Ink::Plain => write!(out, "{}{text}\x1b[0m", ink.code())?,
                _ => out.write_all(text.as_bytes())?,
            }
        }
        out.write_all(b"\n")
    }
}

/// `text` without anything that could move a cursor, hide or reorder; with `ascii`, also without anything beyond it.
/// Texts from the wire were escaped before, so a backslash stays as it is.
pub(crate) fn clean(text: &str, ascii: bool) -> String {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut buffer = [0; 4];
    for c in text.chars() {
        match c {
            ' '..='~' => out.push(c),
            c if c.is_ascii() || !ascii => out.push_str(&escape(c.encode_utf8(&mut buffer))),
            c => match plain_form(c) {
                Some(plain) => out.push_str(plain),
                None => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
            },
        }
    }
    out
}

/// Columns that `text` takes on a screen.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// `text` in at most `room` columns; that something is missing is seen.
pub(super) fn cut(text: &str, room: usize, ascii: bool) -> String {
    if text.width() <= room {
        return text.into();
    }
    let sign = if ascii { "~" } else { "…" };
    let mut kept = text.to_owned();
    while kept.width() + sign.width() > room && kept.pop().is_some() {}
    kept + sign
}

/// What stands for our own drawing characters.
const fn plain_form(c: char) -> Option<&'static str> {
    Some(match c {
        '─' => "-",
        '►' => ">",
        '◄' => "<",
        '→' => "->",
        '│' => "|",
        '×' => "x",
        '√' => "+",
        '·' => ".",
        '…' => "...",
        '–' | '—' => "-",
        '‘' | '’' => "'",
        '“' | '”' => "\"",
        '\u{a0}' => " ",
        _ => return None,
    })
}

/// Prose in lines of at most `width` columns; a word that is longer stays whole.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let options = Options::new(width.max(16))
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation)
        .word_separator(WordSeparator::AsciiSpace)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    textwrap::wrap(text, options).into_iter().map(|line| line.replace('\u{a0}', " ")).collect()
}

/// Words that must stay on one line: a command to paste.
pub(super) fn unbroken(text: &str) -> String {
    text.replace(' ', "\u{a0}")
}

/// `head` and behind it `text`, wrapped under itself.
pub(super) fn hanging(style: &Style, head: &Line, text: &str) -> Vec<Line> {
    let indent = head.width();
    // Replaced before the width is measured: an arrow is two columns wide in ASCII. The no-break spaces of commands
    // would not survive, so they are kept apart.
    let text: Vec<String> = text.split('\u{a0}').map(|part| clean(part, style.ascii)).collect();
    let wrapped = wrap(&text.join("\u{a0}"), style.width.saturating_sub(indent));
    let mut lines = Vec::with_capacity(wrapped.len());
    for (index, part) in wrapped.iter().enumerate() {
        let start = if index == 0 { head.clone() } else { Line::new(style).to(indent) };
        lines.push(start.with(Ink::Plain, part));
    }
    if lines.is_empty() { vec![head.clone()] } else { lines }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(clean("a\x1b[2Jb\u{202e}c\t√", false), "a\\x1b[2Jb\\u{202e}c\\x09√");
        assert_eq!(clean("é → √ 6 ×", true), "\\u{e9} -> + 6 x");
    }

    #[test]
    fn commands_stay_whole() {
        let text = format!("check with  {}", unbroken("rdpwhy probe 10.20.1.9"));
        assert_eq!(wrap(&text, 24), ["check with", "rdpwhy probe 10.20.1.9"]);
    }
}
