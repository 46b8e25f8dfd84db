//! Packets per second through the whole pipe, from frames in memory to verdicts.
//!
//! `cargo bench --bench pipe`, or with `-- --quick` for a first impression.

mod traffic;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rdpwhy::diagnose::Case;
use rdpwhy::engine::Options;
use rdpwhy::pump::{self, Pumped, Watcher};
use traffic::Traffic;

struct Nobody;

impl Watcher for Nobody {
    fn progress(&mut self, _: u64, _: u32, _: &rdpwhy::capture::Progress) {}

    fn early(&mut self, cases: Vec<Case>) {
        black_box(cases);
    }
}

fn run(traffic: &Traffic) -> Pumped {
    pump::run(&mut traffic.source(), Options::default(), &mut Nobody).expect("memory can be read")
}

fn pipe(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pipe");
    group.sample_size(10);
    // Each with its sessions: what is measured should be what is meant.
    let all = [
        ("storm", traffic::storm(20_000), 20_000),
        ("bulk", traffic::bulk(200 << 20), 1),
        ("web", traffic::web(20_000), 0),
    ];
    for (name, traffic, sessions) in &all {
        println!("{name}: {} packets, {} MiB", traffic.packets(), traffic.bytes() >> 20);
        assert_eq!(run(traffic).cases.len(), *sessions);
        group.throughput(Throughput::Elements(traffic.packets()));
        group.bench_with_input(*name, traffic, |bencher, traffic| bencher.iter(|| black_box(run(traffic))));
    }
    group.finish();
}

criterion_group!(benches, pipe);
criterion_main!(benches);
