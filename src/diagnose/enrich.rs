//! What was said beside a session, told in the verdict on its logon: whether Kerberos was possible, whether it worked,
//! and so whether the name that the user typed was the trouble.

use std::net::IpAddr;

use super::rule::{Found, Scene};
use super::ticket;
use super::verdict::{Outcome, Points};
use crate::frame::FrameNumber;

/// Adds to `found`, of a session that died in its logon for `cause`, what speaks for and against other explanations.
pub(super) fn logon(scene: &Scene<'_>, cause: Option<&'static str>, found: &mut Found) {
    let is_logon = found.outcome == Outcome::Died && cause.is_some_and(|cause| cause.starts_with("nla."));
    if is_logon {
        ticket(scene, found);
        name(scene, found);
    }
}

/// A ticket for Remote Desktop on this very server proves name, clock, account and password.
fn ticket(scene: &Scene<'_>, found: &mut Found) {
    let beside = &scene.crowd.beside;
    let granted = beside.tickets(scene.session).find(|(_, ticket)| {
        let is_ours = |service: &crate::wire::text::Text| service.raw().to_ascii_uppercase().starts_with("TERMSRV/");
        ticket.granted && ticket.service.as_ref().is_some_and(is_ours)
    });
    if let Some((aside, ticket)) = granted
        && let (Some(answer), Some(service)) = (aside.answer, &ticket.service)
    {
        let frame = answer.frame.number();
        found.add_not_it(
            "nla.krb-client",
            format!("password, account, clock, name: {} gave a ticket for {service} (frame {frame})", ticket.centre),
        );
        // What the rule could not know: with Kerberos in order the usual suspects are out.
        found.evidence.retain(|sign| !(sign.points == Points::Missing && sign.text.contains("wrong password")));
        found.add_missing("the server's own reason: the rights to log on, or a policy, are left");
        return;
    }
    let is_told = found.evidence.iter().any(|sign| sign.text.contains(" refuses a ticket"));
    if is_told {
        return;
    }
    let lost = beside
        .tickets(scene.session)
        .find(|(aside, ticket)| ticket.is_refused || (aside.answer.is_none() && beside.is_unanswered(aside)));
    if let Some((aside, ticket)) = lost {
        let what = if ticket.is_refused { "refuses" } else { "does not answer" };
        let frames: Vec<FrameNumber> = aside.questions.clone();
        let first = aside.first.frame.number();
        found.add_because(
            &frames,
            format!("from frame {first} on: the controller {} {what} on port 88, so only NTLM was left", ticket.centre),
        );
        found.add_could_be("nla.kdc-unreachable", "the server takes no NTLM, and Kerberos was out of reach");
        return;
    }
    let refused = beside.tickets(scene.session).filter_map(|(_, ticket)| Some((ticket, ticket.refusal?))).last();
    if let Some((ticket, (refusal, mark))) = refused {
        found.add_because(&[mark.frame], ticket::said(ticket, refusal, mark.frame));
    }
}

/// The name was looked up and led here; or there was no name at all.
fn name(scene: &Scene<'_>, found: &mut Found) {
    let session = scene.session;
    let typed = session.client_hello().and_then(|(_, hello)| hello.server_name());
    if typed.as_ref().is_some_and(|typed| typed.raw().parse::<IpAddr>().is_ok()) {
        return; // judged by the rules of NLA: an address rules Kerberos out
    }
    if let Some(aside) = scene.crowd.beside.name(session)
        && let (Some(lookup), Some(answer)) = (aside.lookup(), aside.answer)
        && typed.is_none_or(|typed| typed.raw().eq_ignore_ascii_case(lookup.name.raw()))
    {
        let frame = answer.frame.number();
        found.add_not_it(
            "dns",
            format!("the name: {} is {} (frame {frame}), and answers", lookup.name, session.server.ip),
        );
    }
}
