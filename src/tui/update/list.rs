//! What keys do in the list and in the table of causes.

use super::line::keep;
use crate::diagnose::verdict::Outcome as Fate;
use crate::tui::action::Action;
use crate::tui::facts;
use crate::tui::layout;
use crate::tui::list::{Column, Entry};
use crate::tui::model::{Model, Screen};
use crate::tui::overlay::{Choice, Menu, Outcome, Overlay};
use crate::tui::summary;

/// Does `action` in the list.
pub(super) fn act(model: &mut Model, action: Action) {
    if let Some(there) = moved(action, model.list.cursor, model.list.order.len(), layout::list_rows(model)) {
        model.follows = false;
        model.list.cursor = there;
        return;
    }
    match action {
        Action::Open | Action::Right => open(model),
        // Of a running capture the last death is news, the first one history.
        Action::Death if model.live.is_some() => {
            go_to(model, usize::MAX, false, |fate| fate == Fate::Died, "no session died so far");
        }
        Action::Death => go_to(model, 0, true, |fate| fate == Fate::Died, "no session died"),
        Action::TroubleAfter => {
            let from = model.list.cursor + 1;
            go_to(model, from, true, is_trouble, "no more trouble below");
        }
        Action::TroubleBefore => {
            let to = model.list.cursor;
            go_to(model, to, false, is_trouble, "no trouble above");
        }
        Action::Mark => mark(model),
        Action::MarkOthers => mark_others(model),
        Action::Unfold => unfold(model),
        Action::UnfoldAll => {
            model.list.unfolded_all = !model.list.unfolded_all;
            let before = model.list.order.len();
            model.list.arrange(&model.cases);
            if model.list.order.len() == before {
                model.message = Some("nothing is folded here".into());
            }
        }
        Action::Reverse => {
            model.list.reversed = !model.list.reversed;
            model.list.arrange(&model.cases);
        }
        Action::SortAfter => sort_beside(model, 1),
        Action::SortBefore => sort_beside(model, -1),
        Action::Sort => {
            let choice = |(letter, name, column): &(char, &str, Column)| Choice {
                letter: *letter,
                label: (*name).to_owned(),
                result: Outcome::Sort(*column),
            };
            let choices = Column::ALL.iter().map(choice).collect();
            model.overlay = Some(Overlay::Menu(Menu { title: "sort by".into(), choices, negated: false }));
        }
        Action::Quick => quick(model),
        Action::Causes => {
            let selected = model.subject().map(|case| (case.verdict.outcome, case.verdict.cause));
            let rows = summary::causes(model);
            let same = rows.iter().position(|row| selected == Some((row.outcome, Some(row.cause))));
            model.cause = same.unwrap_or(0);
            model.screen = Screen::Causes;
        }
        Action::Follow => follow(model),
        _ => {}
    }
}

/// Does `action` in the table of causes.
pub(super) fn act_on_causes(model: &mut Model, action: Action) {
    let rows = summary::causes(model);
    if let Some(there) = moved(action, model.cause, rows.len(), layout::list_rows(model)) {
        model.cause = there;
        return;
    }
    if let (Action::Open | Action::Right, Some(row)) = (action, rows.get(model.cause)) {
        let text = format!("{} cause:{}", row.outcome.word(), row.cause);
        let first = row.first;
        model.screen = Screen::List;
        keep(model, &text);
        model.list.arrange_at(&model.cases, Some(first));
    }
}

/// Where `action` moves a cursor, if it does.
pub(super) fn moved(action: Action, cursor: usize, count: usize, page: usize) -> Option<usize> {
    let last = count.saturating_sub(1);
    let step = page.saturating_sub(1).max(1);
    Some(match action {
        Action::Up => cursor.saturating_sub(1),
        Action::Down => (cursor + 1).min(last),
        Action::PageUp => cursor.saturating_sub(step),
        Action::PageDown => (cursor + step).min(last),
        Action::HalfUp => cursor.saturating_sub(step.div_ceil(2)),
        Action::HalfDown => (cursor + step.div_ceil(2)).min(last),
        Action::First => 0,
        Action::Last => last,
        _ => return None,
    })
}

fn open(model: &mut Model) {
    match model.list.order.get(model.list.cursor) {
        Some(Entry::Case(place)) => model.open(*place),
        Some(Entry::Scans(_)) => unfold(model),
        None => {}
    }
}

const fn is_trouble(fate: Fate) -> bool {
    matches!(fate, Fate::Died | Fate::Warn | Fate::Unsure)
}

/// To the next row from `from` on (or the last before it) whose session fared so.
fn go_to(model: &mut Model, from: usize, forward: bool, wanted: fn(Fate) -> bool, nothing: &str) {
    let order = &model.list.order;
    let fits = |index: &usize| {
        let case = model.cases.get(order[*index].index());
        case.is_some_and(|case| wanted(case.verdict.outcome))
    };
    let found = if forward { (from..order.len()).find(fits) } else { (0..from.min(order.len())).rev().find(fits) };
    match found {
        Some(row) => {
            model.list.cursor = row;
            model.follows = false;
        }
        None => model.message = Some(nothing.into()),
    }
}

fn mark(model: &mut Model) {
    let Some(case) = model.subject() else { return };
    let number = case.session.id.0;
    if !model.list.marked.remove(&number) {
        model.list.marked.insert(number);
    }
    model.list.cursor += 1;
}

fn mark_others(model: &mut Model) {
    let all = model.list.order.iter().filter_map(|entry| match entry {
        Entry::Case(place) => model.cases.get(*place).map(|case| case.session.id.0),
        Entry::Scans(_) => None,
    });
    model.list.marked = all.filter(|number| !model.list.marked.contains(number)).collect();
    model.message = Some(format!("{} marked", model.list.marked.len()));
}

/// Lists the scans of the selected kind one by one, or folds them again.
fn unfold(model: &mut Model) {
    let Some(case) = model.subject().filter(|case| case.verdict.outcome == Fate::Scan) else {
        model.message = Some("only scans are folded here".into());
        return;
    };
    let kind = case.verdict.cause.unwrap_or("scan");
    if !model.list.unfolded.remove(kind) {
        model.list.unfolded.insert(kind);
    }
    model.list.arrange(&model.cases);
}

fn sort_beside(model: &mut Model, steps: isize) {
    let at = Column::ALL.iter().position(|(_, _, column)| *column == model.list.sort).unwrap_or(0);
    let count = Column::ALL.len();
    let next = (at + count).saturating_add_signed(steps) % count;
    sort(model, Column::ALL[next].2);
}

/// Sorts by `column`; the cursor stays on its session.
pub(super) fn sort(model: &mut Model, column: Column) {
    model.follows = false;
    model.list.sort = column;
    model.list.reversed = false;
    model.list.arrange(&model.cases);
    model.message = Some(format!("sorted by {}", column.name()));
}

/// Filters made of what stands under the cursor.
fn quick(model: &mut Model) {
    let Some(case) = model.subject() else { return };
    let session = &case.session;
    let mut choices = Vec::new();
    let mut add = |letter: char, label: String, filter: String| {
        choices.push(Choice { letter, label, result: Outcome::Keep(filter) });
    };
    add('c', format!("client {}", session.client.ip), format!("client:{}", session.client.ip));
    add('s', format!("server {}", session.server.ip), format!("server:{}", session.server.ip));
    if let Some(user) = facts::user(case) {
        add('u', format!("user {user}"), format!("user:\"{}\"", user.replace('"', "*")));
    }
    if let Some(cause) = case.verdict.cause {
        add('w', format!("same cause: {cause}"), format!("cause:{cause}"));
    }
    let word = case.verdict.outcome.word();
    add('o', format!("same outcome: {word}"), word.into());
    choices.push(Choice { letter: 'n', label: "not this: then one of these".into(), result: Outcome::Negate });
    model.overlay = Some(Overlay::Menu(Menu { title: "keep only".into(), choices, negated: false }));
}

/// Stays with the newest session while they arrive, or not any more.
fn follow(model: &mut Model) {
    if !model.is_reading() {
        model.message = Some("everything was read; nothing will arrive any more".into());
        return;
    }
    model.follows = !model.follows;
    if model.follows {
        model.list.is_stale = true;
    }
}
