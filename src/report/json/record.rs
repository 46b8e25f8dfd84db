//! A record written field by field: no tree of values is built, and the buffer serves the next record.

use std::fmt;
use std::net::IpAddr;

use serde::Serialize;

use super::harmless::{Harmless, by_number};
use crate::frame::Timestamp;
use crate::report::time::Rfc3339;
use crate::wire::text::deceives;

/// The name of a member as it stands in a record, up to the quote that its value may begin with; made by [`key`] alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key(pub(super) &'static str);

/// The name of a member, made ready when the program is: names are its own, and need no escaping.
macro_rules! key {
    ($name:literal) => {
        $crate::report::json::record::Key(concat!(",\"", $name, "\":\""))
    };
}
pub(super) use key;

/// The buffer that records are written into, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Record {
    out: Vec<u8>,
    times: Rfc3339,
}

impl Record {
    /// What was written since the last time.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.out
    }

    /// The buffer, to go on with another in its place.
    pub(super) fn swap(&mut self, other: Vec<u8>) -> Vec<u8> {
        std::mem::replace(&mut self.out, other)
    }

    /// Forgets what was written.
    pub(super) fn clear(&mut self) {
        self.out.clear();
    }

    /// A whole record, and the line's end behind it.
    pub(super) fn line(&mut self, fields: impl FnOnce(&mut Self)) {
        self.out.push(b'{');
        fields(self);
        self.out.extend_from_slice(b"}\n");
    }

    /// A value never ends in an opening bracket: what does stands before the first member.
    fn is_first(&self) -> bool {
        matches!(self.out.last(), Some(b'{' | b'['))
    }

    fn comma(&mut self) {
        if !self.is_first() {
            self.out.push(b',');
        }
    }

    /// `,"name":`, or without the comma where nothing stands before it.
    fn key(&mut self, Key(name): Key) {
        let from = usize::from(self.is_first());
        self.out.extend_from_slice(&name.as_bytes()[from..name.len() - 1]);
    }

    /// The same, with the quote that a text begins with.
    fn quoted(&mut self, Key(name): Key) {
        let from = usize::from(self.is_first());
        self.out.extend_from_slice(&name.as_bytes()[from..]);
    }

    /// A word of the program's own.
    pub(super) fn word(&mut self, name: Key, word: &'static str) {
        self.quoted(name);
        self.out.extend_from_slice(word.as_bytes());
        self.out.push(b'"');
    }

    /// Text of any origin.
    pub(super) fn text(&mut self, name: Key, text: &str) {
        self.quoted(name);
        escaped(&mut self.out, text);
        self.out.push(b'"');
    }

    /// Text in pieces that need no escaping.
    pub(super) fn plain(&mut self, name: Key, write: impl FnOnce(&mut Vec<u8>)) {
        self.quoted(name);
        write(&mut self.out);
        self.out.push(b'"');
    }

    /// A list of texts of any origin.
    pub(super) fn texts<'t>(&mut self, name: Key, texts: impl IntoIterator<Item = &'t str>) {
        self.list(name, texts, |record, text| string(&mut record.out, text));
    }

    /// A whole number.
    pub(super) fn number(&mut self, name: Key, number: impl Into<u64>) {
        self.key(name);
        digits(&mut self.out, number.into());
    }

    /// A list of whole numbers.
    pub(super) fn numbers(&mut self, name: Key, numbers: impl IntoIterator<Item = u64>) {
        self.list(name, numbers, |record, number| digits(&mut record.out, number));
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, name: Key, flag: bool) {
        self.key(name);
        self.out.extend_from_slice(if flag { b"true" } else { b"false" });
    }

    /// Seconds since the epoch as a date and time.
    pub(super) fn time(&mut self, name: Key, time: Timestamp) {
        self.quoted(name);
        self.times.write(time, &mut self.out);
        self.out.push(b'"');
    }

    /// An address.
    pub(super) fn address(&mut self, name: Key, ip: IpAddr) {
        self.plain(name, |out| match ip {
            IpAddr::V4(v4) => {
                let mut text = [0; 16];
                let mut length = 0;
                for octet in v4.octets() {
                    let (digits, count) = &OCTETS[usize::from(octet)];
                    text[length..length + 4].copy_from_slice(digits);
                    length += usize::from(*count);
                }
                // Behind the last octet stands no dot.
                out.extend_from_slice(&text[..length - 1]);
            }
            IpAddr::V6(v6) => display(out, v6),
        });
    }

    /// Whatever serde knows to write: seconds, and records too rare to be written by hand.
    pub(super) fn value(&mut self, name: Key, value: &impl Serialize) {
        self.key(name);
        // A Vec takes everything, and the values are numbers, texts and lists of them.
        let _ = serde_json::to_writer(Harmless(&mut self.out), value);
    }

    /// An object.
    pub(super) fn object(&mut self, name: Key, fields: impl FnOnce(&mut Self)) {
        self.key(name);
        self.out.push(b'{');
        fields(self);
        self.out.push(b'}');
    }

    /// A list.
    pub(super) fn list<T>(
        &mut self,
        name: Key,
        items: impl IntoIterator<Item = T>,
        mut item: impl FnMut(&mut Self, T),
    ) {
        self.key(name);
        self.out.push(b'[');
        for one in items {
            self.comma();
            item(self, one);
        }
        self.out.push(b']');
    }

    /// A list of objects.
    pub(super) fn objects<T>(
        &mut self,
        name: Key,
        items: impl IntoIterator<Item = T>,
        mut fields: impl FnMut(&mut Self, T),
    ) {
        self.list(name, items, |record, one| {
            record.out.push(b'{');
            fields(record, one);
            record.out.push(b'}');
        });
    }

    /// Fields that were written before, and kept.
    pub(super) fn again(&mut self, fields: &[u8]) {
        if !fields.is_empty() {
            self.comma();
            self.out.extend_from_slice(fields);
        }
    }

    /// Writes fields aside, to be kept for [`Self::again`].
    pub(super) fn aside(fields: impl FnOnce(&mut Self)) -> Box<[u8]> {
        let mut record = Self { out: vec![b'{'], ..Self::default() };
        fields(&mut record);
        record.out[1..].into()
    }
}

/// Octets of an address as they are written, each with the dot behind it, and how many bytes those are.
const OCTETS: [([u8; 4], u8); 256] = {
    let mut all = [([0; 4], 0); 256];
    let mut octet = 0;
    while octet < 256 {
        let [hundreds, tens, ones] = [b'0' + octet as u8 / 100, b'0' + octet as u8 / 10 % 10, b'0' + octet as u8 % 10];
        all[octet] = match octet {
            0..10 => ([ones, b'.', 0, 0], 2),
            10..100 => ([tens, ones, b'.', 0], 3),
            _ => ([hundreds, tens, ones, b'.'], 4),
        };
        octet += 1;
    }
    all
};

/// `number` in decimal digits.
pub(super) fn digits(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// What displays as ASCII without quotes and backslashes.
pub(super) fn display(out: &mut Vec<u8>, what: impl fmt::Display) {
    use std::io::Write as _;
    // A Vec takes everything.
    let _ = write!(out, "{what}");
}

/// `bytes` in hexadecimal.
pub(super) fn hexadecimal(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.extend(bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]));
}

/// `text` in quotes.
fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escaped(out, text);
    out.push(b'"');
}

/// `text`, escaped as RFC 8259 7 demands, and so that it does no harm to whoever looks at it.
fn escaped(out: &mut Vec<u8>, text: &str) {
    let mut rest = text;
    loop {
        let (plain, behind) = rest.split_at(plain_run(rest.as_bytes()));
        out.extend_from_slice(plain.as_bytes());
        let mut behind = behind.chars();
        let Some(special) = behind.next() else { break };
        character(out, special);
        rest = behind.as_str();
    }
}

/// A character that may not stand in a text as it is, or is none of ASCII.
fn character(out: &mut Vec<u8>, c: char) {
    let short = match c {
        '"' => b'"',
        '\\' => b'\\',
        '\u{8}' => b'b',
        '\t' => b't',
        '\n' => b'n',
        '\u{c}' => b'f',
        '\r' => b'r',
        c if deceives(c) => {
            // A Vec takes everything.
            let _ = by_number(c, out);
            return;
        }
        c => {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Bytes up to the first that cannot be taken as it is; none but ASCII. Eight are looked at together: almost no text has
/// another.
fn plain_run(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    const DELETE: u8 = 0x7f;
    // The highest bit of each byte that is less than `limit` (up to 0x80), perhaps of some above it in the word, too;
    // of a word without one, none.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & HIGH;
    let is = |word: u64, byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    let mut done = 0;
    for chunk in bytes.chunks_exact(8) {
        let mut eight = [0; 8];
        eight.copy_from_slice(chunk);
        let word = u64::from_le_bytes(eight);
        if word & HIGH | below(word, 0x20) | is(word, b'"') | is(word, b'\\') | is(word, DELETE) != 0 {
            break;
        }
        done += 8;
    }
    let is_special = |byte: &u8| !(0x20..DELETE).contains(byte) || matches!(byte, b'"' | b'\\');
    done + bytes[done..].iter().position(is_special).unwrap_or(bytes.len() - done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_at_every_place_is_written_as_serde_writes_it_and_does_no_harm() {
        use std::io::Write as _;
        let others = [0x2028, 0x202e, 0x200b, 0xfeff, 0xe000, 0x1_f600, 0xe_0041, 0x10_fffd];
        let all: String = (0..0x180u32).chain(others).filter_map(char::from_u32).collect();
        for special in all.chars() {
            for length in [0, 1, 6, 7, 8, 9, 17] {
                let text = format!("{}{special}{}", "a".repeat(length), "é\"b");
                let mut out = Vec::new();
                string(&mut out, &text);
                let mut harmless = Vec::new();
                let plain = serde_json::to_string(&text).expect("a string");
                Harmless(&mut harmless).write_all(plain.as_bytes()).expect("memory takes everything");
                assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&harmless));
            }
        }
    }

    #[test]
    fn fields_in_order_and_commas_between() {
        let mut record = Record::default();
        let kept = Record::aside(|record| record.number(key!("kept"), 3u32));
        record.line(|record| {
            record.objects(key!("none"), [0u64; 0], |_, _| {});
            record.objects(key!("two"), [1u64, 2], |record, number| record.number(key!("n"), number));
            record.object(key!("in"), |record| {
                record.again(&kept);
                record.again(&[]);
                record.value(key!("seconds"), &1.0);
                record.texts(key!("texts"), ["a", "\t"]);
            });
            record.flag(key!("yes"), true);
            record.address(key!("ip"), [10, 0, 255, 1].into());
        });
        assert_eq!(
            String::from_utf8_lossy(record.bytes()),
            concat!(
                r#"{"none":[],"two":[{"n":1},{"n":2}],"in":{"kept":3,"seconds":1.0,"texts":["a","\t"]},"#,
                r#""yes":true,"ip":"10.0.255.1"}"#,
                "\n"
            )
        );
    }
}
