//! Goodbyes by their sizes. A Disconnect Provider Ultimatum has nine bytes, and so have a mouse that moves and a pointer that
//! is moved: what tells them apart is what comes next.
//!
//! Source: MS-RDPBCGR 1.3.1.4, 2.2.5.1, 2.2.3.1, 2.2.8.1.2.2.3 (one event, with its header), 2.2.9.1.2.1.4.

use super::name;
use super::reader::Reader;
use super::size::Size;
use crate::session::{Control, Direction, Event, EventKind};
use crate::wire::tls_record::ContentType;

/// Who says goodbye closes so soon: mstsc within a millisecond, others when their TLS is closed too; seconds.
const AT_ONCE: f64 = 0.05;
/// Who is said goodbye to hangs up so soon, the way apart; seconds.
const HANGS_UP: f64 = 0.5;

impl Reader {
    /// The ultimatum that ends it, and Set Error Info some records before it.
    pub(super) fn farewell(&self, event: &Event, size: Size, later: &[&Event]) -> Option<(&'static str, bool)> {
        let is_server = event.direction == Direction::ServerToClient;
        // Nearly every record is refused by its size; what follows is looked at for the others.
        if !(size.is(9, 9) || (is_server && (size.is(36, 37) || size.is(26, 30)))) {
            return None;
        }
        if size.is(9, 9) {
            return self.ultimatum(event, later);
        }
        let rest: Vec<Size> = self.sizes_of(later, event.direction).take(8).collect();
        // A close_notify may follow the ultimatum.
        if !rest.iter().rev().take(2).any(|last| last.is(9, 9)) {
            return None;
        }
        match rest.len() {
            0..=6 if size.is(36, 37) => Some((name::ERROR_INFO, false)),
            0..=2 if size.is(26, 30) => Some((name::DEACTIVATE_ALL, false)),
            _ => None,
        }
    }

    /// Whether a record of nine bytes is the ultimatum: its side says no more but close_notify, and the connection is closed
    /// behind it. Where its side wrote others of nine bytes before, it may also be one more of those.
    fn ultimatum(&self, event: &Event, later: &[&Event]) -> Option<(&'static str, bool)> {
        let own = |other: &&&Event| other.direction == event.direction && other.encrypted().is_some();
        if !later.iter().filter(own).all(|other| self.closes_tls(other)) {
            return None;
        }
        if event.direction == Direction::ServerToClient && self.is_spelled_out() && !self.is_unheeded(event, later) {
            return Some((name::ULTIMATUM, true));
        }
        let is_end = |other: &&&Event| {
            matches!(other.control(), Some(Control::Fin | Control::Rst(_)))
                || (other.direction == event.direction && self.closes_tls(other))
        };
        let end = later.iter().find(is_end)?;
        let waited = end.time.since(event.time);
        let before = || self.shape.records.iter().rev().filter(|record| record.direction == event.direction);
        let sizes = || before().filter_map(|record| record.plaintext);
        let is_announced = event.direction == Direction::ServerToClient
            && sizes().take(4).any(|size| matches!(size, 26..=30 | 36..=37));
        let is_alone = !sizes().any(|size| size == 9);
        let is_meant = match end.direction == event.direction {
            true => waited <= AT_ONCE,
            false => waited <= self.way + if is_alone { HANGS_UP } else { AT_ONCE } && (is_alone || is_announced),
        };
        is_meant.then_some((name::ULTIMATUM, is_alone || is_announced))
    }

    /// Whether the server's last records are as long as Set Error Info and Deactivate All: then it ends the session, however
    /// long the client takes to close.
    fn is_spelled_out(&self) -> bool {
        let own = self.shape.records.iter().rev().filter(|record| record.direction == Direction::ServerToClient);
        let mut sizes = own.take(3).map(|record| record.plaintext.unwrap_or_default());
        sizes.next().is_some_and(|size| matches!(size, 26..=30)) && sizes.any(|size| matches!(size, 36..=37))
    }

    /// Whether the other side goes on talking, as nobody does who was said goodbye to.
    fn is_unheeded(&self, event: &Event, later: &[&Event]) -> bool {
        let is_late = |other: &Event| other.time.since(event.time) > self.way + HANGS_UP;
        later.iter().any(|other| {
            other.direction != event.direction
                && other.encrypted().is_some()
                && !self.closes_tls(other)
                && is_late(other)
        })
    }

    /// Whether `event` can only be close_notify.
    fn closes_tls(&self, event: &Event) -> bool {
        let EventKind::Encrypted { content_type, length } = event.kind else { return false };
        content_type == ContentType::ALERT || self.is_hidden_alert(self.size(length))
    }
}
