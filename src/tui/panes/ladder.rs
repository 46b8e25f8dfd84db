//! The ladder: a packet a row between two rails, the death under its packet, silences and folds told in words.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use crate::report::time;
use crate::session::{Direction, Phase, Transport};
use crate::tui::facts;
use crate::tui::ladder::{Rung, RungKind};
use crate::tui::layout::{self, NARROW};
use crate::tui::model::{Model, Screen};
use crate::tui::opened::{Focus, SessionView, TimeForm};
use crate::tui::paint::{Brush, cut};
use crate::tui::theme::Role;

/// Columns of a ladder.
#[derive(Clone, Copy)]
struct Columns {
    /// Digits of a frame number.
    frame: usize,
    /// Columns of a time.
    time: usize,
    /// Between the rails.
    arrow: usize,
}

impl Columns {
    fn of(view: &SessionView, width: usize) -> Self {
        let highest = view.rungs.iter().map(|rung| rung.last_frame.number()).max().unwrap_or(0);
        let frame = highest.to_string().len().max(5);
        let time = if matches!(view.time, TimeForm::Clock | TimeForm::Utc) { 12 } else { 9 };
        // What is said beside the arrow needs its room too.
        let used = 2 + frame + 1 + time + 3 + 2 + 1;
        let arrow = (width.saturating_sub(used + 28)).clamp(20, 34);
        Self { frame, time, arrow }
    }

    const fn rail(&self) -> usize {
        2 + self.frame + 1 + self.time + 3
    }

    const fn note(&self) -> usize {
        self.rail() + self.arrow + 3
    }
}

/// Draws it.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let mut brush = Brush::new(&model.look, area, buffer);
    let Some(view) = model.shown() else { return };
    let width = brush.width();
    let columns = Columns::of(view, width);
    let mut y = 0;
    if layout::areas(model).answer.is_none() {
        title(view, &mut brush);
        y = 1;
    }
    if width >= NARROW {
        heading(&columns, &mut brush, y);
        y += 1;
    }
    let rows = brush.height().saturating_sub(y);
    for (index, rung) in view.rungs.iter().enumerate().skip(view.top).take(rows) {
        let before = view.rungs[..index].iter().rev().find(|rung| rung.is_packet());
        match rung.kind {
            RungKind::Death => death(rung, &mut brush, y),
            RungKind::Silence => silence(rung, &columns, &mut brush, y),
            _ if width < NARROW => short(model, view, rung, &mut brush, y),
            _ => packet(model, view, rung, before, &columns, &mut brush, y),
        }
        if index == view.cursor && rung.is_packet() {
            let has_focus = model.screen == Screen::Session && view.focus == Focus::Ladder;
            if has_focus {
                brush.select(y);
            }
            brush.put(0, y, if has_focus { Role::Marked } else { Role::Bold }, "►");
        }
        y += 1;
    }
}

fn title(view: &SessionView, brush: &mut Brush<'_>) {
    let form = match view.mark {
        Some((frame, _)) if view.time == TimeForm::Start => format!("since frame {}", frame.number()),
        _ => view.time.name().to_owned(),
    };
    let hint = if brush.width() >= 60 { " · t changes" } else { "" };
    let is_tcp = view.case.session.transport == Transport::Tcp;
    let title = if brush.width() >= 73 && is_tcp { strip(view) } else { "ladder".into() };
    brush.rule(0, &title, &format!("{form}{hint}"));
}

/// `TCP ■  X.224 ■  TLS ×  NLA ·  MCS ·  RDP ·`.
fn strip(view: &SessionView) -> String {
    let life = facts::life(&view.case);
    let phases = Phase::ALL.iter().zip(life.chars()).map(|(phase, cell)| format!("{} {cell}", phase.label()));
    phases.collect::<Vec<_>>().join("  ")
}

fn heading(columns: &Columns, brush: &mut Brush<'_>, y: usize) {
    brush.right(2 + columns.frame, y, Role::Dim, "frame");
    brush.right(3 + columns.frame + columns.time, y, Role::Dim, "time");
    brush.put(columns.rail() - 2, y, Role::Dim, "P");
    brush.put(columns.rail(), y, Role::Client, "client");
    brush.put(columns.rail() + columns.arrow + 1 - 5, y, Role::Server, "server");
}

fn packet(
    model: &Model,
    view: &SessionView,
    rung: &Rung,
    before: Option<&Rung>,
    columns: &Columns,
    brush: &mut Brush<'_>,
    y: usize,
) {
    let plain = if rung.is_after { Role::Dim } else { Role::Text };
    let marked = match rung.mark {
        Some('×') => Role::Died,
        Some(_) => Role::Warn,
        None => plain,
    };
    if let Some(mark) = rung.mark {
        brush.put(1, y, marked, &mark.to_string());
    }
    let number = if rung.kind == RungKind::Missing { "-".into() } else { rung.frame.number().to_string() };
    brush.right(2 + columns.frame, y, if rung.mark == Some('×') { Role::Died } else { plain }, &number);
    brush.right(3 + columns.frame + columns.time, y, Role::Dim, &when(model, view, rung, before));
    brush.put(columns.rail() - 2, y, Role::Dim, &rung.phase.letter().to_string());
    let rail = |role: Role| if rung.is_after { Role::Dim } else { role };
    brush.put(columns.rail(), y, rail(Role::Client), "│");
    let role = match (rung.kind, rung.mark) {
        (_, Some('×')) => Role::Died,
        (RungKind::Again | RungKind::Missing, _) => Role::Warn,
        (RungKind::Inferred | RungKind::Fold, _) => Role::Dim,
        _ => plain,
    };
    let label = model.look.shown(&rung.label);
    brush.put(columns.rail() + 1, y, role, &arrow(rung, &label, columns.arrow, model.look.ascii));
    brush.put(columns.rail() + 1 + columns.arrow, y, rail(Role::Server), "│");
    brush.put(columns.note(), y, if rung.mark.is_some() { marked } else { plain }, &rung.note);
}

/// `───── ClientHello ─────►`: dots instead of dashes where it is not seen but concluded.
fn arrow(rung: &Rung, label: &str, width: usize, ascii: bool) -> String {
    let to_server = rung.direction == Direction::ClientToServer;
    let label = cut(label, width.saturating_sub(5), if ascii { '~' } else { '…' });
    let stroke = if matches!(rung.kind, RungKind::Inferred | RungKind::Missing) { "·" } else { "─" };
    let blanks = if label.is_empty() { 0 } else { 2 };
    let rest = width.saturating_sub(label.width() + blanks + 1);
    let (near, far) = (rest / 2, rest - rest / 2);
    let middle = if label.is_empty() { String::new() } else { format!(" {label} ") };
    if rung.is_both {
        let near = near.saturating_sub(1);
        format!("◄{}{middle}{}►", stroke.repeat(near), stroke.repeat(rest - 1 - near))
    } else if to_server {
        format!("{}{middle}{}►", stroke.repeat(near), stroke.repeat(far))
    } else {
        format!("◄{}{middle}{}", stroke.repeat(far), stroke.repeat(near))
    }
}

/// The time of a rung, in the form that was chosen.
fn when(model: &Model, view: &SessionView, rung: &Rung, before: Option<&Rung>) -> String {
    let start = view.mark.map_or(view.case.session.first.time, |(_, time)| time);
    match view.time {
        TimeForm::Start => seconds(rung.time.since(start)),
        TimeForm::Step => before.map_or_else(String::new, |before| time::step(rung.time.since(before.until).max(0.0))),
        TimeForm::Clock => time::clock_millis(rung.time, &model.look.zone),
        TimeForm::Utc => time::clock_millis(rung.time, &jiff::tz::TimeZone::UTC),
    }
}

/// Seconds to the millisecond while they fit.
fn seconds(seconds: f64) -> String {
    let text = format!("{seconds:.3}");
    if text.len() <= 9 { text } else { format!("{seconds:.0}") }
}

/// `═══ × died here: frame 118, in TLS, by the client ═══`.
fn death(rung: &Rung, brush: &mut Brush<'_>, y: usize) {
    let width = brush.width();
    brush.put(0, y, Role::Died, &"═".repeat(width));
    brush.fit(3, y, width.saturating_sub(4), Role::Died, &format!(" × {} ", rung.label));
}

fn silence(rung: &Rung, columns: &Columns, brush: &mut Brush<'_>, y: usize) {
    if brush.width() < NARROW {
        brush.put(3, y, Role::Dim, &format!(": {}", rung.label));
        return;
    }
    brush.put(columns.rail(), y, Role::Dim, ":");
    brush.put(columns.rail() + columns.arrow + 1, y, Role::Dim, ":");
    let start = columns.rail() + 1 + columns.arrow.saturating_sub(rung.label.width()) / 2;
    brush.put(start, y, Role::Dim, &rung.label);
}

/// Where there is no room for rails: `► 118 0.065 → Alert certificate_expired`.
fn short(model: &Model, view: &SessionView, rung: &Rung, brush: &mut Brush<'_>, y: usize) {
    let plain = if rung.is_after { Role::Dim } else { Role::Text };
    let role = match rung.mark {
        Some('×') => Role::Died,
        Some(_) => Role::Warn,
        None => plain,
    };
    brush.put(1, y, role, &rung.mark.map(String::from).unwrap_or_default());
    let x = brush.right(7, y, role, &rung.frame.number().to_string()).max(7);
    let time = when(model, view, rung, None);
    brush.right(x + 8, y, Role::Dim, &time);
    let arrow = if rung.direction == Direction::ClientToServer { "→" } else { "←" };
    let note = if rung.note.is_empty() { String::new() } else { format!(": {}", rung.note) };
    brush.put(x + 9, y, role, &format!("{arrow} {}{note}", rung.label));
}
