//! What a capture says although memory holds few of its sessions: as many sessions, the same verdicts.

use rdpwhy::capture::{Progress, Source};
use rdpwhy::diagnose::Case;
use rdpwhy::engine::Options;
use rdpwhy::frame::Timestamp;
use rdpwhy::pump::{self, Pumped, Watcher};

use super::floods::{End, SERVER, client, tcp};
use crate::captures::inside::Made;
use crate::craft::beside;
use crate::craft::frame::{ACK, FIN, PSH, RST, SYN};
use crate::craft::talk::BEGIN;

/// A report that holds little: nearly every session is given up on the way.
const SCARCE: usize = 1 << 20;

/// What all tests here have, where they do not say otherwise.
pub(super) const MEMORY: usize = 64 << 20;

pub(super) const SECOND: u64 = 1_000_000_000;

/// Number and cause of each session, in the order in which they are told.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) early: usize,
    pub(super) causes: Vec<(u32, Option<&'static str>)>,
}

impl Listed {
    fn add(&mut self, cases: &[Case]) {
        self.causes.extend(cases.iter().map(|case| (case.session.id.0, case.verdict.cause)));
    }

    fn all_are(&self, cause: &str) -> usize {
        let others = self.causes.iter().find(|(_, found)| *found != Some(cause));
        assert_eq!(others, None, "{cause}");
        self.causes.len()
    }
}

impl Watcher for Listed {
    fn progress(&mut self, _: u64, _: u32, _: &Progress) {}

    fn early(&mut self, cases: Vec<Case>) {
        self.early += cases.len();
        self.add(&cases);
    }

    fn streams(&self) -> bool {
        true
    }
}

/// Every session of `source`, with so many bytes of memory.
pub(super) fn listed(source: &mut dyn Source, memory: usize) -> (Listed, Pumped) {
    let mut listed = Listed::default();
    let options = Options { memory, comfort: SCARCE, ..Options::default() };
    let pumped = pump::run(source, options, &mut listed).expect("the source goes on");
    listed.add(&pumped.cases);
    (listed, pumped)
}

/// So many rounds, in each of which every one of so many clients has its turn.
fn rounds(rounds: u32, clients: u32) -> impl Iterator<Item = (u32, u32)> {
    (0..rounds).flat_map(move |round| (0..clients).map(move |nth| (round, nth)))
}

/// One packet: when, from, to, sequence and acknowledgment numbers, flags.
type Packet = (u64, End, End, (u32, u32), u8);

/// TCP packets without payload; times in nanoseconds since the beginning.
fn packets(packets: impl Iterator<Item = Packet>) -> impl Source {
    let mut packets = packets;
    Made::new(move |frame: &mut Vec<u8>| {
        let (time, from, to, numbers, flags) = packets.next()?;
        tcp(frame, from, to, numbers, flags, &[]);
        Some(Timestamp((BEGIN + time) as i64))
    })
}

/// An hour later the same ports are used again, and only the server's packets are in the capture: another session each.
#[test]
fn ports_that_are_used_again() {
    const CLIENTS: u32 = 8_000;
    let mut source = packets(rounds(2, CLIENTS).flat_map(|(round, nth)| {
        let time = u64::from(round) * 3_600 * SECOND + u64::from(nth) * 1_000_000;
        let from = 5000 + round * 77_000;
        [(time, SERVER, client(nth), (from, 1), PSH | ACK), (time + 1_000, SERVER, client(nth), (from, 1), RST | ACK)]
    }));
    let (listed, _) = listed(&mut source, MEMORY);
    assert!(listed.early > 0);
    assert_eq!(listed.causes.len(), 2 * CLIENTS as usize);
}

/// Each client knocks three times with the same SYN and takes it back: one session, whenever it was given up.
#[test]
fn the_same_syn_again() {
    const CLIENTS: u32 = 8_000;
    let mut source = packets(rounds(3, CLIENTS).flat_map(|(round, nth)| {
        let time = u64::from(round) * 20 * SECOND + u64::from(nth) * 1_000_000;
        [(time, client(nth), SERVER, (1000, 0), SYN), (time + 1_000, client(nth), SERVER, (1001, 0), RST)]
    }));
    let (listed, _) = listed(&mut source, MEMORY);
    assert!(listed.early > 0);
    assert_eq!(listed.causes.len(), CLIENTS as usize);
}

/// Another SYN on the same ports is another session, however soon it comes.
#[test]
fn another_syn() {
    const CLIENTS: u32 = 4_000;
    let mut source = packets(rounds(2, CLIENTS).flat_map(|(round, nth)| {
        let time = u64::from(round) * 20 * SECOND + u64::from(nth) * 1_000_000;
        let from = 1000 + round * 500_000;
        [(time, client(nth), SERVER, (from, 0), SYN), (time + 1_000, client(nth), SERVER, (from + 1, 0), RST)]
    }));
    let (listed, _) = listed(&mut source, MEMORY);
    assert!(listed.early > 0);
    assert_eq!(listed.causes.len(), 2 * CLIENTS as usize);
}

/// A monitor knocks every ten seconds for half a day; one visit was late. Every one of them is its health check.
#[test]
fn a_monitor_that_knocks_all_day() {
    let mut source = packets((0..4_000_u32).flat_map(|nth| {
        let late = if nth == 2_000 { SECOND * 3 } else { 0 };
        let time = u64::from(nth) * 10 * SECOND + late;
        let client = ([10, 20, 9, 1], 20_000 + nth as u16);
        [
            (time, client, SERVER, (1000, 0), SYN),
            (time + 100_000, SERVER, client, (5000, 1001), SYN | ACK),
            (time + 200_000, client, SERVER, (1001, 5001), ACK),
            (time + 300_000, client, SERVER, (1001, 5001), FIN | ACK),
            (time + 400_000, SERVER, client, (5001, 1002), FIN | ACK),
            (time + 500_000, client, SERVER, (1002, 5002), ACK),
        ]
    }));
    let (listed, _) = listed(&mut source, MEMORY);
    assert!(listed.early > 0);
    assert_eq!(listed.all_are("scan.health-check"), 4_000);
}

/// A neighbour that does not answer stays the hint, however many connections to others fill the table.
#[test]
fn a_hint_among_strangers() {
    let mut nth = 0;
    let mut source = Made::new(move |frame: &mut Vec<u8>| {
        if nth == 200_000 {
            return None;
        }
        match nth {
            0..3 => frame.extend(beside::arp_request([10, 20, 4, 33].into(), [10, 20, 1, 9].into())),
            _ => tcp(frame, client(nth), ([10, 20, 1, 7], 443), (1000, 7), ACK | PSH, b"hello"),
        }
        nth += 1;
        Some(Timestamp((BEGIN + u64::from(nth) * SECOND) as i64))
    });
    let (listed, pumped) = listed(&mut source, 8 << 20);
    assert!(listed.causes.is_empty() && pumped.cases.is_empty());
    assert_eq!(pumped.hints.len(), 1, "{:?}", pumped.hints);
}

/// Tables are seeded anew each time, and threads are as fast as they are: the report is the same.
#[test]
fn the_same_again() {
    let report = || {
        let strangers = |nth: u32| (client(nth + 100_000), ([10, 20, 1, 7], 443));
        let mut source = packets((0..30_000_u32).flat_map(|nth| {
            let time = u64::from(nth) * SECOND / 100;
            let (stranger, web) = strangers(nth);
            let client = client(nth / 3 * 3 % 5_000);
            let from = 1000 + nth * 64_000;
            [
                (time, stranger, web, (9, 9), ACK),
                (time, client, SERVER, (from, 0), SYN),
                (time + 1_000, SERVER, client, (from ^ 5, from + 1), if nth % 3 == 0 { RST | ACK } else { SYN | ACK }),
                (time + 2_000, client, SERVER, (from + 1, (from ^ 5) + 1), if nth % 7 == 0 { RST } else { ACK }),
            ]
        }));
        listed(&mut source, MEMORY).0
    };
    let first = report();
    assert!(first.early > 0 && first.causes.len() > 10_000, "{}", first.causes.len());
    for _ in 0..2 {
        assert!(report().causes == first.causes);
    }
}
