//! Causes: connect.

use super::super::cause::{Cause, Chapter, Remedy};
use super::remedies::*;

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "tcp.rst-injected",
        title: "a device in the path sent a reset in the name of one end",
        chapter: Chapter::Connect,
        fixes: DEVICE,
        next: BOTH_SIDES,
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.retransmit-giveup",
        title: "one side is not heard any more, and the other gives up",
        chapter: Chapter::Connect,
        fixes: &[
            Remedy::new(
                "path",
                "look at VPN, Wi-Fi and firewall logs at that second; other connections of the same host should have died too",
            ),
            Remedy::with(
                "server",
                "let the server notice dead connections sooner (minutes)",
                r"reg add 'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services' /v KeepAliveInterval /t REG_DWORD /d 1 /f",
            ),
        ],
        next: &[Remedy::new(
            "capture",
            "capture at the other end too: who stops hearing whom tells where the path breaks",
        )],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.icmp-unreachable",
        title: "a device answers the connection attempt with an ICMP error",
        chapter: Chapter::Connect,
        fixes: &[Remedy::new(
            "path",
            "look at the rules and routes of the device that sent the ICMP error; it names itself in the evidence",
        )],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.refused-by-middlebox",
        title: "a device on the way refuses the connection in the server's name",
        chapter: Chapter::Connect,
        fixes: &[Remedy::new(
            "path",
            "look at the firewalls on the way, the nearest first: one of them rejects with a TCP reset",
        )],
        next: &[Remedy::new(
            "capture",
            "capture on {server} too: if the SYN does not arrive there, a device on the way refused it",
        )],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.refused",
        title: "the host answers, but nothing listens on the port",
        chapter: Chapter::Connect,
        fixes: LISTENER,
        next: &[Remedy::new(
            "capture",
            "capture on {server} too: if the SYN does not arrive there, a device on the way refused it",
        )],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.syn-no-answer",
        title: "no answer at all to the connection attempt",
        chapter: Chapter::Connect,
        fixes: FIREWALL,
        next: &[Remedy::new(
            "capture",
            "capture on {server}: a SYN that arrives there unanswered is the host's own firewall; one that does not is lost before",
        )],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.synack-unacked",
        title: "the server's answer never reaches the client",
        chapter: Chapter::Connect,
        fixes: &[
            Remedy::new(
                "path",
                "look for asymmetric routing or a stateful firewall that sees only half of the connection",
            ),
            Remedy::new(
                "client",
                "see whether a filter on the client drops the answer (security software, VPN client)",
            ),
        ],
        next: &[Remedy::new(
            "capture",
            "capture at both ends at once: where the SYN,ACK is last seen, look one hop further",
        )],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.closed-on-accept",
        title: "the server accepts the connection and closes it at once",
        chapter: Chapter::Connect,
        fixes: &[
            Remedy::new(
                "server",
                "if {server} is a port forwarder, NAT or load balancer: see whether the machine behind it listens",
            ),
            Remedy::new("server", "look for an access list or connection limit in front of the RDP service"),
        ],
        next: &[Remedy::new("capture", "capture behind the forwarder, or on {server} itself")],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.client-reset",
        title: "the client resets the connection in the middle of the handshake",
        chapter: Chapter::Connect,
        fixes: &[
            Remedy::new(
                "client",
                "ask the user whether they pressed Cancel; try with the security software's network inspection switched off",
            ),
            Remedy::new("client", "look for a crash of mstsc.exe in the Application event log (event 1000)"),
        ],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.zero-window",
        title: "one side stopped reading for a while",
        chapter: Chapter::Connect,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.rst-ignored",
        title: "a reset outside the window, which changed nothing",
        chapter: Chapter::Connect,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
];
