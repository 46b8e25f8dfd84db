//! What can be told from the size of what TLS protects. With AEAD suites a record is its plaintext and a fixed overhead,
//! so that some messages give themselves away. Sizes come from the specifications where they are fixed, and from
//! measured sessions where they are not.

/// A message that can be told by its size, its sender and its place.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Its name here.
    pub name: &'static str,
    /// Where in the connection.
    pub phase: &'static str,
    /// `client`, `server`, `both`.
    pub sender: &'static str,
    /// Plaintext bytes: least and most.
    pub bytes: (u16, u16),
    /// What it is, and what it tells.
    pub meaning: &'static str,
    /// Sizes met in practice.
    pub seen: &'static str,
    /// How sure a size alone is.
    pub sure: &'static str,
}

const CERTAIN: &str = "certain with AEAD";
const IN_PLACE: &str = "certain with AEAD, in its place";
const LIKELY: &str = "likely";
const POSSIBLE: &str = "possible";

const fn size(
    name: &'static str,
    (phase, sender): (&'static str, &'static str),
    bytes: (u16, u16),
    meaning: &'static str,
    seen: &'static str,
    sure: &'static str,
) -> Size {
    Size { name, phase, sender, bytes, meaning, seen, sure }
}

/// All of them, in the order of a connection.
#[rustfmt::skip]
pub static SIZES: &[Size] = &[
    size("tls13_alert", ("any", "both"), (2, 2), "a TLS 1.3 alert, which looks like application data", "", CERTAIN),
    size("early_user_auth", ("nla", "server"), (4, 4), "Early User Authorization Result, after HYBRID_EX: 0 or 5 (MS-RDPBCGR 2.2.10.2)", "", CERTAIN),
    size("ntlm_negotiate_raw", ("nla", "client"), (57, 93), "TSRequest with a bare NTLM NEGOTIATE", "57 from mstsc, 93 from FreeRDP", "certain with AEAD at 57"),
    size("ntlm_negotiate_spnego", ("nla", "client"), (85, 130), "TSRequest with an NTLM NEGOTIATE inside SPNEGO", "", LIKELY),
    size("kerberos_tgt_req", ("nla", "client"), (150, 260), "the client offers Kerberos and asks for the server's ticket; grows with the host's name", "175 from mstsc", LIKELY),
    size("kerberos_tgt_rep", ("nla", "server"), (1000, 4000), "the server's own ticket, for user-to-user Kerberos", "1351", "likely: no NTLM message of a server is that big"),
    size("kerberos_ap_req", ("nla", "client"), (900, 16000), "the user's ticket; grows with the user's groups", "1887 with a password, 2039 to 2055 with a smart card", LIKELY),
    size("kerberos_ap_rep", ("nla", "server"), (180, 260), "the server proves that it could read the ticket", "227, 228", LIKELY),
    size("kerberos_pubkeyauth_client", ("nla", "client"), (185, 200), "the client's pubKeyAuth under Kerberos", "191", LIKELY),
    size("kerberos_pubkeyauth_server", ("nla", "server"), (103, 103), "the server's pubKeyAuth under Kerberos: it accepted the user", "103", "certain with AEAD, after the four before it"),
    size("ntlm_challenge", ("nla", "server"), (130, 420), "NTLM CHALLENGE; grows with the names of computer and domain", "191 to 315", LIKELY),
    size("ntlm_authenticate_v5", ("nla", "client"), (480, 900), "NTLM AUTHENTICATE with a hashed pubKeyAuth (CredSSP 5 and 6)", "543 to 735", LIKELY),
    size("ntlm_authenticate_v2_4", ("nla", "client"), (650, 1150), "NTLM AUTHENTICATE with the whole public key (CredSSP 2 to 4)", "892 to 907", LIKELY),
    size("tsrequest_error", ("nla", "server"), (15, 16), "TSRequest with nothing but an errorCode: the logon is refused", "15", "certain with AEAD, right after the client's last token"),
    size("pubkeyauth_v5", ("nla", "server"), (59, 59), "the server's pubKeyAuth under NTLM: it accepted the user", "59", CERTAIN),
    size("pubkeyauth_v2_4", ("nla", "server"), (290, 320), "the same with the whole public key of 2048 bits: it accepted the user", "300 to 315", LIKELY),
    size("authinfo_password", ("nla", "client"), (70, 230), "the credentials; grows with names and password", "76 to 153 under NTLM, 163 and 183 under Kerberos", LIKELY),
    size("authinfo_restricted_admin", ("nla", "client"), (52, 96), "empty credentials: Restricted Admin", "96 under Kerberos", "likely, with flag 1 in the request"),
    size("authinfo_smartcard", ("nla", "client"), (300, 500), "the credentials of a smart card, with its PIN", "361", POSSIBLE),
    size("authinfo_remote_guard", ("nla", "client"), (1500, 9000), "a ticket instead of a password: Remote Credential Guard", "3215", "likely, with flag 2 in the request"),
    size("mcs_connect_initial", ("mcs", "client"), (410, 700), "MCS Connect Initial, the first record behind NLA; grows with channels and monitors", "405 to 467", LIKELY),
    size("mcs_connect_response", ("mcs", "server"), (100, 140), "MCS Connect Response, inside TLS without a certificate", "108 to 126", LIKELY),
    size("erect_domain", ("mcs", "client"), (12, 12), "MCS Erect Domain Request", "12", CERTAIN),
    size("attach_user_request", ("mcs", "client"), (8, 8), "MCS Attach User Request", "8", CERTAIN),
    size("attach_user_confirm", ("mcs", "server"), (11, 11), "MCS Attach User Confirm", "11; 9 when it refuses", CERTAIN),
    size("channel_join_request", ("mcs", "client"), (12, 12), "MCS Channel Join Request, in turn with 15 from the server", "12", CERTAIN),
    size("channel_join_confirm", ("mcs", "server"), (15, 15), "MCS Channel Join Confirm", "15; 13 without the number", CERTAIN),
    size("client_info", ("settings", "client"), (300, 900), "Client Info: who logs on; the time zone alone is 172 bytes", "348 to 433", LIKELY),
    size("license_valid_client", ("licensing", "server"), (34, 35), "License Error STATUS_VALID_CLIENT: licensing is done", "34", CERTAIN),
    size("license_request", ("licensing", "server"), (500, 2600), "License Request with a certificate", "524 to 539", LIKELY),
    size("demand_active", ("capabilities", "server"), (300, 520), "Demand Active: what the server can do", "428 to 472", LIKELY),
    size("confirm_active", ("capabilities", "client"), (400, 700), "Confirm Active: what the client can do", "428 to 611", LIKELY),
    size("synchronize", ("finalization", "both"), (36, 37), "Synchronize", "36; 37 from FreeRDP", "certain with AEAD, with the four that follow"),
    size("control", ("finalization", "both"), (40, 41), "Control", "40; 41 from FreeRDP", IN_PLACE),
    size("font_list_or_map", ("finalization", "both"), (40, 41), "Font List of the client, Font Map of the server", "40; 41 from FreeRDP", IN_PLACE),
    size("save_session_info", ("active", "server"), (605, 660), "Save Session Info; at 645 it brings the reconnect cookie, so the user is logged on; at 625 it tells how the logon goes", "613, 625, 645, 657", LIKELY),
    size("set_error_info", ("end", "server"), (36, 37), "Set Error Info: the server says why it ends; some servers also send it with 0 at logon", "36", "likely: Synchronize has the same size elsewhere"),
    size("deactivate_all", ("end", "server"), (26, 30), "Deactivate All", "30 in standard RDP security", POSSIBLE),
    size("mcs_disconnect_ultimatum", ("end", "both"), (9, 9), "MCS Disconnect Provider Ultimatum; Windows writes reason 3 whoever ends", "9", "certain with AEAD, as the last record of a side"),
    size("rdstls_capabilities", ("rdstls", "server"), (8, 8), "RDSTLS Capabilities, the first record behind TLS", "", LIKELY),
    size("rdstls_auth_response", ("rdstls", "server"), (10, 10), "RDSTLS Authentication Response", "", LIKELY),
    size("rdsaad_server_nonce", ("rdsaad", "server"), (60, 400), "the server's nonce for an Entra ID logon, as JSON", "", POSSIBLE),
    size("heartbeat", ("active", "server"), (22, 23), "Heartbeat, in even intervals", "", LIKELY),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_is_there_once() {
        assert_eq!(SIZES.len(), 43);
        for (index, size) in SIZES.iter().enumerate() {
            assert!(size.bytes.0 <= size.bytes.1, "{}", size.name);
            assert!(SIZES[..index].iter().all(|other| other.name != size.name), "{}", size.name);
        }
    }
}
