//! Causes in the TLS handshake that are the server's doing: silence, alerts, no common ground.

use super::super::rule::{Found, Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::{By, Outcome, Sure};
use super::super::wording::{say, span};
use super::tls_leaves::flight_is_whole;
use super::tls_offer::Offer;
use super::tls_retry::{against_forgery, closes_on_retry, last_hello};
use crate::knowledge::cause::Moot;
use crate::knowledge::code::find;
use crate::knowledge::tls::{ALERTS, Version, alert_name};
use crate::session::{Direction, Event, EventKind, Phase, Session, is_word};
use crate::wire::catalogue::Fact;
use crate::wire::describe::Describe;
use crate::wire::tls_handshake::HandshakeType;
use crate::wire::tls_record::Alert;

fn server_alert<'a>(scene: &Scene<'a>) -> Option<(&'a Event, Alert)> {
    // Without a ClientHello the alert complains of something else: of a client that just left, mostly.
    scene.session.client_hello()?;
    scene.fatal.filter(|(event, _)| event.direction == Direction::ServerToClient)
}

fn alert_says(event: &Event, alert: Alert) -> String {
    format!("frame {} is the server's own alert: {}", number(event), alert.summary())
}

fn offer(scene: &Scene<'_>) -> String {
    Offer::of(scene.session).map(|offer| offer.text).unwrap_or_default()
}

/// No TLS version in common.
pub(super) static VERSION_MISMATCH: Rule = Rule {
    id: "tls.version-mismatch",
    needs: Signs::CLIENT_HELLO.and(Signs::FATAL),
    find: |scene| {
        let (hello, _) = scene.session.client_hello()?;
        let (event, alert) = scene.fatal?;
        if !matches!(alert.description, 70 | 86) {
            return None;
        }
        let who = event.direction.speaker();
        let mut found = scene
            .died(Sure::Proven, say!("client and server share no TLS version, says the {who}"))
            .at(event, event.direction)
            .because(&[event.frame], say!("frame {} is the {who}'s own alert: {}", number(event), alert.summary()))
            .because(&[hello.frame], say!("frame {}: the client offers {}", number(hello), offer(scene)))
            .witness(hello, "");
        if let Some((picked, server)) = scene.session.server_hello() {
            found =
                found.because(&[picked.frame], say!("frame {}: the server picks {}", number(picked), server.version));
        }
        // Who refuses is the one that learnt.
        if event.direction == Direction::ClientToServer {
            found.add_moot(Moot::CLIENT);
        }
        let shown = scene.session.certificate().is_some();
        let others = if shown { "the network" } else { "the network; the server's certificate: none was shown yet" };
        Some(found.not_it("path", others))
    },
};

/// No cipher suite, group or signature algorithm in common.
pub(super) static CIPHER_MISMATCH: Rule = Rule {
    id: "tls.cipher-mismatch",
    needs: Signs::CLIENT_HELLO.and(Signs::NO_SERVER_HELLO).and(Signs::SERVER_FATAL),
    find: |scene| {
        let session = scene.session;
        let (hello, _) = session.client_hello()?;
        let (event, alert) = server_alert(scene)?;
        if !matches!(alert.description, 40 | 71) || session.server_hello().is_some() || may_follow_hello(session, event)
        {
            return None;
        }
        let found = scene
            .died(Sure::Proven, "no TLS cipher or group in common, says the server")
            .at(event, Direction::ServerToClient)
            .because(&[event.frame], alert_says(event, alert))
            .because(&[hello.frame], say!("frame {}: the client offers {}", number(hello), offer(scene)))
            .witness(hello, "")
            .not_it("path", "the network; the server's certificate: none was shown yet");
        Some(if alert.description == 40 { or_no_certificate(found, scene, hello) } else { found })
    },
};

/// Who offers so many suites that servers with an RSA certificate take offers enough.
const PLENTY: usize = 6;

/// handshake_failure says no more than that nothing was acceptable (RFC 5246 7.2.2): no suite fits a server without a
/// certificate either, or one that has none for the name.
fn or_no_certificate(mut found: Found, scene: &Scene<'_>, hello: &Event) -> Found {
    let Some(offer) = Offer::of(scene.session).filter(|offer| offer.is_current() && offer.common >= PLENTY) else {
        return found;
    };
    found.sure = Sure::Strong;
    found.add_moot(Moot::CLIENT);
    let text = say!("Windows with an RSA certificate takes {} of these suites, more than enough", offer.common);
    found.against(&[hello.frame], text).could_be(
        "tls.alert-server",
        "what answers there has no certificate that it can use, or none for the name: then no cipher suite fits",
    )
}

/// Whether the capture may lack a ServerHello before `event`: more of the server's bytes than its confirm are missing, or
/// wait behind a hole.
fn may_follow_hello(session: &Session, event: &Event) -> bool {
    /// A confirm with its negotiation block (MS-RDPBCGR 2.2.1.2); bytes.
    const CONFIRM: u64 = 19;
    let before = session
        .timeline
        .iter()
        .filter(|other| other.direction == Direction::ServerToClient && other.frame <= event.frame);
    let missing: u64 =
        before.filter_map(|other| if let EventKind::Gap { bytes } = other.kind { Some(bytes) } else { None }).sum();
    let has_confirm = session.confirm().is_some();
    if session.hole(Direction::ServerToClient).is_some_and(|(_, behind)| behind.is_before(event.mark())) {
        return true;
    }
    missing > if has_confirm { 0 } else { CONFIRM } || (session.server_side().syns == 0 && !has_confirm)
}

/// unrecognized_name (RFC 6066 3).
const UNRECOGNIZED_NAME: u8 = 112;

/// Whether a server whose key and certificate do not fit may say this: what the client sends does not open with that key
/// (RFC 5246 7.4.7.1), or the server says nothing of what is wrong.
const fn may_be_key(alert: Alert) -> bool {
    matches!(alert.description, 20 | 21 | 40 | 51 | 71 | 80)
}

/// Any other fatal alert of the server.
pub(super) static ALERT_SERVER: Rule = Rule {
    id: "tls.alert-server",
    needs: Signs::CLIENT_HELLO.and(Signs::SERVER_FATAL),
    find: |scene| {
        let (event, alert) = server_alert(scene)?;
        let name = alert_name(alert.description);
        let mut found = scene
            .died(Sure::Proven, say!("the server ends TLS with the alert {name}"))
            .at(event, Direction::ServerToClient)
            .because(&[event.frame], alert_says(event, alert));
        if alert.description == 80 {
            found = found
                .means("the server failed by itself; on Windows this is mostly a certificate whose private key cannot be used")
                .not_it("path", "the network; the client: the server names its own fault")
                .missing("which fault: the server's event log knows");
        } else if !may_be_key(alert) {
            let meaning = find(ALERTS, u32::from(alert.description)).map_or("", |code| code.meaning);
            found = found.means(meaning);
            found.add_moot(Moot::KEY);
        }
        if alert.description == UNRECOGNIZED_NAME
            && let Some((hello, asked)) = scene.session.client_hello()
        {
            found =
                found.because(&[hello.frame], say!("frame {}: the client asks: {}", number(hello), asked.summary()));
        }
        Some(found)
    },
};

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
        if may_follow_hello(session, act) {
            return None;
        }
        if let Some(found) = closes_on_retry(scene, act) {
            return Some(found);
        }
        let hello = last_hello(session, act).unwrap_or(hello);
        if ultimatum.is_none() && has_said_something(session, hello, act) {
            return None;
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
        if has_signed(scene) || scene.crossed(last) || !scene.session.client_side().all_acknowledged() {
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

/// Longer than any round trip; seconds.
const SLOW: f64 = 3.0;
/// A server that has a ClientHello may answer after so long, while nobody gives up; seconds.
const PATIENCE: f64 = 15.0;

/// The server is slow, or hangs; the capture ends before anybody knows.
fn may_be_answered(scene: &Scene<'_>, hello: &Event, last: &Event, waited: f64) -> Found {
    let headline =
        say!("the server keeps the client waiting in the TLS handshake; the capture ends after {waited:.1} s");
    scene
        .found(Outcome::Unsure, Sure::Unsure, headline)
        .witness(last, "nothing follows, up to the end of the capture")
        .because(
            &[hello.frame, last.frame],
            say!("the server has the ClientHello in frame {}, and nobody has given up yet", number(hello)),
        )
        .missing("what came next: capture until one of them gives up")
}

/// The handshake stops half-way and nobody says why.
pub(super) static HANDSHAKE_STALL: Rule = Rule {
    id: "tls.handshake-stall",
    needs: Signs::CLIENT_HELLO.and(Signs::UNESTABLISHED),
    find: |scene| {
        let session = scene.session;
        let (hello, _) = session.client_hello()?;
        if scene.shape.established || scene.ended_by(Direction::ServerToClient) {
            return None;
        }
        let last = scene.ending.last_word?;
        let waited = scene.ending.pause;
        let heard = session.client_side().all_acknowledged();
        if waited < SLOW || last.direction == Direction::ServerToClient && flight_is_whole(scene) {
            return None;
        }
        // Who was heard and has not given up may still be answered: servers look for revocation lists for so long.
        if waited < PATIENCE && scene.ending.act.is_none() && heard {
            return (!session.evicted).then(|| may_be_answered(scene, hello, last, waited));
        }
        let answered = session.server_hello().is_some();
        let headline =
            if answered { "the TLS handshake stops half-way" } else { "the server never answers the ClientHello" };
        let mut found = scene
            .died(if heard { Sure::Strong } else { Sure::Likely }, headline)
            .at_mark(
                if answered { last.mark() } else { hello.mark() },
                hello.phase,
                if heard { By::Server } else { By::Network },
                if answered { "nothing follows" } else { "it is never answered" },
            )
            .because(&[hello.frame, last.frame], say!("nothing more from the server for {waited:.1} s"));
        found = match session.client_side().acknowledged_by {
            Some(mark) if heard && !answered => found.because(
                &[mark.frame],
                say!(
                    "by frame {} the ClientHello is acknowledged: it arrived, but the service does not answer",
                    mark.frame.number()
                ),
            ),
            _ if heard => found.because(&[hello.frame], "the server has all that the client said, and began to answer"),
            _ => found.because(&[hello.frame], "the ClientHello was not fully acknowledged: it may never have arrived"),
        };
        Some(
            found
                .could_be("server-busy", "the server waits for something itself (certificate store, revocation lists)"),
        )
    },
};
