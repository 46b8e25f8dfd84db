//! Small captures, byte by byte: a refused connection, a cut file, a file of something else.

use std::path::{Path, PathBuf};

/// 2026-03-11 08:14:22 UTC.
pub(super) const BEGIN: u32 = 1_773_216_862;

/// A directory of its own for each test, gone afterwards.
pub(super) struct Place(tempfile::TempDir);

impl Place {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    }
}

/// A little-endian pcap with microseconds; each packet at its number of milliseconds after `BEGIN`.
pub(super) fn pcap(link: u32, packets: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut file = Vec::new();
    for field in [0xa1b2_c3d4_u32, 2 | 4 << 16, 0, 0, 262_144, link] {
        file.extend(field.to_le_bytes());
    }
    for (milliseconds, packet) in packets {
        let length = u32::try_from(packet.len()).expect("small");
        let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
        for field in [BEGIN + seconds, rest * 1000, length, length] {
            file.extend(field.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

/// The server insists on NLA (`HYBRID_REQUIRED_BY_SERVER`, 5) and the client did not offer it; dies at frame 5.
pub(super) fn refused() -> Vec<u8> {
    pcap(1, &refused_packets(0, 49811))
}

/// The same, beginning so many milliseconds later and from another port.
pub(super) fn refused_packets(start: u32, port: u16) -> Vec<(u32, Vec<u8>)> {
    const REQUEST: &[u8] = &[3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 1, 0, 0, 0];
    const FAILURE: &[u8] = &[3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 3, 0, 8, 0, 5, 0, 0, 0];
    const SYN: u8 = 2;
    const ACK: u8 = 16;
    const PSH_ACK: u8 = 24;
    const FIN_ACK: u8 = 17;
    let client = |seq: u32, ack: u32, flags: u8, payload: &[u8]| tcp(true, port, seq, ack, flags, payload);
    let server = |seq: u32, ack: u32, flags: u8, payload: &[u8]| tcp(false, port, seq, ack, flags, payload);
    let packets = vec![
        (0, client(1000, 0, SYN, &[])),
        (21, server(5000, 1001, SYN | ACK, &[])),
        (21, client(1001, 5001, ACK, &[])),
        (22, client(1001, 5001, PSH_ACK, REQUEST)),
        (44, server(5001, 1020, PSH_ACK, FAILURE)),
        (45, server(5020, 1020, FIN_ACK, &[])),
        (45, client(1020, 5021, ACK, &[])),
        (46, client(1020, 5021, FIN_ACK, &[])),
        (66, server(5021, 1021, ACK, &[])),
    ];
    packets.into_iter().map(|(time, packet)| (start + time, packet)).collect()
}

/// Traffic that is no RDP: one connection to port 443, refused.
pub(super) fn web() -> Vec<u8> {
    let mut packets: Vec<_> = refused_packets(0, 50000).into_iter().take(2).collect();
    for (_, packet) in &mut packets {
        let at = if packet[34..36] == 3389_u16.to_be_bytes() { 34 } else { 36 };
        packet[at..at + 2].copy_from_slice(&443_u16.to_be_bytes());
    }
    pcap(1, &packets)
}

/// An Ethernet frame with IPv4 and TCP; checksums are left at zero, as network cards that compute them do.
fn tcp(is_client: bool, port: u16, seq: u32, ack: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let (client, server) = ([10, 20, 4, 80], [10, 20, 1, 9]);
    let (from, to) = if is_client { (client, server) } else { (server, client) };
    let (source, destination) = if is_client { (port, 3389) } else { (3389, port) };
    let total = u16::try_from(20 /* IP */ + 20 /* TCP */ + payload.len()).expect("small");
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
    frame.extend([0x45, 0]);
    frame.extend(total.to_be_bytes());
    frame.extend([0, 1, 0x40, 0, if is_client { 64 } else { 117 }, 6, 0, 0]);
    frame.extend(from);
    frame.extend(to);
    frame.extend(source.to_be_bytes());
    frame.extend(destination.to_be_bytes());
    frame.extend(seq.to_be_bytes());
    frame.extend(ack.to_be_bytes());
    frame.extend([0x50, flags, 0xfa, 0xf0, 0, 0, 0, 0]);
    frame.extend(payload);
    frame
}
