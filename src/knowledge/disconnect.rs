//! Why a server says that it ends a session: the codes of Set Error Info. Source: MS-RDPBCGR [2.2.5.1.1].
//!
//! [2.2.5.1.1]: https://learn.microsoft.com/openspecs/windows_protocols/ms-rdpbcgr/a21a1bd9-2303-49c1-90ec-3932435c248c

use std::fmt;

use super::code::{Code, looked_up};

/// errorInfo of a Set Error Info PDU (2.2.5.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorInfo(pub u32);

looked_up!(ErrorInfo, ERROR_INFO);

impl ErrorInfo {
    /// ERRINFO_NONE: sent at logon by well-behaved servers, no error.
    pub const NONE: Self = Self(0);

    /// Whether the licensing of the server is to blame.
    #[must_use]
    pub const fn is_licensing(self) -> bool {
        matches!(self.0, 0x100..=0x1ff)
    }

    /// Whether a connection broker is to blame.
    #[must_use]
    pub const fn is_broker(self) -> bool {
        matches!(self.0, 0x400..=0x4ff)
    }

    /// Whether the server did not like the bytes that it got.
    #[must_use]
    pub const fn is_protocol(self) -> bool {
        matches!(self.0, 0x10c9..=0x10f0 | 0x10f4..=0x112c | 0x1130..=0x1136)
    }
}

impl fmt::Display for ErrorInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.symbol() {
            Some(symbol) => write!(f, "{symbol} ({:#x})", self.0),
            None => write!(f, "unknown error info {:#010x}", self.0),
        }
    }
}

/// Every code of the section, in its order.
#[rustfmt::skip]
pub static ERROR_INFO: &[Code] = &[
    Code::new(0x0000, "ERRINFO_NONE", "no error; some servers say so at logon"),
    // the session and its server
    Code::new(0x0001, "ERRINFO_RPC_INITIATED_DISCONNECT", "an administrator disconnected the session from elsewhere"),
    Code::new(0x0002, "ERRINFO_RPC_INITIATED_LOGOFF", "an administrator signed the session out from elsewhere"),
    Code::new(0x0003, "ERRINFO_IDLE_TIMEOUT", "the session was idle for longer than the policy allows"),
    Code::new(0x0004, "ERRINFO_LOGON_TIMEOUT", "the session was active for longer than the policy allows"),
    Code::new(0x0005, "ERRINFO_DISCONNECTED_BY_OTHERCONNECTION", "another connection took the session over"),
    Code::new(0x0006, "ERRINFO_OUT_OF_MEMORY", "the server ran out of memory"),
    Code::new(0x0007, "ERRINFO_SERVER_DENIED_CONNECTION", "the server turned the connection away: a limit, logons switched off, or drain mode"),
    Code::new(0x0009, "ERRINFO_SERVER_INSUFFICIENT_PRIVILEGES", "the user may not log on through Remote Desktop"),
    Code::new(0x000a, "ERRINFO_SERVER_FRESH_CREDENTIALS_REQUIRED", "the server does not take saved credentials"),
    Code::new(0x000b, "ERRINFO_RPC_INITIATED_DISCONNECT_BYUSER", "the user disconnected from within the session"),
    Code::new(0x000c, "ERRINFO_LOGOFF_BY_USER", "the user signed out"),
    Code::new(0x000f, "ERRINFO_CLOSE_STACK_ON_DRIVER_NOT_READY", "the session's display driver was not ready in time"),
    Code::new(0x0010, "ERRINFO_SERVER_DWM_CRASH", "the session's window manager (DWM) crashed"),
    Code::new(0x0011, "ERRINFO_CLOSE_STACK_ON_DRIVER_FAILURE", "the session's display driver did not start"),
    Code::new(0x0012, "ERRINFO_CLOSE_STACK_ON_DRIVER_IFACE_FAILURE", "the session's display driver started but is of no use"),
    Code::new(0x0017, "ERRINFO_SERVER_WINLOGON_CRASH", "the session's winlogon crashed"),
    Code::new(0x0018, "ERRINFO_SERVER_CSRSS_CRASH", "the session's csrss crashed"),
    Code::new(0x0019, "ERRINFO_SERVER_SHUTDOWN", "the server shuts down"),
    Code::new(0x001a, "ERRINFO_SERVER_REBOOT", "the server restarts"),
    // licensing
    Code::new(0x0100, "ERRINFO_LICENSE_INTERNAL", "licensing failed inside the server"),
    Code::new(0x0101, "ERRINFO_LICENSE_NO_LICENSE_SERVER", "the server reaches no licence server"),
    Code::new(0x0102, "ERRINFO_LICENSE_NO_LICENSE", "the licence server has no licence left to give"),
    Code::new(0x0103, "ERRINFO_LICENSE_BAD_CLIENT_MSG", "the client's licensing message is not valid"),
    Code::new(0x0104, "ERRINFO_LICENSE_HWID_DOESNT_MATCH_LICENSE", "the licence stored on the client belongs to another machine"),
    Code::new(0x0105, "ERRINFO_LICENSE_BAD_CLIENT_LICENSE", "the licence stored on the client is damaged"),
    Code::new(0x0106, "ERRINFO_LICENSE_CANT_FINISH_PROTOCOL", "the network broke licensing off"),
    Code::new(0x0107, "ERRINFO_LICENSE_CLIENT_ENDED_PROTOCOL", "the client broke licensing off"),
    Code::new(0x0108, "ERRINFO_LICENSE_BAD_CLIENT_ENCRYPTION", "the client encrypted a licensing message wrongly"),
    Code::new(0x0109, "ERRINFO_LICENSE_CANT_UPGRADE_LICENSE", "the licence stored on the client can be neither upgraded nor renewed"),
    Code::new(0x010a, "ERRINFO_LICENSE_NO_REMOTE_CONNECTIONS", "the server has no licence for remote connections"),
    // the connection broker
    Code::new(0x0400, "ERRINFO_CB_DESTINATION_NOT_FOUND", "the broker does not find the target"),
    Code::new(0x0402, "ERRINFO_CB_LOADING_DESTINATION", "the target is leaving the broker"),
    Code::new(0x0404, "ERRINFO_CB_REDIRECTING_TO_DESTINATION", "the broker could not redirect to the target"),
    Code::new(0x0405, "ERRINFO_CB_SESSION_ONLINE_VM_WAKE", "the broker could not wake the target machine"),
    Code::new(0x0406, "ERRINFO_CB_SESSION_ONLINE_VM_BOOT", "the broker could not start the target machine"),
    Code::new(0x0407, "ERRINFO_CB_SESSION_ONLINE_VM_NO_DNS", "the broker cannot resolve the target machine's name"),
    Code::new(0x0408, "ERRINFO_CB_DESTINATION_POOL_NOT_FREE", "the broker's pool has no free machine"),
    Code::new(0x0409, "ERRINFO_CB_CONNECTION_CANCELLED", "the connection was cancelled at the broker"),
    Code::new(0x0410, "ERRINFO_CB_CONNECTION_ERROR_INVALID_SETTINGS", "the broker cannot use the routing token"),
    Code::new(0x0411, "ERRINFO_CB_SESSION_ONLINE_VM_BOOT_TIMEOUT", "the target machine did not start in time"),
    Code::new(0x0412, "ERRINFO_CB_SESSION_ONLINE_VM_SESSMON_FAILED", "the broker cannot watch the sessions of the target machine"),
    // the client's bytes
    Code::new(0x10c9, "ERRINFO_UNKNOWNPDUTYPE2", "a data PDU of a type that the server does not know"),
    Code::new(0x10ca, "ERRINFO_UNKNOWNPDUTYPE", "a share control PDU of a type that the server does not know"),
    Code::new(0x10cb, "ERRINFO_DATAPDUSEQUENCE", "a data PDU came at the wrong time"),
    Code::new(0x10cd, "ERRINFO_CONTROLPDUSEQUENCE", "a share control PDU came at the wrong time"),
    Code::new(0x10ce, "ERRINFO_INVALIDCONTROLPDUACTION", "a Control PDU asks for an action that does not exist"),
    Code::new(0x10cf, "ERRINFO_INVALIDINPUTPDUTYPE", "an input event of a type that the server does not know"),
    Code::new(0x10d0, "ERRINFO_INVALIDINPUTPDUMOUSE", "a mouse event with flags that contradict each other"),
    Code::new(0x10d1, "ERRINFO_INVALIDREFRESHRECTPDU", "a Refresh Rect PDU is not valid"),
    Code::new(0x10d2, "ERRINFO_CREATEUSERDATAFAILED", "the server failed to write its Connect Response"),
    Code::new(0x10d3, "ERRINFO_CONNECTFAILED", "the server failed to connect the channels"),
    Code::new(0x10d4, "ERRINFO_CONFIRMACTIVEWRONGSHAREID", "Confirm Active answers another share"),
    Code::new(0x10d5, "ERRINFO_CONFIRMACTIVEWRONGORIGINATOR", "Confirm Active names a wrong originator"),
    Code::new(0x10da, "ERRINFO_PERSISTENTKEYPDUBADLENGTH", "a Persistent Key List is too short"),
    Code::new(0x10db, "ERRINFO_PERSISTENTKEYPDUILLEGALFIRST", "a later Persistent Key List claims to be the first"),
    Code::new(0x10dc, "ERRINFO_PERSISTENTKEYPDUTOOMANYTOTALKEYS", "the Persistent Key Lists announce more than 262 144 bitmaps"),
    Code::new(0x10dd, "ERRINFO_PERSISTENTKEYPDUTOOMANYCACHEKEYS", "a Persistent Key List holds more keys than its cache"),
    Code::new(0x10de, "ERRINFO_INPUTPDUBADLENGTH", "an input PDU is too short"),
    Code::new(0x10df, "ERRINFO_BITMAPCACHEERRORPDUBADLENGTH", "a Bitmap Cache Error PDU is too short"),
    Code::new(0x10e0, "ERRINFO_SECURITYDATATOOSHORT", "fast-path input is too short for its signature"),
    Code::new(0x10e1, "ERRINFO_VCHANNELDATATOOSHORT", "virtual channel data is too short"),
    Code::new(0x10e2, "ERRINFO_SHAREDATATOOSHORT", "a share header is cut off"),
    Code::new(0x10e3, "ERRINFO_BADSUPRESSOUTPUTPDU", "a Suppress Output PDU is not valid"),
    Code::new(0x10e5, "ERRINFO_CONFIRMACTIVEPDUTOOSHORT", "Confirm Active is too short"),
    Code::new(0x10e7, "ERRINFO_CAPABILITYSETTOOSMALL", "a capability set is cut off"),
    Code::new(0x10e8, "ERRINFO_CAPABILITYSETTOOLARGE", "a capability set claims more bytes than there are"),
    Code::new(0x10e9, "ERRINFO_NOCURSORCACHE", "the client has no pointer cache"),
    Code::new(0x10ea, "ERRINFO_BADCAPABILITIES", "the client's capabilities are not acceptable"),
    Code::new(0x10ec, "ERRINFO_VIRTUALCHANNELDECOMPRESSIONERR", "virtual channel data does not decompress"),
    Code::new(0x10ed, "ERRINFO_INVALIDVCCOMPRESSIONTYPE", "virtual channel data is compressed in an unknown way"),
    Code::new(0x10ef, "ERRINFO_INVALIDCHANNELID", "virtual channel data on a channel that does not exist"),
    Code::new(0x10f0, "ERRINFO_VCHANNELSTOOMANY", "the client asks for more than 31 static channels"),
    Code::new(0x10f3, "ERRINFO_REMOTEAPPSNOTENABLED", "the server offers RemoteApps only, and the client asked for a desktop"),
    Code::new(0x10f4, "ERRINFO_CACHECAPNOTSET", "a Persistent Key List without the capability for it"),
    Code::new(0x10f5, "ERRINFO_BITMAPCACHEERRORPDUBADLENGTH2", "a Bitmap Cache Error PDU contradicts its own length"),
    Code::new(0x10f6, "ERRINFO_OFFSCRCACHEERRORPDUBADLENGTH", "an Offscreen Cache Error PDU is too short"),
    Code::new(0x10f7, "ERRINFO_DNGCACHEERRORPDUBADLENGTH", "a DrawNineGrid Cache Error PDU is too short"),
    Code::new(0x10f8, "ERRINFO_GDIPLUSPDUBADLENGTH", "a GDI+ Error PDU is too short"),
    Code::new(0x1111, "ERRINFO_SECURITYDATATOOSHORT2", "a basic security header is cut off"),
    Code::new(0x1112, "ERRINFO_SECURITYDATATOOSHORT3", "the security header of encrypted data is cut off"),
    Code::new(0x1113, "ERRINFO_SECURITYDATATOOSHORT4", "the Security Exchange lacks its length"),
    Code::new(0x1114, "ERRINFO_SECURITYDATATOOSHORT5", "the Client Info lacks its texts"),
    Code::new(0x1115, "ERRINFO_SECURITYDATATOOSHORT6", "the Client Info lacks its fixed part"),
    Code::new(0x1116, "ERRINFO_SECURITYDATATOOSHORT7", "the Client Info ends before the address family"),
    Code::new(0x1117, "ERRINFO_SECURITYDATATOOSHORT8", "the Client Info ends before the client's address"),
    Code::new(0x1118, "ERRINFO_SECURITYDATATOOSHORT9", "the Client Info ends before the length of the client's directory"),
    Code::new(0x1119, "ERRINFO_SECURITYDATATOOSHORT10", "the Client Info ends before the client's directory"),
    Code::new(0x111a, "ERRINFO_SECURITYDATATOOSHORT11", "the Client Info ends before the time zone"),
    Code::new(0x111b, "ERRINFO_SECURITYDATATOOSHORT12", "the Client Info ends before the session id"),
    Code::new(0x111c, "ERRINFO_SECURITYDATATOOSHORT13", "the Client Info ends before the performance flags"),
    Code::new(0x111d, "ERRINFO_SECURITYDATATOOSHORT14", "the Client Info ends before the length of the reconnect cookie"),
    Code::new(0x111e, "ERRINFO_SECURITYDATATOOSHORT15", "the Client Info ends before the reconnect cookie"),
    Code::new(0x111f, "ERRINFO_SECURITYDATATOOSHORT16", "the Client Info has a reconnect cookie above 128 bytes"),
    Code::new(0x1120, "ERRINFO_SECURITYDATATOOSHORT17", "the Client Info ends before the address family, found by the second check"),
    Code::new(0x1121, "ERRINFO_SECURITYDATATOOSHORT18", "the Client Info ends before the client's address, found by the second check"),
    Code::new(0x1122, "ERRINFO_SECURITYDATATOOSHORT19", "the Client Info ends before the length of the directory, found by the second check"),
    Code::new(0x1123, "ERRINFO_SECURITYDATATOOSHORT20", "the Client Info ends before the client's directory, found by the second check"),
    Code::new(0x1124, "ERRINFO_SECURITYDATATOOSHORT21", "the Client Info ends before the time zone, found by the second check"),
    Code::new(0x1125, "ERRINFO_SECURITYDATATOOSHORT22", "the Client Info ends before the session id, found by the second check"),
    Code::new(0x1126, "ERRINFO_SECURITYDATATOOSHORT23", "the Client Info as a whole is too short"),
    Code::new(0x1129, "ERRINFO_BADMONITORDATA", "the client describes fewer monitors than it counts"),
    Code::new(0x112a, "ERRINFO_VCDECOMPRESSEDREASSEMBLEFAILED", "the pieces of virtual channel data do not fit together"),
    Code::new(0x112b, "ERRINFO_VCDATATOOLONG", "a piece of virtual channel data is longer than agreed"),
    Code::new(0x112c, "ERRINFO_BAD_FRAME_ACK_DATA", "a Frame Acknowledge PDU is too short"),
    Code::new(0x112d, "ERRINFO_GRAPHICSMODENOTSUPPORTED", "the server does not support the graphics mode"),
    Code::new(0x112e, "ERRINFO_GRAPHICSSUBSYSTEMRESETFAILED", "the server could not reset its graphics"),
    Code::new(0x112f, "ERRINFO_GRAPHICSSUBSYSTEMFAILED", "the server's graphics failed"),
    Code::new(0x1130, "ERRINFO_TIMEZONEKEYNAMELENGTHTOOSHORT", "the Client Info ends before the length of the time zone's name"),
    Code::new(0x1131, "ERRINFO_TIMEZONEKEYNAMELENGTHTOOLONG", "the Client Info has a time zone name that is too long"),
    Code::new(0x1132, "ERRINFO_DYNAMICDSTDISABLEDFIELDMISSING", "the Client Info ends before the daylight saving flag"),
    Code::new(0x1133, "ERRINFO_VCDECODINGERROR", "dynamic virtual channel data cannot be decoded"),
    Code::new(0x1134, "ERRINFO_VIRTUALDESKTOPTOOLARGE", "the desktop asked for is wider or higher than 32 766"),
    Code::new(0x1135, "ERRINFO_MONITORGEOMETRYVALIDATIONFAILED", "the client's monitors do not form a valid desktop"),
    Code::new(0x1136, "ERRINFO_INVALIDMONITORCOUNT", "the client has more monitors than the server allows"),
    // standard RDP security
    Code::new(0x1191, "ERRINFO_UPDATESESSIONKEYFAILED", "the session keys could not be renewed"),
    Code::new(0x1192, "ERRINFO_DECRYPTFAILED", "the client's data does not decrypt, or there are no keys"),
    Code::new(0x1193, "ERRINFO_ENCRYPTFAILED", "the server could not encrypt"),
    Code::new(0x1194, "ERRINFO_ENCPKGMISMATCH", "client and server have no encryption method in common"),
    Code::new(0x1195, "ERRINFO_DECRYPTFAILED2", "clear data where only encrypted data may be"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_complete_and_in_order() {
        assert_eq!(ERROR_INFO.len(), 120);
        assert!(ERROR_INFO.is_sorted_by(|a, b| a.value < b.value));
    }

    #[test]
    fn codes_show_symbol_and_number() {
        assert_eq!(ErrorInfo(0x102).to_string(), "ERRINFO_LICENSE_NO_LICENSE (0x102)");
        assert_eq!(ErrorInfo(8).to_string(), "unknown error info 0x00000008");
        assert!(ErrorInfo(0x10f0).is_protocol() && !ErrorInfo(0x10f3).is_protocol());
        assert!(ErrorInfo(0x412).is_broker() && ErrorInfo(0x10a).is_licensing());
    }
}
