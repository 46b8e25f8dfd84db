//! What the domain controller says in clear on port 88, beside a logon whose own refusal is encrypted.

use super::super::beside::Whose;
use super::super::rule::{Found, Rule, Scene, number};
use super::super::shape::{Nla, name};
use super::super::signs::Signs;
use super::super::ticket::{cause, said};
use super::super::verdict::Sure;
use super::super::wording::say;
use crate::frame::{FrameNumber, Timestamp};
use crate::knowledge::kerberos::KerberosError;
use crate::knowledge::status::Status;
use crate::session::Direction;
use crate::session::aside::Ticket;
use crate::wire::kerberos::Refusal;

/// The cause that the NTSTATUS inside a KRB-ERROR states more exactly than its code (MS-KILE 2.2.1).
const fn exact_cause(status: Status) -> Option<&'static str> {
    match status.0 {
        0xc000_0064 | 0xc000_006a | 0xc000_006d => Some("nla.bad-credentials"),
        0xc000_006e => Some("nla.account-restriction"),
        0xc000_006f => Some("nla.logon-hours"),
        0xc000_0070 => Some("nla.workstation"),
        0xc000_0071 => Some("nla.password-expired"),
        0xc000_0072 => Some("nla.account-disabled"),
        0xc000_0193 => Some("nla.account-expired"),
        0xc000_0224 => Some("nla.password-must-change"),
        0xc000_0234 => Some("nla.account-locked"),
        0xc000_0389..=0xc000_038d => Some("nla.krb-pkinit"),
        _ => None,
    }
}

/// A ticket that was not given.
struct Refused<'a> {
    ticket: &'a Ticket,
    refusal: Refusal,
    frame: FrameNumber,
    time: Timestamp,
    /// It was asked for this user, or for this server.
    is_ours: bool,
}

impl Refused<'_> {
    fn sure(&self, most: Sure) -> Sure {
        if self.is_ours { most } else { most.min(Sure::Likely) }
    }

    /// What is not known of it.
    fn doubted(&self, found: Found) -> Found {
        match &self.ticket.client {
            _ if self.is_ours => found,
            Some(client) => found.missing(say!("whether {client}, who was refused, is the user of this session")),
            None => found
                .missing("whether that ticket was asked for this session: another user or another server may be meant"),
        }
    }
}

/// The last refusal of a key distribution centre around this logon and before `until`, unless it gave a ticket after all.
/// What it refuses to another user, or later, is no cause of this.
fn refused_ticket<'a>(scene: &'a Scene<'_>, until: Timestamp) -> Option<Refused<'a>> {
    let mut last = None;
    let asked = scene.crowd.beside.all_tickets(scene.session);
    for (_, ticket, whose) in asked.filter(|(aside, _, whose)| *whose != Whose::Others && aside.first.time <= until) {
        let is_ours = whose == Whose::Ours;
        match ticket.refusal {
            Some((_, mark)) if mark.time > until => {}
            Some((refusal, mark)) if cause(refusal.code).is_some() => {
                last = Some(Refused { ticket, refusal, frame: mark.frame, time: mark.time, is_ours });
            }
            _ if ticket.granted => last = None,
            _ => {}
        }
    }
    last
}

/// What it means, the status before the code.
fn meaning(refusal: Refusal) -> &'static str {
    let exact = refusal.status.filter(|status| exact_cause(*status).is_some()).and_then(Status::meaning);
    exact.or_else(|| refusal.code.meaning()).unwrap_or("an error of Kerberos")
}

/// The cause that a code states by itself (RFC 4120 7.5.9): the password is too old, or it is wrong.
const fn coded_cause(code: KerberosError) -> Option<&'static str> {
    match code.0 {
        23 => Some("nla.password-expired"),
        24 => Some("nla.bad-credentials"),
        _ => cause(code),
    }
}

fn exact_id(refusal: Refusal) -> Option<&'static str> {
    refusal.status.and_then(exact_cause).or_else(|| coded_cause(refusal.code))
}

/// What a code leaves open that comes without an NTSTATUS.
fn with_others(found: Found, refusal: Refusal) -> Found {
    match refusal.code.0 {
        _ if refusal.status.is_some_and(|status| exact_cause(status).is_some()) => found,
        18 => found
            .could_be("nla.account-locked", "the account is locked")
            .could_be("nla.account-disabled", "it is disabled")
            .could_be("nla.account-expired", "its end date has passed")
            .could_be("nla.logon-hours", "the user may not log on at this hour"),
        23 => found.could_be("nla.password-must-change", "the password must be changed at the first logon"),
        _ => found,
    }
}

/// Whether it is the user whom the domain controller has something against, rather than the server's name, its keys or a
/// clock (RFC 4120 7.5.9).
fn is_about_user(refusal: Refusal) -> bool {
    refusal.status.and_then(exact_cause).is_some() || !matches!(refusal.code.0, 7 | 14 | 37 | 41)
}

/// Kerberos refused the user, the client fell back to NTLM, and that was refused too: the second refusal misleads.
pub(super) static FAILED_THEN_NTLM_REFUSED: Rule = Rule {
    id: "nla.kerberos-failed-then-ntlm-refused",
    needs: Signs::LOGON,
    find: |scene| {
        let refusal = scene.refusal()?;
        let ticket = refused_ticket(scene, refusal.event.time)?;
        let (refused, frame) = (ticket.refusal, ticket.frame);
        let is_ntlm = scene.shape.first(name::NTLM_NEGOTIATE).is_some();
        let headline = say!("Kerberos refused the logon, then NLA did: {}", meaning(refused));
        // NTLM has a reason of its own for a user whom Kerberos has nothing against.
        let is_other = is_ntlm && !is_about_user(refused);
        let mut found = scene
            .died(ticket.sure(if is_other { Sure::Likely } else { Sure::Strong }), headline)
            .at(refusal.event, Direction::ServerToClient)
            .because(&[frame], said(ticket.ticket, refused, frame))
            .because(&[refusal.event.frame], refusal.says())
            .not_it("tls", "the network, TLS, the certificate: all of that was passed");
        if is_ntlm {
            let record = scene.shape.records.iter().find(|record| record.name == name::NTLM_NEGOTIATE)?;
            let frame = record.frame.number();
            found = found.because(&[record.frame], say!("frame {frame}: the client fell back to NTLM"));
        } else {
            found = found.named(exact_id(refused)?);
        }
        if !is_ntlm {
            found = with_others(found, refused);
        }
        if is_other {
            return Some(
                ticket
                    .doubted(found)
                    .means("without a ticket the client falls back to NTLM, which the server refuses by itself")
                    .could_be("nla.ntlm-blocked", "the server, or this user, must not use NTLM")
                    .could_be("nla.bad-credentials", "a wrong password: the ticket was asked for with another one"),
            );
        }
        Some(ticket.doubted(found).means(
            "the domain controller's reason counts; the server's own code, which is encrypted, may name another",
        ))
    },
};

/// Whether the client asked the server for its ticket and said no more: to go on it needs one of its own, for both of them
/// (user to user, RFC 4120 3.7).
fn waits_for_ticket(scene: &Scene<'_>) -> bool {
    let last = scene.shape.last(Direction::ServerToClient);
    scene.shape.nla == Nla::Begun(1) && last.is_some_and(|record| record.name == name::KRB_TGT_REP)
}

/// Kerberos refused the user, and the client left without a word of NLA, or where it needed one ticket more.
pub(super) static TICKET_REFUSED: Rule = Rule {
    id: "nla.krb-client",
    needs: Signs::CONFIRM.and(Signs::CLIENT_CLOSES),
    find: |scene| {
        let session = scene.session;
        let act = scene.ending.act?;
        let waits_for_ticket = waits_for_ticket(scene);
        let waits_for_logon = session.selected().is_some_and(|selected| selected.has_nla())
            && (waits_for_ticket || !scene.shape.has_application_data())
            && session.negotiation_failure().is_none();
        if !waits_for_logon
            || !scene.ended_by(Direction::ClientToServer)
            || scene.crowd.went_further(scene.index).is_some()
        {
            return None;
        }
        let ticket = refused_ticket(scene, act.time)?;
        let (refused, frame) = (ticket.refusal, ticket.frame);
        // What was refused before this connection, and may be another's, says nothing of it.
        let (confirm, _) = session.confirm()?;
        if !ticket.is_ours && ticket.time < confirm.time {
            return None;
        }
        let how = match waits_for_ticket {
            true => "instead of answering the server's own ticket",
            false => "without having sent a word of NLA",
        };
        let found = scene.died(Sure::Likely, say!("Kerberos refused the logon: {}", meaning(refused)));
        let found = with_others(found, refused)
            .named(exact_id(refused)?)
            .at(act, Direction::ClientToServer)
            .because(&[frame], said(ticket.ticket, refused, frame))
            .because(&[act.frame], say!("frame {}: the client closes {how}", number(act)))
            .could_be("ok.user-disconnect", "the user cancelled when asked for the password");
        Some(ticket.doubted(found))
    },
};

/// The server itself reaches no domain controller while the client waits for its answer: seen where the capture was
/// taken next to the server.
pub(super) static NO_LOGON_SERVER: Rule = Rule {
    id: "nla.no-logon-server",
    needs: Signs::LOGON,
    find: |scene| {
        let refusal = scene.refusal()?;
        let (aside, ticket) = scene.crowd.beside.asked_by_server(scene.session)?;
        let how = if ticket.is_refused { "refuses it" } else { "does not answer" };
        let first = aside.first.frame.number();
        Some(
            scene
                .died(Sure::Likely, "the server reaches no domain controller, and refuses the logon")
                .at(refusal.event, Direction::ServerToClient)
                .because(
                    &aside.questions,
                    say!("from frame {first} on the server asks {} on port 88, which {how}", ticket.centre),
                )
                .because(&[refusal.event.frame], refusal.says())
                .could_be("nla.bad-credentials", "a wrong password of an account that the server knows itself")
                .not_it("tls", "the network, TLS, the certificate: all of that was passed"),
        )
    },
};
