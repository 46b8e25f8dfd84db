//! Handshake messages that come in several packets, and devices or servers that want them in one.

use super::super::rule::{Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::{By, Sure};
use super::super::wording::say;
use crate::frame::FrameNumber;
use crate::session::{Direction, Event, EventKind};
use crate::tcp::stream::Mark;
use crate::wire::catalogue::Fact;
use crate::wire::tls_handshake::HandshakeType;

/// How long the rest of a ClientHello may take; seconds.
const PATIENCE: f64 = 3.0;

/// A ClientHello of which the server has acknowledged only the first packets.
struct Split {
    begun: Mark,
    /// Stream offset behind its last byte.
    end: u64,
    /// Bytes in all, record header included, and how many the server has.
    length: u64,
    heard: u64,
    /// The frame that would complete it, if it was captured.
    rest: Option<FrameNumber>,
}

fn split(scene: &Scene<'_>) -> Option<Split> {
    let session = scene.session;
    let side = session.client_side();
    if side.cut > 0 || side.uncaptured > 0 || session.server_hello().is_some() || session.is_midstream() {
        return None;
    }
    let whole = session.client_hello().map(|(event, _)| {
        let first = session.timeline.iter().find(|other| other.frame == event.first_frame);
        let begun =
            Mark { frame: event.first_frame, time: first.map_or(event.time, |first| first.time), ..event.mark() };
        (begun, event.stream_offset.saturating_sub(5), u64::from(event.length) + 5, Some(event))
    });
    let half = session.unfinished(Direction::ClientToServer).filter(|half| half.is_client_hello);
    let (begun, offset, length, event) =
        whole.or_else(|| half.map(|half| (half.begun, half.offset, half.need, None)))?;
    let heard = side.acknowledged.saturating_sub(offset);
    // What the network card cuts into packets was captured before that, in one piece.
    let is_one = event.is_some_and(|event| event.first_frame == event.frame) && !side.habit.is_oversized;
    if heard == 0 || heard >= length || is_one {
        return None;
    }
    Some(Split { begun, end: offset + length, length, heard, rest: event.map(|event| event.frame) })
}

/// Whether the server had the whole message when it closed, or may have had it: a reset acknowledges as well, and one
/// without the ACK flag does not say how much.
fn has_all(scene: &Scene<'_>, act: &Event, split: &Split) -> bool {
    let reset = scene.session.resets().find(|(event, _)| event.frame == act.frame);
    reset.is_some_and(|(_, facts)| facts.acknowledges.is_none_or(|offset| offset >= split.end.cast_signed()))
}

/// The first packet of a long ClientHello passes, the second does not.
pub(super) static HELLO_SPLIT_DROP: Rule = Rule {
    id: "tls.hello-split-drop",
    needs: Signs::NO_SERVER_HELLO,
    find: |scene| {
        let session = scene.session;
        let split = split(scene)?;
        let again = session.client_side().repeat().filter(|repeat| repeat.count >= 2);
        let reset =
            scene.ending.act.filter(|act| scene.ended_by(Direction::ServerToClient) && !has_all(scene, act, &split));
        if reset.is_none() && scene.ended_by(Direction::ServerToClient) {
            return None;
        }
        let waited = scene.ending.act.map_or(session.capture_end, |act| act.time).since(split.begun.time);
        if again.is_none() && reset.is_none() && (split.rest.is_some() || waited < PATIENCE) {
            return None;
        }
        let smaller = scene.crowd.fates.smaller_hello(session.client.ip, split.length);
        let sure = if smaller.is_some() { Sure::Strong } else { Sure::Likely };
        let headline =
            say!("the ClientHello ({} bytes) is too long for one packet, and its rest is lost", split.length);
        let phase = crate::session::Phase::Tls;
        let mut found = scene.died(sure, headline).because(
            &[split.begun.frame],
            say!(
                "the server has {} of {} bytes of the ClientHello that begins in frame {}, never more",
                split.heard,
                split.length,
                split.begun.frame.number()
            ),
        );
        found = match (reset, again, split.rest) {
            (Some(act), _, _) => found
                .at_mark(act.mark(), phase, By::Network, "")
                .because(&[act.frame], say!("frame {}: the server's end closes before it has the rest", number(act))),
            (_, Some(repeat), _) => {
                found.at_mark(repeat.original, phase, By::Network, "it never gets through").because(
                    &[repeat.original.frame, repeat.last.frame],
                    say!("the rest is sent {} times, never acknowledged", repeat.count + 1),
                )
            }
            _ => found
                .at_mark(split.begun, phase, By::Network, "its rest never comes")
                .because(&[split.begun.frame, session.last.frame], say!("the rest does not arrive in {waited:.1} s")),
        };
        if let Some((length, fate)) = smaller {
            let text =
                say!("session #{}: with a ClientHello of {length} bytes the same client gets through", fate.id.0);
            found = found.because(&[fate.first.frame], text);
        }
        Some(
            found
                .means("a device on the way takes the ClientHello for a single packet; key shares against quantum computers make it longer than one")
                .could_be("path.loss", "the same packet lost several times in a row")
                .not_it("tls.server-silent-close", "the server's certificate and key: it never had the whole question"),
        )
    },
};

/// MS-RDPBCGR note 57: Windows expects ClientKeyExchange, ChangeCipherSpec and Finished together.
pub(super) static CLIENT_FLIGHT_SPLIT: Rule = Rule {
    id: "tls.client-flight-split",
    needs: Signs::SERVER_HELLO.and(Signs::SERVER_CLOSES).and(Signs::HANDSHAKE),
    find: |scene| {
        let session = scene.session;
        let act = scene.ending.act.filter(|_| scene.ended_by(Direction::ServerToClient))?;
        session.server_hello()?;
        let finished = |direction| {
            session.timeline.iter().any(|event| {
                event.direction == direction
                    && matches!(event.kind, EventKind::Encrypted { .. } | EventKind::Message(Fact::ChangeCipherSpec))
            })
        };
        let exchange = session.timeline.iter().find(|event| {
            event.direction == Direction::ClientToServer
                && matches!(event.fact(), Some(Fact::Handshake(message)) if message.kind == HandshakeType::CLIENT_KEY_EXCHANGE)
        })?;
        let last: &Event = session.last_word(Direction::ClientToServer)?;
        let is_split = last.frame != exchange.frame;
        if !is_split || !finished(Direction::ClientToServer) || finished(Direction::ServerToClient) {
            return None;
        }
        Some(
            scene
                .died(Sure::Unsure, "the server closes on the client's part of the handshake, which came in pieces")
                .at(act, Direction::ServerToClient)
                .because(
                    &[exchange.frame, last.frame],
                    say!(
                        "frames {} to {}: ClientKeyExchange and Finished are not in one packet",
                        number(exchange),
                        number(last)
                    ),
                )
                .because(&[act.frame], say!("frame {}: the server closes without its Finished", number(act)))
                .means("Windows expects the three messages together")
                .missing("the reason: the server said nothing")
                .could_be("tls.cert-key-mismatch", "the server could not use its key"),
        )
    },
};
