//! What people write: filters and command lines.

use std::ffi::OsString;
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use rdpwhy::capture::open_one;
use rdpwhy::diagnose::Case;
use rdpwhy::report::Filter;

use super::is_harmless;

/// A session to be asked about.
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let capture = include_bytes!("../../../captures/tls.cert-expired--alert-45.pcap");
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), capture).expect("written");
    let mut source = open_one(file.path(), &Default::default()).expect("a capture");
    super::pipe::judged(&mut source)
});

pub(super) fn filter(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Filter::parse(text, &TimeZone::UTC) {
        Ok(filter) => {
            let found = CASES.iter().filter(|case| filter.matches(case)).count();
            let not = Filter::parse(&format!("not ({text})"), &TimeZone::UTC);
            // Deeper by one than is allowed, perhaps; else it is just the others.
            if let Ok(not) = not
                && !text.trim().is_empty()
            {
                assert_eq!(CASES.iter().filter(|case| not.matches(case)).count(), CASES.len() - found);
            }
        }
        Err(error) => {
            assert!(error.column >= 1 && error.length >= 1, "{error:?}");
            assert!(error.column <= text.chars().count() + 1, "{error:?}");
        }
    }
}

/// Words, each ended by a NUL.
pub(super) fn options(bytes: &[u8]) {
    let words = bytes.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned());
    let words = std::iter::once("rdpwhy".to_owned()).chain(words).map(OsString::from);
    if let Err(usage) = rdpwhy::cli::parse(words) {
        assert!(!format!("{usage:?}").is_empty());
        let _ = is_harmless;
    }
}
