//! What the two ends of a TLS handshake have against each other, where the first sign points to something else. No file
//! holds these stories.

use rdpwhy::diagnose::Case;
use rdpwhy::diagnose::verdict::{Outcome, Sure};

use super::super::hello::{
    RSA_AES_256, SUITES, TLS_1_0, TLS_1_2, alert, certificate, client_hello, client_hello_and, diffie_hellman, listing,
    record, server_hello, server_hello_done, server_hello_with,
};
use super::super::sealed::{Sealed, WINDOWS};
use super::super::talk::{Side, Talk, Who};
use super::super::tls::{ONLY_1_3, Pair, Wish, signed_by_one_that_ended};
use super::super::x224;
use super::ends::{SETUP, WORK};
use super::logon::NTLM;
use super::outlived::{hello, may_be, notices, only};
use super::{WEAK, judged, negotiated};

const NAME: &str = "rds-leg01.corp.example";

/// A pair that agreed on TLS, the client's `hello`, and the server's `flight` in one record.
fn answered(hello: &[u8], version: u16, flight: &[Vec<u8>]) -> Talk {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).client(hello);
    if !flight.is_empty() {
        talk.server(&record(22, version, &flight.concat()));
    }
    talk
}

/// The server's certificate, or these, after a hello of TLS 1.2 without forward secrecy.
fn shown(chain: &[&[u8]]) -> Talk {
    let flight = [server_hello(TLS_1_2, RSA_AES_256, 7), certificate(chain), server_hello_done()];
    answered(&hello(), TLS_1_2, &flight)
}

fn advises(case: &Case, word: &str) -> bool {
    case.fixes().chain(case.next_steps()).any(|advice| advice.text.contains(word))
}

fn says(case: &Case, word: &str) -> bool {
    case.verdict.evidence.iter().any(|sign| sign.text.contains(word))
}

/// A server that knows TLS 1.0 alone answers with that, whatever was offered (RFC 5246 E.1). Who wants 1.2 leaves.
#[test]
fn a_version_that_was_not_offered_is_what_the_client_leaves_at() {
    let flight = [server_hello(TLS_1_0, 0x0035, 7), certificate(&[WEAK]), server_hello_done()];
    let picky = client_hello_and(TLS_1_2, SUITES, NAME, 7, Some(listing(&[0x0304, TLS_1_2])));
    let modest = client_hello_and(TLS_1_2, SUITES, NAME, 7, Some(listing(&[TLS_1_2, TLS_1_0])));
    let silent = |hello: &[u8]| only(answered(hello, TLS_1_0, &flight).wait(0.01).client_rst());
    let refused = only(answered(&picky, TLS_1_0, &flight).client(&alert(TLS_1_0, 47)).client_fin().server_fin());
    for case in [silent(&picky), refused] {
        assert_eq!((case.verdict.cause, case.verdict.sure), (Some("tls.version-mismatch"), Sure::Strong));
    }
    // Where it was offered, or where nobody knows, it is the certificate as before.
    for hello in [modest, hello()] {
        assert_eq!(silent(&hello).verdict.cause, Some("tls.client-refuses"));
    }
    assert!(may_be(&silent(&hello()), "choice"));
}

/// handshake_failure from the client: the certificate has nothing to do with it.
#[test]
fn a_client_that_refuses_the_parameters_does_not_refuse_the_certificate() {
    let small = [server_hello(TLS_1_2, 0x009f, 7), certificate(&[WINDOWS]), diffie_hellman(1024), server_hello_done()];
    let large = [server_hello(TLS_1_2, 0x009f, 7), certificate(&[WINDOWS]), diffie_hellman(2048), server_hello_done()];
    let old = [server_hello_with(TLS_1_2, 0x003d, 7, &[23]), certificate(&[WINDOWS]), server_hello_done()];
    let strange = [server_hello(TLS_1_2, 0x0005, 7), certificate(&[WINDOWS]), server_hello_done()];
    for (flight, word) in [
        (&small[..], Some("Diffie-Hellman")),
        (&large[..], None),
        (&old[..], Some("renegotiation")),
        (&strange[..], Some("did not offer")),
    ] {
        let case = only(answered(&hello(), TLS_1_2, flight).client(&alert(TLS_1_2, 40)).client_fin().server_fin());
        assert_eq!((case.verdict.cause, case.verdict.sure), (Some("tls.client-refuses"), Sure::Proven));
        assert_eq!(case.verdict.evidence.len(), if word.is_some() { 2 } else { 1 }, "{:?}", case.verdict.evidence);
        assert!(word.is_none_or(|word| says(&case, word)), "{:?}", case.verdict.evidence);
        assert!(!advises(&case, "certificate") && advises(&case, "TLS settings"));
    }
    let case = only(shown(&[WINDOWS]).client(&alert(TLS_1_2, 44)).client_fin().server_fin());
    assert!(advises(&case, "certificate"));
}

/// A proxy that goes by the name, and does not know it: its private key is all right.
#[test]
fn a_server_that_does_not_know_the_name_has_a_key() {
    let told =
        |code: u8| only(answered(&hello(), TLS_1_2, &[]).server(&alert(TLS_1_2, code)).server_fin().client_fin());
    let unknown = told(112);
    assert_eq!((unknown.verdict.cause, unknown.verdict.sure), (Some("tls.alert-server"), Sure::Proven));
    assert!(!advises(&unknown, "private key") && says(&unknown, NAME));
    assert!(unknown.verdict.means.is_some_and(|means| means.contains("name")));
    assert!(advises(&told(80), "private key"));
}

/// What answers the ClientHello speaks something else; its private key has nothing to do with it.
#[test]
fn who_answers_with_something_else_does_not_close_without_a_word() {
    let told = |answer: &[u8]| {
        let mut talk = answered(&hello(), TLS_1_2, &[]);
        if !answer.is_empty() {
            talk.server(answer);
        }
        only(talk.wait(0.01).server_fin().client_fin())
    };
    assert_eq!(told(&[]).verdict.cause, Some("tls.server-silent-close"));
    let case = told(b"SSH-2.0-OpenSSH_9.2\r\n");
    assert_eq!((case.verdict.cause, case.verdict.sure), (Some("end.unexplained"), Sure::Unsure));
    assert!(!advises(&case, "private key"));
}

/// handshake_failure to twenty usual suites: rather a server without a certificate than one without a cipher.
#[test]
fn who_offers_plenty_may_be_refused_for_want_of_a_certificate() {
    let told = |suites: &[u16], code: u8| {
        let hello = client_hello(TLS_1_2, suites, NAME, 7);
        only(answered(&hello, TLS_1_2, &[]).server(&alert(TLS_1_2, code)).server_fin().client_fin())
    };
    let plenty = told(SUITES, 40);
    assert_eq!((plenty.verdict.cause, plenty.verdict.sure), (Some("tls.cipher-mismatch"), Sure::Strong));
    assert!(may_be(&plenty, "tls.alert-server") && advises(&plenty, "certificate"));
    for few in [told(&[0xc02c, 0xc02b], 40), told(SUITES, 71)] {
        assert_eq!((few.verdict.cause, few.verdict.sure), (Some("tls.cipher-mismatch"), Sure::Proven));
    }
}

/// Suites and signatures for ECDSA certificates alone: no current Windows server has one as installed.
#[test]
fn who_takes_ecdsa_alone_shares_no_cipher_with_windows() {
    let closed =
        |suites: &[u16]| only(answered(&client_hello(TLS_1_2, suites, NAME, 7), TLS_1_2, &[]).wait(0.02).server_rst());
    let case = closed(&[0xc02c, 0xc02b, 0xc024, 0xc023]);
    assert_eq!((case.verdict.cause, case.verdict.sure), (Some("tls.cipher-mismatch"), Sure::Likely));
    assert!(says(&case, "ECDSA"));
    assert_eq!(closed(SUITES).verdict.cause, Some("tls.server-silent-close"));
}

/// nmap's ssl-enum-ciphers: one hello after the other, each with another version or other suites.
#[test]
fn who_tries_one_tls_offer_after_the_other_is_a_scanner() {
    let probe = |nth: u16, name: Option<&str>, is_alike: bool| {
        let mut talk = Talk::new(Side::linux("10.20.9.9", 40_000 + nth), Side::windows("10.20.1.9", 3389).hops(2));
        talk.now += u64::from(nth) * 300_000_000;
        let suites = if is_alike { SUITES } else { &SUITES[usize::from(nth)..] };
        let token = name.map_or(x224::Token::None, x224::Token::Cookie);
        let request = x224::request(token, &x224::wants(0, x224::SSL));
        talk.handshake().client(&request).server(&x224::confirm(&x224::selects(0x1f, x224::SSL)));
        talk.client(&client_hello(TLS_1_2, suites, NAME, 7)).wait(0.02).server_rst();
        talk
    };
    let outcomes = |names: &[Option<&str>], is_alike: bool| -> Vec<Outcome> {
        let talks: Vec<Talk> = (0..).zip(names).map(|(nth, name)| probe(nth, *name, is_alike)).collect();
        judged(&talks).iter().map(|case| case.verdict.outcome).collect()
    };
    assert_eq!(outcomes(&[None; 6], false), [Outcome::Scan; 6]);
    // One program that tries again and again; one that falls back; several users behind one address.
    assert_eq!(outcomes(&[None; 6], true), [Outcome::Died; 6]);
    assert_eq!(outcomes(&[Some("ann"); 5], false), [Outcome::Died; 5]);
    let several = ["ann", "ben", "eve", "joe", "kim", "lea"].map(Some);
    assert_eq!(outcomes(&several, false), [Outcome::Died; 6]);
}

/// A client refuses a certificate in the middle of the handshake, perhaps to ask its user, and takes the same one then.
#[test]
fn who_comes_back_to_take_the_certificate_may_have_asked() {
    let first_of = |taken: &'static [u8], code: u8, seconds: f64| {
        let mut first = shown(&[WINDOWS]);
        first.client(&alert(TLS_1_2, code)).client_fin().server_fin();
        let mut second = Talk::office();
        second.client = Side::windows("10.20.4.17", 51_560).hops(0);
        second.now = first.now + (seconds * 1e9) as u64;
        let mut sealed = Sealed::exact();
        negotiated(&mut second, x224::MODERN, x224::HYBRID_EX).turns(&sealed.handshake(NAME, taken));
        second.turns(&sealed.script(NTLM)).turns(&sealed.script(SETUP)).turns(&sealed.script(WORK));
        let case = judged(&[first, second]).swap_remove(0);
        assert_eq!(case.verdict.outcome, Outcome::Died, "the alert stands");
        may_be(&case, "ok.prompt-reconnect")
    };
    assert_eq!([46, 48].map(|code| first_of(WINDOWS, code, 8.0)), [true; 2]);
    // Another certificate may be what helped; much later it may be anything; and some alerts are no question.
    for (taken, code, seconds) in [(WEAK, 46, 8.0), (WINDOWS, 46, 600.0), (WINDOWS, 40, 8.0)] {
        assert!(!first_of(taken, code, seconds), "{code} after {seconds} s");
    }
}

/// Out of date and self-signed: a strict client that gives no reason may mean either, and a new one changes nothing then.
#[test]
fn an_alert_that_names_no_reason_has_the_likelier_of_two() {
    let said = |code: u8| {
        let mut talk = Talk::office();
        talk.now += 300 * 86_400 * 1_000_000_000;
        let flight = [server_hello(TLS_1_2, RSA_AES_256, 7), certificate(&[WINDOWS]), server_hello_done()].concat();
        negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).client(&hello()).server(&record(22, TLS_1_2, &flight));
        only(talk.client(&alert(TLS_1_2, code)).client_fin().server_fin())
    };
    assert_eq!((said(46).verdict.cause, said(46).verdict.sure), (Some("tls.cert-expired"), Sure::Likely));
    assert!(may_be(&said(46), "tls.cert-untrusted"));
    assert_eq!(said(45).verdict.sure, Sure::Proven);
}

/// The certificate is in date; the one that signs it, and comes with it, is not.
#[test]
fn a_signer_that_ended_is_named() {
    let chain = signed_by_one_that_ended(NAME);
    let said = |code: u8| {
        let mut talk = shown(&[&chain[0], &chain[1]]);
        talk.client(&alert(TLS_1_2, code)).client_fin().server_fin();
        only(&talk)
    };
    let case = said(45);
    assert_eq!((case.verdict.cause, case.verdict.sure), (Some("tls.cert-expired"), Sure::Strong));
    assert!(says(&case, "CN=Corp Example Issuing CA 1, which ended 2 d"), "{:?}", case.verdict.evidence);
    assert!(!advises(&case, "renew the certificate of the RDP listener") && advises(&case, "clock"));
    assert_eq!((said(46).verdict.cause, said(46).verdict.sure), (Some("tls.cert-expired"), Sure::Likely));
    assert_eq!(said(48).verdict.cause, Some("tls.cert-untrusted"));
    // By itself it kills nobody: there may be another way to a root.
    assert!(notices(&said(48), "tls.cert-expired"));
}

/// TLS 1.3 as GnuTLS refuses it: ChangeCipherSpec, which is for show, then a while of nothing, then a reset. It was the
/// client's turn all the time.
#[test]
fn change_cipher_spec_of_tls_13_waits_for_no_answer() {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX);
    talk.turns(&Pair::new(&Wish::plain(ONLY_1_3)).handshake()[..2]);
    talk.client(&record(20, TLS_1_2, &[1])).ack(Who::Server).wait(5.0);
    let mut given_up = talk.clone();
    let case = only(talk.client_rst());
    assert_eq!((case.verdict.cause, case.verdict.sure), (Some("tls.client-refuses"), Sure::Likely));
    let case = only(given_up.wait(55.0).server_rst());
    assert_eq!(case.verdict.cause, Some("rdp.connect-timer"));
}
