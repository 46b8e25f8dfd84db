//! Licensing errors that are spoken in clear, under standard RDP security.

use super::super::rule::{Rule, number};
use super::super::signs::Signs;
use super::super::verdict::Sure;
use super::super::wording::say;
use crate::wire::describe::Describe;

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

/// A licence error that is no "all is well", and behind which the server does not set the session up all the same.
pub(super) static LICENSE_ERROR: Rule = Rule {
    id: "lic.refused",
    needs: Signs::SECURITY,
    find: |scene| {
        let (event, pdu, code) = scene.session.license_error()?;
        if scene.session.goes_on_behind(event) {
            return None;
        }
        let who = event.direction.speaker();
        Some(
            scene
                .died(Sure::Proven, say!("licensing fails: {code}"))
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
