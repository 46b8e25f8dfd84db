//! Capabilities, activation, the first picture.

use super::super::cause::{Cause, Chapter, Remedy, Seen};
use super::remedies::{CLIENT_EVENTS, KEYS, LOGON_EVENTS, OTHER_CLIENT, SESSION_EVENTS, WDDM_OFF};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "rdp.caps-refused",
        title: "the server does not accept the client's capabilities",
        chapter: Chapter::Activation,
        seen: Seen::NeedsKeys,
        meaning: "The two agree on everything but the details: a capability set is missing, of the wrong length, or \
            not allowed.",
        wire: "Set Error Info 0x10E7 to 0x10EA, 0x112D, 0x1134 to 0x1136, behind the client's Confirm Active",
        confused_with: &["rdp.caps-client-quits", "end.protocol-error"],
        shown_as: "0x3 with such a number as extended code, or 0xD06",
        fixes: OTHER_CLIENT,
        next: &[KEYS],
        sources: &["MS-RDPBCGR 2.2.1.13.2", "MS-RDPBCGR 2.2.5.1.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "rdp.caps-client-quits",
        title: "the client leaves at the server's capabilities",
        chapter: Chapter::Activation,
        meaning: "The server announced what it can do, and the client stops there. An old client against a new server, \
            or one with a fault.",
        wire: "Demand Active (about 300 to 520 bytes), then FIN or RST from the client, no Confirm Active",
        confused_with: &["mcs.client-refuses", "rdp.caps-refused", "tcp.client-reset"],
        shown_as: "0xD06: protocol error",
        fixes: &[
            Remedy::new("client", "update the client, or try another one"),
            Remedy::new(
                "client",
                "switch graphics extras off as a test (FreeRDP: -gfx; mstsc: lower colour depth, no multimonitor)",
            ),
        ],
        more: &[CLIENT_EVENTS],
        next: &[KEYS],
        sources: &["MS-RDPBCGR 2.2.1.13.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "rdp.gfx-failed",
        title: "the server's graphics for the session failed",
        chapter: Chapter::Activation,
        seen: Seen::NeedsKeys,
        meaning: "Display driver, graphics memory or the graphics pipeline of the session gave up. Other sessions may \
            work.",
        wire: "Set Error Info 0xF, 0x10, 0x11, 0x12, 0x112E or 0x112F",
        confused_with: &["end.session-crash", "rdp.activation-stall", "end.protocol-error"],
        shown_as: "0x3 with that number as extended code; a black picture, then the end",
        fixes: &[WDDM_OFF, Remedy::new("server", "update the graphics driver of {server}")],
        more: &[Remedy::with(
            "client",
            "as a test, one monitor and a smaller desktop",
            "mstsc /v:{server} /w:1280 /h:720",
        )],
        next: &[KEYS],
        sources: &["MS-RDPBCGR 2.2.5.1.1", "MS-RDPEGFX 1.3"],
        ..Cause::BLANK
    },
    Cause {
        id: "rdp.activation-stall",
        title: "the session starts, and no picture comes",
        chapter: Chapter::Activation,
        meaning: "Protocol and logon are done, the server's session is not: Winlogon, the shell, a logon script, \
            security software or the graphics card hangs. The user sees black.",
        wire: "Confirm Active and Font List are sent, and no Font Map or no graphics follow for seconds; or nothing at \
            all follows Client Info",
        confused_with: &["rdp.gfx-failed", "tcp.zero-window", "path.mtu-black-hole"],
        shown_as: "a black picture",
        fixes: &[
            Remedy::with(
                "server",
                "find the hung session by its id, and log it off",
                "quser /server:{server}; logoff ID /server:{server}",
            ),
            Remedy::with(
                "server",
                "look for errors of Winlogon, drivers and security software",
                "Get-WinEvent -FilterHashtable @{LogName='System','Application';Level=2} -MaxEvents 30",
            ),
        ],
        more: &[
            Remedy::new("client", "Ctrl+Alt+End often shows whether the session lives"),
            Remedy::new("client", "as a test, without saved bitmaps and with one monitor"),
        ],
        next: &[SESSION_EVENTS],
        sources: &["MS-RDPBCGR 1.3.1.1", "MS-RDPBCGR 2.2.1.22"],
        ..Cause::BLANK
    },
    Cause {
        id: "rdp.reactivation-loop",
        title: "the session is deactivated and activated again and again",
        chapter: Chapter::Activation,
        meaning: "The server tears the picture down and builds it up anew, several times: changing resolutions, a \
            driver that restarts, or a console that two sides fight for.",
        wire: "Deactivate All and Demand Active, more than twice in a short time",
        confused_with: &["rdp.gfx-failed", "rdp.activation-stall", "end.autoreconnect-loop"],
        shown_as: "a flickering or resizing picture",
        fixes: &[WDDM_OFF, Remedy::new("client", "switch dynamic resolution off (FreeRDP: no /dynamic-resolution)")],
        next: &[KEYS],
        sources: &["MS-RDPBCGR 1.3.1.3"],
        ..Cause::BLANK
    },
    Cause {
        id: "rdp.logon-failed",
        title: "Windows refused the logon inside the session",
        chapter: Chapter::Activation,
        seen: Seen::NeedsKeys,
        meaning: "Without NLA the password is checked on the server's own logon screen, and that said no. The \
            connection itself works.",
        wire: "Save Session Info with LOGON_FAILED_BAD_PASSWORD, _UPDATE_PASSWORD or _OTHER, or an NTSTATUS",
        confused_with: &["nla.bad-credentials", "nla.refused", "ok.user-disconnect"],
        shown_as: "the server's logon screen says it",
        fixes: &[Remedy::new("client", "type the password anew, with the domain before it"), LOGON_EVENTS],
        more: &[Remedy::new("server", "use NLA, so that the logon is checked before a session is made")],
        next: &[KEYS],
        sources: &["MS-RDPBCGR 2.2.10.1.1.4"],
        ..Cause::BLANK
    },
];
