//! How long is the next message? The only file that may say *not yet*; what the message is, its own parser says.

/// Length of a TPKT header (T.123 section 8); bytes.
pub const TPKT_HEADER: usize = 4;
/// Length of a TLS record header (RFC 8446 5.1); bytes.
pub const TLS_RECORD_HEADER: usize = 5;
/// The largest TLS record body that any version may send: 2^14 + 2048 (RFC 5246 6.2.3).
pub const TLS_RECORD_LIMIT: usize = 16384 + 2048;

/// What stands at the start of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// A message of this length in all, header included; it may reach beyond the bytes at hand.
    Length(usize),
    /// The bytes end before the length is known.
    NotYet,
    /// Not the start of such a message.
    No,
}

/// Where behind a TPKT's header and the TPDU's length the TPDU's code stands (X.224 13.2.2).
pub const TPDU_CODE: usize = 5;

/// A TPKT: `03 00` and a big-endian length that includes these four bytes (T.123 section 8).
#[must_use]
pub fn tpkt(bytes: &[u8]) -> Framing {
    match *bytes {
        [] | [3] | [3, 0] | [3, 0, _] => Framing::NotYet,
        [3, 0, high, low, ..] => match usize::from(u16::from_be_bytes([high, low])) {
            length if length >= 7 => Framing::Length(length),
            _ => Framing::No,
        },
        _ => Framing::No,
    }
}

/// A TLS record: type 20 to 24, version 3.0 to 3.4, a length within the limit (RFC 8446 5.1).
#[must_use]
pub fn tls_record(bytes: &[u8]) -> Framing {
    let plausible = bytes.iter().take(3).enumerate().all(|(index, byte)| match index {
        0 => (20..=24).contains(byte),
        1 => *byte == 3,
        _ => *byte <= 4,
    });
    match *bytes {
        _ if !plausible => Framing::No,
        [_, _, _, high, low, ..] => match usize::from(u16::from_be_bytes([high, low])) {
            length if length <= TLS_RECORD_LIMIT => Framing::Length(TLS_RECORD_HEADER + length),
            _ => Framing::No,
        },
        _ => Framing::NotYet,
    }
}

/// A fast-path PDU: action bits 00, then one or two length bytes that include the header (MS-RDPBCGR 2.2.8.1.2).
#[must_use]
pub fn fast_path(bytes: &[u8]) -> Framing {
    match *bytes {
        [] => Framing::NotYet,
        [first, ..] if first & 3 != 0 => Framing::No,
        [_] => Framing::NotYet,
        [_, one, ..] if one & 0x80 == 0 => at_least(usize::from(one), 3),
        [_, _] => Framing::NotYet,
        [_, one, two, ..] => at_least(usize::from(u16::from_be_bytes([one & 0x7f, two])), 4),
    }
}

fn at_least(length: usize, least: usize) -> Framing {
    if length >= least { Framing::Length(length) } else { Framing::No }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tpkt_lengths() {
        assert_eq!(tpkt(&[]), Framing::NotYet);
        assert_eq!(tpkt(&[3, 0, 0]), Framing::NotYet);
        assert_eq!(tpkt(&[3, 0, 0, 19, 14]), Framing::Length(19));
        assert_eq!(tpkt(&[3, 0, 0, 6]), Framing::No);
        assert_eq!(tpkt(b"SSH-2.0"), Framing::No);
    }

    #[test]
    fn tls_lengths() {
        assert_eq!(tls_record(&[22]), Framing::NotYet);
        assert_eq!(tls_record(&[22, 3, 1, 2, 0]), Framing::Length(517));
        assert_eq!(tls_record(&[22, 3, 1, 0xff, 0]), Framing::No);
        assert_eq!(tls_record(&[22, 4]), Framing::No);
        assert_eq!(tls_record(&[3, 0]), Framing::No);
    }

    #[test]
    fn fast_path_lengths() {
        assert_eq!(fast_path(&[0, 5]), Framing::Length(5));
        assert_eq!(fast_path(&[0, 0x81, 0x10]), Framing::Length(0x110));
        assert_eq!(fast_path(&[3, 0]), Framing::No);
        assert_eq!(fast_path(&[0, 1]), Framing::No);
    }
}
