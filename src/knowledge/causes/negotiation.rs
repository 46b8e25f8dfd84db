//! The security negotiation: what the two agree on, or do not, always in clear.

use super::super::cause::{Cause, Chapter, Remedy};
use super::remedies::{CERTIFICATE, KEY_RIGHTS, NO_RENAMING, RESTRICTED_ADMIN, SERVER_LAYER};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "neg.ssl-required",
        title: "server insists on TLS; the client did not offer it",
        chapter: Chapter::Negotiation,
        meaning: "The server says so itself, failure code 1. The client offers only the old standard RDP \
            security: an old client, or one that was told so.",
        wire: "connection confirm with RDP_NEG_FAILURE 0x00000001",
        confused_with: &["neg.hybrid-required", "neg.no-answer-block"],
        shown_as: "a message that the server requires TLS, or a security error",
        fixes: &[
            Remedy::new("client", "let the client use TLS (FreeRDP: no /sec:rdp), or update it"),
            Remedy::new(
                "server",
                "if the client cannot do better, SecurityLayer 1 on the server lets both choose; it weakens \
                 everybody's security",
            ),
        ],
        more: &[SERVER_LAYER],
        sources: &["MS-RDPBCGR 2.2.1.2.2"],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.ssl-not-allowed",
        title: "server does only standard RDP security; the client wants TLS",
        chapter: Chapter::Negotiation,
        meaning: "The server says so itself, failure code 2: its SecurityLayer is 0. Some clients then try again \
            without TLS; that second connection is expected, not a fault.",
        wire: "connection confirm with RDP_NEG_FAILURE 0x00000002; often a second connection that offers 0",
        confused_with: &["neg.no-answer-block", "neg.client-refuses-selection"],
        shown_as: "0x904 or a security error, if the client does not try again",
        fixes: &[
            SERVER_LAYER,
            Remedy::with(
                "server",
                "let the server negotiate or insist on TLS",
                r"reg add 'HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp' /v SecurityLayer /t REG_DWORD /d 2 /f",
            ),
        ],
        more: &[Remedy::with(
            "server",
            "TLS needs a certificate: see whether there is one",
            r"gci 'Cert:\LocalMachine\Remote Desktop' | fl Subject,NotAfter,HasPrivateKey",
        )],
        sources: &["MS-RDPBCGR 2.2.1.2.2"],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.ssl-cert-not-on-server",
        title: "server has no certificate it can use",
        chapter: Chapter::Negotiation,
        meaning: "The server says so itself, failure code 3: TLS is wanted, and there is no certificate, or its \
            private key cannot be read. Of all refusals this names a certificate fault most plainly.",
        wire: "connection confirm with RDP_NEG_FAILURE 0x00000003",
        confused_with: &["tls.server-silent-close", "tls.alert-server"],
        shown_as: "0x904 or 0x4",
        fixes: CERTIFICATE,
        more: KEY_RIGHTS,
        not_this: &[NO_RENAMING],
        sources: &["MS-RDPBCGR 2.2.1.2.2", "Microsoft Learn: event-id-troubleshoot-vm-rdp-connecton"],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.inconsistent-flags",
        title: "what the client asks for contradicts the protocol that is already running",
        chapter: Chapter::Negotiation,
        meaning: "Failure code 4: the request came inside TLS or NLA that already runs (Hyper-V console on port \
            2179, some gateways) and asks for something else.",
        wire: "connection confirm with RDP_NEG_FAILURE 0x00000004",
        confused_with: &["neg.hybrid-required", "x224.not-rdp"],
        shown_as: "0x904 or a security error",
        fixes: &[Remedy::new(
            "client",
            "connect to the port that speaks plain RDP (3389), or tell the client that this is a direct TLS \
             connection",
        )],
        sources: &["MS-RDPBCGR 2.2.1.2.2", "MS-RDPBCGR 5.4.2.2"],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.hybrid-required",
        title: "server insists on NLA; the client did not offer it",
        chapter: Chapter::Negotiation,
        meaning: "Failure code 5: the server takes only clients that log on before they see a desktop. Where the \
            same client was refused inside NLA a moment before, this is only its second try without NLA: \
            the first connection holds the cause.",
        wire: "connection confirm with RDP_NEG_FAILURE 0x00000005, after a request without HYBRID",
        confused_with: &["neg.ssl-required", "nla.ntlm-blocked", "nla.refused"],
        shown_as: "0xB09: the remote computer requires Network Level Authentication",
        fixes: &[Remedy::new(
            "client",
            "enable CredSSP (enablecredsspsupport:i:1 in the .rdp file, /sec:nla in FreeRDP) or use a \
             client that knows NLA",
        )],
        more: &[SERVER_LAYER],
        not_this: &["turning NLA off on the server: it opens the logon screen to anyone who can reach the port"],
        sources: &["MS-RDPBCGR 2.2.1.2.2", "MS-RDPBCGR 5.4.5.2"],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.ssl-with-user-auth-required",
        title: "server wants TLS with a client certificate",
        chapter: Chapter::Negotiation,
        meaning: "Failure code 6, known from very old servers only: the user must show a certificate, as from a \
            smart card.",
        wire: "connection confirm with RDP_NEG_FAILURE 0x00000006",
        confused_with: &["tls.client-cert-asked", "neg.ssl-required"],
        shown_as: "a security error",
        fixes: &[Remedy::new("client", "log on with a smart card or client certificate, or update the server")],
        sources: &["MS-RDPBCGR 2.2.1.2.2"],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.unknown-failure",
        title: "server refuses with a code that the specification does not know",
        chapter: Chapter::Negotiation,
        meaning: "The server refuses by the book but with a number outside of it. It is no Windows server, or it \
            is newer than this program.",
        wire: "connection confirm with RDP_NEG_FAILURE and a code other than 1 to 6",
        confused_with: &["x224.disconnect-request"],
        fixes: &[SERVER_LAYER],
        more: &[Remedy::new("server", "look in the documentation of the product that answers on {server}:{port}")],
        sources: &["MS-RDPBCGR 2.2.1.2.2"],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.no-answer-block",
        title: "server does not negotiate: standard RDP security only",
        chapter: Chapter::Negotiation,
        meaning: "The server confirms in the old way, as servers before Vista do, and so selects standard RDP \
            security. The client wanted more and leaves; or a device cut the answer short.",
        wire: "a connection confirm of 11 bytes without a negotiation block, to a request that had one",
        confused_with: &["neg.ssl-not-allowed", "neg.client-refuses-selection", "path.proxy"],
        shown_as: "0x904, or a warning that the server's identity cannot be verified",
        fixes: &[
            SERVER_LAYER,
            Remedy::new(
                "client",
                "if the server cannot do better: allow standard RDP security on the client (FreeRDP /sec:rdp); \
                 it is weak",
            ),
        ],
        more: &[Remedy::with(
            "server",
            "on xrdp: set security_layer=negotiate and give it a certificate",
            r#"grep -E "security_layer|certificate|key_file" /etc/xrdp/xrdp.ini"#,
        )],
        sources: &["MS-RDPBCGR 2.2.1.2", "MS-RDPBCGR 3.2.5.3.2"],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.foreign-selection",
        title: "server selects a protocol that the client did not offer",
        chapter: Chapter::Negotiation,
        meaning: "No correct server answers so. Somebody rewrote the request or the answer, or a proxy is \
            broken.",
        wire: "selectedProtocol is not among requestedProtocols, and not 0",
        confused_with: &["path.proxy", "tls.interception", "mcs.client-refuses"],
        shown_as: "0x904 or a protocol error",
        fixes: &[Remedy::new(
            "path",
            "find the proxy or device that changes the negotiation; a Windows server never answers so",
        )],
        next: &[Remedy::new(
            "capture",
            "capture on both sides of the suspect at once; request or confirm will differ between them",
        )],
        sources: &["MS-RDPBCGR 2.2.1.2.1", "MS-RDPBCGR 3.2.5.3.2"],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.client-refuses-selection",
        title: "the client will not have the security that the server selected",
        chapter: Chapter::Negotiation,
        meaning: "The server selected something allowed, but weaker than the client wants, and the client leaves \
            without a word. A policy or an option of the client demands NLA or TLS.",
        wire: "the client offers more, the server selects less, and the client closes without starting TLS",
        confused_with: &["neg.no-answer-block", "ok.prompt-reconnect", "scan.negotiation", "tcp.client-reset"],
        shown_as: "\"cannot connect securely\", or the client's own message about NLA",
        fixes: &[
            Remedy::new("server", "enable NLA on {server}, if it can do NLA"),
            Remedy::new("client", "or let the client accept TLS without NLA (FreeRDP: no /sec:nla)"),
        ],
        more: &[SERVER_LAYER],
        sources: &["MS-RDPBCGR 5.4.2.1", "MS-RDPBCGR 2.2.1.2.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.restricted-admin-refused",
        title: "server does not do Restricted Admin",
        chapter: Chapter::Negotiation,
        meaning: "The client asks for a logon without handing over a password, and the server does not offer \
            that. Whether a server that offers it also lets this user in is another question.",
        wire: "the request has flag 0x01, the answer lacks flag 0x08, and the client closes",
        confused_with: &["nla.restricted-admin-refused", "neg.remote-guard-refused"],
        shown_as: "0xE09",
        fixes: &[RESTRICTED_ADMIN, Remedy::with("client", "or connect without Restricted Admin", "mstsc /v:{server}")],
        sources: &["MS-RDPBCGR 2.2.1.1.1", "MS-RDPBCGR 2.2.1.2.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "neg.remote-guard-refused",
        title: "server does not do Remote Credential Guard",
        chapter: Chapter::Negotiation,
        meaning: "The client asks to keep its credentials at home and to pass on tickets only; the server does \
            not offer that.",
        wire: "the request has flag 0x02, the answer lacks flag 0x10, and the client closes",
        confused_with: &["neg.restricted-admin-refused", "nla.restricted-admin-refused"],
        shown_as: "a message that the server does not support Remote Credential Guard",
        fixes: &[
            RESTRICTED_ADMIN,
            Remedy::with(
                "client",
                "see whether a policy demands it: \"Restrict delegation of credentials to remote servers\"",
                "gpresult /scope computer /r",
            ),
        ],
        sources: &["MS-RDPBCGR 2.2.1.1.1", "MS-RDPBCGR 2.2.1.2.1", "Microsoft Learn: Remote Credential Guard"],
        ..Cause::BLANK
    },
];
