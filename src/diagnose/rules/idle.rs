//! Devices that forget: a connection that was silent too long, and dies with its next packet.

use super::super::reached::phase_of_mark;
use super::super::rule::{Found, Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::{By, Sure};
use super::super::wording::say;
use super::farewell::farewell;
use super::reset::is_from_elsewhere;
use super::session_end::began_anew;
use super::setup::ran;
use super::silence::{stranger, unanswered};
use crate::session::{Control, Direction, Event, Quiet, RstFacts};
use crate::tcp::side::Side;

/// The answer to the packet behind the quiet comes within this time; seconds.
const AT_ONCE: f64 = 3.0;
/// Idle timeouts that devices come with (Azure Load Balancer 240 s, AWS Network Load Balancer 350 s, firewalls the
/// others); seconds.
const USUAL: &[f64] = &[60.0, 120.0, 180.0, 240.0, 300.0, 350.0, 600.0, 900.0, 1200.0, 1800.0, 3600.0, 7200.0];

/// The usual timeout that a quiet lasted for, if it is one.
fn usual(seconds: f64) -> Option<f64> {
    USUAL.iter().copied().find(|usual| seconds >= usual - 0.5 && seconds <= usual * 1.01 + 1.5)
}

/// The quiet that was the last of this session, unless a longer one did no harm.
fn fatal_quiet(scene: &Scene<'_>) -> Option<Quiet> {
    // Before that the client may wait for its user, and the server's own timer closes.
    let quiet = scene.session.quiet().filter(|_| ran(scene))?;
    let outlived = quiet.outlived as f64 / 1e9;
    (outlived < quiet.seconds() - 1.0 && scene.session.clock_jump().is_none()).then_some(quiet)
}

/// The reset that ended it.
fn reset<'a>(scene: &Scene<'a>) -> Option<(&'a Event, &'a RstFacts)> {
    let act = scene.ending.act.filter(|_| scene.ending.is_reset)?;
    scene.session.resets().find(|(event, _)| event.frame == act.frame)
}

/// What the TTL of a reset says of its sender.
fn distance(own: &Side, event: &Event, facts: &RstFacts) -> String {
    let who = event.direction.speaker();
    format!(
        "frame {} came with TTL {}, the {who}'s own packets with {}: a device sent it",
        number(event),
        facts.ttl,
        own.habit.ttl
    )
}

/// A quiet connection, and then its next packet is refused or lost.
pub(super) static IDLE_EXPIRY: Rule = Rule {
    id: "path.idle-expiry",
    needs: Signs::QUIET,
    find: |scene| {
        let quiet = fatal_quiet(scene)?;
        let found = refused(scene, quiet).or_else(|| lost(scene, quiet))?;
        Some(same_elsewhere(scene, quiet, found))
    },
};

fn opening(scene: &Scene<'_>, quiet: Quiet, sure: Sure) -> Found {
    let seconds = quiet.seconds();
    scene
        .died(sure, say!("after {seconds:.0} s of silence the connection is gone: a device forgot it"))
        .because(
            &[quiet.before.frame, quiet.after.frame],
            say!(
                "nothing for {seconds:.1} s between frames {} and {}; no keep-alive either",
                quiet.before.frame.number(),
                quiet.after.frame.number()
            ),
        )
        .not_it("tls", "certificate, TLS, logon: the connection had long been in use")
}

/// Where no device gave itself away.
fn or_host(found: Found, quiet: Quiet) -> Found {
    let who = quiet.by.speaker();
    found.could_be("host", say!("the machine across from the {who} was restarted or slept meanwhile"))
}

/// The first packet behind the quiet is answered by a reset.
fn refused(scene: &Scene<'_>, quiet: Quiet) -> Option<Found> {
    let (event, facts) = reset(scene)?;
    let own = scene.session.side(event.direction);
    let pause = event.time.since(quiet.after.time);
    let is_answer = event.direction != quiet.by && (0.0..=AT_ONCE).contains(&pause);
    // Whoever acknowledged the packet had not forgotten anything.
    let silent = own.last_alive().is_none_or(|alive| alive.time.0 <= quiet.before.time.0);
    // Somebody who comes back only to say goodbye is answered as usual; and whoever began anew on the same ports is asked by the
    // other side what that means (RFC 9293 3.10.7.4).
    let began_anew = began_anew(scene, event).is_some();
    if !is_answer || !silent || began_anew || farewell(scene, quiet.by).is_some() {
        return None;
    }
    let foreign = is_from_elsewhere(own, facts);
    let found =
        opening(scene, quiet, if foreign { Sure::Strong } else { Sure::Likely }).at_noted(event, By::Middlebox, "");
    let found = found.because(
        &[quiet.after.frame, event.frame],
        say!(
            "frame {}, the first packet behind the silence, is answered by a reset (frame {})",
            quiet.after.frame.number(),
            number(event)
        ),
    );
    Some(if foreign {
        found.because(&[event.frame], distance(own, event, facts))
    } else {
        let who = event.direction.speaker();
        or_host(found, quiet).could_be("end.server-reset", say!("the {who} dropped the connection itself"))
    })
}

/// The first packet behind the quiet, and all its repetitions, are lost.
fn lost(scene: &Scene<'_>, quiet: Quiet) -> Option<Found> {
    let lost = unanswered(scene)?;
    if lost.speaker != quiet.by || lost.last_heard.time > quiet.before.time {
        return None;
    }
    // What a server says into a long silence comes from a clock (keep-alives, the lock screen): its client may just be away.
    // And whoever is heard again without knowing the connection has no device in front that forgot it.
    let other = quiet.by.reverse();
    let is_back = scene.session.woke_late(other) || stranger(scene, other, lost.last_heard.time).is_some();
    if quiet.by == Direction::ServerToClient || is_back {
        return None;
    }
    let phase = phase_of_mark(scene.session, quiet.after);
    let text = say!(
        "frame {}, the first packet behind the silence, is not answered, nor what the {} sends again",
        quiet.after.frame.number(),
        quiet.by.speaker()
    );
    let frames: Vec<_> = std::iter::once(quiet.after.frame).chain(lost.frames).take(6).collect();
    Some(
        or_host(opening(scene, quiet, Sure::Likely), quiet)
            .at_mark(quiet.after, phase, By::Network, "never answered")
            .because(&frames, text)
            .could_be("tcp.retransmit-giveup", "the path broke during the silence, for another reason"),
    )
}

/// Whether the packet behind the quiet came when a clock of its sender struck: then the length of the quiet tells of that
/// clock alone.
fn is_by_clock(scene: &Scene<'_>, quiet: Quiet) -> bool {
    let is_probe =
        |event: &Event| event.frame == quiet.after.frame && matches!(event.control(), Some(Control::KeepAlive));
    quiet.by == Direction::ServerToClient || scene.session.timeline.iter().any(is_probe)
}

/// A device that forgets does so every time.
fn same_elsewhere(scene: &Scene<'_>, quiet: Quiet, mut found: Found) -> Found {
    if is_by_clock(scene, quiet) {
        return found;
    }
    let others: Vec<_> = scene.crowd.fates.quiet_as_long(scene.index, quiet.seconds()).collect();
    let Some(first) = others.first() else { return found };
    found.sure = found.sure.max(Sure::Strong);
    let text = say!(
        "session #{} died behind a silence of the same length{}: a timer",
        first.id.0,
        if others.len() > 1 { format!(", and {} more", others.len() - 1) } else { String::new() }
    );
    found.because(&[first.act.map_or(first.first, |(mark, _)| mark).frame], text)
}

/// A server that closes out of a long silence: nobody sees whose clock that was.
pub(super) fn with_quiet(found: Found, scene: &Scene<'_>, act: &Event) -> Found {
    let Some(quiet) = fatal_quiet(scene).filter(|quiet| quiet.after.frame == act.frame) else { return found };
    let text = match usual(quiet.seconds()) {
        Some(timeout) => format!("an idle timeout of {timeout:.0} s is a usual one"),
        None => "nobody had asked for anything".to_owned(),
    };
    found
        .because(
            &[quiet.before.frame, act.frame],
            say!("frame {} comes after {:.1} s of silence; {text}", number(act), quiet.seconds()),
        )
        .could_be("path.lb-reset", "a balancer, proxy or firewall that closes what is idle, in the server's name")
        .could_be("end.idle-limit", "a time limit of the server")
}

/// Resets to both sides, out of nothing: how a load balancer drops what is idle, or a target that it takes out.
pub(super) static LB_RESET: Rule = Rule {
    id: "path.lb-reset",
    needs: Signs::RESET_ENDS,
    find: |scene| {
        let session = scene.session;
        let (event, facts) = reset(scene)?;
        let twin = session
            .resets()
            .find(|(other, _)| other.direction != event.direction && other.time.since(event.time).abs() < 0.05);
        let fates = &scene.crowd.fates;
        let others: Vec<_> =
            fates.ended_with(scene.index, session.server.ip, event.time).filter(|other| other.both_reset).collect();
        // Nobody had asked: the reset itself broke the silence. Two hosts do not do that in the same moment.
        let idle = fatal_quiet(scene).filter(|quiet| quiet.after.frame == event.frame);
        let idle = idle.map(|quiet| (quiet, usual(quiet.seconds())));
        let idle = idle.filter(|(_, timeout)| timeout.is_some() || twin.is_some());
        let foreign = is_from_elsewhere(session.side(event.direction), facts);
        // A service that goes down ends many sessions at once too, and its clients may answer with resets.
        let several = foreign && !others.is_empty();
        if twin.is_none() && !(foreign && idle.is_some()) || idle.is_none() && !several {
            return None;
        }
        let sure = if foreign { Sure::Strong } else { Sure::Likely };
        let mut found = scene
            .died(sure, "a load balancer or firewall drops the connection")
            .at_noted(event, By::Middlebox, "")
            .not_it("tls", "certificate, TLS, logon: the connection was in use");
        if let Some((other, _)) = twin {
            let text = say!("frames {} and {}: both sides are reset at once", number(event), number(other));
            found = found.because(&[event.frame, other.frame], text);
        }
        if let Some((quiet, timeout)) = idle {
            let of = timeout.map_or(String::new(), |timeout| format!(" of {timeout:.0} s"));
            let text =
                say!("it comes after {:.1} s of silence and answers nothing: an idle timeout{of}", quiet.seconds());
            found = found.because(&[quiet.before.frame, event.frame], text);
        }
        if let Some(first) = others.first() {
            let frame = first.act.map_or(first.first, |(mark, _)| mark).frame;
            let text = match others.len() {
                1 => format!("session #{} is reset in the same second", first.id.0),
                count => format!("session #{} and {} more are reset in the same second", first.id.0, count - 1),
            };
            found = found.because(&[frame], text);
        }
        if foreign {
            return Some(found.because(&[event.frame], distance(session.side(event.direction), event, facts)));
        }
        Some(found.could_be("end.server-reset", "the service itself was stopped, and the client answered likewise"))
    },
};
