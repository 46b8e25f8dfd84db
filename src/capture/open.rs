//! From what the user named to inputs that are open: files, pipes, directories, each perhaps compressed.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::frame::Input;

use super::container::{Packing, Peekable};
use super::errors;
use super::merge::Merged;
use super::reading::Reading;
use super::source::CaptureError;
use super::unpack::{Limits, Unpacker};
use super::window::Window;

/// Compressions inside each other, at most.
const MAX_NESTING: usize = 4;

/// How inputs are to be read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Expanded bytes of one compressed input, at most.
    pub expansion_limit: u64,
    /// Expanded bytes for each stored one, at most; judged from 256 MiB on.
    pub expansion_ratio: u64,
}

impl Default for Options {
    fn default() -> Self {
        // deflate cannot reach 1,100; zstd and lz4 can go beyond with packets that are all alike
        Self { expansion_limit: 64 << 30, expansion_ratio: 5_000 }
    }
}

/// All of `paths` as one capture in time order; `-` is standard input, a directory means the captures in it.
///
/// # Errors
/// When none of them can be read, or a directory has no captures. A bad one among several is in [`Merged::errors`].
pub fn open(paths: &[PathBuf], options: &Options) -> Result<Merged, CaptureError> {
    Merged::new(expand(paths)?, options)
}

/// One file or pipe.
///
/// # Errors
/// When it cannot be read.
pub fn open_one(path: &Path, options: &Options) -> Result<Merged, CaptureError> {
    Merged::new(vec![path.to_owned()], options)
}

/// `paths` with each directory replaced by the captures in it, by name; directories in it are left alone.
///
/// # Errors
/// When a directory has no captures or cannot be read, or when there are more files than frame numbers can tell apart.
pub fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CaptureError> {
    let mut files = Vec::new();
    for path in paths {
        if !is_standard_input(path) && path.is_dir() {
            let found = captures_in(path).map_err(|error| errors::cannot_open(path, &error))?;
            if found.is_empty() {
                return Err(errors::no_captures_in(path));
            }
            files.extend(found);
        } else {
            files.push(path.clone());
        }
    }
    match files.get(usize::from(u16::MAX) + 1) {
        Some(path) => Err(errors::too_many(path, files.len())),
        None => Ok(files),
    }
}

fn captures_in(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if is_capture_name(&path) && !path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether `directory` has captures in it.
pub(super) fn has_captures(directory: &Path) -> bool {
    captures_in(directory).is_ok_and(|found| !found.is_empty())
}

fn is_capture_name(path: &Path) -> bool {
    let Some(name) = path.file_name() else { return false };
    let name = name.to_string_lossy().to_ascii_lowercase();
    let plain = [".gz", ".zst", ".lz4"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
    [".pcap", ".pcapng", ".cap"].iter().any(|ending| plain.ends_with(ending))
}

pub(super) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens the input with index `file`.
pub(super) fn open_input(path: &Path, file: u16, options: &Options) -> Result<(Reading, Input), CaptureError> {
    let (window, stored, suffix) = open_window(path, options)?;
    Reading::new(window, stored, path, &suffix, file)
}

/// A window over the (expanded) bytes of `path`, how its stored bytes are counted, and its compression.
pub(super) fn open_window(path: &Path, options: &Options) -> Result<(Window, Arc<AtomicU64>, String), CaptureError> {
    let failed = |error: io::Error| errors::cannot_open(path, &error);
    let (reader, patient): (Box<dyn Read + Send>, bool) = if is_standard_input(path) {
        (Box::new(io::stdin()), false)
    } else {
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(errors::is_directory(path));
        }
        (Box::new(file), metadata.is_file())
    };
    let stored = Arc::new(AtomicU64::new(0));
    let (reader, suffix) = unpacked(reader, &stored, options).map_err(failed)?;
    Ok((Window::new(reader, patient), stored, suffix))
}

/// Expands `reader` as often as it is compressed; also what to call that. `stored` counts the bytes before expansion.
fn unpacked(
    mut reader: Box<dyn Read + Send>,
    stored: &Arc<AtomicU64>,
    options: &Options,
) -> io::Result<(Box<dyn Read + Send>, String)> {
    let limits = Limits { bytes: options.expansion_limit, ratio: options.expansion_ratio.max(1) };
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
            return Ok((Box::new(peekable), suffix));
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
