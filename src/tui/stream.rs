//! The ordered bytes of one side, put together again from its packets: a record that spans frames in one piece, and the
//! certificate as it was sent.

use base64::Engine as _;

use super::feed::Packet;
use crate::frame::{Frame, FrameNumber, Place};
use crate::session::{Direction, Session, is_word};
use crate::tcp::Decoder;
use crate::tcp::segment::Packet as Carried;
use crate::wire::certificate::Certificate;
use crate::wire::tls_handshake::{HANDSHAKE_HEADER, certificates};

/// The longest message that is put together; bytes. A TLS handshake message has up to 16 MiB, a useful one far less.
const LONGEST: u64 = 1 << 20;

/// What a frame completes, in one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The frame it began in.
    pub first: FrameNumber,
    /// The frame that completed it.
    pub last: FrameNumber,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Everything that `frame` completes; `None` when it completes nothing, or bytes are missing.
#[must_use]
pub fn whole(session: &Session, packets: &[Packet], frame: FrameNumber) -> Option<Whole> {
    let events = || session.timeline.iter().filter(|event| event.frame == frame && is_word(event));
    let direction = events().next()?.direction;
    let from = events().map(|event| event.stream_offset).min()?;
    let to = events().map(|event| event.stream_offset + u64::from(event.length)).max()?;
    let first = events().map(|event| event.first_frame).min()?;
    Some(Whole { first, last: frame, bytes: bytes(session, packets, direction, from, to)? })
}

/// Bytes `from..to` of what `direction` sent.
fn bytes(session: &Session, packets: &[Packet], direction: Direction, from: u64, to: u64) -> Option<Vec<u8>> {
    let initial = session.side(direction).initial()?;
    let length = to.checked_sub(from).filter(|length| (1..=LONGEST).contains(length))? as usize;
    let mut found: Vec<Option<u8>> = vec![None; length];
    let is_ours = |packet: &&Packet| packet.from_client == (direction == Direction::ClientToServer);
    for packet in packets.iter().filter(is_ours).filter(|packet| packet.payload > 0 && !packet.bytes.is_empty()) {
        let start = u64::from(packet.sequence.wrapping_sub(initial).wrapping_sub(1));
        if start >= to || start + u64::from(packet.payload) <= from {
            continue;
        }
        for (at, byte) in (start..).zip(payload(packet)) {
            if let Some(place) = at.checked_sub(from).and_then(|at| found.get_mut(at as usize)) {
                // What came first is what was read.
                place.get_or_insert(byte);
            }
        }
    }
    found.into_iter().collect()
}

fn payload(packet: &Packet) -> Vec<u8> {
    let frame = Frame {
        number: packet.frame,
        time: packet.time,
        link: packet.link,
        bytes: &packet.bytes,
        original_length: packet.length,
        place: Place::default(),
    };
    let mut decoder = Decoder::default();
    match decoder.decode(&frame) {
        Carried::Tcp(segment) => segment.payload.to_vec(),
        _ => Vec::new(),
    }
}

/// The certificate that the server showed, as PEM (RFC 7468 5.1); `None` when its bytes cannot be put together.
#[must_use]
pub fn pem(session: &Session, packets: &[Packet]) -> Option<String> {
    let (event, certificate) = session.certificate()?;
    let (from, to) = (event.stream_offset, event.stream_offset + u64::from(event.length));
    let message = bytes(session, packets, event.direction, from, to)?;
    let chain = certificates(message.get(HANDSHAKE_HEADER..)?).ok()?;
    // A message over several records has their headers inside: then what lies here is not the certificate.
    let der =
        chain.first().filter(|der| Certificate::from_der(der).is_some_and(|read| read.sha256 == certificate.sha256))?;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..(at + 64).min(text.len())]).collect();
    Some(format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n")))
}
