//! What can be asked for: the contract of this room.

use std::path::PathBuf;

use jiff::civil;

/// What to do.
#[derive(Clone, Debug)]
pub enum Command {
    /// Read captures and say what died.
    Judge(Box<Options>),
    /// Read captures and show them in the terminal UI.
    Screen(Box<Options>),
    /// Capture on interfaces and say what dies.
    Live(Box<Options>),
    /// List the interfaces.
    Interfaces,
    /// Nothing was asked for: the short help, when nobody pipes a capture in.
    Nothing(Box<Options>),
    /// Print this to standard output and be done.
    Print(String),
    /// `explain WORD...`: what a cause, a number or a word of the report means; words may name captures, which are then
    /// judged as these options say. They name no inputs themselves.
    Explain(Vec<String>, Box<Options>),
}

/// Everything that can be asked for when reading captures.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Files, directories, `-` for standard input; empty when none was named.
    pub inputs: Vec<PathBuf>,
    /// Interfaces to capture on.
    pub live: Live,
    /// BPF expression that packets must match.
    pub packets: Option<String>,
    /// Ports that are RDP even when no connection request is seen.
    pub ports: Vec<u16>,
    /// When to stop reading.
    pub stop: Stop,
    /// Memory for sessions; bytes.
    pub memory: Option<u64>,
    /// Judge each file on its own.
    pub separate: bool,
    /// Which sessions.
    pub selection: Selection,
    /// What comes out.
    pub view: View,
    /// Which sessions make the exit code 1.
    pub fail_on: FailOn,
    /// How it looks.
    pub look: Look,
}

/// When to stop before the end of the input.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stop {
    /// After so many packets.
    pub packets: Option<u64>,
    /// After so many seconds of capture time.
    pub seconds: Option<f64>,
    /// After so many sessions have ended; only of a running capture.
    pub sessions: Option<u64>,
    /// After so many sessions have died; only of a running capture.
    pub deaths: Option<u64>,
    /// When the file that packets are kept in has so many bytes; only of a running capture.
    pub bytes: Option<u64>,
    /// When so many files have been filled; only of a running capture.
    pub files: Option<u32>,
}

/// When the next file begins, of those that packets are kept in.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ring {
    /// Bytes of a file.
    pub bytes: Option<u64>,
    /// Age of a file; seconds.
    pub seconds: Option<f64>,
    /// Packets of a file.
    pub packets: Option<u64>,
    /// So many files are left, the oldest goes.
    pub files: Option<u32>,
}

/// Whose packets are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Kept {
    /// Everything that is captured.
    #[default]
    All,
    /// Of sessions that died.
    Died,
    /// Of sessions that died or warn.
    Trouble,
}

/// How to capture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Live {
    /// On these interfaces; none: files are read.
    pub interfaces: Vec<String>,
    /// Bytes of each packet.
    pub snap: Option<u32>,
    /// Bytes that the kernel may hold.
    pub buffer: Option<u32>,
    /// Only what is for this machine.
    pub modest: bool,
    /// Who to become after opening.
    pub user: Option<String>,
    /// Keep the packets in this file.
    pub keep: Option<PathBuf>,
    /// In several files of such names.
    pub ring: Option<Ring>,
    /// Those of which sessions.
    pub kept: Kept,
}

/// Which sessions to show; all conditions must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// Session filter (`-Y`).
    pub filter: Option<String>,
    /// First and last number of each range.
    pub numbers: Vec<(u32, u32)>,
    /// Sessions that were there at this time or later.
    pub from: Option<Moment>,
    /// Sessions that were there at this time or earlier.
    pub to: Option<Moment>,
}

/// A time as a person writes it; what it means depends on the capture and the zone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moment {
    /// Time of day, on the day the capture begins.
    Clock(civil::Time),
    /// Date and time in the reader's zone.
    Civil(civil::DateTime),
    /// An instant; nanoseconds since the epoch.
    Instant(i64),
    /// Seconds after the capture began.
    After(f64),
}

/// What comes out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The form of what goes to standard output.
    pub form: Form,
    /// A block per session that died or warns, not one per cause.
    pub each: bool,
    /// 1: every frame, minor notes; 2: also how the verdict was reached.
    pub verbose: u8,
    /// Print nothing at all; the exit code tells.
    pub silent: bool,
    /// Write the report here; the totals still go to standard output.
    pub file: Option<(PathBuf, Form)>,
}

/// A form of report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// A block per cause, then the totals.
    #[default]
    Text,
    /// A line a session.
    Brief,
    /// Only the totals.
    Totals,
    /// NDJSON.
    Json,
    /// NDJSON with a short record a session.
    BriefJson,
}

/// Which sessions make the exit code 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FailOn {
    /// Those that died.
    #[default]
    Died,
    /// None.
    Never,
    /// Those that match a session filter.
    Matching(String),
}

/// How it looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Colour.
    pub color: Color,
    /// Plain ASCII; otherwise the locale decides.
    pub ascii: bool,
    /// Of absolute times.
    pub zone: Zone,
    /// Columns; otherwise the terminal decides.
    pub width: Option<usize>,
    /// The theme of the terminal UI.
    pub theme: Option<String>,
    /// The terminal UI changes its picture by itself only once in five seconds.
    pub calm: bool,
    /// The terminal UI takes the mouse.
    pub mouse: bool,
    /// The configuration, if not the usual one; `none` for none.
    pub config: Option<PathBuf>,
    /// A death in a running capture rings the bell.
    pub bell: bool,
}

/// Whether to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal that has any.
    #[default]
    Auto,
    /// Into pipes and files too.
    Always,
    /// Nowhere.
    Never,
}

/// Whose clock absolute times show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// The reader's (`TZ`, or the system's).
    #[default]
    Local,
    /// UTC.
    Utc,
    /// A zone by name, `Europe/Paris`.
    Named(String),
}
