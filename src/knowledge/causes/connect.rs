//! The TCP connection is not made, or closed before a word was said.

use super::super::cause::{Cause, Chapter, Remedy};
use super::remedies::{AT_SERVER, FIREWALL, FIREWALL_ON, LISTENER, LISTENER_PORT, TEST_PORT};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "tcp.syn-no-answer",
        title: "no answer at all to the connection attempt",
        chapter: Chapter::Connect,
        meaning: "Nothing came back: no acceptance, no refusal, no ICMP. Somebody drops the packet on purpose (a \
            firewall) or the address is not in use. It says nothing about RDP itself.",
        wire: "the same SYN two times or more (after 1, 3, 7 s; newer systems every second at first), and no \
            SYN,ACK, RST or ICMP error",
        confused_with: &[
            "tcp.refused",
            "tcp.icmp-unreachable",
            "tcp.synack-unacked",
            "link.no-neighbour",
            "dns.wrong-address",
        ],
        shown_as: "0x204 or 0x108",
        fixes: FIREWALL,
        more: &[
            FIREWALL_ON,
            Remedy::with(
                "server",
                "see which profile the network has; Public often shuts RDP out",
                "Get-NetConnectionProfile",
            ),
            Remedy::with(
                "server",
                "Remote Desktop switched off in Settings also closes the firewall rule, so that it looks like \
                 this",
                r"(gp 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server').fDenyTSConnections",
            ),
            TEST_PORT,
        ],
        next: &[Remedy::new(
            "capture",
            "capture on {server}: a SYN that arrives there unanswered is the host's own firewall; one that \
             does not is lost before",
        )],
        not_this: &[
            "firewall rules for mstsc.exe on the client: outgoing connections need none",
            "opening tcp 3389 to the whole internet: it works, and everybody may guess passwords from then \
             on",
        ],
        sources: &["RFC 9293 3.5", "Microsoft Learn: rdp-error-general-troubleshooting"],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.refused",
        title: "the host answers, but nothing listens on the port",
        chapter: Chapter::Connect,
        meaning: "The machine is up and its TCP says: this port is closed. The RDP service is stopped, switched \
            off, or listens elsewhere. A firewall that rejects can look the same, but not with the same \
            TTL.",
        wire: "RST,ACK that acknowledges the SYN plus one, after about one round trip, with the TTL of the \
            host's other packets",
        confused_with: &["tcp.refused-by-middlebox", "tcp.closed-on-accept"],
        shown_as: "0x204",
        fixes: LISTENER,
        more: &[
            LISTENER_PORT,
            Remedy::with(
                "server",
                "start the service, and let it start by itself",
                "Set-Service TermService -StartupType Manual; Start-Service TermService",
            ),
            Remedy::with(
                "server",
                "look for event 260 (listener failed, with its code)",
                "Get-WinEvent Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational -MaxEvents 20",
            ),
        ],
        next: &[AT_SERVER],
        sources: &["RFC 9293 3.5.2", "Microsoft Learn: rdp-error-general-troubleshooting"],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.refused-by-middlebox",
        title: "a device on the way refuses the connection in the server's name",
        chapter: Chapter::Connect,
        meaning: "The refusal bears the server's address but was not made by the server. A firewall or cloud \
            rule set to \"reject\" does this. Work on the server is wasted until that device is found.",
        wire: "RST on the SYN with another TTL than the host's own packets, or far too soon for the distance, \
            or without the ACK flag",
        confused_with: &["tcp.refused", "tcp.rst-injected"],
        shown_as: "0x204",
        fixes: &[Remedy::new(
            "path",
            "look at the firewalls on the way, the nearest first: one of them rejects with a TCP reset",
        )],
        more: &[
            Remedy::with(
                "path",
                "the TTL tells the distance: 64, 128 or 255 minus the TTL seen is the number of hops to the \
                 device",
                "tracert -d {server}",
            ),
            TEST_PORT,
        ],
        next: &[AT_SERVER],
        not_this: &["restarting the RDP service: the SYN never reached it"],
        sources: &["RFC 9293 3.5.2", "Weaver, Sommer, Paxson: Detecting Forged TCP Reset Packets (NDSS 2009)"],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.icmp-unreachable",
        title: "a device answers the connection attempt with an ICMP error",
        chapter: Chapter::Connect,
        meaning: "A router or firewall says by ICMP that it cannot or must not deliver the packet. It names \
            itself: the sender of the ICMP message is the box to look at.",
        wire: "ICMP type 3 (IPv6: type 1) that quotes the SYN: code 0 or 1 no route or host, 3 no port, 9, 10 \
            or 13 forbidden by an administrator",
        confused_with: &["tcp.syn-no-answer", "tcp.refused-by-middlebox", "link.no-neighbour"],
        shown_as: "0x204, at once",
        fixes: &[Remedy::new(
            "path",
            "look at the rules and routes of the device that sent the ICMP error; it names itself in the \
             evidence",
        )],
        more: &[
            Remedy::with("path", "follow the route from the client", "tracert -d {server}"),
            Remedy::with(
                "client",
                "see which interface and gateway the client takes for this address (VPN up?)",
                "Find-NetRoute -RemoteIPAddress {server}",
            ),
        ],
        next: &[Remedy::new("capture", "capture on the far side of that device, if it denies everything")],
        sources: &["RFC 792", "RFC 1812 5.2.7", "RFC 4443 3.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.synack-unacked",
        title: "the server's answer never reaches the client",
        chapter: Chapter::Connect,
        meaning: "The way there works, the way back does not. The server is fine; something between the two sees \
            only half of the connection or drops the answer.",
        wire: "the server repeats its SYN,ACK; the client repeats its SYN as if it had heard nothing, or \
            stays silent",
        confused_with: &["tcp.syn-no-answer", "scan.syn"],
        shown_as: "0x204 or 0x108",
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
        more: &[
            Remedy::with(
                "server",
                "a server with two network cards may answer through the other one",
                "Find-NetRoute -RemoteIPAddress CLIENT",
            ),
            Remedy::new("path", "a SYN proxy against floods answers for the server; then look at its log"),
        ],
        next: &[Remedy::new(
            "capture",
            "capture at both ends at once: where the SYN,ACK is last seen, look one hop further",
        )],
        sources: &["RFC 9293 3.5"],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.closed-on-accept",
        title: "the server accepts the connection and closes it at once",
        chapter: Chapter::Connect,
        meaning: "TCP was accepted and closed before either side said a word. Whoever accepted is often not the \
            RDP service but something in front of it whose own target is gone.",
        wire: "SYN, SYN,ACK, ACK, then FIN or RST from the server with no byte before it",
        confused_with: &["x224.close-on-cr", "tcp.refused", "scan.connect"],
        shown_as: "0x904 or 0x204",
        fixes: &[
            Remedy::new(
                "server",
                "if {server} is a port forwarder, NAT or load balancer: see whether the machine behind it \
                 listens",
            ),
            Remedy::new("server", "look for an access list or connection limit in front of the RDP service"),
        ],
        more: &[Remedy::with(
            "server",
            "see whether the service noticed the connection (event 261): if not, it was never told",
            "Get-WinEvent Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational -MaxEvents 20",
        )],
        next: &[Remedy::new("capture", "capture behind the forwarder, or on {server} itself")],
        sources: &["RFC 9293 3.6", "MS-RDPBCGR 1.3.1.1 (the client speaks first)"],
        ..Cause::BLANK
    },
];
