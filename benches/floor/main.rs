//! How far from the least possible: the floor and the whole pipe over the same files, in the same process, in turns.
//!
//! ```text
//! cargo bench --bench floor -- --table FILE...    CPU milliseconds and ratio for captures on disk (pcap, Ethernet)
//! cargo bench --bench floor -- --floor FILE       the floor alone, once: for measuring whole processes
//! cargo bench --bench floor                       criterion, on a small workload made in memory
//! ```

mod system;
#[path = "../traffic/mod.rs"]
#[allow(dead_code)]
mod traffic;
mod walk;

use std::hint::black_box;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use criterion::{Criterion, Throughput};
use rdpwhy::capture;
use rdpwhy::diagnose::Case;
use rdpwhy::engine;
use rdpwhy::pump::{self, Pumped, Watcher};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What the program finds comfortable for reports, unless the user says otherwise; bytes.
const COMFORT: usize = 16 << 20;

/// Rounds of the table; the median counts.
const ROUNDS: usize = 5;

struct Nobody;

impl Watcher for Nobody {
    fn progress(&mut self, _: u64, _: u32, _: &capture::Progress) {}

    fn early(&mut self, cases: Vec<Case>) {
        black_box(cases);
    }

    fn streams(&self) -> bool {
        true
    }
}

fn main() {
    // cargo adds a word of its own
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--table", ref files @ ..] if !files.is_empty() => table(files),
        ["--floor", file] => println!("{:?}", floor(file)),
        _ => criterion(),
    }
}

fn seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_nanos() as u64)
}

fn floor(file: &str) -> walk::Seen {
    let mapped = system::Mapped::new(file).expect("can be mapped");
    walk::walk(mapped.bytes(), seed())
}

fn pipe(file: &str) -> Pumped {
    let mut source = capture::open_one(Path::new(file), &capture::Options::default()).expect("a capture");
    let options = engine::Options { comfort: COMFORT, ..engine::Options::default() };
    pump::run(&mut source, options, &mut Nobody).expect("goes on")
}

/// CPU milliseconds of `work`.
fn measured<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let before = system::cpu();
    let result = work();
    (system::cpu() - before, result)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn table(files: &[&str]) {
    println!("{:24} {:>10} {:>9} {:>9} {:>9} {:>6}", "file", "packets", "sessions", "floor ms", "pipe ms", "ratio");
    for file in files {
        let (mut floors, mut pipes) = (Vec::new(), Vec::new());
        let (mut packets, mut sessions) = (0, 0);
        for _ in 0..ROUNDS {
            let (time, seen) = measured(|| floor(file));
            floors.push(time);
            let (time, pumped) = measured(|| {
                let pumped = pipe(file);
                (pumped.frames, pumped.cases.len())
            });
            pipes.push(time);
            (packets, sessions) = pumped;
            assert_eq!(seen.packets, packets, "both read the same");
        }
        let (floor, pipe) = (median(floors), median(pipes));
        let name = Path::new(file).file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        println!("{name:24} {packets:>10} {sessions:>9} {floor:>9.0} {pipe:>9.0} {:>6.2}", pipe / floor);
    }
}

/// A pcap file with all packets of `traffic`.
fn stored(traffic: &traffic::Traffic) -> Vec<u8> {
    use rdpwhy::capture::{Next, Source as _};
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let mut file = words(&[0xa1b2_c3d4, 0x0004_0002, 0, 0, 262_144, 1]);
    let mut source = traffic.source();
    while let Ok(Next::Frame(frame)) = source.next() {
        let (seconds, rest) = (frame.time.seconds(), frame.time.0 % 1_000_000_000);
        let length = frame.bytes.len() as u32;
        file.extend(words(&[seconds as u32, (rest / 1000) as u32, length, length]));
        file.extend(frame.bytes);
    }
    file
}

fn criterion() {
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let directory = tempfile::tempdir().expect("a directory");
    for (name, traffic) in
        [("storm", traffic::storm(20_000)), ("bulk", traffic::bulk(100 << 20)), ("web", traffic::web(20_000))]
    {
        let path = directory.path().join(name);
        std::fs::write(&path, stored(&traffic)).expect("written");
        let path = path.to_str().expect("a plain name").to_owned();
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(traffic.packets()));
        group.bench_function("floor", |bencher| bencher.iter(|| black_box(floor(&path))));
        group.bench_function("pipe", |bencher| bencher.iter(|| black_box(pipe(&path))));
        group.finish();
    }
    criterion.final_summary();
}
