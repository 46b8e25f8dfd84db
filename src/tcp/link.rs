//! From a frame's first byte to its IP packet: link layers inside one another.

use crate::frame::LinkType;

/// What the bytes at hand begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    Ethernet,
    EtherType(u16),
    Llc,
    Mpls,
    Ppp,
    /// IEEE 802.11 as access points pass it on: the radio's encryption is gone.
    Wifi,
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

    pub(super) fn be16(self, at: usize) -> Option<u16> {
        Some(u16::from_be_bytes([*self.bytes.get(at)?, *self.bytes.get(at + 1)?]))
    }
}

/// Layers that a packet may be wrapped in before it is given up as an attack.
pub(super) const DEPTH: usize = 16;

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
        // One byte says the direction.
        LinkType(166 | 204) => slice.skip(1, Layer::Ppp),
        // Which rule of the firewall it met; the header's length is the first byte, and padded.
        LinkType(117) => slice.skip(usize::from(*bytes.first()?).next_multiple_of(4), Layer::Ip),
        LinkType(258) => interface_tap(slice),
        _ => None,
    }
}

/// What macOS puts before a packet of any interface: its own length, and the link type of what follows.
fn interface_tap(slice: Slice<'_>) -> Option<Slice<'_>> {
    let le32 = |at: usize| Some(u32::from_le_bytes(*slice.bytes.get(at..)?.first_chunk()?));
    let (length, link) = (le32(0)?, le32(8)?);
    let inner = slice.skip(usize::try_from(length).ok()?, Layer::Ip)?;
    match LinkType(link) {
        LinkType(258) => None,
        link => first(link, inner.bytes, inner.wire),
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
            Layer::Wifi => wifi(slice)?,
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

/// IEEE 802.11 9.3.2: a data frame that nobody has encrypted. Some controllers swap the bytes of its first field.
fn wifi(slice: Slice<'_>) -> Option<Slice<'_>> {
    let (kind, flags) = match *slice.bytes {
        [kind @ (0x08 | 0x88), flags, ..] | [flags, kind @ (0x08 | 0x88), ..] => (kind, flags),
        _ => return None,
    };
    if flags & 0x40 != 0 {
        return None;
    }
    let optional = |is_there: bool, length: usize| if is_there { length } else { 0 };
    let is_qos = kind == 0x88;
    let header = 24 + optional(flags & 3 == 3, 6) + optional(is_qos, 2) + optional(is_qos && flags & 0x80 != 0, 4);
    slice.skip(header, Layer::Llc)
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
        assert_eq!(ip_at(LinkType(204), &[0, 0xff, 3, 0, 0x21, 0x45]), Some(5));
    }

    #[test]
    fn taps_of_other_systems() {
        let mut tap = [108_u32.to_le_bytes(), 1_u32.to_le_bytes(), 1_u32.to_le_bytes()].concat();
        tap.resize(108 + 12, 0);
        tap.extend_from_slice(&[8, 0, 0x45]);
        assert_eq!(ip_at(LinkType(258), &tap), Some(122));
        tap[8] = 2;
        tap[9] = 1;
        assert_eq!(ip_at(LinkType(258), &tap), None, "a tap on a tap");
        let mut log = vec![61];
        log.resize(64, 0);
        log.push(0x45);
        assert_eq!(ip_at(LinkType(117), &log), Some(64));
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
