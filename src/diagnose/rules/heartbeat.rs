//! The server's signs of life that stay away (MS-RDPBCGR 2.2.16.1): by their lengths and their even intervals alone.

use super::super::rule::{Found, Scene, number};
use super::super::shape::Inferred;
use super::super::verdict::{By, Sure};
use super::super::wording::say;
use crate::session::{Direction, Event, Phase};

/// Heartbeat with all its headers; FreeRDP writes a byte more.
const HEARTBEAT: std::ops::RangeInclusive<u16> = 22..=23;
/// So many in a row are no chance.
const IN_A_ROW: usize = 4;
/// Heartbeats that may be missing before anybody worries.
const MISSED: f64 = 2.0;
/// A client that draws its conclusion comes back within this time; seconds.
const COMES_BACK: f64 = 20.0;

/// The server's last words are heartbeats; they stay away, and the client leaves with `act` and comes back.
pub(super) fn heartbeat_lost(scene: &Scene<'_>, act: &Event) -> Option<Found> {
    let own = scene.shape.records.iter().rev().filter(|record| record.direction == Direction::ServerToClient);
    let is_beat = |record: &&Inferred| {
        record.phase == Phase::Rdp && record.plaintext.is_some_and(|length| HEARTBEAT.contains(&length))
    };
    let beats: Vec<&Event> = own.take_while(is_beat).take(IN_A_ROW).filter_map(|beat| scene.event_of(beat)).collect();
    let [last, .., first] = *beats.as_slice() else { return None };
    let period = last.time.since(first.time) / (IN_A_ROW - 1) as f64;
    let is_even = beats.windows(2).all(|two| (two[0].time.since(two[1].time) - period).abs() <= 0.1 * period);
    let silent = act.time.since(last.time);
    if beats.len() < IN_A_ROW || !is_even || silent < (MISSED + 1.0) * period {
        return None;
    }
    let session = scene.session;
    let mut later = scene.crowd.fates.began_after(session.server.ip, act.time, COMES_BACK);
    let again = later.find(|other| other.client.ip == session.client.ip && other.server == session.server)?;
    let found = scene
        .died(Sure::Likely, say!("the server's signs of life, every {period:.0} s, stay away, and the client connects anew"))
        .named("end.heartbeat-lost")
        .at_noted(last, By::Network, "the last heartbeat")
        .because(
            &beats.iter().rev().map(|beat| beat.frame).collect::<Vec<_>>(),
            say!(
                "frame {}: the last of the server's records that are as long as a heartbeat, {period:.1} s apart; then nothing for {silent:.1} s",
                number(last)
            ),
        )
        .because(
            &[act.frame, again.first.frame],
            say!(
                "frame {}: the client closes without a goodbye; session #{}: it is back {:.1} s later",
                number(act),
                again.id.0,
                again.first.time.since(act.time)
            ),
        );
    // Only the service is silent then, not the machine.
    let alive = session.server_side().last_alive().filter(|alive| alive.time > last.time);
    let found = match alive {
        Some(alive) => found
            .because(
                &[alive.frame],
                say!("frame {}: the server's system still answers; its RDP service says nothing", alive.frame.number()),
            )
            .could_be("host", "the RDP service, or the whole server, was too busy or hung"),
        None => found.could_be("path", "a VPN, Wi-Fi or firewall that lost the connection without a word"),
    };
    Some(found.could_be("end.client-died", "the user closed the client, and started it again"))
}
