//! What protected records tell by size, direction and order alone: the story behind TLS, without keys.
//!
//! With AEAD suites a record's length is its message's length; Windows puts one message in one record (MS-CSSP note 8),
//! and so do the other stacks. With CBC only a range is known. What is read here is never more than an inference.

mod activation;
mod farewell;
mod joining;
pub(crate) mod name;
mod nla;
mod reader;
mod size;

use crate::frame::FrameNumber;
use crate::session::{Direction, Phase, Session};

/// A record whose meaning was inferred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inferred {
    /// The frame that completed it.
    pub frame: FrameNumber,
    /// Stream offset of the record, to tell several in a frame apart.
    pub stream_offset: u64,
    /// Who sent it.
    pub direction: Direction,
    /// The phase it belongs to.
    pub phase: Phase,
    /// What it is, in the specification's words.
    pub name: &'static str,
    /// Whether the size allows nothing else there.
    pub exact: bool,
    /// Plaintext bytes, where the length tells them.
    pub plaintext: Option<u16>,
}

/// How far Network Level Authentication came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nla {
    /// Not chosen, or not reached.
    #[default]
    None,
    /// The client spoke so many times and was not refused.
    Begun(u8),
    /// The server answered with an error message.
    Refused,
    /// The server proved its key: the user is accepted.
    Accepted,
    /// Credentials were handed over.
    Done,
}

/// What the logon speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// NTLM: the client could not get a ticket, or did not want one.
    Ntlm,
    /// Kerberos.
    Kerberos,
}

/// What the client hands over (MS-CSSP 2.2.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogonMode {
    /// User and password.
    Password,
    /// Nothing: Restricted Admin.
    RestrictedAdmin,
    /// A smart card's names and PIN.
    SmartCard,
    /// A service ticket: Remote Credential Guard.
    RemoteGuard,
}

/// How far licensing came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum License {
    /// Nothing of it was seen.
    #[default]
    None,
    /// The server asked for a licence.
    Asked,
    /// A message as long as "valid client", which is as long as an error.
    Answered,
    /// The server gave a licence that it was asked for.
    Granted,
    /// The server went on to the capabilities.
    Passed,
}

/// The inferred story.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // stations of one journey, each reached or not
pub struct Shape {
    /// Protected records in order, with their meaning.
    pub records: Vec<Inferred>,
    /// The TLS handshake was completed by both sides.
    pub established: bool,
    /// Network Level Authentication.
    pub nla: Nla,
    /// What it spoke.
    pub mechanism: Option<Mechanism>,
    /// What it handed over.
    pub mode: Option<LogonMode>,
    /// An Early User Authorization Result was sent.
    pub early: bool,
    /// MCS Connect Initial was sent inside TLS.
    pub mcs: bool,
    /// Client Info was sent inside TLS.
    pub info: bool,
    /// Licensing.
    pub license: License,
    /// Demand Actives.
    pub demands: u8,
    /// The client confirmed its capabilities.
    pub confirmed: bool,
    /// The client asked for the last step of activation (Font List).
    pub fonts: bool,
    /// The server took the last step of activation (Font Map).
    pub activated: bool,
    /// Save Session Info says that the user is logged on.
    pub logged_on: bool,
    /// The server answered with enough for a running session.
    pub active: bool,
}

impl Shape {
    /// Reads the records of `session`.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        reader::read(session)
    }

    /// The first record taken for `name`.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&Inferred> {
        self.records.iter().find(|record| record.name == name)
    }

    /// The last record taken for `name`.
    #[must_use]
    pub fn latest(&self, name: &str) -> Option<&Inferred> {
        self.records.iter().rev().find(|record| record.name == name)
    }

    /// The meaning of the record at this place, if it has one.
    #[must_use]
    pub fn at(&self, frame: FrameNumber, stream_offset: u64) -> Option<&Inferred> {
        self.records.iter().find(|record| record.frame == frame && record.stream_offset == stream_offset)
    }

    /// The last record of a direction.
    #[must_use]
    pub fn last(&self, direction: Direction) -> Option<&Inferred> {
        self.records.iter().rev().find(|record| record.direction == direction)
    }

    /// The farewell of `direction` among its last records: MCS Disconnect Provider Ultimatum, or close_notify.
    #[must_use]
    pub fn farewell(&self, direction: Direction) -> Option<&Inferred> {
        let own = || self.records.iter().rev().filter(|record| record.direction == direction).take(3);
        own()
            .find(|record| record.name == name::ULTIMATUM)
            .or_else(|| own().find(|record| record.name == name::CLOSE_NOTIFY))
    }

    /// Whether application data flowed at all.
    #[must_use]
    pub fn has_application_data(&self) -> bool {
        self.records.iter().any(|record| record.phase > Phase::Tls)
    }
}
