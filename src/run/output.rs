//! Standard output, standard error and the report's file. A reader that went away is no failure.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Read as _, Seek as _, Write};
use std::path::{Path, PathBuf};

use super::complaint::{Complaint, fitted};
use crate::capture::reason;
use crate::report::time::counted;

/// What became of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// All of it.
    Whole,
    /// The reader of the pipe has gone: nothing more needs to be written, and nobody is to be told.
    Unwanted,
}

/// Writes to standard output.
pub(super) fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Written, Complaint> {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = write(&mut out).and_then(|()| out.flush());
    // What could not be written stays in the buffer, and would be tried again.
    let _ = out.into_parts();
    match written {
        Ok(()) => Ok(Written::Whole),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Written::Unwanted),
        Err(error) => Err(Complaint::new(format!("cannot write to standard output: {}", reason(&error)))),
    }
}

/// Writes a report into a file; one that `is_later` stands behind the reports that are in it.
pub(super) fn to_file(
    path: &Path,
    is_later: bool,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Complaint> {
    let mut target = Target::open(path)?;
    if is_later {
        // A pipe or a terminal has no end to go to.
        let _ = target.file.seek(io::SeekFrom::End(0));
    }
    target.holds_reports = is_later;
    target.write(write)
}

/// A file that a report goes into later. What it holds stays until then.
pub(super) struct Target {
    path: PathBuf,
    pub(super) file: File,
    /// It was not there before; for whoever gives it to somebody.
    #[cfg_attr(not(all(feature = "live", unix)), allow(dead_code))]
    pub(super) is_new: bool,
    /// What it holds is of this run, and stays.
    holds_reports: bool,
}

impl Target {
    pub(super) fn open(path: &Path) -> Result<Self, Complaint> {
        let is_new = !path.exists();
        let file = File::options().write(true).create(true).truncate(false).open(path);
        let file = file.map_err(|error| failed(path, &error))?;
        Ok(Self { path: path.to_owned(), file, is_new, holds_reports: false })
    }

    pub(super) fn write(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Complaint> {
        // What is no file (a pipe, a terminal) has no length.
        let is_file = self.file.metadata().is_ok_and(|metadata| metadata.is_file());
        let emptied = if is_file && !self.holds_reports { self.file.set_len(0) } else { Ok(()) };
        let mut out = BufWriter::new(self.file);
        emptied.and_then(|()| write(&mut out)).and_then(|()| out.flush()).map_err(|error| failed(&self.path, &error))
    }
}

/// A file that cannot be written.
pub(super) fn failed(path: &Path, error: &io::Error) -> Complaint {
    Complaint::new(format!("cannot write {}: {}", path.display(), reason(error)))
}

/// Refuses to write over an input, or over any capture.
pub(super) fn check_target(path: &Path, inputs: &[PathBuf]) -> Result<(), Complaint> {
    let same = |input: &PathBuf| match (path.canonicalize(), input.canonicalize()) {
        (Ok(target), Ok(input)) => target == input || same_file(&target, &input),
        _ => false,
    };
    if inputs.iter().any(same) {
        return Err(Complaint::new(format!("{} is the input; a capture is never overwritten", path.display())));
    }
    if path.is_file()
        && let Some(what) = looks_like(path)
    {
        return Err(Complaint::new(format!("{} {what}; a capture is never overwritten", path.display()))
            .note("help", "name another file, or remove this one first"));
    }
    let names_directory = path.to_string_lossy().ends_with(std::path::is_separator);
    if path.is_dir() || names_directory {
        return Err(Complaint::new(format!("{} is a directory; a file is wanted", path.display())));
    }
    Ok(())
}

/// Finds out now that a report cannot be written there, not when a large capture has been read.
pub(super) fn check_place(path: &Path) -> Result<(), Complaint> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() && !parent.is_dir() => {
            Err(Complaint::new(format!("cannot write {}: there is no directory {}", path.display(), parent.display())))
        }
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let key = |path: &Path| path.metadata().map(|metadata| (metadata.dev(), metadata.ino()));
    matches!((key(a), key(b)), (Ok(a), Ok(b)) if a == b)
}

#[cfg(not(unix))]
fn same_file(_: &Path, _: &Path) -> bool {
    false
}

/// By its first bytes: pcap, pcapng, and what captures are kept compressed with.
fn looks_like(path: &Path) -> Option<&'static str> {
    const CAPTURES: [&[u8]; 5] = [
        &[0xd4, 0xc3, 0xb2, 0xa1],
        &[0xa1, 0xb2, 0xc3, 0xd4],
        &[0x4d, 0x3c, 0xb2, 0xa1],
        &[0xa1, 0xb2, 0x3c, 0x4d],
        &[0x0a, 0x0d, 0x0d, 0x0a],
    ];
    // gzip, zstd, lz4 and its older form, xz, bzip2
    const COMPRESSED: [&[u8]; 6] = [
        &[0x1f, 0x8b],
        &[0x28, 0xb5, 0x2f, 0xfd],
        &[0x04, 0x22, 0x4d, 0x18],
        &[0x02, 0x21, 0x4c, 0x18],
        &[0xfd, 0x37, 0x7a, 0x58],
        b"BZh",
    ];
    let mut head = [0; 4];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).ok()?;
    let begins = |marks: &[&[u8]]| marks.iter().any(|mark| head.starts_with(mark));
    match (begins(&CAPTURES), begins(&COMPRESSED)) {
        (true, _) => Some("is a capture"),
        (false, true) => Some("is compressed, and may be a capture"),
        (false, false) => None,
    }
}

/// Standard error: complaints in the right width and colour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stderr {
    pub(super) width: usize,
    pub(super) color: bool,
}

impl Stderr {
    /// So many sessions were not told, for want of somebody who reads.
    pub(super) fn untold(self, count: u64) {
        if count > 0 {
            let sessions = counted(count, "session");
            self.prose(&format!(
                "warning: {sessions} not told one by one: whoever reads standard output is too slow\n"
            ));
        }
    }

    pub(super) fn error(self, complaint: &Complaint) {
        self.text(&complaint.error(self.width, self.color));
    }

    /// `text` in lines that fit; paths stay whole.
    pub(super) fn prose(self, text: &str) {
        self.text(&fitted(text, self.width));
    }

    /// Not `eprint!`, which panics when standard error is closed.
    pub(super) fn text(self, text: &str) {
        self.write(|out| out.write_all(text.as_bytes()));
    }

    /// What cannot be said there cannot be said anywhere.
    pub(super) fn write(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        let _ = write(&mut io::stderr().lock());
    }
}

/// Whether somebody sits at standard input.
pub(super) fn stdin_is_terminal() -> bool {
    io::stdin().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captures_are_never_overwritten() {
        let directory = tempfile::tempdir().expect("a directory");
        let capture = directory.path().join("a.pcap");
        let text = directory.path().join("a.txt");
        std::fs::write(&capture, [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0]).expect("written");
        std::fs::write(&text, "a report").expect("written");
        let input = [directory.path().join("./a.pcap")];
        let refusal = check_target(&capture, &input).expect_err("the input").error(200, false);
        assert!(refusal.contains("is the input; a capture is never overwritten"), "{refusal}");
        assert!(check_target(&capture, &[]).is_err());
        for packed in [&[0x1f, 0x8b, 8, 0][..], &[0x28, 0xb5, 0x2f, 0xfd], b"BZh9", &[0xfd, 0x37, 0x7a, 0x58, 0x5a]] {
            let path = directory.path().join("packed");
            std::fs::write(&path, packed).expect("written");
            assert!(check_target(&path, &[]).is_err(), "{packed:?}");
        }
        assert!(check_target(directory.path(), &[]).is_err());
        assert!(check_target(&directory.path().join("none/"), &[]).is_err());
        for path in ["none/a.json", "a.txt/b"] {
            assert!(check_place(&directory.path().join(path)).is_err(), "{path}");
        }
        assert!(check_place(Path::new("new-in-this-directory.txt")).is_ok());
        assert!(check_place(&directory.path().join("new.txt")).is_ok());
        assert!(check_target(&text, &input).is_ok());
        assert!(check_target(&directory.path().join("new.txt"), &input).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn another_name_of_the_input_is_still_the_input() {
        let directory = tempfile::tempdir().expect("a directory");
        let (input, link) = (directory.path().join("a"), directory.path().join("b"));
        std::fs::write(&input, "not even a capture").expect("written");
        std::fs::hard_link(&input, &link).expect("linked");
        assert!(check_target(&link, &[input]).is_err());
    }
}
