//! What the numbers are worth, in sentences: only what they bear.

use jiff::tz::TimeZone;

use crate::frame::Timestamp;
use crate::report::time;
use crate::session::Session;
use crate::tui::flow::{Again, Flow};

use super::charts::moment;
use super::table::milliseconds;

/// Repetitions closer than this belong to one burst; seconds.
const APART: f64 = 3.0;
/// Repetitions from which one may speak of a pattern.
const ENOUGH: usize = 5;

/// The sentences; none when there is nothing to say.
pub(super) fn told(session: &Session, flow: Option<&Flow>, zone: &TimeZone) -> Vec<String> {
    let mut told = Vec::new();
    if let Some(flow) = flow {
        told.extend(climb(flow));
        told.extend(pattern(flow, zone));
        told.extend(waits(flow));
    }
    let sides = [session.client_side(), session.server_side()];
    for (who, other, side) in [("client", "server", sides[0]), ("server", "client", sides[1])] {
        let (again, before) = (side.retransmissions, side.refilled);
        if again >= 3 && before * 2 > again {
            told.push(format!(
                "Most of what the {who} had to repeat was lost before the capture point, on the {who}'s side."
            ));
        } else if again >= 3 && before == 0 {
            told.push(format!(
                "What the {who} repeated had passed the capture point before: lost behind it, on the {other}'s side, \
                 or repeated needlessly."
            ));
        }
    }
    told
}

/// The round trip gets much longer than usual.
fn climb(flow: &Flow) -> Option<String> {
    let side = flow.far();
    let [_, middle, longest] = flow.spread(side)?;
    let worst = flow.trips[side].iter().find(|trip| trip.seconds >= longest)?;
    // A receiver may hold an acknowledgment back for a fifth of a second and more (RFC 9293 3.8.6.3).
    (flow.trips[side].len() >= ENOUGH && longest > middle * 3.0 && longest > middle + 0.25).then(|| {
        format!(
            "The round trip climbs to {} ms at {} (frame {}); usual are {} ms.",
            milliseconds(longest),
            moment(flow.since(worst.at), flow.lasted),
            worst.frame.number(),
            milliseconds(middle)
        )
    })
}

/// Receivers hold back acknowledgments: a round trip is not all way.
fn waits(flow: &Flow) -> Option<String> {
    let [shortest, middle, _] = flow.spread(flow.far())?;
    (middle > 0.035 && shortest * 4.0 < middle).then(|| {
        format!(
            "The shortest round trip, {} ms, is the way itself; longer ones may be acknowledgments held back.",
            milliseconds(shortest)
        )
    })
}

/// Bursts: first, last and how many.
fn bursts(again: &[Again]) -> Vec<(Timestamp, Timestamp, usize)> {
    let mut bursts: Vec<(Timestamp, Timestamp, usize)> = Vec::new();
    for again in again {
        match bursts.last_mut() {
            Some((_, last, count)) if again.at.since(*last) <= APART => (*last, *count) = (again.at, *count + 1),
            _ => bursts.push((again.at, again.at, 1)),
        }
    }
    bursts
}

/// Whether repetitions come all at once or all the time.
fn pattern(flow: &Flow, zone: &TimeZone) -> Option<String> {
    if flow.again.len() < ENOUGH || flow.lasted < APART * 4.0 {
        return None;
    }
    let (from, to, count) = bursts(&flow.again).into_iter().max_by_key(|(.., count)| *count)?;
    let (total, lasts) = (flow.again.len(), to.since(from));
    if count * 5 >= total * 3 && lasts * 3.0 < flow.lasted {
        let when = format!("{}-{}", moment(flow.since(from), flow.lasted), moment(flow.since(to), flow.lasted));
        let clock = format!("{}-{}", time::clock(from, zone), time::clock(to, zone));
        let (shape, next) = if rises_before(flow, from) {
            (", with the round trip climbing first: like a queue that fills, not like a bad cable", "shares that link")
        } else {
            ("", "used that link or changed the path")
        };
        return Some(format!(
            "{count} of {total} repetitions come in one burst at {when}{shape}. Next: ask who {next} at {clock}."
        ));
    }
    let spread = bursts(&flow.again).len();
    (spread >= ENOUGH).then(|| {
        format!("{total} repetitions at {spread} different times: spread like those of a bad cable or radio link.")
    })
}

/// Whether round trips in the two seconds before were twice as long as usual.
fn rises_before(flow: &Flow, from: Timestamp) -> bool {
    let side = flow.far();
    let Some([_, middle, _]) = flow.spread(side) else { return false };
    let before = flow.trips[side].iter().filter(|trip| (0.0..2.0).contains(&from.since(trip.at)));
    before.map(|trip| trip.seconds).reduce(f64::max).is_some_and(|longest| longest > middle * 2.0)
}
