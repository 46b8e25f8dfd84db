//! What other programs' fingers ask for and this one answers with one line; and what it cannot do yet.

use super::usage::Usage;

/// A letter that means something in tcpdump, tshark or dumpcap and cannot mean it here.
pub(super) struct Refused {
    /// The letter, without its hyphen; also its name in the definition.
    pub(super) letter: &'static str,
    /// What to do instead.
    pub(super) instead: &'static str,
}

const BYTES: &str = "see the bytes with rdpwhy tui FILE, key 3, or with the wireshark command at the end of the report";

/// Letters about the way packets are printed: rdpwhy prints verdicts.
pub(super) const LETTERS: &[Refused] = &[
    // Before -e, which tshark has behind it.
    Refused {
        letter: "T",
        instead: "RDP is recognised by its bytes; for fields use --json, as in: rdpwhy --json FILE | jq -r .cause",
    },
    Refused { letter: "t", instead: "the report gives steps and absolute times; choose the zone with --utc or --tz" },
    Refused { letter: "X", instead: BYTES },
    Refused { letter: "x", instead: BYTES },
    Refused { letter: "A", instead: BYTES },
    Refused {
        letter: "e",
        instead: "link headers are not shown, use tcpdump -e -r FILE; for fields use --json and jq",
    },
    Refused { letter: "E", instead: "IPsec is not decrypted; let tcpdump or wireshark do it" },
    Refused { letter: "S", instead: "sequence numbers are not shown; use tcpdump -S -r FILE" },
    Refused { letter: "z", instead: "for totals use -q, for statistics --json" },
    Refused {
        letter: "d",
        instead: "RDP is recognised on any port, --port is for sessions that began before the capture; an interface: -i",
    },
    // Letters about capturing and keeping.
    Refused { letter: "C", instead: "the next file of -w begins with -b filesize:KB" },
    Refused { letter: "G", instead: "the next file of -w begins with -b duration:S" },
    Refused { letter: "W", instead: "so many files of -w are kept with -b files:N" },
    Refused { letter: "F", instead: "the expression stands behind -f itself, as in -f \"$(cat FILE)\"" },
    Refused {
        letter: "I",
        instead: "802.11 is not read, and -D lists the interfaces that are; a file needs no letter, or -r",
    },
    Refused { letter: "L", instead: "an interface is read as it comes; for all of them use -D" },
    Refused { letter: "y", instead: "an interface is read as it comes; for all of them use -D" },
    Refused { letter: "j", instead: CLOCK },
    Refused { letter: "J", instead: CLOCK },
    Refused { letter: "O", instead: "the filter's code is always optimised; leave -O out" },
    Refused { letter: "Q", instead: "a verdict needs both directions; leave -Q out" },
    Refused { letter: "k", instead: "capturing begins at once; leave -k out" },
    Refused { letter: "g", instead: "goes to a packet in wireshark; in rdpwhy tui FILE, : and a number does" },
    // Letters about what is read, and how.
    Refused { letter: "R", instead: "for sessions use -Y, for packets -f" },
    Refused { letter: "N", instead: "addresses are shown as captured; leave -N out" },
    Refused { letter: "K", instead: "checksums are not verified; leave -K out" },
    Refused { letter: "M", instead: "signatures of TCP segments are not verified; use tcpdump -M SECRET -r FILE" },
    Refused { letter: "H", instead: "802.11 is not read; use tcpdump -H -r FILE" },
    Refused { letter: "P", instead: "packets are not printed; use tcpdump -r FILE" },
    Refused { letter: "u", instead: "packets are not printed; use tcpdump -u -r FILE" },
    Refused { letter: "m", instead: "packets are not printed; use tcpdump -m MODULE -r FILE" },
];

/// Those among them behind which other programs want a value.
pub(super) const WITH_VALUE: &[&str] =
    &["T", "E", "z", "d", "C", "G", "W", "F", "y", "j", "Q", "g", "R", "N", "M", "H", "m"];

/// The answer to such a letter.
pub(super) fn letter(refused: &Refused) -> Usage {
    Usage::new(format!("-{}: {}", refused.letter, refused.instead))
}

/// An option that has its place but no work in this version.
pub(super) struct Later {
    /// As clap knows it.
    pub(super) id: &'static str,
    /// One letter, if any.
    pub(super) short: Option<char>,
    /// Long name.
    pub(super) long: &'static str,
    /// Whether a value follows.
    pub(super) takes_value: bool,
    /// What it is about, with its verb, and what to do until then.
    pub(super) answer: &'static str,
}

const CLOCK: &str = "the interface's own clocks are not in this version; packets are stamped by the kernel";

/// Options of later versions: known by name, so that the answer is honest and not "no such option".
pub(super) const LATER: &[Later] = &[
    Later { id: "time-type", short: None, long: "ts-type", takes_value: true, answer: CLOCK },
    Later {
        id: "keylog",
        short: None,
        long: "keylog",
        takes_value: true,
        answer: "TLS is not decrypted in this version; verdicts rest on what can be seen without keys",
    },
    Later {
        id: "redact",
        short: None,
        long: "redact",
        takes_value: false,
        answer: "redaction is not in this version yet; reports show addresses, names and user hints as captured",
    },
    Later {
        id: "redact-map",
        short: None,
        long: "redact-map",
        takes_value: true,
        answer: "redaction is not in this version yet; reports show addresses, names and user hints as captured",
    },
    Later {
        id: "names",
        short: None,
        long: "names",
        takes_value: true,
        answer: "host names are not in this version yet; addresses are shown as captured",
    },
    Later {
        id: "resolve",
        short: None,
        long: "resolve",
        takes_value: false,
        answer: "host names are not in this version yet; addresses are shown as captured",
    },
];

/// A command of later versions.
pub(super) const COMMANDS: &[(&str, &str)] = &[
    ("probe", "probing a host is not in this version yet; capture an attempt and use: rdpwhy FILE"),
    ("carve", "cutting out sessions is not in this version yet; use: tcpdump -r IN -w OUT 'host A and host B'"),
    ("annotate", "writing into captures is not in this version yet; the report gives the frame numbers"),
];

/// Commands that work.
pub(super) const WORKING: &[&str] = &["tui", "explain", "ifaces", "completions", "man"];

/// The answer to an option of a later version.
pub(super) fn later(option: &Later) -> Usage {
    let name = option.short.map_or_else(|| format!("--{}", option.long), |letter| format!("-{letter}"));
    answer(&name, option.answer)
}

/// What is missing, and behind the semicolon what to do until then: on a line of its own, where a command stays whole.
fn answer(name: &str, text: &str) -> Usage {
    match text.split_once("; ") {
        Some((what, help)) => Usage::new(format!("{name}: {what}")).help(help),
        None => Usage::new(format!("{name}: {text}")),
    }
}

/// The answer to an option of a running capture (`name`) where files are read.
pub(super) fn only_live(name: &str) -> Usage {
    match name {
        "-w" => {
            answer(name, "keeps what -i captures, and this is a file; for a part of a file use: tcpdump -r IN -w OUT")
        }
        _ => answer(name, "is for capturing with -i, and this is a file"),
    }
}

/// The answer to a command of a later version; `None` when `word` is no such command.
pub(super) fn command(word: &str) -> Option<Usage> {
    let (name, text) = COMMANDS.iter().find(|(name, _)| *name == word)?;
    let usage = answer(name, text);
    Some(if std::path::Path::new(name).exists() {
        usage.help(format!("a file of that name is ./{name}"))
    } else {
        usage
    })
}
