//! Causes around the first two messages: no answer, a closed door, another protocol, a broken request.

use super::super::observe::routed_elsewhere;
use super::super::rule::{Found, Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::{Outcome, Sure};
use super::super::wording::{say, span};
use crate::knowledge::cause::Moot;
use crate::session::{Direction, Event, EventKind, Session};
use crate::wire::catalogue::Fact;
use crate::wire::describe::Describe;
use crate::wire::foreign::{Foreign, Protocol};

/// A server that works answers within this time; seconds.
const ANSWERS_WITHIN: f64 = 3.0;

fn server_said_nothing(scene: &Scene<'_>) -> bool {
    scene.session.is_mute(Direction::ServerToClient)
}

/// The server's confirm, where its client had left before.
fn answer_too_late<'a>(scene: &Scene<'a>) -> Option<&'a Event> {
    let act = scene.ending.act.filter(|_| scene.ended_by(Direction::ClientToServer))?;
    let (confirm, _) = scene.session.confirm()?;
    (act.precedes(confirm) && is_first_word(scene.session, confirm)).then_some(confirm)
}

/// The request is heard, and nothing comes back.
pub(super) static NO_CONFIRM: Rule = Rule {
    id: "x224.no-confirm",
    needs: Signs::REQUEST,
    find: |scene| {
        let session = scene.session;
        let (request, _) = session.request()?;
        let late = answer_too_late(scene);
        if !server_said_nothing(scene) && late.is_none() || session.accepted.is_none() {
            return None;
        }
        let waited = scene.ending.act.map_or(session.capture_end, |act| act.time).since(request.time);
        if waited < ANSWERS_WITHIN {
            return None;
        }
        let heard = session.client_side().acknowledged > 0;
        let sure = if heard { Sure::Strong } else { Sure::Likely };
        let (headline, note) = match late {
            Some(_) => ("the server answers the connection request when the client has given up", "too late"),
            None => ("the server never answers the connection request", "it is never answered"),
        };
        let mut found = scene
            .died(sure, headline)
            .at_noted(request, Direction::ServerToClient, note)
            .because(&[request.frame], say!("the request in frame {} has no answer for {waited:.1} s", number(request)))
            .not_it("tls", "the certificate, TLS, the password: not reached");
        if let Some(mark) = session.client_side().acknowledged_by {
            found = found.because(
                &[mark.frame],
                say!(
                    "by frame {} it is acknowledged: the host's TCP works, the service behind it {}",
                    mark.frame.number(),
                    if late.is_some() { "is slow" } else { "does not" }
                ),
            );
        } else {
            found = found
                .because(&[request.frame], "not even an acknowledgment came back")
                .could_be("path", "the path broke right then");
        }
        found = match (late, scene.ending.act) {
            (Some(confirm), Some(act)) => found.because(
                &[confirm.frame, act.frame],
                say!(
                    "frame {}: the answer comes {} after the client closed in frame {}",
                    number(confirm),
                    span(confirm.time.since(act.time)),
                    number(act)
                ),
            ),
            _ => found.could_be("dpi", "a device that swallows the request; a forwarder whose target is dead"),
        };
        Some(with_token(found, scene))
    },
};

/// The request is answered by closing.
pub(super) static CLOSE_ON_CR: Rule = Rule {
    id: "x224.close-on-cr",
    needs: Signs::REQUEST.and(Signs::MUTE_SERVER).and(Signs::SERVER_CLOSES),
    find: |scene| {
        let session = scene.session;
        let (request, _) = session.request()?;
        let act = scene.ending.act?;
        // Who closed before was not asked yet.
        let was_asked = (request.time, request.frame) < (act.time, act.frame);
        if !was_asked || !server_said_nothing(scene) || !scene.ended_by(Direction::ServerToClient) {
            return None;
        }
        let pause = act.time.since(request.time);
        let how = scene.ending.how();
        let found = scene
            .died(Sure::Strong, "the server closes on the connection request, without an answer")
            .at(act, Direction::ServerToClient)
            .because(
                &[act.frame, request.frame],
                say!(
                    "frame {} is {how} from the server, {} after the request in frame {}",
                    number(act),
                    span(pause),
                    number(request)
                ),
            )
            .missing("the reason: the server said nothing")
            .not_it("tls", "the certificate, TLS, the password: not reached");
        let found = with_token(found, scene)
            .could_be("acl", "an access list or connection limit in front of the service")
            .could_be("forwarder", "a port forwarder, tunnel or balancer whose own target does not answer")
            .could_be("dpi", "a device that knows RDP and forbids it");
        Some(found)
    },
};

/// A routing token that names another host explains much.
fn with_token(found: Found, scene: &Scene<'_>) -> Found {
    match routed_elsewhere(scene.session) {
        Some((event, target)) => found
            .because(&[event.frame], say!("frame {}: its routing token is for {target}", number(event)))
            .could_be("x224.routing-token", "the balancer or the broker sent the client to the wrong host"),
        None => found,
    }
}

/// Another protocol lives on this port.
pub(super) static NOT_RDP: Rule = Rule {
    id: "x224.not-rdp",
    needs: Signs::STRANGE,
    find: |scene| {
        let session = scene.session;
        let named = foreign(scene, Direction::ServerToClient).or_else(|| tls_instead_of_confirm(scene));
        let sure = if named.is_some() { Sure::Proven } else { Sure::Strong };
        let (event, what) = named.or_else(|| nonsense(scene))?;
        let port = session.server.port;
        let mut found = scene
            .died(sure, say!("no RDP server on port {port}: {what}"))
            .at(event, Direction::ServerToClient)
            .because(&[event.frame], say!("frame {} is the server's first word: {what}", number(event)))
            .not_it("tls", "the certificate, the password: the right service was never reached");
        found.add_moot(Moot::NO_PROXY_HEADER);
        Some(found)
    },
};

/// A request was made, and the server's first word is TLS: mostly an alert about bytes it cannot read.
fn tls_instead_of_confirm<'a>(scene: &Scene<'a>) -> Option<(&'a Event, String)> {
    let session = scene.session;
    session.request()?;
    let first =
        session.timeline.iter().find(|event| event.direction == Direction::ServerToClient && event.length > 0)?;
    // What was not captured before it may well have been the confirm.
    let is_tls = is_first_word(session, first) && matches!(first.fact(), Some(Fact::Alert(_) | Fact::ServerHello(_)));
    (is_tls && session.confirm().is_none()).then(|| (first, "a TLS service".to_owned()))
}

/// The server answers the request with bytes that begin like nothing in RDP.
fn nonsense<'a>(scene: &Scene<'a>) -> Option<(&'a Event, String)> {
    let session = scene.session;
    let (asked, request) = session.request()?;
    let mut words = session.timeline.iter().filter(|event| event.direction == Direction::ServerToClient);
    let first = words.find(|event| event.length > 0)?;
    let is_answer = is_first_word(session, first) && first.time >= asked.time;
    let is_nonsense = matches!(&first.kind, EventKind::Malformed(fault) if fault.field == "TPKT");
    (is_answer && is_nonsense && request.fault.is_none() && session.confirm().is_none())
        .then(|| (first, "an unknown protocol".to_owned()))
}

/// The client itself speaks something else.
pub(super) static CLIENT_NOT_RDP: Rule = Rule {
    id: "x224.not-rdp",
    needs: Signs::STRANGE,
    find: |scene| {
        // A server of RDP that answers as one shows that the client speaks it too.
        if scene.session.confirm().is_some() {
            return None;
        }
        let (event, what) = foreign(scene, Direction::ClientToServer)?;
        let port = scene.session.server.port;
        let mut found = scene
            .found(Outcome::Scan, Sure::Strong, say!("the client does not speak RDP to port {port}: {what}"))
            .because(&[event.frame], say!("frame {} is the client's first word: {what}", number(event)));
        found.add_moot(Moot::NO_PROXY_HEADER);
        Some(found)
    },
};

/// A balancer puts a header before the request, and the server, which takes it for a broken one, closes.
pub(super) static PROXY_HEADER: Rule = Rule {
    id: "x224.not-rdp",
    needs: Signs::STRANGE.and(Signs::MUTE_SERVER).and(Signs::SERVER_CLOSES),
    find: |scene| {
        let act = scene.ending.act.filter(|_| scene.ended_by(Direction::ServerToClient))?;
        let (header, found) = strangers(scene, Direction::ClientToServer).next()?;
        let is_alone = strangers(scene, Direction::ClientToServer).nth(1).is_none();
        if found.protocol != Protocol::Proxy || !is_alone || !server_said_nothing(scene) || act.time < header.time {
            return None;
        }
        let mut found = scene
            .died(Sure::Likely, "a balancer puts a PROXY header before RDP, and the server closes on it")
            .at(act, Direction::ServerToClient)
            .because(
                &[header.frame],
                say!("frame {} begins with a header of the PROXY protocol: {}", number(header), found.first),
            )
            .because(
                &[act.frame],
                say!(
                    "frame {} is {} from the server, {} later, without an answer",
                    number(act),
                    scene.ending.how(),
                    span(act.time.since(header.time))
                ),
            )
            .means("a server that does not understand the PROXY protocol takes its header for a broken request")
            .could_be("x224.close-on-cr", "a server that understands the header, and closes for another reason")
            .not_it("tls", "the certificate, TLS, the password: not reached");
        found.add_moot(Moot::ADDRESS);
        Some(found)
    },
};

/// Whether `event` is the very first that the server said; without its SYN,ACK nobody knows where that stood.
fn is_first_word(session: &Session, event: &Event) -> bool {
    event.stream_offset == 0 && session.server_side().syns > 0
}

/// TLS at once, without the request that RDP begins with.
pub(super) static TLS_FIRST: Rule = Rule {
    id: "x224.not-rdp",
    needs: Signs::NO_REQUEST.and(Signs::CLIENT_HELLO),
    find: |scene| {
        let session = scene.session;
        let (hello, _) = session.client_hello()?;
        if session.request().is_some() || session.is_midstream() || hello.stream_offset > 16 {
            return None;
        }
        let mut found = scene
            .found(Outcome::Unsure, Sure::Strong, "TLS from the first byte, without an RDP connection request")
            .because(
                &[hello.frame],
                say!("frame {} is a ClientHello, where RDP sends a connection request first", number(hello)),
            )
            .could_be("other-service", "another TLS service on this port")
            .could_be("direct", "RDP spoken directly inside TLS (Hyper-V console, gateways)");
        found.add_moot(Moot::NO_PROXY_HEADER);
        Some(found)
    },
};

/// What `direction` began with, when it is no RDP; what comes behind a balancer's header rather than the header.
fn foreign<'a>(scene: &Scene<'a>, direction: Direction) -> Option<(&'a Event, String)> {
    strangers(scene, direction).last().map(|(event, found)| (event, found.summary()))
}

/// What `direction` said that is no RDP.
fn strangers<'a>(scene: &Scene<'a>, direction: Direction) -> impl Iterator<Item = (&'a Event, &'a Foreign)> {
    let own = scene.session.timeline.iter().filter(move |event| event.direction == direction);
    own.filter_map(|event| Some((event, event.fact()?.foreign()?)))
}

/// A request that a server must drop.
pub(super) static MALFORMED: Rule = Rule {
    id: "x224.malformed",
    needs: Signs::REQUEST,
    find: |scene| {
        let session = scene.session;
        let (event, request) = session.request()?;
        let fault = request.fault?;
        if session.confirm().is_some() {
            return None;
        }
        Some(
            scene
                .died(Sure::Strong, say!("the client's request is malformed: {}", fault.field))
                .at(event, Direction::ClientToServer)
                .because(
                    &[event.frame],
                    say!(
                        "frame {}: {} is wrong at byte {} of the request; a server must drop it",
                        number(event),
                        fault.field,
                        fault.offset
                    ),
                )
                .not_it("tls", "the certificate, TLS, the password: not reached"),
        )
    },
};

/// X.224's own refusal.
pub(super) static DISCONNECT_REQUEST: Rule = Rule {
    id: "x224.disconnect-request",
    needs: Signs::REQUEST.and(Signs::TPDU_REFUSAL),
    find: |scene| {
        let session = scene.session;
        let (request, _) = session.request()?;
        let (event, what) = session.timeline.facts().find_map(|(event, fact)| match fact {
            Fact::DisconnectRequest(reason) if event.direction == Direction::ServerToClient => {
                Some((event, format!("Disconnect Request, reason {reason}")))
            }
            Fact::ErrorTpdu(cause) if event.direction == Direction::ServerToClient => {
                Some((event, format!("Error TPDU, reject cause {cause}")))
            }
            _ => None,
        })?;
        if session.confirm().is_some() {
            return None;
        }
        Some(
            scene
                .died(Sure::Proven, "the server refuses the connection request with an X.224 disconnect")
                .at(event, Direction::ServerToClient)
                .because(
                    &[event.frame, request.frame],
                    format!(
                        "frame {} answers the request in frame {} with an X.224 {what}",
                        number(event),
                        number(request)
                    ),
                )
                .means("Windows servers do not do this: a gateway, a broker or another product answers here")
                .not_it("tls", "the certificate, TLS, the password: not reached"),
        )
    },
};
