//! Which rows of a session's ladder a reader needs, when not all of them.

use super::rows::{Kind, Row};
use crate::diagnose::Case;
use crate::diagnose::verdict::{EndHow, LadderMark};
use crate::frame::FrameNumber;

/// Inferred records that are all shown; of more, only the last ones.
const INFERRED: usize = 8;
/// Holes that are all shown; more of them are counted.
const HOLES: usize = 3;
/// An end so long after the death is another matter; seconds.
const LATE: f64 = 2.0;
/// Frames of a sign that get a row of their own.
const NAMED: usize = 3;

/// Rows that the evidence names, where there are some.
pub(super) fn named(case: &Case, rows: &[Row]) -> Vec<usize> {
    let frames = case.verdict.evidence.iter().flat_map(|sign| sign.frames.iter().take(NAMED));
    let mut named: Vec<usize> = frames.filter_map(|frame| row_of(rows, *frame)).take(NAMED * 2).collect();
    named.sort_unstable();
    named.dedup();
    named
}

/// Which rows matter: the handshake, what the verdict points at and names, the last words, the death and the end.
pub(super) fn chosen(case: &Case, rows: &[Row], pointed: &[(usize, LadderMark)], named: &[usize]) -> Vec<bool> {
    // Who gave up in the end, long after the death, is worth seeing.
    let (death, end) = (case.verdict.death, case.verdict.end);
    let is_late = |row: &Row| death.is_some_and(|death| row.time.since(death.time) >= LATE);
    let is_end = |row: &Row| row.frame == end.frame && matches!(end.how, EndHow::Fin | EndHow::Rst) && is_late(row);
    let is_marked =
        |index: usize| named.contains(&index) || pointed.iter().any(|(at, _)| *at == index) || is_end(&rows[index]);
    let last = rows.len().saturating_sub(1);
    let death_at = pointed.iter().find(|(_, mark)| mark.is_death).map_or(last, |(at, _)| *at);
    let inferred = rows.iter().filter(|row| row.kind == Kind::Inferred).count();
    let missing = rows.iter().filter(|row| row.kind == Kind::Missing).count();
    let mut keep: Vec<bool> = rows
        .iter()
        .enumerate()
        .map(|(index, row)| {
            is_marked(index)
                || (index <= death_at
                    && match row.kind {
                        Kind::Control | Kind::Landmark | Kind::Fault => true,
                        Kind::Inferred => inferred <= INFERRED,
                        Kind::Missing => missing <= HOLES,
                        _ => false,
                    })
        })
        .collect();
    let said = |kind: Kind| !matches!(kind, Kind::Control | Kind::Minor | Kind::Elided | Kind::Missing);
    let words: Vec<usize> = (0..=death_at.min(last))
        .rev()
        .filter(|index| rows.get(*index).is_some_and(|row| said(row.kind)))
        .take(3)
        .collect();
    for index in words {
        keep[index] = true;
    }
    limit(rows, &mut keep, &is_marked);
    keep_after_death(case, rows, &mut keep, death_at, &is_marked);
    keep
}

/// A hostile session could consist of alerts or resets alone: of many equals the first ones are enough.
fn limit(rows: &[Row], keep: &mut [bool], is_marked: &dyn Fn(usize) -> bool) {
    const MOST: usize = 16;
    let kept: Vec<usize> = (0..rows.len()).filter(|index| keep[*index]).collect();
    if kept.len() <= MOST {
        return;
    }
    for index in &kept[MOST / 2..kept.len() - MOST / 2] {
        keep[*index] = is_marked(*index);
    }
}

/// Behind the death: whatever shows that somebody did not know of it, and a plain close when there is room.
fn keep_after_death(case: &Case, rows: &[Row], keep: &mut [bool], death_at: usize, is_marked: &dyn Fn(usize) -> bool) {
    let before = keep.iter().filter(|keep| **keep).count();
    let behind: Vec<usize> = (death_at + 1..rows.len()).filter(|index| rows[*index].kind != Kind::Minor).collect();
    let tells = |index: &usize| is_marked(*index) || rows[*index].kind != Kind::Control;
    let room = if behind.iter().any(tells) { 4 } else { 6usize.saturating_sub(before).min(1) };
    if room == 0 {
        return;
    }
    let first = behind.len().min(room - 1);
    for index in &behind[..first] {
        keep[*index] = true;
    }
    // How it ended: the packet that closed the books, or the very last one.
    let end = behind.iter().rfind(|index| rows[**index].frame == case.verdict.end.frame).or(behind.last());
    if let Some(index) = end {
        keep[*index] = true;
    }
}

/// The row of `frame`. A frame may stand in several (a message and its FIN): the last one is pointed at; or within a
/// row of repetitions.
pub(crate) fn row_of(rows: &[Row], frame: FrameNumber) -> Option<usize> {
    let exact = rows.iter().rposition(|row| row.frame == frame);
    exact.or_else(|| rows.iter().rposition(|row| (row.frame..=row.last_frame).contains(&frame)))
}
