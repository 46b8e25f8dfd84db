//! The catalogue of causes: all that can end a session, whether or not a rule finds it yet. One file per stretch of the
//! connection's life; what several causes need to be told stands in `remedies`.

mod account;
mod activation;
mod before;
mod capture;
mod certificate;
mod connect;
mod gateway;
mod kerberos;
mod licensing;
mod logon;
mod mcs;
mod negotiation;
mod path;
mod policy_end;
mod remedies;
mod scan;
mod session_end;
mod tls;
mod udp;
mod x224;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::cause::Cause;

/// All causes, a family at a time.
static FAMILIES: &[&[Cause]] = &[
    before::CAUSES,
    connect::CAUSES,
    scan::CAUSES,
    path::CAUSES,
    x224::CAUSES,
    negotiation::CAUSES,
    tls::CAUSES,
    certificate::CAUSES,
    logon::CAUSES,
    account::CAUSES,
    kerberos::CAUSES,
    mcs::CAUSES,
    licensing::CAUSES,
    activation::CAUSES,
    session_end::CAUSES,
    policy_end::CAUSES,
    gateway::CAUSES,
    udp::CAUSES,
    capture::CAUSES,
];

/// Names under which a cause is known besides its own.
pub static ALIASES: &[(&str, &str)] = &[("tcp.accept-then-silence", "x224.no-confirm")];

/// All causes.
pub fn all() -> impl Iterator<Item = &'static Cause> {
    FAMILIES.iter().copied().flatten()
}

/// The cause of this id, or of this alias.
#[must_use]
pub fn find(id: &str) -> Option<&'static Cause> {
    static BY_ID: LazyLock<HashMap<&str, &Cause>> = LazyLock::new(|| {
        let aliases = ALIASES.iter().filter_map(|(alias, id)| Some((*alias, all().find(|cause| cause.id == *id)?)));
        all().map(|cause| (cause.id, cause)).chain(aliases).collect()
    });
    BY_ID.get(id).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::cause::{Chapter, Remedy, Seen};
    use super::*;

    /// Whoever adds a cause counts it; whoever loses one is stopped here.
    const COUNT: usize = 187;

    #[test]
    fn ids_are_unique_and_counted() {
        let ids: BTreeSet<&str> = all().map(|cause| cause.id).collect();
        assert_eq!((ids.len(), all().count()), (COUNT, COUNT));
        for id in ids {
            let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || ".-".contains(letter);
            assert!(id.chars().all(fits) && id.matches('.').count() <= 1, "{id}");
        }
        for (alias, id) in ALIASES {
            assert!(all().all(|cause| cause.id != *alias) && find(alias) == find(id) && find(id).is_some(), "{alias}");
        }
    }

    #[test]
    fn every_cause_says_all_that_it_must() {
        for cause in all() {
            for (what, text) in [("title", cause.title), ("meaning", cause.meaning), ("wire", cause.wire)] {
                assert!(text.chars().count() >= 12, "{}: {what}: {text:?}", cause.id);
            }
            assert!(cause.title.chars().count() <= 100 && !cause.title.ends_with('.'), "{}", cause.id);
            assert!(cause.meaning.ends_with('.') || cause.meaning.ends_with("\"."), "{}", cause.id);
            assert!(!cause.sources.is_empty(), "{}: no source", cause.id);
            let helps = !cause.fixes.is_empty() || !cause.more.is_empty();
            assert!(helps || cause.is_harmless(), "{}: nothing helps", cause.id);
            assert!(Chapter::ALL.iter().any(|(chapter, _)| *chapter == cause.chapter), "{}", cause.id);
        }
    }

    #[test]
    fn what_a_report_prints_is_short() {
        let remedies = |cause: &Cause| -> Vec<Remedy> { [cause.fixes, cause.more, cause.next].concat() };
        for cause in all() {
            assert!(cause.fixes.len() <= 3 && cause.next.len() <= 2, "{}", cause.id);
            for remedy in remedies(cause) {
                assert!(["server", "client", "path", "domain", "capture"].contains(&remedy.side), "{}", cause.id);
                assert!(remedy.text.chars().count() <= 165, "{}: {}", cause.id, remedy.text);
                let rest = remedy.text.replace("{server}", "").replace("{port}", "");
                assert!(!rest.contains(['{', '}', '\n']), "{}: {rest}", cause.id);
            }
        }
    }

    #[test]
    fn what_looks_like_a_cause_is_another_cause() {
        for cause in all() {
            for other in cause.confused_with {
                assert!(*other != cause.id && all().any(|known| known.id == *other), "{}: {other}", cause.id);
            }
        }
    }

    #[test]
    fn what_needs_keys_says_where_else_to_look() {
        for cause in all().filter(|cause| cause.seen != Seen::InPackets && !cause.is_harmless()) {
            let remedies = [cause.fixes, cause.more, cause.next].concat();
            assert!(!remedies.is_empty(), "{}", cause.id);
        }
    }
}
