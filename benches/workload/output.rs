//! The capture file.

use std::io::{self, BufWriter, Write};

/// How packets are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Pcap,
    Pcapng,
}

/// Writes packets, and counts.
pub(crate) struct Writer<W: Write> {
    out: BufWriter<W>,
    format: Format,
    bytes: u64,
    packets: u64,
}

impl<W: Write> Writer<W> {
    /// With the header that `format` has.
    pub(crate) fn new(out: W, format: Format) -> io::Result<Self> {
        let mut writer = Self { out: BufWriter::with_capacity(1 << 20, out), format, bytes: 0, packets: 0 };
        let header: Vec<u32> = match format {
            Format::Pcap => vec![0xa1b2_c3d4, 0x0004_0002, 0, 0, 262_144, 1],
            // Section Header Block, Interface Description Block for Ethernet
            Format::Pcapng => {
                vec![0x0a0d_0d0a, 28, 0x1a2b_3c4d, 1, u32::MAX, u32::MAX, 28, 1, 20, 1, 262_144, 20]
            }
        };
        writer.words(&header)?;
        Ok(writer)
    }

    fn words(&mut self, words: &[u32]) -> io::Result<()> {
        for word in words {
            self.out.write_all(&word.to_le_bytes())?;
        }
        self.bytes += 4 * words.len() as u64;
        Ok(())
    }

    /// One packet, captured at `time` (nanoseconds since 1970).
    pub(crate) fn packet(&mut self, time: u64, bytes: &[u8]) -> io::Result<()> {
        let length = bytes.len() as u32;
        let ticks = time / 1000;
        match self.format {
            Format::Pcap => {
                self.words(&[(ticks / 1_000_000) as u32, (ticks % 1_000_000) as u32, length, length])?;
                self.out.write_all(bytes)?;
            }
            Format::Pcapng => {
                let block = 32 + length.next_multiple_of(4);
                self.words(&[6, block, 0, (ticks >> 32) as u32, ticks as u32, length, length])?;
                self.out.write_all(bytes)?;
                self.out.write_all(&[0; 3][..(length.next_multiple_of(4) - length) as usize])?;
                self.words(&[block])?;
            }
        }
        self.bytes += u64::from(length);
        self.packets += 1;
        Ok(())
    }

    /// Bytes written.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Packets written: the number of the last one, as analyzers count.
    pub(crate) fn packets(&self) -> u64 {
        self.packets
    }

    /// Everything is written out.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}
