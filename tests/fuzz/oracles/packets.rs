//! Frames of any link type: decoded, fed to the engine, judged.

use rdpwhy::diagnose::judge_all;
use rdpwhy::engine::{Engine, Options};
use rdpwhy::frame::{Frame, FrameNumber, LinkType, Place, Timestamp};
use rdpwhy::tcp::Decoder;
use rdpwhy::tcp::segment::Packet;

/// Frames, each behind four bytes: its link type (by its row), the time that went by, its length.
pub(super) fn frames(mut bytes: &[u8]) -> impl Iterator<Item = Frame<'_>> {
    let (mut number, mut time) = (0, 1_700_000_000_000_000_000_i64);
    std::iter::from_fn(move || {
        let [link, pause, high, low, rest @ ..] = bytes else { return None };
        let length = usize::from(u16::from_be_bytes([*high & 0x3f, *low])).min(rest.len());
        let (frame, rest) = rest.split_at(length);
        bytes = rest;
        number += 1;
        // From a hundred microseconds to most of an hour.
        time += 100_000 << (pause & 0x1f).min(25);
        let (link, _) = LinkType::KNOWN[usize::from(*link) % LinkType::KNOWN.len()];
        // The upper bits say that the wire had more.
        let original_length = length as u32 + (u32::from(*high >> 6) << 8);
        let place = Place { offset: number * 100, length: length as u32 };
        Some(Frame {
            number: FrameNumber::new(0, number),
            time: Timestamp(time),
            link,
            bytes: frame,
            original_length,
            place,
        })
    })
}

pub(super) fn decoded(bytes: &[u8]) {
    let mut decoder = Decoder::default();
    let mut engine = Engine::new(Options { memory: 1 << 20, ..Options::default() });
    for frame in frames(bytes) {
        match decoder.decode(&frame) {
            // A payload is never longer than the wire says; the streams count on it.
            Packet::Tcp(segment) => assert!(segment.payload.len() <= segment.length as usize, "{segment:?}"),
            Packet::Udp(datagram) => assert!(datagram.payload.len() <= 65_535, "{}", datagram.payload.len()),
            Packet::Icmp(_) | Packet::Neighbour(_) | Packet::Other => {}
        }
        engine.push(&frame);
        if engine.is_over_budget() {
            engine.evict();
            assert!(!engine.is_over_budget());
        }
    }
    let sessions = engine.finish();
    assert!(sessions.iter().all(|session| session.timeline.len() <= 512));
    let count = sessions.len();
    assert_eq!(judge_all(sessions, engine.asides(), 0).len(), count);
}
