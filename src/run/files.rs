//! The files of a running capture: made while it may still make them, and given to whoever it becomes.

use std::path::{Path, PathBuf};

use jiff::Zoned;
use jiff::tz::TimeZone;
use nix::unistd::User;

use super::complaint::Complaint;
use super::output::{Target, failed};
use super::rights;
use crate::capture::live::Wish;
use crate::capture::{Enough, Keep, Namer, Turn, numbered};
use crate::cli::{Kept, Options, Ring};
use crate::diagnose::verdict::Outcome;

/// Packets that wait until it is known whether they are wanted may have this share of all memory.
const SHARE: usize = 4;

/// Files that were made before rights are given up.
pub(super) struct Files {
    keep: Option<Keep>,
    /// Where the report goes.
    pub(super) report: Option<Target>,
}

impl Files {
    /// Makes what has one name only, and gives it to `user`.
    pub(super) fn make(options: &Options, user: Option<&User>) -> Result<Self, Complaint> {
        let report = options.view.file.as_ref().map(|(path, _)| Target::open(path)).transpose()?;
        if let (Some(target), Some(user)) = (report.as_ref().filter(|target| target.is_new), user) {
            rights::give(&target.file, user);
        }
        let live = &options.live;
        let single = live.keep.as_ref().filter(|_| live.ring.is_none());
        let keep = single.map(|path| Keep::new(path, enough(options)).map_err(|error| failed(path, &error)));
        let keep = keep.transpose()?;
        if let (Some(file), Some(user)) = (keep.as_ref().and_then(Keep::file), user) {
            rights::give(file, user);
        }
        Ok(Self { keep, report })
    }

    /// What is to become of packets. The first file of several is made only here, as those after it will be.
    pub(super) fn wish(&mut self, options: &Options, memory: usize, zone: &TimeZone) -> Result<Wish, Complaint> {
        let live = &options.live;
        let keep = match (&live.keep, live.ring) {
            (Some(path), Some(ring)) => Some(ring_of(path, ring, enough(options), zone.clone())?),
            _ => self.keep.take(),
        };
        Ok(match (keep, live.kept) {
            (None, _) => Wish::Nothing,
            (Some(keep), Kept::All) => Wish::All(keep),
            (Some(keep), Kept::Died | Kept::Trouble) => Wish::Some(keep, memory / SHARE),
        })
    }
}

fn enough(options: &Options) -> Enough {
    Enough { bytes: options.stop.bytes, files: options.stop.files }
}

fn ring_of(path: &Path, ring: Ring, enough: Enough, zone: TimeZone) -> Result<Keep, Complaint> {
    let Ring { bytes, seconds, packets, files } = ring;
    let base = path.to_owned();
    let name: Namer = Box::new(move |serial| {
        let now = Zoned::now().with_time_zone(zone.clone());
        numbered(&base, serial, &now.strftime("%Y%m%d%H%M%S").to_string())
    });
    Keep::ring(Turn { bytes, seconds, packets, files }, name, enough).map_err(|error| {
        let directory = directory(path);
        failed(path, &error).note("note", format!("the files of a ring are made as {}", rights::name())).note(
            "help",
            format!("let it write in {}, name another place, or stay who you are: -Z root", directory.display()),
        )
    })
}

/// Where files will be made while it captures.
pub(super) fn directories(options: &Options) -> Vec<PathBuf> {
    let live = &options.live;
    live.keep.iter().filter(|_| live.ring.is_some()).map(|path| directory(path)).collect()
}

fn directory(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => ".".into(),
        Some(parent) => parent.to_owned(),
        None => "/".into(),
    }
}

/// Whether the packets of a session that ended so are to be kept.
pub(super) fn wanted(kept: Kept) -> crate::pump::Wanted {
    match kept {
        Kept::All => |_| true,
        Kept::Died => |outcome| outcome == Outcome::Died,
        Kept::Trouble => |outcome| matches!(outcome, Outcome::Died | Outcome::Warn),
    }
}
