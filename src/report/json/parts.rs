//! The parts of a session record that tell what was read: negotiation, TLS, certificate, network, capture.

use serde::Serialize;

use crate::frame::Input;
use crate::knowledge::negotiation::{request_flags, response_flags};
use crate::knowledge::tls::{Version, alert_name, group_name, is_grease};
use crate::report::time::date_rfc3339;
use crate::session::{EventKind, Session, Transport};
use crate::wire::catalogue::Fact;
use crate::wire::tls_fingerprint::{ja3, ja3s, ja4};
use crate::wire::tls_hello::suite_name;
use crate::wire::tls_record::ContentType;
use crate::wire::x224::{Answer, hex};

/// Nanoseconds are what was captured; a float's noise behind them is not.
pub(super) fn seconds(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

#[derive(Serialize)]
pub(super) struct Negotiation<'a> {
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
    pub(super) fn of(session: &'a Session) -> Option<Self> {
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
            failure: session.negotiation_failure().map(|(_, code)| Failure { code: code.0, symbol: code.symbol() }),
            correlation_id: request.and_then(|request| request.correlation).map(|id| hex(&id)),
        })
    }
}

#[derive(Serialize, Default)]
pub(super) struct Tls {
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
    pub(super) fn of(session: &Session) -> Option<Self> {
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
pub(super) struct CertificateRecord<'a> {
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
    pub(super) fn of(session: &'a Session) -> Option<Self> {
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
pub(super) struct Network {
    #[serde(skip_serializing_if = "Option::is_none")]
    rtt_client: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rtt_server: Option<f64>,
    retransmissions: u32,
    lost: u32,
    /// Sent twice because of what happened between the capture point and the client, and the server.
    #[serde(skip_serializing_if = "is_zero")]
    lost_client_side: u32,
    #[serde(skip_serializing_if = "is_zero")]
    lost_server_side: u32,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    near: Option<&'static str>,
}

impl Network {
    pub(super) fn of(session: &Session) -> Self {
        let [client, server] = &session.sides;
        Self {
            rtt_client: session.rtt_client.map(seconds),
            rtt_server: session.rtt_server.map(seconds),
            retransmissions: client.retransmissions + server.retransmissions,
            // What waited for a timer was missed by the other side; a quick repetition may be the sender's mistake.
            lost: client.timeouts + server.timeouts,
            // What fills a hole was lost before it came here, what was here before got lost behind.
            lost_client_side: client.refilled + server.retransmissions - server.refilled,
            lost_server_side: server.refilled + client.retransmissions - client.refilled,
            out_of_order: client.out_of_order + server.out_of_order,
            zero_window: client.zero_windows + server.zero_windows,
            mss_client: client.options.mss,
            mss_server: server.options.mss,
            ttl_client: (client.packets > 0).then_some(client.ttl),
            ttl_server: (server.packets > 0).then_some(server.ttl),
            bytes_client: client.bytes,
            bytes_server: server.bytes,
            packets: session.packets(),
            near: session.vantage().map(crate::session::Vantage::word),
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde hands out references
fn is_zero(value: &u32) -> bool {
    *value == 0
}

/// What weakens a verdict: only what applies is there.
#[derive(Serialize, PartialEq, Eq, Default)]
pub(super) struct Capture {
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
    pub(super) fn of(session: &Session, inputs: &[Input]) -> Option<Self> {
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
