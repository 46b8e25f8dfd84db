//! Logon by sizes: NTLM has two messages of the client before the server proves its key, Kerberos by mstsc three.
//!
//! Source: MS-CSSP 3.1.5, MS-NLMP 2.2.1, MS-RDPBCGR 2.2.17 (RDSTLS); sizes measured on Windows and FreeRDP.

use super::reader::{Meaning, Reader, Step};
use super::size::Size;
use super::{LogonMode, Mechanism, Nla, name};
use crate::knowledge::tls::Protection;
use crate::session::{Direction, Phase};

/// A TSRequest with a token, or with a sealed key, is never shorter.
const SMALLEST_TOKEN: u16 = 40;
/// version and errorCode, nothing else; an INTEGER may be longer than four bytes.
const ERROR: (u16, u16) = (13, 17);
/// A message this long fills its TLS record: the next record may be the rest of it.
const FULL: u16 = 16_000;

impl Reader {
    pub(super) fn first_token(&mut self, size: Size) -> Meaning {
        self.step = Step::Nla(1);
        self.shape.nla = Nla::Begun(1);
        // 40 bytes of NTLM without names in Windows' first message, 76 with a version and names in FreeRDP's
        if size.is(57, 57) || size.is(93, 93) {
            self.shape.mechanism = Some(Mechanism::Ntlm);
            return (Phase::Nla, name::NTLM_NEGOTIATE, true);
        }
        if size.is(45, 140) {
            self.shape.mechanism = Some(Mechanism::Ntlm);
            return (Phase::Nla, name::NTLM_NEGOTIATE, false);
        }
        if size.is(700, u16::MAX) {
            self.shape.mechanism = Some(Mechanism::Kerberos);
            return (Phase::Nla, name::KRB_AP_REQ, false);
        }
        (Phase::Nla, if size.is(150, 260) { name::KRB_TGT_REQ } else { name::NEGOTIATE }, false)
    }

    pub(super) fn client_token(&mut self, tokens: u8, size: Size) -> Meaning {
        let previous = self.shape.records.last();
        let continues = previous.is_some_and(|record| {
            record.direction == Direction::ClientToServer && record.plaintext.is_some_and(|length| length >= FULL)
        });
        if !continues {
            self.step = Step::Nla(tokens.saturating_add(1));
            self.shape.nla = Nla::Begun(tokens.saturating_add(1));
        }
        let name = match self.shape.mechanism {
            Some(Mechanism::Ntlm) if tokens == 1 => name::NTLM_AUTHENTICATE,
            Some(Mechanism::Kerberos) if size.is(185, 200) => name::KRB_PUB_KEY,
            Some(Mechanism::Kerberos) if size.is(700, u16::MAX) => name::KRB_AP_REQ,
            _ => name::AUTHENTICATE,
        };
        (Phase::Nla, name, false)
    }

    pub(super) fn server_token(&mut self, tokens: u8, size: Size) -> Meaning {
        let is_known = self.protection != Protection::Unknown;
        if size.fits(ERROR.0, ERROR.1) && size.most < SMALLEST_TOKEN && is_known {
            self.step = Step::NlaRefused;
            self.shape.nla = Nla::Refused;
            return (Phase::Nla, name::ERROR, size.is(ERROR.0, ERROR.1));
        }
        if tokens <= 1 {
            return (Phase::Nla, self.first_answer(size), false);
        }
        let is_kerberos = self.shape.mechanism == Some(Mechanism::Kerberos);
        if tokens == 2 && is_kerberos && size.is(150, 400) {
            return (Phase::Nla, name::KRB_AP_REP, false);
        }
        // a sealed hash, or in versions 2 to 4 the whole public key of 2048 or 4096 bits
        let accepted = tokens > 2 || size.fits(40, 140) || size.fits(270, 340) || size.fits(520, 620);
        if accepted {
            self.step = Step::NlaAccepted;
            self.shape.nla = Nla::Accepted;
            let exact = if is_kerberos { size.is(103, 103) } else { size.is(59, 59) };
            return (Phase::Nla, name::PUB_KEY, exact || (self.shape.mechanism.is_none() && size.is(103, 103)));
        }
        (Phase::Nla, name::CHALLENGE, false)
    }

    fn first_answer(&mut self, size: Size) -> &'static str {
        match self.shape.mechanism {
            // No NTLM message of a server is that long.
            None if size.is(1000, u16::MAX) => {
                self.shape.mechanism = Some(Mechanism::Kerberos);
                name::KRB_TGT_REP
            }
            Some(Mechanism::Kerberos) if size.is(150, 400) => name::KRB_AP_REP,
            Some(Mechanism::Ntlm) if size.is(100, 500) => name::NTLM_CHALLENGE,
            _ => name::CHALLENGE,
        }
    }

    /// The credentials, whose length tells their kind (MS-CSSP 2.2.1.2): nothing at all in Restricted Admin mode.
    pub(super) fn auth_info(&mut self, size: Size) -> Meaning {
        self.step = Step::NlaDone;
        self.shape.nla = Nla::Done;
        self.shape.mode = match self.shape.mechanism {
            _ if !size.is_exact() => None,
            Some(Mechanism::Ntlm) if size.most == 52 => Some(LogonMode::RestrictedAdmin),
            Some(Mechanism::Kerberos) if size.most == 96 => Some(LogonMode::RestrictedAdmin),
            _ if size.is(1500, 9000) => Some(LogonMode::RemoteGuard),
            _ if size.is(300, 500) => Some(LogonMode::SmartCard),
            _ if size.is(60, 260) => Some(LogonMode::Password),
            _ => None,
        };
        (Phase::Nla, name::AUTH_INFO, false)
    }

    /// Whether it can only be an error code.
    pub(super) const fn is_error(&self, size: Size) -> bool {
        size.is(ERROR.0, ERROR.1)
    }

    /// An error code in answer to what was taken for the credentials; it may have been one token more.
    pub(super) fn refused_late(&mut self) -> Meaning {
        self.step = Step::NlaRefused;
        self.shape.nla = Nla::Refused;
        (Phase::Nla, name::ERROR, true)
    }

    /// A nonce of the server, a token of Entra ID for it, the server's result, all as JSON (MS-RDPBCGR 5.4.5.4).
    pub(super) fn entra(&mut self, direction: Direction, size: Size) -> Meaning {
        match (direction, self.step) {
            (Direction::ServerToClient, Step::Start) => (Phase::Nla, name::ENTRA_NONCE, false),
            (Direction::ServerToClient, _) => {
                self.shape.nla = Nla::Done;
                self.step = Step::NlaDone;
                (Phase::Nla, name::ENTRA_RESULT, false)
            }
            // It fills more than one record when the token is long.
            (Direction::ClientToServer, _) => {
                self.shape.nla = Nla::Begun(1);
                self.step = Step::Rdstls;
                (Phase::Nla, name::ENTRA_TOKEN, size.is(1000, u16::MAX))
            }
        }
    }

    /// The server's capabilities, the client's request with its credentials, the server's result.
    pub(super) fn rdstls(&mut self, direction: Direction, size: Size) -> Meaning {
        let sent = self.step == Step::Rdstls;
        match direction {
            Direction::ServerToClient if sent => {
                let exact = size.is(10, 10);
                self.shape.nla = Nla::Done;
                self.step = Step::NlaDone;
                (Phase::Nla, name::RDSTLS_RESULT, exact)
            }
            Direction::ServerToClient => (Phase::Nla, name::RDSTLS_CAPABILITIES, size.is(8, 8)),
            Direction::ClientToServer => {
                self.step = Step::Rdstls;
                self.shape.nla = Nla::Begun(1);
                (Phase::Nla, name::RDSTLS_REQUEST, false)
            }
        }
    }
}
