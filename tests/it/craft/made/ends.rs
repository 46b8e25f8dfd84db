//! How sessions end that had begun well, and captures that see only a part.

use super::super::file::{Interface, pcapng};
use super::super::mcs::{self, Security};
use super::super::talk::{BEGIN, Side, Talk, Who};
use super::super::tls::{ONLY_1_2, ONLY_1_3, Pair, Versions, Wish};
use super::super::x224;
use super::{Made, classic_until_work, farewell, file, files, fixed, fresh, negotiated, work};

pub(super) const ROSTER: &[Made] = &[
    fresh("end.server-ended--windows-shape.pcap", server_ended),
    fixed("end.server-reset--three-at-once.pcap", server_reset),
    fixed("end.client-vanished--server-gives-up.pcap", client_vanished),
    fixed("end.unexplained--fin-between-joins.pcap", unexplained),
    fresh("ok.user-disconnect--mstsc-shape.pcap", user_disconnect),
    fresh("ok.prompt-reconnect--second-runs-through.pcap", prompt_reconnect),
    fixed("cap.drops--interface-statistics.pcapng", drops),
    fixed("cap.starts-mid-session--standard-security.pcap", starts_late),
];

/// NTLM inside CredSSP, as mstsc and Windows write it: one record a message, client sizes positive.
pub(super) const NLA: &[i32] = &[57, -200, 600, -59, 124, -4];

/// From MCS Connect Initial to the first picture.
pub(super) const SETUP: &[i32] = &[
    462, -118, 12, 8, -11, 12, -15, 12, -15, 12, -15, 12, -15, 12, -15, 380, -34, -472, 611, 36, 40, 40, 40, -36, -40,
    -40, -40, -36, -645, -625,
];

/// Pictures and input.
pub(super) const WORK: &[i32] = &[-1180, 12, 12, -2310, 20, -640, 12, -4096, 12, -310];

/// A Windows session with NLA, up and running; and its TLS ends, to say what comes next.
pub(super) fn running(talk: &mut Talk, versions: Versions) -> Pair {
    let mut pair = Pair::new(&Wish::plain(versions));
    negotiated(talk, x224::MODERN, x224::HYBRID_EX).wait(3.4).turns(&pair.handshake());
    talk.turns(&pair.script(NLA)).turns(&pair.script(SETUP));
    for piece in WORK.chunks(3) {
        talk.wait(0.27).turns(&pair.script(piece));
    }
    talk.wait(1.2);
    pair
}

/// Set Error Info, Deactivate All, ultimatum; the client answers with its one RST.
fn server_ended() -> Vec<u8> {
    let mut talk = Talk::office();
    let mut pair = running(&mut talk, ONLY_1_2);
    talk.turns(&pair.script(&[-36])).wait(0.21).turns(&pair.script(&[-30, -9])).client_rst();
    file(&talk)
}

/// The service falls over: three sessions reset in the same 20 ms, none with a word before.
fn server_reset() -> Vec<u8> {
    let crash = BEGIN + 9_000_000_000;
    files((0..3_u8).map(|nth| {
        let client = Side::windows(&format!("10.20.4.{}", 17 + nth), 51_544 + 11 * u16::from(nth)).hops(0);
        let mut talk = Talk::new(client, Side::windows("10.20.1.9", 3389).hops(2));
        talk.now = BEGIN + u64::from(nth) * 1_300_000_000;
        work(classic_until_work(&mut talk));
        let pause = crash + u64::from(nth) * 7_000_000 - talk.now;
        talk.wait(pause as f64 / 1e9).server_rst();
        talk.packets()
    }))
}

/// The laptop is closed: pictures are repeated into the void, then the server resets.
fn client_vanished() -> Vec<u8> {
    let mut talk = Talk::new(Side::windows("10.88.0.23", 50_122).hops(3), Side::windows("10.20.1.9", 3389).hops(0));
    (talk.server_delay, talk.client_delay) = (120_000, 32_000_000);
    work(classic_until_work(&mut talk));
    talk.lose_later().server(&mcs::fast_path(Who::Server, 300, 734));
    talk.repeat_in_vain(Who::Server, 5).wait(9.6).server_rst();
    file(&talk)
}

/// Half way through the joins the client closes in order, and no packet says why.
fn unexplained() -> Vec<u8> {
    let mut talk = Talk::office();
    let joins = mcs::joins("WKS-0417", Security::Proprietary);
    negotiated(&mut talk, x224::RDP, x224::RDP).turns(&joins[..joins.len() - 4]).wait(0.9);
    talk.client_fin().server_fin().ack(Who::Client);
    file(&talk)
}

/// The user closes mstsc: nine bytes, and the RST that is its good-bye.
fn user_disconnect() -> Vec<u8> {
    let mut talk = Talk::office();
    let mut pair = running(&mut talk, ONLY_1_2);
    talk.turns(&pair.script(&[9])).client_rst();
    file(&talk)
}

/// mstsc stops at its certificate question, right after the server's pubKeyAuth, and comes back with the answer.
fn prompt_reconnect() -> Vec<u8> {
    let mut first = Talk::office();
    let mut pair = Pair::new(&Wish::plain(ONLY_1_2));
    negotiated(&mut first, x224::MODERN, x224::HYBRID_EX).wait(4.1).turns(&pair.handshake());
    first.turns(&pair.script(&NLA[..4])).client_rst();

    let mut second = Talk::new(Side::windows("10.20.4.17", 51_549).hops(0), first.server.clone().counting_from(9_118));
    second.now = first.now + 6_200_000_000;
    let mut pair = running(&mut second, ONLY_1_2);
    second.turns(&pair.script(&[9])).client_rst();
    files([first.packets(), second.packets()])
}

/// Four of the server's packets are missing and acknowledged, and the file says that four were dropped.
fn drops() -> Vec<u8> {
    let mut talk = Talk::lab();
    classic_until_work(&mut talk);
    for nth in 0..10_u64 {
        if nth % 3 == 0 {
            talk.miss();
        }
        talk.server(&mcs::fast_path(Who::Server, 100 + nth, 700));
        talk.wait(0.2).client(&mcs::fast_path(Who::Client, 200 + nth, 15));
    }
    farewell(&mut talk);
    let interface = Interface { name: "eth0", link_type: 1, digits: 9, dropped: Some(4) };
    pcapng(&[interface], &talk.packets().into_iter().map(|packet| (0, packet)).collect::<Vec<_>>())
}

/// The first packet of the capture is a picture.
fn starts_late() -> Vec<u8> {
    let mut talk = Talk::office();
    classic_until_work(&mut talk);
    let before = talk.packets().len();
    work(&mut talk);
    farewell(&mut talk);
    super::super::file::pcap(&talk.packets()[before..])
}

/// TLS 1.3 with the same story, for the healthy ones.
pub(super) fn tls13() -> Vec<u8> {
    let mut talk = Talk::office();
    let mut pair = running(&mut talk, ONLY_1_3);
    talk.turns(&pair.script(&[9])).client_rst();
    file(&talk)
}
