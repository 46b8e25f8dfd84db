//! Fills `corpus/` from captures: `seeds CAPTURE...`. Each seed is what one target wants to begin with: a whole file, a
//! frame, a stream, a message. The same bytes are kept once.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use rdpwhy::capture::{Next, Source, open_one};
use rdpwhy::frame::LinkType;
use rdpwhy::tcp::Decoder;
use rdpwhy::tcp::segment::{Datagram, Packet, Segment};
use rdpwhy::wire::framing::{self, Framing};
use rdpwhy::wire::tls_handshake;
use rdpwhy::wire::x224::{Tpdu, tpdu};

/// Larger files only slow a fuzzer down.
const FILE: u64 = 16 * 1024;
/// Payload of a direction that is looked at; bytes.
const STREAM: usize = 32 * 1024;

type End = (IpAddr, u16);

fn main() {
    for target in ["stream", "filter", "options"] {
        fs::create_dir_all(corpus(target)).expect("a folder");
    }
    for (nth, key) in rdpwhy::report::filter_keys::KEYS.iter().enumerate() {
        keep("filter", format!("({} or not died) and {nth}", key.example).as_bytes());
    }
    keep("options", b"-Y\0died\0--json\0-o\0a.json\0x.pcap");
    keep("options", b"-i\0eth0\0-w\0k.pcapng\0-a\0deaths:1\0-B\x004M\0tcp\0port\x003390");
    keep("options", b"explain\x000x904\0--session\x003-9\0--from\x0009:14\0--to\0+5m\0--tz\0Europe/Paris\0--memory\x0064M");
    keep("stream", &[0, 0, 40, 0x20, 10, 60, 0x20, 2, 0, 0, 4, 50, 0x30, 1, 20, 0x20, 6, 30, 0x10]);
    for path in std::env::args_os().skip(1) {
        let path = PathBuf::from(path);
        if path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() <= FILE) {
            let bytes = fs::read(&path).expect("a file");
            keep("pipe", &bytes);
            keep("container", &bytes);
        }
        capture(&path);
    }
}

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target)
}

fn keep(target: &str, bytes: &[u8]) {
    let folder = corpus(target);
    fs::create_dir_all(&folder).expect("a folder");
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    fs::write(folder.join(format!("{:016x}", hasher.finish())), bytes).expect("written");
}

fn capture(path: &Path) {
    let Ok(mut source) = open_one(path, &Default::default()) else { return };
    let mut decoder = Decoder::default();
    let mut words: HashMap<(End, End), Vec<u8>> = HashMap::new();
    let mut turns: HashMap<(End, End), Vec<u8>> = HashMap::new();
    let mut frames = Vec::new();
    let mut number = 0;
    while let Ok(Next::Frame(frame)) = source.next() {
        number += 1;
        let row = LinkType::KNOWN.iter().position(|(known, _)| *known == frame.link).unwrap_or(0);
        if frame.bytes.len() < 2048 && number < 40 {
            frames.extend([row as u8, 0]);
            frames.extend((frame.bytes.len() as u16).to_be_bytes());
            frames.extend(frame.bytes);
        }
        match decoder.decode(&frame) {
            Packet::Tcp(segment) => spoken(&segment, &mut words, &mut turns),
            Packet::Udp(datagram) => said(&datagram),
            _ => {}
        }
    }
    keep("packets", &frames);
    turns.values().filter(|turns| turns.len() < 16 * 1024).for_each(|turns| keep("conversation", turns));
    words.values().for_each(|words| messages(words));
}

/// Segments in the order of the capture will do for seeds.
fn spoken(segment: &Segment<'_>, words: &mut HashMap<(End, End), Vec<u8>>, turns: &mut HashMap<(End, End), Vec<u8>>) {
    let from = (segment.net.source, segment.source_port);
    let to = (segment.net.destination, segment.destination_port);
    let own = words.entry((from, to)).or_default();
    if segment.payload.is_empty() || own.len() > STREAM {
        return;
    }
    own.extend_from_slice(segment.payload);
    let is_client = from.1 > to.1;
    let turns = turns.entry(if is_client { (from, to) } else { (to, from) }).or_insert_with(|| vec![7, 200]);
    turns.push(u8::from(!is_client));
    let payload = &segment.payload[..segment.payload.len().min(0x1fff)];
    turns.extend((payload.len() as u16).to_be_bytes());
    turns.extend(payload);
    if from.1 == 88 || to.1 == 88 {
        keep("kerberos", segment.payload.get(4..).unwrap_or_default());
    }
}

fn said(datagram: &Datagram<'_>) {
    let ports = [datagram.source_port, datagram.destination_port];
    let target = match ports {
        _ if ports.contains(&88) => "kerberos",
        _ if ports.iter().any(|port| [53, 5353, 5355].contains(port)) => "dns",
        _ => "udp",
    };
    keep(target, datagram.payload);
}

/// Records, TPKTs and what is in them.
fn messages(mut bytes: &[u8]) {
    loop {
        let (length, is_tls) = match (framing::tpkt(bytes), framing::tls_record(bytes)) {
            (Framing::Length(length), _) => (length, false),
            (_, Framing::Length(length)) => (length, true),
            _ => return,
        };
        let Some((message, rest)) = bytes.split_at_checked(length) else { return };
        if is_tls {
            keep("tls", message);
            certificates(&message[5..]);
        } else {
            keep("x224", message);
            if let Ok(Tpdu::Data(payload)) = tpdu(message) {
                keep("mcs", payload);
                // A Send Data PDU's head is seven or eight bytes.
                payload.get(8..).into_iter().chain(payload.get(7..)).for_each(|data| keep("share", data));
            }
        }
        bytes = rest;
    }
}

fn certificates(mut bytes: &[u8]) {
    while let Some((_, length)) = tls_handshake::header(bytes) {
        let Some(body) = bytes.get(4..4 + length) else { return };
        tls_handshake::certificates(body).unwrap_or_default().iter().for_each(|der| keep("certificate", der));
        bytes = &bytes[4 + length..];
    }
}
