//! Cases to bytes for people and machines. Judges nothing, reads no file and no clock: what is shown was concluded
//! elsewhere, and the same cases always give the same bytes.

pub mod format;
pub mod tally;

pub(crate) mod pen;
pub mod time;

pub mod brief;
pub mod json;
pub mod live;
pub mod text;
pub mod totals;

pub mod filter;
pub mod filter_keys;
mod filter_parse;
mod filter_value;

#[cfg(test)]
mod sample;

pub use filter::{Filter, FilterError};
pub use format::{CaseWriter, Format, NotRdp, Run, Streaming, Style};
pub use tally::Tally;
