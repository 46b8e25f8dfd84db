//! Time: connections that are idle too long, windows that stay shut, clocks that jump.

use super::super::file::{Packet, pcap};
use super::super::hello::{SUITES, TLS_1_2, certificate, client_hello, record, server_hello, server_hello_done};
use super::super::sealed::{Sealed, WINDOWS};
use super::super::talk::{Side, Talk, Who};
use super::super::{mcs, x224};
use super::logon::{NTLM, QUICK_SETUP};
use super::{Made, WEAK, classic, classic_until_work, farewell, file, files, fixed, negotiated, work};

pub(super) const ROSTER: &[Made] = &[
    fixed("path.idle-expiry--reset-after-412-s.pcap", idle_then_reset),
    fixed("path.idle-expiry--two-alike.pcap", idle_twice),
    fixed("healthy--quiet-for-an-hour.pcap", quiet_hour),
    fixed("end.server-reset--after-a-quiet-hour.pcap", reset_after_quiet),
    fixed("healthy--goodbye-after-a-quiet-while.pcap", goodbye_after_quiet),
    fixed("path.lb-reset--both-sides.pcap", lb_reset),
    fixed("tcp.zero-window--client-hangs.pcap", zero_window),
    fixed("healthy--window-shut-for-a-moment.pcap", shut_for_a_moment),
    fixed("cap.clock-jump--back-an-hour.pcap", clock_back),
    fixed("cap.clock-jump--forward-a-day.pcap", clock_forward),
    fixed("path.changed--comes-back-elsewhere.pcap", comes_back_elsewhere),
    fixed("path.changed--two-sessions-at-once.pcap", two_sessions_at_once),
    fixed("end.client-vanished--laptop-closed.pcap", laptop_closed),
    fixed("end.client-vanished--somebody-else-comes.pcap", somebody_else_comes),
    fixed("path.loss--on-both-sides.pcap", loss_on_both_sides),
    fixed("tcp.retransmit-giveup--no-confirm-arrives.pcap", no_confirm_arrives),
    fixed("tcp.retransmit-giveup--no-certificate-arrives.pcap", no_certificate_arrives),
    fixed("tcp.retransmit-giveup--nothing-from-client.pcap", nothing_from_client),
];

/// Nothing for 412 s; a firewall has forgotten the connection and answers the next key press itself.
fn idle_then_reset() -> Vec<u8> {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk));
    talk.wait(412.0).client(&mcs::fast_path(Who::Client, 300, 15));
    talk.server_delay = 900_000;
    talk.server.ttl = 254;
    talk.bare_rst(Who::Server);
    file(&talk)
}

/// Two sessions, idle for four minutes each, and no packet of theirs comes through any more.
fn idle_twice() -> Vec<u8> {
    files((0..2_u16).map(|nth| {
        let client = Side::windows(&format!("10.20.4.{}", 17 + nth), 51_544 + nth).hops(0);
        let mut talk = Talk::new(client, Side::windows("10.20.1.9", 3389).hops(2));
        talk.now += u64::from(nth) * 7_300_000_000;
        work(classic_until_work(&mut talk));
        talk.wait(241.0).lose_later().client(&mcs::fast_path(Who::Client, 300, 15));
        talk.repeat_in_vain(Who::Client, 5).wait(9.6).client_rst();
        talk.packets()
    }))
}

/// An hour of nothing, then work goes on; and the user leaves after two minutes more.
fn quiet_hour() -> Vec<u8> {
    let mut talk = Talk::lab();
    work(classic_until_work(&mut talk));
    talk.wait(3_600.0);
    work(&mut talk);
    talk.wait(120.0);
    farewell(&mut talk);
    file(&talk)
}

/// The server still hears the key press behind the silence, and then resets by itself.
fn reset_after_quiet() -> Vec<u8> {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk));
    talk.wait(3_600.0).client(&mcs::fast_path(Who::Client, 300, 15)).ack(Who::Server).wait(0.4).server_rst();
    file(&talk)
}

/// Five minutes of nothing; the user comes back to close the window, and the server answers with a reset.
fn goodbye_after_quiet() -> Vec<u8> {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk));
    talk.wait(300.0).client(&mcs::ultimatum(3)).server_rst();
    file(&talk)
}

/// After exactly 240 s without a packet the load balancer resets both sides, out of nothing.
fn lb_reset() -> Vec<u8> {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk));
    talk.wait(240.05);
    for who in [Who::Server, Who::Client] {
        let mut forged = talk.draft(who);
        (forged.flags, forged.window, forged.ttl, forged.ip_id) = (RST_ACK, 0, 62, 0);
        forged.options.clear();
        talk.server_delay = 40_000;
        talk.forge(forged);
    }
    file(&talk)
}

const RST_ACK: u8 = super::super::frame::RST | super::super::frame::ACK;

/// The client's program hangs: pictures fill its window, and it never opens again.
fn zero_window() -> Vec<u8> {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk));
    talk.server(&mcs::fast_path(Who::Server, 300, 4_000));
    talk.client.window = 0;
    talk.ack(Who::Client);
    let mut pause = 0.5;
    for _ in 0..6 {
        talk.wait(pause).keepalive(Who::Server).ack(Who::Client);
        pause *= 2.0;
    }
    talk.wait(4.0).server_rst();
    file(&talk)
}

/// The same for two seconds; then it reads on.
fn shut_for_a_moment() -> Vec<u8> {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk));
    talk.server(&mcs::fast_path(Who::Server, 300, 4_000));
    let open = std::mem::replace(&mut talk.client.window, 0);
    talk.ack(Who::Client);
    for _ in 0..3 {
        talk.wait(0.6).keepalive(Who::Server).ack(Who::Client);
    }
    talk.client.window = open;
    talk.wait(0.1).ack(Who::Client);
    farewell(work(&mut talk));
    file(&talk)
}

/// The packets of `talk` as a capture whose clock is set anew, by so many seconds, before packet `from`.
fn set_clock(talk: &Talk, from: usize, seconds: i64) -> Vec<u8> {
    let shift =
        |packet: Packet| Packet { time_ns: packet.time_ns.wrapping_add_signed(seconds * 1_000_000_000), ..packet };
    let packets = talk.packets().into_iter().enumerate();
    pcap(&packets.map(|(nth, packet)| if nth >= from { shift(packet) } else { packet }).collect::<Vec<_>>())
}

/// Summer time ends on the capturing machine, in the middle of a session.
fn clock_back() -> Vec<u8> {
    let mut talk = Talk::office();
    set_clock(classic(&mut talk), 40, -3_600)
}

/// Its clock is found to be a day slow. The peers' timestamps count a quarter of a second.
fn clock_forward() -> Vec<u8> {
    let mut talk = Talk::lab();
    set_clock(classic(&mut talk), 40, 86_400)
}

/// Captured at the server. The client's VPN reconnects: the old address is silent, the user comes from another.
fn comes_back_elsewhere() -> Vec<u8> {
    files(left_behind("10.88.0.71", "jdoe").map(|talk| talk.packets()))
}

/// Two servers lose the same client in the same second; then its user comes from another address.
fn two_sessions_at_once() -> Vec<u8> {
    let [first, second] = left_behind("10.88.0.71", "jdoe");
    files([first.packets(), other_server(&first).packets(), second.packets()])
}

/// Two servers lose the same client in the same second, and nobody comes: the machine sleeps.
fn laptop_closed() -> Vec<u8> {
    let [first, _] = left_behind("10.88.0.71", "jdoe");
    files([first.packets(), other_server(&first).packets()])
}

/// The same client's session with another server, lost at the same time.
fn other_server(first: &Talk) -> Talk {
    let mut other = Talk::new(Side::windows("10.88.0.23", 50_140).hops(3), Side::windows("10.20.1.12", 3389).hops(0));
    (other.server_delay, other.client_delay, other.now) = (120_000, 32_000_000, super::super::talk::BEGIN + 1_000_000);
    lose_client(work(classic_until_work(&mut other)));
    assert!(other.now.abs_diff(first.now) < 1_000_000_000);
    other
}

/// What the server says is repeated into the void until it gives up.
fn lose_client(talk: &mut Talk) -> &mut Talk {
    talk.lose_later().server(&mcs::fast_path(Who::Server, 300, 734));
    talk.repeat_in_vain(Who::Server, 5).wait(9.6).server_rst()
}

/// The same, and the one who comes is somebody else.
fn somebody_else_comes() -> Vec<u8> {
    files(left_behind("10.88.0.99", "mlopez").map(|talk| talk.packets()))
}

/// A session whose client is lost, and the next one, from another address.
fn left_behind(address: &str, name: &str) -> [Talk; 2] {
    use super::super::x224;
    let server = || Side::windows("10.20.1.9", 3389).hops(0);
    let mut first = Talk::new(Side::windows("10.88.0.23", 50_122).hops(3), server());
    (first.server_delay, first.client_delay) = (120_000, 32_000_000);
    work(classic_until_work(&mut first));
    let lost = first.now;
    lose_client(&mut first);
    let mut second = Talk::new(Side::windows(address, 50_890).hops(3), server().counting_from(77_118));
    (second.server_delay, second.client_delay, second.now) = (120_000, 35_000_000, lost + 4_700_000_000);
    second.handshake().client(&x224::asks(name, x224::RDP)).server(&x224::confirm(&x224::selects(0, x224::RDP)));
    second.turns(&mcs::classic("WKS-0417", mcs::Security::Proprietary));
    farewell(work(&mut second));
    [first, second]
}

/// Captured half way. Some of the server's pictures are lost before this point, some behind it.
fn loss_on_both_sides() -> Vec<u8> {
    let mut talk = Talk::new(Side::windows("10.20.4.17", 51_544).hops(2), Side::windows("10.20.1.9", 3389).hops(2));
    (talk.server_delay, talk.client_delay) = (9_000_000, 12_000_000);
    classic_until_work(&mut talk);
    for nth in 0..24_u64 {
        let picture = mcs::fast_path(Who::Server, 100 + nth, 900);
        let place = talk.server.next;
        match nth % 6 {
            1 => talk.lose_later().server(&picture).wait(0.4).say_at(Who::Server, place, &picture),
            4 => {
                talk.lose().server(&picture).wait(0.02).server(&mcs::fast_path(Who::Server, 500 + nth, 90));
                talk.wait(0.35).say_at(Who::Server, place, &picture)
            }
            _ => talk.server(&picture),
        };
        talk.wait(0.2).client(&mcs::fast_path(Who::Client, 200 + nth, 15));
    }
    farewell(&mut talk);
    file(&talk)
}

/// What `who` says gets lost, and so does each repetition, while the other one is there and asks whether `who` still is.
fn in_vain(talk: &mut Talk, who: Who, bytes: &[u8]) {
    talk.lose_later()
        .say(who, bytes)
        .repeat_in_vain(who, 4)
        .wait(3.0)
        .keepalive(who.other())
        .wait(1.8)
        .lose_later()
        .retransmit(who)
        .wait(6.0);
}

/// The server's confirm is sent six times. The client has not got it when it gives up.
fn no_confirm_arrives() -> Vec<u8> {
    let mut talk = Talk::office();
    talk.handshake().client(&x224::asks("jdoe", x224::MODERN)).wait(0.03).ack(Who::Server);
    in_vain(&mut talk, Who::Server, &x224::confirm(&x224::selects(0, x224::SSL)));
    talk.client_fin();
    file(&talk)
}

/// The server's part of the TLS handshake, in a small packet, is sent six times. Who closes has not seen the certificate.
fn no_certificate_arrives() -> Vec<u8> {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::MODERN, x224::SSL).wait(0.4);
    talk.client(&client_hello(TLS_1_2, SUITES, "rds-leg01.corp.example", 7)).wait(0.03).ack(Who::Server);
    let flight = [server_hello(TLS_1_2, 0x009d, 9), certificate(&[WEAK]), server_hello_done()].concat();
    in_vain(&mut talk, Who::Server, &record(22, TLS_1_2, &flight));
    talk.client_fin();
    file(&talk)
}

/// In a session nothing of the client arrives any more; the server, who goes on, gives it up.
fn nothing_from_client() -> Vec<u8> {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk));
    talk.wait(2.0);
    in_vain(&mut talk, Who::Client, &mcs::fast_path(Who::Client, 300, 15));
    talk.server_fin();
    file(&talk)
}

#[test]
fn a_close_long_after_a_request_did_not_cross_it() {
    let mut talk = Talk::office();
    talk.handshake();
    in_vain(&mut talk, Who::Client, &x224::asks("jdoe", x224::MODERN));
    talk.server_fin();
    assert_eq!(super::judged(&[talk]).swap_remove(0).verdict.cause, Some("x224.no-confirm"));
}

/// Each message of a Windows session that gets lost for good, and either side giving up.
#[test]
fn nobody_is_blamed_for_what_did_not_arrive() {
    const PATH: &[&str] = &["tcp.retransmit-giveup", "path.mtu-black-hole", "x224.no-confirm", "tls.handshake-stall"];
    let mut sealed = Sealed::exact();
    let mut turns = vec![
        (Who::Client, x224::asks("jdoe", x224::MODERN)),
        (Who::Server, x224::confirm(&x224::selects(0x1f, x224::HYBRID_EX))),
    ];
    turns.extend(sealed.handshake("RDS-LEG01.corp.example", WINDOWS));
    turns.extend(sealed.script(&[NTLM, QUICK_SETUP].concat()));
    let mut told = 0;
    // What takes several packets does not get lost as a whole.
    for (nth, (who, bytes)) in turns.iter().enumerate().filter(|(_, (_, bytes))| bytes.len() < 1400) {
        for closer in [Who::Client, Who::Server] {
            let mut talk = Talk::office();
            talk.handshake().turns(&turns[..nth]);
            in_vain(&mut talk, *who, bytes);
            talk.fin(closer);
            let verdict = super::judged(&[talk]).swap_remove(0).verdict;
            let cause = verdict.cause.unwrap_or_default();
            assert!(PATH.contains(&cause), "message {nth} of the {who:?}, closed by the {closer:?}: {cause}");
            told += 1;
        }
    }
    assert!(told > 40, "{told}");
}
