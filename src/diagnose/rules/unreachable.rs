//! A router, or the host itself, that says by ICMP why nobody answers the SYN.

use super::super::rule::{Found, Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::{By, Outcome, Sure};
use super::super::wording::say;
use super::tcp_connect::{asked_before, refusal};
use crate::session::{Event, Phase};
use crate::tcp::segment::IcmpError;

/// Hosts let their packets pass 64 routers at least; who sends one for so few wants to know which they are.
const FEW: u8 = 30;

/// An error that says that packets of the session do not arrive.
pub(super) fn icmp<'a>(scene: &Scene<'a>) -> Option<(&'a Event, &'a IcmpError)> {
    // Who asks for smaller packets refuses nothing.
    scene.session.complaints().find(|(_, error)| !error.is_too_big())
}

/// What an ICMP error says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Complaint {
    NoNetwork,
    NoHost,
    NoPort,
    Prohibited,
    Expired,
    Other,
}

impl Complaint {
    /// RFC 792, RFC 1812, RFC 4443.
    const fn of(error: &IcmpError) -> Self {
        match (error.is_v6(), error.kind, error.code) {
            (false, 3, 0 | 6 | 11) | (true, 1, 0) => Self::NoNetwork,
            (false, 3, 1 | 7 | 12) | (true, 1, 3) => Self::NoHost,
            (false, 3, 3) | (true, 1, 4) => Self::NoPort,
            (false, 3, 9 | 10 | 13) | (true, 1, 1 | 5 | 6) => Self::Prohibited,
            (false, 11, _) | (true, 3, _) => Self::Expired,
            _ => Self::Other,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::NoNetwork => "no route to the network",
            Self::NoHost => "host unreachable",
            Self::NoPort => "port unreachable",
            Self::Prohibited => "administratively prohibited",
            Self::Expired => "time to live exceeded: a routing loop",
            Self::Other => "destination unreachable",
        }
    }

    /// Whether it is about the way to a host, and not about what listens there: no host says that of itself.
    const fn is_of_the_way(self) -> bool {
        matches!(self, Self::NoNetwork | Self::NoHost | Self::Expired)
    }
}

/// An ICMP error instead of an answer.
pub(super) static ICMP_UNREACHABLE: Rule = Rule {
    id: "tcp.icmp-unreachable",
    needs: Signs::ICMP,
    find: |scene| {
        let session = scene.session;
        if session.server_side().syn().is_some() || session.accepted.is_some() || session.is_midstream() {
            return None;
        }
        let (event, error) = icmp(scene)?;
        if is_outdated(scene, event) {
            return None;
        }
        if let Some(found) = traceroute(scene, event, error) {
            return Some(found);
        }
        let complaint = Complaint::of(error);
        let what = complaint.words();
        let from = error.net.source;
        let by = if from == session.server.ip { By::Server } else { By::Middlebox };
        let syn = session.client_side().syn()?;
        // Only who saw the SYN knows its number.
        let saw_it = session.client_side().initial() == Some(error.quoted_sequence);
        let sure = match saw_it {
            true => Sure::Proven,
            false if error.is_cut() => Sure::Likely,
            false => Sure::Strong,
        };
        let here = session.client_side().ttl;
        let is_beyond = by == By::Server && complaint.is_of_the_way();
        let headline = match by {
            By::Server if is_beyond => {
                format!("{from} passes connections on, and cannot reach what is behind it: {what}")
            }
            By::Server => format!("the server itself ({from}) refuses the connection: {what}"),
            _ => format!("a device on the way ({from}) refuses the connection: {what}"),
        };
        let mut found = scene
            .died(sure, headline)
            .at_mark(event.mark(), Phase::Tcp, by, "")
            .because(
                &[event.frame, syn.frame],
                say!(
                    "frame {} is an ICMP error (type {}, code {}: {what}) from {from} that quotes {} in frame {}",
                    number(event),
                    error.kind,
                    error.code,
                    if error.is_cut() { "a packet between the two, perhaps the SYN" } else { "the SYN" },
                    syn.frame.number()
                ),
            )
            .not_it("tls", "the certificate, TLS, the password: no connection was made");
        if is_beyond {
            let text = "who answers can be reached: the complaint is about a host behind it (port forwarding, NAT, a balancer)";
            found = found.because(&[event.frame], text);
        }
        if by == By::Middlebox
            && let Some(hops @ 1..=32) = here.checked_sub(error.quoted_ttl)
        {
            let text = say!(
                "the SYN passes here with TTL {here} and is quoted with {}: the device is {hops} router{} further on",
                error.quoted_ttl,
                if hops == 1 { "" } else { "s" }
            );
            found = found.because(&[event.frame, syn.frame], text);
        }
        Some(found)
    },
};

/// Whether the server itself refused what was sent after `error`: the way was open by then.
fn is_outdated(scene: &Scene<'_>, error: &Event) -> bool {
    refusal(scene).is_some_and(|(reset, _)| asked_before(scene.session, reset).time >= error.time)
}

/// A SYN that was sent to get no further than this.
fn traceroute(scene: &Scene<'_>, event: &Event, error: &IcmpError) -> Option<Found> {
    let is_expired = matches!((error.is_v6(), error.kind, error.code), (false, 11, 0) | (true, 3, 0));
    let here = scene.session.client_side().ttl;
    if !is_expired || here > FEW {
        return None;
    }
    let syn = scene.session.client_side().syn()?;
    let text = say!(
        "frame {}: the SYN has a TTL of {here} here, which no host begins with; frame {}: it runs out at {}",
        syn.frame.number(),
        number(event),
        error.net.source
    );
    let found = scene.found(Outcome::Scan, Sure::Strong, "a SYN that asks for the routers on the way: a traceroute");
    Some(found.named("scan.syn").because(&[syn.frame, event.frame], text))
}
