//! The part of a capture that is being looked at: a whole mapped file, or a bounded buffer sliding over a stream.
//!
//! The readers of pcap and pcapng ask a window for so many bytes and take what comes; they do not know which kind it is.

use std::io::{self, Read};

use crate::frame::TruncationKind;

use super::mapping::Mapping;
use super::unpack::Halt;

/// What a stream's buffer starts with; it grows only for a record that needs more.
const BUFFER: usize = 256 * 1024;

/// Below this much room at its end the buffer is moved to the front.
const ROOM: usize = 32 * 1024;

/// Where the bytes come from, and how far the reader has come.
pub(super) struct Window {
    store: Store,
}

enum Store {
    Whole { mapping: Mapping, position: usize },
    Stream(Stream),
}

struct Stream {
    reader: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// INVARIANT: start <= end <= buffer.len(); unread bytes are `buffer[start..end]`.
    start: usize,
    end: usize,
    /// Offset of `buffer[0]` in the (expanded) stream.
    base: u64,
    ended: bool,
    trouble: Option<Trouble>,
}

/// Why a stream ended before its end.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    /// `None`: all that matters was read.
    pub(super) kind: Option<TruncationKind>,
    /// For the warnings.
    pub(super) text: String,
}

impl Window {
    /// Over a whole file.
    pub(super) fn whole(mapping: Mapping) -> Self {
        Self { store: Store::Whole { mapping, position: 0 } }
    }

    /// Over a stream.
    pub(super) fn stream(reader: Box<dyn Read + Send>) -> Self {
        Self {
            store: Store::Stream(Stream {
                reader,
                buffer: Vec::new(),
                start: 0,
                end: 0,
                base: 0,
                ended: false,
                trouble: None,
            }),
        }
    }

    /// What lies ahead: `count` bytes or more, or all that is left when there are fewer. Reads no more than it must: with
    /// `count` bytes in the buffer it never waits.
    #[inline]
    pub(super) fn have(&mut self, count: usize) -> &[u8] {
        match &mut self.store {
            Store::Whole { mapping, position } => mapping.bytes().get(*position..).unwrap_or_default(),
            Store::Stream(stream) => {
                if stream.end - stream.start < count {
                    stream.fill(count);
                }
                &stream.buffer[stream.start..stream.end]
            }
        }
    }

    /// What lies ahead and can be seen without waiting.
    pub(super) fn buffered(&self) -> &[u8] {
        match &self.store {
            Store::Whole { mapping, position } => mapping.bytes().get(*position..).unwrap_or_default(),
            Store::Stream(stream) => &stream.buffer[stream.start..stream.end],
        }
    }

    /// Whether nothing comes after what `buffered` shows.
    pub(super) fn sees_end(&self) -> bool {
        match &self.store {
            Store::Whole { .. } => true,
            Store::Stream(stream) => stream.ended,
        }
    }

    /// Goes on by `count` bytes of what `have` has shown. The bytes stay readable by `at` until the next `have`.
    #[inline]
    pub(super) fn skip(&mut self, count: usize) {
        match &mut self.store {
            Store::Whole { mapping, position } => {
                *position += count;
                mapping.passed(*position);
            }
            Store::Stream(stream) => stream.start = (stream.start + count).min(stream.end),
        }
    }

    /// Goes on to `offset`, or to the end when that comes first; stays when it is already past.
    pub(super) fn go_to(&mut self, offset: u64) {
        while self.position() < offset {
            let ahead = usize::try_from(offset - self.position()).unwrap_or(usize::MAX);
            let there = self.have(1).len();
            if there == 0 {
                return;
            }
            self.skip(there.min(ahead));
        }
    }

    /// Bytes passed so far.
    #[inline]
    pub(super) fn position(&self) -> u64 {
        match &self.store {
            Store::Whole { position, .. } => *position as u64,
            Store::Stream(stream) => stream.base + stream.start as u64,
        }
    }

    /// Bytes known to exist: the file's length, or what has come of the stream.
    pub(super) fn length(&self) -> u64 {
        match &self.store {
            Store::Whole { mapping, .. } => mapping.bytes().len() as u64,
            Store::Stream(stream) => stream.base + stream.end as u64,
        }
    }

    /// The bytes of a record passed last; empty when they are gone.
    #[inline]
    pub(super) fn at(&self, offset: u64, length: u32) -> &[u8] {
        let (bytes, base) = match &self.store {
            Store::Whole { mapping, .. } => (mapping.bytes(), 0),
            Store::Stream(stream) => (&stream.buffer[..stream.end], stream.base),
        };
        let Some(from) = offset.checked_sub(base).and_then(|from| usize::try_from(from).ok()) else { return &[] };
        bytes.get(from..from.saturating_add(length as usize)).unwrap_or_default()
    }

    /// Why the stream ended before its end, once it has.
    pub(super) fn trouble(&self) -> Option<&Trouble> {
        match &self.store {
            Store::Whole { .. } => None,
            Store::Stream(stream) => stream.trouble.as_ref(),
        }
    }
}

impl Stream {
    #[cold]
    fn fill(&mut self, count: usize) {
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
        }
        if self.end == self.buffer.len() {
            self.buffer.resize((self.buffer.len() * 2).max(BUFFER), 0);
        }
    }
}

impl Trouble {
    fn of(error: &io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Halt>()) {
            Some(halt) => Self { kind: halt.kind(), text: halt.to_string() },
            None => Self { kind: Some(TruncationKind::Cut), text: format!("reading failed: {error}") },
        }
    }
}
