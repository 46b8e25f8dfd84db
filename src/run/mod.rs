//! Chooses source and view, and maps the outcome to an exit code. Judges nothing and draws nothing itself.

mod carved;
mod complaint;
mod config;
mod early;
mod exit;
mod explain;
#[cfg(all(feature = "live", unix))]
mod files;
mod flowing;
mod follow;
mod judge;
#[cfg(all(feature = "live", unix))]
mod live;
mod look;
mod moments;
mod output;
mod packets;
mod piped;
mod plug;
#[cfg(all(feature = "live", unix))]
mod rights;
#[cfg(all(feature = "live", unix))]
mod sandbox;
mod screen;
#[cfg(all(feature = "live", unix))]
mod screen_live;
#[cfg(all(feature = "live", unix))]
mod seconds;
mod signals;
mod status;
mod teller;
#[cfg(all(feature = "live", unix))]
mod tended;
mod watched;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::cli::{self, Color, Command, Form, Options, Selection};
use crate::report::text::ClaimReport;
use complaint::Complaint;
pub use exit::end;
use output::{Stderr, to_stdout};

/// Runs the program; the first of `words` is its own name. Answers what to exit with.
#[must_use]
pub fn main(words: impl IntoIterator<Item = OsString>) -> u8 {
    let stderr = Stderr { width: 80, color: look::color_on_stderr(Color::Auto) };
    // A bug is told in the same form as everything else: no thread names, no backtrace, but the place to report.
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let payload = info.payload();
        let text =
            payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        stderr.error(
            &Complaint::new("rdpwhy has a bug, and this input met it")
                .at(place)
                .note("note", text.unwrap_or("no reason given"))
                .note("help", "please report it with these lines and the output of rdpwhy -V"),
        );
    }));
    let words: Vec<OsString> = words.into_iter().collect();
    catch_unwind(AssertUnwindSafe(|| command(words, stderr))).unwrap_or(exit::UNREADABLE)
}

fn command(words: Vec<OsString>, stderr: Stderr) -> u8 {
    let command = match cli::parse(words) {
        Ok(command) => command,
        Err(usage) => {
            stderr.error(&usage.into());
            return exit::USAGE;
        }
    };
    match command {
        Command::Print(text) => print(&text, stderr),
        Command::Explain(words, options) => explained(&words, *options, stderr),
        Command::Screen(options) => screen::screen(*options),
        #[cfg(all(feature = "live", unix))]
        Command::Live(options) => live::live(&options),
        #[cfg(all(feature = "live", unix))]
        Command::Interfaces => live::interfaces(stderr),
        #[cfg(not(all(feature = "live", unix)))]
        Command::Live(_) | Command::Interfaces => {
            let complaint = Complaint::new("this build cannot capture: it has no libpcap");
            stderr.error(&complaint.note("help", "pipe it: tcpdump -U -w - | rdpwhy -"));
            exit::USAGE
        }
        Command::Judge(options) => match explain::meant(&options.inputs) {
            Some(complaint) => {
                stderr.error(&complaint);
                exit::UNREADABLE
            }
            None => judge::judge(&options),
        },
        Command::Nothing(_) if output::stdin_is_terminal() => {
            stderr.text(&cli::short_help());
            exit::USAGE
        }
        Command::Nothing(options) => judge::judge(&Options { inputs: vec!["-".into()], ..*options }),
    }
}

/// Explains `words`; those among them that name captures are judged, and asked what they say to it.
fn explained(words: &[String], mut options: Options, stderr: Stderr) -> u8 {
    let (words, captures) = explain::split(words);
    let is_text = options.view.form == Form::Text && options.view.file.is_none() && !options.view.silent;
    if !is_text {
        let complaint = Complaint::new("explain answers in text, on standard output");
        stderr.error(&complaint.note("help", "for other forms leave explain away: rdpwhy --json FILE"));
        return exit::USAGE;
    }
    if captures.is_empty() && (options.selection != Selection::default() || options.packets.is_some()) {
        let complaint = Complaint::new("-Y, --session, --from, --to and -f choose from a capture, and none is named");
        stderr.error(&complaint.note("help", "rdpwhy explain 0x904 FILE -Y died"));
        return exit::USAGE;
    }
    let note = explain::note(&words);
    let alone = words.is_empty() && !captures.is_empty();
    let (page, complaints) = if alone { Default::default() } else { explain::explain(&words) };
    let mut text = page.to_string();
    if !text.is_empty() && !captures.is_empty() {
        text.push('\n');
    }
    let code = print(&text, stderr);
    complaints.iter().for_each(|complaint| stderr.error(complaint));
    match (complaints.is_empty(), captures.is_empty()) {
        (false, _) => exit::USAGE,
        (true, true) => code,
        (true, false) => {
            options.inputs = captures;
            judge::judge_as(&options, Some(&ClaimReport { note }))
        }
    }
}

fn print(text: &str, stderr: Stderr) -> u8 {
    match to_stdout(|out| out.write_all(text.as_bytes())) {
        Ok(_) => 0,
        Err(complaint) => {
            stderr.error(&complaint);
            exit::UNREADABLE
        }
    }
}
