//! The line at the bottom of the terminal while a capture runs.

use std::cell::Cell;
use std::io::{IsTerminal as _, Write as _};

/// Only interfaces lose packets, and warn while they run.
#[cfg(all(feature = "live", unix))]
#[derive(Default)]
struct Interfaces {
    lost: Cell<(u64, u64)>,
    /// Where warnings go instead of standard error.
    ear: Option<Box<dyn Fn(String)>>,
}

/// A line at the bottom of the terminal, if there is one, that gives way to everything else.
pub(super) struct Status {
    is_terminal: bool,
    shown: Cell<bool>,
    columns: usize,
    #[cfg(all(feature = "live", unix))]
    interfaces: Interfaces,
}

impl Status {
    /// On standard error; on nothing when that is no terminal, or nothing is to be said.
    pub(super) fn new(is_silent: bool, columns: usize) -> Self {
        let is_terminal = !is_silent && std::io::stderr().is_terminal();
        Self {
            is_terminal,
            shown: Cell::new(false),
            columns,
            #[cfg(all(feature = "live", unix))]
            interfaces: Interfaces::default(),
        }
    }

    /// Makes room.
    pub(super) fn clear(&self) {
        if self.shown.take() {
            let _ = std::io::stderr().write_all(b"\r\x1b[K");
        }
    }

    /// Shows `text`.
    pub(super) fn show(&self, text: &str) {
        if self.is_terminal {
            let text: String = text.chars().take(self.columns.saturating_sub(1)).collect();
            let _ = write!(std::io::stderr(), "\r\x1b[K{text}");
            self.shown.set(true);
        }
    }
}

#[cfg(all(feature = "live", unix))]
impl Status {
    /// Of a capture that somebody else shows: no line, and warnings go to `ear`.
    pub(super) fn elsewhere(ear: impl Fn(String) + 'static) -> Self {
        let interfaces = Interfaces { ear: Some(Box::new(ear)), ..Interfaces::default() };
        Self { interfaces, ..Self::new(true, 80) }
    }

    /// Packets dropped so far: by the kernel, by the interfaces.
    pub(super) fn lost(&self) -> (u64, u64) {
        self.interfaces.lost.get()
    }

    /// So many are dropped by now.
    pub(super) fn lose(&self, kernel: u64, card: u64) {
        self.interfaces.lost.set((kernel, card));
    }

    /// Warnings go also to whoever asked for them.
    pub(super) fn hear(&self, text: &str) {
        if let Some(ear) = &self.interfaces.ear {
            ear(text.trim_end().trim_start_matches("warning: ").to_owned());
        }
    }
}
