//! What keys do in an overlay, and what opens one.

use crossterm::event::{KeyCode, KeyEvent};
use tui_input::InputRequest;

use super::list::sort;
use super::{Effect, act, line, take};
use crate::frame::FrameNumber;
use crate::session::Session;
use crate::tui::live::Live;
use crate::tui::model::{Model, Screen};
use crate::tui::overlay::{Choice, Form, Help, Menu, Outcome, Overlay, Page, Taken};
use crate::wire::catalogue::Fact;
use crate::wire::x224::{Answer, ConnectionConfirm};

/// Columns of a page's text.
const PAGE: usize = 80;

/// A key in the overlay.
pub(super) fn key(model: &mut Model, event: &KeyEvent) -> Vec<Effect> {
    match model.overlay.take() {
        Some(Overlay::Help(help)) => in_help(model, help, event),
        Some(Overlay::Line(line)) => line::key(model, line, event),
        Some(Overlay::Menu(menu)) => in_menu(model, menu, event),
        Some(Overlay::Page(page)) => in_page(model, page, event),
        None => Vec::new(),
    }
}

/// Pasted text goes into the line that is being typed.
pub(super) fn paste(model: &mut Model, text: &str) {
    let insert = |input: &mut tui_input::Input| {
        for c in text.chars().filter(|c| !c.is_control()) {
            input.handle(InputRequest::InsertChar(c));
        }
    };
    match model.overlay.take() {
        Some(Overlay::Line(mut typed)) => {
            insert(&mut typed.input);
            line::typed(model, typed);
        }
        Some(Overlay::Help(mut help)) => {
            insert(&mut help.input);
            help.cursor = 0;
            model.overlay = Some(Overlay::Help(help));
        }
        other => model.overlay = other,
    }
}

fn in_help(model: &mut Model, mut help: Help, event: &KeyEvent) -> Vec<Effect> {
    let last = help.rows().len().saturating_sub(1);
    match event.code {
        KeyCode::Esc => return Vec::new(),
        KeyCode::Enter => return help.chosen().map_or_else(Vec::new, |action| act(model, action)),
        KeyCode::Up => help.cursor = help.cursor.saturating_sub(1),
        KeyCode::Down => help.cursor = (help.cursor + 1).min(last),
        KeyCode::PageUp => help.cursor = help.cursor.saturating_sub(10),
        KeyCode::PageDown => help.cursor = (help.cursor + 10).min(last),
        _ => {
            if let Some(request) = line::edit(event) {
                help.input.handle(request);
                help.cursor = 0;
            }
        }
    }
    model.overlay = Some(Overlay::Help(help));
    Vec::new()
}

fn in_page(model: &mut Model, mut page: Page, event: &KeyEvent) -> Vec<Effect> {
    let room = usize::from(model.size.height).saturating_sub(2).max(1);
    let most = page.lines.len().saturating_sub(room);
    if page.is_typing {
        match event.code {
            KeyCode::Enter => {
                page.is_typing = false;
                if !page.find(true, true) {
                    model.message = Some(format!("{} is not there", page.find.value()));
                }
            }
            KeyCode::Esc => page.is_typing = false,
            _ => {
                if let Some(request) = line::edit(event) {
                    page.find.handle(request);
                }
            }
        }
        model.overlay = Some(Overlay::Page(page));
        return Vec::new();
    }
    if let KeyCode::Char(letter @ ('/' | 'n' | 'N')) = event.code {
        if letter == '/' {
            page.is_typing = true;
            page.find = Default::default();
        } else if !page.find(letter == 'n', false) {
            model.message = Some("nothing is found; / begins".into());
        }
        model.overlay = Some(Overlay::Page(page));
        return Vec::new();
    }
    let top = match event.code {
        KeyCode::Up | KeyCode::Char('k') => page.top.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => page.top + 1,
        KeyCode::PageUp => page.top.saturating_sub(room),
        KeyCode::PageDown | KeyCode::Char(' ') => page.top + room,
        KeyCode::Home | KeyCode::Char('g') => 0,
        KeyCode::End | KeyCode::Char('G') => most,
        KeyCode::Esc | KeyCode::Char('q') | KeyCode::Enter | KeyCode::Left => return Vec::new(),
        _ => page.top,
    };
    page.top = top.min(most);
    model.overlay = Some(Overlay::Page(page));
    Vec::new()
}

fn in_menu(model: &mut Model, mut menu: Menu, event: &KeyEvent) -> Vec<Effect> {
    let KeyCode::Char(letter) = event.code else {
        // Any other key leaves it.
        return Vec::new();
    };
    let Some(choice) = menu.choices.iter().find(|choice| choice.letter == letter).cloned() else {
        if letter != 'q' {
            model.overlay = Some(Overlay::Menu(menu));
        }
        return Vec::new();
    };
    match choice.result {
        Outcome::Negate => {
            menu.negated = !menu.negated;
            model.overlay = Some(Overlay::Menu(menu));
        }
        Outcome::Keep(filter) => {
            let filter = if menu.negated { format!("not {filter}") } else { filter };
            let both = match &model.list.filter {
                Some((before, _)) if before.contains(" or ") => format!("({before}) {filter}"),
                Some((before, _)) => format!("{before} {filter}"),
                None => filter,
            };
            line::keep(model, &both);
        }
        Outcome::Sort(column) => sort(model, column),
        Outcome::Copy(taken) => return take::copy(model, taken).into_iter().collect(),
        Outcome::Write(form) => line::begin_file(model, form),
        Outcome::Leave => return vec![Effect::Quit],
    }
    Vec::new()
}

/// Leaves; where that would lose packets, asks first.
pub(super) fn leave(model: &mut Model) -> Vec<Effect> {
    // Packets among which there was no session are no loss.
    let has_any = !model.cases.is_empty() || !model.gone.is_empty();
    let Some(bytes) = model.live.as_ref().filter(|_| has_any).and_then(Live::unsaved) else {
        return vec![Effect::Quit];
    };
    let choice = |letter, label: &str, result| Choice { letter, label: label.into(), result };
    let choices = vec![
        choice('w', "stop, and write them to a file", Outcome::Write(Form::Capture)),
        choice('q', "stop, and let them go", Outcome::Leave),
    ];
    let title = format!("stop? {} of packets are not saved", crate::report::time::bytes(bytes));
    model.overlay = Some(Overlay::Menu(Menu { title: title.into(), choices, negated: false }));
    Vec::new()
}

/// `y`.
pub(super) fn copy(model: &mut Model) {
    let choice = |letter, label: &str, taken| Choice { letter, label: label.into(), result: Outcome::Copy(taken) };
    let choices = vec![
        choice('l', "this line", Taken::Line),
        choice('v', "verdict", Taken::Verdict),
        choice('w', "Wireshark filter", Taken::WiresharkFilter),
        choice('o', "Wireshark command", Taken::WiresharkCommand),
        choice('f', "frame number", Taken::Frame),
        choice('t', "ladder as text", Taken::Ladder),
        choice('j', "JSON", Taken::Json),
        choice('x', "bytes of the packet (hexadecimal)", Taken::Bytes),
        choice('c', "certificate (PEM)", Taken::Certificate),
        choice('a', "all: the report", Taken::Report),
    ];
    model.overlay = Some(Overlay::Menu(Menu { title: "copy".into(), choices, negated: false }));
}

/// `w`.
pub(super) fn write(model: &mut Model) {
    let whose = match model.list.marked.len() {
        0 => "this session".to_owned(),
        1 => "the marked session".to_owned(),
        many => format!("{many} marked sessions"),
    };
    let choice = |letter, label: String, form| Choice { letter, label, result: Outcome::Write(form) };
    let choices = vec![
        choice('p', format!("packets of {whose} (pcapng), with the ICMP about them"), Form::Packets),
        choice('r', format!("report of {whose}"), Form::Report),
        choice('j', format!("JSON of {whose}"), Form::Json),
        choice('l', "ladder of this session, as text".into(), Form::Ladder),
        choice('c', "certificate of this session (PEM)".into(), Form::Certificate),
    ];
    model.overlay = Some(Overlay::Menu(Menu { title: "write".into(), choices, negated: false }));
}

/// `e`: what the code in the packet under the cursor means, and the cause.
pub(super) fn explain(model: &mut Model) {
    let Some(case) = model.subject() else { return };
    let frame = model.frame().filter(|_| model.screen == Screen::Session);
    let code = frame.and_then(|frame| code(&case.session, frame));
    let words: Vec<String> = code.into_iter().chain(case.verdict.cause.map(str::to_owned)).collect();
    let room = usize::from(model.size.width).saturating_sub(4).clamp(16, PAGE);
    let pages = words.iter().map(|word| (model.explain)(word, room)).filter(|page| !page.is_empty());
    let text = pages.collect::<Vec<_>>().join("\n");
    if text.is_empty() {
        let what =
            words.first().map_or("there is nothing to explain: all went well", |_| "nothing more is known of it");
        model.message = Some(what.into());
        return;
    }
    let lines: Vec<String> = text.lines().flat_map(|line| folded(line, room)).collect();
    let title = format!("explain {}", words.join(" "));
    model.overlay = Some(Overlay::Page(Page { title, lines, top: 0, find: Default::default(), is_typing: false }));
}

/// The code that `frame` carries, as `explain` knows it.
fn code(session: &Session, frame: FrameNumber) -> Option<String> {
    let mut facts = session.timeline.facts().filter(|(event, _)| event.frame == frame);
    facts.find_map(|(_, fact)| match fact {
        Fact::Alert(alert) => Some(format!("alert:{}", alert.description)),
        Fact::ConnectionConfirm(ConnectionConfirm { answer: Answer::Failure(code), .. }) => {
            Some(format!("neg:{}", code.0))
        }
        _ => None,
    })
}

/// A line in lines of at most `room` columns that keep its indentation.
fn folded(line: &str, room: usize) -> Vec<String> {
    let text = line.trim_start();
    let indent = " ".repeat((line.len() - text.len()).min(room / 2));
    if line.chars().count() <= room {
        return vec![line.to_owned()];
    }
    let wrapped = crate::report::pen::wrap(text, room.saturating_sub(indent.len()));
    wrapped.into_iter().map(|part| format!("{indent}{part}")).collect()
}
