//! Who has which part of the screen, at every size.
//!
//! ```text
//! card      < 48 x 12       one session, its sentence
//! list      80              header, rows, the answer for the selected one, hints
//! list      120 x 32        header, rows; below them its ladder and its reasons
//! live      100 x 32        header, rows, the answer, the last minute, latest deaths, health
//! session   60              head, ladder, under it the tabbed pane
//! session   120             head, ladder, beside it the tabbed pane
//! session   120 x 36        the same; under the ladder the packet and its bytes
//! both      180 x 24        list, ladder over the tabbed pane, reasons
//! ```

use ratatui::layout::{Rect, Size};

use super::model::{Model, Screen};
use super::opened::Focus;

/// Where things are; what has no place is not drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// One session and nothing else.
    pub card: Option<Rect>,
    /// Source and totals; filter and sorting.
    pub header: Option<Rect>,
    /// The rows of the list under their heading.
    pub list: Option<Rect>,
    /// A rule, and the answer for the selected session.
    pub answer: Option<Rect>,
    /// Under the list: how a running capture goes, or what is in one that was read.
    pub foot: Option<Rect>,
    /// The session and its sentence.
    pub head: Option<Rect>,
    /// The ladder under its heading.
    pub ladder: Option<Rect>,
    /// The tabbed pane under its tabs.
    pub pane: Option<Rect>,
    /// The packet and its bytes under the ladder.
    pub under: Option<Rect>,
    /// The reasons beside everything.
    pub side: Option<Rect>,
    /// Vertical rules: column, first row, rows.
    pub rules: [Option<(u16, u16, u16)>; 2],
    /// The last line.
    pub hints: Option<Rect>,
}

/// Columns of the list where the session stands beside it.
const LIST: u16 = 83;
/// Columns of the reasons where they stand beside everything.
const SIDE: u16 = 38;
/// Rows of the tabbed pane under the ladder, with its tabs.
const PANE: u16 = 7;
/// Rows under the list of a running capture: the last minute, three deaths, the health.
const FOOT: u16 = 10;
/// Rows under the list of a capture that was read: when sessions started, causes, servers.
const DIGEST: u16 = 21;
/// Columns of the ladder beside a pane.
const LADDER: u16 = 74;

/// Below so many columns a ladder has no rails.
pub const NARROW: usize = 58;

/// Whether everything stands side by side.
#[must_use]
pub const fn is_wide(size: Size) -> bool {
    size.width >= 180 && size.height >= 24
}

/// Whether the list has room for the selected session too.
#[must_use]
pub const fn has_preview(size: Size) -> bool {
    is_wide(size) || (size.width >= 120 && size.height >= 32)
}

/// Whether a session has room for a pane beside its ladder.
#[must_use]
pub fn has_pane(size: Size) -> bool {
    arranged(size, Screen::Session, None, false).pane.is_some()
}

const fn is_card(size: Size) -> bool {
    size.width < 48 || size.height < 12
}

/// The places on the screen of `model`.
#[must_use]
pub fn areas(model: &Model) -> Areas {
    let zoom = model.opened.as_ref().filter(|view| view.is_zoomed && model.screen == Screen::Session);
    arranged(model.size, model.screen, zoom.map(|view| view.focus), model.live.is_some())
}

fn arranged(size: Size, screen: Screen, zoom: Option<Focus>, is_live: bool) -> Areas {
    let Size { width, height } = size;
    if width == 0 || height == 0 {
        return Areas::default();
    }
    let row = |y: u16, rows: u16| Rect { x: 0, y, width, height: rows };
    let hints = Some(row(height - 1, 1));
    let body = height - 1;
    if let Some(focus) = zoom {
        let head = 2.min(body);
        let rest = Some(row(head, body - head));
        let areas = Areas { head: Some(row(0, head)), hints, ..Areas::default() };
        return match focus {
            Focus::Ladder => Areas { ladder: rest, ..areas },
            Focus::Pane => Areas { pane: rest, ..areas },
        };
    }
    match screen {
        Screen::Causes => {
            let top = 2.min(body);
            Areas { header: Some(row(0, top)), list: Some(row(top, body - top)), hints, ..Areas::default() }
        }
        _ if is_card(size) && (screen == Screen::List || size.height < 6) => {
            Areas { card: Some(row(0, body)), hints, ..Areas::default() }
        }
        _ if is_wide(size) => wide(size, is_live),
        Screen::List if is_live => live(size),
        Screen::List if has_preview(size) => {
            let rows = (height - 4) / 2;
            let (answer, below) = (3 + rows, 3 + rows + 2);
            let ladder = Rect { x: 0, y: below, width: width - 44, height: body - below };
            let side = Rect { x: width - 43, y: below, width: 43, height: body - below };
            Areas {
                header: Some(row(0, 2)),
                list: Some(row(2, 1 + rows)),
                answer: Some(row(answer, 2)),
                ladder: Some(ladder),
                side: Some(side),
                rules: [Some((width - 44, below, body - below)), None],
                hints,
                ..Areas::default()
            }
        }
        Screen::List => {
            let answer = if height >= 16 { 3 } else { 2 };
            Areas {
                header: Some(row(0, 2)),
                list: Some(row(2, body - 2 - answer)),
                answer: Some(row(body - answer, answer)),
                hints,
                ..Areas::default()
            }
        }
        Screen::Session => session(size),
    }
}

/// The list of a running capture.
fn live(size: Size) -> Areas {
    let Size { width, height } = size;
    let row = |y: u16, rows: u16| Rect { x: 0, y, width, height: rows };
    let body = height - 1;
    let header = if height >= 20 { 3 } else { 2 };
    let answer = if height >= 16 { 3 } else { 2 };
    let foot = if width >= 72 && height >= 32 { FOOT } else { 0 };
    Areas {
        header: Some(row(0, header)),
        list: Some(row(header, body - header - answer - foot)),
        answer: Some(row(body - answer - foot, answer)),
        foot: (foot > 0).then(|| row(body - foot, foot)),
        hints: Some(row(body, 1)),
        ..Areas::default()
    }
}

fn session(size: Size) -> Areas {
    let Size { width, height } = size;
    let row = |y: u16, rows: u16| Rect { x: 0, y, width, height: rows };
    let body = height - 1;
    let areas = Areas { head: Some(row(0, 2)), hints: Some(row(height - 1, 1)), ..Areas::default() };
    let rest = body.saturating_sub(2);
    if width >= 120 && height >= 20 {
        let left = LADDER.max(width / 5 * 3).min(width - 46);
        let under = if height >= 36 { rest * 9 / 20 } else { 0 };
        let ladder = Rect { x: 0, y: 2, width: left, height: rest - under };
        let bytes = Rect { y: 2 + rest - under, height: under, ..ladder };
        let pane = Rect { x: left + 1, y: 2, width: width - left - 1, height: rest };
        let under = (under > 0).then_some(bytes);
        return Areas { ladder: Some(ladder), under, pane: Some(pane), rules: [Some((left, 2, rest)), None], ..areas };
    }
    if width < 60 || height < 20 {
        return Areas { ladder: Some(row(2, rest)), ..areas };
    }
    // What is beyond 24 rows goes to both alike.
    let pane = PANE + (height - 20).min(4) / 4 + height.saturating_sub(24) / 2;
    let ladder = rest - pane;
    Areas { ladder: Some(row(2, ladder)), pane: Some(row(2 + ladder, pane)), ..areas }
}

fn wide(size: Size, is_live: bool) -> Areas {
    let Size { width, height } = size;
    let body = height - 1;
    let rest = body - 2;
    let foot = match height {
        ..40 => 0,
        _ if is_live => FOOT,
        _ => DIGEST.min(height / 3),
    };
    let middle = width - LIST - SIDE - 2;
    let column = |x: u16, y: u16, width: u16, height: u16| Some(Rect { x, y, width, height });
    let ladder = (rest - 2) * 3 / 5;
    Areas {
        header: column(0, 0, width, 2),
        list: column(0, 2, LIST, rest - foot),
        foot: column(0, 2 + rest - foot, LIST, foot).filter(|_| foot > 0),
        head: column(LIST + 1, 2, middle, 2),
        ladder: column(LIST + 1, 4, middle, ladder),
        pane: column(LIST + 1, 4 + ladder, middle, rest - 2 - ladder),
        side: column(LIST + 2 + middle, 2, SIDE, rest),
        rules: [Some((LIST, 2, rest)), Some((LIST + 1 + middle, 2, rest))],
        hints: column(0, height - 1, width, 1),
        ..Areas::default()
    }
}

/// Rows of the list that fit.
#[must_use]
pub fn list_rows(model: &Model) -> usize {
    let list = areas(model).list;
    list.map_or(1, |list| usize::from(list.height).saturating_sub(1)).max(1)
}

/// Rungs of the ladder that fit.
#[must_use]
pub fn ladder_rows(model: &Model) -> usize {
    let areas = areas(model);
    let Some(ladder) = areas.ladder else { return 1 };
    let heading = usize::from(areas.answer.is_none()) + usize::from(usize::from(ladder.width) >= NARROW);
    usize::from(ladder.height).saturating_sub(heading).max(1)
}

/// Rows that a screenful is in the pane with the cursor.
#[must_use]
pub fn pane_rows(model: &Model) -> usize {
    areas(model).pane.map_or(8, |pane| usize::from(pane.height).saturating_sub(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_lies_on_another_or_outside_at_any_size() {
        for width in 1..=250 {
            for height in 1..=70 {
                for screen in [Screen::List, Screen::Session, Screen::Causes] {
                    for zoom in [None, Some(Focus::Ladder), Some(Focus::Pane)] {
                        for is_live in [false, true] {
                            let size = Size { width, height };
                            check(size, arranged(size, screen, zoom, is_live));
                        }
                    }
                }
            }
        }
    }

    fn check(size: Size, areas: Areas) {
        let Areas { card, header, list, answer, foot, head, ladder, pane, under, side, hints, .. } = areas;
        let parts: Vec<Rect> =
            [card, header, list, answer, foot, head, ladder, pane, under, side, hints].into_iter().flatten().collect();
        let whole = Rect { x: 0, y: 0, width: size.width, height: size.height };
        for (index, part) in parts.iter().enumerate() {
            assert_eq!(part.intersection(whole), *part, "{size:?} {areas:?}");
            assert!(parts[..index].iter().all(|other| !other.intersects(*part)), "{size:?} {areas:?}");
        }
    }
}
