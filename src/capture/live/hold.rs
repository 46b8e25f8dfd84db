//! Packets that wait until it is known whether they are wanted. Bounded: what is known to be unwanted leaves first, then
//! the middle of what is long, then what has waited longest.

use std::collections::{HashMap, VecDeque};

use crate::capture::keep::{Keep, Kept};
use crate::capture::source::Moved;
use crate::frame::{FrameNumber, Timestamp};

/// Bytes of a session's beginning that are never cut: every handshake and logon.
const HEAD: usize = 256 * 1024;
/// Bytes of its end that are never cut.
const TAIL: usize = 64 * 1024;
/// What is left of a packet that is cut: the headers.
const CUT: usize = 96;
/// What a packet costs beside its bytes.
const COST: usize = size_of::<Waiting>() + 24;
/// New numbers remembered of one session.
const MOVED: usize = 1 << 16;

/// A packet that waits.
pub(super) struct Waiting {
    pub(super) line: usize,
    pub(super) time: Timestamp,
    pub(super) original: u32,
    pub(super) number: FrameNumber,
    pub(super) bytes: Box<[u8]>,
}

#[derive(Default)]
struct Held {
    packets: VecDeque<Waiting>,
    bytes: usize,
    /// Wanted: what comes goes straight into the file.
    is_wanted: bool,
    moved: Vec<Moved>,
}

/// Packets by the session that they belong to.
pub(super) struct Hold {
    pub(super) keep: Keep,
    held: HashMap<u32, Held>,
    spare: VecDeque<u32>,
    bytes: usize,
    most: usize,
    is_short: bool,
    /// It was short at some time, which is told once.
    was_short: bool,
}

impl Hold {
    /// Holds at most so many bytes.
    pub(super) fn new(keep: Keep, most: usize) -> Self {
        Self { keep, held: HashMap::new(), spare: VecDeque::new(), bytes: 0, most, is_short: false, was_short: false }
    }

    /// A packet of session `key`. `write` is told of each that goes into the file.
    pub(super) fn take(&mut self, key: u32, packet: Waiting, write: &mut dyn FnMut(&Waiting, Kept) -> FrameNumber) {
        let held = self.held.entry(key).or_default();
        if held.is_wanted {
            put(&mut self.keep, &packet, &mut held.moved, write);
            return;
        }
        let size = packet.bytes.len() + COST;
        held.bytes += size;
        held.packets.push_back(packet);
        self.bytes += size;
        if self.bytes > self.most {
            self.shrink();
        }
    }

    /// The packets of `key` are wanted; answers their new numbers, oldest first.
    pub(super) fn want(&mut self, key: u32, write: &mut dyn FnMut(&Waiting, Kept) -> FrameNumber) -> Vec<Moved> {
        let Some(held) = self.held.get_mut(&key) else { return Vec::new() };
        held.is_wanted = true;
        self.bytes -= std::mem::take(&mut held.bytes);
        for packet in std::mem::take(&mut held.packets) {
            put(&mut self.keep, &packet, &mut held.moved, write);
        }
        held.moved.clone()
    }

    /// The new numbers of what is kept of `key`.
    pub(super) fn moved(&self, key: u32) -> &[Moved] {
        self.held.get(&key).map_or(&[], |held| &held.moved)
    }

    /// The packets of `key` may go when room is needed.
    pub(super) fn spare(&mut self, key: u32) {
        self.spare.push_back(key);
    }

    /// No more is said of `key`.
    pub(super) fn forget(&mut self, key: u32) {
        if let Some(held) = self.held.remove(&key) {
            self.bytes -= held.bytes;
        }
    }

    /// Whether packets had to go before it was known whether they are wanted; told once.
    pub(super) fn take_shortage(&mut self) -> bool {
        std::mem::take(&mut self.is_short)
    }

    fn goal(&self) -> usize {
        self.most / 8 * 7
    }

    fn shrink(&mut self) {
        while self.bytes > self.goal()
            && let Some(key) = self.spare.pop_front()
        {
            if self.held.get(&key).is_some_and(|held| !held.is_wanted) {
                self.forget(key);
            }
        }
        if self.bytes <= self.goal() {
            return;
        }
        self.is_short |= !std::mem::replace(&mut self.was_short, true);
        // Of what is wanted nothing waits, and the file has its beginning: it is not forgotten.
        let held = self.held.iter().filter(|(_, held)| !held.is_wanted);
        let mut keys: Vec<(usize, u32)> = held.map(|(key, held)| (held.bytes, *key)).collect();
        keys.sort_unstable_by_key(|(bytes, key)| (std::cmp::Reverse(*bytes), *key));
        for (bytes, key) in &keys {
            if self.bytes <= self.goal() || *bytes <= HEAD + TAIL {
                break;
            }
            if let Some(held) = self.held.get_mut(key) {
                self.bytes -= held.cut();
            }
        }
        // Numbers grow: the smallest has waited longest.
        keys.sort_unstable_by_key(|(_, key)| *key);
        for (_, key) in keys {
            if self.bytes <= self.goal() {
                break;
            }
            self.forget(key);
        }
    }
}

fn put(
    keep: &mut Keep,
    packet: &Waiting,
    moved: &mut Vec<Moved>,
    write: &mut dyn FnMut(&Waiting, Kept) -> FrameNumber,
) {
    let Some(kept) = keep.packet(packet.line, packet.time, packet.original, &packet.bytes) else { return };
    let to = write(packet, kept);
    if moved.len() < MOVED {
        moved.push(Moved { from: packet.number, to, place: kept.place });
    }
}

impl Held {
    /// Cuts what is neither beginning nor end down to headers; answers the bytes won.
    fn cut(&mut self) -> usize {
        let (mut before, mut won) = (0, 0);
        for packet in &mut self.packets {
            let size = packet.bytes.len();
            before += size + COST;
            if before > HEAD && before + TAIL < self.bytes && size > CUT {
                packet.bytes = packet.bytes[..CUT].into();
                won += size - CUT;
            }
        }
        self.bytes -= won;
        won
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::keep::Enough;

    fn packet(number: u64, bytes: usize) -> Waiting {
        Waiting {
            line: 0,
            time: Timestamp(number.cast_signed()),
            original: bytes as u32,
            number: FrameNumber::new(0, number),
            bytes: vec![0; bytes].into(),
        }
    }

    fn hold(directory: &tempfile::TempDir, most: usize) -> Hold {
        Hold::new(Keep::new(&directory.path().join("kept"), Enough::default()).expect("made"), most)
    }

    fn write(_: &Waiting, kept: Kept) -> FrameNumber {
        FrameNumber::new(1, kept.number)
    }

    #[test]
    fn what_is_wanted_gets_new_numbers() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut hold = hold(&directory, 1 << 20);
        for number in 1..=6 {
            hold.take((number % 2) as u32, packet(number, 100), &mut write);
        }
        let numbers = |moved: &[Moved]| -> Vec<_> { moved.iter().map(|m| (m.from.number(), m.to.number())).collect() };
        assert_eq!(numbers(&hold.want(1, &mut write)), [(1, 1), (3, 2), (5, 3)]);
        hold.take(1, packet(7, 100), &mut write);
        assert_eq!(numbers(hold.moved(1)), [(1, 1), (3, 2), (5, 3), (7, 4)]);
        hold.forget(0);
        assert_eq!(hold.bytes, 0);
        assert!(!hold.take_shortage());
    }

    #[test]
    fn the_spare_goes_first_and_the_middle_of_the_longest_next() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut hold = hold(&directory, 1 << 20);
        (0..300).for_each(|number| hold.take(1, packet(number, 1000), &mut write));
        (0..300).for_each(|number| hold.take(2, packet(number, 1000), &mut write));
        hold.spare(1);
        (0..450).for_each(|number| hold.take(3, packet(number, 1000), &mut write));
        assert!(hold.bytes <= 1 << 20);
        assert!(!hold.held.contains_key(&1) && !hold.is_short, "only the spare had to go");
        (0..550).for_each(|number| hold.take(3, packet(450 + number, 1000), &mut write));
        assert!(hold.is_short && hold.bytes <= 1 << 20);
        let held = &hold.held[&3];
        assert_eq!((held.packets.len(), hold.held[&2].packets.len()), (1000, 300));
        let sizes: Vec<usize> = held.packets.iter().map(|packet| packet.bytes.len()).collect();
        assert_eq!((sizes[0], sizes[500], sizes[999]), (1000, CUT, 1000));
        assert_eq!(held.bytes, sizes.iter().sum::<usize>() + 1000 * COST);
    }

    #[test]
    fn what_is_wanted_stays_and_a_shortage_is_told_once() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut hold = hold(&directory, 1 << 18);
        hold.take(0, packet(1, 60), &mut write);
        hold.want(0, &mut write);
        (1..10_000).for_each(|number| hold.take(number, packet(1, 60), &mut write));
        assert!(hold.take_shortage());
        (10_000..20_000).for_each(|number| hold.take(number, packet(1, 60), &mut write));
        assert!(!hold.take_shortage());
        hold.take(0, packet(2, 60), &mut write);
        assert_eq!(hold.moved(0).len(), 2, "it goes on in the file");
    }

    #[test]
    fn of_many_small_ones_the_oldest_go() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut hold = hold(&directory, 1 << 18);
        (0..10_000).for_each(|number| hold.take(number, packet(1, 60), &mut write));
        assert!(hold.bytes <= 1 << 18 && hold.is_short);
        assert!(!hold.held.contains_key(&0) && hold.held.contains_key(&9_999));
    }
}
