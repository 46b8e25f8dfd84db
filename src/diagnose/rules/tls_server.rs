//! Causes in the TLS handshake that are the server's doing: alerts, no common ground, an answer that does not come.

use super::super::rule::{Found, Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::{By, Outcome, Sure};
use super::super::wording::say;
use super::tls_client::has_begun;
use super::tls_leaves::flight_is_whole;
use super::tls_offer::Offer;
use super::tls_retry::asks_again;
use super::unanswered::closes_late;
use crate::knowledge::cause::Moot;
use crate::knowledge::code::find;
use crate::knowledge::tls::{ALERTS, alert_name};
use crate::session::{Direction, Event, EventKind, Session};
use crate::wire::describe::Describe;
use crate::wire::tls_record::Alert;

fn server_alert<'a>(scene: &Scene<'a>) -> Option<(&'a Event, Alert)> {
    // Without a ClientHello the alert complains of something else: of a client that just left, mostly.
    if !has_asked(scene.session) {
        return None;
    }
    scene.fatal.filter(|(event, _)| event.direction == Direction::ServerToClient)
}

/// Whether the client said something behind its request, be it that the capture has not all of it: who is answered did.
fn has_asked(session: &Session) -> bool {
    let has_said_more = || session.request().is_some_and(|(request, _)| session.said_more_than(request));
    session.client_hello().is_some() || session.server_hello().is_some() || has_said_more()
}

pub(super) fn alert_says(event: &Event, alert: Alert) -> String {
    format!("frame {} is the server's own alert: {}", number(event), alert.summary())
}

/// What the client offers, where the capture has its hello.
fn with_offer(found: Found, scene: &Scene<'_>) -> Found {
    let (Some((hello, _)), Some(offer)) = (scene.session.client_hello(), Offer::of(scene.session)) else {
        return found.missing("what the client offers: the capture lacks its hello");
    };
    let text = say!("frame {}: the client offers {}", number(hello), offer.text);
    found.because(&[hello.frame], text).witness(hello, "")
}

/// No TLS version in common.
pub(super) static VERSION_MISMATCH: Rule = Rule {
    id: "tls.version-mismatch",
    needs: Signs::FATAL,
    find: |scene| {
        let (event, alert) = scene.fatal.filter(|_| has_asked(scene.session))?;
        if alert.description == INAPPROPRIATE_FALLBACK && event.direction == Direction::ServerToClient {
            return Some(falls_back(scene, event, alert));
        }
        let has_begun = || event.direction == Direction::ServerToClient || has_begun(scene.session, event);
        if alert.description != 70 || !has_begun() {
            return None;
        }
        let who = event.direction.speaker();
        let found = scene
            .died(Sure::Proven, say!("client and server share no TLS version, says the {who}"))
            .at(event, event.direction)
            .because(&[event.frame], say!("frame {} is the {who}'s own alert: {}", number(event), alert.summary()));
        let mut found = with_offer(found, scene);
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

/// inappropriate_fallback (RFC 7507 3).
const INAPPROPRIATE_FALLBACK: u8 = 86;

/// The client marks its hello as a second try with an older version, and the server knows a newer one: they do share one.
fn falls_back(scene: &Scene<'_>, event: &Event, alert: Alert) -> Found {
    let found = scene
        .died(Sure::Proven, "the server refuses a second try with an older TLS version: it knows a newer one")
        .at(event, Direction::ServerToClient)
        .because(&[event.frame], alert_says(event, alert))
        .means(
            "a client marks so what it tries when a newer version has failed: the cause is in the try before this one",
        )
        .missing("why the try before this one failed");
    let mut found = with_offer(found, scene);
    found.add_moot(Moot::CLIENT);
    found.not_it("path", "the server's certificate: none was shown yet")
}

/// No cipher suite, group or signature algorithm in common.
pub(super) static CIPHER_MISMATCH: Rule = Rule {
    id: "tls.cipher-mismatch",
    needs: Signs::NO_SERVER_HELLO.and(Signs::SERVER_FATAL),
    find: |scene| {
        let session = scene.session;
        let (event, alert) = server_alert(scene)?;
        if !matches!(alert.description, 40 | 71) || session.server_hello().is_some() || may_follow_hello(session, event)
        {
            return None;
        }
        // Who asks for another hello has found a suite and a group (RFC 8446 4.1.4).
        if asks_again(session, event).is_some() {
            return None;
        }
        let found = scene
            .died(Sure::Proven, "no TLS cipher or group in common, says the server")
            .at(event, Direction::ServerToClient)
            .because(&[event.frame], alert_says(event, alert))
            .not_it("path", "the network; the server's certificate: none was shown yet");
        let found = with_offer(found, scene);
        let hello = session.client_hello().filter(|_| alert.description == 40);
        Some(match hello {
            Some((hello, _)) => or_no_certificate(found, scene, hello),
            None => found,
        })
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
pub(super) fn may_follow_hello(session: &Session, event: &Event) -> bool {
    /// A confirm with its negotiation block (MS-RDPBCGR 2.2.1.2); bytes.
    const CONFIRM: u64 = 19;
    let before = session
        .timeline
        .iter()
        .filter(|other| other.direction == Direction::ServerToClient && other.frame <= event.frame);
    let missing: u64 =
        before.filter_map(|other| if let EventKind::Gap { bytes } = other.kind { Some(bytes) } else { None }).sum();
    let has_confirm = session.confirm().is_some();
    if session.hole(Direction::ServerToClient).is_some_and(|hole| hole.behind.is_before(event.mark())) {
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
    needs: Signs::SERVER_FATAL,
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
        if let Some((retry, wish)) = asks_again(scene.session, event) {
            let text =
                say!("frame {}: a cipher suite and a group were found: the server {}", number(retry), wish.summary());
            found = found.because(&[retry.frame], text);
        }
        Some(found)
    },
};

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

/// Whether the server said nothing to the client's word `last` for so long that its close is no answer any more.
pub(super) fn hangs(scene: &Scene<'_>, last: &Event) -> bool {
    last.direction == Direction::ClientToServer && scene.ending.pause >= PATIENCE
}

/// The handshake stops half-way and nobody says why.
pub(super) static HANDSHAKE_STALL: Rule = Rule {
    id: "tls.handshake-stall",
    needs: Signs::CLIENT_HELLO.and(Signs::UNESTABLISHED),
    find: |scene| {
        let session = scene.session;
        let (hello, _) = session.client_hello()?;
        let last = scene.ending.last_word?;
        let waited = scene.ending.pause;
        // A server that hangs may close in the end, when a timer of its own runs out.
        let closes = scene.ending.act.filter(|_| scene.ended_by(Direction::ServerToClient));
        if scene.shape.established || closes.is_some() && !hangs(scene, last) {
            return None;
        }
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
        let found = match closes {
            Some(act) => closes_late(found, act)
                .could_be("tls.server-silent-close", "a key that it cannot use, over which it thought for so long"),
            None => found,
        };
        // What the client acknowledges and the capture lacks may be the answer.
        let mut found = found;
        if session.server_side().uncaptured > 0 {
            found.sure = Sure::Unsure;
            found = found.by_absence();
        }
        Some(
            found
                .could_be("server-busy", "the server waits for something itself (certificate store, revocation lists)"),
        )
    },
};
