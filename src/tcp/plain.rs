//! The packet as it nearly always is, read at a glance: Ethernet, perhaps one VLAN tag, IP without extras, TCP or UDP.
//!
//! Gives exactly what [`super::Decoder`] gives, or nothing: whatever is out of the ordinary is the decoder's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::segment::{Datagram, Flags, Net, Packet, Segment};
use super::tunnel;
use crate::frame::{Frame, LinkType};

const ETHERNET: usize = 14;
const VLAN_TAG: usize = 4;
const IPV4: usize = 20;
const IPV6: usize = 40;
const TCP: usize = 20;
const UDP: usize = 8;

/// What `take` answers to what `frame` carries, when that can be told at a glance. It is lent rather than handed back:
/// moving it takes as long as making it.
#[inline]
pub fn packet<'f, T>(frame: &Frame<'f>, take: impl FnOnce(&Packet<'f>) -> T) -> Option<T> {
    if frame.link != LinkType::ETHERNET {
        return None;
    }
    let mut skip = ETHERNET;
    let head = frame.bytes.first_chunk::<{ ETHERNET + VLAN_TAG }>()?;
    let mut kind = [head[12], head[13]];
    if kind == [0x81, 0] {
        skip += VLAN_TAG;
        kind = [head[16], head[17]];
    }
    let ip = frame.bytes.get(skip..)?;
    match (kind, ip.first()?) {
        ([0x08, 0], 0x45) => v4(ip, take),
        ([0x86, 0xdd], 0x60..=0x6f) => v6(ip, take),
        _ => None,
    }
}

#[inline(always)]
fn v4<'f, T>(ip: &'f [u8], take: impl FnOnce(&Packet<'f>) -> T) -> Option<T> {
    let head = ip.first_chunk::<IPV4>()?;
    let total = usize::from(be16(head, 2));
    let place = be16(head, 6);
    // no fragment, no length left for others to fill in
    if place & 0x3fff != 0 || total < IPV4 {
        return None;
    }
    let net = Net {
        source: IpAddr::V4(Ipv4Addr::from(be32(head, 12))),
        destination: IpAddr::V4(Ipv4Addr::from(be32(head, 16))),
        ttl: head[8],
        id: Some(be16(head, 4)),
        dont_fragment: place & 0x4000 != 0,
        length: total as u32,
    };
    transport(net, head[9], &ip[IPV4..ip.len().min(total)], total - IPV4, take)
}

#[inline(always)]
fn v6<'f, T>(ip: &'f [u8], take: impl FnOnce(&Packet<'f>) -> T) -> Option<T> {
    let head = ip.first_chunk::<IPV6>()?;
    let length = usize::from(be16(head, 4));
    if length == 0 {
        return None;
    }
    let address = |at: usize| {
        let mut octets = [0; 16];
        octets.copy_from_slice(&head[at..at + 16]);
        IpAddr::V6(Ipv6Addr::from(octets))
    };
    let net = Net {
        source: address(8),
        destination: address(24),
        ttl: head[7],
        id: None,
        dont_fragment: true,
        length: (IPV6 + length) as u32,
    };
    transport(net, head[6], &ip[IPV6..ip.len().min(IPV6 + length)], length, take)
}

/// `bytes` of the `wire` bytes behind the IP header were captured. Always inlined: a copy of `net`, made of what has just been
/// written piece by piece, would wait for all of it.
#[inline(always)]
fn transport<'f, T>(
    net: Net,
    protocol: u8,
    bytes: &'f [u8],
    wire: usize,
    take: impl FnOnce(&Packet<'f>) -> T,
) -> Option<T> {
    match protocol {
        6 => {
            let head = bytes.first_chunk::<TCP>()?;
            let offset = usize::from(head[12] >> 4) * 4;
            if offset < TCP || offset > bytes.len() {
                return None;
            }
            Some(take(&Packet::Tcp(Segment {
                net,
                source_port: be16(head, 0),
                destination_port: be16(head, 2),
                sequence: be32(head, 4),
                acknowledgment: be32(head, 8),
                flags: Flags(head[13]),
                window: be16(head, 14),
                options: &bytes[TCP..offset],
                payload: &bytes[offset..],
                length: (wire - offset) as u32,
            })))
        }
        17 => {
            let head = bytes.first_chunk::<UDP>()?;
            let destination_port = be16(head, 2);
            if tunnel::may_be_tunnel(destination_port) {
                return None;
            }
            let (source_port, payload) = (be16(head, 0), &bytes[UDP..]);
            Some(take(&Packet::Udp(Datagram { net, source_port, destination_port, payload })))
        }
        _ => None,
    }
}

#[inline]
const fn be16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

#[inline]
const fn be32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[cfg(test)]
mod tests {
    use super::super::decode::Decoder;
    use super::*;

    /// Ethernet, a VLAN tag where wanted, IP, TCP with a timestamp or UDP.
    fn made(tagged: bool, is_v6: bool, protocol: u8) -> Vec<u8> {
        let mut frame = vec![2; 12];
        if tagged {
            frame.extend([0x81, 0, 0, 7]);
        }
        let mut inner = vec![0xc3, 0x50, 0x0d, 0x3d];
        if protocol == 6 {
            inner.extend([0, 0, 0, 1, 0, 0, 0, 2, 0x80, 0x18, 1, 0, 0, 0, 0, 0]);
            inner.extend([1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8]);
        } else {
            inner.extend([0, 12, 0, 0]);
        }
        inner.extend(b"word");
        if is_v6 {
            frame.extend([0x86, 0xdd, 0x60, 0, 0, 0, 0, inner.len() as u8, protocol, 64]);
            frame.extend([0x20; 16]);
            frame.extend([0x21; 16]);
        } else {
            frame.extend([8, 0, 0x45, 0, 0, 20 + inner.len() as u8, 0x12, 0x34, 0x40, 0, 64, protocol, 0, 0]);
            frame.extend([10, 0, 0, 1, 10, 0, 0, 2]);
        }
        frame.extend(inner);
        frame
    }

    fn compare(bytes: &[u8], original: u32) -> bool {
        let frame = Frame {
            number: crate::frame::FrameNumber::new(0, 1),
            time: crate::frame::Timestamp(0),
            link: LinkType::ETHERNET,
            bytes,
            original_length: original,
            place: crate::frame::Place::default(),
        };
        let Some(glance) = packet(&frame, |packet| format!("{packet:?}")) else { return false };
        let mut decoder = Decoder::default();
        assert_eq!(glance, format!("{:?}", decoder.decode(&frame)), "{bytes:02x?}");
        true
    }

    #[test]
    fn a_glance_tells_what_the_decoder_tells() {
        let mut told = 0;
        for (tagged, is_v6, protocol) in
            [(false, false, 6), (true, false, 6), (false, true, 6), (true, true, 17), (false, false, 17)]
        {
            let bytes = made(tagged, is_v6, protocol);
            assert!(compare(&bytes, bytes.len() as u32), "{bytes:02x?}");
            for cut in 0..bytes.len() {
                told += u32::from(compare(&bytes[..cut], bytes.len() as u32));
            }
            // Every byte of the headers, changed in every bit and to its extremes; padding behind.
            for at in 12..bytes.len() {
                for value in (0..8).map(|bit| bytes[at] ^ (1 << bit)).chain([0, 0xff]) {
                    let mut other = bytes.clone();
                    other[at] = value;
                    told += u32::from(compare(&other, other.len() as u32));
                    other.extend([0; 6]);
                    told += u32::from(compare(&other, 1514));
                }
            }
        }
        assert!(told > 3000, "{told}");
    }
}
