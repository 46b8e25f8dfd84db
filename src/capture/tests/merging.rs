//! Several files, directories, standard names.

use std::fs;
use std::path::PathBuf;

use super::build::{Packet, Writer, packets, pcapng, plain};
use super::*;
use crate::capture::bytes::Order;
use crate::capture::{open, open_one, read_again};
use crate::frame::Place;

fn directory(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (name, bytes) in files {
        fs::write(directory.path().join(name), bytes).expect("written");
    }
    directory
}

/// Every `nth` of `packets`, from `first`.
fn share(packets: &[Packet], first: usize, nth: usize) -> Vec<Packet> {
    packets.iter().skip(first).step_by(nth).cloned().collect()
}

#[test]
fn files_become_one_capture_in_time_order() {
    let packets = packets(90);
    let (early, late) = packets.split_at(60);
    let directory = directory(&[
        ("b.pcapng", pcapng(Order::Little, &share(early, 0, 2))),
        ("a.pcap", plain(&share(early, 1, 2))),
        ("c.cap", plain(late)),
        ("notes.txt", b"hello\n".to_vec()),
    ]);
    let mut merged = open(&[directory.path().to_owned()], &Options::default()).expect("opens");
    let frames = drain(&mut merged);
    let times: Vec<_> = frames.iter().map(|frame| frame.time as u64).collect();
    assert_eq!(times, packets.iter().map(|packet| packet.time).collect::<Vec<_>>());
    assert_eq!(frames[0].file, 0, "b.pcapng begins first, whatever its name");
    assert_eq!((frames[1].file, frames[1].number), (1, 1));
    assert_eq!((frames[89].file, frames[89].number), (2, 30));
    let read: Vec<_> = merged.inputs().iter().map(|input| (input.format.as_str(), input.packets)).collect();
    assert_eq!(read, [("pcapng", 30), ("pcap", 30), ("pcap", 30)]);
    let progress = merged.progress();
    assert_eq!(Some(progress.done), progress.total);
}

#[test]
fn disorder_within_a_file_stays() {
    let mut odd = packets(10);
    odd.swap(3, 4);
    let others = packets(10);
    let directory = directory(&[("a.pcap", plain(&odd)), ("b.pcap", plain(&others))]);
    let frames = drain(&mut open(&[directory.path().to_owned()], &Options::default()).expect("opens"));
    let of_first: Vec<_> = frames.iter().filter(|frame| frame.file == 0).map(|frame| frame.number).collect();
    assert_eq!(of_first, (1..=10).collect::<Vec<_>>());
    assert_eq!(frames.len(), 20);
}

#[test]
fn a_bad_file_does_not_spoil_the_others() {
    let directory = directory(&[("a.pcap", Vec::new()), ("b.pcap", plain(&packets(3))), ("c.pcap", b"zzz".to_vec())]);
    let mut merged = open(&[directory.path().to_owned()], &Options::default()).expect("opens");
    let frames = drain(&mut merged);
    assert_eq!(frames.iter().map(|frame| frame.file).collect::<Vec<_>>(), [0, 0, 0]);
    let told: Vec<_> = merged.errors().iter().map(|error| error.what.clone()).collect();
    assert!(told.len() == 2 && told[0].ends_with("a.pcap is empty (0 bytes)"), "{told:?}");
    assert_eq!(merged.inputs().len(), 3);
}

#[test]
fn secrets_come_before_the_packets_they_open() {
    let packets = packets(4);
    let mut file = Writer::new(Order::Little);
    file.section().interface(1, 0, 6).block(10, |body| _ = body.u32(0x544c_534b).u32(6).raw(b"CLIENT"));
    file.enhanced(0, packets[1].time / 1000, &packets[1]);
    let directory = directory(&[("a.pcap", plain(&packets)), ("b.pcapng", file.bytes)]);
    let mut merged = open(&[directory.path().to_owned()], &Options::default()).expect("opens");
    assert!(matches!(merged.next(), Ok(Next::Secrets(b"CLIENT"))));
    assert_eq!(drain(&mut merged).len(), 5);
}

#[test]
fn frames_can_be_read_again() {
    use std::io::Write;
    let packets = packets(20);
    let bytes = plain(&packets);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&bytes).expect("to memory");
    let packed = encoder.finish().expect("to memory");
    let directory = directory(&[("a.pcap", bytes), ("b.pcap.gz", packed)]);
    for name in ["a.pcap", "b.pcap.gz"] {
        let path = directory.path().join(name);
        let options = Options::default();
        let frames = drain(&mut open_one(&path, &options).expect("opens"));
        let wanted: Vec<_> = [7, 2, 19, 2].iter().map(|&index: &usize| &frames[index]).collect();
        let mut places: Vec<_> =
            wanted.iter().map(|frame| Place { offset: frame.offset, length: frame.bytes.len() as u32 }).collect();
        places.push(Place { offset: 1 << 40, length: 50 });
        let again = read_again(&path, &places, &options).expect("reads");
        let expected: Vec<_> = wanted.iter().map(|frame| frame.bytes.clone()).chain([Vec::new()]).collect();
        assert_eq!(again, expected);
    }
}

#[cfg(feature = "live")]
#[test]
fn a_filter_keeps_the_numbers() {
    use crate::capture::{Filter, Filtered};

    let mut packets = packets(9);
    for packet in packets.iter_mut().step_by(3) {
        packet.bytes[12..14].copy_from_slice(&[0x88, 0xcc]);
    }
    let directory = directory(&[("a.pcap", plain(&packets))]);
    let merged = open_one(&directory.path().join("a.pcap"), &Options::default()).expect("opens");
    let mut filtered = Filtered::new(merged, Filter::new("ether proto 0x88cc").expect("valid"));
    let numbers: Vec<_> = drain(&mut filtered).iter().map(|frame| frame.number).collect();
    assert_eq!(numbers, [1, 4, 7]);
    assert_eq!(filtered.inputs()[0].packets, 9);
}

#[test]
fn thousands_of_files_need_few_open_ones() {
    let packets = packets(3000);
    let files: Vec<(String, Vec<u8>)> =
        packets.chunks(2).enumerate().map(|(index, two)| (format!("ring_{index:05}.pcap"), plain(two))).collect();
    let files: Vec<(&str, Vec<u8>)> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    let directory = directory(&files);
    // the usual limit is 1024 open files
    let mut merged = open(&[directory.path().to_owned()], &Options::default()).expect("opens");
    let times: Vec<_> = drain(&mut merged).iter().map(|frame| frame.time as u64).collect();
    assert_eq!(times, packets.iter().map(|packet| packet.time).collect::<Vec<_>>());
    assert!(merged.errors().is_empty());
}

#[test]
fn directories_mean_the_captures_in_them() {
    let names = ["a.pcap", "B.PCAPNG", "c.cap.gz", "d.pcap.zst", "e.pcapng.lz4", "f.txt", "pcap", "g.pcap.bak"];
    let files: Vec<(&str, Vec<u8>)> = names.iter().map(|name| (*name, Vec::new())).collect();
    let directory = directory(&files);
    fs::create_dir(directory.path().join("sub.pcap")).expect("created");
    let found = crate::capture::expand(&[directory.path().to_owned(), PathBuf::from("-")]).expect("expands");
    let found: Vec<_> = found.iter().filter_map(|path| path.file_name()?.to_str()).collect();
    assert_eq!(found, ["B.PCAPNG", "a.pcap", "c.cap.gz", "d.pcap.zst", "e.pcapng.lz4", "-"]);
}
