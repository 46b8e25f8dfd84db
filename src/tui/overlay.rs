//! What lies over a screen, one at a time: help, an input line, a menu of letters, a text. Closing it changes nothing
//! beneath; only its result does.

use std::borrow::Cow;

use tui_input::Input;

use super::action::Action;
use super::keys::{Binding, GROUPS, Where};
use super::list::Column;
use crate::report::Filter;

/// An overlay.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// All keys of the screen beneath.
    Help(Help),
    /// A line to type.
    Line(Line),
    /// Letters to choose from.
    Menu(Menu),
    /// Something to read.
    Page(Page),
}

/// All keys; what is typed narrows them.
#[derive(Clone, Debug)]
pub struct Help {
    /// Which key does what.
    pub bindings: &'static [Binding],
    /// The screen they are for.
    pub screen: Where,
    /// What was typed.
    pub input: Input,
    /// The selected row.
    pub cursor: usize,
}

impl Help {
    /// The rows that what was typed leaves: under their headings, in order.
    #[must_use]
    pub fn rows(&self) -> Vec<&'static Binding> {
        let wanted = self.input.value().trim().to_lowercase();
        let fits = |binding: &&Binding| {
            let text = format!("{} {}", binding.shown, binding.help).to_lowercase();
            binding.on.holds(self.screen) && wanted.split(' ').all(|word| text.contains(word))
        };
        let of = |group: &'static str| self.bindings.iter().filter(move |binding| binding.group == group);
        GROUPS.into_iter().flat_map(of).filter(fits).collect()
    }

    /// What the selected row does.
    #[must_use]
    pub fn chosen(&self) -> Option<Action> {
        self.rows().get(self.cursor).map(|binding| binding.action)
    }
}

/// What a typed line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Filter the sessions, while typing.
    Filter,
    /// Find a text in what has the cursor.
    Find,
    /// A command.
    Command,
    /// A frame's number.
    Frame,
    /// A file's name, for what is to be written.
    File(Form),
}

/// A form in which something can be written or copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The text report.
    Report,
    /// JSON lines.
    Json,
    /// The ladder as text.
    Ladder,
    /// The server's certificate, as PEM.
    Certificate,
    /// The packets, as pcapng.
    Packets,
    /// All packets of a running capture, which ends with it.
    Capture,
}

/// A line to type.
#[derive(Clone, Debug)]
pub struct Line {
    /// What for.
    pub purpose: Purpose,
    /// What was typed.
    pub input: Input,
    /// How far back in the history.
    pub past: usize,
    /// What is wrong with it: from which column on, how long, and in words.
    pub error: Option<(usize, usize, String)>,
    /// The filter before, to go back to.
    pub before: Option<(String, Filter)>,
    /// What it could go on as.
    pub offered: Vec<String>,
}

/// A menu of letters.
#[derive(Clone, Debug)]
pub struct Menu {
    /// `copy:`.
    pub title: Cow<'static, str>,
    /// Its letters.
    pub choices: Vec<Choice>,
    /// What is kept is what does not match.
    pub negated: bool,
}

/// A letter of a menu.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The letter.
    pub letter: char,
    /// What it is called.
    pub label: String,
    /// What it does.
    pub result: Outcome,
}

/// What a choice does.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Keeps the sessions that match this.
    Keep(String),
    /// Turns the menu round: keeps what does not match.
    Negate,
    /// Sorts.
    Sort(Column),
    /// Copies this text.
    Copy(Taken),
    /// Asks for a file's name and writes this.
    Write(Form),
    /// Leaves, whatever is lost.
    Leave,
}

/// What can be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the menu says what they are
pub enum Taken {
    Line,
    Verdict,
    WiresharkFilter,
    WiresharkCommand,
    Frame,
    Json,
    Report,
    Ladder,
    Bytes,
    Certificate,
}

/// Something to read.
#[derive(Clone, Debug)]
pub struct Page {
    /// What it is about.
    pub title: String,
    /// Its lines.
    pub lines: Vec<String>,
    /// The first line shown.
    pub top: usize,
    /// What is looked for, and whether it is being typed.
    pub find: Input,
    /// It is being typed.
    pub is_typing: bool,
}

impl Page {
    /// Whether a line says what is looked for.
    #[must_use]
    pub fn says(&self, line: &str) -> bool {
        let wanted = self.find.value().trim().to_lowercase();
        !wanted.is_empty() && line.to_lowercase().contains(&wanted)
    }

    /// Goes to the next line (or the one before) that says it, round the end. `false` when none does.
    pub fn find(&mut self, forward: bool, here: bool) -> bool {
        let count = self.lines.len();
        let steps = usize::from(!here)..count + usize::from(!here);
        let mut places = steps.map(|step| {
            if forward { (self.top + step) % count.max(1) } else { (self.top + count - step) % count.max(1) }
        });
        match places.find(|place| self.says(&self.lines[*place])) {
            Some(place) => {
                self.top = place;
                true
            }
            None => false,
        }
    }
}
