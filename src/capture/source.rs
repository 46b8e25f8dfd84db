//! The contract of this room: a source hands out frames one after the other, in time order, and keeps account of its inputs.

use std::path::PathBuf;

use crate::frame::{Frame, FrameNumber, Input, Timestamp};

/// What a source has to say next.
#[derive(Debug)]
pub enum Next<'a> {
    /// A captured packet.
    Frame(Frame<'a>),
    /// Key log lines found in the capture (pcapng Decryption Secrets Block), as text.
    Secrets(&'a [u8]),
    /// Nothing came for a while; the clock says so. Live sources only.
    Idle(Timestamp),
    /// No more. Asking again gives the same answer.
    End,
}

/// How far a source has come, for a progress line.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Bytes read of all inputs (as stored, before expansion).
    pub done: u64,
    /// Bytes in all, where known.
    pub total: Option<u64>,
    /// Index of the input being read, from 0.
    pub input: usize,
}

/// Frames from files, a pipe or an interface.
pub trait Source {
    /// The next packet.
    ///
    /// # Errors
    /// Only when the source as a whole cannot go on. A cut or damaged file is not an error: reading stops there and
    /// [`Input::truncated`] says where.
    fn next(&mut self) -> Result<Next<'_>, CaptureError>;

    /// Hands packets to `take`, one after the other, for as long as it answers `true`, nothing else comes between them and
    /// nobody has to wait; answers how many. Where it hands out none, `next` says what comes. A source may always leave all
    /// to `next`: this only spares what is not needed for each packet anew.
    fn hand(&mut self, take: &mut dyn FnMut(&Frame<'_>) -> bool) -> u64 {
        let _ = take;
        0
    }

    /// Account of each input so far, in the order of [`crate::frame::FrameNumber::file`].
    fn inputs(&self) -> &[Input];

    /// How far it has come.
    fn progress(&self) -> Progress;
}

/// A packet has a new number, in the file it is kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its number when it was handed out.
    pub from: FrameNumber,
    /// Its number in the file.
    pub to: FrameNumber,
    /// Offset of its bytes in that file.
    pub place: u64,
}

/// A source whose packets wait until somebody knows whether they are to be kept. Keys are the caller's own.
pub trait Holding: Source {
    /// Whether packets wait at all; when they do not, nothing needs to be said.
    fn is_choosy(&self) -> bool;

    /// The packet handed out last belongs to `key`.
    fn belongs(&mut self, key: u32);

    /// All packets of `key` are to be kept, also those to come; answers the new numbers of those so far, in order.
    fn want(&mut self, key: u32) -> Vec<Moved>;

    /// The new numbers of what is kept of `key`, in order.
    fn moved(&self, key: u32) -> &[Moved];

    /// The packets of `key` will hardly be wanted: they go first when room is needed.
    fn spare(&mut self, key: u32);

    /// No more will be said of `key`: what was not wanted goes.
    fn forget(&mut self, key: u32);
}

/// An input that cannot be read: what, which, where, and what to try.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct CaptureError {
    /// One line: `notes.txt is not a capture file`.
    pub what: String,
    /// The input meant.
    pub path: PathBuf,
    /// `notes.txt, byte 0: 68 65 6c 6c 6f 0a            hello.` and the like.
    pub at: Option<String>,
    /// Lines that follow, each a label (`note`, `known`, `help`) and a text.
    pub notes: Vec<(&'static str, String)>,
}
