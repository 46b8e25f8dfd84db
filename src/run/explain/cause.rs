//! A cause explained: its page, the list of its family, and the list of all. Everything it says is in the catalogue.

use std::fmt::Write as _;

use super::page::{columns, wrapped};
use crate::knowledge::cause::{Cause, Chapter, Remedy, Seen};
use crate::knowledge::causes;

/// Sides, and the heading of each.
const SIDES: [(&str, &str); 5] = [
    ("server", "on the server"),
    ("client", "on the client"),
    ("path", "on the way"),
    ("domain", "in the domain"),
    ("capture", "when capturing"),
];

/// The width of the words that stand before a text: `on the wire`.
const LABEL: usize = 13;

/// The answer to `word`, if it is a cause (`tls.cert-expired`) or a family of causes (`tls`, `tls.*`).
pub(super) fn answer(word: &str) -> Option<String> {
    let word = word.to_ascii_lowercase();
    if let Some(cause) = causes::find(&word) {
        return Some(page(cause));
    }
    let family = word.strip_suffix(".*").or_else(|| word.strip_suffix('.')).unwrap_or(&word);
    let members: Vec<&Cause> = causes::all().filter(|cause| cause.family() == family).collect();
    (!members.is_empty()).then(|| format!("{family}.*: causes, in the order of the wire\n{}", rows(&members)))
}

/// All causes, by chapter, in the order of the wire.
pub(super) fn list() -> String {
    let mut text = String::new();
    for (chapter, title) in Chapter::ALL {
        let members: Vec<&Cause> = causes::all().filter(|cause| cause.chapter == chapter).collect();
        let _ = writeln!(text, "{title}\n{}", rows(&members));
    }
    let count = |seen| causes::all().filter(|cause| cause.seen == seen).count();
    let total = format!(
        "{} causes. {} are told in clear by Kerberos on port 88, if that was captured too (with Kerberos), {} only by \
         TLS keys or an event log (needs keys), {} by no packet at all (not in packets).",
        causes::all().count(),
        count(Seen::WithKerberos),
        count(Seen::NeedsKeys),
        count(Seen::NotInPackets)
    );
    let _ = writeln!(text, "{}", wrapped("", &total));
    text.push_str("\n  rdpwhy explain tls.cert-expired   one cause\n  rdpwhy explain tls                a family\n");
    text
}

/// A line or two for each: id, title, and how it can be known where packets alone do not tell.
fn rows(members: &[&Cause]) -> String {
    let widest = members.iter().map(|cause| cause.id.len()).max().unwrap_or_default().min(28);
    members.iter().fold(String::new(), |mut text, cause| {
        let how = match cause.seen {
            Seen::InPackets => "",
            Seen::WithKerberos => " (with Kerberos)",
            Seen::NeedsKeys => " (needs keys)",
            Seen::NotInPackets => " (not in packets)",
        };
        let head = format!("  {:widest$}  ", cause.id);
        let _ = writeln!(text, "{}", wrapped(&head, &format!("{}{how}", cause.title)));
        text
    })
}

fn page(cause: &Cause) -> String {
    let mut text = format!("{}\n{}\n\n{}\n\n", cause.id, wrapped("  ", cause.title), wrapped("  ", cause.meaning));
    labelled(&mut text, "on the wire", cause.wire);
    labelled(&mut text, "how sure", how_sure(cause.seen));
    labelled(&mut text, "shown as", cause.shown_as);
    labelled(&mut text, "looks like", &cause.confused_with.join(", "));
    if cause.is_harmless() {
        text.push_str("\n  nothing to fix\n");
    }
    let fixes: Vec<&Remedy> = cause.fixes.iter().chain(cause.more).collect();
    for side in in_order(&fixes) {
        let heading = SIDES.iter().find(|(known, _)| *known == side).map_or(side, |(_, heading)| heading);
        let here = fixes.iter().filter(|remedy| remedy.side == side);
        section(&mut text, heading, here.map(|remedy| (remedy.text, remedy.command)));
    }
    section(&mut text, "look next", cause.next.iter().map(|remedy| (remedy.text, remedy.command)));
    section(&mut text, "not this", cause.not_this.iter().map(|warning| (*warning, "")));
    text.push('\n');
    for (index, source) in cause.sources.iter().enumerate() {
        labelled(&mut text, if index == 0 { "written in" } else { "" }, source);
    }
    text
}

/// The sides of `fixes`, the one to begin with first.
fn in_order(fixes: &[&Remedy]) -> Vec<&'static str> {
    let mut sides = Vec::new();
    for remedy in fixes {
        if !sides.contains(&remedy.side) {
            sides.push(remedy.side);
        }
    }
    sides
}

const fn how_sure(seen: Seen) -> &'static str {
    match seen {
        Seen::InPackets => {
            "packets can show it, in clear or by sizes, order and times; each report says how sure it is"
        }
        Seen::WithKerberos => {
            "Kerberos says it in clear, if port 88 of the client is in the capture too; else only TLS keys or the log \
             of the server tell it from its neighbours"
        }
        Seen::NeedsKeys => {
            "said inside the encryption: only TLS keys or an event log tell it from its neighbours; packets alone show \
             where the session ended and by whose act"
        }
        Seen::NotInPackets => "no packet shows it; an event log does, or what the user saw",
    }
}

fn labelled(text: &mut String, label: &str, content: &str) {
    if !content.is_empty() {
        let _ = writeln!(text, "{}", wrapped(&format!("  {label:LABEL$}"), content));
    }
}

/// A heading and its points, with the command of each on lines of its own; nothing where there are none.
fn section<'a>(text: &mut String, heading: &str, points: impl Iterator<Item = (&'a str, &'a str)>) {
    let mut points = points.peekable();
    if points.peek().is_some() {
        let _ = writeln!(text, "\n  {heading}");
    }
    for (words, command) in points {
        let _ = writeln!(text, "{}", wrapped("    - ", &filled(words)));
        for line in lines(&filled(command)) {
            let _ = writeln!(text, "{COMMAND}{line}");
        }
    }
}

/// What stands before a command.
const COMMAND: &str = "        ";

/// The commands of a line, one by one: short lines can be read, and each can be pasted by itself. What is too long
/// even so is left whole, for a broken command cannot be pasted; behind a pipe PowerShell waits for the rest.
fn lines(command: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for part in command.split("; ").filter(|part| !part.is_empty()) {
        match part.split_once(" | ") {
            Some((first, rest)) if COMMAND.len() + part.chars().count() > columns() => {
                lines.extend([format!("{first} |"), format!("  {rest}")]);
            }
            _ => lines.push(part.to_owned()),
        }
    }
    lines
}

fn filled(text: &str) -> String {
    text.replace("{server}", "SERVER").replace("{port}", "PORT")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::nearest;

    /// Commands of the catalogue, as they are printed.
    fn is_command(line: &str) -> bool {
        line.starts_with(COMMAND) && !line.trim_start().is_empty()
    }

    #[test]
    fn every_page_is_whole_and_fits_the_screen() {
        for cause in causes::all() {
            let text = answer(cause.id).expect("known");
            assert!(text.starts_with(&format!("{}\n", cause.id)) && text.contains("\n  written in"), "{text}");
            assert!(!text.contains("{server}") && !text.contains("{port}"), "{text}");
            for line in text.lines().filter(|line| line.chars().count() > 80) {
                assert!(is_command(line), "{}: {line}", cause.id);
            }
        }
    }

    #[test]
    fn all_causes_are_listed_in_the_order_of_the_wire() {
        let text = list();
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        for cause in causes::all() {
            assert_eq!(text.matches(&format!("\n  {} ", cause.id)).count(), 1, "{}", cause.id);
        }
        let at = |id: &str| text.find(&format!("\n  {id} ")).expect(id);
        assert!(at("dns.fail") < at("tcp.refused") && at("tcp.refused") < at("tls.cert-expired"));
        assert!(text.contains("(needs keys)") && text.contains("(not in packets)"));
    }

    #[test]
    fn a_family_lists_its_causes() {
        for word in ["tls", "tls.*", "TLS."] {
            let text = answer(word).expect("a family");
            assert!(text.lines().count() > 20 && text.contains("  tls.cert-expired "), "{text}");
            assert!(!text.contains("nla."), "{text}");
        }
        assert!(answer("nothing").is_none() && answer("tls.nothing").is_none());
        assert!(answer("redirect").expect("a cause").starts_with("redirect\n"), "a cause before its family");
    }

    #[test]
    fn another_name_leads_to_the_same_page() {
        assert_eq!(answer("tcp.accept-then-silence"), answer("x224.no-confirm"));
        assert_eq!(nearest("nla.bad-credential", causes::all().map(|cause| cause.id)), Some("nla.bad-credentials"));
    }

    #[test]
    fn commands_are_printed_line_by_line() {
        assert_eq!(lines("klist purge; klist get X"), ["klist purge", "klist get X"]);
        assert_eq!(lines("@{LogName='System';Id=1}"), ["@{LogName='System';Id=1}"]);
        let long = format!("gci '{}' | fl Subject", "x".repeat(70));
        assert!(lines(&long)[0].ends_with(" |") && lines(&long)[1] == "  fl Subject");
        assert!(lines("").is_empty());
    }
}
