//! The end of a session that ran: who ended it, and whether with a word.

use super::super::rule::{Found, Rule, Scene, number};
use super::super::shape::{Inferred, name};
use super::super::signs::Signs;
use super::super::verdict::{Outcome, Sure};
use super::super::wording::say;
use super::capture::{last_words_missing, still_trying};
use super::farewell::{Goodbye, parted, reason, server_parts};
use super::heartbeat::heartbeat_lost;
use super::idle::with_quiet;
use super::setup::{answers_inside, is_set_up, ran};
use super::together::with_neighbours;
use crate::session::{Control, Direction, Event, EventKind, Phase};
use crate::wire::catalogue::Fact;

/// A session that the server ends this soon was hardly used; seconds.
const BRIEF: f64 = 60.0;

/// Silence behind which nobody knows whether the other side is still there; seconds.
const LONG: f64 = 1800.0;

/// Nothing but the logon and what belongs to it happens so soon; seconds.
const AT_FIRST: f64 = 10.0;

/// Whether what the server says of its reasons is encrypted: by TLS, or by standard RDP security, which at level "low"
/// protects the client's words alone (MS-RDPBCGR 5.3.1).
pub(super) fn hides_reasons(scene: &Scene<'_>) -> bool {
    scene.shape.established
        || scene.session.timeline.facts().any(|(_, fact)| match fact {
            Fact::ConnectResponse(response) => response.server.method.0 != 0 && response.server.level.0 > 1,
            _ => false,
        })
}

/// The server said goodbye: the session was ended on purpose.
pub(super) static SERVER_ENDED: Rule = Rule {
    id: "end.server-ended",
    needs: Signs::NONE,
    find: |scene| {
        if !ran(scene) {
            return None;
        }
        let (event, goodbye) = server_parts(scene)?;
        let is_open = scene.ending.act.is_none();
        if is_open && parted(scene, Direction::ServerToClient).is_none() || scene.closed_before(event) {
            return None;
        }
        let found = if goodbye != Goodbye::CloseNotify {
            // Logging off is the commonest reason by far; that nobody can see it is no reason to call it a death.
            let ran_for = event.time.since(scene.session.first.time);
            let outcome = if ran_for < BRIEF { Outcome::Warn } else { Outcome::Ok };
            scene.found(
                outcome,
                Sure::Likely,
                say!(
                    "the server ended the session on purpose after {ran_for:.0} s; {}",
                    if hides_reasons(scene) { "the reason is encrypted" } else { "it does not say why" }
                ),
            )
        } else {
            scene
                .died(Sure::Likely, "the server closed the session without a word of RDP")
                .at(event, Direction::ServerToClient)
        };
        let error_info = scene.shape.records.iter().rev().find(|record| record.name == name::ERROR_INFO);
        let found = found.witness(event, "");
        let what = goodbye.name();
        let found = if is_open {
            let text = say!("frame {}: {what} from the server; nobody has closed when the capture ends", number(event));
            found.because(&[event.frame], text)
        } else if goodbye == Goodbye::MaybeUltimatum {
            let text = say!(
                "frame {}: a record of the server, as short as an MCS ultimatum, on which the client resets at once",
                number(event)
            );
            found.because(&[event.frame], text)
        } else {
            let text = say!("frame {}: {what} from the server{}, before anybody closes", number(event), reason(event));
            found.because(&[event.frame], text)
        };
        let found = found
            .missing(match (hides_reasons(scene), error_info) {
                (true, Some(_)) => "which reason: Set Error Info is encrypted",
                (true, None) => "which reason: it would be said inside the encryption",
                (false, _) => "which reason: nothing in clear says it",
            })
            .not_it("path", "the network: the server said goodbye first");
        // No limit runs out and nobody is idle in the first seconds.
        let is_new = event.time.since(scene.session.first.time) < AT_FIRST;
        let mut found = if is_new {
            found.could_be("end.denied", "the logon, a limit or the licence was refused inside the session")
        } else {
            found
        };
        found.add_could_be("ok.user-logoff", "the user logged off");
        found.add_could_be("end.replaced", "another connection took the session over");
        if !is_new {
            found.add_could_be("end.idle-limit", "an idle or time limit, or an administrator");
        }
        if let Some(record) = error_info {
            found = found.because(
                &[record.frame],
                say!("frame {}: a record as long as Set Error Info just before", record.frame.number()),
            );
        }
        Some(found)
    },
};

/// The client closes without any farewell.
pub(super) static CLIENT_DIED: Rule = Rule {
    id: "end.client-died",
    needs: Signs::CLIENT_CLOSES,
    find: |scene| {
        if !ran(scene) || !scene.ended_by(Direction::ClientToServer) {
            return None;
        }
        let act = scene.ending.act?;
        if let Some(found) = last_words_missing(scene, act) {
            return Some(found);
        }
        if let Some(found) = unknown_to_client(scene, act).or_else(|| heartbeat_lost(scene, act)) {
            return Some(found);
        }
        let found = scene.died(Sure::Likely, "the client closed without any farewell");
        let found = if may_lack_goodbye(scene) { found.by_absence() } else { found };
        Some(
            found
                .at(act, Direction::ClientToServer)
                .because(
                    &[act.frame],
                    say!(
                        "frame {}: the client closes; no close_notify and no Disconnect Provider Ultimatum before it",
                        number(act)
                    ),
                )
                .could_be("ok.user-disconnect", "a client that never says goodbye was closed by its user")
                .not_it("end.server-reset", "the server: it did not close first"),
        )
    },
};

/// Whether the client's goodbye may be among what the capture lacks, or is not known for one because of what is missing before the
/// session began. Pictures that are missing hide no goodbye of the client's.
fn may_lack_goodbye(scene: &Scene<'_>) -> bool {
    let session = scene.session;
    let is_begun = |event: &&Event| event.phase == Phase::Rdp;
    let inside = || scene.shape.records.iter().find(|record| record.phase == Phase::Rdp).map(|record| record.frame);
    let begun = inside().or_else(|| session.timeline.iter().find(is_begun).map(|event| event.frame));
    let is_before = |event: &Event| begun.is_none_or(|begun| event.frame <= begun);
    let mut gaps = session.timeline.iter().filter(|event| matches!(event.kind, EventKind::Gap { .. }));
    session.is_cut()
        || session.lacks_agreement()
        || session.lacks_bare()
        || session.client_side().uncaptured > 0
        || gaps.any(is_before)
}

/// A SYN with which the sender of the reset `event` began anew on the ports of the connection, just before.
pub(super) fn began_anew<'a>(scene: &Scene<'a>, event: &Event) -> Option<&'a Event> {
    let is_anew = |other: &&Event| {
        other.direction == event.direction
            && matches!(other.control(), Some(Control::SynAgain))
            && (0.0..=AT_FIRST).contains(&event.time.since(other.time))
    };
    scene.session.timeline.iter().rev().skip_while(|other| !other.precedes(event)).find(is_anew)
}

/// The client answers as a kernel does that has no such connection (RFC 9293 3.10.7.1). A program that dies leaves one.
fn unknown_to_client(scene: &Scene<'_>, act: &Event) -> Option<Found> {
    let anew = began_anew(scene, act);
    if anew.is_none() && !is_unknown(act) {
        return None;
    }
    let found = scene
        .died(Sure::Likely, "the client does not know a running session any more")
        .at(act, Direction::ClientToServer)
        .because(
            &[act.frame],
            say!("frame {} answers as a host does that has no such connection (any more)", number(act)),
        );
    let found = match anew {
        Some(syn) => found.because(
            &[syn.frame],
            say!(
                "frame {}: the client begins anew on the same ports; the server still holds the old connection",
                number(syn)
            ),
        ),
        None => found,
    };
    Some(
        found
            .could_be("host", "the client's machine was restarted, or its address went to another one")
            .could_be("nat", "a NAT router or VPN gateway that forgot the connection answers in its name")
            .not_it("end.server-reset", "the server: it did not close first"),
    )
}

pub(super) fn is_unknown(act: &Event) -> bool {
    matches!(act.control(), Some(Control::Rst(facts)) if facts.is_stateless())
}

/// The server's last record, where it has the length of Set Error Info, and no other one of so many bytes came before: a small
/// picture may have it, too.
fn last_as_long_as_error_info<'s>(scene: &'s Scene<'_>) -> Option<&'s Inferred> {
    let own = || answers_inside(scene).filter(|record| record.name == name::SESSION);
    let fits = |record: &&Inferred| record.plaintext.is_some_and(|length| matches!(length, 36..=37));
    let last = scene.shape.last(Direction::ServerToClient).filter(fits)?;
    (own().filter(fits).count() == 1).then_some(last)
}

/// The server closes without any farewell.
pub(super) static SERVER_RESET: Rule = Rule {
    id: "end.server-reset",
    needs: Signs::SERVER_CLOSES,
    find: |scene| {
        if !ran(scene) || !scene.ended_by(Direction::ServerToClient) {
            return None;
        }
        let act = scene.ending.act?;
        if let Some(found) = last_words_missing(scene, act) {
            return Some(found);
        }
        let how = scene.ending.how();
        let told = last_as_long_as_error_info(scene);
        // So a kernel answers that has no such connection (RFC 9293 3.10.7.1); a program that dies leaves one.
        let is_unknown = is_unknown(act);
        let headline = match is_unknown {
            true => "the server does not know a running session any more",
            false => "the server closed a running session without any farewell",
        };
        let found = scene.died(Sure::Likely, headline);
        let found = match is_unknown {
            true => found
                .because(
                    &[act.frame],
                    say!("frame {} answers as a host does that has no such connection (any more)", number(act)),
                )
                .could_be("host", "the machine was restarted, or its address went to another one (failover)"),
            false => found,
        };
        let found = with_quiet(found, scene, act)
            .at(act, Direction::ServerToClient)
            .because(
                &[act.frame],
                say!(
                    "frame {} is {how} from the server; no close_notify and no Disconnect Provider Ultimatum before it",
                    number(act)
                ),
            )
            .could_be("restart", "the RDP service crashed or was restarted");
        let found = match told {
            Some(record) => found
                .because(
                    &[record.frame],
                    say!("frame {}: the server's last record is as long as Set Error Info", record.frame.number()),
                )
                .could_be("end.server-ended", "the server ended it on purpose, and left the ultimatum out"),
            None => found,
        };
        let found = found
            .could_be("killed", "the connection was cut on the server by an administrator or a program")
            .not_it("tls", "certificate, TLS, logon: the session was running");
        Some(with_neighbours(found, scene))
    },
};

/// Still going when the capture ends.
pub(super) static OPEN_AT_END: Rule = Rule {
    id: "ok.open-at-end",
    needs: Signs::NONE,
    find: |scene| {
        // One that was never set up is told of by what it waits for.
        let is_running = ran(scene) && (is_set_up(scene) || scene.session.is_midstream());
        if scene.ending.act.is_some() || !is_running {
            return None;
        }
        if let Some(found) = still_trying(scene) {
            return Some(found);
        }
        let last = scene.session.last.frame;
        let text = say!("frame {} is the last packet; nobody has closed", last.number());
        let silent = scene.watched_after();
        // Where the handshake was cut away, nobody knows which record was which.
        let is_blind = scene.session.server_hello().is_none() && scene.session.is_cut();
        if silent < LONG && !scene.session.lacks_packets() && !is_blind {
            return Some(scene.ok(Sure::Strong, "still open when the capture ends").because(&[last], text));
        }
        Some(
            scene
                .ok(
                    if is_blind { Sure::Unsure } else { Sure::Likely },
                    "still open when the capture ends, as far as can be seen",
                )
                .because(&[last], text)
                .missing(say!(
                    "{}",
                    match silent < LONG {
                        true if is_blind => "the handshake, and with it how far the session came".to_owned(),
                        true => "packets, and perhaps the last ones among them".to_owned(),
                        false =>
                            format!("whether both are still there: for {:.0} min neither said a word", silent / 60.0),
                    }
                )),
        )
    },
};

/// A host of virtual machines is asked for one by its name (MS-RDPEPS), and closes where there is none for this user.
pub(super) fn with_name(found: Found, scene: &Scene<'_>) -> Found {
    let mut facts = scene.session.timeline.facts();
    match facts.find(|(_, fact)| matches!(fact, Fact::Preconnection(_))) {
        Some((event, _)) => found.could_be(
            "name",
            say!(
                "the machine that frame {} asks for by name is not there, is off, or this user may not connect to it",
                number(event)
            ),
        ),
        None => found,
    }
}

/// The client leaves before a session, for no visible reason.
pub(super) static UNEXPLAINED: Rule = Rule {
    id: "end.unexplained",
    needs: Signs::CLOSED,
    find: |scene| {
        let act = scene.ending.act?;
        let by = scene.ending.by?;
        let session = scene.session;
        let how = scene.ending.how();
        let mut found = scene
            .died(
                Sure::Unsure,
                say!(
                    "the {} ended it{}",
                    by.speaker(),
                    match scene.lacks_words() {
                        true => "; what was said before was not captured as a whole",
                        false => " before a session began, for no visible reason",
                    }
                ),
            )
            .by_absence()
            .at(act, by)
            .because(
                &[act.frame],
                say!(
                    "frame {} is {how} from the {}, {:.1} s after the last word",
                    number(act),
                    by.speaker(),
                    scene.ending.pause
                ),
            );
        for direction in [Direction::ClientToServer, Direction::ServerToClient] {
            if let Some(word) = session.last_word(direction) {
                let what = word.fact().map_or_else(
                    || "protected data".to_owned(),
                    |fact| crate::wire::describe::Describe::name(fact).into_owned(),
                );
                found = found.because(
                    &[word.frame],
                    say!("the {}'s last word is frame {}: {what}", direction.speaker(), number(word)),
                );
            }
        }
        let was_asked = scene.ending.last_word.is_some_and(|word| word.direction != by);
        if by == Direction::ServerToClient && !was_asked && scene.ending.pause >= AT_FIRST {
            found = found.could_be(
                "rdp.connect-timer",
                "a timer of the server, or of a device in its name, for a client that does not go on",
            );
        }
        let odd = session.timeline.iter().rev().find_map(|event| match &event.kind {
            EventKind::Malformed(fault) if event.direction != by && !act.precedes(event) => Some((event, fault)),
            _ => None,
        });
        let found = with_name(found, scene);
        Some(match odd {
            Some((event, fault)) => found
                .because(
                    &[event.frame],
                    say!(
                        "frame {}: what the {} sends there is malformed ({})",
                        number(event),
                        by.reverse().speaker(),
                        fault.field
                    ),
                )
                .missing("whether that is the reason: nobody says so"),
            None => found.missing("anything that names a reason"),
        })
    },
};
