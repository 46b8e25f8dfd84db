//! Putting a stream together: bytes per second, and how many of them are copied.
//!
//! `cargo bench --bench reassembly`

use std::hint::black_box;
use std::ops::Range;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rdpwhy::frame::{FrameNumber, Timestamp};
use rdpwhy::tcp::segment::{Flags, Net, Segment};
use rdpwhy::tcp::stream::{Mark, Origin, Reader, Stream};

/// Payload bytes of a segment.
const FULL: usize = 1460;

/// Segments of a stream.
const SEGMENTS: usize = 10_000;

/// Takes everything, and counts what does not come straight from the frame at hand.
#[derive(Default)]
struct Counter {
    frame: Range<usize>,
    read: usize,
    copied: usize,
}

impl Reader for Counter {
    fn read(&mut self, bytes: &[u8], _: &Origin<'_>) -> usize {
        self.read += bytes.len();
        if !self.frame.contains(&bytes.as_ptr().addr()) {
            self.copied += bytes.len();
        }
        bytes.len()
    }

    fn gap(&mut self, _: &[u8], _: u64, _: &Origin<'_>) {}
}

/// Feeds the segments in the order of `order`.
fn run(payload: &[u8], order: &[usize]) -> Counter {
    let (mut stream, mut counter) = (Stream::default(), Counter::default());
    stream.anchor(0);
    let net = Net {
        source: [10, 0, 0, 1].into(),
        destination: [10, 0, 0, 2].into(),
        ttl: 64,
        id: Some(1),
        dont_fragment: true,
        length: 1500,
    };
    let first = payload.as_ptr().addr();
    for (number, nth) in order.iter().enumerate() {
        let bytes = &payload[nth * FULL..(nth + 1) * FULL];
        let segment = Segment {
            net,
            source_port: 1,
            destination_port: 2,
            sequence: (nth * FULL) as u32,
            acknowledgment: 0,
            flags: Flags(Flags::ACK),
            window: 1000,
            options: &[],
            payload: bytes,
            length: FULL as u32,
        };
        counter.frame = first + nth * FULL..first + (nth + 1) * FULL;
        let mark = Mark { frame: FrameNumber::new(0, number as u64), time: Timestamp(number as i64), place: 0 };
        stream.feed(&segment, mark, &mut counter);
    }
    counter
}

fn reassembly(criterion: &mut Criterion) {
    let payload = vec![0x5a; FULL * SEGMENTS];
    let in_order: Vec<usize> = (0..SEGMENTS).collect();
    // Every hundredth comes three places too late.
    let mut late = in_order.clone();
    for at in (0..SEGMENTS - 4).step_by(100) {
        late[at..at + 4].rotate_left(1);
    }
    let mut group = criterion.benchmark_group("reassembly");
    group.throughput(Throughput::Bytes(payload.len() as u64));
    for (name, order) in [("in order", &in_order), ("one in a hundred late", &late)] {
        let counter = run(&payload, order);
        assert_eq!(counter.read, payload.len(), "every byte once");
        println!("{name}: {} of {} bytes copied", counter.copied, counter.read);
        group.bench_function(name, |bencher| bencher.iter(|| black_box(run(&payload, order).read)));
    }
    assert_eq!(run(&payload, &in_order).copied, 0, "nothing that comes in order is copied");
    group.finish();
}

criterion_group!(benches, reassembly);
criterion_main!(benches);
