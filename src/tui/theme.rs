//! How it looks: roles instead of colours, themes that give roles a style, and what stands for a glyph in plain ASCII.

use jiff::tz::TimeZone;
use ratatui::style::{Color, Modifier, Style};

use crate::diagnose::verdict::{Outcome, Sure};
use crate::report::pen::clean;
use crate::session::Direction;

/// What a piece of the screen is. Whatever a role says, a word or a symbol says too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Plain text.
    Text,
    /// Names, headings, the verdict.
    Bold,
    /// Rules, labels, what came after the death, what can only be inferred.
    Dim,
    /// A death, its packet, its rule.
    Died,
    /// A warning; packets sent again.
    Warn,
    /// The capture cannot tell.
    Unsure,
    /// Still going.
    Open,
    /// The client and its rail.
    Client,
    /// The server and its rail.
    Server,
    /// Sure, but not beyond doubt.
    Likely,
    /// What is meant among the rest: a filter in force, marked bytes.
    Marked,
}

impl Role {
    /// Healthy sessions have no colour: only trouble has.
    #[must_use]
    pub const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Died => Self::Died,
            Outcome::Warn => Self::Warn,
            Outcome::Unsure => Self::Unsure,
            Outcome::Open => Self::Open,
            Outcome::Ok => Self::Text,
            Outcome::Scan => Self::Dim,
        }
    }

    /// How sure a conclusion is.
    #[must_use]
    pub const fn sure(sure: Sure) -> Self {
        match sure {
            Sure::Proven => Self::Bold,
            Sure::Strong => Self::Text,
            Sure::Likely => Self::Likely,
            Sure::Unsure => Self::Unsure,
        }
    }

    /// Whose rail it is.
    #[must_use]
    pub const fn rail(direction: Direction) -> Self {
        match direction {
            Direction::ClientToServer => Self::Client,
            Direction::ServerToClient => Self::Server,
        }
    }
}

/// A set of styles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// The terminal's own sixteen colours on its own background: right on dark and on light.
    #[default]
    Auto,
    /// Trouble as blocks of colour.
    HighContrast,
    /// No colour at all; weight and reverse video only.
    Mono,
}

impl Theme {
    /// All, with their names.
    pub const ALL: [(&'static str, Self); 3] =
        [("auto", Self::Auto), ("high-contrast", Self::HighContrast), ("mono", Self::Mono)];

    /// The theme called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, theme)| *theme)
    }

    /// How `role` looks.
    #[must_use]
    pub fn style(self, role: Role) -> Style {
        let plain = Style::new();
        let strong = plain.add_modifier(Modifier::BOLD);
        match (role, self) {
            (Role::Text, _) => plain,
            (Role::Bold, _) => strong,
            (Role::Dim, Self::HighContrast) => plain,
            (Role::Dim, _) => plain.add_modifier(Modifier::DIM),
            (Role::Likely, _) => plain.add_modifier(Modifier::UNDERLINED),
            (Role::Marked, _) => plain.add_modifier(Modifier::REVERSED),
            (Role::Died | Role::Warn, Self::Mono) => strong,
            (Role::Unsure | Role::Open | Role::Client | Role::Server, Self::Mono) => plain,
            (Role::Died, Self::Auto) => strong.fg(Color::Red),
            (Role::Warn, Self::Auto) => strong.fg(Color::Yellow),
            (Role::Unsure, Self::Auto) => plain.fg(Color::Magenta),
            (Role::Open, Self::Auto) => plain.fg(Color::Cyan),
            (Role::Client, Self::Auto) => plain.fg(Color::Blue),
            (Role::Server, Self::Auto) => plain.fg(Color::Green),
            (Role::Died, Self::HighContrast) => strong.fg(Color::White).bg(Color::Red),
            (Role::Warn, Self::HighContrast) => plain.fg(Color::Black).bg(Color::Yellow),
            (Role::Unsure, Self::HighContrast) => plain.fg(Color::White).bg(Color::Magenta),
            (Role::Open, Self::HighContrast) => plain.fg(Color::Black).bg(Color::Cyan),
            (Role::Client | Role::Server, Self::HighContrast) => strong,
        }
    }
}

/// Everything about the looks.
#[derive(Clone, Debug)]
pub struct Look {
    /// Styles.
    pub theme: Theme,
    /// Nothing but ASCII.
    pub ascii: bool,
    /// The reader's zone.
    pub zone: TimeZone,
}

impl Default for Look {
    fn default() -> Self {
        Self { theme: Theme::Auto, ascii: false, zone: TimeZone::UTC }
    }
}

impl Look {
    /// `text` as it may be drawn: nothing in it moves a cursor; with `ascii`, one plain sign for each of our glyphs, so
    /// that columns stay where they are.
    #[must_use]
    pub fn shown(&self, text: &str) -> String {
        let text = text.replace('\u{a0}', " ");
        if !self.ascii || text.is_ascii() {
            return clean(&text, self.ascii);
        }
        clean(&text.chars().map(plain).collect::<String>(), true)
    }
}

/// The plain sign for one of our own glyphs.
const fn plain(c: char) -> char {
    match c {
        '×' => 'X',
        '√' => '+',
        '►' | '→' => '>',
        '◄' | '←' => '<',
        '↑' | '▲' => '^',
        '↓' | '▼' => 'v',
        '─' | '–' => '-',
        '│' | '├' | '┤' | '┌' | '┐' | '└' | '┘' | '┬' | '┴' | '┼' => '|',
        '═' => '=',
        '■' | '█' => '#',
        '□' => 'o',
        '▄' | '▓' => '%',
        '░' | '·' => '.',
        '▒' => ':',
        '●' => 'o',
        '…' => '~',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_signs_keep_columns() {
        let look = Look { ascii: true, ..Look::default() };
        assert_eq!(look.shown("│── 6 × 487 ──►│ ■■×··□ …"), "|-- 6 X 487 -->| ##X..o ~");
        assert_eq!(look.shown("é\x1b[2J"), "\\u{e9}\\x1b[2J");
        assert_eq!(Look::default().shown("√ é\x1b"), "√ é\\x1b");
    }
}
