//! The same packets in any box: every dialect and compression, a file or a pipe, one file or several.

use std::path::Path;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use rdpwhy::capture::{self, Next, Source};
use rdpwhy::engine::Options;
use rdpwhy::frame::LinkType;

use crate::captures;
use crate::captures::inside::{Seen, look, look_as, memory};
use crate::craft::file::{Interface, Packet, Pcap, gzip, merge, pcap, pcap_as, pcapng};
use crate::craft::talk::{BEGIN, Side, Talk};
use crate::craft::x224;
use crate::properties::cases;

/// A connection that nobody answers, and a minute later a refused one; times that a microsecond can hold.
fn story() -> Vec<Packet> {
    let mut refused = Talk::office();
    refused.handshake().client(&x224::asks("jdoe", x224::SSL)).server(&x224::confirm(&x224::refuses(5)));
    refused.client_fin().server_fin();
    let mut unheard = Talk::new(Side::linux("10.77.1.10", 40_112), Side::windows("10.20.1.9", 3389));
    unheard.now = BEGIN - 60_000_000_000;
    for pause in [1.0, 2.0, 4.0, 8.0] {
        unheard.lose_later().syn().wait(pause);
    }
    let mut packets = merge([refused.packets(), unheard.packets()]);
    packets.iter_mut().for_each(|packet| packet.time_ns -= packet.time_ns % 1000);
    packets
}

fn dialect(nanoseconds: bool, big_endian: bool) -> Pcap {
    Pcap { link_type: 1, nanoseconds, big_endian }
}

fn lz4(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(bytes).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// The story in every box, with the name of its format.
fn boxes() -> Vec<(&'static str, Vec<u8>)> {
    let packets = story();
    let plain = pcap(&packets);
    let blocks = |digits| {
        let lan = Interface { name: "eth0", link_type: 1, digits, dropped: None };
        pcapng(&[lan], &packets.iter().map(|packet| (0, packet.clone())).collect::<Vec<_>>())
    };
    let nanoseconds = pcap_as(dialect(true, false), &packets);
    vec![
        ("pcap", plain.clone()),
        ("pcap", pcap_as(dialect(false, true), &packets)),
        ("pcap-ns", nanoseconds.clone()),
        ("pcap-ns", pcap_as(dialect(true, true), &packets)),
        ("pcapng", blocks(6)),
        ("pcapng", blocks(9)),
        ("pcap.gz", gzip(&plain)),
        ("pcap-ns.gz", gzip(&nanoseconds)),
        ("pcapng.gz", gzip(&blocks(9))),
        ("pcap.lz4", lz4(&plain)),
        ("pcapng.lz4", lz4(&blocks(6))),
        ("pcap.zst", zstd(&plain)),
        ("pcapng.zst", zstd(&blocks(6))),
    ]
}

fn program(place: &Path, words: &[&str], input: Stdio) -> String {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("rdpwhy"));
    command.current_dir(place).env_clear().env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
    let output = command.args(words).stdin(input).output().expect("it runs");
    assert!(output.stderr.is_empty(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn every_box_gives_the_same_report() {
    let place = tempfile::tempdir().expect("a directory");
    // Named so, it is shown as the pipe is; only commands that would read it again are missing for a pipe.
    let path = place.path().join("stdin");
    let mut first: Option<[String; 3]> = None;
    for (format, bytes) in boxes() {
        std::fs::write(&path, bytes).expect("written");
        let run = |words: &[&str]| program(place.path(), &[words, &["stdin"]].concat(), Stdio::null());
        let piped = |words: &[&str]| program(place.path(), words, std::fs::File::open(&path).expect("there").into());
        let told = format!("\"format\":\"{format}\"");
        let json = run(&["--json"]);
        assert!(json.contains(&told), "{json}");
        assert_eq!(piped(&["--json"]).replace("\"path\":\"-\"", "\"path\":\"stdin\""), json, "{format}");
        let reports = [run(&[]), piped(&[]), json.replace(&told, "")];
        let expected = first.get_or_insert_with(|| reports.clone());
        assert_eq!(&reports, expected, "{format}");
    }
    let [file, pipe, _] = first.expect("boxes");
    assert!(file.contains("died[neg.hybrid-required]") && file.contains("died[tcp.syn-no-answer]"), "{file}");
    let is_command = |line: &&str| line.starts_with("look ") || line.starts_with("         wireshark -r stdin");
    let lines: Vec<&str> = file.lines().filter(|line| !is_command(line)).collect();
    assert_eq!(pipe.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn a_box_in_a_box() {
    let place = tempfile::tempdir().expect("a directory");
    let look_at = |bytes: Vec<u8>| {
        let path = place.path().join("story.cap");
        std::fs::write(&path, bytes).expect("written");
        let mut source = capture::open_one(&path, &Default::default()).expect("opens");
        look_as(&mut source, Options::default(), Path::new("story.cap")).text
    };
    let plain = pcap(&story());
    let expected = look_at(plain.clone());
    assert_eq!(look_at(zstd(&gzip(&plain))), expected);
    let half = plain.len() / 2;
    assert_eq!(look_at([gzip(&plain[..half]), gzip(&plain[half..])].concat()), expected, "two members");
    assert_eq!(look_at([lz4(&plain[..half]), lz4(&plain[half..])].concat()), expected, "two frames");
    assert_eq!(look_at([zstd(&plain[..half]), zstd(&plain[half..])].concat()), expected, "two frames");
}

/// All packets of a capture, if they are Ethernet and whole.
fn packets(name: &str) -> Option<Vec<Packet>> {
    let mut source = capture::open_one(&captures::folder().join(name), &Default::default()).expect("opens");
    let mut packets = Vec::new();
    loop {
        match source.next().expect("goes on") {
            Next::Frame(frame) if frame.link != LinkType::ETHERNET => return None,
            Next::Frame(frame) => {
                let (time_ns, length) = (frame.time.0 as u64, frame.original_length as usize);
                packets.push(Packet { time_ns, bytes: frame.bytes.to_vec(), length });
            }
            Next::End => break,
            Next::Secrets(_) | Next::Idle(_) => {}
        }
    }
    let input = &source.inputs()[0];
    (input.dropped == 0 && input.truncated.is_none() && input.snaplen_cut == 0).then_some(packets)
}

/// Reads `parts` as one capture.
fn together(parts: &[&[Packet]]) -> Seen {
    let place = tempfile::tempdir().expect("a directory");
    let paths: Vec<_> = (0..parts.len()).map(|nth| place.path().join(format!("{nth}.pcap"))).collect();
    for (path, part) in paths.iter().zip(parts) {
        std::fs::write(path, pcap_as(dialect(true, false), part)).expect("written");
    }
    look(&mut capture::open(&paths, &Default::default()).expect("opens"), Options::default())
}

proptest! {
    #![proptest_config(cases(96))]

    /// Rotated files: one capture in two, and the packet of death is named by its file and its number there.
    #[test]
    fn two_halves_are_one_capture(which in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>()) {
        let names = captures::names();
        let Some(packets) = packets(&names[which.index(names.len())]) else { return Ok(()) };
        // A clock that goes back would be sorted at the seam and nowhere else.
        prop_assume!(packets.is_sorted_by_key(|packet| packet.time_ns));
        let cut = 1 + cut.index(packets.len().max(2) - 1);
        let (head, tail) = packets.split_at(cut.min(packets.len()));
        let (once, twice) = (look(&mut memory(&packets), Options::default()), together(&[head, tail]));
        prop_assert_eq!(once.cases.len(), twice.cases.len());
        for (once, twice) in once.cases.iter().zip(&twice.cases) {
            prop_assert_eq!(once.verdict.outcome, twice.verdict.outcome);
            prop_assert_eq!(once.verdict.cause, twice.verdict.cause);
            prop_assert_eq!(once.verdict.sure, twice.verdict.sure);
            let number = |frame: rdpwhy::frame::FrameNumber| {
                frame.number() + if frame.file() == 1 { head.len() as u64 } else { 0 }
            };
            let frames = |case: &rdpwhy::diagnose::Case| {
                (case.verdict.death.map(|death| number(death.frame)), number(case.verdict.end.frame))
            };
            prop_assert_eq!(frames(once), frames(twice));
        }
    }

    /// Two capture points of different connections, read as one: the order of the files does not matter.
    #[test]
    fn interleaved_files_are_merged_by_time(sides in prop::collection::vec(any::<bool>(), 16)) {
        let packets = story();
        let part = |wanted: bool| -> Vec<Packet> {
            let of = packets.iter().zip(sides.iter().cycle()).filter(|(_, side)| **side == wanted);
            of.map(|(packet, _)| packet.clone()).collect()
        };
        let parts = [part(true), part(false)];
        prop_assume!(parts.iter().all(|part| !part.is_empty()));
        let verdicts = |seen: &Seen| {
            let cases = seen.cases.iter();
            cases.map(|case| (case.verdict.cause, case.verdict.death.map(|death| death.time))).collect::<Vec<_>>()
        };
        let expected = verdicts(&look(&mut memory(&packets), Options::default()));
        prop_assert_eq!(&verdicts(&together(&[&parts[0], &parts[1]])), &expected);
        prop_assert_eq!(&verdicts(&together(&[&parts[1], &parts[0]])), &expected);
    }
}

/// `memory` gives frames their wire length from their bytes: with snapped packets the two would differ.
#[test]
fn captures_are_whole_enough_to_be_split() {
    let whole = captures::names().iter().filter_map(|name| packets(name)).count();
    assert!(whole > 100, "{whole}");
}
