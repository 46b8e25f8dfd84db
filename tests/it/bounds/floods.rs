//! Traffic in any amount, made while it is read. Checksums are left at zero, as network cards that compute them do.

use rdpwhy::frame::Timestamp;

use crate::craft::beside;
use crate::craft::frame::{ACK, PSH, RST, SYN};
use crate::craft::hello;
use crate::craft::talk::BEGIN;
use crate::craft::x224;

/// Address and port.
pub(super) type End = ([u8; 4], u16);

pub(super) const SERVER: End = ([10, 20, 1, 9], 3389);

/// A client of its own for each number.
pub(super) fn client(nth: u32) -> End {
    let [a, b, c, d] = (0x0b00_0000 + nth / 4).to_be_bytes();
    ([a, b, c, d], 40_000 + (nth % 4) as u16)
}

/// Time of the packet with this number; microseconds apart.
pub(super) fn at(nth: u64) -> Timestamp {
    Timestamp((BEGIN + nth * 1_000) as i64)
}

/// An Ethernet frame with IPv4 and TCP.
pub(super) fn tcp(frame: &mut Vec<u8>, from: End, to: End, (seq, ack): (u32, u32), flags: u8, payload: &[u8]) {
    ip(frame, from.0, to.0, 6, (0, 0x4000), 20 + payload.len());
    frame.extend(from.1.to_be_bytes());
    frame.extend(to.1.to_be_bytes());
    frame.extend(seq.to_be_bytes());
    frame.extend(ack.to_be_bytes());
    frame.extend([0x50, flags, 0xfa, 0xf0, 0, 0, 0, 0]);
    frame.extend(payload);
}

/// Ethernet and IPv4 headers for `length` bytes of `protocol`.
fn ip(frame: &mut Vec<u8>, from: [u8; 4], to: [u8; 4], protocol: u8, (id, place): (u16, u16), length: usize) {
    frame.extend([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0]);
    frame.extend((20 + length as u16).to_be_bytes());
    frame.extend(id.to_be_bytes());
    frame.extend(place.to_be_bytes());
    frame.extend([64, protocol, 0, 0]);
    frame.extend(from);
    frame.extend(to);
}

/// SYN and SYN,ACK of so many clients that say no more.
pub(super) fn half_open(clients: u32) -> impl FnMut(&mut Vec<u8>) -> Option<Timestamp> {
    let mut nth = 0;
    move |frame| {
        let client = client(nth / 2);
        if nth / 2 == clients {
            return None;
        }
        if nth.is_multiple_of(2) {
            tcp(frame, client, SERVER, (1000, 0), SYN, &[]);
        } else {
            tcp(frame, SERVER, client, (5000, 1001), SYN | ACK, &[]);
        }
        nth += 1;
        Some(at(u64::from(nth)))
    }
}

/// SYN and SYN,ACK of so many clients; all but each sixteenth take it back at once with a reset.
pub(super) fn given_up(clients: u32) -> impl FnMut(&mut Vec<u8>) -> Option<Timestamp> {
    let mut nth = 0;
    move |frame| {
        let (number, step) = (nth / 3, nth % 3);
        let client = client(number);
        if number == clients {
            return None;
        }
        match step {
            0 => tcp(frame, client, SERVER, (1000, 0), SYN, &[]),
            1 => tcp(frame, SERVER, client, (5000, 1001), SYN | ACK, &[]),
            _ if number.is_multiple_of(16) => tcp(frame, client, SERVER, (1001, 5001), ACK, &[]),
            _ => tcp(frame, client, SERVER, (1001, 0), RST, &[]),
        }
        nth += 1;
        Some(at(u64::from(nth)))
    }
}

/// Questions for names, each another one, from hosts without end; and questions for neighbours and for tickets.
pub(super) fn questions(hosts: u32) -> impl FnMut(&mut Vec<u8>) -> Option<Timestamp> {
    let mut nth = 0;
    move |frame| {
        if nth == hosts * 3 {
            return None;
        }
        let from = client(nth / 3);
        let payload = match nth % 3 {
            0 => beside::dns_question(nth as u16, &format!("host-{nth}.corp.example")),
            1 => beside::as_request(&format!("user{nth}")),
            _ => Vec::new(),
        };
        if nth % 3 == 2 {
            frame.extend(beside::arp_request(from.0.into(), [10, 20, (nth >> 8) as u8, nth as u8].into()));
        } else {
            ip(frame, from.0, [10, 20, 0, 3], 17, (0, 0x4000), 8 + payload.len());
            frame.extend(from.1.to_be_bytes());
            frame.extend((if nth % 3 == 0 { 53_u16 } else { 88 }).to_be_bytes());
            frame.extend((8 + payload.len() as u16).to_be_bytes());
            frame.extend([0, 0]);
            frame.extend(&payload);
        }
        nth += 1;
        Some(at(u64::from(nth)))
    }
}

/// Knocks at the UDP side channel, each from another client.
pub(super) fn knocks(clients: u32) -> impl FnMut(&mut Vec<u8>) -> Option<Timestamp> {
    let knock = x224::udp_syn(7, None);
    let mut nth = 0;
    move |frame| {
        if nth == clients {
            return None;
        }
        let from = client(nth);
        ip(frame, from.0, SERVER.0, 17, (0, 0x4000), 8 + knock.len());
        frame.extend(from.1.to_be_bytes());
        frame.extend(SERVER.1.to_be_bytes());
        frame.extend((8 + knock.len() as u16).to_be_bytes());
        frame.extend([0, 0]);
        frame.extend(&knock);
        nth += 1;
        Some(at(u64::from(nth)))
    }
}

/// A SYN to another port each time, of no service that anybody here speaks.
pub(super) fn syns(count: u32) -> impl FnMut(&mut Vec<u8>) -> Option<Timestamp> {
    let mut nth = 0;
    move |frame| {
        if nth == count {
            return None;
        }
        let [_, b, c, d] = nth.to_be_bytes();
        tcp(frame, client(nth / 1000), ([10, 21, b, c], 4000 + u16::from(d)), (1000, 0), SYN, &[]);
        nth += 1;
        Some(at(u64::from(nth)))
    }
}

/// One packet of another service's connection, of so many.
pub(super) fn strangers(count: u32) -> impl FnMut(&mut Vec<u8>) -> Option<Timestamp> {
    let mut nth = 0;
    move |frame| {
        if nth == count {
            return None;
        }
        tcp(frame, client(nth), ([10, 20, 1, 7], 443), (1000, 7), ACK | PSH, b"hello");
        nth += 1;
        Some(at(u64::from(nth)))
    }
}

/// Connections to a key distribution centre, each with most of a message of the largest size that is waited for.
pub(super) fn unfinished_tickets(connections: u32) -> impl FnMut(&mut Vec<u8>) -> Option<Timestamp> {
    const PIECES: u32 = 44;
    let mut nth = 0;
    move |frame| {
        if nth == connections * PIECES {
            return None;
        }
        let piece = nth % PIECES;
        let mut payload = if piece == 0 { 65_000_u32.to_be_bytes().to_vec() } else { Vec::new() };
        payload.resize(1400, 0x6e);
        tcp(frame, client(nth / PIECES), ([10, 20, 0, 3], 88), (1001 + piece * 1400, 1), ACK, &payload);
        nth += 1;
        Some(at(u64::from(nth)))
    }
}

/// Full-size fragments whose datagrams never become whole.
pub(super) fn fragments(count: u32) -> impl FnMut(&mut Vec<u8>) -> Option<Timestamp> {
    let mut nth = 0;
    move |frame| {
        if nth == count {
            return None;
        }
        // Forty to a datagram, the first always missing.
        let place = 0x2000 | ((1 + nth % 40) * 1480 / 8) as u16;
        let id = (nth / 40) as u16;
        ip(frame, client(nth / 40).0, SERVER.0, 6, (id, place), 1480);
        frame.resize(frame.len() + 1480, 0);
        nth += 1;
        Some(at(u64::from(nth)))
    }
}

/// TCP's three first packets and a connection request with its confirm, then what `words` gives: payload of the
/// server or of the client, and where in that side's stream it stands.
pub(super) fn session(
    client: End,
    mut words: impl FnMut() -> Option<(bool, u32, Vec<u8>)>,
) -> impl FnMut(&mut Vec<u8>) -> Option<Timestamp> {
    let request = x224::asks("jdoe", x224::SSL);
    let confirm = x224::confirm(&x224::selects(0, x224::SSL));
    let asked = 1001 + request.len() as u32;
    let answered = 5001 + confirm.len() as u32;
    let mut nth = 0;
    move |frame| {
        nth += 1;
        match nth {
            1 => tcp(frame, client, SERVER, (1000, 0), SYN, &[]),
            2 => tcp(frame, SERVER, client, (5000, 1001), SYN | ACK, &[]),
            3 => tcp(frame, client, SERVER, (1001, 5001), ACK, &[]),
            4 => tcp(frame, client, SERVER, (1001, 5001), ACK | PSH, &request),
            5 => tcp(frame, SERVER, client, (5001, asked), ACK | PSH, &confirm),
            _ => {
                let (is_server, offset, payload) = words()?;
                if is_server {
                    tcp(frame, SERVER, client, (answered.wrapping_add(offset), asked), ACK, &payload);
                } else {
                    tcp(frame, client, SERVER, (asked.wrapping_add(offset), answered), ACK, &payload);
                }
            }
        }
        Some(at(nth))
    }
}

/// So many sessions one after the other, each with another certificate of so many bytes.
pub(super) fn certificates(sessions: u32, size: usize) -> impl FnMut(&mut Vec<u8>) -> Option<Timestamp> {
    let flight = Flight::new(size);
    each(sessions, move |nth| flight.packets(nth))
}

/// The same with large certificates whose last packet never comes.
pub(super) fn unfinished(sessions: u32) -> impl FnMut(&mut Vec<u8>) -> Option<Timestamp> {
    let flight = Flight::new(60_000);
    each(sessions, move |nth| {
        let mut packets = flight.packets(nth);
        packets.pop();
        packets
    })
}

/// So many times what `make` makes.
fn each(sessions: u32, make: impl Fn(u32) -> Vec<Vec<u8>>) -> impl FnMut(&mut Vec<u8>) -> Option<Timestamp> {
    let mut packets = Vec::new().into_iter();
    let (mut nth, mut time) = (0, 0);
    move |frame| {
        let packet: Vec<u8> = match packets.next() {
            Some(packet) => packet,
            None if nth == sessions => return None,
            None => {
                packets = make(nth).into_iter();
                nth += 1;
                packets.next()?
            }
        };
        frame.extend(packet);
        time += 1;
        Some(at(time))
    }
}

/// ServerHello and Certificate in records, and where in them the certificate differs from session to session.
struct Flight {
    bytes: Vec<u8>,
    differs_at: usize,
}

impl Flight {
    fn new(size: usize) -> Self {
        const MARK: [u8; 8] = *b"differs!";
        let mut leaf = include_bytes!("../craft/keys/rsa1024-sha1.der").to_vec();
        // The signature need not fit; its last bytes make each certificate another one.
        let end = leaf.len();
        leaf[end - MARK.len()..].copy_from_slice(&MARK);
        // Rubbish behind the certificate: still one more to remember.
        leaf.resize(size.max(end), 0);
        let hello = hello::server_hello(hello::TLS_1_2, hello::RSA_AES_256, 20);
        let messages = [hello, hello::certificate(&[&leaf])].concat();
        let records = messages.chunks(16_000).map(|part| hello::record(22, hello::TLS_1_2, part));
        let bytes = records.collect::<Vec<_>>().concat();
        let differs_at =
            bytes.windows(MARK.len()).position(|window| window == MARK).expect("it is in the first record");
        Self { bytes, differs_at }
    }

    fn packets(&self, nth: u32) -> Vec<Vec<u8>> {
        let mut flight = self.bytes.clone();
        flight[self.differs_at..self.differs_at + 4].copy_from_slice(&nth.to_be_bytes());
        let hello = hello::client_hello(hello::TLS_1_2, hello::SUITES, "rds.corp.example", 1);
        let mut said = vec![(false, 0, hello)];
        said.extend((0..).zip(flight.chunks(1400)).map(|(part, piece)| (true, part * 1400, piece.to_vec())));
        let mut said = said.into_iter();
        let mut next = session(client(nth), move || said.next());
        std::iter::from_fn(move || {
            let mut frame = Vec::new();
            next(&mut frame).map(|_| frame)
        })
        .collect()
    }
}
