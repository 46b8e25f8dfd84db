//! Times, sizes and counts as people read them: the reader's zone with its offset, three significant digits, commas.

use jiff::tz::TimeZone;

use crate::frame::Timestamp;
pub use crate::wire::text::grouped as count;

fn zoned(time: Timestamp, zone: &TimeZone) -> jiff::Zoned {
    // Every i64 of nanoseconds lies between the years 1677 and 2262, which jiff can hold.
    jiff::Timestamp::from_nanosecond(i128::from(time.0)).unwrap_or_default().to_zoned(zone.clone())
}

/// `2026-03-11 09:14:22 +01:00`.
#[must_use]
pub fn absolute(time: Timestamp, zone: &TimeZone) -> String {
    zoned(time, zone).strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
}

/// `2026-03-11 09:14:22.481 +01:00`.
#[must_use]
pub fn absolute_millis(time: Timestamp, zone: &TimeZone) -> String {
    zoned(time, zone).strftime("%Y-%m-%d %H:%M:%S.%3f %:z").to_string()
}

/// `20260311-091422`, for names of files.
#[must_use]
pub fn stamp(time: Timestamp, zone: &TimeZone) -> String {
    zoned(time, zone).strftime("%Y%m%d-%H%M%S").to_string()
}

/// `09:14:22`.
#[must_use]
pub fn clock(time: Timestamp, zone: &TimeZone) -> String {
    zoned(time, zone).strftime("%H:%M:%S").to_string()
}

/// `09:14:22.481`.
#[must_use]
pub fn clock_millis(time: Timestamp, zone: &TimeZone) -> String {
    zoned(time, zone).strftime("%H:%M:%S.%3f").to_string()
}

/// Time of day in the reader's zone; nanoseconds since midnight.
#[must_use]
pub fn of_day(time: Timestamp, zone: &TimeZone) -> i64 {
    let at = zoned(time, zone);
    let seconds = i64::from(at.hour()) * 3600 + i64::from(at.minute()) * 60 + i64::from(at.second());
    seconds * 1_000_000_000 + i64::from(at.subsec_nanosecond())
}

/// `2026-03-11T08:14:22.481337000Z`.
#[must_use]
pub fn rfc3339(time: Timestamp) -> String {
    zoned(time, &TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S.%9fZ").to_string()
}

/// Writes many times as [`rfc3339`] does: the date is worked out once a day.
#[derive(Debug, Default)]
pub(super) struct Rfc3339 {
    day: Option<i64>,
    date: [u8; 10],
}

impl Rfc3339 {
    /// Adds `time` to `out`.
    pub(super) fn write(&mut self, time: Timestamp, out: &mut Vec<u8>) {
        const DAY: i64 = 86_400_000_000_000;
        let (day, within) = (time.0.div_euclid(DAY), time.0.rem_euclid(DAY).cast_unsigned());
        if self.day != Some(day) {
            // Years have four digits here.
            if let Some(date) = rfc3339(time).as_bytes().first_chunk() {
                self.date = *date;
            }
            self.day = Some(day);
        }
        out.extend_from_slice(&self.date);
        let seconds = within / 1_000_000_000;
        let mut text = *b"T00:00:00.000000000Z";
        two_digits(&mut text[1..3], seconds / 3600);
        two_digits(&mut text[4..6], seconds / 60 % 60);
        two_digits(&mut text[7..9], seconds % 60);
        let mut rest = within % 1_000_000_000;
        for place in text[10..19].iter_mut().rev() {
            *place = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        out.extend_from_slice(&text);
    }
}

fn two_digits(places: &mut [u8], number: u64) {
    places[0] = b'0' + (number / 10) as u8;
    places[1] = b'0' + (number % 10) as u8;
}

/// A certificate's date, which may lie far outside the range of nanoseconds: `2026-03-09T03:41:12Z`.
#[must_use]
pub fn date_rfc3339(seconds: i64) -> String {
    date(seconds, "%Y-%m-%dT%H:%M:%SZ")
}

/// A certificate's date as people read it, always UTC: `2026-03-09 03:41:12 UTC`.
#[must_use]
pub fn date_utc(seconds: i64) -> String {
    date(seconds, "%Y-%m-%d %H:%M:%S UTC")
}

fn date(seconds: i64, form: &str) -> String {
    let clamped = seconds.clamp(-62_135_596_800, 253_402_207_200); // years 1 to 9999, what both standards can write
    let at = jiff::Timestamp::from_second(clamped).unwrap_or_default();
    at.to_zoned(TimeZone::UTC).strftime(form).to_string()
}

/// A step of the ladder, at most seven columns wide: `0.6 ms`, `18 ms`, `29.9 s`, `4m 52s`.
#[must_use]
pub fn step(seconds: f64) -> String {
    match seconds {
        s if s < 0.000_95 => format!("{:.1} ms", s * 1e3),
        s if s < 0.999_5 => format!("{:.0} ms", s * 1e3),
        s if s < 59.95 => format!("{s:.1} s"),
        s => {
            let whole = s.round() as u64;
            match whole {
                ..3600 => format!("{}m {}s", whole / 60, whole % 60),
                3600..86_400 => format!("{}h {}m", whole / 3600, whole % 3600 / 60),
                _ => format!("{}d {}h", whole / 86_400, whole % 86_400 / 3600),
            }
        }
    }
}

/// A step to the microsecond, for those who asked for more: `18.412 ms`.
#[must_use]
pub fn step_exact(seconds: f64) -> String {
    if seconds < 0.999_999_5 { format!("{:.3} ms", seconds * 1e3) } else { format!("{seconds:.6} s") }
}

/// A length of time in prose: `0.084 s`, `6.2 s`, `4 min 52 s`, `2 h 14 min`, `3 d 4 h`.
#[must_use]
pub fn span(seconds: f64) -> String {
    match seconds {
        s if s < 0.999_5 => format!("{s:.3} s"),
        s if s < 59.95 => format!("{s:.1} s"),
        s => {
            let whole = s.round() as u64;
            match whole {
                ..3600 => format!("{} min {} s", whole / 60, whole % 60),
                3600..86_400 => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
                _ => format!("{} d {} h", whole / 86_400, whole % 86_400 / 3600),
            }
        }
    }
}

/// A measured delay with three significant digits: `0.62 ms`, `18.4 ms`, `640 ms`, `1.24 s`.
#[must_use]
pub fn delay(seconds: f64) -> String {
    let (value, unit) = if seconds < 0.999_5 { (seconds * 1e3, "ms") } else { (seconds, "s") };
    match value {
        v if v < 9.995 => format!("{v:.2} {unit}"),
        v if v < 99.95 => format!("{v:.1} {unit}"),
        v => format!("{v:.0} {unit}"),
    }
}

/// `1 packet`, `12 packets`.
#[must_use]
pub fn counted(number: u64, what: &str) -> String {
    format!("{} {what}{}", count(number), if number == 1 { "" } else { "s" })
}

/// `188 bytes`, `1.2 MB`.
#[must_use]
pub fn bytes(number: u64) -> String {
    let scaled = |divisor: f64, unit: &str| format!("{:.1} {unit}", number as f64 / divisor);
    match number {
        ..10_000 => counted(number, "byte"),
        10_000..1_000_000 => scaled(1e3, "kB"),
        1_000_000..1_000_000_000 => scaled(1e6, "MB"),
        _ => scaled(1e9, "GB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_keep_what_matters() {
        let steps: Vec<String> = [0.000_6, 0.018_4, 29.93, 292.0, 7_500.0].into_iter().map(step).collect();
        assert_eq!(steps, ["0.6 ms", "18 ms", "29.9 s", "4m 52s", "2h 5m"]);
        assert_eq!(span(292.0), "4 min 52 s");
        assert_eq!(span(0.0837), "0.084 s");
        assert_eq!(delay(0.018_42), "18.4 ms");
    }

    #[test]
    fn the_zone_is_the_readers() {
        let time = Timestamp::from_parts(1_773_216_862, 481_337_000);
        let paris = TimeZone::fixed(jiff::tz::offset(1));
        assert_eq!(absolute(time, &paris), "2026-03-11 09:14:22 +01:00");
        assert_eq!(absolute_millis(time, &paris), "2026-03-11 09:14:22.481 +01:00");
        assert_eq!(rfc3339(time), "2026-03-11T08:14:22.481337000Z");
        assert_eq!(date_utc(1_773_027_672), "2026-03-09 03:41:12 UTC");
    }

    #[test]
    fn any_time_can_be_written() {
        for edge in [i64::MIN, -1, 0, i64::MAX] {
            assert!(rfc3339(Timestamp(edge)).ends_with('Z'));
            assert!(date_rfc3339(edge).ends_with('Z'));
        }
    }

    #[test]
    fn many_times_are_written_as_one_is() {
        let mut times = Rfc3339::default();
        let near = [0, 1, -1, 86_399_999_999_999, 86_400_000_000_000, 1_773_216_862_481_337_000, -1_000_000_007];
        for time in near.into_iter().chain([i64::MIN, i64::MAX]).map(Timestamp) {
            let mut out = Vec::new();
            times.write(time, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), rfc3339(time));
        }
    }

    #[test]
    fn numbers() {
        assert_eq!([0, 999, 1_000, 12_004, 1_234_567].map(count), ["0", "999", "1,000", "12,004", "1,234,567"]);
        assert_eq!(bytes(1_219), "1,219 bytes");
        assert_eq!(bytes(1_200_000), "1.2 MB");
    }
}
