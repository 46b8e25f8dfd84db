//! The options as clap knows them; completions, the manual and the long help come from the same definition.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Arg, ArgAction, CommandFactory as _, Parser};

use super::options::{Color, Kept, Moment};
use super::refused::{LATER, LETTERS, WITH_VALUE};
use super::values;

pub(super) const SOURCE: &str = "Source";
pub(super) const WHICH: &str = "Which sessions";
pub(super) const WHAT: &str = "What comes out";
pub(super) const HOW: &str = "How it looks";

/// Words and options as typed, before anything is made of them.
#[derive(Debug, Parser)]
#[command(
    name = "rdpwhy",
    about = "Say why RDP sessions died, and at which packet",
    disable_help_flag = true,
    disable_version_flag = true,
    disable_help_subcommand = true,
    args_override_self = true
)]
pub(super) struct Raw {
    /// Captures: files, directories, or - for standard input
    ///
    /// pcap and pcapng, also as .gz, .zst or .lz4. Several files are one capture, merged by time; a directory means the
    /// captures in it.
    #[arg(value_name = "FILE", help_heading = SOURCE, value_hint = clap::ValueHint::FilePath)]
    pub(super) words: Vec<OsString>,

    /// Read FILE; the words that follow are then a BPF expression
    #[arg(short = 'r', long = "read-file", value_name = "FILE", help_heading = SOURCE, value_hint = clap::ValueHint::FilePath,
          action = ArgAction::Append)]
    pub(super) read: Vec<PathBuf>,

    /// Capture on IFACE, or on any; the words that follow are then a BPF expression
    ///
    /// Repeatable. Each session is told when it ends; Ctrl-C sums up, a second one leaves at once.
    #[arg(short = 'i', long = "interface", value_name = "IFACE", help_heading = SOURCE, action = ArgAction::Append)]
    pub(super) interface: Vec<String>,

    /// List the interfaces
    #[arg(short = 'D', long = "list-interfaces", help_heading = SOURCE)]
    pub(super) interfaces: bool,

    /// Only packets that match this BPF expression, as in tcpdump
    #[arg(short = 'f', long = "capture", value_name = "EXPR", help_heading = SOURCE, action = ArgAction::Append)]
    pub(super) capture: Vec<String>,

    /// Treat these ports as RDP where no connection request is seen
    ///
    /// A connection request is recognised on any port; this is for sessions that began before the capture did.
    #[arg(long, value_name = "N,N", help_heading = SOURCE, value_delimiter = ',', action = ArgAction::Append,
          value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) port: Vec<u16>,

    /// Stop after N packets
    #[arg(short = 'c', value_name = "N", help_heading = SOURCE, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) count: Option<u64>,

    /// Keep the packets that -i captures in FILE (pcapng)
    #[arg(short = 'w', long = "write", value_name = "FILE", help_heading = SOURCE, value_hint = clap::ValueHint::FilePath)]
    pub(super) write: Option<PathBuf>,

    /// Begin the next file of -w at filesize:KB, duration:S or packets:N; keep files:N
    ///
    /// As in dumpcap: 1 KB is 1000 bytes, and -w rdp.pcapng makes rdp_00001_20260311091422.pcapng and so on. Repeatable.
    /// With files:N the oldest file goes. With -a deaths:1 it catches a failure once, and says which file holds it.
    #[arg(short = 'b', long = "ring-buffer", value_name = "COND", help_heading = SOURCE, action = ArgAction::Append)]
    pub(super) ring: Vec<String>,

    /// Packets for -w: all, of sessions that died, or of trouble (died or warn)
    ///
    /// From the first packet of the session on, with the ICMP that quotes it; until it is known, packets wait in memory.
    /// Frame numbers of the report are those of the file.
    #[arg(long, value_name = "WHICH", help_heading = SOURCE)]
    pub(super) keep: Option<Kept>,

    /// Let the kernel hold so many KiB for -i (default 16384)
    #[arg(short = 'B', long = "buffer-size", value_name = "KIB", help_heading = SOURCE,
          value_parser = clap::value_parser!(u32).range(1..=2_097_151))]
    pub(super) buffer: Option<u32>,

    /// Capture only what is for this machine: not promiscuous
    #[arg(short = 'p', long = "no-promiscuous-mode", help_heading = SOURCE)]
    pub(super) modest: bool,

    /// Become USER after opening the interface (default: who called sudo)
    #[arg(short = 'Z', long = "relinquish-privileges", value_name = "USER", help_heading = SOURCE)]
    pub(super) user: Option<String>,

    /// Stop after packets:N or duration:S; with -i also sessions:N, deaths:N, filesize:KB, files:N
    ///
    /// The duration is capture time, in seconds or as 5m. Repeatable; the first condition met ends it.
    #[arg(short = 'a', long = "autostop", value_name = "COND", help_heading = SOURCE, action = ArgAction::Append)]
    pub(super) autostop: Vec<String>,

    /// Judge each file on its own instead of merging them
    #[arg(long, help_heading = SOURCE)]
    pub(super) separate: bool,

    /// Memory for sessions and waiting packets (512M); past it the oldest leave first
    #[arg(long, value_name = "SIZE", help_heading = SOURCE, value_parser = values::size)]
    pub(super) memory: Option<u64>,

    /// Only sessions that match, as in 'died client:10.20.0.0/16'
    ///
    /// Words side by side mean and; or, not (also -word) and parentheses as usual; key:value (or key == value, !=), key>1.5,
    /// key<200ms; * and CIDR are allowed; a bare word searches addresses, names, user hints and causes.
    #[arg(short = 'Y', long = "where", value_name = "EXPR", help_heading = WHICH, allow_hyphen_values = true,
          action = ArgAction::Append)]
    pub(super) filter: Vec<String>,

    /// Only sessions with these numbers
    #[arg(long, value_name = "N,N-M", help_heading = WHICH, value_delimiter = ',', action = ArgAction::Append,
          value_parser = values::numbers)]
    pub(super) session: Vec<(u32, u32)>,

    /// Only sessions that were still there at T
    ///
    /// 09:14 (on the day the capture begins), '2026-03-11 09:14:22', 2026-03-11T09:14:22+01:00, or +5m after the start.
    #[arg(long, value_name = "T", help_heading = WHICH, value_parser = values::moment)]
    pub(super) from: Option<Moment>,

    /// Only sessions that had begun by T
    ///
    /// As --from; +1m counts from --from, where there is one.
    #[arg(long, value_name = "T", help_heading = WHICH, value_parser = values::moment)]
    pub(super) to: Option<Moment>,

    /// A block for each session that died or warns, not one for each cause
    #[arg(long, help_heading = WHAT, conflicts_with_all = ["brief", "json"])]
    pub(super) each: bool,

    /// A line a session, eight fixed fields, - where there is nothing; with --json, a short record
    #[arg(short = '1', long, help_heading = WHAT, conflicts_with = "quiet")]
    pub(super) brief: bool,

    /// Every frame and minor notes; -vv also how the verdict was reached
    #[arg(short = 'v', long, help_heading = WHAT, action = ArgAction::Count)]
    pub(super) verbose: u8,

    /// Only the totals; -qq nothing, the exit code tells
    #[arg(short = 'q', long, help_heading = WHAT, action = ArgAction::Count)]
    pub(super) quiet: u8,

    /// Show them in the terminal UI, like the command tui
    #[arg(long, help_heading = WHAT)]
    pub(super) tui: bool,

    /// A JSON object a line: inputs, sessions, summary
    #[arg(long, help_heading = WHAT)]
    pub(super) json: bool,

    /// text or json
    #[arg(long, value_name = "FORM", help_heading = WHAT)]
    pub(super) format: Option<String>,

    /// Report to FILE, whose ending (.txt, .json) picks the form; totals still to stdout
    #[arg(short = 'o', long = "output", value_name = "FILE", help_heading = WHAT, value_hint = clap::ValueHint::FilePath,
          action = ArgAction::Append)]
    pub(super) output: Vec<PathBuf>,

    /// Exit with 1 if a session matches EXPR (default: died), or never
    #[arg(long, value_name = "EXPR|never", help_heading = WHAT, allow_hyphen_values = true)]
    pub(super) fail_on: Option<String>,

    /// Colour: auto (on a terminal), always, never
    ///
    /// NO_COLOR, CLICOLOR_FORCE and TERM=dumb are honoured.
    #[arg(long, alias = "colour", value_name = "WHEN", help_heading = HOW)]
    pub(super) color: Option<Color>,

    /// No line drawing, only ASCII; automatic when the locale is not UTF-8
    #[arg(long, help_heading = HOW)]
    pub(super) ascii: bool,

    /// Times in UTC (default: your zone, with its offset)
    #[arg(long, help_heading = HOW, conflicts_with = "tz")]
    pub(super) utc: bool,

    /// Times of this zone, as in Europe/Paris or +01:00
    #[arg(long, value_name = "ZONE", help_heading = HOW, allow_hyphen_values = true)]
    pub(super) tz: Option<String>,

    /// So many columns, instead of the terminal's
    #[arg(long, value_name = "N", help_heading = HOW, value_parser = clap::value_parser!(u16).range(60..=1000))]
    pub(super) width: Option<u16>,

    /// Theme of the terminal UI: auto, dark, light, high-contrast, mono
    #[arg(long, value_name = "NAME", help_heading = HOW, value_parser = ["auto", "dark", "light", "high-contrast", "mono"])]
    pub(super) theme: Option<String>,

    /// Terminal UI: by itself it changes its picture once in 5 s at most (otherwise 4 times a second)
    #[arg(long, help_heading = HOW)]
    pub(super) calm: bool,

    /// Terminal UI: the mouse selects, opens, sorts; Shift then selects text
    #[arg(long, help_heading = HOW)]
    pub(super) mouse: bool,

    /// Read this file instead of ~/.config/rdpwhy/config.toml; none reads none
    #[arg(long, value_name = "FILE", help_heading = HOW, value_hint = clap::ValueHint::FilePath)]
    pub(super) config: Option<PathBuf>,

    /// Terminal UI of a running capture: a death rings the bell
    #[arg(long, help_heading = HOW)]
    pub(super) bell: bool,

    /// Short help, one screen
    #[arg(short = 'h', help_heading = HOW)]
    pub(super) short_help: bool,

    /// Every option, with examples
    #[arg(long = "help", help_heading = HOW)]
    pub(super) long_help: bool,

    /// Version and build features
    #[arg(short = 'V', long = "version", help_heading = HOW)]
    pub(super) version: bool,
}

/// The definition that parses: all options, also those that only get an answer.
pub(super) fn parser() -> clap::Command {
    // tcpdump's -n, -l and -U ask for what is done anyway, so do -s 0 and -s 262144.
    let nothing = [("same-n", 'n'), ("same-l", 'l'), ("same-U", 'U')]
        .map(|(id, letter)| Arg::new(id).short(letter).action(ArgAction::Count).hide(true));
    let refused = LETTERS.iter().map(|refused| {
        let arg = Arg::new(refused.letter).short(refused.letter.chars().next()).hide(true);
        match WITH_VALUE.contains(&refused.letter) {
            true => arg.num_args(0..=1).allow_hyphen_values(true).action(ArgAction::Append),
            false => arg.action(ArgAction::Count),
        }
    });
    let later = LATER.iter().map(|later| {
        let mut arg = Arg::new(later.id).long(later.long).hide(true);
        if let Some(letter) = later.short {
            arg = arg.short(letter);
        }
        match (later.takes_value, later.id) {
            (true, _) => arg.action(ArgAction::Append).allow_hyphen_values(true),
            (false, "redact") => arg.num_args(0..=1).require_equals(true).action(ArgAction::Append),
            (false, _) => arg.action(ArgAction::Count),
        }
    });
    Raw::command()
        .args(nothing)
        .args(refused)
        .args(later)
        .arg(Arg::new("snaplen").short('s').value_name("LEN").action(ArgAction::Append).hide(true))
}

/// The definition that is shown: options that work, and the commands.
pub(super) fn shown() -> clap::Command {
    Raw::command()
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand(
            clap::Command::new("completions")
                .about("Completions for a shell")
                .disable_help_flag(true)
                .arg(Arg::new("shell").value_name("SHELL").value_parser(clap::value_parser!(clap_complete::Shell))),
        )
        .subcommand(
            clap::Command::new("explain")
                .about("What a cause or a number means, what helps, and what captures say to it")
                .disable_help_flag(true)
                .arg(Arg::new("word").value_name("WORD").num_args(0..).value_hint(clap::ValueHint::AnyPath))
                .args(options_but(
                    &["interface", "interfaces", "write", "ring", "keep", "buffer", "modest", "user"],
                    true,
                )),
        )
        .subcommand(
            clap::Command::new("tui")
                .about("Sessions, ladders, packets in the terminal")
                .disable_help_flag(true)
                .arg(Arg::new("file").value_name("FILE").num_args(1..).value_hint(clap::ValueHint::FilePath))
                .args(options_but(&["separate", "fail_on", "tui"], false)),
        )
        .subcommand(clap::Command::new("ifaces").about("The interfaces that -i can listen on").disable_help_flag(true))
        .subcommand(clap::Command::new("man").about("The manual page").disable_help_flag(true))
}

/// The options that a command takes, too, so that shells offer them behind it: all but those named, and those about the
/// form of a report, which neither has; `is_text` where a report follows all the same.
fn options_but(names: &[&str], is_text: bool) -> Vec<Arg> {
    const FORMS: &[&str] = &["each", "brief", "quiet", "json", "format", "output"];
    const SCREEN: &[&str] = &["tui", "theme", "calm", "mouse", "config", "bell"];
    let has = |arg: &&Arg| {
        let id = arg.get_id().as_str();
        let is_elsewhere = names.contains(&id) || FORMS.contains(&id) || (is_text && SCREEN.contains(&id));
        !arg.is_positional() && !is_elsewhere
    };
    Raw::command().get_arguments().filter(has).cloned().collect()
}

/// Completions for a shell; `None` when there are none for it.
#[must_use]
pub fn completions(shell: &str) -> Option<String> {
    let shell: clap_complete::Shell = shell.to_ascii_lowercase().parse().ok()?;
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut shown(), "rdpwhy", &mut bytes);
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_are_sound() {
        parser().debug_assert();
        shown().debug_assert();
    }

    #[test]
    fn completions_for_the_usual_shells() {
        for shell in ["bash", "zsh", "fish", "PowerShell"] {
            assert!(completions(shell).is_some_and(|text| text.contains("rdpwhy")), "{shell}");
        }
        // Behind tui and explain stand the same options.
        let bash = completions("bash").expect("known");
        let offers: Vec<&str> =
            bash.lines().filter(|line| line.contains("opts=") && line.contains("--where")).collect();
        assert_eq!(offers.len(), 3, "{offers:#?}");
        assert_eq!(offers.iter().filter(|line| line.contains("--json")).count(), 1);
        assert_eq!(completions("csh"), None);
    }
}
