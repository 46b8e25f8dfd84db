//! The terminal UI: reading and judging on one thread, re-reading packets on another, the screen on this one.

use std::fs::OpenOptions;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::carved;
use super::complaint::Complaint;
use super::config;
use super::exit;
use super::explain;
use super::judge::{self, Job};
use super::look::{color_on_stderr, is_dumb};
use super::output::Stderr;
use super::packets;
use super::piped::Piped;
use super::plug::{self, Judged};
use crate::capture::{CaptureError, Progress, Source as _, reason};
use crate::cli::Options;
use crate::diagnose::Case;
use crate::pump::Watcher;
use crate::report::format::shell_word;
use crate::report::pen::clean;
use crate::report::time;
use crate::tui::feed::{self, News, Packets, Request, Whole};
use crate::tui::theme::{Look, Theme};
use crate::tui::{Farewell, Start, show};

/// News that may wait for the screen.
pub(super) const WAITING: usize = 8;
/// Between two batches of provisional sessions.
const PAUSE: Duration = Duration::from_millis(100);
/// Sessions of such a batch.
const BATCH: usize = 200;
/// Between two pictures that nobody asked for; `--calm` makes them rare.
const PACE: Duration = Duration::from_millis(250);
const CALM: Duration = Duration::from_secs(5);

/// Saves the packets of a running capture into a new file, and answers where they are.
pub(super) type Keeper = Box<dyn Fn(&Path) -> Result<PathBuf, String> + Send>;

/// Shows what `options` name; answers what to exit with.
pub(super) fn screen(options: Options) -> u8 {
    let stderr = Stderr { width: 80, color: color_on_stderr(options.look.color) };
    let refused = |complaint: &Complaint| {
        stderr.error(complaint);
        exit::USAGE
    };
    if !std::io::stdout().is_terminal() || is_dumb() {
        let words: Vec<_> = options.inputs.iter().map(shell_word).collect();
        let interfaces: Vec<_> = options.live.interfaces.iter().map(|name| format!("-i {name}")).collect();
        let instead = format!("for text use: rdpwhy {}", [interfaces, words].concat().join(" "));
        return refused(&Complaint::new("tui needs a terminal").note("help", instead));
    }
    #[cfg(all(feature = "live", unix))]
    if !options.live.interfaces.is_empty() {
        return super::screen_live::screen(options);
    }
    let prepared = Job::new(&options, None, stderr).and_then(|job| Ok((start(&job)?, opened(&job))));
    let (start, opened) = match prepared {
        Ok(prepared) => prepared,
        Err(complaint) => return refused(&complaint),
    };
    let source = match opened.transpose() {
        Ok(source) => source,
        Err(error) => {
            // What cannot be read at all needs no screen to say so.
            stderr.error(&error.into());
            return exit::UNREADABLE;
        }
    };
    let (news, feed) = sync_channel(WAITING);
    let (ask, asked) = channel();
    serve(asked, news.clone(), None, Some(Again::of(&options, &news)));
    read(options, source, news, false);
    leave(show(start, feed, &ask), stderr)
}

/// The last words, and what to exit with.
pub(super) fn leave(shown: std::io::Result<Farewell>, stderr: Stderr) -> u8 {
    match shown {
        Ok(farewell) => {
            stderr.text(&farewell.lines.iter().map(|line| clean(line, false) + "\n").collect::<String>());
            farewell.signal.map_or(0, |signal| 128 + signal as u8)
        }
        Err(error) => {
            stderr.error(&Complaint::new(format!("the terminal cannot be used: {error}")));
            exit::USAGE
        }
    }
}

/// The files, opened before there is a screen. A pipe may keep one waiting, and is opened behind it.
fn opened(job: &Job<'_>) -> Option<Result<judge::Opened, CaptureError>> {
    let inputs = &job.options.inputs;
    let is_pipe = inputs.iter().any(|path| path.as_os_str() == "-");
    (!is_pipe).then(|| judge::open(job, inputs))
}

pub(super) fn start(job: &Job<'_>) -> Result<Start, Complaint> {
    let options = job.options;
    let config = config::read(&options.look)?;
    let theme = match &options.look.theme {
        Some(name) => Theme::named(name).unwrap_or_default(),
        None if job.appearance.color => config.theme.unwrap_or_default(),
        None => Theme::Mono,
    };
    let ascii = job.appearance.ascii || config.ascii;
    let look = Look { theme, ascii, zone: job.appearance.zone.clone() };
    let names: Vec<String> = options.inputs.iter().map(|path| name(path)).collect();
    let source = match names.as_slice() {
        [one] => one.clone(),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
        [] => String::new(),
    };
    let words: Vec<_> = options.inputs.iter().map(shell_word).collect();
    let again = (!options.inputs.iter().any(|path| path.as_os_str() == "-")).then(|| words.join(" "));
    // One session is opened; more of them are a matter of the filter, which can be taken away again.
    let numbers = options.selection.numbers.as_slice();
    let session = match numbers {
        [(first, last)] if first == last => Some(*first),
        _ => None,
    };
    let ranges: Vec<String> = numbers.iter().map(|(first, last)| format!("session:{first}-{last}")).collect();
    let ranges = if session.is_some() { String::new() } else { ranges.join(" or ") };
    let text = match (&options.selection.filter, ranges.as_str()) {
        (Some(text), "") => text.clone(),
        (Some(text), ranges) => format!("({text}) ({ranges})"),
        (None, ranges) => ranges.to_owned(),
    };
    let filter = if text.is_empty() {
        None
    } else {
        let filter = plug::filter("-Y", &text, &job.appearance.zone)?;
        Some((text, filter))
    };
    Ok(Start {
        look,
        source,
        again,
        filter,
        session,
        live: None,
        pace: if options.look.calm || config.calm { CALM } else { PACE },
        bell: options.look.bell || config.bell,
        mouse: options.look.mouse || config.mouse,
        bindings: config.bindings,
        explain: explained,
        complete: completed,
    })
}

/// The page of `explain` about `word`, in `width` columns; empty when there is none.
fn explained(word: &str, width: usize) -> String {
    let (page, complaints) = explain::explain(&[word.to_owned()]);
    if complaints.is_empty() { page.in_columns(width) } else { String::new() }
}

/// Files and directories whose names begin with `text`, as they may be typed.
fn completed(text: &str) -> Vec<String> {
    let (directory, start) = text.split_at(text.rfind('/').map_or(0, |slash| slash + 1));
    let place = if directory.is_empty() { Path::new(".") } else { Path::new(directory) };
    let Ok(entries) = std::fs::read_dir(place) else { return Vec::new() };
    let named = entries.flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let is_hidden = name.starts_with('.') && !start.starts_with('.');
        let slash = if entry.file_type().is_ok_and(|kind| kind.is_dir()) { "/" } else { "" };
        (name.starts_with(start) && !is_hidden).then(|| format!("{directory}{name}{slash}"))
    });
    let mut names: Vec<String> = named.take(1000).collect();
    names.sort_unstable();
    names
}

/// A path as the header names it.
fn name(path: &Path) -> String {
    if path.as_os_str() == "-" {
        return "standard input".into();
    }
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Files that can be read once more.
pub(super) struct Again {
    /// How long they were.
    sizes: Vec<(PathBuf, u64)>,
    read: Box<dyn Fn() + Send>,
}

impl Again {
    fn of(options: &Options, news: &SyncSender<News>) -> Self {
        let sizes = options.inputs.iter().filter_map(|path| Some((path.clone(), size(path)?))).collect();
        let (options, news) = (options.clone(), news.clone());
        Self { sizes, read: Box::new(move || read(options.clone(), None, news.clone(), true)) }
    }

    /// Reads them from the beginning.
    fn start(&mut self) {
        for (path, known) in &mut self.sizes {
            *known = size(path).unwrap_or(*known);
        }
        (self.read)();
    }

    /// What has come since they were read; told once.
    fn grown(&mut self) -> Option<String> {
        for (path, known) in &mut self.sizes {
            let Some(more) = size(path).and_then(|now| now.checked_sub(*known)).filter(|more| *more > 0) else {
                continue;
            };
            *known += more;
            return Some(format!("{} grew by {} since; :e reads it again", name(path), time::bytes(more)));
        }
        None
    }
}

/// Bytes of a regular file.
fn size(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|known| known.len())
}

/// Reads and judges on a thread of its own; `is_again` when the screen has sessions that stay until the new ones are final.
fn read(mut options: Options, source: Option<judge::Opened>, news: SyncSender<News>, is_again: bool) {
    // The screen filters by itself, so that a filter can be taken away; only what is not in the window stays out.
    options.selection.filter = None;
    options.selection.numbers.clear();
    let run = move || {
        let stderr = Stderr { width: 80, color: false };
        let Ok(job) = Job::new(&options, None, stderr) else { return };
        let source = source.map_or_else(|| judge::open(&job, &job.options.inputs), Ok);
        let outcome = source.and_then(|source| whole(&job, source, &news, is_again));
        // Who has left needs no answer.
        let _ = match outcome {
            Ok(whole) => news.send(News::End(Box::new(whole))),
            Err(error) => news.send(News::Failed(error.to_string())),
        };
    };
    // Without a second thread nothing would come; the screen then says that it is reading, and Q leaves.
    let _ = thread::Builder::new().name("reader".into()).spawn(run);
}

fn whole(
    job: &Job<'_>,
    mut source: judge::Opened,
    news: &SyncSender<News>,
    is_again: bool,
) -> Result<Whole, CaptureError> {
    let mut watcher = Provisional { news, is_again, sent: None, let_go: 0, is_gone: false };
    let is_pipe = job.options.inputs.iter().any(|path| path.as_os_str() == "-");
    let (mut judged, errors) = if is_pipe {
        // Somebody may still write there, and what has come is not to wait for more.
        let mut piped = Piped::new(source, Duration::ZERO, Arc::default());
        let judged = plug::judge_watched(&mut piped, plug::limits(job), &mut watcher)?;
        (Judged { inputs: piped.inputs().to_vec(), ..judged }, piped.take_errors())
    } else {
        let judged = plug::judge_watched(&mut source, plug::limits(job), &mut watcher)?;
        (Judged { inputs: source.inputs().to_vec(), ..judged }, source.take_errors())
    };
    job.select(&mut judged);
    Ok(Whole {
        cases: judged.cases.into_iter().map(Arc::new).collect(),
        inputs: judged.inputs,
        elsewhere: judged.elsewhere,
        let_go: watcher.let_go,
        errors: errors.iter().map(ToString::to_string).collect(),
    })
}

/// Hands sessions to the screen while reading goes on: now and then some, never so many that reading waits.
struct Provisional<'n> {
    news: &'n SyncSender<News>,
    is_again: bool,
    sent: Option<Instant>,
    let_go: u64,
    is_gone: bool,
}

impl Watcher for Provisional<'_> {
    fn progress(&mut self, frames: u64, _sessions: u32, read: &Progress) {
        if self.sent.is_none_or(|sent| sent.elapsed() >= PAUSE) {
            let progress = feed::Progress { frames, done: read.done, total: read.total };
            // A full channel has news enough.
            let _ = self.news.try_send(News::Progress(progress));
        }
    }

    fn early(&mut self, cases: Vec<Case>) {
        self.let_go += cases.len() as u64;
    }

    fn wanted(&mut self) -> usize {
        if self.is_again || self.sent.is_some_and(|sent| sent.elapsed() < PAUSE) { 0 } else { BATCH }
    }

    fn glimpsed(&mut self, cases: Vec<Case>) {
        self.sent = Some(Instant::now());
        if !cases.is_empty() {
            let cases = cases.into_iter().map(Arc::new).collect();
            if let Err(TrySendError::Disconnected(_)) = self.news.try_send(News::Cases(cases)) {
                self.is_gone = true;
            }
        }
    }

    fn is_gone(&self) -> bool {
        self.is_gone
    }
}

/// Answers what the screen asks for, on a thread of its own.
pub(super) fn serve(
    asked: Receiver<Request>,
    news: SyncSender<News>,
    keeper: Option<Keeper>,
    mut again: Option<Again>,
) {
    let run = move || {
        while let Ok(request) = asked.recv() {
            let answer = match request {
                Request::Packets { id, files, ends, extent } => {
                    let grown = again.as_mut().and_then(Again::grown);
                    if grown.is_some_and(|told| news.send(News::Told(told)).is_err()) {
                        return;
                    }
                    News::Packets(Box::new(Packets { id, found: packets::of(&files, ends, extent) }))
                }
                Request::Again => match &mut again {
                    Some(again) => {
                        again.start();
                        continue;
                    }
                    None => News::Told("this cannot be read again".into()),
                },
                Request::Carve { path, files, spans } => News::Told(carved::write(&path, &files, &spans)),
                Request::Save(path) => News::Saved(match &keeper {
                    Some(keeper) => keeper(&path),
                    None => Err("there are no packets to save".into()),
                }),
                Request::Write { path, text } => News::Told(write(&path, &text)),
            };
            if news.send(answer).is_err() {
                return;
            }
        }
    };
    let _ = thread::Builder::new().name("packets".into()).spawn(run);
}

/// Writes a new file; what is there already stays as it is.
fn write(path: &Path, text: &str) -> String {
    let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return format!("{} is there already; nothing was written", path.display());
        }
        Err(error) => return format!("cannot write {}: {}", path.display(), reason(&error)),
    };
    match file.write_all(text.as_bytes()) {
        Ok(()) => format!("wrote {} to {}", time::bytes(text.len() as u64), path.display()),
        Err(error) => format!("cannot write {}: {}", path.display(), reason(&error)),
    }
}
