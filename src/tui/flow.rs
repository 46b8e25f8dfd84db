//! What the packets of a session tell of the network under it: round trips, and what was sent again. Counted by the same
//! rules as the engine counts, so that charts and table agree; unlike the table, each has its time here.

use std::collections::VecDeque;

use super::feed::Packet;
use crate::frame::{FrameNumber, Timestamp};
use crate::tcp::latest::{MIRRORED, RECENT, TWIN, TWIN_WITHOUT_ID};

/// A hole filled later than this was filled by a retransmission, not by a late packet; seconds.
const LATE: f64 = 0.003;
/// Holes and unacknowledged packets that are remembered.
const REMEMBERED: usize = 4096;

/// A round trip between the capture point and one side: from data to its acknowledgment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trip {
    /// When the acknowledgment came.
    pub at: Timestamp,
    /// Its frame.
    pub frame: FrameNumber,
    /// How long it took.
    pub seconds: f64,
}

/// A packet that was sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Again {
    /// When.
    pub at: Timestamp,
    /// Its frame.
    pub frame: FrameNumber,
    /// Whether the client sent it.
    pub from_client: bool,
}

/// What was measured on the packets of a session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flow {
    /// Time of the first packet.
    pub first: Timestamp,
    /// From the first to the last packet; seconds, never 0.
    pub lasted: f64,
    /// Round trips to the client, and to the server.
    pub trips: [Vec<Trip>; 2],
    /// What was sent again.
    pub again: Vec<Again>,
}

impl Flow {
    /// Measured on `packets`, which are in the order of the capture; `None` when they are fewer than two.
    #[must_use]
    pub fn of(packets: &[Packet]) -> Option<Self> {
        let (first, last) = (packets.first()?, packets.get(1).and(packets.last())?);
        let mut flow = Self { first: first.time, lasted: last.time.since(first.time).max(0.001), ..Self::default() };
        let mut ways: [Way; 2] = Default::default();
        for packet in packets {
            let Some(flags) = packet.flags else { continue };
            let own = usize::from(!packet.from_client);
            if ways[own].is_twin(packet) || flags.rst() {
                continue;
            }
            if flags.ack()
                && let Some(seconds) = ways[1 - own].heard(packet)
            {
                flow.trips[own].push(Trip { at: packet.time, frame: packet.frame, seconds });
            }
            let [client, server] = &flow.trips;
            let round_trip = client.first().zip(server.first()).map(|(one, other)| one.seconds + other.seconds);
            if ways[own].sent(packet, round_trip) {
                flow.again.push(Again { at: packet.time, frame: packet.frame, from_client: packet.from_client });
            }
        }
        Some(flow)
    }

    /// Round trips to one side, 0 the client and 1 the server: shortest, middle and longest; seconds.
    #[must_use]
    pub fn spread(&self, side: usize) -> Option<[f64; 3]> {
        let mut trips: Vec<f64> = self.trips[side].iter().map(|trip| trip.seconds).collect();
        trips.sort_by(f64::total_cmp);
        Some([*trips.first()?, trips[trips.len() / 2], *trips.last()?])
    }

    /// The side whose way is the longer one: that is where a network is. 0 the client, 1 the server. The shortest round
    /// trips tell, because others may be acknowledgments that a receiver held back.
    #[must_use]
    pub fn far(&self) -> usize {
        let way = |side: usize| self.spread(side).map_or(-1.0, |[shortest, ..]| shortest);
        usize::from(way(1) >= way(0))
    }

    /// Seconds from the first packet on.
    #[must_use]
    pub fn since(&self, time: Timestamp) -> f64 {
        time.since(self.first)
    }
}

/// What makes a packet this very one.
type Look = (u32, u32, u32, u8, Option<u16>);

/// One direction.
#[derive(Default)]
struct Way {
    /// Sequence number behind everything sent so far.
    next: Option<u32>,
    /// Parts of it that were not captured.
    holes: Vec<(u32, u32)>,
    /// What waits for its acknowledgment: where it ends, when it was sent; no time when it was sent more than once.
    flights: VecDeque<(u32, Option<Timestamp>)>,
    recent: VecDeque<(Timestamp, Look)>,
    /// There was a copy.
    is_mirrored: bool,
    last: Option<Timestamp>,
}

/// Whether sequence number `one` lies behind `other`; they wrap, so only the difference tells.
const fn is_behind(one: u32, other: u32) -> bool {
    one.wrapping_sub(other).cast_signed() > 0
}

impl Way {
    /// Whether the capture has this very packet a moment ago already.
    fn is_twin(&mut self, packet: &Packet) -> bool {
        let flags = packet.flags.unwrap_or_default();
        let has_id = packet.id.is_some_and(|id| id != 0);
        let takes_room = packet.payload > 0 || flags.syn() || flags.fin() || flags.rst();
        let within = if has_id { TWIN } else { TWIN_WITHOUT_ID };
        let look = (packet.sequence, packet.acknowledgment, packet.payload, flags.0, packet.id);
        let is_same = |(time, old): &(Timestamp, Look)| *old == look && packet.time.since(*time).abs() <= within;
        if (has_id || takes_room) && self.recent.iter().any(is_same) {
            self.is_mirrored = true;
            return true;
        }
        if self.recent.len() >= if self.is_mirrored { MIRRORED } else { RECENT } {
            self.recent.pop_front();
        }
        self.recent.push_back((packet.time, look));
        false
    }

    /// Takes note of a packet; answers whether it was sent again.
    fn sent(&mut self, packet: &Packet, round_trip: Option<f64>) -> bool {
        let flags = packet.flags.unwrap_or_default();
        let previous = self.last.replace(packet.time);
        let takes = packet.payload + u32::from(flags.syn()) + u32::from(flags.fin());
        let (start, end) = (packet.sequence, packet.sequence.wrapping_add(takes));
        let next = *self.next.get_or_insert(start);
        if takes == 0 {
            return false;
        }
        if is_behind(end, next) {
            if is_behind(start, next) && self.holes.len() < REMEMBERED {
                self.holes.push((next, start));
            }
            self.next = Some(end);
            self.fly(end, Some(packet.time));
            return false;
        }
        // One old byte or none, to see whether the other side lives.
        if packet.payload <= 1 && start == next.wrapping_sub(1) && !flags.syn() && !flags.fin() {
            return false;
        }
        let fills = self.fill(start, end);
        let patience = LATE.max(round_trip.unwrap_or(0.0) * 0.5);
        if fills && previous.is_some_and(|previous| packet.time.since(previous) <= patience) {
            self.fly(end, Some(packet.time));
            return false;
        }
        self.fly(end, None);
        packet.payload > 0
    }

    /// Takes what a packet brings out of the holes; answers whether it brought anything.
    fn fill(&mut self, start: u32, end: u32) -> bool {
        let Some(at) = self.holes.iter().position(|(from, to)| is_behind(end, *from) && is_behind(*to, start)) else {
            return false;
        };
        let (from, to) = self.holes.swap_remove(at);
        if is_behind(start, from) {
            self.holes.push((from, start));
        }
        if is_behind(to, end) {
            self.holes.push((end, to));
        }
        true
    }

    /// Waits for its acknowledgment.
    fn fly(&mut self, end: u32, sent: Option<Timestamp>) {
        if let Some(flight) = self.flights.iter_mut().rev().find(|(other, _)| *other == end) {
            flight.1 = None;
            return;
        }
        if self.flights.len() == REMEMBERED {
            self.flights.pop_front();
        }
        self.flights.push_back((end, sent));
    }

    /// The other side acknowledges: how long the latest of what it has heard now was on its way. An acknowledgment that had
    /// to wait for a repetition tells nothing (RFC 6298 3).
    fn heard(&mut self, packet: &Packet) -> Option<f64> {
        let mut sent = None;
        let mut is_clear = true;
        let acknowledgment = packet.acknowledgment;
        self.flights.retain(|(end, time)| {
            if is_behind(*end, acknowledgment) {
                return true;
            }
            is_clear &= time.is_some();
            sent = sent.max(*time);
            false
        });
        self.holes.retain(|(_, to)| is_behind(*to, acknowledgment));
        sent.filter(|_| is_clear).map(|sent| packet.time.since(sent).max(0.0))
    }
}
