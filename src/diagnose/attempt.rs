//! Which connections are one try of one user: a client asks its user and comes back, falls back to weaker security,
//! is sent on by a broker, tries again by itself, opens a side channel. One try has one answer.

mod redirected;

use std::net::IpAddr;

use super::case::Case;
use super::crowd::Progress;
use super::map::{List, Map};
use super::rule::Scene;
use super::user;
use super::verdict::{By, Finding, Outcome, Sentence, Sure};
use crate::frame::{FrameNumber, Timestamp};
use crate::session::{Endpoint, Session, Transport};
use crate::wire::catalogue::Fact;
use redirected::{Next, is_sent_back, is_sent_on, is_sent_on_late, redirections, send_on};

/// A client that asked its user comes back within this time; seconds.
const PROMPT: f64 = 120.0;
/// One that falls back or tries again by itself does so within this time; seconds. A person is slower.
const BY_ITSELF: f64 = 3.0;
/// A client whose session broke comes back by itself within this time, again and again; seconds.
const RECONNECT: f64 = 20.0;
/// A client that is sent on asks the next server within this time; seconds.
const SENT_ON: std::ops::RangeInclusive<f64> = -1.0..=2.0;
/// The same, where it first has to find the name it was given; seconds.
const LOOKED_UP: f64 = 10.0;
/// The cause of a client that hung up to ask its user.
const PROMPTED: &str = "ok.prompt-reconnect";
/// Connections of one client that a later one is compared with; many users may share an address.
const REMEMBERED: usize = 32;
/// So many returns make a loop.
const LOOP: usize = 3;

/// What has to be known of each connection to tell which others it may belong to; kept apart, because all are compared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tie {
    client: IpAddr,
    server: Endpoint,
    first: Timestamp,
    /// When it was over for its client (its books may be closed later), and its last packet.
    over: Timestamp,
    last: Timestamp,
    progress: Progress,
    is_tcp: bool,
    is_scan: bool,
    /// It hung up to ask its user.
    is_prompt: bool,
    /// It died, or was refused.
    has_failed: bool,
    /// It came as far as a session, where a broker sends its clients on.
    has_joined: bool,
}

impl Tie {
    /// Of the session in `scene`, which fared like that.
    pub(super) fn of(scene: &Scene<'_>, outcome: Outcome, cause: Option<&'static str>) -> Self {
        let session = scene.session;
        let progress = scene.crowd.progress(scene.index);
        Self {
            client: session.client.ip,
            server: session.server,
            first: session.first.time,
            over: scene.ending.act.map_or(session.last.time, |act| act.time),
            last: session.last.time,
            progress,
            is_tcp: session.transport == Transport::Tcp,
            is_scan: outcome == Outcome::Scan,
            is_prompt: cause == Some(PROMPTED),
            has_failed: outcome == Outcome::Died || session.negotiation_failure().is_some(),
            has_joined: progress == Progress::Running || scene.shape.mcs,
        }
    }

    /// Whether a TCP connection of the same client that begins at `start` to `server` may belong to the same try.
    pub(super) fn may_lead_to(&self, start: Timestamp, server: Endpoint) -> bool {
        let is_other = u32::from(self.server != server);
        self.is_tcp && !self.is_scan && Earlier::of(0, self, 0).may_lead_to(start.0, is_other)
    }
}

/// A connection that a later one may belong to: what tells most of them apart, small enough to be looked through often.
struct Earlier {
    over: i64,
    last: i64,
    /// The server's number among all.
    server: u32,
    index: u32,
    is_prompt: bool,
    has_failed: bool,
    has_joined: bool,
}

impl Earlier {
    fn of(index: usize, tie: &Tie, server: u32) -> Self {
        Self {
            over: tie.over.0,
            last: tie.last.0,
            server,
            index: index as u32,
            is_prompt: tie.is_prompt,
            has_failed: tie.has_failed,
            has_joined: tie.has_joined,
        }
    }

    /// Whether a TCP connection that begins at `time` to `server` may belong to it, as far as can be said of most at once.
    fn may_lead_to(&self, time: i64, server: u32) -> bool {
        let gap = time.saturating_sub(self.over);
        let (may, least, most) = match (self.server == server, self.is_prompt) {
            (false, _) => (self.has_joined, *SENT_ON.start(), LOOKED_UP),
            (true, false) => (self.has_failed || self.has_joined, *SENT_ON.start(), RECONNECT),
            (true, true) => (true, -0.5, PROMPT),
        };
        may && gap >= nanoseconds(least) && gap <= nanoseconds(most)
    }
}

const fn nanoseconds(seconds: f64) -> i64 {
    (seconds * 1e9) as i64
}

/// Gives those who were `judged`, in the order of their first packets and each with its tie, the numbers and roles of their
/// attempts.
pub(super) fn join(judged: Vec<(Case, Tie)>) -> Vec<Case> {
    let (mut cases, ties): (Vec<Case>, Vec<Tie>) = judged.into_iter().unzip();
    join_all(&mut cases, &ties);
    cases
}

fn join_all(cases: &mut [Case], ties: &[Tie]) {
    const ALONE: usize = usize::MAX;
    let mut latest: Map<IpAddr, List<Earlier>> = Map::default();
    let mut servers: Map<Endpoint, u32> = Map::default();
    let mut attempts: Vec<Vec<usize>> = Vec::new();
    let mut of_case: Vec<usize> = vec![ALONE; cases.len()];
    for (index, tie) in ties.iter().enumerate().filter(|(_, tie)| !tie.is_scan) {
        let next = servers.len() as u32;
        let server = *servers.entry(tie.server).or_insert(next);
        let known = latest.entry(tie.client).or_default();
        let mut near = known.iter().rev().filter(|one| !tie.is_tcp || one.may_lead_to(tie.first.0, server));
        let linked = near.find_map(|one| {
            let earlier = one.index as usize;
            // Many users behind one address, or one who goes from server to server: what comes next follows from nothing.
            let goes_elsewhere = |other: &Earlier| {
                let try_of_other = of_case[other.index as usize];
                let is_one_try = try_of_other != ALONE && try_of_other == of_case[earlier];
                ![one.server, server].contains(&other.server) && !is_one_try
            };
            let is_single_minded = || !known.iter().any(goes_elsewhere);
            Some((earlier, role_before(&cases[earlier], &ties[earlier], &cases[index], tie, &is_single_minded)?))
        });
        if let Some((earlier, role)) = linked {
            // Who was sent on, to where nobody answers, and asks once more, was sent on all the same.
            if tie.is_tcp && cases[earlier].role != "redirect" {
                cases[earlier].role = role;
            }
            if of_case[earlier] == ALONE {
                of_case[earlier] = attempts.len();
                attempts.push(vec![earlier]);
            }
            of_case[index] = of_case[earlier];
            attempts[of_case[earlier]].push(index);
        }
        if tie.is_tcp {
            make_room(known, tie.first.0);
            known.push(Earlier::of(index, tie, server));
        }
    }
    for members in attempts {
        settle(cases, &members);
    }
}

/// Makes room for one more: those that are long over go, and the first where there are still too many.
fn make_room(known: &mut List<Earlier>, now: i64) {
    known.retain(|earlier| now.saturating_sub(earlier.last) <= nanoseconds(PROMPT));
    if known.len() >= REMEMBERED {
        known.remove(0);
    }
}

/// What part `earlier` plays if `later` belongs to the same try.
fn role_before(
    earlier: &Case,
    known: &Tie,
    later: &Case,
    new: &Tie,
    is_single_minded: &dyn Fn() -> bool,
) -> Option<&'static str> {
    if !new.is_tcp {
        let is_inside = new.first >= known.first && new.first <= known.last;
        let ids = || correlation(&earlier.session).zip(correlation(&later.session));
        let other = || ids().is_some_and(|(one, two)| one != two);
        return (is_inside && known.server.ip == new.server.ip && !other()).then_some("main");
    }
    let gap = new.first.since(known.over);
    let may_be_one_user = || user::may_be_one(earlier.session.user_hint(), later.session.user_hint());
    let may_be_sent_on = || known.has_joined && SENT_ON.contains(&gap) && may_be_one_user();
    if known.server != new.server {
        let may_have_looked =
            || known.has_joined && (0.0..=LOOKED_UP).contains(&gap) && is_sent_on_late(earlier, later);
        let is_redirected = may_be_sent_on() && is_sent_on(earlier, later, is_single_minded) || may_have_looked();
        return is_redirected.then_some("redirect");
    }
    if may_be_sent_on() && is_sent_back(earlier, later) {
        return Some("redirect");
    }
    let ran = known.progress == Progress::Running;
    let by_itself = (-0.5..=BY_ITSELF).contains(&gap);
    let role = match known.is_prompt {
        true if (0.0..=PROMPT).contains(&gap) => "prompt",
        _ if !known.has_failed => return None,
        _ if !ran && by_itself && offers_differ(&earlier.session, &later.session) => "fallback",
        _ if !ran && by_itself => "retry",
        _ if ran && (0.0..=RECONNECT).contains(&gap) => "retry",
        // A client that reconnects by itself waits between two failures, too.
        _ if earlier.role == "retry" && (0.0..=RECONNECT).contains(&gap) => "retry",
        _ => return None,
    };
    may_be_one_user().then_some(role)
}

fn offers_differ(one: &Session, two: &Session) -> bool {
    let offer = |session: &Session| session.request().map(|(_, request)| request.protocols);
    offer(one).zip(offer(two)).is_some_and(|(one, two)| one != two)
}

/// The id that a TCP connection's request and its side channel's SYN share (MS-RDPBCGR 2.2.1.1.2).
fn correlation(session: &Session) -> Option<[u8; 16]> {
    session.timeline.facts().find_map(|(_, fact)| match fact {
        Fact::ConnectionRequest(request) => request.correlation,
        Fact::UdpSyn(syn) => syn.correlation,
        _ => None,
    })
}

/// Names the connection that decides, and says of it what became of the others.
fn settle(cases: &mut [Case], members: &[usize]) {
    let number = cases[members[0]].session.id.0;
    for index in members {
        cases[*index].attempt = number;
    }
    let tcp: Vec<usize> =
        members.iter().copied().filter(|index| cases[*index].session.transport == Transport::Tcp).collect();
    let Some(main) = decisive(cases, &tcp) else { return };
    // The links named what each connection was to the next one; the last one, if it does not decide, is one more try.
    let last = tcp.last().copied().unwrap_or(main);
    if last != main {
        let before = tcp.iter().rev().nth(1).copied().unwrap_or(main);
        cases[last].role = if cases[before].role == "main" { "retry" } else { cases[before].role };
    }
    cases[main].role = "main";
    for position in 1..tcp.len() {
        let [before, after] = [tcp[position - 1], tcp[position]];
        let next = Next::of(&cases[before].session, &cases[after].session);
        send_on(&mut cases[before], next);
    }
    let others: Vec<usize> = tcp.into_iter().filter(|index| *index != main).collect();
    if cases[main].verdict.outcome != Outcome::Died {
        let note = format!("the same try went on as #{}, which did not die", cases[main].session.id.0);
        let works = works(&cases[main]);
        for index in others.iter().copied() {
            let case = &mut cases[index];
            if case.verdict.outcome == Outcome::Died {
                case.verdict.notes.push(note.clone().into());
                overcome(case, works);
            }
        }
    }
    // A try that ends as the main one did needs no word of its own: it is one more of the same.
    let cause = cases[main].verdict.cause;
    let told: Vec<usize> = others.iter().copied().filter(|index| cases[*index].verdict.cause != cause).collect();
    let notes = notes(cases, &told);
    let returns = returns(cases, main, &others);
    let redirections = redirections(cases, members, &others);
    let verdict = &mut cases[main].verdict;
    verdict.notes.extend(notes.into_iter().map(Sentence::from));
    verdict.findings.extend(returns.into_iter().chain(redirections));
}

/// Whether its user got what was asked for.
fn works(case: &Case) -> bool {
    Progress::of(&case.session, &case.shape) >= Progress::LoggedOn
        && matches!(case.verdict.outcome, Outcome::Ok | Outcome::Warn | Outcome::Open)
}

/// A connection that got nowhere, where the client's next one of the same try `works`: its user lost seconds, and no session.
/// A device that cuts connections is a fault for all who come by, whoever has more luck the next time.
fn overcome(case: &mut Case, works: bool) {
    let by_device = case.verdict.death.is_some_and(|death| death.by == By::Middlebox);
    if works && !by_device && Progress::of(&case.session, &case.shape) != Progress::Running {
        case.verdict.outcome = Outcome::Warn;
        case.verdict.death = None;
        case.verdict.marks.iter_mut().for_each(|mark| mark.is_death = false);
    }
}

/// A session that ran and died is what its user complains of; else the one that works; else the one that came
/// farthest, the first of equals: a client's second try only repeats or weakens the first.
fn decisive(cases: &[Case], all: &[usize]) -> Option<usize> {
    let progress = |index: usize| Progress::of(&cases[index].session, &cases[index].shape);
    let outcome = |index: usize| cases[index].verdict.outcome;
    // Who was sent on ended that connection by order, however far it came: what counts is how the next one fared.
    let mut tcp: Vec<usize> = all.iter().copied().filter(|index| cases[*index].role != "redirect").collect();
    if tcp.is_empty() {
        tcp = all.to_vec();
    }
    let ran_and_died = |index: &usize| progress(*index) == Progress::Running && outcome(*index) == Outcome::Died;
    let works = |index: &usize| works(&cases[*index]);
    let farthest = || tcp.iter().copied().max_by_key(|index| (progress(*index), std::cmp::Reverse(*index)));
    // Sent on, and nobody there: however well it went before, this is where the user stands.
    let stranded = all.last().copied().filter(|last| {
        cases[*last].session.accepted.is_none()
            && all.iter().rev().nth(1).is_some_and(|before| cases[*before].role == "redirect")
    });
    let first_death = tcp.iter().copied().find(ran_and_died);
    stranded.or(first_death).or_else(|| tcp.iter().copied().rfind(works)).or_else(farthest)
}

/// One sentence for each kind of connection beside the main one.
fn notes(cases: &[Case], others: &[usize]) -> Vec<String> {
    const KINDS: [(&str, &str); 4] = [
        ("prompt", "the client hung up to ask its user"),
        ("fallback", "the client's fallback to other security"),
        ("retry", "the client came again by itself"),
        ("redirect", "the broker that sent the client on"),
    ];
    let of_kind = |kind: &str| others.iter().map(|index| &cases[*index]).filter(|case| case.role == kind).collect();
    KINDS
        .into_iter()
        .filter_map(|(kind, what)| {
            let same: Vec<&Case> = of_kind(kind);
            let first = same.first()?;
            let listed: Vec<String> = same.iter().take(8).map(|case| format!("#{}", case.session.id.0)).collect();
            let more = if same.len() > 8 { " ..." } else { "" };
            let verb = if same.len() == 1 { "belongs" } else { "belong" };
            let end = first
                .verdict
                .death
                .map(|death| format!(" ({}, frame {})", first.verdict.cause.unwrap_or("died"), death.frame.number()));
            let end = end.unwrap_or_default();
            Some(format!("{}{more} {verb} to the same try: {what}{end}", listed.join(" ")))
        })
        .collect()
}

/// A session broke, and its client came back again and again.
fn returns(cases: &[Case], main: usize, others: &[usize]) -> Option<Finding> {
    let later: Vec<&Case> = others.iter().filter(|index| **index > main).map(|index| &cases[*index]).collect();
    let broke = cases[main].verdict.outcome == Outcome::Died
        && Progress::of(&cases[main].session, &cases[main].shape) == Progress::Running;
    if !broke || later.len() < LOOP {
        return None;
    }
    let frames: Vec<FrameNumber> = later.iter().take(8).map(|case| case.session.first.frame).collect();
    let span = later.last()?.session.first.time.since(later[0].session.first.time);
    let text = format!("the client came back {} times within {span:.0} s and was not let in", later.len());
    Some(Finding { id: "end.autoreconnect-loop", sure: Sure::Strong, frames, text: text.into() })
}
