//! Recognises compressed streams by their first bytes, never by their name.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const BUFFER: usize = 64 * 1024;

/// A first look needs less; ten thousand files may get one.
const FIRST: usize = 8 * 1024;

/// Bytes already taken that `tail` can still show.
const TAIL: usize = 8;

/// A compression whose streams can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Zstd,
    Lz4,
}

impl Packing {
    /// The compression that a stream beginning with `head` (4 bytes or more) has.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            // the frame format and the legacy one (`lz4 -l`)
            [0x04, 0x22, 0x4d, 0x18, ..] | [0x02, 0x21, 0x4c, 0x18, ..] => Some(Self::Lz4),
            _ => None,
        }
    }

    /// Whether `head` begins a frame that zstd and lz4 readers have to skip.
    pub(super) fn is_skippable(head: &[u8]) -> bool {
        matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
    }

    /// As in a file name.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
            Self::Lz4 => ".lz4",
        }
    }

    /// As in a sentence.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
        }
    }
}

/// A stream whose next bytes can be looked at before they are taken, and whose bytes are counted.
pub(super) struct Peekable {
    inner: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// INVARIANT: start <= end <= buffer.len(); bytes not yet taken are `buffer[start..end]`.
    start: usize,
    end: usize,
    taken: Arc<AtomicU64>,
}

impl Peekable {
    /// `taken` counts the bytes read from `inner`.
    pub(super) fn new(inner: Box<dyn Read + Send>, taken: Arc<AtomicU64>) -> Self {
        Self { inner, buffer: Vec::new(), start: 0, end: 0, taken }
    }

    /// The next `count` bytes, or fewer when the stream ends before; `count` must be small.
    pub(super) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.end - self.start < count {
            if self.more()? == 0 {
                break;
            }
        }
        Ok(&self.buffer[self.start..self.end.min(self.start + count)])
    }

    /// The last few bytes taken.
    pub(super) fn tail(&self) -> &[u8] {
        &self.buffer[self.start.saturating_sub(TAIL)..self.start]
    }

    /// Passes over `count` bytes; whether they were there.
    pub(super) fn pass(&mut self, mut count: u64) -> io::Result<bool> {
        while count > 0 {
            let there = self.fill_buf()?.len();
            if there == 0 {
                return Ok(false);
            }
            let step = usize::try_from(count).unwrap_or(usize::MAX).min(there);
            self.consume(step);
            count -= step as u64;
        }
        Ok(true)
    }

    fn more(&mut self) -> io::Result<usize> {
        if self.start == self.end {
            let length = if self.buffer.is_empty() { FIRST } else { BUFFER };
            self.buffer.resize(length.max(self.buffer.len()), 0);
        }
        let keep = self.start.min(TAIL);
        self.buffer.copy_within(self.start - keep..self.end, 0);
        self.end -= self.start - keep;
        self.start = keep;
        let read = loop {
            match self.inner.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.end += read;
        self.taken.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl BufRead for Peekable {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            self.more()?;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }
}

impl Read for Peekable {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && into.len() >= BUFFER / 2 {
            // nothing here needs this buffer any more: whoever takes such pieces has one
            (self.buffer, self.start, self.end) = (Vec::new(), 0, 0);
            let read = self.inner.read(into)?;
            self.taken.fetch_add(read as u64, Ordering::Relaxed);
            return Ok(read);
        }
        let there = self.fill_buf()?;
        let count = there.len().min(into.len());
        into[..count].copy_from_slice(&there[..count]);
        self.consume(count);
        Ok(count)
    }
}
