//! The ladder: frame, step, phase, an arrow between the rails, what it says, and what the verdict points at.

use unicode_width::UnicodeWidthStr;

use super::choice::{chosen, named, row_of};
use super::rows::{Kind, Row, rows, strange_reset};
use crate::diagnose::Case;
use crate::diagnose::verdict::{LadderMark, Sentence};
use crate::frame::{FrameNumber, Input, Timestamp};
use crate::report::format::{Style, file_name};
use crate::report::pen::{Ink, Line, clean, wrap};
use crate::report::time;
use crate::session::{Direction, Phase, Transport};

/// Columns between the rails.
const ARROW: usize = 22;
/// Columns of what is said across the ladder.
const NOTE: usize = 48;
/// Columns that the right-hand text needs beside the arrow.
const ROOM: usize = 18;
/// A gap between two rows that is worth a row of its own; seconds.
const SILENCE: f64 = 3.0;

/// The rows of a session that are to be shown, and how they are laid out.
pub(super) struct Ladder<'a> {
    case: &'a Case,
    inputs: &'a [Input],
    style: &'a Style,
    rows: Vec<Row>,
    keep: Vec<bool>,
    /// What the verdict points at, and in which row that is.
    pointed: Vec<(usize, LadderMark)>,
    /// Rows that the evidence names.
    named: Vec<usize>,
    gutter: usize,
}

impl<'a> Ladder<'a> {
    pub(super) fn of(case: &'a Case, inputs: &'a [Input], style: &'a Style) -> Self {
        let mut rows = rows(case, style.verbose > 0);
        let marks = marks(case);
        for mark in &marks {
            if row_of(&rows, mark.frame).is_none() {
                add_row(&mut rows, case, mark.frame);
            }
        }
        let find = |mark: LadderMark| Some((row_of(&rows, mark.frame)?, mark));
        let pointed: Vec<(usize, LadderMark)> = marks.into_iter().filter_map(find).collect();
        let named = named(case, &rows);
        let keep = if style.verbose > 0 { vec![true; rows.len()] } else { chosen(case, &rows, &pointed, &named) };
        let shown = rows.iter().zip(&keep).filter(|(_, keep)| **keep);
        let highest = shown.map(|(row, _)| row.frame.number()).max().unwrap_or(0);
        Self { case, inputs, style, rows, keep, pointed, named, gutter: highest.to_string().len().max(2) }
    }

    /// Columns before the bar.
    pub(super) const fn gutter(&self) -> usize {
        self.gutter + 1
    }

    /// Leaves out the opening of the connection, which is the same in every session; `false` when there is nothing
    /// left that may go.
    pub(super) fn shorten(&mut self) -> bool {
        if strange_reset(self.case) {
            return false; // the opening shows how far away the real server is
        }
        let is_pointed = |index: &usize| self.named.contains(index) || self.pointed.iter().any(|(row, _)| row == index);
        for phase in [Phase::Tcp, Phase::X224] {
            let droppable: Vec<usize> = (0..self.rows.len())
                .filter(|index| self.keep[*index] && self.rows[*index].phase == phase)
                .filter(|index| matches!(self.rows[*index].kind, Kind::Control | Kind::Landmark))
                .take_while(|index| !is_pointed(index))
                .collect();
            let kept = self.keep.iter().filter(|keep| **keep).count();
            let is_opening = droppable.first().is_some_and(|first| !self.keep[..*first].contains(&true));
            if is_opening && kept >= droppable.len() + 3 {
                for index in droppable {
                    self.keep[index] = false;
                }
                return true;
            }
        }
        false
    }

    pub(super) fn lines(&self) -> Vec<Line> {
        let mut lines = vec![self.heading()];
        let mut previous: Option<Timestamp> = None;
        let mut folded: Vec<&Row> = Vec::new();
        let mut has_inferred = false;
        let mut file = self.only_file();
        for (index, row) in self.rows.iter().enumerate() {
            if !self.keep[index] {
                folded.push(row);
                continue;
            }
            let waited = folded.last().map(|row| row.until).or(previous).map(|before| row.time.since(before));
            let fold = self.folded(&folded, previous);
            // Behind a fold that tells its own time, the step counts from the fold's end.
            let before = if fold.is_some() { folded.last().map(|row| row.until) } else { previous };
            lines.extend(fold.into_iter().flatten());
            folded.clear();
            let mut step = before.map(|before| row.time.since(before));
            let is_quiet = |seconds: &f64| *seconds >= SILENCE && row.kind != Kind::Again;
            if let Some(seconds) = waited.filter(is_quiet) {
                lines.extend(self.interlude(&format!("{} of silence", time::span(seconds))));
                step = None;
            }
            if file.replace(row.frame.file()).is_none_or(|before| before != row.frame.file()) {
                lines.extend(self.file(row.frame));
            }
            lines.extend(self.row(index, step));
            has_inferred |= row.kind == Kind::Inferred;
            previous = Some(row.until);
        }
        lines.extend(self.folded(&folded, previous).into_iter().flatten());
        if has_inferred {
            let column = (self.gutter() + 10).min(self.style.width.saturating_sub(NOTE));
            lines.push(self.bar().to(column).with(Ink::Dim, "(name): encrypted; known by its size and place"));
        }
        lines.push(self.bar());
        lines
    }

    /// The file that all shown rows are in, if it is one; it stands over the ladder.
    fn only_file(&self) -> Option<u16> {
        let mut files = self.rows.iter().zip(&self.keep).filter(|(_, keep)| **keep).map(|(row, _)| row.frame.file());
        let first = files.next()?;
        files.all(|file| file == first).then_some(first)
    }

    /// `: b.pcap`: numbers count from 1 in each file.
    fn file(&self, frame: FrameNumber) -> Option<Line> {
        let name = file_name(self.inputs, frame)?;
        Some(Line::new(self.style).to(self.gutter()).with(Ink::Dim, &format!(": {name}")))
    }

    fn bar(&self) -> Line {
        Line::new(self.style).to(self.gutter()).with(Ink::Dim, "|")
    }

    fn step_width(&self) -> usize {
        if self.style.verbose > 0 { 22 } else { 7 }
    }

    fn arrow_column(&self) -> usize {
        self.gutter() + 1 + self.step_width() + 2 + 5 + 2
    }

    fn text_column(&self) -> usize {
        self.arrow_column() + ARROW + 2
    }

    /// Where the right-hand text stands: behind the arrow, or below it when there is no room for its longest word.
    fn column_of(&self, text: &[String]) -> usize {
        let room = self.style.width.saturating_sub(self.text_column());
        let longest = text.iter().flat_map(|text| text.split(' ')).map(UnicodeWidthStr::width).max().unwrap_or(0);
        let below = self.gutter() + 1 + self.step_width() + 2;
        if room < ROOM || longest > room { below } else { self.text_column() }
    }

    fn heading(&self) -> Line {
        let step = if self.style.verbose > 0 { format!("{:>11} {:>10}", "at, s", "step") } else { "step".into() };
        let text = format!("{step:>width$}  phase  client              server", width = self.step_width());
        self.bar().with(Ink::Dim, &text)
    }

    fn interlude(&self, text: &str) -> Vec<Line> {
        let column = self.arrow_column().min(self.style.width.saturating_sub(NOTE));
        let start = || Line::new(self.style).to(self.gutter()).with(Ink::Dim, ":").to(column);
        let parts = wrap(&clean(text, self.style.ascii), self.style.width.saturating_sub(column));
        parts.iter().map(|part| start().with(Ink::Dim, part)).collect()
    }

    fn folded(&self, rows: &[&Row], since: Option<Timestamp>) -> Option<Vec<Line>> {
        let sum = |wanted: fn(&Row) -> u64| rows.iter().map(|row| wanted(row)).sum::<u64>();
        let records = sum(|row| row.records);
        let bytes = sum(|row| row.bytes);
        let of = |kind: Kind| rows.iter().filter(|row| row.kind == kind).count() as u64;
        let mut parts = Vec::new();
        let messages = of(Kind::Message);
        if messages > 0 {
            parts.push(time::counted(messages, "message"));
        }
        if records > 0 {
            parts.push(time::counted(records, "record"));
            parts.push(time::bytes(bytes));
        }
        let missing = of(Kind::Missing);
        if missing > 0 {
            parts.push(format!("{} not captured", time::counted(missing, "part")));
        }
        if of(Kind::Again) > 0 {
            parts.push("some sent again".into());
        }
        // What opens every connection needs no mention, before the first row nothing does.
        let (since, last) = (since?, rows.last()?);
        let seconds = last.until.since(since);
        if seconds >= SILENCE {
            parts.push(time::span(seconds));
        }
        (messages + records + missing > 0).then(|| self.interlude(&parts.join(", ")))
    }

    fn row(&self, index: usize, step: Option<f64>) -> Vec<Line> {
        let row = &self.rows[index];
        let number = format!("{:>width$} ", row.frame.number(), width = self.gutter);
        let is_death = self.pointed.iter().any(|(at, mark)| *at == index && mark.is_death);
        let mut line = Line::new(self.style).with(if is_death { Ink::Red } else { Ink::Plain }, &number);
        line = line.with(Ink::Dim, "|").with(Ink::Dim, &self.step_text(row, step));
        let label = match (self.case.session.transport, row.phase) {
            (Transport::Udp, Phase::Tcp) => "UDP",
            (_, phase) => phase.label(),
        };
        let phase = format!("  {label:<5}  ");
        let (arrow, full_name) = arrow(row, &clean(&row.label, self.style.ascii));
        line = line.with(Ink::Plain, &phase).with(arrow_ink(row, is_death), &arrow);
        let mut text = row.text.clone();
        if let Some(name) = full_name {
            let rest = text.first().cloned().unwrap_or_default();
            let joined = if rest.is_empty() { name } else { format!("{name}: {rest}") };
            text.splice(..1.min(text.len()), [joined]);
        }
        self.with_text(line, index, &text)
    }

    fn step_text(&self, row: &Row, step: Option<f64>) -> String {
        if self.style.verbose > 0 {
            let start = row.time.since(self.case.session.first.time);
            let step = step.map(time::step_exact).unwrap_or_default();
            return format!("{:>11} {step:>10}", format!("{start:.6}"));
        }
        // Less than half a millisecond says that it came at once.
        let step = step.filter(|seconds| *seconds >= 0.000_5).map(time::step).unwrap_or_default();
        format!("{step:>7}")
    }

    /// The right-hand text, and under it what the verdict points at.
    fn with_text(&self, line: Line, index: usize, text: &[String]) -> Vec<Line> {
        let text: Vec<String> = text.iter().map(|text| clean(text, self.style.ascii)).collect();
        let column = self.column_of(&text);
        let room = self.style.width.saturating_sub(column);
        let text: Vec<String> = text.iter().flat_map(|text| wrap(text, room)).collect();
        let under = || self.bar().to(column);
        let mut lines = Vec::new();
        let mut first = Some(line);
        if column < self.text_column() {
            lines.extend(first.take());
        }
        for part in &text {
            lines.push(first.take().map_or_else(under, |line| line.to(column)).with(Ink::Plain, part));
        }
        lines.extend(first);
        let last = text.last().map_or("", |last| last.trim_end());
        for (_, mark) in self.pointed.iter().filter(|(at, _)| *at == index) {
            lines.extend(self.mark(mark, last, column));
        }
        lines
    }

    /// The line is as wide as the text, unless the note has to share the row with it: then as wide as the text's first
    /// part, or less.
    fn mark(&self, mark: &LadderMark, text: &str, text_column: usize) -> Vec<Line> {
        let (sign, ink) = if mark.is_death { ("^", Ink::Red) } else { ("-", Ink::Cyan) };
        let note = match (mark.is_death, &*mark.note) {
            (true, "") => "died here".into(),
            (true, note) if note.starts_with("died here") => note.to_owned(),
            (true, note) => format!("died here: {note}"),
            (false, note) => note.to_owned(),
        };
        let note = clean(&note, self.style.ascii);
        let room = self.style.width.saturating_sub(text_column);
        let whole = if text.is_empty() { 8 } else { text.width().min(room.max(8)) };
        let first_part = text.split([',', ';']).next().map_or(whole, UnicodeWidthStr::width).min(whole);
        let beside_note = room.saturating_sub(note.width() + 1);
        let width = match () {
            () if note.is_empty() || whole <= beside_note || room < 28 => whole,
            () if first_part >= 7 && first_part <= beside_note.max(8) => first_part,
            () if beside_note >= 7 => beside_note,
            () => first_part.min(room.saturating_sub(28)).max(7),
        };
        let start = self.bar().to(text_column).with(ink, &sign.repeat(width));
        if note.is_empty() {
            return vec![start];
        }
        // The first words stand behind the line, the rest under it.
        if room < 28 && whole > beside_note {
            let column = self.arrow_column().min(self.style.width.saturating_sub(36));
            let parts = wrap(&note, self.style.width.saturating_sub(column));
            let below = parts.iter().map(|part| self.bar().to(column).with(ink, part));
            return std::iter::once(start).chain(below).collect();
        }
        let behind = text_column + width + 1;
        let parts = wrap(&note, self.style.width.saturating_sub(behind).max(16));
        let (first, rest) =
            parts.split_first().map_or((note.as_str(), &[][..]), |(first, rest)| (first.as_str(), rest));
        let rest = wrap(&rest.join(" "), self.style.width.saturating_sub(text_column));
        let below = rest.iter().filter(|part| !part.is_empty());
        let below = below.map(|part| self.bar().to(text_column).with(ink, part));
        std::iter::once(start.to(behind).with(ink, first)).chain(below).collect()
    }
}

fn arrow_ink(row: &Row, is_death: bool) -> Ink {
    match row.kind {
        _ if is_death => Ink::Red,
        Kind::Inferred | Kind::Opaque | Kind::Minor => Ink::Dim,
        Kind::Again | Kind::Fault | Kind::Missing => Ink::Yellow,
        _ => Ink::Plain,
    }
}

/// `─── ClientHello ─────►`; and the whole name when it had to be shortened.
fn arrow(row: &Row, name: &str) -> (String, Option<String>) {
    let mut label = match name {
        "Connection Request" => "Connection Req.".to_owned(),
        name => name.to_owned(),
    };
    let to_server = row.direction == Direction::ClientToServer;
    // Blanks around the name, the head of the arrow, and one dash on each side that has room for it.
    let most = if to_server { ARROW - 5 } else { ARROW - 4 };
    let full = (label.width() > most).then(|| name.to_owned());
    if full.is_some() {
        let closing = if label.starts_with('(') { "..)" } else { ".." };
        while label.width() + closing.len() > most {
            label.pop();
        }
        label = label.trim_end().to_owned() + closing;
    }
    let wanted = match (row.kind, to_server) {
        (Kind::Control, true) => 5,
        (Kind::Control, false) => 4,
        _ if label.starts_with("Alert") && !to_server => 4,
        _ if row.phase == Phase::X224 && !to_server => 1,
        _ => 3,
    };
    let rest = ARROW - 3 - label.width();
    let near = wanted.min(rest.saturating_sub(1)).max(1).min(rest);
    let far = rest - near;
    let dashes = |count: usize| "─".repeat(count);
    let text = if to_server {
        format!("{} {label} {}►", dashes(near), dashes(far))
    } else {
        format!("◄{} {label} {}", dashes(far), dashes(near))
    };
    (text, full)
}

/// What the verdict points at; the death always.
pub(crate) fn marks(case: &Case) -> Vec<LadderMark> {
    let mut marks = case.verdict.marks.clone();
    if let Some(death) = case.verdict.death
        && !marks.iter().any(|mark| mark.is_death)
    {
        marks.push(LadderMark { frame: death.frame, is_death: true, note: Sentence::default() });
    }
    marks
}

/// Whose packet a frame is in which no message was completed, as far as it is remembered: one behind a hole that was
/// never filled, one that is sent again and again, one that begins a message, the last of its side.
fn sender_of(case: &Case, frame: FrameNumber) -> Option<Direction> {
    let session = &case.session;
    [Direction::ClientToServer, Direction::ServerToClient].into_iter().find(|direction| {
        let side = session.side(*direction);
        session.hole(*direction).is_some_and(|hole| hole.behind.frame == frame)
            || side.repeat().is_some_and(|repeat| repeat.original.frame == frame)
            || session.timeline.iter().any(|event| event.direction == *direction && event.first_frame == frame)
            || session.unfinished(*direction).is_some_and(|unfinished| unfinished.begun.frame == frame)
            || side.last.is_some_and(|last| last.frame == frame)
    })
}

/// A frame that is pointed at needs a row, also when nothing could be read in it.
pub(crate) fn add_row(rows: &mut Vec<Row>, case: &Case, frame: FrameNumber) {
    let at = rows.iter().position(|row| row.frame > frame).unwrap_or(rows.len());
    let Some(near) = rows.get(at.saturating_sub(1)).or_else(|| rows.first()) else { return };
    let death = case.verdict.death.filter(|death| death.frame == frame);
    let direction = match death.map(|death| death.by) {
        Some(crate::diagnose::verdict::By::Client) => Direction::ClientToServer,
        Some(crate::diagnose::verdict::By::Server) => Direction::ServerToClient,
        _ => sender_of(case, frame).unwrap_or(near.direction),
    };
    let at_time = death.map_or(near.until, |death| death.time);
    let empty = Row::empty(frame, at_time, death.map_or(near.phase, |death| death.phase), direction);
    rows.insert(at, Row { label: "segment".into(), kind: Kind::Message, ..empty });
}
