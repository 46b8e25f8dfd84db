//! The catalogue of causes, in the order of the wire.

mod account;
mod activation;
mod before;
mod capture;
mod certificate;
mod connect;
mod gateway;
mod kerberos;
mod licensing;
mod logon;
mod mcs;
mod negotiation;
mod path;
mod policy_end;
mod remedies;
mod scan;
mod session_end;
mod tls;
mod udp;
mod x224;

use super::cause::Cause;

/// All causes, a family at a time.
static FAMILIES: &[&[Cause]] = &[
    before::CAUSES,
    connect::CAUSES,
    scan::CAUSES,
    path::CAUSES,
    x224::CAUSES,
    negotiation::CAUSES,
    tls::CAUSES,
    certificate::CAUSES,
    logon::CAUSES,
    account::CAUSES,
    kerberos::CAUSES,
    mcs::CAUSES,
    licensing::CAUSES,
    activation::CAUSES,
    session_end::CAUSES,
    policy_end::CAUSES,
    gateway::CAUSES,
    udp::CAUSES,
    capture::CAUSES,
];

/// Names under which a cause is known besides its own.
pub static ALIASES: &[(&str, &str)] = &[("tcp.accept-then-silence", "x224.no-confirm")];

/// All causes.
pub fn all() -> impl Iterator<Item = &'static Cause> {
    FAMILIES.iter().copied().flatten()
}

/// The cause of this id, or of this alias.
#[must_use]
pub fn find(id: &str) -> Option<&'static Cause> {
    let id = ALIASES.iter().find(|(alias, _)| *alias == id).map_or(id, |(_, id)| id);
    all().find(|cause| cause.id == id)
}
