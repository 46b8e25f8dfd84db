//! The table of causes: what befell how many sessions, when, and on how many servers and clients.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::report::time;
use crate::tui::facts;
use crate::tui::model::Model;
use crate::tui::paint::Brush;
use crate::tui::summary;
use crate::tui::theme::Role;

/// Draws it.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let mut brush = Brush::new(&model.look, area, buffer);
    let rows = summary::causes(model);
    let wide = brush.width() >= 72;
    let text = if wide { 60 } else { 34 };
    brush.put(3, 0, Role::Dim, "Sessions  Cause");
    if wide {
        brush.put(40, 0, Role::Dim, "First    Last");
        brush.put(text, 0, Role::Dim, "Servers Clients  Numbers");
    }
    if rows.is_empty() {
        brush.put(1, 1, Role::Bold, "no session died, warns or is unsure");
    }
    let height = brush.height().saturating_sub(1);
    let top = model.cause.saturating_sub(height.saturating_sub(1));
    for (y, (index, row)) in rows.iter().enumerate().skip(top).take(height).enumerate() {
        let y = y + 1;
        let role = Role::of(row.outcome);
        brush.put(2, y, role, facts::symbol(row.outcome));
        brush.right(11, y, Role::Text, &time::count(row.count as u64));
        brush.fit(13, y, if wide { 26 } else { 40 }, role, row.cause);
        if wide {
            brush.put(40, y, Role::Text, &time::clock(row.from, &model.look.zone));
            brush.put(49, y, Role::Text, &time::clock(row.to, &model.look.zone));
            brush.right(text + 7, y, Role::Text, &time::count(row.servers as u64));
            brush.right(text + 15, y, Role::Text, &time::count(row.clients as u64));
            let numbers: Vec<String> = row.numbers.iter().map(|number| format!("#{number}")).collect();
            brush.put(text + 17, y, Role::Dim, &numbers.join(" "));
        }
        if index == model.cause {
            brush.select(y);
            brush.put(0, y, Role::Marked, "►");
        }
    }
}
