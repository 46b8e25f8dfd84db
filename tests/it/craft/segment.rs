//! From what a peer means to say to the packet on the wire: sequence numbers, options, fate, clock.

use std::net::IpAddr;

use super::file::Packet;
use super::frame::{FIN, Ip, SYN, TCP, Tcp, noise};
use super::talk::{Side, Talk, Who};

/// One segment before its checksum. Draft one with [`Talk::draft`], bend it, and put it on the wire with
/// [`Talk::forge`].
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) from: Who,
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) flags: u8,
    pub(crate) window: u16,
    pub(crate) options: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    pub(crate) ttl: u8,
    pub(crate) ip_id: u16,
}

/// What happens to the next segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Arrives,
    /// Lost before the capture point: neither captured nor received.
    LostUnseen,
    /// Lost behind the capture point: captured, not received.
    LostSeen,
    /// Received, but the capture has no record of it.
    NotCaptured,
}

impl Talk {
    /// A segment of a peer: both ends remember it, as far as it gets.
    pub(super) fn send(&mut self, segment: Segment) -> &mut Talk {
        let who = segment.from;
        let length = segment.payload.len() as u32 + u32::from(segment.flags & (SYN | FIN) != 0);
        let end = segment.seq.wrapping_add(length);
        let side = self.side(who);
        side.ip_id = side.ip_id.wrapping_add(1);
        side.acknowledged = segment.ack;
        if (end.wrapping_sub(side.next) as i32) > 0 {
            side.next = end;
        }
        let fate = std::mem::replace(&mut self.fate, Fate::Arrives);
        self.tick(who);
        if matches!(fate, Fate::Arrives | Fate::NotCaptured) && length > 0 {
            let other = self.side(who.other());
            if segment.flags & SYN != 0 {
                other.received = end;
            } else {
                other.hear(segment.seq, end);
            }
        }
        if matches!(fate, Fate::Arrives | Fate::LostSeen) {
            self.record(&segment);
        }
        self
    }

    /// Moves the clock to where `who` speaks next.
    pub(super) fn tick(&mut self, who: Who) {
        let pause = match (self.spoke, who) {
            (Some(before), who) if before == who => 9_000,
            (None, _) => 0,
            (_, Who::Server) => self.server_delay,
            (_, Who::Client) => self.client_delay,
        };
        // A few per cent of jitter, the same in every run.
        let jitter = noise(self.now, 1)[0];
        self.now += pause + pause * u64::from(jitter) / 4096;
        self.now = self.now / 1000 * 1000 + u64::from(jitter) % 10 * 100;
        self.spoke = Some(who);
    }

    pub(super) fn record(&mut self, segment: &Segment) {
        let (from, to) = self.sides(segment.from);
        let whole = self.fragment.is_none();
        let ip = Ip { from: from.ip, to: to.ip, ttl: segment.ttl, id: segment.ip_id, whole };
        let Segment { seq, ack, flags, window, .. } = *segment;
        let tcp = Tcp { from: from.port, to: to.port, seq, ack, flags, window, options: segment.options.clone() };
        let bytes = if self.offload == Some(segment.from) {
            tcp.segment_before_offload(&ip, &segment.payload)
        } else {
            tcp.segment(&ip, &segment.payload)
        };
        let packets = match self.fragment {
            Some(piece) if bytes.len() > piece => ip.fragments(TCP, &bytes, piece),
            _ => vec![ip.packet(TCP, &bytes)],
        };
        let macs = (mac(from.ip), mac(to.ip));
        for packet in packets {
            let bytes = self.carrier.frame(macs.0, macs.1, self.packets.len() as u16, &packet);
            self.packets.push(Packet { time_ns: self.now, length: bytes.len(), bytes });
        }
    }

    /// A packet of another protocol or another box, as an IP packet going to the client or to the server.
    pub(crate) fn aside(&mut self, to: Who, ip: &[u8]) -> &mut Talk {
        self.tick(to.other());
        let (from, to) = self.sides(to.other());
        let bytes = self.carrier.frame(mac(from.ip), mac(to.ip), self.packets.len() as u16, ip);
        self.packets.push(Packet { time_ns: self.now, length: bytes.len(), bytes });
        self
    }

    /// A frame of the link itself, as ARP is.
    pub(crate) fn link(&mut self, bytes: Vec<u8>) -> &mut Talk {
        self.now += 150_000;
        self.packets.push(Packet { time_ns: self.now, length: bytes.len(), bytes });
        self
    }

    /// A datagram of the client to another host's port, or (`back`) from it.
    pub(crate) fn ask(&mut self, host: &str, ports: (u16, u16), back: bool, payload: &[u8]) -> &mut Talk {
        use super::frame::{UDP, udp};
        let (client, host) = (self.client.ip, host.parse().expect("an address"));
        let (from, to) = if back { (host, client) } else { (client, host) };
        let (from_port, to_port) = if back { (ports.1, ports.0) } else { ports };
        let ip = Ip { from, to, ttl: 127, id: 0x2200 + self.packets.len() as u16, whole: true };
        let packet = ip.packet(UDP, &udp(&ip, from_port, to_port, payload));
        self.now += if back { 420_000 } else { 90_000 };
        let macs = (mac(from), mac(to));
        let bytes = self.carrier.frame(macs.0, macs.1, 0, &packet);
        self.packets.push(Packet { time_ns: self.now, length: bytes.len(), bytes });
        self
    }

    /// Options of a SYN.
    pub(super) fn greeting(&self, who: Who) -> Vec<u8> {
        let (side, other) = self.sides(who);
        // The server repeats only what the client offered.
        let agreed = |mine: bool, theirs: bool| mine && (who == Who::Client || theirs);
        let mut options = vec![2, 4];
        options.extend(side.mss.to_be_bytes());
        if agreed(side.sack, other.sack) {
            options.extend([1, 1, 4, 2]);
        }
        if agreed(side.timestamps, other.timestamps) {
            options.extend([1, 1]);
            options.extend(self.timestamp(who));
        }
        if let Some(scale) = side.scale.filter(|_| agreed(true, other.scale.is_some())) {
            options.extend([1, 3, 3, scale]);
        }
        options
    }

    /// Options of everything else.
    pub(super) fn options(&self, who: Who) -> Vec<u8> {
        let (side, other) = self.sides(who);
        let mut options = Vec::new();
        if side.timestamps && other.timestamps {
            options.extend([1, 1]);
            options.extend(self.timestamp(who));
        }
        if side.sack && other.sack && !side.islands.is_empty() {
            let blocks = &side.islands[..side.islands.len().min(3)];
            options.extend([1, 1, 5, 2 + 8 * blocks.len() as u8]);
            for (from, to) in blocks {
                options.extend([from.to_be_bytes(), to.to_be_bytes()].concat());
            }
        }
        options
    }

    fn timestamp(&self, who: Who) -> Vec<u8> {
        // Each side counts milliseconds from its own start; the echo is the other's count now.
        let count = |side: &Side| ((self.now / 1_000_000) as u32).wrapping_add(u32::from(side.port) << 8);
        let (side, other) = self.sides(who);
        let echo = if side.received == 0 { 0 } else { count(other) };
        [vec![8, 10], count(side).to_be_bytes().to_vec(), echo.to_be_bytes().to_vec()].concat()
    }
}

/// A locally administered address made from the IP address.
fn mac(ip: IpAddr) -> [u8; 6] {
    let tail = match ip {
        IpAddr::V4(ip) => ip.octets(),
        IpAddr::V6(ip) => {
            let octets = ip.octets();
            [octets[6], octets[7], octets[14], octets[15]]
        }
    };
    [2, 0, tail[0], tail[1], tail[2], tail[3]]
}
