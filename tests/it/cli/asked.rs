//! What was asked for and is not there, or is asked for in the way of another program: never silence, always a way on.

use super::small::{Place, pcap, refused, refused_packets};
use super::{code, run, stderr, stdout};

fn place() -> Place {
    let place = Place::new();
    let mut packets = refused_packets(0, 49811);
    packets.extend(refused_packets(60_000, 49812));
    place.file("two.pcap", &pcap(1, &packets));
    place
}

#[test]
fn a_selection_that_leaves_nothing_says_what_there_is() {
    let place = place();
    let none = "none of 2 sessions is what you asked for\n";
    for (words, rest) in [
        (&["--session", "7"][..], "  = known: sessions are numbered from 1 to 2\n"),
        (
            &["--utc", "--from", "10:00"],
            "  = known: it runs from 2026-03-11 08:14:22 +00:00 to 2026-03-11 08:15:22 +00:00\n",
        ),
        (&["-Y", "warn"], ""),
    ] {
        let output = run(&place, &[words, &["two.pcap"]].concat());
        assert_eq!(stdout(&output), format!("{none}{rest}"), "{words:?}");
        // A list stays one for those who read it line by line; whoever looks at the terminal is told.
        let list = run(&place, &[words, &["-1", "two.pcap"]].concat());
        assert_eq!((stdout(&list).as_str(), stderr(&list)), ("", format!("{none}{rest}")), "{words:?}");
    }
    let quiet = run(&place, &["-qq", "-Y", "warn", "two.pcap"]);
    assert_eq!((stdout(&quiet), stderr(&quiet)), (String::new(), String::new()));
}

#[cfg(feature = "live")]
#[test]
fn a_capture_filter_that_matches_nothing_is_not_blamed_on_the_capture() {
    let place = place();
    let output = run(&place, &["-r", "two.pcap", "port", "443"]);
    assert_eq!(code(&output), 4);
    let text = stdout(&output);
    assert!(text.starts_with("no RDP in two.pcap: the filter matches none of 18 packets\n"), "{text}");
    assert!(text.contains("vlan and port 3389") && !text.contains("looked for"), "{text}");
}

#[test]
fn a_filter_behind_a_file_needs_its_letter() {
    let place = place();
    let output = run(&place, &["two.pcap", "port", "3389"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (2, ""));
    assert_eq!(
        stderr(&output),
        "error: port: no such file; a filter stands behind -r FILE, or with -f\n  \
         = help: rdpwhy -f 'port 3389' two.pcap\n"
    );
    place.file("host", &refused());
    assert_eq!(code(&run(&place, &["two.pcap", "host"])), 1, "a file is a file");
}

#[test]
fn a_number_that_is_none_is_told_in_words() {
    let place = place();
    for words in [["-c", "x"], ["--port", "rdp"], ["--width", "wide"]] {
        let output = run(&place, &[&words[..], &["two.pcap"]].concat());
        assert_eq!(code(&output), 2);
        assert!(stderr(&output).ends_with("  = note: a whole number is wanted\n"), "{}", stderr(&output));
    }
}

#[test]
fn a_report_that_has_no_place_is_refused_before_anything_is_read() {
    let place = place();
    let output = run(&place, &["-o", "none/r.json", "two.pcap"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (3, ""));
    assert_eq!(stderr(&output), "error: cannot write none/r.json: there is no directory none\n");
    assert_eq!(code(&run(&place, &["-o", "none/", "two.pcap"])), 2);
}

#[test]
fn names_that_nothing_fits() {
    let place = place();
    let quoted = run(&place, &["*.pcapng"]);
    assert_eq!(code(&quoted), 3);
    assert!(stderr(&quoted).contains("nothing is put in place of *"), "{}", stderr(&quoted));
    assert!(stderr(&run(&place, &["tow.pcap"])).contains("did you mean two.pcap?"));
}

#[test]
fn a_line_without_a_death_names_its_file_where_files_are_apart() {
    let place = place();
    place.file("cut.pcap", &pcap(1, &refused_packets(0, 49811)[..3]));
    let output = run(&place, &["--separate", "-1", "two.pcap", "cut.pcap"]);
    let text = stdout(&output);
    let last = text.lines().last().unwrap_or_default();
    assert!(last.split_whitespace().nth(2) == Some("cut.pcap:-"), "{text}");
    assert!(text.lines().all(|line| line.split_whitespace().count() == 8), "{text}");
}

/// What goes to standard output one behind the other does so in a file, too: the last report is not all.
#[test]
fn reports_of_files_apart_are_all_in_the_file() {
    let place = place();
    place.file("b.pcap", &refused());
    for (name, form) in [("r.json", "--json"), ("r.txt", "--utc"), ("r.log", "-1")] {
        place.file(name, b"what was there before");
        let shown = stdout(&run(&place, &[form, "--separate", "two.pcap", "b.pcap"]));
        let output = run(&place, &[form, "--separate", "-o", name, "two.pcap", "b.pcap"]);
        assert_eq!(stdout(&output), "2 sessions: 2 died\n1 session: 1 died\n");
        assert_eq!(std::fs::read_to_string(place.path().join(name)).expect("written"), shown, "{name}");
        // Where the first cannot be read, what was there before still has to go.
        place.file(name, b"what was there before");
        run(&place, &[form, "--separate", "-o", name, "none.pcap", "b.pcap"]);
        let text = std::fs::read_to_string(place.path().join(name)).expect("written");
        assert!(!text.contains("what was there") && text.contains("neg.hybrid-required"), "{name}: {text}");
    }
}
