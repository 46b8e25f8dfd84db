//! The block-structured capture file: sections, interfaces, packets, statistics, secrets; what is unknown is skipped by
//! its length.
//!
//! Blocks say their length twice, at both ends. When they disagree, or a block cannot be one, the reader looks for the
//! next block whose ends agree.

use pcap_parser::pcapng::{
    CB_MAGIC, DCB_MAGIC, DSB_MAGIC, EPB_MAGIC, IDB_MAGIC, ISB_MAGIC, NRB_MAGIC, OptionCode, SHB_MAGIC, SJE_MAGIC,
    SPB_MAGIC,
};

use crate::frame::TruncationKind;

use super::account::{Account, AtHand, Record, Step};
use super::ahead::Hop;
use super::bytes::Order;
use super::interface::{Interface, options};
use super::window::Window;

/// The obsolete Packet Block.
const PB_MAGIC: u32 = 2;

/// Type and both lengths: the shortest block, and what must be seen to know how long one is.
const SHORTEST: usize = 12;

/// An Enhanced Packet Block before the packet: type, length, interface, time, both lengths of the packet.
const ENHANCED: usize = 28;

/// Where the byte order stands in a Section Header Block.
const BYTE_ORDER: usize = 8;
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;

/// The longest block that is believed.
const MAX_BLOCK: usize = 64 * 1024 * 1024;

/// The longest block that reading is taken up again at after damage in a stream.
const MAX_REGAINED: usize = 512 * 1024;

/// "TLSK": TLS key log lines.
const TLS_KEY_LOG: u32 = 0x544c_534b;

/// More interfaces than any section has.
const MAX_INTERFACES: usize = 65_536;

/// Reads one pcapng file.
pub(super) struct Pcapng {
    order: Order,
    interfaces: Vec<Interface>,
}

/// The fixed part of an Enhanced Packet Block.
struct Enhanced {
    /// Of the whole block; bytes.
    length: usize,
    interface: u32,
    ticks: u64,
    captured: u32,
    original: u32,
}

/// A block's type and length.
#[derive(Clone, Copy)]
struct Head {
    kind: u32,
    length: usize,
    order: Order,
}

impl Pcapng {
    /// Whether `head` (12 bytes) begins a section.
    pub(super) fn recognises(head: &[u8]) -> bool {
        section_order(head).is_some()
    }

    pub(super) fn new() -> Self {
        Self { order: Order::Little, interfaces: Vec::new() }
    }

    /// How the blocks follow each other in a section that begins with `head`.
    pub(super) fn blocks(head: &[u8]) -> Blocks {
        Blocks { order: section_order(head).unwrap_or(Order::Little) }
    }

    /// The next packet, or secrets.
    pub(super) fn next(&mut self, window: &mut Window, account: &mut Account<'_>) -> Step {
        loop {
            let offset = window.position();
            let bytes = window.have(SHORTEST);
            if bytes.len() < SHORTEST {
                let has = bytes.len() as u64;
                if has > 0 {
                    account.stop(offset, SHORTEST as u64, has, TruncationKind::Cut);
                }
                return Step::End;
            }
            let Some(head) = self.head(bytes) else {
                match self.recover(window, account) {
                    true => continue,
                    false => return self.damaged(window, account, offset),
                }
            };
            let block = window.have(head.length);
            if block.len() < head.length {
                let has = block.len() as u64;
                // a length out of all proportion is more likely damaged than the file is cut
                if head.length > MAX_REGAINED && self.recover(window, account) {
                    continue;
                }
                account.stop(offset, head.length as u64, has, TruncationKind::Cut);
                return Step::End;
            }
            let closing = head.order.u32(block, head.length - 4) as usize;
            if closing.next_multiple_of(4) != head.length && !self.forgivable(window, head.length) {
                match self.recover(window, account) {
                    true => continue,
                    false => return self.damaged(window, account, offset),
                }
            }
            let block = window.buffered().get(..head.length).unwrap_or_default();
            let step = self.block(head, offset, block, account);
            window.skip(head.length);
            if let Some(step) = step {
                return step;
            }
        }
    }

    /// The sound Enhanced Packet Block that `bytes` begin with, if they do, and what it has behind its fixed part.
    #[inline]
    fn enhanced_at<'w>(&self, bytes: &'w [u8]) -> Option<(Enhanced, &'w [u8])> {
        let (first, rest) = bytes.split_first_chunk()?;
        let [kind, length, interface, high] = self.order.words(first);
        let [low, captured, original, _] = self.order.words(rest.first_chunk()?);
        let length = length as usize;
        if kind != EPB_MAGIC || !length.is_multiple_of(4) || length > MAX_BLOCK {
            return None;
        }
        let (body, closing) = bytes.get(ENHANCED..length)?.split_last_chunk::<4>()?;
        let ticks = u64::from(high) << 32 | u64::from(low);
        (self.order.u32(closing, 0) as usize == length)
            .then_some((Enhanced { length, interface, ticks, captured, original }, body))
    }

    /// Type and length of the block that `bytes` (12 or more) begin; `None` when no block begins so.
    #[inline]
    fn head(&self, bytes: &[u8]) -> Option<Head> {
        // the type of a section header reads the same in both byte orders
        let order = match bytes.starts_with(&SHB_MAGIC.to_le_bytes()) {
            true => section_order(bytes)?,
            false => self.order,
        };
        let kind = order.u32(bytes, 0);
        // lengths are multiples of 4; some writers forget to count the padding
        let length = (order.u32(bytes, 4) as usize).next_multiple_of(4);
        (SHORTEST..=MAX_BLOCK).contains(&length).then_some(Head { kind, length, order })
    }

    /// A block whose closing length is wrong but which is followed by a block, or by nothing, was only written badly.
    #[cold]
    fn forgivable(&self, window: &mut Window, length: usize) -> bool {
        let bytes = window.have(length + SHORTEST);
        match bytes.get(length..) {
            None | Some([]) => true,
            Some(next) => next.len() >= SHORTEST && self.head(next).is_some_and(|head| is_kind(head.kind)),
        }
    }

    /// Takes in one whole block.
    #[inline]
    fn block(&mut self, head: Head, offset: u64, block: &[u8], account: &mut Account<'_>) -> Option<Step> {
        let body = block.get(8..head.length - 4)?;
        match head.kind {
            EPB_MAGIC => self.enhanced(offset, body, account),
            SPB_MAGIC => self.simple(offset, body, account),
            PB_MAGIC => self.obsolete(offset, body, account),
            SHB_MAGIC => {
                self.order = head.order;
                self.interfaces.clear();
                let major = head.order.u16(body, 4);
                if major != 1 {
                    account.warn(format!("the section at byte {offset} says it is pcapng version {major}; read as 1"));
                }
                None
            }
            IDB_MAGIC => {
                let interface = Interface::new(self.order, body);
                account.link(interface.link);
                if self.interfaces.len() < MAX_INTERFACES {
                    self.interfaces.push(interface);
                }
                None
            }
            // not packets, but Wireshark gives them numbers
            SJE_MAGIC | CB_MAGIC | DCB_MAGIC => {
                account.tally.number += 1;
                None
            }
            ISB_MAGIC => {
                self.statistics(body, account);
                None
            }
            DSB_MAGIC => self.secrets(offset, body, account),
            _ => None,
        }
    }

    /// Enhanced Packet Block: interface, time, lengths, bytes.
    #[inline]
    fn enhanced(&self, offset: u64, body: &[u8], account: &mut Account<'_>) -> Option<Step> {
        let interface = self.order.u32(body, 0);
        self.packet(offset, body, interface, account)
    }

    /// The obsolete Packet Block: as above, with a shorter interface number and a count of lost packets.
    #[cold]
    fn obsolete(&self, offset: u64, body: &[u8], account: &mut Account<'_>) -> Option<Step> {
        let interface = u32::from(self.order.u16(body, 0));
        let lost = self.order.u16(body, 2);
        if lost != u16::MAX {
            account.input.dropped += u64::from(lost);
        }
        self.packet(offset, body, interface, account)
    }

    #[inline]
    fn packet(&self, offset: u64, body: &[u8], interface: u32, account: &mut Account<'_>) -> Option<Step> {
        let Some(from) = self.interfaces.get(interface as usize) else {
            return nonsense(account, offset, &format!("is of interface {interface}, which is not described"));
        };
        let length = self.order.u32(body, 12);
        if body.len() < 20 || body.len() - 20 < length as usize {
            return nonsense(account, offset, &format!("says it has {length} bytes, more than its block"));
        }
        let ticks = u64::from(self.order.u32(body, 4)) << 32 | u64::from(self.order.u32(body, 8));
        Some(Step::Packet(Record {
            time: from.time(ticks),
            link: from.link,
            known: from.known,
            offset: offset + 8 + 20,
            length,
            original: self.order.u32(body, 16),
        }))
    }

    /// Simple Packet Block: only a length on the wire; the rest is the first interface's.
    #[cold]
    fn simple(&self, offset: u64, body: &[u8], account: &mut Account<'_>) -> Option<Step> {
        let Some(from) = self.interfaces.first() else {
            return nonsense(account, offset, "is of interface 0, which is not described");
        };
        let original = self.order.u32(body, 0);
        let snaplen = if from.snaplen == 0 { u32::MAX } else { from.snaplen };
        let there = u32::try_from(body.len().saturating_sub(4)).unwrap_or(u32::MAX);
        Some(Step::Packet(Record {
            time: account.tally.time.unwrap_or_default(),
            link: from.link,
            known: from.known,
            offset: offset + 8 + 4,
            length: original.min(snaplen).min(there),
            original,
        }))
    }

    /// Interface Statistics Block: running totals, so only what came since the last one is added.
    fn statistics(&mut self, body: &[u8], account: &mut Account<'_>) {
        let order = self.order;
        let Some(interface) = self.interfaces.get_mut(order.u32(body, 0) as usize) else { return };
        let mut dropped = 0_u64;
        options(order, body.get(12..).unwrap_or_default(), |code, value| {
            // ISB_IFDROP and ISB_OSDROP share their numbers with unrelated options of other blocks
            if matches!(code, OptionCode::IsbIfDrop | OptionCode::IsbOsDrop) && value.len() == 8 {
                dropped = dropped.saturating_add(order.u64(value, 0));
            }
        });
        let more = dropped.saturating_sub(interface.dropped);
        interface.dropped += more;
        account.input.dropped = account.input.dropped.saturating_add(more);
    }

    /// Decryption Secrets Block; kinds of secrets other than TLS key logs are of no use here.
    fn secrets(&self, offset: u64, body: &[u8], account: &mut Account<'_>) -> Option<Step> {
        let length = self.order.u32(body, 4);
        let fits = body.len() >= 8 && body.len() - 8 >= length as usize;
        let are_keys = fits && self.order.u32(body, 0) == TLS_KEY_LOG;
        account.input.has_keys |= are_keys && length > 0;
        are_keys.then_some(Step::Secrets { offset: offset + 8 + 8, length })
    }

    fn damaged(&self, window: &Window, account: &mut Account<'_>, offset: u64) -> Step {
        let has = window.length().saturating_sub(offset);
        account.stop(offset, SHORTEST as u64, has, TruncationKind::Damaged);
        Step::End
    }

    /// Goes to the next place where a block begins whose ends agree.
    #[cold]
    fn recover(&mut self, window: &mut Window, account: &mut Account<'_>) -> bool {
        let offset = window.position();
        let found = window.search(2 * MAX_REGAINED, MAX_REGAINED, |bytes, at, _| self.is_block(&bytes[at..]));
        if found {
            account.skipped(offset, window.position());
        }
        found
    }

    fn is_block(&self, bytes: &[u8]) -> bool {
        if bytes.len() < SHORTEST {
            return false;
        }
        let Some(head) = self.head(bytes) else { return false };
        let shortest = match head.kind {
            EPB_MAGIC | PB_MAGIC => 32,
            SHB_MAGIC => 28,
            IDB_MAGIC | DSB_MAGIC => 20,
            ISB_MAGIC => 24,
            SPB_MAGIC => 16,
            _ => SHORTEST,
        };
        is_kind(head.kind)
            && head.length >= shortest
            && head.length <= MAX_REGAINED
            && head.length <= bytes.len()
            && head.order.u32(bytes, head.length - 4) as usize == head.length
    }
}

/// Enhanced Packet Blocks.
impl AtHand for Pcapng {
    #[inline]
    fn hand(&mut self, window: &mut Window, mut take: impl FnMut(&Record, &[u8]) -> bool) -> bool {
        let (base, bytes) = (window.position(), window.buffered());
        let mut at = 0;
        let mut wants_more = true;
        while wants_more && let Some((head, body)) = self.enhanced_at(&bytes[at..]) {
            let Some(from) = self.interfaces.get(head.interface as usize) else { break };
            let Some(packet) = body.get(..head.captured as usize).filter(|packet| window.is_there(packet)) else {
                break;
            };
            let record = Record {
                time: from.time(head.ticks),
                link: from.link,
                known: from.known,
                offset: base + (at + ENHANCED) as u64,
                length: head.captured,
                original: head.original,
            };
            wants_more = take(&record, packet);
            at += head.length;
        }
        window.skip(at);
        wants_more
    }
}

/// How the blocks of a section follow each other, for looking ahead.
pub(super) struct Blocks {
    order: Order,
}

impl Hop for Blocks {
    #[inline]
    fn next(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let head = bytes.get(at..)?.first_chunk::<8>()?;
        let length = (self.order.u32(head, 4) as usize).next_multiple_of(4);
        (SHORTEST..=MAX_BLOCK).contains(&length).then_some(at + length)
    }

    fn begins(&self, bytes: &[u8], at: usize) -> bool {
        let Some(rest) = bytes.get(at..) else { return false };
        if self.order.u32(rest, 0) != EPB_MAGIC {
            return false;
        }
        let length = self.order.u32(rest, 4) as usize;
        (32..=MAX_REGAINED).contains(&length)
            && rest.len() >= length
            && self.order.u32(rest, length - 4) as usize == length
    }
}

/// A packet block that cannot be read, though its place in the file is sound: it keeps its number.
#[cold]
fn nonsense(account: &mut Account<'_>, offset: u64, what: &str) -> Option<Step> {
    account.tally.number += 1;
    let frame = account.tally.number;
    account.warn(format!("packet {frame} at byte {offset} {what}; skipped"));
    None
}

/// Types that reading is taken up at after damage.
fn is_kind(kind: u32) -> bool {
    matches!(
        kind,
        SHB_MAGIC
            | IDB_MAGIC
            | PB_MAGIC
            | SPB_MAGIC
            | NRB_MAGIC
            | ISB_MAGIC
            | EPB_MAGIC
            | DSB_MAGIC
            | SJE_MAGIC
            | CB_MAGIC
            | DCB_MAGIC
    )
}

/// The byte order of the section that `head` begins; `None` when it begins none.
fn section_order(head: &[u8]) -> Option<Order> {
    if !head.starts_with(&SHB_MAGIC.to_le_bytes()) {
        return None;
    }
    [Order::Little, Order::Big].into_iter().find(|order| order.u32(head, BYTE_ORDER) == BYTE_ORDER_MAGIC)
}
