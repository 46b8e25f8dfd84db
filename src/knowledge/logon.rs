//! What becomes of a logon behind NLA: results that RDP's own messages carry. All of MS-RDPBCGR; each table names its
//! section.

use super::code::Code;

/// authorizationResult of the Early User Authorization Result PDU (2.2.10.2): the four bytes behind HYBRID_EX.
pub static EARLY_USER_AUTH: &[Code] = &[
    Code::new(0, "AUTHZ_SUCCESS", "the user may connect"),
    Code::new(
        5,
        "AUTHZ_ACCESS_DENIED",
        "the user may not: not among the Remote Desktop Users, or without the logon right",
    ),
];

/// resultCode of an RDSTLS authentication response (2.2.17).
pub static RDSTLS_RESULTS: &[Code] = &[
    Code::new(0, "RDSTLS_RESULT_SUCCESS", "accepted"),
    Code::new(0x5, "RDSTLS_RESULT_ACCESS_DENIED", "the user has no permission"),
    Code::new(0x52E, "RDSTLS_RESULT_LOGON_FAILURE", "user name or password is wrong"),
    Code::new(0x530, "RDSTLS_RESULT_INVALID_LOGON_HOURS", "the account may not log on at this time of day"),
    Code::new(0x532, "RDSTLS_RESULT_PASSWORD_EXPIRED", "the password has expired"),
    Code::new(0x533, "RDSTLS_RESULT_ACCOUNT_DISABLED", "the account is disabled"),
    Code::new(0x773, "RDSTLS_RESULT_PASSWORD_MUST_CHANGE", "the password must be changed first"),
    Code::new(0x775, "RDSTLS_RESULT_ACCOUNT_LOCKED_OUT", "the account is locked out"),
];

/// authentication_result of the Entra ID logon, RDSAAD (2.2.18).
pub static RDSAAD_RESULTS: &[Code] = &[
    Code::new(0, "S_OK", "accepted"),
    Code::new(0x8007_0005, "E_ACCESSDENIED", "the user is not allowed to log on here"),
    Code::new(0x8009_0308, "SEC_E_INVALID_TOKEN", "the token that the client brought is not valid"),
    Code::new(0xD000_005E, "STATUS_NO_LOGON_SERVERS", "the server reaches no domain controller"),
    Code::new(0xD000_006D, "STATUS_LOGON_FAILURE", "the logon failed"),
    Code::new(0xD000_006F, "STATUS_INVALID_LOGON_HOURS", "the account may not log on at this time of day"),
    Code::new(0xD000_0070, "STATUS_INVALID_WORKSTATION", "the account may not log on from this computer"),
    Code::new(0xD000_0071, "STATUS_PASSWORD_EXPIRED", "the password has expired"),
    Code::new(0xD000_0072, "STATUS_ACCOUNT_DISABLED", "the account is disabled"),
];

/// errorNotificationType of Logon Errors Info in Save Session Info (2.2.10.1.1.4.1.1).
pub static NOTIFICATION_TYPES: &[Code] = &[
    Code::new(0xFFFF_FFF8, "LOGON_MSG_SESSION_BUSY_OPTIONS", "the user is asked what to do: the session is busy"),
    Code::new(0xFFFF_FFF9, "LOGON_MSG_DISCONNECT_REFUSED", "whoever has the session did not let it go"),
    Code::new(0xFFFF_FFFA, "LOGON_MSG_NO_PERMISSION", "the user is told that permission is lacking"),
    Code::new(0xFFFF_FFFB, "LOGON_MSG_BUMP_OPTIONS", "the user is asked what to do: somebody else is signed in"),
    Code::new(0xFFFF_FFFC, "LOGON_MSG_RECONNECT_OPTIONS", "the user is asked which session to return to"),
    Code::new(0xFFFF_FFFD, "LOGON_MSG_SESSION_TERMINATE", "the session is about to be ended"),
    Code::new(0xFFFF_FFFE, "LOGON_MSG_SESSION_CONTINUE", "the logon goes on; no error"),
    Code::new(0xFFFF_FFFF, "ERROR_CODE_ACCESS_DENIED", "the logon failed for good"),
];

/// errorNotificationData beside it, where it is no session number (2.2.10.1.1.4.1.1).
pub static NOTIFICATION_DATA: &[Code] = &[
    Code::new(0, "LOGON_FAILED_BAD_PASSWORD", "user name or password is wrong"),
    Code::new(1, "LOGON_FAILED_UPDATE_PASSWORD", "the password must be changed first"),
    Code::new(2, "LOGON_FAILED_OTHER", "the logon failed for another reason"),
    Code::new(3, "LOGON_WARNING", "the user is shown a warning"),
];

/// statusCode of the Status Info PDU (2.2.5.2): what the server is busy with.
pub static STATUS_INFO: &[Code] = &[
    Code::new(0x401, "TS_STATUS_FINDING_DESTINATION", "the broker looks for the target"),
    Code::new(0x402, "TS_STATUS_LOADING_DESTINATION", "the target is made ready"),
    Code::new(0x403, "TS_STATUS_BRINGING_SESSION_ONLINE", "the session is brought up"),
    Code::new(0x404, "TS_STATUS_REDIRECTING_TO_DESTINATION", "the client is being sent to the target"),
    Code::new(0x501, "TS_STATUS_VM_LOADING", "the virtual machine is loaded"),
    Code::new(0x502, "TS_STATUS_VM_WAKING", "the virtual machine wakes up"),
    Code::new(0x503, "TS_STATUS_VM_STARTING", "the virtual machine starts"),
    Code::new(0x504, "TS_STATUS_VM_STARTING_MONITORING", "watching over the virtual machine begins"),
    Code::new(0x505, "TS_STATUS_VM_RETRYING_MONITORING", "watching over the virtual machine is tried again"),
];

/// hrResponse of the Multitransport Response (2.2.15.2): what became of the UDP side channel.
pub static MULTITRANSPORT_RESPONSES: &[Code] = &[
    Code::new(0, "S_OK", "the side channel stands (only sent with Soft-Sync)"),
    Code::new(0x8000_4004, "E_ABORT", "the client could not build the UDP side channel; TCP carries on"),
];

/// redirFlags of a Server Redirection Packet (2.2.13.1).
pub static REDIRECTION_FLAGS: &[Code] = &[
    Code::new(0x0_0001, "LB_TARGET_NET_ADDRESS", "the target's address is told"),
    Code::new(0x0_0002, "LB_LOAD_BALANCE_INFO", "a routing token is told"),
    Code::new(0x0_0004, "LB_USERNAME", "a user name is told"),
    Code::new(0x0_0008, "LB_DOMAIN", "a domain is told"),
    Code::new(0x0_0010, "LB_PASSWORD", "a password is told"),
    Code::new(0x0_0020, "LB_DONTSTOREUSERNAME", "the user name is for this reconnection only"),
    Code::new(0x0_0040, "LB_SMARTCARD_LOGON", "a smart card may be used"),
    Code::new(0x0_0080, "LB_NOREDIRECT", "for information; the client stays where it is"),
    Code::new(0x0_0100, "LB_TARGET_FQDN", "the target's full name is told"),
    Code::new(0x0_0200, "LB_TARGET_NETBIOS_NAME", "the target's NetBIOS name is told"),
    Code::new(0x0_0800, "LB_TARGET_NET_ADDRESSES", "several addresses of the target are told"),
    Code::new(0x0_1000, "LB_CLIENT_TSV_URL", "the client's TsvUrl comes back (Windows 7, Server 2008 R2)"),
    Code::new(0x0_2000, "LB_SERVER_TSV_CAPABLE", "the server redirects by TsvUrl (Windows 7, Server 2008 R2)"),
    Code::new(0x0_4000, "LB_PASSWORD_IS_PK_ENCRYPTED", "the password is sealed for RDSTLS"),
    Code::new(0x0_8000, "LB_REDIRECTION_GUID", "a redirection GUID is told"),
    Code::new(0x1_0000, "LB_TARGET_CERTIFICATE", "the target's certificate is told"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_complete_and_in_order() {
        let tables = [
            EARLY_USER_AUTH,
            RDSTLS_RESULTS,
            RDSAAD_RESULTS,
            NOTIFICATION_TYPES,
            NOTIFICATION_DATA,
            STATUS_INFO,
            MULTITRANSPORT_RESPONSES,
            REDIRECTION_FLAGS,
        ];
        assert_eq!(tables.iter().map(|table| table.len()).sum::<usize>(), 58);
        assert!(tables.iter().all(|table| table.is_sorted_by(|a, b| a.value < b.value)));
    }
}
