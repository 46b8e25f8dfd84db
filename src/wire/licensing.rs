//! Licensing PDUs: a server grants, asks for or denies a licence after the client has told who it is.
//!
//! MS-RDPBCGR [2.2.1.12.1] and MS-RDPELE 2.2.2. The parser takes what follows the basic security header, and the place
//! of that in the TPKT.
//!
//! [2.2.1.12.1]: https://learn.microsoft.com/openspecs/windows_protocols/ms-rdpbcgr/73170ca2-5f82-4a2d-9d1b-b439f3d8dadc

use std::borrow::Cow;

use nom::Parser;
use nom::bytes::complete::take;
use nom::multi::length_data;
use nom::number::complete::{le_u16, le_u32, u8 as byte};

use super::describe::{Describe, Field, Malformed};
use super::text::Text;
use crate::knowledge::code::find;
use crate::knowledge::licensing::{LicenseError, LicenseTransition, MESSAGES};

/// A licensing PDU (MS-RDPBCGR 2.2.1.12.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicensePdu {
    /// bMsgType.
    pub kind: u8,
    /// flags: version of licensing in the low four bits.
    pub flags: u8,
    /// wMsgSize, with these four bytes.
    pub size: u16,
    /// What is known of its body.
    pub body: LicenseBody,
    at: u32,
}

/// Bodies that say something in clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LicenseBody {
    /// Server License Request (MS-RDPELE 2.2.2.1): companyName and productId.
    Request {
        /// `Microsoft Corporation`.
        company: Text,
        /// `A02`; older servers `236`.
        product: Text,
    },
    /// Client New License Request (MS-RDPELE 2.2.2.2): ClientUserName and ClientMachineName.
    NewLicenseRequest {
        /// Who asks.
        user: Text,
        /// From which machine.
        machine: Text,
    },
    /// Licensing Error Message (2.2.1.12.1.3); STATUS_VALID_CLIENT is its good form.
    Error {
        /// dwErrorCode.
        code: LicenseError,
        /// dwStateTransition.
        transition: LicenseTransition,
        /// Bytes of the error blob; its type means nothing when it is empty.
        blob_length: u16,
    },
    /// Challenges, licences and what is cut: of no use in clear.
    Opaque,
}

type Input<'a> = &'a [u8];
type Broken<'a> = nom::error::Error<Input<'a>>;

/// Reads the licensing PDU that begins `at` bytes after the TPKT.
///
/// # Errors
/// [`Malformed`] when the preamble or an error message is cut.
pub fn license_pdu(data: &[u8], at: u32) -> Result<LicensePdu, Malformed> {
    let cut = |field| Malformed::at(field, at as usize + data.len());
    let (rest, (kind, flags, size)) =
        (byte::<Input<'_>, Broken<'_>>, byte, le_u16).parse(data).map_err(|_| cut("licensing preamble"))?;
    let body = match kind {
        0x01 => request(rest).unwrap_or(LicenseBody::Opaque),
        0x13 => new_license_request(rest).unwrap_or(LicenseBody::Opaque),
        0xff => error(rest).ok_or(cut("licensing error message"))?,
        _ => LicenseBody::Opaque,
    };
    Ok(LicensePdu { kind, flags, size, body, at })
}

/// ServerRandom 32, dwVersion, companyName and productId with their lengths.
fn request(input: &[u8]) -> Option<LicenseBody> {
    let text = || length_data::<_, Broken<'_>, _>(le_u32);
    let (_, (_random, _version, company, product)) = (take(32usize), le_u32, text(), text()).parse(input).ok()?;
    Some(LicenseBody::Request { company: Text::from_utf16le(company), product: Text::from_utf16le(product) })
}

/// Key exchange, platform, ClientRandom 32, three blobs: the secret, the user, the machine.
fn new_license_request(input: &[u8]) -> Option<LicenseBody> {
    let blob = || (le_u16, length_data::<_, Broken<'_>, _>(le_u16));
    let (_, (_key, _platform, _random, _secret, (_, user), (_, machine))) =
        (le_u32, le_u32, take(32usize), blob(), blob(), blob()).parse(input).ok()?;
    Some(LicenseBody::NewLicenseRequest { user: until_nul(user), machine: until_nul(machine) })
}

fn error(input: &[u8]) -> Option<LicenseBody> {
    let (rest, (code, transition)) = (le_u32::<Input<'_>, Broken<'_>>, le_u32).parse(input).ok()?;
    // Some stacks leave the empty blob out.
    let blob_length = rest.get(2..4).map_or(0, |length| u16::from_le_bytes([length[0], length[1]]));
    Some(LicenseBody::Error { code: LicenseError(code), transition: LicenseTransition(transition), blob_length })
}

fn until_nul(bytes: &[u8]) -> Text {
    Text::from_bytes(bytes.split(|byte| *byte == 0).next().unwrap_or_default())
}

impl LicensePdu {
    /// Whether the server says that licensing is over and well (STATUS_VALID_CLIENT).
    #[must_use]
    pub fn is_valid_client(&self) -> bool {
        matches!(self.body, LicenseBody::Error { code: LicenseError::VALID_CLIENT, .. })
    }
}

impl Describe for LicensePdu {
    fn name(&self) -> Cow<'static, str> {
        match find(MESSAGES, self.kind.into()) {
            _ if self.is_valid_client() => "License Valid Client".into(),
            Some(message) => message.meaning.into(),
            None => "Licensing".into(),
        }
    }

    fn summary(&self) -> String {
        match &self.body {
            LicenseBody::Request { company, product } => format!("by {company}, product {product}"),
            LicenseBody::NewLicenseRequest { user, machine } => format!("for {user} on {machine}"),
            LicenseBody::Error { code, transition, .. } => format!("{code}, {transition}"),
            LicenseBody::Opaque => format!("{} bytes", self.size),
        }
    }

    fn fields(&self) -> Vec<Field> {
        let at = self.at;
        let kind = find(MESSAGES, self.kind.into()).map_or("unknown", |message| message.symbol);
        let mut fields = vec![
            Field::new("bMsgType", format!("{:#04x} {kind}", self.kind), at..at + 1),
            Field::new("flags", format!("{:#04x} version {}.0", self.flags, self.flags & 15), at + 1..at + 2),
            Field::new("wMsgSize", self.size.to_string(), at + 2..at + 4),
        ];
        match &self.body {
            LicenseBody::Request { company, product } => {
                fields.push(Field::new("companyName", company.to_string(), 0..0));
                fields.push(Field::new("productId", product.to_string(), 0..0));
            }
            LicenseBody::NewLicenseRequest { user, machine } => {
                fields.push(Field::new("ClientUserName", user.to_string(), 0..0));
                fields.push(Field::new("ClientMachineName", machine.to_string(), 0..0));
            }
            LicenseBody::Error { code, transition, blob_length } => {
                fields.push(Field::new("dwErrorCode", code.to_string(), at + 4..at + 8));
                fields.push(Field::new("dwStateTransition", transition.to_string(), at + 8..at + 12));
                fields.push(Field::new("error blob", format!("{blob_length} bytes"), at + 14..at + 16));
            }
            LicenseBody::Opaque => {}
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// type, flags, size | code | transition | blob type and length
    const VALID: [u8; 16] = [0xff, 3, 16, 0, 7, 0, 0, 0, 2, 0, 0, 0, 0x28, 0x14, 0, 0];

    #[test]
    fn valid_client_is_no_error() {
        let pdu = license_pdu(&VALID, 18);
        assert_eq!(pdu.as_ref().map(LicensePdu::is_valid_client), Ok(true));
        assert_eq!(pdu.map(|pdu| pdu.summary()), Ok("STATUS_VALID_CLIENT (7), ST_NO_TRANSITION".into()));
    }

    #[test]
    fn request_names_its_product() {
        let mut bytes = vec![1, 0x3e, 0, 1];
        bytes.extend_from_slice(&[9; 32]);
        bytes.extend_from_slice(&[0, 0, 4, 0, 4, 0, 0, 0, b'M', 0, 0, 0, 8, 0, 0, 0, b'A', 0, b'0', 0, b'2', 0, 0, 0]);
        assert_eq!(license_pdu(&bytes, 0).map(|pdu| pdu.summary()), Ok("by M, product A02".into()));
        for end in 0..bytes.len() {
            let _ = license_pdu(&bytes[..end], 0).map(|pdu| pdu.fields());
        }
    }

    #[test]
    fn new_license_request_names_user_and_machine() {
        let mut bytes = vec![0x13, 3, 0, 0];
        bytes.extend_from_slice(&[0; 40]);
        bytes.extend_from_slice(b"\x02\0\x01\0!\x0f\0\x06\0alice\0\x10\0\x03\0vm\0");
        assert_eq!(license_pdu(&bytes, 0).map(|pdu| pdu.summary()), Ok("for alice on vm".into()));
    }

    #[test]
    fn any_prefix_is_refused_or_read_without_panic() {
        for end in 0..VALID.len() {
            let _ = license_pdu(&VALID[..end], 18).map(|pdu| pdu.fields());
        }
    }
}
