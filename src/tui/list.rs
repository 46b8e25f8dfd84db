//! The list of sessions: which are shown, in what order, and which of them is meant. Holds indices, never rows of text.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::facts;
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::report::Filter;

/// Scans of one kind that are listed one by one; more of them share a row.
const FOLD: usize = 3;

/// What sessions are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the names of the columns
pub enum Column {
    #[default]
    Worst,
    Number,
    Start,
    Client,
    Server,
    User,
    Reached,
    RoundTrip,
    Again,
    Cause,
    Duration,
    Bytes,
}

impl Column {
    /// All: the letter of the menu, what it is called, the column.
    pub const ALL: [(char, &'static str, Self); 12] = [
        ('w', "worst first", Self::Worst),
        ('n', "number", Self::Number),
        ('t', "start", Self::Start),
        ('c', "client", Self::Client),
        ('s', "server", Self::Server),
        ('u', "user", Self::User),
        ('p', "how far", Self::Reached),
        ('r', "round trip", Self::RoundTrip),
        ('a', "sent again", Self::Again),
        ('x', "cause", Self::Cause),
        ('d', "duration", Self::Duration),
        ('b', "bytes", Self::Bytes),
    ];

    /// `worst first`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, _, column)| *column == self).map_or("", |(_, name, _)| name)
    }

    fn compare(self, one: &Case, other: &Case) -> Ordering {
        let (a, b) = (&one.session, &other.session);
        let number = |one: f64, other: f64| one.total_cmp(&other);
        let by = match self {
            Self::Worst => one.verdict.outcome.cmp(&other.verdict.outcome),
            Self::Number => Ordering::Equal,
            Self::Start => a.first.time.cmp(&b.first.time),
            Self::Client => (a.client.ip, a.client.port).cmp(&(b.client.ip, b.client.port)),
            Self::Server => (a.server.ip, a.server.port).cmp(&(b.server.ip, b.server.port)),
            Self::User => absent_last(facts::user(one), facts::user(other)),
            Self::Reached => facts::furthest(one).cmp(&facts::furthest(other)),
            Self::RoundTrip => number(facts::round_trip(other).unwrap_or(-1.0), facts::round_trip(one).unwrap_or(-1.0)),
            Self::Again => facts::again(other).cmp(&facts::again(one)),
            Self::Cause => absent_last(one.verdict.cause, other.verdict.cause),
            Self::Duration => number(b.duration(), a.duration()),
            Self::Bytes => facts::bytes(other).cmp(&facts::bytes(one)),
        };
        by.then(a.id.cmp(&b.id))
    }
}

/// What is not there comes last, whichever way letters run.
fn absent_last<T: Ord>(one: Option<T>, other: Option<T>) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => one.cmp(&other),
        (one, other) => other.is_some().cmp(&one.is_some()),
    }
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A session, by its index.
    Case(usize),
    /// Scans of one kind, folded.
    Scans(Scans),
}

/// Scans of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scans {
    /// The first of them, by its index.
    pub first: usize,
    /// How many.
    pub count: usize,
    /// From how many addresses.
    pub addresses: usize,
}

impl Entry {
    /// The session, or the first of the scans.
    #[must_use]
    pub const fn index(&self) -> usize {
        match self {
            Self::Case(index) => *index,
            Self::Scans(scans) => scans.first,
        }
    }
}

/// The list.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// Rows in order.
    pub order: Vec<Entry>,
    /// The selected row.
    pub cursor: usize,
    /// The first row on the screen.
    pub top: usize,
    /// What it is sorted by.
    pub sort: Column,
    /// The other way round.
    pub reversed: bool,
    /// The filter in force, as typed and as read.
    pub filter: Option<(String, Filter)>,
    /// Numbers of marked sessions.
    pub marked: BTreeSet<u32>,
    /// Kinds of scans that are listed one by one.
    pub unfolded: BTreeSet<&'static str>,
    /// Every kind of scan is listed one by one.
    pub unfolded_all: bool,
    /// Sessions that the filter lets through.
    pub matching: usize,
    /// Rows are to be ordered anew before anybody looks at them.
    pub is_stale: bool,
}

impl List {
    /// Orders `cases` anew; the cursor stays on its session where that is still shown.
    pub fn arrange(&mut self, cases: &[Arc<Case>]) {
        let before = self.order.get(self.cursor).map(Entry::index);
        self.arrange_at(cases, before);
    }

    /// The same, with the cursor on the session with index `at`.
    pub fn arrange_at(&mut self, cases: &[Arc<Case>], at: Option<usize>) {
        self.is_stale = false;
        let is_shown = |index: &usize| self.filter.as_ref().is_none_or(|(_, filter)| filter.matches(&cases[*index]));
        let mut shown: Vec<usize> = (0..cases.len()).filter(is_shown).collect();
        self.matching = shown.len();
        shown.sort_by(|one, other| self.sort.compare(&cases[*one], &cases[*other]));
        if self.reversed {
            shown.reverse();
        }
        self.order = self.fold(cases, &shown);
        if let Some(place) = at.and_then(|at| self.place_of(cases, at)) {
            self.cursor = place;
        }
        self.cursor = self.cursor.min(self.order.len().saturating_sub(1));
    }

    /// Scans of a kind stand together where the first of them would.
    fn fold(&self, cases: &[Arc<Case>], shown: &[usize]) -> Vec<Entry> {
        let kind = |index: usize| {
            let verdict = &cases[index].verdict;
            (verdict.outcome == Outcome::Scan).then(|| verdict.cause.unwrap_or("scan"))
        };
        let mut kinds: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
        for index in shown {
            if let Some(kind) = kind(*index) {
                kinds.entry(kind).or_default().push(*index);
            }
        }
        let mut order = Vec::with_capacity(shown.len());
        for index in shown {
            let Some(kind) = kind(*index) else {
                order.push(Entry::Case(*index));
                continue;
            };
            let all = &kinds[kind];
            if all.len() <= FOLD || self.unfolded_all || self.unfolded.contains(kind) {
                order.push(Entry::Case(*index));
            } else if all.first() == Some(index) {
                let addresses: HashSet<_> = all.iter().map(|index| cases[*index].session.client.ip).collect();
                order.push(Entry::Scans(Scans { first: *index, count: all.len(), addresses: addresses.len() }));
            }
        }
        order
    }

    /// The row that shows the session with index `at`.
    #[must_use]
    pub fn place_of(&self, cases: &[Arc<Case>], at: usize) -> Option<usize> {
        let wanted = cases.get(at)?;
        self.order.iter().position(|entry| match entry {
            Entry::Case(index) => *index == at,
            Entry::Scans(scans) => {
                wanted.verdict.outcome == Outcome::Scan && cases[scans.first].verdict.cause == wanted.verdict.cause
            }
        })
    }

    /// The selected session, by its index.
    #[must_use]
    pub fn selected(&self) -> Option<usize> {
        self.order.get(self.cursor).map(Entry::index)
    }
}
