//! What a record's length says about the length of the message within.

use crate::knowledge::tls::{Protection, Version, plaintext_range};
use crate::session::{Direction, EventKind, Session};
use crate::wire::catalogue::Fact;
use crate::wire::tls_record::ContentType;

/// Plaintext sizes a record may have: exact with AEAD, a block's width with CBC.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    least: u16,
    pub(super) most: u16,
}

impl Size {
    pub(super) fn of(protection: Protection, version: Version, record: u16) -> Self {
        if let Some((least, most)) = plaintext_range(protection, version, record) {
            return Self { least, most };
        }
        // Not known: CBC with HMAC-SHA1 (20) and one byte of padding at least, an explicit IV (16) since TLS 1.1, blocks
        // of 16, or a longer MAC.
        let overhead = 21 + if version >= Version::TLS11 { 16 } else { 0 };
        let most = record.saturating_sub(overhead);
        Self { least: most.saturating_sub(28), most }
    }

    pub(super) const fn is_exact(self) -> bool {
        self.least == self.most
    }

    /// Whether a message of `from` to `to` bytes fits.
    pub(super) const fn fits(self, from: u16, to: u16) -> bool {
        self.least <= to && from <= self.most
    }

    /// Whether it can only be a message of `from` to `to` bytes.
    pub(super) const fn is(self, from: u16, to: u16) -> bool {
        from <= self.least && self.most <= to
    }
}

/// Version and record protection: from the ServerHello, or by the shape of the handshake where that was not captured.
pub(super) fn agreed(session: &Session) -> Option<(Version, Protection)> {
    if let Some((_, hello)) = session.server_hello() {
        return Some((hello.version, hello.protection()));
    }
    let types = || {
        session.timeline.iter().filter_map(|event| match event.kind {
            EventKind::Encrypted { content_type, .. } => Some((event.direction, content_type)),
            _ => None,
        })
    };
    let both = [Direction::ClientToServer, Direction::ServerToClient]
        .into_iter()
        .all(|direction| types().any(|(from, kind)| from == direction && kind == ContentType::APPLICATION_DATA));
    // Up to TLS 1.2 Finished is a visible handshake record behind ChangeCipherSpec.
    let changed = session.timeline.facts().any(|(_, fact)| matches!(fact, Fact::ChangeCipherSpec));
    let visible_finished = types().any(|(_, kind)| kind == ContentType::HANDSHAKE);
    match (both, changed && !visible_finished) {
        (false, _) => None,
        (true, true) => Some((Version::TLS13, Protection::Aead(17))),
        (true, false) => Some((Version::TLS12, Protection::Unknown)),
    }
}
