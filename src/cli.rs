//! Arguments, as plain data: what was asked for, and a usable answer when it cannot be had.
//! Opens no file and writes nothing; whether a word names a file is the only question it puts to the outside.

mod definition;
mod help;
mod live;
mod manual;
mod options;
mod refused;
mod translate;
mod usage;
mod values;

use std::ffi::OsString;

pub use definition::completions;
pub use help::{EXIT_CODES, long_help, short_help, version};
pub use manual::manual;
pub use options::{Color, Command, FailOn, Form, Kept, Live, Look, Moment, Options, Ring, Selection, Stop, View, Zone};
pub use usage::{Usage, nearest};

/// What `words` ask for; the first of them is the program's own name.
///
/// # Errors
/// Anything that cannot be understood, or that this version cannot do, with what to do instead.
pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Command, Usage> {
    let words: Vec<OsString> = words.into_iter().collect();
    translate::command(translate::explainable(words))
}
