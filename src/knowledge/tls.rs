//! Numbers of TLS: alerts, versions, what a record's length tells. Sources: RFC 8446, RFC 5246, the IANA registry.

use std::fmt;

use super::code::{Code, find};

/// A TLS protocol version as on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Version(pub u16);

#[allow(missing_docs)] // their names say it
impl Version {
    pub const SSL3: Self = Self(0x0300);
    pub const TLS10: Self = Self(0x0301);
    pub const TLS11: Self = Self(0x0302);
    pub const TLS12: Self = Self(0x0303);
    pub const TLS13: Self = Self(0x0304);

    /// `1.2`, as JSON and the filter write it.
    #[must_use]
    pub fn number(self) -> String {
        match self.0 {
            0x0300 => "ssl3".into(),
            0x0301..=0x0304 => format!("1.{}", (self.0 & 0xff) - 1),
            // Drafts of 1.3 (RFC 8446 before publication) wrote 0x7fNN.
            0x7f00..=0x7fff => "1.3".into(),
            other => format!("{other:#06x}"),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0x0300 => f.write_str("SSL 3.0"),
            _ => write!(f, "TLS {}", self.number()),
        }
    }
}

/// Alert descriptions (RFC 8446 6, with those of older versions) and what they mean when a Remote Desktop session sees them.
pub static ALERTS: &[Code] = &[
    Code::new(0, "close_notify", "orderly end of the TLS stream"),
    Code::new(10, "unexpected_message", "a message out of order, or bytes that are no TLS"),
    Code::new(20, "bad_record_mac", "a record was altered on the way, or the keys differ"),
    Code::new(21, "decryption_failed", "decryption failed (old versions)"),
    Code::new(22, "record_overflow", "a record longer than allowed: damage, or no TLS"),
    Code::new(30, "decompression_failure", "decompression failed (old versions)"),
    Code::new(40, "handshake_failure", "no cipher suite, group or signature algorithm in common"),
    Code::new(41, "no_certificate", "no certificate (SSL 3.0)"),
    Code::new(42, "bad_certificate", "the certificate is not acceptable: damaged, not yet valid, or for another name"),
    Code::new(43, "unsupported_certificate", "a certificate of a type or usage that is not supported"),
    Code::new(44, "certificate_revoked", "the certificate was revoked"),
    Code::new(45, "certificate_expired", "the certificate is out of date by the sender's clock"),
    Code::new(46, "certificate_unknown", "the certificate is not acceptable, for a reason not told"),
    Code::new(47, "illegal_parameter", "a handshake field contradicts another"),
    Code::new(48, "unknown_ca", "the issuer of the certificate is not trusted"),
    Code::new(49, "access_denied", "access refused; CredSSP uses it for a failed logon"),
    Code::new(50, "decode_error", "a message could not be decoded"),
    Code::new(51, "decrypt_error", "a signature or Finished did not verify: key and certificate do not fit"),
    Code::new(52, "too_many_cids_requested", "too many connection ids (DTLS 1.3)"),
    Code::new(60, "export_restriction", "export restriction (old versions)"),
    Code::new(70, "protocol_version", "no TLS version in common"),
    Code::new(71, "insufficient_security", "the peer wants stronger parameters than were offered"),
    Code::new(80, "internal_error", "the sender failed by itself; on a Windows server often the private key"),
    Code::new(86, "inappropriate_fallback", "a fallback although a better version is possible"),
    Code::new(90, "user_canceled", "the user cancelled the handshake"),
    Code::new(100, "no_renegotiation", "no renegotiation wanted"),
    Code::new(109, "missing_extension", "an extension that TLS 1.3 demands is missing"),
    Code::new(110, "unsupported_extension", "an extension that nobody asked for"),
    Code::new(111, "certificate_unobtainable", "the certificate could not be fetched (old versions)"),
    Code::new(112, "unrecognized_name", "the server does not know the name the client typed"),
    Code::new(113, "bad_certificate_status_response", "the stapled OCSP answer is bad"),
    Code::new(114, "bad_certificate_hash_value", "a certificate hash is wrong (old versions)"),
    Code::new(115, "unknown_psk_identity", "no such pre-shared key or ticket"),
    Code::new(116, "certificate_required", "the server wanted a client certificate"),
    Code::new(117, "general_error", "an error without a name"),
    Code::new(120, "no_application_protocol", "no application protocol in common: a web proxy on this port?"),
    Code::new(121, "ech_required", "encrypted ClientHello demanded"),
];

/// What Schannel reports to the program when such an alert arrives; the HRESULT of that name is in [`super::status`].
#[rustfmt::skip]
const SCHANNEL: &[(u32, &str)] = &[
    (10, "SEC_E_ILLEGAL_MESSAGE"), (20, "SEC_E_MESSAGE_ALTERED"), (21, "SEC_E_DECRYPT_FAILURE"), (22, "SEC_E_ILLEGAL_MESSAGE"),
    (30, "SEC_E_MESSAGE_ALTERED"), (40, "SEC_E_ILLEGAL_MESSAGE"), (42, "SEC_E_CERT_UNKNOWN"), (43, "SEC_E_CERT_UNKNOWN"),
    (44, "CRYPT_E_REVOKED"), (45, "SEC_E_CERT_EXPIRED"), (46, "SEC_E_CERT_UNKNOWN"), (47, "SEC_E_ILLEGAL_MESSAGE"),
    (48, "SEC_E_UNTRUSTED_ROOT"), (49, "SEC_E_LOGON_DENIED"), (50, "SEC_E_ILLEGAL_MESSAGE"), (51, "SEC_E_DECRYPT_FAILURE"),
    (60, "SEC_E_ILLEGAL_MESSAGE"), (70, "SEC_E_UNSUPPORTED_FUNCTION"), (71, "SEC_E_ALGORITHM_MISMATCH"),
    (80, "SEC_E_INTERNAL_ERROR"), (100, "SEC_E_NO_RENEGOTIATION"), (110, "SEC_E_UNSUPPORTED_EXTENSION"),
    (120, "SEC_E_APPLICATION_PROTOCOL_MISMATCH"),
];

/// What a Windows that receives this alert calls it.
#[must_use]
pub fn schannel_error(description: u32) -> Option<&'static str> {
    SCHANNEL.iter().find(|row| row.0 == description).map(|row| row.1)
}

/// The symbol of an alert description, or `alert NN`.
#[must_use]
pub fn alert_name(description: u8) -> String {
    find(ALERTS, u32::from(description)).map_or_else(|| format!("alert {description}"), |code| code.symbol.into())
}

/// How a cipher suite protects records, as far as lengths tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// AEAD: a record is its plaintext and this many bytes more.
    Aead(u16),
    /// CBC with a MAC of `mac` bytes: padded to blocks of 8 or 16 bytes, so that sizes are known to a block.
    Cbc {
        /// Bytes of the MAC.
        mac: u16,
        /// Bytes of a block.
        block: u16,
    },
    /// A stream cipher with a MAC of so many bytes (RC4).
    Stream(u16),
    /// Not known.
    Unknown,
}

/// The plaintext bytes inside a protected record of `record` bytes, where the length tells it exactly.
#[must_use]
pub fn plaintext_length(protection: Protection, record: u16) -> Option<u16> {
    match protection {
        Protection::Aead(overhead) | Protection::Stream(overhead) => record.checked_sub(overhead),
        Protection::Cbc { .. } | Protection::Unknown => None,
    }
}

/// The least and most bytes of plaintext that a protected record of `record` bytes may hold; `None` where nothing is known
/// of its protection.
///
/// CBC adds a MAC and 1 to a block's bytes of padding, since TLS 1.1 an explicit IV before it (RFC 5246 6.2.3.2). Whether
/// the MAC is padded with the rest or stands behind it (RFC 7366) moves the blocks, not these bounds. More padding is
/// allowed; no stack of Remote Desktop makes use of that.
#[must_use]
pub fn plaintext_range(protection: Protection, version: Version, record: u16) -> Option<(u16, u16)> {
    match protection {
        Protection::Cbc { mac, block } => {
            let iv = if version >= Version::TLS11 { block } else { 0 };
            Some((record.saturating_sub(iv + mac + block), record.saturating_sub(iv + mac + 1)))
        }
        _ => plaintext_length(protection, record).map(|exact| (exact, exact)),
    }
}

/// The IANA name of a named group, or its number.
#[must_use]
pub fn group_name(group: u16) -> String {
    let name = match group {
        0x0017 => "secp256r1",
        0x0018 => "secp384r1",
        0x0019 => "secp521r1",
        0x001d => "x25519",
        0x001e => "x448",
        0x0100..=0x0104 => return format!("ffdhe{}", [2048, 3072, 4096, 6144, 8192][usize::from(group - 0x100)]),
        0x11eb => "SecP256r1MLKEM768",
        0x11ec => "X25519MLKEM768",
        0x11ed => "SecP384r1MLKEM1024",
        0x6399 => "X25519Kyber768Draft00",
        _ => return format!("{group:#06x}"),
    };
    name.into()
}

/// GREASE values (RFC 8701): random placeholders that say nothing.
#[must_use]
pub const fn is_grease(value: u16) -> bool {
    value & 0x0f0f == 0x0a0a && value >> 8 == value & 0xff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(alert_name(45), "certificate_expired");
        assert_eq!(Version::TLS12.to_string(), "TLS 1.2");
        assert!(is_grease(0x3a3a) && !is_grease(0x1301));
    }
}
