//! Causes: path.

use super::super::cause::{Cause, Chapter, Remedy};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "path.mtu-black-hole",
        title: "full-size packets vanish on the way while small ones pass",
        chapter: Chapter::Path,
        fixes: &[
            Remedy::new(
                "path",
                "allow ICMP type 3 code 4 (IPv6: type 2) towards {server}, or clamp the MSS on the VPN gateway to 1360",
            ),
            Remedy::with(
                "client",
                "as a test, lower the MTU on the client",
                r#"netsh interface ipv4 set subinterface "Ethernet" mtu=1350 store=active"#,
            ),
        ],
        next: &[Remedy::with("client", "find the size that still passes", "ping -f -l 1372 {server}")],
        ..Cause::BLANK
    },
    Cause {
        id: "path.loss",
        title: "packets get lost on the way",
        chapter: Chapter::Path,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "path.slow",
        title: "the round trip is long",
        chapter: Chapter::Path,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
];
