//! A side whose packets do not arrive any more, while the other one is there: one way of the path is dead.

use super::super::reached::phase_of_mark;
use super::super::rule::{Found, Rule, Scene};
use super::super::signs::Signs;
use super::super::verdict::{By, Sure};
use super::super::wording::say;
use super::silence::closes_itself;
use crate::frame::Timestamp;
use crate::session::{Control, Direction, Event, Vantage};
use crate::tcp::side::{Deaf, Repeat};
use crate::tcp::stream::Mark;

/// So many repetitions that nobody acknowledges are no accident.
const TRIES: usize = 3;
/// They went on for so long before somebody gave up; seconds. Retransmission timers have doubled twice by then.
const TRIED: f64 = 2.0;
/// The same where nobody has given up yet; seconds.
pub(super) const STILL_TRYING: f64 = 5.0;
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
    let tries = tries(scene, speaker, &Again::from(repeat), until);
    let tried = act.map_or(until, |act| act.time).since(began);
    let closes = closes_itself(scene, speaker.reverse()).map(Event::mark);
    let alive = closes.or(session.last_alive(speaker.reverse())).filter(|alive| alive.time.since(began) >= LATER)?;
    let enough = if act.is_some() { TRIED } else { STILL_TRYING };
    // A reset may say that they came after all.
    let came = scene.received(speaker) > repeat.offset;
    (tries >= TRIES && tried >= enough && !came).then_some(Unheard { speaker, repeat, tries, tried, alive })
}

/// Bytes that are sent again and again: where they stand, how often, until when.
struct Again {
    offset: u64,
    count: u32,
    /// The third time, if that is known.
    third: Option<Timestamp>,
    last: Timestamp,
}

impl From<Repeat> for Again {
    fn from(Repeat { offset, count, third, last, .. }: Repeat) -> Self {
        Self { offset, count, third: third.map(|third| third.time), last: last.time }
    }
}

impl From<Deaf> for Again {
    fn from(Deaf { offset, count, last, .. }: Deaf) -> Self {
        Self { offset, count, third: None, last: last.time }
    }
}

/// How often the bytes were sent again until then.
fn tries(scene: &Scene<'_>, speaker: Direction, again: &Again, until: Timestamp) -> usize {
    if until >= again.last {
        return again.count as usize;
    }
    let tries = scene.session.timeline.iter().filter(|event| {
        event.direction == speaker
            && event.stream_offset == again.offset
            && event.time <= until
            && matches!(event.control(), Some(Control::Retransmission(_)))
    });
    // Of a long life the timeline does not hold all of them.
    let known = if again.third.is_some_and(|third| third <= until) { TRIES } else { 0 };
    tries.count().max(known)
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

/// One side is acknowledged again and again and does not hear it: its repetitions are the witness. Who has nothing else to say
/// repeats no acknowledgment by itself, so that this is all there is to see of it.
pub(super) static UNHEEDED: Rule = Rule {
    id: "tcp.retransmit-giveup",
    needs: Signs::REPEAT,
    find: |scene| {
        [Direction::ServerToClient, Direction::ClientToServer].into_iter().find_map(|lost| unheeded(scene, lost))
    },
};

/// The acknowledgments of `lost` that the other side does not get, if that is what ended the session.
fn unheeded(scene: &Scene<'_>, lost: Direction) -> Option<Found> {
    let (session, act) = (scene.session, scene.ending.act);
    let deaf = session.side(lost.reverse()).deaf()?;
    let until = act.map_or(deaf.last.time, |act| act.time.min(deaf.last.time));
    let tries = tries(scene, lost.reverse(), &Again::from(deaf), until);
    let tried = until.since(deaf.receipt.time);
    let alive = session.last_alive(lost).filter(|alive| alive.time.since(deaf.receipt.time) >= LATER)?;
    if tries < TRIES || tried < if act.is_some() { TRIED } else { STILL_TRYING } {
        return None;
    }
    let (who, other) = (lost.speaker(), lost.reverse().speaker());
    let (receipt, last) = (deaf.receipt.frame, deaf.last.frame);
    Some(
        scene
            .died(Sure::Strong, say!("the {who}'s packets do not arrive any more, though the {other} is there"))
            .at_mark(deaf.receipt, phase_of_mark(session, deaf.receipt), By::Network, "never heeded")
            .because(
                &[receipt, last],
                say!(
                    "the {other} sends the same bytes again {tries} times in {tried:.1} s, though frame {} acknowledges them",
                    receipt.number()
                ),
            )
            .because(&[alive.frame], say!("frame {}: the {who} is still there, and answers", alive.frame.number()))
            .missing(say!("where they get lost{}", place(scene, lost)))
            .could_be("path", "a path that broke in one direction only")
            .could_be("filter", say!("a firewall, perhaps the {other}'s own, that lets the {who}'s packets in no longer"))
            .not_it("tls", say!("certificate, password and settings: the {other} stopped at none of them")),
    )
}

fn tell(scene: &Scene<'_>, lost: &Unheard) -> Found {
    let (who, other) = (lost.speaker.speaker(), lost.speaker.reverse().speaker());
    let Unheard { repeat, tries, tried, alive, .. } = lost;
    let passed = scene.session.side(lost.speaker).longest_acknowledged;
    let meets = scene.session.side(lost.speaker.reverse()).repeat().filter(|back| back.count as usize >= TRIES);
    let again: u32 = scene.session.sides.iter().map(|side| side.retransmissions).sum();
    let is_lossy = again as usize >= 2 * tries;
    let mut found = scene
        .died(
            if is_lossy { Sure::Likely } else { Sure::Strong },
            say!(
                "{} packets do not arrive any more, though {}",
                if meets.is_some() { "both sides'".to_owned() } else { format!("the {who}'s") },
                if meets.is_some() { "both are there".to_owned() } else { format!("the {other} is there") }
            ),
        )
        .at_mark(repeat.original, phase_of_mark(scene.session, repeat.original), By::Network, "never acknowledged")
        .because(
            &[repeat.original.frame, repeat.last.frame],
            say!("{} bytes of the {who} sent {} times in {tried:.1} s, never acknowledged", repeat.length, tries + 1),
        )
        .because(&[alive.frame], say!("frame {}: the {other} is still there", alive.frame.number()))
        .missing(say!("where they get lost{}", place(scene, lost.speaker)))
        .could_be("filter", say!("a device or software that drops what it does not like in the {who}'s packets"))
        .could_be(
            "path",
            if meets.is_some() {
                "a path that broke behind here, to both sides"
            } else {
                "a path that broke in one direction only"
            },
        )
        .not_it(
            "tls",
            say!("what the {other} thinks of certificate, password or settings: it did not get these bytes"),
        );
    // Who captured both sides' packets stands before the break on either way.
    if let Some(back) = meets {
        found = found.because(
            &[back.original.frame, back.last.frame],
            say!(
                "{} bytes of the {other} are sent {} times meanwhile, and come by here as well",
                back.length,
                back.count + 1
            ),
        );
        found.add_could_be(
            "here",
            "the device that captures lets neither through: a firewall, its state table, its rules",
        );
    }
    if is_lossy {
        found = found.could_be("path.loss", say!("a path that loses much: {again} packets were sent again in all"));
    }
    if repeat.ip_length > passed.max(SMALLEST) {
        let text = say!("a path that takes no packets of {} bytes; up to {passed} were acknowledged", repeat.ip_length);
        return found.could_be("path.mtu-black-hole", text);
    }
    found
}
