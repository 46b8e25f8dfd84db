//! Deaths in the TLS handshake. The peers are real ones in memory wherever a real one would do this.

use super::super::hello;
use super::super::sealed::WINDOWS;
use super::super::talk::{Talk, Who};
use super::super::tls::{BOTH, Certificate, Judge, ONLY_1_2, ONLY_1_3, Pair, Wish};
use super::super::x224;
use super::{Made, WEAK, file, fixed, fresh, negotiated};

pub(super) const ROSTER: &[Made] = &[
    fresh("tls.server-silent-close--fin.pcap", silent_close),
    fresh("tls.version-mismatch--client-refuses.pcap", client_refuses_version),
    fresh("tls.version-mismatch--server-refuses.pcap", server_refuses_version),
    fresh("tls.cipher-mismatch--ecdsa-only.pcap", cipher_mismatch),
    fresh("tls.client-refuses--tls13-hidden-alert.pcap", hidden_alert),
    fresh("tls.client-refuses--leaves-after-handshake.pcap", leaves_after_handshake),
    fresh("tls.cert-expired--rustls-alert-45.pcap", expired),
    fresh("tls.cert-not-yet-valid--alert-says-expired.pcap", not_yet_valid),
    fresh("tls.cert-wrong-usage--alert-43.pcap", wrong_usage),
    fresh("tls.cert-untrusted--rustls-alert-48.pcap", untrusted),
    fresh("tls.cert-name-mismatch--typed-another-name.pcap", wrong_name),
    fixed("tls.cert-weak--rsa1024-sha1.pcap", weak),
    fixed("tls.cipher-mismatch--closed-without-alert.pcap", closed_on_odd_suites),
    fixed("tls.client-cert-asked--handshake-failure.pcap", certificate_asked),
    fixed("tls.handshake-stall--half-a-flight.pcap", stall),
];

/// A Windows pair that agreed on TLS inside NLA.
fn agreed() -> Talk {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX);
    talk
}

/// A client that judges certificates, and how that ends: the true alert, then FIN, then the server's RST.
fn judged(wish: &Wish) -> Vec<u8> {
    let mut talk = agreed();
    talk.turns(&Pair::new(wish).handshake()).client_fin().server_rst();
    file(&talk)
}

/// A wish for TLS 1.2, a certificate of the company, and a client that trusts the company.
fn strict() -> Wish {
    let certificate = Certificate::company("RDS-LEG01.corp.example");
    Wish { certificate, judge: Judge::Trusts, ..Wish::plain(ONLY_1_2) }
}

/// The server's private key cannot be used: it closes on the ClientHello and says nothing.
fn silent_close() -> Vec<u8> {
    let mut talk = agreed();
    let (who, hello) = Pair::new(&Wish::plain(ONLY_1_2)).hello();
    talk.say(who, &hello).wait(0.024).server_fin().client_fin().ack(Who::Server);
    file(&talk)
}

/// The server knows nothing newer than TLS 1.0; the client says protocol_version.
fn client_refuses_version() -> Vec<u8> {
    let mut talk = agreed();
    let mut pair = Pair::new(&Wish::plain(ONLY_1_2));
    let (who, client_hello) = pair.hello();
    let flight =
        [hello::server_hello(hello::TLS_1_0, 0xc014, 10), hello::certificate(&[WEAK]), hello::server_hello_done()];
    let flight = hello::record(22, hello::TLS_1_0, &flight.concat());
    let (_, refusal) = pair.client_hears(&flight).expect("an alert");
    talk.say(who, &client_hello).server(&flight).client(&refusal).client_fin().server_rst();
    file(&talk)
}

/// The client offers TLS 1.3 alone, the server stops at 1.2.
fn server_refuses_version() -> Vec<u8> {
    let mut talk = agreed();
    let wish = Wish { client_versions: ONLY_1_3, ..Wish::plain(ONLY_1_2) };
    talk.turns(&Pair::new(&wish).handshake()).server_fin().client_fin().ack(Who::Server);
    file(&talk)
}

/// The client offers suites for ECDSA certificates only, the server's certificate is RSA.
fn cipher_mismatch() -> Vec<u8> {
    use rustls::CipherSuite::{TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384};
    let mut talk = agreed();
    let client_suites: &[_] = &[TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256];
    let wish = Wish { client_suites: Some(client_suites), client_versions: ONLY_1_2, ..Wish::plain(BOTH) };
    talk.turns(&Pair::new(&wish).handshake()).server_fin().client_fin().ack(Who::Server);
    file(&talk)
}

/// TLS 1.3: the certificate is expired, and neither it nor the alert can be read.
fn hidden_alert() -> Vec<u8> {
    let mut wish = Wish { server_versions: ONLY_1_3, ..strict() };
    wish.certificate.not_after = (2026, 3, 9);
    judged(&wish)
}

/// TLS 1.2 in good order; 4.6 s later, a person having read the question, the client goes. The certificate signs itself.
fn leaves_after_handshake() -> Vec<u8> {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::SSL, x224::SSL);
    let mut pair = Pair::new(&Wish::plain(ONLY_1_2));
    talk.turns(&pair.handshake()).wait(4.6).turns(&[pair.close_notify(Who::Client)]).client_fin().server_rst();
    file(&talk)
}

fn expired() -> Vec<u8> {
    let mut wish = strict();
    wish.certificate.not_after = (2026, 3, 9);
    judged(&wish)
}

/// Valid from the day after tomorrow. The alert is 45, "expired", as some stacks have one word for both.
fn not_yet_valid() -> Vec<u8> {
    let mut wish = strict();
    wish.certificate.not_before = (2026, 3, 13);
    judged(&wish)
}

/// A certificate for clients on a server.
fn wrong_usage() -> Vec<u8> {
    let mut wish = strict();
    wish.certificate.for_servers = false;
    judged(&wish)
}

fn untrusted() -> Vec<u8> {
    judged(&Wish { judge: Judge::TrustsOthers, ..strict() })
}

fn wrong_name() -> Vec<u8> {
    judged(&Wish { typed: "files.corp.example", ..strict() })
}

/// RSA 1024 under SHA-1. A client with a floor under its keys says bad_certificate.
fn weak() -> Vec<u8> {
    let mut talk = agreed();
    talk.client(&hello::client_hello(hello::TLS_1_2, hello::SUITES, "rds-old02.corp.example", 21))
        .server(&weak_flight())
        .client(&hello::alert(hello::TLS_1_2, 42))
        .client_fin()
        .server_rst();
    file(&talk)
}

/// ServerHello comes and is acknowledged; the certificate never follows. The client waits half a minute.
fn stall() -> Vec<u8> {
    let mut talk = agreed();
    let server_hello = hello::server_hello(hello::TLS_1_2, hello::RSA_AES_256, 30);
    talk.client(&hello::client_hello(hello::TLS_1_2, hello::SUITES, "rds-leg01.corp.example", 22))
        .server(&hello::record(22, hello::TLS_1_2, &server_hello))
        .wait(31.4)
        .client_fin()
        .ack(Who::Server);
    file(&talk)
}

/// Suites with CCM alone: the server closes and says nothing, as Schannel may.
fn closed_on_odd_suites() -> Vec<u8> {
    let mut talk = agreed();
    talk.client(&hello::client_hello(hello::TLS_1_2, &[0xc0ac, 0xc0ad, 0xc0ae], "rds-leg01.corp.example", 23));
    talk.wait(0.02).server_fin().client_fin().ack(Who::Server);
    file(&talk)
}

/// Something in front of the server wants a certificate of the client.
fn certificate_asked() -> Vec<u8> {
    let mut talk = agreed();
    let flight = [
        hello::server_hello(hello::TLS_1_2, hello::RSA_AES_256, 24),
        hello::certificate(&[WINDOWS]),
        hello::certificate_request(),
        hello::server_hello_done(),
    ];
    talk.client(&hello::client_hello(hello::TLS_1_2, hello::SUITES, "rds-leg01.corp.example", 25))
        .server(&hello::record(22, hello::TLS_1_2, &flight.concat()))
        .client(&hello::record(22, hello::TLS_1_2, &hello::no_certificate()))
        .server(&hello::alert(hello::TLS_1_2, 40))
        .server_fin()
        .client_fin()
        .ack(Who::Server);
    file(&talk)
}

/// `CN=RDS-OLD02.corp.example`, 2025-12-22 to 2026-06-23, signed by itself.
fn weak_flight() -> Vec<u8> {
    let messages = [
        hello::server_hello(hello::TLS_1_2, hello::RSA_AES_256, 20),
        hello::certificate(&[WEAK]),
        hello::server_hello_done(),
    ];
    hello::record(22, hello::TLS_1_2, &messages.concat())
}

#[test]
fn a_judging_client_says_why() {
    // The last record of the client in TLS 1.2 is a clear alert: 21, 3, 3, 0, 2, fatal, code.
    for (file, code) in
        [(expired(), 45), (not_yet_valid(), 45), (wrong_usage(), 43), (untrusted(), 48), (wrong_name(), 42)]
    {
        let alert = [21, 3, 3, 0, 2, 2, code];
        assert!(file.windows(alert.len()).any(|window| window == alert), "no alert {code}");
    }
}

#[test]
fn a_proof_over_words_that_nobody_heard_proves_nothing() {
    let refused = |is_captured: bool| {
        let mut talk = agreed();
        let turns = Pair::new(&Wish::plain(ONLY_1_2)).handshake();
        // The client's hello, the server's flight; what would follow is not sent.
        if !is_captured {
            talk.miss();
        }
        talk.turns(&turns[..2]).wait(0.01).client_rst();
        super::judged(&[talk]).swap_remove(0)
    };
    let whole = refused(true);
    assert_eq!(whole.session.key_check().map(|(_, fits)| fits), Some(true), "{:?}", whole.verdict.cause);
    let headless = refused(false);
    assert_eq!(headless.session.key_check(), None, "a hole where the hello was");
    assert_ne!(headless.verdict.cause, Some("tls.cert-key-mismatch"));
}

#[test]
fn where_only_some_signatures_are_looked_at_the_others_are_like_them() {
    use super::super::talk::{BEGIN, Side};
    use rdpwhy::diagnose::verdict::Sure;
    let refused = |nth: u16, is_broken: bool| {
        let client = Side::windows(&format!("10.20.4.{}", 17 + nth), 51_544 + nth).hops(0);
        let mut talk = Talk::new(client, Side::windows("10.20.1.9", 3389).hops(2));
        talk.now = BEGIN + u64::from(nth) * 1_300_000_000;
        negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX);
        let mut turns = Pair::new(&Wish::plain(ONLY_1_2)).handshake();
        if is_broken {
            // The signature is the last of the flight but for ServerHelloDone, a record of nine bytes.
            let flight = &mut turns[1].1;
            let place = flight.len() - 9 - 20;
            flight[place] ^= 1;
        }
        talk.turns(&turns[..2]).wait(0.01).client_rst();
        talk
    };
    let told = |broken: std::ops::Range<u16>| -> Vec<_> {
        let talks: Vec<Talk> = (0..12).map(|nth| refused(nth, broken.contains(&nth))).collect();
        let cases = super::judged(&talks);
        cases.iter().map(|case| (case.session.key_check().is_some(), case.verdict.cause, case.verdict.sure)).collect()
    };
    const MISMATCH: Option<&str> = Some("tls.cert-key-mismatch");
    let all = told(0..12);
    assert_eq!(all.iter().filter(|(is_checked, ..)| *is_checked).count(), 5, "{all:?}");
    for one in &all {
        assert_eq!(*one, (one.0, MISMATCH, if one.0 { Sure::Strong } else { Sure::Likely }));
    }
    // One that fits is enough for doubt.
    let most = told(1..12);
    assert_eq!(most.iter().filter(|(_, cause, _)| *cause == MISMATCH).count(), 4, "{most:?}");
}
