//! The session record: who, how it fared, at which packet, and everything that was read of it.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

use super::SCHEMA;
use super::brief;
use super::client::ClientInfo;
use super::parts::{capture, negotiation, network, seconds};
use super::record::Record;
use super::tls::Known;
use crate::diagnose::verdict::{Alternative, Verdict};
use crate::diagnose::{Advice, Case};
use crate::frame::{FrameNumber, Input};
use crate::report::format::needed_file_name;
use crate::session::{Endpoint, Phase, Session, Transport};

/// How much of a session is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    Whole,
    Brief,
}

/// Writes session records, and keeps what many of them have in common.
#[derive(Debug)]
pub(super) struct Sessions {
    pub(super) record: Record,
    known: Known,
    detail: Detail,
}

impl Sessions {
    pub(super) fn new(detail: Detail) -> Self {
        Self { record: Record::default(), known: Known::default(), detail }
    }

    /// Adds the record of `case`.
    pub(super) fn add(&mut self, case: &Case, inputs: &[Input]) {
        let Self { record, known, detail } = self;
        record.line(|record| match detail {
            Detail::Whole => session(case, inputs, known, record),
            Detail::Brief => brief::session(case, inputs, record),
        });
    }
}

fn session(case: &Case, inputs: &[Input], known: &mut Known, record: &mut Record) {
    let (session, verdict) = (&case.session, &case.verdict);
    record.word("type", "session");
    record.word("schema", SCHEMA);
    record.number("session", session.id.0);
    record.number("attempt", case.attempt);
    record.word("role", case.role);
    record.word(
        "transport",
        match session.transport {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
        },
    );
    record.word("outcome", verdict.outcome.word());
    if let Some(cause) = verdict.cause {
        record.word("cause", cause);
    }
    record.word("sure", verdict.sure.word());
    if !verdict.headline.is_empty() {
        record.text("headline", &verdict.headline);
    }
    record.object("client", |record| place(session.client, record));
    record.object("server", |record| place(session.server, record));
    if let Some(cookie) = session.request().and_then(|(_, request)| request.cookie.as_ref()) {
        record.text("user_hint", cookie.raw());
    }
    record.plain("community_id", |out| community_id(session, out));
    record.time("start", session.first.time);
    record.value("duration", &seconds(session.duration()));
    letters("reached", &verdict.reached, record);
    letters("reached_inferred", &verdict.reached_inferred, record);
    ends(verdict, inputs, record);
    reasons(case, record);
    negotiation(session, record);
    known.tls(session, record);
    known.certificate(session, record);
    if let Some(info) = ClientInfo::of(session) {
        record.value("client_info", &info);
    }
    network(session, record);
    capture(session, inputs, record);
}

pub(super) fn place(endpoint: Endpoint, record: &mut Record) {
    record.address("ip", endpoint.ip);
    record.number("port", endpoint.port);
}

fn letters(name: &'static str, phases: &[Phase], record: &mut Record) {
    // The letters are ASCII.
    record.plain(name, |out| out.extend(phases.iter().map(|phase| phase.letter() as u8)));
}

/// The packet it died of, and the one that closed the books.
pub(super) fn ends(verdict: &Verdict, inputs: &[Input], record: &mut Record) {
    let frame_of = |frame: FrameNumber, record: &mut Record| {
        record.number("frame", frame.number());
        if let Some(file) = needed_file_name(inputs, frame) {
            record.text("file", &file);
        }
    };
    if let Some(death) = verdict.death {
        record.object("death", |record| {
            frame_of(death.frame, record);
            record.time("time", death.time);
            record.word("phase", death.phase.word());
            record.word("by", death.by.word());
        });
    }
    let end = verdict.end;
    record.object("end", |record| {
        frame_of(end.frame, record);
        record.word("how", end.how.word());
        record.word("by", end.by.word());
    });
}

/// What speaks for the verdict and against others, and what to do.
fn reasons(case: &Case, record: &mut Record) {
    let verdict = &case.verdict;
    let numbers = |frames: &[FrameNumber], record: &mut Record| {
        record.numbers("frames", frames.iter().map(|frame| frame.number()));
    };
    record.objects("findings", &verdict.findings, |record, finding| {
        record.word("id", finding.id);
        record.word("sure", finding.sure.word());
        numbers(&finding.frames, record);
        record.text("text", &finding.text);
    });
    record.objects("evidence", &verdict.evidence, |record, sign| {
        numbers(&sign.frames, record);
        record.word("kind", sign.points.word());
        record.text("text", &sign.text);
    });
    if let Some(means) = &verdict.means {
        record.text("means", means);
    }
    alternatives("not_it", &verdict.not_it, record);
    alternatives("could_be", &verdict.could_be, record);
    advice("fixes", case.fixes(), record);
    advice("next", case.next_steps(), record);
    if !verdict.notes.is_empty() {
        record.texts("notes", verdict.notes.iter().map(|note| &**note));
    }
}

fn alternatives(name: &'static str, list: &[Alternative], record: &mut Record) {
    record.objects(name, list, |record, other| {
        record.word("id", other.id);
        record.text("text", &other.text);
    });
}

fn advice(name: &'static str, list: impl Iterator<Item = Advice>, record: &mut Record) {
    record.objects(name, list, |record, advice| {
        record.word("side", advice.side);
        record.text("text", &advice.text);
        if let Some(command) = &advice.command {
            record.text("command", command);
        }
    });
}

/// [Community ID] version 1, seed 0: the same flow has the same name in other tools.
///
/// [Community ID]: https://github.com/corelight/community-id-spec
fn community_id(session: &Session, out: &mut Vec<u8>) {
    let protocol = match session.transport {
        Transport::Tcp => 6,
        Transport::Udp => 17,
    };
    out.extend_from_slice(&flow_id(session.client, session.server, protocol));
}

/// `1:` and a SHA-1 in base64.
fn flow_id(one: Endpoint, other: Endpoint, protocol: u8) -> [u8; 30] {
    let octets = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => (u128::from(ip.to_bits()) << 96, 4),
        IpAddr::V6(ip) => (ip.to_bits(), 16),
    };
    let key = |end: Endpoint| (octets(end.ip), end.port);
    // In order of their octets; of the same octets, the shorter address comes first.
    let (a, b) = if key(one) <= key(other) { (one, other) } else { (other, one) };
    let mut hash = Sha1::new();
    hash.update([0, 0]);
    for end in [a, b] {
        let (bits, length) = octets(end.ip);
        hash.update(&bits.to_be_bytes()[..length]);
    }
    hash.update([protocol, 0]);
    hash.update(a.port.to_be_bytes());
    hash.update(b.port.to_be_bytes());
    let mut id = [b'='; 30];
    id[..2].copy_from_slice(b"1:");
    // Twenty octets fill twenty-eight characters.
    let _ = STANDARD.encode_slice(hash.finalize(), &mut id[2..]);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the specification's own baseline.
    #[test]
    fn community_ids() {
        let client = Endpoint { ip: [128, 232, 110, 120].into(), port: 34855 };
        let server = Endpoint { ip: [66, 35, 250, 204].into(), port: 80 };
        assert_eq!(&flow_id(client, server, 6), b"1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
        assert_eq!(flow_id(server, client, 6), flow_id(client, server, 6));
    }
}
