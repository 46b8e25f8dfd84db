//! Tunnels: what a packet of GRE, of IP or of UDP carries.

use super::link::{DEPTH, Layer, Slice};

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
    matches!(port, 4789 | 8472 | 4790 | 6081 | 1701 | 2152 | 5247 | 37_008)
}

/// Tunnels over UDP, by port: VXLAN (RFC 7348), its generic extension, Geneve (RFC 8926), L2TP, GTP-U, CAPWAP, TZSP.
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
        (1701, _) => l2tp(slice),
        (2152, _) => gtp(slice),
        (5247, _) => capwap(slice),
        (37_008, _) => sniffer(slice),
        _ => None,
    }
}

/// L2TP (RFC 2661 3.1): a data message of version 2, whose optional fields its flags tell; then PPP.
fn l2tp(slice: Slice<'_>) -> Option<Slice<'_>> {
    let flags = slice.be16(0)?;
    if flags & 0x800f != 2 {
        return None;
    }
    let optional = |bit: u16, length: usize| if flags & bit != 0 { length } else { 0 };
    let before = 2 + optional(0x4000, 2) + 4 + optional(0x0800, 4);
    let padding = if flags & 0x0200 != 0 { 2 + usize::from(slice.be16(before)?) } else { 0 };
    slice.skip(before + padding, Layer::Ppp)
}

/// GTP-U (3GPP TS 29.281 5.1): a user's packet, perhaps behind extension headers.
fn gtp(slice: Slice<'_>) -> Option<Slice<'_>> {
    let [flags, 0xff, ..] = *slice.bytes else { return None };
    // Version 1, and GTP itself rather than its billing sister.
    if flags & 0xf0 != 0x30 || u32::from(slice.be16(2)?) + 8 != slice.wire {
        return None;
    }
    let mut at = 8;
    if flags & 7 != 0 {
        let mut next = *slice.bytes.get(11)?;
        at = 12;
        for _ in 0..DEPTH {
            if next == 0 || flags & 4 == 0 {
                break;
            }
            let words = usize::from(*slice.bytes.get(at)?).max(1);
            at += 4 * words;
            next = *slice.bytes.get(at - 1)?;
        }
    }
    slice.skip(at, Layer::Ip)
}

/// CAPWAP (RFC 5415 4.3): what an access point sends its controller, as 802.11 or as Ethernet. Fragments are left alone.
fn capwap(slice: Slice<'_>) -> Option<Slice<'_>> {
    let [0, length, binding, flags, ..] = *slice.bytes else { return None };
    let (is_native, is_fragment) = (binding & 1 != 0, flags & 0x80 != 0);
    if is_fragment {
        return None;
    }
    slice.skip(4 * usize::from(length >> 3), if is_native { Layer::Wifi } else { Layer::Ethernet })
}

/// TZSP: what routers and access points send to a sniffer. Tags of type and length, up to the one that ends them.
fn sniffer(slice: Slice<'_>) -> Option<Slice<'_>> {
    let [1, 0 | 1, _, _, ..] = *slice.bytes else { return None };
    let layer = match slice.be16(2)? {
        1 => Layer::Ethernet,
        18 => Layer::Wifi,
        _ => return None,
    };
    let mut at = 4;
    for _ in 0..DEPTH {
        match *slice.bytes.get(at)? {
            1 => return slice.skip(at + 1, layer),
            0 => at += 1,
            _ => at += 2 + usize::from(*slice.bytes.get(at + 1)?),
        }
    }
    None
}

/// EtherIP (RFC 3378): two bytes, of which half a one is the version, 3.
pub(super) fn ether_ip(slice: Slice<'_>) -> Option<Slice<'_>> {
    (slice.bytes.first()? >> 4 == 3).then(|| slice.skip(2, Layer::Ethernet))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::link::inward;

    /// How many bytes of a tunnel's header come before the IP packet or frame, if one is found.
    fn before_ip(port: u16, header: &[u8], behind: &[u8]) -> Option<usize> {
        let bytes = [header, behind].concat();
        let slice = Slice { layer: Layer::Ip, bytes: &bytes, wire: bytes.len() as u32 };
        let slice = inward(udp_tunnel(slice, port)?)?;
        Some(bytes.len() - slice.bytes.len())
    }

    const IP: &[u8] = &[0x45, 0, 0, 20];
    const ETHERNET: &[u8] = &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0x45, 0, 0, 20];

    #[test]
    fn what_operators_and_sniffers_wrap() {
        assert_eq!(before_ip(1701, &[0, 2, 0, 1, 0, 1, 0xff, 3, 0, 0x21], IP), Some(10));
        assert_eq!(before_ip(1701, &[0x42, 2, 0, 18, 0, 1, 0, 1, 0, 2, 9, 9, 0xff, 3, 0, 0x21], IP), Some(16));
        assert_eq!(before_ip(1701, &[0xc8, 2, 0, 12, 0, 1, 0, 1, 0, 0, 0, 0], IP), None, "it controls");
        assert_eq!(before_ip(2152, &[0x30, 0xff, 0, 4, 0, 0, 0, 7], IP), Some(8));
        let extended = [0x34, 0xff, 0, 12, 0, 0, 0, 7, 0, 0, 0, 0x85, 1, 0, 1, 0];
        assert_eq!(before_ip(2152, &extended, IP), Some(16));
        assert_eq!(before_ip(2152, &[0x30, 0xff, 0, 99, 0, 0, 0, 7], IP), None, "its length is another");
        assert_eq!(before_ip(37_008, &[1, 0, 0, 1, 10, 1, 32, 0, 1], ETHERNET), Some(9 + 14));
        assert_eq!(before_ip(37_008, &[1, 0, 0, 1, 10, 1, 32, 0], &[0; 40]), None, "no end of its tags");
    }

    #[test]
    fn what_access_points_send() {
        let mut wifi = vec![0x88, 1];
        wifi.resize(26, 0);
        wifi.extend([0xaa, 0xaa, 3, 0, 0, 0, 8, 0]);
        assert_eq!(before_ip(5247, &[0, 0x10, 3, 0, 0, 0, 0, 0], &[&wifi[..], IP].concat()), Some(8 + 34));
        assert_eq!(before_ip(5247, &[0, 0x10, 2, 0, 0, 0, 0, 0], ETHERNET), Some(8 + 14));
        assert_eq!(before_ip(5247, &[1, 0, 0, 0], ETHERNET), None, "DTLS");
        wifi.swap(0, 1);
        assert_eq!(before_ip(37_008, &[1, 0, 0, 18, 1], &[&wifi[..], IP].concat()), Some(5 + 34));
        wifi[0] |= 0x40;
        assert_eq!(before_ip(37_008, &[1, 0, 0, 18, 1], &[&wifi[..], IP].concat()), None, "encrypted");
    }
}
