//! The two lines that stay whatever pane is open: which session, how it fared, and the one sentence with how sure it is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::diagnose::verdict::Outcome;
use crate::report::time;
use crate::tui::facts;
use crate::tui::live;
use crate::tui::model::Model;
use crate::tui::paint::Brush;
use crate::tui::theme::Role;

/// Draws it.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let mut brush = Brush::new(&model.look, area, buffer);
    let Some(view) = model.shown() else { return };
    let (case, session) = (&view.case, &view.case.session);
    let (outcome, width) = (case.verdict.outcome, brush.width());
    let mut end = width.saturating_sub(1);
    if width >= 76 {
        let full = time::absolute_millis(session.first.time, &model.look.zone);
        let short = full.split_once(' ').map_or(full.as_str(), |(_, clock)| clock).to_owned();
        end = brush.right(end, 0, Role::Dim, if width >= 110 { &full } else { &short });
    }
    let x = brush.fit(1, 0, end.saturating_sub(2), Role::Bold, &format!("#{}", session.id.0)) + 1;
    let word = format!("{} {}", facts::symbol(outcome), outcome.word());
    let x = brush.fit(x, 0, end.saturating_sub(x + 1), Role::of(outcome), &word) + 2;
    let ends = [session.client.to_string(), session.server.to_string()];
    let room = end.saturating_sub(x + 4) / 2;
    let ends = format!("{} → {}", facts::address(&ends[0], room), facts::address(&ends[1], room));
    let x = brush.fit(x, 0, end.saturating_sub(x + 1), Role::Text, &ends) + 2;
    if let Some(user) = facts::user(case) {
        let x = brush.fit(x, 0, end.saturating_sub(x + 1), Role::Text, &user) + 2;
        if width >= 110 {
            brush.fit(
                x,
                0,
                end.saturating_sub(x + 1),
                Role::Dim,
                &format!("lived {}", facts::span(session.duration())),
            );
        }
    }
    let mut end = width.saturating_sub(1);
    if outcome != Outcome::Ok && outcome != Outcome::Open {
        end = brush.right(end, 1, Role::sure(case.verdict.sure), case.verdict.sure.word());
        if let Some(cause) =
            case.verdict.cause.filter(|cause| width >= 100 && headline(model).len() + cause.len() + 18 < width)
        {
            end = brush.right(end.saturating_sub(3), 1, Role::Dim, cause);
        }
    }
    let stage =
        model.now().and_then(|now| live::stage(case, now)).map(|stage| format!("{stage}; nothing is decided yet"));
    brush.fit(1, 1, end.saturating_sub(3), Role::Bold, stage.as_deref().unwrap_or(&case.verdict.headline));
}

fn headline(model: &Model) -> &str {
    model.shown().map_or("", |view| &*view.case.verdict.headline)
}
