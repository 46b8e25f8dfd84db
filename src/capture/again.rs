//! Reads frames again that were read before, by their place.

use std::path::Path;

use crate::frame::Place;

use super::errors;
use super::open::{Options, open_window};
use super::source::CaptureError;

/// No frame is longer; a longer place is not one that a source gave.
const LONGEST: u32 = 64 * 1024 * 1024;

/// The bytes of the frames at `places` of the file `path`, in the order asked for.
///
/// One pass over the file for all of them: cheap for a plain file, as long as a first reading for a compressed one. A
/// frame that is no longer there (the file was cut or replaced) comes back shorter or empty.
///
/// # Errors
/// When the file cannot be opened; a pipe cannot be read twice.
pub fn read_again(path: &Path, places: &[Place], options: &Options) -> Result<Vec<Vec<u8>>, CaptureError> {
    let metadata = std::fs::metadata(path).map_err(|error| errors::cannot_open(path, &error))?;
    if !metadata.is_file() {
        return Err(errors::not_twice(path));
    }
    let (mut window, ..) = open_window(path, options)?;
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by_key(|index| places[*index].offset);
    let mut found = vec![Vec::new(); places.len()];
    for index in order {
        let Place { offset, length } = places[index];
        window.go_to(offset);
        let length = length.min(LONGEST) as usize;
        // places may overlap in a file that lies; then the window is already past the beginning
        if window.position() == offset {
            let bytes = window.have(length);
            found[index] = bytes[..bytes.len().min(length)].to_vec();
        }
    }
    Ok(found)
}
