//! Sentences are put together only where somebody will read them: a list of a hundred thousand sessions shows none.

use super::verdict::Sentence;

/// How much a verdict says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// Everything.
    Whole,
    /// What was concluded, and nothing in words: neither headline nor signs, alternatives or notes.
    Bare,
}

impl Wording {
    /// `text`, if there is to be one.
    pub(super) fn of(self, text: impl Say) -> Sentence {
        match self {
            Self::Whole => text.say(),
            Self::Bare => Sentence::default(),
        }
    }
}

/// What can become a sentence.
pub(super) trait Say {
    fn say(self) -> Sentence;
}

impl Say for Sentence {
    fn say(self) -> Sentence {
        self
    }
}

impl Say for &'static str {
    fn say(self) -> Sentence {
        Sentence::Borrowed(self)
    }
}

impl Say for String {
    fn say(self) -> Sentence {
        Sentence::Owned(self)
    }
}

/// A sentence that waits to be asked for; made by [`say`].
pub(super) struct Waiting<F>(pub(super) F);

impl<F: FnOnce() -> String> Say for Waiting<F> {
    fn say(self) -> Sentence {
        Sentence::Owned((self.0)())
    }
}

/// Seconds as a person says them: `0.07 ms`, `0.019 s`.
pub(super) fn span(seconds: f64) -> String {
    if seconds.abs() < 0.0095 { format!("{:.2} ms", seconds * 1e3) } else { format!("{seconds:.3} s") }
}

/// `format!`, when the sentence is asked for.
macro_rules! say {
    ($($words:tt)*) => {
        $crate::diagnose::wording::Waiting(|| format!($($words)*))
    };
}
pub(super) use say;
