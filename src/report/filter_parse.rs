//! The session filter's grammar, read by recursive descent:
//!
//! ```text
//! any   = all { "or" all }            all  = part { ["and"] part }
//! part  = ("not" | "-" | "!") part  |  "(" any ")"  |  key operator value  |  word
//! ```

use jiff::tz::TimeZone;

use super::filter::{Address, CertificateState, Compare, FilterError, Glob, Measure, Node, Side, Test};
use crate::diagnose::verdict::{Outcome, Sure};
use crate::frame::Timestamp;
use crate::knowledge::negotiation::Protocols;
use crate::knowledge::tls::Version;
use crate::session::Phase;

/// Parentheses and negations within each other; more is no question of a human being.
const DEPTH: usize = 64;

const KEYS: &[&str] = &[
    "outcome", "cause", "phase", "sure", "client", "server", "ip", "port", "user", "name", "tls", "security", "cert",
    "cert.days", "alert", "rtt", "retrans", "lost", "dur", "idle", "frame", "session", "time",
];

pub(super) fn parse(text: &str, zone: &TimeZone) -> Result<Node, FilterError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, zone, end: text.chars().count() + 1 };
    if parser.tokens.is_empty() {
        return Ok(Node::All(Vec::new()));
    }
    let root = parser.any(0)?;
    match parser.tokens.get(parser.at) {
        Some(token) => Err(token.error("a closing parenthesis without an opening one", None)),
        None => Ok(root),
    }
}

/// A word or a parenthesis, and where it stands.
#[derive(Clone, Debug)]
struct Token {
    text: String,
    /// In characters, from 1.
    column: usize,
    length: usize,
    is_quoted: bool,
}

impl Token {
    fn error(&self, what: impl Into<String>, help: Option<String>) -> FilterError {
        FilterError { what: what.into(), column: self.column, length: self.length.max(1), help }
    }

    fn is(&self, word: &str) -> bool {
        !self.is_quoted && self.text.eq_ignore_ascii_case(word)
    }

    /// The part from byte `from` on, which is all ASCII before it.
    fn part(&self, from: usize) -> Self {
        let skipped = self.text[..from].chars().count();
        Self {
            text: self.text[from..].into(),
            column: self.column + skipped,
            length: self.length.saturating_sub(skipped),
            is_quoted: self.is_quoted,
        }
    }
}

/// Words are separated by blanks and parentheses; quotes keep blanks in a word.
fn tokens(text: &str) -> Result<Vec<Token>, FilterError> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut word: Option<Token> = None;
    let mut quote: Option<usize> = None;
    for (column, c) in (1..).zip(text.chars()) {
        match c {
            '"' => {
                quote = if quote.is_some() { None } else { Some(column) };
                let new = || Token { text: String::new(), column, length: 0, is_quoted: true };
                word.get_or_insert_with(new).length += 1;
            }
            c if quote.is_none() && (c.is_whitespace() || c == '(' || c == ')') => {
                tokens.extend(word.take());
                if !c.is_whitespace() {
                    tokens.push(Token { text: c.into(), column, length: 1, is_quoted: false });
                }
            }
            '-' | '!' if word.is_none() && quote.is_none() => {
                tokens.push(Token { text: "not".into(), column, length: 1, is_quoted: false });
            }
            c => {
                let new = || Token { text: String::new(), column, length: 0, is_quoted: false };
                let word = word.get_or_insert_with(new);
                word.text.push(c);
                word.length += 1;
            }
        }
    }
    if let Some(column) = quote {
        return Err(FilterError { what: "a quote that is not closed".into(), column, length: 1, help: None });
    }
    tokens.extend(word);
    Ok(tokens)
}

struct Parser<'z> {
    tokens: Vec<Token>,
    at: usize,
    zone: &'z TimeZone,
    /// The column behind the last character.
    end: usize,
}

impl Parser<'_> {
    fn peek(&self, word: &str) -> bool {
        self.tokens.get(self.at).is_some_and(|token| token.is(word))
    }

    fn accept(&mut self, word: &str) -> bool {
        let found = self.peek(word);
        self.at += usize::from(found);
        found
    }

    fn any(&mut self, depth: usize) -> Result<Node, FilterError> {
        let mut nodes = vec![self.all(depth)?];
        while self.accept("or") || self.accept("||") {
            nodes.push(self.all(depth)?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Any(nodes) })
    }

    fn all(&mut self, depth: usize) -> Result<Node, FilterError> {
        let mut nodes = vec![self.part(depth)?];
        loop {
            let joined = self.accept("and") || self.accept("&&");
            let ended = self.at >= self.tokens.len() || self.peek("or") || self.peek("||") || self.peek(")");
            if ended && !joined {
                return Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::All(nodes) });
            }
            nodes.push(self.part(depth)?);
        }
    }

    fn part(&mut self, depth: usize) -> Result<Node, FilterError> {
        let Some(token) = self.tokens.get(self.at).cloned() else {
            let what = "something is missing at the end".into();
            return Err(FilterError { what, column: self.end, length: 1, help: None });
        };
        if depth > DEPTH {
            return Err(token.error("too many parentheses within each other", None));
        }
        self.at += 1;
        if token.is("not") {
            return Ok(Node::Not(Box::new(self.part(depth + 1)?)));
        }
        if token.is("(") {
            let inner = self.any(depth + 1)?;
            if !self.accept(")") {
                return Err(token.error("a parenthesis that is not closed", None));
            }
            return Ok(inner);
        }
        if ["and", "or", ")", "&&", "||"].iter().any(|word| token.is(word)) {
            return Err(token.error(format!("a condition is missing before {}", token.text), None));
        }
        test(&token, self.zone).map(Node::Test)
    }
}

/// `key:value`, `key<value`, or a bare word.
fn test(token: &Token, zone: &TimeZone) -> Result<Test, FilterError> {
    let Some((key, compare, value)) = split(token) else {
        return Ok(match Outcome::ALL.into_iter().find(|outcome| token.is(outcome.word())) {
            Some(outcome) => Test::Outcome(outcome),
            None => Test::Word(Glob::new(&token.text)),
        });
    };
    if value.text.is_empty() {
        return Err(token.error(format!("{} needs a value", key.text), None));
    }
    let number = || comparison(&key, compare, &value);
    let equal = |test: Test| {
        if compare == Compare::Equal {
            return Ok(test);
        }
        Err(key.error(format!("{} cannot be compared by size", key.text), Some(format!("write {}:{}", key.text, value.text))))
    };
    let glob = || Glob::new(&value.text);
    match key.text.to_ascii_lowercase().as_str() {
        "outcome" => equal(Test::Outcome(word(&value, &Outcome::ALL, |outcome| outcome.word())?)),
        "cause" => equal(Test::Cause(glob())),
        "phase" => equal(Test::Phase(word(&value, &Phase::ALL, |phase| phase.word())?)),
        "sure" => equal(Test::Sure(word(&value, &[Sure::Proven, Sure::Strong, Sure::Likely, Sure::Unsure], |sure| sure.word())?)),
        "client" => equal(Test::Address(Side::Client, address(&value)?)),
        "server" => equal(Test::Address(Side::Server, address(&value)?)),
        "ip" => equal(Test::Address(Side::Either, address(&value)?)),
        "port" => equal(Test::Port(whole(&value)?)),
        "user" => equal(Test::User(glob())),
        "name" => equal(Test::Name(glob())),
        "tls" => Ok(Test::Tls(compare, version(&value)?)),
        "security" => equal(Test::Security(word(&value, SECURITY, |row| row.0)?.1)),
        "cert" => equal(Test::Certificate(word(&value, CERTIFICATE, |row| row.0)?.1)),
        "alert" => equal(Test::Alert(glob())),
        "frame" => equal(range(&value).map(|(first, last)| Test::Frame(first, last))?),
        "session" => equal(Test::Session(sessions(&value)?)),
        "time" => time(compare, &value, zone),
        "cert.days" | "rtt" | "retrans" | "lost" | "dur" | "idle" => number(),
        _ => Err(unknown_key(&key)),
    }
}

/// Key, comparison and value, if it is a condition and not a bare word (an IPv6 address is one).
fn split(token: &Token) -> Option<(Token, Compare, Token)> {
    if token.is_quoted && token.text.find([':', '<', '>', '=']).is_none() {
        return None;
    }
    let at = token.text.find([':', '<', '>', '='])?;
    let key = &token.text[..at];
    let is_key = key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
    if !is_key || token.text.parse::<std::net::IpAddr>().is_ok() || token.text.parse::<ipnet::IpNet>().is_ok() {
        return None;
    }
    let (compare, length) = match &token.text.as_bytes()[at..] {
        [b'<', b'=', ..] => (Compare::LessOrEqual, 2),
        [b'>', b'=', ..] => (Compare::GreaterOrEqual, 2),
        [b'=', b'=', ..] => (Compare::Equal, 2),
        [b'<', ..] => (Compare::Less, 1),
        [b'>', ..] => (Compare::Greater, 1),
        _ => (Compare::Equal, 1),
    };
    let key = Token { text: key.into(), length: at, ..token.clone() };
    Some((key, compare, token.part(at + length)))
}

const SECURITY: &[(&str, Protocols)] = &[
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

const CERTIFICATE: &[(&str, CertificateState)] = &[
    ("any", CertificateState::Any),
    ("expired", CertificateState::Expired),
    ("early", CertificateState::Early),
    ("self-signed", CertificateState::SelfSigned),
    ("weak", CertificateState::Weak),
    ("malformed", CertificateState::Malformed),
];

/// One of a list of words.
fn word<T: Copy>(value: &Token, list: &[T], name: impl Fn(&T) -> &'static str) -> Result<T, FilterError> {
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

fn unknown_key(key: &Token) -> FilterError {
    let help = nearest(&key.text, KEYS).map(|near| format!("did you mean {near}?"));
    key.error(format!("unknown key {}", key.text), help)
}

/// The word that takes the fewest letters to become `text`, if they are few.
fn nearest<'w>(text: &str, words: &[&'w str]) -> Option<&'w str> {
    let text: Vec<char> = text.to_lowercase().chars().take(32).collect();
    let limit = 1 + text.len() / 4;
    let best = words.iter().map(|word| (distance(&text, &word.chars().collect::<Vec<_>>()), *word)).min()?;
    (best.0 <= limit).then_some(best.1)
}

/// Letters to insert, delete or replace (Levenshtein).
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

fn address(value: &Token) -> Result<Address, FilterError> {
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

fn whole<T: std::str::FromStr>(value: &Token) -> Result<T, FilterError> {
    value.text.parse().map_err(|_| value.error(format!("no whole number, or out of range: {}", value.text), None))
}

/// `118`, `118-130`.
fn range(value: &Token) -> Result<(u64, u64), FilterError> {
    match value.text.find('-') {
        Some(at) => {
            let first = Token { text: value.text[..at].into(), length: at, ..value.clone() };
            Ok((whole(&first)?, whole(&value.part(at + 1))?))
        }
        None => whole(value).map(|number| (number, number)),
    }
}

/// `3`, `3-9`, `3,5-7`, with or without `#`.
fn sessions(value: &Token) -> Result<Vec<(u32, u32)>, FilterError> {
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

fn version(value: &Token) -> Result<Version, FilterError> {
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
fn comparison(key: &Token, compare: Compare, value: &Token) -> Result<Test, FilterError> {
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
fn time(compare: Compare, value: &Token, zone: &TimeZone) -> Result<Test, FilterError> {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fault(text: &str) -> (usize, usize, String, String) {
        let error = parse(text, &TimeZone::UTC).expect_err(text);
        (error.column, error.length, error.what, error.help.unwrap_or_default())
    }

    #[test]
    fn errors_point_at_the_word() {
        let expected = (10, 5, "unknown key clent".into(), "did you mean client?".into());
        assert_eq!(fault("died and clent:10.20.4.17"), expected);
        assert_eq!(fault("outcome:deid").3, "did you mean died?");
        assert_eq!((fault("rtt>20parsec").0, fault("rtt>20parsec").1), (7, 6));
        assert_eq!(fault("rtt>x").2, "no number: x");
        assert_eq!(fault("cause>tls").3, "write cause:tls");
        assert_eq!(fault("client:10.20.300.1").2, "no address: 10.20.300.1");
        assert_eq!(fault("port:99999").0, 6);
        assert_eq!((fault("(died").0, fault("died)").0, fault("died or").0), (1, 5, 8));
        assert_eq!(fault("session:3,x").0, 11);
        assert_eq!(fault("user:\"a").2, "a quote that is not closed");
        assert_eq!(fault("or died").2, "a condition is missing before or");
        assert_eq!(fault("cause:").2, "cause needs a value");
    }

    #[test]
    fn depth_is_bounded() {
        assert_eq!(fault(&"(".repeat(10_000)).2, "too many parentheses within each other");
        assert_eq!(fault(&"!".repeat(10_000)).2, "too many parentheses within each other");
    }

    #[test]
    fn an_ipv6_address_is_no_key() {
        assert!(parse("fe80::1", &TimeZone::UTC).is_ok() && parse("2001:db8::/32", &TimeZone::UTC).is_ok());
    }

    proptest! {
        #[test]
        fn anything_is_read_or_refused(text in "([a-z.]{1,9}[:<>=]{0,2}[0-9a-zé.*#,-]{0,9}|[()!\"& |-]| (and|or|not) ){0,12}|\\PC{0,40}") {
            if let Err(error) = parse(&text, &TimeZone::UTC) {
                prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1, "{text}: {error}");
            }
        }
    }
}
