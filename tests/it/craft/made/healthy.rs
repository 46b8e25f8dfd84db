//! Sessions that go well, wrapped in everything a capture can wrap them in.

use super::super::carrier::Carrier;
use super::super::cuts::{Plan, Turn, played_in};
use super::super::file::{Interface, Packet, Pcap, gzip, pcap, pcap_as, pcapng};
use super::super::frame::{Ip, UDP, udp};
use super::super::mcs::{self, Security};
use super::super::talk::{Side, Talk, Who};
use super::super::tls::ONLY_1_2;
use super::super::{tls, x224};
use super::ends::{running, tls13};
use super::{Made, classic, farewell, file, fixed, fresh, negotiated};

pub(super) const ROSTER: &[Made] = &[
    fresh("healthy--mstsc-tls13.pcap", tls13),
    fresh("healthy--vlan-tls12.pcap", vlan),
    fixed("healthy--ipv6.pcap", ipv6),
    fixed("healthy--qinq.pcap", || carried(Carrier::QinQ(100, 42))),
    fixed("healthy--raw-ip.pcap", || carried(Carrier::RawIp)),
    fixed("healthy--vxlan.pcap", || carried(Carrier::Vxlan(5_001))),
    fixed("healthy--gre.pcap", || carried(Carrier::Gre)),
    fixed("healthy--erspan.pcap", || carried(Carrier::Erspan(77))),
    fixed("healthy--ip-fragments.pcap", fragments),
    fixed("healthy--nanoseconds-big-endian.pcap", big_endian),
    fixed("healthy--two-interfaces.pcapng", two_interfaces),
    fixed("healthy--compressed.pcap.gz", compressed),
    fixed("healthy--reordered-and-repeated.pcap", reordered),
    fixed("healthy--one-byte-segments.pcap", bytewise),
    fixed("healthy--offload.pcap", offload),
    fixed("healthy--sequence-wrap.pcap", wrap),
    fixed("healthy--x509-standard-security.pcap", x509),
    fresh("healthy--udp-side-channel.pcap", side_channel),
    fresh("healthy--udp-blocked.pcap", side_channel_blocked),
];

fn carried(carrier: Carrier) -> Vec<u8> {
    let mut talk = Talk::office().carried(carrier);
    let packets = classic(&mut talk).packets();
    pcap_as(Pcap { link_type: carrier.link_type(), nanoseconds: false, big_endian: false }, &packets)
}

fn vlan() -> Vec<u8> {
    let mut talk = Talk::office().carried(Carrier::Vlan(20));
    let mut pair = running(&mut talk, ONLY_1_2);
    talk.turns(&pair.script(&[9])).client_rst();
    file(&talk)
}

fn ipv6() -> Vec<u8> {
    let client = Side::windows("2001:db8:4::17", 51_544).hops(0);
    file(classic(&mut Talk::new(client, Side::windows("2001:db8:1::9", 3389).hops(2))))
}

fn fragments() -> Vec<u8> {
    file(classic(&mut Talk::office().fragmented(256)))
}

fn big_endian() -> Vec<u8> {
    let dialect = Pcap { link_type: 1, nanoseconds: true, big_endian: true };
    pcap_as(dialect, &classic(&mut Talk::lab()).packets())
}

/// The client's packets come in on Ethernet, the server's answers out of a tunnel without any link layer.
fn two_interfaces() -> Vec<u8> {
    let ethernet = classic(&mut Talk::office()).packets();
    let raw = classic(&mut Talk::office().carried(Carrier::RawIp)).packets();
    let from_server = |raw: &Packet| raw.bytes[20..22] == 3389_u16.to_be_bytes();
    let packets: Vec<(u32, Packet)> =
        ethernet.into_iter().zip(raw).map(|(e, raw)| if from_server(&raw) { (1, raw) } else { (0, e) }).collect();
    let lan = Interface { name: "eth0", link_type: 1, digits: 6, dropped: None };
    let tunnel = Interface { name: "tun0", link_type: 101, digits: 9, dropped: Some(0) };
    pcapng(&[lan, tunnel], &packets)
}

fn compressed() -> Vec<u8> {
    gzip(&pcap(&classic(&mut Talk::office()).packets()))
}

/// The same conversation under a plan of cuts.
fn cut(plan: &Plan) -> Vec<u8> {
    let mut talk = Talk::office();
    let mut turns: Vec<Turn> =
        vec![(Who::Client, x224::asks("jdoe", x224::RDP)), (Who::Server, x224::confirm(&x224::selects(0, x224::RDP)))];
    turns.extend(mcs::classic("WKS-0417", Security::Proprietary));
    turns.push((Who::Server, (0..4).flat_map(|nth| mcs::fast_path(Who::Server, nth, 1_900)).collect()));
    turns.push((Who::Client, mcs::fast_path(Who::Client, 9, 15)));
    talk.handshake();
    played_in(&mut talk, &turns, plan);
    farewell(&mut talk);
    file(&talk)
}

fn reordered() -> Vec<u8> {
    cut(&Plan { sizes: vec![400, 90, 1_200], swaps: vec![4, 23, 27, 31, 44], repeats: vec![1, 9, 20, 28, 40] })
}

/// Up to the licence every segment holds one byte or two.
fn bytewise() -> Vec<u8> {
    let mut talk = Talk::lab();
    talk.handshake();
    let turns =
        [(Who::Client, x224::asks("jdoe", x224::RDP)), (Who::Server, x224::confirm(&x224::selects(0, x224::RDP)))];
    played_in(&mut talk, &turns, &Plan { sizes: vec![1, 2], ..Plan::default() });
    talk.turns(&mcs::classic("WKS-0417", Security::Proprietary));
    farewell(super::work(&mut talk));
    file(&talk)
}

/// Captured on the server, whose network card cuts and sums: frames far above the MTU, and sums that are none.
fn offload() -> Vec<u8> {
    let mut talk = Talk::new(Side::linux("10.77.1.10", 40_112).hops(1), Side::linux("10.77.2.20", 3389).hops(0));
    (talk.server_delay, talk.client_delay) = (90_000, 420_000);
    talk.offload = Some(Who::Server);
    super::classic_until_work(&mut talk);
    for nth in 0..3 {
        talk.server(&(0..6).flat_map(|part| mcs::fast_path(Who::Server, nth * 6 + part, 1_800)).collect::<Vec<_>>());
        talk.wait(0.2).client(&mcs::fast_path(Who::Client, nth, 15));
    }
    file(farewell(&mut talk))
}

/// Both sides count past 2^32 in the middle of a message.
fn wrap() -> Vec<u8> {
    let client = Side::windows("10.20.4.17", 51_544).hops(0).counting_from(u32::MAX - 200);
    let server = Side::windows("10.20.1.9", 3389).hops(2).counting_from(u32::MAX - 2_000);
    file(classic(&mut Talk::new(client, server)))
}

/// Standard security with an X.509 chain instead of the proprietary certificate.
fn x509() -> Vec<u8> {
    const LEAF: &[u8] = include_bytes!("../keys/rsa1024-sha1.der");
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::RDP, x224::RDP).turns(&mcs::classic("WKS-0417", Security::X509(&[LEAF, LEAF])));
    farewell(super::work(&mut talk));
    file(&talk)
}

/// A session whose UDP channel opens beside it.
fn side_channel() -> Vec<u8> {
    with_udp(true)
}

/// The same, and no answer to three UDP requests: the session stays on TCP.
fn side_channel_blocked() -> Vec<u8> {
    with_udp(false)
}

fn with_udp(answered: bool) -> Vec<u8> {
    let mut talk = Talk::office();
    let mut pair: tls::Pair = running(&mut talk, ONLY_1_2);
    let (client, server) = (talk.client.clone(), talk.server.clone());
    let port = client.port + 3;
    let out = Ip { from: client.ip, to: server.ip, ttl: client.ttl, id: 0x51a0, whole: true };
    let back = Ip { from: server.ip, to: client.ip, ttl: server.ttl, id: 0x3b11, whole: true };
    let syn = out.packet(UDP, &udp(&out, port, 3389, &x224::udp_syn(0x2f11_9ac4, None)));
    if answered {
        let answer = back.packet(UDP, &udp(&back, 3389, port, &x224::udp_syn_ack(0x2f11_9ac4, 0x6d02_1173)));
        talk.aside(Who::Server, &syn).aside(Who::Client, &answer);
    } else {
        for _ in 0..3 {
            talk.aside(Who::Server, &syn).wait(0.8);
        }
    }
    talk.wait(0.5).turns(&pair.script(&[-900, 12])).wait(0.6).turns(&pair.script(&[9])).client_rst();
    file(&talk)
}
