//! The tabbed pane: its tabs as a rule, and under it whichever pane is open.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::opened::Focus;
use crate::tui::model::{Model, Screen};
use crate::tui::paint::Brush;
use crate::tui::pane::Pane;
use crate::tui::theme::Role;

/// Which tab is at column `x`.
#[must_use]
pub fn at(panes: &[&Pane], x: usize) -> Option<usize> {
    let mut end = 1;
    panes.iter().position(|pane| {
        let start = end;
        end += pane.name.len() + 4;
        (start..end).contains(&x)
    })
}

/// Draws it; `panes` is the roster.
pub fn draw(panes: &[&Pane], model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some(view) = model.shown() else { return };
    let Some(pane) = panes.get(view.pane) else { return };
    let mut brush = Brush::new(&model.look, area, buffer);
    brush.rule(0, "", "");
    let has_focus = model.screen == Screen::Session && view.focus == Focus::Pane;
    let mut x = 1;
    for (index, pane) in panes.iter().enumerate() {
        let text = format!("{} {}", index + 1, pane.name);
        x = if index == view.pane {
            let role = if has_focus { Role::Marked } else { Role::Bold };
            brush.put(x, 0, role, &format!("[{text}]"))
        } else {
            brush.put(x, 0, Role::Dim, &format!(" {text} "))
        };
    }
    let note = (pane.note)(model, view);
    if !note.is_empty() && x + note.chars().count() + 4 < brush.width() {
        let end = brush.width() - 1;
        brush.right(end, 0, Role::Dim, &format!(" {note} "));
    }
    let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    (pane.draw)(model, view, below, buffer);
}
