//! A cause explained: its page, the list of its family, and the list of all. Everything it says is in the catalogue.

use super::page::Page;
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

/// The answer to `word`, if it is a cause (`tls.cert-expired`), what stands behind the dot of some (`cert-expired`, as
/// narrow lists have it), or a family of causes (`tls`, `tls.*`).
pub(super) fn answer(word: &str) -> Option<Page> {
    let word = word.to_ascii_lowercase();
    if let Some(cause) = causes::find(&word) {
        return Some(page(cause));
    }
    let family = word.strip_suffix(".*").or_else(|| word.strip_suffix('.')).unwrap_or(&word);
    let members: Vec<&Cause> = causes::all().filter(|cause| cause.family() == family).collect();
    if members.is_empty() {
        return behind_the_dot(&word);
    }
    Some(listed(&format!("{family}.*: causes"), &members))
}

/// Several causes, a line each, in the order of the wire; `what` they are.
pub(super) fn listed(what: &str, members: &[&Cause]) -> Page {
    let mut page = Page::headed(format!("{what}, in the order of the wire"));
    rows(&mut page, members);
    page
}

/// Causes that are called `word` but for their family. A single word of that kind is in many names, and means them all.
fn behind_the_dot(word: &str) -> Option<Page> {
    let is_called_so = |cause: &&Cause| cause.id.split_once('.').is_some_and(|(_, slug)| slug == word);
    let members: Vec<&Cause> = causes::all().filter(is_called_so).filter(|_| word.contains('-')).collect();
    match members.as_slice() {
        [] => None,
        [one] => Some(page(one)),
        several => Some(listed(&format!("*.{word}: causes"), several)),
    }
}

/// All causes, by chapter, in the order of the wire.
pub(super) fn list() -> Page {
    let mut page = Page::default();
    for (chapter, title) in Chapter::ALL {
        let members: Vec<&Cause> = causes::all().filter(|cause| cause.chapter == chapter).collect();
        page.say(title);
        rows(&mut page, &members);
        page.say("");
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
    page.wrap("", &total);
    page.say("\n  rdpwhy explain tls.cert-expired   one cause\n  rdpwhy explain tls                a family");
    page
}

/// A line or two for each: id, title, and how it can be known where packets alone do not tell.
pub(super) fn rows(page: &mut Page, members: &[&Cause]) {
    let widest = members.iter().map(|cause| cause.id.len()).max().unwrap_or_default().min(28);
    for cause in members {
        let how = match cause.seen {
            Seen::InPackets => "",
            Seen::WithKerberos => " (with Kerberos)",
            Seen::NeedsKeys => " (needs keys)",
            Seen::NotInPackets => " (not in packets)",
        };
        let head = format!("  {:widest$}  ", cause.id);
        page.wrap(&head, &format!("{}{how}", cause.title));
    }
}

fn page(cause: &Cause) -> Page {
    let mut page = Page::headed(cause.id);
    page.wrap("  ", cause.title);
    page.say("");
    page.wrap("  ", cause.meaning);
    page.say("");
    labelled(&mut page, "on the wire", cause.wire);
    labelled(&mut page, "how sure", how_sure(cause.seen));
    labelled(&mut page, "shown as", cause.shown_as);
    labelled(&mut page, "looks like", &cause.confused_with.join(", "));
    if cause.is_harmless() {
        page.say("\n  nothing to fix");
    }
    let fixes: Vec<&Remedy> = cause.fixes.iter().chain(cause.more).collect();
    for side in in_order(&fixes) {
        let heading = SIDES.iter().find(|(known, _)| *known == side).map_or(side, |(_, heading)| heading);
        let here = fixes.iter().filter(|remedy| remedy.side == side);
        section(&mut page, heading, here.map(|remedy| (remedy.text, remedy.command)));
    }
    section(&mut page, "look next", cause.next.iter().map(|remedy| (remedy.text, remedy.command)));
    section(&mut page, "not this", cause.not_this.iter().map(|warning| (*warning, "")));
    page.say("");
    for (index, source) in cause.sources.iter().enumerate() {
        labelled(&mut page, if index == 0 { "written in" } else { "" }, source);
    }
    page
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

fn labelled(page: &mut Page, label: &str, content: &str) {
    if !content.is_empty() {
        page.wrap(&format!("  {label:LABEL$}"), content);
    }
}

/// A heading and its points, with the command of each on lines of its own; nothing where there are none.
fn section<'a>(page: &mut Page, heading: &str, points: impl Iterator<Item = (&'a str, &'a str)>) {
    let mut points = points.peekable();
    if points.peek().is_some() {
        page.say(format!("\n  {heading}"));
    }
    for (words, command) in points {
        page.wrap("    - ", &filled(words));
        page.commands(filled(command));
    }
}

fn filled(text: &str) -> String {
    text.replace("{server}", "SERVER").replace("{port}", "PORT")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::nearest;
    use crate::run::explain::page::COMMAND;

    /// Commands of the catalogue, as they are printed.
    fn is_command(line: &str) -> bool {
        line.starts_with(COMMAND) && !line.trim_start().is_empty()
    }

    #[test]
    fn every_page_is_whole_and_fits_the_screen() {
        for cause in causes::all() {
            let text = answer(cause.id).expect("known").to_string();
            assert!(text.starts_with(&format!("{}\n", cause.id)) && text.contains("\n  written in"), "{text}");
            assert!(!text.contains("{server}") && !text.contains("{port}"), "{text}");
            for line in text.lines().filter(|line| line.chars().count() > 80) {
                assert!(is_command(line), "{}: {line}", cause.id);
            }
        }
    }

    #[test]
    fn all_causes_are_listed_in_the_order_of_the_wire() {
        let text = list().to_string();
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
            let text = answer(word).expect("a family").to_string();
            assert!(text.lines().count() > 20 && text.contains("  tls.cert-expired "), "{text}");
            assert!(!text.contains("nla."), "{text}");
        }
        assert!(answer("nothing").is_none() && answer("tls.nothing").is_none());
        assert!(
            answer("redirect").expect("a cause").to_string().starts_with("redirect\n"),
            "a cause before its family"
        );
    }

    #[test]
    fn what_stands_behind_the_dot_is_enough() {
        assert_eq!(answer("cert-expired"), answer("tls.cert-expired"));
        let several = answer("client-refuses").expect("causes").to_string();
        assert!(several.contains("  tls.client-refuses ") && several.contains("  mcs.client-refuses "), "{several}");
        assert_eq!(answer("mtu"), None, "there is more than udp.mtu");
    }

    #[test]
    fn another_name_leads_to_the_same_page() {
        assert_eq!(answer("tcp.accept-then-silence"), answer("x224.no-confirm"));
        assert_eq!(nearest("nla.bad-credential", causes::all().map(|cause| cause.id)), Some("nla.bad-credentials"));
    }
}
