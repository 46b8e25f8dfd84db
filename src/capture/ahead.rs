//! Looks ahead over a stretch of records, so that what the reader will want is in the processor's cache when it comes.
//!
//! A record's place is known only from the one before it, so hopping from one to the next waits for memory at each. Several
//! chains of hops begin at guessed places, and each hop asks for what the next one of its chain needs: between the two the
//! reader reads on, and nobody waits. The guesses decide nothing: a wrong one only wastes its hops.

use std::array;

use super::mapping::prefetch;

/// Chains at once.
pub(super) const CHAINS: usize = 3;

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

/// The chains over a stretch: how far each has come, and where it ends.
#[derive(Default)]
pub(super) struct Chains {
    at: [usize; CHAINS],
    until: [usize; CHAINS],
    /// Records met.
    pub(super) met: usize,
}

impl Chains {
    /// Where the last one stands: behind the stretch, at the first record of the next one, if its guess was right.
    pub(super) const fn last(&self) -> usize {
        self.at[CHAINS - 1]
    }
}

/// Looks ahead.
pub(super) trait Scout: Send {
    /// Chains over `bytes[from..until]`. A record begins at `known`, if that is in there.
    fn begin(&self, bytes: &[u8], from: usize, until: usize, known: usize) -> Chains;
    /// Has each of the `chains` over `bytes` hop once, and brings what it hops over into the cache; answers whether one may go
    /// on.
    fn hop(&self, bytes: &[u8], chains: &mut Chains) -> bool;
}

impl<H: Hop + Send> Scout for H {
    fn begin(&self, bytes: &[u8], from: usize, until: usize, known: usize) -> Chains {
        let length = until.saturating_sub(from);
        if length < SHORTEST {
            return Chains::default();
        }
        let at = array::from_fn(|chain| {
            let begin = from + length / CHAINS * chain;
            let mut places = begin..(begin + SEARCH).min(until);
            if chain == 0 && places.contains(&known) {
                return known;
            }
            places.find(|&place| self.begins(bytes, place)).unwrap_or(until)
        });
        let mut chains = Chains { at, until: [until; CHAINS], met: 0 };
        // Each ends where the next one begins.
        chains.until[..CHAINS - 1].copy_from_slice(&at[1..]);
        chains
    }

    fn hop(&self, bytes: &[u8], chains: &mut Chains) -> bool {
        let before = chains.met;
        for (at, until) in chains.at.iter_mut().zip(&chains.until) {
            if *at < *until {
                let next = self.next(bytes, *at).unwrap_or(usize::MAX);
                let [near, far] = HEADERS.map(|header| *at + header);
                [near, far, next].into_iter().filter_map(|place| bytes.get(place)).for_each(prefetch);
                *at = next;
                chains.met += 1;
            }
        }
        chains.met > before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records of four bytes that say how long they are, two that tell them from others, and what they carry.
    struct Plain;

    impl Hop for Plain {
        fn next(&self, bytes: &[u8], at: usize) -> Option<usize> {
            let length = bytes.get(at..)?.first_chunk()?;
            Some(at + u32::from_le_bytes(*length) as usize)
        }

        fn begins(&self, bytes: &[u8], at: usize) -> bool {
            bytes.get(at + 4..at + 6) == Some(&[0xab, 0xcd])
        }
    }

    /// So many records, and where each begins.
    fn made(count: usize) -> (Vec<u8>, Vec<usize>) {
        let mut bytes = Vec::new();
        let mut places = Vec::new();
        for number in 0..count {
            places.push(bytes.len());
            let length = 60 + number * 7919 % 1400;
            bytes.extend((length as u32).to_le_bytes());
            bytes.extend([0xab, 0xcd]);
            bytes.resize(bytes.len() + length - 6, 0);
        }
        (bytes, places)
    }

    #[test]
    fn every_record_of_a_stretch_is_met_once_and_the_next_one_is_known() {
        let (bytes, places) = made(2_000);
        let mut from = 0;
        let mut known = 0;
        let mut met = 0;
        for stretch in [SHORTEST, 2 * SHORTEST, 5 * SHORTEST + 1] {
            let until = from + stretch;
            let mut chains = Plain.begin(&bytes, from, until, known);
            while Plain.hop(&bytes, &mut chains) {}
            met += chains.met;
            let next = places.iter().position(|place| *place >= until).expect("there are more");
            assert_eq!((met, chains.last()), (next, places[next]));
            (from, known) = (until, chains.last());
        }
    }

    #[test]
    fn where_no_record_begins_nobody_hops() {
        let zeros = vec![0; 4 * SHORTEST];
        let mut chains = Plain.begin(&zeros, 0, zeros.len(), usize::MAX);
        assert!(!Plain.hop(&zeros, &mut chains));
        let short = Plain.begin(&zeros, 0, SHORTEST - 1, 0);
        assert_eq!((short.met, short.last()), (0, 0));
    }
}
