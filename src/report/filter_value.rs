//! The words of the session filter: where they stand, and the values that they can be.

use jiff::tz::TimeZone;
use strsim::damerau_levenshtein;

use super::filter::{Address, CertificateState, Compare, FilterError, Glob, Measure, Test};
use crate::frame::Timestamp;
use crate::knowledge::negotiation::Protocols;
use crate::knowledge::tls::Version;

/// A word, a parenthesis or a comparison, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) text: String,
    /// In characters, from 1.
    pub(super) column: usize,
    pub(super) length: usize,
    pub(super) is_quoted: bool,
}

impl Token {
    pub(super) fn error(&self, what: impl Into<String>, help: Option<String>) -> FilterError {
        FilterError { what: what.into(), column: self.column, length: self.length.max(1), help }
    }

    pub(super) fn is(&self, word: &str) -> bool {
        !self.is_quoted && self.text.eq_ignore_ascii_case(word)
    }

    /// The part from byte `from` on, which is all ASCII before it.
    pub(super) fn part(&self, from: usize) -> Self {
        let skipped = self.text[..from].chars().count();
        Self {
            text: self.text[from..].into(),
            column: self.column + skipped,
            length: self.length.saturating_sub(skipped),
            is_quoted: self.is_quoted,
        }
    }
}

pub(super) const SECURITY: &[(&str, Protocols)] = &[
    ("nla", Protocols::HYBRID),
    ("tls", Protocols::SSL),
    ("rdp", Protocols::RDP),
    ("ssl", Protocols::SSL),
    ("hybrid", Protocols::HYBRID),
    ("hybrid_ex", Protocols::HYBRID_EX),
    ("rdstls", Protocols::RDSTLS),
    ("rdsaad", Protocols::RDSAAD),
    ("entra", Protocols::RDSAAD),
];

pub(super) const CERTIFICATE: &[(&str, CertificateState)] = &[
    ("any", CertificateState::Any),
    ("expired", CertificateState::Expired),
    ("early", CertificateState::Early),
    ("self-signed", CertificateState::SelfSigned),
    ("weak", CertificateState::Weak),
    ("malformed", CertificateState::Malformed),
];

/// One of a list of words.
pub(super) fn word<T: Copy>(value: &Token, list: &[T], name: impl Fn(&T) -> &'static str) -> Result<T, FilterError> {
    if let Some(found) = list.iter().find(|item| value.is(name(item)) || value.text == name(item)) {
        return Ok(*found);
    }
    let names: Vec<&'static str> = list.iter().map(name).collect();
    let help = match nearest(&value.text, &names) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("one of: {}", names.join(" ")),
    };
    Err(value.error(format!("unknown word {}", value.text), Some(help)))
}

/// The word that takes the fewest letters to become `text`, if they are few.
pub(super) fn nearest<'w>(text: &str, words: &[&'w str]) -> Option<&'w str> {
    let text: String = text.to_lowercase().chars().take(32).collect();
    let limit = 1 + text.chars().count() / 4;
    let best = words.iter().map(|word| (damerau_levenshtein(&text, word), *word)).min()?;
    (best.0 <= limit).then_some(best.1)
}

pub(super) fn address(value: &Token) -> Result<Address, FilterError> {
    if let Ok(network) = value.text.parse() {
        return Ok(Address::Network(network));
    }
    if let Ok(ip) = value.text.parse::<std::net::IpAddr>() {
        return Ok(Address::Network(ip.into()));
    }
    let is_pattern = value.text.contains('*') && value.text.chars().all(|c| c.is_ascii_hexdigit() || "*.:".contains(c));
    if is_pattern {
        return Ok(Address::Pattern(Glob::new(&value.text)));
    }
    let help = "an address, a network as 10.20.0.0/16, or 10.20.*".into();
    Err(value.error(format!("no address: {}", value.text), Some(help)))
}

pub(super) fn whole<T: std::str::FromStr>(value: &Token) -> Result<T, FilterError> {
    value.text.parse().map_err(|_| value.error(format!("no whole number, or out of range: {}", value.text), None))
}

/// `118`, `118-130`.
pub(super) fn range(value: &Token) -> Result<(u64, u64), FilterError> {
    match value.text.find('-') {
        Some(at) => {
            let first = Token { text: value.text[..at].into(), length: at, ..value.clone() };
            let (from, to): (u64, u64) = (whole(&first)?, whole(&value.part(at + 1))?);
            match from <= to {
                true => Ok((from, to)),
                false => {
                    Err(value.error(format!("{}: ends before it begins", value.text), Some(format!("{to}-{from}"))))
                }
            }
        }
        None => whole(value).map(|number| (number, number)),
    }
}

/// `3`, `3-9`, `3,5-7`, with or without `#`.
pub(super) fn sessions(value: &Token) -> Result<Vec<(u32, u32)>, FilterError> {
    let mut ranges = Vec::new();
    let mut at = 0;
    for part in value.text.split(',') {
        let from = at + part.len() - part.trim_start_matches('#').len();
        let mut token = value.part(from);
        token.text.truncate(part.len() - (from - at));
        token.length = token.text.chars().count();
        let (first, last) = range(&token)?;
        let narrow = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        ranges.push((narrow(first), narrow(last)));
        at += part.len() + 1;
    }
    Ok(ranges)
}

/// Whether it is a pattern that fits one of `known` at least: what fits none is a slip of the finger, and would find nothing.
pub(super) fn known<'k>(value: &Token, what: &str, known: impl Iterator<Item = &'k str>) -> Result<(), FilterError> {
    let known: Vec<&str> = known.collect();
    let glob = Glob::new(&value.text);
    if known.iter().any(|name| glob.matches(name)) {
        return Ok(());
    }
    let near = nearest(&value.text, &known).map(|near| format!("did you mean {near}?"));
    Err(value.error(format!("no such {what}: {}", value.text), near))
}

pub(super) fn version(value: &Token) -> Result<Version, FilterError> {
    const VERSIONS: &[(&str, Version)] = &[
        ("ssl3", Version::SSL3),
        ("1.0", Version::TLS10),
        ("1.1", Version::TLS11),
        ("1.2", Version::TLS12),
        ("1.3", Version::TLS13),
    ];
    word(value, VERSIONS, |row| row.0).map(|row| row.1)
}

/// A number with a unit: seconds when none is given, days for a certificate.
pub(super) fn comparison(key: &Token, compare: Compare, value: &Token) -> Result<Test, FilterError> {
    let measure = match key.text.to_ascii_lowercase().as_str() {
        "rtt" => Measure::RoundTrip,
        "retrans" => Measure::Retransmissions,
        "lost" => Measure::Lost,
        "dur" => Measure::Duration,
        "idle" => Measure::Idle,
        _ => Measure::CertificateDays,
    };
    let digits = value.text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').unwrap_or(value.text.len());
    let number: f64 = match value.text[..digits].parse() {
        Ok(number) => number,
        Err(_) => return Err(value.error(format!("no number: {}", value.text), Some("as in 1.5, 200ms, 2min".into()))),
    };
    let scale = match (measure, &value.text[digits..]) {
        (Measure::Retransmissions | Measure::Lost, "") | (Measure::CertificateDays, "" | "d") => 1.0,
        (Measure::RoundTrip | Measure::Duration | Measure::Idle, unit) => match unit {
            "us" => 1e-6,
            "ms" => 1e-3,
            "" | "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            _ => return Err(value.part(digits).error(format!("unknown unit {unit}"), Some("us ms s min h d".into()))),
        },
        (_, unit) => return Err(value.part(digits).error(format!("{} takes no unit {unit}", key.text), None)),
    };
    Ok(Test::Measure(measure, compare, number * scale))
}

/// `09:15`, `09:15:30` in the reader's zone, or a whole time with its offset.
pub(super) fn time(compare: Compare, value: &Token, zone: &TimeZone) -> Result<Test, FilterError> {
    let stamp = |at: jiff::Timestamp| Timestamp(i64::try_from(at.as_nanosecond()).unwrap_or(i64::MAX));
    if let Ok(at) = value.text.parse::<jiff::Timestamp>() {
        return Ok(Test::Time(compare, stamp(at)));
    }
    let is_date = value.text.contains('-');
    if is_date
        && let Ok(at) = value.text.parse::<jiff::civil::DateTime>()
        && let Ok(at) = at.to_zoned(zone.clone())
    {
        return Ok(Test::Time(compare, stamp(at.timestamp())));
    }
    if !is_date && let Ok(of_day) = value.text.parse::<jiff::civil::Time>() {
        let seconds = i64::from(of_day.hour()) * 3600 + i64::from(of_day.minute()) * 60 + i64::from(of_day.second());
        let precision = if value.text.matches(':').count() > 1 { 1_000_000_000 } else { 60_000_000_000 };
        return Ok(Test::TimeOfDay(compare, seconds * 1_000_000_000, precision));
    }
    let help = "as in 09:15, 09:15:30 or 2026-03-11T09:14:22+01:00".into();
    Err(value.error(format!("no time: {}", value.text), Some(help)))
}
