//! A client that is suddenly elsewhere: its network changed under the connection.

use super::super::fates::{Fate, Fates};
use super::super::reached::phase_of_mark;
use super::super::rule::Rule;
use super::super::signs::Signs;
use super::super::user;
use super::super::verdict::{By, Sure};
use super::super::wording::say;
use super::setup::ran;
use super::silence::unanswered;
use crate::frame::Timestamp;
use crate::session::{Direction, Vantage};
use crate::tcp::stream::Mark;

/// How soon a client that lost its network comes back; seconds.
const COMES_BACK: f64 = 180.0;

/// The same, where nobody said anything in between; seconds.
const COMES_BACK_SOON: f64 = 120.0;
/// A server that has let its user in again tells the connection that he left so within this time; seconds.
const TOLD_WITHIN: f64 = 10.0;

/// Sessions of the user of `own` with its server that begin within `seconds` behind `at`, on a machine that was not there.
fn elsewhere<'s>(fates: &'s Fates, own: &'s Fate, at: Timestamp, seconds: f64) -> impl Iterator<Item = &'s Fate> {
    let is_elsewhere = move |other: &&Fate| {
        other.server == own.server
            && other.client.ip != own.client.ip
            && user::are_one(own.hint.as_ref(), other.hint.as_ref())
            && user::is_personal(own.hint.as_ref())
            // Whoever was there already is another machine, where somebody logs on by the same name.
            && !fates.is_there(own.server.ip, other.client.ip, at)
    };
    fates.began_after(own.server.ip, at, seconds).filter(is_elsewhere)
}

fn connects_again(other: &Fate, at: Timestamp) -> String {
    format!(
        "session #{}: the same user hint connects again {:.1} s later, now from {}",
        other.id.0,
        other.first.time.since(at),
        other.client.ip
    )
}

/// The client's address, or its way, changed at that moment.
pub(super) static PATH_CHANGED: Rule = Rule {
    id: "path.changed",
    needs: Signs::REPEAT,
    find: |scene| {
        let session = scene.session;
        let lost = unanswered(scene)?;
        let fates = &scene.crowd.fates;
        let at = lost.last_heard;
        let elsewhere = elsewhere(fates, fates.of(scene.index)?, at.time, COMES_BACK).next();
        let together: Vec<_> = if lost.speaker == Direction::ServerToClient {
            fates.lost_with(scene.index, session.client.ip, at.time).collect()
        } else {
            Vec::new()
        };
        let side = session.client_side();
        let habit = &side.habit;
        let way = (!habit.is_steady() && habit.ttl_run <= 8 && habit.packets > 2 * habit.ttl_run)
            .then_some(side.ttl_since())
            .filter(|since| at.time.since(since.time) < 5.0);
        let signs = usize::from(elsewhere.is_some()) + usize::from(!together.is_empty()) + usize::from(way.is_some());
        // That all its connections are silent says that the client is gone, not where.
        if elsewhere.is_none() && way.is_none() {
            return None;
        }
        let sure = if signs > 1 { Sure::Strong } else { Sure::Likely };
        let mut found = scene
            .died(sure, "the client's network changed, and the old connection was left behind")
            .at_mark(lost.death, phase_of_mark(session, lost.death), By::Network, "never answered")
            .because(&lost.frames, say!("{} packets of the {}, none answered", lost.tries, lost.speaker.speaker()));
        if let Some(other) = elsewhere {
            found = found.because(&[other.first.frame], say!("{}", connects_again(other, at.time)));
        }
        if let Some(first) = together.first() {
            let text = say!(
                "{} of the same client is not heard any more in the same second",
                if together.len() == 1 {
                    format!("session #{}", first.id.0)
                } else {
                    format!("{} sessions", together.len())
                }
            );
            found = found.because(&[first.client_lost.unwrap_or(first.first).frame], text);
        }
        if let Some(since) = way {
            let text = say!(
                "frame {}: from here on the client's packets come with TTL {}, before with another: they take another way",
                since.frame.number(),
                habit.ttl
            );
            found = found.because(&[since.frame], text);
        }
        Some(
            found
                .could_be("tcp.retransmit-giveup", "the client's machine slept or lost power, and came back elsewhere")
                .not_it("tls", "certificate and TLS: the connection just went silent"),
        )
    },
};

/// The client is elsewhere before anybody had something to say: the old connection is never heard of again, not even a
/// goodbye of the server, which moves its user's session to the new one. Next to the server that goodbye would be seen.
pub(super) static LEFT_BEHIND: Rule = Rule {
    id: "path.changed",
    needs: Signs::NONE,
    find: |scene| {
        let session = scene.session;
        let is_at_server = session.vantage() == Some(Vantage::Server);
        if scene.ending.act.is_some() || !ran(scene) || is_at_server || scene.watched_after() < TOLD_WITHIN {
            return None;
        }
        let last = session.last;
        let is_settled = |since: &Mark| session.capture_end.since(since.time) >= TOLD_WITHIN;
        let fates = &scene.crowd.fates;
        let (other, since) = elsewhere(fates, fates.of(scene.index)?, last.time, COMES_BACK_SOON)
            .find_map(|other| Some((other, other.running.filter(is_settled)?)))?;
        Some(
            scene
                .died(Sure::Likely, "the client's network changed, and the old connection was left behind")
                .at_mark(last, phase_of_mark(session, last), By::Network, "nothing more comes, from neither side")
                .because(&[last.frame, other.first.frame], say!("{}", connects_again(other, last.time)))
                .because(
                    &[since.frame],
                    say!(
                        "frame {}: the user's session goes on there, and nobody says goodbye to the old connection",
                        since.frame.number()
                    ),
                )
                .could_be("ok.open-at-end", "another person by the same name, while this one does nothing")
                .not_it("tls", "certificate and TLS: the connection just went silent"),
        )
    },
};
