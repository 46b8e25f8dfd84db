//! Packets per second through the whole pipe, from frames in memory to verdicts.
//!
//! `cargo bench --bench pipe`, or with `-- --quick` for a first impression.

mod traffic;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rdpwhy::diagnose::Case;
use rdpwhy::engine::Options;
use rdpwhy::pump::{self, Watcher};
use traffic::Traffic;

struct Nobody;

impl Watcher for Nobody {
    fn progress(&mut self, _: u64, _: u32) {}

    fn early(&mut self, case: Case) {
        black_box(case);
    }
}

fn pipe(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pipe");
    group.sample_size(10);
    let all: [(&str, Traffic); 3] =
        [("storm", traffic::storm(20_000)), ("bulk", traffic::bulk(200 << 20)), ("web", traffic::web(20_000))];
    for (name, traffic) in &all {
        println!("{name}: {} packets, {} MiB", traffic.packets(), traffic.bytes() >> 20);
        for throughput in [Throughput::Elements(traffic.packets()), Throughput::Bytes(traffic.bytes())] {
            let unit = if matches!(throughput, Throughput::Bytes(_)) { "bytes" } else { "packets" };
            group.throughput(throughput);
            group.bench_with_input(BenchmarkId::new(*name, unit), traffic, |bencher, traffic| {
                bencher.iter(|| {
                    let pumped = pump::run(&mut traffic.source(), Options::default(), &mut Nobody);
                    black_box(pumped.expect("memory can be read"))
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, pipe);
criterion_main!(benches);
