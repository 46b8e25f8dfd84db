//! `rdpwhy explain`: what a cause means and what helps, from the same roster that the verdicts come from.

use std::fmt::Write as _;

use super::complaint::Complaint;
use crate::cli;
use crate::diagnose::Remedy;
use crate::diagnose::rules::{OBSERVATIONS, RULES};

/// An answer for each of `words`; all causes when there are none.
pub(super) fn explain(words: &[String]) -> Result<String, Complaint> {
    if words.is_empty() {
        return Ok(causes());
    }
    let answers: Result<Vec<String>, Complaint> = words.iter().map(|word| answer(word)).collect();
    Ok(answers?.join("\n"))
}

fn answer(word: &str) -> Result<String, Complaint> {
    match word {
        "exit" => return Ok(cli::EXIT_CODES.to_owned()),
        "causes" => return Ok(causes()),
        _ => {}
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
    let complaint = Complaint::new(format!("nothing is known of {word}"));
    Err(match cli::nearest(word, ids().map(|(id, _)| id)) {
        Some(near) => complaint.note("help", format!("did you mean {near}?")),
        None => complaint.note("help", "rdpwhy explain causes lists every cause; rdpwhy explain exit the exit codes"),
    })
}

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
    textwrap::fill(text, textwrap::Options::new(80).initial_indent(head).subsequent_indent(&hang).break_words(false))
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
