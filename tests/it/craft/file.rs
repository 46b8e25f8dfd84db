//! Capture files in memory: pcap in its four dialects, pcapng with as many interfaces as asked for.

/// One captured packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    /// Nanoseconds since 1970.
    pub(crate) time_ns: u64,
    /// What the capture kept.
    pub(crate) bytes: Vec<u8>,
    /// How long it was on the wire.
    pub(crate) length: usize,
}

/// A pcap's dialect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pcap {
    pub(crate) link_type: u16,
    pub(crate) nanoseconds: bool,
    pub(crate) big_endian: bool,
}

/// What a pcapng says of one interface.
#[derive(Clone, Debug)]
pub(crate) struct Interface {
    pub(crate) name: &'static str,
    pub(crate) link_type: u16,
    /// 9 for nanoseconds, 6 for microseconds.
    pub(crate) digits: u8,
    /// Packets the system dropped before the file saw them, told in an Interface Statistics Block.
    pub(crate) dropped: Option<u64>,
}

/// The common dialect: little-endian, microseconds, Ethernet.
pub(crate) fn pcap(packets: &[Packet]) -> Vec<u8> {
    pcap_as(Pcap { link_type: 1, nanoseconds: false, big_endian: false }, packets)
}

/// Any dialect.
pub(crate) fn pcap_as(dialect: Pcap, packets: &[Packet]) -> Vec<u8> {
    let half = |n: u16| if dialect.big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
    let word = |n: u32| if dialect.big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
    let mut file = word(if dialect.nanoseconds { 0xa1b2_3c4d } else { 0xa1b2_c3d4 }).to_vec();
    file.extend([half(2), half(4)].concat());
    file.extend([word(0), word(0), word(SNAPLEN), word(dialect.link_type.into())].concat());
    for packet in packets {
        let fraction = (packet.time_ns % 1_000_000_000) as u32;
        file.extend(word((packet.time_ns / 1_000_000_000) as u32));
        file.extend(word(if dialect.nanoseconds { fraction } else { fraction / 1000 }));
        file.extend(word(packet.bytes.len() as u32));
        file.extend(word(packet.length as u32));
        file.extend(&packet.bytes);
    }
    file
}

/// A little-endian pcapng. Each packet names its interface by its place in `interfaces`.
pub(crate) fn pcapng(interfaces: &[Interface], packets: &[(u32, Packet)]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut section = 0x1a2b_3c4d_u32.to_le_bytes().to_vec();
    section.extend([1, 0, 0, 0]);
    section.extend([0xff; 8] /* length not said */);
    block(&mut file, 0x0a0d_0d0a, section);
    for interface in interfaces {
        let mut body = interface.link_type.to_le_bytes().to_vec();
        body.extend([0, 0]);
        body.extend(SNAPLEN.to_le_bytes());
        option(&mut body, 2 /* if_name */, interface.name.as_bytes());
        option(&mut body, 9 /* if_tsresol */, &[interface.digits]);
        option(&mut body, 0, &[]);
        block(&mut file, 1, body);
    }
    let ticks = |interface: u32, time_ns: u64| {
        let ticks = time_ns / 10_u64.pow(9 - u32::from(interfaces[interface as usize].digits));
        [((ticks >> 32) as u32).to_le_bytes(), (ticks as u32).to_le_bytes()].concat()
    };
    for (interface, packet) in packets {
        let mut body = interface.to_le_bytes().to_vec();
        body.extend(ticks(*interface, packet.time_ns));
        body.extend((packet.bytes.len() as u32).to_le_bytes());
        body.extend((packet.length as u32).to_le_bytes());
        body.extend(&packet.bytes);
        pad(&mut body);
        block(&mut file, 6, body);
    }
    for (nth, interface) in (0..).zip(interfaces) {
        let Some(dropped) = interface.dropped else { continue };
        let seen = packets.iter().filter(|(interface, _)| *interface == nth).count() as u64;
        let mut body = nth.to_le_bytes().to_vec();
        body.extend(ticks(nth, packets.last().map_or(0, |(_, packet)| packet.time_ns)));
        option(&mut body, 4 /* isb_ifrecv */, &(seen + dropped).to_le_bytes());
        option(&mut body, 5 /* isb_ifdrop */, &dropped.to_le_bytes());
        option(&mut body, 0, &[]);
        block(&mut file, 5, body);
    }
    file
}

/// One gzip member around `file`. Its header holds no time, so that the same file gives the same bytes.
pub(crate) fn gzip(file: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::GzBuilder::new().mtime(0).write(Vec::new(), flate2::Compression::default());
    encoder.write_all(file).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

/// What [`gzip`] was given; empty where that cannot be told.
pub(crate) fn gunzip(file: &[u8]) -> Vec<u8> {
    use std::io::Read;
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).map_or_else(|_| Vec::new(), |_| bytes)
}

/// Several conversations as one capture, in time order.
pub(crate) fn merge(conversations: impl IntoIterator<Item = Vec<Packet>>) -> Vec<Packet> {
    let mut packets: Vec<Packet> = conversations.into_iter().flatten().collect();
    packets.sort_by_key(|packet| packet.time_ns);
    packets
}

const SNAPLEN: u32 = 262_144;

fn block(file: &mut Vec<u8>, kind: u32, body: Vec<u8>) {
    let length = (body.len() as u32 + 12).to_le_bytes();
    file.extend(kind.to_le_bytes());
    file.extend(length);
    file.extend(body);
    file.extend(length);
}

fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    body.extend(code.to_le_bytes());
    body.extend((value.len() as u16).to_le_bytes());
    body.extend(value);
    pad(body);
}

fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}
