//! ICMP errors that quote a TCP segment or a UDP datagram. The quote is evidence about a packet, never a packet of its own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::segment::{IcmpError, Net};

/// RFC 792: destination unreachable (3), time exceeded (11), parameter problem (12).
pub(super) fn v4(net: &Net, bytes: &[u8]) -> Option<IcmpError> {
    let [kind @ (3 | 11 | 12), code, _, _, _, _, high, low, quote @ ..] = bytes else { return None };
    let mtu = u32::from(u16::from_be_bytes([*high, *low]));
    let header = usize::from(quote.first()? & 0xf) * 4;
    let protocol = *quote.get(9)?;
    if quote.first()? >> 4 != 4 || !is_quotable(protocol) {
        return None;
    }
    let address = |at: usize| {
        let octets: [u8; 4] = quote.get(at..at + 4)?.try_into().ok()?;
        Some(IpAddr::V4(Ipv4Addr::from(octets)))
    };
    let ports = quote.get(header..header + 8).unwrap_or(&CUT);
    Some(error(
        net,
        *kind,
        *code,
        (*kind == 3 && *code == 4 && mtu > 0).then_some(mtu),
        Quote {
            is_udp: protocol == UDP,
            source: address(12)?,
            destination: address(16)?,
            ttl: *quote.get(8)?,
            length: u32::from(u16::from_be_bytes([*quote.get(2)?, *quote.get(3)?])),
            ports,
        },
    ))
}

/// RFC 4443: destination unreachable (1), packet too big (2), time exceeded (3), parameter problem (4).
pub(super) fn v6(net: &Net, bytes: &[u8]) -> Option<IcmpError> {
    let [kind @ 1..=4, code, _, _, a, b, c, d, quote @ ..] = bytes else { return None };
    let protocol = *quote.get(6)?;
    if quote.first()? >> 4 != 6 || !is_quotable(protocol) {
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
            is_udp: protocol == UDP,
            source: address(8)?,
            destination: address(24)?,
            ttl: *quote.get(7)?,
            length: 40 + u32::from(u16::from_be_bytes([*quote.get(4)?, *quote.get(5)?])),
            ports: quote.get(40..48).unwrap_or(&CUT),
        },
    ))
}

/// In place of what a snap length cut off: nobody has port 0.
const CUT: [u8; 8] = [0; 8];

const TCP: u8 = 6;
const UDP: u8 = 17;

const fn is_quotable(protocol: u8) -> bool {
    matches!(protocol, TCP | UDP)
}

struct Quote<'a> {
    is_udp: bool,
    source: IpAddr,
    destination: IpAddr,
    ttl: u8,
    length: u32,
    /// The first eight bytes of the TCP or UDP header; both begin with the ports.
    ports: &'a [u8],
}

fn error(net: &Net, kind: u8, code: u8, mtu: Option<u32>, quote: Quote<'_>) -> IcmpError {
    let head = quote.ports;
    IcmpError {
        net: *net,
        kind,
        code,
        mtu,
        is_udp: quote.is_udp,
        quoted_source: (quote.source, u16::from_be_bytes([head[0], head[1]])),
        quoted_destination: (quote.destination, u16::from_be_bytes([head[2], head[3]])),
        quoted_sequence: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
        quoted_ttl: quote.ttl,
        quoted_length: quote.length,
    }
}
