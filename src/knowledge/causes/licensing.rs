//! Causes: licensing.

use super::super::cause::{Cause, Chapter};
use super::remedies::*;

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "lic.refused",
        title: "licensing ends the connection",
        chapter: Chapter::Licensing,
        fixes: LICENCE,
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "lic.client-store",
        title: "the client's licence store is damaged",
        chapter: Chapter::Licensing,
        fixes: LICENCE,
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "lic.mac",
        title: "a licensing message was altered, or the keys differ",
        chapter: Chapter::Licensing,
        fixes: LICENCE,
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "lic.no-server",
        title: "the server found no licence server",
        chapter: Chapter::Licensing,
        fixes: LICENCE,
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "lic.invalid-client",
        title: "the licence server will not have this client",
        chapter: Chapter::Licensing,
        fixes: LICENCE,
        next: &[],
        ..Cause::BLANK
    },
];
