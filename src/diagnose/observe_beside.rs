//! What is worth knowing from beside a session that did not die of it: Kerberos that failed, controllers out of reach.

use super::beside::{claims, is_contested};
use super::crowd::Crowd;
use super::rule::Observation;
use super::ticket;
use super::verdict::{Finding, Sentence, Sure};
use crate::session::Session;

/// Everything noticed beside `session`.
pub(super) fn observe(session: &Session, crowd: &Crowd, list: &mut Vec<Observation>) {
    tickets(session, crowd, list);
    controllers(session, crowd, list);
    disputes(session, crowd, list);
}

/// Two machines that claim an address of the session while it lasts: one of them will cut it.
fn disputes(session: &Session, crowd: &Crowd, list: &mut Vec<Observation>) {
    for address in [session.server.ip, session.client.ip] {
        let during = crowd.beside.dispute(address, session.first.time, session.last.time);
        if let Some((aside, dispute)) = during.filter(|(aside, _)| is_contested(aside)) {
            let (frames, text) = claims(aside, dispute);
            let (id, frames) = ("link.address-conflict", frames.to_vec());
            let finding = Finding { id, sure: Sure::Strong, frames, text: text.into() };
            list.push(Observation { finding, warns: true });
        }
    }
}

fn tickets(session: &Session, crowd: &Crowd, list: &mut Vec<Observation>) {
    let others = crowd.beside.of_other_users(session).map(|ticket| (ticket, true));
    for (ticket, is_others) in crowd.beside.tickets(session).map(|(_, ticket)| (ticket, false)).chain(others) {
        let Some((refusal, mark)) = ticket.refusal else { continue };
        let Some(id) = ticket::cause(refusal.code) else { continue };
        let is_known = list.iter().any(|observation| observation.finding.id == id);
        if is_known {
            continue;
        }
        let mut text = ticket::said(ticket, refusal, mark.frame);
        if let (true, Some(client)) = (is_others, &ticket.client) {
            text.push_str(&format!("; it was asked by {client}, which is not the name in this session's request"));
        }
        if let (37, Some(time)) = (refusal.code.0, refusal.time) {
            let skew = mark.time.seconds() - time;
            text.push_str(&format!("; the controller's clock and the capture's differ by {skew} s"));
        }
        add(list, id, Sure::Proven, &[mark.frame], text);
    }
}

/// Whether the ones that are out of reach are all there are.
fn controllers(session: &Session, crowd: &Crowd, list: &mut Vec<Observation>) {
    let beside = &crowd.beside;
    let mut lost = None;
    for (aside, ticket) in beside.tickets(session) {
        if aside.answer.is_some() && !ticket.is_refused {
            return;
        }
        if ticket.is_refused || beside.is_unanswered(aside) {
            lost.get_or_insert((aside, ticket));
        }
    }
    if let Some((aside, ticket)) = lost {
        let what = if ticket.is_refused { "refuses the connection" } else { "does not answer" };
        let text = format!("the domain controller {} {what} on port 88; Kerberos was not possible", ticket.centre);
        add(list, "nla.kdc-unreachable", Sure::Strong, &aside.questions, text);
        return;
    }
    if let Some(aside) = beside.lost_controllers(session).next()
        && let Some(lookup) = aside.lookup()
    {
        let how = lookup.failure.map_or("no answer".to_owned(), |code| code.symbol().to_owned());
        let text = format!("DNS knows no domain controller ({}: {how}); Kerberos was not possible", lookup.name);
        add(list, "nla.kdc-unreachable", Sure::Likely, &aside.questions, text);
    }
}

fn add(
    list: &mut Vec<Observation>,
    id: &'static str,
    sure: Sure,
    frames: &[crate::frame::FrameNumber],
    text: impl Into<Sentence>,
) {
    list.push(Observation { finding: Finding { id, sure, frames: frames.to_vec(), text: text.into() }, warns: false });
}
