//! The same floods through a pipe into the program, and what the system says of its memory. What no account in the
//! program counts would be seen here.

#![cfg(target_os = "linux")]

use std::io::{BufWriter, Write};
use std::process::{Child, Command, Stdio};

use rdpwhy::frame::Timestamp;

use super::{BUDGET, floods};

/// What may come on top of the budget: code, tables of fixed size, the allocator's slack.
const SLACK: usize = 40 << 20;

/// The most memory that the program held at any time, and its totals.
fn peak(mut next: impl FnMut(&mut Vec<u8>) -> Option<Timestamp>) -> (usize, String) {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("rdpwhy"));
    command.env_clear().env("LC_ALL", "C.UTF-8").env("TZ", "UTC").args(["--memory", "24M", "-q", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    let mut pipe = BufWriter::new(child.stdin.take().expect("piped"));
    for field in [0xa1b2_3c4d_u32, 2 | 4 << 16, 0, 0, 262_144, 1] {
        pipe.write_all(&field.to_le_bytes()).expect("read");
    }
    let mut frame = Vec::new();
    while let Some(time) = next(&mut frame) {
        let length = frame.len() as u32;
        for field in [(time.0 / 1_000_000_000) as u32, (time.0 % 1_000_000_000) as u32, length, length] {
            pipe.write_all(&field.to_le_bytes()).expect("read");
        }
        pipe.write_all(&frame).expect("read");
        frame.clear();
    }
    pipe.flush().expect("read");
    // It waits for more now; when the pipe is closed it may be gone before it can be looked at.
    let mut most = resident(&child);
    drop(pipe);
    while child.try_wait().expect("a child").is_none() {
        most = most.max(resident(&child));
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let output = child.wait_with_output().expect("it ends");
    (most, String::from_utf8(output.stdout).expect("UTF-8"))
}

/// The high-water mark of a running program; 0 when it has just ended.
fn resident(child: &Child) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<usize>().ok()).unwrap_or(0) * 1024
}

fn stays_small(what: &str, next: impl FnMut(&mut Vec<u8>) -> Option<Timestamp>) -> String {
    let (most, totals) = peak(next);
    eprintln!("{what}: {} MiB, {}", most >> 20, totals.trim());
    assert!(most > 0, "{what}: the system tells nothing");
    assert!(most < BUDGET + SLACK, "{what}: {} MiB", most >> 20);
    totals
}

#[test]
fn half_open_connections() {
    let totals = stays_small("half-open", floods::half_open(60_000));
    assert!(totals.starts_with("60,000 sessions: "), "{totals}");
}

#[test]
fn fragments() {
    stays_small("fragments", floods::fragments(100_000));
}

#[test]
fn certificates() {
    let totals = stays_small("certificates", floods::certificates(6_000, 0));
    assert!(totals.starts_with("6,000 sessions: "), "{totals}");
}

#[test]
fn large_certificates() {
    let totals = stays_small("large certificates", floods::certificates(800, 60_000));
    assert!(totals.starts_with("800 sessions: "), "{totals}");
}

#[test]
fn unfinished_certificates() {
    let totals = stays_small("unfinished certificates", floods::unfinished(1_500));
    assert!(totals.starts_with("1,500 sessions: "), "{totals}");
}

#[test]
fn knocks() {
    let totals = stays_small("knocks", floods::knocks(80_000));
    assert!(totals.starts_with("80,000 sessions: "), "{totals}");
}

/// Connections that are no RDP cost little, but a flood of them is more than a little.
#[test]
fn syns_to_any_port() {
    let totals = stays_small("SYNs to any port", floods::syns(400_000));
    assert!(totals.starts_with("0 sessions"), "{totals}");
}

#[test]
fn strangers() {
    let totals = stays_small("other connections", floods::strangers(800_000));
    assert!(totals.starts_with("0 sessions"), "{totals}");
}

#[test]
fn unfinished_tickets() {
    let totals = stays_small("unfinished tickets", floods::unfinished_tickets(1_000));
    assert!(totals.starts_with("0 sessions"), "{totals}");
}
