//! Causes: negotiation.

use super::super::cause::{Cause, Chapter, Remedy};
use super::remedies::*;

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "neg.ssl-required",
        title: "server insists on TLS; the client did not offer it",
        chapter: Chapter::Negotiation,
        fixes: &[
            Remedy::new("client", "let the client use TLS (FreeRDP: no /sec:rdp), or update it"),
            Remedy::new(
                "server",
                "if the client cannot do better, SecurityLayer 1 on the server lets both choose; it weakens everybody's security",
            ),
        ],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.ssl-not-allowed",
        title: "server does only standard RDP security; the client wants TLS",
        chapter: Chapter::Negotiation,
        fixes: &[
            SERVER_LAYER,
            Remedy::with(
                "server",
                "let the server negotiate or insist on TLS",
                r"reg add 'HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp' /v SecurityLayer /t REG_DWORD /d 2 /f",
            ),
        ],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.ssl-cert-not-on-server",
        title: "server has no certificate it can use",
        chapter: Chapter::Negotiation,
        fixes: CERTIFICATE,
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.inconsistent-flags",
        title: "what the client asks for contradicts the protocol that is already running",
        chapter: Chapter::Negotiation,
        fixes: &[Remedy::new(
            "client",
            "connect to the port that speaks plain RDP (3389), or tell the client that this is a direct TLS connection",
        )],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.hybrid-required",
        title: "server insists on NLA; the client did not offer it",
        chapter: Chapter::Negotiation,
        fixes: &[Remedy::new(
            "client",
            "enable CredSSP (enablecredsspsupport:i:1 in the .rdp file, /sec:nla in FreeRDP) or use a client that knows NLA",
        )],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.ssl-with-user-auth-required",
        title: "server wants TLS with a client certificate",
        chapter: Chapter::Negotiation,
        fixes: &[Remedy::new("client", "log on with a smart card or client certificate, or update the server")],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.unknown-failure",
        title: "server refuses with a code that the specification does not know",
        chapter: Chapter::Negotiation,
        fixes: &[SERVER_LAYER],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.foreign-selection",
        title: "server selects a protocol that the client did not offer",
        chapter: Chapter::Negotiation,
        fixes: &[Remedy::new(
            "path",
            "find the proxy or device that changes the negotiation; a Windows server never answers so",
        )],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.no-answer-block",
        title: "server does not negotiate: standard RDP security only",
        chapter: Chapter::Negotiation,
        fixes: &[
            SERVER_LAYER,
            Remedy::new(
                "client",
                "if the server cannot do better: allow standard RDP security on the client (FreeRDP /sec:rdp); it is weak",
            ),
        ],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.client-refuses-selection",
        title: "the client will not have the security that the server selected",
        chapter: Chapter::Negotiation,
        fixes: &[
            Remedy::new("server", "enable NLA on {server}, if it can do NLA"),
            Remedy::new("client", "or let the client accept TLS without NLA (FreeRDP: no /sec:nla)"),
        ],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "x224.no-confirm",
        title: "the server takes the connection request and never answers it",
        chapter: Chapter::Negotiation,
        fixes: HUNG,
        next: &[Remedy::new(
            "capture",
            "capture on {server}: if the request arrives there, the service hangs; if not, a device swallowed it",
        )],
        ..Cause::BLANK
    },
    Cause {
        id: "x224.close-on-cr",
        title: "the server closes as soon as it reads the connection request",
        chapter: Chapter::Negotiation,
        fixes: &[
            Remedy::new(
                "server",
                "look for an access list, a connection limit or a block list in front of the RDP service on {server}",
            ),
            Remedy::with(
                "server",
                "see whether the service noticed the connection (event 261)",
                "Get-WinEvent Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational -MaxEvents 20",
            ),
        ],
        next: &[Remedy::new(
            "capture",
            "capture on {server} itself: a close that is not seen there was made by a device on the way",
        )],
        ..Cause::BLANK
    },
    Cause {
        id: "x224.not-rdp",
        title: "another service listens on the port",
        chapter: Chapter::Negotiation,
        fixes: &[
            Remedy::new("client", "see that address and port are those of the RDP server"),
            Remedy::new("server", "see where port {port} of {server} is forwarded to, and what listens there"),
        ],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "x224.malformed",
        title: "the connection request breaks the specification",
        chapter: Chapter::Negotiation,
        fixes: &[Remedy::new(
            "client",
            "use another client, or find the device that rewrites its packets (proxy, WAN optimizer)",
        )],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "x224.disconnect-request",
        title: "the server answers the request with an X.224 Disconnect Request",
        chapter: Chapter::Negotiation,
        fixes: &[Remedy::new(
            "server",
            "find out which product answers on {server}:{port} (gateway, broker, load balancer) and look in its log",
        )],
        next: &[],
        ..Cause::BLANK
    },
];
