//! What the screen says of a session in a word or a cell. Concludes nothing: the verdict did.

use crate::diagnose::Case;
use crate::diagnose::verdict::{EndHow, Outcome};
use crate::report::{tally, time};
use crate::session::{Phase, Transport};

/// The life of a session in six cells, one for each phase: `■` seen, `□` inferred, `×` died here, `►` here now, `·` never
/// reached, `-` not used, `?` before the capture.
#[must_use]
pub fn life(case: &Case) -> String {
    let verdict = &case.verdict;
    let furthest = verdict.reached.iter().chain(verdict.reached_inferred.iter()).max();
    Phase::ALL
        .into_iter()
        .map(|phase| {
            if verdict.death.is_some_and(|death| death.phase == phase) {
                return '×';
            }
            if verdict.outcome == Outcome::Open && furthest == Some(phase) {
                return '►';
            }
            if verdict.reached.contains(phase) {
                return '■';
            }
            if verdict.reached_inferred.contains(phase) {
                return '□';
            }
            let is_before = furthest.is_none_or(|furthest| phase < furthest);
            match is_before && furthest.is_some() {
                // Nobody knows what was said before the capture began.
                _ if is_before && case.session.is_midstream() && case.session.transport == Transport::Tcp => '?',
                true => '-',
                false => '·',
            }
        })
        .collect()
}

/// How far it got: for sorting.
#[must_use]
pub fn furthest(case: &Case) -> Option<Phase> {
    let verdict = &case.verdict;
    let death = verdict.death.map(|death| death.phase);
    death.or_else(|| verdict.reached.iter().chain(verdict.reached_inferred.iter()).max())
}

/// The cause of trouble; of healthy sessions how long they ran. With `family` the cause in full: `tls.cert-expired`.
#[must_use]
pub fn cause(case: &Case, family: bool) -> String {
    let verdict = &case.verdict;
    match verdict.cause {
        Some(cause) if verdict.outcome != Outcome::Ok => {
            if family {
                cause.into()
            } else {
                cause.split_once('.').map_or(cause, |(_, rest)| rest).into()
            }
        }
        _ => ran(case),
    }
}

/// `ran 4 min 10 s`, `still open at end`.
#[must_use]
pub fn ran(case: &Case) -> String {
    let seconds = case.session.duration();
    match (case.verdict.outcome, case.verdict.end.how) {
        (Outcome::Open, _) => format!("{} so far", span(seconds)),
        (_, EndHow::CaptureEnd) => "still open at end".into(),
        _ => format!("ran {}", span(seconds)),
    }
}

/// Short and without false precision: `12 s`, `0.084 s`.
#[must_use]
pub fn span(seconds: f64) -> String {
    if (9.95..59.95).contains(&seconds) { format!("{seconds:.0} s") } else { time::span(seconds) }
}

/// The user hint, safe to print.
#[must_use]
pub fn user(case: &Case) -> Option<String> {
    tally::user_hint(case)
}

/// Round trip between client and server, where it was seen; seconds.
#[must_use]
pub fn round_trip(case: &Case) -> Option<f64> {
    match (case.session.rtt_server, case.session.rtt_client) {
        (None, None) => None,
        (server, client) => Some(server.unwrap_or(0.0) + client.unwrap_or(0.0)),
    }
}

/// Payload packets sent again, both ways.
#[must_use]
pub fn again(case: &Case) -> u32 {
    case.session.sides.iter().map(|side| side.retransmissions).sum()
}

/// Payload bytes, both ways.
#[must_use]
pub fn bytes(case: &Case) -> u64 {
    case.session.sides.iter().map(|side| side.bytes).sum()
}

/// An address in at most `room` columns, shortened in the middle: its beginning and its end tell most.
#[must_use]
pub fn address(text: &str, room: usize) -> String {
    if text.len() <= room || room < 5 || !text.is_ascii() {
        return text.to_owned();
    }
    let tail = (room - 1) / 2;
    let head = room - 1 - tail;
    format!("{}…{}", &text[..head], &text[text.len() - tail..])
}

/// `·` and the like: the symbol of an outcome.
#[must_use]
pub const fn symbol(outcome: Outcome) -> &'static str {
    outcome.symbol().0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_their_middle() {
        assert_eq!(address("10.20.4.17", 15), "10.20.4.17");
        assert_eq!(address("2001:db8:1:2:3:4:5:17", 15), "2001:db…:4:5:17");
    }
}
