//! The workloads that rdpwhy is measured with, small: whether every session in them is told as it is.

#[path = "../../benches/workload/mod.rs"]
#[allow(dead_code)]
mod workload;

use std::fs::File;
use std::process::Command;

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
