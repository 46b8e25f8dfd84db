//! Which of several files it is: when the next one begins, how it is called, which one goes. As in dumpcap.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// When the next file begins.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Turn {
    /// A file has so many bytes.
    pub bytes: Option<u64>,
    /// A file is so old; seconds.
    pub seconds: Option<f64>,
    /// A file has so many packets.
    pub packets: Option<u64>,
    /// So many are left on the disk; the oldest goes.
    pub files: Option<u32>,
}

/// When there is enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Enough {
    /// The only file has so many bytes.
    pub bytes: Option<u64>,
    /// So many files are complete.
    pub files: Option<u32>,
}

/// Names the file with a number, from 1.
pub type Namer = Box<dyn Fn(u32) -> PathBuf + Send>;

/// Files that follow each other.
pub(super) struct Ring {
    turn: Turn,
    name: Namer,
    serial: u32,
    begun: Instant,
    on_disk: VecDeque<PathBuf>,
}

impl Ring {
    pub(super) fn new(turn: Turn, name: Namer) -> Self {
        Self { turn, name, serial: 0, begun: Instant::now(), on_disk: VecDeque::new() }
    }

    /// The next file's name.
    pub(super) fn next(&mut self) -> PathBuf {
        self.serial += 1;
        self.begun = Instant::now();
        (self.name)(self.serial)
    }

    /// Files begun so far.
    pub(super) const fn begun(&self) -> u32 {
        self.serial
    }

    /// The file is there; answers which ones must go.
    pub(super) fn made(&mut self, path: PathBuf) -> Vec<PathBuf> {
        self.on_disk.push_back(path);
        let room = self.turn.files.map_or(usize::MAX, |files| files as usize);
        let excess = self.on_disk.len().saturating_sub(room);
        self.on_disk.drain(..excess).collect()
    }

    /// Whether a file of so many bytes and packets is full.
    pub(super) fn is_full(&self, bytes: u64, packets: u64) -> bool {
        self.turn.bytes.is_some_and(|most| bytes >= most) || self.turn.packets.is_some_and(|most| packets >= most)
    }

    /// Whether the file is old enough.
    pub(super) fn is_over(&self) -> bool {
        let lasts = self.turn.seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        lasts.is_some_and(|lasts| self.begun.elapsed() >= lasts)
    }
}

/// `rdp.pcapng` becomes `rdp_00001_20260311091422.pcapng`.
#[must_use]
pub fn numbered(path: &Path, serial: u32, stamp: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
    path.with_file_name(format!("{stem}_{serial:05}_{stamp}{ending}"))
}

/// Removes a file that is not wanted any more; one that somebody else removed is no matter.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_as_dumpcap_calls_them() {
        let name = |path: &str| numbered(Path::new(path), 7, "20260311091422").to_string_lossy().into_owned();
        assert_eq!(name("rdp.pcapng"), "rdp_00007_20260311091422.pcapng");
        assert_eq!(name("dir.d/rdp"), "dir.d/rdp_00007_20260311091422");
    }

    #[test]
    fn the_oldest_goes() {
        let turn = Turn { files: Some(2), ..Turn::default() };
        let mut ring = Ring::new(turn, Box::new(|serial| PathBuf::from(serial.to_string())));
        let gone: Vec<PathBuf> = (0..4)
            .flat_map(|_| {
                let path = ring.next();
                ring.made(path)
            })
            .collect();
        assert_eq!(gone, [PathBuf::from("1"), PathBuf::from("2")]);
    }
}
