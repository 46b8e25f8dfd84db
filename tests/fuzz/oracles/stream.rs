//! The same bytes, however they are cut, repeated and reordered, are read the same.

use rdpwhy::engine::{Engine, Options};
use rdpwhy::frame::{Frame, FrameNumber, LinkType, Place, Timestamp};
use rdpwhy::session::{Direction, Event, EventKind, Session};
use rdpwhy::tcp::segment::{Flags, Net, Segment};
use rdpwhy::tcp::stream::{Mark, Origin, Reader, Stream};

/// Takes messages of a length byte and so many bytes.
#[derive(Default)]
struct Messages {
    bytes: Vec<u8>,
    missing: u64,
}

impl Reader for Messages {
    fn read(&mut self, bytes: &[u8], origin: &Origin<'_>) -> usize {
        assert_eq!(origin.offset, self.bytes.len() as u64 + self.missing);
        let length = usize::from(bytes[0] & 0x3f) + 1;
        let Some(message) = bytes.get(..length) else { return 0 };
        assert!(origin.first().frame <= origin.current.frame);
        self.bytes.extend_from_slice(message);
        length
    }

    fn gap(&mut self, left: &[u8], missing: u64, _: &Origin<'_>) {
        self.bytes.extend_from_slice(left);
        self.missing += missing;
    }
}

fn segment(sequence: u32, payload: &[u8], length: u32) -> Segment<'_> {
    let net = Net {
        source: [10, 0, 0, 1].into(),
        destination: [10, 0, 0, 2].into(),
        ttl: 64,
        id: Some(1),
        dont_fragment: true,
        length: 40 + length,
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
        length,
    }
}

const fn mark(number: u64) -> Mark {
    Mark { frame: FrameNumber::new(0, number), time: Timestamp(number as i64 * 1_000_000), place: 0 }
}

/// A script of three bytes a step: where a piece of one stream begins, how long it is, what happens to it. Whatever
/// arrives, in whatever order, what is read is the stream's beginning, byte for byte.
pub(super) fn ordered(bytes: &[u8]) {
    let [first, rest @ ..] = bytes else { return };
    // Four of a kind, so that the sum of lengths wraps in some.
    let base = u32::from(*first) << 24;
    let content: Vec<u8> = (0..4096_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let (mut stream, mut reader) = (Stream::default(), Messages::default());
    stream.anchor(base);
    let mut is_cut = false;
    for (number, step) in (1..).zip(rest.chunks_exact(3)) {
        let at = (usize::from(step[0]) << 4 | usize::from(step[2] & 0xf)).min(content.len());
        let end = (at + usize::from(step[1])).min(content.len());
        let length = (end - at) as u32;
        match step[2] >> 4 {
            0 => stream.acknowledge(base.wrapping_add(at as u32), mark(number), &mut reader),
            1 => {
                is_cut = true;
                let captured = &content[at..at + (end - at) / 2];
                stream.feed(&segment(base.wrapping_add(at as u32), captured, length), mark(number), &mut reader);
            }
            _ => {
                stream.feed(
                    &segment(base.wrapping_add(at as u32), &content[at..end], length),
                    mark(number),
                    &mut reader,
                );
            }
        }
        assert!(stream.memory() < 256 << 10);
    }
    stream.finish(&mut reader);
    let (held, ..) = stream.begun().unwrap_or_default_parts();
    assert_eq!(stream.delivered(), reader.bytes.len() as u64 + reader.missing + held.len() as u64);
    if reader.missing == 0 && !is_cut {
        reader.bytes.extend_from_slice(held);
        assert!(content.starts_with(&reader.bytes), "read in another order than sent");
    }
}

trait PartsOr<'a> {
    fn unwrap_or_default_parts(self) -> (&'a [u8], u64, Mark);
}

impl<'a> PartsOr<'a> for Option<(&'a [u8], u64, Mark)> {
    fn unwrap_or_default_parts(self) -> (&'a [u8], u64, Mark) {
        self.unwrap_or((&[], 0, mark(0)))
    }
}

/// Ethernet, IPv4 and TCP around `payload`.
fn frame(from_client: bool, sequence: u32, acknowledgment: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let ends: [[u8; 4]; 2] = [[10, 20, 4, 17], [10, 20, 1, 9]];
    let ports: [u16; 2] = [51_544, 3389];
    let (from, to) = if from_client { (0, 1) } else { (1, 0) };
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0];
    frame.extend((40 + payload.len() as u16).to_be_bytes());
    frame.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
    frame.extend(ends[from]);
    frame.extend(ends[to]);
    frame.extend(ports[from].to_be_bytes());
    frame.extend(ports[to].to_be_bytes());
    frame.extend(sequence.to_be_bytes());
    frame.extend(acknowledgment.to_be_bytes());
    frame.extend([0x50, flags, 0xfa, 0xf0, 0, 0, 0, 0]);
    frame.extend(payload);
    frame
}

/// Both sides' words, in turns.
type Turn<'a> = (bool, &'a [u8]);

/// One session in which `turns` are said, each in pieces of at most `piece` bytes.
fn played(turns: &[Turn<'_>], piece: impl Fn(usize) -> usize) -> Session {
    let mut engine = Engine::new(Options::default());
    let mut number = 0;
    let mut push = |bytes: Vec<u8>| {
        number += 1;
        engine.push(&Frame {
            number: FrameNumber::new(0, number),
            time: Timestamp(1_700_000_000_000_000_000 + number as i64 * 1_000_000),
            link: LinkType::ETHERNET,
            bytes: &bytes,
            original_length: bytes.len() as u32,
            place: Place { offset: number, length: bytes.len() as u32 },
        });
    };
    let mut next = [1001_u32, 5001];
    push(frame(true, 1000, 0, Flags::SYN, &[]));
    push(frame(false, 5000, 1001, Flags::SYN | Flags::ACK, &[]));
    push(frame(true, 1001, 5001, Flags::ACK, &[]));
    let mut cuts = 0;
    for (from_client, words) in turns {
        let (own, other) = if *from_client { (0, 1) } else { (1, 0) };
        let mut rest = *words;
        while !rest.is_empty() {
            cuts += 1;
            let (part, left) = rest.split_at(piece(cuts).clamp(1, 1460).min(rest.len()));
            push(frame(*from_client, next[own], next[other], Flags::ACK, part));
            next[own] = next[own].wrapping_add(part.len() as u32);
            rest = left;
        }
    }
    let mut sessions = engine.finish();
    assert_eq!(sessions.len(), 1);
    *sessions.remove(0)
}

/// What `direction` said, with where it stood, until one of them made no sense any more: where a reader finds its way
/// again, and how much of another protocol it is shown at once, depends on the packets; and what it takes for an agreement
/// then says how the other side is read.
fn said(session: &Session, direction: Direction) -> Vec<String> {
    let events = session.timeline.iter().take_while(|event| !is_lost(event));
    events
        .filter(|event| event.direction == direction && !matches!(event.kind, EventKind::Tcp(_)))
        .map(|event| format!("{} {} {:?} {:?}", event.stream_offset, event.length, event.phase, event.kind))
        .collect()
}

fn is_lost(event: &Event) -> bool {
    matches!(event.kind, EventKind::Malformed(_)) || event.fact().is_some_and(|fact| fact.foreign().is_some())
}

/// Turns of a byte for who speaks, two for how much, and the words; the first two bytes say how they are cut.
pub(super) fn cut_anyhow(bytes: &[u8]) {
    let [few, many, rest @ ..] = bytes else { return };
    let mut turns: Vec<Turn<'_>> = Vec::new();
    let mut rest = rest;
    while let [who, high, low, words @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high & 0x1f, *low])).min(words.len());
        let (words, left) = words.split_at(length);
        turns.push((who & 1 == 0, words));
        rest = left;
    }
    let whole = played(&turns, |_| 1460);
    let cut = played(&turns, |nth| usize::from(if nth % 3 == 0 { *few } else { *many }));
    if whole.timeline.elided().0.events + cut.timeline.elided().0.events > 0 {
        return;
    }
    for direction in [Direction::ClientToServer, Direction::ServerToClient] {
        assert_eq!(said(&whole, direction), said(&cut, direction), "cut into {few} and {many}");
    }
}
