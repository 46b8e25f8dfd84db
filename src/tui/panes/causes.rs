//! The table of causes: what befell how many sessions, when, and on how many servers and clients.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::report::time;
use crate::tui::facts;
use crate::tui::model::Model;
use crate::tui::paint::Brush;
use crate::tui::summary::{self, CauseRow};
use crate::tui::theme::Role;

/// Draws it.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let mut brush = Brush::new(&model.look, area, buffer);
    let rows = summary::causes(model);
    let width = brush.width();
    brush.put(3, 0, Role::Dim, "Sessions  Cause");
    let columns = columns(width);
    for (x, name, _) in &columns {
        brush.put(*x, 0, Role::Dim, name);
    }
    if rows.is_empty() {
        brush.put(1, 1, Role::Bold, "no session died, warns or is unsure");
    }
    let room = columns.first().map_or(width, |(x, ..)| *x).saturating_sub(15);
    let height = brush.height().saturating_sub(1);
    let top = model.cause.saturating_sub(height.saturating_sub(1));
    for (y, (index, row)) in rows.iter().enumerate().skip(top).take(height).enumerate() {
        let y = y + 1;
        let role = Role::of(row.outcome);
        brush.put(2, y, role, facts::symbol(row.outcome));
        brush.right(11, y, Role::Text, &time::count(row.count as u64));
        brush.fit(13, y, room, role, row.cause);
        for (x, _, text) in &columns {
            brush.put(*x, y, Role::Text, &text(model, row));
        }
        if index == model.cause {
            brush.select(y);
            brush.put(0, y, Role::Marked, "►");
        }
    }
}

/// Where a column begins, its heading, its text.
type Column = (usize, &'static str, fn(&Model, &CauseRow) -> String);

/// As many columns as there is room for.
fn columns(width: usize) -> Vec<Column> {
    let servers: Column = (0, "Servers", |_, row| time::count(row.servers as u64));
    let clients: Column = (0, "Clients", |_, row| time::count(row.clients as u64));
    let numbers: Column =
        (0, "Numbers", |_, row| row.numbers.iter().map(|number| format!("#{number}")).collect::<Vec<_>>().join(" "));
    let first: Column = (0, "First", |model, row| time::clock(row.from, &model.look.zone));
    let last: Column = (0, "Last", |model, row| time::clock(row.to, &model.look.zone));
    let at = |columns: &[(usize, Column)]| columns.iter().map(|(x, (_, name, text))| (*x, *name, *text)).collect();
    match width {
        ..60 => Vec::new(),
        60..100 => at(&[(42, servers), (50, clients), (58, numbers)]),
        _ => at(&[(44, first), (54, last), (64, servers), (72, clients), (80, numbers)]),
    }
}
