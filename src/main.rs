//! The `rdpwhy` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(rdpwhy::run::main(std::env::args_os()))
}
