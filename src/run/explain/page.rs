//! Lines of at most 80 columns, in which commands stay whole.

/// `head` and behind it `text`, wrapped under itself; what follows `rdpwhy` is a command and is not broken.
pub(super) fn wrapped(head: &str, text: &str) -> String {
    let hang = " ".repeat(head.chars().count());
    let text = match text.split_once("rdpwhy ") {
        Some((before, command)) => format!("{before}rdpwhy\u{a0}{}", command.replace(' ', "\u{a0}")),
        None => text.to_owned(),
    };
    let options = textwrap::Options::new(80)
        .initial_indent(head)
        .subsequent_indent(&hang)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    textwrap::fill(&text, options).replace('\u{a0}', " ")
}
