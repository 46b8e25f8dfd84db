//! Causes: activation.

use super::super::cause::{Cause, Chapter, Remedy};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "rdp.closed-after-tls",
        title: "the server closes right after the TLS handshake",
        chapter: Chapter::Activation,
        fixes: &[Remedy::new(
            "server",
            "look in the logs of the RDP service on {server} for that second (RdpCoreTS/Operational)",
        )],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "rdp.closed-after-info",
        title: "the server closes when it knows who the client is, before a session",
        chapter: Chapter::Activation,
        fixes: &[
            Remedy::new(
                "server",
                "look in TerminalServices-LocalSessionManager/Operational and, on a session host, in RD Licensing Diagnoser",
            ),
            Remedy::with("server", "see whether logons are disabled or limited", "change logon /query; quser"),
        ],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "rdp.standard-security",
        title: "the connection uses standard RDP security instead of TLS",
        chapter: Chapter::Activation,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
];
