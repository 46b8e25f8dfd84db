//! The part of a capture that is being looked at, sliding over a file or stream.
//!
//! Large files are mapped, everything else is read. Measured on captures of a gigabyte in the page cache: copying them
//! through `read` costs 140 to 260 ms of the system's time, bringing the mapped pages in and out 50 to 70. What a mapping
//! costs in cache misses is hidden by looking ahead ([`super::ahead`]).

use std::io;

use crate::frame::TruncationKind;

use super::ahead::Scout;
use super::mapped::Mapped;
use super::stream::Stream;
use super::unpack::Halt;

/// Where the bytes come from, and how far the reader has come.
pub(super) struct Window {
    bytes: Bytes,
}

enum Bytes {
    Stream(Stream),
    Mapped(Mapped),
}

/// Why a stream ended before its end.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    /// `None`: all that matters was read.
    pub(super) kind: Option<TruncationKind>,
    /// For the warnings.
    pub(super) text: String,
}

impl From<Stream> for Window {
    fn from(stream: Stream) -> Self {
        Self { bytes: Bytes::Stream(stream) }
    }
}

impl From<Mapped> for Window {
    fn from(mapped: Mapped) -> Self {
        Self { bytes: Bytes::Mapped(mapped) }
    }
}

impl Window {
    /// From here on, `scout` says where records begin.
    pub(super) fn follow(&mut self, scout: Box<dyn Scout>) {
        if let Bytes::Mapped(mapped) = &mut self.bytes {
            mapped.follow(scout);
        }
    }

    /// What lies ahead: `count` bytes or more, or all that is left when there are fewer. Reads no more than it must: with
    /// `count` bytes in the buffer it never waits. Of a mapped file these bytes were there when they were asked for.
    #[inline]
    pub(super) fn have(&mut self, count: usize) -> &[u8] {
        if !self.is_ready(count) {
            self.fill(count);
        }
        self.buffered()
    }

    /// Whether `have` would show `count` bytes without going for more.
    #[inline]
    pub(super) fn is_ready(&self, count: usize) -> bool {
        match &self.bytes {
            Bytes::Stream(stream) => stream.ready() >= count,
            Bytes::Mapped(mapped) => mapped.is_ready(count),
        }
    }

    /// Whether these `bytes`, which `buffered` shows, are still there.
    #[inline]
    pub(super) fn is_there(&self, bytes: &[u8]) -> bool {
        match &self.bytes {
            Bytes::Stream(_) => true,
            Bytes::Mapped(mapped) => mapped.is_there(bytes),
        }
    }

    /// As `have`, for a first look at a record's header: of a mapped file that has just been cut it may show zeros, which
    /// the `have` that the record is taken with notices.
    #[inline]
    pub(super) fn expect(&mut self, count: usize) -> &[u8] {
        if self.buffered().len() < count {
            self.fill(count);
        }
        self.buffered()
    }

    #[cold]
    fn fill(&mut self, count: usize) {
        if let Bytes::Mapped(mapped) = &mut self.bytes {
            if mapped.fill(count) {
                return;
            }
            // Its end is near, or not where it was: what is left is read, which copes with both.
            self.bytes = Bytes::Stream(mapped.rest());
        }
        if let Bytes::Stream(stream) = &mut self.bytes {
            stream.fill(count);
        }
    }

    /// As `have`, but of a pipe only what is there already: for second looks that nobody should wait for.
    pub(super) fn glance(&mut self, count: usize) -> &[u8] {
        match &self.bytes {
            Bytes::Stream(stream) if !stream.patient => self.buffered(),
            _ => self.have(count),
        }
    }

    /// Whether more can be asked for without making anyone wait.
    pub(super) fn is_patient(&self) -> bool {
        match &self.bytes {
            Bytes::Stream(stream) => stream.patient,
            Bytes::Mapped(_) => true,
        }
    }

    /// What lies ahead and was read already.
    #[inline]
    pub(super) fn buffered(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Stream(stream) => stream.buffered(),
            Bytes::Mapped(mapped) => mapped.buffered(),
        }
    }

    /// Whether nothing comes after what `buffered` shows.
    pub(super) fn sees_end(&self) -> bool {
        matches!(&self.bytes, Bytes::Stream(stream) if stream.ended)
    }

    /// Goes on by `count` bytes of what `have` has shown. The bytes stay readable by `at` until the next `have`.
    #[inline]
    pub(super) fn skip(&mut self, count: usize) {
        match &mut self.bytes {
            Bytes::Stream(stream) => stream.skip(count),
            Bytes::Mapped(mapped) => mapped.skip(count),
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

    /// After damage: goes to the next place, past this one, that `is_good` says (of the bytes seen, a place in them, and
    /// whether the end is seen); `false` when there is none up to the end. Looks at `lookahead` bytes at once; in a stream a
    /// place with fewer than `reach` bytes after it is tried when more has come.
    /// INVARIANT: reach < lookahead, or it would not go on.
    #[cold]
    pub(super) fn search(
        &mut self,
        lookahead: usize,
        reach: usize,
        is_good: impl Fn(&[u8], usize, bool) -> bool,
    ) -> bool {
        debug_assert!(reach < lookahead, "{reach} of {lookahead} bytes");
        let mut from = 1;
        loop {
            self.have(lookahead);
            let (bytes, sees_end) = (self.buffered(), self.sees_end());
            let until = if sees_end { bytes.len() } else { bytes.len().saturating_sub(reach).max(from) };
            if let Some(good) = (from..until).find(|&at| is_good(bytes, at, sees_end)) {
                self.skip(good);
                return true;
            }
            self.skip(until);
            if sees_end {
                return false;
            }
            from = 0;
        }
    }

    /// Bytes passed so far.
    #[inline]
    pub(super) fn position(&self) -> u64 {
        match &self.bytes {
            Bytes::Stream(stream) => stream.position(),
            Bytes::Mapped(mapped) => mapped.position(),
        }
    }

    /// Bytes known to exist: what has come of the stream.
    pub(super) fn length(&self) -> u64 {
        match &self.bytes {
            Bytes::Stream(stream) => stream.length(),
            Bytes::Mapped(mapped) => mapped.length(),
        }
    }

    /// The bytes of a record passed last; empty when they are gone.
    #[inline]
    pub(super) fn at(&self, offset: u64, length: u32) -> &[u8] {
        match &self.bytes {
            Bytes::Stream(stream) => stream.at(offset, length),
            Bytes::Mapped(mapped) => mapped.at(offset, length),
        }
    }

    /// Why the stream ended before its end, once it has.
    pub(super) fn trouble(&self) -> Option<&Trouble> {
        match &self.bytes {
            Bytes::Stream(stream) => stream.trouble.as_ref(),
            Bytes::Mapped(_) => None,
        }
    }
}

impl Trouble {
    /// What `error` means for what was read.
    pub(super) fn of(error: &io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Halt>()) {
            Some(halt) => Self { kind: halt.kind(), text: halt.to_string() },
            None => Self { kind: Some(TruncationKind::Cut), text: format!("reading failed: {error}") },
        }
    }
}
