//! Resets that neither end sent: what a host would not do itself, counted sign by sign.
//!
//! Weaver, Sommer and Paxson, "Detecting Forged TCP Reset Packets" (NDSS 2009). One sign alone may have an innocent
//! reason, so two of different kinds are needed to be sure.

use super::super::rule::{Found, Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::{By, Sure};
use super::super::wording::say;
use crate::frame::FrameNumber;
use crate::session::{Direction, Event, RstFacts};
use crate::tcp::side::Side;
use crate::tcp::stream::Mark;
use crate::wire::catalogue::Fact;

/// Retransmissions that make a reset the end of patience, whose sequence number differs from stack to stack.
const PATIENCE: u32 = 2;
/// No mirror port is later with a copy; seconds.
const COPIED: f64 = 0.5;
/// Silence before a reset that makes a forgotten connection worth a word; seconds.
const QUIET: f64 = 30.0;

/// A mark that a reset was not made by the host whose address it bears.
struct Sign {
    frames: Vec<FrameNumber>,
    text: String,
}

impl Sign {
    fn new(frames: &[FrameNumber], text: String) -> Option<Self> {
        Some(Self { frames: frames.to_vec(), text })
    }
}

/// Whether a reset came with a TTL that no other packet of the side it claims to be from has.
pub(super) fn is_from_elsewhere(own: &Side, facts: &RstFacts) -> bool {
    own.habit.packets >= 1 && !own.habit.has_ttl(facts.ttl)
}

/// TTLs of one path change by a router or two, to both sides; a reset has to lie apart from all of them.
fn ttl(own: &Side, event: &Event, facts: &RstFacts) -> Option<Sign> {
    if !is_from_elsewhere(own, facts) {
        return None;
    }
    let who = event.direction.speaker();
    let seen = own.habit.packets;
    let others = if own.habit.is_steady() {
        format!("every other packet of the {who} ({seen} seen) with {}", own.habit.ttl)
    } else {
        format!("none of the {who}'s {seen} other packets did; the last had {}", own.habit.ttl)
    };
    let text = format!("frame {} came with TTL {}, {others}: it was sent from elsewhere", number(event), facts.ttl);
    Sign::new(&[event.frame], text)
}

/// What another file shows later may be a copy from another place, by another clock, and so may what comes with another TTL
/// than the reset and all before it; and what a reset counts as sent may have been overtaken by it on the way.
fn goes_on(scene: &Scene<'_>, own: &Side, event: &Event, facts: &RstFacts) -> Option<Sign> {
    if facts.distance > 0 && own.sent.cast_signed() <= facts.place {
        return None;
    }
    let is_later = |alive: &Mark| {
        alive.frame.file() == event.frame.file()
            && event.mark().is_before(*alive)
            && alive.time.since(event.time) > 0.0005
    };
    let is_copied = !is_from_elsewhere(own, facts) && event.mark().is_before(own.ttl_since());
    // Soon after it, what says nothing new may be a copy of a packet before, that came late.
    let heard = scene.session.side(event.direction.reverse()).acknowledged_by;
    let is_new = || [own.last_data, heard].into_iter().flatten().any(|new| event.mark().is_before(new));
    let may_be_copy = |alive: &Mark| alive.time.since(event.time) < COPIED && !is_new();
    let alive = own.last_alive().filter(is_later).filter(|alive| !is_copied && !may_be_copy(alive))?;
    let who = event.direction.speaker();
    Sign::new(&[alive.frame], format!("frame {}: the {who} goes on talking after \"its\" reset", alive.frame.number()))
}

/// Injectors guess several numbers, or speak of bytes that the host has left behind already.
fn sequence(scene: &Scene<'_>, own: &Side, event: &Event, facts: &RstFacts) -> Option<Sign> {
    let second = scene.session.resets().find(|(other, other_facts)| {
        other.direction == event.direction
            && other.frame != event.frame
            && other_facts.distance != facts.distance
            && (other_facts.ttl == facts.ttl || is_from_elsewhere(own, other_facts))
            && other.time.since(event.time) < 0.01
    });
    if let Some((second, _)) = second {
        let text =
            format!("frame {}: another reset with another sequence number at once, as injectors send", number(second));
        return Sign::new(&[second.frame], text);
    }
    let gave_up = own.repeat().is_some_and(|repeat| repeat.count >= PATIENCE)
        || scene.session.side(event.direction.reverse()).stalled().is_some();
    let stateless = facts.is_stateless();
    let last = own.last_data.filter(|_| facts.distance < 0 && !stateless && !gave_up)?;
    let text = format!(
        "frame {} stands {} bytes behind what the {} had sent in frame {}; a host counts from its last byte",
        number(event),
        -facts.distance,
        event.direction.speaker(),
        last.frame.number()
    );
    Sign::new(&[event.frame, last.frame], text)
}

/// A kernel that has no such connection writes identification 0 and no options: that is no sign.
fn header(event: &Event, facts: &RstFacts) -> Vec<Sign> {
    let who = event.direction.speaker();
    let stateless = facts.is_stateless();
    let stray = facts.stray_id.zip(facts.id).and_then(|(last, id)| {
        let text = format!(
            "frame {} has IP identification {id:#06x}; the {who} counts its packets, and was at {last:#06x}",
            number(event)
        );
        Sign::new(&[event.frame], text)
    });
    // Every segment but a reset has to bear one (RFC 7323 3.2), and some hosts take that at its word when they abort.
    let bare = (facts.lacks_timestamp && !facts.has_ack && !stateless).then(|| {
        let text = format!("frame {} bears no TCP timestamp, though all other packets of the {who} do", number(event));
        Sign { frames: vec![event.frame], text }
    });
    stray.into_iter().chain(bare).collect()
}

/// Payload of the other side before the reset, the latest first.
fn triggers<'a>(scene: &Scene<'a>, event: &Event) -> impl Iterator<Item = &'a Event> + use<'a> {
    let (direction, time, frame) = (event.direction, event.time, event.frame);
    scene.session.timeline.iter().rev().filter(move |other| {
        other.direction != direction && other.time <= time && other.length > 0 && other.frame != frame
    })
}

fn too_fast(scene: &Scene<'_>, event: &Event) -> Option<Sign> {
    let round_trip = match event.direction {
        Direction::ServerToClient => scene.session.rtt_server,
        Direction::ClientToServer => scene.session.rtt_client,
    }?;
    let mut triggers = triggers(scene, event);
    let trigger = triggers.next()?;
    let reaction = event.time.since(trigger.time);
    // Who hears something all the time may well have ended it at an earlier word, or at none.
    let is_busy = triggers.next().is_some_and(|before| trigger.time.since(before.time) < round_trip * 0.9);
    if round_trip <= 0.004 || reaction >= round_trip * 0.4 || is_busy {
        return None;
    }
    let text = format!(
        "it comes {:.1} ms after frame {}; the {} needs {:.1} ms",
        reaction * 1e3,
        number(trigger),
        event.direction.speaker(),
        round_trip * 1e3
    );
    Sign::new(&[event.frame, trigger.frame], text)
}

/// Both ends are reset at once, from the same distance: one device spoke to both.
fn twin(scene: &Scene<'_>, event: &Event, facts: &RstFacts) -> Option<Sign> {
    let (other, _) = scene.session.resets().find(|(other, other_facts)| {
        other.direction != event.direction
            && other.time.since(event.time).abs() < 0.005
            && other_facts.ttl.abs_diff(facts.ttl) <= 1
    })?;
    Sign::new(&[other.frame], format!("frame {}: the other side is reset at the same moment", number(other)))
}

/// Where packets are captured as they come in and as they go out, what comes once was made, or stopped, by the device that
/// captures.
fn made_here(scene: &Scene<'_>, own: &Side, event: &Event) -> Option<Sign> {
    let is_last = own.last.is_some_and(|last| last.frame == event.frame);
    // Some mirror ports copy one direction only: what is captured once on the other says nothing.
    let is_rare = u64::from(own.twins) * 3 >= own.packets;
    let is_single = scene.session.is_captured_twice() && is_rare && is_last && own.ends_single();
    is_single.then(|| {
        let text = format!(
            "frame {} was captured once, all else twice, coming in and going out: the device that captures made it",
            number(event)
        );
        Sign { frames: vec![event.frame], text }
    })
}

/// Everything that speaks against the host itself, each kind once.
fn signs(scene: &Scene<'_>, event: &Event, facts: &RstFacts) -> Vec<Sign> {
    let own = scene.session.side(event.direction);
    let mut signs: Vec<Sign> = ttl(own, event, facts).into_iter().collect();
    signs.extend(goes_on(scene, own, event, facts));
    signs.extend(made_here(scene, own, event));
    signs.extend(sequence(scene, own, event, facts));
    signs.extend(header(event, facts));
    signs.extend(too_fast(scene, event));
    // Two hosts that both lose a connection reset each other as well: alone this is none.
    if !signs.is_empty() {
        signs.extend(twin(scene, event, facts));
    }
    signs
}

/// The message that such devices look for, where the reset follows it directly. It strengthens nothing.
fn recognisable(scene: &Scene<'_>, event: &Event) -> Option<Sign> {
    let trigger = triggers(scene, event).next().filter(|trigger| event.time.since(trigger.time) < 0.05)?;
    let what = match trigger.fact()? {
        Fact::ConnectionRequest(_) => "the connection request",
        Fact::ClientHello(_) => "the ClientHello",
        _ => return None,
    };
    let text = format!("frame {} is {what}: what devices look at that know protocols", number(trigger));
    Sign::new(&[trigger.frame], text)
}

/// A reset that neither end sent.
pub(super) static RST_INJECTED: Rule = Rule {
    id: "tcp.rst-injected",
    needs: Signs::RESET_ENDS,
    find: |scene| {
        let session = scene.session;
        // A reset that follows a FIN is an after-effect; only the first act of ending can be forged to any effect.
        let act = scene.ending.act.filter(|_| scene.ending.is_reset)?;
        // The forged one may have hit only the far end: here it looks wrong, and the host's own reset follows.
        let forged_before = session.resets().find(|(event, facts)| {
            event.direction == act.direction
                && event.time < act.time
                && act.time.since(event.time) < 1.0
                && facts.ttl.abs_diff(session.side(event.direction).ttl) >= 2
        });
        let (event, facts) = forged_before.or_else(|| session.resets().find(|(event, _)| event.frame == act.frame))?;
        let own = session.side(event.direction);
        if own.syn().is_none() && own.packets <= 1 {
            return None; // a refusal: judged elsewhere
        }
        // Where the host itself has reset before, others (a NAT router that was told) may answer in its place.
        let own_before = |(other, other_facts): (&Event, &RstFacts)| {
            other.direction == event.direction && other.time < event.time && !is_from_elsewhere(own, other_facts)
        };
        if session.resets().any(own_before) {
            return None;
        }
        let signs = signs(scene, event, facts);
        // A way that grows by a router is nothing by itself; a packet that passed none, or two more, is.
        let distant = facts.ttl.abs_diff(own.habit.ttl) >= 2 || matches!(facts.ttl, 64 | 128 | 255);
        let is_elsewhere = is_from_elsewhere(own, facts);
        let is_near = is_elsewhere && !distant;
        let telling =
            is_elsewhere || goes_on(scene, own, event, facts).is_some() || made_here(scene, own, event).is_some();
        let sure = match signs.len() - usize::from(is_near) {
            1 if telling => Sure::Likely,
            0 | 1 => return None,
            _ => Sure::Strong,
        };
        Some(verdict(scene, act, event, facts, sure, signs))
    },
};

fn verdict(scene: &Scene<'_>, act: &Event, event: &Event, facts: &RstFacts, sure: Sure, signs: Vec<Sign>) -> Found {
    let name = say!("a device in the path sent a reset in the {}'s name", event.direction.speaker());
    let mut found = scene.died(sure, name).at_noted(event, By::Middlebox, "");
    for sign in signs.into_iter().chain(recognisable(scene, event)) {
        found = found.because(&sign.frames, sign.text);
    }
    if event.frame != act.frame {
        found = found.because(
            &[act.frame],
            say!(
                "frame {}: the {} itself resets what comes next: it was told that the connection is over",
                number(act),
                act.direction.speaker()
            ),
        );
    }
    if facts.distance == 0 {
        found = found.against(
            &[event.frame],
            say!(
                "frame {} has the right sequence number; a device that reads the traffic can manage that",
                number(event)
            ),
        );
    }
    let before = scene.session.timeline.iter().rfind(|other| other.time < event.time);
    let quiet = before.map_or(0.0, |before| event.time.since(before.time));
    if quiet >= QUIET {
        found = found.because(
            &[event.frame],
            say!("the connection was silent for {quiet:.0} s before: a device may have forgotten it"),
        );
        found = found.could_be("path.idle-expiry", "an idle timeout of a firewall or load balancer");
    }
    found.not_it("end.server-reset", "the host itself: its packets look different")
}
