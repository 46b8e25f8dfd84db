//! MCS and what it carries, for standard RDP security: connect, join, licence, and the sealed rest as noise.
//!
//! Nothing here encrypts. From Client Info on, real peers seal their PDUs with RC4, so noise of the right length with
//! the right headers is what an onlooker sees.

use super::frame::noise;
use super::talk::Who;
use super::x224;

/// Encryption methods of the GCC security blocks.
pub(crate) const BITS_128: u32 = 2;

/// The channel everything but virtual channels goes through.
pub(crate) const IO_CHANNEL: u16 = 1003;

/// The first user number a server gives.
pub(crate) const USER: u16 = 1007;

/// Flags of the basic security header.
const SEC_EXCHANGE: u16 = 0x0001;
const SEC_ENCRYPT: u16 = 0x0008;
const SEC_INFO: u16 = 0x0040;
const SEC_LICENSE: u16 = 0x0080;
const SEC_REDIRECTION: u16 = 0x0400;

/// MCS Connect Initial with CS_CORE, CS_SECURITY and CS_NET.
pub(crate) fn connect_initial(name: &str, build: u32, channels: &[&str], methods: u32, selected: u32) -> Vec<u8> {
    let mut core = vec![0; 212];
    core[0..4].copy_from_slice(&0x0008_0004_u32.to_le_bytes() /* RDP 5 and later */);
    core[4..8].copy_from_slice(&[0x00, 0x05, 0xd0, 0x02] /* 1280 x 720 */);
    core[8..12].copy_from_slice(&[0x01, 0xca, 0x03, 0xaa]);
    core[12..16].copy_from_slice(&0x0409_u32.to_le_bytes());
    core[16..20].copy_from_slice(&build.to_le_bytes());
    for (nth, unit) in name.encode_utf16().take(15).enumerate() {
        core[20 + 2 * nth..22 + 2 * nth].copy_from_slice(&unit.to_le_bytes());
    }
    core[52..64].copy_from_slice(&[4, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0] /* keyboard */);
    core[128..132].copy_from_slice(&[0x01, 0xca, 1, 0]);
    core[136..142].copy_from_slice(&[24, 0, 15, 0, 0x07, 0] /* colours, early capabilities */);
    core[208..212].copy_from_slice(&selected.to_le_bytes());
    let mut net = (channels.len() as u32).to_le_bytes().to_vec();
    for channel in channels {
        let mut name = channel.as_bytes().to_vec();
        name.resize(8, 0);
        net.extend(name);
        net.extend(0x8080_0000_u32.to_le_bytes());
    }
    let security = [methods.to_le_bytes(), 0_u32.to_le_bytes()].concat();
    let blocks = [gcc(0xc001, &core), gcc(0xc002, &security), gcc(0xc003, &net)].concat();
    let head = [0, 8, 0, 16, 0, 1, 0xc0, 0];
    let user_data = conference(&[0, 5, 0, 20, 0x7c, 0, 1], &head, b"Duca", &blocks);
    let domain = |n: [u16; 8]| ber(0x30, &n.map(|n| ber(2, &integer(n))).concat());
    let body = [
        vec![4, 1, 1, 4, 1, 1, 1, 1, 0xff],
        domain([34, 2, 0, 1, 0, 1, 0xffff, 2]),
        domain([1, 1, 1, 1, 0, 1, 1056, 2]),
        domain([0xffff, 0xfc17, 0xffff, 1, 0, 1, 0xffff, 2]),
        ber(4, &user_data),
    ];
    x224::data(&application(0x65, &body.concat()))
}

/// What SC_SECURITY says.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Security<'a> {
    /// Inside TLS: nothing.
    None,
    /// Standard security with a proprietary certificate around a 512-bit key.
    Proprietary,
    /// Standard security with an X.509 chain, root first.
    X509(&'a [&'a [u8]]),
}

/// MCS Connect Response. A `result` other than 0 refuses.
pub(crate) fn connect_response(result: u8, requested: u32, channels: u16, security: Security) -> Vec<u8> {
    let core = [0x0008_0004_u32.to_le_bytes(), requested.to_le_bytes(), 0_u32.to_le_bytes()].concat();
    let certificate = match security {
        Security::None => None,
        Security::Proprietary => Some(proprietary()),
        Security::X509(chain) => Some(x509(chain)),
    };
    let mut sec = match certificate {
        None => vec![0; 8],
        Some(_) => [BITS_128.to_le_bytes(), 2_u32.to_le_bytes() /* client compatible */].concat(),
    };
    if let Some(certificate) = certificate {
        sec.extend(32_u32.to_le_bytes());
        sec.extend((certificate.len() as u32).to_le_bytes());
        sec.extend(noise(32, 32));
        sec.extend(certificate);
    }
    let mut net = [IO_CHANNEL.to_le_bytes(), channels.to_le_bytes()].concat();
    for nth in 0..channels {
        net.extend((IO_CHANNEL + 1 + nth).to_le_bytes());
    }
    net.resize(net.len().next_multiple_of(4), 0);
    let blocks = [gcc(0x0c01, &core), gcc(0x0c02, &sec), gcc(0x0c03, &net)].concat();
    let head = [0x14, 0x76, 0x0a, 1, 1, 0, 1, 0xc0, 0];
    let user_data = conference(&[0, 5, 0, 20, 0x7c, 0, 1], &head, b"McDn", &blocks);
    let domain = ber(0x30, &[34, 3, 0, 1, 0, 1, 0xfff8, 2].map(|n| ber(2, &integer(n))).concat());
    let body = [vec![0x0a, 1, result, 2, 1, 0], domain, ber(4, &user_data)].concat();
    x224::data(&application(0x66, &body))
}

pub(crate) fn erect_domain() -> Vec<u8> {
    x224::data(&[4, 1, 0, 1, 0])
}

pub(crate) fn attach_request() -> Vec<u8> {
    x224::data(&[0x28])
}

pub(crate) fn attach_confirm() -> Vec<u8> {
    x224::data(&[&[0x2e, 0], &(USER - 1001).to_be_bytes()[..]].concat())
}

pub(crate) fn join_request(channel: u16) -> Vec<u8> {
    x224::data(&[&[0x38], &(USER - 1001).to_be_bytes()[..], &channel.to_be_bytes()].concat())
}

pub(crate) fn join_confirm(channel: u16) -> Vec<u8> {
    x224::data(&[&[0x3e, 0], &(USER - 1001).to_be_bytes()[..], &channel.to_be_bytes(), &channel.to_be_bytes()].concat())
}

/// Disconnect Provider Ultimatum: 3 is "user requested", which Windows writes at every orderly end.
pub(crate) fn ultimatum(reason: u8) -> Vec<u8> {
    x224::data(&[0x20 | reason >> 1, reason << 7])
}

/// Security Exchange: the client's random, sealed with the server's key.
pub(crate) fn security_exchange() -> Vec<u8> {
    let sealed = [noise(64, 64), vec![0; 8]].concat();
    send(Who::Client, &[basic(SEC_EXCHANGE), (sealed.len() as u32).to_le_bytes().to_vec(), sealed].concat())
}

/// Client Info of standard security, sealed.
pub(crate) fn client_info() -> Vec<u8> {
    send(Who::Client, &[basic(SEC_INFO | SEC_ENCRYPT), noise(380, 8 + 340)].concat())
}

/// A licensing error message in clear. Code 7 with transition 2 is "valid client", which is success; 4 asks for the last
/// message again.
pub(crate) fn license(code: u32, transition: u32) -> Vec<u8> {
    let mut body = vec![0xff, 0x83];
    body.extend(16_u16.to_le_bytes());
    body.extend([code.to_le_bytes(), transition.to_le_bytes(), 4_u32.to_le_bytes() /* an empty blob */].concat());
    send(Who::Server, &[basic(SEC_LICENSE), body].concat())
}

/// Any slow-path PDU of standard security: sealed, `length` bytes of share PDU inside.
pub(crate) fn sealed(who: Who, seed: u64, length: usize) -> Vec<u8> {
    send(who, &[basic(SEC_ENCRYPT), noise(seed, 8 /* MAC */ + length)].concat())
}

/// Channel Join Confirm without a channel: refused.
pub(crate) fn join_refused(result: u8, channel: u16) -> Vec<u8> {
    let head = [0x3c | result >> 3, result << 5];
    x224::data(&[&head[..], &(USER - 1001).to_be_bytes(), &channel.to_be_bytes()].concat())
}

/// Set Error Info in clear, as a server says it under standard security that seals only what the client sends.
pub(crate) fn error_info(code: u32) -> Vec<u8> {
    let mut pdu = vec![22, 0, 0x17, 0, 0, 0, 0xea, 3, 1, 0, 0, 1, 4, 0, 0x2f, 0, 0, 0];
    pdu.extend(code.to_le_bytes());
    send(Who::Server, &[basic(0), pdu].concat())
}

/// Any other message of licensing, in clear: its header, and noise.
pub(crate) fn licensing(who: Who, kind: u8, length: u16) -> Vec<u8> {
    let size = (length + 4).to_le_bytes();
    send(who, &[basic(SEC_LICENSE), vec![kind, 3, size[0], size[1]], noise(u64::from(kind), length.into())].concat())
}

/// Font Map in clear, the last step of activation.
pub(crate) fn font_map() -> Vec<u8> {
    let head = vec![26, 0, 0x17, 0, 0, 0, 0xea, 3, 1, 0, 0, 1, 8, 0, 0x28, 0, 0, 0];
    send(Who::Server, &[basic(0), head, vec![0, 0, 0, 0, 3, 0, 4, 0]].concat())
}

/// Shutdown Request of a client, or its denial by the server, in clear.
pub(crate) fn shutdown(who: Who) -> Vec<u8> {
    let kind = if who == Who::Client { 0x24 } else { 0x25 };
    send(who, &[basic(0), vec![18, 0, 0x17, 0, 0, 0, 0xea, 3, 1, 0, 0, 1, 18, 0, kind, 0, 0, 0]].concat())
}

/// Server Redirection of standard security, in clear: to session 1, by a load balancer's word.
pub(crate) fn redirection() -> Vec<u8> {
    let mut body = vec![0, 4, 30, 0, 1, 0, 0, 0, 2, 0, 0, 0, 14, 0, 0, 0];
    body.extend(b"Cookie: msts=1");
    send(Who::Server, &[basic(SEC_REDIRECTION), body].concat())
}

/// A sealed fast-path PDU of `length` bytes in all: input of the client, output of the server.
pub(crate) fn fast_path(who: Who, seed: u64, length: usize) -> Vec<u8> {
    let events = if who == Who::Client { 1 << 2 } else { 0 };
    let mut pdu = vec![0x80 /* encrypted */ | events];
    if length < 0x80 {
        pdu.push(length as u8);
    } else {
        pdu.extend((0x8000 | length as u16).to_be_bytes());
    }
    let rest = length - pdu.len();
    pdu.extend(noise(seed, rest));
    pdu
}

/// The whole way from Connect Initial to the first picture with standard security, as turns.
pub(crate) fn classic(name: &str, security: Security) -> Vec<(Who, Vec<u8>)> {
    use Who::{Client, Server};
    let mut turns = joins(name, security);
    turns.push((Client, [security_exchange(), client_info()].concat()));
    turns.push((Server, license(7, 2)));
    turns.push((Server, sealed(Server, 1, 430)));
    turns.push((Client, sealed(Client, 2, 560)));
    turns.push((Client, [sealed(Client, 3, 22), sealed(Client, 4, 26), sealed(Client, 5, 26)].concat()));
    turns.push((Client, sealed(Client, 6, 26)));
    turns.push((Server, [sealed(Server, 7, 22), sealed(Server, 8, 26), sealed(Server, 9, 26)].concat()));
    turns.push((Server, sealed(Server, 10, 26)));
    turns
}

/// The first part of it: Connect Initial to the last Channel Join Confirm.
pub(crate) fn joins(name: &str, security: Security) -> Vec<(Who, Vec<u8>)> {
    use Who::{Client, Server};
    let channels = ["rdpdr", "rdpsnd", "cliprdr"];
    let mut turns = vec![
        (Client, connect_initial(name, 19_041, &channels, 0x1b, 0)),
        (Server, connect_response(0, 0, channels.len() as u16, security)),
        (Client, [erect_domain(), attach_request()].concat()),
        (Server, attach_confirm()),
    ];
    for channel in [USER, IO_CHANNEL, IO_CHANNEL + 1, IO_CHANNEL + 2, IO_CHANNEL + 3] {
        turns.extend([(Client, join_request(channel)), (Server, join_confirm(channel))]);
    }
    turns
}

fn send(who: Who, payload: &[u8]) -> Vec<u8> {
    let (choice, user) = if who == Who::Client { (0x64, USER - 1001) } else { (0x68, 1) };
    let mut pdu = vec![choice];
    pdu.extend([user.to_be_bytes(), IO_CHANNEL.to_be_bytes()].concat());
    pdu.push(0x70);
    pdu.extend(per_length(payload.len()));
    pdu.extend(payload);
    x224::data(&pdu)
}

fn basic(flags: u16) -> Vec<u8> {
    [flags.to_le_bytes(), [0, 0]].concat()
}

fn gcc(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes(), &(data.len() as u16 + 4).to_le_bytes()[..], data].concat()
}

/// GCC's Conference Create around the blocks.
fn conference(object: &[u8], head: &[u8], key: &[u8; 4], blocks: &[u8]) -> Vec<u8> {
    let inner = [head, key, &per_length(blocks.len()), blocks].concat();
    [object, &per_length(inner.len()), &inner].concat()
}

fn per_length(length: usize) -> Vec<u8> {
    if length < 0x80 { vec![length as u8] } else { (0x8000 | length as u16).to_be_bytes().to_vec() }
}

fn application(tag: u8, body: &[u8]) -> Vec<u8> {
    [&[0x7f], &ber(tag, body)[..]].concat()
}

fn ber(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = match body.len() {
        short @ 0..0x80 => vec![short as u8],
        long => [&[0x82], &(long as u16).to_be_bytes()[..]].concat(),
    };
    [vec![tag], length, body.to_vec()].concat()
}

fn integer(n: u16) -> Vec<u8> {
    match n.to_be_bytes() {
        [0, low @ 0..0x80] => vec![low],
        [high @ 0x80..=0xff, low] => vec![0, high, low],
        bytes => bytes.to_vec(),
    }
}

/// PROPRIETARYSERVERCERTIFICATE around a 512-bit key that is noise.
fn proprietary() -> Vec<u8> {
    let key = [
        b"RSA1".to_vec(),
        (64_u32 + 8).to_le_bytes().to_vec(),
        512_u32.to_le_bytes().to_vec(),
        63_u32.to_le_bytes().to_vec(),
        0x1_0001_u32.to_le_bytes().to_vec(),
        noise(512, 64),
        vec![0; 8],
    ]
    .concat();
    let mut certificate = [1_u32, 1, 1].map(u32::to_le_bytes).concat();
    certificate.extend([6_u16, key.len() as u16].map(u16::to_le_bytes).concat());
    certificate.extend(key);
    certificate.extend([8_u16, 64 + 8].map(u16::to_le_bytes).concat());
    certificate.extend([noise(8, 64), vec![0; 8]].concat());
    certificate
}

fn x509(chain: &[&[u8]]) -> Vec<u8> {
    let mut certificate = 2_u32.to_le_bytes().to_vec();
    certificate.extend((chain.len() as u32).to_le_bytes());
    for der in chain {
        certificate.extend((der.len() as u32).to_le_bytes());
        certificate.extend(*der);
    }
    certificate.resize(certificate.len() + 8 + 4 * chain.len(), 0);
    certificate
}
