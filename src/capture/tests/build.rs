//! Writes captures, in all the ways that are found in the field.

use crate::capture::bytes::Order;

/// A packet to be written.
#[derive(Clone, Debug)]
pub(super) struct Packet {
    /// Nanoseconds.
    pub(super) time: u64,
    pub(super) bytes: Vec<u8>,
    pub(super) original: u32,
}

/// 2026-03-11 08:14:22 UTC.
pub(super) const START: u64 = 1_773_216_862_000_000_000;

/// `count` packets of different lengths, a millisecond apart.
pub(super) fn packets(count: usize) -> Vec<Packet> {
    let packet = |index: usize| {
        let bytes: Vec<u8> = (0..60 + index * 7 % 50).map(|at| (at * 31 + index) as u8).collect();
        let original = bytes.len() as u32 + if index % 3 == 2 { 100 } else { 0 };
        Packet { time: START + index as u64 * 1_000_000, bytes, original }
    };
    (0..count).map(packet).collect()
}

/// Numbers in a byte order.
pub(super) struct Writer {
    pub(super) order: Order,
    pub(super) bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn new(order: Order) -> Self {
        Self { order, bytes: Vec::new() }
    }

    pub(super) fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes.extend(if self.order == Order::Big { value.to_be_bytes() } else { value.to_le_bytes() });
        self
    }

    pub(super) fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes.extend(if self.order == Order::Big { value.to_be_bytes() } else { value.to_le_bytes() });
        self
    }

    pub(super) fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes.extend(if self.order == Order::Big { value.to_be_bytes() } else { value.to_le_bytes() });
        self
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend(bytes);
        self
    }

    fn pad(&mut self) -> &mut Self {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        self
    }

    /// An option of a pcapng block.
    pub(super) fn option(&mut self, code: u16, value: &[u8]) -> &mut Self {
        self.u16(code).u16(value.len() as u16).raw(value).pad()
    }

    /// A pcapng block around `body`.
    pub(super) fn block(&mut self, kind: u32, body: impl FnOnce(&mut Writer)) -> &mut Self {
        let mut inner = Writer::new(self.order);
        body(&mut inner);
        inner.pad();
        let length = inner.bytes.len() as u32 + 12;
        self.u32(kind).u32(length).raw(&inner.bytes).u32(length)
    }

    pub(super) fn section(&mut self) -> &mut Self {
        self.block(0x0a0d_0d0a, |body| {
            body.u32(0x1a2b_3c4d).u16(1).u16(0).u64(u64::MAX).option(4, b"a test").option(0, b"");
        })
    }

    /// An interface with a time resolution.
    pub(super) fn interface(&mut self, link: u16, snaplen: u32, resolution: u8) -> &mut Self {
        self.block(1, |body| {
            body.u16(link).u16(0).u32(snaplen).option(2, b"eth0").option(9, &[resolution]).option(0, b"");
        })
    }

    pub(super) fn enhanced(&mut self, interface: u32, ticks: u64, packet: &Packet) -> &mut Self {
        self.block(6, |body| {
            body.u32(interface).u32((ticks >> 32) as u32).u32(ticks as u32);
            body.u32(packet.bytes.len() as u32).u32(packet.original).raw(&packet.bytes).pad();
            body.option(1, b"a comment").option(0, b"");
        })
    }
}

/// A pcap file; `modified` has the longer record headers.
pub(super) fn pcap(order: Order, nanoseconds: bool, modified: bool, packets: &[Packet]) -> Vec<u8> {
    let mut file = Writer::new(order);
    let magic = match (modified, nanoseconds) {
        (true, _) => 0xa1b2_cd34,
        (_, true) => 0xa1b2_3c4d,
        _ => 0xa1b2_c3d4,
    };
    file.u32(magic).u16(2).u16(4).u32(0).u32(0).u32(262_144).u32(1);
    for packet in packets {
        let fraction = packet.time % 1_000_000_000 / if nanoseconds { 1 } else { 1000 };
        file.u32((packet.time / 1_000_000_000) as u32).u32(fraction as u32);
        file.u32(packet.bytes.len() as u32).u32(packet.original);
        if modified {
            file.u32(2).u32(0);
        }
        file.raw(&packet.bytes);
    }
    file.bytes
}

/// The commonest pcap.
pub(super) fn plain(packets: &[Packet]) -> Vec<u8> {
    pcap(Order::Little, false, false, packets)
}

/// A pcapng file with one Ethernet interface that counts microseconds.
pub(super) fn pcapng(order: Order, packets: &[Packet]) -> Vec<u8> {
    let mut file = Writer::new(order);
    file.section().interface(1, 0, 6);
    for packet in packets {
        file.enhanced(0, packet.time / 1000, packet);
    }
    file.bytes
}
