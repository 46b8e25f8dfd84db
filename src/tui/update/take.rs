//! What can be carried away: texts for the clipboard and for files, and the last words in the normal screen.

use std::sync::Arc;

use super::Effect;
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::report::format::shell_word;
use crate::report::json::Json;
use crate::report::text::TextReport;
use crate::report::{Format, Run, Streaming as _, Style, Tally};
use crate::tui::facts;
use crate::tui::feed::Packet;
use crate::tui::model::Model;
use crate::tui::overlay::{Form, Taken};
use crate::tui::{stream, tree};

/// The most that is handed to a terminal's clipboard; bytes. Many refuse more than some hundred kilobytes.
const CLIPBOARD: usize = 100_000;

/// Why there is no certificate to take away.
pub(super) const NO_CERTIFICATE: &str = "no certificate at hand: it was not shown in clear, or the session is not open";
const NO_PACKETS: &str = "no packet at hand: open the session first";

/// Copies what was chosen.
pub(super) fn copy(model: &mut Model, taken: Taken) -> Option<Effect> {
    let Some(case) = model.subject().cloned() else {
        model.message = Some("there is nothing to copy".into());
        return None;
    };
    let text = match taken {
        Taken::Line => line(model, &case),
        Taken::Verdict => verdict(&case),
        Taken::WiresharkFilter => wireshark_filter(&case),
        Taken::WiresharkCommand => return wireshark(model),
        Taken::Frame => model.frame().map(|frame| frame.number().to_string()).unwrap_or_default(),
        Taken::Json => json(model, &[case]),
        Taken::Report => report(model, &[case], 0),
        Taken::Ladder => report(model, &[case], 1),
        Taken::Bytes => bytes(model),
        Taken::Certificate => certificate(model, &case).unwrap_or_default(),
    };
    if text.is_empty() {
        model.message = Some(if taken == Taken::Certificate { NO_CERTIFICATE } else { NO_PACKETS }.into());
        return None;
    }
    if text.len() > CLIPBOARD {
        model.message = Some("too much for a clipboard; w writes it to a file".into());
        return None;
    }
    Some(Effect::Copy(text))
}

/// The command that opens the packet in Wireshark.
pub(super) fn wireshark(model: &mut Model) -> Option<Effect> {
    let frame = model.frame()?;
    let input = model.inputs.get(usize::from(frame.file())).filter(|input| input.path.as_os_str() != "-");
    match input {
        Some(input) => {
            let path = shell_word(&input.path);
            Some(Effect::Copy(format!("wireshark -r {path} -g {}", frame.number())))
        }
        None => {
            model.message = Some(format!("the packets are in no file; in Wireshark it is frame {}", frame.number()));
            None
        }
    }
}

/// `ip.addr == ... && tcp.port == ...`.
fn wireshark_filter(case: &Case) -> String {
    let (client, server) = (case.session.client, case.session.server);
    let ip = if client.ip.is_ipv4() { "ip" } else { "ipv6" };
    let transport = if case.session.transport == crate::session::Transport::Tcp { "tcp" } else { "udp" };
    format!(
        "{ip}.addr == {} && {ip}.addr == {} && {transport}.port == {} && {transport}.port == {}",
        client.ip, server.ip, client.port, server.port
    )
}

/// The row under the cursor, as text.
fn line(model: &Model, case: &Case) -> String {
    if let Some(rung) = model
        .opened
        .as_ref()
        .filter(|_| model.screen == crate::tui::model::Screen::Session)
        .and_then(|view| view.rungs.get(view.cursor))
    {
        let who = rung.direction.speaker();
        let note = if rung.note.is_empty() { String::new() } else { format!(": {}", rung.note) };
        return model.look.shown(&format!("frame {}, {who}: {}{note}", rung.frame.number(), rung.label));
    }
    let session = &case.session;
    let cause = facts::cause(case, true);
    let word = case.verdict.outcome.word();
    format!("#{} {word} {} → {} {cause}", session.id.0, session.client, session.server)
}

/// The verdict in one sentence: `#3 died at frame 118: ... (proven)`.
#[must_use]
pub fn verdict(case: &Case) -> String {
    let verdict = &case.verdict;
    let at = verdict.death.map(|death| format!(" at frame {}", death.frame.number())).unwrap_or_default();
    let sure = match verdict.outcome {
        Outcome::Ok | Outcome::Open => String::new(),
        _ => format!(" ({})", verdict.sure.word()),
    };
    format!("#{} {}{at}: {}{sure}", case.session.id.0, verdict.outcome.word(), verdict.headline)
}

/// The marked sessions, or else the one under the cursor.
pub(super) fn chosen(model: &Model) -> Vec<Arc<Case>> {
    let marked = model.cases.iter().filter(|case| model.list.marked.contains(&case.session.id.0));
    let cases: Vec<Arc<Case>> = marked.cloned().collect();
    if cases.is_empty() { model.subject().cloned().into_iter().collect() } else { cases }
}

/// What is to be written: of the marked sessions, or of the one under the cursor.
pub(super) fn text(model: &Model, form: Form) -> Option<String> {
    let cases = if form == Form::Ladder { model.subject().cloned().into_iter().collect() } else { chosen(model) };
    Some(match form {
        Form::Report => report(model, &cases, 0),
        Form::Ladder => report(model, &cases, 1),
        Form::Json => json(model, &cases),
        Form::Certificate => certificate(model, model.subject()?)?,
        // Packets are not text; whoever has them writes them.
        Form::Capture | Form::Packets => return None,
    })
}

/// The packets of `case`, where they are at hand: those of the session that was opened last.
fn packets<'m>(model: &'m Model, case: &Case) -> &'m [Packet] {
    let found = model.packets.as_ref().filter(|packets| packets.id == case.session.id);
    found.and_then(|packets| packets.found.as_ref().ok()).map_or(&[], Vec::as_slice)
}

fn certificate(model: &Model, case: &Case) -> Option<String> {
    stream::pem(&case.session, packets(model, case))
}

/// The bytes of the packet under the cursor.
fn bytes(model: &Model) -> String {
    let found = model.subject().zip(model.frame());
    let packet = found.and_then(|(case, frame)| tree::packet(packets(model, case), frame));
    packet.map_or_else(String::new, |packet| packet.bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn style(model: &Model, verbose: u8) -> Style {
    Style {
        width: 100,
        ascii: model.look.ascii,
        verbose,
        each: true,
        zone: model.look.zone.clone(),
        source: model.again.clone(),
        has_screen: true,
        ..Style::default()
    }
}

/// The text report; with `verbose` every packet of the ladder.
fn report(model: &Model, cases: &[Arc<Case>], verbose: u8) -> String {
    let cases: Vec<Case> = cases.iter().map(|case| Case::clone(case)).collect();
    let mut tally = Tally::default();
    cases.iter().for_each(|case| tally.add(case));
    let run = Run { cases: &cases, inputs: &model.inputs, tally: &tally, exit_code: 0, elsewhere: &model.elsewhere };
    let mut out = Vec::new();
    // INVARIANT: writing to a Vec does not fail.
    let _ = TextReport { with_warnings: false }.write(&run, &style(model, verbose), &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn json(model: &Model, cases: &[Arc<Case>]) -> String {
    let mut out = Vec::new();
    for case in cases {
        // INVARIANT: writing to a Vec does not fail.
        let _ = Json.write_case(case, &model.inputs, &style(model, 0), &mut out);
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The two lines that stay when the screen is gone: the verdict looked at last, and how to come back.
#[must_use]
pub fn farewell(model: &Model) -> Vec<String> {
    let Some(case) = model.subject() else { return Vec::new() };
    let mut lines = vec![model.look.shown(&verdict(case))];
    if let Some(source) = &model.again {
        lines.push(format!("again: rdpwhy tui {source} --session {}", case.session.id.0));
    }
    lines
}
