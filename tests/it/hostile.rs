//! Names from strangers: whatever they are made of, no view shows them as they came. The same holds for files' names.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use rdpwhy::wire::text::deceives;
use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

use crate::craft::beside;
use crate::craft::file::{Interface, pcapng};
use crate::craft::hello;
use crate::craft::talk::{Side, Talk};
use crate::craft::x224;

/// Escape sequences, line ends, what turns the reading direction, hides, joins, is wide, is long.
pub(crate) const STRANGE: &[&str] = &[
    "\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[31m",
    "a\r\nwarning: all is well\n",
    "moc.elpmaxe\u{202e}\u{2066}x\u{2069}",
    "a\u{200b}\u{feff}\u{ad}\u{2060}b",
    "\u{9b}31m\u{85}\u{7f}\u{8}\u{8}",
    "日本語テスト.example",
    "e\u{301}\u{301}\u{36f}",
    "\u{3164}\u{2800}\u{115f}\u{e0041}\u{fe0f}",
    "\\x1b\\u{202e}\"'<b>`$(id)",
    "",
];

/// A DER element.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match length {
        0..=0x7f => out.push(length as u8),
        0x80..=0xff => out.extend([0x81, length as u8]),
        _ => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    out.extend(content);
    out
}

/// A certificate that says nothing but names; nobody signed it.
fn certificate(text: &[u8]) -> Vec<u8> {
    const COMMON_NAME: &[u8] = &[6, 3, 0x55, 4, 3];
    const RSA: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0xd, 1, 1, 1, 5, 0];
    const SHA256_RSA: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0xd, 1, 1, 0xb, 5, 0];
    const ALTERNATIVE_NAME: &[u8] = &[6, 3, 0x55, 0x1d, 0x11];
    let name = der(0x30, &der(0x31, &der(0x30, &[COMMON_NAME, &der(0xc, text)].concat())));
    let validity = der(0x30, &[der(0x17, b"200101000000Z"), der(0x17, b"210101000000Z")].concat());
    let number = [&[0, 0xc1][..], &[0x5a; 254], &[0x5b]].concat();
    let key = der(0x30, &[der(2, &number), der(2, &[1, 0, 1])].concat());
    let key = der(0x30, &[der(0x30, RSA), der(3, &[&[0][..], &key].concat())].concat());
    let names = der(0x30, &[der(0x82, text), der(0x86, text), der(0x82, b"rds.example")].concat());
    let extension = der(0x30, &[ALTERNATIVE_NAME, &der(4, &names)].concat());
    let parts = [
        der(0xa0, &der(2, &[2])),
        der(2, &[7]),
        der(0x30, SHA256_RSA),
        name.clone(),
        validity,
        name,
        key,
        der(0xa3, &der(0x30, &extension)),
    ];
    let signed = der(0x30, &parts.concat());
    der(0x30, &[signed, der(0x30, SHA256_RSA), der(3, &[0; 257])].concat())
}

/// A capture in which everybody is called `name`, and the certificate `in_certificate`.
pub(crate) fn capture(name: &'static str, in_certificate: &[u8]) -> Vec<u8> {
    capture_of("10.20.4.17", name, in_certificate)
}

/// The same with a client of this address.
fn capture_of(client: &str, name: &'static str, in_certificate: &[u8]) -> Vec<u8> {
    let mut talk = Talk::new(Side::windows(client, 51_544), Side::windows("10.20.1.9", 3389));
    let label: String = name.chars().filter(|c| *c != '.').take(12).collect();
    talk.ask(beside::RESOLVER, (50_311, 53), false, &beside::dns_question(7, &label));
    talk.ask(beside::RESOLVER, (50_311, 53), true, &beside::dns_answer(7, &label, 0, &["10.20.1.9"]));
    talk.ask(beside::CONTROLLER, (50_320, 88), false, &beside::as_request(name));
    talk.ask(beside::CONTROLLER, (50_320, 88), true, &beside::krb_error(24, &["TERMSRV", name], "x", None));
    talk.handshake().client(&x224::asks(name, x224::MODERN));
    talk.server(&x224::confirm(&x224::selects(0x1f, x224::SSL)));
    let record = |message: Vec<u8>| hello::record(22, hello::TLS_1_2, &message);
    talk.client(&hello::client_hello(hello::TLS_1_2, hello::SUITES, name, 1));
    talk.server(&record(hello::server_hello(hello::TLS_1_2, hello::RSA_AES_256, 1)));
    talk.server(&record(hello::certificate(&[&certificate(in_certificate)])));
    talk.client(&hello::alert(hello::TLS_1_2, 45)).client_fin().server_fin();
    let packets: Vec<_> = talk.packets().iter().map(|packet| (0, packet.clone())).collect();
    pcapng(&[Interface { name, link_type: 1, digits: 9, dropped: Some(3) }], &packets)
}

/// Runs the program in `place`.
fn run(place: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("rdpwhy"));
    command.current_dir(place).env_clear().env("LC_ALL", "C.UTF-8").env("TZ", "UTC").stdin(Stdio::null());
    command.args(words).output().expect("it runs")
}

/// What was printed may be looked at.
fn harmless(what: &[u8], why: &str) -> String {
    let text = String::from_utf8(what.to_vec()).unwrap_or_else(|_| panic!("{why}: no UTF-8"));
    let found = text.chars().find(|c| *c != '\n' && deceives(*c));
    assert_eq!(found, None, "{why}: {text:?}");
    text
}

#[test]
fn no_view_shows_a_name_as_it_came() {
    let place = tempfile::tempdir().expect("a directory");
    let long = "x\u{1b}".repeat(2048);
    let mut certificates: Vec<&[u8]> = STRANGE.iter().map(|name| name.as_bytes()).collect();
    certificates.extend([&b"\xff\xfe\xc3\x28\x1b[2J"[..], long.as_bytes()]);
    for (nth, in_certificate) in certificates.into_iter().enumerate() {
        let name = STRANGE[nth % STRANGE.len()];
        std::fs::write(place.path().join("a.pcapng"), capture(name, in_certificate)).expect("written");
        for words in [
            &["a.pcapng"][..],
            &["-vv", "--each", "a.pcapng"],
            &["--ascii", "--width", "60", "a.pcapng"],
            &["--brief", "a.pcapng"],
            &["-q", "a.pcapng"],
            &["explain", "a.pcapng"],
            &["explain", "0x904", "a.pcapng"],
            &["--json", "a.pcapng"],
            &["-o", "b.json", "-qq", "a.pcapng"],
        ] {
            let output = run(place.path(), words);
            let why = format!("{name:?} {words:?}");
            assert!(matches!(output.status.code(), Some(0 | 1)), "{why}: {}", String::from_utf8_lossy(&output.stderr));
            let text = harmless(&output.stdout, &why);
            harmless(&output.stderr, &why);
            if words.contains(&"--brief") {
                assert!(text.lines().all(|line| line.split_whitespace().count() == 8), "{why}: {text}");
            }
        }
        let json = harmless(&std::fs::read(place.path().join("b.json")).expect("written"), name);
        std::fs::remove_file(place.path().join("b.json")).expect("gone");
        let records: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).expect("a record")).collect();
        let session = records.iter().find(|record| record["type"] == "session").expect("a session");
        // A line's end ends a cookie, and what stands behind it is no negotiation.
        let is_whole = !name.contains('\r');
        assert!(!is_whole || session["cause"] == "tls.cert-expired", "{name:?}");
        // What a program reads is the name itself, not what a person is shown.
        if !name.is_empty() && is_whole {
            assert!(has_text(session, name), "{name:?}: {session:#}");
        }
    }
}

/// Whether `text` is a value somewhere in `value`.
fn has_text(value: &Value, text: &str) -> bool {
    match value {
        Value::String(found) => found == text,
        Value::Array(values) => values.iter().any(|value| has_text(value, text)),
        Value::Object(fields) => fields.values().any(|value| has_text(value, text)),
        _ => false,
    }
}

#[cfg(unix)]
#[test]
fn no_complaint_shows_a_file_as_it_is_called() {
    let place = tempfile::tempdir().expect("a directory");
    let sound = capture("jdoe", b"rds.example");
    for name in STRANGE.iter().filter(|name| !name.is_empty()) {
        let name = name.replace('/', "_");
        let harmless = |words: &[&str], code: i32| {
            let output = run(place.path(), words);
            // A word that may be a file's name is looked for, and is not there.
            let no_file = words[0] == "explain" && output.status.code() == Some(3);
            let complaint = String::from_utf8_lossy(&output.stderr);
            assert!(no_file || output.status.code() == Some(code), "{words:?}: {complaint}");
            harmless(&output.stdout, &name) + &harmless(&output.stderr, &name)
        };
        let capture = format!("{name}.pcapng");
        std::fs::write(place.path().join(&capture), &sound).expect("written");
        for view in ["--each", "--brief", "--json", "-q", "-v"] {
            harmless(&[view, &capture], 1);
        }
        // Cut short, so that a warning names it.
        std::fs::write(place.path().join(&capture), &sound[..sound.len() - 20]).expect("written");
        assert!(!harmless(&[&capture], 1).is_empty());
        std::fs::write(place.path().join(&name), "hello").expect("written");
        assert!(!harmless(&[&format!("./{name}")], 3).is_empty());
        assert!(!harmless(&[&format!("./no{name}.pcap")], 3).is_empty());
        assert!(!harmless(&["-o", &capture, &capture], 2).is_empty());
        assert!(!harmless(&["-Y", &format!("({name}"), &capture], 2).is_empty());
        assert!(!harmless(&["explain", &format!("x{name}")], 2).is_empty());
        assert!(!harmless(&[&format!("--{name}"), &capture], 2).is_empty());
    }
}

/// Wide and combining characters in a file's name move no column.
#[test]
fn columns_stay_in_line() {
    let place = tempfile::tempdir().expect("a directory");
    let names =
        [("10.20.4.17", "日本語テスト.pcapng"), ("10.20.4.18", "e\u{301}a.pcapng"), ("10.20.4.19", "plain.pcapng")];
    for (client, name) in names {
        std::fs::write(place.path().join(name), capture_of(client, "jdoe", b"rds.example")).expect("written");
    }
    let merged = run(place.path(), &["--brief", "."]);
    assert_eq!(merged.status.code(), Some(1), "{}", String::from_utf8_lossy(&merged.stderr));
    let text = harmless(&merged.stdout, "brief");
    let starts: Vec<usize> = text.lines().filter_map(|line| Some(line[..line.find("tls.")?].width())).collect();
    assert!(starts.len() == names.len() && starts.iter().all(|start| *start == starts[0]), "{text}");
}
