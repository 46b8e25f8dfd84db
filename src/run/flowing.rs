//! A pipe behind which somebody still writes, such as a capture on another machine: when nothing comes for a moment, what
//! is over is told. A pipe that comes to its end without a pause is read like a file.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::early::Early;
use super::follow::Follow;
use super::judge::Job;
use super::status::Status;
use crate::capture::Progress;
use crate::cli::Form;
use crate::diagnose::Case;
use crate::pump::{Follower as _, Standing, Watcher};

/// A pause is longer than the time that a writer at work needs for the next packets.
pub(super) const PATIENCE: Duration = Duration::from_millis(1000);

/// Whether `paths` are one input that may go on for long.
pub(super) fn flows(paths: &[PathBuf]) -> bool {
    let [path] = paths else { return false };
    let path = if path.as_os_str() == "-" { Path::new("/dev/stdin") } else { path };
    // What cannot be looked at is complained about when it is opened.
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// Tells sessions at pauses.
pub(super) struct Flowing<'e, 'a> {
    job: &'a Job<'a>,
    early: Early<'e>,
    follow: Follow<'a>,
    begun: Instant,
}

impl<'e, 'a> Flowing<'e, 'a> {
    /// For what `early` takes the sessions of that memory has no room for.
    pub(super) fn new(job: &'a Job<'a>, early: Early<'e>, status: &'a Status) -> Self {
        Self { job, early, follow: Follow::new(job, status), begun: Instant::now() }
    }

    /// Takes both apart: who counts what memory had no room for, and who told sessions, if any was told.
    pub(super) fn into_parts(self) -> (Early<'e>, Option<Follow<'a>>) {
        (self.early, Some(self.follow).filter(Follow::has_told))
    }
}

impl Watcher for Flowing<'_, '_> {
    fn progress(&mut self, frames: u64, sessions: u32, read: &Progress) {
        self.early.progress(frames, sessions, read);
        if self.begun.elapsed() >= PATIENCE {
            self.follow.beat(&Standing { frames, sessions, ..Standing::default() });
        }
    }

    fn early(&mut self, cases: Vec<Case>) {
        if !self.follow.has_told() {
            return self.early.early(cases);
        }
        let (told, new) = cases.into_iter().partition(|case| self.follow.was_told(case));
        self.early.told_before(told);
        self.early.early(new);
    }

    fn listens(&self) -> bool {
        let view = &self.job.options.view;
        !view.silent && view.form != Form::Totals && self.job.form.is_none()
    }

    fn ended(&mut self, cases: Vec<Case>) {
        cases.into_iter().for_each(|case| self.follow.ended(case, &self.early.inputs));
    }

    fn is_gone(&self) -> bool {
        self.follow.is_gone()
    }
}
