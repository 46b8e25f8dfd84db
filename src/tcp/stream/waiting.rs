//! Bytes of a stream that cannot be read yet: of a message that is not complete, or behind a hole.

use super::Mark;
use crate::tcp::segment::Segment;

/// What stands for bytes that nobody looks at; as many as the largest TLS record has.
static BLANK: [u8; 18 * 1024] = [0; 18 * 1024];

#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) offset: u64,
    /// `None`: nobody looks at them, and none is missing.
    bytes: Option<Box<[u8]>>,
    /// Length on the wire; bytes.
    pub(super) length: u32,
    pub(super) mark: Mark,
}

/// What cannot be read yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting {
    /// The next bytes, of a message that is not complete.
    pub(super) held: Vec<u8>,
    pub(super) held_marks: Vec<(u64, Mark)>,
    /// Behind a hole. INVARIANT: sorted by offset, all beyond the stream's.
    pub(super) pending: Vec<Piece>,
    pub(super) pending_bytes: usize,
}

impl Piece {
    pub(super) fn bytes(&self) -> &[u8] {
        match &self.bytes {
            Some(bytes) => bytes,
            None => &BLANK[..self.length as usize],
        }
    }
}

impl Waiting {
    pub(super) fn memory(&self) -> usize {
        let marks = self.held_marks.capacity() * size_of::<(u64, Mark)>();
        let pending = self.pending_bytes + self.pending.capacity() * size_of::<Piece>();
        size_of::<Self>() + self.held.capacity() + marks + pending
    }

    /// INVARIANT: of a blank, the reader passes over all bytes up to its end.
    pub(super) fn store(&mut self, offset: u64, segment: &Segment<'_>, mark: Mark, is_blank: bool) {
        let at = self.pending.partition_point(|piece| piece.offset < offset);
        let same = self.pending.get(at).is_some_and(|piece| piece.offset == offset && piece.length >= segment.length);
        if same {
            return;
        }
        self.pending_bytes += segment.payload.len();
        let length = segment.length;
        // What is copied has to be fetched first.
        let is_blank = is_blank && segment.payload.len() == length as usize && length as usize <= BLANK.len();
        let bytes = if is_blank { None } else { Some(segment.payload.into()) };
        let piece = Piece { offset, bytes, length, mark };
        self.pending.insert(at, piece);
    }

    pub(super) fn clear(&mut self) {
        self.held.clear();
        self.held_marks.clear();
    }

    pub(super) fn forget(&mut self, used: usize, held_at: u64) {
        if used == self.held.len() {
            self.clear();
            return;
        }
        self.held.drain(..used);
        let front = held_at + used as u64;
        let keep = self.held_marks.partition_point(|(start, _)| *start <= front).saturating_sub(1);
        self.held_marks.drain(..keep);
    }
}
