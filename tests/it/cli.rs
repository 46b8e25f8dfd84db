//! The program as its users meet it: words and pipes in, text and exit codes out.

mod asked;
mod explain;
mod flowing;
mod outputs;
mod small;

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use small::{Place, pcap, refused, refused_packets, web};

/// The program, in a directory, with an environment that is the same everywhere.
fn rdpwhy(place: &Place) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("rdpwhy"));
    command.current_dir(place.path()).env_clear().env("LC_ALL", "C.UTF-8").env("TZ", "UTC").stdin(Stdio::null());
    if let Some(path) = std::env::var_os("LLVM_PROFILE_FILE") {
        command.env("LLVM_PROFILE_FILE", path);
    }
    command
}

fn run(place: &Place, words: &[&str]) -> Output {
    rdpwhy(place).args(words).output().expect("it runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

/// Runs it; it must fail with `expected` and say exactly `text`.
#[track_caller]
fn fails(place: &Place, words: &[&str], expected: i32, text: &str) {
    let output = run(place, words);
    assert_eq!(stderr(&output), text);
    assert_eq!(code(&output), expected);
    assert_eq!(stdout(&output), "");
}

// Help, version, manual.

#[test]
fn nothing_on_a_terminal_or_h_gives_one_screen_of_help() {
    let place = Place::new();
    let output = run(&place, &["-h"]);
    assert_eq!(code(&output), 0);
    let help = stdout(&output);
    assert!(help.lines().count() <= 22 && help.lines().all(|line| line.len() <= 80), "{help}");
    assert!(help.starts_with("rdpwhy "));
}

#[test]
fn long_help_version_manual_and_completions_go_to_stdout() {
    let place = Place::new();
    for (words, part) in [
        (&["--help"][..], "--fail-on"),
        (&["-V"], "BPF expressions"),
        (&["man"], ".TH rdpwhy"),
        (&["completions", "bash"], "_rdpwhy"),
        (&["completions", "zsh"], "#compdef rdpwhy"),
        (&["completions", "fish"], "complete -c rdpwhy"),
    ] {
        let output = run(&place, words);
        assert_eq!(code(&output), 0, "{words:?}");
        assert!(stdout(&output).contains(part), "{words:?}");
        assert_eq!(stderr(&output), "", "{words:?}");
    }
}

#[test]
fn explain_says_what_a_cause_means() {
    let place = Place::new();
    let output = run(&place, &["explain", "neg.hybrid-required"]);
    assert_eq!(code(&output), 0);
    let text = stdout(&output);
    assert!(text.starts_with("neg.hybrid-required\n") && text.contains("\n  on the client\n    - "), "{text}");
    assert!(stdout(&run(&place, &["explain", "exit"])).contains("nothing to judge"));
    assert!(stdout(&run(&place, &["explain"])).lines().count() > 20);
    let family = run(&place, &["explain", "tls.*"]);
    assert!(code(&family) == 0 && stdout(&family).contains("\n  tls.cert-expired "), "{}", stdout(&family));
    fails(
        &place,
        &["explain", "neg.hybrid-requird"],
        2,
        "error: nothing is known of neg.hybrid-requird\n  = help: did you mean neg.hybrid-required?\n",
    );
}

// Wrong usage.

#[test]
fn wrong_usage_is_2_and_says_what_to_type_instead() {
    let place = Place::new();
    fails(&place, &["--jsn", "x"], 2, "error: no such option: --jsn\n  = help: did you mean --json?\n");
    fails(&place, &["explian", "neg:5"], 2, "error: no such command: explian; did you mean explain?\n");
    fails(
        &place,
        &["ifaces", "foo"],
        2,
        "error: ifaces stands alone; what is foo for?\n  = help: a file of that name is ./ifaces\n",
    );
    fails(
        &place,
        &["--from", "2026-03-12", "--to", "2026-03-11", "x"],
        2,
        "error: --to is before --from: no session can be between them\n",
    );
    fails(&place, &["--config", "none.toml", "x"], 2, "error: cannot read none.toml: no such file or directory\n");
    fails(&place, &["tui", "-i", "eth0"], 2, "error: tui needs a terminal\n  = help: for text use: rdpwhy -i eth0\n");
    fails(
        &place,
        &["--format", "html", "x"],
        2,
        "error: --format html: not in this version, which writes text and json\n",
    );
    let zones = run(&place, &["--tz", "Europe/Nowhere", "x"]);
    assert_eq!(code(&zones), 2);
    assert!(stderr(&zones).starts_with("error: --tz Europe/Nowhere: no such time zone\n  = "));
}

#[test]
fn letters_of_tcpdump_mean_the_same_or_are_refused_in_one_line() {
    let place = Place::new();
    place.file("a.pcap", &refused());
    let plain = run(&place, &["a.pcap"]);
    for words in [&["-nn", "a.pcap"][..], &["-n", "-l", "-U", "-s", "0", "a.pcap"], &["-nnlr", "a.pcap"]] {
        let output = run(&place, words);
        assert_eq!((code(&output), stdout(&output)), (code(&plain), stdout(&plain)), "{words:?}");
    }
    for letter in ["-t", "-ttt", "-X", "-x", "-A", "-e", "-E", "-T", "-z", "-d"] {
        let output = run(&place, &[letter, "a.pcap"]);
        assert_eq!(code(&output), 2, "{letter}");
        assert!(stderr(&output).starts_with(&format!("error: {}: ", &letter[..2])), "{}", stderr(&output));
    }
}

#[cfg(feature = "live")]
#[test]
fn words_after_r_are_a_capture_filter() {
    let place = Place::new();
    place.file("a.pcap", &refused());
    let hit = run(&place, &["-r", "a.pcap", "host", "10.20.4.80", "and", "port", "3389"]);
    assert_eq!(code(&hit), 1);
    assert_eq!(code(&run(&place, &["-r", "a.pcap", "port", "443"])), 4);
    assert_eq!(stdout(&hit), stdout(&run(&place, &["-f", "host 10.20.4.80", "a.pcap"])));
}

#[cfg(feature = "live")]
#[test]
fn a_wrong_capture_filter_is_marked() {
    let place = Place::new();
    place.file("a.pcap", &refused());
    let output = run(&place, &["-f", "port 33a89", "a.pcap"]);
    assert_eq!(code(&output), 2);
    let text = stderr(&output);
    assert!(text.contains("  --> -f, column 6\n   |\n   | port 33a89\n   |      ^^^^^\n   = help: "), "{text}");
}

#[test]
fn a_wrong_session_filter_is_marked() {
    let place = Place::new();
    place.file("a.pcap", &refused());
    for option in ["-Y", "--fail-on"] {
        let output = run(&place, &[option, "died and clent:10.20.4.17", "a.pcap"]);
        assert_eq!(code(&output), 2);
        let text = stderr(&output);
        let place = format!("  --> {option}, column 10\n   |\n   | died and clent:10.20.4.17\n   |          ^^^^^");
        assert!(text.starts_with("error: ") && text.contains(&place), "{text}");
        assert!(text.contains("did you mean client?"), "{text}");
    }
}

#[test]
fn a_capture_is_never_overwritten() {
    let place = Place::new();
    let file = place.file("a.trace", &refused());
    let before = std::fs::read(&file).expect("there");
    fails(
        &place,
        &["a.trace", "-o", "./a.trace"],
        2,
        "error: ./a.trace is the input; a capture is never overwritten\n",
    );
    place.file("other.trace", &refused());
    let output = run(&place, &["a.trace", "-o", "other.trace"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).starts_with("error: other.trace is a capture; a capture is never overwritten\n"));
    assert_eq!(std::fs::read(&file).expect("there"), before);
}

// Inputs that cannot be read.

#[test]
fn an_empty_file() {
    let place = Place::new();
    place.file("empty.pcap", b"");
    fails(
        &place,
        &["empty.pcap"],
        3,
        "\
error: empty.pcap is empty (0 bytes)
  = note: a capture without packets still has a header of 24 bytes or more; the
          program that wrote this one was probably stopped too early
",
    );
}

#[test]
fn a_file_of_something_else() {
    let place = Place::new();
    place.file("notes.txt", b"hello\n");
    fails(
        &place,
        &["notes.txt"],
        3,
        "\
error: notes.txt is not a capture file
  --> notes.txt, byte 0: 68 65 6c 6c 6f 0a            hello.
  = known: pcap, pcapng, each also as .gz, .zst or .lz4
  = help: Wireshark can convert others: editcap notes.txt out.pcapng
",
    );
}

#[test]
fn a_link_type_that_cannot_be_read() {
    let place = Place::new();
    place.file("wifi.pcap", &pcap(127, &refused_packets(0, 49811)));
    fails(
        &place,
        &["wifi.pcap"],
        3,
        "\
error: wifi.pcap: link type 127 (IEEE 802.11 with radiotap) is not supported
  = known: Ethernet, Linux cooked (SLL, SLL2), raw IP, BSD loopback, PPP
  = note: Wi-Fi frames are usually encrypted; capture on the wired side or on
          the client itself
",
    );
}

#[test]
fn no_file_or_an_empty_directory() {
    let place = Place::new();
    place.file("helpdesk.pcap", &refused());
    fails(&place, &["heldpesk.pcap"], 3, "error: no file heldpesk.pcap\n  = help: did you mean helpdesk.pcap?\n");
    std::fs::create_dir(place.path().join("none")).expect("made");
    let output = run(&place, &["none"]);
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).starts_with("error: no captures in none\n  = "));
}

#[test]
fn a_name_cannot_steer_the_terminal() {
    let place = Place::new();
    let output = run(&place, &["\x1b[2Jred"]);
    assert_eq!(code(&output), 3);
    assert!(!stderr(&output).contains('\x1b'));
}

#[test]
fn never_a_backtrace() {
    let place = Place::new();
    for word in ["nosuch.pcap", "--nope", "."] {
        let output = rdpwhy(&place).env("RUST_BACKTRACE", "1").arg(word).output().expect("it runs");
        let text = stderr(&output);
        assert!(text.starts_with("error: ") && !text.contains("backtrace") && !text.contains("panicked"), "{text}");
    }
}

#[test]
fn of_several_files_the_good_ones_are_judged() {
    let place = Place::new();
    place.file("a.pcap", &refused());
    place.file("notes.txt", b"hello\n");
    let output = run(&place, &["--brief", "a.pcap", "notes.txt"]);
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).starts_with("error: notes.txt is not a capture file\n"));
    assert!(stdout(&output).contains("neg.hybrid-required"));
}

#[test]
fn a_cut_file_is_a_warning_with_its_place() {
    let place = Place::new();
    let bytes = refused();
    place.file("cut.pcap", &bytes[..bytes.len() - 10]);
    let output = run(&place, &["cut.pcap"]);
    assert_ne!(code(&output), 3);
    let text = stderr(&output);
    assert!(text.starts_with("warning: cut.pcap is cut short: packet 9 needs "), "{text}");
    assert!(text.contains("the 8 packets before it were read"), "{text}");
}

// Exit codes of what could be read.

#[test]
fn something_died() {
    let place = Place::new();
    place.file("a.pcap", &refused());
    let output = run(&place, &["a.pcap"]);
    assert_eq!(code(&output), 1);
    assert!(stdout(&output).starts_with("died[neg.hybrid-required]: "), "{}", stdout(&output));
    assert!(stdout(&output).contains("a.pcap:5, proven"));
    assert_eq!(stderr(&output), "");
}

#[test]
fn fail_on_decides_what_fails() {
    let place = Place::new();
    place.file("a.pcap", &refused());
    let with = |expression: &str| code(&run(&place, &["-qq", "--fail-on", expression, "a.pcap"]));
    assert_eq!(with("never"), 0);
    assert_eq!(with("cause:tls.*"), 0);
    assert_eq!(with("cause:neg.*"), 1);
    assert_eq!(with("server:10.20.1.9"), 1);
}

#[test]
fn qq_prints_nothing() {
    let place = Place::new();
    place.file("a.pcap", &refused());
    let output = run(&place, &["-q", "-q", "a.pcap"]);
    assert_eq!((code(&output), stdout(&output), stderr(&output)), (1, String::new(), String::new()));
    assert_eq!(stdout(&run(&place, &["-q", "a.pcap"])), "1 session: 1 died\n");
}

#[test]
fn no_rdp_is_4() {
    let place = Place::new();
    place.file("web.pcap", &web());
    let output = run(&place, &["web.pcap"]);
    assert_eq!(code(&output), 4);
    assert!(stdout(&output).starts_with("no RDP"), "{}", stdout(&output));
}

/// IPsec between two sites: that a client's packets did not pass here would be said too soon.
#[test]
fn a_tunnel_hides_what_is_in_it() {
    const ESP: u8 = 50;
    let place = Place::new();
    let mut packets = refused_packets(0, 50_000);
    packets.iter_mut().for_each(|(_, packet)| packet[23] = ESP);
    place.file("vpn.pcap", &pcap(1, &packets));
    let told = |name: &str| stdout(&run(&place, &[name])).contains("or: they are in a tunnel");
    place.file("web.pcap", &web());
    assert_eq!([told("vpn.pcap"), told("web.pcap")], [true, false]);
}

/// What is offered to paste names the very file, in whatever encoding its name is.
#[cfg(unix)]
#[test]
fn a_name_that_is_no_utf_8_can_be_pasted() {
    use std::os::unix::ffi::OsStrExt;
    let place = Place::new();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.pcap");
    std::fs::write(place.path().join(name), refused()).expect("written");
    let output = rdpwhy(&place).arg(name).output().expect("it runs");
    assert!(stdout(&output).contains(r"rdpwhy tui $'caf\xe9.pcap'"), "{}", stdout(&output));
    assert!(stdout(&output).contains(r"wireshark -r $'caf\xe9.pcap' -g "), "{}", stdout(&output));
}

#[test]
fn nothing_died_is_0() {
    let place = Place::new();
    let capture = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/healthy--nla-tls12.pcapng");
    let output = run(&place, &[capture.to_str().expect("UTF-8")]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
}

// Which sessions.

/// Two sessions, a minute apart.
fn two() -> Vec<u8> {
    let mut packets = refused_packets(0, 49811);
    packets.extend(refused_packets(60_000, 49812));
    pcap(1, &packets)
}

#[test]
fn sessions_by_number_time_and_filter() {
    let place = Place::new();
    place.file("two.pcap", &two());
    for (words, ports) in [
        (&[][..], &["49811", "49812"][..]),
        (&["--session", "2"], &["49812"]),
        (&["--session", "1-2"], &["49811", "49812"]),
        (&["--from", "+30s"], &["49812"]),
        (&["--to", "08:15"], &["49811"]),
        (&["--from", "2026-03-11T09:15:22+01:00"], &["49812"]),
        (&["--tz", "Etc/GMT-1", "--from", "09:15"], &["49812"]),
        (&["-Y", "cause:neg.* -session:1"], &["49812"]),
        (&["-Y", "ok"], &[]),
        (&["-c", "9"], &["49811"]),
        (&["-a", "duration:30"], &["49811"]),
    ] {
        let output = rdpwhy(&place).arg("--brief").args(words).arg("two.pcap").output().expect("it runs");
        let text = stdout(&output);
        assert_eq!(text.lines().count(), ports.len(), "{words:?}: {text}{}", stderr(&output));
        for (line, port) in text.lines().zip(ports) {
            assert!(line.contains(&format!("10.20.4.80:{port}")), "{words:?}: {text}");
        }
        assert_eq!(code(&output), i32::from(!ports.is_empty()), "{words:?}");
    }
}

/// Commands to go on with can be read at a glance, however many files there are.
#[test]
fn commands_offered_are_short() {
    let place = Place::new();
    let names: Vec<String> = (0..6_u16).map(|nth| format!("{}-{nth}.pcap", "a-long-name".repeat(4))).collect();
    for (nth, name) in (0..).zip(&names) {
        place.file(name, &pcap(1, &refused_packets(u32::from(nth) * 1000, 50_000 + nth)));
    }
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    assert!(stdout(&run(&place, &all)).contains("rdpwhy tui FILE..."));
    assert!(stdout(&run(&place, &["."])).contains("rdpwhy tui . "), "{}", stdout(&run(&place, &["."])));
    assert!(stdout(&run(&place, &all[..2])).contains(&format!("rdpwhy tui {} {}", all[0], all[1])));
}

#[test]
fn a_selection_that_leaves_nothing_does_not_claim_that_there_is_no_rdp() {
    let place = Place::new();
    place.file("two.pcap", &two());
    let output = run(&place, &["-Y", "ok", "two.pcap"]);
    assert_eq!(stdout(&output), "none of 2 sessions is what you asked for\n");
}

#[test]
fn several_files_are_one_capture_unless_separate() {
    let place = Place::new();
    place.file("a.pcap", &refused());
    place.file("b.pcap", &pcap(1, &refused_packets(60_000, 49812)));
    let merged = run(&place, &["-q", "a.pcap", "b.pcap"]);
    assert_eq!(stdout(&merged), "2 sessions: 2 died\n");
    assert_eq!(stdout(&run(&place, &["-q", "."])), stdout(&merged));
    let separate = run(&place, &["-q", "--separate", "a.pcap", "b.pcap"]);
    assert_eq!(stdout(&separate), "1 session: 1 died\n1 session: 1 died\n");
}

// Pipes.

/// Feeds `bytes` through a pipe.
fn piped(place: &Place, words: &[&str], bytes: &[u8]) -> Output {
    let mut child = rdpwhy(place)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    child.stdin.take().expect("piped").write_all(bytes).expect("read");
    child.wait_with_output().expect("it ends")
}

#[test]
fn standard_input_gives_the_same_but_the_name() {
    let place = Place::new();
    let path = place.file("a.pcap", &refused());
    for words in [&[][..], &["--brief"], &["-q"]] {
        let mut file = words.to_vec();
        file.push("a.pcap");
        let from_file = run(&place, &file);
        let mut dash = words.to_vec();
        dash.push("-");
        let redirected = std::fs::File::open(&path).expect("there");
        let outputs = [
            piped(&place, words, &refused()),
            piped(&place, &dash, &refused()),
            rdpwhy(&place).args(words).stdin(redirected).output().expect("it runs"),
        ];
        for output in outputs {
            assert_eq!(code(&output), code(&from_file));
            assert_eq!(without_names(&stdout(&output)), without_names(&stdout(&from_file)));
        }
    }
}

/// The report without what must differ: the name, and the commands that would read the file again.
fn without_names(text: &str) -> String {
    let kept = text.lines().filter(|line| !line.starts_with("look "));
    kept.map(|line| line.replace("a.pcap:", "stdin:") + "\n").collect()
}

#[test]
fn an_empty_pipe_is_named() {
    let place = Place::new();
    let output = run(&place, &[]);
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).starts_with("error: standard input is empty (0 bytes)\n"), "{}", stderr(&output));
    fails(&place, &["-", "-"], 2, "error: standard input can be read only once\n");
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = Place::new();
    let packets: Vec<_> = (0..2000).flat_map(|n| refused_packets(n * 100, 20_000 + n as u16)).collect();
    place.file("many.pcap", &pcap(1, &packets));
    for words in [&["--brief", "many.pcap"][..], &["--json", "many.pcap"], &["--help"]] {
        let mut child =
            rdpwhy(&place).args(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        let mut byte = [0];
        let mut out = child.stdout.take().expect("piped");
        out.read_exact(&mut byte).expect("something comes");
        drop(out);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(stderr(&output), "", "{words:?}");
        assert!(output.status.code().is_some(), "{words:?}");
    }
}

// Looks.

#[test]
fn colour_only_where_it_is_wanted() {
    let place = Place::new();
    place.file("a.pcap", &refused());
    let escapes = |words: &[&str], variables: &[(&str, &str)]| {
        let output =
            rdpwhy(&place).args(words).arg("a.pcap").envs(variables.iter().copied()).output().expect("it runs");
        stdout(&output).contains('\x1b')
    };
    assert!(!escapes(&[], &[("TERM", "xterm-256color")]), "a pipe");
    assert!(escapes(&["--color", "always"], &[]));
    assert!(escapes(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!escapes(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!escapes(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    let plain = stdout(&run(&place, &["a.pcap"]));
    let coloured = stdout(&run(&place, &["--color=always", "a.pcap"]));
    assert_eq!(without_sgr(&coloured), plain);
}

fn without_sgr(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[test]
fn ascii_when_asked_for_and_where_the_locale_is_not_utf8() {
    let place = Place::new();
    place.file("a.pcap", &refused());
    let with = |words: &[&str], locale: &str| {
        stdout(&rdpwhy(&place).args(words).arg("a.pcap").env("LC_ALL", locale).output().expect("it runs"))
    };
    assert!(!with(&[], "C.UTF-8").is_ascii());
    assert!(with(&["--ascii"], "C.UTF-8").is_ascii());
    assert!(with(&[], "C").is_ascii());
    assert!(with(&[], "C").contains("died"));
    assert!(with(&["--json"], "C").contains("\"outcome\":\"died\""));
}

#[test]
fn times_are_the_readers_and_json_is_everybodys() {
    let place = Place::new();
    place.file("a.pcap", &refused());
    let with = |words: &[&str], zone: &str| {
        stdout(&rdpwhy(&place).args(words).arg("a.pcap").env("TZ", zone).output().expect("it runs"))
    };
    assert!(with(&[], "<+01>-1").contains("2026-03-11 09:14:22 +01:00"), "{}", with(&[], "<+01>-1"));
    assert!(with(&["--utc"], "<+01>-1").contains("2026-03-11 08:14:22 +00:00"));
    assert!(with(&["--tz", "America/New_York"], "UTC").contains("2026-03-11 04:14:22 -04:00"));
    let json = with(&["--json"], "UTC");
    assert_eq!(json, with(&["--json"], "<+01>-1"));
    assert_eq!(json, with(&["--json", "--tz", "America/New_York"], "UTC"));
    assert!(json.contains("2026-03-11T08:14:22.000000000Z"), "{json}");
}

#[test]
fn prose_keeps_to_the_width() {
    let place = Place::new();
    place.file("a.pcap", &refused());
    let text = stdout(&run(&place, &["a.pcap"]));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let wide = stdout(&run(&place, &["--width", "140", "a.pcap"]));
    assert!(wide.lines().count() <= text.lines().count());
}

#[test]
fn a_report_in_a_file_and_the_totals_on_stdout() {
    let place = Place::new();
    place.file("a.pcap", &refused());
    for (name, words) in [("r.json", &["--json"][..]), ("r.txt", &[]), ("r.log", &["--brief"])] {
        let output = rdpwhy(&place).args(words).args(["-o", name, "a.pcap"]).output().expect("it runs");
        assert_eq!(stdout(&output), "1 session: 1 died\n");
        assert_eq!(code(&output), 1);
        let file = std::fs::read_to_string(place.path().join(name)).expect("written");
        let form = if name == "r.txt" { vec!["a.pcap"] } else { vec![words[0], "a.pcap"] };
        assert_eq!(file, stdout(&run(&place, &form)), "{name}");
    }
    let output = run(&place, &["-o", "no/such/directory/r.txt", "a.pcap"]);
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).starts_with("error: cannot write no/such/directory/r.txt: "), "{}", stderr(&output));
}

#[test]
fn json_is_one_object_a_line() {
    let place = Place::new();
    place.file("a.pcap", &refused());
    let text = stdout(&run(&place, &["--json", "a.pcap"]));
    let types: Vec<String> = text
        .lines()
        .map(|line| {
            let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
            record["type"].as_str().expect("a type").to_owned()
        })
        .collect();
    assert_eq!(types.first().map(String::as_str), Some("input"));
    assert_eq!(types.iter().filter(|kind| *kind == "session").count(), 1);
    assert_eq!(types.last().map(String::as_str), Some("summary"));
}

// What the README says.

#[test]
fn the_report_in_the_readme_is_a_real_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).expect("a README");
    let (_, sample) = readme.split_once("<!-- report -->\n```text\n$ rdpwhy ").expect("a sample");
    let (sample, _) = sample.split_once("\n```\n<!-- /report -->").expect("its end");
    let (capture, expected) = sample.split_once('\n').expect("a report");
    let mut command = rdpwhy(&Place::new());
    let output = command.current_dir(root).arg(capture).output().expect("it runs");
    let report = format!("{}$ echo $?\n{}", stdout(&output), code(&output));
    assert_eq!(report, expected, "what ./demo.sh prints belongs between the report marks of README.md");
}

#[test]
fn explain_answers_what_it_knows_and_says_what_it_does_not() {
    let place = Place::new();
    for words in [&["neg:5"][..], &["HYBRID_REQUIRED_BY_SERVER"], &["alert:45", "certificate_expired"], &["codes"]] {
        let output = run(&place, &[&["explain"], words].concat());
        assert_eq!(code(&output), 0, "{words:?}");
        assert!(!stdout(&output).is_empty());
    }
    let output = run(&place, &["explain", "neg:5", "0x9999"]);
    assert_eq!(code(&output), 2);
    assert!(stdout(&output).starts_with("neg:5  HYBRID_REQUIRED_BY_SERVER\n"));
    assert!(stderr(&output).contains("0x9999 is in none of the tables"), "{}", stderr(&output));
}

#[test]
fn a_report_names_no_command_that_does_not_work() {
    let place = Place::new();
    place.file("a.pcap", &refused());
    let text = stdout(&run(&place, &["a.pcap"]));
    assert!(text.contains("look     rdpwhy tui a.pcap     wireshark -r a.pcap -g "), "{text}");
    let output = run(&place, &["tui", "a.pcap"]);
    assert_eq!(code(&output), 2, "there is no terminal");
    assert_eq!(stderr(&output), "error: tui needs a terminal\n  = help: for text use: rdpwhy a.pcap\n");
    let explain = text.lines().find_map(|line| line.strip_prefix("explain  rdpwhy ")).expect("a command");
    let words: Vec<&str> = explain.split(' ').collect();
    assert_eq!(code(&run(&place, &words)), 0, "{explain}");
}
