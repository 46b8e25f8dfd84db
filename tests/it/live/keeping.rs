//! Packets that a running capture keeps: rings, only the dead, disks that are full, users who may not.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::{Listening, ask, confirms_and_leaves, gist, is_inside, rdpwhy, refuses, session};

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("one").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// What a file says of its sessions; it must be whole.
fn read(directory: &Path, name: &str) -> Vec<(u64, [String; 4])> {
    let output = rdpwhy(directory, &["--json", name]).output().expect("it runs");
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(complaint, "", "{name}");
    String::from_utf8_lossy(&output.stdout).lines().filter_map(gist).collect()
}

#[test]
#[ignore = "runs in a namespace"]
fn caught_once() {
    if !is_inside() {
        return;
    }
    let place = tempfile::tempdir().expect("a directory");
    let words = ["-1", "-i", "lo", "-w", "r.pcapng", "-b", "packets:12", "-b", "files:2", "-a", "deaths:3"];
    let listening = Listening::start(place.path(), &words);
    let told: Vec<String> = (0..3)
        .map(|_| {
            session(refuses);
            listening.line().1
        })
        .collect();
    assert_eq!(listening.code(), 1);
    // Thirty packets: the third file has the last six, the second the twelve before.
    let names = names(place.path());
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names[0].starts_with("r_00002_") && names[1].starts_with("r_00003_"), "{names:?}");
    assert!(names.iter().all(|name| name.len() == "r_00002_20260311091422.pcapng".len()), "{names:?}");
    assert!(told[0].contains("r_00001_") && told[0].contains(".pcapng:6 "), "{told:?}");
    assert!(told[1].contains(&format!("{}:4 ", names[0])), "{told:?}");
    let wanted = rdpwhy(place.path(), &["--json", &names[0], &names[1]]).output().expect("it runs");
    let records = String::from_utf8_lossy(&wanted.stdout).into_owned();
    let third = records.lines().find(|line| line.contains("\"session\":3") || line.contains("\"session\":2"));
    assert!(third.is_some_and(|line| line.contains("neg.hybrid-required")), "{records}");
}

fn looks_and_leaves(client: std::net::TcpStream) {
    // The client asks nothing of what it finds.
    drop(client);
}

#[test]
#[ignore = "runs in a namespace"]
fn only_the_dead() {
    if !is_inside() {
        return;
    }
    let place = tempfile::tempdir().expect("a directory");
    let words = ["--json", "-i", "lo", "-w", "dead.pcapng", "--keep", "died", "-a", "duration:60"];
    let listening = Listening::start(place.path(), &words);
    let mut live = Vec::new();
    for (number, is_wanted) in [false, true, false, true].into_iter().enumerate() {
        if is_wanted {
            session(if number == 1 { refuses } else { confirms_and_leaves });
        } else {
            knock();
        }
        let told = gist(&listening.line().1).expect("a session");
        assert_eq!(told.1[0] == "\"died\"", is_wanted, "{told:?}");
        if is_wanted {
            live.push(told);
            // What is told is in the file already.
            thread::sleep(Duration::from_millis(200));
            assert_eq!(read(place.path(), "dead.pcapng"), live);
        }
    }
    listening.signal("-INT");
    let rest: Vec<String> = listening.lines.iter().map(|(_, line)| line).collect();
    assert!(rest.iter().all(|line| gist(line).is_none()), "nothing was told twice: {rest:?}");
    assert_eq!(listening.code(), 1);
    assert_eq!(read(place.path(), "dead.pcapng"), live);
}

/// A client that connects and says nothing.
fn knock() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 3389)).expect("the port is free in here");
    let server = thread::spawn(move || looks_and_leaves(listener.accept().expect("a client").0));
    drop(std::net::TcpStream::connect(("127.0.0.1", 3389)).expect("connected"));
    server.join().expect("served");
}

#[test]
#[ignore = "runs in a namespace"]
fn disk_full() {
    if !is_inside() {
        return;
    }
    let place = tempfile::tempdir().expect("a directory");
    let disk = place.path().join("disk");
    fs::create_dir(&disk).expect("made");
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=16k", "none"]).arg(&disk).status();
    if !mounted.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: no small disk can be made here");
        return;
    }
    let listening = Listening::start(place.path(), &["-1", "-i", "lo", "-w", "disk/kept.pcapng"]);
    // A session has some 1.3 kB of packets.
    for number in 0..25 {
        session(refuses);
        assert!(listening.line().1.contains("127.0.0.1:3389"), "session {number} is told, full disk or not");
    }
    listening.signal("-INT");
    assert_eq!(listening.code(), 3, "packets were to be kept and were not");
    let kept = read(&disk, "kept.pcapng");
    assert!(kept.len() > 5 && kept.len() < 20, "{}", kept.len());
    let _ = Command::new("umount").arg(&disk).status();
}

#[test]
#[ignore = "runs in a namespace"]
fn whose_files() {
    const NOBODY: u32 = 65534;
    if !is_inside() {
        return;
    }
    let place = tempfile::tempdir().expect("a directory");
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).expect("changed");
    let words = ["-v", "-i", "lo", "-w", "r.pcapng", "-b", "packets:2", "-a", "duration:2"];
    let run = |directory: &Path| {
        let mut command = rdpwhy(directory, &words);
        let output = command.env("SUDO_UID", NOBODY.to_string()).env("SUDO_GID", NOBODY.to_string()).output();
        let output = output.expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, text) = run(place.path());
    assert_eq!(code, Some(3), "{text}");
    assert!(text.starts_with("error: cannot write r.pcapng: permission denied") && text.contains("-Z root"), "{text}");
    let own = place.path().join("own");
    fs::create_dir(&own).expect("made");
    std::os::unix::fs::chown(&own, Some(NOBODY), Some(NOBODY)).expect("given");
    let peer = thread::spawn(|| {
        thread::sleep(Duration::from_millis(900));
        session(refuses);
    });
    let (code, text) = run(&own);
    peer.join().expect("served");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("as user nobody") && text.contains("landlock"), "{text}");
    let files = names(&own);
    assert!(files.len() >= 5, "{files:?}");
    for name in files {
        assert_eq!(fs::metadata(own.join(&name)).expect("there").uid(), NOBODY, "{name}");
    }
}

/// One who waits for the client to go on.
#[allow(clippy::needless_pass_by_value)]
fn waits(mut client: std::net::TcpStream) {
    ask(&mut client);
    thread::sleep(Duration::from_millis(100));
}

#[test]
#[ignore = "runs in a namespace"]
fn enough_bytes() {
    if !is_inside() {
        return;
    }
    let place = tempfile::tempdir().expect("a directory");
    let listening = Listening::start(place.path(), &["-1", "-i", "lo", "-w", "kept.pcapng", "-a", "filesize:2"]);
    session(waits);
    session(refuses);
    session(refuses);
    assert!([1, 4].contains(&listening.code()));
    let size = fs::metadata(place.path().join("kept.pcapng")).expect("there").len();
    assert!((2000..2400).contains(&size), "{size}");
}
