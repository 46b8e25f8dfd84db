//! From a frame's first byte to its IP packet: link layers and the tunnels inside one another.

use crate::frame::LinkType;

/// What the bytes at hand begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    Ethernet,
    EtherType(u16),
    Llc,
    Mpls,
    Ppp,
    Arp,
    Ip,
}

/// Bytes at hand, what they begin with, and how many there were on the wire.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slice<'a> {
    pub(super) layer: Layer,
    pub(super) bytes: &'a [u8],
    /// Length on the wire; bytes.
    pub(super) wire: u32,
}

impl<'a> Slice<'a> {
    /// `count` bytes further, beginning with `layer`.
    pub(super) fn skip(self, count: usize, layer: Layer) -> Option<Self> {
        let bytes = self.bytes.get(count..)?;
        Some(Self { layer, bytes, wire: self.wire.saturating_sub(count as u32) })
    }

    fn be16(self, at: usize) -> Option<u16> {
        Some(u16::from_be_bytes([*self.bytes.get(at)?, *self.bytes.get(at + 1)?]))
    }
}

/// Layers that a packet may be wrapped in before it is given up as an attack.
const DEPTH: usize = 16;

/// How a frame of this link type begins (the registry at tcpdump.org describes each).
pub(super) fn first(link: LinkType, bytes: &[u8], wire: u32) -> Option<Slice<'_>> {
    let slice = Slice { layer: Layer::Ip, bytes, wire };
    match link {
        LinkType::ETHERNET => Some(Slice { layer: Layer::Ethernet, ..slice }),
        LinkType::RAW | LinkType(12 | 14) | LinkType::IPV4 | LinkType::IPV6 => Some(slice),
        // The address family's number and byte order differ from host to host; the IP version tells as well.
        LinkType::NULL | LinkType::LOOP => slice.skip(4, Layer::Ip),
        LinkType::LINUX_SLL => slice.skip(16, cooked(slice.be16(14)?)),
        LinkType::LINUX_SLL2 => slice.skip(20, cooked(slice.be16(0)?)),
        LinkType::PPP | LinkType::PPP_HDLC if matches!(bytes, [0x0f | 0x8f, ..]) => {
            slice.skip(4, Layer::EtherType(slice.be16(2)?))
        }
        LinkType::PPP | LinkType::PPP_HDLC => Some(Slice { layer: Layer::Ppp, ..slice }),
        LinkType::PPP_ETHER => slice.skip(6, Layer::Ppp),
        LinkType(104) => slice.skip(4, Layer::EtherType(slice.be16(2)?)),
        LinkType(239) => netfilter_log(slice),
        _ => None,
    }
}

/// Protocol field of Linux cooked captures: EtherTypes, and small numbers of Linux' own.
const fn cooked(protocol: u16) -> Layer {
    match protocol {
        1 => Layer::Ethernet,
        4 => Layer::Llc,
        other => Layer::EtherType(other),
    }
}

/// NFLOG: four bytes of header, then TLVs in host order; type 9 is the packet.
fn netfilter_log(slice: Slice<'_>) -> Option<Slice<'_>> {
    let mut at = 4;
    for _ in 0..32 {
        let length = usize::from(u16::from_le_bytes([*slice.bytes.get(at)?, *slice.bytes.get(at + 1)?]));
        let kind = u16::from_le_bytes([*slice.bytes.get(at + 2)?, *slice.bytes.get(at + 3)?]);
        if kind & 0x7fff == 9 {
            return slice.skip(at + 4, Layer::Ip);
        }
        if length < 4 {
            return None;
        }
        at += length.next_multiple_of(4);
    }
    None
}

/// Follows link layers inward until an IP packet or ARP begins; `None` when there is neither.
pub(super) fn inward(mut slice: Slice<'_>) -> Option<Slice<'_>> {
    for _ in 0..DEPTH {
        slice = match slice.layer {
            Layer::Ip | Layer::Arp => return Some(slice),
            Layer::Ethernet => match slice.be16(12)? {
                length @ 0..=1500 => {
                    // IEEE 802.3: the type field is a length, LLC follows.
                    let mut llc = slice.skip(14, Layer::Llc)?;
                    llc.wire = llc.wire.min(u32::from(length));
                    llc
                }
                kind => slice.skip(14, Layer::EtherType(kind))?,
            },
            Layer::EtherType(kind) => ether_type(slice, kind)?,
            Layer::Llc => match *slice.bytes {
                [0xaa, 0xaa, 3, 0, 0, 0, high, low, ..] => {
                    slice.skip(8, Layer::EtherType(u16::from_be_bytes([high, low])))?
                }
                [6, 6, 3, ..] => slice.skip(3, Layer::Ip)?,
                _ => return None,
            },
            Layer::Mpls => mpls(slice)?,
            Layer::Ppp => ppp(slice)?,
        };
    }
    None
}

/// EtherTypes (IEEE registry).
fn ether_type(slice: Slice<'_>, kind: u16) -> Option<Slice<'_>> {
    match kind {
        0x0800 | 0x86dd => Some(Slice { layer: Layer::Ip, ..slice }),
        0x0806 => Some(Slice { layer: Layer::Arp, ..slice }),
        // 802.1Q, 802.1ad and the older QinQ types.
        0x8100 | 0x88a8 | 0x9100 | 0x9200 | 0x9300 => {
            let inner = slice.be16(2)?;
            slice.skip(4, if inner <= 1500 { Layer::Llc } else { Layer::EtherType(inner) })
        }
        0x8847 | 0x8848 => Some(Slice { layer: Layer::Mpls, ..slice }),
        0x8864 => slice.skip(6, Layer::Ppp),
        0x880b => Some(Slice { layer: Layer::Ppp, ..slice }),
        0x6558 => Some(Slice { layer: Layer::Ethernet, ..slice }),
        // 802.1BR E-TAG and Cisco VN-TAG.
        0x893f => slice.skip(8, Layer::EtherType(slice.be16(6)?)),
        0x8926 => slice.skip(6, Layer::EtherType(slice.be16(4)?)),
        // Cisco MetaData: version, length in words, then the inner type at the end.
        0x8909 => {
            let length = 4 * usize::from(*slice.bytes.get(1)?) + 4;
            slice.skip(length, Layer::EtherType(slice.be16(length - 2)?))
        }
        // Network Service Header (RFC 8300 2.2).
        0x894f => network_service(slice),
        _ => None,
    }
}

fn network_service(slice: Slice<'_>) -> Option<Slice<'_>> {
    let words = usize::from(slice.be16(0)? & 0x3f);
    let layer = match *slice.bytes.get(3)? {
        1 | 2 => Layer::Ip,
        3 => Layer::Ethernet,
        5 => Layer::Mpls,
        _ => return None,
    };
    slice.skip(words.max(2) * 4, layer)
}

/// RFC 3032: labels until the bottom of the stack, then IP, or Ethernet with or without a control word (RFC 4385).
fn mpls(mut slice: Slice<'_>) -> Option<Slice<'_>> {
    for _ in 0..DEPTH {
        let bottom = slice.bytes.get(2)? & 1 != 0;
        slice = slice.skip(4, Layer::Mpls)?;
        if bottom {
            return match slice.bytes.first()? >> 4 {
                4 | 6 => Some(Slice { layer: Layer::Ip, ..slice }),
                0 => slice.skip(4, Layer::Ethernet),
                _ => Some(Slice { layer: Layer::Ethernet, ..slice }),
            };
        }
    }
    None
}

/// RFC 1661 2: optional address and control, protocol of one or two bytes.
fn ppp(slice: Slice<'_>) -> Option<Slice<'_>> {
    let slice = if slice.bytes.starts_with(&[0xff, 3]) { slice.skip(2, Layer::Ppp)? } else { slice };
    let (protocol, length) = match *slice.bytes {
        [one, ..] if one & 1 == 1 => (u16::from(one), 1),
        [high, low, ..] => (u16::from_be_bytes([high, low]), 2),
        _ => return None,
    };
    let layer = match protocol {
        0x21 | 0x57 => Layer::Ip,
        0x0281 | 0x0283 => Layer::Mpls,
        0x31 => return slice.skip(length + 2, Layer::Ethernet),
        _ => return None,
    };
    slice.skip(length, layer)
}

/// RFC 2784, RFC 2890, RFC 2637: what a GRE packet carries.
pub(super) fn gre(slice: Slice<'_>) -> Option<Slice<'_>> {
    let flags = slice.be16(0)?;
    let kind = slice.be16(2)?;
    let optional = |bit: u16, length: usize| if flags & bit != 0 { length } else { 0 };
    let version_1 = flags & 7 == 1;
    let header = 4
        + optional(0xc000, 4) // checksum and reserved
        + optional(0x2000, 4) // key
        + optional(0x1000, 4) // sequence number
        + if version_1 { optional(0x0080, 4) } else { 0 }; // acknowledgment number
    let has_sequence = flags & 0x1000 != 0;
    match kind {
        // ERSPAN types I and II share the number; only II has the sequence number, and a header of 8 bytes.
        0x88be => slice.skip(header + if has_sequence { 8 } else { 0 }, Layer::Ethernet),
        // ERSPAN III: 12 bytes, 8 more with the O bit, and a frame type.
        0x22eb => {
            let last = *slice.bytes.get(header + 11)?;
            let frame_type = (slice.be16(header + 10)? >> 7) & 0x1f;
            let length = header + 12 + if last & 1 != 0 { 8 } else { 0 };
            slice.skip(length, if frame_type == 2 { Layer::Ip } else { Layer::Ethernet })
        }
        _ => slice.skip(header, Layer::EtherType(kind)),
    }
}

/// Whether a datagram to this port may be a tunnel's.
#[inline]
pub(super) const fn may_be_tunnel(port: u16) -> bool {
    matches!(port, 4789 | 8472 | 4790 | 6081)
}

/// Tunnels over UDP, by port: VXLAN (RFC 7348), its generic extension, and Geneve (RFC 8926).
pub(super) fn udp_tunnel(slice: Slice<'_>, port: u16) -> Option<Slice<'_>> {
    match (port, slice.bytes) {
        (4789 | 8472, [flags, ..]) if flags & 0x08 != 0 => slice.skip(8, Layer::Ethernet),
        // VXLAN-GPE says what follows; without its P bit it is plain VXLAN.
        (4790, [flags, _, _, next, ..]) if flags & 0x08 != 0 => {
            slice.skip(8, if flags & 0x04 != 0 && matches!(next, 1 | 2) { Layer::Ip } else { Layer::Ethernet })
        }
        (6081, [first, ..]) if first >> 6 == 0 => {
            let kind = slice.be16(2)?;
            slice.skip(8 + 4 * usize::from(first & 0x3f), Layer::EtherType(kind))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip_at(link: LinkType, bytes: &[u8]) -> Option<usize> {
        let slice = inward(first(link, bytes, bytes.len() as u32)?)?;
        Some(bytes.len() - slice.bytes.len())
    }

    #[test]
    fn stacked_vlans() {
        let mut frame = vec![0; 12];
        frame.extend_from_slice(&[0x88, 0xa8, 0, 1, 0x81, 0, 0, 2, 8, 0, 0x45]);
        assert_eq!(ip_at(LinkType::ETHERNET, &frame), Some(22));
    }

    #[test]
    fn cooked_loopback_and_ppp() {
        let mut sll = vec![0; 14];
        sll.extend_from_slice(&[8, 0, 0x45]);
        assert_eq!(ip_at(LinkType::LINUX_SLL, &sll), Some(16));
        assert_eq!(ip_at(LinkType::NULL, &[2, 0, 0, 0, 0x45]), Some(4));
        assert_eq!(ip_at(LinkType::PPP, &[0xff, 3, 0, 0x21, 0x45]), Some(4));
        assert_eq!(ip_at(LinkType::PPP, &[0x21, 0x45]), Some(1));
    }

    #[test]
    fn endless_wrapping_ends() {
        let mut frame = vec![0; 12];
        for _ in 0..1000 {
            frame.extend_from_slice(&[0x81, 0, 0, 1]);
        }
        assert_eq!(ip_at(LinkType::ETHERNET, &frame), None);
    }
}
