//! In whose light a session is judged while a capture goes on: that of all that were judged before, as far as they are
//! remembered; and the last of them are judged again with it, because it may be one more try of theirs.

use std::collections::HashSet;

use crate::capture::Moved;
use crate::diagnose::{Case, Tribunal};
use crate::session::aside::Aside;
use crate::session::{Session, SessionId};

/// Earlier sessions that the next one may be one try with.
const RECENT: usize = 24;
/// Of all memory, this part is for what is remembered of those who were judged.
const SHARE: usize = 256;

/// Those who were judged before.
pub(super) struct Company {
    tribunal: Tribunal,
    recent: Vec<Box<Session>>,
}

impl Company {
    /// Nobody yet; `memory` is for everything; bytes.
    pub(super) fn new(memory: usize) -> Self {
        Self { tribunal: Tribunal::new(memory / SHARE), recent: Vec::new() }
    }

    /// What it holds at most, roughly; bytes.
    pub(super) const fn room(&self) -> usize {
        self.tribunal.room()
    }

    /// Judges `sessions`, which then belong to the company of the next ones. `dropped` packets were lost.
    pub(super) fn judge(&mut self, mut sessions: Vec<Box<Session>>, asides: &[Aside], dropped: u64) -> Vec<Case> {
        let wanted: HashSet<SessionId> = sessions.iter().map(|session| session.id).collect();
        self.recent.retain(|known| !wanted.contains(&known.id));
        sessions.extend(self.recent.iter().cloned());
        let mut cases = self.tribunal.judge_now(sessions, asides, dropped);
        cases.retain(|case| wanted.contains(&case.session.id));
        let last = cases.len().saturating_sub(RECENT);
        self.recent.extend(cases[last..].iter().map(|case| case.session.clone()));
        self.recent.drain(..self.recent.len().saturating_sub(RECENT));
        cases
    }

    /// Frames of somebody in the company have other numbers now; `moved` is in their order.
    pub(super) fn renumber(&mut self, moved: &[Moved]) {
        if moved.is_empty() {
            return;
        }
        self.tribunal.each_frame(&mut |frame| {
            if let Ok(index) = moved.binary_search_by_key(frame, |moved| moved.from) {
                *frame = moved[index].to;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::path::Path;

    use super::*;
    use crate::capture::{self, Next, Source as _};
    use crate::diagnose::verdict::Outcome;
    use crate::engine::{Engine, Options};
    use crate::frame::FrameNumber;

    /// The first session of a capture that comes with the project.
    fn session(capture: &str) -> Box<Session> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(capture);
        let mut source = capture::open_one(&path, &capture::Options::default()).expect("a capture");
        let mut engine = Engine::new(Options::default());
        while let Next::Frame(frame) = source.next().expect("readable") {
            engine.push(&frame);
        }
        engine.finish().swap_remove(0)
    }

    /// The same visit from many addresses, a second apart.
    fn visits(capture: &str) -> impl Iterator<Item = Box<Session>> {
        let session = session(capture);
        (1..).map(move |number| {
            let mut visit = session.clone();
            visit.id = SessionId(number);
            visit.client.ip = Ipv4Addr::from(0xc612_0000 + number).into();
            visit
        })
    }

    const LEAVER: &str = "neg.hybrid-required--ssl-only.pcap";

    #[test]
    fn what_came_long_before_is_remembered() {
        let mut company = Company::new(512 << 20);
        let mut outcomes = visits(LEAVER).map(|visit| company.judge(vec![visit], &[], 0)[0].verdict.outcome);
        let first: Vec<Outcome> = outcomes.by_ref().take(10).collect();
        assert_eq!(first, [Outcome::Died; 10]);
        assert_eq!(outcomes.nth(90), Some(Outcome::Scan), "one of a hundred");
    }

    #[test]
    fn who_is_told_twice_counts_once() {
        let mut company = Company::new(512 << 20);
        for visit in visits(LEAVER).take(15) {
            for _ in 0..3 {
                let cases = company.judge(vec![visit.clone()], &[], 0);
                assert_eq!(cases.iter().map(|case| case.session.id).collect::<Vec<_>>(), [visit.id]);
                assert_eq!(cases[0].verdict.outcome, Outcome::Died);
            }
        }
    }

    #[test]
    fn frames_of_the_company_get_their_new_numbers() {
        let mut company = Company::new(512 << 20);
        company.judge(visits("tls.cert-expired--alert-45.pcap").take(3).collect(), &[], 0);
        let mut all = Vec::new();
        company.tribunal.each_frame(&mut |frame| all.push(*frame));
        assert!(all.len() > 5, "{all:?}");
        let new = |frame: FrameNumber| FrameNumber::new(7, frame.number() + 1000);
        let mut moved: Vec<Moved> = all.iter().map(|from| Moved { from: *from, to: new(*from), place: 0 }).collect();
        moved.sort_unstable_by_key(|moved| moved.from);
        moved.dedup();
        company.renumber(&moved);
        let mut after = Vec::new();
        company.tribunal.each_frame(&mut |frame| after.push(*frame));
        assert_eq!(after, all.into_iter().map(new).collect::<Vec<_>>());
    }
}
