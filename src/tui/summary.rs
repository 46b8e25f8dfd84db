//! What the screen says of several sessions: the causes, and which sessions share one.

use std::collections::{BTreeSet, HashMap};

use super::model::Model;
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::frame::{FrameNumber, Timestamp};
use crate::report::time;

/// Sessions with one outcome for one cause.
#[derive(Clone, Debug)]
pub struct CauseRow {
    /// How they fared.
    pub outcome: Outcome,
    /// Why.
    pub cause: &'static str,
    /// How many.
    pub count: usize,
    /// The first of them, by its index.
    pub first: usize,
    /// When the first began.
    pub from: Timestamp,
    /// When the last began.
    pub to: Timestamp,
    /// Different servers.
    pub servers: usize,
    /// Different clients.
    pub clients: usize,
    /// Numbers of the first ones.
    pub numbers: Vec<u32>,
}

/// The causes in the capture, the worst outcome first, within it what befell most sessions.
#[must_use]
pub fn causes(model: &Model) -> Vec<CauseRow> {
    let mut rows: Vec<CauseRow> = Vec::new();
    let mut ends: Vec<(BTreeSet<_>, BTreeSet<_>)> = Vec::new();
    let mut places: HashMap<(Outcome, &str), usize> = HashMap::new();
    for (index, case) in model.cases.iter().enumerate() {
        let (outcome, Some(cause)) = (case.verdict.outcome, case.verdict.cause) else { continue };
        if matches!(outcome, Outcome::Ok | Outcome::Open) {
            continue;
        }
        let at = case.session.first.time;
        let place = *places.entry((outcome, cause)).or_insert_with(|| {
            ends.push(Default::default());
            let (servers, clients, numbers) = (0, 0, Vec::new());
            rows.push(CauseRow { outcome, cause, count: 0, first: index, from: at, to: at, servers, clients, numbers });
            rows.len() - 1
        });
        let row = &mut rows[place];
        row.count += 1;
        row.from = row.from.min(at);
        row.to = row.to.max(at);
        if row.numbers.len() < 8 {
            row.numbers.push(case.session.id.0);
        }
        ends[place].0.insert(case.session.server.ip);
        ends[place].1.insert(case.session.client.ip);
    }
    for (row, (servers, clients)) in rows.iter_mut().zip(ends) {
        (row.servers, row.clients) = (servers.len(), clients.len());
    }
    rows.sort_by_key(|row| (row.outcome, std::cmp::Reverse(row.count)));
    rows
}

/// `frame 118`; of several inputs also which one: `frame 118 of monday.pcap`.
#[must_use]
pub fn frame_name(model: &Model, frame: FrameNumber) -> String {
    let input = model.inputs.get(usize::from(frame.file())).filter(|_| model.inputs.len() > 1);
    match input.and_then(|input| input.path.file_name()) {
        Some(name) => format!("frame {} of {}", frame.number(), name.to_string_lossy()),
        None => format!("frame {}", frame.number()),
    }
}

/// What the capture lacks, in a few words; nothing when it is whole.
#[must_use]
pub fn lacks(model: &Model) -> Vec<String> {
    let mut lacks = Vec::new();
    if let Some(cut) = model.inputs.iter().find_map(|input| input.truncated.as_ref()) {
        lacks.push(format!("cut at frame {}", time::count(cut.frame)));
    }
    let dropped: u64 = model.inputs.iter().map(|input| input.dropped).sum();
    if dropped > 0 {
        lacks.push(format!("{} dropped", time::count(dropped)));
    }
    if model.inputs.iter().any(|input| input.snaplen_cut > 0) {
        lacks.push("packets cut short".into());
    }
    if model.let_go > 0 {
        lacks.push(format!("{} let go for memory", time::counted(model.let_go, "session")));
    }
    lacks
}

/// The frame of a session to open first: where it died, else what the verdict points at, else its end.
#[must_use]
pub fn pointed(case: &Case) -> FrameNumber {
    let verdict = &case.verdict;
    let marked = verdict.marks.last().map(|mark| mark.frame);
    verdict.death.map(|death| death.frame).or(marked).unwrap_or(verdict.end.frame)
}

/// Numbers of the other sessions that fared the same for the same cause, and how many there are.
#[must_use]
pub fn same_fate(model: &Model, case: &Case) -> (Vec<u32>, usize) {
    let verdict = &case.verdict;
    if verdict.cause.is_none() || verdict.outcome == Outcome::Ok {
        return (Vec::new(), 0);
    }
    let is_same = |other: &&std::sync::Arc<Case>| {
        other.session.id != case.session.id
            && other.verdict.cause == verdict.cause
            && other.verdict.outcome == verdict.outcome
    };
    let all = model.cases.iter().filter(is_same);
    let numbers: Vec<u32> = all.clone().take(8).map(|other| other.session.id.0).collect();
    (numbers, all.count())
}
