//! How a session that worked ends, as far as packets show it.

use super::super::cause::{Cause, Chapter, Moot, Remedy, Seen};
use super::remedies::{
    BOTH_SIDES, CLIENT_EVENTS, KEEP_ALIVE, KEYS, LINUX_CAPTURE, RDP_EVENTS, SERVICE_CRASH, SESSION_EVENTS, TIMEOUTS,
    WINDOWS_CAPTURE,
};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "ok.user-logoff",
        title: "the user signed out",
        chapter: Chapter::End,
        seen: Seen::NeedsKeys,
        meaning: "The session was ended from inside, on purpose. No fault.",
        wire: "Set Error Info 0xC, then the ultimatum; without keys it looks like end.server-ended",
        confused_with: &["ok.user-disconnect", "end.admin-logoff", "end.server-ended"],
        shown_as: "nothing",
        sources: &["MS-RDPBCGR 2.2.5.1.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "ok.user-disconnect",
        title: "the client ended the session in good order",
        chapter: Chapter::End,
        meaning: "The user closed the window or chose Disconnect. The session waits on the server. What the \
            server sends behind that (a reset) is an after-effect.",
        wire: "MCS Disconnect Provider Ultimatum from the client (9 bytes), a close_notify, or its usual \
            quick reset; or Set Error Info 0xB",
        confused_with: &["ok.user-logoff", "end.client-died", "tcp.client-reset"],
        shown_as: "nothing",
        sources: &["MS-RDPBCGR 1.3.1.4.1", "T.125 7"],
        ..Cause::BLANK
    },
    Cause {
        id: "ok.open-at-end",
        title: "the session is still open when the capture ends",
        chapter: Chapter::End,
        meaning: "Nothing went wrong as far as the capture goes.",
        wire: "data in both directions until the last packets of the capture",
        confused_with: &["cap.ends-mid-session"],
        sources: &["practice"],
        ..Cause::BLANK
    },
    Cause {
        id: "end.server-ended",
        title: "the server ended the session on purpose",
        chapter: Chapter::End,
        meaning: "The server said good-bye by the protocol, so it was neither a crash nor the network. Its \
            reason (an administrator, a limit, another connection, a sign-out) is inside the encryption; \
            the number 3 that it always writes is not the reason.",
        wire: "36 or 37 bytes (Set Error Info) and then 9 bytes (the ultimatum) from the server, and the \
            close",
        confused_with: &[
            "end.replaced",
            "end.idle-limit",
            "end.session-limit",
            "end.admin-disconnect",
            "end.admin-logoff",
            "ok.user-logoff",
        ],
        shown_as: "0x3 with an extended code that tells the reason",
        fixes: &[Remedy::new(
            "server",
            "the reason is in TerminalServices-LocalSessionManager/Operational on {server} (events 23, 24, \
             39, 40)",
        )],
        more: &[SESSION_EVENTS, TIMEOUTS],
        next: &[KEYS],
        sources: &["MS-RDPBCGR 1.3.1.4.2", "MS-RDPBCGR 2.2.5.1.1", "T.125 7"],
        ..Cause::BLANK
    },
    Cause {
        id: "end.client-died",
        title: "the client closed without any farewell: its process likely died",
        chapter: Chapter::End,
        meaning: "The connection of a working session was closed from the client's side, and the client did not \
            say why. A crash, a killed process or a torn-down adapter; the Windows client's ordinary end \
            is one reset and is not this.",
        wire: "FIN or RST from the client in mid-session, no ultimatum, no close_notify",
        confused_with: &["ok.user-disconnect", "end.client-vanished", "tcp.rst-injected"],
        shown_as: "the window is gone",
        fixes: &[Remedy::new(
            "client",
            "look for a crash of the client at that second (Application event log, event 1000), or a VPN \
             client that tore its adapter down",
        )],
        more: &[CLIENT_EVENTS],
        sources: &["MS-RDPBCGR 1.3.1.4.1", "RFC 9293 3.6"],
        ..Cause::BLANK
    },
    Cause {
        id: "end.server-reset",
        title: "the server closed a running session without any farewell",
        chapter: Chapter::End,
        meaning: "A server that ends a session says so; this one did not. The RDP service crashed or was \
            restarted, the host died, or a firewall on it was loaded anew.",
        wire: "RST or FIN from the server in mid-session without ultimatum; often several sessions in the \
            same second",
        confused_with: &["tcp.rst-injected", "path.lb-reset", "end.server-ended", "end.server-shutdown"],
        shown_as: "0x904, \"reconnecting\"",
        fixes: &[SERVICE_CRASH],
        more: &[
            Remedy::with(
                "server",
                "look for a crash of the service's process (svchost, TermService)",
                "Get-WinEvent -FilterHashtable @{LogName='Application';Id=1000} -MaxEvents 10",
            ),
            Remedy::with(
                "server",
                "look for an unexpected restart (events 41, 6008)",
                "Get-WinEvent -FilterHashtable @{LogName='System';Id=41,6008} -MaxEvents 5",
            ),
        ],
        next: &[Remedy::new("capture", "see whether other sessions of {server} died in the same second")
            .unless(Moot::OTHERS)],
        sources: &["MS-RDPBCGR 1.3.1.4.2", "RFC 9293 3.5.2"],
        ..Cause::BLANK
    },
    Cause {
        id: "end.client-vanished",
        title: "the client is not heard any more",
        chapter: Chapter::End,
        meaning: "The client fell asleep, lost its network or was switched off. The server noticed when its own \
            packets came back to nobody; its reset at the end is only the tidying up.",
        wire: "silence of the client, retransmissions or keep-alives of the server, at last a reset from the \
            server",
        confused_with: &["tcp.retransmit-giveup", "path.changed", "end.client-died"],
        shown_as: "\"reconnecting\", when it wakes up",
        fixes: &[
            Remedy::with(
                "client",
                "see whether the client went to sleep or lost its network at that second",
                "Get-WinEvent -FilterHashtable @{LogName='System';ProviderName='Microsoft-Windows-Kernel-Power','Microsoft-Windows-Power-Troubleshooter'} -MaxEvents 10",
            ),
            KEEP_ALIVE,
        ],
        more: &[Remedy::new("client", "let Windows keep the network card awake (power management of the adapter)")],
        sources: &["RFC 9293 3.8.3", "RFC 9293 3.8.4"],
        ..Cause::BLANK
    },
    Cause {
        id: "end.autoreconnect-loop",
        title: "the client reconnects again and again",
        chapter: Chapter::End,
        meaning: "After a break the client comes back by itself, up to 20 times. If each new connection dies as \
            well, the first break is the one to explain.",
        wire: "full handshakes from the same client every few seconds; with keys the Client Info carries the \
            28 bytes of the reconnect cookie",
        confused_with: &["end.replaced", "path.changed", "scan.brute-force"],
        shown_as: "\"reconnecting, attempt n of 20\"",
        fixes: &[
            Remedy::new("path", "explain the first break: look at the first connection of the series"),
            Remedy::new("client", "for a quiet test switch it off (autoreconnection enabled:i:0 in the .rdp file)"),
        ],
        more: &[Remedy::new("client", "two clients with the same user take the session from each other: close one")],
        sources: &["MS-RDPBCGR 5.5", "MS-RDPBCGR 2.2.4"],
        ..Cause::BLANK
    },
    Cause {
        id: "end.heartbeat-lost",
        title: "the server's heartbeats stopped, and the client reconnected",
        chapter: Chapter::End,
        seen: Seen::NeedsKeys,
        meaning: "The server promised a sign of life every few seconds, and it stayed away. Path or server went \
            silent; the client drew its conclusion.",
        wire: "small records of the server (22 or 23 bytes) at an even period, which then stop; the client \
            closes and connects anew",
        confused_with: &["tcp.retransmit-giveup", "end.server-reset", "path.loss"],
        shown_as: "\"reconnecting\"",
        fixes: &[Remedy::new("path", "look at VPN, Wi-Fi and firewall logs at that second"), SERVICE_CRASH],
        next: BOTH_SIDES,
        sources: &["MS-RDPBCGR 2.2.16.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "end.unexplained",
        title: "it ended, and the packets do not say why",
        chapter: Chapter::End,
        meaning: "No rule recognises this end. The report gives the phase and the last acts; that is where to \
            look.",
        wire: "an end without a refusal, an alert, a farewell or a known pattern",
        confused_with: &["tcp.client-reset", "cap.incomplete"],
        more: &[RDP_EVENTS, CLIENT_EVENTS, WINDOWS_CAPTURE, LINUX_CAPTURE],
        next: &[
            Remedy::new(
                "capture",
                "capture the next attempt at both ends at once, whole packets, with DNS (53), Kerberos (88) and \
                 ICMP",
            ),
            Remedy::new(
                "server",
                "compare with the event logs of both ends at that second (TerminalServices-*, Schannel)",
            ),
        ],
        sources: &["MS-RDPBCGR 1.3.1.1"],
        ..Cause::BLANK
    },
];
