//! The lab of `tests/lab/`: real peers in network namespaces, faults made on purpose, and the program that watches while
//! it happens. Wants root and some packages, and says so on standard error where it cannot have them.
//!
//! `RDPWHY_LAB` chooses scenarios: globs with blanks between, or `none`.

use std::path::Path;
use std::process::Command;

/// What the lab exits with when it cannot run here; it has said why.
const SKIPPED: i32 = 77;

#[test]
fn real_peers_die_as_they_are_told() {
    let chosen = std::env::var("RDPWHY_LAB").unwrap_or_default();
    if chosen == "none" {
        return say("SKIPPED: the lab with real peers: RDPWHY_LAB=none");
    }
    let lab = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/run");
    let mut run = Command::new("/usr/bin/python3");
    run.arg(lab).arg("--program").arg(assert_cmd::cargo::cargo_bin!("rdpwhy")).arg("--verbose");
    let Ok(output) = run.args(chosen.split_whitespace()).output() else {
        return say("SKIPPED: the lab with real peers: there is no /usr/bin/python3");
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        // What was wrong at first is told, although it was right in the end.
        Some(0) if errors.trim().is_empty() => {}
        Some(0 | SKIPPED) => say(errors.trim()),
        code => panic!("{code:?}\n{}\n{errors}", String::from_utf8_lossy(&output.stdout)),
    }
}

/// Straight to standard error: what a test that passes prints is not shown.
fn say(text: &str) {
    let _ = Command::new("sh").args(["-c", "echo \"$0\" >&2", text]).status();
}
