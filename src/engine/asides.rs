//! What is said beside RDP: DNS and its kin, Kerberos, ARP and neighbour discovery. Bounded; the oldest goes first.

use std::net::IpAddr;

use hashbrown::HashMap;

use super::flows::FlowKey;
use crate::session::Endpoint;
use crate::session::aside::{About, Aside, Dispute, Lookup, Resolver, Ticket};
use crate::tcp::segment::{Datagram, Hardware, Neighbour, Segment};
use crate::tcp::stream::{Mark, Origin, Reader, Stream};
use crate::wire::dns::{self, RecordType, ResponseCode};
use crate::wire::kerberos::{self, Kind};
use crate::wire::text::Text;

/// Matters remembered at once.
const LIMIT: usize = 1 << 14;
/// Connections to a key distribution centre followed at once.
const CONNECTIONS: usize = 256;
/// The same question after so long is a new matter; nanoseconds.
const FRESH: i64 = 60_000_000_000;
/// The same for neighbours: who waits for one asks again sooner, even where each SYN makes it ask.
const FRESH_NEIGHBOUR: i64 = 10_000_000_000;
/// Addresses kept of one name.
const ADDRESSES: usize = 16;

/// Kerberos (RFC 4120 7.2.1).
pub(super) const KERBEROS: u16 = 88;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Name(IpAddr, Resolver, Text),
    Ticket(FlowKey),
    Neighbour(IpAddr, IpAddr),
    Dispute(IpAddr),
}

/// A TCP connection to a key distribution centre: client's bytes, centre's bytes.
#[derive(Debug, Default)]
struct Connection {
    streams: [Stream; 2],
}

impl Connection {
    fn memory(&self) -> usize {
        self.streams.iter().map(Stream::memory).sum()
    }
}

/// All matters of a capture.
#[derive(Debug, Default)]
pub(super) struct Asides {
    list: Vec<Aside>,
    index: HashMap<Key, usize, foldhash::fast::RandomState>,
    /// Who had each address on the link last.
    holders: HashMap<IpAddr, (Hardware, Mark), foldhash::fast::RandomState>,
    connections: HashMap<FlowKey, Connection, foldhash::fast::RandomState>,
    /// What the connections hold back; bytes.
    waiting: usize,
}

/// Collects the Kerberos messages of a TCP stream.
#[derive(Default)]
struct Messages(Vec<kerberos::Message>);

impl Reader for Messages {
    fn read(&mut self, bytes: &[u8], _: &Origin<'_>) -> usize {
        /// Longer ones are no Kerberos: a ticket of Windows has at most 64 KiB.
        const LONGEST: usize = 68 * 1024;
        match kerberos::framed(bytes) {
            None if bytes.len() < 4 => 0,
            None => bytes.len(),
            Some(length) if length > LONGEST => bytes.len(),
            Some(length) if bytes.len() < 4 + length => 0,
            Some(length) => {
                self.0.extend(kerberos::message(&bytes[4..4 + length]).ok());
                4 + length
            }
        }
    }

    fn gap(&mut self, left: &[u8], _: u64, _: &Origin<'_>) {
        // The head of a message that was never captured whole still says what it is.
        self.0.extend(left.get(4..).and_then(|rest| kerberos::message(rest).ok()));
    }
}

impl Asides {
    /// Takes in a datagram to or from a port of name resolution or Kerberos.
    pub(super) fn datagram(&mut self, datagram: &Datagram<'_>, mark: Mark) {
        let ports = [datagram.source_port, datagram.destination_port];
        let is = |port: u16| ports.contains(&port);
        if is(53) {
            self.name(datagram, Resolver::Dns, mark);
        } else if is(5353) {
            self.name(datagram, Resolver::Mdns, mark);
        } else if is(5355) {
            self.name(datagram, Resolver::Llmnr, mark);
        } else if is(KERBEROS)
            && let Ok(message) = kerberos::message(datagram.payload)
        {
            let is_request = datagram.destination_port == KERBEROS;
            let source = Endpoint { ip: datagram.net.source, port: datagram.source_port };
            let destination = Endpoint { ip: datagram.net.destination, port: datagram.destination_port };
            let (client, centre) = if is_request { (source, destination) } else { (destination, source) };
            self.kerberos(client, centre, &message, mark);
        }
    }

    fn name(&mut self, datagram: &Datagram<'_>, resolver: Resolver, mark: Mark) {
        let Ok(message) = dns::message(datagram.payload) else { return };
        // Where the domain controllers are is asked by SRV; the rest of such records is no target of RDP.
        let is_service = message.kind == RecordType::SRV && message.name.raw().starts_with("_kerberos");
        if !is_service && !matches!(message.kind, RecordType::A | RecordType::AAAA | RecordType::CNAME) {
            return;
        }
        let asker = if message.is_response { datagram.net.destination } else { datagram.net.source };
        // Multicast answers go to everybody; they belong to whoever asked first.
        let owner = if resolver == Resolver::Mdns { IpAddr::from([224, 0, 0, 251]) } else { asker };
        let key = Key::Name(owner, resolver, message.name.clone());
        if message.is_response && !self.is_open(&key, mark) {
            return;
        }
        let lookup = Lookup { name: message.name, resolver, failure: None, addresses: Vec::new() };
        let aside = self.at(key, mark, || Aside::new(asker, About::Name(lookup), mark));
        if !message.is_response {
            aside.ask(mark);
            return;
        }
        aside.hear(mark);
        if let About::Name(lookup) = &mut aside.about {
            if message.code != ResponseCode::NO_ERROR {
                lookup.failure.get_or_insert(message.code);
            }
            for address in message.addresses {
                if lookup.addresses.len() < ADDRESSES && !lookup.addresses.contains(&address) {
                    lookup.addresses.push(address);
                }
            }
        }
    }

    /// Takes in a segment to or from the Kerberos port.
    pub(super) fn segment(&mut self, segment: &Segment<'_>, mark: Mark) {
        let is_request = segment.destination_port == KERBEROS;
        let source = Endpoint { ip: segment.net.source, port: segment.source_port };
        let destination = Endpoint { ip: segment.net.destination, port: segment.destination_port };
        let (client, centre) = if is_request { (source, destination) } else { (destination, source) };
        let key = FlowKey::new(client, centre);
        if is_request && segment.flags.syn() {
            self.ticket(client, centre, mark).ask(mark);
        } else if !is_request && segment.flags.syn() {
            self.ticket(client, centre, mark).hear(mark);
        } else if !is_request && segment.flags.rst() && self.is_open(&Key::Ticket(key), mark) {
            let aside = self.ticket(client, centre, mark);
            let is_refused = aside.answer.is_none();
            if let About::Ticket(ticket) = &mut aside.about {
                ticket.is_refused |= is_refused;
            }
        }
        if segment.flags.rst() {
            let gone = self.connections.remove(&key).map_or(0, |connection| connection.memory());
            self.waiting = self.waiting.saturating_sub(gone);
            return;
        }
        if segment.length == 0 {
            return;
        }
        if self.connections.len() >= CONNECTIONS && !self.connections.contains_key(&key) {
            self.hang_up();
        }
        let mut messages = Messages::default();
        let connection = self.connections.entry(key).or_default();
        let before = connection.memory();
        connection.streams[usize::from(!is_request)].feed(segment, mark, &mut messages);
        self.waiting = (self.waiting + connection.memory()).saturating_sub(before);
        for message in messages.0 {
            self.kerberos(client, centre, &message, mark);
        }
    }

    fn kerberos(&mut self, client: Endpoint, centre: Endpoint, message: &kerberos::Message, mark: Mark) {
        let aside = self.ticket(client, centre, mark);
        let is_request = matches!(message.kind, Kind::AsRequest | Kind::TgsRequest);
        if is_request && (aside.asked == 0 || aside.ticket().is_some_and(|ticket| ticket.request.is_some())) {
            aside.ask(mark);
        } else if !is_request {
            aside.hear(mark);
        }
        let About::Ticket(ticket) = &mut aside.about else { return };
        if is_request {
            ticket.request = Some(message.kind);
            ticket.service = message.service.clone();
            ticket.client = message.client.clone().or(ticket.client.take());
            return;
        }
        // An answer may name what the request, cut by the snap length, does not show.
        ticket.client = ticket.client.take().or_else(|| message.client.clone());
        ticket.service = ticket.service.take().or_else(|| message.service.clone());
        // The centre asks for preauthentication first (25) and for TCP where UDP is too small (52): no failures.
        match message.refusal {
            Some(refusal) if !matches!(refusal.code.0, 25 | 52) => ticket.refusal = Some((refusal, mark)),
            Some(_) => {}
            None => (ticket.refusal, ticket.granted) = (None, true),
        }
    }

    fn ticket(&mut self, client: Endpoint, centre: Endpoint, mark: Mark) -> &mut Aside {
        let key = Key::Ticket(FlowKey::new(client, centre));
        self.at(key, mark, || {
            let ticket = Ticket {
                centre: centre.ip,
                request: None,
                service: None,
                client: None,
                refusal: None,
                granted: false,
                is_refused: false,
            };
            Aside::new(client.ip, About::Ticket(ticket), mark)
        })
    }

    /// Takes in a question for a neighbour, or its answer.
    pub(super) fn neighbour(&mut self, neighbour: Neighbour, mark: Mark) {
        self.claim(&neighbour, mark);
        if neighbour.is_announcement() {
            return;
        }
        let Neighbour { asker, target, is_answer, .. } = neighbour;
        let key = Key::Neighbour(asker, target);
        if is_answer && !self.is_open(&key, mark) {
            return;
        }
        let aside = self.at(key, mark, || Aside::new(asker, About::Neighbour(target), mark));
        if is_answer { aside.hear(mark) } else { aside.ask(mark) }
    }

    /// Takes note of where the speaker says it is, and of another machine that said the same of itself not long ago.
    fn claim(&mut self, neighbour: &Neighbour, mark: Mark) {
        let address = neighbour.speaker();
        let Some(now) = neighbour.claim.filter(|claim| claim.is_of_a_machine()) else { return };
        if self.holders.len() >= LIMIT && !self.holders.contains_key(&address) {
            self.holders.clear();
        }
        let Some((before, seen)) = self.holders.insert(address, (now, mark)) else { return };
        if before == now || mark.time.0.saturating_sub(seen.time.0) > FRESH {
            return;
        }
        let new = || {
            let dispute = Dispute { claims: [(before, seen.frame), (now, mark.frame)] };
            Aside::new(address, About::Dispute(dispute), seen)
        };
        let aside = self.at(Key::Dispute(address), mark, new);
        aside.ask(mark);
        if let About::Dispute(Dispute { claims }) = &mut aside.about {
            for (hardware, frame) in claims {
                if *hardware == now {
                    *frame = mark.frame;
                } else if *hardware == before {
                    *frame = seen.frame;
                }
            }
        }
    }

    fn is_open(&self, key: &Key, mark: Mark) -> bool {
        let fresh = if matches!(key, Key::Neighbour(..)) { FRESH_NEIGHBOUR } else { FRESH };
        self.index.get(key).is_some_and(|index| mark.time.0.saturating_sub(self.list[*index].last.time.0) <= fresh)
    }

    /// The matter of `key`, begun anew when the last one is long over.
    fn at(&mut self, key: Key, mark: Mark, new: impl FnOnce() -> Aside) -> &mut Aside {
        if self.list.len() >= LIMIT && !self.is_open(&key, mark) {
            self.forget();
        }
        let known = if self.is_open(&key, mark) { self.index.get(&key).copied() } else { None };
        let index = known.unwrap_or_else(|| {
            self.list.push(new());
            self.index.insert(key, self.list.len() - 1);
            self.list.len() - 1
        });
        &mut self.list[index]
    }

    fn hang_up(&mut self) {
        self.connections.clear();
        self.waiting = 0;
    }

    /// Lets the older half go, and what is not said in full.
    pub(super) fn forget(&mut self) {
        self.hang_up();
        self.holders.clear();
        let gone = self.list.len() / 2;
        self.list.drain(..gone);
        self.index.retain(|_, index| {
            *index = index.wrapping_sub(gone);
            *index < self.list.len()
        });
    }

    /// Everything remembered, by the time of the first question.
    pub(super) fn all(&self) -> &[Aside] {
        &self.list
    }

    /// Bytes of memory, roughly.
    pub(super) fn memory(&self) -> usize {
        let connections = self.connections.len() * (size_of::<(FlowKey, Connection)>() + 16);
        let holders = self.holders.len() * size_of::<(IpAddr, (Hardware, Mark))>();
        self.list.len() * (size_of::<Aside>() + 256) + connections + holders + self.waiting
    }
}
