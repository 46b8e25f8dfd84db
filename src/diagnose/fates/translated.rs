//! One connection under two addresses: captured before and behind a device that translates them.

use super::{Fate, Fates};

/// A packet passes such a device within this time, clocks of two capture points apart; seconds.
const PASSED: f64 = 1.0;

impl Fate {
    /// Whether both are one connection: the numbers that its ends count from stay. What the one says of the other is no second
    /// witness then.
    pub(super) fn is_one_with(&self, other: &Self) -> bool {
        let apart = self.first.time.since(other.first.time).abs();
        let ends = |fate: &Self| (fate.client, fate.server);
        let is_alike = self.numbers[0].is_some() && self.numbers == other.numbers;
        is_alike && apart <= PASSED && ends(self) != ends(other)
    }
}

impl Fates {
    /// Whether `fate` is another connection than the one with `index`.
    pub(super) fn is_another(&self, index: usize, (other, fate): (usize, &Fate)) -> bool {
        other != index && self.of(index).is_none_or(|own| !own.is_one_with(fate))
    }
}
