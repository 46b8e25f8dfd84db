//! Bytes nobody would send: every report on them is written, soon, and steers no terminal.

use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use rdpwhy::capture::{Source, open_one};
use rdpwhy::engine::Options;
use rdpwhy::report::json::JSON_SCHEMA;

use super::cases;
use crate::captures;
use crate::captures::inside::{Seen, look, memory};
use crate::craft::beside;
use crate::craft::file::{Packet, pcap};
use crate::craft::hello;
use crate::craft::talk::{BEGIN, Side, Talk, Who};
use crate::craft::x224;

/// None of these is large.
const PATIENCE: Duration = Duration::from_secs(10);

/// Everything that can be done with a capture; fails when it takes long or shows what it must not.
fn survived(source: &mut dyn Source) -> Seen {
    static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = serde_json::from_str(JSON_SCHEMA).expect("the schema is JSON");
        jsonschema::validator_for(&schema).expect("the schema is one")
    });
    let began = Instant::now();
    let seen = look(source, Options::default());
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    let bad = seen.text.chars().find(|letter| letter.is_control() && *letter != '\n');
    assert_eq!(bad, None, "{:?}", seen.text);
    for line in seen.json.lines() {
        let record = serde_json::from_str(line).expect("a record a line");
        assert!(SCHEMA.is_valid(&record), "{line}");
    }
    seen
}

fn packets(all: Vec<Vec<u8>>) -> Vec<Packet> {
    let packet = |(nth, bytes): (u64, Vec<u8>)| Packet { time_ns: BEGIN + nth * 1_000_000, length: bytes.len(), bytes };
    (0..).zip(all).map(packet).collect()
}

/// Bytes that begin like something.
fn words() -> impl Strategy<Value = Vec<u8>> {
    let beginning = prop_oneof![
        Just(vec![]),
        Just(vec![3, 0]),
        any::<u16>().prop_map(|length| [&[3, 0], &length.to_be_bytes()[..], &[2, 0xf0, 0x80]].concat()),
        any::<u16>().prop_map(|length| [&[22, 3, 3], &length.to_be_bytes()[..]].concat()),
        (0..5_u8, any::<u16>()).prop_map(|(kind, length)| [&[20 + kind, 3, 1], &length.to_be_bytes()[..]].concat()),
        (any::<u8>(), any::<u16>()).prop_map(|(kind, length)| {
            hello::record(22, hello::TLS_1_2, &[&[kind, 0], &length.to_be_bytes()[..]].concat())
        }),
        Just(hello::client_hello(hello::TLS_1_2, hello::SUITES, "a\u{1b}[2J.example", 1)),
        Just(hello::server_hello(hello::TLS_1_2, hello::RSA_AES_256, 1)),
        Just(x224::asks("j\u{1b}[31mdoe\u{7}", x224::MODERN)),
        Just(x224::confirm(&x224::selects(0x1f, x224::SSL))),
        Just(x224::confirm(&x224::selects(0, x224::RDP))),
    ];
    (beginning, vec(any::<u8>(), 0..300)).prop_map(|(beginning, rest)| [beginning, rest].concat())
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn packets_of_anything(all in vec(vec(any::<u8>(), 0..120), 0..40)) {
        survived(&mut memory(&packets(all)));
    }

    /// Addresses and ports are right, what is said is not.
    #[test]
    fn anything_on_the_port(
        asked in any::<bool>(),
        turns in vec((any::<bool>(), words()), 1..12),
    ) {
        let mut talk = Talk::office();
        talk.handshake();
        if asked {
            talk.client(&x224::asks("jdoe", x224::MODERN)).server(&x224::confirm(&x224::selects(0x1f, x224::HYBRID)));
        }
        for (from_client, bytes) in turns {
            talk.say(if from_client { Who::Client } else { Who::Server }, &bytes);
        }
        talk.client_fin().server_rst();
        let seen = survived(&mut memory(&talk.packets()));
        prop_assert_eq!(seen.tally.sessions, 1);
    }

    /// TCP headers of any kind between two hosts: flags, numbers and options that fit nothing.
    #[test]
    fn any_segments(all in vec((any::<bool>(), any::<[u8; 16]>(), vec(any::<u8>(), 0..40)), 1..60)) {
        let mut talk = Talk::office();
        talk.handshake();
        for (from_client, head, payload) in all {
            let mut segment = talk.draft(if from_client { Who::Client } else { Who::Server });
            let near = |bytes: [u8; 2]| i16::from_be_bytes(bytes);
            segment.seq = segment.seq.wrapping_add_signed(near([head[0], head[1]]).into());
            segment.ack = segment.ack.wrapping_add_signed(near([head[2], head[3]]).into());
            segment.flags = head[4];
            segment.window = u16::from_be_bytes([head[5], head[6]]);
            segment.options = head[7..7 + usize::from(head[15] % 3) * 4].to_vec();
            segment.payload = payload;
            talk.forge(segment);
        }
        survived(&mut memory(&talk.packets()));
    }

    /// Names from the network in DNS and Kerberos, bytes of them changed; with a session beside them and without.
    #[test]
    fn anything_beside(
        name in "[a-z\u{1b}\u{202e}\n\\[]{1,40}",
        changes in vec((any::<Index>(), any::<u8>()), 0..6),
        code in 0..80_u8,
        with_session in any::<bool>(),
    ) {
        let odd = |mut bytes: Vec<u8>| {
            for (at, byte) in &changes {
                *at.get_mut(&mut bytes) = *byte;
            }
            bytes
        };
        let mut talk = Talk::office();
        talk.ask(beside::RESOLVER, (50_311, 53), false, &odd(beside::dns_question(7, &name)));
        talk.ask(beside::RESOLVER, (50_311, 53), true, &odd(beside::dns_answer(7, &name, 3, &[])));
        talk.ask(beside::RESOLVER, (50_312, 5355), false, &beside::dns_question(8, &name)).wait(2.0);
        if with_session {
            talk.handshake().client(&x224::asks("jdoe", x224::MODERN));
            talk.server(&x224::confirm(&x224::selects(0x1f, x224::HYBRID))).wait(2.0);
        }
        let status = (code % 2 == 0).then_some(0xc000_0234);
        talk.ask(beside::CONTROLLER, (50_320, 88), false, &odd(beside::as_request(&name)));
        talk.ask(beside::CONTROLLER, (50_320, 88), true, &odd(beside::krb_error(code, &["TERMSRV", &name], "x", status)));
        talk.link(odd(beside::arp_request(beside::ROUTER, [10, 20, 1, 9].into())));
        if with_session {
            talk.client_fin().server_rst();
        }
        survived(&mut memory(&talk.packets()));
    }

    /// Real captures with some bytes changed, in the headers of the file or anywhere.
    #[test]
    fn captures_with_other_bytes(
        which in any::<Index>(),
        changes in vec((any::<Index>(), any::<u8>()), 1..40),
        cut in prop::option::of(any::<Index>()),
    ) {
        let names = captures::names();
        let mut bytes = std::fs::read(captures::folder().join(which.get(&names))).expect("a capture");
        for (at, byte) in changes {
            *at.get_mut(&mut bytes) = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("odd.pcap");
        std::fs::write(&path, bytes).expect("written");
        read(&path);
    }
}

/// A file that cannot be read at all says so; that is no failure here.
fn read(path: &Path) {
    if let Ok(mut source) = open_one(path, &Default::default()) {
        survived(&mut source);
    }
}

/// Of other services' packets nothing but headers was kept: that makes no RDP of them, on whatever port.
#[test]
fn headers_alone_are_no_request() {
    for kept in [54, 57] {
        let mut talk = Talk::new(Side::windows("10.20.4.17", 51_544), Side::windows("10.20.1.7", 80));
        talk.handshake().client(&[3; 300]).server(&[3; 900]).client_fin().server_fin();
        let mut packets = talk.packets();
        packets.iter_mut().for_each(|packet| packet.bytes.truncate(kept));
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("cut.pcap");
        std::fs::write(&path, pcap(&packets)).expect("written");
        let seen = survived(&mut open_one(&path, &Default::default()).expect("a capture"));
        assert_eq!(seen.cases.len(), 0, "{}", seen.text);
    }
}
