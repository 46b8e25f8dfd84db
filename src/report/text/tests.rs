use insta::assert_snapshot;
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::*;
use crate::diagnose::verdict::By;
use crate::frame::{Truncation, TruncationKind};
use crate::report::sample::{self, Scene};
use crate::session::SessionId;

fn render(scene: &Scene, style: &Style) -> String {
    let mut out = Vec::new();
    TextReport { with_warnings: true }.write(&scene.run(), style, &mut out).expect("a Vec takes everything");
    String::from_utf8(out).expect("UTF-8")
}

fn shown(case: Case, path: &str) -> String {
    let scene = Scene::new(vec![case]).named(path);
    render(&scene, &scene.style())
}

#[test]
fn expired_certificate() {
    let text = shown(sample::expired(), "expired.pcap");
    assert!(text.lines().count() <= 23, "a proven death fits the screen with the prompt");
    assert_snapshot!(text);
}

#[test]
fn client_only_leaves() {
    assert_snapshot!(shown(sample::mstsc_cancel(), "mstsc-cancel.pcap"));
}

#[test]
fn forged_reset() {
    assert_snapshot!(shown(sample::forged(), "forged.pcap"));
}

#[test]
fn hybrid_required() {
    assert_snapshot!(shown(sample::hybrid(), "hybrid.pcap"));
}

#[test]
fn mtu_black_hole() {
    assert_snapshot!(shown(sample::mtu(), "vpn-users.pcapng"));
}

#[test]
fn certificate_hidden() {
    assert_snapshot!(shown(sample::win11(), "win11.pcap"));
}

#[test]
fn long_session() {
    assert_snapshot!(shown(sample::bulk(), "long.pcap"));
}

#[test]
fn cut_capture() {
    let mut scene = Scene::new(vec![sample::cut()]).named("helpdesk.pcap");
    scene.inputs[0].packets = 7;
    scene.inputs[0].truncated =
        Some(Truncation { offset: 1_948, length: 2_000, frame: 8, needs: 147, has: 52, why: TruncationKind::Cut });
    assert_snapshot!(render(&scene, &scene.style()));
}

#[test]
fn all_healthy() {
    let scene = Scene::new((1..=34).map(sample::healthy).collect()).named("healthy.pcap");
    assert_snapshot!(render(&scene, &scene.style()));
}

#[test]
fn several_causes_and_scans() {
    let mut cases = sample::all();
    for id in 11..=14 {
        let mut case = if id < 13 { sample::mtu() } else { sample::scan(id, id as u8) };
        case.session.id = SessionId(id);
        case.session.client.ip = [10, 88, 0, id as u8].into();
        cases.push(case);
    }
    let scene = Scene::new(cases).named("branch-office.pcapng");
    assert_snapshot!(render(&scene, &scene.style()));
}

#[test]
fn death_within_a_row_of_repetitions() {
    let mut case = sample::mtu();
    case.verdict.marks.clear();
    case.verdict.death.as_mut().expect("it died").frame = sample::frame(494);
    let text = shown(case, "vpn.pcap");
    assert!(text.contains("490 | 300 ms  TLS    ◄── 487 again, 6 × ───") && !text.contains("segment"), "{text}");
    assert_eq!(text.matches("died here").count(), 1, "{text}");
}

#[test]
fn thousands_stay_readable() {
    let mut cases = Vec::new();
    for id in 1..=1_500u32 {
        let mut case = if id % 3 == 0 { sample::expired() } else { sample::scan(id, (id % 250) as u8) };
        case.session.id = SessionId(id);
        cases.push(case);
    }
    let scene = Scene::new(cases).named("edge.pcapng");
    let text = render(&scene, &scene.style());
    assert!(text.lines().count() < 40, "{text}");
    assert!(text.contains("same: #6 #9 #12 #15 and 495 more"), "{text}");
    assert!(text.contains("1,500 sessions: 500 died, 1,000 scans"), "{text}");
}

#[test]
fn no_rdp() {
    let mut scene = Scene::new(Vec::new()).named("web.pcapng");
    scene.inputs[0].packets = 12_004;
    scene.elsewhere.tcp_connections = 83;
    scene.elsewhere.rdp_port_midstream = 2;
    scene.elsewhere.ports_seen_most = vec![(443, 61), (445, 9), (389, 6)];
    assert_snapshot!(render(&scene, &scene.style()));
}

#[test]
fn every_frame() {
    let scene = Scene::new(vec![sample::mtu()]).named("vpn-users.pcapng");
    assert_snapshot!(render(&scene, &Style { verbose: 2, ..scene.style() }));
}

#[test]
fn the_place_breaks_between_its_parts_and_never_in_a_path() {
    let long = format!("{}/capture.pcap", "a long path".repeat(8));
    let text = shown(sample::mtu(), &long);
    let place: Vec<&str> = text.lines().skip(1).take(3).collect();
    assert_eq!(place[0], format!("  --> {long}:487"), "{text}");
    assert_eq!(place[1], "      strong (1 sign for, none against), session #1");
    assert_eq!(place[2], "      mlopez@10.88.0.23:50122 → 10.20.1.9:3389");
    assert!(shown(sample::expired(), "a.pcap").contains("\n  --> a.pcap:8, proven, session #1, jdoe@10.20.4.17:51544"));
}

#[test]
fn scans_are_told_apart_by_what_they_did() {
    let mut cases: Vec<Case> = (1..=1_500).map(|id| sample::scan(id, 0)).collect();
    for case in &mut cases[..400] {
        case.verdict.headline = "one SYN, then nothing: spoofed or filtered scan".into();
    }
    let scene = Scene::new(cases);
    let text = render(&scene, &scene.style());
    assert!(text.contains("\n    1,100  connection request, then reset  scan.security-probe\n"), "{text}");
    assert!(text.contains("\n      400  one SYN, then nothing           spoofed or filtered scan\n"), "{text}");
}

#[test]
fn the_terminal_ui_is_named_where_there_is_one() {
    let scene = Scene::new(vec![sample::expired()]).named("a.pcap");
    assert!(!render(&scene, &scene.style()).contains("rdpwhy tui"));
    let text = render(&scene, &Style { has_screen: true, ..scene.style() });
    assert!(text.contains("\nlook     rdpwhy tui a.pcap     wireshark -r a.pcap -g 8\n"), "{text}");
}

#[test]
fn on_a_narrow_screen_the_text_stands_below_its_row() {
    let scene = Scene::new(vec![sample::hybrid()]).named("a.pcap");
    let text = render(&scene, &Style { width: 60, ..scene.style() });
    assert!(text.contains("\n   |         HYBRID_REQUIRED_BY_SERVER (5)\n   |         ^^^^"), "{text}");
    assert!(text.lines().all(|line| line.width() <= 60), "{text}");
}

#[test]
fn a_number_in_a_sentence_is_not_yet_a_frame() {
    let mut case = sample::mtu();
    case.verdict.evidence[0].text = "sent 487 times, and never acknowledged".into();
    assert!(shown(case, "a.pcap").contains("= evidence: sent 487 times, and never acknowledged (frame 487)"));
}

#[test]
fn colour_is_decoration() {
    let scene = Scene::new(sample::all());
    let plain = render(&scene, &scene.style());
    let coloured = render(&scene, &Style { color: true, ..scene.style() });
    assert_ne!(plain, coloured);
    let mut stripped = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\x1b') {
        stripped.push_str(before);
        rest = after.split_once('m').expect("a colour ends").1;
    }
    stripped.push_str(rest);
    assert_eq!(plain, stripped);
}

#[test]
fn quiet() {
    let scene = Scene::new(sample::all());
    assert_eq!(render(&scene, &Style { quiet: 1, ..scene.style() }), "10 sessions: 7 died, 1 unsure, 1 ok, 1 scan\n");
    assert_eq!(render(&scene, &Style { quiet: 2, ..scene.style() }), "");
}

/// A line may be too wide only when a single word is too long for it: a field or a command that must not be cut.
fn is_too_wide(line: &str, width: usize) -> bool {
    let uncut = ["rdpwhy ", "user hints used", "-->", "@"];
    let word = line.split(' ').map(UnicodeWidthStr::width).max().unwrap_or(0);
    line.width() > width && word + 46 <= width && !uncut.iter().any(|field| line.contains(field))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn hostile_text_stays_in_its_place(
        cookie in proptest::collection::vec(any::<u8>().prop_filter("ends the cookie", |b| *b != b'\r'), 1..40),
        name in "\\PC{0,60}|[\\x00-\\x7f]{0,60}",
        headline in "([a-zé→\\x1b]{1,12} ){1,20}",
        width in 80usize..110,
        ascii: bool,
        verbose in 0u8..3,
    ) {
        let mut cases = sample::all();
        for case in &mut cases {
            if case.session.request().is_some() {
                sample::rename_user(case, &cookie);
            }
            sample::rename_certificate(case, &name);
            case.verdict.headline = headline.clone().into();
            case.verdict.fixes = sample::with_one_more(case.verdict.fixes, "client", &headline, None);
            if let Some(death) = &mut case.verdict.death {
                death.by = By::Server;
            }
        }
        let scene = Scene::new(cases);
        let text = render(&scene, &Style { width, ascii, verbose, each: true, ..scene.style() });
        prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
        if ascii {
            prop_assert!(text.is_ascii());
        }
        for line in text.lines() {
            prop_assert!(verbose > 0 || !is_too_wide(line, width), "{line}");
        }
    }

    #[test]
    fn any_width_and_any_mark(width in 1usize..200, frame in 0u64..600, note in "[a-z ]{0,50}") {
        let mut cases = sample::all();
        for case in &mut cases {
            let frame = sample::frame(frame);
            case.verdict.marks.push(crate::diagnose::verdict::LadderMark { frame, is_death: false, note: note.clone().into() });
        }
        let scene = Scene::new(cases);
        let text = render(&scene, &Style { width, each: true, ..scene.style() });
        prop_assert!(text.contains("died here"));
    }
}

#[test]
fn numbers_of_one_session_are_not_said_of_another() {
    let mut cases = vec![sample::expired(), sample::expired(), sample::expired()];
    for (case, id) in cases.iter_mut().zip(1..) {
        case.session.id = SessionId(id);
    }
    let told = |cases: &[Case]| {
        let scene = Scene::new(Vec::new());
        let (all, style) = (cases.iter().collect::<Vec<_>>(), scene.style());
        let mut out = Vec::new();
        write_lines(&in_short(Same { cases: &all, total: 3 }, &style), &style, &mut out).expect("written");
        String::from_utf8(out).expect("UTF-8")
    };
    assert!(told(&cases).starts_with("died[tls.cert-expired]: #1 #2 #3: client refused"), "{}", told(&cases));
    cases[1].verdict.headline = "9.3 % sent twice".into();
    let text = told(&cases);
    assert!(text.starts_with("died[tls.cert-expired]: #1: client refused"), "{text}");
    assert!(text.trim_end().ends_with("; also #2 #3"), "{text}");
}
