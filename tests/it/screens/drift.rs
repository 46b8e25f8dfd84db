//! Help, hints and keys are one: what is promised works, and what works is promised.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use rdpwhy::tui::action::Action;
use rdpwhy::tui::keys::{BINDINGS, Key, action};
use rdpwhy::tui::model::Screen as On;
use rdpwhy::tui::panes::hints::named;

use super::Screen;

const ALL: [(On, &str); 3] = [(On::List, ""), (On::Session, "<Enter>"), (On::Causes, "c")];

#[test]
fn the_hint_bar_names_only_keys_that_work_there() {
    for (on, _) in ALL {
        for wanted in named(on) {
            let binding = BINDINGS.iter().find(|binding| binding.action == *wanted).expect("registered");
            assert!(binding.on.holds(on.keys()), "{on:?} {wanted:?}");
            assert!(!binding.hint.is_empty(), "{wanted:?} has no word for the hint bar");
        }
    }
}

#[test]
fn the_help_lists_every_key_of_the_screen_and_no_other() {
    for (on, keys) in ALL {
        let mut screen = Screen::of("tls.cert-expired--alert-45.pcap", 80, 70);
        screen.keys(keys).keys("?");
        let text = screen.text();
        for binding in BINDINGS {
            let listed = text.contains(&format!(" {:<14} {}", binding.shown, binding.help));
            assert_eq!(listed, binding.on.holds(on.keys()), "{on:?} {:?}\n{text}", binding.action);
        }
    }
}

/// Keys that do nothing here, because there is nothing to be done: said in words, or at an end already.
const IDLE: [Action; 14] = [
    Action::Up,
    Action::PageUp,
    Action::HalfUp,
    Action::First,
    Action::Down,
    Action::PageDown,
    Action::HalfDown,
    Action::Last,
    Action::Why,
    Action::Left,
    Action::Right,
    Action::Open,
    Action::Death,
    Action::Redraw,
];

#[test]
fn every_key_does_something_or_says_why_not() {
    for (on, keys) in ALL {
        for binding in BINDINGS.iter().filter(|binding| binding.on.holds(on.keys())) {
            for key in binding.keys {
                let mut screen = Screen::of("tls.cert-expired--alert-45.pcap", 80, 24);
                screen.keys(keys);
                screen.effects.clear();
                assert_eq!(action(*key, on.keys()), Some(binding.action));
                let before = (screen.text(), screen.buffer());
                screen.tell(rdpwhy::tui::update::Message::Key(event(*key)));
                let changed = before != (screen.text(), screen.buffer()) || !screen.effects.is_empty();
                assert!(changed || IDLE.contains(&binding.action), "{on:?} {key:?} {:?}", binding.action);
            }
        }
    }
}

fn event(key: Key) -> KeyEvent {
    match key {
        Key::Char(c) => KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE),
        Key::Ctrl(c) => KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL),
        Key::F(number) => KeyEvent::new(KeyCode::F(number), KeyModifiers::NONE),
        Key::Code(code) => KeyEvent::new(code, KeyModifiers::NONE),
    }
}
