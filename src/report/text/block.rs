//! One finding in full: headline, place, ladder, and the lines that argue, explain and advise.

use super::frames::{Home, with_frames};
use super::ladder::Ladder;
use crate::diagnose::verdict::{Finding, Outcome, Phases, Points, Sure};
use crate::diagnose::{Advice, Case, Reason};
use crate::frame::{FrameNumber, Input};
use crate::report::format::{Style, file_name};
use crate::report::pen::{Ink, Line, hanging, unbroken};
use crate::report::tally::{Tally, user_hint};
use crate::report::time::count;
use crate::session::Direction;

/// Lines of a block that leave room for totals, commands and the prompt on 24 rows.
const SCREEN: usize = 19;
/// Session numbers that are all listed; of more, only the first ones.
const LISTED: u64 = 8;
/// Of so many.
const FIRST: usize = 4;
/// Findings that put a verdict into another light, or explain it: nobody should have to ask for them.
const NOTED: &[&str] = &[
    "cap.clock-jump",
    "cap.out-of-step",
    "cap.clock-wrong",
    "cap.drops",
    "cap.incomplete",
    "redirect.loop",
    "redirect.unreachable",
    "x224.routing-token",
];
/// Refuted causes that are shown; JSON has all.
const REFUTED: usize = 3;
/// Inferred records listed by `-vv`.
const RECORDS: usize = 40;

/// Sessions with one outcome for one cause.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Same<'a> {
    /// Those that are still at hand.
    pub(super) cases: &'a [&'a Case],
    /// How many there were; more than `cases` when memory had no room for all.
    pub(super) total: u64,
}

impl<'a> Same<'a> {
    pub(super) fn of(cases: &'a [&'a Case], tally: &Tally) -> Self {
        let verdict = cases.first().map(|case| &case.verdict);
        let total = verdict.and_then(|verdict| Some(tally.of_cause(verdict.outcome, verdict.cause?))).unwrap_or(0);
        Self { cases, total: total.max(cases.len() as u64) }
    }
}

/// The block of `case`; `same` share its cause.
pub(super) fn block(case: &Case, same: Same<'_>, inputs: &[Input], style: &Style) -> Vec<Line> {
    let mut ladder = Ladder::of(case, inputs, style);
    let mut lines = headline(case, style);
    lines.extend(place(case, inputs, style));
    let feet = feet(case, same, inputs, style, ladder.gutter());
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

/// Where, how sure, which session, who with whom: on one line, or two that break between these four. A path that is
/// wider than the screen stands alone, whole.
pub(super) fn place(case: &Case, inputs: &[Input], style: &Style) -> Vec<Line> {
    let session = &case.session;
    let frame = pointed_frame(case);
    let at = match file_name(inputs, frame) {
        Some(file) => format!("{file}:{}", frame.number()),
        None => format!("frame {}", frame.number()),
    };
    let sure = match case.verdict.outcome {
        Outcome::Died | Outcome::Warn => how_sure(case),
        _ => String::new(),
    };
    let user = user_hint(case).map(|user| format!("{user}@")).unwrap_or_default();
    let parts =
        [at, sure, format!("session #{}", session.id.0), format!("{user}{} → {}", session.client, session.server)];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let head = |first: bool| match first {
        true => Line::new(style).with(Ink::Cyan, "  --> "),
        false => Line::new(style).to(6),
    };
    let line = |parts: &[String], first: bool| head(first).with(Ink::Plain, &parts.join(", "));
    let whole = line(&parts, true);
    if whole.width() <= style.width {
        return vec![whole];
    }
    // The later the break, the better; each side must fit.
    for at in (1..parts.len()).rev() {
        let pair = [line(&parts[..at], true), line(&parts[at..], false)];
        if pair.iter().all(|line| line.width() <= style.width) {
            return pair.into();
        }
    }
    let mut lines = vec![line(&parts[..1], true)];
    let rest = line(&parts[1..], false);
    if rest.width() <= style.width {
        lines.push(rest);
        return lines;
    }
    let (ends, rest) = parts[1..].split_last().map_or(("", &[][..]), |(ends, rest)| (ends.as_str(), rest));
    lines.extend(hanging(style, &head(false), &rest.join(", ")));
    lines.extend(hanging(style, &head(false), ends));
    lines
}

/// The most certain one; the first of them.
pub(super) fn example<'a>(cases: &[&'a Case]) -> &'a Case {
    let mut best = cases[0];
    for case in cases {
        if case.verdict.sure > best.verdict.sure {
            best = case;
        }
    }
    best
}

/// The frame to open first.
pub(crate) fn pointed_frame(case: &Case) -> FrameNumber {
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
        _ => match case.reason() {
            Reason::Encrypted => format!("{word} ({signs}; the reason is encrypted)"),
            Reason::Beside => format!("{word} ({signs})"),
            Reason::Unsaid => format!("{word} ({signs}; no frame says why)"),
        },
    }
}

/// The lines under the ladder, each kind in its place.
fn feet(case: &Case, same: Same<'_>, inputs: &[Input], style: &Style, gutter: usize) -> Vec<Line> {
    let verdict = &case.verdict;
    let home = Home::of(case, inputs);
    let mut lines = Vec::new();
    let mut add = |label: &str, text: &str| {
        let ink = if label == "fix" { Ink::Green } else { Ink::Bold };
        let head = Line::new(style).to(gutter).with(Ink::Dim, "= ").with(ink, label).with(Ink::Plain, ": ");
        lines.extend(hanging(style, &head, text));
    };
    for (points, label) in [(Points::For, "evidence"), (Points::Against, "against"), (Points::Missing, "missing")] {
        for sign in verdict.evidence.iter().filter(|sign| sign.points == points) {
            let frames = if points == Points::Missing { &[][..] } else { &sign.frames };
            add(label, &with_frames(frames, &sign.text, home));
        }
    }
    if let Some(means) = &verdict.means {
        add("means", means);
    }
    if !verdict.not_it.is_empty() {
        // What a frame states needs no list of what else it is not.
        let most = match verdict.sure {
            _ if style.verbose > 0 => usize::MAX,
            Sure::Proven => 1,
            _ => REFUTED,
        };
        let texts: Vec<&str> = verdict.not_it.iter().take(most).map(|other| &*other.text).collect();
        add("not it", &texts.join("; "));
    }
    if !verdict.could_be.is_empty() {
        let texts: Vec<&str> = verdict.could_be.iter().map(|other| &*other.text).collect();
        add("could also be", &texts.join("; "));
    }
    for advice in case.fixes() {
        add("fix", &with_command(&advice, style, gutter));
    }
    for advice in case.next_steps() {
        add("next", &with_command(&advice, style, gutter));
    }
    for note in &verdict.notes {
        add("note", note);
    }
    // What makes a warning of a session that ended well is no secret either.
    let warns = |finding: &Finding| {
        verdict.outcome == Outcome::Warn && matches!(finding.id, "rdp.standard-security" | "path.loss")
    };
    let is_noted = |finding: &&Finding| style.verbose > 0 || NOTED.contains(&finding.id) || warns(finding);
    if style.verbose > 0 || verdict.outcome != Outcome::Ok {
        for finding in verdict.findings.iter().filter(is_noted) {
            let text = with_frames(&finding.frames, &finding.text, home);
            add("note", &format!("{text} {}", unbroken(&format!("[{}, {}]", finding.id, finding.sure.word()))));
        }
    }
    if style.verbose > 1 {
        for text in reasoning(case) {
            add("reached", &text);
        }
        for text in inferred(case) {
            add("inferred", &text);
        }
    }
    if let Some(text) = same_text(case, same, style.width.saturating_sub(gutter + "= same: ".len())) {
        add("same", &text);
    }
    lines
}

/// Advice and its command. A command too long for a line is left to `explain` and `-v`: broken, nobody can paste it.
fn with_command(advice: &Advice, style: &Style, gutter: usize) -> String {
    let room = style.width.saturating_sub(gutter + "= next: ".len());
    match advice.command.as_ref().filter(|command| style.verbose > 0 || command.chars().count() <= room) {
        // The rule may have put the command into its sentence.
        Some(command) if advice.text.contains(command.as_ref()) => {
            advice.text.replace(command.as_ref(), &unbroken(command))
        }
        Some(command) if advice.text.ends_with(':') => format!("{} {}", advice.text, unbroken(command)),
        Some(command) => format!("{}  {}", advice.text, unbroken(command)),
        None => advice.text.to_string(),
    }
}

/// How the verdict was reached, from what the verdict itself keeps.
fn reasoning(case: &Case) -> Vec<String> {
    let verdict = &case.verdict;
    let ids = |list: &[crate::diagnose::verdict::Alternative]| {
        list.iter().map(|other| other.id).collect::<Vec<_>>().join(" ")
    };
    let phases = |phases: Phases| phases.iter().map(|phase| phase.letter()).collect::<String>();
    let mut texts = vec![format!(
        "phases seen {}; inferred {}",
        phases(verdict.reached),
        if verdict.reached_inferred.is_empty() { "none".into() } else { phases(verdict.reached_inferred) },
    )];
    if let Some(cause) = verdict.cause {
        let asked = crate::diagnose::rules::asked_before(cause);
        if !asked.is_empty() && asked.len() < crate::diagnose::rules::RULES.len() {
            texts.push(format!("asked for first, and not found: {}", asked.join(" ")));
        }
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

/// What encrypted records were taken for, with the sizes that say so.
fn inferred(case: &Case) -> Vec<String> {
    let records = &case.shape.records;
    let of = |record: &crate::diagnose::Inferred| {
        let side = if record.direction == Direction::ClientToServer { "client" } else { "server" };
        let length = case.session.timeline.iter().find(|event| event.frame == record.frame).map(|event| event.length);
        let size = match record.plaintext {
            Some(inner) => format!(", {inner} bytes inside"),
            None => length.map(|length| format!(", {length} bytes")).unwrap_or_default(),
        };
        let sure = if record.exact { "" } else { ", probably" };
        format!("frame {}, {side}: {} ({}){size}{sure}", record.frame.number(), record.name, record.phase.label())
    };
    let mut texts: Vec<String> = records.iter().take(RECORDS).map(of).collect();
    if records.len() > RECORDS {
        texts.push(format!("and {} more records", count((records.len() - RECORDS) as u64)));
    }
    texts
}

/// `#9 died the same way`, `#16 #19 #22, all from 10.88.0.0/24`; one line of at most `room` columns.
fn same_text(case: &Case, same: Same<'_>, room: usize) -> Option<String> {
    let others: Vec<&&Case> = same.cases.iter().filter(|other| other.session.id != case.session.id).collect();
    match others.as_slice() {
        [] => None,
        [one] if same.total == 2 && case.verdict.outcome == Outcome::Died => {
            let again = if one.attempt == case.attempt { ": the client tried again by itself" } else { "" };
            Some(format!("#{} died the same way{again}", one.session.id.0))
        }
        _ => {
            let network = common_network(same).map(|network| format!(", all from {network}")).unwrap_or_default();
            let ids: Vec<u32> = others.iter().map(|other| other.session.id.0).collect();
            Some(format!("{}{network}", numbers(&ids, same.total - 1, room.saturating_sub(network.len()))))
        }
    }
}

/// `#16 #19 #22`, `#1 #2 #3 #4 and 391 more`: as many as are of use and fit, at least one.
pub(crate) fn numbers(ids: &[u32], total: u64, room: usize) -> String {
    let total = total.max(ids.len() as u64);
    let most = if total > LISTED { FIRST.min(ids.len()) } else { ids.len() };
    let text = |listed: usize| {
        let numbers: Vec<String> = ids.iter().take(listed).map(|id| format!("#{id}")).collect();
        let rest = total - listed as u64;
        let more = if rest > 0 { format!(" and {} more", count(rest)) } else { String::new() };
        format!("{}{more}", numbers.join(" "))
    };
    (1..=most).rev().map(text).find(|text| text.len() <= room).unwrap_or_else(|| text(most.min(1)))
}

/// The IPv4 network of 24 bits that all clients come from, when there are several of them.
fn common_network(same: Same<'_>) -> Option<String> {
    if same.total > same.cases.len() as u64 {
        return None;
    }
    let mut addresses = same.cases.iter().map(|case| match case.session.client.ip {
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
