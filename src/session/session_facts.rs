//! What a session's timeline says about the questions that everybody asks.

use std::net::IpAddr;

use super::Session;
use super::event::{Control, Direction, Event, EventKind, Phase, RstFacts};
use super::seen::Seen;
use super::timeline::Landmark;
use super::vitals::Vantage;
use crate::knowledge::licensing::LicenseError;
use crate::knowledge::negotiation::{FailureCode, Protocols};
use crate::knowledge::tls::{Protection, Version, plaintext_range};
use crate::tcp::segment::IcmpError;
use crate::tcp::side::{Overtaken, Side};
use crate::wire::catalogue::Fact;
use crate::wire::certificate::Certificate;
use crate::wire::licensing::{LicenseBody, LicensePdu};
use crate::wire::share::SecurityKind;
use crate::wire::text::Text;
use crate::wire::tls_handshake::HandshakeType;
use crate::wire::tls_hello::{ClientHello, ServerHello};
use crate::wire::tls_record::Alert;
use crate::wire::x224::{Answer, ConnectionConfirm, ConnectionRequest};

/// Remote Desktop began in 1998 (Windows NT 4.0, Terminal Server Edition), and TLS within it in 2005 (Windows Server
/// 2003, Service Pack 1): a capture from before has no clock. Seconds since 1970.
const FIRST: i64 = 883_612_800;
const FIRST_WITH_TLS: i64 = 1_104_537_600;

/// Within this, two clocks may be those of one machine; seconds.
const SKEW: f64 = 0.001;

impl Session {
    /// The client's connection request.
    #[must_use]
    pub fn request(&self) -> Option<(&Event, &ConnectionRequest)> {
        match self.timeline.first(Landmark::Request)? {
            (event, Fact::ConnectionRequest(request)) => Some((event, request)),
            _ => None,
        }
    }

    /// The server's connection confirm.
    #[must_use]
    pub fn confirm(&self) -> Option<(&Event, &ConnectionConfirm)> {
        match self.timeline.first(Landmark::Confirm)? {
            (event, Fact::ConnectionConfirm(confirm)) => Some((event, confirm)),
            _ => None,
        }
    }

    /// The user that the client's request names, if it names one (MS-RDPBCGR 2.2.1.1, `mstshash`). It may be cut short.
    #[must_use]
    pub fn user_hint(&self) -> Option<&Text> {
        self.request()?.1.cookie.as_ref()
    }

    /// The security protocol the server chose; standard RDP security when it does not negotiate.
    #[must_use]
    pub fn selected(&self) -> Option<Protocols> {
        match self.confirm()?.1.answer {
            Answer::Response { selected, .. } => Some(selected),
            Answer::Absent => Some(Protocols::RDP),
            Answer::Failure(_) => None,
        }
    }

    /// The server's refusal; not one behind which it answers the client's TLS: whoever said that, the server did not.
    #[must_use]
    pub fn negotiation_failure(&self) -> Option<(&Event, FailureCode)> {
        let goes_on = |event: &Event| self.server_hello().is_some_and(|(hello, _)| hello.time >= event.time);
        match self.confirm()? {
            (event, ConnectionConfirm { answer: Answer::Failure(code), .. }) => {
                Some((event, *code)).filter(|(event, _)| !goes_on(event))
            }
            _ => None,
        }
    }

    /// The first ClientHello.
    #[must_use]
    pub fn client_hello(&self) -> Option<(&Event, &ClientHello)> {
        match self.timeline.first(Landmark::ClientHello)? {
            (event, Fact::ClientHello(hello)) => Some((event, hello)),
            _ => None,
        }
    }

    /// The address that was typed where a name belongs, with the hello that says so: Windows clients put into SNI whatever
    /// the user typed.
    #[must_use]
    pub fn typed_address(&self) -> Option<(&Event, IpAddr)> {
        let (event, hello) = self.client_hello()?;
        let name = hello.view().server_name()?;
        Some((event, std::str::from_utf8(name).ok()?.parse().ok()?))
    }

    /// The ServerHello that counts: not a HelloRetryRequest.
    #[must_use]
    pub fn server_hello(&self) -> Option<(&Event, &ServerHello)> {
        match self.timeline.first(Landmark::ServerHello)? {
            (event, Fact::ServerHello(hello)) => Some((event, hello)),
            _ => None,
        }
    }

    /// The TLS version agreed on.
    #[must_use]
    pub fn tls_version(&self) -> Option<Version> {
        Some(self.server_hello()?.1.version)
    }

    /// How records are protected once the handshake is over.
    #[must_use]
    pub fn protection(&self) -> Protection {
        self.server_hello().map_or(Protection::Unknown, |(_, hello)| hello.protection())
    }

    /// The least and most bytes of plaintext in the protected record `event`.
    #[must_use]
    pub fn plaintext(&self, event: &Event) -> Option<(u16, u16)> {
        let (_, hello) = self.server_hello()?;
        plaintext_range(hello.protection(), hello.version, event.encrypted()?)
    }

    /// Whether the capture's clock can have been set: no session is older than its protocols.
    #[must_use]
    pub fn is_clock_set(&self) -> bool {
        let first = if self.server_hello().is_some() { FIRST_WITH_TLS } else { FIRST };
        self.first.time.seconds() >= first
    }

    /// The day of `event` to hold a certificate's dates against, in seconds since 1970; `None` where the capture's clock was
    /// not set, so that nobody knows.
    #[must_use]
    pub fn day_of(&self, event: &Event) -> Option<i64> {
        self.is_clock_set().then(|| event.time.seconds())
    }

    /// The server's certificate: from TLS, or from standard RDP security.
    #[must_use]
    pub fn certificate(&self) -> Option<(&Event, &Certificate)> {
        let (event, fact) = self.timeline.first(Landmark::Certificate)?;
        Some((event, fact.certificate()?))
    }

    /// Where the server takes up an earlier TLS session: no certificate is shown, and nothing is signed. Up to TLS 1.2 it then
    /// is the first to say ChangeCipherSpec (RFC 5246 7.3).
    #[must_use]
    pub fn resumes(&self) -> Option<&Event> {
        let (event, hello) = self.server_hello()?;
        if hello.version >= Version::TLS13 {
            return hello.resumes().then_some(event);
        }
        let is_whole = self.gaps == 0 && self.sides.iter().all(|side| side.cut == 0);
        let is_turn = |fact: &Fact| match fact {
            Fact::ChangeCipherSpec => true,
            Fact::Handshake(message) => message.kind == HandshakeType::CLIENT_KEY_EXCHANGE,
            _ => false,
        };
        let (turn, _) = self.timeline.facts().find(|(_, fact)| is_turn(fact))?;
        (is_whole && turn.direction == Direction::ServerToClient && self.certificate().is_none()).then_some(turn)
    }

    /// Plain alerts, in order.
    pub fn alerts(&self) -> impl Iterator<Item = (&Event, Alert)> {
        self.timeline.since_alert().filter_map(|event| match event.fact() {
            Some(Fact::Alert(alert)) => Some((event, *alert)),
            _ => None,
        })
    }

    /// Resets, in order.
    pub fn resets(&self) -> impl Iterator<Item = (&Event, &RstFacts)> {
        self.timeline.since_end().filter_map(|event| match event.control() {
            Some(Control::Rst(facts)) => Some((event, &**facts)),
            _ => None,
        })
    }

    /// ICMP errors that quote this connection, in order.
    pub fn complaints(&self) -> impl Iterator<Item = (&Event, &IcmpError)> {
        self.timeline.since_complaint().filter_map(|event| match event.control() {
            Some(Control::Icmp(error)) => Some((event, &**error)),
            _ => None,
        })
    }

    /// The first router that says a packet is too large for its next link (RFC 1191, RFC 8201).
    #[must_use]
    pub fn too_big(&self) -> Option<(&Event, &IcmpError)> {
        self.complaints().find(|(_, error)| error.is_too_big())
    }

    /// Where the capture was taken, if the hops of both sides tell. Systems begin to count at 64, 128 or 255.
    #[must_use]
    pub fn vantage(&self) -> Option<Vantage> {
        const fn is_untouched(ttl: u8) -> bool {
            matches!(ttl, 64 | 128 | 255)
        }
        let [client, server] = &self.sides;
        if client.habit.packets == 0 || server.habit.packets == 0 {
            return None;
        }
        match (is_untouched(client.habit.ttl), is_untouched(server.habit.ttl)) {
            (true, false) => Some(Vantage::Client),
            (false, true) => Some(Vantage::Server),
            (false, false) => Some(Vantage::Between),
            // Neighbours: the one that answers at once is here. Packets larger than agreed on are put together or
            // not yet cut by the network card of one of them, so it is one of the two.
            (true, true) => {
                let (client, server) = self.rtt_client.zip(self.rtt_server)?;
                let on_host = self.sides.iter().any(|side| side.habit.is_oversized);
                let factor = if on_host { 1.5 } else { 4.0 };
                match (client * factor < server, server * factor < client) {
                    (true, _) => Some(Vantage::Client),
                    (_, true) => Some(Vantage::Server),
                    _ => None,
                }
            }
        }
    }

    /// Whether the receiver of this reset had to believe it, or behaved as if it did.
    #[must_use]
    pub fn is_believed(&self, event: &Event, facts: &RstFacts) -> bool {
        let receiver = self.side(event.direction.reverse());
        if self.is_overcome(event) {
            return false;
        }
        let goes_on = || receiver.last_alive().is_some_and(|alive| event.mark().is_before(alive));
        facts.in_window || (facts.ahead && !goes_on())
    }

    /// Whether `event`, a reset, refuses a SYN that was answered when it came again.
    #[must_use]
    pub fn is_overcome(&self, event: &Event) -> bool {
        let answer = self.server_side().syn().filter(|_| event.direction == Direction::ServerToClient);
        answer.is_some_and(|answer| event.mark().is_before(answer))
    }

    /// Protected records of application type, in order, with the length of their bodies.
    pub fn records(&self) -> impl DoubleEndedIterator<Item = (&Event, u16)> + Clone {
        self.timeline.iter().filter_map(|event| Some((event, event.encrypted()?)))
    }

    /// The first event of `phase`.
    #[must_use]
    pub fn first_of(&self, phase: Phase) -> Option<&Event> {
        if !self.timeline.seen().has(Seen::in_phase(phase)) {
            return None;
        }
        self.timeline.iter().find(|event| event.phase == phase)
    }

    /// The last licensing error that is not its good form (MS-RDPBCGR 2.2.1.12.1.3), in clear.
    #[must_use]
    pub fn license_error(&self) -> Option<(&Event, &LicensePdu, LicenseError)> {
        if !self.timeline.seen().has(Seen::SECURITY) {
            return None;
        }
        // An earlier one may have asked for nothing but another try.
        self.timeline.facts().rev().find_map(|(event, fact)| {
            let Fact::Security(security) = fact else { return None };
            let SecurityKind::License(pdu) = &security.kind else { return None };
            match pdu.body {
                LicenseBody::Error { code, .. } if !pdu.is_valid_client() => Some((event, pdu, code)),
                _ => None,
            }
        })
    }

    /// Whether the server sets the session up behind `error`, a licensing error: then it did not end it, which only
    /// ST_TOTAL_ABORT is meant to do (MS-RDPBCGR 2.2.1.12.1.3).
    #[must_use]
    pub fn goes_on_behind(&self, error: &Event) -> bool {
        let mut behind = self.timeline.iter().skip_while(|event| event.frame != error.frame);
        behind.any(|event| {
            event.direction == Direction::ServerToClient
                && event.frame != error.frame
                && is_word(event)
                && !event.fact().is_some_and(Fact::is_ultimatum)
        })
    }

    /// The server's choice, where the client did not offer it.
    #[must_use]
    pub fn selected_unasked(&self) -> Option<Protocols> {
        let (_, asked) = self.request()?;
        self.selected().filter(|selected| selected.0 != 0 && !asked.protocols.any(selected.0))
    }

    /// The bytes that were captured furthest behind their own acknowledgment, where that happened more than once: the two
    /// directions were captured out of step.
    #[must_use]
    pub fn out_of_step(&self) -> Option<Overtaken> {
        let overtaken = || self.sides.iter().filter_map(Side::overtaken);
        let count: u32 = overtaken().map(|overtaken| overtaken.count).sum();
        let furthest = overtaken().max_by(|one, other| one.seconds().total_cmp(&other.seconds()));
        furthest.filter(|_| count > 1).or_else(|| self.two_clocks())
    }

    /// An answer that was captured before its question: the SYN,ACK before the SYN, or the client's first words before the
    /// SYN,ACK. Each direction was captured by a clock of its own.
    #[must_use]
    pub fn two_clocks(&self) -> Option<Overtaken> {
        let [client, server] = &self.sides;
        let (asked, answered) = (client.syn()?, server.syn()?);
        // A SYN may carry first words (RFC 7413).
        let heard = client.first_data.filter(|first| first.frame != asked.frame);
        let pairs = [Some((answered, asked)), heard.map(|heard| (heard, answered))];
        let told = pairs.into_iter().flatten().map(|(by, bytes)| Overtaken { count: 1, by, bytes });
        told.max_by(|one, other| one.seconds().total_cmp(&other.seconds())).filter(|told| told.seconds() > SKEW)
    }

    /// Whether more was said on the side of `event` than up to its end, captured or not.
    #[must_use]
    pub fn said_more_than(&self, event: &Event) -> bool {
        let side = self.side(event.direction);
        // A FIN takes a number of its own.
        side.sent.max(side.acknowledged) > event.stream_offset + u64::from(event.length) + 1
    }

    /// The last event that is an utterance of `direction`: payload of whatever kind.
    #[must_use]
    pub fn last_word(&self, direction: Direction) -> Option<&Event> {
        self.timeline.iter().rev().find(|event| event.direction == direction && is_word(event))
    }
}

/// Whether an event is something said, not an act of TCP.
#[must_use]
pub const fn is_word(event: &Event) -> bool {
    matches!(event.kind, EventKind::Message(_) | EventKind::Encrypted { .. } | EventKind::Bulk { .. })
}
