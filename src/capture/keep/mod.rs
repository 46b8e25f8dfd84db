//! Packets as they come into pcapng files that can be read at every moment: only whole blocks are written.

mod files;

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::block;
use super::errors::reason;
use crate::frame::{LinkType, Timestamp};
use files::Ring;
pub use files::{Enough, Namer, Turn, numbered};

/// Blocks are written at the latest when there are so many bytes of them.
const BUFFER: usize = 128 * 1024;

/// Where a packet is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// In which of the files, from 0.
    pub(super) file: usize,
    /// The packet's number in it, from 1.
    pub(super) number: u64,
    /// Offset of its bytes.
    pub(super) place: u64,
}

/// Files that packets are kept in: one, or one after the other.
pub struct Keep {
    /// None when nothing can be kept any more.
    file: Option<File>,
    path: PathBuf,
    ring: Option<Ring>,
    enough: Enough,
    /// Interfaces, for the head of each file.
    lines: Vec<(String, LinkType)>,
    buffer: Vec<u8>,
    /// Bytes before those in the buffer, and packets in them.
    written: u64,
    safe: u64,
    /// Packets of this file.
    packets: u64,
    /// Files begun before this one.
    before: usize,
    /// Files begun since somebody asked.
    begun: Vec<PathBuf>,
    last: Timestamp,
    dropped: u64,
    dropped_before: u64,
    is_full: bool,
    trouble: Vec<String>,
}

impl Keep {
    /// Makes the only file.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(path: &Path, enough: Enough) -> io::Result<Self> {
        Ok(Self::of(File::create(path)?, path.to_owned(), None, enough))
    }

    /// Makes the first of several files.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn ring(turn: Turn, name: Namer, enough: Enough) -> io::Result<Self> {
        let mut ring = Ring::new(turn, name);
        let path = ring.next();
        let file = File::create(&path)?;
        ring.made(path.clone());
        Ok(Self::of(file, path, Some(ring), enough))
    }

    fn of(file: File, path: PathBuf, ring: Option<Ring>, enough: Enough) -> Self {
        Self {
            file: Some(file),
            path,
            ring,
            enough,
            lines: Vec::new(),
            buffer: Vec::new(),
            written: 0,
            safe: 0,
            packets: 0,
            before: 0,
            begun: Vec::new(),
            last: Timestamp::default(),
            dropped: 0,
            dropped_before: 0,
            is_full: false,
            trouble: Vec::new(),
        }
    }

    /// The open file, for whoever wants to give it to somebody.
    #[must_use]
    pub fn file(&self) -> Option<&File> {
        self.file.as_ref()
    }

    /// Where the open file, or the last one, is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Packets of this file that are on the disk for sure.
    pub(super) const fn safe(&self) -> u64 {
        self.safe
    }

    /// Whether more than one file is made.
    pub(super) const fn is_ring(&self) -> bool {
        self.ring.is_some()
    }

    /// Whether packets can still be kept.
    pub(super) const fn is_open(&self) -> bool {
        self.file.is_some()
    }

    /// As much has been kept as was wanted.
    pub(super) const fn is_full(&self) -> bool {
        self.is_full
    }

    /// What went wrong since the last time this was asked; told once.
    pub(super) fn take_trouble(&mut self) -> Vec<String> {
        std::mem::take(&mut self.trouble)
    }

    /// Files begun since the last time, the first one apart.
    pub(super) fn take_begun(&mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.begun)
    }

    /// Writes the head of the file: interfaces by name.
    pub(super) fn begin<'n>(&mut self, interfaces: impl Iterator<Item = (&'n str, LinkType)>) {
        self.lines = interfaces.map(|(name, link)| (name.to_owned(), link)).collect();
        self.head();
    }

    fn head(&mut self) {
        block::section(&mut self.buffer);
        for (name, link) in &self.lines {
            block::interface(&mut self.buffer, name, *link);
        }
        self.write();
    }

    /// Adds a packet; answers where it will stand, while the file can be written.
    pub(super) fn packet(&mut self, interface: usize, time: Timestamp, original: u32, bytes: &[u8]) -> Option<Kept> {
        if self.is_full || self.file.is_none() {
            return None;
        }
        if self.packets > 0 && self.ring.as_ref().is_some_and(|ring| ring.is_full(self.size(), self.packets)) {
            self.turn();
            if self.is_full || self.file.is_none() {
                return None;
            }
        }
        self.last = time;
        let place = self.written + block::packet(&mut self.buffer, interface, time, original, bytes) as u64;
        self.packets += 1;
        let kept = Kept { file: self.before, number: self.packets, place };
        if self.buffer.len() >= BUFFER {
            self.flush();
        }
        self.is_full = match &self.ring {
            None => self.enough.bytes.is_some_and(|most| self.size() >= most),
            Some(ring) => ring.is_full(self.size(), self.packets) && self.has_files(ring),
        };
        Some(kept)
    }

    fn has_files(&self, ring: &Ring) -> bool {
        self.enough.files.is_some_and(|most| ring.begun() >= most)
    }

    fn size(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    /// `dropped` packets were lost so far.
    pub(super) const fn lost(&mut self, dropped: u64) {
        self.dropped = dropped;
    }

    /// Writes the last block: how many packets were lost.
    pub(super) fn end(&mut self) {
        if self.file.is_some() {
            self.statistics();
            self.write();
            self.file = None;
        }
    }

    fn statistics(&mut self) {
        let here = self.dropped.saturating_sub(self.dropped_before);
        self.dropped_before = self.dropped;
        block::statistics(&mut self.buffer, self.last, here);
    }

    /// Writes what waits, and goes on to the next file when it is time.
    pub(super) fn flush(&mut self) {
        self.write();
        if self.file.is_some() && self.ring.as_ref().is_some_and(Ring::is_over) {
            self.turn();
        }
    }

    /// The next file.
    fn turn(&mut self) {
        if self.ring.as_ref().is_some_and(|ring| self.has_files(ring)) {
            self.is_full = true;
            return;
        }
        let Some(ring) = &mut self.ring else { return };
        let path = ring.next();
        self.statistics();
        self.write();
        if self.file.is_none() {
            return;
        }
        let file = match File::create(&path) {
            Ok(file) => file,
            Err(error) => {
                self.file = None;
                let text = format!("{}: {}; packets are not kept from here on", path.display(), reason(&error));
                self.trouble.push(text);
                return;
            }
        };
        (self.file, self.path) = (Some(file), path.clone());
        (self.written, self.safe, self.packets) = (0, 0, 0);
        self.before += 1;
        self.begun.push(path.clone());
        let gone = self.ring.as_mut().map(|ring| ring.made(path)).unwrap_or_default();
        for old in gone {
            if let Err(error) = files::remove(&old) {
                self.trouble.push(format!("{}: {}; it stays", old.display(), reason(&error)));
            }
        }
        self.head();
    }

    /// Writes what waits. A disk that is full ends the keeping, not the watching.
    fn write(&mut self) {
        let Some(file) = &mut self.file else { return };
        if self.buffer.is_empty() {
            return;
        }
        if let Err(error) = file.write_all(&self.buffer) {
            // What was written of a block is taken back, so that the file stays readable.
            let _ = file.set_len(self.written);
            let (path, reason) = (self.path.display(), reason(&error));
            self.trouble.push(format!("{path}: {reason}; it ends with packet {}, and no more are kept", self.safe));
            self.file = None;
        } else {
            self.written += self.buffer.len() as u64;
            self.safe = self.packets;
        }
        self.buffer.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::again::read_again;
    use crate::capture::input::Options;
    use crate::capture::open::open_one;
    use crate::capture::source::{Next, Source as _};

    #[test]
    fn what_is_kept_is_read_again() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("kept.pcapng");
        let mut keep = Keep::new(&path, Enough::default()).expect("made");
        keep.begin([("eth0", LinkType::ETHERNET), ("tun0", LinkType::RAW)].into_iter());
        let time = Timestamp(1_700_000_000_123_456_789);
        let place = keep.packet(1, time, 60, b"hello").expect("kept").place;
        keep.flush();
        let mut source = open_one(&path, &Options::default()).expect("readable before its end");
        match source.next().expect("a frame") {
            Next::Frame(frame) => {
                assert_eq!((frame.time, frame.link, frame.original_length), (time, LinkType::RAW, 60));
                assert_eq!((frame.bytes, frame.place.offset), (&b"hello"[..], place));
            }
            other => panic!("{other:?}"),
        }
        let place = crate::frame::Place { offset: place, length: 5 };
        assert_eq!(read_again(&path, &[place], &Options::default()).expect("read"), [b"hello"]);
        keep.lost(7);
        keep.end();
        let mut source = open_one(&path, &Options::default()).expect("readable");
        while !matches!(source.next(), Ok(Next::End)) {}
        assert_eq!((source.inputs()[0].packets, source.inputs()[0].dropped), (1, 7));
        assert!(source.inputs()[0].warnings.is_empty() && source.inputs()[0].truncated.is_none());
    }

    #[test]
    fn a_ring_leaves_its_last_files() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().to_owned();
        let turn = Turn { packets: Some(2), files: Some(2), ..Turn::default() };
        let name = move |serial| path.join(format!("{serial}.pcapng"));
        let mut keep = Keep::ring(turn, Box::new(name), Enough::default()).expect("made");
        keep.begin([("eth0", LinkType::ETHERNET)].into_iter());
        let kept: Vec<_> = (0..7).filter_map(|time| keep.packet(0, Timestamp(time), 60, b"hello")).collect();
        let places: Vec<_> = kept.iter().map(|kept| (kept.file, kept.number)).collect();
        assert_eq!(places, [(0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (2, 2), (3, 1)]);
        keep.end();
        let count = |name: &str| {
            let mut source = open_one(&directory.path().join(name), &Options::default()).ok()?;
            while !matches!(source.next(), Ok(Next::End)) {}
            Some(source.inputs()[0].packets)
        };
        assert_eq!(
            [count("1.pcapng"), count("2.pcapng"), count("3.pcapng"), count("4.pcapng")],
            [None, None, Some(2), Some(1)]
        );
    }

    #[test]
    fn enough_is_enough() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().to_owned();
        let turn = Turn { packets: Some(2), ..Turn::default() };
        let name = move |serial| path.join(format!("{serial}.pcapng"));
        let enough = Enough { files: Some(2), bytes: None };
        let mut keep = Keep::ring(turn, Box::new(name), enough).expect("made");
        assert_eq!((0..9).filter_map(|time| keep.packet(0, Timestamp(time), 60, b"hello")).count(), 4);
        assert!(keep.is_full());
        let enough = Enough { bytes: Some(200), files: None };
        let mut keep = Keep::new(&directory.path().join("one"), enough).expect("made");
        assert_eq!((0..9).filter_map(|time| keep.packet(0, Timestamp(time), 60, &[0; 60])).count(), 3);
    }
}
