//! A running capture, from opening to summary.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::complaint::Complaint;
use super::exit::{self, Account};
use super::files::{self, Files};
use super::follow::Follow;
use super::judge::Job;
use super::look::color_on_stderr;
use super::output::{self, Stderr, Target};
use super::plug::{self, Judged};
use super::rights;
use super::sandbox;
use super::signals::heed;
use super::status::Status;
use super::tended::Tended;
use crate::capture::Source as _;
use crate::capture::live::{self, Lines, LiveOptions, Taps, Wish, default_filter};
use crate::cli::Options;
use crate::diagnose::verdict::Outcome;
use crate::frame::{FrameNumber, Input};
use crate::pump;
use crate::report::pen::clean;
use crate::report::time::{count, counted};

/// Lists the interfaces.
pub(super) fn interfaces(stderr: Stderr) -> u8 {
    match live::interfaces() {
        Ok(found) => {
            let text: String = found.iter().map(|interface| format!("{}\n", interface.line())).collect();
            match output::to_stdout(|out| out.write_all(text.as_bytes())) {
                Ok(_) => 0,
                Err(complaint) => failed(stderr, &complaint),
            }
        }
        Err(error) => failed(stderr, &error.into()),
    }
}

fn failed(stderr: Stderr, complaint: &Complaint) -> u8 {
    stderr.error(complaint);
    exit::UNREADABLE
}

/// Captures as `options` ask for; answers what to exit with.
pub(super) fn live(options: &Options) -> u8 {
    let mut stderr = Stderr { width: 80, color: color_on_stderr(options.look.color) };
    let job = match Job::new(options, None, stderr) {
        Ok(job) => job,
        Err(complaint) => {
            stderr.error(&complaint);
            return exit::USAGE;
        }
    };
    stderr.width = job.appearance.width;
    let Open { taps, wish, report, flag, greeting } = match open(&job) {
        Ok(open) => open,
        Err((complaint, code)) => {
            stderr.error(&complaint);
            return code;
        }
    };
    let view = &options.view;
    if !view.silent {
        stderr.prose(&greeting);
    }
    let status = Status::new(view.silent, job.appearance.width);
    let lines = Lines::new(taps, Arc::clone(&flag), wish);
    let mut source = Tended::new(lines, options.stop, flag, &status, stderr, view.silent);
    let mut follow = Follow::new(&job, &status);
    let limits = plug::limits(&job);
    let pumped = pump::follow(&mut source, limits, files::wanted(options.live.kept), &mut follow);
    source.close();
    status.clear();
    match pumped {
        Ok(pumped) => {
            let unreadable =
                source.has_trouble || source.has_lost_all() || (source.has_lost_interface() && pumped.frames == 0);
            let mut judged = plug::judged(pumped);
            judged.inputs = source.inputs().to_vec();
            conclude(&job, judged, follow, Closing { report, stderr, unreadable })
        }
        Err(error) => failed(stderr, &error.into()),
    }
}

/// A capture that can begin: everything is open, and the rights to open more are gone.
pub(super) struct Open {
    /// The interfaces.
    pub(super) taps: Taps,
    /// What becomes of packets.
    pub(super) wish: Wish,
    /// Where the report goes.
    pub(super) report: Option<Target>,
    /// Set by the first signal; whoever sets it ends the capture. The next signal ends the program.
    pub(super) flag: Arc<AtomicBool>,
    /// What is listened for and as whom; lines.
    pub(super) greeting: String,
}

/// Opens what `job` asks for, gives up rights, and heeds signals. Before any thread is started: rights are a thread's
/// own. Fails with what to say and what to exit with.
pub(super) fn open(job: &Job<'_>) -> Result<Open, (Complaint, u8)> {
    let options = job.options;
    let usage = |complaint| (complaint, exit::USAGE);
    let unreadable = |complaint| (complaint, exit::UNREADABLE);
    options.live.keep.as_ref().map_or(Ok(()), |path| output::check_target(path, &[])).map_err(usage)?;
    let user = rights::successor(options.live.user.as_deref()).map_err(usage)?;
    let taps = Taps::open(&live_options(options, "rdpwhy")).map_err(|error| unreadable(error.into()))?;
    let mut files = Files::make(options, user.as_ref()).map_err(unreadable)?;
    rights::give_up(user.as_ref()).map_err(unreadable)?;
    let memory = plug::memory(job);
    let wish = files.wish(options, memory, &job.appearance.zone).map_err(unreadable)?;
    // Names of users are looked up in files.
    let mut greeting = greeting(options, &taps.names());
    let closed = sandbox::close(&files::directories(options));
    if options.view.verbose > 0 {
        greeting.push_str(&format!("{closed}\n"));
    }
    let flag = Arc::new(AtomicBool::new(false));
    heed(&flag).map_err(|error| unreadable(Complaint::new(format!("signals cannot be heeded: {error}"))))?;
    Ok(Open { taps, wish, report: files.report, flag, greeting })
}

/// `command` is what is advised to call where this does not work.
pub(super) fn live_options(options: &Options, command: &'static str) -> LiveOptions {
    LiveOptions {
        interfaces: options.live.interfaces.clone(),
        filter: options.packets.clone(),
        ports: options.ports.clone(),
        snap: options.live.snap,
        buffer: options.live.buffer,
        promiscuous: !options.live.modest,
        command,
    }
}

fn greeting(options: &Options, names: &[String]) -> String {
    let (filter, note) = match &options.packets {
        Some(filter) => (filter.clone(), ""),
        None => (default_filter(&options.ports), "\n(also inside VLAN tags)"),
    };
    let text = format!("listening on {}, as {}: {filter}{note}", names.join(", "), rights::name());
    format!("{text}; Ctrl-C ends and sums up\n")
}

/// What is left to do at the end, and how.
struct Closing {
    report: Option<Target>,
    stderr: Stderr,
    unreadable: bool,
}

/// The summary.
fn conclude(job: &Job<'_>, mut judged: Judged, mut follow: Follow<'_>, closing: Closing) -> u8 {
    let Closing { report: target, stderr, unreadable } = closing;
    let mut account = Account { unreadable, ..follow.account };
    account.judged |= judged.cases.iter().any(|case| case.verdict.outcome != Outcome::Unsure);
    judged.early = std::mem::take(&mut follow.tally);
    judged.early_all = follow.all;
    job.select(&mut judged);
    account.matched |= judged.cases.iter().any(|case| job.matches(case));
    judged.cases.iter().for_each(|case| follow.settle(case, &judged.inputs));
    stderr.untold(follow.close());
    judged.cases.append(&mut follow.kept);
    judged.cases.sort_by_key(|case| case.session.id);
    let farewell = farewell(&judged, job.options);
    // What of a ring is gone already can be opened as little as what was never kept.
    judged.inputs.iter_mut().filter(|input| !is_left(&input.path)).for_each(|input| input.format = "live".to_owned());
    let written = report(job, &judged, account.code(), target);
    if !job.options.view.silent {
        stderr.prose(&farewell);
    }
    match written {
        Ok(()) => account.code(),
        Err(complaint) => failed(stderr, &complaint),
    }
}

fn report(job: &Job<'_>, judged: &Judged, code: u8, target: Option<Target>) -> Result<(), Complaint> {
    let view = &job.options.view;
    let filed = match (&view.file, target) {
        (Some((_, form)), Some(target)) => target.write(|out| plug::write(*form, job, judged, code, false, out)),
        _ => Ok(()),
    };
    if view.silent {
        return filed;
    }
    output::to_stdout(|out| match (&view.file, &filed) {
        // What happened on a wire does not happen again for another try.
        (Some((_, form)), Err(_)) => plug::write(*form, job, judged, code, job.appearance.color, out),
        _ => plug::rest(job, judged, code, out),
    })?;
    filed
}

/// Whether packets are at `path`: a disk that was full from the beginning leaves an empty file.
fn is_left(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.len() > 0)
}

/// `4,209 packets, none dropped; they were not kept (-w rdp.pcapng keeps them)`; with several files also which one to open.
fn farewell(judged: &Judged, options: &Options) -> String {
    let inputs = &judged.inputs;
    let packets: u64 = inputs.iter().map(|input| input.packets).sum();
    let dropped: u64 = inputs.iter().map(|input| input.dropped).sum();
    let dropped = if dropped == 0 { "none".to_owned() } else { count(dropped) };
    let files: Vec<&Input> = inputs.iter().filter(|input| input.format != "live").collect();
    let left: Vec<&&Input> = files.iter().filter(|input| is_left(&input.path)).collect();
    let unkept: u64 = inputs.iter().filter(|input| input.format == "live").map(|input| input.packets).sum();
    let kept = match (files.as_slice(), left.as_slice()) {
        ([], _) => "they were not kept; use -w rdp.pcapng next time".to_owned(),
        (_, []) if files.iter().any(|input| input.path.exists()) => "none of them could be kept".to_owned(),
        (_, []) => "the files they were kept in are gone".to_owned(),
        (_, [one]) if unkept > 0 => format!("{} of them kept in {}", count(one.packets), one.path.display()),
        ([_], [one]) => format!("kept in {}", one.path.display()),
        (_, [first, .., last]) => {
            format!("the last {} files: {} to {}", left.len(), first.path.display(), last.path.display())
        }
        (_, [one]) => format!("the last file: {}", one.path.display()),
    };
    let mut text = format!("{}, {dropped} dropped; {kept}\n", counted(packets, "packet"));
    if options.live.ring.is_some() {
        text.push_str(&where_they_died(judged));
    }
    text.lines().map(|line| clean(line, false) + "\n").collect()
}

/// Deaths whose file is told.
const TOLD: usize = 8;

/// `#3 died in rdp_00007_20260311091422.pcapng, frame 912`.
fn where_they_died(judged: &Judged) -> String {
    let file = |frame: FrameNumber| judged.inputs.get(usize::from(frame.file())).filter(|input| input.format != "live");
    let mut text = String::new();
    let deaths = judged.cases.iter().filter_map(|case| Some((&case.session, case.verdict.death?)));
    for (session, death) in deaths.take(TOLD) {
        let Some(input) = file(death.frame) else { continue };
        let (id, path, number) = (session.id.0, input.path.display(), death.frame.number());
        let gone = if input.path.exists() { "" } else { ", which is gone" };
        text.push_str(&format!("#{id} died in {path}, frame {number}{gone}"));
        if let Some(first) = file(session.first.frame).filter(|first| first.path != input.path) {
            let gone = if first.path.exists() { "" } else { ", which is gone" };
            text.push_str(&format!("; it began in {}{gone}", first.path.display()));
        }
        text.push('\n');
    }
    text
}
