//! The same bytes as a file and through a pipe hold the same packets, and each can be found again at its place.

use std::io::Write;
use std::path::{Path, PathBuf};

use rdpwhy::capture::{Next, Options, Source, open_one, read_again};
use rdpwhy::frame::{Frame, Input, LinkType, Place, TruncationKind};

/// A pipe takes so many bytes without a reader.
#[cfg(target_os = "linux")]
const PIPE: usize = 64 * 1024;

/// Where files of a test go: into memory where that is possible.
pub(super) fn place() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.into() } else { std::env::temp_dir() }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Packet {
    number: u64,
    time: i64,
    link: LinkType,
    bytes: Vec<u8>,
    original: u32,
    place: Place,
}

impl From<&Frame<'_>> for Packet {
    fn from(frame: &Frame<'_>) -> Self {
        Self {
            number: frame.number.number(),
            time: frame.time.0,
            link: frame.link,
            bytes: frame.bytes.to_vec(),
            original: frame.original_length,
            place: frame.place,
        }
    }
}

/// All packets of `path`, and what is told of it.
fn read(path: &Path, options: &Options) -> Option<(Vec<Packet>, Input)> {
    let mut source = open_one(path, options).ok()?;
    let mut packets: Vec<Packet> = Vec::new();
    loop {
        // Some are handed on in runs, some are asked for.
        source.hand(&mut |frame| {
            packets.push(frame.into());
            !packets.len().is_multiple_of(3)
        });
        match source.next().expect("a file goes on") {
            Next::Frame(frame) => packets.push((&frame).into()),
            Next::End => break,
            Next::Secrets(_) | Next::Idle(_) => {}
        }
    }
    Some((packets, source.inputs()[0].clone()))
}

pub(super) fn agrees(bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new_in(place()).expect("a file");
    file.write_all(bytes).expect("written");
    let as_file = read(file.path(), &Options::default());
    let mapped = read(file.path(), &Options { mapped_from: 1, ..Options::default() });
    let told = |seen: &Option<(Vec<Packet>, Input)>| seen.as_ref().map(|(_, input)| format!("{input:?}"));
    assert_eq!(told(&as_file), told(&mapped), "read and mapped are told differently");
    let packets = |seen: Option<(Vec<Packet>, Input)>| seen.map(|(packets, _)| packets);
    assert!(packets(mapped) == as_file.as_ref().map(|(packets, _)| packets.clone()), "read and mapped differ");
    if let Some((packets, input)) = &as_file {
        accounted(packets, input);
        let places: Vec<Place> = packets.iter().map(|packet| packet.place).take(64).collect();
        let again = read_again(file.path(), &places, &Default::default()).expect("it is there");
        for (packet, bytes) in packets.iter().zip(&again) {
            assert_eq!(&packet.bytes, bytes, "frame {}", packet.number);
        }
    }
    through_a_pipe(bytes, as_file);
}

/// Every packet has its number, and the account is right.
fn accounted(packets: &[Packet], input: &Input) {
    assert!(packets.windows(2).all(|pair| pair[0].number < pair[1].number), "numbers go up");
    assert_eq!(input.packets, packets.len() as u64);
    assert_eq!(input.bytes, packets.iter().map(|packet| packet.bytes.len() as u64).sum::<u64>());
    assert_eq!(input.last, packets.iter().map(|packet| packet.time).max().map(rdpwhy::frame::Timestamp));
    assert!(input.warnings.len() < 100, "{}", input.warnings.len());
}

#[cfg(target_os = "linux")]
fn through_a_pipe(bytes: &[u8], as_file: Option<(Vec<Packet>, Input)>) {
    use std::os::fd::AsRawFd;

    if bytes.len() > PIPE {
        return;
    }
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    writer.write_all(bytes).expect("it takes so many");
    drop(writer);
    let piped = read(Path::new(&format!("/proc/self/fd/{}", reader.as_raw_fd())), &Options::default());
    // Behind damage a pipe, which cannot be waited for without end, may find less than a file.
    let sound = |seen: &Option<(Vec<Packet>, Input)>| {
        seen.as_ref().is_none_or(|(_, input)| {
            let is_damaged = input.truncated.as_ref().is_some_and(|cut| cut.why == TruncationKind::Damaged);
            !is_damaged && input.warnings.is_empty()
        })
    };
    let packets = |seen: Option<(Vec<Packet>, Input)>| seen.map(|(packets, input)| (packets, input.truncated));
    if sound(&as_file) && sound(&piped) {
        assert_eq!(packets(as_file), packets(piped), "a file and a pipe disagree");
    }
}

#[cfg(not(target_os = "linux"))]
fn through_a_pipe(_: &[u8], _: Option<(Vec<Packet>, Input)>) {}
