//! Sessions that memory has no room for are judged by a thread of their own, while reading goes on.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, available_parallelism};

use crate::diagnose::{Case, Tribunal, Wording};
use crate::session::Session;
use crate::session::aside::Aside;

/// Sessions to be judged, and in whose light.
pub(super) struct Batch {
    /// Those that came since the last time.
    pub(super) sessions: Vec<Box<Session>>,
    /// Of all that wait, so many bytes may wait on.
    pub(super) keep: usize,
    pub(super) asides: Vec<Aside>,
    pub(super) dropped: u64,
    pub(super) wording: Wording,
    /// Threads that may judge.
    pub(super) threads: usize,
}

impl Batch {
    fn judge(self, tribunal: &mut Tribunal) -> Vec<Case> {
        tribunal.hear(self.sessions, &self.asides, self.dropped);
        tribunal.judge(self.keep, &self.asides, self.wording, self.threads)
    }
}

/// Judges batches in their order, one at a time: no more than one waits, so memory stays bounded.
pub(super) struct Judge<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    /// Until the helper takes it along.
    tribunal: Option<Tribunal>,
    has_help: bool,
    helper: Option<(SyncSender<Batch>, Receiver<Vec<Case>>)>,
    is_busy: bool,
}

impl<'scope, 'env> Judge<'scope, 'env> {
    /// A thread is begun in `scope` when the first batch comes, if there is a processor for it. Of those who were judged,
    /// so many `bytes` are remembered.
    pub(super) fn new(scope: &'scope Scope<'scope, 'env>, bytes: usize) -> Self {
        let has_help = available_parallelism().is_ok_and(|processors| processors > NonZero::<usize>::MIN);
        Self { scope, tribunal: Some(Tribunal::new(bytes)), has_help, helper: None, is_busy: false }
    }

    /// Has `batch` judged; answers what was judged meanwhile, for which it may have to wait.
    pub(super) fn take(&mut self, batch: Batch) -> Vec<Case> {
        if self.has_help
            && let Some(mut tribunal) = self.tribunal.take()
        {
            let (give, batches) = sync_channel::<Batch>(1);
            let (tell, judged) = sync_channel(1);
            let judge = move |batch: Batch| tell.send(batch.judge(&mut tribunal));
            self.scope.spawn(move || batches.into_iter().try_for_each(judge));
            self.helper = Some((give, judged));
        }
        if let Some(tribunal) = &mut self.tribunal {
            return batch.judge(tribunal);
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

    use super::*;
    use crate::session::{Endpoint, Roles, SessionId, Transport};
    use crate::tcp::stream::Mark;

    fn batch(ids: std::ops::Range<u32>) -> Batch {
        let session = |id| {
            let end = |port| Endpoint { ip: Ipv4Addr::from(0x0a00_0000 + id).into(), port };
            Box::new(Session::new(SessionId(id), Transport::Tcp, end(40_000), end(3389), Roles::BySyn, Mark::default()))
        };
        let sessions = ids.map(session).collect();
        Batch { sessions, keep: 0, asides: Vec::new(), dropped: 0, wording: Wording::Whole, threads: 1 }
    }

    fn told(has_help: bool) -> Vec<(u32, Option<&'static str>)> {
        std::thread::scope(|scope| {
            let mut judge = Judge { has_help, ..Judge::new(scope, 1 << 20) };
            let mut cases = Vec::new();
            for first in 0..5 {
                cases.extend(judge.take(batch(first * 10..first * 10 + 10)));
                cases.extend(judge.ready());
            }
            cases.extend(judge.rest());
            assert!(judge.rest().is_empty() && judge.ready().is_empty());
            cases.iter().map(|case| (case.session.id.0, case.verdict.cause)).collect()
        })
    }

    #[test]
    fn a_helper_says_the_same_in_the_same_order() {
        let alone = told(false);
        assert_eq!(alone.iter().map(|(id, _)| *id).collect::<Vec<_>>(), (0..50).collect::<Vec<_>>());
        assert_eq!(alone, told(true));
    }
}
