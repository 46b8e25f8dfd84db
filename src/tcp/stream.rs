//! One direction of a connection as its receiver reads it: in order, each byte once, holes remembered.
//!
//! In-order bytes are lent to the reader straight from the frame; only what the reader leaves is copied.

mod waiting;

use crate::frame::{FrameNumber, Timestamp};

use super::segment::Segment;
use waiting::{Piece, Waiting};

/// Contiguous bytes that may wait for the rest of their message: the largest TPKT is 65,535.
const HELD: usize = 72 * 1024;
/// Bytes that may wait for a hole to be filled.
const PENDING: usize = 64 * 1024;
/// Segments that may wait for a hole to be filled.
const PENDING_SEGMENTS: usize = 64;
/// A hole that the peer has acknowledged is the capture's loss. It is given up when so many segments lie behind it
/// or so much time (nanoseconds) went by, because an acknowledgment can overtake its data on a mirror port.
const ACKED_SEGMENTS: usize = 4;
const ACKED_PATIENCE: i64 = 300_000_000;

/// Where in the capture something was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Mark {
    /// The frame.
    pub frame: FrameNumber,
    /// Its time.
    pub time: Timestamp,
    /// Offset of its bytes in the source.
    pub place: u64,
}

impl Mark {
    /// Whether it was captured before `other`: of one file its order tells, of several their clocks.
    #[must_use]
    pub fn is_before(self, other: Self) -> bool {
        if self.frame.file() == other.frame.file() { self.frame < other.frame } else { self.time < other.time }
    }
}

/// Bytes that are missing, by what lies behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hole {
    /// Stream offset of the first byte behind it.
    pub offset: u64,
    /// The segment that carried it, or an acknowledgment that stands there.
    pub behind: Mark,
    /// Payload of that segment; bytes. 0: nothing but acknowledgments came behind the hole.
    pub length: u32,
    /// Payload of the longest segment behind it; bytes.
    pub longest: u32,
}

/// Where the bytes that a reader is shown came from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The frame that made the bytes readable.
    pub current: Mark,
    /// Stream offset of the first byte.
    pub offset: u64,
    /// Whether the first byte is the first of a segment: where messages like to begin.
    pub at_segment: bool,
    marks: &'a [(u64, Mark)],
}

impl Origin<'_> {
    /// The frame that carried the first byte.
    #[must_use]
    pub fn first(&self) -> Mark {
        let index = self.marks.partition_point(|(start, _)| *start <= self.offset);
        index.checked_sub(1).map_or(self.current, |index| self.marks[index].1)
    }
}

/// Reads a stream from its front.
pub trait Reader {
    /// Shown contiguous bytes; answers how many are used up. 0 means that more are needed first.
    fn read(&mut self, bytes: &[u8], origin: &Origin<'_>) -> usize;
    /// So many of the next bytes are passed over without a look, whatever they are.
    fn rest(&self) -> usize {
        0
    }
    /// `missing` bytes were never captured; `left` are the bytes before them that nobody has read, gone after this call.
    fn gap(&mut self, left: &[u8], missing: u64, origin: &Origin<'_>);
}

/// How a segment fits into what was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The next bytes.
    InOrder,
    /// Behind a hole.
    Early,
    /// Nothing new in it.
    Old,
    /// No payload.
    Empty,
}

/// One direction's bytes.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    /// Sequence number of the next byte.
    next: Option<u32>,
    /// Stream offset of the next byte: how many came before it.
    offset: u64,
    acknowledged: u64,
    acknowledged_at: Timestamp,
    /// Apart: most streams have nothing that waits, most of the time.
    waiting: Option<Box<Waiting>>,
    /// INVARIANT: whether `waiting` has bytes held, and pieces pending.
    is_holding: bool,
    is_pending: bool,
}

impl Stream {
    /// The first byte has this sequence number, unless that is known already.
    pub fn anchor(&mut self, sequence: u32) {
        self.next.get_or_insert(sequence);
    }

    /// The first byte has this sequence number after all: what came before it was for somebody else.
    pub fn restart(&mut self, sequence: u32) {
        self.next = Some(sequence);
    }

    /// Whether the first sequence number is known.
    #[must_use]
    pub const fn is_anchored(&self) -> bool {
        self.next.is_some()
    }

    /// Sequence number of the next byte, once one is known.
    #[must_use]
    pub const fn next_sequence(&self) -> Option<u32> {
        self.next
    }

    /// Stream offset of a sequence number: negative when before the first byte.
    #[must_use]
    #[inline]
    pub fn offset_of(&self, sequence: u32) -> i64 {
        self.offset.cast_signed() + self.distance_to(sequence)
    }

    /// How far a sequence number is from the next byte; 0 while that is not known.
    #[must_use]
    #[inline]
    pub fn distance_to(&self, sequence: u32) -> i64 {
        self.next.map_or(0, |next| sequence.wrapping_sub(next).cast_signed()).into()
    }

    /// Bytes delivered so far.
    #[must_use]
    pub const fn delivered(&self) -> u64 {
        self.offset
    }

    /// What lies behind the first hole.
    #[must_use]
    pub fn hole(&self) -> Option<Hole> {
        let pieces = &self.waiting.as_ref()?.pending;
        let first = pieces.first()?;
        let longest = pieces.iter().map(|piece| piece.length).max().unwrap_or(0);
        Some(Hole { offset: first.offset, behind: first.mark, length: first.length, longest })
    }

    fn first_piece(&self) -> Option<&Piece> {
        self.waiting.as_ref()?.pending.first()
    }

    /// Bytes, or a FIN, behind the last that was delivered that the receiver acknowledged: the capture lacks them.
    #[must_use]
    pub const fn uncaptured(&self) -> u64 {
        self.acknowledged.saturating_sub(self.offset)
    }

    /// Bytes of a message that is not complete, their offset, and the frame that brought the first of them.
    #[must_use]
    pub fn begun(&self) -> Option<(&[u8], u64, Mark)> {
        let waiting = self.waiting.as_ref()?;
        let (_, mark) = waiting.held_marks.first()?;
        Some((&waiting.held, self.offset - waiting.held.len() as u64, *mark))
    }

    /// Bytes of memory it holds on to.
    #[must_use]
    #[inline]
    pub fn memory(&self) -> usize {
        self.waiting.as_ref().map_or(0, |waiting| waiting.memory())
    }

    /// Whether `segment` is whole, begins with the next byte, and no hole is known.
    #[inline]
    #[must_use]
    pub fn is_next(&self, segment: &Segment<'_>) -> bool {
        self.next == Some(segment.sequence) && !self.is_pending && segment.payload.len() == segment.length as usize
    }

    /// Whether an acknowledgment up to stream offset `offset` changes nothing but how far it goes: the first sequence number is
    /// known, and what waits lies behind a hole that it does not cover.
    #[inline]
    #[must_use]
    pub fn is_untouched_by(&self, offset: i64) -> bool {
        let waits =
            || self.first_piece().is_none_or(|piece| piece.offset > self.acknowledged.max(offset.max(0) as u64));
        self.next.is_some() && (!self.is_pending || waits())
    }

    /// Whether nothing waits for anything.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        !self.is_pending && !self.is_holding
    }

    /// What `feed` does for a segment that [`Self::is_next`], when its reader has taken all of it.
    #[inline]
    pub fn pass(&mut self, length: u32) {
        self.advance(u64::from(length));
    }

    /// What `feed` does for a segment that [`Self::is_next`].
    #[inline]
    pub fn feed_next(&mut self, segment: &Segment<'_>, mark: Mark, reader: &mut dyn Reader) {
        self.deliver(segment.payload, u64::from(segment.length), mark, mark, reader);
    }

    /// What `acknowledge` does up to stream offset `offset` while the stream [`Self::is_untouched_by`] it.
    #[inline]
    pub const fn note_acknowledgment(&mut self, offset: i64, mark: Mark) {
        if offset > self.acknowledged.cast_signed() {
            self.acknowledged = offset as u64;
            self.acknowledged_at = mark.time;
        }
    }

    /// Takes in a segment's payload and lets `reader` read what became readable.
    pub fn feed(&mut self, segment: &Segment<'_>, mark: Mark, reader: &mut dyn Reader) -> Arrival {
        if segment.length == 0 {
            return Arrival::Empty;
        }
        // Payload of a SYN (TCP Fast Open) begins one number later.
        let sequence = segment.sequence.wrapping_add(u32::from(segment.flags.syn()));
        self.anchor(sequence);
        let start = self.offset_of(sequence);
        let end = start + i64::from(segment.length);
        let here = self.offset.cast_signed();
        if end <= here {
            return Arrival::Old;
        }
        if start > here {
            let is_blank = (end - here) as usize <= reader.rest();
            self.waiting().store(start as u64, segment, mark, is_blank);
            self.is_pending = true;
            self.skip_if_hopeless(mark, reader);
            return Arrival::Early;
        }
        let old = (here - start) as usize;
        self.deliver(segment.payload.get(old..).unwrap_or_default(), (end - here) as u64, mark, mark, reader);
        self.drain(Some(mark), reader);
        Arrival::InOrder
    }

    /// The receiver has acknowledged everything before `sequence`.
    #[inline]
    pub fn acknowledge(&mut self, sequence: u32, mark: Mark, reader: &mut dyn Reader) {
        if self.next.is_none() {
            return;
        }
        self.note_acknowledgment(self.offset_of(sequence), mark);
        if self.is_pending {
            self.skip_if_hopeless(mark, reader);
        }
    }

    /// No more will come: what lies behind holes that the receiver has acknowledged is read.
    pub fn finish(&mut self, reader: &mut dyn Reader) {
        while self.first_piece().is_some_and(|piece| piece.offset <= self.acknowledged) {
            self.skip_hole(reader);
        }
    }

    /// Gives back what holds nothing now; more bytes may come, but few do.
    pub fn shrink(&mut self) {
        if self.is_idle() {
            self.waiting = None;
        } else if let Some(waiting) = &mut self.waiting {
            waiting.held.shrink_to_fit();
            waiting.held_marks.shrink_to_fit();
            waiting.pending.shrink_to_fit();
        }
    }

    /// Gives back all memory; the stream is not read on.
    pub fn release(&mut self) {
        self.waiting = None;
        (self.is_holding, self.is_pending) = (false, false);
    }

    fn waiting(&mut self) -> &mut Waiting {
        self.waiting.get_or_insert_default()
    }

    fn skip_if_hopeless(&mut self, mark: Mark, reader: &mut dyn Reader) {
        while let Some(waiting) = &self.waiting
            && let Some(first) = waiting.pending.first()
        {
            let full = waiting.pending.len() > PENDING_SEGMENTS || waiting.pending_bytes > PENDING;
            let acknowledged = first.offset <= self.acknowledged
                && (waiting.pending.len() >= ACKED_SEGMENTS
                    || mark.time.0.saturating_sub(self.acknowledged_at.0) > ACKED_PATIENCE);
            if !full && !acknowledged {
                return;
            }
            self.skip_hole(reader);
        }
    }

    /// Declares the bytes before the first waiting piece missing, and reads on behind them.
    fn skip_hole(&mut self, reader: &mut dyn Reader) {
        if let Some(first) = self.first_piece() {
            let missing = first.offset.saturating_sub(self.offset);
            let mark = first.mark;
            self.lose(missing, mark, reader);
            self.drain(None, reader);
        }
    }

    fn lose(&mut self, missing: u64, current: Mark, reader: &mut dyn Reader) {
        let mut none = Waiting::default();
        let waiting = self.waiting.as_deref_mut().unwrap_or(&mut none);
        let base = self.offset - waiting.held.len() as u64;
        let origin = Origin { current, offset: base, at_segment: false, marks: &waiting.held_marks };
        reader.gap(&waiting.held, missing, &origin);
        waiting.clear();
        self.is_holding = false;
        self.advance(missing);
    }

    #[inline]
    fn advance(&mut self, count: u64) {
        self.offset += count;
        self.next = self.next.map(|next| next.wrapping_add(count as u32));
    }

    /// Waiting pieces that `current` made readable, or that could have been read when they came, had the capture been whole.
    #[inline]
    fn drain(&mut self, current: Option<Mark>, reader: &mut dyn Reader) {
        let mut latest = current;
        while self.is_pending
            && let Some(piece) = self.take_readable()
        {
            let old = self.offset - piece.offset;
            let end = piece.offset + u64::from(piece.length);
            if end > self.offset {
                let fresh = piece.bytes().get(old as usize..).unwrap_or_default();
                // Behind a hole they may have come in another order than they are read.
                if current.is_none() && latest.is_none_or(|latest| latest.time <= piece.mark.time) {
                    latest = Some(piece.mark);
                }
                self.deliver(fresh, end - self.offset, piece.mark, latest.unwrap_or(piece.mark), reader);
            }
        }
    }

    /// The first waiting piece, if it is readable.
    fn take_readable(&mut self) -> Option<Piece> {
        let waiting = self.waiting.as_mut()?;
        waiting.pending.first().filter(|piece| piece.offset <= self.offset)?;
        let piece = waiting.pending.remove(0);
        waiting.pending_bytes -= piece.bytes().len();
        self.is_pending = !waiting.pending.is_empty();
        Some(piece)
    }

    /// `bytes` are the next ones; `length` of them were on the wire.
    fn deliver(&mut self, bytes: &[u8], length: u64, mark: Mark, current: Mark, reader: &mut dyn Reader) {
        let base = self.offset;
        self.advance(bytes.len() as u64);
        if self.is_holding {
            let waiting = self.waiting();
            let held_at = base - waiting.held.len() as u64;
            waiting.held.extend_from_slice(bytes);
            waiting.held_marks.push((base, mark));
            let origin = Origin { current, offset: held_at, at_segment: false, marks: &waiting.held_marks };
            let used = read_all(&waiting.held, origin, reader);
            waiting.forget(used, held_at);
            self.is_holding = !waiting.held.is_empty();
        } else {
            let marks = [(base, mark)];
            let used = read_all(bytes, Origin { current, offset: base, at_segment: true, marks: &marks }, reader);
            if used < bytes.len() {
                let waiting = self.waiting();
                waiting.held.extend_from_slice(&bytes[used..]);
                waiting.held_marks.push((base + used as u64, mark));
                self.is_holding = true;
            }
        }
        let missing = length.saturating_sub(bytes.len() as u64);
        if missing > 0 || (self.is_holding && self.waiting().held.len() > HELD) {
            self.lose(missing, current, reader);
        }
    }
}

fn read_all(bytes: &[u8], mut origin: Origin<'_>, reader: &mut dyn Reader) -> usize {
    let base = origin.offset;
    let mut used = 0;
    while used < bytes.len() {
        let count = reader.read(&bytes[used..], &origin).min(bytes.len() - used);
        if count == 0 {
            break;
        }
        used += count;
        origin.offset = base + used as u64;
        origin.at_segment = origin.marks.iter().any(|(start, _)| *start == origin.offset);
    }
    used
}

#[cfg(test)]
mod tests;
