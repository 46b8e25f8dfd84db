//! JSON that may be looked at: what would steer a terminal or deceive its reader is written by its number, which says the
//! same to a program.

use std::io::{self, Write};

use crate::wire::text::deceives;

/// Writes `c` as `\u` and the number of each of its UTF-16 units (RFC 8259 7).
pub(super) fn by_number(c: char, out: &mut dyn Write) -> io::Result<()> {
    c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}"))
}

/// Whole pieces of JSON text that serde wrote go through here on their way out.
pub(super) struct Harmless<'w>(pub(super) &'w mut dyn Write);

impl Write for Harmless<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        const DELETE: u8 = 0x7f;
        if bytes.is_ascii() && !bytes.contains(&DELETE) {
            return self.0.write_all(bytes);
        }
        // A line is UTF-8 from end to end.
        let text = String::from_utf8_lossy(bytes);
        let mut from = 0;
        // Outside of strings JSON has nothing of the kind but the line's end.
        for (at, c) in text.char_indices().filter(|(_, c)| *c != '\n' && deceives(*c)) {
            self.0.write_all(&text.as_bytes()[from..at])?;
            by_number(c, self.0)?;
            from = at + c.len_utf8();
        }
        self.0.write_all(&text.as_bytes()[from..])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_the_same_and_does_no_harm() {
        let name = "a\u{7f}b\u{9b}31mc\u{202e}d\u{e0041}é日本\u{1b}";
        let mut out = Vec::new();
        let line = serde_json::to_string(name).expect("a string") + "\n";
        Harmless(&mut out).write_all(line.as_bytes()).expect("memory takes everything");
        let text = String::from_utf8(out).expect("UTF-8");
        assert_eq!(text, "\"a\\u007fb\\u009b31mc\\u202ed\\udb40\\udc41é日本\\u001b\"\n");
        assert_eq!(serde_json::from_str::<String>(&text).expect("a string"), name);
    }
}
