//! The only door to the outside: pcap, pcapng, compressed, standard input, interfaces.
//!
//! ```text
//! names, open ─▶ merge, filter ─▶ reading ─▶ pcap, pcapng ─▶ window ─▶ mapped ─▶ mapping ─▶ file
//!                                                            └▶ stream ─▶ apart ─▶ unpack ─▶ container ─▶ file or pipe
//! ```
//! Each asks the one to its right. Nothing here knows what is in a packet.

mod account;
mod again;
mod ahead;
mod apart;
mod block;
mod bytes;
mod container;
mod errors;
mod filter;
mod input;
mod interface;
#[cfg(all(feature = "live", unix))]
mod keep;
mod known;
#[cfg(all(feature = "live", unix))]
pub mod live;
mod mapped;
#[cfg_attr(not(unix), path = "unmapped.rs")]
mod mapping;
mod merge;
mod names;
mod open;
mod pcap;
mod pcapng;
mod reading;
mod source;
mod stream;
mod unpack;
mod window;
mod writing;
mod zstd;

#[cfg(test)]
mod tests;

pub use again::read_again;
pub use errors::{reason, unreadable_link};
pub use filter::{Filter, Filtered};
pub use input::Options;
#[cfg(all(feature = "live", unix))]
pub use keep::{Enough, Keep, Namer, Turn, numbered};
pub use merge::Merged;
pub use open::{expand, open, open_one};
pub use source::{CaptureError, Holding, Moved, Next, Progress, Source};
pub use writing::Writing;
