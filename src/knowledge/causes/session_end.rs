//! Causes: session_end.

use super::super::cause::{Cause, Chapter, Remedy};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "ok.prompt-reconnect",
        title: "the client hangs up to ask its user, and comes back",
        chapter: Chapter::End,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "end.server-ended",
        title: "the server ended the session on purpose",
        chapter: Chapter::End,
        fixes: &[Remedy::new(
            "server",
            "the reason is in TerminalServices-LocalSessionManager/Operational on {server} (events 23, 24, 39, 40)",
        )],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "ok.user-disconnect",
        title: "the client ended the session in good order",
        chapter: Chapter::End,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "end.client-died",
        title: "the client closed without any farewell: its process likely died",
        chapter: Chapter::End,
        fixes: &[Remedy::new(
            "client",
            "look for a crash of the client at that second (Application event log, event 1000), or a VPN client that tore its adapter down",
        )],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "end.server-reset",
        title: "the server closed a running session without any farewell",
        chapter: Chapter::End,
        fixes: &[Remedy::with(
            "server",
            "on {server}, look for a crash or restart of the RDP service (events 7031, 7034, 7036)",
            "Get-WinEvent -FilterHashtable @{LogName='System';Id=7031,7034,7036} -MaxEvents 10",
        )],
        next: &[Remedy::new("capture", "see whether other sessions of {server} died in the same second")],
        ..Cause::BLANK
    },
    Cause {
        id: "ok.open-at-end",
        title: "the session is still open when the capture ends",
        chapter: Chapter::End,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "end.unexplained",
        title: "it ended, and the packets do not say why",
        chapter: Chapter::End,
        fixes: &[],
        next: &[
            Remedy::new(
                "capture",
                "capture the next attempt at both ends at once, whole packets, with DNS (53), Kerberos (88) and ICMP",
            ),
            Remedy::new(
                "server",
                "compare with the event logs of both ends at that second (TerminalServices-*, Schannel)",
            ),
        ],
        ..Cause::BLANK
    },
    Cause {
        id: "ok.udp",
        title: "the UDP side channel is open",
        chapter: Chapter::End,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
];
