//! One input being read: its window, its format, its account. Says what comes next without lending it, then lends it, so
//! that whoever chooses among several inputs need not hold a borrow of each.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::frame::{Frame, FrameNumber, Input, Place, TruncationKind};

use super::account::{Account, AtHand, Record, Step, Tally};
use super::ahead::Scout;
use super::errors;
use super::pcap::{self, Pcap};
use super::pcapng::Pcapng;
use super::source::{CaptureError, Next};
use super::window::Window;

/// An input that is open.
pub(super) struct Reading {
    window: Window,
    format: Format,
    tally: Tally,
    file: u16,
    step: Step,
    /// `step` was come upon while packets were handed out; the next `advance` finds it.
    is_pending: bool,
    ended: bool,
    /// Bytes read so far, as stored.
    stored: Arc<AtomicU64>,
}

enum Format {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

impl Format {
    #[inline]
    fn next(&mut self, window: &mut Window, account: &mut Account<'_>) -> Step {
        match self {
            Self::Pcap(pcap) => pcap.next(window, account),
            Self::Pcapng(pcapng) => pcapng.next(window, account),
        }
    }
}

/// What is at hand, as frames and with account; `handed` counts. One for each format: what is done for every packet is no
/// call.
#[inline]
fn hand_frames(
    format: &mut impl AtHand,
    window: &mut Window,
    account: &mut Account<'_>,
    handed: &mut u64,
    file: u16,
    take: &mut dyn FnMut(&Frame<'_>) -> bool,
) -> bool {
    format.hand(window, |record, bytes| {
        account.packet(record);
        *handed += 1;
        take(&frame(bytes, file, account.tally.number, record))
    })
}

impl Reading {
    /// Recognises the format. `suffix` tells the compression, for [`Input::format`]; `path` goes into errors.
    pub(super) fn new(
        mut window: Window,
        stored: Arc<AtomicU64>,
        path: &Path,
        suffix: &str,
        file: u16,
    ) -> Result<(Self, Input), CaptureError> {
        let head = window.have(pcap::HEADER);
        let scout: Box<dyn Scout>;
        let (format, name) = if Pcapng::recognises(head) {
            scout = Box::new(Pcapng::blocks(head));
            (Format::Pcapng(Pcapng::new()), "pcapng")
        } else if let Some(pcap) = Pcap::new(head) {
            scout = Box::new(pcap.records());
            let name = pcap.format();
            (Format::Pcap(pcap), name)
        } else {
            return Err(errors::unrecognised(path, suffix, &mut window));
        };
        let mut input = Input { path: path.to_owned(), format: format!("{name}{suffix}"), ..Input::default() };
        if let Format::Pcap(pcap) = &format {
            input.link_types.push(pcap.link());
            if !pcap.link().is_known() {
                return Err(errors::unsupported_link(path, pcap.link()));
            }
            window.skip(pcap::HEADER);
        }
        window.follow(scout);
        let reading = Self {
            window,
            format,
            tally: Tally::default(),
            file,
            step: Step::End,
            is_pending: false,
            ended: false,
            stored,
        };
        Ok((reading, input))
    }

    /// Goes on to what comes next, and keeps account of it. Answers when its turn comes among other inputs; `None` at the
    /// end.
    #[inline]
    pub(super) fn advance(&mut self, input: &mut Input) -> Option<i64> {
        if self.ended {
            return None;
        }
        let mut account = Account { input, tally: &mut self.tally };
        if !std::mem::take(&mut self.is_pending) {
            self.step = self.format.next(&mut self.window, &mut account);
        }
        match &self.step {
            Step::Packet(record) => {
                account.packet(record);
                Some(record.time.0)
            }
            // wanted before the packets they open
            Step::Secrets { .. } => Some(i64::MIN),
            Step::End => {
                self.end(input);
                None
            }
        }
    }

    /// Hands packets to `take`, as long as it wants more, none has to be waited for and nothing else comes; answers how many.
    pub(super) fn hand(&mut self, input: &mut Input, take: &mut dyn FnMut(&Frame<'_>) -> bool) -> u64 {
        if self.ended || self.is_pending || !self.window.is_patient() {
            return 0;
        }
        let Self { window, format, tally, file, .. } = self;
        let mut account = Account { input, tally };
        let mut handed = 0;
        loop {
            let wants_more = match format {
                Format::Pcap(pcap) => hand_frames(pcap, window, &mut account, &mut handed, *file, take),
                Format::Pcapng(pcapng) => hand_frames(pcapng, window, &mut account, &mut handed, *file, take),
            };
            if !wants_more {
                return handed;
            }
            let record = match format.next(window, &mut account) {
                Step::Packet(record) => record,
                other => {
                    (self.step, self.is_pending) = (other, true);
                    return handed;
                }
            };
            account.packet(&record);
            handed += 1;
            let bytes = window.at(record.offset, record.length);
            if !take(&frame(bytes, *file, account.tally.number, &record)) {
                return handed;
            }
        }
    }

    /// Lends what `advance` went to.
    #[inline]
    pub(super) fn current(&self) -> Next<'_> {
        match &self.step {
            Step::Packet(record) => {
                let bytes = self.window.at(record.offset, record.length);
                Next::Frame(frame(bytes, self.file, self.tally.number, record))
            }
            Step::Secrets { offset, length } => Next::Secrets(self.window.at(*offset, *length)),
            Step::End => Next::End,
        }
    }

    /// Bytes read so far, as stored.
    pub(super) fn done(&self) -> u64 {
        self.stored.load(Ordering::Relaxed)
    }

    #[cold]
    fn end(&mut self, input: &mut Input) {
        self.ended = true;
        let position = self.window.position();
        let mut account = Account { input, tally: &mut self.tally };
        if let Some(trouble) = self.window.trouble() {
            account.warn(trouble.text.clone());
            match (trouble.kind, &mut account.input.truncated) {
                // the stream's end explains why a record seems cut
                (Some(kind), Some(cut)) if cut.why == TruncationKind::Cut => cut.why = kind,
                (Some(kind), None) => account.stop(position, 0, 0, kind),
                _ => {}
            }
        }
        account.close(self.window.length());
    }
}

/// The packet of `record`, which has these `bytes`.
#[inline]
const fn frame<'w>(bytes: &'w [u8], file: u16, number: u64, record: &Record) -> Frame<'w> {
    Frame {
        number: FrameNumber::new(file, number),
        time: record.time,
        link: record.link,
        bytes,
        original_length: record.original,
        place: Place { offset: record.offset, length: record.length },
    }
}
