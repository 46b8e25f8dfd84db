//! Errors of FreeRDP's clients (xfreerdp, Remmina, GNOME Connections): `ERRCONNECT_..`, as its logs show them. Source:
//! FreeRDP, `include/freerdp/error.h`.

use super::code::Code;

/// What the number begins with where the client's own connecting failed.
const CONNECT: u32 = 0x0002_0000;
/// The same of a Set Error Info that the server sent.
const ERROR_INFO: u32 = 0x0001_0000;

const fn code(number: u32, symbol: &'static str, meaning: &'static str) -> Code {
    Code::new(CONNECT | number, symbol, meaning)
}

/// Errors of connecting.
#[rustfmt::skip]
pub static ERRORS: &[Code] = &[
    code(0x01, "ERRCONNECT_PRE_CONNECT_FAILED", "the client's own preparations failed; nothing was sent"),
    code(0x02, "ERRCONNECT_CONNECT_UNDEFINED", "connecting failed, in general"),
    code(0x03, "ERRCONNECT_POST_CONNECT_FAILED", "the client's own setup failed after connecting"),
    code(0x04, "ERRCONNECT_DNS_ERROR", "the name does not resolve"),
    code(0x05, "ERRCONNECT_DNS_NAME_NOT_FOUND", "there is no host of that name"),
    code(0x06, "ERRCONNECT_CONNECT_FAILED", "no TCP connection could be made"),
    code(0x07, "ERRCONNECT_MCS_CONNECT_INITIAL_ERROR", "the MCS connect failed"),
    code(0x08, "ERRCONNECT_TLS_CONNECT_FAILED", "no TLS: the handshake failed, or the certificate was declined"),
    code(0x09, "ERRCONNECT_AUTHENTICATION_FAILED", "the logon (NLA) failed"),
    code(0x0A, "ERRCONNECT_INSUFFICIENT_PRIVILEGES", "the user may not log on through Remote Desktop"),
    code(0x0B, "ERRCONNECT_CONNECT_CANCELLED", "the user, or the program, gave up"),
    code(0x0C, "ERRCONNECT_SECURITY_NEGO_CONNECT_FAILED", "no security could be agreed on: the server refused what was offered, or closed instead of answering"),
    code(0x0D, "ERRCONNECT_CONNECT_TRANSPORT_FAILED", "the connection ended while it was being made; the phase in which it did tells more"),
    code(0x0E, "ERRCONNECT_PASSWORD_EXPIRED", "the password has expired"),
    code(0x0F, "ERRCONNECT_PASSWORD_CERTAINLY_EXPIRED", "the password has expired"),
    code(0x10, "ERRCONNECT_CLIENT_REVOKED", "the account is disabled, locked or expired, says Kerberos"),
    code(0x11, "ERRCONNECT_KDC_UNREACHABLE", "no domain controller answers"),
    code(0x12, "ERRCONNECT_ACCOUNT_DISABLED", "the account is disabled"),
    code(0x13, "ERRCONNECT_PASSWORD_MUST_CHANGE", "the password must be changed before this logon"),
    code(0x14, "ERRCONNECT_LOGON_FAILURE", "user name or password was refused"),
    code(0x15, "ERRCONNECT_WRONG_PASSWORD", "the password is wrong"),
    code(0x16, "ERRCONNECT_ACCESS_DENIED", "the server denied access during the logon"),
    code(0x17, "ERRCONNECT_ACCOUNT_RESTRICTION", "a restriction of the account forbids this logon"),
    code(0x18, "ERRCONNECT_ACCOUNT_LOCKED_OUT", "the account is locked out"),
    code(0x19, "ERRCONNECT_ACCOUNT_EXPIRED", "the account is past its end date"),
    code(0x1A, "ERRCONNECT_LOGON_TYPE_NOT_GRANTED", "the user lacks the right to log on this way"),
    code(0x1B, "ERRCONNECT_NO_OR_MISSING_CREDENTIALS", "there were no credentials to log on with"),
    code(0x1C, "ERRCONNECT_ACTIVATION_TIMEOUT", "the session was not activated in time"),
    code(0x1D, "ERRCONNECT_TARGET_BOOTING", "the target is being started; try again later"),
];

/// The Set Error Info within a number of FreeRDP, if it is one of those.
#[must_use]
pub fn error_info(number: u32) -> Option<u32> {
    (number & 0xffff_0000 == ERROR_INFO).then_some(number & 0xffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_complete_and_in_order() {
        assert_eq!(ERRORS.len(), 29);
        assert!(ERRORS.is_sorted_by(|a, b| a.value + 1 == b.value));
        assert_eq!(error_info(0x1000c), Some(0xc));
        assert!(error_info(0x2000c).is_none() && error_info(0xc).is_none());
    }
}
