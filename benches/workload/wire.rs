//! Ethernet, IP and TCP around a payload, with right lengths and checksums.

use std::net::IpAddr;

pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
pub(crate) const PSH: u8 = 8;
pub(crate) const ACK: u8 = 16;

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct End {
    pub(crate) ip: IpAddr,
    pub(crate) port: u16,
    pub(crate) ttl: u8,
}

/// A TCP segment to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    pub(crate) from: End,
    pub(crate) to: End,
    pub(crate) id: u16,
    pub(crate) vlan: Option<u16>,
    pub(crate) sequence: u32,
    pub(crate) acknowledgment: u32,
    pub(crate) flags: u8,
    pub(crate) payload: &'a [u8],
}

impl Segment<'_> {
    /// As it stands in a capture; short frames are padded to 60 bytes, as the wire demands.
    pub(crate) fn frame(&self) -> Vec<u8> {
        let syn = self.flags & SYN != 0;
        let options: &[u8] = if syn { &[2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 1, 1] } else { &[] };
        let mut tcp = Vec::with_capacity(32 + self.payload.len());
        tcp.extend(self.from.port.to_be_bytes());
        tcp.extend(self.to.port.to_be_bytes());
        tcp.extend(self.sequence.to_be_bytes());
        tcp.extend(self.acknowledgment.to_be_bytes());
        tcp.extend([(5 + options.len() as u8 / 4) << 4, self.flags, 0xfa, 0xf0, 0, 0, 0, 0]);
        tcp.extend(options);
        tcp.extend(self.payload);
        transport(self.from, self.to, self.id, self.vlan, 6, tcp, 16)
    }
}

/// A UDP datagram's frame.
pub(crate) fn datagram(from: End, to: End, id: u16, payload: &[u8]) -> Vec<u8> {
    let mut udp = Vec::with_capacity(8 + payload.len());
    udp.extend(from.port.to_be_bytes());
    udp.extend(to.port.to_be_bytes());
    udp.extend((8 + payload.len() as u16).to_be_bytes());
    udp.extend([0, 0]);
    udp.extend(payload);
    transport(from, to, id, None, 17, udp, 6)
}

/// `body` with its checksum at `sum`, in IP, in Ethernet.
fn transport(from: End, to: End, id: u16, vlan: Option<u16>, protocol: u8, mut body: Vec<u8>, sum: usize) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
    if let Some(vlan) = vlan {
        frame.extend([0x81, 0]);
        frame.extend(vlan.to_be_bytes());
    }
    let length = body.len() as u16;
    let addresses: Vec<u8> = match (from.ip, to.ip) {
        (IpAddr::V4(from), IpAddr::V4(to)) => [from.octets(), to.octets()].concat(),
        (IpAddr::V6(from), IpAddr::V6(to)) => [from.octets(), to.octets()].concat(),
        _ => unreachable!("one end speaks IPv4, the other IPv6"),
    };
    let pseudo = [&addresses[..], &[0, protocol], &length.to_be_bytes()].concat();
    let checksum = !folded(summed(&pseudo) + summed(&body));
    body[sum..sum + 2].copy_from_slice(&checksum.to_be_bytes());
    if from.ip.is_ipv4() {
        let start = frame.len() + 2;
        frame.extend([8, 0, 0x45, 0]);
        frame.extend((20 + length).to_be_bytes());
        frame.extend(id.to_be_bytes());
        frame.extend([0x40, 0, from.ttl, protocol, 0, 0]);
        frame.extend(&addresses);
        let checksum = !folded(summed(&frame[start..]));
        frame[start + 10..start + 12].copy_from_slice(&checksum.to_be_bytes());
    } else {
        frame.extend([0x86, 0xdd, 0x60, 0, 0, 0]);
        frame.extend(length.to_be_bytes());
        frame.extend([protocol, from.ttl]);
        frame.extend(&addresses);
    }
    frame.extend(body);
    if frame.len() < 60 {
        frame.resize(60, 0);
    }
    frame
}

fn summed(bytes: &[u8]) -> u64 {
    bytes.chunks(2).map(|pair| u64::from(pair[0]) << 8 | u64::from(pair.get(1).copied().unwrap_or(0))).sum()
}

fn folded(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}
