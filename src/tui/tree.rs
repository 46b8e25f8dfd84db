//! A packet as a tree: its headers, and what it carries in the specification's words, each with the bytes that say so.

use std::ops::Range;

use super::feed::Packet;
use super::opened::SessionView;
use crate::frame::{Frame, FrameNumber, LinkType, Place};
use crate::report::time;
use crate::session::{Event, EventKind, Session};
use crate::tcp::Decoder;
use crate::tcp::segment::{Flags, Packet as Carried, Segment};
use crate::wire::describe::{Describe as _, Field};

/// A line of the tree.
#[derive(Clone, Debug)]
pub struct Node {
    /// How deep: 0 a layer, 1 its fields.
    pub depth: usize,
    /// Its name.
    pub name: String,
    /// Its value in words.
    pub value: String,
    /// Its bytes in the frame; empty when they are elsewhere, or it is concluded.
    pub range: Range<usize>,
    /// It has fields that can be folded away.
    pub is_parent: bool,
}

impl Node {
    fn layer(name: &str, value: String, range: Range<usize>) -> Self {
        Self { depth: 0, name: name.into(), value, range, is_parent: true }
    }

    fn field(name: &str, value: impl Into<String>, range: Range<usize>) -> Self {
        Self { depth: 1, name: name.into(), value: value.into(), range, is_parent: false }
    }
}

/// Layers that are folded unless somebody opens them.
const FOLDED: [&str; 5] = ["Ethernet", "Link", "IPv4", "IPv6", "TCP"];

/// Whether the layer called `name` is folded in `view`.
#[must_use]
pub fn is_folded(view: &SessionView, name: &str) -> bool {
    FOLDED.contains(&name) != view.folded.contains(name)
}

/// All lines of `packet` that are not folded away.
#[must_use]
pub fn nodes(view: &SessionView, packet: &Packet) -> Vec<Node> {
    let mut shown = Vec::new();
    let mut is_hidden = false;
    for node in all(&view.case.session, packet) {
        if node.depth == 0 {
            is_hidden = is_folded(view, &node.name);
            shown.push(node);
        } else if !is_hidden {
            shown.push(node);
        }
    }
    shown
}

/// All lines of `packet`, also what is folded away.
#[must_use]
pub fn all(session: &Session, packet: &Packet) -> Vec<Node> {
    let bytes = &packet.bytes;
    let frame = Frame {
        number: packet.frame,
        time: packet.time,
        link: packet.link,
        bytes,
        original_length: packet.length,
        place: Place::default(),
    };
    let mut decoder = Decoder::default();
    let mut nodes = Vec::new();
    let mut base = None;
    if let Carried::Tcp(segment) = decoder.decode(&frame) {
        base = headers(packet, &segment, &mut nodes);
    }
    let client = packet.from_client;
    let events = session.timeline.iter().filter(|event| event.frame == packet.frame);
    for event in events.filter(|event| (event.direction.index() == 0) == client) {
        said(session, event, packet, base, &mut nodes);
    }
    nodes
}

/// Where `part`, a slice of `whole`, begins in it.
fn place_of(whole: &[u8], part: &[u8]) -> Option<usize> {
    let at = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    (at + part.len() <= whole.len()).then_some(at)
}

/// The headers; answers where the payload begins.
fn headers(packet: &Packet, segment: &Segment<'_>, nodes: &mut Vec<Node>) -> Option<usize> {
    let bytes = &packet.bytes;
    // Of a datagram made of fragments the bytes lie in another frame too.
    let options = place_of(bytes, segment.options)?;
    let tcp = options.checked_sub(20)?;
    let payload = options + segment.options.len();
    let ip = ip_start(bytes, tcp)?;
    let name = if packet.link == LinkType::ETHERNET { "Ethernet" } else { "Link" };
    if ip > 0 {
        nodes.push(Node::layer(name, link_text(packet, ip), 0..ip));
        if packet.link == LinkType::ETHERNET && ip >= 14 {
            nodes.push(Node::field("destination", mac(&bytes[..6]), 0..6));
            nodes.push(Node::field("source", mac(&bytes[6..12]), 6..12));
            nodes.push(Node::field("type", format!("0x{:02x}{:02x}", bytes[ip - 2], bytes[ip - 1]), ip - 2..ip));
        }
    }
    internet(segment, ip, tcp, nodes);
    transport(segment, tcp, payload, nodes);
    Some(payload)
}

/// The IP header stands right before TCP: of 20 to 60 bytes, or of 40 and more.
fn ip_start(bytes: &[u8], tcp: usize) -> Option<usize> {
    let is_v4 = |start: &usize| bytes[*start] >> 4 == 4 && usize::from(bytes[*start] & 15) * 4 == tcp - start;
    let v4 = (20..=60).step_by(4).filter_map(|length| tcp.checked_sub(length)).find(is_v4);
    v4.or_else(|| tcp.checked_sub(40).filter(|start| bytes[*start] >> 4 == 6))
}

fn mac(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

fn link_text(packet: &Packet, length: usize) -> String {
    match &*packet.bytes {
        bytes if packet.link == LinkType::ETHERNET && length >= 14 => {
            format!("{} → {}", mac(&bytes[6..12]), mac(&bytes[..6]))
        }
        _ => format!("{}, {length} bytes", packet.link.name()),
    }
}

fn internet(segment: &Segment<'_>, ip: usize, tcp: usize, nodes: &mut Vec<Node>) {
    let net = &segment.net;
    let fragment = if net.dont_fragment { "  DF" } else { "" };
    match net.id {
        Some(id) => {
            let value = format!("{} → {}  ttl {}{fragment}  id {id:#06x}", net.source, net.destination, net.ttl);
            nodes.push(Node::layer("IPv4", value, ip..tcp));
            nodes.push(Node::field("total length", net.length.to_string(), ip + 2..ip + 4));
            nodes.push(Node::field("identification", format!("{id:#06x}"), ip + 4..ip + 6));
            let flags = if net.dont_fragment { "Don't Fragment" } else { "none" };
            nodes.push(Node::field("flags", flags, ip + 6..ip + 8));
            nodes.push(Node::field("time to live", net.ttl.to_string(), ip + 8..ip + 9));
            nodes.push(Node::field("source", net.source.to_string(), ip + 12..ip + 16));
            nodes.push(Node::field("destination", net.destination.to_string(), ip + 16..ip + 20));
        }
        None => {
            let value = format!("{} → {}  hop limit {}", net.source, net.destination, net.ttl);
            nodes.push(Node::layer("IPv6", value, ip..tcp));
            nodes.push(Node::field("payload length", net.length.saturating_sub(40).to_string(), ip + 4..ip + 6));
            nodes.push(Node::field("hop limit", net.ttl.to_string(), ip + 7..ip + 8));
            nodes.push(Node::field("source", net.source.to_string(), ip + 8..ip + 24));
            nodes.push(Node::field("destination", net.destination.to_string(), ip + 24..ip + 40));
        }
    }
}

fn transport(segment: &Segment<'_>, tcp: usize, payload: usize, nodes: &mut Vec<Node>) {
    let flags = flag_names(segment.flags);
    let length = time::counted(u64::from(segment.length), "byte");
    let value = format!("{} → {}  {flags}  {length}", segment.source_port, segment.destination_port);
    nodes.push(Node::layer("TCP", value, tcp..payload));
    nodes.push(Node::field("sequence", segment.sequence.to_string(), tcp + 4..tcp + 8));
    if segment.flags.ack() {
        nodes.push(Node::field("acknowledgment", segment.acknowledgment.to_string(), tcp + 8..tcp + 12));
    }
    nodes.push(Node::field("flags", flags, tcp + 13..tcp + 14));
    nodes.push(Node::field("window", segment.window.to_string(), tcp + 14..tcp + 16));
    if payload > tcp + 20 {
        let options = crate::tcp::segment::Options::read(segment.options);
        let mut said: Vec<String> = Vec::new();
        said.extend(options.mss.map(|mss| format!("mss {mss}")));
        said.extend(options.window_scale.map(|shift| format!("window scale {shift}")));
        if options.sack_permitted {
            said.push("SACK permitted".into());
        }
        said.extend(options.timestamp.map(|at| format!("timestamp {at}")));
        nodes.push(Node::field("options", said.join(", "), tcp + 20..payload));
    }
}

/// `PSH,ACK`.
fn flag_names(flags: Flags) -> String {
    const NAMES: [(u8, &str); 6] = [(2, "SYN"), (1, "FIN"), (4, "RST"), (8, "PSH"), (16, "ACK"), (32, "URG")];
    let set: Vec<&str> = NAMES.iter().filter(|(bit, _)| flags.0 & bit != 0).map(|(_, name)| *name).collect();
    if set.is_empty() { "no flags".into() } else { set.join(",") }
}

/// What an event says. `base` is where the payload begins in the frame.
fn said(session: &Session, event: &Event, packet: &Packet, base: Option<usize>, nodes: &mut Vec<Node>) {
    let range = |from: u32, to: u32| -> Range<usize> {
        located(session, event, packet, base, u64::from(from), u64::from(to)).unwrap_or(0..0)
    };
    let whole = range(0, event.length);
    match &event.kind {
        EventKind::Message(fact) => {
            nodes.push(Node::layer(&fact.name(), fact.summary(), whole));
            for Field { name, value, range: bytes } in fact.fields() {
                let bytes = if bytes.is_empty() { 0..0 } else { range(bytes.start, bytes.end) };
                nodes.push(Node::field(&name, value, bytes));
            }
        }
        EventKind::Encrypted { content_type, length } => {
            let inferred = session_meaning(event, *length);
            nodes.push(Node::layer("TLS record", format!("type {}, {inferred}", content_type.0), whole));
            nodes.push(Node::field("length", length.to_string(), range(3, 5)));
        }
        EventKind::Bulk { length } => nodes.push(Node::layer("data", time::bytes(u64::from(*length)), whole)),
        EventKind::Malformed(fault) => {
            nodes.push(Node::layer("malformed", format!("{} at byte {}", fault.field, fault.offset), whole));
        }
        EventKind::Gap { bytes } => nodes.push(Node::layer("not captured", time::bytes(*bytes), 0..0)),
        EventKind::Tcp(_) => {}
    }
}

fn session_meaning(event: &Event, length: u16) -> String {
    let first = if event.first_frame == event.frame {
        String::new()
    } else {
        format!(", begun in frame {}", event.first_frame.number())
    };
    format!("{} protected{first}", time::counted(u64::from(length), "byte"))
}

/// Bytes `from..to` of what an event says, in the frame that completed it; `None` when they came in an earlier one.
fn located(
    session: &Session,
    event: &Event,
    packet: &Packet,
    base: Option<usize>,
    from: u64,
    to: u64,
) -> Option<Range<usize>> {
    let base = base?;
    let initial = session.side(event.direction).initial()?;
    // The byte behind the SYN is byte 0 of the stream.
    let start = u64::from(packet.sequence.wrapping_sub(initial).wrapping_sub(1));
    let offset = event.stream_offset & 0xffff_ffff;
    let first = (offset + from).max(start).checked_sub(start)?;
    let last = (offset + to).checked_sub(start)?;
    let end = (base as u64 + last).min(packet.bytes.len() as u64) as usize;
    let begin = (base as u64 + first) as usize;
    (begin < end).then_some(begin..end)
}

/// The packet of `frame`, if it is at hand with its bytes.
#[must_use]
pub fn packet(packets: &[Packet], frame: FrameNumber) -> Option<&Packet> {
    let at = packets.binary_search_by_key(&frame, |packet| packet.frame);
    let found = at.ok().map(|at| &packets[at]).or_else(|| packets.iter().find(|packet| packet.frame == frame));
    found.filter(|packet| !packet.bytes.is_empty())
}
