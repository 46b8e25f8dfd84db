//! The TLS record layer: content types and plain alerts. Bodies of protected records are never read.
//!
//! RFC 8446 [5.1] and [6], RFC 5246 6.2 and 7.2.
//!
//! [5.1]: https://www.rfc-editor.org/rfc/rfc8446#section-5.1
//! [6]: https://www.rfc-editor.org/rfc/rfc8446#section-6

use std::borrow::Cow;

use super::describe::{Describe, Field};
use crate::knowledge::code::find;
use crate::knowledge::tls::{ALERTS, Version, alert_name};

/// ContentType of a record (RFC 8446 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentType(pub u8);

#[allow(missing_docs)] // the specification's names
impl ContentType {
    pub const CHANGE_CIPHER_SPEC: Self = Self(20);
    pub const ALERT: Self = Self(21);
    pub const HANDSHAKE: Self = Self(22);
    pub const APPLICATION_DATA: Self = Self(23);
    pub const HEARTBEAT: Self = Self(24);
}

/// Header of a record (RFC 8446 5.1): type, legacy version, length of the body in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHeader {
    /// What the body is.
    pub content_type: ContentType,
    /// legacy_record_version.
    pub version: Version,
    /// Length of the body; bytes.
    pub length: u16,
}

impl RecordHeader {
    /// From the five bytes that [`super::framing::tls_record`] has found plausible.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 5]) -> Self {
        Self {
            content_type: ContentType(bytes[0]),
            version: Version(u16::from_be_bytes([bytes[1], bytes[2]])),
            length: u16::from_be_bytes([bytes[3], bytes[4]]),
        }
    }
}

/// A plain alert (RFC 8446 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// AlertLevel: 1 warning, 2 fatal.
    pub level: u8,
    /// AlertDescription.
    pub description: u8,
}

impl Alert {
    /// From an alert record's body; `None` when it is protected (an encrypted alert is never two bytes long).
    #[must_use]
    pub const fn from_body(body: &[u8]) -> Option<Self> {
        match *body {
            [level @ 1..=2, description] => Some(Self { level, description }),
            _ => None,
        }
    }

    /// Whether it ends the connection (TLS 1.3 treats all but close_notify and user_canceled as fatal).
    #[must_use]
    pub const fn is_fatal(self) -> bool {
        self.level == 2
    }

    /// Whether it complains of something, whatever its level says (RFC 8446 6.2); not of a name, a certificate of one's own
    /// or a renegotiation that one can do without.
    #[must_use]
    pub const fn is_complaint(self) -> bool {
        !self.is_goodbye() && !matches!(self.description, 41 | 100 | 112)
    }

    /// close_notify: the orderly end.
    #[must_use]
    pub const fn is_close_notify(self) -> bool {
        self.description == 0
    }

    /// close_notify, or user_canceled, which it follows (RFC 8446 6.1).
    #[must_use]
    pub const fn is_goodbye(self) -> bool {
        matches!(self.description, 0 | 90)
    }

    /// `fatal`, `warning`.
    #[must_use]
    pub const fn level_name(self) -> &'static str {
        match self.level {
            1 => "warning",
            2 => "fatal",
            _ => "unknown",
        }
    }
}

impl Describe for Alert {
    fn name(&self) -> Cow<'static, str> {
        format!("Alert, {}", self.level_name()).into()
    }

    fn summary(&self) -> String {
        format!("{} ({})", alert_name(self.description), self.description)
    }

    fn fields(&self) -> Vec<Field> {
        let meaning = find(ALERTS, u32::from(self.description)).map_or("", |code| code.meaning);
        vec![
            Field::new("level", format!("{} ({})", self.level_name(), self.level), 5..6),
            Field::new("description", format!("{}: {meaning}", self.summary()), 6..7),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_alerts_have_two_bytes() {
        let alert = Alert::from_body(&[2, 45]);
        assert_eq!(alert.map(|alert| alert.summary()), Some("certificate_expired (45)".into()));
        assert_eq!(Alert::from_body(&[0x9c; 26]), None);
        assert_eq!(Alert::from_body(&[9, 1]), None);
    }
}
