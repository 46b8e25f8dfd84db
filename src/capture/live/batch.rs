//! What a tap sends: packets as they came, and how far its clock has come. The contract of this room.

use crate::frame::{LinkType, Timestamp};

/// Bytes of packets in one batch.
pub(super) const BATCH: usize = 256 * 1024;
/// Bytes that may wait, of all interfaces.
pub(super) const WAITING: usize = 32 << 20;
/// Batches that may wait: most are small on a line that is not busy.
pub(super) const BATCHES: usize = 4096;

/// A packet's header, with its bytes in the batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) time: Timestamp,
    pub(super) start: usize,
    pub(super) length: u32,
    pub(super) original: u32,
}

/// Packets of one interface.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Which interface.
    pub(super) line: usize,
    pub(super) bytes: Vec<u8>,
    pub(super) heads: Vec<Head>,
    /// Whatever was captured before this has been sent.
    pub(super) until: Option<Timestamp>,
    /// Packets lost so far: in the kernel's buffer, and by the interface.
    pub(super) lost: Option<(u32, u32)>,
    /// No more will come, and why where it is known.
    pub(super) end: Option<Option<String>>,
}

impl Batch {
    pub(super) fn new(line: usize) -> Self {
        Self { line, ..Self::default() }
    }

    pub(super) fn add(&mut self, time: Timestamp, bytes: &[u8], original: u32) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.heads.push(Head { time, start, length: bytes.len() as u32, original });
    }

    /// The bytes of one of its packets.
    pub(super) fn of(&self, head: Head) -> &[u8] {
        &self.bytes[head.start..head.start + head.length as usize]
    }

    /// Bytes it takes.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.heads.len() * size_of::<Head>()
    }

    pub(super) fn is_full(&self) -> bool {
        self.size() >= BATCH
    }
}

/// An interface that is open: its name, and what its packets begin with.
#[derive(Clone, Debug)]
pub(in crate::capture) struct Line {
    pub(in crate::capture) name: String,
    pub(in crate::capture) link: LinkType,
}
