//! Real captures, in a network namespace of their own: the test runs itself again in it. Wants root and util-linux, and
//! says so where it cannot have them.

mod ending;
mod keeping;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Set in the namespace, and nowhere else.
pub(crate) const INSIDE: &str = "RDPWHY_TEST_NAMESPACE";

/// A connection request that offers TLS only.
const REQUEST: [u8; 19] = [3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 1, 0, 0, 0];
/// HYBRID_REQUIRED_BY_SERVER.
const REFUSAL: [u8; 19] = [3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 3, 0, 8, 0, 5, 0, 0, 0];
/// A confirm that chooses TLS.
const CONFIRM: [u8; 19] = [3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0, 8, 0, 1, 0, 0, 0];

#[test]
fn sessions_are_told_while_they_die() {
    let can = Command::new("unshare").args(["-n", "-m", "ip", "link", "set", "lo", "up"]).output();
    if !can.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: live captures are not tested: no right to make a network namespace");
        return;
    }
    let program = std::env::current_exe().expect("this test");
    const SCENES: &[&str] = &[
        "deaths",
        "signals",
        "vanished",
        "mistyped",
        "keeping::caught_once",
        "keeping::only_the_dead",
        "keeping::disk_full",
        "keeping::whose_files",
        "keeping::enough_bytes",
        "ending::killed",
        "ending::nobody_reads",
        "ending::second_signal",
        "ending::no_permission",
        "ending::not_asked_for",
        "ending::report_not_written",
    ];
    for scene in SCENES {
        let status = Command::new("unshare")
            .args(["-n", "-m", "sh", "-c", "ip link set lo up && exec \"$0\" \"$@\""])
            .arg(&program)
            .args(["--exact", &format!("live::{scene}"), "--ignored", "--nocapture"])
            .env(INSIDE, "1")
            .status();
        assert!(status.expect("it runs").success(), "{scene}");
    }
}

pub(crate) fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// The program, listening, and its lines as they come.
struct Listening {
    child: Child,
    lines: Receiver<(Instant, String)>,
}

fn rdpwhy(directory: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("rdpwhy"));
    command.current_dir(directory).env("LC_ALL", "C.UTF-8").env("TZ", "UTC").args(words).stdin(Stdio::null());
    command
}

impl Listening {
    fn start(directory: &Path, words: &[&str]) -> Self {
        let mut child =
            rdpwhy(directory, words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut errors = BufReader::new(child.stderr.take().expect("piped"));
        let mut greeting = String::new();
        errors.read_line(&mut greeting).expect("a greeting");
        assert!(greeting.starts_with("listening on "), "{greeting}");
        thread::spawn(move || std::io::copy(&mut errors, &mut std::io::stderr()));
        let (send, lines) = channel();
        let out = BufReader::new(child.stdout.take().expect("piped"));
        thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| send.send((Instant::now(), line))));
        // The threads that listen need a moment more than the greeting.
        thread::sleep(Duration::from_millis(200));
        Self { child, lines }
    }

    fn line(&self) -> (Instant, String) {
        self.lines.recv_timeout(Duration::from_secs(10)).expect("a line in time")
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().expect("kill").success());
    }

    /// What it exits with; it must not take long.
    fn code(mut self) -> i32 {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.code().unwrap_or(-1);
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        panic!("it does not end");
    }
}

/// A client that asks, and a server that does `serve`; when it was over.
pub(crate) fn session(serve: fn(TcpStream)) -> Instant {
    let listener = TcpListener::bind(("127.0.0.1", 3389)).expect("the port is free in here");
    let server = thread::spawn(move || serve(listener.accept().expect("a client").0));
    let mut client = TcpStream::connect(("127.0.0.1", 3389)).expect("connected");
    client.write_all(&REQUEST).expect("sent");
    let _ = client.read_to_end(&mut Vec::new());
    drop(client);
    let over = Instant::now();
    server.join().expect("served");
    over
}

fn ask(client: &mut TcpStream) {
    client.read_exact(&mut [0; 19]).expect("a request");
}

pub(crate) fn refuses(mut client: TcpStream) {
    ask(&mut client);
    client.write_all(&REFUSAL).expect("sent");
}

fn hangs_up(mut client: TcpStream) {
    ask(&mut client);
    let _ = client.shutdown(Shutdown::Both);
}

fn resets(client: TcpStream) {
    // What was not read makes the kernel answer the close with a reset.
    thread::sleep(Duration::from_millis(50));
    drop(client);
}

fn confirms_and_leaves(mut client: TcpStream) {
    ask(&mut client);
    client.write_all(&CONFIRM).expect("sent");
}

fn is_no_rdp(mut client: TcpStream) {
    ask(&mut client);
    client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").expect("sent");
}

/// What matters of a session record: client port, outcome, cause, how sure, death.
fn gist(line: &str) -> Option<(u64, [String; 4])> {
    let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
    let word = |value: &serde_json::Value| value.to_string();
    (record["type"] == "session").then(|| {
        let port = record["client"]["port"].as_u64().expect("a port");
        let death = word(&record["death"]["frame"]);
        (port, [word(&record["outcome"]), word(&record["cause"]), word(&record["sure"]), death])
    })
}

#[test]
#[ignore = "runs in a namespace"]
fn deaths() {
    if !is_inside() {
        return;
    }
    let place = tempfile::tempdir().expect("a directory");
    let scenes: [fn(TcpStream); 5] = [refuses, hangs_up, resets, confirms_and_leaves, is_no_rdp];
    let listening = Listening::start(
        place.path(),
        &["--json", "-i", "lo", "-w", "kept.pcapng", "-a", "sessions:5", "-a", "duration:60"],
    );
    let (mut live, mut waits) = (Vec::new(), Vec::new());
    for (number, scene) in scenes.into_iter().enumerate() {
        let over = session(scene);
        let (told, line) = listening.line();
        let waited = told.saturating_duration_since(over);
        eprintln!("told {} ms after the end", waited.as_millis());
        waits.push(waited);
        let gist = gist(&line).expect("a session");
        if number == 0 {
            assert_eq!(gist.1, ["\"died\"", "\"neg.hybrid-required\"", "\"proven\"", "6"]);
        }
        live.push(gist);
    }
    // A machine that does much else may be late once.
    waits.sort();
    assert!(waits[waits.len() / 2] < Duration::from_secs(1), "{waits:?}");
    let rest: Vec<String> = listening.lines.iter().map(|(_, line)| line).collect();
    assert!(rest.iter().all(|line| gist(line).is_none()), "nothing was told twice: {rest:?}");
    assert!(rest.last().is_some_and(|line| line.contains("\"type\":\"summary\"")), "{rest:?}");
    assert_eq!(listening.code(), 1);
    let file = rdpwhy(place.path(), &["--json", "kept.pcapng"]).output().expect("it runs");
    let file: Vec<_> = String::from_utf8_lossy(&file.stdout).lines().filter_map(gist).collect();
    assert_eq!(live, file, "the file says what was said live");
}

#[test]
#[ignore = "runs in a namespace"]
fn signals() {
    if !is_inside() {
        return;
    }
    let place = tempfile::tempdir().expect("a directory");
    for name in ["-INT", "-TERM", "-HUP"] {
        let listening = Listening::start(place.path(), &["-i", "any", "-1", "tcp port 3389"]);
        session(refuses);
        let (_, line) = listening.line();
        assert!(line.contains("neg.hybrid-required"), "{line}");
        listening.signal(name);
        assert_eq!(listening.code(), 1, "{name}");
    }
    // What was not kept cannot be opened, and no command says that it can.
    let listening = Listening::start(place.path(), &["-i", "lo", "-a", "duration:1"]);
    session(refuses);
    let report: Vec<String> = listening.lines.iter().map(|(_, line)| line).collect();
    assert!(report.iter().any(|line| line.starts_with("died[neg.hybrid-required]")), "{report:?}");
    assert!(!report.iter().any(|line| line.starts_with("look")), "{report:?}");
    assert_eq!(listening.code(), 1);
    let listening = Listening::start(place.path(), &["-i", "lo", "-q", "-a", "duration:1"]);
    session(refuses);
    assert_eq!(listening.line().1, "1 session: 1 died");
    assert_eq!(listening.code(), 1);
}

#[test]
#[ignore = "runs in a namespace"]
fn vanished() {
    if !is_inside() {
        return;
    }
    let ip = |words: &str| Command::new("ip").args(words.split(' ')).status().is_ok_and(|status| status.success());
    if !ip("link add test0 type veth peer name test1") {
        eprintln!("SKIPPED: no interface can be made here");
        return;
    }
    assert!(ip("link set test0 up") && ip("link set test1 up"));
    let place = tempfile::tempdir().expect("a directory");
    let listening = Listening::start(place.path(), &["-i", "test0", "-i", "lo", "-1", "-w", "kept.pcapng"]);
    session(refuses);
    listening.line();
    assert!(ip("link del test0"));
    // The other one goes on.
    session(hangs_up);
    listening.line();
    listening.signal("-INT");
    assert_eq!(listening.code(), 1);
    let file = rdpwhy(place.path(), &["-1", "kept.pcapng"]).output().expect("it runs");
    assert_eq!(String::from_utf8_lossy(&file.stdout).lines().count(), 2);
}

#[test]
#[ignore = "runs in a namespace"]
fn mistyped() {
    if !is_inside() {
        return;
    }
    let place = tempfile::tempdir().expect("a directory");
    let output = rdpwhy(place.path(), &["-i", "ol"]).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3));
    assert!(text.starts_with("error: no interface ol\n  = help: did you mean lo?\n"), "{text}");
    assert!(text.contains("127.0.0.1"), "{text}");
    let output = rdpwhy(place.path(), &["-i", "lo", "port", "33a89"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let output = rdpwhy(place.path(), &["-D"]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("lo "));
}

/// The sure word of the only session of `path`.
fn sure(directory: &Path, path: &str) -> String {
    let output = rdpwhy(directory, &["--json", path]).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().find_map(gist).map(|(_, [.., sure, _])| sure).expect("a session")
}

#[test]
fn packets_that_were_lost_weaken_what_rests_on_absence() {
    let place = tempfile::tempdir().expect("a directory");
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    // An Interface Statistics Block (pcapng 4.6) with isb_ifdrop 3.
    let mut block = vec![5, 0, 0, 0, 40, 0, 0, 0];
    block.extend([0; 12]);
    block.extend([5, 0, 8, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
    block.extend([0, 0, 0, 0, 40, 0, 0, 0]);
    for (name, is_weaker) in
        [("tcp.syn-no-answer--firewall-drops.pcapng", true), ("end.server-ended--keys-inside.pcapng", false)]
    {
        let mut bytes = std::fs::read(captures.join(name)).expect("a capture");
        std::fs::write(place.path().join("whole"), &bytes).expect("written");
        bytes.extend(&block);
        std::fs::write(place.path().join("lossy"), &bytes).expect("written");
        assert_eq!(sure(place.path(), "whole") != sure(place.path(), "lossy"), is_weaker, "{name}");
    }
}
