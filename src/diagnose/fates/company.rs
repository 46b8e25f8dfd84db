//! Addresses that share something: a server that let them in, a certificate that they took.

use std::net::IpAddr;

use super::super::map::{Map, Set};
use crate::frame::FrameNumber;

/// Addresses remembered per server or certificate, and how many of them are shown.
pub(super) const ADDRESSES: usize = 64;
const SHOWN: usize = 4;

/// Who came how far with one server, or took one certificate.
#[derive(Clone, Debug, Default)]
pub(in crate::diagnose) struct Company {
    pub(super) members: Set<IpAddr>,
    /// Frames that show the first of them.
    pub(super) shown: Vec<(IpAddr, FrameNumber)>,
}

impl Company {
    pub(super) fn add<K: std::hash::Hash + Eq>(map: &mut Map<K, Self>, key: K, member: IpAddr, frame: FrameNumber) {
        let company = map.entry(key).or_default();
        if company.members.len() < ADDRESSES && company.members.insert(member) && company.shown.len() < SHOWN {
            company.shown.push((member, frame));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// How many there are beside `one`, with frames that show some of them.
    pub(in crate::diagnose) fn beside(&self, one: IpAddr) -> Option<(usize, Vec<FrameNumber>)> {
        let count = self.members.len() - usize::from(self.members.contains(&one));
        let frames = self.shown.iter().filter(|(member, _)| *member != one).map(|(_, frame)| *frame).collect();
        (count > 0).then_some((count, frames))
    }
}
