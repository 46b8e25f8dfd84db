//! A connection on any port before its first word: the packets of its handshake, kept to be told again if it is RDP.

use crate::tcp::segment::{Net, Segment};
use crate::tcp::stream::Mark;

/// Packets kept: SYN, SYN,ACK, ACK, and a repetition or two.
const PACKETS: usize = 5;

/// A packet without payload, owned.
#[derive(Clone, Debug)]
struct Kept {
    mark: Mark,
    net: Net,
    ports: (u16, u16),
    sequence: u32,
    acknowledgment: u32,
    flags: crate::tcp::segment::Flags,
    window: u16,
    options: Box<[u8]>,
}

/// The packets before the first word.
#[derive(Debug, Default)]
pub(super) struct Probe {
    packets: Vec<Kept>,
}

impl Probe {
    /// Keeps a packet without payload.
    pub(super) fn keep(&mut self, segment: &Segment<'_>, mark: Mark) {
        if self.packets.len() < PACKETS {
            self.packets.push(Kept {
                mark,
                net: segment.net,
                ports: (segment.source_port, segment.destination_port),
                sequence: segment.sequence,
                acknowledgment: segment.acknowledgment,
                flags: segment.flags,
                window: segment.window,
                options: segment.options.into(),
            });
        }
    }

    /// When it was last heard of; nanoseconds.
    pub(super) fn last(&self) -> i64 {
        self.packets.last().map_or(i64::MIN, |kept| kept.mark.time.0)
    }

    /// The packets kept, in order.
    pub(super) fn segments(&self) -> impl Iterator<Item = (Segment<'_>, Mark)> {
        self.packets.iter().map(|kept| {
            let segment = Segment {
                net: kept.net,
                source_port: kept.ports.0,
                destination_port: kept.ports.1,
                sequence: kept.sequence,
                acknowledgment: kept.acknowledgment,
                flags: kept.flags,
                window: kept.window,
                options: &kept.options,
                payload: &[],
                length: 0,
            };
            (segment, kept.mark)
        })
    }
}
