//! What only a running capture has: its header, and under the list its last minute, its latest deaths and its health.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::diagnose::verdict::Outcome;
use crate::report::time;
use crate::tui::facts;
use crate::tui::layout::list_rows;
use crate::tui::list::Column;
use crate::tui::live::{Live, STRIP};
use crate::tui::model::Model;
use crate::tui::paint::Brush;
use crate::tui::theme::Role;

/// Where the numbers of the strips begin.
const NUMBERS: usize = 9;

/// Draws the header: the line, the sessions, and where there is room the filters.
pub fn header(model: &Model, live: &Live, area: Rect, buffer: &mut Buffer) {
    let mut brush = Brush::new(&model.look, area, buffer);
    line(model, live, &mut brush);
    sessions(model, &mut brush);
    if brush.height() < 3 {
        return;
    }
    let width = brush.width();
    let view = match &model.list.filter {
        Some((text, _)) => (Role::Marked, format!("view filter: {text}")),
        None if width >= 120 => (Role::Dim, "view filter: none".to_owned()),
        None => (Role::Dim, String::new()),
    };
    // What somebody typed is worth more than what they typed at the start.
    let wanted = view.1.chars().count().min(width * 2 / 3);
    let room = width.saturating_sub(wanted + if wanted > 0 { 5 } else { 2 });
    let x = brush.fit(1, 2, room, Role::Dim, &format!("capture filter: {}", live.start.filter));
    if wanted > 0 {
        brush.fit(x + 3, 2, width.saturating_sub(x + 4), view.0, &view.1);
    }
}

/// `rdpwhy  LIVE eth0  00:03:12   1,204 pkt/s  3.1 Mb/s   dropped 0   writing rdp.pcapng 48 MB`.
fn line(model: &Model, live: &Live, brush: &mut Brush<'_>) {
    let pulse = &live.pulse;
    let width = brush.width();
    let is_on = model.is_reading();
    let mut end = width.saturating_sub(1);
    if width >= 100 {
        end = brush.right(end, 0, Role::Dim, &super::header::zone(model)).saturating_sub(2);
    }
    let gap = if width < 100 { 1 } else { 2 };
    let mut x = brush.fit(1, 0, end, Role::Bold, "rdpwhy") + gap;
    let word = if is_on { "LIVE" } else { "ENDED" };
    x = brush.fit(x, 0, end.saturating_sub(x), if is_on { Role::Open } else { Role::Warn }, word) + 1;
    let (hours, minutes, seconds) = (pulse.seconds / 3600, pulse.seconds / 60 % 60, pulse.seconds % 60);
    let dropped = match live.dropped() {
        0 => (Role::Dim, "dropped 0".to_owned()),
        count => (Role::Died, format!("! dropped {}", time::count(count))),
    };
    let mut parts =
        vec![(Role::Text, live.start.names.clone()), (Role::Text, format!("{hours:02}:{minutes:02}:{seconds:02}"))];
    if is_on {
        parts.push((Role::Text, format!("{} pkt/s", time::count(pulse.rate))));
        if width >= 72 {
            parts.push((Role::Text, bits(pulse.bits)));
        }
    } else {
        parts.push((Role::Text, time::counted(pulse.frames, "packet")));
    }
    parts.push(dropped);
    if width >= 72 {
        let kept = time::bytes(pulse.kept);
        parts.push(match &live.start.file {
            _ if live.is_saved => (Role::Dim, "packets written".into()),
            Some(_) if live.start.is_scratch => (Role::Dim, format!("{kept} not saved")),
            Some(file) => {
                let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
                (Role::Dim, format!("writing {name} {kept}"))
            }
            None => (Role::Dim, "packets are not kept".into()),
        });
    }
    for (role, text) in parts {
        // What has no room is left out as a whole: half a number would be a wrong one.
        if x + text.chars().count() > end && role != Role::Died {
            continue;
        }
        x = brush.fit(x, 0, end.saturating_sub(x), role, &text) + 2;
    }
}

/// `3.1 Mb/s`.
fn bits(bits: u64) -> String {
    match bits {
        ..1000 => format!("{bits} b/s"),
        1000..1_000_000 => format!("{:.0} kb/s", bits as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} Mb/s", bits as f64 / 1e6),
        _ => format!("{:.1} Gb/s", bits as f64 / 1e9),
    }
}

/// `sessions 214: ×3 died  !1 warn  ►9 open  √201 ok        FOLLOW   sort: newest last   195-214 of 214`.
fn sessions(model: &Model, brush: &mut Brush<'_>) {
    let width = brush.width();
    let list = &model.list;
    let count = list.order.len();
    let (first, last) = (list.top + 1, (list.top + list_rows(model)).min(count));
    let rows = if count == 0 { String::new() } else { format!("{first}-{last} of {}", time::count(count as u64)) };
    let mut end = brush.right(width.saturating_sub(1), 1, Role::Dim, &rows);
    if width >= 100 {
        let turned = if list.reversed { ", reversed" } else { "" };
        end = brush.right(end.saturating_sub(3), 1, Role::Dim, &format!("sort: {}{turned}", order(model)));
    }
    let (role, state) = super::header::hold(model);
    if !state.is_empty() {
        end = brush.right(end.saturating_sub(if width >= 100 { 3 } else { 1 }), 1, role, &state);
    }
    let all = model.cases.len() as u64 + model.gone.values().sum::<u64>();
    let mut x = if width >= 72 {
        let colon = if all > 0 { ":" } else { "" };
        brush.fit(1, 1, end.saturating_sub(2), Role::Text, &format!("sessions {}{colon}", time::count(all))) + 1
    } else {
        1
    };
    for outcome in Outcome::ALL {
        let count = model.count(outcome);
        let word = if width >= 100 { format!(" {}", outcome.word()) } else { String::new() };
        let text = format!("{}{}{word}", facts::symbol(outcome), time::count(count as u64));
        if count > 0 && x + text.chars().count() < end {
            x = brush.put(x, 1, Role::of(outcome), &text) + if width >= 100 { 2 } else { 1 };
        }
    }
}

/// By number a running capture grows at its end.
fn order(model: &Model) -> &'static str {
    if model.list.sort == Column::Number { "newest last" } else { model.list.sort.name() }
}

/// Draws what stands under the list.
pub fn foot(model: &Model, live: &Live, area: Rect, buffer: &mut Buffer) {
    let mut brush = Brush::new(&model.look, area, buffer);
    strip(model, live, &mut brush);
    let deaths = brush.height().saturating_sub(7);
    latest(model, &mut brush, 4, deaths);
    health(live, &mut brush);
}

fn strip(model: &Model, live: &Live, brush: &mut Brush<'_>) {
    let legend = if brush.width() >= 80 { "packets/s ░ <100 ▒ <500 ▓ <2 k █ more    deaths ×" } else { "" };
    brush.rule(0, "last 60 s", legend);
    let cells: String = live
        .seen
        .packets
        .iter()
        .map(|packets| match packets {
            0 => ' ',
            1..100 => '░',
            100..500 => '▒',
            500..2000 => '▓',
            _ => '█',
        })
        .collect();
    let used = cells.chars().count();
    brush.put(1, 1, Role::Dim, "packets");
    brush.put(NUMBERS + STRIP.saturating_sub(used), 1, Role::Text, &cells);
    brush.put(1, 2, Role::Dim, "deaths");
    for case in model.cases.iter().filter(|case| case.verdict.outcome == Outcome::Died) {
        let ago = live.seen.now.since(died(case));
        if (0.0..STRIP as f64).contains(&ago) {
            brush.put(NUMBERS + STRIP - 1 - ago as usize, 2, Role::Died, "×");
        }
    }
    brush.put(NUMBERS + STRIP + 1, 1, Role::Dim, "now");
}

/// When it died.
fn died(case: &crate::diagnose::Case) -> crate::frame::Timestamp {
    case.verdict.death.map_or(case.session.last.time, |death| death.time)
}

fn latest(model: &Model, brush: &mut Brush<'_>, y: usize, rows: usize) {
    brush.rule(y, "latest deaths", "d goes to the last one");
    let mut deaths: Vec<_> = model.cases.iter().filter(|case| case.verdict.outcome == Outcome::Died).collect();
    deaths.sort_by_key(|case| std::cmp::Reverse((died(case), case.session.id)));
    if deaths.is_empty() {
        brush.put(1, y + 1, Role::Dim, "none so far");
    }
    for (index, case) in deaths.into_iter().take(rows).enumerate() {
        let y = y + 1 + index;
        let session = &case.session;
        let at = time::clock_millis(died(case), &model.look.zone);
        let x = brush.put(1, y, Role::Dim, &at).max(13) + 2;
        let x = brush.put(x, y, Role::Text, &format!("#{}", session.id.0)).max(x + 5) + 1;
        let ends = [session.client.ip, session.server.ip].map(|ip| facts::address(&ip.to_string(), 15));
        let x = brush.put(x, y, Role::Text, &format!("{} → {}", ends[0], ends[1])).max(x + 28) + 2;
        let cause = case.verdict.cause.unwrap_or_default();
        let x = brush.put(x, y, Role::Died, cause).max(x + 22) + 1;
        brush.put(x, y, Role::Text, &case.verdict.headline);
    }
}

/// `kernel dropped 0   interface dropped 0   memory 61 MB of 512 MB`.
fn health(live: &Live, brush: &mut Brush<'_>) {
    let y = brush.height().saturating_sub(2);
    brush.rule(y, "capture health", "");
    let pulse = &live.seen;
    let mut x = 1;
    for (word, count) in [("kernel", pulse.kernel), ("interface", pulse.card)] {
        let role = if count > 0 { Role::Died } else { Role::Text };
        x = brush.put(x, y + 1, role, &format!("{word} dropped {}", time::count(count))) + 3;
    }
    let (used, most) = pulse.memory;
    let memory = format!("sessions take {} of {}", time::bytes(used), time::bytes(most));
    x = brush.put(x, y + 1, Role::Text, &memory) + 1;
    brush.put(x, y + 1, Role::Dim, "(oldest healthy ones leave first)");
}
