//! Values of options, from the way people write them.

use jiff::Timestamp;
use jiff::civil;

use super::options::{Moment, Ring, Stop};

/// `512M`, `2G`, `65536`: bytes, with the units of memory (1024).
pub(super) fn size(text: &str) -> Result<u64, String> {
    let lower = text.to_ascii_lowercase();
    let number = lower.trim_end_matches("ib").trim_end_matches('b');
    let (digits, shift) = match number.as_bytes().last() {
        Some(b'k') => (&number[..number.len() - 1], 10),
        Some(b'm') => (&number[..number.len() - 1], 20),
        Some(b'g') => (&number[..number.len() - 1], 30),
        _ => (number, 0),
    };
    let count: u64 = digits.trim().parse().map_err(|_| "a size is written 512M or 2G".to_owned())?;
    let bytes = count.checked_mul(1 << shift).ok_or_else(|| "that is more than any computer has".to_owned())?;
    if bytes < 1 << 20 { Err("less than 1M is not enough to work with".to_owned()) } else { Ok(bytes) }
}

/// `3`, `#3`, `3-9`.
pub(super) fn numbers(text: &str) -> Result<(u32, u32), String> {
    let number = |text: &str| {
        let text = text.trim().trim_start_matches('#');
        text.parse::<u32>().ok().filter(|number| *number > 0)
    };
    let range = match text.split_once('-') {
        Some((first, last)) => number(first).zip(number(last)),
        None => number(text).map(|number| (number, number)),
    };
    match range {
        Some((first, last)) if first > last => Err(format!("{first}-{last} runs backwards")),
        Some(range) => Ok(range),
        None => Err("sessions are written 3 or 3-9, several with commas".to_owned()),
    }
}

/// `09:14`, `09:14:22.5`, `2026-03-11T09:14:22+01:00`, `2026-03-11 09:14`, `+5m`.
pub(super) fn moment(text: &str) -> Result<Moment, String> {
    if let Some(after) = text.strip_prefix('+') {
        return seconds(after).map(Moment::After).ok_or_else(|| format!("+{after} is no time; try +90s, +5m or +1h"));
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return i64::try_from(instant.as_nanosecond())
            .map(Moment::Instant)
            .map_err(|_| "no capture is of then".to_owned());
    }
    // A date that jiff would complete with midnight must not swallow a bare time of day, so the time is tried first.
    if !text.contains('-')
        && let Ok(time) = text.parse::<civil::Time>()
    {
        return Ok(Moment::Clock(time));
    }
    text.parse::<civil::DateTime>().map(Moment::Civil).map_err(|_| {
        "a time is written 09:14, '2026-03-11 09:14:22', 2026-03-11T09:14:22+01:00, or +5m after the start".to_owned()
    })
}

/// Whether `one` is before `other` whatever the capture. Of times of day nobody knows: there is midnight.
pub(super) fn is_before(one: Moment, other: Moment) -> bool {
    match (one, other) {
        (Moment::Civil(one), Moment::Civil(other)) => one < other,
        (Moment::Instant(one), Moment::Instant(other)) => one < other,
        _ => false,
    }
}

/// `90`, `90s`, `5m`, `1h30m`, `250ms`.
pub(super) fn seconds(text: &str) -> Option<f64> {
    const UNITS: &[(&str, f64)] = &[("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86400.0)];
    if let Ok(seconds) = text.parse::<f64>() {
        return Some(seconds).filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
    }
    let mut rest = text;
    let mut sum = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == &rest[..letters])?;
        sum += number * unit;
        rest = &rest[letters..];
    }
    Some(sum)
}

/// The parts of `key:value`, with a number or a length of time as value.
fn parts<'t>(text: &'t str, known: &str) -> Result<(&'t str, &'t str), String> {
    text.split_once(':').ok_or_else(|| known.to_owned())
}

fn count(key: &str, value: &str) -> Result<u64, String> {
    let count = value.parse::<u64>().ok().filter(|count| *count > 0);
    count.ok_or_else(|| format!("{key}: wants a number from 1, not {value}"))
}

/// dumpcap's kB are 1000 bytes.
fn kilobytes(key: &str, value: &str) -> Result<u64, String> {
    count(key, value).map(|count| count.saturating_mul(1000))
}

fn lasting(key: &str, value: &str) -> Result<f64, String> {
    let seconds = seconds(value).filter(|seconds| *seconds > 0.0);
    seconds.ok_or_else(|| format!("{key}: wants seconds, not {value}"))
}

/// dumpcap's files have five digits.
fn files(key: &str, value: &str) -> Result<u32, String> {
    let count = count(key, value)?;
    u32::try_from(count).ok().filter(|count| *count < 100_000).ok_or_else(|| format!("{key}: at most 99999"))
}

/// Adds one condition of `-a` to `stop`.
pub(super) fn condition(stop: &mut Stop, text: &str) -> Result<(), String> {
    const KNOWN: &str = "known: packets:N, duration:S; with -i also sessions:N, deaths:N, filesize:KB, files:N";
    let (key, value) = parts(text, KNOWN)?;
    match key {
        "packets" => stop.packets = Some(count(key, value)?),
        "duration" => stop.seconds = Some(lasting(key, value)?),
        "sessions" => stop.sessions = Some(count(key, value)?),
        "deaths" => stop.deaths = Some(count(key, value)?),
        "filesize" => stop.bytes = Some(kilobytes(key, value)?),
        "files" => stop.files = Some(files(key, value)?),
        _ => return Err(KNOWN.to_owned()),
    }
    Ok(())
}

/// Adds one condition of `-b` to `ring`.
pub(super) fn turn(ring: &mut Ring, text: &str) -> Result<(), String> {
    const KNOWN: &str = "known: filesize:KB, duration:S, packets:N, files:N";
    let (key, value) = parts(text, KNOWN)?;
    match key {
        "packets" => ring.packets = Some(count(key, value)?),
        "duration" => ring.seconds = Some(lasting(key, value)?),
        "filesize" => ring.bytes = Some(kilobytes(key, value)?),
        "files" => ring.files = Some(files(key, value)?),
        _ => return Err(KNOWN.to_owned()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(size("512M"), Ok(512 << 20));
        assert_eq!(size("2GiB"), Ok(2 << 30));
        assert_eq!(size("4096k"), Ok(4 << 20));
        assert_eq!(size("1048576"), Ok(1 << 20));
        assert!(size("lots").is_err());
        assert!(size("12").is_err());
        assert!(size("99999999999999G").is_err());
    }

    #[test]
    fn session_numbers() {
        assert_eq!(numbers("3"), Ok((3, 3)));
        assert_eq!(numbers("#3-9"), Ok((3, 9)));
        assert!(numbers("9-3").is_err());
        assert!(numbers("0").is_err());
        assert!(numbers("-").is_err());
    }

    #[test]
    fn moments() {
        assert_eq!(moment("09:14"), Ok(Moment::Clock(civil::time(9, 14, 0, 0))));
        assert_eq!(moment("09:14:22.5"), Ok(Moment::Clock(civil::time(9, 14, 22, 500_000_000))));
        assert_eq!(moment("1970-01-01T01:00:00+01:00"), Ok(Moment::Instant(0)));
        assert_eq!(moment("2026-03-11 09:14"), Ok(Moment::Civil(civil::date(2026, 3, 11).at(9, 14, 0, 0))));
        assert_eq!(moment("2026-03-11"), Ok(Moment::Civil(civil::date(2026, 3, 11).at(0, 0, 0, 0))));
        assert_eq!(moment("+5m"), Ok(Moment::After(300.0)));
        assert_eq!(moment("+1h30m"), Ok(Moment::After(5400.0)));
        assert!(moment("soon").is_err());
        assert!(moment("+soon").is_err());
        assert!(moment("25:00").is_err());
    }

    #[test]
    fn conditions_of_stopping() {
        let mut stop = Stop::default();
        for text in ["packets:9", "duration:1.5"] {
            assert_eq!(condition(&mut stop, text), Ok(()));
        }
        assert_eq!(stop, Stop { packets: Some(9), seconds: Some(1.5), ..Stop::default() });
        for text in ["packets:0", "packets", "filesize:x", "deaths:0", "moons:3", "duration:-1", "files:100000"] {
            assert!(condition(&mut stop, text).is_err(), "{text}");
        }
        let mut ring = Ring::default();
        for text in ["filesize:51200", "files:4", "duration:1h", "packets:7"] {
            assert_eq!(turn(&mut ring, text), Ok(()));
        }
        let asked = Ring { bytes: Some(51_200_000), files: Some(4), seconds: Some(3600.0), packets: Some(7) };
        assert_eq!(ring, asked);
        assert!(turn(&mut ring, "deaths:1").is_err());
    }
}
