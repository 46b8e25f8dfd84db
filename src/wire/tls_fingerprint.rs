//! Fingerprints of TLS peers: JA3, JA3S and JA4, computed when a report asks for them.
//!
//! JA3 is an MD5 over decimal lists; JA4 sorts and hashes with SHA-256 so that shuffled extensions do not matter.

use std::fmt::Write;
use std::num::NonZeroU32;

use md5::Md5;
use sha2::{Digest, Sha256};

use super::text::hex;
use super::tls_hello::{ClientHello, ClientHelloView, ServerHello, extension};
use crate::knowledge::tls::{Version, is_grease};

/// Adds to `out` what the fingerprints of a ClientHello, and the lists it offers, are made of; its random numbers, keys
/// and names are not among it. Hellos that add the same have the same.
pub fn fingerprinted(hello: &ClientHello, out: &mut Vec<u8>) {
    let view = hello.view();
    out.extend(view.legacy_version.0.to_be_bytes());
    out.extend((view.ciphers().count() as u32).to_be_bytes());
    out.extend(view.ciphers().flat_map(u16::to_be_bytes));
    for (kind, data) in view.extensions() {
        out.extend(kind.to_be_bytes());
        if matches!(
            kind,
            extension::SUPPORTED_GROUPS
                | extension::EC_POINT_FORMATS
                | extension::SIGNATURE_ALGORITHMS
                | extension::ALPN
                | extension::SUPPORTED_VERSIONS
        ) {
            out.extend((data.len() as u32).to_be_bytes());
            out.extend(data);
        }
    }
}

/// JA3 of a ClientHello: version, ciphers, extensions, groups, point formats, hashed with MD5.
#[must_use]
pub fn ja3(hello: &ClientHello) -> String {
    let view = hello.view();
    let extensions = view.extensions().map(|(kind, _)| kind);
    let text = format!(
        "{},{},{},{},{}",
        view.legacy_version.0,
        decimal(view.ciphers()),
        decimal(extensions),
        decimal(view.groups().into_iter()),
        decimal(view.point_formats().iter().map(|format| u16::from(*format))),
    );
    hex(&Md5::digest(text.as_bytes()))
}

/// A short mark of what a ClientHello offers, its versions and cipher suites: the same for every one of one program.
#[must_use]
pub fn offer_mark(hello: &ClientHello) -> NonZeroU32 {
    let view = hello.view();
    let versions = std::iter::once(view.legacy_version.0).chain(view.listed_versions());
    let offered = versions.chain(view.ciphers().filter(|value| !is_grease(*value)));
    NonZeroU32::MIN | fnv(offered.map(u32::from))
}

/// A short mark of `values` (FNV-1a, a value at once). Some that differ have the same.
#[must_use]
pub fn fnv(values: impl Iterator<Item = u32>) -> u32 {
    values.fold(0x811c_9dc5, |mark, value| (mark ^ value).wrapping_mul(0x0100_0193))
}

/// JA3S of a ServerHello.
#[must_use]
pub fn ja3s(hello: &ServerHello) -> String {
    let text = format!("{},{},{}", hello.legacy_version().0, hello.cipher, decimal(hello.extensions.iter().copied()));
    hex(&Md5::digest(text.as_bytes()))
}

fn decimal(values: impl Iterator<Item = u16>) -> String {
    let listed: Vec<String> = values.filter(|value| !is_grease(*value)).map(|value| value.to_string()).collect();
    listed.join("-")
}

/// JA4 of a ClientHello over TCP.
#[must_use]
pub fn ja4(hello: &ClientHello) -> String {
    let view = hello.view();
    let mut ciphers: Vec<u16> = view.ciphers().filter(|value| !is_grease(*value)).collect();
    let mut kinds: Vec<u16> = view.extensions().map(|(kind, _)| kind).filter(|kind| !is_grease(*kind)).collect();
    let head = format!(
        "t{}{}{:02}{:02}{}",
        version_mark(view.versions().first().copied()),
        if kinds.contains(&extension::SERVER_NAME) { 'd' } else { 'i' },
        ciphers.len().min(99),
        kinds.len().min(99),
        alpn_mark(&view),
    );
    ciphers.sort_unstable();
    kinds.retain(|kind| !matches!(*kind, extension::SERVER_NAME | extension::ALPN));
    kinds.sort_unstable();
    let mut second = hexadecimal(&kinds);
    let algorithms = view.signature_algorithms();
    if !algorithms.is_empty() {
        second = format!("{second}_{}", hexadecimal(&algorithms));
    }
    let hash = |empty: bool, text: &str| if empty { "0".repeat(12) } else { short_hash(text) };
    format!("{head}_{}_{}", hash(ciphers.is_empty(), &hexadecimal(&ciphers)), hash(kinds.is_empty(), &second))
}

const fn version_mark(version: Option<Version>) -> &'static str {
    match version {
        Some(Version(0x0304)) => "13",
        Some(Version(0x0303)) => "12",
        Some(Version(0x0302)) => "11",
        Some(Version(0x0301)) => "10",
        Some(Version(0x0300)) => "s3",
        Some(Version(0x0200)) => "s2",
        _ => "00",
    }
}

/// First and last character of the first ALPN value; nibbles of them when they are no letters or digits.
fn alpn_mark(view: &ClientHelloView<'_>) -> String {
    match view.first_alpn() {
        Some([first, .., last]) | Some([first @ last])
            if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() =>
        {
            format!("{}{}", *first as char, *last as char)
        }
        Some([first, .., last]) | Some([first @ last]) => format!("{:x}{:x}", first >> 4, last & 0xf),
        _ => "00".into(),
    }
}

fn hexadecimal(values: &[u16]) -> String {
    let mut text = String::with_capacity(values.len() * 5);
    for (index, value) in values.iter().enumerate() {
        let _ = write!(text, "{}{value:04x}", if index == 0 { "" } else { "," });
    }
    text
}

fn short_hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes())[..6])
}
