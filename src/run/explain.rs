//! `rdpwhy explain`: what a cause means and what helps, from the same roster that the verdicts come from.

mod cause;
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
    (Page::joined(answers), complaints)
}

/// `words` without those that name captures, and these.
pub(super) fn split(words: &[String]) -> (Vec<String>, Vec<std::path::PathBuf>) {
    words::split(words, |word| answer(word).is_ok())
}

/// What `words` have to say to a session of such a capture.
pub(super) fn note(words: &[String]) -> fn(&crate::diagnose::Case) -> Option<&'static str> {
    pair::note(words)
}

fn answer(word: &str) -> Result<Page, Complaint> {
    match word {
        "exit" => return Ok(Page::headed(cli::EXIT_CODES.trim_end())),
        "causes" => return Ok(cause::list()),
        _ => {}
    }
    if let Some(page) = topics::page(word) {
        return Ok(page);
    }
    // `mcs` is a family of causes and one of numbers, too.
    match (cause::answer(word), words::answer(word)) {
        (Some(causes), Some(Ok(numbers))) => return Ok(Page::joined([causes, numbers])),
        (Some(causes), _) => return Ok(causes),
        (None, Some(answer)) => return answer,
        (None, None) => {}
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
    fn a_family_of_causes_and_of_numbers_is_both() {
        let text = answer("mcs").expect("both").to_string();
        assert!(text.contains("  mcs.refused ") && text.contains("mcs:"), "{text}");
    }
}
