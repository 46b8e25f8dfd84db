//! `rdpwhy explain`: what a cause means and what helps, from the same roster that the verdicts come from.

mod family;
mod leads;
mod lookup;
mod made;
mod page;
mod pair;
mod roster;
mod tell;
mod topics;
mod words;

use std::fmt::Write as _;

use super::complaint::Complaint;
use crate::cli;
use crate::diagnose::Remedy;
use crate::diagnose::rules::{OBSERVATIONS, RULES};

/// An answer for each of `words`, and a complaint for each that is not known; all causes when there are none.
pub(super) fn explain(words: &[String]) -> (String, Vec<Complaint>) {
    if words.is_empty() {
        return (causes(), Vec::new());
    }
    if let Some(text) = words::together(words) {
        return (text, Vec::new());
    }
    let (mut answers, mut complaints) = (Vec::new(), Vec::new());
    for word in &words::with_prefix(words) {
        match answer(word) {
            Ok(text) => answers.push(text),
            Err(complaint) => complaints.push(complaint),
        }
    }
    (answers.join("\n"), complaints)
}

/// `words` without those that name captures, and these.
pub(super) fn split(words: &[String]) -> (Vec<String>, Vec<std::path::PathBuf>) {
    words::split(words, |word| answer(word).is_ok())
}

/// What `words` have to say to a session of such a capture.
pub(super) fn note(words: &[String]) -> fn(&crate::diagnose::Case) -> Option<&'static str> {
    pair::note(words)
}

fn answer(word: &str) -> Result<String, Complaint> {
    match word {
        "exit" => return Ok(cli::EXIT_CODES.to_owned()),
        "causes" => return Ok(causes()),
        _ => {}
    }
    if let Some(page) = topics::page(word) {
        return Ok(page);
    }
    if let Some(rule) = RULES.iter().find(|rule| rule.id == word) {
        let mut text = format!("{}\n{}\n", rule.id, wrapped("  ", rule.title));
        advice(&mut text, "fix", rule.remedies);
        advice(&mut text, "next", rule.next);
        return Ok(text);
    }
    if let Some((id, title)) = OBSERVATIONS.iter().find(|(id, _)| *id == word) {
        return Ok(format!(
            "{id}\n{}\n  = note: noticed beside another cause; nothing dies of it\n",
            wrapped("  ", title)
        ));
    }
    if let Some(answer) = words::answer(word) {
        return answer;
    }
    let complaint = Complaint::new(format!("nothing is known of {word}"));
    let known = ids().map(|(id, _)| id).chain(TOPICS.iter().copied());
    Err(match words::suggestion(word, known).or_else(|| ending(word).map(str::to_owned)) {
        Some(near) => complaint.note("help", format!("did you mean {near}?")),
        None => complaint.note("help", "rdpwhy explain causes lists every cause, explain codes the numbers it knows"),
    })
}

/// `cert-expired` for `tls.cert-expired`, `hybrid` for `neg.hybrid-required`.
fn ending(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    let mut ids = ids().map(|(id, _)| id);
    if word.len() < 3 { None } else { ids.find(|id| id.contains(&word)) }
}

/// What can be explained besides causes and codes.
const TOPICS: &[&str] = &["causes", "codes", "phases", "filter", "events", "json", "exit"];

fn ids() -> impl Iterator<Item = (&'static str, &'static str)> {
    RULES.iter().map(|rule| (rule.id, rule.title)).chain(OBSERVATIONS.iter().copied())
}

fn causes() -> String {
    let mut ids: Vec<_> = ids().collect();
    ids.sort_unstable();
    // What is noticed beside another cause may also be a cause of its own.
    ids.dedup_by_key(|(id, _)| *id);
    let widest = ids.iter().map(|(id, _)| id.len()).max().unwrap_or_default();
    ids.iter().fold(String::new(), |mut text, (id, title)| {
        let _ = writeln!(text, "{}", wrapped(&format!("{id:widest$}  "), title));
        text
    })
}

fn advice(text: &mut String, label: &str, remedies: &[Remedy]) {
    for remedy in remedies {
        let fill = |text: &str| text.replace("{server}", "SERVER").replace("{port}", "PORT");
        let _ = writeln!(text, "{}", wrapped(&format!("  = {label}: "), &fill(remedy.text)));
        if !remedy.command.is_empty() {
            let _ = writeln!(text, "          {}", fill(remedy.command));
        }
    }
}

fn wrapped(head: &str, text: &str) -> String {
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
    fn causes_are_listed_once() {
        let list = causes();
        assert_eq!(list.lines().filter(|line| line.starts_with("neg.hybrid-required ")).count(), 1);
        assert!(list.lines().all(|line| line.chars().count() <= 80));
    }
}
