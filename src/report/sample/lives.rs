//! Sessions that fared well, ended somehow, or were nobody's.

use std::net::IpAddr;

use super::frame;
use super::story::{ENDED, HYBRID, Story, with_certificate};
use crate::diagnose::Case;
use crate::diagnose::verdict::{By, Death, End, EndHow, Evidence, Finding, Outcome, Points, Sure};
use crate::frame::Timestamp;
use crate::session::Direction::{ClientToServer as C, ServerToClient as S};
use crate::session::{Control, Event, EventKind, Phase, RstFacts, SessionId, Timeline};
use crate::wire::catalogue::Fact;
use crate::wire::tls_record::ContentType;

/// Reached the desktop, ran, ended well.
pub(in crate::report) fn healthy(id: u32) -> Case {
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
pub(in crate::report) fn bulk() -> Case {
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
        place: 0,
        echoes: false,
        acknowledges: None,
        stray_id: None,
        lacks_timestamp: false,
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
    case.verdict.reached = Phase::ALL.into_iter().collect();
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
pub(in crate::report) fn cut() -> Case {
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

pub(in crate::report) fn scan(id: u32, host: u8) -> Case {
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
