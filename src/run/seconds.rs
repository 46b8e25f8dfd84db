//! How fast packets came in the last minute.

use std::collections::VecDeque;

use crate::tui::live::STRIP;

/// Packets and bytes of each of the last seconds.
#[derive(Default)]
pub(super) struct Seconds {
    /// The second that runs.
    second: u64,
    /// The full ones, the latest last.
    pub(super) packets: VecDeque<(u32, u64)>,
    /// All that came before the running one.
    before: (u64, u64),
    frames: u64,
    /// All of them.
    pub(super) bytes: u64,
}

impl Seconds {
    pub(super) fn note(&mut self, second: u64, frames: u64, bytes: u64) {
        if second > self.second {
            let passed = second - self.second;
            let count = u32::try_from(self.frames - self.before.0).unwrap_or(u32::MAX);
            self.add((count, self.bytes - self.before.1));
            (1..passed.min(STRIP as u64)).for_each(|_| self.add((0, 0)));
            self.before = (self.frames, self.bytes);
            self.second = second;
        }
        (self.frames, self.bytes) = (frames, bytes);
    }

    fn add(&mut self, second: (u32, u64)) {
        self.packets.push_back(second);
        if self.packets.len() > STRIP {
            self.packets.pop_front();
        }
    }

    /// The last full second.
    pub(super) fn last(&self) -> (u32, u64) {
        self.packets.back().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_counted_each_for_itself() {
        let mut seconds = Seconds::default();
        seconds.note(0, 10, 100);
        seconds.note(1, 12, 120);
        assert_eq!(seconds.last(), (10, 100));
        seconds.note(1, 15, 150);
        seconds.note(4, 15, 150);
        assert_eq!(seconds.packets, [(10, 100), (5, 50), (0, 0), (0, 0)]);
        seconds.note(500, 20, 200);
        assert_eq!((seconds.packets.len(), seconds.last()), (STRIP, (0, 0)));
    }
}
