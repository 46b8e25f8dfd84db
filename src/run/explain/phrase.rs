//! What people paste: a line of a dialog or of a log, with a number, a symbol or a sentence in it.

use super::page::Page;
use super::{cause, lookup, pair, tell, words};
use crate::knowledge::causes;
use crate::knowledge::dialogs::{self, Dialog};
use crate::knowledge::freerdp;

/// Numbers of one line that are told.
const MANY: usize = 3;
/// Words that stand between what a number is and the number: `event ID 36870`, `extended error code: 0x7`.
const BETWEEN: &[&str] = &["error", "code", "id", "number", "nr", "no", "reason"];

/// What is known of the line `text`; `None` when nothing in it is.
pub(super) fn answer(text: &str) -> Option<Page> {
    let words = parts(text);
    if let Some((reason, extended)) = pair::in_line(text) {
        return Some(pair::explain(reason, extended));
    }
    symbols(&words).or_else(|| kinds(&words)).or_else(|| numbers(&words)).or_else(|| sentence(&words)).or_else(|| {
        let page = runs(&words);
        page.or_else(|| about(&words))
    })
}

/// Words without what surrounds and parts them; in the order of the line, in lower case.
fn parts(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace('’', "'");
    let is_gap = |letter: char| letter.is_whitespace() || ",;:()[]{}<>\"“”„«»|=/!?".contains(letter);
    let parts = text.split(is_gap).map(|part| part.trim_matches(|letter: char| ".'`#*".contains(letter)));
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Symbols and causes in the line: `ERRCONNECT_LOGON_FAILURE`, `tls.cert-expired`.
fn symbols(words: &[String]) -> Option<Page> {
    let one = |word: &String| {
        if word.contains('_') {
            let hits = lookup::by_symbol(word);
            return (!hits.is_empty()).then(|| tell::tell(&hits));
        }
        causes::find(word).and_then(|cause| cause::answer(cause.id))
    };
    joined(words.iter().filter_map(one).take(MANY))
}

/// Numbers that are said to be of a kind: `event id 36870`, `alert number 48`.
fn kinds(words: &[String]) -> Option<Page> {
    let of = |at: usize| {
        let rest = &words[at + 1..];
        lookup::family(&words[at])?;
        let number = rest.iter().find(|word| !BETWEEN.contains(&word.as_str()))?;
        number.starts_with(|first: char| first.is_ascii_digit()).then_some(())?;
        let (_, hits) = lookup::by_address(&format!("{}:{number}", words[at]))?;
        // Of `extended error code: 0x7` the first word says it, and the second one begins a kind of its own.
        let is_told = at > 0 && BETWEEN.contains(&words[at].as_str()) && lookup::family(&words[at - 1]).is_some();
        (!hits.is_empty() && !is_told).then(|| tell::tell(&hits))
    };
    joined((0..words.len()).filter_map(of).take(MANY))
}

/// Numbers that cannot be taken for a count or a date: with `0x`, an HRESULT in either spelling, or the only one.
fn numbers(words: &[String]) -> Option<Page> {
    let is_digits = |word: &&String| word.len() >= 3 && word.chars().all(|letter| letter.is_ascii_digit());
    let plain: Vec<&String> = words.iter().filter(is_digits).collect();
    let is_clear = |word: &&String| {
        let is_status = word.len() == 8 && (word.starts_with("c000") || word.starts_with("8009"));
        let is_signed = word.len() > 6 && word.starts_with('-');
        word.starts_with("0x") || is_status || is_signed || (plain.len() == 1 && plain[0] == *word)
    };
    let mut clear: Vec<&String> = words.iter().filter(is_clear).collect();
    clear.dedup();
    joined(clear.into_iter().filter_map(|word| number(word)).take(MANY))
}

/// A bare number, also one that FreeRDP has put a Set Error Info into.
pub(super) fn number(word: &str) -> Option<Page> {
    let hits = lookup::by_number(word);
    if !hits.is_empty() {
        return Some(tell::tell(&hits));
    }
    let inner = lookup::numbers(word).into_iter().find_map(freerdp::error_info)?;
    let (_, hits) = lookup::by_address(&format!("errinfo:{inner:#x}"))?;
    (!hits.is_empty()).then(|| tell::tell(&hits))
}

/// What a client says in words.
fn sentence(words: &[String]) -> Option<Page> {
    let Dialog { says, reason, causes, .. } = dialogs::find(words)?;
    let mut page = Page::headed("what a client shows, about so:");
    page.wrap("  ", says);
    page.say("\nit can be, in the order of the wire");
    let mut causes: Vec<_> = causes.iter().filter_map(|id| causes::find(id)).collect();
    causes.sort_by_key(|cause| cause.chapter);
    cause::rows(&mut page, &causes);
    page.say("");
    if *reason != 0 {
        let beside = format!("error code {reason:#x} goes with it: rdpwhy explain {reason:#x}");
        page.wrap("= note: ", &beside);
    }
    page.wrap("= next: ", "the words name no cause, packets do; capture a failing attempt, then: rdpwhy FILE");
    Some(page)
}

/// Symbols that are written as words: `tlsv1 alert protocol version`.
fn runs(words: &[String]) -> Option<Page> {
    let longest = words.len().min(5);
    let run = |length: usize| {
        words.windows(length).map(|run| lookup::by_symbol(&run.join(" "))).find(|hits| !hits.is_empty())
    };
    (2..=longest).rev().find_map(run).map(|hits| tell::tell(&hits))
}

/// Causes that say all of `words`, in their names, titles or in what clients show of them.
fn about(words: &[String]) -> Option<Page> {
    const COMMON: &[&str] = &["the", "and", "was", "has", "not", "with", "for", "that", "rdp", "error"];
    let words: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| word.len() > 2 && !COMMON.contains(word)).collect();
    let says = |cause: &&crate::knowledge::cause::Cause| {
        let text = format!("{} {} {} {}", cause.id, cause.id.replace(['-', '.'], " "), cause.title, cause.shown_as);
        let text = text.to_lowercase();
        words.iter().all(|word| text.contains(word) || text.contains(&word.replace('_', "-")))
    };
    let mut found: Vec<_> = causes::all().filter(says).collect();
    found.sort_by_key(|cause| cause.chapter);
    match found.as_slice() {
        _ if words.is_empty() => None,
        [] => None,
        [one] => cause::answer(one.id),
        several => Some(cause::listed(&format!("causes that say {}", words.join(", ")), several)),
    }
}

/// The same of a single word that is nothing else: `reset`, `mtu`, `certificate`.
pub(super) fn about_word(word: &str) -> Option<Page> {
    let is_word = word.chars().all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_');
    let has_letter = word.chars().any(char::is_alphabetic);
    if is_word && has_letter { about(&[word.to_lowercase()]) } else { None }
}

/// A word without the marks that surround it in a text: `"0x904",`, `(0x904)`, `#2308`; `None` where there are none.
pub(super) fn bare(word: &str) -> Option<&str> {
    let bare = word.trim_matches(|letter: char| ",;:()[]{}<>\"'“”„«»`#!?".contains(letter)).trim_end_matches('.');
    (bare != word && !bare.is_empty()).then_some(bare)
}

/// Whether `word` is meant to be an address (`alert:45`) or a cause (`tls.cert-expired`), slips included, or a number that
/// stands in no table: that has to be told, and is no word of a sentence.
pub(super) fn is_name(word: &str) -> bool {
    let inside = word.trim_matches(|letter: char| !letter.is_alphanumeric());
    let is_one = !word.contains(char::is_whitespace) && inside.contains([':', '.']);
    let is_address = is_one && inside.starts_with(char::is_alphabetic);
    is_address || words::answer(word).is_some_and(|answer| answer.is_err())
}

fn joined(pages: impl Iterator<Item = Page>) -> Option<Page> {
    let pages: Vec<Page> = pages.collect();
    (!pages.is_empty()).then(|| Page::joined(pages))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> String {
        let page = answer(text).map(|page| page.to_string()).unwrap_or_default();
        page.lines().next().unwrap_or_default().to_owned()
    }

    #[test]
    fn lines_of_dialogs_and_logs() {
        for (text, title) in [
            ("Error code: 0x904", "mstsc:0x904 (2308)"),
            ("Fehlercode: 0x904", "mstsc:0x904 (2308)"),
            ("Code d’erreur : 0x904.", "mstsc:0x904 (2308)"),
            ("Extended error code: 0x7", "ext:0x7 (7)"),
            ("error code 2308", "mstsc:0x904 (2308)"),
            ("Because of a protocol error (code: 0x112f), the remote session will be disconnected.", "errinfo:0x112f"),
            ("event id 36870", "event:36870"),
            ("Event ID: 1057", "event:1057"),
            ("errinfo 0x5", "errinfo:0x5"),
            ("alert number 48", "alert:48  unknown_ca"),
            ("tlsv1 alert protocol version", "alert:70  protocol_version"),
            ("SSL alert number 40", "alert:40"),
            ("failed with -1073741715", "status:0xc000006d"),
            ("Status: 0xC000006D", "status:0xc000006d"),
            (
                "[ERROR][com.freerdp.core] - ERRCONNECT_CONNECT_TRANSPORT_FAILED [0x0002000D]",
                "freerdp:0x0002000d  ERRCONNECT_CONNECT_TRANSPORT_FAILED",
            ),
            ("connection failed: 0x00020014", "freerdp:0x00020014  ERRCONNECT_LOGON_FAILURE"),
            ("An internal error has occurred.", "what a client shows, about so:"),
            ("Your credentials did not work", "what a client shows, about so:"),
            ("it says tls.cert-expired", "tls.cert-expired"),
        ] {
            assert!(first(text).starts_with(title), "{text}: {}", first(text));
        }
        for text in ["nothing of this kind", "10:45:01", ""] {
            assert_eq!(first(text), "", "{text}");
        }
    }

    #[test]
    fn both_numbers_in_whatever_words() {
        for text in [
            "error 0x904, extended 0x7",
            "Fehlercode: 0x904 Erweiterter Fehlercode: 0x7",
            "Error code: 0x904 Extended error code: 0x7 Timestamp (UTC): 12/10/26 10:45:01 AM Activity ID: {5f1e-a0}",
        ] {
            assert!(first(text).starts_with("0x904 (2308)  "), "{text}: {}", first(text));
        }
    }

    #[test]
    fn a_word_that_is_nothing_else_leads_to_causes() {
        for (word, cause) in
            [("mtu", "path.mtu-black-hole"), ("certificate", "tls.cert-expired"), ("Reset", "tcp.rst-")]
        {
            let page = about_word(word).map(|page| page.to_string()).unwrap_or_default();
            assert!(page.contains(cause), "{word}: {page}");
            assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
        }
        assert!(about_word("hybrid_required").is_some_and(|page| page.to_string().starts_with("neg.hybrid-required")));
        assert!(about_word("zzz").is_none() && about_word("45").is_none() && about_word("a:b").is_none());
    }

    #[test]
    fn what_stands_around_a_word_goes() {
        for word in ["0x904,", "(0x904)", "\"0x904\"", "#0x904", "0x904."] {
            assert_eq!(bare(word), Some("0x904"), "{word}");
        }
        assert_eq!(bare("0x904"), None);
        for word in ["alrt:45", "tls.cert-expird", "neg:5", "0x9999"] {
            assert!(is_name(word), "{word}");
        }
        for word in ["code:", "occurred.", "10:45:01", "0x904", "Error code: 0x904"] {
            assert!(!is_name(word), "{word}");
        }
    }
}
