//! A session's events as rows of a ladder: what one frame says is one row, the same bytes again and again are one row.

use crate::diagnose::Case;
use crate::frame::{FrameNumber, Timestamp};
use crate::knowledge::tls::Version;
use crate::report::time;
use crate::session::{Control, Direction, Event, EventKind, Phase, RstFacts, Unfinished, is_word};
use crate::wire::catalogue::Fact;
use crate::wire::certificate::{Certificate, Validity};
use crate::wire::describe::Describe;
use crate::wire::tls_record::ContentType;

/// A row.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) frame: FrameNumber,
    /// The last frame of a row of repetitions; else the same.
    pub(crate) last_frame: FrameNumber,
    /// The first event's time, and the last one's where several are folded.
    pub(crate) time: Timestamp,
    pub(crate) until: Timestamp,
    pub(crate) phase: Phase,
    pub(crate) direction: Direction,
    /// The name on the arrow.
    pub(crate) label: String,
    /// The right-hand text, line by line.
    pub(crate) text: Vec<String>,
    pub(crate) kind: Kind,
    /// Protected or bulk records in it, and their bytes.
    pub(crate) records: u64,
    pub(crate) bytes: u64,
}

impl Row {
    /// A row of this one frame that says nothing yet.
    pub(super) const fn empty(frame: FrameNumber, time: Timestamp, phase: Phase, direction: Direction) -> Self {
        Self {
            frame,
            last_frame: frame,
            time,
            until: time,
            phase,
            direction,
            label: String::new(),
            text: Vec::new(),
            kind: Kind::Control,
            records: 0,
            bytes: 0,
        }
    }
}

/// What a row is to the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Opens or closes the connection, or reports on it.
    Control,
    /// Every handshake has it and every reader wants it: X.224, hellos, certificate, alerts.
    Landmark,
    /// A message in clear.
    Message,
    /// Protected, its meaning known by its shape.
    Inferred,
    /// Protected, or counted only.
    Opaque,
    /// Only for those who want every frame.
    Minor,
    /// Sent again.
    Again,
    /// Something that makes no sense.
    Fault,
    /// Bytes that the capture lacks.
    Missing,
    /// Events that were not kept.
    Elided,
}

/// All rows of a session; `exact`: nothing is folded.
pub(crate) fn rows(case: &Case, exact: bool) -> Vec<Row> {
    let events: Vec<&Event> = case.session.timeline.iter().collect();
    let (elided, at) = case.session.timeline.elided();
    let mut rows: Vec<Row> = Vec::new();
    let mut index = 0;
    while index < events.len() {
        if index == at && elided.events > 0 {
            rows.push(elided_row(events[index], elided.records, elided.bytes, elided.events));
        }
        let stop = if index < at && elided.events > 0 { at } else { events.len() };
        let end = index + group_length(&events[index..stop], exact);
        rows.push(row(case, &events[index..end]));
        index = end;
    }
    for direction in [Direction::ClientToServer, Direction::ServerToClient] {
        put_unfinished(case, direction, &mut rows);
    }
    rows
}

/// A message of which only the beginning came is no event, but the reader misses it.
fn put_unfinished(case: &Case, direction: Direction, rows: &mut Vec<Row>) {
    let Some(unfinished) = case.session.unfinished(direction) else { return };
    let Unfinished { begun, have, need, .. } = unfinished;
    let at = rows.iter().position(|row| row.frame > begun.frame).unwrap_or(rows.len());
    let Some(before) = at.checked_sub(1).map(|index| &rows[index]) else { return };
    if before.frame == begun.frame {
        return;
    }
    let (label, phase, kind) = match unfinished.is_client_hello {
        true => ("ClientHello", Phase::Tls, Kind::Landmark),
        false => ("segment", before.phase, Kind::Minor),
    };
    let empty = Row::empty(begun.frame, begun.time, phase, direction);
    let row = Row { label: label.into(), text: vec![format!("{have} of {need} bytes")], kind, ..empty };
    rows.insert(at, row);
}

/// How many of these events make the first row.
fn group_length(events: &[&Event], exact: bool) -> usize {
    let first = events[0];
    if is_again(first) && !exact {
        // Acknowledgments and probes of the other side do not interrupt a row of repetitions.
        return events.iter().take_while(|event| is_again(event) && event.direction == first.direction).count();
    }
    if !is_word(first) {
        return 1;
    }
    let same = |event: &&&Event| is_word(event) && event.frame == first.frame && event.direction == first.direction;
    events.iter().take_while(same).count()
}

const fn is_again(event: &Event) -> bool {
    matches!(event.kind, EventKind::Tcp(Control::Retransmission(_) | Control::SynAgain))
}

fn elided_row(next: &Event, records: u64, bytes: u64, events: u64) -> Row {
    let (records, bytes) = if records > 0 { (records, bytes) } else { (events, 0) };
    Row { kind: Kind::Elided, records, bytes, ..blank(next) }
}

fn blank(event: &Event) -> Row {
    Row::empty(event.frame, event.time, event.phase, event.direction)
}

fn row(case: &Case, events: &[&Event]) -> Row {
    let mut row = match &events[0].kind {
        EventKind::Tcp(control) if is_again(events[0]) => again(case, events, control),
        EventKind::Tcp(control) => act(case, events[0], control),
        EventKind::Gap { bytes } => Row {
            label: "not captured".into(),
            text: vec![time::bytes(*bytes)],
            kind: Kind::Missing,
            ..blank(events[0])
        },
        EventKind::Malformed(fault) => Row {
            label: "malformed".into(),
            text: vec![format!("{} at byte {}", fault.field, fault.offset)],
            kind: Kind::Fault,
            ..blank(events[0])
        },
        _ => words(case, events),
    };
    if let Some(text) = repeated_packet(case, &row) {
        row.text = vec![text];
    }
    row
}

/// Of a packet that never got through, its size says why.
fn repeated_packet(case: &Case, row: &Row) -> Option<String> {
    let repeat = case.session.side(row.direction).repeat()?;
    (repeat.original.frame == row.frame && row.kind != Kind::Again && repeat.count > 1).then(|| {
        let fragment = if repeat.dont_fragment { ", DF" } else { "" };
        format!("IP {} bytes{fragment}", repeat.ip_length)
    })
}

fn act(case: &Case, event: &Event, control: &Control) -> Row {
    let session = &case.session;
    let (label, text, kind) = match control {
        Control::Syn(facts) if event.direction == Direction::ClientToServer => {
            ("SYN".into(), facts.options.mss.map(|mss| format!("mss {mss}")), Kind::Control)
        }
        Control::Syn(facts) => {
            let text = match session.rtt_server {
                _ if strange_reset(case) => format!("ttl {}", facts.ttl),
                Some(seconds) => format!("round trip {}", time::delay(seconds)),
                None => facts.options.mss.map(|mss| format!("mss {mss}")).unwrap_or_default(),
            };
            ("SYN,ACK".into(), Some(text), Kind::Control)
        }
        Control::Accepted => ("ACK".into(), None, Kind::Minor),
        Control::KeepAlive => ("keep-alive".into(), None, Kind::Minor),
        Control::Fin => ("FIN,ACK".into(), None, Kind::Control),
        Control::Rst(facts) => {
            let label = if facts.has_ack { "RST,ACK" } else { "RST" };
            (label.into(), reset_text(case, event.direction, facts), Kind::Control)
        }
        Control::Icmp(error) => {
            (icmp_label(error.is_v6(), error.kind, error.code), Some(icmp_text(error)), Kind::Fault)
        }
        // Handled before; here for a frame alone.
        Control::SynAgain | Control::Retransmission(_) => ("again".into(), None, Kind::Again),
    };
    Row { label, text: text.into_iter().filter(|text| !text.is_empty()).collect(), kind, ..blank(event) }
}

/// Whether a reset came from another distance than the rest of its sender's packets.
pub(crate) fn strange_reset(case: &Case) -> bool {
    let strange = |(event, facts): (&Event, &RstFacts)| facts.ttl.abs_diff(case.session.side(event.direction).ttl) > 2;
    case.session.resets().any(strange)
}

fn reset_text(case: &Case, direction: Direction, facts: &RstFacts) -> Option<String> {
    let mut parts = Vec::new();
    if facts.distance != 0 && case.session.side(direction).packets > 1 {
        parts.push(format!("seq {} {}", if facts.distance < 0 { '-' } else { '+' }, facts.distance.unsigned_abs()));
    }
    // A verdict that rests on a hop or two must show them.
    let few = if case.verdict.cause == Some("tcp.rst-injected") { 0 } else { 2 };
    if facts.ttl.abs_diff(case.session.side(direction).ttl) > few {
        parts.push(format!("ttl {}", facts.ttl));
        if facts.id == Some(0) && parts.len() == 1 {
            parts.push("ip id 0".into());
        }
    }
    if !facts.in_window {
        parts.push("outside the window".into());
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn icmp_label(v6: bool, kind: u8, code: u8) -> String {
    let name = match (v6, kind, code) {
        (false, 3, 0) | (true, 1, 0) => "no route",
        (false, 3, 1) | (true, 1, 3) => "host unreachable",
        (false, 3, 3) | (true, 1, 4) => "port unreachable",
        (false, 3, 4) | (true, 2, _) => "packet too big",
        (false, 3, 9 | 10 | 13) | (true, 1, 1 | 5 | 6) => "prohibited",
        (false, 11, _) | (true, 3, _) => "hop limit",
        _ => return format!("ICMP{} {kind}/{code}", if v6 { "v6" } else { "" }),
    };
    name.into()
}

fn icmp_text(error: &crate::tcp::segment::IcmpError) -> String {
    let mtu = error.mtu.filter(|mtu| *mtu > 0).map(|mtu| format!(", MTU {mtu}")).unwrap_or_default();
    let name = if error.is_v6() { "ICMPv6" } else { "ICMP" };
    format!("{name} from {}{mtu}", error.net.source)
}

/// `487 again, 6 ×`, and how long each time was waited for.
fn again(case: &Case, events: &[&Event], control: &Control) -> Row {
    let first = events[0];
    let last = events.last().unwrap_or(&first);
    let same_bytes = events.iter().all(|event| event.stream_offset == first.stream_offset);
    let original = original_of(case, first, last, control).filter(|_| same_bytes);
    let what = original.map_or_else(|| "sent".into(), |(frame, _)| frame.number().to_string());
    let label = match events.len() {
        1 => format!("{what} again"),
        times => format!("{what} again, {times} ×"),
    };
    let mut text = Vec::new();
    if let Some((_, sent)) = original {
        let mut before = sent_before(case, first).unwrap_or(sent);
        let mut waits: Vec<String> = Vec::new();
        for event in events.iter().take(7) {
            waits.push(format!("{:.1}", event.time.since(before)));
            before = event.time;
        }
        let more = if events.len() > 7 { " ..." } else { "" };
        text.push(format!("after {}{more} s", waits.join(" ")));
    }
    Row { label, text, until: last.time, last_frame: last.frame, kind: Kind::Again, ..blank(first) }
}

/// When the bytes of `again` were last sent again before it, if they were.
fn sent_before(case: &Case, again: &Event) -> Option<Timestamp> {
    let earlier = case.session.timeline.iter().take_while(|event| event.frame < again.frame);
    let same = |event: &&Event| {
        is_again(event) && event.direction == again.direction && event.stream_offset == again.stream_offset
    };
    earlier.filter(same).last().map(|event| event.time)
}

/// The packet that is sent again from `first` to `last`: that of the longest repetition, or whichever holds the bytes.
fn original_of(case: &Case, first: &Event, last: &Event, control: &Control) -> Option<(FrameNumber, Timestamp)> {
    let mut earlier = case.session.timeline.iter().take_while(|event| event.frame < first.frame);
    if matches!(control, Control::SynAgain) {
        let syn =
            |event: &&Event| event.direction == first.direction && matches!(event.control(), Some(Control::Syn(_)));
        return earlier.find(syn).map(|event| (event.frame, event.time));
    }
    if let Some(repeat) = case.session.side(first.direction).repeat()
        && repeat.original.frame < first.frame
        && (first.frame..=last.frame).contains(&repeat.last.frame)
    {
        return Some((repeat.original.frame, repeat.original.time));
    }
    let length = if let Control::Retransmission(length) = control { *length } else { 0 };
    let stop = first.stream_offset + u64::from(length.max(1));
    // A message may begin some bytes behind the segment, after the header of its record.
    let holds = |event: &&Event| {
        let end = event.stream_offset + u64::from(event.length.max(1));
        event.direction == first.direction && is_word(event) && event.stream_offset < stop && end > first.stream_offset
    };
    earlier.find(holds).map(|event| (event.frame, event.time))
}

/// What one frame says: messages and records.
fn words(case: &Case, events: &[&Event]) -> Row {
    let names: Vec<Name> = events.iter().map(|event| name(case, event)).collect();
    let best = names.iter().map(|name| name.weight).max().unwrap_or(0);
    let mut chosen: Vec<&Name> = names.iter().filter(|name| name.weight == best).collect();
    chosen.dedup_by(|a, b| a.label == b.label);
    let has = |wanted: &str| names.iter().any(|name| name.label == wanted);
    let records = events.iter().filter(|event| event.fact().is_none());
    let bytes = records.clone().map(|event| u64::from(event.length)).sum();
    let count = records.count() as u64;
    let label = match chosen.as_slice() {
        _ if has("ServerHello") && has("Certificate") => "Hello, Certificate".into(),
        _ if has("ServerHello") && count > 0 => "ServerHello, ...".into(),
        [one] if one.kind == Kind::Opaque && count > 1 => format!("{count} records"),
        [one] => one.label.clone(),
        [one, other] if one.label.len() + other.label.len() <= 16 => format!("{}, {}", one.label, other.label),
        [one, ..] => format!("{}, ...", one.label),
        [] => String::new(),
    };
    let kind = chosen.first().map_or(Kind::Opaque, |name| name.kind);
    Row { label, text: word_text(case, events, &names), kind, records: count, bytes, ..blank(events[0]) }
}

struct Name {
    label: String,
    weight: u8,
    kind: Kind,
}

fn name(case: &Case, event: &Event) -> Name {
    let (label, weight, kind) = match &event.kind {
        EventKind::Message(fact) => {
            let (weight, kind) = match fact {
                Fact::ChangeCipherSpec => (0, Kind::Message),
                Fact::Handshake(_) => (1, Kind::Message),
                Fact::ClientHello(_) | Fact::ServerHello(_) | Fact::CertificateChain(_) | Fact::Alert(_) => {
                    (5, Kind::Landmark)
                }
                _ if event.phase == Phase::X224 => (5, Kind::Landmark),
                _ => (4, Kind::Message),
            };
            (fact.name().into_owned(), weight, kind)
        }
        _ => match case.shape.at(event.frame, event.stream_offset) {
            Some(meaning) => (format!("({})", meaning.name), 3, Kind::Inferred),
            None => (opaque_label(event), 2, Kind::Opaque),
        },
    };
    Name { label, weight, kind }
}

fn opaque_label(event: &Event) -> String {
    match event.kind {
        // A protected handshake record exists only up to TLS 1.2, and the first one each way is Finished.
        EventKind::Encrypted { content_type: ContentType::HANDSHAKE, .. } => "Finished".into(),
        EventKind::Encrypted { content_type: ContentType::ALERT, .. } => "encrypted Alert".into(),
        EventKind::Encrypted { length, .. } => format!("encrypted, {length} B"),
        EventKind::Bulk { length } => format!("data, {length} B"),
        _ => "data".into(),
    }
}

fn word_text(case: &Case, events: &[&Event], names: &[Name]) -> Vec<String> {
    let facts = || events.iter().filter_map(|event| Some((event, event.fact()?)));
    if let Some((event, certificate)) = facts().find_map(|(event, fact)| Some((event, fact.certificate()?))) {
        return certificate_text(certificate, case.session.day_of(event));
    }
    let lengths: Vec<String> =
        events.iter().filter_map(|event| event.encrypted()).take(6).map(|length| length.to_string()).collect();
    for (_, fact) in facts() {
        match fact {
            Fact::ServerHello(hello) if !hello.is_retry => {
                let suite = crate::wire::tls_hello::suite_name(hello.cipher);
                return vec![match lengths.as_slice() {
                    [] => format!("{}, {}", hello.version, suite.trim_start_matches("TLS_")),
                    _ => format!("{}; encrypted {}", hello.version, lengths.join(", ")),
                }];
            }
            Fact::ConnectionRequest(request) if request.cookie.is_none() && request.routing_token.is_none() => {
                return vec![format!("{}, no user hint", fact.summary())];
            }
            _ => {}
        }
    }
    let best = names.iter().map(|name| name.weight).max().unwrap_or(0);
    let mut told = events.iter().zip(names).filter(|(_, name)| name.weight == best);
    let Some((event, name)) = told.next() else { return Vec::new() };
    let text = match (&event.kind, name.kind) {
        (EventKind::Message(fact), _) => fact.summary(),
        (_, Kind::Inferred) => inferred_text(case, event),
        (_, _) if name.label == "Finished" && tls_is_up(case, event) => "TLS is up".into(),
        (_, _) if lengths.len() > 1 => format!("{} bytes", lengths.join(", ")),
        _ => String::new(),
    };
    if text.is_empty() { Vec::new() } else { vec![text] }
}

fn inferred_text(case: &Case, event: &Event) -> String {
    let exact = case.shape.at(event.frame, event.stream_offset).is_some_and(|meaning| meaning.exact);
    let length = event.encrypted().map_or(u64::from(event.length), u64::from);
    format!("{} encrypted{}", time::counted(length, "byte"), if exact { "" } else { ", probably" })
}

/// Whether both sides have finished the handshake with this event.
fn tls_is_up(case: &Case, event: &Event) -> bool {
    case.session.tls_version().is_some_and(|version| version < Version::TLS13)
        && case.session.timeline.iter().take_while(|earlier| earlier.frame < event.frame).any(|earlier| {
            matches!(earlier.kind, EventKind::Encrypted { content_type: ContentType::HANDSHAKE, .. })
                && earlier.direction != event.direction
        })
}

/// Whose it is and, where that matters and the day is known, until when.
fn certificate_text(certificate: &Certificate, day: Option<i64>) -> Vec<String> {
    let name = certificate.display_name();
    let Some(now) = day else { return vec![name] };
    match certificate.validity_at(now) {
        Validity::Expired => vec![name, format!("ends {}", time::date_utc(certificate.not_after))],
        Validity::Early => vec![name, format!("begins {}", time::date_utc(certificate.not_before))],
        Validity::InDate => {
            let days = ((certificate.not_after.saturating_sub(now) + 43_200) / 86_400).unsigned_abs();
            vec![format!("{name}, {}", crate::report::pen::unbroken(&format!("{} d left", time::count(days))))]
        }
    }
}
