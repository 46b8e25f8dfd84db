//! What a session's end has to do with its neighbours': a service that fell over, a session that was taken over.

use super::super::fates::Fate;
use super::super::rule::{Found, Rule, Scene, number};
use super::super::signs::Signs;
use super::super::user;
use super::super::verdict::{Outcome, Sure};
use super::super::wording::say;
use super::farewell::{Goodbye, server_first};
use super::setup::ran;
use crate::frame::FrameNumber;
use crate::knowledge::cause::Moot;
use crate::session::SessionId;

/// How long after a crash the service is looked for; seconds.
const AFTERWARDS: f64 = 120.0;
/// A server that goes ends all its sessions within this time, each with its own programs to close; seconds.
const ALL_AT_ONCE: f64 = 5.0;
/// So many others are no chance.
const SEVERAL: usize = 2;
/// How soon after another one's logon a session that it takes over ends; seconds.
const TAKEN_OVER: f64 = 5.0;

/// `#2`, `#2 and #5`, `#2, #5, #6 and 4 more`.
fn numbers(ids: &[SessionId]) -> String {
    let name = |id: &SessionId| format!("#{}", id.0);
    match ids {
        [] => String::new(),
        [one] => name(one),
        [first, second] => format!("{} and {}", name(first), name(second)),
        [first, second, third] => format!("{}, {} and {}", name(first), name(second), name(third)),
        [first, second, third, more @ ..] => {
            format!("{}, {}, {} and {} more", name(first), name(second), name(third), more.len())
        }
    }
}

/// What other sessions of the server say about its sudden end: that it was not alone, and who was let in later.
pub(super) fn with_neighbours(mut found: Found, scene: &Scene<'_>) -> Found {
    let Some(act) = scene.ending.act else { return found };
    let (fates, server) = (&scene.crowd.fates, scene.session.server);
    let others: Vec<&Fate> = fates
        .ended_with(scene.index, server.ip, act.time)
        .filter(|other| other.cut_by_server && other.server == server)
        .collect();
    let mut ids: Vec<SessionId> = others.iter().map(|other| other.id).collect();
    ids.sort_unstable();
    let frames: Vec<FrameNumber> = others.iter().filter_map(|other| Some(other.act?.0.frame)).take(6).collect();
    let later: Vec<&Fate> =
        fates.began_after(server.ip, act.time, AFTERWARDS).filter(|other| other.server == server).collect();
    let refused = later.iter().find(|other| other.refused);
    if !others.is_empty() {
        let verb = if others.len() == 1 { "ends" } else { "end" };
        let what = if others.len() == 1 { "session" } else { "sessions" };
        let text = say!(
            "{what} {} of the same server {verb} within a second of it: the service went, not this session alone",
            numbers(&ids)
        );
        found = found.because(&frames, text);
        found.add_moot(Moot::OTHERS);
        found.headline =
            format!("the server closed {} running sessions at once, without any farewell", others.len() + 1).into();
    }
    if let Some(other) = refused {
        let text = say!(
            "frame {}: {:.1} s later a new connection is refused: nobody listens any more",
            other.first.frame.number(),
            other.first.time.since(act.time)
        );
        found = found.because(&[other.first.frame], text);
    }
    if !others.is_empty() && refused.is_some() {
        found.sure = Sure::Strong;
    }
    let back = later
        .iter()
        .find(|other| other.running.is_some() && refused.is_none_or(|gone| other.first.time > gone.first.time));
    match back {
        Some(other) if refused.is_some() || !others.is_empty() => found.because(
            &[other.first.frame],
            say!(
                "frame {}: {:.1} s later the service takes connections again",
                other.first.frame.number(),
                other.first.time.since(act.time)
            ),
        ),
        _ => found,
    }
}

/// All sessions of a server are ended in good order at the same time: not one user goes, the server does.
pub(super) static DISMISSED_TOGETHER: Rule = Rule {
    id: "end.server-ended",
    needs: Signs::CLOSED,
    find: |scene| {
        scene.ending.act.filter(|_| ran(scene))?;
        let (event, goodbye) = server_first(scene)?;
        if goodbye == Goodbye::CloseNotify || scene.closed_before(event) {
            return None;
        }
        let fates = &scene.crowd.fates;
        let others = fates.dismissed_with(fates.of(scene.index)?, event.time, ALL_AT_ONCE);
        if others.len() < SEVERAL {
            return None;
        }
        let ids: Vec<SessionId> = others.iter().map(|other| other.id).collect();
        let frames: Vec<FrameNumber> = others.iter().filter_map(|other| Some(other.act?.0.frame)).take(6).collect();
        let headline = say!("the server ended {} sessions at once, on purpose", others.len() + 1);
        let found = scene
            .found(Outcome::Warn, Sure::Likely, headline)
            .because(&[event.frame], say!("frame {}: {} from the server", number(event), goodbye.name()))
            .because(
                &frames,
                say!("it ends {} within {ALL_AT_ONCE:.0} s of it, and keeps no other session", numbers(&ids)),
            );
        let server = scene.session.server;
        let mut later = fates.began_after(server.ip, event.time, AFTERWARDS).filter(|other| other.server == server);
        let found = match later.find(|other| other.running.is_none()) {
            Some(other) => found.because(
                &[other.first.frame],
                say!(
                    "frame {}: {:.1} s later a new connection comes to nothing",
                    other.first.frame.number(),
                    other.first.time.since(event.time)
                ),
            ),
            None => found,
        };
        Some(
            found
                .missing("which reason: it would be said inside the encryption")
                .could_be("end.server-reboot", "the server restarts or shuts down")
                .could_be("end.admin-logoff", "an administrator signed everybody out")
                .not_it("ok.user-logoff", "one user: the others were ended with this one")
                .not_it("path", "the network: the server said goodbye first"),
        )
    },
};

/// Somebody logged on, and then this session was ended.
pub(super) static REPLACED: Rule = Rule {
    id: "end.replaced",
    needs: Signs::NONE,
    find: |scene| {
        let session = scene.session;
        if !ran(scene) {
            return None;
        }
        let (event, goodbye) = server_first(scene)?;
        if goodbye == Goodbye::CloseNotify || scene.closed_before(event) {
            return None;
        }
        let what = goodbye.name();
        let fates = &scene.crowd.fates;
        let own = fates.of(scene.index)?;
        let other = fates.took_over(own, event.time, TAKEN_OVER)?;
        let since = other.running?;
        // Two users of a session host come and go without each other.
        if !user::may_be_one(own.hint.as_ref(), other.hint.as_ref()) {
            return None;
        }
        let same_user = user::are_one(own.hint.as_ref(), other.hint.as_ref());
        let mut found = scene
            .found(
                Outcome::Warn,
                Sure::Likely,
                say!("another connection, from {}, took the session over", other.client.ip),
            )
            .because(
                &[other.first.frame, since.frame],
                say!(
                    "session #{}, from {}, begins to run in frame {}, {:.1} s before this one is ended",
                    other.id.0,
                    other.client.ip,
                    since.frame.number(),
                    event.time.since(since.time)
                ),
            )
            .because(&[event.frame], say!("frame {}: {what} from the server, before anybody closes", number(event)));
        if same_user && let Some((request, _)) = session.request() {
            found = found.because(&[request.frame, other.first.frame], "both connections come with the same user hint");
        }
        Some(
            found
                .missing("Set Error Info, which would say so (5, disconnected by another connection): it is encrypted")
                .could_be("ok.user-logoff", "the user logged off, and somebody else happened to come")
                .not_it("path", "the network: the server said goodbye first"),
        )
    },
};
