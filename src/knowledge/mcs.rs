//! Numbers of MCS, GCC and the security layer under them. Sources: T.125 7, T.124 8.7, MS-RDPBCGR 2.2.1.3, 2.2.1.4,
//! 2.2.8.1.1.

use std::fmt;

use super::code::{Code, find, looked_up};

/// Result of Connect Response, Attach User Confirm and Channel Join Confirm (T.125 7, `Result`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct McsResult(pub u32);

/// The results, complete.
pub static RESULTS: &[Code] = &[
    Code::new(0, "rt-successful", "accepted"),
    Code::new(1, "rt-domain-merging", "the domain is being merged; Windows never says so"),
    Code::new(2, "rt-domain-not-hierarchical", "the domain would not be a tree; Windows never says so"),
    Code::new(3, "rt-no-such-channel", "there is no such channel; Windows never says so"),
    Code::new(4, "rt-no-such-domain", "there is no such domain; Windows never says so"),
    Code::new(5, "rt-no-such-user", "there is no such user; Windows never says so"),
    Code::new(6, "rt-not-admitted", "not admitted to the channel; Windows never says so"),
    Code::new(7, "rt-other-user-id", "the user id belongs to somebody else; Windows never says so"),
    Code::new(8, "rt-parameters-unacceptable", "no domain parameters suit both sides"),
    Code::new(9, "rt-token-not-available", "the token is taken; Windows never says so"),
    Code::new(10, "rt-token-not-possessed", "the token is not held; Windows never says so"),
    Code::new(11, "rt-too-many-channels", "more channels than the domain allows"),
    Code::new(12, "rt-too-many-tokens", "more tokens than the domain allows; Windows never says so"),
    Code::new(13, "rt-too-many-users", "more users than the domain allows; Windows never says so"),
    Code::new(14, "rt-unspecified-failure", "refused: the GCC data did not please, or an attach or join was denied"),
    Code::new(15, "rt-user-rejected", "refused by the provider"),
];

/// Reason of a Disconnect Provider Ultimatum (T.125 7, `Reason`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UltimatumReason(pub u32);

/// The reasons, complete.
pub static REASONS: &[Code] = &[
    Code::new(0, "rn-domain-disconnected", "the domain fell apart; only stacks not from Microsoft say so"),
    Code::new(1, "rn-provider-initiated", "the server or an administrator ended the session"),
    Code::new(2, "rn-token-purged", "a token was withdrawn; RDP has none"),
    Code::new(3, "rn-user-requested", "an orderly end; Windows writes it whoever ended the session"),
    Code::new(4, "rn-channel-purged", "a channel was withdrawn; RDP never does that"),
];

/// Result of a GCC Conference Create Response (T.124 8.7).
pub static CONFERENCE_RESULTS: &[Code] = &[
    Code::new(0, "success", "the conference exists"),
    Code::new(1, "userRejected", "the conference was refused"),
    Code::new(2, "resourcesNotAvailable", "the server has no resources for it"),
    Code::new(3, "rejectedForSymmetryBreaking", "both sides called at once; RDP never does"),
    Code::new(4, "lockedConferenceNotSupported", "no locked conferences; RDP asks for none"),
];

/// MCS PDUs by their number in DomainMCSPDU (T.125 7): the upper six bits of the first byte.
#[rustfmt::skip]
pub static DOMAIN_PDUS: &[Code] = &[
    Code::new(1, "erectDomainRequest", "the client builds its domain; begins with 04"),
    Code::new(8, "disconnectProviderUltimatum", "the end; 20 00 domain-disconnected, 20 80 provider-initiated, 21 00 token-purged, 21 80 user-requested, 22 00 channel-purged"),
    Code::new(10, "attachUserRequest", "the client wants to be a user; begins with 28"),
    Code::new(11, "attachUserConfirm", "the answer to that; begins with 2e, or 2c without a number"),
    Code::new(14, "channelJoinRequest", "the client wants into a channel; begins with 38"),
    Code::new(15, "channelJoinConfirm", "the answer to that; begins with 3e, or 3c without a number"),
    Code::new(25, "sendDataRequest", "data of the client; begins with 64"),
    Code::new(26, "sendDataIndication", "data of the server; begins with 68"),
];

/// encryptionMethod of the server, encryptionMethods of the client (MS-RDPBCGR 2.2.1.3.3, 2.2.1.4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct EncryptionMethod(pub u32);

/// The methods; 0 with enhanced security.
pub static ENCRYPTION_METHODS: &[Code] = &[
    Code::new(0, "ENCRYPTION_METHOD_NONE", "no RDP encryption"),
    Code::new(1, "ENCRYPTION_METHOD_40BIT", "40-bit RC4"),
    Code::new(2, "ENCRYPTION_METHOD_128BIT", "128-bit RC4"),
    Code::new(8, "ENCRYPTION_METHOD_56BIT", "56-bit RC4"),
    Code::new(16, "ENCRYPTION_METHOD_FIPS", "FIPS 3DES"),
];

impl fmt::Display for EncryptionMethod {
    /// One method, or a client's set of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(code) = find(ENCRYPTION_METHODS, self.0) {
            return f.write_str(code.meaning);
        }
        let mut rest = self.0;
        let mut between = "";
        for code in ENCRYPTION_METHODS.iter().filter(|code| code.value != 0) {
            if rest & code.value != 0 {
                write!(f, "{between}{}", code.meaning)?;
                rest &= !code.value;
                between = ", ";
            }
        }
        if rest != 0 {
            write!(f, "{between}unknown {rest:#x}")?;
        }
        Ok(())
    }
}

/// encryptionLevel of the server (MS-RDPBCGR 2.2.1.4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct EncryptionLevel(pub u32);

/// The levels; 0 with enhanced security.
pub static ENCRYPTION_LEVELS: &[Code] = &[
    Code::new(0, "ENCRYPTION_LEVEL_NONE", "none"),
    Code::new(1, "ENCRYPTION_LEVEL_LOW", "low"),
    Code::new(2, "ENCRYPTION_LEVEL_CLIENT_COMPATIBLE", "client compatible"),
    Code::new(3, "ENCRYPTION_LEVEL_HIGH", "high"),
    Code::new(4, "ENCRYPTION_LEVEL_FIPS", "FIPS"),
];

impl fmt::Display for EncryptionLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match find(ENCRYPTION_LEVELS, self.0) {
            Some(code) => f.write_str(code.meaning),
            None => write!(f, "unknown {:#x}", self.0),
        }
    }
}

/// version of the core blocks (MS-RDPBCGR 2.2.1.3.2, 2.2.1.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct RdpVersion(pub u32);

impl fmt::Display for RdpVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0x0008_0001 => f.write_str("RDP 4.0"),
            0x0008_0004 => f.write_str("RDP 5.0 to 8.1"),
            // From 10.0 on every release takes the next number.
            known @ 0x0008_0005..=0x0008_0011 => write!(f, "RDP 10.{}", known - 0x0008_0005),
            newer @ 0x0008_0012..=0x0008_00ff => write!(f, "RDP newer than 10.12 ({newer:#010x})"),
            other => write!(f, "RDP version {other:#010x}"),
        }
    }
}

/// The versions that have a name, as [`RdpVersion`] shows them.
pub static RDP_VERSIONS: &[Code] = &[
    Code::new(0x0008_0001, "RDP 4.0", "Windows NT 4.0 Terminal Server"),
    Code::new(0x0008_0004, "RDP 5.0 to 8.1", "everything from Windows 2000 to Windows 8.1; the build tells more"),
    Code::new(0x0008_0005, "RDP 10.0", "Windows 10"),
    Code::new(0x0008_0006, "RDP 10.1", "Windows 10 or later"),
    Code::new(0x0008_0007, "RDP 10.2", "Windows 10 or later"),
    Code::new(0x0008_0008, "RDP 10.3", "Windows 10 or later"),
    Code::new(0x0008_0009, "RDP 10.4", "Windows 10 or later"),
    Code::new(0x0008_000a, "RDP 10.5", "Windows 10 or later"),
    Code::new(0x0008_000b, "RDP 10.6", "Windows 10 or later"),
    Code::new(0x0008_000c, "RDP 10.7", "Windows 10 or later"),
    Code::new(0x0008_000d, "RDP 10.8", "Windows 10 or later"),
    Code::new(0x0008_000e, "RDP 10.9", "Windows 10 or later"),
    Code::new(0x0008_000f, "RDP 10.10", "Windows 10 or later"),
    Code::new(0x0008_0010, "RDP 10.11", "Windows 10 or later"),
    Code::new(0x0008_0011, "RDP 10.12", "Windows 10 or later"),
];

/// clientBuild and the Windows it came with; other stacks send what they like. Sources: Microsoft's release
/// information; Zeek's table (consts.zeek) for clients before Windows 10 and those for Mac.
pub static CLIENT_BUILDS: &[Code] = &[
    Code::new(419, "RDP 4.0 client", ""),
    Code::new(2195, "Windows 2000", ""),
    Code::new(2221, "RDP 5.0 client", ""),
    Code::new(2600, "Windows XP", ""),
    Code::new(3790, "Windows Server 2003 / XP x64", ""),
    Code::new(6000, "Windows Vista", ""),
    Code::new(6001, "Windows Vista SP1 / Server 2008", ""),
    Code::new(6002, "Windows Vista SP2 / Server 2008 SP2", ""),
    Code::new(7600, "Windows 7 / Server 2008 R2", ""),
    Code::new(7601, "Windows 7 SP1 / Server 2008 R2 SP1", ""),
    Code::new(9200, "Windows 8 / Server 2012", ""),
    Code::new(9600, "Windows 8.1 / Server 2012 R2", ""),
    Code::new(10240, "Windows 10 1507", ""),
    Code::new(10586, "Windows 10 1511", ""),
    Code::new(14393, "Windows 10 1607 / Server 2016", ""),
    Code::new(15063, "Windows 10 1703", ""),
    Code::new(16299, "Windows 10 1709", ""),
    Code::new(17134, "Windows 10 1803", ""),
    Code::new(17763, "Windows 10 1809 / Server 2019", ""),
    Code::new(18362, "Windows 10 1903", ""),
    Code::new(18363, "Windows 10 1909", ""),
    Code::new(19041, "Windows 10 2004", ""),
    Code::new(19042, "Windows 10 20H2", ""),
    Code::new(19043, "Windows 10 21H1", ""),
    Code::new(19044, "Windows 10 21H2", ""),
    Code::new(19045, "Windows 10 22H2", ""),
    Code::new(20348, "Windows Server 2022", ""),
    Code::new(22000, "Windows 11 21H2", ""),
    Code::new(22621, "Windows 11 22H2", ""),
    Code::new(22631, "Windows 11 23H2", ""),
    Code::new(25189, "Microsoft's client for Mac", ""),
    Code::new(25282, "Microsoft's client for Mac", ""),
    Code::new(25398, "Windows Server 23H2", ""),
    Code::new(26100, "Windows 11 24H2 / Server 2025", ""),
    Code::new(26200, "Windows 11 25H2", ""),
];

/// The Windows a clientBuild (or an NTLM VERSION build) belongs to.
#[must_use]
pub fn windows_of_build(build: u32) -> Option<&'static str> {
    find(CLIENT_BUILDS, build).map(|row| row.symbol)
}

/// earlyCapabilityFlags of the client, those that decide something (MS-RDPBCGR 2.2.1.3.2).
pub static CLIENT_CAPABILITIES: &[Code] = &[
    Code::new(0x0001, "SUPPORT_ERRINFO_PDU", "can be told why the session ends"),
    Code::new(0x0002, "WANT_32BPP_SESSION", "wants 32 bits per pixel"),
    Code::new(0x0004, "SUPPORT_STATUSINFO_PDU", "can be told what the server is busy with"),
    Code::new(0x0008, "STRONG_ASYMMETRIC_KEYS", "accepts RSA keys above 512 bits"),
    Code::new(0x0010, "RELATIVE_MOUSE_INPUT", "can send relative mouse motion"),
    Code::new(0x0020, "VALID_CONNECTION_TYPE", "connectionType is filled in"),
    Code::new(0x0040, "SUPPORT_MONITOR_LAYOUT_PDU", "can be told the monitor layout"),
    Code::new(0x0080, "SUPPORT_NETCHAR_AUTODETECT", "lets the server measure the network"),
    Code::new(0x0100, "SUPPORT_DYNVC_GFX_PROTOCOL", "speaks the graphics pipeline"),
    Code::new(0x0200, "SUPPORT_DYNAMIC_TIME_ZONE", "sends dynamic time zones"),
    Code::new(0x0400, "SUPPORT_HEARTBEAT_PDU", "listens for heartbeats"),
    Code::new(0x0800, "SUPPORT_SKIP_CHANNELJOIN", "may skip the channel joins"),
];

/// earlyCapabilityFlags of the server (MS-RDPBCGR 2.2.1.4.2).
pub static SERVER_CAPABILITIES: &[Code] = &[
    Code::new(1, "EDGE_ACTIONS_SUPPORTED_V1", "edge gestures"),
    Code::new(2, "DYNAMIC_DST_SUPPORTED", "dynamic daylight saving time"),
    Code::new(4, "EDGE_ACTIONS_SUPPORTED_V2", "edge gestures, second form"),
    Code::new(8, "SKIP_CHANNELJOIN_SUPPORTED", "channels are joined without asking"),
];

/// pduType2 of a share data header (MS-RDPBCGR 2.2.8.1.1.1.2); the meaning is the PDU's name in words.
pub static DATA_TYPES: &[Code] = &[
    Code::new(0x02, "PDUTYPE2_UPDATE", "Graphics Update"),
    Code::new(0x14, "PDUTYPE2_CONTROL", "Control"),
    Code::new(0x1b, "PDUTYPE2_POINTER", "Pointer Update"),
    Code::new(0x1c, "PDUTYPE2_INPUT", "Input"),
    Code::new(0x1f, "PDUTYPE2_SYNCHRONIZE", "Synchronize"),
    Code::new(0x21, "PDUTYPE2_REFRESH_RECT", "Refresh Rect"),
    Code::new(0x22, "PDUTYPE2_PLAY_SOUND", "Play Sound"),
    Code::new(0x23, "PDUTYPE2_SUPPRESS_OUTPUT", "Suppress Output"),
    Code::new(0x24, "PDUTYPE2_SHUTDOWN_REQUEST", "Shutdown Request"),
    Code::new(0x25, "PDUTYPE2_SHUTDOWN_DENIED", "Shutdown Request Denied"),
    Code::new(0x26, "PDUTYPE2_SAVE_SESSION_INFO", "Save Session Info"),
    Code::new(0x27, "PDUTYPE2_FONTLIST", "Font List"),
    Code::new(0x28, "PDUTYPE2_FONTMAP", "Font Map"),
    Code::new(0x29, "PDUTYPE2_SET_KEYBOARD_INDICATORS", "Set Keyboard Indicators"),
    Code::new(0x2b, "PDUTYPE2_BITMAPCACHE_PERSISTENT_LIST", "Persistent Key List"),
    Code::new(0x2c, "PDUTYPE2_BITMAPCACHE_ERROR_PDU", "Bitmap Cache Error"),
    Code::new(0x2d, "PDUTYPE2_SET_KEYBOARD_IME_STATUS", "Set Keyboard IME Status"),
    Code::new(0x2e, "PDUTYPE2_OFFSCRCACHE_ERROR_PDU", "Offscreen Cache Error"),
    Code::new(0x2f, "PDUTYPE2_SET_ERROR_INFO_PDU", "Set Error Info"),
    Code::new(0x30, "PDUTYPE2_DRAWNINEGRID_ERROR_PDU", "DrawNineGrid Cache Error"),
    Code::new(0x31, "PDUTYPE2_DRAWGDIPLUS_ERROR_PDU", "GDI+ Error"),
    Code::new(0x32, "PDUTYPE2_ARC_STATUS_PDU", "Auto-Reconnect Status"),
    Code::new(0x36, "PDUTYPE2_STATUS_INFO_PDU", "Status Info"),
    Code::new(0x37, "PDUTYPE2_MONITOR_LAYOUT_PDU", "Monitor Layout"),
];

/// flags of the basic security header (MS-RDPBCGR 2.2.8.1.1.2.1).
pub static SECURITY_FLAGS: &[Code] = &[
    Code::new(0x0001, "SEC_EXCHANGE_PKT", "the client's random, encrypted"),
    Code::new(0x0002, "SEC_TRANSPORT_REQ", "the server offers UDP"),
    Code::new(0x0004, "SEC_TRANSPORT_RSP", "the client's answer to the offer of UDP"),
    Code::new(0x0008, "SEC_ENCRYPT", "encrypted"),
    Code::new(0x0010, "SEC_RESET_SEQNO", "not used"),
    Code::new(0x0020, "SEC_IGNORE_SEQNO", "not used"),
    Code::new(0x0040, "SEC_INFO_PKT", "who logs on, and how"),
    Code::new(0x0080, "SEC_LICENSE_PKT", "licensing"),
    Code::new(0x0200, "SEC_LICENSE_ENCRYPT", "licensing packets are encrypted, or may be"),
    Code::new(0x0400, "SEC_REDIRECTION_PKT", "the client is sent elsewhere"),
    Code::new(0x0800, "SEC_SECURE_CHECKSUM", "salted message authentication code"),
    Code::new(0x1000, "SEC_AUTODETECT_REQ", "the server measures the network"),
    Code::new(0x2000, "SEC_AUTODETECT_RSP", "the client's part of a measurement"),
    Code::new(0x4000, "SEC_HEARTBEAT", "heartbeat"),
    Code::new(0x8000, "SEC_FLAGSHI_VALID", "flagsHi is filled in"),
];

/// The symbols of the bits of `table` that are set.
#[must_use]
pub fn bits(table: &'static [Code], flags: u32) -> Vec<&'static str> {
    table.iter().filter(|code| flags & code.value != 0).map(|code| code.symbol).collect()
}

macro_rules! shown_by_symbol {
    ($type:ident, $table:ident, $what:literal) => {
        looked_up!($type, $table);

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.symbol() {
                    Some(symbol) => f.write_str(symbol),
                    None => write!(f, concat!("unknown ", $what, " {}"), self.0),
                }
            }
        }
    };
}

shown_by_symbol!(McsResult, RESULTS, "result");
shown_by_symbol!(UltimatumReason, REASONS, "reason");

impl McsResult {
    /// rt-successful.
    pub const SUCCESSFUL: Self = Self(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_builds() {
        assert_eq!(RdpVersion(0x0008_000c).to_string(), "RDP 10.7");
        assert_eq!(RdpVersion(0x0008_0011).to_string(), "RDP 10.12");
        assert_eq!(RdpVersion(0x0008_0004).to_string(), "RDP 5.0 to 8.1");
        assert_eq!(windows_of_build(22621), Some("Windows 11 22H2"));
        assert!(CLIENT_BUILDS.is_sorted_by_key(|row| row.value));
    }

    #[test]
    fn versions_of_the_table_are_shown_so() {
        assert_eq!((RDP_VERSIONS.len(), CLIENT_BUILDS.len(), DOMAIN_PDUS.len()), (15, 35, 8));
        for version in RDP_VERSIONS {
            assert_eq!(RdpVersion(version.value).to_string(), version.symbol);
        }
    }

    #[test]
    fn sets_of_methods() {
        assert_eq!(EncryptionMethod(2).to_string(), "128-bit RC4");
        assert_eq!(EncryptionMethod(0x0b).to_string(), "40-bit RC4, 128-bit RC4, 56-bit RC4");
        assert_eq!(EncryptionMethod(0x22).to_string(), "128-bit RC4, unknown 0x20");
    }

    #[test]
    fn unknown_codes_are_shown() {
        assert_eq!(McsResult(14).to_string(), "rt-unspecified-failure");
        assert_eq!(UltimatumReason(7).to_string(), "unknown reason 7");
    }
}
