//! Ways in which a running capture ends, or is made to: nothing is lost but what is said, and files are whole.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::{Listening, is_inside, rdpwhy, refuses, session};

#[test]
#[ignore = "runs in a namespace"]
fn killed() {
    if !is_inside() {
        return;
    }
    let place = tempfile::tempdir().expect("a directory");
    let listening = Listening::start(place.path(), &["-1", "-i", "lo", "-w", "kept.pcapng"]);
    for _ in 0..3 {
        session(refuses);
        listening.line();
    }
    listening.signal("-KILL");
    assert_eq!(listening.code(), -1);
    let file = rdpwhy(place.path(), &["-1", "kept.pcapng"]).output().expect("it runs");
    assert_eq!(String::from_utf8_lossy(&file.stdout).lines().count(), 3);
    assert!(file.stderr.is_empty(), "the file is whole");
}

#[test]
#[ignore = "runs in a namespace"]
fn nobody_reads() {
    if !is_inside() {
        return;
    }
    let place = tempfile::tempdir().expect("a directory");
    let mut command = rdpwhy(place.path(), &["-1", "-i", "lo", "-w", "kept.pcapng"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    thread::sleep(Duration::from_millis(700));
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    session(refuses);
    out.read_line(&mut String::new()).expect("a line");
    drop(out);
    session(refuses);
    for _ in 0..100 {
        if let Some(status) = child.try_wait().expect("a child") {
            assert_eq!(status.code(), Some(1), "it ends by itself when nobody reads any more");
            let file = rdpwhy(place.path(), &["-1", "kept.pcapng"]).output().expect("it runs");
            assert_eq!(String::from_utf8_lossy(&file.stdout).lines().count(), 2);
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    let _ = child.kill();
    panic!("it does not end");
}

#[test]
#[ignore = "runs in a namespace"]
fn second_signal() {
    if !is_inside() {
        return;
    }
    let place = tempfile::tempdir().expect("a directory");
    let mut command = rdpwhy(place.path(), &["--json", "-i", "lo"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    thread::sleep(Duration::from_millis(700));
    // More than a pipe takes, and nobody reads: the capture goes on, the end waits for the reader.
    for _ in 0..60 {
        session(refuses);
    }
    thread::sleep(Duration::from_millis(500));
    let signal = || {
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill").success());
    };
    signal();
    thread::sleep(Duration::from_millis(700));
    signal();
    thread::sleep(Duration::from_millis(300));
    let code = child.try_wait().expect("a child").and_then(|status| status.code());
    let _ = child.kill();
    assert_eq!(code, Some(130));
}

#[test]
#[ignore = "runs in a namespace"]
fn no_permission() {
    if !is_inside() {
        return;
    }
    let place = tempfile::tempdir().expect("a directory");
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).expect("changed");
    // The build may lie where others cannot go.
    let program = place.path().join("rdpwhy");
    fs::copy(assert_cmd::cargo::cargo_bin!("rdpwhy"), &program).expect("copied");
    let output = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--"])
        .arg(&program)
        .args(["-i", "lo"])
        .output();
    let Ok(output) = output else {
        eprintln!("SKIPPED: no setpriv here");
        return;
    };
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "error: no permission to capture on lo");
    assert_eq!(lines[1], "  = help: once:      sudo rdpwhy -i lo");
    assert!(lines[2].starts_with("  = help: for good:  sudo setcap cap_net_raw,cap_net_admin+eip "), "{text}");
    assert!(text.contains("or let dumpcap do it:  dumpcap -q -i lo -w - | rdpwhy -"), "{text}");
}

/// The lines of a capture of one session that was refused, and its exit code.
fn report(words: &[&str]) -> (Vec<String>, i32) {
    let place = tempfile::tempdir().expect("a directory");
    let listening = Listening::start(place.path(), &[&["-i", "lo", "-a", "duration:1"], words].concat());
    session(refuses);
    let lines = listening.lines.iter().map(|(_, line)| line).collect();
    (lines, listening.code())
}

#[test]
#[ignore = "runs in a namespace"]
fn not_asked_for() {
    if !is_inside() {
        return;
    }
    let (lines, code) = report(&["-Y", "client:10.66.0.9"]);
    assert_eq!((lines.join("\n").as_str(), code), ("none of 1 session is what you asked for", 0));
}

#[test]
#[ignore = "runs in a namespace"]
fn report_not_written() {
    if !is_inside() {
        return;
    }
    let (lines, code) = report(&["-o", "/dev/full"]);
    assert!(lines.iter().any(|line| line.starts_with("died[neg.hybrid-required]")), "{lines:?}");
    assert_eq!(code, 3);
}
