//! A captured packet and the input it came from: number, time, link type, borrowed bytes.
//! Knows nothing of protocols; every other room stands on these few types.

use std::fmt;
use std::num::NonZero;
use std::path::PathBuf;

/// The number of a captured frame as Wireshark counts it: from 1 within its file.
///
/// Several files are read as one capture, so the file's index travels along (upper 16 bits).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameNumber(NonZero<u64>);

impl Default for FrameNumber {
    fn default() -> Self {
        Self::new(0, 0)
    }
}

impl FrameNumber {
    /// Frame `number` (from 1) of the input with index `file` (from 0).
    #[must_use]
    pub const fn new(file: u16, number: u64) -> Self {
        let number = ((file as u64) << 48) | (number & 0xffff_ffff_ffff);
        // One more than it is, so that having none takes no room: each session has dozens that may be missing.
        Self(NonZero::<u64>::MIN.saturating_add(number))
    }

    /// The number within the file, from 1.
    #[must_use]
    pub const fn number(self) -> u64 {
        (self.0.get() - 1) & 0xffff_ffff_ffff
    }

    /// Index of the input the frame came from, from 0.
    #[must_use]
    pub const fn file(self) -> u16 {
        ((self.0.get() - 1) >> 48) as u16
    }
}

impl fmt::Debug for FrameNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file(), self.number())
    }
}

/// Capture time: nanoseconds since 1970-01-01T00:00:00Z, as the capture says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// From whole seconds since the epoch and nanoseconds within the second; saturates.
    #[must_use]
    pub const fn from_parts(seconds: i64, nanoseconds: u32) -> Self {
        Self(seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds as i64))
    }

    /// Seconds from `earlier` to `self`; negative when the clock went back.
    #[must_use]
    pub fn since(self, earlier: Self) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 / 1e9
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000_000)
    }
}

/// A link-layer type as the registry at tcpdump.org numbers it (LINKTYPE_*, not the host's DLT_*).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u32);

#[allow(missing_docs)] // the names are the registry's own
impl LinkType {
    pub const NULL: Self = Self(0);
    pub const ETHERNET: Self = Self(1);
    pub const PPP: Self = Self(9);
    pub const PPP_HDLC: Self = Self(50);
    pub const PPP_ETHER: Self = Self(51);
    pub const RAW: Self = Self(101);
    pub const LOOP: Self = Self(108);
    pub const LINUX_SLL: Self = Self(113);
    pub const IPV4: Self = Self(228);
    pub const IPV6: Self = Self(229);
    pub const LINUX_SLL2: Self = Self(276);

    /// The link types that rdpwhy can unwrap, with the names people know them by.
    pub const KNOWN: &'static [(Self, &'static str)] = &[
        (Self::NULL, "BSD loopback"),
        (Self::ETHERNET, "Ethernet"),
        (Self::PPP, "PPP"),
        (Self(12), "raw IP"),
        (Self(14), "raw IP"),
        (Self::PPP_HDLC, "PPP in HDLC framing"),
        (Self::PPP_ETHER, "PPPoE"),
        (Self::RAW, "raw IP"),
        (Self(104), "Cisco HDLC"),
        (Self::LOOP, "OpenBSD loopback"),
        (Self::LINUX_SLL, "Linux cooked (SLL)"),
        (Self(117), "OpenBSD pflog"),
        (Self(166), "PPP with direction"),
        (Self(204), "PPP with direction"),
        (Self::IPV4, "raw IPv4"),
        (Self::IPV6, "raw IPv6"),
        (Self(239), "Linux nflog"),
        (Self(258), "macOS pktap"),
        (Self::LINUX_SLL2, "Linux cooked (SLL2)"),
    ];

    /// Whether frames of this type can be unwrapped at all.
    #[must_use]
    pub fn is_known(self) -> bool {
        Self::KNOWN.iter().any(|(known, _)| *known == self)
    }

    /// The registry's name in plain words, where we know it (also for types we cannot read).
    #[must_use]
    pub fn name(self) -> &'static str {
        if let Some((_, name)) = Self::KNOWN.iter().find(|(known, _)| *known == self) {
            return name;
        }
        match self.0 {
            3 => "AX.25",
            6 => "IEEE 802.5 token ring",
            7 => "ARCNET",
            10 => "FDDI",
            105 => "IEEE 802.11",
            107 => "frame relay",
            119 => "IEEE 802.11 with Prism header",
            127 => "IEEE 802.11 with radiotap",
            163 => "IEEE 802.11 with AVS header",
            187 | 201 => "Bluetooth HCI",
            189 | 220 | 249 => "USB",
            192 => "PPI",
            195 | 215 | 230 => "IEEE 802.15.4",
            242 => "IP over InfiniBand",
            253 => "Linux netlink",
            _ => "unknown",
        }
    }
}

/// Where a frame's bytes lie in its source, so that they can be read again: nothing is kept of them otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Place {
    /// Offset of the packet bytes in the (expanded) file; bytes.
    pub offset: u64,
    /// Captured length; bytes.
    pub length: u32,
}

/// A captured packet. Borrows the capture's own buffer and lives for one push.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'f> {
    /// Wireshark's number.
    pub number: FrameNumber,
    /// When it was captured.
    pub time: Timestamp,
    /// What its first byte is.
    pub link: LinkType,
    /// The captured bytes.
    pub bytes: &'f [u8],
    /// Length on the wire; bytes. More than `bytes.len()` when the snap length cut it.
    pub original_length: u32,
    /// Where to read it again.
    pub place: Place,
}

/// What became of one input (a file, a pipe, an interface), for the report.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// As the user gave it; `-` is standard input.
    pub path: PathBuf,
    /// `pcap`, `pcap-ns`, `pcapng`, with `.gz` `.zst` `.lz4` appended when compressed; `live` for an interface.
    pub format: String,
    /// Others may follow it, though none is there yet: the first file of a ring.
    pub has_successors: bool,
    /// Link types met, in order of appearance.
    pub link_types: Vec<LinkType>,
    /// Frames read.
    pub packets: u64,
    /// Bytes captured, summed over the frames.
    pub bytes: u64,
    /// Time of the first frame.
    pub first: Option<Timestamp>,
    /// Time of the last frame (the latest, not the last stored).
    pub last: Option<Timestamp>,
    /// Where and why reading stopped before the end of the file.
    pub truncated: Option<Truncation>,
    /// Packets the capturing program says it lost.
    pub dropped: u64,
    /// Frames that the snap length cut.
    pub snaplen_cut: u64,
    /// The smallest captured length among the cut frames; bytes.
    pub snaplen: Option<u32>,
    /// Frames of a link type that cannot be read.
    pub unknown_link: u64,
    /// Keys that open its TLS are in it.
    pub has_keys: bool,
    /// Anything else worth telling (damaged blocks skipped, clock going backwards, ...), one line each.
    pub warnings: Vec<String>,
}

/// An input that could be read only up to a point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truncation {
    /// Where reading stopped; bytes from the start of the (expanded) file.
    pub offset: u64,
    /// Length of the (expanded) file as far as known; bytes.
    pub length: u64,
    /// Number of the frame that could not be read.
    pub frame: u64,
    /// Bytes that the frame or block needs.
    pub needs: u64,
    /// Bytes that are there.
    pub has: u64,
    /// `cut` when the file just ends, `damaged` when the bytes make no sense.
    pub why: TruncationKind,
}

/// Why an input could be read only up to a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TruncationKind {
    /// The file ends in the middle of a packet or block.
    Cut,
    /// What stands there cannot be a packet or block, and no later one was found.
    Damaged,
    /// The compressed stream is broken or ends early.
    Compression,
    /// The expansion limit of compressed input was reached.
    Limit,
}
