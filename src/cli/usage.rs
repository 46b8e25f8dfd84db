//! A request that cannot be granted: what is wrong with it, and what to type instead.

/// Wrong usage.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Usage {
    /// One line, lower case: `no such option: --jsn`.
    pub what: String,
    /// Lines that follow, each a label (`note`, `known`, `help`) and a text.
    pub notes: Vec<(&'static str, String)>,
}

impl Usage {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), notes: Vec::new() }
    }

    pub(super) fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(("note", text.into()));
        self
    }

    pub(super) fn known(mut self, text: impl Into<String>) -> Self {
        self.notes.push(("known", text.into()));
        self
    }

    pub(super) fn help(mut self, text: impl Into<String>) -> Self {
        self.notes.push(("help", text.into()));
        self
    }
}

/// The candidate that `word` was probably meant to be.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance > 0 && *distance <= 1 + candidate.len() / 5)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_suggested_and_far_ones_are_not() {
        let commands = ["tui", "explain", "probe", "man"];
        assert_eq!(nearest("probbe", commands), Some("probe"));
        assert_eq!(nearest("explian", commands), Some("explain"));
        assert_eq!(nearest("mna", commands), Some("man"));
        assert_eq!(nearest("capture", commands), None);
    }
}
