//! What goes to a pipe or a file goes there by a thread of its own: a slow reader must not cost packets.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use super::output::{self, Written};

/// Sessions that may wait to be told; some kilobytes each at most.
const WAITING: usize = 16_384;

/// Standard output, from outside.
pub(super) struct Teller {
    /// None on a terminal, where lines and the status line share the screen and follow each other.
    thread: Option<(SyncSender<Vec<u8>>, JoinHandle<()>)>,
    gone: Arc<AtomicBool>,
    /// Sessions that could not be told.
    pub(super) untold: u64,
}

impl Teller {
    pub(super) fn new() -> Self {
        let gone = Arc::new(AtomicBool::new(false));
        let mut teller = Self { thread: None, gone: Arc::clone(&gone), untold: 0 };
        if std::io::stdout().is_terminal() {
            return teller;
        }
        let (send, receive) = sync_channel::<Vec<u8>>(WAITING);
        let told = move || {
            for text in receive {
                if !write(&text) {
                    gone.store(true, Ordering::Relaxed);
                    return;
                }
            }
        };
        // Without a thread it is told without one.
        teller.thread = thread::Builder::new().name("teller".into()).spawn(told).ok().map(|thread| (send, thread));
        teller
    }

    /// Nobody listens any more.
    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// Tells `text`, later if need be; what cannot wait is counted.
    pub(super) fn tell(&mut self, text: Vec<u8>) {
        match &self.thread {
            None if write(&text) => {}
            None => self.gone.store(true, Ordering::Relaxed),
            Some((send, _)) => match send.try_send(text) {
                Ok(()) => {}
                Err(TrySendError::Full(_)) => self.untold += 1,
                Err(TrySendError::Disconnected(_)) => self.gone.store(true, Ordering::Relaxed),
            },
        }
    }

    /// Waits until everything is told.
    pub(super) fn close(&mut self) {
        if let Some((send, thread)) = self.thread.take() {
            drop(send);
            let _ = thread.join();
        }
    }
}

fn write(text: &[u8]) -> bool {
    matches!(output::to_stdout(|out| out.write_all(text)), Ok(Written::Whole))
}
