//! From words as typed to plain data, and from clap's complaints to ours.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, FromArgMatches as _};

use super::definition::{Raw, completions, parser, shown};
use super::manual::manual;
use super::options::{Command, FailOn, Form, Look, Options, Selection, Stop, View, Zone};
use super::refused::{self, LATER, LETTERS, WORKING};
use super::usage::{Usage, nearest};
use super::{help, values};

/// `explain -1073741715`: logs write an HRESULT as a signed number, and behind `explain` that is a word and no options. One
/// digit is one (`-1`).
pub(super) fn explainable(mut words: Vec<OsString>) -> Vec<OsString> {
    let is_word = |word: &OsString| word.to_str().is_none_or(|word| !word.starts_with('-'));
    if words.iter().skip(1).find(|word| is_word(word)).is_some_and(|first| first == "explain") {
        for word in &mut words {
            let signed = word.to_str().filter(|text| text.len() > 2).and_then(|text| text.parse::<i32>().ok());
            if let Some(number) = signed.filter(|number| *number < 0) {
                *word = format!("{:#010x}", number.cast_unsigned()).into();
            }
        }
    }
    words
}

/// What the words ask for.
pub(super) fn command(words: Vec<OsString>) -> Result<Command, Usage> {
    let matches = parser().try_get_matches_from(words).map_err(|error| complaint(&error))?;
    let mut raw = Raw::from_arg_matches(&matches).map_err(|error| complaint(&error))?;
    if raw.long_help || raw.short_help {
        let command = raw.words.first().and_then(|word| word.to_str()).and_then(help::of_command);
        if let Some(text) = command {
            return Ok(Command::Print(text.to_owned()));
        }
    }
    if raw.long_help {
        return Ok(Command::Print(help::long_help()));
    }
    if raw.short_help {
        return Ok(Command::Print(help::short_help()));
    }
    if raw.version {
        return Ok(Command::Print(help::version()));
    }
    if let Some(usage) = not_here(&matches) {
        return Err(usage);
    }
    if raw.interfaces {
        return Ok(Command::Interfaces);
    }
    if !raw.interface.is_empty() {
        return super::live::live(raw, &matches);
    }
    if raw.read.is_empty()
        && let Some(command) = by_name(&raw.words)?
    {
        return match command {
            Command::Screen(_) => {
                raw.words.remove(0);
                screen(raw)
            }
            Command::Explain(words, _) => {
                raw.words.clear();
                Ok(Command::Explain(words, Box::new(options(raw)?)))
            }
            command => Ok(command),
        };
    }
    if raw.tui {
        return screen(raw);
    }
    let options = Box::new(options(raw)?);
    Ok(if options.inputs.is_empty() { Command::Nothing(options) } else { Command::Judge(options) })
}

/// The terminal UI shows sessions, so what is about the text of a report has no place there.
pub(super) fn no_report(raw: &Raw) -> Result<(), Usage> {
    let asked = [
        (raw.brief, "--brief"),
        (raw.json || raw.format.is_some(), "--json and --format"),
        (raw.quiet > 0, "-q"),
        (raw.each, "--each"),
        (raw.separate, "--separate"),
        (!raw.output.is_empty(), "-o"),
    ];
    if let Some((_, name)) = asked.iter().find(|(is_asked, _)| *is_asked) {
        return Err(Usage::new(format!("{name}: the terminal UI writes no report by itself; press w in it"))
            .help("for a report leave tui out"));
    }
    Ok(())
}

/// The terminal UI of captures.
fn screen(raw: Raw) -> Result<Command, Usage> {
    no_report(&raw)?;
    let options = Box::new(options(raw)?);
    if options.inputs.is_empty() {
        return Err(Usage::new("tui wants captures to show").help("rdpwhy tui FILE; - is standard input"));
    }
    Ok(Command::Screen(options))
}

/// The answer to options that other programs have, or that a later version will.
fn not_here(matches: &ArgMatches) -> Option<Usage> {
    let given = |id: &str| matches.value_source(id) == Some(clap::parser::ValueSource::CommandLine);
    if let Some(option) = LATER.iter().find(|option| given(option.id)) {
        return Some(refused::later(option));
    }
    if let Some(letter) = LETTERS.iter().find(|refused| given(refused.letter)) {
        return Some(refused::letter(letter));
    }
    // tcpdump's way of saying "everything"; less than that would mean cutting packets, which only a capture can do.
    if given("interface") {
        return None;
    }
    let lengths = matches.get_many::<String>("snaplen").into_iter().flatten();
    lengths
        .filter(|length| length.parse::<u32>().map_or(true, |length| length != 0 && length < 262_144))
        .map(|length| Usage::new(format!("-s {length}: packets are read whole; only a capturing program can cut them")))
        .next()
}

/// A command, when the first word is one.
fn by_name(words: &[OsString]) -> Result<Option<Command>, Usage> {
    let Some(first) = words.first().and_then(|word| word.to_str()) else { return Ok(None) };
    let rest = || words[1..].iter().map(|word| word.to_string_lossy().into_owned());
    if let Some(usage) = refused::command(first) {
        return Err(usage);
    }
    match first {
        "ifaces" | "man" if words.len() > 1 => {
            let word = words[1].to_string_lossy();
            return Err(Usage::new(format!("{first} stands alone; what is {word} for?"))
                .help(format!("a file of that name is ./{first}")));
        }
        // As git and cargo have it; there is nothing else that a missing file of that name could be.
        "help" if !Path::new(first).exists() => {
            let of_command = rest().next().and_then(|word| help::of_command(&word));
            return Ok(Some(Command::Print(of_command.map_or_else(help::short_help, str::to_owned))));
        }
        "version" if !Path::new(first).exists() => return Ok(Some(Command::Print(help::version()))),
        "ifaces" => return Ok(Some(Command::Interfaces)),
        "man" => return Ok(Some(Command::Print(manual()))),
        "tui" => return Ok(Some(Command::Screen(Box::default()))),
        "explain" => return Ok(Some(Command::Explain(rest().collect(), Box::default()))),
        "completions" => {
            const KNOWN: &str = "bash, zsh, fish, powershell, elvish";
            let Some(shell) = rest().next() else {
                return Err(Usage::new("completions for which shell?").known(KNOWN));
            };
            let text = completions(&shell);
            let text = text.ok_or_else(|| Usage::new(format!("no completions for {shell}")).known(KNOWN))?;
            return Ok(Some(Command::Print(text)));
        }
        _ => {}
    }
    match nearest(first, WORKING.iter().copied()) {
        Some(command) if !Path::new(first).exists() => {
            Err(Usage::new(format!("no such command: {first}; did you mean {command}?")))
        }
        _ => Ok(None),
    }
}

fn options(raw: Raw) -> Result<Options, Usage> {
    let asked = [
        (raw.write.is_some(), "-w"),
        (raw.buffer.is_some(), "-B"),
        (raw.modest, "-p"),
        (raw.user.is_some(), "-Z"),
        (!raw.ring.is_empty(), "-b"),
        (raw.keep.is_some(), "--keep"),
    ];
    if let Some((_, name)) = asked.iter().find(|(is_asked, _)| *is_asked) {
        return Err(refused::only_live(name));
    }
    if raw.read.is_empty()
        && let Some(usage) = filter_among(&raw.words.iter().map(PathBuf::from).collect::<Vec<_>>())
    {
        return Err(usage);
    }
    let options = options_with(raw)?;
    // A session of a file is judged in the light of all others, so there is no death before the end.
    if options.stop.sessions.is_some() || options.stop.deaths.is_some() {
        return Err(Usage::new("-a sessions:N and deaths:N end a running capture (-i); a file is judged as a whole"));
    }
    if options.stop.bytes.is_some() || options.stop.files.is_some() {
        return Err(Usage::new("-a filesize:KB and files:N are about what -i keeps with -w"));
    }
    Ok(options)
}

pub(super) fn options_with(raw: Raw) -> Result<Options, Usage> {
    let words = raw.words.iter().map(PathBuf::from).collect::<Vec<_>>();
    let capture = once(raw.capture, "-f", "join both expressions with and")?;
    let filter = once(raw.filter, "-Y", "write both expressions into one")?;
    let output = once(raw.output, "-o", "a report goes into one file")?;
    let (inputs, packets) =
        if raw.read.is_empty() { (words, capture) } else { (raw.read, expression(&words, capture)?) };
    let mut stop = Stop { packets: raw.count, ..Stop::default() };
    for condition in &raw.autostop {
        values::condition(&mut stop, condition)
            .map_err(|why| Usage::new(format!("-a {condition}: cannot be used")).note(why))?;
    }
    let form = form(raw.json, raw.format.as_deref(), raw.brief, raw.quiet)?;
    let output = output.filter(|path| path != Path::new("-"));
    let is_asked = raw.json || raw.format.is_some();
    let file = output.map(|path| ending(&path, form, is_asked).map(|form| (path, form))).transpose()?;
    let view = View {
        // With -o the report is in the file, and what remains for the terminal is how it went.
        form: if file.is_some() { Form::Totals } else { form },
        each: raw.each,
        verbose: raw.verbose.min(2),
        silent: raw.quiet > 1,
        file,
    };
    if let (Some(from), Some(to)) = (raw.from, raw.to)
        && values::is_before(to, from)
    {
        return Err(Usage::new("--to is before --from: no session can be between them"));
    }
    let zone = match (raw.utc, raw.tz) {
        (true, _) => Zone::Utc,
        (false, Some(name)) => Zone::Named(name),
        (false, None) => Zone::Local,
    };
    Ok(Options {
        inputs,
        live: super::options::Live::default(),
        packets,
        ports: raw.port,
        stop,
        memory: raw.memory,
        separate: raw.separate,
        selection: Selection { filter, numbers: raw.session, from: raw.from, to: raw.to },
        view,
        fail_on: match raw.fail_on {
            None => FailOn::Died,
            Some(word) if word == "never" => FailOn::Never,
            Some(expression) => FailOn::Matching(expression),
        },
        look: Look {
            color: raw.color.unwrap_or_default(),
            ascii: raw.ascii,
            zone,
            width: raw.width.map(usize::from),
            theme: raw.theme,
            calm: raw.calm,
            mouse: raw.mouse,
            config: raw.config,
            bell: raw.bell,
        },
    })
}

/// What may be given once: the first would be forgotten in silence.
pub(super) fn once<T>(mut values: Vec<T>, name: &str, cure: &str) -> Result<Option<T>, Usage> {
    if values.len() > 1 {
        return Err(Usage::new(format!("{name} stands there {} times", values.len())).help(cure.to_owned()));
    }
    Ok(values.pop())
}

/// The words after `-r FILE`.
pub(super) fn expression(words: &[PathBuf], capture: Option<String>) -> Result<Option<String>, Usage> {
    if words.is_empty() {
        return Ok(capture);
    }
    if words.iter().all(|word| word.is_file()) {
        let files = words.iter().map(|word| word.display().to_string()).collect::<Vec<_>>().join(" ");
        return Err(Usage::new("what follows -r FILE is a BPF expression, as in tcpdump")
            .help(format!("for several files leave out -r: rdpwhy FILE {files}")));
    }
    if capture.is_some() {
        return Err(
            Usage::new("two BPF expressions: one with -f, one after -r FILE").help("join them with and, under -f")
        );
    }
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    Ok(Some(words.join(" ")))
}

fn form(json: bool, format: Option<&str>, brief: bool, quiet: u8) -> Result<Form, Usage> {
    let format = match format {
        None if json => Some(Form::Json),
        None => None,
        Some("json") => Some(Form::Json),
        Some("text") if json => return Err(Usage::new("--json and --format text exclude each other")),
        Some("text") => None,
        Some(other @ ("plain" | "md" | "html" | "csv")) => {
            return Err(Usage::new(format!("--format {other}: not in this version, which writes text and json")));
        }
        Some(other) => {
            let usage = Usage::new(format!("--format {other}: no such format; there are text and json"));
            return Err(match nearest(other, ["text", "json"]) {
                Some(near) => usage.help(format!("did you mean --format {near}?")),
                None => usage,
            });
        }
    };
    match (format, brief, quiet) {
        (Some(_), _, 1) => Err(Usage::new("-q and --json exclude each other")
            .help("the last line of --json is the totals: rdpwhy --json FILE | tail -n 1")),
        (Some(Form::Json), true, _) => Ok(Form::BriefJson),
        (Some(form), _, _) => Ok(form),
        (None, true, _) => Ok(Form::Brief),
        (None, false, 0) => Ok(Form::Text),
        (None, false, _) => Ok(Form::Totals),
    }
}

/// The form that a file's ending asks for; `form` when it asks for none. Nobody is given another one than he named.
fn ending(path: &Path, form: Form, is_asked: bool) -> Result<Form, Usage> {
    const KNOWN: &str = "there are .txt and .json";
    let extension_of = |path: &Path| path.extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    let is_capture = |extension: &str| matches!(extension, "pcap" | "pcapng" | "cap");
    let extension = extension_of(path);
    let refused = |why: &str| Err(Usage::new(format!("-o {}: {why}; {KNOWN}", path.display())));
    match extension.as_str() {
        "json" | "jsonl" | "ndjson" if matches!(form, Form::Brief | Form::BriefJson) => Ok(Form::BriefJson),
        "json" | "jsonl" | "ndjson" if is_asked && form != Form::Json => refused("--format asks for another form"),
        "json" | "jsonl" | "ndjson" => Ok(Form::Json),
        "txt" | "text" if matches!(form, Form::Json | Form::BriefJson) => refused("--json asks for another form"),
        "html" | "htm" | "md" | "csv" => refused(&format!(".{extension} is not in this version")),
        capture if is_capture(capture) => refused("a report is not a capture"),
        "gz" | "zst" | "lz4" | "xz" | "bz2" if is_capture(&extension_of(&path.with_extension(""))) => {
            refused("a report is not a capture")
        }
        _ => Ok(form),
    }
}

/// Words of a BPF expression that stand behind files without `-r`, as nobody's fingers know: they are no files.
fn filter_among(words: &[PathBuf]) -> Option<Usage> {
    const BEGINS: &[&str] = &[
        "host",
        "net",
        "port",
        "portrange",
        "src",
        "dst",
        "tcp",
        "udp",
        "icmp",
        "icmp6",
        "ip",
        "ip6",
        "arp",
        "vlan",
        "ether",
        "not",
        "and",
        "or",
        "less",
        "greater",
    ];
    let is_filter = |word: &PathBuf| word.to_str().is_some_and(|word| BEGINS.contains(&word)) && !word.exists();
    let at = words.iter().skip(1).position(is_filter)? + 1;
    let (files, filter) = words.split_at(at);
    if !files.iter().all(|file| file.exists() || file == Path::new("-")) {
        return None;
    }
    let joined = |words: &[PathBuf]| words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let (files, filter) = (joined(files), joined(filter));
    let usage =
        Usage::new(format!("{}: no such file; a filter stands behind -r FILE, or with -f", words[at].display()));
    Some(usage.help(format!("rdpwhy -f '{filter}' {files}")))
}

/// What clap has to say, in our form.
fn complaint(error: &clap::Error) -> Usage {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    // `--where <EXPR>` and `-1` alike: the name, without the sketch of its value.
    let option = text(ContextKind::InvalidArg).unwrap_or_default();
    let name = option.split([' ', '=']).next().unwrap_or_default().trim_end_matches("...").to_owned();
    let value = text(ContextKind::InvalidValue).unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let usage = Usage::new(format!("no such option: {name}"));
            match near_option(&name) {
                Some(near) => usage.help(format!("did you mean {near}?")),
                None => usage.help("rdpwhy -h lists the options; a file of that name is ./ and the name"),
            }
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if value.is_empty() => {
            let help = if name == "--interface" { "rdpwhy ifaces lists them" } else { "rdpwhy -h shows which" };
            Usage::new(format!("{name} wants a value")).help(help)
        }
        ErrorKind::InvalidValue => {
            let usage = Usage::new(format!("{name} {value}: no such choice"));
            match error.get(ContextKind::ValidValue) {
                Some(ContextValue::Strings(known)) => usage.known(known.join(", ")),
                _ => usage,
            }
        }
        ErrorKind::ValueValidation => {
            let usage = Usage::new(format!("{name} {value}: cannot be used"));
            match std::error::Error::source(error) {
                // What the standard library says of digits helps nobody who mistyped one.
                Some(source) if source.is::<std::num::ParseIntError>() || source.to_string().contains("digit") => {
                    usage.note("a whole number is wanted")
                }
                Some(source) => usage.note(source.to_string()),
                None => usage,
            }
        }
        ErrorKind::ArgumentConflict => match text(ContextKind::PriorArg) {
            Some(prior) => {
                let prior = prior.split(' ').next().unwrap_or_default().trim_end_matches("...");
                Usage::new(format!("{name} and {prior} exclude each other"))
            }
            None => Usage::new(format!("{name} does not go with the other options")),
        },
        _ => {
            let rendered = error.to_string();
            let line = rendered.lines().next().unwrap_or_default();
            Usage::new(line.trim_start_matches("error: ").to_owned())
        }
    }
}

fn near_option(name: &str) -> Option<String> {
    let typed = name.strip_prefix("--")?;
    if matches!(typed, "no-color" | "no-colour" | "nocolor" | "nocolour") {
        return Some("--color never".to_owned());
    }
    let command = shown();
    let longs: Vec<_> = command.get_arguments().filter_map(clap::Arg::get_long).collect();
    nearest(typed, longs.iter().copied())
        .or_else(|| longs.iter().copied().find(|long| typed.len() > 2 && long.starts_with(typed)))
        .map(|near| format!("--{near}"))
}

#[cfg(test)]
mod tests;
