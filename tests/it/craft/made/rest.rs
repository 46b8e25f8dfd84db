//! What the other files do not show yet: each cause that a rule knows has its capture.

use super::super::beside::{CONTROLLER, as_request, krb_error, tgs_request};
use super::super::frame::{Ip, UDP, udp, unreachable};
use super::super::mcs::{self, Security};
use super::super::sealed::Sealed;
use super::super::talk::{BEGIN, Side, Talk, Who};
use super::super::x224::{self, Token};
use super::logon::{NTLM, QUICK_SETUP, behind_tls, told};
use super::{Made, file, files, fixed, negotiated};

pub(super) const ROSTER: &[Made] = &[
    fixed("rdp.closed-after-tls--fin.pcap", || file(&closed_after_tls())),
    fixed("nla.client-stops--after-proof.pcap", || file(&client_stops())),
    fixed("mcs.client-refuses--after-response.pcap", || file(&client_refuses())),
    fixed("neg.unknown-failure--code-7.pcap", || file(&unknown_failure())),
    fixed("nla.password-expired--code-23.pcap", || file(&ticket_refused(23, None))),
    fixed("nla.krb-policy--logon-hours.pcap", || file(&ticket_refused(12, None))),
    fixed("nla.krb-etype--no-rc4.pcap", || file(&ticket_refused(14, None))),
    fixed("nla.krb-pkinit--smart-card.pcap", || file(&ticket_refused(62, None))),
    fixed("nla.krb-modified--another-host.pcap", || file(&modified())),
    fixed("nla.no-logon-server--seen-at-the-server.pcap", || file(&no_logon_server())),
    fixed("scan.brute-force--one-a-second.pcap", brute_force),
    fixed("scan.health-check--every-five-seconds.pcap", health_check),
    fixed("redirect.unreachable--inside-address.pcap", stranded),
    fixed("redirect.loop--five-hosts.pcap", in_circles),
    fixed("x224.routing-token--another-host.pcap", || file(&routed())),
    fixed("lic.invalid-client--in-clear.pcap", || file(&licence(8))),
    fixed("lic.mac--in-clear.pcap", || file(&licence(3))),
    fixed("lic.client-store--in-clear.pcap", || file(&licence(2))),
    fixed("lic.refused--code-4.pcap", || file(&licence(4))),
    fixed("udp.mtu--router-says-so.pcap", || file(&udp_mtu())),
    fixed("udp.tls-failed--alert-48.pcap", || file(&udp_alert())),
    fixed("gw.udp-3391--blocked.pcap", || file(&gateway_udp())),
    fixed("cap.incomplete--no-confirm.pcap", || file(&no_confirm())),
];

/// The confirm was never captured, and the server's first word here is its ServerHello.
fn no_confirm() -> Talk {
    let mut sealed = Sealed::exact();
    let mut talk = Talk::office();
    talk.handshake().client(&x224::asks("jdoe", x224::MODERN)).miss();
    talk.server(&x224::confirm(&x224::selects(0x1f, x224::HYBRID_EX))).wait(0.5);
    talk.turns(&sealed.handshake("RDS-LEG01.corp.example", super::super::sealed::WINDOWS));
    talk.turns(&sealed.script(NTLM)).turns(&sealed.script(QUICK_SETUP)).turns(&sealed.script(super::ends::WORK));
    talk.wait(0.4).turns(&sealed.script(&[9])).client_rst();
    talk
}

/// TLS is up, and the server closes before a word of RDP.
fn closed_after_tls() -> Talk {
    let mut talk = behind_tls(&mut Sealed::exact(), "RDS-LEG01.corp.example");
    talk.wait(0.02).server_fin().client_fin().ack(Who::Server);
    talk
}

/// The server proves its key, and the client leaves for good.
fn client_stops() -> Talk {
    let (mut talk, _) = told(&NTLM[..4]);
    talk.wait(3.1).client_rst();
    talk
}

/// The client hears Connect Response and leaves.
fn client_refuses() -> Talk {
    let (mut talk, mut sealed) = told(NTLM);
    talk.turns(&sealed.script(&QUICK_SETUP[..2])).wait(0.03).client_fin().server_fin().ack(Who::Client);
    talk
}

/// A failure code that no specification knows.
fn unknown_failure() -> Talk {
    let mut talk = Talk::office();
    talk.handshake().client(&x224::asks("jdoe", x224::MODERN)).server(&x224::confirm(&x224::refuses(7))).client_rst();
    talk
}

const CLOCK: &str = "20260311081425Z";

/// Kerberos says no, and the client leaves without a word of NLA.
fn ticket_refused(code: u8, status: Option<u32>) -> Talk {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(3.1);
    let told = krb_error(code, &["krbtgt", "CORP.EXAMPLE"], CLOCK, status);
    talk.ask(CONTROLLER, (50_320, 88), false, &as_request("jdoe")).ask(CONTROLLER, (50_320, 88), true, &told);
    talk.wait(0.05).client_rst();
    talk
}

/// The ticket is for another host than the one behind the name.
fn modified() -> Talk {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(3.1);
    let told = krb_error(41, &["TERMSRV", "rds-leg01.corp.example"], CLOCK, None);
    let asked = tgs_request("rds-leg01.corp.example");
    talk.ask(CONTROLLER, (50_320, 88), false, &asked).ask(CONTROLLER, (50_320, 88), true, &told);
    talk.wait(0.05).client_rst();
    talk
}

/// Captured at the server: it asks its domain controller three times, hears nothing, and refuses the user.
fn no_logon_server() -> Talk {
    let mut sealed = Sealed::exact();
    let mut talk = behind_tls(&mut sealed, "RDS-LEG01.corp.example");
    talk.turns(&sealed.script(&NTLM[..3]));
    let server = talk.server.clone();
    let controller = CONTROLLER.parse().expect("an address");
    for nth in 0..3 {
        let ip = Ip { from: server.ip, to: controller, ttl: 128, id: 0x2900 + nth, whole: true };
        let packet = ip.packet(UDP, &udp(&ip, 50_711, 88, &as_request("SRV-RDS01$")));
        talk.wait(1.0).aside(Who::Client, &packet);
    }
    talk.wait(3.0).turns(&sealed.script(&[-15])).client_rst();
    talk
}

/// Twelve refused logons, a second apart.
fn brute_force() -> Vec<u8> {
    files((0..12_u16).map(|nth| {
        let mut sealed = Sealed::exact();
        let client = Side::windows("198.51.100.9", 40_000 + nth).hops(9);
        let mut talk = Talk::new(client, Side::windows("203.0.113.20", 3389).hops(0));
        talk.now = BEGIN + u64::from(nth) * 1_100_000_000;
        negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX);
        talk.turns(&sealed.handshake("203.0.113.20", super::super::sealed::WINDOWS));
        talk.turns(&sealed.script(&[57, -295, 735, -15])).client_rst();
        talk.packets()
    }))
}

/// A load balancer looks in every five seconds.
fn health_check() -> Vec<u8> {
    files((0..8_u16).map(|nth| {
        let client = Side::linux("10.20.0.8", 33_100 + nth).hops(0);
        let mut talk = Talk::new(client, Side::windows("10.20.1.9", 3389).hops(2));
        talk.now = BEGIN + u64::from(nth) * 5_000_000_000;
        talk.handshake().wait(0.001).client_fin().server_fin().ack(Who::Client);
        talk.packets()
    }))
}

/// A broker's session up to the point where it sends the client on; the server closes.
fn broker(port: u16, host: &str, now: u64) -> Talk {
    let mut talk = handed_on(port, host, now);
    talk.server_fin().client_fin().ack(Who::Server);
    talk
}

/// The same up to its end.
fn handed_on(port: u16, host: &str, now: u64) -> Talk {
    let mut sealed = Sealed::exact();
    let mut talk = Talk::new(Side::windows("10.20.4.17", port).hops(0), Side::windows(host, 3389).hops(2));
    talk.now = now;
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(0.4);
    talk.turns(&sealed.handshake("RDS-LEG01.corp.example", super::super::sealed::WINDOWS));
    talk.turns(&sealed.script(NTLM)).turns(&sealed.script(QUICK_SETUP)).turns(&sealed.script(&[-36, -520]));
    talk.wait(0.02).turns(&sealed.script(&[-9]));
    talk
}

/// The broker names an address that only its own network knows.
fn stranded() -> Vec<u8> {
    let first = broker(51_544, "10.20.1.9", BEGIN);
    let second = unanswered(first.now + 300_000_000);
    files([first.packets(), second.packets()])
}

/// The same client asks an address that does not answer.
fn unanswered(now: u64) -> Talk {
    let mut talk = Talk::new(Side::windows("10.20.4.17", 51_549).hops(0), Side::windows("192.168.7.22", 3389).hops(2));
    talk.now = now;
    for pause in [0.0, 1.0, 2.0, 4.0, 8.0] {
        talk.wait(pause).lose_later().syn();
    }
    talk
}

/// Each host sends the client on to the next one.
fn in_circles() -> Vec<u8> {
    let mut now = BEGIN;
    files((0..6_u16).map(|nth| {
        let talk = broker(51_544 + nth, if nth % 2 == 0 { "10.20.1.9" } else { "10.20.1.22" }, now);
        now = talk.now + 300_000_000;
        talk.packets()
    }))
}

/// A balancer hands a connection with a token for 10.20.1.22 to 10.20.1.9, which hangs up.
fn routed() -> Talk {
    let address = u32::from_le_bytes([10, 20, 1, 22]);
    let token = format!("Cookie: msts={address}.{}.0000", 3389_u16.swap_bytes());
    let mut talk = Talk::office();
    talk.handshake().client(&x224::request(Token::Routing(&token), &x224::wants(0, x224::MODERN)));
    talk.wait(0.02).server_fin().client_fin().ack(Who::Server);
    talk
}

/// Standard security, and a licensing error that ends it.
fn licence(code: u32) -> Talk {
    let mut talk = Talk::office();
    let joins = mcs::joins("WKS-0417", Security::Proprietary);
    negotiated(&mut talk, x224::RDP, x224::RDP).turns(&joins);
    talk.client(&mcs::security_exchange()).client(&mcs::client_info()).server(&mcs::license(code, 1));
    talk.wait(0.01).server_fin().client_fin().ack(Who::Server);
    talk
}

/// A session that runs, its UDP port, and what goes out and comes back there.
fn with_udp(server_port: u16) -> (Talk, Sealed, Ip, Ip, u16) {
    let (mut talk, mut sealed) = told(NTLM);
    talk.turns(&sealed.script(QUICK_SETUP)).turns(&sealed.script(super::ends::WORK)).wait(0.4);
    let (client, server) = (talk.client.clone(), talk.server.clone());
    let out = Ip { from: client.ip, to: server.ip, ttl: client.ttl, id: 0x51a0, whole: true };
    let back = Ip { from: server.ip, to: client.ip, ttl: server.ttl, id: 0x3b11, whole: true };
    assert!(server_port == 3389 || server_port == 3391);
    (talk, sealed, out, back, client.port + 3)
}

fn leave(mut talk: Talk, mut sealed: Sealed) -> Talk {
    talk.wait(2.0).turns(&sealed.script(&[-900, 12])).wait(0.6).turns(&sealed.script(&[9])).client_rst();
    talk
}

/// A router between the two has a link of 1180 bytes, and says so.
fn udp_mtu() -> Talk {
    let (mut talk, sealed, out, _, port) = with_udp(3389);
    let syn = out.packet(UDP, &udp(&out, port, 3389, &x224::udp_syn(0x2f11_9ac4, None)));
    let router = Ip { from: "10.20.0.1".parse().expect("an address"), to: out.from, ttl: 254, id: 7, whole: true };
    let mut told = unreachable(&router, 4, &syn);
    // Next-hop MTU (RFC 1191 4); the sum is that of the whole message again.
    told[26..28].copy_from_slice(&1_180_u16.to_be_bytes());
    told[22..24].copy_from_slice(&[0, 0]);
    let sum = super::super::frame::checksum(&told[20..]);
    told[22..24].copy_from_slice(&sum.to_be_bytes());
    talk.aside(Who::Server, &syn).aside(Who::Client, &told);
    leave(talk, sealed)
}

/// The channel opens, and TLS inside it ends with the client's unknown_ca.
fn udp_alert() -> Talk {
    let (mut talk, sealed, out, back, port) = with_udp(3389);
    let syn = out.packet(UDP, &udp(&out, port, 3389, &x224::udp_syn(0x2f11_9ac4, None)));
    let answer = back.packet(UDP, &udp(&back, 3389, port, &x224::udp_syn_ack(0x2f11_9ac4, 0x6d02_1173)));
    let mut alert =
        vec![0x6d, 2, 0x11, 0x74, 0, 0x40, 0, 0x0c /* DATA, ACK */, 0, 0, 0, 0, 0x2f, 0x11, 0x9a, 0xc6];
    alert.extend([21, 3, 3, 0, 2, 2, 48]);
    talk.aside(Who::Server, &syn).aside(Who::Client, &answer);
    talk.aside(Who::Server, &out.packet(UDP, &udp(&out, port, 3389, &alert)));
    leave(talk, sealed)
}

/// The UDP port of a gateway, and nobody answers there.
fn gateway_udp() -> Talk {
    let (mut talk, sealed, out, _, port) = with_udp(3391);
    let syn = out.packet(UDP, &udp(&out, port, 3391, &x224::udp_syn(0x2f11_9ac4, None)));
    for _ in 0..3 {
        talk.aside(Who::Server, &syn).wait(0.8);
    }
    leave(talk, sealed)
}

#[cfg(test)]
mod tests {
    use super::super::super::beside::service_request;
    use super::super::super::sealed::WINDOWS;
    use super::super::ends::WORK;
    use super::super::judged;
    use super::*;

    fn causes(talks: &[Talk]) -> Vec<Option<&'static str>> {
        judged(talks).iter().map(|case| case.verdict.cause).collect()
    }

    #[test]
    fn an_address_that_does_not_answer_follows_from_nothing_but_a_goodbye() {
        let first = broker(51_544, "10.20.1.9", BEGIN);
        let second = unanswered(first.now + 300_000_000);
        assert_eq!(causes(&[first, second])[0], Some("redirect"));
        // A reset sends nobody on.
        let mut first = handed_on(51_544, "10.20.1.9", BEGIN);
        first.server_rst();
        let second = unanswered(first.now + 300_000_000);
        assert_ne!(causes(&[first, second])[0], Some("redirect"));
        // Somebody else behind the client's address works on a third server: which of them asks the next one?
        let first = broker(51_544, "10.20.1.9", BEGIN + 9_000_000_000);
        let third = broker(51_561, "10.20.1.40", BEGIN);
        let second = unanswered(first.now + 300_000_000);
        let causes = causes(&[third, first, second]);
        assert!(!causes.contains(&Some("redirect")), "{causes:?}");
    }

    /// What a broker's client does next, 0.3 s later: a session on `host`, with a token or without.
    fn arrives(before: &Talk, host: &str, token: Option<&str>) -> Talk {
        let mut talk = Talk::new(Side::windows("10.20.4.17", 51_549).hops(0), Side::windows(host, 3389).hops(2));
        talk.now = before.now + 300_000_000;
        let asks = match token {
            Some(token) => x224::request(Token::Routing(token), &x224::wants(0, x224::MODERN)),
            None => x224::asks("jdoe", x224::MODERN),
        };
        talk.handshake().client(&asks).server(&x224::confirm(&x224::selects(0x1f, x224::HYBRID_EX))).wait(0.1);
        let mut sealed = Sealed::exact();
        talk.turns(&sealed.handshake("RDS-LEG01.corp.example", WINDOWS));
        talk.turns(&sealed.script(NTLM)).turns(&sealed.script(QUICK_SETUP)).turns(&sealed.script(WORK));
        leave(talk, sealed)
    }

    /// The client hears that it is to go elsewhere, and resets the connection.
    fn sends_on() -> Talk {
        let (mut talk, mut sealed) = told(NTLM);
        talk.turns(&sealed.script(&QUICK_SETUP[..8])).turns(&sealed.script(&[-780])).wait(0.02).client_rst();
        talk
    }

    #[test]
    fn who_is_sent_on_may_leave_with_a_reset() {
        let roles = |talks: &[Talk]| {
            let cases = judged(talks);
            cases.iter().map(|case| (case.role, case.verdict.cause)).collect::<Vec<_>>()
        };
        const TOKEN: Option<&str> = Some("Cookie: msts=369168394.15629.0000");
        assert_eq!(causes(&[sends_on()])[0], Some("rdp.caps-client-quits"));
        for (host, token) in [("10.20.1.22", None), ("10.20.1.22", TOKEN), ("10.20.1.9", TOKEN)] {
            let first = sends_on();
            let second = arrives(&first, host, token);
            let roles = roles(&[first, second]);
            assert_eq!(roles[0], ("redirect", Some("redirect")), "{host} {token:?}");
            assert_eq!(roles[1], ("main", Some("ok.user-disconnect")), "{host} {token:?}");
        }
        // The same address, and no token: where the client comes at once and goes on, it was sent there; later it may
        // have come by itself.
        let first = sends_on();
        let second = arrives(&first, "10.20.1.9", None);
        assert_eq!(roles(&[first, second])[0], ("redirect", Some("redirect")));
        let first = sends_on();
        let mut later = first.clone();
        later.now += 10_000_000_000;
        let second = arrives(&later, "10.20.1.9", None);
        assert_eq!(roles(&[first, second])[0].1, Some("rdp.caps-client-quits"));
        // A reset of the server's sends nobody on, unless a token comes of it.
        let mut first = handed_on(51_544, "10.20.1.9", BEGIN);
        first.server_rst();
        let second = arrives(&first, "10.20.1.22", None);
        assert_ne!(roles(&[first, second])[0].1, Some("redirect"));
    }

    #[test]
    fn a_server_that_is_answered_anything_reaches_its_controller() {
        let refused = |answered: &[&str], asked: &[u8]| {
            let mut sealed = Sealed::exact();
            let mut talk = behind_tls(&mut sealed, "RDS-LEG01.corp.example");
            talk.turns(&sealed.script(&NTLM[..3]));
            let server = talk.server.clone();
            for (nth, controller) in [CONTROLLER, "10.20.0.4"].into_iter().enumerate() {
                let there = controller.parse().expect("an address");
                let out = Ip { from: server.ip, to: there, ttl: 128, id: 0x2900, whole: true };
                let back = Ip { from: there, to: server.ip, ttl: 128, id: 0x2901, whole: true };
                let port = 50_711 + nth as u16;
                talk.wait(1.0).aside(Who::Client, &out.packet(UDP, &udp(&out, port, 88, asked)));
                if answered.contains(&controller) {
                    let told = krb_error(25, &["krbtgt", "CORP.EXAMPLE"], CLOCK, None);
                    talk.aside(Who::Client, &back.packet(UDP, &udp(&back, 88, port, &told)));
                }
            }
            talk.wait(3.0).turns(&sealed.script(&[-15])).client_rst();
            causes(&[talk])[0]
        };
        assert_eq!(refused(&[], &as_request("SRV-RDS01$")), Some("nla.no-logon-server"));
        assert_eq!(refused(&["10.20.0.4"], &as_request("SRV-RDS01$")), Some("nla.refused"));
        assert_eq!(refused(&[], &service_request("cifs", "fs01.corp.example")), Some("nla.refused"));
    }

    #[test]
    fn a_refusal_that_is_not_the_servers_ends_nothing() {
        let mut talk = Talk::office();
        talk.handshake().client(&x224::asks("jdoe", x224::MODERN)).server(&x224::confirm(&x224::refuses(5)));
        let mut sealed = Sealed::exact();
        talk.wait(0.1).turns(&sealed.handshake("RDS-LEG01.corp.example", WINDOWS));
        talk.turns(&sealed.script(NTLM)).turns(&sealed.script(QUICK_SETUP)).turns(&sealed.script(WORK));
        let verdict = &judged(&[leave(talk, sealed)])[0].verdict;
        assert_ne!(verdict.outcome, rdpwhy::diagnose::verdict::Outcome::Died, "{:?}", verdict.cause);
    }

    #[test]
    fn what_another_user_does_later_says_nothing_of_this_one() {
        let visit = |user: &str, port: u16, now: u64| {
            let mut talk =
                Talk::new(Side::windows("10.20.4.17", port).hops(0), Side::windows("10.20.1.9", 3389).hops(2));
            talk.now = now;
            talk.handshake().client(&x224::asks(user, x224::MODERN));
            talk.server(&x224::confirm(&x224::selects(0x1f, x224::HYBRID_EX))).wait(0.1);
            let mut sealed = Sealed::exact();
            talk.turns(&sealed.handshake("RDS-LEG01.corp.example", WINDOWS));
            (talk, sealed)
        };
        for (user, cause) in [("jdoe", "ok.prompt-reconnect"), ("mlopez", "nla.client-stops")] {
            let (mut first, mut sealed) = visit("jdoe", 51_544, BEGIN);
            first.turns(&sealed.script(&NTLM[..4])).wait(3.1).client_rst();
            let (mut second, mut sealed) = visit(user, 51_549, first.now + 3_000_000_000);
            second.turns(&sealed.script(NTLM)).turns(&sealed.script(QUICK_SETUP)).turns(&sealed.script(WORK));
            assert_eq!(causes(&[first, leave(second, sealed)])[0], Some(cause), "{user}");
        }
    }

    #[test]
    fn a_code_states_what_it_can() {
        let verdict = |code, status| judged(&[ticket_refused(code, status)])[0].verdict.clone();
        assert_eq!(verdict(23, None).cause, Some("nla.password-expired"));
        assert!(verdict(23, None).could_be.iter().any(|other| other.id == "nla.password-must-change"));
        assert_eq!(verdict(24, None).cause, Some("nla.bad-credentials"));
        assert_eq!(verdict(6, None).cause, Some("nla.krb-client"));
        assert_eq!(verdict(18, None).cause, Some("nla.krb-client"));
        assert!(verdict(18, None).could_be.iter().any(|other| other.id == "nla.account-locked"));
        // The number inside says it more exactly.
        assert_eq!(verdict(18, Some(0xc000_0193)).cause, Some("nla.account-expired"));
        assert_eq!(verdict(23, Some(0xc000_0224)).cause, Some("nla.password-must-change"));
    }

    #[test]
    fn a_server_that_goes_on_has_heard_the_capabilities() {
        // Client Info, the licence, Demand Active: what the client sends next is of no known length.
        let quits = |more: &[i32]| {
            let (mut talk, mut sealed) = told(NTLM);
            talk.turns(&sealed.script(&QUICK_SETUP[..8])).turns(&sealed.script(more)).wait(0.1).client_rst();
            causes(&[talk])[0]
        };
        assert_eq!(quits(&[-60, -60]), Some("rdp.caps-client-quits"));
        assert_ne!(quits(WORK), Some("rdp.caps-client-quits"));
    }
}
