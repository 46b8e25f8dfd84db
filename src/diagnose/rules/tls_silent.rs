//! A server that closes in the TLS handshake without saying why: mostly it cannot use its own key.

use super::super::rule::{Found, PATIENCE, Rule, Scene, number};
use super::super::shape::{Inferred, name};
use super::super::signs::Signs;
use super::super::verdict::{By, Sure};
use super::super::wording::{say, span};
use super::session_end::is_unknown;
use super::tls_offer::Offer;
use super::tls_retry::{against_forgery, closes_on_retry, last_hello};
use super::tls_server::{alert_says, hangs, may_follow_hello};
use crate::knowledge::code::find;
use crate::knowledge::tls::{ALERTS, Version};
use crate::session::{Direction, Event, EventKind, Phase, Session, is_word};
use crate::wire::catalogue::Fact;
use crate::wire::describe::Describe;
use crate::wire::tls_handshake::HandshakeType;

/// A good ClientHello, and the server just closes.
pub(super) static SERVER_SILENT_CLOSE: Rule = Rule {
    id: "tls.server-silent-close",
    needs: Signs::CLIENT_HELLO.and(Signs::NO_SERVER_HELLO),
    find: |scene| {
        let session = scene.session;
        let (hello, _) = session.client_hello()?;
        if session.server_hello().is_some() {
            return None;
        }
        if let Some(found) = closes_on_alert(scene, hello) {
            return Some(found);
        }
        let ultimatum = plain_farewell(scene);
        let act = match (ultimatum, scene.ending.act) {
            (Some(event), _) => event,
            (None, Some(act)) if scene.ended_by(Direction::ServerToClient) => act,
            _ => return None,
        };
        let is_late = ultimatum.is_none() && scene.ending.last_word.is_some_and(|last| hangs(scene, last));
        if may_follow_hello(session, act) || is_late {
            return None;
        }
        if let Some(found) = closes_on_retry(scene, act) {
            return Some(found);
        }
        let hello = last_hello(session, act).unwrap_or(hello);
        if ultimatum.is_none() && has_said_something(session, hello, act) {
            return None;
        }
        if let Some(found) = is_a_stranger(scene, hello, act) {
            return Some(found);
        }
        let pause = act.time.since(hello.time);
        let how = match (ultimatum, scene.ending.is_reset) {
            (Some(_), _) => "a plain MCS Disconnect Provider Ultimatum where a ServerHello belongs",
            (None, true) => "a reset",
            (None, false) => "a FIN",
        };
        let (headline, when) = if pause < 0.0 || scene.crossed(hello) {
            ("the server closes where TLS should begin, without a word", "it does not even wait for".to_owned())
        } else {
            ("the server closes on the ClientHello without a word", format!("{} after", span(pause)))
        };
        let mut found = scene.died(Sure::Likely, headline).at_mark(act.mark(), hello.phase, By::Server, "").because(
            &[act.frame, hello.frame],
            say!("frame {} is {how}, {when} the ClientHello in frame {}", number(act), number(hello)),
        );
        found = against_windows(found, scene, hello);
        if session.client_side().all_acknowledged() {
            found = found.not_it("path", "the network: the ClientHello arrived, and the server closed on it");
        }
        found = against_forgery(found, session, act);
        Some(found.not_it("tls.client-refuses", "the client: it was still waiting for the server's certificate"))
    },
};

/// The client asked its user for long before its ClientHello, and then the host that answers knows of no connection.
fn is_a_stranger(scene: &Scene<'_>, hello: &Event, act: &Event) -> Option<Found> {
    let (confirm, _) = scene.session.confirm().filter(|_| is_unknown(act))?;
    let waited = hello.time.since(confirm.time);
    let found = scene
        .died(Sure::Unsure, "the server does not know the connection any more when TLS begins")
        .named("end.unexplained")
        .at_mark(act.mark(), hello.phase, By::Server, "")
        .because(
            &[act.frame, hello.frame],
            say!(
                "frame {} answers the ClientHello in frame {} as a host does that has no such connection",
                number(act),
                number(hello)
            ),
        )
        .because(
            &[confirm.frame, hello.frame],
            say!("{waited:.1} s lie between frame {} and the ClientHello", number(confirm)),
        )
        .missing("how the connection ended for the server: its FIN or reset did not come by here")
        .could_be("rdp.prompt-timeout", "the server's timer ran out (Windows: 60 s), and its goodbye was lost")
        .could_be("balancer", "a load balancer sent the ClientHello to another host than the request")
        .could_be("host", "the host was restarted meanwhile")
        .not_it("tls.client-refuses", "the client: it was still waiting for the server's certificate");
    (waited >= PATIENCE).then_some(found)
}

/// Whether the server answered `hello` with something, whatever it is, before it closed with `act`.
fn has_said_something(session: &Session, hello: &Event, act: &Event) -> bool {
    let mut own = session.timeline.iter().filter(|event| event.direction == Direction::ServerToClient);
    own.any(|event| {
        let is_something = is_word(event) || matches!(event.kind, EventKind::Malformed(_));
        is_something && hello.precedes(event) && event.precedes(act)
    })
}

/// The server says something in TLS after all before it closes: a warning, or close_notify.
fn closes_on_alert(scene: &Scene<'_>, hello: &Event) -> Option<Found> {
    let act = scene.ending.act.filter(|_| scene.left_first(Direction::ServerToClient))?;
    let mut alerts = scene.session.alerts().filter(|(event, _)| event.direction == Direction::ServerToClient);
    let (event, alert) = alerts.find(|(event, _)| hello.time <= event.time && event.time <= act.time)?;
    let says = alert.summary();
    // Who says close_notify has closed; behind a warning one may go on.
    let death = if alert.is_close_notify() { event } else { act };
    let found = scene
        .died(Sure::Likely, say!("the server answers the ClientHello with the alert {says}, and closes"))
        .at_mark(death.mark(), hello.phase, By::Server, "")
        .because(&[event.frame, hello.frame], alert_says(event, alert))
        .because(
            &[act.frame],
            say!("frame {}: the connection is closed, {} later", number(act), span(act.time.since(event.time))),
        )
        .not_it("tls.client-refuses", "the client: it was still waiting for the server's certificate");
    if alert.is_close_notify() {
        return Some(against_windows(found, scene, hello));
    }
    let meaning = find(ALERTS, u32::from(alert.description)).map_or("a warning that nobody knows", |code| code.meaning);
    Some(
        found
            .named("tls.alert-server")
            .means(meaning)
            .could_be("tls.server-silent-close", "another reason, which it does not say"),
    )
}

/// The server has to use its key for the client's part of the handshake, as without forward secrecy it must, and closes.
pub(super) static CLOSES_ON_FLIGHT: Rule = Rule {
    id: "tls.server-silent-close",
    needs: Signs::SERVER_HELLO.and(Signs::UNESTABLISHED).and(Signs::SERVER_CLOSES),
    find: |scene| {
        let act = scene.ending.act.filter(|_| scene.ended_by(Direction::ServerToClient))?;
        let last = scene.ending.last_word.filter(|word| word.direction == Direction::ClientToServer)?;
        scene.session.server_hello()?;
        if scene.shape.established
            || last.phase != Phase::Tls
            || scene.session.client_hello().is_some_and(|(hello, _)| hello.frame == last.frame)
        {
            return None;
        }
        if hangs(scene, last)
            || !scene.left_first(Direction::ServerToClient)
            || has_signed(scene)
            || scene.crossed(last)
            || !scene.session.client_side().all_acknowledged()
        {
            return None;
        }
        let how = scene.ending.how();
        Some(
            scene
                .died(Sure::Likely, "the server closes on the client's part of the TLS handshake without a word")
                .at(act, Direction::ServerToClient)
                .because(
                    &[act.frame, last.frame],
                    say!(
                        "frame {} is {how}, {} after the client's last message in frame {}",
                        number(act),
                        span(scene.ending.pause),
                        number(last)
                    ),
                )
                .means("only the server's private key opens what the client has sent: it is mostly one that cannot be used")
                .missing("the reason: the server's event log has it (36870, 36871, 36888)")
                .could_be("service", "the RDP service crashed or was restarted at that moment")
                .not_it("path", "the network: the client's part arrived, and the server closed on it")
                .not_it("tls.client-refuses", "the certificate: the client took it and went on"),
        )
    },
};

/// TLS 1.3 hides the server's alerts behind its hello, but not their size: it chose, and then something failed.
pub(super) static HIDDEN_ALERT: Rule = Rule {
    id: "tls.alert-server",
    needs: Signs::SERVER_HELLO.and(Signs::UNESTABLISHED),
    find: |scene| {
        let (picked, hello) = scene.session.server_hello()?;
        let is_own = |record: &&Inferred| record.direction == Direction::ServerToClient && record.name == name::ALERT;
        let record = scene.shape.records.iter().find(is_own)?;
        let event = scene.event_of(record)?;
        if hello.version < Version::TLS13
            || scene.shape.established
            || scene.ending.act.is_some_and(|act| act.precedes(event))
        {
            return None;
        }
        let is_client = |event: &&Event| event.direction == Direction::ClientToServer && event.encrypted().is_some();
        let answers = scene.session.timeline.iter().take_while(|other| other.precedes(event)).find(is_client);
        let found = scene
            .died(Sure::Strong, "the server picks TLS 1.3 and ends it with an alert that cannot be read")
            .at(event, Direction::ServerToClient)
            .because(
                &[event.frame, picked.frame],
                say!(
                    "frame {}: a record of {} bytes behind the ServerHello of frame {}: an alert by its size",
                    number(event),
                    event.encrypted().unwrap_or_default(),
                    number(picked)
                ),
            )
            .missing("which alert: TLS 1.3 hides it; the server's event log has it (36870, 36874, 36888)");
        Some(match answers {
            None => found
                .means("the client had said nothing but its hello: mostly the server cannot use its certificate or key")
                .not_it("tls.client-refuses", "the client: it was still waiting for the server's certificate"),
            Some(_) => found.means("the server does not like what the client sent in the handshake"),
        })
    },
};

/// Whether the server has used its private key already (RFC 8422 5.4; in TLS 1.3 always).
fn has_signed(scene: &Scene<'_>) -> bool {
    let is_exchange =
        |fact: &Fact| matches!(fact, Fact::Handshake(message) if message.kind == HandshakeType::SERVER_KEY_EXCHANGE);
    let is_newest = scene.session.server_hello().is_some_and(|(_, hello)| hello.version.0 >= Version::TLS13.0);
    is_newest || scene.session.timeline.facts().any(|(_, fact)| is_exchange(fact))
}

/// The offer beside what Windows takes: whether the server had a reason, and which one is left when it had none.
fn against_windows(found: Found, scene: &Scene<'_>, hello: &Event) -> Found {
    const KEYLESS: &str =
        "the server could not set up TLS: mostly a private key that it cannot read, or a certificate without one";
    let Some(offer) = Offer::of(scene.session) else { return found };
    let Offer { text, common, wants_ecdsa, .. } = &offer;
    let event_log = "the reason: the server's event log has it (36870, 36871, 1057, 1058)";
    if offer.is_current() && *common == 0 {
        let mut found = found.named("tls.cipher-mismatch");
        found.headline = "client and server seem to share no TLS cipher: the server closes without a word".into();
        let none = match wants_ecdsa {
            true => "and takes ECDSA certificates only; Windows makes RSA ones for Remote Desktop",
            false => "and none that a Windows server takes as installed",
        };
        return found
            .because(&[hello.frame], say!("the client offers {text}, {none}"))
            .missing(event_log)
            .could_be("tls.server-silent-close", KEYLESS);
    }
    let found = found.means(KEYLESS).missing(event_log);
    if !offer.is_current() {
        let text = say!("the client offers {text}; old servers refuse that without an alert");
        return found.could_be("tls.version-mismatch", text);
    }
    let found = found.because(
        &[hello.frame],
        say!("the client offers {text}; Windows takes {common} of them: enough for any current server"),
    );
    if offer.is_only_newest() {
        found.could_be(
            "tls.version-mismatch",
            "the client offers TLS 1.3 alone; Windows servers before 2022 do not know it",
        )
    } else {
        found
    }
}

/// xrdp says goodbye in plain RDP when it cannot start TLS, now and then before it was asked to.
fn plain_farewell<'a>(scene: &Scene<'a>) -> Option<&'a Event> {
    scene
        .session
        .timeline
        .iter()
        .find(|event| event.direction == Direction::ServerToClient && event.fact().is_some_and(Fact::is_ultimatum))
}
