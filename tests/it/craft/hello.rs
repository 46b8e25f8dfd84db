//! TLS messages by hand, where real ones would not do: peers that no library plays any more, and captures that must
//! come out the same in every run.

use super::frame::noise;

/// Versions as they stand on the wire.
pub(crate) const TLS_1_0: u16 = 0x0301;
pub(crate) const TLS_1_2: u16 = 0x0303;

/// `TLS_RSA_WITH_AES_256_CBC_SHA256`: no ServerKeyExchange, so a whole server flight can be written without a key.
pub(crate) const RSA_AES_256: u16 = 0x003d;

/// The suites of a Windows client of about 2019, in its order.
pub(crate) const SUITES: &[u16] = &[
    0xc02c, 0xc02b, 0xc030, 0xc02f, 0x009f, 0x009e, 0xc024, 0xc023, 0xc028, 0xc027, 0xc00a, 0xc009, 0xc014, 0xc013,
    0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f, 0x000a,
];

/// One record.
pub(crate) fn record(kind: u8, version: u16, payload: &[u8]) -> Vec<u8> {
    let mut record = vec![kind];
    record.extend(version.to_be_bytes());
    record.extend((payload.len() as u16).to_be_bytes());
    record.extend(payload);
    record
}

/// A fatal alert in clear.
pub(crate) fn alert(version: u16, code: u8) -> Vec<u8> {
    record(21, version, &[2, code])
}

/// supported_versions of a client (RFC 8446 4.2.1).
pub(crate) fn listing(versions: &[u16]) -> (u16, Vec<u8>) {
    let list: Vec<u8> = versions.iter().flat_map(|version| version.to_be_bytes()).collect();
    (43, [vec![list.len() as u8], list].concat())
}

/// A ClientHello up to TLS 1.2 in its record.
pub(crate) fn client_hello(version: u16, suites: &[u16], name: &str, seed: u64) -> Vec<u8> {
    client_hello_and(version, suites, name, seed, None)
}

/// The same with one extension more.
pub(crate) fn client_hello_and(
    version: u16,
    suites: &[u16],
    name: &str,
    seed: u64,
    more: Option<(u16, Vec<u8>)>,
) -> Vec<u8> {
    let mut extensions = Vec::new();
    if let Some((kind, data)) = more {
        extension(&mut extensions, kind, &data);
    }
    let host = [&[0], &(name.len() as u16).to_be_bytes()[..], name.as_bytes()].concat();
    extension(&mut extensions, 0, &counted(&host));
    extension(&mut extensions, 10, &counted(&[0, 29, 0, 23, 0, 24]));
    extension(&mut extensions, 11, &[1, 0]);
    if version >= TLS_1_2 {
        let schemes = [8, 4, 8, 5, 8, 6, 4, 1, 5, 1, 2, 1, 4, 3, 5, 3, 2, 3, 6, 1, 6, 3];
        extension(&mut extensions, 13, &counted(&schemes));
    }
    extension(&mut extensions, 23, &[]);
    extension(&mut extensions, 0xff01, &[0]);
    let mut body = version.to_be_bytes().to_vec();
    body.extend(noise(seed, 32));
    body.push(0);
    body.extend(counted(&suites.iter().flat_map(|suite| suite.to_be_bytes()).collect::<Vec<_>>()));
    body.extend([1, 0]);
    body.extend(counted(&extensions));
    record(22, version, &message(1, &body))
}

/// A ServerHello up to TLS 1.2 as a handshake message, to be put into a record with its neighbours.
pub(crate) fn server_hello(version: u16, suite: u16, seed: u64) -> Vec<u8> {
    server_hello_with(version, suite, seed, &[23, 0xff01])
}

/// The same with these extensions; 0xff01 is renegotiation_info (RFC 5746).
pub(crate) fn server_hello_with(version: u16, suite: u16, seed: u64, kinds: &[u16]) -> Vec<u8> {
    let mut body = version.to_be_bytes().to_vec();
    body.extend(noise(seed, 32));
    body.push(32);
    body.extend(noise(seed + 1, 32));
    body.extend(suite.to_be_bytes());
    body.push(0);
    let mut extensions = Vec::new();
    for kind in kinds {
        extension(&mut extensions, *kind, if *kind == 0xff01 { &[0] } else { &[] });
    }
    body.extend(counted(&extensions));
    message(2, &body)
}

/// A Certificate message, leaf first.
pub(crate) fn certificate(chain: &[&[u8]]) -> Vec<u8> {
    let listed: Vec<u8> = chain.iter().flat_map(|der| [length_24(der.len()), der.to_vec()].concat()).collect();
    message(11, &[length_24(listed.len()), listed].concat())
}

/// A CertificateRequest for RSA certificates of anybody.
pub(crate) fn certificate_request() -> Vec<u8> {
    message(13, &[1, 1, 0, 2, 4, 1, 0, 0])
}

/// A Certificate message without any, as a client says that it has none.
pub(crate) fn no_certificate() -> Vec<u8> {
    certificate(&[])
}

/// A ServerKeyExchange with a Diffie-Hellman group of so many bits, signed with RSA 2048; nobody checks the signature.
pub(crate) fn diffie_hellman(bits: usize) -> Vec<u8> {
    let parts = [counted(&noise(1, bits / 8)), counted(&[2]), counted(&noise(2, bits / 8)), vec![4, 1]];
    message(12, &[parts.concat(), counted(&noise(3, 256))].concat())
}

pub(crate) fn server_hello_done() -> Vec<u8> {
    message(14, &[])
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [vec![kind], length_24(body.len()), body.to_vec()].concat()
}

fn extension(extensions: &mut Vec<u8>, kind: u16, data: &[u8]) {
    extensions.extend(kind.to_be_bytes());
    extensions.extend(counted(data));
}

fn counted(data: &[u8]) -> Vec<u8> {
    [&(data.len() as u16).to_be_bytes()[..], data].concat()
}

fn length_24(length: usize) -> Vec<u8> {
    (length as u32).to_be_bytes()[1..].to_vec()
}
