//! The one registry of keys: what each does, where, and how hints and help say it. Dispatch, hint bar and help are all
//! made from it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::action::Action;

/// Where a key means something: one bit for each screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Where(u8);

impl Where {
    /// The list of sessions.
    pub const LIST: Self = Self(1);
    /// A session, whatever pane has the cursor.
    pub const SESSION: Self = Self(2);
    /// The table of causes.
    pub const CAUSES: Self = Self(4);
    /// List and session.
    pub const BOTH: Self = Self(3);
    /// List and causes.
    pub const TABLES: Self = Self(5);
    /// Everywhere.
    pub const ALL: Self = Self(7);

    /// Whether `other` is part of it.
    #[must_use]
    pub const fn holds(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// The headings of the help, in order.
pub const GROUPS: [&str; 4] = ["Move", "Look", "Choose", "Take"];

/// A row of the registry.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// What it does.
    pub action: Action,
    /// Its keys.
    pub keys: &'static [Key],
    /// The keys as people read them.
    pub shown: &'static str,
    /// Where it works.
    pub on: Where,
    /// Under which heading of the help.
    pub group: &'static str,
    /// What the hint bar says behind the key; nothing when it has no room there. The last ones go first.
    pub hint: &'static str,
    /// What the help says.
    pub help: &'static str,
}

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A character as typed.
    Char(char),
    /// A character with Ctrl.
    Ctrl(char),
    /// A function key.
    F(u8),
    /// Any other.
    Code(KeyCode),
}

impl Key {
    /// The key of an event of the terminal.
    #[must_use]
    pub fn of(event: &KeyEvent) -> Self {
        match event.code {
            KeyCode::Char(c) if event.modifiers.contains(KeyModifiers::CONTROL) => Self::Ctrl(c.to_ascii_lowercase()),
            KeyCode::Char(c) => Self::Char(c),
            KeyCode::F(number) => Self::F(number),
            code => Self::Code(code),
        }
    }
}

use Key::{Char, Code, Ctrl, F};

macro_rules! bindings {
    ($($action:ident, [$($key:expr),*], $shown:literal, $on:ident, $group:literal, $hint:literal, $help:literal;)*) => {
        /// All keys. The order is that of help and hints: what a beginner needs first stands first.
        pub const BINDINGS: &[Binding] = &[$(Binding {
            action: Action::$action,
            keys: &[$($key),*],
            shown: $shown,
            on: Where::$on,
            group: $group,
            hint: $hint,
            help: $help,
        }),*];
    };
}

bindings! {
    Up, [Code(KeyCode::Up), Char('k')], "↑ k", ALL, "Move", "", "previous row";
    Down, [Code(KeyCode::Down), Char('j')], "↓ j", ALL, "Move", "", "next row";
    Open, [Code(KeyCode::Enter)], "Enter", ALL, "Move", "open", "open it; on evidence, go to its packet";
    Back, [Code(KeyCode::Esc), Char('q')], "Esc q", ALL, "Move", "back", "back one level; q leaves from the list";
    Death, [Char('d')], "d", BOTH, "Move", "death", "where it died; in the list the first death, live the last";
    TroubleBefore, [Char('['), Char(',')], "[", BOTH, "Move", "", "previous trouble; in the network, the chart before";
    TroubleAfter, [Char(']'), Char('.')], "]", BOTH, "Move", "trouble", "next trouble; in the network, the next chart";
    Return, [Code(KeyCode::Backspace)], "Backspace", SESSION, "Move", "", "back to where you jumped from";
    Right, [Code(KeyCode::Right), Char('l')], "→ l", ALL, "Move", "", "open or unfold; next byte of the hex, later in the charts";
    Left, [Code(KeyCode::Left), Char('h')], "← h", ALL, "Move", "", "back or fold; byte before, earlier in the charts";
    PageUp, [Code(KeyCode::PageUp), Ctrl('b')], "PgUp Ctrl-B", ALL, "Move", "", "a screen up";
    PageDown, [Code(KeyCode::PageDown), Ctrl('f')], "PgDn Ctrl-F", ALL, "Move", "", "a screen down";
    HalfUp, [Ctrl('u')], "Ctrl-U", ALL, "Move", "", "half a screen up";
    HalfDown, [Ctrl('d')], "Ctrl-D", ALL, "Move", "", "half a screen down";
    First, [Code(KeyCode::Home), Char('g')], "Home g", ALL, "Move", "", "first row";
    Last, [Code(KeyCode::End), Char('G')], "End G", ALL, "Move", "", "last row";
    PaneAfter, [Code(KeyCode::Tab)], "Tab", SESSION, "Look", "pane", "cursor into the other pane";
    PaneBefore, [Code(KeyCode::BackTab)], "Shift-Tab", SESSION, "Look", "", "the same, the other way round";
    Why, [Char('1')], "1", SESSION, "Look", "", "why: signs for and against, what to do";
    Packet, [Char('2')], "2", SESSION, "Look", "", "the packet, field by field";
    Hex, [Char('3')], "3", SESSION, "Look", "", "its bytes";
    Certificate, [Char('4')], "4", SESSION, "Look", "", "the server's certificate";
    Net, [Char('5')], "5", SESSION, "Look", "", "the network: losses, round trips, distances";
    TimeForm, [Char('t')], "t", SESSION, "Look", "time", "time: since start, step, clock, UTC";
    TimeMark, [Char('m')], "m", SESSION, "Look", "", "times count from here; again: as before";
    Unfold, [Char('r')], "r", BOTH, "Look", "unfold", "unfold the fold that is nearest; again: fold";
    UnfoldAll, [Char('R')], "R", BOTH, "Look", "", "unfold everything; again: fold";
    Stream, [Char('x')], "x", SESSION, "Look", "bytes", "bytes of the frame, or of the whole message it completes";
    Zoom, [Char('z'), Char('\\')], "z", SESSION, "Look", "zoom", "the whole screen for this pane";
    Search, [Char('/'), F(3)], "/", ALL, "Choose", "filter", "filter the sessions; in a session, find a text";
    FindAfter, [Char('n')], "n", SESSION, "Choose", "", "find the next one";
    FindBefore, [Char('N')], "N", SESSION, "Choose", "", "find the one before";
    Quick, [Char('f')], "f", LIST, "Choose", "quick", "keep only sessions like this one";
    Sort, [Char('s')], "s", LIST, "Choose", "sort", "sort by a column";
    Reverse, [Char('S')], "S", LIST, "Choose", "", "the other way round";
    SortBefore, [Char('<')], "<", LIST, "Choose", "", "sort by the column before";
    SortAfter, [Char('>')], ">", LIST, "Choose", "", "sort by the column after";
    Causes, [Char('c')], "c", LIST, "Choose", "causes", "causes and how many sessions each has";
    SessionAfter, [Char('J')], "J", BOTH, "Choose", "", "next session";
    SessionBefore, [Char('K')], "K", BOTH, "Choose", "session", "previous session";
    Mark, [Char(' ')], "Space", LIST, "Choose", "mark", "mark the session; w writes the marked ones";
    MarkOthers, [Char('*')], "*", LIST, "Choose", "", "mark what is not marked, and the reverse";
    Copy, [Char('y')], "y", BOTH, "Take", "copy", "copy: line, verdict, filter, JSON, report";
    Write, [Char('w'), F(2)], "w", BOTH, "Take", "write", "write packets, a report, JSON or the ladder to a file";
    Explain, [Char('e')], "e", ALL, "Take", "explain", "what the cause under the cursor means";
    Wireshark, [Char('o')], "o", BOTH, "Take", "", "copy the Wireshark command for this packet";
    Command, [Char(':')], ":", ALL, "Take", "", "command: a frame, #session, e (read again), filter, set, q";
    GoTo, [Ctrl('g')], "Ctrl-G", ALL, "Move", "", "go to a frame by its number";
    Freeze, [Char('p')], "p", BOTH, "Look", "freeze view", "hold the view still while sessions arrive; again: go on";
    Follow, [Char('F')], "F", LIST, "Look", "follow", "stay with the newest session while they arrive";
    Mouse, [Char('M')], "M", ALL, "Look", "", "take the mouse, or give it back to the terminal";
    Redraw, [Ctrl('l')], "Ctrl-L", ALL, "Look", "", "draw everything anew";
    Suspend, [Ctrl('z')], "Ctrl-Z", ALL, "Look", "", "to the shell; fg comes back";
    Quit, [Char('Q'), Ctrl('c'), F(10)], "Q Ctrl-C", ALL, "Move", "", "leave at once";
    Help, [Char('?'), F(1)], "?", ALL, "Look", "help", "this help";
}

/// What `key` does on `screen`.
#[must_use]
pub fn action(key: Key, screen: Where) -> Option<Action> {
    action_of(BINDINGS, key, screen)
}

/// The same with other keys than the usual ones.
#[must_use]
pub fn action_of(bindings: &[Binding], key: Key, screen: Where) -> Option<Action> {
    let mut bindings = bindings.iter().filter(|binding| binding.on.holds(screen));
    bindings.find(|binding| binding.keys.contains(&key)).map(|binding| binding.action)
}

/// The row of `action`.
#[must_use]
pub fn binding(action: Action) -> Option<&'static Binding> {
    BINDINGS.iter().find(|binding| binding.action == action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_has_two_meanings_and_every_action_has_one_row() {
        for (index, one) in BINDINGS.iter().enumerate() {
            for other in &BINDINGS[..index] {
                assert_ne!(one.action, other.action);
                let shared: Vec<_> = one.keys.iter().filter(|key| other.keys.contains(key)).collect();
                assert!(shared.is_empty(), "{:?} and {:?} share {shared:?}", one.action, other.action);
            }
        }
    }

    #[test]
    fn every_key_is_helped_with_and_named() {
        for binding in BINDINGS {
            assert!(!binding.help.is_empty() && !binding.shown.is_empty(), "{:?}", binding.action);
            assert!(GROUPS.contains(&binding.group), "{:?}", binding.action);
            let first = binding.keys.first().expect("a key");
            let named = match first {
                Char(' ') => "Space".to_owned(),
                Char(c) => c.to_string(),
                Ctrl(c) => format!("Ctrl-{}", c.to_ascii_uppercase()),
                _ => continue,
            };
            assert!(binding.shown.split(' ').any(|word| word == named), "{:?}: {named}", binding.action);
        }
    }
}
