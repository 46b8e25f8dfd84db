//! A pipe into which somebody still writes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::small::{Place, pcap, refused, refused_packets};
use super::{rdpwhy, stdout};

/// Nobody needs to wait so long, on any machine.
const LONG: Duration = Duration::from_secs(60);

fn lines(child: &mut Child) -> Receiver<String> {
    let (send, lines) = channel();
    let out = BufReader::new(child.stdout.take().expect("piped"));
    std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
    lines
}

#[test]
fn what_is_over_is_told_while_the_pipe_is_open() {
    let place = Place::new();
    let file = refused();
    for (form, sign) in [("--each", "neg.hybrid-required"), ("--json", r#""type":"session""#), ("--brief", "died")] {
        let mut child =
            rdpwhy(&place).args([form, "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
        let lines = lines(&mut child);
        let mut pipe = child.stdin.take().expect("piped");
        pipe.write_all(&file).expect("it reads");
        // The pipe stays open: only a pause can make it speak.
        let first = lines.recv_timeout(LONG).expect("a line before the end");
        assert!(first.contains(sign), "{first}");
        drop(pipe);
        let rest: Vec<String> = lines.iter().collect();
        assert!(rest.iter().any(|line| line.contains("neg.hybrid-required")) || form == "--brief", "{rest:#?}");
        let again = rest.iter().filter(|line| line.contains(sign)).count();
        assert!(form == "--each" || again == 0, "told once: {rest:#?}");
        assert_eq!(child.wait().expect("it ends").code(), Some(1));
    }
}

/// Outcome, cause, death and end: counters may have grown after it was told.
fn gist(record: &str) -> Vec<serde_json::Value> {
    let record: serde_json::Value = serde_json::from_str(record).expect("JSON");
    ["outcome", "cause", "sure", "death", "end", "evidence"].map(|key| record[key].clone()).to_vec()
}

#[test]
fn a_pause_changes_no_verdict() {
    let place = Place::new();
    let file = refused();
    place.file("whole.pcap", &file);
    let whole = rdpwhy(&place).args(["--json", "whole.pcap"]).output().expect("it runs");
    let whole = stdout(&whole);
    let whole = gist(whole.lines().find(|line| line.contains(r#""type":"session""#)).expect("a session"));
    for cut in [30, file.len() / 2, file.len() - 1] {
        let mut child =
            rdpwhy(&place).args(["--json", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
        let mut pipe = child.stdin.take().expect("piped");
        pipe.write_all(&file[..cut]).expect("it reads");
        std::thread::sleep(Duration::from_millis(1500));
        pipe.write_all(&file[cut..]).expect("it reads");
        drop(pipe);
        let mut text = String::new();
        child.stdout.take().expect("piped").read_to_string(&mut text).expect("UTF-8");
        let last = text.lines().rfind(|line| line.contains(r#""type":"session""#)).expect("a session");
        assert_eq!(gist(last), whole, "cut at {cut}");
        child.wait().expect("it ends");
    }
}

/// More sessions than memory holds, and a pause among them: what was told in the pause is not told again when its place is
/// needed.
#[test]
fn what_was_told_in_a_pause_is_told_once() {
    const SESSIONS: u16 = 4_000;
    let place = Place::new();
    let sessions = (0..SESSIONS).flat_map(|nth| refused_packets(u32::from(nth) * 100, 1024 + nth));
    let file = pcap(1, &sessions.collect::<Vec<_>>());
    let cut = file.len() / 2;
    let mut command = rdpwhy(&place);
    command.args(["--json", "--memory", "16M", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    let told = lines(&mut child);
    let mut pipe = child.stdin.take().expect("piped");
    pipe.write_all(&file[..cut]).expect("it reads");
    std::thread::sleep(Duration::from_millis(2500));
    pipe.write_all(&file[cut..]).expect("it reads");
    drop(pipe);
    let records = told.iter().map(|line| serde_json::from_str::<serde_json::Value>(&line).expect("JSON"));
    let (sessions, rest): (Vec<_>, Vec<_>) = records.partition(|record| record["type"] == "session");
    let mut said = std::collections::HashSet::new();
    let again = sessions.iter().filter(|record| {
        let what = ["session", "outcome", "cause", "sure", "death"].map(|key| record[key].to_string());
        !said.insert(what)
    });
    assert_eq!(again.count(), 0);
    let summary = rest.iter().find(|record| record["type"] == "summary").expect("a summary");
    assert_eq!(summary["sessions"], u64::from(SESSIONS));
    assert!(sessions.len() >= usize::from(SESSIONS));
    child.wait().expect("it ends");
}

#[test]
fn what_nobody_asked_for_is_counted_also_behind_a_pause() {
    let place = Place::new();
    let mut command = rdpwhy(&place);
    command.args(["-Y", "cause == tcp.refused && not ok", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    let mut pipe = child.stdin.take().expect("piped");
    pipe.write_all(&refused()).expect("it reads");
    std::thread::sleep(Duration::from_millis(1500));
    drop(pipe);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(stdout(&output), "none of 1 session is what you asked for\n");
}

#[test]
fn ctrl_c_ends_it_with_the_whole_report() {
    let place = Place::new();
    let mut child = rdpwhy(&place).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
    let lines = lines(&mut child);
    let mut pipe = child.stdin.take().expect("piped");
    pipe.write_all(&refused()).expect("it reads");
    let first = lines.recv_timeout(LONG).expect("a line before the end");
    assert!(first.contains("neg.hybrid-required"), "{first}");
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill runs").success());
    let rest: Vec<String> = lines.iter().collect();
    assert!(rest.iter().any(|line| line.starts_with("1 session: 1 died") && line.contains("9 packets")), "{rest:#?}");
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
    drop(pipe);
}

/// Ctrl-C reaches the writer, too, and tcpdump without -U has kept the best for its end.
#[test]
fn what_the_writer_still_holds_at_ctrl_c_is_waited_for() {
    let place = Place::new();
    let mut child = rdpwhy(&place).arg("-1").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
    let lines = lines(&mut child);
    let mut pipe = child.stdin.take().expect("piped");
    let mut packets = refused_packets(0, 49811);
    packets.extend(refused_packets(60_000, 49812));
    let bytes = pcap(1, &packets);
    // All of the first session, and nothing that ends the second one.
    let (first, rest) = bytes.split_at(refused().len() + 150);
    pipe.write_all(first).expect("it reads");
    lines.recv_timeout(LONG).expect("a line before the end");
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill runs").success());
    std::thread::sleep(Duration::from_millis(100));
    pipe.write_all(rest).expect("it still reads");
    drop(pipe);
    let rest: Vec<String> = lines.iter().collect();
    assert!(rest.iter().any(|line| line.contains("14 neg.hybrid-required")), "{rest:#?}");
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
}

#[test]
fn one_wish_to_end_that_comes_as_two_signals_is_no_impatience() {
    let place = Place::new();
    let mut child = rdpwhy(&place).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
    let lines = lines(&mut child);
    let mut pipe = child.stdin.take().expect("piped");
    pipe.write_all(&refused()).expect("it reads");
    lines.recv_timeout(LONG).expect("a line before the end");
    // As timeout does, and a terminal that is closed.
    let both = format!("kill -TERM {0} && kill -HUP {0}", child.id());
    assert!(std::process::Command::new("sh").args(["-c", &both]).status().expect("sh runs").success());
    let rest: Vec<String> = lines.iter().collect();
    assert!(rest.iter().any(|line| line.starts_with("1 session: 1 died")), "{rest:#?}");
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
    drop(pipe);
}
