//! What the mouse does, where it was asked for: a click selects, a second one opens; on a column's title it sorts, on a
//! tab it opens it, on a hint it does what the hint says.

use ratatui::layout::Position;

use super::{Effect, act, list};
use crate::tui::action::Action;
use crate::tui::layout::{self, NARROW};
use crate::tui::model::{Model, Screen};
use crate::tui::opened::Focus;
use crate::tui::panes::{self, PANES};

/// What was done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// The left button, here; whether for the second time in a moment.
    Click(Position, bool),
    /// It was moved with the button held.
    Drag,
    /// The wheel, by so many rows.
    Wheel(i8),
}

/// Rows of a step of the wheel.
const ROWS: usize = 3;

const DIGITS: [Action; 5] = [Action::Why, Action::Packet, Action::Hex, Action::Certificate, Action::Net];

/// Takes it in.
pub(super) fn mouse(model: &mut Model, mouse: Mouse) -> Vec<Effect> {
    match mouse {
        Mouse::Drag => {
            let keys = model.bindings.iter().find(|binding| binding.action == Action::Mouse);
            let key = keys.map_or("M", |binding| binding.shown);
            model.message = Some(format!("hold Shift to select text, or {key} to give the mouse back"));
            Vec::new()
        }
        Mouse::Wheel(rows) if model.overlay.is_none() => {
            let action = if rows < 0 { Action::Up } else { Action::Down };
            (0..ROWS).flat_map(|_| act(model, action)).collect()
        }
        Mouse::Click(at, again) if model.overlay.is_none() => {
            model.message = None;
            model.is_touched = true;
            click(model, at, again)
        }
        // What lies over the screen is asked with keys.
        Mouse::Wheel(_) | Mouse::Click(..) => Vec::new(),
    }
}

fn click(model: &mut Model, at: Position, again: bool) -> Vec<Effect> {
    let areas = layout::areas(model);
    if areas.hints.is_some_and(|area| area.contains(at)) {
        let action = panes::hints::at(model, usize::from(at.x));
        return action.map(|action| act(model, action)).unwrap_or_default();
    }
    if let Some(area) = areas.pane.filter(|area| area.contains(at)) {
        if at.y == area.y {
            let tab = panes::tabs::at(&PANES, usize::from(at.x - area.x));
            return tab.map(|tab| open(model, DIGITS[tab])).unwrap_or_default();
        }
        if let Some(view) = model.opened.as_mut().filter(|_| model.screen == Screen::Session) {
            view.focus = Focus::Pane;
        }
        return Vec::new();
    }
    if let Some(area) = areas.list.filter(|area| area.contains(at)) {
        return in_list(model, usize::from(at.x - area.x), usize::from(at.y - area.y), usize::from(area.width), again);
    }
    if let Some(area) = areas.ladder.filter(|area| area.contains(at)) {
        let top = usize::from(areas.answer.is_none()) + usize::from(usize::from(area.width) >= NARROW);
        return in_ladder(model, usize::from(at.y - area.y), top, again);
    }
    Vec::new()
}

/// Opens a tab; of a previewed session, the session with it.
fn open(model: &mut Model, tab: Action) -> Vec<Effect> {
    let mut effects = if model.screen == Screen::List { act(model, Action::Open) } else { Vec::new() };
    effects.extend(act(model, tab));
    effects
}

fn in_list(model: &mut Model, x: usize, y: usize, width: usize, again: bool) -> Vec<Effect> {
    if model.screen == Screen::Causes {
        if y > 0 {
            model.cause = y - 1;
        }
        return if again && y > 0 { act(model, Action::Open) } else { Vec::new() };
    }
    // Beside a session that is open the list stays where it is.
    model.screen = Screen::List;
    if y == 0 {
        if let Some(column) = panes::list::column_at(model, width, x) {
            let is_same = model.list.sort == column;
            if is_same {
                return act(model, Action::Reverse);
            }
            list::sort(model, column);
        }
        return Vec::new();
    }
    let row = model.list.top + y - 1;
    if row < model.list.order.len() {
        model.follows = false;
        model.list.cursor = row;
        if again {
            return act(model, Action::Open);
        }
    }
    Vec::new()
}

fn in_ladder(model: &mut Model, y: usize, top: usize, again: bool) -> Vec<Effect> {
    if model.screen == Screen::List {
        return if again { act(model, Action::Open) } else { Vec::new() };
    }
    let Some(view) = model.opened.as_mut() else { return Vec::new() };
    let rung =
        (view.top + y).checked_sub(top).filter(|rung| view.rungs.get(*rung).is_some_and(|rung| rung.is_packet()));
    if let Some(rung) = rung {
        view.cursor = rung;
        view.focus = Focus::Ladder;
        if again {
            return act(model, Action::Open);
        }
    }
    Vec::new()
}
