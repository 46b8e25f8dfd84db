//! Messages already read: whoever tries a hundred thousand times says the same each time. It is kept once.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::wire::certificate::CertificateChain;
use crate::wire::describe::Malformed;
use crate::wire::tls_hello::{ClientHello, ServerHello};
use crate::wire::x224::ConnectionRequest;

/// Messages remembered of a kind, and their bytes; a flood of new ones only costs time.
const LIMIT: usize = 1024;
const BYTES: usize = 512 * 1024;

/// Messages of each kind.
#[derive(Debug, Default)]
pub(super) struct Known {
    requests: ByBytes<ConnectionRequest>,
    clients: ByBytes<ClientHello>,
    servers: HashMap<Arc<ServerHello>, Option<Arc<ServerHello>>, foldhash::fast::RandomState>,
    chains: ByBytes<CertificateChain>,
}

/// A message; once more when it came again, so that the number of its owners tells so
/// ([`crate::wire::catalogue::Fact::heap_alone`]) even when another thread has let all others go.
type Held<T> = (Arc<T>, Option<Arc<T>>);

/// Messages by the bytes that make them. The hash is seeded anew in each process: the bytes come from strangers.
#[derive(Debug)]
struct ByBytes<T> {
    table: HashMap<Box<[u8]>, Held<T>, foldhash::fast::RandomState>,
    bytes: usize,
}

impl<T> Default for ByBytes<T> {
    fn default() -> Self {
        Self { table: HashMap::default(), bytes: 0 }
    }
}

impl<T> ByBytes<T> {
    /// What the table holds, and what it keeps alive; bytes.
    fn memory(&self) -> usize {
        // A message that was read takes about as much as its bytes.
        self.table.allocation_size() + 2 * self.bytes + self.table.len() * size_of::<T>()
    }

    fn get(&mut self, bytes: &[u8]) -> Option<Arc<T>> {
        let (message, twice) = self.table.get_mut(bytes)?;
        twice.get_or_insert_with(|| Arc::clone(message));
        Some(Arc::clone(message))
    }

    fn keep(&mut self, bytes: &[u8], message: T) -> Arc<T> {
        let message = Arc::new(message);
        if self.table.len() >= LIMIT || self.bytes + bytes.len() > BYTES {
            (self.table, self.bytes) = (HashMap::default(), 0);
        }
        self.bytes += bytes.len();
        self.table.insert(bytes.into(), (Arc::clone(&message), None));
        message
    }
}

impl Known {
    /// What is remembered; bytes.
    pub(super) fn memory(&self) -> usize {
        let servers = self.servers.allocation_size() + self.servers.len() * size_of::<ServerHello>();
        self.requests.memory() + self.clients.memory() + self.chains.memory() + servers
    }

    /// The request in this TPKT.
    pub(super) fn request(
        &mut self,
        packet: &[u8],
        read: impl FnOnce() -> ConnectionRequest,
    ) -> Arc<ConnectionRequest> {
        self.requests.get(packet).unwrap_or_else(|| self.requests.keep(packet, read()))
    }

    /// The ClientHello with this body, whose random is nobody's concern.
    pub(super) fn client_hello(&mut self, body: &[u8]) -> Result<Arc<ClientHello>, Malformed> {
        // Behind version and random: one that resumes a session (RFC 5246 7.4.1.2, session_id) is like no other.
        let Some(said) = body.get(34..).filter(|said| said.first() == Some(&0)) else {
            return ClientHello::from_body(body).map(Arc::new);
        };
        let has_same_version = |known: &Arc<ClientHello>| known.version_bytes() == body.get(..2);
        if let Some(known) = self.clients.get(said).filter(has_same_version) {
            return Ok(known);
        }
        Ok(self.clients.keep(said, ClientHello::from_body(body)?))
    }

    /// The ServerHello with this body.
    pub(super) fn server_hello(&mut self, body: &[u8]) -> Result<Arc<ServerHello>, Malformed> {
        let hello = ServerHello::from_body(body)?;
        if let Some((known, twice)) = self.servers.get_key_value_mut(&hello) {
            twice.get_or_insert_with(|| Arc::clone(known));
            return Ok(Arc::clone(known));
        }
        if self.servers.len() >= LIMIT {
            self.servers = HashMap::default();
        }
        let hello = Arc::new(hello);
        self.servers.insert(Arc::clone(&hello), None);
        Ok(hello)
    }

    /// The certificates in the body of this Certificate message, if they were read before.
    pub(super) fn chain(&mut self, body: &[u8]) -> Option<Arc<CertificateChain>> {
        self.chains.get(body)
    }

    /// Remembers them.
    pub(super) fn keep_chain(&mut self, body: &[u8], chain: CertificateChain) -> Arc<CertificateChain> {
        self.chains.keep(body, chain)
    }
}
