//! Pane 3: the bytes of the packet under the cursor; those of the selected field are marked.

use std::borrow::Cow;
use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::packet::current;
use crate::frame::FrameNumber;
use crate::report::time;
use crate::tui::feed::Packet;
use crate::tui::model::{Model, Screen};
use crate::tui::opened::{Focus, SessionView};
use crate::tui::paint::Brush;
use crate::tui::pane::Pane;
use crate::tui::stream::{self, Whole};
use crate::tui::theme::Role;
use crate::tui::tree;

/// The pane.
pub static PANE: Pane = Pane { name: "Hex", note, items, frame, text, draw };

/// Where the bytes begin, and the characters.
const BYTES: usize = 7;
const GAP: usize = 2;

/// Characters of a text to be found.
const LONGEST: usize = 64;

/// Bytes in a line.
const fn per_line(width: usize) -> usize {
    match width {
        74.. => 16,
        42.. => 8,
        _ => 4,
    }
}

/// The message that the frame under the cursor completes, in one piece.
pub fn whole(model: &Model, view: &SessionView) -> Option<Whole> {
    let packets = model.packets.as_ref().filter(|packets| packets.id == view.case.session.id)?;
    stream::whole(&view.case.session, packets.found.as_ref().ok()?, view.frame()?)
}

/// What is shown: the frame, or the message where that was asked for and can be had.
fn shown<'m>(model: &'m Model, view: &SessionView) -> Result<Cow<'m, [u8]>, String> {
    let packet = current(model, view)?;
    let whole = view.is_whole.then(|| whole(model, view)).flatten();
    Ok(whole.map_or(Cow::Borrowed(&*packet.bytes), |whole| Cow::Owned(whole.bytes)))
}

fn note(model: &Model, view: &SessionView) -> String {
    match whole(model, view).filter(|_| view.is_whole) {
        Some(Whole { first, last, bytes }) => {
            let frames = if first == last {
                format!("frame {}", last.number())
            } else {
                format!("frames {}-{}", first.number(), last.number())
            };
            format!("message, {frames}, {}", time::counted(bytes.len() as u64, "byte"))
        }
        None => super::packet::note(model, view),
    }
}

fn items(model: &Model, view: &SessionView) -> usize {
    shown(model, view).map_or(0, |bytes| bytes.len())
}

fn frame(_: &Model, _: &SessionView, _: usize) -> Option<FrameNumber> {
    None
}

/// The line of characters that begins here: a find goes from line to line.
fn text(model: &Model, view: &SessionView, item: usize) -> String {
    let bytes = shown(model, view).unwrap_or_default();
    bytes.iter().skip(item).take(LONGEST).map(|byte| char::from(*byte)).collect()
}

/// The bytes that are marked, and what they are: the smallest field that holds the byte under the cursor; without a
/// cursor here, the last thing the packet says.
fn marked(view: &SessionView, packet: &Packet, byte: Option<usize>) -> (Range<usize>, String) {
    // Also what is folded away in the tree has a name.
    let nodes = tree::all(&view.case.session, packet);
    let found = match byte {
        Some(byte) => {
            nodes.iter().filter(|node| node.range.contains(&byte)).min_by_key(|node| (node.range.len(), 1 - node.depth))
        }
        None => nodes.iter().rev().find(|node| !node.range.is_empty()),
    };
    found.map_or((0..0, String::new()), |node| (node.range.clone(), format!("{}: {}", node.name, node.value)))
}

fn draw(model: &Model, view: &SessionView, area: Rect, buffer: &mut Buffer) {
    let mut brush = Brush::new(&model.look, area, buffer);
    let packet = match current(model, view) {
        Ok(packet) => packet,
        Err(why) => {
            brush.put(1, 0, Role::Dim, &why);
            return;
        }
    };
    let bytes = shown(model, view).unwrap_or_default();
    let is_in_pane = model.screen == Screen::Session && view.focus == Focus::Pane;
    let has_focus = is_in_pane && view.pane == 2;
    let byte = has_focus.then(|| view.item.min(bytes.len().saturating_sub(1)));
    let is_frame = matches!(bytes, Cow::Borrowed(_));
    // Under the tree the field is marked that has the cursor there.
    let field = (is_in_pane && view.pane == 1).then(|| selected(view, packet)).flatten();
    // Fields know their place in the frame, not in a message put together.
    let (range, name) =
        if is_frame { field.unwrap_or_else(|| marked(view, packet, byte)) } else { plain(byte, &bytes) };
    let count = per_line(brush.width());
    let lines = bytes.len().div_ceil(count);
    // The last line names what is marked.
    let rows = brush.height().saturating_sub(usize::from(brush.height() > 2));
    let line = byte.unwrap_or(range.start) / count;
    let top = line.saturating_sub(rows / 2).min(lines.saturating_sub(rows));
    for y in 0..rows.min(lines - top.min(lines)) {
        self::line(&bytes, (top + y) * count, count, &range, byte, &mut brush, y);
    }
    if brush.height() > 2 {
        let bytes = if range.len() == 1 { "1 byte".into() } else { format!("{} bytes", range.len()) };
        let text = if range.is_empty() { String::new() } else { format!("0x{:02x}, {bytes}: {name}", range.start) };
        brush.put(1, brush.height() - 1, Role::Bold, &text);
    }
}

/// The field under the cursor of the tree.
fn selected(view: &SessionView, packet: &Packet) -> Option<(Range<usize>, String)> {
    let node = tree::nodes(view, packet).into_iter().nth(view.item)?;
    Some((node.range.clone(), format!("{}: {}", node.name, node.value)))
}

/// The byte under the cursor of a message.
fn plain(byte: Option<usize>, bytes: &[u8]) -> (Range<usize>, String) {
    let found = byte.and_then(|at| Some((at, *bytes.get(at)?)));
    found.map_or((0..0, String::new()), |(at, byte)| (at..at + 1, format!("{byte:#04x}")))
}

fn line(
    bytes: &[u8],
    offset: usize,
    count: usize,
    range: &Range<usize>,
    byte: Option<usize>,
    brush: &mut Brush<'_>,
    y: usize,
) {
    brush.put(1, y, Role::Dim, &format!("{offset:04x}"));
    let text = BYTES + count * 3 + usize::from(count > 8) + GAP;
    for (index, value) in bytes.iter().enumerate().skip(offset).take(count) {
        let at = index - offset;
        let x = BYTES + at * 3 + usize::from(at >= 8);
        let role = if range.contains(&index) { Role::Marked } else { Role::Text };
        brush.put(x, y, role, &format!("{value:02x}"));
        // Brackets say the same where reverse video cannot be seen.
        if index == range.start && !range.is_empty() {
            brush.put(x - 1, y, Role::Bold, "[");
        }
        if index + 1 == range.end {
            brush.put(x + 2, y, Role::Bold, "]");
        }
        if byte == Some(index) && range.len() > 1 {
            brush.put(x, y, Role::Bold, &format!("{value:02x}"));
        }
        let shown = if (0x20..0x7f).contains(value) { char::from(*value) } else { '.' };
        brush.put(text + at, y, role, &shown.to_string());
    }
}
