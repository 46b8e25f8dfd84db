//! Numbers of licensing. Sources: MS-RDPBCGR 2.2.1.12.1, MS-RDPELE 2.2.2.

use std::fmt;

use super::code::{Code, find, looked_up};

/// dwErrorCode of a licensing error (MS-RDPBCGR 2.2.1.12.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LicenseError(pub u32);

/// The error codes, complete.
pub static ERRORS: &[Code] = &[
    Code::new(1, "ERR_INVALID_SERVER_CERTIFICATE", "the client does not accept the certificate used for licensing"),
    Code::new(2, "ERR_NO_LICENSE", "the client gives up: it has no licence and gets none"),
    Code::new(3, "ERR_INVALID_MAC", "a licensing message was altered, or the keys differ"),
    Code::new(4, "ERR_INVALID_SCOPE", "the licence is for another scope"),
    Code::new(6, "ERR_NO_LICENSE_SERVER", "the server reaches no licence server and its grace period has ended"),
    Code::new(7, "STATUS_VALID_CLIENT", "licensing is done, the client may go on"),
    Code::new(8, "ERR_INVALID_CLIENT", "the server does not accept this client, or got its messages out of order"),
    Code::new(11, "ERR_INVALID_PRODUCTID", "the licence is for another product"),
    Code::new(12, "ERR_INVALID_MESSAGE_LEN", "a licensing message has the wrong length"),
];

/// dwStateTransition of a licensing error (MS-RDPBCGR 2.2.1.12.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LicenseTransition(pub u32);

/// The transitions, complete.
pub static TRANSITIONS: &[Code] = &[
    Code::new(1, "ST_TOTAL_ABORT", "licensing ends here, and the connection with it"),
    Code::new(2, "ST_NO_TRANSITION", "nothing more to do; after STATUS_VALID_CLIENT the good end"),
    Code::new(3, "ST_RESET_PHASE_TO_START", "begin again"),
    Code::new(4, "ST_RESEND_LAST_MESSAGE", "send the last message again"),
];

/// bMsgType of the preamble (MS-RDPBCGR 2.2.1.12.1.1); the meaning is the message's name in words.
pub static MESSAGES: &[Code] = &[
    Code::new(0x01, "LICENSE_REQUEST", "License Request"),
    Code::new(0x02, "PLATFORM_CHALLENGE", "Platform Challenge"),
    Code::new(0x03, "NEW_LICENSE", "New License"),
    Code::new(0x04, "UPGRADE_LICENSE", "Upgrade License"),
    Code::new(0x12, "LICENSE_INFO", "License Info"),
    Code::new(0x13, "NEW_LICENSE_REQUEST", "New License Request"),
    Code::new(0x15, "PLATFORM_CHALLENGE_RESPONSE", "Platform Challenge Response"),
    Code::new(0xff, "ERROR_ALERT", "License Error"),
];

/// wBlobType of a licensing blob (MS-RDPBCGR 2.2.1.12.1.2).
pub static BLOBS: &[Code] = &[
    Code::new(1, "BB_DATA_BLOB", "data"),
    Code::new(2, "BB_RANDOM_BLOB", "random"),
    Code::new(3, "BB_CERTIFICATE_BLOB", "certificate"),
    Code::new(4, "BB_ERROR_BLOB", "error text"),
    Code::new(9, "BB_ENCRYPTED_DATA_BLOB", "encrypted data"),
    Code::new(13, "BB_KEY_EXCHG_ALG_BLOB", "key exchange list"),
    Code::new(14, "BB_SCOPE_BLOB", "scope"),
    Code::new(15, "BB_CLIENT_USER_NAME_BLOB", "user name"),
    Code::new(16, "BB_CLIENT_MACHINE_NAME_BLOB", "machine name"),
];

/// Version in the preamble (MS-RDPBCGR 2.2.1.12.1.1), its lower four bits.
pub static PREAMBLE_VERSIONS: &[Code] =
    &[Code::new(2, "PREAMBLE_VERSION_2_0", "RDP 4.0"), Code::new(3, "PREAMBLE_VERSION_3_0", "RDP 5.0 and later")];

/// Flags in the preamble (MS-RDPBCGR 2.2.1.12.1.1), beside the version.
pub static PREAMBLE_FLAGS: &[Code] =
    &[Code::new(0x80, "EXTENDED_ERROR_MSG_SUPPORTED", "the sender can be told more about an error")];

impl LicenseError {
    /// STATUS_VALID_CLIENT: the one that is no error.
    pub const VALID_CLIENT: Self = Self(7);
}

looked_up!(LicenseError, ERRORS);

impl fmt::Display for LicenseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.symbol() {
            Some(symbol) => write!(f, "{symbol} ({})", self.0),
            None => write!(f, "unknown licensing error {:#010x}", self.0),
        }
    }
}

impl LicenseTransition {
    /// ST_TOTAL_ABORT: the session ends.
    pub const TOTAL_ABORT: Self = Self(1);
}

impl fmt::Display for LicenseTransition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match find(TRANSITIONS, self.0) {
            Some(code) => f.write_str(code.symbol),
            None => write!(f, "unknown transition {:#010x}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_shown_with_their_number() {
        assert_eq!(LicenseError::VALID_CLIENT.to_string(), "STATUS_VALID_CLIENT (7)");
        assert_eq!(LicenseError(5).to_string(), "unknown licensing error 0x00000005");
        assert_eq!(LicenseTransition::TOTAL_ABORT.to_string(), "ST_TOTAL_ABORT");
    }
}
