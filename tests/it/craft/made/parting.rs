//! Sessions that are over, and how that is told: codes that were meant for something else, goodbyes behind which nobody
//! closes, signs of life that stay away, side channels that only seem to be open. No file holds them.

use rdpwhy::diagnose::verdict::{Outcome, Sure};

use super::super::file::Packet;
use super::super::frame::{Ip, UDP, noise, udp};
use super::super::mcs;
use super::super::sealed::{Sealed, WINDOWS};
use super::super::talk::{Side, Talk, Who};
use super::super::x224;
use super::ends::{NLA, SETUP, WORK};
use super::outlived::{notices, only, told};
use super::{classic, classic_until_work, judged, judged_packets, negotiated, work};

/// A session under standard security that runs.
fn running() -> Talk {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk));
    talk
}

/// One behind TLS.
fn hidden() -> (Talk, Sealed) {
    let mut talk = Talk::office();
    let mut sealed = Sealed::exact();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(3.4);
    talk.turns(&sealed.handshake("RDS-LEG01.corp.example", WINDOWS));
    talk.turns(&sealed.script(&[NLA, SETUP, WORK].concat())).wait(1.2);
    (talk, sealed)
}

fn closed(mut talk: Talk, by: Who) -> Talk {
    talk.fin(by).fin(by.other()).ack(by);
    talk
}

/// The same user on another machine, from now on and for a while.
fn elsewhere(before: &Talk) -> Talk {
    let mut talk = Talk::new(Side::windows("10.20.4.99", 50_122).hops(0), Side::windows("10.20.1.9", 3389).hops(2));
    talk.now = before.now + 1_000_000_000;
    work(work(classic_until_work(&mut talk)).wait(60.0));
    talk
}

/// What is said of `talk` with somebody else beside it, and how sure that is.
fn beside(talk: Talk) -> (Outcome, &'static str, Sure) {
    let other = elsewhere(&talk);
    let verdict = &judged(&[talk, other])[0].verdict;
    (verdict.outcome, verdict.cause.unwrap_or_default(), verdict.sure)
}

/// The server takes its code back and goes on; what ends it later, nobody says.
#[test]
fn a_code_that_was_taken_back_does_not_explain_a_later_end() {
    let mut talk = running();
    talk.server(&mcs::error_info(5)).wait(1.0).server(&mcs::error_info(0));
    work(&mut talk);
    assert_eq!(told(&closed(talk, Who::Server)), (Outcome::Died, "end.server-reset"));
    let mut talk = running();
    talk.server(&mcs::error_info(5)).wait(0.5).server(&mcs::error_info(0)).wait(0.2);
    assert_eq!(told(&closed(talk, Who::Server)), (Outcome::Died, "end.replaced"));
}

#[test]
fn whoever_works_on_was_not_ended_by_the_code() {
    let mut talk = running();
    talk.server(&mcs::error_info(5));
    for _ in 0..4 {
        work(&mut talk);
    }
    talk.client(&mcs::ultimatum(3));
    assert!(!notices(&only(&closed(talk, Who::Client)), "end.replaced"));
}

/// Behind the code nothing is said, however long the client takes to leave.
#[test]
fn silence_behind_a_code_makes_it_no_older() {
    let mut talk = running();
    talk.server(&mcs::error_info(5)).ack(Who::Client).wait(40.0).client_rst();
    let case = only(&talk);
    assert_eq!((case.verdict.cause, case.verdict.sure), (Some("end.replaced"), Sure::Proven));
}

#[test]
fn what_the_server_says_to_a_goodbye_is_no_reason_for_it() {
    let mut talk = running();
    talk.client(&mcs::ultimatum(3)).wait(0.05).server(&mcs::error_info(5)).client_rst();
    assert!(!notices(&only(&talk), "end.replaced"));
}

/// A session that is refused and therefore logged off was refused.
#[test]
fn the_first_code_says_why() {
    let mut talk = running();
    talk.server(&mcs::error_info(7)).wait(0.1).server(&mcs::error_info(12)).server(&mcs::ultimatum(3)).client_rst();
    assert_eq!(told(&talk), (Outcome::Died, "end.denied"));
}

/// Sound and clipboard take many packets; what comes behind them is read all the same.
#[test]
fn a_code_is_read_behind_many_packets() {
    for (code, cause) in [(3, "end.idle-limit"), (12, "ok.user-logoff")] {
        let mut talk = running();
        for nth in 0..80 {
            talk.server(&mcs::sealed(Who::Server, nth, 300)).wait(0.06);
        }
        talk.server(&mcs::error_info(code)).wait(0.1).server(&mcs::ultimatum(3)).client_rst();
        let case = only(&talk);
        assert_eq!((case.verdict.cause, case.verdict.sure), (Some(cause), Sure::Proven));
    }
}

/// Who said goodbye is neither still there nor lost on the way, though nobody closes the connection.
#[test]
fn a_goodbye_ends_a_session_that_nobody_closes() {
    let mut talk = running();
    talk.server(&mcs::error_info(0x19)).wait(0.1).server(&mcs::ultimatum(3)).ack(Who::Client);
    assert_eq!(beside(talk), (Outcome::Died, "end.server-shutdown", Sure::Proven));
    let mut talk = running();
    talk.server(&mcs::error_info(0x19)).ack(Who::Client);
    assert_eq!(beside(talk), (Outcome::Died, "end.server-shutdown", Sure::Strong));
    let mut talk = running();
    talk.server(&mcs::ultimatum(3)).ack(Who::Client);
    assert_eq!(beside(talk), (Outcome::Warn, "end.server-ended", Sure::Likely));
    let mut talk = running();
    talk.client(&mcs::ultimatum(3)).ack(Who::Server);
    let other = elsewhere(&talk);
    let verdict = &judged(&[talk, other])[0].verdict;
    assert_eq!(verdict.outcome, Outcome::Warn);
    assert_ne!(verdict.cause, Some("path.changed"));
}

/// Set Error Info, Deactivate All, ultimatum: that spells it out, whether the client closes at once, late, or never.
#[test]
fn a_goodbye_behind_tls_need_not_be_answered_at_once() {
    for patience in [None, Some(180.0)] {
        let (mut talk, mut sealed) = hidden();
        talk.turns(&sealed.script(&[-36])).wait(0.2).turns(&sealed.script(&[-30, -9])).ack(Who::Client);
        if let Some(seconds) = patience {
            talk.wait(seconds).server_fin();
        }
        assert_eq!(told(&talk), (Outcome::Warn, "end.server-ended"), "{patience:?}");
    }
}

/// Small pictures may have the same lengths; who is said goodbye to types no more.
#[test]
fn who_types_on_was_not_said_goodbye_to() {
    let (mut talk, mut sealed) = hidden();
    talk.turns(&sealed.script(&[-36, -30, -9]));
    for _ in 0..4 {
        talk.wait(0.5).turns(&sealed.script(&[12]));
    }
    talk.wait(60.0).keepalive(Who::Client).ack(Who::Server);
    assert_eq!(told(&talk), (Outcome::Ok, "ok.open-at-end"));
}

/// The laptop is closed; its user is let in elsewhere, and the server tells the old connection so, in vain.
#[test]
fn what_nobody_hears_any_more_is_no_reason() {
    let mut talk = running();
    talk.lose_later().server(&mcs::fast_path(Who::Server, 300, 734)).repeat_in_vain(Who::Server, 5);
    talk.lose_later().server(&mcs::error_info(5)).lose_later().server(&mcs::ultimatum(3)).wait(4.0).server_rst();
    assert_eq!(told(&talk), (Outcome::Died, "end.client-vanished"));
}

/// What the server says of its reasons stands by itself, though the capture came late, or holds the
/// server alone.
#[test]
fn a_code_needs_no_beginning() {
    let mut talk = running();
    let began = talk.packets().len();
    talk.server(&mcs::fast_path(Who::Server, 300, 734)).wait(0.2).client(&mcs::fast_path(Who::Client, 301, 15));
    talk.wait(1.0).server(&mcs::error_info(3)).wait(0.1).server(&mcs::ultimatum(3)).client_rst();
    let late = &judged_packets(&talk.packets()[began..])[0].verdict;
    assert_eq!((late.cause, late.sure), (Some("end.idle-limit"), Sure::Strong));
    // Nor does it need its client.
    let server = talk.server.ip;
    let own = |packet: &Packet| matches!(server, std::net::IpAddr::V4(ip) if packet.bytes[26..30] == ip.octets());
    let packets: Vec<Packet> = talk.packets().into_iter().filter(own).collect();
    let alone = &judged_packets(&packets)[0].verdict;
    assert_eq!((alone.cause, alone.sure), (Some("end.idle-limit"), Sure::Strong));
}

/// A redirection may be sent for information only; the session goes on where it is.
#[test]
fn a_redirection_that_nobody_follows_ends_nothing() {
    let mut talk = running();
    talk.server(&mcs::redirection());
    work(&mut talk).wait(600.0).server_rst();
    assert_eq!(told(&talk), (Outcome::Died, "end.server-reset"));
    // What comes before a redirection turns nobody away.
    let mut talk = Talk::office();
    classic_until_work(&mut talk).server(&mcs::error_info(0x410)).server(&mcs::redirection());
    assert_eq!(only(&closed(talk, Who::Client)).verdict.cause, Some("redirect"));
}

/// The client's machine was started anew and takes the same port: the server asks what that means, and is told.
#[test]
fn a_client_that_begins_anew_was_not_forgotten_by_a_device() {
    let (mut old, _) = hidden();
    old.wait(100.0);
    let mut new = Talk::new(old.client.clone().counting_from(77), old.server.clone().counting_from(99));
    new.now = old.now;
    new.lose_later().syn();
    old.now = new.now + 1_000_000;
    old.ack(Who::Server).bare_rst(Who::Client);
    new.now = old.now + 1_000_000_000;
    classic(&mut new);
    let case = &judged(&[old, new])[0];
    assert_eq!(case.verdict.cause, Some("end.client-died"));
    assert!(case.verdict.headline.contains("does not know"), "{}", case.verdict.headline);
}

/// A sign of life every ten seconds, then none; the client waits and leaves.
fn stops_beating() -> Talk {
    let (mut talk, mut sealed) = hidden();
    for _ in 0..8 {
        talk.wait(10.0).turns(&sealed.script(&[-22]));
    }
    talk.wait(50.0).client_rst();
    talk
}

#[test]
fn heartbeats_that_stay_away_send_the_client_back() {
    let first = stops_beating();
    let again = |port| {
        let mut talk = Talk::new(Side::windows("10.20.4.17", port).hops(0), first.server.clone().counting_from(9_118));
        talk.now = first.now + 1_000_000_000;
        classic(&mut talk);
        judged(&[first.clone(), talk])[0].verdict.cause
    };
    assert_eq!(again(51_549), Some("end.heartbeat-lost"));
    // Alone it is somebody who went.
    assert_eq!(told(&first), (Outcome::Died, "end.client-died"));
}

/// A side channel of these datagrams beside `talk`, from the client's `nth` port on from its own: who, and what.
fn add_channel(talk: &mut Talk, nth: u16, datagrams: &[(Who, Vec<u8>)]) {
    let (client, server) = (talk.client.clone(), talk.server.clone());
    let port = client.port + nth;
    let out = Ip { from: client.ip, to: server.ip, ttl: client.ttl, id: 0x51a0, whole: true };
    let back = Ip { from: server.ip, to: client.ip, ttl: server.ttl, id: 0x3b11, whole: true };
    for (who, bytes) in datagrams {
        talk.wait(0.5);
        match who {
            Who::Client => talk.aside(Who::Server, &out.packet(UDP, &udp(&out, port, 3389, bytes))),
            Who::Server => talk.aside(Who::Client, &back.packet(UDP, &udp(&back, 3389, port, bytes))),
        };
    }
}

/// A session that runs, with such a channel.
fn with_channel(datagrams: &[(Who, Vec<u8>)]) -> Talk {
    let mut talk = running();
    add_channel(&mut talk, 3, datagrams);
    talk
}

/// A datagram that belongs to no handshake.
fn datagram(who: Who, seed: u64) -> (Who, Vec<u8>) {
    (who, [&[0, 0, 0, 1, 0, 0x40, 0, 4, 0, 0][..], &noise(seed, 40)].concat())
}

fn channel(datagrams: &[(Who, Vec<u8>)]) -> (Outcome, Option<&'static str>, Sure) {
    let mut talk = with_channel(datagrams);
    talk.client(&mcs::ultimatum(3));
    let verdict = &judged(&[closed(talk, Who::Client)])[1].verdict;
    (verdict.outcome, verdict.cause, verdict.sure)
}

#[test]
fn a_side_channel_is_open_when_its_client_goes_on() {
    use Who::{Client, Server};
    let syn = (Client, x224::udp_syn(7, None));
    let answer = (Server, x224::udp_syn_ack(7, 9));
    // The server's answers are lost on their way.
    let asked: Vec<_> = (0..4).flat_map(|_| [syn.clone(), answer.clone()]).collect();
    assert_eq!(channel(&asked), (Outcome::Warn, Some("udp.blocked"), Sure::Likely));
    // Nor does a channel die that never was one, whenever the user leaves.
    let mut tries = vec![syn.clone()];
    tries.extend(std::iter::repeat_n(answer.clone(), 12));
    let mut talk = with_channel(&tries);
    talk.wait(59.0).client(&mcs::ultimatum(3));
    assert!(!notices(&judged(&[closed(talk, Client)])[0], "udp.dead-65s"));
    // A late answer is one.
    let late = [&asked[..], &[datagram(Client, 1), datagram(Server, 2)]].concat();
    assert_eq!(channel(&late), (Outcome::Ok, Some("ok.udp"), Sure::Strong));
    // The capture sees the client alone.
    let alone = [syn, datagram(Client, 1), datagram(Client, 2)];
    assert_eq!(channel(&alone), (Outcome::Ok, Some("ok.udp"), Sure::Likely));
}

/// The capture ends with questions in the air: nobody knows whether the session is open.
#[test]
fn who_asks_in_vain_does_not_know_either() {
    let (mut talk, _) = hidden();
    for _ in 0..3 {
        talk.wait(1.0).keepalive(Who::Client);
    }
    assert_eq!(told(&talk), (Outcome::Unsure, "cap.ends-mid-session"));
}

/// Of each packet the first bytes are kept: what ended may have been a whole session.
#[test]
fn what_is_cut_off_may_have_been_a_session() {
    let mut talk = running();
    talk.client(&mcs::ultimatum(3));
    let mut packets = closed(talk, Who::Client).packets();
    packets.iter_mut().for_each(|packet| packet.bytes.truncate(68));
    let verdict = &judged_packets(&packets)[0].verdict;
    assert_eq!(verdict.outcome, Outcome::Unsure, "{:?}", verdict.cause);
}

/// The client opens another channel and lets the first one go, on which the server goes on for a while; a minute later its user
/// leaves.
#[test]
fn a_channel_that_was_replaced_takes_nothing_with_it() {
    use Who::{Client, Server};
    let handshake = [(Client, x224::udp_syn(7, None)), (Server, x224::udp_syn_ack(7, 9))];
    let left = [&handshake[..], &[datagram(Client, 1)]].concat();
    let alone: Vec<_> = (0..9).map(|nth| datagram(Server, nth)).collect();
    let both: Vec<_> = (0..60).flat_map(|nth| [datagram(Client, nth), datagram(Server, 100 + nth)]).collect();
    let mut talk = with_channel(&[left, alone].concat());
    add_channel(&mut talk, 4, &[&handshake[..], &both].concat());
    talk.client(&mcs::ultimatum(3));
    assert!(!notices(&judged(&[closed(talk, Client)])[0], "udp.dead-65s"));
}
