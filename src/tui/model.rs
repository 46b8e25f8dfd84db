//! Everything the screen shows, and nothing else: panes are pure functions of this.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ratatui::layout::Size;

use super::feed::{Packets, Progress, Request, Whole};
use super::flow::Flow;
use super::keys::{Binding, Where};
use super::list::{Column, List};
use super::live::{Live, LiveStart};
use super::opened::SessionView;
use super::overlay::Overlay;
use super::theme::Look;
use super::{layout, summary};
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::frame::{FrameNumber, Input, Timestamp};
use crate::report::{Filter, NotRdp};
use crate::session::{Session, SessionId};

/// Panes that are open where the reasons have a place of their own.
const PACKET: usize = 1;
const NET: usize = 4;

/// What the screen starts with.
#[derive(Clone, Debug)]
pub struct Start {
    /// How it looks.
    pub look: Look,
    /// The source as the header names it.
    pub source: String,
    /// The words that name the source on a command line; `None` when it cannot be read again.
    pub again: Option<String>,
    /// The filter to begin with, as typed and as read.
    pub filter: Option<(String, Filter)>,
    /// The session to open as soon as it is there.
    pub session: Option<u32>,
    /// The capture is running.
    pub live: Option<LiveStart>,
    /// Between two pictures that nobody asked for.
    pub pace: Duration,
    /// A death in a running capture rings the bell.
    pub bell: bool,
    /// The mouse is ours.
    pub mouse: bool,
    /// Which key does what.
    pub bindings: &'static [Binding],
    /// What the words of `explain` mean, in so many columns; empty when they mean nothing.
    pub explain: fn(&str, usize) -> String,
    /// Files whose names begin so.
    pub complete: fn(&str) -> Vec<String>,
}

/// How reading goes.
#[derive(Clone, Debug)]
pub enum Reading {
    /// It goes on; verdicts are not final.
    On(Progress),
    /// All was read.
    Done,
    /// It could not go on; one line.
    Failed(String),
}

/// What lies beneath the overlays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// The list of sessions.
    List,
    /// A session.
    Session,
    /// The table of causes.
    Causes,
}

impl Screen {
    /// Its bit in the registry of keys.
    #[must_use]
    pub const fn keys(self) -> Where {
        match self {
            Self::List => Where::LIST,
            Self::Session => Where::SESSION,
            Self::Causes => Where::CAUSES,
        }
    }
}

/// What arrives while the view is held still.
#[derive(Debug, Default)]
pub struct Held {
    /// Sessions, the newest state of each.
    pub cases: BTreeMap<SessionId, Arc<Case>>,
    /// Sessions that memory has no room for.
    pub left: Vec<(SessionId, Outcome)>,
    /// The end.
    pub end: Option<Box<Whole>>,
}

/// The model.
#[derive(Debug)]
pub struct Model {
    /// How it looks.
    pub look: Look,
    /// Columns and rows.
    pub size: Size,
    /// The source as the header names it.
    pub source: String,
    /// The words that name the source on a command line.
    pub again: Option<String>,
    /// How reading goes.
    pub reading: Reading,
    /// Frames read so far.
    pub progress: Progress,
    /// All sessions, by number.
    pub cases: Vec<Arc<Case>>,
    /// Where each number is among them.
    pub places: HashMap<SessionId, usize>,
    /// What was read.
    pub inputs: Vec<Input>,
    /// What the capture holds besides.
    pub elsewhere: NotRdp,
    /// Sessions that memory had no room for.
    pub let_go: u64,
    /// The capture is running, or was.
    pub live: Option<Live>,
    /// How sessions of a running capture fared that memory had no room for.
    pub gone: BTreeMap<Outcome, u64>,
    /// The list.
    pub list: List,
    /// The selected row of the causes.
    pub cause: usize,
    /// What lies beneath the overlays.
    pub screen: Screen,
    /// The session that is open.
    pub opened: Option<SessionView>,
    /// The selected session of the list, where the screen has room for it.
    pub preview: Option<SessionView>,
    /// What lies over the screen.
    pub overlay: Option<Overlay>,
    /// Something to tell, until the next key.
    pub message: Option<String>,
    /// Filters typed before, the latest last.
    pub history: Vec<String>,
    /// The packets of the session that is looked at.
    pub packets: Option<Packets>,
    /// What was measured on them.
    pub flow: Option<Flow>,
    /// Whose packets were asked for, up to which frame.
    pub asked: Option<(SessionId, FrameNumber)>,
    /// The mouse is ours.
    pub mouse: bool,
    /// Which key does what.
    pub bindings: &'static [Binding],
    /// What arrives while the view is held still.
    pub held: Option<Held>,
    /// The cursor stays on the newest session.
    pub follows: bool,
    /// Somebody has pressed a key: from then on the cursor is theirs.
    pub is_touched: bool,
    /// The session to open as soon as it is there.
    pub wanted: Option<u32>,
    /// What the words of `explain` mean.
    pub explain: fn(&str, usize) -> String,
    /// Files whose names begin so.
    pub complete: fn(&str) -> Vec<String>,
}

impl Model {
    /// Of a screen on which nothing has arrived yet.
    #[must_use]
    pub fn new(start: Start, size: Size) -> Self {
        let live = start.live.map(Live::new);
        let sort = if live.is_some() { Column::Number } else { Column::default() };
        let list = List { filter: start.filter, sort, ..List::default() };
        let file = live.as_ref().and_then(|live| live.start.file.clone());
        Self {
            inputs: file.map(|path| Input { path, ..Input::default() }).into_iter().collect(),
            follows: live.is_some(),
            live,
            gone: BTreeMap::new(),
            look: start.look,
            size,
            source: start.source,
            again: start.again,
            reading: Reading::On(Progress::default()),
            progress: Progress::default(),
            cases: Vec::new(),
            places: HashMap::new(),
            elsewhere: NotRdp::default(),
            let_go: 0,
            list,
            cause: 0,
            screen: Screen::List,
            opened: None,
            preview: None,
            overlay: None,
            message: None,
            history: Vec::new(),
            packets: None,
            flow: None,
            asked: None,
            mouse: start.mouse,
            bindings: start.bindings,
            held: None,
            is_touched: false,
            wanted: start.session,
            explain: start.explain,
            complete: start.complete,
        }
    }

    /// The session that is open, or else previewed.
    #[must_use]
    pub const fn shown(&self) -> Option<&SessionView> {
        match self.screen {
            Screen::Session => self.opened.as_ref(),
            Screen::List | Screen::Causes => self.preview.as_ref(),
        }
    }

    /// The session that an action is about: open or selected.
    #[must_use]
    pub fn subject(&self) -> Option<&Arc<Case>> {
        match self.screen {
            Screen::Session => self.opened.as_ref().map(|view| &view.case),
            Screen::List => self.cases.get(self.list.selected()?),
            Screen::Causes => self.cases.get(summary::causes(self).get(self.cause)?.first),
        }
    }

    /// The frame that an action is about.
    #[must_use]
    pub fn frame(&self) -> Option<FrameNumber> {
        match (&self.opened, self.screen) {
            (Some(view), Screen::Session) => view.frame(),
            _ => self.subject().map(|case| summary::pointed(case)),
        }
    }

    /// Whether sessions are still arriving.
    #[must_use]
    pub const fn is_reading(&self) -> bool {
        matches!(self.reading, Reading::On(_))
    }

    /// Whether packets can be read again now. Numbers of frames are final only at the end of a file, but at once where
    /// packets are kept as they come.
    #[must_use]
    pub const fn has_packets(&self) -> bool {
        !self.is_reading() || (self.live.is_some() && !self.inputs.is_empty())
    }

    /// Whether the packets of `session` are in a file.
    #[must_use]
    pub fn is_kept(&self, session: &Session) -> bool {
        let input = self.inputs.get(usize::from(session.first.frame.file()));
        input.is_some_and(|input| input.format != "live")
    }

    /// How many sessions fared so.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        let gone = self.gone.get(&outcome).copied().unwrap_or(0);
        self.cases.iter().filter(|case| case.verdict.outcome == outcome).count() + gone as usize
    }

    /// The capture's clock, of a capture that is running.
    #[must_use]
    pub fn now(&self) -> Option<Timestamp> {
        self.live.as_ref().filter(|_| self.is_reading()).map(|live| live.seen.now)
    }

    /// Orders the list anew where something has changed.
    fn arrange(&mut self) {
        if !self.list.is_stale {
            return;
        }
        if self.follows {
            self.list.sort = Column::Number;
            self.list.reversed = false;
        }
        self.list.arrange(&self.cases);
        if self.follows {
            self.list.cursor = self.list.order.len().saturating_sub(1);
        } else if !self.is_touched {
            // Whoever has not moved yet wants the worst, not what happened to be read first.
            self.list.cursor = 0;
        }
    }

    /// Puts everything in order after a change: cursors onto rows that exist, and onto the screen.
    pub fn settle(&mut self) {
        self.arrange();
        if let Some(wanted) = self.wanted
            && let Some(place) = self.places.get(&SessionId(wanted)).copied()
            && !self.is_reading()
        {
            self.wanted = None;
            self.open(place);
        }
        let rows = layout::list_rows(self);
        let list = &mut self.list;
        list.cursor = list.cursor.min(list.order.len().saturating_sub(1));
        list.top = scrolled(list.top, list.cursor, rows, list.order.len());
        self.cause = self.cause.min(summary::causes(self).len().saturating_sub(1));
        if self.screen == Screen::Session && self.opened.is_none() {
            self.screen = Screen::List;
        }
        self.settle_preview();
        let heights = (layout::ladder_rows(self), self.screen);
        let view = if self.screen == Screen::Session { self.opened.as_mut() } else { self.preview.as_mut() };
        if let Some(view) = view {
            view.cursor = view.cursor.min(view.rungs.len().saturating_sub(1));
            // The rule of the death belongs under its packet.
            let foot = usize::from(view.rungs.get(view.cursor).is_some_and(|rung| rung.mark == Some('×')));
            let lowest = (view.cursor + foot).min(view.rungs.len().saturating_sub(1));
            view.top = scrolled(view.top, lowest, heights.0, view.rungs.len());
            view.top = view.top.min(view.cursor);
        }
    }

    fn settle_preview(&mut self) {
        let selected = self.list.selected().filter(|_| layout::has_preview(self.size));
        let case = selected.and_then(|index| self.cases.get(index));
        let is_same = match (&self.preview, case) {
            (Some(view), Some(case)) => Arc::ptr_eq(&view.case, case),
            (None, None) => true,
            _ => false,
        };
        if !is_same {
            self.preview = case.map(|case| SessionView::new(case.clone()));
            if let Some(view) = self.preview.as_mut().filter(|_| layout::is_wide(self.size)) {
                view.pane = NET;
            }
            let rows = layout::ladder_rows(self);
            if let Some(view) = &mut self.preview {
                view.top = around(view.cursor, rows, view.rungs.len());
            }
        }
    }

    /// Opens the session with index `place`.
    pub fn open(&mut self, place: usize) {
        let Some(case) = self.cases.get(place) else { return };
        let mut view = SessionView::new(case.clone());
        // Where the reasons stand beside everything, they need no pane.
        if layout::is_wide(self.size) {
            view.pane = PACKET;
        }
        self.opened = Some(view);
        self.screen = Screen::Session;
        let rows = layout::ladder_rows(self);
        if let Some(view) = &mut self.opened {
            view.top = around(view.cursor, rows, view.rungs.len());
        }
    }

    /// What is needed of outside for what is open now: asked for once.
    pub fn ask(&mut self) -> Option<Request> {
        let view = self.shown().filter(|_| self.screen == Screen::Session && self.has_packets())?;
        let session = &view.case.session;
        let (first, last) = (session.first.frame, session.last.frame);
        if !self.is_kept(session) {
            return None;
        }
        let is_new = self.asked.is_none_or(|(id, _)| id != session.id);
        // A session that goes on is read again when somebody looks at what has come since.
        let is_behind = self.asked.is_some_and(|(_, read)| view.frame().is_some_and(|frame| frame > read));
        if !is_new && !is_behind {
            return None;
        }
        let path = |file: u16| Some((file, self.inputs.get(usize::from(file))?.path.clone()));
        let files: Vec<(u16, PathBuf)> =
            (first.file().min(last.file())..=first.file().max(last.file())).filter_map(path).collect();
        let request =
            Request::Packets { id: session.id, files, ends: (session.client, session.server), extent: (first, last) };
        self.asked = Some((session.id, last));
        if is_new {
            self.packets = None;
            self.flow = None;
        }
        Some(request)
    }
}

/// The first row shown so that `cursor` is among `rows`, moved no further than needed.
fn scrolled(top: usize, cursor: usize, rows: usize, count: usize) -> usize {
    let lowest = cursor.saturating_sub(rows.saturating_sub(1));
    top.clamp(lowest, cursor.max(lowest)).min(count.saturating_sub(rows))
}

/// The first row shown so that `cursor` is in the lower third.
fn around(cursor: usize, rows: usize, count: usize) -> usize {
    cursor.saturating_sub(rows * 2 / 3).min(count.saturating_sub(rows))
}
