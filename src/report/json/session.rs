//! The session record: who, how it fared, at which packet, and everything that was read of it.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha1::{Digest, Sha1};

use super::SCHEMA;
use crate::diagnose::Case;
use crate::diagnose::verdict::{Advice, Alternative};
use crate::frame::{FrameNumber, Input};
use crate::knowledge::negotiation::{request_flags, response_flags};
use crate::knowledge::tls::{Version, alert_name, group_name, is_grease};
use crate::report::format::file_name;
use crate::report::time::{date_rfc3339, rfc3339};
use crate::session::{Endpoint, EventKind, Phase, Session, Transport};
use crate::wire::tls_fingerprint::{ja3, ja3s, ja4};
use crate::wire::tls_hello::suite_name;
use crate::wire::tls_record::ContentType;
use crate::wire::x224::{Answer, hex};

#[derive(Serialize)]
pub(super) struct SessionRecord<'a> {
    r#type: &'static str,
    schema: &'static str,
    session: u32,
    attempt: u32,
    role: &'static str,
    transport: &'static str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    sure: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    headline: &'a str,
    client: Place,
    server: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_hint: Option<&'a str>,
    community_id: String,
    start: String,
    duration: f64,
    reached: String,
    reached_inferred: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    death: Option<DeathRecord>,
    end: EndRecord,
    findings: Vec<FindingRecord<'a>>,
    evidence: Vec<EvidenceRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    means: Option<&'a str>,
    not_it: Vec<AlternativeRecord<'a>>,
    could_be: Vec<AlternativeRecord<'a>>,
    fixes: Vec<AdviceRecord<'a>>,
    next: Vec<AdviceRecord<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    negotiation: Option<Negotiation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<Tls>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<CertificateRecord<'a>>,
    network: Network,
    #[serde(skip_serializing_if = "Option::is_none")]
    capture: Option<Capture>,
}

#[derive(Serialize)]
struct Place {
    ip: IpAddr,
    port: u16,
}

impl From<Endpoint> for Place {
    fn from(endpoint: Endpoint) -> Self {
        Self { ip: endpoint.ip, port: endpoint.port }
    }
}

#[derive(Serialize)]
struct DeathRecord {
    frame: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    time: String,
    phase: &'static str,
    by: &'static str,
}

#[derive(Serialize)]
struct EndRecord {
    frame: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    how: &'static str,
    by: &'static str,
}

#[derive(Serialize)]
struct FindingRecord<'a> {
    id: &'static str,
    sure: &'static str,
    frames: Vec<u64>,
    text: &'a str,
}

#[derive(Serialize)]
struct EvidenceRecord<'a> {
    frames: Vec<u64>,
    kind: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct AlternativeRecord<'a> {
    id: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct AdviceRecord<'a> {
    side: &'static str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<&'a str>,
}

impl<'a> SessionRecord<'a> {
    pub(super) fn of(case: &'a Case, inputs: &[Input]) -> Self {
        let (session, verdict) = (&case.session, &case.verdict);
        let file = |frame: FrameNumber| if inputs.len() > 1 { file_name(inputs, frame) } else { None };
        Self {
            r#type: "session",
            schema: SCHEMA,
            session: session.id.0,
            attempt: case.attempt,
            role: case.role,
            transport: match session.transport {
                Transport::Tcp => "tcp",
                Transport::Udp => "udp",
            },
            outcome: verdict.outcome.word(),
            cause: verdict.cause,
            sure: verdict.sure.word(),
            headline: &verdict.headline,
            client: session.client.into(),
            server: session.server.into(),
            user_hint: session.request().and_then(|(_, request)| request.cookie.as_ref()).map(|cookie| cookie.raw()),
            community_id: community_id(session),
            start: rfc3339(session.first.time),
            duration: seconds(session.duration()),
            reached: letters(&verdict.reached),
            reached_inferred: letters(&verdict.reached_inferred),
            death: verdict.death.map(|death| DeathRecord {
                frame: death.frame.number(),
                file: file(death.frame),
                time: rfc3339(death.time),
                phase: death.phase.word(),
                by: death.by.word(),
            }),
            end: EndRecord {
                frame: verdict.end.frame.number(),
                file: file(verdict.end.frame),
                how: verdict.end.how.word(),
                by: verdict.end.by.word(),
            },
            findings: verdict.findings.iter().map(|finding| FindingRecord {
                id: finding.id,
                sure: finding.sure.word(),
                frames: numbers(&finding.frames),
                text: &finding.text,
            }).collect(),
            evidence: verdict.evidence.iter().map(|sign| EvidenceRecord {
                frames: numbers(&sign.frames),
                kind: sign.points.word(),
                text: &sign.text,
            }).collect(),
            means: verdict.means.as_deref(),
            not_it: alternatives(&verdict.not_it),
            could_be: alternatives(&verdict.could_be),
            fixes: advice(&verdict.fixes),
            next: advice(&verdict.next),
            notes: &verdict.notes,
            negotiation: Negotiation::of(session),
            tls: Tls::of(session),
            certificate: CertificateRecord::of(session),
            network: Network::of(session),
            capture: Capture::of(session, inputs),
        }
    }
}

fn numbers(frames: &[FrameNumber]) -> Vec<u64> {
    frames.iter().map(|frame| frame.number()).collect()
}

fn letters(phases: &[Phase]) -> String {
    phases.iter().map(|phase| phase.letter()).collect()
}

fn alternatives(list: &[Alternative]) -> Vec<AlternativeRecord<'_>> {
    list.iter().map(|other| AlternativeRecord { id: other.id, text: &other.text }).collect()
}

fn advice(list: &[Advice]) -> Vec<AdviceRecord<'_>> {
    list.iter()
        .map(|advice| AdviceRecord { side: advice.side, text: &advice.text, command: advice.command.as_deref() })
        .collect()
}

/// Nanoseconds are what was captured; a float's noise behind them is not.
fn seconds(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

#[derive(Serialize)]
struct Negotiation<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    cookie: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    routing_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requested: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_flags: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    selected: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_flags: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<String>,
}

#[derive(Serialize)]
struct Failure {
    code: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    symbol: Option<&'static str>,
}

impl<'a> Negotiation<'a> {
    fn of(session: &'a Session) -> Option<Self> {
        let request = session.request().map(|(_, request)| request);
        let confirm = session.confirm().map(|(_, confirm)| confirm);
        if request.is_none() && confirm.is_none() {
            return None;
        }
        let flags = confirm.and_then(|confirm| match confirm.answer {
            Answer::Response { flags, .. } => Some(response_flags(flags)),
            _ => None,
        });
        Some(Self {
            cookie: request.and_then(|request| request.cookie.as_ref()).map(|cookie| cookie.raw()),
            routing_token: request.and_then(|request| request.routing_token.as_ref()).map(|token| token.raw()),
            requested: request.map(|request| request.protocols.words()),
            request_flags: request.and_then(|request| request.flags).map(request_flags),
            selected: session.selected().and_then(|chosen| chosen.words().first().copied()),
            response_flags: flags,
            failure: session
                .negotiation_failure()
                .map(|(_, code)| Failure { code: code.0, symbol: code.symbol() }),
            correlation_id: request.and_then(|request| request.correlation).map(|id| hex(&id)),
        })
    }
}

#[derive(Serialize, Default)]
struct Tls {
    #[serde(skip_serializing_if = "Option::is_none")]
    client_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sni: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ciphers_offered: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cipher: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alerts: Vec<AlertRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ja3: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ja3s: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ja4: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_hidden: Option<bool>,
}

#[derive(Serialize)]
struct AlertRecord {
    frame: u64,
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    encrypted: bool,
}

impl Tls {
    fn of(session: &Session) -> Option<Self> {
        let mut tls = Self { alerts: alerts(session), ..Self::default() };
        if let Some((_, hello)) = session.client_hello() {
            let view = hello.view();
            let suites = view.ciphers.iter().filter(|suite| !is_grease(**suite));
            tls.client_version = view.versions().first().map(|version| version.number());
            tls.sni = hello.server_name().map(|name| name.raw().to_owned());
            tls.ciphers_offered = Some(suites.map(|suite| suite_name(*suite)).collect());
            tls.groups = Some(view.groups().into_iter().map(group_name).collect());
            tls.ja3 = Some(ja3(hello));
            tls.ja4 = Some(ja4(hello));
        }
        if let Some((_, hello)) = session.server_hello() {
            tls.version = Some(hello.version.number());
            tls.cipher = Some(suite_name(hello.cipher));
            tls.group = hello.group.map(group_name);
            tls.ja3s = Some(ja3s(hello));
            tls.certificate_hidden = (hello.version >= Version::TLS13).then_some(true);
        }
        let is_there = tls.client_version.is_some() || tls.version.is_some() || !tls.alerts.is_empty();
        is_there.then_some(tls)
    }
}

fn alerts(session: &Session) -> Vec<AlertRecord> {
    let plain = session.alerts().map(|(event, alert)| AlertRecord {
        frame: event.frame.number(),
        by: event.direction.speaker(),
        level: Some(alert.level_name()),
        code: Some(alert.description),
        name: Some(alert_name(alert.description)),
        encrypted: false,
    });
    let hidden = session.timeline.iter().filter_map(|event| match event.kind {
        EventKind::Encrypted { content_type: ContentType::ALERT, .. } => Some(AlertRecord {
            frame: event.frame.number(),
            by: event.direction.speaker(),
            level: None,
            code: None,
            name: None,
            encrypted: true,
        }),
        _ => None,
    });
    let mut all: Vec<AlertRecord> = plain.chain(hidden).collect();
    all.sort_by_key(|alert| alert.frame);
    all
}

#[derive(Serialize)]
struct CertificateRecord<'a> {
    frame: u64,
    subject: &'a str,
    issuer: &'a str,
    serial: &'a str,
    not_before: String,
    not_after: String,
    expired: bool,
    self_signed: bool,
    key: String,
    signature: &'a str,
    names: Vec<&'a str>,
    eku: Vec<&'a str>,
    sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<u32>,
    malformed: bool,
}

impl<'a> CertificateRecord<'a> {
    fn of(session: &'a Session) -> Option<Self> {
        use crate::wire::catalogue::Fact;
        let (event, certificate) = session.certificate()?;
        Some(Self {
            frame: event.frame.number(),
            subject: certificate.subject.raw(),
            issuer: certificate.issuer.raw(),
            serial: certificate.serial.raw(),
            not_before: date_rfc3339(certificate.not_before),
            not_after: date_rfc3339(certificate.not_after),
            expired: certificate.is_expired_at(event.time.seconds()),
            self_signed: certificate.self_signed,
            key: format!("{} {}", certificate.key.algorithm.raw(), certificate.key.bits),
            signature: certificate.signature.raw(),
            names: certificate.names.iter().map(|name| name.raw()).collect(),
            eku: certificate.extended_key_usage.iter().map(|usage| usage.raw()).collect(),
            sha256: hex(&certificate.sha256),
            chain: match event.fact() {
                Some(Fact::CertificateChain(chain)) => Some(chain.count),
                _ => None,
            },
            malformed: certificate.malformed,
        })
    }
}

#[derive(Serialize)]
struct Network {
    #[serde(skip_serializing_if = "Option::is_none")]
    rtt_client: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rtt_server: Option<f64>,
    retransmissions: u32,
    lost: u32,
    out_of_order: u32,
    zero_window: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    mss_client: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mss_server: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl_client: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl_server: Option<u8>,
    bytes_client: u64,
    bytes_server: u64,
    packets: u64,
}

impl Network {
    fn of(session: &Session) -> Self {
        let [client, server] = &session.sides;
        Self {
            rtt_client: session.rtt_client.map(seconds),
            rtt_server: session.rtt_server.map(seconds),
            retransmissions: client.retransmissions + server.retransmissions,
            // What waited for a timer was missed by the other side; a quick repetition may be the sender's mistake.
            lost: client.timeouts + server.timeouts,
            out_of_order: client.out_of_order + server.out_of_order,
            zero_window: client.zero_windows + server.zero_windows,
            mss_client: client.options.mss,
            mss_server: server.options.mss,
            ttl_client: (client.packets > 0).then_some(client.ttl),
            ttl_server: (server.packets > 0).then_some(server.ttl),
            bytes_client: client.bytes,
            bytes_server: server.bytes,
            packets: session.packets(),
        }
    }
}

/// What weakens a verdict: only what applies is there.
#[derive(Serialize, PartialEq, Eq, Default)]
struct Capture {
    #[serde(skip_serializing_if = "is_false")]
    one_way: bool,
    #[serde(skip_serializing_if = "is_false")]
    midstream: bool,
    #[serde(skip_serializing_if = "is_false")]
    cut: bool,
    #[serde(skip_serializing_if = "is_false")]
    snaplen: bool,
    #[serde(skip_serializing_if = "is_false")]
    drops: bool,
    #[serde(skip_serializing_if = "is_false")]
    evicted: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde hands out references
fn is_false(value: &bool) -> bool {
    !*value
}

impl Capture {
    fn of(session: &Session, inputs: &[Input]) -> Option<Self> {
        let last_file = usize::from(session.last.frame.file());
        let capture = Self {
            one_way: session.sides.iter().any(|side| side.packets == 0),
            midstream: session.transport == Transport::Tcp && session.is_midstream(),
            cut: inputs.get(last_file).is_some_and(|input| input.truncated.is_some()),
            snaplen: session.sides.iter().any(|side| side.cut > 0),
            drops: inputs.iter().any(|input| input.dropped > 0),
            evicted: session.evicted,
        };
        (capture != Self::default()).then_some(capture)
    }
}

/// [Community ID] version 1, seed 0: the same flow has the same name in other tools.
///
/// [Community ID]: https://github.com/corelight/community-id-spec
fn community_id(session: &Session) -> String {
    let protocol = match session.transport {
        Transport::Tcp => 6,
        Transport::Udp => 17,
    };
    flow_id(session.client, session.server, protocol)
}

fn flow_id(one: Endpoint, other: Endpoint, protocol: u8) -> String {
    let octets = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let (a, b) = if (octets(one.ip), one.port) <= (octets(other.ip), other.port) { (one, other) } else { (other, one) };
    let mut hash = Sha1::new();
    hash.update([0, 0]);
    hash.update(octets(a.ip));
    hash.update(octets(b.ip));
    hash.update([protocol, 0]);
    hash.update(a.port.to_be_bytes());
    hash.update(b.port.to_be_bytes());
    format!("1:{}", STANDARD.encode(hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the specification's own baseline.
    #[test]
    fn community_ids() {
        let client = Endpoint { ip: [128, 232, 110, 120].into(), port: 34855 };
        let server = Endpoint { ip: [66, 35, 250, 204].into(), port: 80 };
        assert_eq!(flow_id(client, server, 6), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
        assert_eq!(flow_id(server, client, 6), flow_id(client, server, 6));
    }
}
