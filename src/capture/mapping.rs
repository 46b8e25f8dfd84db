//! A whole file as one slice: mapped when it is large, read when it is small.
//!
//! The only file of the crate that needs `unsafe`, for two calls of memmap2. A mapping is sound as long as nobody changes
//! the file underneath, which no program can promise. What we do about it: bytes of a capture are only ever looked at as
//! plain numbers (no reference into the mapping is trusted to stay the same between two looks, lengths are copied out
//! before they are used), the visible part shrinks when the file does (looked up every 16 MiB), and small files are not
//! mapped at all. What remains is a file cut short within the current 16 MiB while it is being read: that is SIGBUS, as
//! for every program that maps files. `Options::map = false` reads through a buffer instead.
#![allow(unsafe_code)]

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use memmap2::{Advice, Mmap, UncheckedAdvice};

/// Up to here reading is cheaper than mapping, and safe from a file that shrinks.
const SMALL: u64 = 64 * 1024;

/// How often pages behind the reader are given back and the file's length is looked up.
const STRIDE: usize = 16 * 1024 * 1024;

/// Pages this close behind the reader stay: the last frame handed out lies there.
const MARGIN: usize = 1024 * 1024;

/// The bytes of one regular file.
pub(super) struct Mapping {
    memory: Memory,
    /// INVARIANT: at most the length of `memory`; only ever shrinks.
    length: usize,
    /// Reader position at which `look_back` is due.
    due: usize,
    /// Everything below was given back.
    released: usize,
    path: PathBuf,
    identity: Option<(u64, u64)>,
}

enum Memory {
    Mapped(Mmap),
    Read(Vec<u8>),
}

impl Mapping {
    /// Maps (or, when small, reads) all of `file`. The file need not stay open.
    pub(super) fn of(file: &File, path: &Path) -> io::Result<Self> {
        let metadata = file.metadata()?;
        let memory = if metadata.len() <= SMALL {
            let mut bytes = Vec::new();
            file.take(SMALL).read_to_end(&mut bytes)?;
            Memory::Read(bytes)
        } else {
            // SAFETY: read-only and shared; see the head of this file for what happens when the file changes.
            let map = unsafe { Mmap::map(file)? };
            // Advice only: a kernel that does not know it reads all the same.
            let _ = map.advise(Advice::Sequential);
            Memory::Mapped(map)
        };
        let length = match &memory {
            Memory::Mapped(map) => map.len(),
            Memory::Read(bytes) => bytes.len(),
        };
        Ok(Self { memory, length, due: STRIDE, released: 0, path: path.to_owned(), identity: identity(&metadata) })
    }

    /// What of the file can be seen.
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        match &self.memory {
            Memory::Mapped(map) => &map[..self.length],
            Memory::Read(bytes) => &bytes[..self.length],
        }
    }

    /// The reader has come to `position` and will not look back further than the last frame.
    #[inline]
    pub(super) fn passed(&mut self, position: usize) {
        if position >= self.due {
            self.look_back(position);
        }
    }

    #[cold]
    fn look_back(&mut self, position: usize) {
        self.due = position.saturating_add(STRIDE);
        let Memory::Mapped(map) = &self.memory else { return };
        if let Ok(metadata) = std::fs::metadata(&self.path)
            && identity(&metadata) == self.identity
        {
            self.length = self.length.min(usize::try_from(metadata.len()).unwrap_or(usize::MAX));
        }
        let behind = position.min(map.len()).saturating_sub(MARGIN);
        if behind > self.released {
            // SAFETY: the mapping is shared, read-only and backed by the file: a page given back is read from the
            // page cache again when touched, with the same contents.
            let _ =
                unsafe { map.unchecked_advise_range(UncheckedAdvice::DontNeed, self.released, behind - self.released) };
            self.released = behind;
        }
    }
}

/// Which file it is, so that a rotated file under the same name is not taken for a shrunken one.
#[cfg(unix)]
fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}
