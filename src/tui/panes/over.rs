//! The overlays: help, a line to type, a menu, a page.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget as _};

use crate::tui::model::Model;
use crate::tui::overlay::{Help, Line, Menu, Overlay, Page, Purpose};
use crate::tui::paint::{Brush, cut};
use crate::tui::theme::Role;

/// Columns that a choice of a menu needs beside its label.
const BESIDE: usize = 6;

/// Draws the overlay over the whole screen `area`; answers where the terminal's cursor belongs.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) -> Option<(u16, u16)> {
    match model.overlay.as_ref()? {
        Overlay::Help(help) => self::help(model, help, area, buffer),
        Overlay::Line(line) => self::line(model, line, area, buffer),
        Overlay::Menu(menu) => self::menu(model, menu, area, buffer),
        Overlay::Page(page) => self::page(model, page, area, buffer),
    }
}

/// A cleared frame of at most `width` by `height` in the middle; answers what is inside.
fn window(model: &Model, title: &str, foot: &str, size: (u16, u16), area: Rect, buffer: &mut Buffer) -> Rect {
    let (width, height) = (size.0.min(area.width), size.1.min(area.height));
    let at = Rect { x: (area.width - width) / 2, y: (area.height - height) / 2, width, height };
    Clear.render(at, buffer);
    buffer.set_style(at, model.look.theme.base());
    let mut brush = Brush::new(&model.look, at, buffer);
    let (columns, rows) = (usize::from(width), usize::from(height));
    let edge = |left: &str, right: &str| format!("{left}{}{right}", "─".repeat(columns.saturating_sub(2)));
    brush.put(0, 0, Role::Dim, &edge("┌", "┐"));
    for y in 1..rows.saturating_sub(1) {
        brush.put(0, y, Role::Dim, "│");
        brush.put(columns.saturating_sub(1), y, Role::Dim, "│");
    }
    brush.put(0, rows.saturating_sub(1), Role::Dim, &edge("└", "┘"));
    brush.fit(2, 0, columns.saturating_sub(4), Role::Bold, &format!(" {title} "));
    brush.fit(2, rows.saturating_sub(1), columns.saturating_sub(4), Role::Dim, &format!(" {foot} "));
    Rect { x: at.x + 1, y: at.y + 1, width: width.saturating_sub(2), height: height.saturating_sub(2) }
}

fn help(model: &Model, help: &Help, area: Rect, buffer: &mut Buffer) -> Option<(u16, u16)> {
    let rows = help.rows();
    let mut lines: Vec<(Option<usize>, String, String)> = Vec::new();
    let mut group = "";
    for (index, binding) in rows.iter().enumerate() {
        if binding.group != group {
            group = binding.group;
            lines.push((None, group.into(), String::new()));
        }
        lines.push((Some(index), binding.shown.into(), binding.help.into()));
    }
    let size = (78, (lines.len() as u16).saturating_add(4));
    let title = match model.screen {
        crate::tui::model::Screen::List => "Help: the list",
        crate::tui::model::Screen::Session => "Help: a session",
        crate::tui::model::Screen::Causes => "Help: the causes",
    };
    // A window that narrows while one types would jump about.
    let height = if help.input.value().is_empty() { size.1 } else { area.height };
    let inside = window(model, title, "type to search · ↑↓ · Enter runs it · Esc close", (78, height), area, buffer);
    let mut brush = Brush::new(&model.look, inside, buffer);
    let value = help.input.value();
    let x = brush.put(1, 0, Role::Dim, "search: ");
    brush.put(x, 0, Role::Bold, value);
    let room = brush.height().saturating_sub(2);
    let selected = lines.iter().position(|(index, ..)| *index == Some(help.cursor)).unwrap_or(0);
    let top = selected.saturating_sub(room.saturating_sub(2)).min(lines.len().saturating_sub(room));
    for (y, (index, key, text)) in lines.iter().skip(top).take(room).enumerate() {
        let y = y + 2;
        match index {
            None => {
                brush.put(1, y, Role::Bold, key);
            }
            Some(index) => {
                brush.put(3, y, Role::Text, key);
                brush.put(18, y, Role::Text, text);
                if *index == help.cursor {
                    brush.select(y);
                    brush.put(1, y, Role::Marked, "►");
                }
            }
        }
    }
    if lines.is_empty() {
        brush.put(1, 2, Role::Text, "no key does that");
    }
    Some((inside.x + (x + help.input.visual_cursor()) as u16, inside.y))
}

/// The typed line in place of the hints; what is wrong with it stands under the word, one line above the foot.
fn line(model: &Model, line: &Line, area: Rect, buffer: &mut Buffer) -> Option<(u16, u16)> {
    let has_error = line.error.is_some() && area.height > 1;
    let rows = if has_error { 2 } else { 1 };
    let at = Rect { x: 0, y: area.height - rows, width: area.width, height: rows };
    Clear.render(at, buffer);
    buffer.set_style(at, model.look.theme.base());
    let mut brush = Brush::new(&model.look, at, buffer);
    let (prompt, note) = match line.purpose {
        Purpose::Filter => ("/ ", format!("{} of {}", model.list.matching, model.cases.len())),
        Purpose::Find => ("find: ", "Enter finds, n the next".into()),
        Purpose::Command => (": ", "Tab completes, Esc leaves it".into()),
        Purpose::Frame => ("frame: ", "Enter goes there".into()),
        Purpose::File(_) => ("write to: ", "Enter writes, Tab completes, Esc leaves it".into()),
    };
    let note = match line.offered.as_slice() {
        [] => note,
        offered => offered
            .iter()
            .map(|text| text.rsplit('/').find(|part| !part.is_empty()).unwrap_or(text))
            .collect::<Vec<_>>()
            .join("  "),
    };
    let note = cut(&note, brush.width() / 2, if model.look.ascii { '~' } else { '…' });
    let end = if brush.width() > 40 { brush.right(brush.width() - 1, 0, Role::Dim, &note) } else { brush.width() };
    let x = brush.put(1, 0, Role::Bold, prompt);
    let room = end.saturating_sub(x + 1);
    let skipped = line.input.visual_scroll(room.saturating_sub(1));
    let shown: String = line.input.value().chars().skip(skipped).collect();
    brush.fit(x, 0, room, Role::Text, &shown);
    if let Some((column, length, text)) = line.error.as_ref().filter(|_| has_error) {
        let start = (x + column.saturating_sub(1)).saturating_sub(skipped);
        let marks = "^".repeat((*length).max(1));
        let after = brush.put(start, 1, Role::Warn, &marks);
        if brush.width().saturating_sub(after + 1) >= text.chars().count() {
            brush.put(after + 1, 1, Role::Text, text);
        } else {
            brush.fit(1, 1, start.saturating_sub(2), Role::Text, text);
        }
    }
    let cursor = x + line.input.visual_cursor().saturating_sub(skipped);
    Some(((cursor as u16).min(area.width.saturating_sub(1)), at.y))
}

fn menu(model: &Model, menu: &Menu, area: Rect, buffer: &mut Buffer) -> Option<(u16, u16)> {
    // Two columns where the longest of them has room.
    let half = usize::from(area.width / 2).saturating_sub(BESIDE);
    let fits = menu.choices.iter().all(|choice| crate::report::pen::columns(&choice.label) <= half);
    let columns = if fits && menu.choices.len() > 4 { 2 } else { 1 };
    let lines = menu.choices.len().div_ceil(columns);
    let rows = (lines as u16 + 2).min(area.height);
    let at = Rect { x: 0, y: area.height - rows, width: area.width, height: rows };
    Clear.render(at, buffer);
    buffer.set_style(at, model.look.theme.base());
    let mut brush = Brush::new(&model.look, at, buffer);
    let title = if menu.negated { format!("{} not", menu.title) } else { menu.title.to_string() };
    brush.rule(0, &title, "Esc leaves it");
    let wide = brush.width() / columns;
    for (index, choice) in menu.choices.iter().enumerate() {
        let (x, y) = (index / lines * wide + 2, index % lines + 1);
        let after = brush.put(x, y, Role::Bold, &choice.letter.to_string());
        brush.fit(after + 2, y, wide.saturating_sub(BESIDE), Role::Text, &choice.label);
    }
    None
}

fn page(model: &Model, page: &Page, area: Rect, buffer: &mut Buffer) -> Option<(u16, u16)> {
    let size = (84, (page.lines.len() as u16).saturating_add(2));
    let foot = match page.is_typing {
        true => format!("find: {}_", page.find.value()),
        false => model.message.clone().unwrap_or_else(|| "↑↓ scroll · / find, n N next · Esc close".into()),
    };
    let inside = window(model, &page.title, &foot, size, area, buffer);
    let mut brush = Brush::new(&model.look, inside, buffer);
    for (y, line) in page.lines.iter().skip(page.top).take(brush.height()).enumerate() {
        brush.put(1, y, if page.says(line) { Role::Marked } else { Role::Text }, line);
    }
    let below = page.lines.len().saturating_sub(page.top + brush.height());
    if below > 0 {
        brush.right(brush.width(), brush.height().saturating_sub(1), Role::Dim, &format!(" {below} more ▼"));
    }
    None
}
