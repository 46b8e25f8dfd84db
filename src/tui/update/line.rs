//! A line being typed: the filter, which narrows while one types; commands; a frame's number; a file's name.

use std::path::PathBuf;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::{Input, InputRequest};

use super::{Effect, act, find, take};
use crate::diagnose::Case;
use crate::frame::FrameNumber;
use crate::report::text::block::pointed_frame;
use crate::report::{Filter, time};
use crate::tui::action::Action;
use crate::tui::feed::{Progress, Request, Span};
use crate::tui::model::{Model, Reading, Screen};
use crate::tui::overlay::{Form, Line, Overlay, Purpose};
use crate::tui::theme::Theme;

/// Filters remembered.
const HISTORY: usize = 50;

fn begin(model: &mut Model, purpose: Purpose, text: String) {
    let before = model.list.filter.clone();
    let input = Input::new(text);
    model.overlay = Some(Overlay::Line(Line { purpose, input, past: 0, error: None, before, offered: Vec::new() }));
}

/// `/`: begins with the filter in force.
pub(super) fn begin_filter(model: &mut Model) {
    let text = model.list.filter.as_ref().map(|(text, _)| text.clone()).unwrap_or_default();
    model.screen = Screen::List;
    begin(model, Purpose::Filter, text);
}

pub(super) fn begin_find(model: &mut Model) {
    begin(model, Purpose::Find, String::new());
}

pub(super) fn begin_command(model: &mut Model) {
    begin(model, Purpose::Command, String::new());
}

pub(super) fn begin_frame(model: &mut Model) {
    begin(model, Purpose::Frame, String::new());
}

/// A file's name for what is to be written; begins with a proposal. Of one session it has the number, for nothing is
/// written over, and who keeps one session after the other is not to think of names.
pub(super) fn begin_file(model: &mut Model, form: Form) {
    let stem = match take::chosen(model).as_slice() {
        [one] => format!("session-{}", one.session.id.0),
        _ => "sessions".to_owned(),
    };
    let name = match form {
        Form::Report => format!("{stem}.txt"),
        Form::Json => format!("{stem}.jsonl"),
        Form::Ladder => format!("{stem}-ladder.txt"),
        Form::Certificate => format!("{stem}.pem"),
        Form::Packets => format!("{stem}.pcapng"),
        Form::Capture => {
            let now = model.live.as_ref().map(|live| live.pulse.now).unwrap_or_default();
            return begin(model, Purpose::File(form), format!("rdp-{}.pcapng", time::stamp(now, &model.look.zone)));
        }
    };
    begin(model, Purpose::File(form), name);
}

/// What an editing key asks of a line.
pub(super) fn edit(event: &KeyEvent) -> Option<InputRequest> {
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    Some(match event.code {
        KeyCode::Char('u') if ctrl => InputRequest::DeleteLine,
        KeyCode::Char('w') if ctrl => InputRequest::DeletePrevWord,
        KeyCode::Char('k') if ctrl => InputRequest::DeleteTillEnd,
        KeyCode::Char('a') if ctrl => InputRequest::GoToStart,
        KeyCode::Char('e') if ctrl => InputRequest::GoToEnd,
        KeyCode::Char(c) if !ctrl && !c.is_control() => InputRequest::InsertChar(c),
        KeyCode::Backspace => InputRequest::DeletePrevChar,
        KeyCode::Delete => InputRequest::DeleteNextChar,
        KeyCode::Left => InputRequest::GoToPrevChar,
        KeyCode::Right => InputRequest::GoToNextChar,
        KeyCode::Home => InputRequest::GoToStart,
        KeyCode::End => InputRequest::GoToEnd,
        _ => return None,
    })
}

/// A key in a line.
pub(super) fn key(model: &mut Model, mut line: Line, event: &KeyEvent) -> Vec<Effect> {
    match event.code {
        KeyCode::Esc => {
            if line.purpose == Purpose::Filter {
                model.list.filter = line.before;
                model.list.is_stale = true;
            }
            return Vec::new();
        }
        KeyCode::Enter => return enter(model, line),
        KeyCode::Tab => complete(model, &mut line),
        KeyCode::Up | KeyCode::Down if line.purpose == Purpose::Filter => recall(model, &mut line, event.code),
        _ => {
            line.offered.clear();
            if let Some(request) = edit(event) {
                line.input.handle(request);
            }
        }
    }
    typed(model, line);
    Vec::new()
}

/// After a change: a filter is tried at once.
pub(super) fn typed(model: &mut Model, mut line: Line) {
    if line.purpose == Purpose::Filter {
        line.error = narrow(model, line.input.value()).err();
    }
    model.overlay = Some(Overlay::Line(line));
}

/// `↑` older, `↓` newer filters.
fn recall(model: &Model, line: &mut Line, code: KeyCode) {
    let past = if code == KeyCode::Up { line.past + 1 } else { line.past.saturating_sub(1) };
    if past > model.history.len() {
        return;
    }
    line.past = past;
    let text = if past == 0 { String::new() } else { model.history[model.history.len() - past].clone() };
    line.input = Input::new(text);
}

/// Filters the list by `text`; of a text that makes no sense only what stands before the word in question.
fn narrow(model: &mut Model, text: &str) -> Result<(), (usize, usize, String)> {
    let text = text.trim_end();
    let filter = if text.is_empty() {
        None
    } else {
        match Filter::parse(text, &model.look.zone) {
            Ok(filter) => Some((text.to_owned(), filter)),
            Err(error) => {
                keep_head(model, text, error.column);
                let help = error.help.map(|help| format!("; {help}")).unwrap_or_default();
                return Err((error.column, error.length, format!("{}{help}", error.what)));
            }
        }
    };
    model.list.filter = filter;
    model.list.is_stale = true;
    Ok(())
}

/// A word that makes no sense yet must not take the rows away that the words before it left.
fn keep_head(model: &mut Model, text: &str, column: usize) {
    let head: String = text.chars().take(column.saturating_sub(1)).collect();
    let mut head = head.trim_end();
    while let Some(rest) = ["and", "or", "not", "-", "(", "!"].iter().find_map(|word| head.strip_suffix(word)) {
        head = rest.trim_end();
    }
    if let Ok(filter) = Filter::parse(head, &model.look.zone) {
        model.list.filter = (!head.is_empty()).then(|| (head.to_owned(), filter));
        model.list.is_stale = true;
    }
}

/// Filters the list by `text`, which the program made itself, and remembers it.
pub(super) fn keep(model: &mut Model, text: &str) {
    match narrow(model, text) {
        Ok(()) => remember(model, text),
        Err((_, _, why)) => model.message = Some(why),
    }
}

fn remember(model: &mut Model, text: &str) {
    let text = text.trim();
    if text.is_empty() || model.history.last().is_some_and(|last| last == text) {
        return;
    }
    model.history.push(text.to_owned());
    if model.history.len() > HISTORY {
        model.history.remove(0);
    }
}

fn enter(model: &mut Model, mut line: Line) -> Vec<Effect> {
    let text = line.input.value().trim().to_owned();
    match line.purpose {
        Purpose::Filter => {
            line.error = narrow(model, &text).err();
            if line.error.is_some() {
                model.overlay = Some(Overlay::Line(line));
            } else {
                remember(model, &text);
            }
            Vec::new()
        }
        Purpose::Find => {
            find::begin(model, &text);
            Vec::new()
        }
        Purpose::Frame => {
            go_to_frame(model, &text);
            Vec::new()
        }
        Purpose::File(form) => write(model, form, &text),
        Purpose::Command => command(model, &text),
    }
}

fn write(model: &mut Model, form: Form, path: &str) -> Vec<Effect> {
    if path.is_empty() {
        model.message = Some("nothing was written: no file was named".into());
        return Vec::new();
    }
    if form == Form::Packets {
        return carve(model, PathBuf::from(path)).map(Effect::Ask).into_iter().collect();
    }
    if form == Form::Capture {
        return vec![Effect::Ask(Request::Save(PathBuf::from(path)))];
    }
    let Some(text) = take::text(model, form) else {
        model.message = Some(take::NO_CERTIFICATE.into());
        return Vec::new();
    };
    vec![Effect::Ask(Request::Write { path: PathBuf::from(path), text })]
}

/// The packets of the marked sessions, or of the one under the cursor, into `path`.
fn carve(model: &mut Model, path: PathBuf) -> Option<Request> {
    let cases = take::chosen(model);
    let is_kept = |case: &&std::sync::Arc<crate::diagnose::Case>| model.is_kept(&case.session);
    let spans: Vec<Span> = cases
        .iter()
        .filter(is_kept)
        .map(|case| {
            let session = &case.session;
            let (first, last) = (session.first.frame, session.last.frame);
            Span { ends: (session.client, session.server), extent: (first.min(last), first.max(last)) }
        })
        .collect();
    if spans.is_empty() || !model.has_packets() {
        let why = if cases.is_empty() { "there is no session" } else { "the packets are in no file (yet)" };
        model.message = Some(format!("nothing was written: {why}"));
        return None;
    }
    let holds = |file: u16| spans.iter().any(|span| (span.extent.0.file()..=span.extent.1.file()).contains(&file));
    let inputs = (0u16..).zip(&model.inputs);
    let files = inputs.filter(|(file, _)| holds(*file)).map(|(file, input)| (file, input.path.clone())).collect();
    Some(Request::Carve { path, files, spans })
}

/// Reads the files once more: they may have grown.
fn again(model: &mut Model) -> Vec<Effect> {
    let why_not = match () {
        () if model.live.is_some() => Some("a running capture is not read again; F follows it"),
        () if model.is_reading() => Some("it is being read"),
        () if model.again.is_none() => Some("standard input cannot be read again"),
        () => None,
    };
    if let Some(why_not) = why_not {
        model.message = Some(why_not.into());
        return Vec::new();
    }
    model.is_touched = true;
    model.reading = Reading::On(Progress::default());
    vec![Effect::Ask(Request::Again)]
}

/// What `:` knows.
const COMMANDS: [&str; 9] = ["e", "filter ", "help", "q", "set ascii", "set noascii", "set theme=", "write ", "#"];

/// Completes what was typed as far as that is certain, and offers the rest.
fn complete(model: &Model, line: &mut Line) {
    let text = line.input.value().to_owned();
    let themes = || Theme::ALL.iter().map(|(name, _)| format!("set theme={name}"));
    let all: Vec<String> = match (line.purpose, text.strip_prefix("write ")) {
        (Purpose::File(_), _) => (model.complete)(&text),
        (Purpose::Command, Some(name)) => {
            (model.complete)(name).into_iter().map(|name| format!("write {name}")).collect()
        }
        (Purpose::Command, None) if text.starts_with("set theme=") => themes().collect(),
        (Purpose::Command, None) => COMMANDS.iter().map(|command| (*command).to_owned()).collect(),
        _ => return,
    };
    let fits: Vec<String> = all.into_iter().filter(|one| one.starts_with(&text)).collect();
    let Some(first) = fits.first() else {
        line.offered = vec!["nothing begins so".into()];
        return;
    };
    let shared = fits.iter().fold(first.as_str(), |shared, one| {
        let same = shared.char_indices().zip(one.chars()).take_while(|((_, a), b)| a == b).last();
        &shared[..same.map_or(0, |((at, c), _)| at + c.len_utf8())]
    });
    line.input = Input::new(shared.to_owned());
    line.offered = if fits.len() > 1 { fits } else { Vec::new() };
}

/// `:118`, `:#14`, `:filter died`, `:write report.txt`, `:set theme=mono`, `:q`.
fn command(model: &mut Model, text: &str) -> Vec<Effect> {
    let (word, rest) = text.split_once(' ').map_or((text, ""), |(word, rest)| (word, rest.trim()));
    match word {
        "" => {}
        "q" | "quit" => return act(model, Action::Quit),
        "help" => return act(model, Action::Help),
        "e" | "edit" | "reload" => return again(model),
        "filter" => {
            model.screen = Screen::List;
            keep(model, rest);
        }
        "write" if !rest.is_empty() => {
            let form = match rest.rsplit_once('.').map(|(_, ending)| ending) {
                Some("json" | "jsonl" | "ndjson") => Form::Json,
                Some("pem" | "crt") => Form::Certificate,
                Some("pcapng" | "pcap" | "cap") => Form::Packets,
                _ => Form::Report,
            };
            return write(model, form, rest);
        }
        "write" => return act(model, Action::Write),
        "set" => set(model, rest),
        _ if word.starts_with('#') => go_to_session(model, &word[1..]),
        _ if word.starts_with(|c: char| c.is_ascii_digit()) => go_to_frame(model, word),
        _ => {
            model.message =
                Some(format!("no command {word}; there are e, filter, help, write, set, q, a frame, #session"))
        }
    }
    Vec::new()
}

/// `theme=mono`, `ascii`, `noascii`.
fn set(model: &mut Model, text: &str) {
    match text.split_once('=').map_or((text, ""), |(name, value)| (name.trim(), value.trim())) {
        ("theme", name) => match Theme::named(name) {
            Some(theme) => model.look.theme = theme,
            None => {
                let known: Vec<&str> = Theme::ALL.iter().map(|(name, _)| *name).collect();
                model.message = Some(format!("themes: {}", known.join(", ")));
            }
        },
        ("ascii", "") => model.look.ascii = true,
        ("noascii", "") => model.look.ascii = false,
        _ => model.message = Some("set what? theme=auto, ascii, noascii".into()),
    }
}

fn go_to_session(model: &mut Model, text: &str) {
    let number = text.parse::<u32>().ok();
    let place = number.and_then(|number| model.places.get(&crate::session::SessionId(number)).copied());
    match place {
        Some(place) => {
            if let Some(row) = model.list.place_of(&model.cases, place) {
                model.list.cursor = row;
            }
            model.open(place);
        }
        None => model.message = Some(format!("there is no session #{text}")),
    }
}

/// The frames of that number in the files of a session; in that of its death first.
fn called(case: &Case, number: u64) -> impl Iterator<Item = FrameNumber> {
    let session = &case.session;
    let files = session.first.frame.file()..=session.last.frame.file();
    std::iter::once(pointed_frame(case).file()).chain(files).map(move |file| FrameNumber::new(file, number))
}

/// The one of them that the session has something to say of.
fn told(case: &Case, number: u64) -> Option<FrameNumber> {
    called(case, number).find(|frame| case.session.timeline.iter().any(|event| event.frame == *frame))
}

/// To a frame: in the open session, or in whichever session holds it.
fn go_to_frame(model: &mut Model, text: &str) {
    let Ok(number) = text.parse::<u64>() else {
        model.message = Some(format!("{text} is no frame number"));
        return;
    };
    if let Some(view) = model.opened.as_mut().filter(|_| model.screen == Screen::Session) {
        let (first, last) = (view.case.session.first.frame, view.case.session.last.frame);
        let mut within = called(&view.case, number).filter(|frame| (first..=last).contains(frame));
        if let Some(frame) = told(&view.case, number).or_else(|| within.next()) {
            drop(within);
            view.jump(frame);
            if view.frame() != Some(frame) {
                model.message = Some(format!("frame {number} says nothing of its own; this is the one before"));
            }
            return;
        }
    }
    let found = model.cases.iter().enumerate().find_map(|(place, case)| Some((place, told(case, number)?)));
    match found {
        Some((place, frame)) => {
            model.open(place);
            if let Some(view) = &mut model.opened {
                view.jump(frame);
            }
        }
        None => model.message = Some(format!("no session has anything to say of frame {number}")),
    }
}
