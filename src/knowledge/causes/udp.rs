//! The RDP-UDP side channel: a matter of comfort, seldom of life.

use super::super::cause::{Cause, Chapter, Remedy, Seen};
use super::remedies::{SMALLEST_MTU, UDP_OFF};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "ok.udp",
        title: "the UDP side channel is open",
        chapter: Chapter::Udp,
        meaning: "Client and server can use UDP beside TCP.",
        wire: "an RDP-UDP SYN from the client and a SYN+ACK from the server",
        confused_with: &["udp.blocked"],
        sources: &["MS-RDPEUDP 3.1.5.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "udp.blocked",
        title: "the UDP side channel is not answered; the session goes on over TCP",
        chapter: Chapter::Udp,
        meaning: "A firewall drops UDP, or the server does not offer it. Not fatal: only the wait at the start and a \
            less smooth picture.",
        wire: "RDP-UDP SYN (ff ff ff ff, padded to 1232 bytes) several times, no answer",
        confused_with: &["udp.mtu", "udp.dead-65s", "gw.udp-3391"],
        shown_as: "nothing",
        fixes: &[
            Remedy::new("path", "open UDP {port} towards {server}, if sessions feel sluggish"),
            Remedy::with(
                "client",
                "or switch UDP off, to save the wait",
                r"reg add 'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services\Client' /v fClientDisableUDP /t REG_DWORD /d 1 /f",
            ),
        ],
        more: &[Remedy::with(
            "server",
            "see whether the server offers it (2: both, 1: TCP only)",
            r"gp 'HKLM:\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services' -Name SelectTransport",
        )],
        sources: &["MS-RDPEUDP 3.1.5.1", "MS-RDPEUDP 2.2.2.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "udp.tls-failed",
        title: "TLS inside the UDP side channel fails",
        chapter: Chapter::Udp,
        meaning: "UDP opened and its own handshake did not finish. The session goes on over TCP. A certificate other \
            than on TCP points to an inspector or to another host behind the same address.",
        wire: "SYN and SYN+ACK, then TLS or DTLS records that stop or end in an alert; or another certificate than \
            over TCP",
        confused_with: &["tls.interception", "tls.cert-changed", "udp.mtu"],
        shown_as: "nothing; a less smooth picture",
        fixes: &[
            Remedy::new("server", "give {server} one certificate for TCP and UDP, and no inspector in between"),
            UDP_OFF,
        ],
        sources: &["MS-RDPEUDP 1.3", "MS-RDPEMT 1.3"],
        ..Cause::BLANK
    },
    Cause {
        id: "udp.tunnel-refused",
        title: "the server drops the side channel after the tunnel request",
        chapter: Chapter::Udp,
        seen: Seen::NeedsKeys,
        meaning: "UDP and its encryption are up, and the request to join it with the session is not accepted: wrong \
            cookie, or a session that is gone.",
        wire: "the side channel closes after its first encrypted records; with keys a Tunnel Create Response with \
            an error",
        confused_with: &["udp.tls-failed", "udp.dead-65s"],
        shown_as: "nothing; a less smooth picture",
        fixes: &[Remedy::new("path", "see that a balancer sends UDP to the same host as TCP"), UDP_OFF],
        sources: &["MS-RDPEMT 2.2.2.1", "MS-RDPEMT 2.2.2.2"],
        ..Cause::BLANK
    },
    Cause {
        id: "udp.mtu",
        title: "large datagrams of the side channel are lost",
        chapter: Chapter::Udp,
        meaning: "The opening datagrams are padded to 1232 bytes to test the path. If they pass and larger ones do \
            not, a VPN leaves too little room.",
        wire: "SYN of 1232 bytes unanswered or data datagrams of that size repeated, while small ones pass",
        confused_with: &["udp.blocked", "path.mtu-black-hole"],
        shown_as: "a jerky or frozen picture",
        fixes: &[Remedy::new("path", "raise the MTU of the tunnel, or let it fragment"), UDP_OFF],
        next: &[SMALLEST_MTU],
        sources: &["MS-RDPEUDP 3.1.5.1.1", "RFC 8899 1"],
        ..Cause::BLANK
    },
    Cause {
        id: "udp.dead-65s",
        title: "the side channel went silent and took the session with it",
        chapter: Chapter::Udp,
        meaning: "One direction of UDP stays silent, and after the protocol's own limit (65 s, in version 2: 16 s) the \
            client gives up the whole session. Known of Windows 11 24H2 with Server 2016, where an update cures \
            it.",
        wire: "RDP-UDP opens, one direction is silent, the TCP session ends 65 s (16 s) later; the same with every \
            attempt",
        confused_with: &["udp.blocked", "path.idle-expiry", "end.client-died"],
        shown_as: "the session freezes and ends about a minute after the start",
        fixes: &[Remedy::new("client", "install the latest updates on client and server"), UDP_OFF],
        next: &[Remedy::new("capture", "capture UDP {port} at both ends: which direction is missing?")],
        sources: &["MS-RDPEUDP 3.1.1.9", "MS-RDPEUDP2 3.1.1.3", "practice"],
        ..Cause::BLANK
    },
    Cause {
        id: "udp.freeze",
        title: "the picture stands still while the side channel acknowledges",
        chapter: Chapter::Udp,
        seen: Seen::NeedsKeys,
        meaning: "Acknowledgments come, data does not: the server has nothing to send or its graphics hang. The path \
            is fine.",
        wire: "RDP-UDP acknowledgments go on, data datagrams of the server stop",
        confused_with: &["rdp.activation-stall", "tcp.zero-window", "udp.dead-65s"],
        shown_as: "a frozen picture",
        fixes: &[Remedy::new("server", "look for a hung graphics driver or session on {server}"), UDP_OFF],
        sources: &["MS-RDPEUDP 3.1.5", "practice"],
        ..Cause::BLANK
    },
];
