//! A word that names a number: which rows it means, or what it was meant to be.

use std::path::PathBuf;

use super::family::{Family, Hit};
use super::page::Page;
use super::roster::FAMILIES;
use super::{lookup, pair, phrase, tell};
use crate::cli;
use crate::knowledge::client;
use crate::run::complaint::Complaint;

/// The answer to all `words` together: both numbers of a dialog, or a name of several words (`RDP 10.7`).
pub(super) fn together(words: &[String]) -> Option<Page> {
    if let Some((reason, extended)) = pair::of(words) {
        return Some(pair::explain(reason, extended));
    }
    let hits = if words.len() > 1 { lookup::by_symbol(&words.join(" ")) } else { Vec::new() };
    (!hits.is_empty()).then(|| tell::tell(&hits))
}

/// `words` without those that name captures, and these. What `is_known` is no capture, unless it looks like one.
pub(super) fn split(words: &[String], is_known: impl Fn(&str) -> bool) -> (Vec<String>, Vec<PathBuf>) {
    let is_capture = |word: &String| {
        let is_separator = word.chars().all(|letter| letter == '/' || letter == '\\');
        if pair::of(std::slice::from_ref(word)).is_some() || is_separator {
            return false;
        }
        let looks_so = word == "-" || has_ending(word) || word.contains(['/', '\\']);
        let is_there = || std::path::Path::new(word).exists();
        if looks_so { is_there() || !is_known(word) } else { is_there() && !is_known(word) }
    };
    let (captures, words): (Vec<String>, Vec<String>) = words.iter().cloned().partition(is_capture);
    (words, captures.into_iter().map(PathBuf::from).collect())
}

/// `.pcap`, `.pcapng.gz`: the usual endings of captures.
fn has_ending(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let plain =
        ["gz", "zst", "lz4"].iter().find_map(|packed| lower.strip_suffix(&format!(".{packed}"))).unwrap_or(&lower);
    ["pcap", "pcapng", "cap", "dump", "ntar"].iter().any(|ending| plain.ends_with(&format!(".{ending}")))
}

/// `alert 45` is `alert:45`.
pub(super) fn with_prefix(words: &[String]) -> Vec<String> {
    let is_bare = |word: &String| !word.contains(':');
    match words {
        [first, rest @ ..] if !rest.is_empty() && lookup::family(first).is_some() && rest.iter().all(is_bare) => {
            rest.iter().map(|word| format!("{first}:{word}")).collect()
        }
        _ => words.to_vec(),
    }
}

/// A number or symbol of any kind: `neg:5`, `0x904`, `STATUS_LOGON_FAILURE`; `None` when it is none.
pub(super) fn answer(word: &str) -> Option<Result<Page, Complaint>> {
    if let Some((family, hits)) = lookup::by_address(word) {
        if !hits.is_empty() {
            return Some(Ok(tell::tell(&hits)));
        }
        if let Some(row) = lookup::foreign_suite(family, word) {
            return Some(Ok(tell::one(Hit { family, group: family.groups.first()?, row: &row })));
        }
        let complaint = Complaint::new(format!("{word}: no such number"));
        let (_, value) = word.split_once(':')?;
        return Some(Err(match nearest(value, family_symbols(family)) {
            Some(near) => complaint.note("help", format!("did you mean {near}?")),
            None => complaint.note("note", format!("{}, as in {}", family.what, family.example)),
        }));
    }
    // `alert` is a kind of number before it is the end of some symbol.
    if let Some(family) = lookup::family(word) {
        return Some(Ok(tell::overview(family)));
    }
    let hits = lookup::by_symbol(word);
    if !hits.is_empty() {
        return Some(Ok(tell::tell(&hits)));
    }
    if let Some(page) = phrase::number(word) {
        return Some(Ok(page));
    }
    let is_number = word.starts_with(|first: char| first.is_ascii_digit()) && !lookup::numbers(word).is_empty();
    is_number.then(|| {
        let mut complaint = Complaint::new(format!("{word} is in none of the tables"));
        if let Some(layer) = lookup::numbers(word).into_iter().find_map(client::layer) {
            let pattern = format!("as \"Error code\" of the Windows client: {layer} (by the pattern of the numbers)");
            complaint = complaint.note("note", pattern);
        }
        Err(complaint.note("help", "rdpwhy explain codes lists the kinds of numbers it knows"))
    })
}

fn family_symbols(family: &'static Family) -> impl Iterator<Item = String> {
    let rows = family.groups.iter().flat_map(move |group| group.rows.iter().map(move |row| Hit { family, group, row }));
    rows.map(|hit| hit.symbol()).filter(|symbol| !symbol.is_empty())
}

/// What `word` was probably meant to be: one of `known`, a symbol, a prefix.
pub(super) fn suggestion<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    if let Some((prefix, value)) = word.split_once(':') {
        let names = FAMILIES.iter().map(|family| family.name().to_owned());
        return nearest(prefix, names).map(|near| format!("{near}:{value}"));
    }
    nearest(word, known.map(str::to_owned).chain(lookup::words()))
}

/// Whatever the case.
fn nearest(word: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    let all: Vec<(String, String)> = candidates.map(|word| (word.to_lowercase(), word)).collect();
    let near = cli::nearest(&word.to_lowercase(), all.iter().map(|(lower, _)| lower.as_str()))?;
    all.iter().find(|(lower, _)| lower == near).map(|(_, word)| word.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_name_captures() {
        let parts = |text: &str| {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            let (words, captures) = split(&words, |word| word == "codes" || word == "src/none");
            (words.join(" "), captures.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" "))
        };
        let expect = |text: &str, words: &str, captures: &str| {
            assert_eq!(parts(text), (words.to_owned(), captures.to_owned()), "{text}");
        };
        expect("0x904 0x7 day.pcapng", "0x904 0x7", "day.pcapng");
        expect("0x904/0x7 a/b c.cap.gz -", "0x904/0x7", "a/b c.cap.gz -");
        expect("0x904 / 0x7 ./x", "0x904 / 0x7", "./x");
        expect("codes Cargo.toml src/none", "codes src/none", "Cargo.toml");
    }
}
