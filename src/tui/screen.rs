//! The loop: waits for keys, signals and news, updates, draws. Without any of them nothing happens at all.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::{self, Event, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Size};

use super::feed::{News, Request};
use super::model::{Model, Start};
use super::terminal::{self, Taken};
use super::update::{Effect, Message, Mouse, apply, settle, take};
use super::view;

/// Messages that may wait; who sends more has to wait too.
const WAITING: usize = 64;
/// Two clicks within this are a double click.
const DOUBLE: Duration = Duration::from_millis(400);

/// What is left when the screen is gone.
#[derive(Debug, Default)]
pub struct Farewell {
    /// Lines for the normal screen.
    pub lines: Vec<String>,
    /// The signal that ended it.
    pub signal: Option<i32>,
}

/// What the loop waits for.
enum Incoming {
    Event(Event),
    News(News),
    Signal(i32),
    /// The terminal is gone.
    Lost,
}

/// Shows sessions until the user leaves. News come through `feed`; what is needed of outside goes through `ask`.
///
/// # Errors
/// When there is no terminal.
pub fn show(start: Start, feed: Receiver<News>, ask: &Sender<Request>) -> io::Result<Farewell> {
    let (width, height) = crossterm::terminal::size()?;
    let every = start.pace;
    let mut model = Model::new(start, Size { width, height });
    let (sender, receiver) = sync_channel(WAITING);
    let mut taken = Taken::new()?;
    if model.mouse {
        taken.mouse(true)?;
    }
    listen(sender, feed)?;
    draw(&mut taken, &model)?;
    let mut pace = Pace { every, drawn: None, state: Waits::Nothing };
    loop {
        let Some(incoming) = pace.wait(&receiver) else { return Ok(Farewell::default()) };
        let Some(incoming) = incoming else {
            if pace.is_due() {
                draw(&mut taken, &model)?;
            }
            continue;
        };
        pace.note(&incoming, model.cases.is_empty());
        if let Some(farewell) = take_in(&mut taken, &mut model, incoming, ask)? {
            return Ok(farewell);
        }
        // Whatever waits already is taken in before drawing: a key held down must not leave a queue of pictures.
        for _ in 0..WAITING {
            let Ok(incoming) = receiver.try_recv() else { break };
            pace.note(&incoming, model.cases.is_empty());
            if let Some(farewell) = take_in(&mut taken, &mut model, incoming, ask)? {
                return Ok(farewell);
            }
        }
        if let Some(effect) = settle(&mut model) {
            perform(&mut taken, &mut model, effect, ask)?;
        }
        if pace.is_due() {
            draw(&mut taken, &model)?;
        }
    }
}

/// Whoever presses a key sees at once what it did; what comes by itself changes the picture only now and then.
struct Pace {
    every: Duration,
    /// When news were drawn last.
    drawn: Option<Instant>,
    state: Waits,
}

/// What waits to be drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waits {
    Nothing,
    News,
    Key,
}

impl Pace {
    fn note(&mut self, incoming: &Incoming, is_empty: bool) {
        let waits = match incoming {
            // The first rows, and what somebody asked for, are waited for.
            Incoming::News(News::Cases(_) | News::End(_)) if is_empty => Waits::Key,
            Incoming::News(News::Packets(_) | News::Saved(_) | News::Told(_) | News::Failed(_)) => Waits::Key,
            Incoming::News(_) => Waits::News,
            _ => Waits::Key,
        };
        if self.state != Waits::Key {
            self.state = waits;
        }
    }

    /// How long until news may be drawn again.
    fn rest(&self) -> Duration {
        self.drawn.map_or(Duration::ZERO, |drawn| self.every.saturating_sub(drawn.elapsed()))
    }

    /// Whether to draw now; what is drawn waits no more.
    fn is_due(&mut self) -> bool {
        let is_due = self.state == Waits::Key || (self.state == Waits::News && self.rest().is_zero());
        if is_due {
            if self.state == Waits::News {
                self.drawn = Some(Instant::now());
            }
            self.state = Waits::Nothing;
        }
        is_due
    }

    /// The next thing to take in; `Some(None)` when it is time to draw what came before, `None` at the end.
    fn wait(&self, receiver: &Receiver<Incoming>) -> Option<Option<Incoming>> {
        if self.state != Waits::News {
            return receiver.recv().ok().map(Some);
        }
        match receiver.recv_timeout(self.rest()) {
            Ok(incoming) => Some(Some(incoming)),
            Err(RecvTimeoutError::Timeout) => Some(None),
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }
}

/// A thread each for keys, news and signals; they end with the program.
fn listen(sender: SyncSender<Incoming>, feed: Receiver<News>) -> io::Result<()> {
    let keys = sender.clone();
    thread::Builder::new().name("keys".into()).spawn(move || {
        loop {
            let incoming = event::read().map_or(Incoming::Lost, Incoming::Event);
            let is_lost = matches!(incoming, Incoming::Lost);
            if keys.send(incoming).is_err() || is_lost {
                return;
            }
        }
    })?;
    signals(sender.clone())?;
    thread::Builder::new().name("news".into()).spawn(move || {
        while let Ok(news) = feed.recv() {
            if sender.send(Incoming::News(news)).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}

#[cfg(unix)]
fn signals(sender: SyncSender<Incoming>) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP};
    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM, SIGTSTP])?;
    thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            if sender.send(Incoming::Signal(signal)).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}

#[cfg(not(unix))]
fn signals(_: SyncSender<Incoming>) -> io::Result<()> {
    Ok(())
}

/// Takes in one thing; answers the farewell when it was the last.
fn take_in(
    taken: &mut Taken,
    model: &mut Model,
    incoming: Incoming,
    ask: &Sender<Request>,
) -> io::Result<Option<Farewell>> {
    let message = match incoming {
        Incoming::Event(Event::Key(key)) if key.kind != KeyEventKind::Release => Message::Key(key),
        Incoming::Event(Event::Mouse(event)) => match mouse(taken, event) {
            Some(mouse) => Message::Mouse(mouse),
            None => return Ok(None),
        },
        Incoming::Event(Event::Paste(text)) => Message::Paste(text),
        Incoming::Event(Event::Resize(width, height)) => Message::Resize(Size { width, height }),
        Incoming::Event(_) => return Ok(None),
        Incoming::News(news) => Message::News(news),
        Incoming::Lost => return Ok(Some(Farewell { lines: Vec::new(), signal: Some(1) })),
        #[cfg(unix)]
        Incoming::Signal(signal_hook::consts::SIGTSTP) => {
            resume(taken, model)?;
            return Ok(None);
        }
        Incoming::Signal(signal) => return Ok(Some(Farewell { lines: Vec::new(), signal: Some(signal) })),
    };
    for effect in apply(model, message) {
        if effect == Effect::Quit {
            return Ok(Some(Farewell { lines: take::farewell(model), signal: None }));
        }
        perform(taken, model, effect, ask)?;
    }
    Ok(None)
}

/// What the terminal says of the mouse, as far as it means anything.
fn mouse(taken: &mut Taken, event: MouseEvent) -> Option<Mouse> {
    let at = Position { x: event.column, y: event.row };
    Some(match event.kind {
        MouseEventKind::Down(MouseButton::Left) => {
            let again = taken.clicked.is_some_and(|(when, before)| before == at && when.elapsed() < DOUBLE);
            taken.clicked = (!again).then(|| (Instant::now(), at));
            Mouse::Click(at, again)
        }
        MouseEventKind::Drag(_) => Mouse::Drag,
        MouseEventKind::ScrollUp => Mouse::Wheel(-1),
        MouseEventKind::ScrollDown => Mouse::Wheel(1),
        _ => return None,
    })
}

/// Does what has to be done outside.
fn perform(taken: &mut Taken, model: &mut Model, effect: Effect, ask: &Sender<Request>) -> io::Result<()> {
    match effect {
        Effect::Quit => {}
        Effect::Suspend => resume(taken, model)?,
        Effect::Redraw => {
            // Tests want to see what a bug leaves of the terminal. No release does this.
            #[cfg(debug_assertions)]
            assert!(std::env::var_os("RDPWHY_TEST_BUG").is_none(), "a bug on purpose");
            taken.redraw()?;
        }
        Effect::Bell => terminal::bell()?,
        Effect::Mouse(is_ours) => taken.mouse(is_ours)?,
        Effect::Copy(text) => {
            terminal::copy(&text)?;
            let bytes = crate::report::time::counted(text.len() as u64, "byte");
            model.message =
                Some(format!("copied {bytes} to the terminal's clipboard (OSC 52); nothing there? w writes a file"));
        }
        Effect::Ask(request) => {
            // Nobody answers any more: what was asked for stays unknown, and its pane says so.
            let _ = ask.send(request);
        }
    }
    Ok(())
}

/// To the shell and back; the window may have another size by then.
fn resume(taken: &mut Taken, model: &mut Model) -> io::Result<()> {
    taken.suspend()?;
    let (width, height) = crossterm::terminal::size()?;
    apply(model, Message::Resize(Size { width, height }));
    Ok(())
}

fn draw(taken: &mut Taken, model: &Model) -> io::Result<()> {
    let mut cursor: Option<Position> = None;
    taken.screen.draw(|frame| {
        cursor = view::draw(model, frame.buffer_mut());
        if let Some(position) = cursor {
            frame.set_cursor_position(position);
        }
    })?;
    Ok(())
}
