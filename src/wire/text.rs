//! Text that came from the network: bounded, and never printed as it came.

use std::fmt;

/// The longest text kept of any field; bytes.
const LIMIT: usize = 256;

/// A string off the wire. [`fmt::Display`] escapes control, direction-changing and invisible characters; [`Text::raw`]
/// is for writers that escape by themselves (JSON).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text(Box<str>);

impl Text {
    /// From bytes that should be UTF-8 or ASCII; anything else is replaced. At most 256 bytes are kept.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let cut = &bytes[..bytes.len().min(LIMIT)];
        Self::bounded(&String::from_utf8_lossy(cut), bytes.len() > LIMIT)
    }

    /// From UTF-16 in little-endian order, up to the first NUL (MS-RDPBCGR's habit).
    #[must_use]
    pub fn from_utf16le(bytes: &[u8]) -> Self {
        let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        let text: String = char::decode_utf16(units.take_while(|unit| *unit != 0).take(LIMIT))
            .map(|c| c.unwrap_or('\u{fffd}'))
            .collect();
        Self::bounded(&text, false)
    }

    fn bounded(text: &str, cut: bool) -> Self {
        let mut end = text.len().min(LIMIT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let mut kept = text[..end].to_owned();
        if cut || end < text.len() {
            kept.push('…');
        }
        Self(kept.into())
    }

    /// As it came, for writers with an escaping of their own.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::bounded(text, false)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escape(&self.0))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// `text` with everything that could move a cursor, hide or reorder characters written as `\xNN` or `\u{...}`.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if deceives(c) => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
            c => out.push(c),
        }
    }
    out
}

/// Controls, bidirectional overrides, zero-width, blank and other invisible characters, private use: what no view shows
/// as it came.
#[must_use]
pub fn deceives(c: char) -> bool {
    matches!(c as u32,
        0..=0x1f | 0x7f..=0x9f | 0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f
        | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x2800 | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0
        | 0xfff0..=0xfffb | 0x1_bca0..=0x1_bca3 | 0x1_d173..=0x1_d17a | 0xe000..=0xf8ff | 0xe_0000..=0xe_0fff
        | 0xf_0000..=0x10_ffff)
}

/// `9,120`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Lower-case hexadecimal without separators.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_never_come_through() {
        let text = Text::from_bytes(b"a\x1b[31mb\r\n\xc2\x9bc\xe2\x80\xaed");
        assert_eq!(text.to_string(), "a\\x1b[31mb\\x0d\\x0a\\u{9b}c\\u{202e}d");
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        let long = "é".repeat(300);
        let text = Text::from_bytes(long.as_bytes());
        assert!(text.raw().len() <= LIMIT + '…'.len_utf8());
        assert!(text.raw().ends_with('…'));
    }

    #[test]
    fn utf16_ends_at_nul() {
        assert_eq!(Text::from_utf16le(b"P\0C\0\0\0x\0").raw(), "PC");
    }
}
