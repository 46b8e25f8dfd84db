//! Interfaces instead of files, through libpcap.
//!
//! ```text
//! Lines (a source) ◀─ bounded queue ◀─ tap (a thread an interface) ◀─ libpcap
//! ```

mod batch;
mod failure;
mod filter;
mod hold;
mod interfaces;
mod keeping;
mod lines;
mod tap;

pub use filter::default_filter;
pub use interfaces::{Interface, interfaces};
pub use keeping::Wish;
pub use lines::{Drops, Lines};
pub use tap::{LiveOptions, Taps};
