//! The packets of one session, read again from its files.

use std::path::{Path, PathBuf};

use crate::capture::{self, Next, Source as _};
use crate::frame::{Frame, FrameNumber};
use crate::session::Endpoint;
use crate::tcp::Decoder;
use crate::tcp::segment::Packet as Carried;
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
        let Some((from_client, payload, sequence)) = belongs(&mut decoder, &frame, ends) else { continue };
        *bytes += frame.bytes.len();
        found.push(Packet {
            frame: number,
            time: frame.time,
            link: frame.link,
            from_client,
            length: frame.original_length,
            payload,
            sequence,
            bytes: if *bytes <= BYTES { frame.bytes.into() } else { Box::default() },
        });
    }
}

/// Whether a frame is part of the session: from its client, how much payload, and where that stands.
fn belongs(decoder: &mut Decoder, frame: &Frame<'_>, ends: (Endpoint, Endpoint)) -> Option<(bool, u32, u32)> {
    let of = |source: Endpoint, destination: Endpoint| {
        let from_client = (source, destination) == ends;
        (from_client || (destination, source) == ends).then_some(from_client)
    };
    match decoder.decode(frame) {
        Carried::Tcp(segment) => {
            let source = Endpoint { ip: segment.net.source, port: segment.source_port };
            let destination = Endpoint { ip: segment.net.destination, port: segment.destination_port };
            Some((of(source, destination)?, segment.length, segment.sequence))
        }
        Carried::Udp(datagram) => {
            let source = Endpoint { ip: datagram.net.source, port: datagram.source_port };
            let destination = Endpoint { ip: datagram.net.destination, port: datagram.destination_port };
            Some((of(source, destination)?, datagram.payload.len() as u32, 0))
        }
        Carried::Icmp(error) => {
            let source = Endpoint { ip: error.quoted_source.0, port: error.quoted_source.1 };
            let destination = Endpoint { ip: error.quoted_destination.0, port: error.quoted_destination.1 };
            // It comes back to whoever sent what it quotes.
            Some((!of(source, destination)?, 0, 0))
        }
        Carried::Neighbour(_) | Carried::Other => None,
    }
}
