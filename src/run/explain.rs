//! `rdpwhy explain`: what a cause means and what helps, from the same roster that the verdicts come from.

use std::fmt::Write as _;

use super::codes;
use super::complaint::Complaint;
use super::explain_cause;
use crate::cli;
use crate::knowledge::causes;
use crate::report::filter_keys::{FilterKey, KEYS};

/// An answer for each of `words`, and a complaint for each that is not known; all causes when there are none.
pub(super) fn explain(words: &[String]) -> (String, Vec<Complaint>) {
    if words.is_empty() {
        return (explain_cause::list(), Vec::new());
    }
    let (mut answers, mut complaints) = (Vec::new(), Vec::new());
    for word in words {
        match answer(word) {
            Ok(text) => answers.push(text),
            Err(complaint) => complaints.push(complaint),
        }
    }
    (answers.join("\n"), complaints)
}

fn answer(word: &str) -> Result<String, Complaint> {
    match word {
        "exit" => return Ok(cli::EXIT_CODES.to_owned()),
        "causes" => return Ok(explain_cause::list()),
        "filter" => return Ok(filter()),
        "codes" => return Ok(codes()),
        _ => {}
    }
    if let Some(text) = explain_cause::answer(word) {
        return Ok(text);
    }
    if let Some(answer) = codes::answer(word) {
        return answer;
    }
    let complaint = Complaint::new(format!("nothing is known of {word}"));
    let known = ids().map(|(id, _)| id).chain(TOPICS.iter().copied()).chain(codes::symbols());
    Err(match cli::nearest(word, known).or_else(|| ending(word)) {
        Some(near) => complaint.note("help", format!("did you mean {near}?")),
        None => {
            complaint.note("help", "rdpwhy explain causes lists every cause, explain codes the error numbers it knows")
        }
    })
}

/// `cert-expired` for `tls.cert-expired`, `hybrid` for `neg.hybrid-required`.
fn ending(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    let mut ids = ids().map(|(id, _)| id);
    if word.len() < 3 { None } else { ids.find(|id| id.contains(&word)) }
}

/// What can be explained besides causes and codes.
const TOPICS: &[&str] = &["causes", "codes", "filter", "exit"];

fn codes() -> String {
    let mut text = "Numbers that servers and clients send; in hexadecimal or decimal, or by symbol.\n\n".to_owned();
    for family in codes::FAMILIES {
        let _ = writeln!(text, "{}", wrapped(&format!("  {:<13}", family.example), family.what));
    }
    text.push_str("\n  rdpwhy explain neg:5 certificate_expired errinfo:0x5\n\n");
    text.push_str("Numbers that the Windows client shows (0x904) come in a later version.\n");
    text
}

fn filter() -> String {
    let mut text = "\
Words side by side mean and; or, not (also -word, !word) and parentheses as
usual; * stands for anything; a bare word searches addresses, names, user hints
and causes.

"
    .to_owned();
    for FilterKey { example, meaning, .. } in KEYS {
        let _ = writeln!(text, "{}", wrapped(&format!("  {example:<22}"), meaning));
    }
    text.push_str("\n  rdpwhy -Y 'died server:10.20.1.9 (cause:tls.* or cause:neg.*)' day.pcapng\n");
    text
}

fn ids() -> impl Iterator<Item = (&'static str, &'static str)> {
    causes::all().map(|cause| (cause.id, cause.title))
}

pub(super) fn wrapped(head: &str, text: &str) -> String {
    let hang = " ".repeat(head.len());
    let options = textwrap::Options::new(80)
        .initial_indent(head)
        .subsequent_indent(&hang)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    textwrap::fill(text, options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_is_explained() {
        for (id, title) in ids() {
            let text = answer(id).expect("known");
            assert!(text.starts_with(id), "{text}");
            assert!(!text.contains("{server}") && !text.contains("{port}"), "{id}: {title}: {text}");
        }
    }

    #[test]
    fn a_slip_gets_a_suggestion() {
        let text = answer("neg.hybrid-requird").expect_err("no such cause").error(80, false);
        assert_eq!(
            text,
            "error: nothing is known of neg.hybrid-requird\n  = help: did you mean neg.hybrid-required?\n"
        );
    }

    #[test]
    fn what_is_said_of_the_filter_is_true_and_fits_a_screen() {
        for FilterKey { example, .. } in KEYS {
            let parsed = crate::report::Filter::parse(example, &jiff::tz::TimeZone::UTC);
            assert!(parsed.is_ok(), "{example}: {parsed:?}");
        }
        let text = filter();
        assert!(text.lines().count() <= 34 && text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}
