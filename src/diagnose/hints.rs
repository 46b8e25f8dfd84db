//! What kept a connection from even beginning: a name that nobody knows, a neighbour that is not there. There is no
//! session to hang this on, so it stands for itself, and only where a capture has no session at all: elsewhere such
//! failures are daily noise.

use std::collections::HashSet;
use std::net::IpAddr;

use super::beside::Beside;
use super::verdict::Sure;
use crate::frame::{FrameNumber, Timestamp};
use crate::session::aside::{About, Aside, Lookup};

/// Hints told; a capture full of failed lookups is not about one of them.
const MOST: usize = 5;
/// Neighbours that one host asks for in vain; more of them are a scan.
const SCAN: usize = 16;

/// Something that may be why there is no session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Cause id.
    pub id: &'static str,
    /// How sure it is that this is so; that RDP was meant, nobody knows.
    pub sure: Sure,
    /// Whose question it was.
    pub asker: IpAddr,
    /// The packets that show it.
    pub frames: Vec<FrameNumber>,
    /// One sentence.
    pub text: String,
}

/// What in `asides`, of a capture that ends at `end`, may have kept sessions from beginning.
#[must_use]
pub fn hints(asides: &[Aside], end: Timestamp) -> Vec<Hint> {
    let beside = Beside::of(asides, end);
    let mut hints = names(&beside);
    hints.extend(neighbours(&beside));
    hints.truncate(MOST);
    hints
}

/// `rds01` and `rds01.corp.example` are one target: resolvers try suffixes in turn.
fn target(lookup: &Lookup) -> &str {
    lookup.name.raw().split('.').next().unwrap_or_default()
}

fn names(beside: &Beside) -> Vec<Hint> {
    let lookups = || beside.all().iter().filter_map(|aside| Some((aside, aside.lookup()?)));
    let found: HashSet<(IpAddr, &str)> = lookups()
        .filter(|(_, lookup)| !lookup.addresses.is_empty())
        .map(|(aside, lookup)| (aside.asker, target(lookup)))
        .collect();
    let mut told: HashSet<(IpAddr, &str)> = HashSet::new();
    lookups()
        .filter(|(aside, lookup)| {
            let failed = lookup.failure.is_some() || beside.is_unanswered(aside);
            let key = (aside.asker, target(lookup));
            failed && !lookup.name.raw().starts_with('_') && !found.contains(&key) && told.insert(key)
        })
        .map(|(aside, lookup)| {
            let how = match lookup.failure {
                Some(code) => code.symbol().to_owned(),
                None => format!("no answer to {} questions", aside.asked),
            };
            let mut frames = aside.questions.clone();
            frames.extend(aside.answer.map(|mark| mark.frame));
            Hint {
                id: "dns.fail",
                sure: if lookup.failure.is_some() { Sure::Proven } else { Sure::Likely },
                asker: aside.asker,
                frames,
                text: format!("{} looked up {}: {how}", aside.asker, lookup.name),
            }
        })
        .collect()
}

fn neighbours(beside: &Beside) -> Vec<Hint> {
    let sought = |aside: &Aside| match aside.about {
        About::Neighbour(target) if aside.asked >= 2 && beside.is_unanswered(aside) => Some(target),
        _ => None,
    };
    let absent: Vec<(&Aside, IpAddr)> =
        beside.all().iter().filter_map(|aside| Some((aside, sought(aside)?))).take(SCAN + 1).collect();
    if absent.len() > SCAN {
        return Vec::new();
    }
    absent
        .into_iter()
        .map(|(aside, target)| Hint {
            id: "link.no-neighbour",
            sure: Sure::Strong,
            asker: aside.asker,
            frames: aside.questions.clone(),
            text: format!("{} asked {} times who has {target}; nobody answered", aside.asker, aside.asked),
        })
        .collect()
}
