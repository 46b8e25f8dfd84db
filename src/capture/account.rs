//! What the readers of pcap and pcapng hand up, and the account that is kept of one input while it is read.

use crate::frame::{Input, LinkType, Timestamp, Truncation, TruncationKind};

use super::window::Window;

/// More warnings than this say nothing new.
const MAX_WARNINGS: usize = 32;

/// A file may describe any number of interfaces; this many different link types are listed.
const MAX_LINK_TYPES: usize = 32;

/// A packet's header, with its bytes still where they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) time: Timestamp,
    pub(super) link: LinkType,
    /// Whether frames of this link type can be read.
    pub(super) known: bool,
    /// Offset of the packet bytes in the (expanded) file.
    pub(super) offset: u64,
    /// Captured length.
    pub(super) length: u32,
    /// Length on the wire.
    pub(super) original: u32,
}

/// What a reader found next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// A packet.
    Packet(Record),
    /// TLS key log lines, at this offset.
    Secrets { offset: u64, length: u32 },
    /// No more.
    End,
}

/// A format whose packets are mostly at hand.
pub(super) trait AtHand {
    /// Hands packets and their bytes to `take` as long as it wants more, all of the next one is at hand and nothing about it
    /// is odd; answers whether it still wants more.
    fn hand(&mut self, window: &mut Window, take: impl FnMut(&Record, &[u8]) -> bool) -> bool;
}

/// The account of one input, open for writing.
pub(super) struct Account<'a> {
    pub(super) input: &'a mut Input,
    pub(super) tally: &'a mut Tally,
}

/// What must be remembered between two packets beside the [`Input`].
#[derive(Default)]
pub(super) struct Tally {
    /// Number of the last frame, as Wireshark counts.
    pub(super) number: u64,
    /// Time of the last frame stored.
    pub(super) time: Option<Timestamp>,
    backwards: Backwards,
    untold: u64,
}

/// How often the clock went back by more than a second.
#[derive(Default)]
struct Backwards {
    count: u64,
    first_frame: u64,
    most: f64,
}

impl Account<'_> {
    /// Counts a packet.
    #[inline]
    pub(super) fn packet(&mut self, record: &Record) {
        self.tally.number += 1;
        let input = &mut *self.input;
        input.packets += 1;
        input.bytes += u64::from(record.length);
        if record.original > record.length {
            input.snaplen_cut += 1;
            input.snaplen = Some(input.snaplen.map_or(record.length, |least| least.min(record.length)));
        }
        input.unknown_link += u64::from(!record.known);
        match self.tally.time {
            None => input.first = Some(record.time),
            Some(before) if before.0.saturating_sub(record.time.0) > 1_000_000_000 => {
                self.went_back(before, record.time)
            }
            Some(_) => {}
        }
        if self.input.last.is_none_or(|last| last < record.time) {
            self.input.last = Some(record.time);
        }
        self.tally.time = Some(record.time);
    }

    #[cold]
    fn went_back(&mut self, before: Timestamp, now: Timestamp) {
        let back = before.since(now);
        if self.tally.backwards.count == 0 {
            self.tally.backwards.first_frame = self.tally.number;
        }
        self.tally.backwards.count += 1;
        self.tally.backwards.most = self.tally.backwards.most.max(back);
    }

    /// Notes a link type met.
    pub(super) fn link(&mut self, link: LinkType) {
        let types = &mut self.input.link_types;
        if types.len() < MAX_LINK_TYPES && !types.contains(&link) {
            types.push(link);
        }
    }

    /// Notes something worth telling.
    pub(super) fn warn(&mut self, text: String) {
        if self.input.warnings.len() < MAX_WARNINGS {
            self.input.warnings.push(text);
        } else {
            self.tally.untold += 1;
        }
    }

    /// Bytes from `from` to before `to` made no sense and were passed over.
    pub(super) fn skipped(&mut self, from: u64, to: u64) {
        let frame = self.tally.number + 1;
        let count = to - from;
        self.warn(format!("damaged before packet {frame}: {count} bytes skipped, byte {from} to {}", to - 1));
    }

    /// At `offset` another file begins, header and all.
    pub(super) fn appended(&mut self, offset: u64) {
        let frame = self.tally.number + 1;
        self.warn(format!("another capture stands behind it from byte {offset} on; its packets are {frame} and up"));
    }

    /// Reading stops here.
    pub(super) fn stop(&mut self, offset: u64, needs: u64, has: u64, why: TruncationKind) {
        self.input.truncated = Some(Truncation { offset, length: 0, frame: self.tally.number + 1, needs, has, why });
    }

    /// The input has ended at `length` bytes.
    pub(super) fn close(&mut self, length: u64) {
        if let Some(truncation) = &mut self.input.truncated {
            truncation.length = length;
        }
        let Backwards { count, first_frame, most } = std::mem::take(&mut self.tally.backwards);
        match count {
            0 => {}
            1 => self.warn(format!("the clock goes back by {most:.3} s at packet {first_frame}")),
            _ => self.warn(format!(
                "the clock goes back {count} times, by up to {most:.3} s, first at packet {first_frame}"
            )),
        }
        if self.tally.untold > 0 {
            let text = format!("{} more warnings like these", self.tally.untold);
            self.input.warnings.push(text);
            self.tally.untold = 0;
        }
    }
}
