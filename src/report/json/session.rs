//! The session record: who, how it fared, at which packet, and everything that was read of it.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha1::{Digest, Sha1};

use super::SCHEMA;
use super::client::ClientInfo;
use super::parts::{Capture, CertificateRecord, Negotiation, Network, Tls, seconds};
use crate::diagnose::Case;
use crate::diagnose::verdict::{Advice, Alternative};
use crate::frame::{FrameNumber, Input};
use crate::report::format::needed_file_name;
use crate::report::time::rfc3339;
use crate::session::{Endpoint, Phase, Session, Transport};

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
    #[serde(skip_serializing_if = "Option::is_none")]
    client_info: Option<ClientInfo<'a>>,
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
        let file = |frame: FrameNumber| needed_file_name(inputs, frame);
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
            findings: verdict
                .findings
                .iter()
                .map(|finding| FindingRecord {
                    id: finding.id,
                    sure: finding.sure.word(),
                    frames: numbers(&finding.frames),
                    text: &finding.text,
                })
                .collect(),
            evidence: verdict
                .evidence
                .iter()
                .map(|sign| EvidenceRecord {
                    frames: numbers(&sign.frames),
                    kind: sign.points.word(),
                    text: &sign.text,
                })
                .collect(),
            means: verdict.means.as_deref(),
            not_it: alternatives(&verdict.not_it),
            could_be: alternatives(&verdict.could_be),
            fixes: advice(&verdict.fixes),
            next: advice(&verdict.next),
            notes: &verdict.notes,
            negotiation: Negotiation::of(session),
            tls: Tls::of(session),
            certificate: CertificateRecord::of(session),
            client_info: ClientInfo::of(session),
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
