//! Several connections that are one try of one user.

use super::super::talk::{Side, Talk, Who};
use super::super::tls::{ONLY_1_2, Pair, Wish};
use super::super::x224;
use super::ends::running;
use super::{Made, classic, classic_until_work, files, fixed, fresh, negotiated, work};

pub(super) const ROSTER: &[Made] = &[
    fresh("nla.refused--then-a-fallback-probe.pcap", fallback_probe),
    fixed("neg.ssl-not-allowed--then-let-in.pcap", let_in),
    fixed("end.server-reset--and-comes-back.pcap", reconnect_loop),
    fresh("healthy--redirected.pcap", redirected),
    fixed("x224.close-on-cr--two-people.pcap", two_people),
];

/// The next connection of the same client, `seconds` after `before`.
fn next(before: &Talk, port: u16, seconds: f64) -> Talk {
    let mut talk = Talk::office();
    talk.client = Side::windows("10.20.4.17", port).hops(0);
    talk.now = before.now + (seconds * 1e9) as u64;
    talk
}

/// NTLM is refused; mstsc then asks whether TLS alone would do, and is told that it would not. One try, one cause.
fn fallback_probe() -> Vec<u8> {
    let mut first = Talk::office();
    negotiated(&mut first, x224::MODERN, x224::HYBRID_EX).wait(3.3);
    let mut pair = Pair::new(&Wish::plain(ONLY_1_2));
    first.turns(&pair.handshake()).turns(&pair.script(&[57, -295, 735, -15])).client_rst();
    let mut second = next(&first, 51_549, 0.004);
    second.handshake().client(&x224::asks("jdoe", x224::SSL)).server(&x224::confirm(&x224::refuses(5))).client_rst();
    files([first.packets(), second.packets()])
}

/// An old server takes standard security only; the client asks again for that, and is let in.
fn let_in() -> Vec<u8> {
    let mut first = Talk::office();
    first.handshake().client(&x224::asks("jdoe", x224::MODERN)).server(&x224::confirm(&x224::refuses(2))).client_rst();
    let mut second = next(&first, 51_549, 1.0);
    classic(&mut second);
    files([first.packets(), second.packets()])
}

/// The service dies under a session; the client comes back by itself and meets a closed port, again and again.
fn reconnect_loop() -> Vec<u8> {
    let mut first = Talk::office();
    work(classic_until_work(&mut first)).server_rst();
    let mut talks = vec![first];
    for nth in 0..5_u16 {
        let mut again = next(&talks[talks.len() - 1], 51_560 + nth, 3.0);
        again.syn().refuse();
        talks.push(again);
    }
    files(talks.iter().map(Talk::packets))
}

/// A broker logs the user on, sends the client on to a session host, and closes.
fn redirected() -> Vec<u8> {
    let mut broker = Talk::office();
    let mut pair = running(&mut broker, ONLY_1_2);
    broker.turns(&pair.script(&[-520, 9])).client_rst();
    let mut host = Talk::new(Side::windows("10.20.4.17", 51_549).hops(0), Side::windows("10.20.1.22", 3389).hops(2));
    host.now = broker.now + 300_000_000;
    let mut pair = running(&mut host, ONLY_1_2);
    host.turns(&pair.script(&[9])).client_rst();
    files([broker.packets(), host.packets()])
}

/// The look-alike of a retry: two people behind one address, a second apart, each with a name of their own.
fn two_people() -> Vec<u8> {
    let mut first = Talk::office();
    first.handshake().client(&x224::asks("jdoe", x224::MODERN)).wait(0.02).server_fin().client_fin().ack(Who::Server);
    let mut second = next(&first, 51_549, 1.0);
    second.handshake().client(&x224::asks("mlopez", x224::MODERN)).wait(0.02).server_fin().client_fin();
    second.ack(Who::Server);
    files([first.packets(), second.packets()])
}
