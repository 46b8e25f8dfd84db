//! What an IP packet travels in: a link layer, tags, a tunnel.

use std::net::Ipv4Addr;

use super::frame::{GRE, Ip, UDP, udp};

/// The wrapping of every packet of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    Ethernet,
    /// 802.1Q.
    Vlan(u16),
    /// 802.1ad with 802.1Q inside.
    QinQ(u16, u16),
    /// Linux "cooked" capture, version 1.
    Sll,
    /// Linux "cooked" capture, version 2.
    Sll2,
    /// Nothing below IP.
    RawIp,
    /// Ethernet in VXLAN in UDP, with this network identifier.
    Vxlan(u32),
    /// IP in GRE.
    Gre,
    /// Ethernet in ERSPAN type II: a switch's copy of the traffic, with this session id.
    Erspan(u16),
}

/// Ends of the outer packets of the tunnels.
const TUNNEL: (Ipv4Addr, Ipv4Addr) = (Ipv4Addr::new(192, 0, 2, 11), Ipv4Addr::new(192, 0, 2, 12));

impl Carrier {
    /// The link type number of a capture file.
    pub(crate) fn link_type(self) -> u16 {
        match self {
            Carrier::Sll => 113,
            Carrier::Sll2 => 276,
            Carrier::RawIp => 101,
            _ => 1,
        }
    }

    /// One frame around `ip`. `nth` numbers the outer headers that count.
    pub(crate) fn frame(self, from: [u8; 6], to: [u8; 6], nth: u16, ip: &[u8]) -> Vec<u8> {
        let ethertype: u16 = if ip[0] >> 4 == 6 { 0x86dd } else { 0x0800 };
        match self {
            Carrier::Ethernet => ethernet(from, to, &[], ethertype, ip),
            Carrier::Vlan(id) => ethernet(from, to, &[(0x8100, id)], ethertype, ip),
            Carrier::QinQ(outer, inner) => ethernet(from, to, &[(0x88a8, outer), (0x8100, inner)], ethertype, ip),
            Carrier::RawIp => ip.to_vec(),
            Carrier::Sll => {
                let mut frame = vec![0, 0 /* to us */, 0, 1 /* Ethernet */, 0, 6];
                frame.extend(from);
                frame.extend([0, 0]);
                frame.extend(ethertype.to_be_bytes());
                frame.extend(ip);
                frame
            }
            Carrier::Sll2 => {
                let mut frame = ethertype.to_be_bytes().to_vec();
                frame.extend([0, 0, 0, 0, 0, 2 /* interface */, 0, 1 /* Ethernet */, 0 /* to us */, 6]);
                frame.extend(from);
                frame.extend([0, 0]);
                frame.extend(ip);
                frame
            }
            Carrier::Vxlan(vni) => {
                let outer = outer(nth);
                let mut payload = vec![0x08, 0, 0, 0];
                payload.extend((vni << 8).to_be_bytes());
                payload.extend(ethernet(from, to, &[], ethertype, ip));
                let datagram = udp(&outer, 49_152 + nth % 64, 4789, &payload);
                tunnelled(&outer.packet(UDP, &datagram))
            }
            Carrier::Gre => {
                let mut payload = vec![0, 0];
                payload.extend(ethertype.to_be_bytes());
                payload.extend(ip);
                tunnelled(&outer(nth).packet(GRE, &payload))
            }
            Carrier::Erspan(session) => {
                let mut payload = vec![0x10, 0 /* sequence number follows */, 0x88, 0xbe];
                payload.extend(u32::from(nth).to_be_bytes());
                payload.extend((1u16 << 12/* version of type II */).to_be_bytes());
                payload.extend(session.to_be_bytes());
                payload.extend([0; 4] /* port index */);
                payload.extend(ethernet(from, to, &[], ethertype, ip));
                tunnelled(&outer(nth).packet(GRE, &payload))
            }
        }
    }
}

fn ethernet(from: [u8; 6], to: [u8; 6], tags: &[(u16, u16)], ethertype: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = to.to_vec();
    frame.extend(from);
    for (protocol, id) in tags {
        frame.extend(protocol.to_be_bytes());
        frame.extend(id.to_be_bytes());
    }
    frame.extend(ethertype.to_be_bytes());
    frame.extend(payload);
    frame
}

fn outer(nth: u16) -> Ip {
    Ip { from: TUNNEL.0.into(), to: TUNNEL.1.into(), ttl: 255, id: nth, whole: false }
}

fn tunnelled(ip: &[u8]) -> Vec<u8> {
    ethernet([2, 0, 192, 0, 2, 11], [2, 0, 192, 0, 2, 12], &[], 0x0800, ip)
}
