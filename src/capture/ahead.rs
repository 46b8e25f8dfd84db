//! Looks ahead over a stretch of records, so that what the reader will want is in the processor's cache when it comes.
//!
//! A record's place is known only from the one before it, so hopping from one to the next waits for memory at each. Several
//! chains of hops that begin at guessed places wait together. The guesses decide nothing: a wrong one only wastes its hops.

use super::mapping::prefetch;

/// Chains at once.
const CHAINS: usize = 8;

/// Where the headers of a packet lie, from the beginning of its record on; its very first bytes are looked at anyway.
const HEADERS: [usize; 2] = [64, 96];

/// Bytes that are searched for the beginning of a record.
const SEARCH: usize = 8 * 1024;

/// Shorter stretches are not worth a guess.
const SHORTEST: usize = 64 * 1024;

/// Knows how records follow each other.
pub(super) trait Hop {
    /// Where the record after the one at `at` begins; `None` when there is none at `at`, or it cannot be seen.
    fn next(&self, bytes: &[u8], at: usize) -> Option<usize>;
    /// Whether a record very likely begins at `at`.
    fn begins(&self, bytes: &[u8], at: usize) -> bool;
}

/// Looks ahead.
pub(super) trait Scout: Send {
    /// Brings the beginnings of all records in `bytes`, which begin with one, into the cache; answers how many those were,
    /// roughly.
    fn look(&self, bytes: &[u8]) -> usize;
}

impl<H: Hop + Send> Scout for H {
    fn look(&self, bytes: &[u8]) -> usize {
        if bytes.len() < SHORTEST {
            return 0;
        }
        let mut at = [0; CHAINS];
        let mut until = [bytes.len(); CHAINS];
        for chain in 1..CHAINS {
            let from = bytes.len() / CHAINS * chain;
            let mut places = from..(from + SEARCH).min(bytes.len());
            at[chain] = places.find(|&place| self.begins(bytes, place)).unwrap_or(bytes.len());
            until[chain - 1] = at[chain];
        }
        let mut running = CHAINS;
        let mut met = 0;
        while running > 0 {
            running = 0;
            for (at, until) in at.iter_mut().zip(&until) {
                if *at < *until {
                    HEADERS.iter().filter_map(|header| bytes.get(*at + header)).for_each(prefetch);
                    *at = self.next(bytes, *at).unwrap_or(usize::MAX);
                    running += 1;
                }
            }
            met += running;
        }
        met
    }
}
