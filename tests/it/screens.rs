//! The terminal UI, drawn into memory: what each screen looks like, what keys do, and that no size breaks it.

mod checklist;
mod drift;
mod flow;
mod focus;
#[cfg(all(feature = "live", target_os = "linux"))]
mod live;
mod looks;
mod random;
mod states;
mod strangers;
mod terminal;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use rdpwhy::diagnose::Case;
use rdpwhy::frame::Input;
use rdpwhy::tui::feed::{News, Whole};
use rdpwhy::tui::theme::Look;
use rdpwhy::tui::update::{Effect, Message, update};
use rdpwhy::tui::{Model, Start, view};

use crate::captures::inside;

fn capture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name)
}

/// Sessions and inputs of a capture of this project.
fn read(name: &str) -> (Vec<Arc<Case>>, Vec<Input>) {
    let mut source = rdpwhy::capture::open_one(&capture(name), &Default::default()).expect("opens");
    let seen = inside::look(&mut source, Default::default());
    let mut inputs = rdpwhy::capture::Source::inputs(&source).to_vec();
    inputs.iter_mut().for_each(|input| input.path = name.into());
    (seen.cases.into_iter().map(Arc::new).collect(), inputs)
}

/// What a screen begins with.
fn start(name: &str) -> Start {
    Start {
        look: Look { zone: TimeZone::fixed(jiff::tz::offset(1)), ..Look::default() },
        source: name.into(),
        again: Some(name.into()),
        filter: None,
        session: None,
        live: None,
        pace: std::time::Duration::ZERO,
        bell: false,
        mouse: false,
        bindings: rdpwhy::tui::keys::BINDINGS,
        explain: |word, _| format!("{word}: what is known of it"),
        complete: |text| {
            ["report.txt", "rdp.pcapng", "old/"]
                .iter()
                .filter(|name| name.starts_with(text))
                .map(|name| (*name).to_owned())
                .collect()
        },
    }
}

/// A screen under test.
struct Screen {
    model: Model,
    /// What was to be done outside.
    effects: Vec<Effect>,
}

impl Screen {
    /// On which nothing has arrived yet.
    fn empty(name: &str, width: u16, height: u16) -> Self {
        let start = start(name);
        Self { model: Model::new(start, Size { width, height }), effects: Vec::new() }
    }

    /// With all sessions of a capture.
    fn of(name: &str, width: u16, height: u16) -> Self {
        let mut screen = Self::empty(name, width, height);
        let (cases, inputs) = read(name);
        screen.end(cases, inputs);
        screen
    }

    /// Everything was read.
    fn end(&mut self, cases: Vec<Arc<Case>>, inputs: Vec<Input>) {
        self.tell(Message::News(News::End(Box::new(Whole { cases, inputs, ..Whole::default() }))));
    }

    fn tell(&mut self, message: Message) {
        let effects = update(&mut self.model, message);
        self.effects.extend(effects);
    }

    /// Types keys: `j`, `<Enter>`, `<C-d>`.
    fn keys(&mut self, text: &str) -> &mut Self {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let named = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'));
            let event = match named.and_then(|(name, after)| Some((special(name)?, after))) {
                Some((event, after)) => {
                    rest = after;
                    event
                }
                None => {
                    rest = &rest[c.len_utf8()..];
                    KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)
                }
            };
            self.tell(Message::Key(event));
        }
        self
    }

    fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        self.tell(Message::Resize(Size { width, height }));
        self
    }

    fn buffer(&self) -> Buffer {
        let Size { width, height } = self.model.size;
        let mut buffer = Buffer::empty(Rect { x: 0, y: 0, width, height });
        view::draw(&self.model, &mut buffer);
        buffer
    }

    /// The screen as text.
    fn text(&self) -> String {
        let buffer = self.buffer();
        let width = usize::from(buffer.area.width).max(1);
        let lines = buffer.content.chunks(width);
        lines
            .map(|line| line.iter().map(|cell| cell.symbol()).collect::<String>().trim_end().to_owned() + "\n")
            .collect()
    }

    fn line(&self, y: usize) -> String {
        self.text().lines().nth(y).unwrap_or_default().to_owned()
    }

    fn last_line(&self) -> String {
        self.text().lines().last().unwrap_or_default().to_owned()
    }
}

fn special(name: &str) -> Option<KeyEvent> {
    let plain = |code| Some(KeyEvent::new(code, KeyModifiers::NONE));
    match name {
        "Enter" => plain(KeyCode::Enter),
        "Esc" => plain(KeyCode::Esc),
        "Tab" => plain(KeyCode::Tab),
        "Up" => plain(KeyCode::Up),
        "Down" => plain(KeyCode::Down),
        "Left" => plain(KeyCode::Left),
        "Right" => plain(KeyCode::Right),
        "BS" => plain(KeyCode::Backspace),
        "End" => plain(KeyCode::End),
        "Home" => plain(KeyCode::Home),
        "PgDn" => plain(KeyCode::PageDown),
        "PgUp" => plain(KeyCode::PageUp),
        _ => {
            let letter = name.strip_prefix("C-")?.chars().next()?;
            Some(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL))
        }
    }
}
