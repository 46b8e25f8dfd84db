//! Nanoseconds for single messages: what a connection's first packets cost.
//!
//! `cargo bench --bench message`

// This bench needs only the bytes.
#[allow(dead_code)]
mod traffic;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rdpwhy::wire::certificate::Certificate;
use rdpwhy::wire::tls_hello::ClientHello;
use rdpwhy::wire::x224::{ConnectionRequest, Tpdu, looks_like_request, tpdu};

/// Four bytes before the body of a handshake message.
const HEADER: usize = 4;

fn request(bytes: &[u8]) -> ConnectionRequest {
    match tpdu(bytes) {
        Ok(Tpdu::ConnectionRequest(request)) => request.into(),
        other => panic!("{other:?}"),
    }
}

fn messages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("message");
    let hello = traffic::client_hello();
    assert!(ClientHello::from_body(&hello[HEADER..]).is_ok());
    assert!(Certificate::from_der(traffic::der()).is_some_and(|certificate| !certificate.malformed));

    group.throughput(Throughput::Bytes(traffic::REQUEST.len() as u64));
    group.bench_function("request, recognised", |bencher| {
        bencher.iter(|| looks_like_request(black_box(traffic::REQUEST)));
    });
    group.bench_function("request, read", |bencher| bencher.iter(|| request(black_box(traffic::REQUEST))));
    group.throughput(Throughput::Bytes(hello.len() as u64));
    group.bench_function("client hello", |bencher| {
        bencher.iter(|| ClientHello::from_body(black_box(&hello[HEADER..])));
    });
    group.throughput(Throughput::Bytes(traffic::der().len() as u64));
    group.bench_function("certificate", |bencher| {
        bencher.iter(|| Certificate::from_der(black_box(traffic::der())));
    });
    group.finish();
}

criterion_group!(benches, messages);
criterion_main!(benches);
