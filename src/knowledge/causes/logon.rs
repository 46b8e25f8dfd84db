//! Causes: logon.

use super::super::cause::{Cause, Chapter, Remedy};
use super::remedies::*;

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "nla.refused",
        title: "the server refused the logon (Network Level Authentication)",
        chapter: Chapter::Logon,
        fixes: LOGON,
        next: &[Remedy::new("capture", "capture port 88 (Kerberos) on the client too: there the reason is in clear")],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.client-stops",
        title: "the client stops although the server accepted the user",
        chapter: Chapter::Logon,
        fixes: &[Remedy::new(
            "client",
            "ask the user for a certificate warning; look at the policy \"Credentials Delegation\" for TERMSRV/*",
        )],
        next: &[],
        ..Cause::BLANK
    },
];
