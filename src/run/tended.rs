//! Interfaces with somebody beside them who knows when to stop, and tells on standard error what goes wrong on the way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::output::Stderr;
use super::status::Status;
use crate::capture::live::{Drops, Lines};
use crate::capture::{CaptureError, Holding, Moved, Next, Progress, Source};
use crate::cli::Stop;
use crate::frame::Input;
use crate::report::time::{count, counted};

/// Frames between two looks at clock and news.
const STRIDE: u32 = 512;

/// Between two words about what was dropped: a line that drops all the time must not fill the terminal.
const PAUSE: Duration = Duration::from_secs(2);

/// `Lines` until it is time to stop.
pub(super) struct Tended<'s> {
    lines: Lines,
    stop: Stop,
    flag: Arc<AtomicBool>,
    deadline: Option<Instant>,
    frames: u64,
    until_look: u32,
    status: &'s Status,
    stderr: Stderr,
    is_silent: bool,
    untold: Vec<Drops>,
    told: Option<Instant>,
    /// Packets could not be kept as they should.
    pub(super) has_trouble: bool,
}

impl<'s> Tended<'s> {
    /// Stops as `stop` says, or when `flag` is set.
    pub(super) fn new(
        lines: Lines,
        stop: Stop,
        flag: Arc<AtomicBool>,
        status: &'s Status,
        stderr: Stderr,
        is_silent: bool,
    ) -> Self {
        let wait = stop.seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let deadline = wait.and_then(|wait| Instant::now().checked_add(wait));
        Self {
            lines,
            stop,
            flag,
            deadline,
            frames: 0,
            until_look: 1,
            status,
            stderr,
            is_silent,
            untold: Vec::new(),
            told: None,
            has_trouble: false,
        }
    }

    /// Nothing more is wanted: files are closed.
    pub(super) fn close(&mut self) {
        self.lines.close();
        self.told = None;
        self.look();
    }

    /// An interface went away by itself.
    pub(super) const fn has_lost_interface(&self) -> bool {
        self.lines.has_lost_interface()
    }

    /// Nothing was left to listen to.
    pub(super) fn has_lost_all(&self) -> bool {
        self.lines.has_lost_all()
    }

    fn look(&mut self) {
        self.until_look = STRIDE;
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            self.flag.store(true, Ordering::Relaxed);
        }
        for drops in self.lines.take_drops() {
            let (kernel, card) = self.status.lost();
            self.status.lose(kernel + drops.kernel, card + drops.card);
            match self.untold.iter_mut().find(|before| before.interface == drops.interface) {
                Some(before) => {
                    before.kernel += drops.kernel;
                    before.card += drops.card;
                }
                None => self.untold.push(drops),
            }
        }
        if !self.untold.is_empty() && self.told.is_none_or(|told| told.elapsed() >= PAUSE) {
            self.told = Some(Instant::now());
            std::mem::take(&mut self.untold).iter().for_each(|drops| self.tell(&dropped(drops)));
        }
        for warning in self.lines.take_warnings() {
            self.tell(&format!("warning: {warning}\n"));
        }
        for trouble in self.lines.take_trouble() {
            self.has_trouble = true;
            self.tell(&format!("warning: {trouble}\n"));
        }
    }

    fn tell(&self, text: &str) {
        self.status.hear(text);
        if !self.is_silent {
            self.status.clear();
            self.stderr.prose(text);
        }
    }
}

fn dropped(drops: &Drops) -> String {
    let packets = |count: u64| counted(count, "packet");
    let who = match (drops.kernel, drops.card) {
        (kernel, 0) => format!("{} dropped by the kernel", packets(kernel)),
        (0, card) => format!("{} dropped by the interface", packets(card)),
        (kernel, card) => format!("{} dropped by the kernel, {} by the interface", packets(kernel), count(card)),
    };
    let cure = if drops.kernel > 0 { "; a larger -B helps" } else { "" };
    format!("warning: {}: {who}: what is absent may have been there{cure}\n", drops.interface)
}

impl Source for Tended<'_> {
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        self.until_look -= 1;
        if self.until_look == 0 {
            self.look();
        }
        if self.stop.packets.is_some_and(|packets| self.frames >= packets) {
            return Ok(Next::End);
        }
        let next = self.lines.next()?;
        match next {
            Next::Frame(_) => self.frames += 1,
            _ => self.until_look = 1,
        }
        Ok(next)
    }

    fn inputs(&self) -> &[Input] {
        self.lines.inputs()
    }

    fn progress(&self) -> Progress {
        self.lines.progress()
    }
}

impl Holding for Tended<'_> {
    fn is_choosy(&self) -> bool {
        self.lines.is_choosy()
    }

    fn belongs(&mut self, key: u32) {
        self.lines.belongs(key);
    }

    fn want(&mut self, key: u32) -> Vec<Moved> {
        self.lines.want(key)
    }

    fn moved(&self, key: u32) -> &[Moved] {
        self.lines.moved(key)
    }

    fn spare(&mut self, key: u32) {
        self.lines.spare(key);
    }

    fn forget(&mut self, key: u32) {
        self.lines.forget(key);
    }
}
