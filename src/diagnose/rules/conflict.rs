//! One address and two machines: what one of them began, the other does not know.

use std::net::IpAddr;

use super::super::beside::{claims, is_contested};
use super::super::rule::{Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::{By, Sure};
use super::super::wording::say;
use super::reset::is_from_elsewhere;
use super::session_end::is_unknown;
use super::tcp_connect::refusal;
use crate::session::{Control, Direction, Event, RstFacts};

/// A reset as of a host that has no such connection, and whose address it bears.
fn reset_by_stranger<'a>(scene: &Scene<'a>) -> Option<(&'a Event, &'a RstFacts, IpAddr)> {
    let session = scene.session;
    if let Some((event, facts)) = refusal(scene) {
        return Some((event, facts, session.server.ip));
    }
    let act = scene.ending.act.filter(|act| is_unknown(act))?;
    let is_first_word = scene.goodbye().is_some_and(|word| word.frame == act.frame);
    let Some(Control::Rst(facts)) = act.control().filter(|_| is_first_word) else { return None };
    let own = match act.direction {
        Direction::ClientToServer => session.client,
        Direction::ServerToClient => session.server,
    };
    Some((act, facts, own.ip))
}

/// Two machines claim the address from which a reset comes that no peer of this connection would send.
pub(super) static ADDRESS_CONFLICT: Rule = Rule {
    id: "link.address-conflict",
    needs: Signs::RESET,
    find: |scene| {
        let (event, facts, address) = reset_by_stranger(scene)?;
        let (aside, dispute) = scene.crowd.beside.dispute(address, event.time, event.time)?;
        let is_contested = is_contested(aside);
        let sure = if is_contested { Sure::Strong } else { Sure::Likely };
        let headline = match is_contested {
            true => format!("two machines have the address {address}: one of them does not know this connection"),
            false => format!("{address} went to another machine, which does not know this connection"),
        };
        let found = scene.died(sure, headline).at_mark(event.mark(), event.phase, By::Network, "").because(
            &[event.frame],
            say!("frame {} answers as a host does that has no such connection", number(event)),
        );
        let (frames, said) = claims(aside, dispute);
        let [first, second] = frames.map(|frame| frame.number());
        let mut found = found.because(&frames, say!("frames {first} and {second}: {said}"));
        let side = scene.session.side(event.direction);
        if is_from_elsewhere(side, facts) {
            let text = say!("frame {} came with TTL {}, the others with {}", number(event), facts.ttl, side.habit.ttl);
            found = found.because(&[event.frame], text);
        }
        Some(
            found
                .missing("which of the two sent the reset: its Ethernet address tells")
                .could_be("failover", "a cluster or a virtual machine that was moved: sessions do not move along")
                .could_be("bonding", "one machine with several adapters on one address, and restarted just then")
                .not_it("tls", "the certificate, TLS, the password: nobody objected to them"),
        )
    },
};
