//! Stories that depend on where somebody looks, and on what does not get there: packets that a peer or the capture lacks,
//! packets that the capture has twice. No file holds them.

use rdpwhy::diagnose::Case;
use rdpwhy::diagnose::verdict::{By, Outcome, Sure};

use super::super::file::{Packet, merge};
use super::super::frame::{Ip, unreachable};
use super::super::hello::{TLS_1_2, alert};
use super::super::sealed::{Sealed, WINDOWS};
use super::super::talk::{Side, Talk, Who};
use super::super::{mcs, x224};
use super::ends::{SETUP, WORK};
use super::logon::NTLM;
use super::outlived::{only, told};
use super::{classic_until_work, farewell, judged, judged_packets, negotiated, work};

/// A key press, acknowledged; and `times` more of the same, acknowledged each time. Answers the frame of the first receipt.
fn deaf(talk: &mut Talk, times: u32) -> u64 {
    talk.client(&mcs::fast_path(Who::Client, 300, 15)).wait(0.01).ack(Who::Server);
    let receipt = talk.next_frame() as u64 - 1;
    for nth in 0..times {
        talk.wait(0.3 * f64::from(1_u32 << nth)).retransmit(Who::Client).ack(Who::Server);
    }
    receipt
}

/// The server has nothing to say but that it has heard, and the client's own firewall begins to keep that from it.
#[test]
fn who_repeats_what_was_acknowledged_hears_nothing() {
    for closer in [None, Some(Who::Client), Some(Who::Server)] {
        let mut talk = Talk::office();
        work(classic_until_work(&mut talk)).wait(2.0);
        let receipt = deaf(&mut talk, 5);
        if let Some(who) = closer {
            talk.wait(9.6).rst(who);
        }
        let verdict = only(&talk).verdict;
        assert_eq!((verdict.outcome, verdict.cause), (Outcome::Died, Some("tcp.retransmit-giveup")), "{closer:?}");
        let death = verdict.death.expect("it died");
        assert_eq!((death.by, death.frame.number()), (By::Network, receipt), "{closer:?}");
        assert!(verdict.headline.starts_with("the server's packets do not arrive any more"), "{}", verdict.headline);
    }
}

/// The same for two seconds; then the way back is there again, and work goes on.
#[test]
fn who_hears_again_is_no_death() {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk)).wait(2.0);
    deaf(&mut talk, 3);
    farewell(work(talk.wait(0.5)));
    assert_ne!(told(&talk).0, Outcome::Died, "{:?}", told(&talk).1);
}

/// Questions whether the server lives are not answered, and its client closes. That is answered at once, or not at all.
#[test]
fn who_answers_a_close_was_not_gone_altogether() {
    let sure = |answers: bool| {
        let mut talk = Talk::lab();
        work(classic_until_work(&mut talk)).wait(5.0);
        for _ in 0..3 {
            talk.keepalive(Who::Client).wait(2.0);
        }
        if answers {
            talk.client_fin().wait(0.04).ack(Who::Server);
        } else {
            talk.lose_later().client_fin();
        }
        let verdict = only(&talk).verdict;
        assert_eq!((verdict.outcome, verdict.cause), (Outcome::Died, Some("tcp.retransmit-giveup")));
        verdict.sure
    };
    assert_eq!([sure(false), sure(true)], [Sure::Strong, Sure::Likely]);
}

/// A session in which two large pictures of the server never come, each with a piece behind it; the client waits, and leaves.
fn with_holes(behind: usize) -> Talk {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk)).wait(2.0);
    talk.client(&mcs::fast_path(Who::Client, 300, 15));
    for nth in 0..2 {
        talk.lose().server(&mcs::fast_path(Who::Server, 400 + nth, 1_460));
        talk.server(&mcs::fast_path(Who::Server, 500 + nth, behind)).ack(Who::Client);
    }
    for nth in 0..3 {
        talk.wait(2.0).client(&mcs::fast_path(Who::Client, 310 + nth, 15)).ack(Who::Server);
    }
    talk.client_fin();
    talk
}

/// Each piece is small, whatever all of them and what lies between them come to.
#[test]
fn several_holes_are_as_telling_as_one() {
    let verdict = only(&with_holes(260)).verdict;
    assert_eq!((verdict.outcome, verdict.cause), (Outcome::Died, Some("path.mtu-black-hole")));
    assert!(verdict.evidence.iter().any(|sign| sign.text.contains("had passed before")), "{:?}", verdict.evidence);
    assert_ne!(told(&with_holes(1_460)).1, "path.mtu-black-hole", "large ones do arrive");
    // A full segment with timestamps is smaller than the MSS says.
    assert_ne!(told(&with_holes(1_448)).1, "path.mtu-black-hole", "large ones do arrive");
}

/// Each packet once more on the other side of the router that captures: a moment later, and a hop further.
fn on_the_router(talk: &Talk) -> Vec<Case> {
    let copy = |mut packet: Packet| {
        packet.time_ns += 20_000;
        packet.bytes[22] -= 1;
        packet
    };
    judged_packets(&merge([talk.packets(), talk.packets().into_iter().map(copy).collect()]))
}

/// `port` of the client asks, next door to the capture as the server is.
fn next_door(port: u16) -> Talk {
    Talk::new(Side::linux("10.77.1.10", port).hops(0), Side::linux("10.77.2.20", 3389).hops(0))
}

#[test]
fn next_to_a_router_is_both_who_asks_and_who_refuses() {
    let mut refused = next_door(40_112);
    refused.syn().refuse();
    assert_eq!(told(&refused).1, "tcp.refused-by-middlebox");
    assert_eq!(on_the_router(&refused)[0].verdict.cause, Some("tcp.refused"));
    // A mirror port that takes what comes in has each packet once; that the server is next door shows when it answers.
    let mut answered = next_door(40_110);
    farewell(work(classic_until_work(&mut answered)));
    let mut later = next_door(40_112);
    later.now = answered.now + 5_000_000_000;
    later.syn().refuse();
    assert_eq!(judged(&[answered, later])[1].verdict.cause, Some("tcp.refused"));
}

/// The router passes one connection on, and refuses the next one itself, as one does that counts them.
#[test]
fn who_captures_may_be_who_refuses() {
    let mut passed = next_door(40_110);
    farewell(work(classic_until_work(&mut passed)));
    let mut refused = next_door(40_112);
    refused.now = passed.now + 5_000_000_000;
    refused.syn().refuse();
    let copies = passed.packets().into_iter().map(|packet| Packet { time_ns: packet.time_ns + 20_000, ..packet });
    let copies: Vec<Packet> = copies.collect();
    let judged = |copies: &[Packet]| judged_packets(&merge([passed.packets(), copies.to_vec(), refused.packets()]));
    assert_eq!(judged(&copies)[1].verdict.cause, Some("tcp.refused-by-middlebox"));
    assert_eq!(judged(&copies[..2])[1].verdict.cause, Some("tcp.refused"), "two copies are chance");
}

/// The same in a session: what the router says in the server's name comes by once, and all else twice.
#[test]
fn a_reset_that_comes_by_once_is_the_routers_own() {
    let cause = |is_passed_on: bool| {
        let mut talk = next_door(40_112);
        talk.handshake().client(&x224::asks("jdoe", x224::SSL)).server_rst();
        let packets = talk.packets();
        let passed = packets.len() - usize::from(!is_passed_on);
        let copy = |packet: &Packet| Packet { time_ns: packet.time_ns + 20_000, ..packet.clone() };
        let copies = packets[..passed].iter().map(copy).collect();
        judged_packets(&merge([packets, copies]))[0].verdict.cause
    };
    assert_eq!([cause(true), cause(false)], [Some("x224.close-on-cr"), Some("tcp.rst-injected")]);
}

/// A gateway translates the server's address, and both sides of it are captured.
#[test]
fn one_connection_under_two_addresses_is_no_redirection() {
    let leaves = |server: &str, port: u16, at: u64| {
        let mut talk = Talk::new(Side::linux("10.77.1.10", port).hops(0), Side::linux(server, 3389).hops(0));
        talk.now += at;
        let mut sealed = Sealed::exact();
        negotiated(&mut talk, x224::SSL, x224::SSL).turns(&sealed.handshake("srv", WINDOWS));
        talk.turns(&sealed.script(SETUP))
            .turns(&[sealed.alert(Who::Client)])
            .client_fin()
            .server_fin()
            .ack(Who::Client);
        talk
    };
    let cause = |later: Talk| judged(&[leaves("10.77.1.1", 40_112, 0), later])[0].verdict.cause;
    assert_eq!(cause(leaves("10.77.2.20", 40_112, 30_000)), Some("ok.user-disconnect"));
    assert_eq!(cause(leaves("10.77.2.20", 40_113, 500_000_000)), Some("redirect"));
}

/// A forwarder says that a host cannot be reached: not itself, whoever hears that.
#[test]
fn who_complains_of_a_host_is_not_that_host() {
    for (code, is_beyond) in [(1, true), (3, false)] {
        let mut talk = Talk::office();
        talk.lose_later().syn();
        let frame = talk.packets()[0].bytes.clone();
        let itself = Ip { from: talk.server.ip, to: talk.client.ip, ttl: 62, id: 7, whole: true };
        talk.aside(Who::Server, &unreachable(&itself, code, &frame[14..]));
        let verdict = only(&talk).verdict;
        assert_eq!(verdict.cause, Some("tcp.icmp-unreachable"));
        assert_eq!(verdict.headline.contains("passes connections on"), is_beyond, "{}", verdict.headline);
    }
}

/// The service crashes in the middle of a logon; the system refuses who comes next. Where it is let in, nothing crashed.
#[test]
fn a_service_that_is_gone_refused_nobody() {
    let judged_with = |is_gone: bool| {
        let mut sealed = Sealed::exact();
        let mut talk = Talk::office();
        negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).turns(&sealed.handshake("srv", WINDOWS));
        talk.turns(&sealed.script(&NTLM[..3])).server_rst();
        let mut next = Talk::new(Side::windows("10.20.4.17", 51_545).hops(0), talk.server.clone().counting_from(7));
        next.now = talk.now + 1_000_000_000;
        next.syn();
        if is_gone {
            next.refuse();
        } else {
            next.syn_ack().ack(Who::Client);
        }
        judged(&[talk, next]).swap_remove(0).verdict
    };
    let is_told =
        |verdict: &rdpwhy::diagnose::verdict::Verdict| verdict.could_be.iter().any(|other| other.id == "restart");
    let [gone, there] = [judged_with(true), judged_with(false)];
    assert_eq!([gone.cause, there.cause], [Some("nla.refused-no-code"); 2]);
    assert!(is_told(&gone) && !is_told(&there), "{:?} {:?}", gone.could_be, there.could_be);
    assert!(gone.evidence.iter().any(|sign| sign.text.contains("1.0 s later nobody listens")), "{:?}", gone.evidence);
}

/// Something lets the handshake pass and drops the request. That the server is gone is one explanation of several.
#[test]
fn whose_first_word_gets_lost_may_be_filtered() {
    let mut talk = Talk::office();
    talk.handshake().lose_later().client(&x224::asks("jdoe", x224::MODERN));
    talk.repeat_in_vain(Who::Client, 5).wait(9.6).client_rst();
    let verdict = only(&talk).verdict;
    assert_eq!((verdict.cause, verdict.sure), (Some("tcp.retransmit-giveup"), Sure::Likely));
    assert!(verdict.could_be.iter().any(|other| other.id == "filter"), "{:?}", verdict.could_be);
}

#[test]
fn what_is_captured_twice_is_counted_once() {
    let mut talk = Talk::new(Side::linux("10.77.1.10", 40_112).hops(1), Side::linux("10.77.2.20", 3389).hops(1));
    work(classic_until_work(&mut talk));
    for nth in 0..3 {
        talk.lose_later()
            .client(&mcs::fast_path(Who::Client, 300 + nth, 15))
            .wait(0.4)
            .retransmit(Who::Client)
            .wait(0.2);
    }
    farewell(work(&mut talk));
    let loss = |case: &Case| {
        let findings = case.verdict.findings.iter().filter(|finding| finding.id == "path.loss");
        findings.map(|finding| finding.text.to_string()).collect::<Vec<_>>()
    };
    let once = loss(&only(&talk));
    assert!(once.len() == 1 && once[0].contains("(3 of "), "{once:?}");
    assert_eq!(loss(&on_the_router(&talk)[0]), once);
}

/// The capture lacks some packets of a session that went well, such as what the client answered to the server's capabilities:
/// that it ended for want of them is no more than what is missing.
#[test]
fn what_was_not_captured_was_not_left_out() {
    let mut sealed = Sealed::exact();
    let mut talk = Talk::lab();
    negotiated(&mut talk, x224::SSL, x224::SSL).turns(&sealed.handshake("srv", WINDOWS));
    talk.turns(&sealed.script(SETUP)).turns(&sealed.script(WORK)).wait(1.0);
    talk.turns(&[sealed.alert(Who::Client)]).client_fin().server_fin().ack(Who::Client);
    let packets = talk.packets();
    assert_ne!(told(&talk).0, Outcome::Died);
    for from in 8..packets.len() - 4 {
        for count in 1..12 {
            let kept = packets.iter().enumerate().filter(|(nth, _)| !(from..from + count).contains(nth));
            let kept: Vec<Packet> = kept.map(|(_, packet)| packet.clone()).collect();
            let verdict = &judged_packets(&kept)[0].verdict;
            assert_ne!(verdict.outcome, Outcome::Died, "without {count} from {from} on: {}", verdict.headline);
        }
    }
}

/// The goodbye of who closes is not in the capture: that there was none would be said too soon.
#[test]
fn last_words_that_were_not_captured_may_have_been_a_goodbye() {
    for (who, resets) in [Who::Client, Who::Server].into_iter().flat_map(|who| [(who, false), (who, true)]) {
        let told = |is_missed: bool, says: bool| {
            let mut sealed = Sealed::exact();
            let mut talk = Talk::lab();
            negotiated(&mut talk, x224::SSL, x224::SSL).turns(&sealed.handshake("srv", WINDOWS));
            talk.turns(&sealed.script(SETUP)).turns(&sealed.script(WORK)).wait(1.0);
            if is_missed {
                talk.miss();
            }
            if says {
                talk.turns(&[sealed.alert(who)]);
            }
            match resets {
                true => talk.rst(who),
                false => talk.fin(who).ack(who.other()).fin(who.other()),
            };
            told(&talk).0
        };
        assert_eq!(told(true, true), Outcome::Unsure, "{who:?} {resets}");
        assert_eq!(told(false, false), Outcome::Died, "{who:?} {resets}");
    }
}

/// xrdp waits for a ClientHello, and complains to who has left already.
#[test]
fn a_complaint_behind_a_close_is_no_part_of_the_visit() {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::SSL, x224::SSL).client_fin().server(&alert(TLS_1_2, 50)).bare_rst(Who::Client);
    assert_eq!(told(&talk), (Outcome::Scan, "scan.negotiation"));
}

/// A program gives up while its system waits for the answer to the SYN, as one does that tries two addresses at once.
#[test]
fn who_takes_its_syn_back_need_not_scan() {
    let sure = |is_bare: bool| {
        let mut talk = Talk::lab();
        if is_bare {
            (talk.client.scale, talk.client.timestamps, talk.client.sack) = (None, false, false);
        }
        talk.syn().syn_ack().bare_rst(Who::Client);
        let verdict = only(&talk).verdict;
        assert_eq!((verdict.outcome, verdict.cause), (Outcome::Scan, Some("scan.syn")));
        verdict.sure
    };
    assert_eq!([sure(true), sure(false)], [Sure::Strong, Sure::Likely]);
}
