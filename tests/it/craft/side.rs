//! One end of a TCP conversation: what it announces, what it has said and heard.

use std::net::IpAddr;

use super::frame::noise;
use super::segment::Segment;

/// Which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Client,
    Server,
}

impl Who {
    pub(crate) fn other(self) -> Who {
        match self {
            Who::Client => Who::Server,
            Who::Server => Who::Client,
        }
    }
}

/// One end: what it announces and what it has said and heard. Fields may be set before the first packet.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    pub(crate) ip: IpAddr,
    pub(crate) port: u16,
    /// As seen at the capture point.
    pub(crate) ttl: u8,
    /// Of the next packet.
    pub(crate) ip_id: u16,
    pub(crate) mss: u16,
    pub(crate) window: u16,
    pub(crate) scale: Option<u8>,
    pub(crate) sack: bool,
    pub(crate) timestamps: bool,
    /// Sequence number of the SYN.
    pub(super) isn: u32,
    /// Sequence number of the next byte.
    pub(crate) next: u32,
    /// Every byte of the other end before this one has come.
    pub(crate) received: u32,
    /// Ranges of the other end received out of order.
    pub(super) islands: Vec<(u32, u32)>,
    /// What the last ACK of this side said.
    pub(super) acknowledged: u32,
    pub(crate) last_data: Option<Segment>,
}

impl Side {
    /// A Windows host two hops away: TTL 128 at birth, no timestamps.
    pub(crate) fn windows(ip: &str, port: u16) -> Side {
        let ip: IpAddr = ip.parse().expect("an address");
        let tail = ip.to_string().bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(byte));
        let seed = noise(u64::from(port) ^ tail << 16, 6);
        let isn = u32::from_be_bytes([seed[0], seed[1], seed[2], seed[3]]);
        Side {
            ip,
            port,
            ttl: 126,
            ip_id: u16::from_be_bytes([seed[4], seed[5]]),
            mss: 1460,
            window: 64_240,
            scale: Some(8),
            sack: true,
            timestamps: false,
            isn,
            next: isn,
            received: 0,
            islands: Vec::new(),
            acknowledged: 0,
            last_data: None,
        }
    }

    /// A Linux host one hop away: TTL 64 at birth, timestamps.
    pub(crate) fn linux(ip: &str, port: u16) -> Side {
        Side { ttl: 63, scale: Some(7), timestamps: true, ..Side::windows(ip, port) }
    }

    /// The same, so many hops away from the capture point.
    pub(crate) fn hops(mut self, hops: u8) -> Side {
        self.ttl = if self.timestamps { 64 - hops } else { 128 - hops };
        self
    }

    /// The same, beginning to count there.
    pub(crate) fn counting_from(mut self, isn: u32) -> Side {
        (self.isn, self.next) = (isn, isn);
        self
    }

    /// Bytes of the other side come in, in any order.
    pub(super) fn hear(&mut self, from: u32, to: u32) {
        self.islands.push((from, to));
        // Sequence numbers wrap: "at or before" means less than half the circle ahead.
        while let Some(nth) = self.islands.iter().position(|&(from, _)| (self.received.wrapping_sub(from) as i32) >= 0)
        {
            let (_, to) = self.islands.swap_remove(nth);
            if (to.wrapping_sub(self.received) as i32) > 0 {
                self.received = to;
            }
        }
    }
}
