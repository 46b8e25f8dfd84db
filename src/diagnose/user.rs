//! Whether two names are of one user: the hint that a client sends, which is cut and may carry a domain, and what the same
//! user is called elsewhere.

use crate::wire::text::Text;

/// The Windows client cuts its hint to so many characters.
const HINT: usize = 9;
/// What is left of a cut name says something from this many characters on.
const TELLING: usize = 3;

/// A name taken apart.
struct Name {
    user: String,
    /// It may go on.
    is_cut: bool,
    /// Nothing tells whether it is a user's or the beginning of a domain's.
    is_bare: bool,
}

impl Name {
    fn of(name: &str) -> Self {
        let user = name.rsplit('\\').next().unwrap_or_default();
        let plain = user.split('@').next().unwrap_or_default();
        Self {
            user: plain.to_lowercase(),
            is_cut: name.chars().count() == HINT && plain.len() == user.len(),
            is_bare: plain.len() == name.len(),
        }
    }

    /// Whether `whole` may be what it was before it was cut.
    fn begins(&self, whole: &Self) -> bool {
        self.is_cut && whole.user.starts_with(&self.user)
    }

    fn says_little(&self) -> bool {
        self.user.is_empty() || (self.is_cut && self.user.chars().count() < TELLING)
    }
}

/// Whether `one` and `two` (`jdoe`, `CORP\jdoe`, `jdoe@corp.example`, in any case, cut to nine characters) are one user;
/// `None` where that is not to be told.
pub(super) fn is_same(one: &str, two: &str) -> Option<bool> {
    let (one, two) = (Name::of(one), Name::of(two));
    let may_be_domain = |name: &Name| name.is_cut && name.is_bare;
    if one.user == two.user && !one.user.is_empty() {
        Some(true)
    } else if one.says_little() || two.says_little() {
        None
    } else if one.begins(&two) || two.begins(&one) {
        Some(true)
    } else if may_be_domain(&one) || may_be_domain(&two) {
        None
    } else {
        Some(false)
    }
}

/// Whether nothing says that the two, where they are known, are of different users.
pub(super) fn may_be_one(one: Option<&Text>, two: Option<&Text>) -> bool {
    one.zip(two).is_none_or(|(one, two)| is_same(one.raw(), two.raw()) != Some(false))
}

/// Whether both are known, and of one user.
pub(super) fn are_one(one: Option<&Text>, two: Option<&Text>) -> bool {
    one.zip(two).is_some_and(|(one, two)| is_same(one.raw(), two.raw()) == Some(true))
}

/// Accounts that many people share.
const SHARED: &[&str] = &["administrator", "administrador", "administrateur", "admin", "root", "user", "guest", "test"];

/// Whether a hint tells of one person, on whatever machine it is seen: one that is cut may be no more than the domain of many,
/// and some accounts are everybody's.
pub(super) fn is_personal(hint: Option<&Text>) -> bool {
    hint.is_some_and(|hint| {
        let name = Name::of(hint.raw());
        let is_shared = |account: &&str| **account == name.user || (name.is_cut && account.starts_with(&name.user));
        let may_be_domain = name.is_cut && name.is_bare;
        !(may_be_domain || SHARED.iter().any(is_shared))
    })
}

/// Whether it is the account of a computer: Windows gives those names that end so (MS-SAMR 3.1.1.6).
pub(super) fn is_machine(name: &str) -> bool {
    name.split('@').next().is_some_and(|name| name.ends_with('$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_has_many_spellings() {
        for other in ["jdoe", "JDoe", "CORP\\jdoe", "jdoe@corp.example", "jdoe@corp"] {
            assert_eq!(is_same("jdoe", other), Some(true), "{other}");
        }
        assert_eq!(is_same("administr", "Administrator"), Some(true));
        assert_eq!(is_same("CORP\\admi", "administrator"), Some(true));
    }

    #[test]
    fn another_user() {
        assert_eq!(is_same("jdoe", "svc_backup"), Some(false));
        assert_eq!(is_same("CORP\\jdoe", "bert"), Some(false));
        assert_eq!(is_same("jdoe@corp", "jdo"), Some(false));
    }

    #[test]
    fn what_is_left_of_a_name_may_say_nothing() {
        // A long domain leaves no room for the user.
        assert_eq!(is_same("HEADQUART", "jdoe"), None);
        assert_eq!(is_same("HEADQUAR\\", "jdoe"), None);
        assert_eq!(is_same("HEADQUA\\j", "jdoe"), None);
        assert_eq!(is_same("", "jdoe"), None);
    }

    #[test]
    fn names_of_many() {
        let is_one = |name: &str| is_personal(Some(&Text::from(name)));
        assert!(is_one("jdoe") && is_one("CORP\\jdoe") && is_one("jdoe@corp.example"));
        for many in ["HEADQUART", "administr", "CORP\\admi", "Administrator", "CORP\\Administrator", "root"] {
            assert!(!is_one(many), "{many}");
        }
    }

    #[test]
    fn computers() {
        assert!(is_machine("WS17$") && is_machine("WS17$@CORP.EXAMPLE") && !is_machine("jdoe"));
    }
}
