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
    /// Light on dark, in colours of its own; for terminals that have all of them.
    Dark,
    /// Dark on light, likewise.
    Light,
    /// Trouble as blocks of colour.
    HighContrast,
    /// No colour at all; weight and reverse video only.
    Mono,
}

impl Theme {
    /// All, with their names.
    pub const ALL: [(&'static str, Self); 5] = [
        ("auto", Self::Auto),
        ("dark", Self::Dark),
        ("light", Self::Light),
        ("high-contrast", Self::HighContrast),
        ("mono", Self::Mono),
    ];

    /// The theme called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, theme)| *theme)
    }

    /// What everything stands on, where that is not the terminal's own.
    #[must_use]
    pub fn base(self) -> Style {
        match self.palette() {
            Some((ground, text, _)) => Style::new().bg(rgb(ground)).fg(rgb(text)),
            None => Style::new(),
        }
    }

    /// Ground, text, and a colour for each of dim, died, warn, unsure, open, client, server; 0xRRGGBB.
    const fn palette(self) -> Option<(u32, u32, [u32; 7])> {
        match self {
            Self::Dark => Some((
                0x15_19_1e,
                0xd8_de_e4,
                [0x9a_a5_b1, 0xff_7b_72, 0xe8_b8_4a, 0xd8_ae_ff, 0x6a_d3_e8, 0x7f_b8_ff, 0x7d_dc_8a],
            )),
            Self::Light => Some((
                0xfb_fa_f7,
                0x1f_24_29,
                [0x59_62_6b, 0xb4_13_1f, 0x7a_4f_00, 0x77_2c_b2, 0x06_63_77, 0x0a_4d_b0, 0x12_61_2a],
            )),
            _ => None,
        }
    }

    /// The same for a theme with colours of its own.
    fn colored(self, role: Role) -> Option<Style> {
        let (ground, text, [dim, died, warn, unsure, open, client, server]) = self.palette()?;
        let plain = Style::new().bg(rgb(ground));
        let strong = |color| plain.fg(rgb(color)).add_modifier(Modifier::BOLD);
        Some(match role {
            Role::Text => plain.fg(rgb(text)),
            Role::Bold => strong(text),
            Role::Dim => plain.fg(rgb(dim)),
            Role::Died => strong(died),
            Role::Warn => strong(warn),
            Role::Unsure => plain.fg(rgb(unsure)),
            Role::Open => plain.fg(rgb(open)),
            Role::Client => plain.fg(rgb(client)),
            Role::Server => plain.fg(rgb(server)),
            Role::Likely => plain.fg(rgb(text)).add_modifier(Modifier::UNDERLINED),
            Role::Marked => plain.fg(rgb(text)).add_modifier(Modifier::REVERSED),
        })
    }

    /// How `role` looks.
    #[must_use]
    pub fn style(self, role: Role) -> Style {
        if let Some(style) = self.colored(role) {
            return style;
        }
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
            // They have colours of their own.
            (_, Self::Dark | Self::Light) => plain,
        }
    }
}

const fn rgb(color: u32) -> Color {
    Color::Rgb((color >> 16) as u8, (color >> 8) as u8, color as u8)
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

    /// WCAG 2.2, "relative luminance".
    fn luminance(color: u32) -> f64 {
        let part = |shift: u32| {
            let value = f64::from(color >> shift & 0xff) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
    }

    #[test]
    fn colours_of_our_own_are_readable_on_their_ground() {
        for theme in [Theme::Dark, Theme::Light] {
            let (ground, text, colors) = theme.palette().expect("colours");
            for color in colors.into_iter().chain([text]) {
                let (one, other) = (luminance(ground), luminance(color));
                let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
                // WCAG 2.2, 1.4.3, level AA.
                assert!(contrast >= 4.5, "{theme:?} {color:06x}: {contrast:.1}");
            }
        }
    }

    #[test]
    fn plain_signs_keep_columns() {
        let look = Look { ascii: true, ..Look::default() };
        assert_eq!(look.shown("│── 6 × 487 ──►│ ■■×··□ …"), "|-- 6 X 487 -->| ##X..o ~");
        assert_eq!(look.shown("é\x1b[2J"), "\\u{e9}\\x1b[2J");
        assert_eq!(Look::default().shown("√ é\x1b"), "√ é\\x1b");
    }
}
