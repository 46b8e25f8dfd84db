//! Lines of at most 80 columns, or fewer where they are shown, in which commands stay whole.

use std::cell::Cell;

/// Columns of a page.
const WIDTH: usize = 80;

thread_local! {
    /// Columns of what is written now: every sentence of a page is wrapped where it is made.
    static COLUMNS: Cell<usize> = const { Cell::new(WIDTH) };
}

/// What `write` makes, in lines of `width` columns.
pub(super) fn in_columns<T>(width: usize, write: impl FnOnce() -> T) -> T {
    COLUMNS.set(width.min(WIDTH));
    let written = write();
    COLUMNS.set(WIDTH);
    written
}

/// Columns of a line.
pub(super) fn columns() -> usize {
    COLUMNS.get()
}

/// `head` and behind it `text`, wrapped under itself; what follows `rdpwhy` is a command and is not broken.
pub(super) fn wrapped(head: &str, text: &str) -> String {
    let hang = " ".repeat(head.chars().count());
    let text = match text.split_once("rdpwhy ") {
        Some((before, command)) => format!("{before}rdpwhy\u{a0}{}", command.replace(' ', "\u{a0}")),
        None => text.to_owned(),
    };
    let options = textwrap::Options::new(columns())
        .initial_indent(head)
        .subsequent_indent(&hang)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    textwrap::fill(&text, options).replace('\u{a0}', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_as_wide_as_its_place() {
        let text = "a sentence that has to go on below, wherever it is shown, because it is that long";
        let widest = |text: &str| text.lines().map(str::len).max();
        assert!(in_columns(40, || wrapped("  = ", text)).lines().all(|line| line.len() <= 40));
        assert_eq!(widest(&wrapped("  = ", text)), widest(&in_columns(200, || wrapped("  = ", text))));
    }
}
