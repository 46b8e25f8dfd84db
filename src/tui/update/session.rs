//! What keys do in a session: in its ladder, and in the open pane.

use super::find;
use super::list::moved;
use crate::tui::action::Action;
use crate::tui::layout;
use crate::tui::model::{Model, Screen};
use crate::tui::opened::{Focus, SessionView};
use crate::tui::panes::{PANES, hex, net};
use crate::tui::tree;

/// The pane of the bytes.
const HEX: usize = 2;

/// Does `action` in the open session.
pub(super) fn act(model: &mut Model, action: Action) {
    let rows = (layout::ladder_rows(model), layout::pane_rows(model));
    // Taken out, so that panes can be asked about the model while the view is changed.
    let Some(mut view) = model.opened.take() else { return };
    let leaves = action == Action::Left && view.focus == Focus::Ladder && !view.is_zoomed;
    let told = match (tab(action), view.focus) {
        (Some(pane), _) => {
            open_pane(model, &mut view, pane);
            None
        }
        _ if common(model, &mut view, action) => None,
        _ if action == Action::Stream => stream(model, &mut view),
        _ if action == Action::FindAfter => find::next(model, &mut view, true, false),
        _ if action == Action::FindBefore => find::next(model, &mut view, false, false),
        (_, Focus::Ladder) => in_ladder(&mut view, action, rows.0),
        (_, Focus::Pane) => in_pane(model, &mut view, action, rows.1),
    };
    view.settle(layout::has_pane(model.size));
    model.opened = Some(view);
    if leaves {
        model.screen = Screen::List;
    }
    if told.is_some() {
        model.message = told;
    }
}

/// The hex shows the frame's bytes, or those of the message that it completes.
fn stream(model: &Model, view: &mut SessionView) -> Option<String> {
    view.is_whole = !view.is_whole;
    view.item = 0;
    open_pane(model, view, HEX);
    if !view.is_whole {
        return Some("bytes of the frame".into());
    }
    match hex::whole(model, view) {
        Some(whole) if whole.first != whole.last => {
            Some(format!("the whole message: frames {} to {}", whole.first.number(), whole.last.number()))
        }
        Some(_) => Some("the whole message; all of it is in this frame".into()),
        None => Some("this frame completes no message; its own bytes are shown".into()),
    }
}

const fn tab(action: Action) -> Option<usize> {
    match action {
        Action::Why => Some(0),
        Action::Packet => Some(1),
        Action::Hex => Some(2),
        Action::Certificate => Some(3),
        Action::Net => Some(4),
        _ => None,
    }
}

/// Where the screen has no room for a pane beside the ladder, it takes the whole.
fn open_pane(model: &Model, view: &mut SessionView, pane: usize) {
    if view.pane != pane {
        view.item = 0;
    }
    view.pane = pane;
    if !layout::has_pane(model.size) {
        view.focus = Focus::Pane;
        view.is_zoomed = true;
    }
}

/// What is the same in ladder and pane.
fn common(model: &Model, view: &mut SessionView, action: Action) -> bool {
    match action {
        Action::PaneAfter | Action::PaneBefore => {
            view.focus = if view.focus == Focus::Ladder { Focus::Pane } else { Focus::Ladder };
            if view.focus == Focus::Pane && !layout::has_pane(model.size) {
                view.is_zoomed = true;
            } else if view.focus == Focus::Ladder {
                view.is_zoomed = false;
            }
        }
        Action::Zoom => view.is_zoomed = !view.is_zoomed,
        Action::TimeForm => view.time = view.time.after(),
        Action::TimeMark => {
            let here = view.rungs.get(view.cursor).map(|rung| (rung.frame, rung.time));
            view.mark = if view.mark.is_some() && view.mark == here { None } else { here };
            view.time = crate::tui::opened::TimeForm::Start;
        }
        _ => return false,
    }
    true
}

fn in_ladder(view: &mut SessionView, action: Action, rows: usize) -> Option<String> {
    let page = rows.saturating_sub(1).max(1) as isize;
    match action {
        Action::Up => view.step(-1),
        Action::Down => view.step(1),
        Action::PageUp => view.step(-page),
        Action::PageDown => view.step(page),
        Action::HalfUp => view.step(-(page + 1) / 2),
        Action::HalfDown => view.step((page + 1) / 2),
        Action::First => view.step(isize::MIN / 2),
        Action::Last => view.step(isize::MAX / 2),
        Action::Left => view.is_zoomed = false,
        action => return jump(view, action),
    }
    None
}

/// Ways to a packet that are the same from the ladder and from a pane.
fn jump(view: &mut SessionView, action: Action) -> Option<String> {
    let wanted = match action {
        Action::Death => view.death().ok_or("nothing died here"),
        Action::TroubleAfter => view.trouble(view.cursor, true, false).ok_or("no more trouble below"),
        Action::TroubleBefore => view.trouble(view.cursor, false, false).ok_or("no trouble above"),
        Action::Return => {
            let Some(frame) = view.jumps.pop() else { return Some("nothing to go back to".into()) };
            view.rung_of(frame).ok_or("that packet is not shown")
        }
        Action::Unfold | Action::Right | Action::Open => {
            let folded = if action == Action::Unfold { view.unfold_near() } else { view.unfold() };
            return (!folded && action == Action::Unfold).then(|| "nothing is folded here".into());
        }
        Action::UnfoldAll => {
            view.unfolded.all = !view.unfolded.all;
            view.unfolded.at.clear();
            view.rebuild();
            return Some(if view.unfolded.all { "everything is unfolded" } else { "folded again" }.into());
        }
        _ => return None,
    };
    match wanted {
        Ok(rung) => {
            if let Some(from) = view.frame().filter(|_| action == Action::Death && rung != view.cursor) {
                view.jumps.push(from);
            }
            view.cursor = rung;
            None
        }
        Err(why) => Some(why.into()),
    }
}

fn in_pane(model: &Model, view: &mut SessionView, action: Action, rows: usize) -> Option<String> {
    let pane = PANES[view.pane];
    let count = (pane.items)(model, view);
    let is_hex = pane.name == "Hex";
    let width = layout::areas(model).pane.map_or(80, |area| usize::from(area.width));
    // In the hex a row is a line of bytes, sideways a byte.
    let line = if is_hex { 16 } else { 1 };
    match action {
        Action::Left if is_hex => view.item = view.item.saturating_sub(1),
        Action::Right if is_hex => view.item = (view.item + 1).min(count.saturating_sub(1)),
        Action::Up if is_hex => view.item = view.item.saturating_sub(line),
        Action::Down if is_hex => view.item = (view.item + line).min(count.saturating_sub(1)),
        Action::Open | Action::Right | Action::Left | Action::Unfold if pane.name == "Packet" => {
            fold(model, view, action)
        }
        Action::Left if pane.name == "Net" => view.moment = view.moment.min(net::cells(width) - 1).saturating_sub(1),
        Action::Right if pane.name == "Net" => view.moment = (view.moment + 1).min(net::cells(width) - 1),
        Action::TroubleAfter if pane.name == "Net" && net::is_single(model) => {
            view.chart = (view.chart + 1) % net::CHARTS;
        }
        Action::TroubleBefore if pane.name == "Net" && net::is_single(model) => {
            view.chart = (view.chart + net::CHARTS - 1) % net::CHARTS;
        }
        Action::Open if pane.name == "Net" => match net::meant(model, view, width) {
            Some(frame) => {
                view.jump(frame);
                view.to_ladder();
            }
            None => return Some("nothing was said at that time".into()),
        },
        Action::Left => view.to_ladder(),
        Action::Open | Action::Right => {
            let Some(frame) = (pane.frame)(model, view, view.item) else {
                return Some("no packet of its own shows this".into());
            };
            if !view.jump(frame) {
                return Some(format!("frame {} is not in this session", frame.number()));
            }
            if view.is_zoomed {
                view.to_ladder();
            }
        }
        action => match moved(action, view.item, count, rows) {
            Some(there) => view.item = there,
            None => return jump(view, action),
        },
    }
    None
}

/// Folds or unfolds the layer under the cursor of the tree.
fn fold(model: &Model, view: &mut SessionView, action: Action) {
    let Ok(packet) = crate::tui::panes::packet::current(model, view) else { return };
    let nodes = tree::nodes(view, packet);
    let Some(at) = (0..=view.item.min(nodes.len().saturating_sub(1))).rev().find(|at| nodes[*at].is_parent) else {
        return;
    };
    let name = nodes[at].name.clone();
    let is_folded = tree::is_folded(view, &name);
    let wants_change = match action {
        Action::Right => is_folded,
        Action::Left => !is_folded,
        _ => true,
    };
    if !wants_change {
        if action == Action::Left {
            view.to_ladder();
        }
        return;
    }
    view.item = at;
    if !view.folded.remove(&name) {
        view.folded.insert(name);
    }
}
