//! Licensing errors that are spoken in clear, under standard RDP security; and clients that leave before a session begins.

use super::super::rule::{Rule, Scene, number};
use super::super::shape::{Inferred, License, name};
use super::super::signs::Signs;
use super::super::verdict::Sure;
use super::super::wording::{say, span};
use super::setup::{is_set_up, ran};
use crate::knowledge::licensing::LicenseTransition;
use crate::session::Direction;
use crate::wire::describe::Describe;
use crate::wire::licensing::{LicenseBody, LicensePdu};

/// A licensing error with its headers inside TLS; FreeRDP writes one byte more.
const ERROR: std::ops::RangeInclusive<u16> = 34..=35;

/// An error that asks for another try has been left alone when so much time has passed; seconds.
const LEFT_ALONE: f64 = 10.0;

/// The cause that a licensing error states (MS-RDPBCGR 2.2.1.12.1.3).
const fn cause(code: u32) -> &'static str {
    match code {
        1 | 2 => "lic.client-store",
        3 => "lic.mac",
        6 => "lic.no-server",
        8 => "lic.invalid-client",
        _ => "lic.refused",
    }
}

const fn transition(pdu: &LicensePdu) -> Option<LicenseTransition> {
    match pdu.body {
        LicenseBody::Error { transition, .. } => Some(transition),
        _ => None,
    }
}

/// A licence error that is no "all is well", and behind which the server does not set the session up all the same.
pub(super) static LICENSE_ERROR: Rule = Rule {
    id: "lic.refused",
    needs: Signs::SECURITY,
    find: |scene| {
        let (event, pdu, code) = scene.session.license_error()?;
        if scene.session.goes_on_behind(event) {
            return None;
        }
        // Only ST_TOTAL_ABORT says that it is over; the others ask for the same again, or for nothing.
        let is_over = scene.ending.act.is_some() || transition(pdu) == Some(LicenseTransition::TOTAL_ABORT);
        if !is_over && scene.ending.pause < LEFT_ALONE {
            return None;
        }
        let who = event.direction.speaker();
        Some(
            scene
                .died(if is_over { Sure::Proven } else { Sure::Likely }, say!("licensing fails: {code}"))
                .named(cause(code.0))
                .at(event, event.direction)
                .because(
                    &[event.frame],
                    say!("frame {} is the {who}'s own licensing error: {}", number(event), pdu.summary()),
                )
                .not_it("tls", "the network, the security negotiation: all of that was passed"),
        )
    },
};

/// The client's licensing error by its length: the last that it says when it was asked for a licence.
fn error_of_client<'s>(scene: &'s Scene<'_>) -> Option<&'s Inferred> {
    let mut own = scene.shape.records.iter().rev().filter(|record| record.direction == Direction::ClientToServer);
    let last = own.find(|record| !matches!(record.name, name::CLOSE_NOTIFY | name::ULTIMATUM))?;
    let is_error = last.plaintext.is_some_and(|length| ERROR.contains(&length));
    (scene.shape.license == License::Asked && is_error).then_some(last)
}

/// The client leaves behind Client Info, before the server has shown anything.
pub(super) static CLIENT_LEAVES: Rule = Rule {
    id: "end.unexplained",
    needs: Signs::CLIENT_CLOSES,
    find: |scene| {
        let shape = scene.shape;
        let act = scene.ending.act.filter(|_| ran(scene) && scene.ended_by(Direction::ClientToServer))?;
        let is_inside = shape.established && !shape.info;
        if is_inside || is_set_up(scene) || scene.session.is_midstream() {
            return None;
        }
        let pause = span(scene.ending.pause);
        let found = match error_of_client(scene) {
            Some(record) => scene
                .died(Sure::Likely, "the client answers the server's licence request with an error, and leaves")
                .named("lic.client-store")
                .because(
                    &[record.frame],
                    say!("frame {}: the client's last word is as long as a licensing error", record.frame.number()),
                ),
            None => scene
                .died(Sure::Unsure, "the client leaves before the session begins, for no visible reason")
                .by_absence(),
        };
        let found = found.at(act, Direction::ClientToServer).because(
            &[act.frame],
            say!("frame {}: the client closes {pause} after the last word, and no session was set up yet", number(act)),
        );
        let found = match shape.license {
            License::Asked if found.id.is_none() => {
                found.could_be("lic.client-store", "the client cannot use the licences that it keeps")
            }
            _ => found,
        };
        let has_answered = shape.first(name::LICENSE_ANSWER).is_some() || error_of_client(scene).is_some();
        let found = match shape.demands > 0 || (shape.license == License::Asked && !has_answered) {
            true => found.could_be("redirect", "the server sent the client on: a redirection comes in this place"),
            false => found,
        };
        Some(
            found
                .could_be("cancelled", "the user closed the window at that moment")
                .not_it("end.server-reset", "the server: it did not close first"),
        )
    },
};
