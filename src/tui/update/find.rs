//! Finding a text in what has the cursor: the ladder, or the open pane.

use crate::tui::model::Model;
use crate::tui::opened::{Focus, SessionView};
use crate::tui::panes::PANES;

/// Looks for `text` from the cursor on; an empty one looks for the last one again.
pub(super) fn begin(model: &mut Model, text: &str) {
    let Some(mut view) = model.opened.take() else { return };
    if !text.is_empty() {
        view.find = text.to_lowercase();
    }
    let told = next(model, &mut view, true, true);
    model.opened = Some(view);
    model.message = told;
}

/// To the next (or previous) place that says it, round the end; with `here`, the one under the cursor counts.
pub(super) fn next(model: &Model, view: &mut SessionView, forward: bool, here: bool) -> Option<String> {
    if view.find.is_empty() {
        return Some("nothing is looked for yet; / begins".into());
    }
    let in_ladder = view.focus == Focus::Ladder;
    let pane = PANES[view.pane];
    let is_hex = pane.name == "Hex";
    let (count, from) =
        if in_ladder { (view.rungs.len(), view.cursor) } else { ((pane.items)(model, view), view.item) };
    let says = |index: usize| {
        let text = if in_ladder {
            let rung = &view.rungs[index];
            format!("{} {} {}", rung.frame.number(), rung.label, rung.note)
        } else {
            (pane.text)(model, view, index)
        };
        let text = text.to_lowercase();
        let is_packet = !in_ladder || view.rungs[index].is_packet();
        is_packet && if is_hex && !in_ladder { text.starts_with(&view.find) } else { text.contains(&view.find) }
    };
    let steps = usize::from(!here)..count + usize::from(!here);
    let mut places = steps.map(|step| if forward { (from + step) % count } else { (from + count - step) % count });
    let Some(found) = places.find(|place| says(*place)) else {
        return Some(format!("{} is not there", view.find));
    };
    let is_round = if forward { found < from } else { found > from };
    if in_ladder {
        view.cursor = found;
    } else {
        view.item = found;
    }
    is_round.then(|| "found beyond the end".into())
}
