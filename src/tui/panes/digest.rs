//! Under a long list with room to spare: when sessions started, the causes, the servers.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::frame::Timestamp;
use crate::report::time;
use crate::tui::facts;
use crate::tui::model::Model;
use crate::tui::paint::Brush;
use crate::tui::summary;
use crate::tui::theme::Role;

/// Where strips and their times begin.
const LEFT: usize = 10;
/// Rows of the causes at most, with their rule.
const CAUSES: usize = 8;
/// Servers that are told apart.
const SERVERS: usize = 1000;

/// Draws it.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let mut brush = Brush::new(&model.look, area, buffer);
    starts(model, &mut brush);
    let rows = brush.height().saturating_sub(5);
    let used = causes(model, &mut brush, 5, rows.min(CAUSES));
    servers(model, &mut brush, 5 + used + 1);
}

/// How many sessions started when, and when the deadly ones did.
fn starts(model: &Model, brush: &mut Brush<'_>) {
    let times = || model.cases.iter().map(|case| case.session.first.time);
    let (Some(first), Some(last)) = (times().min(), times().max()) else {
        brush.rule(0, "when they started", "");
        return;
    };
    let cells = brush.width().saturating_sub(LEFT + 1).max(1);
    let lasted = last.since(first).max(1.0);
    let step = step(lasted / cells as f64);
    let used = (lasted / step).ceil().max(1.0) as usize;
    let cell = |at: Timestamp| ((at.since(first) / step) as usize).min(used - 1).min(cells - 1);
    let (mut counts, mut deaths) = (vec![0usize; cells], vec![false; cells]);
    for case in &model.cases {
        let at = cell(case.session.first.time);
        counts[at] += 1;
        deaths[at] |= case.verdict.outcome == Outcome::Died;
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let shade = |count: &usize| match *count {
        0 => ' ',
        count if count * 4 <= most => '░',
        count if count * 2 <= most => '▒',
        count if count * 4 <= most * 3 => '▓',
        _ => '█',
    };
    let note = format!("█ {}", time::counted(most as u64, "session"));
    brush.rule(0, &format!("when they started, {} a cell", time::span(step)), &note);
    brush.put(1, 1, Role::Dim, "started");
    brush.put(LEFT, 1, Role::Text, &counts.iter().map(shade).collect::<String>());
    brush.put(1, 2, Role::Dim, "died");
    let marks: String = deaths.iter().map(|died| if *died { '×' } else { ' ' }).collect();
    brush.put(LEFT, 2, Role::Died, &marks);
    let clock = |cell: usize| {
        let at = Timestamp(first.0 + (cell as f64 * step * 1e9) as i64);
        time::clock(at, &model.look.zone)
    };
    for column in (0..cells.saturating_sub(7)).step_by(16).take_while(|column| *column == 0 || *column < used) {
        brush.put(LEFT + column, 3, Role::Dim, &clock(column));
    }
}

/// The next round length of a cell; seconds.
fn step(least: f64) -> f64 {
    const STEPS: [f64; 16] =
        [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 21_600.0];
    STEPS.into_iter().find(|step| *step >= least).unwrap_or_else(|| (least / 86_400.0).ceil() * 86_400.0)
}

/// The worst causes; answers how many rows that took.
fn causes(model: &Model, brush: &mut Brush<'_>, y: usize, rows: usize) -> usize {
    let all = summary::causes(model);
    brush.rule(y, "causes in this capture", "c makes this a list");
    if all.is_empty() {
        brush.put(1, y + 1, Role::Dim, "none: no session died, warns or is unsure");
        return 2;
    }
    let shown = all.len().min(rows.saturating_sub(1));
    for (index, row) in all.iter().take(shown).enumerate() {
        let y = y + 1 + index;
        let role = Role::of(row.outcome);
        brush.put(1, y, role, facts::symbol(row.outcome));
        brush.right(9, y, Role::Text, &time::count(row.count as u64));
        brush.fit(LEFT, y, 26, role, row.cause);
        let numbers: Vec<String> = row.numbers.iter().take(3).map(|number| format!("#{number}")).collect();
        let more = if row.count > 3 { " …" } else { "" };
        brush.fit(LEFT + 27, y, 18, Role::Dim, &format!("{}{more}", numbers.join(" ")));
        if let Some(first) = model.cases.get(row.first) {
            brush.put(LEFT + 46, y, Role::Text, &first.verdict.headline);
        }
    }
    shown + 1
}

/// What is known of a server.
#[derive(Default)]
struct Server<'m> {
    counts: BTreeMap<Outcome, u64>,
    /// The session with the latest look at it.
    seen: Option<&'m Case>,
}

fn servers(model: &Model, brush: &mut Brush<'_>, y: usize) {
    let rows = brush.height().saturating_sub(y + 1);
    if rows == 0 {
        return;
    }
    let mut servers: BTreeMap<IpAddr, Server<'_>> = BTreeMap::new();
    for case in &model.cases {
        let ip = case.session.server.ip;
        if case.verdict.outcome == Outcome::Scan || (servers.len() >= SERVERS && !servers.contains_key(&ip)) {
            continue;
        }
        let server = servers.entry(ip).or_default();
        *server.counts.entry(case.verdict.outcome).or_default() += 1;
        if case.session.certificate().is_some() || server.seen.is_none() {
            server.seen = Some(case);
        }
    }
    let mut worst: Vec<(IpAddr, Server<'_>)> = servers.into_iter().collect();
    let count = |server: &Server<'_>, outcome| server.counts.get(&outcome).copied().unwrap_or(0);
    worst.sort_by_key(|(ip, server)| {
        std::cmp::Reverse((count(server, Outcome::Died), count(server, Outcome::Warn), std::cmp::Reverse(*ip)))
    });
    let left_out = worst.len().saturating_sub(rows);
    let note = if left_out > 0 { format!("{left_out} more") } else { String::new() };
    brush.rule(y, "servers", &note);
    for (index, (ip, server)) in worst.iter().take(rows).enumerate() {
        server_row(brush, y + 1 + index, *ip, server);
    }
}

fn server_row(brush: &mut Brush<'_>, y: usize, ip: IpAddr, server: &Server<'_>) {
    brush.fit(1, y, 16, Role::Text, &facts::address(&ip.to_string(), 16));
    let session = server.seen.map(|case| &case.session);
    let version = session.and_then(|session| session.tls_version());
    brush.put(18, y, Role::Dim, &version.map_or_else(|| "-".into(), |version| version.to_string()));
    let mut x = 27;
    for outcome in [Outcome::Died, Outcome::Warn, Outcome::Unsure, Outcome::Ok, Outcome::Open] {
        if let Some(count) = server.counts.get(&outcome) {
            let text = format!("{}{}", facts::symbol(outcome), time::count(*count));
            x = brush.put(x, y, Role::of(outcome), &text) + 1;
        }
    }
    let x = x.max(45);
    let Some((event, certificate)) = session.and_then(|session| session.certificate()) else {
        brush.put(x, y, Role::Dim, "certificate not seen");
        return;
    };
    let is_over = session.and_then(|session| session.day_of(event)).is_some_and(|day| certificate.is_expired_at(day));
    let day = time::date_utc(certificate.not_after);
    let day = day.split(' ').next().unwrap_or_default();
    let word = if is_over { "expired" } else { "until" };
    let role = if is_over { Role::Warn } else { Role::Text };
    let x = brush.put(x, y, role, &format!("{word} {day}")) + 1;
    brush.put(x, y, Role::Dim, &certificate.common_name.to_string());
}
