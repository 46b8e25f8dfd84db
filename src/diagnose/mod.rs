//! Session to verdict: a rule per cause of death, in order of priority. Pure functions, no state, no clock.

mod case;
mod certificate;
mod crowd;
mod ending;
mod judge;
mod observe;
mod reached;
mod refute;
mod rule;
pub mod rules;
mod shape;
pub mod verdict;

pub use case::Case;
pub use crowd::Crowd;
pub use judge::{judge, judge_all};
pub use rule::{Remedy, Rule};
pub use shape::{Inferred, License, LogonMode, Mechanism, Nla, Shape};
