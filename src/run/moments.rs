//! What `--from 09:14` means: depends on when the capture begins and whose clock is meant.

use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, ToSpan as _};

use crate::cli::{Moment, Selection};
use crate::frame::Timestamp;

/// From when to when, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    from: Timestamp,
    to: Timestamp,
}

impl Window {
    /// The window that `selection` names in a capture from `start` to `end`.
    pub(super) fn of(selection: &Selection, start: Timestamp, end: Timestamp, zone: &TimeZone) -> Self {
        let from = selection.from.map(|moment| {
            let time = resolve(moment, start, zone);
            // After midnight the time of day is that of the next day, if the capture runs so long.
            let next = tomorrow(time, zone);
            if matches!(moment, Moment::Clock(_)) && time < start && next <= end { next } else { time }
        });
        let floor = from.unwrap_or(start);
        let to = selection.to.map(|moment| match moment {
            Moment::After(_) => resolve(moment, floor, zone),
            Moment::Clock(_) => {
                let time = resolve(moment, floor, zone);
                if time < floor { tomorrow(time, zone) } else { time }
            }
            Moment::Civil(_) | Moment::Instant(_) => resolve(moment, start, zone),
        });
        Self { from: from.unwrap_or(Timestamp(i64::MIN)), to: to.unwrap_or(Timestamp(i64::MAX)) }
    }

    /// Whether something that lasted from `first` to `last` was there within it.
    pub(super) fn touches(&self, first: Timestamp, last: Timestamp) -> bool {
        first <= self.to && last >= self.from
    }
}

/// Whether `selection` ends at an earlier time of day than it begins, on a day of which a capture from `start` to `end` has
/// nothing that late.
pub(super) fn is_backwards(selection: &Selection, start: Timestamp, end: Timestamp, zone: &TimeZone) -> bool {
    let (Some(Moment::Clock(from)), Some(Moment::Clock(to))) = (selection.from, selection.to) else { return false };
    to < from && Window::of(selection, start, end, zone).to > end
}

fn instant(time: Timestamp) -> Instant {
    // INVARIANT: every i64 of nanoseconds lies between 1677 and 2262, which jiff can hold.
    Instant::from_nanosecond(i128::from(time.0)).unwrap_or_default()
}

fn timestamp(instant: Instant) -> Timestamp {
    let clamped = instant.as_nanosecond().clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    Timestamp(i64::try_from(clamped).unwrap_or_default())
}

fn resolve(moment: Moment, base: Timestamp, zone: &TimeZone) -> Timestamp {
    let local =
        |civil: jiff::civil::DateTime| civil.to_zoned(zone.clone()).map_or(base, |zoned| timestamp(zoned.timestamp()));
    match moment {
        Moment::Instant(nanoseconds) => Timestamp(nanoseconds),
        Moment::Civil(civil) => local(civil),
        Moment::Clock(time) => local(instant(base).to_zoned(zone.clone()).date().to_datetime(time)),
        // A float too large for an i64 saturates.
        Moment::After(seconds) => Timestamp(base.0.saturating_add((seconds * 1e9) as i64)),
    }
}

fn tomorrow(time: Timestamp, zone: &TimeZone) -> Timestamp {
    let next = instant(time).to_zoned(zone.clone()).checked_add(1.day());
    next.map_or(time, |zoned| timestamp(zoned.timestamp()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    fn at(text: &str) -> Timestamp {
        timestamp(text.parse().expect("an instant"))
    }

    fn window(from: Option<Moment>, to: Option<Moment>) -> Window {
        let selection = Selection { from, to, ..Selection::default() };
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        Window::of(&selection, at("2026-03-11T22:30:00Z"), at("2026-03-12T03:00:00Z"), &zone)
    }

    #[test]
    fn a_time_of_day_is_on_the_day_the_capture_begins_or_the_next() {
        assert_eq!(window(Some(Moment::Clock(time(23, 45, 0, 0))), None).from, at("2026-03-11T22:45:00Z"));
        assert_eq!(window(Some(Moment::Clock(time(1, 0, 0, 0))), None).from, at("2026-03-12T00:00:00Z"));
        // earlier than the capture on either day: from its start
        assert_eq!(window(Some(Moment::Clock(time(9, 0, 0, 0))), None).from, at("2026-03-11T08:00:00Z"));
        assert_eq!(window(None, Some(Moment::Clock(time(1, 0, 0, 0)))).to, at("2026-03-12T00:00:00Z"));
    }

    #[test]
    fn plus_counts_from_the_start_or_from_the_other_end() {
        assert_eq!(window(Some(Moment::After(300.0)), None).from, at("2026-03-11T22:35:00Z"));
        let both = window(Some(Moment::After(300.0)), Some(Moment::After(60.0)));
        assert_eq!(both.to, at("2026-03-11T22:36:00Z"));
    }

    #[test]
    fn dates_are_the_readers_and_instants_are_everybodys() {
        assert_eq!(
            window(Some(Moment::Civil(date(2026, 3, 12).at(0, 0, 0, 0))), None).from,
            at("2026-03-11T23:00:00Z")
        );
        let instant = Moment::Instant(at("2026-03-12T00:00:00Z").0);
        assert_eq!(window(None, Some(instant)).to, at("2026-03-12T00:00:00Z"));
    }

    #[test]
    fn before_the_beginning_is_after_midnight_if_there_is_one() {
        let is_backwards = |from, to| {
            let (from, to) = (Some(Moment::Clock(from)), Some(Moment::Clock(to)));
            let selection = Selection { from, to, ..Selection::default() };
            let zone = TimeZone::fixed(jiff::tz::offset(1));
            super::is_backwards(&selection, at("2026-03-11T22:30:00Z"), at("2026-03-12T03:00:00Z"), &zone)
        };
        assert!(!is_backwards(time(23, 45, 0, 0), time(1, 0, 0, 0)));
        assert!(is_backwards(time(23, 45, 0, 0), time(23, 40, 0, 0)));
        assert!(!is_backwards(time(1, 0, 0, 0), time(2, 0, 0, 0)));
    }

    #[test]
    fn what_was_there_for_a_moment_counts() {
        let window = window(Some(Moment::After(60.0)), Some(Moment::After(60.0)));
        assert!(window.touches(at("2026-03-11T22:30:00Z"), at("2026-03-11T22:31:00Z")));
        assert!(window.touches(at("2026-03-11T22:32:00Z"), at("2026-03-11T22:40:00Z")));
        assert!(!window.touches(at("2026-03-11T22:30:00Z"), at("2026-03-11T22:30:59Z")));
        assert!(!window.touches(at("2026-03-11T22:32:01Z"), at("2026-03-11T22:40:00Z")));
    }
}
