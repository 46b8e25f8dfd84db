//! The screen of a running capture: fed with sessions, and on a real interface in a namespace of its own.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdpwhy::diagnose::Case;
use rdpwhy::diagnose::verdict::{Outcome, Verdict};
use rdpwhy::frame::{FrameNumber, Timestamp};
use rdpwhy::session::{Phase, SessionId};
use rdpwhy::tui::Model;
use rdpwhy::tui::feed::{News, Request, Whole};
use rdpwhy::tui::live::{LiveStart, Pulse};
use rdpwhy::tui::theme::Look;
use rdpwhy::tui::update::{Effect, Message};

use super::Screen;
use super::looks::picture;
use super::states::many;
use super::terminal::{PATIENCE, Terminal, program};
use crate::live::{INSIDE, is_inside, refuses, session};

const SECOND: i64 = 1_000_000_000;
/// When the capture began.
const START: Timestamp = Timestamp(1_773_216_800 * SECOND);

fn listening(width: u16, height: u16) -> Screen {
    let mut screen = Screen::empty("eth0", width, height);
    let mut start = super::start("eth0");
    start.again = None;
    start.live = Some(LiveStart {
        names: "eth0".into(),
        filter: "tcp port 3389 or udp port 3389 or icmp or icmp6, also in vlan".into(),
        file: Some("/tmp/rdpwhy-scratch.pcapng".into()),
        is_scratch: true,
        bell: false,
    });
    start.look = Look { zone: screen.model.look.zone.clone(), ..Look::default() };
    screen.model = Model::new(start, screen.model.size);
    screen
}

fn pulse(seconds: u64) -> Pulse {
    Pulse {
        now: Timestamp(START.0 + seconds as i64 * SECOND),
        seconds,
        frames: 1000 + seconds,
        rate: 1204,
        bits: 3_100_000,
        kept: 48_000_000,
        memory: (61_000_000, 302_000_000),
        packets: (0..seconds.min(60)).map(|second| [900, 80, 0, 300, 2500][second as usize % 5]).collect(),
        ..Pulse::default()
    }
}

fn beat(screen: &mut Screen, pulse: Pulse) {
    screen.tell(Message::News(News::Pulse(Box::new(pulse))));
}

/// Sessions that begin two seconds apart.
fn sessions() -> Vec<Arc<Case>> {
    let names = [
        "healthy--nla-tls12.pcapng",
        "tls.cert-expired--alert-45.pcap",
        "healthy--nla-tls12.pcapng",
        "neg.hybrid-required--ssl-only.pcap",
    ];
    let at = |case: &Arc<Case>| {
        let mut case = Case::clone(case);
        let begin = START.0 + i64::from(case.session.id.0) * 2 * SECOND;
        let by = begin - case.session.first.time.0;
        shift(&mut case, by);
        Arc::new(case)
    };
    many(&names, 3).iter().map(at).collect()
}

fn shift(case: &mut Case, by: i64) {
    let session = &mut case.session;
    for mark in [&mut session.first, &mut session.last] {
        mark.time.0 += by;
    }
    if let Some(death) = &mut case.verdict.death {
        death.time.0 += by;
    }
    let mut timeline = rdpwhy::session::Timeline::default();
    for event in session.timeline.iter() {
        let mut event = event.clone();
        event.time.0 += by;
        timeline.push(event);
    }
    session.timeline = timeline;
}

/// The same session while its handshake is in `phase`.
fn open(case: &Case, id: u32, phase: Phase) -> Arc<Case> {
    let mut case = case.clone();
    case.session.id = SessionId(id);
    let begin = START.0 + i64::from(id) * 2 * SECOND;
    let by = begin - case.session.first.time.0;
    shift(&mut case, by);
    let reached = Phase::ALL.into_iter().filter(|reached| *reached <= phase).collect();
    case.verdict = Verdict { reached, ..Verdict::open(case.verdict.end) };
    Arc::new(case)
}

fn busy(width: u16, height: u16) -> Screen {
    let mut screen = listening(width, height);
    let mut cases = sessions();
    cases.push(open(&cases[0].clone(), 13, Phase::Rdp));
    cases.push(open(&cases[0].clone(), 14, Phase::Nla));
    cases.push(open(&cases[0].clone(), 15, Phase::Tls));
    screen.tell(Message::News(News::Cases(cases)));
    beat(&mut screen, pulse(34));
    screen
}

#[test]
fn what_it_looks_like() {
    for (width, height) in [(80, 24), (120, 40), (200, 60), (60, 20), (34, 10)] {
        let name = |state: &str| format!("live-{state}-{width}x{height}");
        let mut screen = busy(width, height);
        picture(&name("follow"), &screen);
        screen.keys("k");
        picture(&name("free"), &screen);
        screen.keys("p");
        screen.tell(Message::News(News::Cases(vec![open(&sessions()[0], 16, Phase::X224)])));
        beat(&mut screen, pulse(39));
        picture(&name("frozen"), &screen);
        screen.keys("pF");
        beat(&mut screen, Pulse { kernel: 312, card: 4, ..pulse(41) });
        picture(&name("drops"), &screen);
        screen.keys("<Enter>");
        picture(&name("session"), &screen);
        screen.keys("<Esc>");
        let whole = Whole { cases: screen.model.cases.clone(), ..Whole::default() };
        screen.tell(Message::News(News::Told("eth0: the interface is gone".into())));
        screen.tell(Message::News(News::End(Box::new(whole))));
        picture(&name("gone"), &screen);
        screen.keys("Q");
        picture(&name("asks"), &screen);
    }
    let screen = listening(80, 24);
    picture("live-nothing-yet", &screen);
}

#[test]
fn a_handshake_has_a_clock_and_a_frozen_one_stands_still() {
    let mut screen = busy(120, 40);
    assert!(screen.text().contains("in NLA for 4.9 s"), "{}", screen.text());
    beat(&mut screen, pulse(36));
    assert!(screen.text().contains("in NLA for 6.9 s"), "{}", screen.text());
    assert!(screen.text().contains("10 s so far"), "{}", screen.text());
    screen.keys("p");
    beat(&mut screen, pulse(50));
    assert!(screen.text().contains("in NLA for 6.9 s") && screen.text().contains("00:00:50"), "{}", screen.text());
    screen.keys("p");
    assert!(screen.text().contains("in NLA for 21 s"), "{}", screen.text());
}

#[test]
fn d_is_the_last_death_and_who_moves_is_not_moved() {
    let mut screen = busy(120, 40);
    assert!(screen.model.follows, "it begins with the newest");
    screen.keys("d");
    assert_eq!(screen.model.subject().expect("one").session.id, SessionId(12));
    screen.tell(Message::News(News::Cases(vec![open(&sessions()[0], 16, Phase::X224)])));
    assert_eq!(screen.model.subject().expect("one").session.id, SessionId(12));
    screen.keys("F");
    assert_eq!(screen.model.subject().expect("one").session.id, SessionId(16));
}

#[test]
fn a_death_rings_only_when_asked_and_only_once() {
    for bell in [false, true] {
        let mut screen = listening(80, 24);
        screen.model.live.as_mut().expect("live").start.bell = bell;
        let dead = sessions()[1].clone();
        screen.tell(Message::News(News::Cases(vec![dead.clone()])));
        screen.tell(Message::News(News::Cases(vec![dead])));
        let rings = screen.effects.iter().filter(|effect| **effect == Effect::Bell).count();
        assert_eq!(rings, usize::from(bell));
    }
}

#[test]
fn sessions_that_leave_for_memory_are_still_counted() {
    let mut screen = busy(80, 24);
    screen.keys("kk");
    let selected = screen.model.subject().expect("one").session.id;
    let before = screen.model.count(Outcome::Ok);
    let left = vec![(SessionId(1), Outcome::Ok), (SessionId(3), Outcome::Ok)];
    screen.tell(Message::News(News::Left(left.clone())));
    assert_eq!(screen.model.cases.len(), 13);
    assert_eq!(screen.model.count(Outcome::Ok), before);
    assert_eq!(screen.model.subject().expect("one").session.id, selected);
    assert!(screen.line(1).contains("sessions 15:"), "{}", screen.line(1));
    // While the view stands still, nothing leaves it.
    screen.keys("p");
    screen.tell(Message::News(News::Left(vec![(SessionId(5), Outcome::Ok)])));
    assert_eq!(screen.model.cases.len(), 13);
    screen.keys("p");
    assert_eq!(screen.model.cases.len(), 12);
}

#[test]
fn leaving_asks_when_packets_would_be_lost() {
    for keys in ["Q", "q", "<C-c>", ":q<Enter>"] {
        let mut screen = busy(80, 24);
        screen.keys(keys);
        assert!(screen.text().contains("stop? 48.0 MB of packets are not saved"), "{keys}: {}", screen.text());
        assert!(!screen.effects.contains(&Effect::Quit));
        screen.keys("<Esc>");
        assert!(screen.model.overlay.is_none() && !screen.effects.contains(&Effect::Quit));
        screen.keys("Qq");
        assert_eq!(screen.effects.last(), Some(&Effect::Quit));
    }
    let mut screen = busy(80, 24);
    screen.keys("<C-c><C-c>");
    assert_eq!(screen.effects.last(), Some(&Effect::Quit), "who insists is let go");
    let mut screen = busy(80, 24);
    screen.keys("Qw<C-u>night.pcapng<Enter>");
    assert_eq!(screen.effects.last(), Some(&Effect::Ask(Request::Save("night.pcapng".into()))));
    screen.tell(Message::News(News::Saved(Err("night.pcapng is there already; nothing was written".into()))));
    assert!(screen.last_line().contains("is there already"), "{}", screen.last_line());
    screen.tell(Message::News(News::Saved(Ok("night.pcapng".into()))));
    assert_eq!(screen.effects.last(), Some(&Effect::Quit));
    let words = rdpwhy::tui::update::take::farewell(&screen.model);
    assert!(words[1].starts_with("again: rdpwhy tui night.pcapng --session "), "{words:?}");
    // What is kept anyway is not asked about.
    let mut screen = busy(80, 24);
    screen.model.live.as_mut().expect("live").start.is_scratch = false;
    screen.keys("Q");
    assert_eq!(screen.effects.last(), Some(&Effect::Quit));
}

#[test]
fn packets_of_a_session_that_goes_on_are_read_again() {
    let mut screen = busy(80, 24);
    let asked = |screen: &Screen| {
        screen.effects.iter().filter(|effect| matches!(effect, Effect::Ask(Request::Packets { .. }))).count()
    };
    screen.keys("<Enter>");
    assert_eq!(asked(&screen), 1);
    let mut grown = Case::clone(screen.model.subject().expect("one"));
    let last = grown.session.last.frame.number() + 5;
    let mut event = grown.session.timeline.iter().last().expect("an event").clone();
    event.frame = FrameNumber::new(0, last);
    grown.session.last.frame = event.frame;
    grown.session.timeline.push(event);
    screen.tell(Message::News(News::Cases(vec![Arc::new(grown)])));
    assert_eq!(asked(&screen), 1, "nobody looks at what is new");
    screen.keys("G");
    assert_eq!(asked(&screen), 2);
}

fn can_live() -> bool {
    let can = Command::new("unshare").args(["-n", "ip", "link", "set", "lo", "up"]).output();
    let can = can.is_ok_and(|output| output.status.success());
    if !can {
        eprintln!("SKIPPED: the live screen is not tested: no right to make a network namespace");
    }
    can
}

/// Sessions that the traffic below makes.
const SESSIONS: usize = 24;

/// Makes sessions, in the namespace that the test below makes.
#[test]
#[ignore = "runs in a namespace"]
fn traffic() {
    if !is_inside() {
        return;
    }
    for _ in 0..SESSIONS {
        session(refuses);
        std::thread::sleep(Duration::from_millis(150));
    }
}

/// A shell in a namespace, with the traffic started behind `rdpwhy tui -i lo` and `words`.
fn watch(terminal: &Terminal, words: &str) {
    let test = std::env::current_exe().expect("this test");
    let traffic =
        format!("(sleep 1; {INSIDE}=1 {} --exact screens::live::traffic --ignored >/dev/null 2>&1) &", test.display());
    terminal.run("exec unshare -n env PS1='inside> ' sh");
    terminal.wait("inside>");
    terminal.run(&format!("ip link set lo up; {traffic} {} tui -i lo {words}; echo code $?", program()));
    terminal.wait("LIVE lo");
}

#[test]
fn it_watches_an_interface_and_loses_nothing() {
    if !can_live() {
        return;
    }
    let Some(terminal) = Terminal::new(100, 30) else { return };
    let place = tempfile::tempdir().expect("a directory");
    let file = place.path().join("night.pcapng");
    watch(&terminal, "");
    terminal.wait("hybrid-required");
    terminal.wait("FOLLOW");
    terminal.key("k");
    terminal.wait("FREE, F follows");
    terminal.key("p");
    terminal.wait("FROZEN, +");
    terminal.until("held back", |text| !text.contains("+0 held back"));
    terminal.key("p");
    terminal.key("F");
    terminal.wait(&format!("sessions {SESSIONS}:"));
    terminal.key("d");
    terminal.key("Enter");
    terminal.wait("died here: frame");
    terminal.key("2");
    terminal.wait("failureCode HYBRID_REQUIRED_BY_SERVER (5)");
    terminal.key("Q");
    terminal.wait("packets are not saved");
    terminal.key("w");
    terminal.wait("write to: rdp-");
    terminal.key("C-u");
    terminal.run(&file.display().to_string());
    terminal.wait("code 0");
    assert!(terminal.text().contains("again: rdpwhy tui"), "{}", terminal.text());
    terminal.is_clean();
    let output = Command::new(program()).args(["-q", &file.display().to_string()]).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.starts_with(&format!("{SESSIONS} sessions:")), "{text}");
}

#[test]
fn an_interface_that_goes_a_signal_and_a_lost_terminal_end_it() {
    if !can_live() {
        return;
    }
    let Some(terminal) = Terminal::new(100, 30) else { return };
    watch(&terminal, "");
    terminal.wait("hybrid-required");
    terminal.kill("-HUP");
    terminal.wait("code 129");
    terminal.is_clean();
    terminal.run(&format!(
        "clear; ip link add t0 type veth peer name t1; ip link set t0 up; ip link set t1 up; {} tui -i t0; echo code $?",
        program()
    ));
    terminal.wait("LIVE t0");
    let inside = terminal.programs();
    assert_eq!(inside.len(), 1);
    let net = format!("/proc/{}/ns/net", inside[0]);
    let gone = Command::new("nsenter").args([&format!("--net={net}"), "ip", "link", "del", "t0"]).status();
    assert!(gone.expect("nsenter").success());
    terminal.wait("ENDED t0");
    terminal.key("q");
    terminal.wait("code 0");
    terminal.run(&format!("{} tui -i lo", program()));
    terminal.wait("LIVE lo");
    let inside = terminal.programs();
    terminal.tmux(&["kill-server"]);
    let start = Instant::now();
    while std::path::Path::new(&format!("/proc/{}", inside[0])).exists() {
        assert!(start.elapsed() < PATIENCE, "it goes on without a terminal");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn however_hard_it_is_ended_it_leaves_no_packets_behind() {
    if !can_live() {
        return;
    }
    let Some(terminal) = Terminal::new(100, 30) else { return };
    let place = tempfile::tempdir().expect("a directory");
    terminal.run(&format!("export TMPDIR={}", place.path().display()));
    watch(&terminal, "");
    terminal.wait("hybrid-required");
    terminal.wait("not saved");
    terminal.kill("-KILL");
    terminal.wait("code 137");
    let left: Vec<_> = std::fs::read_dir(place.path()).expect("reads").flatten().map(|entry| entry.path()).collect();
    assert!(left.is_empty(), "{left:?}");
}
