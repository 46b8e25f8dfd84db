//! Logons and ends that only sizes tell, and that have the size of something else. No file holds them.

use rdpwhy::diagnose::verdict::{Outcome, Sure};

use super::super::frame::noise;
use super::super::hello::{SUITES, TLS_1_0, certificate, client_hello, record, server_hello_done, server_hello_with};
use super::super::sealed::{Sealed, WINDOWS};
use super::super::talk::{BEGIN, Side, Talk, Who};
use super::super::{mcs, x224};
use super::ends::{NLA, SETUP, WORK};
use super::outlived::{may_be, only, told};
use super::{classic_until_work, judged, negotiated, work};

/// Entra ID as the way to log on.
const ENTRA: u32 = 0x10;
/// From MCS Connect Initial to Client Info.
const JOINED: &[i32] = &[462, -118, 12, 8, -11, 12, -15, 12, -15, 12, -15, 380];

/// TLS behind this selection, and these records.
fn inside(selected: u32, sizes: &[i32]) -> (Talk, Sealed) {
    let mut talk = Talk::office();
    let mut sealed = Sealed::exact();
    negotiated(&mut talk, x224::MODERN | ENTRA, selected);
    talk.turns(&sealed.handshake("RDS-LEG01.corp.example", WINDOWS)).turns(&sealed.script(sizes));
    (talk, sealed)
}

/// A nonce, a token, and a result: no MCS, whoever closes.
#[test]
fn a_token_of_entra_is_no_mcs() {
    for by_server in [true, false] {
        let (mut talk, _) = inside(ENTRA, &[-200, 2900, -40]);
        if by_server {
            talk.server_fin().client_rst()
        } else {
            talk.client_rst()
        };
        assert_eq!(told(&talk), (Outcome::Died, "nla.aad-refused"));
    }
    let (mut talk, _) = inside(ENTRA, &[-200]);
    talk.wait(0.4).client_rst();
    assert_eq!(told(&talk), (Outcome::Died, "nla.aad-refused"), "no token was shown");
    let (mut talk, mut sealed) = inside(ENTRA, &[&[-200, 2900, -27], SETUP, WORK].concat());
    talk.turns(&sealed.script(&[9])).client_rst();
    assert_eq!(told(&talk), (Outcome::Ok, "ok.user-disconnect"));
}

/// An error code answers the credentials: the password was right.
#[test]
fn an_error_may_answer_the_credentials() {
    let (mut talk, _) = inside(x224::HYBRID, &[57, -295, 735, -59, 124, -15]);
    talk.client_rst();
    let case = only(&talk);
    assert_eq!((case.verdict.cause, case.verdict.sure), (Some("nla.authz-denied"), Sure::Unsure));
    // With a round trip more, for the mechanisms' own checksum, it is the answer to the user's proof.
    let (mut talk, _) = inside(x224::HYBRID, &[115, -330, 560, -61, 110, -15]);
    talk.client_rst();
    assert_eq!(told(&talk), (Outcome::Died, "nla.refused"));
}

/// Who has a ticket is no scanner, however quickly it goes.
#[test]
fn who_comes_with_kerberos_scans_nothing() {
    let (mut talk, _) = inside(x224::HYBRID, &[175, -1351]);
    talk.wait(0.3).client_rst();
    assert_eq!(told(&talk), (Outcome::Died, "nla.client-quits-early"));
}

/// The console of a virtual machine: its name, TLS, NLA, and only then the request.
#[test]
fn a_console_logs_on_without_a_request() {
    let console = |sizes: &[i32]| {
        let mut talk = Talk::new(Side::windows("10.20.4.17", 51_544), Side::windows("10.20.1.9", 2179).hops(2));
        let name: Vec<u8> =
            "0a1b2c3d-0000-4000-8000-a0b1c2d3e4f5\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut named: Vec<u8> = [18 + name.len() as u32, 0, 2, 0].into_iter().flat_map(u32::to_le_bytes).collect();
        named.extend((name.len() as u16 / 2).to_le_bytes());
        named.extend(name);
        let mut sealed = Sealed::exact();
        talk.handshake().client(&named).turns(&sealed.handshake("hyperv1.corp.example", WINDOWS));
        talk.turns(&sealed.script(sizes));
        talk
    };
    let mut refused = console(&[57, -295, 735, -15]);
    refused.client_rst();
    assert_eq!(told(&refused), (Outcome::Died, "nla.refused"));
    let mut closed = console(&[57, -295, 735, -59, 124]);
    closed.wait(0.05).server_fin().client_rst();
    assert_eq!(told(&closed), (Outcome::Died, "nla.authz-denied"));
    let mut runs = console(&[&[57, -295, 735, -59, 124, 47, -19], SETUP, WORK, &[9]].concat());
    runs.client_rst();
    let case = only(&runs);
    assert_eq!(case.verdict.cause, Some("ok.user-disconnect"));
    assert!(case.shape.activated, "the request inside is no Connect Initial");
}

/// An ultimatum in place of the capabilities: the Windows client answers it with its reset, and nobody had a session.
#[test]
fn who_is_dismissed_before_the_session_was_turned_away() {
    let activating = [-34, -472, 611, 36, 40, 40, 40, -36, -40];
    for answer in [&[-34][..], &[-1100, 650, -100, 160, -34], &[-34, -36], &activating[..2], &activating] {
        let (mut talk, mut sealed) = inside(x224::HYBRID_EX, &[NLA, JOINED, answer].concat());
        talk.wait(0.15).turns(&sealed.script(&[-9])).client_rst();
        assert_eq!(told(&talk), (Outcome::Died, "rdp.closed-after-info"), "{answer:?}");
    }
    // Without TLS, behind the licence.
    let mut talk = Talk::office();
    let turns = mcs::classic("WKS-0417", mcs::Security::Proprietary);
    let at = turns.iter().position(|(_, bytes)| *bytes == mcs::license(7, 2)).expect("the licence");
    negotiated(&mut talk, x224::RDP, x224::RDP).turns(&turns[..=at]).wait(0.2).server(&mcs::ultimatum(3)).client_rst();
    assert_eq!(told(&talk), (Outcome::Died, "rdp.closed-after-info"));
}

/// The client is asked for a licence, and says no with as many bytes as "valid client" has; or it just goes.
#[test]
fn who_leaves_before_the_session_did_not_crash_in_it() {
    let (mut talk, _) = inside(x224::HYBRID_EX, &[NLA, JOINED, &[-1100, 34]].concat());
    talk.client_rst();
    assert_eq!(told(&talk), (Outcome::Died, "lic.client-store"));
    let (mut talk, _) = inside(x224::HYBRID_EX, &[NLA, JOINED, &[-1100]].concat());
    talk.wait(2.0).client_rst();
    let case = only(&talk);
    assert_eq!((case.verdict.cause, case.verdict.sure), (Some("end.unexplained"), Sure::Unsure));
    assert!(may_be(&case, "lic.client-store") && may_be(&case, "cancelled"));
}

/// The window is closed at the logon screen: the client asks, and the server, which has no user to keep it for, goes.
#[test]
fn a_server_that_is_asked_to_end_it_does_not_end_it_by_itself() {
    let (mut talk, mut sealed) = inside(x224::SSL, &[SETUP, WORK].concat());
    talk.wait(1.0).turns(&sealed.script(&[32, -9])).client_rst();
    let case = only(&talk);
    assert_eq!((case.verdict.cause, case.verdict.sure), (Some("ok.user-disconnect"), Sure::Likely));
    assert!(may_be(&case, "end.server-ended"));
    // Where NLA has let somebody in, the request is denied: so much was input.
    let (mut talk, mut sealed) = inside(x224::HYBRID_EX, &[NLA, SETUP, WORK].concat());
    talk.wait(1.0).turns(&sealed.script(&[32, -9])).client_rst();
    assert_eq!(only(&talk).verdict.cause, Some("end.server-ended"));
    // What was denied was not the reason.
    let (mut talk, mut sealed) = inside(x224::SSL, &[SETUP, WORK].concat());
    talk.wait(1.0).turns(&sealed.script(&[32, -32])).wait(0.5).turns(&sealed.script(&[-36, -9])).client_rst();
    assert_eq!(only(&talk).verdict.cause, Some("end.server-ended"));
    // Without TLS it can be read.
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk))
        .client(&mcs::shutdown(Who::Client))
        .wait(0.02)
        .server_fin()
        .client_fin()
        .ack(Who::Server);
    let case = only(&talk);
    assert_ne!(case.verdict.outcome, Outcome::Died, "{:?}", case.verdict.cause);
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk))
        .client(&mcs::shutdown(Who::Client))
        .server(&mcs::shutdown(Who::Server))
        .wait(0.02)
        .server_rst();
    assert_eq!(told(&talk), (Outcome::Died, "end.server-reset"));
}

/// The same user types a domain on one of two machines, or opens a second window at the same desk.
#[test]
fn a_session_is_taken_over_by_the_same_user_however_the_name_is_spelt() {
    let running = |client: &str, port: u16, name: &str, now: u64| {
        let mut talk = Talk::new(Side::windows(client, port).hops(0), Side::windows("10.20.1.9", 3389).hops(2));
        talk.now = now;
        let mut sealed = Sealed::exact();
        talk.handshake().client(&x224::asks(name, x224::MODERN));
        talk.server(&x224::confirm(&x224::selects(0x1f, x224::HYBRID_EX)));
        talk.turns(&sealed.handshake("RDS-LEG01.corp.example", WINDOWS)).turns(&sealed.script(&[NLA, SETUP].concat()));
        (talk, sealed)
    };
    for (client, name, cause) in [
        ("10.20.4.26", "CORP\\jdoe", "end.replaced"),
        ("10.20.4.26", "bert", "end.server-ended"),
        ("10.20.4.17", "jdoe", "end.replaced"),
        ("10.20.4.17", "bert", "end.server-ended"),
    ] {
        let (mut first, mut sealed) = running("10.20.4.17", 51_544, "jdoe", BEGIN);
        first.turns(&sealed.script(WORK)).wait(9.0);
        let (mut second, mut other) = running(client, 51_551, name, first.now);
        first.now = second.now + 100_000_000;
        first.turns(&sealed.script(&[-36])).wait(0.2).turns(&sealed.script(&[-30, -9])).client_rst();
        second.wait(2.0).turns(&other.script(WORK)).turns(&other.script(&[9])).client_rst();
        let cases = judged(&[first, second]);
        assert_eq!(cases[0].verdict.cause, Some(cause), "{client} {name}");
    }
}

/// A client that asks for the password hangs up; its next request may spell the same user otherwise.
#[test]
fn one_user_is_one_try_however_the_name_is_spelt() {
    for (one, two, is_one) in
        [("jdoe", "CORP\\jdoe", true), ("administr", "Administrator", true), ("jdoe", "bert", false)]
    {
        let mut first = Talk::office();
        first.handshake().client(&x224::asks(one, x224::MODERN));
        first.server(&x224::confirm(&x224::selects(0x1f, x224::HYBRID_EX))).wait(4.0).client_rst();
        let mut second =
            Talk::new(Side::windows("10.20.4.17", 51_549).hops(0), Side::windows("10.20.1.9", 3389).hops(2));
        second.now = first.now + 5_000_000_000;
        let mut sealed = Sealed::exact();
        second.handshake().client(&x224::asks(two, x224::MODERN));
        second.server(&x224::confirm(&x224::selects(0x1f, x224::HYBRID_EX)));
        second.turns(&sealed.handshake("RDS-LEG01.corp.example", WINDOWS));
        second.turns(&sealed.script(&[NLA, SETUP, &[9]].concat())).client_rst();
        let cases = judged(&[first, second]);
        assert_eq!(cases[0].attempt == cases[1].attempt, is_one, "{one} and {two}");
    }
}

/// Font Map, and then no word of the server: a black screen, whatever the user does about it.
#[test]
fn a_session_that_shows_nothing_is_no_good_one() {
    let activated = [NLA, JOINED, &[-34, -472, 611, 36, 40, 40, 40, -36, -40, -40, -40]].concat();
    for seconds in [4.0, 25.0] {
        let (mut talk, mut sealed) = inside(x224::HYBRID_EX, &activated);
        talk.wait(seconds).turns(&sealed.script(&[9])).client_rst();
        let cause = if seconds > 10.0 { "rdp.activation-stall" } else { "ok.user-disconnect" };
        assert_eq!(only(&talk).verdict.cause, Some(cause));
    }
    let (mut talk, mut sealed) = inside(x224::HYBRID_EX, &[&activated[..], &[-36, -645]].concat());
    talk.wait(25.0).turns(&sealed.script(&[9])).client_rst();
    assert_eq!(told(&talk), (Outcome::Ok, "ok.user-disconnect"));
}

/// Four sessions, which the server ends after 70 s; it may keep one for another minute.
fn all_ended(is_one_kept: bool) -> Vec<Talk> {
    let end = |nth: u16| {
        let client = Side::windows(&format!("10.20.4.{}", 17 + nth), 51_544 + nth).hops(0);
        let mut talk = Talk::new(client, Side::windows("10.20.1.9", 3389).hops(2));
        talk.now = BEGIN + u64::from(nth) * 300_000_000;
        let mut sealed = Sealed::exact();
        talk.handshake().client(&x224::asks(["anna", "bert", "cleo", "dora"][usize::from(nth)], x224::MODERN));
        talk.server(&x224::confirm(&x224::selects(0x1f, x224::HYBRID_EX)));
        talk.turns(&sealed.handshake("RDS-LEG01.corp.example", WINDOWS));
        talk.turns(&sealed.script(&[NLA, SETUP, WORK].concat())).wait(70.0);
        if nth == 3 && is_one_kept {
            talk.wait(60.0).turns(&sealed.script(&[9])).client_rst();
        } else {
            talk.turns(&sealed.script(&[-36, -30, -9])).client_rst();
        }
        talk
    };
    (0..4).map(end).collect()
}

/// Within a second or two: not the users go, but the server, if it keeps none.
#[test]
fn a_server_that_ends_all_sessions_goes_itself() {
    let told =
        |talks: &[Talk]| judged(talks).into_iter().map(|case| case.verdict.headline.to_string()).collect::<Vec<_>>();
    let all = told(&all_ended(false));
    assert!(all.iter().all(|headline| headline.contains("ended 4 sessions at once")), "{all:?}");
    let kept = told(&all_ended(true));
    assert!(kept.iter().all(|headline| !headline.contains("at once")), "{kept:?}");
}

/// Who comes 8 s later is not answered: that others were served before does not say that the host is up.
#[test]
fn a_server_that_has_gone_may_be_down() {
    for is_one_kept in [false, true] {
        let mut talks = all_ended(is_one_kept);
        let mut late = Talk::new(Side::windows("10.20.4.31", 52_101).hops(0), Side::windows("10.20.1.9", 3389).hops(2));
        late.now = talks[0].now + 8_000_000_000;
        for pause in [0.0, 1.0, 2.0, 4.0] {
            late.wait(pause).lose_later().syn();
        }
        talks.push(late);
        let cases = judged(&talks);
        let unanswered = cases.iter().find(|case| case.verdict.cause == Some("tcp.syn-no-answer")).expect("it is told");
        assert_eq!(may_be(unanswered, "host-down"), !is_one_kept);
    }
}

/// TLS 1.0 with the MAC behind the padding (RFC 7366), where each message has an empty record before it, or has none.
fn old_and_split(splits: bool, sizes: &[i32]) -> Talk {
    let body = |length: usize| (length + 1).next_multiple_of(16) + 20;
    let sealed = |length: usize| record(23, TLS_1_0, &noise(length as u64, body(length)));
    let finished = |seed| [record(20, TLS_1_0, &[1]), record(22, TLS_1_0, &noise(seed, body(16)))].concat();
    let exchange = [vec![16, 0, 1, 2, 1, 0], noise(33, 256)].concat();
    let flight = [server_hello_with(TLS_1_0, 0x0035, 31, &[22, 0xff01]), certificate(&[WINDOWS]), server_hello_done()];
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).client(&client_hello(TLS_1_0, SUITES, "rds-leg01", 30));
    talk.server(&record(22, TLS_1_0, &flight.concat()));
    talk.client(&[record(22, TLS_1_0, &exchange), finished(34)].concat()).server(&finished(35));
    for size in sizes {
        let who = if *size > 0 { Who::Client } else { Who::Server };
        let message = sealed(size.unsigned_abs() as usize);
        talk.say(who, &if splits { [sealed(0), message].concat() } else { message });
    }
    talk
}

/// The empty record is no message, and a short message is no empty record.
#[test]
fn messages_of_tls_10_may_come_in_two_records_each() {
    for splits in [true, false] {
        let whole = [NLA, SETUP, WORK].concat();
        let (outcome, cause) = told(old_and_split(splits, &whole).wait(1.0).client_rst());
        assert_ne!(outcome, Outcome::Died, "{cause} {splits}");
        let case = only(old_and_split(splits, &[57, -295, 735, -15]).client_rst());
        assert_eq!((case.verdict.cause, case.verdict.sure), (Some("nla.refused"), Sure::Likely), "{splits}");
    }
}

/// The path is measured before there is a licence, and not little is sent for it: no session runs yet.
#[test]
fn a_path_that_is_measured_shows_nothing() {
    let measured = [&[-24, 24, -25, -24][..], &[-1400; 12], &[-1026, -24, 33]].concat();
    let (mut talk, _) = inside(x224::HYBRID, &[&NLA[..5], JOINED, &measured].concat());
    talk.server_fin().client_fin();
    assert_eq!(told(&talk), (Outcome::Died, "rdp.closed-after-info"));
    let (mut talk, _) = inside(x224::HYBRID, &[&NLA[..5], JOINED, &measured].concat());
    talk.wait(5.0).client_rst();
    assert_eq!(told(&talk), (Outcome::Died, "end.unexplained"));
    // What is long behind the measurement is a licence, as without one.
    let (mut talk, _) = inside(x224::HYBRID, &[&NLA[..5], JOINED, &measured, &[-37, -1803, 330, -34]].concat());
    talk.server_fin().client_fin();
    assert_eq!(told(&talk), (Outcome::Died, "rdp.closed-after-info"));
}
