//! Packets too large for the path: those that vanish, and those that a router complains about.

use super::super::reached::phase_of_mark;
use super::super::rule::{Found, Remedy, Rule, Scene, number};
use super::super::verdict::{By, Sure};
use crate::session::{Control, Direction, Event};
use crate::tcp::segment::IcmpError;
use crate::tcp::side::Repeat;

/// Large packets vanish, small ones pass.
pub(super) static MTU_BLACK_HOLE: Rule = Rule {
    id: "path.mtu-black-hole",
    title: "full-size packets vanish on the way while small ones pass",
    find: |scene| sent_into_hole(scene).or_else(|| hole_received(scene)),
    remedies: &[
        Remedy::new(
            "path",
            "allow ICMP type 3 code 4 (IPv6: type 2) towards {server}, or clamp the MSS on the VPN gateway to 1360",
        ),
        Remedy::with(
            "client",
            "as a test, lower the MTU on the client",
            r#"netsh interface ipv4 set subinterface "Ethernet" mtu=1350 store=active"#,
        ),
    ],
    next: &[Remedy::with("client", "find the size that still passes", "ping -f -l 1372 {server}")],
};

/// Seen near the sender: the same large packet again and again, the smaller ones acknowledged.
fn sent_into_hole(scene: &Scene<'_>) -> Option<Found> {
    let session = scene.session;
    for direction in [Direction::ServerToClient, Direction::ClientToServer] {
        let side = session.side(direction);
        let Some(repeat) = side.repeat else { continue };
        let passed = side.longest_acknowledged;
        if repeat.count < 3 || repeat.ip_length < 1000 || repeat.ip_length <= passed || icmp_too_big(scene) {
            continue;
        }
        let who = direction.speaker();
        let event = session.timeline.iter().find(|event| event.frame == repeat.original.frame)?;
        return Some(
            Found::died(Sure::Strong, format!("full-size packets from the {who} vanish on the way"))
                .at_mark(repeat.original, event.phase, By::Network, "it never gets through")
                .because(
                    &[repeat.original.frame, repeat.last.frame],
                    format!(
                        "a packet of {} bytes sent {} times, never acknowledged",
                        repeat.ip_length,
                        repeat.count + 1
                    ),
                )
                .because(
                    &[side.longest_acknowledged_by.map_or(session.first.frame, |mark| mark.frame)],
                    format!("packets up to {passed} bytes were acknowledged"),
                )
                .because(
                    &[repeat.original.frame],
                    if repeat.dont_fragment {
                        "it carries DF (do not fragment), so a router with a smaller MTU must drop it"
                    } else {
                        "no ICMP \"fragmentation needed\" came back"
                    },
                )
                .missing(format!(
                    "where it happens; the limit lies between {} and {} bytes",
                    passed.max(576),
                    repeat.ip_length
                ))
                .not_it("tls", "the certificate, the password: the packets that carry them do not arrive"),
        );
    }
    None
}

/// Seen near the receiver: a hole that stays, and smaller packets behind it.
fn hole_received(scene: &Scene<'_>) -> Option<Found> {
    let session = scene.session;
    for direction in [Direction::ServerToClient, Direction::ClientToServer] {
        let Some((offset, behind)) = session.holes[direction.index()] else { continue };
        let side = session.side(direction);
        let waited = session.last.time.since(behind.time);
        let other = session.side(direction.reverse());
        let mss = u64::from(other.options.mss.or(side.options.mss).unwrap_or(1460));
        let tail = side.sent.saturating_sub(offset);
        if waited < 3.0 || side.acknowledged >= offset || tail >= mss || icmp_too_big(scene) {
            continue;
        }
        let who = direction.speaker();
        return Some(
            Found::died(Sure::Likely, format!("full-size packets from the {who} vanish on the way"))
                .at_mark(
                    behind,
                    phase_of_mark(session, behind),
                    By::Network,
                    "the packet before it never arrived",
                )
                .because(
                    &[behind.frame],
                    format!(
                        "frame {}: a packet of {tail} bytes arrived, but what the {who} sent before it never did",
                        behind.frame.number()
                    ),
                )
                .because(
                    &[behind.frame, session.last.frame],
                    format!("the hole was not filled in {waited:.1} s, though smaller packets pass"),
                )
                .could_be("path.loss", "the same packet lost several times in a row")
                .not_it("tls", "the certificate, the password: the packets that carry them do not arrive"),
        );
    }
    None
}

fn icmp_too_big(scene: &Scene<'_>) -> bool {
    scene
        .session
        .timeline
        .iter()
        .any(|event| matches!(event.control(), Some(Control::Icmp(error)) if error.mtu.is_some()))
}

