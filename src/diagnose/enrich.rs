//! What was said beside a session, told in the verdict on its logon: whether Kerberos was possible, whether it worked,
//! and so whether the name that the user typed was the trouble.

use super::rule::{Found, Scene};
use super::shape::name;
use super::ticket;
use super::verdict::{Outcome, Points};
use crate::frame::FrameNumber;
use crate::knowledge::cause::Moot;
use crate::session::Direction;

/// Adds to `found`, of a session that died in its logon for `cause`, what speaks for and against other explanations.
pub(super) fn logon(scene: &Scene<'_>, cause: Option<&'static str>, found: &mut Found) {
    let is_logon = found.outcome == Outcome::Died && cause.is_some_and(|cause| cause.starts_with("nla."));
    if is_logon {
        typed(scene, found);
        ticket(scene, found);
        accepted(scene, found);
        lookup(scene, found);
    }
}

/// What the user typed decides whether there could be Kerberos.
fn typed(scene: &Scene<'_>, found: &mut Found) {
    let is_seen = scene.crowd.beside.tickets(scene.session).next().is_some();
    let typed = scene.session.client_hello().and_then(|(_, hello)| hello.server_name());
    let is_address = scene.session.typed_address().is_some();
    if is_seen || is_address {
        found.add_moot(Moot::KERBEROS);
    }
    if !is_address && typed.is_some_and(|typed| typed.raw().contains('.')) {
        found.add_moot(Moot::FULL_NAME);
    }
}

/// What is left when the password cannot be it.
fn clear_password(found: &mut Found) {
    found.evidence.retain(|sign| !(sign.points == Points::Missing && sign.text.contains("wrong password")));
    found.add_missing("the server's own reason: the rights to log on, or a policy, are left");
    found.add_moot(Moot::PASSWORD);
}

/// A server that answers the client's ticket with its own proof has accepted it; that it was one, the client shows by going
/// on.
fn accepted(scene: &Scene<'_>, found: &mut Found) {
    let Some(record) = scene.shape.first(name::KRB_AP_REP) else { return };
    found.add_moot(Moot::KERBEROS);
    if scene.shape.last(Direction::ClientToServer).is_none_or(|own| own.frame < record.frame) {
        return;
    }
    let is_told = found.not_it.iter().chain(&found.could_be).any(|other| other.text.contains("password"));
    if is_told || found.moot.has(Moot::PASSWORD) {
        return;
    }
    let frame = record.frame.number();
    found.add_not_it(
        "nla.bad-credentials",
        format!("the password: the server took the Kerberos ticket, as the size of frame {frame} says"),
    );
    clear_password(found);
}

/// A ticket for Remote Desktop on this very server proves name, clock, account and password.
fn ticket(scene: &Scene<'_>, found: &mut Found) {
    // A ticket that was given before another one was refused says nothing against that.
    let is_told = found.evidence.iter().any(|sign| sign.text.contains(ticket::REFUSES));
    if is_told {
        return;
    }
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
        clear_password(found);
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
fn lookup(scene: &Scene<'_>, found: &mut Found) {
    let session = scene.session;
    if session.typed_address().is_some() {
        return; // judged by the rules of NLA: an address rules Kerberos out
    }
    let typed = session.client_hello().and_then(|(_, hello)| hello.server_name());
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
