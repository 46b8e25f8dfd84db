//! IP fragments to datagrams, bounded in number, size and time. First come stays: later overlaps change nothing.

use std::collections::VecDeque;
use std::net::IpAddr;

/// Datagrams under way at once; the oldest gives way.
const DATAGRAMS: usize = 64;
/// Fragments of one datagram.
const PARTS: usize = 256;
/// The largest IP payload.
const SIZE: usize = 65_535;
/// How long a datagram may take; nanoseconds (RFC 8200 4.5 says 60 s).
const PATIENCE: i64 = 60_000_000_000;

/// Which datagram a fragment belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FragmentKey {
    source: IpAddr,
    destination: IpAddr,
    /// Of IPv4 (RFC 791 3.2); of IPv6, which goes without it (RFC 8200 4.5), 0.
    protocol: u8,
    id: u32,
}

impl FragmentKey {
    pub(super) const fn new(source: IpAddr, destination: IpAddr, protocol: u8, id: u32) -> Self {
        Self { source, destination, protocol, id }
    }
}

#[derive(Debug)]
struct Partial {
    key: FragmentKey,
    began: i64,
    /// INVARIANT: sorted by offset; parts never overlap.
    parts: Vec<(u32, Box<[u8]>)>,
    /// Where the datagram ends, once its last fragment was seen.
    end: Option<u32>,
}

/// Datagrams waiting for their missing fragments.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    waiting: VecDeque<Partial>,
    whole: Vec<u8>,
}

impl Fragments {
    /// Adds a fragment at `offset`; the datagram's payload when it completes it. Times are nanoseconds.
    pub(super) fn add(&mut self, key: FragmentKey, offset: u32, more: bool, bytes: &[u8], now: i64) -> Option<&[u8]> {
        while self.waiting.front().is_some_and(|partial| now.saturating_sub(partial.began) > PATIENCE) {
            self.waiting.pop_front();
        }
        let index = match self.waiting.iter().position(|partial| partial.key == key) {
            Some(index) => index,
            None => {
                if self.waiting.len() >= DATAGRAMS {
                    self.waiting.pop_front();
                }
                self.waiting.push_back(Partial { key, began: now, parts: Vec::new(), end: None });
                self.waiting.len() - 1
            }
        };
        let partial = &mut self.waiting[index];
        partial.insert(offset, more, bytes);
        if !partial.is_whole() {
            return None;
        }
        let partial = self.waiting.remove(index)?;
        self.whole.clear();
        for (_, part) in &partial.parts {
            self.whole.extend_from_slice(part);
        }
        Some(&self.whole)
    }
}

impl Partial {
    fn insert(&mut self, offset: u32, more: bool, bytes: &[u8]) {
        let end = offset as usize + bytes.len();
        if end > SIZE || self.parts.len() >= PARTS || bytes.is_empty() {
            return;
        }
        if !more {
            self.end.get_or_insert(end as u32);
        }
        let at = self.parts.partition_point(|(start, _)| *start < offset);
        let before = at.checked_sub(1).map_or(0, |index| {
            let (start, part) = &self.parts[index];
            *start as usize + part.len()
        });
        let after = self.parts.get(at).map_or(SIZE, |(start, _)| *start as usize);
        let (from, to) = (before.max(offset as usize), after.min(end));
        if from < to {
            let start = offset as usize;
            self.parts.insert(at, (from as u32, bytes[from - start..to - start].into()));
        }
    }

    fn is_whole(&self) -> bool {
        let reach = self
            .parts
            .iter()
            .try_fold(0u32, |reach, (start, part)| (*start == reach).then(|| reach + part.len() as u32));
        self.end.is_some() && reach.is_some() && reach >= self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: u32) -> FragmentKey {
        FragmentKey::new([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), 6, id)
    }

    #[test]
    fn any_order_any_overlap() {
        let mut fragments = Fragments::default();
        assert_eq!(fragments.add(key(1), 8, false, b"ijkl", 0), None);
        assert_eq!(fragments.add(key(1), 8, false, b"XXXX", 1), None);
        assert_eq!(fragments.add(key(1), 0, true, b"abcdefghZZ", 2), Some(&b"abcdefghijkl"[..]));
    }

    #[test]
    fn bounded_in_number_and_time() {
        let mut fragments = Fragments::default();
        for id in 0..1000 {
            fragments.add(key(id), 0, true, b"12345678", i64::from(id));
        }
        assert_eq!(fragments.waiting.len(), DATAGRAMS);
        assert_eq!(fragments.add(key(999), 8, false, b"9", PATIENCE * 2), None);
        assert_eq!(fragments.waiting.len(), 1);
    }
}
