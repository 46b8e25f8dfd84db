//! Client Info and licensing.

use super::super::cause::{Cause, Chapter, Remedy, Seen};
use super::remedies::{CLIENT_LICENCE, DRAIN, GRACE, KEYS, LICENCE_SERVER, LIMITS, NO_MSLICENSING, SESSION_EVENTS};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "lic.refused",
        title: "licensing ends the connection",
        chapter: Chapter::Licensing,
        meaning: "One side sent a licensing error. Only a session host with licences per user or device asks at all; a \
            PC or a server in admin mode always says \"valid\".",
        wire: "a License Error (ERROR_ALERT) with another code than STATUS_VALID_CLIENT; in clear only under \
            standard RDP security, inside TLS with keys",
        confused_with: &["lic.no-server", "lic.client-store", "lic.mac", "lic.invalid-client", "rdp.closed-after-info"],
        shown_as: "0x808",
        fixes: &[LICENCE_SERVER, CLIENT_LICENCE],
        not_this: &[NO_MSLICENSING],
        sources: &["MS-RDPBCGR 2.2.1.12.1.3", "MS-RDPELE 1.3.3"],
        ..Cause::BLANK
    },
    Cause {
        id: "lic.no-server",
        title: "the server found no licence server",
        chapter: Chapter::Licensing,
        meaning: "The session host's days of grace (120) are over and it reaches no licence server. Administrators \
            still get in with /admin.",
        wire: "License Error 6 (ERR_NO_LICENSE_SERVER) with ST_TOTAL_ABORT, or Set Error Info 0x101",
        confused_with: &["lic.none-left", "lic.network", "lic.refused"],
        shown_as: "0x808, extended code 0x101: no Remote Desktop License Servers available",
        fixes: &[
            LICENCE_SERVER,
            Remedy::with("client", "to get in now, for administration", "mstsc /v:{server} /admin"),
        ],
        more: &[
            GRACE,
            Remedy::with(
                "server",
                "see which licence servers are named",
                r"(Get-CimInstance -Namespace root\cimv2\TerminalServices Win32_TerminalServiceSetting).GetSpecifiedLicenseServerList()",
            ),
        ],
        not_this: &["deleting the GracePeriod key: it only restarts the clock, and breaks the licence terms"],
        sources: &["MS-RDPBCGR 2.2.1.12.1.3", "MS-RDPBCGR 2.2.5.1.1", "MS-RDPELE 1.3.3"],
        ..Cause::BLANK
    },
    Cause {
        id: "lic.none-left",
        title: "the licence server has no licence left",
        chapter: Chapter::Licensing,
        seen: Seen::NeedsKeys,
        meaning: "A licence server answers and has none of the wanted kind: all are issued, or they are for another \
            Windows version or mode (per device, per user).",
        wire: "Set Error Info 0x102",
        confused_with: &["lic.no-server", "lic.not-licensed"],
        shown_as: "extended code 0x102",
        fixes: &[
            Remedy::with("server", "see in RD Licensing Manager how many of which kind are issued", "licmgr.exe"),
            Remedy::with(
                "server",
                "see whether mode and licences fit (2 per device, 4 per user)",
                r"(Get-CimInstance -Namespace root\cimv2\TerminalServices Win32_TerminalServiceSetting).LicensingType",
            ),
        ],
        more: &[LICENCE_SERVER],
        next: &[KEYS],
        sources: &["MS-RDPBCGR 2.2.5.1.1", "MS-RDPELE 1.3.3"],
        ..Cause::BLANK
    },
    Cause {
        id: "lic.client-store",
        title: "the client's licence store is damaged",
        chapter: Chapter::Licensing,
        meaning: "The client cannot read, use or write the licence that it holds. Only this client fails, others get \
            in.",
        wire: "the client sends a License Error (1, 2) or a licence that the server refuses; Set Error Info 0x103 \
            to 0x105, 0x107 to 0x109",
        confused_with: &["lic.refused", "lic.invalid-client", "lic.not-licensed"],
        shown_as: "0x808, extended codes 0x103 to 0x109 or 0x10B",
        fixes: &[
            CLIENT_LICENCE,
            Remedy::with(
                "client",
                "then start the client once as administrator, so that it may write a new one",
                "Start-Process mstsc -Verb RunAs",
            ),
        ],
        not_this: &[NO_MSLICENSING, "looking for it under HKCU: the store is under HKLM"],
        sources: &["MS-RDPBCGR 2.2.1.12.1.3"],
        ..Cause::BLANK
    },
    Cause {
        id: "lic.mac",
        title: "a licensing message was altered, or the keys differ",
        chapter: Chapter::Licensing,
        meaning: "The check sum of a licensing message is wrong. Damage on the way, or a client that computes its keys \
            differently.",
        wire: "License Error 3 (ERR_INVALID_MAC)",
        confused_with: &["tcp.stream-damaged", "lic.client-store"],
        shown_as: "0x808",
        fixes: &[Remedy::new("client", "update the client, or try another one"), CLIENT_LICENCE],
        next: &[SESSION_EVENTS],
        sources: &["MS-RDPBCGR 2.2.1.12.1.3"],
        ..Cause::BLANK
    },
    Cause {
        id: "lic.invalid-client",
        title: "the licence server will not have this client",
        chapter: Chapter::Licensing,
        meaning: "The server does not accept the client, or got its messages out of order. It is about the client's \
            identity or its platform, not its user.",
        wire: "License Error 8 (ERR_INVALID_CLIENT)",
        confused_with: &["lic.client-store", "lic.refused"],
        shown_as: "0x808",
        fixes: &[Remedy::new("client", "update the client, or try another one"), LICENCE_SERVER],
        more: &[CLIENT_LICENCE],
        sources: &["MS-RDPBCGR 2.2.1.12.1.3"],
        ..Cause::BLANK
    },
    Cause {
        id: "lic.network",
        title: "licensing did not come to an end",
        chapter: Chapter::Licensing,
        meaning: "The exchange began and stopped: the session host waits for the licence server, or packets get lost.",
        wire: "Set Error Info 0x106, or silence behind a licensing message",
        confused_with: &["lic.no-server", "path.loss", "mcs.stall"],
        shown_as: "0x908, or extended code 0x106",
        fixes: &[
            Remedy::with(
                "server",
                "see whether {server} reaches the licence server (RPC: 135 and dynamic ports)",
                "Test-NetConnection LICENCE-SERVER -Port 135",
            ),
            LICENCE_SERVER,
        ],
        next: &[KEYS],
        sources: &["MS-RDPBCGR 2.2.5.1.1", "Microsoft Learn: IMsTscAxEvents::OnDisconnected"],
        ..Cause::BLANK
    },
    Cause {
        id: "lic.not-licensed",
        title: "the computer is not licensed for remote connections",
        chapter: Chapter::Licensing,
        seen: Seen::NeedsKeys,
        meaning: "The target itself says that it may not take remote sessions.",
        wire: "Set Error Info 0x10A",
        confused_with: &["lic.no-server", "lic.none-left", "end.denied"],
        shown_as: "extended code 0x10A",
        fixes: &[
            Remedy::with(
                "server",
                "see whether Windows is activated and its edition takes remote desktops (Home does not)",
                "slmgr /dlv; winver",
            ),
            LICENCE_SERVER,
        ],
        next: &[KEYS],
        sources: &["MS-RDPBCGR 2.2.5.1.1", "Microsoft Learn: ExtendedDisconnectReasonCode"],
        ..Cause::BLANK
    },
    Cause {
        id: "rdp.closed-after-info",
        title: "the server closes when it knows who the client is, before a session",
        chapter: Chapter::Licensing,
        meaning: "Client Info was sent, and the server leaves without an active session: no licence, a limit, a \
            profile that does not load, a policy. It told the client, but inside the encryption.",
        wire: "the server closes between Client Info and the first picture",
        confused_with: &["lic.no-server", "end.denied", "rdp.session-creation", "end.no-privilege"],
        shown_as: "0x904, 0x3 or 0x808",
        fixes: &[
            Remedy::new(
                "server",
                "look in TerminalServices-LocalSessionManager/Operational and, on a session host, in RD \
                 Licensing Diagnoser",
            ),
            LIMITS,
        ],
        more: &[SESSION_EVENTS, DRAIN],
        next: &[KEYS],
        sources: &["MS-RDPBCGR 1.3.1.1", "MS-RDPBCGR 2.2.1.11"],
        ..Cause::BLANK
    },
    Cause {
        id: "rdp.session-creation",
        title: "the server could not create the session",
        chapter: Chapter::Licensing,
        seen: Seen::NotInPackets,
        meaning: "The user got as far as a session and Windows could not make one: profile, memory, a crashing \
            Winlogon, too many sessions. Packets only show that the server leaves.",
        wire: "the server closes after Client Info or licensing, without or with Set Error Info 0x6, 0x10, 0x17 or \
            0x18",
        confused_with: &["rdp.closed-after-info", "end.session-crash", "end.denied"],
        shown_as: "0x904 or 0x3",
        fixes: &[
            Remedy::with(
                "server",
                "look for errors of the User Profile Service and Winlogon at that second",
                "Get-WinEvent -FilterHashtable @{LogName='Application';Level=2} -MaxEvents 20",
            ),
            LIMITS,
        ],
        more: &[Remedy::with(
            "server",
            "see whether memory or disk is used up",
            r"Get-Counter '\Memory\Available MBytes'; Get-PSDrive C",
        )],
        next: &[SESSION_EVENTS],
        sources: &["MS-RDPBCGR 2.2.5.1.1", "Microsoft Learn: log-files-to-troubleshoot"],
        ..Cause::BLANK
    },
];
