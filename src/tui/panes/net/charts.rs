//! Round trips, repetitions and bytes over time, one column a cell; the cell that is meant is marked on every axis.

use crate::report::time;
use crate::tui::feed::Packet;
use crate::tui::flow::Flow;
use crate::tui::opened::SessionView;
use crate::tui::pane::Row;
use crate::tui::theme::Role;

use super::heading;
use super::table::milliseconds;

/// How many there are.
pub const CHARTS: usize = 3;
/// Cells of a chart at most.
const CELLS: usize = 96;
/// Rows of the chart of round trips.
const HEIGHT: usize = 6;
/// Rows of the chart of repetitions at most.
const MARKS: usize = 4;
/// Where a chart begins, behind its scale.
const LEFT: usize = 12;

/// Cells of a chart in a pane of `width` columns.
#[must_use]
pub fn cells(width: usize) -> usize {
    width.saturating_sub(LEFT + 2).clamp(8, CELLS)
}

/// In which of `cells` a moment is, in seconds since the first packet.
fn cell(flow: &Flow, seconds: f64, cells: usize) -> usize {
    ((seconds / flow.lasted * cells as f64).max(0.0) as usize).min(cells - 1)
}

/// Packets in one of `cells`.
pub(super) fn there<'p>(
    packets: &'p [Packet],
    flow: &'p Flow,
    cells: usize,
    moment: usize,
) -> impl Iterator<Item = &'p Packet> {
    let moment = moment.min(cells - 1);
    packets.iter().filter(move |packet| cell(flow, flow.since(packet.time), cells) == moment)
}

/// `1:04` in what lasts minutes, else seconds.
pub(super) fn moment(seconds: f64, lasted: f64) -> String {
    match seconds as u64 {
        _ if lasted < 60.0 => time::span(seconds),
        whole if lasted < 3600.0 => format!("{}:{:02}", whole / 60, whole % 60),
        whole => format!("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60),
    }
}

/// The charts, or the one that is open, and what is at the cell that is meant.
pub(super) fn rows(packets: &[Packet], flow: &Flow, view: &SessionView, width: usize, is_single: bool) -> Vec<Row> {
    let cells = cells(width);
    let at = view.moment.min(cells - 1);
    let chart = |index: usize| match index {
        0 => trips(flow, cells, at, width),
        1 => again(flow, cells, at, width),
        _ => bytes(packets, flow, cells, at, width),
    };
    let mut rows: Vec<Row> = if is_single { chart(view.chart % CHARTS) } else { (0..CHARTS).flat_map(chart).collect() };
    if is_single {
        rows[0].pieces.truncate(1);
        let title = rows[0].text();
        rows[0] = heading(&title, &format!("{} of {CHARTS}, [ ] others", view.chart % CHARTS + 1), width);
    }
    rows.push(Row::default().and(0, Role::Text, meant(packets, flow, cells, at)));
    rows
}

/// What is in the cell that is meant.
fn meant(packets: &[Packet], flow: &Flow, cells: usize, at: usize) -> String {
    let (mut count, mut carried, mut first) = (0, 0, None);
    for packet in there(packets, flow, cells, at) {
        (count, carried) = (count + 1, carried + u64::from(packet.payload));
        first.get_or_insert(packet.frame);
    }
    let when = moment(flow.lasted * at as f64 / cells as f64, flow.lasted);
    let Some(first) = first else { return format!("at {when}: nothing was said") };
    let is_here = |time| cell(flow, flow.since(time), cells) == at;
    let longest = flow.trips[flow.far()].iter().filter(|trip| is_here(trip.at)).map(|trip| trip.seconds);
    let trip = longest.reduce(f64::max).map_or(String::new(), |trip| format!(", {} ms", milliseconds(trip)));
    let again = flow.again.iter().filter(|again| is_here(again.at)).count();
    let again = if again > 0 { format!(", {again} sent twice") } else { String::new() };
    let (count, carried) = (time::counted(count, "packet"), time::bytes(carried));
    format!("at {when}: {count}, {carried}{trip}{again}; Enter: frame {}", first.number())
}

/// The axis, with the cell that is meant, and times under it.
fn axis(flow: &Flow, cells: usize, at: usize) -> [Row; 2] {
    let line = "─".repeat(cells);
    let axis = Row::default().and(LEFT - 1, Role::Dim, format!("└{line}")).and(LEFT + at, Role::Bold, "▲");
    let mut times = Row::default();
    let mut free = 0;
    let last = moment(flow.lasted, flow.lasted);
    let last_at = (LEFT + cells).saturating_sub(last.chars().count());
    for quarter in 0..4 {
        let column = LEFT + cells * quarter / 4;
        let text = if quarter == 0 { "0".into() } else { moment(flow.lasted * quarter as f64 / 4.0, flow.lasted) };
        if column >= free && column + text.chars().count() + 2 < last_at {
            free = column + text.chars().count() + 2;
            times = times.and(column, Role::Dim, text);
        }
    }
    [axis, times.and(last_at, Role::Dim, last)]
}

/// `each 1.2 s`.
fn each(flow: &Flow, cells: usize) -> String {
    let seconds = flow.lasted / cells as f64;
    if seconds < 1.0 { format!("{} ms", milliseconds(seconds)) } else { time::span(seconds) }
}

/// The worst round trip of each cell, to the side that is further away.
fn trips(flow: &Flow, cells: usize, at: usize, width: usize) -> Vec<Row> {
    let far = flow.far();
    let side = ["client", "server"][far];
    let mut worst = vec![0.0_f64; cells];
    for trip in &flow.trips[far] {
        let cell = cell(flow, flow.since(trip.at), cells);
        worst[cell] = worst[cell].max(trip.seconds);
    }
    let longest = flow.trips[far].iter().max_by(|one, other| one.seconds.total_cmp(&other.seconds));
    let Some(longest) = longest else {
        let title = heading("round trip", "", width);
        return vec![title, Row::of(Role::Dim, "nothing was acknowledged: no round trip is known")];
    };
    let top = longest.seconds.max(1e-6);
    let note = format!("{} at {}", milliseconds(top), moment(flow.since(longest.at), flow.lasted));
    let title = format!("round trip to the {side}, ms, worst of each {}", each(flow, cells));
    let mut rows = vec![heading(&title, &note, width)];
    for row in (0..HEIGHT).rev() {
        let halves = |value: f64| (value / top * (HEIGHT * 2) as f64).ceil() as usize;
        let bar = worst.iter().map(|value| match halves(*value).saturating_sub(row * 2) {
            0 => ' ',
            1 => '▄',
            _ => '█',
        });
        let scale = milliseconds(top * (row + 1) as f64 / HEIGHT as f64);
        let role = if far == 0 { Role::Client } else { Role::Server };
        rows.push(Row::default().and(0, Role::Dim, format!("{scale:>width$} │", width = LEFT - 2)).and(
            LEFT,
            role,
            bar.collect::<String>().trim_end(),
        ));
    }
    rows.extend(axis(flow, cells, at));
    rows
}

/// What was sent twice in each cell: as many marks on each other.
fn again(flow: &Flow, cells: usize, at: usize, width: usize) -> Vec<Row> {
    let title = format!("sent twice, each {}", each(flow, cells));
    let mut counts = vec![[0usize; 2]; cells];
    for again in &flow.again {
        counts[cell(flow, flow.since(again.at), cells)][usize::from(!again.from_client)] += 1;
    }
    let most = counts.iter().map(|[client, server]| client + server).max().unwrap_or(0);
    if most == 0 {
        return vec![heading(&title, "", width), Row::of(Role::Dim, "nothing was sent twice")];
    }
    let mut rows = vec![heading(&title, "× server to client  + client to server", width)];
    let height = most.min(MARKS);
    // With more than there are rows a mark stands for several.
    let step = most.div_ceil(height);
    for row in (0..height).rev() {
        let mark = |[client, server]: &[usize; 2]| match row * step {
            under if under < *server => '×',
            under if under < client + server => '+',
            _ => ' ',
        };
        let marks: String = counts.iter().map(mark).collect();
        rows.push(Row::default().and(0, Role::Dim, format!("{:>width$} │", (row + 1) * step, width = LEFT - 2)).and(
            LEFT,
            Role::Warn,
            marks.trim_end(),
        ));
    }
    rows.extend(axis(flow, cells, at));
    rows
}

/// Payload per second in each cell, on the same scale for all sessions.
fn bytes(packets: &[Packet], flow: &Flow, cells: usize, at: usize, width: usize) -> Vec<Row> {
    let mut carried = [vec![0u64; cells], vec![0u64; cells]];
    for packet in packets {
        carried[usize::from(packet.from_client)][cell(flow, flow.since(packet.time), cells)] +=
            u64::from(packet.payload);
    }
    let lasts = flow.lasted / cells as f64;
    let strip = |values: &[u64]| -> String {
        let shade = |value: &u64| match *value as f64 / lasts {
            _ if *value == 0 => ' ',
            rate if rate < 1e4 => '░',
            rate if rate < 1e5 => '▒',
            rate if rate < 1e6 => '▓',
            _ => '█',
        };
        values.iter().map(shade).collect::<String>().trim_end().to_owned()
    };
    let mut rows = vec![heading("bytes per second", "░ <10 k  ▒ <100 k  ▓ <1 M  █ more", width)];
    let sides = [("to client", Role::Server), ("to server", Role::Client)];
    for ((label, role), values) in sides.into_iter().zip(&carried) {
        let label = format!("{label:>width$} │", width = LEFT - 2);
        rows.push(Row::default().and(0, Role::Dim, label).and(LEFT, role, strip(values)));
    }
    rows.extend(axis(flow, cells, at));
    rows
}
