//! What the program exits with, and how.

use std::io::Write as _;
use std::process::ExitCode;

/// Ends the program with `code`, at once where that can be done: the allocator would give memory back to the system page by
/// page, of which nothing is left in a moment anyway.
#[must_use]
pub fn end(code: u8) -> ExitCode {
    // A reader that went away was noticed before.
    let _ = std::io::stdout().flush();
    #[cfg(unix)]
    signal_hook::low_level::exit(i32::from(code));
    #[cfg(not(unix))]
    ExitCode::from(code)
}

/// What a run came to, as far as the exit code is concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Account {
    /// A session matches `--fail-on`.
    pub(super) matched: bool,
    /// At least one session could be judged.
    pub(super) judged: bool,
    /// An input could not be read, or a result not be written.
    pub(super) unreadable: bool,
}

/// Wrong usage.
pub(super) const USAGE: u8 = 2;
/// Something could not be read.
pub(super) const UNREADABLE: u8 = 3;

impl Account {
    /// Of two runs together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            matched: self.matched || other.matched,
            judged: self.judged || other.judged,
            unreadable: self.unreadable || other.unreadable,
        }
    }

    /// 3 comes first: who checks a directory every night must learn that half of it was not read.
    pub(super) fn code(self) -> u8 {
        match self {
            Self { unreadable: true, .. } => UNREADABLE,
            Self { matched: true, .. } => 1,
            Self { judged: false, .. } => 4,
            Self { judged: true, .. } => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_news_wins() {
        let judged = Account { judged: true, ..Account::default() };
        let matched = Account { matched: true, ..judged };
        let unreadable = Account { unreadable: true, ..Account::default() };
        assert_eq!(judged.code(), 0);
        assert_eq!(matched.code(), 1);
        assert_eq!(unreadable.code(), 3);
        assert_eq!(Account::default().code(), 4);
        assert_eq!(matched.and(unreadable).code(), 3);
        assert_eq!(judged.and(Account::default()).code(), 0);
        assert_eq!(judged.and(matched).code(), 1);
    }
}
