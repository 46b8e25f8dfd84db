//! Redirection by a broker, and the way through a gateway.

use super::super::cause::{Cause, Chapter, Remedy, Seen};
use super::remedies::{KEYS, NTLM_EVENTS, UDP_OFF};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "redirect",
        title: "the server sends the client to another host",
        chapter: Chapter::Gateway,
        meaning: "A broker or farm member tells the client where its session lives. The short first connection is no \
            failure.",
        wire: "Server Redirection PDU (with keys); or the server closes right behind licensing or activation, and \
            the client connects to another address within 2 s, or to the same with a token",
        confused_with: &["redirect.loop", "redirect.unreachable", "ok.prompt-reconnect"],
        shown_as: "nothing",
        sources: &["MS-RDPBCGR 2.2.13.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "redirect.unreachable",
        title: "the client was sent to a host that it cannot reach",
        chapter: Chapter::Gateway,
        meaning: "The broker named an inside address, and the client is outside. The first server works; the second \
            never answers.",
        wire: "right behind a redirection the client's SYN to the new address has no answer, or is refused",
        confused_with: &["tcp.syn-no-answer", "redirect.loop", "dns.wrong-address"],
        shown_as: "0x204 after a successful start",
        fixes: &[
            Remedy::new("client", "connect through the RD Gateway, which reaches the inside address"),
            Remedy::new(
                "server",
                "redirect by a name that clients can resolve, or by token: policies \"Use RD Connection Broker \
                 load balancing\" and \"Use IP Address Redirection\"",
            ),
        ],
        more: &[Remedy::new("path", "let the client's network reach all hosts of the farm, not only the first")],
        next: &[Remedy::new("capture", "capture on the client: the second SYN shows which address it was given")],
        sources: &["MS-RDPBCGR 2.2.13.1", "Microsoft Learn: redirectedname and use redirection server name"],
        ..Cause::BLANK
    },
    Cause {
        id: "redirect.loop",
        title: "the client is sent from host to host",
        chapter: Chapter::Gateway,
        meaning: "Each host thinks that another one is right. Broker data and hosts disagree, mostly after a clone or \
            a rename.",
        wire: "more than three redirections in a row, with no session at the end",
        confused_with: &["redirect", "x224.routing-token", "end.autoreconnect-loop"],
        shown_as: "it connects for ever, or 0x904",
        fixes: &[
            Remedy::with(
                "server",
                "on the broker, see which hosts it knows, under which names",
                "Get-RDServer; Get-RDSessionHost -CollectionName NAME",
            ),
            Remedy::new("server", "remove duplicate machine names and SIDs of cloned hosts (sysprep)"),
        ],
        next: &[Remedy::with(
            "server",
            "look in the broker's log",
            "Get-WinEvent Microsoft-Windows-TerminalServices-SessionBroker/Operational -MaxEvents 30",
        )],
        sources: &["MS-RDPBCGR 2.2.13.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "redirect.cert",
        title: "the target does not show the certificate that the broker named",
        chapter: Chapter::Gateway,
        seen: Seen::NeedsKeys,
        meaning: "The redirection carries the certificate that the client must find at the target. It found another \
            one: renewed since, or the wrong host answers.",
        wire: "RDSTLS is selected after a redirection, and the client leaves inside TLS; with keys the certificate \
            in the redirection differs from the one shown",
        confused_with: &["nla.rdstls-refused", "tls.cert-changed", "tls.interception"],
        shown_as: "a certificate error after the redirection",
        fixes: &[
            Remedy::with(
                "server",
                "let the hosts register their certificate with the broker anew (restart the host's RDP services)",
                "Restart-Service SessionEnv,TermService -Force",
            ),
            Remedy::new("path", "see that no balancer or inspector answers in the host's place"),
        ],
        next: &[KEYS],
        sources: &["MS-RDPBCGR 2.2.13.1 (TargetCertificate)", "MS-RDPBCGR 5.4.5.3"],
        ..Cause::BLANK
    },
    Cause {
        id: "redirect.broker-error",
        title: "the connection broker could not place the user",
        chapter: Chapter::Gateway,
        seen: Seen::NeedsKeys,
        meaning: "The broker found no host, no virtual machine, or not its own database. The session host only passes \
            the answer on.",
        wire: "Set Error Info 0x400 to 0x412, mostly with Status Info 0x401 to 0x505 before",
        confused_with: &["redirect.loop", "end.denied", "rdp.closed-after-info"],
        shown_as: "0x3 with such a number as extended code",
        fixes: &[
            Remedy::with(
                "server",
                "look in the broker's log (1296: not ready, 2056: its database refuses)",
                "Get-WinEvent Microsoft-Windows-TerminalServices-SessionBroker/Operational -MaxEvents 30",
            ),
            Remedy::with("server", "restart the broker's service", "Restart-Service Tssdis"),
        ],
        more: &[Remedy::with(
            "server",
            "see that a host of the collection takes new users",
            "Get-RDSessionHost -CollectionName NAME",
        )],
        next: &[KEYS],
        sources: &["MS-RDPBCGR 2.2.5.1.1", "MS-RDPBCGR 2.2.5.2"],
        ..Cause::BLANK
    },
    Cause {
        id: "gw.tls",
        title: "TLS with the gateway fails",
        chapter: Chapter::Gateway,
        seen: Seen::NeedsKeys,
        meaning: "The gateway on tcp 443 is a web server: its certificate must be trusted, in date and for the typed \
            name, or the client leaves. The RDP server behind it was not reached.",
        wire: "port 443: the faults of the TLS chapter, with the gateway's name in the ClientHello",
        confused_with: &["tls.cert-untrusted", "tls.cert-expired", "tls.version-mismatch", "gw.http-blocked"],
        shown_as: "\"the gateway server's certificate is not trusted\", or that its address cannot be reached",
        fixes: &[
            Remedy::new(
                "server",
                "renew the certificate on the gateway, for its public name, from an authority that clients trust",
            ),
            Remedy::with("server", "see which one it uses", "netsh http show sslcert ipport=0.0.0.0:443"),
        ],
        more: &[Remedy::with(
            "client",
            "see that the client reaches its revocation lists",
            "certutil -url GATEWAY.cer",
        )],
        sources: &["MS-TSGU 1.3", "RFC 8446 6.2"],
        ..Cause::BLANK
    },
    Cause {
        id: "gw.http-blocked",
        title: "something between client and gateway refuses the HTTP request",
        chapter: Chapter::Gateway,
        seen: Seen::NeedsKeys,
        meaning: "A web proxy or firewall does not know RDG_OUT_DATA or WebSocket and answers in the gateway's place: \
            401, 403, 407. The gateway may never have seen it.",
        wire: "port 443: TLS is up, one to three small records each way, then the close; no tunnel",
        confused_with: &["gw.auth-401", "gw.one-channel", "tls.interception"],
        shown_as: "\"can't connect to the gateway\", or a question for a proxy password",
        fixes: &[
            Remedy::new("path", "let the proxy pass the gateway's name untouched, or go around it"),
            Remedy::with("client", "see which proxy Windows uses", "netsh winhttp show proxy"),
        ],
        next: &[Remedy::new(
            "capture",
            "capture behind the proxy: does a request for /remoteDesktopGateway/ come out?",
        )],
        sources: &["MS-TSGU 3.3", "RFC 9110 15.5"],
        ..Cause::BLANK
    },
    Cause {
        id: "gw.auth-401",
        title: "the gateway refused the user's logon",
        chapter: Chapter::Gateway,
        seen: Seen::NeedsKeys,
        meaning: "The gateway asks for its own logon before RDP begins. NTLM is refused there for Protected Users and \
            where it is blocked; Kerberos from outside needs the KDC proxy.",
        wire: "port 443: the second HTTP answer is 401 again (about 475 bytes where 221 came first), then the \
            client closes",
        confused_with: &["gw.http-blocked", "gw.denied", "nla.ntlm-blocked"],
        shown_as: "the gateway's question for a password comes again and again",
        fixes: &[
            Remedy::new("client", "type the gateway's user with its domain; it may be another one than for the server"),
            Remedy::with("server", "on the gateway, let the KDC proxy run", "Start-Service KPSSVC"),
        ],
        more: &[NTLM_EVENTS],
        sources: &["MS-TSGU 3.3", "MS-KKDCP 1.3", "measured: mstsc 10.0.22621"],
        ..Cause::BLANK
    },
    Cause {
        id: "gw.denied",
        title: "the gateway let the user in and denied the connection",
        chapter: Chapter::Gateway,
        seen: Seen::NeedsKeys,
        meaning: "A policy of the gateway said no: who may use it (CAP), to which machines (RAP), its limit, or its \
            time-out.",
        wire: "port 443: the tunnel is up, some small records, an orderly close, no large data; with keys \
            E_PROXY_NAP_ACCESSDENIED or E_PROXY_RAP_ACCESSDENIED",
        confused_with: &["gw.target-unreachable", "gw.auth-401"],
        shown_as: "0x800759DA, 0x800759DB, or \"not authorized to connect through this gateway\"",
        fixes: &[
            Remedy::with(
                "server",
                "on the gateway, look at both policies, and at names: a RAP for names does not fit an address",
                "tsgateway.msc",
            ),
            Remedy::with(
                "server",
                "read which one refused",
                "Get-WinEvent Microsoft-Windows-TerminalServices-Gateway/Operational -MaxEvents 20",
            ),
        ],
        next: &[KEYS],
        sources: &["MS-TSGU 2.2.6"],
        ..Cause::BLANK
    },
    Cause {
        id: "gw.target-unreachable",
        title: "the gateway cannot reach the server behind it",
        chapter: Chapter::Gateway,
        seen: Seen::NeedsKeys,
        meaning: "From the client all is well up to the gateway. From there to the server it is an ordinary failed \
            connection.",
        wire: "on the gateway: its own SYN to the server has no answer or is refused; on the client: the tunnel \
            closes with E_PROXY_TS_CONNECTFAILED (keys)",
        confused_with: &["gw.denied", "tcp.syn-no-answer", "tcp.refused"],
        shown_as: "\"the remote computer is not reachable from the gateway\"; 0x800759DD",
        fixes: &[
            Remedy::with("server", "on the gateway, test name and port", "Test-NetConnection SERVER -Port 3389"),
            Remedy::new("path", "allow the gateway to reach the server"),
        ],
        next: &[Remedy::new("capture", "capture on the gateway, inside and outside")],
        sources: &["MS-TSGU 2.2.6"],
        ..Cause::BLANK
    },
    Cause {
        id: "gw.one-channel",
        title: "only one of the gateway's two connections was made",
        chapter: Chapter::Gateway,
        seen: Seen::NeedsKeys,
        meaning: "Without WebSocket the client needs two connections to the gateway, one for each direction. One is \
            missing: a proxy or balancer does not let it through, or sends it to another gateway.",
        wire: "port 443: RDG_OUT_DATA is up and RDG_IN_DATA never comes, or the two go to different hosts",
        confused_with: &["gw.http-blocked", "gw.tls"],
        shown_as: "\"can't connect to the gateway\", after a while",
        fixes: &[
            Remedy::new(
                "path",
                "let the balancer keep both connections of a client on one gateway (sticky), and the proxy pass \
                 long requests",
            ),
            Remedy::new("server", "allow WebSocket through; then one connection is enough"),
        ],
        sources: &["MS-TSGU 1.3", "MS-TSGU 3.3"],
        ..Cause::BLANK
    },
    Cause {
        id: "gw.udp-3391",
        title: "the gateway's UDP port is not reachable",
        chapter: Chapter::Gateway,
        meaning: "The side channel through the gateway does not open; all goes over TCP, which works and is less \
            smooth.",
        wire: "datagrams to udp 3391 of the gateway, repeated, no answer",
        confused_with: &["udp.blocked"],
        shown_as: "nothing; a less smooth picture",
        fixes: &[Remedy::new("path", "open udp 3391 towards the gateway, if sessions feel sluggish")],
        more: &[UDP_OFF],
        sources: &["MS-TSGU 1.3", "MS-RDPEUDP 3.1.5.1"],
        ..Cause::BLANK
    },
];
