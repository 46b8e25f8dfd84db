//! The end of a session that its user, or the client, wanted.

use super::super::rule::{Found, Rule, Scene, number};
use super::super::shape::name;
use super::super::signs::Signs;
use super::super::verdict::Sure;
use super::super::wording::{say, span};
use super::farewell::{farewell, parted, server_first, shutdown_asked};
use super::session_end::is_unknown;
use super::setup::{ran, showed};
use crate::knowledge::tls::Protection;
use crate::session::Direction;

/// The window was closed while nobody was logged on: the client asks, and the server, which has nobody to ask, closes
/// (MS-RDPBCGR 1.3.1.4.1).
pub(super) static CLOSED_ON_REQUEST: Rule = Rule {
    id: "ok.user-disconnect",
    needs: Signs::CLOSED,
    find: |scene| {
        let act = scene.ending.act?;
        let farewell = server_first(scene).map(|(event, _)| event).filter(|event| !act.precedes(event));
        let closes = || Some(act).filter(|act| act.direction == Direction::ServerToClient);
        let event = farewell.or_else(closes)?;
        let (asked, is_told) = shutdown_asked(scene, event).filter(|_| ran(scene))?;
        let sure = if is_told { Sure::Strong } else { Sure::Likely };
        let what = if is_told { "a Shutdown Request" } else { "a record as long as a Shutdown Request" };
        let found = scene.ok(sure, "the user closed the window, and the server ended the session as asked").because(
            &[asked.frame, event.frame],
            say!(
                "frame {}: {what} from the client; the server ends the session {} later, in frame {}",
                number(asked),
                span(event.time.since(asked.time)),
                number(event)
            ),
        );
        Some(if is_told { found } else { found.could_be("end.server-ended", "the server ended it by itself") })
    },
};

/// The client said goodbye, or its normal way of leaving.
pub(super) static USER_DISCONNECT: Rule = Rule {
    id: "ok.user-disconnect",
    needs: Signs::NONE,
    find: |scene| {
        if let Some(found) = left_open(scene) {
            return Some(found);
        }
        let act = scene.ending.act?;
        let goodbye = farewell(scene, Direction::ClientToServer);
        // A server may close first, once the client has said that it goes.
        let asked = goodbye.is_some_and(|(event, _)| !act.precedes(event));
        if !ran(scene) || !scene.ended_by(Direction::ClientToServer) && !asked {
            return None;
        }
        if let Some((event, goodbye)) = goodbye {
            let what = goodbye.name();
            let inferred = scene.shape.at(event.frame, event.stream_offset);
            let is_input = inferred.is_some_and(|record| record.name == name::ULTIMATUM && !record.exact);
            let sure = if is_input { Sure::Likely } else { Sure::Strong };
            let found = scene.ok(sure, "the client ended the session in good order").because(
                &[event.frame, act.frame],
                say!(
                    "frame {}: {what} from the client, then {} closes",
                    number(event),
                    if scene.ended_by(Direction::ClientToServer) { "it" } else { "the server" }
                ),
            );
            let died = "the client's process died: one more movement of the mouse has the same size as a goodbye";
            return Some(if is_input { found.could_be("end.client-died", died) } else { found });
        }
        // Unix stacks begin with a TTL of 64, and the clients there say close_notify; the Windows client just closes.
        let blurred = !matches!(scene.session.protection(), Protection::Aead(_) | Protection::Stream(_));
        let just_closes = !scene.ending.is_reset && scene.session.client_side().ttl > 64;
        (showed(scene) && (blurred || just_closes) && !is_unknown(act)).then(|| {
            // Records that were cut off or not captured may have been anything, also the last ones of a session that never began.
            let sure = if scene.lacks_words() { Sure::Unsure } else { Sure::Likely };
            scene.ok(sure, "the client ended the session").because(
                &[act.frame],
                say!("the client closes in frame {}; a goodbye before it is not to be seen, as is usual for the Windows client", number(act)),
            ).could_be("end.client-died", "the client's process ended without a farewell")
        })
    },
};

/// The client said goodbye, and the capture ends before anybody closes.
fn left_open(scene: &Scene<'_>) -> Option<Found> {
    let (event, goodbye) = parted(scene, Direction::ClientToServer).filter(|_| ran(scene))?;
    Some(scene.ok(Sure::Strong, "the client ended the session in good order").because(
        &[event.frame],
        say!("frame {}: {} from the client; nobody has closed when the capture ends", number(event), goodbye.name()),
    ))
}
