//! What goes wrong before the first TCP packet: names, neighbours, and a client that sends nothing.

use super::super::cause::{Cause, Chapter, Remedy, Seen};
use super::remedies::CLIENT_EVENTS;

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "dns.fail",
        title: "the server's name could not be resolved",
        chapter: Chapter::BeforeTcp,
        meaning: "No DNS server gave an address for the typed name, so the client never tried to connect. The \
            RDP server is not involved.",
        wire: "the client's DNS query is answered by NXDOMAIN, SERVFAIL, REFUSED or nothing; it is repeated \
            after 1, 2 and 4 s, then tried by LLMNR or mDNS; no SYN follows",
        confused_with: &["client.no-packets", "dns.wrong-address"],
        shown_as: "0x104, 0x208, 0x508 or 0x604",
        fixes: &[
            Remedy::with("client", "resolve the name by hand; try the full DNS name", "Resolve-DnsName NAME"),
            Remedy::with(
                "client",
                "if a VPN brings the DNS suffix: see that it is up and that its DNS server is asked",
                "Get-DnsClientServerAddress; Get-DnsClientNrptPolicy",
            ),
        ],
        more: &[
            Remedy::with("client", "forget remembered answers", "ipconfig /flushdns"),
            Remedy::with(
                "domain",
                "see that the record exists in the zone that this client sees (split DNS)",
                "Resolve-DnsName NAME -Server DNS-SERVER",
            ),
        ],
        next: &[
            Remedy::new("capture", "capture ports 53, 5353 and 5355 on every interface, the VPN's too"),
            CLIENT_EVENTS,
        ],
        not_this: &["turning off the firewall on the server does not help: no packet went there"],
        sources: &["RFC 1035 4.1.1", "RFC 4795", "Microsoft Learn: IMsTscAxEvents::OnDisconnected"],
        ..Cause::BLANK
    },
    Cause {
        id: "dns.wrong-address",
        title: "the name leads to another machine, or to a dead address",
        chapter: Chapter::BeforeTcp,
        meaning: "The name resolved, but not to the machine the user meant: a stale record, a cloned host, or \
            the inside answer given to an outside client. What follows looks like an unreachable server, a \
            wrong certificate or a Kerberos error.",
        wire: "the DNS answer differs from the address that works; or several addresses are tried one after \
            the other, IPv6 first; or the certificate or the NTLM computer name is that of another host",
        confused_with: &["dns.fail", "tcp.syn-no-answer", "tls.cert-name-mismatch", "nla.krb-modified"],
        shown_as: "0x204 or 0x108; or a warning that the certificate is for another name",
        fixes: &[
            Remedy::with(
                "client",
                "compare what the name gives with the server's real address",
                "Resolve-DnsName NAME; ping -4 NAME",
            ),
            Remedy::new("domain", "correct the record, and let scavenging remove old ones"),
        ],
        more: &[
            Remedy::with(
                "client",
                "look for a forgotten line in the hosts file",
                r"findstr NAME C:\Windows\System32\drivers\etc\hosts",
            ),
            Remedy::with("server", "let the server register its addresses again", "ipconfig /registerdns"),
        ],
        next: &[Remedy::new("capture", "capture DNS together with RDP; then names and addresses can be compared")],
        sources: &["RFC 1035 3.3.1", "MS-NLMP 2.2.2.1 (computer names of the server)", "RFC 4120 7.5.9"],
        ..Cause::BLANK
    },
    Cause {
        id: "link.no-neighbour",
        title: "nobody on the local network answers for the address",
        chapter: Chapter::BeforeTcp,
        meaning: "The target or the router to it is not on this network segment: switched off, asleep, in \
            another VLAN or with a wrong mask. The connection attempt does not leave the cable.",
        wire: "ARP requests (IPv6: Neighbor Solicitations) for the server or the gateway, repeated, without \
            an answer; no SYN gets out",
        confused_with: &["tcp.syn-no-answer", "tcp.icmp-unreachable"],
        shown_as: "0x204",
        fixes: &[
            Remedy::with(
                "path",
                "see whether the machine is on, awake, and in the same network and VLAN",
                "arp -a; ping {server}",
            ),
            Remedy::with(
                "client",
                "see address and mask of whoever asks: the client, or the last router",
                "Get-NetIPConfiguration",
            ),
        ],
        more: &[Remedy::with(
            "server",
            "keep a machine that must be reachable from falling asleep",
            "powercfg /change standby-timeout-ac 0",
        )],
        next: &[Remedy::new("capture", "capture on the segment of the server: do the ARP requests arrive there?")],
        sources: &["RFC 826", "RFC 4861 7.2"],
        ..Cause::BLANK
    },
    Cause {
        id: "link.address-conflict",
        title: "duplicate IP address: two machines claim the same one",
        chapter: Chapter::BeforeTcp,
        meaning: "Two machines say that one IP address is theirs. Neighbours send to whoever spoke last, so \
            packets of a connection reach a machine that never heard of it, and that machine resets it or \
            keeps silent. Sessions work, break, and work again.",
        wire: "ARP (IPv6: Neighbor Advertisements) gives two hardware addresses for one IP address within a \
            minute; then a RST as of a host that has no such connection, or a refused SYN",
        confused_with: &["tcp.rst-injected", "end.server-reset", "tcp.refused", "tcp.retransmit-giveup"],
        shown_as: "0x904, 0x3, 0x204",
        fixes: &[
            Remedy::with(
                "path",
                "find the second machine: its hardware address is in the switch's table; give it another address",
                "show mac address-table address MAC",
            ),
            Remedy::with(
                "server",
                "see whether the server noticed it: event 4199 (Tcpip) names the other one's hardware address",
                "Get-WinEvent -FilterHashtable @{LogName='System';ID=4199}",
            ),
        ],
        more: &[
            Remedy::new("path", "keep fixed addresses out of the ranges that DHCP gives away"),
            Remedy::with("client", "see which of them the client sends to now", "arp -a {server}"),
        ],
        next: &[Remedy::with(
            "capture",
            "show from which hardware address each packet of the server came",
            "tshark -r FILE -Y 'ip.addr == {server}' -T fields -e frame.number -e eth.src",
        )],
        not_this: &["emptying the ARP cache of the client helps until the other machine speaks again"],
        sources: &["RFC 5227", "RFC 826", "RFC 9293 3.10.7.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "client.no-packets",
        title: "the client shows an error and sends nothing",
        chapter: Chapter::BeforeTcp,
        seen: Seen::NotInPackets,
        meaning: "The error comes from the client itself or from software beside it; no packet to the server \
            ever left. A capture can only show that there is nothing, and only if it was taken on the \
            right interface.",
        wire: "on the right interface, no query for the name and no SYN to the server at the moment of the \
            error",
        confused_with: &["dns.fail", "cap.one-way"],
        shown_as: "anything; 0x4 and 0x904 have been reported",
        fixes: &[
            Remedy::new(
                "client",
                "see whether security software on the client blocks it; test with its network protection \
                 switched off",
            ),
            Remedy::new("client", "see whether an RD Gateway is set: then the packets go to tcp 443 of the gateway"),
        ],
        more: &[CLIENT_EVENTS, Remedy::with("client", "repair damaged system files", "sfc /scannow")],
        next: &[Remedy::with(
            "capture",
            "capture in all components; then packets that a filter on the client drops are shown as well",
            r"pktmon start --capture --type all -f C:\t.etl",
        )],
        not_this: &[
            "do not delete PendingFileRenameOperations and do not set LocalAccountTokenFilterPolicy: the \
             first breaks pending updates, the second weakens UAC, neither touches RDP",
            "do not register mstscax.dll anew: that is no supported repair",
        ],
        sources: &["Microsoft Learn: pktmon", "practice"],
    },
];
