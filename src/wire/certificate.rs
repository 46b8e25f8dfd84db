//! An X.509 certificate as a server shows it: whose, by whom, from when to when, for what, how strong.
//!
//! RFC 5280. Read with `x509-parser`; what that refuses is read leniently for names, dates and key size, because a
//! certificate that is not quite right is exactly what one looks for.

use std::borrow::Cow;

use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::oid_registry::{Oid, OidRegistry};
use x509_parser::prelude::{FromDer, X509Name};
use x509_parser::public_key::PublicKey;

use super::certificate_lenient as lenient;
use super::describe::{Describe, Field};
use super::text::Text;

/// Names kept of one certificate: authorities put no more than a hundred into one.
const NAMES: usize = 100;

/// The longest public key that is kept, which is RSA of 8192 bits; bytes. Larger ones check no signature here.
const PUBLIC: usize = 1100;

/// What a certificate says of itself. Shared between all sessions that were shown the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 over the DER form: what people call its thumbprint.
    pub sha256: [u8; 32],
    /// Length of the DER form; bytes.
    pub length: u32,
    /// Distinguished name of the holder.
    pub subject: Text,
    /// Distinguished name of the issuer.
    pub issuer: Text,
    /// The holder's common name alone.
    pub common_name: Text,
    /// Serial number, hexadecimal.
    pub serial: Text,
    /// Start of validity; seconds since the epoch.
    pub not_before: i64,
    /// End of validity; seconds since the epoch.
    pub not_after: i64,
    /// Issuer and subject are the same, byte for byte.
    pub self_signed: bool,
    /// The public key.
    pub key: Key,
    /// Signature algorithm, by its common name (`sha256WithRSAEncryption`) or OID.
    pub signature: Text,
    /// Names it is for: DNS names and addresses of the subject alternative name.
    pub names: Vec<Text>,
    /// There are more of them than were kept.
    pub has_more_names: bool,
    /// Extended key usages by name or OID; empty when the extension is absent.
    pub extended_key_usage: Vec<Text>,
    /// Whether the extended key usage, where present, allows a Remote Desktop server.
    pub allows_server: bool,
    /// digitalSignature in key usage; `None` when the extension is absent.
    pub digital_signature: Option<bool>,
    /// keyEncipherment in key usage; `None` when the extension is absent.
    pub key_encipherment: Option<bool>,
    /// Whether it says it is a certificate authority.
    pub is_authority: bool,
    /// Strict reading failed; only names, dates and key are known.
    pub malformed: bool,
}

/// How a day lies to those for which a certificate was made (RFC 5280 4.1.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Before the first of them.
    Early,
    /// Among them.
    InDate,
    /// Behind the last of them.
    Expired,
}

/// A public key, as far as strength goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// `RSA`, `EC`, `DSA`, or an OID.
    pub algorithm: Text,
    /// Key size; bits.
    pub bits: u32,
    /// subjectPublicKey (RFC 5280 4.1.2.7), the bits themselves; empty when the certificate is malformed or they are too many.
    pub public: Box<[u8]>,
}

impl Key {
    /// Too weak for today's clients: RSA or DSA below 2048 bits, EC below 224 (NIST SP 800-131A).
    #[must_use]
    pub fn is_weak(&self) -> bool {
        match self.algorithm.raw() {
            "RSA" | "DSA" => self.bits < 2048,
            "EC" => self.bits < 224,
            _ => false,
        }
    }
}

impl Certificate {
    /// Reads DER bytes; `None` when not even the dates can be found.
    #[must_use]
    pub fn from_der(der: &[u8]) -> Option<Self> {
        match X509Certificate::from_der(der) {
            Ok((_, parsed)) => Some(strict(der, &parsed)),
            Err(_) => lenient::read(der).map(|skeleton| from_skeleton(der, &skeleton)),
        }
    }

    /// How `time` (seconds since the epoch) lies to the days it was made for.
    #[must_use]
    pub const fn validity_at(&self, time: i64) -> Validity {
        if time > self.not_after {
            Validity::Expired
        } else if time < self.not_before {
            Validity::Early
        } else {
            Validity::InDate
        }
    }

    /// Whether it is out of date at `time` (seconds since the epoch).
    #[must_use]
    pub fn is_expired_at(&self, time: i64) -> bool {
        self.validity_at(time) == Validity::Expired
    }

    /// Whether it is not yet valid at `time` (seconds since the epoch).
    #[must_use]
    pub fn is_early_at(&self, time: i64) -> bool {
        self.validity_at(time) == Validity::Early
    }

    /// MD5 or SHA-1 in the signature of a certificate that somebody else signed or that signs itself.
    #[must_use]
    pub fn has_weak_signature(&self) -> bool {
        let name = self.signature.raw().as_bytes();
        let begins =
            |rest: &[u8], word: &[u8]| rest.get(..word.len()).is_some_and(|own| own.eq_ignore_ascii_case(word));
        (0..name.len()).filter(|at| matches!(name[*at] | 0x20, b'm' | b's')).any(|at| {
            let rest = &name[at..];
            begins(rest, b"md5") || begins(rest, b"md2") || begins(rest, b"sha1") || begins(rest, b"sha-1")
        })
    }

    /// Bytes of memory, roughly.
    #[must_use]
    pub fn memory(&self) -> usize {
        let texts =
            [&self.subject, &self.issuer, &self.common_name, &self.serial, &self.signature, &self.key.algorithm];
        let texts = texts.into_iter().chain(&self.names).chain(&self.extended_key_usage);
        size_of::<Self>()
            + self.key.public.len()
            + texts.map(|text| size_of::<Text>() + text.raw().len()).sum::<usize>()
    }

    /// The shortest good name for a report. Where the subject is empty, the alternative names stand in for it (RFC 5280
    /// 4.1.2.6).
    #[must_use]
    pub fn display_name(&self) -> String {
        match (self.common_name.is_empty(), self.subject.is_empty(), self.names.first()) {
            (false, ..) => format!("CN={}", self.common_name),
            (true, false, _) => self.subject.to_string(),
            (true, true, Some(name)) => name.to_string(),
            (true, true, None) => "no name".into(),
        }
    }
}

fn strict(der: &[u8], parsed: &X509Certificate<'_>) -> Certificate {
    let spki = parsed.public_key();
    let algorithm = match spki.parsed() {
        Ok(PublicKey::RSA(_)) => "RSA".into(),
        Ok(PublicKey::EC(_)) => "EC".into(),
        Ok(PublicKey::DSA(_)) => "DSA".into(),
        _ => algorithm_name(&spki.algorithm.algorithm),
    };
    let bits = match algorithm.raw() {
        "ed25519" => 256,
        "ed448" => 456,
        _ => spki.parsed().map_or(0, |key| key_bits(&key)),
    };
    let public =
        Some(spki.subject_public_key.data.as_ref()).filter(|public| public.len() <= PUBLIC).unwrap_or_default();
    let mut certificate = Certificate {
        sha256: Sha256::digest(der).into(),
        length: der.len() as u32,
        subject: distinguished(parsed.subject()),
        issuer: distinguished(parsed.issuer()),
        common_name: common_name(parsed.subject()),
        serial: Text::from(super::text::hex(parsed.raw_serial()).as_str()),
        not_before: parsed.validity().not_before.timestamp(),
        not_after: parsed.validity().not_after.timestamp(),
        self_signed: parsed.subject().as_raw() == parsed.issuer().as_raw(),
        key: Key { algorithm, bits, public: public.into() },
        signature: algorithm_name(&parsed.signature_algorithm.algorithm),
        names: Vec::new(),
        has_more_names: false,
        extended_key_usage: Vec::new(),
        allows_server: true,
        digital_signature: None,
        key_encipherment: None,
        is_authority: false,
        malformed: false,
    };
    for extension in parsed.extensions() {
        note_extension(&mut certificate, extension.parsed_extension());
    }
    certificate
}

fn note_extension(certificate: &mut Certificate, extension: &ParsedExtension<'_>) {
    match extension {
        ParsedExtension::SubjectAlternativeName(names) => {
            let mut texts = names.general_names.iter().filter_map(|name| match name {
                GeneralName::DNSName(name) => Some(Text::from(*name)),
                GeneralName::IPAddress(bytes) => address(bytes),
                _ => None,
            });
            certificate.names.extend(texts.by_ref().take(NAMES));
            certificate.has_more_names = texts.next().is_some();
        }
        ParsedExtension::ExtendedKeyUsage(usage) => {
            let flags = [
                (usage.any, "anyExtendedKeyUsage"),
                (usage.server_auth, "serverAuth"),
                (usage.client_auth, "clientAuth"),
                (usage.code_signing, "codeSigning"),
                (usage.email_protection, "emailProtection"),
                (usage.time_stamping, "timeStamping"),
                (usage.ocsp_signing, "OCSPSigning"),
            ];
            certificate
                .extended_key_usage
                .extend(flags.iter().filter(|(set, _)| *set).map(|(_, name)| Text::from(*name)));
            let other = usage.other.iter().take(NAMES).map(|oid| Text::from(usage_name(&oid.to_id_string())));
            certificate.extended_key_usage.extend(other);
            // Remote Desktop Authentication, 1.3.6.1.4.1.311.54.1.2, is as good as Server Authentication here.
            let remote_desktop = usage.other.iter().any(|oid| oid.to_id_string() == REMOTE_DESKTOP_AUTHENTICATION);
            certificate.allows_server = usage.any || usage.server_auth || remote_desktop;
        }
        ParsedExtension::KeyUsage(usage) => {
            certificate.digital_signature = Some(usage.digital_signature());
            certificate.key_encipherment = Some(usage.key_encipherment());
        }
        ParsedExtension::BasicConstraints(constraints) => certificate.is_authority = constraints.ca,
        _ => {}
    }
}

const REMOTE_DESKTOP_AUTHENTICATION: &str = "1.3.6.1.4.1.311.54.1.2";

fn usage_name(oid: &str) -> &str {
    if oid == REMOTE_DESKTOP_AUTHENTICATION { "remoteDesktopAuthentication" } else { oid }
}

fn key_bits(key: &PublicKey<'_>) -> u32 {
    // x509-parser counts an EC key by its point; the two coordinates are one key.
    let bits = match key {
        // Those of P-521 do not fill their last byte.
        PublicKey::EC(point) => {
            if point.key_size() == 528 {
                521
            } else {
                point.key_size()
            }
        }
        PublicKey::RSA(rsa) => {
            let modulus: &[u8] = rsa.modulus;
            let leading = modulus.iter().take_while(|byte| **byte == 0).count();
            modulus.get(leading).map_or(0, |first| (modulus.len() - leading) * 8 - first.leading_zeros() as usize)
        }
        other => other.key_size(),
    };
    u32::try_from(bits).unwrap_or(u32::MAX)
}

fn from_skeleton(der: &[u8], skeleton: &lenient::Skeleton<'_>) -> Certificate {
    Certificate {
        sha256: Sha256::digest(der).into(),
        length: der.len() as u32,
        subject: lenient::name(skeleton.subject),
        issuer: lenient::name(skeleton.issuer),
        common_name: lenient::common_name(skeleton.subject),
        serial: Text::from(super::text::hex(skeleton.serial).as_str()),
        not_before: skeleton.not_before,
        not_after: skeleton.not_after,
        self_signed: skeleton.subject == skeleton.issuer,
        key: Key { algorithm: "unknown".into(), bits: 0, public: Box::default() },
        signature: "unknown".into(),
        names: Vec::new(),
        has_more_names: false,
        extended_key_usage: Vec::new(),
        allows_server: true,
        digital_signature: None,
        key_encipherment: None,
        is_authority: false,
        malformed: true,
    }
}

fn distinguished(name: &X509Name<'_>) -> Text {
    Text::from(name.to_string().as_str())
}

fn common_name(name: &X509Name<'_>) -> Text {
    let last = name.iter_common_name().last();
    last.and_then(|attribute| attribute.as_str().ok()).map(Text::from).unwrap_or_default()
}

fn address(bytes: &[u8]) -> Option<Text> {
    let ip = match *bytes {
        [a, b, c, d] => std::net::IpAddr::from([a, b, c, d]),
        _ => std::net::IpAddr::from(<[u8; 16]>::try_from(bytes).ok()?),
    };
    Some(Text::from(ip.to_string().as_str()))
}

fn algorithm_name(oid: &Oid<'_>) -> Text {
    thread_local! {
        static REGISTRY: OidRegistry<'static> = OidRegistry::default().with_all_crypto().with_x509();
    }
    let known = REGISTRY.with(|registry| registry.get(oid).map(|entry| entry.sn().to_owned()));
    Text::from(known.unwrap_or_else(|| oid.to_id_string()).as_str())
}

impl Describe for Certificate {
    fn name(&self) -> Cow<'static, str> {
        "Certificate".into()
    }

    fn summary(&self) -> String {
        self.display_name()
    }

    fn fields(&self) -> Vec<Field> {
        let derived = |name: &'static str, value: String| Field::new(name, value, 0..0);
        let list = |items: &[Text]| items.iter().map(Text::to_string).collect::<Vec<_>>().join(", ");
        let mut fields = vec![
            derived("subject", self.subject.to_string()),
            derived("issuer", self.issuer.to_string()),
            derived("serialNumber", self.serial.to_string()),
            derived("subjectPublicKey", format!("{} {} bits", self.key.algorithm, self.key.bits)),
            derived("signatureAlgorithm", self.signature.to_string()),
        ];
        if !self.names.is_empty() {
            fields.push(derived("subjectAltName", list(&self.names)));
        }
        if !self.extended_key_usage.is_empty() {
            fields.push(derived("extKeyUsage", list(&self.extended_key_usage)));
        }
        fields
    }
}

/// A Certificate message up to TLS 1.2: the leaf, read, and how many came with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateChain {
    /// The server's own certificate; `None` when it could not be read at all or the list was empty.
    pub leaf: Option<std::sync::Arc<Certificate>>,
    /// Of those that came with it and that somebody else signed, the one that ends first. A root is in the client's own store.
    pub first_to_end: Option<std::sync::Arc<Certificate>>,
    /// Certificates sent, the leaf included.
    pub count: u32,
}

impl Describe for CertificateChain {
    fn name(&self) -> Cow<'static, str> {
        "Certificate".into()
    }

    fn summary(&self) -> String {
        match (&self.leaf, self.count) {
            (Some(leaf), _) => leaf.display_name(),
            (None, 0) => "no certificate".into(),
            (None, _) => "a certificate that cannot be read".into(),
        }
    }

    fn fields(&self) -> Vec<Field> {
        let mut fields = vec![Field::new("certificate_list", format!("{} certificates", self.count), 4..7)];
        if let Some(leaf) = &self.leaf {
            fields.extend(leaf.fields());
        }
        fields
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A self-made certificate: CN=RDS-LEG01.corp.example, RSA 2048, ended 2026-03-09 03:41:12 UTC.
    pub(in crate::wire) fn sample() -> Certificate {
        Certificate {
            sha256: [0; 32],
            length: 0,
            subject: "CN=rds01.corp.example".into(),
            issuer: "CN=rds01.corp.example".into(),
            common_name: "rds01.corp.example".into(),
            serial: "01".into(),
            not_before: 1_000,
            not_after: 2_000,
            self_signed: true,
            key: Key { algorithm: "RSA".into(), bits: 1024, public: Box::default() },
            signature: "sha1WithRSAEncryption".into(),
            names: Vec::new(),
            has_more_names: false,
            extended_key_usage: Vec::new(),
            allows_server: true,
            digital_signature: None,
            key_encipherment: None,
            is_authority: false,
            malformed: false,
        }
    }

    #[test]
    fn validity_is_judged_at_a_time() {
        let certificate = sample();
        assert!(certificate.is_expired_at(2_001) && !certificate.is_expired_at(2_000));
        assert!(certificate.is_early_at(999) && !certificate.is_early_at(1_000));
    }

    #[test]
    fn weakness() {
        assert!(sample().key.is_weak() && sample().has_weak_signature());
    }

    #[test]
    fn garbage_is_refused() {
        assert_eq!(Certificate::from_der(&[]), None);
        assert_eq!(Certificate::from_der(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
    }
}
