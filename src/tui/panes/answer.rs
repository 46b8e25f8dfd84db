//! The answer for the selected session, under the list: what happened to it, and what to do next.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::report::pen::wrap;
use crate::tui::facts;
use crate::tui::live;
use crate::tui::model::Model;
use crate::tui::paint::Brush;
use crate::tui::summary;
use crate::tui::theme::Role;

/// Draws it.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let mut brush = Brush::new(&model.look, area, buffer);
    let Some(case) = model.list.selected().and_then(|index| model.cases.get(index)) else {
        brush.rule(0, "", "");
        return;
    };
    let is_apart = brush.width() >= 100;
    let mut title = title(model, case, !is_apart);
    // The name of a long file must not take the room of how sure it is.
    if let Some(death) = case.verdict.death.filter(|_| title.chars().count() + 4 > brush.width()) {
        let short = format!("frame {}", death.frame.number());
        title = title.replacen(&summary::frame_name(model, death.frame), &short, 1);
    }
    brush.rule(0, &title, "");
    let outcome = case.verdict.outcome;
    let symbol = format!(" #{} ", case.session.id.0).chars().count() + 1;
    brush.put(symbol, 0, Role::of(outcome), &format!("{} {}", facts::symbol(outcome), outcome.word()));
    if is_apart {
        let sure = if matches!(outcome, Outcome::Ok | Outcome::Open) { "" } else { case.verdict.sure.word() };
        if !sure.is_empty() {
            brush.right(brush.width() - 1, 0, Role::sure(case.verdict.sure), &format!(" {sure} "));
        }
    }
    let width = brush.width().saturating_sub(2);
    let stage = model.now().and_then(|now| live::stage(case, now));
    let goes_on = stage.map(|stage| format!("{stage}; nothing is decided yet"));
    let headline = goes_on.as_deref().unwrap_or(&case.verdict.headline);
    let sentence = wrap(&brush_text(model, headline), width.max(16));
    let next = next(model, case);
    let rows = brush.height().saturating_sub(1);
    for (y, line) in sentence.iter().take(rows).enumerate() {
        brush.put(1, y + 1, Role::Bold, line);
    }
    if sentence.len() < rows {
        brush.put(1, sentence.len() + 1, Role::Text, &next);
    } else if brush.width() >= 100 {
        let used = sentence.last().map_or(0, |line| line.chars().count());
        if let Some(cause) = case.verdict.cause.filter(|cause| used + cause.len() + 4 < brush.width()) {
            brush.right(brush.width() - 1, rows, Role::Dim, cause);
        }
    }
}

/// `#3 × died at frame 118, proven`.
fn title(model: &Model, case: &Case, with_sure: bool) -> String {
    let outcome = case.verdict.outcome;
    let at = case
        .verdict
        .death
        .map(|death| format!(" at {}, in {}", summary::frame_name(model, death.frame), death.phase.label()));
    let sure = if !with_sure || matches!(outcome, Outcome::Ok | Outcome::Open | Outcome::Unsure) {
        String::new()
    } else {
        format!(", {}", case.verdict.sure.word())
    };
    format!("#{} {} {}{}{sure}", case.session.id.0, facts::symbol(outcome), outcome.word(), at.unwrap_or_default())
}

/// `next: renew the certificate · #9 died the same way`.
fn next(model: &Model, case: &Case) -> String {
    let verdict = &case.verdict;
    let outcome = verdict.outcome;
    let advice =
        case.fixes().next().map(|one| ("fix", one)).or_else(|| case.next_steps().next().map(|one| ("next", one)));
    let mut parts: Vec<String> = Vec::new();
    if let Some((label, advice)) = advice {
        parts.push(format!("{label}: {}", advice.text.trim_end_matches(':')));
    }
    let (numbers, count) = summary::same_fate(model, case);
    let word = verdict.outcome.word();
    match (count, numbers.first()) {
        (1, Some(number)) => parts.push(format!("#{number} {word} the same way")),
        (2.., _) => parts.push(format!("{count} others {word} the same way")),
        _ => {}
    }
    if parts.is_empty() {
        let session = &case.session;
        let since = model.now().filter(|_| outcome == Outcome::Open);
        let since = since.map(|now| format!("{} so far", facts::span(now.since(session.first.time).max(0.0))));
        parts.push(format!(
            "{}, {}",
            since.unwrap_or_else(|| facts::ran(case)),
            crate::report::time::counted(session.packets(), "packet")
        ));
    }
    parts.join(" · ")
}

fn brush_text(model: &Model, text: &str) -> String {
    model.look.shown(text)
}
