//! Claims about the way to the server: firewall, name, network, agreement on security.

use super::view::View;
use super::{Ruling, Standing};
use crate::diagnose::verdict::By;
use crate::session::{Control, Direction, Phase};
use crate::tcp::segment::IcmpError;

/// Whether an ICMP error says that a rule forbids it (RFC 1812 5.2.7.1, RFC 4443 3.1).
const fn is_prohibition(error: &IcmpError) -> bool {
    match (error.is_v6(), error.kind) {
        (false, 3) => matches!(error.code, 9 | 10 | 13),
        (true, 1) => matches!(error.code, 1 | 5 | 6),
        _ => false,
    }
}

pub(super) fn firewall(view: &View<'_>) -> Ruling {
    let session = view.session;
    match (session.server_side().syn(), view.cause) {
        (Some(_), "tcp.rst-injected") if view.is_strong() => {
            view.says(Standing::Confirmed, view.end, "the port is open, but a device in between cuts the connection")
        }
        (Some(_), "tcp.rst-injected") => {
            view.open(view.end, "the port is open; a device in between may have cut the connection")
        }
        (Some(mark), "tcp.synack-unacked") => {
            view.open(mark.frame, "the server answers, but its answer does not reach the client")
        }
        (Some(mark), _) => view.refuted(mark.frame, "the server answers the SYN, so the port is open"),
        (None, "tcp.icmp-unreachable") => {
            let forbids = session.timeline.iter().find(|event| match event.control() {
                Some(Control::Icmp(error)) => is_prohibition(error),
                _ => false,
            });
            match forbids {
                Some(event) => view.says(Standing::Confirmed, event.frame, view.headline()),
                None => view.open(view.end, view.headline()),
            }
        }
        (None, "tcp.refused-by-middlebox") => view.by_verdict(),
        (None, "tcp.refused") => {
            view.open(view.end, "a reset for the SYN: nothing listens there, or a firewall refuses in the host's name")
        }
        (None, "tcp.syn-no-answer") => {
            view.open(session.first.frame, "nobody answers: a firewall that drops, a host that is off, a wrong address")
        }
        (None, _) => match session.server_side().first_data {
            Some(mark) => view.refuted(mark.frame, "the server's data arrives, so nothing blocks it"),
            None => view.open(view.end, "no data of the server is in the capture"),
        },
    }
}

pub(super) fn name(view: &View<'_>) -> Ruling {
    let session = view.session;
    if view.cause == "tls.cert-name-mismatch" {
        let standing = if view.is_strong() { Standing::Confirmed } else { Standing::Open };
        return view.says(standing, view.end, "it is about the name in the certificate, which fits no address either");
    }
    if let Some((event, address)) = session.typed_address() {
        return view.refuted(
            event.frame,
            format!("the client was given an address already ({address}); Kerberos cannot use it"),
        );
    }
    if view.cause.starts_with("dns.") {
        return view.by_verdict();
    }
    if view.cause.starts_with("nla.") {
        return view.open(view.end, "Kerberos goes by the name; an address would only switch it off");
    }
    if view.cause == "x224.not-rdp" {
        return view.open(view.end, "another service answers: a wrong address or port");
    }
    match session.confirm() {
        Some((event, _)) => view.refuted(event.frame, "an RDP server answers where the client was sent"),
        None => view.open(
            session.first.frame,
            format!("the client goes to {}; no packet says if that is right", session.server.ip),
        ),
    }
}

pub(super) fn path(view: &View<'_>) -> Ruling {
    let session = view.session;
    if view.cause.starts_with("path.") {
        return view.by_verdict();
    }
    if view.cause == "tcp.retransmit-giveup" {
        // Whether the way or the far end went away cannot be told from here.
        return view.open(view.end, view.headline());
    }
    if view.has_gaps() {
        return view.open(view.end, "packets are missing from the capture; they may have been lost on the way, too");
    }
    if let Some(finding) = view.finding("path.loss") {
        return view.open(finding.frames.first().copied().unwrap_or(view.end), finding.text.clone());
    }
    let again: u32 = session.sides.iter().map(|side| side.retransmissions).sum();
    let packets = session.packets();
    match view.ended_by() {
        _ if session.server_side().packets == 0 => {
            view.open(session.first.frame, "no packet of the server is in the capture")
        }
        Some(By::Client | By::Server) if again == 0 && view.is_an_act() => {
            view.refuted(view.end, format!("one end acts; {packets} packets, none lost, none sent twice"))
        }
        Some(By::Middlebox) => {
            view.open(view.end, format!("a device on the way acts; {again} of {packets} packets sent twice"))
        }
        _ => view.open(view.end, format!("{again} of {packets} packets were sent twice")),
    }
}

/// Refusals of the negotiation that are about what the two sides can do.
const DIFFER: &[&str] = &[
    "tls.version-mismatch",
    "tls.cipher-mismatch",
    "neg.ssl-required",
    "neg.ssl-not-allowed",
    "neg.hybrid-required",
    "neg.ssl-with-user-auth-required",
    "neg.no-answer-block",
    "neg.client-refuses-selection",
    "neg.foreign-selection",
];

pub(super) fn mismatch(view: &View<'_>) -> Ruling {
    if DIFFER.contains(&view.cause) {
        return view.by_verdict();
    }
    if let Some((event, hello)) = view.session.server_hello() {
        return view.refuted(event.frame, format!("both sides agree on {}", hello.version));
    }
    if let Some(frame) = view.without_tls() {
        return view.refuted(frame, "the server chose standard RDP security; there is no TLS to differ about");
    }
    match (view.session.client_hello(), view.inside_tls(Phase::Nla, Direction::ServerToClient)) {
        (_, Some(frame)) => view.refuted(frame, "both sides talk inside TLS"),
        (Some((event, _)), None) if view.cause == "tls.server-silent-close" => {
            view.open(event.frame, "the server gives no alert for this offer, as it could for a mismatch")
        }
        (Some((event, _)), None) => view.open(event.frame, "no answer to the client's offer is in the capture"),
        (None, None) => view.not_reached("it ended before TLS began"),
    }
}
