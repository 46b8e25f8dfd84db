//! A server that asks for another ClientHello and does not wait for it.

use super::super::rule::{Found, Scene, number};
use super::super::verdict::{By, Sure};
use super::super::wording::{say, span};
use crate::session::{Control, Event, Session};
use crate::wire::catalogue::Fact;
use crate::wire::describe::Describe;

/// The last ClientHello before `act`: after a HelloRetryRequest there is another one (RFC 8446 4.1.4).
pub(super) fn last_hello<'a>(session: &'a Session, act: &Event) -> Option<&'a Event> {
    let is_hello =
        |(event, fact): &(&Event, &Fact)| matches!(fact, Fact::ClientHello(_)) && event.mark().is_before(act.mark());
    session.timeline.facts().rfind(is_hello).map(|(event, _)| event)
}

/// The server's last word is a HelloRetryRequest, and it closes with `act`.
pub(super) fn closes_on_retry(scene: &Scene<'_>, act: &Event) -> Option<Found> {
    let session = scene.session;
    let is_retry = |(_, fact): &(&Event, &Fact)| matches!(fact, Fact::ServerHello(hello) if hello.is_retry);
    let (retry, fact) = session.timeline.facts().find(is_retry)?;
    let is_answered = last_hello(session, act).is_some_and(|hello| retry.mark().is_before(hello.mark()));
    if is_answered || !retry.mark().is_before(act.mark()) {
        return None;
    }
    let Fact::ServerHello(wish) = fact else { return None };
    let mut found = scene
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
    if let Some(Control::Rst(facts)) = act.control()
        && facts.ttl == session.server_side().ttl
    {
        let text = say!("a reset forged on the way: TTL {}, as in the server's other packets", facts.ttl);
        found = found.not_it("tcp.rst-injected", text);
    }
    Some(found.not_it("tls.client-refuses", "the client: it was still to send its other ClientHello"))
}
