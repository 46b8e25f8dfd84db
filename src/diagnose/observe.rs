//! What is worth knowing about a session beside its cause of death: certificates, old TLS, loss, gaps in the capture.

use std::net::SocketAddrV4;

use super::certificate::is_made_by_windows;
use super::crowd::Crowd;
use super::observe_path::path;
use super::rule::{Observation, Scene};
use super::shape::{Inferred, Shape, name};
use super::verdict::{EndHow, Finding, Sentence, Sure};
use super::wording::say;
use crate::frame::FrameNumber;
use crate::knowledge::negotiation::Protocols;
use crate::knowledge::tls::Version;
use crate::session::{Direction, Event, Phase, Session, Transport};
use crate::wire::text::grouped;

/// A server that answers a logon token later than this asks somebody else first; seconds.
const SLOW_LOGON: f64 = 5.0;
/// Frames that stand for all of a kind.
const SHOWN: usize = 8;
/// Demand Actives: one at the beginning, one for each change of the desktop's size.
const SET_UP_AGAIN: u8 = 5;

/// Everything noticed, most serious first.
pub(super) fn observe(scene: &Scene<'_>) -> Vec<Observation> {
    let Scene { session, shape, crowd, .. } = *scene;
    let mut list = Vec::new();
    certificate(scene, &mut list);
    security(session, &mut list);
    path(session, &mut list);
    survived(session, &mut list);
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
            "the UDP side channel was not answered; all went over TCP",
        );
    }
    super::observe_beside::observe(session, crowd, &mut list);
    capture(scene, &mut list);
    clock(session, crowd, &mut list);
    list
}

fn add(
    list: &mut Vec<Observation>,
    warns: bool,
    id: &'static str,
    sure: Sure,
    frames: &[FrameNumber],
    text: impl Into<Sentence>,
) {
    list.push(Observation { finding: Finding { id, sure, frames: frames.to_vec(), text: text.into() }, warns });
}

fn certificate(scene: &Scene<'_>, list: &mut Vec<Observation>) {
    let (session, crowd) = (scene.session, scene.crowd);
    let Some((event, certificate)) = session.certificate() else { return };
    if let Some(product) = crowd.fates.inspector(&certificate.sha256) {
        let product = if product.contains("inspection") || product.contains("decryption") {
            String::new()
        } else {
            format!(" ({product})")
        };
        let text =
            format!("the certificate was issued by {}: TLS inspection{product} sits in between", certificate.issuer);
        add(list, true, "tls.interception", Sure::Strong, &[event.frame], text);
    }
    for fault in scene.faults() {
        let more = if fault.id == "tls.cert-expired" && is_made_by_windows(certificate) {
            "; Windows makes and renews such certificates by itself, so renewal seems broken"
        } else {
            ""
        };
        let text = scene.wording.of(say!("the certificate {fault}{more}"));
        add(list, fault.warns, fault.id, Sure::Proven, &[event.frame], text);
    }
    if let Some(other) = crowd.fates.other_certificate(session.server, &certificate.sha256) {
        let text = say!(
            "frame {} of the same server shows another certificate: renewed, several machines behind one address, or something in between",
            other.number()
        );
        add(list, false, "tls.cert-changed", Sure::Proven, &[event.frame, other], scene.wording.of(text));
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
    let refused = session
        .alerts()
        .find(|(event, alert)| alert.description == PROTOCOL_VERSION && event.direction == Direction::ClientToServer);
    if let (Some((event, hello)), Some((alert, _))) = (session.server_hello(), refused)
        && hello.version <= Version::TLS10
    {
        let text = format!("the server picks {} at best, and the client does not take that", hello.version);
        add(list, false, "tls.renego-or-1-0-only", Sure::Strong, &[event.frame, alert.frame], text);
    }
    if let Some((event, target)) = routed_elsewhere(session).filter(|_| session.confirm().is_none()) {
        let text = format!("the routing token names {target}; {} is asked, and does not confirm", session.server);
        add(list, false, "x224.routing-token", Sure::Likely, &[event.frame], text);
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
            "standard RDP security is weak: the server cannot be authenticated",
        );
    }
}

/// What a peer declared, and the session went on all the same.
fn survived(session: &Session, list: &mut Vec<Observation>) {
    let refusal = session.resets().find(|(event, _)| session.is_overcome(event));
    if let (Some((event, _)), Some(answer)) = (refusal, session.server_side().syn()) {
        let text = format!(
            "frame {} refuses the connection; tried again, it is accepted in frame {}",
            event.frame.number(),
            answer.frame.number()
        );
        add(list, false, "tcp.refused", Sure::Strong, &[event.frame, answer.frame], text);
    }
    if let Some(selected) = session.selected_unasked()
        && let (Some((confirm, _)), Some((request, _))) = (session.confirm(), session.request())
    {
        let text = format!("the server selects {}, which the client did not offer", selected.with_meaning());
        add(list, false, "neg.foreign-selection", Sure::Proven, &[confirm.frame, request.frame], text);
    }
    if let Some((event, _, code)) = session.license_error().filter(|(event, ..)| session.goes_on_behind(event)) {
        let text = format!("licensing fails ({code}), and the session goes on without");
        add(list, true, "lic.refused", Sure::Proven, &[event.frame], text);
    }
}

/// protocol_version (RFC 8446 6.2).
const PROTOCOL_VERSION: u8 = 70;

/// The request whose routing token is for another host, and which.
pub(super) fn routed_elsewhere(session: &Session) -> Option<(&Event, SocketAddrV4)> {
    let (event, request) = session.request()?;
    let target = routed_to(request.routing_token.as_ref()?.raw())?;
    (*target.ip() != session.server.ip).then_some((event, target))
}

/// `Cookie: msts=A.B.C`: address and port as decimal numbers of their bytes in little-endian order (MS-RDPBCGR
/// 3.2.5.3.1).
fn routed_to(token: &str) -> Option<SocketAddrV4> {
    let mut parts = token.strip_prefix("Cookie: msts=")?.split('.');
    let address: u32 = parts.next()?.parse().ok()?;
    let port: u16 = parts.next()?.parse().ok()?;
    (address != 0).then(|| SocketAddrV4::new(address.to_le_bytes().into(), port.swap_bytes()))
}

/// A server that thinks long about a logon, and one that sets the session up again and again.
fn setup(session: &Session, shape: &Shape, list: &mut Vec<Observation>) {
    let time = |record: &Inferred| {
        let mut events = session.timeline.iter();
        events.find(|event| event.frame == record.frame).map(|event| event.time)
    };
    let tokens = || shape.records.iter().filter(|record| record.phase == Phase::Nla);
    for (one, next) in tokens().zip(tokens().skip(1)) {
        if one.direction == Direction::ClientToServer
            && next.direction == Direction::ServerToClient
            && let (Some(asked), Some(answered)) = (time(one), time(next))
            && answered.since(asked) >= SLOW_LOGON
        {
            let frames = [one.frame, next.frame];
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

fn capture(scene: &Scene<'_>, list: &mut Vec<Observation>) {
    let (session, dropped) = (scene.session, scene.crowd.dropped);
    let cut: u32 = session.sides.iter().map(|side| side.cut).sum();
    if cut > 0 {
        let text = format!(
            "{} of {} packets are cut by the snap length; certificates and most TLS messages cannot be read",
            grouped(cut.into()),
            grouped(session.packets())
        );
        add(list, false, "cap.snaplen-cut", Sure::Proven, &[session.first.frame], text);
    } else if session.gaps > 0 && dropped > 0 {
        let text = format!(
            "the capturing program lost {} packets; {} bytes of this session are missing",
            grouped(dropped),
            grouped(session.gaps)
        );
        add(list, false, "cap.drops", Sure::Proven, &[session.first.frame], text);
    } else if session.gaps > 0 {
        let text = format!("{} bytes were never captured, though the peers received them", grouped(session.gaps));
        add(list, false, "cap.incomplete", Sure::Strong, &[session.first.frame], text);
    } else if session.lacks_bare() {
        let text = "not one acknowledgment without payload is here: such packets were filtered away, or never captured";
        add(list, false, "cap.incomplete", Sure::Strong, &[session.first.frame], text);
    } else if dropped > 0 && is_unanswered(scene) {
        let text = format!(
            "the capturing program lost {} packets; what seems unanswered may have been answered",
            grouped(dropped)
        );
        add(list, false, "cap.drops", Sure::Likely, &[session.last.frame], text);
    } else if let Some(accepted) = session.accepted.filter(|_| session.lacks_answer()) {
        let frames = [session.first.frame, accepted.frame];
        add(list, false, "cap.incomplete", Sure::Strong, &frames, "the server's answer to the SYN was never captured");
    } else if let Some(others) = scene.crowd.lacking().filter(|_| is_unanswered(scene)) {
        let text = format!(
            "{others} sessions here lack packets that their peers received; what seems unanswered may have been answered"
        );
        add(list, false, "cap.incomplete", Sure::Likely, &[session.last.frame], text);
    }
    if session.is_midstream() && (session.request().is_some() || scene.shape.established) {
        add(
            list,
            false,
            "cap.starts-mid-session",
            Sure::Proven,
            &[session.first.frame],
            "the capture began after the connection did",
        );
    }
}

/// Whether what is to be said of the session rests on packets that did not come.
fn is_unanswered(scene: &Scene<'_>) -> bool {
    let ending = &scene.ending;
    ending.act.is_none() && (scene.session.accepted.is_none() || ending.end.how == EndHow::Silence)
}

/// Whether the capture's own clock can be believed.
fn clock(session: &Session, crowd: &Crowd, list: &mut Vec<Observation>) {
    if let Some(jump) = session.clock_jump() {
        let seconds = jump.seconds();
        let (before, after) = (jump.before.frame, jump.after.frame);
        let direction = if seconds < 0.0 { "back" } else { "forward" };
        let mut text = format!(
            "the capture's clock jumps {direction} by {:.0} s between frames {} and {}, while the connection goes on",
            seconds.abs(),
            before.number(),
            after.number()
        );
        if let Some(ticks) = jump.ticks {
            text.push_str(&format!("; its sender's own clock counts {ticks} ticks there"));
        }
        add(list, false, "cap.clock-jump", Sure::Strong, &[before, after], text);
    }
    if let Some(overtaken) = session.out_of_step() {
        let (by, bytes) = (overtaken.by.frame, overtaken.bytes.frame);
        let text = format!(
            "frame {} acknowledges what is captured {:.1} ms later, in frame {}: the two directions are out of step, and \
             their order means little",
            by.number(),
            overtaken.seconds() * 1e3,
            bytes.number()
        );
        add(list, false, "cap.out-of-step", Sure::Strong, &[by, bytes], text);
    }
    if session.is_timeless() {
        let text =
            format!("all its {} packets bear the same time: the capture's clock stands still", session.packets());
        add(list, false, "cap.clock-wrong", Sure::Strong, &[session.first.frame, session.last.frame], text);
    } else if !session.is_clock_set() {
        let text = "by the capture's clock this was before there was such a thing: the clock was not set".to_owned();
        add(list, false, "cap.clock-wrong", Sure::Strong, &[session.first.frame], text);
    } else if let Some(early) = crowd.fates.early_certificates()
        && let Some((event, certificate)) = session.certificate()
        && certificate.is_early_at(event.time.seconds())
    {
        let mut frames: Vec<FrameNumber> = early.iter().copied().take(SHOWN).chain([event.frame]).collect();
        frames.sort_unstable();
        frames.dedup();
        let text = format!(
            "the certificates of {} servers begin after they are shown: rather the capture's clock is behind than all of theirs ahead",
            early.len()
        );
        add(list, false, "cap.clock-wrong", Sure::Likely, &frames, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_routing_token_names_address_and_port() {
        let target = routed_to("Cookie: msts=3640205228.15629.0000");
        assert_eq!(target.map(|target| target.to_string()), Some("172.31.249.216:3389".into()));
        assert_eq!(routed_to("tsv://MS Terminal Services Plugin.1.Desk"), None);
        assert_eq!(routed_to("Cookie: msts=99999999999.1.0000"), None);
    }
}
