//! The pre-connection PDU: before the connection request it tells a broker or a Hyper-V host which source is meant.
//!
//! MS-RDPEPS [2.2.1]. It has no TPKT: ranges count from its own first byte.
//!
//! [2.2.1]: https://learn.microsoft.com/openspecs/windows_protocols/ms-rdpeps/

use std::borrow::Cow;

use nom::Parser;
use nom::bytes::complete::take;
use nom::number::complete::{le_u16, le_u32};

use super::describe::{Describe, Field, Malformed};
use super::text::Text;

/// Bytes that every version begins with; no fewer can be recognised.
pub const FIXED: usize = 16;
/// The longest PDU believed: no blob comes near it.
const LIMIT: u32 = 8192;

/// RDP_PRECONNECTION_PDU_V1 (2.2.1.1) or V2 (2.2.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preconnection {
    /// cbSize: bytes in all; the connection request follows them.
    pub size: u32,
    /// Version.
    pub version: u32,
    /// Id: which source, for version 1.
    pub id: u32,
    /// wszPCB: a text for whoever listens, such as the id of a virtual machine; version 2 only.
    pub blob: Option<Text>,
}

/// Whether a stream begins with one; needs its first sixteen bytes.
#[must_use]
pub fn looks_like_preconnection(bytes: &[u8]) -> bool {
    matches!(*bytes, [low, high, 0, 0, 0, 0, 0, 0, version @ 1..=2, 0, 0, 0, _, _, _, _, ..]
        if matches!((version, u16::from_le_bytes([low, high])), (1, 16) | (2, 18..=8192)))
}

/// Whether fewer than sixteen bytes may become the beginning of one.
#[must_use]
pub fn may_become_preconnection(bytes: &[u8]) -> bool {
    let mut whole = [16, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
    let Some(begun) = whole.get_mut(..bytes.len()) else { return false };
    begun.copy_from_slice(bytes);
    // The size decides which version it can be.
    if bytes.len() <= 8 && whole[..2] != [16, 0] {
        whole[8] = 2;
    }
    if bytes.len() == 1 {
        whole[1] = u8::from(whole[0] < 18 && whole[0] != 16);
    }
    looks_like_preconnection(&whole)
}

/// Reads a pre-connection PDU from the start of a stream.
///
/// # Errors
/// [`Malformed`] when it is none, or not all of it is there.
pub fn preconnection(bytes: &[u8]) -> Result<Preconnection, Malformed> {
    let cut = |_: nom::Err<nom::error::Error<&[u8]>>| Malformed::at("RDP_PRECONNECTION_PDU", bytes.len());
    let (rest, (size, flags, version, id)) = (le_u32, le_u32, le_u32, le_u32).parse(bytes).map_err(cut)?;
    if !(FIXED as u32..=LIMIT).contains(&size) {
        return Err(Malformed::at("cbSize", 0));
    }
    // cbSize counts all of it, also what stands behind the text.
    if bytes.len() < size as usize {
        return Err(Malformed::at("RDP_PRECONNECTION_PDU", bytes.len()));
    }
    if flags != 0 {
        return Err(Malformed::at("Flags", 4));
    }
    let blob = match version {
        1 => None,
        2 => {
            let (rest, characters) = le_u16(rest).map_err(cut)?;
            let length = 2 * usize::from(characters);
            if FIXED + 2 + length > size as usize {
                return Err(Malformed::at("cchPCB", FIXED));
            }
            let (_, text) = take(length)(rest).map_err(cut)?;
            Some(Text::from_utf16le(text))
        }
        _ => return Err(Malformed::at("Version", 8)),
    };
    Ok(Preconnection { size, version, id, blob })
}

impl Describe for Preconnection {
    fn name(&self) -> Cow<'static, str> {
        "Pre-connection PDU".into()
    }

    fn summary(&self) -> String {
        match &self.blob {
            Some(blob) => format!("asks for \"{blob}\""),
            None => format!("asks for source {}", self.id),
        }
    }

    fn fields(&self) -> Vec<Field> {
        let mut fields = vec![
            Field::new("cbSize", self.size.to_string(), 0..4),
            Field::new("Version", self.version.to_string(), 8..12),
            Field::new("Id", self.id.to_string(), 12..16),
        ];
        fields.extend(self.blob.as_ref().map(|blob| Field::new("wszPCB", blob.to_string(), 18..self.size)));
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// cbSize, Flags, Version, Id, cchPCB, wszPCB
    const V2: [u8; 24] = [24, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, b'V', 0, b'M', 0, 0, 0];

    #[test]
    fn both_versions() {
        let v1 = [16, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0];
        assert!(looks_like_preconnection(&v1) && looks_like_preconnection(&V2));
        assert_eq!(preconnection(&v1).map(|pdu| pdu.summary()), Ok("asks for source 5".into()));
        assert_eq!(preconnection(&V2).map(|pdu| pdu.summary()), Ok("asks for \"VM\"".into()));
        for whole in [&v1[..], &V2] {
            assert!((1..16).all(|end| may_become_preconnection(&whole[..end])));
        }
        for other in [&b"SSH-2.0"[..], &[0x18, 0, 1], &[0x18, 0, 0, 0, 0, 0, 0, 0, 3]] {
            assert!(!may_become_preconnection(other), "{other:?}");
        }
        assert!(!looks_like_preconnection(&[3, 0, 0, 11, 6, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    }

    #[test]
    fn any_prefix_is_refused_without_panic() {
        for end in 0..V2.len() {
            assert!(preconnection(&V2[..end]).is_err());
        }
    }
}
