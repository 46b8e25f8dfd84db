//! Which connection a packet belongs to. Connections that are not RDP cost one small entry here and nothing else.

use std::net::{IpAddr, Ipv4Addr};

use hashbrown::HashMap;

use super::limits;
use super::probe::Probe;
use crate::session::Endpoint;
use crate::tcp::segment::Segment;

/// Both ends of a connection, the same for both directions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct FlowKey {
    low: u128,
    high: u128,
    /// The lower end's port in the upper half.
    ports: u32,
}

impl FlowKey {
    #[inline]
    pub(super) fn new(a: Endpoint, b: Endpoint) -> Self {
        Self::of((&a.ip, a.port), (&b.ip, b.port))
    }

    /// Of addresses where they lie: copying them costs as much as looking the key up.
    #[inline]
    pub(super) fn of(a: (&IpAddr, u16), b: (&IpAddr, u16)) -> Self {
        // IPv4-mapped, so that both families share one table without meeting each other's addresses.
        const MAPPED: u128 = 0xffff_0000_0000;
        let ports = |low: u16, high: u16| u32::from(low) << 16 | u32::from(high);
        if let (IpAddr::V4(one), IpAddr::V4(two)) = (a.0, b.0) {
            let end = |ip: &Ipv4Addr, port: u16| u64::from(u32::from(*ip)) << 16 | u64::from(port);
            let (one, two) = (end(one, a.1), end(two, b.1));
            let (low, high) = (one.min(two), one.max(two));
            let mapped = |end: u64| u128::from(end >> 16) | MAPPED;
            return Self { low: mapped(low), high: mapped(high), ports: ports(low as u16, high as u16) };
        }
        let number = |ip: &IpAddr| match ip {
            IpAddr::V4(ip) => u128::from(u32::from(*ip)) | MAPPED,
            IpAddr::V6(ip) => u128::from(*ip),
        };
        let (low, high) = (number(a.0), number(b.0));
        if (low, a.1) <= (high, b.1) {
            Self { low, high, ports: ports(a.1, b.1) }
        } else {
            Self { low: high, high: low, ports: ports(b.1, a.1) }
        }
    }
}

/// What is known of a connection.
#[derive(Debug)]
pub(super) enum Flow {
    /// Not RDP; when it was last heard of (nanoseconds).
    Foreign(i64),
    /// On another port, and nothing was said yet.
    Probing(Box<Probe>),
    /// Under observation: the place of its conversation.
    Rdp(u32),
}

impl Flow {
    /// Whether `syn`, a SYN of a client, begins another connection on the same ports.
    pub(super) fn is_over_with(&self, syn: &Segment<'_>) -> bool {
        match self {
            Self::Foreign(_) => true,
            Self::Probing(probe) => !probe.has(syn),
            Self::Rdp(_) => false,
        }
    }

    /// What its probe holds; bytes.
    pub(super) fn probed(&self) -> usize {
        if let Self::Probing(probe) = self { probe.memory() } else { 0 }
    }
}

/// All connections. The hash is seeded anew in each process: the keys come from strangers.
#[derive(Debug, Default)]
pub(super) struct Flows {
    table: HashMap<FlowKey, Flow, foldhash::fast::RandomState>,
    /// The connection asked for last, if it is under observation. INVARIANT: what the table says of it.
    latest: Option<(FlowKey, u32)>,
    sweep_at: usize,
    /// What probes hold; bytes.
    pub(super) probes: usize,
}

impl Flows {
    pub(super) fn get(&self, key: &FlowKey) -> Option<&Flow> {
        self.table.get(key)
    }

    /// The place of its conversation, if the connection is the one asked for last: most packets follow one of their own.
    #[inline]
    pub(super) fn same(&self, key: &FlowKey) -> Option<u32> {
        self.latest.as_ref().filter(|(latest, _)| latest == key).map(|(_, slot)| *slot)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, key: &FlowKey) -> Option<&mut Flow> {
        let flow = self.table.get_mut(key);
        self.latest = match &flow {
            Some(Flow::Rdp(slot)) => Some((*key, *slot)),
            _ => None,
        };
        flow
    }

    pub(super) fn remove(&mut self, key: &FlowKey) {
        self.latest = None;
        self.table.remove(key);
    }

    pub(super) fn set(&mut self, key: FlowKey, flow: Flow) {
        self.latest = None;
        self.table.insert(key, flow);
    }

    /// Bytes of memory.
    pub(super) fn memory(&self) -> usize {
        self.table_memory() + self.probes
    }

    /// Slots of the table, as many as its entries need: how many it has depends on its seed, and nothing that is judged may.
    fn slots(&self) -> usize {
        (self.table.len() * 8 / 7).next_power_of_two()
    }

    fn table_memory(&self) -> usize {
        self.slots() * size_of::<(FlowKey, Flow)>()
    }

    /// Forgets connections that are not RDP and long silent, when the table has grown much since the last time or is
    /// about to grow beyond `room` bytes. If that is not enough, all of them: a connection forgotten is looked at once
    /// more, that is all.
    pub(super) fn sweep(&mut self, now: i64, room: usize) {
        let slots = self.slots();
        let is_full = self.table.len() == slots / 8 * 7 && self.table_memory() * 2 > room;
        if self.table.len() < self.sweep_at.max(limits::SWEEP) && !is_full && self.probes < room {
            return;
        }
        let stale = |last: i64| now.saturating_sub(last) > limits::FOREIGN_IDLE;
        let mut probes = 0;
        self.table.retain(|_, flow| match flow {
            Flow::Foreign(last) => !stale(*last),
            Flow::Probing(probe) if stale(probe.last()) => false,
            Flow::Probing(probe) => {
                probes += probe.memory();
                true
            }
            Flow::Rdp(_) => true,
        });
        self.probes = probes;
        let is_still_full = is_full && self.table.len() > slots / 2;
        if self.table.len() > limits::FLOWS || is_still_full || probes > room / 2 {
            self.table.retain(|_, flow| matches!(flow, Flow::Rdp(_)));
            self.probes = 0;
        }
        self.sweep_at = self.table.len() * 2;
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn the_connection_asked_for_last_is_what_the_table_says() {
        let end = |host, port| Endpoint { ip: Ipv4Addr::new(10, 0, 0, host).into(), port };
        let [one, other] = [1, 2].map(|host| FlowKey::new(end(host, 40_000), end(9, 3389)));
        let mut flows = Flows::default();
        flows.set(one, Flow::Rdp(7));
        assert_eq!(flows.same(&one), None, "nobody has asked");
        assert!(matches!(flows.get_mut(&one), Some(Flow::Rdp(7))));
        assert_eq!((flows.same(&one), flows.same(&other)), (Some(7), None));
        assert!(flows.get_mut(&other).is_none());
        assert_eq!(flows.same(&one), None, "another one was asked for");
        let changes: [fn(&mut Flows, FlowKey); 3] = [
            |flows, key| flows.set(key, Flow::Foreign(0)),
            |flows, key| flows.set(key, Flow::Rdp(8)),
            |flows, key| flows.remove(&key),
        ];
        for change in changes {
            flows.set(one, Flow::Rdp(7));
            flows.get_mut(&one);
            change(&mut flows, one);
            assert_eq!(flows.same(&one), None);
        }
    }
}
