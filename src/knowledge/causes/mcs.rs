//! Causes: mcs.

use super::super::cause::{Cause, Chapter};
use super::remedies::*;

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "mcs.refused",
        title: "the server ends the connection sequence (MCS, GCC)",
        chapter: Chapter::Mcs,
        fixes: OTHER_CLIENT,
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "mcs.client-refuses",
        title: "the client leaves in the connection sequence (MCS, GCC)",
        chapter: Chapter::Mcs,
        fixes: OTHER_CLIENT,
        next: &[],
        ..Cause::BLANK
    },
];
