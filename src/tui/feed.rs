//! What comes to the screen from outside, and what it asks for: plain data over channels. The screen reads no file.

use std::path::PathBuf;
use std::sync::Arc;

use super::live::Pulse;
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::frame::{FrameNumber, Input, LinkType, Timestamp};
use crate::report::NotRdp;
use crate::session::{Endpoint, SessionId};
use crate::tcp::segment::Flags;

/// News for the screen.
#[derive(Debug)]
pub enum News {
    /// Sessions that are new or have changed while reading goes on; judged alone, so not final.
    Cases(Vec<Arc<Case>>),
    /// How far reading has come.
    Progress(Progress),
    /// Everything was read: the final sessions, which replace all before.
    End(Box<Whole>),
    /// It cannot be read (any further); one line.
    Failed(String),
    /// The packets of a session that were asked for.
    Packets(Box<Packets>),
    /// The files that frames of a running capture are in.
    Inputs(Vec<Input>),
    /// How a running capture goes.
    Pulse(Box<Pulse>),
    /// Sessions of a running capture that memory has no room for, and how they fared.
    Left(Vec<(SessionId, Outcome)>),
    /// Packets were saved into this file, and leaving loses nothing any more; or why not.
    Saved(Result<PathBuf, String>),
    /// Something to tell: a file was written, or why it was not.
    Told(String),
}

/// How far reading has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Frames read.
    pub frames: u64,
    /// Bytes read.
    pub done: u64,
    /// Of so many, where that is known.
    pub total: Option<u64>,
}

/// What came of a capture.
#[derive(Debug, Default)]
pub struct Whole {
    /// Sessions, by number.
    pub cases: Vec<Arc<Case>>,
    /// What was read.
    pub inputs: Vec<Input>,
    /// What the capture holds besides.
    pub elsewhere: NotRdp,
    /// Sessions that memory had no room for; not among the cases.
    pub let_go: u64,
    /// Inputs that could not be read; one line each.
    pub errors: Vec<String>,
}

/// What the screen asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// The packets of a session, read again from its files.
    Packets {
        /// The session.
        id: SessionId,
        /// The inputs that hold them: index and path.
        files: Vec<(u16, PathBuf)>,
        /// Who with whom.
        ends: (Endpoint, Endpoint),
        /// The first and the last frame.
        extent: (FrameNumber, FrameNumber),
    },
    /// Write the packets of sessions into a new file.
    Carve {
        /// The file.
        path: PathBuf,
        /// The inputs that hold them: index and path.
        files: Vec<(u16, PathBuf)>,
        /// Which packets.
        spans: Vec<Span>,
    },
    /// Read the files again from the beginning; their end replaces everything.
    Again,
    /// End the capture and save its packets into a new file.
    Save(PathBuf),
    /// Write a text into a new file.
    Write {
        /// The file.
        path: PathBuf,
        /// What to write.
        text: String,
    },
}

/// Where the packets of a session are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Who with whom.
    pub ends: (Endpoint, Endpoint),
    /// The first and the last frame.
    pub extent: (FrameNumber, FrameNumber),
}

/// The packets of a session.
#[derive(Debug)]
pub struct Packets {
    /// The session.
    pub id: SessionId,
    /// In the order of the capture; or why they cannot be had.
    pub found: Result<Vec<Packet>, String>,
}

/// A packet of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Its frame.
    pub frame: FrameNumber,
    /// When.
    pub time: Timestamp,
    /// What its first byte is.
    pub link: LinkType,
    /// Whether the client sent it.
    pub from_client: bool,
    /// Length on the wire; bytes.
    pub length: u32,
    /// Length of its payload; bytes.
    pub payload: u32,
    /// Where the payload's first byte stands in the sender's stream of sequence numbers.
    pub sequence: u32,
    /// Flags; `None` of what is no TCP.
    pub flags: Option<Flags>,
    /// How far the sender has heard the other side; means nothing without the flag ACK.
    pub acknowledgment: u32,
    /// Identification of the IP packet, where it has one.
    pub id: Option<u16>,
    /// The captured bytes; empty of packets deep inside a long session.
    pub bytes: Box<[u8]>,
}
