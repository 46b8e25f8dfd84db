//! Signals that end what still runs, in good order.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
#[cfg(unix)]
use std::time::{Duration, Instant};

#[cfg(unix)]
use signal_hook::consts::SIGHUP;
use signal_hook::consts::{SIGINT, SIGTERM};

/// Nobody is impatient so soon. One wish to end often comes as several signals: `timeout` signals its command and then
/// the group that it is in, and of a terminal that is closed the kernel tells, and the shell once more.
#[cfg(unix)]
const ONE_WISH: Duration = Duration::from_millis(400);

/// The first signal sets `flag`, which ends the capture; one that comes later ends the program.
#[cfg(unix)]
pub(super) fn heed(flag: &Arc<AtomicBool>) -> io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    let flag = Arc::clone(flag);
    let heeding = move || {
        let mut first: Option<Instant> = None;
        for signal in signals.forever() {
            flag.store(true, std::sync::atomic::Ordering::SeqCst);
            if first.get_or_insert_with(Instant::now).elapsed() > ONE_WISH {
                signal_hook::low_level::exit(128 + signal);
            }
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(heeding).map(drop)
}

/// The same where signals cannot be waited for: the second one is the last.
#[cfg(not(unix))]
pub(super) fn heed(flag: &Arc<AtomicBool>) -> io::Result<()> {
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(flag))?;
        signal_hook::flag::register(signal, Arc::clone(flag))?;
    }
    Ok(())
}
