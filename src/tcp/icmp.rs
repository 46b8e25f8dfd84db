//! ICMP errors that quote a TCP segment. The quote is evidence about a packet, never a packet of its own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::segment::{IcmpError, Net};

/// RFC 792: destination unreachable (3), time exceeded (11), parameter problem (12).
pub(super) fn v4(net: &Net, bytes: &[u8]) -> Option<IcmpError> {
    let [kind @ (3 | 11 | 12), code, _, _, _, _, high, low, quote @ ..] = bytes else { return None };
    let mtu = u32::from(u16::from_be_bytes([*high, *low]));
    let header = usize::from(quote.first()? & 0xf) * 4;
    if quote.first()? >> 4 != 4 || *quote.get(9)? != 6 {
        return None;
    }
    let address = |at: usize| {
        let octets: [u8; 4] = quote.get(at..at + 4)?.try_into().ok()?;
        Some(IpAddr::V4(Ipv4Addr::from(octets)))
    };
    let ports = quote.get(header..header + 8)?;
    Some(error(
        net,
        *kind,
        *code,
        (*kind == 3 && *code == 4 && mtu > 0).then_some(mtu),
        Quote {
            source: address(12)?,
            destination: address(16)?,
            ttl: *quote.get(8)?,
            length: u32::from(u16::from_be_bytes([*quote.get(2)?, *quote.get(3)?])),
            tcp: ports,
        },
    ))
}

/// RFC 4443: destination unreachable (1), packet too big (2), time exceeded (3), parameter problem (4).
pub(super) fn v6(net: &Net, bytes: &[u8]) -> Option<IcmpError> {
    let [kind @ 1..=4, code, _, _, a, b, c, d, quote @ ..] = bytes else { return None };
    if quote.first()? >> 4 != 6 || *quote.get(6)? != 6 {
        return None;
    }
    let address = |at: usize| {
        let octets: [u8; 16] = quote.get(at..at + 16)?.try_into().ok()?;
        Some(IpAddr::V6(Ipv6Addr::from(octets)))
    };
    let mtu = u32::from_be_bytes([*a, *b, *c, *d]);
    Some(error(
        net,
        *kind,
        *code,
        (*kind == 2).then_some(mtu),
        Quote {
            source: address(8)?,
            destination: address(24)?,
            ttl: *quote.get(7)?,
            length: 40 + u32::from(u16::from_be_bytes([*quote.get(4)?, *quote.get(5)?])),
            tcp: quote.get(40..48)?,
        },
    ))
}

struct Quote<'a> {
    source: IpAddr,
    destination: IpAddr,
    ttl: u8,
    length: u32,
    /// The first eight bytes of the TCP header.
    tcp: &'a [u8],
}

fn error(net: &Net, kind: u8, code: u8, mtu: Option<u32>, quote: Quote<'_>) -> IcmpError {
    let tcp = quote.tcp;
    IcmpError {
        net: *net,
        kind,
        code,
        mtu,
        quoted_source: (quote.source, u16::from_be_bytes([tcp[0], tcp[1]])),
        quoted_destination: (quote.destination, u16::from_be_bytes([tcp[2], tcp[3]])),
        quoted_sequence: u32::from_be_bytes([tcp[4], tcp[5], tcp[6], tcp[7]]),
        quoted_ttl: quote.ttl,
        quoted_length: quote.length,
    }
}
