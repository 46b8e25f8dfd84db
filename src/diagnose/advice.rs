//! What to do about a cause: the catalogue's remedies, filled in for one session when somebody reads them.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::case::Case;
use super::verdict::Sentence;
use crate::knowledge::cause::{Moot, Remedy};
use crate::knowledge::negotiation::Protocols;
use crate::session::Endpoint;

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Where: `server`, `client`, `path`, `capture`.
    pub side: &'static str,
    /// One sentence.
    pub text: Sentence,
    /// A command to paste.
    pub command: Option<Sentence>,
}

impl Case {
    /// What to do, in the order to try.
    pub fn fixes(&self) -> impl Iterator<Item = Advice> {
        self.advice(self.verdict.fixes)
    }

    /// What to look at or capture next.
    pub fn next_steps(&self) -> impl Iterator<Item = Advice> {
        self.advice(self.verdict.next)
    }

    fn advice(&self, remedies: &'static [Remedy]) -> impl Iterator<Item = Advice> {
        let server = self.session.server;
        let has_tls = self.session.selected() != Some(Protocols::RDP);
        let moot = if has_tls { self.verdict.moot } else { self.verdict.moot.and(Moot::NO_TLS) };
        remedies.iter().filter_map(move |remedy| remedy.when(moot)).map(move |remedy| Advice::of(remedy, server))
    }
}

impl Advice {
    /// A remedy, filled in for a session of `server`.
    fn of(remedy: &'static Remedy, server: Endpoint) -> Self {
        // Most of what is advised names nobody.
        let fill = |text: &'static str| match text.contains('{') {
            true => Cow::Owned(filled(text, server)),
            false => Cow::Borrowed(text),
        };
        Self {
            side: remedy.side,
            text: fill(remedy.text),
            command: (!remedy.command.is_empty()).then(|| fill(remedy.command)),
        }
    }
}

/// `text` with the server's address and port in their places.
fn filled(text: &str, server: Endpoint) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, behind) = rest.split_at(at);
        out.push_str(before);
        // A String takes everything.
        let _ = if let Some(tail) = behind.strip_prefix("{server}") {
            rest = tail;
            write!(out, "{}", server.ip)
        } else if let Some(tail) = behind.strip_prefix("{port}") {
            rest = tail;
            write!(out, "{}", server.port)
        } else {
            rest = &behind[1..];
            out.write_char('{')
        };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remedy_names_the_server() {
        static REMEDY: Remedy = Remedy::with("client", "ask {server}, {not this}", "nc {server} {port}");
        let advice = Advice::of(&REMEDY, Endpoint { ip: [10, 0, 0, 9].into(), port: 3389 });
        assert_eq!(advice.text, "ask 10.0.0.9, {not this}");
        assert_eq!(advice.command.as_deref(), Some("nc 10.0.0.9 3389"));
        static PLAIN: Remedy = Remedy::new("server", "restart it");
        let advice = Advice::of(&PLAIN, Endpoint { ip: [10, 0, 0, 9].into(), port: 3389 });
        assert_eq!((advice.text, advice.command), (Cow::Borrowed("restart it"), None));
    }
}
