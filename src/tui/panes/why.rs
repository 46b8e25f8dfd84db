//! Pane 1: why. The signs for and against with their packets, what is missing, what to do, what it is not.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::diagnose::verdict::Points;
use crate::diagnose::{Advice, Case};
use crate::frame::FrameNumber;
use crate::report::text::frames::{Home, with_frames};
use crate::tui::model::{Model, Screen};
use crate::tui::opened::{Focus, SessionView};
use crate::tui::paint::Brush;
use crate::tui::pane::{Pane, Row, prose, scroll};
use crate::tui::summary;
use crate::tui::theme::Role;

/// The pane.
pub static PANE: Pane = Pane { name: "Why", note, items, frame, text, draw };

/// Rows that the certificate needs to be worth showing under the reasons.
const CERTIFICATE: usize = 12;

/// One thing that is said, and the packet that shows it.
struct Item {
    label: &'static str,
    text: String,
    frame: Option<FrameNumber>,
}

fn said(model: &Model, case: &Case) -> Vec<Item> {
    let verdict = &case.verdict;
    let home = Home::of(case, &model.inputs);
    let mut items: Vec<Item> = Vec::new();
    let mut add = |label: &'static str, text: String, frame: Option<FrameNumber>| {
        // Of several in a row the first one carries the label.
        items.push(Item { label, text, frame });
    };
    for (points, label) in [(Points::For, "why"), (Points::Against, "but"), (Points::Missing, "missing")] {
        for sign in verdict.evidence.iter().filter(|sign| sign.points == points) {
            let text = if points == Points::Missing {
                sign.text.to_string()
            } else {
                with_frames(&sign.frames, &sign.text, home)
            };
            add(label, text, sign.frames.first().copied());
        }
    }
    if let Some(means) = &verdict.means {
        add("means", means.to_string(), None);
    }
    for advice in case.fixes() {
        add("fix", advised(&advice), None);
    }
    for advice in case.next_steps() {
        add("next", advised(&advice), None);
    }
    let (numbers, count) = summary::same_fate(model, case);
    if count > 0 {
        let listed: Vec<String> = numbers.iter().map(|number| format!("#{number}")).collect();
        let more = count - numbers.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        add("same", format!("{}{more} {} the same way", listed.join(" "), verdict.outcome.word()), None);
    }
    for other in &verdict.not_it {
        add("not it", other.text.to_string(), None);
    }
    for other in &verdict.could_be {
        add("could be", other.text.to_string(), None);
    }
    for note in &verdict.notes {
        add("note", note.to_string(), None);
    }
    for finding in &verdict.findings {
        add("seen too", with_frames(&finding.frames, &finding.text, home), finding.frames.first().copied());
    }
    if items.is_empty() {
        items.push(Item { label: "well", text: verdict.headline.to_string(), frame: None });
    }
    items
}

fn advised(advice: &Advice) -> String {
    match &advice.command {
        Some(command) if !advice.text.contains(command.as_ref()) => {
            format!("{}{} {command}", advice.text, if advice.text.ends_with(':') { "" } else { ":" })
        }
        _ => advice.text.to_string(),
    }
}

fn note(_: &Model, view: &SessionView) -> String {
    view.case.verdict.cause.unwrap_or_default().into()
}

fn items(model: &Model, view: &SessionView) -> usize {
    said(model, &view.case).len()
}

fn frame(model: &Model, view: &SessionView, item: usize) -> Option<FrameNumber> {
    said(model, &view.case).get(item)?.frame
}

fn text(model: &Model, view: &SessionView, item: usize) -> String {
    said(model, &view.case).get(item).map_or_else(String::new, |item| format!("{} {}", item.label, item.text))
}

fn draw(model: &Model, view: &SessionView, area: Rect, buffer: &mut Buffer) {
    let has_focus = model.screen == Screen::Session && view.focus == Focus::Pane && view.pane == 0;
    let mut brush = Brush::new(&model.look, area, buffer);
    let rows = rows(model, view, brush.width());
    scroll(&mut brush, &rows, has_focus.then_some(view.item));
}

/// The reasons without tabs, where they stand beside everything.
pub fn draw_aside(model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some(view) = model.shown() else { return };
    let mut brush = Brush::new(&model.look, area, buffer);
    brush.put(1, 0, Role::Bold, "Why");
    let width = brush.width();
    if let Some(cause) = view.case.verdict.cause {
        brush.right(width.saturating_sub(1), 0, Role::Dim, cause);
    }
    let rows = rows(model, view, width);
    let has_certificate = view.case.session.certificate().is_some() && brush.height() > rows.len() + CERTIFICATE;
    let own = if has_certificate { rows.len() as u16 + 1 } else { area.height.saturating_sub(1) };
    let place = Rect { y: area.y + 1, height: own, ..area };
    scroll(&mut Brush::new(&model.look, place, buffer), &rows, None);
    if has_certificate {
        let (y, height) = (area.y + 1 + own, area.height - 1 - own);
        Brush::new(&model.look, Rect { y, height: 1, ..area }, buffer).rule(0, "certificate", "");
        let place = Rect { y: y + 1, height: height - 1, ..area };
        (super::certificate::PANE.draw)(model, view, place, buffer);
    }
}

/// The lines in `width` columns.
fn rows(model: &Model, view: &SessionView, width: usize) -> Vec<Row> {
    let said = said(model, &view.case);
    let column = said.iter().map(|item| item.label.len()).max().unwrap_or(0).max(5) + 1;
    let mut rows: Vec<Row> = Vec::new();
    let mut before = "";
    for (index, item) in said.iter().enumerate() {
        let label = if item.label == before { "" } else { item.label };
        before = item.label;
        let role = match item.label {
            "why" | "fix" | "well" => Role::Bold,
            "but" | "missing" => Role::Warn,
            _ => Role::Dim,
        };
        let text = model.look.shown(&item.text);
        let texts = prose((role, label), column, width, Role::Text, &text);
        rows.extend(texts.into_iter().map(|row| row.item(index)));
    }
    rows
}
