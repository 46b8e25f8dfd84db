//! Clients that a broker sends on, whatever their way of leaving it. No file holds them.

use rdpwhy::diagnose::Case;
use rdpwhy::diagnose::verdict::Outcome;

use super::super::sealed::{Sealed, WINDOWS};
use super::super::talk::{Side, Talk, Who};
use super::super::x224;
use super::ends::{NLA, SETUP};
use super::outlived::{may_be, notices, only, told};
use super::{judged, negotiated};

/// From MCS Connect Initial to the licence.
const LICENSED: &[i32] = &[462, -118, 12, 8, -11, 12, -15, 12, -15, 12, -15, 12, -15, 12, -15, 380, -34];

/// The broker up to its redirection of so many bytes.
fn broker(redirection: i32) -> (Talk, Sealed) {
    let mut talk = Talk::office();
    let mut sealed = Sealed::exact();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(3.4);
    talk.turns(&sealed.handshake("farm.corp.example", WINDOWS));
    talk.turns(&sealed.script(&[NLA, LICENSED, &[-redirection]].concat()));
    (talk, sealed)
}

/// The next connection of the same client 0.2 s later.
fn next(before: &Talk, address: &str) -> Talk {
    let mut talk = Talk::new(Side::windows("10.20.4.17", 51_549).hops(0), Side::windows(address, 3389).hops(2));
    talk.now = before.now + 200_000_000;
    talk
}

fn causes(cases: &[Case]) -> Vec<(Outcome, &str)> {
    cases.iter().map(|case| (case.verdict.outcome, case.verdict.cause.unwrap_or_default())).collect()
}

/// The client leaves the broker with its reset, and the host that it was sent to is out of its reach.
#[test]
fn who_is_sent_to_nowhere_was_sent_on() {
    for has_goodbye in [false, true] {
        let (mut first, mut sealed) = broker(700);
        if has_goodbye {
            first.turns(&sealed.script(&[9]));
        }
        first.client_rst();
        let mut silent = next(&first, "10.20.1.77");
        for pause in [0.0, 1.0, 2.0, 4.0, 8.0] {
            silent.wait(pause).lose_later().syn();
        }
        let cases = judged(&[first.clone(), silent]);
        assert_eq!(causes(&cases), [(Outcome::Ok, "redirect"), (Outcome::Died, "tcp.syn-no-answer")]);
        assert!(notices(&cases[1], "redirect.unreachable"));
        let mut closed = next(&first, "10.20.1.77");
        closed.syn().refuse();
        let cases = judged(&[first, closed]);
        assert_eq!(causes(&cases), [(Outcome::Ok, "redirect"), (Outcome::Died, "tcp.refused")]);
        let finding = cases[1].verdict.findings.iter().find(|finding| finding.id == "redirect.unreachable");
        assert!(finding.expect("it is told").text.contains("which refuses"));
    }
}

/// The session lives on the host that was asked: the client is sent to the same address, and brings no token.
#[test]
fn who_is_sent_to_the_same_host_was_sent_on() {
    let (mut first, _) = broker(700);
    first.client_rst();
    let mut second = next(&first, "10.20.1.9");
    let mut sealed = Sealed::exact();
    negotiated(&mut second, x224::MODERN, x224::HYBRID_EX).turns(&sealed.handshake("farm.corp.example", WINDOWS));
    second.turns(&sealed.script(&[NLA, SETUP, &[9]].concat())).client_rst();
    let cases = judged(&[first, second]);
    assert_eq!(causes(&cases), [(Outcome::Ok, "redirect"), (Outcome::Ok, "ok.user-disconnect")]);
}

/// Before any licence a redirection is as long as a request for one; what the client does next tells.
#[test]
fn a_redirection_before_the_licence_is_no_request_for_one() {
    let mut first = Talk::office();
    let mut sealed = Sealed::exact();
    negotiated(&mut first, x224::MODERN, x224::HYBRID_EX).turns(&sealed.handshake("farm.corp.example", WINDOWS));
    first.turns(&sealed.script(&[NLA, &LICENSED[..LICENSED.len() - 1], &[-700]].concat())).client_rst();
    let alone = only(&first);
    assert_eq!(alone.verdict.cause, Some("end.unexplained"));
    assert!(may_be(&alone, "redirect"));
    let mut closed = next(&first, "10.20.1.77");
    closed.syn().refuse();
    assert_eq!(causes(&judged(&[first, closed])), [(Outcome::Ok, "redirect"), (Outcome::Died, "tcp.refused")]);
}

/// What decides is the host that refuses, not the broker, however far the client came with that.
#[test]
fn where_one_was_sent_to_decides() {
    let (mut first, _) = broker(700);
    first.client_rst();
    let mut second = next(&first, "10.20.1.77");
    let token = x224::Token::Routing("Cookie: msts=1291851786.15629.0000");
    let asks = x224::request(token, &x224::wants(0, x224::MODERN | x224::RDSTLS));
    let mut sealed = Sealed::exact();
    second.handshake().client(&asks).server(&x224::confirm(&x224::selects(0x1f, x224::RDSTLS)));
    second.turns(&sealed.handshake("farm.corp.example", WINDOWS)).turns(&sealed.script(&[-8, 220, -10]));
    second.wait(0.01).server_fin().client_fin().ack(Who::Server);
    let cases = judged(&[first, second]);
    assert_eq!(causes(&cases), [(Outcome::Ok, "redirect"), (Outcome::Died, "nla.rdstls-refused")]);
    assert_eq!((cases[0].role, cases[1].role), ("redirect", "main"));
}

/// It takes the client four seconds to find the name it was sent to.
#[test]
fn a_name_has_to_be_looked_up_before_one_goes_there() {
    let (mut first, _) = broker(700);
    first.client_rst();
    let mut second = next(&first, "10.20.1.77");
    second.wait(4.0);
    let mut sealed = Sealed::exact();
    negotiated(&mut second, x224::MODERN, x224::HYBRID_EX).turns(&sealed.handshake("rds-11.corp.example", WINDOWS));
    second.turns(&sealed.script(&[NLA, SETUP, &[9]].concat())).client_rst();
    assert_eq!(causes(&judged(&[first, second]))[0], (Outcome::Ok, "redirect"));
}

/// The client is sent to where nobody listens, and asks the broker once more: the first time it was sent on all the same.
#[test]
fn who_asks_the_broker_again_was_sent_on_before() {
    let (mut first, _) = broker(700);
    first.client_rst();
    let mut closed = next(&first, "10.20.1.77");
    closed.syn().refuse();
    let mut later = Talk::new(Side::windows("10.20.4.17", 51_560).hops(0), first.server.clone().counting_from(7));
    later.now = closed.now + 1_000_000_000;
    let mut sealed = Sealed::exact();
    negotiated(&mut later, x224::MODERN, x224::HYBRID_EX).turns(&sealed.handshake("farm.corp.example", WINDOWS));
    later.turns(&sealed.script(&[NLA, LICENSED, &[-700]].concat())).client_rst();
    let cases = judged(&[first, closed, later]);
    assert_eq!(causes(&cases)[0], (Outcome::Ok, "redirect"));
    assert_eq!(cases[1].verdict.cause, Some("tcp.refused"));
}

/// With a certificate and a sealed password a redirection is longer than capabilities; else it may be either.
#[test]
fn a_redirection_may_be_told_by_its_length() {
    let (mut long, _) = broker(3200);
    long.client_rst();
    assert_eq!(told(&long), (Outcome::Ok, "redirect"));
    let (mut short, _) = broker(480);
    short.client_rst();
    let case = only(&short);
    assert_eq!(case.verdict.cause, Some("rdp.caps-client-quits"));
    assert!(may_be(&case, "redirect"));
}
