//! Tables by address: looked up for each session, so their hash is a quick one, seeded anew in each process because the
//! keys come from strangers.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

/// Values by key.
pub(super) type Map<K, V> = HashMap<K, V, RandomState>;

/// Different keys.
pub(super) type Set<K> = HashSet<K, RandomState>;
