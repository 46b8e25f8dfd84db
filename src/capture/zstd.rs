//! A zstd frame whose end may be missing. The decoder keeps the last window of bytes, megabytes of them, until its frame
//! ends; so a frame that is cut is ended here, behind its last whole block. Source: RFC 8878 3.1.1.

use std::io::{self, Read};

use super::container::Peekable;

/// Blocks hold no more (RFC 8878 3.1.1.2.4).
const BLOCK: usize = 128 * 1024;
/// A last block with nothing in it.
const EMPTY: [u8; 3] = [1, 0, 0];

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Header,
    Block,
    Checksum,
    Nothing,
}

/// The bytes of one frame, piece by piece.
pub(super) struct Frame {
    stream: Peekable,
    piece: Vec<u8>,
    /// INVARIANT: at most the length of `piece`.
    taken: usize,
    next: Part,
    has_checksum: bool,
    is_cut: bool,
}

impl Frame {
    /// `stream` begins with the frame's magic number.
    pub(super) fn new(stream: Peekable) -> Self {
        Self { stream, piece: Vec::new(), taken: 0, next: Part::Header, has_checksum: false, is_cut: false }
    }

    /// What follows the frame, and whether the frame was whole.
    pub(super) fn into_rest(self) -> (Peekable, bool) {
        (self.stream, !self.is_cut)
    }

    fn header(&mut self) -> io::Result<()> {
        let descriptor = self.stream.peek(5)?.get(4).copied().unwrap_or_default();
        let is_single = descriptor & 0x20 != 0;
        let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
        let content = [usize::from(is_single), 2, 4, 8][usize::from(descriptor >> 6)];
        self.has_checksum = descriptor & 4 != 0;
        self.next = Part::Block;
        // Of a header that is cut nothing can be made; the decoder says so.
        self.take(5 + usize::from(!is_single) + dictionary + content).map(drop)
    }

    fn block(&mut self) -> io::Result<()> {
        let &[a, b, c] = self.stream.peek(3)? else { return self.cut() };
        let head = u32::from_le_bytes([a, b, c, 0]);
        let size = match head >> 1 & 3 {
            1 => 1,
            _ => (head >> 3) as usize,
        };
        // The decoder refuses what is larger than any block.
        if !self.take(3 + size.min(BLOCK))? {
            return self.cut();
        }
        if head & 1 == 1 {
            self.next = if self.has_checksum { Part::Checksum } else { Part::Nothing };
        }
        Ok(())
    }

    /// The frame ends here, and not by itself.
    fn cut(&mut self) -> io::Result<()> {
        self.is_cut = true;
        self.piece.clear();
        self.piece.extend(EMPTY);
        self.piece.extend(self.has_checksum.then_some([0; 4]).into_iter().flatten());
        self.next = Part::Nothing;
        Ok(())
    }

    /// So many bytes become the piece; whether they were there.
    fn take(&mut self, count: usize) -> io::Result<bool> {
        self.piece.clear();
        (&mut self.stream).take(count as u64).read_to_end(&mut self.piece)?;
        Ok(self.piece.len() == count)
    }

    fn more(&mut self) -> io::Result<()> {
        self.taken = 0;
        match self.next {
            Part::Header => self.header(),
            Part::Block => self.block(),
            Part::Checksum => {
                self.next = Part::Nothing;
                if !self.take(4)? {
                    self.is_cut = true;
                    self.piece.resize(4, 0);
                }
                Ok(())
            }
            Part::Nothing => {
                self.piece.clear();
                Ok(())
            }
        }
    }
}

impl Read for Frame {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.piece.len() {
            self.more()?;
        }
        let there = &self.piece[self.taken..];
        let count = there.len().min(into.len());
        into[..count].copy_from_slice(&there[..count]);
        self.taken += count;
        Ok(count)
    }
}
