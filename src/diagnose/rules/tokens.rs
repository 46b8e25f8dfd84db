//! Logons behind TLS without CredSSP: with what a redirection brought (RDSTLS), with a token of Entra ID (RDSAAD).
//!
//! Source: MS-RDPBCGR 2.2.17 and 5.4.5.3, 2.2.18 and 5.4.5.4.

use super::super::rule::{Found, Rule, Scene, number};
use super::super::shape::{Inferred, name};
use super::super::signs::Signs;
use super::super::verdict::Sure;
use super::super::wording::say;
use super::unanswered::enough_silence;
use crate::knowledge::negotiation::Protocols;
use crate::session::{Direction, Phase};

/// What follows within this time is an answer; seconds.
const PROMPT: f64 = 5.0;
/// A server that closes so soon instead of answering refuses: it may have asked others; seconds.
const ASKED_OTHERS: f64 = 30.0;

/// The server has the first word behind TLS, and says none.
pub(super) static NEVER_BEGINS: Rule = Rule {
    id: "nla.server-slow",
    needs: Signs::CONFIRM.and(Signs::SERVER_HELLO),
    find: |scene| {
        // The nonce of Entra ID is as long as a ticket.
        let is_ticket =
            |record: &Inferred| record.name == name::TICKET && scene.session.selected() == Some(Protocols::RDSTLS);
        let said = |record: &Inferred| {
            !is_ticket(record)
                && (record.phase > Phase::Tls || record.name == name::TICKET)
                && record.name != name::CLOSE_NOTIFY
        };
        if !scene.server_begins() || !scene.shape.established || scene.shape.records.iter().any(said) {
            return None;
        }
        let closes = scene.left_first(Direction::ServerToClient);
        let waited = scene.thought();
        let is_long = waited >= enough_silence(scene);
        let client = scene.session.client_side();
        let last = scene.shape.latest(name::FINISHED).and_then(|record| scene.event_of(record))?;
        if !is_long || closes || !client.all_acknowledged() {
            return None;
        }
        Some(
            scene
                .died(Sure::Likely, "the server, which has the first word behind TLS, says nothing")
                .at_noted(last, Direction::ServerToClient, "the server does not go on")
                .because(
                    &[last.frame],
                    say!(
                        "frame {}: TLS is up, and {waited:.1} s pass without the server's first message",
                        number(last)
                    ),
                )
                .could_be(
                    "tls.client-refuses",
                    "a question about the certificate on the client's screen, where it leaves by itself",
                )
                .not_it("path", "the network: the server acknowledged everything"),
        )
    },
};

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
    let result = scene.shape.first(result);
    let patience = if result.is_some() { PROMPT } else { ASKED_OTHERS };
    if scene.shape.mcs || scene.ending.pause > patience {
        return None;
    }
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
