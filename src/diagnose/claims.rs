//! What is commonly said to be the reason when Remote Desktop fails, and what a judged session says to each: confirmed,
//! refuted, open, or not even reached. Derived from the verdict and the facts behind it; nothing is judged anew.

mod early;
mod late;
mod view;

use super::case::Case;
use crate::frame::FrameNumber;
use view::View;

/// What a capture says to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// The packets show that it is so; the verdict is at least strong.
    Confirmed,
    /// The packets do not tell.
    Open,
    /// The packets show that it is not so.
    Refuted,
    /// The session ended before it could matter.
    NotReached,
}

impl Standing {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 4] = [Self::Confirmed, Self::Open, Self::Refuted, Self::NotReached];

    /// The word of every output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Open => "open",
            Self::Refuted => "refuted",
            Self::NotReached => "not reached",
        }
    }
}

/// An answer to a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// What it comes to.
    pub standing: Standing,
    /// The packet that shows it.
    pub frame: FrameNumber,
    /// One sentence, to stand behind `frame 7: `.
    pub text: String,
}

/// A common explanation.
pub struct Claim {
    /// Its name, for tests and other programs.
    pub id: &'static str,
    /// As people say it.
    pub title: &'static str,
    rule: fn(&View<'_>) -> Ruling,
}

impl Claim {
    /// What `case` says to it.
    #[must_use]
    pub fn judge(&self, case: &Case) -> Ruling {
        (self.rule)(&View::of(case))
    }
}

/// The claims, in the order of a connection.
pub static CLAIMS: &[Claim] = &[
    Claim { id: "firewall", title: "a firewall blocks it", rule: early::firewall },
    Claim { id: "name", title: "the host name is at fault: use the address", rule: early::name },
    Claim { id: "path", title: "the network: loss, MTU, VPN", rule: early::path },
    Claim { id: "tls", title: "TLS or security layer do not match", rule: early::mismatch },
    Claim { id: "private-key", title: "the server's private key (MachineKeys)", rule: late::private_key },
    Claim { id: "certificate", title: "the certificate has expired", rule: late::certificate },
    Claim { id: "logon", title: "the password, or NLA", rule: late::logon },
    Claim { id: "licence", title: "the licence cache (MSLicensing)", rule: late::licence },
    Claim { id: "client", title: "the client is damaged", rule: late::client },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_have_names_of_their_own() {
        for (index, claim) in CLAIMS.iter().enumerate() {
            assert!(CLAIMS[..index].iter().all(|other| other.id != claim.id && other.title != claim.title));
        }
        let words = Standing::ALL.map(Standing::word);
        assert!(words.iter().all(|word| word.len() <= 11));
    }
}
