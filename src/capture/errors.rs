//! The sentences for inputs that cannot be read: what, where, and what to try.

use std::io;
use std::path::{Path, PathBuf};

use crate::frame::{Input, LinkType};

use super::known::{self, Cure};
use super::names::{has_captures, is_standard_input};
use super::pcap;
use super::source::CaptureError;
use super::window::Window;

const FORMATS: &str = "pcap, pcapng, each also as .gz, .zst or .lz4";
const LINKS: &str = "Ethernet, Linux cooked (SLL, SLL2), raw IP, BSD loopback, PPP";

/// EMFILE, on every Unix; std has no name for it.
const TOO_MANY_OPEN: i32 = 24;

/// First bytes shown of a file that is no capture.
const SHOWN: usize = 8;

/// Names worse than this far from the one asked for are no help.
const FAR: usize = 3;

fn error(path: &Path, what: String) -> CaptureError {
    CaptureError { what, path: path.to_owned(), at: None, notes: Vec::new() }
}

/// What the operating system says, without its number for it.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

fn name(path: &Path) -> String {
    if is_standard_input(path) { "standard input".to_owned() } else { path.display().to_string() }
}

/// As it must be typed in a shell.
fn quoted(path: &Path) -> String {
    let shown = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "._-+,:@%/\\".contains(c);
    if shown.chars().all(plain) { shown } else { format!("'{}'", shown.replace('\'', r"'\''")) }
}

/// Every packet of this input has a link type that cannot be read; asked when the input has been read to its end.
#[must_use]
pub fn unreadable_link(input: &Input) -> Option<CaptureError> {
    let all = input.packets > 0 && input.unknown_link == input.packets;
    let link = input.link_types.iter().find(|link| !link.is_known())?;
    all.then(|| unsupported_link(&input.path, *link))
}

pub(super) fn unsupported_link(path: &Path, link: LinkType) -> CaptureError {
    let text = match link.name() {
        "unknown" => format!("{}: link type {} is not supported", name(path), link.0),
        known => format!("{}: link type {} ({known}) is not supported", name(path), link.0),
    };
    let mut error = error(path, text);
    error.notes.push(("known", LINKS.to_owned()));
    match link.0 {
        105 | 119 | 127 | 163 | 192 => error.notes.push((
            "note",
            "Wi-Fi frames are usually encrypted; capture on the wired side or on the client itself".to_owned(),
        )),
        187 | 189 | 195 | 201 | 215 | 220 | 230 | 249 | 253 => error.notes.push((
            "note",
            "this is no network that RDP runs over; choose another interface when capturing (rdpwhy ifaces)".to_owned(),
        )),
        _ => {}
    }
    error
}

/// Opening or first reading failed.
pub(super) fn cannot_open(path: &Path, cause: &io::Error) -> CaptureError {
    let shown = name(path);
    match cause.kind() {
        io::ErrorKind::NotFound => {
            let mut error = error(path, format!("no file {shown}"));
            if shown.contains(['*', '?', '[']) {
                let help =
                    "nothing is put in place of * within quotes, or where nothing fits; a directory may be named";
                error.notes.push(("help", help.to_owned()));
            } else if let Some(similar) = similar_name(path) {
                error.notes.push(("help", format!("did you mean {similar}?")));
            }
            error
        }
        io::ErrorKind::PermissionDenied => {
            let mut error = error(path, format!("no permission to read {shown}"));
            error.notes.push(("help", format!("as root:   sudo rdpwhy {}", quoted(path))));
            error.notes.push(("help", format!("for good:  sudo chmod a+r {}", quoted(path))));
            error
        }
        _ if cause.raw_os_error() == Some(TOO_MANY_OPEN) => {
            let mut error = error(path, format!("cannot open {shown}: too many files are open"));
            error.notes.push(("help", "raise the limit first: ulimit -n 65536".to_owned()));
            error
        }
        _ => error(path, format!("cannot read {shown}: {cause}")),
    }
}

pub(super) fn is_directory(path: &Path) -> CaptureError {
    error(path, format!("{} is a directory", name(path)))
}

pub(super) fn not_twice(path: &Path) -> CaptureError {
    let mut error = error(path, format!("{} cannot be read a second time: it is not a file", name(path)));
    error.notes.push(("help", "keep the packets in a file first, then name the file".to_owned()));
    error
}

pub(super) fn no_captures_in(path: &Path) -> CaptureError {
    let mut error = error(path, format!("no captures in {}", name(path)));
    error.notes.push(("note", "looked for *.pcap, *.pcapng and *.cap, each also with .gz, .zst or .lz4".to_owned()));
    if let Some(below) = directory_with_captures(path) {
        error.notes.push(("help", format!("directories in it are not searched; perhaps: rdpwhy {}", quoted(&below))));
    }
    error
}

pub(super) fn too_many(path: &Path, count: usize) -> CaptureError {
    let mut error = error(path, format!("{count} files are too many for one run"));
    error.notes.push(("note", "up to 65,536 files are read as one capture".to_owned()));
    error
}

/// What stands at the start of `window` is no capture.
pub(super) fn unrecognised(path: &Path, suffix: &str, window: &mut Window) -> CaptureError {
    let head = window.have(known::LOOK).to_vec();
    let trouble = window.trouble().map(|trouble| trouble.text.clone());
    let shown = name(path);
    if head.is_empty() {
        return empty(path, suffix, trouble);
    }
    if begins_capture(&head) {
        return headless(path, &head);
    }
    let mut error = match suffix {
        "" => error(path, format!("{shown} is not a capture file")),
        _ => error(path, format!("{shown} is compressed ({suffix}), but not a capture file")),
    };
    let inside = if suffix.is_empty() { "" } else { " expanded" };
    // A name with a line break must not look like another line of ours.
    let shown = shown.replace('\n', r"\x0a");
    error.at = Some(format!("{shown},{inside} byte 0: {}", dump(&head[..head.len().min(SHOWN)])));
    if let Some(trouble) = trouble {
        error.notes.push(("note", trouble));
    }
    let found = known::recognise(&head, &shown);
    if let Some(found) = found {
        error.notes.push(("note", format!("it is {}", found.what)));
    }
    error.notes.push(("known", FORMATS.to_owned()));
    let help = match found.map(|found| found.cure) {
        Some(Cure::Do(text)) => text.replace("FILE", &quoted(path)),
        _ if is_standard_input(path) => {
            "Wireshark can convert others: keep the input as a file, then editcap FILE out.pcapng".to_owned()
        }
        _ => format!("Wireshark can convert others: editcap {} out.pcapng", quoted(path)),
    };
    error.notes.push(("help", help));
    error
}

fn empty(path: &Path, suffix: &str, trouble: Option<String>) -> CaptureError {
    let shown = name(path);
    if let Some(trouble) = trouble {
        let mut error = error(path, format!("cannot expand {shown}"));
        error.notes.push(("note", trouble));
        return error;
    }
    let mut error = match suffix {
        "" => error(path, format!("{shown} is empty (0 bytes)")),
        _ => error(path, format!("{shown} is empty when expanded (0 bytes)")),
    };
    let note = match is_standard_input(path) {
        true => "the program before the pipe wrote nothing; its own messages may say why",
        false => {
            "a capture without packets still has a header of 24 bytes or more; the program that wrote this one was \
             probably stopped too early"
        }
    };
    error.notes.push(("note", note.to_owned()));
    error
}

/// It begins as a capture does, but even the file header is cut.
fn headless(path: &Path, head: &[u8]) -> CaptureError {
    let shown = name(path);
    let needs = if head.first() == Some(&0x0a) { 28 } else { pcap::HEADER };
    let mut error =
        error(path, format!("{shown} is cut short: its header needs {needs} bytes, {} are there", head.len()));
    error.notes.push(("note", "the program that wrote it was probably stopped too early".to_owned()));
    error
}

/// Whether `head` is too short to judge, but right as far as it goes.
fn begins_capture(head: &[u8]) -> bool {
    const MARKS: [[u8; 4]; 7] = [
        [0xd4, 0xc3, 0xb2, 0xa1],
        [0xa1, 0xb2, 0xc3, 0xd4],
        [0x4d, 0x3c, 0xb2, 0xa1],
        [0xa1, 0xb2, 0x3c, 0x4d],
        [0x34, 0xcd, 0xb2, 0xa1],
        [0xa1, 0xb2, 0xcd, 0x34],
        [0x0a, 0x0d, 0x0d, 0x0a],
    ];
    head.len() < pcap::HEADER && MARKS.iter().any(|mark| head.starts_with(mark))
}

/// `68 65 6c 6c 6f 0a            hello.`
fn dump(bytes: &[u8]) -> String {
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let text: String =
        bytes.iter().map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' }).collect();
    format!("{:<29}{text}", hex.join(" "))
}

/// The file beside `path` whose name is nearest to it.
fn similar_name(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_string_lossy().to_lowercase();
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let limit = FAR.min(wanted.chars().count() / 3).max(1);
    let (_, best) = std::fs::read_dir(parent)
        .ok()?
        .flatten()
        .take(10_000)
        .filter_map(|entry| {
            let found = entry.file_name().to_string_lossy().into_owned();
            let distance = similarity(&wanted, &found.to_lowercase(), limit)?;
            Some((distance, found))
        })
        .min()?;
    Some(path.with_file_name(best).display().to_string())
}

/// How far `found` is from what was wanted: a slip or two is nearest, then what is the same but for its ending.
fn similarity(wanted: &str, found: &str, limit: usize) -> Option<(bool, usize)> {
    let is_same = found.split('.').next() == wanted.split('.').next() && !wanted.starts_with('.');
    let distance = strsim::damerau_levenshtein(wanted, found);
    (distance <= limit || is_same).then_some((distance > limit, distance))
}

fn directory_with_captures(path: &Path) -> Option<PathBuf> {
    let mut below: Vec<PathBuf> = std::fs::read_dir(path)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .take(100)
        .collect();
    below.sort();
    below.into_iter().find(|directory| has_captures(directory))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_near_when_a_letter_slipped() {
        assert_eq!(similarity("heldpesk", "helpdesk", 2), Some((false, 1)));
        assert_eq!(similarity("helpdsk", "helpdesk", 2), Some((false, 1)));
        assert_eq!(similarity("trace.pcap", "trace.pcapng.gz", 1), Some((true, 5)));
        let near = |found| similarity("tls.cert-expird.pcap", found, 4);
        assert!(
            near("tls.cert-expired.pcap") < near("tls.alert-server.pcap"),
            "a name with dots has more than one part"
        );
        assert_eq!(similarity("trace.pcap", "other.pcap", 3), None);
    }

    #[test]
    fn names_are_quoted_where_a_shell_would_split_them() {
        assert_eq!(quoted(Path::new("a/b-1.pcap")), "a/b-1.pcap");
        assert_eq!(quoted(Path::new("it's.pcap")), r"'it'\''s.pcap'");
    }

    #[test]
    fn bytes_are_shown_as_hex_and_text() {
        assert_eq!(dump(b"hello\n"), "68 65 6c 6c 6f 0a            hello.");
    }
}
