//! Reads frames again that were read before, by their place.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::frame::Place;

use super::errors;
use super::input::{Options, open_window};
use super::source::CaptureError;
use super::window::Window;

/// No frame is longer; a longer place is not one that a source gave.
const LONGEST: u32 = 64 * 1024 * 1024;

/// The bytes of the frames at `places` of the file `path`, in the order asked for.
///
/// Cheap for a plain file; a compressed one is expanded from its start, once for all of them. A frame that is no longer
/// there (the file was cut or replaced) comes back shorter or empty.
///
/// # Errors
/// When the file cannot be opened; a pipe cannot be read twice.
pub fn read_again(path: &Path, places: &[Place], options: &Options) -> Result<Vec<Vec<u8>>, CaptureError> {
    let failed = |error: io::Error| errors::cannot_open(path, &error);
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(errors::not_twice(path));
    }
    let (window, _, compression) = open_window(path, options)?;
    if !compression.is_empty() {
        return Ok(from_window(window, places));
    }
    let mut file = File::open(path).map_err(failed)?;
    places.iter().map(|place| from_file(&mut file, *place).map_err(failed)).collect()
}

fn from_file(file: &mut File, place: Place) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(place.offset))?;
    Read::take(file, u64::from(place.length.min(LONGEST))).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn from_window(mut window: Window, places: &[Place]) -> Vec<Vec<u8>> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by_key(|index| places[*index].offset);
    let mut found = vec![Vec::new(); places.len()];
    for index in order {
        let Place { offset, length } = places[index];
        let length = length.min(LONGEST) as usize;
        window.go_to(offset);
        if window.position() == offset {
            let bytes = window.have(length);
            found[index] = bytes[..bytes.len().min(length)].to_vec();
        }
    }
    found
}
