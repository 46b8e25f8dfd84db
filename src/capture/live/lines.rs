//! Packets of several interfaces in the order of their times, as one source with one account: frame numbers are those of
//! the file they are kept in.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::batch::{Batch, Head, Line};
use super::tap::Taps;
use crate::capture::account::{Account, Record, Tally};
use crate::capture::keep::Keep;
use crate::capture::source::{CaptureError, Next, Progress, Source};
use crate::frame::{Frame, FrameNumber, Input, Place, Timestamp};

/// Nobody waits longer for the clock of another interface.
const PATIENCE: Duration = Duration::from_millis(250);
/// Between two looks at the flag that ends it.
const LOOK: Duration = Duration::from_millis(50);

/// Packets lost on the way to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drops {
    /// Where.
    pub interface: String,
    /// By the kernel: we were too slow, or its buffer too small.
    pub kernel: u64,
    /// By the interface.
    pub card: u64,
}

/// Interfaces that are listened to.
pub struct Lines {
    lines: Vec<Waiting>,
    receive: Receiver<Batch>,
    stop: Arc<AtomicBool>,
    input: [Input; 1],
    tally: Tally,
    keep: Option<Keep>,
    current: Option<(usize, Head, Place)>,
    now: Timestamp,
    news: Vec<Drops>,
    warnings: Vec<String>,
}

/// What waits of one interface.
struct Waiting {
    line: Line,
    batches: VecDeque<(Batch, Instant)>,
    /// Of the first batch.
    next: usize,
    until: Timestamp,
    lost: (u32, u32),
    ended: bool,
}

impl Waiting {
    fn head(&self) -> Option<Head> {
        self.batches.front().and_then(|(batch, _)| batch.heads.get(self.next)).copied()
    }
}

impl Lines {
    /// Listens. `stop` ends it; what was captured before is still handed out. With `keep`, packets go there too.
    #[must_use]
    pub fn new(taps: Taps, stop: Arc<AtomicBool>, keep: Option<(Keep, PathBuf)>) -> Self {
        let (lines, receive) = taps.start(&stop);
        let names: Vec<&str> = lines.iter().map(|line| line.name.as_str()).collect();
        let mut input = Input { path: names.join(",").into(), format: "live".to_owned(), ..Input::default() };
        for line in &lines {
            Account { input: &mut input, tally: &mut Tally::default() }.link(line.link);
        }
        let mut kept = None;
        if let Some((mut keep, path)) = keep {
            input.path = path;
            keep.begin(lines.iter().map(|line| (line.name.as_str(), line.link)));
            kept = Some(keep);
        }
        let waiting = |line| Waiting {
            line,
            batches: VecDeque::new(),
            next: 0,
            until: Timestamp(i64::MIN),
            lost: (0, 0),
            ended: false,
        };
        Self {
            lines: lines.into_iter().map(waiting).collect(),
            receive,
            stop,
            input: [input],
            tally: Tally::default(),
            keep: kept,
            current: None,
            now: Timestamp(i64::MIN),
            news: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Packets lost since the last time this was asked.
    pub fn take_drops(&mut self) -> Vec<Drops> {
        std::mem::take(&mut self.news)
    }

    /// What else went wrong since the last time: an interface that is gone, a disk that is full.
    pub fn take_warnings(&mut self) -> Vec<String> {
        if let Some(trouble) = self.keep.as_mut().and_then(Keep::take_trouble) {
            self.warnings.push(trouble);
        }
        std::mem::take(&mut self.warnings)
    }

    /// Lets go of the packet handed out last.
    fn advance(&mut self) {
        let Some((line, ..)) = self.current.take() else { return };
        let waiting = &mut self.lines[line];
        waiting.next += 1;
        waiting.tidy();
    }

    /// The interface whose packet is next, when that can be known.
    fn ready(&self) -> Option<usize> {
        let heads = self.lines.iter().enumerate().filter_map(|(line, waiting)| Some((waiting.head()?.time, line)));
        let (time, line) = heads.min()?;
        let is_first = |other: &Waiting| other.ended || other.head().is_some() || other.until >= time;
        let waited = self.lines[line].batches.front().is_some_and(|(_, since)| since.elapsed() >= PATIENCE);
        let over = self.stop.load(Ordering::Relaxed) && self.lines.iter().all(|waiting| waiting.ended);
        (waited || over || self.lines.iter().all(is_first)).then_some(line)
    }

    fn accept(&mut self, batch: Batch) {
        let waiting = &mut self.lines[batch.line];
        if let Some(lost) = batch.lost.filter(|lost| *lost != waiting.lost) {
            let kernel = u64::from(lost.0.wrapping_sub(waiting.lost.0));
            let card = u64::from(lost.1.wrapping_sub(waiting.lost.1));
            waiting.lost = lost;
            self.input[0].dropped += kernel + card;
            self.news.push(Drops { interface: waiting.line.name.clone(), kernel, card });
        }
        if let Some(until) = batch.until {
            waiting.until = waiting.until.max(until);
            self.now = self.now.max(until);
        }
        if let Some(end) = &batch.end {
            waiting.ended = true;
            self.warnings.extend(end.clone());
        }
        if !batch.heads.is_empty() {
            waiting.batches.push_back((batch, Instant::now()));
        }
    }

    /// Keeps the packet and the account of it; the place it got.
    fn note(&mut self, line: usize, head: Head) -> Place {
        let waiting = &self.lines[line];
        let link = waiting.line.link;
        let mut record = Record {
            time: head.time,
            link,
            known: link.is_known(),
            offset: 0,
            length: head.length,
            original: head.original,
        };
        if let (Some(keep), Some((batch, _))) = (&mut self.keep, waiting.batches.front()) {
            let bytes = &batch.bytes[head.start..head.start + head.length as usize];
            record.offset = keep.packet(line, head.time, head.original, bytes).unwrap_or(0);
        }
        Account { input: &mut self.input[0], tally: &mut self.tally }.packet(&record);
        Place { offset: record.offset, length: record.length }
    }

    fn lend(&self) -> Next<'_> {
        let Some((line, head, place)) = self.current else { return Next::End };
        let waiting = &self.lines[line];
        let Some((batch, _)) = waiting.batches.front() else { return Next::End };
        Next::Frame(Frame {
            number: FrameNumber::new(0, self.tally.number),
            time: head.time,
            link: waiting.line.link,
            bytes: &batch.bytes[head.start..head.start + head.length as usize],
            original_length: head.original,
            place,
        })
    }

    /// Closes the file that packets are kept in. Asked once more, it does nothing.
    pub fn close(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(keep) = &mut self.keep {
            keep.end(self.input[0].dropped);
        }
        Account { input: &mut self.input[0], tally: &mut self.tally }.close(0);
    }
}

impl Waiting {
    /// Batches that were handed out leave.
    fn tidy(&mut self) {
        while self.batches.front().is_some_and(|(batch, _)| self.next >= batch.heads.len()) {
            self.batches.pop_front();
            self.next = 0;
        }
    }
}

impl Source for Lines {
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        self.advance();
        loop {
            if let Some(line) = self.ready()
                && let Some(head) = self.lines[line].head()
            {
                let place = self.note(line, head);
                self.now = self.now.max(head.time);
                self.current = Some((line, head, place));
                return Ok(self.lend());
            }
            if self.lines.iter().all(|waiting| waiting.ended && waiting.batches.is_empty()) {
                self.close();
                return Ok(Next::End);
            }
            if let Some(keep) = &mut self.keep {
                keep.flush();
            }
            match self.receive.recv_timeout(LOOK) {
                Ok(batch) => {
                    let is_empty = batch.heads.is_empty();
                    self.accept(batch);
                    if is_empty && self.ready().is_none() && self.now > Timestamp(i64::MIN) {
                        return Ok(Next::Idle(self.now));
                    }
                }
                Err(RecvTimeoutError::Timeout) => return Ok(Next::Idle(self.now)),
                Err(RecvTimeoutError::Disconnected) => self.lines.iter_mut().for_each(|waiting| waiting.ended = true),
            }
        }
    }

    fn inputs(&self) -> &[Input] {
        &self.input
    }

    fn progress(&self) -> Progress {
        Progress { done: self.input[0].bytes, total: None, input: 0 }
    }
}
