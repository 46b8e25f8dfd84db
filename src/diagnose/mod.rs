//! Session to verdict: a rule per cause of death, in order of priority. Pure functions, no state, no clock.

mod advice;
mod attempt;
mod beside;
mod case;
mod certificate;
pub mod claims;
mod company;
mod crowd;
mod ending;
mod enrich;
mod fates;
mod hints;
mod judge;
mod map;
mod observe;
mod observe_beside;
mod observe_path;
mod reached;
mod refusal;
mod refute;
mod rule;
pub mod rules;
mod shape;
mod side_channel;
mod signs;
mod ticket;
pub mod verdict;
mod wording;

pub use advice::Advice;
pub use case::Case;
pub use hints::{Hint, hints};
pub use judge::{judge_all, judge_worded};
pub use rule::Rule;
pub use shape::{Inferred, License, LogonMode, Mechanism, Nla, Shape};
pub use wording::Wording;
