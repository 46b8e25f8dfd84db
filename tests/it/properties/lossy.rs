//! A capture that lacks packets: what is missing may make a verdict less sure, never another one that is called proven.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use proptest::prelude::*;
use rdpwhy::capture::{self, CaptureError, Next, Progress, Source};
use rdpwhy::diagnose::verdict::{Outcome, Sure};
use rdpwhy::engine::Options;
use rdpwhy::frame::Input;
use rdpwhy::session::Endpoint;

use super::cases;
use crate::captures::inside::look;
use crate::captures::{folder, names};

/// A source of which some packets are lost before anybody sees them.
struct Lossy<S, F> {
    source: S,
    is_lost: F,
}

impl<S: Source, F: FnMut() -> bool> Source for Lossy<S, F> {
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        Ok(match self.source.next()? {
            Next::Frame(frame) if (self.is_lost)() => Next::Idle(frame.time),
            other => other,
        })
    }

    fn inputs(&self) -> &[Input] {
        self.source.inputs()
    }

    fn progress(&self) -> Progress {
        self.source.progress()
    }
}

/// What is concluded of a connection.
type Concluded = (Endpoint, Endpoint, Option<&'static str>);

/// Each connection with its cause, and those that died of a proven one.
fn concluded(name: &str, is_lost: impl FnMut() -> bool) -> (Vec<Concluded>, Vec<Concluded>) {
    let source = capture::open_one(&folder().join(name), &capture::Options::default()).expect("a capture");
    let seen = look(&mut Lossy { source, is_lost }, Options::default());
    let mut proven = Vec::new();
    let all = seen.cases.iter().map(|case| {
        let concluded = (case.session.client, case.session.server, case.verdict.cause);
        if case.verdict.outcome == Outcome::Died && case.verdict.sure == Sure::Proven {
            proven.push(concluded);
        }
        concluded
    });
    (all.collect(), proven)
}

/// What is said of a death whose closer circumstances were in the packets that are missing.
const LESS_EXACT: &[(&str, &str)] = &[
    ("tls.client-refuses", "tls.cert-"),
    // certificate_expired also says "not currently valid" (RFC 8446 6.2).
    ("tls.cert-expired", "tls.cert-not-yet-valid"),
    // It says no more than the alert.
    ("tls.alert-server", ""),
    ("nla.refused", "nla."),
];

/// The causes of each connection, by the name of its capture, when nothing is missing.
static WHOLE: LazyLock<BTreeMap<String, HashSet<Concluded>>> = LazyLock::new(|| {
    names().into_iter().map(|name| (name.clone(), concluded(&name, || false).0.into_iter().collect())).collect()
});

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn what_is_missing_proves_nothing(seed in any::<u64>(), percent in prop::sample::select(vec![3_u64, 10, 30])) {
        let mut state = seed | 1;
        let mut is_lost = || {
            // xorshift64: any sequence will do
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 33) % 100 < percent
        };
        for (name, whole) in &*WHOLE {
            for (client, server, cause) in concluded(name, &mut is_lost).1 {
                let is_so = |known: &Concluded| {
                    let (said, known) = (cause.unwrap_or(""), known.2.unwrap_or(""));
                    let is_less_exact = |(less, exact): &(&str, &str)| *less == said && known.starts_with(exact);
                    said == known || LESS_EXACT.iter().any(is_less_exact)
                };
                let mut same = whole.iter().filter(|known| (known.0, known.1) == (client, server));
                prop_assert!(
                    same.clone().any(is_so),
                    "{name}: {client} to {server}: {cause:?} is called proven; with all packets {:?}",
                    same.next()
                );
            }
        }
    }
}
