//! What a running capture is asked, from words to plain data.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::definition::Raw;
use super::options::{Command, Kept, Live, Ring, Stop};
use super::translate::{expression, no_report, once, options_with};
use super::usage::Usage;
use super::values;

/// A running capture.
pub(super) fn live(mut raw: Raw, matches: &ArgMatches) -> Result<Command, Usage> {
    let is_screen = raw.tui || raw.words.first().is_some_and(|word| word == "tui");
    if is_screen {
        if raw.words.first().is_some_and(|word| word == "tui") {
            raw.words.remove(0);
        }
        no_report(&raw)?;
    }
    let are_files = !raw.words.is_empty() && raw.words.iter().all(|word| Path::new(word).is_file());
    if !raw.read.is_empty() || are_files {
        return Err(Usage::new("either -i IFACE or files, not both")
            .help("what follows -i IFACE is a BPF expression, as in tcpdump"));
    }
    let asked = [
        (raw.separate, "--separate: is about files"),
        (raw.from.is_some() || raw.to.is_some(), "--from, --to: a running capture has no other time than now; see -a"),
    ];
    if let Some((_, why)) = asked.iter().find(|(is_asked, _)| *is_asked) {
        return Err(Usage::new(*why));
    }
    if raw.write.as_ref().is_some_and(|path| path.as_os_str() == "-") {
        return Err(Usage::new("-w -: standard output is for what is found").help("packets only: tcpdump -U -w -"));
    }
    let words: Vec<PathBuf> = std::mem::take(&mut raw.words).into_iter().map(PathBuf::from).collect();
    let capture = once(std::mem::take(&mut raw.capture), "-f", "join both expressions with and")?;
    raw.capture = expression(&words, capture)?.into_iter().collect();
    let snap = matches.get_many::<String>("snaplen").into_iter().flatten().next_back();
    let snap = snap
        .map(|length| length.parse::<u32>().map_err(|_| Usage::new(format!("-s {length}: wants a number of bytes"))));
    let mut live = Live {
        interfaces: std::mem::take(&mut raw.interface),
        snap: snap.transpose()?.filter(|length| *length > 0),
        buffer: raw.buffer.map(|kib| kib.saturating_mul(1024)),
        modest: raw.modest,
        user: raw.user.take(),
        keep: raw.write.take(),
        ring: ring(&std::mem::take(&mut raw.ring))?,
        kept: raw.keep.take().unwrap_or_default(),
    };
    if live.keep.is_some() && live.keep.as_ref() == raw.output.first() {
        return Err(Usage::new("-w and -o name the same file: packets and report want one each"));
    }
    let mut seen = BTreeSet::new();
    live.interfaces.retain(|name| seen.insert(name.clone()));
    raw.buffer = None;
    raw.modest = false;
    let mut options = options_with(raw)?;
    files(&mut live, &mut options.stop)?;
    options.live = live;
    Ok(if is_screen { Command::Screen(Box::new(options)) } else { Command::Live(Box::new(options)) })
}

fn ring(conditions: &[String]) -> Result<Option<Ring>, Usage> {
    if conditions.is_empty() {
        return Ok(None);
    }
    let mut ring = Ring::default();
    for condition in conditions {
        values::turn(&mut ring, condition)
            .map_err(|why| Usage::new(format!("-b {condition}: cannot be used")).note(why))?;
    }
    Ok(Some(ring))
}

/// Whether what was asked of files goes together.
fn files(live: &mut Live, stop: &mut Stop) -> Result<(), Usage> {
    let asked = [
        (live.ring.is_some(), "-b"),
        (live.kept != Kept::All, "--keep"),
        (stop.bytes.is_some(), "-a filesize:KB"),
        (stop.files.is_some(), "-a files:N"),
    ];
    if let (None, Some((_, name))) = (&live.keep, asked.iter().find(|(is_asked, _)| *is_asked)) {
        return Err(
            Usage::new(format!("{name}: says how packets are kept, and -w says where")).help("add -w rdp.pcapng")
        );
    }
    match &mut live.ring {
        Some(ring) => {
            // As in dumpcap: with several files, the size ends the file and not the capture.
            ring.bytes = ring.bytes.or(stop.bytes.take());
            if ring.bytes.is_none() && ring.seconds.is_none() && ring.packets.is_none() {
                return Err(Usage::new("-b files:N: when does the next file begin?")
                    .help("add -b filesize:51200, -b duration:1h or -b packets:N"));
            }
        }
        None if stop.files.is_some() => {
            return Err(Usage::new("-a files:N: there is one file; several are made with -b")
                .help("add -b filesize:51200 or -b duration:1h"));
        }
        None => {}
    }
    Ok(())
}
