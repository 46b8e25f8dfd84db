//! Frames in, sessions out. No file, no clock, no thread: time is the frames' own, or an argument.

mod asides;
mod beside;
mod budget;
mod conversation;
mod ending;
mod flows;
pub mod limits;
mod live;
mod over;
mod plain;
mod probe;
mod sideband;
mod traffic;
mod watch;

use std::collections::VecDeque;

use crate::dissect::CertificateStore;
use crate::frame::{Frame, Timestamp};
use crate::session::aside::Aside;
use crate::session::{Direction, Endpoint, Roles, Session, SessionId};
use crate::tcp::segment::{Packet, Segment};
use crate::tcp::stream::Mark;
use crate::tcp::{Decoder, at_a_glance};
use crate::wire::framing::Framing;
use crate::wire::{foreign, preconnection, x224};
use asides::{Asides, KERBEROS};
use budget::Held;
use conversation::Conversation;
use flows::{Flow, FlowKey, Flows};
use over::Overs;
use probe::Probe;
use sideband::Sideband;
pub use traffic::Traffic;

/// What the engine is told before it starts.
#[derive(Clone, Debug)]
pub struct Options {
    /// Ports that count as RDP even when nothing was said.
    pub ports: Vec<u16>,
    /// Memory for everything; bytes.
    pub memory: usize,
    /// From so many bytes on, sessions that are over are given up, though there is still memory; bytes.
    pub comfort: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { ports: vec![3389], memory: limits::MEMORY, comfort: usize::MAX }
    }
}

/// Who sends it, and to whom.
const fn ends(segment: &Segment<'_>) -> (Endpoint, Endpoint) {
    let source = Endpoint { ip: segment.net.source, port: segment.source_port };
    (source, Endpoint { ip: segment.net.destination, port: segment.destination_port })
}

/// Whether a client begins so before its connection request: for a broker or a Hyper-V host, or behind a balancer. Where
/// its first bytes are known to be the first, a part of it will do; a byte alone is mostly a keep-alive.
fn comes_before_request(payload: &[u8], is_first: bool) -> bool {
    let may_become = is_first && payload.len() >= 4;
    match foreign::proxy_header(payload) {
        Framing::Length(_) => true,
        Framing::NotYet if may_become => true,
        _ if payload.len() >= preconnection::FIXED => preconnection::looks_like_preconnection(payload),
        _ => may_become && preconnection::may_become_preconnection(payload),
    }
}

/// Follows every TCP connection of a capture and keeps those that are Remote Desktop.
#[derive(Debug)]
pub struct Engine {
    options: Options,
    decoder: Decoder,
    flows: Flows,
    overs: Overs,
    sideband: Sideband,
    asides: Asides,
    conversations: Vec<Option<Box<Conversation>>>,
    free: Vec<u32>,
    /// Closed conversations, by the time of closing.
    closed: VecDeque<(u32, SessionId, i64)>,
    /// So many of them, from the front, have been shown as over.
    shown: usize,
    /// So many of them, from the front, are at rest.
    resting: usize,
    /// Before this time none of them has to be looked at; nanoseconds.
    due: i64,
    done: VecDeque<Box<Session>>,
    certificates: CertificateStore,
    /// What they held when the last conversation ended; bytes.
    remembered: usize,
    traffic: Traffic,
    sessions: u32,
    held: Held,
    now: Timestamp,
}

impl Engine {
    /// An engine that has seen nothing.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            options,
            decoder: Decoder::default(),
            flows: Flows::default(),
            overs: Overs::default(),
            sideband: Sideband::default(),
            asides: Asides::default(),
            conversations: Vec::new(),
            free: Vec::new(),
            closed: VecDeque::new(),
            shown: 0,
            resting: 0,
            due: i64::MAX,
            done: VecDeque::new(),
            certificates: CertificateStore::default(),
            remembered: 0,
            traffic: Traffic::default(),
            sessions: 0,
            held: Held::default(),
            now: Timestamp(i64::MIN),
        }
    }

    /// Takes in a frame; answers the one session it touched.
    pub fn push(&mut self, frame: &Frame<'_>) -> Option<SessionId> {
        let mark = Mark { frame: frame.number, time: frame.time, place: frame.place.offset };
        if frame.time > self.now || self.now.0.saturating_sub(frame.time.0) > limits::BACK {
            self.now = frame.time;
        }
        let touched = match at_a_glance(frame, |packet| self.packet(packet, mark)) {
            Some(touched) => touched,
            None => self.decode(frame, mark),
        };
        self.retire(frame.time);
        touched
    }

    #[cold]
    fn decode(&mut self, frame: &Frame<'_>, mark: Mark) -> Option<SessionId> {
        // The decoder lends its own buffer for datagrams made of fragments, so it steps aside for the call.
        let mut decoder = std::mem::take(&mut self.decoder);
        let touched = self.packet(&decoder.decode(frame), mark);
        self.decoder = decoder;
        touched
    }

    fn packet(&mut self, packet: &Packet<'_>, mark: Mark) -> Option<SessionId> {
        match packet {
            Packet::Tcp(segment) => self.segment(segment, mark),
            Packet::Icmp(error) => self.icmp(error, mark),
            Packet::Udp(datagram) => self.datagram(datagram, mark),
            Packet::Neighbour(neighbour) => {
                self.asides.neighbour(*neighbour, mark);
                None
            }
            Packet::Other => None,
        }
    }

    /// Time goes by without packets.
    pub fn tick(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.retire(now);
    }

    fn is_rdp_port(&self, port: u16) -> bool {
        self.options.ports.contains(&port)
    }

    #[inline]
    fn segment(&mut self, segment: &Segment<'_>, mark: Mark) -> Option<SessionId> {
        let ports = (segment.source_port, segment.destination_port);
        let key = FlowKey::of((&segment.net.source, ports.0), (&segment.net.destination, ports.1));
        if ports.0 == KERBEROS || ports.1 == KERBEROS {
            self.asides.segment(segment, mark);
        }
        if let Some(slot) = self.flows.same(&key) {
            return self.converse(slot, key, segment, mark);
        }
        match self.flows.get_mut(&key) {
            Some(Flow::Rdp(slot)) => {
                let slot = *slot;
                self.converse(slot, key, segment, mark)
            }
            // Of a SYN the port is used again, perhaps by RDP this time.
            Some(flow) if segment.flags.syn() && !segment.flags.ack() && flow.is_over_with(segment) => {
                let mut probe = Box::<Probe>::default();
                let kept = probe.keep(segment, mark);
                let before = std::mem::replace(flow, Flow::Probing(probe)).probed();
                self.flows.probes = (self.flows.probes + kept).saturating_sub(before);
                None
            }
            Some(Flow::Foreign(last)) => {
                *last = mark.time.0;
                None
            }
            Some(Flow::Probing(probe)) if segment.length == 0 => {
                let kept = probe.keep(segment, mark);
                self.flows.probes += kept;
                None
            }
            Some(Flow::Probing(probe)) => {
                if !x224::looks_like_request(segment.payload) && probe.is_with_proxy(segment.payload) {
                    return None;
                }
                let probe = std::mem::take(&mut **probe);
                self.flows.probes = self.flows.probes.saturating_sub(probe.memory());
                self.first_word(key, &probe, segment, mark)
            }
            None if self.overs.is_straggler(&key, segment, mark.time.0) => None,
            None => self.begin(key, segment, mark),
        }
    }

    /// The first packet of a connection.
    fn begin(&mut self, key: FlowKey, segment: &Segment<'_>, mark: Mark) -> Option<SessionId> {
        let ports = (segment.source_port, segment.destination_port);
        let (syn, ack) = (segment.flags.syn(), segment.flags.ack());
        let to_server = syn != ack || (!syn && ports.1 < ports.0);
        self.traffic.count(if to_server { ports.1 } else { ports.0 });
        // A client may use any port, also 3389; a SYN tells which end is the server.
        let is_rdp_port = match (syn, ack) {
            (true, false) => self.is_rdp_port(ports.1),
            (true, true) => self.is_rdp_port(ports.0),
            _ => self.is_rdp_port(ports.0) || self.is_rdp_port(ports.1),
        };
        if is_rdp_port {
            let slot = self.open(key, segment, mark);
            return self.converse(slot, key, segment, mark);
        }
        let room = self.options.memory / 4;
        if segment.length > 0 {
            self.flows.set(key, Flow::Foreign(mark.time.0));
            self.flows.sweep(mark.time.0, room);
            return self.first_word(key, &Probe::default(), segment, mark);
        }
        let mut probe = Box::<Probe>::default();
        let kept = if syn { probe.keep(segment, mark) } else { 0 };
        self.flows.set(key, Flow::Probing(probe));
        self.flows.sweep(mark.time.0, room);
        self.flows.probes += kept;
        None
    }

    /// The first payload of a connection on another port: a connection request, or nothing for us.
    fn first_word(&mut self, key: FlowKey, probe: &Probe, segment: &Segment<'_>, mark: Mark) -> Option<SessionId> {
        let captured = segment.payload.len();
        // What the snap length cut will not come any more: a few bytes, or none, make no request.
        let is_cut = captured < segment.length as usize && captured < 6;
        let request = match captured {
            11.. => x224::looks_like_request(segment.payload),
            _ => !is_cut && x224::may_become_request(segment.payload),
        };
        if !request && (is_cut || !comes_before_request(segment.payload, !probe.is_empty())) {
            self.flows.set(key, Flow::Foreign(mark.time.0));
            return None;
        }
        let slot = match probe.segments().next() {
            Some((first, first_mark)) => self.open(key, &first, first_mark),
            None => self.open(key, segment, mark),
        };
        for (kept, kept_mark) in probe.segments() {
            self.feed(slot, &kept, kept_mark);
        }
        if probe.has_proxy()
            && let Some(conversation) = &mut self.conversations[slot as usize]
        {
            conversation.begin_behind_proxy(segment);
        }
        self.converse(slot, key, segment, mark)
    }

    /// A new conversation. Who is the client is told by the SYN, else by who asks, else by the port.
    fn open(&mut self, key: FlowKey, segment: &Segment<'_>, mark: Mark) -> u32 {
        let (source, destination) = ends(segment);
        let (roles, from_client) = if segment.flags.syn() {
            (Roles::BySyn, !segment.flags.ack())
        } else if x224::looks_like_request(segment.payload) || preconnection::looks_like_preconnection(segment.payload)
        {
            (Roles::ByRequest, true)
        } else {
            let (to, from) = (self.is_rdp_port(destination.port), self.is_rdp_port(source.port));
            (Roles::ByPort, if to == from { destination.port <= source.port } else { to })
        };
        let (client, server) = if from_client { (source, destination) } else { (destination, source) };
        self.sessions += 1;
        let mut conversation = Conversation::new(SessionId(self.sessions), client, server, roles, mark);
        conversation.count_in(&mut self.held);
        let slot = self.free.pop().unwrap_or_else(|| {
            self.conversations.push(None);
            self.conversations.len() as u32 - 1
        });
        self.conversations[slot as usize] = Some(Box::new(conversation));
        self.flows.set(key, Flow::Rdp(slot));
        slot
    }

    #[inline]
    fn converse(&mut self, mut slot: u32, key: FlowKey, segment: &Segment<'_>, mark: Mark) -> Option<SessionId> {
        if segment.flags.syn() {
            slot = self.maybe_again(slot, key, segment, mark);
        }
        let id = self.feed(slot, segment, mark);
        let conversation = self.conversations[slot as usize].as_ref()?;
        let server_port = conversation.session.server.port;
        if conversation.is_foreign() && !self.is_rdp_port(server_port) {
            conversation.count_out(&mut self.held);
            self.conversations[slot as usize] = None;
            self.free.push(slot);
            self.flows.set(key, Flow::Foreign(mark.time.0));
            return None;
        }
        id
    }

    /// A SYN on a known connection: the same again, or the ports are used for a new one.
    fn maybe_again(&mut self, slot: u32, key: FlowKey, segment: &Segment<'_>, mark: Mark) -> u32 {
        let Some(conversation) = self.conversations[slot as usize].as_mut() else { return slot };
        let session = &conversation.session;
        let is_client = ends(segment).0 == session.client;
        let direction = if is_client { Direction::ClientToServer } else { Direction::ServerToClient };
        let side = session.side(direction);
        let is_same = side.initial().is_none_or(|initial| initial == segment.sequence) && !session.timeline.is_empty();
        if is_same && !(conversation.is_closed() && side.initial().is_none()) || session.timeline.is_empty() {
            return slot;
        }
        let is_live = conversation.is_established() && !conversation.is_closed();
        if segment.flags.ack() {
            // The server agrees to a SYN that did not fit the live connection: it really is a new one.
            let agreed = conversation.rival.filter(|sequence| segment.acknowledgment == sequence.wrapping_add(1));
            if agreed.is_none() {
                return slot;
            }
        } else if is_live {
            conversation.rival = Some(segment.sequence);
            return slot;
        }
        self.close(slot);
        self.open(key, segment, mark)
    }

    #[inline]
    fn feed(&mut self, slot: u32, segment: &Segment<'_>, mark: Mark) -> Option<SessionId> {
        let conversation = self.conversations[slot as usize].as_mut()?;
        let was_closed = conversation.is_closed();
        let is_client = conversation.session.client.ip == segment.net.source
            && conversation.session.client.port == segment.source_port;
        let direction = if is_client { Direction::ClientToServer } else { Direction::ServerToClient };
        let id = conversation.session.id;
        if !conversation.push(segment, direction, mark, &mut self.certificates) {
            return Some(id);
        }
        let closes = !was_closed && conversation.is_closed();
        if closes {
            conversation.shrink();
        }
        conversation.count_in(&mut self.held);
        if closes {
            self.closed.push_back((slot, id, mark.time.0));
            self.set_due();
        }
        Some(id)
    }

    /// What was said beside RDP so far: names looked up, tickets asked for, neighbours sought.
    #[must_use]
    pub fn asides(&self) -> &[Aside] {
        self.asides.all()
    }

    /// Sessions met so far.
    #[must_use]
    pub const fn sessions(&self) -> u32 {
        self.sessions
    }

    /// Time of the latest frame, as far as the clock did not go back.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// What was looked at, RDP or not.
    #[must_use]
    pub const fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// The same, when the engine is not needed any more.
    #[must_use]
    pub fn into_traffic(self) -> Traffic {
        self.traffic
    }
}
