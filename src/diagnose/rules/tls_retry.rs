//! A server that asks for another ClientHello and does not wait for it.

use super::super::rule::{Found, Scene, number};
use super::super::verdict::{By, Sure};
use super::super::wording::{say, span};
use crate::session::{Control, Event, Session};
use crate::wire::catalogue::Fact;
use crate::wire::describe::Describe;
use crate::wire::tls_hello::ServerHello;

/// The last ClientHello before `act`: after a HelloRetryRequest there is another one (RFC 8446 4.1.4).
pub(super) fn last_hello<'a>(session: &'a Session, act: &Event) -> Option<&'a Event> {
    let is_hello = |(event, fact): &(&Event, &Fact)| matches!(fact, Fact::ClientHello(_)) && event.precedes(act);
    session.timeline.facts().rfind(is_hello).map(|(event, _)| event)
}

/// A reset `act` from as far away as the server's other packets is no sign of one that was forged on the way.
pub(super) fn against_forgery(found: Found, session: &Session, act: &Event) -> Found {
    let server = session.server_side();
    match act.control() {
        Some(Control::Rst(facts)) if facts.ttl == server.ttl && server.habit.packets > 0 => found.not_it(
            "tcp.rst-injected",
            say!("a reset forged on the way: TTL {}, as in the server's other packets", facts.ttl),
        ),
        _ => found,
    }
}

/// The HelloRetryRequest before `act`, and what it wants. Suite and group are agreed on with it.
pub(super) fn asks_again<'a>(session: &'a Session, act: &Event) -> Option<(&'a Event, &'a ServerHello)> {
    session.timeline.facts().find_map(|(event, fact)| match fact {
        Fact::ServerHello(hello) if hello.is_retry && event.precedes(act) => Some((event, &**hello)),
        _ => None,
    })
}

/// The server's last word is a HelloRetryRequest, and it closes with `act`.
pub(super) fn closes_on_retry(scene: &Scene<'_>, act: &Event) -> Option<Found> {
    let session = scene.session;
    let (retry, wish) = asks_again(session, act)?;
    if last_hello(session, act).is_some_and(|hello| retry.precedes(hello)) {
        return None;
    }
    let found = scene
        .died(Sure::Likely, "the server asks for another ClientHello, and closes without waiting for it")
        .at_mark(act.mark(), retry.phase, By::Server, "")
        .because(&[retry.frame], say!("frame {}: the server {}", number(retry), wish.summary()))
        .because(
            &[act.frame, retry.frame],
            say!(
                "frame {} is {}, {} later; the client has not answered yet",
                number(act),
                scene.ending.how(),
                span(act.time.since(retry.time))
            ),
        )
        .missing("the reason: the server's event log has it (36874, 36887, 36888)")
        .could_be("filter", "a device on the way that does not know what a HelloRetryRequest is")
        .could_be("service", "the RDP service crashed or was restarted at that moment");
    let found = against_forgery(found, session, act);
    Some(found.not_it("tls.client-refuses", "the client: it was still to send its other ClientHello"))
}
