//! Connections that nobody meant to be a session: scanners, probes, monitors, guessers.

use super::super::cause::{Cause, Chapter, Remedy};
use super::remedies::KNOWN_ADDRESSES;

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "scan.syn",
        title: "port scan: a SYN, and a reset or nothing after it",
        chapter: Chapter::Connect,
        meaning: "Somebody asks whether the port is open and does not want to connect. On the internet this is \
            weather.",
        wire: "a SYN; then the sender resets the SYN,ACK or is silent; often one address asks many hosts or \
            ports",
        confused_with: &["tcp.syn-no-answer", "tcp.synack-unacked", "scan.connect"],
        more: &[KNOWN_ADDRESSES],
        sources: &["RFC 9293 3.5", "nmap reference: -sS"],
        ..Cause::BLANK
    },
    Cause {
        id: "scan.connect",
        title: "connects and leaves without a word",
        chapter: Chapter::Connect,
        meaning: "The connection was opened and closed by the client without a byte: a port check, a monitor or \
            a banner grab. No user waits for it.",
        wire: "three-way handshake, then FIN or RST from the client, no data in either direction",
        confused_with: &["scan.health-check", "tcp.closed-on-accept", "tcp.client-reset"],
        more: &[KNOWN_ADDRESSES],
        sources: &["RFC 9293 3.6", "nmap reference: -sT"],
        ..Cause::BLANK
    },
    Cause {
        id: "scan.negotiation",
        title: "asks which security the server wants, then leaves",
        chapter: Chapter::Connect,
        meaning: "A tool tries the security offers, or TLS versions and ciphers, one by one and goes when it has its \
            answer. Inventory software and attackers do the same.",
        wire: "a connection request, the server's answer, then the client closes; mostly several connections \
            in a row, each with another offer or another ClientHello",
        confused_with: &["ok.prompt-reconnect", "neg.client-refuses-selection", "tcp.client-reset"],
        more: &[KNOWN_ADDRESSES],
        sources: &["MS-RDPBCGR 2.2.1.1.1", "nmap script: rdp-enum-encryption"],
        ..Cause::BLANK
    },
    Cause {
        id: "scan.ntlm-info",
        title: "fetches host and domain names from NLA, then leaves",
        chapter: Chapter::Connect,
        meaning: "The first NTLM message makes every Windows server tell its computer name, domain and version. \
            A scanner takes that and goes; no password was tried.",
        wire: "TLS, one small token from the client, the server's NTLM challenge, then the client closes",
        confused_with: &["nla.client-quits-early", "nla.refused", "scan.brute-force"],
        more: &[KNOWN_ADDRESSES],
        sources: &["MS-NLMP 2.2.1.2", "nmap script: rdp-ntlm-info"],
        ..Cause::BLANK
    },
    Cause {
        id: "scan.health-check",
        title: "connects and leaves in even intervals: a load balancer or monitor",
        chapter: Chapter::Connect,
        meaning: "A load balancer or monitor looks whether the port still answers. Its connections end early by \
            design; count them out before counting failures.",
        wire: "the same address connects every few seconds, in even intervals, and closes without or after \
            one word",
        confused_with: &["scan.connect"],
        more: &[Remedy::new(
            "path",
            "if the server's log suffers: let the monitor ask less often, or check the port of the agent \
             instead",
        )],
        sources: &["RFC 9293 3.6", "practice"],
        ..Cause::BLANK
    },
    Cause {
        id: "scan.brute-force",
        title: "one logon refused after the other: somebody guesses passwords",
        chapter: Chapter::Connect,
        meaning: "Many logons are refused in a row, faster than a person types. Besides the risk it makes the \
            server slow for others and can lock real accounts.",
        wire: "many short connections a minute that reach NLA and are refused there, often with short user \
            hints (hello, Administr, Test, a)",
        confused_with: &["nla.refused", "nla.bad-credentials", "nla.account-locked"],
        shown_as: "others may see 0x4, slow logons, or their account locked",
        fixes: &[
            KNOWN_ADDRESSES,
            Remedy::new("server", "lock accounts after some failures, so that guessing does not pay"),
        ],
        more: &[
            Remedy::with(
                "server",
                "list who failed, from where",
                "Get-WinEvent -FilterHashtable @{LogName='Security';Id=4625} -MaxEvents 100 | group {$_.Properties[19].Value}",
            ),
            Remedy::new("server", "keep NLA on: without it every guesser gets a logon screen"),
        ],
        next: &[Remedy::new("server", "look for events 140 and 1006 (many incomplete connections) on {server}")],
        not_this: &["moving RDP to another port: a scanner finds it there too; only the log becomes quieter"],
        sources: &["Microsoft Learn: troubleshoot-rdp-internal-error", "MS-CSSP 3.1.5"],
        ..Cause::BLANK
    },
];
