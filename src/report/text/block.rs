//! One finding in full: headline, place, ladder, and the lines that argue, explain and advise.

use super::ladder::Ladder;
use crate::diagnose::Case;
use crate::diagnose::verdict::{Advice, Evidence, Outcome, Points, Sure};
use crate::frame::{FrameNumber, Input};
use crate::report::format::{Style, file_name};
use crate::report::pen::{Ink, Line, hanging, unbroken};
use crate::report::tally::user_hint;
use crate::report::time::count;
use crate::session::EventKind;

/// Lines of a block that leave room for totals, commands and the prompt on 24 rows.
const SCREEN: usize = 19;
/// Session numbers listed before the rest is only counted.
const LISTED: usize = 8;

/// The block of `case`; `same` died or suffers of the same cause.
pub(super) fn block(case: &Case, same: &[&Case], inputs: &[Input], style: &Style) -> Vec<Line> {
    let mut ladder = Ladder::of(case, style);
    let mut lines = headline(case, style);
    lines.extend(place(case, inputs, style));
    let feet = feet(case, same, style, ladder.gutter());
    let full = ladder.lines();
    if style.verbose > 0 || lines.len() + full.len() + feet.len() <= SCREEN {
        lines.extend(full);
    } else {
        let mut short = full.clone();
        while lines.len() + short.len() + feet.len() > SCREEN && ladder.shorten() {
            short = ladder.lines();
        }
        // Only when it helps: a block that is longer than a screen anyway may as well tell the whole story.
        let fits = lines.len() + short.len() + feet.len() <= SCREEN;
        lines.extend(if fits { short } else { full });
    }
    lines.extend(feet);
    lines
}

/// `died[tls.cert-expired]: client refused the server certificate, 2 days too old`.
fn headline(case: &Case, style: &Style) -> Vec<Line> {
    hanging(style, &head(case, style), &case.verdict.headline)
}

/// `warn[path.loss]: `.
pub(super) fn head(case: &Case, style: &Style) -> Line {
    let verdict = &case.verdict;
    let ink = Ink::of(verdict.outcome);
    let line = Line::new(style).with(ink, verdict.outcome.word());
    let line = match verdict.cause {
        Some(cause) => line.with(Ink::Plain, "[").with(ink, cause).with(Ink::Plain, "]"),
        None => line,
    };
    line.with(Ink::Plain, ": ")
}

/// Where, how sure, which session, who with whom.
fn place(case: &Case, inputs: &[Input], style: &Style) -> Vec<Line> {
    let session = &case.session;
    let frame = pointed_frame(case);
    let file = file_name(inputs, frame).unwrap_or_else(|| "frame ".into());
    let colon = if file.ends_with(' ') { "" } else { ":" };
    let sure = match case.verdict.outcome {
        Outcome::Died | Outcome::Warn => format!(", {}", how_sure(case)),
        _ => String::new(),
    };
    let at = format!("{file}{colon}{}{sure}", frame.number());
    let number = format!("session #{}", session.id.0);
    let user = user_hint(case).map(|user| format!("{user}@")).unwrap_or_default();
    let ends = format!("{user}{} → {}", session.client, session.server);
    let start = Line::new(style).with(Ink::Cyan, "  --> ");
    let second = Line::new(style).to(6);
    let whole = start.clone().with(Ink::Plain, &format!("{at}, {number}, {ends}"));
    if whole.width() <= style.width {
        return vec![whole];
    }
    let first = start.clone().with(Ink::Plain, &format!("{at}, {number}"));
    if first.width() <= style.width {
        return vec![first, second.with(Ink::Plain, &ends)];
    }
    let mut lines = hanging(style, &start, &at);
    lines.push(second.with(Ink::Plain, &format!("{number}, {ends}")));
    lines
}

/// The frame to open first.
pub(super) fn pointed_frame(case: &Case) -> FrameNumber {
    let verdict = &case.verdict;
    let marked = verdict.marks.last().map(|mark| mark.frame);
    verdict.death.map(|death| death.frame).or(marked).unwrap_or(verdict.end.frame)
}

/// `strong (4 signs for, 1 against)`, `likely (2 signs for; the reason is encrypted)`.
fn how_sure(case: &Case) -> String {
    let verdict = &case.verdict;
    let of = |points: Points| verdict.evidence.iter().filter(|sign| sign.points == points).count();
    let (signs, against) = (of(Points::For), of(Points::Against));
    let word = verdict.sure.word();
    let signs = format!("{signs} sign{} for", if signs == 1 { "" } else { "s" });
    match (verdict.sure, against) {
        (Sure::Proven, _) => word.into(),
        (_, 1..) => format!("{word} ({signs}, {against} against)"),
        (Sure::Strong, 0) => format!("{word} ({signs}, none against)"),
        _ if death_is_encrypted(case) => format!("{word} ({signs}; the reason is encrypted)"),
        _ => format!("{word} ({signs}; no frame says why)"),
    }
}

fn death_is_encrypted(case: &Case) -> bool {
    let Some(death) = case.verdict.death else { return false };
    let mut events = case.session.timeline.iter().filter(|event| event.frame == death.frame);
    events.any(|event| matches!(event.kind, EventKind::Encrypted { .. }))
}

/// The lines under the ladder, each kind in its place.
fn feet(case: &Case, same: &[&Case], style: &Style, gutter: usize) -> Vec<Line> {
    let verdict = &case.verdict;
    let mut lines = Vec::new();
    let mut add = |label: &str, text: &str| {
        let ink = if label == "fix" { Ink::Green } else { Ink::Bold };
        let head = Line::new(style).to(gutter).with(Ink::Dim, "= ").with(ink, label).with(Ink::Plain, ": ");
        lines.extend(hanging(style, &head, text));
    };
    for (points, label) in [(Points::For, "evidence"), (Points::Against, "against"), (Points::Missing, "missing")] {
        for sign in verdict.evidence.iter().filter(|sign| sign.points == points) {
            add(label, &with_frames(sign));
        }
    }
    if let Some(means) = &verdict.means {
        add("means", means);
    }
    for other in &verdict.not_it {
        add("not it", &other.text);
    }
    if !verdict.could_be.is_empty() {
        let texts: Vec<&str> = verdict.could_be.iter().map(|other| other.text.as_str()).collect();
        add("could also be", &texts.join("; "));
    }
    for advice in &verdict.fixes {
        add("fix", &with_command(advice));
    }
    for advice in &verdict.next {
        add("next", &with_command(advice));
    }
    for note in &verdict.notes {
        add("note", note);
    }
    if style.verbose > 0 {
        for finding in &verdict.findings {
            add("note", &format!("{} [{}, {}]", finding.text, finding.id, finding.sure.word()));
        }
    }
    if style.verbose > 1 {
        for text in reasoning(case) {
            add("reached", &text);
        }
    }
    if let Some(text) = same_text(case, same) {
        add("same", &text);
    }
    lines
}

/// Whoever reads a sign must be able to look it up: its frames are named, if its text does not do so already.
fn with_frames(sign: &Evidence) -> String {
    let names = |frame: &FrameNumber| {
        let number = frame.number().to_string();
        sign.text.split(|c: char| !c.is_ascii_digit()).any(|word| word == number)
    };
    if sign.points == Points::Missing || sign.frames.is_empty() || sign.frames.iter().any(names) {
        return sign.text.clone();
    }
    let listed: Vec<String> = sign.frames.iter().take(4).map(|frame| frame.number().to_string()).collect();
    let more = if sign.frames.len() > 4 { " ..." } else { "" };
    let word = if sign.frames.len() == 1 { "frame" } else { "frames" };
    let frames = unbroken(&format!("({word} {}{more})", listed.join(" ")));
    format!("{} {frames}", sign.text)
}

fn with_command(advice: &Advice) -> String {
    match &advice.command {
        // The rule may have put the command into its sentence.
        Some(command) if advice.text.contains(command.as_str()) => {
            advice.text.replace(command.as_str(), &unbroken(command))
        }
        Some(command) if advice.text.ends_with(':') => format!("{} {}", advice.text, unbroken(command)),
        Some(command) => format!("{}  {}", advice.text, unbroken(command)),
        None => advice.text.clone(),
    }
}

/// How the verdict was reached, from what the verdict itself keeps.
fn reasoning(case: &Case) -> Vec<String> {
    let verdict = &case.verdict;
    let ids = |list: &[crate::diagnose::verdict::Alternative]| {
        list.iter().map(|other| other.id).collect::<Vec<_>>().join(" ")
    };
    let phases = |phases: &[crate::session::Phase]| phases.iter().map(|phase| phase.letter()).collect::<String>();
    let mut texts = vec![format!(
        "phases seen {}; inferred {}",
        phases(&verdict.reached),
        if verdict.reached_inferred.is_empty() { "none".into() } else { phases(&verdict.reached_inferred) },
    )];
    if let Some(cause) = verdict.cause {
        texts.push(format!("{cause} applies, {}", verdict.sure.word()));
    }
    if !verdict.not_it.is_empty() {
        texts.push(format!("refuted: {}", ids(&verdict.not_it)));
    }
    if !verdict.could_be.is_empty() {
        texts.push(format!("not excluded: {}", ids(&verdict.could_be)));
    }
    texts
}

/// `#9 died the same way`, `#16 #19 #22, all from 10.88.0.0/24`.
fn same_text(case: &Case, same: &[&Case]) -> Option<String> {
    let others: Vec<&&Case> = same.iter().filter(|other| other.session.id != case.session.id).collect();
    match others.as_slice() {
        [] => None,
        [one] if case.verdict.outcome == Outcome::Died => Some(format!("#{} died the same way", one.session.id.0)),
        _ => {
            let numbers = numbers(others.iter().map(|other| other.session.id.0), others.len());
            let network = common_network(same).map(|network| format!(", all from {network}")).unwrap_or_default();
            Some(format!("{numbers}{network}"))
        }
    }
}

/// `#16 #19 #22`, `#1 #2 ... and 391 more`.
pub(super) fn numbers(ids: impl Iterator<Item = u32>, total: usize) -> String {
    let listed: Vec<String> = ids.take(LISTED).map(|id| format!("#{id}")).collect();
    let rest = total.saturating_sub(LISTED);
    let more = if rest > 0 { format!(" and {} more", count(rest as u64)) } else { String::new() };
    format!("{}{more}", listed.join(" "))
}

/// The IPv4 network of 24 bits that all clients come from, when there are several of them.
fn common_network(cases: &[&Case]) -> Option<String> {
    let mut addresses = cases.iter().map(|case| match case.session.client.ip {
        std::net::IpAddr::V4(ip) => Some(ip.octets()),
        std::net::IpAddr::V6(_) => None,
    });
    let first = addresses.next()??;
    let mut differ = false;
    for address in addresses {
        let address = address?;
        if address[..3] != first[..3] {
            return None;
        }
        differ |= address != first;
    }
    differ.then(|| format!("{}.{}.{}.0/24", first[0], first[1], first[2]))
}
