//! Numbers of the X.224 negotiation. Source: MS-RDPBCGR 2.2.1.1.1, 2.2.1.2.1, 2.2.1.2.2.

use std::fmt;

use super::code::{Code, find};

/// requestedProtocols and selectedProtocol (2.2.1.1.1): a set of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Protocols(pub u32);

/// bit, MS-RDPBCGR's name without its prefix, JSON's word, what people call it
const PROTOCOLS: &[(u32, &str, &str, &str)] = &[
    (0x01, "SSL", "ssl", "TLS"),
    (0x02, "HYBRID", "hybrid", "NLA"),
    (0x04, "RDSTLS", "rdstls", "RDSTLS"),
    (0x08, "HYBRID_EX", "hybrid_ex", "NLA"),
    (0x10, "RDSAAD", "rdsaad", "Entra ID"),
];

#[allow(missing_docs)] // the specification's names
impl Protocols {
    pub const RDP: Self = Self(0);
    pub const SSL: Self = Self(1);
    pub const HYBRID: Self = Self(2);
    pub const RDSTLS: Self = Self(4);
    pub const HYBRID_EX: Self = Self(8);
    pub const RDSAAD: Self = Self(16);

    /// Whether any bit of `other` is set here.
    #[must_use]
    pub const fn any(self, other: u32) -> bool {
        self.0 & other != 0
    }

    /// Whether CredSSP (NLA) is among them.
    #[must_use]
    pub const fn has_nla(self) -> bool {
        self.any(0x0a)
    }

    /// The words of the JSON form: `["ssl", "hybrid"]`, `["rdp"]` for none.
    #[must_use]
    pub fn words(self) -> Vec<&'static str> {
        if self.0 == 0 {
            return vec!["rdp"];
        }
        PROTOCOLS.iter().filter(|row| self.any(row.0)).map(|row| row.2).collect()
    }

    /// `HYBRID (NLA)`: for a server's single choice.
    #[must_use]
    pub fn with_meaning(self) -> String {
        match PROTOCOLS.iter().find(|row| row.0 == self.0) {
            Some((_, name, _, meaning)) if name != meaning => format!("{name} ({meaning})"),
            Some((_, name, ..)) => (*name).into(),
            None if self.0 == 0 => "standard RDP security".into(),
            None => self.to_string(),
        }
    }
}

impl fmt::Display for Protocols {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("standard RDP security only");
        }
        let mut rest = self.0;
        let mut first = true;
        for (bit, name, ..) in PROTOCOLS {
            if rest & bit != 0 {
                write!(f, "{}{name}", if first { "" } else { ", " })?;
                rest &= !bit;
                first = false;
            }
        }
        if rest != 0 {
            write!(f, "{}unknown {rest:#x}", if first { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// failureCode of RDP_NEG_FAILURE (2.2.1.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureCode(pub u32);

/// The failure codes, complete.
pub static FAILURES: &[Code] = &[
    Code::new(1, "SSL_REQUIRED_BY_SERVER", "the server wants TLS; the client did not offer plain TLS"),
    Code::new(2, "SSL_NOT_ALLOWED_BY_SERVER", "the server does only standard RDP security"),
    Code::new(3, "SSL_CERT_NOT_ON_SERVER", "the server has no certificate it can use"),
    Code::new(4, "INCONSISTENT_FLAGS", "what was asked for contradicts the protocol that is already running"),
    Code::new(5, "HYBRID_REQUIRED_BY_SERVER", "the server insists on NLA (CredSSP); the client did not offer it"),
    Code::new(6, "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER", "the server wants TLS with a client certificate"),
];

impl FailureCode {
    /// The specification's symbol, where it has one.
    #[must_use]
    pub fn symbol(self) -> Option<&'static str> {
        find(FAILURES, self.0).map(|code| code.symbol)
    }
}

impl fmt::Display for FailureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.symbol() {
            Some(symbol) => write!(f, "{symbol} ({})", self.0),
            None => write!(f, "unknown failure code {:#010x}", self.0),
        }
    }
}

/// flags of RDP_NEG_REQ (2.2.1.1.1).
pub static REQUEST_FLAGS: &[Code] = &[
    Code::new(0x01, "RESTRICTED_ADMIN_MODE_REQUIRED", "the client wants Restricted Admin: no credentials leave it"),
    Code::new(0x02, "REDIRECTED_AUTHENTICATION_MODE_REQUIRED", "the client wants Remote Credential Guard"),
    Code::new(0x08, "CORRELATION_INFO_PRESENT", "a correlation id follows, as logs show it"),
];

/// flags of RDP_NEG_RSP (2.2.1.2.1).
pub static RESPONSE_FLAGS: &[Code] = &[
    Code::new(
        0x01,
        "EXTENDED_CLIENT_DATA_SUPPORTED",
        "the server takes the later GCC blocks: monitors, message channel, UDP",
    ),
    Code::new(0x02, "DYNVC_GFX_PROTOCOL_SUPPORTED", "the server has the graphics pipeline (RDP 8 and later)"),
    Code::new(0x04, "NEGRSP_FLAG_RESERVED", "not used"),
    Code::new(0x08, "RESTRICTED_ADMIN_MODE_SUPPORTED", "the server does Restricted Admin"),
    Code::new(0x10, "REDIRECTED_AUTHENTICATION_MODE_SUPPORTED", "the server does Remote Credential Guard"),
];

/// type of a negotiation structure (2.2.1.1.1, 2.2.1.1.2, 2.2.1.2.1, 2.2.1.2.2).
pub static TYPES: &[Code] = &[
    Code::new(0x01, "TYPE_RDP_NEG_REQ", "what the client can do"),
    Code::new(0x02, "TYPE_RDP_NEG_RSP", "what the server chose"),
    Code::new(0x03, "TYPE_RDP_NEG_FAILURE", "the server refuses, and says why"),
    Code::new(0x06, "TYPE_RDP_CORRELATION_INFO", "the client's correlation id, 36 bytes"),
];

/// requestedProtocols and selectedProtocol as the specification names them (2.2.1.1.1).
pub static PROTOCOL_NAMES: &[Code] = &[
    Code::new(0x00, "PROTOCOL_RDP", "standard RDP security: RC4 or 3DES, no TLS"),
    Code::new(0x01, "PROTOCOL_SSL", "TLS, and the logon screen inside the session"),
    Code::new(0x02, "PROTOCOL_HYBRID", "TLS, and the logon before the session: NLA (CredSSP)"),
    Code::new(0x04, "PROTOCOL_RDSTLS", "TLS, and a logon with what a redirection brought"),
    Code::new(0x08, "PROTOCOL_HYBRID_EX", "NLA, and behind it four bytes that say whether the user may connect"),
    Code::new(0x10, "PROTOCOL_RDSAAD", "TLS, and a logon with a token of Entra ID"),
];

/// Names of the RDP_NEG_REQ flags that are set.
#[must_use]
pub fn request_flags(flags: u8) -> Vec<&'static str> {
    names(REQUEST_FLAGS, flags)
}

/// Names of the RDP_NEG_RSP flags that are set.
#[must_use]
pub fn response_flags(flags: u8) -> Vec<&'static str> {
    names(RESPONSE_FLAGS, flags)
}

fn names(table: &'static [Code], flags: u8) -> Vec<&'static str> {
    table.iter().filter(|code| u32::from(flags) & code.value != 0).map(|code| code.symbol).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_read_as_people_say_them() {
        assert_eq!(Protocols(0x0b).to_string(), "SSL, HYBRID, HYBRID_EX");
        assert_eq!(Protocols(0x83).to_string(), "SSL, HYBRID, unknown 0x80");
        assert_eq!(Protocols(2).with_meaning(), "HYBRID (NLA)");
        assert_eq!(Protocols(0).words(), ["rdp"]);
    }

    #[test]
    fn unknown_failures_are_shown() {
        assert_eq!(FailureCode(5).to_string(), "HYBRID_REQUIRED_BY_SERVER (5)");
        assert_eq!(FailureCode(77).to_string(), "unknown failure code 0x0000004d");
    }
}
