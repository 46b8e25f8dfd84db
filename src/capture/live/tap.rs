//! One interface, one thread: takes what the kernel has, and never waits for anybody but the queue.

use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use pcap::{Active, Capture, Error, Linktype, Precision};

use super::batch::{BATCHES, Batch, Line, WAITING};
use super::filter::inside_tags;
use super::{failure, filter};
use crate::capture::source::CaptureError;
use crate::frame::{LinkType, Timestamp};

/// As tcpdump's: everything, also what the network card has joined.
const SNAP: u32 = 262_144;
/// Bytes the kernel may hold for us, unless the user says otherwise.
const BUFFER: u32 = 16 << 20;
/// The kernel hands over what it has after so many milliseconds. Not libpcap's immediate mode, which wakes for each packet
/// and gives each the room of the largest: a busy line would lose packets, and nobody sees the difference.
const RETIRE: i32 = 20;
/// Between two signs of life; milliseconds.
const LIFE: u16 = 50;
/// What was captured longer ago than this has been handed over, when the kernel has no more; nanoseconds.
const LAG: i64 = 40_000_000;
/// Between two looks at what was lost.
const COUNT: Duration = Duration::from_millis(500);
/// What the kernel holds when the capture is to end is taken within so long, or more comes than can be taken.
const DRAIN: Duration = Duration::from_secs(1);

/// Where to listen, and how.
#[derive(Clone, Debug, Default)]
pub struct LiveOptions {
    /// Names of interfaces, or `any`.
    pub interfaces: Vec<String>,
    /// What to ask of the kernel; the default filter, also inside VLAN tags, when nothing is said.
    pub filter: Option<String>,
    /// Ports that the default filter names besides RDP's own.
    pub ports: Vec<u16>,
    /// Bytes of each packet; all when nothing is said.
    pub snap: Option<u32>,
    /// Bytes the kernel may hold.
    pub buffer: Option<u32>,
    /// Also what is not for this machine.
    pub promiscuous: bool,
    /// The command that asks for all this, for advice: `rdpwhy` or `rdpwhy tui`.
    pub command: &'static str,
}

/// Interfaces that are open, with nobody listening yet: rights can be given up in between.
pub struct Taps {
    pub(super) lines: Vec<Line>,
    captures: Vec<Capture<Active>>,
}

impl Taps {
    /// Opens all of them.
    ///
    /// # Errors
    /// When one of them cannot be opened, or does not understand the filter.
    pub fn open(options: &LiveOptions) -> Result<Self, CaptureError> {
        let mut taps = Self { lines: Vec::new(), captures: Vec::new() };
        for name in &options.interfaces {
            let mut capture =
                open(name, options).map_err(|error| failure::cannot_open(name, options.command, &error))?;
            filtered(&mut capture, options).map_err(|(filter, error)| failure::cannot_filter(name, &filter, &error))?;
            let link = link_type(capture.get_datalink());
            if !link.is_known() {
                return Err(failure::cannot_read(name, link.0));
            }
            let capture = capture.setnonblock().map_err(|error| failure::cannot_open(name, options.command, &error))?;
            taps.lines.push(Line { name: name.clone(), link });
            taps.captures.push(capture);
        }
        Ok(taps)
    }

    /// Names of the interfaces.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.lines.iter().map(|line| line.name.clone()).collect()
    }

    /// Sets the threads going, until `stop`.
    pub(super) fn start(self, stop: &Arc<AtomicBool>) -> (Vec<Line>, Queue) {
        let (send, receive) = sync_channel(BATCHES);
        let waiting = Arc::new(AtomicUsize::new(0));
        for (line, capture) in self.captures.into_iter().enumerate() {
            let name = self.lines[line].name.clone();
            let (send, waiting) = (send.clone(), Arc::clone(&waiting));
            let tap = Tap { line, name, capture, send, waiting, stop: Arc::clone(stop), batch: Batch::new(line) };
            // Without its thread a line ends at once: the sender is gone, and that is noticed.
            let _ = thread::Builder::new().name(format!("tap {line}")).spawn(move || tap.run());
        }
        (self.lines, Queue { receive, waiting })
    }
}

fn open(name: &str, options: &LiveOptions) -> Result<Capture<Active>, Error> {
    let buffer = options.buffer.unwrap_or(BUFFER);
    Capture::from_device(name)?
        // The pseudo-device of all interfaces cannot be promiscuous, and libpcap would only say so.
        .promisc(options.promiscuous && name != "any")
        .snaplen(i32::try_from(options.snap.unwrap_or(SNAP)).unwrap_or(i32::MAX))
        .buffer_size(i32::try_from(buffer).unwrap_or(i32::MAX))
        .timeout(RETIRE)
        .precision(precision())
        .open()
}

const fn precision() -> Precision {
    if cfg!(target_os = "linux") { Precision::Nano } else { Precision::Micro }
}

fn filtered(capture: &mut Capture<Active>, options: &LiveOptions) -> Result<(), (String, Error)> {
    if let Some(filter) = &options.filter {
        return capture.filter(filter, true).map_err(|error| (filter.clone(), error));
    }
    let plain = filter::default_filter(&options.ports);
    // Where there is no Ethernet there are no tags, and libpcap refuses to look for them.
    let tagged = capture.filter(&inside_tags(&plain), true);
    tagged.or_else(|_| capture.filter(&plain, true)).map_err(|error| (plain, error))
}

/// libpcap's own numbers differ from those in files for raw IP.
fn link_type(link: Linktype) -> LinkType {
    match link.0 {
        12 | 14 => LinkType::RAW,
        number => LinkType(number.cast_unsigned()),
    }
}

/// Packets on their way from the taps.
pub(super) struct Queue {
    receive: Receiver<Batch>,
    waiting: Arc<AtomicUsize>,
}

impl Queue {
    /// The next batch, waited for.
    pub(super) fn receive(&self, patience: Duration) -> Result<Batch, RecvTimeoutError> {
        let batch = self.receive.recv_timeout(patience)?;
        self.waiting.fetch_sub(batch.size(), Ordering::Relaxed);
        Ok(batch)
    }
}

/// A thread's own.
struct Tap {
    line: usize,
    name: String,
    capture: Capture<Active>,
    send: SyncSender<Batch>,
    waiting: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    batch: Batch,
}

impl Tap {
    fn run(mut self) {
        let mut counted = Instant::now();
        let mut stopping = false;
        let mut until: Option<Instant> = None;
        let end = loop {
            if counted.elapsed() >= COUNT {
                counted = Instant::now();
                self.count();
                // A line that is never quiet must end as well.
                if self.stop.load(Ordering::Relaxed) && *until.get_or_insert(counted + DRAIN) <= counted {
                    break None;
                }
            }
            match self.take() {
                Ok(true) => {}
                // Whatever the kernel still held has been taken.
                Ok(false) if stopping => break None,
                Ok(false) if self.stop.load(Ordering::Relaxed) => {
                    stopping = true;
                    thread::sleep(Duration::from_millis(2 * RETIRE.unsigned_abs() as u64));
                }
                Ok(false) => {
                    let now = now();
                    self.batch.until = Some(Timestamp(now.0.saturating_sub(LAG)));
                    if self.hand_over().is_err() {
                        return;
                    }
                    self.wait();
                }
                Err(Some(error)) => break Some(failure::ended(&self.name, &error)),
                Err(None) => return,
            }
        };
        self.count();
        self.batch.end = Some(end);
        let _ = self.hand_over();
    }

    /// One packet, if there is one. An error without a cause: nobody listens any more.
    fn take(&mut self) -> Result<bool, Option<Error>> {
        match self.capture.next_packet() {
            Ok(packet) => {
                let header = packet.header;
                let scale = if cfg!(target_os = "linux") { 1 } else { 1000 };
                let nanoseconds = u32::try_from(header.ts.tv_usec).unwrap_or(0).saturating_mul(scale);
                self.batch.add(Timestamp::from_parts(header.ts.tv_sec, nanoseconds), packet.data, header.len);
                if self.batch.is_full() {
                    self.hand_over().map_err(|()| None)?;
                }
                Ok(true)
            }
            Err(Error::TimeoutExpired) => Ok(false),
            Err(error) => Err(Some(error)),
        }
    }

    fn hand_over(&mut self) -> Result<(), ()> {
        let batch = std::mem::replace(&mut self.batch, Batch::new(self.line));
        // When nobody keeps up, the kernel's buffer is next; what it has no room for it counts.
        while self.waiting.load(Ordering::Relaxed) > WAITING {
            thread::sleep(Duration::from_millis(1));
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
        }
        self.waiting.fetch_add(batch.size(), Ordering::Relaxed);
        self.send.send(batch).map_err(|_| ())
    }

    /// Until the kernel has something, or it is time for a sign of life.
    fn wait(&self) {
        let mut descriptors = [PollFd::new(self.capture.as_fd(), PollFlags::POLLIN)];
        if poll(&mut descriptors, PollTimeout::from(LIFE)).is_err() {
            thread::sleep(Duration::from_millis(u64::from(LIFE)));
        }
    }

    fn count(&mut self) {
        if let Ok(stat) = self.capture.stats() {
            self.batch.lost = Some((stat.dropped, stat.if_dropped));
        }
    }
}

/// The clock that the kernel stamps packets with.
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}
