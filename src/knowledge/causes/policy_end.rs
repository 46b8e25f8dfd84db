//! Ends that the server declares by the code of its Set Error Info, which only keys make readable.

use super::super::cause::{Cause, Chapter, Remedy, Seen};
use super::remedies::{DRAIN, LIMITS, NO_INSPECTION, OTHER_CLIENT, RIGHTS, SESSION_EVENTS, TIMEOUTS, USER_RIGHTS};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "end.admin-disconnect",
        title: "an administrator disconnected the session",
        chapter: Chapter::End,
        seen: Seen::NeedsKeys,
        meaning: "Somebody used a tool (Task Manager, tsdiscon, a management console) on this session. It waits \
            on the server; connecting again finds everything as it was.",
        wire: "Set Error Info 0x1, then MCS Disconnect Provider Ultimatum; without keys 36 and 9 bytes from \
            the server, which is end.server-ended",
        confused_with: &["end.admin-logoff", "end.replaced", "end.server-ended"],
        shown_as: "0x3 with extended code 0x1",
        fixes: &[Remedy::new("client", "connect again"), SESSION_EVENTS],
        sources: &["MS-RDPBCGR 2.2.5.1.1", "Microsoft Learn: log-files-to-troubleshoot"],
        ..Cause::BLANK
    },
    Cause {
        id: "end.admin-logoff",
        title: "an administrator logged the session off",
        chapter: Chapter::End,
        seen: Seen::NeedsKeys,
        meaning: "Somebody ended the session for good (logoff, reset session, a scheduled restart script). \
            Unsaved work is lost.",
        wire: "Set Error Info 0x2, then the ultimatum",
        confused_with: &["end.admin-disconnect", "ok.user-logoff", "end.server-ended"],
        shown_as: "0x3 with extended code 0x2",
        fixes: &[SESSION_EVENTS],
        more: &[Remedy::with(
            "server",
            "look for scheduled tasks and scripts that log users off",
            r#"schtasks /query /fo list /v | findstr /i "logoff reset""#,
        )],
        sources: &["MS-RDPBCGR 2.2.5.1.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "end.idle-limit",
        title: "the session reached its idle limit",
        chapter: Chapter::End,
        seen: Seen::NeedsKeys,
        meaning: "A policy ends sessions in which nobody typed for a while. Packets still flow in such a \
            session, so it is not a device that forgot it.",
        wire: "Set Error Info 0x3, then the ultimatum, after a round time without input",
        confused_with: &["path.idle-expiry", "end.session-limit", "end.server-ended"],
        shown_as: "0x3 with extended code 0x3",
        fixes: &[
            TIMEOUTS,
            Remedy::new(
                "server",
                "or set a longer limit: policy \"Set time limit for active but idle Remote Desktop Services \
                 sessions\"",
            ),
        ],
        more: &[SESSION_EVENTS],
        sources: &["MS-RDPBCGR 2.2.5.1.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "end.session-limit",
        title: "the session reached its time limit",
        chapter: Chapter::End,
        seen: Seen::NeedsKeys,
        meaning: "A policy limits how long a session may be active at all. It ends no matter what the user does.",
        wire: "Set Error Info 0x4, then the ultimatum, a round time after the logon",
        confused_with: &["end.idle-limit", "end.server-ended"],
        shown_as: "0x3 with extended code 0x4",
        fixes: &[
            TIMEOUTS,
            Remedy::new(
                "server",
                "or set a longer limit: policy \"Set time limit for active Remote Desktop Services sessions\"",
            ),
        ],
        more: &[SESSION_EVENTS],
        sources: &["MS-RDPBCGR 2.2.5.1.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "end.replaced",
        title: "another connection took the session over",
        chapter: Chapter::End,
        seen: Seen::NeedsKeys,
        meaning: "The same user connected from elsewhere, or somebody else with the same account; Windows gives \
            the session to the newer one. Two clients with automatic reconnect can take it from each other \
            forever.",
        wire: "Set Error Info 0x5; without keys: another client of the same server gets through NLA in the \
            seconds before, then 36 and 9 bytes and the end",
        confused_with: &["end.server-ended", "end.admin-disconnect", "end.autoreconnect-loop"],
        shown_as: "0x3 with extended code 0x5: another user connected to the remote computer",
        fixes: &[
            Remedy::with(
                "server",
                "see who came: event 25 (reconnected) names the address",
                "Get-WinEvent Microsoft-Windows-TerminalServices-LocalSessionManager/Operational -MaxEvents 20",
            ),
            Remedy::new("client", "give every person an account of their own"),
        ],
        more: &[Remedy::new(
            "server",
            "more than one session per user: policy \"Restrict Remote Desktop Services users to a single \
             session\" off",
        )],
        sources: &["MS-RDPBCGR 2.2.5.1.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "end.denied",
        title: "the server denied the connection",
        chapter: Chapter::End,
        seen: Seen::NeedsKeys,
        meaning: "The server has a rule against it: too many connections, logons switched off, the host is \
            draining, two administrators are in already. The code says only \"denied\". Extended code 0x7 \
            on a client does not prove it: clients show that also when the socket was closed early.",
        wire: "Set Error Info 0x7, then the ultimatum, before or right after the logon",
        confused_with: &["rdp.closed-after-info", "x224.close-on-cr", "end.no-privilege", "lic.no-server"],
        shown_as: "0x3 or 0x904 with extended code 0x7",
        fixes: &[LIMITS, DRAIN],
        more: &[
            Remedy::with("server", "allow logons again", "change logon /enable"),
            Remedy::with("server", "free a session that nobody uses", "quser; logoff ID"),
            SESSION_EVENTS,
        ],
        not_this: &["reading 0x904 with 0x7 as this: it means that the socket was closed; look who closed it and \
            when"],
        sources: &["MS-RDPBCGR 2.2.5.1.1", "Microsoft Learn: ExtendedDisconnectReasonCode"],
        ..Cause::BLANK
    },
    Cause {
        id: "end.no-privilege",
        title: "the user has no right to log on through Remote Desktop",
        chapter: Chapter::End,
        seen: Seen::NeedsKeys,
        meaning: "The logon was right, the right is missing: not in Remote Desktop Users, or \"Deny log on \
            through Remote Desktop Services\".",
        wire: "Set Error Info 0x9, then the ultimatum",
        confused_with: &["nla.authz-denied", "nla.logon-type", "end.denied"],
        shown_as: "0x3 with extended code 0x9",
        fixes: &[RIGHTS, USER_RIGHTS],
        more: &[Remedy::with("server", "let the user in", r"net localgroup 'Remote Desktop Users' DOMAIN\USER /add")],
        sources: &["MS-RDPBCGR 2.2.5.1.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "end.fresh-creds",
        title: "the server wants a typed password, not a saved one",
        chapter: Chapter::End,
        seen: Seen::NeedsKeys,
        meaning: "A policy of the server (\"always prompt for password\") does not take what the client had \
            saved.",
        wire: "Set Error Info 0xA, then the ultimatum",
        confused_with: &["nla.bad-credentials", "end.denied"],
        shown_as: "0x2107; extended code 0xA",
        fixes: &[
            Remedy::with("client", "delete the saved password and type it", "cmdkey /delete:TERMSRV/{server}"),
            Remedy::new("server", "or switch the policy \"Always prompt for password upon connection\" off"),
        ],
        sources: &["MS-RDPBCGR 2.2.5.1.1", "Microsoft Learn: IMsTscAxEvents::OnDisconnected"],
        ..Cause::BLANK
    },
    Cause {
        id: "end.server-shutdown",
        title: "the server is shutting down",
        chapter: Chapter::End,
        seen: Seen::NeedsKeys,
        meaning: "Windows told its sessions good-bye before it went down. Everything else on that host ends too.",
        wire: "Set Error Info 0x19; several sessions of the server in the same second, then nothing answers",
        confused_with: &["end.server-reboot", "end.server-reset"],
        shown_as: "0x3 with extended code 0x19",
        fixes: &[Remedy::with(
            "server",
            "see who shut it down, and why (event 1074)",
            "Get-WinEvent -FilterHashtable @{LogName='System';Id=1074,6006,6008} -MaxEvents 5",
        )],
        sources: &["MS-RDPBCGR 2.2.5.1.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "end.server-reboot",
        title: "the server is restarting",
        chapter: Chapter::End,
        seen: Seen::NeedsKeys,
        meaning: "A restart, often after updates. Clients that reconnect by themselves find it again in minutes.",
        wire: "Set Error Info 0x1A; several sessions of the server in the same second, later SYNs without an \
            answer, then it is back",
        confused_with: &["end.server-shutdown", "end.server-reset"],
        shown_as: "0x3 with extended code 0x1A",
        fixes: &[Remedy::with(
            "server",
            "see who restarted it, and why (event 1074)",
            "Get-WinEvent -FilterHashtable @{LogName='System';Id=1074,6006,6008} -MaxEvents 5",
        )],
        more: &[Remedy::new("server", "set active hours, or a maintenance window for updates")],
        sources: &["MS-RDPBCGR 2.2.5.1.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "end.session-crash",
        title: "the session's own processes died on the server",
        chapter: Chapter::End,
        seen: Seen::NeedsKeys,
        meaning: "CSRSS, Winlogon or the display of this session crashed, or memory ran out. Other sessions may \
            live on.",
        wire: "Set Error Info 0x6, 0x10, 0x17 or 0x18",
        confused_with: &["rdp.session-creation", "rdp.gfx-failed", "end.server-reset"],
        shown_as: "0x3 with that number as extended code",
        fixes: &[
            Remedy::with(
                "server",
                "look for crashes at that second",
                "Get-WinEvent -FilterHashtable @{LogName='Application';Id=1000,1001} -MaxEvents 10",
            ),
            Remedy::with(
                "server",
                "see whether memory is used up",
                r"Get-Counter '\Memory\Available MBytes','\Memory\% Committed Bytes In Use'",
            ),
        ],
        more: &[Remedy::new("server", "update graphics driver and security software")],
        sources: &["MS-RDPBCGR 2.2.5.1.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "end.protocol-error",
        title: "the server did not understand the client",
        chapter: Chapter::End,
        seen: Seen::NeedsKeys,
        meaning: "A message of the client broke a rule, says the server: a faulty client, a channel add-in, or a \
            device that changes bytes. The number says which message.",
        wire: "Set Error Info 0x10C9 to 0x1195",
        confused_with: &["tcp.stream-damaged", "mcs.refused", "rdp.caps-refused", "rdp.stdsec-decrypt"],
        shown_as: "0x3 with that number as extended code; \"because of a protocol error\"",
        fixes: OTHER_CLIENT,
        more: &[Remedy::with("client", "see what the number means", "rdpwhy explain errinfo:0x10c9"), NO_INSPECTION],
        sources: &["MS-RDPBCGR 2.2.5.1.1"],
        ..Cause::BLANK
    },
];
