//! The first two messages: X.224, the pause behind them, and the timer that runs meanwhile.

use super::super::cause::{Cause, Chapter, Moot, Remedy};
use super::remedies::{CLIENT_EVENTS, CLOSE_AT_SERVER, HUNG, INSIST_ON_TLS, RDP_EVENTS};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "x224.no-confirm",
        title: "the server takes the connection request and never answers it",
        chapter: Chapter::Negotiation,
        meaning: "TCP delivered the request, and the service behind it is silent: a hung or overloaded RDP \
            service, or a forwarder whose real target is dead. It is not the network in the simple sense, \
            for the host acknowledges.",
        wire: "the connection request is acknowledged by TCP; no connection confirm follows; after 10 to 60 s \
            one side closes",
        confused_with: &["x224.close-on-cr", "tls.handshake-stall", "tcp.retransmit-giveup", "mcs.stall"],
        shown_as: "0x108 or 0x704",
        fixes: HUNG,
        more: &[
            RDP_EVENTS,
            Remedy::with(
                "server",
                "a listener that hangs is not always shown as stopped",
                r#"qwinsta; Get-Process -Id (Get-CimInstance Win32_Service -Filter "Name='TermService'").ProcessId | fl CPU,Handles,Threads"#,
            ),
        ],
        next: &[Remedy::new(
            "capture",
            "capture on {server}: if the request arrives there, the service hangs; if not, a device \
             swallowed it",
        )],
        sources: &["MS-RDPBCGR 1.3.1.1", "MS-RDPBCGR 3.2.5.3.2"],
        ..Cause::BLANK
    },
    Cause {
        id: "x224.close-on-cr",
        title: "the server closes as soon as it reads the connection request",
        chapter: Chapter::Negotiation,
        meaning: "The request was read and answered by closing the connection. The specification has words for a \
            refusal, so whoever closes silently is mostly not the RDP service itself but an access list, a \
            limit or a device.",
        wire: "FIN or RST from the server right after the connection request, with no byte from it before",
        confused_with: &["x224.no-confirm", "x224.malformed", "tcp.closed-on-accept", "tcp.rst-injected", "end.denied"],
        shown_as: "0x904",
        fixes: &[
            Remedy::new(
                "server",
                "look for an access list, a connection limit or a block list in front of the RDP service on \
                 {server}",
            ),
            Remedy::with(
                "server",
                "see whether the service noticed the connection (event 261)",
                "Get-WinEvent Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational -MaxEvents 20",
            ),
        ],
        more: &[Remedy::new(
            "path",
            "a device may recognise RDP by the cookie \"mstshash=\" in the request; look in its log for \
             that second",
        )],
        next: &[CLOSE_AT_SERVER],
        not_this: &["looking at the certificate or the password: neither was reached"],
        sources: &["MS-RDPBCGR 3.3.5.3.1", "MS-RDPBCGR 2.2.1.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "x224.not-rdp",
        title: "another service listens on the port",
        chapter: Chapter::Negotiation,
        meaning: "One side speaks another protocol here: SSH, HTTP, VNC, plain TLS. The port is right for \
            something else, or is forwarded to the wrong machine.",
        wire: "the first bytes are no TPKT (03 00): \"SSH-\", \"HTTP/\", \"RFB \", a TLS record without a \
            connection request before it",
        confused_with: &["x224.malformed", "tcp.stream-damaged", "gw.tls"],
        shown_as: "0x904 or 0x4; with extended code 0x7 as well",
        fixes: &[
            Remedy::new(
                "path",
                "switch the PROXY protocol off in the balancer for this target (HAProxy: send-proxy): RDP servers do \
                 not understand it",
            )
            .unless(Moot::NO_PROXY_HEADER),
            Remedy::new("client", "see that address and port are those of the RDP server").unless(Moot::ADDRESS),
            Remedy::new("server", "see where port {port} of {server} is forwarded to, and what listens there")
                .unless(Moot::ADDRESS),
        ],
        more: &[Remedy::with(
            "server",
            "name the program that listens",
            "Get-Process -Id (Get-NetTCPConnection -LocalPort {port} -State Listen).OwningProcess",
        )],
        sources: &["RFC 1006 6 (TPKT)", "MS-RDPBCGR 2.2.1.1", "HAProxy: proxy-protocol.txt 2.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "x224.malformed",
        title: "the connection request breaks the specification",
        chapter: Chapter::Negotiation,
        meaning: "The very first message of the client is wrong in itself; a server must drop it. A broken \
            client, or a device that rewrites packets.",
        wire: "X.224 length that is not TPKT length minus 5, class other than 0, fewer than 11 bytes, a \
            cookie without CR LF, a bad correlation id",
        confused_with: &["x224.close-on-cr", "tcp.stream-damaged", "x224.not-rdp"],
        shown_as: "0x904",
        fixes: &[Remedy::new(
            "client",
            "use another client, or find the device that rewrites its packets (proxy, WAN optimizer)",
        )],
        next: &[Remedy::new("capture", "capture on the client itself: is the request already wrong there?")],
        sources: &["MS-RDPBCGR 3.3.5.3.1", "MS-RDPBCGR 2.2.1.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "x224.disconnect-request",
        title: "the server answers the request with an X.224 Disconnect Request",
        chapter: Chapter::Negotiation,
        meaning: "The answer is a refusal of the old kind, without a reason that RDP knows. Windows servers do \
            not send it; a gateway, broker or another product answers here.",
        wire: "X.224 DR or ER TPDU in place of the connection confirm",
        confused_with: &["x224.close-on-cr", "neg.unknown-failure"],
        shown_as: "0x904",
        fixes: &[Remedy::new(
            "server",
            "find out which product answers on {server}:{port} (gateway, broker, load balancer) and look in \
             its log",
        )],
        sources: &["X.224 13.5", "RFC 905 13.5"],
        ..Cause::BLANK
    },
    Cause {
        id: "x224.routing-token",
        title: "the routing token names another machine than the one that answers",
        chapter: Chapter::Negotiation,
        meaning: "The client comes with a token from a connection broker, and the balancer in front did not \
            honour it. It lands on the wrong host, which may refuse it or start a second session.",
        wire: "a cookie \"msts=\" whose address and port are not those of the host that answers; or only \
            requests with a token are reset",
        confused_with: &["redirect.loop", "redirect.unreachable", "x224.close-on-cr"],
        shown_as: "0x904, 0x3, or a new session where an old one waits",
        fixes: &[
            Remedy::new(
                "path",
                "let the load balancer follow the routing token, or let the broker redirect by IP address \
                 instead",
            ),
            Remedy::new(
                "server",
                "see how the broker redirects: policy \"Use IP Address Redirection\" on the session hosts",
            ),
        ],
        next: &[Remedy::new(
            "capture",
            "capture on the client: the first connection shows the token that the broker gave",
        )],
        sources: &[
            "MS-RDPBCGR 3.2.5.3.1",
            "MS-RDPBCGR 2.2.13.1",
            "Microsoft: Session Directory and Load Balancing Using Terminal Server",
        ],
        ..Cause::BLANK
    },
    Cause {
        id: "ok.prompt-reconnect",
        title: "the client hangs up to ask its user, and comes back",
        chapter: Chapter::Negotiation,
        meaning: "The Windows client opens a connection, learns what it needs, hangs up while it asks for a \
            password or shows a certificate warning, and connects again. The first connection is no \
            failure; judge the later one.",
        wire: "the client closes after seconds of silence behind the connection confirm, or right after the \
            server's proof of its key; a later connection to the same server goes further",
        confused_with: &["tcp.client-reset", "nla.client-stops", "tls.client-refuses", "rdp.prompt-timeout"],
        sources: &["MS-RDPBCGR 1.3.1.1", "measured: mstsc on Windows 11 waits 3 to 5 s behind the confirm"],
        ..Cause::BLANK
    },
    Cause {
        id: "rdp.connect-timer",
        title: "the server closes because the connection was not finished in 60 s",
        chapter: Chapter::Negotiation,
        meaning: "A Windows server gives the whole connection sequence one minute. Here the client was the one \
            that took too long: a dialog that nobody answered, or a client that was blocked.",
        wire: "the server closes 57 to 63 s after the first word of the client; the client was silent before, \
            the sequence unfinished",
        confused_with: &["rdp.prompt-timeout", "x224.no-confirm", "path.slow", "mcs.stall"],
        shown_as: "0x904 or 0x704",
        fixes: &[
            Remedy::new("client", "connect again and answer the dialogs at once, or save the credentials"),
            Remedy::new("client", "see what blocks the client: audio service, security software, smart card reader"),
        ],
        next: &[CLIENT_EVENTS],
        sources: &["MS-RDPBCGR 3.3.6.1", "Microsoft Learn: internal-error-has-occurred-connecting-remote-machine"],
        ..Cause::BLANK
    },
    Cause {
        id: "rdp.prompt-timeout",
        title: "the user took longer with the password than the server waits",
        chapter: Chapter::Negotiation,
        meaning: "The client holds the connection open while it asks for the password, and the server's minute \
            runs. The next attempt works; nothing is broken.",
        wire: "connection confirm, then 55 s or more of silence from the client, then the server closes; the \
            next connection goes through",
        confused_with: &["rdp.connect-timer", "ok.prompt-reconnect", "path.idle-expiry"],
        shown_as: "0x904 after typing the password slowly",
        fixes: &[Remedy::with(
            "client",
            "type the password within a minute, or save it before connecting",
            "cmdkey /generic:TERMSRV/{server} /user:USER /pass",
        )],
        sources: &["MS-RDPBCGR 3.3.6.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "rdp.standard-security",
        title: "the connection uses standard RDP security instead of TLS",
        chapter: Chapter::Negotiation,
        meaning: "The old encryption of RDP: RC4 or 3DES with a key that nobody vouches for. It works, but \
            whoever sits in between can read and change everything.",
        wire: "the connection confirm selects 0 or has no negotiation block; MCS Connect Initial follows in \
            clear",
        confused_with: &["neg.no-answer-block", "mcs.stdsec-method-mismatch"],
        shown_as: "\"the identity of the remote computer cannot be verified\", or no word at all",
        fixes: &[INSIST_ON_TLS],
        more: &[Remedy::new(
            "client",
            "offer TLS and NLA (FreeRDP: no /sec:rdp); old thin clients may need new firmware",
        )],
        sources: &["MS-RDPBCGR 5.3", "MS-RDPBCGR 5.3.1"],
        ..Cause::BLANK
    },
];
