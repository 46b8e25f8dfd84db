//! A client that a broker sends on: how the next connection shows it, and what is then said of the one before.
//!
//! Source: MS-RDPBCGR 1.3.8 and 2.2.13; 2.2.1.1 (the token), 5.4.5.3 (RDSTLS, the logon behind a redirection).

use super::super::case::Case;
use super::super::shape::{License, name};
use super::super::user;
use super::super::verdict::{By, EndHow, Evidence, Finding, Outcome, Points, Sure};
use crate::frame::FrameNumber;
use crate::knowledge::negotiation::Protocols;
use crate::session::{Endpoint, Session, Transport};
use crate::wire::text::Text;

/// A session that only sends its client on takes no longer, seconds, and sends no more: a desktop has more bytes.
const BRIEF: f64 = 60.0;
const LITTLE: u64 = 64 * 1024;
/// Redirections that a farm may need; more of them go in circles.
const REDIRECTIONS: usize = 3;

fn token(session: &Session) -> Option<&Text> {
    session.request()?.1.routing_token.as_ref()
}

/// A broker sends the client on: it closes once the session begins, and the next server is asked with a token or by the same
/// user. The redirection is a message of the session: a server that closes while it is still asked who the user is sends
/// nobody on.
pub(super) fn is_sent_on(earlier: &Case, later: &Case, is_single_minded: &dyn Fn() -> bool) -> bool {
    let is_one_user = user::are_one(earlier.session.user_hint(), later.session.user_hint());
    let same_user = is_one_user && may_have_sent_on(earlier);
    let is_one_port = earlier.session.server.port == later.session.server.port;
    // A new connection has a new port. The same one behind another address is this very connection, captured once more where
    // a gateway has translated the server's address.
    let is_another = earlier.session.client.port != later.session.client.port;
    // A server that does not answer is never told who asks: only that nothing else goes on hints at a connection. Who
    // sends on closes in order, or leaves that to the client.
    let end = &earlier.verdict.end;
    let closes_in_order = || end.by == By::Server && end.how != EndHow::Rst;
    let may_be_unheard = || (closes_in_order() || left_on_order(earlier)) && is_single_minded();
    let unheard = later.session.accepted.is_none() && may_be_unheard();
    is_one_port
        && is_another
        && (same_user || unheard || (token(&later.session).is_some() && token(&earlier.session).is_none()))
}

/// The same some seconds later: a client that is given a name looks it up first. It left where a redirection comes, and nobody
/// else asks by its user's name.
pub(super) fn is_sent_on_late(earlier: &Case, later: &Case) -> bool {
    let is_one_user = || user::are_one(earlier.session.user_hint(), later.session.user_hint());
    let is_one_port = earlier.session.server.port == later.session.server.port;
    let is_another = earlier.session.client.port != later.session.client.port;
    is_one_port && is_another && left_on_order(earlier) && is_one_user()
}

/// The same to the same address: where the servers stand behind one, the token tells them apart; where the broker sends the
/// client to itself, the client asks for what it did not ask for before, or goes on where it had left.
pub(super) fn is_sent_back(earlier: &Case, later: &Case) -> bool {
    let went_on = || later.shape.confirmed || later.shape.active;
    let is_asked_anew = || brings_token(&earlier.session, &later.session) || brings_logon(earlier, later);
    is_asked_anew() || (left_on_order(earlier) && went_on())
}

/// Whether `later` has a token of a broker (`msts=`) that `earlier` did not have yet.
fn brings_token(earlier: &Session, later: &Session) -> bool {
    let is_brokers = |token: &Text| token.raw().to_ascii_lowercase().contains("msts=");
    token(later).is_some_and(|new| is_brokers(new) && token(earlier) != Some(new))
}

/// Whether `later` offers to log on with what a redirection brought, and `earlier`, which may have brought it, did not.
fn brings_logon(earlier: &Case, later: &Case) -> bool {
    let offers = |session: &Session| session.request().is_some_and(|(_, it)| it.protocols.any(Protocols::RDSTLS.0));
    left_on_order(earlier) && offers(&later.session) && !offers(&earlier.session)
}

/// Whether it ended where a redirection comes, in the place of the capabilities (1.3.8) or before any licence, and nothing was
/// done about what came there; or the redirection itself is in clear. Where words are missing, what was done may be among them.
fn left_on_order(case: &Case) -> bool {
    let shape = &case.shape;
    let is_whole = !case.session.is_cut() && !case.session.lacks_packets();
    let has_ended = matches!(case.verdict.end.how, EndHow::Fin | EndHow::Rst);
    let is_told = case.verdict.cause == Some("redirect");
    let is_asked = shape.license == License::Asked && shape.first(name::LICENSE_ANSWER).is_none();
    is_told || (has_ended && is_whole && (shape.demands == 1 || is_asked) && !shape.confirmed && !shape.active)
}

/// Whether it was closed before a desktop was shown, as where the broker sends the client on.
fn may_have_sent_on(case: &Case) -> bool {
    let (session, end) = (&case.session, &case.verdict.end);
    let is_closed = match end.how {
        EndHow::Fin => true,
        EndHow::Rst => end.by == By::Client,
        _ => false,
    };
    is_closed && session.duration() <= BRIEF && session.server_side().bytes <= LITTLE
}

/// Where a client went that was sent on.
pub(super) struct Next {
    target: Endpoint,
    first: FrameNumber,
    has_token: bool,
}

impl Next {
    pub(super) fn of(earlier: &Session, later: &Session) -> Self {
        Self { target: later.server, first: later.first.frame, has_token: brings_token(earlier, later) }
    }
}

/// A connection that only led to the next one is no death and no riddle, unless somebody said in clear what it was.
pub(super) fn send_on(case: &mut Case, next: Next) {
    let Next { target, first, has_token } = next;
    let verdict = &mut case.verdict;
    if case.role != "redirect" || verdict.sure == Sure::Proven || verdict.cause == Some("redirect") {
        return;
    }
    let frames = vec![verdict.end.frame, first];
    let text = format!(
        "frame {}: it ends; frame {}: the same client goes to {target}",
        verdict.end.frame.number(),
        first.number()
    );
    (verdict.outcome, verdict.cause, verdict.sure) = (Outcome::Ok, Some("redirect"), Sure::Likely);
    verdict.headline = match (case.session.server == target, has_token) {
        (true, true) => format!("the server sent the client on, with a token, to {target} once more"),
        (true, false) => format!("the server sent the client on, to {target} once more"),
        (false, _) => format!("the server sent the client on to {target}"),
    }
    .into();
    verdict.death = None;
    verdict.marks.iter_mut().for_each(|mark| mark.is_death = false);
    (verdict.fixes, verdict.next) = (&[], &[]);
    verdict.could_be.retain(|other| other.id != "redirect");
    verdict.evidence.push(Evidence { frames, points: Points::For, text: text.into() });
}

/// Sent on too often, or to where nobody answers.
pub(super) fn redirections(cases: &[Case], members: &[usize], others: &[usize]) -> Option<Finding> {
    let sent: Vec<&Case> = others.iter().map(|index| &cases[*index]).filter(|case| case.role == "redirect").collect();
    let frames: Vec<FrameNumber> = sent.iter().map(|case| case.session.last.frame).take(8).collect();
    if sent.len() > REDIRECTIONS {
        let text = format!("the client was sent on {} times", sent.len());
        return Some(Finding { id: "redirect.loop", sure: Sure::Strong, frames, text: text.into() });
    }
    let target = members.iter().map(|index| &cases[*index]).rfind(|case| case.session.transport == Transport::Tcp)?;
    let is_unheard = !sent.is_empty() && target.session.accepted.is_none() && target.role != "redirect";
    is_unheard.then(|| {
        let session = &target.session;
        let is_refused = target.verdict.end.by == By::Server && target.verdict.end.how == EndHow::Rst;
        let how = if is_refused { "which refuses" } else { "where nobody answers" };
        let text = format!("the client was sent on to {}, {how}", session.server);
        Finding { id: "redirect.unreachable", sure: Sure::Likely, frames: vec![session.first.frame], text: text.into() }
    })
}
