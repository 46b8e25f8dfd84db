//! A source behind which somebody still writes: what has come is handed on at once, and when nothing comes, time goes on.
//! A thread waits for the writer, so that nobody else has to.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::judge::Opened;
use crate::capture::{CaptureError, Next, Progress, Source};
use crate::frame::{Frame, FrameNumber, Input, LinkType, Place, Timestamp};

/// Between two looks at the clock.
const LOOK: Duration = Duration::from_millis(50);
/// Ctrl-C reaches everybody in a pipeline, and who writes captures then writes what it still holds: that may take so long.
pub(super) const FAREWELL: Duration = Duration::from_secs(1);
/// Bytes that may wait.
const WAITING: usize = 1 << 20;

/// What has come and was not taken yet.
#[derive(Default)]
struct Waiting {
    frames: VecDeque<Head>,
    bytes: Vec<u8>,
    end: Option<End>,
    /// Nobody takes anything any more.
    is_over: bool,
}

/// How it ended, what became of the inputs, and which could not be read.
type End = (Result<(), CaptureError>, Vec<Input>, Vec<CaptureError>);

/// A frame; its bytes are beside it.
#[derive(Clone, Copy)]
struct Head {
    number: FrameNumber,
    time: Timestamp,
    link: LinkType,
    original_length: u32,
    place: Place,
    start: usize,
    length: usize,
}

type Shared = Arc<(Mutex<Waiting>, Condvar)>;

fn locked(shared: &Shared) -> MutexGuard<'_, Waiting> {
    shared.0.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The source.
pub(super) struct Piped {
    shared: Shared,
    frames: VecDeque<Head>,
    bytes: Vec<u8>,
    inputs: Vec<Input>,
    errors: Vec<CaptureError>,
    done: u64,
    packets: u64,
    /// Set by whoever wants no more.
    enough: Arc<AtomicBool>,
    /// For so long the writer's end is waited for then.
    farewell: Duration,
    /// When it was first seen that nobody wants more.
    ending: Option<Instant>,
    /// Nothing comes for so long before time goes on without frames.
    patience: Duration,
    /// The first frame that was handed on.
    first: Option<Timestamp>,
    /// The last frame that was handed on.
    last: Timestamp,
    /// When something came last.
    came: Instant,
    looked: Instant,
}

impl Piped {
    /// Reads `source` on a thread of its own until it ends, or `enough` is set. When nothing comes for longer than
    /// `patience`, time goes on.
    pub(super) fn new(source: Opened, patience: Duration, enough: Arc<AtomicBool>) -> Self {
        let shared = Shared::default();
        let theirs = Arc::clone(&shared);
        let inputs = source.inputs().to_vec();
        let spawned = thread::Builder::new().name("pipe".into()).spawn(move || read(source, &theirs));
        if spawned.is_err() {
            // Without the thread nothing comes.
            locked(&shared).end = Some((Ok(()), inputs.clone(), Vec::new()));
        }
        let now = Instant::now();
        let (frames, bytes, errors) = Default::default();
        let last = Timestamp(i64::MIN);
        let (done, packets, first) = (0, 0, None);
        Self {
            shared,
            frames,
            bytes,
            inputs,
            errors,
            done,
            packets,
            enough,
            farewell: Duration::ZERO,
            ending: None,
            patience,
            first,
            last,
            came: now,
            looked: now,
        }
    }

    /// The same, but when nobody wants more, the writer may still end by itself for so long.
    pub(super) fn with_farewell(mut self, farewell: Duration) -> Self {
        self.farewell = farewell;
        self
    }

    /// Whether nobody wants more, and the writer has had its time.
    fn is_enough(&mut self) -> bool {
        let is_wanted = !self.enough.load(Ordering::Relaxed);
        !is_wanted && self.ending.get_or_insert_with(Instant::now).elapsed() >= self.farewell
    }

    /// Inputs that could not be read at all.
    pub(super) fn take_errors(&mut self) -> Vec<CaptureError> {
        std::mem::take(&mut self.errors)
    }

    /// What is known of the input although its reader still waits for more.
    fn break_off(&mut self) {
        if let [input] = &mut *self.inputs {
            input.packets = self.packets;
            input.bytes = self.done;
            input.last = (self.packets > 0).then_some(self.last);
            input.first = self.first;
        }
    }

    /// The capture's clock: it stands while frames wait, for their times are not those of now.
    fn idle(&mut self) -> Next<'_> {
        self.looked = Instant::now();
        let stands = self.last.0 == i64::MIN || !self.frames.is_empty();
        let since = if stands { 0 } else { i64::try_from(self.came.elapsed().as_nanos()).unwrap_or(i64::MAX) };
        Next::Idle(Timestamp(self.last.0.saturating_add(since)))
    }
}

impl Drop for Piped {
    fn drop(&mut self) {
        locked(&self.shared).is_over = true;
        self.shared.1.notify_all();
    }
}

fn read(mut source: Opened, shared: &Shared) {
    let result = loop {
        match source.next() {
            Ok(Next::Frame(frame)) => {
                let mut waiting = locked(shared);
                while waiting.bytes.len() >= WAITING && !waiting.is_over {
                    waiting = shared.1.wait(waiting).unwrap_or_else(PoisonError::into_inner);
                }
                if waiting.is_over {
                    return;
                }
                let start = waiting.bytes.len();
                let Frame { number, time, link, bytes, original_length, place } = frame;
                waiting.bytes.extend_from_slice(bytes);
                waiting.frames.push_back(Head {
                    number,
                    time,
                    link,
                    original_length,
                    place,
                    start,
                    length: bytes.len(),
                });
                drop(waiting);
                shared.1.notify_all();
            }
            Ok(Next::Secrets(_) | Next::Idle(_)) => {}
            Ok(Next::End) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    let errors = source.take_errors();
    locked(shared).end = Some((result, source.inputs().to_vec(), errors));
    shared.1.notify_all();
}

impl Source for Piped {
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        while self.frames.is_empty() {
            if self.is_enough() {
                self.break_off();
                return Ok(Next::End);
            }
            self.bytes.clear();
            let mut waiting = locked(&self.shared);
            if waiting.frames.is_empty() && waiting.end.is_none() {
                let waited = self.shared.1.wait_timeout(waiting, LOOK).unwrap_or_else(PoisonError::into_inner);
                waiting = waited.0;
            }
            std::mem::swap(&mut self.frames, &mut waiting.frames);
            std::mem::swap(&mut self.bytes, &mut waiting.bytes);
            let end = if self.frames.is_empty() { waiting.end.take() } else { None };
            drop(waiting);
            self.shared.1.notify_all();
            if let Some((result, inputs, errors)) = end {
                (self.inputs, self.errors) = (inputs, errors);
                return result.map(|()| Next::End);
            }
            if !self.frames.is_empty() {
                self.came = Instant::now();
            }
            let is_quiet = self.frames.is_empty() && self.came.elapsed() >= self.patience;
            let is_time = self.patience.is_zero() && self.looked.elapsed() >= LOOK;
            if is_quiet || is_time {
                return Ok(self.idle());
            }
        }
        let Some(head) = self.frames.pop_front() else { return Ok(self.idle()) };
        self.done += head.length as u64;
        self.packets += 1;
        self.first.get_or_insert(head.time);
        self.last = head.time;
        Ok(Next::Frame(Frame {
            number: head.number,
            time: head.time,
            link: head.link,
            bytes: &self.bytes[head.start..head.start + head.length],
            original_length: head.original_length,
            place: head.place,
        }))
    }

    fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    fn progress(&self) -> Progress {
        Progress { done: self.done, ..Progress::default() }
    }
}
