//! A capture that lacks packets: what is missing may make a verdict less sure, never another one that is called proven.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use proptest::prelude::*;
use rdpwhy::capture::{self, CaptureError, Next, Progress, Source};
use rdpwhy::diagnose::Case;
use rdpwhy::diagnose::verdict::{Outcome, Sure};
use rdpwhy::engine::Options;
use rdpwhy::frame::Input;
use rdpwhy::session::Endpoint;

use super::cases;
use crate::captures::inside::{look, memory};
use crate::captures::{folder, names};
use crate::craft::file::{Packet, merge};
use crate::craft::hello;
use crate::craft::mcs::{self, Security};
use crate::craft::talk::{Talk, Who};
use crate::craft::x224;

/// A source of which some packets are lost before anybody sees them.
struct Lossy<S, F> {
    source: S,
    is_lost: F,
}

impl<S: Source, F: FnMut() -> bool> Source for Lossy<S, F> {
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        Ok(match self.source.next()? {
            Next::Frame(frame) if (self.is_lost)() => Next::Idle(frame.time),
            other => other,
        })
    }

    fn inputs(&self) -> &[Input] {
        self.source.inputs()
    }

    fn progress(&self) -> Progress {
        self.source.progress()
    }
}

/// What is concluded of a connection.
type Concluded = (Endpoint, Endpoint, Option<&'static str>);

/// Each connection with its cause, and those that died of a proven one.
fn concluded(name: &str, is_lost: impl FnMut() -> bool) -> (Vec<Concluded>, Vec<Concluded>) {
    let source = capture::open_one(&folder().join(name), &capture::Options::default()).expect("a capture");
    let seen = look(&mut Lossy { source, is_lost }, Options::default());
    let mut proven = Vec::new();
    let all = seen.cases.iter().map(|case| {
        let concluded = (case.session.client, case.session.server, case.verdict.cause);
        if case.verdict.outcome == Outcome::Died && case.verdict.sure == Sure::Proven {
            proven.push(concluded);
        }
        concluded
    });
    (all.collect(), proven)
}

/// What is said of a death whose closer circumstances were in the packets that are missing.
const LESS_EXACT: &[(&str, &str)] = &[
    ("tls.client-refuses", "tls.cert-"),
    // certificate_expired also says "not currently valid" (RFC 8446 6.2).
    ("tls.cert-expired", "tls.cert-not-yet-valid"),
    // It says no more than the alert.
    ("tls.alert-server", ""),
    ("nla.refused", "nla."),
    // The server's code says so, whoever asked; that it was a scanner, the others told whose requests are missing now.
    ("neg.hybrid-required", "scan.negotiation"),
];

/// The causes of each connection, by the name of its capture, when nothing is missing.
static WHOLE: LazyLock<BTreeMap<String, HashSet<Concluded>>> = LazyLock::new(|| {
    names().into_iter().map(|name| (name.clone(), concluded(&name, || false).0.into_iter().collect())).collect()
});

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn what_is_missing_proves_nothing(seed in any::<u64>(), percent in prop::sample::select(vec![3_u64, 10, 30])) {
        let mut state = seed | 1;
        let mut is_lost = || {
            // xorshift64: any sequence will do
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 33) % 100 < percent
        };
        for (name, whole) in &*WHOLE {
            for (client, server, cause) in concluded(name, &mut is_lost).1 {
                let is_so = |known: &Concluded| {
                    let (said, known) = (cause.unwrap_or(""), known.2.unwrap_or(""));
                    let is_less_exact = |(less, exact): &(&str, &str)| *less == said && known.starts_with(exact);
                    said == known || LESS_EXACT.iter().any(is_less_exact)
                };
                let mut same = whole.iter().filter(|known| (known.0, known.1) == (client, server));
                prop_assert!(
                    same.clone().any(is_so),
                    "{name}: {client} to {server}: {cause:?} is called proven; with all packets {:?}",
                    same.next()
                );
            }
        }
    }
}

/// What is concluded of `talk` when the packets with these numbers, from 0, are missing.
fn without(talk: &Talk, missing: &[usize]) -> Case {
    let packets = talk.packets();
    let kept = packets.into_iter().enumerate().filter(|(number, _)| !missing.contains(number));
    let kept: Vec<Packet> = kept.map(|(_, packet)| packet).collect();
    look(&mut memory(&kept), Options::default()).only().clone()
}

fn asked() -> Talk {
    let mut talk = Talk::office();
    talk.handshake().client(&x224::asks("jdoe", x224::MODERN)).wait(0.1);
    talk
}

#[test]
fn without_the_answer_to_the_syn_a_session_is_not_refused() {
    let mut talk = asked();
    talk.server(&x224::confirm(&x224::selects(0x1f, x224::HYBRID))).wait(0.1);
    talk.client(&hello::client_hello(hello::TLS_1_2, hello::SUITES, "rds.example", 1)).wait(0.1).server_rst();
    let whole = without(&talk, &[]);
    let missed = without(&talk, &[1]);
    assert_eq!((missed.verdict.cause, missed.verdict.outcome), (whole.verdict.cause, whole.verdict.outcome));
    assert!(missed.verdict.sure < whole.verdict.sure, "{:?}", missed.verdict.sure);
    assert!(missed.verdict.findings.iter().any(|finding| finding.id == "cap.incomplete"));
}

#[test]
fn a_server_whose_answer_is_missing_was_not_silent() {
    let mut talk = asked();
    talk.server(b"HTTP/1.1 400 Bad Request\r\n\r\n").wait(0.1).server_fin().client_fin().ack(Who::Server);
    assert_eq!(without(&talk, &[]).verdict.cause, Some("x224.not-rdp"));
    let answer = talk.packets().iter().position(|packet| packet.bytes.ends_with(b"\r\n")).expect("it is there");
    let missed = without(&talk, &[answer]);
    assert_ne!(missed.verdict.cause, Some("x224.close-on-cr"), "{}", missed.verdict.headline);
    assert!(missed.verdict.sure < Sure::Strong, "{:?}", missed.verdict.sure);
}

#[test]
fn a_client_whose_request_is_missing_was_not_silent() {
    let mut talk = asked();
    talk.server_rst();
    assert_eq!(without(&talk, &[]).verdict.cause, Some("x224.close-on-cr"));
    let missed = without(&talk, &[3]);
    assert_ne!(missed.verdict.cause, Some("tcp.closed-on-accept"), "{}", missed.verdict.headline);
}

#[test]
fn an_alert_behind_a_confirm_that_is_missing_stands_at_its_own_frame() {
    let mut talk = asked();
    talk.server(&x224::confirm(&x224::selects(0x1f, x224::HYBRID))).wait(0.1);
    talk.client(&hello::client_hello(hello::TLS_1_2, hello::SUITES, "rds.example", 1)).wait(0.1);
    talk.server(&hello::record(21, hello::TLS_1_2, &[2, 71])).client_fin().server_fin().ack(Who::Client);
    let whole = without(&talk, &[]);
    assert_eq!((whole.verdict.cause, whole.verdict.sure), (Some("tls.cipher-mismatch"), Sure::Proven));
    let packets = talk.packets();
    let confirm = packets
        .iter()
        .position(|packet| packet.bytes.get(54..56) == Some(&[3, 0]) && packet.bytes.get(59) == Some(&0xd0));
    let missed = without(&talk, &[confirm.expect("it is there")]);
    assert_eq!(missed.verdict.cause, whole.verdict.cause);
    let frame = |case: &Case| case.verdict.death.map(|death| death.frame.number());
    assert_eq!(frame(&missed), frame(&whole).map(|frame| frame - 1), "one packet less before it");
}

#[test]
fn a_goodbye_that_answers_another_one_was_not_the_first() {
    let mut talk = asked();
    talk.server(&x224::confirm(&x224::selects(0x1f, x224::HYBRID)))
        .wait(0.1)
        .client_fin()
        .server_fin()
        .ack(Who::Client);
    let whole = look(&mut memory(&talk.packets()), Options::default()).only().clone();
    let mut packets = talk.packets();
    let is_fin = |packet: &Packet| packet.bytes.get(47).is_some_and(|flags| flags & 1 != 0);
    let fin = packets.iter().position(is_fin).expect("it is there");
    assert!(is_fin(&packets[fin + 1]));
    let (first, second) = (packets[fin].time_ns, packets[fin + 1].time_ns);
    packets.swap(fin, fin + 1);
    (packets[fin].time_ns, packets[fin + 1].time_ns) = (first, second);
    let mixed_up = look(&mut memory(&packets), Options::default()).only().clone();
    assert_eq!((mixed_up.verdict.cause, mixed_up.verdict.end.by), (whole.verdict.cause, whole.verdict.end.by));
}

/// A mirror port, or both sides of a router: each packet once more, in some, whole bursts later.
#[test]
fn what_is_captured_twice_was_not_sent_twice() {
    let mut talk = Talk::office();
    let screen = |nth| mcs::fast_path(Who::Server, nth, 1_400);
    talk.handshake().client(&x224::asks("jdoe", x224::RDP)).server(&x224::confirm(&x224::selects(0, x224::RDP)));
    talk.turns(&mcs::classic("WKS-0417", Security::Proprietary));
    for burst in 0..3 {
        // Nine thousandths of a millisecond lie between two packets of a side.
        (0..30).for_each(|nth| {
            talk.server(&screen(burst * 30 + nth));
        });
        talk.ack(Who::Client).wait(0.2);
    }
    talk.client(&mcs::ultimatum(3)).client_fin().server_fin().ack(Who::Client);
    let once = look(&mut memory(&talk.packets()), Options::default()).only().clone();
    for (lag, hops) in [(2_000, 0), (90_000, 0), (250_000, 1)] {
        let mut copies = talk.packets();
        for copy in &mut copies {
            copy.time_ns += lag;
            copy.bytes[22] -= hops;
        }
        let twice = look(&mut memory(&merge([talk.packets(), copies])), Options::default()).only().clone();
        let told = |case: &Case| (case.verdict.outcome, case.verdict.cause, case.verdict.findings.len());
        assert_eq!(told(&twice), told(&once), "{lag} ns later");
        for (twice, once) in twice.session.sides.iter().zip(&once.session.sides) {
            assert_eq!(twice.retransmissions, once.retransmissions, "{lag} ns later");
        }
    }
}
