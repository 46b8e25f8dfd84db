//! From words as people type them to rows of tables: numbers in any base, symbols with or without their usual head.

use std::sync::LazyLock;

use super::family::{Family, Hit, Rank, Row};
use super::made::suite;
use super::roster::FAMILIES;

/// What symbols begin with, in lower case without separators; it may be left out.
const HEADS: &[&str] = &[
    "errinfo",
    "exdiscreason",
    "disconnectreason",
    "sslerr",
    "status",
    "sece",
    "error",
    "kdcerr",
    "krbaperr",
    "krberr",
    "eproxy",
    "err",
    "pdutype2",
    "pdutype",
    "rnsudcs",
    "rnsudsc",
    "protocol",
    "typerdp",
    "tsstatus",
    "rdstlsresult",
    "logonfailed",
    "logonmsg",
    "authz",
    "encryptionmethod",
    "encryptionlevel",
    "rdpudpflag",
    "rdpudpprotocol",
    "rdptunnelaction",
    "msvav",
    "capstype",
    "lb",
    "bb",
    "st",
    "rt",
    "rn",
    "wsae",
    "tls",
];

/// The numbers that `text` may be, the likeliest first: decimal, or hexadecimal with or without `0x`.
pub(super) fn numbers(text: &str) -> Vec<u32> {
    let lower = text.to_ascii_lowercase();
    if let Some(digits) = lower.strip_prefix("0x") {
        return u32::from_str_radix(&digits.replace('_', ""), 16).into_iter().collect();
    }
    if lower.starts_with('-') {
        // Logs write an HRESULT as a signed number.
        return lower.parse::<i32>().map(i32::cast_unsigned).into_iter().collect();
    }
    let decimal = lower.parse::<u32>().ok();
    let hexadecimal =
        lower.chars().all(|digit| digit.is_ascii_hexdigit()).then(|| u32::from_str_radix(&lower, 16).ok());
    decimal.into_iter().chain(hexadecimal.flatten()).collect()
}

/// `certificate_expired`, `Certificate Expired`, `certificate-expired`: all the same.
pub(super) fn plain(symbol: &str) -> String {
    symbol.chars().filter(|letter| letter.is_alphanumeric() || *letter == '.').collect::<String>().to_ascii_lowercase()
}

/// `symbol` in plain form without its usual head, if it has one and something is left.
fn headless(symbol: &str) -> Option<&str> {
    HEADS.iter().find_map(|head| symbol.strip_prefix(head)).filter(|rest| rest.len() > 2)
}

/// A row and its names in plain form.
struct Entry {
    hit: Hit<'static>,
    names: Vec<String>,
}

static INDEX: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let groups = FAMILIES.iter().flat_map(|family| family.groups.iter().map(move |group| (family, group)));
    let hits = groups.flat_map(|(family, group)| group.rows.iter().map(move |row| Hit { family, group, row }));
    hits.map(|hit| Entry { hit, names: names(hit) }).collect()
});

fn names(hit: Hit<'_>) -> Vec<String> {
    if hit.row.symbol.is_empty() {
        return Vec::new();
    }
    let symbol = plain(&hit.row.symbol);
    headless(&symbol).map(str::to_owned).into_iter().chain([plain(&hit.symbol()), symbol.clone()]).collect()
}

fn rows() -> impl Iterator<Item = Hit<'static>> {
    INDEX.iter().map(|entry| entry.hit)
}

fn named(word: &str) -> impl Iterator<Item = Hit<'static>> {
    INDEX.iter().filter(move |entry| entry.names.iter().any(|name| name == word)).map(|entry| entry.hit)
}

/// The family that `prefix` names.
pub(super) fn family(prefix: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.prefixes.iter().any(|known| known.eq_ignore_ascii_case(prefix)))
}

/// Every row of that symbol.
pub(super) fn by_symbol(word: &str) -> Vec<Hit<'static>> {
    let word = plain(word);
    if word.len() < 3 { Vec::new() } else { named(&word).collect() }
}

/// Whether `word` is an everyday word that only names parts of messages.
pub(super) fn is_only_a_part(word: &str) -> bool {
    let hits = by_symbol(word);
    let is_plain = word.chars().all(char::is_alphabetic);
    is_plain && family(word).is_none() && !hits.is_empty() && hits.iter().all(|hit| hit.group.rank == Rank::Part)
}

/// Every row of that number; hexadecimal only where nobody knows it as a decimal one.
pub(super) fn by_number(word: &str) -> Vec<Hit<'static>> {
    let of = |value: u32| rows().filter(|hit| hit.row.value == value).collect::<Vec<_>>();
    numbers(word).into_iter().map(of).find(|hits| !hits.is_empty()).unwrap_or_default()
}

/// What `neg:5`, `neg:type:1`, `pdu:SET_ERROR_INFO_PDU` mean; `None` when there is no such family.
pub(super) fn by_address(word: &str) -> Option<(&'static Family, Vec<Hit<'static>>)> {
    let (prefix, rest) = word.split_once(':')?;
    let family = family(prefix.trim())?;
    let (group, value) = match rest.split_once(':') {
        Some((group, value)) => (Some(group.trim()), value.trim()),
        None => (None, rest.trim()),
    };
    let wanted = |hit: &Hit<'_>| {
        std::ptr::eq(hit.family, family) && group.is_none_or(|name| hit.group.name.eq_ignore_ascii_case(name))
    };
    let mut hits: Vec<_> = named(&plain(value)).filter(wanted).collect();
    for value in numbers(value) {
        if hits.is_empty() {
            hits = rows().filter(wanted).filter(|hit| hit.row.value <= value && value <= hit.row.last).collect();
        }
    }
    Some((family, hits))
}

/// A cipher suite that no Windows uses, but that has a name.
pub(super) fn foreign_suite(family: &Family, word: &str) -> Option<Row> {
    let (_, value) = word.split_once(':').filter(|_| family.name() == "cipher")?;
    let ids = numbers(value.trim()).into_iter().filter_map(|value| u16::try_from(value).ok());
    ids.map(suite).find(|row| !row.symbol.starts_with("0x"))
}

/// Every symbol and prefix, for suggestions.
pub(super) fn words() -> Vec<String> {
    let symbols = rows().filter(|hit| !hit.row.symbol.is_empty()).map(|hit| hit.symbol());
    symbols.chain(FAMILIES.iter().map(|family| family.name().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(hits: &[Hit<'_>]) -> Vec<String> {
        hits.iter().map(Hit::address).collect()
    }

    #[test]
    fn numbers_in_every_way_of_writing() {
        assert_eq!(numbers("0x904"), [0x904]);
        assert_eq!(numbers("2308"), [2308, 0x2308]);
        assert_eq!(numbers("C000006D"), [0xc000_006d]);
        assert_eq!(numbers("-1073741715"), [0xc000_006d]);
        assert_eq!(numbers("0Xc000_006d"), [0xc000_006d]);
        assert!(numbers("x904").is_empty() && numbers("").is_empty() && numbers("0x").is_empty());
    }

    #[test]
    fn every_row_is_reached_by_number_and_by_symbol() {
        for hit in rows() {
            let address = hit.address();
            let is_it = |hits: &[Hit<'_>]| hits.iter().any(|found| std::ptr::eq(found.row, hit.row));
            let (_, found) = by_address(&address).expect("a family");
            assert!(is_it(&found), "{address}");
            let decimal = format!("{}:{}", hit.family.name(), hit.row.value);
            assert!(is_it(&by_address(&decimal).expect("a family").1), "{decimal}");
            assert!(is_it(&by_number(&format!("{:#x}", hit.row.value))), "{address}");
            if hit.row.symbol.len() > 2 {
                for word in [hit.symbol(), hit.row.symbol.to_lowercase(), hit.row.symbol.replace('_', "-")] {
                    assert!(is_it(&by_symbol(&word)), "{word}");
                }
                let named = format!("{}:{}", hit.family.name().to_uppercase(), hit.symbol());
                assert!(is_it(&by_address(&named).expect("a family").1), "{named}");
            }
        }
    }

    #[test]
    fn usual_heads_may_be_left_out() {
        assert_eq!(addresses(&by_symbol("logoff_by_user")), ["ext:0xc", "errinfo:0xc"]);
        assert_eq!(addresses(&by_symbol("preauth_failed")), ["krb:24"]);
        assert_eq!(addresses(&by_symbol("AtClientWinsockFDCLOSE")), ["mstsc:0x904"]);
        assert_eq!(addresses(&by_symbol("HYBRID_EX")), ["neg:protocol:0x8"]);
    }

    #[test]
    fn hexadecimal_without_its_mark_where_that_is_clear() {
        assert_eq!(addresses(&by_number("904")), ["mstsc:0x904"]);
        assert_eq!(addresses(&by_number("c000006d")), ["status:0xc000006d"]);
        assert_eq!(addresses(&by_address("errinfo:10c9").expect("a family").1), ["errinfo:0x10c9"]);
        assert_eq!(addresses(&by_address("mstsc:904").expect("a family").1), ["mstsc:0x904"]);
    }

    #[test]
    fn a_size_is_a_span() {
        let names = addresses(&by_address("size:59").expect("a family").1);
        assert_eq!(names, ["size:pubkeyauth_v5", "size:ntlm_negotiate_raw", "size:authinfo_restricted_admin"]);
    }
}
