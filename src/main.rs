//! The `rdpwhy` program.

fn main() {}
