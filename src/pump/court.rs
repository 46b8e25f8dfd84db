//! A judge in a thread of its own: whoever takes packets in never waits for a verdict.

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::Scope;

use super::company::Company;
use crate::capture::Moved;
use crate::diagnose::Case;
use crate::session::Session;
use crate::session::aside::Aside;

/// Requests that may wait. More sessions wait where they are.
const WAITING: usize = 2;

/// Why sessions are to be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Matter {
    /// They are over.
    Over,
    /// They stand still.
    Still,
    /// Memory has no room for them.
    Early,
}

/// Sessions to be judged.
pub(super) struct Request {
    pub(super) matter: Matter,
    pub(super) sessions: Vec<Box<Session>>,
    pub(super) asides: Vec<Aside>,
    pub(super) dropped: u64,
    /// New numbers of frames that were spoken of before, in order.
    pub(super) moved: Vec<Moved>,
}

/// Sessions that were judged.
pub(super) struct Answer {
    pub(super) matter: Matter,
    pub(super) cases: Vec<Case>,
    pub(super) asides: Vec<Aside>,
    pub(super) dropped: u64,
}

/// The judge, from outside.
pub(super) struct Court {
    send: SyncSender<Request>,
    receive: Receiver<Answer>,
    waiting: usize,
}

impl Court {
    /// Opens one that works until it is closed, and judges those who come in the light of `company`.
    pub(super) fn open<'scope>(scope: &'scope Scope<'scope, '_>, mut company: Company) -> Self {
        let (send, requests) = sync_channel::<Request>(WAITING);
        let (answer, receive) = channel();
        scope.spawn(move || {
            for Request { matter, sessions, asides, dropped, moved } in requests {
                company.renumber(&moved);
                let cases = company.judge(sessions, &asides, dropped);
                if answer.send(Answer { matter, cases, asides, dropped }).is_err() {
                    return;
                }
            }
        });
        Self { send, receive, waiting: 0 }
    }

    /// Whether a request would have to wait.
    pub(super) const fn is_busy(&self) -> bool {
        self.waiting >= WAITING
    }

    /// Hands sessions over. Waits only when the judge is busy, which can be asked before.
    pub(super) fn ask(&mut self, request: Request) {
        self.waiting += usize::from(self.send.send(request).is_ok());
    }

    /// What has been judged since the last time.
    pub(super) fn answer(&mut self) -> Option<Answer> {
        let answer = self.receive.try_recv().ok()?;
        self.waiting -= 1;
        Some(answer)
    }

    /// The next answer, waited for; `None` when there is nothing to wait for.
    pub(super) fn wait(&mut self) -> Option<Answer> {
        if self.waiting == 0 {
            return None;
        }
        self.waiting -= 1;
        self.receive.recv().ok()
    }
}
