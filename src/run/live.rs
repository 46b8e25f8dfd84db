//! A running capture, from opening to summary.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::complaint::Complaint;
use super::exit::{self, Account};
use super::follow::Follow;
use super::judge::Job;
use super::look::color_on_stderr;
use super::output::{self, Stderr};
use super::plug::{self, Judged};
use super::rights;
use super::tended::{Status, Tended};
use crate::capture::live::{self, Lines, LiveOptions, Taps, default_filter};
use crate::capture::{Keep, Source as _, reason};
use crate::cli::{Form, Options};
use crate::diagnose::verdict::Outcome;
use crate::frame::Input;
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
    let checked = Job::new(options, None, stderr).and_then(|job| {
        options.live.keep.as_ref().map_or(Ok(()), |path| output::check_target(path, &[]))?;
        Ok((job, rights::successor(options.live.user.as_deref())?))
    });
    let (job, user) = match checked {
        Ok(checked) => checked,
        Err(complaint) => {
            stderr.error(&complaint);
            return exit::USAGE;
        }
    };
    stderr.width = job.appearance.width;
    let taps = match Taps::open(&live_options(options)) {
        Ok(taps) => taps,
        Err(error) => return failed(stderr, &error.into()),
    };
    let keep = match options.live.keep.as_ref().map(|path| keep(path, user.as_ref())).transpose() {
        Ok(keep) => keep,
        Err(complaint) => return failed(stderr, &complaint),
    };
    if let Err(complaint) = rights::give_up(user.as_ref()) {
        return failed(stderr, &complaint);
    }
    let flag = Arc::new(AtomicBool::new(false));
    if let Err(error) = heed(&flag) {
        return failed(stderr, &Complaint::new(format!("signals cannot be heeded: {error}")));
    }
    let view = &options.view;
    if !view.silent {
        stderr.text(&greeting(options, &taps.names()));
    }
    let status = Status::new(view.silent, job.appearance.width);
    let lines = Lines::new(taps, Arc::clone(&flag), keep);
    let mut source = Tended::new(lines, options.stop, flag, &status, stderr, view.silent);
    let mut follow = Follow::new(&job, &status, source.inputs()[0].clone());
    let pumped = pump::follow(&mut source, plug::limits(&job), &mut follow);
    source.close();
    status.clear();
    match pumped {
        Ok(pumped) => {
            let unreadable = source.lost_interface && pumped.frames == 0;
            let mut judged = plug::judged(pumped);
            judged.inputs = source.inputs().to_vec();
            conclude(&job, judged, follow, stderr, unreadable)
        }
        Err(error) => failed(stderr, &error.into()),
    }
}

fn live_options(options: &Options) -> LiveOptions {
    LiveOptions {
        interfaces: options.live.interfaces.clone(),
        filter: options.packets.clone(),
        ports: options.ports.clone(),
        snap: options.live.snap,
        buffer: options.live.buffer,
        promiscuous: !options.live.modest,
    }
}

fn keep(path: &Path, user: Option<&nix::unistd::User>) -> Result<(Keep, PathBuf), Complaint> {
    let keep = Keep::new(path)
        .map_err(|error| Complaint::new(format!("cannot write {}: {}", path.display(), reason(&error))))?;
    if let (Some(file), Some(user)) = (keep.file(), user) {
        rights::give(file, user);
    }
    Ok((keep, path.to_owned()))
}

/// The first signal ends the capture, the next one the program.
fn heed(flag: &Arc<AtomicBool>) -> Result<(), std::io::Error> {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(flag))?;
        signal_hook::flag::register(signal, Arc::clone(flag))?;
    }
    Ok(())
}

fn greeting(options: &Options, names: &[String]) -> String {
    let (filter, note) = match &options.packets {
        Some(filter) => (filter.clone(), ""),
        None => (default_filter(&options.ports), "\n(also inside VLAN tags)"),
    };
    let text = format!("listening on {}, as {}: {filter}{note}", names.join(", "), rights::name());
    format!("{text}; Ctrl-C ends and sums up\n")
}

/// The summary.
fn conclude(job: &Job<'_>, mut judged: Judged, mut follow: Follow<'_>, stderr: Stderr, unreadable: bool) -> u8 {
    let mut account = Account { unreadable, ..follow.account };
    account.judged |= judged.cases.iter().any(|case| case.verdict.outcome != Outcome::Unsure);
    job.select(&mut judged);
    account.matched |= judged.cases.iter().any(|case| job.matches(case));
    judged.cases.iter().for_each(|case| follow.settle(case));
    judged.cases.append(&mut follow.kept);
    judged.cases.sort_by_key(|case| case.session.id);
    judged.early = std::mem::take(&mut follow.tally);
    judged.early_all = follow.all;
    let written = report(job, &judged, account.code());
    if !job.options.view.silent {
        stderr.text(&farewell(&judged.inputs, job.options.live.keep.as_ref()));
    }
    match written {
        Ok(()) => account.code(),
        Err(complaint) => failed(stderr, &complaint),
    }
}

fn report(job: &Job<'_>, judged: &Judged, code: u8) -> Result<(), Complaint> {
    let view = &job.options.view;
    if let Some((path, form)) = &view.file {
        output::to_file(path, |out| plug::write(*form, job, judged, code, false, out))?;
    }
    if view.silent {
        return Ok(());
    }
    output::to_stdout(|out| match view.form {
        Form::Json | Form::Brief => plug::finish(view.form, job, judged, code, out),
        Form::Text | Form::Totals => plug::write(view.form, job, judged, code, job.appearance.color, out),
    })?;
    Ok(())
}

/// `4,209 packets, none dropped; they were not kept (-w rdp.pcapng keeps them)`.
fn farewell(inputs: &[Input], keep: Option<&PathBuf>) -> String {
    let packets: u64 = inputs.iter().map(|input| input.packets).sum();
    let dropped: u64 = inputs.iter().map(|input| input.dropped).sum();
    let dropped = if dropped == 0 { "none".to_owned() } else { count(dropped) };
    let kept = match keep {
        Some(path) => format!("kept in {}", clean(&path.to_string_lossy(), false)),
        None => "they were not kept; use -w rdp.pcapng next time".to_owned(),
    };
    format!("{}, {dropped} dropped; {kept}\n", counted(packets, "packet"))
}
