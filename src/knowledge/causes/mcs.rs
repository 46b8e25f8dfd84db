//! MCS and GCC: the first messages behind TLS and logon.

use super::super::cause::{Cause, Chapter, Remedy};
use super::remedies::{CLIENT_EVENTS, INSIST_ON_TLS, KEYS, OTHER_CLIENT, RDP_EVENTS, RESTART};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "mcs.refused",
        title: "the server ends the connection sequence (MCS, GCC)",
        chapter: Chapter::Mcs,
        meaning: "TLS and logon passed, and the server does not like what the client says of itself: channels, \
            versions, encryption methods, or a protocol other than negotiated.",
        wire: "MCS Connect Response with another result than rt-successful; without keys: the server closes \
            between Connect Initial and Client Info",
        confused_with: &["mcs.client-refuses", "mcs.stall", "rdp.closed-after-info", "rdp.closed-after-tls"],
        shown_as: "0x904 or 0x4",
        fixes: OTHER_CLIENT,
        more: &[RDP_EVENTS, Remedy::new("client", "as a test, connect without devices, printers and add-ins")],
        next: &[KEYS],
        sources: &["T.125 7", "MS-RDPBCGR 2.2.1.4", "MS-RDPBCGR 3.3.5.3.3"],
        ..Cause::BLANK
    },
    Cause {
        id: "mcs.client-refuses",
        title: "the client leaves in the connection sequence (MCS, GCC)",
        chapter: Chapter::Mcs,
        meaning: "The client does not like the server's answer. One reason matters most: the server repeats \
            which protocols were asked for, and if that is not what the client sent, somebody changed the \
            negotiation.",
        wire: "the client closes right after MCS Connect Response, or between the joins of the channels",
        confused_with: &["mcs.refused", "neg.foreign-selection", "tcp.client-reset", "rdp.caps-client-quits"],
        shown_as: "0x406, 0x606, 0x706 or 0xD06",
        fixes: OTHER_CLIENT,
        more: &[
            CLIENT_EVENTS,
            Remedy::new("path", "if clientRequestedProtocols differs: find the device that rewrites the negotiation"),
        ],
        next: &[KEYS],
        sources: &["MS-RDPBCGR 3.2.5.3.4", "MS-RDPBCGR 2.2.1.4.2 (clientRequestedProtocols)"],
        ..Cause::BLANK
    },
    Cause {
        id: "mcs.stdsec-method-mismatch",
        title: "no common encryption method for standard RDP security",
        chapter: Chapter::Mcs,
        meaning: "Old security only: the client's list of methods and the server's encryption level do not meet, \
            mostly FIPS against none.",
        wire: "MCS Connect Initial with encryptionMethods, no or another encryptionMethod in the answer, then \
            a close; Set Error Info 0x1194",
        confused_with: &["tls.fips-mismatch", "mcs.refused", "rdp.standard-security"],
        shown_as: "0x506",
        fixes: &[
            INSIST_ON_TLS,
            Remedy::with(
                "server",
                "or lower the encryption level to \"client compatible\"",
                r"(gp 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp').MinEncryptionLevel",
            ),
        ],
        sources: &["MS-RDPBCGR 5.3.2.1", "MS-RDPBCGR 2.2.1.4.3"],
        ..Cause::BLANK
    },
    Cause {
        id: "rdp.stdsec-decrypt",
        title: "a packet of standard RDP security could not be decrypted",
        chapter: Chapter::Mcs,
        meaning: "Keys or bytes do not agree: damage on the way, or a client that counts its packets wrongly. It \
            is about the old RC4 security, not about TLS.",
        wire: "Set Error Info 0x1192 or 0x1195, or the client closes in a session with standard RDP security",
        confused_with: &["tcp.stream-damaged", "end.protocol-error"],
        shown_as: "0xB06 or 0xC06; \"because of an error in data encryption\"",
        fixes: &[
            INSIST_ON_TLS,
            Remedy::new("path", "take WAN optimizers out of the way, and switch network card offloads off as a test"),
        ],
        sources: &["MS-RDPBCGR 5.3.6", "MS-RDPBCGR 2.2.5.1.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "mcs.attach-refused",
        title: "the server gives the client no user id",
        chapter: Chapter::Mcs,
        meaning: "The server cannot take one more user into its conference. It is out of something, or broken.",
        wire: "MCS Attach User Confirm with another result than 0, or 9 bytes instead of 11",
        confused_with: &["mcs.join-refused", "mcs.refused"],
        shown_as: "0x904 or 0xD06",
        fixes: &[
            RDP_EVENTS,
            Remedy::with(
                "server",
                "restart the RDP service (this ends all sessions)",
                "Restart-Service TermService -Force",
            ),
        ],
        sources: &["T.125 7", "MS-RDPBCGR 2.2.1.7"],
        ..Cause::BLANK
    },
    Cause {
        id: "mcs.join-refused",
        title: "the server refuses a virtual channel",
        chapter: Chapter::Mcs,
        meaning: "One channel of the client's list is not let in. Correct clients go on without it; some stop.",
        wire: "MCS Channel Join Confirm with another result than 0, or 13 bytes instead of 15",
        confused_with: &["mcs.attach-refused", "mcs.client-refuses"],
        shown_as: "0x904 or 0xD06, if the client stops",
        fixes: &[Remedy::with(
            "client",
            r"take add-ins for virtual channels away (Terminal Server Client\Default\AddIns)",
            r"gci 'HKCU:\Software\Microsoft\Terminal Server Client\Default\AddIns'",
        )],
        more: OTHER_CLIENT,
        sources: &["T.125 7", "MS-RDPBCGR 2.2.1.9"],
        ..Cause::BLANK
    },
    Cause {
        id: "mcs.stall",
        title: "the server accepts the client's data and then is silent",
        chapter: Chapter::Mcs,
        meaning: "Behind Connect Initial the server must create a connection object and ask the session manager. \
            If that hangs, nothing comes for a minute, and then the server's own timer ends it.",
        wire: "MCS Connect Initial acknowledged by TCP, no Connect Response for seconds, at last a close \
            after 60 s",
        confused_with: &["x224.no-confirm", "nla.server-slow", "rdp.connect-timer"],
        shown_as: "0x108 or 0x704; it hangs at \"Configuring remote session\"",
        fixes: &[RDP_EVENTS, RESTART],
        more: &[Remedy::with(
            "server",
            "see what the machine is busy with",
            r"Get-Counter '\Processor(_Total)\% Processor Time','\Memory\Available MBytes'",
        )],
        sources: &["MS-RDPBCGR 3.3.6.1", "MS-RDPBCGR 1.3.1.1"],
        ..Cause::BLANK
    },
];
