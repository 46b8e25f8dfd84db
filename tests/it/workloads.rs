//! The workloads that rdpwhy is measured with, small: whether every session in them is told as it is.

#[path = "../../benches/workload/mod.rs"]
#[allow(dead_code)]
mod workload;

use std::collections::HashMap;
use std::fs::File;
use std::process::Command;

use serde_json::Value;
use workload::{Format, Kind, check};

/// A workload of so many bytes as the program judges it.
fn judged(kind: Kind, bytes: u64, seed: u64, format: Format) -> check::Score {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("made");
    let mut truth = Vec::new();
    let file = File::create(&path).expect("created");
    workload::write(kind, bytes, seed, format, file, &mut truth).expect("written");
    let output = Command::new(assert_cmd::cargo::cargo_bin!("rdpwhy")).arg("--json").arg(&path).output().expect("runs");
    check::check(&String::from_utf8_lossy(&truth), &String::from_utf8_lossy(&output.stdout))
}

fn assert_right(kind: Kind, bytes: u64, least: usize) {
    for (seed, format) in [(3389, Format::Pcap), (7, Format::Pcapng)] {
        let score = judged(kind, bytes, seed, format);
        assert!(score.sessions >= least, "{} sessions", score.sessions);
        assert!(score.wrong.iter().all(|(_, wrong)| *wrong == 0), "{:?}\n{}", score.wrong, score.lines.join("\n"));
    }
}

#[test]
fn every_session_of_a_storm_is_told_as_it_is() {
    assert_right(Kind::Storm, 2_000_000, 300);
}

/// Memory is comfortable with a fifth of the sessions: each is told once, though its packets straggle in late, and nearly all are
/// told as if there were room for all, because those that were judged are not forgotten.
#[test]
fn a_storm_is_told_alike_where_memory_is_short() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("storm.pcap");
    let file = File::create(&path).expect("created");
    workload::write(Kind::Storm, 12_000_000, 3389, Format::Pcap, file, &mut Vec::new()).expect("written");
    let told = |memory: &str| {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("rdpwhy"));
        command.args(["--brief", "--json", "--memory", memory]).arg(&path);
        String::from_utf8(command.output().expect("runs").stdout).expect("UTF-8")
    };
    let verdicts = |told: &str| -> HashMap<String, String> {
        let lines = told.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let briefs = lines.filter(|line| line["type"] == "brief");
        briefs.map(|brief| (format!("{}{}", brief["client"], brief["start"]), brief["cause"].to_string())).collect()
    };
    let short = told("16M");
    let (whole, part) = (verdicts(&told("512M")), verdicts(&short));
    assert!(whole.len() > 1_500 && !short.starts_with(r#"{"type":"input""#), "{} sessions are no flood", whole.len());
    let missing = whole.keys().filter(|session| !part.contains_key(*session)).count();
    assert_eq!((missing, part.len()), (0, whole.len()));
    let different = whole.iter().filter(|(session, cause)| part[*session] != **cause).count();
    assert!(different * 20 < whole.len(), "{different} of {} differ", whole.len());
    // By how many threads, and how fast each of them is, nobody can tell.
    assert_eq!(short, told("16M"));
}

#[test]
fn loss_and_reordering_hide_no_death() {
    assert_right(Kind::Nasty, 6_000_000, 25);
}

#[test]
fn needles_are_found_on_any_port() {
    assert_right(Kind::Needle, 12_000_000, 1);
}

#[test]
fn the_same_arguments_give_the_same_bytes() {
    let made = |seed| {
        let (mut capture, mut truth) = (Vec::new(), Vec::new());
        workload::write(Kind::Nasty, 300_000, seed, Format::Pcap, &mut capture, &mut truth).expect("to memory");
        (capture, truth)
    };
    assert_eq!(made(1), made(1));
    assert_ne!(made(1), made(2));
}

#[test]
fn a_wrong_verdict_is_noticed() {
    let truth = r#"{"client":"10.0.0.1","client_port":5,"server":"10.0.0.2","server_port":3389,"first":1,"outcome":"client_rst_in_session","killer":"client","cert_state":"","death":9,"alert_code":null}"#;
    let verdict = |frame: u64| {
        format!(
            r#"{{"type":"session","client":{{"ip":"10.0.0.1","port":5}},"server":{{"ip":"10.0.0.2","port":3389}},"outcome":"died","death":{{"frame":{frame},"by":"client"}}}}"#
        )
    };
    let wrong = |frame| check::check(truth, &verdict(frame)).wrong.iter().map(|(_, wrong)| wrong).sum::<usize>();
    assert_eq!((wrong(9), wrong(10)), (0, 1));
}
