//! The two lines over the list: what is read and how its sessions fared; filter and sorting.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::diagnose::verdict::Outcome;
use crate::report::time;
use crate::tui::facts;
use crate::tui::layout::list_rows;
use crate::tui::model::{Model, Reading};
use crate::tui::paint::Brush;
use crate::tui::summary;
use crate::tui::theme::Role;

/// Draws it.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    if let Some(live) = &model.live {
        return super::live::header(model, live, area, buffer);
    }
    let mut brush = Brush::new(&model.look, area, buffer);
    let width = brush.width();
    let end = totals(model, &mut brush);
    let x = brush.fit(1, 0, end.saturating_sub(2), Role::Bold, "rdpwhy");
    let gap = if width < 80 { 1 } else { 2 };
    let x = brush.fit(x + gap, 0, end.saturating_sub(x + gap + 1), Role::Text, &model.source);
    let progress = progress(model, width >= 100);
    let x = if progress.is_empty() { x } else { brush.fit(x + 2, 0, end.saturating_sub(x + 3), Role::Dim, &progress) };
    let lacks = summary::lacks(model);
    if !lacks.is_empty() {
        brush.fit(x + 2, 0, end.saturating_sub(x + 3), Role::Warn, &format!("! {}", lacks.join(", ")));
    }
    state(model, &mut brush);
}

/// `37 sessions: ×4 !2 ?1 √30  UTC+01:00`; answers where it begins.
fn totals(model: &Model, brush: &mut Brush<'_>) -> usize {
    let words = brush.width() >= 110;
    let mut parts: Vec<(Role, String)> = Vec::new();
    if brush.width() >= 72 {
        parts.push((Role::Text, {
            let colon = if model.cases.is_empty() { "" } else { ":" };
            format!("{}{colon}", time::counted(model.cases.len() as u64, "session"))
        }));
    }
    for outcome in Outcome::ALL {
        let count = model.count(outcome);
        if count > 0 {
            let word = if words { format!(" {}", outcome.word()) } else { String::new() };
            let count = time::count(count as u64);
            parts.push((Role::of(outcome), format!("{}{count}{word}", facts::symbol(outcome))));
        }
    }
    if brush.width() >= 72 {
        parts.push((Role::Dim, zone(model)));
    }
    let gap = if words { 2 } else { 1 };
    let wide: usize = parts.iter().map(|(_, text)| text.chars().count() + gap).sum();
    let start = brush.width().saturating_sub(wide + 1 - gap + 1);
    let mut x = start;
    for (role, text) in parts {
        x = brush.put(x, 0, role, &text) + gap;
    }
    start
}

/// `UTC+01:00`.
pub(super) fn zone(model: &Model) -> String {
    let at = model.cases.first().map(|case| case.session.first.time).unwrap_or_default();
    let text = time::absolute(at, &model.look.zone);
    let offset = text.rsplit(' ').next().unwrap_or_default();
    if offset == "+00:00" { "UTC".into() } else { format!("UTC{offset}") }
}

fn progress(model: &Model, with_length: bool) -> String {
    match &model.reading {
        Reading::On(progress) => match progress.total {
            Some(total) if total > 0 => format!("reading, {} %", progress.done.min(total) * 100 / total),
            _ => format!("reading, {}", time::counted(progress.frames, "packet")),
        },
        Reading::Failed(_) => "reading stopped".into(),
        Reading::Done if !with_length => String::new(),
        Reading::Done => {
            let packets = time::counted(model.progress.frames, "packet");
            let first = model.inputs.iter().filter_map(|input| input.first).min();
            let last = model.inputs.iter().filter_map(|input| input.last).max();
            let lasted = first.zip(last).map_or(0.0, |(first, last)| last.since(first));
            format!("{packets}, {}", facts::span(lasted.max(0.0)))
        }
    }
}

/// The filter, and which rows of the list are on the screen.
fn state(model: &Model, brush: &mut Brush<'_>) {
    let list = &model.list;
    let count = list.order.len();
    let (first, last) = (list.top + 1, (list.top + list_rows(model)).min(count));
    let rows =
        if count == 0 { "nothing to show".into() } else { format!("{first}-{last} of {}", time::count(count as u64)) };
    let turned = if list.reversed { ", reversed" } else { "" };
    let (role, hold) = self::hold(model);
    let right = if brush.width() < 72 { rows } else { format!("sort: {}{turned}  {rows}", list.sort.name()) };
    let mut end = brush.right(brush.width().saturating_sub(1), 1, Role::Dim, &right);
    if !hold.is_empty() {
        end = brush.right(end.saturating_sub(2), 1, role, &hold);
    }
    match &list.filter {
        None => brush.fit(1, 1, end.saturating_sub(2), Role::Dim, "filter: none"),
        Some((text, _)) => brush.fit(1, 1, end.saturating_sub(2), Role::Marked, &format!("filter: {text}")),
    };
}

/// Whether the list moves by itself: `FOLLOW`, `FREE` in a running capture, `FROZEN, +38 held back`.
pub(super) fn hold(model: &Model) -> (Role, String) {
    match &model.held {
        Some(held) => (Role::Marked, format!("FROZEN, +{} held back", time::count(held.cases.len() as u64))),
        None if model.follows => (Role::Bold, "FOLLOW".to_owned()),
        None if model.live.is_some() && model.is_reading() => (Role::Dim, "FREE, F follows".to_owned()),
        None => (Role::Dim, String::new()),
    }
}
