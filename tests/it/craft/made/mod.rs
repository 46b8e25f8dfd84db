//! The crafted files of `captures/`: what each shows, its maker tells as a story.
//!
//! `cargo test --test it make_captures -- --ignored` writes them. Those without TLS come out the same in every run,
//! and a test holds the files to it.

mod attempts;
mod beside;
mod clocks;
mod complaints;
mod conflict;
mod ends;
mod gone;
mod healthy;
mod interference;
mod logon;
mod mistaken;
mod monitors;
mod negotiation;
mod objections;
mod outlived;
mod parting;
mod rest;
mod sent_on;
mod setup;
mod shapes;
mod steps;
mod taps;
mod tcp;
mod tls;
mod together;
mod translated;
mod unseen;
mod waiting;
mod ways;

use std::path::PathBuf;

use super::file::{Packet, gunzip, pcap};
use super::mcs::{self, Security};
use super::talk::{Talk, Who};
use super::x224;

/// A certificate with a short key and an old signature.
const WEAK: &[u8] = include_bytes!("../keys/rsa1024-sha1.der");

/// One file.
struct Made {
    name: &'static str,
    maker: fn() -> Vec<u8>,
    /// The same bytes in every run: no TLS keys in it.
    fixed: bool,
}

const fn fixed(name: &'static str, maker: fn() -> Vec<u8>) -> Made {
    Made { name, maker, fixed: true }
}

const fn fresh(name: &'static str, maker: fn() -> Vec<u8>) -> Made {
    Made { name, maker, fixed: false }
}

fn roster() -> impl Iterator<Item = &'static Made> {
    [
        tcp::ROSTER,
        interference::ROSTER,
        waiting::ROSTER,
        negotiation::ROSTER,
        tls::ROSTER,
        logon::ROSTER,
        setup::ROSTER,
        ends::ROSTER,
        together::ROSTER,
        beside::ROSTER,
        conflict::ROSTER,
        attempts::ROSTER,
        rest::ROSTER,
        healthy::ROSTER,
    ]
    .into_iter()
    .flatten()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("captures")
}

#[test]
#[ignore = "writes into captures/"]
fn make_captures() {
    for Made { name, maker, .. } in roster() {
        std::fs::write(folder().join(name), maker()).expect("captures/ can be written");
    }
}

#[test]
fn fixed_captures_are_what_their_makers_make() {
    for Made { name, maker, .. } in roster().filter(|made| made.fixed) {
        let kept = std::fs::read(folder().join(name)).unwrap_or_default();
        // Compressors may change; what they hold may not.
        let is_same = if name.ends_with(".gz") { gunzip(&kept) == gunzip(&maker()) } else { kept == maker() };
        assert!(is_same, "{name} differs: make it anew, as captures/README.md says, if that was meant");
    }
}

/// No capture without its truth and its line in the README, and none of these without a capture.
#[test]
fn captures_truth_and_readme_agree() {
    let mut files: Vec<String> = std::fs::read_dir(folder())
        .expect("captures/ is there")
        .map(|entry| entry.expect("a name").file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("--"))
        .collect();
    files.sort();
    let read = |name: &str| std::fs::read_to_string(folder().join(name)).expect("it is there");
    let truth: serde_json::Value = serde_json::from_str(&read("truth.json")).expect("JSON");
    let told = truth.as_array().expect("a list").iter().map(|entry| entry["file"].as_str().expect("a name").to_owned());
    let mut told: Vec<String> = told.collect();
    told.sort();
    assert_eq!(files, told, "files, then what truth.json tells of");
    let readme = read("README.md");
    let rows: Vec<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .filter(|n| n.contains("--"))
        .collect();
    let mut rows: Vec<String> = rows.into_iter().map(str::to_owned).collect();
    rows.sort();
    assert_eq!(files, rows, "files, then the rows of README.md");
    for Made { name, .. } in roster() {
        assert!(files.iter().any(|file| file == name), "{name} is in the roster and not in captures/");
    }
}

/// The usual file around one conversation.
fn file(talk: &Talk) -> Vec<u8> {
    pcap(&talk.packets())
}

/// Handshake, request with a cookie, confirm with a selection.
fn negotiated(talk: &mut Talk, protocols: u32, selected: u32) -> &mut Talk {
    let flags = if selected == x224::RDP { 0 } else { 0x1f };
    talk.handshake().client(&x224::asks("jdoe", protocols)).server(&x224::confirm(&x224::selects(flags, selected)))
}

/// A whole session with standard RDP security, from SYN to the last FIN. Nothing in it is random, so it serves
/// wherever the wrapping is the point.
fn classic(talk: &mut Talk) -> &mut Talk {
    classic_until_work(talk);
    work(talk);
    farewell(talk)
}

/// Its way to the first picture.
fn classic_until_work(talk: &mut Talk) -> &mut Talk {
    negotiated(talk, x224::RDP, x224::RDP).turns(&mcs::classic("WKS-0417", Security::Proprietary))
}

/// Pictures and input.
fn work(talk: &mut Talk) -> &mut Talk {
    for nth in 0..6_u64 {
        talk.server(&mcs::fast_path(Who::Server, 100 + nth, 900 + 290 * nth as usize));
        talk.wait(0.31).client(&mcs::fast_path(Who::Client, 200 + nth, 15));
    }
    talk.wait(0.4)
}

/// The user closes the window.
fn farewell(talk: &mut Talk) -> &mut Talk {
    talk.client(&mcs::ultimatum(3)).client_fin().server_fin().ack(Who::Client)
}

/// What the program says of conversations that no file holds.
fn judged(talks: &[Talk]) -> Vec<rdpwhy::diagnose::Case> {
    judged_packets(&super::file::merge(talks.iter().map(Talk::packets)))
}

/// The same of packets, in the order in which they were captured.
fn judged_packets(packets: &[Packet]) -> Vec<rdpwhy::diagnose::Case> {
    use crate::captures::inside::{look, memory};
    look(&mut memory(packets), rdpwhy::engine::Options::default()).cases
}

/// A file of several conversations.
fn files(talks: impl IntoIterator<Item = Vec<Packet>>) -> Vec<u8> {
    pcap(&super::file::merge(talks))
}
