//! The server's proof that it holds the certificate's key. It is kept only until the client has accepted it, and looked
//! at only when the client does not: checking a signature costs more than reading the whole handshake.

use std::sync::Arc;

use super::certificates::CertificateStore;
use crate::session::Session;
use crate::tcp::stream::Mark;
use crate::wire::certificate::Certificate;
use crate::wire::tls_handshake::HandshakeType;
use crate::wire::tls_record::Alert;
use crate::wire::tls_signature::{self, SignedParameters};

/// What a check needs, as far as it was said.
#[derive(Debug, Default)]
pub(super) struct KeyCheck {
    randoms: [[u8; 32]; 2],
    leaf: Option<Arc<Certificate>>,
    proof: Option<(Mark, SignedParameters)>,
}

impl KeyCheck {
    /// A plain handshake message of either side went by.
    pub(super) fn note(&mut self, kind: HandshakeType, body: &[u8], mark: Mark) {
        // client_version or server_version, then Random (RFC 5246 7.4.1.2)
        let random = || body.get(2..34).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        match kind {
            HandshakeType::CLIENT_HELLO => self.randoms[0] = random().unwrap_or_default(),
            HandshakeType::SERVER_HELLO => self.randoms[1] = random().unwrap_or_default(),
            HandshakeType::SERVER_KEY_EXCHANGE => {
                self.proof = tls_signature::server_key_exchange(body).ok().map(|signed| (mark, signed));
            }
            _ => {}
        }
    }

    /// The server showed this certificate.
    pub(super) fn show(&mut self, leaf: Option<&Arc<Certificate>>) {
        self.leaf = leaf.cloned();
    }

    /// The client goes on: the proof was good enough for it.
    pub(super) fn accept(&mut self) {
        (self.leaf, self.proof) = (None, None);
    }

    /// The client says why it does not go on.
    pub(super) fn hear(&mut self, alert: Option<Alert>, certificates: &mut CertificateStore, session: &mut Session) {
        // These name the certificate, its issuer or the version (RFC 8446 6.2): nothing is left to find out.
        if alert.is_some_and(|alert| matches!(alert.description, 43..=46 | 48 | 70 | 116)) {
            self.accept();
        }
        self.decide(certificates, session);
    }

    /// The client does not go on: was the proof good?
    pub(super) fn decide(&mut self, certificates: &mut CertificateStore, session: &mut Session) {
        if let (Some(leaf), Some((mark, signed))) = (self.leaf.take(), self.proof.take())
            && certificates.may_check(&leaf)
        {
            session.set_key_check(tls_signature::fits(&signed, &leaf.key, &self.randoms).map(|fits| (mark, fits)));
        }
    }
}
