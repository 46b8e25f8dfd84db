//! What is said when nothing can be read.

use std::fs;

use super::build::{Writer, packets};
use super::*;
use crate::capture::bytes::Order;
use crate::capture::{open, open_one, unreadable_link};

/// The error for a file with these bytes, as it would be printed, without the directory.
fn said(name: &str, bytes: &[u8]) -> String {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join(name);
    fs::write(&path, bytes).expect("written");
    let error = open_one(&path, &Options::default()).expect_err("nothing to read");
    printed(&error, directory.path())
}

fn printed(error: &CaptureError, directory: &Path) -> String {
    let mut text = format!("error: {}\n", error.what);
    if let Some(at) = &error.at {
        text += &format!("  --> {at}\n");
    }
    for (label, note) in &error.notes {
        text += &format!("  = {label}: {note}\n");
    }
    text.replace(&format!("{}/", directory.display()), "").replace(&directory.display().to_string(), "DIR")
}

#[test]
fn no_capture_is_shown_by_its_first_bytes() {
    assert_eq!(
        said("notes.txt", b"hello\n"),
        "error: notes.txt is not a capture file\n  \
         --> notes.txt, byte 0: 68 65 6c 6c 6f 0a            hello.\n  \
         = known: pcap, pcapng, each also as .gz, .zst or .lz4\n  \
         = help: Wireshark can convert others: editcap notes.txt out.pcapng\n"
    );
}

#[test]
fn an_empty_file_is_called_empty() {
    assert_eq!(
        said("empty.pcap", b""),
        "error: empty.pcap is empty (0 bytes)\n  \
         = note: a capture without packets still has a header of 24 bytes or more; the program that wrote this one was \
         probably stopped too early\n"
    );
}

#[test]
fn a_link_type_that_cannot_be_read_is_named() {
    let mut file = Writer::new(Order::Little);
    file.u32(0xa1b2_c3d4).u16(2).u16(4).u64(0).u32(65535).u32(127);
    assert_eq!(
        said("wifi.pcap", &file.bytes),
        "error: wifi.pcap: link type 127 (IEEE 802.11 with radiotap) is not supported\n  \
         = known: Ethernet, Linux cooked (SLL, SLL2), raw IP, BSD loopback, PPP\n  \
         = note: Wi-Fi frames are usually encrypted; capture on the wired side or on the client itself\n"
    );
}

#[test]
fn a_pcapng_is_unreadable_only_when_all_of_it_is() {
    let packets = packets(2);
    let mut file = Writer::new(Order::Little);
    file.section().interface(127, 0, 6).enhanced(0, 0, &packets[0]);
    let input = read(&file.bytes).expect("reads").input;
    let error = unreadable_link(&input).expect("nothing readable");
    assert!(error.what.contains("link type 127"), "{}", error.what);
    file.interface(1, 0, 6).enhanced(1, 0, &packets[1]);
    let input = read(&file.bytes).expect("reads").input;
    assert_eq!((input.unknown_link, input.packets), (1, 2));
    assert!(unreadable_link(&input).is_none());
}

#[test]
fn a_cut_header_is_no_capture_yet() {
    assert!(said("a.pcap", &[0xd4, 0xc3, 0xb2, 0xa1, 2, 0]).contains("its header needs 24 bytes, 6 are there"));
}

#[test]
fn other_formats_are_named() {
    assert!(said("a.cap", b"snoop\0\0\0\0\0\0\x02").contains("note: it is a Sun snoop capture"));
    let keys = said("keys.log", b"CLIENT_RANDOM 00 00\n");
    assert!(keys.contains("note: it is a TLS key log"), "{keys}");
    assert!(!keys.contains("--keylog"), "an option that is refused: {keys}");
    assert!(said("a.zip", b"PK\x03\x04....").contains("help: unpack it first: unzip a.zip"));
}

#[test]
fn a_compressed_stranger_is_told_from_a_broken_one() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(b"just text\n").expect("to memory");
    let packed = encoder.finish().expect("to memory");
    let text = said("notes.gz", &packed);
    assert!(text.starts_with("error: notes.gz is compressed (.gz), but not a capture file\n"), "{text}");
    assert!(text.contains("notes.gz, expanded byte 0: 6a 75"), "{text}");
    let text = said("broken.gz", &packed[..14]);
    assert!(text.contains("cannot expand broken.gz") && text.contains("the gzip stream is broken"), "{text}");
}

#[test]
fn a_mistyped_name_is_guessed() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    fs::write(directory.path().join("helpdesk.pcap"), b"").expect("written");
    let error = open_one(&directory.path().join("heldpesk.pcap"), &Options::default()).expect_err("no such file");
    assert_eq!(
        printed(&error, directory.path()),
        "error: no file heldpesk.pcap\n  = help: did you mean helpdesk.pcap?\n"
    );
}

#[test]
fn a_directory_without_captures_is_an_error() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let error = open(&[directory.path().to_owned()], &Options::default()).expect_err("nothing in it");
    assert!(error.what.starts_with("no captures in "), "{}", error.what);
    fs::create_dir(directory.path().join("monday")).expect("created");
    fs::write(directory.path().join("monday/a.pcap"), b"").expect("written");
    let error = open(&[directory.path().to_owned()], &Options::default()).expect_err("nothing in it");
    assert!(printed(&error, directory.path()).contains("perhaps: rdpwhy monday"), "{error:?}");
}

#[test]
fn when_all_are_bad_the_first_is_told() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let paths = [directory.path().join("a.pcap"), directory.path().join("b.pcap")];
    let error = open(&paths, &Options::default()).expect_err("neither exists");
    assert!(error.what.ends_with("a.pcap"), "{}", error.what);
}
