//! Pane 5: the network. What each side sent, what was sent again, how far away it is; and when bytes flowed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::frame::FrameNumber;
use crate::report::time;
use crate::session::Session;
use crate::tui::feed::Packet;
use crate::tui::model::{Model, Screen};
use crate::tui::opened::{Focus, SessionView};
use crate::tui::paint::Brush;
use crate::tui::pane::{Pane, Row, scroll};
use crate::tui::theme::Role;

/// The pane.
pub static PANE: Pane = Pane { name: "Net", note, items, frame, text, draw };

/// Where the two sides stand.
const CLIENT: usize = 20;
const SERVER: usize = 33;
/// Where the words begin, if there is room for any.
const WORDS: usize = 46;
/// Cells of a chart at most.
const CELLS: usize = 96;

fn note(model: &Model, view: &SessionView) -> String {
    match &model.packets {
        Some(packets) if packets.id == view.case.session.id && packets.found.is_ok() => {
            let count = packets.found.as_ref().map_or(0, Vec::len);
            format!("drawn from {}", time::counted(count as u64, "packet"))
        }
        _ => String::new(),
    }
}

fn items(model: &Model, view: &SessionView) -> usize {
    lines(model, view, 80).len()
}

fn frame(_: &Model, _: &SessionView, _: usize) -> Option<FrameNumber> {
    None
}

fn text(model: &Model, view: &SessionView, item: usize) -> String {
    lines(model, view, 80).get(item).map_or_else(String::new, Row::text)
}

fn draw(model: &Model, view: &SessionView, area: Rect, buffer: &mut Buffer) {
    let mut brush = Brush::new(&model.look, area, buffer);
    let rows = lines(model, view, brush.width());
    let has_focus = model.screen == Screen::Session && view.focus == Focus::Pane;
    scroll(&mut brush, &rows, has_focus.then_some(view.item.min(rows.len().saturating_sub(1))));
}

fn lines(model: &Model, view: &SessionView, width: usize) -> Vec<Row> {
    let mut rows = numbers(&view.case.session, width);
    let packets = model.packets.as_ref().filter(|packets| packets.id == view.case.session.id);
    match packets.map(|packets| &packets.found) {
        Some(Ok(packets)) if packets.len() > 1 => rows.extend(charts(packets, width, view.moment)),
        Some(Err(why)) => rows.push(Row::of(Role::Dim, format!("no charts: {why}"))),
        _ => {}
    }
    rows.into_iter().enumerate().map(|(index, row)| row.item(index)).collect()
}

fn numbers(session: &Session, width: usize) -> Vec<Row> {
    let sides = [session.client_side(), session.server_side()];
    let has_words = width >= WORDS + 33;
    let mut rows = vec![Row::default().and(CLIENT, Role::Client, "client").and(SERVER, Role::Server, "server")];
    let mut add = |label: &str, values: [String; 2], words: &str| {
        let [client, server] = values;
        let row = Row::of(Role::Dim, label).and(CLIENT, Role::Text, client).and(SERVER, Role::Text, server);
        rows.push(if has_words && !words.is_empty() { row.and(WORDS, Role::Text, words) } else { row });
    };
    let delay = |seconds: Option<f64>| seconds.map_or_else(|| "-".into(), time::delay);
    let place = match (session.rtt_client, session.rtt_server) {
        (Some(client), Some(server)) if client * 5.0 < server => "captured near the client",
        (Some(client), Some(server)) if server * 5.0 < client => "captured near the server",
        (Some(_), Some(_)) => "captured between the two",
        _ => "the handshake was not seen",
    };
    add("round trip to it", [delay(session.rtt_client), delay(session.rtt_server)], place);
    add("packets", sides.map(|side| time::count(side.packets)), "");
    add("payload bytes", sides.map(|side| time::count(side.bytes)), "each byte counted once");
    let share = |again: u32, packets: u64| match (again, packets) {
        (0, _) | (_, 0) => again.to_string(),
        _ => format!("{again} ({:.1} %)", f64::from(again) * 100.0 / packets as f64),
    };
    let again: u32 = sides.iter().map(|side| side.retransmissions).sum();
    let waited: u32 = sides.iter().map(|side| side.timeouts).sum();
    let words =
        if again > 0 { format!("{waited} of them waited for a timer") } else { "nothing was sent twice".into() };
    add("sent again", sides.map(|side| share(side.retransmissions, side.packets)), &words);
    add("out of order", sides.map(|side| side.out_of_order.to_string()), "");
    let closed = sides.iter().any(|side| side.zero_windows > 0);
    add(
        "window closed",
        sides.map(|side| side.zero_windows.to_string()),
        if closed { "a side was too slow to read" } else { "neither was too slow to read" },
    );
    add("not captured", sides.map(|side| time::bytes(side.uncaptured)), "acknowledged, yet not in the file");
    let size = |length: u32| if length == 0 { "-".into() } else { length.to_string() };
    add("biggest IP arrived", sides.map(|side| size(side.longest_acknowledged)), "bytes, acknowledged");
    add("MSS offered", sides.map(|side| side.options.mss.map_or_else(|| "-".into(), |mss| mss.to_string())), "");
    let ttl = |side: &crate::tcp::side::Side| match (side.packets, side.habit.ttl_kinds()) {
        (0, _) => "-".into(),
        (_, 0 | 1) => side.ttl.to_string(),
        (_, kinds) => format!("{} ({} more)", side.ttl, kinds - 1),
    };
    let constant = sides.iter().all(|side| side.habit.ttl_kinds() <= 1);
    let words = if constant { "constant: one path" } else { "changes: other path or sender" };
    add("TTL", sides.map(ttl), words);
    if let Some(repeat) = sides.iter().find_map(|side| side.repeat()).filter(|repeat| repeat.count > 1) {
        let fragment = if repeat.dont_fragment { ", not to be fragmented (DF)" } else { "" };
        rows.push(Row::default());
        rows.push(Row::of(
            Role::Warn,
            format!(
                "frame {} ({} bytes of IP{fragment}) was sent {} times more and never acknowledged",
                repeat.original.frame.number(),
                repeat.ip_length,
                repeat.count
            ),
        ));
    }
    rows
}

/// Cells of a chart in a pane of `width` columns.
#[must_use]
pub fn cells(width: usize) -> usize {
    width.saturating_sub(14).clamp(8, CELLS)
}

/// In which of `cells` a packet of `packets` is.
fn cell(packets: &[Packet], packet: &Packet, cells: usize) -> usize {
    let (first, last) = (packets[0].time, packets[packets.len() - 1].time);
    let lasted = last.since(first).max(0.001);
    ((packet.time.since(first) / lasted * cells as f64) as usize).min(cells - 1)
}

/// The first packet in the cell that is meant, of a pane with `width` columns.
#[must_use]
pub fn meant(model: &Model, view: &SessionView, width: usize) -> Option<FrameNumber> {
    let packets = model.packets.as_ref().filter(|packets| packets.id == view.case.session.id)?;
    let packets = packets.found.as_ref().ok().filter(|packets| packets.len() > 1)?;
    let cells = cells(width);
    let is_meant = |packet: &&Packet| cell(packets, packet, cells) == view.moment.min(cells - 1);
    packets.iter().find(is_meant).map(|packet| packet.frame)
}

/// Bytes and repetitions over time, the same scale for both sides; under them the cell that is meant.
fn charts(packets: &[Packet], width: usize, moment: usize) -> Vec<Row> {
    let lasted = packets[packets.len() - 1].time.since(packets[0].time).max(0.001);
    let cells = cells(width);
    let moment = moment.min(cells - 1);
    let cell = |packet: &Packet| cell(packets, packet, cells);
    let mut bytes = [vec![0u64; cells], vec![0u64; cells]];
    let mut again = vec![false; cells];
    let mut highest: [Option<u32>; 2] = [None, None];
    for packet in packets {
        let side = usize::from(!packet.from_client);
        bytes[side][cell(packet)] += u64::from(packet.payload);
        let end = packet.sequence.wrapping_add(packet.payload);
        if packet.payload > 0 {
            // Behind what was sent before: sequence numbers wrap, so only the difference tells.
            let is_old = highest[side].is_some_and(|highest| highest.wrapping_sub(end) < 1 << 31 && packet.payload > 1);
            again[cell(packet)] |= is_old;
            if !is_old {
                highest[side] = Some(end);
            }
        }
    }
    let most = bytes.iter().flatten().copied().max().unwrap_or(0).max(1);
    let strip = |values: &[u64]| -> String {
        values
            .iter()
            .map(|value| match (*value as f64) / most as f64 {
                0.0 => ' ',
                share if share < 0.02 => '░',
                share if share < 0.15 => '▒',
                share if share < 0.5 => '▓',
                _ => '█',
            })
            .collect()
    };
    let marks: String = again.iter().map(|again| if *again { '×' } else { ' ' }).collect();
    let step = time::span(lasted / cells as f64);
    let right = time::span(lasted);
    let axis = format!("0{right:>rest$}", rest = cells.saturating_sub(1));
    let there: Vec<&Packet> = packets.iter().filter(|packet| cell(packet) == moment).collect();
    let carried: u64 = there.iter().map(|packet| u64::from(packet.payload)).sum();
    let what = match there.first() {
        Some(packet) => format!(
            "{}, {}; Enter goes to frame {}",
            time::counted(there.len() as u64, "packet"),
            time::bytes(carried),
            packet.frame.number()
        ),
        None => "nothing was said".to_owned(),
    };
    let at = time::span(lasted * moment as f64 / cells as f64);
    vec![
        Row::default(),
        Row::of(Role::Bold, format!("payload over time, {step} a cell, full is {}", time::bytes(most))),
        Row::of(Role::Client, "from client").and(12, Role::Text, strip(&bytes[0])),
        Row::of(Role::Server, "from server").and(12, Role::Text, strip(&bytes[1])),
        Row::of(Role::Dim, "sent again").and(12, Role::Warn, marks),
        Row::default().and(12, Role::Dim, axis),
        Row::of(Role::Dim, "←→ moves").and(12 + moment, Role::Bold, "▲"),
        Row::default().and(12, Role::Text, format!("at {at}: {what}")),
    ]
}
