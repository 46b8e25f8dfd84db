//! Rows as text: one in full, many as a list that fits a screen.

use super::family::{Family, Hit, Rank};
use super::leads;
use super::page::Page;

/// Rows that are told in full when so few were found.
const FULL: usize = 3;

/// All `hits` of one word.
pub(super) fn tell(hits: &[Hit<'_>]) -> Page {
    if hits.len() <= FULL {
        return Page::joined(hits.iter().map(|hit| one(*hit)));
    }
    let mut page = Page::default();
    for hit in hits.iter().filter(|hit| hit.group.rank == Rank::Screen) {
        page.say(hit.title());
        page.wrap("  ", &hit.row.meaning);
        page.say("");
    }
    let answers: Vec<_> = hits.iter().filter(|hit| hit.group.rank == Rank::Answer).collect();
    let width = answers.iter().map(|hit| hit.address().len()).max().unwrap_or_default();
    for hit in &answers {
        let head = format!("  {:width$}  ", hit.address());
        let said = if hit.row.symbol.is_empty() { hit.row.meaning.clone() } else { hit.symbol() };
        page.wrap(&head, &said);
    }
    let parts: Vec<String> = hits.iter().filter(|hit| hit.group.rank == Rank::Part).map(Hit::address).collect();
    if !parts.is_empty() {
        page.wrap("  parts of messages: ", &parts.join(" "));
    }
    let mut sources: Vec<&str> = hits.iter().map(|hit| source_name(&hit.group.source)).collect();
    sources.sort_unstable();
    sources.dedup();
    page.wrap("  = source: ", &sources.join("; "));
    let first = hits.iter().min_by_key(|hit| hit.group.rank).map(Hit::address).unwrap_or_default();
    page.say(format!("  = next: one of them, as in: rdpwhy explain {first}"));
    page
}

/// `MS-RDPBCGR` of `MS-RDPBCGR 2.2.5.1.1`; an RFC is nothing without its number.
fn source_name(source: &str) -> &str {
    if source.starts_with("RFC") {
        return source;
    }
    let is_section = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
    source.split_once(' ').filter(|(_, rest)| is_section(rest)).map_or(source, |(name, _)| name)
}

/// One row in full.
pub(super) fn one(hit: Hit<'_>) -> Page {
    let Hit { group, row, .. } = hit;
    let mut page = Page::headed(hit.title());
    page.wrap("  ", &row.meaning);
    page.wrap("  = what: ", &group.what);
    for (label, more) in &row.more {
        page.wrap(&format!("  = {label}: "), more);
    }
    if group.is_documented {
        page.wrap("  = documented: ", &group.source);
    } else {
        page.wrap("  = observed: ", &format!("in the field only; gathered in {}", group.source));
    }
    page.wrap("  = next: ", &next(hit));
    page
}

fn next(hit: Hit<'_>) -> String {
    let Hit { family, group, row } = hit;
    match leads::of(family.name(), row.value).filter(|_| group.name.is_empty()) {
        Some(cause) => format!("rdpwhy explain {cause}"),
        None if family.name() == "mstsc" && row.value == crate::knowledge::client::SOCKET_CLOSED => {
            "rdpwhy explain 0x904 0x7, also with a capture behind it".into()
        }
        None => family.next.into(),
    }
}

/// What there is of a family: its numbers, as they are asked for.
pub(super) fn overview(family: &Family) -> Page {
    let mut page = Page::headed(format!("{}: {}", family.name(), family.what));
    let several = family.groups.iter().any(|group| !group.name.is_empty());
    let mut rest: Vec<String> = Vec::new();
    for group in &family.groups {
        let numbers: Vec<String> = group.rows.iter().map(|row| group.number(row)).collect();
        if several {
            let head = if group.name.is_empty() { "  ".to_owned() } else { format!("  {}: ", group.name) };
            page.wrap(&head, &short(&numbers, 24));
        } else {
            rest.extend(numbers);
        }
    }
    if !rest.is_empty() {
        page.wrap("  ", &short(&rest, 130));
    }
    let mut sources: Vec<&str> = family.groups.iter().map(|group| source_name(&group.source)).collect();
    sources.sort_unstable();
    sources.dedup();
    page.wrap("  = source: ", &sources.join("; "));
    page.say(format!("  = next: one of them, as in: rdpwhy explain {}", family.example));
    page
}

fn short(numbers: &[String], most: usize) -> String {
    let more = numbers.len().saturating_sub(most);
    let listed = numbers[..numbers.len() - more].join(" ");
    if more == 0 { listed } else { format!("{listed} and {more} more") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::explain::explain;
    use crate::run::explain::roster::FAMILIES;

    fn told(word: &str) -> String {
        let (page, complaints) = explain(&[word.to_owned()]);
        assert!(complaints.is_empty(), "{word}");
        page.to_string()
    }

    fn fits(text: &str) {
        assert!(text.lines().count() <= 34, "{} lines: {text}", text.lines().count());
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn a_number_by_its_address_and_by_its_symbol() {
        assert_eq!(
            told("neg:5"),
            "\
neg:5  HYBRID_REQUIRED_BY_SERVER
  the server insists on NLA (CredSSP); the client did not offer it
  = what: failure code of the server's answer to the connection request
  = documented: MS-RDPBCGR 2.2.1.2.2
  = next: rdpwhy explain neg.hybrid-required
"
        );
        assert_eq!(told("neg:0x05"), told("HYBRID_REQUIRED_BY_SERVER"));
        assert_eq!(told("alert:45"), told("certificate_expired"));
        assert_eq!(told("errinfo:5"), told("ERRINFO_DISCONNECTED_BY_OTHERCONNECTION"));
        assert_eq!(told("errinfo:0x5"), told("disconnected_by_otherconnection"));
        assert!(told("lic:6").contains("ERR_NO_LICENSE_SERVER"));
        assert!(told("mcs:14").contains("rt-unspecified-failure"));
        assert!(told("mstsc:0xb09").contains("= observed: in the field only"));
    }

    #[test]
    fn every_answer_fits_a_screen_and_names_source_and_next_step() {
        for family in FAMILIES.iter() {
            fits(&overview(family).to_string());
            assert!(overview(family).to_string().contains("= source: "));
            assert!(!told(family.example).is_empty() && !told(family.name()).is_empty());
            for group in &family.groups {
                for row in &group.rows {
                    let text = one(Hit { family, group, row }).to_string();
                    fits(&text);
                    assert!(text.contains("= documented: ") || text.contains("= observed: "), "{text}");
                    assert!(text.contains("= what: ") && text.contains("= next: "), "{text}");
                    let anywhere = told(&row.value.to_string());
                    fits(&anywhere);
                    assert!(["source: ", "documented: ", "observed: "].iter().any(|label| anywhere.contains(label)));
                }
            }
        }
    }

    #[test]
    fn a_bare_number_is_looked_up_everywhere_and_what_a_dialog_shows_comes_first() {
        let text = told("5");
        assert!(text.starts_with("ext:0x5 (5)  exDiscReasonReplacedByOtherConnection\n"), "{text}");
        assert!(text.contains("\n  neg:5 ") && text.contains("\n  errinfo:0x5 "), "{text}");
        assert!(told("0x904").starts_with("mstsc:0x904 (2308)  disconnectReasonAtClientWinsockFDCLOSE\n"));
        assert_eq!(told("0x904"), told("2308"));
        assert_eq!(told("0x904"), told("904"));
    }
}
