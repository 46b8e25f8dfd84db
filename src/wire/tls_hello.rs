//! ClientHello and ServerHello: what each side can do, wants, and chose.
//!
//! RFC 8446 [4.1.2] and [4.1.3], RFC 5246 7.4.1. The bodies come from `tls-parser`; the extensions are walked here,
//! because real peers send some that a strict parser refuses.
//!
//! [4.1.2]: https://www.rfc-editor.org/rfc/rfc8446#section-4.1.2
//! [4.1.3]: https://www.rfc-editor.org/rfc/rfc8446#section-4.1.3

use std::borrow::Cow;

use tls_parser::{TlsCipherEnc, TlsCipherEncMode, TlsCipherMac, TlsCipherSuite};

use super::describe::{Describe, Field, Malformed};
use super::text::Text;
use crate::knowledge::tls::{Protection, Version, group_name, is_grease};

/// random of a ServerHello that is a HelloRetryRequest (RFC 8446 4.1.3).
const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// Extension types that matter here (RFC 8446 4.2).
pub(super) mod extension {
    pub(crate) const SERVER_NAME: u16 = 0;
    pub(crate) const SUPPORTED_GROUPS: u16 = 10;
    pub(crate) const EC_POINT_FORMATS: u16 = 11;
    pub(crate) const SIGNATURE_ALGORITHMS: u16 = 13;
    pub(crate) const ALPN: u16 = 16;
    pub(crate) const PRE_SHARED_KEY: u16 = 41;
    pub(crate) const SUPPORTED_VERSIONS: u16 = 43;
}

/// A ClientHello. Keeps the message body as it came: its parts are read when somebody asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientHello {
    body: Box<[u8]>,
}

/// The parts of a ClientHello, borrowed from its body: a look costs next to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientHelloView<'a> {
    /// client_version, legacy in TLS 1.3.
    pub legacy_version: Version,
    ciphers: &'a [u8],
    extensions: Extensions<'a>,
}

/// Reads the body of a ClientHello (after the four bytes of the handshake header).
///
/// # Errors
/// [`Malformed`] when `tls-parser` cannot make a ClientHello of it.
pub fn client_hello(body: &[u8]) -> Result<ClientHelloView<'_>, Malformed> {
    tls_parser::parse_tls_handshake_client_hello(body).map_err(|_| Malformed::at("ClientHello", 4))?;
    Ok(parts(body).unwrap_or_default())
}

/// The parts of a body that is known to be well made.
fn parts(body: &[u8]) -> Option<ClientHelloView<'_>> {
    let (version, rest) = body.split_first_chunk::<2>()?;
    let (_random, rest) = rest.split_at_checked(32)?;
    let (length, rest) = rest.split_first()?;
    let (_session, rest) = rest.split_at_checked(usize::from(*length))?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (ciphers, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let (length, rest) = rest.split_first()?;
    let (_compressions, rest) = rest.split_at_checked(usize::from(*length))?;
    let extensions = rest.split_first_chunk::<2>();
    let extensions = extensions.and_then(|(length, rest)| rest.get(..usize::from(u16::from_be_bytes(*length))));
    Some(ClientHelloView {
        legacy_version: Version(u16::from_be_bytes(*version)),
        ciphers,
        extensions: Extensions(extensions.unwrap_or_default()),
    })
}

/// Extensions, one after the other: type u16, length u16, data; what is cut or lies about its length ends the walk.
#[derive(Clone, Copy, Debug, Default)]
struct Extensions<'a>(&'a [u8]);

impl<'a> Iterator for Extensions<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let [a, b, c, d, rest @ ..] = self.0 else { return None };
        let length = usize::from(u16::from_be_bytes([*c, *d]));
        let (data, tail) = rest.split_at_checked(length)?;
        self.0 = tail;
        Some((u16::from_be_bytes([*a, *b]), data))
    }
}

/// Big-endian u16s.
fn numbers(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
}

impl<'a> ClientHelloView<'a> {
    /// cipher_suites as offered, GREASE included.
    pub fn ciphers(&self) -> impl Iterator<Item = u16> + 'a {
        numbers(self.ciphers)
    }

    /// extensions in order: type and data.
    pub fn extensions(&self) -> impl Iterator<Item = (u16, &'a [u8])> {
        self.extensions
    }

    fn extension(&self, wanted: u16) -> Option<&'a [u8]> {
        self.extensions().find(|(kind, _)| *kind == wanted).map(|(_, data)| data)
    }

    /// server_name: what the user typed, also an address (Windows).
    #[must_use]
    pub fn server_name(&self) -> Option<&'a [u8]> {
        /* 2 list length + 1 type + 2 name length */
        let data = self.extension(extension::SERVER_NAME)?;
        let length = usize::from(u16::from_be_bytes([*data.get(3)?, *data.get(4)?]));
        data.get(5..5 + length).filter(|name| !name.is_empty())
    }

    /// Whether it lists the versions it takes. A client that does not names the best of them only (RFC 8446 4.2.1).
    #[must_use]
    pub fn lists_versions(&self) -> bool {
        self.extension(extension::SUPPORTED_VERSIONS).is_some()
    }

    /// All versions offered, best first, without GREASE.
    #[must_use]
    pub fn versions(&self) -> Vec<Version> {
        let mut versions: Vec<Version> = self.listed_versions().map(Version).collect();
        if self.extension(extension::SUPPORTED_VERSIONS).is_none() {
            versions.push(self.legacy_version);
        }
        versions.sort_unstable_by(|a, b| b.cmp(a));
        versions
    }

    /// supported_versions without GREASE, as they stand there.
    pub(super) fn listed_versions(&self) -> impl Iterator<Item = u16> + 'a {
        let list = self.extension(extension::SUPPORTED_VERSIONS).and_then(|data| data.get(1..)).unwrap_or_default();
        numbers(list).filter(|value| !is_grease(*value))
    }

    /// supported_groups without GREASE.
    #[must_use]
    pub fn groups(&self) -> Vec<u16> {
        let list = self.extension(extension::SUPPORTED_GROUPS).and_then(|data| data.get(2..)).unwrap_or_default();
        numbers(list).filter(|value| !is_grease(*value)).collect()
    }

    /// signature_algorithms without GREASE.
    #[must_use]
    pub fn signature_algorithms(&self) -> Vec<u16> {
        let list = self.extension(extension::SIGNATURE_ALGORITHMS).and_then(|data| data.get(2..)).unwrap_or_default();
        numbers(list).filter(|value| !is_grease(*value)).collect()
    }

    /// ec_point_formats.
    #[must_use]
    pub fn point_formats(&self) -> &'a [u8] {
        self.extension(extension::EC_POINT_FORMATS).and_then(|data| data.get(1..)).unwrap_or_default()
    }

    /// The first protocol name of ALPN.
    #[must_use]
    pub fn first_alpn(&self) -> Option<&'a [u8]> {
        let data = self.extension(extension::ALPN)?;
        data.get(3..3 + usize::from(*data.get(2)?)).filter(|name| !name.is_empty())
    }
}

impl ClientHello {
    /// Takes a copy of a body that [`client_hello`] can read.
    ///
    /// # Errors
    /// [`Malformed`] when it cannot.
    pub fn from_body(body: &[u8]) -> Result<Self, Malformed> {
        client_hello(body)?;
        Ok(Self { body: body.into() })
    }

    /// Its parts.
    #[must_use]
    pub fn view(&self) -> ClientHelloView<'_> {
        // The body was read once before it was kept, so there always are some.
        parts(&self.body).unwrap_or_default()
    }

    /// client_version as it came.
    #[must_use]
    pub fn version_bytes(&self) -> Option<&[u8]> {
        self.body.get(..2)
    }

    /// Length of the message with its header; bytes.
    #[must_use]
    pub const fn length(&self) -> usize {
        self.body.len() + 4
    }

    /// server_name as text.
    #[must_use]
    pub fn server_name(&self) -> Option<Text> {
        self.view().server_name().map(Text::from_bytes)
    }
}

/// `TLS 1.2 and 1.3`, `TLS 1.0`, from a list sorted best first.
fn version_range(versions: &[Version]) -> String {
    match versions {
        [] => "no TLS version".into(),
        [one] => one.to_string(),
        [best, .., least] => format!("{least} to {}", best.number()),
    }
}

impl Describe for ClientHello {
    fn name(&self) -> Cow<'static, str> {
        "ClientHello".into()
    }

    fn summary(&self) -> String {
        let view = self.view();
        let name = match view.server_name() {
            Some(name) => format!("to {}", Text::from_bytes(name)),
            None => "no SNI".into(),
        };
        format!("{}, {name}", version_range(&view.versions()))
    }

    fn fields(&self) -> Vec<Field> {
        let view = self.view();
        let list = |items: Vec<String>| items.join(", ");
        let end = self.length() as u32;
        let mut fields = vec![
            Field::new("legacy_version", view.legacy_version.to_string(), 4..6),
            Field::new("versions", list(view.versions().iter().map(Version::to_string).collect()), 0..0),
            Field::new(
                "cipher_suites",
                list(view.ciphers().filter(|id| !is_grease(*id)).map(suite_name).collect()),
                39..end,
            ),
            Field::new("supported_groups", list(view.groups().iter().map(|id| group_name(*id)).collect()), 0..0),
        ];
        if let Some(name) = self.server_name() {
            fields.push(Field::new("server_name", name.to_string(), 0..0));
        }
        fields
    }
}

/// A ServerHello or HelloRetryRequest.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServerHello {
    /// The version chosen: supported_versions where present, else the legacy field.
    pub version: Version,
    /// cipher_suite.
    pub cipher: u16,
    /// The group chosen (key_share), where told here.
    pub group: Option<u16>,
    /// Whether it asks for another ClientHello instead of accepting this one.
    pub is_retry: bool,
    /// The server can do better and was made not to: the mark of RFC 8446 4.1.3 in its random.
    pub downgrade_mark: bool,
    /// Extension types in order, for fingerprints.
    pub extensions: Box<[u16]>,
    legacy_version: Version,
}

impl ServerHello {
    /// Reads the body of a ServerHello (after the four bytes of the handshake header).
    ///
    /// # Errors
    /// [`Malformed`] when it is none.
    pub fn from_body(body: &[u8]) -> Result<Self, Malformed> {
        let (_, hello) =
            tls_parser::parse_tls_handshake_server_hello(body).map_err(|_| Malformed::at("ServerHello", 4))?;
        let mut extensions = Extensions(hello.ext.unwrap_or_default());
        let data = |wanted: u16| {
            let mut all = extensions;
            all.find(|(kind, _)| *kind == wanted).and_then(|(_, data)| data.get(..2))
        };
        let number = |bytes: &[u8]| u16::from_be_bytes([bytes[0], bytes[1]]); // `get(..2)` gave two bytes
        let legacy_version = Version(hello.version.0);
        Ok(Self {
            version: data(extension::SUPPORTED_VERSIONS).map_or(legacy_version, |bytes| Version(number(bytes))),
            cipher: hello.cipher.0,
            group: data(51).map(number),
            is_retry: hello.random == RETRY_RANDOM,
            downgrade_mark: matches!(hello.random.get(24..), Some(b"DOWNGRD\x00" | b"DOWNGRD\x01")),
            extensions: extensions.by_ref().take(64).map(|(kind, _)| kind).collect(),
            legacy_version,
        })
    }

    /// The version field as JA3S wants it.
    #[must_use]
    pub const fn legacy_version(&self) -> Version {
        self.legacy_version
    }

    /// TLS 1.3: it takes up an earlier session, so that no certificate is shown again (pre_shared_key, RFC 8446 2.2).
    #[must_use]
    pub fn resumes(&self) -> bool {
        self.version >= Version::TLS13 && self.extensions.contains(&extension::PRE_SHARED_KEY)
    }

    /// How its cipher suite protects records.
    #[must_use]
    pub fn protection(&self) -> Protection {
        protection(self.version, self.cipher)
    }
}

impl Describe for ServerHello {
    fn name(&self) -> Cow<'static, str> {
        if self.is_retry { "HelloRetryRequest".into() } else { "ServerHello".into() }
    }

    fn summary(&self) -> String {
        match (self.is_retry, self.group) {
            (true, Some(group)) => format!("wants another key share: {}", group_name(group)),
            _ => format!("{}, {}", self.version, suite_name(self.cipher)),
        }
    }

    fn fields(&self) -> Vec<Field> {
        let mut fields = vec![
            Field::new("version", self.version.to_string(), 4..6),
            Field::new("cipher_suite", suite_name(self.cipher), 0..0),
        ];
        if let Some(group) = self.group {
            fields.push(Field::new("key_share", group_name(group), 0..0));
        }
        if self.downgrade_mark {
            fields.push(Field::new("random", "ends in the downgrade mark", 30..38));
        }
        fields
    }
}

/// The IANA name of a cipher suite, or its number.
#[must_use]
pub fn suite_name(suite: u16) -> String {
    match (TlsCipherSuite::from_id(suite), suite) {
        (Some(known), _) => known.name.into(),
        (None, 0x00ff) => "TLS_EMPTY_RENEGOTIATION_INFO_SCSV".into(),
        (None, 0x5600) => "TLS_FALLBACK_SCSV".into(),
        (None, _) => format!("{suite:#06x}"),
    }
}

/// How `suite` protects records under `version` (RFC 5288, RFC 6655, RFC 7905, RFC 8446 5.2).
#[must_use]
pub fn protection(version: Version, suite: u16) -> Protection {
    let known = TlsCipherSuite::from_id(suite);
    let short_tag = known.is_some_and(|known| known.name.contains("CCM_8"));
    if version >= Version::TLS13 {
        // The tag and the hidden content type.
        return Protection::Aead(if short_tag { 9 } else { 17 });
    }
    let Some(known) = known else { return Protection::Unknown };
    match (known.enc, known.enc_mode, known.mac) {
        (TlsCipherEnc::Chacha20_Poly1305, ..) => Protection::Aead(16),
        // 8 bytes of explicit nonce and the tag.
        (_, TlsCipherEncMode::Gcm | TlsCipherEncMode::Ccm, _) => Protection::Aead(if short_tag { 16 } else { 24 }),
        (TlsCipherEnc::Rc4, _, TlsCipherMac::HmacMd5) => Protection::Stream(16),
        (TlsCipherEnc::Rc4, ..) => Protection::Stream(20),
        (cipher, TlsCipherEncMode::Cbc, _) => {
            let is_short =
                matches!(cipher, TlsCipherEnc::Des | TlsCipherEnc::TripleDes | TlsCipherEnc::Rc2 | TlsCipherEnc::Idea);
            Protection::Cbc { mac: known.mac_length() as u16, block: if is_short { 8 } else { 16 } }
        }
        _ => Protection::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::tls::{plaintext_length, plaintext_range};

    fn hello(extensions: &[u8]) -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend_from_slice(&[7; 32]);
        body.push(0); // session id
        body.extend_from_slice(&[0, 4, 0xc0, 0x30, 0x1a, 0x1a]);
        body.extend_from_slice(&[1, 0]); // compression
        body.extend_from_slice(&(extensions.len() as u16).to_be_bytes());
        body.extend_from_slice(extensions);
        body
    }

    #[test]
    fn sni_and_versions() {
        let body = hello(&[
            0, 0, 0, 9, 0, 7, 0, 0, 4, b'd', b'c', b'0', b'1', // server_name
            0, 43, 0, 7, 6, 0x2a, 0x2a, 3, 4, 3, 3, // supported_versions with GREASE
        ]);
        let hello = ClientHello::from_body(&body).expect("well made");
        assert_eq!(hello.server_name().as_ref().map(Text::raw), Some("dc01"));
        assert_eq!(hello.view().versions(), [Version::TLS13, Version::TLS12]);
        assert_eq!(hello.summary(), "TLS 1.2 to 1.3, to dc01");
    }

    #[test]
    fn hostile_lengths_do_not_panic() {
        let body = hello(&[0, 0, 0, 5, 0, 0xff, 0, 0xff, 0xff, 0, 43, 0, 1, 9, 0, 16, 0, 3, 0, 0, 0xff, 0, 10, 0, 0]);
        for end in 0..=body.len() {
            if let Ok(hello) = ClientHello::from_body(&body[..end]) {
                let view = hello.view();
                let _ = (view.versions(), view.groups(), view.first_alpn(), view.server_name(), view.point_formats());
                let _ = (hello.summary(), hello.fields());
            }
        }
    }

    #[test]
    fn record_overhead() {
        let size = |version, suite, record| plaintext_length(protection(version, suite), record);
        assert_eq!(size(Version::TLS13, 0x1302, 19), Some(2));
        assert_eq!(size(Version::TLS12, 0xc030, 83), Some(59));
        assert_eq!(size(Version::TLS12, 0xcca8, 75), Some(59));
        assert_eq!(size(Version::TLS12, 0xc014, 80), None);
        // With CBC only a range: HMAC-SHA1, SHA256, SHA384; 3DES; TLS 1.0 has no IV in the record.
        let range = |version, suite, record| plaintext_range(protection(version, suite), version, record);
        assert_eq!(range(Version::TLS12, 0xc014, 64), Some((12, 27)));
        assert_eq!(range(Version::TLS12, 0xc027, 64), Some((0, 15)));
        assert_eq!(range(Version::TLS12, 0xc028, 80), Some((0, 15)));
        assert_eq!(range(Version::TLS12, 0x000a, 48), Some((12, 19)));
        assert_eq!(range(Version::TLS10, 0x002f, 48), Some((12, 27)));
        assert_eq!(range(Version::TLS12, 0xc030, 83), Some((59, 59)));
        assert_eq!(range(Version::TLS12, 0xc028, 7), Some((0, 0)));
        assert_eq!(suite_name(0xc030), "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
    }
}
