//! Certificates already read: a server shows the same one to everybody, and reading it costs more than all the rest.

use std::sync::Arc;

use hashbrown::HashMap;

use super::known::Known;
use crate::wire::certificate::{Certificate, CertificateChain};
use crate::wire::describe::Malformed;
use crate::wire::tls_handshake;

/// Certificates remembered; a flood of new ones only costs time.
const LIMIT: usize = 4096;
/// Signatures checked against one certificate: a server whose key is wrong shows it every time.
const CHECKS: u8 = 32;
/// Their bytes: a certificate may be as large as a handshake message.
const BYTES: usize = 4 * 1024 * 1024;

/// Certificates by their bytes.
#[derive(Debug, Default)]
pub struct CertificateStore {
    known: HashMap<Box<[u8]>, Option<Arc<Certificate>>, foldhash::fast::RandomState>,
    bytes: usize,
    /// How often a signature was held against a certificate (by its SHA-256).
    checks: HashMap<[u8; 32], u8, foldhash::fast::RandomState>,
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
        Ok(self.messages.keep_chain(body, CertificateChain { leaf, count: list.len() as u32 }))
    }

    /// Whether another signature may be held against this certificate: that costs more than reading a whole session.
    pub(super) fn may_check(&mut self, certificate: &Certificate) -> bool {
        if self.checks.len() >= LIMIT {
            self.checks.clear();
        }
        let count = self.checks.entry(certificate.sha256).or_default();
        *count = count.saturating_add(1);
        *count <= CHECKS
    }
}
