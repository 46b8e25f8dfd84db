//! `rdpwhy explain`: what a cause means and what helps, from the same roster that the verdicts come from.

mod cause;
mod family;
mod leads;
mod lookup;
mod made;
mod page;
mod pair;
mod phrase;
mod roster;
mod tell;
mod topics;
mod words;

use std::path::PathBuf;

use super::complaint::Complaint;
use crate::cli;
use crate::knowledge::causes;
use page::Page;

/// An answer for each of `words`, and a complaint for each that is not known; all causes when there are none.
pub(super) fn explain(words: &[String]) -> (Page, Vec<Complaint>) {
    if words.is_empty() {
        return (cause::list(), Vec::new());
    }
    if let Some(page) = words::together(words) {
        return (page, Vec::new());
    }
    let (mut answers, mut complaints) = (Vec::new(), Vec::new());
    for word in &words::with_prefix(words) {
        match answer(word) {
            Ok(page) => answers.push(page),
            Err(complaint) => complaints.push(complaint),
        }
    }
    // Words that are no names by themselves may be a line that was pasted without quotes.
    let is_strange = |word: &String| exactly(word).is_none_or(|answer| answer.is_err());
    let is_doubtful = !complaints.is_empty() || words.iter().all(is_strange);
    let is_line = words.len() > 1 && is_doubtful && !words.iter().any(|word| phrase::is_name(word));
    if let Some(page) = is_line.then(|| phrase::answer(&words.join(" "))).flatten() {
        return (page, Vec::new());
    }
    (Page::joined(answers), complaints)
}

/// `words` without those that name captures, and these.
pub(super) fn split(words: &[String]) -> (Vec<String>, Vec<std::path::PathBuf>) {
    // Only what is a name of its own: a file may well be called `capture` or `reset`.
    words::split(words, |word| exactly(word).is_some_and(|answer| answer.is_ok()))
}

/// What to say to `rdpwhy 0x904 0x7`, whose words are no files but would be known behind `explain`; `None` otherwise.
pub(super) fn meant(words: &[PathBuf]) -> Option<Complaint> {
    let is_none = |word: &PathBuf| word.as_os_str() != "-" && !word.exists();
    if words.is_empty() || !words.iter().all(is_none) {
        return None;
    }
    let texts: Vec<String> = words.iter().map(|word| word.to_str().map(str::to_owned)).collect::<Option<_>>()?;
    let is_known = pair::of(&texts).is_some() || texts.iter().all(|word| names(word));
    let complaint = Complaint::new(format!("no file {}", texts[0]));
    is_known.then(|| complaint.note("help", format!("for what it means: rdpwhy explain {}", texts.join(" "))))
}

/// Whether `word` is a number or a name to explain, and nothing that a file would be called.
fn names(word: &str) -> bool {
    let is_code = lookup::by_address(word).is_some_and(|(_, hits)| !hits.is_empty());
    let is_number = word.starts_with("0x") && !lookup::by_number(word).is_empty();
    is_code || is_number || causes::find(word).is_some()
}

/// What `words` have to say to a session of such a capture.
pub(super) fn note(words: &[String]) -> fn(&crate::diagnose::Case) -> Option<&'static str> {
    pair::note(words)
}

/// The answer to a topic, a cause or a number, in its own name; `None` where `word` is none.
fn exactly(word: &str) -> Option<Result<Page, Complaint>> {
    match word {
        "exit" => return Some(Ok(Page::headed(cli::EXIT_CODES.trim_end()))),
        "causes" => return Some(Ok(cause::list())),
        _ => {}
    }
    if let Some(page) = topics::page(word) {
        return Some(Ok(page));
    }
    // `mcs` is a family of causes and one of numbers, too.
    match (cause::answer(word), words::answer(word)) {
        (Some(causes), Some(Ok(numbers))) => Some(Ok(Page::joined([causes, numbers]))),
        (Some(causes), _) => Some(Ok(causes)),
        (None, answer) => answer,
    }
}

fn answer(word: &str) -> Result<Page, Complaint> {
    if let Some(answer) = exactly(word) {
        // `password` is a flag of some message, but who types it means what can go wrong with one.
        let causes = if lookup::is_only_a_part(word) { phrase::about_word(word) } else { None };
        return answer.map(|page| Page::joined(causes.into_iter().chain([page])));
    }
    if word.trim().contains(char::is_whitespace)
        && let Some(page) = phrase::answer(word)
    {
        return Ok(page);
    }
    if let Some(bare) = phrase::bare(word) {
        return answer(bare);
    }
    let complaint = Complaint::new(format!("nothing is known of {word}"));
    if word.trim().is_empty() {
        return Err(Complaint::new("nothing to explain: the word is empty"));
    }
    let known = ids().map(|(id, _)| id).chain(TOPICS.iter().copied());
    let near = words::suggestion(word, known);
    if let Some(page) = phrase::about_word(word).filter(|_| !word.contains('_') || near.is_none()) {
        return Ok(page);
    }
    Err(match near.or_else(|| ending(word).map(str::to_owned)) {
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
    causes::all().map(|cause| (cause.id, cause.title))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_is_explained() {
        for (id, title) in ids() {
            let text = answer(id).expect("known").to_string();
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
    fn a_part_of_some_title_is_no_name_so_that_a_file_may_have_it() {
        assert!(exactly("capture").is_none() && answer("capture").is_ok());
    }

    #[test]
    fn a_family_of_causes_and_of_numbers_is_both() {
        let text = answer("mcs").expect("both").to_string();
        assert!(text.contains("  mcs.refused ") && text.contains("mcs:"), "{text}");
    }
}
