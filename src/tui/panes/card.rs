//! The smallest screen: one session, its sentence, and where to look.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::report::pen::wrap;
use crate::tui::facts;
use crate::tui::model::Model;
use crate::tui::paint::Brush;
use crate::tui::theme::Role;

/// Draws it.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let mut brush = Brush::new(&model.look, area, buffer);
    let Some(case) = model.subject() else {
        let text = match (&model.live, model.is_reading()) {
            (Some(_), true) => "listening ...",
            (None, true) => "reading ...",
            _ => "nothing to show",
        };
        brush.put(1, 0, Role::Bold, text);
        return;
    };
    let (session, verdict) = (&case.session, &case.verdict);
    let width = brush.width();
    let place = format!("{} of {}", model.list.cursor + 1, model.list.order.len());
    let end = brush.right(width.saturating_sub(1), 0, Role::Dim, &place);
    let word = format!("#{} {} {}", session.id.0, facts::symbol(verdict.outcome), verdict.outcome.word());
    brush.fit(1, 0, end.saturating_sub(2), Role::of(verdict.outcome), &word);
    let tall = brush.height() >= 7;
    let mut y = 1;
    if brush.height() >= 5 {
        let room = width.saturating_sub(5) / 2;
        let ends = [session.client.ip.to_string(), session.server.ip.to_string()];
        let ends = format!("{} → {}", facts::address(&ends[0], room), facts::address(&ends[1], room));
        brush.put(1, y, Role::Text, &ends);
        y += 1 + usize::from(tall);
    }
    let lines = wrap(&model.look.shown(&verdict.headline), width.saturating_sub(2));
    for line in lines {
        brush.put(1, y, Role::Bold, &line);
        y += 1;
    }
    y += usize::from(tall);
    if let Some(death) = verdict.death {
        let text = format!("frame {}, in {}, {}", death.frame.number(), death.phase.label(), verdict.sure.word());
        brush.put(1, y, Role::Text, &text);
    }
}
