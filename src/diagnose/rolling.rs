//! A list that forgets its beginning: whoever stands in it keeps its number.

use std::collections::VecDeque;

/// Values by number, without those that were forgotten.
#[derive(Clone, Debug)]
pub(super) struct Rolling<T> {
    /// The number of the first that is still known.
    first: usize,
    known: VecDeque<T>,
}

impl<T> Default for Rolling<T> {
    fn default() -> Self {
        Self { first: 0, known: VecDeque::new() }
    }
}

impl<T> Rolling<T> {
    /// Makes room for so many more, and no more.
    pub(super) fn reserve(&mut self, count: usize) {
        self.known.reserve_exact(count);
    }

    /// The number that the next one gets.
    pub(super) fn next(&self) -> usize {
        self.first + self.known.len()
    }

    /// How many are known.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    pub(super) fn push(&mut self, value: T) {
        self.known.push_back(value);
    }

    pub(super) fn get(&self, number: usize) -> Option<&T> {
        self.known.get(number.checked_sub(self.first)?)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.known.iter_mut()
    }

    /// The number of the first that is still known.
    pub(super) const fn first(&self) -> usize {
        self.first
    }

    /// Forgets all before `number`.
    pub(super) fn forget(&mut self, number: usize) {
        let count = number.saturating_sub(self.first).min(self.known.len());
        self.known.drain(..count);
        self.first += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_outlive_what_was_before_them() {
        let mut list = Rolling::default();
        (0..10).for_each(|value| list.push(value));
        list.forget(4);
        list.forget(2);
        assert_eq!((list.get(3), list.get(4), list.get(9), list.get(10)), (None, Some(&4), Some(&9), None));
        assert_eq!((list.len(), list.next()), (6, 10));
        list.forget(100);
        assert_eq!((list.len(), list.next()), (0, 10));
    }
}
