//! The `rdpwhy` program.

use std::process::ExitCode;

/// A session is many small pieces that come and go together; the system's allocator spends a quarter of all the time on them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    rdpwhy::run::end(rdpwhy::run::main(std::env::args_os()))
}
