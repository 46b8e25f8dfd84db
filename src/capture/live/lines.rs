//! Packets of several interfaces in the order of their times, as one source with one account: frame numbers are those of
//! the file they are kept in.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::batch::{Batch, Head, Line};
use super::keeping::{Keeping, Wish};
use super::tap::{Queue, Taps};
use crate::capture::source::{CaptureError, Holding, Moved, Next, Progress, Source};
use crate::frame::{Frame, FrameNumber, Input, Place, Timestamp};

/// Nobody waits longer for the clock of another interface.
const PATIENCE: Duration = Duration::from_millis(250);
/// Between two looks at the flag that ends it.
const LOOK: Duration = Duration::from_millis(50);
/// Packets between two writes at the latest.
const FLUSH: u32 = 4096;

const SHORTAGE: &str = "memory for waiting packets is used up: long sessions are cut to headers in their middle, and what \
                        has waited longest goes; more --memory helps";

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
    queue: Queue,
    stop: Arc<AtomicBool>,
    keeping: Keeping,
    current: Option<Current>,
    until_flush: u32,
    bytes: u64,
    now: Timestamp,
    news: Vec<Drops>,
    warnings: Vec<String>,
    gone: usize,
}

/// The packet handed out last.
#[derive(Clone, Copy)]
struct Current {
    line: usize,
    head: Head,
    number: FrameNumber,
    place: Place,
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
    /// Listens. `stop` ends it; what was captured before is still handed out. Packets are kept as `wish` says.
    #[must_use]
    pub fn new(taps: Taps, stop: Arc<AtomicBool>, wish: Wish) -> Self {
        let (lines, queue) = taps.start(&stop);
        let keeping = Keeping::new(lines.iter(), wish);
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
            queue,
            stop,
            keeping,
            current: None,
            until_flush: FLUSH,
            bytes: 0,
            now: Timestamp(i64::MIN),
            news: Vec::new(),
            warnings: Vec::new(),
            gone: 0,
        }
    }

    /// Packets lost since the last time this was asked.
    pub fn take_drops(&mut self) -> Vec<Drops> {
        std::mem::take(&mut self.news)
    }

    /// What else went wrong since the last time: an interface that is gone.
    pub fn take_warnings(&mut self) -> Vec<String> {
        if self.keeping.take_shortage() {
            self.warnings.push(SHORTAGE.to_owned());
        }
        std::mem::take(&mut self.warnings)
    }

    /// An interface went away by itself.
    #[must_use]
    pub const fn has_lost_interface(&self) -> bool {
        self.gone > 0
    }

    /// All of them did.
    #[must_use]
    pub fn has_lost_all(&self) -> bool {
        self.gone == self.lines.len()
    }

    /// What went wrong with the files that packets are kept in, since the last time.
    pub fn take_trouble(&mut self) -> Vec<String> {
        self.keeping.take_trouble()
    }

    /// Lets go of the packet handed out last.
    fn advance(&mut self) {
        let Some(current) = self.current.take() else { return };
        let waiting = &mut self.lines[current.line];
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
            self.keeping.lost(kernel + card);
            self.news.push(Drops { interface: waiting.line.name.clone(), kernel, card });
        }
        if let Some(until) = batch.until {
            waiting.until = waiting.until.max(until);
            self.now = self.now.max(until);
        }
        if let Some(end) = &batch.end {
            waiting.ended = true;
            self.warnings.extend(end.clone());
            self.gone += usize::from(end.is_some());
        }
        if !batch.heads.is_empty() {
            waiting.batches.push_back((batch, Instant::now()));
        }
    }

    /// Keeps the packet and the account of it.
    fn note(&mut self, line: usize, head: Head) -> Option<Current> {
        let waiting = &self.lines[line];
        let (batch, _) = waiting.batches.front()?;
        let (number, place) = self.keeping.note(line, head, waiting.line.link, batch.of(head));
        self.bytes += u64::from(head.length);
        Some(Current { line, head, number, place })
    }

    fn lend(&self) -> Next<'_> {
        let Some(Current { line, head, number, place }) = self.current else { return Next::End };
        let waiting = &self.lines[line];
        let Some((batch, _)) = waiting.batches.front() else { return Next::End };
        let (link, bytes) = (waiting.line.link, batch.of(head));
        Next::Frame(Frame { number, time: head.time, link, bytes, original_length: head.original, place })
    }

    /// Files are written to now and then also on a line that is never quiet.
    fn flush_sometimes(&mut self) {
        self.until_flush -= 1;
        if self.until_flush == 0 {
            self.until_flush = FLUSH;
            self.keeping.flush();
        }
    }

    /// Nothing more is handed out. What waits for a verdict may still be wanted.
    fn end(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if !self.keeping.is_choosy() {
            self.close();
        }
    }

    /// Closes the file that packets are kept in. Asked once more, it does nothing.
    pub fn close(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.keeping.close();
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
        if self.keeping.is_full() {
            self.end();
            return Ok(Next::End);
        }
        loop {
            if let Some(line) = self.ready()
                && let Some(head) = self.lines[line].head()
            {
                self.current = self.note(line, head);
                self.now = self.now.max(head.time);
                self.flush_sometimes();
                return Ok(self.lend());
            }
            if self.lines.iter().all(|waiting| waiting.ended && waiting.batches.is_empty()) {
                self.end();
                return Ok(Next::End);
            }
            self.keeping.flush();
            match self.queue.receive(LOOK) {
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
        self.keeping.inputs()
    }

    fn progress(&self) -> Progress {
        Progress { done: self.bytes, total: None, input: 0 }
    }
}

impl Holding for Lines {
    fn is_choosy(&self) -> bool {
        self.keeping.is_choosy()
    }

    fn belongs(&mut self, key: u32) {
        let Some(Current { line, head, number, .. }) = self.current else { return };
        if let Some((batch, _)) = self.lines[line].batches.front() {
            self.keeping.belongs(key, line, head, number, batch.of(head));
        }
    }

    fn want(&mut self, key: u32) -> Vec<Moved> {
        self.keeping.want(key)
    }

    fn moved(&self, key: u32) -> &[Moved] {
        self.keeping.moved(key)
    }

    fn spare(&mut self, key: u32) {
        self.keeping.spare(key);
    }

    fn forget(&mut self, key: u32) {
        self.keeping.forget(key);
    }
}
