//! Bytes that were changed on the way: framing that breaks, checksums of TLS that do not hold.

use super::super::rule::{Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::{By, Sure};
use super::super::wording::say;
use crate::session::{Direction, Event, EventKind, is_word};
use crate::wire::describe::Describe;
use crate::wire::tls_record::Alert;

/// `bad_record_mac` (RFC 8446 6.2): the only alert that says of a record that it is not what was sent.
const BAD_RECORD_MAC: u8 = 20;
/// Messages that a peer has to bring about before it is known to keep the protocol: fuzzers break it at once.
const IN_ORDER: usize = 6;
/// How soon the reader of broken bytes closes; seconds.
const SOON: f64 = 2.0;

/// The first place where no message begins although no byte is missing; with who wrote it.
fn broken<'a>(scene: &Scene<'a>) -> Option<&'a Event> {
    let session = scene.session;
    session.confirm()?;
    let in_order = |broken: &Event| {
        let words = session.timeline.iter().filter(|event| event.direction == broken.direction && is_word(event));
        words.take_while(|word| word.time <= broken.time).count() >= IN_ORDER
    };
    session.timeline.iter().find(|event| {
        let side = session.side(event.direction);
        matches!(&event.kind, EventKind::Malformed(fault) if fault.field == "start of a message")
            && side.uncaptured == 0
            && side.cut == 0
            && in_order(event)
    })
}

/// An alert of the reader that fits broken bytes (decode_error, unexpected_message, bad_record_mac).
fn complaint<'a>(scene: &Scene<'a>, writer: Option<Direction>) -> Option<(&'a Event, Alert)> {
    let (event, alert) = scene.fatal?;
    match (writer, alert.description) {
        (Some(writer), 10 | BAD_RECORD_MAC | 50) if event.direction != writer => Some((event, alert)),
        (None, BAD_RECORD_MAC) => Some((event, alert)),
        _ => None,
    }
}

/// The stream is not what was sent.
pub(super) static STREAM_DAMAGED: Rule = Rule {
    id: "tcp.stream-damaged",
    needs: Signs::NONE,
    find: |scene| {
        let session = scene.session;
        if session.is_midstream() {
            return None;
        }
        let broken = broken(scene);
        let complaint = complaint(scene, broken.map(|event| event.direction));
        let ended = broken.is_some_and(|event| {
            let reader = event.direction.reverse();
            scene.ended_by(reader)
                && scene.ending.act.is_some_and(|act| (0.0..SOON).contains(&act.time.since(event.time)))
        });
        let sure = match (broken, complaint) {
            (Some(_), Some(_)) => Sure::Strong,
            (Some(_), None) if ended => Sure::Likely,
            (None, Some(_)) => Sure::Likely,
            _ => return None,
        };
        let mut found = scene.died(sure, "the bytes that arrive are not those that were sent");
        if let Some(event) = broken {
            found = found.at_noted(event, By::Middlebox, "no message begins here").because(
                &[event.frame],
                say!(
                    "frame {}: where the {}'s next message must begin, none does, and no byte before it is missing",
                    number(event),
                    event.direction.speaker()
                ),
            );
        }
        if let Some((event, alert)) = complaint {
            let who = event.direction.speaker();
            if broken.is_none() {
                found = found.at(event, By::Middlebox);
            }
            found = found
                .because(&[event.frame], say!("frame {} is the {who}'s own alert: {}", number(event), alert.summary()));
        } else if let Some(act) = scene.ending.act {
            found = found.because(&[act.frame], say!("frame {}: the reader closes at once", number(act)));
        }
        let found = found
            .could_be(
                "proxy",
                "a device that rewrites traffic (WAN optimizer, proxy, protocol helper), or a bad network card",
            )
            .could_be("bug", "a peer that breaks the protocol by itself");
        Some(if broken.is_none() {
            found.missing("the damage itself: it lies inside an encrypted record")
        } else {
            found
        })
    },
};
