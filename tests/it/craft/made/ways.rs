//! Stories of the way between two peers that look like others: long lives, late copies, routers that change their mind. No
//! file holds them.

use std::net::Ipv4Addr;

use rdpwhy::diagnose::verdict::{Outcome, Sure};
use rdpwhy::session::Direction;

use super::super::file::Packet;
use super::super::frame::{ACK, Ip, RST, checksum, unreachable};
use super::super::hello::{RSA_AES_256, TLS_1_2, certificate, record, server_hello, server_hello_done};
use super::super::sealed::WINDOWS;
use super::super::talk::{Side, Talk, Who};
use super::super::{mcs, x224};
use super::interference::{far_talk, vpn};
use super::outlived::{hello, notices, only, told};
use super::{classic_until_work, farewell, judged_packets, negotiated, work};

/// A key press that nobody acknowledges, sent again and again until its side gives up.
pub(super) fn gives_up(talk: &mut Talk, who: Who) -> &mut Talk {
    talk.lose_later().say(who, &mcs::fast_path(who, 300, 15)).repeat_in_vain(who, 6).wait(19.2).rst(who)
}

/// An ICMP error from `router` about the last packet of `talk`.
fn complains(talk: &mut Talk, router: &str, bend: impl Fn(&mut Vec<u8>)) {
    let packet = talk.packets().pop().expect("a packet");
    let to = if packet.bytes[26..30] == [10, 20, 4, 17] { Who::Client } else { Who::Server };
    let address = if to == Who::Client { talk.client.ip } else { talk.server.ip };
    let ip = Ip { from: router.parse().expect("an address"), to: address, ttl: 254, id: 7, whole: true };
    let mut error = unreachable(&ip, 1, &packet.bytes[14..]);
    let message = &mut error.split_off(20);
    bend(message);
    message[2..4].fill(0);
    let sum = checksum(message);
    message[2..4].copy_from_slice(&sum.to_be_bytes());
    error.extend_from_slice(message);
    talk.aside(to, &error);
}

/// The host is just being started: its router does not find it first, and its port is closed then.
#[test]
fn a_host_that_could_not_be_reached_at_first_refuses_by_itself() {
    let mut talk = far_talk(51_544);
    talk.lose_later().syn();
    complains(&mut talk, "172.16.9.1", |_| {});
    assert_eq!(told(&talk), (Outcome::Died, "tcp.icmp-unreachable"));
    talk.wait(1.0).syn().refuse().wait(0.5).syn().refuse();
    let case = only(&talk);
    assert_eq!((case.verdict.cause, case.verdict.sure), (Some("tcp.refused"), Sure::Strong));
    assert!(case.verdict.evidence.iter().any(|sign| sign.text.contains("172.16.9.1")));
}

/// A snap length of 64 bytes leaves of the SYN that an error quotes no more than its addresses.
#[test]
fn an_error_whose_quote_is_cut_is_no_silence() {
    let mut talk = far_talk(51_544);
    talk.lose_later().syn();
    complains(&mut talk, "172.16.9.1", |message| message[1] = 13);
    for pause in [1.0, 2.0, 4.0] {
        talk.wait(pause).lose_later().syn();
    }
    let mut packets = talk.packets();
    packets[1].bytes.truncate(14 + 20 + 8 + 22);
    let cases = judged_packets(&packets);
    let verdict = &cases[0].verdict;
    assert_eq!((verdict.cause, verdict.sure), (Some("tcp.icmp-unreachable"), Sure::Likely));
}

/// `traceroute -T -p 3389`, and a real loop.
#[test]
fn who_asks_for_the_routers_is_not_refused_by_them() {
    for (ttl, expected) in [(3, (Outcome::Scan, "scan.syn")), (128, (Outcome::Died, "tcp.icmp-unreachable"))] {
        let mut talk = far_talk(51_544);
        talk.client.ttl = ttl;
        talk.lose_later().syn();
        complains(&mut talk, "10.20.9.1", |message| {
            (message[0], message[1]) = (11, 0);
            message[8 + 8] = 1;
        });
        assert_eq!(told(&talk), expected);
    }
}

/// A server that has no time answers when the client has given up; half-open scans do not wait.
#[test]
fn who_gave_up_before_the_answer_came_is_no_scanner() {
    for (pause, is_scan) in [(0.0, true), (4.0, false)] {
        let mut talk = far_talk(51_544);
        talk.syn();
        if !is_scan {
            talk.wait(1.0).syn().wait(2.0).syn();
        }
        talk.wait(pause).syn_ack().bare_rst(Who::Client);
        assert_eq!(only(&talk).verdict.outcome == Outcome::Scan, is_scan);
    }
}

/// How many addresses a network has no packet says; an answer on the link says who is on it.
#[test]
fn a_neighbour_in_a_large_network_refuses_by_itself() {
    use super::super::beside::{arp_reply, arp_request};
    const FAR: &str = "tcp.refused-by-middlebox";
    for (server, answers, expected) in [
        ([10, 20, 4, 9], false, ("tcp.refused", Sure::Strong)),
        ([10, 20, 1, 9], true, ("tcp.refused", Sure::Strong)),
        ([10, 20, 1, 9], false, (FAR, Sure::Unsure)),
        ([172, 16, 9, 40], false, (FAR, Sure::Likely)),
    ] {
        let (own, server) = ([10, 20, 4, 17].into(), Ipv4Addr::from(server));
        let there = Side::windows(&server.to_string(), 3389).hops(0);
        let mut talk = Talk::new(Side::windows("10.20.4.17", 51_544).hops(0), there);
        if answers {
            talk.link(arp_request(own, server)).link(arp_reply(server, own));
        }
        talk.syn().refuse();
        let verdict = only(&talk).verdict;
        assert_eq!((verdict.cause, verdict.sure), (Some(expected.0), expected.1), "{server}");
    }
}

/// Two ways of different length: the reset arrives before the bytes that its host had sent before it.
#[test]
fn a_reset_that_overtakes_its_own_bytes_is_not_forged() {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk));
    let at = talk.server.next;
    talk.server.next = at.wrapping_add(200);
    talk.server_rst().wait(0.0015);
    let mut late = talk.draft(Who::Server);
    (late.seq, late.payload) = (at, mcs::fast_path(Who::Server, 300, 200));
    talk.forge(late.clone());
    assert_ne!(told(&talk).1, "tcp.rst-injected");
    // What it says behind its reset it cannot have said before.
    late.seq = talk.server.next;
    talk.forge(late);
    assert_eq!(told(&talk).1, "tcp.rst-injected");
}

/// A router of old does not say how much would fit; the server sends less, and hours later its client is gone.
#[test]
fn a_router_that_names_no_limit_was_heeded_by_less() {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk));
    let large = mcs::fast_path(Who::Server, 300, 1400);
    let at = talk.server.next;
    talk.lose_later().server(&large);
    complains(&mut talk, "10.20.9.1", |message| (message[1], message[6], message[7]) = (4, 0, 0));
    talk.say_at(Who::Server, at, &large[..536]).say_at(Who::Server, at.wrapping_add(536), &large[536..]);
    work(talk.ack(Who::Client));
    gives_up(&mut talk, Who::Server);
    assert_eq!(told(&talk), (Outcome::Died, "end.client-vanished"));
}

/// A burst loses a packet, and then the whole way is gone.
#[test]
fn a_hole_before_the_last_packet_is_no_limit_where_nothing_passes_any_more() {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk));
    talk.lose().server(&mcs::fast_path(Who::Server, 300, 1400)).server(&mcs::fast_path(Who::Server, 301, 300));
    gives_up(talk.ack(Who::Client), Who::Client);
    assert_eq!(told(&talk), (Outcome::Died, "tcp.retransmit-giveup"));
}

/// The certificate in two packets and a short one; whoever gets the short one answers at once that there is a hole.
#[test]
fn who_does_not_answer_the_short_end_of_a_flight_is_gone() {
    const FULL: usize = 1400;
    let flight = [server_hello(TLS_1_2, RSA_AES_256, 7), certificate(&[WINDOWS; 5])].concat();
    let flight = record(22, TLS_1_2, &[flight, server_hello_done()].concat());
    let at = flight.len() / FULL * FULL;
    assert!((1..400).contains(&(flight.len() - at)), "{}", flight.len());
    let sent = |answers: bool| {
        let mut talk = vpn();
        negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).client(&hello()).ack(Who::Server);
        for piece in flight[..at].chunks(FULL) {
            talk.lose_later().server(piece);
        }
        let first = talk.server.next.wrapping_sub(at as u32);
        if answers {
            talk.server(&flight[at..]).ack(Who::Client);
        } else {
            talk.lose_later().server(&flight[at..]);
        }
        for pause in [0.3, 0.6, 1.2, 2.4, 4.8] {
            talk.wait(pause).lose_later().say_at(Who::Server, first, &flight[..FULL]);
        }
        talk.wait(9.6).server_rst();
        told(&talk).1
    };
    assert_eq!(sent(true), "path.mtu-black-hole");
    assert_eq!(sent(false), "tcp.retransmit-giveup");
}

/// A slow radio link: each picture comes, late, and comes again; the client says so (RFC 2883).
#[test]
fn what_came_twice_was_not_lost() {
    let sent = |says_so: bool| {
        let mut talk = vpn();
        classic_until_work(&mut talk);
        for nth in 0..12 {
            let at = talk.server.next;
            talk.server(&mcs::fast_path(Who::Server, 300 + nth, 900)).ack(Who::Client);
            for _ in 0..2 {
                talk.wait(0.3).retransmit(Who::Server);
                let mut answer = talk.draft(Who::Client);
                let block = [at.to_be_bytes(), talk.server.next.to_be_bytes()].concat();
                if says_so {
                    answer.options = [vec![1, 1, 5, 10], block].concat();
                }
                talk.forge(answer);
            }
        }
        farewell(&mut talk);
        only(&talk)
    };
    assert!(notices(&sent(false), "path.loss"));
    let case = sent(true);
    assert!(!notices(&case, "path.loss"), "{:?}", case.verdict.findings);
    assert_eq!(case.session.side(Direction::ServerToClient).spurious(), 24);
}

/// The same packets as they were captured at the other end, three routers and so many nanoseconds on.
fn merged(talk: &Talk, way: u64) -> Vec<Packet> {
    let mut packets = talk.packets();
    let client = talk.client.port.to_be_bytes();
    for Packet { bytes, time_ns, .. } in talk.packets() {
        let mut bytes = bytes.clone();
        let is_v6 = bytes[12] == 0x86;
        let (ttl, ports) = if is_v6 { (21, 54) } else { (22, 34) };
        bytes[ttl] -= 3;
        let is_client = bytes[ports..ports + 2] == client;
        let time_ns = if is_client { time_ns + way } else { time_ns - way };
        packets.push(Packet { time_ns, length: bytes.len(), bytes });
    }
    packets.sort_by_key(|packet| packet.time_ns);
    packets
}

#[test]
fn captures_of_both_ends_in_one_file_hold_each_packet_twice() {
    let sides = |client: &str, server: &str| {
        let mut talk = Talk::new(Side::windows(client, 51_544).hops(0), Side::windows(server, 3389).hops(4));
        (talk.server_delay, talk.client_delay) = (200_000_000, 40_000_000);
        farewell(work(classic_until_work(&mut talk)));
        merged(&talk, 90_000_000)
    };
    for packets in [sides("10.20.4.17", "172.16.9.40"), sides("2001:db8::17", "2001:db8:9::40")] {
        let cases = judged_packets(&packets);
        assert_eq!(cases.len(), 1);
        assert!(!notices(&cases[0], "path.loss"), "{:?}", cases[0].verdict.findings);
        assert_ne!(cases[0].verdict.outcome, Outcome::Died);
    }
}

/// The client asks for the last step of activation and is not answered; of its records a snap length leaves the headers.
#[test]
fn what_was_cut_away_is_no_proof_of_a_good_end() {
    use super::super::sealed::Sealed;
    let mut sealed = Sealed::exact();
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).turns(&sealed.handshake("RDS-LEG01.corp.example", WINDOWS));
    talk.turns(&sealed.script(&[57, -295, 735, -59, 124, -4, 462, -118, 12, 8, -11, 433, -34, -472, 611, 36, 40, 40]));
    talk.ack(Who::Server).wait(40.0).client_fin().server_fin().ack(Who::Client);
    let mut packets = talk.packets();
    packets.iter_mut().for_each(|packet| packet.bytes.truncate(64));
    let verdict = judged_packets(&packets).swap_remove(0).verdict;
    assert_eq!((verdict.cause, verdict.sure), (Some("rdp.activation-stall"), Sure::Unsure));
}

/// `telnet server 3389`, and nothing typed.
#[test]
fn who_connects_and_says_nothing_was_not_turned_away() {
    for (pause, expected) in [(0.02, (Outcome::Died, "tcp.closed-on-accept")), (60.0, (Outcome::Scan, "scan.connect"))]
    {
        let mut talk = Talk::office();
        talk.handshake().wait(pause).server_fin().ack(Who::Client).client_fin();
        assert_eq!(told(&talk), expected);
    }
}

/// `tcp[tcpflags] & (tcp-syn|tcp-rst) != 0`: of a session that ran, its beginning and its end.
#[test]
fn a_filter_that_takes_beginnings_and_ends_makes_no_scanners() {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk)).client(&mcs::ultimatum(3)).client_rst();
    let mut half = talk.packets();
    half.truncate(2);
    let whole = |packets: &[Packet], rst: Packet| judged_packets(&[packets, &[rst]].concat()).swap_remove(0);
    let last = talk.packets().pop().expect("the reset");
    assert_ne!(whole(&half, last).verdict.outcome, Outcome::Scan);
    // What a half-open scan sends stands right behind the SYN.
    let mut scan = Talk::office();
    scan.syn().syn_ack().bare_rst(Who::Client);
    assert_eq!(only(&scan).verdict.outcome, Outcome::Scan);
    // Without any end: the server does not ask again, so it was answered.
    let mut later = far_talk(51_600);
    later.now = talk.now + 60_000_000_000;
    let packets = [half, later.syn().packets()].concat();
    assert_eq!(judged_packets(&packets)[0].verdict.outcome, Outcome::Unsure);
}

/// Captured next to the client, whose own firewall drops the answer.
#[test]
fn what_is_captured_at_the_client_came_to_its_network() {
    for (client, server, comes) in [(0, 3, true), (3, 0, false)] {
        let client = Side::windows("10.20.4.17", 51_544).hops(client);
        let mut talk = Talk::new(client, Side::windows("172.16.9.40", 3389).hops(server));
        for pause in [0.0, 1.0, 2.0] {
            talk.wait(pause).syn().lose_later().syn_ack();
        }
        talk.wait(4.0).syn();
        let verdict = only(&talk).verdict;
        assert_eq!(verdict.cause, Some("tcp.synack-unacked"));
        assert_eq!(verdict.headline.contains("comes to the client's network"), comes);
    }
}

/// A network card cuts what it is given: of the packets that went out, the capture has one large one.
#[test]
fn what_an_offload_hides_is_no_longer_than_its_receipt() {
    let mut talk = vpn();
    talk.offload = Some(Who::Server);
    classic_until_work(&mut talk).server(&mcs::fast_path(Who::Server, 299, 5_000)).wait(0.2);
    let burst = mcs::fast_path(Who::Server, 300, 3 * 1460 + 200);
    let at = talk.server.next;
    talk.lose_later().server(&burst);
    // The end of it arrives, which is told at once.
    let mut answer = talk.draft(Who::Client);
    let block = [at.wrapping_add(3 * 1460), talk.server.next].map(u32::to_be_bytes).concat();
    answer.options = [vec![1, 1, 5, 10], block].concat();
    talk.forge(answer);
    for pause in [0.3, 0.6, 1.2, 2.4, 4.8] {
        talk.wait(pause).lose_later().say_at(Who::Server, at, &burst[..1460]);
    }
    talk.wait(9.6).server_rst();
    assert_eq!(told(&talk).1, "path.mtu-black-hole");
}

/// The server holds a connection that the client has long forgotten, and a firewall keeps the client's resets from it
/// (RFC 5961 4); or a device rewrites numbers, and no reset fits.
#[test]
fn what_fits_no_syn_is_no_answer_to_it() {
    for flags in [ACK, RST | ACK] {
        let mut talk = far_talk(51_544);
        for pause in [0.0, 1.0, 2.0, 4.0] {
            talk.wait(pause).syn();
            let mut stale = talk.draft(Who::Server);
            (stale.flags, stale.ack) = (flags, stale.ack.wrapping_add(77_777));
            talk.forge(stale);
        }
        assert_eq!(told(&talk), (Outcome::Died, "tcp.syn-no-answer"));
        assert!(only(&talk).verdict.headline.contains("another connection"));
    }
}
