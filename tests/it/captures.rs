//! The captures of `captures/`: what the program says about each, byte for byte, and whether that is the truth.
//!
//! The reports are snapshots in `snapshots/`. When a report changed for the better: `INSTA_UPDATE=always cargo test
//! --test it captures`, and read the difference.

mod brief;
mod claims;
mod consistent;
pub(crate) mod inside;
mod lookalikes;
mod patience;
mod program;
mod truth;
mod wider;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rdpwhy::engine;
use rdpwhy::report::json::JSON_SCHEMA;
use serde_json::Value;

use program::{Report, reports};
use truth::{Score, glob};

/// Where the captures are.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("captures")
}

/// Their names, in order.
pub(crate) fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).expect("captures/ is there");
    let names = entries.map(|entry| entry.expect("a name").file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.contains("--")).collect();
    names.sort();
    names
}

/// `neg.hybrid-required--shadow` of `neg.hybrid-required--shadow.pcapng`.
fn stem(name: &str) -> &str {
    name.split_once(".pcap").map_or(name, |(stem, _)| stem)
}

/// Each report against its snapshot. All are compared before the test fails, so that one run shows all that changed.
#[test]
fn every_report_is_as_it_was() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut changed = Vec::new();
    for report in reports() {
        for (form, text) in [("text", &report.text), ("json", &abridged(&report.json))] {
            let name = format!("{}.{form}", stem(&report.file));
            let same = settings.bind(|| std::panic::catch_unwind(|| insta::assert_snapshot!(name.as_str(), text)));
            if same.is_err() {
                changed.push(name);
            }
        }
    }
    assert!(changed.is_empty(), "{} reports changed (differences above):\n{}", changed.len(), changed.join("\n"));
}

/// Records of one kind that a snapshot shows at most: three hundred scanned addresses read all alike.
const ALIKE: usize = 12;

/// JSON without the middle of a crowd; what is left out is counted.
fn abridged(json: &str) -> String {
    let mut kept = String::new();
    let mut left_out = 0;
    for kind in ["input", "session", "hint", "attempt", "summary"] {
        let mark = format!("{{\"type\":\"{kind}\",");
        let lines: Vec<&str> = json.lines().filter(|line| line.starts_with(&mark)).collect();
        lines.iter().take(ALIKE).for_each(|line| kept += &format!("{line}\n"));
        if lines.len() > ALIKE {
            left_out += lines.len() - ALIKE;
            kept += &format!("({} more of type {kind})\n", lines.len() - ALIKE);
        }
    }
    assert_eq!(kept.lines().filter(|line| line.starts_with('{')).count() + left_out, json.lines().count());
    kept
}

/// A snapshot nobody has accepted must not lie about, and one without its capture neither.
#[test]
fn no_snapshot_waits_and_none_is_left_over() {
    let wanted: BTreeSet<String> =
        (names().iter()).flat_map(|name| ["text", "json"].map(|form| format!("{}.{form}.snap", stem(name)))).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for folder in ["tests/it/snapshots", "src/report/snapshots", "src/report/text/snapshots"] {
        for entry in std::fs::read_dir(root.join(folder)).into_iter().flatten() {
            let name = entry.expect("a name").file_name().to_string_lossy().into_owned();
            let is_known = folder != "tests/it/snapshots" || wanted.contains(&name);
            if name.ends_with(".snap.new") || !is_known {
                wrong.push(format!("{folder}/{name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "not accepted, or of no capture:\n{}", wrong.join("\n"));
}

#[test]
fn the_verdicts_are_the_truth() {
    let mut score = Score::default();
    for entry in truth::entries(&folder().join("truth.json")) {
        let file = entry["file"].as_str().expect("a name");
        let report = reports().iter().find(|report| report.file == file).expect("a capture");
        score.judge(&entry, &report.records());
    }
    assert!(score.is_perfect(), "{score}");
}

/// The name says the cause, and at least one session must have it as its cause or among its findings. Where the truth
/// knows two honest answers, the other one will do.
#[test]
fn the_name_says_the_cause() {
    let mut wrong = Vec::new();
    let truth = truth::entries(&folder().join("truth.json"));
    for report in reports() {
        let sessions = report.sessions();
        let mut said: Vec<String> = sessions.iter().flat_map(truth::said).collect();
        // Where no session began, only a hint can say why.
        let hints = report.records().into_iter().filter(|record| record["type"] == "hint");
        said.extend(hints.map(|hint| hint["cause"].as_str().unwrap_or_default().to_owned()));
        let (id, _) = report.file.split_once("--").expect("only such names");
        let is_right = match id {
            "healthy" => !sessions.is_empty() && sessions.iter().all(|session| session["outcome"] != "died"),
            _ => said.iter().any(|said| said == id || truth::are_both_honest(&truth, &report.file, id, said)),
        };
        if !is_right {
            wrong.push(format!("{}: {said:?}", report.file));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_record_fits_the_schema() {
    let schema: Value = serde_json::from_str(JSON_SCHEMA).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let mut wrong = Vec::new();
    for report in reports() {
        for (nth, record) in report.records().iter().enumerate() {
            let place = format!("{}, line {}", report.file, nth + 1);
            wrong.extend(validator.iter_errors(record).map(|fault| {
                // The branch of the schema is `oneOf`; which field it is, the branch for this type tells better.
                format!("{place}: {}: {}", fault.instance_path(), tail(&fault.to_string()))
            }));
            if has_null(record) {
                wrong.push(format!("{place}: null"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The end of a long complaint, which begins with the whole record.
fn tail(text: &str) -> &str {
    let from = (text.len().saturating_sub(160)..).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[from..]
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.iter().any(has_null),
        Value::Object(fields) => fields.values().any(has_null),
        _ => false,
    }
}

/// The exit code is that of the summary, and says whether somebody died.
#[test]
fn the_exit_code_tells() {
    for Report { file, code, .. } in reports() {
        let report = reports().iter().find(|report| report.file == *file).expect("itself");
        let records = report.records();
        let died = report.sessions().iter().any(|session| session["outcome"] == "died");
        assert_eq!(*code == 1, died, "{file}");
        assert_eq!(records.last().expect("a summary")["exit_code"], *code, "{file}");
    }
}

/// The same again, without a process: what other tests see inside is what the program prints, and a second run
/// prints the same bytes.
#[test]
fn the_library_says_the_same_as_the_program() {
    let options = engine::Options::default();
    for report in reports() {
        let mut source = rdpwhy::capture::open_one(&folder().join(&report.file), &Default::default()).expect("opens");
        let seen = inside::look_as(&mut source, options.clone(), Path::new(&report.file));
        assert!(report.text.starts_with(&seen.text), "{}:\n{}\n{}", report.file, report.text, seen.text);
        assert!(seen.json == report.json, "{}:\n{}\n{}", report.file, report.json, seen.json);
    }
}

#[test]
fn globs() {
    for (text, pattern, fits) in [
        ("tls.cert-expired", "tls.cert-*", true),
        ("tls.cert-expired", "tls.*expired", true),
        ("tls.cert-expired", "tls.cert-expired", true),
        ("tls.cert-expired", "tls.cert", false),
        ("", "*", true),
        ("", "path.*", false),
        ("path.loss", "path.?oss", true),
    ] {
        assert_eq!(glob(text, pattern), fits, "{text} {pattern}");
    }
}
