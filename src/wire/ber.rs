//! The few pieces of BER (X.690) and PER (X.691) that MCS and GCC are written in.

use nom::IResult;
use nom::Parser;
use nom::bytes::complete::{tag, take};
use nom::number::complete::{be_u8, be_u16};

/// BER length, definite, of at most four bytes (X.690 8.1.3).
pub(super) fn ber_length(input: &[u8]) -> IResult<&[u8], usize> {
    let (input, first) = be_u8(input)?;
    match first {
        0..=0x7f => Ok((input, first.into())),
        0x81..=0x84 => take(first & 0x7f).map(|bytes| integer(bytes) as usize).parse(input),
        _ => Err(nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::LengthValue))),
    }
}

/// The content of a BER element with a one-byte tag.
pub(super) fn element(input: &[u8], kind: u8) -> IResult<&[u8], &[u8]> {
    let (input, _) = tag([kind].as_slice())(input)?;
    let (input, length) = ber_length(input)?;
    take(length)(input)
}

/// Big-endian; of a longer number the lowest 32 bits.
pub(super) fn integer(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte))
}

/// PER length of one or two bytes (X.691 10.9).
pub(super) fn per_length(input: &[u8]) -> IResult<&[u8], usize> {
    match input.first() {
        Some(first) if first & 0x80 != 0 => be_u16.map(|length| usize::from(length & 0x3fff)).parse(input),
        _ => be_u8.map(usize::from).parse(input),
    }
}
