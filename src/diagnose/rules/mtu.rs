//! Packets too large for the path: those that vanish, and those that a router complains about.

use super::super::reached::phase_of_mark;
use super::super::rule::{Found, Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::{By, Sure};
use super::super::wording::say;
use super::unheard::place;
use crate::session::Direction;

/// Bytes that are likely sent in a full packet.
const FULL: u64 = 1200;

fn headline(who: &str) -> String {
    format!("full-size packets from the {who} vanish on the way")
}

/// A router says how much it can pass on, and the sender goes on as before.
pub(super) static MTU_ICMP_SEEN: Rule = Rule {
    id: "path.mtu-icmp-seen",
    needs: Signs::ICMP,
    find: |scene| {
        let (event, error) = scene.session.too_big()?;
        // The error is filed under the one it is for: the other one than spoke through the router.
        let sender = event.direction.reverse();
        let side = scene.session.side(sender);
        let repeat = side.repeat().filter(|repeat| repeat.count >= 2 && repeat.last.time > event.time)?;
        let limit = error.mtu.unwrap_or(repeat.ip_length.saturating_sub(1));
        if repeat.ip_length <= limit {
            return None;
        }
        let (who, router) = (sender.speaker(), error.net.source);
        let headline = say!("packets over {limit} bytes do not fit the path, and the {who} does not heed it");
        Some(
            scene
                .died(Sure::Strong, headline)
                .at_mark(repeat.original, phase_of_mark(scene.session, repeat.original), By::Network, "too large")
                .because(
                    &[event.frame],
                    say!("frame {}: {router} says that at most {limit} bytes pass (ICMP)", number(event)),
                )
                .because(
                    &[repeat.original.frame, repeat.last.frame],
                    say!(
                        "the {who} sends {} bytes again all the same, {} times, never acknowledged",
                        repeat.ip_length,
                        repeat.count
                    ),
                )
                .could_be("filter", say!("a filter keeps the ICMP message from the {who}, or its system ignores it"))
                .not_it("tls", "the certificate, the password: the packets that carry them do not arrive"),
        )
    },
};

/// Large packets vanish, small ones pass.
pub(super) static MTU_BLACK_HOLE: Rule = Rule {
    id: "path.mtu-black-hole",
    needs: Signs::NONE,
    find: |scene| sent_into_hole(scene).or_else(|| hole_received(scene)),
};

/// Seen near the sender: the same large packet again and again, the smaller ones acknowledged.
fn sent_into_hole(scene: &Scene<'_>) -> Option<Found> {
    let session = scene.session;
    for direction in [Direction::ServerToClient, Direction::ClientToServer] {
        let side = session.side(direction);
        let Some(repeat) = side.repeat() else { continue };
        let passed = side.longest_acknowledged;
        if repeat.count < 3
            || repeat.ip_length < 1000
            || repeat.ip_length <= passed
            || is_complained_of(scene, repeat.ip_length)
        {
            continue;
        }
        let who = direction.speaker();
        // A message that goes on in the next packet has its event there.
        let begun = session.timeline.iter().find(|event| {
            (event.first_frame..=event.frame).contains(&repeat.original.frame) && event.direction == direction
        });
        let phase = begun.map_or_else(|| phase_of_mark(session, repeat.original), |event| event.phase);
        // Who says nothing any more may just be gone; then the size was chance.
        let other = direction.reverse().speaker();
        let alive = session.side(direction.reverse()).last_alive();
        let alive = alive.filter(|alive| alive.time.since(repeat.original.time) > 0.0);
        let sure = if alive.is_some() { Sure::Strong } else { Sure::Likely };
        let found = scene
            .died(sure, headline(who))
            .at_mark(repeat.original, phase, By::Network, "it never gets through")
            .because(
                &[repeat.original.frame, repeat.last.frame],
                say!("a packet of {} bytes sent {} times, never acknowledged", repeat.ip_length, repeat.count + 1),
            )
            .because(
                &[side.longest_acknowledged_by.map_or(session.first.frame, |mark| mark.frame)],
                say!("packets up to {passed} bytes were acknowledged"),
            )
            .because(
                &[repeat.original.frame],
                if repeat.dont_fragment {
                    "it carries DF (do not fragment), so a router with a smaller MTU must drop it"
                } else {
                    "no ICMP \"fragmentation needed\" came back"
                },
            )
            .missing(say!(
                "where it happens{}; the limit lies between {} and {} bytes",
                place(scene, direction),
                passed,
                repeat.ip_length
            ))
            .not_it("tls", "the certificate, the password: the packets that carry them do not arrive");
        return Some(match alive {
            Some(mark) => {
                found.because(&[mark.frame], say!("frame {}: the {other} is there all the while", mark.frame.number()))
            }
            None => found
                .could_be("tcp.retransmit-giveup", say!("the {other} is gone altogether: nothing more is heard of it")),
        });
    }
    None
}

/// Whether a router has said that packets of this length do not fit.
fn is_complained_of(scene: &Scene<'_>, length: u32) -> bool {
    scene.session.complaints().any(|(_, error)| error.is_too_big() && error.mtu.is_none_or(|mtu| mtu < length))
}

/// Seen near the receiver: a hole that stays, and smaller packets behind it.
fn hole_received(scene: &Scene<'_>) -> Option<Found> {
    let session = scene.session;
    for direction in [Direction::ServerToClient, Direction::ClientToServer] {
        let Some((offset, behind)) = session.hole(direction) else { continue };
        let side = session.side(direction);
        let waited = session.last.time.since(behind.time);
        let other = session.side(direction.reverse());
        let mss = u64::from(other.options.mss.or(side.options.mss).unwrap_or(1460));
        let tail = side.sent.saturating_sub(offset);
        // An acknowledgment says only how much was sent before it: it counts where that must have filled a packet.
        let is_small = tail == 0 && offset.saturating_sub(side.sent) < FULL;
        // It was sent some time before, as a rule: who has nothing to say is asked for a sign of life after seconds only.
        let patience = if tail == 0 { 1.0 } else { 3.0 };
        if waited < patience || side.acknowledged >= offset || tail >= mss || is_small || session.too_big().is_some() {
            continue;
        }
        let who = direction.speaker();
        let passed = if tail == 0 { "an acknowledgment".to_owned() } else { format!("a packet of {tail} bytes") };
        return Some(
            scene
                .died(Sure::Likely, headline(who))
                .at_mark(behind, phase_of_mark(session, behind), By::Network, "the packet before it never arrived")
                .because(
                    &[behind.frame],
                    say!(
                        "frame {}: {passed} arrived, but what the {who} sent before it never did",
                        behind.frame.number()
                    ),
                )
                .because(
                    &[behind.frame, session.last.frame],
                    say!("the hole was not filled in {waited:.1} s, though smaller packets pass"),
                )
                .could_be("path.loss", "the same packet lost several times in a row")
                .not_it("tls", "the certificate, the password: the packets that carry them do not arrive"),
        );
    }
    None
}
