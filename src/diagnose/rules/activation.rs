//! Between MCS and the desktop: channels that are refused, a client that leaves, a server that stops half-way.
//!
//! Source: MS-RDPBCGR 1.3.1.1, capabilities exchange and connection finalization.

use super::super::rule::{Found, Rule, Scene, number};
use super::super::shape::{Inferred, name};
use super::super::signs::Signs;
use super::super::verdict::Sure;
use super::super::wording::{say, span};
use super::farewell::server_parts;
use crate::knowledge::mcs::McsResult;
use crate::session::{Direction, Event, Phase};
use crate::wire::catalogue::Fact;
use crate::wire::mcs_domain::DomainMessage;

/// A server that says nothing for so long while it should finish has stopped; seconds.
const STALL: f64 = 10.0;
/// A client that leaves this soon leaves because of what it heard; seconds.
const AT_ONCE: f64 = 5.0;
/// Capabilities of a server have 300 to 520 bytes, and no more than so many.
const CAPABILITIES: u16 = 900;
/// Records that a server may send while it waits for the client's capabilities: a heartbeat, a measurement.
const WHILE_WAITING: usize = 4;

/// The first MCS confirm in clear that refuses.
fn declared<'a>(scene: &Scene<'a>, wanted: fn(&DomainMessage) -> Option<McsResult>) -> Option<(&'a Event, McsResult)> {
    scene.session.timeline.facts().find_map(|(event, fact)| match fact {
        Fact::Domain(message) => {
            wanted(message).filter(|result| *result != McsResult::SUCCESSFUL).map(|result| (event, result))
        }
        _ => None,
    })
}

fn refused_in_clear(scene: &Scene<'_>, event: &Event, result: McsResult, headline: &str) -> Found {
    scene
        .died(Sure::Proven, say!("{headline}: {result}"))
        .at(event, Direction::ServerToClient)
        .because(&[event.frame], say!("frame {} is the server's own refusal: {result}", number(event)))
}

/// A confirm that is shorter than one that confirms.
fn short_confirm<'a>(scene: &Scene<'a>, wanted: &str, length: u16) -> Option<(&'a Event, &'a Inferred)> {
    let record = scene.shape.latest(wanted).filter(|record| record.plaintext == Some(length))?;
    // Sizes alone make no RDP of what began as TLS and nothing else.
    let is_rdp = scene.session.request().is_some() || scene.session.is_midstream();
    if !is_rdp || scene.shape.info || scene.ending.act.is_none() {
        return None;
    }
    Some((scene.event_of(record)?, record))
}

/// The server gives the client no user channel.
pub(super) static ATTACH_REFUSED: Rule = Rule {
    id: "mcs.attach-refused",
    needs: Signs::MCS,
    find: |scene| {
        let headline = "the server gives the client no user channel";
        if let Some((event, result)) = declared(scene, |message| match message {
            DomainMessage::AttachUserConfirm { result, .. } => Some(*result),
            _ => None,
        }) {
            return Some(refused_in_clear(scene, event, result, headline));
        }
        let (event, _) = short_confirm(scene, name::ATTACH_CONFIRM, 9)?;
        let text = say!("frame {}: 9 bytes answer Attach User; a confirm with a channel has 11", number(event));
        Some(
            scene
                .died(Sure::Likely, headline)
                .at(event, Direction::ServerToClient)
                .because(&[event.frame], text)
                .could_be("mcs.refused", "a Disconnect Provider Ultimatum, which is as long"),
        )
    },
};

/// The server lets the client not join a channel.
pub(super) static JOIN_REFUSED: Rule = Rule {
    id: "mcs.join-refused",
    needs: Signs::MCS.and(Signs::CLOSED),
    find: |scene| {
        let headline = "the server refuses a channel";
        scene.ending.act.filter(|_| scene.session.first_of(Phase::Rdp).is_none())?;
        if let Some((event, result)) = declared(scene, |message| match message {
            DomainMessage::ChannelJoinConfirm { result, .. } => Some(*result),
            _ => None,
        }) {
            return Some(refused_in_clear(scene, event, result, headline));
        }
        let (event, _) = short_confirm(scene, name::JOIN_CONFIRM, 13)?;
        let text = say!("frame {}: 13 bytes answer a Channel Join; a confirm has 15", number(event));
        Some(
            scene
                .died(Sure::Strong, headline)
                .at(event, Direction::ServerToClient)
                .because(&[event.frame], text)
                .because(&[event.frame], "no Client Info follows: the client does not go on without that channel"),
        )
    },
};

/// The server's MCS answer says no, or is none.
pub(super) static MCS_REFUSED_IN_CLEAR: Rule = Rule {
    id: "mcs.refused",
    needs: Signs::CONNECT,
    find: |scene| {
        // Some clients go on in spite of it.
        if scene.session.first_of(Phase::Rdp).is_some() {
            return None;
        }
        let answer = scene.session.timeline.facts().find_map(|(event, fact)| match fact {
            Fact::ConnectResponse(response) => Some((event, response.result)),
            _ => None,
        });
        let found = match answer {
            Some((_, McsResult::SUCCESSFUL)) => return None,
            Some((event, result)) => refused_in_clear(scene, event, result, "the server refuses the client's MCS data"),
            None => closed_on_connect(scene)?,
        };
        let found = with_channels(found, scene);
        Some(found.not_it("path", "the network, the security negotiation: all of that was passed"))
    },
};

/// The server hangs up behind TLS before Client Info: nine bytes, whoever then closes TCP.
pub(super) static MCS_ULTIMATUM: Rule = Rule {
    id: "mcs.refused",
    needs: Signs::MCS.and(Signs::CLOSED),
    find: |scene| {
        let mut records = scene.shape.records.iter();
        let record = records.find(|record| {
            record.phase == Phase::Mcs
                && record.name == name::ULTIMATUM
                && record.direction == Direction::ServerToClient
        })?;
        let act = scene.ending.act.filter(|_| !scene.shape.info)?;
        let event = scene.event_of(record).filter(|event| !act.precedes(event))?;
        Some(
            scene
                .died(Sure::Strong, "the server ends the connection during MCS, before the session begins")
                .at(event, Direction::ServerToClient)
                .because(
                    &[event.frame],
                    say!(
                        "frame {}: nine bytes in place of an MCS answer: a Disconnect Provider Ultimatum",
                        number(event)
                    ),
                )
                .because(&[act.frame], say!("frame {}: the {} closes", number(act), act.direction.speaker()))
                .missing("what the server disliked: it is encrypted")
                .not_it("tls", "the network, TLS, the certificate: all of that was passed"),
        )
    },
};

/// The server closes on Connect Initial and says nothing (MS-RDPBCGR 3.3.5.3.3 allows that).
fn closed_on_connect(scene: &Scene<'_>) -> Option<Found> {
    let act = scene.ending.act.filter(|_| scene.ended_by(Direction::ServerToClient))?;
    let asked = scene.ending.last_word.filter(|word| matches!(word.fact(), Some(Fact::ConnectInitial(_))))?;
    let pause = act.time.since(asked.time);
    (pause <= AT_ONCE).then(|| {
        scene
            .died(Sure::Likely, "the server closes on the client's MCS data without an answer")
            .at(act, Direction::ServerToClient)
            .because(
                &[act.frame, asked.frame],
                say!(
                    "frame {}: the server closes {} after Connect Initial in frame {}",
                    number(act),
                    span(pause),
                    number(asked)
                ),
            )
            .could_be("mcs.stdsec-method-mismatch", "client and server share no encryption method")
            .missing("the reason: nothing in clear says it")
    })
}

/// More channels than there may be are a reason in themselves (2.2.1.3.4).
fn with_channels(found: Found, scene: &Scene<'_>) -> Found {
    const MOST: u32 = 31;
    let asked = scene.session.timeline.facts().find_map(|(event, fact)| match fact {
        Fact::ConnectInitial(initial) => Some((event, initial.client.channel_count)),
        _ => None,
    });
    match asked {
        Some((event, count)) if count > MOST => found.because(
            &[event.frame],
            say!("frame {}: the client asks for {count} channels, and {MOST} are allowed", number(event)),
        ),
        _ => found,
    }
}

/// A redirection with a certificate and a sealed password is longer than any server's capabilities (2.2.13.1).
fn redirected(scene: &Scene<'_>, demand: &Inferred, act: &Event) -> Option<Found> {
    let length = demand.plaintext.filter(|length| *length > CAPABILITIES)?;
    let found = scene.ok(Sure::Likely, "the server seems to send the client on to another server").named("redirect");
    Some(
        found
            .because(
                &[demand.frame, act.frame],
                say!(
                    "frame {}: {length} bytes in place of the capabilities, which are shorter: a redirection; the client closes in frame {}",
                    demand.frame.number(),
                    number(act)
                ),
            )
            .missing("where to: it is encrypted")
            .could_be("rdp.caps-client-quits", "unusually long capabilities, and a client that does not like them"),
    )
}

/// The client does not like the server's capabilities.
pub(super) static CAPS_CLIENT_QUITS: Rule = Rule {
    id: "rdp.caps-client-quits",
    needs: Signs::HIDDEN.and(Signs::CLIENT_CLOSES),
    find: |scene| {
        let shape = scene.shape;
        let act = scene.ending.act.filter(|_| scene.ended_by(Direction::ClientToServer))?;
        let demand = shape.latest(name::DEMAND_ACTIVE)?;
        scene.event_of(demand).filter(|event| !scene.crossed(event))?;
        // Who is dismissed does not leave by itself.
        if server_parts(scene).is_some_and(|(event, _)| !act.precedes(event)) {
            return None;
        }
        let is_exact = demand.plaintext.is_some();
        let said_goodbye = shape.last(Direction::ClientToServer).is_some_and(|last| last.name == name::ULTIMATUM);
        // A server waits for the client's answer (MS-RDPBCGR 1.3.1.1); one that sends on and on has had it.
        let behind = |record: &&Inferred| record.direction == Direction::ServerToClient && record.frame > demand.frame;
        let goes_on = shape.records.iter().filter(behind).count() > WHILE_WAITING;
        // What was not captured may be all that is missing, and what stands in its place something else.
        let is_whole = scene.session.sides.iter().all(|side| side.uncaptured == 0);
        if said_goodbye
            || goes_on
            || !is_whole
            || !is_exact
            || shape.demands != 1
            || shape.fonts
            || shape.activated
            || scene.ending.pause > AT_ONCE
        {
            return None;
        }
        if let Some(found) = redirected(scene, demand, act) {
            return Some(found);
        }
        Some(
            scene.died(Sure::Likely, "the client leaves when it has seen the server's capabilities")
                .at(act, Direction::ClientToServer)
                .because(
                    &[demand.frame, act.frame],
                    say!(
                        "frame {} is as long as Demand Active and in its place; the client closes in frame {} before it has finished activation",
                        demand.frame.number(),
                        number(act)
                    ),
                )
                .could_be("redirect", "the server sent the client on: a redirection comes in the same place")
                .could_be("cancelled", "the user closed the window at that moment")
                .not_it("lic", "the licence: the server went on to the capabilities"),
        )
    },
};

pub(super) const NEVER_FINISHES: &str = "the session is set up, but the server never finishes: a black screen";

/// The server took the last step of activation and says nothing behind it, no notice of the logon and no picture, for so many
/// seconds. Pictures may go over UDP, but not everything.
fn blank<'a>(scene: &Scene<'a>) -> Option<(&'a Event, f64)> {
    let shape = scene.shape;
    let (left_out, _) = scene.session.timeline.elided();
    let record = shape.first(name::FONT_MAP).filter(|_| shape.demands == 1 && left_out.records == 0)?;
    let event = scene.event_of(record)?;
    let until = scene.ending.act.map_or(scene.session.capture_end, |act| act.time);
    let mut behind = shape.records.iter().skip_while(|later| *later != record).skip(1);
    let is_shown = behind.any(|later| later.direction == Direction::ServerToClient && !is_farewell(later));
    let has_channel = scene.crowd.side_channels(scene.session).next().is_some();
    // A goodbye may cross the end.
    let said = |record: &&Inferred| record.direction == Direction::ClientToServer && !is_farewell(record);
    let is_heard = shape.records.iter().rev().find(said).and_then(|word| scene.event_of(word));
    let is_heard = is_heard.is_some_and(|word| scene.may_be_heard(word));
    let waited = until.since(event.time);
    let may_wait = !scene.left_first(Direction::ServerToClient) && server_parts(scene).is_none();
    (waited >= STALL && may_wait && !is_shown && !has_channel && is_heard).then_some((event, waited))
}

fn is_farewell(record: &Inferred) -> bool {
    matches!(record.name, name::ULTIMATUM | name::CLOSE_NOTIFY)
}

/// Activation is complete, and nothing is ever shown.
pub(super) static NOTHING_SHOWN: Rule = Rule {
    id: "rdp.activation-stall",
    needs: Signs::HIDDEN,
    find: |scene| {
        let (event, waited) = blank(scene)?;
        Some(
            scene
                .died(Sure::Likely, "the session is set up, but the server shows nothing: a black screen")
                .at_noted(event, Direction::ServerToClient, "nothing follows")
                .because(
                    &[event.frame],
                    say!(
                        "frame {}: Font Map, the last step of activation; {waited:.1} s pass without a word of the server",
                        number(event)
                    ),
                )
                .means(
                    "the session itself hangs on the server: logon screen, shell, graphics driver or security software",
                )
                .not_it("path", "the network: the server acknowledged everything")
                .not_it("lic", "the licence: the server went on to the capabilities"),
        )
    },
};

/// The last step that the server owes never comes. What comes behind it may go over UDP; this does not.
pub(super) static ACTIVATION_STALL: Rule = Rule {
    id: "rdp.activation-stall",
    needs: Signs::HIDDEN,
    find: |scene| {
        let shape = scene.shape;
        let (left_out, _) = scene.session.timeline.elided();
        if !shape.fonts || !shape.confirmed || shape.activated || shape.demands != 1 || left_out.records > 0 {
            return None;
        }
        // The server's own Synchronize and Control may come behind the client's Font List.
        let is_step = |record: &&Inferred| matches!(record.name, name::FONT_LIST | name::CONTROL | name::SYNCHRONIZE);
        let record = shape.records.iter().rev().find(is_step)?;
        let event = scene.event_of(record)?;
        let until = scene.ending.act.map_or(scene.session.capture_end, |act| act.time);
        let waited = until.since(event.time);
        let mut later = shape.records.iter().skip_while(|later| *later != record).skip(1);
        let answered = later.any(|later| later.direction == Direction::ServerToClient && later.name != name::ULTIMATUM);
        if answered || waited < STALL || !scene.session.client_side().all_acknowledged() {
            return None;
        }
        let asked = shape.latest(name::FONT_LIST)?;
        Some(
            scene
                .died(Sure::Likely, NEVER_FINISHES)
                .at_noted(event, Direction::ServerToClient, "no Font Map follows")
                .because(
                    &[asked.frame, event.frame],
                    say!(
                        "frame {}: the client asks for the last step of activation; none comes in {waited:.1} s",
                        asked.frame.number()
                    ),
                )
                .means(
                    "the session itself hangs on the server: logon screen, shell, graphics driver or security software",
                )
                .not_it("path", "the network: the server acknowledged everything")
                .not_it("lic", "the licence: the server went on to the capabilities"),
        )
    },
};
