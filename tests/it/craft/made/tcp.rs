//! Deaths and scans that TCP alone tells.

use super::super::frame::{ACK, FIN};
use super::super::hello;
use super::super::mcs::{self, Security};
use super::super::talk::{BEGIN, Side, Talk, Who};
use super::super::x224;
use super::{Made, file, files, fixed, negotiated};

pub(super) const ROSTER: &[Made] = &[
    fixed("tcp.synack-unacked--server-side.pcap", synack_unacked),
    fixed("tcp.closed-on-accept--rst.pcap", closed_on_accept),
    fixed("tcp.client-reset--between-joins.pcap", client_reset),
    fixed("tcp.client-reset--after-hello.pcap", client_reset_after_hello),
    fixed("scan.syn--sweep.pcap", scan_syn),
    fixed("scan.connect--forty-addresses.pcap", scan_connect),
    fixed("scan.negotiation--300-addresses.pcap", scan_negotiation),
];

/// Captured at the server: its SYN+ACKs leave and nobody ever takes them up.
fn synack_unacked() -> Vec<u8> {
    let mut talk = Talk::new(Side::windows("203.0.113.58", 52_114).hops(14), Side::windows("10.20.1.9", 3389).hops(0));
    talk.server_delay = 95_000;
    for (nth, pause) in [0.0, 1.01, 2.0, 4.02].into_iter().enumerate() {
        // The client repeats its SYN, each time answered, and the server repeats its answer by itself as well.
        talk.wait(pause);
        if nth < 3 {
            talk.syn();
        }
        talk.lose_later().syn_ack();
    }
    file(&talk)
}

/// A port forwarder whose target is gone: it accepts, fails to reach the target, and resets.
fn closed_on_accept() -> Vec<u8> {
    let mut talk = Talk::office();
    talk.handshake().wait(0.021).server_rst();
    file(&talk)
}

/// The client's host resets in the middle of the joins: no word before, nothing from the server that asked for it.
fn client_reset() -> Vec<u8> {
    let mut talk = Talk::office();
    let joins = mcs::joins("WKS-0417", Security::Proprietary);
    negotiated(&mut talk, x224::RDP, x224::RDP).turns(&joins[..joins.len() - 4]).wait(1.7).client_rst();
    file(&talk)
}

/// The client resets 0.8 s after its ClientHello, while the server still thinks.
fn client_reset_after_hello() -> Vec<u8> {
    use super::super::hello::{SUITES, TLS_1_2, client_hello};
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX)
        .client(&client_hello(TLS_1_2, SUITES, "rds-leg01.corp.example", 7))
        .wait(0.03)
        .ack(Who::Server)
        .wait(0.8)
        .client_rst();
    file(&talk)
}

/// One address asks sixty hosts; those that answer get a bare RST.
fn scan_syn() -> Vec<u8> {
    files((0..60_u32).map(|nth| {
        let host = format!("10.20.1.{}", 1 + nth);
        let port = (41_000 + nth * 37 % 9_000) as u16;
        let mut talk = Talk::new(Side::linux("198.51.100.7", port).hops(11), Side::windows(&host, 3389).hops(1));
        talk.now = BEGIN + u64::from(nth) * 3_100_000;
        (talk.client.scale, talk.client.timestamps, talk.client.sack) = (None, false, false);
        (talk.client.window, talk.server_delay) = (1024, 600_000);
        talk.syn();
        match nth % 3 {
            0 => talk.syn_ack().bare_rst(Who::Client),
            1 => talk.refuse(),
            _ => &mut talk,
        };
        talk.packets()
    }))
}

/// Forty connections that say nothing and close.
fn scan_connect() -> Vec<u8> {
    files((0..40_u32).map(|nth| {
        let mut talk = passer_by(nth, 40_000);
        talk.now = BEGIN + u64::from(nth) * 870_000_000;
        talk.handshake().wait(0.002).client_fin().server_fin().ack(Who::Client);
        talk.packets()
    }))
}

/// Three hundred addresses ask for a negotiation, note the answer, and leave.
fn scan_negotiation() -> Vec<u8> {
    const NAMES: [&str; 5] = ["hello", "Administr", "Test", "a", "user"];
    files((0..300_u32).map(|nth| {
        let mut talk = passer_by(nth, 50_000);
        talk.now = BEGIN + u64::from(nth) * 233_000_000;
        talk.handshake().client(&x224::asks(NAMES[nth as usize % NAMES.len()], x224::SSL | x224::HYBRID));
        match nth % 4 {
            0 => talk.server(&x224::confirm(&x224::refuses(5))),
            _ => talk.server(&x224::confirm(&x224::selects(0x1f, x224::HYBRID))),
        };
        talk.client_rst();
        talk.packets()
    }))
}

/// Somebody far away, another one for each number. The addresses are those set aside for benchmarks.
fn passer_by(nth: u32, port: u32) -> Talk {
    let ip = format!("198.{}.{}.{}", 18 + nth % 2, nth * 29 % 250, 2 + nth * 17 % 251);
    let mut client = Side::linux(&ip, (port + nth * 101 % 9_000) as u16).hops(9 + (nth % 12) as u8);
    client.timestamps = false;
    let mut talk = Talk::new(client, Side::windows("192.0.2.33", 3389).hops(0));
    (talk.server_delay, talk.client_delay) = (110_000, 40_000_000 + u64::from(nth % 50) * 3_000_000);
    talk
}

#[test]
fn a_close_that_crosses_a_word_is_no_answer_to_it() {
    let closed = |before: &dyn Fn(&mut Talk), word: &[u8], crosses: bool| {
        let mut talk = Talk::office();
        before(&mut talk);
        let mut close = talk.draft(Who::Server);
        talk.client(word);
        if crosses {
            close.flags = FIN | ACK;
            talk.forge(close);
        } else {
            talk.wait(0.01).server_fin();
        }
        super::judged(&[talk]).swap_remove(0).verdict
    };
    let request = x224::asks("jdoe", x224::MODERN);
    let accepted = |talk: &mut Talk| {
        talk.handshake();
    };
    assert_eq!(closed(&accepted, &request, false).cause, Some("x224.close-on-cr"));
    assert_eq!(closed(&accepted, &request, true).cause, Some("tcp.closed-on-accept"));
    let hello = hello::client_hello(hello::TLS_1_2, hello::SUITES, "rds-leg01.corp.example", 7);
    let confirmed = |talk: &mut Talk| {
        negotiated(talk, x224::MODERN, x224::HYBRID_EX);
    };
    let [answered, crossed] = [false, true].map(|crosses| closed(&confirmed, &hello, crosses));
    assert_eq!([answered.cause, crossed.cause], [Some("tls.server-silent-close"); 2]);
    assert!(answered.headline.contains("on the ClientHello") && !crossed.headline.contains("on the ClientHello"));
}
