//! Help that fits a terminal: one screen for `-h`, groups with an example each for `--help`.

use std::fmt::Write as _;

use super::definition::{HOW, SOURCE, WHAT, WHICH, shown};

/// Said at the end of the long help.
pub(super) const EPILOGUE: &str = "\
Environment
  TZ                      zone of absolute times
  NO_COLOR, CLICOLOR_FORCE, TERM=dumb   colour never, always, never
  LC_ALL, LC_CTYPE, LANG  line drawing only when they say UTF-8
";

/// What the program exits with.
pub const EXIT_CODES: &str = "\
Exit codes
  0    everything was read, no session matches --fail-on (default: died), and at
       least one could be judged
  1    everything was read and a session matches
  2    wrong usage: an option, a filter, or it would overwrite a capture
  3    something could not be read or captured; the rest is reported
  4    nothing to judge: no RDP, or nothing but sessions the capture cannot tell
  130  ended by Ctrl-C; of a running capture, by the second one
";

/// The ways to call it.
#[rustfmt::skip]
pub(super) const COMMANDS: &str =
"  rdpwhy [options] FILE...             files, directories, or - for stdin
  rdpwhy [options] -r FILE [FILTER]    FILTER is a BPF expression, as in tcpdump
  rdpwhy [options] -i IFACE [FILTER]   live: each session is told when it ends;
                                       Ctrl-C sums up
  rdpwhy tui FILE...                   on a screen: sessions, ladders, packets,
                                       certificates; ? in it lists the keys
  rdpwhy explain [WORD]... [FILE]...   a cause, a number (neg:5, 0x904 0x7), and
                                       what captures say to it; topics: causes,
                                       codes, phases, filter, keys, events,
                                       json, exit
  rdpwhy ifaces                        the interfaces, with addresses
  rdpwhy completions SHELL             bash, zsh, fish, powershell, elvish
  rdpwhy man                           the manual page: rdpwhy man | man -l -

A file called tui is ./tui.
";

/// `rdpwhy explain --help`, `rdpwhy help tui`: what is different about that command; `None` where nothing is.
pub(super) fn of_command(name: &str) -> Option<&'static str> {
    match name {
        "explain" => Some(EXPLAIN),
        "tui" => Some(TUI),
        _ => None,
    }
}

const EXPLAIN: &str = "\
rdpwhy explain [WORD]... [FILE]...     what it means, what helps, what does not

  rdpwhy explain 0x904 0x7             both numbers of the client's dialog
  rdpwhy explain 0x904 0x7 FILE        and what the capture says to that
  rdpwhy explain 'Error code: 0x904'   a line as it was copied
  rdpwhy explain 'the logon attempt failed'
                                       the words of a dialog
  rdpwhy explain tls.cert-expired      a cause; tls lists a family of them
  rdpwhy explain neg:5 alert:45 krb:24 errinfo:0x5 status:0xC000006D event:36870
                                       numbers of one kind, or by symbol
  rdpwhy explain FILE                  what the capture says to what is usually
                                       advised

topics: causes, codes, phases, filter, keys, events, json, exit
With a capture, options as for judging it: -Y, --session, -f, --fail-on ...
";

const TUI: &str = "\
rdpwhy tui FILE...                     captures on a screen; - is standard input
rdpwhy tui -i IFACE [FILTER]           a running capture

  ? lists the keys of each screen (so does rdpwhy explain keys), q leaves.

  -Y, --where EXPR   begin with this filter    --session N  begin in this session
      --theme NAME   auto, dark, light, high-contrast, mono
      --ascii        only ASCII                --mouse  the mouse selects, opens
      --calm         redraw at most once in 5 s
      --bell         a death rings the bell (-i)
      --config FILE  instead of ~/.config/rdpwhy/config.toml; none reads none
      --utc, --tz ZONE                         whose clock

Options about packets and sessions as without tui: rdpwhy --help
";

/// One screen of 80x24.
#[must_use]
pub fn short_help() -> String {
    format!(
        "\
rdpwhy {}: why did that RDP session die, and at which packet?

  rdpwhy [options] FILE...             say what died and why (- is stdin)
  rdpwhy [options] -i IFACE [FILTER]   the same, live (FILTER as in tcpdump)
  rdpwhy tui FILE...                   the same on a screen, packet by packet
  rdpwhy explain [WORD|FILE]...        a cause, a number (0x904 0x7); what helps
  rdpwhy ifaces | man | completions SHELL

  -Y, --where EXPR    only these sessions, as in  'died client:10.20.0.0/16'
      --session N-M   by number       --from T  --to T  by time (09:14, +5m)
  -1, --brief         a line a session      -v  every frame      -q  totals only
      --json          a JSON object a session, one a line
  -w FILE             keep what -i captures   -b  in a ring   --keep died
  -o, --output FILE   report to FILE; .json .txt set the format
  -f, --capture EXPR  only these packets, as in tcpdump
  -c N, -a COND       stop after N packets; packets:N, duration:S, deaths:N
      --fail-on EXPR  exit 1 if a session matches (default: died)
      --utc           times in UTC (default: your zone, offset shown)
      --color WHEN    auto, always, never   --ascii  no line drawing

exit: 0 nothing died  1 something did  2 usage  3 cannot read  4 cannot judge
more: rdpwhy --help, rdpwhy man
",
        env!("CARGO_PKG_VERSION")
    )
}

/// Version and what was built in.
#[must_use]
pub fn version() -> String {
    let expressions = if cfg!(feature = "live") { "yes" } else { "no (built without libpcap)" };
    let live = if cfg!(all(feature = "live", unix)) { "yes" } else { "no" };
    format!("rdpwhy {}\nBPF expressions: {expressions}\nlive capture: {live}\n", env!("CARGO_PKG_VERSION"))
}

/// Every option that works, in groups, with an example for each group.
#[must_use]
pub fn long_help() -> String {
    const GROUPS: &[(&str, &str)] = &[
        (SOURCE, "rdpwhy -f 'host 10.20.4.17' monday-*.pcapng.gz"),
        (WHICH, "rdpwhy -Y 'died -scan (cause:tls.* or cause:neg.*)' day.pcapng"),
        (WHAT, "rdpwhy --json day.pcapng | jq -r 'select(.type==\"session\") | .cause'"),
        (HOW, "rdpwhy --tz America/New_York --ascii day.pcapng"),
    ];
    let version = env!("CARGO_PKG_VERSION");
    let mut text = format!("rdpwhy {version}: why did that RDP session die, and at which packet?\n\n{COMMANDS}");
    let command = shown();
    for (group, example) in GROUPS {
        let _ = write!(text, "\n{group}\n");
        for argument in command.get_arguments().filter(|argument| argument.get_help_heading() == Some(group)) {
            option(&mut text, argument);
        }
        let _ = write!(text, "\n  {example}\n");
    }
    text.push_str(
        "\nLetters of tcpdump: -n -l -U -s 0 are accepted and change nothing; letters about\n\
         the printing of packets (-X -A -t -e ...) are refused with what to use instead.\n\n",
    );
    text.push_str(EXIT_CODES);
    text.push('\n');
    text.push_str(EPILOGUE);
    text
}

/// `  -Y, --where EXPR    what it does`, wrapped at 80 columns.
fn option(text: &mut String, argument: &clap::Arg) {
    const COLUMN: usize = 24;
    let mut name = match (argument.get_short(), argument.get_long()) {
        (Some(short), Some(long)) => format!("-{short}, --{long}"),
        (Some(short), None) => format!("-{short}"),
        (None, Some(long)) => format!("    --{long}"),
        (None, None) => String::new(),
    };
    if argument.get_action().takes_values()
        && let Some(value) = argument.get_value_names().and_then(|names| names.first())
    {
        let gap = if name.is_empty() { "" } else { " " };
        let _ = write!(name, "{gap}{value}");
    }
    let help = argument.get_long_help().or_else(|| argument.get_help()).map(ToString::to_string).unwrap_or_default();
    let help = help.replace("\n\n", ". ");
    let indent = " ".repeat(COLUMN);
    let wrapped = textwrap::fill(&help, textwrap::Options::new(80).initial_indent(&indent).subsequent_indent(&indent));
    let name = format!("  {name}");
    if name.chars().count() + 2 > COLUMN {
        let _ = writeln!(text, "{name}\n{wrapped}");
    } else {
        let _ = writeln!(text, "{name:<COLUMN$}{}", wrapped.trim_start());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_help_fits_a_terminal_of_80_by_24_with_its_prompts() {
        let help = short_help();
        assert!(help.lines().count() <= 22, "{}", help.lines().count());
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
        assert!(help.is_ascii());
    }

    #[test]
    fn the_long_help_fits_80_columns_and_names_every_option() {
        let help = long_help();
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
        for argument in shown().get_arguments() {
            if let Some(long) = argument.get_long() {
                assert!(help.contains(&format!("--{long}")), "{long}");
            }
        }
    }

    #[test]
    fn the_short_help_promises_nothing_that_the_long_one_lacks() {
        let (short, long) = (short_help(), long_help());
        let options = short.split_whitespace().filter(|word| word.starts_with("--"));
        for option in options {
            let option = option.trim_end_matches([',', ';']);
            assert!(option == "--help" || long.contains(option), "{option}");
        }
    }
}
