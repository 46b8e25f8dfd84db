//! What strangers can make grow, and that it does not: floods of every kind against a small budget.

#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
mod floods;
mod process;
mod company;
mod scarce;

use rdpwhy::engine::{Engine, Options};
use rdpwhy::frame::{Frame, FrameNumber, LinkType, Place, Timestamp};
use rdpwhy::session::Session;

use crate::captures::inside::{Made, look, memory};
use crate::craft::hello;
use crate::craft::x224;

/// What all tests here allow.
const BUDGET: usize = 24 << 20;

fn small() -> Options {
    Options { memory: BUDGET, ..Options::default() }
}

/// Sessions as the engine hands them out.
type Sessions = Vec<Box<Session>>;

/// Drives the engine alone, as the pump does, and looks at its budget after every packet.
fn driven(options: Options, mut next: impl FnMut(&mut Vec<u8>) -> Option<Timestamp>) -> (Sessions, Sessions) {
    let mut engine = Engine::new(options);
    let (mut bytes, mut evicted, mut number) = (Vec::new(), Vec::new(), 0);
    while let Some(time) = next(&mut bytes) {
        number += 1;
        let length = bytes.len() as u32;
        engine.push(&Frame {
            number: FrameNumber::new(0, number),
            time,
            link: LinkType::ETHERNET,
            bytes: &bytes,
            original_length: length,
            place: Place { offset: 0, length },
        });
        bytes.clear();
        if engine.is_over_budget() {
            evicted.extend(engine.evict());
            assert!(!engine.is_over_budget(), "at frame {number}");
        }
    }
    (evicted, engine.finish())
}

/// 150,000 connections that say nothing: each is judged once, early or in the end, and all are counted.
#[test]
fn half_open_connections() {
    let seen = look(&mut Made::new(floods::half_open(CLIENTS)), small());
    assert!(seen.early > 0);
    assert_eq!(seen.early + seen.cases.len() as u64, u64::from(CLIENTS));
    assert_eq!(seen.tally.sessions, u64::from(CLIENTS));
    let sum: u64 = seen.tally.outcomes().map(|(_, sessions)| sessions).sum();
    assert_eq!(sum, u64::from(CLIENTS));
}

const CLIENTS: u32 = 150_000;

#[test]
fn the_engine_keeps_to_its_budget() {
    let (evicted, kept) = driven(small(), floods::half_open(20_000));
    assert!(evicted.iter().all(|session| session.evicted) && !evicted.is_empty());
    assert_eq!(evicted.len() + kept.len(), 20_000);
    let bytes: usize = kept.iter().map(|session| session.memory()).sum();
    assert!(bytes <= BUDGET, "{bytes}");
}

/// Memory is short, and nothing that goes on is torn in two as long as something closed can go.
#[test]
fn what_is_closed_goes_first() {
    let (evicted, kept) = driven(small(), floods::given_up(20_000));
    assert!(!evicted.is_empty());
    assert!(evicted.iter().all(|session| session.resets().count() == 1));
    let running = kept.iter().filter(|session| session.resets().count() == 0).count();
    assert_eq!((running, evicted.len() + kept.len()), (20_000 / 16, 20_000));
}

/// Knocks at the UDP side channel count like connections.
#[test]
fn side_channels() {
    let seen = look(&mut Made::new(floods::knocks(20_000)), small());
    assert!(seen.early > 0);
    assert_eq!(seen.early + seen.cases.len() as u64, 20_000);
    let (evicted, kept) = driven(small(), floods::knocks(20_000));
    assert_eq!(evicted.len() + kept.len(), 20_000);
    assert!(kept.iter().map(|session| session.memory()).sum::<usize>() <= BUDGET);
}

/// What is said beside sessions is remembered for a while, never without end.
#[test]
fn questions_beside_sessions() {
    let options = Options { memory: 16 << 20, ..Options::default() };
    let (evicted, kept) = driven(options, floods::questions(60_000));
    assert!(evicted.is_empty() && kept.is_empty());
}

/// A day of pictures: 200 MB of records in 140,000 packets leave what a verdict needs.
#[test]
fn a_long_session() {
    const BYTES: usize = 200 << 20;
    let hello = hello::record(22, hello::TLS_1_2, &hello::server_hello(hello::TLS_1_2, hello::RSA_AES_256, 1));
    let record = hello::record(23, hello::TLS_1_2, &[0x5a; 16_384]);
    let records = record.repeat(24);
    let mut sent = 0;
    let words = move || {
        if sent == 0 {
            sent = hello.len();
            return Some((true, 0, hello.clone()));
        }
        let start = sent - hello.len();
        let from = start % record.len();
        let piece = &records[from..from + 1460];
        sent += 1460;
        (start < BYTES).then(|| (true, (sent - 1460) as u32, piece.to_vec()))
    };
    let (evicted, kept) = driven(small(), floods::session(floods::client(1), words));
    assert!(evicted.is_empty());
    let [session] = &kept[..] else { panic!("{} sessions", kept.len()) };
    assert!(session.timeline.len() <= 512, "{}", session.timeline.len());
    assert!(session.memory() < 256 << 10, "{}", session.memory());
    assert!(session.server_side().bytes > BYTES as u64);
    assert_eq!(session.gaps, 0);
    let (elided, _) = session.timeline.elided();
    let seen = session.records().count() as u64;
    assert_eq!((elided.records + seen) as usize, BYTES / (16_384 + 5), "{elided:?}");
}

/// Segments that leave a hole before each of them, acknowledged never: nothing can be read, little is kept.
#[test]
fn holes_without_end() {
    let mut nth = 0;
    let words = move || {
        nth += 1;
        (nth <= 60_000).then(|| (nth % 2 == 0, nth * 3_000, vec![0x17; 1_400]))
    };
    let options = Options { memory: 1 << 20, ..Options::default() };
    let (evicted, kept) = driven(options, floods::session(floods::client(1), words));
    assert!(evicted.is_empty(), "one connection fills no megabyte");
    assert!(kept[0].timeline.len() <= 512);
    assert!(kept[0].memory() < 256 << 10);
}

/// The same segment again and again: counted, not told each time.
#[test]
fn repetitions_without_end() {
    let mut nth = 0;
    let words = move || {
        nth += 1;
        (nth <= 100_000).then(|| (nth % 2 == 0, 0, vec![0x17; 100]))
    };
    let (_, kept) = driven(small(), floods::session(floods::client(1), words));
    assert!(kept[0].timeline.len() <= 64, "{}", kept[0].timeline.len());
    // So soon after each other they are the capture's own doing.
    assert_eq!(kept[0].sides.iter().map(|side| side.retransmissions + side.twins).sum::<u32>(), 99_998);
}

/// One-byte messages, each an event: the timeline keeps both ends of it.
#[test]
fn messages_without_end() {
    let alert = hello::alert(hello::TLS_1_2, 0);
    let mut nth = 0;
    let words = move || {
        nth += 1;
        (nth <= 50_000).then(|| (true, (nth - 1) * alert.len() as u32, alert.clone()))
    };
    let (_, kept) = driven(small(), floods::session(floods::client(1), words));
    assert!(kept[0].timeline.len() <= 512, "{}", kept[0].timeline.len());
    assert!(kept[0].timeline.elided().0.events > 40_000);
}

/// However often something was said again before it, the end of a session is noted.
#[test]
fn an_end_behind_many_repetitions() {
    use crate::craft::frame::RST;
    use crate::craft::talk::{Talk, Who};

    for nuisance in [
        (|talk: &mut Talk| talk.retransmit(Who::Server).wait(0.3)) as fn(&mut Talk) -> &mut Talk,
        |talk| talk.keepalive(Who::Server).wait(1.0),
        |talk| {
            let mut forged = talk.draft(Who::Server);
            (forged.seq, forged.flags) = (forged.seq.wrapping_add(9_000_000), RST);
            talk.forge(forged).wait(0.3)
        },
    ] {
        let mut talk = Talk::office();
        talk.handshake().client(&x224::asks("jdoe", x224::SSL)).server(&x224::confirm(&x224::selects(0, x224::SSL)));
        for _ in 0..100 {
            nuisance(&mut talk);
        }
        talk.server_rst();
        let seen = look(&mut memory(&talk.packets()), Options::default());
        let believed = seen.only().session.resets().filter(|(_, facts)| facts.in_window);
        assert_eq!(believed.count(), 1, "{}", seen.text);
        assert!(seen.only().session.timeline.len() < 100, "{}", seen.only().session.timeline.len());
    }
}
