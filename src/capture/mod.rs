//! The only door to the outside: pcap, pcapng, compressed, standard input.

mod account;
mod again;
mod bytes;
mod container;
mod errors;
mod filter;
mod interface;
mod known;
mod merge;
mod open;
mod pcap;
mod pcapng;
mod reading;
mod source;
mod unpack;
mod window;

#[cfg(test)]
mod tests;

pub use again::read_again;
pub use errors::unreadable_link;
pub use filter::{Filter, Filtered};
pub use merge::Merged;
pub use open::{Options, expand, open, open_one};
pub use source::{CaptureError, Next, Progress, Source};
