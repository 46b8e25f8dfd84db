//! The terminal UI of a running capture: packets and verdicts on one thread, the screen on this one. Packets that nobody
//! asked to keep go to a scratch file, so that they can be looked at, and saved in the end.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use super::complaint::Complaint;
use super::exit;
use super::files::{self, Files};
use super::judge::Job;
use super::live;
use super::output::{self, Stderr};
use super::plug;
use super::rights;
use super::screen::{self, Keeper, WAITING};
use super::seconds::Seconds;
use super::status::Status;
use super::tended::Tended;
use crate::capture::live::{Lines, Taps, Wish, default_filter};
use crate::capture::{Enough, Keep, Source as _, reason};
use crate::cli::Options;
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::frame::{Input, Timestamp};
use crate::pump::{self, Follower, Standing};
use crate::report::format::shell_word;
use crate::session::SessionId;
use crate::tui::feed::{News, Whole};
use crate::tui::live::{LiveStart, Pulse};
use crate::tui::show;

/// Bytes of packets in the scratch file.
const SCRATCH: u64 = 256 << 20;
/// Between two batches of news.
const PAUSE: Duration = Duration::from_millis(100);
/// Running sessions shown anew at once.
const BATCH: usize = 200;
/// Dead sessions that stay on the screen when memory has no more room for them.
const DEAD: usize = 1000;
/// For closing files after the screen is gone.
const CLOSING: Duration = Duration::from_millis(1500);

/// Captures as `options` ask for, and shows it; answers what to exit with.
pub(super) fn screen(options: Options) -> u8 {
    let stderr = Stderr { width: 80, color: super::look::color_on_stderr(options.look.color) };
    match prepared(options, stderr) {
        Ok((prepared, user)) => run(prepared, user, stderr),
        Err((code, complaint)) => {
            stderr.error(&complaint);
            code
        }
    }
}

struct Prepared {
    options: Options,
    start: crate::tui::Start,
    taps: Taps,
    files: Files,
}

/// Everything that wants rights, or can be known to be wrong before there is a screen.
fn prepared(options: Options, stderr: Stderr) -> Result<(Prepared, Option<nix::unistd::User>), (u8, Complaint)> {
    let usage = |complaint| (exit::USAGE, complaint);
    let failed = |complaint| (exit::UNREADABLE, complaint);
    let job = Job::new(&options, None, stderr).map_err(usage)?;
    if let Some(path) = &options.live.keep {
        output::check_target(path, &[]).map_err(usage)?;
    }
    let user = rights::successor(options.live.user.as_deref()).map_err(usage)?;
    let mut start = screen::start(&job).map_err(usage)?;
    let taps = Taps::open(&live::live_options(&options, "rdpwhy tui")).map_err(|error| failed(error.into()))?;
    start.source = taps.names().join(", ");
    start.live = Some(LiveStart {
        names: start.source.clone(),
        filter: options.packets.clone().unwrap_or_else(|| {
            let ports = default_filter(&options.ports);
            format!("{ports}, also in vlan")
        }),
        file: None,
        is_scratch: false,
        bell: start.bell,
    });
    let files = Files::make(&options, user.as_ref()).map_err(failed)?;
    Ok((Prepared { options, start, taps, files }, user))
}

fn run(prepared: Prepared, user: Option<nix::unistd::User>, stderr: Stderr) -> u8 {
    let Prepared { options, mut start, taps, mut files } = prepared;
    let wish = rights::give_up(user.as_ref()).and_then(|()| {
        let memory = Job::new(&options, None, stderr).map(|job| plug::memory(&job))?;
        files.wish(&options, memory, &start.look.zone)
    });
    let mut wish = match wish {
        Ok(wish) => wish,
        Err(complaint) => {
            stderr.error(&complaint);
            return exit::UNREADABLE;
        }
    };
    // Made by whoever we are from here on. Without one, packets cannot be looked at; that is no reason not to watch.
    let scratch = if options.live.keep.is_none() { scratch() } else { None };
    if let Some(scratch) = &scratch {
        let enough = Enough { bytes: Some(SCRATCH), ..Enough::default() };
        wish = Keep::new(&scratch.path, enough).map_or(Wish::Nothing, Wish::All);
    }
    if let Some(live) = &mut start.live {
        live.file = scratch.as_ref().map(|scratch| scratch.path.clone()).or(options.live.keep.clone());
        live.is_scratch = scratch.is_some();
    }
    // Of several files there is no one to open again.
    let file = options.live.keep.as_ref().filter(|_| options.live.ring.is_none());
    start.again = file.map(shell_word);
    let stop = Arc::new(AtomicBool::new(false));
    let (news, feed) = sync_channel(WAITING);
    let (ask, asked) = channel();
    let (over, closed) = channel::<()>();
    let closed = Arc::new(std::sync::Mutex::new(closed));
    let keeper = scratch.as_ref().map(|scratch| saver(scratch.path.clone(), Arc::clone(&stop), closed.clone()));
    screen::serve(asked, news.clone(), keeper, None);
    let flag = Arc::clone(&stop);
    let reader = move || {
        capture(&options, taps, wish, flag, &news);
        drop(over);
    };
    if let Err(error) = thread::Builder::new().name("capture".into()).spawn(reader) {
        stderr.error(&Complaint::new(format!("cannot capture: {error}")));
        return exit::UNREADABLE;
    }
    let shown = show(start, feed, &ask);
    stop.store(true, Ordering::Relaxed);
    if let Ok(closed) = closed.lock() {
        // Nothing is ever sent: the end of the other side is the message.
        let _ = closed.recv_timeout(CLOSING);
    }
    drop(scratch);
    screen::leave(shown, stderr)
}

/// Where packets are that nobody asked to keep.
struct Scratch {
    path: PathBuf,
    _file: ScratchFile,
}

/// What keeps it there.
#[expect(dead_code, reason = "held so that the file stays")]
enum ScratchFile {
    /// Without a name: gone with us, however we go.
    Nameless(File),
    /// With a name, where a file without one cannot be opened again.
    Named(NamedTempFile),
}

fn scratch() -> Option<Scratch> {
    nameless().or_else(|| {
        let file = tempfile::Builder::new().prefix("rdpwhy-").suffix(".pcapng").tempfile().ok()?;
        Some(Scratch { path: file.path().to_owned(), _file: ScratchFile::Named(file) })
    })
}

/// A file without a name is opened again through the process that holds it; also by Wireshark, while we run.
fn nameless() -> Option<Scratch> {
    let file = tempfile::tempfile().ok()?;
    let path = PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()));
    // Who gave up privileges may not look into itself.
    std::fs::OpenOptions::new().read(true).write(true).open(&path).ok()?;
    Some(Scratch { path, _file: ScratchFile::Nameless(file) })
}

/// Ends the capture and saves what the scratch file holds.
fn saver(from: PathBuf, stop: Arc<AtomicBool>, closed: Arc<std::sync::Mutex<Receiver<()>>>) -> Keeper {
    Box::new(move |path: &Path| {
        stop.store(true, Ordering::Relaxed);
        let is_closed = closed
            .lock()
            .is_ok_and(|closed| matches!(closed.recv_timeout(CLOSING * 4), Err(RecvTimeoutError::Disconnected)));
        if !is_closed {
            return Err("the capture does not end; nothing was written".into());
        }
        copy(&from, path)
    })
}

/// Copies a file into a new one; what is there already stays as it is.
fn copy(from: &Path, path: &Path) -> Result<PathBuf, String> {
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => format!("{} is there already; nothing was written", path.display()),
        _ => format!("cannot write {}: {}", path.display(), reason(&error)),
    };
    let mut source = File::open(from).map_err(failed)?;
    let mut target = std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    std::io::copy(&mut source, &mut target).map_err(|error| {
        // Half a capture under the name of a whole one helps nobody.
        let _ = std::fs::remove_file(path);
        failed(error)
    })?;
    Ok(path.to_owned())
}

/// Captures until it ends, or `stop` is set and what was captured has been taken in.
fn capture(options: &Options, taps: Taps, wish: Wish, stop: Arc<AtomicBool>, news: &SyncSender<News>) {
    let stderr = Stderr { width: 80, color: false };
    // The screen filters by itself, so that a filter can be taken away.
    let mut options = options.clone();
    options.selection = Default::default();
    let Ok(job) = Job::new(&options, None, stderr) else { return };
    let told = Rc::new(RefCell::new(VecDeque::new()));
    let ear = Rc::clone(&told);
    let status = Status::elsewhere(move |text| ear.borrow_mut().push_back(text));
    let lines = Lines::new(taps, Arc::clone(&stop), wish);
    let mut source = Tended::new(lines, options.stop, Arc::clone(&stop), &status, stderr, true);
    let mut limits = plug::limits(&job);
    // The screen holds a copy of every session.
    limits.memory /= 2;
    let mut follow = OnScreen::new(news, &status, told, limits.memory as u64);
    follow.stop = options.stop;
    let pumped = pump::follow(&mut source, limits, files::wanted(options.live.kept), &mut follow);
    source.close();
    follow.warn();
    if follow.is_gone {
        return;
    }
    let _ = match pumped {
        Ok(pumped) => {
            follow.send(true);
            let mut judged = plug::judged(pumped);
            judged.inputs = source.inputs().to_vec();
            let mut cases: Vec<Arc<Case>> = judged.cases.into_iter().map(Arc::new).collect();
            cases.append(&mut follow.dead);
            cases.sort_by_key(|case| case.session.id);
            news.send(News::End(Box::new(Whole {
                cases,
                inputs: judged.inputs,
                elsewhere: judged.elsewhere,
                let_go: follow.let_go,
                errors: Vec::new(),
            })))
        }
        Err(error) => news.send(News::Failed(error.to_string())),
    };
}

/// Hands a running capture to the screen: never so fast that capturing waits, and nothing is lost on the way.
struct OnScreen<'a> {
    news: &'a SyncSender<News>,
    status: &'a Status,
    told: Rc<RefCell<VecDeque<String>>>,
    memory: u64,
    stop: crate::cli::Stop,
    began: Instant,
    sent: Instant,
    glimpsed: Instant,
    /// The newest state of sessions that the screen has not heard of yet.
    cases: BTreeMap<SessionId, Arc<Case>>,
    left: Vec<(SessionId, Outcome)>,
    /// Died, and memory has no room for the rest of them.
    dead: Vec<Arc<Case>>,
    let_go: u64,
    ended: std::collections::BTreeSet<SessionId>,
    died: u64,
    seconds: Seconds,
    now: Timestamp,
    frames: u64,
    used: u64,
    inputs: usize,
    is_gone: bool,
}

impl<'a> OnScreen<'a> {
    fn new(news: &'a SyncSender<News>, status: &'a Status, told: Rc<RefCell<VecDeque<String>>>, memory: u64) -> Self {
        let now = Instant::now();
        Self {
            news,
            status,
            told,
            memory,
            stop: Default::default(),
            began: now,
            sent: now,
            glimpsed: now,
            cases: BTreeMap::new(),
            left: Vec::new(),
            dead: Vec::new(),
            let_go: 0,
            ended: Default::default(),
            died: 0,
            seconds: Seconds::default(),
            now: Timestamp::default(),
            frames: 0,
            used: 0,
            inputs: 0,
            is_gone: false,
        }
    }

    /// Sends what has gathered; what finds no room stays for the next time.
    fn send(&mut self, waits: bool) {
        self.sent = Instant::now();
        if !self.cases.is_empty() {
            let cases: Vec<Arc<Case>> = self.cases.values().cloned().collect();
            if self.hand_over(News::Cases(cases), waits) {
                self.cases.clear();
            }
        }
        if self.cases.is_empty() && !self.left.is_empty() {
            let left = self.left.clone();
            if self.hand_over(News::Left(left), waits) {
                self.left.clear();
            }
        }
        let (kernel, card) = self.status.lost();
        let (rate, bytes) = self.seconds.last();
        let pulse = Pulse {
            now: self.now,
            seconds: self.began.elapsed().as_secs(),
            frames: self.frames,
            rate: u64::from(rate),
            bits: bytes * 8,
            kernel,
            card,
            kept: self.seconds.bytes,
            memory: (self.used, self.memory),
            packets: self.seconds.packets.iter().map(|(packets, _)| *packets).collect(),
        };
        self.hand_over(News::Pulse(Box::new(pulse)), waits);
    }

    fn hand_over(&mut self, news: News, waits: bool) -> bool {
        if waits {
            self.is_gone |= self.news.send(news).is_err();
            return true;
        }
        match self.news.try_send(news) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => false,
            Err(TrySendError::Disconnected(_)) => {
                self.is_gone = true;
                true
            }
        }
    }

    /// Hands on what went wrong.
    fn warn(&mut self) {
        let told: Vec<String> = self.told.borrow_mut().drain(..).collect();
        for text in told {
            self.hand_over(News::Told(text), true);
        }
    }

    /// Several files are begun one after the other.
    fn note_inputs(&mut self, inputs: &[Input]) {
        if inputs.len() != self.inputs {
            self.inputs = inputs.len();
            self.hand_over(News::Inputs(inputs.to_vec()), true);
        }
    }

    fn has_enough(&self) -> bool {
        let reached = |limit: Option<u64>, count: u64| limit.is_some_and(|limit| count >= limit);
        reached(self.stop.sessions, self.ended.len() as u64) || reached(self.stop.deaths, self.died)
    }
}

impl Follower for OnScreen<'_> {
    fn ended(&mut self, case: Case, inputs: &[Input]) {
        self.note_inputs(inputs);
        let id = case.session.id;
        // Only what has to be counted is remembered.
        let counts = self.stop.sessions.is_some() || self.stop.deaths.is_some();
        if counts && self.ended.insert(id) {
            self.died += u64::from(case.verdict.outcome == Outcome::Died);
        }
        self.cases.insert(id, Arc::new(case));
    }

    fn early(&mut self, case: Case, _: &[Input]) {
        let (id, outcome) = (case.session.id, case.verdict.outcome);
        self.let_go += 1;
        if outcome == Outcome::Died && self.dead.len() < DEAD {
            let case = Arc::new(case);
            self.dead.push(Arc::clone(&case));
            self.cases.insert(id, case);
        } else {
            self.cases.remove(&id);
            self.left.push((id, outcome));
        }
    }

    fn beat(&mut self, standing: &Standing) -> bool {
        (self.now, self.frames, self.used) = (standing.now, standing.frames, standing.memory as u64);
        self.seconds.note(self.began.elapsed().as_secs(), standing.frames, standing.bytes);
        if self.sent.elapsed() >= PAUSE {
            self.warn();
            self.send(false);
        }
        !self.is_gone && !self.has_enough()
    }

    fn wanted(&mut self) -> usize {
        if self.glimpsed.elapsed() < PAUSE {
            return 0;
        }
        self.glimpsed = Instant::now();
        BATCH
    }

    fn glimpsed(&mut self, cases: Vec<Case>) {
        self.cases.extend(cases.into_iter().map(|case| (case.session.id, Arc::new(case))));
    }

    fn is_gone(&self) -> bool {
        self.is_gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_written_over() {
        let place = tempfile::tempdir().expect("a directory");
        let (from, to) = (place.path().join("a"), place.path().join("b"));
        std::fs::write(&from, "packets").expect("written");
        assert_eq!(copy(&from, &to), Ok(to.clone()));
        assert_eq!(std::fs::read(&to).expect("there"), b"packets");
        assert!(copy(&from, &to).is_err_and(|why| why.contains("is there already")));
    }
}
