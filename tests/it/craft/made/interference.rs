//! Devices on the way that speak in a host's name, and hosts that only look as if.

use super::super::frame::{ACK, ICMP, Ip, RST, checksum, unreachable};
use super::super::mcs;
use super::super::talk::{Side, Talk, Who};
use super::super::x224;
use super::{Made, classic, classic_until_work, farewell, file, files, fixed, negotiated, work};

pub(super) const ROSTER: &[Made] = &[
    fixed("tcp.rst-injected--behind-its-data.pcap", behind_its_data),
    fixed("tcp.rst-injected--client-goes-on.pcap", client_goes_on),
    fixed("end.server-reset--socket-forgotten.pcap", socket_forgotten),
    fixed("end.server-reset--two-ways-back.pcap", two_ways_back),
    fixed("end.server-reset--one-router-more.pcap", one_router_more),
    fixed("tcp.rst-injected--three-guesses.pcap", three_guesses),
    fixed("healthy--kernel-rst-after-fin.pcap", kernel_rst_after_fin),
    fixed("tcp.refused-by-middlebox--too-fast.pcap", refused_too_fast),
    fixed("tcp.refused--service-stopped.pcap", refused_later),
    fixed("tcp.icmp-unreachable--third-router.pcap", third_router),
    fixed("path.mtu-icmp-seen--not-heeded.pcap", mtu_not_heeded),
    fixed("healthy--path-mtu-heeded.pcap", mtu_heeded),
    fixed("end.client-vanished--large-packet-last.pcap", large_packet_last),
    fixed("healthy--behind-a-syn-proxy.pcap", syn_proxy),
];

/// Same TTL as the server, but a number 600 bytes behind it, an identification out of its series, no timestamp.
fn behind_its_data() -> Vec<u8> {
    let mut talk = Talk::lab();
    work(classic_until_work(&mut talk));
    talk.server(&mcs::fast_path(Who::Server, 300, 600));
    let mut forged = talk.draft(Who::Server);
    (forged.flags, forged.window, forged.ip_id) = (RST_ACK, 0, forged.ip_id.wrapping_add(0x4d11));
    forged.seq = forged.seq.wrapping_sub(600);
    forged.options.clear();
    talk.forge(forged).wait(0.2).bare_rst(Who::Client);
    file(&talk)
}

const RST_ACK: u8 = RST | ACK;

/// Captured at the server: a reset in the client's name, and the client goes on typing.
fn client_goes_on() -> Vec<u8> {
    let mut talk = Talk::new(Side::windows("203.0.113.58", 52_114).hops(14), Side::windows("10.20.1.9", 3389).hops(0));
    (talk.server_delay, talk.client_delay) = (120_000, 38_000_000);
    work(classic_until_work(&mut talk));
    let mut forged = talk.draft(Who::Client);
    (forged.flags, forged.window, forged.ttl) = (RST_ACK, 0, 61);
    talk.forge(forged).wait(0.03).client(&mcs::fast_path(Who::Client, 301, 15)).bare_rst(Who::Server);
    file(&talk)
}

/// The server's host has lost the connection: a bare RST with identification 0 and no timestamp answers. Its own.
fn socket_forgotten() -> Vec<u8> {
    let mut talk = Talk::lab();
    work(classic_until_work(&mut talk));
    talk.wait(2.0).client(&mcs::fast_path(Who::Client, 301, 15)).bare_rst(Who::Server);
    file(&talk)
}

/// Packets of the server come by two ways, one router longer the other; its reset comes by one of them.
fn two_ways_back() -> Vec<u8> {
    let mut talk = Talk::office();
    classic_until_work(&mut talk);
    for nth in 0..6_u64 {
        talk.server.ttl = 126 - (nth % 2) as u8;
        talk.server(&mcs::fast_path(Who::Server, 100 + nth, 700));
        talk.wait(0.3).client(&mcs::fast_path(Who::Client, 200 + nth, 15));
    }
    talk.server.ttl = 125;
    talk.wait(1.0).server_rst();
    file(&talk)
}

/// The way back grows by a router, and the first packet by the new way is the server's own reset.
fn one_router_more() -> Vec<u8> {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk));
    talk.server.ttl = 125;
    talk.wait(1.0).server_rst();
    file(&talk)
}

/// Three resets at once in the server's name, each with another number and another TTL: one of them will fit.
fn three_guesses() -> Vec<u8> {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk));
    talk.client(&mcs::fast_path(Who::Client, 301, 15));
    talk.server_delay = 2_000_000;
    for (ahead, ttl) in [(0, 77), (1460, 93), (4380, 58)] {
        let mut forged = talk.draft(Who::Server);
        (forged.flags, forged.window, forged.ttl) = (RST_ACK, 0, ttl);
        forged.seq = forged.seq.wrapping_add(ahead);
        talk.forge(forged);
    }
    file(&talk)
}

/// The client has closed; what the server still sends meets no socket any more.
fn kernel_rst_after_fin() -> Vec<u8> {
    let mut talk = Talk::lab();
    work(classic_until_work(&mut talk));
    talk.client(&mcs::ultimatum(3)).client_fin();
    talk.server(&mcs::fast_path(Who::Server, 300, 400)).bare_rst(Who::Client);
    talk.server(&mcs::fast_path(Who::Server, 301, 400)).bare_rst(Who::Client);
    file(&talk)
}

/// A first session shows how far the server is. The second try is refused in a fortieth of that time, without ACK.
fn refused_too_fast() -> Vec<u8> {
    let mut first = far_talk(51_544);
    classic(&mut first);
    let mut second = far_talk(51_560);
    (second.now, second.server_delay) = (first.now + 60_000_000_000, 1_000_000);
    second.syn();
    let mut forged = second.draft(Who::Server);
    (forged.seq, forged.ack, forged.flags, forged.window, forged.ttl) = (0, 0, RST, 0, 125);
    forged.options.clear();
    second.forge(forged);
    files([first.packets(), second.packets()])
}

/// The same, and it is the server that refuses: its distance, its time, an ACK as it should be.
fn refused_later() -> Vec<u8> {
    let mut first = far_talk(51_544);
    classic(&mut first);
    let mut second = far_talk(51_560);
    second.now = first.now + 60_000_000_000;
    second.syn().refuse();
    files([first.packets(), second.packets()])
}

pub(super) fn far_talk(port: u16) -> Talk {
    let mut talk = Talk::new(Side::windows("10.20.4.17", port).hops(0), Side::windows("172.16.9.40", 3389).hops(4));
    talk.server_delay = 41_000_000;
    talk
}

/// A router three hops on refuses the SYN; the TTL in its quote tells how far it is.
fn third_router() -> Vec<u8> {
    let mut talk = far_talk(51_544);
    talk.syn();
    let mut quote = talk.packets().last().expect("the SYN").bytes[14..].to_vec();
    quote[8] -= 3;
    let router = "10.20.255.33".parse().expect("an address");
    let ip = Ip { from: router, to: talk.client.ip, ttl: 253, id: 0x0c01, whole: true };
    talk.aside(Who::Client, &unreachable(&ip, 13, &quote));
    file(&talk)
}

/// "Fragmentation needed" (RFC 1191) about the last packet of the talk.
fn too_big(talk: &mut Talk, to: Who, mtu: u16) {
    let quote = talk.packets().last().expect("a packet").bytes[14..][..28].to_vec();
    let mut message = vec![3, 4, 0, 0, 0, 0];
    message.extend(mtu.to_be_bytes());
    message.extend(quote);
    let sum = checksum(&message);
    message[2..4].copy_from_slice(&sum.to_be_bytes());
    let host = if to == Who::Server { talk.server.ip } else { talk.client.ip };
    let ip = Ip { from: "10.88.255.1".parse().expect("an address"), to: host, ttl: 254, id: 0x0c02, whole: true };
    talk.aside(to, &ip.packet(ICMP, &message));
}

/// The VPN gateway says that 1,400 bytes pass. The server sends 1,500 again and again.
fn mtu_not_heeded() -> Vec<u8> {
    let mut talk = vpn();
    negotiated(&mut talk, x224::RDP, x224::RDP);
    talk.client(&mcs::fast_path(Who::Client, 1, 15)).wait(0.02);
    talk.lose_later().say(Who::Server, &mcs::fast_path(Who::Server, 2, 1460));
    too_big(&mut talk, Who::Server, 1400);
    talk.repeat_in_vain(Who::Server, 4);
    talk.wait(9.0).client_fin();
    file(&talk)
}

/// The same complaint, and smaller packets after it.
fn mtu_heeded() -> Vec<u8> {
    let mut talk = vpn();
    classic_until_work(&mut talk);
    let picture = mcs::fast_path(Who::Server, 100, 2_600);
    let place = talk.server.next;
    talk.lose_later().say_at(Who::Server, place, &picture[..1460]);
    too_big(&mut talk, Who::Server, 1400);
    for (nth, piece) in picture.chunks(1360).enumerate() {
        talk.say_at(Who::Server, place.wrapping_add(1360 * nth as u32), piece);
    }
    talk.wait(0.3);
    talk.cut = Some(1360);
    farewell(work(&mut talk));
    file(&talk)
}

/// Captured near a server whose client is behind a VPN.
pub(super) fn vpn() -> Talk {
    let mut talk = Talk::new(Side::windows("10.88.0.23", 50_122).hops(3), Side::windows("10.20.1.9", 3389).hops(0));
    (talk.server_delay, talk.client_delay) = (120_000, 32_000_000);
    talk
}

/// The client is gone, and the last that it is sent happens to be a full packet. Such packets had passed before.
fn large_packet_last() -> Vec<u8> {
    let mut talk = vpn();
    work(classic_until_work(&mut talk));
    talk.lose_later().server(&mcs::fast_path(Who::Server, 300, 1460));
    talk.repeat_in_vain(Who::Server, 5).wait(9.6).server_rst();
    file(&talk)
}

/// A firewall answers the handshake for the server, and lets the two talk after it.
fn syn_proxy() -> Vec<u8> {
    let mut talk = Talk::office();
    talk.server.ttl = 64;
    talk.server_delay = 600_000;
    talk.handshake();
    (talk.server.ttl, talk.server_delay) = (118, 24_000_000);
    talk.client(&x224::asks("jdoe", x224::RDP)).server(&x224::confirm(&x224::selects(0, x224::RDP)));
    talk.turns(&mcs::classic("WKS-0417", mcs::Security::Proprietary));
    farewell(work(&mut talk));
    file(&talk)
}
