//! Results of authentication: NTSTATUS, HRESULT and Win32 codes that a logon to Remote Desktop can end with. They are on
//! the wire in errorCode of CredSSP's TSRequest (MS-CSSP 2.2.1), and on screen behind "Code:". Source: [MS-ERREF] 2.1 to 2.3.
//!
//! [MS-ERREF]: https://learn.microsoft.com/openspecs/windows_protocols/ms-erref/

use std::fmt;

use super::code::{Code, find};

/// A result of any of the three kinds; the number tells which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub u32);

/// NTSTATUS: 0xC........ (MS-ERREF 2.3.1).
#[rustfmt::skip]
pub static NT_STATUS: &[Code] = &[
    Code::new(0xC000_0001, "STATUS_UNSUCCESSFUL", "the server failed and does not say how"),
    Code::new(0xC000_0005, "STATUS_ACCESS_VIOLATION", "an authentication package crashed on the server"),
    Code::new(0xC000_000D, "STATUS_INVALID_PARAMETER", "the authentication data is not well formed"),
    Code::new(0xC000_0022, "STATUS_ACCESS_DENIED", "the user is known, but may not do this here"),
    Code::new(0xC000_005E, "STATUS_NO_LOGON_SERVERS", "the server reaches no domain controller"),
    Code::new(0xC000_0064, "STATUS_NO_SUCH_USER", "there is no such account"),
    Code::new(0xC000_006A, "STATUS_WRONG_PASSWORD", "the account exists, its password is another"),
    Code::new(0xC000_006D, "STATUS_LOGON_FAILURE", "user name or password is wrong; which of them is kept back on purpose"),
    Code::new(0xC000_006E, "STATUS_ACCOUNT_RESTRICTION", "a restriction of the account: empty password, Protected Users, an authentication policy, or no NTLM for it"),
    Code::new(0xC000_006F, "STATUS_INVALID_LOGON_HOURS", "the account may not log on at this time of day"),
    Code::new(0xC000_0070, "STATUS_INVALID_WORKSTATION", "the account may not log on from this computer"),
    Code::new(0xC000_0071, "STATUS_PASSWORD_EXPIRED", "the password has expired"),
    Code::new(0xC000_0072, "STATUS_ACCOUNT_DISABLED", "the account is disabled"),
    Code::new(0xC000_009A, "STATUS_INSUFFICIENT_RESOURCES", "the server lacks memory or another resource"),
    Code::new(0xC000_00BB, "STATUS_NOT_SUPPORTED", "the other side does not do this: a newer CredSSP is demanded (oracle remediation), or Restricted Admin is off"),
    Code::new(0xC000_00DC, "STATUS_INVALID_SERVER_STATE", "the authentication service on the server is not in order"),
    Code::new(0xC000_010B, "STATUS_INVALID_LOGON_TYPE", "the kind of logon asked for does not exist"),
    Code::new(0xC000_0133, "STATUS_TIME_DIFFERENCE_AT_DC", "the clock differs too much from the domain controller's"),
    Code::new(0xC000_015B, "STATUS_LOGON_TYPE_NOT_GRANTED", "the user lacks the right to log on this way: through Remote Desktop, or (with NLA) from the network"),
    Code::new(0xC000_018B, "STATUS_NO_TRUST_SAM_ACCOUNT", "the domain has no account for this computer: its secure channel is broken"),
    Code::new(0xC000_018C, "STATUS_TRUSTED_DOMAIN_FAILURE", "the trust between two domains does not work"),
    Code::new(0xC000_018D, "STATUS_TRUSTED_RELATIONSHIP_FAILURE", "the trust between this computer and its domain does not work"),
    Code::new(0xC000_0190, "STATUS_TRUST_FAILURE", "a trust on the way to the user's domain does not work"),
    Code::new(0xC000_0192, "STATUS_NETLOGON_NOT_STARTED", "the Netlogon service of the server does not run"),
    Code::new(0xC000_0193, "STATUS_ACCOUNT_EXPIRED", "the account is past its end date"),
    Code::new(0xC000_0199, "STATUS_NOLOGON_WORKSTATION_TRUST_ACCOUNT", "a computer's account was used to log on as a user"),
    Code::new(0xC000_0224, "STATUS_PASSWORD_MUST_CHANGE", "the password must be changed first, and NLA has no dialog for that"),
    Code::new(0xC000_0225, "STATUS_NOT_FOUND", "something that the logon needs was not found"),
    Code::new(0xC000_0233, "STATUS_DOMAIN_CONTROLLER_NOT_FOUND", "no domain controller was found for the domain"),
    Code::new(0xC000_0234, "STATUS_ACCOUNT_LOCKED_OUT", "the account is locked out"),
    Code::new(0xC000_02EF, "STATUS_NO_TGT_REPLY", "user-to-user Kerberos: the server's answer lacks its ticket"),
    Code::new(0xC000_035C, "STATUS_NETWORK_SESSION_EXPIRED", "the authenticated session has run out; authenticate again"),
    Code::new(0xC000_0380, "STATUS_SMARTCARD_WRONG_PIN", "the smart card's PIN is wrong"),
    Code::new(0xC000_0381, "STATUS_SMARTCARD_CARD_BLOCKED", "the smart card is blocked after wrong PINs"),
    Code::new(0xC000_0388, "STATUS_DOWNGRADE_DETECTED", "Kerberos was to be expected and did not happen: no domain controller in reach, and NTLM will not do"),
    Code::new(0xC000_0389, "STATUS_SMARTCARD_CERT_REVOKED", "the smart card's certificate was revoked"),
    Code::new(0xC000_038A, "STATUS_ISSUING_CA_UNTRUSTED", "the domain controller does not trust the issuer of the smart card's certificate"),
    Code::new(0xC000_038B, "STATUS_REVOCATION_OFFLINE_C", "the domain controller cannot tell whether the smart card's certificate was revoked: the list is out of reach"),
    Code::new(0xC000_038C, "STATUS_PKINIT_CLIENT_FAILURE", "the smart card's certificate was not accepted"),
    Code::new(0xC000_038D, "STATUS_SMARTCARD_CERT_EXPIRED", "the smart card's certificate has expired"),
    Code::new(0xC000_040B, "STATUS_CROSSREALM_DELEGATION_FAILURE", "constrained delegation does not reach into the other domain"),
    Code::new(0xC000_0413, "STATUS_AUTHENTICATION_FIREWALL_FAILED", "selective authentication: this user may not authenticate to this computer"),
    Code::new(0xC000_0418, "STATUS_NTLM_BLOCKED", "a policy forbids NTLM"),
];

/// HRESULT: 0x8........ (MS-ERREF 2.1.1); those with SEC_E are of the security packages (SSPI).
#[rustfmt::skip]
pub static HRESULTS: &[Code] = &[
    Code::new(0x8000_4005, "E_FAIL", "an error without a name; the Windows client shows it when the server closes during NLA"),
    Code::new(0x8007_0005, "E_ACCESSDENIED", "access denied"),
    Code::new(0x8007_000E, "E_OUTOFMEMORY", "not enough memory"),
    Code::new(0x8007_06BA, "RPC_S_SERVER_UNAVAILABLE", "an RPC server does not answer: a gateway or broker that is away"),
    Code::new(0x8007_06BE, "RPC_S_CALL_FAILED", "an RPC call broke off: the gateway or broker died meanwhile"),
    Code::new(0x8008_0005, "CO_E_SERVER_EXEC_FAILURE", "the client could not start its own credential dialog"),
    Code::new(0x8009_0300, "SEC_E_INSUFFICIENT_MEMORY", "not enough memory for the security package"),
    Code::new(0x8009_0302, "SEC_E_UNSUPPORTED_FUNCTION", "what was asked for is not supported: NTLM where the server forbids it, a CredSSP or TLS version that is refused"),
    Code::new(0x8009_0303, "SEC_E_TARGET_UNKNOWN", "Kerberos does not know the server by this name, or cannot reach it"),
    Code::new(0x8009_0304, "SEC_E_INTERNAL_ERROR", "the security package (LSA) failed: no domain controller, a password to be changed first, or a failure inside TLS"),
    Code::new(0x8009_0305, "SEC_E_SECPKG_NOT_FOUND", "the security package is missing"),
    Code::new(0x8009_0308, "SEC_E_INVALID_TOKEN", "the bytes are no token of this package: damaged, or not TLS or CredSSP at all"),
    Code::new(0x8009_030C, "SEC_E_LOGON_DENIED", "the logon was refused: user name or password"),
    Code::new(0x8009_030D, "SEC_E_UNKNOWN_CREDENTIALS", "credentials cannot be used; in event 36870 the private key of the server's certificate"),
    Code::new(0x8009_030E, "SEC_E_NO_CREDENTIALS", "there are no credentials to use: single sign-on is not allowed, or Credential Guard keeps them"),
    Code::new(0x8009_030F, "SEC_E_MESSAGE_ALTERED", "a message was altered on the way, or the keys differ"),
    Code::new(0x8009_0310, "SEC_E_OUT_OF_SEQUENCE", "a message came out of order"),
    Code::new(0x8009_0311, "SEC_E_NO_AUTHENTICATING_AUTHORITY", "no domain controller could be reached"),
    Code::new(0x8009_0317, "SEC_E_CONTEXT_EXPIRED", "the peer has ended TLS"),
    Code::new(0x8009_0318, "SEC_E_INCOMPLETE_MESSAGE", "the message goes on; no error by itself"),
    Code::new(0x8009_0322, "SEC_E_WRONG_PRINCIPAL", "the server is not who it was expected to be: another name in the certificate or SPN, or a stale computer password"),
    Code::new(0x8009_0324, "SEC_E_TIME_SKEW", "the clocks differ too much"),
    Code::new(0x8009_0325, "SEC_E_UNTRUSTED_ROOT", "the issuer of the certificate is not trusted"),
    Code::new(0x8009_0326, "SEC_E_ILLEGAL_MESSAGE", "a message came that does not belong there, or is not well formed"),
    Code::new(0x8009_0327, "SEC_E_CERT_UNKNOWN", "the certificate could not be checked"),
    Code::new(0x8009_0328, "SEC_E_CERT_EXPIRED", "the certificate has expired"),
    Code::new(0x8009_0330, "SEC_E_DECRYPT_FAILURE", "data does not decrypt"),
    Code::new(0x8009_0331, "SEC_E_ALGORITHM_MISMATCH", "client and server have no algorithm in common"),
    Code::new(0x8009_0346, "SEC_E_BAD_BINDINGS", "the channel bindings differ: TLS ends somewhere else than the logon, as with inspection"),
    Code::new(0x8009_0349, "SEC_E_CERT_WRONG_USAGE", "the certificate is not meant for this use (extended key usage)"),
    Code::new(0x8009_0350, "SEC_E_DOWNGRADE_DETECTED", "the logon would have been weaker than expected: a domain controller is needed and not in reach"),
    Code::new(0x8009_035D, "SEC_E_INVALID_PARAMETER", "a parameter is not valid"),
    Code::new(0x8009_035E, "SEC_E_DELEGATION_POLICY", "a policy of the client forbids handing credentials to this server"),
    Code::new(0x8009_035F, "SEC_E_POLICY_NLTM_ONLY", "a policy of the client forbids handing credentials over when only NTLM vouches for the server"),
];

/// Win32 errors (MS-ERREF 2.2), which RDSTLS and logs use; those from 10 000 on are of Winsock.
#[rustfmt::skip]
pub static WIN32: &[Code] = &[
    Code::new(5, "ERROR_ACCESS_DENIED", "access denied, by RDSTLS or before the desktop is reached"),
    Code::new(1311, "ERROR_NO_LOGON_SERVERS", "the server reaches no domain controller"),
    Code::new(1326, "ERROR_LOGON_FAILURE", "user name or password is wrong"),
    Code::new(1327, "ERROR_ACCOUNT_RESTRICTION", "a restriction of the account, such as an empty password"),
    Code::new(1328, "ERROR_INVALID_LOGON_HOURS", "the account may not log on at this time of day"),
    Code::new(1329, "ERROR_INVALID_WORKSTATION", "the account may not log on from this computer"),
    Code::new(1330, "ERROR_PASSWORD_EXPIRED", "the password has expired"),
    Code::new(1331, "ERROR_ACCOUNT_DISABLED", "the account is disabled"),
    Code::new(1385, "ERROR_LOGON_TYPE_NOT_GRANTED", "the user lacks the right to log on this way"),
    Code::new(1398, "ERROR_TIME_SKEW", "the clocks of client and server differ too much"),
    Code::new(1793, "ERROR_ACCOUNT_EXPIRED", "the account is past its end date"),
    Code::new(1907, "ERROR_PASSWORD_MUST_CHANGE", "the password must be changed first"),
    Code::new(1909, "ERROR_ACCOUNT_LOCKED_OUT", "the account is locked out"),
    Code::new(10053, "WSAECONNABORTED", "this computer gave the connection up"),
    Code::new(10054, "WSAECONNRESET", "the peer, or something in its name, reset the connection (RST)"),
    Code::new(10060, "WSAETIMEDOUT", "nobody answered the SYN in time"),
    Code::new(10061, "WSAECONNREFUSED", "the SYN was answered with a reset: nothing listens there"),
    Code::new(10065, "WSAEHOSTUNREACH", "no route to the host"),
    Code::new(11001, "WSAHOST_NOT_FOUND", "the name does not resolve"),
];

impl Status {
    fn code(self) -> Option<&'static Code> {
        find(NT_STATUS, self.0).or_else(|| find(HRESULTS, self.0)).or_else(|| find(WIN32, self.0))
    }

    /// The specification's symbol, where it has one.
    #[must_use]
    pub fn symbol(self) -> Option<&'static str> {
        self.code().map(|code| code.symbol)
    }

    /// What it means for a logon, where that is known.
    #[must_use]
    pub fn meaning(self) -> Option<&'static str> {
        self.code().map(|code| code.meaning)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.symbol() {
            Some(symbol) => write!(f, "{symbol} ({:#010x})", self.0),
            None => write!(f, "unknown status {:#010x}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_show_symbol_and_number() {
        assert_eq!(Status(0xC000_006D).to_string(), "STATUS_LOGON_FAILURE (0xc000006d)");
        assert_eq!(Status(0x8009_030C).symbol(), Some("SEC_E_LOGON_DENIED"));
        assert_eq!(Status(1326).meaning(), Some("user name or password is wrong"));
        assert_eq!(Status(0xC0FF_EE00).to_string(), "unknown status 0xc0ffee00");
    }

    #[test]
    fn tables_are_complete_and_in_order() {
        for (table, rows) in [(NT_STATUS, 43), (HRESULTS, 34), (WIN32, 19)] {
            assert_eq!(table.len(), rows);
            assert!(table.is_sorted_by(|a, b| a.value < b.value));
        }
    }
}
