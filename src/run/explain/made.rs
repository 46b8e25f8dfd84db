//! Families whose rows are put together from more than one table: builds, versions, cipher suites, sizes.

use super::family::{Family, Form, Group, Rank, Row};
use super::roster::family;
use crate::knowledge::{mcs, sizes, tls, windows};
use crate::wire::tls_hello::{protection, suite_name};

pub(super) fn builds() -> Family {
    const VERSIONS: [&str; 5] = ["SSL 3.0", "TLS 1.0", "1.1", "1.2", "1.3"];
    let spoken = |build| {
        let rows: Vec<String> = windows::TLS_VERSIONS
            .iter()
            .filter(|row| row.has(build))
            .map(|row| {
                let states = VERSIONS.iter().zip(row.states).map(|(version, state)| format!("{version} {state}"));
                format!("{} ({})", states.collect::<Vec<_>>().join(", "), row.windows)
            })
            .collect();
        (!rows.is_empty()).then(|| rows.join("; "))
    };
    let mut group = Group::of(
        "",
        mcs::CLIENT_BUILDS,
        "clientBuild, or the build in NTLM's VERSION: which Windows speaks",
        "Windows release information, learn.microsoft.com; Zeek, consts.zeek",
    )
    .with("TLS", spoken);
    for row in &mut group.rows {
        row.meaning = "as Windows and Microsoft's clients say it; other programs send what they like".into();
    }
    family(
        &["build", "clientbuild"],
        "build:22621",
        "build of a Windows, and its TLS",
        "rdpwhy explain tls:1.2",
        vec![group],
    )
}

pub(super) fn versions() -> Family {
    family(
        &["version", "rdp"],
        "version:0x8000c",
        "version of RDP",
        "rdpwhy explain build:22621",
        vec![
            Group::of("", mcs::RDP_VERSIONS, "version in the core blocks of GCC", "MS-RDPBCGR 2.2.1.3.2, 2.2.1.4.2")
                .written(Form::Hex(8)),
        ],
    )
}

pub(super) fn tls_versions() -> Family {
    const NAMES: [(&str, &str); 5] = [
        ("SSL 3.0", "broken; no current client offers it"),
        ("TLS 1.0", "out of date; current clients refuse it"),
        ("TLS 1.1", "out of date; current clients refuse it"),
        ("TLS 1.2", "certificate and alerts are in clear: a capture tells much"),
        ("TLS 1.3", "certificate and alerts are encrypted: a capture tells sizes and order"),
    ];
    let rows = NAMES.iter().zip(0x300..).enumerate().map(|(index, ((name, meaning), value))| {
        let mut more: Vec<(&'static str, String)> = Vec::new();
        for row in windows::TLS_VERSIONS {
            let state = row.states[index];
            let label = state.split([' ', '(']).next().unwrap_or(state);
            let label = ["on", "off", "no"].into_iter().find(|known| *known == label).unwrap_or("no");
            let extra = state.strip_prefix(label).unwrap_or_default();
            match more.iter_mut().find(|(known, _)| *known == label) {
                Some((_, text)) => *text += &format!(", {}{extra}", row.windows),
                None => more.push((label, format!("{}{extra}", row.windows))),
            }
        }
        Row { value, last: value, symbol: (*name).into(), meaning: (*meaning).into(), more }
    });
    let mut group = Group::of(
        "",
        &[],
        "version of TLS; on, off, or not there in Windows as it comes",
        "Protocols in TLS/SSL (Schannel SSP), learn.microsoft.com",
    )
    .written(Form::Hex(4));
    group.rows = rows.collect();
    family(
        &["tls", "ssl"],
        "tls:1.2",
        "version of TLS, and which Windows has it",
        "rdpwhy -Y 'tls<1.2' FILE",
        vec![group],
    )
}

/// A cipher suite by its number.
pub(super) fn suite(id: u16) -> Row {
    let name = suite_name(id);
    let version = if name.starts_with("TLS_AES") || name.starts_with("TLS_CHACHA") {
        tls::Version::TLS13
    } else {
        tls::Version::TLS12
    };
    let exchange = if version == tls::Version::TLS13 {
        "TLS 1.3 only"
    } else if name.contains("_ECDHE_ECDSA_") {
        "needs an ECDSA certificate"
    } else if name.contains("DHE_") {
        "a fresh key each time"
    } else {
        "no fresh key: who gets the server's key can read old sessions"
    };
    let sizes = match protection(version, id) {
        tls::Protection::Aead(_) => "a record's length tells its plaintext's",
        tls::Protection::Stream(_) => "RC4, which is broken",
        _ => "CBC: lengths tell only a range",
    };
    let lists: Vec<String> = windows::SUITES
        .iter()
        .filter_map(|suites| {
            let place = suites.order.iter().position(|known| *known == id)?;
            Some(format!("{} (number {} of {})", suites.windows, place + 1, suites.order.len()))
        })
        .collect();
    let lists = if lists.is_empty() { "in none of the lists".to_owned() } else { lists.join(", ") };
    Row {
        value: id.into(),
        last: id.into(),
        symbol: name,
        meaning: format!("{exchange}; {sizes}"),
        more: vec![("by default", lists)],
    }
}

pub(super) fn suites() -> Family {
    let mut ids: Vec<u16> = windows::SUITES.iter().flat_map(|suites| suites.order).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let mut group = Group::of(
        "",
        &[],
        "TLS cipher suite, by its IANA number",
        "TLS Cipher Suites in Windows, learn.microsoft.com; IANA",
    )
    .written(Form::Hex(4))
    .ranked(Rank::Part);
    group.rows = ids.into_iter().map(suite).collect();
    family(
        &["cipher", "suite"],
        "cipher:0xc030",
        "TLS cipher suite, and which Windows takes it",
        "see what the client offers: rdpwhy -v FILE",
        vec![group],
    )
}

pub(super) fn plaintext() -> Family {
    let row = |size: &sizes::Size| {
        let (least, most) = size.bytes;
        let span = if least == most { least.to_string() } else { format!("{least} to {most}") };
        let sender = if size.sender == "both" { "client or server" } else { size.sender };
        let mut more = vec![("size", format!("{span} bytes of plaintext, from the {sender}, phase {}", size.phase))];
        if !size.seen.is_empty() {
            more.push(("seen", size.seen.to_owned()));
        }
        more.push(("sure", size.sure.to_owned()));
        Row { value: least.into(), last: most.into(), symbol: size.name.into(), meaning: size.meaning.into(), more }
    };
    let group = |is_fixed: bool, source: &str| {
        let own = sizes::SIZES.iter().filter(|size| (size.bytes.0 == size.bytes.1) == is_fixed);
        let mut group = Group::of("", &[], "message behind TLS that its size gives away", source);
        group = group.written(Form::Name).ranked(Rank::Part);
        group.rows = own.map(row).collect();
        group
    };
    family(
        &["size", "plaintext"],
        "size:59",
        "plaintext sizes that give messages away",
        "see the sizes of a session: rdpwhy -v FILE",
        vec![
            group(true, "its fields have fixed sizes: MS-RDPBCGR 2.2, MS-CSSP 2.2, T.125"),
            group(false, "sessions that were measured").observed(),
        ],
    )
}
