//! DNS messages (RFC 1035 4.1), as far as they tell which name was asked for and what came back. Multicast DNS
//! (RFC 6762) and LLMNR (RFC 4795) write the same. Ranges count from the message's first byte.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use nom::IResult;
use nom::Parser;
use nom::bytes::complete::take;
use nom::number::complete::{be_u8, be_u16, be_u32};

use super::describe::Malformed;
use super::text::Text;

/// Addresses kept of one answer.
const ADDRESSES: usize = 16;
/// Records looked at in one message.
const RECORDS: u16 = 64;
/// Pointers followed in one name; more of them only go round in circles (RFC 1035 4.1.4).
const POINTERS: usize = 16;

/// A TYPE (RFC 1035 3.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordType(pub u16);

#[allow(missing_docs)] // the specification's names
impl RecordType {
    pub const A: Self = Self(1);
    pub const CNAME: Self = Self(5);
    pub const AAAA: Self = Self(28);
    pub const SRV: Self = Self(33);
}

/// An RCODE (RFC 1035 4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResponseCode(pub u8);

impl ResponseCode {
    /// NOERROR.
    pub const NO_ERROR: Self = Self(0);
    /// NXDOMAIN: there is no such name.
    pub const NAME_ERROR: Self = Self(3);

    /// What resolvers print.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self.0 {
            0 => "NOERROR",
            1 => "FORMERR",
            2 => "SERVFAIL",
            3 => "NXDOMAIN",
            4 => "NOTIMP",
            5 => "REFUSED",
            _ => "an unknown code",
        }
    }
}

/// A question or an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// ID: the same in question and answer; 0 in multicast DNS.
    pub id: u16,
    /// QR: it is an answer.
    pub is_response: bool,
    /// RCODE; meaningless in a question.
    pub code: ResponseCode,
    /// QNAME of the first question, or in multicast answers the name of the first record. In lower case, because DNS
    /// compares names so (RFC 4343), without the final dot.
    pub name: Text,
    /// QTYPE, or the type of that record.
    pub kind: RecordType,
    /// Addresses among the answers; at most 16.
    pub addresses: Vec<IpAddr>,
    /// Answers of any type.
    pub answers: u16,
}

/// Reads a message.
///
/// # Errors
/// [`Malformed`] when it is cut or has neither question nor answer.
pub fn message(bytes: &[u8]) -> Result<Message, Malformed> {
    let cut = |_: nom::Err<nom::error::Error<&[u8]>>| Malformed::at("DNS message", bytes.len());
    let (mut rest, (id, flags, questions, answers, _authorities, _additional)) =
        (be_u16, be_u16, be_u16, be_u16, be_u16, be_u16).parse(bytes).map_err(cut)?;
    let mut asked = None;
    for _ in 0..questions.min(RECORDS) {
        let (tail, name) = name(bytes, rest).map_err(cut)?;
        let (tail, (kind, _class)) = (be_u16, be_u16).parse(tail).map_err(cut)?;
        asked.get_or_insert((name, RecordType(kind)));
        rest = tail;
    }
    let mut addresses = Vec::new();
    for _ in 0..answers.min(RECORDS) {
        // What a snap length cut off leaves the records before it.
        let Ok((tail, (name, kind, data))) = record(bytes, rest) else { break };
        addresses.extend(address(kind, data).filter(|_| addresses.len() < ADDRESSES));
        asked.get_or_insert((name, kind));
        rest = tail;
    }
    let (name, kind) = asked.ok_or(Malformed::at("QDCOUNT", 4))?;
    Ok(Message {
        id,
        is_response: flags & 0x8000 != 0,
        code: ResponseCode((flags & 0xf) as u8),
        name,
        kind,
        addresses,
        answers,
    })
}

/// RFC 1035 4.1.3: NAME, TYPE, CLASS, TTL, RDLENGTH, RDATA.
fn record<'a>(message: &'a [u8], input: &'a [u8]) -> IResult<&'a [u8], (Text, RecordType, &'a [u8])> {
    let (input, name) = name(message, input)?;
    let (input, (kind, _class, _ttl, length)) = (be_u16, be_u16, be_u32, be_u16).parse(input)?;
    let (input, data) = take(length).parse(input)?;
    Ok((input, (name, RecordType(kind), data)))
}

fn address(kind: RecordType, data: &[u8]) -> Option<IpAddr> {
    match kind {
        RecordType::A => Some(IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(data).ok()?))),
        RecordType::AAAA => Some(IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(data).ok()?))),
        _ => None,
    }
}

/// Labels and pointers (RFC 1035 4.1.4); what follows the name in the input.
fn name<'a>(message: &'a [u8], input: &'a [u8]) -> IResult<&'a [u8], Text> {
    let mut text: Vec<u8> = Vec::new();
    let (mut at, mut after) = (input, None);
    for _ in 0..POINTERS + 128 {
        let (rest, length) = be_u8(at)?;
        match length {
            0 => {
                text.make_ascii_lowercase();
                return Ok((after.unwrap_or(rest), Text::from_bytes(&text)));
            }
            1..=63 => {
                let (rest, label): (&[u8], &[u8]) = take(length).parse(rest)?;
                if !text.is_empty() {
                    text.push(b'.');
                }
                text.extend_from_slice(label);
                at = rest;
            }
            0xc0.. => {
                let (rest, low) = be_u8(rest)?;
                after.get_or_insert(rest);
                at = message.get(usize::from(length & 0x3f) << 8 | usize::from(low)..).unwrap_or_default();
            }
            _ => break,
        }
    }
    Err(nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::TooLarge)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> Vec<u8> {
        let mut bytes = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        bytes.extend_from_slice(b"\x05RDS01\x04corp\x07example\x00\x00\x01\x00\x01");
        bytes
    }

    fn answer() -> Vec<u8> {
        let mut bytes = question();
        bytes[2..4].copy_from_slice(&[0x81, 0x80]);
        bytes[7] = 2;
        bytes.extend_from_slice(&[0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xc0, 18]);
        bytes.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 20, 1, 9]);
        bytes
    }

    #[test]
    fn question_and_answer() {
        let asked = message(&question()).expect("a question");
        assert_eq!((asked.name.raw(), asked.kind, asked.is_response), ("rds01.corp.example", RecordType::A, false));
        let told = message(&answer()).expect("an answer");
        assert!(told.is_response && told.id == asked.id && told.name == asked.name && told.answers == 2);
        assert_eq!(told.addresses, [IpAddr::from([10, 20, 1, 9])]);
    }

    #[test]
    fn no_such_name() {
        let mut bytes = question();
        bytes[2..4].copy_from_slice(&[0x81, 0x83]);
        assert_eq!(message(&bytes).map(|told| told.code), Ok(ResponseCode::NAME_ERROR));
    }

    #[test]
    fn pointers_that_go_round_end() {
        let mut bytes = vec![0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1];
        assert!(message(&bytes).is_err());
        bytes[13] = 200;
        assert!(message(&bytes).is_err());
    }

    #[test]
    fn any_prefix_is_read_or_refused_without_panic() {
        let bytes = answer();
        for end in 0..bytes.len() {
            let _ = message(&bytes[..end]);
        }
    }
}
