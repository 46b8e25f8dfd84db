//! Session to verdict: a rule per cause of death, in order of priority. Pure functions, no state, no clock.

mod case;
mod shape;
pub mod verdict;

pub use case::Case;
pub use shape::{Inferred, Shape};
