//! One connection under two addresses: a router that translates them, captured on both of its sides. No file holds them.

use super::super::file::{Packet, merge};
use super::super::sealed::{Sealed, WINDOWS};
use super::super::talk::{Talk, Who};
use super::super::x224;
use super::ends::{NLA, SETUP, WORK};
use super::{judged, judged_packets, negotiated};

const INSIDE: [u8; 4] = [10, 20, 4, 17];
const OUTSIDE: [u8; 4] = [198, 51, 100, 7];

/// The same packets behind the router, 30 µs later or, on their way back, sooner.
fn behind_router(talk: &Talk) -> Vec<Packet> {
    let mut packets = talk.packets();
    for packet in &mut packets {
        let is_going = packet.bytes[26..30] == INSIDE;
        let at = if is_going { 26 } else { 30 };
        packet.bytes[at..at + 4].copy_from_slice(&OUTSIDE);
        let (ttl, time) = (&mut packet.bytes[22], &mut packet.time_ns);
        (*ttl, *time) = if is_going { (*ttl - 1, *time + 30_000) } else { (*ttl + 1, *time - 30_000) };
    }
    packets
}

fn causes(cases: &[rdpwhy::diagnose::Case]) -> Vec<Option<&'static str>> {
    cases.iter().map(|case| case.verdict.cause).collect()
}

/// Nobody else came, and nothing but this one was reset.
#[test]
fn what_passes_a_router_is_no_second_witness() {
    let session = |end: &dyn Fn(&mut Talk, &mut Sealed)| {
        let mut talk = Talk::office();
        let mut sealed = Sealed::exact();
        negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX);
        talk.turns(&sealed.handshake("RDS-LEG01.corp.example", WINDOWS));
        talk.turns(&sealed.script(&[NLA, SETUP, WORK].concat())).wait(1.0);
        end(&mut talk, &mut sealed);
        talk
    };
    let dismissed = session(&|talk, sealed| {
        talk.turns(&sealed.script(&[-36, -9])).client_rst();
    });
    let forged = session(&|talk, sealed| {
        for who in [Who::Server, Who::Client] {
            let mut reset = talk.draft(who);
            reset.flags = super::super::frame::RST;
            reset.ttl = 61;
            talk.forge(reset);
        }
        talk.turns(&sealed.script(&[-900]));
    });
    for talk in [dismissed, forged] {
        let alone = judged(std::slice::from_ref(&talk));
        let both = judged_packets(&merge([talk.packets(), behind_router(&talk)]));
        assert_eq!(causes(&both), causes(&[&alone[..], &alone[..]].concat()));
        assert!(both.iter().all(|case| case.verdict.sure == alone[0].verdict.sure));
    }
}
