//! The RDP-UDP side channel: a matter of comfort, never of life.

use super::super::rule::{Found, Rule, number};
use super::super::verdict::{Outcome, Sure};

/// Nobody answers the SYN.
pub(super) static BLOCKED: Rule = Rule {
    id: "udp.blocked",
    find: |scene| {
        let session = scene.session;
        if session.server_side().packets > 0 {
            return None;
        }
        let frames: Vec<_> = session.timeline.iter().map(|event| event.frame).take(8).collect();
        let first = session.timeline.iter().next()?;
        Some(
            Found::new(Outcome::Warn, Sure::Strong, "the UDP side channel is blocked; the session goes on over TCP")
                .because(
                    &frames,
                    format!("{} RDP-UDP SYNs from frame {} on, and no answer", frames.len(), number(first)),
                )
                .not_it("path", "a death of the session: UDP only makes it smoother"),
        )
    },
};

/// The side channel was opened.
pub(super) static OPENED: Rule = Rule {
    id: "ok.udp",
    find: |scene| {
        let frames: Vec<_> = scene.session.timeline.iter().map(|event| event.frame).take(4).collect();
        Some(Found::ok(Sure::Strong, "the UDP side channel is open").because(&frames, "SYN and SYN+ACK were exchanged"))
    },
};
