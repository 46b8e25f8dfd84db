//! The last line: what can be done here, from the registry of keys; or what there is to tell; or a line being typed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::action::Action;
use crate::tui::keys::{BINDINGS, Binding};
use crate::tui::model::{Model, Screen};
use crate::tui::opened::Focus;
use crate::tui::paint::Brush;
use crate::tui::panes::PANES;
use crate::tui::theme::Role;

/// What is named first on each screen; what does not fit is left out from the end, the help never.
const LIST: [Action; 10] = [
    Action::Open,
    Action::Death,
    Action::Search,
    Action::Quick,
    Action::Sort,
    Action::Causes,
    Action::Mark,
    Action::Copy,
    Action::Write,
    Action::Explain,
];
/// While packets arrive.
const LIVE: [Action; 11] = [
    Action::Freeze,
    Action::Follow,
    Action::Open,
    Action::Death,
    Action::Search,
    Action::Quick,
    Action::Causes,
    Action::Mark,
    Action::Copy,
    Action::Write,
    Action::Explain,
];
const SESSION: [Action; 11] = [
    Action::Back,
    Action::Death,
    Action::TroubleAfter,
    Action::PaneAfter,
    Action::TimeForm,
    Action::Unfold,
    Action::Zoom,
    Action::SessionBefore,
    Action::Copy,
    Action::Write,
    Action::Explain,
];
const CAUSES: [Action; 3] = [Action::Open, Action::Back, Action::Explain];

/// What the hint bar may name on a screen, in order.
#[must_use]
pub fn named(screen: Screen) -> &'static [Action] {
    match screen {
        Screen::List => &LIST,
        Screen::Session => &SESSION,
        Screen::Causes => &CAUSES,
    }
}

/// The key as the hint bar shows it, and its word.
fn hint(binding: &Binding, is_frozen: bool) -> (&'static str, &'static str) {
    match binding.action {
        Action::TroubleAfter => ("[ ]", binding.hint),
        Action::SessionBefore => ("J/K", binding.hint),
        Action::Back => ("Esc", binding.hint),
        Action::Freeze if is_frozen => ("p", "go on"),
        _ => (binding.shown.split(' ').next().unwrap_or_default(), binding.hint),
    }
}

/// Draws it.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let mut brush = Brush::new(&model.look, area, buffer);
    if let Some(message) = &model.message {
        brush.put(1, 0, Role::Bold, message);
        return;
    }
    let help = "? help";
    let width = brush.width();
    let mut parts: Vec<(&str, &str)> = Vec::new();
    let view = model.opened.as_ref().filter(|view| model.screen == Screen::Session && view.focus == Focus::Pane);
    match view.map(|view| PANES[view.pane].name) {
        Some("Why") => parts.push(("Enter", "go there")),
        Some("Packet") => parts.push(("←→", "fold")),
        Some("Hex") => parts.push(("←→", "byte")),
        _ => {}
    }
    let is_live = model.live.is_some() && model.is_reading() && model.screen == Screen::List;
    for action in if is_live { &LIVE } else { named(model.screen) } {
        if let Some(binding) = BINDINGS.iter().find(|binding| binding.action == *action) {
            parts.push(hint(binding, model.held.is_some()));
        }
        if model.screen == Screen::Session && *action == Action::PaneAfter {
            parts.push(("1-5", "tab"));
        }
    }
    if width < 48 && model.screen == Screen::List {
        parts = vec![("J/K", "session"), ("q", "quit")];
    }
    let mut x = 1;
    for (key, word) in parts {
        let wide = key.chars().count() + 1 + word.chars().count();
        if x + wide + 2 + help.len() > width {
            break;
        }
        let after = brush.put(x, 0, Role::Bold, key);
        x = brush.put(after + 1, 0, Role::Dim, word) + 2;
    }
    let after = brush.put(x, 0, Role::Bold, "?");
    brush.put(after + 1, 0, Role::Dim, "help");
}
