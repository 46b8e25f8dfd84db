//! TLS handshake messages: their header, and those of which only the name, the size or a list of certificates matters.
//!
//! RFC 8446 4, RFC 5246 7.4.

use std::borrow::Cow;

use super::describe::{Describe, Field, Malformed};

/// Length of a handshake message's header: type, 24-bit length.
pub const HANDSHAKE_HEADER: usize = 4;

/// HandshakeType (RFC 8446 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandshakeType(pub u8);

#[allow(missing_docs)] // the specification's names
impl HandshakeType {
    pub const CLIENT_HELLO: Self = Self(1);
    pub const SERVER_HELLO: Self = Self(2);
    pub const NEW_SESSION_TICKET: Self = Self(4);
    pub const CERTIFICATE: Self = Self(11);
    pub const SERVER_KEY_EXCHANGE: Self = Self(12);
    pub const CERTIFICATE_REQUEST: Self = Self(13);
    pub const SERVER_HELLO_DONE: Self = Self(14);
    pub const CERTIFICATE_VERIFY: Self = Self(15);
    pub const CLIENT_KEY_EXCHANGE: Self = Self(16);
    pub const FINISHED: Self = Self(20);

    /// The specification's name, where it is one that a plain handshake may carry.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "HelloRequest",
            1 => "ClientHello",
            2 => "ServerHello",
            3 => "HelloVerifyRequest",
            4 => "NewSessionTicket",
            8 => "EncryptedExtensions",
            11 => "Certificate",
            12 => "ServerKeyExchange",
            13 => "CertificateRequest",
            14 => "ServerHelloDone",
            15 => "CertificateVerify",
            16 => "ClientKeyExchange",
            20 => "Finished",
            22 => "CertificateStatus",
            23 => "SupplementalData",
            24 => "KeyUpdate",
            67 => "NextProtocol",
            _ => return None,
        })
    }
}

/// Type and body length of the message that starts here; `None` while the header is not complete.
#[must_use]
pub const fn header(bytes: &[u8]) -> Option<(HandshakeType, usize)> {
    match *bytes {
        [kind, a, b, c, ..] => Some((HandshakeType(kind), u32::from_be_bytes([0, a, b, c]) as usize)),
        _ => None,
    }
}

/// A message known by its type and size alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandshakeMessage {
    /// What it is.
    pub kind: HandshakeType,
    /// Length of the body; bytes.
    pub length: u32,
}

impl Describe for HandshakeMessage {
    fn name(&self) -> Cow<'static, str> {
        self.kind.name().map_or_else(|| format!("handshake type {}", self.kind.0).into(), Cow::Borrowed)
    }

    fn summary(&self) -> String {
        match self.kind {
            HandshakeType::SERVER_HELLO_DONE => String::new(),
            HandshakeType::CERTIFICATE_REQUEST => "asks for a client certificate".into(),
            _ => format!("{} bytes", self.length),
        }
    }

    fn fields(&self) -> Vec<Field> {
        vec![Field::new("length", format!("{} bytes", self.length), 1..4)]
    }
}

/// The certificates of a Certificate message up to TLS 1.2, leaf first, as DER (RFC 5246 7.4.2).
///
/// # Errors
/// [`Malformed`] when a length runs over the end; what was read before that is lost on purpose: half a chain misleads.
pub fn certificates(body: &[u8]) -> Result<Vec<&[u8]>, Malformed> {
    let [a, b, c, list @ ..] = body else { return Err(Malformed::at("certificate_list", 4)) };
    let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
    let mut list = list.get(..length).ok_or(Malformed::at("certificate_list", 4))?;
    let mut chain = Vec::new();
    while let [a, b, c, rest @ ..] = list {
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        let at = body.len() - list.len();
        let (der, tail) = rest.split_at_checked(length).ok_or(Malformed::at("certificate length", at + 4))?;
        chain.push(der);
        list = tail;
    }
    Ok(chain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains() {
        let body = [0, 0, 9, 0, 0, 2, 0x30, 0x00, 0, 0, 1, 0x30];
        assert_eq!(certificates(&body), Ok(vec![&[0x30, 0x00][..], &[0x30][..]]));
        assert_eq!(certificates(&[0, 0, 0]), Ok(vec![]));
        assert!(certificates(&[0, 0, 4, 0, 0, 9, 1]).is_err());
        assert!(certificates(&[0, 1]).is_err());
    }
}
