//! A judge in a thread of its own: whoever takes packets in never waits for a verdict.

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::Scope;

use crate::diagnose::{Case, judge_all};
use crate::session::aside::Aside;
use crate::session::{Session, SessionId};

/// Requests that may wait. More sessions wait where they are.
const WAITING: usize = 2;
/// Earlier sessions in whose light the next one is judged.
const COMPANY: usize = 24;

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
    /// Opens one that works until it is closed.
    pub(super) fn open<'scope>(scope: &'scope Scope<'scope, '_>) -> Self {
        let (send, requests) = sync_channel::<Request>(WAITING);
        let (answer, receive) = channel();
        scope.spawn(move || {
            let mut company = Vec::new();
            for request in requests {
                if answer.send(judged(request, &mut company)).is_err() {
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

fn judged(request: Request, company: &mut Vec<Box<Session>>) -> Answer {
    let Request { matter, sessions, asides, dropped } = request;
    let cases = match matter {
        Matter::Early => judge_all(sessions, &asides, dropped),
        Matter::Over | Matter::Still => in_company(sessions, company, &asides, dropped),
    };
    Answer { matter, cases, asides, dropped }
}

/// Judges what ended in the light of what ended before, which is `company` of those that end next.
pub(super) fn in_company(
    mut sessions: Vec<Box<Session>>,
    company: &mut Vec<Box<Session>>,
    asides: &[Aside],
    dropped: u64,
) -> Vec<Case> {
    let wanted: Vec<SessionId> = sessions.iter().map(|session| session.id).collect();
    company.retain(|known| !wanted.contains(&known.id));
    let mut all = company.clone();
    let known = all.len();
    all.append(&mut sessions);
    let mut cases = judge_all(all, asides, dropped);
    let cases = cases.split_off(known);
    let last = cases.len().saturating_sub(COMPANY);
    company.extend(cases[last..].iter().map(|case| case.session.clone()));
    company.drain(..company.len().saturating_sub(COMPANY));
    cases
}
