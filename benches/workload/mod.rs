//! Captures for measuring and for checking verdicts, made from a seed: the same arguments give the same bytes everywhere.
//! Beside each stands the truth, a JSON line for every RDP session.
//!
//! Real are all lengths, checksums, sequence numbers and messages up to the certificate; what is protected is random.

pub(crate) mod check;
mod output;
mod plot;
mod random;
mod talk;
#[path = "../traffic/mod.rs"]
#[allow(dead_code, unused_imports)]
mod traffic;
mod wire;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::Write as _;
use std::io::{self, Write};

pub(crate) use output::Format;
use output::Writer;
use plot::{Plot, Validity};
use random::Random;
use talk::{Label, Packet, Talk, Who};
use wire::End;

/// 2026-03-11 08:14:22 UTC; nanoseconds.
const BEGIN: u64 = 1_773_216_862_000_000_000;

/// Bytes of pictures made at once, so that a long session takes no memory.
const CHUNK: usize = 256 * 1024;

/// What a capture is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A few long sessions.
    Bulk,
    /// Very many short ones.
    Storm,
    /// A few among web, name and file traffic, some on odd ports.
    Needle,
    /// Loss, reordering, overlapping retransmissions.
    Nasty,
    /// Two.
    Tiny,
}

impl Kind {
    pub(crate) const ALL: [(&'static str, Self, u64); 5] = [
        ("bulk", Self::Bulk, 1_000_000_000),
        ("storm", Self::Storm, 500_000_000),
        ("needle", Self::Needle, 1_000_000_000),
        ("nasty", Self::Nasty, 200_000_000),
        ("tiny", Self::Tiny, 1_000_000),
    ];

    /// Between two connections; nanoseconds.
    const fn pause(self) -> (u64, u64) {
        match self {
            Self::Bulk => (500_000_000, 1_500_000_000),
            Self::Storm => (100_000, 900_000),
            Self::Needle => (500_000, 4_000_000),
            Self::Nasty => (5_000_000, 50_000_000),
            Self::Tiny => (100_000_000, 200_000_000),
        }
    }
}

/// What is known of a session.
struct Truth {
    client: End,
    server: End,
    plot: Plot,
    validity: Validity,
    packets: u64,
    first: u64,
    last: u64,
    death: Option<u64>,
    alert: Option<u64>,
}

/// A connection whose packets are being written.
struct Running {
    talk: Talk,
    /// `None`: it is no RDP.
    truth: Option<Truth>,
    /// Bytes of pictures still to come.
    pictures: usize,
    ended: bool,
}

impl Running {
    /// When its next packet comes; `None` when there is no more.
    fn due(&mut self) -> Option<u64> {
        while self.talk.packets.is_empty() && !self.ended {
            let plot = self.truth.as_ref().map(|truth| truth.plot);
            if self.pictures > 0 {
                let now = self.pictures.min(CHUNK);
                self.pictures -= now;
                plot::pictures(&mut self.talk, now);
            } else {
                self.ended = true;
                match plot {
                    Some(plot) => plot::end(&mut self.talk, plot),
                    None => self.talk.close(Who::Client),
                }
            }
        }
        self.talk.packets.front().map(|packet| packet.time)
    }
}

/// Writes a capture of about `bytes` bytes and its truth.
pub(crate) fn write(
    kind: Kind,
    bytes: u64,
    seed: u64,
    format: Format,
    capture: impl Write,
    truth: &mut dyn Write,
) -> io::Result<()> {
    let mut writer = Writer::new(capture, format)?;
    let mut random = Random::new(seed);
    let mut running: Vec<Option<Running>> = Vec::new();
    let mut queue = BinaryHeap::new();
    let mut start = BEGIN;
    let most = match kind {
        Kind::Bulk => 8,
        Kind::Tiny => 2,
        _ => usize::MAX,
    };
    loop {
        let next = queue.peek().map(|Reverse((time, _))| *time);
        // What has begun is told to its end, but without the pictures still to come: such a session stays open.
        let is_full = writer.bytes() >= bytes && kind != Kind::Tiny;
        if running.len() < most && !is_full && next.is_none_or(|next| start <= next) {
            let mut one = connection(kind, bytes, running.len() as u64, start, &mut random);
            if let Some(time) = one.due() {
                queue.push(Reverse((time, running.len())));
            }
            running.push(Some(one));
            let (least, end) = kind.pause();
            start += random.between(least, end);
            continue;
        }
        let Some(Reverse((_, index))) = queue.pop() else { break };
        let Some(one) = &mut running[index] else { continue };
        if is_full && one.pictures > 0 {
            (one.pictures, one.ended) = (0, true);
        }
        if let Some(packet) = one.talk.packets.pop_front() {
            writer.packet(packet.time, &packet.bytes)?;
            if let Some(known) = &mut one.truth {
                note(known, &packet, writer.packets());
            }
        }
        match one.due() {
            Some(time) => queue.push(Reverse((time, index))),
            None => {
                if let Some(known) = running[index].take().and_then(|one| one.truth) {
                    tell(truth, index, &known)?;
                }
            }
        }
    }
    for (index, one) in running.into_iter().enumerate() {
        if let Some(known) = one.and_then(|one| one.truth).filter(|known| known.packets > 0) {
            tell(truth, index, &known)?;
        }
    }
    writer.finish()
}

fn note(known: &mut Truth, packet: &Packet, number: u64) {
    known.packets += 1;
    known.last = number;
    if known.first == 0 {
        known.first = number;
    }
    match packet.label {
        Some(Label::Alert) => known.alert = known.alert.or(Some(number)),
        Some(Label::Death) => known.death = known.death.or(Some(number)),
        None => {}
    }
}

fn tell(truth: &mut dyn Write, id: usize, known: &Truth) -> io::Result<()> {
    // What the capture ends before did not happen.
    let death = match known.plot {
        Plot::Unreachable => Some(known.last).filter(|_| known.packets > 1),
        _ => known.death,
    };
    let plot = if death.is_some() { known.plot } else { Plot::OpenAtEnd };
    let number = |number: Option<u64>| number.map_or("null".to_owned(), |number| number.to_string());
    let code = known.alert.map(|_| match known.plot {
        Plot::VersionRefused => 70,
        _ if known.validity == Validity::Valid => 48,
        _ => 45,
    });
    let state = if plot.has_certificate() { known.validity.name() } else { "" };
    let mut line = String::new();
    let _ = write!(line, r#"{{"id":{id},"client":"{}","client_port":{}"#, known.client.ip, known.client.port);
    let _ = write!(line, r#","server":"{}","server_port":{}"#, known.server.ip, known.server.port);
    let _ = write!(line, r#","outcome":"{}","killer":"{}","cert_state":"{state}""#, plot.name(), plot.killer());
    let _ = write!(line, r#","packets":{},"first":{},"last":{}"#, known.packets, known.first, known.last);
    let _ = write!(line, r#","death":{},"alert":{}"#, number(death), number(known.alert));
    let _ = write!(line, r#","alert_code":{}}}"#, number(code));
    writeln!(truth, "{line}")
}

fn connection(kind: Kind, bytes: u64, id: u64, start: u64, random: &mut Random) -> Running {
    let own = Random::new(random.next());
    if kind == Kind::Needle && !id.is_multiple_of(200) {
        return foreign(id, start, own, random);
    }
    let (plot, validity) = match kind {
        Kind::Tiny if id == 0 => (Plot::ClientRefusesCertificate, Validity::Expired),
        Kind::Tiny => (Plot::NlaRequired, Validity::Valid),
        Kind::Bulk => {
            let plots = [Plot::ClientCloses, Plot::ServerResets, Plot::ClientResets, Plot::ServerCloses];
            (plots[id as usize % plots.len()], Validity::Valid)
        }
        Kind::Storm | Kind::Needle | Kind::Nasty => (*random.pick(PLOTS), *random.pick(VALIDITIES)),
    };
    let host = |net: [u8; 2], number: u64| [net[0], net[1], (number >> 8) as u8, number as u8];
    let client = End {
        ip: host([198, 18], id % 5000 + 1).into(),
        port: 40_000 + (id / 5000 * 7 % 20_000) as u16,
        ttl: [128, 64, 127, 62][id as usize % 4],
    };
    let number = random.between(0, 800);
    let odd = kind == Kind::Needle && id.is_multiple_of(1000);
    let port = if odd { [443, 22, 3390, 33_890][(id / 1000) as usize % 4] } else { 3389 };
    let server = End { ip: host([10, 30], number + 1).into(), port, ttl: [64, 128, 63, 56][number as usize % 4] };
    let mut talk = Talk::new(client, server, start, None, own);
    if kind == Kind::Nasty {
        talk.trouble = 30;
    }
    plot::begin(&mut talk, plot, validity);
    let runs = matches!(plot, Plot::ClientCloses | Plot::ServerCloses | Plot::ClientResets | Plot::ServerResets);
    let pictures = match kind {
        Kind::Bulk => bytes / 8,
        Kind::Nasty => random.between(100_000, 900_000),
        _ => random.between(2000, 20_000),
    };
    let truth = Truth { client, server, plot, validity, packets: 0, first: 0, last: 0, death: None, alert: None };
    Running { talk, truth: Some(truth), pictures: if runs { pictures as usize } else { 0 }, ended: !runs }
}

const PLOTS: &[(u64, Plot)] = &[
    (12, Plot::ClientCloses),
    (8, Plot::ServerCloses),
    (8, Plot::ClientResets),
    (6, Plot::ServerResets),
    (20, Plot::ClientResetsAtCertificate),
    (4, Plot::ClientClosesAtCertificate),
    (6, Plot::ClientRefusesCertificate),
    (6, Plot::NlaRequired),
    (4, Plot::VersionRefused),
    (4, Plot::ResetAtRequest),
    (2, Plot::PortClosed),
    (2, Plot::Unreachable),
    (18, Plot::LogonRefused),
];

const VALIDITIES: &[(u64, Validity)] = &[(70, Validity::Valid), (25, Validity::Expired), (5, Validity::NotYetValid)];

/// Web, names and files: everything that is not looked for.
fn foreign(id: u64, start: u64, own: Random, random: &mut Random) -> Running {
    let [_, _, c, d] = (id as u32).to_be_bytes();
    let is_v6 = id.is_multiple_of(9);
    let (client, server): (std::net::IpAddr, std::net::IpAddr) = if is_v6 {
        let at = |net: u16| [0x2001, 0xdb8, net, 0, 0, 0, 0, id as u16].into();
        (at(1), at(2))
    } else {
        ([10, 1, c, d].into(), [203, 0, 113, d].into())
    };
    let port = *random.pick(&[(60, 443), (20, 445), (20, 53)]);
    let client = End { ip: client, port: 49_152 + (id % 16_000) as u16, ttl: 64 };
    let server = End { ip: server, port, ttl: 57 };
    let vlan = id.is_multiple_of(11).then_some(42);
    let mut talk = Talk::new(client, server, start, vlan, own);
    if port == 53 {
        for (from, to) in [(client, server), (server, client)] {
            let mut query = vec![c, d, if from == client { 1 } else { 0x81 }, 0x80, 0, 1, 0, 0, 0, 0, 0, 0];
            query.extend(b"\x03www\x07example\x03com\0\0\x01\0\x01");
            let bytes = wire::datagram(from, to, d.into(), &query);
            talk.packets.push_back(Packet { time: talk.now, bytes, label: None });
            talk.now += 9_000_000;
        }
        return Running { talk, truth: None, pictures: 0, ended: true };
    }
    talk.open();
    match port {
        443 => talk.say(Who::Client, &traffic::record(22, &traffic::client_hello()), None),
        _ => talk.say(Who::Client, b"\0\0\0\x44\xfeSMB@\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0", None),
    }
    Running { talk, truth: None, pictures: random.between(5_000, 900_000) as usize, ended: false }
}
