//! Packets too large for the path: those that vanish, and those that a router complains about.

use super::super::reached::phase_of_mark;
use super::super::rule::{Found, Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::{By, Sure};
use super::super::wording::say;
use super::silence::{runs, unanswered};
use super::unheard::{LATER, SMALLEST, place};
use crate::session::Direction;
use crate::tcp::side::Repeat;
use crate::tcp::stream::{Hole, Mark};

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
        // Old routers do not say how much would fit (RFC 1191 5): less than what did not.
        let limit = error.mtu.unwrap_or(error.quoted_length.saturating_sub(1));
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

/// Repetitions that are no accident.
const TRIES: u32 = 3;
/// Shorter packets than this pass everywhere; bytes.
const LARGE: u32 = 1000;
/// What a full segment may lack of the MSS, and a packet has beside its payload at most, with IPv6; bytes.
const OPTIONS: u32 = 40;
const HEADERS: u32 = 40 + 20 + OPTIONS;

/// Whether `repeat` may be too large for the path: so large a packet of `sender` was never acknowledged.
pub(super) fn is_large(scene: &Scene<'_>, sender: Direction, repeat: &Repeat) -> bool {
    is_stuck(scene, repeat) && repeat.ip_length > scene.session.side(sender).longest_acknowledged
}

/// Whether so large a packet is sent again and again, and no router says why it does not pass.
fn is_stuck(scene: &Scene<'_>, repeat: &Repeat) -> bool {
    repeat.count >= TRIES && repeat.ip_length >= LARGE && !is_complained_of(scene, repeat.ip_length)
}

/// A large packet that does not pass, and what does.
struct TooLarge {
    sender: Direction,
    repeat: Repeat,
    /// The longest packet that passed; bytes.
    passed: u32,
    /// Who says so.
    passed_by: Option<Mark>,
    /// A packet as large that had passed before the path changed: its length in bytes, and who says so.
    before: Option<(u32, Mark)>,
    /// The other side is there afterwards.
    alive: Option<Mark>,
}

/// The packet of `sender` that is too large for the path, if there is one.
fn too_large(scene: &Scene<'_>, sender: Direction) -> Option<TooLarge> {
    let side = scene.session.side(sender);
    let repeat = side.repeat()?;
    let began = repeat.original.time;
    let sacked = side.sacked();
    // A receipt for what was sent behind it is a sign of life of its own.
    let alive = scene.session.last_alive(sender.reverse()).filter(|alive| alive.time.since(began) >= LATER);
    let alive = alive.or(sacked.map(|(_, by)| by));
    let longest = side.longest_acknowledged_by.map(|by| (side.longest_acknowledged, by));
    if is_large(scene, sender, &repeat) {
        let (passed, passed_by) = (side.longest_acknowledged, side.longest_acknowledged_by);
        return Some(TooLarge { sender, repeat, passed, passed_by, before: None, alive });
    }
    // Such packets did pass; only what is smaller still does.
    let (passed, by) = sacked.filter(|(passed, _)| *passed < repeat.ip_length)?;
    let before = longest.filter(|(_, by)| by.time < began)?;
    is_stuck(scene, &repeat).then_some(TooLarge {
        sender,
        repeat,
        passed,
        passed_by: Some(by),
        before: Some(before),
        alive,
    })
}

/// Seen near the sender: the same large packet again and again, the smaller ones acknowledged.
fn sent_into_hole(scene: &Scene<'_>) -> Option<Found> {
    let both = [Direction::ServerToClient, Direction::ClientToServer];
    let lost = both.into_iter().find_map(|sender| too_large(scene, sender))?;
    // Who would speak by itself, and does not, is gone: then the size was chance.
    let would_speak = runs(scene, lost.repeat.original) || ignores_tail(scene, &lost);
    let is_gone = lost.alive.is_none() && would_speak && unanswered(scene).is_some();
    (!is_gone).then(|| tell(scene, &lost))
}

/// Whether nothing came back although something short was sent behind the large packet: whoever gets it answers at once that
/// there is a hole (RFC 5681 3.2).
fn ignores_tail(scene: &Scene<'_>, lost: &TooLarge) -> bool {
    let side = scene.session.side(lost.sender);
    let sent = side.sent.saturating_sub(lost.repeat.offset);
    let tail = (sent % u64::from(lost.repeat.length.max(1))) as u32;
    let is_silent = |alive: Mark| alive.time <= lost.repeat.original.time;
    (1..=lost.passed.max(SMALLEST) - HEADERS).contains(&tail)
        && scene.session.last_alive(lost.sender.reverse()).is_none_or(is_silent)
}

fn tell(scene: &Scene<'_>, lost: &TooLarge) -> Found {
    let TooLarge { sender, repeat, passed, passed_by, before, alive } = lost;
    let session = scene.session;
    // A message that goes on in the next packet has its event there.
    let begun = session
        .timeline
        .iter()
        .find(|event| (event.first_frame..=event.frame).contains(&repeat.original.frame) && event.direction == *sender);
    let phase = begun.map_or_else(|| phase_of_mark(session, repeat.original), |event| event.phase);
    let (who, other) = (sender.speaker(), sender.reverse().speaker());
    let sure = if alive.is_some() && before.is_none() { Sure::Strong } else { Sure::Likely };
    let behind = if before.is_some() { " that were sent behind it" } else { "" };
    let mut found = scene
        .died(sure, headline(who))
        .at_mark(repeat.original, phase, By::Network, "it never gets through")
        .because(
            &[repeat.original.frame, repeat.last.frame],
            say!("a packet of {} bytes sent {} times, never acknowledged", repeat.ip_length, repeat.count + 1),
        )
        .because(
            &[passed_by.map_or(session.first.frame, |mark| mark.frame)],
            say!("packets up to {passed} bytes{behind} were acknowledged"),
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
            place(scene, *sender),
            passed,
            repeat.ip_length
        ))
        .not_it("tls", "the certificate, the password: the packets that carry them do not arrive");
    if let Some((length, by)) = before {
        found = found
            .because(&[by.frame], say!("packets of {length} bytes had passed before: the path is another one now"))
            .could_be("filter", say!("a device that drops what it does not like in this packet of the {who}"));
    }
    match alive {
        Some(mark) => {
            found.because(&[mark.frame], say!("frame {}: the {other} is there all the while", mark.frame.number()))
        }
        None => {
            found.could_be("tcp.retransmit-giveup", say!("the {other} is gone altogether: nothing more is heard of it"))
        }
    }
}

/// Whether a router has said that packets of this length do not fit.
fn is_complained_of(scene: &Scene<'_>, length: u32) -> bool {
    scene.session.complaints().any(|(_, error)| error.is_too_big() && error.mtu.is_none_or(|mtu| mtu < length))
}

/// Seen near the receiver: a hole that stays, and smaller packets behind it.
fn hole_received(scene: &Scene<'_>) -> Option<Found> {
    let session = scene.session;
    let both = [Direction::ServerToClient, Direction::ClientToServer];
    let (sender, hole, waited) = both.into_iter().find_map(|sender| lasting_hole(scene, sender))?;
    let who = sender.speaker();
    let Hole { behind, length, longest, .. } = hole;
    let passed = if length == 0 { "an acknowledgment".to_owned() } else { format!("a packet of {length} bytes") };
    let found = scene
        .died(Sure::Likely, headline(who))
        .at_mark(behind, phase_of_mark(session, behind), By::Network, "the packet before it never arrived")
        .because(
            &[behind.frame],
            say!("frame {}: {passed} arrived, but what the {who} sent before it never did", behind.frame.number()),
        )
        .because(
            &[behind.frame, session.last.frame],
            say!("the hole was not filled in {waited:.1} s, though smaller packets pass"),
        )
        .could_be("path.loss", "the same packet lost several times in a row")
        .not_it("tls", "the certificate, the password: the packets that carry them do not arrive");
    let side = session.side(sender);
    Some(match side.longest_acknowledged_by.filter(|_| side.longest_acknowledged > longest + HEADERS) {
        Some(by) => found
            .because(
                &[by.frame],
                say!("packets of {} bytes had passed before: the path is another one now", side.longest_acknowledged),
            )
            .could_be("filter", say!("a device that drops what it does not like in what the {who} says")),
        None => found,
    })
}

/// The hole in what `sender` said, if it stays and nothing as large as what is missing came behind it; and for how long
/// it was seen, in seconds.
fn lasting_hole(scene: &Scene<'_>, sender: Direction) -> Option<(Direction, Hole, f64)> {
    let session = scene.session;
    let hole = session.hole(sender)?;
    let (side, other) = (session.side(sender), session.side(sender.reverse()));
    let mss = u32::from(other.options.mss.or(side.options.mss).unwrap_or(1460));
    // An acknowledgment says only how much was sent before it: it counts where that must have filled a packet.
    let is_small = hole.length == 0 && hole.offset.saturating_sub(side.sent) < FULL;
    // It was sent some time before, as a rule: who has nothing to say is asked for a sign of life after seconds only.
    let patience = if hole.length == 0 { 1.0 } else { 3.0 };
    let waited = session.last.time.since(hole.behind.time);
    let stays = waited >= patience && side.acknowledged < hole.offset;
    // Where small packets pass, the other side's are answered.
    let is_one_way = unanswered(scene).is_some_and(|lost| lost.speaker != sender);
    let is_large = hole.longest + OPTIONS >= mss;
    (stays && !is_one_way && !is_large && !is_small && session.too_big().is_none()).then_some((sender, hole, waited))
}
