//! The session filter of `-Y` and of `/` in the terminal UI: what can be asked of a session, and whether it holds.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::tz::TimeZone;

use super::filter_parse;
use super::time::of_day;
use crate::diagnose::Case;
use crate::diagnose::verdict::{Outcome, Sure};
use crate::frame::Timestamp;
use crate::knowledge::negotiation::Protocols;
use crate::knowledge::tls::{Version, alert_name};
use crate::session::{Phase, Session};
use crate::wire::certificate::Validity;

/// A filter, read.
#[derive(Clone, Debug)]
pub struct Filter {
    pub(super) root: Node,
    pub(super) zone: TimeZone,
}

/// What is wrong with a filter, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// `unknown key clent`.
    pub what: String,
    /// Where it begins, in characters from 1.
    pub column: usize,
    /// How many characters are meant; at least 1.
    pub length: usize,
    /// What to write instead: `did you mean client?`.
    pub help: Option<String>,
}

impl std::fmt::Display for FilterError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (column {})", self.what, self.column)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

impl std::error::Error for FilterError {}

impl Filter {
    /// Reads `text`; times of day in it are meant in `zone`. An empty filter lets everything through.
    ///
    /// # Errors
    /// [`FilterError`] at the first word that makes no sense.
    pub fn parse(text: &str, zone: &TimeZone) -> Result<Self, FilterError> {
        Ok(Self { root: filter_parse::parse(text, zone)?, zone: zone.clone() })
    }

    /// Whether `case` is among what is asked for.
    #[must_use]
    pub fn matches(&self, case: &Case) -> bool {
        self.root.matches(case, &self.zone)
    }
}

/// A condition made of conditions.
#[derive(Clone, Debug)]
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Test(Test),
}

impl Node {
    fn matches(&self, case: &Case, zone: &TimeZone) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.matches(case, zone)),
            Self::Any(nodes) => nodes.iter().any(|node| node.matches(case, zone)),
            Self::Not(node) => !node.matches(case, zone),
            Self::Test(test) => test.matches(case, zone),
        }
    }
}

/// How a number is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compare {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

impl Compare {
    fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Equal => left == right,
            Self::GreaterOrEqual => left >= right,
            Self::Greater => left > right,
        }
    }
}

/// Which address is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Server,
    Either,
}

/// An address as it can be asked for.
#[derive(Clone, Debug)]
pub(super) enum Address {
    Network(IpNet),
    Pattern(Glob),
}

/// Numbers that a session has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Round trip of the whole path; seconds.
    RoundTrip,
    Retransmissions,
    Lost,
    /// Seconds.
    Duration,
    /// The longest silence; seconds.
    Idle,
    /// Days that the certificate is still valid.
    CertificateDays,
}

/// What can be said of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CertificateState {
    Any,
    Expired,
    Early,
    SelfSigned,
    Weak,
    Malformed,
}

/// One condition.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Outcome(Outcome),
    Cause(Glob),
    Sure(Sure),
    Phase(Phase),
    Address(Side, Address),
    Port(u16),
    User(Glob),
    Name(Glob),
    Tls(Compare, Version),
    Security(Protocols),
    Certificate(CertificateState),
    Alert(Glob),
    Measure(Measure, Compare, f64),
    Frame(u64, u64),
    Session(Vec<(u32, u32)>),
    /// A time of day; nanoseconds, and of what precision it was given.
    TimeOfDay(Compare, i64, i64),
    Time(Compare, Timestamp),
    /// A bare word.
    Word(Glob),
}

impl Test {
    fn matches(&self, case: &Case, zone: &TimeZone) -> bool {
        let (session, verdict) = (&case.session, &case.verdict);
        match self {
            Self::Outcome(outcome) => verdict.outcome == *outcome,
            Self::Cause(glob) => verdict.cause.is_some_and(|cause| glob.matches(cause)),
            Self::Sure(sure) => verdict.sure == *sure,
            Self::Phase(phase) => verdict.death.is_some_and(|death| death.phase == *phase),
            Self::Address(Side::Client, address) => address.matches(session.client.ip),
            Self::Address(Side::Server, address) => address.matches(session.server.ip),
            Self::Address(Side::Either, address) => {
                address.matches(session.client.ip) || address.matches(session.server.ip)
            }
            Self::Port(port) => session.client.port == *port || session.server.port == *port,
            Self::User(glob) => user(session).is_some_and(|user| glob.matches(user)),
            Self::Name(glob) => names(session).iter().any(|name| glob.matches(name)),
            Self::Tls(compare, version) => session.tls_version().is_some_and(|seen| compare.holds(&seen, version)),
            Self::Security(wanted) => session.selected().is_some_and(|chosen| is_security(chosen, *wanted)),
            Self::Certificate(state) => is_certificate(session, *state),
            Self::Alert(glob) => session.alerts().any(|(_, alert)| {
                glob.matches(&alert.description.to_string()) || glob.matches(&alert_name(alert.description))
            }),
            Self::Measure(measure, compare, wanted) => {
                measure_of(case, *measure).is_some_and(|value| compare.holds(&value, wanted))
            }
            Self::Frame(first, last) => is_at_frame(case, *first, *last),
            Self::Session(ranges) => ranges.iter().any(|(first, last)| (*first..=*last).contains(&session.id.0)),
            Self::TimeOfDay(compare, wanted, precision) => {
                let time = of_day(session.first.time, zone);
                compare.holds(&(time / precision), &(wanted / precision))
            }
            Self::Time(compare, wanted) => compare.holds(&session.first.time, wanted),
            Self::Word(glob) => is_about(case, glob),
        }
    }
}

impl Address {
    fn matches(&self, ip: IpAddr) -> bool {
        match self {
            Self::Network(network) => network.contains(&ip),
            Self::Pattern(glob) => glob.matches(&ip.to_string()),
        }
    }
}

fn user(session: &Session) -> Option<&str> {
    session.user_hint().map(|hint| hint.raw())
}

/// Names of the server: what the client asked for and what the certificate says.
fn names(session: &Session) -> Vec<String> {
    let asked = session.client_hello().and_then(|(_, hello)| hello.server_name());
    let mut names: Vec<String> = asked.iter().map(|name| name.raw().to_owned()).collect();
    if let Some((_, certificate)) = session.certificate() {
        names.push(certificate.common_name.raw().to_owned());
        names.push(certificate.subject.raw().to_owned());
        names.extend(certificate.names.iter().map(|name| name.raw().to_owned()));
    }
    names
}

/// NLA is either of its two protocols.
const fn is_security(chosen: Protocols, wanted: Protocols) -> bool {
    if wanted.has_nla() && wanted.0 == Protocols::HYBRID.0 { chosen.has_nla() } else { chosen.0 == wanted.0 }
}

fn is_certificate(session: &Session, state: CertificateState) -> bool {
    let Some((event, certificate)) = session.certificate() else { return false };
    let validity = session.day_of(event).map(|day| certificate.validity_at(day));
    match state {
        CertificateState::Any => true,
        CertificateState::Expired => validity == Some(Validity::Expired),
        CertificateState::Early => validity == Some(Validity::Early),
        CertificateState::SelfSigned => certificate.self_signed,
        CertificateState::Weak => certificate.key.is_weak() || certificate.has_weak_signature(),
        CertificateState::Malformed => certificate.malformed,
    }
}

fn measure_of(case: &Case, measure: Measure) -> Option<f64> {
    let session = &case.session;
    let sum = |of: fn(&crate::tcp::side::Side) -> u32| Some(session.sides.iter().map(|side| f64::from(of(side))).sum());
    match measure {
        Measure::RoundTrip => match (session.rtt_client, session.rtt_server) {
            (None, None) => None,
            (client, server) => Some(client.unwrap_or(0.0) + server.unwrap_or(0.0)),
        },
        Measure::Retransmissions => sum(|side| side.retransmissions),
        Measure::Lost => sum(|side| side.timeouts),
        Measure::Duration => Some(session.duration()),
        Measure::Idle => Some(longest_silence(session)),
        Measure::CertificateDays => {
            let (event, certificate) = session.certificate()?;
            Some((certificate.not_after.saturating_sub(session.day_of(event)?)) as f64 / 86_400.0)
        }
    }
}

fn longest_silence(session: &Session) -> f64 {
    let mut before = session.first.time;
    let mut longest = 0f64;
    for time in session.timeline.iter().map(|event| event.time).chain([session.last.time]) {
        longest = longest.max(time.since(before));
        before = time;
    }
    longest
}

/// Frames that a verdict names come first; else whatever lies between a session's events.
fn is_at_frame(case: &Case, first: u64, last: u64) -> bool {
    let within = |number: u64| (first..=last).contains(&number);
    let verdict = &case.verdict;
    verdict.death.is_some_and(|death| within(death.frame.number()))
        || within(verdict.end.frame.number())
        || case.session.timeline.iter().any(|event| within(event.frame.number()))
}

/// Addresses, names, user and cause; a part of them is enough.
fn is_about(case: &Case, glob: &Glob) -> bool {
    let session = &case.session;
    let ends = [session.client, session.server];
    ends.iter().any(|end| glob.is_in(&end.to_string()))
        || user(session).is_some_and(|user| glob.is_in(user))
        || case.verdict.cause.is_some_and(|cause| glob.is_in(cause))
        || names(session).iter().any(|name| glob.is_in(name))
}

/// A pattern in which `*` stands for anything; upper and lower case are alike.
#[derive(Clone, Debug)]
pub(super) struct Glob(Vec<char>);

impl Glob {
    pub(super) fn new(pattern: &str) -> Self {
        Self(pattern.to_lowercase().chars().collect())
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.to_lowercase().chars().collect();
        // The last star met, and how much text it has swallowed so far: enough to go back to, so never exponential.
        let (mut at, mut in_text, mut star) = (0, 0, None);
        while in_text < text.len() {
            match self.0.get(at) {
                Some('*') => {
                    star = Some((at, in_text));
                    at += 1;
                }
                Some(c) if *c == text[in_text] => {
                    at += 1;
                    in_text += 1;
                }
                _ => {
                    let Some((star_at, swallowed)) = star else { return false };
                    star = Some((star_at, swallowed + 1));
                    at = star_at + 1;
                    in_text = swallowed + 1;
                }
            }
        }
        self.0[at..].iter().all(|c| *c == '*')
    }

    fn is_in(&self, text: &str) -> bool {
        let mut around = vec!['*'];
        around.extend(&self.0);
        around.push('*');
        Self(around).matches(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::filter_keys::KEYS;
    use crate::report::sample;

    fn ids(filter: &str) -> Vec<u32> {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        let filter = Filter::parse(filter, &zone).unwrap_or_else(|error| panic!("{filter}: {error}"));
        sample::all().iter().filter(|case| filter.matches(case)).map(|case| case.session.id.0).collect()
    }

    #[test]
    fn keys() {
        let all: Vec<u32> = (1..=10).collect();
        let table: &[(&str, &[u32])] = &[
            ("", &all),
            ("scan", &[9]),
            ("outcome:unsure", &[8]),
            ("cause:neg.*", &[4]),
            ("phase:x224", &[4]),
            ("sure:proven", &[1, 4]),
            ("client:10.88.0.0/16", &[5]),
            ("server:10.20.1.22", &[6]),
            ("ip:172.16.*", &[3]),
            ("port:49811", &[4]),
            ("user:MLOP*", &[5]),
            ("name:dc01.corp.example", &[7, 8, 10]),
            ("tls<1.3 died cause:path.*", &[5]),
            ("tls:1.3", &[6]),
            ("security:nla scan", &[9]),
            ("cert:expired", &[1, 2]),
            ("cert.days<90 -cert:expired", &[7, 8, 10]),
            ("alert:45", &[1]),
            ("alert:certificate_*", &[1]),
            ("rtt>40ms", &[3]),
            ("rtt>=0.041", &[3]),
            ("retrans>5", &[5]),
            ("dur>20s", &[5, 10]),
            ("idle>6 idle<7", &[2]),
            ("frame:487", &[5]),
            ("session:3-5,9", &[3, 4, 5, 9]),
            ("time>09:15", &[]),
            ("time:09:14", &all),
            ("time>=2026-03-11T08:14:22Z time<2026-03-11T08:15:00Z", &all),
            ("hybrid", &[4]),
            ("RDS40", &[3]),
        ];
        for (filter, expected) in table {
            assert_eq!(ids(filter), *expected, "{filter}");
        }
    }

    #[test]
    fn examples_can_be_read() {
        for key in KEYS {
            assert!(key.example.starts_with(key.name));
            assert!(Filter::parse(key.example, &TimeZone::UTC).is_ok(), "{}", key.example);
        }
    }

    #[test]
    fn words_between() {
        assert_eq!(ids("died -scan (cause:tls.* or cause:neg.*)"), [1, 2, 4, 6]);
        assert_eq!(ids("died and not cause:tls.* and !cause:tcp.*"), [4, 5]);
        assert_eq!(ids("not (died or scan or ok)"), [8]);
        assert_eq!(ids("unsure or scan and died"), [8]);
        assert_eq!(ids("user:\"jdoe\" and died and session:1"), [1]);
    }

    #[test]
    fn stars() {
        let matches = |pattern: &str, text: &str| Glob::new(pattern).matches(text);
        assert!(matches("a*b*c", "aXXbYYbZc") && matches("*", "") && matches("**", "x"));
        assert!(!matches("a*b", "abc") && !matches("", "x"));
        assert!(!matches(&"*a".repeat(60), &"b".repeat(250)));
    }
}
