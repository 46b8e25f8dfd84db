//! What a ClientHello offers, held against what Windows servers take as they are installed.

use crate::knowledge::tls::{Version, is_grease};
use crate::session::Session;

/// Cipher suites that are on by default in Windows Server 2012 R2 or later: TLS 1.3 first, then ECDHE and DHE with RSA, RSA
/// alone. Source: "Cipher Suites in TLS/SSL (Schannel SSP)", the tables of each version.
const WINDOWS: &[u16] = &[
    0x1302, 0x1301, 0xc030, 0xc02f, 0xc028, 0xc027, 0xc014, 0xc013, 0x009f, 0x009e, 0x0039, 0x0033, 0x009d, 0x009c,
    0x003d, 0x003c, 0x0035, 0x002f, 0x000a,
];
/// Those that take a certificate with an ECDSA key. Windows makes RSA ones for Remote Desktop.
const ECDSA: &[u16] = &[0xc02c, 0xc02b, 0xc024, 0xc023, 0xc00a, 0xc009];

/// Whether a SignatureScheme is one of RSA (RFC 8446 4.2.3): PKCS #1 by its second byte, PSS by both.
const fn is_rsa(scheme: u16) -> bool {
    matches!(scheme, 0x0101..=0x0601 if scheme & 0xff == 1) || matches!(scheme, 0x0804..=0x0806 | 0x0809..=0x080b)
}

/// What a client offers.
pub(super) struct Offer {
    /// Newest first.
    pub(super) versions: Vec<Version>,
    /// `1.0 to 1.3, 18 cipher suites`.
    pub(super) text: String,
    /// Suites that Windows servers with an RSA certificate take.
    pub(super) common: usize,
    /// There are none, but some for an ECDSA certificate.
    pub(super) wants_ecdsa: bool,
}

impl Offer {
    /// Of the first ClientHello.
    pub(super) fn of(session: &Session) -> Option<Self> {
        let (_, hello) = session.client_hello()?;
        let view = hello.view();
        let count = view.ciphers().filter(|id| !is_grease(*id)).count();
        let signs_rsa = view.signature_algorithms().is_empty() || view.signature_algorithms().into_iter().any(is_rsa);
        let common = if signs_rsa { view.ciphers().filter(|id| WINDOWS.contains(id)).count() } else { 0 };
        let wants_ecdsa =
            common == 0 && view.ciphers().any(|id| ECDSA.contains(&id) || (!signs_rsa && id >> 8 == 0x13));
        let versions = view.versions();
        let text = match (versions.last(), versions.first()) {
            (Some(least), Some(best)) if least != best => {
                format!("{least} to {}, {count} cipher suites", best.number())
            }
            (_, Some(only)) => format!("only {only}, {count} cipher suites"),
            _ => format!("{count} cipher suites"),
        };
        Some(Self { versions, text, common, wants_ecdsa })
    }

    /// Whether TLS 1.2 or newer is among it.
    pub(super) fn is_current(&self) -> bool {
        self.versions.first().is_some_and(|best| *best >= Version::TLS12)
    }

    /// Whether it is TLS 1.3 and nothing else, which servers before Windows Server 2022 do not know.
    pub(super) fn is_only_newest(&self) -> bool {
        !self.versions.is_empty() && self.versions.iter().all(|version| *version >= Version::TLS13)
    }
}
