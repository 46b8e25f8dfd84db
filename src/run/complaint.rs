//! Errors on standard error, all in one form: what, where, and what to do about it.

use std::fmt::Write as _;

use crate::capture::CaptureError;
use crate::cli::Usage;
use crate::report::pen::{clean, columns};

/// Something to tell the user that is not a result.
#[derive(Clone, Debug)]
pub(super) struct Complaint {
    what: String,
    place: Option<String>,
    /// Text, and which of its characters are meant.
    sketch: Option<Box<Sketch>>,
    notes: Vec<(&'static str, String)>,
}

#[derive(Clone, Debug)]
struct Sketch {
    text: String,
    /// Characters before the mark.
    before: usize,
    /// Characters marked.
    length: usize,
    note: String,
}

impl Complaint {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), place: None, sketch: None, notes: Vec::new() }
    }

    pub(super) fn note(mut self, label: &'static str, text: impl Into<String>) -> Self {
        self.notes.push((label, text.into()));
        self
    }

    pub(super) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// A mark under `length` characters of `text`, the first of them number `column` (from 1).
    pub(super) fn marked(mut self, text: &str, column: usize, length: usize, note: Option<&str>) -> Self {
        self.sketch = Some(Box::new(Sketch {
            text: text.to_owned(),
            before: column.saturating_sub(1),
            length: length.max(1),
            note: note.unwrap_or_default().to_owned(),
        }));
        self
    }

    /// `error: ...` and the lines that belong to it.
    pub(super) fn error(&self, width: usize, color: bool) -> String {
        let mut text = String::new();
        let (on, off) = if color { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
        let what = escaped(&self.what);
        let what = textwrap::wrap(&what, plain(width.saturating_sub("error: ".len())));
        let _ = writeln!(text, "{on}error{off}: {}", what.join("\n       "));
        if let Some(place) = &self.place {
            let _ = writeln!(text, "  --> {}", place.split('\n').map(escaped).collect::<Vec<_>>().join("\n"));
        }
        if let Some(sketch) = &self.sketch {
            // What is escaped takes more columns than it has characters.
            let part = |from: usize, count: usize| -> String { sketch.text.chars().skip(from).take(count).collect() };
            let before = columns(&escaped(&part(0, sketch.before)));
            let length = columns(&escaped(&part(sketch.before, sketch.length))).max(1);
            let mark = format!("{:before$}{}", "", "^".repeat(length));
            let _ = writeln!(text, "   |\n   | {}\n   | {mark} {}", escaped(&sketch.text), escaped(&sketch.note));
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        // Under a drawing the notes stand below its bar.
        let drawn = self.sketch.is_some() || self.place.as_ref().is_some_and(|place| place.contains('\n'));
        for (label, note) in &self.notes {
            let head = format!("{}= {label}: ", if drawn { "   " } else { "  " });
            let hang = " ".repeat(head.len());
            // A command behind two blanks is there to be pasted, however long it is.
            if note.contains(":  ") {
                let _ = writeln!(text, "{head}{}", escaped(note));
                continue;
            }
            let options = plain(width).initial_indent(&head).subsequent_indent(&hang);
            let _ = writeln!(text, "{}", textwrap::fill(&escaped(note), options));
        }
        text
    }
}

impl From<CaptureError> for Complaint {
    fn from(error: CaptureError) -> Self {
        Self { what: error.what, place: error.at, sketch: None, notes: error.notes }
    }
}

impl From<Usage> for Complaint {
    fn from(usage: Usage) -> Self {
        Self { what: usage.what, place: None, sketch: None, notes: usage.notes }
    }
}

/// The lines of `text`, each in as many as it needs.
pub(super) fn fitted(text: &str, width: usize) -> String {
    text.lines().map(|line| textwrap::fill(line, plain(width)) + "\n").collect()
}

/// Lines as full as they can be; commands and paths stay whole, so that they can be pasted.
fn plain(width: usize) -> textwrap::Options<'static> {
    textwrap::Options::new(width)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
}

/// A file name must not steer the terminal, nor look like another.
fn escaped(text: &str) -> String {
    clean(text, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_where_and_what_to_do() {
        let complaint = Complaint::new("notes.txt is not a capture file")
            .at("notes.txt, byte 0: 68 65 6c 6c 6f 0a            hello.")
            .note("known", "pcap, pcapng, each also as .gz or .zst")
            .note("note", "a note that is so long that it does not fit the eighty columns and has to go on below");
        assert_eq!(
            complaint.error(80, false),
            "\
error: notes.txt is not a capture file
  --> notes.txt, byte 0: 68 65 6c 6c 6f 0a            hello.
  = known: pcap, pcapng, each also as .gz or .zst
  = note: a note that is so long that it does not fit the eighty columns and has
          to go on below
"
        );
        assert!(complaint.error(80, true).starts_with("\x1b[1;31merror\x1b[0m: "));
    }

    #[test]
    fn the_word_that_is_wrong_is_marked() {
        let complaint = Complaint::new("unknown key clent")
            .at("-Y, column 10")
            .marked("died and clent:10.20.4.17", 10, 5, Some("did you mean client?"))
            .note("help", "rdpwhy --help tells more");
        assert_eq!(
            complaint.error(80, false),
            "\
error: unknown key clent
  --> -Y, column 10
   |
   | died and clent:10.20.4.17
   |          ^^^^^ did you mean client?
   = help: rdpwhy --help tells more
"
        );
    }

    #[test]
    fn what_is_told_while_it_runs_fits_too() {
        let text = fitted("warning: eth0: 4 packets dropped by the kernel\nkept in /var/a.pcapng\n", 30);
        assert_eq!(text, "warning: eth0: 4 packets\ndropped by the kernel\nkept in /var/a.pcapng\n");
    }

    #[test]
    fn names_cannot_steer_the_terminal() {
        let text = Complaint::new("no file \u{1b}[31mred\n").error(80, false);
        assert_eq!(text, "error: no file \\x1b[31mred\\x0a\n");
    }
}
