//! Pane 5: the network. What each side sent, what was sent again, how far away it is; over time; what that is worth;
//! and what the two agreed upon.

mod charts;
mod negotiation;
mod table;
mod worth;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::frame::FrameNumber;
use crate::report::time;
use crate::tui::feed::Packet;
use crate::tui::flow::Flow;
use crate::tui::layout;
use crate::tui::model::{Model, Screen};
use crate::tui::opened::{Focus, SessionView};
use crate::tui::paint::Brush;
use crate::tui::pane::{Pane, Row, prose, scroll};
use crate::tui::theme::Role;

pub use charts::{CHARTS, cells};

/// The pane.
pub static PANE: Pane = Pane { name: "Net", note, items, frame, text, draw };

/// Rows from which all charts are shown, not one at a time.
const ALL: usize = 34;

/// Columns and rows the pane has on the screen of `model`.
fn room(model: &Model) -> (usize, usize) {
    layout::areas(model).pane.map_or((80, 20), |area| (area.width.into(), usize::from(area.height).saturating_sub(1)))
}

/// Whether there is room for one chart at a time only.
#[must_use]
pub fn is_single(model: &Model) -> bool {
    room(model).1 < ALL
}

/// The packets of the session, and what was measured on them.
fn measured<'m>(model: &'m Model, view: &SessionView) -> Option<(&'m [Packet], &'m Flow)> {
    let packets = model.packets.as_ref().filter(|packets| packets.id == view.case.session.id)?;
    Some((packets.found.as_ref().ok()?, model.flow.as_ref()?))
}

fn note(model: &Model, view: &SessionView) -> String {
    measured(model, view)
        .map(|(packets, _)| format!("drawn from {}", time::counted(packets.len() as u64, "packet")))
        .unwrap_or_default()
}

fn items(model: &Model, view: &SessionView) -> usize {
    lines(model, view, room(model)).len()
}

fn frame(_: &Model, _: &SessionView, _: usize) -> Option<FrameNumber> {
    None
}

fn text(model: &Model, view: &SessionView, item: usize) -> String {
    lines(model, view, room(model)).get(item).map_or_else(String::new, Row::text)
}

fn draw(model: &Model, view: &SessionView, area: Rect, buffer: &mut Buffer) {
    let mut brush = Brush::new(&model.look, area, buffer);
    let rows = lines(model, view, (brush.width(), brush.height()));
    let has_focus = model.screen == Screen::Session && view.focus == Focus::Pane;
    scroll(&mut brush, &rows, has_focus.then_some(view.item.min(rows.len().saturating_sub(1))));
}

fn lines(model: &Model, view: &SessionView, (width, height): (usize, usize)) -> Vec<Row> {
    let is_single = height < ALL;
    let session = &view.case.session;
    let found = measured(model, view);
    let mut rows = table::rows(session, found.map(|(_, flow)| flow), width, !is_single);
    if let Some((packets, flow)) = found {
        rows.extend(charts::rows(packets, flow, view, width, is_single));
    } else if let Some(Err(why)) = model.packets.as_ref().map(|packets| &packets.found) {
        rows.extend(prose((Role::Dim, ""), 0, width, Role::Dim, &format!("no charts: {why}")));
    }
    let worth = worth::told(session, found.map(|(_, flow)| flow), &model.look.zone);
    if !worth.is_empty() {
        rows.push(heading("what this is worth", "", width));
        rows.extend(worth.iter().flat_map(|sentence| prose((Role::Dim, ""), 0, width, Role::Text, sentence)));
    }
    let agreed = negotiation::rows(session, width);
    if !agreed.is_empty() {
        rows.push(heading("negotiation", "", width));
        rows.extend(agreed);
    }
    rows.into_iter().enumerate().map(|(index, row)| row.item(index)).collect()
}

/// A rule with a title, and a note at its end where there is room.
fn heading(title: &str, note: &str, width: usize) -> Row {
    let room = width.saturating_sub(2);
    let used = title.chars().count() + note.chars().count() + 4;
    let row = Row::of(Role::Bold, title);
    if used > room {
        return row;
    }
    let rule = "─".repeat(room - used + usize::from(note.is_empty()));
    row.and(title.chars().count() + 1, Role::Dim, format!("{rule} {note}"))
}

/// The first packet in the cell that is meant.
#[must_use]
pub fn meant(model: &Model, view: &SessionView, width: usize) -> Option<FrameNumber> {
    let (packets, flow) = measured(model, view)?;
    charts::there(packets, flow, cells(width), view.moment).next().map(|packet| packet.frame)
}
