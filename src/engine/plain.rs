//! The packet as it nearly always is in a session that runs: in order, nothing lost, nothing new in its header, its payload
//! a further part of a protected record. It does what [`Conversation::push`] would do, and no more.

use super::conversation::Conversation;
use crate::session::Direction;
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::stream::Mark;

/// Flags that always mean something.
const TELLING: u8 = Flags::FIN | Flags::SYN | Flags::RST;

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
            // The first acknowledgment of data measures the path.
            && self.session.sides[other].acknowledged > 0
            && self.watch.is_usual(mark)
            && self.streams[own].is_next(segment)
            && self.streams[other].is_flowing()
            && self.session.sides[own].is_usual(segment, self.streams[own].delivered())
            && (segment.length == 0 || self.dissector.passes(direction, segment.length))
            && mss.is_none_or(|mss| segment.length <= u32::from(mss))
    }

    /// Takes it in.
    #[inline]
    pub(super) fn go_on(&mut self, segment: &Segment<'_>, direction: Direction, mark: Mark) {
        #[cfg(test)]
        tests::count();
        let (own, other) = (direction.index(), direction.reverse().index());
        self.watch.go_on(direction, segment.length, mark);
        let acknowledged = self.streams[other].offset_of(segment.acknowledgment);
        self.session.sides[other].note_acknowledgment(&mut self.latest[other], acknowledged, mark);
        self.streams[other].note_acknowledgment(acknowledged, mark);
        self.windows[own] = u32::from(segment.window) << self.session.sides[own].options.window_scale.unwrap_or(0);
        let offset = self.streams[own].pass(segment.length);
        if segment.length > 0 {
            self.dissector.pass(direction, segment.length);
        }
        self.session.sides[own].note_usual(&mut self.latest[own], segment, offset, mark);
    }
}

#[cfg(test)]
mod tests;
