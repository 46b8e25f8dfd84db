//! Before TCP: the address that the name leads to, and the neighbour that is not there.

use super::super::rule::{Rule, Scene};
use super::super::signs::Signs;
use super::super::verdict::{By, Outcome, Sure};
use super::super::wording::say;
use crate::session::aside::Lookup;
use crate::session::{Control, Event};

/// Nobody at the server: no SYN,ACK, and no packet but a refusal.
fn unreached<'a>(scene: &Scene<'a>) -> Option<&'a Event> {
    let session = scene.session;
    if session.accepted.is_some() || session.server_side().syn().is_some() || session.client_side().syns == 0 {
        return None;
    }
    session.timeline.iter().find(|event| matches!(event.control(), Some(Control::Syn(_))))
}

/// The router, or the client itself, asks on the link for the server, and nobody answers.
pub(super) static NO_NEIGHBOUR: Rule = Rule {
    id: "link.no-neighbour",
    needs: Signs::UNACCEPTED,
    find: |scene| {
        let syn = unreached(scene)?;
        let session = scene.session;
        let aside = scene.crowd.beside.absent(session)?;
        let address = session.server.ip;
        // Another asker need not be the one that forwards the SYN, and a switch shows no more of its questions than these.
        let is_own = aside.asker == session.client.ip;
        let sure = if is_own { Sure::Strong } else { Sure::Likely };
        let found = scene.died(sure, say!("{address} is not there: nobody on its link answers for it"));
        let found = match is_own {
            true => found,
            false => found
                .missing(say!(
                    "whether {} is the router of these SYNs, and its answers would come by here",
                    aside.asker
                ))
                .could_be("tcp.syn-no-answer", "the host is there, and a firewall, perhaps its own, drops the SYNs"),
        };
        Some(
            found
                .at_noted(syn, By::Network, "never answered")
                .because(
                    &aside.questions,
                    say!("{} asks {} times who has {address}; nobody answers", aside.asker, aside.asked),
                )
                .because(&[syn.frame], say!("frame {}: and no SYN is answered", syn.frame.number()))
                .not_it("tls", "the certificate, TLS, the password: no connection was made")
                .could_be("dns.wrong-address", "the address is wrong, and the server has another"),
        )
    },
};

/// The name has several addresses, this one is dead, and the client went on to one that works.
pub(super) static WRONG_ADDRESS: Rule = Rule {
    id: "dns.wrong-address",
    needs: Signs::UNACCEPTED,
    find: |scene| {
        let syn = unreached(scene)?;
        let session = scene.session;
        let aside = scene.crowd.beside.name(session)?;
        let lookup = aside.lookup()?;
        let other = scene.crowd.reached_instead(scene.index, lookup)?;
        let Lookup { name, addresses, .. } = lookup;
        let answer = aside.answer.unwrap_or(aside.first).frame;
        Some(
            scene
                .found(
                    Outcome::Warn,
                    Sure::Likely,
                    say!("{name} has an address that does not answer; the client went on to {}", other.ip),
                )
                .because(
                    &[answer],
                    say!(
                        "frame {}: {name} has {} addresses, {} among them",
                        answer.number(),
                        addresses.len(),
                        session.server.ip
                    ),
                )
                .because(&[syn.frame], say!("frame {}: nobody answers there", syn.frame.number()))
                .could_be("tcp.syn-no-answer", "the host is down, or a firewall drops what comes for it")
                .witness(syn, "never answered"),
        )
    },
};
