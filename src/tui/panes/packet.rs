//! Pane 2: the packet under the cursor, field by field.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::frame::FrameNumber;
use crate::report::time;
use crate::tui::feed::Packet;
use crate::tui::model::{Model, Screen};
use crate::tui::opened::{Focus, SessionView};
use crate::tui::paint::{Brush, cut};
use crate::tui::pane::{Pane, Row, scroll};
use crate::tui::summary;
use crate::tui::theme::Role;
use crate::tui::tree;

/// The pane.
pub static PANE: Pane = Pane { name: "Packet", note, items, frame, text, draw };

/// Bytes of a field that are shown beside it.
const BYTES: usize = 6;

/// The packet under the cursor; or, in a line, why it cannot be shown.
pub fn current<'m>(model: &'m Model, view: &SessionView) -> Result<&'m Packet, String> {
    if !model.has_packets() {
        return Err("packets can be looked into once everything is read".into());
    }
    if !model.inputs.is_empty() && !model.is_kept(&view.case.session) {
        return Err("the packets of this session were not kept".into());
    }
    let packets = model.packets.as_ref().filter(|packets| packets.id == view.case.session.id);
    let Some(packets) = packets else { return Err("reading the packet again ...".into()) };
    let frame = view.frame().ok_or("no packet here")?;
    let all = packets.found.as_ref().map_err(Clone::clone)?;
    tree::packet(all, frame).ok_or_else(|| format!("frame {} is not at hand", frame.number()))
}

/// `frame 118, 61 bytes`.
pub fn note(model: &Model, view: &SessionView) -> String {
    let Some(frame) = view.frame() else { return String::new() };
    let name = summary::frame_name(model, frame);
    match current(model, view) {
        Ok(packet) => format!("{name}, {}", time::counted(u64::from(packet.length), "byte")),
        Err(_) => name,
    }
}

fn items(model: &Model, view: &SessionView) -> usize {
    current(model, view).map_or(0, |packet| tree::nodes(view, packet).len())
}

fn frame(_: &Model, _: &SessionView, _: usize) -> Option<FrameNumber> {
    None
}

fn text(model: &Model, view: &SessionView, item: usize) -> String {
    let nodes = current(model, view).map(|packet| tree::nodes(view, packet)).unwrap_or_default();
    nodes.get(item).map_or_else(String::new, |node| format!("{} {}", node.name, node.value))
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
    let nodes = tree::nodes(view, packet);
    let width = brush.width();
    let column =
        nodes.iter().filter(|node| node.depth > 0).map(|node| node.name.len() + 5).max().unwrap_or(14).clamp(14, 26);
    let rows: Vec<Row> = nodes
        .iter()
        .enumerate()
        .map(|(index, node)| {
            let row = if node.depth == 0 {
                let sign = if tree::is_folded(view, &node.name) { "+" } else { "-" };
                Row::of(Role::Dim, sign).and(2, Role::Bold, node.name.clone())
            } else {
                let name = cut(&node.name, column.saturating_sub(5), if model.look.ascii { '~' } else { '…' });
                Row::default().and(4, Role::Dim, name)
            };
            let hex = hex(packet, node);
            let end = width.saturating_sub(hex.len() + 2);
            let from = if node.depth == 0 { column.max(node.name.len() + 3) } else { column };
            let value = model.look.shown(&node.value);
            let value = cut(&value, end.saturating_sub(from + 2), if model.look.ascii { '~' } else { '…' });
            row.and(from, Role::Text, value).and(end, Role::Dim, hex).item(index)
        })
        .collect();
    // Under the ladder it is drawn while another pane has the cursor.
    let has_focus = model.screen == Screen::Session && view.focus == Focus::Pane && view.pane == 1;
    scroll(&mut brush, &rows, has_focus.then_some(view.item.min(rows.len().saturating_sub(1))));
}

/// The first bytes of a field: `15 03 03 ..`.
fn hex(packet: &Packet, node: &tree::Node) -> String {
    if node.depth == 0 {
        return String::new();
    }
    let bytes = packet.bytes.get(node.range.clone()).unwrap_or_default();
    let shown: Vec<String> = bytes.iter().take(BYTES).map(|byte| format!("{byte:02x}")).collect();
    let more = if bytes.len() > BYTES { " .." } else { "" };
    format!("{}{more}", shown.join(" "))
}
