//! A side whose window stays shut: its program has stopped reading.

use super::super::reached::phase_of_mark;
use super::super::rule::Rule;
use super::super::signs::Signs;
use super::super::verdict::{By, Sure};
use super::super::wording::say;
use crate::session::Direction;

/// A window that stays shut for so long is no pause; seconds.
const FROZEN: f64 = 10.0;

/// No room for data, for good.
pub(super) static ZERO_WINDOW: Rule = Rule {
    id: "tcp.zero-window",
    needs: Signs::REPEAT,
    find: |scene| {
        let session = scene.session;
        for reader in [Direction::ClientToServer, Direction::ServerToClient] {
            let side = session.side(reader);
            let Some((since, last)) = side.stalled() else { continue };
            let writer = reader.reverse();
            let Some(probes) = side.probes() else { continue };
            let frames: Vec<_> = probes.first().iter().map(|mark| mark.frame).collect();
            let asked = session.side(writer).last.map_or(0.0, |asked| asked.time.since(since.time));
            // It answers that there is no room; one that does not answer at all is gone, not frozen.
            let answers = last.time.since(since.time) >= FROZEN / 2.0;
            if !answers || asked < FROZEN || probes.count() < 2 {
                continue;
            }
            let who = reader.speaker();
            return Some(
                scene.died(Sure::Strong, say!("the {who} has stopped reading: its window stays at 0"))
                    .at_mark(since, phase_of_mark(session, since), By::from(reader), "no room for data from here on")
                    .because(
                        &[since.frame, last.frame],
                        say!(
                            "frames {} to {}: the {who} answers for {:.1} s that it has no room (window 0)",
                            since.frame.number(),
                            last.frame.number(),
                            last.time.since(since.time)
                        ),
                    )
                    .because(
                        &frames,
                        say!("the {} asks again and again, {} times", writer.speaker(), probes.count()),
                    )
                    .means(say!(
                        "the {who}'s TCP works, and the program behind it takes nothing out: it hangs, or its machine does"
                    ))
                    .not_it("path", "the network: the answers come")
                    .not_it("tls", "certificate, TLS: both sides were past that"),
            );
        }
        None
    },
};
