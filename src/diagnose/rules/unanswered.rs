//! Servers that take a message and never answer it: in the logon, in MCS, behind Client Info.

use super::super::rule::{Found, PATIENCE, Rule, Scene, number};
use super::super::shape::{License, Nla, name};
use super::super::signs::Signs;
use super::super::verdict::Sure;
use super::super::wording::say;
use super::activation::NEVER_FINISHES;
use super::setup::{finalizes, is_licensed, is_licensing, ran, went_on};
use crate::knowledge::negotiation::Protocols;
use crate::session::{Direction, Event, Phase, is_word};

/// A silence of the server that is one by itself, whether the client gives up or not; seconds.
const SILENT: f64 = 10.0;
/// The same of a logon, for which a domain controller may be asked; seconds.
const SILENT_IN_LOGON: f64 = 30.0;

/// The client's last word but a goodbye, if the server said nothing to it, and for how long; seconds. Tickets are part of
/// TLS, and come when they come.
fn open_question<'a>(scene: &Scene<'a>) -> Option<(&'a Event, f64)> {
    let last = scene.ending.last_word?;
    let named = |event: &Event| scene.shape.at(event.frame, event.stream_offset).map(|record| record.name);
    let is_farewell = |event: &Event| matches!(named(event), Some(name::CLOSE_NOTIFY | name::ULTIMATUM));
    let behind = if is_farewell(last) { 0.0 } else { scene.ending.pause };
    let mut before = scene.session.timeline.iter().rev().skip_while(|event| event.time > last.time);
    let word = before.find(|event| is_word(event) && !is_farewell(event) && named(event) != Some(name::TICKET));
    let asked = word.filter(|word| word.direction == Direction::ClientToServer)?;
    Some((asked, last.time.since(asked.time) + behind))
}

const NEGOTIATED: &str = "the security negotiation: it was passed";

/// What `event` belongs to, as far as its size and place tell.
fn phase_of(scene: &Scene<'_>, event: &Event) -> Phase {
    scene.shape.at(event.frame, event.stream_offset).map_or(event.phase, |record| record.phase)
}

/// The client's word that arrived and got no answer in so many seconds.
fn never_answered(scene: &Scene<'_>, last: &Event, waited: f64, headline: &'static str) -> Option<Found> {
    let client = scene.session.client_side();
    if !client.all_acknowledged() {
        return None;
    }
    let what = match (scene.shape.at(last.frame, last.stream_offset), last.fact()) {
        (Some(record), _) => format!("{} from the client", record.name),
        (None, Some(fact)) => format!("{} from the client", crate::wire::describe::Describe::name(fact)),
        (None, None) => "the client's last word".to_owned(),
    };
    let mut found = scene
        .died(Sure::Likely, headline)
        .at_noted(last, Direction::ServerToClient, "it is never answered")
        .because(&[last.frame], say!("frame {}: {what}, then no answer for {waited:.1} s", number(last)));
    if let Some(mark) = client.acknowledged_by {
        let text =
            say!("by frame {} it is acknowledged: it arrived, but the service does not answer", mark.frame.number());
        found = found.because(&[mark.frame], text);
    }
    Some(found.not_it("path", "the network: the server acknowledged everything"))
}

/// A timer of the server ran out over what it never answered.
pub(super) fn closes_late(found: Found, act: &Event) -> Found {
    found.because(&[act.frame], say!("frame {}: in the end the server closes", number(act)))
}

/// How long the server has to be silent before that is one: where the client left, it was not asked how long it would have taken.
pub(super) fn enough_silence(scene: &Scene<'_>) -> f64 {
    if scene.left_first(Direction::ClientToServer) { PATIENCE } else { SILENT }
}

/// The client left, and the server was not asked how long it would have taken.
fn with_patience(found: Found) -> Found {
    found.could_be("cancelled", "the user lost patience first")
}

/// The server takes a logon token and says nothing. Who closes instead of answering refuses, but for one that waited until
/// its own time for the connection sequence ran out.
pub(super) static LOGON_STALL: Rule = Rule {
    id: "nla.server-slow",
    needs: Signs::LOGON,
    find: |scene| {
        if scene.shape.nla == Nla::None {
            return None;
        }
        let closes = scene.left_first(Direction::ServerToClient);
        let (last, waited) = open_question(scene)?;
        let record = scene.shape.at(last.frame, last.stream_offset)?;
        // Credentials are answered under HYBRID_EX alone (MS-RDPBCGR 5.4.2.2).
        let is_asked =
            record.name != name::AUTH_INFO || scene.session.selected().is_some_and(|it| it == Protocols::HYBRID_EX);
        if record.phase != Phase::Nla || !is_asked {
            return None;
        }
        let leaves = scene.left_first(Direction::ClientToServer);
        if waited < if leaves { PATIENCE } else { SILENT_IN_LOGON } {
            return None;
        }
        let headline = match (leaves, closes) {
            (true, _) => "the server takes the client's logon token and never answers; the client gives up",
            (false, true) => "the server takes the client's logon token, never answers, and closes in the end",
            (false, false) => "the server takes the client's logon token and does not answer",
        };
        let found = never_answered(scene, last, waited, headline)?
            .could_be("nla.no-logon-server", "the server waits for a domain controller that does not answer");
        let found = match scene.ending.act.filter(|_| closes) {
            Some(act) => closes_late(found, act)
                .could_be("nla.refused-no-code", "a refusal without a code, by a server that took its time"),
            None => found.not_it("nla.bad-credentials", "the password: nobody said yes or no to it"),
        };
        let found = found.not_it("tls", "TLS, the certificate: all of that was passed");
        Some(if leaves { with_patience(found) } else { found })
    },
};

/// The server takes an MCS message and never answers it.
pub(super) static MCS_STALL: Rule = Rule {
    id: "mcs.stall",
    needs: Signs::MCS,
    find: |scene| {
        let (last, waited) = open_question(scene)?;
        let patience = enough_silence(scene);
        // An Erect Domain alone is not answered, but no client stops behind it.
        if phase_of(scene, last) != Phase::Mcs || waited < patience {
            return None;
        }
        let headline = "the server takes the client's MCS message and never answers";
        let found = never_answered(scene, last, waited, headline)?;
        let has_logon = scene.session.selected().is_some_and(Protocols::has_nla);
        let passed = if has_logon { "TLS, the certificate, the logon: all of that was passed" } else { NEGOTIATED };
        Some(found.not_it("tls", passed))
    },
};

/// Whether the next word is the server's although it has the last one: it goes on behind licensing, and ends activation.
pub(super) fn goes_on_itself(scene: &Scene<'_>) -> bool {
    is_licensed(scene) || scene.shape.fonts || finalizes(scene)
}

/// The server takes Client Info, may be through with licensing, and makes no session.
pub(super) static SESSION_STALL: Rule = Rule {
    id: "rdp.activation-stall",
    needs: Signs::NONE,
    find: |scene| {
        if !ran(scene) {
            return None;
        }
        let went_on = went_on(scene);
        let (last, waited) = match open_question(scene) {
            // It can be counted that capabilities were the last that came, where nothing is missing.
            Some(open) if !went_on || !finalizes(scene) && !scene.session.lacks_packets() => open,
            None if !went_on => (scene.ending.last_word.filter(|_| is_licensed(scene))?, scene.ending.pause),
            _ => return None,
        };
        let leaves = scene.left_first(Direction::ClientToServer);
        let closes = scene.left_first(Direction::ServerToClient);
        let least = match (leaves, closes) {
            (true, _) => PATIENCE,
            (_, true) => SILENT_IN_LOGON,
            _ => SILENT,
        };
        if waited < least {
            return None;
        }
        let is_licensing = is_licensing(scene);
        let headline = match (went_on, is_licensing) {
            (true, _) => NEVER_FINISHES,
            (_, true) => "the server asks for a licence, takes the client's answer, and says no more",
            (_, false) => "the server takes Client Info and makes no session",
        };
        let found = if last.direction == Direction::ClientToServer {
            never_answered(scene, last, waited, headline)?
        } else {
            scene
                .died(Sure::Likely, headline)
                .at_noted(last, Direction::ServerToClient, "no capabilities follow")
                .because(
                    &[last.frame],
                    say!(
                        "frame {}: licensing is over, and {waited:.1} s pass without the server's capabilities",
                        number(last)
                    ),
                )
        };
        let found = match scene.ending.act.filter(|_| closes) {
            Some(act) => closes_late(found, act)
                .could_be("rdp.closed-after-info", "a refusal, over which it thought for so long"),
            None => found,
        };
        let may_be_licence = scene.shape.license == License::None && last.direction == Direction::ClientToServer;
        let found = match may_be_licence && !went_on {
            _ if is_licensing => {
                found.named("lic.network").means("a server that gives licences asks its licence server")
            }
            true => found.could_be("lic.network", "licensing: the server waits for its licence server"),
            false => found,
        };
        let found = found
            .could_be("rdp.session-creation", "the session cannot be made (profile, limits), and nothing says so")
            .not_it(
                "tls",
                if scene.shape.info { "the certificate, the logon: all of that was passed" } else { NEGOTIATED },
            );
        Some(if leaves { with_patience(found) } else { found })
    },
};
