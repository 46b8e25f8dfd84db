//! A running capture beside its sessions: how fast packets come, what was lost, what is kept, how long a handshake takes.

use std::path::PathBuf;

use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::frame::Timestamp;
use crate::session::Phase;
use crate::tui::facts;

/// Seconds that the strip of packets and deaths goes back.
pub const STRIP: usize = 60;

/// How a running capture goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    /// The capture's clock.
    pub now: Timestamp,
    /// How long it has been running; seconds.
    pub seconds: u64,
    /// Packets so far.
    pub frames: u64,
    /// Packets in the last full second.
    pub rate: u64,
    /// Bits in the last full second.
    pub bits: u64,
    /// Packets that the kernel dropped.
    pub kernel: u64,
    /// Packets that the interface dropped.
    pub card: u64,
    /// Bytes of packets that were kept.
    pub kept: u64,
    /// What sessions take, and what they may take; bytes.
    pub memory: (u64, u64),
    /// Packets in each of the last seconds, the latest last; [`STRIP`] of them at most.
    pub packets: Vec<u32>,
}

/// What a running capture begins with.
#[derive(Clone, Debug, Default)]
pub struct LiveStart {
    /// The interfaces.
    pub names: String,
    /// What is asked of the kernel.
    pub filter: String,
    /// Where packets are kept.
    pub file: Option<PathBuf>,
    /// That file is our own and goes with us, unless somebody wants it.
    pub is_scratch: bool,
    /// A death rings the bell.
    pub bell: bool,
}

/// A running capture.
#[derive(Clone, Debug)]
pub struct Live {
    /// What it began with.
    pub start: LiveStart,
    /// How it goes.
    pub pulse: Pulse,
    /// The same as it is shown: stands still while the view does.
    pub seen: Pulse,
    /// Packets of the scratch file are in a file of the user's too.
    pub is_saved: bool,
}

impl Live {
    /// Of which nothing is known yet.
    #[must_use]
    pub fn new(start: LiveStart) -> Self {
        Self { start, pulse: Pulse::default(), seen: Pulse::default(), is_saved: false }
    }

    /// Bytes of packets that leaving would lose.
    #[must_use]
    pub const fn unsaved(&self) -> Option<u64> {
        let is_kept = !self.start.is_scratch || self.is_saved;
        if is_kept || self.pulse.kept == 0 { None } else { Some(self.pulse.kept) }
    }

    /// Packets lost on the way to us.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.pulse.kernel + self.pulse.card
    }
}

/// Where a session that is not over stands at `now`: `in NLA for 4.1 s`, `38 s so far`.
#[must_use]
pub fn stage(case: &Case, now: Timestamp) -> Option<String> {
    if case.verdict.outcome != Outcome::Open {
        return None;
    }
    let session = &case.session;
    match facts::furthest(case) {
        Some(phase) if phase < Phase::Rdp => {
            let entered = session.timeline.iter().find(|event| event.phase >= phase).map(|event| event.time);
            let since = now.since(entered.unwrap_or(session.last.time)).max(0.0);
            let since = if since < 9.95 { format!("{since:.1} s") } else { facts::span(since) };
            Some(format!("in {} for {since}", phase.label()))
        }
        _ => Some(format!("{} so far", facts::span(now.since(session.first.time).max(0.0)))),
    }
}
