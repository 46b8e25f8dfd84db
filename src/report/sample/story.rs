//! A case, event by event, and the messages it is made of.

use std::sync::Arc;

use super::frame;
use crate::diagnose::verdict::{
    By, Death, End, EndHow, Evidence, LadderMark, Outcome, Points, Sentence, Sure, Verdict,
};
use crate::diagnose::{Case, Shape};
use crate::frame::Timestamp;
use crate::knowledge::cause::Remedy;
use crate::session::Direction::{ClientToServer as C, ServerToClient as S};
use crate::session::{
    Control, Direction, Endpoint, Event, EventKind, Phase, Roles, Session, SessionId, SynFacts, Timeline, Transport,
};
use crate::tcp::segment::Options;
use crate::tcp::stream::Mark;
use crate::wire::catalogue::Fact;
use crate::wire::certificate::{Certificate, CertificateChain, Key};
use crate::wire::text::Text;
use crate::wire::tls_handshake::{HandshakeMessage, HandshakeType};
use crate::wire::tls_hello::{ClientHello, ServerHello};
use crate::wire::tls_record::ContentType;
use crate::wire::x224::{ConnectionRequest, Tpdu, tpdu};

/// 2026-03-11 09:14:22.481337 in Paris.
pub(super) const START: i64 = 1_773_216_862_481_337_000;

/// Builds a case event by event.
pub(super) struct Story {
    pub(super) case: Case,
    pub(super) offsets: [u64; 2],
}

impl Story {
    pub(super) fn new(client: &str, server: &str, first: u64) -> Self {
        let endpoint = |text: &str| {
            let address: std::net::SocketAddr = text.parse().expect("an address");
            Endpoint { ip: address.ip(), port: address.port() }
        };
        let mark = Mark { frame: frame(first), time: Timestamp(START), place: 0 };
        let (client, server) = (endpoint(client), endpoint(server));
        let mut session = Session::new(SessionId(1), Transport::Tcp, client, server, Roles::BySyn, mark);
        (session.sides[0].ttl, session.sides[1].ttl) = (128, 117);
        session.rtt_client = Some(0.000_1);
        let verdict = Verdict {
            outcome: Outcome::Ok,
            sure: Sure::Strong,
            headline: Sentence::default(),
            reached: [Phase::Tcp, Phase::X224, Phase::Tls].into_iter().collect(),
            ..Verdict::open(End { frame: frame(first), how: EndHow::Fin, by: By::Client })
        };
        let case = Case { session: Box::new(session), shape: Shape::default(), verdict, attempt: 1, role: "main" };
        Self { case, offsets: [0; 2] }
    }

    pub(super) fn push(
        &mut self,
        number: u64,
        micros: i64,
        direction: Direction,
        phase: Phase,
        kind: EventKind,
        length: u32,
    ) {
        let mark = Mark { frame: frame(number), time: Timestamp(START + micros * 1_000), place: number * 100 };
        let session = &mut self.case.session;
        session.last = mark;
        session.capture_end = mark.time;
        let side = &mut session.sides[direction.index()];
        side.packets += 1;
        side.bytes += u64::from(length);
        side.last = Some(mark);
        let offset = &mut self.offsets[direction.index()];
        session.timeline.push(Event {
            frame: mark.frame,
            first_frame: mark.frame,
            time: mark.time,
            place: mark.place,
            stream_offset: *offset,
            length,
            direction,
            phase,
            kind,
        });
        *offset += u64::from(length);
    }

    pub(super) fn tcp(&mut self, number: u64, micros: i64, direction: Direction, phase: Phase, control: Control) {
        self.push(number, micros, direction, phase, EventKind::Tcp(control), 0);
    }

    pub(super) fn say(&mut self, number: u64, micros: i64, direction: Direction, phase: Phase, fact: Fact) {
        self.push(number, micros, direction, phase, EventKind::Message(fact), 100);
    }

    pub(super) fn record(
        &mut self,
        number: u64,
        micros: i64,
        direction: Direction,
        phase: Phase,
        kind: ContentType,
        length: u16,
    ) {
        let event = EventKind::Encrypted { content_type: kind, length };
        self.push(number, micros, direction, phase, event, u32::from(length) + 5);
    }

    /// SYN at `first`, SYN,ACK, ACK, request, confirm: five frames.
    pub(super) fn opening(&mut self, first: u64, round_trip: i64, protocols: u32, cookie: &[u8], answer: [u8; 8]) {
        let options = Options { mss: Some(1460), ..Options::default() };
        for side in &mut self.case.session.sides {
            (side.syns, side.first) = (1, Some(Mark::default()));
            side.options = options;
        }
        self.case.session.rtt_server = Some(round_trip as f64 / 1e6);
        self.tcp(first, 0, C, Phase::Tcp, Control::Syn(Box::new(SynFacts { options, ttl: 128 })));
        self.tcp(first + 1, round_trip, S, Phase::Tcp, Control::Syn(Box::new(SynFacts { options, ttl: 117 })));
        self.tcp(first + 2, round_trip + 100, C, Phase::Tcp, Control::Accepted);
        self.say(first + 3, round_trip + 200, C, Phase::X224, request(protocols, cookie));
        let mut confirm = vec![3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0];
        confirm.extend_from_slice(&answer);
        let Ok(Tpdu::ConnectionConfirm(confirm)) = tpdu(&confirm) else { panic!("no confirm") };
        self.say(first + 4, round_trip * 2 + 5_000, S, Phase::X224, Fact::ConnectionConfirm(confirm));
    }

    pub(super) fn died(
        &mut self,
        cause: &'static str,
        sure: Sure,
        headline: &'static str,
        at: u64,
        phase: Phase,
        by: By,
    ) {
        let event = self.case.session.timeline.iter().find(|event| event.frame == frame(at));
        let time = event.map_or(Timestamp(START), |event| event.time);
        let verdict = &mut self.case.verdict;
        verdict.outcome = Outcome::Died;
        verdict.cause = Some(cause);
        verdict.sure = sure;
        verdict.headline = headline.into();
        verdict.death = Some(Death { frame: frame(at), time, phase, by });
    }

    pub(super) fn sign(&mut self, points: Points, frames: &[u64], text: &'static str) {
        let frames = frames.iter().map(|number| frame(*number)).collect();
        self.case.verdict.evidence.push(Evidence { frames, points, text: text.into() });
    }

    pub(super) fn mark(&mut self, at: u64, is_death: bool, note: &'static str) {
        self.case.verdict.marks.push(LadderMark { frame: frame(at), is_death, note: note.into() });
    }

    pub(super) fn fix(&mut self, side: &'static str, text: &'static str, command: Option<&'static str>) {
        self.case.verdict.fixes = with_one_more(self.case.verdict.fixes, side, text, command);
    }

    pub(super) fn next(&mut self, side: &'static str, text: &'static str, command: Option<&'static str>) {
        self.case.verdict.next = with_one_more(self.case.verdict.next, side, text, command);
    }

    pub(super) fn end(mut self, at: u64, how: EndHow, by: By) -> Case {
        self.case.verdict.end = End { frame: frame(at), how, by };
        self.case
    }
}

/// The catalogue's remedies live as long as the program; so do these.
pub(in crate::report) fn with_one_more(
    remedies: &'static [Remedy],
    side: &'static str,
    text: &str,
    command: Option<&'static str>,
) -> &'static [Remedy] {
    let text: &'static str = text.to_owned().leak();
    let remedy = Remedy::with(side, text, command.unwrap_or_default());
    [remedies, &[remedy]].concat().leak()
}

pub(super) const HYBRID: [u8; 8] = [2, 0x1f, 8, 0, 2, 0, 0, 0];

pub(super) fn request(protocols: u32, cookie: &[u8]) -> Fact {
    let mut packet = vec![3, 0, 0, 0, 0, 0xe0, 0, 0, 0, 0, 0];
    if !cookie.is_empty() {
        packet.extend_from_slice(b"Cookie: mstshash=");
        packet.extend_from_slice(cookie);
        packet.extend_from_slice(b"\r\n");
    }
    packet.extend_from_slice(&[1, 0, 8, 0]);
    packet.extend_from_slice(&protocols.to_le_bytes());
    packet[3] = packet.len() as u8;
    packet[4] = packet[3] - 5;
    let Ok(Tpdu::ConnectionRequest(view)) = tpdu(&packet) else { panic!("no request") };
    Fact::ConnectionRequest(Arc::new(ConnectionRequest::from(view)))
}

pub(super) fn client_hello(versions: &[u8]) -> Fact {
    let mut body = vec![3, 3];
    body.extend_from_slice(&[7; 32]);
    body.extend_from_slice(&[0, 0, 4, 0xc0, 0x30, 0x1a, 0x1a, 1, 0]);
    let mut extensions = vec![0, 10, 0, 4, 0, 2, 0, 0x1d];
    if !versions.is_empty() {
        extensions.extend_from_slice(&[0, 43, 0, versions.len() as u8 + 1, versions.len() as u8]);
        extensions.extend_from_slice(versions);
    }
    body.extend_from_slice(&(extensions.len() as u16).to_be_bytes());
    body.extend_from_slice(&extensions);
    Fact::ClientHello(Arc::new(ClientHello::from_body(&body).expect("well made")))
}

pub(super) fn server_hello(tls13: bool) -> Fact {
    let mut body = vec![3, 3];
    body.extend_from_slice(&[9; 32]);
    body.push(0);
    body.extend_from_slice(if tls13 { &[0x13, 0x02, 0, 0, 6, 0, 43, 0, 2, 3, 4] } else { &[0xc0, 0x30, 0] });
    Fact::ServerHello(Arc::new(ServerHello::from_body(&body).expect("well made")))
}

pub(super) fn certificate(name: &str, not_after: i64) -> Fact {
    let subject = Text::from(format!("CN={name}").as_str());
    // Certificates that differ have thumbprints that do.
    let difference = (not_after - ENDED) / 100_000 + 22 - name.len() as i64;
    let leaf = Certificate {
        sha256: [0xab ^ difference as u8; 32],
        length: 756,
        subject: subject.clone(),
        issuer: subject,
        common_name: name.into(),
        serial: "01".into(),
        not_before: not_after - 15_724_800,
        not_after,
        self_signed: true,
        key: Key { algorithm: "RSA".into(), bits: 2048, public: Box::default() },
        signature: "sha256WithRSAEncryption".into(),
        names: vec![name.into()],
        extended_key_usage: vec!["serverAuth".into()],
        allows_server: true,
        digital_signature: Some(true),
        key_encipherment: Some(true),
        has_more_names: false,
        is_authority: false,
        malformed: false,
    };
    Fact::CertificateChain(Arc::new(CertificateChain { leaf: Some(Arc::new(leaf)), first_to_end: None, count: 1 }))
}

/// 2026-03-09 03:41:12 UTC: two days before the captures.
pub(super) const ENDED: i64 = 1_773_027_672;

pub(super) fn with_certificate(protocols: u32, ends: i64, name: &str) -> Story {
    let mut story = Story::new("10.20.4.17:51544", "10.20.1.9:3389", 1);
    story.opening(1, 18_400, protocols, b"jdoe", HYBRID);
    story.say(6, 44_000, C, Phase::Tls, client_hello(&[]));
    story.say(7, 63_000, S, Phase::Tls, server_hello(false));
    story.say(7, 63_000, S, Phase::Tls, certificate(name, ends));
    let done = HandshakeMessage { kind: HandshakeType::SERVER_HELLO_DONE, length: 0 };
    story.say(7, 63_000, S, Phase::Tls, Fact::Handshake(done));
    story
}

/// Puts another user hint into the request.
pub(in crate::report) fn rename_user(case: &mut Case, cookie: &[u8]) {
    replace(case, |fact| matches!(fact, Fact::ConnectionRequest(_)), &request(0x0b, cookie));
}

/// Puts another certificate into the handshake.
pub(in crate::report) fn rename_certificate(case: &mut Case, name: &str) {
    replace(case, |fact| matches!(fact, Fact::CertificateChain(_)), &certificate(name, 1_773_027_672));
}

fn replace(case: &mut Case, wanted: fn(&Fact) -> bool, by: &Fact) {
    let mut timeline = Timeline::default();
    for event in case.session.timeline.iter() {
        let mut event = event.clone();
        if event.fact().is_some_and(wanted) {
            event.kind = EventKind::Message(by.clone());
        }
        timeline.push(event);
    }
    case.session.timeline = timeline;
}
