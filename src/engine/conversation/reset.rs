//! A reset: what it says, and whether its receiver had to believe it.

use super::{Conversation, WINDOW, is_noted};
use crate::dissect::phase_now;
use crate::session::{Control, Direction, Phase, RstFacts};
use crate::tcp::segment::{Options, Segment};
use crate::tcp::stream::Mark;

impl Conversation {
    /// A SYN of another connection on the ports of this one, which lives: it says nothing of this one's bytes, nor that its
    /// sender still knows of it.
    #[cold]
    pub(super) fn note_rival(&mut self, segment: &Segment<'_>, direction: Direction, mark: Mark) {
        self.session.sides[direction.index()].note_frame(segment.net.ttl, mark);
        if is_noted(&mut self.acts.syns) {
            self.act(Phase::Tcp, Control::SynAgain, direction, mark);
        }
    }

    /// A reset changes nothing that was read; whether its receiver had to believe it is noted.
    pub(super) fn reset(&mut self, segment: &Segment<'_>, direction: Direction, mark: Mark) {
        let index = direction.index();
        let side = &mut self.session.sides[index];
        side.note_frame(segment.net.ttl, mark);
        let distance = self.streams[index].distance_to(segment.sequence);
        let in_window = self.may_reset(segment, direction, distance);
        let ahead = distance > 0 && distance <= i64::from(self.windows[direction.reverse().index()].max(WINDOW));
        // The first one that has to be believed is the end, however many were forged before it.
        let is_end = in_window && !self.reset;
        self.reset |= in_window;
        self.session.sides[direction.reverse().index()].is_over |= in_window;
        if !is_noted(&mut self.acts.resets) && !is_end {
            return;
        }
        let heard = &mut self.streams[direction.reverse().index()];
        let beyond = heard.distance_to(segment.acknowledgment);
        let acknowledges =
            (segment.flags.ack() && heard.is_anchored()).then(|| heard.offset_of(segment.acknowledgment));
        // What it acknowledges and nobody saw is missing here; further on it makes no sense.
        if let Some(acknowledged) = acknowledges.filter(|_| in_window && (0..=i64::from(WINDOW)).contains(&beyond)) {
            heard.note_acknowledgment(acknowledged, mark);
        }
        let has_timestamp = Options::read(segment.options).timestamp.is_some();
        let own = &self.session.sides[index];
        let place = self.streams[index].offset_of(segment.sequence);
        let facts = RstFacts {
            ttl: segment.net.ttl,
            id: segment.net.id,
            window: segment.window,
            has_ack: segment.flags.ack(),
            has_timestamp,
            in_window,
            ahead,
            distance,
            place,
            echoes: place == own.acknowledged.cast_signed(),
            acknowledges,
            stray_id: own.habit.breaks_series(segment.net.id),
            lacks_timestamp: own.habit.is_stamped() && !has_timestamp,
        };
        let phase = phase_now(&self.session);
        self.act(phase, Control::Rst(Box::new(facts)), direction, mark);
    }

    /// RFC 9293 3.10.7: an answer to a SYN must acknowledge it; later the sequence number must lie in the window.
    fn may_reset(&self, segment: &Segment<'_>, direction: Direction, distance: i64) -> bool {
        let own = &self.session.sides[direction.index()];
        let other = &self.session.sides[direction.reverse().index()];
        let is_asked = other.syns > 0 && own.bytes == 0 && self.session.accepted.is_none();
        if own.syns == 0 && (own.packets <= 1 || is_asked) {
            let expected = other.initial().map(|initial| initial.wrapping_add(1));
            return !segment.flags.ack()
                || expected.is_none_or(|least| {
                    let ahead = segment.acknowledgment.wrapping_sub(least);
                    u64::from(ahead) <= other.sent.max(1)
                });
        }
        if !self.streams[direction.index()].is_anchored() {
            return true;
        }
        // Bytes that were sent and not acknowledged may still be unknown to the receiver.
        let behind = own.sent.saturating_sub(own.acknowledged).cast_signed();
        let fin = i64::from(self.fins[direction.index()]);
        // What the capture lacks, its receiver has, unless what was sent behind it came in vain.
        let lacking = own.sent.saturating_sub(self.streams[direction.index()].delivered()).cast_signed();
        // RFC 5961 3.2: exactly the next number; further ahead the receiver asks back instead.
        (-behind - fin..=fin).contains(&distance) || distance == lacking + fin
    }
}
