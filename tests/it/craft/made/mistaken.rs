//! Deaths that have the first sign of another one. No file holds them.

use rdpwhy::diagnose::verdict::{Outcome, Sure};

use super::super::hello::{RSA_AES_256, TLS_1_2, alert, certificate, record, server_hello, server_hello_done};
use super::super::mcs;
use super::super::talk::{Talk, Who};
use super::super::x224;
use super::interference::{far_talk, vpn};
use super::outlived::{hello, notices, only, told};
use super::{WEAK, classic, classic_until_work, judged, negotiated, work};
use crate::captures::inside::{look, memory};

/// A key press crosses the first full packet on the way, and then the client is gone.
#[test]
fn what_crossed_a_large_packet_is_no_sign_of_life() {
    let mut talk = vpn();
    classic_until_work(&mut talk).wait(0.3);
    talk.lose_later().server(&mcs::fast_path(Who::Server, 300, 1460));
    let large = talk.server.last_data.clone();
    talk.client(&mcs::fast_path(Who::Client, 301, 15));
    talk.server.last_data = large;
    talk.repeat_in_vain(Who::Server, 5).wait(9.6).server_rst();
    let case = only(&talk);
    assert_eq!(case.verdict.cause, Some("end.client-vanished"));
    assert_eq!(case.verdict.sure, Sure::Likely);
    assert!(case.verdict.could_be.iter().any(|other| other.id == "path.mtu-black-hole"));
}

/// Full packets passed until the path became another one; now only the small ones do.
#[test]
fn a_path_that_takes_less_than_before_is_a_hole_for_large_packets() {
    let mut talk = vpn();
    work(classic_until_work(&mut talk));
    talk.lose_later().server(&mcs::fast_path(Who::Server, 300, 1460));
    let large = talk.server.last_data.clone();
    talk.server(&mcs::fast_path(Who::Server, 301, 300)).ack(Who::Client);
    talk.server.last_data = large;
    for nth in 0..5 {
        talk.wait(0.3 * f64::from(1 << nth)).lose_later().retransmit(Who::Server);
        talk.wait(0.02).client(&mcs::fast_path(Who::Client, 310 + nth, 15)).ack(Who::Server);
    }
    talk.wait(9.6).server_rst();
    assert_eq!(told(&talk), (Outcome::Died, "path.mtu-black-hole"));
    assert_eq!(only(&talk).verdict.sure, Sure::Likely);
}

/// Three SYNs, each refused after a whole round trip: the first answer comes before the last question.
#[test]
fn a_refusal_is_timed_by_the_question_before_it() {
    let mut refused = far_talk(51_544);
    for _ in 0..3 {
        refused.syn().refuse().wait(0.5);
    }
    let mut later = far_talk(51_560);
    later.now = refused.now + 20_000_000_000;
    classic(&mut later);
    let cases = judged(&[refused, later]);
    assert_eq!(cases[0].verdict.cause, Some("tcp.refused"));
}

/// A pair that agreed on TLS, and the client's hello.
fn before_tls(talk: &mut Talk) -> &mut Talk {
    negotiated(talk, x224::MODERN, x224::HYBRID_EX).client(&hello())
}

/// An abbreviated handshake (RFC 5246 7.3): the server's Finished follows its hello, and does not verify.
#[test]
fn a_resumed_session_has_no_signature_to_doubt() {
    let mut talk = Talk::office();
    let taken_up = record(22, TLS_1_2, &server_hello(TLS_1_2, 0xc030, 7));
    let finished = [record(20, TLS_1_2, &[1]), record(22, TLS_1_2, &[0x5a; 40])].concat();
    before_tls(&mut talk).server(&[taken_up, finished].concat());
    talk.client(&alert(TLS_1_2, 51)).client_fin().server_fin();
    let case = only(&talk);
    assert_eq!(case.verdict.cause, Some("tls.client-refuses"));
    assert!(!case.verdict.headline.to_string().contains("1.3"));
}

/// A capture by a device without a clock: whether a certificate is out of date cannot be told from its stamps.
#[test]
fn a_clock_that_was_never_set_knows_no_day() {
    let mut talk = Talk::office();
    talk.now = 3_000_000_000;
    let flight = [server_hello(TLS_1_2, RSA_AES_256, 7), certificate(&[WEAK]), server_hello_done()].concat();
    before_tls(&mut talk).server(&record(22, TLS_1_2, &flight));
    talk.client(&alert(TLS_1_2, 45)).client_fin().server_fin();
    let case = only(&talk);
    assert_eq!((case.verdict.cause, case.verdict.sure), (Some("tls.cert-expired"), Sure::Likely));
    assert!(notices(&case, "cap.clock-wrong") && !notices(&case, "tls.cert-not-yet-valid"));
    let seen = look(&mut memory(&talk.packets()), rdpwhy::engine::Options::default());
    assert!(!seen.json.contains("\"expired\"") && !seen.text.contains(" d left"), "{}", seen.text);
}

/// The laptop sleeps for two hours after the server has given it up, and is told so when it wakes.
#[test]
fn who_wakes_up_after_hours_begins_no_session() {
    let mut talk = vpn();
    work(classic_until_work(&mut talk)).wait(30.0).server_rst();
    talk.wait(7200.0).client(&mcs::fast_path(Who::Client, 300, 15)).bare_rst(Who::Server);
    let mut meanwhile = far_talk(51_560);
    meanwhile.now = talk.now - 3_600_000_000_000;
    classic(&mut meanwhile);
    let cases = judged(&[talk.clone(), meanwhile]);
    assert_eq!(cases.len(), 2);
    // Much later the same ports may be those of another connection whose SYN was not captured.
    let mut again = Talk::new(talk.client.clone(), talk.server.clone());
    again.now = talk.now + 60_000_000_000;
    for side in [&mut again.client, &mut again.server] {
        side.next = side.next.wrapping_add(1 << 24);
    }
    work(&mut again);
    assert_eq!(judged(&[talk, again]).len(), 2);
}

/// Alerts of TLS 1.2 may share a record, and one may be cut in two (RFC 5246 6.2.1).
#[test]
fn alerts_are_read_however_they_are_cut() {
    let half = |byte: u8| record(21, TLS_1_2, &[byte]);
    for (alerts, cause) in [
        (record(21, TLS_1_2, &[1, 112, 2, 71]), "tls.cipher-mismatch"),
        ([half(2), half(71)].concat(), "tls.cipher-mismatch"),
        (record(21, TLS_1_2, &[2, 80, 1, 0]), "tls.alert-server"),
    ] {
        let mut talk = Talk::office();
        before_tls(&mut talk).server(&alerts).server_fin().client_fin();
        let case = only(&talk);
        assert_eq!((case.verdict.cause, case.verdict.sure), (Some(cause), Sure::Proven), "{alerts:02x?}");
    }
}
