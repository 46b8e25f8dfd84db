//! From one path to an input that is open: a file or pipe, perhaps compressed, recognised by content.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::frame::Input;

use super::apart::Apart;
use super::container::{Packing, Peekable};
use super::errors;
use super::mapped::Mapped;
use super::names::is_standard_input;
use super::reading::Reading;
use super::source::CaptureError;
use super::stream::Stream;
use super::unpack::{Limits, Unpacker};
use super::window::Window;

/// Compressions inside each other, at most.
const MAX_NESTING: usize = 4;

/// Expanded bytes from which on the ratio is judged.
const UNJUDGED: u64 = 256 << 20;

/// How inputs are to be read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Expanded bytes of one compressed input, at most.
    pub expansion_limit: u64,
    /// Expanded bytes for each stored one, at most; judged from 256 MiB on.
    pub expansion_ratio: u64,
    /// Files from this length on are mapped into memory, shorter ones are read; bytes.
    pub mapped_from: u64,
}

impl Default for Options {
    fn default() -> Self {
        // deflate cannot reach 1,100; zstd and lz4 can go beyond with packets that are all alike
        // A mapping costs more than reading a short file.
        Self { expansion_limit: 64 << 30, expansion_ratio: 5_000, mapped_from: 1 << 20 }
    }
}

/// Opens the input with index `file`.
pub(super) fn open_input(path: &Path, file: u16, options: &Options) -> Result<(Reading, Input), CaptureError> {
    let (window, stored, suffix) = open_window(path, options)?;
    Reading::new(window, stored, path, &suffix, file)
}

/// A window over the (expanded) bytes of `path`, the counter of its stored bytes, and its compression.
pub(super) fn open_window(path: &Path, options: &Options) -> Result<(Window, Arc<AtomicU64>, String), CaptureError> {
    let failed = |error: io::Error| errors::cannot_open(path, &error);
    if is_standard_input(path) {
        return window_over(Box::new(io::stdin()), false, options).map_err(failed);
    }
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(errors::is_directory(path));
    }
    if !metadata.is_file() {
        return window_over(Box::new(file), false, options).map_err(failed);
    }
    let mapped = if metadata.len() < options.mapped_from { Ok(Err(file)) } else { mapped(file, metadata.len()) };
    match mapped.map_err(failed)? {
        Ok((window, stored)) => Ok((window, stored, String::new())),
        Err(file) => window_over(Box::new(file), true, options).map_err(failed),
    }
}

/// A window over a mapped file; the file as it was when it has to be read, because it is compressed or cannot be mapped.
fn mapped(mut file: File, length: u64) -> io::Result<Result<(Window, Arc<AtomicU64>), File>> {
    let mut head = [0; 4];
    let is_whole = file.read(&mut head)? == head.len();
    file.seek(SeekFrom::Start(0))?;
    if !is_whole || Packing::of(&head).is_some() || Packing::is_skippable(&head) {
        return Ok(Err(file));
    }
    let stored = Arc::default();
    Ok(Mapped::new(file, length, &stored).map(|mapped| (mapped.into(), stored)))
}

/// As `open_window`, of anything that can be read.
pub(super) fn window_over(
    reader: Box<dyn Read + Send>,
    patient: bool,
    options: &Options,
) -> io::Result<(Window, Arc<AtomicU64>, String)> {
    let stored = Arc::new(AtomicU64::new(0));
    let (reader, suffix) = unpacked(reader, &stored, options)?;
    Ok((Stream::new(reader, 0, patient).into(), stored, suffix))
}

/// Expands `reader` as often as it is compressed; also what to call that. `stored` counts the bytes before expansion.
fn unpacked(
    mut reader: Box<dyn Read + Send>,
    stored: &Arc<AtomicU64>,
    options: &Options,
) -> io::Result<(Box<dyn Read + Send>, String)> {
    let limits = Limits {
        bytes: options.expansion_limit,
        ratio: options.expansion_ratio.max(1),
        unjudged: UNJUDGED.min(options.expansion_limit),
    };
    let mut counter = Arc::clone(stored);
    let mut suffix = String::new();
    for _ in 0..MAX_NESTING {
        let mut peekable = Peekable::new(reader, counter);
        let head = match peekable.peek(4) {
            Ok(head) => head,
            Err(error) if suffix.is_empty() => return Err(error),
            // a stream that cannot be expanded from its very start is for its reader to report
            Err(error) => return Ok((Box::new(Broken(Some(error))), suffix)),
        };
        let Some(packing) = Packing::of(head).or(Packing::is_skippable(head).then_some(Packing::Zstd)) else {
            let reader: Box<dyn Read + Send> = Box::new(peekable);
            let reader = if suffix.is_empty() { reader } else { Box::new(Apart::new(reader)) };
            return Ok((reader, suffix));
        };
        suffix.insert_str(0, packing.suffix());
        reader = Box::new(Unpacker::new(packing, peekable, limits, Arc::clone(stored)));
        // only the outermost bytes are the stored ones
        counter = Arc::default();
    }
    Ok((reader, suffix))
}

/// Hands on an error that was met too early.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}
