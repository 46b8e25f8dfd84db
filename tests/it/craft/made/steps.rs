//! Who leaves at which step behind TLS, or without it: licences, capabilities, the last step of activation, and logons that
//! the server begins. No file holds them.

use rdpwhy::diagnose::verdict::{Outcome, Sure};

use super::super::file::Packet;
use super::super::hello::{SUITES, TLS_1_2, client_hello};
use super::super::sealed::{Mac, Sealed, WINDOWS};
use super::super::talk::{Talk, Who};
use super::super::{mcs, x224};
use super::ends::NLA;
use super::outlived::{may_be, only, told};
use super::{judged_packets, negotiated};

/// From MCS Connect Initial to Client Info.
const JOINED: &[i32] = &[462, -118, 12, 8, -11, 12, -15, 12, -15, 12, -15, 380];
/// A licence that the client has not yet: asked for, and given.
const LICENCE: &[i32] = &[-1100, 520, -70, 120, -2100];
/// From the capabilities to the last step.
const ACTIVATED: &[i32] = &[-472, 611, 36, 40, 40, 40, -36, -40, -40, -40];

/// TLS behind this selection, and these records.
fn inside(mut sealed: Sealed, selected: u32, sizes: &[i32]) -> (Talk, Sealed) {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN | x224::RDSTLS, selected);
    talk.turns(&sealed.handshake("RDS-LEG01.corp.example", WINDOWS)).turns(&sealed.script(sizes));
    (talk, sealed)
}

fn session(sizes: &[i32]) -> Talk {
    inside(Sealed::exact(), x224::HYBRID_EX, &[NLA, JOINED, sizes].concat()).0
}

/// The capture goes on for so many seconds.
fn watched(talk: &Talk, seconds: u64) -> (Outcome, Option<&'static str>) {
    let mut packets = talk.packets();
    let time_ns = packets.last().expect("there are some").time_ns + seconds * 1_000_000_000;
    packets.push(Packet { time_ns, bytes: vec![0; 60], length: 60 });
    let verdict = judged_packets(&packets).swap_remove(0).verdict;
    (verdict.outcome, verdict.cause)
}

/// A licence is asked for and given in half a dozen messages: none of them shows a session, and a server that does not go on
/// waits for its licence server.
#[test]
fn a_licence_is_no_session() {
    for step in [2, 4] {
        let cause = told(session(&LICENCE[..step]).wait(20.0).client_rst());
        assert_eq!(cause, (Outcome::Died, "lic.network"), "{step}");
    }
    // The licence was given: the server owes its capabilities, and no client waits for anything else.
    assert_eq!(told(session(LICENCE).wait(20.0).client_rst()), (Outcome::Died, "rdp.activation-stall"));
    assert_eq!(told(session(LICENCE).wait(59.0).server_fin()), (Outcome::Died, "rdp.activation-stall"));
    // The client leaves in front of the capabilities: it has not ended a session.
    let (outcome, cause) = told(session(&[LICENCE, &ACTIVATED[..1]].concat()).wait(8.0).client_fin().server_fin());
    assert_eq!((outcome, cause), (Outcome::Died, "end.unexplained"));
    let mut whole = session(&[LICENCE, ACTIVATED, &[-645, -4096, 28, -2120, 9]].concat());
    let case = only(whole.client_rst());
    assert_eq!(case.verdict.cause, Some("ok.user-disconnect"));
    let sizes = ["Demand Active", "Confirm Active"].map(|name| case.shape.first(name).and_then(|it| it.plaintext));
    assert_eq!(sizes, [Some(472), Some(611)], "what is said about a licence is as long");
}

/// The same without TLS, where it can be read.
#[test]
fn a_licence_in_clear_is_no_session() {
    let joins = mcs::joins("WKS-0417", mcs::Security::Proprietary);
    let asked = |kinds: &[(Who, u8, u16)]| {
        let mut talk = Talk::office();
        negotiated(&mut talk, x224::RDP, x224::RDP).turns(&joins);
        talk.client(&[mcs::security_exchange(), mcs::client_info()].concat());
        for (who, kind, length) in kinds {
            talk.say(*who, &mcs::licensing(*who, *kind, *length));
        }
        talk
    };
    let kinds = [
        (Who::Server, 1, 700),
        (Who::Client, 0x13, 200),
        (Who::Server, 2, 40),
        (Who::Client, 0x15, 60),
        (Who::Server, 3, 1900),
    ];
    assert_eq!(told(asked(&kinds[..4]).wait(20.0).client_rst()), (Outcome::Died, "lic.network"));
    assert_eq!(told(asked(&kinds).wait(20.0).client_rst()), (Outcome::Died, "rdp.activation-stall"));
    assert_eq!(told(asked(&kinds).client_fin().server_fin()), (Outcome::Died, "end.unexplained"));
    assert_eq!(watched(&asked(&kinds[..1]), 60), (Outcome::Unsure, Some("cap.ends-mid-session")));
    // One that asks for another try is none, and the last one counts.
    let again = |codes: &[(u32, u32)]| {
        let mut talk = asked(&kinds[..2]);
        for (code, transition) in codes {
            talk.server(&mcs::license(*code, *transition)).client(&mcs::licensing(Who::Client, 0x13, 200));
        }
        talk
    };
    assert_eq!(watched(&again(&[(8, 4)]), 2), (Outcome::Unsure, Some("cap.ends-mid-session")));
    let case = only(again(&[(3, 4), (8, 1)]).server_fin().client_fin());
    assert_eq!((case.verdict.cause, case.verdict.sure), (Some("lic.invalid-client"), Sure::Proven));
}

/// A capture that ends, or goes on in silence, before the last step of activation shows no session that runs; a client that
/// leaves there has ended none, and a server that closes behind it has.
#[test]
fn what_was_never_set_up_does_not_run() {
    for step in [1, 5, 6, 8] {
        let sizes = [&[-34], &ACTIVATED[..step]].concat();
        assert_eq!(watched(&session(&sizes), 2), (Outcome::Unsure, Some("cap.ends-mid-session")), "{step}");
        let (outcome, cause) = told(session(&sizes).wait(2.0).client_fin().server_fin());
        assert_ne!(outcome, Outcome::Ok, "{cause} {step}");
    }
    assert_eq!(watched(&session(&[&[-34], ACTIVATED].concat()), 2).1, Some("ok.open-at-end"));
    // With CBC the order tells: all is there, and the user is logged on.
    let blurred = |sizes: &[i32]| {
        inside(Sealed::blurred_by(Mac::Short), x224::HYBRID_EX, &[NLA, JOINED, &[-34], sizes].concat()).0
    };
    let whole = [ACTIVATED, &[-645]].concat();
    assert_eq!(told(blurred(&whole).wait(3.0).server_fin().client_fin()), (Outcome::Died, "end.server-reset"));
    assert_eq!(told(blurred(&ACTIVATED[..6]).wait(30.0).client_rst()), (Outcome::Died, "rdp.activation-stall"));
}

/// A Font Map that can be read: the session had begun.
#[test]
fn who_closes_behind_a_font_map_closes_a_session() {
    let mut turns = mcs::classic("WKS-0417", mcs::Security::Proprietary);
    turns.truncate(turns.len() - 1);
    for (last, cause) in [(mcs::font_map(), "end.server-reset"), (mcs::error_info(0), "rdp.closed-after-info")] {
        let mut talk = Talk::office();
        negotiated(&mut talk, x224::RDP, x224::RDP).turns(&turns[..turns.len() - 1]);
        talk.server(&last).wait(3.0).server_fin().client_fin();
        assert_eq!(told(&talk), (Outcome::Died, cause));
    }
}

/// The server has the first word behind TLS, and says none: the client is neither silent nor dislikes a certificate.
#[test]
fn a_server_that_has_to_begin_is_not_waiting() {
    let begun = |sizes: &[i32]| inside(Sealed::exact(), x224::RDSTLS, sizes).0;
    assert_eq!(told(begun(&[]).wait(20.0).client_rst()), (Outcome::Died, "nla.server-slow"));
    let case = only(begun(&[]).wait(59.5).server_fin().client_fin());
    assert_eq!((case.verdict.cause, case.verdict.sure), (Some("rdp.closed-after-tls"), Sure::Likely));
    assert!(!may_be(&case, "waiting"), "the client waits for nobody but the server");
    assert_eq!(told(begun(&[-8, 700]).wait(12.0).server_fin()), (Outcome::Died, "nla.rdstls-refused"));
}

/// Behind its credentials the client goes on by itself, where no result was promised.
#[test]
fn who_waits_for_the_client_has_refused_no_credentials() {
    let closes = |seconds: f64| {
        let (mut talk, _) = inside(Sealed::exact(), x224::HYBRID, &NLA[..5]);
        told(talk.wait(seconds).server_fin().client_fin()).1
    };
    assert_eq!([0.05, 40.0].map(closes), ["nla.authz-denied", "end.unexplained"]);
}

/// A reset that counts more than was captured: what was said last is missing, and whatever stands before it proves little.
#[test]
fn last_words_that_were_not_captured_leave_it_open() {
    for step in [4, 5, 6] {
        let (mut talk, mut sealed) = inside(Sealed::exact(), x224::HYBRID_EX, &NLA[..step]);
        talk.miss().turns(&sealed.script(&[462])).client_rst();
        assert_eq!(only(&talk).verdict.sure, Sure::Unsure, "{step}");
    }
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX);
    let hello = client_hello(TLS_1_2, SUITES, "rds-leg01.corp.example", 1);
    talk.miss().client(&hello).client_fin().server_fin();
    assert_ne!(only(&talk).verdict.outcome, Outcome::Scan, "it had begun TLS");
}
