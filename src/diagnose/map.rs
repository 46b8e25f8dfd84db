//! Tables by address: looked up for each session, so their hash is a quick one, seeded anew in each process because the
//! keys come from strangers.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use smallvec::SmallVec;

/// Things of one key, of which most keys have one.
pub(super) type List<T> = SmallVec<[T; 1]>;

/// Values by key.
pub(super) type Map<K, V> = HashMap<K, V, RandomState>;

/// Clears `map` when what is in it, each value by its `weight`, is more than `limit`.
pub(super) fn clear_beyond<K, V>(map: &mut Map<K, V>, limit: usize, weight: impl Fn(&V) -> usize) {
    if map.values().map(weight).sum::<usize>() > limit {
        map.clear();
    }
}

/// Different keys.
pub(super) type Set<K> = HashSet<K, RandomState>;
