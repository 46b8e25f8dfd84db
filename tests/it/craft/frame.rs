//! The layers below RDP as bytes, with right lengths and checksums. No state, no clock.

use std::net::IpAddr;

/// TCP flag bits.
pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const RST: u8 = 0x04;
pub(crate) const PSH: u8 = 0x08;
pub(crate) const ACK: u8 = 0x10;

/// IP protocol numbers.
pub(crate) const ICMP: u8 = 1;
pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;
pub(crate) const GRE: u8 = 47;
pub(crate) const ICMP6: u8 = 58;

/// What an IP header says besides lengths and checksums. IPv4 or IPv6 by the addresses, which must agree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ip {
    pub(crate) from: IpAddr,
    pub(crate) to: IpAddr,
    pub(crate) ttl: u8,
    /// IPv4 only.
    pub(crate) id: u16,
    /// IPv4 only.
    pub(crate) whole: bool,
}

impl Ip {
    /// One packet.
    pub(crate) fn packet(&self, protocol: u8, payload: &[u8]) -> Vec<u8> {
        match (self.from, self.to) {
            (IpAddr::V4(_), IpAddr::V4(_)) => {
                self.v4(protocol, u16::from(self.whole) << 14 /* DF */, payload.len(), payload)
            }
            (IpAddr::V6(from), IpAddr::V6(to)) => {
                let mut packet = vec![0x60, 0, 0, 0];
                packet.extend((payload.len() as u16).to_be_bytes());
                packet.extend([protocol, self.ttl]);
                packet.extend(from.octets());
                packet.extend(to.octets());
                packet.extend(payload);
                packet
            }
            _ => panic!("one end speaks IPv4, the other IPv6"),
        }
    }

    /// The same as IPv4 fragments of at most `piece` payload bytes (a multiple of 8).
    pub(crate) fn fragments(&self, protocol: u8, payload: &[u8], piece: usize) -> Vec<Vec<u8>> {
        assert!(piece > 0 && piece.is_multiple_of(8), "a fragment offset counts in units of 8");
        let count = payload.len().div_ceil(piece);
        (payload.chunks(piece).enumerate())
            .map(|(nth, chunk)| {
                let more = u16::from(nth + 1 < count) << 13;
                self.v4(protocol, more | (nth * piece / 8) as u16, chunk.len(), chunk)
            })
            .collect()
    }

    fn v4(&self, protocol: u8, flags_and_offset: u16, length: usize, payload: &[u8]) -> Vec<u8> {
        let (IpAddr::V4(from), IpAddr::V4(to)) = (self.from, self.to) else { panic!("not IPv4") };
        // Segmentation offload shows lengths no IPv4 header can hold as 0, as Linux captures do.
        let total = u16::try_from(20 + length).unwrap_or(0);
        let mut packet = vec![0x45, 0];
        packet.extend(total.to_be_bytes());
        packet.extend(self.id.to_be_bytes());
        packet.extend(flags_and_offset.to_be_bytes());
        packet.extend([self.ttl, protocol, 0, 0]);
        packet.extend(from.octets());
        packet.extend(to.octets());
        let sum = checksum(&packet);
        packet[10..12].copy_from_slice(&sum.to_be_bytes());
        packet.extend(payload);
        packet
    }

    /// What TCP, UDP and ICMPv6 put before their bytes when they sum them.
    fn pseudo_header(&self, protocol: u8, length: usize) -> Vec<u8> {
        let mut header = Vec::new();
        for address in [self.from, self.to] {
            match address {
                IpAddr::V4(address) => header.extend(address.octets()),
                IpAddr::V6(address) => header.extend(address.octets()),
            }
        }
        header.extend((length as u32).to_be_bytes());
        header.extend([0, 0, 0, protocol]);
        header
    }

    fn seal(&self, protocol: u8, mut message: Vec<u8>, at: usize) -> Vec<u8> {
        let mut summed = self.pseudo_header(protocol, message.len());
        summed.extend(&message);
        let sum = match checksum(&summed) {
            // UDP: 0 means "not summed".
            0 if protocol == UDP => 0xffff,
            sum => sum,
        };
        message[at..at + 2].copy_from_slice(&sum.to_be_bytes());
        message
    }
}

/// A TCP header besides lengths and checksum.
#[derive(Clone, Debug)]
pub(crate) struct Tcp {
    pub(crate) from: u16,
    pub(crate) to: u16,
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) flags: u8,
    pub(crate) window: u16,
    /// Already padded to a multiple of 4.
    pub(crate) options: Vec<u8>,
}

impl Tcp {
    /// One segment with its right checksum.
    pub(crate) fn segment(&self, ip: &Ip, payload: &[u8]) -> Vec<u8> {
        ip.seal(TCP, self.unsummed(payload), 16)
    }

    /// One segment as the sending host's own capture shows it when its network card sums: the checksum field holds
    /// the sum of the pseudo header only.
    pub(crate) fn segment_before_offload(&self, ip: &Ip, payload: &[u8]) -> Vec<u8> {
        let mut segment = self.unsummed(payload);
        let partial = !checksum(&ip.pseudo_header(TCP, segment.len()));
        segment[16..18].copy_from_slice(&partial.to_be_bytes());
        segment
    }

    fn unsummed(&self, payload: &[u8]) -> Vec<u8> {
        assert!(self.options.len().is_multiple_of(4) && self.options.len() <= 40, "options of {}", self.options.len());
        let mut segment = Vec::with_capacity(20 + self.options.len() + payload.len());
        segment.extend(self.from.to_be_bytes());
        segment.extend(self.to.to_be_bytes());
        segment.extend(self.seq.to_be_bytes());
        segment.extend(self.ack.to_be_bytes());
        segment.extend([((5 + self.options.len() / 4) as u8) << 4, self.flags]);
        segment.extend(self.window.to_be_bytes());
        segment.extend([0; 4] /* checksum, urgent pointer */);
        segment.extend(&self.options);
        segment.extend(payload);
        segment
    }
}

/// One UDP datagram, without its IP header.
pub(crate) fn udp(ip: &Ip, from: u16, to: u16, payload: &[u8]) -> Vec<u8> {
    let mut datagram = Vec::new();
    datagram.extend(from.to_be_bytes());
    datagram.extend(to.to_be_bytes());
    datagram.extend((8 + payload.len() as u16).to_be_bytes());
    datagram.extend([0; 2]);
    datagram.extend(payload);
    ip.seal(UDP, datagram, 6)
}

/// "Destination unreachable" quoting the head of `refused`, as a whole IP packet: ICMP type 3, or ICMPv6 type 1.
pub(crate) fn unreachable(ip: &Ip, code: u8, refused: &[u8]) -> Vec<u8> {
    let mut message = vec![3, code, 0, 0, 0, 0, 0, 0];
    match ip.from {
        IpAddr::V4(_) => {
            message.extend(&refused[..refused.len().min(20 /* IPv4 */ + 40 /* TCP with options */)]);
            let sum = checksum(&message);
            message[2..4].copy_from_slice(&sum.to_be_bytes());
            ip.packet(ICMP, &message)
        }
        IpAddr::V6(_) => {
            message[0] = 1;
            message.extend(&refused[..refused.len().min(1232)]);
            ip.packet(ICMP6, &ip.seal(ICMP6, message, 2))
        }
    }
}

/// The Internet checksum.
pub(crate) fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 =
        (bytes.chunks(2)).map(|pair| u32::from(pair[0]) << 8 | pair.get(1).map_or(0, |&b| b.into())).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// Bytes that look like ciphertext and are the same in every run.
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = move || {
        // xorshift64*: good enough to defeat the eye and deflate, which is all that is asked.
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u8
    };
    (0..length).map(|_| next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summed_header_sums_to_zero() {
        let ip = Ip { from: [10, 0, 0, 1].into(), to: [10, 0, 0, 2].into(), ttl: 64, id: 7, whole: true };
        let packet = ip.packet(UDP, &udp(&ip, 53, 1024, b"odd"));
        assert_eq!(checksum(&packet[..20]), 0);
        let mut whole = ip.pseudo_header(UDP, packet.len() - 20);
        whole.extend(&packet[20..]);
        assert_eq!(checksum(&whole), 0);
    }

    #[test]
    fn fragments_join_to_the_payload() {
        let ip = Ip { from: [10, 0, 0, 1].into(), to: [10, 0, 0, 2].into(), ttl: 64, id: 7, whole: false };
        let payload = noise(1, 1001);
        let joined: Vec<u8> = ip.fragments(TCP, &payload, 256).iter().flat_map(|piece| piece[20..].to_vec()).collect();
        assert_eq!(joined, payload);
    }
}
