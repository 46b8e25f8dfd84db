//! The same conversation in any packets: cut, reordered, repeated. For properties of the form "same bytes, any cuts,
//! same events".

use super::file::Packet;
use super::talk::{Talk, Who};

/// What one side says before the other answers.
pub(crate) type Turn = (Who, Vec<u8>);

/// How turns become segments. Positions count data segments from 0 and wrap around, so any numbers do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// Payload sizes, taken in turn and then from the start again; 0 counts as 1. Empty: full segments.
    pub(crate) sizes: Vec<usize>,
    /// Segments that change places with the one after them, if the same side says both in one turn.
    pub(crate) swaps: Vec<usize>,
    /// Segments that come once more, right after the next segment.
    pub(crate) repeats: Vec<usize>,
}

/// The conversation under a plan, from the handshake to both FINs.
pub(crate) fn played(turns: &[Turn], plan: &Plan) -> Vec<Packet> {
    let mut talk = Talk::office();
    talk.handshake();
    played_in(&mut talk, turns, plan);
    talk.client_fin().server_fin().ack(Who::Client);
    talk.packets()
}

/// The turns alone, in a conversation under way.
pub(crate) fn played_in(talk: &mut Talk, turns: &[Turn], plan: &Plan) {
    let segments = segments(turns, &plan.sizes);
    let count = segments.len().max(1);
    let mut order: Vec<usize> = (0..segments.len()).collect();
    for swap in plan.swaps.iter().map(|swap| swap % count) {
        if swap + 1 < count && segments[swap].turn == segments[swap + 1].turn {
            order.swap(swap, swap + 1);
        }
    }
    // Sequence numbers come from the place in the stream, not from the order on the wire.
    let starts = (talk.client.next, talk.server.next);
    for (nth, &at) in order.iter().enumerate() {
        put(talk, &segments[at], starts);
        if nth > 0 && plan.repeats.iter().any(|repeat| repeat % count == order[nth - 1]) {
            put(talk, &segments[order[nth - 1]], starts);
        }
    }
}

struct Piece {
    turn: usize,
    who: Who,
    /// Bytes of the same side before it.
    offset: usize,
    bytes: Vec<u8>,
}

fn segments(turns: &[Turn], sizes: &[usize]) -> Vec<Piece> {
    let mut sizes = sizes.iter().map(|size| size.clamp(&1, &1460)).cycle();
    let mut said = [0, 0];
    let mut pieces = Vec::new();
    for (turn, (who, bytes)) in turns.iter().enumerate() {
        let said = &mut said[usize::from(*who == Who::Server)];
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (head, tail) = rest.split_at(rest.len().min(*sizes.next().unwrap_or(&1460)));
            pieces.push(Piece { turn, who: *who, offset: *said, bytes: head.to_vec() });
            *said += head.len();
            rest = tail;
        }
    }
    pieces
}

fn put(talk: &mut Talk, piece: &Piece, (client, server): (u32, u32)) {
    let start = if piece.who == Who::Client { client } else { server };
    talk.say_at(piece.who, start.wrapping_add(piece.offset as u32), &piece.bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_changes_packets_and_not_bytes() {
        let turns = [(Who::Client, b"hello, this is a request".to_vec()), (Who::Server, vec![7; 3000])];
        let straight = played(&turns, &Plan::default());
        let bent = played(&turns, &Plan { sizes: vec![7, 1000], swaps: vec![0, 5], repeats: vec![2] });
        assert_eq!(stream(&straight, 51_544), turns[0].1);
        assert_eq!(stream(&bent, 51_544), turns[0].1);
        assert_eq!(stream(&bent, 3389), turns[1].1);
        assert!(bent.len() > straight.len());
    }

    /// The bytes of the side with this port, put together by sequence number.
    fn stream(packets: &[Packet], port: u16) -> Vec<u8> {
        let mut bytes = std::collections::BTreeMap::new();
        for packet in packets {
            let tcp = &packet.bytes[34..];
            let seq = u32::from_be_bytes([tcp[4], tcp[5], tcp[6], tcp[7]]);
            if u16::from_be_bytes([tcp[0], tcp[1]]) == port {
                let data = &tcp[usize::from(tcp[12] >> 4) * 4..];
                bytes.extend(data.iter().enumerate().map(|(nth, byte)| (seq.wrapping_add(nth as u32), *byte)));
            }
        }
        bytes.into_values().collect()
    }
}
