//! A server that asks the client for a certificate, which RDP servers do not do (MS-CSSP 3.1.5).

use super::super::rule::{Rule, Scene, number};
use super::super::shape::name;
use super::super::signs::Signs;
use super::super::verdict::Sure;
use super::super::wording::say;
use super::tls_choice::has_objection;
use crate::session::{Direction, Phase};
use crate::wire::catalogue::Fact;
use crate::wire::describe::Describe;
use crate::wire::tls_handshake::HandshakeType;

/// Alerts by which a server refuses the client's certificate, or its lack of one, or a client says that it has none: 40 to
/// 46, 48, 49, 116 (RFC 5246 7.2.2, RFC 8446 6.2).
const fn may_be_about_client(description: u8) -> bool {
    matches!(description, 40..=46 | 48 | 49 | 116)
}

/// The client has no certificate, or not the right one.
pub(super) static CLIENT_CERT_ASKED: Rule = Rule {
    id: "tls.client-cert-asked",
    needs: Signs::FATAL.and(Signs::HANDSHAKE),
    find: |scene: &Scene<'_>| {
        let session = scene.session;
        let (asked, _) = session.timeline.facts().find(|(event, fact)| {
            event.direction == Direction::ServerToClient
                && matches!(fact, Fact::Handshake(message) if message.kind == HandshakeType::CERTIFICATE_REQUEST)
        })?;
        let (event, alert) = scene.fatal?;
        if !may_be_about_client(alert.description) {
            return None;
        }
        // A client's own complaint is about the server's certificate, unless it says "handshake_failure", and that may as
        // well be about what the server chose.
        let is_own = matches!(alert.description, 40 | 41) && !has_objection(session);
        if event.direction == Direction::ClientToServer && !is_own {
            return None;
        }
        let who = event.direction.speaker();
        Some(
            scene
                .died(Sure::Strong, "the server wants a certificate of the client, which has none to its liking")
                .at(event, event.direction)
                .because(&[asked.frame], say!("frame {}: the server asks for a certificate", number(asked)))
                .because(&[event.frame], say!("frame {} is the {who}'s own alert: {}", number(event), alert.summary()))
                .means("RDP servers do not ask for one; a gateway, a proxy or another service in front of it does")
                .witness(asked, "")
                .not_it("path", "the network: both sides were heard to the end"),
        )
    },
};

/// A Certificate message without a certificate: 4 header + 1 context + 3 list (RFC 8446 4.4.2).
const NO_CERTIFICATE: u16 = 8;

/// The same inside TLS 1.3: the client shows what it has before its Finished, and the server leaves.
pub(super) static CLIENT_CERT_HIDDEN: Rule = Rule {
    id: "tls.client-cert-asked",
    needs: Signs::SERVER_HELLO.and(Signs::CLOSED),
    find: |scene: &Scene<'_>| {
        // What its sizes stand for is known from the ServerHello.
        scene.session.server_hello()?;
        let shown = scene.shape.first(name::CERTIFICATE)?;
        let (from, to) = (Direction::ClientToServer, Direction::ServerToClient);
        let answered = scene
            .shape
            .records
            .iter()
            .any(|record| record.direction == to && record.phase > Phase::Tls && record.name != name::CLOSE_NOTIFY);
        if shown.direction != from || answered || !scene.left_first(to) {
            return None;
        }
        let goodbye = scene.goodbye()?;
        let what = match shown.plaintext {
            Some(NO_CERTIFICATE) => "a Certificate message with none in it",
            _ => "a Certificate message",
        };
        Some(
            scene
                .died(Sure::Likely, "the server wants a certificate of the client, and does not like what it gets")
                .at(goodbye, to)
                .because(
                    &[shown.frame],
                    say!(
                        "frame {}: a record before the client's Finished: {what}, which a client only sends when asked",
                        shown.frame.number()
                    ),
                )
                .because(&[goodbye.frame], say!("frame {}: the server answers by leaving", number(goodbye)))
                .means("RDP servers do not ask for one; a gateway, a proxy or another service in front of it does")
                .missing("which complaint: TLS 1.3 hides the alert")
                .not_it("path", "the network: both sides were heard to the end"),
        )
    },
};
