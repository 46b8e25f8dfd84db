//! Certificates already read: a server shows the same one to everybody, and reading it costs more than all the rest.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::wire::certificate::Certificate;

/// Certificates remembered; a flood of new ones only costs time.
const LIMIT: usize = 4096;

/// Certificates by their bytes.
#[derive(Debug, Default)]
pub struct CertificateStore {
    known: HashMap<Box<[u8]>, Option<Arc<Certificate>>, foldhash::fast::RandomState>,
}

impl CertificateStore {
    /// The certificate in these DER bytes, read at most once.
    pub fn read(&mut self, der: &[u8]) -> Option<Arc<Certificate>> {
        if let Some(known) = self.known.get(der) {
            return known.clone();
        }
        let certificate = Certificate::from_der(der).map(Arc::new);
        if self.known.len() >= LIMIT {
            self.known.clear();
        }
        self.known.insert(der.into(), certificate.clone());
        certificate
    }
}
