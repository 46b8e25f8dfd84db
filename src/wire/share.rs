//! What Send Data PDUs carry on the I/O and message channels: security header, client info, licensing, share PDUs.
//!
//! MS-RDPBCGR [2.2.8.1.1]. Under standard RDP security every PDU has a basic security header and most are encrypted;
//! what remains in clear is told here. Under enhanced security only client info, licensing, multitransport,
//! auto-detect and heartbeat PDUs have the header; there the bytes decide. No password is ever read.
//!
//! [2.2.8.1.1]: https://learn.microsoft.com/openspecs/windows_protocols/ms-rdpbcgr/

use std::borrow::Cow;

use super::describe::{Describe, Field, Malformed};
use super::gcc::{u16_at, u32_at};
use super::licensing::{LicensePdu, license_pdu};
use super::text::Text;
use crate::knowledge::code::find;
use crate::knowledge::disconnect::ErrorInfo;
use crate::knowledge::mcs::{DATA_TYPES, SECURITY_FLAGS, bits};

/// Bits of the basic security header (2.2.8.1.1.2.1).
mod flag {
    pub(super) const EXCHANGE: u16 = 0x0001;
    pub(super) const TRANSPORT: u16 = 0x0002 | 0x0004;
    pub(super) const ENCRYPT: u16 = 0x0008;
    pub(super) const INFO: u16 = 0x0040;
    pub(super) const LICENSE: u16 = 0x0080;
    pub(super) const REDIRECTION: u16 = 0x0400;
    pub(super) const AUTODETECT: u16 = 0x1000 | 0x2000;
    pub(super) const HEARTBEAT: u16 = 0x4000;
}

/// pduType2 (2.2.8.1.1.1.2) of Shutdown Request.
pub const SHUTDOWN_REQUEST: u8 = 0x24;
/// Of Shutdown Request Denied.
pub const SHUTDOWN_DENIED: u8 = 0x25;
/// Of Font Map, the last step of activation (2.2.1.22).
pub const FONT_MAP: u8 = 0x28;

/// What a Send Data PDU carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityPdu {
    /// flags of the basic security header; absent when there is no header.
    pub flags: Option<u16>,
    /// What follows.
    pub kind: SecurityKind,
    at: u32,
}

/// What follows a basic security header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecurityKind {
    /// Client Security Exchange PDU (2.2.1.10); bytes of the encrypted client random.
    SecurityExchange(u32),
    /// Client Info PDU (2.2.1.11); `None` when encrypted, as always under standard security.
    ClientInfo(Option<ClientInfo>),
    /// Licensing in clear (2.2.1.12).
    License(LicensePdu),
    /// Server Redirection under standard security (2.2.13.2), in clear.
    Redirection,
    /// Initiate Multitransport Request or its Response (2.2.15).
    Multitransport,
    /// Auto-detect request or response (2.2.14).
    AutoDetect,
    /// Heartbeat (2.2.16.1).
    Heartbeat,
    /// Anything encrypted; the flags may still say what.
    Encrypted,
    /// A share control PDU in clear.
    Share(ShareControl),
}

/// Reads the data of a Send Data PDU of the I/O or message channel that begins `at` bytes after the TPKT.
/// `standard` is true under standard RDP security (the server's encryptionMethod is not 0), where every PDU has a
/// security header. Otherwise a PDU is taken for a share PDU when its length and type are such, else it has a header.
///
/// # Errors
/// [`Malformed`] when it is neither, or cut.
pub fn security_pdu(data: &[u8], at: u32, standard: bool) -> Result<SecurityPdu, Malformed> {
    if !standard && looks_like_share(data) {
        return share_control(data, at).map(|share| SecurityPdu { flags: None, kind: SecurityKind::Share(share), at });
    }
    let flags = u16_at(data, 0).ok_or(Malformed::at("basic security header", at as usize))?;
    let body = data.get(4..).ok_or(Malformed::at("basic security header", at as usize))?;
    let body_at = at + 4;
    let has = |bits: u16| flags & bits != 0;
    let kind = if has(flag::EXCHANGE) {
        let length = u32_at(body, 0).ok_or(Malformed::at("Security Exchange length", body_at as usize))?;
        SecurityKind::SecurityExchange(length)
    } else if has(flag::INFO) {
        SecurityKind::ClientInfo(if has(flag::ENCRYPT) { None } else { Some(ClientInfo::read(body, body_at)?) })
    } else if has(flag::ENCRYPT) {
        SecurityKind::Encrypted
    } else if has(flag::LICENSE) {
        SecurityKind::License(license_pdu(body, body_at)?)
    } else if has(flag::TRANSPORT) {
        SecurityKind::Multitransport
    } else if has(flag::REDIRECTION) {
        SecurityKind::Redirection
    } else if has(flag::AUTODETECT) {
        SecurityKind::AutoDetect
    } else if has(flag::HEARTBEAT) {
        SecurityKind::Heartbeat
    } else {
        SecurityKind::Share(share_control(body, body_at)?)
    };
    Ok(SecurityPdu { flags: Some(flags), kind, at })
}

/// Whether this can be a share control PDU without a security header: the length is that of the data, the version 1
/// (0 for a redirection) and the type known; or a flow control PDU.
#[must_use]
pub fn looks_like_share(data: &[u8]) -> bool {
    match u16_at(data, 0).zip(u16_at(data, 2)) {
        Some((0x8000, _)) => data.len() == 8,
        Some((length, kind)) => usize::from(length) == data.len() && matches!(kind, 0x11 | 0x13 | 0x16 | 0x17 | 0x0a),
        None => false,
    }
}

/// Info Packet (2.2.1.11.1.1), without the password and whatever follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientInfo {
    /// CodePage; with INFO_UNICODE the active input locale.
    pub code_page: u32,
    /// flags: 8 INFO_AUTOLOGON, 0x10 INFO_UNICODE, 0x100000 saved credentials were used.
    pub flags: u32,
    /// Domain.
    pub domain: Text,
    /// UserName.
    pub user: Text,
    at: u32,
}

impl ClientInfo {
    fn read(body: &[u8], at: u32) -> Result<Self, Malformed> {
        const STRINGS: usize = 18; // code page, flags, five lengths
        let cut = Malformed::at("Client Info", at as usize + body.len());
        let (code_page, flags) = u32_at(body, 0).zip(u32_at(body, 4)).ok_or(cut)?;
        let (domain, user) = u16_at(body, 8).zip(u16_at(body, 10)).ok_or(cut)?;
        let (domain, user) = (usize::from(domain), usize::from(user));
        let unicode = flags & 0x10 != 0;
        let text = |bytes| if unicode { Text::from_utf16le(bytes) } else { Text::from_bytes(bytes) };
        let second = STRINGS + domain + if unicode { 2 } else { 1 };
        Ok(Self {
            code_page,
            flags,
            domain: text(body.get(STRINGS..STRINGS + domain).ok_or(cut)?),
            user: text(body.get(second..second + user).ok_or(cut)?),
            at,
        })
    }
}

/// A share control PDU (2.2.8.1.1.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareControl {
    /// totalLength.
    pub length: u16,
    /// PDUSource.
    pub source: u16,
    /// pduType and what is worth knowing of it.
    pub kind: ShareKind,
    at: u32,
}

/// Kinds of share control PDUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareKind {
    /// Demand Active (2.2.1.13.1); numberCapabilities.
    DemandActive(u16),
    /// Confirm Active (2.2.1.13.2); numberCapabilities.
    ConfirmActive(u16),
    /// Deactivate All (2.2.3.1).
    DeactivateAll,
    /// A data PDU (2.2.8.1.1.1.2): pduType2, and its body.
    Data(u8, DataBody),
    /// Enhanced Security Server Redirection (2.2.13.3); only that it is one.
    Redirection,
    /// Flow control, an inheritance of T.128.
    Flow,
    /// Another pduType.
    Other(u8),
}

/// Bodies of data PDUs that tell how a session goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataBody {
    /// Set Error Info (2.2.5.1).
    ErrorInfo(ErrorInfo),
    /// Save Session Info (2.2.10.1): infoType 0 to 3.
    SessionInfo(u32),
    /// Status Info (2.2.5.2): statusCode.
    Status(u32),
    /// Control (2.2.1.15.1): action; 1 request, 2 granted, 3 detach, 4 cooperate.
    Control(u16),
    /// Nothing that is told here, or compressed.
    Opaque,
}

fn share_control(data: &[u8], at: u32) -> Result<ShareControl, Malformed> {
    let cut = Malformed::at("share control header", at as usize + data.len());
    let (length, kind) = u16_at(data, 0).zip(u16_at(data, 2)).ok_or(cut)?;
    if length == 0x8000 {
        return Ok(ShareControl { length: 8, source: 0, kind: ShareKind::Flow, at });
    }
    // A Deactivate All that ends before its source is accepted: some stacks send it so.
    let source = u16_at(data, 4).unwrap_or_default();
    let body = data.get(6..).unwrap_or_default();
    let kind = match kind & 0x0f {
        1 => ShareKind::DemandActive(capabilities(body, 4).ok_or(cut)?),
        3 => ShareKind::ConfirmActive(capabilities(body, 6).ok_or(cut)?),
        6 => ShareKind::DeactivateAll,
        7 => data_pdu(body).ok_or(cut)?,
        10 => ShareKind::Redirection,
        other => ShareKind::Other(other as u8),
    };
    Ok(ShareControl { length, source, kind, at })
}

/// Length of the source descriptor, length of the sets, descriptor, number of sets.
fn capabilities(body: &[u8], lengths: usize) -> Option<u16> {
    let descriptor = usize::from(u16_at(body, lengths)?);
    u16_at(body, lengths + 4 + descriptor)
}

/// Share data header: share id 4, pad, stream, length 2, pduType2 @8, compressed type @9, compressed length 2, body.
fn data_pdu(body: &[u8]) -> Option<ShareKind> {
    let (kind, compressed) = (*body.get(8)?, *body.get(9)?);
    let said = body.get(12..).unwrap_or_default();
    let body = match kind {
        _ if compressed & 0x20 != 0 => None,
        0x2f => u32_at(said, 0).map(|code| DataBody::ErrorInfo(ErrorInfo(code))),
        0x26 => u32_at(said, 0).map(DataBody::SessionInfo),
        0x36 => u32_at(said, 0).map(DataBody::Status),
        0x14 => u16_at(said, 0).map(DataBody::Control),
        _ => None,
    };
    Some(ShareKind::Data(kind, body.unwrap_or(DataBody::Opaque)))
}

impl Describe for ShareControl {
    fn name(&self) -> Cow<'static, str> {
        match self.kind {
            ShareKind::DemandActive(_) => "Demand Active",
            ShareKind::ConfirmActive(_) => "Confirm Active",
            ShareKind::DeactivateAll => "Deactivate All",
            ShareKind::Data(kind, _) => find(DATA_TYPES, kind.into()).map_or("Share Data", |row| row.meaning),
            ShareKind::Redirection => "Server Redirection",
            ShareKind::Flow => "Flow Control",
            ShareKind::Other(_) => "Share Control",
        }
        .into()
    }

    fn summary(&self) -> String {
        match self.kind {
            ShareKind::DemandActive(count) | ShareKind::ConfirmActive(count) => format!("{count} capability sets"),
            ShareKind::Data(_, DataBody::ErrorInfo(code)) => code.to_string(),
            ShareKind::Data(_, DataBody::SessionInfo(kind)) => match kind {
                0 => "logged on".into(),
                1 => "logged on (long form)".into(),
                2 => "logged on (plain notification)".into(),
                3 => "extended: reconnect cookie or logon errors".into(),
                other => format!("infoType {other}"),
            },
            ShareKind::Data(_, DataBody::Status(code)) => format!("status {code:#010x}"),
            ShareKind::Data(_, DataBody::Control(action)) => match action {
                1 => "request control".into(),
                2 => "granted control".into(),
                3 => "detach".into(),
                4 => "cooperate".into(),
                other => format!("action {other}"),
            },
            ShareKind::Data(kind, DataBody::Opaque) if find(DATA_TYPES, kind.into()).is_none() => {
                format!("pduType2 {kind:#04x}")
            }
            ShareKind::Other(kind) => format!("pduType {kind}"),
            _ => String::new(),
        }
    }

    fn fields(&self) -> Vec<Field> {
        let at = self.at;
        let mut fields = vec![Field::new("totalLength", self.length.to_string(), at..at + 2)];
        if let ShareKind::Data(kind, body) = self.kind {
            let symbol = find(DATA_TYPES, kind.into()).map_or("unknown", |row| row.symbol);
            fields.push(Field::new("pduType2", format!("{kind:#04x} {symbol}"), at + 14..at + 15));
            let (name, length) = match body {
                DataBody::ErrorInfo(_) => ("errorInfo", 4),
                DataBody::SessionInfo(_) => ("infoType", 4),
                DataBody::Status(_) => ("statusCode", 4),
                DataBody::Control(_) => ("action", 2),
                DataBody::Opaque => return fields,
            };
            fields.push(Field::new(name, self.summary(), at + 18..at + 18 + length));
        }
        fields
    }
}

impl Describe for SecurityPdu {
    fn name(&self) -> Cow<'static, str> {
        match &self.kind {
            SecurityKind::SecurityExchange(_) => "Security Exchange".into(),
            SecurityKind::ClientInfo(_) => "Client Info".into(),
            SecurityKind::License(pdu) => pdu.name(),
            SecurityKind::Redirection => "Server Redirection".into(),
            SecurityKind::Multitransport if self.flags.is_some_and(|flags| flags & 2 != 0) => {
                "Initiate Multitransport Request".into()
            }
            SecurityKind::Multitransport => "Initiate Multitransport Response".into(),
            SecurityKind::AutoDetect => "Auto-Detect".into(),
            SecurityKind::Heartbeat => "Heartbeat".into(),
            SecurityKind::Encrypted if self.flags.is_some_and(|flags| flags & flag::LICENSE != 0) => {
                "Encrypted Licensing".into()
            }
            SecurityKind::Encrypted => "Encrypted PDU".into(),
            SecurityKind::Share(share) => share.name(),
        }
    }

    fn summary(&self) -> String {
        match &self.kind {
            SecurityKind::SecurityExchange(length) => format!("client random, {length} bytes"),
            SecurityKind::ClientInfo(None) => "encrypted".into(),
            SecurityKind::ClientInfo(Some(info)) => match (info.domain.is_empty(), info.user.is_empty()) {
                (_, true) => "no user name".into(),
                (true, _) => format!("user {}", info.user),
                _ => format!("user {}\\{}", info.domain, info.user),
            },
            SecurityKind::License(pdu) => pdu.summary(),
            SecurityKind::Share(share) => share.summary(),
            _ => String::new(),
        }
    }

    fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        if let Some(flags) = self.flags {
            let value = format!("{flags:#06x} {}", bits(SECURITY_FLAGS, flags.into()).join(", "));
            fields.push(Field::new("flags", value.trim_end(), self.at..self.at + 2));
        }
        match &self.kind {
            SecurityKind::ClientInfo(Some(info)) => {
                let at = info.at;
                fields.push(Field::new("CodePage", info.code_page.to_string(), at..at + 4));
                fields.push(Field::new("flags", format!("{:#010x}", info.flags), at + 4..at + 8));
                fields.push(Field::new("Domain", info.domain.to_string(), at + 8..at + 10));
                fields.push(Field::new("UserName", info.user.to_string(), at + 10..at + 12));
            }
            SecurityKind::License(pdu) => fields.extend(pdu.fields()),
            SecurityKind::Share(share) => fields.extend(share.fields()),
            _ => {}
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// total length, type, source | share id, pad, stream, length, pduType2, compressed type and length | errorInfo
    const ERROR_INFO: [u8; 22] = [22, 0, 0x17, 0, 0, 0, 0xea, 3, 1, 0, 0, 1, 4, 0, 0x2f, 0, 0, 0, 0x02, 0x01, 0, 0];

    #[test]
    fn error_info_with_and_without_header() {
        let tls = security_pdu(&ERROR_INFO, 14, false);
        let expected = ShareKind::Data(0x2f, DataBody::ErrorInfo(ErrorInfo(0x102)));
        assert!(matches!(&tls, Ok(SecurityPdu { flags: None, kind: SecurityKind::Share(share), .. })
            if share.kind == expected));
        let with_header = [&[0, 0, 0, 0], ERROR_INFO.as_slice()].concat();
        let standard = security_pdu(&with_header, 14, true);
        assert_eq!(standard.map(|pdu| pdu.summary()), Ok("ERRINFO_LICENSE_NO_LICENSE (0x102)".into()));
    }

    #[test]
    fn license_under_tls_has_a_header() {
        let bytes = [0x80, 0, 0, 0, 0xff, 3, 16, 0, 7, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0];
        let pdu = security_pdu(&bytes, 14, false);
        assert_eq!(pdu.map(|pdu| pdu.name().into_owned()), Ok("License Valid Client".into()));
    }

    #[test]
    fn client_info_in_clear_gives_names_but_no_password() {
        let mut bytes = vec![0x40, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 4, 0, 4, 0, 12, 0, 0, 0, 0, 0];
        bytes.extend_from_slice(b"A\0D\0\0\0j\0d\0\0\0s\0e\0c\0r\0e\0t\0\0\0");
        let pdu = security_pdu(&bytes, 14, false);
        assert_eq!(pdu.as_ref().map(Describe::summary), Ok("user AD\\jd".into()));
        assert!(!format!("{pdu:?}").contains("secret"));
        for end in 0..bytes.len() {
            let _ = security_pdu(&bytes[..end], 14, false).map(|pdu| pdu.fields());
        }
    }

    #[test]
    fn encrypted_stays_closed() {
        let name = |flags: u8, high: u8| {
            security_pdu(&[flags, high, 0, 0, 1, 2, 3, 4], 14, true).map(|pdu| pdu.name().into_owned())
        };
        assert_eq!(name(0x48, 0), Ok("Client Info".into()));
        assert_eq!(name(0x08, 8), Ok("Encrypted PDU".into()));
        assert_eq!(name(0x88, 2), Ok("Encrypted Licensing".into()));
        assert_eq!(name(0x01, 2), Ok("Security Exchange".into()));
    }

    #[test]
    fn any_prefix_is_refused_or_read_without_panic() {
        for flags in 0..=255 {
            let bytes = [&[flags, 0, 0, 0], ERROR_INFO.as_slice()].concat();
            for end in 0..bytes.len() {
                let _ = security_pdu(&bytes[..end], 14, true).map(|pdu| pdu.fields());
                let _ = security_pdu(&bytes[4.min(end)..end], 14, false).map(|pdu| pdu.fields());
            }
        }
    }
}
