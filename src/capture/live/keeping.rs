//! What becomes of packets: the account of them, the files they are kept in, and the numbers they have there.

use std::path::PathBuf;

use super::batch::{Head, Line};
use super::hold::{Hold, Waiting};
use crate::capture::account::{Account, Record, Tally};
use crate::capture::keep::{Keep, Kept};
use crate::capture::source::Moved;
use crate::frame::{FrameNumber, Input, LinkType, Place};

/// Inputs that can be told apart; files beyond are counted with the last.
const INPUTS: usize = u16::MAX as usize;

/// Which packets are kept.
pub enum Wish {
    /// None.
    Nothing,
    /// All.
    All(Keep),
    /// Those that somebody asks for later; at most so many bytes wait for that.
    Some(Keep, usize),
}

enum Mode {
    Nothing,
    All(Keep),
    Some(Hold),
}

/// The account of all packets.
pub(super) struct Keeping {
    mode: Mode,
    inputs: Vec<Input>,
    tallies: Vec<Tally>,
    /// Where packets are counted that no file has.
    unkept: Option<usize>,
    name: PathBuf,
    links: Vec<LinkType>,
    closed: bool,
}

impl Keeping {
    pub(super) fn new<'l>(lines: impl Iterator<Item = &'l Line> + Clone, wish: Wish) -> Self {
        let names: Vec<&str> = lines.clone().map(|line| line.name.as_str()).collect();
        let name: PathBuf = names.join(",").into();
        let links = lines.clone().map(|line| line.link).collect();
        let begun = |mut keep: Keep| {
            keep.begin(lines.clone().map(|line| (line.name.as_str(), line.link)));
            keep
        };
        let mode = match wish {
            Wish::Nothing => Mode::Nothing,
            Wish::All(keep) => Mode::All(begun(keep)),
            Wish::Some(keep, most) => Mode::Some(Hold::new(begun(keep), most)),
        };
        let mut keeping =
            Self { mode, inputs: Vec::new(), tallies: Vec::new(), unkept: None, name, links, closed: false };
        match &keeping.mode {
            Mode::All(keep) => {
                let path = keep.path().to_owned();
                keeping.input(path, "pcapng");
            }
            Mode::Nothing | Mode::Some(_) => keeping.unkept = Some(keeping.input(keeping.name.clone(), "live")),
        }
        if let Mode::Some(hold) = &keeping.mode {
            let path = hold.keep.path().to_owned();
            keeping.input(path, "pcapng");
        }
        keeping
    }

    /// One more input; answers its index.
    fn input(&mut self, path: PathBuf, format: &str) -> usize {
        let has_successors = self.keep().is_some_and(|keep| keep.is_ring());
        let input = Input { path, format: format.to_owned(), has_successors, ..Input::default() };
        if self.inputs.len() >= INPUTS {
            let last = self.inputs.len() - 1;
            let counted = std::mem::replace(&mut self.inputs[last], input);
            self.inputs[last].packets = counted.packets;
            return last;
        }
        self.inputs.push(input);
        self.tallies.push(Tally::default());
        let index = self.inputs.len() - 1;
        for link in self.links.clone() {
            self.account(index).link(link);
        }
        index
    }

    fn account(&mut self, index: usize) -> Account<'_> {
        Account { input: &mut self.inputs[index], tally: &mut self.tallies[index] }
    }

    pub(super) fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// Takes a packet in; answers its number, and where it stands.
    pub(super) fn note(&mut self, line: usize, head: Head, link: LinkType, bytes: &[u8]) -> (FrameNumber, Place) {
        let mut record = record(head.time, link, bytes.len(), head.original);
        let kept = match &mut self.mode {
            Mode::All(keep) => keep.packet(line, head.time, head.original, bytes),
            Mode::Nothing | Mode::Some(_) => None,
        };
        let index = match kept {
            Some(kept) => {
                record.offset = kept.place;
                if kept.number == 1 {
                    self.note_begun();
                }
                self.file(kept.file)
            }
            None => self.nowhere(),
        };
        self.account(index).packet(&record);
        let number = FrameNumber::new(index as u16, self.tallies[index].number);
        (number, Place { offset: record.offset, length: record.length })
    }

    /// The input of the file with this index.
    fn file(&self, file: usize) -> usize {
        (file + usize::from(self.is_choosy())).min(INPUTS - 1)
    }

    /// Files that were begun meanwhile are inputs too.
    fn note_begun(&mut self) {
        let begun = self.keep().map(Keep::take_begun).unwrap_or_default();
        for path in begun {
            self.input(path, "pcapng");
        }
    }

    /// The input of packets that no file has.
    fn nowhere(&mut self) -> usize {
        if self.unkept.is_none() {
            self.unkept = Some(self.input(self.name.clone(), "live"));
        }
        self.unkept.unwrap_or_default()
    }

    /// The packet with this number belongs to `key`.
    pub(super) fn belongs(&mut self, key: u32, line: usize, head: Head, number: FrameNumber, bytes: &[u8]) {
        let waiting = Waiting { line, time: head.time, original: head.original, number, bytes: bytes.into() };
        self.with_hold(|hold, write| hold.take(key, waiting, write));
    }

    /// The packets of `key` are wanted; their new numbers.
    pub(super) fn want(&mut self, key: u32) -> Vec<Moved> {
        self.with_hold(|hold, write| hold.want(key, write)).unwrap_or_default()
    }

    /// The new numbers of what is kept of `key`.
    pub(super) fn moved(&self, key: u32) -> &[Moved] {
        if let Mode::Some(hold) = &self.mode { hold.moved(key) } else { &[] }
    }

    /// The packets of `key` may go when room is needed.
    pub(super) fn spare(&mut self, key: u32) {
        self.with_hold(|hold, _| hold.spare(key));
    }

    /// No more is said of `key`.
    pub(super) fn forget(&mut self, key: u32) {
        self.with_hold(|hold, _| hold.forget(key));
    }

    /// Whether packets wait for a decision.
    pub(super) const fn is_choosy(&self) -> bool {
        matches!(self.mode, Mode::Some(_))
    }

    fn with_hold<T>(
        &mut self,
        act: impl FnOnce(&mut Hold, &mut dyn FnMut(&Waiting, Kept) -> FrameNumber) -> T,
    ) -> Option<T> {
        let mut written: Vec<(Kept, Record)> = Vec::new();
        let Mode::Some(hold) = &mut self.mode else { return None };
        let links = &self.links;
        let done = act(hold, &mut |packet, kept| {
            let link = links.get(packet.line).copied().unwrap_or(LinkType::ETHERNET);
            let mut record = record(packet.time, link, packet.bytes.len(), packet.original);
            record.offset = kept.place;
            written.push((kept, record));
            FrameNumber::new((kept.file + 1).min(INPUTS - 1) as u16, kept.number)
        });
        if !written.is_empty() {
            self.note_begun();
        }
        for (kept, record) in written {
            let index = self.file(kept.file);
            self.account(index).packet(&record);
            // Each packet is counted where it can be found.
            if let Some(unkept) = self.unkept {
                let input = &mut self.inputs[unkept];
                input.packets = input.packets.saturating_sub(1);
                input.bytes = input.bytes.saturating_sub(u64::from(record.length));
            }
        }
        Some(done)
    }

    pub(super) fn flush(&mut self) {
        match &mut self.mode {
            Mode::All(keep) => keep.flush(),
            Mode::Some(hold) => hold.keep.flush(),
            Mode::Nothing => {}
        }
    }

    fn keep(&mut self) -> Option<&mut Keep> {
        match &mut self.mode {
            Mode::All(keep) => Some(keep),
            Mode::Some(hold) => Some(&mut hold.keep),
            Mode::Nothing => None,
        }
    }

    /// As much has been kept as was wanted.
    pub(super) fn is_full(&mut self) -> bool {
        self.keep().is_some_and(|keep| keep.is_full())
    }

    /// So many packets more were lost.
    pub(super) fn lost(&mut self, count: u64) {
        let index = self.inputs.len() - 1;
        self.inputs[index].dropped += count;
        let all = self.inputs.iter().map(|input| input.dropped).sum();
        if let Some(keep) = self.keep() {
            keep.lost(all);
        }
    }

    /// What went wrong since the last time.
    pub(super) fn take_trouble(&mut self) -> Vec<String> {
        let Some(keep) = self.keep() else { return Vec::new() };
        let trouble = keep.take_trouble();
        let (is_broken, safe) = (!keep.is_open(), keep.safe());
        if is_broken && !self.closed && !trouble.is_empty() {
            self.broke(safe);
        }
        trouble
    }

    /// Whether packets had to go before it was known whether they are wanted; told once.
    pub(super) fn take_shortage(&mut self) -> bool {
        if let Mode::Some(hold) = &mut self.mode { hold.take_shortage() } else { false }
    }

    /// The last file ends with packet `safe`: those behind it are nowhere.
    fn broke(&mut self, safe: u64) {
        let last = (0..self.inputs.len()).rev().find(|index| Some(*index) != self.unkept).unwrap_or_default();
        let lost = self.inputs[last].packets.saturating_sub(safe);
        let index = self.nowhere();
        self.inputs[last].packets -= lost.min(self.inputs[last].packets);
        self.inputs[index].packets += lost;
    }

    /// Closes the file. Asked once more, it does nothing.
    pub(super) fn close(&mut self) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        if let Some(keep) = self.keep() {
            keep.end();
        }
        for index in 0..self.inputs.len() {
            self.account(index).close(0);
        }
    }
}

fn record(time: crate::frame::Timestamp, link: LinkType, length: usize, original: u32) -> Record {
    Record { time, link, known: link.is_known(), offset: 0, length: length as u32, original }
}
