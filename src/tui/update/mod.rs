//! From a key or news to the next model, and to what has to be done outside. Draws nothing, reads nothing.

mod find;
mod line;
mod list;
mod mouse;
mod overlay;
mod session;
pub mod take;

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Size;

pub use self::mouse::Mouse;
use super::action::Action;
use super::feed::{News, Request};
use super::flow::Flow;
use super::keys::{self, Key};
use super::layout;
use super::live::Pulse;
use super::model::{Held, Model, Reading, Screen};
use super::opened::{Focus, SessionView};
use super::overlay::{Help, Overlay, Purpose};
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::report::format::shell_word;

/// Something that happened.
#[derive(Debug)]
pub enum Message {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse.
    Mouse(Mouse),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size.
    Resize(Size),
    /// Something came from outside.
    News(News),
}

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Go to the shell.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Take the mouse, or give it back.
    Mouse(bool),
    /// Ring the bell.
    Bell,
    /// Hand this text to the terminal's clipboard.
    Copy(String),
    /// Ask for this.
    Ask(Request),
}

/// Takes in `message`; answers what has to be done outside.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let mut effects = apply(model, message);
    effects.extend(settle(model));
    effects
}

/// Puts everything in order before it is looked at; answers what is needed for that.
pub fn settle(model: &mut Model) -> Option<Effect> {
    model.settle();
    model.ask().map(Effect::Ask)
}

/// Takes in `message`, and puts in order only what the next one needs: of many keys that wait, the list is filtered for
/// the last one.
pub fn apply(model: &mut Model, message: Message) -> Vec<Effect> {
    let is_typing = matches!(&model.overlay, Some(Overlay::Line(line)) if line.purpose == Purpose::Filter);
    if !is_typing || !matches!(message, Message::Key(_)) {
        model.settle();
    }
    match message {
        Message::Key(event) => key(model, &event),
        Message::Mouse(mouse) => self::mouse::mouse(model, mouse),
        Message::Paste(text) => {
            overlay::paste(model, &text);
            Vec::new()
        }
        Message::Resize(size) => {
            model.size = size;
            // Who is in a pane stays in it, also where it has to take the whole screen.
            if let Some(view) = model.opened.as_mut().filter(|view| view.focus == Focus::Pane) {
                view.is_zoomed |= !layout::has_pane(size);
            }
            Vec::new()
        }
        Message::News(news) => self::news(model, news),
    }
}

fn key(model: &mut Model, event: &KeyEvent) -> Vec<Effect> {
    model.message = None;
    model.is_touched = true;
    let key = Key::of(event);
    // These mean the same whatever lies over the screen: whoever presses them wants out now.
    match keys::action_of(model.bindings, key, model.screen.keys()) {
        Some(Action::Quit) if model.overlay.is_none() => return overlay::leave(model),
        // Asked already, or in the middle of something: whoever insists is let go.
        Some(Action::Quit) if !matches!(key, Key::Char(_)) => return vec![Effect::Quit],
        Some(action @ (Action::Suspend | Action::Redraw)) => return act(model, action),
        _ => {}
    }
    if model.overlay.is_some() {
        return overlay::key(model, event);
    }
    match keys::action_of(model.bindings, key, model.screen.keys()) {
        // Who wants back to the list and presses once too often is not to be thrown out of the program.
        Some(Action::Back) if model.screen == Screen::List && key == Key::Code(KeyCode::Esc) => {
            model.message = Some("this is the list of sessions; q leaves".into());
            Vec::new()
        }
        Some(action) => act(model, action),
        None => Vec::new(),
    }
}

/// Does `action` on the screen beneath the overlays.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit => return overlay::leave(model),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Redraw => return vec![Effect::Redraw],
        Action::Mouse => {
            model.mouse = !model.mouse;
            let text = if model.mouse {
                "the mouse selects and opens; Shift selects text"
            } else {
                "the mouse is the terminal's again"
            };
            model.message = Some(text.into());
            return vec![Effect::Mouse(model.mouse)];
        }
        Action::Back => return back(model),
        Action::Left if model.screen != Screen::Session => {
            // At the top there is nothing to go back to, and an arrow must not end the program.
            if model.screen == Screen::Causes {
                model.screen = Screen::List;
            }
        }
        Action::Help => {
            model.overlay = Some(Overlay::Help(Help {
                bindings: model.bindings,
                screen: model.screen.keys(),
                input: Default::default(),
                cursor: 0,
            }));
        }
        Action::Copy => overlay::copy(model),
        Action::Write => overlay::write(model),
        Action::Explain => overlay::explain(model),
        Action::Wireshark => return take::wireshark(model).into_iter().collect(),
        Action::Command => line::begin_command(model),
        Action::GoTo => line::begin_frame(model),
        Action::Search if model.screen == Screen::Session => line::begin_find(model),
        Action::Search => line::begin_filter(model),
        Action::Freeze => freeze(model),
        Action::SessionAfter => beside(model, 1),
        Action::SessionBefore => beside(model, -1),
        action => match model.screen {
            Screen::List => list::act(model, action),
            Screen::Session => session::act(model, action),
            Screen::Causes => list::act_on_causes(model, action),
        },
    }
    Vec::new()
}

/// One level up; at the top the program ends only by `q`, which is a key of this too.
fn back(model: &mut Model) -> Vec<Effect> {
    match model.screen {
        Screen::Session => {
            if let Some(view) = model.opened.as_mut().filter(|view| view.is_zoomed) {
                view.is_zoomed = false;
                view.settle(layout::has_pane(model.size));
            } else if let Some(view) = model.opened.as_mut().filter(|view| view.focus == Focus::Pane) {
                view.focus = Focus::Ladder;
            } else {
                model.screen = Screen::List;
            }
            Vec::new()
        }
        Screen::Causes => {
            model.screen = Screen::List;
            Vec::new()
        }
        Screen::List => overlay::leave(model),
    }
}

/// The session `steps` further down the list; an open one is exchanged and its panes stay as they are.
fn beside(model: &mut Model, steps: isize) {
    let last = model.list.order.len().saturating_sub(1);
    let next = model.list.cursor.saturating_add_signed(steps).min(last);
    if next == model.list.cursor {
        model.message = Some(if steps > 0 { "the last session".into() } else { "the first session".into() });
        return;
    }
    model.list.cursor = next;
    let Some(place) = model.list.selected().filter(|_| model.screen == Screen::Session) else { return };
    let before = model.opened.take();
    model.open(place);
    if let Some((view, before)) = model.opened.as_mut().zip(before) {
        let SessionView { pane, focus, is_zoomed, time, .. } = before;
        (view.pane, view.focus, view.is_zoomed, view.time) = (pane, focus, is_zoomed, time);
    }
}

/// Holds the view still, or lets in what waited.
fn freeze(model: &mut Model) {
    match model.held.take() {
        Some(held) => {
            if let Some(live) = &mut model.live {
                live.seen = live.pulse.clone();
            }
            model.take(held.cases.into_values());
            model.leave(&held.left);
            if let Some(whole) = held.end {
                model.finish(*whole);
            }
        }
        None if model.is_reading() => model.held = Some(Held::default()),
        None => model.message = Some("everything was read; nothing will arrive any more".into()),
    }
}

fn news(model: &mut Model, news: News) -> Vec<Effect> {
    let mut effects = Vec::new();
    match (news, &mut model.held) {
        (News::Cases(cases), held) => {
            let rings = model.live.as_ref().is_some_and(|live| live.start.bell);
            let has_died = |case: &Case| case.verdict.outcome == Outcome::Died;
            let is_new = |case: &Arc<Case>| match model.places.get(&case.session.id) {
                Some(place) => !has_died(&model.cases[*place]),
                None => true,
            };
            if rings && cases.iter().any(|case| has_died(case) && is_new(case)) {
                effects.push(Effect::Bell);
            }
            match held {
                Some(held) => held.cases.extend(cases.into_iter().map(|case| (case.session.id, case))),
                None => model.take(cases),
            }
        }
        (News::Inputs(inputs), _) => model.inputs = inputs,
        (News::Left(left), Some(held)) => held.left.extend(left),
        (News::Left(left), None) => model.leave(&left),
        (News::End(whole), Some(held)) => held.end = Some(whole),
        (News::End(whole), None) => model.finish(*whole),
        (News::Pulse(pulse), held) => {
            if let Some(live) = &mut model.live {
                if held.is_none() {
                    live.seen = Pulse::clone(&pulse);
                }
                live.pulse = *pulse;
            }
        }
        (News::Progress(progress), _) => {
            model.progress = progress;
            if model.is_reading() {
                model.reading = Reading::On(progress);
            }
        }
        (News::Failed(why), _) => {
            model.message = Some(why.clone());
            model.reading = Reading::Failed(why);
        }
        (News::Packets(packets), _) => {
            model.flow = packets.found.as_ref().ok().and_then(|found| Flow::of(found));
            model.packets = Some(*packets);
        }
        (News::Saved(Ok(path)), _) => {
            if let Some(live) = &mut model.live {
                live.is_saved = true;
            }
            model.again = Some(shell_word(path));
            effects.push(Effect::Quit);
        }
        (News::Saved(Err(text)) | News::Told(text), _) => model.message = Some(text),
    }
    effects
}
