//! One TCP conversation as packets: sequence numbers, options, clocks and losses are kept here, so that a capture can
//! be told as a story of who says what.
//!
//! ```text
//! Talk::new(Side::windows("10.20.4.17", 51544), Side::windows("10.20.1.9", 3389))
//!     .handshake().client(&request).server(&confirm).client_fin()
//! ```

use super::carrier::Carrier;
use super::file::Packet;
use super::frame::{ACK, FIN, PSH, RST, SYN};
use super::segment::{Fate, Segment};
pub(crate) use super::side::{Side, Who};

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
    pub(super) packets: Vec<Packet>,
    pub(super) fate: Fate,
    pub(super) spoke: Option<Who>,
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

    /// The same so many times in vain, after 0.3 s and then twice as long each time.
    pub(crate) fn repeat_in_vain(&mut self, who: Who, times: u32) -> &mut Talk {
        let pauses = (0..times).map(|nth| 0.3 * f64::from(1_u32 << nth));
        pauses.fold(self, |talk, pause| talk.wait(pause).lose_later().retransmit(who))
    }

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

    pub(super) fn sides(&self, who: Who) -> (&Side, &Side) {
        match who {
            Who::Client => (&self.client, &self.server),
            Who::Server => (&self.server, &self.client),
        }
    }

    pub(super) fn side(&mut self, who: Who) -> &mut Side {
        match who {
            Who::Client => &mut self.client,
            Who::Server => &mut self.server,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Flags, sequence number and acknowledgement, counted from each side's SYN, and the length of the payload.
    fn told(talk: &Talk) -> Vec<(u8, u32, u32, usize)> {
        let count = |bytes: &[u8]| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        let tell = |packet: Packet| {
            let tcp = &packet.bytes[34..];
            let from_client = tcp[..2] == talk.client.port.to_be_bytes();
            let (from, to) = if from_client { (&talk.client, &talk.server) } else { (&talk.server, &talk.client) };
            let ack = if tcp[13] & ACK == 0 { 0 } else { count(&tcp[8..]).wrapping_sub(to.isn) };
            (tcp[13], count(&tcp[4..]).wrapping_sub(from.isn), ack, tcp.len() - usize::from(tcp[12] >> 4) * 4)
        };
        talk.packets().into_iter().map(tell).collect()
    }

    #[test]
    fn a_short_talk_counts_right_across_the_wrap() {
        let client = Side::windows("10.0.0.1", 50_000).counting_from(u32::MAX);
        let mut talk = Talk::new(client, Side::windows("10.0.0.2", 3389));
        talk.handshake().client(b"hello").server(b"hi").client_fin().server_fin().ack(Who::Client);
        let expected = [
            (SYN, 0, 0, 0),
            (SYN | ACK, 0, 1, 0),
            (ACK, 1, 1, 0),
            (ACK | PSH, 1, 1, 5),
            (ACK | PSH, 1, 6, 2),
            (ACK | FIN, 6, 3, 0),
            (ACK | FIN, 3, 7, 0),
            (ACK, 7, 4, 0),
        ];
        assert_eq!(told(&talk), expected);
    }

    #[test]
    fn what_is_lost_is_not_acknowledged_until_it_comes_again() {
        let mut talk = Talk::office();
        talk.handshake().lose_later().server(b"gone").server(b"here").ack(Who::Client);
        let sack = talk.packets().last().expect("an ACK").bytes.len();
        assert_eq!(sack, 14 + 20 + 20 + 12 /* one SACK block */);
        let hole = talk.client.received;
        talk.say_at(Who::Server, hole, b"gone").ack(Who::Client);
        let acks: Vec<u32> = told(&talk).into_iter().filter(|told| told.3 == 0).map(|told| told.2).collect();
        assert_eq!(acks, [0, 1, 1, 1, 9]);
    }
}
