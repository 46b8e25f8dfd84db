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

/// What a check needs, as far as it was said; nothing of it once the question is settled.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyCheck(Option<Box<Parts>>);

#[derive(Clone, Debug, Default)]
struct Parts {
    randoms: [Option<[u8; 32]>; 2],
    leaf: Option<Arc<Certificate>>,
    proof: Option<(Mark, SignedParameters)>,
}

impl KeyCheck {
    /// A plain handshake message of either side went by.
    pub(super) fn note(&mut self, kind: HandshakeType, body: &[u8], mark: Mark, certificates: &CertificateStore) {
        // client_version or server_version, then Random (RFC 5246 7.4.1.2)
        let random = || body.get(2..34).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        match kind {
            HandshakeType::CLIENT_HELLO => self.parts().randoms[0] = random(),
            HandshakeType::SERVER_HELLO => self.parts().randoms[1] = random(),
            HandshakeType::SERVER_KEY_EXCHANGE => {
                let parts = self.parts();
                let is_wanted = parts.leaf.as_ref().is_none_or(|leaf| certificates.wants_proof(leaf));
                let signed = || tls_signature::server_key_exchange(body).ok();
                parts.proof = is_wanted.then(signed).flatten().map(|signed| (mark, signed));
            }
            _ => {}
        }
    }

    fn parts(&mut self) -> &mut Parts {
        self.0.get_or_insert_default()
    }

    /// The server showed this certificate.
    pub(super) fn show(&mut self, leaf: Option<&Arc<Certificate>>) {
        self.parts().leaf = leaf.cloned();
    }

    /// The client goes on: the proof was good enough for it.
    pub(super) fn accept(&mut self) {
        self.0 = None;
    }

    /// The client says why it does not go on.
    pub(super) fn hear(&mut self, alert: Option<Alert>, certificates: &mut CertificateStore, session: &mut Session) {
        // These name the certificate, its issuer or the version (RFC 8446 6.2): nothing is left to find out.
        if alert.is_some_and(|alert| matches!(alert.description, 43..=46 | 48 | 70 | 116)) {
            self.accept();
        }
        self.decide(certificates, session);
    }

    /// The client does not go on: was the proof good? What was signed holds the words of both hellos: without one of them
    /// nothing can be said.
    pub(super) fn decide(&mut self, certificates: &mut CertificateStore, session: &mut Session) {
        let Some(parts) = self.0.take() else { return };
        if let Parts { randoms: [Some(client), Some(server)], leaf: Some(leaf), proof } = *parts
            && certificates.may_check(&leaf, proof.is_some())
            && let Some((mark, signed)) = proof
        {
            session.set_key_check(tls_signature::fits(&signed, &leaf.key, &[client, server]).map(|fits| (mark, fits)));
        }
    }

    /// Bytes of memory outside of it.
    pub(super) fn memory(&self) -> usize {
        let signed = |parts: &Parts| parts.proof.as_ref().map_or(0, |(_, signed)| signed.memory());
        self.0.as_ref().map_or(0, |parts| size_of::<Parts>() + signed(parts))
    }
}
