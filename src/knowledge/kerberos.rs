//! Errors of Kerberos, as a domain controller sends them in a KRB-ERROR. Sources: RFC 4120 [7.5.9]; RFC 4556 3.1.3 and
//! 3.2.3 for those of smart cards (PKINIT).
//!
//! [7.5.9]: https://www.rfc-editor.org/rfc/rfc4120#section-7.5.9

use std::fmt;

use super::code::{Code, looked_up};

/// error-code of a KRB-ERROR (RFC 4120 5.9.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KerberosError(pub u32);

/// The errors that a logon to Remote Desktop can meet.
pub static ERRORS: &[Code] = &[
    Code::new(3, "KDC_ERR_BAD_PVNO", "the peer does not speak this version of Kerberos"),
    Code::new(6, "KDC_ERR_C_PRINCIPAL_UNKNOWN", "this domain has no such user: wrong domain, or a mistyped name"),
    Code::new(
        7,
        "KDC_ERR_S_PRINCIPAL_UNKNOWN",
        "no account holds the SPN TERMSRV/name: an alias, an address, or the SPN is missing; the client tries NTLM next",
    ),
    Code::new(8, "KDC_ERR_PRINCIPAL_NOT_UNIQUE", "two accounts hold the same SPN"),
    Code::new(12, "KDC_ERR_POLICY", "a policy says no: logon hours, an authentication silo, selective authentication"),
    Code::new(13, "KDC_ERR_BADOPTION", "an option cannot be granted; with RDP usually delegation"),
    Code::new(14, "KDC_ERR_ETYPE_NOSUPP", "no encryption type in common: RC4 is off, or the account has no AES keys"),
    Code::new(18, "KDC_ERR_CLIENT_REVOKED", "the account is disabled, locked, expired, or outside its logon hours"),
    Code::new(20, "KDC_ERR_TGT_REVOKED", "the user's ticket-granting ticket was withdrawn"),
    Code::new(23, "KDC_ERR_KEY_EXPIRED", "the password has expired"),
    Code::new(24, "KDC_ERR_PREAUTH_FAILED", "the password is wrong"),
    Code::new(25, "KDC_ERR_PREAUTH_REQUIRED", "the usual first answer: ask again with proof of the password; no error"),
    Code::new(29, "KDC_ERR_SVC_UNAVAILABLE", "the domain controller's Kerberos service cannot answer now"),
    Code::new(31, "KRB_AP_ERR_BAD_INTEGRITY", "what was decrypted does not check out: a wrong key, or altered bytes"),
    Code::new(32, "KRB_AP_ERR_TKT_EXPIRED", "the ticket has run out"),
    Code::new(33, "KRB_AP_ERR_TKT_NYV", "the ticket is not valid yet: a clock is behind"),
    Code::new(34, "KRB_AP_ERR_REPEAT", "the same request came twice, as in a replay"),
    Code::new(36, "KRB_AP_ERR_BADMATCH", "ticket and authenticator name different users"),
    Code::new(37, "KRB_AP_ERR_SKEW", "the clocks differ by more than the domain allows (5 minutes unless changed)"),
    Code::new(
        41,
        "KRB_AP_ERR_MODIFIED",
        "the ticket was made for another key: the name leads to another host (DNS, NAT, a clone), the SPN is on two \
         accounts, or the computer's password is stale",
    ),
    Code::new(42, "KRB_AP_ERR_BADORDER", "a message came out of order"),
    Code::new(44, "KRB_AP_ERR_BADKEYVER", "the service no longer has, or not yet, the key of that version"),
    Code::new(45, "KRB_AP_ERR_NOKEY", "the service has no key for this ticket"),
    Code::new(52, "KRB_ERR_RESPONSE_TOO_BIG", "the answer does not fit UDP; the client asks again over TCP; no error"),
    Code::new(60, "KRB_ERR_GENERIC", "an error without a code of its own; e-text may tell more"),
    Code::new(62, "KDC_ERR_CLIENT_NOT_TRUSTED", "the domain controller does not trust the smart card's certificate"),
    Code::new(63, "KDC_ERR_KDC_NOT_TRUSTED", "the domain controller has none of the certificates the client trusts"),
    Code::new(64, "KDC_ERR_INVALID_SIG", "the signature made with the smart card does not check out"),
    Code::new(65, "KDC_ERR_KEY_TOO_WEAK", "the key offered for the smart card logon is too short"),
    Code::new(66, "KDC_ERR_CERTIFICATE_MISMATCH", "the smart card's certificate does not belong to this user"),
    Code::new(68, "KDC_ERR_WRONG_REALM", "the user lives in another domain: a referral"),
    Code::new(70, "KDC_ERR_CANT_VERIFY_CERTIFICATE", "no chain from the smart card's certificate to a trusted root"),
    Code::new(71, "KDC_ERR_INVALID_CERTIFICATE", "the smart card's certificate is not valid, or has run out"),
    Code::new(72, "KDC_ERR_REVOKED_CERTIFICATE", "the smart card's certificate was revoked"),
    Code::new(
        73,
        "KDC_ERR_REVOCATION_STATUS_UNKNOWN",
        "whether the smart card's certificate was revoked cannot be told: its list is too old, or out of reach",
    ),
    Code::new(75, "KDC_ERR_CLIENT_NAME_MISMATCH", "the name in the smart card's certificate is not this user's"),
    Code::new(
        76,
        "KDC_ERR_KDC_NAME_MISMATCH",
        "the name in the domain controller's certificate is not the controller's",
    ),
    Code::new(77, "KDC_ERR_INCONSISTENT_KEY_PURPOSE", "the smart card's certificate is not meant for logons"),
];

looked_up!(KerberosError, ERRORS);

impl fmt::Display for KerberosError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.symbol() {
            Some(symbol) => write!(f, "{symbol} ({})", self.0),
            None => write!(f, "unknown Kerberos error {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_show_symbol_and_number() {
        assert_eq!(KerberosError(24).to_string(), "KDC_ERR_PREAUTH_FAILED (24)");
        assert_eq!(KerberosError(99).to_string(), "unknown Kerberos error 99");
        assert_eq!(KerberosError(23).meaning(), Some("the password has expired"));
        assert_eq!(ERRORS.len(), 38);
        assert!(ERRORS.is_sorted_by(|a, b| a.value < b.value));
    }
}
