//! Capture filters (`-f`) on files: libpcap compiles them, so they mean the same as on an interface.
//!
//! Without the feature `live` there is no libpcap, and every expression is refused.

use crate::frame::{Input, LinkType};

use super::merge::Merged;
use super::source::{CaptureError, Next, Progress, Source};

#[cfg(feature = "live")]
pub use with_libpcap::Filter;
#[cfg(not(feature = "live"))]
pub use without_libpcap::Filter;

/// Only the frames of a source that a filter lets through; they keep their numbers.
#[derive(Debug)]
pub struct Filtered {
    source: Merged,
    filter: Filter,
}

impl Filtered {
    /// `source` as `filter` lets it through.
    #[must_use]
    pub fn new(source: Merged, filter: Filter) -> Self {
        Self { source, filter }
    }

    /// As [`Merged::errors`].
    #[must_use]
    pub fn errors(&self) -> &[CaptureError] {
        self.source.errors()
    }
}

impl Source for Filtered {
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        loop {
            self.source.advance();
            match self.source.current() {
                Next::Frame(frame) if !self.filter.matches(frame.link, frame.bytes)? => {}
                _ => return Ok(self.source.current()),
            }
        }
    }

    fn inputs(&self) -> &[Input] {
        self.source.inputs()
    }

    fn progress(&self) -> Progress {
        self.source.progress()
    }
}

fn refused(expression: &str, why: &str, at: Option<(usize, usize)>) -> CaptureError {
    let place = match at {
        Some((column, width)) => {
            let marks = "^".repeat(width.max(1));
            format!("-f, column {}\n   |\n   | {expression}\n   | {:column$}{marks}", column + 1, "")
        }
        None => format!("-f '{expression}'"),
    };
    CaptureError { what: format!("-f: {why}"), path: "-f".into(), at: Some(place), notes: Vec::new() }
}

#[cfg(feature = "live")]
mod with_libpcap {
    use pcap::{BpfProgram, Capture, Linktype};

    use super::*;

    /// A capture filter in tcpdump's language. Inside VLAN tags it looks only when it says `vlan`, as in tcpdump.
    pub struct Filter {
        expression: String,
        /// Compiled for each link type met.
        programs: Vec<(LinkType, BpfProgram)>,
    }

    impl Filter {
        /// Compiles `expression` for Ethernet, so that a mistake shows before a file is read.
        ///
        /// # Errors
        /// When libpcap does not understand it.
        pub fn new(expression: &str) -> Result<Self, CaptureError> {
            let mut filter = Self { expression: expression.to_owned(), programs: Vec::new() };
            let program = filter.compile(LinkType::ETHERNET)?;
            filter.programs.push((LinkType::ETHERNET, program));
            Ok(filter)
        }

        /// Whether a frame passes.
        ///
        /// # Errors
        /// When the expression makes no sense for frames of this link type (`ether host` on raw IP, say).
        pub fn matches(&mut self, link: LinkType, bytes: &[u8]) -> Result<bool, CaptureError> {
            if let Some((_, program)) = self.programs.iter().find(|(compiled, _)| *compiled == link) {
                return Ok(program.filter(bytes));
            }
            // what cannot be read cannot match either
            if !link.is_known() {
                return Ok(false);
            }
            let program = self.compile(link)?;
            let passes = program.filter(bytes);
            self.programs.push((link, program));
            Ok(passes)
        }

        fn compile(&self, link: LinkType) -> Result<BpfProgram, CaptureError> {
            let expression = &self.expression;
            // libpcap takes the text as a C string
            if let Some(at) = expression.find('\0') {
                return Err(refused(expression, "the expression has a zero byte in it", Some((at, 1))));
            }
            let compiled =
                Capture::dead(Linktype(host_number(link))).and_then(|capture| capture.compile(expression, true));
            compiled.map_err(|error| {
                let why = plain(&error);
                let mut refusal = refused(expression, &why, blamed(expression, &why));
                if link != LinkType::ETHERNET {
                    refusal.notes.push(("note", format!("for frames of link type {} ({})", link.0, link.name())));
                }
                refusal.notes.push(("help", "the language is tcpdump's: man 7 pcap-filter".to_owned()));
                refusal
            })
        }
    }

    impl std::fmt::Debug for Filter {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_tuple("Filter").field(&self.expression).finish()
        }
    }

    /// libpcap's own number for a link type: the same but for raw IP.
    fn host_number(link: LinkType) -> i32 {
        match link {
            LinkType::RAW | LinkType(14) => 12,
            LinkType(number) => i32::try_from(number).unwrap_or(-1),
        }
    }

    /// What libpcap said, without the crate's words around it.
    fn plain(error: &pcap::Error) -> String {
        match error {
            pcap::Error::PcapError(text) => text.trim_start_matches("can't parse filter expression: ").to_owned(),
            other => other.to_string(),
        }
    }

    /// Where the word stands that libpcap complains of; it names one more often than not, and never says where it is.
    fn blamed(expression: &str, why: &str) -> Option<(usize, usize)> {
        let quoted = why.split(['\'', '"']).nth(1).filter(|word| !word.is_empty());
        let words = quoted.into_iter().chain(why.split_whitespace().rev());
        for word in words.map(|word| word.trim_matches(|c: char| "'\":.,()".contains(c))) {
            let is_word = !word.is_empty() && !PROSE.contains(&word);
            if is_word && let Some(at) = find_word(expression, word) {
                return Some((expression[..at].chars().count(), word.chars().count()));
            }
        }
        None
    }

    /// Words of libpcap's sentences that are also words of its language.
    const PROSE: &[&str] = &["host", "port", "net", "in", "and", "or", "not", "protocol", "on", "is", "for"];

    fn find_word(text: &str, word: &str) -> Option<usize> {
        let part = |c: char| c.is_alphanumeric() || "._-:/".contains(c);
        text.match_indices(word)
            .map(|(at, _)| at)
            .find(|&at| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn an_expression_says_which_word_is_wrong() {
            let error = Filter::new("port 33a89").expect_err("no such port");
            assert!(error.what.contains("33a89"), "{}", error.what);
            assert!(error.at.as_ref().is_some_and(|at| at.contains("column 6")), "{:?}", error.at);
            assert!(Filter::new("tcp port 3389 or icmp").is_ok());
            assert!(Filter::new("tcp port").is_err());
            assert!(Filter::new("a\0b").is_err());
        }

        #[test]
        fn a_filter_works_for_each_link_type() {
            let mut filter = Filter::new("tcp port 3389").expect("valid");
            let mut packet = vec![0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
            packet.extend([0xc3, 0x50, 0x0d, 0x3d]);
            packet.extend([0; 16]);
            let mut ethernet = vec![0; 12];
            ethernet.extend([8, 0]);
            ethernet.extend(&packet);
            assert!(filter.matches(LinkType::RAW, &packet).expect("compiles"));
            assert!(filter.matches(LinkType::IPV4, &packet).expect("compiles"));
            assert!(filter.matches(LinkType::ETHERNET, &ethernet).expect("compiles"));
            assert!(!filter.matches(LinkType::ETHERNET, &packet).expect("compiles"));
            assert!(!filter.matches(LinkType(127), &packet).expect("passes over"));
        }
    }
}

#[cfg(not(feature = "live"))]
mod without_libpcap {
    use super::*;

    /// A capture filter, which this build cannot compile.
    #[derive(Debug)]
    pub struct Filter(std::convert::Infallible);

    impl Filter {
        /// Refuses.
        ///
        /// # Errors
        /// Always.
        pub fn new(expression: &str) -> Result<Self, CaptureError> {
            let mut error = refused(expression, "this build has no libpcap, which understands such expressions", None);
            error
                .notes
                .push(("help", "build with the default features, or filter first: tcpdump -r in.pcap -w - ...".into()));
            Err(error)
        }

        /// Never called.
        ///
        /// # Errors
        /// Never.
        pub fn matches(&mut self, _: LinkType, _: &[u8]) -> Result<bool, CaptureError> {
            match self.0 {}
        }
    }
}
