//! A side whose packets do not arrive any more, while the other one is there: one way of the path is dead.

use super::super::reached::phase_of_mark;
use super::super::rule::{Found, Rule, Scene};
use super::super::signs::Signs;
use super::super::verdict::{By, Sure};
use super::super::wording::say;
use crate::frame::Timestamp;
use crate::session::{Control, Direction, Vantage};
use crate::tcp::side::Repeat;
use crate::tcp::stream::Mark;

/// So many repetitions that nobody acknowledges are no accident.
const TRIES: usize = 3;
/// They went on for so long before somebody gave up; seconds. Retransmission timers have doubled twice by then.
const TRIED: f64 = 2.0;
/// The same where nobody has given up yet; seconds.
const STILL_TRYING: f64 = 5.0;
/// What is heard of the other side so long after the first sending is no packet that was on its way; seconds.
pub(super) const LATER: f64 = 1.0;

/// Every path takes IP packets of so many bytes (RFC 791 3.1).
pub(super) const SMALLEST: u32 = 576;

/// Bytes that were sent again and again to somebody who was there and did not get them.
struct Unheard {
    speaker: Direction,
    repeat: Repeat,
    tries: usize,
    /// Seconds from the first sending to the last try, or to the end.
    tried: f64,
    /// A later sign of life of the other side.
    alive: Mark,
}

/// The lost bytes of `speaker`, if that is what ended the session.
fn unheard(scene: &Scene<'_>, speaker: Direction) -> Option<Unheard> {
    let session = scene.session;
    let repeat = session.side(speaker).repeat()?;
    let (began, act) = (repeat.original.time, scene.ending.act);
    let until = act.map_or(repeat.last.time, |act| act.time.min(repeat.last.time));
    let tries = tries(scene, speaker, &repeat, until);
    let tried = act.map_or(until, |act| act.time).since(began);
    let alive = session.last_alive(speaker.reverse()).filter(|alive| alive.time.since(began) >= LATER)?;
    let enough = if act.is_some() { TRIED } else { STILL_TRYING };
    // A reset may say that they came after all.
    let came = scene.received(speaker) > repeat.offset;
    (tries >= TRIES && tried >= enough && !came).then_some(Unheard { speaker, repeat, tries, tried, alive })
}

/// How often the bytes were sent again until then.
fn tries(scene: &Scene<'_>, speaker: Direction, repeat: &Repeat, until: Timestamp) -> usize {
    if until >= repeat.last.time {
        return repeat.count as usize;
    }
    let again = scene.session.timeline.iter().filter(|event| {
        event.direction == speaker
            && event.stream_offset == repeat.offset
            && event.time <= until
            && matches!(event.control(), Some(Control::Retransmission(_)))
    });
    // Of a long life the timeline does not hold all of them.
    let known = if repeat.third.is_some_and(|third| third.time <= until) { TRIES } else { 0 };
    again.count().max(known)
}

/// Whether another rule has more to say of it: a request or a ClientHello that gets nowhere.
fn is_first_word(scene: &Scene<'_>, lost: &Unheard) -> bool {
    let session = scene.session;
    let is_hello = session.client_hello().is_some() && session.server_hello().is_none();
    lost.speaker == Direction::ClientToServer
        && (session.confirm().is_none() || is_hello && !scene.ended_by(Direction::ServerToClient))
}

/// What the place of the capture says about the place of the fault: the packets of `speaker` were here.
pub(super) fn place(scene: &Scene<'_>, speaker: Direction) -> &'static str {
    match (scene.session.vantage(), speaker) {
        (Some(Vantage::Client), Direction::ClientToServer) => "; captured next to the client: they do leave it",
        (Some(Vantage::Server), Direction::ServerToClient) => "; captured next to the server: they do leave it",
        (Some(Vantage::Client), Direction::ServerToClient) => "; between here and the client, perhaps on its own host",
        (Some(Vantage::Server), Direction::ClientToServer) => "; between here and the server, perhaps on its own host",
        (Some(Vantage::Between) | None, _) => "",
    }
}

/// One side sends in vain, the other is there and does not get it: who closes in the end is the witness.
pub(super) static UNHEARD: Rule = Rule {
    id: "tcp.retransmit-giveup",
    needs: Signs::REPEAT,
    find: |scene| {
        let both = [Direction::ServerToClient, Direction::ClientToServer];
        let lost = both.into_iter().find_map(|speaker| unheard(scene, speaker))?;
        (!is_first_word(scene, &lost)).then(|| tell(scene, &lost))
    },
};

fn tell(scene: &Scene<'_>, lost: &Unheard) -> Found {
    let (who, other) = (lost.speaker.speaker(), lost.speaker.reverse().speaker());
    let Unheard { repeat, tries, tried, alive, .. } = lost;
    let passed = scene.session.side(lost.speaker).longest_acknowledged;
    let again: u32 = scene.session.sides.iter().map(|side| side.retransmissions).sum();
    let is_lossy = again as usize >= 2 * tries;
    let mut found = scene
        .died(
            if is_lossy { Sure::Likely } else { Sure::Strong },
            say!("the {who}'s packets do not arrive any more, though the {other} is there"),
        )
        .at_mark(repeat.original, phase_of_mark(scene.session, repeat.original), By::Network, "never acknowledged")
        .because(
            &[repeat.original.frame, repeat.last.frame],
            say!("{} bytes of the {who} sent {} times in {tried:.1} s, never acknowledged", repeat.length, tries + 1),
        )
        .because(&[alive.frame], say!("frame {}: the {other} is still there", alive.frame.number()))
        .missing(say!("where they get lost{}", place(scene, lost.speaker)))
        .could_be("filter", say!("a device or software that drops what it does not like in the {who}'s packets"))
        .could_be("path", "a path that broke in one direction only")
        .not_it(
            "tls",
            say!("what the {other} thinks of certificate, password or settings: it did not get these bytes"),
        );
    if is_lossy {
        found = found.could_be("path.loss", say!("a path that loses much: {again} packets were sent again in all"));
    }
    if repeat.ip_length > passed.max(SMALLEST) {
        let text = say!("a path that takes no packets of {} bytes; up to {passed} were acknowledged", repeat.ip_length);
        return found.could_be("path.mtu-black-hole", text);
    }
    found
}
