//! Stories told by clocks: who waited for how long, whose timer struck, and who was heard again. No file holds them.

use rdpwhy::diagnose::verdict::{Outcome, Sure};

use super::super::file::Packet;
use super::super::frame::SYN;
use super::super::mcs;
use super::super::sealed::{Sealed, WINDOWS};
use super::super::talk::{BEGIN, Side, Talk, Who};
use super::super::x224;
use super::ends::SETUP;
use super::logon::NTLM;
use super::outlived::{hello, may_be, only, told, with_mouse};
use super::{classic, classic_until_work, judged, judged_packets, negotiated, work};

/// A session that runs, captured next to its server.
fn laptop(ip: &str, begin: f64) -> Talk {
    let mut talk = Talk::new(Side::windows(ip, 50_122).hops(3), Side::windows("10.20.1.9", 3389).hops(0));
    talk.now = BEGIN + (begin * 1e9) as u64;
    work(classic_until_work(&mut talk));
    talk
}

fn running() -> Talk {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk));
    talk
}

/// The server probes, nobody answers, it gives up.
fn probed_in_vain(talk: &mut Talk) -> &mut Talk {
    for _ in 0..10 {
        talk.keepalive(Who::Server).wait(1.0);
    }
    talk.server_rst()
}

/// Two laptops are closed. The server's keep-alive interval is the same for both, and tells of no device.
#[test]
fn a_server_that_probes_by_its_clock_shows_no_idle_timeout() {
    let mut talks = [laptop("10.88.0.23", 0.0), laptop("10.88.3.7", 1234.5)];
    for talk in &mut talks {
        probed_in_vain(talk.wait(300.0));
    }
    for case in judged(&talks) {
        assert_eq!(case.verdict.cause, Some("end.client-vanished"));
        assert!(may_be(&case, "path.idle-expiry"));
    }
}

/// The same where it paints the lock screen: ten minutes behind the last input, for whomever.
#[test]
fn a_lock_screen_that_nobody_gets_shows_no_idle_timeout() {
    let mut talks = [laptop("10.88.0.23", 0.0), laptop("10.88.3.7", 1234.5)];
    for talk in &mut talks {
        talk.wait(600.0).lose_later().server(&mcs::fast_path(Who::Server, 300, 900));
        talk.repeat_in_vain(Who::Server, 5).wait(9.6).server_rst();
    }
    assert!(judged(&talks).iter().all(|case| case.verdict.cause == Some("end.client-vanished")));
}

/// Hours after the server gave up the laptop wakes: its packets pass, so that no device has forgotten them.
#[test]
fn who_is_heard_again_was_asleep() {
    let mut talk = laptop("10.88.0.23", 0.0);
    probed_in_vain(talk.wait(61.0)).wait(7200.0);
    talk.client(&mcs::fast_path(Who::Client, 300, 15)).bare_rst(Who::Server);
    assert_eq!(told(&talk), (Outcome::Died, "end.client-vanished"));
}

/// The server is restarted while nobody works: at first it does not answer, then it knows nothing.
#[test]
fn a_server_that_comes_back_as_a_stranger_was_away() {
    let mut talk = running();
    talk.wait(400.0).lose_later().client(&mcs::fast_path(Who::Client, 300, 15));
    talk.repeat_in_vain(Who::Client, 4).wait(20.0).retransmit(Who::Client).bare_rst(Who::Server);
    assert_eq!(told(&talk), (Outcome::Died, "tcp.retransmit-giveup"));
}

/// Both are reset in one moment, a quarter of an hour after the last word: no host answers a reset with a reset.
#[test]
fn two_resets_out_of_a_long_silence_are_a_device() {
    let mut talk = running();
    talk.wait(1000.0).server_rst().client_rst();
    assert_eq!(told(&talk), (Outcome::Died, "path.lb-reset"));
    let mut busy = running();
    busy.server_rst().client_rst();
    assert_eq!(told(&busy), (Outcome::Died, "end.server-reset"));
}

/// A proxy closes what is idle as a server would.
#[test]
fn a_close_out_of_a_long_silence_may_be_somebodys_idle_timeout() {
    let mut talk = running();
    let mut busy = talk.clone();
    talk.wait(1800.0).server_fin().client_fin();
    busy.wait(2.0).server_fin().client_fin();
    assert_eq!(told(&talk), (Outcome::Died, "end.server-reset"));
    assert!(may_be(&only(&talk), "path.lb-reset") && !may_be(&only(&busy), "path.lb-reset"));
}

/// The server's goodbye is missing in the capture, and the client's reset acknowledges it.
#[test]
fn a_reset_that_acknowledges_what_was_not_captured_tells_of_last_words() {
    let mut talk = Talk::office();
    let mut sealed = with_mouse(&mut talk);
    let (_, goodbye) = sealed.script(&[-9]).remove(0);
    talk.wait(1.0).miss().server(&goodbye);
    let mut acknowledged = talk.clone();
    talk.client_rst();
    assert_eq!(told(&talk), (Outcome::Unsure, "end.unexplained"));
    acknowledged.ack(Who::Client).wait(0.02).client_rst();
    assert_eq!(told(&acknowledged), (Outcome::Unsure, "end.unexplained"));
}

/// Three repetitions within two seconds, and the capture ends: a Wi-Fi that changes its channel takes as long.
#[test]
fn a_capture_that_ends_too_soon_shows_no_death() {
    let mut talk = laptop("10.88.0.23", 0.0);
    talk.wait(1.0).lose_later().server(&mcs::fast_path(Who::Server, 300, 900)).repeat_in_vain(Who::Server, 3);
    assert_eq!(told(&talk), (Outcome::Unsure, "cap.ends-mid-session"));
    talk.wait(2.4).lose_later().retransmit(Who::Server).wait(4.8).lose_later().retransmit(Who::Server);
    assert_eq!(told(&talk), (Outcome::Died, "end.client-vanished"));
}

/// Nobody had been asked for twenty seconds, and then for less than one.
#[test]
fn the_time_before_the_first_question_is_no_wait_for_an_answer() {
    let asked = || {
        let mut talk = Talk::office();
        let mut sealed = with_mouse(&mut talk);
        let (_, input) = sealed.script(&[14]).remove(0);
        talk.wait(20.0).lose_later().client(&input);
        talk
    };
    let mut killed = asked();
    killed.repeat_in_vain(Who::Client, 2).wait(0.1).client_rst();
    assert_eq!(told(&killed), (Outcome::Died, "end.client-died"));
    // In a data centre five timers run out in a second.
    let mut fast = asked();
    for nth in 0..5 {
        fast.wait(0.03 * f64::from(1 << nth)).lose_later().retransmit(Who::Client);
    }
    fast.wait(0.9).client_rst();
    assert_eq!(told(&fast), (Outcome::Died, "tcp.retransmit-giveup"));
    assert_eq!(only(&fast).verdict.sure, Sure::Likely);
}

/// The client's machine was restarted: what the server sends is answered by a kernel that knows nothing.
#[test]
fn a_client_that_knows_nothing_is_no_client_that_crashed() {
    let mut talk = running();
    talk.wait(30.0).lose_later().server(&mcs::fast_path(Who::Server, 300, 900)).bare_rst(Who::Client);
    assert_eq!(told(&talk), (Outcome::Died, "end.client-died"));
    assert!(only(&talk).verdict.headline.contains("does not know"));
}

/// A firewall in the middle, where the capture is taken, lets through neither side.
#[test]
fn packets_of_both_sides_that_come_by_and_do_not_arrive() {
    let mut talk = Talk::new(Side::windows("10.88.0.23", 50_122), Side::windows("10.20.1.9", 3389));
    work(classic_until_work(&mut talk)).wait(1.0);
    talk.lose_later().client(&mcs::fast_path(Who::Client, 300, 15));
    talk.lose_later().server(&mcs::fast_path(Who::Server, 300, 900));
    for pause in [0.3, 0.6, 1.2, 2.4, 4.8] {
        talk.wait(pause).lose_later().retransmit(Who::Client).lose_later().retransmit(Who::Server);
    }
    talk.wait(9.0).server_rst();
    let case = only(&talk);
    assert_eq!(case.verdict.cause, Some("tcp.retransmit-giveup"));
    assert!(case.verdict.headline.starts_with("both sides'"));
    assert!(may_be(&case, "here"));
}

/// The client leaves and its network with it: the server's repetitions are no loss that the user felt.
#[test]
fn what_is_sent_to_somebody_who_has_left_is_not_lost() {
    let mut talk = running();
    talk.client(&mcs::ultimatum(3)).client_rst().lose_later().server(&mcs::fast_path(Who::Server, 300, 900));
    talk.repeat_in_vain(Who::Server, 5).wait(9.6).server_rst();
    assert_ne!(told(&talk).1, "path.loss");
}

/// A Remote Desktop client asks at once; one that does not is half of the riddle.
#[test]
fn who_asks_for_nothing_may_be_no_client() {
    let closed_after = |seconds| {
        let mut talk = Talk::office();
        talk.handshake().wait(seconds).server_fin().client_fin();
        only(&talk)
    };
    assert_eq!(closed_after(0.1).verdict.sure, Sure::Strong);
    let late = closed_after(5.0);
    assert_eq!((late.verdict.cause, late.verdict.sure), (Some("tcp.closed-on-accept"), Sure::Likely));
    assert!(may_be(&late, "scan.connect"));
}

/// The user is asked for a password, and when TLS begins nobody knows the connection: that is no trouble with a key.
#[test]
fn a_host_that_is_a_stranger_after_the_prompt_has_no_trouble_with_its_key() {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(45.0).client(&hello()).bare_rst(Who::Server);
    assert_eq!(told(&talk), (Outcome::Died, "end.unexplained"));
    assert!(may_be(&only(&talk), "rdp.prompt-timeout"));
    let mut at_once = Talk::office();
    negotiated(&mut at_once, x224::MODERN, x224::HYBRID_EX).wait(3.4).client(&hello()).server_rst();
    assert_eq!(told(&at_once).1, "tls.server-silent-close");
}

/// A balancer that waits for half a minute and no longer.
#[test]
fn a_close_while_the_client_waits_may_be_a_timer() {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(30.0).server_fin().client_fin();
    assert_eq!(told(&talk), (Outcome::Died, "end.unexplained"));
    assert!(may_be(&only(&talk), "rdp.connect-timer"));
}

/// The first connection is turned away, and the client's next one, a second later, works: nobody is without a session.
#[test]
fn a_first_connection_that_the_next_one_makes_up_for_is_no_death() {
    let mut first = Talk::office();
    first.handshake().client(&x224::asks("jdoe", x224::RDP)).server_rst();
    let mut second = Talk::new(Side::windows("10.20.4.17", 51_549).hops(0), Side::windows("10.20.1.9", 3389).hops(2));
    second.now = first.now + 1_000_000_000;
    classic(&mut second);
    let outcomes = |talks: &[Talk]| judged(talks).iter().map(|case| case.verdict.outcome).collect::<Vec<_>>();
    assert_eq!(outcomes(std::slice::from_ref(&first)), [Outcome::Died]);
    assert_eq!(outcomes(&[first.clone(), second.clone()])[0], Outcome::Warn);
    // A session that was running is what its user lost.
    let mut broken = running();
    broken.server_rst();
    let later = second.now + 20_000_000_000;
    let mut again = Talk::new(Side::windows("10.20.4.17", 51_550).hops(0), Side::windows("10.20.1.9", 3389).hops(2));
    again.now = later.min(broken.now + 2_000_000_000);
    classic(&mut again);
    assert_eq!(outcomes(&[broken, again])[0], Outcome::Died);
}

/// A SYN of `talk`'s client for another connection on the same ports.
fn begins_anew(talk: &mut Talk) -> &mut Talk {
    let mut segment = talk.draft(Who::Client);
    (segment.flags, segment.seq, segment.ack) = (SYN, segment.seq.wrapping_add(0x0123_4567), 0);
    talk.forge(segment)
}

/// The client's machine is restarted and happens to use its port again: that is no sign of life of what was before.
#[test]
fn a_syn_of_another_connection_says_nothing_of_this_one() {
    let mut talk = laptop("10.88.0.23", 0.0);
    talk.wait(60.0);
    for _ in 0..10 {
        talk.keepalive(Who::Server).wait(1.0);
    }
    begins_anew(talk.wait(20.0));
    assert_eq!(told(&talk), (Outcome::Died, "end.client-vanished"));
    // The server still knows the old one, and says where that stands: nothing of it is lost.
    let mut held = running();
    for _ in 0..4 {
        begins_anew(held.wait(1.0)).ack(Who::Server);
    }
    assert_ne!(told(&held).0, Outcome::Died);
}

/// Packets come and go on two ways, and the capture has one of them.
#[test]
fn an_answer_to_nothing_shows_that_one_side_is_missing() {
    let mut talk = Talk::office();
    talk.handshake().client(&x224::asks("jdoe", x224::MODERN)).server_rst();
    let is_server = |packet: &Packet| packet.bytes[34..36] == 3389_u16.to_be_bytes();
    let packets: Vec<Packet> = talk.packets().into_iter().filter(is_server).collect();
    assert_eq!(judged_packets(&packets)[0].verdict.cause, Some("cap.one-way"));
}

/// The server hangs, and closes a minute later when a timer of its own runs out: that is no answer.
#[test]
fn a_server_that_closes_after_a_minute_has_not_answered() {
    let begun = |script: &[i32]| {
        let mut talk = Talk::office();
        let mut sealed = Sealed::exact();
        negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(3.4);
        talk.turns(&sealed.handshake("RDS-LEG01.corp.example", WINDOWS)).turns(&sealed.script(script));
        talk
    };
    let info = SETUP.iter().position(|length| (-40..-30).contains(length)).expect("the licence");
    let until_info = [NTLM, &SETUP[..info]].concat();
    let mut hello_sent = Talk::office();
    negotiated(&mut hello_sent, x224::MODERN, x224::HYBRID_EX).wait(3.4).client(&hello());
    for (talk, slow, at_once) in [
        (hello_sent, "tls.handshake-stall", "tls.server-silent-close"),
        (begun(&[57, -295, 735]), "nla.server-slow", "nla.refused-no-code"),
        (begun(&until_info), "rdp.activation-stall", "rdp.closed-after-info"),
    ] {
        let ended = |seconds| {
            let mut talk = talk.clone();
            talk.wait(seconds).server_fin().client_fin();
            told(&talk)
        };
        assert_eq!(ended(60.0), (Outcome::Died, slow));
        assert_eq!(ended(0.3), (Outcome::Died, at_once));
    }
}

/// What the client says gets lost behind here. In the end the server's probes run out, and its reset comes through.
#[test]
fn a_server_whose_own_reset_arrives_was_there_all_the_time() {
    let mut talk = running();
    talk.wait(1.0).lose_later().client(&mcs::fast_path(Who::Client, 300, 15)).repeat_in_vain(Who::Client, 4);
    talk.wait(5.0).server_rst();
    assert_eq!(told(&talk), (Outcome::Died, "tcp.retransmit-giveup"));
    assert!(only(&talk).verdict.headline.contains("though the server is there"));
}

/// Two ports are mirrored to one: the client's reset comes first, and acknowledges the goodbye that it answers.
#[test]
fn a_reset_that_acknowledges_a_goodbye_came_after_it() {
    let mut talk = running();
    talk.server(&mcs::ultimatum(1)).client_rst();
    let mut packets = talk.packets();
    let last = packets.len() - 1;
    packets[last].time_ns = packets[last - 1].time_ns - 50_000;
    packets.swap(last - 1, last);
    assert_eq!(judged_packets(&packets)[0].verdict.cause, Some("end.server-ended"));
}
