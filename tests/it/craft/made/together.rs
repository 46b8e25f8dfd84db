//! Stories of several sessions, and of TLS messages that do not come through whole.

use super::super::frame::{ACK, RST};
use super::super::hello::{self, SUITES, TLS_1_2, client_hello};
use super::super::mcs;
use super::super::talk::{BEGIN, Side, Talk, Who};
use super::super::tls::{Certificate, Judge, ONLY_1_2, Pair, Wish};
use super::super::x224;
use super::ends::{NLA, SETUP, WORK, running};
use super::{Made, WEAK, classic_until_work, file, files, fixed, fresh, negotiated, work};

pub(super) const ROSTER: &[Made] = &[
    fixed("end.server-reset--nobody-listens-after.pcap", nobody_listens_after),
    fresh("end.replaced--same-user-elsewhere.pcap", same_user_elsewhere),
    fresh("end.server-ended--another-user-comes.pcap", another_user_comes),
    fresh("tls.cert-expired--three-others-take-it.pcap", three_others_take_it),
    fresh("healthy--certificate-renewed.pcap", certificate_renewed),
    fresh("cap.clock-wrong--two-servers-too-young.pcap", two_servers_too_young),
    fresh("tls.server-silent-close--another-gets-in.pcap", another_gets_in),
    fresh("tcp.syn-no-answer--another-gets-in.pcap", syn_dropped_for_one),
    fixed("tcp.retransmit-giveup--server-unplugged.pcap", server_unplugged),
    fixed("path.lb-reset--two-at-once.pcap", lb_drops_two),
    fixed("path.mtu-black-hole--from-client.pcap", hole_from_client),
    fixed("tls.hello-split-drop--near-client.pcap", split_near_client),
    fixed("tls.hello-split-drop--near-server.pcap", split_near_server),
    fresh("tls.hello-split-drop--smaller-one-works.pcap", smaller_one_works),
    fixed("tls.client-flight-split--three-packets.pcap", flight_split),
    fresh("tcp.stream-damaged--bytes-added.pcap", bytes_added),
    fixed("tcp.stream-damaged--bad-record-mac.pcap", bad_record_mac),
];

fn office(nth: u16) -> Talk {
    let client = Side::windows(&format!("10.20.4.{}", 17 + nth), 51_544 + 11 * nth).hops(0);
    let server = Side::windows("10.20.1.9", 3389).hops(2).counting_from(0x1111_0000 * u32::from(nth + 1));
    let mut talk = Talk::new(client, server);
    talk.now = BEGIN + u64::from(nth) * 1_300_000_000;
    talk
}

/// Two sessions are reset at once; who comes 4 s later is refused.
fn nobody_listens_after() -> Vec<u8> {
    let crash = BEGIN + 9_000_000_000;
    let mut talks: Vec<Talk> = (0..2).map(office).collect();
    for (nth, talk) in (0_u64..).zip(&mut talks) {
        work(classic_until_work(talk));
        let pause = crash + nth * 3_000_000 - talk.now;
        talk.wait(pause as f64 / 1e9).server_rst();
    }
    let mut late = office(5);
    late.now = crash + 4_000_000_000;
    late.syn().refuse();
    talks.push(late);
    files(talks.iter().map(Talk::packets))
}

/// A session of one user, and a second one from another address, 0.9 s into whose picture the first is ended.
fn taken_over(name: &str) -> Vec<u8> {
    let (mut first, mut second) = (office(0), office(9));
    let mut pair = running(&mut first, ONLY_1_2);
    first.wait(9.0);
    second.now = first.now;
    let mut other = Pair::new(&Wish::plain(ONLY_1_2));
    second.handshake().client(&x224::asks(name, x224::MODERN));
    second.server(&x224::confirm(&x224::selects(0x1f, x224::HYBRID_EX))).wait(3.4).turns(&other.handshake());
    second.turns(&other.script(NLA)).turns(&other.script(SETUP));
    first.now = second.now + 100_000_000;
    first.turns(&pair.script(&[-36])).wait(0.21).turns(&pair.script(&[-30, -9])).client_rst();
    second.wait(2.0).turns(&other.script(&[-1180, 12, -2310])).wait(1.0).turns(&other.script(&[9])).client_rst();
    files([first.packets(), second.packets()])
}

/// The same user at another desk.
fn same_user_elsewhere() -> Vec<u8> {
    taken_over("jdoe")
}

/// Another user of the same server: chance.
fn another_user_comes() -> Vec<u8> {
    taken_over("mlopez")
}

/// Four clients and one expired certificate: three go on, the fourth says certificate_expired.
fn three_others_take_it() -> Vec<u8> {
    let talks: Vec<_> = (0..4_u16)
        .map(|nth| {
            let mut talk = office(nth);
            let mut wish = Wish::plain(ONLY_1_2);
            wish.certificate.not_after = (2026, 3, 9);
            negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(0.4);
            if nth == 3 {
                wish.judge = Judge::Trusts;
                talk.turns(&Pair::new(&wish).handshake()).client_fin().server_fin().ack(Who::Client);
                return talk.packets();
            }
            let mut pair = Pair::new(&wish);
            talk.turns(&pair.handshake()).turns(&pair.script(NLA)).turns(&pair.script(SETUP));
            talk.wait(1.2).turns(&pair.script(WORK));
            talk.wait(0.8).turns(&pair.script(&[9])).client_rst();
            talk.packets()
        })
        .collect();
    files(talks)
}

/// Two sessions with one server, which has a new certificate in the second.
fn certificate_renewed() -> Vec<u8> {
    let mut first = office(0);
    let mut pair = running(&mut first, ONLY_1_2);
    first.turns(&pair.script(&[9])).client_rst();
    let mut second = office(1);
    second.now = first.now + 30_000_000_000;
    let mut wish = Wish::plain(ONLY_1_2);
    (wish.certificate.not_before, wish.certificate.not_after) = ((2026, 3, 10), (2026, 9, 9));
    let mut pair = Pair::new(&wish);
    negotiated(&mut second, x224::MODERN, x224::HYBRID_EX).wait(3.4).turns(&pair.handshake());
    second.turns(&pair.script(NLA)).turns(&pair.script(SETUP)).wait(0.8).turns(&pair.script(WORK)).wait(1.2);
    second.turns(&pair.script(&[9])).client_rst();
    files([first.packets(), second.packets()])
}

/// Two servers whose certificates begin a year after the capture: the capture is wrong, not they.
fn two_servers_too_young() -> Vec<u8> {
    files([("10.20.1.9", "rds-leg01.corp.example"), ("10.20.1.12", "rds-leg02.corp.example")].map(|(ip, name)| {
        let mut talk = Talk::new(Side::windows("10.20.4.17", 51_544).hops(0), Side::windows(ip, 3389).hops(2));
        let mut wish = Wish::plain(ONLY_1_2);
        wish.certificate =
            Certificate { not_before: (2027, 2, 1), not_after: (2027, 8, 1), ..Certificate::windows(name) };
        let mut pair = Pair::new(&wish);
        negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(3.4).turns(&pair.handshake());
        talk.turns(&pair.script(NLA)).turns(&pair.script(SETUP)).wait(0.8);
        talk.turns(&pair.script(WORK)).wait(0.4);
        talk.turns(&pair.script(&[9])).client_rst();
        talk.packets()
    }))
}

/// One client's ClientHello is answered by a FIN, while another client gets in with the same server.
fn another_gets_in() -> Vec<u8> {
    let mut first = office(0);
    negotiated(&mut first, x224::MODERN, x224::HYBRID_EX).wait(0.6);
    first
        .client(&client_hello(TLS_1_2, SUITES, "rds-leg01.corp.example", 7))
        .server_fin()
        .client_fin()
        .ack(Who::Server);
    let mut second = office(1);
    let mut pair = running(&mut second, ONLY_1_2);
    second.turns(&pair.script(&[9])).client_rst();
    files([first.packets(), second.packets()])
}

/// One client's SYNs are dropped somewhere, while another client gets in with the same server.
fn syn_dropped_for_one() -> Vec<u8> {
    let mut first = office(0);
    for pause in [0.0, 1.01, 2.0, 4.02] {
        first.wait(pause).lose_later().syn();
    }
    let mut second = office(1);
    let mut pair = running(&mut second, ONLY_1_2);
    second.turns(&pair.script(&[9])).client_rst();
    files([first.packets(), second.packets()])
}

/// Somebody pulls the server's cable: two clients repeat themselves, and give up.
fn server_unplugged() -> Vec<u8> {
    let unplugged = BEGIN + 9_000_000_000;
    files((0..2).map(|nth| {
        let mut talk = office(nth);
        work(classic_until_work(&mut talk));
        talk.wait((unplugged - talk.now) as f64 / 1e9).client(&mcs::fast_path(Who::Client, 299, 15)).ack(Who::Server);
        talk.wait(0.3).lose_later().client(&mcs::fast_path(Who::Client, 300, 15));
        talk.repeat_in_vain(Who::Client, 5).wait(9.6).client_rst();
        talk.packets()
    }))
}

/// A load balancer takes its target out: two busy sessions, both sides reset in the same 20 ms.
fn lb_drops_two() -> Vec<u8> {
    let out = BEGIN + 9_000_000_000;
    files((0..2).map(|nth| {
        let mut talk = office(nth);
        work(classic_until_work(&mut talk));
        talk.wait((out + u64::from(nth) * 11_000_000 - talk.now) as f64 / 1e9);
        talk.server_delay = 40_000;
        for who in [Who::Server, Who::Client] {
            let mut forged = talk.draft(who);
            (forged.flags, forged.window, forged.ttl, forged.ip_id) = (RST | ACK, 0, 62, 0);
            talk.forge(forged);
        }
        talk.packets()
    }))
}

/// The client's first full packet never gets through; the server goes on asking whether it is there.
fn hole_from_client() -> Vec<u8> {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(0.6);
    let hello = long_hello();
    talk.lose_later().client(&hello[..1460]);
    let first = talk.client.last_data.clone();
    talk.client(&hello[1460..]).ack(Who::Server);
    talk.client.last_data = first;
    talk.repeat_in_vain(Who::Client, 5);
    talk.wait(2.0).keepalive(Who::Server).ack(Who::Client).wait(4.0).client_rst();
    file(&talk)
}

/// A ClientHello of some 1,800 bytes: as long as key shares against quantum computers make it.
fn long_hello() -> Vec<u8> {
    let suites: Vec<u16> = SUITES.iter().copied().chain((0..800).map(|nth| 0xd000 + nth)).collect();
    client_hello(TLS_1_2, &suites, "rds-leg01.corp.example", 7)
}

/// Its second packet is sent five times and never acknowledged; the first one was.
fn split_near_client() -> Vec<u8> {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(0.6);
    let hello = long_hello();
    talk.client(&hello[..1460]).lose_later().client(&hello[1460..]).wait(0.03).ack(Who::Server);
    talk.repeat_in_vain(Who::Client, 5);
    talk.wait(2.0).client_rst();
    file(&talk)
}

/// At the server only the first packet arrives, and the client gives up.
fn split_near_server() -> Vec<u8> {
    let mut talk = Talk::new(Side::windows("203.0.113.58", 52_114).hops(14), Side::windows("10.20.1.9", 3389).hops(0));
    (talk.server_delay, talk.client_delay) = (120_000, 38_000_000);
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(0.6);
    let hello = long_hello();
    talk.client(&hello[..1460]).wait(0.05).ack(Who::Server).wait(21.0).client_rst();
    file(&talk)
}

/// A device resets after the first packet. An older program on the same machine has a shorter hello, and gets through.
fn smaller_one_works() -> Vec<u8> {
    let mut first = office(0);
    negotiated(&mut first, x224::MODERN, x224::HYBRID_EX).wait(0.6);
    first.client(&long_hello()[..1460]).wait(0.02).ack(Who::Server).wait(0.01).server_rst();
    let mut second = Talk::new(Side::windows("10.20.4.17", 51_590).hops(0), Side::windows("10.20.1.9", 3389).hops(2));
    second.now = first.now + 40_000_000_000;
    let mut pair = running(&mut second, ONLY_1_2);
    second.turns(&pair.script(&[9])).client_rst();
    files([first.packets(), second.packets()])
}

/// ClientKeyExchange, ChangeCipherSpec and Finished in a packet each; the server resets at the last.
fn flight_split() -> Vec<u8> {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(0.6);
    talk.client(&client_hello(TLS_1_2, SUITES, "rds-leg01.corp.example", 7));
    let flight =
        [hello::server_hello(TLS_1_2, hello::RSA_AES_256, 10), hello::certificate(&[WEAK]), hello::server_hello_done()];
    talk.server(&hello::record(22, TLS_1_2, &flight.concat()));
    let exchange = [&[16, 0, 0, 130, 0, 128][..], &super::super::frame::noise(5, 128)].concat();
    talk.client(&hello::record(22, TLS_1_2, &exchange)).wait(0.01);
    talk.client(&hello::record(20, TLS_1_2, &[1])).wait(0.01);
    talk.client(&hello::record(22, TLS_1_2, &super::super::frame::noise(6, 80))).server_rst();
    file(&talk)
}

/// A device puts eleven bytes between two records of the server. The client stops at once.
fn bytes_added() -> Vec<u8> {
    let mut talk = Talk::office();
    let mut pair = running(&mut talk, ONLY_1_2);
    talk.server(b"X-Cache: HI").turns(&pair.script(&[-1180])).client_rst();
    file(&talk)
}

/// The server finds the client's Finished altered: alert 20, in clear.
fn bad_record_mac() -> Vec<u8> {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(0.6);
    talk.client(&client_hello(TLS_1_2, SUITES, "rds-leg01.corp.example", 7));
    let flight =
        [hello::server_hello(TLS_1_2, hello::RSA_AES_256, 10), hello::certificate(&[WEAK]), hello::server_hello_done()];
    talk.server(&hello::record(22, TLS_1_2, &flight.concat()));
    let exchange = [&[16, 0, 0, 130, 0, 128][..], &super::super::frame::noise(5, 128)].concat();
    let answer = [
        hello::record(22, TLS_1_2, &exchange),
        hello::record(20, TLS_1_2, &[1]),
        hello::record(22, TLS_1_2, &super::super::frame::noise(6, 80)),
    ];
    talk.client(&answer.concat()).server(&hello::alert(TLS_1_2, 20)).server_fin().client_fin();
    file(&talk)
}
