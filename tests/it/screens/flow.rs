//! What is measured on packets: the same numbers as the engine's and as the wire's.

use rdpwhy::tui::flow::Flow;

use super::looks::picture;
use super::{Screen, states};

fn measured(name: &str) -> (Screen, Flow) {
    let mut screen = Screen::of(name, 120, 50);
    screen.keys("<Enter>5");
    states::packets(&mut screen);
    let flow = screen.model.flow.clone().expect("packets");
    (screen, flow)
}

#[test]
fn charts_count_what_the_table_counts() {
    let names = [
        "healthy--lossy.pcapng",
        "path.loss--on-both-sides.pcap",
        "healthy--reordered-and-repeated.pcap",
        "healthy--reordered-on-the-wire.pcapng",
        "path.mtu-black-hole--near-server.pcap",
        "healthy--sequence-wrap.pcap",
        "tcp.retransmit-giveup--path-goes-silent.pcapng",
        "healthy--nla-tls12.pcapng",
    ];
    for name in names {
        let (screen, flow) = measured(name);
        let session = &screen.model.opened.as_ref().expect("open").case.session;
        let table = [session.client_side(), session.server_side()].map(|side| side.retransmissions as usize);
        let count = |client: bool| flow.again.iter().filter(|again| again.from_client == client).count();
        assert_eq!([count(true), count(false)], table, "{name}");
    }
}

#[test]
fn round_trips_are_those_of_the_wire() {
    let milliseconds = |flow: &Flow, side: usize| {
        let spread = flow.spread(side).expect("round trips");
        (flow.trips[side].len(), spread.map(|seconds| (seconds * 1e6).round() / 1e3))
    };
    // The same as tshark's tcp.analysis.ack_rtt.
    let (_, flow) = measured("path.loss--on-both-sides.pcap");
    assert_eq!(milliseconds(&flow, 1), (35, [9.035, 9.301, 29.547]));
    // tshark has eight more, up to 440 ms: acknowledgments that waited for a repetition, which tell no round trip.
    assert_eq!(milliseconds(&flow, 0), (27, [12.126, 40.0, 40.0]));
    assert_eq!(flow.far(), 0);
    let (_, flow) = measured("tls.cert-expired--alert-45.pcap");
    assert_eq!(milliseconds(&flow, 1), (4, [18.4, 18.8, 23.1]));
    assert_eq!(flow.far(), 1);
}

#[test]
fn the_network_over_time() {
    let (mut screen, _) = measured("path.loss--on-both-sides.pcap");
    screen.keys("<Tab>z");
    picture("lossy-net-120x50", &screen);
    screen.resize(80, 24);
    picture("lossy-net-80x24", &screen);
    screen.keys("]");
    picture("lossy-net-80x24-again", &screen);
    screen.keys("]<Right><Right><Right>");
    picture("lossy-net-80x24-bytes", &screen);
    screen.keys("]");
    assert!(screen.text().contains("round trip to the client, ms, worst of each"), "{}", screen.text());
    screen.keys("[");
    assert!(screen.text().contains("bytes per second"), "{}", screen.text());
    screen.model.look.ascii = true;
    assert!(screen.text().is_ascii(), "{}", screen.text());
    screen.resize(120, 50);
    assert!(screen.text().is_ascii(), "{}", screen.text());
}

#[test]
fn the_cursor_in_time_stands_on_every_chart() {
    let (mut screen, _) = measured("path.loss--on-both-sides.pcap");
    screen.keys("<Tab>z");
    let columns = |screen: &Screen| -> Vec<usize> {
        let text = screen.text();
        let axes = text.lines().filter(|line| line.contains('└'));
        axes.filter_map(|line| line.chars().position(|c| c == '▲')).collect()
    };
    let before = columns(&screen);
    screen.keys("<Right><Right>");
    let after = columns(&screen);
    assert_eq!((before.len(), after.len()), (3, 3), "{}", screen.text());
    assert!(before.iter().zip(&after).all(|(before, after)| after - before == 2), "{before:?} {after:?}");
}
