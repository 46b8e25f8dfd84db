//! Kerberos on port 88 (RFC 4120 5.4, 5.9.1), as far as it tells who asked for a ticket to what, and why it was not
//! given. It is in clear, beside an RDP session whose own logon is not.

use nom::IResult;
use nom::bytes::complete::take;
use nom::number::complete::be_u8;

use super::ber::{ber_length, element, integer};
use super::describe::Malformed;
use super::text::Text;
use crate::knowledge::kerberos::KerberosError;
use crate::knowledge::status::Status;

/// Elements of a sequence looked at; the longest of these has 13.
const ELEMENTS: usize = 32;

/// What kind of message it is (RFC 4120 5.10, the application tags).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// AS-REQ: a ticket to ask for tickets with.
    AsRequest,
    /// AS-REP.
    AsReply,
    /// TGS-REQ: a ticket for a service.
    TgsRequest,
    /// TGS-REP.
    TgsReply,
    /// KRB-ERROR.
    Error,
}

/// A message to or from a key distribution centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: Kind,
    /// crealm or realm.
    pub realm: Option<Text>,
    /// cname: who asks.
    pub client: Option<Text>,
    /// sname: for which service, as `TERMSRV/rds01.corp.example`.
    pub service: Option<Text>,
    /// Only in KRB-ERROR.
    pub refusal: Option<Refusal>,
}

/// What KRB-ERROR says (RFC 4120 5.9.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// error-code.
    pub code: KerberosError,
    /// The NTSTATUS that a Windows KDC puts into e-data (MS-KILE 2.2.1, 2.2.2).
    pub status: Option<Status>,
    /// stime, the KDC's clock; seconds since 1970.
    pub time: Option<i64>,
}

/// The length that goes before a message over TCP (RFC 4120 7.2.2); `None` when more bytes are needed or it is none.
#[must_use]
pub fn framed(bytes: &[u8]) -> Option<usize> {
    let [0, high, middle, low, ..] = *bytes else { return None };
    Some(usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low))
}

/// Reads a message, without the length that goes before it over TCP. Of one that is cut, what is there.
///
/// # Errors
/// [`Malformed`] when it is none of those above.
pub fn message(bytes: &[u8]) -> Result<Message, Malformed> {
    let kind = match bytes.first() {
        Some(0x6a) => Kind::AsRequest,
        Some(0x6b) => Kind::AsReply,
        Some(0x6c) => Kind::TgsRequest,
        Some(0x6d) => Kind::TgsReply,
        Some(0x7e) => Kind::Error,
        _ => return Err(Malformed::at("application tag", 0)),
    };
    let body = open(&bytes[1..]).and_then(|content| sequence(content).ok_or(()));
    let body = body.map_err(|()| Malformed::at("KDC message", 1))?;
    // 5.4.1: the request's body stands behind the preauthentication data.
    let (names, client, realm, service) = match kind {
        Kind::AsRequest | Kind::TgsRequest => (find(body, 4).and_then(sequence), 1, 2, 3),
        Kind::AsReply | Kind::TgsReply => (Some(body), 4, 3, u8::MAX),
        Kind::Error => (Some(body), 8, 9, 10),
    };
    let name = |number: u8| names.and_then(|names| find(names, number)).and_then(principal);
    Ok(Message {
        kind,
        realm: names.and_then(|names| find(names, realm)).and_then(string),
        client: name(client),
        service: name(service),
        refusal: (kind == Kind::Error).then(|| refusal(body)),
    })
}

/// KRB-ERROR: [4] stime, [6] error-code, [12] e-data.
fn refusal(body: &[u8]) -> Refusal {
    let number = |content: &[u8]| element(content, 0x02).ok().map(|(_, bytes)| integer(bytes));
    Refusal {
        code: KerberosError(find(body, 6).and_then(number).unwrap_or(u32::MAX)),
        status: find(body, 12).and_then(status),
        time: find(body, 4).and_then(|content| element(content, 0x18).ok()).and_then(|(_, bytes)| general_time(bytes)),
    }
}

/// KERB-ERROR-DATA with data-type 3 holds KERB-EXT-ERROR: status, reserved, flags; little-endian.
fn status(data: &[u8]) -> Option<Status> {
    const EXTENDED: u32 = 3;
    let (_, data) = element(data, 0x04).ok()?;
    let fields = sequence(data)?;
    let (_, kind) = element(find(fields, 1)?, 0x02).ok()?;
    let (_, value) = element(find(fields, 2)?, 0x04).ok()?;
    let bytes = value.get(..4)?.try_into().ok()?;
    (integer(kind) == EXTENDED && value.len() >= 12).then(|| Status(u32::from_le_bytes(bytes)))
}

/// PrincipalName: name-type [0], name-string [1], joined as users write it.
fn principal(content: &[u8]) -> Option<Text> {
    let mut strings = sequence(find(sequence(content)?, 1)?)?;
    let mut parts: Vec<String> = Vec::new();
    while let (Ok((rest, (_, bytes))), true) = (any(strings), parts.len() < 4) {
        parts.push(String::from_utf8_lossy(&bytes[..bytes.len().min(256)]).into_owned());
        strings = rest;
    }
    (!parts.is_empty()).then(|| Text::from(parts.join("/").as_str()))
}

fn string(content: &[u8]) -> Option<Text> {
    let (_, (_, bytes)) = any(content).ok()?;
    Some(Text::from_bytes(bytes))
}

/// GeneralizedTime as Kerberos writes it: `YYYYMMDDHHMMSSZ` (RFC 4120 5.2.3).
fn general_time(bytes: &[u8]) -> Option<i64> {
    use x509_parser::asn1_rs::{FromDer, GeneralizedTime};
    let mut element = vec![0x18, u8::try_from(bytes.len()).ok().filter(|length| *length < 0x80)?];
    element.extend_from_slice(bytes);
    let (_, time) = GeneralizedTime::from_der(&element).ok()?;
    Some(time.utc_datetime().ok()?.unix_timestamp())
}

/// The content behind a length; of a message that is cut, as much as there is.
fn open(input: &[u8]) -> Result<&[u8], ()> {
    let (rest, length) = ber_length(input).map_err(|_| ())?;
    Ok(&rest[..rest.len().min(length)])
}

/// What is inside a SEQUENCE, even if it is cut.
fn sequence(input: &[u8]) -> Option<&[u8]> {
    let [0x30, rest @ ..] = input else { return None };
    open(rest).ok()
}

/// The next element of any kind: its tag and content.
fn any(input: &[u8]) -> IResult<&[u8], (u8, &[u8])> {
    let (input, kind) = be_u8(input)?;
    let (input, length) = ber_length(input)?;
    let (input, content) = take(length)(input)?;
    Ok((input, (kind, content)))
}

/// The content of the element with context tag `number`; the last one may be cut.
fn find(mut fields: &[u8], number: u8) -> Option<&[u8]> {
    for _ in 0..ELEMENTS {
        let [kind, rest @ ..] = fields else { return None };
        if *kind == 0xa0 | number {
            return open(rest).ok();
        }
        fields = any(fields).ok()?.0;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tagged(kind: u8, content: &[&[u8]]) -> Vec<u8> {
        let content = content.concat();
        let mut bytes = vec![kind];
        match content.len() {
            length @ 0..0x80 => bytes.push(length as u8),
            length => bytes.extend_from_slice(&[0x82, (length >> 8) as u8, length as u8]),
        }
        bytes.extend(content);
        bytes
    }

    fn name(parts: &[&str]) -> Vec<u8> {
        let strings: Vec<u8> = parts.iter().flat_map(|part| tagged(0x1b, &[part.as_bytes()])).collect();
        tagged(0x30, &[&tagged(0xa0, &[&[2, 1, 2]]), &tagged(0xa1, &[&tagged(0x30, &[&strings])])])
    }

    fn locked() -> Vec<u8> {
        let status = [0x34, 2, 0, 0xc0, 0, 0, 0, 0, 1, 0, 0, 0];
        let data = tagged(0x30, &[&tagged(0xa1, &[&[2, 1, 3]]), &tagged(0xa2, &[&tagged(4, &[&status])])]);
        let fields = [
            tagged(0xa0, &[&[2, 1, 5]]),
            tagged(0xa1, &[&[2, 1, 30]]),
            tagged(0xa4, &[&tagged(0x18, &[b"20260311081424Z"])]),
            tagged(0xa5, &[&[2, 1, 7]]),
            tagged(0xa6, &[&[2, 1, 18]]),
            tagged(0xa9, &[&tagged(0x1b, &[b"CORP.EXAMPLE"])]),
            tagged(0xaa, &[&name(&["krbtgt", "CORP.EXAMPLE"])]),
            tagged(0xac, &[&tagged(4, &[&data])]),
        ];
        tagged(0x7e, &[&tagged(0x30, &[&fields.concat()])])
    }

    #[test]
    fn an_error_with_the_status_of_windows() {
        let told = message(&locked()).expect("KRB-ERROR");
        assert_eq!(told.kind, Kind::Error);
        assert_eq!(told.service.as_ref().map(Text::raw), Some("krbtgt/CORP.EXAMPLE"));
        let refusal = Refusal { code: KerberosError(18), status: Some(Status(0xc000_0234)), time: Some(1_773_216_864) };
        assert_eq!(told.refusal, Some(refusal));
    }

    #[test]
    fn a_request_for_a_service() {
        let body = tagged(
            0x30,
            &[
                &tagged(0xa0, &[&[3, 5, 0, 0x40, 0x81, 0, 0]]),
                &tagged(0xa2, &[&tagged(0x1b, &[b"CORP.EXAMPLE"])]),
                &tagged(0xa3, &[&name(&["TERMSRV", "rds01"])]),
            ],
        );
        let padata = vec![0x30; 1];
        let fields = [
            tagged(0xa1, &[&[2, 1, 5]]),
            tagged(0xa2, &[&[2, 1, 12]]),
            tagged(0xa3, &[&tagged(0x30, &[&padata])]),
            tagged(0xa4, &[&body]),
        ];
        let bytes = tagged(0x6c, &[&tagged(0x30, &[&fields.concat()])]);
        let asked = message(&bytes).expect("TGS-REQ");
        assert_eq!((asked.kind, asked.refusal), (Kind::TgsRequest, None));
        assert_eq!(asked.service.as_ref().map(Text::raw), Some("TERMSRV/rds01"));
        assert_eq!(asked.realm.as_ref().map(Text::raw), Some("CORP.EXAMPLE"));
    }

    #[test]
    fn any_prefix_is_read_or_refused_without_panic() {
        let bytes = locked();
        for end in 0..bytes.len() {
            let _ = message(&bytes[..end]);
        }
        assert!(message(b"\x6a\x84\xff\xff\xff\xff\x30\x84\xff\xff\xff\xff").is_ok());
        assert_eq!(framed(&[0, 0, 1, 2, 9]), Some(258));
    }
}
