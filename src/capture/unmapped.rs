//! Where files are not mapped: everything is read.

use std::fs::File;

/// A mapping that there never is.
pub(super) enum Mapping {}

impl Mapping {
    /// Never succeeds.
    pub(super) fn new(_: &File, _: u64) -> Option<Self> {
        None
    }

    /// Never called.
    pub(super) const fn bytes(&self) -> &[u8] {
        match *self {}
    }

    /// Never called.
    pub(super) fn fault(&self) -> Option<u64> {
        match *self {}
    }

    /// Never called.
    pub(super) fn release(&mut self, _: usize) {
        match *self {}
    }

    /// Never called.
    pub(super) fn will_need(&self, _: usize, _: usize) {
        match *self {}
    }
}

/// Never called.
pub(super) fn prefetch(_: &u8) {}
