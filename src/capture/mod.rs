//! The only door to the outside: pcap, pcapng, compressed, standard input.

mod source;

pub use source::{CaptureError, Next, Progress, Source};
