//! One TCP conversation as packets: sequence numbers, options, clocks and losses are kept here, so that a capture can
//! be told as a story of who says what.
//!
//! ```text
//! Talk::new(Side::windows("10.20.4.17", 51544), Side::windows("10.20.1.9", 3389))
//!     .handshake().client(&request).server(&confirm).client_fin()
//! ```

use std::net::IpAddr;

use super::carrier::Carrier;
use super::file::Packet;
use super::frame::{ACK, FIN, Ip, PSH, RST, SYN, TCP, Tcp, noise};

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
    isn: u32,
    /// Sequence number of the next byte.
    pub(crate) next: u32,
    /// Every byte of the other end before this one has come.
    pub(crate) received: u32,
    /// Ranges of the other end received out of order.
    islands: Vec<(u32, u32)>,
    /// What the last ACK of this side said.
    acknowledged: u32,
    last_data: Option<Segment>,
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

    fn hear(&mut self, from: u32, to: u32) {
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
enum Fate {
    Arrives,
    /// Lost before the capture point: neither captured nor received.
    LostUnseen,
    /// Lost behind the capture point: captured, not received.
    LostSeen,
    /// Received, but the capture has no record of it.
    NotCaptured,
}

/// A conversation in the making. Every method returns it, so that stories can be chained.
#[derive(Clone, Debug)]
pub(crate) struct Talk {
    pub(crate) client: Side,
    pub(crate) server: Side,
    pub(crate) carrier: Carrier,
    /// Nanoseconds since 1970.
    pub(crate) now: u64,
    /// From a packet of the client to the answer of the server, as the capture point sees it.
    pub(crate) server_delay: u64,
    /// The same from the server to the client.
    pub(crate) client_delay: u64,
    /// Most payload bytes of a segment; by default what the MSS leaves.
    pub(crate) cut: Option<usize>,
    /// This side's network card sums and cuts: wrong checksums and giant frames in the capture.
    pub(crate) offload: Option<Who>,
    /// IPv4 fragments of this many bytes.
    pub(crate) fragment: Option<usize>,
    packets: Vec<Packet>,
    fate: Fate,
    spoke: Option<Who>,
}

/// 2026-03-11 08:14:22.481337 UTC, the moment most crafted captures begin.
pub(crate) const BEGIN: u64 = 1_773_216_862_481_337_000;

impl Talk {
    /// A conversation captured near the client, 18 ms from the server.
    pub(crate) fn new(client: Side, server: Side) -> Talk {
        Talk {
            client,
            server,
            carrier: Carrier::Ethernet,
            now: BEGIN,
            server_delay: 18_400_000,
            client_delay: 310_000,
            cut: None,
            offload: None,
            fragment: None,
            packets: Vec::new(),
            fate: Fate::Arrives,
            spoke: None,
        }
    }

    /// The usual pair of Windows hosts.
    pub(crate) fn office() -> Talk {
        Talk::new(Side::windows("10.20.4.17", 51_544).hops(0), Side::windows("10.20.1.9", 3389).hops(2))
    }

    /// The usual pair of Linux hosts.
    pub(crate) fn lab() -> Talk {
        let mut talk = Talk::new(Side::linux("10.77.1.10", 40_112).hops(0), Side::linux("10.77.2.20", 3389).hops(1));
        talk.server_delay = 420_000;
        talk.client_delay = 90_000;
        talk
    }

    /// The same in this wrapping.
    pub(crate) fn carried(self, carrier: Carrier) -> Talk {
        Talk { carrier, ..self }
    }

    /// The same in IPv4 fragments of this many bytes.
    pub(crate) fn fragmented(self, piece: usize) -> Talk {
        Talk { fragment: Some(piece), ..self }
    }

    /// What was captured so far, in time order.
    pub(crate) fn packets(&self) -> Vec<Packet> {
        let mut packets = self.packets.clone();
        packets.sort_by_key(|packet| packet.time_ns);
        packets
    }

    /// The number the next packet will have in a file of this conversation alone.
    pub(crate) fn next_frame(&self) -> usize {
        self.packets.len() + 1
    }

    // What the peers do.

    pub(crate) fn handshake(&mut self) -> &mut Talk {
        self.syn().syn_ack().ack(Who::Client)
    }

    /// A SYN; the second time the same one again.
    pub(crate) fn syn(&mut self) -> &mut Talk {
        let mut segment = self.draft(Who::Client);
        (segment.flags, segment.seq, segment.ack, segment.window) = (SYN, self.client.isn, 0, self.client.window);
        segment.options = self.greeting(Who::Client);
        self.send(segment)
    }

    pub(crate) fn syn_ack(&mut self) -> &mut Talk {
        let mut segment = self.draft(Who::Server);
        (segment.flags, segment.seq, segment.window) = (SYN | ACK, self.server.isn, self.server.window);
        segment.options = self.greeting(Who::Server);
        self.send(segment)
    }

    /// A bare acknowledgement, with SACK blocks if there are holes.
    pub(crate) fn ack(&mut self, who: Who) -> &mut Talk {
        let segment = self.draft(who);
        self.send(segment)
    }

    pub(crate) fn client(&mut self, bytes: &[u8]) -> &mut Talk {
        self.say(Who::Client, bytes)
    }

    pub(crate) fn server(&mut self, bytes: &[u8]) -> &mut Talk {
        self.say(Who::Server, bytes)
    }

    /// Bytes of one side, cut into segments; the last one is pushed.
    pub(crate) fn say(&mut self, who: Who, bytes: &[u8]) -> &mut Talk {
        let (from, to) = self.sides(who);
        let timestamps = from.timestamps && to.timestamps;
        let whole = from.mss.min(to.mss) as usize - if timestamps { 12 } else { 0 };
        let whole = if self.offload == Some(who) { 32_768 } else { whole };
        let cut = self.cut.map_or(whole, |cut| cut.clamp(1, whole));
        let count = bytes.len().div_ceil(cut);
        for (nth, piece) in bytes.chunks(cut).enumerate() {
            let mut segment = self.draft(who);
            segment.payload = piece.to_vec();
            if nth + 1 == count {
                segment.flags |= PSH;
            }
            self.side(who).last_data = Some(segment.clone());
            self.send(segment);
        }
        self
    }

    /// One segment at a place of this side's stream, which may be ahead of what was said or behind it.
    pub(crate) fn say_at(&mut self, who: Who, seq: u32, bytes: &[u8]) -> &mut Talk {
        let mut segment = self.draft(who);
        (segment.seq, segment.payload) = (seq, bytes.to_vec());
        segment.flags |= PSH;
        self.send(segment)
    }

    /// Turns as [`super::tls`] and others give them.
    pub(crate) fn turns(&mut self, turns: &[(Who, Vec<u8>)]) -> &mut Talk {
        for (who, bytes) in turns {
            self.say(*who, bytes);
        }
        self
    }

    pub(crate) fn client_fin(&mut self) -> &mut Talk {
        self.fin(Who::Client)
    }

    pub(crate) fn server_fin(&mut self) -> &mut Talk {
        self.fin(Who::Server)
    }

    pub(crate) fn fin(&mut self, who: Who) -> &mut Talk {
        let mut segment = self.draft(who);
        segment.flags |= FIN;
        self.send(segment)
    }

    pub(crate) fn client_rst(&mut self) -> &mut Talk {
        self.rst(Who::Client)
    }

    pub(crate) fn server_rst(&mut self) -> &mut Talk {
        self.rst(Who::Server)
    }

    /// RST,ACK of a live socket.
    pub(crate) fn rst(&mut self, who: Who) -> &mut Talk {
        let mut segment = self.draft(who);
        (segment.flags, segment.window) = (RST | ACK, 0);
        self.send(segment)
    }

    /// RST of a host that has no such socket: no ACK, no options, the number the other side acknowledged.
    pub(crate) fn bare_rst(&mut self, who: Who) -> &mut Talk {
        let mut segment = self.draft(who);
        segment.seq = self.side(who.other()).acknowledged;
        (segment.ack, segment.flags, segment.window, segment.ip_id) = (0, RST, 0, 0);
        segment.options.clear();
        self.forge(segment)
    }

    /// RST,ACK with which a host refuses a SYN.
    pub(crate) fn refuse(&mut self) -> &mut Talk {
        let mut segment = self.draft(Who::Server);
        (segment.seq, segment.ack, segment.flags, segment.window) = (0, self.client.next, RST | ACK, 0);
        segment.options.clear();
        self.forge(segment)
    }

    /// One old byte again, as TCP asks whether the other side lives; the answer is [`Talk::ack`].
    pub(crate) fn keepalive(&mut self, who: Who) -> &mut Talk {
        let mut segment = self.draft(who);
        segment.seq = segment.seq.wrapping_sub(1);
        segment.payload = vec![0];
        self.forge(segment)
    }

    /// The last data segment of this side again. It arrives.
    pub(crate) fn retransmit(&mut self, who: Who) -> &mut Talk {
        let mut segment = self.side(who).last_data.clone().expect("something was said");
        let fresh = self.draft(who);
        (segment.ack, segment.window, segment.options, segment.ip_id) =
            (fresh.ack, fresh.window, fresh.options, fresh.ip_id);
        self.send(segment)
    }

    // What the world does.

    /// Time goes by. Whoever has unacknowledged bytes of the other acknowledges them after 40 ms.
    pub(crate) fn wait(&mut self, seconds: f64) -> &mut Talk {
        let until = self.now + (seconds * 1e9) as u64;
        if seconds > 0.05 && self.spoke.is_some() {
            for who in [Who::Client, Who::Server] {
                let side = self.side(who);
                if side.received != side.acknowledged && side.received != 0 {
                    self.now += 40_000_000;
                    self.spoke = None;
                    self.ack(who);
                }
            }
        }
        self.now = until.max(self.now);
        self.spoke = None;
        self
    }

    /// The next segment is lost before the capture point.
    pub(crate) fn lose(&mut self) -> &mut Talk {
        self.fate = Fate::LostUnseen;
        self
    }

    /// The next segment is captured and then lost.
    pub(crate) fn lose_later(&mut self) -> &mut Talk {
        self.fate = Fate::LostSeen;
        self
    }

    /// The next segment arrives, but the capture misses it.
    pub(crate) fn miss(&mut self) -> &mut Talk {
        self.fate = Fate::NotCaptured;
        self
    }

    /// What `who` would send now: a bare ACK.
    pub(crate) fn draft(&mut self, who: Who) -> Segment {
        let options = self.options(who);
        let side = self.side(who);
        let window = side.window >> side.scale.map_or(0, |scale| scale.min(5));
        Segment {
            from: who,
            seq: side.next,
            ack: side.received,
            flags: ACK,
            window,
            options,
            payload: Vec::new(),
            ttl: side.ttl,
            ip_id: side.ip_id,
        }
    }

    /// A segment that changes nothing in what the peers know of each other: a forged one, a stray one.
    pub(crate) fn forge(&mut self, segment: Segment) -> &mut Talk {
        self.tick(segment.from);
        self.record(&segment);
        self
    }

    fn send(&mut self, segment: Segment) -> &mut Talk {
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
    fn tick(&mut self, who: Who) {
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

    fn record(&mut self, segment: &Segment) {
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

    fn greeting(&self, who: Who) -> Vec<u8> {
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

    fn options(&self, who: Who) -> Vec<u8> {
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

    fn sides(&self, who: Who) -> (&Side, &Side) {
        match who {
            Who::Client => (&self.client, &self.server),
            Who::Server => (&self.server, &self.client),
        }
    }

    fn side(&mut self, who: Who) -> &mut Side {
        match who {
            Who::Client => &mut self.client,
            Who::Server => &mut self.server,
        }
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
