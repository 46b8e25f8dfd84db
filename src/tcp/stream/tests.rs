//! Messages over segments that come late, twice, cut or not at all.

use super::super::segment::{Flags, Net};
use super::*;

/// Takes messages of a length byte and so many bytes.
#[derive(Default)]
struct Messages {
    seen: Vec<(Vec<u8>, u64, u64)>,
    gaps: Vec<u64>,
}

impl Reader for Messages {
    fn read(&mut self, bytes: &[u8], origin: &Origin<'_>) -> usize {
        let length = usize::from(bytes[0]) + 1;
        let Some(message) = bytes.get(..length) else { return 0 };
        self.seen.push((message[1..].to_vec(), origin.first().frame.number(), origin.current.frame.number()));
        length
    }
    fn gap(&mut self, _left: &[u8], missing: u64, _origin: &Origin<'_>) {
        self.gaps.push(missing);
    }
}

fn segment(sequence: u32, payload: &[u8], length: usize) -> Segment<'_> {
    let net = Net {
        source: [10, 0, 0, 1].into(),
        destination: [10, 0, 0, 2].into(),
        ttl: 64,
        id: Some(1),
        dont_fragment: true,
        length: 40,
    };
    Segment {
        net,
        source_port: 1,
        destination_port: 2,
        sequence,
        acknowledgment: 0,
        flags: Flags(Flags::ACK),
        window: 0,
        options: &[],
        payload,
        length: length as u32,
    }
}

fn mark(number: u64) -> Mark {
    Mark { frame: FrameNumber::new(0, number), time: Timestamp(number as i64), place: 0 }
}

fn feed(stream: &mut Stream, reader: &mut Messages, number: u64, sequence: u32, payload: &[u8]) -> Arrival {
    stream.feed(&segment(sequence, payload, payload.len()), mark(number), reader)
}

#[test]
fn message_over_two_segments_names_both_frames() {
    let (mut stream, mut reader) = (Stream::default(), Messages::default());
    feed(&mut stream, &mut reader, 1, 100, &[3, b'a']);
    feed(&mut stream, &mut reader, 2, 102, &[b'b', b'c', 1, b'd']);
    assert_eq!(reader.seen, [(b"abc".to_vec(), 1, 2), (b"d".to_vec(), 2, 2)]);
}

#[test]
fn reordered_overlapping_wrapping() {
    let (mut stream, mut reader) = (Stream::default(), Messages::default());
    stream.anchor(u32::MAX - 1);
    assert_eq!(feed(&mut stream, &mut reader, 1, 0, b"bc"), Arrival::Early);
    assert_eq!(feed(&mut stream, &mut reader, 2, u32::MAX - 1, &[3, b'a', b'X']), Arrival::InOrder);
    assert_eq!(feed(&mut stream, &mut reader, 3, u32::MAX, b"ab"), Arrival::Old);
    assert_eq!(reader.seen, [(b"aXc".to_vec(), 2, 2)]);
}

#[test]
fn acknowledged_hole_is_a_gap() {
    let (mut stream, mut reader) = (Stream::default(), Messages::default());
    feed(&mut stream, &mut reader, 1, 100, &[1, b'a']);
    feed(&mut stream, &mut reader, 2, 110, &[1, b'z']);
    assert!(reader.gaps.is_empty());
    stream.acknowledge(112, mark(3), &mut reader);
    stream.finish(&mut reader);
    assert_eq!(reader.gaps, [8]);
    assert_eq!(reader.seen.last(), Some(&(b"z".to_vec(), 2, 2)), "it could have been read when it came");
    assert_eq!(stream.uncaptured(), 0);
}

#[test]
fn what_is_acknowledged_behind_the_last_segment_was_not_captured() {
    let (mut stream, mut reader) = (Stream::default(), Messages::default());
    feed(&mut stream, &mut reader, 1, 100, &[1, b'a']);
    stream.acknowledge(110, mark(2), &mut reader);
    stream.finish(&mut reader);
    assert_eq!((stream.uncaptured(), &reader.gaps[..]), (8, &[][..]));
}

/// Passes over so many bytes, and keeps the lengths of what it is shown.
struct Passing(usize, Vec<usize>);

impl Reader for Passing {
    fn read(&mut self, bytes: &[u8], _origin: &Origin<'_>) -> usize {
        self.0 = self.0.saturating_sub(bytes.len());
        self.1.push(bytes.len());
        bytes.len()
    }
    fn rest(&self) -> usize {
        self.0
    }
    fn gap(&mut self, _left: &[u8], _missing: u64, _origin: &Origin<'_>) {}
}

#[test]
fn bytes_that_nobody_looks_at_are_not_kept() {
    let (mut stream, mut reader) = (Stream::default(), Passing(3000, Vec::new()));
    stream.anchor(0);
    let payload = [7; 1000];
    for (number, sequence) in [(1, 2000), (2, 1000), (3, 2500)] {
        stream.feed(&segment(sequence, &payload, payload.len()), mark(number), &mut reader);
    }
    let all = stream.memory();
    stream.feed(&segment(0, &payload, payload.len()), mark(4), &mut reader);
    assert_eq!(reader.1, [1000, 1000, 1000, 500], "each byte once");
    assert!(all < 5000, "the third alone goes beyond what is passed over: {all} bytes");
}

#[test]
fn snap_length_cut_is_a_gap() {
    let (mut stream, mut reader) = (Stream::default(), Messages::default());
    stream.feed(&segment(100, &[1, b'a', 9], 20), mark(1), &mut reader);
    assert_eq!(reader.gaps, [17]);
    feed(&mut stream, &mut reader, 2, 120, &[1, b'b']);
    assert_eq!(reader.seen.len(), 2);
}

#[test]
fn memory_is_bounded() {
    let (mut stream, mut reader) = (Stream::default(), Messages::default());
    stream.anchor(0);
    for number in 0..10_000u32 {
        feed(&mut stream, &mut reader, u64::from(number), 10 + number * 20, &[255; 10]);
        assert!(stream.memory() < 512 * 1024);
    }
}
