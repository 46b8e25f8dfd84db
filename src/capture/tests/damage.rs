//! Cut, growing, overwritten and hostile files.

use proptest::prelude::*;

use super::build::{START, Writer, packets, pcap, pcapng, plain};
use super::*;
use crate::capture::bytes::Order;
use crate::frame::TruncationKind;

#[test]
fn a_file_cut_anywhere_gives_the_frames_before_the_cut() {
    let packets = packets(4);
    for whole in [plain(&packets), pcap(Order::Big, true, true, &packets), pcapng(Order::Little, &packets)] {
        let all = read(&whole).expect("reads").frames;
        for length in 0..whole.len() {
            for most in [usize::MAX, 5] {
                let outcome = read_stream(Trickle::new(&whole[..length], most), most == 5, &Options::default());
                let Ok(Outcome { frames, input, .. }) = outcome else {
                    assert!(length < 28, "only a cut header is an error");
                    continue;
                };
                assert!(all.starts_with(&frames));
                let complete = all.iter().filter(|frame| frame.offset as usize + frame.bytes.len() <= length).count();
                assert!(frames.len() == complete || frames.len() + 1 == complete, "at most a block's tail is missing");
                if let Some(cut) = input.truncated {
                    assert_eq!((cut.why, cut.frame), (TruncationKind::Cut, frames.len() as u64 + 1));
                    assert_eq!((cut.length, cut.offset + cut.has), (length as u64, length as u64));
                    assert!(cut.needs > cut.has);
                }
            }
        }
    }
}

#[test]
fn a_cut_says_what_is_missing() {
    let bytes = plain(&packets(3));
    let third = 24 + (16 + 60) + (16 + 67);
    let input = read(&bytes[..third + 52]).expect("reads").input;
    let cut = input.truncated.expect("cut");
    assert_eq!((cut.frame, cut.offset, cut.needs, cut.has), (3, third as u64, 16 + 74, 52));
}

#[test]
fn reading_goes_on_after_a_damaged_length() {
    let packets = packets(10);
    let mut bytes = plain(&packets);
    let fourth = 24 + packets[..3].iter().map(|packet| 16 + packet.bytes.len()).sum::<usize>();
    bytes[fourth + 8..fourth + 12].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    for patient in [true, false] {
        let outcome = read_stream(Trickle::new(&bytes, 50), patient, &Options::default()).expect("reads");
        let found: Vec<_> = outcome.frames.iter().map(|frame| frame.time as u64).collect();
        let expected: Vec<_> =
            packets.iter().map(|packet| packet.time).filter(|time| *time != packets[3].time).collect();
        assert_eq!(found, expected);
        let to = fourth + 16 + packets[3].bytes.len();
        let told = format!("damaged before packet 4: {} bytes skipped, byte {fourth} to {}", to - fourth, to - 1);
        assert_eq!(outcome.input.warnings, [told]);
        assert_eq!(outcome.input.truncated, None);
    }
}

/// `cat monday.pcap friday.pcap | rdpwhy -`: the second header is no damage, and its packets are no less packets.
#[test]
fn a_file_that_was_appended_is_read_on() {
    let packets = packets(10);
    let first = plain(&packets);
    let mut second = plain(&packets);
    // Days later, which looks like damage where nobody knows of the other file.
    let mut at = 24;
    for packet in &packets {
        let seconds = u32::from_le_bytes(second[at..at + 4].try_into().expect("four")) + 5 * 86_400;
        second[at..at + 4].copy_from_slice(&seconds.to_le_bytes());
        at += 16 + packet.bytes.len();
    }
    let both = [first.clone(), second].concat();
    for patient in [true, false] {
        let outcome = read_stream(Trickle::new(&both, 50), patient, &Options::default()).expect("reads");
        assert_eq!(outcome.frames.len(), 20, "{:?}", outcome.input);
        let told = format!("another capture stands behind it from byte {} on; its packets are 11 and up", first.len());
        assert!(outcome.input.warnings.contains(&told), "{:?}", outcome.input.warnings);
        assert_eq!(outcome.input.truncated, None);
    }
}

#[test]
fn a_length_that_swallows_its_followers_is_noticed() {
    let packets = packets(10);
    let mut bytes = plain(&packets);
    let fourth = 24 + packets[..3].iter().map(|packet| 16 + packet.bytes.len()).sum::<usize>();
    bytes[fourth + 8..fourth + 12].copy_from_slice(&200_u32.to_le_bytes());
    let outcome = read(&bytes).expect("reads");
    assert_eq!(outcome.frames.len(), 9, "{:?}", outcome.input);
}

#[test]
fn a_hole_of_zeros_is_passed_over() {
    let packets = packets(10);
    let whole = plain(&packets);
    let fourth = 24 + packets[..3].iter().map(|packet| 16 + packet.bytes.len()).sum::<usize>();
    let mut bytes = whole[..fourth].to_vec();
    bytes.extend(vec![0; 5000]);
    bytes.extend(&whole[fourth..]);
    let outcome = read(&bytes).expect("reads");
    assert_eq!(outcome.frames.len(), 10, "{:?}", outcome.input);
    assert_eq!(outcome.input.warnings.len(), 1);
}

#[test]
fn what_makes_no_sense_to_the_end_is_told() {
    let mut bytes = plain(&packets(3));
    let end = bytes.len() as u64;
    bytes.extend([0xff; 3000]);
    let input = read(&bytes).expect("reads").input;
    let stop = input.truncated.expect("stopped");
    assert_eq!((input.packets, stop.why, stop.offset, stop.length), (3, TruncationKind::Damaged, end, end + 3000));
    let mut bytes = pcapng(Order::Little, &packets(3));
    let end = bytes.len() as u64;
    bytes.extend([0; 3000]);
    let input = read(&bytes).expect("reads").input;
    let stop = input.truncated.expect("stopped");
    assert_eq!((input.packets, stop.why, stop.offset, stop.has), (3, TruncationKind::Damaged, end, 3000));
}

#[test]
fn blocks_are_found_again_after_damage() {
    let packets = packets(5);
    for order in [Order::Little, Order::Big] {
        let mut file = Writer::new(order);
        file.section().interface(1, 0, 6).enhanced(0, START / 1000, &packets[0]);
        let from = file.bytes.len();
        file.raw(&[0xee; 333]);
        for packet in &packets[1..] {
            file.enhanced(0, packet.time / 1000, packet);
        }
        for patient in [true, false] {
            let outcome = read_stream(Trickle::new(&file.bytes, 100), patient, &Options::default()).expect("reads");
            assert_eq!(outcome.frames.len(), 5);
            let told = format!("damaged before packet 2: 333 bytes skipped, byte {from} to {}", from + 332);
            assert_eq!(outcome.input.warnings, [told]);
        }
    }
}

#[test]
fn damage_far_into_a_stream_is_searched_through() {
    let packets = packets(8);
    let (whole, late) = (plain(&packets), 3_000_000);
    let fourth = 24 + packets[..3].iter().map(|packet| 16 + packet.bytes.len()).sum::<usize>();
    let mut bytes = whole[..fourth].to_vec();
    bytes.extend(vec![0xff; late]);
    bytes.extend(&whole[fourth..]);
    for patient in [true, false] {
        let outcome = read_stream(Trickle::new(&bytes, 100_000), patient, &Options::default()).expect("reads");
        assert_eq!(outcome.frames.len(), 8);
        assert_eq!(outcome.frames[7].offset as usize + packets[7].bytes.len(), bytes.len());
    }
}

#[test]
fn odd_times_condemn_no_packet() {
    let mut odd = packets(8);
    for (index, packet) in odd.iter_mut().enumerate() {
        packet.time = START + index as u64 * 30 * 86_400 * 1_000_000_000;
    }
    let outcome = read(&plain(&odd)).expect("reads");
    assert_eq!((outcome.frames.len(), outcome.input.warnings.len()), (8, 0));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        seed in 0..4_usize,
        edits in prop::collection::vec((0..4000_usize, any::<u8>()), 0..20),
        most in 1..3000_usize,
        patient in any::<bool>(),
    ) {
        let packets = packets(12);
        let mut bytes = match seed {
            0 => plain(&packets),
            1 => pcap(Order::Big, true, true, &packets),
            2 => pcapng(Order::Little, &packets),
            _ => pcapng(Order::Big, &packets),
        };
        for (at, value) in edits {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        if let Ok(outcome) = read_stream(Trickle::new(&bytes, most), patient, &Options::default()) {
            prop_assert_eq!(outcome.frames.len() as u64, outcome.input.packets);
            let total: usize = outcome.frames.iter().map(|frame| frame.bytes.len()).sum();
            prop_assert!(total <= bytes.len());
        }
    }
}
