//! What a capture refutes: the usual suspects that a death has nothing to do with, by how far the session came.

use super::rule::{Found, Scene};
use super::shape::{License, Nla, name};
use super::verdict::{Alternative, By, Sentence};
use crate::knowledge::negotiation::Protocols;
use crate::session::{Direction, Event, EventKind, Phase};

/// A suspect, and when a capture clears it.
struct Suspect {
    /// The cause that it would have been.
    id: &'static str,
    /// The word by which a sentence names it: a rule that used it has said enough.
    word: &'static str,
    /// Families of causes that are about it, or whose own words are better.
    concerns: &'static [&'static str],
    /// Why it is not this one.
    clear: fn(&Scene<'_>) -> Option<Sentence>,
}

const FIREWALL: Suspect = Suspect {
    id: "tcp.syn-no-answer",
    word: "blocked port",
    concerns: &["tcp.", "path."],
    clear: |scene| scene.session.server_side().syn().map(|_| "a blocked port: the SYN was answered".into()),
};

const CERTIFICATE: Suspect = Suspect {
    id: "tls.client-refuses",
    word: "certificate",
    concerns: &["tls.", "neg.ssl-cert", "nla.pubkey"],
    clear: |scene| {
        let session = scene.session;
        let went_on = scene.shape.records.iter().find(|record| {
            record.direction == Direction::ClientToServer
                && record.phase > Phase::Tls
                && record.name != name::CLOSE_NOTIFY
        });
        match went_on {
            Some(_) => Some("the certificate: the client took it and went on".into()),
            // Standard security has a certificate of its own kind.
            None if session.selected() == Some(Protocols::RDP) || session.lacks_packets() => None,
            None if session.server_hello().is_none() && session.certificate().is_none() => {
                Some("the server's certificate: none was shown yet".into())
            }
            None => None,
        }
    },
};

const PASSWORD: Suspect = Suspect {
    id: "nla.bad-credentials",
    word: "password",
    concerns: &["nla.", "end.fresh"],
    clear: |scene| {
        let shape = scene.shape;
        let is_sealed = scene.session.first_of(Phase::Rdp).is_some();
        match shape.nla {
            Nla::Accepted | Nla::Done => {
                shape.first(name::PUB_KEY).map(|_| "the password: the server accepted the user".into())
            }
            Nla::None if !shape.info && !is_sealed && !scene.session.lacks_packets() => {
                Some("the password: no logon was reached".into())
            }
            _ => None,
        }
    },
};

const LICENSE: Suspect = Suspect {
    id: "lic.client-store",
    word: "licence",
    concerns: &["lic."],
    clear: |scene| {
        let shape = scene.shape;
        let is_sealed = scene.session.first_of(Phase::Rdp).is_some();
        match shape.license {
            License::Passed => Some("the licence store (MSLicensing): licensing was passed".into()),
            _ if !shape.info && !is_sealed && !scene.session.lacks_packets() => {
                Some("the licence store (MSLicensing): licensing was not reached".into())
            }
            _ => None,
        }
    },
};

const INSTALLATION: Suspect = Suspect {
    id: "client.no-packets",
    word: "installation",
    concerns: &["x224.malformed", "x224.client"],
    clear: |scene| {
        let (_, request) = scene.session.request()?;
        let text = "the client's installation (mstscax.dll): its request is sound";
        let is_sound = |event: &Event| {
            event.direction == Direction::ServerToClient || !matches!(event.kind, EventKind::Malformed(_))
        };
        (request.fault.is_none() && scene.session.timeline.iter().all(is_sound)).then(|| text.into())
    },
};

/// The suspects in the order in which somebody would ask for them, by where the session died.
const fn suspects(phase: Phase) -> &'static [&'static Suspect] {
    match phase {
        Phase::Tcp => &[],
        Phase::X224 => &[&FIREWALL, &CERTIFICATE, &PASSWORD, &INSTALLATION, &LICENSE],
        Phase::Tls => &[&FIREWALL, &PASSWORD, &CERTIFICATE, &INSTALLATION, &LICENSE],
        Phase::Nla => &[&CERTIFICATE, &FIREWALL, &LICENSE, &INSTALLATION],
        Phase::Mcs => &[&PASSWORD, &CERTIFICATE, &LICENSE, &FIREWALL, &INSTALLATION],
        Phase::Rdp => &[&LICENSE, &PASSWORD, &CERTIFICATE],
    }
}

/// What is cleared in a death of `cause` in `phase` beside what the rule itself says.
pub(super) fn refuted(scene: &Scene<'_>, found: &Found, cause: &str, phase: Phase) -> Vec<Alternative> {
    let by_client = found.death.is_some_and(|death| death.by == By::Client);
    let named = |suspect: &Suspect| {
        let mut said = found.not_it.iter().chain(&found.could_be);
        said.any(|other| other.id == suspect.id || other.text.contains(suspect.word))
    };
    let concerns = |suspect: &Suspect| suspect.concerns.iter().any(|family| cause.starts_with(family));
    // A client that ended it by itself may well be broken.
    let open = |suspect: &&&Suspect| !(concerns(suspect) || by_client && suspect.id == INSTALLATION.id);
    suspects(phase)
        .iter()
        .filter(open)
        .filter_map(|suspect| {
            Some(Alternative { id: suspect.id, text: (suspect.clear)(scene).filter(|_| !named(suspect))? })
        })
        .collect()
}
