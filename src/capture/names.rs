//! What names mean: which files of a directory are captures, and what `-` is. Contents are judged elsewhere.

use std::io;
use std::path::{Path, PathBuf};

/// The captures in a directory, by name.
pub(super) fn captures_in(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        // A pipe of that name would be waited for.
        if is_capture_name(&path) && path.is_file() {
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

/// Whether the user means standard input.
pub(super) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}
