//! Real TLS in memory: a rustls client and a rustls server talk to each other, and what they say is kept as turns.
//!
//! Keys and randoms are new in every run, sizes and order are not.

use std::sync::{Arc, Mutex};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::{
    CipherSuite, ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore, ServerConfig,
    ServerConnection, SignatureScheme, SupportedProtocolVersion,
};

use super::cuts::Turn;
use super::talk::{BEGIN, Who};

/// Versions as [`Wish`] takes them.
pub(crate) type Versions = &'static [&'static SupportedProtocolVersion];
pub(crate) static ONLY_1_2: Versions = &[&rustls::version::TLS12];
pub(crate) static ONLY_1_3: Versions = &[&rustls::version::TLS13];
pub(crate) static BOTH: Versions = &[&rustls::version::TLS12, &rustls::version::TLS13];

/// A day as year, month, day.
pub(crate) type Day = (i32, u8, u8);

/// A server certificate to be made.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) name: &'static str,
    pub(crate) not_before: Day,
    pub(crate) not_after: Day,
    /// Without Server Authentication the certificate is for clients only.
    pub(crate) for_servers: bool,
    pub(crate) rsa: bool,
    /// Signed by an authority of this name, else by itself.
    pub(crate) issuer: Option<&'static str>,
}

impl Certificate {
    /// What Windows makes for itself: RSA 2048, half a year, signed by itself; and in force.
    pub(crate) fn windows(name: &'static str) -> Certificate {
        let (not_before, not_after) = ((2025, 12, 22), (2026, 6, 23));
        Certificate { name, not_before, not_after, for_servers: true, rsa: true, issuer: None }
    }

    /// What a company's authority issues.
    pub(crate) fn company(name: &'static str) -> Certificate {
        let (not_before, not_after) = ((2025, 9, 9), (2027, 9, 9));
        Certificate { not_before, not_after, issuer: Some("Corp Example Issuing CA 2"), ..Certificate::windows(name) }
    }

    fn make(&self) -> Identity {
        let key = if self.rsa {
            let der = PrivatePkcs8KeyDer::from(SERVER_RSA);
            KeyPair::from_pkcs8_der_and_sign_algo(&der, &rcgen::PKCS_RSA_SHA256)
        } else {
            KeyPair::generate()
        };
        let key = key.expect("a key");
        let mut leaf = CertificateParams::new([self.name.to_owned()]).expect("a name");
        leaf.distinguished_name = rcgen::DistinguishedName::new();
        leaf.distinguished_name.push(DnType::CommonName, self.name);
        let day = |(year, month, day): Day| rcgen::date_time_ymd(year, month, day);
        (leaf.not_before, leaf.not_after) = (day(self.not_before), day(self.not_after));
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        leaf.extended_key_usages = vec![match self.for_servers {
            true => ExtendedKeyUsagePurpose::ServerAuth,
            false => ExtendedKeyUsagePurpose::ClientAuth,
        }];
        let mut root = CertificateParams::default();
        root.distinguished_name = rcgen::DistinguishedName::new();
        root.distinguished_name.push(DnType::OrganizationName, "Corp Example");
        root.distinguished_name.push(DnType::CommonName, self.issuer.unwrap_or(self.name));
        root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        (root.not_before, root.not_after) = (day((2020, 1, 1)), day((2036, 1, 1)));
        let root_key = KeyPair::generate().expect("a key");
        let root_certificate = root.self_signed(&root_key).expect("a certificate");
        let certificate = if self.issuer.is_some() {
            leaf.signed_by(&key, &Issuer::new(root, root_key)).expect("a certificate")
        } else {
            leaf.self_signed(&key).expect("a certificate")
        };
        Identity {
            leaf: certificate.der().clone(),
            root: if self.issuer.is_some() { root_certificate.der().clone() } else { certificate.der().clone() },
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        }
    }
}

/// A certificate in date, and that of the authority that signed it, which ended two days before the captures begin; as DER.
pub(crate) fn signed_by_one_that_ended(name: &str) -> [Vec<u8>; 2] {
    let named = |name: &str| {
        let mut distinguished = rcgen::DistinguishedName::new();
        distinguished.push(DnType::CommonName, name);
        distinguished
    };
    let [root_key, signer_key, key] = [(); 3].map(|()| KeyPair::generate().expect("a key"));
    let mut root = CertificateParams::default();
    root.distinguished_name = named("Corp Example Root");
    let mut signer = CertificateParams::default();
    signer.distinguished_name = named("Corp Example Issuing CA 1");
    (signer.is_ca, signer.not_after) = (IsCa::Ca(BasicConstraints::Constrained(0)), rcgen::date_time_ymd(2026, 3, 9));
    let mut leaf = CertificateParams::new([name.to_owned()]).expect("a name");
    leaf.distinguished_name = named(name);
    (leaf.not_before, leaf.not_after) = (rcgen::date_time_ymd(2025, 9, 9), rcgen::date_time_ymd(2027, 9, 9));
    let signed = signer.signed_by(&signer_key, &Issuer::new(root, root_key)).expect("a certificate");
    let leaf = leaf.signed_by(&key, &Issuer::new(signer, signer_key)).expect("a certificate");
    [leaf.der().to_vec(), signed.der().to_vec()]
}

/// A test key, known to everybody who reads this repository.
const SERVER_RSA: &[u8] = include_bytes!("keys/server-rsa2048.pk8");

struct Identity {
    leaf: CertificateDer<'static>,
    root: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

/// How the client takes the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judge {
    AcceptsAll,
    /// Judges by date, name, usage and issuer, and trusts this server's issuer.
    Trusts,
    /// The same, with another issuer in its store.
    TrustsOthers,
}

/// Who shall talk to whom.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) certificate: Certificate,
    /// What the user typed.
    pub(crate) typed: &'static str,
    pub(crate) judge: Judge,
    pub(crate) client_versions: Versions,
    pub(crate) server_versions: Versions,
    /// All, or only these.
    pub(crate) client_suites: Option<&'static [CipherSuite]>,
}

impl Wish {
    /// A client that accepts everything, and a server that speaks one version.
    pub(crate) fn plain(versions: Versions) -> Wish {
        const NAME: &str = "RDS-LEG01.corp.example";
        Wish {
            certificate: Certificate::windows(NAME),
            typed: NAME,
            judge: Judge::AcceptsAll,
            client_versions: BOTH,
            server_versions: versions,
            client_suites: None,
        }
    }
}

/// Two TLS ends in memory.
pub(crate) struct Pair {
    client: ClientConnection,
    server: ServerConnection,
    keys: Arc<Keys>,
}

impl Pair {
    pub(crate) fn new(wish: &Wish) -> Pair {
        let identity = wish.certificate.make();
        let provider = ring::default_provider();
        let mut suites = provider.clone();
        if let Some(wanted) = wish.client_suites {
            suites.cipher_suites.retain(|suite| wanted.contains(&suite.suite()));
        }
        let client = ClientConfig::builder_with_details(suites.into(), Arc::new(Then))
            .with_protocol_versions(wish.client_versions)
            .expect("versions and suites that fit")
            .dangerous()
            .with_custom_certificate_verifier(verifier(wish.judge, &identity));
        let mut client = client.with_no_client_auth();
        client.resumption = Resumption::disabled();
        let keys = Arc::new(Keys::default());
        client.key_log = keys.clone();
        let mut server = ServerConfig::builder_with_details(provider.into(), Arc::new(Then))
            .with_protocol_versions(wish.server_versions)
            .expect("versions that fit")
            .with_no_client_auth()
            .with_single_cert(vec![identity.leaf], identity.key)
            .expect("a key that fits");
        server.send_tls13_tickets = 1;
        let name = ServerName::try_from(wish.typed).expect("a name");
        Pair {
            client: ClientConnection::new(client.into(), name).expect("a client"),
            server: ServerConnection::new(server.into()).expect("a server"),
            keys,
        }
    }

    /// The secrets so far, in the lines of `SSLKEYLOGFILE`.
    pub(crate) fn key_log(&self) -> String {
        self.keys.0.lock().expect("nobody panicked").clone()
    }

    /// Everything both say until neither has more to say: a finished handshake, or one broken by an alert.
    pub(crate) fn handshake(&mut self) -> Vec<Turn> {
        let mut turns = Vec::new();
        loop {
            let said = [self.flush(Who::Client), self.flush(Who::Server)];
            if said.iter().all(Option::is_none) {
                return turns;
            }
            turns.extend(said.into_iter().flatten());
        }
    }

    /// The client's first flight alone; the server never hears it.
    pub(crate) fn hello(&mut self) -> Turn {
        let mut bytes = Vec::new();
        self.client.write_tls(&mut bytes).expect("memory takes everything");
        (Who::Client, bytes)
    }

    /// What the client answers to bytes that no real server says.
    pub(crate) fn client_hears(&mut self, bytes: &[u8]) -> Option<Turn> {
        hear(&mut self.client, bytes);
        self.flush(Who::Client)
    }

    /// One record with so many plaintext bytes.
    pub(crate) fn data(&mut self, who: Who, length: usize) -> Turn {
        use std::io::Write;
        let plain = super::frame::noise(length as u64, length);
        let written = match who {
            Who::Client => self.client.writer().write(&plain),
            Who::Server => self.server.writer().write(&plain),
        };
        assert_eq!(written.expect("an open connection"), length);
        self.flush(who).expect("a record")
    }

    /// A whole script of records: client sizes positive, server sizes negative.
    pub(crate) fn script(&mut self, sizes: &[i32]) -> Vec<Turn> {
        let who = |size: i32| if size > 0 { Who::Client } else { Who::Server };
        sizes.iter().map(|&size| self.data(who(size), size.unsigned_abs() as usize)).collect()
    }

    pub(crate) fn close_notify(&mut self, who: Who) -> Turn {
        match who {
            Who::Client => self.client.send_close_notify(),
            Who::Server => self.server.send_close_notify(),
        }
        self.flush(who).expect("an alert")
    }

    /// Takes what one end has to say and gives it to the other.
    fn flush(&mut self, who: Who) -> Option<Turn> {
        let mut bytes = Vec::new();
        let (wants, result) = match who {
            Who::Client => (self.client.wants_write(), self.client.write_tls(&mut bytes)),
            Who::Server => (self.server.wants_write(), self.server.write_tls(&mut bytes)),
        };
        result.expect("memory takes everything");
        if !wants || bytes.is_empty() {
            return None;
        }
        match who {
            Who::Client => hear(&mut self.server, &bytes),
            Who::Server => hear(&mut self.client, &bytes),
        }
        Some((who, bytes))
    }
}

/// A refusal is no error here: the alert it makes is what we are after.
fn hear<Data>(
    connection: &mut (impl std::ops::DerefMut<Target = rustls::ConnectionCommon<Data>> + ReadTls),
    mut bytes: &[u8],
) {
    while !bytes.is_empty() {
        if connection.read_some(&mut bytes).is_err() || connection.process_new_packets().is_err() {
            return;
        }
        let mut plain = Vec::new();
        // "Would block" when there is nothing more.
        let _ = std::io::Read::read_to_end(&mut connection.reader(), &mut plain);
    }
}

trait ReadTls {
    fn read_some(&mut self, bytes: &mut &[u8]) -> std::io::Result<usize>;
}

impl ReadTls for ClientConnection {
    fn read_some(&mut self, bytes: &mut &[u8]) -> std::io::Result<usize> {
        self.read_tls(bytes)
    }
}

impl ReadTls for ServerConnection {
    fn read_some(&mut self, bytes: &mut &[u8]) -> std::io::Result<usize> {
        self.read_tls(bytes)
    }
}

#[derive(Debug, Default)]
struct Keys(Mutex<String>);

impl rustls::KeyLog for Keys {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let line = format!("{label} {} {}\n", hex(client_random), hex(secret));
        self.0.lock().expect("nobody panicked").push_str(&line);
    }
}

/// The hour of the captures, so that "expired" means expired then.
#[derive(Debug)]
struct Then;

impl rustls::time_provider::TimeProvider for Then {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_nanos(BEGIN)))
    }
}

fn verifier(judge: Judge, identity: &Identity) -> Arc<dyn ServerCertVerifier> {
    let provider = Arc::new(ring::default_provider());
    let root = match judge {
        Judge::AcceptsAll => return Arc::new(AcceptsAll(provider)),
        Judge::Trusts => identity.root.clone(),
        Judge::TrustsOthers => {
            Certificate { issuer: Some("Another Root"), ..Certificate::company("rds.another.example") }.make().root
        }
    };
    let mut roots = RootCertStore::empty();
    roots.add(root).expect("a root");
    WebPkiServerVerifier::builder_with_provider(roots.into(), provider).build().expect("a verifier")
}

#[derive(Debug)]
struct AcceptsAll(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptsAll {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_runs_and_data_follows() {
        for (versions, overhead, label) in
            [(ONLY_1_2, 24, "CLIENT_RANDOM "), (ONLY_1_3, 17, "CLIENT_TRAFFIC_SECRET_0 ")]
        {
            let mut pair = Pair::new(&Wish::plain(versions));
            let turns = pair.handshake();
            assert!(turns.len() >= 3 && turns[0].0 == Who::Client, "{turns:?}");
            let (who, record) = pair.data(Who::Server, 59);
            assert_eq!((who, record.len()), (Who::Server, 5 + 59 + overhead));
            assert!(pair.key_log().contains(label));
        }
    }
}
