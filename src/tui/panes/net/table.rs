//! The numbers of both sides, and what they say.

use crate::report::time;
use crate::session::Session;
use crate::tcp::side::Side;
use crate::tui::flow::Flow;
use crate::tui::pane::{Row, prose};
use crate::tui::theme::Role;

/// Where the two sides stand.
const CLIENT: usize = 18;
const SERVER: usize = 32;
/// Where the words begin, if there is room for any.
const WORDS: usize = 46;

struct Table {
    rows: Vec<Row>,
    width: usize,
}

impl Table {
    fn add(&mut self, label: &str, values: [String; 2], words: &str) {
        let [client, server] = values;
        let row = Row::of(Role::Dim, label).and(CLIENT, Role::Text, client).and(SERVER, Role::Text, server);
        let has_words = self.width >= WORDS + 33 && !words.is_empty();
        self.rows.push(if has_words { row.and(WORDS, Role::Text, words) } else { row });
    }
}

/// All rows; the less telling ones only with `is_full`.
pub(super) fn rows(session: &Session, flow: Option<&Flow>, width: usize, is_full: bool) -> Vec<Row> {
    let sides = [session.client_side(), session.server_side()];
    let head = Row::default().and(CLIENT, Role::Client, "client side").and(SERVER, Role::Server, "server side");
    let head = if width >= WORDS + 33 { head.and(WORDS, Role::Dim, "what it says") } else { head };
    let mut table = Table { rows: vec![head], width };
    table.add("round trip, ms", trips(session, flow), place(session, flow));
    if is_full {
        table.add("packets", sides.map(|side| time::count(side.packets)), "");
        table.add("payload bytes", sides.map(|side| time::count(side.bytes)), "each byte counted once");
    }
    again(&mut table, sides);
    table.add("out of order", sides.map(|side| side.out_of_order.to_string()), "");
    window(&mut table, sides);
    let size = |length: u32| if length == 0 { "-".into() } else { length.to_string() };
    let offered = sides.map(|side| side.options.mss);
    let words = match offered {
        [Some(client), Some(server)] => format!("arrived whole; MSS {client} and {server}"),
        _ => "arrived whole, was acknowledged".into(),
    };
    table.add("biggest IP packet", sides.map(|side| size(side.longest_acknowledged)), &words);
    if sides.iter().any(|side| side.uncaptured > 0) {
        table.add("not captured", sides.map(|side| time::bytes(side.uncaptured)), "acknowledged, not in the file");
    }
    ttl(&mut table, sides);
    if let Some(repeat) = sides.iter().find_map(|side| side.repeat()).filter(|repeat| repeat.count > 1) {
        let fragment = if repeat.dont_fragment { ", not to be fragmented (DF)" } else { "" };
        let text = format!(
            "frame {} ({} bytes of IP{fragment}) was sent {} times more and never acknowledged",
            repeat.original.frame.number(),
            repeat.ip_length,
            repeat.count
        );
        table.rows.extend(prose((Role::Warn, "!"), 2, width, Role::Warn, &text));
    }
    table.rows
}

/// Milliseconds with as many digits as they deserve.
pub(super) fn milliseconds(seconds: f64) -> String {
    let value = seconds * 1e3;
    match value {
        v if v < 0.095 => format!("{v:.2}"),
        v if v < 9.95 => format!("{v:.1}"),
        v => format!("{v:.0}"),
    }
}

/// `0.2/0.3/0.9`; of the handshake alone where the packets are not at hand.
fn trips(session: &Session, flow: Option<&Flow>) -> [String; 2] {
    let shaken = [session.rtt_client, session.rtt_server];
    [0, 1].map(|side| match (flow.and_then(|flow| flow.spread(side)), shaken[side]) {
        (Some(spread), _) => spread.map(milliseconds).join("/"),
        (None, Some(seconds)) => milliseconds(seconds),
        (None, None) => "-".into(),
    })
}

fn place(session: &Session, flow: Option<&Flow>) -> &'static str {
    let middle = |side: usize, shaken: Option<f64>| {
        flow.and_then(|flow| flow.spread(side)).map(|[shortest, ..]| shortest).or(shaken)
    };
    match (middle(0, session.rtt_client), middle(1, session.rtt_server)) {
        (Some(client), Some(server)) if client * 5.0 < server => "captured near the client",
        (Some(client), Some(server)) if server * 5.0 < client => "captured near the server",
        (Some(_), Some(_)) => "captured between the two",
        _ => "one way only was seen",
    }
}

fn again(table: &mut Table, sides: [&Side; 2]) {
    let share = |side: &Side| match (side.retransmissions, side.originals()) {
        (0, _) | (_, 0) => side.retransmissions.to_string(),
        (again, packets) => format!("{again} ({:.1} %)", f64::from(again) * 100.0 / packets as f64),
    };
    let again: u32 = sides.iter().map(|side| side.retransmissions).sum();
    let waited: u32 = sides.iter().map(|side| side.timeouts).sum();
    let words =
        if again > 0 { format!("{waited} of them waited for a timer") } else { "nothing was sent twice".into() };
    table.add("sent twice", sides.map(share), &words);
    let lost: u32 = sides.iter().map(|side| side.refilled).sum();
    let words = match (again, lost) {
        (0, _) => "",
        (_, 0) => "all first copies passed here",
        _ => "holes, filled by the second copy",
    };
    table.add("lost before here", sides.map(|side| side.refilled.to_string()), words);
}

fn window(table: &mut Table, sides: [&Side; 2]) {
    let closed = sides.map(|side| side.zero_windows > 0);
    let words = match closed {
        [false, false] => "neither was too slow to read",
        [true, false] => "the client was too slow to read",
        [false, true] => "the server was too slow to read",
        [true, true] => "both were too slow to read",
    };
    table.add("window closed", sides.map(|side| side.zero_windows.to_string()), words);
}

fn ttl(table: &mut Table, sides: [&Side; 2]) {
    let shown = |side: &Side| match (side.packets, side.habit.ttl_kinds()) {
        (0, _) => "-".into(),
        (_, 0 | 1) => side.ttl.to_string(),
        (_, kinds) => format!("{} ({} more)", side.ttl, kinds - 1),
    };
    // Systems begin to count at 64, 128 or 255.
    let hops =
        |side: &Side| [64, 128, 255].into_iter().find(|start| *start >= side.ttl).map_or(0, |start| start - side.ttl);
    let is_constant = sides.iter().all(|side| side.habit.ttl_kinds() <= 1);
    let words = match sides.map(|side| (side.packets > 0).then(|| hops(side))) {
        _ if !is_constant => "changes: other path or sender".into(),
        [Some(client), Some(server)] => format!("constant; {client} and {server} hops away"),
        _ => "constant: one path".into(),
    };
    table.add("TTL", sides.map(shown), &words);
}
