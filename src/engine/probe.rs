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
    /// Words with a proxy so far; RDP may begin behind them.
    proxy_words: u8,
}

/// Words with a proxy before it is given up: SOCKS with a password needs six.
const PROXY_WORDS: u8 = 8;

/// Whether a client asks a proxy for a connection: SOCKS 4 and 5 (RFC 1928 3), HTTP CONNECT (RFC 9110 9.3.6).
fn asks_proxy(payload: &[u8]) -> bool {
    match *payload {
        [5, methods, ..] => payload.len() == 2 + usize::from(methods) && methods > 0,
        [4, 1, ..] => payload.len() >= 9 && payload.ends_with(&[0]),
        _ => payload.starts_with(b"CONNECT "),
    }
}

impl Probe {
    /// Keeps a packet without payload; answers what that takes in bytes.
    pub(super) fn keep(&mut self, segment: &Segment<'_>, mark: Mark) -> usize {
        let before = if self.packets.is_empty() { 0 } else { self.memory() };
        if self.packets.len() < PACKETS {
            // Most have no third packet: a flood of SYNs is the case to be thrifty for.
            self.packets.reserve_exact(1);
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
        self.memory() - before
    }

    /// Whether `syn` was kept before: it is sent again.
    pub(super) fn has(&self, syn: &Segment<'_>) -> bool {
        let is_same = |kept: &Kept| kept.flags.syn() && !kept.flags.ack() && kept.sequence == syn.sequence;
        self.packets.iter().any(|kept| is_same(kept) && kept.ports == (syn.source_port, syn.destination_port))
    }

    /// Bytes of memory.
    pub(super) fn memory(&self) -> usize {
        let options: usize = self.packets.iter().map(|kept| kept.options.len()).sum();
        size_of::<Self>() + self.packets.len() * (size_of::<Kept>() + 16) + options
    }

    /// Whether `payload` belongs to the talk with a proxy that the client began; what comes behind it may be RDP.
    pub(super) fn is_with_proxy(&mut self, payload: &[u8]) -> bool {
        let goes_on = if self.proxy_words == 0 { asks_proxy(payload) } else { self.proxy_words < PROXY_WORDS };
        self.proxy_words += u8::from(goes_on);
        goes_on
    }

    /// Whether nothing was kept: not even the SYN is known.
    pub(super) const fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    /// Whether anything was said to a proxy.
    pub(super) const fn has_proxy(&self) -> bool {
        self.proxy_words > 0
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
