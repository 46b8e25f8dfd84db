//! Signals that end what still runs, in good order.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

#[cfg(unix)]
use signal_hook::consts::SIGHUP;
use signal_hook::consts::{SIGINT, SIGTERM};

/// The first signal sets `flag`, which ends the capture; the next one ends the program.
pub(super) fn heed(flag: &Arc<AtomicBool>) -> io::Result<()> {
    for signal in [
        SIGINT,
        SIGTERM,
        #[cfg(unix)]
        SIGHUP,
    ] {
        signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(flag))?;
        signal_hook::flag::register(signal, Arc::clone(flag))?;
    }
    Ok(())
}
