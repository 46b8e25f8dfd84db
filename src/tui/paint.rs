//! Writing on the screen's cells: whatever is drawn goes through here, stays inside its area and is safe to show.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use unicode_width::UnicodeWidthStr as _;

use super::theme::{Look, Role};

/// Draws into one area.
pub struct Brush<'b> {
    buffer: &'b mut Buffer,
    area: Rect,
    look: &'b Look,
}

impl<'b> Brush<'b> {
    /// For `area`, or what of it is on the screen at all.
    pub fn new(look: &'b Look, area: Rect, buffer: &'b mut Buffer) -> Self {
        let area = area.intersection(*buffer.area());
        Self { buffer, area, look }
    }

    /// Columns.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.area.width as usize
    }

    /// Rows.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.area.height as usize
    }

    /// Writes `text` at column `x` of row `y`; answers the column behind it. What does not fit is cut with `…`.
    pub fn put(&mut self, x: usize, y: usize, role: Role, text: &str) -> usize {
        let room = self.width().saturating_sub(x);
        self.fit(x, y, room, role, text)
    }

    /// The same, in at most `room` columns.
    pub fn fit(&mut self, x: usize, y: usize, room: usize, role: Role, text: &str) -> usize {
        let room = room.min(self.width().saturating_sub(x));
        if y >= self.height() || room == 0 {
            return x;
        }
        let text = cut(&self.look.shown(text), room, if self.look.ascii { '~' } else { '…' });
        let style = self.look.theme.style(role);
        let (column, row) = (self.area.x + x as u16, self.area.y + y as u16);
        self.buffer.set_stringn(column, row, &text, room, style);
        x + text.width()
    }

    /// Writes `text` so that it ends before column `end`; answers where it begins.
    pub fn right(&mut self, end: usize, y: usize, role: Role, text: &str) -> usize {
        let width = self.look.shown(text).width();
        let start = end.min(self.width()).saturating_sub(width);
        self.fit(start, y, end - start.min(end), role, text);
        start
    }

    /// A rule over the whole width, with a title near its beginning and a note near its end.
    pub fn rule(&mut self, y: usize, title: &str, note: &str) {
        let width = self.width();
        self.put(0, y, Role::Dim, &"─".repeat(width));
        if !title.is_empty() {
            self.fit(1, y, width.saturating_sub(2), Role::Bold, &format!(" {title} "));
        }
        let used = self.look.shown(title).width() + 4;
        if !note.is_empty() && self.look.shown(note).width() + used + 3 <= width {
            self.right(width.saturating_sub(1), y, Role::Dim, &format!(" {note} "));
        }
    }

    /// Turns the whole row into the selected one.
    pub fn select(&mut self, y: usize) {
        if y < self.height() && self.width() > 0 {
            let row = Rect { x: self.area.x, y: self.area.y + y as u16, width: self.area.width, height: 1 };
            let style = self.buffer[(row.x, row.y)].style();
            let bold = style.add_modifier(Modifier::REVERSED).remove_modifier(Modifier::DIM);
            for x in row.x..row.right() {
                let cell = &mut self.buffer[(x, row.y)];
                // One even bar: colours would chop it to pieces.
                cell.set_style(bold);
                cell.modifier.insert(Modifier::REVERSED);
                cell.modifier.remove(Modifier::DIM | Modifier::UNDERLINED);
                let base = self.look.theme.base();
                cell.fg = base.fg.unwrap_or_default();
                cell.bg = base.bg.unwrap_or_default();
            }
        }
    }

    /// A vertical rule at column `x`, from row `from` to the foot.
    pub fn divide(&mut self, x: usize, from: usize) {
        for y in from..self.height() {
            self.put(x, y, Role::Dim, "│");
        }
    }
}

/// `text` in at most `room` columns; `sign` stands for what is left out.
#[must_use]
pub fn cut(text: &str, room: usize, sign: char) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if out.width() + unicode_width::UnicodeWidthChar::width(c).unwrap_or(0) + 1 > room {
            break;
        }
        out.push(c);
    }
    if room > 0 {
        out.push(sign);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_outside() {
        let look = Look::default();
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 2));
        let mut brush = Brush::new(&look, Rect::new(4, 1, 100, 100), &mut buffer);
        brush.put(0, 0, Role::Text, "a long text");
        brush.put(50, 0, Role::Text, "x");
        brush.put(0, 50, Role::Text, "x");
        brush.right(3, 1, Role::Text, "…");
        brush.select(7);
        brush.rule(9, "title", "note");
        assert_eq!(buffer.content.iter().map(|cell| cell.symbol()).collect::<String>().trim(), "a lon…");
    }

    #[test]
    fn wide_characters_are_not_cut_in_half() {
        assert_eq!(cut("日本語", 4, '…'), "日…");
        assert_eq!(cut("abc", 3, '…'), "abc");
        assert_eq!(cut("abc", 0, '…'), "");
    }
}
