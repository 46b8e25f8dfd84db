//! Causes: udp.

use super::super::cause::{Cause, Chapter, Remedy};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[Cause {
    id: "udp.blocked",
    title: "the UDP side channel is not answered; the session goes on over TCP",
    chapter: Chapter::Udp,
    fixes: &[
        Remedy::new("path", "open UDP {port} towards {server}, if sessions feel sluggish"),
        Remedy::with(
            "client",
            "or switch UDP off, to save the wait",
            r"reg add 'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services\Client' /v fClientDisableUDP /t REG_DWORD /d 1 /f",
        ),
    ],
    next: &[],
    ..Cause::BLANK
}];
