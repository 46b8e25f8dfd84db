//! The last line: what can be done here, from the registry of keys; or what there is to tell; or a line being typed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::action::Action;
use crate::tui::keys::{Binding, binding as usual};
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
    let is_usual = usual(binding.action).is_some_and(|usual| usual.keys == binding.keys);
    match binding.action {
        _ if !is_usual => (binding.shown.split(' ').next().unwrap_or_default(), binding.hint),
        Action::TroubleAfter => ("[ ]", binding.hint),
        Action::SessionBefore => ("J/K", binding.hint),
        Action::Back => ("Esc", binding.hint),
        Action::Freeze if is_frozen => ("p", "go on"),
        _ => (binding.shown.split(' ').next().unwrap_or_default(), binding.hint),
    }
}

/// What the hint at column `x` does.
#[must_use]
pub fn at(model: &Model, x: usize) -> Option<Action> {
    if model.message.is_some() {
        return None;
    }
    let width = usize::from(model.size.width);
    let found = placed(model, width).into_iter().find(|hint| (hint.x..hint.end()).contains(&x))?;
    found.action
}

/// A hint and where it stands.
struct Hint {
    x: usize,
    key: &'static str,
    word: &'static str,
    action: Option<Action>,
}

impl Hint {
    fn end(&self) -> usize {
        self.x + self.key.chars().count() + 1 + self.word.chars().count()
    }
}

/// Draws it.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let mut brush = Brush::new(&model.look, area, buffer);
    if let Some(message) = &model.message {
        brush.put(1, 0, Role::Bold, message);
        return;
    }
    for hint in placed(model, brush.width()) {
        let after = brush.put(hint.x, 0, Role::Bold, hint.key);
        brush.put(after + 1, 0, Role::Dim, hint.word);
    }
}

/// As many hints as there is room for, and the help.
fn placed(model: &Model, width: usize) -> Vec<Hint> {
    let help = model.bindings.iter().find(|binding| binding.action == Action::Help);
    let help = help.map_or("?", |binding| binding.shown.split(' ').next().unwrap_or("?"));
    let mut parts: Vec<(&'static str, &'static str, Option<Action>)> = Vec::new();
    let view = model.opened.as_ref().filter(|view| model.screen == Screen::Session && view.focus == Focus::Pane);
    match view.map(|view| PANES[view.pane].name) {
        Some("Why") => parts.push(("Enter", "go there", Some(Action::Open))),
        Some("Packet") => parts.push(("←→", "fold", Some(Action::Unfold))),
        Some("Net") => {
            parts.push(("←→", "time", None));
            parts.push(("Enter", "go there", Some(Action::Open)));
        }
        Some("Hex") => parts.push(("←→", "byte", None)),
        _ => {}
    }
    let is_live = model.live.is_some() && model.is_reading() && model.screen == Screen::List;
    for action in if is_live { &LIVE } else { named(model.screen) } {
        if let Some(binding) = model.bindings.iter().find(|binding| binding.action == *action) {
            let (key, word) = hint(binding, model.held.is_some());
            parts.push((key, word, Some(*action)));
        }
        if model.screen == Screen::Session && *action == Action::PaneAfter {
            parts.push(("1-5", "tab", None));
        }
    }
    if width < 48 && model.screen == Screen::List {
        parts = vec![("J/K", "session", Some(Action::SessionAfter)), ("q", "quit", Some(Action::Back))];
    }
    let mut x = 1;
    let mut placed = Vec::with_capacity(parts.len() + 1);
    for (key, word, action) in parts {
        let hint = Hint { x, key, word, action };
        if hint.end() + 2 + help.len() + 5 > width {
            break;
        }
        x = hint.end() + 2;
        placed.push(hint);
    }
    placed.push(Hint { x, key: help, word: "help", action: Some(Action::Help) });
    placed
}
