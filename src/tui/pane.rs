//! The contract of the panes: what each can do, and text laid out in lines.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::model::Model;
use super::opened::SessionView;
use super::paint::Brush;
use super::theme::Role;
use crate::frame::FrameNumber;
use crate::report::pen::wrap;

/// A tabbed pane.
#[derive(Debug)]
pub struct Pane {
    /// Its tab.
    pub name: &'static str,
    /// What stands at the right end of the tabs.
    pub note: fn(&Model, &SessionView) -> String,
    /// How many items the cursor can stand on.
    pub items: fn(&Model, &SessionView) -> usize,
    /// The frame that an item speaks of.
    pub frame: fn(&Model, &SessionView, usize) -> Option<FrameNumber>,
    /// What an item says, for finding.
    pub text: fn(&Model, &SessionView, usize) -> String,
    /// Draws it into the area.
    pub draw: fn(&Model, &SessionView, Rect, &mut Buffer),
}

/// A line of a pane, made of pieces; `item` is the item it belongs to.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The item.
    pub item: Option<usize>,
    /// Column, role and text of its pieces.
    pub pieces: Vec<(usize, Role, String)>,
}

impl Row {
    /// A line of one piece.
    #[must_use]
    pub fn of(role: Role, text: impl Into<String>) -> Self {
        Self { item: None, pieces: vec![(0, role, text.into())] }
    }

    /// The same with another piece.
    #[must_use]
    pub fn and(mut self, column: usize, role: Role, text: impl Into<String>) -> Self {
        self.pieces.push((column, role, text.into()));
        self
    }

    /// The same, as part of an item.
    #[must_use]
    pub const fn item(mut self, item: usize) -> Self {
        self.item = Some(item);
        self
    }
}

impl Row {
    /// Everything it says.
    #[must_use]
    pub fn text(&self) -> String {
        self.pieces.iter().map(|(_, _, text)| text.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// A label and behind it, from `column` on, prose in as many lines as it needs within `width`.
#[must_use]
pub fn prose(label: (Role, &str), column: usize, width: usize, role: Role, text: &str) -> Vec<Row> {
    let lines = wrap(text, width.saturating_sub(column + 1));
    let mut rows: Vec<Row> = Vec::with_capacity(lines.len());
    for (index, line) in lines.into_iter().enumerate() {
        let row = if index == 0 { Row::of(label.0, label.1) } else { Row::default() };
        rows.push(row.and(column, role, line));
    }
    rows
}

/// Draws `rows` one column from the edge, scrolled so that the selected item is seen, with the number of those that
/// have no place. `selected` is the item under the cursor, if the cursor is here.
pub fn scroll(brush: &mut Brush<'_>, rows: &[Row], selected: Option<usize>) {
    let height = brush.height();
    let first = selected.and_then(|item| rows.iter().position(|row| row.item == Some(item)));
    let last = selected.and_then(|item| rows.iter().rposition(|row| row.item == Some(item)));
    let most = rows.len().saturating_sub(height);
    // The first line of the selected item stays in sight, and as much of the rest as there is room for.
    let top = match (first, last) {
        (Some(first), Some(last)) if last + 2 > height => (last + 2 - height).min(first).min(most),
        _ => 0,
    };
    let below = rows.len().saturating_sub(top + height);
    let lines = if below == 1 { "line" } else { "lines" };
    let more = if below > 0 { format!(" {below} more {lines} ▼") } else { String::new() };
    for (y, row) in rows.iter().skip(top).take(height).enumerate() {
        let is_under = y + 1 == height && below > 0;
        let room = brush.width().saturating_sub(if is_under { more.chars().count() } else { 0 });
        for (column, role, text) in &row.pieces {
            brush.fit(column + 1, y, room.saturating_sub(column + 1), *role, text);
        }
        if row.item.is_some() && row.item == selected {
            brush.select(y);
            if Some(top + y) == first {
                brush.put(0, y, Role::Marked, "►");
            }
        }
    }
    if below > 0 && height > 0 {
        brush.right(brush.width(), height - 1, Role::Dim, &more);
    }
}
