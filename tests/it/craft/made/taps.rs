//! Each direction captured by itself, and one of the two clocks behind: answers come before their questions. No file holds them.

use rdpwhy::diagnose::verdict::{Outcome, Sure};

use super::super::file::{Packet, merge};
use super::super::sealed::{Sealed, WINDOWS};
use super::super::talk::{Talk, Who};
use super::super::x224;
use super::ends::{NLA, SETUP, WORK};
use super::{classic_until_work, judged, judged_packets, negotiated};

/// The packets of `talk` when those of `who` are captured so much later; seconds.
fn late(talk: &Talk, who: Who, seconds: f64) -> Vec<Packet> {
    let mut packets = talk.packets();
    for packet in &mut packets {
        let from_server = packet.bytes[34..36] == 3389_u16.to_be_bytes();
        if from_server == (who == Who::Server) {
            packet.time_ns += (seconds * 1e9) as u64;
        }
    }
    packets.sort_by_key(|packet| packet.time_ns);
    packets
}

/// What the server has acknowledged was said, whenever it was captured.
#[test]
fn who_closes_on_a_request_that_is_captured_late_has_heard_it() {
    let mut talk = Talk::office();
    talk.handshake().client(&x224::asks("jdoe", x224::MODERN)).server_fin().client_fin().ack(Who::Server);
    for (seconds, cause) in [(0.0, "x224.close-on-cr"), (0.05, "end.unexplained")] {
        let cases = judged_packets(&late(&talk, Who::Client, seconds));
        assert_eq!(cases[0].verdict.cause, Some(cause), "{seconds}");
    }
}

/// Each direction was captured on another machine, and their clocks differ: no order of words says anything, and nobody died
/// of it. What a peer declared is still so.
#[test]
fn two_clocks_make_no_death() {
    let mut healthy = Talk::office();
    let mut sealed = Sealed::exact();
    negotiated(&mut healthy, x224::MODERN, x224::HYBRID_EX);
    healthy.turns(&sealed.handshake("RDS-LEG01.corp.example", WINDOWS));
    healthy.turns(&sealed.script(&[NLA, SETUP, WORK].concat())).wait(1.0);
    healthy.turns(&sealed.script(&[9])).client_fin().server_fin().ack(Who::Client);
    let mut plain = Talk::office();
    super::classic(&mut plain);
    let mut refused = Talk::office();
    refused.handshake().client(&x224::asks("jdoe", x224::SSL)).server(&x224::confirm(&x224::refuses(5))).client_rst();
    for who in [Who::Client, Who::Server] {
        for seconds in [0.7, 2.0, 5.0, 40.0, 3600.0] {
            for talk in [&healthy, &plain] {
                let case = judged_packets(&late(talk, who, seconds)).swap_remove(0);
                let told = (case.verdict.outcome, case.verdict.cause, case.verdict.sure);
                assert_ne!(told.0, Outcome::Died, "{who:?} {seconds}: {told:?}");
                assert!(
                    case.verdict.findings.iter().any(|finding| finding.id == "cap.out-of-step"),
                    "{who:?} {seconds}"
                );
            }
            let case = judged_packets(&late(&refused, who, seconds)).swap_remove(0);
            assert_eq!((case.verdict.outcome, case.verdict.cause), (Outcome::Died, Some("neg.hybrid-required")));
        }
    }
}

/// Nobody knows who said goodbye first.
#[test]
fn of_two_goodbyes_out_of_step_none_is_surely_the_first() {
    let mut talk = Talk::office();
    let mut sealed = Sealed::exact();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX);
    talk.turns(&sealed.handshake("RDS-LEG01.corp.example", WINDOWS));
    talk.turns(&sealed.script(&[NLA, SETUP, WORK].concat())).wait(1.0);
    talk.turns(&sealed.script(&[-36, -9, 9])).client_fin().server_fin().ack(Who::Client);
    let told = |seconds| {
        let cases = judged_packets(&late(&talk, Who::Server, seconds));
        (cases[0].verdict.outcome, cases[0].verdict.cause, cases[0].verdict.sure)
    };
    assert_eq!(told(0.0), (Outcome::Warn, Some("end.server-ended"), Sure::Likely));
    assert_eq!(told(0.1), (Outcome::Ok, Some("ok.user-disconnect"), Sure::Likely));
}

/// Captures of two places by two clocks in one file: the one has the reset before the other has what came before it.
#[test]
fn a_copy_from_elsewhere_is_no_word_behind_a_reset() {
    let mut talk = Talk::office();
    classic_until_work(&mut talk).server_rst();
    let mut copies = talk.packets();
    for packet in &mut copies {
        packet.bytes[22] -= 1;
        packet.time_ns += 200_000_000;
    }
    let both = judged_packets(&merge([talk.packets(), copies]));
    assert_eq!(both[0].verdict.cause, judged(&[talk])[0].verdict.cause);
}
