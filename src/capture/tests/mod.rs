//! Small captures built in memory, read in every way there is.

mod build;
mod damage;
mod failing;
mod formats;
mod mapped;
mod merging;
mod packed;

use std::io::{self, Read};
use std::path::Path;

use crate::frame::{Frame, Input};

use super::input::{Options, window_over};
use super::reading::Reading;
use super::source::{CaptureError, Next, Source};

/// A frame, kept.
#[derive(Clone, Debug, PartialEq)]
struct Kept {
    number: u64,
    file: u16,
    time: i64,
    link: u32,
    bytes: Vec<u8>,
    original: u32,
    offset: u64,
}

impl From<Frame<'_>> for Kept {
    fn from(frame: Frame<'_>) -> Self {
        assert_eq!(frame.place.length as usize, frame.bytes.len());
        Self {
            number: frame.number.number(),
            file: frame.number.file(),
            time: frame.time.0,
            link: frame.link.0,
            bytes: frame.bytes.to_vec(),
            original: frame.original_length,
            offset: frame.place.offset,
        }
    }
}

/// What came of reading.
#[derive(Debug)]
struct Outcome {
    frames: Vec<Kept>,
    secrets: Vec<Vec<u8>>,
    input: Input,
}

/// Reads all of a stream.
fn read_stream(reader: impl Read + Send + 'static, patient: bool, options: &Options) -> Result<Outcome, CaptureError> {
    let (window, stored, suffix) = window_over(Box::new(reader), patient, options).expect("readable");
    let (mut reading, mut input) = Reading::new(window, stored, Path::new("test.pcap"), &suffix, 0)?;
    let (mut frames, mut secrets) = (Vec::new(), Vec::new());
    loop {
        let step = reading.advance(&mut input);
        match reading.current() {
            Next::Frame(frame) => frames.push(frame.into()),
            Next::Secrets(text) => secrets.push(text.to_vec()),
            Next::Idle(_) => unreachable!("a file is never idle"),
            Next::End => {
                assert_eq!(step, None);
                assert_eq!(reading.advance(&mut input), None, "the end stays the end");
                return Ok(Outcome { frames, secrets, input });
            }
        }
    }
}

/// Reads all of `bytes` at once, step by step and handed on in runs, which is the same.
fn read(bytes: &[u8]) -> Result<Outcome, CaptureError> {
    let stepped = read_stream(io::Cursor::new(bytes.to_vec()), true, &Options::default())?;
    for run in [1, 2, 7, usize::MAX] {
        let handed = read_in_runs(bytes, run)?;
        assert!(handed.frames == stepped.frames && handed.secrets == stepped.secrets, "runs of {run}");
        assert_eq!(format!("{:?}", handed.input), format!("{:?}", stepped.input), "runs of {run}");
    }
    Ok(stepped)
}

/// Reads all of `bytes`, up to `run` packets at once.
fn read_in_runs(bytes: &[u8], run: usize) -> Result<Outcome, CaptureError> {
    let reader = Box::new(io::Cursor::new(bytes.to_vec()));
    let (window, stored, suffix) = window_over(reader, true, &Options::default()).expect("readable");
    let (mut reading, mut input) = Reading::new(window, stored, Path::new("test.pcap"), &suffix, 0)?;
    let (mut frames, mut secrets) = (Vec::new(), Vec::new());
    loop {
        let before = frames.len();
        let handed = reading.hand(&mut input, &mut |frame| {
            frames.push((*frame).into());
            frames.len() - before < run
        });
        assert_eq!(handed as usize, frames.len() - before);
        if handed > 0 {
            continue;
        }
        reading.advance(&mut input);
        match reading.current() {
            Next::Frame(frame) => frames.push(frame.into()),
            Next::Secrets(text) => secrets.push(text.to_vec()),
            Next::Idle(_) => unreachable!("a file is never idle"),
            Next::End => return Ok(Outcome { frames, secrets, input }),
        }
    }
}

/// Reads all frames of a source, in whatever way they come.
fn drain(source: &mut impl Source) -> Vec<Kept> {
    let mut frames: Vec<Kept> = Vec::new();
    loop {
        source.hand(&mut |frame| {
            frames.push((*frame).into());
            !frames.len().is_multiple_of(5)
        });
        match source.next().expect("goes on") {
            Next::Frame(frame) => frames.push(frame.into()),
            Next::End => return frames,
            _ => {}
        }
    }
}

/// Gives its bytes in pieces of one to `most`.
struct Trickle {
    bytes: io::Cursor<Vec<u8>>,
    most: usize,
}

impl Trickle {
    fn new(bytes: &[u8], most: usize) -> Self {
        Self { bytes: io::Cursor::new(bytes.to_vec()), most }
    }
}

impl Read for Trickle {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = into.len().min(self.most);
        self.bytes.read(&mut into[..most])
    }
}
