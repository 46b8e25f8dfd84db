//! A bounded buffer sliding over whatever can be read: pipes, expanded files, small files, the ends of large ones.

use std::io::{self, Read};

use super::window::Trouble;

/// What the buffer starts with; ten thousand files may be open at once.
const SMALL: usize = 16 * 1024;

/// What it grows to in a file that is longer than that; more only for a record that needs more.
const BUFFER: usize = 256 * 1024;

/// Below this much room at its end the buffer is moved to the front.
const ROOM: usize = 8 * 1024;

/// Where the bytes come from, and how far the reader has come.
pub(super) struct Stream {
    reader: Box<dyn Read + Send>,
    /// Whether more can be asked for without making anyone wait: a file, not a pipe.
    pub(super) patient: bool,
    buffer: Vec<u8>,
    /// INVARIANT: start <= end <= buffer.len(); what lies ahead is `buffer[start..end]`.
    start: usize,
    end: usize,
    /// Offset of `buffer[0]` in the (expanded) stream.
    base: u64,
    pub(super) ended: bool,
    pub(super) trouble: Option<Trouble>,
}

impl Stream {
    /// Over what `reader` gives, which begins at `base`; `patient` when it is a file.
    pub(super) fn new(reader: Box<dyn Read + Send>, base: u64, patient: bool) -> Self {
        Self { reader, patient, buffer: Vec::new(), start: 0, end: 0, base, ended: false, trouble: None }
    }

    /// Bytes that lie ahead and were read already.
    #[inline]
    pub(super) const fn ready(&self) -> usize {
        self.end - self.start
    }

    /// Those bytes.
    #[inline]
    pub(super) fn buffered(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Goes on by `count` bytes of those.
    #[inline]
    pub(super) fn skip(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }

    /// Bytes passed so far.
    #[inline]
    pub(super) const fn position(&self) -> u64 {
        self.base + self.start as u64
    }

    /// Bytes known to exist.
    pub(super) const fn length(&self) -> u64 {
        self.base + self.end as u64
    }

    /// Bytes passed last or ahead; empty when they are gone.
    #[inline]
    pub(super) fn at(&self, offset: u64, length: u32) -> &[u8] {
        let from = offset.checked_sub(self.base).and_then(|from| usize::try_from(from).ok()).unwrap_or(usize::MAX);
        self.buffer[..self.end].get(from..from.saturating_add(length as usize)).unwrap_or_default()
    }

    /// Reads until `count` bytes lie ahead, or the end has come.
    #[cold]
    pub(super) fn fill(&mut self, count: usize) {
        while self.end - self.start < count && !self.ended {
            self.make_room(count);
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    self.trouble = Some(Trouble::of(&error));
                }
            }
        }
    }

    /// Leaves room to read into. Grows by doubling as bytes really come, so that a lying length costs nothing.
    fn make_room(&mut self, count: usize) {
        let fits = self.buffer.len() - self.start >= count;
        if self.start > 0 && (!fits || self.buffer.len() - self.end < ROOM) {
            self.buffer.copy_within(self.start..self.end, 0);
            self.base += self.start as u64;
            self.end -= self.start;
            self.start = 0;
            // never so full that moving it costs more than reading
            let roomy = (self.end + self.end / 4 + ROOM).max(BUFFER);
            if self.buffer.len() < roomy {
                self.buffer.resize(roomy, 0);
            }
        }
        if self.end == self.buffer.len() {
            self.buffer.resize((self.buffer.len() * 2).max(SMALL), 0);
        }
    }
}
