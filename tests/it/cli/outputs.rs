//! Where reports go: never over a capture, never in another form than was asked for, never half in silence.

use super::small::{Place, pcap, refused, refused_packets};
use super::{code, run, stderr, stdout};
use crate::craft::file::{gzip, merge};
use crate::craft::talk::{Side, Talk};
use crate::craft::x224;

fn place() -> Place {
    let place = Place::new();
    place.file("a.pcap", &refused());
    place
}

#[test]
fn a_compressed_capture_is_not_written_over_either() {
    let place = place();
    let packed = gzip(&refused());
    for name in ["b.pcap.gz", "backup", "c.json"] {
        place.file(name, &packed);
        let output = run(&place, &["-o", name, "a.pcap"]);
        assert_eq!(code(&output), 2, "{name}: {}", stderr(&output));
        assert_eq!(std::fs::read(place.path().join(name)).expect("there"), packed, "{name}");
    }
}

#[test]
fn the_form_that_was_asked_for_or_a_complaint() {
    let place = place();
    let begins = |words: &[&str], name: &str, wanted: &str| {
        let output = run(&place, words);
        assert_eq!(code(&output), 1, "{words:?}: {}", stderr(&output));
        let text = std::fs::read_to_string(place.path().join(name)).expect("there");
        assert!(text.contains(wanted), "{words:?}: {text}");
    };
    begins(&["--json", "-o", "x.log", "a.pcap"], "x.log", r#"{"type":"session""#);
    begins(&["--brief", "-o", "r.json", "a.pcap"], "r.json", r#"{"type":"brief""#);
    begins(&["-o", "s.json", "a.pcap"], "s.json", r#"{"type":"session""#);
    for words in [["--json", "-o", "x.txt", "a.pcap"], ["--format=text", "-o", "y.json", "a.pcap"]] {
        assert_eq!(code(&run(&place, &words)), 2, "{words:?}");
        assert!(!place.path().join(words[2]).exists());
    }
}

#[test]
fn nothing_that_is_asked_for_twice_is_forgotten() {
    let place = place();
    for words in [
        &["-f", "tcp", "-f", "host 10.20.1.9", "a.pcap"][..],
        &["-Y", "died", "-Y", "ok", "a.pcap"],
        &["-o", "a.txt", "-o", "b.txt", "a.pcap"],
    ] {
        let output = run(&place, words);
        assert_eq!(code(&output), 2, "{words:?}");
        assert!(stderr(&output).contains("stands there 2 times"), "{}", stderr(&output));
    }
}

#[test]
fn each_line_of_several_files_names_its_file() {
    let place = place();
    place.file("b.pcap", &refused());
    let output = run(&place, &["--separate", "--brief", "a.pcap", "b.pcap"]);
    let text = stdout(&output);
    let named = |name: &str| text.lines().filter(|line| line.contains(name)).count();
    assert_eq!((named("a.pcap:"), named("b.pcap:")), (1, 1), "{text}");
}

#[cfg(unix)]
#[test]
fn a_pipe_in_a_directory_is_not_waited_for() {
    let place = place();
    let made = std::process::Command::new("mkfifo").arg(place.path().join("p.pcap")).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: no mkfifo here");
        return;
    }
    assert_eq!(code(&run(&place, &["-q", "."])), 1);
}

#[test]
fn sessions_that_memory_has_no_room_for_are_told() {
    let place = Place::new();
    let mut talks = Vec::new();
    for port in 50_000..50_400 {
        let (client, server) = (Side::windows("10.20.4.17", port).hops(0), Side::windows("10.20.1.9", 3389).hops(2));
        let mut talk = Talk::new(client, server);
        talk.handshake().client(&x224::asks("jdoe", x224::MODERN));
        talks.push(talk.packets());
    }
    place.file("m.pcap", &crate::craft::file::pcap(&merge(talks)));
    let output = run(&place, &["-q", "--memory", "1M", "m.pcap"]);
    assert!(stderr(&output).contains("given up while running"), "{}", stderr(&output));
    assert!(!stderr(&run(&place, &["-q", "m.pcap"])).contains("given up"));
}

#[test]
fn programs_get_their_records_also_of_what_cannot_be_read() {
    let place = place();
    place.file("empty.pcap", b"");
    let records = |words: &[&str]| -> Vec<serde_json::Value> {
        let output = run(&place, words);
        assert_eq!(code(&output), 3, "{words:?}");
        stdout(&output).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let types = |records: &[serde_json::Value]| -> Vec<String> {
        records.iter().map(|record| record["type"].as_str().expect("a type").to_owned()).collect()
    };
    for name in ["none.pcap", "empty.pcap"] {
        let records = records(&["--json", name]);
        assert_eq!(types(&records), ["input", "summary"], "{name}");
        assert!(records[0]["warnings"][0].as_str().expect("a warning").starts_with("not read: "), "{}", records[0]);
        assert_eq!(records[1]["exit_code"], 3);
    }
    let both = records(&["--json", "a.pcap", "empty.pcap"]);
    let unread = both.iter().find(|record| record["path"] == "empty.pcap").expect("an input");
    assert!(unread["warnings"][0].as_str().expect("a warning").starts_with("not read: "), "{unread}");
}

#[test]
fn a_session_in_two_files_names_the_file_of_each_frame() {
    let place = Place::new();
    let packets = refused_packets(0, 49811);
    let (first, second) = packets.split_at(4);
    place.file("a.pcap", &pcap(1, first));
    place.file("b.pcap", &pcap(1, second));
    let text = stdout(&run(&place, &["a.pcap", "b.pcap"]));
    assert!(text.contains("--> b.pcap:1, proven"), "{text}");
    let ladder: Vec<&str> = text.lines().skip_while(|line| !line.contains("phase  client")).collect();
    assert_eq!(ladder[1].trim(), ": a.pcap", "{text}");
    let turn = ladder.iter().position(|line| line.trim() == ": b.pcap").expect("where the file changes");
    assert!(ladder[turn - 2].contains("offers SSL") && ladder[turn + 1].starts_with(" 1 |"), "{text}");
    assert!(text.contains("= evidence: frame 4 of a.pcap: the client offered SSL"), "{text}");
    let files = |names: &[&str]| {
        let output = run(&place, &[&["--json"], names].concat());
        let session = stdout(&output).lines().nth(names.len()).expect("a session").to_owned();
        let session: serde_json::Value = serde_json::from_str(&session).expect("JSON");
        session["evidence"].as_array().expect("a list").iter().map(|sign| sign["files"].clone()).collect::<Vec<_>>()
    };
    let told = files(&["a.pcap", "b.pcap"]);
    assert!(told.contains(&serde_json::json!(["a.pcap"])) && told.contains(&serde_json::json!(["b.pcap"])), "{told:?}");
    place.file("whole.pcap", &refused());
    assert!(files(&["whole.pcap"]).iter().all(serde_json::Value::is_null));
}

#[test]
#[cfg(target_os = "linux")]
fn a_report_that_its_file_cannot_take_is_not_lost() {
    let place = place();
    let output = run(&place, &["-o", "/dev/full", "a.pcap"]);
    assert!(stdout(&output).starts_with("died[neg.hybrid-required]"), "{}", stdout(&output));
    let complaint = "error: cannot write /dev/full: no space left on device\n";
    assert_eq!((code(&output), stderr(&output).as_str()), (3, complaint));
}
