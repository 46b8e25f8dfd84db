//! Under the ladder where there is room: the packet under the cursor and its bytes, whatever pane is open beside it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::model::Model;
use crate::tui::paint::Brush;
use crate::tui::pane::Pane;

use super::{hex, packet};

/// Draws it; what is open as a pane is not drawn twice.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some(view) = model.shown() else { return };
    let open = super::PANES.get(view.pane).map_or("", |pane| pane.name);
    let both: [(&Pane, &str); 2] = [(&packet::PANE, "packet"), (&hex::PANE, "hex")];
    let wanted: Vec<&(&Pane, &str)> = both.iter().filter(|(pane, _)| pane.name != open).collect();
    let mut top = area.y;
    for (index, (pane, title)) in wanted.iter().enumerate() {
        let rest = area.bottom().saturating_sub(top);
        let height = if index + 1 == wanted.len() { rest } else { area.height * 3 / 5 };
        let part = Rect { y: top, height, ..area };
        let note = if index == 0 { (pane.note)(model, view) } else { String::new() };
        Brush::new(&model.look, part, buffer).rule(0, title, &note);
        let below = Rect { y: top + 1, height: height.saturating_sub(1), ..part };
        (pane.draw)(model, view, below, buffer);
        top += height;
    }
}
