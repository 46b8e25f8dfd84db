//! One TCP connection, packet by packet, with its losses: what a capture point between the two sees of it.

use std::collections::VecDeque;

use super::random::Random;
use super::wire::{ACK, End, FIN, PSH, RST, SYN, Segment};

/// Payload bytes of a full packet.
const FULL: usize = 1460;
/// Between two packets of one flight; nanoseconds.
const APART: u64 = 12_000;
/// A lone packet that got lost is sent again after this; nanoseconds.
const TIMEOUT: u64 = 300_000_000;

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Client,
    Server,
}

/// What a packet is to the truth beside the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    Alert,
    Death,
}

/// A packet to be written.
#[derive(Debug)]
pub(crate) struct Packet {
    /// Nanoseconds since 1970.
    pub(crate) time: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) label: Option<Label>,
}

/// A connection in the making.
#[derive(Debug)]
pub(crate) struct Talk {
    ends: [End; 2],
    next: [u32; 2],
    ids: [u16; 2],
    pub(crate) now: u64,
    /// From the capture point to the server and back; nanoseconds.
    pub(crate) round_trip: u64,
    vlan: Option<u16>,
    /// Packets lost, late, sent twice; of a thousand each.
    pub(crate) trouble: u64,
    pub(crate) random: Random,
    /// INVARIANT: in order of time.
    pub(crate) packets: VecDeque<Packet>,
}

impl Talk {
    pub(crate) fn new(client: End, server: End, now: u64, vlan: Option<u16>, mut random: Random) -> Self {
        let next = [random.next() as u32, random.next() as u32];
        let ids = [random.next() as u16, random.next() as u16];
        let round_trip = random.between(400_000, 40_000_000);
        let packets = VecDeque::new();
        Self { ends: [client, server], next, ids, now, round_trip, vlan, trouble: 0, random, packets }
    }

    fn put(&mut self, who: Who, sequence: u32, flags: u8, payload: &[u8], label: Option<Label>) {
        let (own, other) = (who as usize, 1 - who as usize);
        // A side acknowledges all that the other has sent; only the first SYN has nothing to acknowledge.
        let acknowledgment = if flags & ACK != 0 { self.next[other] } else { 0 };
        self.ids[own] = self.ids[own].wrapping_add(1);
        let (from, to, id, vlan) = (self.ends[own], self.ends[other], self.ids[own], self.vlan);
        let bytes = Segment { from, to, id, vlan, sequence, acknowledgment, flags, payload }.frame();
        self.packets.push_back(Packet { time: self.now, bytes, label });
        self.now += APART;
    }

    /// The other side's turn: half a round trip of it lies behind the capture point.
    fn turn(&mut self, who: Who) {
        self.now += if who == Who::Client { 150_000 } else { self.round_trip };
    }

    /// A packet without payload that takes up a sequence number or not.
    pub(crate) fn bare(&mut self, who: Who, flags: u8, label: Option<Label>) {
        let sequence = self.next[who as usize];
        self.put(who, sequence, flags, &[], label);
        self.next[who as usize] = sequence.wrapping_add(u32::from(flags & (SYN | FIN) != 0));
    }

    /// SYN, SYN,ACK, ACK.
    pub(crate) fn open(&mut self) {
        self.bare(Who::Client, SYN, None);
        self.turn(Who::Server);
        self.bare(Who::Server, SYN | ACK, None);
        self.turn(Who::Client);
        self.bare(Who::Client, ACK, None);
    }

    /// A SYN that is sent three times and never answered; the last one is the death.
    pub(crate) fn knock(&mut self) {
        let first = self.next[0];
        for (wait, label) in [(1_000_000_000, None), (2_000_000_000, None), (0, Some(Label::Death))] {
            self.next[0] = first;
            self.bare(Who::Client, SYN, label);
            self.now += wait;
        }
    }

    /// A SYN that is refused.
    pub(crate) fn refused(&mut self) {
        self.bare(Who::Client, SYN, None);
        self.turn(Who::Server);
        self.next[1] = 0;
        self.bare(Who::Server, RST | ACK, Some(Label::Death));
    }

    /// Both sides say goodbye, `who` first: its FIN is the death.
    pub(crate) fn close(&mut self, who: Who) {
        let other = if who == Who::Client { Who::Server } else { Who::Client };
        self.turn(who);
        self.bare(who, FIN | ACK, Some(Label::Death));
        self.turn(other);
        self.bare(other, FIN | ACK, None);
        self.turn(who);
        self.bare(who, ACK, None);
    }

    /// `who` resets the connection.
    pub(crate) fn reset(&mut self, who: Who) {
        self.turn(who);
        self.bare(who, RST | ACK, Some(Label::Death));
    }

    /// `who` says `bytes`, and the other side acknowledges.
    pub(crate) fn say(&mut self, who: Who, bytes: &[u8], label: Option<Label>) {
        let other = if who == Who::Client { Who::Server } else { Who::Client };
        self.turn(who);
        let mut missing = Vec::new();
        let begin = self.packets.len();
        for (nth, piece) in bytes.chunks(FULL).enumerate() {
            let start = nth * FULL;
            let sequence = self.next[who as usize];
            self.next[who as usize] = sequence.wrapping_add(piece.len() as u32);
            let (trouble, fate) = (self.trouble, self.random.between(0, 1000));
            // lost before the capture point: seen only when it is sent again
            if fate < trouble / 2 {
                missing.push((start, sequence));
                self.now += APART;
                continue;
            }
            self.put(who, sequence, PSH | ACK, piece, label);
            if fate < trouble {
                // lost behind it: seen twice
                missing.push((start, sequence));
            } else if fate < 2 * trouble && self.packets.len() > begin + 1 {
                // overtaken by the one behind it
                let last = self.packets.len() - 1;
                let time = self.packets[last - 1].time;
                self.packets[last - 1].time = self.packets[last].time;
                self.packets[last].time = time;
                self.packets.swap(last - 1, last);
            }
            if nth % 2 == 1 && missing.is_empty() {
                self.acknowledge(other);
            }
        }
        if !missing.is_empty() {
            self.now += if bytes.len() > FULL { self.round_trip + 4_000_000 } else { TIMEOUT };
        }
        for (start, sequence) in missing {
            // cut otherwise than before, so that it overlaps what was seen
            let back = if start > 0 && self.random.in_thousand(500) { self.random.between(1, 300) as usize } else { 0 };
            let piece = &bytes[start - back..(start + FULL).min(bytes.len())];
            self.put(who, sequence.wrapping_sub(back as u32), PSH | ACK, piece, label);
        }
        self.acknowledge(other);
    }

    /// An acknowledgment; the capture misses some.
    fn acknowledge(&mut self, who: Who) {
        if !self.random.in_thousand(self.trouble) {
            self.bare(who, ACK, None);
        }
    }
}
