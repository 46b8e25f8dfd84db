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
        "filter" => return Ok(filter()),
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
        None => complaint.note("help", "rdpwhy explain causes lists every cause; other words: filter, exit"),
    })
}

/// An example for each key of the session filter, and what it asks.
const KEYS: &[(&str, &str)] = &[
    ("died", "the outcome: died, warn, ok, unsure, scan"),
    ("cause:tls.*", "the cause"),
    ("phase:tls", "where it died"),
    ("sure:proven", "how sure: proven, strong, likely, unsure"),
    ("client:10.20.0.0/16", "who connected; server: to whom; ip: either"),
    ("port:3390", "the server's port"),
    ("user:jdoe", "the user hint, which is no proof of identity"),
    ("name:*.corp.example", "a name in TLS or in the certificate"),
    ("tls<1.2", "the TLS version"),
    ("security:nla", "what the server chose: nla, tls, rdp"),
    ("cert:expired", "the certificate, at the time of the packets"),
    ("cert.days<30", "days the certificate had left"),
    ("alert:45", "a TLS alert, by number or name"),
    ("rtt>150ms", "the round trip"),
    ("retrans>5", "packets sent twice; lost: not seen at all"),
    ("dur<2s", "how long it lasted; idle: how long it was silent"),
    ("frame:118", "a packet of it"),
    ("session:3-9", "its number"),
    ("time>09:15", "when it began"),
];

fn filter() -> String {
    let mut text = "\
Words side by side mean and; or, not (also -word, !word) and parentheses as
usual; * stands for anything; a bare word searches addresses, names, user hints
and causes.

"
    .to_owned();
    for (example, meaning) in KEYS {
        let _ = writeln!(text, "  {example:<22}{meaning}");
    }
    text.push_str("\n  rdpwhy -Y 'died server:10.20.1.9 (cause:tls.* or cause:neg.*)' day.pcapng\n");
    text
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
    fn what_is_said_of_the_filter_is_true_and_fits_a_screen() {
        for (example, _) in KEYS {
            let parsed = crate::report::Filter::parse(example, &jiff::tz::TimeZone::UTC);
            assert!(parsed.is_ok(), "{example}: {parsed:?}");
        }
        let text = filter();
        assert!(text.lines().count() <= 26 && text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn causes_are_listed_once() {
        let list = causes();
        assert_eq!(list.lines().filter(|line| line.starts_with("neg.hybrid-required ")).count(), 1);
        assert!(list.lines().all(|line| line.chars().count() <= 80));
    }
}
