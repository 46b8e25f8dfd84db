//! Compressed captures: the same frames, whole members, broken streams, limits.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use flate2::Compression;
use flate2::write::GzEncoder;
use lz4_flex::frame::{BlockSize, FrameEncoder, FrameInfo};
use proptest::prelude::*;

use super::build::{packets, pcapng, plain};
use super::*;
use crate::capture::bytes::Order;
use crate::capture::container::{Packing, Peekable};
use crate::capture::unpack::{Limits, Unpacker};
use crate::frame::TruncationKind;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("to memory");
    encoder.finish().expect("to memory")
}

fn lz4(bytes: &[u8], checksum: bool) -> Vec<u8> {
    let info = FrameInfo::new().block_size(BlockSize::Max64KB).content_checksum(checksum);
    let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(bytes).expect("to memory");
    encoder.finish().expect("to memory")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

#[test]
fn compression_changes_nothing() {
    let packets = packets(3000);
    let bytes = pcapng(Order::Little, &packets);
    let frames = read(&bytes).expect("reads").frames;
    let (half, rest) = bytes.split_at(bytes.len() / 2);
    let two = |pack: &dyn Fn(&[u8]) -> Vec<u8>| [pack(half), pack(rest)].concat();
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3][..], &zstd(&bytes)].concat();
    let packed = [
        ("pcapng.gz", gzip(&bytes)),
        ("pcapng.gz", two(&gzip)),
        ("pcapng.gz.gz", gzip(&two(&gzip))),
        ("pcapng.zst", zstd(&bytes)),
        ("pcapng.zst", two(&zstd)),
        ("pcapng.zst", skippable),
        ("pcapng.lz4", lz4(&bytes, true)),
        ("pcapng.lz4", two(&|part| lz4(part, false))),
        ("pcapng.zst.gz", gzip(&zstd(&bytes))),
    ];
    for (format, packed) in packed {
        for most in [13, usize::MAX] {
            let outcome = read_stream(Trickle::new(&packed, most), true, &Options::default()).expect("reads");
            assert_eq!(outcome.frames, frames, "{format}");
            assert_eq!((outcome.input.format.as_str(), outcome.input.truncated), (format, None));
            assert!(outcome.input.warnings.is_empty());
        }
    }
}

#[test]
fn what_was_expanded_before_the_stream_broke_is_read() {
    let packets = packets(400);
    let bytes = plain(&packets);
    let all = read(&bytes).expect("reads").frames;
    for packed in [gzip(&bytes), zstd(&bytes), lz4(&bytes, true), lz4(&bytes, false)] {
        for length in (0..packed.len()).step_by(packed.len() / 97) {
            let Ok(outcome) = read(&packed[..length]) else { continue };
            assert!(all.starts_with(&outcome.frames));
            let stop = outcome.input.truncated.expect("told");
            assert_eq!(stop.why, TruncationKind::Compression, "{length} of {}", packed.len());
            assert!(outcome.input.warnings.iter().any(|text| text.contains("stream is broken")));
        }
    }
}

#[test]
fn of_a_cut_zstd_stream_all_whole_blocks_are_read() {
    let bytes = plain(&packets(9000));
    let packed = zstd(&bytes);
    let outcome = read(&packed[..packed.len() * 2 / 3]).expect("reads");
    assert!((3000..9000).contains(&outcome.frames.len()), "{} of {} bytes", outcome.frames.len(), bytes.len());
    assert!(outcome.input.warnings.iter().any(|text| text.contains("in the middle of a block")));
}

#[test]
fn an_lz4_stream_cut_between_two_blocks_is_not_whole() {
    let bytes = plain(&packets(3000));
    let packed = lz4(&bytes, false);
    // magic, flags, block size, header checksum; then the first block behind its length
    let first = u32::from_le_bytes(packed[7..11].try_into().expect("four bytes")) as usize & 0x7fff_ffff;
    let outcome = read(&packed[..11 + first]).expect("reads");
    assert_eq!(outcome.input.truncated.map(|stop| stop.why), Some(TruncationKind::Compression));
}

#[test]
fn strangers_behind_the_last_member_are_ignored_aloud() {
    let packets = packets(5);
    for packed in [gzip(&plain(&packets)), zstd(&plain(&packets)), lz4(&plain(&packets), false)] {
        let outcome = read(&[&packed[..], &[0; 512]].concat()).expect("reads");
        assert_eq!((outcome.frames.len(), outcome.input.truncated), (5, None));
        assert_eq!(outcome.input.warnings.len(), 1, "{:?}", outcome.input.warnings);
    }
}

#[test]
fn expansion_stops_at_the_limit() {
    let bytes = plain(&packets(9000));
    let options = Options { expansion_limit: 300_000, ..Options::default() };
    let outcome = read_stream(io::Cursor::new(gzip(&bytes)), true, &options).expect("reads");
    let stop = outcome.input.truncated.expect("stopped");
    assert_eq!(stop.why, TruncationKind::Limit);
    assert!(outcome.frames.len() > 2000 && outcome.frames.len() < 9000, "{}", outcome.frames.len());
}

#[test]
fn a_bomb_is_stopped_by_its_ratio() {
    let bomb = gzip(&vec![0; 8 << 20]);
    let stored = Arc::new(AtomicU64::new(0));
    let peekable = Peekable::new(Box::new(io::Cursor::new(bomb)), Arc::clone(&stored));
    let limits = Limits { bytes: u64::MAX, ratio: 100, unjudged: 1 << 20 };
    let mut expanded = Vec::new();
    let error = Unpacker::new(Packing::Gzip, peekable, limits, stored).read_to_end(&mut expanded).expect_err("a bomb");
    assert!(error.to_string().contains("as no capture does"), "{error}");
    assert!(expanded.len() < 8 << 20, "{}", expanded.len());
}

proptest! {
    #[test]
    fn no_compressed_bytes_make_it_panic(
        kind in 0..4_usize,
        edits in prop::collection::vec((0..60_000_usize, any::<u8>()), 1..6),
        most in 1..3000_usize,
    ) {
        let bytes = plain(&packets(50));
        let mut packed = match kind {
            0 => gzip(&bytes),
            1 => zstd(&bytes),
            2 => lz4(&bytes, true),
            _ => lz4(&bytes, false),
        };
        for (at, value) in edits {
            // the headers are hit as often as all the rest
            let at = if at % 2 == 0 { at % 24 } else { at % packed.len() };
            packed[at] = value;
        }
        let options = Options { expansion_limit: 1 << 20, ..Options::default() };
        if let Ok(outcome) = read_stream(Trickle::new(&packed, most), true, &options) {
            prop_assert_eq!(outcome.frames.len() as u64, outcome.input.packets);
        }
    }
}
