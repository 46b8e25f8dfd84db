//! Pane 4: the certificate that the server showed, and whether it was in date when it did.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::frame::FrameNumber;
use crate::knowledge::negotiation::Protocols;
use crate::knowledge::tls::Version;
use crate::report::time;
use crate::session::{Event, Session};
use crate::tui::model::{Model, Screen};
use crate::tui::opened::{Focus, SessionView};
use crate::tui::paint::Brush;
use crate::tui::pane::{Pane, Row, prose, scroll};
use crate::tui::theme::Role;
use crate::wire::certificate::{Certificate, Validity};

/// The pane.
pub static PANE: Pane = Pane { name: "Cert", note, items, frame, text, draw };

/// Where values begin.
const COLUMN: usize = 12;
/// Columns of the bar at most.
const BAR: usize = 62;

fn note(_: &Model, view: &SessionView) -> String {
    view.case.session.certificate().map_or_else(String::new, |(event, _)| format!("frame {}", event.frame.number()))
}

fn items(model: &Model, view: &SessionView) -> usize {
    lines(model, view, 80).len()
}

fn frame(_: &Model, view: &SessionView, _: usize) -> Option<FrameNumber> {
    view.case.session.certificate().map(|(event, _)| event.frame)
}

fn text(model: &Model, view: &SessionView, item: usize) -> String {
    lines(model, view, 80).get(item).map_or_else(String::new, Row::text)
}

fn draw(model: &Model, view: &SessionView, area: Rect, buffer: &mut Buffer) {
    let mut brush = Brush::new(&model.look, area, buffer);
    let rows = lines(model, view, brush.width());
    let has_focus = model.screen == Screen::Session && view.focus == Focus::Pane && view.pane == 3;
    scroll(&mut brush, &rows, has_focus.then_some(view.item.min(rows.len().saturating_sub(1))));
}

/// Every line is an item: the cursor scrolls.
fn lines(model: &Model, view: &SessionView, width: usize) -> Vec<Row> {
    let session = &view.case.session;
    let rows = match session.certificate() {
        Some((event, certificate)) => shown(model, session, event, certificate, width),
        None => hidden(session, width),
    };
    rows.into_iter().enumerate().map(|(index, row)| row.item(index)).collect()
}

fn shown(model: &Model, session: &Session, event: &Event, certificate: &Certificate, width: usize) -> Vec<Row> {
    let mut rows = validity(model, session, event, certificate, width);
    rows.push(Row::default());
    let mut add = |label: &str, text: String| {
        rows.extend(prose((Role::Dim, label), COLUMN, width, Role::Text, &model.look.shown(&text)));
    };
    add("subject", certificate.subject.to_string());
    let own = if certificate.self_signed { "the same: self-signed".into() } else { certificate.issuer.to_string() };
    add("issuer", own);
    let names: Vec<String> = certificate.names.iter().map(ToString::to_string).collect();
    add("names", if names.is_empty() { "none (no SAN)".into() } else { names.join(", ") });
    let weak = if certificate.key.is_weak() { ", weak" } else { "" };
    add("key", format!("{} {}{weak}", certificate.key.algorithm, certificate.key.bits));
    let weak = if certificate.has_weak_signature() { ", weak" } else { "" };
    add("signature", format!("{}{weak}", certificate.signature));
    let usage: Vec<String> = certificate.extended_key_usage.iter().map(ToString::to_string).collect();
    add("usage", if usage.is_empty() { "any (no extended key usage)".into() } else { usage.join(", ") });
    add("serial", certificate.serial.to_string());
    let sha: Vec<String> = certificate.sha256.iter().map(|byte| format!("{byte:02X}")).collect();
    add("sha256", sha.join(":"));
    rows.push(Row::default());
    rows.extend(checks(model, session, event, certificate, width));
    rows
}

/// From when to when, and how that fits the packet that shows it.
fn validity(model: &Model, session: &Session, event: &Event, certificate: &Certificate, width: usize) -> Vec<Row> {
    let (begin, end) = (certificate.not_before, certificate.not_after);
    let verdict = match session.day_of(event) {
        Some(day) => on_a_bar(begin, end, day, width),
        None => vec![Row::of(Role::Dim, "validity").and(COLUMN, Role::Unsure, "? the capture's clock was not set")],
    };
    let lifetime = format!("lifetime {} days", time::count(((end - begin) / 86_400).unsigned_abs()));
    let rest = [
        Row::of(Role::Dim, "from").and(COLUMN, Role::Text, format!("{}   {lifetime}", time::date_utc(begin))),
        Row::of(Role::Dim, "to").and(COLUMN, Role::Text, time::date_utc(end)),
        Row::of(Role::Dim, "▼ captured").and(COLUMN, Role::Text, time::absolute(event.time, &model.look.zone)),
    ];
    verdict.into_iter().chain(rest).collect()
}

/// `2025-09-09 ├██████┤░▼`, with the time of the capture always on the bar, and what that means.
fn on_a_bar(begin: i64, end: i64, now: i64, width: usize) -> Vec<Row> {
    let room = width.saturating_sub(COLUMN + 2).clamp(8, BAR);
    let (low, high) = (begin.min(now), end.max(now));
    let scale = |at: i64| {
        let all = high.saturating_sub(low).max(1) as f64;
        ((at.saturating_sub(low) as f64 / all) * (room - 1) as f64).round() as usize
    };
    let (from, to, mark) = (scale(begin), scale(end).min(room - 1), scale(now).min(room - 1));
    // Outside is outside, however little.
    let (to, mark) = if now > end { (to.min(room - 3), room - 1) } else { (to, mark) };
    let (from, mark) = if now < begin { (from.max(2), 0) } else { (from, mark) };
    let bar: String = (0..room)
        .map(|x| match x {
            x if x == mark => '▼',
            x if x == from => '├',
            x if x == to => '┤',
            x if x > from && x < to => '█',
            _ => '░',
        })
        .collect();
    let span = |seconds: i64| time::span(seconds.unsigned_abs() as f64);
    let (role, word) = if now > end {
        (Role::Died, format!("× expired {} before this packet", span(now - end)))
    } else if now < begin {
        (Role::Died, format!("× begins {} after this packet", span(begin - now)))
    } else {
        (Role::Text, format!("√ in date; {} left", span(end - now)))
    };
    vec![Row::of(Role::Dim, "validity").and(COLUMN, role, word), Row::default().and(COLUMN, role, bar)]
}

fn checks(model: &Model, session: &Session, event: &Event, certificate: &Certificate, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |is_good: Option<bool>, text: String| {
        let (sign, role) = match is_good {
            Some(true) => ("√", Role::Text),
            Some(false) => ("×", Role::Died),
            None => ("?", Role::Unsure),
        };
        rows.extend(prose((role, sign), 2, width, Role::Text, &model.look.shown(&text)));
    };
    let is_in_date = |day| certificate.validity_at(day) == Validity::InDate;
    add(session.day_of(event).map(is_in_date), "in date when it was shown".into());
    add(Some(certificate.allows_server), "may be used for a Remote Desktop server".into());
    let asked = session
        .client_hello()
        .and_then(|(_, hello)| hello.view().server_name().map(|name| String::from_utf8_lossy(name).into_owned()));
    match asked {
        Some(name) => {
            let text = format!("made for {}, which the client asked for", crate::wire::text::escape(&name));
            add(certificate.is_for(&name), text);
        }
        None => add(None, "the client asked for no name (no SNI), so there is none to compare".into()),
    }
    let chain = if certificate.self_signed {
        "self-signed: trusted only by who was told to"
    } else {
        "trust depends on the client's authorities; a capture cannot tell"
    };
    add(None, chain.into());
    if certificate.malformed {
        add(Some(false), "breaks the X.509 rules; strict clients refuse it".into());
    }
    rows
}

/// Why there is none to be seen.
fn hidden(session: &Session, width: usize) -> Vec<Row> {
    let say = |text: &str| prose((Role::Text, ""), 0, width, Role::Text, text);
    let mut rows = vec![Row::of(Role::Bold, "no certificate to be seen")];
    match session.tls_version() {
        Some(version) if version >= Version::TLS13 => {
            rows.extend(say("TLS 1.3 encrypts it: the server sends it after ServerHello, protected."));
            let sizes: Vec<String> = session
                .records()
                .filter(|(event, _)| event.direction == crate::session::Direction::ServerToClient)
                .take(5)
                .map(|(event, length)| format!("frame {}: {length} bytes", event.frame.number()))
                .collect();
            if !sizes.is_empty() {
                rows.extend(say(&format!("The server's first protected records: {}.", sizes.join(", "))));
                rows.extend(say("The largest of them most likely holds it; its size is about that of the chain."));
            }
            let (ip, port) = (session.server.ip, session.server.port);
            rows.extend(say(&format!("To read it, ask the server: nmap -p {port} --script ssl-cert {ip}")));
        }
        Some(_) if session.gaps > 0 || session.server_side().cut > 0 => {
            rows.extend(say("The capture lacks bytes of the server's handshake, and with them the certificate."));
        }
        Some(_) => rows.extend(say("The server's handshake did not get as far as its certificate.")),
        None if session.selected() == Some(Protocols::RDP) => {
            rows.extend(say("Standard RDP security: no TLS, so no certificate of that kind."));
        }
        None => rows.extend(say("The session did not get as far as the server's part of TLS.")),
    }
    rows
}
