//! What other clients and servers of the same capture say about a death: whom the same server served, what the same
//! client can do elsewhere, who took the same certificate.

use super::rule::{Found, Scene};
use crate::frame::FrameNumber;
use crate::knowledge::cause::Moot;
use crate::session::Direction;

/// Causes that blame the server's side of TLS, or its service.
const SERVERS_FAULT: &[&str] =
    &["tls.server-silent-close", "tls.handshake-stall", "tls.alert-server", "x224.no-confirm", "x224.close-on-cr"];
/// Causes of a client that will not have the certificate.
const DISLIKED: &[&str] = &[
    "tls.cert-expired",
    "tls.cert-not-yet-valid",
    "tls.cert-untrusted",
    "tls.cert-name-mismatch",
    "tls.cert-weak",
    "tls.cert-wrong-usage",
    "tls.cert-key-mismatch",
    "tls.client-refuses",
];
/// Causes of a connection that nobody answers.
const UNANSWERED: &[&str] = &["tcp.syn-no-answer", "tcp.synack-unacked"];

/// Causes of a connection that the server closes without a reason that can be read.
const CLOSED: &[&str] = &[
    "x224.close-on-cr",
    "tls.server-silent-close",
    "nla.refused-no-code",
    "rdp.closed-after-tls",
    "mcs.refused",
    "rdp.closed-after-info",
    "end.unexplained",
];
/// A client that was thrown out tries again within this time; seconds.
const TRIES_AGAIN: f64 = 10.0;

fn others(count: usize, what: &str) -> String {
    if count == 1 { format!("another {what}") } else { format!("{count} other {what}s") }
}

/// Adds to a death what the company says.
pub(super) fn with_company(found: Found, cause: &str, scene: &Scene<'_>) -> Found {
    let is_closed = CLOSED.contains(&found.id.unwrap_or(cause));
    let found = if is_closed { stopped(found, scene) } else { found };
    if SERVERS_FAULT.contains(&cause) {
        elsewhere(served(found, scene), scene)
    } else if UNANSWERED.contains(&cause) {
        reachable(found, scene)
    } else if DISLIKED.contains(&cause) {
        taken(found, scene)
    } else {
        found
    }
}

/// Whoever comes next is refused by the system: there is no service any more, and it need not have meant anything by closing.
fn stopped(mut found: Found, scene: &Scene<'_>) -> Found {
    let server = scene.session.server;
    let Some(act) = scene.ending.act.filter(|_| scene.ended_by(Direction::ServerToClient)) else { return found };
    let mut later = scene.crowd.fates.began_after(server.ip, act.time, TRIES_AGAIN);
    let Some(next) = later.find(|fate| fate.server == server).filter(|fate| fate.refused) else { return found };
    let text = format!(
        "frame {}: {:.1} s later nobody listens on port {} any more",
        next.first.frame.number(),
        next.first.time.since(act.time),
        server.port
    );
    found.add_could_be("restart", "the RDP service itself crashed or was stopped; then it refused nobody");
    found.against(&[next.first.frame], text)
}

fn company(scene: &Scene<'_>) -> Option<(usize, Vec<FrameNumber>)> {
    scene.crowd.fates.served(scene.session.server)?.beside(scene.session.client.ip)
}

/// The server serves others: its certificate, its key and its service work.
fn served(found: Found, scene: &Scene<'_>) -> Found {
    match company(scene) {
        Some((count, frames)) => {
            let text = format!(
                "the same server completes TLS with {}: its service and its key work for them",
                others(count, "client")
            );
            let mut found = found.against(&frames, text);
            found.means = None;
            found.add_moot(Moot::KEY);
            found
        }
        None => found,
    }
}

/// The client gets on with other servers.
fn elsewhere(found: Found, scene: &Scene<'_>) -> Found {
    match scene.crowd.fates.reached(scene.session.client.ip).and_then(|servers| servers.beside(scene.session.server.ip))
    {
        Some((count, frames)) => {
            let text = format!("the same client completes TLS with {}", others(count, "server"));
            found.because(&frames, text)
        }
        None => found,
    }
}

/// The server is up: others reach it. Where it had just ended the sessions that it had, others say nothing of that moment.
fn reachable(mut found: Found, scene: &Scene<'_>) -> Found {
    let session = scene.session;
    if let Some(frame) = scene.crowd.fates.had_gone(session.server, session.first.time, session.last.time) {
        let text =
            "the server had ended its other sessions by then and serves nobody at that moment: it may be restarting";
        return found.because(&[frame], format!("frame {}: {text}", frame.number()));
    }
    match company(scene) {
        Some((count, frames)) => {
            found.could_be.retain(|other| other.id != "host-down");
            let text = format!("the same server serves {} in this capture: it is up", others(count, "client"));
            found.because(&frames, text)
        }
        None => found,
    }
}

/// Others took the very same certificate: the dislike is this client's.
fn taken(found: Found, scene: &Scene<'_>) -> Found {
    let Some((_, certificate)) = scene.session.certificate() else { return found };
    let takers = scene.crowd.fates.takers(&certificate.sha256);
    match takers.and_then(|takers| takers.beside(scene.session.client.ip)) {
        Some((count, frames)) => {
            let verb = if count == 1 { "takes" } else { "take" };
            let text =
                format!("{} {verb} this very certificate: the refusal is this client's", others(count, "client"));
            found.against(&frames, text)
        }
        None => found,
    }
}
