//! The rungs of a session's ladder: its rows as the report knows them, and between them folds, silences and the rule of
//! the death.

use std::collections::BTreeSet;

use super::facts;
use crate::diagnose::Case;
use crate::diagnose::verdict::By;
use crate::frame::{FrameNumber, Timestamp};
use crate::report::text::choice::row_of;
use crate::report::text::ladder::{add_row, marks};
use crate::report::text::rows::{Kind, Row, rows};
use crate::report::time;
use crate::session::{Direction, Phase};

/// A gap worth a rung of its own: at least so long, and so many round trips; seconds.
const SILENCE: f64 = 0.5;
const ROUND_TRIPS: f64 = 5.0;
/// Rows of data in a row that stay single.
const FEW: usize = 2;

/// A rung.
#[derive(Clone, Debug)]
pub struct Rung {
    /// What it is.
    pub kind: RungKind,
    /// The frame it stands for.
    pub frame: FrameNumber,
    /// The last frame, where several are folded.
    pub last_frame: FrameNumber,
    /// When.
    pub time: Timestamp,
    /// Until when, where several are folded.
    pub until: Timestamp,
    /// Where the session was.
    pub phase: Phase,
    /// Whose it is.
    pub direction: Direction,
    /// On the arrow.
    pub label: String,
    /// Beside it.
    pub note: String,
    /// `×` the death, `!` what the verdict points at.
    pub mark: Option<char>,
    /// It came after the death.
    pub is_after: bool,
    /// Both sides are folded into it.
    pub is_both: bool,
}

/// What a rung is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RungKind {
    /// A packet that says what it is.
    Seen,
    /// A packet whose meaning is known by its size and place only.
    Inferred,
    /// Sent again.
    Again,
    /// Bytes the capture lacks.
    Missing,
    /// Several, folded.
    Fold,
    /// The rule under the deadly packet.
    Death,
    /// Nobody said anything.
    Silence,
}

impl Rung {
    /// Whether the cursor may stand on it.
    #[must_use]
    pub const fn is_packet(&self) -> bool {
        !matches!(self.kind, RungKind::Death | RungKind::Silence)
    }

    /// Whether `frame` is among its frames.
    #[must_use]
    pub fn holds(&self, frame: FrameNumber) -> bool {
        self.is_packet() && (self.frame..=self.last_frame).contains(&frame)
    }

    fn line(&self, kind: RungKind, label: String) -> Self {
        Self { kind, label, note: String::new(), mark: None, ..self.clone() }
    }
}

/// What is unfolded.
#[derive(Clone, Debug, Default)]
pub struct Unfolded {
    /// Everything, pure acknowledgments too.
    pub all: bool,
    /// Folds by the frame they begin with.
    pub at: BTreeSet<FrameNumber>,
}

/// All rungs of `case`.
#[must_use]
pub fn rungs(case: &Case, unfolded: &Unfolded) -> Vec<Rung> {
    let marks = marks(case);
    let mut all = rows(case, unfolded.all);
    for mark in &marks {
        if row_of(&all, mark.frame).is_none() {
            add_row(&mut all, case, mark.frame);
        }
    }
    let pointed: Vec<(usize, bool, &str)> =
        marks.iter().filter_map(|mark| Some((row_of(&all, mark.frame)?, mark.is_death, &*mark.note))).collect();
    let death_at = pointed.iter().find(|(_, is_death, _)| *is_death).map(|(row, ..)| *row);
    let mut rungs: Vec<Rung> = Vec::new();
    let mut index = 0;
    while index < all.len() {
        let is_pointed = |row: usize| pointed.iter().any(|(at, ..)| *at == row);
        let length = fold_length(&all[index..], |at| is_pointed(index + at));
        let is_open = unfolded.all || unfolded.at.contains(&all[index].frame);
        let step = if length > FEW { length } else { 1 };
        let made = if length > FEW && !is_open {
            vec![fold(&all[index..index + length])]
        } else if all[index].kind == Kind::Again && is_open && !unfolded.all {
            again_singly(case, &all[index])
        } else {
            all[index..index + step].iter().map(rung).collect()
        };
        for mut one in made {
            // What is behind the encryption is known by its shape, and with it the phase.
            let shaped = case.shape.records.iter().find(|record| record.frame == one.frame);
            one.phase = shaped.map_or(one.phase, |record| record.phase.max(one.phase));
            one.is_after = death_at.is_some_and(|death| index > death);
            for (_, is_death, note) in pointed.iter().filter(|(at, ..)| *at == index) {
                one.mark = Some(if *is_death { '×' } else { one.mark.unwrap_or('!') });
                point(&mut one, note);
            }
            let is_minor = all[index].kind == Kind::Minor && one.mark.is_none() && !unfolded.all;
            // A pure acknowledgment carries no news once the connection stands.
            if is_minor && all[index].label == "keep-alive" {
                continue;
            }
            push(&mut rungs, one, case);
        }
        if death_at == Some(index) {
            let rule = rungs.last().map(|last| last.line(RungKind::Death, death_text(case)));
            rungs.extend(rule);
        }
        index += step;
    }
    rungs
}

/// Adds what the verdict says of a packet to its note, unless it says it already.
fn point(rung: &mut Rung, note: &str) {
    let note = note.strip_prefix("died here: ").or(note.strip_prefix("died here")).unwrap_or(note);
    if !note.is_empty() && !rung.note.contains(note) {
        let joint = if rung.note.is_empty() { "" } else { ", " };
        rung.note = format!("{note}{joint}{}", rung.note);
    }
}

/// Adds `rung`, and before it the silence that it broke.
fn push(rungs: &mut Vec<Rung>, rung: Rung, case: &Case) {
    let round_trip = facts::round_trip(case).unwrap_or(0.0);
    if let Some(before) = rungs.iter().rev().find(|rung| rung.kind != RungKind::Silence) {
        let waited = rung.time.since(before.until);
        if waited > SILENCE.max(ROUND_TRIPS * round_trip) && rung.kind != RungKind::Again {
            let mut silence = rung.line(RungKind::Silence, format!("{} of silence", time::span(waited)));
            silence.is_after = rung.is_after;
            rungs.push(silence);
        }
    }
    rungs.push(rung);
}

/// What many rows of a kind fold into.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Matter {
    /// Counted data.
    Data,
    /// Channels joined, one after the other.
    Joins,
}

fn matter(row: &Row) -> Option<Matter> {
    match (row.kind, row.label.as_str()) {
        (Kind::Inferred, "(Channel Join)" | "(Join Confirm)") => Some(Matter::Joins),
        (Kind::Inferred, "(session data)") | (Kind::Minor, "keep-alive") => Some(Matter::Data),
        (Kind::Opaque, label) if label != "Finished" => Some(Matter::Data),
        _ => None,
    }
}

/// Rows about one matter, of which none is pointed at.
fn fold_length(rows: &[Row], is_pointed: impl Fn(usize) -> bool) -> usize {
    let Some(first) = matter(&rows[0]) else { return 1 };
    let same = rows.iter().enumerate().take_while(|(at, row)| matter(row) == Some(first) && !is_pointed(*at));
    same.count().max(1)
}

fn fold(rows: &[Row]) -> Rung {
    let (first, last) = (&rows[0], &rows[rows.len() - 1]);
    let records: u64 = rows.iter().map(|row| row.records.max(1)).sum();
    let bytes: u64 = rows.iter().map(|row| row.bytes).sum();
    let lasted = last.until.since(first.time);
    let is_both = rows.iter().any(|row| row.direction != first.direction);
    let joined = rows.iter().filter(|row| row.label == "(Join Confirm)").count();
    let label = match matter(first) {
        Some(Matter::Joins) => format!("({joined} channels joined)"),
        _ => format!("{} records, {}", time::count(records), time::bytes(bytes)),
    };
    Rung {
        is_both,
        kind: RungKind::Fold,
        last_frame: last.last_frame,
        until: last.until,
        label,
        note: if lasted >= SILENCE { facts::span(lasted) } else { String::new() },
        ..plain(first)
    }
}

/// A row of repetitions, one by one.
fn again_singly(case: &Case, row: &Row) -> Vec<Rung> {
    let within = |one: &&Row| one.kind == Kind::Again && (row.frame..=row.last_frame).contains(&one.frame);
    let exact = rows(case, true);
    let found: Vec<Rung> = exact.iter().filter(within).map(rung).collect();
    if found.is_empty() { vec![rung(row)] } else { found }
}

fn plain(row: &Row) -> Rung {
    Rung {
        kind: RungKind::Seen,
        frame: row.frame,
        last_frame: row.last_frame.max(row.frame),
        time: row.time,
        until: row.until,
        phase: row.phase,
        direction: row.direction,
        label: row.label.clone(),
        // What is under the first line is what matters of it: a name, and that it ended.
        note: row.text.iter().skip(1).chain(row.text.first()).cloned().collect::<Vec<_>>().join(", "),
        mark: None,
        is_after: false,
        is_both: false,
    }
}

fn rung(row: &Row) -> Rung {
    let kind = match row.kind {
        Kind::Inferred => RungKind::Inferred,
        Kind::Again => RungKind::Again,
        Kind::Missing => RungKind::Missing,
        Kind::Elided => RungKind::Fold,
        _ => RungKind::Seen,
    };
    let mut rung = Rung { kind, ..plain(row) };
    if row.kind == Kind::Elided {
        rung.label = format!("{} not kept", time::counted(row.records, "record"));
        rung.note = if row.bytes > 0 { time::bytes(row.bytes) } else { String::new() };
    }
    if row.kind == Kind::Fault {
        rung.mark = Some('!');
    }
    rung
}

/// `died here: frame 118, in TLS, by the client`.
fn death_text(case: &Case) -> String {
    let Some(death) = case.verdict.death else { return "died here".into() };
    let by = match death.by {
        By::Client => "by the client",
        By::Server => "by the server",
        By::Middlebox => "by neither end",
        By::Network => "on the way",
    };
    format!("died here: frame {}, in {}, {by}", death.frame.number(), death.phase.label())
}
