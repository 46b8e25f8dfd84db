//! The same packets in every format give the same frames.

use super::build::{Packet, START, Writer, packets, pcap, pcapng, plain};
use super::*;
use crate::capture::bytes::Order;

fn assert_same(frames: &[Kept], packets: &[Packet]) {
    assert_eq!(frames.len(), packets.len());
    for (index, (frame, packet)) in frames.iter().zip(packets).enumerate() {
        assert_eq!(frame.number, index as u64 + 1);
        assert_eq!(frame.time, packet.time as i64);
        assert_eq!((&frame.bytes, frame.original, frame.link), (&packet.bytes, packet.original, 1));
    }
}

#[test]
fn every_format_gives_the_same_frames() {
    let packets = packets(20);
    let formats = [
        ("pcap", pcap(Order::Little, false, false, &packets)),
        ("pcap", pcap(Order::Big, false, false, &packets)),
        ("pcap-ns", pcap(Order::Little, true, false, &packets)),
        ("pcap-ns", pcap(Order::Big, true, false, &packets)),
        ("pcap", pcap(Order::Little, false, true, &packets)),
        ("pcap", pcap(Order::Big, false, true, &packets)),
        ("pcapng", pcapng(Order::Little, &packets)),
        ("pcapng", pcapng(Order::Big, &packets)),
    ];
    for (name, bytes) in formats {
        for most in [1, 7, usize::MAX] {
            let outcome = read_stream(Trickle::new(&bytes, most), most == 7, &Options::default()).expect("reads");
            assert_same(&outcome.frames, &packets);
            let input = outcome.input;
            assert_eq!((input.format.as_str(), input.packets, input.truncated), (name, 20, None));
            assert_eq!(input.bytes, packets.iter().map(|packet| packet.bytes.len() as u64).sum::<u64>());
            assert_eq!((input.snaplen_cut, input.warnings.len(), input.link_types.len()), (6, 0, 1));
            assert_eq!(input.first.map(|time| time.0), Some(START as i64));
            assert_eq!(input.last.map(|time| time.0), Some(START as i64 + 19_000_000));
            for frame in &outcome.frames {
                let from = frame.offset as usize;
                assert_eq!(&bytes[from..from + frame.bytes.len()], frame.bytes, "the place is right");
            }
        }
    }
}

#[test]
fn sections_and_interfaces_may_all_differ() {
    let packets = packets(4);
    let mut file = Writer::new(Order::Little);
    file.section().interface(1, 0, 6).interface(113, 96, 9);
    file.enhanced(0, START / 1000, &packets[0]).enhanced(1, START + 5, &packets[1]);
    let mut second = Writer::new(Order::Big);
    second.section().interface(276, 0, 0x80 | 20).enhanced(0, (START / 1_000_000_000) << 20 | 1 << 19, &packets[2]);
    file.raw(&second.bytes);
    let outcome = read(&file.bytes).expect("reads");
    let found: Vec<_> = outcome.frames.iter().map(|frame| (frame.number, frame.link, frame.time as u64)).collect();
    assert_eq!(found, [(1, 1, START), (2, 113, START + 5), (3, 276, START + 500_000_000)]);
    assert_eq!(outcome.input.link_types.iter().map(|link| link.0).collect::<Vec<_>>(), [1, 113, 276]);
}

#[test]
fn every_kind_of_block_is_read_or_skipped() {
    let packets = packets(3);
    let mut file = Writer::new(Order::Little);
    file.section().interface(1, 64, 6).enhanced(0, START / 1000, &packets[0]);
    // name resolution, an unknown block, a private one
    file.block(4, |body| _ = body.raw(&[0; 8])).block(0x77, |body| _ = body.raw(b"whatever"));
    file.block(0x8000_0001, |body| _ = body.u32(7));
    // a custom block and a journal entry have numbers of their own
    file.block(0xbad, |body| _ = body.u32(7)).block(9, |body| _ = body.raw(b"MESSAGE=x"));
    // Decryption Secrets: TLS, and another kind
    file.block(10, |body| _ = body.u32(0x544c_534b).u32(9).raw(b"CLIENT_.."));
    file.block(10, |body| _ = body.u32(0x5747_4b4c).u32(4).raw(b"wire"));
    // Simple Packet: no time, cut to the snap length
    file.block(3, |body| _ = body.u32(packets[1].original).raw(&packets[1].bytes[..64]));
    // the obsolete Packet Block, 3 packets lost before it
    file.block(2, |body| {
        body.u16(0).u16(3).u32(((START / 1000) >> 32) as u32).u32((START / 1000) as u32);
        body.u32(60).u32(60).raw(&packets[2].bytes[..60]);
    });
    // statistics are running totals
    for (dropped, lost) in [(1, 4), (2, 10)] {
        file.block(5, |body| {
            body.u32(0).u32(0).u32(0).option(4, &u64::to_le_bytes(99));
            body.option(5, &u64::to_le_bytes(dropped)).option(7, &u64::to_le_bytes(lost)).option(0, b"");
        });
    }
    let outcome = read(&file.bytes).expect("reads");
    let found: Vec<_> = outcome.frames.iter().map(|frame| (frame.number, frame.bytes.len(), frame.time)).collect();
    let start = START as i64;
    assert_eq!(found, [(1, 60, start), (4, 64, start), (5, 60, start)]);
    assert_eq!(outcome.secrets, [b"CLIENT_.."]);
    assert_eq!(outcome.input.dropped, 3 + 2 + 10);
    assert_eq!((outcome.input.packets, outcome.input.warnings.len()), (3, 0));
}

#[test]
fn a_packet_of_an_interface_nobody_described_keeps_its_number() {
    let packets = packets(2);
    let mut file = Writer::new(Order::Little);
    file.section().interface(1, 0, 6).enhanced(7, 0, &packets[0]).enhanced(0, START / 1000, &packets[1]);
    let outcome = read(&file.bytes).expect("reads");
    assert_eq!(outcome.frames.iter().map(|frame| frame.number).collect::<Vec<_>>(), [2]);
    assert!(outcome.input.warnings[0].contains("interface 7"), "{:?}", outcome.input.warnings);
}

#[test]
fn a_frame_is_handed_out_as_soon_as_it_is_complete() {
    /// Fails the test when asked for more than it has.
    struct Strict(io::Cursor<Vec<u8>>);
    impl Read for Strict {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            match self.0.read(into)? {
                0 => panic!("would wait although a frame is complete"),
                count => Ok(count),
            }
        }
    }
    let packets = packets(5);
    for bytes in [plain(&packets), pcapng(Order::Big, &packets)] {
        let reader = Box::new(Strict(io::Cursor::new(bytes)));
        let (window, stored, suffix) = window_over(reader, false, &Options::default()).expect("readable");
        let (mut reading, mut input) = Reading::new(window, stored, Path::new("-"), &suffix, 0).expect("recognised");
        for _ in &packets {
            assert!(reading.advance(&mut input).is_some());
        }
    }
}

#[test]
fn a_clock_that_jumps_back_is_told() {
    let mut packets = packets(6);
    packets[3].time = packets[2].time - 900_000_000;
    assert!(read(&plain(&packets)).expect("reads").input.warnings.is_empty(), "a little disorder is normal");
    packets[3].time = packets[2].time - 5_000_000_000;
    let input = read(&plain(&packets)).expect("reads").input;
    assert_eq!(input.warnings, ["the clock goes back by 5.000 s at packet 4"]);
    assert_eq!(input.last.map(|time| time.0 as u64), Some(packets[5].time));
}
