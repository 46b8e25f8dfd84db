//! Numbers that the Windows client (mstsc) shows when a connection ends: the reason and the extended reason. They are the
//! client's own view and stand in no packet. Sources: [IMsTscAxEvents::OnDisconnected], [ExtendedDisconnectReasonCode];
//! what is only seen in practice comes from [lists of support people] and has no name.
//!
//! [IMsTscAxEvents::OnDisconnected]: https://learn.microsoft.com/windows/win32/termserv/imstscaxevents-ondisconnected
//! [ExtendedDisconnectReasonCode]: https://learn.microsoft.com/windows/win32/termserv/extendeddisconnectreasoncode
//! [lists of support people]: https://docs.rackspace.com/support/how-to/rds-client-disconnected-codes-and-reasons/

use super::code::Code;

/// "The socket was closed": the number that says least and is asked for most.
pub const SOCKET_CLOSED: u32 = 0x904;

/// discReason of OnDisconnected, those that Microsoft documents.
#[rustfmt::skip]
pub static REASONS: &[Code] = &[
    Code::new(0, "disconnectReasonNoInfo", "the client recorded no reason; a dialog about authentication then has a code of its own"),
    Code::new(1, "disconnectReasonLocalNotError", "the client itself ended it, on purpose"),
    Code::new(2, "disconnectReasonRemoteByUser", "the user ended it from inside the session"),
    Code::new(3, "disconnectReasonByServer", "the server ended it; why is in the extended code"),
    Code::new(0x104, "disconnectReasonDNSLookupFailed", "the name does not resolve"),
    Code::new(0x106, "disconnectReasonOutOfMemory", "the client ran out of memory"),
    Code::new(0x108, "disconnectReasonConnectionTimedOut", "no connection in time"),
    Code::new(0x204, "disconnectReasonSocketConnectFailed", "no TCP connection could be made"),
    Code::new(0x206, "disconnectReasonOutOfMemory2", "the client ran out of memory, at another place"),
    Code::new(0x208, "disconnectReasonHostNotFound", "there is no host of that name"),
    Code::new(0x304, "disconnectReasonWinsockSendFailed", "the client could not send: the connection was gone"),
    Code::new(0x306, "disconnectReasonOutOfMemory3", "the client ran out of memory, at a third place"),
    Code::new(0x308, "disconnectReasonInvalidIPAddr", "the address cannot be used"),
    Code::new(0x404, "disconnectReasonSocketRecvFailed", "the client could not receive: the connection was reset or given up"),
    Code::new(0x406, "disconnectReasonInvalidSecurityData", "the client does not accept the server's security data"),
    Code::new(0x408, "disconnectReasonInternalError", "a fault inside the client"),
    Code::new(0x506, "disconnectReasonInvalidEncryption", "the server chose an encryption that the client does not take"),
    Code::new(0x508, "disconnectReasonDNSLookupFailed2", "the name does not resolve, at a second try"),
    Code::new(0x604, "disconnectReasonGetHostByNameFailed", "the name does not resolve (gethostbyname)"),
    Code::new(0x606, "disconnectReasonInvalidServerSecurityInfo", "the server's security block is not valid"),
    Code::new(0x608, "disconnectReasonTimerError", "the client could not set a timer"),
    Code::new(0x704, "disconnectReasonTimeoutOccurred", "a timer ran out while connecting"),
    Code::new(0x706, "disconnectReasonServerCertificateUnpackErr", "the client cannot read the server's RDP certificate (standard RDP security)"),
    Code::new(0x804, "disconnectReasonInvalidIP", "the address given is no address"),
    Code::new(0x807, "SSL_ERR_LOGON_FAILURE", "user name or password was refused during NLA"),
    Code::new(0x808, "disconnectReasonLicensingFailed", "licensing failed"),
    Code::new(0x904, "disconnectReasonAtClientWinsockFDCLOSE", "\"socket closed\": TCP ended under the client while it was waiting; it does not say who closed, or why"),
    Code::new(0x906, "disconnectReasonInternalSecurityError", "a fault in the client's security code"),
    Code::new(0x908, "disconnectReasonLicensingTimeout", "licensing took too long"),
    Code::new(0xA06, "disconnectReasonInternalSecurityError2", "a fault in the client's security code, at another place"),
    Code::new(0xA07, "SSL_ERR_NO_SUCH_USER", "there is no such account"),
    Code::new(0xB06, "disconnectReasonEncryptionError", "the client could not encrypt (standard RDP security)"),
    Code::new(0xB07, "SSL_ERR_ACCOUNT_DISABLED", "the account is disabled"),
    Code::new(0xC06, "disconnectReasonDecryptionError", "the client could not decrypt (standard RDP security)"),
    Code::new(0xC07, "SSL_ERR_ACCOUNT_RESTRICTION", "a restriction of the account forbids this logon"),
    Code::new(0xC08, "disconnectReasonClientDecompressionError", "the client could not unpack what the server sent"),
    Code::new(0xD07, "SSL_ERR_ACCOUNT_LOCKED_OUT", "the account is locked out"),
    Code::new(0xE07, "SSL_ERR_ACCOUNT_EXPIRED", "the account is past its end date"),
    Code::new(0xF07, "SSL_ERR_PASSWORD_EXPIRED", "the password has expired"),
    Code::new(0x1207, "SSL_ERR_PASSWORD_MUST_CHANGE", "the password must be changed before this logon"),
    Code::new(0x1607, "SSL_ERR_DELEGATION_POLICY", "a policy of the client forbids handing credentials to this server"),
    Code::new(0x1707, "SSL_ERR_POLICY_NTLM_ONLY", "a policy of the client forbids handing credentials over when only NTLM vouches for the server"),
    Code::new(0x1807, "SSL_ERR_NO_AUTHENTICATING_AUTHORITY", "no domain controller could be reached to vouch for the server"),
    Code::new(0x1B07, "SSL_ERR_CERT_EXPIRED", "the client found the server's certificate out of date and refused it"),
    Code::new(0x1C07, "SSL_ERR_SMARTCARD_WRONG_PIN", "the smart card's PIN is wrong"),
    Code::new(0x2107, "SSL_ERR_FRESH_CRED_REQUIRED_BY_SERVER", "the server wants the password typed, not a saved one"),
    Code::new(0x2207, "SSL_ERR_SMARTCARD_CARD_BLOCKED", "the smart card is blocked"),
];

/// discReason as seen in practice, without a document.
#[rustfmt::skip]
pub static OBSERVED_REASONS: &[Code] = &[
    Code::new(0x4, "", "\"an internal error has occurred\": the connection was aborted early; behind it stand many causes"),
    Code::new(0x107, "", "the session ended; no error"),
    Code::new(0x10A, "", "the smart card service does not run"),
    Code::new(0x20A, "", "there is no smart card reader"),
    Code::new(0x30A, "", "there is no card in the reader"),
    Code::new(0x40A, "", "the smart card subsystem failed"),
    Code::new(0x708, "", "a console session is already under way"),
    Code::new(0x907, "", "the server showed another certificate than expected"),
    Code::new(0xB04, "", "the connection failed, in general"),
    Code::new(0xB09, "", "the server insists on NLA, and the client has it off or does not know it"),
    Code::new(0xD06, "", "the client could not make sense of a message and ended the session"),
    Code::new(0xD09, "", "a policy wants the password typed on the client, and the server cannot take it that way"),
    Code::new(0xE06, "", "the server demands FIPS encryption, which the client lacks"),
    Code::new(0xE08, "", "reconnecting to the session failed"),
    Code::new(0xE09, "", "the server does not do Restricted Admin"),
    Code::new(0xF08, "", "a policy forbids handing credentials to this computer"),
    Code::new(0x1007, "", "the account may not log on at this time of day"),
    Code::new(0x1008, "", "the client lacks video memory"),
    Code::new(0x1107, "", "the account may not log on from this computer"),
    Code::new(0x1307, "", "the user lacks the right to log on this way"),
    Code::new(0x1407, "", "Kerberos demands user-to-user authentication here"),
    Code::new(0x1D07, "", "the clocks differ too much to prove who is who"),
    Code::new(0x2507, "", "a RemoteApp could not reconnect by itself"),
    Code::new(0x2604, "", "client and server have versions that do not match"),
    Code::new(0x200_0001, "", "a RemoteApp could not reconnect"),
    Code::new(0x200_0002, "", "the server has no support for RemoteApp"),
];

/// What a capture shows when the client shows such a number, where it shows anything.
#[rustfmt::skip]
const ON_THE_WIRE: &[(u32, &str)] = &[
    (0x1, "the client's MCS Disconnect Provider Ultimatum, then its FIN"),
    (0x2, "the server's Set Error Info 0xb or 0xc, then its MCS ultimatum"),
    (0x3, "the server's MCS ultimatum, mostly with Set Error Info before it"),
    (0x4, "a FIN or RST early on; the phase tells more"),
    (0x104, "DNS without an answer, or NXDOMAIN; no SYN"),
    (0x108, "SYNs that nobody answers, or a handshake that stalls"),
    (0x204, "a RST or an ICMP error for the SYN, or no answer"),
    (0x208, "DNS without an answer, or NXDOMAIN; no SYN"),
    (0x304, "a RST while the client had more to say"),
    (0x308, "nothing: no packet was sent"),
    (0x404, "a RST, or packets repeated until the client gives up"),
    (0x406, "the client closes on the MCS Connect Response"),
    (0x506, "an encryptionMethod in the MCS Connect Response that the client did not offer"),
    (0x508, "DNS without an answer, or NXDOMAIN; no SYN"),
    (0x604, "DNS without an answer, or NXDOMAIN; no SYN"),
    (0x606, "the client closes on the MCS Connect Response"),
    (0x704, "a long silence of the server, then the client's FIN or RST"),
    (0x706, "the client closes on the MCS Connect Response; no TLS"),
    (0x804, "nothing: no packet was sent"),
    (0x807, "a short answer to the client's last NLA token (with keys: 0xC000006D), an alert, or a close"),
    (0x808, "a License Error with ST_TOTAL_ABORT, or a close during licensing"),
    (0x904, "a FIN or RST that reaches the client while it waits; the phase narrows it down"),
    (0x907, "the client closes after the server's Certificate"),
    (0x908, "silence after Client Info or a licensing message"),
    (0xA07, "a short NLA answer (with keys: 0xC0000064)"),
    (0xB06, "a connection without TLS"),
    (0xB07, "a short NLA answer (with keys: 0xC0000072)"),
    (0xB09, "RDP_NEG_FAILURE 5, HYBRID_REQUIRED_BY_SERVER, in clear"),
    (0xC06, "a connection without TLS, and perhaps damaged packets"),
    (0xC07, "a short NLA answer (with keys: 0xC000006E)"),
    (0xD06, "the client's FIN after something that the server said"),
    (0xD07, "a short NLA answer (with keys: 0xC0000234)"),
    (0xE07, "a short NLA answer (with keys: 0xC0000193)"),
    (0xE08, "new connections that follow each other"),
    (0xE09, "RESTRICTED_ADMIN_MODE_REQUIRED in the request, and no RESTRICTED_ADMIN_MODE_SUPPORTED in the answer"),
    (0xF07, "a short NLA answer (with keys: 0xC0000071)"),
    (0xF08, "the client closes before it hands over credentials"),
    (0x1007, "a short NLA answer (with keys: 0xC000006F)"),
    (0x1107, "a short NLA answer (with keys: 0xC0000070)"),
    (0x1207, "a short NLA answer (with keys: 0xC0000224)"),
    (0x1307, "a short NLA answer (with keys: 0xC000015B)"),
    (0x1607, "the client closes before it hands over credentials"),
    (0x1707, "the client closes after the server's pubKeyAuth, before it hands over credentials"),
    (0x1807, "the client's DNS or port 88 attempts without an answer (with keys also: 0xC000005E)"),
    (0x1B07, "the client closes or sends an alert after the server's Certificate"),
    (0x1C07, "nothing: it stays between client and card"),
    (0x1D07, "KRB_AP_ERR_SKEW (37) on port 88, or a certificate that is not valid at the capture's time"),
    (0x2107, "Set Error Info 0xa"),
    (0x2207, "nothing: it stays between client and card"),
];

/// What a capture shows when the client shows `reason`.
#[must_use]
pub fn on_the_wire(reason: u32) -> Option<&'static str> {
    ON_THE_WIRE.iter().find(|row| row.0 == reason).map(|row| row.1)
}

/// ExtendedDisconnectReasonCode. Most have the number of the same code of Set Error Info (MS-RDPBCGR 2.2.5.1.1).
#[rustfmt::skip]
pub static EXTENDED_REASONS: &[Code] = &[
    Code::new(0x0, "exDiscReasonNoInfo", "nothing more is known"),
    Code::new(0x1, "exDiscReasonAPIInitiatedDisconnect", "a program or administrator disconnected the session"),
    Code::new(0x2, "exDiscReasonAPIInitiatedLogoff", "a program or administrator signed the session out"),
    Code::new(0x3, "exDiscReasonServerIdleTimeout", "the session was idle for longer than the server allows"),
    Code::new(0x4, "exDiscReasonServerLogonTimeout", "the session lasted longer than the server allows"),
    Code::new(0x5, "exDiscReasonReplacedByOtherConnection", "another connection took the session over"),
    Code::new(0x6, "exDiscReasonOutOfMemory", "the server ran out of memory"),
    Code::new(0x7, "exDiscReasonServerDeniedConnection", "the server turned the connection away"),
    Code::new(0x8, "exDiscReasonServerDeniedConnectionFips", "the server turned the connection away: its FIPS rules"),
    Code::new(0x9, "exDiscReasonServerInsufficientPrivileges", "the user may not log on through Remote Desktop"),
    Code::new(0xA, "exDiscReasonServerFreshCredsRequired", "the server does not take saved credentials"),
    Code::new(0xB, "exDiscReasonRpcInitiatedDisconnectByUser", "the user disconnected from within the session"),
    Code::new(0xC, "exDiscReasonLogoffByUser", "the user signed out"),
    Code::new(0x100, "exDiscReasonLicenseInternal", "licensing failed inside the server"),
    Code::new(0x101, "exDiscReasonLicenseNoLicenseServer", "the server reaches no licence server"),
    Code::new(0x102, "exDiscReasonLicenseNoLicense", "there is no licence left to give"),
    Code::new(0x103, "exDiscReasonLicenseErrClientMsg", "the client's licensing message is not valid"),
    Code::new(0x104, "exDiscReasonLicenseHwidDoesntMatchLicense", "the licence stored on the client belongs to another machine"),
    Code::new(0x105, "exDiscReasonLicenseErrClientLicense", "the licence stored on the client is damaged"),
    Code::new(0x106, "exDiscReasonLicenseCantFinishProtocol", "the network broke licensing off"),
    Code::new(0x107, "exDiscReasonLicenseClientEndedProtocol", "the client broke licensing off"),
    Code::new(0x108, "exDiscReasonLicenseErrClientEncryption", "the client encrypted a licensing message wrongly"),
    Code::new(0x109, "exDiscReasonLicenseCantUpgradeLicense", "the stored licence can be neither upgraded nor renewed"),
    Code::new(0x10A, "exDiscReasonLicenseNoRemoteConnections", "the server has no licence for remote connections"),
    Code::new(0x10B, "exDiscReasonLicenseCreatingLicStoreAccDenied", "the client may not write its licence store in the registry"),
    Code::new(0x300, "exDiscReasonRdpEncInvalidCredentials", "the credentials are not valid"),
    Code::new(0x1000, "exDiscReasonProtocolRangeStart", "from here to 0x7fff: the server did not like the client's bytes"),
    Code::new(0x7FFF, "exDiscReasonProtocolRangeEnd", "the last of the numbers about the client's bytes"),
];

/// Whether Set Error Info knows this extended code by the same number: the server can then have sent it.
#[must_use]
pub const fn is_set_error_info(extended: u32) -> bool {
    matches!(extended, 1..=7 | 9..=12 | 0x100..=0x10a | 0x10c9..=0x1195)
}

/// The layer that a reason belongs to, by its low byte: an observation over the documented numbers, no document says so.
#[must_use]
pub const fn layer(reason: u32) -> Option<&'static str> {
    match reason {
        0..=0x103 | 0x1_0000.. => None,
        _ => match reason & 0xff {
            0x04 => Some("..04: the transport, TCP and names"),
            0x06 => Some("..06: memory, and standard RDP security"),
            0x07 => Some("..07: NLA and certificates"),
            0x08 => Some("..08: timers, licensing, the client itself"),
            0x09 => Some("..09: the security negotiation"),
            0x0a => Some("..0a: smart cards"),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::code::find;

    #[test]
    fn tables_are_complete_and_in_order() {
        assert_eq!(REASONS.len() + OBSERVED_REASONS.len(), 73);
        assert_eq!(EXTENDED_REASONS.len(), 28);
        for table in [REASONS, OBSERVED_REASONS, EXTENDED_REASONS] {
            assert!(table.is_sorted_by(|a, b| a.value < b.value));
        }
        for (reason, _) in ON_THE_WIRE {
            assert!(find(REASONS, *reason).or(find(OBSERVED_REASONS, *reason)).is_some(), "{reason:#x}");
        }
    }

    #[test]
    fn numbers_that_look_alike_belong_to_different_layers() {
        assert_ne!(layer(0x904), layer(0x906));
        assert_ne!(layer(0x904), layer(0x908));
        assert_eq!(layer(3), None);
        assert!(is_set_error_info(7) && !is_set_error_info(8) && !is_set_error_info(0));
    }
}
