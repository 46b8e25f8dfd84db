//! The session record: who, how it fared, at which packet, and everything that was read of it.

use std::io::{self, Write};
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

use super::SCHEMA;
use super::brief;
use super::client::ClientInfo;
use super::parts::{capture, negotiation, network, seconds};
use super::record::{Key, Record, key};
use super::tls::Known;
use crate::diagnose::verdict::{Alternative, Phases, Verdict};
use crate::diagnose::{Advice, Case};
use crate::frame::{FrameNumber, Input};
use crate::report::format::{CaseWriter, Style, file_name, needed_file_name};
use crate::session::{Endpoint, Session, Transport};

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

    /// Writes the records of `cases` to `out`, together.
    pub(super) fn write_out(&mut self, cases: &[Case], inputs: &[Input], out: &mut dyn Write) -> io::Result<()> {
        self.record.clear();
        cases.iter().for_each(|case| self.add(case, inputs));
        out.write_all(self.record.bytes())
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

impl CaseWriter for Sessions {
    /// Sessions go before the end is known, so attempts of several are told with them; of one alone its record says all.
    fn begin(&mut self, cases: &[Case], out: &mut dyn Write) -> io::Result<()> {
        if self.detail == Detail::Whole { super::write_attempts(cases, 2, out) } else { Ok(()) }
    }

    fn write(&mut self, cases: &[Case], inputs: &[Input], _: &Style, out: &mut dyn Write) -> io::Result<()> {
        self.write_out(cases, inputs, out)
    }
}

fn session(case: &Case, inputs: &[Input], known: &mut Known, record: &mut Record) {
    let (session, verdict) = (&case.session, &case.verdict);
    record.word(key!("type"), "session");
    record.word(key!("schema"), SCHEMA);
    record.number(key!("session"), session.id.0);
    record.number(key!("attempt"), case.attempt);
    record.word(key!("role"), case.role);
    record.word(
        key!("transport"),
        match session.transport {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
        },
    );
    record.word(key!("outcome"), verdict.outcome.word());
    if let Some(cause) = verdict.cause {
        record.word(key!("cause"), cause);
    }
    record.word(key!("sure"), verdict.sure.word());
    if !verdict.headline.is_empty() {
        record.text(key!("headline"), &verdict.headline);
    }
    record.object(key!("client"), |record| place(session.client, record));
    record.object(key!("server"), |record| place(session.server, record));
    if let Some(cookie) = session.user_hint() {
        record.text(key!("user_hint"), cookie.raw());
    }
    record.plain(key!("community_id"), |out| community_id(session, out));
    record.time(key!("start"), session.first.time);
    record.value(key!("duration"), &seconds(session.duration()));
    letters(key!("reached"), verdict.reached, record);
    letters(key!("reached_inferred"), verdict.reached_inferred, record);
    ends(verdict, inputs, record);
    reasons(case, inputs, record);
    negotiation(session, record);
    known.tls(session, record);
    known.certificate(session, record);
    if let Some(info) = ClientInfo::of(session) {
        record.value(key!("client_info"), &info);
    }
    network(session, record);
    capture(session, inputs, record);
}

pub(super) fn place(endpoint: Endpoint, record: &mut Record) {
    record.address(key!("ip"), endpoint.ip);
    record.number(key!("port"), endpoint.port);
}

fn letters(name: Key, phases: Phases, record: &mut Record) {
    // The letters are ASCII.
    record.plain(name, |out| out.extend(phases.iter().map(|phase| phase.letter() as u8)));
}

/// The packet it died of, and the one that closed the books.
pub(super) fn ends(verdict: &Verdict, inputs: &[Input], record: &mut Record) {
    let frame_of = |frame: FrameNumber, record: &mut Record| {
        record.number(key!("frame"), frame.number());
        if let Some(file) = needed_file_name(inputs, frame) {
            record.text(key!("file"), &file);
        }
    };
    if let Some(death) = verdict.death {
        record.object(key!("death"), |record| {
            frame_of(death.frame, record);
            record.time(key!("time"), death.time);
            record.word(key!("phase"), death.phase.word());
            record.word(key!("by"), death.by.word());
        });
    }
    let end = verdict.end;
    record.object(key!("end"), |record| {
        frame_of(end.frame, record);
        record.word(key!("how"), end.how.word());
        record.word(key!("by"), end.by.word());
    });
}

/// What speaks for the verdict and against others, and what to do.
fn reasons(case: &Case, inputs: &[Input], record: &mut Record) {
    let verdict = &case.verdict;
    let is_spread = is_spread(case);
    let numbers = |frames: &[FrameNumber], record: &mut Record| {
        record.numbers(key!("frames"), frames.iter().map(|frame| frame.number()));
        if is_spread && !frames.is_empty() {
            let names: Vec<String> = frames.iter().filter_map(|frame| file_name(inputs, *frame)).collect();
            record.texts(key!("files"), names.iter().map(String::as_str));
        }
    };
    record.objects(key!("findings"), &verdict.findings, |record, finding| {
        record.word(key!("id"), finding.id);
        record.word(key!("sure"), finding.sure.word());
        numbers(&finding.frames, record);
        record.text(key!("text"), &finding.text);
    });
    record.objects(key!("evidence"), &verdict.evidence, |record, sign| {
        numbers(&sign.frames, record);
        record.word(key!("kind"), sign.points.word());
        record.text(key!("text"), &sign.text);
    });
    if let Some(means) = &verdict.means {
        record.text(key!("means"), means);
    }
    alternatives(key!("not_it"), &verdict.not_it, record);
    alternatives(key!("could_be"), &verdict.could_be, record);
    advice(key!("fixes"), case.fixes(), record);
    advice(key!("next"), case.next_steps(), record);
    if !verdict.notes.is_empty() {
        record.texts(key!("notes"), verdict.notes.iter().map(|note| &**note));
    }
}

/// Whether what is told of a session is in several files, so that a number alone names no frame.
fn is_spread(case: &Case) -> bool {
    let (session, verdict) = (&case.session, &case.verdict);
    let file = session.first.frame.file();
    let signs = verdict.evidence.iter().flat_map(|sign| &sign.frames);
    let told = signs.chain(verdict.findings.iter().flat_map(|finding| &finding.frames));
    session.last.frame.file() != file
        || verdict.end.frame.file() != file
        || told.into_iter().any(|frame| frame.file() != file)
}

fn alternatives(name: Key, list: &[Alternative], record: &mut Record) {
    record.objects(name, list, |record, other| {
        record.word(key!("id"), other.id);
        record.text(key!("text"), &other.text);
    });
}

fn advice(name: Key, list: impl Iterator<Item = Advice>, record: &mut Record) {
    record.objects(name, list, |record, advice| {
        record.word(key!("side"), advice.side);
        record.text(key!("text"), &advice.text);
        if let Some(command) = &advice.command {
            record.text(key!("command"), command);
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
