//! Deaths that something beside the connection explains: a name, a neighbour, a ticket, a side channel.

use super::super::beside::{
    AS_REPLY, CONTROLLER, RESOLVER, ROUTER, TGS_REPLY, arp_reply, arp_request, as_request, dns_answer, dns_question,
    krb_error, reply, tgs_request,
};
use super::super::frame::{Ip, UDP, udp};
use super::super::talk::{BEGIN, Side, Talk, Who};
use super::super::tls::{ONLY_1_2, Pair, Wish};
use super::super::x224;
use super::ends::{NLA, SETUP, WORK, running};
use super::{Made, classic, file, files, fixed, fresh, negotiated};

pub(super) const ROSTER: &[Made] = &[
    fixed("dns.fail--no-such-name.pcap", no_such_name),
    fixed("dns.wrong-address--first-of-two.pcap", first_of_two),
    fixed("link.no-neighbour--router-asks.pcap", no_neighbour),
    fixed("tcp.syn-no-answer--neighbour-is-there.pcap", neighbour_is_there),
    fresh("nla.kerberos-failed-then-ntlm-refused--wrong-password.pcap", wrong_password),
    fresh("nla.refused--ticket-was-given.pcap", ticket_was_given),
    fresh("nla.refused--controller-out-of-reach.pcap", controller_out_of_reach),
    fixed("nla.account-locked--controller-says-so.pcap", account_locked),
    fixed("nla.krb-skew--client-gives-up.pcap", skew),
    fresh("healthy--no-spn-but-ntlm.pcap", no_spn),
    fresh("udp.dead-65s--server-falls-silent.pcap", udp_dies),
    fresh("healthy--udp-ends-early.pcap", udp_ends_early),
];

const NAME: &str = "rds-leg01.corp.example";

/// The name has a typing error: DNS knows none like it, and no SYN follows.
fn no_such_name() -> Vec<u8> {
    let mut talk = Talk::office();
    let typed = "rds-leg10.corp.example";
    for (nth, port) in [(1, 50_311), (2, 50_312)] {
        let ports = (port, 53);
        talk.ask(RESOLVER, ports, false, &dns_question(nth, typed));
        talk.ask(RESOLVER, ports, true, &dns_answer(nth, typed, 3, &[])).wait(0.2);
    }
    file(&talk)
}

/// A stale record beside the right one: the client tries the dead address first, then the other.
fn first_of_two() -> Vec<u8> {
    let mut dead = Talk::new(Side::windows("10.20.4.17", 51_540).hops(0), Side::windows("10.20.9.9", 3389).hops(2));
    dead.ask(RESOLVER, (50_311, 53), false, &dns_question(7, NAME));
    dead.ask(RESOLVER, (50_311, 53), true, &dns_answer(7, NAME, 0, &["10.20.9.9", "10.20.1.9"]));
    for pause in [0.0, 1.0, 2.0, 4.0] {
        dead.wait(pause).lose_later().syn();
    }
    let mut alive = Talk::office();
    alive.now = dead.now + 14_000_000_000;
    classic(&mut alive);
    files([dead.packets(), alive.packets()])
}

/// Captured on the router in front of the server: SYNs come in, and nobody on the server's link answers for it.
fn no_neighbour() -> Vec<u8> {
    file(&knocked(false))
}

/// The same, and the server's link layer answers: the host is there, its firewall says nothing.
fn neighbour_is_there() -> Vec<u8> {
    file(&knocked(true))
}

fn knocked(there: bool) -> Talk {
    let mut talk = Talk::new(Side::windows("10.20.4.17", 51_544).hops(1), Side::windows("10.20.1.9", 3389).hops(0));
    let server = [10, 20, 1, 9].into();
    for pause in [0.0, 1.0, 2.0, 4.0] {
        talk.wait(pause).lose_later().syn();
        if !there || pause == 0.0 {
            talk.link(arp_request(ROUTER, server));
        }
        if there && pause == 0.0 {
            talk.link(arp_reply(server, ROUTER));
        }
    }
    talk
}

const CLOCK: &str = "20260311081425Z";
const KDC: [&str; 2] = ["krbtgt", "CORP.EXAMPLE"];

/// One question to the domain controller and its answer, from a port of its own as Windows does.
fn exchange(talk: &mut Talk, port: u16, question: &[u8], answer: &[u8]) {
    talk.ask(CONTROLLER, (port, 88), false, question).ask(CONTROLLER, (port, 88), true, answer);
}

/// The controller says that the password is wrong; the client falls back to NTLM, and the server refuses as well.
fn wrong_password() -> Vec<u8> {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(4.2);
    exchange(&mut talk, 50_320, &as_request("jdoe"), &krb_error(25, &KDC, CLOCK, None));
    exchange(&mut talk, 50_321, &as_request("jdoe"), &krb_error(24, &KDC, CLOCK, None));
    let mut pair = Pair::new(&Wish::plain(ONLY_1_2));
    talk.turns(&pair.handshake()).turns(&pair.script(&[57, -295, 735, -15])).client_rst();
    file(&talk)
}

/// The look-alike: first the wrong password, then the right one; Kerberos works, and the server itself refuses.
fn ticket_was_given() -> Vec<u8> {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(4.2);
    exchange(&mut talk, 50_320, &as_request("jdoe"), &krb_error(24, &KDC, CLOCK, None));
    talk.wait(3.0);
    exchange(&mut talk, 50_321, &as_request("jdoe"), &reply(AS_REPLY));
    exchange(&mut talk, 50_322, &tgs_request(NAME), &reply(TGS_REPLY));
    let mut pair = Pair::new(&Wish::plain(ONLY_1_2));
    talk.turns(&pair.handshake()).turns(&pair.script(&[175, -1351, 1887, -15])).client_rst();
    file(&talk)
}

/// Nobody answers at the controller: Kerberos is impossible, NTLM is tried, and the server refuses.
fn controller_out_of_reach() -> Vec<u8> {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(2.0);
    for pause in [0.0, 1.0, 2.0] {
        talk.wait(pause).ask(CONTROLLER, (50_320, 88), false, &as_request("jdoe"));
    }
    talk.wait(4.0);
    let mut pair = Pair::new(&Wish::plain(ONLY_1_2));
    talk.turns(&pair.handshake()).turns(&pair.script(&[57, -295, 735, -15])).client_rst();
    file(&talk)
}

/// The account is locked: the controller's answer carries the NTSTATUS, and the client does not even begin NLA.
fn account_locked() -> Vec<u8> {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(3.1);
    exchange(&mut talk, 50_320, &as_request("jdoe"), &krb_error(18, &KDC, CLOCK, Some(0xc000_0234)));
    talk.wait(0.05).client_rst();
    file(&talk)
}

/// The client's clock is half an hour off.
fn skew() -> Vec<u8> {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(3.1);
    exchange(&mut talk, 50_320, &as_request("jdoe"), &krb_error(37, &KDC, "20260311074425Z", None));
    talk.wait(0.05).client_rst();
    file(&talk)
}

/// An alias without SPN: no Kerberos for it, and NTLM does as well.
fn no_spn() -> Vec<u8> {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(3.4);
    let service = ["TERMSRV", NAME];
    exchange(&mut talk, 50_320, &as_request("jdoe"), &reply(AS_REPLY));
    exchange(&mut talk, 50_321, &tgs_request(NAME), &krb_error(7, &service, CLOCK, None));
    let mut pair = Pair::new(&Wish::plain(ONLY_1_2));
    talk.turns(&pair.handshake()).turns(&pair.script(NLA)).turns(&pair.script(SETUP));
    talk.wait(0.3).turns(&pair.script(WORK)).wait(1.0).turns(&pair.script(&[9])).client_rst();
    file(&talk)
}

/// One RDP-UDP packet that is no SYN.
fn datagram(nth: u32) -> Vec<u8> {
    let mut payload = vec![0, 0, 0, nth as u8, 0, 0x40, 0, 4 /* ACK */, 0, 0];
    payload.extend(super::super::frame::noise(u64::from(nth), 40));
    payload
}

/// A session with an open side channel, in which the server speaks for 2 s and the client until `until`.
fn beside_udp(until: u32) -> (Talk, Pair) {
    let mut talk = Talk::office();
    let mut pair = running(&mut talk, ONLY_1_2);
    let (client, server) = (talk.client.clone(), talk.server.clone());
    let port = client.port + 3;
    let out = Ip { from: client.ip, to: server.ip, ttl: client.ttl, id: 0x51a0, whole: true };
    let back = Ip { from: server.ip, to: client.ip, ttl: server.ttl, id: 0x3b11, whole: true };
    let syn = out.packet(UDP, &udp(&out, port, 3389, &x224::udp_syn(0x2f11_9ac4, None)));
    let answer = back.packet(UDP, &udp(&back, 3389, port, &x224::udp_syn_ack(0x2f11_9ac4, 0x6d02_1173)));
    talk.aside(Who::Server, &syn).aside(Who::Client, &answer);
    for second in 0..until {
        talk.wait(1.0).aside(Who::Server, &out.packet(UDP, &udp(&out, port, 3389, &datagram(second))));
        if second < 2 {
            talk.aside(Who::Client, &back.packet(UDP, &udp(&back, 3389, port, &datagram(second))));
        }
        if second % 5 == 0 {
            talk.turns(&pair.script(&[12, -310]));
        }
    }
    assert!(talk.now > BEGIN);
    (talk, pair)
}

/// The server falls silent on UDP after 2 s; 65 s later the client gives the whole session up.
fn udp_dies() -> Vec<u8> {
    let (mut talk, mut pair) = beside_udp(66);
    talk.wait(0.9).turns(&pair.script(&[9])).client_rst();
    file(&talk)
}

/// The look-alike: the side channel falls silent as well, and the user leaves after a quarter of a minute more.
fn udp_ends_early() -> Vec<u8> {
    let (mut talk, mut pair) = beside_udp(24);
    talk.wait(0.9).turns(&pair.script(&[9])).client_rst();
    file(&talk)
}

#[cfg(test)]
mod tests {
    use super::super::super::sealed::{Sealed, WINDOWS};
    use super::super::judged;
    use super::*;
    use rdpwhy::diagnose::verdict::{Outcome, Sure, Verdict};

    /// NTLM is refused to jdoe; somebody's ticket is refused before that, or `late`.
    fn refused(user: &str, late: bool) -> Verdict {
        let mut talk = Talk::office();
        let asks = |talk: &mut Talk| exchange(talk, 50_320, &as_request(user), &krb_error(24, &KDC, CLOCK, None));
        negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(4.2);
        if !late {
            asks(&mut talk);
        }
        let mut sealed = Sealed::exact();
        talk.turns(&sealed.handshake(NAME, WINDOWS)).turns(&sealed.script(&[57, -295, 735, -15])).wait(0.5);
        if late {
            asks(&mut talk);
        }
        talk.client_rst();
        judged(&[talk])[0].verdict.clone()
    }

    #[test]
    fn only_what_was_refused_to_this_user_and_before_is_a_cause() {
        const CAUSE: &str = "nla.kerberos-failed-then-ntlm-refused";
        for user in ["jdoe", "JDOE", "jdoe@corp.example"] {
            let verdict = refused(user, false);
            assert_eq!((verdict.cause, verdict.sure), (Some(CAUSE), Sure::Strong), "{user}");
        }
        for (user, late) in [("svc_backup", false), ("WS17$", false), ("jdoe", true)] {
            let verdict = refused(user, late);
            assert_eq!(verdict.cause, Some("nla.refused"), "{user}");
            let is_told = verdict.findings.iter().any(|finding| finding.id == "nla.krb-client");
            assert_eq!(is_told, !user.ends_with('$'), "{user}");
        }
    }

    /// No ticket for the name, and NTLM is refused: the one explains why NTLM, not why it was refused.
    #[test]
    fn what_is_wrong_with_the_name_does_not_explain_all_of_a_refusal() {
        let refused = |question: &[u8], answer: &[u8]| {
            let mut talk = Talk::office();
            negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(4.2);
            exchange(&mut talk, 50_320, question, answer);
            let mut sealed = Sealed::exact();
            talk.turns(&sealed.handshake(NAME, WINDOWS)).turns(&sealed.script(&[57, -295, 735, -15])).client_rst();
            judged(&[talk])[0].verdict.clone()
        };
        let may_be = |verdict: &Verdict, id: &str| verdict.could_be.iter().any(|other| other.id == id);
        for code in [7, 14, 37] {
            let verdict = refused(&tgs_request(NAME), &krb_error(code, &["TERMSRV", NAME], CLOCK, None));
            assert_eq!(verdict.cause, Some("nla.kerberos-failed-then-ntlm-refused"), "{code}");
            assert_eq!(verdict.sure, Sure::Likely, "{code}");
            assert!(may_be(&verdict, "nla.ntlm-blocked") && may_be(&verdict, "nla.bad-credentials"));
        }
        let wrong = refused(&as_request("jdoe"), &krb_error(24, &KDC, CLOCK, None));
        assert_eq!((wrong.sure, may_be(&wrong, "nla.ntlm-blocked")), (Sure::Strong, false));
    }

    /// The answer to a ticket is the server's half of Kerberos only where the client goes on behind it.
    #[test]
    fn who_leaves_at_the_answer_to_its_ticket_was_not_taken() {
        let told = |sizes: &[i32]| {
            let mut talk = Talk::office();
            let mut sealed = Sealed::exact();
            negotiated(&mut talk, x224::MODERN, x224::HYBRID).turns(&sealed.handshake(NAME, WINDOWS));
            talk.turns(&sealed.script(sizes)).client_rst();
            judged(&[talk])[0].verdict.clone()
        };
        let took =
            |verdict: &Verdict| verdict.not_it.iter().any(|other| other.text.contains("took the Kerberos ticket"));
        for size in [-160, -227] {
            let left = told(&[175, -1351, 1887, size]);
            assert_eq!((left.cause, left.sure), (Some("nla.krb-modified"), Sure::Unsure));
            assert!(!took(&left));
        }
        let refused = told(&[175, -1351, 1887, -227, 191, -15]);
        assert!(refused.cause == Some("nla.refused") && took(&refused));
    }

    #[test]
    fn who_cancels_is_not_who_was_refused() {
        let cancelled = |question: &[u8], answer: &[u8], before: bool| {
            let mut talk = Talk::office();
            if before {
                exchange(&mut talk, 50_320, question, answer);
                talk.wait(0.5);
            }
            negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(2.0);
            if !before {
                exchange(&mut talk, 50_320, question, answer);
            }
            talk.wait(3.0).client_rst();
            judged(&[talk])[0].verdict.cause
        };
        let locked = krb_error(18, &KDC, CLOCK, None);
        assert_eq!(cancelled(&as_request("svc_backup"), &locked, false), Some("ok.prompt-reconnect"));
        assert_eq!(cancelled(&as_request("jdoe"), &locked, false), Some("nla.krb-client"));
        // Nothing says which server this is; what was refused before it began may be another's.
        let unknown = krb_error(7, &["TERMSRV", "other.corp.example"], CLOCK, None);
        let asked = tgs_request("other.corp.example");
        assert_eq!(cancelled(&asked, &unknown, true), Some("ok.prompt-reconnect"));
    }

    /// Whom the domain controller refuses leaves in the same place: where nobody saw what was asked there, nobody knows.
    #[test]
    fn who_leaves_at_the_prompt_may_have_been_refused_elsewhere() {
        for (sees_kerberos, outcome) in [(false, Outcome::Unsure), (true, Outcome::Ok)] {
            let mut talk = Talk::office();
            negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(2.0);
            if sees_kerberos {
                exchange(&mut talk, 50_320, &as_request("svc_backup"), &krb_error(18, &KDC, CLOCK, None));
            }
            talk.wait(3.0).client_rst();
            let verdict = &judged(&[talk])[0].verdict;
            assert_eq!((verdict.outcome, verdict.cause), (outcome, Some("ok.prompt-reconnect")));
        }
    }

    /// Four SYNs that nobody answers, and what the link says at those times.
    fn knocks(link: &[(usize, Vec<u8>)], before: f64) -> Option<&'static str> {
        let mut talk = Talk::new(Side::windows("10.20.4.17", 51_544).hops(0), Side::windows("10.20.1.9", 3389).hops(0));
        for (nth, pause) in [before, 1.0, 2.0, 4.0].into_iter().enumerate() {
            link.iter().filter(|(when, _)| *when == nth).for_each(|(_, frame)| {
                talk.link(frame.clone());
            });
            talk.wait(pause).lose_later().syn();
        }
        judged(&[talk])[0].verdict.cause
    }

    /// A ticket of the server's own, and then the controller refuses the one that both need; a card whose list is too old.
    #[test]
    fn what_the_controller_refuses_is_the_cause_wherever_the_client_waits_for_it() {
        let service = ["TERMSRV", NAME];
        for (code, cause) in [(7, "nla.krb-spn-unknown"), (14, "nla.krb-etype"), (37, "nla.krb-skew")] {
            let mut talk = Talk::office();
            let mut sealed = Sealed::exact();
            negotiated(&mut talk, x224::MODERN, x224::HYBRID).turns(&sealed.handshake(NAME, WINDOWS));
            talk.turns(&sealed.script(&[175, -1351]));
            exchange(&mut talk, 50_320, &tgs_request(NAME), &krb_error(code, &service, CLOCK, None));
            talk.wait(0.01).client_rst();
            assert_eq!(judged(&[talk])[0].verdict.cause, Some(cause));
        }
        for code in [64, 71, 72, 73, 76, 77] {
            let mut talk = Talk::office();
            negotiated(&mut talk, x224::MODERN, x224::HYBRID).wait(3.0);
            exchange(&mut talk, 50_320, &as_request("jdoe"), &krb_error(code, &KDC, CLOCK, None));
            talk.wait(3.0).client_rst();
            assert_eq!(judged(&[talk])[0].verdict.cause, Some("nla.krb-pkinit"), "{code}");
        }
    }

    #[test]
    fn a_neighbour_is_missing_only_to_who_waits_for_it() {
        let (client, other, server) = ([10, 20, 4, 17].into(), [10, 20, 1, 33].into(), [10, 20, 1, 9].into());
        let asks = |times: &[usize], who| times.iter().map(|nth| (*nth, arp_request(who, server))).collect::<Vec<_>>();
        assert_eq!(knocks(&asks(&[0, 1, 2], client), 0.1), Some("link.no-neighbour"));
        assert_eq!(knocks(&asks(&[0, 1, 2], ROUTER), 0.1), Some("link.no-neighbour"));
        // Who forwards the SYNs is not known: another asker is a sign, and no more.
        let asked = |who| {
            let mut talk = Talk::office();
            for _ in 0..3 {
                talk.syn().link(arp_request(who, server)).wait(1.0);
            }
            judged(&[talk])[0].verdict.sure
        };
        assert!(asked(other) < asked(client));
        // It answers the client; what it answers another is not seen here.
        let answered =
            [asks(&[0, 1, 2], other), vec![(0, arp_request(client, server)), (0, arp_reply(server, client))]];
        assert_eq!(knocks(&answered.concat(), 0.1), Some("tcp.syn-no-answer"));
        // Others ask for reasons of their own, long before.
        assert_eq!(knocks(&asks(&[0, 2], other), 20.0), Some("tcp.syn-no-answer"));
        assert_eq!(knocks(&asks(&[0, 1], other), 5.0), Some("tcp.syn-no-answer"));
    }
}
