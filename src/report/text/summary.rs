//! What stands under the blocks: totals, the table of causes, the scans, the healthy servers, what was not judged,
//! and the commands to go on with.

use unicode_width::UnicodeWidthStr;

use super::block::{Same, example, pointed_frame};
use super::frames::{Home, with_frames};
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::report::format::{Run, Style, shell_word};
use crate::report::pen::{Ink, Line, clean, hanging, unbroken};
use crate::report::tally::ServerTotal;
use crate::report::time::{self, count, counted};
use crate::report::totals::sentence;
use crate::session::Endpoint;

/// Rows of a table; the rest is counted.
const ROWS: usize = 20;
/// Findings of sessions that went well that are told, and of how many.
const NOTED: &[&str] = &[
    "cap.clock-jump",
    "cap.out-of-step",
    "cap.incomplete",
    "nla.server-slow",
    "path.slow",
    "rdp.reactivation-loop",
    "tcp.zero-window",
];
const NOTES: usize = 4;
/// Columns that prose needs to be read with ease.
const NARROW: usize = 24;
/// Columns that the name in a certificate needs, as a rule.
const NAME: usize = 18;
/// Columns that a few session numbers need.
const FEW: usize = 10;
/// Session numbers in a row of a table.
const NUMBERS: usize = 8;

/// `37 sessions: 4 died, …` with packets, length and start at the right, or on a line of their own.
pub(super) fn totals(run: &Run<'_>, style: &Style) -> Vec<Line> {
    let left = Line::new(style).with(Ink::Bold, &sentence(run.tally));
    let (first, seconds) = run.extent();
    let from = first.map(|first| format!(", from {}", time::absolute(first, &style.zone))).unwrap_or_default();
    let right = format!("({}, {}{from})", counted(run.packets(), "packet"), time::span(seconds));
    let start = style.width.saturating_sub(2 + right.len());
    if left.width() < start {
        return vec![left.to(start).with(Ink::Plain, &right)];
    }
    if left.width() + 1 + right.len() <= style.width {
        return vec![left.with(Ink::Plain, " ").with(Ink::Plain, &right)];
    }
    let mut lines = vec![left];
    lines.extend(hanging(style, &Line::new(style).to(start), &right));
    lines
}

/// Several causes: how many sessions each, where, at which server.
pub(super) fn causes(run: &Run<'_>, groups: &[Vec<&Case>], style: &Style) -> Vec<Line> {
    let died = groups.iter().filter(|cases| cases[0].verdict.outcome == Outcome::Died);
    let mut died: Vec<Same<'_>> = died.map(|cases| Same::of(cases, run.tally)).collect();
    died.sort_by_key(|same| std::cmp::Reverse(same.total));
    if died.len() < 2 {
        return Vec::new();
    }
    let mut rows = vec![["died", "cause", "phase", "server", "sessions"].map(str::to_owned)];
    for same in died.iter().take(ROWS) {
        let cases = same.cases;
        let phase_of = |case: &Case| case.verdict.death.map_or("", |death| death.phase.label());
        let phase = phase_of(cases[0]);
        let phase = if cases.iter().all(|case| phase_of(case) == phase) { phase } else { "mixed" };
        rows.push([
            count(same.total),
            cases[0].verdict.cause.unwrap_or("-").into(),
            phase.into(),
            servers_of(*same),
            String::new(),
        ]);
    }
    let mut lines = vec![Line::new(style)];
    if widths(&rows)[..4].iter().sum::<usize>() + 10 + FEW > style.width {
        rows.iter_mut().for_each(|row| row[3].clear());
    }
    let widths = widths(&rows);
    let symbol = |index: usize| if index == 0 { " " } else { Outcome::Died.symbol().0 };
    for (index, [number, cause, phase, server, sessions]) in rows.iter().enumerate() {
        let ink = if index == 0 { Ink::Dim } else { Ink::Plain };
        let line = Line::new(style).to(2).with(Ink::Red, symbol(index)).with(Ink::Plain, " ");
        let line = line.with(ink, &format!("{number:>width$}", width = widths[0].max(4)));
        let line = line.with(
            ink,
            &format!("  {cause:<a$}  {phase:<b$}  {server:<c$}  ", a = widths[1], b = widths[2], c = widths[3]),
        );
        let sessions = match index.checked_sub(1) {
            None => sessions.clone(),
            Some(index) => first_numbers(died[index], style.width.saturating_sub(line.width())),
        };
        lines.push(line.with(ink, &sessions));
    }
    if died.len() > ROWS {
        lines.push(Line::new(style).to(4).with(Ink::Plain, &format!("and {} more causes", died.len() - ROWS)));
    }
    lines
}

/// `#1 #2 ...`: as many as fit on the line; how many there are stands in the first column.
fn first_numbers(same: Same<'_>, room: usize) -> String {
    let is_last = |index: usize| index as u64 + 1 == same.total;
    let mut text = String::new();
    for (index, case) in same.cases.iter().enumerate() {
        let next = format!("{}#{}", if index == 0 { "" } else { " " }, case.session.id.0);
        let dots = if is_last(index) { 0 } else { " ...".len() };
        if index > 0 && (index >= NUMBERS || text.len() + next.len() + dots > room) {
            return text + " ...";
        }
        text += &next;
    }
    if same.total > same.cases.len() as u64 { text + " ..." } else { text }
}

fn widths<const N: usize>(rows: &[[String; N]]) -> [usize; N] {
    std::array::from_fn(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0))
}

fn servers_of(same: Same<'_>) -> String {
    let mut servers: Vec<Endpoint> = same.cases.iter().map(|case| case.session.server).collect();
    servers.sort_unstable();
    servers.dedup();
    match servers.as_slice() {
        [one] if same.total == same.cases.len() as u64 => server_name(*one),
        many if same.total == same.cases.len() as u64 => format!("{} servers", count(many.len() as u64)),
        many => format!("over {} servers", count(many.len() as u64)),
    }
}

/// The usual port goes without saying.
fn server_name(server: Endpoint) -> String {
    if server.port == 3389 { server.ip.to_string() } else { server.to_string() }
}

/// Scans in one paragraph, however many there are.
pub(super) fn scans(run: &Run<'_>, style: &Style) -> Vec<Line> {
    let scans = run.tally.of(Outcome::Scan);
    if scans == 0 {
        return Vec::new();
    }
    let addresses = run.tally.scanners() as u64;
    let from = format!("{} address{}", count(addresses), if addresses == 1 { "" } else { "es" });
    let say = |text: &str| Line::new(style).to(4).with(Ink::Plain, text);
    let mut lines = vec![Line::new(style)];
    let rate = run.tally.scan_rate().map(rate).unwrap_or_default();
    let head = Line::new(style).to(2).with(Ink::Bold, "not people").with(Ink::Plain, ": ");
    lines.extend(hanging(style, &head, &format!("{} from {from}{rate}, folded", counted(scans, "scan"))));
    lines.extend(scan_kinds(run, style));
    let hints = run.tally.scan_hints();
    if !hints.is_empty() {
        let listed: Vec<String> =
            hints.iter().take(5).map(|(hint, times)| unbroken(&format!("{hint} ({})", count(*times)))).collect();
        let more =
            if hints.len() > 5 { format!("  and {} more", count(hints.len() as u64 - 5)) } else { String::new() };
        lines.extend(hanging(style, &say("user hints used: "), &format!("{}{more}", listed.join("  "))));
    }
    if let Some((network, addresses)) = run.tally.busiest_network().filter(|(_, addresses)| *addresses > 1) {
        lines.push(say(&format!("from one /16 more than any: {network} ({})", count(addresses))));
    }
    if let Some(source) = &style.source {
        lines.push(say(&format!("list them: rdpwhy {source} -Y scan --brief")));
    }
    lines
}

/// `, 84 a minute`; slow ones by the hour.
fn rate(per_minute: f64) -> String {
    match per_minute {
        1.0.. => format!(", {} a minute", count(per_minute.round() as u64)),
        _ if per_minute * 60.0 >= 1.0 => format!(", {} an hour", count((per_minute * 60.0).round() as u64)),
        _ => String::new(),
    }
}

/// What the scans did, and what that means: the headline says both, or the cause stands for the second.
fn scan_kinds(run: &Run<'_>, style: &Style) -> Vec<Line> {
    let kinds = run.tally.scan_kinds();
    let split = |headline: &str, id: &str| match headline.split_once(": ") {
        Some((did, meaning)) => (did.to_owned(), meaning.to_owned()),
        None => (headline.to_owned(), id.to_owned()),
    };
    let rows: Vec<(String, String, String)> = kinds
        .iter()
        .take(ROWS)
        .map(|(id, headline, sessions)| {
            let (did, meaning) = split(headline, id);
            (count(*sessions), clean(&did, style.ascii), meaning)
        })
        .collect();
    let number = rows.iter().map(|row| row.0.len()).max().unwrap_or(0).max(5);
    let did = rows.iter().map(|row| row.1.width()).max().unwrap_or(0);
    let column = 4 + number + 2 + did + 2;
    let mut lines = Vec::new();
    for (sessions, did, meaning) in &rows {
        let line = Line::new(style).to(4).with(Ink::Plain, &format!("{sessions:>number$}  "));
        if column + NARROW <= style.width {
            lines.extend(hanging(style, &line.with(Ink::Plain, did).to(column), meaning));
        } else {
            lines.extend(hanging(style, &line, &format!("{did}: {meaning}")));
        }
    }
    if kinds.len() > ROWS {
        lines.push(Line::new(style).to(4).with(Ink::Plain, &format!("and {} more kinds", kinds.len() - ROWS)));
    }
    lines
}

/// The servers whose sessions fared well, when nothing else is worth the reader's time.
pub(super) fn healthy(run: &Run<'_>, style: &Style) -> Vec<Line> {
    if run.tally.servers().next().is_none() {
        return Vec::new();
    }
    let mut lines = vec![Line::new(style)];
    let servers: Vec<_> = run.tally.servers().collect();
    let width = servers.iter().take(ROWS).map(|(server, _)| server_name(**server).len()).max().unwrap_or(0).max(12);
    let heading = |a: &str, b: &str, c: &str, d: &str, e: &str| {
        Line::new(style).to(2).with(Ink::Dim, &format!("{a:<width$}  {b:>8}  {c:<12}  {d:<15}  {e}"))
    };
    let last = if 2 + width + 35 + 8 + NAME <= style.width { "certificate" } else { "" };
    lines.push(heading("server", "sessions", "security", "to desktop, s", last));
    lines.push(heading("", "", "", "median  slowest", ""));
    for (server, total) in servers.iter().take(ROWS) {
        let left = format!(
            "{:<width$}  {:>8}  {:<12}  {:<15}  ",
            server_name(**server),
            count(total.sessions),
            usual_security(total),
            to_desktop(total)
        );
        let line = Line::new(style).to(2).with(Ink::Plain, &left);
        let certificate = certificate(total);
        let longest = certificate.split(' ').map(UnicodeWidthStr::width).max().unwrap_or(0);
        if line.width() + longest.max(NAME) <= style.width {
            lines.extend(hanging(style, &line, &certificate));
        } else {
            lines.push(line);
            lines.extend(hanging(style, &Line::new(style).to(4), &certificate));
        }
    }
    if servers.len() > ROWS {
        lines.push(
            Line::new(style)
                .to(2)
                .with(Ink::Plain, &format!("and {} more servers", count((servers.len() - ROWS) as u64))),
        );
    }
    let again = run.tally.retransmissions;
    let loss = if again == 0 {
        "nothing lost or sent twice".into()
    } else {
        format!("{} sent twice", counted(again, "packet"))
    };
    lines.push(Line::new(style));
    lines.push(Line::new(style).to(2).with(Ink::Plain, &format!("nothing died; {loss}")));
    lines.extend(noted(run, style));
    lines
}

/// What is worth a word in sessions that went well.
fn noted(run: &Run<'_>, style: &Style) -> Vec<Line> {
    let findings = || {
        let all = run.cases.iter().flat_map(|case| case.verdict.findings.iter().map(move |finding| (case, finding)));
        all.filter(|(_, finding)| NOTED.contains(&finding.id))
    };
    let head = Line::new(style).to(2).with(Ink::Bold, "note").with(Ink::Plain, ": ");
    let mut lines = Vec::new();
    for (case, finding) in findings().take(NOTES) {
        let text = with_frames(&finding.frames, &finding.text, Home::nowhere(run.inputs));
        let text = format!("#{}: {text} {}", case.session.id.0, unbroken(&format!("[{}]", finding.id)));
        lines.extend(hanging(style, &head, &text));
    }
    let more = findings().skip(NOTES).count();
    if more > 0 {
        lines.extend(hanging(style, &head, &format!("{} more; JSON has all", count(more as u64))));
    }
    lines
}

fn usual_security(total: &ServerTotal) -> String {
    let usual = total.security.iter().max_by_key(|(_, sessions)| **sessions).map(|(name, _)| name.clone());
    let more = if total.security.len() > 1 { " +" } else { "" };
    format!("{}{more}", usual.unwrap_or_default())
}

fn to_desktop(total: &ServerTotal) -> String {
    let mut times = total.to_desktop.clone();
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    match times.as_slice() {
        [] => String::new(),
        [.., (slowest, id)] => format!("{:>6.2}  {slowest:.2} #{}", times[times.len() / 2].0, id.0),
    }
}

fn certificate(total: &ServerTotal) -> String {
    match &total.certificate {
        None => "not seen".into(),
        Some((name, left)) => {
            let name = name.trim_start_matches("CN=");
            match left {
                None => name.into(),
                Some(..0) => format!("{name}, ended"),
                Some(left) => {
                    let days = (left.saturating_add(43_200) / 86_400).unsigned_abs();
                    format!("{name}, {}", unbroken(&format!("{} left", counted(days, "day"))))
                }
            }
        }
    }
}

/// What could not be checked, so that silence about it is not taken for health. Sessions that began before the capture
/// have their own cause and need no second mention.
pub(super) fn not_checked(run: &Run<'_>, style: &Style) -> Vec<Line> {
    let unread = run.tally.unread_certificates;
    if unread == 0 {
        return Vec::new();
    }
    let head = Line::new(style).to(2).with(Ink::Yellow, "not checked").with(Ink::Plain, ": ");
    hanging(style, &head, &format!("certificates ({})", counted(unread, "session")))
}

/// `look` and `explain`: the exact commands to go on with.
pub(super) fn commands(run: &Run<'_>, groups: &[Vec<&Case>], style: &Style) -> Vec<Line> {
    let Some(first) = groups.first().map(|cases| example(cases)) else { return Vec::new() };
    let label = |text: &str| Line::new(style).with(Ink::Dim, &format!("{text:<9}"));
    let looks = [screen(groups, style), wireshark(run, first), listing(groups, style)];
    let mut lines: Vec<Line> = Vec::new();
    for command in looks.into_iter().flatten() {
        let beside = lines.last().cloned().map(|line| line.with(Ink::Plain, "     ").with(Ink::Plain, &command));
        match beside {
            Some(both) if lines.len() == 1 && both.width() <= style.width => lines = vec![both],
            Some(_) => lines.push(Line::new(style).to(9).with(Ink::Plain, &command)),
            None => lines.push(label("look").with(Ink::Plain, &command)),
        }
    }
    let mut causes: Vec<&str> = Vec::new();
    for cause in groups.iter().filter_map(|cases| cases[0].verdict.cause) {
        // What one session dies of may be a warning to another.
        if causes.len() < 3 && !causes.contains(&cause) {
            causes.push(cause);
        }
    }
    let explained = groups.iter().any(|cases| cases[0].verdict.outcome == Outcome::Died);
    if explained && !causes.is_empty() {
        let many = label("explain").with(Ink::Plain, &format!("rdpwhy explain {}", causes.join(" ")));
        let one = label("explain").with(Ink::Plain, &format!("rdpwhy explain {}", causes[0]));
        lines.push(if many.width() <= style.width { many } else { one });
    }
    lines
}

/// The terminal UI, where there is one.
fn screen(groups: &[Vec<&Case>], style: &Style) -> Option<String> {
    let source = style.source.as_ref().filter(|_| style.has_screen)?;
    let same = groups.len() == 1 && groups[0].len() > 1;
    let filter = groups[0][0].verdict.cause.filter(|_| same).map(|cause| format!(" -Y cause:{cause}"));
    Some(format!("rdpwhy tui {source}{}", filter.unwrap_or_default()))
}

/// The packet in question.
fn wireshark(run: &Run<'_>, case: &Case) -> Option<String> {
    let frame = pointed_frame(case);
    let input = run.inputs.get(usize::from(frame.file())).filter(|input| input.path.as_os_str() != "-")?;
    // Packets of an interface are gone unless they are kept.
    if input.format == "live" {
        return None;
    }
    Some(format!("wireshark -r {} -g {}", shell_word(&input.path), frame.number()))
}

/// What this report shows only one of, or only in short.
fn listing(groups: &[Vec<&Case>], style: &Style) -> Option<String> {
    let source = style.source.as_ref().filter(|_| !style.has_screen && !style.each)?;
    match groups.iter().find(|cases| cases.len() > 1) {
        Some(several) => Some(format!("rdpwhy --brief -Y cause:{} {source}", several[0].verdict.cause?)),
        None if groups.len() > 1 && groups.iter().any(|cases| cases[0].verdict.outcome != Outcome::Died) => {
            Some(format!("rdpwhy --each {source}"))
        }
        None => None,
    }
}
