//! Errors of the Remote Desktop Gateway. Source: [MS-TSGU].
//!
//! [MS-TSGU]: https://learn.microsoft.com/openspecs/windows_protocols/ms-tsgu/

use super::code::Code;

/// Return codes. Those without the high bits are sent as HRESULT_CODE of the symbol.
#[rustfmt::skip]
pub static ERRORS: &[Code] = &[
    Code::new(0x0000_04D4, "E_PROXY_CONNECTIONABORTED", "an administrator ended the connection, or it was idle for too long"),
    Code::new(0x0000_59DD, "E_PROXY_TS_CONNECTFAILED", "the gateway does not reach the target server"),
    Code::new(0x0000_59E6, "E_PROXY_MAXCONNECTIONSREACHED", "the gateway has all the connections it allows"),
    Code::new(0x0000_59E8, "E_PROXY_NOTSUPPORTED", "the gateway does not support this packet"),
    Code::new(0x0000_59F6, "E_PROXY_SESSIONTIMEOUT", "the gateway's session limit was reached"),
    Code::new(0x0000_59FA, "E_PROXY_REAUTH_AUTHN_FAILED", "asked again in mid-session, the credentials are no longer valid"),
    Code::new(0x0000_59FB, "E_PROXY_REAUTH_CAP_FAILED", "asked again in mid-session, the user may no longer connect"),
    Code::new(0x0000_59FC, "E_PROXY_REAUTH_RAP_FAILED", "asked again in mid-session, the target is no longer allowed"),
    Code::new(0x0000_59FD, "E_PROXY_SDR_NOT_SUPPORTED_BY_TS", "the target cannot agree on redirection rules with the gateway"),
    Code::new(0x0000_5A00, "E_PROXY_REAUTH_NAP_FAILED", "asked again in mid-session, the client's health does not pass"),
    Code::new(0x8007_59D8, "E_PROXY_INTERNALERROR", "a fault inside the gateway"),
    Code::new(0x8007_59DA, "E_PROXY_RAP_ACCESSDENIED", "the gateway's resource policy (RAP) does not allow this target"),
    Code::new(0x8007_59DB, "E_PROXY_NAP_ACCESSDENIED", "the gateway's connection policy (CAP) does not allow this user"),
    Code::new(0x8007_59DF, "E_PROXY_ALREADYDISCONNECTED", "the tunnel or channel is gone already"),
    Code::new(0x8007_59E9, "E_PROXY_CAPABILITYMISMATCH", "the client lacks something that the gateway insists on"),
    Code::new(0x8007_59ED, "E_PROXY_QUARANTINE_ACCESSDENIED", "the client's health does not pass the gateway's policy"),
    Code::new(0x8007_59EE, "E_PROXY_NOCERTAVAILABLE", "the gateway has no certificate it can use"),
    Code::new(0x8007_59F7, "E_PROXY_COOKIE_BADPACKET", "a packet with a cookie is not well formed"),
    Code::new(0x8007_59F8, "E_PROXY_COOKIE_AUTHENTICATION_ACCESS_DENIED", "the gateway's own authentication refused the user"),
    Code::new(0x8007_59F9, "E_PROXY_UNSUPPORTED_AUTHENTICATION_METHOD", "client and gateway have no way of authentication in common"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_complete_and_in_order() {
        assert_eq!(ERRORS.len(), 20);
        assert!(ERRORS.is_sorted_by(|a, b| a.value < b.value));
    }
}
