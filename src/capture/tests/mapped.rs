//! Files long enough to be mapped: read as everything else, also while they are cut or grow.

use std::fs::OpenOptions;
use std::io::Write as _;

use super::build::{Writer, packets};
use super::*;
use crate::capture::bytes::Order;
use crate::capture::open_one;

/// Packets of a file that is mapped.
const PACKETS: usize = 6000;

fn pcap() -> Vec<u8> {
    let mut file = Writer::new(Order::Little);
    file.u32(0xa1b2_c3d4).u16(2).u16(4).u64(0).u32(262_144).u32(1);
    record(&mut file, 0, PACKETS);
    file.bytes
}

/// Records of 300 to 900 bytes, all different, and a few that fill pages.
fn record(file: &mut Writer, from: usize, until: usize) {
    for number in from..until {
        let length = if number % 500 == 77 { 20_000 } else { 300 + number * 37 % 600 };
        file.u32(1_700_000_000 + number as u32).u32(0).u32(length as u32).u32(length as u32);
        file.bytes.extend((0..length).map(|at| (number * 7 + at) as u8));
    }
}

fn pcapng() -> Vec<u8> {
    let mut file = Writer::new(Order::Little);
    file.section().interface(1, 0, 6);
    for packet in packets(200).iter().cycle().take(30_000) {
        file.enhanced(0, 0, packet);
    }
    file.bytes
}

/// `bytes` as a file, opened.
fn stored(bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("long.pcap");
    std::fs::write(&path, bytes).expect("written");
    (directory, path)
}

fn take(source: &mut impl Source, count: usize) -> Vec<Kept> {
    let mut frames = Vec::new();
    while frames.len() < count {
        match source.next().expect("goes on") {
            Next::Frame(frame) => frames.push(frame.into()),
            Next::End => break,
            _ => {}
        }
    }
    frames
}

#[test]
fn a_mapped_file_is_read_as_a_stream_is() {
    for bytes in [pcap(), pcapng()] {
        assert!(bytes.len() > 2 << 20, "{} bytes are not mapped", bytes.len());
        let (_directory, path) = stored(&bytes);
        let wanted = read(&bytes).expect("a capture");
        let mut source = open_one(&path, &Options::default()).expect("a capture");
        let frames = drain(&mut source);
        assert_eq!(frames.len(), wanted.frames.len());
        assert!(frames == wanted.frames);
        let input = &source.inputs()[0];
        assert_eq!((input.packets, &input.truncated), (wanted.input.packets, &None));
        assert_eq!(source.progress().done, bytes.len() as u64);
    }
}

#[test]
fn damage_in_a_mapped_file_is_passed_over_as_in_a_stream() {
    let mut bytes = pcap();
    for at in [700_000, 1_500_000, 2_900_000] {
        bytes[at..at + 3000].fill(0xff);
    }
    bytes.truncate(bytes.len() - 100);
    let (_directory, path) = stored(&bytes);
    let wanted = read(&bytes).expect("a capture");
    let mut source = open_one(&path, &Options::default()).expect("a capture");
    assert!(drain(&mut source) == wanted.frames);
    assert_eq!(source.inputs()[0].truncated, wanted.input.truncated);
    assert_eq!(source.inputs()[0].warnings, wanted.input.warnings);
}

#[test]
fn a_file_that_is_cut_while_it_is_read_ends_the_reading_and_nothing_else() {
    let bytes = pcap();
    let all = read(&bytes).expect("a capture").frames;
    // In the window that is looked at, far ahead of it, behind the reader; on a page's border and off it.
    for length in [300_000_u64, 303_104, 2_000_000, 4096, 0] {
        let (_directory, path) = stored(&bytes);
        let mut source = open_one(&path, &Options::default()).expect("a capture");
        let mut frames = take(&mut source, 50);
        OpenOptions::new().write(true).open(&path).expect("opened").set_len(length).expect("cut");
        frames.extend(drain(&mut source));
        let whole = all.iter().filter(|frame| frame.offset + frame.bytes.len() as u64 <= length).count();
        assert!(frames.len() >= whole.max(50), "{} of {whole} at {length}", frames.len());
        // A packet that lay across the new end may have lost its tail to zeros within the last page.
        assert!(frames.len() <= whole.max(50) + 1, "{} of {whole} at {length}", frames.len());
        assert!(frames[..whole.max(50)] == all[..whole.max(50)], "what was read before is right");
        let input = &source.inputs()[0];
        assert!(input.truncated.is_some());
        assert!(input.warnings.iter().any(|text| text.contains("shrank while it was read")), "{:?}", input.warnings);
    }
}

#[test]
fn a_file_that_grows_while_it_is_read_is_read_to_its_new_end() {
    let (_directory, path) = stored(&pcap());
    let mut source = open_one(&path, &Options::default()).expect("a capture");
    let mut frames = take(&mut source, 10);
    let mut more = Writer::new(Order::Little);
    record(&mut more, PACKETS, PACKETS + 100);
    OpenOptions::new().append(true).open(&path).expect("opened").write_all(&more.bytes).expect("written");
    frames.extend(drain(&mut source));
    assert_eq!(frames.len(), PACKETS + 100);
    assert_eq!(source.inputs()[0].truncated, None);
}

#[test]
fn a_file_that_vanishes_is_read_to_its_end() {
    let (directory, path) = stored(&pcap());
    let mut source = open_one(&path, &Options::default()).expect("a capture");
    let mut frames = take(&mut source, 10);
    std::fs::remove_file(&path).expect("removed");
    drop(directory);
    frames.extend(drain(&mut source));
    assert_eq!(frames.len(), PACKETS);
}

#[test]
fn more_files_than_can_be_mapped_are_read() {
    let (_directory, path) = stored(&pcap());
    let mut sources: Vec<_> = (0..40).map(|_| open_one(&path, &Options::default()).expect("a capture")).collect();
    for source in &mut sources {
        assert_eq!(take(source, 5).len(), 5);
    }
    assert!(sources.iter_mut().all(|source| drain(source).len() == PACKETS - 5));
}
