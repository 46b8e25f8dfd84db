//! The packets of one session, read again from its files.

use std::path::{Path, PathBuf};

use crate::capture::{self, Next, Source as _};
use crate::frame::{Frame, FrameNumber};
use crate::session::Endpoint;
use crate::tcp::Decoder;
use crate::tcp::segment::{Flags, Packet as Carried};
use crate::tui::feed::Packet;

/// Packets of a session that are listed.
const PACKETS: usize = 200_000;
/// Bytes kept of them, all together; later packets are listed without theirs.
const BYTES: usize = 16 << 20;

/// The packets between `ends` from the first to the last frame of `extent`; or in a line why they cannot be had.
pub(super) fn of(
    files: &[(u16, PathBuf)],
    ends: (Endpoint, Endpoint),
    extent: (FrameNumber, FrameNumber),
) -> Result<Vec<Packet>, String> {
    let mut found = Vec::new();
    let mut bytes = 0;
    for (file, path) in files {
        if path.as_os_str() == "-" {
            return Err("packets from standard input are not kept; write them to a file first".into());
        }
        read(*file, path, ends, extent, &mut found, &mut bytes).map_err(|error| error.to_string())?;
    }
    if found.is_empty() {
        return Err("the file has changed: the packets are not there any more".into());
    }
    found.sort_by_key(|packet| (packet.time, packet.frame));
    Ok(found)
}

fn read(
    file: u16,
    path: &Path,
    ends: (Endpoint, Endpoint),
    extent: (FrameNumber, FrameNumber),
    found: &mut Vec<Packet>,
    bytes: &mut usize,
) -> Result<(), capture::CaptureError> {
    let mut source = capture::open_one(path, &capture::Options::default())?;
    let mut decoder = Decoder::default();
    loop {
        let frame = match source.next()? {
            Next::Frame(frame) => frame,
            Next::Secrets(_) | Next::Idle(_) => continue,
            Next::End => return Ok(()),
        };
        let number = FrameNumber::new(file, frame.number.number());
        if number < extent.0.min(extent.1) {
            continue;
        }
        if number > extent.0.max(extent.1) || found.len() >= PACKETS {
            return Ok(());
        }
        let Some((from_client, what)) = belongs(&mut decoder, &frame, ends) else { continue };
        let segment = what.segment();
        *bytes += frame.bytes.len();
        found.push(Packet {
            frame: number,
            time: frame.time,
            link: frame.link,
            from_client,
            length: frame.original_length,
            payload: segment.length,
            sequence: segment.sequence,
            flags: segment.flags,
            acknowledgment: segment.acknowledgment,
            id: segment.id,
            bytes: if *bytes <= BYTES { frame.bytes.into() } else { Box::default() },
        });
    }
}

/// What a frame carries of a session.
pub(super) enum Of {
    /// TCP.
    Tcp(Part),
    /// UDP: length of the payload.
    Udp(u32),
    /// An ICMP error that quotes a packet of it.
    Icmp,
}

/// What a frame says of a stream; all zero where there is none.
#[derive(Clone, Copy, Default)]
pub(super) struct Part {
    pub(super) length: u32,
    pub(super) sequence: u32,
    acknowledgment: u32,
    flags: Option<Flags>,
    id: Option<u16>,
}

impl Of {
    fn segment(&self) -> Part {
        match self {
            Self::Tcp(part) => *part,
            Self::Udp(length) => Part { length: *length, ..Part::default() },
            Self::Icmp => Part::default(),
        }
    }
}

/// Whose packet it is, source first; of an ICMP error, whose packet it quotes.
pub(super) fn ends(carried: &Carried<'_>) -> Option<(Endpoint, Endpoint, Of)> {
    let end = |ip, port| Endpoint { ip, port };
    match carried {
        Carried::Tcp(segment) => Some((
            end(segment.net.source, segment.source_port),
            end(segment.net.destination, segment.destination_port),
            Of::Tcp(Part {
                length: segment.length,
                sequence: segment.sequence,
                acknowledgment: segment.acknowledgment,
                flags: Some(segment.flags),
                id: segment.net.id,
            }),
        )),
        Carried::Udp(datagram) => Some((
            end(datagram.net.source, datagram.source_port),
            end(datagram.net.destination, datagram.destination_port),
            Of::Udp(datagram.payload.len() as u32),
        )),
        Carried::Icmp(error) => {
            let (source, destination) = (error.quoted_source, error.quoted_destination);
            Some((end(source.0, source.1), end(destination.0, destination.1), Of::Icmp))
        }
        Carried::Neighbour(_) | Carried::Other => None,
    }
}

/// Whether a frame is part of the session: from its client, and what it carries.
fn belongs(decoder: &mut Decoder, frame: &Frame<'_>, wanted: (Endpoint, Endpoint)) -> Option<(bool, Of)> {
    let (source, destination, what) = ends(&decoder.decode(frame))?;
    let from_client = (source, destination) == wanted;
    if !from_client && (destination, source) != wanted {
        return None;
    }
    // An error comes back to whoever sent what it quotes.
    Some(if matches!(what, Of::Icmp) { (!from_client, what) } else { (from_client, what) })
}
