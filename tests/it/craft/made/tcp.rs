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

#[cfg(test)]
mod tests {
    use super::super::super::frame::{Ip, unreachable};
    use super::super::super::sealed::{Sealed, WINDOWS};
    use super::super::judged;
    use super::*;
    use rdpwhy::diagnose::verdict::Outcome;

    /// The `nth` connection of a client, so many seconds after the beginning, with its request.
    fn again(nth: u16, at: f64, request: &[u8]) -> Talk {
        let mut talk =
            Talk::new(Side::windows("10.20.4.17", 51_544 + nth).hops(0), Side::windows("10.20.1.9", 3389).hops(2));
        talk.now = BEGIN + (at * 1e9) as u64;
        talk.handshake().client(request);
        talk
    }

    #[test]
    fn a_client_that_tries_again_and_again_for_one_user_is_no_scanner() {
        let refused = |name: fn(u16) -> &'static str| {
            let talks: Vec<Talk> = (0..25)
                .map(|nth| {
                    let mut talk = again(nth, 60.0 * f64::from(nth), &x224::asks(name(nth), x224::SSL));
                    talk.server(&x224::confirm(&x224::refuses(5))).client_rst();
                    talk
                })
                .collect();
            judged(&talks).iter().filter(|case| case.verdict.outcome == Outcome::Scan).count()
        };
        assert_eq!(refused(|_| "jdoe"), 0);
        assert_eq!(refused(|nth| ["hello", "Administr", "Test"][usize::from(nth) % 3]), 25);
    }

    #[test]
    fn a_clock_that_looks_at_tls_is_a_monitor() {
        let looks = |pauses: &[f64], request: &[u8]| {
            let mut at = 0.0;
            let talks: Vec<Talk> = pauses
                .iter()
                .zip(0_u16..)
                .map(|(pause, nth)| {
                    at += pause;
                    let mut sealed = Sealed::exact();
                    let mut talk = again(nth, at, request);
                    talk.server(&x224::confirm(&x224::selects(0x1f, x224::SSL)));
                    talk.turns(&sealed.handshake("RDS-LEG01.corp.example", WINDOWS));
                    talk.turns(&[sealed.alert(Who::Client)]).client_fin().server_fin();
                    talk
                })
                .collect();
            judged(&talks).iter().map(|case| case.verdict.cause).collect::<Vec<_>>()
        };
        let nobody = x224::request(x224::Token::None, &x224::wants(0, x224::SSL));
        let even = looks(&[60.0; 6], &nobody);
        assert!(even.iter().all(|cause| *cause == Some("scan.health-check")), "{even:?}");
        // A person's pauses are uneven, and a client that logs on names its user.
        for causes in
            [looks(&[0.0, 20.0, 9.0, 47.0, 13.0, 31.0], &nobody), looks(&[60.0; 6], &x224::asks("jdoe", x224::SSL))]
        {
            assert!(causes.iter().all(|cause| *cause != Some("scan.health-check")), "{causes:?}");
        }
    }

    #[test]
    fn who_asks_for_smaller_packets_does_not_refuse() {
        for (code, cause) in [(4, "tcp.syn-no-answer"), (13, "tcp.icmp-unreachable")] {
            let mut talk = Talk::office();
            talk.lose_later().syn();
            let frame = talk.packets()[0].bytes.clone();
            let router =
                Ip { from: "10.20.0.1".parse().expect("an address"), to: talk.client.ip, ttl: 254, id: 7, whole: true };
            talk.aside(Who::Client, &unreachable(&router, code, &frame[14..]));
            for pause in [1.0, 2.0, 4.0] {
                talk.wait(pause).lose_later().syn();
            }
            assert_eq!(judged(&[talk])[0].verdict.cause, Some(cause));
        }
    }

    #[test]
    fn a_banner_in_pieces_is_a_banner() {
        for pieces in [&[7, 12][..], &[1, 3, 8, 12]] {
            let mut talk = Talk::office();
            talk.handshake();
            let mut from = 0;
            for to in pieces {
                talk.wait(0.001).server(&b"RFB 003.008\n"[from..*to]);
                from = *to;
            }
            talk.client(&x224::asks("jdoe", x224::MODERN)).server_fin().client_rst();
            assert_eq!(judged(&[talk])[0].verdict.cause, Some("x224.not-rdp"));
        }
    }

    #[test]
    fn alerts_in_clear_are_named() {
        let warning = |code| hello::record(21, hello::TLS_1_2, &[1, code]);
        for (code, cause, place) in [(0, "tls.server-silent-close", 7), (112, "tls.alert-server", 8)] {
            let mut talk = Talk::office();
            talk.handshake()
                .client(&x224::asks("jdoe", x224::SSL))
                .server(&x224::confirm(&x224::selects(0x1f, x224::SSL)));
            talk.client(&hello::client_hello(hello::TLS_1_2, hello::SUITES, "srv", 30))
                .server(&warning(code))
                .server_fin();
            let verdict = judged(&[talk])[0].verdict.clone();
            assert_eq!(verdict.cause, Some(cause));
            assert_eq!(verdict.death.map(|death| death.frame.number()), Some(place));
            assert!(verdict.headline.contains(&format!("({code})")), "{}", verdict.headline);
        }
        // The client cancels, in clear, and closes behind it.
        for code in [0, 90] {
            let mut sealed = Sealed::exact();
            let mut talk = Talk::office();
            talk.handshake()
                .client(&x224::asks("jdoe", x224::SSL))
                .server(&x224::confirm(&x224::selects(0x1f, x224::SSL)));
            talk.turns(&sealed.handshake("srv", WINDOWS)[..2]).client(&warning(code)).client_fin().server_fin();
            let verdict = judged(&[talk])[0].verdict.clone();
            assert_eq!(verdict.cause, Some("tls.client-refuses"));
            let said = verdict.evidence.iter().find(|sign| sign.text.contains("own alert")).expect("the alert");
            assert_eq!(verdict.death.map(|death| death.frame), said.frames.first().copied());
        }
    }
}
