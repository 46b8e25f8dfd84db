//! Certificates already read: a server shows the same one to everybody, and reading it costs more than all the rest.

use std::sync::Arc;

use hashbrown::HashMap;

use super::known::Known;
use crate::wire::certificate::{Certificate, CertificateChain};
use crate::wire::describe::Malformed;
use crate::wire::tls_handshake;

/// Certificates remembered; a flood of new ones only costs time.
const LIMIT: usize = 4096;
/// Signatures checked against one certificate, before ever fewer of those that follow are: a server whose key is wrong shows
/// it every time.
const CHECKS: u32 = 4;
/// Their bytes: a certificate may be as large as a handshake message.
const BYTES: usize = 4 * 1024 * 1024;

/// Signatures that one certificate would have to answer for.
#[derive(Clone, Copy, Debug, Default)]
struct Checks {
    asked: u32,
    made: u32,
    /// From this one on another is made.
    due: u32,
}

impl Checks {
    /// Whether the next one is made: the first few, and then at twice their number, and so on.
    const fn is_next_due(self) -> bool {
        self.made < CHECKS || self.asked.saturating_add(1) >= self.due
    }

    /// One more is asked about; answers whether it is made, which takes that it `is_there`.
    const fn ask(&mut self, is_there: bool) -> bool {
        let is_made = is_there && self.is_next_due();
        self.asked = self.asked.saturating_add(1);
        if is_made {
            self.made += 1;
            self.due = self.asked.saturating_mul(2);
        }
        is_made
    }
}

/// Certificates by their bytes.
#[derive(Debug, Default)]
pub struct CertificateStore {
    known: HashMap<Box<[u8]>, Option<Arc<Certificate>>, foldhash::fast::RandomState>,
    bytes: usize,
    /// By a certificate's SHA-256.
    checks: HashMap<[u8; 32], Checks, foldhash::fast::RandomState>,
    /// Other messages already read.
    pub(super) messages: Known,
}

impl CertificateStore {
    /// What is remembered; bytes.
    #[must_use]
    pub fn memory(&self) -> usize {
        // A certificate that was read takes about as much as its bytes.
        let certificates = self.known.allocation_size() + 2 * self.bytes + self.known.len() * size_of::<Certificate>();
        certificates + self.checks.allocation_size() + self.messages.memory()
    }

    /// The certificate in these DER bytes, read at most once.
    pub fn read(&mut self, der: &[u8]) -> Option<Arc<Certificate>> {
        if let Some(known) = self.known.get(der) {
            return known.clone();
        }
        let certificate = Certificate::from_der(der).map(Arc::new);
        if self.known.len() >= LIMIT || self.bytes + der.len() > BYTES {
            self.known.clear();
            self.bytes = 0;
        }
        self.bytes += der.len();
        self.known.insert(der.into(), certificate.clone());
        certificate
    }

    /// What is in the body of a Certificate message of TLS up to 1.2.
    ///
    /// # Errors
    /// [`Malformed`] when it is no list of certificates.
    pub(super) fn chain(&mut self, body: &[u8]) -> Result<Arc<CertificateChain>, Malformed> {
        if let Some(known) = self.messages.chain(body) {
            return Ok(known);
        }
        let list = tls_handshake::certificates(body)?;
        let leaf = list.first().and_then(|der| self.read(der));
        let others = list.iter().skip(1).filter_map(|der| self.read(der)).filter(|other| !other.self_signed);
        let first_to_end = others.min_by_key(|other| other.not_after);
        Ok(self.messages.keep_chain(body, CertificateChain { leaf, first_to_end, count: list.len() as u32 }))
    }

    /// Whether the next signature that is asked about is to be held against this certificate: that costs more than reading a
    /// whole session.
    pub(super) fn wants_proof(&self, certificate: &Certificate) -> bool {
        self.checks.get(&certificate.sha256).is_none_or(|checks| checks.is_next_due())
    }

    /// Somebody asks whether a signature fits this certificate, and has it at hand if it `is_there`. Answers whether it is
    /// held against it.
    pub(super) fn may_check(&mut self, certificate: &Certificate, is_there: bool) -> bool {
        if self.checks.len() >= LIMIT {
            self.checks.clear();
        }
        self.checks.entry(certificate.sha256).or_default().ask(is_there)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ever_fewer_signatures_are_checked() {
        let mut checks = Checks::default();
        let made: Vec<u32> = (1..=200).filter(|_| checks.ask(true)).collect();
        assert_eq!(made, [1, 2, 3, 4, 8, 16, 32, 64, 128]);
        // One that was due and was not there is made up for.
        let mut checks = Checks::default();
        let made: Vec<u32> = (1..=60).filter(|number| checks.ask(!(14..20).contains(number))).collect();
        assert_eq!(made, [1, 2, 3, 4, 8, 20, 40]);
    }
}
