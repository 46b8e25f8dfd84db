//! The whole pipe without a process: a source goes in, verdicts and reports come out.

use std::path::Path;

use jiff::tz::TimeZone;
use rdpwhy::capture::{CaptureError, Next, Progress, Source};
use rdpwhy::diagnose::Case;
use rdpwhy::diagnose::verdict::Outcome;
use rdpwhy::engine::Options;
use rdpwhy::frame::{Frame, FrameNumber, Input, LinkType, Place, Timestamp};
use rdpwhy::pump::{self, Watcher};
use rdpwhy::report::format::shell_word;
use rdpwhy::report::json::Json;
use rdpwhy::report::text::TextReport;
use rdpwhy::report::{Format, NotRdp, Run, Style, Tally};

use crate::craft::file::Packet;

/// What came out.
pub(crate) struct Seen {
    pub(crate) cases: Vec<Case>,
    /// Sessions given up early.
    pub(crate) early: u64,
    /// Totals over all.
    pub(crate) tally: Tally,
    pub(crate) text: String,
    pub(crate) json: String,
}

impl Seen {
    /// The one session of a capture that has no other.
    pub(crate) fn only(&self) -> &Case {
        assert_eq!(self.cases.len(), 1, "{}", self.text);
        &self.cases[0]
    }
}

/// Reads `source` to its end and writes both reports.
pub(crate) fn look(source: &mut dyn Source, options: Options) -> Seen {
    look_as(source, options, Path::new("-"))
}

/// The same, with the first input shown under another name.
pub(crate) fn look_as(source: &mut dyn Source, options: Options, name: &Path) -> Seen {
    let mut early = Early::default();
    let pumped = pump::run(source, options, &mut early).expect("the source goes on");
    let mut inputs = source.inputs().to_vec();
    if let Some(input) = inputs.first_mut() {
        input.path = name.to_owned();
    }
    let mut tally = early.tally;
    pumped.cases.iter().for_each(|case| tally.add(case));
    let midstream = pumped.cases.iter().filter(|case| case.verdict.cause == Some("cap.starts-mid-session")).count();
    let elsewhere = NotRdp {
        packets: pumped.frames,
        tcp_connections: pumped.traffic.connections,
        rdp_port_midstream: midstream as u64,
        ports_seen_most: (pumped.traffic.busiest(3).into_iter())
            .map(|(port, count)| (port, u64::from(count)))
            .collect(),
        hints: pumped.hints.clone(),
    };
    let exit_code = match tally.sessions {
        _ if tally.of(Outcome::Died) > 0 => 1,
        sessions if sessions == tally.of(Outcome::Unsure) => 4,
        _ => 0,
    };
    let run = Run { cases: &pumped.cases, inputs: &inputs, tally: &tally, exit_code, elsewhere: &elsewhere };
    let words: Vec<_> = inputs.iter().map(|input| shell_word(&input.path)).collect();
    let style = Style { source: Some(words.join(" ")), zone: TimeZone::UTC, has_screen: true, ..Style::default() };
    let written = |format: &dyn Format| {
        let mut out = Vec::new();
        format.write(&run, &style, &mut out).expect("memory takes everything");
        String::from_utf8(out).expect("UTF-8")
    };
    let (text, json) = (written(&TextReport { with_warnings: false }), written(&Json));
    Seen { cases: pumped.cases, early: early.cases, tally, text, json }
}

#[derive(Default)]
struct Early {
    cases: u64,
    tally: Tally,
}

impl Watcher for Early {
    fn progress(&mut self, _: u64, _: u32, _: &Progress) {}

    fn early(&mut self, cases: Vec<Case>) {
        self.cases += cases.len() as u64;
        cases.iter().for_each(|case| self.tally.add(case));
    }
}

/// Frames made while they are read: `next` fills the buffer and says when, or says that it was the last.
pub(crate) struct Made<F> {
    next: F,
    bytes: Vec<u8>,
    inputs: [Input; 1],
}

impl<F: FnMut(&mut Vec<u8>) -> Option<Timestamp>> Made<F> {
    /// Ethernet frames of `next`.
    pub(crate) fn new(next: F) -> Self {
        Self { next, bytes: Vec::new(), inputs: [Input { path: "-".into(), ..Input::default() }] }
    }
}

impl<F: FnMut(&mut Vec<u8>) -> Option<Timestamp>> Source for Made<F> {
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        self.bytes.clear();
        let Some(time) = (self.next)(&mut self.bytes) else { return Ok(Next::End) };
        let input = &mut self.inputs[0];
        input.packets += 1;
        input.bytes += self.bytes.len() as u64;
        input.first.get_or_insert(time);
        input.last = input.last.max(Some(time));
        Ok(Next::Frame(Frame {
            number: FrameNumber::new(0, input.packets),
            time,
            link: LinkType::ETHERNET,
            bytes: &self.bytes,
            original_length: self.bytes.len() as u32,
            place: Place { offset: input.bytes, length: self.bytes.len() as u32 },
        }))
    }

    fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    fn progress(&self) -> Progress {
        Progress::default()
    }
}

/// Packets in memory.
pub(crate) fn memory(packets: &[Packet]) -> impl Source + '_ {
    let mut packets = packets.iter();
    Made::new(move |bytes: &mut Vec<u8>| {
        let packet = packets.next()?;
        bytes.extend_from_slice(&packet.bytes);
        Some(Timestamp(packet.time_ns as i64))
    })
}
