//! The terminal: taken over, and given back on every way out. Keys come from the terminal itself, also when standard
//! input is a capture.

use std::io::{self, Stdout, Write as _, stdout};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use base64::Engine as _;
use crossterm::cursor::{SetCursorStyle, Show};
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::execute;
use crossterm::style::ResetColor;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Position, Rect, Size};

/// Whether the terminal is ours at the moment.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// What is drawn on.
pub(super) type Screen = Terminal<CrosstermBackend<Stdout>>;

/// The terminal while it is ours; dropping it gives it back.
pub(super) struct Taken {
    pub(super) screen: Screen,
    /// When and where the mouse was clicked last.
    pub(super) clicked: Option<(Instant, Position)>,
    has_mouse: bool,
}

impl Taken {
    /// Takes the terminal over.
    pub(super) fn new() -> io::Result<Self> {
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            // A bug on any thread: first the terminal, then the words, then the end; nobody could draw any more.
            std::panic::set_hook(Box::new(move |info| {
                let was_taken = TAKEN.load(Ordering::SeqCst);
                give_back();
                before(info);
                if was_taken {
                    std::process::exit(3);
                }
            }));
        });
        take()?;
        let screen = Terminal::new(CrosstermBackend::new(stdout())).inspect_err(|_| give_back())?;
        Ok(Self { screen, clicked: None, has_mouse: false })
    }

    /// Gives it back, stops until somebody wants us again, and takes it over again.
    #[cfg(unix)]
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        give_back();
        signal_hook::low_level::raise(signal_hook::consts::SIGSTOP)?;
        take()?;
        if self.has_mouse {
            execute!(stdout(), EnableMouseCapture)?;
        }
        self.redraw()
    }

    /// Takes the mouse, or gives it back.
    pub(super) fn mouse(&mut self, is_ours: bool) -> io::Result<()> {
        self.has_mouse = is_ours;
        if is_ours { execute!(stdout(), EnableMouseCapture) } else { execute!(stdout(), DisableMouseCapture) }
    }

    /// Forgets what was drawn: the next picture is drawn in full.
    pub(super) fn redraw(&mut self) -> io::Result<()> {
        // `clear` would ask the terminal for its cursor, and the answer would be read as keys by another thread.
        let Size { width, height } = self.screen.size()?;
        self.screen.resize(Rect { x: 0, y: 0, width, height })
    }

    /// There is no shell to go to.
    #[cfg(not(unix))]
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
    }
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    // What the wheel sends in the alternate screen are then arrow keys, without taking the mouse from the terminal.
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste).inspect_err(|_| give_back())?;
    stdout().write_all(b"\x1b[?1007h")?;
    stdout().flush()
}

/// Everything as it was. May be called at any time, from any thread, more than once.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // A terminal that is gone cannot be given back, and nobody is there to be told.
        let _ = stdout().write_all(b"\x1b[?1007l");
        let _ = execute!(
            stdout(),
            DisableMouseCapture,
            DisableBracketedPaste,
            ResetColor,
            SetCursorStyle::DefaultUserShape,
            LeaveAlternateScreen,
            Show
        );
        let _ = disable_raw_mode();
    }
}

/// Hands `text` to the terminal's clipboard (OSC 52).
pub(super) fn copy(text: &str) -> io::Result<()> {
    let encoded = base64::engine::general_purpose::STANDARD.encode(text);
    let mut out = stdout();
    write!(out, "\x1b]52;c;{encoded}\x07")?;
    out.flush()
}

/// Rings the bell.
pub(super) fn bell() -> io::Result<()> {
    let mut out = stdout();
    out.write_all(b"\x07")?;
    out.flush()
}
