//! The packet as it nearly always is: in order, nothing lost, nothing new in its header. It does what [`Conversation::push`]
//! would do, and no more; least of all where its payload is only a further part of a protected record.

use super::conversation::Conversation;
use crate::dissect::CertificateStore;
use crate::session::Direction;
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::stream::Mark;

/// Flags that always mean something.
pub(super) const TELLING: u8 = Flags::FIN | Flags::SYN | Flags::RST;

impl Conversation {
    /// Whether `segment`, no copy of another one, is such a packet.
    #[inline]
    pub(super) fn is_plain(&self, segment: &Segment<'_>, direction: Direction, mark: Mark) -> bool {
        #[cfg(test)]
        if tests::IS_THOROUGH.get() {
            return false;
        }
        let (own, other) = (direction.index(), direction.reverse().index());
        let mss = self.session.sides[other].options.mss;
        segment.flags.0 & (TELLING | Flags::ACK) == Flags::ACK
            && self.session.accepted.is_some()
            // The server's first acknowledgment of data measures the path.
            && (direction == Direction::ClientToServer || self.session.sides[other].acknowledged > 0)
            && self.watch.is_usual(mark)
            && self.streams[own].is_next(segment)
            && self.streams[other].is_untouched_by(self.streams[other].offset_of(segment.acknowledgment))
            && self.session.sides[own].is_usual(segment, self.streams[own].delivered())
            && self.session.sides[other].in_vain().is_none()
            && mss.is_none_or(|mss| segment.length <= u32::from(mss))
    }

    /// Takes it in; answers whether it did more than move counters on.
    #[inline]
    pub(super) fn go_on(
        &mut self,
        segment: &Segment<'_>,
        direction: Direction,
        mark: Mark,
        certificates: &mut CertificateStore,
    ) -> bool {
        #[cfg(test)]
        tests::count();
        let (own, other) = (direction.index(), direction.reverse().index());
        self.watch.go_on(direction, segment.length, mark);
        let acknowledged = self.streams[other].offset_of(segment.acknowledgment);
        self.session.sides[other].note_acknowledgment(&mut self.latest[other], acknowledged, mark);
        if segment.has_sack() {
            self.note_sack(segment, other, mark);
        }
        self.streams[other].note_acknowledgment(acknowledged, mark);
        self.windows[own] = u32::from(segment.window) << self.session.sides[own].options.window_scale.unwrap_or(0);
        let offset = self.streams[own].delivered().cast_signed();
        let passes = segment.length == 0 || self.dissector.passes(direction, segment.length);
        if passes {
            self.streams[own].pass(segment.length);
            self.dissector.pass(direction, segment.length);
        } else {
            let mut reader = self.dissector.reader(direction, &mut self.session, certificates);
            self.streams[own].feed_next(segment, mark, &mut reader);
        }
        self.session.sides[own].note_usual(&mut self.latest[own], segment, offset, mark);
        !passes
    }
}

#[cfg(test)]
mod tests;
