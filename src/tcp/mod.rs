//! Frame to segment to ordered stream, remembering which frame carried which byte.

mod apart;
mod decode;
mod fragments;
mod icmp;
mod link;
mod neighbour;
mod plain;
pub mod segment;
pub mod habit;
pub mod latest;
pub mod side;
pub mod stream;
mod trouble;
mod tunnel;

pub use decode::Decoder;
pub use plain::packet as at_a_glance;
