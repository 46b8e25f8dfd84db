//! Sessions of a running capture, told as they end; each again only when its verdict is another.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::exit::Account;
use super::judge::Job;
use super::plug;
use super::status::Status;
use super::teller::Teller;
use crate::cli::{Form, Stop};
use crate::diagnose::Case;
use crate::diagnose::verdict::{Outcome, Sure};
use crate::frame::{FrameNumber, Input, Timestamp};
use crate::pump::{Follower, Standing};
use crate::report::live::Live;
use crate::report::time::{count, counted};
use crate::report::{Streaming, Tally};
use crate::session::SessionId;

/// Between two changes of the status line.
const PAUSE: Duration = Duration::from_millis(500);
/// Dead sessions kept for the summary of those that memory had no room for.
const EXAMPLES: usize = 64;

/// Outcome, cause and death.
type Gist = (Outcome, Option<&'static str>, Option<FrameNumber>);

/// What was said of a session.
#[derive(Clone, PartialEq, Eq)]
struct Told {
    /// What people go by.
    gist: Gist,
    /// What machines may ask for beside it.
    rest: (Sure, Vec<&'static str>),
}

/// Tells sessions as they end.
pub(super) struct Follow<'a> {
    job: &'a Job<'a>,
    status: &'a Status,
    stop: Stop,
    told: HashMap<SessionId, Told>,
    ended: u64,
    died: u64,
    drawn: Option<Instant>,
    teller: Teller,
    /// Totals of sessions that memory had no room for.
    pub(super) tally: Tally,
    /// Examples of them.
    pub(super) kept: Vec<Case>,
    /// How many there were of them.
    pub(super) all: usize,
    /// What they make of the exit code.
    pub(super) account: Account,
}

fn told(case: &Case) -> Told {
    let verdict = &case.verdict;
    let findings = verdict.findings.iter().map(|finding| finding.id).collect();
    Told {
        gist: (verdict.outcome, verdict.cause, verdict.death.map(|death| death.frame)),
        rest: (verdict.sure, findings),
    }
}

impl<'a> Follow<'a> {
    /// For a capture that just began.
    pub(super) fn new(job: &'a Job<'a>, status: &'a Status) -> Self {
        Self {
            job,
            status,
            stop: job.options.stop,
            told: HashMap::new(),
            ended: 0,
            died: 0,
            drawn: None,
            teller: Teller::new(),
            tally: Tally::default(),
            kept: Vec::new(),
            all: 0,
            account: Account::default(),
        }
    }

    /// Says what the end made of `case`: in machine forms every session that was not told so before, for people those
    /// of which something else was said.
    pub(super) fn settle(&mut self, case: &Case, inputs: &[Input]) {
        let is_known = match (self.told.contains_key(&case.session.id), self.job.options.view.form) {
            (false, form) => form == Form::Text,
            (true, _) => self.was_told(case),
        };
        if !is_known {
            self.tell(case, inputs);
        }
    }

    /// Whether the same was said of `case` before.
    pub(super) fn was_told(&self, case: &Case) -> bool {
        let now = told(case);
        self.told.get(&case.session.id).is_some_and(|before| match self.job.options.view.form {
            Form::Json => *before == now,
            _ => before.gist == now.gist,
        })
    }

    /// Waits until everything is told; answers how many sessions could not be.
    pub(super) fn close(&mut self) -> u64 {
        self.teller.close();
        self.teller.untold
    }

    fn tell(&mut self, case: &Case, inputs: &[Input]) {
        let view = &self.job.options.view;
        let format: &dyn Streaming = match (plug::listing(view.form), view.form) {
            (Some(format), _) => format,
            (None, Form::Text) => &Live,
            (None, _) => return,
        };
        if view.silent || self.teller.is_gone() {
            return;
        }
        self.status.clear();
        let style = plug::style_of_lines(self.job, self.job.appearance.color);
        let mut text = Vec::new();
        if format.write_case(case, inputs, &style, &mut text).is_ok() {
            self.teller.tell(text);
        }
    }

    /// Whether it was asked for any of what ended: then a report of it has begun.
    pub(super) fn has_told(&self) -> bool {
        !self.told.is_empty()
    }

    /// Nobody listens any more.
    pub(super) fn is_gone(&self) -> bool {
        self.teller.is_gone()
    }

    fn is_chosen(&self, case: &Case) -> bool {
        self.job.is_chosen(case, Timestamp(i64::MIN), case.session.capture_end)
    }

    fn has_enough(&self) -> bool {
        let reached = |limit: Option<u64>, count: u64| limit.is_some_and(|limit| count >= limit);
        reached(self.stop.sessions, self.ended) || reached(self.stop.deaths, self.died)
    }
}

impl Follower for Follow<'_> {
    fn ended(&mut self, case: Case, inputs: &[Input]) {
        if self.has_enough() || !self.is_chosen(&case) {
            return;
        }
        let now = told(&case);
        let gist = now.gist;
        let before = self.told.insert(case.session.id, now).map(|told| told.gist);
        if before == Some(gist) {
            return;
        }
        self.ended += u64::from(before.is_none());
        let has_died = |gist: Option<Gist>| gist.is_some_and(|(outcome, ..)| outcome == Outcome::Died);
        self.died += u64::from(has_died(Some(gist)) && !has_died(before));
        self.tell(&case, inputs);
    }

    fn early(&mut self, case: Case, inputs: &[Input]) {
        self.all += 1;
        self.account.judged |= case.verdict.outcome != Outcome::Unsure;
        if !self.is_chosen(&case) {
            return;
        }
        if self.told.remove(&case.session.id).map(|told| told.gist) != Some(told(&case).gist) {
            self.tell(&case, inputs);
        }
        self.account.matched |= self.job.matches(&case);
        if case.verdict.outcome == Outcome::Died && self.kept.len() < EXAMPLES {
            // It is counted with the cases in the end.
            self.all -= 1;
            self.kept.push(case);
        } else {
            self.tally.add(&case);
        }
    }

    fn beat(&mut self, standing: &Standing) -> bool {
        if self.drawn.is_none_or(|drawn| drawn.elapsed() >= PAUSE) {
            self.drawn = Some(Instant::now());
            self.status.show(&line(standing, self.died));
        }
        !self.teller.is_gone() && !self.has_enough()
    }
}

/// `4,209 packets, 3 sessions, 1 died; #4 10.20.4.33:51421 in NLA for 12 s`.
fn line(standing: &Standing, died: u64) -> String {
    let mut text = counted(standing.frames, "packet");
    text.push_str(&format!(", {}, {} died", counted(u64::from(standing.sessions), "session"), count(died)));
    for (index, stuck) in standing.stuck.iter().enumerate() {
        let mark = if index == 0 { ';' } else { ',' };
        let (id, phase) = (stuck.id.0, stuck.phase.label());
        text.push_str(&format!("{mark} #{id} {} in {phase} for {:.0} s", stuck.client, stuck.seconds));
    }
    text
}
