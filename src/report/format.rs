//! The contract of this room: what a report is made of, how it should look, and what every format can do.

use std::ffi::OsStr;
use std::io::{self, Write};

use jiff::tz::TimeZone;

use super::tally::Tally;
use crate::diagnose::{Case, Hint};
use crate::frame::{FrameNumber, Input, Timestamp};
use crate::wire::text::deceives;

/// Everything a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The sessions to report, by number.
    pub cases: &'a [Case],
    /// What was read, in the order of [`FrameNumber::file`].
    pub inputs: &'a [Input],
    /// Totals over all sessions, also those that are not among `cases`.
    pub tally: &'a Tally,
    /// What the program is going to exit with.
    pub exit_code: u8,
    /// What the capture holds besides.
    pub elsewhere: &'a NotRdp,
}

impl Run<'_> {
    /// Packets of the whole capture, not only of its sessions, where that is known.
    #[must_use]
    pub fn packets(&self) -> u64 {
        let read: u64 = self.inputs.iter().map(|input| input.packets).sum();
        read.max(self.tally.packets)
    }

    /// Captured bytes; payload bytes of the sessions where that is all that is known.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let read: u64 = self.inputs.iter().map(|input| input.bytes).sum();
        if read > 0 { read } else { self.tally.bytes }
    }

    /// When the capture began and how many seconds it lasted.
    #[must_use]
    pub fn extent(&self) -> (Option<Timestamp>, f64) {
        let first = self.inputs.iter().filter_map(|input| input.first).chain(self.tally.first).min();
        let last = self.inputs.iter().filter_map(|input| input.last).chain(self.tally.last).max();
        let seconds = first.zip(last).map_or(0.0, |(first, last)| last.since(first));
        (first, seconds.max(0.0))
    }
}

/// What a capture holds that is no RDP, or cannot be told to be.
#[derive(Clone, Debug, Default)]
pub struct NotRdp {
    /// Packets read, all of them.
    pub packets: u64,
    /// TCP connections seen, all of them.
    pub tcp_connections: u64,
    /// Connections on an RDP port that began before the capture and could not be judged.
    pub rdp_port_midstream: u64,
    /// Server ports and their connections, most first.
    pub ports_seen_most: Vec<(u16, u64)>,
    /// What may have kept sessions from beginning.
    pub hints: Vec<Hint>,
}

/// How the reader wants it.
#[derive(Clone, Debug)]
pub struct Style {
    /// Columns for prose; fields are never cut.
    pub width: usize,
    /// With ANSI colours.
    pub color: bool,
    /// Nothing but ASCII.
    pub ascii: bool,
    /// How often `-v`.
    pub verbose: u8,
    /// How often `-q`.
    pub quiet: u8,
    /// A block for every session that died or warns, not for every cause.
    pub each: bool,
    /// The reader's zone.
    pub zone: TimeZone,
    /// The words that name the same source on a command line, quoted for a shell: `a.pcap b.pcap`. `None` when it
    /// cannot be read again (standard input, live packets that were not kept).
    pub source: Option<String>,
    /// Whether this is one report of several, each of a file of its own.
    pub is_one_of_many: bool,
    /// Whether there is a terminal UI to send the reader to: a report prints no command that does not work.
    pub has_screen: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            width: 80,
            color: false,
            ascii: false,
            verbose: 0,
            quiet: 0,
            each: false,
            zone: TimeZone::UTC,
            source: None,
            is_one_of_many: false,
            has_screen: false,
        }
    }
}

/// A whole report in one form.
pub trait Format {
    /// Writes the report of `run`.
    ///
    /// # Errors
    /// Whatever `out` answers; a closed pipe is for the caller to overlook.
    fn write(&self, run: &Run<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()>;
}

/// A form in which sessions can be written one by one, as they end.
pub trait Streaming: Format + Sync {
    /// Writes sessions. `inputs` are those known so far.
    ///
    /// # Errors
    /// Whatever `out` answers.
    fn write_cases(&self, cases: &[Case], inputs: &[Input], style: &Style, out: &mut dyn Write) -> io::Result<()>;

    /// Writes one session.
    ///
    /// # Errors
    /// Whatever `out` answers.
    fn write_case(&self, case: &Case, inputs: &[Input], style: &Style, out: &mut dyn Write) -> io::Result<()> {
        self.write_cases(std::slice::from_ref(case), inputs, style, out)
    }

    /// One who writes sessions stretch by stretch.
    fn writer(&self) -> Box<dyn CaseWriter + Send + '_> {
        Box::new(Afresh(self))
    }

    /// Writes what belongs behind the last session.
    ///
    /// # Errors
    /// Whatever `out` answers.
    fn finish(&self, run: &Run<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()>;
}

/// Writes sessions stretch by stretch, and may keep what many of them have in common.
pub trait CaseWriter {
    /// Writes what is to be said of `cases`, which were judged together, before they are written.
    ///
    /// # Errors
    /// Whatever `out` answers.
    fn begin(&mut self, _cases: &[Case], _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// Writes `cases` as [`Streaming::write_cases`] does.
    ///
    /// # Errors
    /// Whatever `out` answers.
    fn write(&mut self, cases: &[Case], inputs: &[Input], style: &Style, out: &mut dyn Write) -> io::Result<()>;
}

/// Keeps nothing.
struct Afresh<'s, S: ?Sized>(&'s S);

impl<S: Streaming + ?Sized> CaseWriter for Afresh<'_, S> {
    fn write(&mut self, cases: &[Case], inputs: &[Input], style: &Style, out: &mut dyn Write) -> io::Result<()> {
        self.0.write_cases(cases, inputs, style, out)
    }
}

/// The path of the input that `frame` came from, escaped.
pub(super) fn file_name(inputs: &[Input], frame: FrameNumber) -> Option<String> {
    Some(shown_path(inputs.get(usize::from(frame.file()))?))
}

/// The same where a number alone does not say which frame is meant.
pub(super) fn needed_file_name(inputs: &[Input], frame: FrameNumber) -> Option<String> {
    let is_one = inputs.len() < 2 && !inputs.iter().any(|input| input.has_successors);
    if is_one { None } else { file_name(inputs, frame) }
}

/// The path as the user gave it; `stdin` for the pipe.
pub(super) fn shown_path(input: &Input) -> String {
    let path = input.path.to_string_lossy();
    if path == "-" { "stdin".into() } else { path.into_owned() }
}

/// `text` as one word for a POSIX shell; a file's name need not be UTF-8.
#[must_use]
pub fn shell_word(text: impl AsRef<OsStr>) -> String {
    let bytes = text.as_ref().as_encoded_bytes();
    let plain = |c: char| c.is_alphanumeric() || "._-/+:,@%=".contains(c);
    let is_option = bytes.starts_with(b"-");
    let prefix = if is_option { "./" } else { "" };
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.chars().any(deceives)
    {
        let is_plain = !text.is_empty() && text.chars().all(plain) && !is_option;
        return if is_plain { text.into() } else { format!("'{prefix}{}'", text.replace('\'', r"'\''")) };
    }
    // POSIX.1-2024 2.2.4: the bytes by their numbers, which a shell understands and a terminal does not.
    let mut word = format!("$'{prefix}");
    let number = |word: &mut String, byte: u8| word.push_str(&format!("\\x{byte:02x}"));
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\'' | '\\' => word.extend(['\\', c]),
                c if deceives(c) => c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| number(&mut word, byte)),
                c => word.push(c),
            }
        }
        chunk.invalid().iter().for_each(|byte| number(&mut word, *byte));
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_a_shell() {
        assert_eq!(shell_word("a/b-1.pcap"), "a/b-1.pcap");
        assert_eq!(shell_word("a b's.pcap"), r"'a b'\''s.pcap'");
        assert_eq!(shell_word("-x.pcap"), "'./-x.pcap'");
        assert_eq!(shell_word("-a\u{1b}[2J\u{202e}'\\é"), r"$'./-a\x1b[2J\xe2\x80\xae\'\\é'");
        assert_eq!(shell_word(""), "''");
    }

    #[cfg(unix)]
    #[test]
    fn a_name_in_another_encoding_is_written_by_its_bytes() {
        use std::os::unix::ffi::OsStrExt;
        assert_eq!(shell_word(OsStr::from_bytes(b"caf\xe9 1.pcap")), r"$'caf\xe9 1.pcap'");
        assert_eq!(shell_word(OsStr::from_bytes(b"-\xe9a\xc3\xa9'")), r"$'./-\xe9aé\''");
    }
}
