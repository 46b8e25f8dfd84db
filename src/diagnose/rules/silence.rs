//! A side that is not heard any more.

use super::super::reached::phase_of_mark;
use super::super::rule::{Found, Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::{By, Sure};
use super::super::wording::say;
use super::mtu::is_large;
use super::unheard::STILL_TRYING;
use crate::frame::{FrameNumber, Timestamp};
use crate::session::{Control, Direction, Event, Phase, RstFacts, Vantage};
use crate::tcp::stream::Mark;

/// Who tries for so long and is not answered has nobody to talk to; seconds.
const TRIED: f64 = 2.0;
/// Repetitions after which a Windows host gives a connection up (TcpMaxDataRetransmissions).
const ALL_TRIES: u32 = 5;

/// A side that tries again and again, and is not answered.
pub(super) struct Unanswered {
    /// Who tries.
    pub(super) speaker: Direction,
    /// The first packet that was not answered.
    pub(super) death: Mark,
    pub(super) last_heard: Mark,
    /// With the first sending.
    pub(super) tries: usize,
    /// The first of them.
    pub(super) frames: Vec<FrameNumber>,
    /// Seconds from the last sign of life to the last try.
    pub(super) waited: f64,
    /// They followed so fast on each other that the other side may have been away for a moment only.
    is_hasty: bool,
}

/// Who is not answered any more, if somebody tried long enough.
pub(super) fn unanswered(scene: &Scene<'_>) -> Option<Unanswered> {
    let session = scene.session;
    session.accepted.or(session.server_side().last)?;
    [Direction::ClientToServer, Direction::ServerToClient].into_iter().find_map(|direction| {
        let speaker = session.side(direction);
        let (last_heard, last) = (session.last_alive(direction.reverse())?, speaker.last?.time);
        let last_try = scene.ending.act.map_or(last, |act| act.time.min(last));
        let tries = speaker.in_vain()?;
        let waited = last_try.since(last_heard.time);
        let resent = speaker.repeat().map_or(0, |repeat| repeat.count);
        // The one that gives up says so with a reset or a FIN of its own.
        let gave_up = scene.ended_by(direction) && scene.ending.act.is_some_and(|act| act.time > last_heard.time);
        let enough = if gave_up { 2 } else { 3 };
        // Who closes a live connection in the end was there, and heard nothing.
        if closes_itself(scene, direction.reverse()).is_some() {
            return None;
        }
        let first = *tries.first().first()?;
        let death = speaker.repeat().map_or(first, |repeat| repeat.original);
        let until = scene.ending.act.filter(|_| gave_up).map_or(last_try, |act| act.time);
        // Before the first packet that went unanswered nobody waited. Timers of a fast network run out sooner.
        let is_hasty = until.since(death.time) < TRIED;
        if tries.count() < enough || is_hasty && !(gave_up && resent >= ALL_TRIES) || (resent < 2 && waited < 5.0) {
            return None;
        }
        // While nobody gives up, the next repetition may be answered.
        if scene.ending.act.is_none() && session.capture_end.since(death.time) < STILL_TRYING {
            return None;
        }
        // What was sent first is as unanswered as what was sent again.
        let original = (death.frame != first.frame && death.time > last_heard.time).then_some(death.frame);
        Some(Unanswered {
            speaker: direction,
            death,
            last_heard,
            tries: tries.count() + usize::from(original.is_some()),
            frames: original.into_iter().chain(tries.first().iter().map(|mark| mark.frame)).take(6).collect(),
            waited,
            is_hasty,
        })
    })
}

/// Others that lost the same host in the same second: it, or its network, went away, not this connection.
fn with_others(found: Found, scene: &Scene<'_>, lost: &Unanswered) -> Found {
    let silent = lost.speaker.reverse();
    let host = if silent == Direction::ServerToClient { scene.session.server.ip } else { scene.session.client.ip };
    let others: Vec<_> = scene.crowd.fates.lost_with(scene.index, host, lost.last_heard.time).collect();
    let Some(first) = others.first() else { return found };
    let marks = others.iter().filter_map(|other| other.server_lost.or(other.client_lost));
    let frames: Vec<FrameNumber> = marks.map(|mark| mark.frame).take(6).collect();
    let text = if others.len() == 1 {
        format!("session #{} loses the same {} in the same second", first.id.0, silent.speaker())
    } else {
        format!("{} more sessions lose the same {} in the same second", others.len(), silent.speaker())
    };
    found.because(&frames, text)
}

/// The reset with which the host of `silent` itself ends a connection that it knows.
pub(super) fn closes_itself<'a>(scene: &Scene<'a>, silent: Direction) -> Option<&'a Event> {
    let act = scene.ending.act.filter(|_| scene.ended_by(silent))?;
    let own = scene.session.side(silent);
    let is_own = |facts: &RstFacts| facts.has_ack && facts.in_window && own.habit.has_ttl(facts.ttl);
    matches!(act.control(), Some(Control::Rst(facts)) if is_own(facts)).then_some(act)
}

/// The reset behind `since` with which the host of `silent` says that it has no such connection.
pub(super) fn stranger<'a>(scene: &Scene<'a>, silent: Direction, since: Timestamp) -> Option<&'a Event> {
    let is_stranger =
        |(reset, facts): &(&Event, &RstFacts)| reset.direction == silent && reset.time > since && facts.is_stateless();
    scene.session.resets().find(is_stranger).map(|(reset, _)| reset)
}

/// The host comes back and knows nothing of the connection (RFC 9293 3.10.7.1): it was started anew meanwhile.
fn with_return(found: Found, scene: &Scene<'_>, lost: &Unanswered) -> Found {
    let silent = lost.speaker.reverse();
    match stranger(scene, silent, lost.last_heard.time).filter(|_| scene.ended_by(silent)) {
        Some(reset) => found.because(
            &[reset.frame],
            say!(
                "frame {}: then it answers as a host does that has no such connection: it, or a device before it, began anew",
                number(reset)
            ),
        ),
        None => found,
    }
}

/// On one link the speaker asks for the other side's address, and nobody answers: no path can be to blame.
fn with_link(found: Found, scene: &Scene<'_>, lost: &Unanswered) -> Found {
    let ends = [scene.session.client.ip, scene.session.server.ip];
    let (own, other) = (ends[lost.speaker.index()], ends[lost.speaker.reverse().index()]);
    match scene.crowd.beside.sought(own, other, lost.last_heard.time) {
        Some(aside) => found.because(
            &aside.questions,
            say!(
                "{own} asks {} times who has {other}, and nobody answers: it is gone from its own link, no path between",
                aside.asked
            ),
        ),
        None => found,
    }
}

/// The silent side answers when the other one closes: it is there again, or only the questions before did not arrive. What
/// comes later than an answer does is somebody who wakes up.
fn answers_the_close(scene: &Scene<'_>, lost: &Unanswered) -> Option<Mark> {
    const AT_ONCE: f64 = 1.0;
    let act = scene.ending.act.filter(|_| scene.ended_by(lost.speaker) && !scene.ending.is_reset)?;
    let last = scene.session.side(lost.speaker.reverse()).last_alive()?;
    (0.0..AT_ONCE).contains(&last.time.since(act.time)).then_some(last)
}

/// Packets that are captured next to their sender do leave it.
fn with_vantage(found: Found, scene: &Scene<'_>, lost: &Unanswered) -> Found {
    let here = match scene.session.vantage() {
        Some(Vantage::Client) => Direction::ClientToServer,
        Some(Vantage::Server) => Direction::ServerToClient,
        Some(Vantage::Between) | None => return found,
    };
    let (who, silent) = (here.speaker(), here.reverse().speaker());
    found.missing(if here == lost.speaker {
        format!("whether they arrive: this was captured next to the {who}, and they do leave there")
    } else {
        format!("whether the {who} gets them: this was captured next to it, and the {silent}'s packets do arrive")
    })
}

/// Whether the session runs at `mark`: then each side speaks when it likes, and need not wait for the other.
pub(super) fn runs(scene: &Scene<'_>, mark: Mark) -> bool {
    phase_of_mark(scene.session, mark) == Phase::Rdp || scene.shape.active
}

/// One side is not heard any more, and the other gives up.
pub(super) static RETRANSMIT_GIVEUP: Rule = Rule {
    id: "tcp.retransmit-giveup",
    needs: Signs::REPEAT,
    find: |scene| {
        let lost = unanswered(scene)?;
        let (who, silent) = (lost.speaker.speaker(), lost.speaker.reverse().speaker());
        let large = scene.session.side(lost.speaker).repeat().filter(|repeat| is_large(scene, lost.speaker, repeat));
        let back = answers_the_close(scene, &lost);
        // Of all that the client said nothing arrived, though the handshake did.
        let is_first = lost.speaker == Direction::ClientToServer && scene.session.client_side().acknowledged == 0;
        let is_open = large.is_some() || back.is_some() || is_first || lost.is_hasty;
        let sure = if is_open { Sure::Likely } else { Sure::Strong };
        let found = scene
            .died(sure, say!("the {silent} is not heard any more: the path or the host is gone"))
            .at_mark(lost.death, phase_of_mark(scene.session, lost.death), By::Network, "never answered")
            .because(&lost.frames, say!("{} packets of the {who} in {:.1} s, none answered", lost.tries, lost.waited))
            .because(
                &[lost.last_heard.frame],
                say!("frame {} is the last that was heard of the {silent}", lost.last_heard.frame.number()),
            )
            .not_it("tls", "certificate and TLS: the connection just went silent");
        let found = match back {
            Some(mark) => found.against(
                &[mark.frame],
                say!("frame {}: the {silent} answers at once when the {who} closes", mark.frame.number()),
            ),
            None => found,
        };
        let found = match is_first {
            true => found
                .could_be("filter", "a firewall or IPS that lets the handshake pass and drops what it takes for RDP"),
            false => found,
        };
        let found = match scene.session.lacks_bare() {
            true => found.missing(say!(
                "acknowledgments, of which the capture has none without payload: the {silent} may have answered with such"
            )),
            false => found,
        };
        let complaint = scene.session.complaints().find(|(event, error)| {
            event.time >= lost.last_heard.time && event.direction == lost.speaker.reverse() && !error.is_too_big()
        });
        let found = with_others(with_link(with_return(found, scene, &lost), scene, &lost), scene, &lost);
        // A laptop that is closed, a Wi-Fi that is left: the server finds out by itself.
        let found = if runs(scene, lost.last_heard) && lost.speaker == Direction::ServerToClient {
            found.named("end.client-vanished")
        } else {
            found
        };
        let quiet = scene.session.quiet().filter(|quiet| quiet.after.frame == lost.death.frame);
        let found = match quiet {
            Some(quiet) => found.could_be(
                "path.idle-expiry",
                say!("a device that forgot the connection in the {:.0} s of silence before", quiet.seconds()),
            ),
            None => found,
        };
        let found = match large {
            Some(repeat) => found.could_be(
                "path.mtu-black-hole",
                say!("a path that takes no packets of {} bytes: none so large had been acknowledged", repeat.ip_length),
            ),
            None => found,
        };
        Some(match complaint {
            Some((event, error)) => found
                .because(
                    &[event.frame],
                    say!("frame {}: {} says by ICMP that it cannot be delivered", number(event), error.net.source),
                )
                .could_be("path", say!("a link or a route behind {} that went away", error.net.source)),
            None => with_vantage(found, scene, &lost)
                .could_be("path", "a VPN or Wi-Fi that broke, a firewall that forgot the connection")
                .could_be("host", say!("the {silent}'s machine went to sleep, froze or lost power")),
        })
    },
};
