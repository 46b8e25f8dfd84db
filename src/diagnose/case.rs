//! A session together with what was concluded about it: what reports are made of.

use super::shape::Shape;
use super::ticket;
use super::verdict::{By, Points, Verdict};
use crate::session::Session;

/// A judged session.
#[derive(Clone, Debug)]
pub struct Case {
    /// What happened.
    pub session: Box<Session>,
    /// What lies behind the encryption, by sizes and order.
    pub shape: Shape,
    /// What we conclude.
    pub verdict: Verdict,
    /// Number shared by the connections of one try of one user.
    pub attempt: u32,
    /// Its part in the attempt: `main`, `prompt`, `fallback`, `retry`, `redirect`, `udp`.
    pub role: &'static str,
}

/// Where the reason of a death that nobody declared to the other is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Said inside the encryption.
    Encrypted,
    /// Said beside the session, in clear.
    Beside,
    /// Not said at all.
    Unsaid,
}

impl Case {
    /// Where the reason is.
    #[must_use]
    pub fn reason(&self) -> Reason {
        let signs = |wanted: Points| self.verdict.evidence.iter().filter(move |sign| sign.points == wanted);
        if signs(Points::For).any(|sign| sign.text.contains(ticket::REFUSES)) {
            return Reason::Beside;
        }
        // A message that was never answered is no reason.
        let is_word = self.verdict.death.is_some_and(|death| {
            let mut events = self.session.timeline.iter().filter(|event| event.frame == death.frame);
            events.any(|event| event.encrypted().is_some() && By::from(event.direction) == death.by)
        });
        match is_word || signs(Points::Missing).any(|sign| sign.text.contains("encrypted")) {
            true => Reason::Encrypted,
            false => Reason::Unsaid,
        }
    }
}
