//! How it should look: what was asked for, what the environment says, and what the terminal can do.

use std::io::IsTerminal as _;
use std::path::Path;

use jiff::tz::TimeZone;

use super::complaint::Complaint;
use crate::cli::{Color, Look, Zone};

/// Columns when nobody says otherwise.
const WIDTH: usize = 80;
/// Columns at most: longer lines are hard to read.
const WIDEST: usize = 100;

/// How it will look.
#[derive(Clone, Debug)]
pub(super) struct Appearance {
    /// Colour on standard output.
    pub(super) color: bool,
    pub(super) ascii: bool,
    pub(super) width: usize,
    pub(super) zone: TimeZone,
}

impl Appearance {
    /// Fails when there is no such time zone.
    pub(super) fn of(look: &Look) -> Result<Self, Complaint> {
        let terminal = std::io::stdout().is_terminal();
        Ok(Self {
            color: color(look.color, &environment, terminal),
            ascii: look.ascii || !locale_is_utf8(&environment),
            width: look.width.unwrap_or_else(|| if terminal { columns() } else { WIDTH }),
            zone: zone(&look.zone)?,
        })
    }
}

/// Whether complaints are coloured.
pub(super) fn color_on_stderr(choice: Color) -> bool {
    color(choice, &environment, std::io::stderr().is_terminal())
}

/// Whether the terminal can do nothing but print.
pub(super) fn is_dumb() -> bool {
    environment("TERM").is_some_and(|value| value == "dumb")
}

fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
}

/// `NO_COLOR` beats `CLICOLOR_FORCE`; the option beats both.
fn color(choice: Color, environment: &dyn Fn(&str) -> Option<String>, terminal: bool) -> bool {
    let forced = || environment("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    let able = || environment("TERM").is_none_or(|value| value != "dumb");
    match choice {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if environment("NO_COLOR").is_some() => false,
        Color::Auto => forced() || (terminal && able()),
    }
}

/// As the C library decides it: the first of the three that is set. Systems without locales have UTF-8.
fn locale_is_utf8(environment: &dyn Fn(&str) -> Option<String>) -> bool {
    if !cfg!(unix) {
        return true;
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(environment).unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

fn columns() -> usize {
    let size = terminal_size::terminal_size_of(std::io::stdout());
    size.map_or(WIDTH, |(terminal_size::Width(columns), _)| usize::from(columns).clamp(40, WIDEST))
}

/// `+01:00`, as reports and RFC 3339 write it; also `+0100` and `+1`.
fn fixed(name: &str) -> Option<TimeZone> {
    let sign = if name.starts_with('-') { -1 } else { 1 };
    let digits = name.strip_prefix(['+', '-'])?;
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None => (digits, "0"),
    };
    let part = |text: &str, limit: i32| text.parse::<i32>().ok().filter(|part| (0..=limit).contains(part));
    let seconds = sign * (part(hours, 15)? * 3600 + part(minutes, 59)? * 60);
    jiff::tz::Offset::from_seconds(seconds).ok().map(TimeZone::fixed)
}

fn zone(zone: &Zone) -> Result<TimeZone, Complaint> {
    match zone {
        Zone::Utc => Ok(TimeZone::UTC),
        Zone::Local => Ok(local(std::env::var_os("TZ").is_some(), Path::new("/etc/localtime"))),
        Zone::Named(name) => fixed(name).map_or_else(|| TimeZone::get(name), Ok).map_err(|_| {
            let complaint = Complaint::new(format!("--tz {name}: no such time zone"));
            if TimeZone::get("Europe/Paris").is_ok() {
                complaint.note("known", "names like Europe/Paris, America/New_York, UTC; or an offset, +01:00")
            } else {
                complaint.note("help", "this system has no table of time zones; install tzdata, or use --utc")
            }
        }),
    }
}

/// This system's zone, from its `file` unless the environment names one: to find a zone by name, all there are have to be
/// listed, which takes a third of the time that a small capture does.
fn local(is_named: bool, file: &Path) -> TimeZone {
    let stored = if is_named { None } else { std::fs::read(file).ok() };
    stored.and_then(|bytes| TimeZone::tzif("local", &bytes).ok()).unwrap_or_else(TimeZone::system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_file_is_its_zone() {
        let file = Path::new("/usr/share/zoneinfo/Asia/Kolkata");
        if file.exists() {
            let offset = |zone: TimeZone| zone.to_offset(jiff::Timestamp::UNIX_EPOCH).seconds();
            assert_eq!(offset(local(false, file)), 19_800);
            assert_eq!(offset(local(true, file)), offset(TimeZone::system()));
            assert_eq!(offset(local(false, Path::new("/nowhere"))), offset(TimeZone::system()));
        }
    }

    #[test]
    fn an_offset_is_a_zone() {
        let seconds = |name: &str| fixed(name).map(|zone| zone.to_offset(jiff::Timestamp::UNIX_EPOCH).seconds());
        assert_eq!([seconds("+02:00"), seconds("-0530"), seconds("+1")], [Some(7200), Some(-19_800), Some(3600)]);
        for name in ["Europe/Paris", "UTC", "+25:00", "+1:75", "02:00", "+", "+é123"] {
            assert_eq!(seconds(name), None, "{name}");
        }
    }

    fn set<'a>(variables: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn colour_is_for_terminals_that_want_it() {
        assert!(color(Color::Auto, &set(&[("TERM", "xterm")]), true));
        assert!(!color(Color::Auto, &set(&[("TERM", "xterm")]), false));
        assert!(!color(Color::Auto, &set(&[("TERM", "dumb")]), true));
        assert!(!color(Color::Auto, &set(&[("NO_COLOR", "1")]), true));
        assert!(color(Color::Auto, &set(&[("CLICOLOR_FORCE", "1")]), false));
        assert!(!color(Color::Auto, &set(&[("CLICOLOR_FORCE", "0")]), false));
        assert!(!color(Color::Auto, &set(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), true));
        assert!(color(Color::Always, &set(&[("NO_COLOR", "1"), ("TERM", "dumb")]), false));
        assert!(!color(Color::Never, &set(&[("CLICOLOR_FORCE", "1")]), true));
    }

    #[cfg(unix)]
    #[test]
    fn the_first_locale_that_is_set_decides() {
        assert!(locale_is_utf8(&set(&[("LANG", "de_DE.UTF-8")])));
        assert!(locale_is_utf8(&set(&[("LC_CTYPE", "C.utf8"), ("LANG", "C")])));
        assert!(!locale_is_utf8(&set(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")])));
        assert!(!locale_is_utf8(&set(&[("LANG", "de_DE@euro")])));
        assert!(!locale_is_utf8(&set(&[])));
    }
}
