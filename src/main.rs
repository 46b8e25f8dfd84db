//! The `rdpwhy` program.

use std::io::Write as _;
use std::process::ExitCode;

/// A session is many small pieces that come and go together; the system's allocator spends a quarter of all the time on them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let code = rdpwhy::run::main(std::env::args_os());
    // A reader that went away was noticed before.
    let _ = std::io::stdout().flush();
    end(code)
}

/// At once: the allocator would give memory back to the system page by page, of which nothing is left in a moment anyway.
#[cfg(unix)]
fn end(code: u8) -> ExitCode {
    signal_hook::low_level::exit(i32::from(code))
}

#[cfg(not(unix))]
fn end(code: u8) -> ExitCode {
    ExitCode::from(code)
}
