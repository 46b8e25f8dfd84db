//! A session together with what was concluded about it: what reports are made of.

use super::shape::Shape;
use super::verdict::Verdict;
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
