//! The whole screen: who is drawn where. A pure function of the model; the same model always gives the same cells.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;

use super::layout::{self, Areas};
use super::model::{Model, Screen};
use super::opened::Focus;
use super::paint::Brush;
use super::panes::{self, PANES};

/// Draws `model` into `buffer`; answers where the terminal's cursor belongs: on the selected row, or where one types.
pub fn draw(model: &Model, buffer: &mut Buffer) -> Option<Position> {
    let areas = layout::areas(model);
    buffer.set_style(*buffer.area(), model.look.theme.base());
    beneath(model, &areas, buffer);
    let whole = Rect { x: 0, y: 0, width: model.size.width, height: model.size.height }.intersection(*buffer.area());
    if whole.is_empty() {
        return None;
    }
    let over = panes::over::draw(model, whole, buffer).map(|(x, y)| Position { x, y });
    let position = over.or_else(|| in_pane(model, &areas, buffer)).or_else(|| selected(model, &areas))?;
    whole.contains(position).then_some(position)
}

fn beneath(model: &Model, areas: &Areas, buffer: &mut Buffer) {
    if let Some(area) = areas.card {
        panes::card::draw(model, area, buffer);
    }
    if let Some(area) = areas.header {
        panes::header::draw(model, area, buffer);
    }
    if let Some(area) = areas.list {
        match model.screen {
            Screen::Causes => panes::causes::draw(model, area, buffer),
            Screen::List | Screen::Session => panes::list::draw(model, area, buffer),
        }
    }
    match (areas.foot, &model.live) {
        (Some(area), Some(live)) => panes::live::foot(model, live, area, buffer),
        (Some(area), None) => panes::digest::draw(model, area, buffer),
        (None, _) => {}
    }
    if let Some(area) = areas.answer {
        panes::answer::draw(model, area, buffer);
    }
    if let Some(area) = areas.head {
        panes::head::draw(model, area, buffer);
    }
    if let Some(area) = areas.ladder {
        panes::ladder::draw(model, area, buffer);
    }
    if let Some(area) = areas.pane {
        panes::tabs::draw(&PANES, model, area, buffer);
    }
    if let Some(area) = areas.under {
        panes::under::draw(model, area, buffer);
    }
    if let Some(area) = areas.side {
        panes::why::draw_aside(model, area, buffer);
    }
    for (x, y, height) in areas.rules.iter().flatten() {
        let area = Rect { x: *x, y: *y, width: 1, height: *height };
        Brush::new(&model.look, area, buffer).divide(0, 0);
    }
    if let Some(area) = areas.hints {
        panes::hints::draw(model, area, buffer);
    }
}

/// What is selected in the pane that has the cursor: the first thing in it that is reversed.
fn in_pane(model: &Model, areas: &Areas, buffer: &Buffer) -> Option<Position> {
    let view = model.opened.as_ref().filter(|_| model.screen == Screen::Session)?;
    let area = areas.pane.filter(|_| view.focus == Focus::Pane)?.intersection(*buffer.area());
    // Its first row are the tabs.
    let cells = (area.y + 1..area.bottom()).flat_map(|y| (area.x..area.right()).map(move |x| Position { x, y }));
    cells.into_iter().find(|at| buffer[*at].modifier.contains(Modifier::REVERSED))
}

/// The start of the selected row, for those who do not see reverse video.
fn selected(model: &Model, areas: &Areas) -> Option<Position> {
    match (model.screen, &model.opened) {
        (Screen::Session, Some(view)) => {
            let ladder = areas.ladder?;
            let row =
                view.cursor.saturating_sub(view.top) + 1 + usize::from(usize::from(ladder.width) >= layout::NARROW);
            Some(Position { x: ladder.x, y: ladder.y + row as u16 })
        }
        _ => {
            let list = areas.list.filter(|_| model.screen == Screen::List)?;
            Some(Position { x: list.x, y: list.y + 1 + (model.list.cursor - model.list.top) as u16 })
        }
    }
}
