//! The classic capture file: a header, then record after record.
//!
//! A record's place is known only from the one before, so one damaged length would lose the rest of the file. When a
//! record cannot be one, the reader looks for the next three in a row that can.

use pcap_parser::parse_pcap_header;

use crate::frame::{LinkType, Timestamp, TruncationKind};

use super::account::{Account, AtHand, Record, Step};
use super::ahead::Hop;
use super::bytes::Order;
use super::window::Window;

/// Length of the file header.
pub(super) const HEADER: usize = 24;

/// What Wireshark and libpcap take for the largest packet.
const MAX_CAPTURED: u32 = 256 * 1024;

/// A header may announce larger packets, up to here.
const MAX_ANNOUNCED: u32 = 16 * 1024 * 1024;

/// A record this far in time from the one before is looked at twice.
const FAR: u32 = 86_400;

/// Records in a row that must look right before reading goes on after damage.
const CHAIN: usize = 3;

/// How far ahead of a stream damage is searched for a chain at once; more than a chain of largest records.
const LOOKAHEAD: usize = 1024 * 1024;

/// Reads one pcap file.
pub(super) struct Pcap {
    order: Order,
    nanoseconds: bool,
    /// Length of a record header: 16, or 24 in the 'modified' format.
    header: usize,
    limit: u32,
    link: LinkType,
    known: bool,
    /// Seconds of the last record.
    seconds: Option<u32>,
    /// A search for the next good record found none: no more are made on mere suspicion, or odd files would take forever.
    searched_in_vain: bool,
}

struct Header {
    seconds: u32,
    fraction: u32,
    captured: u32,
    original: u32,
}

impl Header {
    /// Whether it looks like the first fields of a file's header in the same byte order: the mark, the version, two zeros.
    /// As a packet it would be an empty one of the year 2055.
    fn begins_a_file(&self) -> bool {
        matches!(self.seconds, 0xa1b2_c3d4 | 0xa1b2_3c4d | 0xa1b2_cd34) && self.captured == 0 && self.original == 0
    }
}

impl Pcap {
    /// Reads the file header; `None` when `head` does not begin with one.
    pub(super) fn new(head: &[u8]) -> Option<Self> {
        // the 'modified' format exists in both byte orders, pcap-parser knows one: give it the plain one instead
        let mut plain = *head.first_chunk::<HEADER>()?;
        let modified = match plain.first_chunk::<4>()? {
            [0x34, 0xcd, 0xb2, 0xa1] => Some(0xa1b2_c3d4_u32.to_le_bytes()),
            [0xa1, 0xb2, 0xcd, 0x34] => Some(0xa1b2_c3d4_u32.to_be_bytes()),
            _ => None,
        };
        if let Some(magic) = modified {
            plain[..4].copy_from_slice(&magic);
        }
        let (_, header) = parse_pcap_header(&plain).ok()?;
        // the upper bits tell the length of a frame check sequence
        let link = LinkType(header.network.0.cast_unsigned() & 0x03ff_ffff);
        Some(Self {
            order: if header.is_bigendian() { Order::Big } else { Order::Little },
            nanoseconds: header.is_nanosecond_precision(),
            header: if modified.is_some() { 24 } else { 16 },
            limit: MAX_CAPTURED.max(header.snaplen.min(MAX_ANNOUNCED)),
            link,
            known: link.is_known(),
            seconds: None,
            searched_in_vain: false,
        })
    }

    /// The one link type of the file.
    pub(super) fn link(&self) -> LinkType {
        self.link
    }

    /// How its records follow each other.
    pub(super) fn records(&self) -> Records {
        Records { order: self.order, header: self.header, limit: self.limit }
    }

    /// As [`crate::frame::Input::format`] has it.
    pub(super) fn format(&self) -> &'static str {
        if self.nanoseconds { "pcap-ns" } else { "pcap" }
    }

    /// The next packet.
    #[inline]
    pub(super) fn next(&mut self, window: &mut Window, account: &mut Account<'_>) -> Step {
        loop {
            if let Some(record) = self.at_hand(window) {
                return Step::Packet(record);
            }
            let offset = window.position();
            let head = window.expect(self.header);
            let Some(words) = head.first_chunk::<16>().filter(|_| head.len() >= self.header) else {
                return cut(account, offset, self.header, head.len());
            };
            let header = self.parse(words);
            if header.begins_a_file() && self.goes_on_in(window) {
                account.appended(offset);
                continue;
            }
            if header.captured > self.limit {
                if self.recover(window, account) {
                    continue;
                }
                let has = window.length().saturating_sub(offset);
                let needs = self.header as u64 + u64::from(header.captured);
                account.stop(offset, needs, has, TruncationKind::Damaged);
                return Step::End;
            }
            if self.is_suspect(&header) && self.skip_suspect(window, account, &header) {
                continue;
            }
            let needs = self.header + header.captured as usize;
            let there = window.have(needs).len();
            if there < needs {
                return cut(account, offset, needs, there);
            }
            return Step::Packet(self.take(window, needs, &header));
        }
    }

    /// Whether the header of another file of the same kind stands here (`cat one.pcap other.pcap`); then goes on behind it.
    #[cold]
    fn goes_on_in(&mut self, window: &mut Window) -> bool {
        let Some(other) = Self::new(window.have(HEADER)) else { return false };
        if (other.order, other.header, other.link) != (self.order, self.header, self.link) {
            return false;
        }
        window.skip(HEADER);
        self.nanoseconds = other.nanoseconds;
        self.limit = self.limit.max(other.limit);
        // It may be of another day.
        self.seconds = None;
        true
    }

    /// The next packet, if all of it is at hand and nothing about it is odd: nearly always.
    #[inline]
    fn at_hand(&mut self, window: &mut Window) -> Option<Record> {
        let mut found = None;
        self.hand(window, |record, _| {
            found = Some(*record);
            false
        });
        found
    }

    /// Goes on behind the record with this header, which takes `needs` bytes.
    fn take(&mut self, window: &mut Window, needs: usize, header: &Header) -> Record {
        let offset = window.position();
        window.skip(needs);
        self.seconds = Some(header.seconds);
        self.record(offset, header)
    }

    #[inline]
    fn parse(&self, head: &[u8; 16]) -> Header {
        let [seconds, fraction, captured, original] = self.order.words(head);
        Header { seconds, fraction, captured, original }
    }

    #[inline]
    fn record(&self, offset: u64, header: &Header) -> Record {
        let nanoseconds = i64::from(header.fraction) * if self.nanoseconds { 1 } else { 1000 };
        Record {
            time: Timestamp(i64::from(header.seconds) * 1_000_000_000 + nanoseconds),
            link: self.link,
            known: self.known,
            offset: offset + self.header as u64,
            length: header.captured,
            original: header.original,
        }
    }

    fn fraction_limit(&self) -> u32 {
        if self.nanoseconds { 1_000_000_000 } else { 1_000_000 }
    }

    /// Something is odd about it; odd packets exist, so this alone condemns none.
    #[inline]
    fn is_suspect(&self, header: &Header) -> bool {
        header.original < header.captured
            || header.captured == 0
            || header.fraction >= self.fraction_limit()
            || self.seconds.is_some_and(|last| last.abs_diff(header.seconds) > FAR)
    }

    /// Whether the bytes at `at` could be a record's header, near `around` in time; then its captured length.
    fn plausible(&self, bytes: &[u8], at: usize, around: Option<u32>) -> Option<(usize, u32)> {
        let header = self.parse(bytes.get(at..)?.get(..self.header)?.first_chunk()?);
        let good = header.captured > 0
            && header.captured <= self.limit
            && header.original >= header.captured
            && header.original <= MAX_ANNOUNCED
            && header.fraction < self.fraction_limit()
            && header.seconds != 0
            && around.is_none_or(|time| time.abs_diff(header.seconds) <= FAR);
        good.then_some((header.captured as usize, header.seconds))
    }

    /// Whether three records, or fewer up to the very end, lie in a row at `at`.
    fn chain(&self, bytes: &[u8], at: usize, sees_end: bool) -> bool {
        let (mut at, mut around) = (at, self.seconds);
        for _ in 0..CHAIN {
            let Some((captured, seconds)) = self.plausible(bytes, at, around) else { return false };
            at += self.header + captured;
            around = around.or(Some(seconds));
            if sees_end && at >= bytes.len() {
                return at == bytes.len();
            }
        }
        true
    }

    /// Passes over an odd record when what follows it is no record and a later one is. Of a pipe it looks only at what is
    /// already there: an odd packet must not make a live capture wait.
    #[cold]
    fn skip_suspect(&mut self, window: &mut Window, account: &mut Account<'_>, header: &Header) -> bool {
        if self.searched_in_vain {
            return false;
        }
        window.glance(LOOKAHEAD);
        let (bytes, sees_end) = (window.buffered(), window.sees_end());
        let next = self.header + header.captured as usize;
        let unseen = next + self.header > bytes.len() && !sees_end;
        let followed = next == bytes.len()
            || self.plausible(bytes, next, self.seconds).is_some()
            || self.plausible(bytes, next, Some(header.seconds)).is_some();
        if unseen || followed {
            return false;
        }
        let Some(good) = (1..bytes.len()).find(|&at| self.chain(bytes, at, sees_end)) else {
            self.searched_in_vain = true;
            return false;
        };
        let offset = window.position();
        account.skipped(offset, offset + good as u64);
        window.skip(good);
        true
    }

    /// Goes to the next chain of records, however far it is.
    #[cold]
    fn recover(&mut self, window: &mut Window, account: &mut Account<'_>) -> bool {
        let offset = window.position();
        let reach = CHAIN * (self.header + MAX_CAPTURED as usize);
        let found = window.search(LOOKAHEAD, reach, |bytes, at, sees_end| self.chain(bytes, at, sees_end));
        if found {
            account.skipped(offset, window.position());
        }
        found
    }
}

impl AtHand for Pcap {
    #[inline]
    fn hand(&mut self, window: &mut Window, mut take: impl FnMut(&Record, &[u8]) -> bool) -> bool {
        let (base, bytes) = (window.position(), window.buffered());
        let mut at = 0;
        let mut wants_more = true;
        while wants_more && let Some(head) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
            let header = self.parse(head);
            let (begin, end) = (at + self.header, at + self.header + header.captured as usize);
            let is_odd = header.captured > self.limit || self.is_suspect(&header);
            let Some(packet) = bytes.get(begin..end).filter(|packet| !is_odd && window.is_there(packet)) else { break };
            self.seconds = Some(header.seconds);
            wants_more = take(&self.record(base + at as u64, &header), packet);
            at = end;
        }
        window.skip(at);
        wants_more
    }
}

/// How records follow each other, for looking ahead.
pub(super) struct Records {
    order: Order,
    header: usize,
    limit: u32,
}

impl Records {
    /// Where the next record begins, and when this one was captured, if there can be one at `at`.
    #[inline]
    fn plausible(&self, bytes: &[u8], at: usize) -> Option<(usize, u32)> {
        let head = bytes.get(at..)?.first_chunk::<16>()?;
        let captured = self.order.u32(head, 8);
        let original = self.order.u32(head, 12);
        let good = captured > 0 && captured <= original && original <= self.limit;
        good.then(|| (at + self.header + captured as usize, self.order.u32(head, 0)))
    }

    /// Whether there can be a record at `at`, and another one behind it.
    #[inline(never)]
    fn is_followed(&self, bytes: &[u8], at: usize) -> bool {
        let Some((next, this)) = self.plausible(bytes, at) else { return false };
        this != 0 && self.plausible(bytes, next).is_some_and(|(_, next)| next.abs_diff(this) <= FAR)
    }
}

impl Hop for Records {
    #[inline]
    fn next(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let head = bytes.get(at..)?.first_chunk::<16>()?;
        let captured = self.order.u32(head, 8);
        (captured <= self.limit).then_some(at + self.header + captured as usize)
    }

    /// Two headers in a row that could be: a guess that costs little when it is wrong.
    #[inline]
    fn begins(&self, bytes: &[u8], at: usize) -> bool {
        // Nearly every place is refused by its captured length alone.
        let captured = self.order.u32(bytes, at + 8);
        captured.wrapping_sub(1) < self.limit && self.is_followed(bytes, at)
    }
}

/// The file ends here; in the middle of a record when there are bytes left.
fn cut(account: &mut Account<'_>, offset: u64, needs: usize, has: usize) -> Step {
    if has > 0 {
        account.stop(offset, needs as u64, has as u64, TruncationKind::Cut);
    }
    Step::End
}
