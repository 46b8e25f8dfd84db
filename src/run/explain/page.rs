//! A page: what it says, and how that falls into lines of at most 80 columns, or fewer where it is shown, in which commands
//! stay whole.

use std::fmt;

/// Columns of a page.
const WIDTH: usize = 80;

/// What stands before a command.
pub(super) const COMMAND: &str = "        ";

/// What is said, in its order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::run) struct Page(Vec<Piece>);

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    /// Lines as they are.
    Lines(String),
    /// A text, wrapped under itself behind its head.
    Text { head: String, text: String },
    /// Commands, one by one.
    Commands(String),
}

impl Page {
    /// A page that begins with these lines.
    pub(super) fn headed(lines: impl Into<String>) -> Self {
        let mut page = Self::default();
        page.say(lines);
        page
    }

    /// All of `pages`, with a line between them.
    pub(super) fn joined(pages: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::default();
        for page in pages {
            if !all.0.is_empty() {
                all.say("");
            }
            all.0.extend(page.0);
        }
        all
    }

    /// Adds lines as they are.
    pub(super) fn say(&mut self, lines: impl Into<String>) {
        self.0.push(Piece::Lines(lines.into()));
    }

    /// Adds `head` and behind it `text`, wrapped under itself; what follows `rdpwhy` is a command and is not broken.
    pub(super) fn wrap(&mut self, head: &str, text: &str) {
        self.0.push(Piece::Text { head: head.to_owned(), text: text.to_owned() });
    }

    /// Adds the commands of `line`, each to be pasted by itself.
    pub(super) fn commands(&mut self, line: impl Into<String>) {
        self.0.push(Piece::Commands(line.into()));
    }

    /// The page in lines of `width` columns; never more than on paper.
    pub(in crate::run) fn in_columns(&self, width: usize) -> String {
        let width = width.min(WIDTH);
        let mut written = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Lines(lines) => written.push_str(lines),
                Piece::Text { head, text } => written.push_str(&wrapped(width, head, text)),
                Piece::Commands(line) => {
                    let lines: Vec<String> =
                        lines(width, line).iter().map(|line| format!("{COMMAND}{line}\n")).collect();
                    written.push_str(&lines.concat());
                    continue;
                }
            }
            written.push('\n');
        }
        written
    }
}

impl fmt::Display for Page {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.in_columns(WIDTH))
    }
}

fn wrapped(width: usize, head: &str, text: &str) -> String {
    let hang = " ".repeat(head.chars().count());
    let text = match text.split_once("rdpwhy ") {
        Some((before, command)) => format!("{before}rdpwhy\u{a0}{}", command.replace(' ', "\u{a0}")),
        None => text.to_owned(),
    };
    let options = textwrap::Options::new(width)
        .initial_indent(head)
        .subsequent_indent(&hang)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    textwrap::fill(&text, options).replace('\u{a0}', " ")
}

/// The commands of a line, one by one: short lines can be read, and each can be pasted by itself. What is too long
/// even so is left whole, for a broken command cannot be pasted; behind a pipe PowerShell waits for the rest.
fn lines(width: usize, command: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for part in command.split("; ").filter(|part| !part.is_empty()) {
        match part.split_once(" | ") {
            Some((first, rest)) if COMMAND.len() + part.chars().count() > width => {
                lines.extend([format!("{first} |"), format!("  {rest}")]);
            }
            _ => lines.push(part.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_as_wide_as_its_place() {
        let mut page = Page::default();
        page.wrap("  = ", "a sentence that has to go on below, wherever it is shown, because it is that long");
        assert!(page.in_columns(40).lines().all(|line| line.len() <= 40));
        assert_eq!(page.in_columns(200), page.to_string());
    }

    #[test]
    fn commands_are_printed_line_by_line() {
        let lines = |command| lines(WIDTH, command);
        assert_eq!(lines("klist purge; klist get X"), ["klist purge", "klist get X"]);
        assert_eq!(lines("@{LogName='System';Id=1}"), ["@{LogName='System';Id=1}"]);
        let long = format!("gci '{}' | fl Subject", "x".repeat(70));
        assert!(lines(&long)[0].ends_with(" |") && lines(&long)[1] == "  fl Subject");
        assert!(lines("").is_empty());
    }
}
