//! How far the server came behind Client Info: licensing, capabilities, finalization, something to see.
//!
//! Source: MS-RDPBCGR 1.3.1.1. A licence may take one message or half a dozen, so none of them counts.

use super::super::rule::Scene;
use super::super::shape::{Inferred, License, name};
use crate::session::{Direction, Event, Phase, Seen, is_word};
use crate::wire::catalogue::Fact;
use crate::wire::licensing::LicensePdu;
use crate::wire::share::{FONT_MAP, SecurityKind, ShareKind};

/// Capabilities, Synchronize, Control twice, Font Map.
const SET_UP: usize = 5;

/// The same where capabilities were not recognised: one or the other may be taken for something else.
const BEGUN: usize = 3;

/// The same, and a picture or two: where messages are counted, one or the other may have been something else.
const SHOWN: usize = 8;

/// Records of a server that was joined late, behind one less: what came before nobody knows.
const AMID: usize = 3;

/// New License and Upgrade License (MS-RDPELE 2.2.2.6, 2.2.2.7).
const GRANTED: [u8; 2] = [3, 4];

/// What the server says as it goes.
const FAREWELLS: [&str; 3] = [name::ERROR_INFO, name::ULTIMATUM, name::CLOSE_NOTIFY];

/// The same, and what it says before its capabilities.
const BEFORE_OR_LAST: [&str; 8] = [
    name::LICENSE_REQUEST,
    name::LICENSE_NEXT,
    name::LICENSE_VALID,
    name::AUTO_DETECT,
    name::MULTITRANSPORT,
    name::ERROR_INFO,
    name::ULTIMATUM,
    name::CLOSE_NOTIFY,
];

/// Whether the session came as far as showing something.
pub(super) fn ran(scene: &Scene<'_>) -> bool {
    scene.shape.active || scene.shape.info || ran_in_clear(scene)
}

/// The same without TLS. What is no PDU of the connection sequence begins no session, whatever it looks like.
fn ran_in_clear(scene: &Scene<'_>) -> bool {
    let seen = scene.session.timeline.seen();
    let is_known =
        seen.has(Seen::SECURITY) || scene.session.confirm().is_none() || scene.session.server_hello().is_some();
    seen.has(Seen::in_phase(Phase::Rdp)) && is_known
}

/// What the server said behind Client Info, inside TLS by its shape.
pub(super) fn answers_inside<'s>(scene: &'s Scene<'_>) -> impl Iterator<Item = &'s Inferred> {
    let records = scene.shape.records.iter();
    records.filter(|record| record.phase == Phase::Rdp && record.direction == Direction::ServerToClient)
}

/// The same without TLS.
pub(super) fn answers_in_clear<'a>(scene: &Scene<'a>) -> impl Iterator<Item = &'a Event> {
    let events = scene.session.timeline.iter();
    events.filter(|event| event.phase == Phase::Rdp && event.direction == Direction::ServerToClient && is_word(event))
}

/// What the server said behind licensing, inside TLS.
fn behind_license_inside(scene: &Scene<'_>) -> usize {
    let answers = || answers_inside(scene);
    if scene.shape.demands > 0 {
        let behind = answers().skip_while(|record| record.name != name::DEMAND_ACTIVE);
        return behind.filter(|record| !FAREWELLS.contains(&record.name)).count();
    }
    let is_other = |record: &&Inferred| !BEFORE_OR_LAST.contains(&record.name);
    let is_one_of_them = scene.shape.license == License::None;
    answers().filter(is_other).count().saturating_sub(usize::from(is_one_of_them))
}

/// The same without TLS, where licensing can often be read.
fn behind_license_in_clear<'a>(scene: &Scene<'a>, until: impl Fn(&&'a Event) -> bool) -> usize {
    let (mut read, mut others) = (0_usize, 0_usize);
    let is_ultimatum = |event: &&Event| event.fact().is_some_and(Fact::is_ultimatum);
    for event in answers_in_clear(scene).take_while(until).filter(|event| !is_ultimatum(event)) {
        *if license(event).is_some() { &mut read } else { &mut others } += 1;
    }
    others.saturating_sub(usize::from(read == 0))
}

/// The licensing PDU that can be read in `event`.
pub(super) fn license(event: &Event) -> Option<&LicensePdu> {
    match event.fact()? {
        Fact::Security(pdu) => match &pdu.kind {
            SecurityKind::License(license) => Some(license),
            _ => None,
        },
        _ => None,
    }
}

fn is_font_map(event: &Event) -> bool {
    match event.fact() {
        Some(Fact::Security(pdu)) => match &pdu.kind {
            SecurityKind::Share(share) => matches!(share.kind, ShareKind::Data(FONT_MAP, _)),
            _ => false,
        },
        _ => false,
    }
}

fn behind_license(scene: &Scene<'_>) -> usize {
    match scene.shape.info {
        true => behind_license_inside(scene),
        false => behind_license_in_clear(scene, |_| true),
    }
}

/// Whether the server had said no more than its capabilities, without TLS, before `event`.
pub(super) fn is_early_in_clear(scene: &Scene<'_>, event: &Event) -> bool {
    let answers = || answers_in_clear(scene).take_while(|answer| answer.precedes(event));
    answers().next().is_some() && behind_license_in_clear(scene, |answer| answer.precedes(event)) <= 1
}

/// Whether the server went on behind licensing.
pub(super) fn went_on(scene: &Scene<'_>) -> bool {
    scene.shape.demands > 0 || behind_license(scene) > 0
}

/// Whether it said more than its capabilities.
pub(super) fn finalizes(scene: &Scene<'_>) -> bool {
    behind_license(scene) > 1
}

/// Whether it took the last step of activation, as far as that is seen or can be counted.
pub(super) fn is_set_up(scene: &Scene<'_>) -> bool {
    let shape = scene.shape;
    let is_inside = shape.active || shape.activated || shape.demands > 1;
    let least = if shape.info && shape.demands == 0 { BEGUN } else { SET_UP };
    is_inside || is_elided(scene) || behind_license(scene) >= least || shows_font_map(scene)
}

/// Whether the server said so much in it that there may have been something to see.
pub(super) fn showed(scene: &Scene<'_>) -> bool {
    match scene.shape.info {
        true => is_set_up(scene),
        false => scene.shape.active || showed_in_clear(scene) || answers_inside(scene).nth(AMID).is_some(),
    }
}

/// The same without TLS.
pub(super) fn showed_in_clear(scene: &Scene<'_>) -> bool {
    is_elided(scene) || behind_license_in_clear(scene, |_| true) >= SHOWN || shows_font_map(scene)
}

fn is_elided(scene: &Scene<'_>) -> bool {
    scene.session.timeline.elided().0.events > 0
}

fn shows_font_map(scene: &Scene<'_>) -> bool {
    scene.session.timeline.seen().has(Seen::SECURITY) && answers_in_clear(scene).any(is_font_map)
}

/// Whether the last that the server says of licensing in clear is that it is done.
pub(super) fn ends_licensing_in_clear(scene: &Scene<'_>) -> bool {
    answers_in_clear(scene).filter_map(license).last().is_some_and(ends_licensing)
}

/// "All is well", or a licence.
fn ends_licensing(pdu: &LicensePdu) -> bool {
    pdu.is_valid_client() || GRANTED.contains(&pdu.kind)
}

/// Whether the server asked for a licence, and has not said yet that all is well.
pub(super) fn is_licensing(scene: &Scene<'_>) -> bool {
    let asks = || answers_in_clear(scene).filter_map(license).last().is_some_and(|pdu| !ends_licensing(pdu));
    (scene.shape.license == License::Asked || asks()) && !went_on(scene) && !is_licensed(scene)
}

/// Whether the server said last that licensing is over, or gave a licence: then it owes the capabilities.
pub(super) fn is_licensed(scene: &Scene<'_>) -> bool {
    let Some(word) = scene.ending.last_word.filter(|word| word.direction == Direction::ServerToClient) else {
        return false;
    };
    if let Some(pdu) = license(word) {
        return ends_licensing(pdu);
    }
    matches!(scene.shape.license, License::Answered | License::Granted)
}
