//! Packets as they come into a pcapng file that can be read at every moment: only whole blocks are written.
//!
//! [draft-ietf-opsawg-pcapng](https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/), sections 4.1 to 4.3 and 4.6.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::errors::reason;
use crate::frame::{LinkType, Timestamp};

/// Blocks are written at the latest when there are so many bytes of them.
const BUFFER: usize = 128 * 1024;

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const STATISTICS: u32 = 5;
const PACKET: u32 = 6;
const IF_NAME: u16 = 2;
const IF_TSRESOL: u16 = 9;
const ISB_IFDROP: u16 = 5;
const USER_APPLICATION: u16 = 4;

/// A file that packets are kept in.
#[derive(Debug)]
pub struct Keep {
    file: Option<File>,
    path: PathBuf,
    buffer: Vec<u8>,
    /// Bytes before those in the buffer.
    written: u64,
    last: Timestamp,
    limit: u64,
    trouble: Option<String>,
}

impl Keep {
    /// Makes the file.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(path: &Path) -> io::Result<Self> {
        let file = File::create(path)?;
        Ok(Self {
            file: Some(file),
            path: path.to_owned(),
            buffer: Vec::new(),
            written: 0,
            last: Timestamp::default(),
            limit: u64::MAX,
            trouble: None,
        })
    }

    /// The same for a file that must not grow beyond `limit` bytes; packets after that are not kept.
    #[must_use]
    pub const fn at_most(mut self, limit: u64) -> Self {
        self.limit = limit;
        self
    }

    /// The open file, for whoever wants to give it to somebody.
    #[must_use]
    pub fn file(&self) -> Option<&File> {
        self.file.as_ref()
    }

    /// What went wrong since the last time this was asked; told once.
    pub fn take_trouble(&mut self) -> Option<String> {
        self.trouble.take()
    }

    /// Writes the head of the file: interfaces by name.
    pub(super) fn begin<'n>(&mut self, interfaces: impl Iterator<Item = (&'n str, LinkType)>) {
        let mut body = Vec::new();
        body.extend(0x1a2b_3c4d_u32.to_le_bytes());
        body.extend([1, 0, 0, 0]);
        body.extend([0xff; 8]);
        option(&mut body, USER_APPLICATION, concat!("rdpwhy ", env!("CARGO_PKG_VERSION")).as_bytes());
        option(&mut body, 0, &[]);
        self.block(SECTION, &body);
        for (name, link) in interfaces {
            let mut body = Vec::new();
            body.extend(u16::try_from(link.0).unwrap_or(u16::MAX).to_le_bytes());
            body.extend([0; 6]);
            option(&mut body, IF_NAME, name.as_bytes());
            option(&mut body, IF_TSRESOL, &[9]);
            option(&mut body, 0, &[]);
            self.block(INTERFACE, &body);
        }
        self.flush();
    }

    /// Adds a packet; answers where its bytes will stand, while the file can be written.
    pub(super) fn packet(&mut self, interface: usize, time: Timestamp, original: u32, bytes: &[u8]) -> Option<u64> {
        self.file.as_ref()?;
        if self.written + self.buffer.len() as u64 + bytes.len() as u64 > self.limit {
            self.flush();
            self.file = None;
            self.trouble.get_or_insert_with(|| "the room for packets is full; they are not kept from here on".into());
            return None;
        }
        self.last = time;
        let length = bytes.len() + bytes.len().wrapping_neg() % 4;
        let total = (32 + length) as u32;
        let ticks = time.0.cast_unsigned();
        let fields = [
            PACKET,
            total,
            interface as u32,
            (ticks >> 32) as u32,
            (ticks & 0xffff_ffff) as u32,
            bytes.len() as u32,
            original,
        ];
        fields.iter().for_each(|field| self.buffer.extend(field.to_le_bytes()));
        let place = self.written + self.buffer.len() as u64;
        self.buffer.extend(bytes);
        self.buffer.extend(&[0; 3][..length - bytes.len()]);
        self.buffer.extend(total.to_le_bytes());
        if self.buffer.len() >= BUFFER {
            self.flush();
        }
        Some(place)
    }

    /// Writes the last block: how many packets were lost.
    pub(super) fn end(&mut self, dropped: u64) {
        if self.file.is_none() {
            return;
        }
        let ticks = self.last.0.cast_unsigned();
        let mut body = Vec::new();
        body.extend(0_u32.to_le_bytes());
        body.extend(((ticks >> 32) as u32).to_le_bytes());
        body.extend(((ticks & 0xffff_ffff) as u32).to_le_bytes());
        option(&mut body, ISB_IFDROP, &dropped.to_le_bytes());
        option(&mut body, 0, &[]);
        self.block(STATISTICS, &body);
        self.flush();
        self.file = None;
    }

    /// Writes what waits. A disk that is full ends the keeping, not the watching.
    pub(super) fn flush(&mut self) {
        let Some(file) = &mut self.file else { return };
        if self.buffer.is_empty() {
            return;
        }
        if let Err(error) = file.write_all(&self.buffer) {
            // What was written of a block is taken back, so that the file stays readable.
            let _ = file.set_len(self.written);
            let (path, reason) = (self.path.display(), reason(&error));
            self.trouble = Some(format!("{path}: {reason}; packets are not kept from here on"));
            self.file = None;
        }
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
    }

    fn block(&mut self, kind: u32, body: &[u8]) {
        let total = (12 + body.len()) as u32;
        self.buffer.extend(kind.to_le_bytes());
        self.buffer.extend(total.to_le_bytes());
        self.buffer.extend(body);
        self.buffer.extend(total.to_le_bytes());
    }
}

/// An option, padded to four bytes.
fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
    body.extend(code.to_le_bytes());
    body.extend(length.to_le_bytes());
    body.extend(&value[..usize::from(length)]);
    body.extend(&[0; 3][..value.len().wrapping_neg() % 4]);
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
        let mut keep = Keep::new(&path).expect("made");
        keep.begin([("eth0", LinkType::ETHERNET), ("tun0", LinkType::RAW)].into_iter());
        let time = Timestamp(1_700_000_000_123_456_789);
        let place = keep.packet(1, time, 60, b"hello").expect("kept");
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
        keep.end(7);
        let mut source = open_one(&path, &Options::default()).expect("readable");
        while !matches!(source.next(), Ok(Next::End)) {}
        assert_eq!((source.inputs()[0].packets, source.inputs()[0].dropped), (1, 7));
        assert!(source.inputs()[0].warnings.is_empty() && source.inputs()[0].truncated.is_none());
    }
}
