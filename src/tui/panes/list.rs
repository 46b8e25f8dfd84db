//! The list of sessions: as many columns as there is room for; state, client and cause always.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::diagnose::Case;
use crate::report::text::TextReport;
use crate::report::{Format as _, Run, Style, Tally, time};
use crate::tui::facts;
use crate::tui::list::{Column as Sort, Entry, Scans};
use crate::tui::live;
use crate::tui::model::{Model, Reading};
use crate::tui::paint::Brush;
use crate::tui::theme::Role;

/// A column: its heading, its columns on the screen, whether its text stands at the right, and its text.
struct Column {
    name: &'static str,
    width: usize,
    is_right: bool,
    text: fn(&Model, &Case) -> String,
}

/// The columns for a list of `width` columns.
fn columns(width: usize) -> Vec<Column> {
    let column = |name, width, text| Column { name, width, is_right: false, text };
    let right = |name, width, text| Column { name, width, is_right: true, text };
    let has_ports = width >= 100;
    let ends = match width {
        ..60 => 15,
        60..100 => 15,
        _ => 21,
    };
    let mut columns = vec![column("State", 8, state)];
    if width >= 72 {
        if width >= 112 {
            columns.push(column("Start", 12, start_millis))
        } else {
            columns.push(column("Start", 8, start))
        }
    }
    columns.push(if has_ports { column("Client", ends, client) } else { column("Client", ends, client_ip) });
    if width >= 72 {
        columns.push(if has_ports { column("Server", ends, server) } else { column("Server", ends, server_ip) });
    }
    // The cause needs its room before the user does.
    if width >= 112 {
        columns.push(column("User", 9, |_, case| facts::user(case).unwrap_or_else(|| "-".into())));
    }
    columns.push(column("TXLNMR", 6, |_, case| facts::life(case)));
    if width >= 116 {
        columns.push(right("RTT", 6, round_trip));
        columns.push(right("Retr", 4, |_, case| facts::again(case).to_string()));
    }
    if width >= 160 {
        columns.push(right("Duration", 12, |_, case| facts::span(case.session.duration())));
        columns.push(right("Bytes", 10, |_, case| time::bytes(facts::bytes(case)).replace(" bytes", " B")));
    }
    columns
}

/// What a click at column `x` of the heading sorts by, in a list of `width` columns.
#[must_use]
pub fn column_at(model: &Model, width: usize, x: usize) -> Option<Sort> {
    let digits = digits(model);
    if x < 3 + digits {
        return Some(Sort::Number);
    }
    let mut start = 3 + digits;
    for column in columns(width) {
        let end = start + column.width + 1;
        if (start..end).contains(&x) {
            return Some(match column.name {
                "Start" => Sort::Start,
                "Client" => Sort::Client,
                "Server" => Sort::Server,
                "User" => Sort::User,
                "TXLNMR" => Sort::Reached,
                "RTT" => Sort::RoundTrip,
                "Retr" => Sort::Again,
                "Duration" => Sort::Duration,
                "Bytes" => Sort::Bytes,
                _ => Sort::Worst,
            });
        }
        start = end;
    }
    Some(Sort::Cause)
}

fn digits(model: &Model) -> usize {
    model.cases.last().map_or(3, |case| case.session.id.0.to_string().len()).max(3)
}

/// Draws it.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let mut brush = Brush::new(&model.look, area, buffer);
    if model.list.order.is_empty() {
        nothing(model, &mut brush);
        return;
    }
    let columns = columns(brush.width());
    let digits = digits(model);
    heading(&mut brush, &columns, digits);
    let rows = model.list.order.iter().enumerate().skip(model.list.top).take(brush.height().saturating_sub(1));
    for (y, (index, entry)) in rows.enumerate() {
        match entry {
            Entry::Case(case) => row(model, &model.cases[*case], &mut brush, &columns, digits, y + 1),
            Entry::Scans(scans) => folded(model, scans, &mut brush, digits, y + 1),
        }
        if index == model.list.cursor {
            brush.select(y + 1);
            brush.put(0, y + 1, Role::Marked, "►");
        }
    }
}

fn heading(brush: &mut Brush<'_>, columns: &[Column], digits: usize) {
    brush.right(2 + digits, 0, Role::Dim, "#");
    let mut x = 3 + digits;
    for column in columns {
        if column.is_right {
            brush.right(x + column.width, 0, Role::Dim, column.name);
        } else {
            brush.put(x, 0, Role::Dim, column.name);
        }
        x += column.width + 1;
    }
    brush.put(x, 0, Role::Dim, "Cause / ran");
}

fn row(model: &Model, case: &Case, brush: &mut Brush<'_>, columns: &[Column], digits: usize, y: usize) {
    let role = Role::of(case.verdict.outcome);
    let number = case.session.id.0;
    if model.list.marked.contains(&number) {
        brush.put(1, y, Role::Bold, "*");
    }
    brush.right(2 + digits, y, Role::Text, &number.to_string());
    let mut x = 3 + digits;
    for (index, column) in columns.iter().enumerate() {
        let text = (column.text)(model, case);
        let role = match (index, column.name) {
            (0, _) => role,
            (_, "TXLNMR") if role == Role::Died => Role::Text,
            _ => Role::Text,
        };
        if column.is_right {
            brush.right(x + column.width, y, role, &text);
        } else {
            brush.fit(x, y, column.width, role, &text);
        }
        x += column.width + 1;
    }
    let stage = model.now().and_then(|now| live::stage(case, now));
    // `in` is the first to go where there is little room.
    let stage = stage.map(|stage| if brush.width() < 100 { stage.trim_start_matches("in ").to_owned() } else { stage });
    brush.put(x, y, role, &stage.unwrap_or_else(|| facts::cause(case, brush.width() >= 116)));
}

/// `·  1,000 scan   connection request, then reset   412 addresses`.
fn folded(model: &Model, scans: &Scans, brush: &mut Brush<'_>, digits: usize, y: usize) {
    let case = &model.cases[scans.first];
    let count = time::count(scans.count as u64);
    brush.right(2 + digits, y, Role::Dim, "·");
    let text = format!("{count} scans");
    let x = brush.put(3 + digits, y, Role::Dim, &text).max(14 + digits) + 2;
    let from = match scans.addresses {
        1 => case.session.client.ip.to_string(),
        many => format!("{} addresses", time::count(many as u64)),
    };
    let end = brush.width().saturating_sub(1);
    let start = brush.right(end, y, Role::Dim, &from);
    brush.fit(x, y, start.saturating_sub(x + 2), Role::Dim, &case.verdict.headline);
}

/// What to say when there are no rows.
fn nothing(model: &Model, brush: &mut Brush<'_>) {
    let lines: Vec<String> = match (&model.reading, &model.list.filter) {
        (Reading::Failed(why), _) => vec![why.clone()],
        (Reading::On(_), _) if model.cases.is_empty() && model.live.is_some() => {
            vec!["listening; no Remote Desktop so far".into()]
        }
        (Reading::On(_), _) if model.cases.is_empty() => vec!["reading; no Remote Desktop so far".into()],
        (_, Some(_)) if !model.cases.is_empty() => {
            vec!["no session is what the filter asks for".into(), "/ changes it; / and an empty line removes it".into()]
        }
        _ => no_rdp(model, brush.width()),
    };
    for (y, line) in lines.iter().enumerate() {
        brush.put(1, y + 1, if y == 0 { Role::Bold } else { Role::Text }, line);
    }
}

/// What was seen, and why there is nothing in it for us: the report's own words.
fn no_rdp(model: &Model, width: usize) -> Vec<String> {
    let tally = Tally::default();
    let mut inputs = model.inputs.clone();
    if model.live.is_some() {
        inputs.iter_mut().for_each(|input| input.path = model.source.clone().into());
    }
    let run = Run { cases: &[], inputs: &inputs, tally: &tally, exit_code: 0, elsewhere: &model.elsewhere };
    let style = Style { width: width.saturating_sub(2).max(40), ascii: model.look.ascii, ..Style::default() };
    let mut out = Vec::new();
    // INVARIANT: writing to a Vec does not fail.
    let _ = TextReport { with_warnings: false }.write(&run, &style, &mut out);
    String::from_utf8_lossy(&out).lines().map(str::to_owned).collect()
}

fn state(_: &Model, case: &Case) -> String {
    let outcome = case.verdict.outcome;
    format!("{} {}", facts::symbol(outcome), outcome.word())
}

fn start(model: &Model, case: &Case) -> String {
    time::clock(case.session.first.time, &model.look.zone)
}

fn start_millis(model: &Model, case: &Case) -> String {
    time::clock_millis(case.session.first.time, &model.look.zone)
}

fn client_ip(_: &Model, case: &Case) -> String {
    facts::address(&case.session.client.ip.to_string(), 15)
}

fn server_ip(_: &Model, case: &Case) -> String {
    facts::address(&case.session.server.ip.to_string(), 15)
}

fn client(_: &Model, case: &Case) -> String {
    facts::address(&case.session.client.to_string(), 21)
}

fn server(_: &Model, case: &Case) -> String {
    facts::address(&case.session.server.to_string(), 21)
}

fn round_trip(_: &Model, case: &Case) -> String {
    facts::round_trip(case).map_or_else(|| "-".into(), |seconds| format!("{:.0}ms", seconds * 1e3))
}
