//! The session filter's grammar, read by recursive descent:
//!
//! ```text
//! any   = all { "or" all }            all  = part { ["and"] part }
//! part  = ("not" | "-" | "!") part  |  "(" any ")"  |  key operator value  |  word
//! ```
//!
//! Whoever comes from Wireshark may write `outcome == died && ip.addr != 10.20.4.17`; a colon stands without blanks.

use jiff::tz::TimeZone;

use super::filter::{Compare, FilterError, Glob, Node, Side, Test};
use super::filter_keys::KEYS;
use super::filter_value::{
    CERTIFICATE, SECURITY, Token, address, comparison, known, nearest, range, sessions, time, version, whole, word,
};
use crate::diagnose::verdict::{Outcome, Sure};
use crate::knowledge::causes;
use crate::knowledge::tls::ALERTS;
use crate::session::Phase;

/// Parentheses and negations within each other; more is no question of a human being.
const DEPTH: usize = 64;

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

/// Words are separated by blanks, parentheses and comparisons; quotes keep all of them in a word.
fn tokens(text: &str) -> Result<Vec<Token>, FilterError> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut word: Option<Token> = None;
    let mut quote: Option<usize> = None;
    let mut letters = (1..).zip(text.chars()).peekable();
    while let Some((column, c)) = letters.next() {
        let token = |text: &str| Token { text: text.into(), column, length: text.chars().count(), is_quoted: false };
        // Behind a colon, or begun behind a comparison, these are letters like others: name:CN=rds*.
        let is_in_value =
            word.as_ref().is_some_and(|word| word.text.contains(':') || tokens.last().is_some_and(is_sign));
        let is_equal_next = letters.peek().is_some_and(|(_, next)| *next == '=');
        match c {
            '"' => {
                quote = if quote.is_some() { None } else { Some(column) };
                word.get_or_insert_with(|| Token { is_quoted: true, ..token("") }).length += 1;
            }
            c if quote.is_none() && (c.is_whitespace() || c == '(' || c == ')') => {
                tokens.extend(word.take());
                if !c.is_whitespace() {
                    tokens.push(token(c.encode_utf8(&mut [0; 4])));
                }
            }
            '<' | '>' | '=' | '!' if quote.is_none() && !is_in_value && (c != '!' || is_equal_next) => {
                tokens.extend(word.take());
                let mut operator = c.to_string();
                operator.extend(letters.next_if(|_| is_equal_next).map(|(_, next)| next));
                tokens.push(token(&operator));
            }
            '-' | '!' if word.is_none() && quote.is_none() && tokens.last().is_none_or(|last| !is_sign(last)) => {
                tokens.push(Token { text: "not".into(), column, length: 1, is_quoted: false });
            }
            c => {
                let word = word.get_or_insert_with(|| token(""));
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

/// How a comparison is written, as a sign and behind a key also as a word, and whether its contrary is meant.
const COMPARISONS: &[(&str, &str, Compare, bool)] = &[
    ("=", "", Compare::Equal, false),
    ("==", "eq", Compare::Equal, false),
    ("!=", "ne", Compare::Equal, true),
    ("<", "lt", Compare::Less, false),
    ("<=", "le", Compare::LessOrEqual, false),
    (">", "gt", Compare::Greater, false),
    (">=", "ge", Compare::GreaterOrEqual, false),
];

fn is_sign(token: &Token) -> bool {
    COMPARISONS.iter().any(|row| token.is(row.0))
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
        if ["and", "or", ")", "&&", "||"].iter().any(|word| token.is(word)) || is_sign(&token) {
            return Err(token.error(format!("a condition is missing before {}", token.text), None));
        }
        if let Some(error) = self.foreign_operator(&token).or_else(|| self.without_colon(&token)) {
            return Err(error);
        }
        if let Some((compare, is_contrary)) = self.comparison(&token) {
            self.at += 1;
            let value = self.tokens.get(self.at).filter(|value| !value.is(")") && !is_sign(value)).cloned();
            self.at += usize::from(value.is_some());
            let test = Node::Test(condition(&token, compare, value, self.zone)?);
            return Ok(if is_contrary { Node::Not(Box::new(test)) } else { test });
        }
        test(&token, self.zone).map(Node::Test)
    }

    /// The comparison that comes next, behind `key`.
    fn comparison(&self, key: &Token) -> Option<(Compare, bool)> {
        let next = self.tokens.get(self.at)?;
        let has_value = || self.tokens.get(self.at + 1).is_some();
        let is_key = || is_key(&key.text) || (is_field(&key.text) && has_value());
        let row = COMPARISONS.iter().find(|row| next.is(row.0) || (next.is(row.1) && is_key()))?;
        Some((row.2, row.3))
    }

    /// What to write instead of an operator of Wireshark that is none here: between a key and a value it is meant as one.
    fn foreign_operator(&self, key: &Token) -> Option<FilterError> {
        let operator = self.tokens.get(self.at)?;
        let value = self.tokens.get(self.at + 1)?;
        let is_meant = ["contains", "matches", "in"].iter().any(|word| operator.is(word));
        if !is_meant || !(is_key(&key.text) || is_field(&key.text)) {
            return None;
        }
        if !is_key(&key.text) {
            return Some(unknown_key(key));
        }
        let help = if operator.is("in") {
            format!("write {0}:A or {0}:B", key.text)
        } else {
            format!("write {}:*{}*", key.text, value.text)
        };
        Some(operator.error(format!("{} is no comparison here", operator.text), Some(help)))
    }

    /// `port 3389`, `host 10.20.4.17`: the language of capture filters, where two bare words would match nothing.
    fn without_colon(&self, word: &Token) -> Option<FilterError> {
        const WORDS: &[&str] = &["port", "session", "frame", "client", "server", "ip", "host", "net", "src", "dst"];
        let key = WORDS.iter().find(|known| word.is(known))?;
        let value = self.tokens.get(self.at).filter(|value| value.text.starts_with(|c: char| c.is_ascii_digit()))?;
        let key = if is_key(key) { key } else { "ip" };
        Some(word.error(format!("{} without a colon", word.text), Some(format!("write {key}:{}", value.text))))
    }
}

fn is_key(word: &str) -> bool {
    KEYS.iter().any(|known| known.name == canonical(word))
}

/// `tcp.stream`, `tls.handshake.type`: written like a field of Wireshark, and no address or domain that is searched for
/// would stand before a comparison.
fn is_field(word: &str) -> bool {
    let is_part = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !part.is_empty();
    word.starts_with(|c: char| c.is_ascii_alphabetic()) && word.contains('.') && word.split('.').all(is_part)
}

/// `key:value`, or a bare word.
fn test(token: &Token, zone: &TimeZone) -> Result<Test, FilterError> {
    match split(token) {
        Some((key, value)) => condition(&key, Compare::Equal, Some(value).filter(|value| !value.text.is_empty()), zone),
        None => Ok(match Outcome::ALL.into_iter().find(|outcome| token.is(outcome.word())) {
            Some(outcome) => Test::Outcome(outcome),
            None => Test::Word(Glob::new(&token.text)),
        }),
    }
}

/// What is asked of `key`.
fn condition(key: &Token, compare: Compare, value: Option<Token>, zone: &TimeZone) -> Result<Test, FilterError> {
    let Some(value) = value else {
        return Err(key.error(format!("{} needs a value", key.text), None));
    };
    let number = || comparison(key, compare, &value);
    let equal = |test: Test| {
        if compare == Compare::Equal {
            return Ok(test);
        }
        Err(key.error(
            format!("{} cannot be compared by size", key.text),
            Some(format!("write {}:{}", key.text, value.text)),
        ))
    };
    let glob = || Glob::new(&value.text);
    match canonical(&key.text).as_str() {
        "outcome" => equal(Test::Outcome(word(&value, &Outcome::ALL, |outcome| outcome.word())?)),
        "cause" => {
            let test = equal(Test::Cause(glob()))?;
            known(&value, "cause", causes::all().map(|cause| cause.id)).map(|()| test)
        }
        "phase" => equal(Test::Phase(word(&value, &Phase::ALL, |phase| phase.word())?)),
        "sure" => equal(Test::Sure(word(&value, &[Sure::Proven, Sure::Strong, Sure::Likely, Sure::Unsure], |sure| {
            sure.word()
        })?)),
        "client" => equal(Test::Address(Side::Client, address(&value)?)),
        "server" => equal(Test::Address(Side::Server, address(&value)?)),
        "ip" => equal(Test::Address(Side::Either, address(&value)?)),
        "port" => equal(Test::Port(whole(&value)?)),
        "user" => equal(Test::User(glob())),
        "name" => equal(Test::Name(glob())),
        "tls" => Ok(Test::Tls(compare, version(&value)?)),
        "security" => equal(Test::Security(word(&value, SECURITY, |row| row.0)?.1)),
        "cert" => equal(Test::Certificate(word(&value, CERTIFICATE, |row| row.0)?.1)),
        "alert" => {
            let test = equal(Test::Alert(glob()))?;
            let is_number = value.text.parse::<u8>().is_ok();
            if is_number {
                Ok(test)
            } else {
                known(&value, "alert", ALERTS.iter().map(|one| one.symbol)).map(|()| test)
            }
        }
        "frame" => equal(range(&value).map(|(first, last)| Test::Frame(first, last))?),
        "session" => equal(Test::Session(sessions(&value)?)),
        "time" => time(compare, &value, zone),
        "cert.days" | "rtt" | "retrans" | "lost" | "dur" | "idle" => number(),
        _ => Err(unknown_key(key)),
    }
}

/// Key and value, if it is a condition and not a bare word (an IPv6 address is one).
fn split(token: &Token) -> Option<(Token, Token)> {
    let at = token.text.find(':')?;
    let key = &token.text[..at];
    let is_key = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
    if !is_key || token.text.parse::<std::net::IpAddr>().is_ok() || token.text.parse::<ipnet::IpNet>().is_ok() {
        return None;
    }
    Some((Token { text: key.into(), length: at, ..token.clone() }, token.part(at + 1)))
}

/// The name of a key, also where it goes by Wireshark's.
fn canonical(key: &str) -> String {
    const OTHERS: &[(&str, &str)] = &[
        ("ip.addr", "ip"),
        ("ipv6.addr", "ip"),
        ("tcp.port", "port"),
        ("udp.port", "port"),
        ("frame.number", "frame"),
    ];
    let key = key.to_ascii_lowercase();
    OTHERS.iter().find(|(other, _)| *other == key).map_or(key, |(_, own)| (*own).to_owned())
}

fn unknown_key(key: &Token) -> FilterError {
    let names: Vec<&'static str> = KEYS.iter().map(|known| known.name).collect();
    let help = nearest(&key.text, &names).map(|near| format!("did you mean {near}?"));
    let help = help.or_else(|| instead(&key.text).map(str::to_owned));
    key.error(format!("unknown key {}", key.text), help)
}

/// What asks here for about the same as a field of Wireshark.
fn instead(field: &str) -> Option<&'static str> {
    #[rustfmt::skip]
    const FIELDS: &[(&str, &str)] = &[
        ("ip.src", "write client:ADDRESS or server:ADDRESS"),
        ("ip.dst", "write client:ADDRESS or server:ADDRESS"),
        ("ipv6.", "write ip:ADDRESS"),
        ("tcp.srcport", "write port:3389"),
        ("tcp.dstport", "write port:3389"),
        ("tcp.stream", "write session:3, by the report's numbers"),
        ("tcp.analysis.", "write retrans>10 or lost>0"),
        ("frame.time", "write time>09:15"),
        ("tls.alert_message", "write alert:45"),
        ("tls.handshake.extensions_server_name", "write name:HOST"),
        ("tls.", "write tls<1.2, alert:45 or name:HOST"),
        ("rdp.", "write user:jdoe, or phase:x224"),
    ];
    let field = field.to_ascii_lowercase();
    let known = FIELDS.iter().find(|row| field.starts_with(row.0)).map(|row| row.1);
    known.or_else(|| is_field(&field).then_some("for packets use -f, as in tcpdump"))
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
        assert_eq!(fault("session:9-3").2, "9-3: ends before it begins");
        assert_eq!(fault("alert:certificate_expird").3, "did you mean certificate_expired?");
        assert_eq!(fault("cause:tls.cert-expird").3, "did you mean tls.cert-expired?");
        assert_eq!(fault("user:\"a").2, "a quote that is not closed");
        assert_eq!(fault("or died").2, "a condition is missing before or");
        assert_eq!(fault("cause:").2, "cause needs a value");
    }

    /// However a condition is written, it is the same.
    #[test]
    fn as_in_display_filters() {
        let same = |texts: &[&str]| {
            let nodes = texts.iter().map(|text| format!("{:?}", parse(text, &TimeZone::UTC).expect(text)));
            nodes.reduce(|one, other| {
                assert_eq!(one, other, "{texts:?}");
                one
            });
        };
        same(&[
            "outcome:died",
            "outcome == died",
            "outcome==died",
            "outcome=died",
            "outcome eq died",
            "outcome== \"died\"",
        ]);
        same(&["not cause:tls.*", "cause != tls.*", "cause!=tls.*", "!cause:tls.*", "cause ne tls.*"]);
        same(&["rtt>150ms", "rtt > 150ms", "rtt gt 150ms"]);
        same(&["name:CN=rds*", "name == CN=rds*", "name:\"CN=rds*\""]);
        same(&["cert.days<-5", "cert.days < -5"]);
        same(&["died and ip:10.20.4.17", "outcome == died && ip.addr == 10.20.4.17", "died ip.addr eq 10.20.4.17"]);
        same(&["(dur>=2s) or port:3390", "(dur >= 2s) || tcp.port == 3390"]);
        assert_eq!(fault("outcome =="), (1, 7, "outcome needs a value".into(), String::new()));
        assert_eq!(fault("(outcome ==)").2, "outcome needs a value");
        assert_eq!(fault("== died").2, "a condition is missing before ==");
        assert_eq!(fault("died == ok").2, "unknown key died");
        assert!(parse("eq", &TimeZone::UTC).is_ok(), "a word like any other");
    }

    /// What is no key must not become words that nothing matches: nobody would learn of it.
    #[test]
    fn fields_of_wireshark_that_are_no_keys_are_refused_with_what_to_write() {
        for (text, what, help) in [
            ("tcp.stream eq 0", "unknown key tcp.stream", "write session:3, by the report's numbers"),
            ("ip.src == 10.20.4.17", "unknown key ip.src", "write client:ADDRESS or server:ADDRESS"),
            ("died and tcp.dstport eq 3389", "unknown key tcp.dstport", "write port:3389"),
            ("tls.alert_message.desc == 45", "unknown key tls.alert_message.desc", "write alert:45"),
            ("tcp.flags.reset==1", "unknown key tcp.flags.reset", "for packets use -f, as in tcpdump"),
            ("user contains doe", "contains is no comparison here", "write user:*doe*"),
            ("tcp.port in {3389 3390}", "in is no comparison here", "write tcp.port:A or tcp.port:B"),
            ("frame contains 03", "contains is no comparison here", "write frame:*03*"),
            ("died host 10.20.4.17", "host without a colon", "write ip:10.20.4.17"),
            ("tcp port 3389", "port without a colon", "write port:3389"),
            ("tcp.payload matches abc", "unknown key tcp.payload", "for packets use -f, as in tcpdump"),
        ] {
            assert_eq!((fault(text).2.as_str(), fault(text).3.as_str()), (what, help), "{text}");
        }
        for text in ["port", "server rds01", "corp.example", "in", "user in", "rds01.corp.example died", "contains doe"]
        {
            assert!(parse(text, &TimeZone::UTC).is_ok(), "{text}: bare words");
        }
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
