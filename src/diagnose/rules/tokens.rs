//! Logons behind TLS without CredSSP: with what a redirection brought (RDSTLS), with a token of Entra ID (RDSAAD).
//!
//! Source: MS-RDPBCGR 2.2.17 and 5.4.5.3, 2.2.18 and 5.4.5.4.

use super::super::rule::{Found, Rule, Scene, number};
use super::super::shape::{Inferred, name};
use super::super::signs::Signs;
use super::super::verdict::Sure;
use super::super::wording::say;
use crate::knowledge::negotiation::Protocols;
use crate::session::Direction;

/// What follows within this time is an answer; seconds.
const PROMPT: f64 = 5.0;

/// The server does not take what the client logs on with, or the client has nothing.
pub(super) static REFUSED: Rule = Rule {
    id: "nla.rdstls-refused",
    needs: Signs::CONFIRM.and(Signs::CLOSED),
    find: |scene| {
        let shape = scene.shape;
        if let Some(request) = shape.first(name::RDSTLS_REQUEST) {
            let headline = "the server refused the redirected logon (RDSTLS)";
            return refused(scene, request, name::RDSTLS_RESULT, ("redirected credentials", headline));
        }
        let Some(token) = shape.first(name::ENTRA_TOKEN) else { return without_token(scene) };
        let headline = "the server refused the logon with Entra ID";
        let found = refused(scene, token, name::ENTRA_RESULT, ("token of Entra ID", headline))?;
        Some(found.named("nla.aad-refused"))
    },
};

/// The server's `result`, or its closing, answers the client's `request`, and no MCS follows.
fn refused(
    scene: &Scene<'_>,
    request: &Inferred,
    result: &'static str,
    (what, headline): (&'static str, &'static str),
) -> Option<Found> {
    let act = scene.ending.act?;
    if scene.shape.mcs || scene.ending.pause > PROMPT {
        return None;
    }
    let result = scene.shape.first(result);
    if result.is_none() && !scene.ended_by(Direction::ServerToClient) {
        return None;
    }
    let event = result.and_then(|record| scene.event_of(record)).unwrap_or(act);
    let asked = request.frame.number();
    let text = match result {
        Some(record) => format!(
            "frame {}: {} bytes answer the {what} of frame {asked}, and no MCS follows",
            number(event),
            record.plaintext.map_or_else(|| "some".into(), |length| length.to_string()),
        ),
        None => format!("frame {}: the server closes on the {what} of frame {asked}", number(event)),
    };
    Some(
        scene
            .died(Sure::Likely, headline)
            .at(event, Direction::ServerToClient)
            .because(&[event.frame, request.frame], text)
            .missing("the result code: it is encrypted")
            .not_it("tls", "the network, TLS, the certificate: all of that was passed"),
    )
}

/// Entra ID was agreed on, and the client leaves without a word behind TLS: it has no token for this server.
fn without_token(scene: &Scene<'_>) -> Option<Found> {
    let session = scene.session;
    let is_entra = session.selected() == Some(Protocols::RDSAAD) && scene.shape.established;
    if !is_entra || !scene.left_first(Direction::ClientToServer) || scene.crowd.went_further(scene.index).is_some() {
        return None;
    }
    let (confirm, _) = session.confirm()?;
    let act = scene.goodbye()?;
    Some(
        scene
            .died(Sure::Unsure, "the client leaves without having shown a token of Entra ID")
            .named("nla.aad-refused")
            .at(act, Direction::ClientToServer)
            .because(
                &[confirm.frame, act.frame],
                say!(
                    "frame {} selects the logon with Entra ID; TLS is up, and the client closes in frame {} without a word in it",
                    number(confirm),
                    number(act)
                ),
            )
            .means("the client fetches a token for this server from Entra ID at that moment, and seems to have got none")
            .could_be("cancelled", "the user cancelled the sign-in")
            .could_be("tls.client-refuses", "the client did not accept the server's certificate"),
    )
}
