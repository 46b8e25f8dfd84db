//! Blocks of pcapng, as bytes.
//!
//! [draft-ietf-opsawg-pcapng](https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/), sections 4.1 to 4.3 and 4.6.

use crate::frame::{LinkType, Timestamp};

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
#[cfg(all(feature = "live", unix))]
const STATISTICS: u32 = 5;
const PACKET: u32 = 6;
const IF_NAME: u16 = 2;
const IF_TSRESOL: u16 = 9;
#[cfg(all(feature = "live", unix))]
const ISB_IFDROP: u16 = 5;
const USER_APPLICATION: u16 = 4;

/// The head of a file: what wrote it.
pub(super) fn section(buffer: &mut Vec<u8>) {
    let mut body = Vec::new();
    body.extend(0x1a2b_3c4d_u32.to_le_bytes());
    body.extend([1, 0, 0, 0]);
    body.extend([0xff; 8]);
    option(&mut body, USER_APPLICATION, concat!("rdpwhy ", env!("CARGO_PKG_VERSION")).as_bytes());
    option(&mut body, 0, &[]);
    block(buffer, SECTION, &body);
}

/// An interface by name; times of its packets are in nanoseconds.
pub(super) fn interface(buffer: &mut Vec<u8>, name: &str, link: LinkType) {
    let mut body = Vec::new();
    body.extend(u16::try_from(link.0).unwrap_or(u16::MAX).to_le_bytes());
    body.extend([0; 6]);
    option(&mut body, IF_NAME, name.as_bytes());
    option(&mut body, IF_TSRESOL, &[9]);
    option(&mut body, 0, &[]);
    block(buffer, INTERFACE, &body);
}

/// A packet of `interface`; answers where in `buffer` its bytes stand.
pub(super) fn packet(buffer: &mut Vec<u8>, interface: usize, time: Timestamp, original: u32, bytes: &[u8]) -> usize {
    let length = bytes.len() + bytes.len().wrapping_neg() % 4;
    let total = (32 + length) as u32;
    let ticks = time.0.cast_unsigned();
    let fields = [
        PACKET,
        total,
        interface as u32,
        (ticks >> 32) as u32,
        (ticks & 0xffff_ffff) as u32,
        bytes.len() as u32,
        original,
    ];
    fields.iter().for_each(|field| buffer.extend(field.to_le_bytes()));
    let place = buffer.len();
    buffer.extend(bytes);
    buffer.extend(&[0; 3][..length - bytes.len()]);
    buffer.extend(total.to_le_bytes());
    place
}

/// How many packets were lost until `time`.
#[cfg(all(feature = "live", unix))]
pub(super) fn statistics(buffer: &mut Vec<u8>, time: Timestamp, dropped: u64) {
    let ticks = time.0.cast_unsigned();
    let mut body = Vec::new();
    body.extend(0_u32.to_le_bytes());
    body.extend(((ticks >> 32) as u32).to_le_bytes());
    body.extend(((ticks & 0xffff_ffff) as u32).to_le_bytes());
    option(&mut body, ISB_IFDROP, &dropped.to_le_bytes());
    option(&mut body, 0, &[]);
    block(buffer, STATISTICS, &body);
}

fn block(buffer: &mut Vec<u8>, kind: u32, body: &[u8]) {
    let total = (12 + body.len()) as u32;
    buffer.extend(kind.to_le_bytes());
    buffer.extend(total.to_le_bytes());
    buffer.extend(body);
    buffer.extend(total.to_le_bytes());
}

/// An option, padded to four bytes.
fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
    body.extend(code.to_le_bytes());
    body.extend(length.to_le_bytes());
    body.extend(&value[..usize::from(length)]);
    body.extend(&[0; 3][..value.len().wrapping_neg() % 4]);
}
