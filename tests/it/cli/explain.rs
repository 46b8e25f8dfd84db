//! `rdpwhy explain`: numbers in all spellings, slips, and captures that are asked what they say.

use std::path::Path;

use super::small::{Place, refused};
use super::{code, fails, rdpwhy, run, stderr, stdout};

#[test]
fn a_slip_gets_a_suggestion() {
    let place = Place::new();
    for (word, text) in [
        ("alrt:45", "error: nothing is known of alrt:45\n  = help: did you mean alert:45?\n"),
        (
            "alert:certificate_expird",
            "error: alert:certificate_expird: no such number\n  = help: did you mean certificate_expired?\n",
        ),
        (
            "STATUS_LOGON_FAILUR",
            "error: nothing is known of STATUS_LOGON_FAILUR\n  = help: did you mean STATUS_LOGON_FAILURE?\n",
        ),
        ("phase", "error: nothing is known of phase\n  = help: did you mean phases?\n"),
        (
            "neg.hybrid-requird",
            "error: nothing is known of neg.hybrid-requird\n  = help: did you mean neg.hybrid-required?\n",
        ),
    ] {
        fails(&place, &["explain", word], 2, text);
    }
}

#[test]
fn families_by_prefix_in_any_case_and_as_two_words() {
    let place = Place::new();
    for (words, title) in [
        (&["NEG:5"][..], "neg:5  HYBRID_REQUIRED_BY_SERVER\n"),
        (&["alert", "45"], "alert:45  certificate_expired\n"),
        (&["Certificate", "Expired"], "alert:45  certificate_expired\n"),
        (&["krb:24"], "krb:24  KDC_ERR_PREAUTH_FAILED\n"),
        (&["status:0xC000006D"], "status:0xc000006d  STATUS_LOGON_FAILURE\n"),
        (&["0xc000006d"], "status:0xc000006d  STATUS_LOGON_FAILURE\n"),
        (&["mstsc:2308"], "mstsc:0x904 (2308)  disconnectReasonAtClientWinsockFDCLOSE\n"),
        (&["event:36870"], "event:36870\n"),
        (&["gateway:0x800759DA"], "gateway:0x800759da  E_PROXY_RAP_ACCESSDENIED\n"),
        (&["build:22621"], "build:22621  Windows 11 22H2\n"),
        (&["pdu:data:0x2f"], "pdu:data:0x2f  PDUTYPE2_SET_ERROR_INFO_PDU\n"),
        (&["cipher:0xC030"], "cipher:0xc030  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\n"),
        (&["RDP", "10.7"], "version:0x0008000c  RDP 10.7\n"),
    ] {
        let output = run(&place, &[&["explain"], words].concat());
        assert_eq!(code(&output), 0, "{words:?}");
        assert!(stdout(&output).starts_with(title), "{words:?}: {}", stdout(&output));
    }
    for topic in ["codes", "phases", "filter", "keys", "events", "json", "exit", "causes", "mstsc", "pdu"] {
        assert_eq!(code(&run(&place, &["explain", topic])), 0, "{topic}");
    }
}

#[test]
fn both_numbers_of_a_dialog() {
    let place = Place::new();
    let page = stdout(&run(&place, &["explain", "0x904", "0x7"]));
    assert!(page.starts_with("0x904 (2308)  disconnectReasonAtClientWinsockFDCLOSE"), "{page}");
    assert!(page.contains("tls.server-silent-close") && page.contains("do not rename MachineKeys"), "{page}");
    for words in
        [&["2308", "7"][..], &["0x904/0x7"], &["0x904,0x7"], &["Error code: 0x904", "Extended error code: 0x7"]]
    {
        assert_eq!(stdout(&run(&place, &[&["explain"], words].concat())), page, "{words:?}");
    }
}

#[test]
fn lines_as_they_are_pasted() {
    let place = Place::new();
    for (words, title) in [
        (&["Error code: 0x904"][..], "mstsc:0x904 (2308)  "),
        (&["error", "code", "0x904"], "mstsc:0x904 (2308)  "),
        (&["(0x904)"], "mstsc:0x904 (2308)  "),
        (&["error 0x904, extended 0x7"], "0x904 (2308)  "),
        (&["event", "id", "36870"], "event:36870\n"),
        (&["errinfo 0x5"], "errinfo:0x5  "),
        (&["alert 48"], "alert:48  unknown_ca\n"),
        (&["alert"], "alert: TLS alert"),
        (&["-1073741715"], "status:0xc000006d  "),
        (&["-2146893048", "-1"], "status:0x80090308  "),
        (&["ERRCONNECT_LOGON_FAILURE"], "freerdp:0x00020014  "),
        (&["0x1000c"], "errinfo:0xc  "),
        (&["cert-expired"], "tls.cert-expired\n"),
        (&["mtu"], "causes that say mtu"),
        (&["password"], "causes that say password"),
        (&["black", "screen"], "what a client shows, about so:\n  the screen stays black\n"),
        (&["the", "logon", "attempt", "failed"], "what a client shows, about so:\n  the logon attempt failed\n"),
    ] {
        let output = run(&place, &[&["explain"], words].concat());
        let text = stdout(&output);
        // What -1 asks for has no place there, and is no number of a log either.
        let is_refused = words.contains(&"-1");
        assert_eq!(code(&output), if is_refused { 2 } else { 0 }, "{words:?}: {}", stderr(&output));
        assert!(is_refused || text.starts_with(title), "{words:?}: {text}");
    }
    fails(&place, &["explain", ""], 2, "error: nothing to explain: the word is empty\n");
    let unknown = run(&place, &["explain", "0x1f07"]);
    assert!(stderr(&unknown).contains("..07: NLA and certificates"), "{}", stderr(&unknown));
}

#[test]
fn who_forgot_the_word_explain_is_told() {
    let place = Place::new();
    let words = run(&place, &["0x904", "0x7"]);
    assert_eq!(code(&words), 3);
    assert_eq!(stderr(&words), "error: no file 0x904\n  = help: for what it means: rdpwhy explain 0x904 0x7\n");
    fails(&place, &["none.pcap"], 3, "error: no file none.pcap\n");
}

#[test]
fn commands_have_help_of_their_own() {
    let place = Place::new();
    for words in [&["explain", "--help"][..], &["explain", "-h"], &["help", "explain"]] {
        let output = run(&place, words);
        assert_eq!(code(&output), 0);
        assert!(stdout(&output).starts_with("rdpwhy explain [WORD]"), "{words:?}");
        assert!(stdout(&output).lines().all(|line| line.chars().count() <= 80), "{}", stdout(&output));
    }
    assert!(stdout(&run(&place, &["tui", "--help"])).starts_with("rdpwhy tui FILE..."));
    assert_eq!(stdout(&run(&place, &["help"])), stdout(&run(&place, &["-h"])));
    assert_eq!(stdout(&run(&place, &["version"])), stdout(&run(&place, &["-V"])));
}

#[test]
fn a_capture_is_asked_what_it_says() {
    let place = Place::new();
    place.file("a.pcap", &refused());
    let page = stdout(&run(&place, &["explain", "0x904", "0x7"]));
    let output = run(&place, &["explain", "0x904", "0x7", "a.pcap"]);
    let text = stdout(&output);
    assert_eq!((code(&output), stderr(&output).as_str()), (1, ""));
    let report = text.strip_prefix(&page).expect("the page first").trim_start();
    assert!(report.starts_with("died[neg.hybrid-required]: "), "{report}");
    assert!(report.contains("\n  --> a.pcap:5, proven, session #1"), "{report}");
    for line in [
        "\n  confirmed    TLS or security layer do not match; frame 5: ",
        "\n  refuted      a firewall blocks it; frame 2: ",
        "\n  not reached  the certificate has expired; frame 5: ",
        "\n  not reached  the licence cache (MSLicensing); frame 5: ",
        "\n  = note: for this the Windows client shows 0xb09",
    ] {
        assert!(report.contains(line), "{line}: {report}");
    }
    assert!(report.lines().all(|line| line.chars().count() <= 80), "{report}");
    // the words and the capture in any order; options as for judging
    let alone = run(&place, &["explain", "a.pcap", "--fail-on", "never"]);
    assert_eq!(code(&alone), 0);
    assert!(report.replace("  = note: ", "").contains(stdout(&alone).lines().next().expect("a line")));
    assert_eq!(code(&run(&place, &["explain", "a.pcap", "neg:5"])), 1);
}

#[test]
fn what_cannot_be_had_is_said() {
    let place = Place::new();
    place.file("a.pcap", &refused());
    let none = run(&place, &["explain", "0x904", "0x7", "none.pcap"]);
    assert_eq!(code(&none), 3);
    assert!(stderr(&none).starts_with("error: "), "{}", stderr(&none));
    let json = run(&place, &["explain", "0x904", "0x7", "a.pcap", "--json"]);
    assert_eq!((code(&json), stdout(&json).as_str()), (2, ""));
    for words in [&["explain", "--json", "neg:5"][..], &["explain", "neg:5", "-Y", "died"]] {
        let ignored = run(&place, words);
        assert_eq!((code(&ignored), stdout(&ignored).as_str()), (2, ""), "{words:?}");
    }
    let slip = run(&place, &["explain", "alrt:45", "a.pcap"]);
    assert_eq!(code(&slip), 2);
    assert!(!stdout(&slip).contains("died["), "{}", stdout(&slip));
}

#[test]
fn the_answer_in_the_readme_is_a_real_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).expect("a README");
    let (_, sample) = readme.split_once("\n$ rdpwhy explain ").expect("a sample");
    let (sample, _) = sample.split_once("\n```").expect("its end");
    let (words, expected) = sample.split_once('\n').expect("an answer");
    let mut command = rdpwhy(&Place::new());
    let output = command.current_dir(root).arg("explain").args(words.split(' ')).output().expect("it runs");
    for part in expected.split("...\n").filter(|part| !part.is_empty()) {
        assert!(stdout(&output).contains(part), "{part}\n{}", stdout(&output));
    }
}
