//! Alerts that say another thing than they seem to, or stand where nobody looks for them. No file holds these stories.

use rdpwhy::diagnose::Case;
use rdpwhy::diagnose::verdict::{By, Sure};

use super::super::hello::{
    TLS_1_2, alert, certificate, certificate_request, diffie_hellman, record, server_hello, server_hello_done,
};
use super::super::sealed::{Sealed, WINDOWS};
use super::super::talk::{Talk, Who};
use super::super::tls::{ONLY_1_2, ONLY_1_3, Pair, Wish};
use super::super::x224;
use super::logon::NTLM;
use super::negotiated;
use super::outlived::{hello, may_be, only};

const NAME: &str = "rds-leg01.corp.example";

fn agreed() -> Talk {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX);
    talk
}

/// An alert of level warning.
fn warning(code: u8) -> Vec<u8> {
    record(21, TLS_1_2, &[1, code])
}

/// The server's flight with a suite and what else belongs to it.
fn shows(talk: &mut Talk, suite: u16, more: &[Vec<u8>]) {
    let flight = [vec![server_hello(TLS_1_2, suite, 7), certificate(&[WINDOWS])], more.to_vec()].concat();
    talk.client(&hello()).server(&record(22, TLS_1_2, &[flight, vec![server_hello_done()]].concat().concat()));
}

fn cause(case: &Case) -> (&str, Sure) {
    (case.verdict.cause.unwrap_or_default(), case.verdict.sure)
}

fn advises(case: &Case, word: &str) -> bool {
    case.fixes().chain(case.next_steps()).any(|advice| advice.text.contains(word))
}

/// inappropriate_fallback says that there is a version in common, and a better one.
#[test]
fn a_fallback_that_is_refused_is_no_lack_of_versions() {
    let mut talk = agreed();
    talk.client(&hello()).server(&alert(TLS_1_2, 86)).server_fin().client_fin();
    let case = only(&talk);
    assert_eq!(cause(&case), ("tls.version-mismatch", Sure::Proven));
    assert!(case.verdict.headline.contains("second try"), "{}", case.verdict.headline);
    assert!(!advises(&case, "update the client"));
}

/// A client that complains, whatever the level, and leaves: the complaint is why. One that goes on, or warns of what nobody
/// dies of, is another story.
#[test]
fn a_warning_behind_which_the_client_leaves_is_its_reason() {
    let said = |bytes: &[u8]| {
        let mut talk = agreed();
        shows(&mut talk, 0x003d, &[]);
        only(talk.client(bytes).client_fin().server_fin().ack(Who::Client))
    };
    let case = said(&warning(48));
    assert_eq!(cause(&case), ("tls.cert-untrusted", Sure::Strong));
    assert_eq!(case.verdict.death.map(|death| death.by), Some(By::Client));
    assert_eq!(cause(&said(&[warning(48), warning(0)].concat())), ("tls.cert-untrusted", Sure::Strong));
    assert_eq!(cause(&said(&alert(TLS_1_2, 48))), ("tls.cert-untrusted", Sure::Proven));
    for code in [0, 90, 100, 112] {
        assert_eq!(cause(&said(&warning(code))), ("tls.client-refuses", Sure::Likely), "{code}");
    }
}

/// In TLS 1.3 the level says nothing, and whose FIN comes first behind the client's alert neither, hidden or not.
#[test]
fn who_answers_an_alert_by_closing_did_not_begin() {
    let turns = Pair::new(&Wish::plain(ONLY_1_3)).handshake();
    let said = |bytes: &[u8]| {
        let mut talk = agreed();
        only(talk.turns(&turns[..2]).client(bytes).server_fin().client_fin().ack(Who::Server))
    };
    let hidden = said(&[record(20, TLS_1_2, &[1]), record(23, TLS_1_2, &[7; 19])].concat());
    assert_eq!(cause(&hidden), ("tls.client-refuses", Sure::Likely));
    assert_eq!(cause(&said(&warning(48))), ("tls.cert-untrusted", Sure::Proven));
    for case in [hidden, said(&warning(48))] {
        assert_eq!(case.verdict.death.map(|death| death.by), Some(By::Client));
    }
    let mut older = agreed();
    shows(&mut older, 0x003d, &[]);
    let case = only(older.client(&warning(48)).server_fin().client_fin().ack(Who::Server));
    assert_eq!(cause(&case), ("tls.cert-untrusted", Sure::Strong));
}

/// A certificate that begins tomorrow, and an alert that names no reason.
#[test]
fn a_certificate_that_is_too_young_is_a_reason_for_any_alert() {
    let said = |code: u8| {
        let mut talk = Talk::office();
        talk.now -= 300 * 86_400 * 1_000_000_000;
        negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX);
        shows(&mut talk, 0x003d, &[]);
        only(talk.client(&alert(TLS_1_2, code)).client_fin().server_fin())
    };
    assert_eq!(cause(&said(46)), ("tls.cert-not-yet-valid", Sure::Likely));
    assert_eq!(cause(&said(42)), ("tls.cert-not-yet-valid", Sure::Strong));
}

/// OpenSSL without a cipher suite or version to offer sends internal_error where its hello belongs.
#[test]
fn a_client_that_has_nothing_to_offer_says_so_first() {
    let told = |seen: bool| {
        let mut talk = agreed();
        if !seen {
            talk.miss().client(&hello());
        }
        only(talk.client(&alert(0x0301, 80)).client_fin().server_fin().ack(Who::Client))
    };
    let case = told(true);
    assert_eq!(cause(&case), ("tls.client-refuses", Sure::Proven));
    assert!(advises(&case, "own settings") && !advises(&case, "certificate") && !advises(&case, "what it chooses"));
    // Where the capture lacks what came before, it may have been the hello.
    assert!(!told(false).verdict.headline.contains("first word"));
}

/// A capture that is cut short lacks most of a handshake, but no alert: seven bytes.
#[test]
fn an_alert_says_what_it_says_without_the_hello() {
    let told = |who: Who, code: u8| {
        let mut talk = agreed();
        talk.miss().client(&hello());
        if who == Who::Client {
            let flight = [server_hello(TLS_1_2, 0x003d, 7), certificate(&[WINDOWS]), server_hello_done()].concat();
            talk.miss().server(&record(22, TLS_1_2, &flight));
        }
        only(talk.say(who, &alert(TLS_1_2, code)).fin(who).fin(who.other()).ack(who))
    };
    for (who, code, id) in [
        (Who::Client, 48, "tls.cert-untrusted"),
        (Who::Client, 40, "tls.client-refuses"),
        (Who::Client, 70, "tls.version-mismatch"),
        (Who::Server, 70, "tls.version-mismatch"),
        (Who::Server, 71, "tls.cipher-mismatch"),
        (Who::Server, 80, "tls.alert-server"),
    ] {
        assert_eq!(cause(&told(who, code)), (id, Sure::Proven), "{code}");
    }
}

/// Behind a HelloRetryRequest, suite and group are agreed on.
#[test]
fn who_asked_for_another_key_share_has_a_suite() {
    const RETRY: [u8; 32] = [
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2,
        0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
    ];
    let tail = [0x00, 0x13, 0x01, 0x00, 0x00, 0x0c, 0x00, 0x2b, 0x00, 0x02, 0x03, 0x04, 0x00, 0x33, 0x00, 0x02, 0, 24];
    let body = [&[3, 3][..], &RETRY, &tail].concat();
    let retry = record(22, TLS_1_2, &[&[2, 0, 0, body.len() as u8][..], &body].concat());
    let hello = Pair::new(&Wish::plain(ONLY_1_3)).hello().1;
    let mut talk = agreed();
    talk.client(&hello).server(&retry).client(&hello).server(&alert(TLS_1_2, 40)).server_fin().client_fin();
    let case = only(&talk);
    assert_eq!(cause(&case), ("tls.alert-server", Sure::Proven));
    assert!(case.verdict.evidence.iter().any(|sign| sign.text.contains("key share")), "{:?}", case.verdict.evidence);
}

/// Nineteen bytes behind the ServerHello of TLS 1.3 are an alert, from the server as from the client.
#[test]
fn a_hidden_alert_of_the_server_is_one() {
    let mut talk = agreed();
    let turns = Pair::new(&Wish::plain(ONLY_1_3)).handshake();
    let hello_ends = 5 + usize::from(u16::from_be_bytes([turns[1].1[3], turns[1].1[4]]));
    let said = [&turns[1].1[..hello_ends], &record(23, TLS_1_2, &[7; 19])].concat();
    talk.client(&turns[0].1).server(&said).server_fin().client_fin();
    let case = only(&talk);
    assert_eq!(cause(&case), ("tls.alert-server", Sure::Strong));
    assert_eq!(case.verdict.death.map(|death| death.by), Some(By::Server));
}

/// What the client says of versions is so, whatever the capture lacks of its own words before.
#[test]
fn a_complaint_about_the_version_needs_no_request() {
    let mut talk = Talk::office();
    talk.handshake().miss().client(&x224::asks("jdoe", x224::MODERN));
    talk.server(&x224::confirm(&x224::selects(0x1f, x224::HYBRID_EX))).miss().client(&hello());
    let flight = [server_hello(TLS_1_2, 0xc030, 7), certificate(&[WINDOWS]), server_hello_done()].concat();
    talk.server(&record(22, TLS_1_2, &flight)).client(&alert(TLS_1_2, 70)).client_fin().server_fin();
    assert_eq!(cause(&only(&talk)), ("tls.version-mismatch", Sure::Proven));
}

/// Where the end of a TLS 1.2 handshake was not captured, the alert that ends the session is none of the handshake.
#[test]
fn an_alert_behind_what_was_not_captured_is_of_no_newer_version() {
    let mut talk = agreed();
    let mut pair = Pair::new(&Wish::plain(ONLY_1_2));
    let turns = pair.handshake();
    talk.client(&turns[0].1).server(&turns[1].1);
    talk.miss().client(&turns[2].1).miss().server(&turns[3].1);
    talk.turns(&pair.script(NTLM)).server(&record(21, TLS_1_2, &[7; 26])).client_rst();
    let case = only(&talk);
    assert_ne!(case.verdict.cause, Some("tls.alert-server"), "{}", case.verdict.headline);
}

/// handshake_failure to a CertificateRequest may be about the client's certificate; beside a group that no current client
/// takes it is not.
#[test]
fn a_request_for_a_certificate_is_not_all_that_a_client_fails_on() {
    let said = |bits: usize| {
        let mut talk = agreed();
        shows(&mut talk, 0x009f, &[diffie_hellman(bits), certificate_request()]);
        only(talk.client(&alert(TLS_1_2, 40)).client_fin().server_fin())
    };
    assert_eq!(said(2048).verdict.cause, Some("tls.client-cert-asked"));
    assert_eq!(said(1024).verdict.cause, Some("tls.client-refuses"));
}

/// A server that closes on a token at once refuses; one whose sixty seconds run out over it was waiting itself.
#[test]
fn who_closes_when_its_time_is_over_has_refused_nobody() {
    let closed_after = |seconds: f64| {
        let mut talk = agreed();
        let mut sealed = Sealed::exact();
        talk.turns(&sealed.handshake(NAME, WINDOWS)).turns(&sealed.script(&NTLM[..3])).ack(Who::Server);
        only(talk.wait(seconds).server_fin().client_fin().ack(Who::Server))
    };
    let late = closed_after(59.6);
    assert_eq!(cause(&late), ("nla.server-slow", Sure::Likely));
    assert!(may_be(&late, "nla.no-logon-server") && may_be(&late, "nla.refused-no-code"));
    assert_eq!(closed_after(0.8).verdict.cause, Some("nla.refused-no-code"));
}

/// Entra ID alone was offered: that is not "only TLS".
#[test]
fn what_was_offered_is_told_as_it_was() {
    let headline = |protocols: u32| {
        let mut talk = Talk::office();
        talk.handshake().client(&x224::asks("jdoe", protocols)).server(&x224::confirm(&x224::refuses(5)));
        only(talk.client_rst()).verdict.headline.to_string()
    };
    assert!(headline(0x10).contains("other ways") && headline(x224::SSL).contains("only TLS"));
}

/// The client's patience is over before the server's confirm comes: nobody was asked for a password.
#[test]
fn a_confirm_that_comes_too_late_is_none() {
    let told = |before: f64, behind: f64| {
        let mut talk = Talk::office();
        talk.handshake().client(&x224::asks("jdoe", x224::MODERN)).ack(Who::Server).wait(before);
        let confirm = x224::confirm(&x224::selects(0x1f, x224::HYBRID_EX));
        if behind > 0.0 {
            talk.client_fin().ack(Who::Server).wait(behind).server(&confirm).client_rst();
        } else {
            talk.server(&confirm).wait(5.0).client_fin().server_fin().ack(Who::Client);
        }
        only(&talk)
    };
    let late = told(15.0, 5.0);
    assert_eq!(cause(&late), ("x224.no-confirm", Sure::Strong));
    assert!(late.verdict.headline.contains("given up"), "{}", late.verdict.headline);
    assert_eq!(told(0.02, 0.0).verdict.cause, Some("ok.prompt-reconnect"));
}

/// Behind the Finished that ends a handshake, and behind credentials that are not answered, it is the client's turn.
#[test]
fn a_server_that_closes_late_waited_for_its_client() {
    let turns = Pair::new(&Wish::plain(ONLY_1_3)).handshake();
    let finished = |selected: u32, seconds: f64| {
        let mut talk = Talk::office();
        negotiated(&mut talk, x224::MODERN | x224::RDSTLS, selected).turns(&turns[..3]).ack(Who::Server);
        only(talk.wait(seconds).server_fin().client_fin().ack(Who::Server))
    };
    assert_eq!(cause(&finished(x224::HYBRID, 59.5)), ("rdp.connect-timer", Sure::Likely));
    let said = finished(x224::HYBRID, 20.0).verdict.headline.to_string();
    assert!(said.contains("the client says nothing"), "{said}");
    assert_eq!(cause(&finished(x224::HYBRID, 0.01)), ("rdp.closed-after-tls", Sure::Strong));
    // With RDSTLS the server begins.
    assert_ne!(finished(x224::RDSTLS, 59.5).verdict.cause, Some("rdp.connect-timer"));
    let handed_over = |selected: u32| {
        let mut talk = Talk::office();
        let mut sealed = Sealed::exact();
        negotiated(&mut talk, x224::MODERN, selected).turns(&sealed.handshake(NAME, WINDOWS));
        talk.turns(&sealed.script(&NTLM[..5])).ack(Who::Server);
        only(talk.wait(59.5).server_fin().client_fin().ack(Who::Server)).verdict.cause
    };
    assert_eq!(handed_over(x224::HYBRID), Some("rdp.connect-timer"));
    assert_eq!(handed_over(x224::HYBRID_EX), Some("nla.server-slow"));
}

/// A key that cannot be used is known at once; who closes a minute after the hello was hanging.
#[test]
fn a_server_that_hangs_on_the_hello_is_not_one_without_a_key() {
    let closed = |seconds: f64| {
        let mut talk = agreed();
        only(talk.client(&hello()).ack(Who::Server).wait(seconds).server_fin().client_fin().ack(Who::Server))
    };
    let late = closed(59.0);
    assert_eq!(cause(&late), ("tls.handshake-stall", Sure::Strong));
    assert_eq!(late.verdict.death.map(|death| death.by), Some(By::Server));
    assert!(!advises(&late, "private key"));
    assert_eq!(closed(0.3).verdict.cause, Some("tls.server-silent-close"));
}

/// The first message of NTLM has nothing of a password in it, whether the server answers it before it closes or not.
#[test]
fn who_closes_on_the_first_token_has_seen_no_password() {
    for sizes in [&NTLM[..1], &NTLM[..2]] {
        let mut talk = agreed();
        let mut sealed = Sealed::exact();
        talk.turns(&sealed.handshake(NAME, WINDOWS)).turns(&sealed.script(sizes));
        let case = only(talk.wait(0.01).server_fin().client_fin().ack(Who::Server));
        assert!(case.verdict.cause.is_some_and(|id| id.starts_with("nla.refused")), "{:?}", case.verdict.cause);
        assert!(case.verdict.not_it.iter().any(|other| other.id == "nla.bad-credentials"));
        assert!(!advises(&case, "try the password again"));
        let answered = case.verdict.evidence.iter().any(|sign| sign.text.contains("answers the client's first token"));
        assert_eq!(answered, sizes.len() == 2);
    }
}
