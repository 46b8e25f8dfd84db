//! What the user named becomes one source: directories are looked into, several inputs merged.

use std::path::{Path, PathBuf};

use super::errors;
use super::input::Options;
use super::merge::Merged;
use super::names::{captures_in, is_standard_input};
use super::source::CaptureError;

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
