//! The way between the two: lost, late, forged and forgotten packets, at any time.

use super::super::cause::{Cause, Chapter, Remedy};
use super::remedies::{BOTH_SIDES, CLIENT_EVENTS, DEVICE, KEEP_ALIVE, NO_INSPECTION, SESSION_EVENTS, SMALLEST_MTU};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "path.mtu-black-hole",
        title: "full-size packets vanish on the way while small ones pass",
        chapter: Chapter::Path,
        meaning: "A link on the way carries less than the hosts think, and the ICMP message that would say so is \
            filtered. Everything works until the first large packet: often the server's certificate or the \
            client's logon token.",
        wire: "one full-size segment is sent again and again, at doubled intervals, while smaller ones behind it \
            are acknowledged; no ICMP 3/4 (IPv6: type 2)",
        confused_with: &["path.loss", "tcp.retransmit-giveup", "tls.handshake-stall", "tls.hello-split-drop"],
        shown_as: "0x108, 0x704 or 0x904; or it hangs at \"Securing\" or \"Configuring remote connection\"",
        fixes: &[
            Remedy::new(
                "path",
                "allow ICMP type 3 code 4 (IPv6: type 2) back to the sender of the large packets, or clamp the MSS \
                 on the VPN gateway to 1360",
            ),
            Remedy::with(
                "client",
                "as a test, lower the MTU on the client",
                r#"netsh interface ipv4 set subinterface "Ethernet" mtu=1350 store=active"#,
            ),
        ],
        more: &[Remedy::with(
            "client",
            "see the names of the interfaces and their MTU",
            "netsh interface ipv4 show subinterfaces",
        )],
        next: &[SMALLEST_MTU],
        not_this: &[
            "renewing the certificate because it dies there: the certificate is only the first large thing on the wire",
        ],
        sources: &["RFC 2923 2.1", "RFC 4821", "RFC 1191"],
        ..Cause::BLANK
    },
    Cause {
        id: "path.mtu-icmp-seen",
        title: "a router says that packets are too large, and the sender does not listen",
        chapter: Chapter::Path,
        meaning: "A link carries less than the hosts think and says so by ICMP. If the sender goes on with the same \
            size, the message does not reach it or it ignores it.",
        wire: "ICMP 3/4 or ICMPv6 type 2 with the size that would pass, and after it the same full-size segment \
            again",
        confused_with: &["path.mtu-black-hole", "path.loss"],
        shown_as: "0x108, 0x704 or 0x904",
        fixes: &[
            Remedy::with(
                "server",
                "let the host's own firewall accept ICMP \"fragmentation needed\" (IPv6: \"packet too big\")",
                "Get-NetFirewallRule -DisplayName '*ICMP*' | ft DisplayName,Enabled,Action",
            ),
            Remedy::new(
                "path",
                "or clamp the MSS on the device with the small link to what its ICMP message names, minus 40",
            ),
        ],
        next: &[SMALLEST_MTU],
        sources: &["RFC 1191 3", "RFC 8201 4"],
        ..Cause::BLANK
    },
    Cause {
        id: "path.loss",
        title: "packets get lost on the way",
        chapter: Chapter::Path,
        meaning: "More packets had to be sent again than a healthy network needs. Loss makes a session slow; it ends \
            one only when it lasts longer than the hosts are patient.",
        wire: "many retransmissions and duplicate acknowledgments, spread over all sizes; a repeated packet that is \
            seen twice was lost behind the capture point, one that is seen once before it",
        confused_with: &["path.mtu-black-hole", "tcp.retransmit-giveup", "path.slow"],
        shown_as: "a slow or frozen picture, \"reconnecting\", at worst 0x904 or 0x108",
        fixes: &[Remedy::new("path", "find the lossy link: Wi-Fi, duplex mismatch, full uplink, VPN over TCP")],
        more: &[
            Remedy::with("client", "see where along the way it begins", "pathping -n {server}"),
            Remedy::new("client", "try a cable instead of Wi-Fi, and the session without VPN"),
        ],
        next: &[Remedy::new(
            "capture",
            "capture at the other end too: what is sent there and missing here is lost in between",
        )],
        sources: &["RFC 9293 3.8", "RFC 6298"],
        ..Cause::BLANK
    },
    Cause {
        id: "path.slow",
        title: "the round trip is long",
        chapter: Chapter::Path,
        meaning: "Every step waits for the one before, and a connection needs 9 to 20 round trips. A long way makes it \
            slow; latency alone does not kill a session.",
        wire: "SYN to SYN,ACK takes 250 ms or more, without loss",
        confused_with: &["path.loss", "nla.server-slow"],
        shown_as: "slow, nothing else",
        fixes: &[Remedy::new("path", "take a nearer gateway or a shorter route (VPN exit in another country?)")],
        more: &[Remedy::new(
            "client",
            "leave out what is not needed: printers, drives, audio; each virtual channel costs a round trip in \
             older versions",
        )],
        sources: &["MS-RDPBCGR 1.3.1.1", "MS-RDPBCGR 3.3.6.1 (60 s for the whole sequence)"],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.retransmit-giveup",
        title: "one side is not heard any more, and the other gives up",
        chapter: Chapter::Path,
        meaning: "One end sent the same bytes several times, got nothing back and gave up. The path broke or the \
            silent host is gone; the one that closes is the witness, not the cause. Where the other end is \
            still there, the path broke in one direction, or something drops these bytes.",
        wire: "five or more retransmissions of the same bytes at growing intervals, then RST or silence; the other \
            side is silent throughout, or there and acknowledges nothing of them; or it acknowledges each of them, \
            and that is what does not arrive",
        confused_with: &["path.mtu-black-hole", "path.idle-expiry", "end.client-vanished", "end.server-reset"],
        shown_as: "in a session \"reconnecting, attempt n of 20\"; in the handshake 0x904 or 0x108",
        fixes: &[
            Remedy::new(
                "path",
                "look at VPN, Wi-Fi and firewall logs at that second; other connections of the same host should \
                 have died too",
            ),
            Remedy::with(
                "server",
                "let the server notice dead connections sooner (policy KeepAliveInterval, in minutes)",
                r"reg add 'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services' /v KeepAliveInterval /t REG_DWORD /d 1 /f",
            ),
        ],
        next: &[Remedy::new(
            "capture",
            "capture at the other end too: who stops hearing whom tells where the path breaks",
        )],
        sources: &["RFC 9293 3.8.3", "RFC 1122 4.2.3.5"],
        ..Cause::BLANK
    },
    Cause {
        id: "path.changed",
        title: "the way to the client changed in the middle of the session",
        chapter: Chapter::Path,
        meaning: "The client got another address or another route (VPN reconnected, Wi-Fi to mobile, split tunnel \
            switched), and the old connection stayed behind. RDP itself did nothing wrong.",
        wire: "at the moment of death TTL, MSS or round trip of one side change, its other connections die too, and \
            it comes back from another address",
        confused_with: &["tcp.retransmit-giveup", "tcp.rst-injected", "end.client-vanished"],
        shown_as: "frozen picture, then \"reconnecting\"",
        fixes: &[
            Remedy::new("path", "look in the VPN or Wi-Fi log for a reconnect at that second"),
            Remedy::with(
                "client",
                "look for a network that went away (event 10001)",
                "Get-WinEvent Microsoft-Windows-NetworkProfile/Operational -MaxEvents 20",
            ),
        ],
        more: &[Remedy::new(
            "path",
            "raise the re-key interval of the VPN, or use one that keeps inner addresses over a reconnect",
        )],
        next: &[Remedy::new("capture", "capture on the client with all interfaces, VPN adapter and cable together")],
        sources: &["RFC 9293 3.3 (a connection is bound to both addresses)", "practice"],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.zero-window",
        title: "one side stopped reading for a while",
        chapter: Chapter::Path,
        meaning: "The receiver says: no room. Its application does not read: a hung client, a frozen session, a disk \
            or a driver that blocks. The network delivers well.",
        wire: "acknowledgments with window 0, and window probes answered with window 0",
        confused_with: &["path.loss", "rdp.activation-stall"],
        shown_as: "a frozen picture",
        fixes: &[Remedy::new(
            "client",
            "look at the side that had no room: load, a hung program, security software that scans what arrives",
        )],
        more: &[SESSION_EVENTS],
        next: &[Remedy::new("capture", "note which program hangs at that moment (Task Manager, \"Not responding\")")],
        sources: &["RFC 9293 3.8.6"],
        ..Cause::BLANK
    },
    Cause {
        id: "path.idle-expiry",
        title: "a device forgot the connection while it was quiet",
        chapter: Chapter::Path,
        meaning: "Firewalls, NAT and load balancers drop what has been silent too long. The next packet after the \
            pause then meets a reset or nothing. Neither end did anything wrong.",
        wire: "a long gap without packets of a typical length (240 s, 350 s, or 5, 15, 30, 60 min), then the first \
            packet is answered by a RST or by nothing; the same gap each time makes it sure",
        confused_with: &["tcp.rst-injected", "tcp.retransmit-giveup", "path.lb-reset", "end.idle-limit"],
        shown_as: "a frozen session, then \"reconnecting\"; 0x904, or 0x3",
        fixes: &[
            Remedy::new(
                "path",
                "raise the idle timeout of the device (4 min are usual for Azure load balancers, 350 s for AWS), \
                 and let it send resets",
            ),
            KEEP_ALIVE,
        ],
        more: &[Remedy::with(
            "server",
            "keep-alives are off unless this is 1",
            r"reg add 'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services' /v KeepAliveEnable /t REG_DWORD /d 1 /f",
        )],
        next: &[Remedy::new("capture", "leave a test session idle and note after how many seconds it dies")],
        not_this: &["raising the session limits of Windows: the server did not end it"],
        sources: &[
            "RFC 5382 5 (REQ-5)",
            "Azure Load Balancer: TCP reset and idle timeout",
            "AWS: Network Load Balancer connection idle timeout",
        ],
        ..Cause::BLANK
    },
    Cause {
        id: "path.lb-reset",
        title: "a load balancer ended the connection",
        chapter: Chapter::Path,
        meaning: "A balancer resets both sides: its idle time is over, the target failed a health check, or it is \
            being drained. Client and server both think that the other one did it.",
        wire: "RST or FIN to both sides at once, with the TTL of the balancer, often several sessions in the same \
            second or after a round idle time",
        confused_with: &["path.idle-expiry", "tcp.rst-injected", "end.server-reset"],
        shown_as: "0x904, \"reconnecting\"",
        fixes: &[Remedy::new(
            "path",
            "look at idle timeout, health probe and draining of the load balancer in front of {server}",
        )],
        more: &[Remedy::new(
            "path",
            "see that returning clients reach the same host (sticky sessions, or the broker's routing token)",
        )],
        next: &[Remedy::new("capture", "capture on both sides of the balancer at once")],
        sources: &[
            "Azure Load Balancer: TCP reset and idle timeout",
            "AWS: deregistration delay",
            "MS-RDPBCGR 3.2.5.3.1",
        ],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.rst-injected",
        title: "a device in the path sent a reset in the name of one end",
        chapter: Chapter::Path,
        meaning: "Something between the two forged a reset: a firewall that recognises RDP, an IPS, a provider. The \
            host whose address it bears does not know about it and may go on talking.",
        wire: "a RST with another TTL than all packets of that host; or the host talks on after \"its\" reset; or \
            several resets with guessed sequence numbers; or faster than the distance allows; or to both ends at \
            once",
        confused_with: &[
            "tcp.refused-by-middlebox",
            "end.server-reset",
            "tcp.client-reset",
            "path.idle-expiry",
            "tls.server-silent-close",
        ],
        shown_as: "0x904",
        fixes: DEVICE,
        more: &[NO_INSPECTION],
        next: BOTH_SIDES,
        not_this: &["a new certificate or a restart of TermService: the server did not send this reset"],
        sources: &["Weaver, Sommer, Paxson: Detecting Forged TCP Reset Packets (NDSS 2009)", "RFC 5961 3"],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.rst-ignored",
        title: "a reset outside the window, which changed nothing",
        chapter: Chapter::Path,
        meaning: "A reset arrived with a sequence number that the receiver must not accept, and the connection went \
            on. It is a trace of somebody who tries to cut it, or a late packet.",
        wire: "a RST whose sequence number is outside the receiver's window, and data in both directions after it",
        confused_with: &["tcp.rst-injected"],
        fixes: &[Remedy::new(
            "path",
            "if it comes again and again: look for a device that tries to cut the connection",
        )],
        next: BOTH_SIDES,
        sources: &["RFC 9293 3.10.7.4", "RFC 5961 3"],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.client-reset",
        title: "the client resets the connection in the middle of the handshake",
        chapter: Chapter::Path,
        meaning: "The reset was made on the client's machine, and not as its usual quick close after a server's \
            refusal. A user who presses Cancel, a crash, security software and a VPN that tears its adapter down \
            all look like this.",
        wire: "RST from the client with its own TTL, in the middle of the handshake, and not within milliseconds of \
            a refusal, an alert or a farewell",
        confused_with: &["ok.prompt-reconnect", "scan.connect", "tcp.rst-injected", "tls.client-refuses"],
        shown_as: "nothing if the user cancelled",
        fixes: &[
            Remedy::new(
                "client",
                "ask the user whether they pressed Cancel; try with the security software's network inspection \
                 switched off",
            ),
            Remedy::new("client", "look for a crash of mstsc.exe in the Application event log (event 1000)"),
        ],
        more: &[CLIENT_EVENTS],
        sources: &["RFC 9293 3.5.3", "practice"],
        ..Cause::BLANK
    },
    Cause {
        id: "tcp.stream-damaged",
        title: "bytes were changed on the way",
        chapter: Chapter::Path,
        meaning: "What arrives is not what was sent: the framing breaks although no packet is missing. A proxy, WAN \
            optimizer or a faulty network card rewrites the stream.",
        wire: "in a stream without gaps a TPKT length or a TLS record header makes no sense; or an alert \
            bad_record_mac (20), decode_error (50) or unexpected_message (10)",
        confused_with: &["x224.not-rdp", "x224.malformed", "tls.interception", "cap.snaplen-cut"],
        shown_as: "0x904, 0xC06, \"because of an error in data encryption\"",
        fixes: &[
            Remedy::new("path", "take WAN optimizer, proxy or protocol gateway (ALG) out of the way for tcp {port}"),
            Remedy::with(
                "client",
                "switch the offloads of the network card off, as a test",
                "Disable-NetAdapterChecksumOffload -Name Ethernet; Disable-NetAdapterLso -Name Ethernet",
            ),
        ],
        next: &[Remedy::new("capture", "capture at both ends and compare the same bytes")],
        sources: &["RFC 8446 5.2", "MS-RDPBCGR 5.3", "RFC 9293 3.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "path.proxy",
        title: "somebody stands in between and speaks TCP for the server",
        chapter: Chapter::Path,
        meaning: "The connection ends at a proxy, balancer or SYN protector that opens another one to the server. That \
            is often intended; times and TTLs then tell about the proxy, not about the server.",
        wire: "TTL or round trip of the SYN,ACK differ from those of the data that follows",
        confused_with: &["tls.interception", "path.lb-reset", "tcp.refused-by-middlebox"],
        fixes: &[Remedy::with(
            "path",
            "if it is not intended: find out which device answers for {server}",
            "tracert -d {server}",
        )],
        next: &[Remedy::new("capture", "capture behind the proxy as well")],
        sources: &["RFC 9293 3.5", "RFC 3135 2"],
        ..Cause::BLANK
    },
];
