//! Cases made by hand, after the scenarios that the report is designed for.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::format::{NotRdp, Run, Style};
use super::tally::Tally;
use crate::diagnose::verdict::{
    Advice, Alternative, By, Death, End, EndHow, Evidence, Finding, LadderMark, Outcome, Points, Sure, Verdict,
};
use crate::diagnose::{Case, Inferred, Shape};
use crate::frame::{FrameNumber, Input, Timestamp};
use crate::session::Direction::{ClientToServer as C, ServerToClient as S};
use crate::session::{
    Control, Direction, Endpoint, Event, EventKind, Phase, Roles, RstFacts, Session, SessionId, SynFacts, Timeline,
    Transport,
};
use crate::tcp::segment::Options;
use crate::tcp::side::{Repeat, Side};
use crate::tcp::stream::Mark;
use crate::wire::catalogue::Fact;
use crate::wire::certificate::{Certificate, CertificateChain, Key};
use crate::wire::text::Text;
use crate::wire::tls_handshake::{HandshakeMessage, HandshakeType};
use crate::wire::tls_hello::{ClientHello, ServerHello};
use crate::wire::tls_record::{Alert, ContentType};
use crate::wire::x224::{ConnectionRequest, Tpdu, tpdu};

/// 2026-03-11 09:14:22.481337 in Paris.
const START: i64 = 1_773_216_862_481_337_000;

pub(super) fn frame(number: u64) -> FrameNumber {
    FrameNumber::new(0, number)
}

/// Cases with everything around them.
pub(super) struct Scene {
    pub(super) cases: Vec<Case>,
    pub(super) inputs: Vec<Input>,
    pub(super) tally: Tally,
    pub(super) elsewhere: NotRdp,
}

impl Scene {
    pub(super) fn new(cases: Vec<Case>) -> Self {
        let mut tally = Tally::default();
        cases.iter().for_each(|case| tally.add(case));
        let input = Input { path: "branch.pcap".into(), format: "pcap".into(), ..Input::default() };
        Self { cases, inputs: vec![input], tally, elsewhere: NotRdp::default() }
    }

    pub(super) fn named(mut self, path: &str) -> Self {
        self.inputs[0].path = path.into();
        self
    }

    pub(super) fn run(&self) -> Run<'_> {
        Run {
            cases: &self.cases,
            inputs: &self.inputs,
            tally: &self.tally,
            exit_code: u8::from(self.tally.of(Outcome::Died) > 0),
            elsewhere: &self.elsewhere,
        }
    }

    pub(super) fn style(&self) -> Style {
        Style {
            zone: TimeZone::fixed(jiff::tz::offset(1)),
            source: Some(self.inputs[0].path.to_string_lossy().into_owned()),
            ..Style::default()
        }
    }
}

pub(super) fn all() -> Vec<Case> {
    let mut cases =
        vec![expired(), mstsc_cancel(), forged(), hybrid(), mtu(), win11(), healthy(7), cut(), scan(9, 0), bulk()];
    for (index, case) in cases.iter_mut().enumerate() {
        case.session.id = SessionId(index as u32 + 1);
        case.attempt = index as u32 + 1;
    }
    cases
}

/// Builds a case event by event.
struct Story {
    case: Case,
    offsets: [u64; 2],
}

impl Story {
    fn new(client: &str, server: &str, first: u64) -> Self {
        let endpoint = |text: &str| {
            let address: std::net::SocketAddr = text.parse().expect("an address");
            Endpoint { ip: address.ip(), port: address.port() }
        };
        let mark = Mark { frame: frame(first), time: Timestamp(START), place: 0 };
        let side = |ttl| {
            let mut side = Side::default();
            side.ttl = ttl;
            side
        };
        let session = Session {
            id: SessionId(1),
            transport: Transport::Tcp,
            client: endpoint(client),
            server: endpoint(server),
            roles: Roles::BySyn,
            timeline: Timeline::default(),
            sides: [side(128), side(117)],
            first: mark,
            last: mark,
            rtt_server: None,
            rtt_client: Some(0.000_1),
            accepted: None,
            capture_end: Timestamp(START),
            gaps: 0,
            holes: [None, None],
            evicted: false,
        };
        let verdict = Verdict {
            outcome: Outcome::Ok,
            cause: None,
            sure: Sure::Strong,
            headline: String::new(),
            death: None,
            end: End { frame: frame(first), how: EndHow::Fin, by: By::Client },
            reached: vec![Phase::Tcp, Phase::X224, Phase::Tls],
            reached_inferred: Vec::new(),
            evidence: Vec::new(),
            means: None,
            not_it: Vec::new(),
            could_be: Vec::new(),
            fixes: Vec::new(),
            next: Vec::new(),
            notes: Vec::new(),
            findings: Vec::new(),
            marks: Vec::new(),
        };
        let case = Case { session, shape: Shape::default(), verdict, attempt: 1, role: "main" };
        Self { case, offsets: [0; 2] }
    }

    fn push(&mut self, number: u64, micros: i64, direction: Direction, phase: Phase, kind: EventKind, length: u32) {
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

    fn tcp(&mut self, number: u64, micros: i64, direction: Direction, phase: Phase, control: Control) {
        self.push(number, micros, direction, phase, EventKind::Tcp(control), 0);
    }

    fn say(&mut self, number: u64, micros: i64, direction: Direction, phase: Phase, fact: Fact) {
        self.push(number, micros, direction, phase, EventKind::Message(fact), 100);
    }

    fn record(&mut self, number: u64, micros: i64, direction: Direction, phase: Phase, kind: ContentType, length: u16) {
        let event = EventKind::Encrypted { content_type: kind, length };
        self.push(number, micros, direction, phase, event, u32::from(length) + 5);
    }

    /// SYN at `first`, SYN,ACK, ACK, request, confirm: five frames.
    fn opening(&mut self, first: u64, round_trip: i64, protocols: u32, cookie: &[u8], answer: [u8; 8]) {
        let options = Options { mss: Some(1460), ..Options::default() };
        for side in &mut self.case.session.sides {
            side.syn = Some(Mark::default());
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

    fn died(&mut self, cause: &'static str, sure: Sure, headline: &str, at: u64, phase: Phase, by: By) {
        let event = self.case.session.timeline.iter().find(|event| event.frame == frame(at));
        let time = event.map_or(Timestamp(START), |event| event.time);
        let verdict = &mut self.case.verdict;
        verdict.outcome = Outcome::Died;
        verdict.cause = Some(cause);
        verdict.sure = sure;
        verdict.headline = headline.into();
        verdict.death = Some(Death { frame: frame(at), time, phase, by });
    }

    fn sign(&mut self, points: Points, frames: &[u64], text: &str) {
        let frames = frames.iter().map(|number| frame(*number)).collect();
        self.case.verdict.evidence.push(Evidence { frames, points, text: text.into() });
    }

    fn mark(&mut self, at: u64, is_death: bool, note: &str) {
        self.case.verdict.marks.push(LadderMark { frame: frame(at), is_death, note: note.into() });
    }

    fn fix(&mut self, side: &'static str, text: &str, command: Option<&str>) {
        self.case.verdict.fixes.push(Advice { side, text: text.into(), command: command.map(str::to_owned) });
    }

    fn end(mut self, at: u64, how: EndHow, by: By) -> Case {
        self.case.verdict.end = End { frame: frame(at), how, by };
        self.case
    }
}

const HYBRID: [u8; 8] = [2, 0x1f, 8, 0, 2, 0, 0, 0];

fn request(protocols: u32, cookie: &[u8]) -> Fact {
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
    Fact::ConnectionRequest(Box::new(ConnectionRequest::from(view)))
}

fn client_hello(versions: &[u8]) -> Fact {
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
    Fact::ClientHello(Box::new(ClientHello::from_body(&body).expect("well made")))
}

fn server_hello(tls13: bool) -> Fact {
    let mut body = vec![3, 3];
    body.extend_from_slice(&[9; 32]);
    body.push(0);
    body.extend_from_slice(if tls13 { &[0x13, 0x02, 0, 0, 6, 0, 43, 0, 2, 3, 4] } else { &[0xc0, 0x30, 0] });
    Fact::ServerHello(Box::new(ServerHello::from_body(&body).expect("well made")))
}

pub(super) fn certificate(name: &str, not_after: i64) -> Fact {
    let subject = Text::from(format!("CN={name}").as_str());
    let leaf = Certificate {
        sha256: [0xab; 32],
        length: 756,
        subject: subject.clone(),
        issuer: subject,
        common_name: name.into(),
        serial: "01".into(),
        not_before: not_after - 15_724_800,
        not_after,
        self_signed: true,
        key: Key { algorithm: "RSA".into(), bits: 2048 },
        signature: "sha256WithRSAEncryption".into(),
        names: vec![name.into()],
        extended_key_usage: vec!["serverAuth".into()],
        allows_server: true,
        digital_signature: Some(true),
        key_encipherment: Some(true),
        is_authority: false,
        malformed: false,
    };
    Fact::CertificateChain(Box::new(CertificateChain { leaf: Some(Arc::new(leaf)), count: 1 }))
}

/// Puts another user hint into the request.
pub(super) fn rename_user(case: &mut Case, cookie: &[u8]) {
    replace(case, |fact| matches!(fact, Fact::ConnectionRequest(_)), &request(0x0b, cookie));
}

/// Puts another certificate into the handshake.
pub(super) fn rename_certificate(case: &mut Case, name: &str) {
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

/// 2026-03-09 03:41:12 UTC: two days before the captures.
const ENDED: i64 = 1_773_027_672;

fn with_certificate(protocols: u32, ends: i64, name: &str) -> Story {
    let mut story = Story::new("10.20.4.17:51544", "10.20.1.9:3389", 1);
    story.opening(1, 18_400, protocols, b"jdoe", HYBRID);
    story.say(6, 44_000, C, Phase::Tls, client_hello(&[]));
    story.say(7, 63_000, S, Phase::Tls, server_hello(false));
    story.say(7, 63_000, S, Phase::Tls, certificate(name, ends));
    let done = HandshakeMessage { kind: HandshakeType::SERVER_HELLO_DONE, length: 0 };
    story.say(7, 63_000, S, Phase::Tls, Fact::Handshake(done));
    story
}

pub(super) fn expired() -> Case {
    let mut story = with_certificate(0x0b, ENDED, "RDS-LEG01.corp.example");
    story.say(8, 65_000, C, Phase::Tls, Fact::Alert(Alert { level: 2, description: 45 }));
    story.tcp(9, 65_100, C, Phase::Tls, Control::Fin);
    story.tcp(11, 83_700, S, Phase::Tls, Control::Fin);
    let headline = "client refused the server certificate, 2 days too old";
    story.died("tls.cert-expired", Sure::Proven, headline, 8, Phase::Tls, By::Client);
    story.mark(7, false, "");
    story.mark(8, true, "");
    story.sign(Points::For, &[8], "frame 8 is the client's own alert; its reason byte (0x3c) is 0x2d");
    story.sign(Points::For, &[7], "frame 7: the certificate ended 2 d 4 h 33 min before this capture");
    let text = "the network; 12 packets, none lost, none sent twice".into();
    story.case.verdict.not_it.push(Alternative { id: "path", text });
    let text = "renew the certificate of the RDP listener on 10.20.1.9, then check with";
    story.fix("server", text, Some("rdpwhy probe 10.20.1.9"));
    story.end(9, EndHow::Fin, By::Client)
}

pub(super) fn mstsc_cancel() -> Case {
    let mut story = with_certificate(0x0b, ENDED, "RDS-LEG01.corp.example");
    story.say(8, 65_000, C, Phase::Tls, Fact::ChangeCipherSpec);
    story.record(8, 65_000, C, Phase::Tls, ContentType::HANDSHAKE, 40);
    story.say(9, 84_000, S, Phase::Tls, Fact::ChangeCipherSpec);
    story.record(9, 84_000, S, Phase::Tls, ContentType::HANDSHAKE, 40);
    story.tcp(10, 6_284_000, C, Phase::Tls, Control::Fin);
    let headline = "client left right after seeing an expired certificate";
    story.died("tls.client-refuses", Sure::Likely, headline, 10, Phase::Tls, By::Client);
    story.mark(7, false, "");
    story.mark(10, true, "nothing was sent inside TLS");
    story.sign(Points::For, &[7], "the certificate was 2 d 4 h 33 min out of date at that moment");
    story.sign(Points::For, &[10], "the client closed by itself, orderly, before any logon data");
    let text =
        "6.2 s between the end of TLS and the close: the Windows client shows its certificate warning exactly there";
    story.sign(Points::For, &[9, 10], text);
    let text = "the user cancelled for another reason; a connection test".into();
    story.case.verdict.could_be.push(Alternative { id: "client.cancelled", text });
    story.fix("server", "renew the certificate of the RDP listener on 10.20.1.9", None);
    story.end(10, EndHow::Fin, By::Client)
}

pub(super) fn hybrid() -> Case {
    let mut story = Story::new("10.20.4.80:49811", "10.20.1.9:3389", 1);
    story.opening(1, 21_100, 1, b"", [3, 0, 8, 0, 5, 0, 0, 0]);
    story.tcp(6, 47_300, S, Phase::X224, Control::Fin);
    let headline = "server insists on NLA; the client offered only TLS";
    story.died("neg.hybrid-required", Sure::Proven, headline, 5, Phase::X224, By::Server);
    story.mark(4, false, "no HYBRID here");
    story.mark(5, true, "");
    story.sign(Points::For, &[5], "frame 5 is the server's own refusal, failure code 0x00000005");
    story.case.verdict.means = Some(
        "the server accepts only clients that do Network Level Authentication (CredSSP) before it shows a desktop; \
         this one never offered it"
            .into(),
    );
    let text = "the certificate, the password: neither was reached".into();
    story.case.verdict.not_it.push(Alternative { id: "tls", text });
    let text = "on the client: enable CredSSP (enablecredsspsupport:i:1 in the .rdp file, /sec:nla in FreeRDP) or use a \
                client that knows NLA";
    story.fix("client", text, None);
    let note =
        "turning NLA off on the server also \"works\"; it opens the logon screen to anyone who can reach port 3389";
    story.case.verdict.notes.push(note.into());
    story.case.verdict.reached = vec![Phase::Tcp, Phase::X224];
    story.end(6, EndHow::Fin, By::Server)
}

pub(super) fn forged() -> Case {
    let mut story = Story::new("10.20.4.17:52010", "172.16.9.40:3389", 1);
    story.opening(1, 41_200, 0x0b, b"jdoe", HYBRID);
    story.say(6, 90_000, C, Phase::Tls, client_hello(&[]));
    let reset = |distance| {
        Control::Rst(Box::new(RstFacts {
            ttl: 253,
            id: Some(0),
            window: 0,
            has_ack: true,
            has_timestamp: false,
            in_window: true,
            ahead: false,
            distance,
        }))
    };
    story.tcp(7, 90_600, S, Phase::Tls, reset(0));
    story.tcp(8, 90_650, S, Phase::Tls, reset(1460));
    story.say(9, 131_700, S, Phase::Tls, server_hello(false));
    story.say(9, 131_700, S, Phase::Tls, certificate("RDS40.corp.example", ENDED + 9_000_000));
    let headline = "a device in the path sent a reset in the server's name";
    story.died("tcp.rst-injected", Sure::Strong, headline, 7, Phase::Tls, By::Middlebox);
    story.mark(7, true, "too near, too fast to be the server");
    story.mark(9, false, "the real server, unaware");
    story.sign(Points::For, &[7, 8], "frames 7 and 8 travelled 2 hops; the server is 11 hops away");
    story.sign(Points::For, &[7], "frame 7 comes 0.6 ms after frame 6; the server needs 41.2 ms");
    let text = "frame 7 has the right sequence number; any device that reads the traffic can manage that";
    story.sign(Points::Against, &[7], text);
    story.fix("path", "find what sits 2 hops from the capture point and knows RDP", None);
    let text = "capture on both sides of it; only the inner side will show no reset".into();
    story.case.verdict.next.push(Advice { side: "capture", text, command: None });
    story.end(7, EndHow::Rst, By::Middlebox)
}

pub(super) fn mtu() -> Case {
    let mut story = Story::new("10.88.0.23:50122", "10.20.1.9:3389", 481);
    story.opening(481, 36_000, 0x03, b"mlopez", HYBRID);
    story.say(486, 115_000, C, Phase::Tls, client_hello(&[]));
    story.say(487, 115_200, S, Phase::Tls, server_hello(false));
    story.say(488, 115_300, S, Phase::Tls, certificate("RDS-LEG01.corp.example", ENDED + 9_000_000));
    let offset = story.offsets[1];
    story.offsets[1] = 100; // where the ServerHello began
    for (number, wait) in (490..496).zip([300, 900, 2_100, 4_500, 9_300, 18_900]) {
        story.tcp(number, 115_200 + wait * 1_000, S, Phase::Tls, Control::Retransmission(1460));
    }
    story.offsets[1] = offset;
    story.tcp(496, 30_015_000, C, Phase::Tls, Control::Fin);
    let mark = |number, micros: i64| Mark { frame: frame(number), time: Timestamp(START + micros * 1_000), place: 0 };
    story.case.session.sides[1].repeat = Some(Repeat {
        offset: 100,
        length: 1460,
        ip_length: 1500,
        dont_fragment: true,
        original: mark(487, 115_200),
        last: mark(495, 19_015_200),
        count: 6,
    });
    story.case.session.sides[1].retransmissions = 6;
    let headline = "full-size packets from the server vanish on the way";
    story.died("path.mtu-black-hole", Sure::Strong, headline, 487, Phase::Tls, By::Network);
    story.mark(487, true, "it never gets through");
    story.sign(
        Points::For,
        &[487],
        "7 packets of 1500 bytes sent, none acknowledged; all 9 packets up to 1219 bytes were",
    );
    story.sign(Points::Missing, &[], "where it happens; the limit lies between 1220 and 1500 bytes");
    let text = "allow ICMP type 3 code 4 (IPv6: type 2) towards 10.20.1.9, or clamp the MSS on the VPN gateway to 1360";
    story.fix("path", text, None);
    let (text, command) = ("from a VPN client:".into(), Some("rdpwhy probe 10.20.1.9 --mtu".into()));
    story.case.verdict.next.push(Advice { side: "client", text, command });
    story.end(496, EndHow::Fin, By::Client)
}

pub(super) fn win11() -> Case {
    let mut story = Story::new("10.20.4.17:51620", "10.20.1.22:3389", 1);
    story.opening(1, 18_400, 0x0b, b"jdoe", HYBRID);
    story.say(6, 44_000, C, Phase::Tls, client_hello(&[3, 4]));
    story.say(7, 63_000, S, Phase::Tls, server_hello(true));
    for length in [23, 786, 281, 69] {
        story.record(7, 63_000, S, Phase::Tls, ContentType::APPLICATION_DATA, length);
    }
    let offset = story.offsets[0];
    story.record(8, 65_000, C, Phase::Tls, ContentType::APPLICATION_DATA, 19);
    story.tcp(9, 65_100, C, Phase::Tls, Control::Fin);
    let alert = Inferred {
        frame: frame(8),
        stream_offset: offset,
        phase: Phase::Tls,
        name: "Alert",
        exact: true,
        direction: Direction::ClientToServer,
        plaintext: Some(2),
    };
    story.case.shape.records.push(alert);
    let headline = "client hung up on a certificate hidden by TLS 1.3";
    story.died("tls.client-refuses", Sure::Likely, headline, 8, Phase::Tls, By::Client);
    story.mark(8, true, "");
    story.sign(Points::For, &[8], "frame 8: 19 bytes is exactly alert (2) + type (1) + tag (16)");
    story.sign(Points::For, &[8], "frame 8 comes 2 ms after the certificate, before any password");
    story.sign(Points::Missing, &[], "which complaint: expired, unknown issuer, wrong name, revoked, ...");
    let (text, command) = ("see the certificate yourself:".into(), Some("rdpwhy probe 10.20.1.22".into()));
    story.case.verdict.next.push(Advice { side: "server", text, command });
    story.end(9, EndHow::Fin, By::Client)
}

/// Reached the desktop, ran, ended well.
pub(super) fn healthy(id: u32) -> Case {
    let mut story = with_certificate(0x0b, ENDED + 7_300_000, "DC01.corp.example");
    story.say(8, 65_000, C, Phase::Tls, Fact::ChangeCipherSpec);
    story.record(8, 65_000, C, Phase::Tls, ContentType::HANDSHAKE, 40);
    story.record(9, 84_000, S, Phase::Tls, ContentType::HANDSHAKE, 40);
    for index in 0..40 {
        let phase = if index < 4 { Phase::Nla } else { Phase::Rdp };
        story.record(10 + index, 90_000 + index as i64 * 30_000, S, phase, ContentType::APPLICATION_DATA, 900);
    }
    story.tcp(50, 2_000_000, C, Phase::Rdp, Control::Fin);
    story.case.session.id = SessionId(id);
    story.case.session.client.port += id as u16;
    story.end(50, EndHow::Fin, By::Client)
}

/// A long session that a reset ended.
pub(super) fn bulk() -> Case {
    let mut case = healthy(1);
    let mut timeline = Timeline::default();
    let events: Vec<Event> = case.session.timeline.iter().cloned().collect();
    for event in &events[..events.len() - 1] {
        timeline.push(event.clone());
    }
    let last = &events[events.len() - 2];
    for index in 0..400u64 {
        let mut event = last.clone();
        event.frame = frame(50 + index);
        event.time = Timestamp(last.time.0 + index as i64 * 100_000_000);
        event.stream_offset += index * 905;
        timeline.push(event);
    }
    let mut reset = last.clone();
    reset.frame = frame(450);
    reset.time = Timestamp(last.time.0 + 90_000_000_000);
    reset.kind = EventKind::Tcp(Control::Rst(Box::new(RstFacts {
        ttl: 117,
        id: Some(7),
        window: 0,
        has_ack: true,
        has_timestamp: false,
        in_window: true,
        ahead: false,
        distance: 0,
    })));
    let time = reset.time;
    timeline.push(reset);
    case.session.timeline = timeline;
    case.session.last.time = time;
    case.verdict.outcome = Outcome::Died;
    case.verdict.cause = Some("tcp.rst-server");
    case.verdict.headline = "the server cut the connection in the middle of the session".into();
    case.verdict.death = Some(Death { frame: frame(450), time, phase: Phase::Rdp, by: By::Server });
    case.verdict.end = End { frame: frame(450), how: EndHow::Rst, by: By::Server };
    case.verdict.reached = Phase::ALL.to_vec();
    let finding = Finding {
        id: "tls.cert-self-signed",
        sure: Sure::Proven,
        frames: vec![frame(7)],
        text: "frame 7: the certificate signs itself".into(),
    };
    case.verdict.findings.push(finding);
    case.verdict.evidence.push(Evidence {
        frames: vec![frame(450)],
        points: Points::For,
        text: "the reset comes from where the server is".into(),
    });
    case
}

/// The capture stops before anything goes wrong.
pub(super) fn cut() -> Case {
    let mut story = with_certificate(0x0b, ENDED + 7_300_000, "DC01.corp.example");
    let verdict = &mut story.case.verdict;
    verdict.outcome = Outcome::Unsure;
    verdict.cause = Some("cap.ends-mid-session");
    verdict.sure = Sure::Unsure;
    verdict.headline = "the capture stops before anything goes wrong".into();
    story.mark(7, false, "the last packet");
    let text = "the client's answer, and so whether it liked the certificate";
    story.sign(Points::Missing, &[], text);
    story.fix("capture", "stop the capture with Ctrl-C or -a, not by killing it", None);
    story.end(7, EndHow::CaptureEnd, By::Server)
}

pub(super) fn scan(id: u32, host: u8) -> Case {
    let mut story = Story::new("185.112.0.1:40000", "203.0.113.20:3389", 1);
    story.case.session.client.ip = IpAddr::from([185, 112, host / 2, host]);
    let cookie: &[u8] = if host.is_multiple_of(2) { b"hello" } else { b"Administr" };
    story.opening(1, 21_000, 3, cookie, HYBRID);
    story.case.session.id = SessionId(id);
    let verdict = &mut story.case.verdict;
    verdict.outcome = Outcome::Scan;
    verdict.cause = Some(if host.is_multiple_of(2) { "scan.security-probe" } else { "scan.banner-grab" });
    verdict.headline = "connection request, then reset".into();
    verdict.means = Some("asks which security you want".into());
    story.end(5, EndHow::Rst, By::Client)
}
