//! Sessions that memory has no room for are judged by a thread of their own, while reading goes on.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, available_parallelism};

use crate::diagnose::{Case, Tribunal, Wording};
use crate::session::Session;
use crate::session::aside::Aside;

/// Writes sessions down where they are judged.
pub type Scribe = Box<dyn FnMut(&[Case]) + Send>;

/// Sessions to be judged, and in whose light.
pub(super) struct Batch {
    /// Those that came since the last time.
    pub(super) sessions: Vec<Box<Session>>,
    /// Those that run, and were not heard of before.
    pub(super) running: Vec<Box<Session>>,
    /// Of all that wait, so many bytes may wait on.
    pub(super) keep: usize,
    pub(super) asides: Vec<Aside>,
    pub(super) dropped: u64,
    pub(super) wording: Wording,
    /// Threads that may judge.
    pub(super) threads: usize,
}

/// Where batches are judged, and who writes the verdicts down.
struct Bench {
    tribunal: Tribunal,
    scribe: Option<Scribe>,
}

impl Bench {
    fn judge(&mut self, batch: Batch) -> Vec<Case> {
        let Batch { sessions, running, keep, asides, dropped, wording, threads } = batch;
        self.tribunal.hear_of(running);
        self.tribunal.hear(sessions, &asides, dropped);
        let cases = self.tribunal.judge(keep, &asides, wording, threads);
        if let Some(scribe) = &mut self.scribe
            && !cases.is_empty()
        {
            scribe(&cases);
        }
        cases
    }
}

/// Judges batches in their order, one at a time: no more than one waits, so memory stays bounded.
pub(super) struct Judge<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    /// Until the helper takes it along.
    bench: Option<Bench>,
    has_help: bool,
    helper: Option<(SyncSender<Batch>, Receiver<Vec<Case>>)>,
    is_busy: bool,
}

impl<'scope, 'env> Judge<'scope, 'env> {
    /// A thread is begun in `scope` when the first batch comes, if there is a processor for it. Of those who were judged,
    /// so many `bytes` are remembered.
    pub(super) fn new(scope: &'scope Scope<'scope, 'env>, bytes: usize, scribe: Option<Scribe>) -> Self {
        let has_help = available_parallelism().is_ok_and(|processors| processors > NonZero::<usize>::MIN);
        let bench = Bench { tribunal: Tribunal::new(bytes), scribe };
        Self { scope, bench: Some(bench), has_help, helper: None, is_busy: false }
    }

    /// Has `batch` judged; answers what was judged meanwhile, for which it may have to wait.
    pub(super) fn take(&mut self, batch: Batch) -> Vec<Case> {
        if self.has_help
            && let Some(mut bench) = self.bench.take()
        {
            let (give, batches) = sync_channel::<Batch>(1);
            let (tell, judged) = sync_channel(1);
            let judge = move |batch: Batch| tell.send(bench.judge(batch));
            self.scope.spawn(move || batches.into_iter().try_for_each(judge));
            self.helper = Some((give, judged));
        }
        if let Some(bench) = &mut self.bench {
            return bench.judge(batch);
        }
        let before = self.rest();
        self.is_busy = self.helper.as_ref().is_some_and(|(give, _)| give.send(batch).is_ok());
        before
    }

    /// What has been judged since the last time, without waiting.
    pub(super) fn ready(&mut self) -> Vec<Case> {
        let ready = self.helper.as_ref().and_then(|(_, judged)| judged.try_recv().ok());
        self.is_busy &= ready.is_none();
        ready.unwrap_or_default()
    }

    /// What is still being judged.
    pub(super) fn rest(&mut self) -> Vec<Case> {
        if !std::mem::take(&mut self.is_busy) {
            return Vec::new();
        }
        // When the thread panicked, the scope says so.
        self.helper.as_ref().and_then(|(_, judged)| judged.recv().ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::session::{Endpoint, Roles, SessionId, Transport};
    use crate::tcp::stream::Mark;

    fn batch(ids: std::ops::Range<u32>) -> Batch {
        let session = |id| {
            let end = |port| Endpoint { ip: Ipv4Addr::from(0x0a00_0000 + id).into(), port };
            Box::new(Session::new(SessionId(id), Transport::Tcp, end(40_000), end(3389), Roles::BySyn, Mark::default()))
        };
        let sessions = ids.map(session).collect();
        Batch {
            sessions,
            running: Vec::new(),
            keep: 0,
            asides: Vec::new(),
            dropped: 0,
            wording: Wording::Whole,
            threads: 1,
        }
    }

    /// Number and cause of those judged, and what was written down of them.
    fn told(has_help: bool) -> [Vec<(u32, Option<&'static str>)>; 2] {
        let told =
            |cases: &[Case]| -> Vec<_> { cases.iter().map(|case| (case.session.id.0, case.verdict.cause)).collect() };
        let written = Arc::new(Mutex::new(Vec::new()));
        let page = Arc::clone(&written);
        let scribe: Scribe = Box::new(move |cases| page.lock().expect("nobody panicked").extend(told(cases)));
        let judged = std::thread::scope(|scope| {
            let mut judge = Judge { has_help, ..Judge::new(scope, 1 << 20, Some(scribe)) };
            let mut cases = Vec::new();
            for first in 0..5 {
                cases.extend(judge.take(batch(first * 10..first * 10 + 10)));
                cases.extend(judge.ready());
            }
            cases.extend(judge.rest());
            assert!(judge.rest().is_empty() && judge.ready().is_empty());
            told(&cases)
        });
        let written = written.lock().expect("nobody panicked").clone();
        [judged, written]
    }

    #[test]
    fn a_helper_says_the_same_in_the_same_order() {
        let [alone, written] = told(false);
        assert_eq!(alone.iter().map(|(id, _)| *id).collect::<Vec<_>>(), (0..50).collect::<Vec<_>>());
        assert_eq!(alone, written);
        assert_eq!([alone, written], told(true));
    }
}
