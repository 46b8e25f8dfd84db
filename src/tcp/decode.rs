//! Frame to segment: IP, its extension headers, fragments and tunnels, then TCP, UDP or an ICMP error.

use std::net::IpAddr;

use etherparse::{Ipv4HeaderSlice, Ipv6HeaderSlice, TcpHeaderSlice, UdpHeaderSlice};

use super::fragments::{FragmentKey, Fragments};
use super::icmp;
use super::link::{self, Layer, Slice};
use super::neighbour;
use super::segment::{Datagram, Flags, Net, Packet, Segment};
use super::tunnel;
use crate::frame::Frame;

/// IP protocol numbers (IANA registry).
mod protocol {
    pub(super) const ICMP: u8 = 1;
    pub(super) const IPV4: u8 = 4;
    pub(super) const TCP: u8 = 6;
    pub(super) const UDP: u8 = 17;
    pub(super) const IPV6: u8 = 41;
    pub(super) const GRE: u8 = 47;
    /// The Authentication Header (RFC 4302), which hides nothing.
    pub(super) const AH: u8 = 51;
    pub(super) const ICMP6: u8 = 58;
    pub(super) const ETHER_IP: u8 = 97;
    pub(super) const MPLS: u8 = 137;
}

/// Tunnels within tunnels before a packet is given up.
const DEPTH: usize = 8;

/// Turns frames into what they carry. Holds fragments until their datagram is whole.
#[derive(Debug, Default)]
pub struct Decoder {
    fragments: Fragments,
    /// Of what a tunnel carries whose own packets came in fragments.
    inner: Fragments,
}

/// An IP packet's payload and what its header says.
struct Ip<'a> {
    net: Net,
    protocol: u8,
    payload: &'a [u8],
    /// Payload length on the wire; bytes.
    wire: u32,
    fragment: Option<(FragmentKey, u32, bool)>,
}

impl Decoder {
    /// What `frame` carries. A fragment that completes a datagram gives the whole datagram.
    pub fn decode<'a>(&'a mut self, frame: &Frame<'a>) -> Packet<'a> {
        let outer = link::first(frame.link, frame.bytes, frame.original_length.max(frame.bytes.len() as u32));
        let buffers = (&mut self.fragments, Some(&mut self.inner));
        outer.and_then(|slice| packet(slice, buffers, frame.time.0)).unwrap_or(Packet::Other)
    }
}

/// Where fragments wait, and where those of what the whole carries.
type Buffers<'a> = (&'a mut Fragments, Option<&'a mut Fragments>);

fn packet<'a>(mut slice: Slice<'a>, (fragments, inner): Buffers<'a>, now: i64) -> Option<Packet<'a>> {
    for _ in 0..DEPTH {
        slice = link::inward(slice)?;
        if slice.layer == Layer::Arp {
            return neighbour::arp(slice.bytes).map(Packet::Neighbour);
        }
        let mut ip = ip(slice)?;
        if let Some((key, offset, more)) = ip.fragment {
            // A tunnel's packets are longer than what they carry: the full ones among them come in fragments.
            let whole = fragments.add(key, offset, more, ip.payload, now)?;
            let wire = whole.len() as u32;
            ip.net.length += wire.saturating_sub(ip.wire);
            let ip = Ip { payload: whole, wire, fragment: None, ..ip };
            return match (inside(&ip)?, inner) {
                (Some(slice), Some(inner)) => packet(slice, (inner, None), now),
                (Some(_), None) => None,
                (None, _) => transport(&ip.net, ip.protocol, ip.payload, ip.wire),
            };
        }
        slice = match inside(&ip)? {
            Some(slice) => slice,
            None => return transport(&ip.net, ip.protocol, ip.payload, ip.wire),
        };
    }
    None
}

/// What a tunnel's packet carries; `Some(None)` when it is no tunnel's.
fn inside<'a>(ip: &Ip<'a>) -> Option<Option<Slice<'a>>> {
    let carried = Slice { layer: Layer::Ip, bytes: ip.payload, wire: ip.wire };
    Some(match ip.protocol {
        protocol::IPV4 | protocol::IPV6 => Some(carried),
        protocol::GRE => Some(tunnel::gre(carried)?),
        protocol::MPLS => Some(Slice { layer: Layer::Mpls, ..carried }),
        protocol::ETHER_IP => Some(tunnel::ether_ip(carried)?),
        protocol::UDP => datagram(carried),
        _ => None,
    })
}

fn datagram(slice: Slice<'_>) -> Option<Slice<'_>> {
    let [_, _, high, low, ..] = *slice.bytes else { return None };
    tunnel::udp_tunnel(slice.skip(8, Layer::Ip)?, u16::from_be_bytes([high, low]))
}

fn ip(slice: Slice<'_>) -> Option<Ip<'_>> {
    match slice.bytes.first()? >> 4 {
        4 => ipv4(slice),
        6 => ipv6(slice),
        _ => None,
    }
}

fn ipv4(slice: Slice<'_>) -> Option<Ip<'_>> {
    let header = Ipv4HeaderSlice::from_slice(slice.bytes).ok()?;
    let header_length = header.slice().len();
    // A total length of 0 is what segmentation offload leaves behind: the frame's length is the packet's.
    let total = match u32::from(header.total_len()) {
        0 => slice.wire,
        length => length,
    };
    let captured = slice.bytes.len().min(total as usize);
    let payload = slice.bytes.get(header_length..captured)?;
    let net = Net {
        source: IpAddr::V4(header.source_addr()),
        destination: IpAddr::V4(header.destination_addr()),
        ttl: header.ttl(),
        id: Some(header.identification()),
        dont_fragment: header.dont_fragment(),
        length: total,
    };
    let fragment = header.is_fragmenting_payload().then(|| {
        let id = u32::from(header.identification());
        let key = FragmentKey::new(net.source, net.destination, header.protocol().0, id);
        (key, u32::from(header.fragments_offset().value()) * 8, header.more_fragments())
    });
    let wire = total.saturating_sub(header_length as u32);
    let mut ip = Ip { net, protocol: header.protocol().0, payload, wire, fragment };
    if ip.protocol == protocol::AH && ip.fragment.is_none() {
        skip_extensions(&mut ip)?;
    }
    Some(ip)
}

fn ipv6(slice: Slice<'_>) -> Option<Ip<'_>> {
    const HEADER: usize = 40;
    let header = Ipv6HeaderSlice::from_slice(slice.bytes).ok()?;
    // 0 is a jumbogram or what offload leaves behind.
    let length = match u32::from(header.payload_length()) {
        0 => slice.wire.saturating_sub(HEADER as u32),
        length => length,
    };
    let captured = slice.bytes.len().min(HEADER + length as usize);
    let net = Net {
        source: IpAddr::V6(header.source_addr()),
        destination: IpAddr::V6(header.destination_addr()),
        ttl: header.hop_limit(),
        id: None,
        dont_fragment: true,
        length: length + HEADER as u32,
    };
    let mut ip = Ip {
        net,
        protocol: header.next_header().0,
        payload: slice.bytes.get(HEADER..captured)?,
        wire: length,
        fragment: None,
    };
    skip_extensions(&mut ip)?;
    Some(ip)
}

/// RFC 8200 4: hop-by-hop, routing, destination options, fragment, authentication, mobility.
fn skip_extensions(ip: &mut Ip<'_>) -> Option<()> {
    for _ in 0..DEPTH {
        let (length, next) = match (ip.protocol, ip.payload) {
            (0 | 43 | 60 | 135 | 139 | 140, [next, words, ..]) => (8 + 8 * usize::from(*words), *next),
            (protocol::AH, [next, words, ..]) => (8 + 4 * usize::from(*words), *next),
            (44, [next, _, high, low, a, b, c, d, ..]) => {
                let place = u16::from_be_bytes([*high, *low]);
                let id = u32::from_be_bytes([*a, *b, *c, *d]);
                // An "atomic" fragment (offset 0, no more) is a whole packet (RFC 6946).
                if place & !0b110 != 0 {
                    let key = FragmentKey::new(ip.net.source, ip.net.destination, 0, id);
                    ip.fragment = Some((key, u32::from(place & !7), place & 1 != 0));
                }
                (8, *next)
            }
            _ => return Some(()),
        };
        ip.payload = ip.payload.get(length..)?;
        ip.wire = ip.wire.saturating_sub(length as u32);
        ip.protocol = next;
        if ip.fragment.is_some() {
            return Some(());
        }
    }
    None
}

fn transport<'a>(net: &Net, protocol: u8, payload: &'a [u8], wire: u32) -> Option<Packet<'a>> {
    match protocol {
        protocol::TCP => tcp(net, payload, wire).map(Packet::Tcp),
        protocol::UDP => {
            let header = UdpHeaderSlice::from_slice(payload).ok()?;
            Some(Packet::Udp(Datagram {
                net: *net,
                source_port: header.source_port(),
                destination_port: header.destination_port(),
                payload: payload.get(8..)?,
            }))
        }
        protocol::ICMP => icmp::v4(net, payload).map(Packet::Icmp),
        protocol::ICMP6 => match neighbour::discovery(net, payload) {
            Some(neighbour) => Some(Packet::Neighbour(neighbour)),
            None => icmp::v6(net, payload).map(Packet::Icmp),
        },
        _ => None,
    }
}

fn tcp<'a>(net: &Net, bytes: &'a [u8], wire: u32) -> Option<Segment<'a>> {
    const FIXED: usize = 20;
    let offset = usize::from(bytes.get(12)? >> 4) * 4;
    // A snap length may cut the options; the fixed part still tells the story.
    let (header, options) = match TcpHeaderSlice::from_slice(bytes) {
        Ok(header) => (header, bytes.get(FIXED..offset)?),
        Err(_) if offset > bytes.len() => return cut_tcp(net, bytes, wire, offset),
        Err(_) => return None,
    };
    Some(Segment {
        net: *net,
        source_port: header.source_port(),
        destination_port: header.destination_port(),
        sequence: header.sequence_number(),
        acknowledgment: header.acknowledgment_number(),
        flags: Flags(*bytes.get(13)?),
        window: header.window_size(),
        options,
        payload: bytes.get(offset..)?,
        length: wire.saturating_sub(offset as u32),
    })
}

fn cut_tcp<'a>(net: &Net, bytes: &'a [u8], wire: u32, offset: usize) -> Option<Segment<'a>> {
    let fixed = bytes.get(..20)?;
    let be16 = |at: usize| u16::from_be_bytes([fixed[at], fixed[at + 1]]);
    let be32 = |at: usize| u32::from_be_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]);
    Some(Segment {
        net: *net,
        source_port: be16(0),
        destination_port: be16(2),
        sequence: be32(4),
        acknowledgment: be32(8),
        flags: Flags(fixed[13]),
        window: be16(14),
        options: &bytes[20..],
        payload: &[],
        length: wire.saturating_sub(offset as u32),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{FrameNumber, LinkType, Place, Timestamp};

    fn ipv4(protocol: u8, place: u16, payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x45, 0];
        packet.extend((20 + payload.len() as u16).to_be_bytes());
        packet.extend([0, 7]);
        packet.extend(place.to_be_bytes());
        packet.extend([64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        packet.extend(payload);
        packet
    }

    /// `payload` in fragments of 32 bytes.
    fn fragments(protocol: u8, payload: &[u8]) -> Vec<Vec<u8>> {
        let chunks = payload.chunks(32).enumerate();
        chunks
            .map(|(nth, chunk)| {
                let more = if (nth + 1) * 32 < payload.len() { 0x2000 } else { 0 };
                ipv4(protocol, more | (nth * 4) as u16, chunk)
            })
            .collect()
    }

    fn payload(decoder: &mut Decoder, packet: &[u8]) -> Option<usize> {
        let frame = Frame {
            number: FrameNumber::new(0, 1),
            time: Timestamp(0),
            link: LinkType::RAW,
            bytes: packet,
            original_length: packet.len() as u32,
            place: Place::default(),
        };
        match decoder.decode(&frame) {
            Packet::Tcp(segment) => Some(segment.payload.len()),
            _ => None,
        }
    }

    /// A full packet does not fit the tunnel's way any more: who does not put it together again sees none of the large ones.
    #[test]
    fn a_tunnels_own_fragments() {
        let mut segment = vec![0; 20];
        segment[12] = 5 << 4;
        segment.extend([7; 90]);
        let in_gre = |inner: &[u8]| [&[0, 0, 8, 0][..], inner].concat();
        let mut decoder = Decoder::default();
        let outer = fragments(protocol::GRE, &in_gre(&ipv4(protocol::TCP, 0, &segment)));
        let seen: Vec<_> = outer.iter().filter_map(|packet| payload(&mut decoder, packet)).collect();
        assert_eq!(seen, [90]);
        // What is inside may come in fragments, too.
        let twice = fragments(protocol::TCP, &segment).into_iter();
        let twice = twice.flat_map(|inner| fragments(protocol::GRE, &in_gre(&inner)));
        let seen: Vec<_> = twice.filter_map(|packet| payload(&mut decoder, &packet)).collect();
        assert_eq!(seen, [90]);
    }
}
