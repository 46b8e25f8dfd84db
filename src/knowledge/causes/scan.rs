//! Causes: scan.

use super::super::cause::{Cause, Chapter, Remedy};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "scan.brute-force",
        title: "one logon refused after the other: somebody guesses passwords",
        chapter: Chapter::Connect,
        fixes: &[
            Remedy::new("path", "let only known addresses, a VPN or a gateway reach tcp {port} of {server}"),
            Remedy::new("server", "lock accounts after some failures, so that guessing does not pay"),
        ],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "scan.syn",
        title: "port scan: a SYN, and a reset or nothing after it",
        chapter: Chapter::Connect,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "scan.health-check",
        title: "connects and leaves in even intervals: a load balancer or monitor",
        chapter: Chapter::Connect,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "scan.connect",
        title: "connects and leaves without a word",
        chapter: Chapter::Connect,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "scan.negotiation",
        title: "tries one security offer after the other",
        chapter: Chapter::Connect,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "scan.ntlm-info",
        title: "fetches host and domain names from NLA, then leaves",
        chapter: Chapter::Connect,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
];
