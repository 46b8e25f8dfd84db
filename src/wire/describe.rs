//! The contract of this room: a message can say what it is, in the specification's words.

use std::borrow::Cow;
use std::ops::Range;

/// One field of a message, as an analyst wants to see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The specification's spelling: `requestedProtocols`.
    pub name: Cow<'static, str>,
    /// The value in words, already safe to print.
    pub value: String,
    /// Which bytes of the message say so, counted from its first byte; empty when the field is derived.
    pub range: Range<u32>,
}

impl Field {
    /// A field and the bytes that hold it.
    pub fn new(name: impl Into<Cow<'static, str>>, value: impl Into<String>, range: Range<u32>) -> Self {
        Self { name: name.into(), value: value.into(), range }
    }
}

/// A message that can be shown by every view without the view knowing it.
pub trait Describe {
    /// Short name, for an arrow in a ladder: `Connection Request`.
    fn name(&self) -> Cow<'static, str>;
    /// What matters in it, in one line, safe to print: `offers SSL, HYBRID`.
    fn summary(&self) -> String;
    /// Every field worth showing, in order.
    fn fields(&self) -> Vec<Field>;
}

/// A field that breaks its specification: which one, and at which byte of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// `X.224 length indicator` and the like.
    pub field: &'static str,
    /// Bytes from the start of the message.
    pub offset: u32,
}

impl Malformed {
    /// `field` is broken at `offset`.
    #[must_use]
    pub const fn at(field: &'static str, offset: usize) -> Self {
        // A message is at most 16 MiB long, so the offset always fits.
        Self { field, offset: offset as u32 }
    }
}
