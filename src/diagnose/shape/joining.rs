//! MCS by sizes: all its messages between Connect Response and Client Info are short and of fixed length.
//!
//! Source: T.125 7, MS-RDPBCGR 2.2.1.3 to 2.2.1.9. With CBC only their order speaks.

use super::name;
use super::reader::{Meaning, Reader, Step};
use super::size::Size;
use crate::session::Phase;

/// Longer than any MCS request after Connect Initial, shorter than any Client Info.
const SHORT: u16 = 120;

impl Reader {
    /// Connect Response, Attach User Confirm, then a confirm for each channel.
    pub(super) fn mcs_answer(&mut self, size: Size) -> Meaning {
        let is_attached = || self.shape.records.iter().any(|record| record.name == name::ATTACH_CONFIRM);
        if self.step == Step::Mcs {
            self.step = Step::Joining;
            let refused = size.is(9, 9);
            return (Phase::Mcs, if refused { name::ULTIMATUM } else { name::CONNECT_RESPONSE }, refused);
        }
        let (name, exact) = match is_attached() {
            // 11 with the user's channel, 9 without: refused
            false if size.fits(9, 11) => (name::ATTACH_CONFIRM, size.is(11, 11)),
            true if size.is(9, 9) => (name::ULTIMATUM, true),
            // 15 with the channel joined, 13 without: refused
            true if size.fits(13, 15) => (name::JOIN_CONFIRM, size.is(15, 15) || size.is(13, 13)),
            _ => (name::DOMAIN, false),
        };
        (Phase::Mcs, name, exact)
    }

    /// Erect Domain, Attach User, a request for each channel; and then Client Info.
    pub(super) fn mcs_request(&mut self, size: Size) -> Meaning {
        if size.most > SHORT && self.step == Step::Joining {
            self.step = Step::Licensing;
            self.shape.info = true;
            self.server_records = 1;
            return (Phase::Rdp, name::CLIENT_INFO, false);
        }
        let (name, length) = match self.asked {
            0 => (name::ERECT_DOMAIN, 12),
            1 => (name::ATTACH_REQUEST, 8),
            _ => (name::JOIN_REQUEST, 12),
        };
        self.asked = self.asked.saturating_add(1);
        if size.fits(length, length) {
            return (Phase::Mcs, name, size.is_exact());
        }
        // The last word of a client that gives up is an ultimatum.
        (Phase::Mcs, if size.is(9, 9) { name::ULTIMATUM } else { name::DOMAIN }, size.is(9, 9))
    }
}
