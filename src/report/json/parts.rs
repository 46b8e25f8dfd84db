//! The parts of a session record that tell what was read: negotiation, network, capture.

use super::record::{Record, hexadecimal, key};
use crate::frame::Input;
use crate::knowledge::negotiation::{request_flags, response_flags};
use crate::session::{Session, Transport, Vantage};
use crate::wire::x224::Answer;

/// Nanoseconds are what was captured; a float's noise behind them is not.
pub(super) fn seconds(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

/// What was asked for, and what was answered.
pub(super) fn negotiation(session: &Session, record: &mut Record) {
    let request = session.request().map(|(_, request)| request);
    let confirm = session.confirm().map(|(_, confirm)| confirm);
    if request.is_none() && confirm.is_none() {
        return;
    }
    record.object(key!("negotiation"), |record| {
        if let Some(request) = request {
            if let Some(cookie) = &request.cookie {
                record.text(key!("cookie"), cookie.raw());
            }
            if let Some(token) = &request.routing_token {
                record.text(key!("routing_token"), token.raw());
            }
            record.texts(key!("requested"), request.protocols.words());
            if let Some(flags) = request.flags {
                record.texts(key!("request_flags"), request_flags(flags));
            }
        }
        if let Some(chosen) = session.selected().and_then(|chosen| chosen.words().first().copied()) {
            record.word(key!("selected"), chosen);
        }
        if let Some(Answer::Response { flags, .. }) = confirm.map(|confirm| confirm.answer) {
            record.texts(key!("response_flags"), response_flags(flags));
        }
        if let Some((_, code)) = session.negotiation_failure() {
            record.object(key!("failure"), |record| {
                record.number(key!("code"), code.0);
                if let Some(symbol) = code.symbol() {
                    record.word(key!("symbol"), symbol);
                }
            });
        }
        if let Some(id) = request.and_then(|request| request.correlation) {
            record.plain(key!("correlation_id"), |out| hexadecimal(out, &id));
        }
    });
}

/// What the packets tell of the path.
pub(super) fn network(session: &Session, record: &mut Record) {
    let [client, server] = &session.sides;
    record.object(key!("network"), |record| {
        if let Some(time) = session.rtt_client {
            record.value(key!("rtt_client"), &seconds(time));
        }
        if let Some(time) = session.rtt_server {
            record.value(key!("rtt_server"), &seconds(time));
        }
        record.number(key!("retransmissions"), client.retransmissions + server.retransmissions);
        // What waited for a timer was missed by the other side; a quick repetition may be the sender's mistake.
        record.number(key!("lost"), client.timeouts + server.timeouts);
        // What fills a hole was lost before it came here, what was here before got lost behind.
        let lost = [
            (key!("lost_client_side"), client.refilled + server.lost_behind()),
            (key!("lost_server_side"), server.refilled + client.lost_behind()),
        ];
        for (name, packets) in lost.into_iter().filter(|(_, packets)| *packets > 0) {
            record.number(name, packets);
        }
        record.number(key!("out_of_order"), client.out_of_order + server.out_of_order);
        record.number(key!("zero_window"), client.zero_windows + server.zero_windows);
        if let Some(mss) = client.options.mss {
            record.number(key!("mss_client"), mss);
        }
        if let Some(mss) = server.options.mss {
            record.number(key!("mss_server"), mss);
        }
        if client.packets > 0 {
            record.number(key!("ttl_client"), client.ttl);
        }
        if server.packets > 0 {
            record.number(key!("ttl_server"), server.ttl);
        }
        record.number(key!("bytes_client"), client.bytes);
        record.number(key!("bytes_server"), server.bytes);
        record.number(key!("packets"), session.packets());
        if let Some(near) = session.vantage().map(Vantage::word) {
            record.word(key!("near"), near);
        }
    });
}

/// What weakens a verdict: only what applies is there.
pub(super) fn capture(session: &Session, inputs: &[Input], record: &mut Record) {
    let last_file = usize::from(session.last.frame.file());
    let marks = [
        (key!("one_way"), session.sides.iter().any(|side| side.packets == 0)),
        (key!("midstream"), session.transport == Transport::Tcp && session.is_midstream()),
        (key!("cut"), inputs.get(last_file).is_some_and(|input| input.truncated.is_some())),
        (key!("snaplen"), session.is_cut()),
        (key!("drops"), inputs.iter().any(|input| input.dropped > 0)),
        (key!("evicted"), session.evicted),
    ];
    if marks.iter().all(|(_, applies)| !applies) {
        return;
    }
    record.object(key!("capture"), |record| {
        for (name, _) in marks.into_iter().filter(|(_, applies)| *applies) {
            record.flag(name, true);
        }
    });
}
