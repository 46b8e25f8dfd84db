//! Sessions that are judged while those they belong with run on: the verdict is the one that they get when all is known.

use std::path::Path;

use rdpwhy::frame::Timestamp;

use super::floods::{SERVER, client, tcp};
use super::scarce::{MEMORY, SECOND, listed};
use crate::captures::inside::Made;
use crate::craft::frame::{RST, SYN};

/// Who knocks in the meantime: more than memory holds.
const STRANGERS: u32 = 16_000;

/// Time (nanoseconds since 1970) and bytes of every packet of one of the project's captures: a pcap file of Ethernet frames,
/// little endian, with microseconds.
fn story(name: &str) -> Vec<(u64, Vec<u8>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name);
    let file = std::fs::read(path).expect("the capture is there");
    let number = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().expect("four bytes"));
    assert_eq!((number(0), number(20)), (0xa1b2_c3d4, 1));
    let mut packets = Vec::new();
    let mut at = 24;
    while at < file.len() {
        let time = u64::from(number(at)) * SECOND + u64::from(number(at + 4)) * 1_000;
        let end = at + 16 + number(at + 8) as usize;
        packets.push((time, file[at + 16..end].to_vec()));
        at = end;
    }
    packets
}

/// The causes of the story's first sessions: all but its `last_words` is captured, then come strangers, and a quarter of an
/// hour later the last words.
fn among_strangers(name: &str, last_words: usize) -> Vec<Option<&'static str>> {
    let mut packets = story(name);
    let late = packets.split_off(packets.len() - last_words);
    let (begin, pause) = (packets[packets.len() - 1].0 + 70 * SECOND, 900 * SECOND);
    let knocks = (0..STRANGERS).flat_map(|nth| {
        let knock = |later: u64, sequence: u32, flags: u8| {
            let mut frame = Vec::new();
            tcp(&mut frame, client(nth), SERVER, (sequence, 0), flags, &[]);
            (begin + u64::from(nth) * SECOND / 50 + later, frame)
        };
        [knock(0, 1000, SYN), knock(1_000, 1001, RST)]
    });
    let mut all = packets.into_iter().chain(knocks).chain(late.into_iter().map(|(time, bytes)| (time + pause, bytes)));
    let mut source = Made::new(move |frame: &mut Vec<u8>| {
        let (time, bytes) = all.next()?;
        frame.extend(bytes);
        Some(Timestamp(time as i64))
    });
    let (mut listed, _) = listed(&mut source, MEMORY);
    assert!(listed.early > 0);
    listed.causes.sort_unstable();
    listed.causes.iter().take(2).map(|(_, cause)| *cause).collect()
}

/// The client hung up to ask its user; the session that came of it is not over.
#[test]
fn a_client_that_asked_its_user() {
    let causes = among_strangers("ok.prompt-reconnect--second-runs-through.pcap", 6);
    assert_eq!(causes, [Some("ok.prompt-reconnect"), Some("ok.user-disconnect")]);
}

/// Somebody who still works there took the user's session over.
#[test]
fn a_session_that_was_taken_over() {
    let causes = among_strangers("end.replaced--same-user-elsewhere.pcap", 6);
    assert_eq!(causes, [Some("end.replaced"), Some("ok.user-disconnect")]);
}

/// Nobody says goodbye in a side channel; it is over with the session beside it.
#[test]
fn a_side_channel_that_died() {
    let causes = among_strangers("udp.dead-65s--server-falls-silent.pcap", 0);
    assert_eq!(causes, [Some("udp.dead-65s"), Some("ok.udp")]);
}

/// The broker's connection is over, and the session to which it led is not.
#[test]
fn a_client_that_was_sent_on() {
    let causes = among_strangers("healthy--redirected.pcap", 6);
    assert_eq!(causes[0], Some("redirect"));
}
