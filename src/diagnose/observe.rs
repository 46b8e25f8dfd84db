//! What is worth knowing about a session beside its cause of death: certificates, old TLS, loss, gaps in the capture.

use super::certificate::{faults, inspector, is_made_by_windows};
use super::crowd::Crowd;
use super::rule::Observation;
use super::shape::{Inferred, Shape, name};
use super::verdict::{Finding, Sure};
use crate::frame::FrameNumber;
use crate::knowledge::negotiation::Protocols;
use crate::knowledge::tls::Version;
use crate::session::{Direction, Phase, Session, Transport};

/// A path slower than this is felt; seconds for the round trip.
const SLOW: f64 = 0.25;
/// A server that answers a logon token later than this asks somebody else first; seconds.
const SLOW_LOGON: f64 = 5.0;
/// Demand Actives: one at the beginning, one for each change of the desktop's size.
const SET_UP_AGAIN: u8 = 5;
/// Share of payload packets sent twice that is called loss.
const LOSS: f64 = 0.01;

/// Everything noticed, most serious first.
pub(super) fn observe(session: &Session, shape: &Shape, crowd: &Crowd) -> Vec<Observation> {
    let mut list = Vec::new();
    certificate(session, &mut list);
    security(session, &mut list);
    path(session, &mut list);
    setup(session, shape, &mut list);
    if session.transport == Transport::Tcp
        && shape.info
        && let Some(frame) = crowd.udp_unanswered(session)
    {
        add(
            &mut list,
            false,
            "udp.blocked",
            Sure::Strong,
            &[frame],
            "the UDP side channel was not answered; all went over TCP".into(),
        );
    }
    capture(session, shape, crowd.dropped, &mut list);
    list
}

fn add(list: &mut Vec<Observation>, warns: bool, id: &'static str, sure: Sure, frames: &[FrameNumber], text: String) {
    list.push(Observation { finding: Finding { id, sure, frames: frames.to_vec(), text }, warns });
}

fn certificate(session: &Session, list: &mut Vec<Observation>) {
    let Some((event, certificate)) = session.certificate() else { return };
    if let Some(product) = inspector(certificate) {
        let text =
            format!("the certificate was issued by {}: TLS inspection ({product}) sits in between", certificate.issuer);
        add(list, true, "tls.interception", Sure::Strong, &[event.frame], text);
    }
    for fault in faults(certificate, event.time, session) {
        let mut text = format!("the certificate {}", fault.text);
        if fault.id == "tls.cert-expired" && is_made_by_windows(certificate) {
            text.push_str("; Windows makes and renews such certificates by itself, so renewal seems broken");
        }
        add(list, fault.warns, fault.id, Sure::Proven, &[event.frame], text);
    }
}

fn security(session: &Session, list: &mut Vec<Observation>) {
    if let Some((event, hello)) = session.server_hello()
        && hello.version < Version::TLS12
    {
        add(
            list,
            true,
            "tls.old-version",
            Sure::Proven,
            &[event.frame],
            format!("{} is out of date; current clients refuse it", hello.version),
        );
    }
    if let Some((event, _)) = session.confirm()
        && session.selected() == Some(Protocols::RDP)
    {
        add(
            list,
            true,
            "rdp.standard-security",
            Sure::Proven,
            &[event.frame],
            "standard RDP security is weak: the server cannot be authenticated".into(),
        );
    }
}

fn path(session: &Session, list: &mut Vec<Observation>) {
    for direction in [Direction::ServerToClient, Direction::ClientToServer] {
        let side = session.side(direction);
        let who = direction.speaker();
        let data = side.packets.max(1) as f64;
        let share = f64::from(side.retransmissions) / data;
        // A lone repetition is mostly a loss probe; timers that ran out, or a rate, are loss.
        if side.timeouts >= 2 && share >= LOSS || side.retransmissions >= 8 && share >= 0.03 {
            let frames: Vec<FrameNumber> = session
                .timeline
                .iter()
                .filter(|event| {
                    event.direction == direction
                        && matches!(event.control(), Some(crate::session::Control::Retransmission(_)))
                })
                .map(|event| event.frame)
                .take(6)
                .collect();
            let text = format!(
                "{:.1} % of the {who}'s packets were sent twice ({} of {})",
                share * 100.0,
                side.retransmissions,
                side.packets
            );
            add(list, true, "path.loss", Sure::Strong, &frames, text);
        }
        if side.zero_windows >= 3 {
            add(
                list,
                false,
                "tcp.zero-window",
                Sure::Likely,
                &[],
                format!("the {who} had no room for data {} times", side.zero_windows),
            );
        }
    }
    if let (Some(client), Some(server)) = (session.rtt_client, session.rtt_server)
        && client + server >= SLOW
    {
        let frames = [session.first.frame];
        add(
            list,
            true,
            "path.slow",
            Sure::Strong,
            &frames,
            format!("the round trip takes {:.0} ms", (client + server) * 1e3),
        );
    }
    if let Some((event, _)) = session.resets().find(|(event, facts)| !session.is_believed(event, facts)) {
        let text = format!("frame {} is a reset outside the window; it changed nothing", event.frame.number());
        add(list, false, "tcp.rst-ignored", Sure::Strong, &[event.frame], text);
    }
}

/// A server that thinks long about a logon, and one that sets the session up again and again.
fn setup(session: &Session, shape: &Shape, list: &mut Vec<Observation>) {
    let time = |record: &Inferred| {
        let mut events = session.timeline.iter();
        events.find(|event| event.frame == record.frame).map(|event| event.time)
    };
    let tokens = shape.records.iter().filter(|record| record.phase == Phase::Nla).collect::<Vec<_>>();
    for pair in tokens.windows(2) {
        let is_answer =
            pair[0].direction == Direction::ClientToServer && pair[1].direction == Direction::ServerToClient;
        if let (true, Some(asked), Some(answered)) = (is_answer, time(pair[0]), time(pair[1]))
            && answered.since(asked) >= SLOW_LOGON
        {
            let frames = [pair[0].frame, pair[1].frame];
            let text = format!("the server took {:.1} s to answer a logon token", answered.since(asked));
            add(list, false, "nla.server-slow", Sure::Strong, &frames, text);
            break;
        }
    }
    if shape.demands >= SET_UP_AGAIN {
        let frames: Vec<FrameNumber> = shape
            .records
            .iter()
            .filter(|record| record.name == name::DEMAND_ACTIVE)
            .map(|record| record.frame)
            .collect();
        let text = format!("the session was set up {} times (Demand Active)", shape.demands);
        add(list, false, "rdp.reactivation-loop", Sure::Likely, &frames, text);
    }
}

fn capture(session: &Session, shape: &Shape, dropped: u64, list: &mut Vec<Observation>) {
    let cut: u32 = session.sides.iter().map(|side| side.cut).sum();
    if cut > 0 {
        let text = format!(
            "{cut} of {} packets are cut by the snap length; certificates and most TLS messages cannot be read",
            session.packets()
        );
        add(list, false, "cap.snaplen-cut", Sure::Proven, &[session.first.frame], text);
    } else if session.gaps > 0 && dropped > 0 {
        let text =
            format!("the capturing program lost {dropped} packets; {} bytes of this session are missing", session.gaps);
        add(list, false, "cap.drops", Sure::Proven, &[session.first.frame], text);
    } else if session.gaps > 0 {
        let text = format!("{} bytes were never captured, though the peers received them", session.gaps);
        add(list, false, "cap.incomplete", Sure::Strong, &[session.first.frame], text);
    }
    if session.is_midstream() && (session.request().is_some() || shape.established) {
        add(
            list,
            false,
            "cap.starts-mid-session",
            Sure::Proven,
            &[session.first.frame],
            "the capture began after the connection did".into(),
        );
    }
}
