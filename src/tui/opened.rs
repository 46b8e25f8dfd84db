//! A session that is looked at: its rungs, where the cursor is, what is unfolded, which pane is open.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ladder::{Rung, RungKind, Unfolded, rungs};
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::frame::{FrameNumber, Timestamp};

/// What times are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeForm {
    /// Seconds since the session began, or since the mark.
    #[default]
    Start,
    /// Since the row above.
    Step,
    /// Time of day in the reader's zone.
    Clock,
    /// Time of day in UTC.
    Utc,
}

impl TimeForm {
    /// The next one.
    #[must_use]
    pub const fn after(self) -> Self {
        match self {
            Self::Start => Self::Step,
            Self::Step => Self::Clock,
            Self::Clock => Self::Utc,
            Self::Utc => Self::Start,
        }
    }

    /// `since start`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "since start",
            Self::Step => "since the row above",
            Self::Clock => "clock",
            Self::Utc => "clock, UTC",
        }
    }
}

/// Where the cursor is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// In the ladder.
    #[default]
    Ladder,
    /// In the open pane.
    Pane,
}

/// A session that is looked at.
#[derive(Clone, Debug)]
pub struct SessionView {
    /// The session.
    pub case: Arc<Case>,
    /// The ladder.
    pub rungs: Vec<Rung>,
    /// The rung under the cursor.
    pub cursor: usize,
    /// The first rung on the screen.
    pub top: usize,
    /// What is unfolded in the ladder.
    pub unfolded: Unfolded,
    /// The open pane, an index into the roster of panes.
    pub pane: usize,
    /// Where the cursor is.
    pub focus: Focus,
    /// The pane with the cursor has the whole screen.
    pub is_zoomed: bool,
    /// What times are shown.
    pub time: TimeForm,
    /// Times count from here.
    pub mark: Option<(FrameNumber, Timestamp)>,
    /// Frames that were jumped from.
    pub jumps: Vec<FrameNumber>,
    /// The selected item of the open pane.
    pub item: usize,
    /// The cell of the network's charts that is meant.
    pub moment: usize,
    /// The chart of the network that is shown where there is room for one.
    pub chart: usize,
    /// The hex shows the whole message, not the frame.
    pub is_whole: bool,
    /// What is looked for.
    pub find: String,
    /// Folded nodes of the packet's tree, by name.
    pub folded: BTreeSet<String>,
}

impl SessionView {
    /// Opened on the death; a session that is well on its first packet.
    #[must_use]
    pub fn new(case: Arc<Case>) -> Self {
        let rungs = rungs(&case, &Unfolded::default());
        let mut view = Self {
            case,
            rungs,
            cursor: 0,
            top: 0,
            unfolded: Unfolded::default(),
            pane: 0,
            focus: Focus::Ladder,
            is_zoomed: false,
            time: TimeForm::default(),
            mark: None,
            jumps: Vec::new(),
            item: 0,
            moment: 0,
            chart: 0,
            is_whole: false,
            find: String::new(),
            folded: BTreeSet::new(),
        };
        let marked = view.rungs.iter().position(|rung| rung.mark.is_some());
        view.cursor = view.death().or(marked.filter(|_| view.has_trouble())).unwrap_or(0);
        view
    }

    /// The rung of the death.
    #[must_use]
    pub fn death(&self) -> Option<usize> {
        self.rungs.iter().position(|rung| rung.mark == Some('×'))
    }

    /// The next rung with a mark after (or before) `from`; with `here`, `from` itself too.
    #[must_use]
    pub fn trouble(&self, from: usize, forward: bool, here: bool) -> Option<usize> {
        let is_trouble =
            |index: &usize| self.rungs[*index].mark.is_some() || self.rungs[*index].kind == RungKind::Again;
        let count = self.rungs.len();
        if forward {
            (from + usize::from(!here)..count).find(is_trouble)
        } else {
            (0..from.min(count)).rev().find(is_trouble)
        }
    }

    /// The frame under the cursor.
    #[must_use]
    pub fn frame(&self) -> Option<FrameNumber> {
        self.rungs.get(self.cursor).map(|rung| rung.frame)
    }

    /// The rung that shows `frame`, or the last one before it.
    #[must_use]
    pub fn rung_of(&self, frame: FrameNumber) -> Option<usize> {
        let exact = self.rungs.iter().rposition(|rung| rung.is_packet() && rung.frame == frame);
        let within = || self.rungs.iter().position(|rung| rung.holds(frame));
        let before = || self.rungs.iter().rposition(|rung| rung.is_packet() && rung.frame < frame);
        exact.or_else(within).or_else(before)
    }

    /// Moves the cursor by `steps` packets.
    pub fn step(&mut self, steps: isize) {
        let packets: Vec<usize> = (0..self.rungs.len()).filter(|index| self.rungs[*index].is_packet()).collect();
        let Some(here) = packets.iter().rposition(|index| *index <= self.cursor) else { return };
        let last = packets.len() - 1;
        let there = here.saturating_add_signed(steps).min(last);
        self.cursor = packets[there];
    }

    /// Goes to `frame`, remembering where it came from.
    pub fn jump(&mut self, frame: FrameNumber) -> bool {
        let Some(there) = self.rung_of(frame) else { return false };
        if let Some(from) = self.frame().filter(|_| there != self.cursor) {
            self.jumps.push(from);
        }
        self.cursor = there;
        true
    }

    /// Builds the rungs anew; the cursor stays on its frame.
    pub fn rebuild(&mut self) {
        let frame = self.frame();
        self.rungs = rungs(&self.case, &self.unfolded);
        self.cursor = frame.and_then(|frame| self.rung_of(frame)).unwrap_or(0);
    }

    /// Unfolds the fold under the cursor, or folds it again. `false` when nothing is folded here.
    pub fn unfold(&mut self) -> bool {
        let Some(rung) = self.rungs.get(self.cursor) else { return false };
        let frame = rung.frame;
        let opened = self.unfolded.at.iter().rev().find(|at| **at <= frame).copied();
        if matches!(rung.kind, RungKind::Fold | RungKind::Again) && rung.last_frame > frame {
            self.unfolded.at.insert(frame);
        } else if let Some(opened) = opened {
            self.unfolded.at.remove(&opened);
        } else {
            return false;
        }
        self.rebuild();
        true
    }

    /// The same for the fold nearest to the cursor, the next before the last.
    pub fn unfold_near(&mut self) -> bool {
        if self.unfold() {
            return true;
        }
        let is_fold =
            |rung: &&Rung| matches!(rung.kind, RungKind::Fold | RungKind::Again) && rung.last_frame > rung.frame;
        let (above, below) = self.rungs.split_at(self.cursor.min(self.rungs.len()));
        let near = below.iter().find(is_fold).or_else(|| above.iter().rev().find(is_fold)).map(|rung| rung.frame);
        let changed = match near {
            Some(frame) => self.unfolded.at.insert(frame),
            None => self.unfolded.at.pop_first().is_some(),
        };
        self.rebuild();
        changed
    }

    /// Out of the pane, and of the whole screen that it had.
    pub fn to_ladder(&mut self) {
        self.focus = Focus::Ladder;
        self.is_zoomed = false;
    }

    /// The cursor is in nothing that cannot be seen: where the screen has no pane beside the ladder, it is in a pane only
    /// while that takes the whole screen.
    pub fn settle(&mut self, has_pane: bool) {
        if self.focus == Focus::Pane && !self.is_zoomed && !has_pane {
            self.focus = Focus::Ladder;
        }
    }

    /// Whether it is worth opening the reasons: there is something to explain.
    #[must_use]
    pub fn has_trouble(&self) -> bool {
        matches!(self.case.verdict.outcome, Outcome::Died | Outcome::Warn | Outcome::Unsure)
    }
}
