//! Some packets into a new pcapng file. Packets are written as they were read: all their bytes, their times, their
//! lengths on the wire.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use super::block;
use crate::frame::{Frame, LinkType};

/// A file that is being written.
#[derive(Debug)]
pub struct Writing {
    file: BufWriter<std::fs::File>,
    buffer: Vec<u8>,
    links: Vec<LinkType>,
    packets: u64,
    bytes: u64,
}

impl Writing {
    /// Makes the file.
    ///
    /// # Errors
    /// When it is there already, or cannot be made.
    pub fn new(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        let mut buffer = Vec::new();
        block::section(&mut buffer);
        Ok(Self { file: BufWriter::new(file), buffer, links: Vec::new(), packets: 0, bytes: 0 })
    }

    /// Adds a packet. Each kind of link gets an interface of its own.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn packet(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        let known = self.links.iter().position(|link| *link == frame.link);
        let interface = known.unwrap_or_else(|| {
            self.links.push(frame.link);
            block::interface(&mut self.buffer, frame.link.name(), frame.link);
            self.links.len() - 1
        });
        block::packet(&mut self.buffer, interface, frame.time, frame.original_length, frame.bytes);
        self.packets += 1;
        self.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.bytes += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Closes the file; answers how many packets and bytes are in it.
    ///
    /// # Errors
    /// When the rest of it cannot be written.
    pub fn end(mut self) -> io::Result<(u64, u64)> {
        self.flush()?;
        self.file.flush()?;
        Ok((self.packets, self.bytes))
    }
}
