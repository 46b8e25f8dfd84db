//! The shortcut against the long way, on sessions in which everything happens.

use std::cell::Cell;

use super::super::{Engine, Options};
use crate::frame::{Frame, FrameNumber, LinkType, Place, Timestamp};

thread_local! {
    /// Takes no packet for a plain one.
    pub(super) static IS_THOROUGH: Cell<bool> = const { Cell::new(false) };
    static PLAIN: Cell<u32> = const { Cell::new(0) };
}

/// A side's next sequence number and identification.
struct Side {
    sequence: u32,
    id: u16,
    ttl: u8,
}

struct Packet {
    time: i64,
    bytes: Vec<u8>,
}

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn packet(from_client: bool, own: &Side, other: &Side, flags: u8, window: u16, options: &[u8], data: &[u8]) -> Vec<u8> {
    let (client, server) = ([10, 0, 0, 1], [10, 0, 0, 2]);
    let mut bytes = vec![0; 12];
    bytes.extend([8, 0, 0x45, 0]);
    bytes.extend((40 + options.len() as u16 + data.len() as u16).to_be_bytes());
    bytes.extend(own.id.to_be_bytes());
    bytes.extend([0x40, 0, own.ttl, 6, 0, 0]);
    bytes.extend(if from_client { [client, server] } else { [server, client] }.concat());
    let ports = [50_000_u16, 3389];
    bytes.extend(ports[usize::from(!from_client)].to_be_bytes());
    bytes.extend(ports[usize::from(from_client)].to_be_bytes());
    bytes.extend(own.sequence.to_be_bytes());
    bytes.extend(other.sequence.to_be_bytes());
    bytes.extend([(5 + options.len() as u8 / 4) << 4, flags]);
    bytes.extend(window.to_be_bytes());
    bytes.extend([0; 4]);
    bytes.extend(options);
    bytes.extend(data);
    bytes
}

/// A session with long protected records, and everything that can go wrong on the way.
fn traffic(seed: u64) -> Vec<Packet> {
    let mut dice = Dice(seed);
    let mut sides = [Side { sequence: 100, id: 1, ttl: 64 }, Side { sequence: 900, id: 7, ttl: 128 }];
    let mut time = 1_000_000_000_000;
    let mut packets: Vec<Packet> = Vec::new();
    let stamped = dice.roll(2) == 0;
    let mut send =
        |sides: &mut [Side; 2], time: i64, who: usize, flags: u8, window: u16, data: &[u8], options: &[u8]| {
            let (own, other) = (&sides[who], &sides[1 - who]);
            packets.push(Packet { time, bytes: packet(who == 0, own, other, flags, window, options, data) });
            sides[who].id = sides[who].id.wrapping_add(1);
            let taken = data.len() as u32 + u32::from(flags & 3 != 0);
            sides[who].sequence = sides[who].sequence.wrapping_add(taken);
        };
    let mss = [2, 4, 5, 0xb4];
    send(&mut sides, time, 0, 2, 64_000, &[], &mss);
    send(&mut sides, time + 1, 1, 0x12, 64_000, &[], &mss);
    send(&mut sides, time + 2, 0, 0x10, 64_000, &[], &[]);
    send(&mut sides, time + 3, 0, 0x18, 64_000, &[3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 1, 0, 0, 0], &[]);
    send(
        &mut sides,
        time + 4,
        1,
        0x18,
        64_000,
        &[3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0, 8, 0, 1, 0, 0, 0],
        &[],
    );
    let mut left = [0_usize; 2];
    for turn in 0..600_u32 {
        let who = usize::from(dice.roll(3) > 0);
        time += match dice.roll(200) {
            0 => 70_000_000_000,
            1 => -3_000_000_000,
            2 => 400_000_000,
            _ => 1_000_000,
        };
        let stamp = [&[1, 1, 8, 10][..], &turn.to_be_bytes(), &[0; 4]].concat();
        let options = match dice.roll(40) {
            0 => [&[1, 1, 5, 10][..], &1000_u32.to_be_bytes(), &1100_u32.to_be_bytes()].concat(),
            _ if stamped => stamp,
            _ => Vec::new(),
        };
        let mut data = Vec::new();
        if dice.roll(3) > 0 {
            if left[who] == 0 {
                let length = 100 + dice.roll(9000) as usize;
                data.extend([23, 3, 3, (length >> 8) as u8, length as u8]);
                left[who] = length;
            }
            let count = left[who].min(1 + dice.roll(1455) as usize);
            data.resize(data.len() + count, 0x5a);
            left[who] -= count;
        }
        let window = if dice.roll(60) == 0 { 0 } else { 64_000 };
        let (sequence, ttl) = (sides[who].sequence, sides[who].ttl);
        match dice.roll(60) {
            // a keep-alive, a repetition, an overlap
            0 => sides[who].sequence = sequence.wrapping_sub(1),
            1 => sides[who].sequence = sequence.wrapping_sub(data.len() as u32),
            2 => sides[who].sequence = sequence.wrapping_sub(3),
            3 => sides[who].ttl = 50,
            // lost before the capture point
            4 => {
                sides[who].sequence = sequence.wrapping_add(data.len() as u32);
                continue;
            }
            5 => sides[who].id = sides[who].id.wrapping_add(9000),
            _ => {}
        }
        let moved = sides[who].sequence != sequence;
        send(&mut sides, time, who, if data.is_empty() { 0x10 } else { 0x18 }, window, &data, &options);
        if moved {
            sides[who].sequence = sequence.max(sides[who].sequence);
        }
        sides[who].ttl = ttl;
    }
    send(&mut sides, time, 0, [0x11, 0x14][dice.roll(2) as usize], 64_000, &[], &[]);
    // the capture's doing: copies, and neighbours in the wrong order
    for at in 6..packets.len() - 1 {
        match dice.roll(100) {
            0 => packets.swap(at, at + 1),
            1 => packets[at].bytes = packets[at - 1].bytes.clone(),
            _ => {}
        }
    }
    packets
}

fn told(packets: &[Packet], is_thorough: bool) -> String {
    IS_THOROUGH.set(is_thorough);
    let mut engine = Engine::new(Options::default());
    for (number, packet) in (1..).zip(packets) {
        engine.push(&Frame {
            number: FrameNumber::new(0, number),
            time: Timestamp(packet.time),
            link: LinkType::ETHERNET,
            bytes: &packet.bytes,
            original_length: packet.bytes.len() as u32,
            place: Place { offset: number * 2000, length: packet.bytes.len() as u32 },
        });
    }
    IS_THOROUGH.set(false);
    format!("{:#?}", engine.finish())
}

#[test]
fn a_shortcut_leads_to_the_same_place() {
    for seed in 0..60 {
        let packets = traffic(seed);
        let (short, long) = (told(&packets, false), told(&packets, true));
        let different = short.lines().zip(long.lines()).find(|(short, long)| short != long);
        assert!(short == long, "seed {seed}: {different:?}");
    }
    assert!(PLAIN.get() > 3000, "the shortcut was taken {} times", PLAIN.get());
}

/// Counts how often the shortcut is taken.
pub(super) fn count() {
    PLAIN.set(PLAIN.get() + 1);
}
