//! The least that any reader must do: hop the record headers of a mapped capture, look at EtherType, protocol and ports, and
//! look every TCP packet's connection up in a table. Ethernet in a little-endian pcap file, nothing else.

/// What a walk has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) packets: u64,
    pub(crate) tcp: u64,
    pub(crate) connections: u64,
}

/// Both ends, the lower address first.
type Key = [u64; 5];

/// Open addressing, linear probing; a key of zeros marks a free slot.
struct Table {
    slots: Vec<(Key, u64)>,
    used: usize,
    seed: u64,
}

impl Table {
    fn new(seed: u64) -> Self {
        Self { slots: vec![(Key::default(), 0); 1 << 12], used: 0, seed }
    }

    fn hash(&self, key: &Key) -> usize {
        let mut state = u128::from(self.seed);
        for word in key {
            let product = u128::from(state as u64 ^ word) * 0x9e37_79b9_7f4a_7c15;
            state = product ^ (product >> 64);
        }
        state as u64 as usize
    }

    /// Counts a packet of the connection.
    fn count(&mut self, key: Key) {
        let mask = self.slots.len() - 1;
        let mut at = self.hash(&key) & mask;
        loop {
            let (known, packets) = &mut self.slots[at];
            if *known == key {
                *packets += 1;
                return;
            }
            if *known == Key::default() {
                (*known, *packets) = (key, 1);
                self.used += 1;
                break;
            }
            at = (at + 1) & mask;
        }
        if self.used * 2 > self.slots.len() {
            self.grow();
        }
    }

    fn grow(&mut self) {
        let doubled = vec![(Key::default(), 0); self.slots.len() * 2];
        let mask = doubled.len() - 1;
        for (key, packets) in std::mem::replace(&mut self.slots, doubled) {
            if key != Key::default() {
                let mut at = self.hash(&key) & mask;
                while self.slots[at].0 != Key::default() {
                    at = (at + 1) & mask;
                }
                self.slots[at] = (key, packets);
            }
        }
    }
}

/// Walks `file`, a whole capture.
pub(crate) fn walk(file: &[u8], seed: u64) -> Seen {
    let mut seen = Seen::default();
    let mut table = Table::new(seed);
    let mut rest = file.get(24..).unwrap_or_default();
    while let Some(header) = rest.first_chunk::<16>() {
        let length = u32::from_le_bytes([header[8], header[9], header[10], header[11]]) as usize;
        let Some(packet) = rest.get(16..16 + length) else { break };
        seen.packets += 1;
        if let Some(key) = connection(packet) {
            seen.tcp += 1;
            table.count(key);
        }
        rest = &rest[16 + length..];
    }
    seen.connections = table.used as u64;
    seen
}

fn connection(packet: &[u8]) -> Option<Key> {
    let mut ip = packet.get(14..)?;
    let mut kind = [packet[12], packet[13]];
    if kind == [0x81, 0] {
        kind = [packet[16], packet[17]];
        ip = packet.get(18..)?;
    }
    let word = |bytes: &[u8], at: usize| {
        u64::from(u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]))
    };
    let (from, to, tcp) = match kind {
        [8, 0] if ip.len() >= 20 && ip[9] == 6 => {
            let header = usize::from(ip[0] & 15) * 4;
            ([0, word(ip, 12)], [0, word(ip, 16)], ip.get(header..)?)
        }
        [0x86, 0xdd] if ip.len() >= 40 && ip[6] == 6 => {
            let half = |at: usize| word(ip, at) << 32 | word(ip, at + 4);
            ([half(8), half(16)], [half(24), half(32)], &ip[40..])
        }
        _ => return None,
    };
    let ports = word(tcp.get(..4)?, 0);
    let (low, high, ports) = if (from, ports >> 16) <= (to, ports & 0xffff) {
        (from, to, ports)
    } else {
        (to, from, ports << 16 | ports >> 16)
    };
    Some([low[0], low[1], high[0], high[1], ports & 0xffff_ffff | 1 << 40])
}
