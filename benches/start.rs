//! From nothing to a verdict: the whole program on a capture of a dozen packets.
//!
//! `cargo bench --bench start`

use std::process::{Command, Stdio};

use criterion::{Criterion, criterion_group, criterion_main};

fn start(criterion: &mut Criterion) {
    let capture = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/tls.cert-expired--alert-45.pcap");
    let run = || Command::new(env!("CARGO_BIN_EXE_rdpwhy")).arg(capture).stdout(Stdio::null()).status().expect("runs");
    assert_eq!(run().code(), Some(1), "it died");
    criterion.bench_function("start", |bencher| bencher.iter(run));
}

criterion_group!(benches, start);
criterion_main!(benches);
