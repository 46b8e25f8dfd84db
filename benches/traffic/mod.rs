//! Traffic for the benches, made byte by byte: checksums are left at zero, as network cards that compute them do.

use rdpwhy::capture::{CaptureError, Next, Progress, Source};
use rdpwhy::frame::{Frame, FrameNumber, Input, LinkType, Place, Timestamp};

/// 2026-03-11 08:14:22 UTC.
const BEGIN: i64 = 1_773_216_862_000_000_000;

const SYN: u8 = 2;
const ACK: u8 = 16;
const PSH_ACK: u8 = 24;
const FIN_ACK: u8 = 17;

/// X.224 Connection Request with a cookie, asking for TLS, NLA and NLA with early user authorization.
pub(crate) const REQUEST: &[u8] = b"\x03\0\0\x2a\x25\xe0\0\0\0\0\0Cookie: mstshash=jdoe\r\n\x01\0\x08\0\x0b\0\0\0";
pub(crate) const CONFIRM: &[u8] = &[3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0x1f, 8, 0, 8, 0, 0, 0];
pub(crate) const CERTIFICATE: &[u8] = include_bytes!("../../tests/it/craft/keys/rsa1024-sha1.der");

/// Packets in memory, to be read as often as wanted.
pub(crate) struct Traffic {
    bytes: Vec<u8>,
    /// Where each packet ends.
    ends: Vec<usize>,
}

impl Traffic {
    /// Packets.
    pub(crate) fn packets(&self) -> u64 {
        self.ends.len() as u64
    }

    /// Bytes of all of them.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Reads them from the start.
    pub(crate) fn source(&self) -> Memory<'_> {
        Memory { traffic: self, next: 0, inputs: [Input::default()] }
    }

    fn new() -> Self {
        Self { bytes: Vec::new(), ends: Vec::new() }
    }

    /// One Ethernet frame with IPv4 and TCP.
    fn tcp(&mut self, from: End, to: End, (seq, ack): (u32, u32), flags: u8, payload: &[u8]) {
        let out = &mut self.bytes;
        out.extend([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0]);
        out.extend((40 + payload.len() as u16).to_be_bytes());
        out.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        out.extend(from.0);
        out.extend(to.0);
        out.extend(from.1.to_be_bytes());
        out.extend(to.1.to_be_bytes());
        out.extend(seq.to_be_bytes());
        out.extend(ack.to_be_bytes());
        out.extend([0x50, flags, 0xfa, 0xf0, 0, 0, 0, 0]);
        out.extend(payload);
        self.ends.push(self.bytes.len());
    }
}

/// Address and port.
type End = ([u8; 4], u16);

/// Both ends of a conversation, and how far each has come.
struct Talk<'t> {
    traffic: &'t mut Traffic,
    client: End,
    server: End,
    said: u32,
    heard: u32,
}

impl<'t> Talk<'t> {
    /// The three-way handshake.
    fn open(traffic: &'t mut Traffic, client: End, server: End) -> Self {
        traffic.tcp(client, server, (1000, 0), SYN, &[]);
        traffic.tcp(server, client, (5000, 1001), SYN | ACK, &[]);
        traffic.tcp(client, server, (1001, 5001), ACK, &[]);
        Self { traffic, client, server, said: 1001, heard: 5001 }
    }

    fn client(&mut self, payload: &[u8]) {
        self.traffic.tcp(self.client, self.server, (self.said, self.heard), PSH_ACK, payload);
        self.said = self.said.wrapping_add(payload.len() as u32);
    }

    /// In segments of 1460 bytes; every second one is acknowledged.
    fn server(&mut self, payload: &[u8]) {
        for (nth, piece) in payload.chunks(1460).enumerate() {
            self.traffic.tcp(self.server, self.client, (self.heard, self.said), PSH_ACK, piece);
            self.heard = self.heard.wrapping_add(piece.len() as u32);
            if nth % 2 == 1 {
                self.traffic.tcp(self.client, self.server, (self.said, self.heard), ACK, &[]);
            }
        }
    }

    fn close(self) {
        self.traffic.tcp(self.client, self.server, (self.said, self.heard), FIN_ACK, &[]);
        self.traffic.tcp(self.server, self.client, (self.heard, self.said.wrapping_add(1)), FIN_ACK, &[]);
        let ends = (self.said.wrapping_add(1), self.heard.wrapping_add(1));
        self.traffic.tcp(self.client, self.server, ends, ACK, &[]);
    }
}

/// So many clients that connect, negotiate, shake hands in TLS 1.2 and refuse the certificate.
pub(crate) fn storm(sessions: u32) -> Traffic {
    let mut traffic = Traffic::new();
    let (hello, flight) = (record(22, &client_hello()), record(22, &server_flight()));
    for nth in 0..sessions {
        let [a, b, c, d] = (0x0b00_0000 + nth).to_be_bytes();
        let mut talk = Talk::open(&mut traffic, ([a, b, c, d], 50_000), ([10, 20, 1, (nth % 50) as u8], 3389));
        talk.client(REQUEST);
        talk.server(CONFIRM);
        talk.client(&hello);
        talk.server(&flight);
        talk.client(&record(21, &[2, 45]));
        talk.close();
    }
    traffic
}

/// One session with so many bytes of pictures, in records of 16 KiB and full-size packets.
pub(crate) fn bulk(bytes: usize) -> Traffic {
    let mut traffic = Traffic::new();
    let mut talk = Talk::open(&mut traffic, ([10, 20, 4, 17], 51_544), ([10, 20, 1, 9], 3389));
    talk.client(REQUEST);
    talk.server(CONFIRM);
    talk.client(&record(22, &client_hello()));
    talk.server(&record(22, &server_flight()));
    talk.client(&[record(20, &[1]), record(22, &[0x5a; 40])].concat());
    talk.server(&[record(20, &[1]), record(22, &[0x5a; 40])].concat());
    let picture = record(23, &[0x5a; 16_384]);
    for _ in 0..bytes / picture.len() {
        talk.server(&picture);
    }
    talk.close();
    traffic
}

/// So many connections to a web server: nothing here is RDP.
pub(crate) fn web(connections: u32) -> Traffic {
    let mut traffic = Traffic::new();
    for nth in 0..connections {
        let [a, b, c, d] = (0x0b00_0000 + nth).to_be_bytes();
        let mut talk = Talk::open(&mut traffic, ([a, b, c, d], 50_000), ([10, 20, 1, 80], 443));
        talk.client(&record(22, &client_hello()));
        talk.server(&record(22, &server_flight()));
        talk.client(&record(22, &[0x5a; 70]));
        talk.server(&record(23, &[0x5a; 12_000]));
        talk.close();
    }
    traffic
}

/// A TLS 1.2 record.
pub(crate) fn record(kind: u8, payload: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3], &(payload.len() as u16).to_be_bytes()[..], payload].concat()
}

/// A handshake message.
pub(crate) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], &(body.len() as u32).to_be_bytes()[1..], body].concat()
}

fn extension(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &(data.len() as u16).to_be_bytes(), data].concat()
}

/// A ClientHello as a handshake message: 21 suites, a name, groups and signature schemes.
pub(crate) fn client_hello() -> Vec<u8> {
    let name = b"rds-leg01.corp.example";
    let host = [&[0, name.len() as u8 + 3, 0, 0, name.len() as u8][..], name].concat();
    let extensions = [
        extension(0, &host),
        extension(10, &[0, 6, 0, 29, 0, 23, 0, 24]),
        extension(11, &[1, 0]),
        extension(13, &[0, 8, 8, 4, 4, 1, 2, 1, 4, 3]),
        extension(23, &[]),
        extension(0xff01, &[0]),
    ]
    .concat();
    let suites: Vec<u8> = (0..21).flat_map(|nth| [0xc0, 0x13 + nth]).collect();
    let mut body = vec![3, 3];
    body.extend([0x77; 32]);
    body.push(0);
    body.extend((suites.len() as u16).to_be_bytes());
    body.extend(suites);
    body.extend([1, 0]);
    body.extend((extensions.len() as u16).to_be_bytes());
    body.extend(extensions);
    message(1, &body)
}

/// ServerHello, Certificate, ServerHelloDone.
fn server_flight() -> Vec<u8> {
    let mut hello = vec![3, 3];
    hello.extend([0x33; 32]);
    hello.extend([0, 0xc0, 0x30, 0, 0, 0]);
    [message(2, &hello), certificate(), message(14, &[])].concat()
}

/// A Certificate message with one certificate.
pub(crate) fn certificate() -> Vec<u8> {
    let counted = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes()[1..], bytes].concat();
    message(11, &counted(&counted(CERTIFICATE)))
}

/// The certificate alone.
#[allow(dead_code)] // each bench takes what it needs
pub(crate) fn der() -> &'static [u8] {
    CERTIFICATE
}

/// Reads packets in memory, ten microseconds apart.
pub(crate) struct Memory<'t> {
    traffic: &'t Traffic,
    next: usize,
    inputs: [Input; 1],
}

impl Source for Memory<'_> {
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        let Some(end) = self.traffic.ends.get(self.next).copied() else { return Ok(Next::End) };
        let start = self.next.checked_sub(1).map_or(0, |before| self.traffic.ends[before]);
        self.next += 1;
        let bytes = &self.traffic.bytes[start..end];
        Ok(Next::Frame(Frame {
            number: FrameNumber::new(0, self.next as u64),
            time: Timestamp(BEGIN + self.next as i64 * 10_000),
            link: LinkType::ETHERNET,
            bytes,
            original_length: bytes.len() as u32,
            place: Place { offset: start as u64, length: bytes.len() as u32 },
        }))
    }

    fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    fn progress(&self) -> Progress {
        Progress::default()
    }
}
