//! Several inputs as one capture, in time order.
//!
//! Within an input the stored order stays, and the inputs count by the time of their first packets. Regular files wait
//! closed until that time has come, so that of ten thousand files only those that overlap in time are open at once.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::PathBuf;

use crate::frame::{Frame, Input};

use super::input::{Options, open_input};
use super::reading::Reading;
use super::source::{CaptureError, Next, Progress, Source};

/// Frames of one or several inputs, in time order.
pub struct Merged {
    inputs: Vec<Input>,
    /// By input.
    open: Vec<Option<Box<Reading>>>,
    /// INVARIANT: latest first packet first, so that the next to be opened is the last.
    waiting: Vec<Waiting>,
    /// What each open input has next, except the current one: (time, input).
    queue: BinaryHeap<Reverse<(i64, u16)>>,
    /// The input whose next thing is handed out; it moves on when the following one is asked for.
    current: Option<u16>,
    errors: Vec<CaptureError>,
    options: Options,
    /// Bytes of the inputs that are through.
    done: u64,
    total: Option<u64>,
    last_input: usize,
}

/// A file that is known but not open.
struct Waiting {
    first: i64,
    file: u16,
    path: PathBuf,
}

impl Merged {
    /// Over `paths`, which name no directories. Fails when none of them can be read.
    pub(super) fn new(paths: Vec<PathBuf>, options: &Options) -> Result<Self, CaptureError> {
        let mut merged = Self {
            inputs: Vec::with_capacity(paths.len()),
            open: Vec::with_capacity(paths.len()),
            waiting: Vec::new(),
            queue: BinaryHeap::new(),
            current: None,
            errors: Vec::new(),
            options: options.clone(),
            done: 0,
            total: Some(0),
            last_input: 0,
        };
        let single = paths.len() == 1;
        for (file, path) in (0..=u16::MAX).zip(paths) {
            merged.add(path, file, single);
        }
        if merged.open.iter().all(Option::is_none) {
            merged.put_in_order();
        }
        merged.waiting.sort_by_key(|waiting| Reverse((waiting.first, waiting.file)));
        if merged.open.iter().all(Option::is_none) && merged.waiting.is_empty() && !merged.errors.is_empty() {
            return Err(merged.errors.swap_remove(0));
        }
        Ok(merged)
    }

    /// Files count by the time of their first packets, whatever order they were named in: then of two frames of a capture in
    /// parts the later one has the higher number. Those that cannot be read come last.
    fn put_in_order(&mut self) {
        let mut firsts = vec![i64::MAX; self.inputs.len()];
        for waiting in &self.waiting {
            firsts[usize::from(waiting.file)] = waiting.first;
        }
        let mut order: Vec<usize> = (0..self.inputs.len()).collect();
        order.sort_by_key(|file| firsts[*file]);
        self.inputs = order.iter().map(|file| std::mem::take(&mut self.inputs[*file])).collect();
        let mut places = vec![0; order.len()];
        for (place, file) in (0..=u16::MAX).zip(order) {
            places[file] = place;
        }
        for waiting in &mut self.waiting {
            waiting.file = places[usize::from(waiting.file)];
        }
    }

    /// The inputs that could not be read at all, one error each; their [`Input`] stays empty.
    #[must_use]
    pub fn errors(&self) -> &[CaptureError] {
        &self.errors
    }

    /// Goes on to what comes next; `current` lends it.
    #[inline]
    pub(super) fn advance(&mut self) {
        let key = self.current.and_then(|file| self.step(file));
        let is_alone = self.queue.is_empty() && self.waiting.is_empty();
        if key.is_none() || !is_alone {
            self.choose(key);
        }
    }

    /// Whose turn it is now that the current input has come to `key`.
    fn choose(&mut self, key: Option<i64>) {
        if let Some(file) = self.current.take()
            && let Some(key) = key
        {
            let next = self.queue.peek().map(|Reverse(next)| *next);
            let waits = self.waiting.last().map(|waiting| (waiting.first, waiting.file));
            if next.is_none_or(|next| (key, file) <= next) && waits.is_none_or(|waits| (key, file) <= waits) {
                self.current = Some(file);
                return;
            }
            self.queue.push(Reverse((key, file)));
        }
        self.admit();
        self.current = self.queue.pop().map(|Reverse((_, file))| file);
        if let Some(file) = self.current {
            self.last_input = usize::from(file);
        }
    }

    /// Lends what `advance` went to.
    #[inline]
    pub(super) fn current(&self) -> Next<'_> {
        match self.current.and_then(|file| self.open.get(usize::from(file))) {
            Some(Some(reading)) => reading.current(),
            _ => Next::End,
        }
    }

    /// Puts an input in its place: a file among others waits closed, everything else is opened and stays so.
    fn add(&mut self, path: PathBuf, file: u16, single: bool) {
        let regular = std::fs::metadata(&path).is_ok_and(|metadata| metadata.is_file());
        let size = std::fs::metadata(&path).ok().filter(|_| regular).map(|metadata| metadata.len());
        self.open.push(None);
        match open_input(&path, file, &self.options) {
            Ok((mut reading, mut input)) if regular && !single => {
                let first = reading.advance(&mut input).unwrap_or(i64::MIN);
                self.inputs.push(Input { path: path.clone(), format: input.format, ..Input::default() });
                self.waiting.push(Waiting { first, file, path });
            }
            Ok((reading, input)) => {
                self.inputs.push(input);
                if let Some(slot) = self.open.last_mut() {
                    *slot = Some(Box::new(reading));
                }
                // its first packet is asked for when the first frame is: a pipe may not have one yet
                self.waiting.push(Waiting { first: i64::MIN, file, path });
            }
            Err(error) => {
                self.inputs.push(Input { path, ..Input::default() });
                self.errors.push(error);
                return;
            }
        }
        self.total = self.total.zip(size).map(|(total, size)| total + size);
    }

    /// Opens the files whose time has come.
    fn admit(&mut self) {
        while let Some(waiting) = self.waiting.last() {
            let due = self.queue.peek().is_none_or(|Reverse((time, _))| waiting.first <= *time);
            if !due {
                return;
            }
            let Some(waiting) = self.waiting.pop() else { return };
            self.enter(waiting);
        }
    }

    fn enter(&mut self, waiting: Waiting) {
        let index = usize::from(waiting.file);
        if self.open[index].is_none() {
            match open_input(&waiting.path, waiting.file, &self.options) {
                Ok((reading, input)) => {
                    self.inputs[index] = input;
                    self.open[index] = Some(Box::new(reading));
                }
                Err(error) => {
                    self.errors.push(error);
                    return;
                }
            }
        }
        if let Some(key) = self.step(waiting.file) {
            self.queue.push(Reverse((key, waiting.file)));
        }
    }

    /// Moves an input on; `None` when it is through, and closed.
    #[inline]
    fn step(&mut self, file: u16) -> Option<i64> {
        let index = usize::from(file);
        let reading = self.open[index].as_mut()?;
        let key = reading.advance(&mut self.inputs[index]);
        if key.is_none() {
            self.done += reading.done();
            self.open[index] = None;
        }
        key
    }
}

impl Source for Merged {
    #[inline]
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        self.advance();
        Ok(self.current())
    }

    /// Only one input that is open, and no other whose turn could come.
    fn hand(&mut self, take: &mut dyn FnMut(&Frame<'_>) -> bool) -> u64 {
        let Some(file) = self.current.filter(|_| self.queue.is_empty() && self.waiting.is_empty()) else { return 0 };
        let index = usize::from(file);
        self.open[index].as_mut().map_or(0, |reading| reading.hand(&mut self.inputs[index], take))
    }

    fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    fn progress(&self) -> Progress {
        let open: u64 = self.open.iter().flatten().map(|reading| reading.done()).sum();
        Progress { done: self.done + open, total: self.total, input: self.last_input }
    }
}

impl std::fmt::Debug for Merged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Merged").field("inputs", &self.inputs).field("errors", &self.errors).finish_non_exhaustive()
    }
}
