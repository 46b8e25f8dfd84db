//! A large file, mapped, of which a small window is in memory at any time: pages are brought in ahead of the reader and given
//! back behind it.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::frame::TruncationKind;

use super::ahead::{CHAINS, Chains, Scout};
use super::mapping::Mapping;
use super::stream::Stream;
use super::window::Trouble;

/// What is looked at ahead of the reader at once, at most: with what is shown, half of a processor's own cache.
const AHEAD: usize = 1 << 19;

/// The least: looking begins anew with each stretch.
const NEAR: usize = 1 << 17;

/// So many records are enough: what is done with them needs the cache as well.
const RECORDS: usize = 512;

/// Records between two hops of all chains ahead: fewer than there are chains, so that they are through before the reader.
const PACE: usize = CHAINS - 1;

/// What may stay in memory behind the reader.
const BEHIND: usize = 4 << 20;

/// What the disk is asked for ahead of the reader, when the file is not in memory yet.
const SOON: usize = 8 << 20;

/// The granule in which a page's presence is checked; no system has smaller pages.
const PAGE: usize = 4096;

/// A file that is mapped, and how far the reader has come.
pub(super) struct Mapped {
    mapping: Mapping,
    file: File,
    /// INVARIANT: start <= limit <= length of the mapping; what is shown is from `start` to `limit`.
    start: usize,
    limit: usize,
    released: usize,
    asked: usize,
    /// What is looked at next; bytes.
    stretch: usize,
    scout: Option<Box<dyn Scout>>,
    /// Of the stretch from `limit` to `seen`, which is being looked at while the one before is read.
    chains: RefCell<Chains>,
    seen: usize,
    /// Looks until the next hop.
    pace: Cell<usize>,
    /// Counts the bytes read.
    stored: Arc<AtomicU64>,
}

impl Mapped {
    /// Maps `file` when it can be mapped; else it is handed back, to be read.
    pub(super) fn new(file: File, length: u64, stored: &Arc<AtomicU64>) -> Result<Self, File> {
        match Mapping::new(&file, length) {
            Some(mapping) => Ok(Self {
                mapping,
                file,
                start: 0,
                limit: 0,
                released: 0,
                asked: 0,
                stretch: NEAR,
                scout: None,
                chains: RefCell::default(),
                seen: 0,
                pace: Cell::new(0),
                stored: Arc::clone(stored),
            }),
            None => Err(file),
        }
    }

    /// From here on, `scout` says where records begin.
    pub(super) fn follow(&mut self, scout: Box<dyn Scout>) {
        self.limit = self.start;
        self.scout = Some(scout);
        self.begin(self.start);
    }

    /// Whether the next `count` bytes are shown and still there.
    #[inline]
    pub(super) fn is_ready(&self, count: usize) -> bool {
        self.buffered().get(..count).is_some_and(|bytes| self.is_there(bytes))
    }

    /// Looks at every page of these `bytes`, which are shown.
    #[inline]
    pub(super) fn is_there(&self, bytes: &[u8]) -> bool {
        if bytes.len() > PAGE {
            touch(bytes);
        }
        std::hint::black_box(bytes.last().copied());
        self.look_ahead();
        self.mapping.fault().is_none()
    }

    /// Somebody reads on, which most do once or twice a record: now and then the chains ahead hop.
    #[inline]
    fn look_ahead(&self) {
        let pace = self.pace.get();
        self.pace.set(pace.checked_sub(1).unwrap_or(PACE - 1));
        if pace == 0 {
            self.hop();
        }
    }

    fn hop(&self) -> bool {
        let chains = &mut self.chains.borrow_mut();
        self.scout.as_ref().is_some_and(|scout| scout.hop(self.mapping.bytes(), chains))
    }

    /// What has been looked at is shown, `until` there at least, and the next stretch is begun.
    fn go_on(&mut self, until: usize) {
        while self.hop() {}
        let chains = self.chains.get_mut();
        if let Some(size) = self.seen.saturating_sub(self.limit).checked_div(chains.met) {
            self.stretch = (size * RECORDS).clamp(NEAR, AHEAD);
        }
        self.limit = until.max(self.seen);
        let known = chains.last();
        self.begin(known);
    }

    /// The stretch behind what is shown will be looked at. A record begins at `known`, if that is in there.
    fn begin(&mut self, known: usize) {
        if let Some(scout) = &self.scout {
            let bytes = self.mapping.bytes();
            self.seen = (self.limit + self.stretch).min(bytes.len());
            *self.chains.get_mut() = scout.begin(bytes, self.limit, self.seen, known);
        }
    }

    /// What is shown.
    #[inline]
    pub(super) fn buffered(&self) -> &[u8] {
        &self.mapping.bytes()[self.start..self.limit]
    }

    /// Goes on by `count` bytes of what is shown.
    #[inline]
    pub(super) fn skip(&mut self, count: usize) {
        self.start = (self.start + count).min(self.limit);
    }

    /// Bytes passed so far.
    #[inline]
    pub(super) const fn position(&self) -> u64 {
        self.start as u64
    }

    /// Bytes known to exist.
    pub(super) const fn length(&self) -> u64 {
        self.mapping.bytes().len() as u64
    }

    /// Bytes passed last or ahead.
    #[inline]
    pub(super) fn at(&self, offset: u64, length: u32) -> &[u8] {
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        self.mapping.bytes().get(from..from.saturating_add(length as usize)).unwrap_or_default()
    }

    /// Shows more, `count` bytes at least; `false` when the mapping does not have them.
    pub(super) fn fill(&mut self, count: usize) -> bool {
        let length = self.mapping.bytes().len();
        let until = self.start.saturating_add(count);
        if until >= length || self.has_shrunk() {
            return false;
        }
        self.stored.store(self.start as u64, Ordering::Relaxed);
        if self.start - self.released > BEHIND {
            self.released = self.start;
            self.mapping.release(self.start);
        }
        if until + 2 * AHEAD > self.asked {
            self.mapping.will_need(self.asked, SOON);
            self.asked = (self.asked + SOON).max(until);
        }
        self.go_on(until);
        self.is_ready(count)
    }

    fn has_shrunk(&self) -> bool {
        let length = self.file.metadata().map_or(0, |metadata| metadata.len());
        self.mapping.fault().is_some() || length < self.length()
    }

    /// The rest of the file, to be read. Says so when the file is shorter than it was.
    pub(super) fn rest(&mut self) -> Stream {
        let position = self.position();
        let length = self.length();
        let mut trouble = None;
        if self.has_shrunk() {
            let now = self.file.metadata().map_or(0, |metadata| metadata.len());
            let text = match now < length {
                true => format!("the file shrank while it was read: from {length} bytes to {now}"),
                false => format!("byte {} on could not be read", self.mapping.fault().unwrap_or(position)),
            };
            trouble = Some(Trouble { kind: Some(TruncationKind::Cut), text });
        }
        self.stored.store(position, Ordering::Relaxed);
        let reader: Box<dyn Read + Send> = match self.file.try_clone() {
            Ok(mut file) => match file.seek(SeekFrom::Start(position)) {
                Ok(_) => Box::new(Counted { file, stored: Arc::clone(&self.stored) }),
                Err(_) => Box::new(std::io::empty()),
            },
            Err(_) => Box::new(std::io::empty()),
        };
        let mut stream = Stream::new(reader, position, true);
        stream.trouble = trouble;
        stream
    }
}

#[cold]
fn touch(bytes: &[u8]) {
    bytes.iter().step_by(PAGE).for_each(|byte| {
        std::hint::black_box(*byte);
    });
}

/// Reads a file, and counts.
struct Counted {
    file: File,
    stored: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(into)?;
        self.stored.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
