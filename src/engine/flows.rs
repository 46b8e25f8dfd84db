//! Which connection a packet belongs to. Connections that are not RDP cost one small entry here and nothing else.

use std::collections::VecDeque;
use std::net::IpAddr;

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

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
        let number = |ip: &IpAddr| match ip {
            // IPv4-mapped, so that both families share one table without meeting each other's addresses.
            IpAddr::V4(ip) => u128::from(u32::from(*ip)) | 0xffff_0000_0000,
            IpAddr::V6(ip) => u128::from(*ip),
        };
        let (low, high) = (number(a.0), number(b.0));
        let ports = |low: u16, high: u16| u32::from(low) << 16 | u32::from(high);
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
    /// Closed, and its session was given up. What straggles in for a while belongs to it.
    Over(Over),
}

/// A connection that is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Over {
    /// When its session was given up; nanoseconds.
    since: i64,
    /// Sequence number of the client's SYN, if one was seen.
    initial: Option<u32>,
}

impl Over {
    /// Whether `segment`, which comes at `time` (nanoseconds), straggles in: only another SYN begins anew.
    pub(super) fn is_straggler(self, segment: &Segment<'_>, time: i64) -> bool {
        let is_another = segment.flags.syn() && !segment.flags.ack() && self.initial != Some(segment.sequence);
        !is_another && time.saturating_sub(self.since) <= limits::LINGER
    }
}

/// What an entry of a connection that is over takes, and its place in the queue; bytes.
const SPACE: usize = 256;

/// All connections. The hash is seeded anew in each process: the keys come from strangers.
#[derive(Debug, Default)]
pub(super) struct Flows {
    table: HashMap<FlowKey, Flow, foldhash::fast::RandomState>,
    sweep_at: usize,
    /// What probes hold; bytes.
    pub(super) probes: usize,
    /// Connections that are over, as they were given up.
    over: VecDeque<(FlowKey, i64)>,
}

impl Flows {
    #[inline]
    pub(super) fn entry(&mut self, key: FlowKey) -> Entry<'_, FlowKey, Flow, foldhash::fast::RandomState> {
        self.table.entry(key)
    }

    pub(super) fn get(&self, key: &FlowKey) -> Option<&Flow> {
        self.table.get(key)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, key: &FlowKey) -> Option<&mut Flow> {
        self.table.get_mut(key)
    }

    pub(super) fn remove(&mut self, key: &FlowKey) {
        self.table.remove(key);
    }

    pub(super) fn set(&mut self, key: FlowKey, flow: Flow) {
        self.table.insert(key, flow);
    }

    /// A closed connection is given up `now` (nanoseconds), whose client began with `initial`; so many `room` bytes are
    /// for such.
    pub(super) fn give_up(&mut self, key: FlowKey, initial: Option<u32>, now: i64, room: usize) {
        self.set(key, Flow::Over(Over { since: now, initial }));
        self.over.push_back((key, now));
        let is_past = |(_, time): &(FlowKey, i64)| now.saturating_sub(*time) > limits::LINGER;
        while self.over.len() > room / SPACE || self.over.front().is_some_and(is_past) {
            let Some((first, time)) = self.over.pop_front() else { return };
            // The ports may have been used again since, and given up again.
            if matches!(self.table.get(&first), Some(Flow::Over(over)) if over.since == time) {
                self.table.remove(&first);
            }
        }
    }

    /// Bytes of memory.
    pub(super) fn memory(&self) -> usize {
        self.table_memory() + self.over.len() * size_of::<(FlowKey, i64)>() + self.probes
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
            Flow::Over(_) | Flow::Rdp(_) => true,
        });
        self.probes = probes;
        let is_still_full = is_full && self.table.len() > slots / 2;
        if self.table.len() > limits::FLOWS || is_still_full || probes > room / 2 {
            self.table.retain(|_, flow| matches!(flow, Flow::Rdp(_) | Flow::Over(_)));
            self.probes = 0;
        }
        self.sweep_at = self.table.len() * 2;
    }
}
