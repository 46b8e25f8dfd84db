//! Types of what RDP, its UDP side channel and NTLM are made of; numbers that are no errors. Sources: MS-RDPBCGR,
//! MS-RDPEUDP, MS-RDPEMT, MS-NLMP; each table names its section.

use super::code::Code;

/// pduType of a share control header (MS-RDPBCGR 2.2.8.1.1.1.1).
pub static CONTROL_TYPES: &[Code] = &[
    Code::new(1, "PDUTYPE_DEMANDACTIVEPDU", "Demand Active: what the server can do"),
    Code::new(3, "PDUTYPE_CONFIRMACTIVEPDU", "Confirm Active: what the client can do"),
    Code::new(6, "PDUTYPE_DEACTIVATEALLPDU", "Deactivate All: the share ends, or starts anew with another desktop"),
    Code::new(7, "PDUTYPE_DATAPDU", "Data: pduType2 says what kind"),
    Code::new(10, "PDUTYPE_SERVER_REDIR_PKT", "Server Redirection: the client is sent elsewhere"),
];

/// type of a GCC user data block (MS-RDPBCGR 2.2.1.3.1): CS of the client, SC of the server.
pub static USER_DATA_BLOCKS: &[Code] = &[
    Code::new(0x0C01, "SC_CORE", "version, and the protocols that the client had asked for"),
    Code::new(0x0C02, "SC_SECURITY", "encryption; with standard RDP security also the certificate"),
    Code::new(0x0C03, "SC_NET", "numbers of the virtual channels"),
    Code::new(0x0C04, "SC_MCS_MSGCHANNEL", "number of the message channel"),
    Code::new(0x0C08, "SC_MULTITRANSPORT", "UDP side channels the server offers"),
    Code::new(0xC001, "CS_CORE", "version, build, desktop, keyboard, name of the client"),
    Code::new(0xC002, "CS_SECURITY", "encryption methods the client can do"),
    Code::new(0xC003, "CS_NET", "virtual channels the client wants"),
    Code::new(0xC004, "CS_CLUSTER", "redirection, and the session to go to"),
    Code::new(0xC005, "CS_MONITOR", "the client's monitors"),
    Code::new(0xC006, "CS_MCS_MSGCHANNEL", "the client wants a message channel"),
    Code::new(0xC008, "CS_MONITOR_EX", "size, turn and scale of the monitors"),
    Code::new(0xC00A, "CS_MULTITRANSPORT", "UDP side channels the client can do"),
    Code::new(0xC00C, "CS_UNUSED1", "nothing; to be ignored"),
];

/// capabilitySetType (MS-RDPBCGR 2.2.1.13.1.1.1).
pub static CAPABILITIES: &[Code] = &[
    Code::new(1, "GENERAL", "versions and general abilities"),
    Code::new(2, "BITMAP", "desktop size and colours"),
    Code::new(3, "ORDER", "drawing orders"),
    Code::new(4, "BITMAPCACHE", "bitmap cache, first form"),
    Code::new(5, "CONTROL", "who controls whom"),
    Code::new(7, "ACTIVATION", "activation of windows"),
    Code::new(8, "POINTER", "pointers"),
    Code::new(9, "SHARE", "the share"),
    Code::new(10, "COLORCACHE", "colour tables"),
    Code::new(12, "SOUND", "beeps"),
    Code::new(13, "INPUT", "keyboard and mouse"),
    Code::new(14, "FONT", "fonts"),
    Code::new(15, "BRUSH", "brushes"),
    Code::new(16, "GLYPHCACHE", "glyph cache"),
    Code::new(17, "OFFSCREENCACHE", "drawing off screen"),
    Code::new(18, "BITMAPCACHE_HOSTSUPPORT", "the server keeps bitmaps for later sessions"),
    Code::new(19, "BITMAPCACHE_REV2", "bitmap cache, second form"),
    Code::new(20, "VIRTUALCHANNEL", "virtual channels"),
    Code::new(21, "DRAWNINEGRIDCACHE", "nine-part pictures"),
    Code::new(22, "DRAWGDIPLUS", "GDI+"),
    Code::new(23, "RAIL", "RemoteApp"),
    Code::new(24, "WINDOW", "windows of RemoteApp"),
    Code::new(25, "COMPDESK", "desktop composition"),
    Code::new(26, "MULTIFRAGMENTUPDATE", "updates in several pieces"),
    Code::new(27, "LARGE_POINTER", "large pointers"),
    Code::new(28, "SURFACE_COMMANDS", "surface commands"),
    Code::new(29, "BITMAP_CODECS", "picture codecs"),
    Code::new(30, "FRAME_ACKNOWLEDGE", "acknowledgment of frames"),
];

/// uFlags of an RDP-UDP header (MS-RDPEUDP 2.2.2.1).
pub static UDP_FLAGS: &[Code] = &[
    Code::new(0x0001, "RDPUDP_FLAG_SYN", "a connection is wanted"),
    Code::new(0x0002, "RDPUDP_FLAG_FIN", "the end"),
    Code::new(0x0004, "RDPUDP_FLAG_ACK", "acknowledges"),
    Code::new(0x0008, "RDPUDP_FLAG_DATA", "carries data"),
    Code::new(0x0010, "RDPUDP_FLAG_FEC", "carries error correction"),
    Code::new(0x0020, "RDPUDP_FLAG_CN", "something was lost: send less"),
    Code::new(0x0040, "RDPUDP_FLAG_CWR", "the sender sends less now"),
    Code::new(0x0080, "RDPUDP_FLAG_SACK_OPTION", "not used"),
    Code::new(0x0100, "RDPUDP_FLAG_ACK_OF_ACKS", "acknowledges acknowledgments"),
    Code::new(0x0200, "RDPUDP_FLAG_SYNLOSSY", "the lossy kind of connection is wanted"),
    Code::new(0x0400, "RDPUDP_FLAG_ACKDELAYED", "this acknowledgment waited: no measure of the round trip"),
    Code::new(0x0800, "RDPUDP_FLAG_CORRELATION_ID", "a correlation id follows"),
    Code::new(0x1000, "RDPUDP_FLAG_SYNEX", "a version follows"),
];

/// uUdpVer (MS-RDPEUDP 2.2.2.9).
pub static UDP_VERSIONS: &[Code] = &[
    Code::new(0x0001, "RDPUDP_PROTOCOL_VERSION_1", "RDP-UDP, first form: slow timers"),
    Code::new(0x0002, "RDPUDP_PROTOCOL_VERSION_2", "RDP-UDP, first form: quicker timers"),
    Code::new(0x0101, "RDPUDP_PROTOCOL_VERSION_3", "RDP-UDP2 after the handshake"),
];

/// Action of a tunnel header inside a UDP side channel (MS-RDPEMT 2.2.1.1).
pub static TUNNEL_ACTIONS: &[Code] = &[
    Code::new(0, "RDPTUNNEL_ACTION_CREATEREQUEST", "the client binds the side channel to its session"),
    Code::new(1, "RDPTUNNEL_ACTION_CREATERESPONSE", "the server's answer to that"),
    Code::new(2, "RDPTUNNEL_ACTION_DATA", "data of the session"),
];

/// AvId in the target information of NTLM (MS-NLMP 2.2.2.1).
pub static NTLM_AV_IDS: &[Code] = &[
    Code::new(0, "MsvAvEOL", "the end of the list"),
    Code::new(1, "MsvAvNbComputerName", "the server's NetBIOS name"),
    Code::new(2, "MsvAvNbDomainName", "the NetBIOS name of its domain"),
    Code::new(3, "MsvAvDnsComputerName", "the server's DNS name"),
    Code::new(4, "MsvAvDnsDomainName", "the DNS name of its domain"),
    Code::new(5, "MsvAvDnsTreeName", "the DNS name of its forest"),
    Code::new(6, "MsvAvFlags", "flags, among them: a message integrity code is there"),
    Code::new(7, "MsvAvTimestamp", "the server's clock"),
    Code::new(8, "MsvAvSingleHost", "the client's machine id"),
    Code::new(9, "MsvAvTargetName", "the SPN that the client asked for"),
    Code::new(10, "MsvAvChannelBindings", "a hash that ties the logon to this TLS connection"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_complete_and_in_order() {
        let tables = [
            (CONTROL_TYPES, 5),
            (USER_DATA_BLOCKS, 14),
            (CAPABILITIES, 28),
            (UDP_FLAGS, 13),
            (UDP_VERSIONS, 3),
            (TUNNEL_ACTIONS, 3),
            (NTLM_AV_IDS, 11),
        ];
        for (table, rows) in tables {
            assert_eq!(table.len(), rows);
            assert!(table.is_sorted_by(|a, b| a.value < b.value));
        }
    }
}
