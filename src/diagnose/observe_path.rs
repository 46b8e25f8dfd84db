//! What is worth knowing about the way of a session: loss and on which side of the capture point, delay, shut windows,
//! routers that complain, somebody who answers in the server's place.

use super::rule::Observation;
use super::verdict::{Finding, Sentence, Sure};
use crate::frame::FrameNumber;
use crate::session::{Control, Direction, Event, Session};
use crate::tcp::side::Repeat;

/// A path slower than this is felt; seconds for the round trip.
const SLOW: f64 = 0.25;
/// Share of payload packets sent twice that is called loss.
const LOSS: f64 = 0.01;
/// A window that stays shut for so long holds the other side up; seconds.
const SHUT: f64 = 1.0;
/// Packets that all differ from the first one, before the first one was somebody else's.
const OTHERS: u32 = 4;

/// Everything noticed about the way, most serious first.
pub(super) fn path(session: &Session, list: &mut Vec<Observation>) {
    for direction in [Direction::ServerToClient, Direction::ClientToServer] {
        list.extend(loss(session, direction));
        list.extend(zero_window(session, direction));
    }
    list.extend(slow(session));
    list.extend(complaints(session));
    for direction in [Direction::ServerToClient, Direction::ClientToServer] {
        list.extend(proxy(session, direction));
    }
    if let Some((event, _)) = session.resets().find(|(event, facts)| !session.is_believed(event, facts)) {
        let text = format!(
            "frame {} is a reset that does not fit where its receiver is; it changed nothing",
            event.frame.number()
        );
        list.push(noticed(false, "tcp.rst-ignored", Sure::Strong, vec![event.frame], text));
    }
}

fn noticed(
    warns: bool,
    id: &'static str,
    sure: Sure,
    frames: Vec<FrameNumber>,
    text: impl Into<Sentence>,
) -> Observation {
    Observation { finding: Finding { id, sure, frames, text: text.into() }, warns }
}

fn is_end(event: &Event) -> bool {
    matches!(event.control(), Some(Control::Fin | Control::Rst(_)))
}

/// A lone repetition is mostly a loss probe; timers that ran out, or a rate, are loss.
fn loss(session: &Session, direction: Direction) -> Option<Observation> {
    let side = session.side(direction);
    let who = direction.speaker();
    // What came twice was late, not lost.
    let spurious = side.spurious();
    // What is sent to somebody who has left is not lost, however often it is sent again.
    let is_end = |event: &&Event| event.direction != direction && is_end(event);
    let left = session.timeline.since_end().find(is_end).filter(|_| side.is_over);
    let is_late = |repeat: &Repeat| left.is_some_and(|left| left.time <= repeat.original.time);
    let in_vain = side.repeat().filter(is_late).map_or(0, |repeat| repeat.count);
    let lost = side.retransmissions.saturating_sub(spurious + in_vain);
    let share = f64::from(lost) / side.originals().max(1) as f64;
    let is_loss = side.timeouts.min(lost) >= 2 && share >= LOSS || lost >= 8 && share >= 0.03;
    if !is_loss {
        return None;
    }
    let is_repeat =
        |event: &&Event| event.direction == direction && matches!(event.control(), Some(Control::Retransmission(_)));
    let frames = session.timeline.iter().filter(is_repeat).map(|event| event.frame).take(6).collect();
    // What is captured twice got lost behind the capture point, what fills a hole before it.
    let (before, behind) = (side.refilled, side.lost_behind());
    let needless = side.needless.saturating_sub(spurious);
    let receiver = direction.reverse().speaker();
    let kinds = [
        (before, format!("lost between the {who} and here")),
        (behind, format!("lost between here and the {receiver}")),
        (needless, "though the answer had passed here: it came late or not at all".to_owned()),
    ];
    let several = kinds.iter().filter(|(count, _)| *count > 0).count() > 1;
    let told = kinds.iter().filter(|(count, _)| *count > 0).map(|(count, text)| match several {
        true => format!(", {count} {text}"),
        false => format!(", {text}"),
    });
    let place: String = told.collect();
    let sent = side.originals();
    let text = format!("{:.1} % of the {who}'s packets were repetitions ({lost} of {sent}){place}", share * 100.0);
    Some(noticed(true, "path.loss", Sure::Strong, frames, text))
}

fn zero_window(session: &Session, direction: Direction) -> Option<Observation> {
    let side = session.side(direction);
    let (since, last) = side.longest_stall()?;
    let shut = last.time.since(since.time);
    let who = direction.speaker();
    (side.zero_windows >= 3 || shut >= SHUT).then(|| {
        let times = side.zero_windows;
        let text =
            format!("the {who} had no room for data {times} times, for {shut:.1} s at the longest: it reads slowly");
        noticed(false, "tcp.zero-window", Sure::Likely, vec![since.frame, last.frame], text)
    })
}

fn slow(session: &Session) -> Option<Observation> {
    let (client, server) = session.rtt_client.zip(session.rtt_server)?;
    if client + server < SLOW {
        return None;
    }
    let ms = |seconds: f64| if seconds < 1e-3 { "less than 1".to_owned() } else { format!("{:.0}", seconds * 1e3) };
    let text = format!(
        "the round trip takes {:.0} ms: {} ms from here to the client, {} ms to the server",
        (client + server) * 1e3,
        ms(client),
        ms(server)
    );
    Some(noticed(true, "path.slow", Sure::Strong, vec![session.first.frame], text))
}

/// ICMP errors in a connection that went on.
fn complaints(session: &Session) -> Option<Observation> {
    session.accepted?;
    if let Some((event, error)) = session.too_big() {
        let limit = error.mtu.map_or_else(|| "less".to_owned(), |mtu| format!("{mtu} bytes at most"));
        let text = format!(
            "frame {}: {} says that a packet of the {} does not fit the path: {limit}",
            event.frame.number(),
            error.net.source,
            event.direction.reverse().speaker()
        );
        return Some(noticed(false, "path.mtu-icmp-seen", Sure::Proven, vec![event.frame], text));
    }
    let (event, error) = session.complaints().next()?;
    let text = format!(
        "frame {}: {} says by ICMP (type {}, code {}) that a packet of the {} cannot be delivered",
        event.frame.number(),
        error.net.source,
        error.kind,
        error.code,
        event.direction.reverse().speaker()
    );
    Some(noticed(false, "tcp.icmp-unreachable", Sure::Proven, vec![event.frame], text))
}

/// The SYN, or its answer, came from another distance than everything after it.
fn proxy(session: &Session, direction: Direction) -> Option<Observation> {
    let side = session.side(direction);
    let (syn, habit) = (side.syn()?, &side.habit);
    let others = habit.packets.checked_sub(side.syns)?;
    let is_other = habit.ttl.abs_diff(side.ttl) >= 2 && habit.ttl_run == others && others >= OTHERS;
    let who = direction.speaker();
    is_other.then(|| {
        let text = format!(
            "frame {} came with TTL {}, all later packets of the {who} with {}: a device answers the handshake in its place",
            syn.frame.number(),
            side.ttl,
            habit.ttl
        );
        noticed(false, "path.proxy", Sure::Likely, vec![syn.frame, side.ttl_since().frame], text)
    })
}
