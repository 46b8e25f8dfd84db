//! Stories that look like a death and are none, or are another one: what is told of them must not go by the first sign.
//! No file holds them.

use rdpwhy::diagnose::Case;
use rdpwhy::diagnose::verdict::{Outcome, Sure};

use super::super::file::Packet;
use super::super::hello::{SUITES, TLS_1_2, alert, client_hello, record, server_hello, server_hello_done};
use super::super::sealed::{Sealed, WINDOWS};
use super::super::talk::{Side, Talk, Who};
use super::super::{mcs, x224};
use super::ends::{SETUP, WORK};
use super::logon::NTLM;
use super::{classic_until_work, farewell, judged, judged_packets, negotiated, work};

/// Outcome and cause of the only session.
pub(super) fn told(talk: &Talk) -> (Outcome, &'static str) {
    let case = only(talk);
    (case.verdict.outcome, case.verdict.cause.unwrap_or_default())
}

/// Whether it could also be `id`.
pub(super) fn may_be(case: &Case, id: &str) -> bool {
    case.verdict.could_be.iter().any(|other| other.id == id)
}

pub(super) fn only(talk: &Talk) -> Case {
    let mut cases = judged(std::slice::from_ref(talk));
    assert_eq!(cases.len(), 1);
    cases.swap_remove(0)
}

pub(super) fn notices(case: &Case, id: &str) -> bool {
    case.verdict.cause == Some(id) || case.verdict.findings.iter().any(|finding| finding.id == id)
}

pub(super) fn hello() -> Vec<u8> {
    client_hello(TLS_1_2, SUITES, "rds-leg01.corp.example", 7)
}

/// A service that is just being started refuses the first SYN; the system's next one, half a second later, is let in.
#[test]
fn a_refusal_that_was_overcome_is_no_death() {
    let mut talk = Talk::office();
    talk.syn().refuse().wait(0.5);
    farewell(work(classic_until_work(&mut talk)));
    let case = only(&talk);
    assert_ne!(case.verdict.outcome, Outcome::Died, "{:?}", case.verdict.cause);
    assert!(notices(&case, "tcp.refused"));
}

/// ERR_NO_LICENSE_SERVER with ST_NO_TRANSITION: the server has grace days left and goes on.
#[test]
fn a_licence_error_that_the_session_outlived_is_no_death() {
    let mut talk = Talk::office();
    let turns = mcs::classic("WKS-0417", mcs::Security::Proprietary);
    let at = turns.iter().position(|(_, bytes)| *bytes == mcs::license(7, 2)).expect("the licence");
    negotiated(&mut talk, x224::RDP, x224::RDP).turns(&turns[..at]).server(&mcs::license(6, 2));
    farewell(work(talk.turns(&turns[at + 1..])));
    let case = only(&talk);
    assert_ne!(case.verdict.outcome, Outcome::Died, "{:?}", case.verdict.cause);
    assert!(notices(&case, "lic.refused"));
}

/// A client that asks for NLA alone takes TLS as well; what kills the connection is what the server says later.
#[test]
fn a_choice_that_the_client_takes_is_no_death() {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::HYBRID, x224::SSL).client(&hello()).server(&alert(TLS_1_2, 40)).server_fin();
    assert_eq!(told(&talk), (Outcome::Died, "tls.cipher-mismatch"));
    assert!(notices(&only(&talk), "neg.foreign-selection"));
}

/// The laptop sleeps, the server's probes are not answered, it resets; the laptop wakes up and goes on where it was.
#[test]
fn who_wakes_up_after_the_end_was_not_there() {
    let mut talk = Talk::new(Side::windows("10.88.0.23", 50_122).hops(3), Side::windows("10.20.1.9", 3389).hops(0));
    work(classic_until_work(&mut talk)).wait(30.0);
    for _ in 0..10 {
        talk.keepalive(Who::Server).wait(1.0);
    }
    talk.server_rst().wait(20.0).client(&mcs::fast_path(Who::Client, 300, 15));
    assert_eq!(told(&talk), (Outcome::Died, "end.client-vanished"));
}

/// The mouse moves all the time: whenever the server resets, something of the client came just before.
#[test]
fn a_busy_line_makes_no_reset_too_fast() {
    let mut talk = Talk::office();
    talk.server_delay = 60_000_000;
    work(classic_until_work(&mut talk));
    for nth in 0..40_u64 {
        talk.wait(0.008).client(&mcs::fast_path(Who::Client, 200 + nth, 15));
    }
    talk.server_delay = 1_000_000;
    talk.server_rst();
    assert_eq!(told(&talk), (Outcome::Died, "end.server-reset"));
}

/// A session with TLS that runs, and its user moves the mouse: nine bytes, as long as a goodbye.
pub(super) fn with_mouse(talk: &mut Talk) -> Sealed {
    let mut sealed = Sealed::exact();
    negotiated(talk, x224::MODERN, x224::HYBRID_EX).wait(3.4);
    talk.turns(&sealed.handshake("RDS-LEG01.corp.example", WINDOWS));
    talk.turns(&sealed.script(&[NTLM, SETUP, WORK].concat()));
    for _ in 0..6 {
        talk.wait(0.2).turns(&sealed.script(&[9])).wait(0.1).turns(&sealed.script(&[-310]));
    }
    sealed
}

#[test]
fn a_mouse_that_moves_says_no_goodbye() {
    let mut talk = Talk::office();
    let mut sealed = with_mouse(&mut talk);
    talk.turns(&sealed.script(&[9]));
    let mut closed = talk.clone();
    talk.wait(2.0).server_rst();
    assert_eq!(told(&talk), (Outcome::Died, "end.server-reset"));
    closed.client_rst();
    let case = only(&closed);
    assert_eq!((case.verdict.outcome, case.verdict.cause), (Outcome::Ok, Some("ok.user-disconnect")));
    assert_eq!(case.verdict.sure, Sure::Likely, "it may have been the mouse");
}

/// The server moves the pointer, in nine bytes; what it says before it leaves on purpose is announced.
#[test]
fn a_pointer_that_is_moved_is_no_goodbye_of_the_server() {
    let mut talk = Talk::office();
    let mut sealed = with_mouse(&mut talk);
    talk.turns(&sealed.script(&[-9])).wait(0.4).turns(&sealed.script(&[-9]));
    let mut ended = talk.clone();
    talk.wait(3.0).server_rst();
    assert_eq!(told(&talk), (Outcome::Died, "end.server-reset"));
    ended.turns(&sealed.script(&[-36])).wait(0.2).turns(&sealed.script(&[-30, -9])).client_rst();
    assert_eq!(told(&ended).1, "end.server-ended");
}

/// A clock that ticks 64 times a second: request and answer have the same time, and the file knows their order.
#[test]
fn within_a_tick_the_order_of_the_file_counts() {
    let mut talk = Talk::lab();
    talk.handshake().client(&x224::asks("jdoe", x224::MODERN)).server_fin();
    let tick = |packet: Packet| Packet { time_ns: packet.time_ns / 15_625_000 * 15_625_000, ..packet };
    let packets: Vec<Packet> = talk.packets().into_iter().map(tick).collect();
    assert_eq!(judged_packets(&packets).swap_remove(0).verdict.cause, Some("x224.close-on-cr"));
}

/// Two taps, one of which stamps its packets 2 ms later.
#[test]
fn directions_out_of_step_are_told() {
    let mut talk = Talk::lab();
    farewell(work(classic_until_work(&mut talk)));
    let late = |packet: Packet| match packet.bytes[34..36] == 3389_u16.to_be_bytes() {
        true => Packet { time_ns: packet.time_ns + 2_000_000, ..packet },
        false => packet,
    };
    let mut packets: Vec<Packet> = talk.packets().into_iter().map(late).collect();
    packets.sort_by_key(|packet| packet.time_ns);
    let case = judged_packets(&packets).swap_remove(0);
    assert!(notices(&case, "cap.out-of-step"));
    assert!(case.verdict.outcome != Outcome::Died || case.verdict.sure == Sure::Unsure, "{:?}", case.verdict.cause);
    assert!(!notices(&only(&talk), "cap.out-of-step"));
}

/// The server names the reason, and that is enough.
#[test]
fn a_refusal_needs_no_request_beside_it() {
    let mut talk = Talk::office();
    talk.handshake().miss().client(&x224::asks("jdoe", x224::SSL));
    talk.server(&x224::confirm(&x224::refuses(5))).client_rst();
    assert_eq!(told(&talk), (Outcome::Died, "neg.hybrid-required"));
}

/// One SYN may get lost, and the second one has had no time yet.
#[test]
fn the_second_of_two_syns_may_still_be_answered() {
    let mut talk = Talk::office();
    talk.lose_later().syn().wait(1.0).lose_later().syn();
    assert_eq!(told(&talk), (Outcome::Unsure, "cap.ends-mid-session"));
    talk.wait(2.0).lose_later().syn().wait(4.0).lose_later().syn();
    assert_eq!(told(&talk), (Outcome::Died, "tcp.syn-no-answer"));
}

/// On a port that only its words show to be RDP's: refused, and a minute later let in from the same port.
#[test]
fn a_port_used_again_begins_a_new_connection() {
    let ends = || (Side::windows("10.20.4.17", 51_544).hops(0), Side::windows("10.20.1.9", 3390).hops(2));
    let (client, server) = ends();
    let mut first = Talk::new(client, server);
    first.syn().refuse();
    let (client, server) = ends();
    let mut second = Talk::new(client.counting_from(77_118), server);
    second.now += 60_000_000_000;
    second.handshake().client(&x224::asks("jdoe", x224::SSL)).server(&x224::confirm(&x224::refuses(5))).client_rst();
    let case = judged(&[first, second]).pop().expect("a session");
    assert_eq!(case.verdict.cause, Some("neg.hybrid-required"));
    assert_eq!(case.session.packets(), 6);
}

/// A ClientHello that the capture lacks: nobody knows that the client stopped to ask for a password.
#[test]
fn what_was_not_captured_is_no_password_prompt() {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(0.4).miss().client(&hello()).ack(Who::Server);
    talk.wait(20.0).client_fin();
    assert_ne!(told(&talk).1, "ok.prompt-reconnect");
}

/// The ServerHello is missing, what comes behind it is there: the server was not silent.
#[test]
fn a_server_hello_that_was_not_captured_is_no_silence() {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::SSL).client(&hello()).miss();
    talk.server(&record(22, TLS_1_2, &server_hello(TLS_1_2, 0x009d, 9)));
    talk.server(&record(22, TLS_1_2, &server_hello_done())).server_rst();
    assert_ne!(told(&talk).1, "tls.server-silent-close");
}

/// One packet of somebody else is an hour ahead of its time; then the clock is right again.
#[test]
fn a_clock_that_was_wrong_for_a_packet_proves_no_silence() {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::SSL).client(&hello()).ack(Who::Server);
    let mut stranger = Talk::new(Side::windows("10.20.4.99", 51_544), Side::windows("10.20.1.98", 445));
    stranger.syn();
    let mut packets = talk.packets();
    let mut odd = stranger.packets();
    odd[0].time_ns += 3_600_000_000_000;
    packets.splice(2..2, odd);
    let case = judged_packets(&packets).swap_remove(0);
    assert_eq!(case.verdict.outcome, Outcome::Unsure, "{:?}", case.verdict.cause);
}
