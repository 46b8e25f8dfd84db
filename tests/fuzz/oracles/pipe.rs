//! A file's bytes in, every report out.

use std::io::Write;
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use rdpwhy::capture::{Progress, Source, open_one};
use rdpwhy::diagnose::Case;
use rdpwhy::diagnose::verdict::Sure;
use rdpwhy::engine::Options;
use rdpwhy::pump::{self, Watcher};
use rdpwhy::report::brief::Brief;
use rdpwhy::report::json::{JSON_SCHEMA, Json};
use rdpwhy::report::text::{TextReport, write_warnings};
use rdpwhy::report::{Format, NotRdp, Run, Style, Tally};

use super::is_harmless;

/// What a whole run may remember; small, so that giving up is tried too.
const BUDGET: usize = 4 << 20;

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = serde_json::from_str(JSON_SCHEMA).expect("the schema is JSON");
    jsonschema::validator_for(&schema).expect("the schema is one")
});

/// A whole run over a file of these bytes.
pub(super) fn whole(bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new_in(super::container::place()).expect("a file");
    file.write_all(bytes).expect("written");
    match open_one(file.path(), &Default::default()) {
        Ok(mut source) => drop(judged(&mut source)),
        Err(error) => {
            let notes: String = error.notes.iter().map(|(label, note)| format!("{label} {note}\n")).collect();
            assert!(is_harmless(&format!("{}{:?}{notes}", error.what, error.at)), "{error:?}");
        }
    }
}

#[derive(Default)]
struct Early(Vec<Case>);

impl Watcher for Early {
    fn progress(&mut self, _: u64, _: u32, _: &Progress) {}

    fn early(&mut self, cases: Vec<Case>) {
        self.0.extend(cases);
    }

    fn wanted(&mut self) -> usize {
        8
    }
}

/// Reads `source` to its end and writes every report; answers the cases.
pub(super) fn judged(source: &mut dyn Source) -> Vec<Case> {
    let mut early = Early::default();
    let options = Options { memory: BUDGET, ..Options::default() };
    let pumped = pump::run(source, options, &mut early).expect("a file goes on");
    let inputs = source.inputs().to_vec();
    let mut cases = early.0;
    cases.extend(pumped.cases);
    let mut tally = Tally::default();
    cases.iter().for_each(|case| tally.add(case));
    let elsewhere = NotRdp {
        packets: pumped.frames,
        tcp_connections: pumped.traffic.connections,
        rdp_port_midstream: 0,
        ports_seen_most: pumped.traffic.busiest(3).into_iter().map(|(port, count)| (port, count.into())).collect(),
        hints: pumped.hints,
    };
    let run = Run { cases: &cases, inputs: &inputs, tally: &tally, exit_code: 0, elsewhere: &elsewhere };
    let usual = Style { zone: TimeZone::UTC, source: Some("x.pcap".into()), has_screen: true, ..Style::default() };
    let much = Style { verbose: 2, each: true, ascii: true, width: 40, ..usual.clone() };
    for style in [&usual, &much] {
        let text = written(&TextReport { with_warnings: true }, &run, style);
        assert!(is_harmless(&text), "{text:?}");
        assert!(!style.ascii || text.is_ascii(), "{text}");
    }
    let mut warnings = Vec::new();
    write_warnings(&inputs, &usual, &mut warnings).expect("memory takes everything");
    let brief = written(&Brief, &run, &usual);
    assert!(is_harmless(&brief), "{brief:?}");
    assert_eq!(brief.lines().count(), cases.len(), "{brief}");
    for line in written(&Json, &run, &usual).lines() {
        assert!(!line.chars().any(char::is_control), "{line:?}");
        let record = serde_json::from_str(line).expect("a record a line");
        assert!(SCHEMA.is_valid(&record), "{line}");
    }
    for case in &cases {
        let session = &case.session;
        assert!(session.timeline.len() <= 512);
        assert!(session.first.time <= session.last.time);
        // What is proven was said by a peer, in a frame of this session.
        if case.verdict.sure == Sure::Proven && case.verdict.death.is_some() {
            assert!(!session.timeline.is_empty());
        }
    }
    cases
}

fn written(format: &dyn Format, run: &Run<'_>, style: &Style) -> String {
    let mut out = Vec::new();
    format.write(run, style, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("UTF-8")
}
