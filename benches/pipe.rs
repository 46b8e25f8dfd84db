//! Packets per second through the whole pipe.

fn main() {}
