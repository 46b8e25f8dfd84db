//! Expands gzip, zstd and lz4 streams as they are read, member after member, up to a limit.
//!
//! Never holds more than the decompressor's own window: whoever wants the bytes takes them piece by piece.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::GzDecoder;
use lz4_flex::frame::FrameDecoder as Lz4Decoder;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use crate::frame::TruncationKind;

use super::container::{Packing, Peekable};
use super::zstd::Frame;

/// How far compressed input may grow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Expanded bytes in all.
    pub(super) bytes: u64,
    /// Expanded bytes for each stored one.
    pub(super) ratio: u64,
    /// Up to here the ratio is not judged: small captures of nothing but zeros are nobody's attack.
    pub(super) unjudged: u64,
}

/// Why an expanded stream ends early; travels inside an [`io::Error`].
#[derive(Debug)]
pub(super) enum Halt {
    /// The compressed bytes make no sense or end too soon.
    Broken(Packing, String),
    /// The limit was reached.
    Limit(String),
    /// Something else follows the last member: what went before is whole.
    Trailing(Packing),
}

impl Halt {
    /// What became of the input; `None` when nothing is missing.
    pub(super) fn kind(&self) -> Option<TruncationKind> {
        match self {
            Self::Broken(..) => Some(TruncationKind::Compression),
            Self::Limit(_) => Some(TruncationKind::Limit),
            Self::Trailing(_) => None,
        }
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(packing, why) => write!(f, "the {} stream is broken: {why}", packing.name()),
            Self::Limit(text) => f.write_str(text),
            Self::Trailing(packing) => write!(f, "bytes after the end of the {} stream were ignored", packing.name()),
        }
    }
}

impl std::error::Error for Halt {}

/// A reader of expanded bytes.
pub(super) struct Unpacker {
    packing: Packing,
    state: State,
    limits: Limits,
    /// Bytes handed out.
    expanded: u64,
    /// Bytes read of the stored stream.
    stored: Arc<AtomicU64>,
}

enum State {
    Between(Peekable),
    Gzip(Box<GzDecoder<Peekable>>),
    Zstd(Box<StreamingDecoder<Frame, FrameDecoder>>),
    Lz4 { decoder: Box<Lz4Decoder<Peekable>>, legacy: bool },
    Done,
}

impl Unpacker {
    /// Expands `stream`; `stored` is the counter that `stream` counts with.
    pub(super) fn new(packing: Packing, stream: Peekable, limits: Limits, stored: Arc<AtomicU64>) -> Self {
        Self { packing, state: State::Between(stream), limits, expanded: 0, stored }
    }

    /// Begins the next member.
    fn begin(&mut self, mut stream: Peekable) -> io::Result<State> {
        let first = self.expanded == 0;
        let head = stream.peek(4)?;
        if head.is_empty() {
            return Ok(State::Done);
        }
        if Packing::is_skippable(head) && self.packing != Packing::Gzip {
            return skip_frame(stream).map_err(|error| self.broken(&error));
        }
        if let Some(packing) = Packing::of(head)
            && first
        {
            // skippable frames do not tell which compression follows
            self.packing = packing;
        }
        if Packing::of(head) != Some(self.packing) {
            // a member cut within its magic bytes is a cut, anything else is a stranger
            let cut = head.len() < 4 && !first && head[0] != 0;
            return Err(io::Error::other(match cut {
                true => Halt::Broken(self.packing, "it ends in the middle of a header".to_owned()),
                false => Halt::Trailing(self.packing),
            }));
        }
        Ok(match self.packing {
            Packing::Gzip => State::Gzip(Box::new(GzDecoder::new(stream))),
            Packing::Zstd => {
                let decoder = StreamingDecoder::new(Frame::new(stream)).map_err(|error| self.broken(&error))?;
                State::Zstd(Box::new(decoder))
            }
            Packing::Lz4 => {
                let legacy = head.first() == Some(&0x02);
                State::Lz4 { decoder: Box::new(Lz4Decoder::new(stream)), legacy }
            }
        })
    }

    /// Expanded bytes, or how the member ended.
    fn expand(&mut self, state: State, into: &mut [u8]) -> io::Result<(usize, State)> {
        match state {
            State::Done => Ok((0, State::Done)),
            State::Between(stream) => Ok((0, self.begin(stream)?)),
            State::Gzip(mut decoder) => match decoder.read(into).map_err(|error| self.broken(&error))? {
                0 => Ok((0, State::Between(decoder.into_inner()))),
                count => Ok((count, State::Gzip(decoder))),
            },
            State::Zstd(mut decoder) => match decoder.read(into).map_err(|_| self.broken(&"a block makes no sense"))? {
                0 => {
                    let (said, found) =
                        (decoder.decoder.get_checksum_from_data(), decoder.decoder.get_calculated_checksum());
                    let (stream, is_whole) = decoder.into_inner().into_rest();
                    if !is_whole {
                        return Err(self.broken(&"it ends in the middle of a block"));
                    }
                    if said.is_some() && said != found {
                        return Err(self.broken(&"the checksum is wrong"));
                    }
                    Ok((0, State::Between(stream)))
                }
                count => Ok((count, State::Zstd(decoder))),
            },
            State::Lz4 { mut decoder, legacy } => match decoder.read(into).map_err(|error| self.broken(&error))? {
                0 => {
                    let mut stream = decoder.into_inner();
                    // lz4_flex takes a stream cut between two blocks for a whole one; the end mark tells them apart
                    if !legacy && stream.peek(1)?.is_empty() && !ends_with_mark(stream.tail()) {
                        return Err(self.broken(&"it ends between two blocks"));
                    }
                    Ok((0, State::Between(stream)))
                }
                count => Ok((count, State::Lz4 { decoder, legacy })),
            },
        }
    }

    fn broken(&self, why: &dyn fmt::Display) -> io::Error {
        io::Error::other(Halt::Broken(self.packing, why.to_string()))
    }

    fn judge(&self) -> io::Result<()> {
        if self.expanded > self.limits.bytes {
            let text = format!("more than {} bytes after expansion; the rest was not read", self.limits.bytes);
            return Err(io::Error::other(Halt::Limit(text)));
        }
        let stored = self.stored.load(Ordering::Relaxed);
        if self.expanded > self.limits.unjudged && self.expanded / self.limits.ratio > stored {
            let text = format!(
                "expands {} times, as no capture does: {stored} bytes became {}; the rest was not read",
                self.expanded / stored.max(1),
                self.expanded
            );
            return Err(io::Error::other(Halt::Limit(text)));
        }
        Ok(())
    }
}

impl Read for Unpacker {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.judge()?;
        loop {
            let state = std::mem::replace(&mut self.state, State::Done);
            let ended = matches!(state, State::Done);
            let (count, state) = self.expand(state, into)?;
            self.state = state;
            if count > 0 || ended {
                self.expanded += count as u64;
                return Ok(count);
            }
        }
    }
}

fn skip_frame(mut stream: Peekable) -> io::Result<State> {
    let length = match stream.peek(8)? {
        [_, _, _, _, a, b, c, d] => u32::from_le_bytes([*a, *b, *c, *d]),
        _ => return Err(io::Error::other("it ends in the middle of a header")),
    };
    match stream.pass(8 + u64::from(length))? {
        true => Ok(State::Between(stream)),
        false => Err(io::Error::other("it ends in the middle of a skippable frame")),
    }
}

/// An lz4 frame ends with four zero bytes, and with a checksum of four more if it wants.
fn ends_with_mark(tail: &[u8]) -> bool {
    tail.ends_with(&[0; 4]) || tail.len() >= 8 && tail[tail.len() - 8..].starts_with(&[0; 4])
}
